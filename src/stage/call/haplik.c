/* SPDX-License-Identifier: GPL-3.0-or-later
 * haplik.c -- ln P(segment of a read | haplotype).
 * Most reads fit without a gap: their mismatches are summed, which is what the forward algorithm gives when
 * every other path is far worse. A haplotype that cannot come near the best one, whatever gap is tried, is
 * set to the floor. Only the rest goes through the pair-HMM, all of a region in one batch. */
#include "stage/call/call_hap.h"
#include "stage/call/strerr.h"

#include <math.h>
#include <string.h>

#define BAND_PAD  6
#define MAX_BAND  400
#define SUM_SLACK 12 /* phred: a gap may have so many equal places that its cost falls by that */
#define FREQUENT  36 /* phred: a gap that is cheaper opens in one read of 400 over ten bases */
#define SURE      8  /* phred: the best gapped path must be so much worse for the sum to be the best path */
#define FOREIGN   90 /* phred below a perfect match: a read this bad is from elsewhere */
#define HOPELESS  40 /* nats: beyond it the floor is all there is, and at last its exp overflows */
#define NO_FIT    (1 << 28) /* cost: no diagonal lies on the haplotype */
#define UNKNOWN   (-1e30)

struct fit {
	int cost; /* phred sum of mismatches */
	int32_t diag;
};

/* Diagonals (haplotype index - read index) that the mapping suggests. */
static int diagonals(
	const struct call_haps *hs, const struct call_hapseq *h, const struct call_seg *g, int32_t *d)
{
	int32_t l = (int32_t)call_hap_index(hs, h->mask, g->lpos);
	int32_t r = (int32_t)call_hap_index(hs, h->mask, g->rpos) - g->n, n = 0;
	const int32_t all[6] = {l, r, r - h->shift, l + h->shift, l - h->shift, r + h->shift};
	for (int i = 0; i < 6; i++) {
		bool old = false;
		for (int k = 0; k < n; k++)
			old |= d[k] == all[i];
		if (!old)
			d[n++] = all[i];
	}
	return n;
}

static struct fit best_ungapped(
	const struct call_hapseq *h, const struct call_seg *g, const int32_t *d, int n)
{
	struct fit best = {NO_FIT, 0};
	for (int i = 0; i < n && best.cost > 0; i++) {
		if (d[i] < 0 || d[i] + g->n > h->seq.n)
			continue;
		int c = call_ungapped_cost(g->q, g->qual, h->seq.s + d[i], g->n, CALL_MAX_BASEQ);
		if (c < best.cost)
			best = (struct fit){c, d[i]};
	}
	return best;
}

/* Of either kind: what any gapped path over [beg, end) pays at least. */
static int cheapest_gap(const struct call_phmm_hap *h, int32_t beg, int32_t end)
{
	int m = 255;
	beg = beg < 0 ? 0 : beg;
	end = end > h->n ? h->n : end;
	for (int32_t i = beg; i < end; i++) {
		m = h->gop_ins[i] < m ? h->gop_ins[i] : m;
		m = h->gop_del[i] < m ? h->gop_del[i] : m;
	}
	return m;
}

static bool stutters(const struct call_phmm_hap *h, int32_t b)
{
	return h->gop_ins[b] < FREQUENT || h->gop_del[b] < FREQUENT;
}

/* ln P that no gap opens along the diagonal. A read that begins or ends in a repeat that stutters does not
 * say how long it is: there nothing is to be paid for what it does not show. */
static double stay_ll(const struct call_gapcost *c, const struct call_seg *g, struct fit f)
{
	int32_t b = f.diag, e = f.diag + g->n;
	while (b < e && stutters(&c->seq, b))
		b++;
	while (e > b && stutters(&c->seq, e))
		e--;
	return c->stay[e] - c->stay[b];
}

/* ln P along one diagonal. */
static double diagonal_ll(
	const struct call_work *w, const struct call_gapcost *c, const struct call_seg *g, struct fit f)
{
	double s = g->l_match + stay_ll(c, g, f);
	if (f.cost == 0)
		return s;
	for (int32_t i = 0; i < g->n; i++)
		if (g->q[i] != c->seq.s[f.diag + i])
			s += w->st->l_miss[g->qual[i] < CALL_MAX_BASEQ ? g->qual[i] : CALL_MAX_BASEQ];
	return s;
}

static void band_of(const int32_t *d, int n, struct call_phmm_job *j)
{
	j->dlo = d[0];
	j->dhi = d[0];
	for (int i = 1; i < n; i++) {
		j->dlo = d[i] < j->dlo ? d[i] : j->dlo;
		j->dhi = d[i] > j->dhi ? d[i] : j->dhi;
	}
	j->dlo -= BAND_PAD;
	j->dhi += BAND_PAD;
	if (j->dhi - j->dlo > MAX_BAND)
		j->dhi = j->dlo + MAX_BAND;
}

struct batch {
	struct call_phmm_job *job;
	double **to;
	size_t n;
};

