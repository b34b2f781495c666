/* SPDX-License-Identifier: GPL-3.0-or-later
 * strerr_loci.c -- E step of the stutter fit: the genotype and the stutter level of each locus, and its reads
 * shared out between the alleles.
 *
 * A variable locus so adds to the rate of its own alleles, and a tract that stutters more than its kind is
 * not taken for a variable one. */
#include "stage/call/strerr_int.h"

#include <math.h>
#include <string.h>

#define TELLS 0.3 /* stutter reads expected in a tract that says something of its level */

enum { HIST = CALL_STR_HIST, LEVELS = CALL_STR_LEVELS, CELLS = CALL_STR_UNITS + 1 };

/* Alleles that reads of a locus show, and P(read d | allele) at each level. */
struct lengths {
	int n, a[HIST]; /* difference from the reference in units */
	double p[LEVELS][HIST][HIST];
};

/* A way to explain a locus: alleles i <= j of its lengths, level q. */
struct way {
	int i, j, q;
};

static int cell_of(int units)
{
	return units < 0 ? 0 : units < CELLS ? units : CELLS - 1;
}

static double rate_at(const struct call_strmodel *m, int cls, int units, int level)
{
	double e = m->rate[cls][units] * call_str_factor[level];
	return e < CALL_STR_MAX_RATE ? e : CALL_STR_MAX_RATE;
}

/* p[d + CALL_STR_REACH] for reads of an allele a */
static void allele_reads(
	const struct call_strmodel *m, const struct call_strlocus *l, int a, int level, double *p)
{
	int u = cell_of(l->units + a);
	double e = rate_at(m, l->cls, u, level), rho = m->decay[l->cls][u], f = m->contract[l->cls];
	for (int d = -CALL_STR_REACH; d <= CALL_STR_REACH; d++) {
		int j = d - a;
		double g = e * (j < 0 ? f : 1 - f) * (1 - rho);
		for (int k = 1; k < (j < 0 ? -j : j); k++)
			g *= rho;
		p[d + CALL_STR_REACH] = j == 0 ? 1 - e : g;
	}
}

