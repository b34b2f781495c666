/* SPDX-License-Identifier: GPL-3.0-or-later
 * cluster.c -- cut the sorted units into clusters that can be matched one by one, and choose how.
 * A cluster ends where no unit, wherever its repeat lets it be written, comes within `gap` bases of the next
 * one. Searches in order of cost: none where both sides are equal; exact with few states; a beam or matching
 * by allele, whichever explains more, and within that bound exact with max_states. A bounded result that
 * could not be proved best is counted and warned of. */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "stage/compare/compare_int.h"

#define SMALL_SEARCH 1024

/* Where the change may be written at most. */
static int64_t reach_beg(const struct compare_unit *u)
{
	return u->pos - u->lo;
}

/* One base beyond, so that a state can be level behind it. */
static int64_t reach_end(const struct compare_unit *u)
{
	return u->pos + u->ref_len + u->hi + 1;
}

static int sort_order(const void *a, const void *b)
{
	const struct compare_unit *x = a, *y = b;
	if (x->tid != y->tid)
		return x->tid < y->tid ? -1 : 1;
	if (reach_beg(x) != reach_beg(y))
		return reach_beg(x) < reach_beg(y) ? -1 : 1;
	return compare_unit_order(&x, &y);
}

struct walk {
	struct compare_state *s;
	struct compare_window win;
	struct compare_search se;
};

/* Every unit has its exact twin on the other side: no search needed. */
static bool all_twins(struct compare_state *s, struct compare_unit **u, int n)
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
	for (int i = 0; i < n; i++) {
		s->n_seg += !(i & 1);
		u[i]->mark = COMPARE_TP;
		u[i]->seg = s->n_seg;
	}
	return true;
}

static int set_window(struct grx_ctx *cx, struct walk *w, struct compare_unit **u, int n)
{
	int64_t beg = reach_beg(u[0]), end = 0;
	for (int i = 0; i < n; i++) {
		beg = reach_beg(u[i]) < beg ? reach_beg(u[i]) : beg;
		end = reach_end(u[i]) > end ? reach_end(u[i]) : end;
	}
	int rc = compare_window_get(cx, cx->fasta, &w->win, u[0]->tid, beg, end);
	if (rc)
		return rc;
	w->se.ref = w->win.seq + (beg - w->win.beg);
	w->se.ref_beg = beg;
	w->se.ref_end = end < w->win.end ? end : w->win.end;
	return GRX_OK;
}

/* Number the phase sets of the cluster; beyond 16 the phase is not used, and counted. */
static void number_phases(struct compare_state *s, struct compare_unit **u, int n)
{
	struct {
		int32_t ps;
		uint8_t side;
	} set[COMPARE_MAX_PHASE];
	int n_set = 0;
	for (int i = 0; i < n; i++) {
		int k = 0;
		u[i]->group = -1;
		if (!s->opt->obey_phase || u[i]->phase == 0)
			continue;
		while (k < n_set && (set[k].ps != u[i]->ps || set[k].side != u[i]->side))
			k++;
		if (k == n_set && n_set < COMPARE_MAX_PHASE) {
			set[n_set].ps = u[i]->ps;
			set[n_set++].side = u[i]->side;
		}
		if (k < n_set)
			u[i]->group = (int8_t)k;
		else
			s->n_phase_unused++;
	}
}

static int count_mark(struct compare_unit **u, int n, enum compare_mark mark)
{
	int k = 0;
	for (int i = 0; i < n; i++)
		k += u[i]->mark == mark;
	return k;
}

static void clear_marks(struct compare_unit **u, int n)
{
	for (int i = 0; i < n; i++)
		u[i]->mark = COMPARE_MISS;
}

/* Enough for units that stand alone, few enough to be given up at once. */
static int64_t small_search(const struct compare_state *s, int n)
{
	int64_t k = 8 * (int64_t)n > SMALL_SEARCH ? 8 * (int64_t)n : SMALL_SEARCH;
	return s->opt->max_states < k ? s->opt->max_states : k;
}

static int run_search(struct grx_ctx *cx, struct walk *w, struct compare_unit **u, int n, bool *fits)
{
	grx_arena_reset(w->se.mem);
	return compare_match(cx, &w->se, u, n, fits);
}

