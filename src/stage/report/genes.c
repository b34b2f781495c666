/* SPDX-License-Identifier: GPL-3.0-or-later
 * genes.c -- the pharmacogenes, with what is missing in each. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stage/report/report_int.h"

static const struct report_cols cols = {6, {S_GENE, S_STATUS, S_DIPLOTYPE, S_PHENOTYPE, S_ACTIVITY, S_LOCI}};

static int cmp_key(const void *a, const void *b)
{
	return strcmp((*(const struct grx_fact *const *)a)->key, (*(const struct grx_fact *const *)b)->key);
}

/* Status as its own fact says; without one, from the phenotype. Anything unknown counts as not assessed. */
static void status_tag(struct report_page *p, const char *gene, const struct grx_fact *pheno)
{
	static const struct {
		const char *name, *cls, *mark;
		enum report_str text;
	} t[] = {{"called", "ok", "&#10003;", S_ST_CALLED}, {"partial", "cau", "~", S_ST_PARTIAL},
		{"ambiguous", "cau", "~", S_ST_AMBIGUOUS}, {"no_match", "unk", "?", S_ST_NO_MATCH}};
	const struct grx_fact *f = report_find(p, "pgx/", gene, "/status");
	char buf[64];
	const char *s = report_value(f, buf, sizeof buf);

	if (!f && pheno && pheno->status == GRX_FACT_OK)
		s = "called";
	for (size_t i = 0; i < sizeof t / sizeof *t; i++)
		if (strcmp(s, t[i].name) == 0) {
			report_tag(p, t[i].cls, t[i].mark, report_s(p->lang, t[i].text));
			return;
		}
	report_tag(p, "unk", "?", report_s(p->lang, S_NOT_ASSESSED));
}

/* The value, or why there is none. */
static void value_or_reason(struct report_page *p, const struct grx_fact *f)
{
	char buf[64];

	if (f && f->status == GRX_FACT_OK && f->value.type != GRX_V_NULL) {
		report_text(p, report_value(f, buf, sizeof buf));
		return;
	}
	report_raw(p, "<small>");
	if (f && *report_attr(f, "reason"))
		report_text(p, report_attr(f, "reason"));
	else
		report_t(p, S_NOT_ASSESSED);
	report_raw(p, "</small>");
	if (f && *report_attr(f, "candidates")) {
		report_raw(p, "<br><small>");
		report_t(p, S_CANDIDATES);
		report_raw(p, ": ");
		report_text(p, report_attr(f, "candidates"));
		report_raw(p, "</small>");
	}
}

/* How sure the phenotype is, when it is given. */
static void probability(struct report_page *p, const struct grx_fact *f)
{
	if (!f || f->status != GRX_FACT_OK || !*report_attr(f, "posterior"))
		return;
	report_raw(p, "<br><small>");
	report_t(p, S_PROBABILITY);
	report_raw(p, ": ");
	report_text(p, report_attr(f, "posterior"));
	report_raw(p, "</small>");
}

static void loci(struct report_page *p, const struct grx_fact *dip)
{
	const char *n = report_attr(dip, "n_loci"), *miss = report_attr(dip, "n_missing");
	char text[160];

	if (!*n) {
		report_t(p, S_NOT_ASSESSED);
		return;
	}
	if (strcmp(miss, "0") == 0 || !*miss) {
		snprintf(text, sizeof text, "%s / %s", n, n);
		report_text(p, text);
		return;
	}
	snprintf(text, sizeof text, report_s(p->lang, S_LOCI_OF), miss, n);
	report_text(p, text);
	if (*report_attr(dip, "missing")) {
		report_raw(p, "<br><small>");
		report_text(p, report_attr(dip, "missing"));
		report_raw(p, "</small>");
	}
}

/* What else is to be known of a diplotype before it is believed. */
static void caveats(struct report_page *p, const struct grx_fact *dip)
{
	static const struct {
		enum report_str label;
		const char *attr;
	} t[] = {{S_PROBABILITY, "posterior"}, {S_ALSO_FITS, "alternatives"},
		{S_SAME_AS, "indistinguishable"}, {S_UNDOCUMENTED, "undocumented"}, {S_NOTE, "warning"},
		{S_ANCHOR_ONLY, "indel_loci_by_anchor_base_only"}, {S_NOT_ASSESSED, "undetectable"}};

	for (size_t i = 0; dip && i < sizeof t / sizeof *t; i++) {
		if (!*report_attr(dip, t[i].attr))
			continue;
		report_raw(p, "<br><small>");
		report_t(p, t[i].label);
		report_raw(p, ": ");
		report_text(p, report_attr(dip, t[i].attr));
		report_raw(p, "</small>");
	}
}

static void gene_row(struct report_page *p, const char *gene)
{
	const struct grx_fact *dip = report_find(p, "pgx/", gene, "/diplotype");
	const struct grx_fact *pheno = report_find(p, "pgx/", gene, "/phenotype");
	const struct grx_fact *as = report_find(p, "pgx/", gene, "/activity_score");

	report_row_open(p, NULL);
	report_cell(p, &cols, 0, gene);
	report_cell_open(p, &cols, 1);
	status_tag(p, gene, pheno);
	report_cell_close(p, 1);
	report_cell_open(p, &cols, 2);
	value_or_reason(p, dip);
	caveats(p, dip);
	report_cell_close(p, 2);
	report_cell_open(p, &cols, 3);
	value_or_reason(p, pheno);
	probability(p, pheno);
	report_cell_close(p, 3);
	report_cell_open(p, &cols, 4);
	if (as)
		value_or_reason(p, as);
	else
		report_raw(p, "&#8211;");
	report_cell_close(p, 4);
	report_cell_open(p, &cols, 5);
	loci(p, dip);
	report_cell_close(p, 5);
	report_row_close(p);
}

int report_sec_genes(struct report_page *p)
{
	struct report_list l;
	char gene[64], last[64] = "";
	int rc = report_select(p, "pgx/", &l);

	if (rc)
		return rc;
	report_section_open(p, "genes", 3, S_GENES);
	if (!l.n) {
		report_para(p, "gap", S_NO_GENES);
	} else {
		qsort(l.v, l.n, sizeof *l.v, cmp_key);
		report_para(p, "soft", S_GENES_NOTE);
		report_table_open(p, report_s(p->lang, S_GENES_CAPTION), &cols);
		for (size_t i = 0; i < l.n; i++) {
			report_part(l.v[i]->key, 1, gene, sizeof gene);
			if (strcmp(gene, last) != 0)
				gene_row(p, gene);
			memcpy(last, gene, sizeof last);
		}
		report_table_close(p);
	}
	report_section_close(p);
	report_list_free(&l);
	return GRX_OK;
}
