/* SPDX-License-Identifier: GPL-3.0-or-later
 * sv_terms.c -- Sequence Ontology terms of a structural allele on one transcript; what a long allele meets.
 * Tiers as in VEP: the loss or gain of a whole transcript, then a mature miRNA, say it alone. Source: Ensembl
 * Variation 115 predicates and their pre-conditions, restated with the deliberate differences in
 * docs/methods/annotate_sv.md. */
#include "stage/annotate/sv.h"

#include <string.h>

static bool is_point(const struct annotate_allele *al)
{
	return al->beg == al->end;
}

static bool overlaps(const struct annotate_allele *al, int64_t beg, int64_t end)
{
	return annotate_overlap(al->beg + 1, al->end, beg + 1, end);
}

static bool covers(const struct annotate_allele *al, int64_t beg, int64_t end)
{
	return al->beg < al->end && al->beg <= beg && al->end >= end;
}

static bool in_exon(const struct annotate_tx *t, const struct annotate_allele *al)
{
	for (int32_t i = 0; i < t->n_exon; i++)
		if (overlaps(al, t->exon[i].beg, t->exon[i].end))
			return true;
	return false;
}

/* The whole transcript lies inside the allele. */
static uint64_t whole_terms(const struct annotate_tx *t, const struct annotate_allele *al)
{
	if (al->sv == AT_SV_DEL)
		return AT_BIT(AT_TRANSCRIPT_ABLATION);
	if (al->sv == AT_SV_DUP)
		return AT_BIT(AT_TRANSCRIPT_AMPLIFICATION);
	if (t->nmd)
		return AT_BIT(AT_NMD);
	return t->coding ? AT_BIT(AT_CODING_TRANSCRIPT) : AT_BIT(AT_NC_TRANSCRIPT);
}

/* Intron and, where bases of the splice sites are lost or turned round, splice terms. */
static uint64_t intron_terms(const struct annotate_tx *t, const struct annotate_allele *al, bool exonic)
{
	struct annotate_allele x = *al;
	bool short_intron;
	x.ref_len = 1; /* unequal lengths: judged by the interval, not base by base */
	uint64_t b = annotate_splice(t, &x, exonic, &short_intron);
	return al->sv == AT_SV_DEL || al->sv == AT_SV_INV ? b : b & AT_BIT(AT_INTRON);
}

/* Does a deletion lie inside the coding part of one exon? */
static bool within_coding_exon(const struct annotate_tx *t, const struct annotate_allele *al)
{
	if (al->beg < t->coding_beg || al->end > t->coding_end)
		return false;
	for (int32_t i = 0; i < t->n_exon; i++)
		if (al->beg >= t->exon[i].beg && al->end <= t->exon[i].end)
			return true;
	return false;
}

static uint64_t coding_terms(const struct annotate_tx *t, const struct annotate_allele *al)
{
	bool low = overlaps(al, t->coding_beg, t->coding_beg + 3),
	     high = overlaps(al, t->coding_end - 3, t->coding_end);
	bool start = t->strand > 0 ? low : high, stop = t->strand > 0 ? high : low;
	uint64_t b = 0;
	if (start && !t->start_nf && (al->sv == AT_SV_DEL || al->sv == AT_SV_INV))
		b |= AT_BIT(AT_START_LOST);
	if (stop && !t->end_nf && al->sv == AT_SV_DEL)
		b |= AT_BIT(AT_STOP_LOST);
	if (al->sv == AT_SV_DEL && within_coding_exon(t, al))
		return b | ((al->end - al->beg) % 3 ? AT_BIT(AT_FRAMESHIFT) : AT_BIT(AT_INFRAME_DELETION));
	return b | AT_BIT(AT_CODING_SEQUENCE);
}

/* The feature becomes shorter or longer. */
static uint64_t length_terms(
	const struct annotate_tx *t, const struct annotate_allele *al, const struct annotate_place *pl)
{
	bool inside = al->beg >= t->beg && al->end <= t->end;
	switch (al->sv) {
	case AT_SV_BND:
		return AT_BIT(AT_FEATURE_TRUNCATION);
	case AT_SV_DEL:
		return pl->in_cdna ? AT_BIT(AT_FEATURE_TRUNCATION) : 0;
	case AT_SV_INS:
	case AT_SV_DUP:
		return pl->in_cdna && inside ? AT_BIT(AT_FEATURE_ELONGATION) : 0;
	default:
		return 0;
	}
}

