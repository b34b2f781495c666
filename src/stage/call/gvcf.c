/* SPDX-License-Identifier: GPL-3.0-or-later
 * gvcf.c -- reference blocks: runs of positions of one quality band; no usable observation, evidence that
 * does not prefer the reference (GQ 0) and what was skipped are blocks of their own with a no-call.
 * Confidence comes from the counters of the scan: a position of n fragments with a usable base, m of them not
 * the reference, has PL(0/1) = 3.01 n - 25 m. A read that deletes the base, inserts next to it or is clipped
 * there with others is against it. Within a repeat only fragments that span it count, and every gap seen in
 * it counts against it. Where many reads were taken out as foreign, GQ has a limit. Blocks end at shard
 * borders, which depend on the regions alone. */
#include <math.h>
#include <string.h>

#include "stage/call/assemble.h"
#include "stage/call/call_int.h"
#include "stage/call/foreign.h"

#define HALF_PHRED 3.0103 /* a fragment that fits both alleles, phred */
#define GRID_BP    10000  /* blocks end at its multiples, so that shards that do show no difference */
#define MAX_UNIT   6
#define MIN_TRACT  6
#define ALT_COST   25.0 /* evidence that one mismatch of good quality is against hom-ref */
#define MIN_CLIPS  2    /* fragments clipped at one place; one alone is an error of a read's end */
#define FOREIGN    0.2  /* fraction of bases taken out from which on the verdict on them limits GQ */
#define FOREIGN_GQ 20   /* that this verdict is right, phred */

struct band_state {
	int64_t beg;
	double foreign; /* most of the block; 0 below the limit */
	int band, min_dp, gq, pl_hom, ploidy;
	int64_t sum_dp;
};

static int band_of(int gq)
{
	static const int lower[] = {0, 1, 10, 20, 30, 40};
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
	int32_t span = lo < 1 || hi >= len ? 0 : w->depth[lo - 1] - (w->falls[hi] - w->falls[lo - 1]), m = 0,
		most = 0;
	for (int64_t x = lo; x < hi; x++) {
		m += w->gaps[x];
		most = w->contra[x] > most ? w->contra[x] : most;
	}
	m = most > m ? most : m;
	for (int64_t x = lo; x < hi; x++) {
		int32_t n = span > w->unusable[x] ? span - w->unusable[x] : 0;
		e->n[x] = n < e->n[x] ? n : e->n[x];
		e->m[x] = m > e->m[x] ? m : e->m[x];
	}
}

/* Fragments that are clipped at one place do not tell what follows: against the bases at both sides. */
static int clip_evidence(struct call_work *w, struct evidence *e)
{
	struct call_clips c = {0};
	int n_frag, rc = call_clips_collect(w, &c);
	for (size_t i = 0, j; i < c.n && rc == GRX_OK; i = j) {
		j = call_clips_cluster(w, &c, i, &n_frag);
		if (n_frag < MIN_CLIPS)
			continue;
		if (n_frag >=
			CALL_CLIP_FRAGS) /* the cluster counts no further; mates twice is on the safe side */
			n_frag = (int)(j - i);
		for (int64_t p = c.v[i].pos - 1; p <= c.v[j - 1].pos; p++)
			if (p >= w->beg && p < w->end)
				e->m[p - w->beg] += n_frag;
	}
	return rc;
}

