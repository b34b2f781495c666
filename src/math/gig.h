/* SPDX-License-Identifier: GPL-3.0-or-later
 * gig.h -- the generalised inverse Gaussian distribution. */
#ifndef GRX_MATH_GIG_H
#define GRX_MATH_GIG_H

#include "math/rng.h"

/* A draw with density proportional to x^(p-1) exp(-(a x + b/x) / 2), a > 0, b >= 0, by rejection from a
 * three-piece hat over ln x (Devroye, Stat Comput 24:239, 2014); the expected number of tries is
 * bounded for all parameters. b = 0 or so small that it has no say: Gamma(p, 2/a) for p > 0, and NAN for
 * p <= 0, where there is no such distribution. */
double grx_gig(struct grx_rng *r, double p, double a, double b);

#endif
