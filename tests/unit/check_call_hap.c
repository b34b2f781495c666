/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_call_hap.c -- the haplotype engine step by step: regions, haplotypes, segments, likelihoods, pairs.
 */
#include <math.h>

#include "call_hand.h"
#include "stage/call/strerr.h"

#define MID 1000

static void setup(void)
{
	hand_open("chr20", 1);
}

static const char *base_at(int64_t pos, char c)
{
	char t[2] = {c ? c : hand_other(hd.ref[pos]), 0};
	return grx_arena_strdup(hd.mem, t);
}

static struct hand_edit snv(int64_t pos)
{
	return (struct hand_edit){pos, 1, base_at(pos, 0)};
}

static const struct call_region *region_at(const struct call_work *w, int64_t pos)
{
	for (size_t i = 0; i < w->n_rg; i++)
		if (w->rg[i].beg <= pos && pos < w->rg[i].end)
			return &w->rg[i];
	return NULL;
}

START_TEST(test_far_candidates_are_apart)
{
	struct hand_edit e[2] = {snv(MID), snv(MID + 30)};
	hand_pile(20, MID, e, 2, 0);
	struct call_work *w = hand_regions(500, 1500);
	ck_assert_uint_eq(w->n_rg, 2);
	ck_assert(w->rg[0].simple && w->rg[1].simple);
}
END_TEST

START_TEST(test_near_candidates_are_joined)
{
	struct hand_edit e[3] = {snv(MID), snv(MID + 8), {MID + 15, 3, ""}};
	hand_pile(20, MID, e, 3, 0);
	struct call_work *w = hand_regions(500, 1500);
	ck_assert_uint_eq(w->n_rg, 1);
	ck_assert(!w->rg[0].simple);
	ck_assert_int_eq(w->rg[0].n, 3);
	ck_assert_int_eq(w->rg[0].beg, MID);
}
END_TEST

/* A run of one letter between an indel and a base change 20 away joins them, and the region reaches beyond.
 */
START_TEST(test_repeat_joins)
{
	memset(hd.ref + MID, 'A', 20);
	hd.ref[MID - 1] = 'C';
	hd.ref[MID + 20] = 'G';
	struct hand_edit e[2] = {{MID, 2, ""}, snv(MID + 24)};
	hand_pile(20, MID + 10, e, 2, 0);
	struct call_work *w = hand_regions(500, 1500);
	const struct call_region *rg = region_at(w, MID);
	ck_assert_ptr_nonnull(rg);
	ck_assert_int_eq(rg->n, 2);
	ck_assert_int_le(rg->lo, MID);
	ck_assert_int_ge(rg->hi, MID + 25);
}
END_TEST

/* A chain of 60 changes 10 apart is cut at the same places from wherever it is seen. */
START_TEST(test_chain_cut_ignores_window)
{
	struct hand_edit e[60];
	for (int i = 0; i < 60; i++)
		e[i] = snv(700 + 10 * i);
	for (int k = 0; k < 70; k++)
		hand_donor(620 + 10 * k, e, 60);
	for (int k = 0; k < 70; k++)
		hand_donor(622 + 10 * k, e, 60);
	int64_t cut[2][64];
	int n[2] = {0};
	for (int t = 0; t < 2; t++) {
		int64_t beg = t ? 1205 : 900;
		struct call_work *w = hand_regions(beg, 1450);
		for (size_t i = 0; i < w->n_rg; i++)
			if (w->rg[i].beg >= 1200 && n[t] < 64)
				cut[t][n[t]++] = w->rg[i].beg;
		for (size_t i = 0; i < w->n_rg; i++)
			ck_assert_int_le(w->rg[i].n, CALL_MAX_CAND);
	}
	ck_assert_int_gt(n[0], 0);
	ck_assert_int_eq(n[0], n[1]);
	for (int i = 0; i < n[0]; i++)
		ck_assert_int_eq(cut[0][i], cut[1][i]);
}
END_TEST

