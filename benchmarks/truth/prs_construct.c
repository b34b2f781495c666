/* SPDX-License-Identifier: GPL-3.0-or-later
 * prs_construct.c -- a simulated GWAS with LD: how well does each method's score follow the true genetic
 * value in people outside? Haplotypes: a latent AR(1) chain along each LD block, cut at the allele's
 * frequency. Everything is drawn from one seed. usage: prs_construct DIR N_GWAS P_CAUSAL SEED THREADS
 * [METHOD...] */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/str.h"
#include "io/text.h"
#include "math/prob.h"
#include "math/rng.h"
#include "stage/prs/construct.h"

enum { BLOCKS = 20, PER = 150, M = BLOCKS * PER, PANEL = 1000, TEST = 1000 };
#define H2    0.5
#define SCALE 3.0 /* the trait's SD: weights are per copy and in its units */

struct world {
	int n;                /* GWAS people; panel and test people follow */
	int8_t *g;            /* M x (n + PANEL + TEST) copies */
	double f[M], beta[M]; /* effect per copy */
	double *value;        /* true genetic value of everybody */
	int n_causal;
};

static int people(const struct world *w)
{
	return w->n + PANEL + TEST;
}

/* Add one haplotype to person i. */
static void haplotype(struct world *w, const double *cut, const double *rho, int i, struct grx_rng *r)
{
	double z = 0;
	for (int j = 0; j < M; j++) {
		double a = j % PER == 0 ? 0 : rho[j];
		z = a * z + sqrt(1 - a * a) * grx_rng_normal(r, 0, 1);
		w->g[(size_t)j * (size_t)people(w) + (size_t)i] += z < cut[j];
	}
}

static void genotypes(struct world *w, struct grx_rng *r)
{
	static double cut[M], rho[M];
	for (int j = 0; j < M; j++) {
		w->f[j] = 0.05 + 0.9 * grx_rng_uniform(r);
		cut[j] = grx_norm_inv(w->f[j]);
		rho[j] = 0.8 + 0.19 * grx_rng_uniform(r);
	}
	for (int i = 0; i < people(w); i++) {
		haplotype(w, cut, rho, i, r);
		haplotype(w, cut, rho, i, r);
	}
}

static void values(struct world *w, double p_causal, struct grx_rng *r)
{
	double mean = 0, ss = 0;
	int n = people(w);
	for (int j = 0; j < M; j++) {
		if (grx_rng_uniform(r) >= p_causal)
			continue;
		w->n_causal++;
		w->beta[j] = grx_rng_normal(r, 0, 1) / sqrt(2 * w->f[j] * (1 - w->f[j]));
		for (int i = 0; i < n; i++)
			w->value[i] += w->beta[j] * w->g[(size_t)j * (size_t)n + (size_t)i];
	}
	for (int i = 0; i < n; i++)
		mean += w->value[i] / n;
	for (int i = 0; i < n; i++)
		ss += (w->value[i] - mean) * (w->value[i] - mean) / n;
	for (int i = 0; i < n; i++)
		w->value[i] = (w->value[i] - mean) * sqrt(H2 / ss);
}

static int chrom(int j)
{
	return 1 + j / (5 * PER);
}

static int pos(int j)
{
	return 1000000 + j % (5 * PER) * 3000;
}

/* Marginal least squares of every variant. */
static void write_gwas(const struct world *w, const char *path, struct grx_rng *r)
{
	FILE *out = fopen(path, "w");
	double *y = malloc((size_t)w->n * sizeof *y), my = 0, syy = 0;
	for (int i = 0; i < w->n; i++)
		my += (y[i] = SCALE * (w->value[i] + grx_rng_normal(r, 0, sqrt(1 - H2)))) / w->n;
	for (int i = 0; i < w->n; i++)
		syy += (y[i] - my) * (y[i] - my);
	fprintf(out, "chromosome\tbase_pair_location\teffect_allele\tother_allele\tbeta\tstandard_error\t"
		     "effect_allele_frequency\tp_value\tn\n");
	for (int j = 0; j < M; j++) {
		const int8_t *g = w->g + (size_t)j * (size_t)people(w);
		double mg = 0, sgg = 0, sgy = 0;
		for (int i = 0; i < w->n; i++)
			mg += (double)g[i] / w->n;
		for (int i = 0; i < w->n; i++) {
			sgg += (g[i] - mg) * (g[i] - mg);
			sgy += (g[i] - mg) * (y[i] - my);
		}
		double b = sgy / sgg, se = sqrt((syy - b * sgy) / (w->n - 2) / sgg);
		double p = 2 * grx_norm_cdf(-fabs(b / se));
		fprintf(out, "%d\t%d\tA\tG\t%.8g\t%.8g\t%.6g\t%.6g\t%d\n", chrom(j), pos(j), b, se, mg / 2, p,
			w->n);
	}
	free(y);
	fclose(out);
}

