/* SPDX-License-Identifier: GPL-3.0-or-later
 * strerr_fit.c -- stutter rates of a sample from its counts: a PCR level for the whole sample, a line per
 * class, shrinkage per cell, monotone in units (M step), in turn with the E step of strerr_loci.c.
 *
 * Prior: the gap penalties that Octopus' authors fitted to PCR-free and PCR Illumina genomes (Cooke et al.
 * 2021, Nat Biotechnol 39:885), read off at a few repeat counts; see docs/methods/call_str.md. */
#include "stage/call/strerr_int.h"

#include <math.h>
#include <string.h>

#define ROUNDS 8
#define SHAPE                                                                                                \
	4.0 /* cells scatter about the line with this gamma shape: a coefficient of variation of 1/2         \
	     */
#define LEVEL_SD     0.5
#define LEVEL_MEAN   0.5
#define OFFSET_VAR   (0.7 * 0.7)   /* of a class against the prior, natural log */
#define SLOPE_VAR    (0.35 * 0.35) /* per 5 units */
#define BASE_RATE    3e-5          /* of any gap, outside repeats: CALL_GAP_OPEN */
#define PRIOR_N      20.0          /* weight of the prior on decay and direction, in stutter reads */
#define PRIOR_LOCI   5.0
#define MAX_VARIABLE 0.7
#define CONTRACT     0.6
#define PRIOR_TRACTS 20.0 /* weight of the prior on the spread between tracts */
#define HIGH_TRACTS                                                                                          \
	0.08 /* that stutter more: relative variance 1/4 between tracts, as of cells about the line */
#define MAX_HIGH    0.25
#define MIN_STUTTER 30  /* for a level of the sample's own */
#define MAX_DEPTH_X 1.7 /* of the median: deeper loci are collapsed copies */
#define MIN_POS     20000
#define MIN_INSERTS 1000
#define N_LEVEL     51

enum { N_KNOT = 10, N_BIN = CALL_STR_BINS, CELLS = CALL_STR_UNITS + 1 };
static const int knot_units[N_KNOT] = {2, 4, 6, 8, 10, 12, 15, 20, 30, 40};
/* phred of a gap, [class][knot]; tetra and longer as tri */
static const double knot_free[CALL_STR_N][N_KNOT] = {{43, 41, 35, 29, 24, 21, 19, 15, 7, 4},
	{43, 37, 28, 19, 15, 12, 7, 6, 5, 4}, {39, 33, 26, 23, 21, 20, 18, 15, 8, 4},
	{39, 30, 25, 22, 21, 21, 19, 13, 10, 4}, {39, 30, 25, 22, 21, 21, 19, 13, 10, 4}};
static const double knot_pcr[CALL_STR_N][N_KNOT] = {{43, 40, 34, 24, 16, 12, 10, 7, 4, 4},
	{42, 37, 27, 17, 12, 9, 6, 4, 4, 4}, {38, 32, 21, 16, 14, 13, 11, 10, 7, 4},
	{37, 26, 20, 18, 17, 15, 13, 12, 7, 4}, {37, 26, 20, 18, 17, 15, 13, 12, 7, 4}};
/* P(a locus is heterozygous) by units of a homopolymer, read off at the knots: the theta table that Strelka's
 * authors fitted to germline genomes (Kim et al. 2018, Nat Methods 15:591). Longer units mutate more at a
 * like number of units: they take the value of so many units more. */
static const double knot_theta[N_KNOT] = {1e-4, 3.2e-4, 2.7e-3, 0.023, 0.080, 0.139, 0.196, 0.344, 0.45, 0.5};
static const int theta_shift[CALL_STR_N] = {0, 0, 2, 2, 3};
static const double decay_prior[CALL_STR_N] = {0.12, 0.12, 0.10, 0.06, 0.05};

static double knot_at(const double *k, int units)
{
	int i = 1;
	if (units <= knot_units[0])
		return k[0];
	while (i < N_KNOT - 1 && units > knot_units[i])
		i++;
	double x = (double)(units - knot_units[i - 1]) / (knot_units[i] - knot_units[i - 1]);
	return k[i - 1] + (k[i] - k[i - 1]) * (x < 1 ? x : 1);
}

/* Heterozygous, and half as often homozygous for another length. */
static double variable_prior(int cls, int units)
{
	double k[N_KNOT];
	for (int i = 0; i < N_KNOT; i++)
		k[i] = log(knot_theta[i]);
	double p = 1.5 * exp(knot_at(k, units < 2 ? units : units + theta_shift[cls]));
	return p < MAX_VARIABLE ? p : MAX_VARIABLE;
}

