/* SPDX-License-Identifier: GPL-3.0-or-later
 * out_allele.c -- columns that depend on the allele alone, and those that depend on the transcript or feature
 * alone. */
#include "stage/annotate/out_int.h"

#include <stddef.h>

#include "base/ctx.h"
#include "bio/contig.h"
#include "genorx/vars.h"
#include "stage/annotate/sv.h"

/* --- of the allele --- */

static int32_t anchor_of(const struct annotate_cell *c)
{
	return annotate_has_anchor(c->r->v);
}

static char *ref_put(const struct annotate_cell *c, char *p)
{
	const char *ref = c->r->v->allele[0] + anchor_of(c);
	return annotate_put_value(c, *ref ? ref : "-", p);
}

/* 1-based first and last base of the record's variant; an insertion has first = last + 1. */
static void location_of(const struct annotate_cell *c, int64_t *first, int64_t *last)
{
	if (c->al->sv) {
		*first = c->al->beg + 1;
		*last = c->al->end;
		return;
	}
	*first = c->r->v->pos + 1 + anchor_of(c);
	*last = c->r->v->pos + (int64_t)strlen(c->r->v->allele[0]);
}

static char *chrom_put(const struct annotate_cell *c, char *p)
{
	return annotate_put_value(c, grx_contig_name(c->w->cx->contigs, c->al->tid), p);
}

static char *uploaded_put(const struct annotate_cell *c, char *p)
{
	const struct grx_var *v = c->r->v;
	int64_t first, last;
	if (v->id)
		return annotate_put_value(c, v->id, p);
	location_of(c, &first, &last);
	p = chrom_put(c, p);
	*p++ = '_';
	p = annotate_put_int(p, first);
	*p++ = '_';
	if (c->al->sv)
		return annotate_put_str(p, annotate_variant_class(c->r->v, c->al));
	p = ref_put(c, p);
	for (int32_t i = 0; i < c->r->n_al; i++)
		if (!c->r->al[i].sv) {
			*p++ = '/';
			p = annotate_put_value(c, c->r->al[i].shown, p);
		}
	return p;
}

static char *location_put(const struct annotate_cell *c, char *p)
{
	int64_t first, last;
	location_of(c, &first, &last);
	p = chrom_put(c, p);
	*p++ = ':';
	p = annotate_put_int(p, first < last ? first : last);
	if (first == last)
		return p;
	*p++ = '-';
	return annotate_put_int(p, first < last ? last : first);
}

static char *allele_put(const struct annotate_cell *c, char *p)
{
	return annotate_put_value(c, c->al->shown, p);
}

/* Identifiers of dbSNP and COSMIC in the record's ID. */
static char *existing_put(const struct annotate_cell *c, char *p)
{
	char *from = p;
	for (const char *s = c->r->v->id; s && *s; s += *s == ';') {
		size_t n = strcspn(s, ";");
		size_t k = strncmp(s, "rs", 2) == 0                                   ? 2
			   : strncmp(s, "COSV", 4) == 0 || strncmp(s, "COSM", 4) == 0 ? 4
										      : 0;
		if (k && n > k && strspn(s + k, "0123456789") == n - k) {
			if (p != from)
				*p++ = c->style->list;
			memcpy(p, s, n);
			p += n;
		}
		s += n;
	}
	return p;
}

static char *number_put(const struct annotate_cell *c, char *p)
{
	return annotate_put_int(p, c->al->number);
}

static char *class_put(const struct annotate_cell *c, char *p)
{
	return annotate_put_str(p, annotate_variant_class(c->r->v, c->al));
}

static char *hgvsg_put(const struct annotate_cell *c, char *p)
{
	return annotate_put_value(c, c->r->hgvsg ? c->r->hgvsg[c->i] : NULL, p);
}

/* --- of the transcript or feature --- */

/* In CSQ a space of a symbol is percent-encoded, elsewhere it becomes '_' (VEP). */
static char *symbol_put(const struct annotate_cell *c, char *p)
{
	const char *s = c->e->tx ? c->e->tx->symbol : "";
	char one[2] = "";
	for (; *s; s++) {
		one[0] = *s;
		p = *s == ' ' && c->style->sep == '|' ? annotate_put_str(p, "%20")
						      : annotate_put_text(p, one, c->style->esc);
	}
	return p;
}

static char *feature_type_put(const struct annotate_cell *c, char *p)
{
	if (c->e->tx)
		return annotate_put_str(p, "Transcript");
	if (c->e->feature)
		return annotate_put_str(p, c->e->feature->motif ? "MotifFeature" : "RegulatoryFeature");
	return p;
}

/* RefSeq's version is part of the name, Ensembl's a field of its own; so VEP has it. */
static char *feature_put(const struct annotate_cell *c, char *p)
{
	const struct annotate_tx *t = c->e->tx;
	if (t)
		return annotate_put_value(c, t->flags & AT_TX_REFSEQ ? t->id_version : t->id, p);
	return annotate_put_value(c, c->e->feature ? c->e->feature->id : NULL, p);
}

static char *biotype_put(const struct annotate_cell *c, char *p)
{
	return annotate_put_value(c,
		c->e->tx        ? c->e->tx->biotype
		: c->e->feature ? c->e->feature->biotype
				: NULL,
		p);
}

static char *strand_put(const struct annotate_cell *c, char *p)
{
	return c->e->tx ? annotate_put_int(p, c->e->tx->strand) : p;
}

