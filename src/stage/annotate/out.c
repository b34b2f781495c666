/* SPDX-License-Identifier: GPL-3.0-or-later
 * out.c -- the INFO/CSQ column: the text of one entry.
 * Invariant: fields in the order of the header's Format; '|' ',' ';' '=' and white space never appear inside
 * one. */
#include "stage/annotate/out.h"

#include <ctype.h>
#include <string.h>

struct annotate_out {
	bool pick;
};

static const char csq_desc[] = "Consequence annotations from genorx, columns as in Ensembl VEP. Format: "
			       "Allele|Consequence|IMPACT|SYMBOL|Gene|Feature_type|Feature|BIOTYPE|EXON|"
			       "INTRON|HGVSc|HGVSp|cDNA_position|"
			       "CDS_position|Protein_position|Amino_acids|Codons|DISTANCE|STRAND|FLAGS";

static int csq_declare(struct grx_ctx *cx, struct grx_hdr *h)
{
	struct grx_hdr_line l = {
		.kind = GRX_HDR_INFO, .id = "CSQ", .number = ".", .type = GRX_T_STR, .desc = csq_desc};
	return grx_hdr_declare(cx, h, &l);
}

/* --- text --- */

/* A text field: reserved characters are replaced as in VEP (';' and '=' percent-encoded, '|' and ',' by '&').
 */
static void text_add(struct grx_str *o, const char *s)
{
	for (; s && *s; s++) {
		if (*s == ';')
			grx_str_add(o, "%3B");
		else if (*s == '=')
			grx_str_add(o, "%3D");
		else if (*s == '|' || *s == ',')
			grx_str_addc(o, '&');
		else
			grx_str_addc(o, isspace((unsigned char)*s) ? '_' : *s);
	}
}

static void number_add(struct grx_str *o, int first, int last, int of)
{
	if (first == last)
		grx_str_addf(o, "%d/%d", first, of);
	else if (first)
		grx_str_addf(o, "%d-%d/%d", first, last, of);
}

/* EXON and INTRON: "n/N" or "n-m/N" of what the allele strictly overlaps. */
static void exon_intron_add(struct grx_str *o, const struct annotate_tx *t, const struct annotate_allele *al)
{
	int64_t s = al->beg + 1, e = al->end;
	int ex[2] = {0, 0}, in[2] = {0, 0};
	for (int32_t i = 0; i < t->n_exon; i++) {
		if (annotate_overlap(s, e, t->exon[i].beg + 1, t->exon[i].end)) {
			ex[0] = ex[0] ? ex[0] : i + 1;
			ex[1] = i + 1;
		}
		if (i + 1 == t->n_exon)
			break;
		const struct annotate_exon *a = &t->exon[t->strand > 0 ? i : i + 1];
		const struct annotate_exon *b = &t->exon[t->strand > 0 ? i + 1 : i];
		if (annotate_overlap(s, e, a->end + 1, b->beg)) {
			in[0] = in[0] ? in[0] : i + 1;
			in[1] = i + 1;
		}
	}
	if (ex[0])
		number_add(o, ex[0], ex[1], t->n_exon);
	grx_str_addc(o, '|');
	if (in[0])
		number_add(o, in[0], in[1], t->n_exon - 1);
}

static void span_add(struct grx_str *o, int64_t a, int64_t b)
{
	if (!a && !b)
		return;
	if (a > b && a && b) { /* insertion */
		int64_t x = a;
		a = b;
		b = x;
	}
	if (a == b) {
		grx_str_addf(o, "%lld", (long long)a);
		return;
	}
	if (a)
		grx_str_addf(o, "%lld-", (long long)a);
	else
		grx_str_add(o, "?-");
	if (b)
		grx_str_addf(o, "%lld", (long long)b);
	else
		grx_str_addc(o, '?');
}

/* Codon with the allele's bases in upper case, the rest lower; '-' for a gap. */
static void codon_add(struct grx_str *o, const char *codon, int64_t at, int64_t n)
{
	if (!*codon)
		grx_str_addc(o, '-');
	for (int64_t i = 0; codon[i]; i++)
		grx_str_addc(o, (char)(i >= at && i < at + n ? codon[i] : tolower((unsigned char)codon[i])));
}

static void peptides_add(struct grx_str *o, const struct annotate_eval *ev)
{
	if (ev->ref_pep) {
		const char *r = *ev->ref_pep ? ev->ref_pep : "-", *a = *ev->alt_pep ? ev->alt_pep : "-";
		grx_str_add(o, r);
		if (strcmp(r, a) != 0)
			grx_str_addf(o, "/%s", a);
	}
	grx_str_addc(o, '|');
	if (ev->ref_codon) {
		int64_t at = (ev->pl.cds_beg - 1) % 3;
		codon_add(o, ev->ref_codon, at, ev->al->ref_len);
		grx_str_addc(o, '/');
		codon_add(o, ev->alt_codon, at, ev->al->alt_len);
	}
}

