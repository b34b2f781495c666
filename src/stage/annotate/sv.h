/* SPDX-License-Identifier: GPL-3.0-or-later
 * sv.h -- structural alleles, and regulatory features under any allele. */
#ifndef GRX_STAGE_ANNOTATE_SV_H
#define GRX_STAGE_ANNOTATE_SV_H

#include "stage/annotate/annotate_int.h"

/* Allele k of v is symbolic or a breakend: where it lies and what it is. *ok false: no such allele (`*`,
 * <NON_REF>, unknown symbols: counted in w->part). Needs INFO END, SVLEN, SVTYPE, CN decoded where given. */
int annotate_sv_allele(struct annotate_work *w, const struct grx_var *v, int32_t k, struct annotate_allele *a,
	bool *ok) GRX_MUST;
/* Terms of a structural allele that overlaps the transcript; places too. */
uint64_t annotate_sv_terms(
	const struct annotate_tx *t, const struct annotate_allele *al, struct annotate_place *pl);
/* Entries of regulatory features and motifs for any allele: appended to v (room for cap), *n counts. */
int annotate_feature_entries(struct annotate_work *w, const struct annotate_allele *al,
	struct annotate_entry **v, int *n) GRX_MUST;

#endif
