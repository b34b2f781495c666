/* SPDX-License-Identifier: GPL-3.0-or-later
 * rng.c -- GSL mt19937, seeded from (seed, stage, shard). */
#include "math/rng.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include "base/str.h"

/* struct grx_rng is never completed: the pointer is a gsl_rng's. */

/* splitmix64 finaliser: neighbouring seeds give unrelated streams */
static uint64_t mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

struct grx_rng *grx_rng_new(uint64_t seed, const char *stage, uint64_t shard)
{
	gsl_rng *g = gsl_rng_alloc(gsl_rng_mt19937);
	if (!g)
		return NULL;
	uint64_t s = mix(seed + 0x9e3779b97f4a7c15u) ^ mix(grx_hash_str(stage)) ^ mix(shard + 1);
	gsl_rng_set(g, (unsigned long)(mix(s) & 0xffffffffu));
	return (struct grx_rng *)g;
}

static gsl_rng *handle(struct grx_rng *r)
{
	return (gsl_rng *)r;
}

void grx_rng_free(struct grx_rng *r)
{
	if (r)
		gsl_rng_free(handle(r));
}

double grx_rng_uniform(struct grx_rng *r)
{
	return gsl_rng_uniform(handle(r));
}

uint64_t grx_rng_below(struct grx_rng *r, uint64_t n)
{
	if (n <= 0xffffffffu)
		return gsl_rng_uniform_int(handle(r), (unsigned long)n);
	return (uint64_t)(gsl_rng_uniform(handle(r)) * (double)n);
}

double grx_rng_normal(struct grx_rng *r, double mean, double sd)
{
	return mean + gsl_ran_gaussian(handle(r), sd);
}

int grx_rng_poisson(struct grx_rng *r, double mu)
{
	return (int)gsl_ran_poisson(handle(r), mu);
}

int grx_rng_binomial(struct grx_rng *r, double p, int n)
{
	return (int)gsl_ran_binomial(handle(r), p, (unsigned)n);
}

int grx_rng_geometric(struct grx_rng *r, double p)
{
	return (int)gsl_ran_geometric(handle(r), p);
}

double grx_rng_exponential(struct grx_rng *r, double mean)
{
	return gsl_ran_exponential(handle(r), mean);
}

double grx_rng_gamma(struct grx_rng *r, double shape, double scale)
{
	return gsl_ran_gamma(handle(r), shape, scale);
}

double grx_rng_beta(struct grx_rng *r, double a, double b)
{
	return gsl_ran_beta(handle(r), a, b);
}
