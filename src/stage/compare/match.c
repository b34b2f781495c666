/* SPDX-License-Identifier: GPL-3.0-or-later
 * match.c -- haplotype matching in one cluster by dynamic programming over the reference.
 * Each unit may be left out, or put on one copy (heterozygous; both choices are tried unless its phase is to
 * be obeyed) or on both. States with equal future are merged and the one that used more units is kept; a
 * state dies when the sides disagree. Where both copies are level again the stretch behind must have used
 * units of both sides or of none: changes that cancel out prove nothing. Without a beam the result is the
 * best of all choices and phasings; with one, each layer keeps its most promising states and the result is a
 * lower bound. Source: the path search of Cleary et al. 2015 (bioRxiv 023754), written anew as layered
 * dynamic programming. */
#include <stdlib.h>
#include <string.h>

#include "stage/compare/match.h"

/* Empty unless it is of the layer being built: so no layer pays for clearing the table. */
struct slot {
	int32_t layer, node;
};

struct search {
	const struct compare_search *in;
	struct compare_replay r;
	struct compare_node *v; /* all layers, one after the other */
	int32_t n, cap;
	struct slot *slot; /* hash table of the layer being built */
	uint32_t mask;
	int32_t layer; /* from 1 */
	bool full;
};

int compare_unit_order(const void *a, const void *b)
{
	const struct compare_unit *x = *(struct compare_unit *const *)a,
				  *y = *(struct compare_unit *const *)b;
	if (x->pos != y->pos)
		return x->pos < y->pos ? -1 : 1;
	if (x->ref_len != y->ref_len)
		return x->ref_len < y->ref_len ? -1 : 1; /* insertions (0) first */
	if (x->alt_len != y->alt_len)
		return x->alt_len < y->alt_len ? -1 : 1;
	int d = x->alt_len ? memcmp(compare_unit_alt(x), compare_unit_alt(y), (size_t)x->alt_len) : 0;
	if (d)
		return d;
	if (x->copies != y->copies)
		return x->copies < y->copies ? -1 : 1;
	return (int)x->side - (int)y->side;
}

/* Add x to the layer, or merge it with its equal. */
static void add_node(struct search *se, struct compare_node *x)
{
	compare_node_canon(x);
	uint32_t i = (uint32_t)x->hash & se->mask;
	for (; se->slot[i].layer == se->layer; i = (i + 1) & se->mask) {
		struct compare_node *y = &se->v[se->slot[i].node];
		if (compare_node_same(x, y)) {
			if (compare_node_better(x, y))
				*y = *x;
			return;
		}
	}
	if (se->n == se->cap) {
		se->full = true;
		return;
	}
	se->v[se->n] = *x;
	se->slot[i] = (struct slot){se->layer, se->n++};
}

/* Put u on the copies of the bit set; orient is what this says about its phase set. */
static void try_take(struct search *se, const struct compare_node *from, const struct compare_unit *u,
	unsigned copies, uint32_t orient)
{
	struct compare_node x = *from;
	for (int k = 0; k < 2; k++)
		if ((copies >> k & 1) && !compare_node_put(&se->r, &x, k, u))
			return;
	x.took = true;
	x.used++;
	x.used_truth += u->side == COMPARE_TRUTH;
	x.seg |= (uint8_t)(1u << u->side);
	x.orient |= orient;
	add_node(se, &x);
}

static void take_het(struct search *se, const struct compare_node *base, const struct compare_unit *u)
{
	if (u->phase == 0 || u->group < 0) {
		try_take(se, base, u, 1, 0);
		if (!compare_node_twin_copies(base))
			try_take(se, base, u, 2, 0);
		return;
	}
	unsigned shift = 2 * (unsigned)u->group, known = base->orient >> shift & 3;
	for (unsigned o = 1; o <= 2; o++) {
		unsigned copy = (u->phase == 1) == (o == 1) ? 1 : 2;
		if (known == 0 || known == o)
			try_take(se, base, u, copy, (uint32_t)o << shift);
	}
}

/* One layer: leave u out, or take it. */
static void step(struct search *se, int32_t lo, int32_t hi, const struct compare_unit *u)
{
	se->layer++;
	for (int32_t i = lo; i < hi && !se->full && !se->r.oom; i++) {
		struct compare_node x = se->v[i];
		x.parent = i;
		x.took = false;
		if (!compare_node_advance(&se->r, &x, u->pos))
			continue;
		struct compare_node base = x;
		if (se->layer - x.used <= se->in->max_missed)
			add_node(se, &x);
		if (se->in->haploid || u->copies == 2)
			try_take(se, &base, u, 3, 0);
		else
			take_het(se, &base, u);
	}
}

