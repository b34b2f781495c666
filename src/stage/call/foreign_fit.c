/* SPDX-License-Identifier: GPL-3.0-or-later
 * foreign_fit.c -- split the fragments of a context into two clusters and weigh whether one is foreign. */
#include "stage/call/foreign.h"

#include <math.h>
#include <string.h>

#define N_ITER    12
#define N_TRY     4
#define N_START   4
#define MOVED_MIN 0.002
#define EVENT_BP  8    /* differences nearer than this are one event: a misplaced indel shows as several */
#define TERM_MIN  1.5  /* a smaller log ratio can come from the two native haplotypes: no evidence */
#define TERM_MAX  4.0  /* no single base is trusted more than an error of 2 % */
#define SPREAD    0.15 /* relative SD of local depth: 0.10 to 0.14 per position in four real libraries */
#define MAP_BIAS  0.05 /* SD of an allele's share beyond counting */
#define FRAG_SPAN 300  /* aligned bases of a fragment, for the number of independent ones */
#define N_MORE    4
#define N_COPY    6 /* foreign haplotypes: 1 to 6 */

#define LOG_PRIOR  (-4.6) /* ln 0.01: the share of a genome where reads of missing paralogs are found */
#define THETA      1e-3   /* differences of a haplotype per base */
#define THETA_SH   0.5    /* shape of their distribution over contexts */
#define DENSE      0.005  /* contexts with haplotypes as diverged as paralogs: the MHC and the like */
#define DIVERGED   0.02   /* mean difference of a paralog per base */
#define GAIN       1e-3   /* contexts with copy-number gain of native sequence */
#define LOG_ACCEPT 1.1    /* ln 3: a wrong call is lost or gained either way */
#define NATIVE_MIN                                                                                           \
	0.7 /* of the expected depth must be left: 1 / (2 ln 2), where Poisson counts of D and D / 2 meet */
#define HET_WEIGHT 2.0 /* nats for each column that shows a third haplotype */
#define HET_MAX    2

static double clamp(double x, double lo, double hi)
{
	return x < lo ? lo : x > hi ? hi : x;
}

double call_frn_llr(const struct call_frn_fit *f, int n_col, const int8_t *row)
{
	double sum = 0;
	for (int c = 0; c < n_col; c++) {
		if (row[c] < 0)
			continue;
		double t = row[c] ? log(f->foreign[c] / f->native[c])
				  : log((1 - f->foreign[c]) / (1 - f->native[c]));
		if (fabs(t) >= TERM_MIN)
			sum += clamp(t, -TERM_MAX, TERM_MAX);
	}
	return sum;
}

/* Allele frequencies of both clusters from the fragments' shares r[]. */
static void fit_columns(const struct call_frn_ctx *c, const double *r, struct call_frn_fit *f)
{
	/* no branches: the inner loop is most of the cost of this step */
	double alt[2][CALL_FRN_COLS] = {{0}}, all[2][CALL_FRN_COLS] = {{0}};
	for (int i = 0; i < c->n_frag; i++) {
		const int8_t *x = c->x[i];
		double ri = r[i], ni = 1 - ri;
		for (int k = 0; k < c->n_col; k++) {
			double seen = x[k] >= 0, is_alt = x[k] > 0;
			all[0][k] += ni * seen;
			all[1][k] += ri * seen;
			alt[0][k] += ni * is_alt;
			alt[1][k] += ri * is_alt;
		}
	}
	for (int k = 0; k < c->n_col; k++) {
		f->native[k] = clamp((alt[0][k] + 0.1) / (all[0][k] + 0.2), 0.01, 0.99);
		f->foreign[k] = clamp((alt[1][k] + 0.1) / (all[1][k] + 0.2), 0.01, 0.99);
	}
}

/* Log ratios of every column once, so that the inner loop only adds. strict: as call_frn_llr(). */
/* Row of a table with the terms of "says nothing", REF, ALT. */
static int row_of(int8_t x)
{
	return x < 0 ? 0 : x + 1;
}

