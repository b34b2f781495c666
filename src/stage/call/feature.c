/* SPDX-License-Identifier: GPL-3.0-or-later
 * feature.c -- features of a called record from its fragments and the reference around it.
 * Reads are looked at as they were mapped, not as realigned: what a record is told does not depend on which
 * loci came before. Sums are integers; each value is one division or one square root of them. */
#include "stage/call/feature.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stage/call/call_int.h"
#include "stage/call/foreign.h"
#include "stage/call/strerr.h"

#define MAX_FRAG   1024
#define NEAR       100
#define NEAR_FRAC  0.15 /* of the fragments, and at least 2, make a difference a place */
#define MIN_BQ     15   /* of a base that counts as different */
#define MAX_DIFF   20   /* differences counted per read */
#define MAX_DIST   255
#define LOW_MAPQ   40
#define DEPTH_STEP 16
#define NOT_USED   (GRX_R_UNMAPPED | GRX_R_SECONDARY | GRX_R_SUPPLEMENTARY | GRX_R_QCFAIL | GRX_R_DUP)

const struct call_feat_def call_feat_def[CALL_N_FEAT] = {
	[CALL_F_QUAL] = {"qual", -1},
	[CALL_F_QD] = {"qual_per_fragment", -1},
	[CALL_F_GQ] = {"gq", -1},
	[CALL_F_MARGIN] = {"margin_per_fragment", -1},
	[CALL_F_HOM] = {"genotype", 0},
	[CALL_F_DEPTH] = {"depth_ratio", 0},
	[CALL_F_ALT_FRAC] = {"alt_fraction", 0},
	[CALL_F_ALT_Z] = {"alt_z", 0},
	[CALL_F_STRAND] = {"strand_sor", 1},
	[CALL_F_ALT_STRAND] = {"alt_rarer_strand", -1},
	[CALL_F_END_ALT] = {"end_distance_alt", -1},
	[CALL_F_END_Z] = {"end_distance_z", 0},
	[CALL_F_BQ_ALT] = {"base_quality_alt", -1},
	[CALL_F_BQ_DIFF] = {"base_quality_diff", -1},
	[CALL_F_MQ] = {"mapq_rms", -1},
	[CALL_F_MQ_DIFF] = {"mapq_diff", -1},
	[CALL_F_MQ_LOW] = {"mapq_low_fraction", 1},
	[CALL_F_CLIP_ALT] = {"clip_alt", 1},
	[CALL_F_CLIP_DIFF] = {"clip_diff", 1},
	[CALL_F_MM_ALT] = {"differences_alt", 1},
	[CALL_F_MM_DIFF] = {"differences_diff", 1},
	[CALL_F_NEAR_N] = {"near_places", 1},
	[CALL_F_NEAR_DIST] = {"near_distance", 0},
	[CALL_F_DENSITY] = {"candidate_density", 1},
	[CALL_F_FOREIGN] = {"foreign_fraction", 1},
	[CALL_F_MQ_OUT] = {"mapq_left_out", 1},
	[CALL_F_PAIR_ALT] = {"proper_pair_alt", -1},
	[CALL_F_N_ALLELE] = {"alleles_compared", 0},
	[CALL_F_OTHER] = {"other_allele_fraction", 1},
	[CALL_F_UNINF] = {"uninformative_fraction", 0},
	[CALL_F_STR_UNIT] = {"repeat_unit", 0},
	[CALL_F_STR_COUNT] = {"repeat_count", 0},
	[CALL_F_HOMOPOLY] = {"homopolymer", 0},
	[CALL_F_STUTTER] = {"stutter_cost", -1},
	[CALL_F_INDEL_LEN] = {"indel_length", 0},
	[CALL_F_INDEL_UNIT] = {"indel_units", 0},
	[CALL_F_GC] = {"gc_fraction", 0},
	[CALL_F_WORDS] = {"word_diversity", 0},
};

int call_feat_find(const char *name)
{
	for (int i = 0; i < CALL_N_FEAT; i++)
		if (strcmp(call_feat_def[i].name, name) == 0)
			return i;
	return -1;
}

/* Sums over a group of fragments. */
struct group {
	int n, mapq, clip, diff, proper, n_bq, bq, rev;
	int dist[MAX_DIST + 1]; /* histogram */
};

