/* SPDX-License-Identifier: GPL-3.0-or-later
 * prob.c -- phred and log arithmetic, small distributions. */
#include "math/prob.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>

double grx_phred_p(int q)
{
	return q <= 0 ? 1.0 : pow(10.0, -q / 10.0);
}

double grx_p_phred(double p)
{
	return p > 0 ? -10.0 * log10(p) : 3000.0;
}

double grx_log_add(double a, double b)
{
	double hi = a > b ? a : b, lo = a > b ? b : a;
	return isinf(lo) ? hi : hi + log1p(exp(lo - hi));
}

double grx_logsumexp(const double *x, int n)
{
	double max = -INFINITY, sum = 0;
	for (int i = 0; i < n; i++)
		max = x[i] > max ? x[i] : max;
	if (isinf(max))
		return max;
	for (int i = 0; i < n; i++)
		sum += exp(x[i] - max);
	return max + log(sum);
}

double grx_fisher_2x2(int a, int b, int c, int d)
{
	int row = a + b, col = a + c, n = a + b + c + d;
	int lo = row + col > n ? row + col - n : 0, hi = row < col ? row : col;
	if (n == 0)
		return 1.0;
	double p0 = gsl_ran_hypergeometric_pdf(
		(unsigned)a, (unsigned)col, (unsigned)(n - col), (unsigned)row);
	double p = 0;
	for (int i = lo; i <= hi; i++) {
		double q = gsl_ran_hypergeometric_pdf(
			(unsigned)i, (unsigned)col, (unsigned)(n - col), (unsigned)row);
		if (q <= p0 * (1 + 1e-7))
			p += q;
	}
	return p < 1 ? p : 1.0;
}

double grx_norm_cdf(double x)
{
	return gsl_cdf_ugaussian_P(x);
}

double grx_norm_inv(double p)
{
	return gsl_cdf_ugaussian_Pinv(p);
}

double grx_binom_upper(int k, double p, int n)
{
	return k <= 0 ? 1.0 : gsl_cdf_binomial_Q((unsigned)(k - 1), p, (unsigned)n);
}

double grx_binom_log_pmf(int k, double p, int n)
{
	if (p <= 0)
		return k == 0 ? 0 : -INFINITY;
	if (p >= 1)
		return k == n ? 0 : -INFINITY;
	return gsl_sf_lnchoose((unsigned)n, (unsigned)k) + k * log(p) + (n - k) * log1p(-p);
}

double grx_poisson_log_pmf(int k, double mu)
{
	if (mu <= 0)
		return k == 0 ? 0 : -INFINITY;
	return k * log(mu) - mu - gsl_sf_lnfact((unsigned)k);
}

double grx_f_upper(double x, double d1, double d2)
{
	return x <= 0 ? 1.0 : gsl_cdf_fdist_Q(x, d1, d2);
}

double grx_chi2_upper(double x, double df)
{
	return x <= 0 ? 1.0 : gsl_cdf_chisq_Q(x, df);
}

double grx_chi2_inv(double p, double df)
{
	return gsl_cdf_chisq_Pinv(p, df);
}

void grx_math_init(void)
{
	gsl_set_error_handler_off();
}
