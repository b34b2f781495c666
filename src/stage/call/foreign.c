/* SPDX-License-Identifier: GPL-3.0-or-later
 * foreign.c -- find windows that may hold reads from elsewhere, judge their fragments, take the foreign out.
 */
#include "stage/call/foreign.h"

#include <string.h>

#include "stage/call/foreign_int.h"

#define BIN       100
#define REACH     500 /* windows are judged this far beyond the core: the middle of any fragment that counts */
#define EXCESS    1.25 /* of the expected depth: half way to one foreign copy */
#define STRETCH   16   /* windows laid out at a time: bounds the memory */
#define ROUNDS    4    /* paralogs of a place */
#define LLR_MIN   3.0  /* nats, of a fragment: odds of 20 */
#define MAX_TIMES 20   /* of the expected depth: beyond it is a pile of a repeat, not a paralog */

struct bins {
	int64_t beg; /* multiple of BIN */
	int64_t n;
	int32_t *cover;     /* fragments: bases, overlaps of mates once */
	int32_t *all, *out; /* aligned bases of reads, and of those taken out */
};

static int64_t floor_to(int64_t x, int64_t unit)
{
	int64_t r = x % unit;
	return x - (r < 0 ? r + unit : r);
}

static void add_span(const struct bins *b, int32_t *to, int64_t beg, int64_t end)
{
	int64_t last = b->beg + b->n * BIN;
	beg = beg < b->beg ? b->beg : beg;
	end = end > last ? last : end;
	while (beg < end) {
		int64_t i = (beg - b->beg) / BIN, stop = b->beg + (i + 1) * BIN;
		stop = stop < end ? stop : end;
		to[i] += (int32_t)(stop - beg);
		beg = stop;
	}
}

static int fill_bins(const struct call_work *w, struct bins *b)
{
	const struct grx_reads *rs = w->sh->reads;
	b->beg = floor_to(w->sh->ref_beg, BIN);
	b->n = (w->sh->ref_end - b->beg) / BIN + 1;
	int32_t *v = grx_arena_calloc(w->mem, (size_t)b->n * 3, sizeof(*v));
	if (!v)
		return grx_fail_nomem(w->cx, "depth");
	b->cover = v, b->all = v + b->n, b->out = v + 2 * b->n;
	for (size_t i = 0; i < rs->n; i++) {
		const struct grx_read *r = &rs->v[i];
		if (!call_frn_usable(w, r))
			continue;
		bool split = (r->flag & GRX_R_PAIRED) && r->mtid == r->tid && r->mpos > r->pos &&
			     r->mpos < r->end;
		add_span(b, b->cover, r->pos, split ? r->mpos : r->end);
	}
	return GRX_OK;
}

static double mean_depth(const struct call_work *w, const struct bins *b, int64_t beg, int64_t end)
{
	beg = beg < b->beg ? b->beg : beg;
	end = end > w->sh->ref_end ? w->sh->ref_end : end;
	int64_t sum = 0;
	for (int64_t p = beg; p < end; p += BIN)
		sum += b->cover[(p - b->beg) / BIN];
	return end > beg ? (double)sum / (double)(end - beg) : 0;
}

/* Cheap and generous: is a closer look worth its cost? */
static bool suspicious(const struct call_work *w, const struct bins *b, int64_t win, double depth)
{
	int64_t beg = win - CALL_FRN_MARGIN, end = win + CALL_FRN_WINDOW + CALL_FRN_MARGIN;
	double wide = mean_depth(w, b, beg, end), near = mean_depth(w, b, win - BIN, win + 3 * BIN);
	return (wide >= EXCESS * depth || near >= EXCESS * depth) && wide <= MAX_TIMES * depth;
}

/* Depth of the native haplotypes together; below 0: a place that is not judged. */
static double native_depth(const struct call_work *w, int64_t win, double depth)
{
	int ploidy = call_ploidy(w, 0, win);
	if (ploidy < 1 ||
		(w->sh->tid >= 0 &&
			strcmp(grx_contig_canonical(grx_contig_name(w->cx->contigs, w->sh->tid)), "MT") == 0))
		return -1;
	return depth * ploidy / 2;
}

struct judge {
	struct frn_stretch s;
	struct frn_view view;
	struct call_frn_ctx ctx;
	struct call_frn_fit fit;
	uint8_t *drop; /* reads of the batch */
	bool any;
};

/* Mark the fragments of the window that are foreign by the fit. */
static void judge_fragments(struct judge *j, int64_t win)
{
	int8_t x[CALL_FRN_COLS];
	for (size_t i = j->view.lo; i < j->view.hi; i++) {
		const struct frn_frag *f = &j->s.frag[i];
		if (f->anchor < win || f->anchor >= win + CALL_FRN_WINDOW ||
			!call_frn_row(&j->s, f, &j->view, x))
			continue;
		if (call_frn_llr(&j->fit, j->ctx.n_col, x) < LLR_MIN)
			continue;
		for (int m = 0; m < 2 && f->row[m] >= 0; m++)
			j->drop[j->s.row[f->row[m]].index] = 1;
		j->any = true;
	}
}

/* Without the foreign rows. */
static void drop_rows(struct call_frn_ctx *c, const struct call_frn_fit *f)
{
	int n = 0;
	for (int i = 0; i < c->n_frag; i++)
		if (call_frn_llr(f, c->n_col, c->x[i]) < LLR_MIN)
			memmove(c->x[n++], c->x[i], sizeof(c->x[i]));
	c->n_frag = n;
}

