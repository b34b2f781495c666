/* SPDX-License-Identifier: GPL-3.0-or-later
 * cluster.c -- cut the sorted units into clusters that can be matched one by one, and choose how.
 * A cluster ends where no unit, wherever its repeat lets it be written, comes within `gap` bases of the next
 * one. */
#include <stdlib.h>

#include "base/log.h"
#include "stage/compare/compare_int.h"

#define SMALL_SEARCH 1024

static int sort_order(const void *a, const void *b)
{
	const struct compare_unit *x = a, *y = b;
	if (x->tid != y->tid)
		return x->tid < y->tid ? -1 : 1;
	if (x->pos - x->left != y->pos - y->left)
		return x->pos - x->left < y->pos - y->left ? -1 : 1;
	return compare_unit_order(&x, &y);
}

/* Where the change may touch the reference at most, with one base beyond. */
static int64_t reach_end(const struct compare_unit *u)
{
	return u->pos + u->ref_len + u->reach + 1;
}

/* Every unit has its exact twin on the other side: no search needed. */
static bool all_twins(struct compare_unit **u, int n)
{
	if (n & 1)
		return false;
	for (int i = 0; i < n; i += 2) {
		if (u[i]->side == u[i + 1]->side || u[i]->copies != u[i + 1]->copies)
			return false;
		struct compare_unit twin = *u[i + 1];
		const struct compare_unit *p = &twin;
		twin.side = u[i]->side;
		if (compare_unit_order(&u[i], &p))
			return false;
	}
	for (int i = 0; i < n; i++)
		u[i]->mark = COMPARE_TP;
	return true;
}

static int search(struct grx_ctx *cx, struct compare_state *s, struct compare_window *w,
	struct compare_search *se, struct compare_unit **u, int n)
{
	bool fits = false;
	int64_t beg = u[0]->pos - u[0]->left, end = 0;
	for (int i = 0; i < n; i++)
		if (reach_end(u[i]) > end)
			end = reach_end(u[i]);
	qsort(u, (size_t)n, sizeof(*u), compare_unit_order);
	int rc = compare_window_get(cx, cx->fasta, w, u[0]->tid, beg, end);
	if (rc)
		return rc;
	s->n_searched++;
	se->ref = w->seq + (beg - w->beg);
	se->ref_beg = beg;
	se->ref_end = end < w->end ? end : w->end;
	for (int pass = 0; pass < 2 && !fits; pass++) {
		se->max_states = pass == 0 && s->opt->max_states > SMALL_SEARCH ? SMALL_SEARCH
										: s->opt->max_states;
		grx_arena_reset(se->mem);
		rc = compare_match(cx, se, u, n, &fits);
		if (rc)
			return rc;
	}
	if (!fits) {
		s->n_fallback++;
		compare_match_direct(u, n, true, COMPARE_TP);
	}
	return GRX_OK;
}

/* One cluster: u[0..n) in order, without the units that are too long to search. */
static int cluster(struct grx_ctx *cx, struct compare_state *s, struct compare_window *w,
	struct compare_search *se, struct compare_unit **u, int n)
{
	int side[2] = {0, 0}, rc = GRX_OK;
	for (int i = 0; i < n; i++)
		side[u[i]->side]++;
	s->n_cluster++;
	if (!side[0] || !side[1] || all_twins(u, n))
		return GRX_OK;
	rc = search(cx, s, w, se, u, n);
	if (rc)
		return rc;
	compare_match_direct(u, n, false, COMPARE_GT);
	return GRX_OK;
}

static bool is_long(const struct compare_state *s, const struct compare_unit *u)
{
	return u->ref_len > s->opt->max_length || u->alt_len > s->opt->max_length;
}

/* Long alleles by allele alone. */
static int match_long(struct grx_ctx *cx, struct compare_state *s)
{
	size_t n = 0;
	for (size_t i = 0; i < s->units.n; i++)
		s->n_long += is_long(s, &s->units.v[i]);
	struct compare_unit **u = grx_malloc((size_t)s->n_long + 1, sizeof(*u));
	if (!u)
		return grx_fail_nomem(cx, "long alleles");
	for (size_t i = 0; i < s->units.n; i++)
		if (is_long(s, &s->units.v[i]))
			u[n++] = &s->units.v[i];
	for (size_t i = 0, j; i < n; i = j) {
		for (j = i + 1; j < n && u[j]->tid == u[i]->tid; j++)
			;
		compare_match_direct(u + i, (int)(j - i), true, COMPARE_TP);
		compare_match_direct(u + i, (int)(j - i), false, COMPARE_GT);
	}
	grx_free(u);
	return GRX_OK;
}

int compare_match_all(struct grx_ctx *cx, struct compare_state *s)
{
	int rc = GRX_E_BUG;
	struct compare_window w = {0};
	struct compare_search se = {.mem = grx_arena_new()};
	struct compare_unit **u = NULL;
	size_t cap = 0, n = 0;
	int64_t end = 0;

	if (!se.mem)
		return grx_fail_nomem(cx, "haplotype search");
	if (s->units.n > 1)
		qsort(s->units.v, s->units.n, sizeof *s->units.v, sort_order);
	for (size_t i = 0; i < s->units.n; i++) {
		struct compare_unit *x = &s->units.v[i];
		if (is_long(s, x))
			continue;
		if (n && (x->tid != u[0]->tid || x->pos - x->left > end + s->opt->gap)) {
			GRX_TRY(cluster(cx, s, &w, &se, u, (int)n));
			n = 0;
		}
		if (grx_grow(&u, &cap, n + 1, sizeof(*u), INT32_MAX)) {
			rc = grx_fail_nomem(cx, "cluster of variants");
			goto out;
		}
		if (n == 0 || reach_end(x) > end)
			end = reach_end(x);
		u[n++] = x;
	}
	if (n)
		GRX_TRY(cluster(cx, s, &w, &se, u, (int)n));
	GRX_TRY(match_long(cx, s));
	if (s->n_fallback)
		grx_warn(cx, "%lld of %lld clusters were too large to search and were matched by allele",
			(long long)s->n_fallback, (long long)s->n_cluster);
	rc = GRX_OK;
out:
	grx_free(u);
	grx_arena_free(se.mem);
	compare_window_clear(&w);
	return rc;
}
