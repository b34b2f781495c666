/* SPDX-License-Identifier: GPL-3.0-or-later
 * rescore.c -- load and apply the re-scoring model.
 * Thresholds are written with the digits that give the same float back, node values are multiples of 2^-20,
 * so that the sum over trees is exact and in no need of an order. */
#include "stage/call/rescore.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "io/text.h"
#include "stage/call/feature.h"

#define MAX_NODE 100000
#define MAX_TREE 1000
#define MAX_KID  255 /* nodes of a tree are numbered in a byte */
#define LEAF     (-1)

/* 8 bytes, values apart: the nodes of a type stay in the first-level cache. */
struct node {
	float cut;           /* left when x <= cut */
	int16_t feat;        /* LEAF: value is the answer */
	uint8_t left, right; /* index in the tree */
};

struct forest {
	struct node *node;
	double *value; /* of each node */
	size_t n_node, cap_node, cap_value;
	size_t root[MAX_TREE];
	int n_tree;
	double base, slope, offset, cap, threshold;
	unsigned have; /* scalars seen */
};

struct call_rescore {
	struct forest forest[CALL_RS_N];
	int n_feat;
};

enum { C_WHAT, C_TYPE, C_TREE, C_NODE, C_NAME, C_CUT, C_VALUE, C_LEFT, C_RIGHT, C_N };
static const char *const column[C_N] = {
	"what", "type", "tree", "node", "name", "cut", "value", "left", "right"};
static const char *const scalar[] = {"base", "slope", "offset", "cap", "threshold"};
#define N_SCALAR ((int)(sizeof(scalar) / sizeof(*scalar)))

static int row_bad(struct grx_ctx *cx, struct grx_table *t, const char *why)
{
	return grx_fail(cx, GRX_E_DATA, "%s:%lld: %s; the model was not made for this program: re-train it",
		grx_table_path(t), (long long)grx_table_lineno(t), why);
}

static int put_feature(struct call_rescore *m, struct grx_ctx *cx, struct grx_table *t, const int *col)
{
	if (m->n_feat >= CALL_N_FEAT || call_feat_find(grx_table_get(t, col[C_NAME])) != m->n_feat)
		return row_bad(cx, t, "not the next feature");
	m->n_feat++;
	return GRX_OK;
}

static int put_scalar(struct forest *f, struct grx_ctx *cx, struct grx_table *t, const int *col)
{
	double *const to[N_SCALAR] = {&f->base, &f->slope, &f->offset, &f->cap, &f->threshold};
	for (int i = 0; i < N_SCALAR; i++)
		if (strcmp(scalar[i], grx_table_get(t, col[C_NAME])) == 0) {
			if (f->have >> i & 1)
				return row_bad(cx, t, "given twice");
			f->have |= 1u << i;
			return grx_table_f64(cx, t, col[C_VALUE], to[i]);
		}
	return row_bad(cx, t, "unknown scalar");
}

static int read_split(struct grx_ctx *cx, struct grx_table *t, const int *col, struct node *nd)
{
	int64_t left, right;
	double cut;
	int rc = GRX_E_BUG;
	nd->feat = (int16_t)call_feat_find(grx_table_get(t, col[C_NAME]));
	GRX_TRY(grx_table_f64(cx, t, col[C_CUT], &cut));
	GRX_TRY(grx_table_i64(cx, t, col[C_LEFT], &left));
	GRX_TRY(grx_table_i64(cx, t, col[C_RIGHT], &right));
	if (nd->feat < 0 || left < 1 || right < 1 || left > MAX_KID || right > MAX_KID)
		return row_bad(cx, t, "a split without a feature or children");
	nd->cut = (float)cut;
	nd->left = (uint8_t)left;
	nd->right = (uint8_t)right;
	rc = GRX_OK;
out:
	return rc;
}

/* Rows of a tree follow each other, its nodes are numbered from 0. */
static int put_node(struct forest *f, struct grx_ctx *cx, struct grx_table *t, const int *col, bool leaf)
{
	struct node nd = {.feat = LEAF};
	int64_t tree, node;
	double value;
	int rc = GRX_E_BUG;
	GRX_TRY(grx_table_i64(cx, t, col[C_TREE], &tree));
	GRX_TRY(grx_table_i64(cx, t, col[C_NODE], &node));
	GRX_TRY(grx_table_f64(cx, t, col[C_VALUE], &value));
	if (!leaf)
		GRX_TRY(read_split(cx, t, col, &nd));
	if (tree == f->n_tree && node == 0 && tree < MAX_TREE)
		f->root[f->n_tree++] = f->n_node;
	if (tree != f->n_tree - 1 || node != (int64_t)(f->n_node - f->root[tree]))
		return row_bad(cx, t, "not the next node");
	if (!leaf && (nd.left <= node || nd.right <= node))
		return row_bad(cx, t, "a child before its parent");
	rc = grx_grow(&f->node, &f->cap_node, f->n_node + 1, sizeof(*f->node), MAX_NODE);
	if (rc == GRX_OK)
		rc = grx_grow(&f->value, &f->cap_value, f->n_node + 1, sizeof(*f->value), MAX_NODE);
	if (rc != GRX_OK)
		return grx_fail_nomem(cx, "the re-scoring model");
	f->value[f->n_node] = value;
	f->node[f->n_node++] = nd;
out:
	return rc;
}