struct tally {
	struct group alt, rest;
	int n, low, n_inform, n_other;
	int64_t mapq2;
	uint16_t hit[2 * NEAR + 1]; /* fragments that differ, by position around the record */
};

struct look {
	int diff, bq, dist; /* bq: -1 no base there */
	bool clip, proper;
};

/* Where differences belong to the record itself and not to its surroundings: an indel may be written, or
 * shown as mismatches by reads that end in it, some bases away. */
struct own {
	int64_t beg, end, pos;
};

static struct own own_range(const struct call_rec *r)
{
	int pad = 0;
	for (int i = 1; i < r->n_allele; i++) {
		int d = r->allele[i][0] == '*' ? 0 : abs((int)strlen(r->allele[i]) - r->rlen);
		pad = d && d + 10 > pad ? d + 10 : pad;
	}
	pad = pad > 60 ? 60 : pad;
	return (struct own){r->pos - pad, r->pos + r->rlen + pad, r->pos};
}

static void differ(const struct own *o, int64_t pos, struct look *lk, uint16_t *hit)
{
	if (pos >= o->beg && pos < o->end)
		return;
	lk->diff += lk->diff < MAX_DIFF;
	if (pos >= o->pos - NEAR && pos <= o->pos + NEAR)
		hit[pos - o->pos + NEAR]++;
}

struct run {
	int64_t pos, end; /* on the reference */
	int32_t q;        /* query index of pos */
};

static void look_base(const struct call_work *w, const struct grx_read *r, int64_t i, int64_t pos,
	const struct own *o, struct look *lk, uint16_t *hit)
{
	int code = GRX_SEQ_CODE(r->seq, i);
	if (code != w->rcode[pos - w->beg] && code != 15 && r->qual[i] >= MIN_BQ)
		differ(o, pos, lk, hit);
}

/* 16 bases at a step, packed, as in scan.c: most reads equal the reference. */
static void look_run(const struct call_work *w, const struct grx_read *r, struct run u, const struct own *o,
	struct look *lk, uint16_t *hit)
{
	int64_t b = o->pos - CALL_FEAT_REACH, e = o->pos + CALL_FEAT_REACH, n;
	b = b < u.pos ? u.pos : b;
	e = e > u.end ? u.end : e;
	b = b < w->beg ? w->beg : b;
	e = e > w->end ? w->end : e;
	for (int64_t p = b, i = u.q + (b - u.pos); p < e; p += n, i += n) {
		n = i & 1 ? 1 : e - p < 16 ? e - p : 16;
		if (n == 16) {
			uint64_t c, d;
			int64_t x = p - w->beg;
			memcpy(&c, r->seq + (i >> 1), 8);
			memcpy(&d, w->rpack[x & 1] + (x >> 1), 8);
			if (c == d)
				continue;
		}
		for (int64_t k = 0; k < n; k++)
			look_base(w, r, i + k, p + k, o, lk, hit);
	}
}

/* One read against the record. */
static struct look look_at(
	const struct call_work *w, const struct grx_read *r, const struct own *o, uint16_t *hit)
{
	struct look lk = {.bq = -1};
	int64_t pos = r->pos, left = o->pos - r->pos, right = r->end - 1 - o->pos;
	int32_t q = 0;
	bool no_qual = r->qual[0] == 255;
	for (uint32_t i = 0; i < r->n_cigar; i++) {
		int op = GRX_CIG_OP(r->cigar[i]);
		int64_t n = GRX_CIG_LEN(r->cigar[i]);
		if (op == GRX_C_M || op == GRX_C_EQ || op == GRX_C_X) {
			if (o->pos >= pos && o->pos < pos + n && !no_qual)
				lk.bq = r->qual[q + (o->pos - pos)];
			if (!no_qual && r->nm != 0)
				look_run(w, r, (struct run){pos, pos + n, q}, o, &lk, hit);
		} else if (op == GRX_C_I || op == GRX_C_D)
			differ(o, pos, &lk, hit);
		lk.clip |= op == GRX_C_S || op == GRX_C_H;
		pos += GRX_CIG_REF(op) ? n : 0;
		q += GRX_CIG_QUERY(op) ? (int32_t)n : 0;
	}
	left = left < right ? left : right;
	lk.dist = left < 0 ? 0 : left > MAX_DIST ? MAX_DIST : (int)left;
	lk.proper = !(r->flag & GRX_R_PAIRED) || (r->flag & GRX_R_PROPER);
	return lk;
}