/* One segment against the haplotypes [from, hs->n). */
static void score_segment(const struct call_work *w, struct call_haps *hs, struct call_seg *g, int from,
	int level, struct batch *b)
{
	double *ll = g->ll + level * CALL_MAX_HAPS;
	int32_t d[CALL_MAX_HAPS][6];
	int nd[CALL_MAX_HAPS], gap[CALL_MAX_HAPS];
	double best = UNKNOWN;
	for (int i = 0; i < from; i++)
		best = ll[i] > best ? ll[i] : best;
	for (int i = from; i < hs->n; i++) {
		const struct call_hapseq *h = &hs->h[i];
		nd[i] = diagonals(hs, h, g, d[i]);
		const struct call_gapcost *c = &h->cost[g->sample * hs->n_level + level];
		struct fit f = best_ungapped(h, g, d[i], nd[i]);
		gap[i] = cheapest_gap(&c->seq, d[i][0] - BAND_PAD, d[i][0] + g->n + BAND_PAD);
		ll[i] = f.cost < NO_FIT ? diagonal_ll(w, c, g, f) : UNKNOWN;
		best = ll[i] > best ? ll[i] : best;
		if (f.cost == 0 || f.cost + SURE <= gap[i] - SUM_SLACK)
			nd[i] = 0;
	}
	for (int i = from; i < hs->n; i++) {
		if (nd[i] == 0)
			continue;
		/* no gapped path can be better than this */
		double bound = g->l_match - (gap[i] - SUM_SLACK) * CALL_LN10_10;
		if (bound < best - (CALL_LEAD + SURE) * CALL_LN10_10) {
			ll[i] = bound > ll[i] ? bound : ll[i];
			continue;
		}
		struct call_phmm_job *j = &b->job[b->n];
		*j = (struct call_phmm_job){.q = g->q,
			.qual = g->qual,
			.nq = g->n,
			.h = &hs->h[i].cost[g->sample * hs->n_level + level].seq};
		band_of(d[i], nd[i], j);
		b->to[b->n++] = &ll[i];
	}
}

/* Row of a segment relative to its best haplotype: no read says more than its mapping quality allows, and one
 * that fits nothing says nothing. In ln. */
static void seg_row(
	const struct call_work *w, const struct call_haps *hs, const struct call_seg *g, double *row)
{
	double best = UNKNOWN;
	int mapq = w->aln[g->aln].r->mapq, cap = mapq < CALL_LEAD ? mapq : CALL_LEAD, n = 0;
	for (int k = 0; k < hs->n_level; k++)
		for (int i = 0; i < hs->n; i++) {
			row[n] = g->ll[k * CALL_MAX_HAPS + i];
			best = row[n] > best ? row[n] : best;
			n++;
		}
	double floor = exp(-cap * CALL_LN10_10), foreign = g->l_match - FOREIGN * CALL_LN10_10;
	if (hs->whole && foreign - best > HOPELESS) {
		memset(row, 0, (size_t)n * sizeof(*row));
		return;
	}
	if (hs->whole) /* before that, what does not fit may be explained by a candidate yet to come */
		floor += exp(foreign - best);
	for (int i = 0; i < n; i++)
		row[i] = log((exp(row[i] - best) + floor) / (1 + floor));
}

/* Mates see the same molecule: what they agree on counts as much as the surer one says, not twice. */
static void rows_join(double *l, const double *m, int n)
{
	double lo = 0, top = -1e300;
	for (int i = 0; i < n; i++) {
		lo = l[i] < lo ? l[i] : lo;
		lo = m[i] < lo ? m[i] : lo;
		l[i] += m[i];
		top = l[i] > top ? l[i] : top;
	}
	for (int i = 0; i < n; i++)
		l[i] = l[i] - top < lo ? lo : l[i] - top;
}

static void make_rows(const struct call_work *w, struct call_haps *hs)
{
	double row[CALL_STR_LEVELS * CALL_MAX_HAPS], other[CALL_STR_LEVELS * CALL_MAX_HAPS];
	int n = hs->n_level * hs->n;
	for (int f = 0; f < hs->n_frag; f++) {
		seg_row(w, hs, &hs->seg[hs->frag[f].seg], row);
		if (hs->frag[f].seg2 >= 0) {
			seg_row(w, hs, &hs->seg[hs->frag[f].seg2], other);
			rows_join(row, other, n);
		}
		for (int i = 0; i < n; i++)
			hs->p[(size_t)i * (size_t)hs->n_frag + (size_t)f] = exp(row[i]);
	}
}

int call_haps_score(struct call_work *w, struct call_haps *hs, int from)
{
	size_t max = (size_t)hs->n_level * (size_t)hs->n_seg * (size_t)(hs->n - from) + 1;
	grx_arena_reset(w->jobs); /* a region is scored many times while it grows */
	struct batch b = {.job = grx_arena_alloc(w->jobs, max, sizeof(*b.job)),
		.to = grx_arena_alloc(w->jobs, max, sizeof(*b.to))};
	if (!b.job || !b.to)
		return grx_fail_nomem(w->cx, "likelihoods");
	for (int s = 0; s < hs->n_seg; s++)
		for (int k = 0; k < hs->n_level; k++)
			score_segment(w, hs, &hs->seg[s], from, k, &b);
	int rc = call_phmm_run(w->jobs, b.job, b.n);
	if (rc != GRX_OK)
		return grx_fail_nomem(w->cx, "likelihoods");
	for (size_t i = 0; i < b.n; i++)
		*b.to[i] = b.job[i].ll > *b.to[i] ? b.job[i].ll : *b.to[i];
	make_rows(w, hs);
	return GRX_OK;
}
