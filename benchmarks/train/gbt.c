/* SPDX-License-Identifier: GPL-3.0-or-later
 * gbt.c -- gradient-boosted trees; see gbt.h. */
#include "gbt.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define GRID 1048576.0 /* node values are multiples of 2^-20: sums are exact */

struct work {
	const struct gbt_param *p;
	const struct gbt_data *d;
	uint8_t *bin; /* n x n_feat */
	float *edge;  /* n_feat x GBT_BINS: upper bound of a bin */
	int *n_bin;   /* per feature */
	double *f, *g, *h;
	uint32_t *row, *tmp; /* rows drawn, in order of their node */
	uint8_t *use;        /* features of this tree */
	struct gbt_tree *t;
};

/* Rows [beg, end) of work.row, and what the leaf value may be. */
struct part {
	size_t beg, end;
	int depth;
	double lo, hi;
};

struct split {
	double gain;
	int feat, bin;
	double vl, vr; /* values of the children */
};

static uint64_t mix(uint64_t x)
{
	x += 0x9E3779B97F4A7C15u;
	x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
	x = (x ^ x >> 27) * 0x94D049BB133111EBu;
	return x ^ x >> 31;
}

static bool drawn(uint64_t seed, uint64_t tree, uint64_t i, double fraction)
{
	return (double)(mix(mix(mix(seed) + tree) + i) >> 11) * 0x1p-53 < fraction;
}

static int float_cmp(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;
	return x < y ? -1 : x > y;
}

/* Edges at quantiles of the distinct values; the cut lies midway to the next value. */
static int edges_of(const struct gbt_data *d, int feat, float *v, float *edge)
{
	size_t n = 0;
	int k = 0;
	for (size_t i = 0; i < d->n; i++)
		v[i] = d->x[i * (size_t)d->n_feat + (size_t)feat];
	qsort(v, d->n, sizeof(*v), float_cmp);
	while (n < d->n) {
		size_t want = (size_t)((double)d->n * (k + 1) / GBT_BINS);
		want = want <= n ? n : want;
		while (want + 1 < d->n && v[want + 1] == v[want])
			want++;
		if (want + 1 >= d->n || k == GBT_BINS - 1)
			break;
		edge[k++] = (v[want] + v[want + 1]) / 2;
		n = want + 1;
	}
	edge[k++] = INFINITY;
	return k;
}