/* One paralog a round: several may lie on the same place. */
static void judge_window(struct judge *j, int64_t win, double depth)
{
	j->ctx.depth = depth;
	call_frn_context(&j->s, win, &j->view, &j->ctx);
	for (int round = 0; round < ROUNDS && j->ctx.n_col >= 2; round++) {
		call_frn_fit(&j->ctx, &j->fit);
		if (!j->fit.found)
			return;
		judge_fragments(j, win);
		drop_rows(&j->ctx, &j->fit);
	}
}

/* Judge the suspicious windows, neighbours laid out together. */
static int judge_all(struct call_work *w, const struct bins *b, double depth, struct judge *j)
{
	int64_t last = w->sh->end + REACH;
	for (int64_t win = floor_to(w->sh->beg - REACH, CALL_FRN_WINDOW); win <= last;) {
		int64_t to = win;
		double d = 0;
		for (; to <= last && to < win + (int64_t)STRETCH * CALL_FRN_WINDOW; to += CALL_FRN_WINDOW) {
			d = native_depth(w, to, depth);
			if (d < 0 || !suspicious(w, b, to, d))
				break;
		}
		if (to == win) {
			win += CALL_FRN_WINDOW;
			continue;
		}
		int rc = call_frn_gather(w, &j->s, win - CALL_FRN_MARGIN, to + CALL_FRN_MARGIN);
		if (rc != GRX_OK)
			return rc;
		for (; win < to; win += CALL_FRN_WINDOW)
			judge_window(j, win, native_depth(w, win, depth));
	}
	return GRX_OK;
}

/* Take the marked reads out of the alignments. The linear index keeps its meaning as a lower bound. */
static int take_out(struct call_work *w, const uint8_t *drop)
{
	int32_t *to = grx_arena_alloc(w->mem, (size_t)w->n_aln + 1, sizeof(*to)), n = 0;
	const struct grx_read *v = w->sh->reads->v;
	if (!to)
		return grx_fail_nomem(w->cx, "reads");
	for (int32_t i = 0; i < w->n_aln; i++) {
		to[i] = n;
		n += !drop[w->aln[i].r - v];
	}
	to[w->n_aln] = n;
	for (int32_t i = 0; i < w->n_aln; i++) {
		struct call_aln *a = &w->aln[i];
		if (drop[a->r - v])
			continue;
		a->mate = a->mate >= 0 && !drop[w->aln[a->mate].r - v] ? to[a->mate] : -1;
		w->aln[to[i]] = *a;
	}
	for (int32_t k = 0; k < w->n_bin; k++)
		w->first[k] = to[w->first[k]];
	w->n_aln = n;
	return GRX_OK;
}

static int mark_windows(struct call_work *w, struct bins *b, const uint8_t *drop)
{
	const struct grx_reads *rs = w->sh->reads;
	for (size_t i = 0; i < rs->n; i++) {
		if (!call_frn_usable(w, &rs->v[i]))
			continue;
		add_span(b, b->all, rs->v[i].pos, rs->v[i].end);
		if (!drop[i])
			continue;
		add_span(b, b->out, rs->v[i].pos, rs->v[i].end);
		bool owned = rs->v[i].pos >= w->sh->beg && rs->v[i].pos < w->sh->end;
		w->n->foreign += owned;
		w->n->used -= owned;
	}
	struct call_frn_mark *m = grx_arena_alloc(w->mem, (size_t)b->n, sizeof(*m));
	if (!m)
		return grx_fail_nomem(w->cx, "marks");
	w->frn = m;
	for (int64_t k = 0; k < b->n; k++) {
		if (!b->out[k])
			continue;
		int64_t beg = b->beg + k * BIN, end = beg + BIN;
		m[w->n_frn++] = (struct call_frn_mark){beg, (double)b->out[k] / b->all[k]};
		w->n->foreign_regions += beg >= w->sh->beg && beg < w->sh->end && (k == 0 || !b->out[k - 1]);
		beg = beg < w->sh->beg ? w->sh->beg : beg;
		end = end > w->sh->end ? w->sh->end : end;
		w->n->foreign_bases += end > beg ? end - beg : 0;
	}
	return GRX_OK;
}

double call_foreign_at(const struct call_work *w, int64_t pos)
{
	size_t lo = 0, hi = w->n_frn;
	int64_t bin = floor_to(pos, BIN);
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (w->frn[mid].pos < bin)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < w->n_frn && w->frn[lo].pos == bin ? w->frn[lo].fraction : 0;
}

int call_foreign_mark(struct call_work *w, double depth)
{
	struct bins b = {0};
	if (w->n_aln == 0 || depth <= 0)
		return GRX_OK;
	struct judge *j = grx_arena_calloc(w->mem, 1, sizeof(*j));
	uint8_t *drop = grx_arena_calloc(w->mem, w->sh->reads->n + 1, 1);
	if (!j || !drop)
		return grx_fail_nomem(w->cx, "reads from elsewhere");
	j->drop = drop;
	int rc = fill_bins(w, &b);
	if (rc == GRX_OK)
		rc = judge_all(w, &b, depth, j);
	if (rc == GRX_OK && j->any)
		rc = take_out(w, drop);
	if (rc == GRX_OK && j->any)
		rc = mark_windows(w, &b, drop);
	return rc;
}