static void lengths_fill(const struct call_strmodel *m, const struct call_strlocus *l, struct lengths *x)
{
	x->n = 0;
	for (int i = 0; i < HIST; i++) {
		int a = i - CALL_STR_REACH;
		if ((a != 0 && !l->hist[i]) || (int)l->units + a < 0)
			continue;
		x->a[x->n] = a;
		for (int q = 0; q < LEVELS; q++)
			allele_reads(m, l, a, q, x->p[q][x->n]);
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
	double v = m->variable[cls][cell_of(units)];
	return d ? v * CALL_STR_HET * length_prior(d) : 1 - v;
}

/* Prior of two lengths at a locus that is variable with probability pi. */
static double pair_prior(int a, int b, double pi)
{
	if (a == 0 && b == 0)
		return 1 - pi;
	if (a == b)
		return pi * 0.33 * length_prior(a);
	if (a == 0 || b == 0)
		return pi * CALL_STR_HET * length_prior(a ? a : b);
	return pi * 0.07 * length_prior(a) * length_prior(b);
}

/* Reads of a locus shared out between two alleles. */
static void share(struct call_strsums *s, const struct call_strlocus *l, const struct lengths *x,
	struct way y, double w)
{
	for (int h = 0; h < HIST; h++) {
		double pi = x->p[y.q][y.i][h], pj = x->p[y.q][y.j][h];
		for (int k = 0; k < 2 && l->hist[h]; k++) {
			int a = x->a[k ? y.j : y.i], u = cell_of(l->units + a), d = h - CALL_STR_REACH - a;
			double n = w * l->hist[h] * (k ? pj : pi) / (pi + pj);
			s->n[l->cls][u] += n * call_str_factor[y.q];
			s->read += n;
			if (d == 0)
				continue;
			s->k[l->cls][u] += n;
			s->change[l->cls][call_strbin(u)] += n;
			s->extra[l->cls][call_strbin(u)] += n * ((d < 0 ? -d : d) - 1);
			s->shorter[l->cls] += d < 0 ? n : 0;
		}
	}
}

static double way_ll(
	const struct call_strmodel *m, const struct call_strlocus *l, const struct lengths *x, struct way y)
{
	double v = log(m->weight[y.q]) + log(pair_prior(x->a[y.i], x->a[y.j], m->variable[l->cls][l->units]));
	for (int h = 0; h < HIST; h++)
		if (l->hist[h])
			v += l->hist[h] * log(0.5 * (x->p[y.q][y.i][h] + x->p[y.q][y.j][h]));
	return v;
}

/* Every way to explain the locus. Returns their number. */
static int ways_of(const struct lengths *x, struct way *y)
{
	int n = 0;
	for (int q = 0; q < LEVELS; q++)
		for (int i = 0; i < x->n; i++)
			for (int j = i; j < x->n; j++)
				y[n++] = (struct way){i, j, q};
	return n;
}

static double total_reads(const struct call_strlocus *l)
{
	double n = 0;
	for (int i = 0; i < HIST; i++)
		n += l->hist[i];
	return n;
}

static void share_locus(struct call_strfit *f, const struct call_strlocus *l)
{
	struct lengths x;
	struct way y[LEVELS * HIST * (HIST + 1) / 2];
	double w[LEVELS * HIST * (HIST + 1) / 2], top = -INFINITY, sum = 0;
	lengths_fill(f->m, l, &x);
	int n = ways_of(&x, y);
	bool tells = total_reads(l) * f->m->rate[l->cls][l->units] >= TELLS;
	for (int k = 0; k < n; k++) {
		w[k] = way_ll(f->m, l, &x, y[k]);
		top = w[k] > top ? w[k] : top;
	}
	for (int k = 0; k < n; k++)
		sum += w[k] = exp(w[k] - top);
	f->s.loci[l->cls][l->units] += 1;
	for (int k = 0; k < n; k++) {
		w[k] /= sum;
		if (tells)
			f->s.level[y[k].q] += w[k];
		if (x.a[y[k].i] != 0 || x.a[y[k].j] != 0)
			f->s.variable[l->cls][l->units] += w[k];
		if (w[k] > 1e-9)
			share(&f->s, l, &x, y[k], w[k]);
	}
}

/* Loci without a read off the reference length: quiet tracts, more likely than not. */
static void share_clean(struct call_strfit *f, const struct call_strcount *c, int cls, int u)
{
	double n = (double)c->clean_read[cls][u], loci = (double)c->clean_locus[cls][u];
	double each = loci > 0 ? n / loci : 0, w[LEVELS], sum = 0, factor = 0;
	for (int q = 0; q < LEVELS; q++)
		sum += w[q] = f->m->weight[q] * pow(1 - rate_at(f->m, cls, u, q), each);
	for (int q = 0; q < LEVELS; q++) {
		factor += w[q] / sum * call_str_factor[q];
		if (each * f->m->rate[cls][u] >= TELLS)
			f->s.level[q] += loci * w[q] / sum;
	}
	f->s.n[cls][u] = n * factor;
	f->s.read += n;
	f->s.loci[cls][u] = loci;
}

/* Collapsed copies show more than two lengths; reads that fit none are too many for the model. */
static bool fit_for_use(const struct call_strlocus *l, double max_depth)
{
	double n = l->other + total_reads(l);
	return (max_depth <= 0 || l->depth <= max_depth) && l->other * 4 <= n;
}

void call_strloci_share(struct call_strfit *f, const struct call_strcount *c, double max_depth)
{
	memset(&f->s, 0, sizeof(f->s));
	f->m->n_locus = (int64_t)c->n;
	f->m->n_skipped = 0;
	for (int k = 0; k < CALL_STR_N; k++)
		for (int u = 0; u < CELLS; u++)
			share_clean(f, c, k, u);
	for (size_t i = 0; i < c->n; i++) {
		if (fit_for_use(&c->locus[i], max_depth))
			share_locus(f, &c->locus[i]);
		else
			f->m->n_skipped++;
	}
}
