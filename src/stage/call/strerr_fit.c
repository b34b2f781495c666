/* SPDX-License-Identifier: GPL-3.0-or-later
 * strerr_fit.c -- stutter rates of a sample from its counts: EM over the genotypes of loci, a PCR level for
 * the whole sample, a line per class, shrinkage per cell, monotone in units. Then gap costs.
 *
 * Prior: the gap penalties that Octopus' authors fitted to PCR-free and PCR Illumina genomes (Cooke et al.
 * 2021, Nat Biotechnol 39:885), read off at a few repeat counts; see docs/methods/call_str.md. */
#include "stage/call/strerr.h"

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
#define MAX_RATE     0.6
#define BASE_RATE    3e-5 /* of any gap, outside repeats: CALL_GAP_OPEN */
#define PRIOR_N      20.0 /* weight of the prior on decay and direction, in stutter reads */
#define PRIOR_LOCI   5.0
#define MAX_VARIABLE 0.7
#define CONTRACT     0.6
#define MIN_STUTTER  30  /* for a level of the sample's own */
#define MAX_DEPTH_X  1.7 /* of the median: deeper loci are collapsed copies */
#define MIN_POS      20000
#define MIN_INSERTS  1000
#define N_LEVEL      51

enum { N_KNOT = 10, N_BIN = 3, CELLS = CALL_STR_UNITS + 1 };
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

/* What the E step leaves: expected reads by the units of the molecule's allele. */
struct sums {
	double n[CALL_STR_N][CELLS], k[CALL_STR_N][CELLS]; /* reads, stutter */
	double extra[CALL_STR_N][N_BIN], change[CALL_STR_N][N_BIN];
	double shorter[CALL_STR_N];
	double loci[CALL_STR_N][CELLS], variable[CALL_STR_N][CELLS]; /* by reference units */
};

struct fit {
	struct call_strmodel *m;
	double line[CALL_STR_N][CELLS]; /* rate before shrinkage of cells */
	struct sums s;
};

static int bin_of(int units)
{
	return units < 10 ? 0 : units < 15 ? 1 : 2;
}

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
	return r < BASE_RATE ? BASE_RATE : r > MAX_RATE ? MAX_RATE : r;
}

/* Log likelihood of k events at mean mu that itself scatters with the gamma shape. */
static double nb(double k, double mu)
{
	return k * log(mu / (mu + SHAPE)) - SHAPE * log1p(mu / SHAPE);
}

static double level_fit(const struct sums *s)
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
static void line_fit(struct fit *f, int c)
{
	const struct sums *s = &f->s;
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
						BASE_RATE, MAX_RATE);
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
static void cells_fit(struct fit *f, int c)
{
	double r[CELLS], w[CELLS];
	for (int u = 0; u < CELLS; u++) {
		w[u] = f->s.n[c][u] + SHAPE / f->line[c][u];
		r[u] = clamp((f->s.k[c][u] + SHAPE) / w[u], BASE_RATE, MAX_RATE);
		if (u < 2) /* no repeat: nothing is counted there */
			r[u] = BASE_RATE;
	}
	rising(r, w, f->m->rate[c]);
}

/* How many loci are variable: the sample's own share, shrunk to the prior. */
static void variable_fit(struct fit *f, int c)
{
	double r[CELLS], w[CELLS];
	for (int u = 0; u < CELLS; u++) {
		w[u] = f->s.loci[c][u] + PRIOR_LOCI;
		r[u] = (f->s.variable[c][u] + PRIOR_LOCI * variable_prior(c, u)) / w[u];
		r[u] = r[u] < MAX_VARIABLE ? r[u] : MAX_VARIABLE;
	}
	rising(r, w, f->m->variable[c]);
}

static void shape_fit(struct fit *f, int c)
{
	struct call_strmodel *m = f->m;
	double k = 0, p = decay_prior[c];
	for (int b = 0; b < N_BIN; b++)
		k += f->s.change[c][b];
	m->contract[c] = (f->s.shorter[c] + PRIOR_N * CONTRACT) / (k + PRIOR_N);
	for (int u = 0; u < CELLS; u++) {
		double x = f->s.extra[c][bin_of(u)], n = f->s.change[c][bin_of(u)];
		m->decay[c][u] = clamp((x + PRIOR_N * p) / (n + x + PRIOR_N), 0.02, 0.6);
	}
}

static void m_step(struct fit *f)
{
	struct call_strmodel *m = f->m;
	m->n_read = m->n_stut = 0;
	for (int c = 0; c < CALL_STR_N; c++)
		for (int u = 0; u < CELLS; u++) {
			m->n_read += f->s.n[c][u];
			m->n_stut += f->s.k[c][u];
		}
	m->level = level_fit(&f->s);
	for (int c = 0; c < CALL_STR_N; c++) {
		line_fit(f, c);
		cells_fit(f, c);
		shape_fit(f, c);
		variable_fit(f, c);
	}
}

/* Alleles that reads of a locus show, and P(read d | allele). */
struct lengths {
	int n, a[CALL_STR_HIST]; /* difference from the reference in units */
	double p[CALL_STR_HIST][CALL_STR_HIST];
};

static int cell_of(int units)
{
	return units < 0 ? 0 : units < CELLS ? units : CELLS - 1;
}

