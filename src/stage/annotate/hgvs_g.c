/* SPDX-License-Identifier: GPL-3.0-or-later
 * hgvs_g.c -- genomic HGVS names (g., m.) of sequence and structural alleles.
 * A structural allele has a name only where HGVS defines one from its span alone: deletion, duplication and
 * inversion. A copy number, an insertion of unknown sequence and a breakend have none here. */
#include <string.h>

#include "bio/contig.h"
#include "stage/annotate/hgvs_int.h"

/* "from_to" or "from", 1-based. */
static void span_add(struct grx_str *o, int64_t beg, int64_t end)
{
	grx_str_addi(o, beg + 1);
	if (end - beg > 1) {
		grx_str_addc(o, '_');
		grx_str_addi(o, end);
	}
}

static int structural(struct annotate_work *w, const struct annotate_allele *al, struct grx_str *o)
{
	const char *verb = al->sv == AT_SV_DEL   ? "del"
			   : al->sv == AT_SV_DUP ? "dup"
			   : al->sv == AT_SV_INV ? "inv"
						 : NULL;
	/* one base has no inversion */
	if (!verb || al->end <= al->beg || (al->sv == AT_SV_INV && al->end - al->beg < 2))
		return GRX_OK;
	grx_str_add(o, w->st->g_prefix[al->tid]);
	span_add(o, al->beg, al->end);
	grx_str_add(o, verb);
	return o->oom ? grx_fail_nomem(w->cx, "HGVS name") : GRX_OK;
}

/* Length of the shortest unit that s repeats. */
static int64_t period_of(const char *s, int64_t n)
{
	for (int64_t p = 1; p <= n / 2; p++)
		if (n % p == 0 && memcmp(s, s + p, (size_t)(n - p)) == 0)
			return p;
	return n;
}

/* Copies of the unit that end before pos. */
static int copies_before(
	struct annotate_work *w, int32_t tid, int64_t pos, const char *unit, int64_t p, int64_t *n)
{
	for (*n = 0; *n < AT_MAX_SHIFT; ++*n) {
		int64_t from = pos - (*n + 1) * p;
		int rc = from < 0 ? GRX_OK : annotate_window(w, tid, from, from + p);
		if (rc || from < 0)
			return rc;
		for (int64_t i = 0; i < p; i++)
			if (annotate_base(w, from + i) != unit[i])
				return GRX_OK;
	}
	return GRX_OK;
}

/* A tandem repeat of units of two bases or more that gains or loses whole copies, some being left: "pos unit
 * [n]". *done: it is one. One copy that is doubled is a duplication, and so are longer runs of one base, as
 * ClinVar has it. */
static int repeat_add(struct annotate_work *w, const struct annotate_side *s, struct grx_str *o, bool *done)
{
	const struct annotate_allele *a = &s->cut;
	bool del = a->alt_len == 0;
	*done = false;
	if (!del && a->ref_len)
		return GRX_OK;
	int64_t n = del ? a->ref_len : a->alt_len, before;
	const char *unit = del ? a->ref : a->alt;
	int64_t p = period_of(unit, n);
	if (p < 2)
		return GRX_OK;
	int rc = copies_before(w, a->tid, a->beg, unit, p, &before);
	if (rc || before < 1 || (!del && before + n / p < 3))
		return rc;
	/* where the reference is unknown, so is the number of copies */
	if ((rc = annotate_window(w, a->tid, a->end, a->end + p)))
		return rc;
	for (int64_t i = 0; i < p; i++) {
		char b = annotate_base(w, a->end + i);
		if (b == 'N')
			return GRX_OK;
		if (b != unit[i])
			break;
	}
	*done = true;
	grx_str_add(o, w->st->g_prefix[a->tid]);
	grx_str_addi(o, a->beg - before * p + 1);
	grx_str_addn(o, unit, (size_t)p);
	grx_str_addc(o, '[');
	grx_str_addi(o, del ? before : before + n / p);
	grx_str_addc(o, ']');
	return o->oom ? grx_fail_nomem(w->cx, "HGVS name") : GRX_OK;
}

int annotate_hgvs_g(struct annotate_work *w, struct annotate_moved *mv, struct grx_str *o)
{
	const struct annotate_side *s;
	int64_t beg, end;
	if (!w->st->g_prefix)
		return GRX_OK;
	if (mv->al->sv)
		return structural(w, mv->al, o);
	int rc = annotate_moved_get(w, mv, 1, &s);
	if (rc || !s->named)
		return rc;
	if (w->st->opt.repeats) {
		bool done;
		rc = repeat_add(w, s, o, &done);
		if (rc || done)
			return rc;
	}
	annotate_side_span(s, 1, s->dup, &beg, &end);
	/* bases before the first or after the last of a sequence have no number */
	int64_t len = w->cx->contigs->c[mv->al->tid].len;
	if (beg < 0 || (len && end > len))
		return GRX_OK;
	grx_str_add(o, w->st->g_prefix[mv->al->tid]);
	span_add(o, beg, end);
	if (s->dup)
		grx_str_addn(o, "dup", 3);
	else
		grx_str_addn(o, s->tail, (size_t)s->tail_n);
	return o->oom ? grx_fail_nomem(w->cx, "HGVS name") : GRX_OK;
}
