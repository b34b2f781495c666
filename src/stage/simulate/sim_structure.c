/* SPDX-License-Identifier: GPL-3.0-or-later
 * sim_structure.c -- --structure: two haplotypes laid together from pieces of the reference, with small
 * variants on single copies. Invariant: every piece lies within one window and on letters other than N;
 * windows that a piece touches carry reads of these haplotypes only and are not confident. */
#include <stdlib.h>
#include <string.h>

#include "base/ctx.h"
#include "io/text.h"
#include "stage/simulate/simulate_int.h"

struct piece {
	int hap; /* 0, 1 */
	int64_t order, beg, end, line;
	size_t win;
	const char *name;
	struct sim_donor d; /* its variants on haplotype 0 */
};

struct layout {
	struct sim_world *w;
	struct piece *v;
	size_t n, cap;
};

/* ---- tables ---- */

static int bad(struct grx_ctx *cx, const struct grx_table *t, const char *what)
{
	return grx_fail(
		cx, GRX_E_DATA, "%s:%lld: %s", grx_table_path(t), (long long)grx_table_lineno(t), what);
}

static int haplotype(struct grx_ctx *cx, const struct grx_table *t, int col, int *out)
{
	const char *s = grx_table_get(t, col);

	if (strcmp(s, "1") && strcmp(s, "2"))
		return bad(cx, t, "haplotype must be 1 or 2");
	*out = s[0] - '1';
	return GRX_OK;
}

static int contig(
	struct grx_ctx *cx, const struct sim_world *w, const struct grx_table *t, int col, int32_t *tid)
{
	*tid = grx_contigs_find(w->contigs, grx_table_get(t, col));
	if (*tid >= 0)
		return GRX_OK;
	return grx_fail(cx, GRX_E_DATA, "%s:%lld: no contig '%s' in the reference", grx_table_path(t),
		(long long)grx_table_lineno(t), grx_table_get(t, col));
}

/* The window that holds [x->beg, x->end) without N. */
static int within(struct grx_ctx *cx, const struct sim_world *w, const struct grx_table *t, int32_t tid,
	struct piece *x)
{
	size_t k;

	if (x->beg < 0 || x->end <= x->beg)
		return bad(cx, t, "begin must be less than end, and 0 at least");
	for (k = 0; k < w->n_win; k++)
		if (w->win[k].tid == tid && w->win[k].beg <= x->beg && x->end <= w->win[k].end)
			break;
	if (k == w->n_win)
		return bad(
			cx, t, "the segment does not lie within one region of the simulation (see --region)");
	if (memchr(w->win[k].seq + (x->beg - w->win[k].beg), 'N', (size_t)(x->end - x->beg)))
		return bad(cx, t, "the reference has N within the segment");
	x->win = k;
	return GRX_OK;
}

static int piece_row(void *arg, struct grx_ctx *cx, struct grx_table *t, const int *col)
{
	struct layout *s = arg;
	struct piece x = {.line = grx_table_lineno(t)};
	int32_t tid = -1;
	int rc = GRX_E_BUG;

	GRX_TRY(haplotype(cx, t, col[0], &x.hap));
	GRX_TRY(grx_table_i64(cx, t, col[1], &x.order));
	GRX_TRY(contig(cx, s->w, t, col[2], &tid));
	GRX_TRY(grx_table_i64(cx, t, col[3], &x.beg));
	GRX_TRY(grx_table_i64(cx, t, col[4], &x.end));
	GRX_TRY(within(cx, s->w, t, tid, &x));
	x.name = grx_arena_printf(s->w->mem, "%s", grx_table_get(t, col[5]));
	if (!x.name || grx_grow(&s->v, &s->cap, s->n + 1, sizeof(x), 0)) {
		rc = grx_fail_nomem(cx, "structure");
		goto out;
	}
	s->v[s->n++] = x;
	rc = GRX_OK;
out:
	return rc;
}

static int by_order(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;

	if (x->hap != y->hap)
		return x->hap - y->hap;
	return (x->order > y->order) - (x->order < y->order);
}

static int read_pieces(struct grx_ctx *cx, const char *path, struct layout *s)
{
	static const char *const names[] = {"haplotype", "order", "contig", "begin", "end", "name"};
	size_t i;
	int rc = grx_table_each(cx, path, names, 6, piece_row, s);

	if (rc)
		return rc;
	if (s->n)
		qsort(s->v, s->n, sizeof(*s->v), by_order);
	for (i = 1; i < s->n; i++)
		if (by_order(&s->v[i - 1], &s->v[i]) == 0)
			return grx_fail(cx, GRX_E_DATA,
				"%s:%lld: haplotype %d has a segment of order %lld already", path,
				(long long)(s->v[i].line > s->v[i - 1].line ? s->v[i].line
									    : s->v[i - 1].line),
				s->v[i].hap + 1, (long long)s->v[i].order);
	if (!s->n || s->v[0].hap != 0 || s->v[s->n - 1].hap != 1)
		return grx_fail(cx, GRX_E_DATA, "%s: both haplotypes need at least one segment", path);
	return GRX_OK;
}

/* ---- variants ---- */

static bool letters_only(const char *s)
{
	return *s && strspn(s, "ACGT") == strlen(s);
}