static struct call_haps *haps(struct call_work *w, const struct hand_edit *e, int n)
{
	struct call_haps *hs;
	ck_assert_int_eq(call_haps_open(w, hand_region(w, e, n), &hs), GRX_OK);
	ck_assert(!hs->too_big);
	return hs;
}

START_TEST(test_haplotype_sequences)
{
	struct hand_edit e[4] = {
		snv(MID), {MID + 4, 0, "ACGTA"}, {MID + 10, 3, ""}, {MID + 20, 2, "GATTACA"}};
	hand_pile(4, MID, NULL, 0, 0);
	struct call_work *w = hand_regions(500, 1500);
	struct call_haps *hs = haps(w, e, 4);
	for (uint32_t m = 0; m < 16; m++) {
		int at, n = 0;
		char want[600];
		int64_t p = hs->wb;
		ck_assert_int_eq(call_hap_add(w, hs, m, &at), GRX_OK);
		ck_assert_int_ge(at, 0);
		for (int i = 0; i <= 4; i++) {
			if (i < 4 && !(m >> i & 1))
				continue;
			int64_t stop = i < 4 ? e[i].pos : hs->we;
			n += sprintf(want + n, "%.*s%s", (int)(stop - p), hd.ref + p, i < 4 ? e[i].alt : "");
			p = i < 4 ? e[i].pos + e[i].rlen : p;
		}
		ck_assert_int_eq(hs->h[at].seq.n, n);
		ck_assert_int_eq(memcmp(hs->h[at].seq.s, want, (size_t)n), 0);
		ck_assert_int_eq(hs->h[at].shift, n - (int)(hs->we - hs->wb));
		/* a base that nothing changes is found where the index says; an insertion comes before it */
		for (int64_t x = hs->wb; x < hs->we; x++) {
			bool in = false;
			int64_t k = call_hap_index(hs, m, x);
			for (int i = 0; i < 4; i++) {
				in |= (m >> i & 1) && x >= e[i].pos && x < e[i].pos + e[i].rlen;
				k += (m >> i & 1) && x == e[i].pos && e[i].rlen == 0
					     ? (int64_t)strlen(e[i].alt)
					     : 0;
			}
			if (!in)
				ck_assert_int_eq(hs->h[at].seq.s[k], hd.ref[x]);
		}
	}
	ck_assert_int_eq(hs->n, 16);
}
END_TEST

/* One deletion, spelled by two candidates of a repeat: one haplotype that shows both. */
START_TEST(test_two_spellings_one_haplotype)
{
	memcpy(hd.ref + MID, "CATATATG", 8);
	struct hand_edit e[2] = {{MID + 1, 2, ""}, {MID + 3, 2, ""}};
	int a, b;
	hand_pile(4, MID, NULL, 0, 0);
	struct call_work *w = hand_regions(500, 1500);
	struct call_haps *hs = haps(w, e, 2);
	ck_assert_int_eq(call_hap_add(w, hs, 1, &a), GRX_OK);
	ck_assert_int_eq(call_hap_add(w, hs, 2, &b), GRX_OK);
	ck_assert_int_eq(a, b);
	ck_assert_int_eq(hs->n, 2);
	ck_assert_uint_eq(hs->h[a].shows, 3);
}
END_TEST

START_TEST(test_masks_that_fit)
{
	struct hand_edit e[5] = {
		{MID, 0, "TT"}, {MID, 1, "N"}, {MID, 3, ""}, {MID + 3, 0, "G"}, {MID + 4, 1, "N"}};
	hand_pile(4, MID, NULL, 0, 0);
	struct call_work *w = hand_regions(500, 1500);
	const struct call_region *rg = hand_region(w, e, 5);
	ck_assert(call_mask_fits(rg, 1, 1));  /* inserted before a changed base */
	ck_assert(!call_mask_fits(rg, 2, 2)); /* changed and deleted */
	ck_assert(!call_mask_fits(rg, 4, 3)); /* deletion and insertion side by side */
	ck_assert(call_mask_fits(rg, 4, 4));
	ck_assert(call_mask_fits(rg, 2, 3));
	ck_assert(!call_mask_fits(rg, 1, 2)); /* insertion right before a deletion */
}
END_TEST

