/* SPDX-License-Identifier: GPL-3.0-or-later
 * readsrc_merge.c -- reads of several files or samples in one order: position, sample, file, place in the
 * file. A stable merge sort of indices over the ascending runs that the files are: few passes for few files.
 */
#include <string.h>

#include "io/readsrc_int.h"

static bool before(const struct grx_read *v, uint32_t a, uint32_t b)
{
	return v[a].pos != v[b].pos ? v[a].pos < v[b].pos : v[a].sample < v[b].sample;
}

/* End of the ascending run that starts at i. */
static size_t run_end(const struct grx_read *v, const uint32_t *o, size_t i, size_t n)
{
	for (i++; i < n && !before(v, o[i], o[i - 1]); i++)
		;
	return i;
}

/* Merge [a, b) and [b, c) of `from` into `to`. */
static void merge2(const struct grx_read *v, const uint32_t *from, uint32_t *to, const size_t cut[3])
{
	size_t i = cut[0], j = cut[1], k = cut[0];

	while (i < cut[1] && j < cut[2])
		to[k++] = before(v, from[j], from[i]) ? from[j++] : from[i++];
	while (i < cut[1])
		to[k++] = from[i++];
	while (j < cut[2])
		to[k++] = from[j++];
}

/* Sort order[0..n) by the reads it points to; *out is order or tmp. */
static void sort_runs(const struct grx_read *v, uint32_t *order, uint32_t *tmp, size_t n, uint32_t **out)
{
	for (;;) {
		size_t runs = 0, i = 0;

		while (i < n) {
			size_t cut[3] = {i, run_end(v, order, i, n), n};

			if (cut[1] < n)
				cut[2] = run_end(v, order, cut[1], n);
			merge2(v, order, tmp, cut);
			i = cut[2];
			runs++;
		}
		*out = tmp;
		if (runs <= 1)
			return;
		tmp = order;
		order = *out;
	}
}

static int order_make(struct grx_ctx *cx, struct rs_work *w, int n_file, uint32_t **out)
{
	size_t n = w->list.n, k = 0, cap[2] = {w->cap_order, w->cap_order};

	if (n > UINT32_MAX)
		return grx_fail(
			cx, GRX_E_DATA, "more than 4 billion reads in one piece: give a --shard-size");
	for (int i = 0; i < 2; i++)
		if (grx_grow(&w->order[i], &cap[i], n, sizeof(**w->order), 0))
			return grx_fail_nomem(cx, "order of reads");
	w->cap_order = cap[0];
	for (int f = 0; f < n_file; f++)
		for (size_t i = w->part[2 * f]; i < w->part[2 * f + 1]; i++)
			w->order[0][k++] = (uint32_t)i;
	sort_runs(w->list.v, w->order[0], w->order[1], n, out);
	return GRX_OK;
}

static int refused_copy(
	struct grx_ctx *cx, const struct rs_refused *b, struct grx_arena *mem, struct grx_reads *out)
{
	struct grx_refused *r = grx_arena_alloc(mem, b->n, sizeof(*r));
	if (!r)
		return grx_fail_nomem(cx, "refused reads");
	if (b->n)
		memcpy(r, b->v, b->n * sizeof(*r));
	out->refused = r;
	out->n_refused = b->n;
	return GRX_OK;
}

static bool in_order(const struct rs_list *l)
{
	for (size_t i = 1; i < l->n; i++)
		if (l->v[i].sample != l->v[0].sample)
			return false;
	return true;
}

int rs_merge(struct grx_ctx *cx, struct rs_work *w, const struct rs_merge_to *to, struct grx_reads **out)
{
	struct grx_reads *b = grx_arena_calloc(to->mem, 1, sizeof(*b));
	struct rs_list *l = &w->list;
	bool sorted = to->n_file == 1 && in_order(l), lend = sorted && to->lend;
	uint32_t *order = NULL;
	int rc;

	if (!b || (!lend && !(b->v = grx_arena_alloc(to->mem, l->n, sizeof(*b->v)))))
		return grx_fail_nomem(cx, "reads of a shard");
	if (!sorted) {
		rc = order_make(cx, w, to->n_file, &order);
		if (rc)
			return rc;
	}
	if (lend)
		b->v = l->v;
	else if (order)
		for (size_t i = 0; i < l->n; i++)
			b->v[i] = l->v[order[i]];
	else if (l->n)
		memcpy(b->v, l->v, l->n * sizeof(*b->v));
	b->n = b->cap = l->n;
	*out = b;
	return refused_copy(cx, &l->bad, to->mem, b);
}