double call_strmodel_prior(int cls, int units, double level)
{
	if (units < 2)
		return BASE_RATE;
	double q = (1 - level) * knot_at(knot_free[cls], units) + level * knot_at(knot_pcr[cls], units);
	double r = pow(10, -q / 10);
	return r < BASE_RATE ? BASE_RATE : r > CALL_STR_MAX_RATE ? CALL_STR_MAX_RATE : r;
}

/* Log likelihood of k events at mean mu that itself scatters with the gamma shape. */
static double nb(double k, double mu)
{
	return k * log(mu / (mu + SHAPE)) - SHAPE * log1p(mu / SHAPE);
}

static double level_fit(const struct call_strsums *s)
{
	double best = -INFINITY, at = LEVEL_MEAN;
	for (int i = 0; i < N_LEVEL; i++) {
		double t = -0.75 + 0.05 * i, z = (t - LEVEL_MEAN) / LEVEL_SD, l = -z * z / 2;
		for (int c = 0; c < CALL_STR_N; c++)
			for (int u = 2; u < CELLS; u++)
				if (s->n[c][u] > 0)
					l += nb(s->k[c][u], s->n[c][u] * call_strmodel_prior(c, u, t));
		if (l > best) {
			best = l;
			at = t;
		}
	}
	return at;
}

static double clamp(double x, double lo, double hi)
{
	return x < lo ? lo : x > hi ? hi : x;
}

/* Offset and slope of a class against the prior at the level: penalised Newton steps on the log rate. */
static void line_fit(struct call_strfit *f, int c)
{
	const struct call_strsums *s = &f->s;
	double a = 0, b = 0;
	for (int it = 0; it < 10; it++) {
		double ga = -a / OFFSET_VAR, gb = -b / SLOPE_VAR, haa = 1 / OFFSET_VAR, hab = 0,
		       hbb = 1 / SLOPE_VAR;
		for (int u = 2; u < CELLS; u++) {
			double x = (u - 10) / 5.0;
			double mu = s->n[c][u] * call_strmodel_prior(c, u, f->m->level) * exp(a + b * x);
			double w = 1 / (1 + mu / SHAPE), r = (s->k[c][u] - mu) * w;
			ga += r;
			gb += r * x;
			haa += mu * w;
			hab += mu * w * x;
			hbb += mu * w * x * x;
		}
		double det = haa * hbb - hab * hab;
		a += clamp((hbb * ga - hab * gb) / det, -1, 1);
		b += clamp((haa * gb - hab * ga) / det, -1, 1);
	}
	for (int u = 0; u < CELLS; u++)
		f->line[c][u] = u < 2 ? BASE_RATE
				      : clamp(call_strmodel_prior(c, u, f->m->level) *
							exp(a + b * (u - 10) / 5.0),
						BASE_RATE, CALL_STR_MAX_RATE);
}

/* Values r of weight w, one a cell: where a longer tract came out with less, both take their mean. */
static void rising(const double *r, const double *w, double *out)
{
	double v[CELLS], sum[CELLS];
	int len[CELLS], n = 0;
	for (int u = 0; u < CELLS; u++) {
		v[n] = r[u];
		sum[n] = w[u];
		len[n++] = 1;
		while (n > 1 && v[n - 2] > v[n - 1]) {
			v[n - 2] = (v[n - 2] * sum[n - 2] + v[n - 1] * sum[n - 1]) /
				   (sum[n - 2] + sum[n - 1]);
			sum[n - 2] += sum[n - 1];
			len[n - 2] += len[n - 1];
			n--;
		}
	}
	for (int i = 0, u = 0; i < n; i++)
		for (int k = 0; k < len[i]; k++)
			out[u++] = v[i];
}

/* Each cell between its own count and the line. */
static void cells_fit(struct call_strfit *f, int c)
{
	double r[CELLS], w[CELLS];
	for (int u = 0; u < CELLS; u++) {
		w[u] = f->s.n[c][u] + SHAPE / f->line[c][u];
		r[u] = clamp((f->s.k[c][u] + SHAPE) / w[u], BASE_RATE, CALL_STR_MAX_RATE);
		if (u < 2) /* no repeat: nothing is counted there */
			r[u] = BASE_RATE;
	}
	rising(r, w, f->m->rate[c]);
}

/* How many loci are variable: the sample's own share, shrunk to the prior. */
static void variable_fit(struct call_strfit *f, int c)
{
	double r[CELLS], w[CELLS];
	for (int u = 0; u < CELLS; u++) {
		w[u] = f->s.loci[c][u] + PRIOR_LOCI;
		r[u] = (f->s.variable[c][u] + PRIOR_LOCI * variable_prior(c, u)) / w[u];
		r[u] = r[u] < MAX_VARIABLE ? r[u] : MAX_VARIABLE;
	}
	rising(r, w, f->m->variable[c]);
}

