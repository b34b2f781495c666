/* SPDX-License-Identifier: GPL-3.0-or-later
 * d6_depth.c -- expected reads per gene copy, from the unique sequence on both sides of the genes.
 * A flank bin serves if its reads map with confidence and no neighbour is empty (the input may be a slice).
 * The rate follows GC linearly, shrunk to no effect when few bins tell. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stage/pgx/d6.h"

enum { MIN_SIDE = 4, MIN_READS = 250 };
#define MIN_COVERAGE 8.0
#define MAX_SPREAD   0.35 /* relative, over bins */
#define MIN_SURE     0.9
#define FAR_BIN      0.5 /* bins that differ more from the median are something else */
#define MAX_FAR      0.2 /* share of bins; more of them, and no depth is the ordinary one */
#define SLOPE_PRIOR  0.5 /* standard deviation of the slope before the data */

struct flank {
	int n, bin[D6_MAX_BIN];
	int n_far;   /* bins left out for their depth */
	int n_doubt; /* bins left out for MAPQ */
	double rate[D6_MAX_BIN], gc[D6_MAX_BIN];
};

static int cmp_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return x < y ? -1 : x > y;
}

static double median(const double *x, int n)
{
	double v[D6_MAX_BIN];
	memcpy(v, x, (size_t)n * sizeof *v);
	qsort(v, (size_t)n, sizeof *v, cmp_double);
	return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

static bool filled(const struct d6_table *t, const struct d6_count *c, int b)
{
	return b >= 0 && b < t->n_bin && t->bin[b].role == D6_FLANK && c[b].n > 0;
}

/* The bins next to an empty one or to the end of a flank may be covered in part. */
static bool usable(const struct d6_table *t, const struct d6_count *c, int b)
{
	return filled(t, c, b) && filled(t, c, b - 1) && filled(t, c, b + 1) &&
	       c[b].n_sure >= MIN_SURE * c[b].n;
}

static void collect(const struct d6_table *t, const struct d6_count *c, struct flank *f)
{
	f->n = f->n_far = f->n_doubt = 0;
	for (int b = 0; b < t->n_bin; b++) {
		if (!usable(t, c, b)) {
			f->n_doubt += filled(t, c, b) && c[b].n_sure < MIN_SURE * c[b].n;
			continue;
		}
		f->bin[f->n] = b;
		f->rate[f->n] = (double)c[b].n / (double)(t->bin[b].end - t->bin[b].beg);
		f->gc[f->n] = (double)c[b].gc / c[b].bases;
		f->n++;
	}
	double mid = f->n ? median(f->rate, f->n) : 0;
	int m = 0;
	for (int i = 0; i < f->n; i++)
		if (fabs(f->rate[i] - mid) <= FAR_BIN * mid) {
			f->bin[m] = f->bin[i];
			f->rate[m] = f->rate[i];
			f->gc[m++] = f->gc[i];
		}
	f->n_far = f->n - m;
	f->n = m;
}

static const char *enough(const struct d6_table *t, const struct flank *f, const struct d6_depth *d)
{
	int side[2] = {0, 0};
	for (int i = 0; i < f->n; i++)
		side[t->bin[f->bin[i]].beg > t->beg6]++;
	if (f->n_doubt > f->n)
		return "reads around the genes do not map with confidence, as with alternate contigs in the "
		       "reference that the aligner did not know as such";
	if (!side[0] && !side[1])
		return "no reads in the sequence around the genes";
	if (f->n_far > MAX_FAR * (f->n + f->n_far))
		return "depth is uneven, as in targeted capture";
	if (side[0] < MIN_SIDE || side[1] < MIN_SIDE || d->n_read < MIN_READS)
		return "too little unique sequence around the genes is covered to compare depth with";
	if (d->coverage < MIN_COVERAGE)
		return "depth is too low for copy numbers";
	return NULL;
}

static double fit(
	const struct d6_table *t, const struct d6_count *c, const struct flank *f, struct d6_depth *d)
{
	double n = f->n, rate = 0, gc = 0, sxx = 0, sxy = 0, bases = 0, len = 0, spread = 0;
	for (int i = 0; i < f->n; i++) {
		rate += f->rate[i] / n;
		gc += f->gc[i] / n;
		d->n_read += (int)c[f->bin[i]].n;
		bases += c[f->bin[i]].bases;
		len += (double)(t->bin[f->bin[i]].end - t->bin[f->bin[i]].beg);
	}
	for (int i = 0; i < f->n; i++) {
		double x = f->gc[i] - gc, y = f->rate[i] / rate - 1;
		sxx += x * x;
		sxy += x * y;
		spread += y * y / n;
	}
	d->n_bin = f->n;
	d->rate = rate / 2;
	d->gc = gc;
	d->coverage = len > 0 ? bases / len : 0;
	d->slope = f->n ? sxy / (sxx + spread / (SLOPE_PRIOR * SLOPE_PRIOR)) : 0;
	d->error = f->n ? sqrt(spread / n) : 1;
	return sqrt(spread);
}

void d6_depth(const struct d6_table *t, const struct d6_count *c, struct d6_depth *d)
{
	struct flank f;
	double len[D6_N_ROLE] = {0}, gc[D6_N_ROLE] = {0}, bases[D6_N_ROLE] = {0};
	memset(d, 0, sizeof *d);
	collect(t, c, &f);
	double spread = fit(t, c, &f, d);
	d->why_not = enough(t, &f, d);
	if (!d->why_not && spread > MAX_SPREAD)
		d->why_not = "depth is uneven, as in targeted capture";
	for (int b = 0; b < t->n_bin; b++) {
		enum d6_role r = t->bin[b].role;
		d->observed[r] += c[b].n;
		len[r] += (double)(t->bin[b].end - t->bin[b].beg);
		gc[r] += c[b].gc;
		bases[r] += c[b].bases;
	}
	for (int r = 0; r < D6_N_ROLE; r++) {
		double k = bases[r] > 0 ? 1 + d->slope * (gc[r] / bases[r] - d->gc) : 1;
		k = k < 0.75 ? 0.75 : k > 1.33 ? 1.33 : k;
		/* both genes, both repeats: the length of one copy is half of the regions' sum */
		d->expected[r] = d->rate * k * len[r] / (r == D6_GENE || r == D6_REP ? 2 : 1);
	}
}