/* Clips are laid out; what lies beyond the fragment's end is adapter; mates are one fragment. */
START_TEST(test_segments)
{
	struct hand_edit e[1] = {snv(MID)};
	char t[101] = {0};
	memcpy(t, hd.ref + MID - 60, 100);
	hand_read(MID - 60, t, "50M50S"); /* 0: clip over the region */
	struct grx_read *r = hand_read(MID - 60, t, "100M");
	r->flag = GRX_R_PAIRED | GRX_R_PROPER; /* 1: the fragment ends at MID + 10 */
	r->mtid = 0;
	r->mpos = MID - 60;
	r->isize = 70;
	const char *name = r->name;
	memcpy(t, hd.ref + MID - 50, 100);
	r = hand_read(MID - 50, t, "100M"); /* 2, 3: mates */
	name = r->name;
	uint64_t hash = r->name_hash;
	r->flag = GRX_R_PAIRED | GRX_R_READ1;
	r->mtid = 0;
	r->mpos = MID - 40;
	memcpy(t, hd.ref + MID - 40, 100);
	r = hand_read(MID - 40, t, "100M");
	r->flag = GRX_R_PAIRED | GRX_R_REVERSE | GRX_R_READ2;
	r->mtid = 0;
	r->mpos = MID - 50;
	r->name = name;
	r->name_hash = hash;
	struct call_work *w = hand_regions(500, 1500);
	struct call_haps *hs = haps(w, e, 1);
	ck_assert_int_eq(hs->n_seg, 4);
	ck_assert_int_eq(hs->n_frag, 3);
	int pairs = 0, clip = 0, adapter = 0;
	for (int f = 0; f < hs->n_frag; f++) {
		const struct call_seg *g = &hs->seg[hs->frag[f].seg];
		const struct grx_read *x = w->aln[g->aln].r;
		pairs += hs->frag[f].seg2 >= 0;
		clip += x->n_cigar == 2 && g->rpos > MID;
		adapter += x->isize == 70 && g->rpos == MID + 10;
		for (int i = 0; i < g->n; i++)
			ck_assert_int_eq(g->q[i], hd.ref[g->lpos + i]);
	}
	ck_assert_int_eq(pairs, 1);
	ck_assert_int_eq(clip, 1);
	ck_assert_int_eq(adapter, 1);
}
END_TEST

START_TEST(test_depth_cap)
{
	struct hand_edit e[1] = {snv(MID)};
	hd.opt.max_depth = 20;
	hand_pile(100, MID, e, 1, 0);
	struct call_work *w = hand_regions(500, 1500);
	struct call_haps *hs = haps(w, e, 1);
	ck_assert_int_eq(hs->n_frag + hs->n_capped, 100);
	ck_assert_int_ge(hs->n_frag, 8);
	ck_assert_int_le(hs->n_frag, 35);
}
END_TEST

/* Random changes of the reference around MID, ascending, not touching each other. */
static int random_edits(struct hand_edit *e)
{
	int n = 1 + (int)hand_rnd(3);
	int64_t p = MID;
	for (int i = 0; i < n; i++) {
		uint32_t kind = hand_rnd(3);
		p += 2 + hand_rnd(10);
		e[i] = snv(p);
		if (kind == 1)
			e[i] = (struct hand_edit){p, 1 + (int)hand_rnd(6), ""};
		else if (kind == 2)
			e[i] = (struct hand_edit){
				p, 0, grx_arena_strndup(hd.mem, "GATTACATTA", 1 + hand_rnd(9))};
		p += e[i].rlen + 1;
	}
	return n;
}

static void random_reference(void)
{
	hand_ref(2000);
	uint32_t kind = hand_rnd(3), u = 1 + hand_rnd(3), n = 4 + hand_rnd(12);
	for (uint32_t i = 0; kind && i < u * n; i++)
		hd.ref[MID + 5 + i] = i < u ? "ACGT"[hand_rnd(4)] : hd.ref[MID + 5 + i - u];
}

