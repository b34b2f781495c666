/* SPDX-License-Identifier: GPL-3.0-or-later
 * direct.c -- matching by allele: equal left-aligned change, one unit of each side. Used for alleles too long
 * to search, for genotype errors, and as the floor of what a dense cluster must give. */
#include <stdlib.h>

#include "stage/compare/compare_int.h"

/* Base i of the ALT (or REF of a deletion) as the left-aligned form has it: moving left turns the sequence.
 */
static char turned(const struct compare_unit *u, int32_t i)
{
	int32_t n = u->alt_len;
	return compare_unit_alt(u)[u->ref_len ? i : ((i - u->left) % n + n) % n];
}

/* By left-aligned allele. */
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
	if (!d)
		d = (int)x->side - (int)y->side;
	return d ? d : (x->pos > y->pos) - (x->pos < y->pos);
}

/* Pair the units of one group, each with the first free one of the other side after it. What next[] passed
 * is taken or lies before every later unit: linear, also where a file repeats a record many times. */
static void match_group(struct compare_unit **u, int n, enum compare_mark mark, uint32_t *n_seg)
{
	int next[2] = {0, 0};
	for (int i = 0; i < n; i++) {
		int other = !u[i]->side, j = next[other] > i ? next[other] : i + 1;
		if (u[i]->mark != COMPARE_MISS)
			continue;
		while (j < n && (u[j]->mark != COMPARE_MISS || u[j]->side != other))
			j++;
		next[other] = j;
		if (j == n)
			continue;
		u[i]->mark = u[j]->mark = (uint8_t)mark;
		u[i]->seg = u[j]->seg = ++*n_seg;
	}
}

void compare_match_direct(
	struct compare_unit **u, int n, bool same_gt, enum compare_mark mark, uint32_t *n_seg)
{
	qsort(u, (size_t)n, sizeof(*u), direct_order);
	for (int i = 0, k; i < n; i = k) {
		for (k = i + 1; k < n && !allele_cmp(u[i], u[k]); k++)
			if (same_gt && u[k]->copies != u[i]->copies)
				break;
		match_group(u + i, k - i, mark, n_seg);
	}
}
