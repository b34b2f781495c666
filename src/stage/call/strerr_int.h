/* SPDX-License-Identifier: GPL-3.0-or-later
 * strerr_int.h -- what the two steps of the stutter fit hand to each other. */
#ifndef GRX_CALL_STRERR_INT_H
#define GRX_CALL_STRERR_INT_H

#include "stage/call/strerr.h"

#define CALL_STR_BINS     3 /* of units, for the decay */
#define CALL_STR_MAX_RATE 0.6

/* What the E step leaves: expected reads by the units of the molecule's allele. */
struct call_strsums {
	/* reads times the factor of their tract, and stutter */
	double n[CALL_STR_N][CALL_STR_UNITS + 1], k[CALL_STR_N][CALL_STR_UNITS + 1];
	double read;
	double extra[CALL_STR_N][CALL_STR_BINS], change[CALL_STR_N][CALL_STR_BINS];
	double shorter[CALL_STR_N];
	/* by reference units */
	double loci[CALL_STR_N][CALL_STR_UNITS + 1], variable[CALL_STR_N][CALL_STR_UNITS + 1];
	double level[CALL_STR_LEVELS]; /* tracts that tell something of theirs */
};

struct call_strfit {
	struct call_strmodel *m;
	double line[CALL_STR_N][CALL_STR_UNITS + 1]; /* rate before shrinkage of cells */
	struct call_strsums s;
};

static inline int call_strbin(int units)
{
	return units < 10 ? 0 : units < 15 ? 1 : 2;
}

/* strerr_loci.c: the E step, f->s and the counts of f->m from the loci and f->m. Loci deeper than max_depth
 * (0: no limit) are left out. Cost: linear in loci. */
void call_strloci_share(struct call_strfit *f, const struct call_strcount *c, double max_depth);

#endif