/* Reads of both donors with errors and odd alignments. */
static void random_reads(const struct hand_edit *e, int n)
{
	for (int i = 0; i < 16; i++) {
		struct grx_read *r = hand_donor(MID - 70 + hand_rnd(60), e, hand_rnd(2) ? n : 0);
		uint8_t *q = (uint8_t *)(uintptr_t)r->qual, *s = (uint8_t *)(uintptr_t)r->seq;
		for (int k = 0; k < r->l_seq; k++) {
			q[k] = (uint8_t)(hand_rnd(4) ? 37 : 2 + hand_rnd(36));
			if (hand_rnd(50) == 0)
				s[k / 2] = (uint8_t)(k % 2 ? (s[k / 2] & 0xF0) | 1u << hand_rnd(4)
							   : (s[k / 2] & 15) | 16u << hand_rnd(4));
		}
	}
}

static void reset_reads(void)
{
	free(hd.reads.v);
	hd.reads.v = NULL;
	hd.reads.n = 0;
}

static double floored(double ll, double best, double l_match, int cap)
{
	double f = exp(-cap * CALL_LN10_10) + exp(l_match - 90 * CALL_LN10_10 - best);
	return log((exp(ll - best) + f) / (1 + f));
}

/* P(fragment | haplotype) of one read by the plain pair-HMM over whole haplotypes, relative to the best of
 * all levels. */
static void read_by_hmm(const struct call_work *w, const struct call_haps *hs, const struct call_seg *g,
	double p[][CALL_MAX_HAPS])
{
	double best = -1e300;
	int mapq = w->aln[g->aln].r->mapq, cap = mapq < CALL_LEAD ? mapq : CALL_LEAD;
	for (int k = 0; k < hs->n_level; k++)
		for (int h = 0; h < hs->n; h++) {
			struct call_phmm_job j = {.q = g->q,
				.qual = g->qual,
				.nq = g->n,
				.h = &hs->h[h].cost[k].seq,
				.dlo = -1000,
				.dhi = 1000};
			p[k][h] = call_phmm_reference(&j);
			best = p[k][h] > best ? p[k][h] : best;
		}
	for (int k = 0; k < hs->n_level; k++)
		for (int h = 0; h < hs->n; h++)
			p[k][h] = exp(floored(p[k][h], best, g->l_match, cap));
}

/* ln P(pair) of all fragments (single reads here): each level's product, weighted by the level. */
static void pairs_by_hmm(const struct call_work *w, const struct call_haps *hs, double *ll)
{
	static double by[CALL_STR_LEVELS][CALL_MAX_HAPS * CALL_MAX_HAPS], p[CALL_STR_LEVELS][CALL_MAX_HAPS];
	const double *weight = w->st->sample[0].strmodel.weight;
	int n = hs->n * (hs->n + 1) / 2;
	memset(by, 0, sizeof(by));
	for (int f = 0; f < hs->n_frag; f++) {
		read_by_hmm(w, hs, &hs->seg[hs->frag[f].seg], p);
		for (int k = 0; k < hs->n_level; k++)
			for (int j = 0, x = 0; j < hs->n; j++)
				for (int i = 0; i <= j; i++, x++)
					by[k][x] += log(0.5 * (p[k][i] + p[k][j]));
	}
	for (int x = 0; x < n; x++) {
		ll[x] = by[0][x] + (hs->n_level > 1 ? log(weight[0]) : 0);
		for (int k = 1; k < hs->n_level; k++)
			ll[x] = grx_log_add(ll[x], by[k][x] + log(weight[k]));
	}
	for (int j = 0, x = 0; j < hs->n; j++)
		for (int i = 0; i <= j; i++, x++)
			ll[x] += call_dup_ll(hs, 0, i, j);
}