static void log_terms(const struct call_frn_fit *f, int n_col, bool strict, double t[3][CALL_FRN_COLS])
{
	for (int k = 0; k < n_col; k++) {
		t[0][k] = 0; /* not seen */
		for (int a = 0; a < 2; a++) {
			double v = a ? log(f->foreign[k] / f->native[k])
				     : log((1 - f->foreign[k]) / (1 - f->native[k]));
			t[a + 1][k] = strict && fabs(v) < TERM_MIN ? 0 : clamp(v, -TERM_MAX, TERM_MAX);
		}
	}
}

/* Shares from the frequencies. Returns how much they moved, as a mean over fragments. */
static double fit_shares(const struct call_frn_ctx *c, const struct call_frn_fit *f, bool strict, double *r)
{
	double t[3][CALL_FRN_COLS], mean = 0, moved = 0;
	log_terms(f, c->n_col, strict, t);
	for (int i = 0; i < c->n_frag; i++)
		mean += r[i];
	mean = clamp(mean / c->n_frag, 0.05, 0.95);
	double base = log(mean / (1 - mean));
	for (int i = 0; i < c->n_frag; i++) {
		double s = base;
		for (int k = 0; k < c->n_col; k++)
			s += t[row_of(c->x[i][k])][k];
		double v = 1 / (1 + exp(-s));
		moved += fabs(v - r[i]);
		r[i] = v;
	}
	return moved / c->n_frag;
}

/* Starts: 0, the share of its columns where a fragment has the alternative allele; others, one column. */
static void start_shares(const struct call_frn_ctx *c, int col, double *r)
{
	for (int i = 0; i < c->n_frag; i++) {
		int n = 0, alt = 0;
		for (int k = 0; k < c->n_col; k++) {
			n += c->x[i][k] >= 0;
			alt += c->x[i][k] > 0;
		}
		r[i] = (alt + 0.5) / (n + 1);
		if (col >= 0)
			r[i] = c->x[i][col] < 0 ? 0.5 : c->x[i][col] ? 0.95 : 0.05;
	}
}

static double log_add(double a, double b);

static double log_likelihood(const struct call_frn_ctx *c, const struct call_frn_fit *f, const double *r)
{
	double mean = 0, sum = 0, lp[2][3][CALL_FRN_COLS];
	for (int k = 0; k < c->n_col; k++) {
		lp[0][0][k] = lp[1][0][k] = 0; /* not seen */
		lp[0][2][k] = log(f->native[k]), lp[0][1][k] = log(1 - f->native[k]);
		lp[1][2][k] = log(f->foreign[k]), lp[1][1][k] = log(1 - f->foreign[k]);
	}
	for (int i = 0; i < c->n_frag; i++)
		mean += r[i];
	mean = clamp(mean / c->n_frag, 0.05, 0.95);
	for (int i = 0; i < c->n_frag; i++) {
		double a = log(1 - mean), b = log(mean);
		for (int k = 0; k < c->n_col; k++) {
			a += lp[0][row_of(c->x[i][k])][k];
			b += lp[1][row_of(c->x[i][k])][k];
		}
		sum += log_add(a, b);
	}
	return sum;
}

/* EM until it rests. */
static void iterate(const struct call_frn_ctx *c, int n_iter, double *r, struct call_frn_fit *f)
{
	for (int it = 0; it < n_iter; it++) {
		fit_columns(c, r, f);
		if (fit_shares(c, f, false, r) < MOVED_MIN)
			break;
	}
}

/* The best of several starts, since EM finds the nearest optimum only; a few steps tell which is worth the
 * rest. Columns spread out over the context. */
