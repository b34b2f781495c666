/* SPDX-License-Identifier: GPL-3.0-or-later
 * train_rescore.c -- fit the re-scoring model of `genorx call` to labelled records, or test one.
 *
 *   train_rescore fit MODEL.tsv SEED "NOTE" CASE.tsv...    write a model
 *   train_rescore test MODEL.tsv CASE.tsv...               figures of a model on other cases
 *
 * Each table is one case. Number of trees, calibration and threshold come from scores that each case got
 * from a model fitted to the other cases; the model written is fitted to all of them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ctx.h"
#include "base/str.h"
#include "gbt.h"
#include "train_rescore.h"

#define MIN_WRONG 30 /* of either kind, or a type gets no trees */

static const struct gbt_param param = {
	.trees = 150, .depth = 4, .rate = 0.08, .lambda = 4, .min_h = 1.5, .rows = 0.8, .features = 0.6};

struct fitted {
	struct gbt_model m;
	int n_tree;
	double slope, offset, cap, threshold;
};

/* Rows of a type outside of (or, with only, in) a case. */
static int take(const struct rows *d, int type, int not_fold, struct gbt_data *out)
{
	static int8_t mono[CALL_N_FEAT];
	float *x = malloc((d->n + 1) * sizeof(d->v[0].x));
	uint8_t *y = malloc(d->n + 1);
	*out = (struct gbt_data){.n_feat = CALL_N_FEAT, .x = x, .y = y, .mono = mono};
	if (!x || !y)
		return -1;
	for (int i = 0; i < CALL_N_FEAT; i++)
		mono[i] = call_feat_def[i].mono;
	for (size_t i = 0; i < d->n; i++) {
		const struct row *r = &d->v[i];
		if (r->type != type || r->fold == not_fold)
			continue;
		memcpy(x + out->n * CALL_N_FEAT, r->x, sizeof(r->x));
		y[out->n++] = r->wrong;
	}
	return 0;
}

static void give_back(struct gbt_data *g)
{
	free((void *)g->x);
	free((void *)g->y);
}

/* Loss of every number of trees on the rows of a case that the model has not seen. */
static void add_loss(const struct rows *d, int type, int fold, const struct gbt_model *m, double *loss)
{
	for (size_t i = 0; i < d->n; i++) {
		const struct row *r = &d->v[i];
		struct gbt_model one = *m;
		double s = m->base;
		if (r->type != type || r->fold != fold)
			continue;
		for (int k = 0; k <= m->n_tree; k++) {
			double z = r->wrong ? -s : s;
			loss[k] += z > 0 ? z + log1p(exp(-z)) : log1p(exp(z));
			if (k == m->n_tree)
				break;
			one.tree = m->tree + k;
			s += gbt_score(&one, 1, r->x) - one.base;
		}
	}
}

/* A model for each case from the others: number of trees, raw scores, calibration, threshold. */
static int cross_fit(struct rows *d, int type, const struct gbt_param *p, struct fitted *f)
{
	struct gbt_model *m = calloc((size_t)d->n_fold, sizeof(*m));
	double loss[512] = {0};
	int rc = m ? 0 : -1;
	for (int k = 0; k < d->n_fold && rc == 0; k++) {
		struct gbt_data g;
		rc = take(d, type, k, &g);
		if (rc == 0)
			rc = gbt_train(p, &g, &m[k]);
		give_back(&g);
		if (rc == 0)
			add_loss(d, type, k, &m[k], loss);
	}
	for (int k = 1; k <= p->trees; k++)
		f->n_tree = loss[k] < loss[f->n_tree] ? k : f->n_tree;
	for (size_t i = 0; i < d->n && rc == 0; i++)
		if (d->v[i].type == type)
			d->v[i].raw = gbt_score(&m[d->v[i].fold], f->n_tree, d->v[i].x);
	for (int k = 0; m && k < d->n_fold; k++)
		gbt_free(&m[k]);
	free(m);
	return rc;
}

static void calibrate(struct rows *d, int type, struct fitted *f)
{
	double n = 0;
	platt_fit(d, type, &f->slope, &f->offset);
	for (size_t i = 0; i < d->n; i++)
		n += d->v[i].type == type;
	f->cap = floor(10 * log10(n / 3 + 1)); /* no error in n: the rate is below 3 / n with 95 % */
	for (size_t i = 0; i < d->n; i++) {
		struct row *r = &d->v[i];
		if (r->type != type)
			continue;
		r->rs = phred_of_odds(f->slope * r->raw + f->offset);
		r->rs = r->rs > f->cap ? f->cap : r->rs;
	}
	f->threshold = best_threshold(d, type);
}

static int fit_type(struct rows *d, int type, uint64_t seed, struct fitted *f)
{
	struct gbt_param p = param;
	struct gbt_data g;
	size_t wrong = 0;
	int rc = take(d, type, -1, &g);
	p.seed = seed;
	for (size_t i = 0; rc == 0 && i < g.n; i++)
		wrong += g.y[i];
	if (wrong < MIN_WRONG || g.n - wrong < MIN_WRONG)
		p.trees = 0;
	if (rc == 0)
		rc = cross_fit(d, type, &p, f);
	p.trees = f->n_tree;
	if (rc == 0)
		rc = gbt_train(&p, &g, &f->m);
	if (rc == 0)
		calibrate(d, type, f);
	printf("fit\t%s\trecords %zu\twrong %zu\ttrees %d\tthreshold %g\n",
		type == CALL_RS_SNV ? "SNV" : "INDEL", g.n, wrong, f->n_tree, f->threshold);
	give_back(&g);
	return rc;
}

