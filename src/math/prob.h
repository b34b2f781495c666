/* SPDX-License-Identifier: GPL-3.0-or-later
 * prob.h -- phred and log arithmetic, small distributions (GSL behind). */
#ifndef GRX_MATH_PROB_H
#define GRX_MATH_PROB_H

/* Error probability of a phred quality 0..255 (table; constant after grx_math_init()). */
double grx_phred_p(int q);
double grx_p_phred(double p); /* -10 log10 p; p <= 0 gives 3000 */
double grx_logsumexp(const double *x, int n);
double grx_log_add(double a, double b);
/* Two-sided Fisher exact test of a 2x2 table; Phi; Phi^-1. */
double grx_fisher_2x2(int a, int b, int c, int d);
double grx_norm_cdf(double x);
double grx_norm_inv(double p);
/* Upper tail P(X >= k), X ~ Binomial(n, p); log density. */
double grx_binom_upper(int k, double p, int n);
double grx_binom_log_pmf(int k, double p, int n);
double grx_poisson_log_pmf(int k, double mu);
/* Upper tails of the F distribution (d1, d2 > 0 degrees of freedom) and of chi-squared. */
double grx_f_upper(double x, double d1, double d2);
double grx_chi2_upper(double x, double df);
/* The x below which chi-squared lies with probability p, 0 < p < 1; df > 0. */
double grx_chi2_inv(double p, double df);
/* Once at start: switches GSL's abort handler off. Idempotent. */
void grx_math_init(void);

#endif