static int put_row(void *arg, struct grx_ctx *cx, struct grx_table *t, const int *col)
{
	struct call_rescore *m = arg;
	const char *what = grx_table_get(t, col[C_WHAT]), *type = grx_table_get(t, col[C_TYPE]);
	if (strcmp(what, "note") == 0)
		return GRX_OK;
	if (strcmp(what, "feature") == 0)
		return put_feature(m, cx, t, col);
	int k = strcmp(type, "SNV") == 0 ? CALL_RS_SNV : strcmp(type, "INDEL") == 0 ? CALL_RS_INDEL : -1;
	if (k < 0)
		return row_bad(cx, t, "type is neither SNV nor INDEL");
	if (strcmp(what, "scalar") == 0)
		return put_scalar(&m->forest[k], cx, t, col);
	if (strcmp(what, "split") != 0 && strcmp(what, "leaf") != 0)
		return row_bad(cx, t, "unknown kind of row");
	return put_node(&m->forest[k], cx, t, col, what[0] == 'l');
}

/* Children within their own tree; every scalar present. */
static bool complete(const struct forest *f)
{
	for (int i = 0; i < f->n_tree; i++) {
		size_t end = i + 1 < f->n_tree ? f->root[i + 1] : f->n_node;
		for (size_t k = f->root[i]; k < end; k++) {
			const struct node *n = &f->node[k];
			if (n->feat != LEAF &&
				(f->root[i] + (size_t)n->left >= end || f->root[i] + (size_t)n->right >= end))
				return false;
		}
	}
	return f->have == (1u << N_SCALAR) - 1;
}

int call_rescore_load(struct grx_ctx *cx, const char *path, struct call_rescore **out)
{
	struct call_rescore *m = grx_calloc(1, sizeof(*m));
	int rc = GRX_E_BUG;
	if (!m)
		return grx_fail_nomem(cx, "the re-scoring model");
	GRX_TRY(grx_table_each(cx, path, column, C_N, put_row, m));
	if (m->n_feat != CALL_N_FEAT || !complete(&m->forest[CALL_RS_SNV]) ||
		!complete(&m->forest[CALL_RS_INDEL])) {
		rc = grx_fail(cx, GRX_E_DATA,
			"%s: %d of %d features, or a scalar or node is missing: re-train the model", path,
			m->n_feat, CALL_N_FEAT);
		goto out;
	}
	*out = m;
	return GRX_OK;
out:
	call_rescore_free(m);
	return rc;
}

void call_rescore_free(struct call_rescore *m)
{
	if (!m)
		return;
	for (int i = 0; i < CALL_RS_N; i++) {
		grx_free(m->forest[i].node);
		grx_free(m->forest[i].value);
	}
	grx_free(m);
}

/* Log odds of an error; by (may be NULL) gets the share of every feature. */
static double score(const struct forest *f, const float *x, double *by)
{
	double sum = f->base;
	for (int i = 0; i < f->n_tree; i++) {
		const struct node *root = f->node + f->root[i];
		const double *value = f->value + f->root[i];
		int k = 0;
		while (root[k].feat != LEAF) {
			const struct node *n = &root[k];
			int next = x[n->feat] <= n->cut ? n->left : n->right;
			if (by)
				by[n->feat] += value[next] - value[k];
			k = next;
		}
		sum += value[k];
	}
	return sum;
}

double call_rescore_rs(const struct call_rescore *m, enum call_rescore_type type, const float *x)
{
	const struct forest *f = &m->forest[type];
	double s = f->offset + f->slope * score(f, x, NULL);
	/* -10 log10 of the logistic function */
	double rs = 10 / log(10) * (s > 0 ? log1p(exp(-s)) : log1p(exp(s)) - s);
	return rs > f->cap ? f->cap : rs;
}

double call_rescore_threshold(const struct call_rescore *m, enum call_rescore_type type)
{
	return m->forest[type].threshold;
}

void call_rescore_why(const struct call_rescore *m, enum call_rescore_type type, const float *x, int why[2])
{
	double by[CALL_N_FEAT] = {0};
	score(&m->forest[type], x, by);
	why[0] = why[1] = -1;
	for (int i = 0; i < CALL_N_FEAT; i++) {
		if (by[i] <= 0)
			continue;
		if (why[0] < 0 || by[i] > by[why[0]]) {
			why[1] = why[0];
			why[0] = i;
		} else if (why[1] < 0 || by[i] > by[why[1]]) {
			why[1] = i;
		}
	}
}