/* A fragment is as close to an end as its better mate, and as different as its worse one. */
static struct look look_fragment(
	const struct call_work *w, const struct call_lik *k, size_t f, const struct own *o, uint16_t *hit)
{
	struct look a = look_at(w, w->aln[k->aln[f]].r, o, hit);
	if (k->aln2[f] < 0)
		return a;
	struct look b = look_at(w, w->aln[k->aln2[f]].r, o, hit);
	a.dist = b.dist > a.dist ? b.dist : a.dist;
	a.diff = b.diff > a.diff ? b.diff : a.diff;
	a.bq = b.bq > a.bq ? b.bq : a.bq;
	a.clip |= b.clip;
	return a;
}

static void group_add(struct group *g, const struct look *lk, int mapq, bool rev)
{
	g->n++;
	g->mapq += mapq;
	g->clip += lk->clip;
	g->diff += lk->diff;
	g->proper += lk->proper;
	g->rev += rev;
	g->dist[lk->dist]++;
	if (lk->bq >= 0) {
		g->n_bq++;
		g->bq += lk->bq;
	}
}

static void tally(const struct call_work *w, const struct call_rec *r, const struct call_lik *k,
	const int *to, struct tally *t)
{
	struct own o = own_range(r);
	size_t step = k->n / MAX_FRAG + 1;
	memset(t, 0, sizeof(*t));
	for (size_t f = 0; f < k->n; f += step) {
		struct look lk = look_fragment(w, k, f, &o, t->hit);
		int mapq = w->aln[k->aln[f]].r->mapq, a = k->best[f];
		a = a >= 0 && to ? to[a] : a;
		t->n++;
		t->mapq2 += mapq * mapq;
		t->low += mapq < LOW_MAPQ;
		if (k->best[f] < 0)
			continue;
		bool called = a >= 0 && (a == r->gt[1] || (r->ploidy == 2 && a == r->gt[0]));
		t->n_inform++;
		t->n_other += !called;
		group_add(called && a > 0 ? &t->alt : &t->rest, &lk, mapq, k->rev[f]);
	}
}

static int median(const struct group *g)
{
	int c = 0, i = 0;
	if (g->n == 0)
		return 0;
	while (i < MAX_DIST && 2 * (c += g->dist[i]) < g->n)
		i++;
	return i;
}

/* Normal score of the rank sum; ties share their rank. */
static double rank_z(const struct group *a, const struct group *b)
{
	int64_t u2 = 0, below = 0; /* twice U */
	double n = a->n, m = b->n;
	if (a->n < 2 || b->n < 2)
		return 0;
	for (int i = 0; i <= MAX_DIST; i++) {
		u2 += (int64_t)a->dist[i] * (2 * below + b->dist[i]);
		below += b->dist[i];
	}
	return ((double)u2 / 2 - n * m / 2) / sqrt(n * m * (n + m + 1) / 12);
}

static double ratio(double a, double b)
{
	return b > 0 ? a / b : 0;
}

/* Mean of a less mean of b; 0 when a group is empty. */
static double mean_diff(int a, int na, int b, int nb)
{
	return na && nb ? (double)a / na - (double)b / nb : 0;
}

/* Median of the sample; the mean around the record where that means nothing (panels). */
static double expected_depth(const struct call_work *w, int64_t pos, int ploidy)
{
	const struct call_sample *s = w->st->sample;
	if (s && s->depth_reliable && s->depth_median > 0)
		return s->depth_median * ploidy / 2;
	int64_t sum = 0, n = 0;
	for (int64_t p = pos - CALL_FEAT_REACH; p <= pos + CALL_FEAT_REACH; p += DEPTH_STEP)
		if (p >= w->beg && p < w->end) {
			sum += w->depth[p - w->beg];
			n++;
		}
	return n ? (double)sum / (double)n : 0;
}

