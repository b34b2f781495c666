/* SPDX-License-Identifier: GPL-3.0-or-later
 * risk.c -- calibrated logistic and liability-threshold risks, conversions between measures, intervals. */
#include "math/risk.h"

#include <math.h>
#include <stdlib.h>

#include "math/prob.h"

#define STEP     0.0625
#define Z95      1.959963984540054
#define MAX_BETA 5.0

double grx_expit(double x)
{
	return x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x));
}

double grx_logit(double p)
{
	return log(p) - log1p(-p);
}

double grx_norm_node(int i)
{
	return (i - GRX_NORM_NODES / 2) * STEP;
}

double grx_norm_weight(int i)
{
	double z = grx_norm_node(i);
	return STEP * 0.3989422804014327 * exp(-0.5 * z * z);
}

/* Mean and its derivative by a. */
static void logistic_moments(double a, double b, double *mean, double *slope)
{
	double m = 0, s = 0;
	for (int i = 0; i < GRX_NORM_NODES; i++) {
		double p = grx_expit(a + b * grx_norm_node(i)), w = grx_norm_weight(i);
		m += w * p;
		s += w * p * (1 - p);
	}
	*mean = m;
	*slope = s;
}

double grx_logistic_mean(double a, double b)
{
	double m, s;
	if (!isfinite(a) || !(fabs(b) <= MAX_BETA))
		return NAN;
	logistic_moments(a, b, &m, &s);
	return m;
}

double grx_logistic_intercept(double k, double b)
{
	if (!(k > 0 && k < 1) || !(fabs(b) <= MAX_BETA))
		return NAN;
	/* With q = expit: odds of the mean = E[e^x (1 - q)] / E[1 - q] <= E[e^x] = e^(a + b^2/2), as e^x
	 * rises and 1 - q falls; by symmetry |logit mean - a| <= b^2/2, which brackets the root. */
	double wide = b * b / 2 + 1e-6, lo = grx_logit(k) - wide, hi = grx_logit(k) + wide;
	double a = grx_logit(k);
	for (int i = 0; i < 200; i++) {
		double m, s;
		logistic_moments(a, b, &m, &s);
		if (m < k)
			lo = a;
		else
			hi = a;
		if (fabs(m - k) <= 1e-15 * k || hi - lo < 1e-14 * (1 + fabs(a)))
			break;
		double next = s > 0 ? a - (m - k) / s : lo;
		a = next > lo && next < hi ? next : (lo + hi) / 2;
	}
	return a;
}

double grx_liability_risk(double z, double r2, double k)
{
	if (!(k > 0 && k < 1) || !(r2 >= 0 && r2 < 1) || !isfinite(z))
		return NAN;
	return grx_norm_cdf((z * sqrt(r2) + grx_norm_inv(k)) / sqrt(1 - r2));
}

double grx_d_to_auc(double d)
{
	return grx_norm_cdf(d * M_SQRT1_2);
}

double grx_auc_to_d(double auc)
{
	return auc > 0 && auc < 1 ? M_SQRT2 * grx_norm_inv(auc) : NAN;
}

/* Threshold T, density z at it, mean liability i of cases and v of controls. */
struct liability {
	double t, z, i, v;
};

static bool liability(double k, struct liability *l)
{
	if (!(k > 0 && k < 1))
		return false;
	l->t = -grx_norm_inv(k);
	l->z = 0.3989422804014327 * exp(-0.5 * l->t * l->t);
	l->i = l->z / k;
	l->v = -l->i * k / (1 - k);
	return true;
}

double grx_r2_liability_to_auc(double r2, double k)
{
	struct liability l;
	if (!liability(k, &l) || !(r2 >= 0 && r2 <= 1))
		return NAN;
	double var = 2 - r2 * (l.i * (l.i - l.t) + l.v * (l.v - l.t));
	return grx_norm_cdf((l.i - l.v) * sqrt(r2 / var));
}

double grx_auc_to_r2_liability(double auc, double k)
{
	struct liability l;
	if (!liability(k, &l) || !(auc >= 0.5 && auc < 1))
		return NAN;
	double q = grx_norm_inv(auc), q2 = q * q;
	double r2 = 2 * q2 / ((l.v - l.i) * (l.v - l.i) + q2 * (l.i * (l.i - l.t) + l.v * (l.v - l.t)));
	return r2 <= 1 ? r2 : NAN;
}

double grx_r2_observed_to_liability(double r2, double k, double p)
{
	struct liability l;
	if (!liability(k, &l) || !(p > 0 && p < 1) || !(r2 >= 0 && r2 <= 1))
		return NAN;
	double c = k * k * (1 - k) * (1 - k) / (l.z * l.z * p * (1 - p));
	double m = l.i * (p - k) / (1 - k), theta = m * (m - l.t);
	return r2 * c / (1 + r2 * theta * c);
}

double grx_r2_nagelkerke(double loglik0, double loglik1, double n)
{
	if (!(n > 0) || !(loglik0 < 0) || !(loglik1 <= 0) || !(loglik1 >= loglik0))
		return NAN;
	return expm1(2 * (loglik0 - loglik1) / n) / expm1(2 * loglik0 / n);
}

/* --- intervals --- */

static double stratum_normal(int i)
{
	return i == GRX_RISK_STRATA / 2 ? 0 : grx_norm_inv((i + 0.5) / GRX_RISK_STRATA);
}

double grx_risk_stratum(double value, double se, int i)
{
	return value + se * stratum_normal(i);
}

static double z_stratum(const struct grx_risk_spread *s, int i)
{
	double u = stratum_normal(i);
	return s->z + u * (u < 0 ? s->z - s->z_lo : s->z_hi - s->z) / Z95;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* Quantile of sorted equally likely midpoints (Hazen). */
static double quantile(const double *v, int n, double p)
{
	double at = p * n - 0.5;
	int i = at < 0 ? 0 : (int)at;
	if (i >= n - 1)
		return v[n - 1];
	return v[i] + (at < 0 ? 0 : at - i) * (v[i + 1] - v[i]);
}

bool grx_risk_interval(const struct grx_risk_spread *s, double *lo, double *hi)
{
	int nz = s->has_z ? GRX_RISK_STRATA : 1, ne = s->has_effect ? GRX_RISK_STRATA : 1, n = 0;
	bool ok = nz * ne > 1;
	double v[GRX_RISK_STRATA * GRX_RISK_STRATA];
	for (int i = 0; i < nz && ok; i++)
		for (int j = 0; j < ne && ok; j++) {
			double z = s->has_z ? z_stratum(s, i) : s->z;
			v[n] = s->risk(s->arg, z, s->has_effect ? j : -1);
			ok = isfinite(v[n++]);
		}
	if (ok) {
		qsort(v, (size_t)n, sizeof *v, by_value);
		*lo = quantile(v, n, 0.025);
		*hi = quantile(v, n, 0.975);
	}
	return ok;
}
