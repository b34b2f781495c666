/* SPDX-License-Identifier: GPL-3.0-or-later
 * foreign.h -- reads from elsewhere: fragments of a paralog that the reference lacks, mapped with confidence
 * to its nearest relative.
 *
 * In a short context the fragments are split into two clusters by the differences they share. One of them is
 * foreign when it differs far more from the reference than haplotypes do and the depth without it is that of
 * the sample. Equations, sources and limits: docs/methods/call_foreign.md.
 * Invariants: a context is a fixed window of the genome with fixed margins and all its reads, so verdicts do
 * not depend on the shard; a fragment is judged once, in the window of its middle. */
#ifndef GRX_STAGE_CALL_FOREIGN_H
#define GRX_STAGE_CALL_FOREIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "genorx/err.h"

struct call_work;

#define CALL_FRN_WINDOW 200 /* fragments are judged in windows at multiples of this */
#define CALL_FRN_MARGIN 300 /* context on both sides of it */
#define CALL_FRN_COLS   128 /* columns of a context */
#define CALL_FRN_FRAGS  512 /* fragments the clusters are fitted to */

/* Fragments x columns of a context: 1 the alternative allele, 0 the reference, -1 not covered,
 * -2 covered but of low quality or a third allele. */
struct call_frn_ctx {
	int n_col, n_frag;
	int64_t len;  /* bases of the context */
	double depth; /* expected of the native haplotypes together, above 0 */
	double scale; /* fragments of the context per row */
	int32_t pos[CALL_FRN_COLS];
	int8_t x[CALL_FRN_FRAGS][CALL_FRN_COLS];
};

/* What was found: allele frequency of the two clusters in each column, and the verdict. */
struct call_frn_fit {
	double foreign[CALL_FRN_COLS], native[CALL_FRN_COLS];
	double depth_foreign, depth_native; /* fragments, over the columns that tell the clusters apart */
	int m_foreign, m_native;            /* differences of one cluster alone, at least 8 bp apart */
	int n_het;                          /* columns where the native cluster has both alleles */
	double log_odds;                    /* foreign against every other explanation, nats */
	bool found;
};

/* Split the fragments and judge. Cost O(iterations x fragments x columns). foreign_fit.c */
void call_frn_fit(const struct call_frn_ctx *c, struct call_frn_fit *f);
/* ln P(row | foreign) - ln P(row | native); columns that say little count 0. */
double call_frn_llr(const struct call_frn_fit *f, int n_col, const int8_t *row);

/* A window with reads taken out: fraction of its aligned bases. */
struct call_frn_mark {
	int64_t pos;
	double fraction;
};

/* After call_reads_select(), before call_scan(): take the foreign fragments out of w->aln as if they had not
 * been selected; count them in w->n; list the windows in w->frn. depth: expected number of fragments over a
 * diploid position of the sample; 0, when it is unknown or means nothing (panels, exomes): does nothing.
 * Errors: GRX_E_NOMEM. Cost: linear in reads; more only in contexts of excess depth. foreign.c */
int call_foreign_mark(struct call_work *w, double depth) GRX_MUST;
/* Fraction of the aligned bases that was taken out around pos; 0 where nothing was. */
double call_foreign_at(const struct call_work *w, int64_t pos);

#endif
