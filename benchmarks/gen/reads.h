/* SPDX-License-Identifier: GPL-3.0-or-later
 * reads.h -- genotype likelihoods as reads would give them.
 * Depth of a genotype is Poisson, or gamma-Poisson with a shape (overdispersed, as real coverage is); each
 * read shows one of the two alleles at random and tells the wrong one with a fixed error rate. */
#ifndef GEN_READS_H
#define GEN_READS_H

#include "rng.h"

enum { READS_MAX = 255 }; /* deeper genotypes are cut to this depth */

struct reads {
	uint32_t cdf[READS_MAX + 1];                 /* of the depth, in 2^-32 */
	double wrong, right[READS_MAX + 1];          /* error rate; (1 - wrong)^depth */
	uint8_t pl[READS_MAX + 1][READS_MAX + 1][3]; /* by depth and reads of ALT; at most 255 */
};

/* shape 0: Poisson. */
void reads_init(struct reads *t, double depth, double shape, double wrong);
/* Draws the depth and the reads of a genotype with g copies of ALT; the three PL, or NULL without any read.
 */
const uint8_t *reads_draw(const struct reads *t, int g, struct rng *r);

#endif
