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

/* Where one CIGAR operation lies against the stretch. */
struct step {
	int op;
	int64_t ref, to, query, n;
};

static void step_take(
	const struct grx_read *r, const struct step *s, int64_t beg, int64_t end, struct grx_seen *out)
{
	int64_t lo = s->ref > beg ? s->ref : beg, hi = s->to < end ? s->to : end;

	if (lo < hi)
		take(r, s->query + lo - s->ref, hi - lo, out);
}

/* Does a gap reach over an end of the stretch? last: the first base behind it that still counts. */
static bool step_spills(const struct step *s, int64_t beg, int64_t end, int64_t last)
{
	if (s->ref >= last || s->to <= beg)
		return false;
	return s->ref <= beg || s->to > end || s->op == GRX_C_N;
}

void grx_seen(const struct grx_read *r, int64_t beg, int64_t end, bool indel, struct grx_seen *out)
{
	int64_t ref = r->pos, query = 0, last = end + indel;

	memset(out, 0, sizeof(*out));
	out->qual = -1;
	out->whole = r->l_seq > 0 && r->pos <= beg && r->end >= last;
	for (uint32_t c = 0; c < r->n_cigar && ref <= end; c++) {
		struct step s = {.op = GRX_CIG_OP(r->cigar[c]), .n = GRX_CIG_LEN(r->cigar[c])};
		bool on_ref = GRX_CIG_REF(s.op), on_read = GRX_CIG_QUERY(s.op);

		s.ref = ref;
		s.query = query;
		s.to = on_ref ? ref + s.n : ref;
		if (on_ref && on_read)
			step_take(r, &s, beg, end, out);
		else if (on_ref)
			out->spill = out->spill || step_spills(&s, beg, end, last);
		else if (s.op == GRX_C_I && ref > beg && ref < last)
			take(r, query, s.n, out);
		ref = s.to;
		query += on_read ? s.n : 0;
	}
}
