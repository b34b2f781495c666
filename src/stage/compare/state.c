/* SPDX-License-Identifier: GPL-3.0-or-later
 * state.c -- states of the haplotype search: replay of units on the two copies, order and equality of states.
 */
#include <string.h>

#include "base/str.h"
#include "stage/compare/match.h"

/* Write n bases on one side; false when the sides disagree. */
static bool write_bases(struct compare_replay *r, struct compare_copy *c, int side, const char *s, int32_t n)
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
	char *p = grx_arena_alloc(r->mem, (size_t)(c->n + n), 1);
	if (!p) {
		r->oom = true;
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
static bool extend(struct compare_replay *r, struct compare_copy *c, int64_t pos)
{
	if (c->n == 0 && c->end[0] == c->end[1] && c->end[0] < pos) {
		c->end[0] = c->end[1] = pos;
		c->ins[0] = c->ins[1] = false;
		return true;
	}
	for (int side = 0; side < 2; side++) {
		if (c->end[side] >= pos)
			continue;
		if (!write_bases(
			    r, c, side, r->ref + (c->end[side] - r->ref_beg), (int32_t)(pos - c->end[side])))
			return false;
		c->end[side] = pos;
		c->ins[side] = false;
	}
	return true;
}

bool compare_node_put(struct compare_replay *r, struct compare_node *x, int k, const struct compare_unit *u)
{
	struct compare_copy *c = &x->c[k];
	if (c->end[u->side] > u->pos || (u->ref_len == 0 && c->ins[u->side]))
		return false;
	if (!write_bases(r, c, u->side, compare_unit_alt(u), u->alt_len))
		return false;
	c->end[u->side] = u->pos + u->ref_len;
	c->ins[u->side] = u->ref_len == 0;
	return true;
}

bool compare_node_advance(struct compare_replay *r, struct compare_node *x, int64_t pos)
{
	bool level = true;
	for (int k = 0; k < 2; k++) {
		const struct compare_copy *c = &x->c[k];
		if (!extend(r, &x->c[k], pos))
			return false;
		level &= c->n == 0 && c->end[0] == pos && c->end[1] == pos && !c->ins[0] && !c->ins[1];
	}
	x->fresh = level;
	if (level) {
		if (x->seg == 1 || x->seg == 2)
			return false;
		x->seg = 0;
	}
	return true;
}

static int copy_cmp(const struct compare_copy *a, const struct compare_copy *b)
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

static uint64_t node_hash(const struct compare_node *x)
{
	uint64_t h = mix(x->seg, x->orient);
	for (int k = 0; k < 2; k++) {
		const struct compare_copy *c = &x->c[k];
		h = mix(h, (uint64_t)c->end[0]);
		h = mix(h, (uint64_t)c->end[1]);
		h = mix(h,
			(uint64_t)c->n << 3 | (uint64_t)c->lead << 2 | (uint64_t)c->ins[0] << 1 | c->ins[1]);
		h = mix(h, c->n ? grx_hash_mem(c->s, (size_t)c->n) : 0);
	}
	return h;
}

/* The same assignment with the names of the copies exchanged. */
static uint32_t turn(uint32_t orient)
{
	return (orient & UINT32_C(0x55555555)) << 1 | (orient >> 1 & UINT32_C(0x55555555));
}

void compare_node_canon(struct compare_node *x)
{
	int d = copy_cmp(&x->c[0], &x->c[1]);
	if (d > 0) {
		struct compare_copy t = x->c[0];
		x->c[0] = x->c[1];
		x->c[1] = t;
	}
	if (d > 0 || (d == 0 && turn(x->orient) < x->orient))
		x->orient = turn(x->orient);
	x->hash = node_hash(x);
}

bool compare_node_same(const struct compare_node *a, const struct compare_node *b)
{
	return a->hash == b->hash && a->seg == b->seg && a->orient == b->orient &&
	       !copy_cmp(&a->c[0], &b->c[0]) && !copy_cmp(&a->c[1], &b->c[1]);
}

bool compare_node_level(const struct compare_node *x)
{
	for (int k = 0; k < 2; k++)
		if (x->c[k].n || x->c[k].end[0] != x->c[k].end[1])
			return false;
	return x->c[0].end[0] == x->c[1].end[0] && x->seg == 0;
}

bool compare_node_twin_copies(const struct compare_node *x)
{
	return x->orient == 0 && !copy_cmp(&x->c[0], &x->c[1]);
}

bool compare_node_better(const struct compare_node *a, const struct compare_node *b)
{
	return a->used != b->used ? a->used > b->used : a->used_truth > b->used_truth;
}