/* The ungapped path and the bound on what cannot come near change no posterior that matters. */
START_TEST(test_shortcuts_against_hmm)
{
	static double ll[CALL_MAX_HAPS * CALL_MAX_HAPS];
	int differ = 0, levels = 0;
	for (int t = 0; t < 50; t++) {
		struct hand_edit e[3];
		struct call_pairs pp;
		random_reference();
		int n = random_edits(e);
		reset_reads();
		random_reads(e, n);
		struct call_work *w = hand_regions(500, 1500);
		struct call_haps *hs = haps(w, e, n);
		for (uint32_t m = 1; m < 1u << n; m++)
			ck_assert_int_eq(call_hap_add(w, hs, m, &(int){0}), GRX_OK);
		ck_assert_int_eq(call_haps_finish(w, hs, 0), GRX_OK);
		ck_assert_int_eq(call_pairs_make(w, hs, 0, 2, &pp), GRX_OK);
		pairs_by_hmm(w, hs, ll);
		levels += hs->n_level > 1;
		int top = 0;
		for (int x = 0; x < pp.n; x++)
			top = ll[x] + pp.lp[x] - pp.ll[x] > ll[top] + pp.lp[top] - pp.ll[top] ? x : top;
		/* the best pair is the same unless the two are within a factor of 2 */
		double want = ll[top] + pp.lp[top] - pp.ll[top];
		for (int x = 0; x < pp.n; x++) {
			double a = pp.lp[x] - pp.lp[top], b = ll[x] + pp.lp[x] - pp.ll[x] - want;
			/* a gap that many reads could have adds up: what is 1:1000 or less may be off by 10
			 * phred */
			if ((b > -7 && fabs(a - b) > 1.0) || (b > -12 && fabs(a - b) > 2.3))
				differ++;
		}
		ck_assert_msg(
			pp.lp[pp.best] - pp.lp[top] < 0.7, "case %d: %g", t, pp.lp[pp.best] - pp.lp[top]);
	}
	ck_assert_int_eq(differ, 0);
	ck_assert_int_gt(levels, 5); /* repeats that stutter are among them */
}
END_TEST

/* Pair likelihoods, priors and their sum in long double. */
START_TEST(test_pairs_against_brute_force)
{
	for (int t = 0; t < 30; t++) {
		struct hand_edit e[3];
		struct call_pairs pp;
		long double all = 0;
		int n = random_edits(e), x = 0;
		reset_reads();
		random_reads(e, n);
		struct call_work *w = hand_regions(500, 1500);
		struct call_haps *hs = haps(w, e, n);
		for (uint32_t m = 1; m < 1u << n; m++)
			ck_assert_int_eq(call_hap_add(w, hs, m, &(int){0}), GRX_OK);
		ck_assert_int_eq(call_haps_finish(w, hs, 0), GRX_OK);
		ck_assert_int_eq(call_pairs_make(w, hs, 0, 2, &pp), GRX_OK);
		for (int j = 0; j < hs->n; j++)
			for (int i = 0; i <= j; i++, x++) {
				long double s = 0;
				for (int f = 0; f < hs->n_frag; f++)
					s += logl(0.5L * ((long double)hs->p[i * hs->n_frag + f] +
								 (long double)hs->p[j * hs->n_frag + f]));
				ck_assert(fabsl(s - (long double)pp.ll[x]) < 1e-9L);
				for (int k = 0; k < n; k++) {
					int c = (int)(hs->h[i].mask >> k & 1) + (int)(hs->h[j].mask >> k & 1);
					s += c == 0   ? 0
					     : c == 1 ? (long double)hs->rg->lp[k]
						      : (long double)hs->rg->lp2[k];
				}
				ck_assert(fabsl(s - (long double)pp.lp[x]) < 1e-9L);
				ck_assert_double_le(pp.lp[x], pp.lp[pp.best]);
				all += expl(s);
			}
		ck_assert(fabsl(logl(all) - (long double)pp.all) < 1e-9L);
	}
}
END_TEST

