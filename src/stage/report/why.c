/* SPDX-License-Identifier: GPL-3.0-or-later
 * why.c -- the evidence chain: recommendation, rule, phenotype, diplotype, loci with genotype, depth and
 * quality. */
#include <stdio.h>
#include <string.h>

#include "stage/report/report_int.h"

#define MAX_DEPTH 6

static void fact_label(struct report_page *p, const struct grx_fact *f)
{
	static const struct {
		const char *name;
		enum report_str text;
	} t[] = {{"diplotype", S_DIPLOTYPE}, {"phenotype", S_PHENOTYPE}, {"activity_score", S_ACTIVITY},
		{"status", S_STATUS}};
	char gene[64];

	if (grx_starts(f->key, "pgx/"))
		for (size_t i = 0; i < sizeof t / sizeof *t; i++)
			if (strcmp(report_rest(f->key, 2), t[i].name) == 0) {
				report_text(p, report_part(f->key, 1, gene, sizeof gene));
				report_raw(p, ", ");
				report_t(p, t[i].text);
				return;
			}
	report_text(p, f->key);
}

static void fact_value(struct report_page *p, const struct grx_fact *f)
{
	char buf[64];

	report_raw(p, ": <strong>");
	if (f->status == GRX_FACT_OK)
		report_text(p, report_value(f, buf, sizeof buf));
	else
		report_t(p, f->status == GRX_FACT_REFUSED ? S_REFUSED : S_NOT_ASSESSED);
	report_raw(p, "</strong>");
	if (f->unit && strcmp(f->unit, "probability") != 0) {
		report_raw(p, " ");
		report_text(p, f->unit);
	}
	if (*report_attr(f, "reason")) {
		report_raw(p, " <small>(");
		report_text(p, report_attr(f, "reason"));
		report_raw(p, ")</small>");
	}
}

static const char *genotype(const struct report_page *p, const struct grx_because *b)
{
	if (!b->gt)
		return report_s(p->lang, S_NO_RECORD);
	return strspn(b->gt, "./|") == strlen(b->gt) ? report_s(p->lang, S_NO_CALL) : b->gt;
}

/* rs4244285, chr10:94781859 G>A, 0/1, depth 31, GQ 99, reads 15,16 */
static void locus_line(struct report_page *p, const struct grx_because *b)
{
	char text[96];

	report_raw(p, report_locus_is_missing(b) ? "<li><span class=\"tag unk\">? "
						 : "<li><span class=\"tag inf\">");
	report_text(p, genotype(p, b));
	report_raw(p, "</span> ");
	if (b->name) {
		report_text(p, b->name);
		report_raw(p, ", ");
	}
	report_raw(p, "<code>");
	report_text(p, b->chrom ? b->chrom : "?");
	snprintf(text, sizeof text, ":%lld ", (long long)b->pos);
	report_text(p, text);
	report_text(p, b->ref ? b->ref : ".");
	report_raw(p, "&gt;");
	report_text(p, b->alt ? b->alt : ".");
	report_raw(p, "</code>");
	if (b->gt && b->dp >= 0) {
		report_raw(p, ", ");
		report_t(p, S_DEPTH);
		report_rawf(p, " %d", b->dp);
	}
	if (b->gt && b->gq >= 0)
		report_rawf(p, ", GQ %d", b->gq);
	if (b->gt && b->ad) {
		report_raw(p, ", ");
		report_t(p, S_AD);
		report_raw(p, " ");
		report_text(p, b->ad);
	}
	report_raw(p, "</li>");
}

static void chain(struct report_page *p, const struct grx_fact *f, int depth);

static void chain_loci(struct report_page *p, const struct grx_fact *f)
{
	int n_ref = 0;
	char text[160];

	for (int i = 0; i < f->n_because; i++) {
		const struct grx_because *b = &f->because[i];
		if (b->fact)
			continue;
		if (report_locus_is_ref(b))
			n_ref++;
		else
			locus_line(p, b);
	}
	if (n_ref) {
		snprintf(text, sizeof text, report_s(p->lang, S_REF_LOCI), n_ref);
		report_raw(p, "<li>");
		report_text(p, text);
		report_raw(p, "</li>");
	}
}

static void chain_links(struct report_page *p, const struct grx_fact *f, int depth)
{
	for (int i = 0; i < f->n_because; i++) {
		const char *id = f->because[i].fact;
		const struct grx_fact *e = id ? grx_facts_by_id(p->facts, id) : NULL;
		if (!id)
			continue;
		report_raw(p, "<li>");
		if (e && depth < MAX_DEPTH) {
			chain(p, e, depth + 1);
		} else {
			report_text(p, id);
			report_raw(p, " (");
			report_t(p, S_MISSING);
			report_raw(p, ")");
		}
		report_raw(p, "</li>");
	}
}

