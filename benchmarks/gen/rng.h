/* SPDX-License-Identifier: GPL-3.0-or-later
 * rng.h -- random numbers by counter: the k-th draw of a stream is a function of (seed, stream, k) alone, so
 * that a weight or a genotype is the same however many others are made beside it. */
#ifndef GEN_RNG_H
#define GEN_RNG_H

#include <math.h>
#include <stdint.h>

struct rng {
	uint64_t s;
};

/* SplitMix64 (Steele, Lea, Flood 2014, doi:10.1145/2660193.2660195). */
static inline uint64_t rng_mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
	return z ^ (z >> 31);
}

static inline struct rng rng_at(uint64_t seed, uint64_t stream, uint64_t index)
{
	return (struct rng){rng_mix(rng_mix(rng_mix(seed + 1) + stream * 0x9E3779B97F4A7C15u) + index)};
}

static inline uint64_t rng_u64(struct rng *r)
{
	r->s += 0x9E3779B97F4A7C15u;
	return rng_mix(r->s);
}

/* In (0, 1): never an end. */
static inline double rng_real(struct rng *r)
{
	return ((double)(rng_u64(r) >> 12) + 0.5) / 4503599627370496.0;
}

static inline double rng_normal(struct rng *r)
{
	double u = rng_real(r), v = rng_real(r);
	return sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
}

#endif