/* Put a variant on piece x, in order of positions. */
static int variant_put(struct grx_ctx *cx, struct layout *s, const struct grx_table *t, struct piece *x,
	const struct sim_var *v)
{
	const struct sim_win *win = &s->w->win[x->win];
	int64_t len = (int64_t)strlen(v->ref), room = 0;
	size_t i;

	if (v->pos + len > x->end)
		return bad(cx, t, "REF goes beyond the end of its segment");
	if (memcmp(win->seq + (v->pos - win->beg), v->ref, (size_t)len))
		return bad(cx, t, "REF is not what the reference has there");
	for (i = x->d.n; i > 0 && x->d.v[i - 1].pos > v->pos; i--)
		;
	room = i < x->d.n ? x->d.v[i].pos : x->end;
	if ((i > 0 && x->d.v[i - 1].pos + (int64_t)strlen(x->d.v[i - 1].ref) > v->pos) || v->pos + len > room)
		return bad(cx, t, "two variants of one copy overlap");
	if (grx_grow(&x->d.v, &x->d.cap, x->d.n + 1, sizeof(*v), 0))
		return grx_fail_nomem(cx, "structure");
	memmove(&x->d.v[i + 1], &x->d.v[i], (x->d.n - i) * sizeof(*v));
	x->d.v[i] = *v;
	x->d.n++;
	return GRX_OK;
}

static int variant_row(void *arg, struct grx_ctx *cx, struct grx_table *t, const int *col)
{
	struct layout *s = arg;
	struct sim_var v = {.n_alt = 1, .hap = {1, 0}};
	const char **alt = grx_arena_alloc(s->w->mem, 1, sizeof(*alt)), *name = grx_table_get(t, col[1]);
	int hap = 0, n = 0, rc = GRX_E_BUG;
	size_t i;

	v.ref = grx_arena_printf(s->w->mem, "%s", grx_table_get(t, col[4]));
	if (!alt || !v.ref || !(*alt = grx_arena_printf(s->w->mem, "%s", grx_table_get(t, col[5])))) {
		rc = grx_fail_nomem(cx, "structure");
		goto out;
	}
	v.alt = alt;
	GRX_TRY(haplotype(cx, t, col[0], &hap));
	GRX_TRY(contig(cx, s->w, t, col[2], &v.tid));
	GRX_TRY(grx_table_i64(cx, t, col[3], &v.pos));
	v.pos--;
	if (!letters_only(v.ref) || !letters_only(*alt)) {
		rc = bad(cx, t, "REF and ALT must be letters of ACGT");
		goto out;
	}
	for (i = 0; i < s->n; i++) {
		struct piece *x = &s->v[i];

		if (x->hap != hap || strcmp(x->name, name) || s->w->win[x->win].tid != v.tid ||
			v.pos < x->beg || v.pos >= x->end)
			continue;
		GRX_TRY(variant_put(cx, s, t, x, &v));
		n++;
	}
	rc = n ? GRX_OK : bad(cx, t, "no segment of this haplotype and name holds this position");
out:
	return rc;
}

/* ---- haplotypes ---- */

static int piece_hap(struct grx_ctx *cx, const struct layout *s, const struct piece *x, struct sim_hap *out)
{
	const struct sim_win *win = &s->w->win[x->win];
	struct sim_win part = {win->tid, x->beg, x->end, win->seq + (x->beg - win->beg), NULL, false};

	return simulate_hap(cx, &part, &x->d, 0, s->w->mem, out);
}

/* One haplotype from its pieces v[0, n). */
static int join(
	struct grx_ctx *cx, const struct layout *s, const struct piece *v, size_t n, struct sim_hap *out)
{
	struct sim_hap *part = grx_arena_calloc(s->w->mem, n, sizeof(*part));
	size_t i, k;
	int rc = part ? GRX_OK : grx_fail_nomem(cx, "haplotype");

	for (i = 0; i < n && rc == GRX_OK; i++) {
		rc = piece_hap(cx, s, &v[i], &part[i]);
		out->n += part[i].n;
		out->cap_seg += part[i].n_seg;
	}
	if (rc)
		return rc;
	out->seq = grx_arena_alloc(s->w->mem, (size_t)out->n + 1, 1);
	out->seg = grx_arena_alloc(s->w->mem, out->cap_seg, sizeof(*out->seg));
	if (!out->seq || !out->seg)
		return grx_fail_nomem(cx, "haplotype");
	for (i = 0, out->n = 0; i < n; i++) {
		memcpy(out->seq + out->n, part[i].seq, (size_t)part[i].n);
		for (k = 0; k < part[i].n_seg; k++) {
			out->seg[out->n_seg] = part[i].seg[k];
			out->seg[out->n_seg++].hpos += out->n;
		}
		out->n += part[i].n;
	}
	return GRX_OK;
}

int simulate_structure(struct grx_ctx *cx, const struct simulate_opt *o, struct sim_world *w)
{
	static const char *const names[] = {"haplotype", "name", "contig", "pos", "ref", "alt"};
	struct layout s = {.w = w};
	size_t i, first;
	int rc = GRX_E_BUG;

	GRX_TRY(read_pieces(cx, o->structure, &s));
	if (o->structure_variants)
		GRX_TRY(grx_table_each(cx, o->structure_variants, names, 6, variant_row, &s));
	for (first = 0; s.v[first].hap == 0; first++)
		;
	GRX_TRY(join(cx, &s, s.v, first, &w->mosaic[0]));
	GRX_TRY(join(cx, &s, s.v + first, s.n - first, &w->mosaic[1]));
	for (i = 0; i < s.n; i++) {
		struct sim_win *x = &w->win[s.v[i].win];

		x->mosaic = true;
		memset(x->mask, SIM_UNSURE, (size_t)(x->end - x->beg));
	}
	w->structured = true;
	rc = GRX_OK;
out:
	for (i = 0; i < s.n; i++)
		grx_free(s.v[i].d.v);
	grx_free(s.v);
	return rc;
}
