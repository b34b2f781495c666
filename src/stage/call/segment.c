/* SPDX-License-Identifier: GPL-3.0-or-later
 * segment.c -- the reads of a region, cut to what can tell its haplotypes apart, mates joined to fragments.
 * Soft clips are laid out along the reference: they hold what the mapper could not align. What lies beyond
 * the fragment's other end is adapter and left out. */
#include "stage/call/call_hap.h"
#include "stage/call/strerr.h"

#include <string.h>

#define FLANK    30    /* bases of a read beyond the region that are compared */
#define MIN_SEG  8     /* shorter pieces say nothing */
#define MAX_FRAG 16384 /* fragments of a region */
#define LOOK_BP  300   /* a read that starts further right than that has no clip reaching back */

/* Reference range a read may be used on: without adapter, when the fragment is shorter than the read. */
static void fragment_span(const struct grx_read *r, int64_t *beg, int64_t *end)
{
	int64_t len = r->isize < 0 ? -r->isize : r->isize;
	*beg = INT64_MIN;
	*end = INT64_MAX;
	if (!(r->flag & GRX_R_PROPER) || len == 0 || len > r->l_seq || r->mtid != r->tid)
		return;
	if (r->flag & GRX_R_REVERSE)
		*beg = r->mpos;
	else
		*end = r->pos + len;
}

/* What of read a lies within [beg, end) of the reference, clips laid out. */
static bool cut(const struct call_aln *a, int64_t beg, int64_t end, struct call_seg *g)
{
	const struct grx_read *r = a->r;
	int64_t pos = a->ubeg, fb, fe;
	int32_t q = 0, q0 = -1, q1 = -1;
	fragment_span(r, &fb, &fe);
	beg = beg > fb ? beg : fb;
	end = end < fe ? end : fe;
	for (uint32_t i = 0; i < r->n_cigar; i++) {
		int op = GRX_CIG_OP(r->cigar[i]);
		int64_t n = GRX_CIG_LEN(r->cigar[i]);
		bool onref = op == GRX_C_M || op == GRX_C_EQ || op == GRX_C_X || op == GRX_C_S;
		int64_t b = pos < beg ? beg : pos, e = pos + n > end ? end : pos + n;
		if (onref && b < e) {
			if (q0 < 0) {
				q0 = q + (int32_t)(b - pos);
				g->lpos = b;
			}
			q1 = q + (int32_t)(e - pos);
			g->rpos = e;
		}
		pos += onref || op == GRX_C_D || op == GRX_C_N ? n : 0;
		q += GRX_CIG_QUERY(op) ? (int32_t)n : 0;
	}
	if (q0 < 0 || q1 - q0 < MIN_SEG || q1 - q0 > CALL_MAX_HAP || r->qual[0] == 255)
		return false;
	g->n = q1 - q0;
	g->qual = r->qual + q0;
	g->aln = q0; /* for the caller: where it starts in the read */
	return true;
}

/* Copy the bases out of their packing; l_match along. */
static bool unpack(struct call_work *w, const struct call_aln *a, struct call_seg *g)
{
	char *s = grx_arena_alloc(w->tmp, (size_t)g->n, 1);
	g->ll = grx_arena_alloc(w->tmp, CALL_MAX_HAPS * CALL_STR_LEVELS, sizeof(*g->ll));
	if (!s || !g->ll)
		return false;
	g->l_match = 0;
	for (int32_t i = 0; i < g->n; i++) {
		s[i] = grx_nt16[GRX_SEQ_CODE(a->r->seq, g->aln + i)];
		if (s[i] != 'N')
			g->l_match +=
				w->st->l_match[g->qual[i] < CALL_MAX_BASEQ ? g->qual[i] : CALL_MAX_BASEQ];
	}
	g->q = s;
	return true;
}

bool call_capped(const struct call_work *w, const struct call_aln *a, int64_t depth)
{
	int64_t max = w->st->opt.max_depth;
	if (depth <= max)
		return false;
	uint64_t h = a->r->name_hash * 0x9E3779B97F4A7C15u >> 32;
	return h * (uint64_t)depth >= (uint64_t)max << 32;
}

