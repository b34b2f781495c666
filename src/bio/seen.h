/* SPDX-License-Identifier: GPL-3.0-or-later
 * seen.h -- what one read shows over a short stretch of the reference. */
#ifndef GRX_BIO_SEEN_H
#define GRX_BIO_SEEN_H

#include <stdbool.h>

#include "genorx/reads.h"

enum { GRX_SEEN_MAX = 64 };

struct grx_seen {
	char bases[GRX_SEEN_MAX]; /* aligned over the stretch, inserted bases in place, deleted ones absent */
	int qual;                 /* least base quality among them; -1 unknown */
	bool whole; /* the read is aligned over all of the stretch (with indel: and a base beyond) */
	bool spill; /* a deletion or skip reaches over an end of the stretch */
};

/* grx_seen() -- bases of r over [beg, end) as the aligner placed them. indel: an insertion right after the
 * stretch belongs to it, as in a VCF record with its anchor base. A stretch that shows more than
 * GRX_SEEN_MAX - 1 bases is cut and not whole. O(CIGAR + bases). */
void grx_seen(const struct grx_read *r, int64_t beg, int64_t end, bool indel, struct grx_seen *out);

#endif
