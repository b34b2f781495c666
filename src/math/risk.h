/* SPDX-License-Identifier: GPL-3.0-or-later
 * risk.h -- from a standardised score to a probability of disease, and between measures of a score's
 * strength. Pure functions of numbers. A score z is N(0,1) in the population that K describes; larger z =
 * more risk for a positive effect. Arguments outside their domain give NAN, never a number that looks like a
 * risk. */
#ifndef GRX_MATH_RISK_H
#define GRX_MATH_RISK_H

#include <stdbool.h>

double grx_expit(double x);
double grx_logit(double p);

/* Nodes and weights of a rule for E[f(Z)], Z ~ N(0,1): the trapezoidal rule with step 1/16 on [-15, 15],
 * weights summing to 1. For expit(a + bZ) its error is exp(-2 pi d/h) with d = pi/|b| the distance of the
 * nearest pole: below 1e-16 for |b| <= 5, where a Gauss-Hermite rule of 64 nodes has lost eight digits. */
enum { GRX_NORM_NODES = 481 };
double grx_norm_node(int i);
double grx_norm_weight(int i);

/* E[expit(a + b Z)]. */
double grx_logistic_mean(double a, double b);
/* The intercept a with E[expit(a + b Z)] = k: Newton kept inside a bracket. NAN unless 0 < k < 1 and |b|
 * <= 5. Not logit(k): that gives a mean above k for k < 1/2 (by 40 % at k = 0.01, b = 1). Cost: about 10
 * evaluations of the mean. */
double grx_logistic_intercept(double k, double b);

/* Liability-threshold model (Falconer 1965; Wray 2010 PLoS Genet 6:e1000864): liability N(0,1), diseased
 * above T = Phi^-1(1-k); the score explains r2 of its variance. P(D | z) = Phi((z sqrt(r2) - T) / sqrt(1 -
 * r2)); its mean over Z is k. NAN unless 0 < k < 1, 0 <= r2 < 1. */
double grx_liability_risk(double z, double r2, double k);

/* Standardised mean difference and area under the ROC curve of two normal groups of equal variance: AUC =
 * Phi(d / sqrt 2). */
double grx_d_to_auc(double d);
double grx_auc_to_d(double auc);
/* Liability-scale R2 and AUC at prevalence k (Wray 2010 eq. 3, 4): normal approximation of the scores of
 * cases and controls with their liability-model means and variances. Off by less than 0.01 in AUC for r2 <=
 * 0.3. */
double grx_r2_liability_to_auc(double r2, double k);
double grx_auc_to_r2_liability(double auc, double k);
/* R2 of a linear regression on 0/1 disease status in a sample with a share p of cases -> liability scale (Lee
 * 2012 Genet Epidemiol 36:214). */
double grx_r2_observed_to_liability(double r2, double k, double p);
/* Nagelkerke (1991 Biometrika 78:691) from the log-likelihoods of the null and the full model of n
 * observations. */
double grx_r2_nagelkerke(double loglik0, double loglik1, double n);

/* --- interval of a risk from that of the score and the standard error of its effect --- */
/* Equal-probability strata: the midpoint of stratum 0..100 of N(value, se). The third from either end is
 * the 2.5 % point within 0.2 % of a standard error. */
enum { GRX_RISK_STRATA = 101 };
double grx_risk_stratum(double value, double se, int i);
struct grx_risk_spread {
	double z;
	bool has_z;        /* the score has an interval */
	double z_lo, z_hi; /* its 95 % interval; the halves may differ in width */
	bool has_effect;   /* risk() may be asked for the effect's strata 0..100, else only for -1 (its value)
			    */
	double (*risk)(void *arg, double z, int stratum);
	void *arg;
};
/* 95 % interval of the risk: all pairs of strata of score and effect, taken as independent; deterministic, no
 * random numbers. Cost: up to 101^2 evaluations. false: nothing varies, or a risk is not finite. */
bool grx_risk_interval(const struct grx_risk_spread *s, double *lo, double *hi);

#endif