static void fit_best(const struct call_frn_ctx *c, double *r, struct call_frn_fit *f)
{
	double v[CALL_FRN_FRAGS] = {0}, best = -INFINITY;
	struct call_frn_fit g = *f;
	for (int s = -1; s < N_START; s++) {
		start_shares(c, s < 0 ? -1 : c->n_col * (2 * s + 1) / (2 * N_START), v);
		iterate(c, N_TRY, v, &g);
		double l = log_likelihood(c, &g, v);
		if (l <= best)
			continue;
		best = l;
		*f = g;
		memcpy(r, v, sizeof(v));
	}
	iterate(c, N_ITER, r, f);
	fit_shares(c, f, true, r);
}

static double log_add(double a, double b)
{
	double m = a > b ? a : b;
	return m + log1p(exp((a < b ? a : b) - m));
}

static double log_normal(double x, double mean, double sd)
{
	double z = (x - mean) / sd;
	return -0.5 * z * z - log(sd) - 0.9189385332046727;
}

/* ln P(m differences): of a paralog geometric; of a haplotype negative binomial, or dense like a paralog. */
static double log_diff_foreign(int m, double len)
{
	double mu = DIVERGED * len;
	return m * log(mu / (mu + 1)) - log(mu + 1);
}

static double log_diff_native(int m, double len)
{
	double mu = THETA * len, p = mu / (mu + THETA_SH);
	double nb = lgamma(m + THETA_SH) - lgamma(m + 1.0) - lgamma(THETA_SH) + THETA_SH * log(1 - p) +
		    m * log(p);
	return log_add(log(1 - DENSE) + nb, log(DENSE) + log_diff_foreign(m, len));
}

/* SD of a depth averaged over the context: counts, and its relative spread. */
static double depth_sd(double mean, double len)
{
	return sqrt(SPREAD * SPREAD * mean * mean + mean * FRAG_SPAN / (len + FRAG_SPAN));
}

/* Depths when the second cluster is foreign, in 1..N_COPY copies, and the first is all that the sample has,
 * with up to N_MORE copies of further paralogs in it, each of which is one time in four. */
static double log_depth_foreign(const struct call_frn_ctx *c, double native, double foreign)
{
	double best = -INFINITY, rest = -INFINITY;
	for (int k = 1; k <= N_COPY; k++) {
		double mean = c->depth / 2 * k, v = log_normal(foreign, mean, depth_sd(mean, (double)c->len));
		best = v > best ? v : best;
	}
	for (int k = 0; k <= N_MORE; k++) {
		double mean = c->depth * (1 + k / 2.0);
		double v = log_normal(native, mean, depth_sd(mean, (double)c->len)) - k * log(4.0);
		rest = v > rest ? v : rest;
	}
	return rest + log(0.75) + best - log(N_COPY);
}

/* Depths when the clusters are the two haplotypes: total as expected, or a gain of copies; equal shares. */
static double log_depth_native(const struct call_frn_ctx *c, double a, double b)
{
	double sum = a + b, n = sum * (double)(c->len + FRAG_SPAN) / FRAG_SPAN;
	double total = log_normal(sum, c->depth, depth_sd(c->depth, (double)c->len));
	double gain = log(GAIN) - log(sum * log(16.0));
	double share = log_normal(a / sum, 0.5, sqrt(0.25 / n + MAP_BIAS * MAP_BIAS));
	return log_add(log(1 - GAIN) + total, gain) + share - log(sum);
}

static bool tells_apart(double own, double other)
{
	return own >= 0.4 && other <= 0.1 && own >= 5 * other;
}

/* Fragments of both clusters over a column. */
static void column_depth(
	const struct call_frn_ctx *c, const double *r, int k, double *native, double *foreign)
{
	double all = 0, share = 0;
	for (int i = 0; i < c->n_frag; i++)
		if (c->x[i][k] != -1)
			all++, share += r[i];
	*foreign = share * c->scale;
	*native = (all - share) * c->scale;
}

