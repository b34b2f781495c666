/* SPDX-License-Identifier: GPL-3.0-or-later
 * gig.c -- generalised inverse Gaussian draws (Devroye 2014).
 * With lam = |p|, omega = sqrt(a b), ln of the variate of GIG(lam, omega, omega), moved to its mode, has the
 * log-concave density exp(psi(x)), psi(0) = 0. The hat is flat about the mode and exponential in both tails.
 */
#include "math/gig.h"

#include <math.h>

struct gig {
	double lam, alpha;
	double t, s, eta, zeta, theta, xi; /* where the hat's pieces touch psi, its values and slopes there */
	double t1, s1;                     /* ends of the flat piece: -s1 .. t1 */
	double p, q, r;                    /* areas: left tail, flat, right tail */
};

static double psi(const struct gig *g, double x)
{
	return -g->alpha * (cosh(x) - 1) - g->lam * (expm1(x) - x);
}

static double dpsi(const struct gig *g, double x)
{
	return -g->alpha * sinh(x) - g->lam * expm1(x);
}

static double touch_right(const struct gig *g)
{
	double x = -psi(g, 1);
	if (x > 2)
		return sqrt(2 / (g->alpha + g->lam));
	return x < 0.5 ? log(4 / (g->alpha + 2 * g->lam)) : 1;
}

static double touch_left(const struct gig *g)
{
	double x = -psi(g, -1), ia = 1 / g->alpha;
	if (x > 2)
		return sqrt(4 / (g->alpha * cosh(1) + g->lam));
	return x < 0.5 ? fmin(1 / g->lam, log(1 + ia + sqrt(ia) * sqrt(ia + 2))) : 1;
}

static void hat(struct gig *g)
{
	g->t = touch_right(g);
	g->s = touch_left(g);
	g->eta = -psi(g, g->t);
	g->zeta = -dpsi(g, g->t);
	g->theta = -psi(g, -g->s);
	g->xi = dpsi(g, -g->s);
	g->p = 1 / g->xi;
	g->r = 1 / g->zeta;
	g->t1 = g->t - g->r * g->eta;
	g->s1 = g->s - g->p * g->theta;
	g->q = g->t1 + g->s1;
}

/* (0, 1] */
static double unit(struct grx_rng *r)
{
	return 1 - grx_rng_uniform(r);
}

static double draw(const struct gig *g, struct grx_rng *rng)
{
	for (;;) {
		double u = grx_rng_uniform(rng) * (g->p + g->q + g->r), v = unit(rng), w = unit(rng), x, chi;
		if (u < g->q)
			x = -g->s1 + g->q * v;
		else if (u < g->q + g->r)
			x = g->t1 - g->r * log(v);
		else
			x = -g->s1 + g->p * log(v);
		if (x > g->t1)
			chi = exp(-g->eta - g->zeta * (x - g->t));
		else if (x < -g->s1)
			chi = exp(-g->theta + g->xi * (x + g->s));
		else
			chi = 1;
		if (w * chi <= exp(psi(g, x)))
			return x;
	}
}

double grx_gig(struct grx_rng *rng, double p, double a, double b)
{
	double omega = sqrt(a) * sqrt(b);
	if (!(a > 0) || !(b >= 0) || !isfinite(omega))
		return NAN;
	if (omega < 1e-100)
		return p > 0 ? grx_rng_gamma(rng, p, 2 / a) : NAN;
	struct gig g = {.lam = fabs(p)};
	/* sqrt(omega^2 + lam^2) - lam without cancellation */
	double root = hypot(omega, g.lam);
	g.alpha = omega * (omega / (root + g.lam));
	hat(&g);
	double x = draw(&g, rng), ratio = g.lam / omega;
	double y = exp(x) * (ratio + hypot(1, ratio));
	return (p < 0 ? 1 / y : y) * sqrt(b / a);
}