static void flags_add(struct grx_str *o, const struct annotate_entry *e)
{
	const char *f[3];
	int n = 0;
	if (e->tx && e->tx->coding && e->tx->start_nf)
		f[n++] = "cds_start_NF";
	if (e->tx && e->tx->coding && e->tx->end_nf)
		f[n++] = "cds_end_NF";
	if (e->al->ref_mismatch)
		f[n++] = "REF_MISMATCH";
	for (int i = 0; i < n; i++) {
		if (i)
			grx_str_addc(o, '&');
		grx_str_add(o, f[i]);
	}
}

static void transcript_add(struct grx_str *o, const struct annotate_entry *e)
{
	const struct annotate_tx *t = e->tx;
	text_add(o, t->symbol);
	grx_str_addc(o, '|');
	text_add(o, t->gene);
	grx_str_add(o, "|Transcript|");
	text_add(o, t->id);
	grx_str_addc(o, '|');
	text_add(o, t->biotype);
	grx_str_addc(o, '|');
	bool within = e->distance < 0;
	if (within)
		exon_intron_add(o, t, e->al);
	else
		grx_str_addc(o, '|');
	grx_str_addc(o, '|');
	text_add(o, e->hgvsc);
	grx_str_addc(o, '|');
	text_add(o, e->hgvsp);
	grx_str_addc(o, '|');
	span_add(o, e->ev.pl.cdna_beg, e->ev.pl.cdna_end);
	grx_str_addc(o, '|');
	span_add(o, e->ev.pl.cds_beg, e->ev.pl.cds_end);
	grx_str_addc(o, '|');
	span_add(o, e->ev.pl.pep_beg, e->ev.pl.pep_end);
	grx_str_addc(o, '|');
	peptides_add(o, &e->ev);
	grx_str_addc(o, '|');
	if (!within)
		grx_str_addf(o, "%lld", (long long)e->distance);
	grx_str_addf(o, "|%d|", (int)t->strand);
}

static int csq_entry(struct annotate_work *w, const struct annotate_entry *e, struct grx_str *o)
{
	if (o->n)
		grx_str_addc(o, ',');
	text_add(o, e->al->shown);
	grx_str_addc(o, '|');
	annotate_terms_add(o, e->terms);
	grx_str_addf(o, "|%s|", w->st->terms.impact[annotate_worst(e->terms)]);
	if (e->tx)
		transcript_add(o, e);
	else
		grx_str_add(o, "||||||||||||||||"); /* SYMBOL to STRAND stay empty */
	flags_add(o, e);
	w->part->n_entries++;
	return o->oom ? grx_fail_nomem(w->cx, "CSQ") : GRX_OK;
}

bool annotate_out_wants(
	const struct annotate_state *st, const struct annotate_record *r, int32_t i, int32_t entry)
{
	return !st->opt.pick || r->pick[i] == entry;
}

int annotate_out_open(struct grx_ctx *cx, struct annotate_state *st, struct annotate_out **out)
{
	*out = grx_calloc(1, sizeof **out);
	if (!*out)
		return grx_fail_nomem(cx, "output");
	return st->models ? csq_declare(cx, cx->hdr) : GRX_OK;
}

void annotate_out_close(struct annotate_out *o)
{
	grx_free(o);
}

int annotate_out_record(struct annotate_work *w, const struct annotate_record *r)
{
	struct grx_str *o = &w->txt;
	grx_str_reset(o);
	for (int32_t i = 0; i < r->n_al; i++)
		for (int32_t k = 0; k < r->n_entry[i]; k++)
			if (annotate_out_wants(w->st, r, i, k)) {
				int rc = csq_entry(w, &r->entry[i][k], o);
				if (rc)
					return rc;
			}
	if (!o->n)
		return GRX_OK;
	struct grx_field *f = grx_var_info_set(w->keep, r->v, "CSQ", GRX_T_STR, 1);
	if (f)
		f->v.s[0] = grx_arena_strndup(w->keep, o->s, o->n);
	return f && f->v.s[0] ? GRX_OK : grx_fail_nomem(w->cx, "CSQ");
}

int annotate_out_merge(struct grx_ctx *cx, struct annotate_state *st, const struct annotate_part *part)
{
	(void)cx;
	(void)st;
	(void)part;
	return GRX_OK;
}

int annotate_out_finish(struct grx_ctx *cx, struct annotate_state *st)
{
	(void)cx;
	(void)st;
	return GRX_OK;
}