/* The deepest place of the region: its first base may be one that most reads lack. */
static int64_t deepest(const struct call_work *w, const struct call_region *rg, int sample)
{
	int64_t d = 0;
	for (int64_t p = rg->beg - 1; p <= rg->end; p++)
		if (p >= w->beg && p < w->end && call_depth(w, sample, p - w->beg) > d)
			d = call_depth(w, sample, p - w->beg);
	return d;
}

static int64_t longest(const struct call_region *rg)
{
	int64_t m = 0;
	for (int i = 0; i < rg->n; i++) {
		int64_t n = rg->a[i].rlen > rg->a[i].alen ? rg->a[i].rlen : rg->a[i].alen;
		m = n > m ? n : m;
	}
	return m;
}

/* The fragment of the mate of a, or -1. */
static int mate_of(const struct call_haps *hs, const struct call_aln *a, int32_t i)
{
	if (a->mate < 0 || a->mate >= i)
		return -1;
	for (int f = hs->n_frag - 1;
		f >= hs->s_beg[call_sample(a)] && hs->seg[hs->frag[f].seg].aln >= a->mate; f--)
		if (hs->seg[hs->frag[f].seg].aln == a->mate)
			return f;
	return -1;
}

static int take(struct call_work *w, struct call_haps *hs, int32_t i, struct call_seg *g)
{
	const struct call_aln *a = &w->aln[i];
	int f = mate_of(hs, a, i), s = hs->n_seg;
	if (!unpack(w, a, g))
		return grx_fail_nomem(w->cx, "reads of a region");
	g->aln = i;
	g->sample = call_sample(a);
	hs->seg[hs->n_seg++] = *g;
	if (f >= 0)
		hs->frag[f].seg2 = s;
	else
		hs->frag[hs->n_frag++] = (struct call_frag){.seg = s, .seg2 = -1, .sample = call_sample(a)};
	return GRX_OK;
}

int call_segments(struct call_work *w, struct call_haps *hs)
{
	const struct call_region *rg = hs->rg;
	int64_t far = FLANK + longest(rg);
	int64_t beg = rg->lo - far > rg->left ? rg->lo - far : rg->left;
	int64_t end = rg->hi + far < rg->right ? rg->hi + far : rg->right;
	int32_t first = call_reads_first(w, rg->beg - 1), n = 0;
	struct call_seg g;
	int rc = GRX_OK;
	for (int32_t i = first; i < w->n_aln && w->aln[i].pos <= rg->end + LOOK_BP; i++)
		n++;
	hs->seg = grx_arena_alloc(w->tmp, (size_t)n + 1, sizeof(*hs->seg));
	hs->frag = grx_arena_alloc(w->tmp, (size_t)n + 1, sizeof(*hs->frag));
	hs->s_beg = grx_arena_calloc(w->tmp, (size_t)hs->n_sample + 1, sizeof(*hs->s_beg));
	if (!hs->seg || !hs->frag || !hs->s_beg)
		return grx_fail_nomem(w->cx, "reads of a region");
	for (int s = 0; s < hs->n_sample && rc == GRX_OK; s++) {
		int64_t depth = deepest(w, rg, s);
		hs->s_beg[s] = hs->n_frag;
		for (int32_t i = first; i < first + n && rc == GRX_OK; i++) {
			const struct call_aln *a = &w->aln[i];
			if (call_sample(a) != s || a->uend < rg->beg || a->ubeg > rg->end)
				continue;
			if (call_capped(w, a, depth) || hs->n_frag - hs->s_beg[s] == MAX_FRAG) {
				hs->n_capped++;
				continue;
			}
			if (cut(a, beg, end, &g) && g.rpos >= rg->beg && g.lpos <= rg->end)
				rc = take(w, hs, i, &g);
		}
	}
	hs->s_beg[hs->n_sample] = hs->n_frag;
	return rc;
}
