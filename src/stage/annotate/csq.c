/* SPDX-License-Identifier: GPL-3.0-or-later
 * csq.c -- the INFO/CSQ column: terms and their severity, picking, and the text of one entry.
 * Invariant: fields in the order of the header's Format; '|' ',' ';' '=' and white space never appear inside
 * one. */
#include "stage/annotate/annotate_int.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/ctx.h"
#include "io/text.h"

const char *const annotate_term_name[AT_N] = {"transcript_ablation", "splice_acceptor_variant",
	"splice_donor_variant", "stop_gained", "frameshift_variant", "stop_lost", "start_lost",
	"inframe_insertion", "inframe_deletion", "missense_variant", "protein_altering_variant",
	"splice_donor_5th_base_variant", "splice_region_variant", "splice_donor_region_variant",
	"splice_polypyrimidine_tract_variant", "incomplete_terminal_codon_variant", "start_retained_variant",
	"stop_retained_variant", "synonymous_variant", "coding_sequence_variant", "5_prime_UTR_variant",
	"3_prime_UTR_variant", "non_coding_transcript_exon_variant", "intron_variant",
	"NMD_transcript_variant", "non_coding_transcript_variant", "upstream_gene_variant",
	"downstream_gene_variant", "intergenic_variant"};

static const char csq_desc[] = "Consequence annotations from genorx, columns as in Ensembl VEP. Format: "
			       "Allele|Consequence|IMPACT|SYMBOL|Gene|Feature_type|Feature|BIOTYPE|EXON|"
			       "INTRON|HGVSc|HGVSp|cDNA_position|"
			       "CDS_position|Protein_position|Amino_acids|Codons|DISTANCE|STRAND|FLAGS";

static const char *impact_text(const char *s)
{
	static const char *const known[] = {"HIGH", "MODERATE", "LOW", "MODIFIER"};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strcmp(s, known[i]) == 0)
			return known[i];
	return NULL;
}

static int term_number(const char *name)
{
	for (int i = 0; i < AT_N; i++)
		if (strcmp(name, annotate_term_name[i]) == 0)
			return i;
	return -1;
}

static int terms_read(struct grx_ctx *cx, struct grx_table *tb, struct annotate_terms *t)
{
	int term, rank, impact, rc;
	bool more;
	if ((rc = grx_table_need(cx, tb, "term", &term)) || (rc = grx_table_need(cx, tb, "rank", &rank)) ||
		(rc = grx_table_need(cx, tb, "impact", &impact)))
		return rc;
	for (;;) {
		if ((rc = grx_table_next(cx, tb, &more)) || !more)
			return rc;
		int64_t r;
		if ((rc = grx_table_i64(cx, tb, rank, &r)))
			return rc;
		int i = term_number(grx_table_get(tb, term));
		if (i < 0)
			continue; /* a term that this stage does not give yet */
		t->rank[i] = (int)r;
		t->impact[i] = impact_text(grx_table_get(tb, impact));
		if (!t->impact[i])
			return grx_fail(cx, GRX_E_DATA,
				"%s:%ld: impact '%s': expected HIGH, MODERATE, LOW or MODIFIER",
				grx_table_path(tb), (long)grx_table_lineno(tb), grx_table_get(tb, impact));
	}
}

int annotate_terms_load(struct grx_ctx *cx, struct annotate_terms *t)
{
	int rc = GRX_E_BUG;
	struct grx_table *tb = NULL;
	char *path = grx_refdata_path(cx, "annotate/consequence_terms.tsv");
	memset(t, 0, sizeof *t);
	if (!path)
		GRX_TRY(grx_fail_nomem(cx, "path"));
	GRX_TRY(grx_table_open(cx, path, true, &tb));
	GRX_TRY(terms_read(cx, tb, t));
	for (int i = 0; i < AT_N; i++)
		if (!t->impact[i])
			GRX_TRY(grx_fail(cx, GRX_E_DATA, "%s: no row for '%s'", path, annotate_term_name[i]));
	rc = GRX_OK;
out:
	grx_table_close(tb);
	grx_free(path);
	return rc;
}

int annotate_csq_declare(struct grx_ctx *cx, struct grx_hdr *h)
{
	struct grx_hdr_line l = {
		.kind = GRX_HDR_INFO, .id = "CSQ", .number = ".", .type = GRX_T_STR, .desc = csq_desc};
	return grx_hdr_declare(cx, h, &l);
}

int annotate_worst(uint64_t terms)
{
	for (int i = 0; i < AT_N; i++)
		if (terms & AT_BIT(i))
			return i;
	return AT_INTERGENIC;
}

/* Which entry --pick keeps: transcript quality, then severity, length, and order. */
int annotate_pick(const struct annotate_state *st, const struct annotate_entry *e, int n)
{
	int best = 0;
	for (int i = 1; i < n; i++) {
		const struct annotate_entry *a = &e[i], *b = &e[best];
		if (!a->tx || !b->tx)
			continue;
		int ra = st->terms.rank[annotate_worst(a->terms)],
		    rb = st->terms.rank[annotate_worst(b->terms)];
		if (a->tx->pick != b->tx->pick ? a->tx->pick < b->tx->pick
			: ra != rb             ? ra < rb
					       : a->tx->cdna_len > b->tx->cdna_len)
			best = i;
	}
	return best;
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

static void terms_add(struct grx_str *o, uint64_t terms)
{
	bool any = false;
	for (int i = 0; i < AT_N; i++)
		if (terms & AT_BIT(i)) {
			if (any)
				grx_str_addc(o, '&');
			grx_str_add(o, annotate_term_name[i]);
			any = true;
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

int annotate_csq_entry(struct annotate_work *w, const struct annotate_entry *e, struct grx_str *o)
{
	if (o->n)
		grx_str_addc(o, ',');
	text_add(o, e->al->shown);
	grx_str_addc(o, '|');
	terms_add(o, e->terms);
	grx_str_addf(o, "|%s|", w->st->terms.impact[annotate_worst(e->terms)]);
	if (e->tx)
		transcript_add(o, e);
	else
		grx_str_add(o, "||||||||||||||||"); /* SYMBOL to STRAND stay empty */
	flags_add(o, e);
	w->part->n_entries++;
	return o->oom ? grx_fail_nomem(w->cx, "CSQ") : GRX_OK;
}
