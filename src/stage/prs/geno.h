/* SPDX-License-Identifier: GPL-3.0-or-later
 * geno.h -- genotypes at one row: between the engine and its arithmetic. */
#ifndef GRX_PRS_GENO_H
#define GRX_PRS_GENO_H

#include "stage/prs/prs_int.h"

/* Where a row found its allele. */
struct prs_geno_at {
	const struct grx_geno *g;    /* the record, or NULL */
	const struct grx_geno *recs; /* all of its position */
	int n;
	const struct prs_block *block; /* or the block */
	int allele; /* of the record: index; of the block: 0 effect allele is REF, -1 it is not */
};

/* Genotype codes; swap: they count the copies of what is not the effect allele. */
struct prs_codes {
	const uint8_t *code; /* the engine's or the block's */
	unsigned seen;
	bool swap;
};
int prs_geno_codes(
	struct grx_ctx *cx, struct prs_eng *e, const struct prs_geno_at *at, struct prs_codes *out) GRX_MUST;
/* Does the run look at what the file says against its own genotypes, and does the file say anything? */
/* Does the ALT of another record of the position take copies from at->g's REF: has the site been split, and
 * no record before told of this ALT? Is the row's allele the REF of such a site? */
bool prs_geno_is_other_alt(const struct prs_geno_at *at, int rec, int alt);
bool prs_geno_ref_is_split(const struct prs_geno_at *at);
bool prs_distrusts(const struct prs_eng *e, const struct grx_geno *g);
/* Frequency of the effect allele among called genotypes; NAN without any. */
double prs_codes_freq(const struct prs_codes *c, int n);

/* The same by DS where the run goes by it, and by GT of samples without; NAN where it does not. */
int prs_geno_ds_freq(struct grx_ctx *cx, struct prs_eng *e, const struct prs_geno_at *at,
	const struct prs_codes *c, double *f) GRX_MUST;

/* Expectation and variance of the genotype value per sample, in the engine's scratch; out->what NULL when the
 * file gives nothing but GT to go by (moments.c). c: codes of the same row. */
int prs_geno_moments(struct grx_ctx *cx, struct prs_eng *e, const struct prs_geno_at *at,
	const struct prs_codes *c, const struct prs_term *t, struct prs_real *out) GRX_MUST;

#endif