/* Differences of each cluster alone, mixed columns, and depths over the columns that tell them apart. */
static void sum_columns(const struct call_frn_ctx *c, const double *r, struct call_frn_fit *f)
{
	int32_t last_f = -EVENT_BP, last_n = -EVENT_BP, last_h = -EVENT_BP;
	double native = 0, foreign = 0;
	int n = 0;
	f->m_foreign = f->m_native = f->n_het = 0;
	for (int k = 0; k < c->n_col; k++) {
		bool dn = f->native[k] >= 0.7 && f->foreign[k] <= 0.15;
		bool het = f->native[k] >= 0.2 && f->native[k] <= 0.8 && f->foreign[k] <= 0.15;
		if (dn && c->pos[k] - last_n >= EVENT_BP)
			f->m_native++, last_n = c->pos[k];
		if (het && c->pos[k] - last_h >= EVENT_BP)
			f->n_het++, last_h = c->pos[k];
		if (!tells_apart(f->foreign[k], f->native[k]))
			continue;
		if (c->pos[k] - last_f >= EVENT_BP)
			f->m_foreign++, last_f = c->pos[k];
		double a, b;
		column_depth(c, r, k, &a, &b);
		native += a, foreign += b, n++;
	}
	f->depth_foreign = n ? foreign / n : 0;
	f->depth_native = n ? native / n : 0;
}

/* A difference where too little else is left for two haplotypes is no evidence, whatever the rest of the
 * context says: beside the foreign stretch, a native haplotype would pass as foreign. */
static void drop_shallow(const struct call_frn_ctx *c, const double *r, struct call_frn_fit *f)
{
	for (int k = 0; k < c->n_col; k++) {
		double a, b;
		if (!tells_apart(f->foreign[k], f->native[k]))
			continue;
		column_depth(c, r, k, &a, &b);
		if (a < NATIVE_MIN * c->depth)
			f->foreign[k] = f->native[k];
	}
	sum_columns(c, r, f);
}

/* Log odds of "the second cluster is foreign" against "both are native" and "the first one is foreign". */
static void weigh(const struct call_frn_ctx *c, struct call_frn_fit *f)
{
	double len = (double)c->len, a = f->depth_native, b = f->depth_foreign;
	double df = log_diff_foreign(f->m_foreign, len), dfn = log_diff_native(f->m_foreign, len);
	double nf = log_diff_foreign(f->m_native, len), nn = log_diff_native(f->m_native, len);
	int het = f->n_het < HET_MAX ? f->n_het : HET_MAX;
	double h0 = dfn + nn, h1 = LOG_PRIOR + df + nn + HET_WEIGHT * het, h2 = LOG_PRIOR + dfn + nf;
	h0 += log_depth_native(c, a, b);
	h1 += log_depth_foreign(c, a, b);
	h2 += log_depth_foreign(c, b, a);
	f->log_odds = h1 - log_add(h0, h2);
	f->found = f->log_odds >= LOG_ACCEPT;
}

/* Name the more diverged cluster foreign. */
static void swap_clusters(const struct call_frn_ctx *c, double *r, struct call_frn_fit *f)
{
	for (int k = 0; k < c->n_col; k++) {
		double t = f->foreign[k];
		f->foreign[k] = f->native[k];
		f->native[k] = t;
	}
	for (int i = 0; i < c->n_frag; i++)
		r[i] = 1 - r[i];
	sum_columns(c, r, f);
}

void call_frn_fit(const struct call_frn_ctx *c, struct call_frn_fit *f)
{
	double r[CALL_FRN_FRAGS] = {0};
	*f = (struct call_frn_fit){.log_odds = -INFINITY};
	if (c->n_col < 2 || c->n_frag < 4)
		return;
	fit_best(c, r, f);
	sum_columns(c, r, f);
	if (f->m_native > f->m_foreign)
		swap_clusters(c, r, f);
	double top = f->depth_foreign,
	       left = f->depth_native; /* with the shallow columns: leaving them out must not raise it */
	drop_shallow(c, r, f);
	if (left < NATIVE_MIN * c->depth)
		return;
	f->depth_native = left, f->depth_foreign = top;
	if (f->m_foreign >= 2 && f->depth_native > 0 && f->depth_foreign > 0)
		weigh(c, f);
}