static int evidence_make(struct call_work *w, struct evidence *e)
{
	int64_t len = w->end - w->beg;
	e->n = grx_arena_alloc(w->mem, (size_t)len, sizeof(*e->n));
	e->m = grx_arena_alloc(w->mem, (size_t)len, sizeof(*e->m));
	if (!e->n || !e->m)
		return grx_fail_nomem(w->cx, "reference blocks");
	for (int64_t x = 0; x < len; x++) {
		e->n[x] = w->depth[x] - w->unusable[x];
		e->m[x] = w->gaps[x] > w->contra[x] ? w->gaps[x] : w->contra[x];
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
	return clip_evidence(w, e);
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

static int put_int(struct call_work *w, struct grx_var *v, const char *key, int x)
{
	struct grx_field *f = grx_var_fmt_set(w->out, v, key, GRX_T_INT, 1, 1);
	if (!f)
		return grx_fail_nomem(w->cx, "blocks");
	f->v.i[0] = x;
	return GRX_OK;
}

static int put_quality(struct call_work *w, struct grx_var *v, const struct band_state *s)
{
	int rc = put_int(w, v, "GQ", s->gq);
	struct grx_field *pl = grx_var_fmt_set(w->out, v, "PL", GRX_T_INT, s->ploidy == 1 ? 2 : 3, 1);
	if (rc != GRX_OK || !pl)
		return grx_fail_nomem(w->cx, "blocks");
	pl->v.i[0] = 0;
	pl->v.i[1] = s->ploidy == 1 ? s->pl_hom : s->gq;
	if (s->ploidy == 2)
		pl->v.i[2] = s->pl_hom;
	return GRX_OK;
}

static int put_block_info(struct call_work *w, struct grx_var *v, const struct band_state *s, int64_t end)
{
	struct grx_field *f = grx_var_info_set(w->out, v, "END", GRX_T_INT, 1);
	if (f)
		f->v.i[0] = (int32_t)end;
	if (f && s->foreign > 0) {
		f = grx_var_info_set(w->out, v, "FOREIGN", GRX_T_FLOAT, 1);
		if (f)
			f->v.f[0] = (float)(round(s->foreign * 100) / 100);
	}
	return f ? GRX_OK : grx_fail_nomem(w->cx, "blocks");
}

static int put_block(struct call_work *w, struct grx_vars *out, const struct band_state *s, int64_t end)
{
	struct grx_var *v = grx_vars_push(out);
	char ref[2] = {call_ref_at(w, s->beg), 0};
	const char *al[2] = {ref, "<*>"};
	int ploidy = s->ploidy ? s->ploidy : 1, rc = GRX_E_BUG;
	bool nocall = s->ploidy == 0 || s->gq == 0;
	if (!v || grx_var_alleles_set(w->out, v, 2, al) != GRX_OK)
		return grx_fail_nomem(w->cx, "blocks");
	v->tid = w->sh->tid;
	v->pos = s->beg;
	v->rlen = end - s->beg;
	GRX_TRY(put_block_info(w, v, s, end));
	if (grx_var_gt_alloc(w->out, v, ploidy, 1) != GRX_OK)
		return grx_fail_nomem(w->cx, "blocks");
	for (int i = 0; i < ploidy && !nocall; i++)
		v->gt[i] = GRX_GT(0, 0);
	GRX_TRY(put_int(w, v, "DP", (int)((s->sum_dp + (end - s->beg) / 2) / (end - s->beg))));
	GRX_TRY(put_int(w, v, "MIN_DP", s->min_dp));
	w->n->blocks++;
	rc = nocall ? GRX_OK : put_quality(w, v, s);
out:
	return rc;
}

int call_skip_add(struct call_work *w, int64_t beg, int64_t end)
{
	if (beg >= end)
		return GRX_OK;
	if (w->n_skip == w->cap_skip) {
		size_t cap = w->cap_skip ? w->cap_skip * 2 : 16;
		struct call_span64 *p = grx_arena_grow(w->mem, w->skip, w->n_skip, cap, sizeof(*p));
		if (!p)
			return grx_fail_nomem(w->cx, "skipped spans");
		w->skip = p;
		w->cap_skip = cap;
	}
	size_t lo = 0, hi; /* spans [lo, hi) touch the new one */
	while (lo < w->n_skip && w->skip[lo].end < beg)
		lo++;
	for (hi = lo; hi < w->n_skip && w->skip[hi].beg <= end; hi++) {
		beg = w->skip[hi].beg < beg ? w->skip[hi].beg : beg;
		end = w->skip[hi].end > end ? w->skip[hi].end : end;
	}
	memmove(w->skip + lo + 1, w->skip + hi, (w->n_skip - hi) * sizeof(*w->skip));
	w->skip[lo] = (struct call_span64){beg, end};
	w->n_skip = w->n_skip + 1 - (hi - lo);
	return GRX_OK;
}

bool call_skipped(const struct call_work *w, int64_t pos)
{
	size_t lo = 0, hi = w->n_skip;
	while (lo < hi) { /* the first that ends behind pos */
		size_t mid = lo + (hi - lo) / 2;
		if (w->skip[mid].end <= pos)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < w->n_skip && w->skip[lo].beg <= pos;
}

int call_blocks_prepare(struct call_work *w)
{
	struct evidence e;
	int rc = evidence_make(w, &e);
	w->inform = e.n;
	w->against = e.m;
	return rc;
}

/* What a block of this one position would say. */
static struct band_state judge(const struct call_work *w, int64_t p)
{
	const struct evidence e = {w->inform, w->against};
	int64_t x = p - w->beg;
	int dp = w->depth[x] - w->unusable[x];
	struct band_state s = {
		.beg = p, .min_dp = dp, .sum_dp = dp, .ploidy = call_ploidy(w, 0, p), .band = -1};
	double foreign = w->n_frn ? call_foreign_at(w, p) : 0;
	if (foreign >= FOREIGN)
		s.foreign = foreign;
	if (dp == 0 || call_ref_at(w, p) == 'N' || call_skipped(w, p))
		return s;
	confidence(&e, x, s.ploidy, &s.gq, &s.pl_hom);
	if (s.foreign > 0) {
		s.gq = s.gq < FOREIGN_GQ ? s.gq : FOREIGN_GQ;
		s.pl_hom = s.pl_hom < FOREIGN_GQ ? s.pl_hom : FOREIGN_GQ;
	}
	s.band = band_of(s.gq);
	return s;
}

int call_blocks(struct call_work *w, struct grx_vars *out, int64_t beg, int64_t end)
{
	struct band_state s = {.beg = beg};
	int rc = GRX_OK;
	for (int64_t p = beg; p < end && rc == GRX_OK; p++) {
		const struct band_state t = judge(w, p);
		if (p == beg) {
			s = t;
			continue;
		}
		if (t.band != s.band || t.ploidy != s.ploidy || (t.foreign > 0) != (s.foreign > 0) ||
			p % GRID_BP == 0) {
			rc = put_block(w, out, &s, p);
			s = t;
			continue;
		}
		s.min_dp = t.min_dp < s.min_dp ? t.min_dp : s.min_dp;
		s.gq = t.gq < s.gq ? t.gq : s.gq;
		s.pl_hom = t.pl_hom < s.pl_hom ? t.pl_hom : s.pl_hom;
		s.foreign = t.foreign > s.foreign ? t.foreign : s.foreign;
		s.sum_dp += t.sum_dp;
	}
	return rc == GRX_OK && beg < end ? put_block(w, out, &s, end) : rc;
}
