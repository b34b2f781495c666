/* SPDX-License-Identifier: GPL-3.0-or-later
 * reads.c -- base codes of packed sequence; who counts a refused record. */
#include "genorx/reads.h"

const char grx_nt16[17] = "=ACMGRSVTWYHKDBN";
const int8_t grx_nt16_to_nt4[16] = {4, 0, 1, 4, 2, 4, 4, 4, 3, 4, 4, 4, 4, 4, 4, 4};

void grx_reads_own(struct grx_reads *b, int64_t beg, int64_t end)
{
	b->n_bad_cigar = b->n_no_seq = 0;
	for (size_t i = 0; i < b->n_refused; i++) {
		const struct grx_refused *r = &b->refused[i];
		bool owned = r->pos >= beg && r->pos < end;
		b->n_no_seq += owned && r->no_seq;
		b->n_bad_cigar += owned && !r->no_seq;
	}
}
