/* SPDX-License-Identifier: GPL-3.0-or-later
 * complex.h -- rows of a score that name no allele at a position: HLA alleles and serotypes, haplotypes and
 * diplotypes of them, APOE and CYP star alleles; decided by facts of the sample (pgx/GENE/diplotype).
 * A row is decided only when every reading of the facts gives the same: a type too coarse, a second
 * candidate, a gene without a fact or two genes whose phase matters leave it open. */
#ifndef GRX_PRS_COMPLEX_H
#define GRX_PRS_COMPLEX_H

#include "genorx/genorx.h"
#include "stage/prs/weights.h"

struct prs_complex; /* refdata/prs/hla_serotype.tsv; constant */

int prs_complex_open(struct grx_ctx *cx, struct prs_complex **out) GRX_MUST;
void prs_complex_close(struct prs_complex *c);

struct prs_complex_who {
	const struct grx_facts *facts; /* NULL: nothing is known */
	const char *sample;
};
/* Copies of what the row's weight counts: 0, 1 or 2 of an allele or haplotype, 0 or 1 of a diplotype (its
 * weight counts once); is_dominant and is_recessive are not applied. false: not decided, *why a constant
 * text. *gene (may be NULL): "HLA-DRB1", a gene whose fact decided, for evidence; of a static or the object's
 * memory. */
bool prs_complex_count(const struct prs_complex *c, const struct prs_wrow *row,
	const struct prs_complex_who *who, double *copies, const char **why, const char **gene);

#endif
