/* SPDX-License-Identifier: GPL-3.0-or-later
 * icare.c -- baseline hazard by one pass over age, absolute risk with competing death. */
#include "math/icare.h"

#include <math.h>

/* E over Z of smooth functions of exp(beta Z): the trapezoidal rule with step 1/4 on [-8, 8]; its error,
 * about exp(-2 pi^2 16), is nil, the cut tails hold 1e-15. */
enum { NODES = 65 };
#define STEP 0.25

struct visit {
	double (*f)(void *arg, double lp); /* value to average, weighted by survival exp(-cum exp(lp)) */
	void *arg;
	double cum;
	double num, den;
};

static void visit_one(struct visit *v, double w, double lp)
{
	double s = w * exp(-v->cum * exp(lp));
	v->num += s * v->f(v->arg, lp);
	v->den += s;
}

static void visit_all(struct visit *v, const struct grx_icare_pop *p)
{
	v->num = v->den = 0;
	for (int i = 0; i < p->n; i++) {
		if (!p->spread) {
			visit_one(v, p->w[i], p->lp[i]);
			continue;
		}
		double at = p->lp[i] + (p->shift ? p->beta * p->shift[i] : 0);
		for (int k = 0; k < NODES; k++) {
			double z = (k - NODES / 2) * STEP;
			visit_one(v, p->w[i] * exp(-0.5 * z * z), at + p->beta * z);
		}
	}
}

static double relative(void *arg, double lp)
{
	(void)arg;
	return exp(lp);
}

bool grx_icare_baseline(const struct grx_icare_pop *p, const double *lambda, int n_age, double *h0, double *e)
{
	struct visit v = {.f = relative};
	for (int t = 0; t < n_age; t++) {
		visit_all(&v, p);
		double mean = v.num / v.den;
		h0[t] = lambda[t] / mean;
		if (!isfinite(h0[t]) || !(mean > 0))
			return false;
		if (e)
			e[t] = mean;
		v.cum += h0[t];
	}
	return true;
}

double grx_icare_risk(const double *h0, const double *m, int n, double lp, bool left)
{
	double r = exp(lp), risk = 0, cum = 0;
	for (int t = 0; t < n; t++) {
		double h = h0[t] * r, all = h + m[t];
		double year = left ? h : all > 0 ? h * -expm1(-all) / all : 0;
		risk += year * exp(-cum);
		cum += all;
	}
	return risk;
}

struct years {
	const double *h0, *m;
	int n;
};

static double risk_of(void *arg, double lp)
{
	const struct years *y = arg;
	return grx_icare_risk(y->h0, y->m, y->n, lp, false);
}

double grx_icare_mean_risk(
	const struct grx_icare_pop *p, const double *h0, const double *m, int n, double cum)
{
	struct years y = {h0, m, n};
	struct visit v = {.f = risk_of, .arg = &y, .cum = cum};
	visit_all(&v, p);
	return v.num / v.den;
}