static void from_genotype(const struct call_work *w, const struct call_rec *r, double *x)
{
	int second = 9999, alts = r->gt[0] > 0 || r->ploidy == 1;
	bool top = false; /* the best genotype has PL 0 unless a prior overruled it */
	for (int i = 0; i < r->n_pl; i++) {
		if (r->pl[i] == 0 && !top)
			top = true;
		else
			second = r->pl[i] < second ? r->pl[i] : second;
	}
	x[CALL_F_QUAL] = r->qual > 999 ? 999 : r->qual;
	x[CALL_F_QD] = ratio(r->qual, r->dp);
	x[CALL_F_GQ] = r->gq;
	x[CALL_F_MARGIN] = ratio(second, r->dp);
	x[CALL_F_HOM] = !alts ? 0 : r->ploidy == 1 || r->gt[0] == r->gt[1] ? 1 : 2;
	x[CALL_F_DEPTH] = ratio(r->dp, expected_depth(w, r->pos, r->ploidy));
	x[CALL_F_STRAND] = r->sor;
}

static void from_fragments(const struct tally *t, double *x)
{
	const struct group *a = &t->alt, *b = &t->rest;
	double p = x[CALL_F_HOM] == 0 ? 0.5 : 0.98, n = t->n_inform;
	int rare = a->rev < a->n - a->rev ? a->rev : a->n - a->rev;
	x[CALL_F_ALT_FRAC] = ratio(a->n, n);
	x[CALL_F_ALT_Z] = n > 0 ? (a->n - n * p) / sqrt(n * p * (1 - p)) : 0;
	x[CALL_F_ALT_STRAND] = ratio(rare, a->n);
	x[CALL_F_END_ALT] = median(a);
	x[CALL_F_END_Z] = rank_z(a, b);
	x[CALL_F_BQ_ALT] = ratio(a->bq, a->n_bq);
	x[CALL_F_BQ_DIFF] = mean_diff(a->bq, a->n_bq, b->bq, b->n_bq);
	x[CALL_F_MQ] = sqrt(ratio((double)t->mapq2, t->n));
	x[CALL_F_MQ_DIFF] = mean_diff(a->mapq, a->n, b->mapq, b->n);
	x[CALL_F_MQ_LOW] = ratio(t->low, t->n);
	x[CALL_F_CLIP_ALT] = ratio(a->clip, a->n);
	x[CALL_F_CLIP_DIFF] = mean_diff(a->clip, a->n, b->clip, b->n);
	x[CALL_F_MM_ALT] = ratio(a->diff, a->n);
	x[CALL_F_MM_DIFF] = mean_diff(a->diff, a->n, b->diff, b->n);
	x[CALL_F_PAIR_ALT] = ratio(a->proper, a->n);
	x[CALL_F_OTHER] = ratio(t->n_other, n);
	x[CALL_F_UNINF] = ratio(t->n - t->n_inform, t->n);
}

static void from_places(const struct tally *t, double *x)
{
	double need = NEAR_FRAC * t->n > 2 ? NEAR_FRAC * t->n : 2;
	int places = 0, near = NEAR + 1;
	for (int i = 0; i <= 2 * NEAR; i++) {
		int d = abs(i - NEAR);
		if (t->hit[i] < need)
			continue;
		places++;
		near = d < near ? d : near;
	}
	x[CALL_F_NEAR_N] = places;
	x[CALL_F_NEAR_DIST] = near;
}

/* Columns where some base differs in at least 3 fragments and NEAR_FRAC of the depth. */
static int density(const struct call_work *w, const struct own *o)
{
	int64_t b = o->pos - CALL_FEAT_REACH, e = o->pos + CALL_FEAT_REACH;
	int n = 0;
	b = b < w->beg ? w->beg : b;
	e = e > w->end ? w->end : e;
	for (int64_t p = b; p < e; p++) {
		const uint16_t *m = w->mm + (p - w->beg) * 4;
		uint64_t any;
		memcpy(&any, m, sizeof(any));
		if (!any || (p >= o->beg && p < o->end))
			continue;
		double need = NEAR_FRAC * w->depth[p - w->beg];
		need = need > 3 ? need : 3;
		n += m[0] >= need || m[1] >= need || m[2] >= need || m[3] >= need;
	}
	return n;
}

/* Reads that overlap pos, were left out for a low mapping quality alone, as a fraction. */
static double mapq_out(const struct call_work *w, int64_t pos, int used)
{
	const struct grx_reads *rs = w->sh->reads;
	size_t lo = 0, hi = rs->n;
	int out = 0;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (rs->v[mid].pos < pos - CALL_FEAT_REACH)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < rs->n && rs->v[lo].pos <= pos; lo++) {
		const struct grx_read *r = &rs->v[lo];
		out += r->end > pos && r->mapq < w->st->opt.min_mapq && !(r->flag & NOT_USED);
	}
	return ratio(out, out + used);
}

