/* SPDX-License-Identifier: GPL-3.0-or-later
 * complex_int.h -- one named allele, serotype or star allele: its gene, and whether a typing has it. */
#ifndef GRX_PRS_COMPLEX_INT_H
#define GRX_PRS_COMPLEX_INT_H

#include "stage/prs/complex.h"

enum prs_tri { PRS_TRI_NO, PRS_TRI_YES, PRS_TRI_OPEN };

struct prs_name {
	char gene[24];   /* "HLA-DRB1", "APOE", "CYP2C19" */
	char allele[40]; /* "*15:01", "e4", "*2"; of a serotype its name, "DR4" */
	bool serotype;
};

/* "HLA-B*57:01", "B*57:01", "HLA-DR4", "e4", "CYP2C19*2". locus: the gene of a bare allele, or NULL. */
bool prs_name_read(const struct prs_complex *c, const char *text, const char *locus, struct prs_name *out,
	const char **why);
/* On the two copies of the sample's fact; open without one. */
void prs_name_count(const struct prs_complex *c, const struct prs_name *n, const struct prs_complex_who *who,
	enum prs_tri has[2]);
/* A gene's name that lives for ever, NULL for genes not known here. */
const char *prs_name_gene(const char *gene);

#endif
