/* SPDX-License-Identifier: GPL-3.0-or-later
 * fix.h -- exact, order-independent sums in 128-bit fixed point (unit 2^-60, range about +-1.4e20).
 * A sum does not depend on how the terms were grouped, hence not on shards or threads. */
#ifndef GRX_MATH_FIX_H
#define GRX_MATH_FIX_H

#include <stdbool.h>

__extension__ typedef __int128 grx_i128;

struct grx_fix {
	grx_i128 v;
};
/* Adds x rounded to the unit. false if x is not finite or |x| > 1e15 (nothing added). */
bool grx_fix_add(struct grx_fix *a, double x);
void grx_fix_merge(struct grx_fix *a, const struct grx_fix *b);
double grx_fix_get(const struct grx_fix *a);

#endif
