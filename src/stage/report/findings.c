/* SPDX-License-Identifier: GPL-3.0-or-later
 * findings.c -- reportable variants. No finding, no search and no request are told apart. */
#include <stdio.h>
#include <string.h>

#include "stage/report/report_int.h"

static const struct report_cols cols = {5, {S_VARIANT, S_GENE, S_CONSEQUENCE, S_CLINVAR, S_GENOTYPE}};

/* The class by points of the same allele, where annotate --acmg made one. */
static void acmg(struct report_page *p, const struct grx_fact *f)
{
	const struct grx_fact *a = report_find(p, "acmg/", report_rest(f->key, 1), "");
	if (!a || a->value.type != GRX_V_STR)
		return;
	report_raw(p, "<br><small>");
	report_t(p, S_FINDINGS_ACMG);
	report_text(p, ": ");
	report_text(p, a->value.str);
	report_raw(p, "</small>");
}

static void row(struct report_page *p, const struct grx_fact *f)
{
	report_row_open(p, NULL);
	report_cell(p, &cols, 0, report_rest(f->key, 1));
	report_cell(p, &cols, 1, report_attr(f, "gene"));
	report_cell_open(p, &cols, 2);
	report_text(p, report_attr(f, "consequence"));
	for (int i = 0; i < 2; i++) {
		const char *h = report_attr(f, i ? "hgvsp" : "hgvsc");
		if (*h) {
			report_raw(p, "<br><small>");
			report_text(p, h);
			report_raw(p, "</small>");
		}
	}
	report_cell_close(p, 2);
	report_cell_open(p, &cols, 3);
	report_text(p, *report_attr(f, "clinvar") ? report_attr(f, "clinvar") : report_s(p->lang, S_MISSING));
	acmg(p, f);
	report_cell_close(p, 3);
	report_cell(p, &cols, 4, *report_attr(f, "gt") ? report_attr(f, "gt") : report_s(p->lang, S_MISSING));
	report_row_close(p);
}

/* What annotate says was looked for; NULL: an input that does not say it. */
static const char *asked(const struct report_page *p)
{
	const struct grx_fact *f = report_find(p, "annotate/findings", "", "");
	return f && f->value.type == GRX_V_STR ? f->value.str : NULL;
}

bool report_findings_wanted(const struct report_page *p)
{
	const char *s = asked(p);
	return !s || strcmp(s, "not_looked_for") != 0;
}

static void scope(struct report_page *p)
{
	static const struct {
		const char *value;
		enum report_str say;
	} what[] = {{"not_looked_for", S_FINDINGS_NOT_ASKED}, {"asked_genes", S_FINDINGS_ASKED},
		{"secondary", S_FINDINGS_SECONDARY}, {"asked_genes+secondary", S_FINDINGS_BOTH},
		{"no_classification", S_FINDINGS_NO_DB}};
	const char *s = asked(p);
	for (size_t i = 0; s && i < sizeof what / sizeof *what; i++)
		if (strcmp(s, what[i].value) == 0)
			report_para(p, "gap", what[i].say);
}

int report_sec_findings(struct report_page *p)
{
	struct report_list l, run = {0};
	int rc = report_select(p, "variant/", &l);

	if (!rc)
		rc = report_select(p, "annotate/", &run);
	if (!rc) {
		report_section_open(p, "findings", 5, S_FINDINGS);
		const char *s = asked(p);
		scope(p);
		if (l.n && report_findings_wanted(p)) {
			report_table_open(p, report_s(p->lang, S_FINDINGS_CAPTION), &cols);
			for (size_t i = 0; i < l.n; i++)
				row(p, l.v[i]);
			report_table_close(p);
		} else if (!s || (report_findings_wanted(p) && strcmp(s, "no_classification") != 0)) {
			report_para(p, run.n ? "soft" : "gap", run.n ? S_NO_FINDINGS : S_FINDINGS_NOT_RUN);
		}
		report_section_close(p);
	}
	report_list_free(&l);
	report_list_free(&run);
	return rc;
}
