/* SPDX-License-Identifier: GPL-3.0-or-later
 * sv.h -- structural alleles, and regulatory features under any allele.
 * A structural allele has no bases (ref and alt are ""): type and interval decide. What lies at one point (an
 * insertion, a breakend) has beg == end and lies between the bases beg - 1 and beg. */
#ifndef GRX_STAGE_ANNOTATE_SV_H
#define GRX_STAGE_ANNOTATE_SV_H

#include "stage/annotate/annotate_int.h"

struct json_t;

/* Allele k of v is symbolic or a breakend: where it lies and what it is. The interval is [POS + 1, END]
 * (1-based), END from INFO/END or INFO/SVLEN of either sign; cut at the end of the contig. *ok false: no such
 * allele (<NON_REF>, unknown symbols, no or an impossible END): counted in w->part. Needs INFO END, SVLEN and
 * SVTYPE decoded where given. */
int annotate_sv_allele(struct annotate_work *w, const struct grx_var *v, int32_t k, struct annotate_allele *a,
	bool *ok) GRX_MUST;
/* |SVLEN| of allele k: one value for each ALT, or one for the record. */
bool annotate_sv_length(const struct grx_var *v, int32_t k, int64_t *len);
/* The other end of breakend k, on whichever contig; *ok false: it is not a breakend, or its mate has no known
 * place. */
int annotate_sv_mate(struct annotate_work *w, const struct grx_var *v, int32_t k, struct annotate_allele *a,
	bool *ok) GRX_MUST;
/* Terms of a structural allele that overlaps the transcript; places too. O(exons). */
uint64_t annotate_sv_terms(
	const struct annotate_tx *t, const struct annotate_allele *al, struct annotate_place *pl);
/* As annotate_near(), for alleles that are long or lie elsewhere: leaves the walk along the genome where it
 * is. The list lives in w->mem. */
int annotate_sv_near(struct annotate_work *w, int32_t tid, int64_t beg, int64_t end,
	const struct annotate_tx *const **list, int *n) GRX_MUST;
/* Entries of regulatory features and motifs for any allele: appended to v[*n], which moves within w->mem. */
int annotate_feature_entries(struct annotate_work *w, const struct annotate_allele *al,
	struct annotate_entry **v, int32_t *n) GRX_MUST;

/* Terms of one feature that the allele overlaps. */
uint64_t annotate_feature_terms(const struct annotate_feature *f, const struct annotate_allele *al);

/* Sequence Ontology class as VEP prints it in VARIANT_CLASS: of the record for a sequence allele (all its
 * ALTs together), of the allele when it is structural. Static text. */
const char *annotate_variant_class(const struct grx_var *v, const struct annotate_allele *al);

/* OverlapBP: bases that a structural allele and [beg, end) share; OverlapPC: these in % of [beg, end). 0 for
 * points. */
int64_t annotate_sv_overlap(const struct annotate_allele *al, int64_t beg, int64_t end);
double annotate_sv_overlap_pc(const struct annotate_allele *al, int64_t beg, int64_t end);

/* Add the counts of a shard; then into the summary object. */
void annotate_sv_merge(struct annotate_part *total, const struct annotate_part *part);
int annotate_sv_summary(const struct annotate_part *total, struct json_t *to) GRX_MUST;

#endif
