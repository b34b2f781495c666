/* SPDX-License-Identifier: GPL-3.0-or-later
 * hgvs_g.c -- genomic HGVS names (g., m.) of sequence and structural alleles.
 * A structural allele has a name only where HGVS defines one from its span alone: deletion, duplication and
 * inversion. A copy number, an insertion of unknown sequence and a breakend have none here. */
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
	annotate_side_span(s, 1, s->dup, &beg, &end);
	/* bases before the first or after the last of a sequence have no number */
	if (beg < 0)
		return GRX_OK;
	grx_str_add(o, w->st->g_prefix[mv->al->tid]);
	span_add(o, beg, end);
	if (s->dup)
		grx_str_addn(o, "dup", 3);
	else
		grx_str_addn(o, s->tail, (size_t)s->tail_n);
	return o->oom ? grx_fail_nomem(w->cx, "HGVS name") : GRX_OK;
}
