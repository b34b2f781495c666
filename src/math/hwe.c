/* SPDX-License-Identifier: GPL-3.0-or-later
 * hwe.c -- exact Hardy-Weinberg test by the ratios of neighbouring terms, from the seen count outwards. */
#include "math/hwe.h"

#include <math.h>
#include <stdbool.h>

/* Terms below this fraction of the seen one cannot change the result. */
#define TERM_TINY 1e-18

/* P(het + 2) / P(het), P(het - 2) / P(het) at given counts. */
static double up(double het, double a, double b)
{
	return 4.0 * a * b / ((het + 2.0) * (het + 1.0));
}

static double down(double het, double a, double b)
{
	return het * (het - 1.0) / (4.0 * (a + 1.0) * (b + 1.0));
}

/* Sum of the terms on one side, relative to the seen one: all of them, and those that are not likelier. */
static void side(const double seen[3], bool upwards, double *all, double *tail)
{
	double het = seen[0], a = seen[1], b = seen[2], term = 1.0;
	for (;;) {
		double ratio = upwards ? up(het, a, b) : down(het, a, b);
		double by = upwards ? 1.0 : -1.0;
		if (ratio <= 0.0 || (term < TERM_TINY && ratio < 1.0))
			return;
		term *= ratio;
		het += 2.0 * by;
		a -= by;
		b -= by;
		*all += term;
		if (term <= 1.0 + 1e-9)
			*tail += term;
	}
}

double grx_hwe_exact(int64_t n_het, int64_t n_hom1, int64_t n_hom2)
{
	double seen[3] = {(double)n_het, (double)n_hom1, (double)n_hom2}, all = 1.0, tail = 1.0;
	side(seen, true, &all, &tail);
	side(seen, false, &all, &tail);
	return isfinite(all) ? fmin(1.0, tail / all) : 0.0; /* the seen count is beyond 1e-300 */
}
