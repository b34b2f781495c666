/* SPDX-License-Identifier: GPL-3.0-or-later
 * construct.h -- weights from summary statistics and an LD panel. */
#ifndef GRX_PRS_CONSTRUCT_H
#define GRX_PRS_CONSTRUCT_H

#include "genorx/genorx.h"

struct prs_construct_opt {
	const char *method;   /* ct | ldpred2-inf | ldpred2-grid | ldpred2-auto | prscs | lassosum2 */
	const char *sumstats; /* GWAS-SSF or plain */
	const char *ld;       /* VCF, BCF or .bed panel */
	const char *out;      /* weights: PGS Catalog columns, bgzip; "-" stdout */
	const char *report;   /* TSV of QC counts and convergence, or NULL */
	const char *tune;     /* sample TAB phenotype of people in the panel, for grids; NULL: pseudo-validation or defaults */
	const char *blocks;   /* BED of LD blocks; NULL: cut by the LD itself */
	double n;             /* sample size where the file gives none; 0 = file */
	double min_info, min_maf, freq_diff;
	double clump_r2, clump_kb, p_max;
	double h2, p_causal;  /* 0 = estimated / grid */
	int64_t n_iter, n_burn, thin, n_draw, seed, n_chain;
};
int prs_construct(struct grx_ctx *cx, const struct prs_construct_opt *o) GRX_MUST;

#endif
