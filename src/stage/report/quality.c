/* SPDX-License-Identifier: GPL-3.0-or-later
 * quality.c -- quality measures with their gates. */
#include <stdio.h>
#include <string.h>

#include "stage/report/report_int.h"

static const struct report_cols cols = {3, {S_ITEM, S_VALUE, S_RESULT}};

static void gate_tag(struct report_page *p, const char *v)
{
	if (strcmp(v, "pass") == 0)
		report_tag(p, "ok", "&#10003;", report_s(p->lang, S_PASS));
	else if (strcmp(v, "warn") == 0)
		report_tag(p, "cau", "~", report_s(p->lang, S_WARN));
	else if (strcmp(v, "fail") == 0)
		report_tag(p, "act", "!", report_s(p->lang, S_FAIL));
}

static bool is_fraction(const char *key)
{
	return strstr(key, "/frac") || strstr(key, "qc/breadth/") || strstr(key, "gc/mean");
}

static void value(struct report_page *p, const struct grx_fact *f)
{
	char buf[64];

	if (f->status != GRX_FACT_OK) {
		report_tag(p, "unk", "?", report_s(p->lang, S_NOT_ASSESSED));
		report_raw(p, " <small>");
		report_text(p, report_attr(f, "reason"));
		report_raw(p, "</small>");
		return;
	}
	if (f->value.type == GRX_V_NUM && is_fraction(f->key)) {
		report_rawf(p, "%.2f %%", f->value.num * 100);
		return;
	}
	if (f->value.type == GRX_V_STR && strcmp(f->key, "qc/sex") == 0 &&
		(strcmp(f->value.str, "male") == 0 || strcmp(f->value.str, "female") == 0))
		report_t(p, *f->value.str == 'm' ? S_MALE : S_FEMALE);
	else
		report_text(p, report_value(f, buf, sizeof buf));
	if (f->unit && strcmp(f->unit, "fraction") != 0) {
		report_raw(p, " ");
		report_text(p, f->unit);
	}
}

/* Gate of a metric: its name is the key's rest, with or without '/'. */
static const struct grx_fact *gate_of(const struct report_page *p, const struct grx_fact *f)
{
	for (size_t i = 0; i < p->facts->n; i++) {
		const struct grx_fact *g = p->facts->v[i];
		if (!grx_starts(g->key, "qc/gate/") || strcmp(g->sample, p->sample) != 0)
			continue;
		for (int k = 0; k < g->n_because; k++)
			if (g->because[k].fact && strcmp(g->because[k].fact, f->id) == 0)
				return g;
		if (strcmp(report_rest(g->key, 2), report_rest(f->key, 1)) == 0)
			return g;
	}
	return NULL;
}

static void row(struct report_page *p, const struct grx_fact *f)
{
	const struct grx_fact *g = gate_of(p, f);
	char buf[64], name[96];

	snprintf(name, sizeof name, "%s", report_rest(f->key, 1));
	for (char *s = name; *s; s++)
		if (*s == '/')
			*s = ' ';
	report_row_open(p, NULL);
	report_cell(p, &cols, 0, name);
	report_cell_open(p, &cols, 1);
	value(p, f);
	report_cell_close(p, 1);
	report_cell_open(p, &cols, 2);
	if (g)
		gate_tag(p, report_value(g, buf, sizeof buf));
	report_cell_close(p, 2);
	report_row_close(p);
}

static void contig_table(struct report_page *p, const struct report_list *l)
{
	bool open = false;

	for (size_t i = 0; i < l->n; i++) {
		if (!grx_starts(l->v[i]->key, "qc/contig/"))
			continue;
		if (!open) {
			report_raw(p, "<details><summary>");
			report_t(p, S_PER_CONTIG);
			report_raw(p, "</summary>\n");
			report_table_open(p, report_s(p->lang, S_PER_CONTIG), &cols);
		}
		open = true;
		row(p, l->v[i]);
	}
	if (open) {
		report_table_close(p);
		report_raw(p, "</details>\n");
	}
}

int report_sec_quality(struct report_page *p)
{
	struct report_list l;
	int rc = report_select(p, "qc/", &l);

	if (rc)
		return rc;
	report_section_open(p, "quality", 7, S_QUALITY);
	if (!l.n) {
		report_para(p, "gap", S_NO_QC);
	} else {
		report_table_open(p, report_s(p->lang, S_QC_CAPTION), &cols);
		for (size_t i = 0; i < l.n; i++)
			if (!grx_starts(l.v[i]->key, "qc/gate") && !grx_starts(l.v[i]->key, "qc/contig/"))
				row(p, l.v[i]);
		report_table_close(p);
		contig_table(p, &l);
	}
	report_section_close(p);
	report_list_free(&l);
	return GRX_OK;
}
