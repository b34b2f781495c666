/* SPDX-License-Identifier: GPL-3.0-or-later
 * sex.h -- genetic sex from read counts per contig. A wrong sex is worse than none: anything unusual is
 * UNKNOWN. */
#ifndef GRX_BIO_SEX_H
#define GRX_BIO_SEX_H

#include <stdint.h>

#include "bio/contig.h"

/* Ratios to the autosomes, reads per base of the whole contig. Y is half N, so a male shows about 0.2. */
struct grx_sex_limits {
	double female_x_min, female_x_max, female_y_max;
	double male_x_min, male_x_max, male_y_min, male_y_max;
};
extern const struct grx_sex_limits grx_sex_limits_default;

/* grx_sex_ratios() -- X and Y reads per base over those of the autosomes.
 *   n_mapped  borrowed  reads per contig of d (an index's counts, or counts of a whole scan)
 * false with *why (static text) when they cannot be told: no X or Y in d, fewer than 3 autosomes with reads,
 * fewer than 20,000 autosomal reads, or reads spread so unevenly over the autosomes that the data are a slice
 * or targeted. O(contigs). */
bool grx_sex_ratios(const struct grx_contigs *d, const int64_t *n_mapped, double *x_ratio, double *y_ratio,
	const char **why);

/* UNKNOWN with *why when the pair of ratios fits neither XX nor XY. */
enum grx_sex grx_sex_from_ratios(
	const struct grx_sex_limits *lim, double x_ratio, double y_ratio, const char **why);

/* Both steps with the default limits. Ratios are NaN when they cannot be told. *why is NULL when the sex is
 * known. */
enum grx_sex grx_sex_from_counts(const struct grx_contigs *d, const int64_t *n_mapped, double *x_ratio,
	double *y_ratio, const char **why);

#endif