static void write_panel(const struct world *w, const char *path)
{
	FILE *out = fopen(path, "w");
	fprintf(out, "##fileformat=VCFv4.2\n##FILTER=<ID=PASS,Description=\"ok\">\n"
		     "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"Genotype\">\n");
	for (int c = 1; c <= chrom(M - 1); c++)
		fprintf(out, "##contig=<ID=%d,length=100000000>\n", c);
	fprintf(out, "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT");
	for (int i = 0; i < PANEL; i++)
		fprintf(out, "\tP%d", i);
	for (int j = 0; j < M; j++) {
		const int8_t *g = w->g + (size_t)j * (size_t)people(w) + w->n;
		fprintf(out, "\n%d\t%d\t.\tG\tA\t.\tPASS\t.\tGT", chrom(j), pos(j));
		for (int i = 0; i < PANEL; i++)
			fputs(g[i] == 0 ? "\t0/0" : g[i] == 1 ? "\t0/1" : "\t1/1", out);
	}
	fputc('\n', out);
	fclose(out);
}

static double correlation(const double *x, const double *y, int n)
{
	double mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
	for (int i = 0; i < n; i++) {
		mx += x[i] / n;
		my += y[i] / n;
	}
	for (int i = 0; i < n; i++) {
		xx += (x[i] - mx) * (x[i] - mx);
		yy += (y[i] - my) * (y[i] - my);
		xy += (x[i] - mx) * (y[i] - my);
	}
	return xx > 0 ? xy / sqrt(xx * yy) : 0;
}

/* Score of test people by column `name` of the weights. */
static int score(struct grx_ctx *cx, const struct world *w, const char *path, const char *name, double *s)
{
	struct grx_table *t;
	bool more = true;
	int used = 0;
	if (grx_table_open(cx, path, true, &t) != 0)
		return -1;
	memset(s, 0, TEST * sizeof *s);
	int cc = grx_table_col(t, "chr_name"), cp = grx_table_col(t, "chr_position"),
	    cw = grx_table_col(t, name);
	while (grx_table_next(cx, t, &more) == 0 && more) {
		int j = (atoi(grx_table_get(t, cc)) - 1) * 5 * PER +
			(atoi(grx_table_get(t, cp)) - 1000000) / 3000;
		double b = strtod(grx_table_get(t, cw), NULL);
		const int8_t *g = w->g + (size_t)j * (size_t)people(w) + w->n + PANEL;
		for (int i = 0; i < TEST; i++)
			s[i] += b * g[i];
		used += b != 0;
	}
	grx_table_close(t);
	return used;
}

/* value, lo, hi of an estimate in the report. */
static void report_item(struct grx_ctx *cx, const char *path, const char *item, char *buf, size_t cap)
{
	struct grx_table *t;
	bool more = true;
	snprintf(buf, cap, "-\t-\t-");
	if (grx_table_open(cx, path, false, &t) != 0)
		return;
	while (grx_table_next(cx, t, &more) == 0 && more)
		if (strcmp(grx_table_get(t, 1), item) == 0 && strcmp(grx_table_get(t, 0), "posterior") == 0)
			snprintf(buf, cap, "%s\t%s\t%s", grx_table_get(t, 2), grx_table_get(t, 3),
				grx_table_get(t, 4));
	grx_table_close(t);
}

/* Part of test people whose true value lies within the central 95 % of their scores under the draws: the
 * intervals of the effects alone. */
