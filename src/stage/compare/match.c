/* SPDX-License-Identifier: GPL-3.0-or-later
 * match.c -- haplotype matching in one cluster by dynamic programming over the reference.
 * Both files are replayed onto two copies of the reference. A state says, for each copy, how far each side
 * has been written and which bases one side is ahead of the other; the written parts are equal by
 * construction. Each unit may be left out, or put on one copy (heterozygous; both choices are tried) or on
 * both. States with equal future are merged and the one that used more units is kept; a state dies when the
 * sides disagree. Where both copies are level again the stretch behind must have used units of both sides or
 * of none: changes that cancel out prove nothing. Source: the path search of Cleary et al. 2015 (bioRxiv
 * 023754), written anew as layered dynamic programming. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "stage/compare/compare_int.h"

struct copy {
	int64_t end[2]; /* reference written up to here, by side */
	const char *s;  /* bases that `lead` has written and the other has not */
	int32_t n;
	int8_t lead; /* side ahead; 0 when n == 0 */
	bool ins[2]; /* an insertion sits exactly at end: a second one there has no defined order */
};

struct node {
	struct copy c[2];
	uint64_t hash;
	int32_t parent;
	int32_t used, used_truth;
	uint8_t seg; /* bit side: units of that side used since both copies were level */
	bool took;   /* the unit of this layer was used */
};

