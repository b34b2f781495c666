/* SPDX-License-Identifier: GPL-3.0-or-later
 * hgvs.h -- HGVS names of alleles, and alleles of HGVS names. Source: HGVS nomenclature 21; docs/methods. */
#ifndef GRX_STAGE_ANNOTATE_HGVS_H
#define GRX_STAGE_ANNOTATE_HGVS_H

#include "stage/annotate/annotate_int.h"

/* Shift a pure insertion or deletion 3' along the strand (+1: the genome's); *moved bases. Strings in w->mem.
 */
int annotate_shift(struct annotate_work *w, int strand, const struct annotate_allele *al,
	struct annotate_allele *out, int32_t *moved) GRX_MUST;
/* Each appends a name to o, or nothing when the allele has none there. */
int annotate_hgvs_c(struct annotate_work *w, const struct annotate_tx *t,
	const struct annotate_allele *shifted, struct grx_str *o) GRX_MUST;
int annotate_hgvs_p(struct annotate_work *w, const struct annotate_eval *shifted, uint64_t terms,
	struct grx_str *o) GRX_MUST;
/* Genomic (g., m. on the mitochondrion), of sequence and structural alleles; shifts by itself. */
int annotate_hgvs_g(struct annotate_work *w, const struct annotate_allele *al, struct grx_str *o) GRX_MUST;
/* Name of a protein change given as reference and changed protein (both without pad; stops as '*'): for joint
 * changes. *stop of the changed protein: residue of its first stop, 0 none. */
int annotate_hgvs_protein(struct annotate_work *w, const struct annotate_tx *t, const char *ref,
	const char *alt, struct grx_str *o) GRX_MUST;
/* The job of --hgvs-in: names, one a line (further columns kept), to VCF. */
int annotate_hgvs_tool(
	const struct annotate_opt *o, struct grx_ctx *cx, const struct grx_tool_io *io) GRX_MUST;

#endif
