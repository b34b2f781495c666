/* SPDX-License-Identifier: GPL-3.0-or-later
 * out_entry.c -- columns of one allele on one transcript or feature. */
#include "stage/annotate/out_int.h"

#include <stdio.h>

#include "genorx/vars.h"
#include "stage/annotate/hap.h"
#include "stage/annotate/sv.h"

/* --- of the entry --- */

static char *known_put(char *p, struct annotate_text t)
{
	memcpy(p, t.s, t.n);
	return p + t.n;
}

static char *terms_put(const struct annotate_cell *c, uint64_t terms, char *p)
{
	for (; terms; terms &= terms - 1) {
		p = known_put(p, c->o->term[__builtin_ctzll(terms)]);
		*p++ = c->style->list;
	}
	return p - 1;
}

static char *consequence_put(const struct annotate_cell *c, char *p)
{
	return c->e->terms ? terms_put(c, c->e->terms, p) : p;
}

static char *impact_put(const struct annotate_cell *c, char *p)
{
	return known_put(p, c->o->impact[annotate_worst(c->e->terms)]);
}

/* Exon g in genomic order. */
static const struct annotate_exon *exon_at(const struct annotate_tx *t, int32_t g)
{
	return &t->exon[t->strand > 0 ? g : t->n_exon - 1 - g];
}

/* Genomic first..last to numbers in transcript order. */
static void in_order(const struct annotate_tx *t, int32_t n, int32_t first, int32_t last, int32_t to[2])
{
	to[0] = t->strand > 0 ? first + 1 : n - last;
	to[1] = t->strand > 0 ? last + 1 : n - first;
}

static void exons_of(
	const struct annotate_tx *t, const struct annotate_allele *al, int32_t ex[2], int32_t in[2])
{
	int64_t s = al->beg + 1, e = al->end;
	int32_t a = 0, b = t->n_exon, first = -1, last = -1;
	ex[0] = ex[1] = in[0] = in[1] = 0;
	while (a < b) { /* first exon that does not end before s */
		int32_t mid = a + (b - a) / 2;
		if (exon_at(t, mid)->end < s)
			a = mid + 1;
		else
			b = mid;
	}
	for (int32_t g = a; g < t->n_exon && exon_at(t, g)->beg + 1 <= e; g++) {
		if (first < 0)
			first = g;
		last = g;
	}
	if (first >= 0)
		in_order(t, t->n_exon, first, last, ex);
	first = last = -1;
	for (int32_t g = a ? a - 1 : 0; g + 1 < t->n_exon && exon_at(t, g)->end + 1 <= e; g++) {
		if (s > exon_at(t, g + 1)->beg)
			continue;
		if (first < 0)
			first = g;
		last = g;
	}
	if (first >= 0)
		in_order(t, t->n_exon - 1, first, last, in);
}

static char *range_put(char *p, const int32_t range[2], int32_t of)
{
	if (!range[0])
		return p;
	p = annotate_put_int(p, range[0]);
	if (range[1] != range[0]) {
		*p++ = '-';
		p = annotate_put_int(p, range[1]);
	}
	*p++ = '/';
	return annotate_put_int(p, of);
}

static char *exon_put(const struct annotate_cell *c, char *p)
{
	return range_put(p, c->exon, c->e->tx->n_exon);
}

static char *intron_put(const struct annotate_cell *c, char *p)
{
	return range_put(p, c->intron, c->e->tx->n_exon - 1);
}

static char *hgvsc_put(const struct annotate_cell *c, char *p)
{
	return annotate_put_value(c, c->e->hgvsc, p);
}

/* '=' is percent-encoded in every format, as VEP does. */
static char *hgvsp_put(const struct annotate_cell *c, char *p)
{
	const char *s = c->e->hgvsp, *eq = s ? strchr(s, '=') : NULL;
	if (!eq || c->style->esc['='] == AE_PERCENT)
		return annotate_put_value(c, s, p);
	memcpy(p, s, (size_t)(eq - s));
	p = annotate_put_str(p + (eq - s), "%3D");
	return annotate_put_value(c, eq + 1, p);
}

/* "a", "a-b", "?-b", "a-?"; the ends of an insertion in order. */
static char *span_put(const struct annotate_cell *c, int64_t a, int64_t b, int64_t of, char *p)
{
	if (!a && !b)
		return p;
	if (a > b && b) {
		int64_t x = a;
		a = b;
		b = x;
	}
	if (a)
		p = annotate_put_int(p, a);
	else
		*p++ = '?';
	if (a != b) {
		*p++ = '-';
		if (b)
			p = annotate_put_int(p, b);
		else
			*p++ = '?';
	}
	if (c->w->st->opt.total_length && of) {
		*p++ = '/';
		p = annotate_put_int(p, of);
	}
	return p;
}

static char *cdna_put(const struct annotate_cell *c, char *p)
{
	return span_put(c, c->e->ev.pl.cdna_beg, c->e->ev.pl.cdna_end, c->e->tx->cdna_len, p);
}

