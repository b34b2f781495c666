/* SPDX-License-Identifier: GPL-3.0-or-later
 * sex.c -- genetic sex from read counts per contig. */
#include "bio/sex.h"

#include <math.h>
#include <stdio.h>

enum { N_AUTOSOME = 22, MIN_AUTOSOMES = 3, MIN_READS = 20000 };

/* A whole genome stays within a fifth of the median on nearly every autosome; exomes and panels do not. */
#define EVEN_LO    0.6
#define EVEN_HI    1.6
#define EVEN_SHARE 0.8

const struct grx_sex_limits grx_sex_limits_default = {.female_x_min = 0.80,
	.female_x_max = 1.20,
	.female_y_max = 0.06,
	.male_x_min = 0.40,
	.male_x_max = 0.65,
	.male_y_min = 0.10,
	.male_y_max = 0.40};

static double rate(const struct grx_contigs *d, const int64_t *n, int32_t tid)
{
	return d->c[tid].len > 0 ? (double)n[tid] / (double)d->c[tid].len : 0;
}

/* Insertion into a short ascending list. */
static void insert_sorted(double *v, int n, double x)
{
	for (; n > 0 && v[n - 1] > x; n--)
		v[n] = v[n - 1];
	v[n] = x;
}

static bool spread_evenly(const double *v, int n)
{
	double median = n & 1 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
	int near = 0;
	for (int i = 0; i < n; i++)
		near += v[i] >= EVEN_LO * median && v[i] <= EVEN_HI * median;
	return near >= EVEN_SHARE * n;
}

bool grx_sex_ratios(const struct grx_contigs *d, const int64_t *n_mapped, double *x_ratio, double *y_ratio,
	const char **why)
{
	double v[N_AUTOSOME];
	int64_t reads = 0, bases = 0;
	int n = 0;
	int32_t x = grx_contigs_find_alias(d, "X"), y = grx_contigs_find_alias(d, "Y");

	*x_ratio = *y_ratio = NAN;
	*why = "the dictionary has no contigs X and Y";
	if (x < 0 || y < 0)
		return false;
	for (int i = 1; i <= N_AUTOSOME; i++) {
		char name[8];
		snprintf(name, sizeof name, "%d", i);
		int32_t tid = grx_contigs_find_alias(d, name);
		if (tid < 0 || n_mapped[tid] <= 0 || d->c[tid].len <= 0)
			continue;
		insert_sorted(v, n++, rate(d, n_mapped, tid));
		reads += n_mapped[tid];
		bases += d->c[tid].len;
	}
	*why = "reads on fewer than 3 autosomes";
	if (n < MIN_AUTOSOMES)
		return false;
	*why = "fewer than 20,000 reads on the autosomes";
	if (reads < MIN_READS)
		return false;
	*why = "reads are spread unevenly over the autosomes (a slice or targeted data)";
	if (!spread_evenly(v, n))
		return false;
	*why = NULL;
	double autosome = (double)reads / (double)bases;
	*x_ratio = rate(d, n_mapped, x) / autosome;
	*y_ratio = rate(d, n_mapped, y) / autosome;
	return true;
}

enum grx_sex grx_sex_from_ratios(const struct grx_sex_limits *lim, double x, double y, const char **why)
{
	*why = NULL;
	if (x >= lim->female_x_min && x <= lim->female_x_max && y <= lim->female_y_max)
		return GRX_SEX_FEMALE;
	if (x >= lim->male_x_min && x <= lim->male_x_max && y >= lim->male_y_min && y <= lim->male_y_max)
		return GRX_SEX_MALE;
	*why = "the coverage of X and Y fits neither XX nor XY";
	return GRX_SEX_UNKNOWN;
}

enum grx_sex grx_sex_from_counts(const struct grx_contigs *d, const int64_t *n_mapped, double *x_ratio,
	double *y_ratio, const char **why)
{
	if (!grx_sex_ratios(d, n_mapped, x_ratio, y_ratio, why))
		return GRX_SEX_UNKNOWN;
	return grx_sex_from_ratios(&grx_sex_limits_default, *x_ratio, *y_ratio, why);
}