static int homopolymer(const struct call_work *w, int64_t pos)
{
	char c = call_ref_at(w, pos);
	int n = 1;
	for (int64_t p = pos + 1; n < 50 && call_ref_at(w, p) == c; p++)
		n++;
	for (int64_t p = pos - 1; n < 50 && call_ref_at(w, p) == c; p--)
		n++;
	return n;
}

static int nt4(char c)
{
	return c == 'A' ? 0 : c == 'C' ? 1 : c == 'G' ? 2 : c == 'T' ? 3 : 4;
}

static double gc_fraction(const struct call_work *w, int64_t pos)
{
	int gc = 0, n = 0;
	for (int64_t p = pos - 40; p <= pos + 40; p++) {
		int b = nt4(call_ref_at(w, p));
		gc += b == 1 || b == 2;
		n += b < 4;
	}
	return ratio(gc, n);
}

static double word_diversity(const struct call_work *w, int64_t pos)
{
	uint64_t seen = 0;
	unsigned word = 0;
	int run = 0, n = 0;
	for (int64_t p = pos - 30; p <= pos + 30; p++) {
		int b = nt4(call_ref_at(w, p));
		run = b < 4 ? run + 1 : 0;
		word = (word << 2 | (unsigned)(b & 3)) & 63;
		if (run >= 3)
			seen |= UINT64_C(1) << word;
	}
	for (; seen; seen &= seen - 1)
		n++;
	return n / 59.0;
}

static double stutter_cost(const struct call_work *w, int64_t pos, int unit, int count)
{
	const struct call_sample *s = w->st->sample;
	char c = call_ref_at(w, pos);
	bool at = c == 'A' || c == 'T';
	int cls = unit == 1   ? (at ? CALL_STR_AT : CALL_STR_GC)
		  : unit == 2 ? CALL_STR_DI
		  : unit == 3 ? CALL_STR_TRI
			      : CALL_STR_TETRA;
	return s ? s->strmodel.gop[cls][count > CALL_STR_UNITS ? CALL_STR_UNITS : count] : CALL_GAP_OPEN;
}

static void from_reference(const struct call_work *w, const struct call_rec *r, double *x)
{
	int unit, len = 0;
	for (int i = 0; i < r->ploidy; i++) {
		int d = r->gt[i] > 0 && r->allele[r->gt[i]][0] != '*'
				? (int)strlen(r->allele[r->gt[i]]) - r->rlen
				: 0;
		len = abs(d) > abs(len) ? d : len;
	}
	int64_t at = r->pos + (len != 0); /* behind the anchor base */
	int bases = call_repeat_len(w, at, &unit), h = homopolymer(w, at), h2 = homopolymer(w, at - 1);
	int h3 = homopolymer(w, at + 1);
	h = h2 > h ? h2 : h;
	x[CALL_F_STR_UNIT] = unit;
	x[CALL_F_STR_COUNT] = bases / unit;
	x[CALL_F_HOMOPOLY] = h3 > h ? h3 : h;
	x[CALL_F_STUTTER] = stutter_cost(w, at, unit, bases / unit);
	x[CALL_F_INDEL_LEN] = len > 100 ? 100 : len < -100 ? -100 : len;
	x[CALL_F_INDEL_UNIT] = len % unit == 0 ? abs(len) / unit : 0;
	x[CALL_F_GC] = gc_fraction(w, r->pos);
	x[CALL_F_WORDS] = word_diversity(w, r->pos);
}

void call_features(const struct call_work *w, const struct call_rec *r, const struct call_lik *k,
	const int *to, float *out)
{
	double x[CALL_N_FEAT] = {0};
	struct tally t;
	tally(w, r, k, to, &t);
	from_genotype(w, r, x);
	from_fragments(&t, x);
	from_places(&t, x);
	from_reference(w, r, x);
	struct own o = own_range(r);
	x[CALL_F_DENSITY] = density(w, &o);
	x[CALL_F_FOREIGN] = call_foreign_at(w, r->pos);
	x[CALL_F_MQ_OUT] = mapq_out(w, r->pos, t.n);
	x[CALL_F_N_ALLELE] = k->n_allele;
	for (int i = 0; i < CALL_N_FEAT; i++)
		out[i] = (float)(round(x[i] * 100) / 100 + 0.0); /* no negative zero */
}