static void put_scalar(FILE *o, const char *type, const char *name, double v)
{
	fprintf(o, "scalar\t%s\t.\t.\t%s\t.\t%.17g\t.\t.\t.\n", type, name, v);
}

static void put_note(FILE *o, const char *type, const char *key, const char *text)
{
	fprintf(o, "note\t%s\t.\t.\t%s\t.\t.\t.\t.\t%s\n", type, key, text);
}

static void put_forest(FILE *o, const char *type, const struct fitted *f)
{
	put_scalar(o, type, "base", f->m.base);
	put_scalar(o, type, "slope", f->slope);
	put_scalar(o, type, "offset", f->offset);
	put_scalar(o, type, "cap", f->cap);
	put_scalar(o, type, "threshold", f->threshold);
	for (int t = 0; t < f->m.n_tree; t++)
		for (int i = 0; i < f->m.tree[t].n; i++) {
			const struct gbt_node *n = &f->m.tree[t].node[i];
			if (n->feat < 0)
				fprintf(o, "leaf\t%s\t%d\t%d\t.\t.\t%.12g\t.\t.\t.\n", type, t, i, n->value);
			else
				fprintf(o, "split\t%s\t%d\t%d\t%s\t%.9g\t%.12g\t%d\t%d\t.\n", type, t, i,
					call_feat_def[n->feat].name, (double)n->cut, n->value, n->left,
					n->right);
		}
}

/* NOTE is KEY=TEXT;KEY=TEXT... */
static int model_write(const char *path, char *note, const struct rows *d, const struct fitted *f)
{
	FILE *o = fopen(path, "w");
	char *part[32];
	int n = grx_split(note, ';', part, 32);
	if (!o) {
		perror(path);
		return -1;
	}
	fprintf(o, "what\ttype\ttree\tnode\tname\tcut\tvalue\tleft\tright\ttext\n");
	for (int i = 0; i < n; i++) {
		char *eq = strchr(part[i], '=');
		if (eq)
			*eq++ = 0;
		put_note(o, ".", part[i], eq ? eq : ".");
	}
	for (int k = 0; k < CALL_RS_N; k++) {
		struct score a = score_at(d, k, -1), b = score_at(d, k, f[k].threshold);
		char text[256];
		snprintf(text, sizeof(text),
			"cases left out in turn: F1 %.5f to %.5f, with decoys %.5f to %.5f (records)", a.f1,
			b.f1, a.f1_all, b.f1_all);
		put_note(o, k == CALL_RS_SNV ? "SNV" : "INDEL", "figures", text);
	}
	for (int i = 0; i < CALL_N_FEAT; i++)
		fprintf(o, "feature\t.\t.\t%d\t%s\t.\t.\t.\t.\t.\n", i, call_feat_def[i].name);
	put_forest(o, "SNV", &f[CALL_RS_SNV]);
	put_forest(o, "INDEL", &f[CALL_RS_INDEL]);
	return fclose(o) ? -1 : 0;
}

static int fit(int argc, char **argv)
{
	struct rows d = {0};
	struct fitted f[CALL_RS_N] = {0};
	int rc = 0;
	for (int i = 5; i < argc && rc == 0; i++)
		rc = rows_read(&d, argv[i]);
	for (int k = 0; k < CALL_RS_N && rc == 0; k++) {
		rc = fit_type(&d, k, strtoull(argv[3], NULL, 10), &f[k]);
		if (rc == 0)
			report(&d, k, f[k].threshold);
	}
	if (rc == 0)
		rc = model_write(argv[2], argv[4], &d, f);
	for (int k = 0; k < CALL_RS_N; k++)
		gbt_free(&f[k].m);
	rows_free(&d);
	return rc;
}

static int test(int argc, char **argv)
{
	struct rows d = {0};
	struct grx_ctx cx = {0};
	struct call_rescore *m = NULL;
	int rc = 0;
	for (int i = 3; i < argc && rc == 0; i++)
		rc = rows_read(&d, argv[i]);
	if (rc == 0 && call_rescore_load(&cx, argv[2], &m) != GRX_OK) {
		fprintf(stderr, "train_rescore: %s: not a model of this program\n", argv[2]);
		rc = -1;
	}
	for (size_t i = 0; rc == 0 && i < d.n; i++)
		d.v[i].rs = call_rescore_rs(m, d.v[i].type, d.v[i].x);
	for (int k = 0; k < CALL_RS_N && rc == 0; k++)
		report(&d, k, call_rescore_threshold(m, (enum call_rescore_type)k));
	call_rescore_free(m);
	rows_free(&d);
	return rc;
}

int main(int argc, char **argv)
{
	if (argc > 6 && strcmp(argv[1], "fit") == 0)
		return fit(argc, argv) ? 1 : 0;
	if (argc > 3 && strcmp(argv[1], "test") == 0)
		return test(argc, argv) ? 1 : 0;
	fprintf(stderr, "usage: train_rescore fit MODEL.tsv SEED NOTE CASE.tsv CASE.tsv...\n"
			"       train_rescore test MODEL.tsv CASE.tsv...\n");
	return 64;
}