static void chain(struct report_page *p, const struct grx_fact *f, int depth)
{
	fact_label(p, f);
	fact_value(p, f);
	if (f->n_because) {
		report_raw(p, "<ul>");
		chain_links(p, f, depth);
		chain_loci(p, f);
		report_raw(p, "</ul>");
	}
}

static void rule_line(struct report_page *p, const struct grx_fact *f)
{
	if (!f->rule && !f->refdata)
		return;
	report_raw(p, "<p>");
	if (f->rule) {
		report_t(p, S_RULE);
		report_raw(p, " <code>");
		report_text(p, f->rule);
		report_raw(p, "</code> ");
	}
	if (f->refdata) {
		report_raw(p, "<small>(");
		report_text(p, f->refdata);
		report_raw(p, ")</small>");
	}
	if (*report_attr(f, "guideline")) {
		report_raw(p, ", ");
		report_text(p, report_attr(f, "guideline"));
	}
	report_raw(p, "</p>");
}

static void one(struct report_page *p, size_t i)
{
	const struct grx_fact *f = p->meds.v[i];
	char drug[160];

	report_rawf(p, "<div class=\"chain\" id=\"s%d-why-%d\"><h%d>", p->si, (int)i, p->h + 1);
	report_text(p, report_part(f->key, 1, drug, sizeof drug));
	report_raw(p, " ");
	report_tag_level(p, report_level_of(f));
	report_rawf(p, "</h%d><p>", p->h + 1);
	report_text(p, report_rec_text(f, p->lang));
	report_raw(p, "</p>");
	rule_line(p, f);
	report_raw(p, "<p>");
	report_t(p, S_BECAUSE);
	report_raw(p, ":</p><ol>");
	chain_links(p, f, 0);
	chain_loci(p, f);
	if (!f->n_because) {
		report_raw(p, "<li>");
		report_t(p, S_NO_EVIDENCE);
		if (*report_attr(f, "genes")) {
			report_raw(p, ": ");
			report_text(p, report_attr(f, "genes"));
		}
		report_raw(p, "</li>");
	}
	report_raw(p, "</ol></div>\n");
}

static const struct report_cols cols = {6, {S_LOCUS, S_POSITION, S_CHANGE, S_GENOTYPE, S_DEPTH, S_AD}};

static void locus_row(struct report_page *p, const struct grx_because *b)
{
	char text[160];

	report_row_open(p, NULL);
	report_cell(p, &cols, 0, b->name ? b->name : "");
	snprintf(text, sizeof text, "%s:%lld", b->chrom ? b->chrom : "?", (long long)b->pos);
	report_cell(p, &cols, 1, text);
	report_cell_open(p, &cols, 2);
	report_text(p, b->ref ? b->ref : ".");
	report_raw(p, "&gt;");
	report_text(p, b->alt ? b->alt : ".");
	report_cell_close(p, 2);
	report_cell_open(p, &cols, 3);
	if (report_locus_is_missing(b))
		report_tag(p, "unk", "?", genotype(p, b));
	else
		report_text(p, b->gt);
	report_cell_close(p, 3);
	snprintf(text, sizeof text, b->gq >= 0 ? "%d (GQ %d)" : "%d", b->dp, b->gq);
	report_cell(p, &cols, 4, b->gt && b->dp >= 0 ? text : "");
	report_cell(p, &cols, 5, b->gt && b->ad ? b->ad : "");
	report_row_close(p);
}

static int gene_tables(struct report_page *p)
{
	struct report_list l;
	char caption[160], gene[64];
	bool open = false;
	int rc = report_select(p, "pgx/", &l);

	for (size_t i = 0; i < l.n && !rc; i++) {
		const struct grx_fact *f = l.v[i];
		if (strcmp(report_rest(f->key, 2), "diplotype") != 0 || !f->n_because)
			continue;
		if (!open) {
			report_raw(p, "<details><summary>");
			report_t(p, S_ALL_LOCI);
			report_raw(p, "</summary>\n");
		}
		open = true;
		report_part(f->key, 1, gene, sizeof gene);
		snprintf(caption, sizeof caption, report_s(p->lang, S_LOCI_CAPTION), gene);
		report_table_open(p, caption, &cols);
		for (int k = 0; k < f->n_because; k++)
			if (!f->because[k].fact)
				locus_row(p, &f->because[k]);
		report_table_close(p);
	}
	if (open)
		report_raw(p, "</details>\n");
	report_list_free(&l);
	return rc;
}

int report_sec_why(struct report_page *p)
{
	int rc;

	report_section_open(p, "why", 6, S_WHY);
	if (p->meds.n)
		report_para(p, "soft", S_WHY_INTRO);
	else
		report_para(p, "gap", S_NO_MEDS);
	for (size_t i = 0; i < p->meds.n; i++)
		one(p, i);
	rc = gene_tables(p);
	report_section_close(p);
	return rc;
}
