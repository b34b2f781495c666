/* SPDX-License-Identifier: GPL-3.0-or-later
 * hgvs_place.h -- a name on its way to a record: placed by hgvs_place.c, made by hgvs_change.c. */
#ifndef GRX_STAGE_ANNOTATE_HGVS_PLACE_H
#define GRX_STAGE_ANNOTATE_HGVS_PLACE_H

#include "stage/annotate/hgvs_int.h"

struct annotate_placing {
	struct annotate_name_world *world;
	const struct annotate_name *n;
	struct annotate_tx tx;
	bool has_tx;
	int32_t tid;
	int strand;
	int64_t beg, end; /* genomic span of the positions */
	const char *ref;  /* its bases, genome strand */
	const char *alt;  /* genome strand; what replaces [beg, end) */
	int64_t alt_n;
	struct grx_str *why;
	int32_t at;
};

/* The name is wrong at byte `at`: GRX_OK is returned so that the caller can go on to the next name. */
int annotate_placing_wrong(struct annotate_placing *p, int32_t at, const char *fmt, ...)
	GRX_PRINTF(3, 4) GRX_MUST;
static inline bool annotate_placing_is_wrong(const struct annotate_placing *p)
{
	return p->why->n > 0;
}
/* The record of a name whose positions are known. */
int annotate_placing_record(struct annotate_placing *p, struct annotate_named_record *out) GRX_MUST;

#endif