struct search {
	const struct compare_search *in;
	struct node *v; /* all layers, one after the other */
	int32_t n, cap;
	int32_t first; /* begin of the layer being built */
	int32_t *slot; /* hash table of that layer: node + 1 */
	uint32_t mask;
	bool oom, full;
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

/* Write n bases on one side; false when the sides disagree. */
static bool write_bases(struct search *se, struct copy *c, int side, const char *s, int32_t n)
{
	if (n == 0)
		return true;
	if (c->n && c->lead != side) {
		int32_t k = n < c->n ? n : c->n;
		if (memcmp(c->s, s, (size_t)k))
			return false;
		c->s += k;
		c->n -= k;
		s += k;
		n -= k;
		if (c->n == 0)
			c->lead = 0;
		if (n == 0)
			return true;
	}
	char *p = grx_arena_alloc(se->in->mem, (size_t)(c->n + n), 1);
	if (!p) {
		se->oom = true;
		return false;
	}
	if (c->n)
		memcpy(p, c->s, (size_t)c->n);
	memcpy(p + c->n, s, (size_t)n);
	c->s = p;
	c->n += n;
	c->lead = (int8_t)side;
	return true;
}

/* Write reference on both sides up to pos. */
static bool extend(struct search *se, struct copy *c, int64_t pos)
{
	const char *ref = se->in->ref;
	if (c->n == 0 && c->end[0] == c->end[1] && c->end[0] < pos) {
		c->end[0] = c->end[1] = pos;
		c->ins[0] = c->ins[1] = false;
		return true;
	}
	for (int side = 0; side < 2; side++) {
		if (c->end[side] >= pos)
			continue;
		if (!write_bases(se, c, side, ref + (c->end[side] - se->in->ref_beg),
			    (int32_t)(pos - c->end[side])))
			return false;
		c->end[side] = pos;
		c->ins[side] = false;
	}
	return true;
}

static bool put_unit(struct search *se, struct copy *c, const struct compare_unit *u)
{
	if (c->end[u->side] > u->pos || (u->ref_len == 0 && c->ins[u->side]))
		return false;
	if (!write_bases(se, c, u->side, compare_unit_alt(u), u->alt_len))
		return false;
	c->end[u->side] = u->pos + u->ref_len;
	c->ins[u->side] = u->ref_len == 0;
	return true;
}

static int copy_cmp(const struct copy *a, const struct copy *b)
{
	for (int s = 0; s < 2; s++)
		if (a->end[s] != b->end[s])
			return a->end[s] < b->end[s] ? -1 : 1;
	if (a->n != b->n)
		return a->n < b->n ? -1 : 1;
	if (a->lead != b->lead)
		return a->lead - b->lead;
	for (int s = 0; s < 2; s++)
		if (a->ins[s] != b->ins[s])
			return (int)a->ins[s] - (int)b->ins[s];
	return a->n ? memcmp(a->s, b->s, (size_t)a->n) : 0;
}

static uint64_t mix(uint64_t h, uint64_t x)
{
	h ^= x + UINT64_C(0x9e3779b97f4a7c15) + (h << 6) + (h >> 2);
	return h * UINT64_C(0xff51afd7ed558ccd);
}

static uint64_t node_hash(const struct node *x)
{
	uint64_t h = x->seg;
	for (int k = 0; k < 2; k++) {
		const struct copy *c = &x->c[k];
		h = mix(h, (uint64_t)c->end[0]);
		h = mix(h, (uint64_t)c->end[1]);
		h = mix(h,
			(uint64_t)c->n << 3 | (uint64_t)c->lead << 2 | (uint64_t)c->ins[0] << 1 | c->ins[1]);
		h = mix(h, c->n ? grx_hash_mem(c->s, (size_t)c->n) : 0);
	}
	return h;
}

static bool better(const struct node *a, const struct node *b)
{
	return a->used != b->used ? a->used > b->used : a->used_truth > b->used_truth;
}

static void table_clear(struct search *se)
{
	memset(se->slot, 0, ((size_t)se->mask + 1) * sizeof *se->slot);
}

/* Add x to the layer, or merge it with its equal. The copies carry no names, so they are kept in order. */
static void add_node(struct search *se, struct node *x)
{
	if (copy_cmp(&x->c[0], &x->c[1]) > 0) {
		struct copy t = x->c[0];
		x->c[0] = x->c[1];
		x->c[1] = t;
	}
	x->hash = node_hash(x);
	uint32_t i = (uint32_t)x->hash & se->mask;
	for (; se->slot[i]; i = (i + 1) & se->mask) {
		struct node *y = &se->v[se->slot[i] - 1];
		if (y->hash == x->hash && y->seg == x->seg && !copy_cmp(&y->c[0], &x->c[0]) &&
			!copy_cmp(&y->c[1], &x->c[1])) {
			if (better(x, y))
				*y = *x;
			return;
		}
	}
	if (se->n == se->cap) {
		se->full = true;
		return;
	}
	se->v[se->n] = *x;
	se->slot[i] = ++se->n;
}

/* Write reference up to pos; false when the state dies. A level state closes its stretch. */
static bool advance(struct search *se, struct node *x, int64_t pos)
{
	bool level = true;
	for (int k = 0; k < 2; k++) {
		if (!extend(se, &x->c[k], pos))
			return false;
		level &= x->c[k].n == 0 && x->c[k].end[0] == pos && x->c[k].end[1] == pos &&
			 !x->c[k].ins[0] && !x->c[k].ins[1];
	}
	if (level) {
		if (x->seg == 1 || x->seg == 2)
			return false;
		x->seg = 0;
	}
	return true;
}

static void try_take(
	struct search *se, const struct node *from, const struct compare_unit *u, unsigned copies)
{
	struct node x = *from;
	for (int k = 0; k < 2; k++)
		if ((copies >> k & 1) && !put_unit(se, &x.c[k], u))
			return;
	x.took = true;
	x.used++;
	x.used_truth += u->side == COMPARE_TRUTH;
	x.seg |= (uint8_t)(1u << u->side);
	add_node(se, &x);
}

static void step(struct search *se, int32_t lo, int32_t hi, const struct compare_unit *u)
{
	se->first = hi;
	table_clear(se);
	for (int32_t i = lo; i < hi && !se->full && !se->oom; i++) {
		struct node x = se->v[i];
		x.parent = i;
		x.took = false;
		if (!advance(se, &x, u->pos))
			continue;
		struct node base = x;
		add_node(se, &x);
		if (u->copies == 2) {
			try_take(se, &base, u, 3);
			continue;
		}
		try_take(se, &base, u, 1);
		if (copy_cmp(&base.c[0], &base.c[1]))
			try_take(se, &base, u, 2);
	}
}

/* Best state of the last layer that is level at the end; -1 if none (cannot be: leaving all out is level). */
static int32_t best_end(struct search *se, int32_t lo, int32_t hi)
{
	int32_t best = -1;
	for (int32_t i = lo; i < hi; i++) {
		struct node x = se->v[i];
		if (!advance(se, &x, se->in->ref_end) || x.seg)
			continue;
		if (x.c[0].n || x.c[1].n)
			continue;
		if (best < 0 || better(&se->v[i], &se->v[best]))
			best = i;
	}
	return best;
}

static int search_init(struct grx_ctx *cx, struct search *se, int64_t start)
{
	int64_t cap = se->in->max_states;
	uint32_t size = 1024;
	while (size < 2 * (uint64_t)cap)
		size <<= 1;
	se->cap = (int32_t)cap;
	se->mask = size - 1;
	se->v = grx_malloc((size_t)cap, sizeof *se->v);
	se->slot = grx_malloc(size, sizeof *se->slot);
	if (!se->v || !se->slot)
		return grx_fail_nomem(cx, "haplotype search");
	se->v[0] = (struct node){.parent = -1};
	for (int k = 0; k < 2; k++)
		se->v[0].c[k].end[0] = se->v[0].c[k].end[1] = start;
	se->n = 1;
	return GRX_OK;
}

int compare_match(
	struct grx_ctx *cx, const struct compare_search *in, struct compare_unit **u, int n, bool *fits)
{
	int rc = GRX_E_BUG;
	struct search se = {.in = in};
	int32_t lo = 0, hi = 1;