static void shape_fit(struct call_strfit *f, int c)
{
	struct call_strmodel *m = f->m;
	double k = 0, p = decay_prior[c];
	for (int b = 0; b < N_BIN; b++)
		k += f->s.change[c][b];
	m->contract[c] = (f->s.shorter[c] + PRIOR_N * CONTRACT) / (k + PRIOR_N);
	for (int u = 0; u < CELLS; u++) {
		double x = f->s.extra[c][call_strbin(u)], n = f->s.change[c][call_strbin(u)];
		m->decay[c][u] = clamp((x + PRIOR_N * p) / (n + x + PRIOR_N), 0.02, 0.6);
	}
}

/* Shares of tracts that stutter less and more than the mean: one number, so that the mean factor stays 1. */
static void weights_fit(struct call_strfit *f)
{
	const double *x = f->s.level, *q = call_str_factor;
	double below = (q[2] - 1) / (1 - q[1]), n = x[0] + x[1] + x[2] + PRIOR_TRACTS;
	double high = ((x[1] + x[2]) / (1 + below) + PRIOR_TRACTS * HIGH_TRACTS) / n;
	high = high < MAX_HIGH ? high : MAX_HIGH;
	f->m->weight[0] = 1 - high * (1 + below);
	f->m->weight[1] = high * below;
	f->m->weight[2] = high;
}

static void m_step(struct call_strfit *f)
{
	struct call_strmodel *m = f->m;
	m->n_read = f->s.read;
	m->n_stut = 0;
	for (int c = 0; c < CALL_STR_N; c++)
		for (int u = 0; u < CELLS; u++) {
			m->n_stut += f->s.k[c][u];
		}
	m->level = level_fit(&f->s);
	weights_fit(f);
	for (int c = 0; c < CALL_STR_N; c++) {
		line_fit(f, c);
		cells_fit(f, c);
		shape_fit(f, c);
		variable_fit(f, c);
	}
}

/* Without data: the M step of nothing is the prior at its mean level. */
static void fit_start(struct call_strfit *f, struct call_strmodel *m)
{
	memset(m, 0, sizeof(*m));
	memset(f, 0, sizeof(*f));
	f->m = m;
	m_step(f);
}

void call_strmodel_default(struct call_strmodel *m)
{
	struct call_strfit f;
	fit_start(&f, m);
	call_strmodel_costs(m);
}

/* Value below which half of the counts lie, between bins; skips bin 0 when asked. */
static double hist_median(const int64_t *h, int n, int from)
{
	int64_t sum = 0, acc = 0;
	for (int i = from; i < n; i++)
		sum += h[i];
	for (int i = from; i < n; i++) {
		acc += h[i];
		if (sum > 0 && 2 * acc >= sum)
			return i;
	}
	return 0;
}

static double hist_mad(const int64_t *h, int n, int from, int median)
{
	int64_t dev[CALL_STR_DEPTH] = {0};
	for (int i = from; i < n; i++)
		dev[i < median ? median - i : i - median] += h[i];
	return hist_median(dev, n, 0);
}

static void sizes_fit(const struct call_strcount *c, struct call_sample *s)
{
	int64_t n_ins = 0;
	for (int i = 1; i < CALL_STR_DEPTH; i++)
		s->n_pos += c->depth[i];
	for (int i = 0; i < CALL_STR_LEN; i++)
		n_ins += c->ins[i];
	s->depth_median = hist_median(c->depth, CALL_STR_DEPTH, 1);
	s->depth_mad = hist_mad(c->depth, CALL_STR_DEPTH, 1, (int)s->depth_median);
	s->read_len = hist_median(c->len, CALL_STR_LEN, 0);
	/* bins of two bases */
	double ins = hist_median(c->ins, CALL_STR_LEN, 0);
	s->ins_median = n_ins ? 2 * ins + 0.5 : 0;
	s->ins_mad = 2 * hist_mad(c->ins, CALL_STR_LEN, 0, (int)ins);
	s->mismatch_rate = c->base ? (double)c->mismatch / (double)c->base : 0;
	s->depth_reliable = s->n_pos >= MIN_POS;
	s->ins_reliable = n_ins >= MIN_INSERTS;
}

void call_sample_fit(const struct call_strcount *c, struct call_sample *s)
{
	struct call_strfit f;
	memset(s, 0, sizeof(*s));
	sizes_fit(c, s);
	fit_start(&f, &s->strmodel);
	for (int i = 0; i < ROUNDS; i++) {
		call_strloci_share(&f, c, s->depth_reliable ? MAX_DEPTH_X * s->depth_median : 0);
		m_step(&f);
	}
	s->strmodel.reliable = s->strmodel.n_stut >= MIN_STUTTER;
	call_strmodel_costs(&s->strmodel);
}
