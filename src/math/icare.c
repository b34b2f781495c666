/* SPDX-License-Identifier: GPL-3.0-or-later
 * icare.c -- baseline hazard by one pass over age, absolute risk with competing death. */
#include "math/icare.h"

#include <math.h>
#include <stdlib.h>

/* E over Z of smooth functions of exp(beta Z): the trapezoidal rule with step 1/4 on [-12, 12]; its error,
 * about exp(-2 pi^2 16), is nil; for |beta| <= 4 the cut tails hold below 1e-15 of E exp(beta Z). */
enum { NODES = 97 };
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
	double r = exp(lp), risk = 0, alive = 1;
	for (int t = 0; t < n; t++) {
		double h = h0[t] * r, all = h + m[t], gone = -expm1(-all);
		if (left)
			risk += h * alive;
		else if (all > 0)
			risk += h * gone / all * alive;
		alive *= 1 - gone;
	}
	return risk;
}

struct years {
	const double *h0, *m;
	int n;
	bool left;
};

static double risk_of(void *arg, double lp)
{
	const struct years *y = arg;
	return grx_icare_risk(y->h0, y->m, y->n, lp, y->left);
}

double grx_icare_mean_risk(
	const struct grx_icare_pop *p, const double *h0, const double *m, int n, double cum, bool left)
{
	struct years y = {h0, m, n, left};
	struct visit v = {.f = risk_of, .arg = &y, .cum = cum};
	visit_all(&v, p);
	return v.num / v.den;
}

static int by_risk(const void *a, const void *b)
{
	const struct grx_icare_person *x = a, *y = b;
	if (x->shift != y->shift)
		return x->shift < y->shift ? -1 : 1;
	if (x->lp != y->lp)
		return x->lp < y->lp ? -1 : 1;
	return (x->w > y->w) - (x->w < y->w); /* the same sums whatever the order of rows */
}

int grx_icare_condense(struct grx_icare_person *v, int n, int groups)
{
	double all = 0;
	int k = 0;
	qsort(v, (size_t)n, sizeof *v, by_risk);
	for (int i = 0; i < n; i++)
		all += v[i].w;
	for (int i = 0; i < n; k++) {
		double w = 0, r = 0, first = v[i].lp, shift = v[i].shift, last;
		do {
			last = v[i].lp;
			w += v[i].w;
			r += v[i].w * exp(last - first);
			i++;
		} while (i < n && v[i].shift == shift && (w < all / groups || v[i].lp - last < 1e-12));
		v[k] = (struct grx_icare_person){first + log(r / w), w, shift};
	}
	return k;
}