/* Bases of the CDS as it is read, completing N's counted. */
static int64_t cds_length(const struct annotate_entry *e)
{
	return e->ev.seq       ? e->ev.seq->cds_n
	       : e->tx->coding ? e->tx->cds_end - e->tx->cds_beg + 1 + e->tx->pad
			       : 0;
}

static char *cds_put(const struct annotate_cell *c, char *p)
{
	return span_put(c, c->e->ev.pl.cds_beg, c->e->ev.pl.cds_end, cds_length(c->e), p);
}

static char *protein_put(const struct annotate_cell *c, char *p)
{
	return span_put(
		c, c->e->ev.pl.pep_beg, c->e->ev.pl.pep_end, c->e->ev.seq ? c->e->ev.seq->pep_n : 0, p);
}

static char *amino_put(const struct annotate_cell *c, char *p)
{
	const struct annotate_eval *ev = &c->e->ev;
	if (!ev->ref_pep)
		return p;
	const char *r = *ev->ref_pep ? ev->ref_pep : "-", *a = *ev->alt_pep ? ev->alt_pep : "-";
	p = annotate_put_str(p, r);
	if (strcmp(r, a) != 0) {
		*p++ = '/';
		p = annotate_put_str(p, a);
	}
	return p;
}

/* The allele's n bases from `at` in upper case, the rest in lower; '-' for a gap. */
static char *codon_put(char *p, const char *codon, int64_t at, int64_t n)
{
	if (!*codon)
		*p++ = '-';
	for (int64_t i = 0; codon[i]; i++)
		*p++ = (char)(i >= at && i < at + n ? codon[i] : codon[i] | 0x20);
	return p;
}

static char *codons_put(const struct annotate_cell *c, char *p)
{
	const struct annotate_eval *ev = &c->e->ev;
	if (!ev->ref_codon)
		return p;
	int64_t at = (ev->pl.cds_beg - 1) % 3;
	p = codon_put(p, ev->ref_codon, at, ev->al->ref_len);
	*p++ = '/';
	return codon_put(p, ev->alt_codon, at, ev->al->alt_len);
}

static char *distance_put(const struct annotate_cell *c, char *p)
{
	return c->e->tx && c->e->distance >= 0 ? annotate_put_int(p, c->e->distance) : p;
}

static char *flags_put(const struct annotate_cell *c, char *p)
{
	const struct annotate_tx *t = c->e->tx;
	char *from = p;
	if (t && t->coding && t->start_nf)
		p = annotate_put_str(p, "cds_start_NF");
	if (t && t->coding && t->end_nf) {
		if (p != from)
			*p++ = c->style->list;
		p = annotate_put_str(p, "cds_end_NF");
	}
	if (c->al->ref_mismatch) {
		if (p != from)
			*p++ = c->style->list;
		p = annotate_put_str(p, "REF_MISMATCH");
	}
	return p;
}

static char *pick_put(const struct annotate_cell *c, char *p)
{
	if (c->picked)
		*p++ = '1';
	return p;
}

static char *offset_put(const struct annotate_cell *c, char *p)
{
	const struct annotate_entry *e = c->e;
	bool named = e->hgvsc || e->hgvsp;
	return named && e->hgvs_offset ? annotate_put_int(p, (int64_t)e->hgvs_offset * e->tx->strand) : p;
}

static char *nmd_put(const struct annotate_cell *c, char *p)
{
	switch (c->e->nmd) {
	case AT_NMD_TARGET:
		return annotate_put_str(p, "NMD_triggering_variant");
	case AT_NMD_ESCAPES:
		return annotate_put_str(p, "NMD_escaping_variant");
	default:
		return p;
	}
}

/* The feature's span; false where a structural allele does not lie over one. */
static bool sv_over(const struct annotate_cell *c, int64_t *beg, int64_t *end)
{
	const struct annotate_tx *t = c->e->tx;
	const struct annotate_feature *f = c->e->feature;
	*beg = t ? t->beg : f ? f->beg : 0;
	*end = t ? t->end : f ? f->end : 0;
	return c->al->sv && (t || f) && annotate_sv_overlap(c->al, *beg, *end) > 0;
}

static char *overlap_bp_put(const struct annotate_cell *c, char *p)
{
	int64_t beg, end;
	return sv_over(c, &beg, &end) ? annotate_put_int(p, annotate_sv_overlap(c->al, beg, end)) : p;
}

static char *overlap_pc_put(const struct annotate_cell *c, char *p)
{
	enum { ROOM = 32 };
	int64_t beg, end;
	if (!sv_over(c, &beg, &end))
		return p;
	return p + snprintf(p, ROOM, "%.2f", annotate_sv_overlap_pc(c->al, beg, end));
}

static char *hap_consequence_put(const struct annotate_cell *c, char *p)
{
	return c->e->hap && c->e->hap->terms ? terms_put(c, c->e->hap->terms, p) : p;
}

static char *hap_hgvsp_put(const struct annotate_cell *c, char *p)
{
	return c->e->hap ? annotate_put_value(c, c->e->hap->hgvsp, p) : p;
}

static char *hap_changes_put(const struct annotate_cell *c, char *p)
{
	return c->e->hap ? annotate_put_value(c, c->e->hap->changes, p) : p;
}