static void lengths_fill(const struct call_strmodel *m, const struct call_strlocus *l, struct lengths *x)
{
	x->n = 0;
	for (int i = 0; i < CALL_STR_HIST; i++) {
		int a = i - CALL_STR_REACH;
		if ((a != 0 && !l->hist[i]) || (int)l->units + a < 0)
			continue;
		int u = cell_of(l->units + a);
		double e = m->rate[l->cls][u], rho = m->decay[l->cls][u], f = m->contract[l->cls];
		x->a[x->n] = a;
		for (int d = -CALL_STR_REACH; d <= CALL_STR_REACH; d++) {
			int j = d - a;
			double g = e * (j < 0 ? f : 1 - f) * (1 - rho);
			for (int k = 1; k < (j < 0 ? -j : j); k++)
				g *= rho;
			x->p[x->n][d + CALL_STR_REACH] = j == 0 ? 1 - e : g;
		}
		x->n++;
	}
}

static double length_prior(int a)
{
	double q = 0.35;
	for (int k = 1; k < (a < 0 ? -a : a); k++)
		q *= 0.3;
	return q;
}

double call_strmodel_allele(const struct call_strmodel *m, int cls, int units, int d)
{
	int u = units < 0 ? 0 : units < CELLS ? units : CELLS - 1;
	return d ? m->variable[cls][u] * length_prior(d) : 1 - m->variable[cls][u];
}

/* Prior of two lengths at a locus that is variable with probability pi. */
static double pair_prior(int a, int b, double pi)
{
	if (a == 0 && b == 0)
		return 1 - pi;
	if (a == b)
		return pi * 0.33 * length_prior(a);
	if (a == 0 || b == 0)
		return pi * 0.6 * length_prior(a ? a : b);
	return pi * 0.07 * length_prior(a) * length_prior(b);
}

/* Reads of a locus shared out between two alleles. */
static void share(
	struct sums *s, const struct call_strlocus *l, const struct lengths *x, int i, int j, double w)
{
	for (int h = 0; h < CALL_STR_HIST; h++) {
		double pi = x->p[i][h], pj = x->p[j][h];
		for (int k = 0; k < 2 && l->hist[h]; k++) {
			int a = x->a[k ? j : i], u = cell_of(l->units + a), d = h - CALL_STR_REACH - a;
			double n = w * l->hist[h] * (k ? pj : pi) / (pi + pj);
			s->n[l->cls][u] += n;
			if (d == 0)
				continue;
			s->k[l->cls][u] += n;
			s->change[l->cls][bin_of(u)] += n;
			s->extra[l->cls][bin_of(u)] += n * ((d < 0 ? -d : d) - 1);
			s->shorter[l->cls] += d < 0 ? n : 0;
		}
	}
}

static void e_locus(struct fit *f, const struct call_strlocus *l)
{
	struct lengths x;
	double ll[CALL_STR_HIST][CALL_STR_HIST], top = -INFINITY, sum = 0;
	lengths_fill(f->m, l, &x);
	for (int i = 0; i < x.n; i++)
		for (int j = i; j < x.n; j++) {
			double v = log(pair_prior(x.a[i], x.a[j], f->m->variable[l->cls][l->units]));
			for (int h = 0; h < CALL_STR_HIST; h++)
				if (l->hist[h])
					v += l->hist[h] * log(0.5 * (x.p[i][h] + x.p[j][h]));
			ll[i][j] = v;
			top = v > top ? v : top;
		}
	for (int i = 0; i < x.n; i++)
		for (int j = i; j < x.n; j++)
			sum += ll[i][j] = exp(ll[i][j] - top);
	f->s.loci[l->cls][l->units] += 1;
	for (int i = 0; i < x.n; i++)
		for (int j = i; j < x.n; j++) {
			double w = ll[i][j] / sum;
			if (x.a[i] != 0 || x.a[j] != 0)
				f->s.variable[l->cls][l->units] += w;
			if (w > 1e-9)
				share(&f->s, l, &x, i, j, w);
		}
}

/* Collapsed copies show more than two lengths; reads that fit none are too many for the model. */
static bool fit_for_use(const struct call_strlocus *l, double max_depth)
{
	int n = l->other;
	for (int i = 0; i < CALL_STR_HIST; i++)
		n += l->hist[i];
	return (max_depth <= 0 || l->depth <= max_depth) && l->other * 4 <= n;
}

static void e_step(struct fit *f, const struct call_strcount *c, double max_depth)
{
	memset(&f->s, 0, sizeof(f->s));
	f->m->n_locus = (int64_t)c->n;
	f->m->n_skipped = 0;
	for (int k = 0; k < CALL_STR_N; k++)
		for (int u = 0; u < CELLS; u++) {
			f->s.n[k][u] = (double)c->clean_read[k][u];
			f->s.loci[k][u] = (double)c->clean_locus[k][u];
		}
	for (size_t i = 0; i < c->n; i++) {
		if (fit_for_use(&c->locus[i], max_depth))
			e_locus(f, &c->locus[i]);
		else
			f->m->n_skipped++;
	}
}

/* Without data: the M step of nothing is the prior at its mean level. */
static void fit_start(struct fit *f, struct call_strmodel *m)
{
	memset(m, 0, sizeof(*m));
	memset(f, 0, sizeof(*f));
	f->m = m;
	m_step(f);
}

void call_strmodel_default(struct call_strmodel *m)
{
	struct fit f;
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
	struct fit f;
	memset(s, 0, sizeof(*s));
	sizes_fit(c, s);
	fit_start(&f, &s->strmodel);
	for (int i = 0; i < ROUNDS; i++) {
		e_step(&f, c, s->depth_reliable ? MAX_DEPTH_X * s->depth_median : 0);
		m_step(&f);
	}
	s->strmodel.reliable = s->strmodel.n_stut >= MIN_STUTTER;
	call_strmodel_costs(&s->strmodel);
}
