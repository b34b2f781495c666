/* SPDX-License-Identifier: GPL-3.0-or-later
 * hwe.h -- exact test of Hardy-Weinberg proportions. */
#ifndef GRX_MATH_HWE_H
#define GRX_MATH_HWE_H

#include <stdint.h>

/* Probability, given the allele counts, of a number of heterozygotes that is as likely as the one seen or
 * less (Wigginton, Cutler and Abecasis 2005, doi:10.1086/429864). 1 without people. Cost: O(sd of
 * heterozygotes). */
double grx_hwe_exact(int64_t n_het, int64_t n_hom1, int64_t n_hom2);

#endif