static char *source_of_symbol_put(const struct annotate_cell *c, char *p)
{
	const struct annotate_tx *t = c->e->tx;
	return t && t->hgnc && *t->hgnc && *t->symbol ? annotate_put_str(p, "HGNC") : p;
}

/* VEP prints a protein as it prints the transcript: without a version where the version is a field of its own
 * (Ensembl), with it where it is part of the name (RefSeq). */
static char *protein_id_put(const struct annotate_cell *c, char *p)
{
	const struct annotate_tx *t = c->e->tx;
	if (!t || !t->protein || !*t->protein)
		return p;
	char *from = p, *end = annotate_put_value(c, t->protein, p);
	if ((t->flags & AT_TX_REFSEQ) || strcmp(t->id, t->id_version) == 0)
		return end;
	for (p = end; p > from && p[-1] >= '0' && p[-1] <= '9';)
		p--;
	return p < end && p > from + 1 && p[-1] == '.' ? p - 1 : end;
}

static bool flagged(const struct annotate_cell *c, uint16_t flag)
{
	return c->e->tx && (c->e->tx->flags & flag);
}

static char *canonical_put(const struct annotate_cell *c, char *p)
{
	return flagged(c, AT_TX_CANONICAL) ? annotate_put_str(p, "YES") : p;
}

static char *mane_put(const struct annotate_cell *c, char *p)
{
	if (flagged(c, AT_TX_MANE_SELECT))
		p = annotate_put_str(p, "MANE_Select");
	if (flagged(c, AT_TX_MANE_SELECT) && flagged(c, AT_TX_MANE_CLINICAL))
		*p++ = c->style->list;
	return flagged(c, AT_TX_MANE_CLINICAL) ? annotate_put_str(p, "MANE_Plus_Clinical") : p;
}

static char *partner_put(const struct annotate_cell *c, uint16_t flag, char *p)
{
	if (!flagged(c, flag))
		return p;
	const char *mane = c->e->tx->mane;
	return mane && *mane ? annotate_put_value(c, mane, p) : annotate_put_str(p, "YES");
}

static char *mane_select_put(const struct annotate_cell *c, char *p)
{
	return partner_put(c, AT_TX_MANE_SELECT, p);
}

static char *mane_clinical_put(const struct annotate_cell *c, char *p)
{
	return partner_put(c, AT_TX_MANE_CLINICAL, p);
}

/* Plain texts of a transcript. */
static char *of_tx(const struct annotate_cell *c, size_t offset, char *p)
{
	if (!c->e->tx)
		return p;
	return annotate_put_value(c, *(const char *const *)((const char *)c->e->tx + offset), p);
}

/* --- all --- */

/* How a column is made: a function, or the place of a transcript's text. */
struct maker {
	char *(*put)(const struct annotate_cell *, char *);
	uint16_t tx;
};
#define TX(f)                                                                                                \
	{                                                                                                    \
		.tx = offsetof(struct annotate_tx, f)                                                        \
	}
static const struct maker make[AC_N] = {
	[AC_UPLOADED] = {uploaded_put},
	[AC_LOCATION] = {location_put},
	[AC_ALLELE] = {allele_put},
	[AC_SYMBOL] = {symbol_put},
	[AC_GENE] = TX(gene),
	[AC_FEATURE_TYPE] = {feature_type_put},
	[AC_FEATURE] = {feature_put},
	[AC_BIOTYPE] = {biotype_put},
	[AC_EXISTING] = {existing_put},
	[AC_REF_ALLELE] = {ref_put},
	[AC_ALLELE_NUM] = {number_put},
	[AC_STRAND] = {strand_put},
	[AC_CLASS] = {class_put},
	[AC_SYMBOL_SOURCE] = {source_of_symbol_put},
	[AC_HGNC] = TX(hgnc),
	[AC_CANONICAL] = {canonical_put},
	[AC_MANE] = {mane_put},
	[AC_MANE_SELECT] = {mane_select_put},
	[AC_MANE_CLINICAL] = {mane_clinical_put},
	[AC_TSL] = TX(tsl),
	[AC_APPRIS] = TX(appris),
	[AC_CCDS] = TX(ccds),
	[AC_ENSP] = {protein_id_put},
	[AC_SOURCE] = TX(source),
	[AC_HGVSG] = {hgvsg_put},
};

char *annotate_allele_put(const struct annotate_cell *c, enum annotate_col k, char *p)
{
	return make[k].put ? make[k].put(c, p) : make[k].tx ? of_tx(c, make[k].tx, p) : p;
}

static size_t length(const char *s)
{
	return s ? strlen(s) : 0;
}

static size_t tx_bound(const struct annotate_tx *t)
{
	size_t n = length(t->id) + length(t->id_version) + length(t->protein) + length(t->symbol);
	for (int k = 0; k < AC_N; k++)
		if (make[k].tx)
			n += length(*(const char *const *)((const char *)t + make[k].tx));
	return n + length(t->biotype) + 2 * length(t->mane);
}

size_t annotate_tx_bound(const struct annotate_tx *t)
{
	enum { FIXED = 512 };
	return FIXED + 3 * tx_bound(t);
}

size_t annotate_allele_bound(const struct annotate_cell *c)
{
	const struct grx_var *v = c->r->v;
	size_t n = 2 * length(v->id) + length(c->al->shown) +
		   length(grx_contig_name(c->w->cx->contigs, v->tid)) * 2;
	for (int32_t i = 0; i < v->n_allele; i++)
		n += 2 * (strlen(v->allele[i]) + 1);
	return n + (c->r->hgvsg ? length(c->r->hgvsg[c->i]) : 0);
}
