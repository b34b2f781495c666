/* SPDX-License-Identifier: GPL-3.0-or-later
 * gvcf.c -- reference blocks: runs of positions of one quality band; no coverage, or evidence that does not
 * prefer the reference (GQ 0), is a block of its own with a no-call. Confidence comes from the counters of
 * the scan: a position of n fragments, m of them not the reference, has PL(0/1) = 3.01 n - 25 m. Within a
 * repeat only fragments that span it count, and every gap seen in it counts against it. Blocks end at shard
 * borders, which depend on the regions alone. */
#include "stage/call/call_int.h"

#define HALF_PHRED 3.0103 /* a fragment that fits both alleles, phred */
#define GRID_BP    10000  /* blocks end at its multiples, so that shards that do show no difference */
#define MAX_UNIT   6
#define MIN_TRACT  6
#define ALT_COST   25.0 /* evidence that one mismatch of good quality is against hom-ref */

struct band_state {
	int64_t beg;
	int band, min_dp, gq, pl_hom, ploidy;
	int64_t sum_dp;
};

static int band_of(int gq)
{
	static const int lower[] = {0, 1, 10, 20, 30, 40, 60};
	int b = 0;
	while (b + 1 < (int)(sizeof(lower) / sizeof(*lower)) && gq >= lower[b + 1])
		b++;
	return b;
}

/* Fragments and contrary evidence that count at each position. */
struct evidence {
	int32_t *n, *m;
};

/* A repeat [lo, hi): only fragments that reach beyond both ends tell its length, a gap counts for all of it.
 */
static void tract_evidence(const struct call_work *w, struct evidence *e, int64_t lo, int64_t hi)
{
	int64_t len = w->end - w->beg;
	int32_t n = lo < 1 || hi >= len ? 0 : w->depth[lo - 1] - (w->falls[hi] - w->falls[lo - 1]), m = 0;
	for (int64_t x = lo; x < hi; x++)
		m += w->gaps[x];
	for (int64_t x = lo; x < hi; x++) {
		e->n[x] = n < e->n[x] ? n : e->n[x];
		e->m[x] = m > e->m[x] ? m : e->m[x];
	}
}

static int evidence_make(const struct call_work *w, struct evidence *e)
{
	int64_t len = w->end - w->beg;
	e->n = grx_arena_alloc(w->mem, (size_t)len, sizeof(*e->n));
	e->m = grx_arena_alloc(w->mem, (size_t)len, sizeof(*e->m));
	if (!e->n || !e->m)
		return grx_fail_nomem(w->cx, "reference blocks");
	for (int64_t x = 0; x < len; x++) {
		e->n[x] = w->depth[x];
		e->m[x] = w->gaps[x];
	}
	for (int64_t u = 1; u <= MAX_UNIT; u++)
		for (int64_t x = u, b = 0; x <= len; x++) {
			if (x < len && w->rcode[x] == w->rcode[x - u])
				continue;
			if (x - b >= MIN_TRACT && x - b >= 3 * u)
				tract_evidence(w, e, b, x);
			b = x - u + 1;
		}
	for (int64_t x = 0; x < len; x++) {
		const uint16_t *c = &w->mm[x * 4];
		e->m[x] += c[0] + c[1] + c[2] + c[3];
	}
	return GRX_OK;
}

static void confidence(const struct evidence *e, int64_t x, int ploidy, int *gq, int *pl_hom)
{
	double n = e->n[x], m = e->m[x];
	if (m > n)
		m = n;
	double hom = (n - m) * ALT_COST - m * ALT_COST, het = HALF_PHRED * n - m * ALT_COST;
	double q = ploidy == 1 ? hom : het;
	*gq = q < 0 ? 0 : q > 99 ? 99 : (int)q;
	*pl_hom = hom < 0 ? 0 : hom > 9999 ? 9999 : (int)hom;
}