uint64_t annotate_sv_terms(
	const struct annotate_tx *t, const struct annotate_allele *al, struct annotate_place *pl)
{
	memset(pl, 0, sizeof *pl);
	if (covers(al, t->beg, t->end))
		return whole_terms(t, al);
	annotate_place(t, al, pl);
	if (annotate_in_mature(t, al))
		return AT_BIT(AT_MATURE_MIRNA);
	bool exonic = in_exon(t, al);
	uint64_t b = intron_terms(t, al, exonic) | length_terms(t, al, pl);
	if (!t->coding)
		b |= exonic ? AT_BIT(AT_NC_EXON) : AT_BIT(AT_NC_TRANSCRIPT);
	if (t->coding && pl->in_cdna)
		b |= annotate_utr_terms(t, al);
	if (t->coding && pl->in_cds)
		b |= coding_terms(t, al);
	if (!b)
		b = AT_BIT(AT_CODING_TRANSCRIPT);
	return t->nmd ? b | AT_BIT(AT_NMD) : b;
}

/* --- what lies there --- */

int annotate_sv_near(struct annotate_work *w, int32_t tid, int64_t beg, int64_t end,
	const struct annotate_tx *const **list, int *n)
{
	const struct annotate_models *m = w->st->models;
	int64_t lo = beg - w->st->opt.distance - 1, hi = end + w->st->opt.distance + 1;
	size_t i, last, k = 0;
	annotate_models_range(m, tid, lo, hi, &i, &last);
	const struct annotate_tx **v = grx_arena_alloc(w->mem, last - i + 1, sizeof *v);
	if (!v)
		return grx_fail_nomem(w->cx, "transcripts");
	for (; i < last; i++) {
		int64_t b, e;
		annotate_models_span(m, i, &b, &e);
		if (b >= hi || e <= lo)
			continue;
		int rc = annotate_tx_hold(w, i, &v[k++]);
		if (rc)
			return rc;
	}
	*list = v;
	*n = (int)k;
	return GRX_OK;
}

uint64_t annotate_feature_terms(const struct annotate_feature *f, const struct annotate_allele *al)
{
	bool lost = al->sv ? al->sv == AT_SV_DEL : al->alt_len < al->ref_len;
	uint64_t b = f->motif ? AT_BIT(AT_TF_BINDING_SITE) : AT_BIT(AT_REGULATORY);
	if (!covers(al, f->beg, f->end))
		return b;
	if (lost)
		b |= f->motif ? AT_BIT(AT_TFBS_ABLATION) : AT_BIT(AT_REGULATORY_ABLATION);
	if (al->sv == AT_SV_DUP)
		b |= f->motif ? AT_BIT(AT_TFBS_AMPLIFICATION) : AT_BIT(AT_REGULATORY_AMPLIFICATION);
	return b;
}

int annotate_feature_entries(
	struct annotate_work *w, const struct annotate_allele *al, struct annotate_entry **v, int32_t *n)
{
	const struct annotate_models *m = w->st->models;
	size_t lo, hi;
	annotate_models_features(m, al->tid, al->beg, is_point(al) ? al->end + 1 : al->end, &lo, &hi);
	if (lo >= hi)
		return GRX_OK;
	size_t old = (size_t)*n;
	struct annotate_feature *f = grx_arena_alloc(w->mem, hi - lo, sizeof *f);
	struct annotate_entry *e = grx_arena_grow(w->mem, *v, old, old + (hi - lo), sizeof *e);
	if (!f || !e)
		return grx_fail_nomem(w->cx, "regulatory features");
	*v = e;
	for (size_t i = lo; i < hi; i++, f++) {
		annotate_models_feature(m, i, f);
		if (!overlaps(al, f->beg, f->end))
			continue;
		e[(*n)++] = (struct annotate_entry){
			.feature = f, .al = al, .terms = annotate_feature_terms(f, al), .distance = -1};
	}
	return GRX_OK;
}
