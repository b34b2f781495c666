/* SPDX-License-Identifier: GPL-3.0-or-later
 * gbt.h -- gradient-boosted trees for a yes/no answer, with monotone features (training only).
 *
 * Newton boosting of the logistic loss on features cut into at most GBT_BINS quantile bins (Friedman 2001,
 * Ann. Stat. 29:1189; second order and penalty as in Chen & Guestrin 2016, KDD). Deterministic: one thread,
 * rows and features of a tree drawn by a counter-based generator from the seed. */
#ifndef TRAIN_GBT_H
#define TRAIN_GBT_H

#include <stddef.h>
#include <stdint.h>

#define GBT_BINS  64
#define GBT_NODES 31 /* of a tree of depth 4 */

struct gbt_param {
	int trees, depth;
	double rate, lambda;   /* shrinkage; penalty on the square of leaf values */
	double min_h;          /* least sum of p(1-p) of a leaf */
	double rows, features; /* fraction drawn for each tree */
	uint64_t seed;
};

/* n rows of n_feat values, row by row; y 0 or 1; mono as in call_feat_def. Borrowed. */
struct gbt_data {
	size_t n;
	int n_feat;
	const float *x;
	const uint8_t *y;
	const int8_t *mono;
};

struct gbt_node {
	int feat; /* -1: leaf */
	int left, right;
	float cut; /* left when x <= cut */
	double value;
};

struct gbt_tree {
	int n;
	struct gbt_node node[GBT_NODES];
};

struct gbt_model {
	double base; /* log odds before the first tree */
	int n_tree;
	struct gbt_tree *tree;
};

/* 0, or -1 without memory. gbt_free() in both cases. */
int gbt_train(const struct gbt_param *p, const struct gbt_data *d, struct gbt_model *m);
/* Log odds by the first n_tree trees. */
double gbt_score(const struct gbt_model *m, int n_tree, const float *x);
void gbt_free(struct gbt_model *m);

#endif
