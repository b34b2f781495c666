/* SPDX-License-Identifier: GPL-3.0-or-later
 * findings.c -- reportable variants. No finding and no search are told apart. */
#include <stdio.h>
#include <string.h>

#include "stage/report/report_int.h"

static const struct report_cols cols = {5, {S_VARIANT, S_GENE, S_CONSEQUENCE, S_CLINVAR, S_GENOTYPE}};

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
	report_cell(p, &cols, 3,
		*report_attr(f, "clinvar") ? report_attr(f, "clinvar") : report_s(p->lang, S_MISSING));
	report_cell(p, &cols, 4, *report_attr(f, "gt") ? report_attr(f, "gt") : report_s(p->lang, S_MISSING));
	report_row_close(p);
}

int report_sec_findings(struct report_page *p)
{
	struct report_list l, run = {0};
	int rc = report_select(p, "variant/", &l);

	if (!rc)
		rc = report_select(p, "annotate/", &run);
	if (!rc) {
		report_section_open(p, "findings", 5, S_FINDINGS);
		if (l.n) {
			report_table_open(p, report_s(p->lang, S_FINDINGS_CAPTION), &cols);
			for (size_t i = 0; i < l.n; i++)
				row(p, l.v[i]);
			report_table_close(p);
		} else {
			report_para(p, run.n ? "soft" : "gap", run.n ? S_NO_FINDINGS : S_FINDINGS_NOT_RUN);
		}
		report_section_close(p);
	}
	report_list_free(&l);
	report_list_free(&run);
	return rc;
}
