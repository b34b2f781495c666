/* SPDX-License-Identifier: GPL-3.0-or-later
 * fix.c -- 128-bit fixed-point sums. */
#include "math/fix.h"

#include <math.h>

#define FIX_BITS 60

bool grx_fix_add(struct grx_fix *a, double x)
{
	if (!isfinite(x) || fabs(x) > 1e15)
		return false;
	/* 2^60 x is exact in double; the part above 2^53 is whole, so only the fraction below the unit is
	 * rounded */
	double whole = floor(x);
	double frac = x - whole;
	a->v += (grx_i128)(long long)whole * ((grx_i128)1 << FIX_BITS);
	a->v += (grx_i128)llrint(ldexp(frac, FIX_BITS));
	return true;
}

void grx_fix_merge(struct grx_fix *a, const struct grx_fix *b)
{
	a->v += b->v;
}

double grx_fix_get(const struct grx_fix *a)
{
	/* one rounding, from 128 bits to a double, then an exact scaling */
	return ldexp((double)a->v, -FIX_BITS);
}
