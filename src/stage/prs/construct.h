/* SPDX-License-Identifier: GPL-3.0-or-later
 * construct.h -- weights from summary statistics and an LD panel. */
#ifndef GRX_PRS_CONSTRUCT_H
#define GRX_PRS_CONSTRUCT_H

#include <stdbool.h>
#include <stdint.h>

#include "genorx/genorx.h"

/* Zero means "the method's own" where a comment says so; prs_construct_defaults() fills the rest. */
struct prs_construct_opt {
	const char *method;   /* ct | ldpred2-inf | ldpred2-grid | ldpred2-auto | prscs | lassosum2 */
	const char *sumstats; /* GWAS-SSF or plain; may be gzip */
	const char *ld;       /* VCF, BCF or .bed panel */
	const char *out;    /* weights: PGS Catalog columns, bgzip when it ends in .gz; "-" standard output */
	const char *report; /* TSV of QC counts and convergence, or NULL */
	const char
		*tune; /* sample TAB phenotype of people in the panel, for grids; NULL: pseudo-validation */
	const char *blocks; /* BED of LD blocks; NULL: cut by the LD itself */
	const char *build;  /* genome build written into the header; NULL: by the panel's contig lengths */
	double n;           /* sample size where the file gives none; 0 = file */
	double min_info, min_maf, freq_diff;
	double z_tol; /* beta/se and p may differ by this part of z (at least by this much) */
	double clump_r2, clump_kb, p_max;
	double h2, p_causal; /* 0 = estimated / grid */
	double phi;          /* prscs: global shrinkage, 0 = learnt */
	bool cs_published;   /* prscs: residual variance learnt, local shrinkage at most 1, as in the paper's
				program */
	double shrink;       /* ldpred2-*: factor of LD between different variants */
	int64_t block_max;   /* variants in an LD block that is cut by its LD */
	int64_t n_iter, n_burn, n_chain; /* 0 = the method's own */
	int64_t thin, n_draw, seed;
};
void prs_construct_defaults(struct prs_construct_opt *o);
/* Everything: reads, checks, fits, writes through cx->outs. Output bytes do not depend on cx->threads.
 * Memory: 2 bits per genotype of a panel variant that is in the summary statistics; one block's LD per thread
 * (ct, ldpred2-inf, ldpred2-grid, lassosum2) or 4 bytes x the sum of squared block sizes (ldpred2-auto,
 * prscs). Errors: USAGE (options), NOINPUT, DATA (file:line:column), MISMATCH (panel and statistics share
 * nothing). */
int prs_construct(struct grx_ctx *cx, const struct prs_construct_opt *o) GRX_MUST;

#endif