/* PL, GQ and QUAL of every place are sums over all pairs of haplotypes. */
START_TEST(test_margins_against_brute_force)
{
	struct hand_edit e[2] = {snv(MID), {MID + 6, 2, ""}};
	hand_pile(9, MID, e, 2, 0);
	hand_pile(7, MID, e, 1, 0);
	hand_pile(5, MID, NULL, 0, 0);
	struct call_work *w = hand_regions(500, 1500);
	struct call_haps *hs = haps(w, e, 2);
	struct call_pairs *pp;
	for (uint32_t m = 1; m < 4; m++)
		ck_assert_int_eq(call_hap_add(w, hs, m, &(int){0}), GRX_OK);
	ck_assert_int_eq(call_haps_finish(w, hs, 0), GRX_OK);
	ck_assert_int_eq(call_pairs_all(w, hs, &pp), GRX_OK);
	for (int c = 0; c < 2; c++) {
		struct call_place p = {.pos = e[c].pos - c, .end = e[c].pos + e[c].rlen, .n = 1, .pick = {c}};
		struct call_rec *r;
		long double g[3] = {0}, own[3] = {0, hs->rg->lp[c], hs->rg->lp2[c]}, wrong = 0, all = 0;
		call_place_classes(hs, pp, &p);
		ck_assert_int_eq(call_place_record(w, hs, pp, &p, &r), GRX_OK);
		for (int j = 0, x = 0; j < hs->n; j++)
			for (int i = 0; i <= j; i++, x++) {
				int k = (int)(hs->h[i].mask >> c & 1) + (int)(hs->h[j].mask >> c & 1);
				long double z = expl((long double)pp->lp[x]);
				g[k] += z / expl(own[k]);
				all += z;
				wrong += k == r->gt[0] + r->gt[1] ? 0 : z;
			}
		long double none = g[0], top = fmaxl(g[0], fmaxl(g[1], g[2]));
		for (int k = 0; k < 3; k++)
			ck_assert_int_eq(r->pl[k], (int)(10 * log10l(top / g[k]) + 0.5L));
		double gq = (double)(10 * log10l(all / wrong)), qual = (double)(10 * log10l(all / none));
		ck_assert_int_eq(r->gq, gq > 99 ? 99 : (int)(gq + 0.5));
		ck_assert_double_eq_tol(r->qual, qual, 1e-6);
	}
}
END_TEST

/* A read that lies on no haplotype of the window says nothing, and no figure becomes NaN. */
START_TEST(test_read_that_fits_nothing)
{
	struct hand_edit e[1] = {{MID, 4, ""}};
	char t[61] = {0}, cig[32];
	hand_pile(10, MID, e, 1, 0);
	for (int i = 0; i < 60; i++)
		t[i] = "GT"[i / 7 % 2];
	sprintf(cig, "%dS10M", 50);
	hand_read(MID + 2, t, cig);
	const struct grx_vars *v = hand_call();
	ck_assert_uint_ge(v->n, 1);
	for (size_t i = 0; i < v->n; i++)
		ck_assert(isfinite(v->v[i].qual));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("call_hap");
	TCase *t = tcase_create("engine");
	tcase_add_checked_fixture(t, setup, hand_close);
	tcase_set_timeout(t, 0);
	tcase_add_test(t, test_far_candidates_are_apart);
	tcase_add_test(t, test_near_candidates_are_joined);
	tcase_add_test(t, test_repeat_joins);
	tcase_add_test(t, test_chain_cut_ignores_window);
	tcase_add_test(t, test_haplotype_sequences);
	tcase_add_test(t, test_two_spellings_one_haplotype);
	tcase_add_test(t, test_masks_that_fit);
	tcase_add_test(t, test_segments);
	tcase_add_test(t, test_depth_cap);
	tcase_add_test(t, test_shortcuts_against_hmm);
	tcase_add_test(t, test_pairs_against_brute_force);
	tcase_add_test(t, test_margins_against_brute_force);
	tcase_add_test(t, test_read_that_fits_nothing);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