static char *hap_pos_put(const struct annotate_cell *c, char *p)
{
	return c->e->hap ? annotate_put_int(p, c->e->hap->at) : p;
}

static char *hap_samples_put(const struct annotate_cell *c, char *p)
{
	return c->e->hap ? annotate_put_int(p, c->e->hap->n_sample) : p;
}

static char *hap_flags_put(const struct annotate_cell *c, char *p)
{
	if (!c->e->hap)
		return p;
	p = annotate_put_str(p, c->e->hap->unphased ? "unphased" : "phased");
	if (c->e->hap->behind_stop) {
		*p++ = c->style->list;
		p = annotate_put_str(p, "behind_stop");
	}
	return p;
}

static char *(*const make[AC_N])(const struct annotate_cell *, char *) = {
	[AC_CONSEQUENCE] = consequence_put,
	[AC_IMPACT] = impact_put,
	[AC_EXON] = exon_put,
	[AC_INTRON] = intron_put,
	[AC_HGVSC] = hgvsc_put,
	[AC_HGVSP] = hgvsp_put,
	[AC_CDNA] = cdna_put,
	[AC_CDS] = cds_put,
	[AC_PROTEIN] = protein_put,
	[AC_AMINO] = amino_put,
	[AC_CODONS] = codons_put,
	[AC_DISTANCE] = distance_put,
	[AC_FLAGS] = flags_put,
	[AC_PICK] = pick_put,
	[AC_HGVS_OFFSET] = offset_put,
	[AC_NMD] = nmd_put,
	[AC_OVERLAP_BP] = overlap_bp_put,
	[AC_OVERLAP_PC] = overlap_pc_put,
	[AC_HAP_CONSEQUENCE] = hap_consequence_put,
	[AC_HAP_HGVSP] = hap_hgvsp_put,
	[AC_HAP_CHANGES] = hap_changes_put,
	[AC_HAP_POS] = hap_pos_put,
	[AC_HAP_SAMPLES] = hap_samples_put,
	[AC_HAP_FLAGS] = hap_flags_put,
};

char *annotate_entry_put(const struct annotate_cell *c, enum annotate_col k, char *p)
{
	return make[k] ? make[k](c, p) : p;
}

static uint64_t bit(enum annotate_col k, bool is)
{
	return (uint64_t)is << k;
}

/* Columns that have a value where the allele touches the transcript. */
static uint64_t may_inside(struct annotate_cell *c)
{
	const struct annotate_entry *e = c->e;
	const struct annotate_place *l = &e->ev.pl;
	exons_of(e->tx, c->al, c->exon, c->intron);
	return bit(AC_EXON, c->exon[0]) | bit(AC_INTRON, c->intron[0]) | bit(AC_HGVSC, e->hgvsc) |
	       bit(AC_HGVSP, e->hgvsp) | bit(AC_CDNA, l->cdna_beg | l->cdna_end) |
	       bit(AC_CDS, l->cds_beg | l->cds_end) | bit(AC_PROTEIN, l->pep_beg | l->pep_end) |
	       bit(AC_AMINO, e->ev.ref_pep) | bit(AC_CODONS, e->ev.ref_codon) |
	       bit(AC_HGVS_OFFSET, e->hgvs_offset) | bit(AC_NMD, e->nmd);
}

void annotate_cell_entry(struct annotate_cell *c, const struct annotate_entry *e, bool picked)
{
	const uint64_t hap = bit(AC_HAP_CONSEQUENCE, true) | bit(AC_HAP_HGVSP, true) |
			     bit(AC_HAP_CHANGES, true) | bit(AC_HAP_POS, true) | bit(AC_HAP_SAMPLES, true) |
			     bit(AC_HAP_FLAGS, true);
	const struct annotate_tx *t = e->tx;
	bool inside = t && e->distance < 0;
	c->e = e;
	c->picked = picked;
	c->may = bit(AC_CONSEQUENCE, true) | bit(AC_IMPACT, true) | bit(AC_DISTANCE, t && !inside) |
		 bit(AC_PICK, picked) |
		 bit(AC_FLAGS, c->al->ref_mismatch || (t && t->coding && (t->start_nf || t->end_nf))) |
		 bit(AC_OVERLAP_BP, c->al->sv) | bit(AC_OVERLAP_PC, c->al->sv);
	if (inside)
		c->may |= may_inside(c);
	if (e->hap)
		c->may |= hap;
}

static size_t length(const char *s)
{
	return s ? strlen(s) : 0;
}

size_t annotate_entry_bound(const struct annotate_entry *e)
{
	const struct annotate_eval *v = &e->ev;
	size_t n = length(e->hgvsc) + length(e->hgvsp);
	if (v->ref_codon)
		n += strlen(v->ref_codon) + strlen(v->alt_codon);
	if (v->ref_pep)
		n += strlen(v->ref_pep) + strlen(v->alt_pep);
	if (e->hap)
		n += length(e->hap->hgvsp) + length(e->hap->changes);
	if (e->feature)
		n += length(e->feature->id) + length(e->feature->biotype);
	return n;
}
