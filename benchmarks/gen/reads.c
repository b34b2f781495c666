/* SPDX-License-Identifier: GPL-3.0-or-later
 * reads.c -- genotype likelihoods as reads would give them; tables once, then a draw is a look-up. */
#include <math.h>
#include <stddef.h>

#include "reads.h"

/* Logarithm of the probability of depth d. */
static double depth_log(int d, double mean, double shape)
{
	if (shape <= 0)
		return d * log(mean) - mean - lgamma(d + 1.0);
	double p = shape / (shape + mean);
	return lgamma(shape + d) - lgamma(shape) - lgamma(d + 1.0) + shape * log(p) + d * log(1 - p);
}

static void pl_fill(struct reads *t, double wrong)
{
	const double alt[3] = {wrong, 0.5, 1 - wrong};
	for (int d = 0; d <= READS_MAX; d++)
		for (int a = 0; a <= d; a++) {
			double l[3], best = -INFINITY;
			for (int g = 0; g < 3; g++) {
				l[g] = a * log10(alt[g]) + (d - a) * log10(1 - alt[g]);
				best = fmax(best, l[g]);
			}
			for (int g = 0; g < 3; g++)
				t->pl[d][a][g] = (uint8_t)fmin(255, floor(10 * (best - l[g]) + 0.5));
		}
}

void reads_init(struct reads *t, double depth, double shape, double wrong)
{
	double sum = 0;
	for (int d = 0; d <= READS_MAX; d++) {
		sum += exp(depth_log(d, depth, shape));
		t->cdf[d] = (uint32_t)fmin(4294967295.0, sum * 4294967296.0);
		t->right[d] = pow(1 - wrong, d);
	}
	t->cdf[READS_MAX] = UINT32_MAX;
	t->wrong = wrong;
	pl_fill(t, wrong);
}

static int depth_draw(const struct reads *t, struct rng *r)
{
	uint32_t u = (uint32_t)(rng_u64(r) >> 32);
	int lo = 0, hi = READS_MAX;
	while (lo < hi) {
		int mid = (lo + hi) / 2;
		if (u < t->cdf[mid])
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

/* Reads of d that tell the wrong allele: none in most cases, which one draw decides. */
static int wrong_draw(const struct reads *t, int d, struct rng *r)
{
	double u = rng_real(r), p = t->right[d], odds = t->wrong / (1 - t->wrong);
	int k = 0;
	for (; u >= p && k < d; k++) {
		u -= p;
		p *= odds * (d - k) / (k + 1);
	}
	return k;
}

static int fair_draw(int d, struct rng *r)
{
	int a = 0;
	for (; d > 0; d -= 64) {
		uint64_t bits = rng_u64(r);
		a += __builtin_popcountll(d < 64 ? bits >> (64 - d) : bits);
	}
	return a;
}

const uint8_t *reads_draw(const struct reads *t, int g, struct rng *r)
{
	int d = depth_draw(t, r);
	if (d == 0)
		return NULL;
	int a = g == 1 ? fair_draw(d, r) : wrong_draw(t, d, r);
	return t->pl[d][g == 2 ? d - a : a];
}
