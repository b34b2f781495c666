/* SPDX-License-Identifier: GPL-3.0-or-later
 * lik_int.h -- the instruction sets of lik.c, for tests. */
#ifndef GRX_PRS_LIK_INT_H
#define GRX_PRS_LIK_INT_H

#include "stage/prs/sums_int.h"

/* isa: one that prs_sums_has_isa() of this CPU. */
void prs_lik_moments_isa(enum sums_isa isa, const struct prs_lik *l, int n, float *e, float *var);
void prs_gp_moments_isa(enum sums_isa isa, const struct prs_lik *l, const float *p1, const float *p2, int n,
	float *e, float *var);

#endif