static int bin_of(const float *edge, int n, float x)
{
	int lo = 0, hi = n - 1;
	while (lo < hi) {
		int mid = (lo + hi) / 2;
		if (x <= edge[mid])
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

static int bins_make(struct work *w)
{
	const struct gbt_data *d = w->d;
	float *v = malloc((d->n + 1) * sizeof(*v));
	if (!v)
		return -1;
	for (int f = 0; f < d->n_feat; f++) {
		float *e = w->edge + f * GBT_BINS;
		w->n_bin[f] = edges_of(d, f, v, e);
		for (size_t i = 0; i < d->n; i++) {
			size_t k = i * (size_t)d->n_feat + (size_t)f;
			w->bin[k] = (uint8_t)bin_of(e, w->n_bin[f], d->x[k]);
		}
	}
	free(v);
	return 0;
}

static double clamp(double v, double lo, double hi)
{
	return v < lo ? lo : v > hi ? hi : v;
}

static double leaf_value(const struct work *w, double g, double h, const struct part *q)
{
	return clamp(-g / (h + w->p->lambda), q->lo, q->hi);
}

/* Reduction of the loss (second order) by a leaf of this value. */
static double loss_cut(const struct work *w, double g, double h, double v)
{
	return -(g * v + 0.5 * (h + w->p->lambda) * v * v);
}

static void best_split(const struct work *w, const struct part *q, int feat, struct split *best)
{
	double g[GBT_BINS] = {0}, h[GBT_BINS] = {0}, gs = 0, hs = 0, gl = 0, hl = 0;
	for (size_t i = q->beg; i < q->end; i++) {
		uint32_t r = w->row[i];
		int b = w->bin[r * (size_t)w->d->n_feat + (size_t)feat];
		g[b] += w->g[r];
		h[b] += w->h[r];
	}
	for (int b = 0; b < w->n_bin[feat]; b++) {
		gs += g[b];
		hs += h[b];
	}
	double whole = loss_cut(w, gs, hs, leaf_value(w, gs, hs, q));
	for (int b = 0; b + 1 < w->n_bin[feat]; b++) {
		gl += g[b];
		hl += h[b];
		double gr = gs - gl, hr = hs - hl;
		if (hl < w->p->min_h || hr < w->p->min_h)
			continue;
		double vl = leaf_value(w, gl, hl, q), vr = leaf_value(w, gr, hr, q);
		int m = w->d->mono[feat];
		if ((m > 0 && vl > vr) || (m < 0 && vl < vr))
			continue;
		double gain = loss_cut(w, gl, hl, vl) + loss_cut(w, gr, hr, vr) - whole;
		if (gain > best->gain)
			*best = (struct split){gain, feat, b, vl, vr};
	}
}

/* Left rows first, both in their old order. */
static size_t partition(struct work *w, const struct part *q, const struct split *s)
{
	size_t a = q->beg, b = 0;
	for (size_t i = q->beg; i < q->end; i++) {
		uint32_t r = w->row[i];
		if (w->bin[r * (size_t)w->d->n_feat + (size_t)s->feat] <= s->bin)
			w->row[a++] = r;
		else
			w->tmp[b++] = r;
	}
	memcpy(w->row + a, w->tmp, b * sizeof(*w->row));
	return a;
}

/* Grow the tree from a part; its depth is at most 4. Returns the node. */
static int grow(struct work *w, const struct part *q, double value)
{
	int me = w->t->n++;
	struct split s = {.gain = 1e-6, .feat = -1};
	w->t->node[me] = (struct gbt_node){.feat = -1, .value = round(value * w->p->rate * GRID) / GRID};
	for (int f = 0; f < w->d->n_feat && q->depth < w->p->depth; f++)
		if (w->use[f])
			best_split(w, q, f, &s);
	if (s.feat < 0)
		return me;
	struct part l = *q, r = *q;
	double mid = (s.vl + s.vr) / 2;
	int m = w->d->mono[s.feat];
	l.end = r.beg = partition(w, q, &s);
	l.depth = r.depth = q->depth + 1;
	if (m > 0)
		l.hi = r.lo = mid;
	else if (m < 0)
		l.lo = r.hi = mid;
	int left = grow(w, &l, s.vl), right = grow(w, &r, s.vr);
	w->t->node[me].feat = s.feat;
	w->t->node[me].cut = w->edge[s.feat * GBT_BINS + s.bin];
	w->t->node[me].left = left;
	w->t->node[me].right = right;
	return me;
}

static double tree_score(const struct gbt_tree *t, const float *x)
{
	int i = 0;
	while (t->node[i].feat >= 0)
		i = x[t->node[i].feat] <= t->node[i].cut ? t->node[i].left : t->node[i].right;
	return t->node[i].value;
}

static void one_tree(struct work *w, int k)
{
	const struct gbt_data *d = w->d;
	struct part q = {.lo = -8, .hi = 8};
	double gs = 0, hs = 0;
	for (size_t i = 0; i < d->n; i++) {
		double p = 1 / (1 + exp(-w->f[i]));
		w->g[i] = p - d->y[i];
		w->h[i] = p * (1 - p);
		if (!drawn(w->p->seed, (uint64_t)k, i, w->p->rows))
			continue;
		w->row[q.end++] = (uint32_t)i;
		gs += w->g[i];
		hs += w->h[i];
	}
	for (int f = 0; f < d->n_feat; f++)
		w->use[f] = drawn(~w->p->seed, (uint64_t)k, (uint64_t)f, w->p->features);
	w->t->n = 0;
	grow(w, &q, leaf_value(w, gs, hs, &q));
	for (size_t i = 0; i < d->n; i++)
		w->f[i] += tree_score(w->t, d->x + i * (size_t)d->n_feat);
}

static void work_free(struct work *w)
{
	free(w->bin);
	free(w->edge);
	free(w->n_bin);
	free(w->f);
	free(w->g);
	free(w->h);
	free(w->row);
	free(w->tmp);
	free(w->use);
}

static int work_make(struct work *w)
{
	size_t n = w->d->n + 1, nf = (size_t)w->d->n_feat;
	w->bin = malloc(n * nf);
	w->edge = malloc(nf * GBT_BINS * sizeof(*w->edge));
	w->n_bin = malloc(nf * sizeof(*w->n_bin));
	w->f = calloc(n, sizeof(*w->f));
	w->g = malloc(n * sizeof(*w->g));
	w->h = malloc(n * sizeof(*w->h));
	w->row = malloc(n * sizeof(*w->row));
	w->tmp = malloc(n * sizeof(*w->tmp));
	w->use = malloc(nf);
	if (!w->bin || !w->edge || !w->n_bin || !w->f || !w->g || !w->h || !w->row || !w->tmp || !w->use)
		return -1;
	return bins_make(w);
}

int gbt_train(const struct gbt_param *p, const struct gbt_data *d, struct gbt_model *m)
{
	struct work w = {.p = p, .d = d};
	size_t pos = 0;
	*m = (struct gbt_model){.tree = calloc((size_t)p->trees + 1, sizeof(*m->tree))};
	if (!m->tree || work_make(&w)) {
		work_free(&w);
		return -1;
	}
	for (size_t i = 0; i < d->n; i++)
		pos += d->y[i];
	/* half a row of either kind added: finite when one kind is absent */
	m->base = round(log(((double)pos + 0.5) / ((double)(d->n - pos) + 0.5)) * GRID) / GRID;
	for (size_t i = 0; i < d->n; i++)
		w.f[i] = m->base;
	for (; m->n_tree < p->trees; m->n_tree++) {
		w.t = &m->tree[m->n_tree];
		one_tree(&w, m->n_tree);
	}
	work_free(&w);
	return 0;
}

double gbt_score(const struct gbt_model *m, int n_tree, const float *x)
{
	double s = m->base;
	for (int i = 0; i < n_tree && i < m->n_tree; i++)
		s += tree_score(&m->tree[i], x);
	return s;
}

void gbt_free(struct gbt_model *m)
{
	free(m->tree);
	m->tree = NULL;
}
