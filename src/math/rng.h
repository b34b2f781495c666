/* SPDX-License-Identifier: GPL-3.0-or-later
 * rng.h -- GSL random numbers (mt19937) seeded by (seed, stage name, shard), so that results never depend on
 * threads. */
#ifndef GRX_MATH_RNG_H
#define GRX_MATH_RNG_H

#include <stddef.h>
#include <stdint.h>

struct grx_rng;
struct grx_rng *grx_rng_new(uint64_t seed, const char *stage, uint64_t shard); /* NULL: no memory */
void grx_rng_free(struct grx_rng *r);
double grx_rng_uniform(struct grx_rng *r);             /* [0, 1) */
uint64_t grx_rng_below(struct grx_rng *r, uint64_t n); /* 0 .. n-1 */
double grx_rng_normal(struct grx_rng *r, double mean, double sd);
int grx_rng_poisson(struct grx_rng *r, double mu);
int grx_rng_binomial(struct grx_rng *r, double p, int n);
int grx_rng_geometric(struct grx_rng *r, double p); /* >= 1 */
double grx_rng_exponential(struct grx_rng *r, double mean);
double grx_rng_gamma(struct grx_rng *r, double shape, double scale); /* mean shape x scale */
double grx_rng_beta(struct grx_rng *r, double a, double b);

#endif
