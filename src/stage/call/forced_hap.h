/* SPDX-License-Identifier: GPL-3.0-or-later
 * forced_hap.h -- between the two steps of a forced site among called haplotypes: forced_hap.c chooses them,
 * forced_rec.c writes the record. */
#ifndef GRX_STAGE_CALL_FORCED_HAP_H
#define GRX_STAGE_CALL_FORCED_HAP_H

#include "stage/call/call_hap.h"

/* A site, the candidates around it and the haplotypes that carry what was called. */
struct call_fsite {
	struct call_forced *f;
	bool full;  /* no room for all haplotypes: nothing can be said */
	bool plain; /* the haplotypes are those of the plain run */
	struct call_region rg;
	int from[CALL_MAX_CAND];           /* index into w->called, or -1 - k for ALT k of the site */
	int alt[CALL_MAX_ALLELE];          /* candidate of ALT k */
	bool keeps[CALL_MAX_HAPS];         /* carries one called haplotype whole */
	uint32_t called_of[CALL_MAX_HAPS]; /* the called candidates of it */
};

/* The record of the site from the pairs chosen; one pair per sample. Errors: NOMEM. */
int call_forced_record(struct call_work *w, struct call_fsite *k, const struct call_haps *hs,
	const struct call_pairs *pp) GRX_MUST;

#endif