static int64_t ahead(const struct compare_node *x)
{
	return (int64_t)x->c[0].n + x->c[1].n;
}

static int beam_order(const void *a, const void *b)
{
	const struct compare_node *x = a, *y = b;
	if (compare_node_better(x, y) || compare_node_better(y, x))
		return compare_node_better(x, y) ? -1 : 1;
	if (ahead(x) != ahead(y))
		return ahead(x) < ahead(y) ? -1 : 1;
	return (x->hash > y->hash) - (x->hash < y->hash);
}

/* Cut the layer [lo, n) to the beam. The best level state stays whatever its rank: it can always be finished.
 */
static void prune(struct search *se, int32_t lo)
{
	int32_t width = se->in->beam, n = se->n - lo;
	struct compare_node *v = se->v + lo;
	if (n <= width)
		return;
	qsort(v, (size_t)n, sizeof *v, beam_order);
	for (int32_t i = 0; i < n; i++)
		if (compare_node_level(&v[i])) {
			if (i >= width)
				v[width - 1] = v[i];
			break;
		}
	se->n = lo + width;
}

/* Best state of the last layer that is level at the end; -1 if none (cannot be: leaving all out is level). */
static int32_t best_end(struct search *se, int32_t lo, int32_t hi)
{
	int32_t best = -1;
	for (int32_t i = lo; i < hi; i++) {
		struct compare_node x = se->v[i];
		if (!compare_node_advance(&se->r, &x, se->in->ref_end) || x.seg)
			continue;
		if (x.c[0].n || x.c[1].n)
			continue;
		if (best < 0 || compare_node_better(&se->v[i], &se->v[best]))
			best = i;
	}
	return best;
}

static int search_init(struct grx_ctx *cx, struct search *se, int n)
{
	const struct compare_search *in = se->in;
	int64_t cap = in->beam ? ((int64_t)n + 4) * in->beam : in->max_states;
	int64_t layer = in->beam ? 3 * (int64_t)in->beam : cap;
	uint32_t size = 1024;
	if (cap > INT32_MAX)
		return grx_fail(cx, GRX_E_DATA,
			"a cluster of %d variants is too large to compare; lower --max-states", n);
	while (size < 2 * (uint64_t)layer)
		size <<= 1;
	se->cap = (int32_t)cap;
	se->mask = size - 1;
	se->v = grx_malloc((size_t)cap, sizeof *se->v);
	se->slot = grx_calloc(size, sizeof *se->slot);
	if (!se->v || !se->slot)
		return grx_fail_nomem(cx, "haplotype search");
	se->v[0] = (struct compare_node){.parent = -1};
	for (int k = 0; k < 2; k++)
		se->v[0].c[k].end[0] = se->v[0].c[k].end[1] = in->ref_beg;
	se->n = 1;
	return GRX_OK;
}

/* Mark what the path to node `at` used; each stretch between level points gets a number of its own. */
static void trace(struct search *se, int32_t at, struct compare_unit **u, int n)
{
	uint32_t seg = ++*se->in->n_seg;
	for (int i = n - 1; i >= 0; at = se->v[at].parent, i--) {
		if (se->v[at].took) {
			u[i]->mark = (uint8_t)se->in->mark;
			u[i]->seg = seg;
		}
		if (se->v[at].fresh)
			seg = ++*se->in->n_seg;
	}
}

int compare_match(
	struct grx_ctx *cx, const struct compare_search *in, struct compare_unit **u, int n, bool *fits)
{
	int rc = GRX_E_BUG;
	struct search se = {.in = in, .r = {.mem = in->mem, .ref = in->ref, .ref_beg = in->ref_beg}};
	int32_t lo = 0, hi = 1, at = -1;

	*fits = false;
	GRX_TRY(search_init(cx, &se, n));
	for (int i = 0; i < n && !se.full && !se.r.oom; i++) {
		step(&se, lo, hi, u[i]);
		if (in->beam)
			prune(&se, hi);
		lo = hi;
		hi = se.n;
	}
	if (!se.full && !se.r.oom)
		at = best_end(&se, lo, hi);
	if (se.r.oom) {
		rc = grx_fail_nomem(cx, "haplotype search");
		goto out;
	}
	if (!se.full && at < 0 && in->max_missed >= n) {
		rc = grx_fail(cx, GRX_E_BUG, "haplotype search lost the reference path at position %lld",
			(long long)in->ref_beg + 1);
		goto out;
	}
	*fits = !se.full && at >= 0;
	if (*fits)
		trace(&se, at, u, n);
	rc = GRX_OK;
out:
	grx_free(se.v);
	grx_free(se.slot);
	return rc;
}