static double coverage(struct grx_ctx *cx, const struct world *w, const char *path, int n_draw)
{
	double *s = malloc((size_t)n_draw * TEST * sizeof *s);
	const double *truth = w->value + w->n + PANEL;
	int in = 0;
	for (int k = 0; k < n_draw; k++) {
		char name[32];
		snprintf(name, sizeof name, "draw_%d", k + 1);
		double mean = 0;
		if (score(cx, w, path, name, s + (size_t)k * TEST) < 0)
			return NAN;
		for (int i = 0; i < TEST; i++)
			mean += s[(size_t)k * TEST + (size_t)i] / TEST;
		for (int i = 0; i < TEST; i++)
			s[(size_t)k * TEST + (size_t)i] -= mean;
	}
	double tm = 0;
	for (int i = 0; i < TEST; i++)
		tm += truth[i] / TEST;
	for (int i = 0; i < TEST; i++) {
		double m = 0, v = 0;
		for (int k = 0; k < n_draw; k++)
			m += s[(size_t)k * TEST + (size_t)i] / n_draw;
		for (int k = 0; k < n_draw; k++)
			v += pow(s[(size_t)k * TEST + (size_t)i] - m, 2) / (n_draw - 1);
		in += fabs(SCALE * (truth[i] - tm) - m) <= 1.96 * sqrt(v);
	}
	free(s);
	return (double)in / TEST;
}

/* A method of ours by name; "prscs-published" is prscs with cs_published. */
static void one(struct world *w, const char *dir, const char *label, int threads)
{
	const char *method = grx_starts(label, "prscs") ? "prscs" : label;
	static double s[TEST];
	char sum[256], ld[256], out[256], rep[256], h2[96], p[96], cov[16] = "-";
	struct grx_ctx cx = {.threads = threads, .log = grx_log_new(0, false), .outs = grx_outs_new()};
	struct prs_construct_opt o;
	prs_construct_defaults(&o);
	snprintf(sum, sizeof sum, "%s/gwas.tsv", dir);
	snprintf(ld, sizeof ld, "%s/panel.vcf", dir);
	snprintf(out, sizeof out, "%s/%s.tsv", dir, method);
	snprintf(rep, sizeof rep, "%s/%s.report.tsv", dir, method);
	o.method = method;
	o.sumstats = sum;
	o.ld = ld;
	o.out = out;
	o.report = rep;
	o.cs_published = strcmp(label, "prscs-published") == 0;
	double cpu = grx_cpu_s();
	int rc = prs_construct(&cx, &o);
	cpu = grx_cpu_s() - cpu;
	if (rc == 0)
		rc = grx_outs_commit(&cx);
	if (rc != 0) {
		printf("%s failed: %s\n", method, cx.err.msg);
		exit(1);
	}
	int used = score(&cx, w, out, "effect_weight", s);
	double r = correlation(s, w->value + w->n + PANEL, TEST);
	report_item(&cx, rep, "h2", h2, sizeof h2);
	report_item(&cx, rep, "p_causal", p, sizeof p);
	if (strcmp(method, "ct") != 0 && strcmp(method, "lassosum2") != 0)
		snprintf(cov, sizeof cov, "%.3f", coverage(&cx, w, out, (int)o.n_draw));
	printf("%s\t%.4f\t%d\t%.2f\t%s\t%s\t%s\n", label, r, used, cpu, cov, h2, p);
	grx_outs_free(cx.outs);
	grx_log_free(cx.log);
}

int main(int argc, char **argv)
{
	static const char *const all[] = {
		"ct", "ldpred2-inf", "ldpred2-grid", "ldpred2-auto", "prscs", "prscs-published", "lassosum2"};
	struct world w = {0};
	char path[256];
	if (argc < 6) {
		fprintf(stderr, "usage: prs_construct DIR N_GWAS P_CAUSAL SEED THREADS [METHOD...]\n");
		return 2;
	}
	grx_math_init();
	w.n = atoi(argv[2]);
	w.g = calloc((size_t)M * (size_t)people(&w), 1);
	w.value = calloc((size_t)people(&w), sizeof *w.value);
	struct grx_rng *r = grx_rng_new((uint64_t)atoi(argv[4]), "sim", 0);
	genotypes(&w, r);
	values(&w, atof(argv[3]), r);
	snprintf(path, sizeof path, "%s/gwas.tsv", argv[1]);
	write_gwas(&w, path, r);
	snprintf(path, sizeof path, "%s/panel.vcf", argv[1]);
	write_panel(&w, path);
	printf("#causal\t%d\t%.4f\n", w.n_causal, (double)w.n_causal / M);
	for (int i = 6; i < argc; i++)
		one(&w, argv[1], argv[i], atoi(argv[5]));
	for (size_t i = 0; argc == 6 && i < sizeof all / sizeof *all; i++)
		one(&w, argv[1], all[i], atoi(argv[5]));
	grx_rng_free(r);
	free(w.g);
	free(w.value);
	return 0;
}
