/* SPDX-License-Identifier: GPL-3.0-or-later
 * prior.h -- allele frequencies as priors. */
#ifndef GRX_STAGE_PGX_PRIOR_H
#define GRX_STAGE_PGX_PRIOR_H

#include "stage/pgx/pgx_int.h"

/* prior[gene][allele] and basis[gene], in t->mem. population NULL = global. Errors: USAGE for an unknown
 * population, DATA with file:line, NOMEM. */
int pgx_prior_load(struct grx_ctx *cx, struct pgx_table *t, const char *population, double **prior,
	const char **basis) GRX_MUST;

#endif