static int put_block(struct call_work *w, struct grx_vars *out, const struct band_state *s, int64_t end)
{
	struct grx_var *v = grx_vars_push(out);
	char ref[2] = {call_ref_at(w, s->beg), 0};
	const char *al[2] = {ref, "<*>"};
	int ploidy = s->ploidy ? s->ploidy : 1;
	bool nocall = s->min_dp == 0 || s->ploidy == 0 || s->gq == 0;
	if (!v || grx_var_alleles_set(w->out, v, 2, al) != GRX_OK)
		return grx_fail_nomem(w->cx, "blocks");
	v->tid = w->sh->tid;
	v->pos = s->beg;
	v->rlen = end - s->beg;
	struct grx_field *f = grx_var_info_set(w->out, v, "END", GRX_T_INT, 1);
	if (!f || grx_var_gt_alloc(w->out, v, ploidy, 1) != GRX_OK)
		return grx_fail_nomem(w->cx, "blocks");
	f->v.i[0] = (int32_t)end;
	for (int i = 0; i < ploidy && !nocall; i++)
		v->gt[i] = GRX_GT(0, 0);
	struct grx_field *dp = grx_var_fmt_set(w->out, v, "DP", GRX_T_INT, 1, 1);
	if (!dp)
		return grx_fail_nomem(w->cx, "blocks");
	dp->v.i[0] = (int32_t)((s->sum_dp + (end - s->beg) / 2) / (end - s->beg));
	struct grx_field *md = grx_var_fmt_set(w->out, v, "MIN_DP", GRX_T_INT, 1, 1);
	if (!md)
		return grx_fail_nomem(w->cx, "blocks");
	md->v.i[0] = s->min_dp;
	w->n->blocks++;
	if (nocall)
		return GRX_OK;
	struct grx_field *gq = grx_var_fmt_set(w->out, v, "GQ", GRX_T_INT, 1, 1);
	struct grx_field *pl = gq ? grx_var_fmt_set(w->out, v, "PL", GRX_T_INT, ploidy == 1 ? 2 : 3, 1)
				  : NULL;
	if (!pl)
		return grx_fail_nomem(w->cx, "blocks");
	grx_var_fmt(v, "GQ")->v.i[0] = s->gq;
	pl->v.i[0] = 0;
	pl->v.i[1] = ploidy == 1 ? s->pl_hom : s->gq;
	if (ploidy == 2)
		pl->v.i[2] = s->pl_hom;
	return GRX_OK;
}

int call_blocks_prepare(struct call_work *w)
{
	struct evidence e;
	int rc = evidence_make(w, &e);
	w->inform = e.n;
	w->against = e.m;
	return rc;
}

int call_blocks(struct call_work *w, struct grx_vars *out, int64_t beg, int64_t end)
{
	struct band_state s = {.beg = beg, .band = -2};
	struct evidence e = {w->inform, w->against};
	int rc = GRX_OK;
	for (int64_t p = beg; p < end && rc == GRX_OK; p++) {
		int64_t x = p - w->beg;
		int gq, hom, dp = w->depth[x], ploidy = call_ploidy(w, 0, p);
		confidence(&e, x, ploidy, &gq, &hom);
		int band = dp == 0 || call_ref_at(w, p) == 'N' ? -1 : band_of(gq);
		if (band != s.band || ploidy != s.ploidy || p % GRID_BP == 0) {
			if (s.band != -2)
				rc = put_block(w, out, &s, p);
			s = (struct band_state){.beg = p,
				.band = band,
				.min_dp = dp,
				.gq = gq,
				.pl_hom = hom,
				.ploidy = ploidy};
		}
		s.min_dp = dp < s.min_dp ? dp : s.min_dp;
		s.gq = gq < s.gq ? gq : s.gq;
		s.pl_hom = hom < s.pl_hom ? hom : s.pl_hom;
		s.sum_dp += dp;
		if (band == -1)
			s.min_dp = 0;
	}
	return rc == GRX_OK && beg < end ? put_block(w, out, &s, end) : rc;
}