/* The better of a beam and of matching by allele; marks it. The beam sets the bound, since what alleles say
 * need not be possible on two copies. */
static int search_bounded(struct grx_ctx *cx, struct walk *w, struct compare_unit **u, int n, bool *by_allele)
{
	uint32_t *n_seg = &w->s->n_seg;
	bool fits;
	compare_match_direct(u, n, true, COMPARE_TP, n_seg);
	int direct = count_mark(u, n, COMPARE_TP);
	clear_marks(u, n);
	qsort(u, (size_t)n, sizeof(*u), compare_unit_order);
	int64_t width = w->s->opt->max_states / n;
	w->se.beam = width < COMPARE_MIN_BEAM ? COMPARE_MIN_BEAM : (int32_t)width;
	int rc = run_search(cx, w, u, n, &fits);
	w->se.beam = 0;
	w->se.max_missed = n - count_mark(u, n, COMPARE_TP);
	*by_allele = direct > n - w->se.max_missed;
	if (rc || !*by_allele)
		return rc;
	clear_marks(u, n);
	compare_match_direct(u, n, true, COMPARE_TP, n_seg);
	return GRX_OK;
}

/* Exact within the bound, or put the marks back. */
static int search_within(struct grx_ctx *cx, struct walk *w, struct compare_unit **u, int n, bool *fits)
{
	struct compare_unit *kept = grx_malloc((size_t)n, sizeof *kept);
	if (!kept)
		return grx_fail_nomem(cx, "haplotype search");
	qsort(u, (size_t)n, sizeof(*u), compare_unit_order);
	for (int i = 0; i < n; i++)
		kept[i] = *u[i];
	clear_marks(u, n);
	int rc = run_search(cx, w, u, n, fits);
	for (int i = 0; i < n && !*fits; i++)
		*u[i] = kept[i];
	grx_free(kept);
	return rc;
}

/* Too many states: a bounded search tells how few units need be left out, and the exact one need not look at
 * states that leave out more. What still does not fit keeps the bounded result, and is counted. */
static int search_dense(struct grx_ctx *cx, struct walk *w, struct compare_unit **u, int n)
{
	struct compare_state *s = w->s;
	bool by_allele, fits = false;
	int rc = search_bounded(cx, w, u, n, &by_allele);
	if (rc)
		return rc;
	w->se.max_states = s->opt->max_states > 64 * (int64_t)n ? s->opt->max_states : 64 * (int64_t)n;
	if (w->se.max_missed == 0 && !by_allele)
		return GRX_OK;
	rc = search_within(cx, w, u, n, &fits);
	s->n_beam += !fits && !by_allele;
	s->n_fallback += !fits && by_allele;
	return rc;
}

static int search(struct grx_ctx *cx, struct walk *w, struct compare_unit **u, int n)
{
	bool fits = false;
	qsort(u, (size_t)n, sizeof(*u), compare_unit_order);
	int rc = set_window(cx, w, u, n);
	if (rc)
		return rc;
	w->s->n_searched++;
	number_phases(w->s, u, n);
	w->se.mark = COMPARE_TP;
	w->se.haploid = false;
	w->se.max_missed = n;
	w->se.max_states = small_search(w->s, n);
	rc = run_search(cx, w, u, n, &fits);
	return rc || fits ? rc : search_dense(cx, w, u, n);
}

/* What is left: the right alleles with the wrong genotype. First equal alleles, then whatever the alleles of
 * one copy can explain, for each of the two alleles that a site may have. */
static int search_alleles(struct grx_ctx *cx, struct walk *w, struct compare_unit **u, int n)
{
	compare_match_direct(u, n, false, COMPARE_GT, &w->s->n_seg);
	w->se.mark = COMPARE_GT;
	w->se.haploid = true;
	w->se.max_states = small_search(w->s, n);
	for (int pass = 0; pass < 2; pass++) {
		int left = 0, side[2] = {0, 0};
		bool fits;
		for (int i = 0; i < n; i++) {
			if (u[i]->mark != COMPARE_MISS)
				continue;
			struct compare_unit *t = u[i];
			u[i] = u[left];
			u[left++] = t;
			side[t->side]++;
		}
		if (!side[0] || !side[1])
			break;
		qsort(u, (size_t)left, sizeof(*u), compare_unit_order);
		w->se.max_missed = left;
		int rc = run_search(cx, w, u, left, &fits);
		if (rc)
			return rc;
		w->s->n_gt_unsearched += !fits;
	}
	return GRX_OK;
}

