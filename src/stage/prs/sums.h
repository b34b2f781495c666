/* SPDX-License-Identifier: GPL-3.0-or-later
 * sums.h -- sums of rows over samples and columns of weights, exact, hence equal for any order and any
 * grouping. A row adds u(g) w_k to column k, g the sample's genotype code. Sums are 64-bit integers in a unit
 * of the column's own (2^-e, chosen from its bound so that no sum can overflow): an addition rounds nothing.
 * Rows of hard calls are taken four at a time: the 81 sums of four genotypes are made once and looked up by
 * every sample. */
#ifndef GRX_PRS_SUMS_H
#define GRX_PRS_SUMS_H

#include <stdint.h>

#include "genorx/err.h"
#include "io/genosrc.h"

struct prs_sums;

/* What a genotype code means for one row. */
struct prs_codeval {
	double u;         /* adds u * w_k */
	double var;       /* variance of that: adds var * w_k^2 */
	double dose;      /* observed copies of the effect allele, after dominant/recessive; 0..2; NAN in
			   * prs_sums_real(): the sample's u is its dose */
	int8_t allele_ct; /* alleles seen */
	int8_t denom;     /* alleles seen or imputed */
	int8_t kind;      /* enum prs_kind */
};
enum prs_kind { PRS_CALLED, PRS_IMPUTED, PRS_MISSING };

struct prs_counters {
	int64_t n_called, n_imputed, n_missing;
	int64_t allele_ct, denom;
	double dose;
};

/* bound[k]: largest possible sum of |u w_k| over all rows (see prs_col.bound); a column with bound 0 takes
 * only zeros. variance: also keep variances. NULL without memory. A term is rounded once, to at most 2^-60 of
 * its column's bound; variances to 2^-58 of the bound's square. Rows that amount to more than twice the
 * bound, values that are not finite, and codes not announced give GRX_E_BUG, at once or when merging; from
 * then on all results are NAN. |w_k| <= 2^11 max |u w_k| is needed. Memory, all on first use: for each column
 * and sample 8 bytes, 8 more once a sample is not called, 8 more for variances; for each sample 40 for
 * counters; rows in waiting: up to 640 rows of weights, 6 MB or 20 rows at most, and for each sample 160
 * bytes (5 with up to four columns), 128 more once there are expectations and more than one column. */
struct prs_sums *prs_sums_new(int n_sample, int n_col, const double *bound, bool variance);
/* Before the first row, and the same for objects to merge: variances are rounded to 2^-2bits of that, and may
 * amount to no more than 2^-2bits of twice the bound's square. For bounds that are far above the sums. */
void prs_sums_var_bits(struct prs_sums *s, int bits);
void prs_sums_free(struct prs_sums *s);
/* Add a row of hard calls. w: n_col. val: per GRX_CP_* code; seen: the codes that occur (grx_geno_copies()).
 */
int prs_sums_codes(struct prs_sums *s, const double *w, const struct prs_codeval val[GRX_CP_N],
	const uint8_t *code, unsigned seen) GRX_MUST;
/* Expectations of all samples at one row. Values and variances are finite for every sample. */
struct prs_real {
	const float *u;    /* genotype value: adds u * w_k */
	const double *ud;  /* the same in double, used instead where not NULL: a DS of 0.9 is 0.9 */
	const float *var;  /* its variance; NULL 0 */
	const float *dose; /* observed copies where counted as called, 0..4; NULL: val's, or the value if that
			      is NAN */
	const uint8_t *what; /* index into val: how to count the sample */
};
/* Add a row of expectations (val's u and var are not used). */
int prs_sums_real(struct prs_sums *s, const double *w, const struct prs_real *r,
	const struct prs_codeval val[GRX_CP_N]) GRX_MUST;
/* Add b to a; same shape. */
int prs_sums_merge(struct prs_sums *a, struct prs_sums *b) GRX_MUST;
/* Add what is pending. Results and merging do so themselves; before several threads ask for results of one
 * object, one of them must: from then on, until the next row, results only read. A merged object has nothing
 * pending. */
void prs_sums_flush(struct prs_sums *s);
/* Results. absw: sum of |w_k| over called rows. */
double prs_sums_get(struct prs_sums *s, int sample, int col);
double prs_sums_var(struct prs_sums *s, int sample, int col);
double prs_sums_absw(struct prs_sums *s, int sample, int col);
void prs_sums_counters(struct prs_sums *s, int sample, struct prs_counters *c);

/* --- likelihoods (lik.c) --- */
/* E and Var of the row's genotype value for every sample, given phred likelihoods of 0, 1, 2 copies and the
 * frequency f of the allele (Hardy-Weinberg prior; f in [0, 1]); value[g] = genotype value of g copies.
 * Haploid samples (code GRX_CP_HAP_*): prior 1-f, f over l0 and l2, values hap[0], hap[1]. */
struct prs_lik {
	const uint8_t *l0, *l1, *l2, *code;
	double f, value[3], hap[2];
};
void prs_lik_moments(const struct prs_lik *l, int n, float *e, float *var);
/* The same from GP: p1, p2 (NAN, or not a probability: prior); of l only code, f, value and hap are read. */
void prs_gp_moments(const struct prs_lik *l, const float *p1, const float *p2, int n, float *e, float *var);

#endif
