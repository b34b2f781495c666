/* SPDX-License-Identifier: GPL-3.0-or-later
 * bed.h -- sorted, merged half-open intervals per contig. */
#ifndef GRX_BIO_BED_H
#define GRX_BIO_BED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "genorx/ctx.h"

struct grx_interval {
	int32_t tid;
	int64_t beg, end;
};

struct grx_bed {
	size_t n, cap;
	struct grx_interval *v; /* ascending, disjoint after grx_bed_finish() */
};

struct grx_bed *grx_bed_new(void);
void grx_bed_free(struct grx_bed *b);
int grx_bed_add(struct grx_ctx *cx, struct grx_bed *b, int32_t tid, int64_t beg, int64_t end) GRX_MUST;
void grx_bed_finish(struct grx_bed *b); /* sort and merge */
bool grx_bed_has(const struct grx_bed *b, int32_t tid, int64_t pos);
/* Is [beg, end) wholly inside one interval? */
bool grx_bed_covers(const struct grx_bed *b, int32_t tid, int64_t beg, int64_t end);
bool grx_bed_overlaps(const struct grx_bed *b, int32_t tid, int64_t beg, int64_t end);
int64_t grx_bed_bases(const struct grx_bed *b);
size_t grx_bed_lower(const struct grx_bed *b, int32_t tid, int64_t pos); /* first interval with end > pos */

#endif
