/* SPDX-License-Identifier: GPL-3.0-or-later
 * seen.c -- walk a read's CIGAR over a stretch of the reference. */
#include "bio/seen.h"

#include <string.h>

static void take(const struct grx_read *r, int64_t from, int64_t n, struct grx_seen *out)
{
	size_t k = strlen(out->bases);

	for (int64_t i = from; i < from + n; i++) {
		if (i >= r->l_seq || k + 1 >= GRX_SEEN_MAX) {
			out->whole = false;
			return;
		}
		out->bases[k++] = grx_nt16[GRX_SEQ_CODE(r->seq, i)];
		out->bases[k] = '\0';
		if (!r->no_qual && (out->qual < 0 || r->qual[i] < out->qual))
			out->qual = r->qual[i];
	}
}

void grx_seen(const struct grx_read *r, int64_t beg, int64_t end, bool indel, struct grx_seen *out)
{
	int64_t ref = r->pos, query = 0;

	memset(out, 0, sizeof(*out));
	out->qual = -1;
	out->whole = r->l_seq > 0 && r->pos <= beg && r->end >= end + indel;
	for (uint32_t c = 0; c < r->n_cigar && ref <= end; c++) {
		int op = GRX_CIG_OP(r->cigar[c]);
		int64_t n = GRX_CIG_LEN(r->cigar[c]), to = ref + n;
		int64_t lo = ref > beg ? ref : beg, hi = to < end ? to : end;

		if (GRX_CIG_REF(op) && GRX_CIG_QUERY(op) && lo < hi)
			take(r, query + lo - ref, hi - lo, out);
		else if (op == GRX_C_I && ref > beg && (ref < end || (ref == end && indel)))
			take(r, query, n, out);
		else if ((op == GRX_C_D || op == GRX_C_N) && ref < end + indel && to > beg)
			out->spill = out->spill || ref <= beg || to > end || op == GRX_C_N;
		if (GRX_CIG_REF(op))
			ref = to;
		if (GRX_CIG_QUERY(op))
			query += n;
	}
}
