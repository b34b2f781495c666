/* SPDX-License-Identifier: GPL-3.0-or-later
 * reads.c -- base codes of packed sequence; who counts a refused record. */
#include "genorx/reads.h"

#include <string.h>

const char grx_nt16[17] = "=ACMGRSVTWYHKDBN";
const int8_t grx_nt16_to_nt4[16] = {4, 0, 1, 4, 2, 4, 4, 4, 3, 4, 4, 4, 4, 4, 4, 4};

void grx_reads_own(struct grx_reads *b, int64_t beg, int64_t end)
{
	memset(b->owned_refused, 0, sizeof b->owned_refused);
	for (size_t i = 0; i < b->n_refused; i++) {
		const struct grx_refused *r = &b->refused[i];
		if (r->pos >= beg && r->pos < end)
			b->owned_refused[r->why] += r->n;
	}
	b->n_bad_cigar = b->owned_refused[GRX_REFUSED_CIGAR] + b->owned_refused[GRX_REFUSED_GAP];
	b->n_no_seq = b->owned_refused[GRX_REFUSED_SEQ];
}