/* One cluster: u[0..n) in order, without the units that are too long to search. */
static int cluster(struct grx_ctx *cx, struct walk *w, struct compare_unit **u, int n)
{
	int side[2] = {0, 0}, rc = GRX_OK;
	for (int i = 0; i < n; i++)
		side[u[i]->side]++;
	w->s->n_cluster++;
	if (!side[0] || !side[1] || (!w->s->opt->obey_phase && all_twins(w->s, u, n)))
		return GRX_OK;
	rc = search(cx, w, u, n);
	return rc ? rc : search_alleles(cx, w, u, n);
}

static bool is_long(const struct compare_state *s, const struct compare_unit *u)
{
	return u->ref_len > s->opt->max_length || u->alt_len > s->opt->max_length;
}

/* Long alleles by allele alone. */
static int match_long(struct grx_ctx *cx, struct compare_state *s)
{
	size_t n = 0, n_long = 0;
	for (size_t i = 0; i < s->units.n; i++)
		n_long += is_long(s, &s->units.v[i]);
	s->n_long += (int64_t)n_long;
	struct compare_unit **u = grx_malloc(n_long + 1, sizeof(*u));
	if (!u)
		return grx_fail_nomem(cx, "long alleles");
	for (size_t i = 0; i < s->units.n; i++)
		if (is_long(s, &s->units.v[i]))
			u[n++] = &s->units.v[i];
	for (size_t i = 0, j; i < n; i = j) {
		for (j = i + 1; j < n && u[j]->tid == u[i]->tid; j++)
			;
		compare_match_direct(u + i, (int)(j - i), true, COMPARE_TP, &s->n_seg);
		compare_match_direct(u + i, (int)(j - i), false, COMPARE_GT, &s->n_seg);
	}
	grx_free(u);
	return GRX_OK;
}

void compare_warn_dense(struct grx_ctx *cx, const struct compare_state *s)
{
	if (s->n_beam + s->n_fallback)
		grx_warn(cx,
			"%lld of %lld clusters were too dense for the exact search: %lld by beam, %lld by "
			"allele; their true positives are a lower bound (--max-states)",
			(long long)(s->n_beam + s->n_fallback), (long long)s->n_cluster, (long long)s->n_beam,
			(long long)s->n_fallback);
	if (s->n_phase_unused)
		grx_warn(cx,
			"%lld phased genotypes in clusters of more than %d phase sets were read as unphased",
			(long long)s->n_phase_unused, COMPARE_MAX_PHASE);
}

void compare_sort(struct compare_units *us)
{
	if (us->n > 1)
		qsort(us->v, us->n, sizeof *us->v, sort_order);
}

int compare_match_all(struct grx_ctx *cx, struct compare_state *s)
{
	int rc = GRX_E_BUG;
	struct walk w = {.s = s, .se = {.mem = grx_arena_new(), .n_seg = &s->n_seg}};
	struct compare_unit **u = NULL;
	size_t cap = 0, n = 0;
	int64_t end = 0;

	if (!w.se.mem)
		return grx_fail_nomem(cx, "haplotype search");
	compare_sort(&s->units);
	for (size_t i = 0; i < s->units.n; i++) {
		struct compare_unit *x = &s->units.v[i];
		if (is_long(s, x))
			continue;
		if (n && (x->tid != u[0]->tid || reach_beg(x) > end + s->opt->gap)) {
			GRX_TRY(cluster(cx, &w, u, (int)n));
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
		GRX_TRY(cluster(cx, &w, u, (int)n));
	GRX_TRY(match_long(cx, s));
	rc = GRX_OK;
out:
	grx_free(u);
	grx_arena_free(w.se.mem);
	compare_window_clear(&w.win);
	return rc;
}
