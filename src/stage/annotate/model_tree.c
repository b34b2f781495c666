/* SPDX-License-Identifier: GPL-3.0-or-later
 * model_tree.c -- maxima of blocks of 16, 16^2, ... intervals sorted by their beginning: what ends before a
 * place is passed over in blocks, so that a long gene does not make its neighbours slow.
 * tree holds the levels one after the other; level 0 is the intervals themselves. */
#include "stage/annotate/model_int.h"

#include <string.h>

#define BITS  4
#define BLOCK ((size_t)1 << BITS)

size_t annotate_tree_size(size_t n)
{
	size_t all = 0;
	while (n > 1) {
		n = (n + BLOCK - 1) >> BITS;
		all += n;
	}
	return all;
}

void annotate_tree_make(const void *end, size_t stride, size_t n, int32_t *tree)
{
	const char *p = end; /* of the first */
	size_t m = (n + BLOCK - 1) >> BITS;
	if (n <= 1)
		return;
	for (size_t i = 0; i < m; i++)
		tree[i] = INT32_MIN;
	for (size_t i = 0; i < n; i++) {
		int32_t x;
		memcpy(&x, p + i * stride, sizeof x);
		if (x > tree[i >> BITS])
			tree[i >> BITS] = x;
	}
	annotate_tree_make(tree, sizeof *tree, m, tree + m);
}

/* Elements that may be skipped from i, a multiple of BLOCK: the largest block that starts there and ends
 * before x. */
static size_t skip(size_t n, const int32_t *tree, size_t i, int32_t x)
{
	size_t step = 0;
	n = (n + BLOCK - 1) >> BITS;
	for (int bits = BITS; (i & (((size_t)1 << bits) - 1)) == 0 && tree[i >> bits] < x; bits += BITS) {
		step = (size_t)1 << bits;
		if (n <= 1)
			break;
		tree += n;
		n = (n + BLOCK - 1) >> BITS;
	}
	return step;
}

size_t annotate_tree_next(const struct annotate_ends *v, size_t i, size_t last, int32_t x)
{
	while (i < last) {
		if ((i & (BLOCK - 1)) == 0 && v->n > 1) {
			size_t step = skip(v->n, v->tree, i, x);
			if (step) {
				i += step;
				continue;
			}
		}
		int32_t end;
		memcpy(&end, (const char *)v->end + i * v->stride, sizeof end);
		if (end >= x)
			return i;
		i++;
	}
	return last;
}