	*fits = false;
	GRX_TRY(search_init(cx, &se, in->ref_beg));
	for (int i = 0; i < n; i++) {
		step(&se, lo, hi, u[i]);
		if (se.oom) {
			rc = grx_fail_nomem(cx, "haplotype search");
			goto out;
		}
		if (se.full) {
			rc = GRX_OK;
			goto out;
		}
		lo = hi;
		hi = se.n;
	}
	int32_t at = best_end(&se, lo, hi);
	if (se.oom) {
		rc = grx_fail_nomem(cx, "haplotype search");
		goto out;
	}
	if (at < 0) {
		rc = grx_fail(cx, GRX_E_BUG, "haplotype search lost the reference path at position %lld",
			(long long)in->ref_beg + 1);
		goto out;
	}
	for (int i = n - 1; i >= 0; i--, at = se.v[at].parent)
		if (se.v[at].took)
			u[i]->mark = COMPARE_TP;
	*fits = true;
	rc = GRX_OK;
out:
	grx_free(se.v);
	grx_free(se.slot);
	return rc;
}

/* Base i of the ALT (or REF of a deletion) as the left-aligned form has it: moving left turns the sequence.
 */
static char turned(const struct compare_unit *u, int32_t i)
{
	int32_t n = u->alt_len;
	return compare_unit_alt(u)[u->ref_len ? i : ((i - u->left) % n + n) % n];
}

/* By left-aligned allele, then copies, then side. */
static int allele_cmp(const struct compare_unit *x, const struct compare_unit *y)
{
	if (x->pos - x->left != y->pos - y->left)
		return x->pos - x->left < y->pos - y->left ? -1 : 1;
	if (x->ref_len != y->ref_len)
		return x->ref_len < y->ref_len ? -1 : 1;
	if (x->alt_len != y->alt_len)
		return x->alt_len < y->alt_len ? -1 : 1;
	for (int32_t i = 0; i < x->alt_len; i++) {
		int d = turned(x, i) - turned(y, i);
		if (d)
			return d;
	}
	return 0;
}

static int direct_order(const void *a, const void *b)
{
	const struct compare_unit *x = *(struct compare_unit *const *)a,
				  *y = *(struct compare_unit *const *)b;
	int d = allele_cmp(x, y);
	if (!d)
		d = (int)x->copies - (int)y->copies;
	return d ? d : (int)x->side - (int)y->side;
}

void compare_match_direct(struct compare_unit **u, int n, bool same_gt, enum compare_mark mark)
{
	qsort(u, (size_t)n, sizeof(*u), direct_order);
	for (int i = 0; i < n; i++) {
		if (u[i]->mark != COMPARE_MISS)
			continue;
		for (int j = i + 1; j < n && !allele_cmp(u[i], u[j]); j++) {
			if (u[j]->mark != COMPARE_MISS || u[j]->side == u[i]->side ||
				(same_gt && u[j]->copies != u[i]->copies))
				continue;
			u[i]->mark = u[j]->mark = (uint8_t)mark;
			break;
		}
	}
}
