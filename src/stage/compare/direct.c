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

void compare_match_direct(
	struct compare_unit **u, int n, bool same_gt, enum compare_mark mark, uint32_t *n_seg)
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
			u[i]->seg = u[j]->seg = ++*n_seg;
			break;
		}
	}
}
