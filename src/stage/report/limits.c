/* SPDX-License-Identifier: GPL-3.0-or-later
 * limits.c -- what was not assessed, and how everything was made. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "stage/report/report_int.h"

static const struct report_cols limit_cols = {3, {S_ITEM, S_STATUS, S_REASON}};

int report_sec_limits(struct report_page *p)
{
	struct report_list l;
	bool open = false;
	int rc = report_select(p, "", &l);

	if (rc)
		return rc;
	report_section_open(p, "limits", 8, S_LIMITS);
	report_raw(p, "<p><strong>");
	report_t(p, S_RUO);
	report_raw(p, "</strong> ");
	report_t(p, S_RUO_TEXT);
	report_raw(p, "</p>\n");
	report_para(p, "", S_LIMITS_TEXT);
	for (size_t i = 0; i < l.n; i++) {
		const struct grx_fact *f = l.v[i];
		if (f->status == GRX_FACT_OK)
			continue;
		if (!open)
			report_table_open(p, report_s(p->lang, S_LIMITS_CAPTION), &limit_cols);
		open = true;
		report_row_open(p, NULL);
		report_cell(p, &limit_cols, 0, f->key);
		report_cell_open(p, &limit_cols, 1);
		report_tag(p, "unk", "?",
			report_s(p->lang, f->status == GRX_FACT_REFUSED ? S_REFUSED : S_NOT_ASSESSED));
		report_cell_close(p, 1);
		report_cell(p, &limit_cols, 2, report_attr(f, "reason"));
		report_row_close(p);
	}
	if (open)
		report_table_close(p);
	else
		report_para(p, "gap", S_NO_LIMITS);
	report_section_close(p);
	report_list_free(&l);
	return GRX_OK;
}

static const struct report_cols method_cols = {4, {S_STAGE, S_VERSION, S_REFDATA, S_N_FACTS}};

static bool same_source(const struct grx_fact *a, const struct grx_fact *b)
{
	return grx_streq(a->stage, b->stage) && grx_streq(a->version, b->version) &&
	       grx_streq(a->refdata, b->refdata);
}

/* One row for each source, at its first fact. */
static void sources(struct report_page *p, const struct report_list *l)
{
	char n_text[32];

	report_table_open(p, report_s(p->lang, S_METHODS_CAPTION), &method_cols);
	for (size_t i = 0; i < l->n; i++) {
		const struct grx_fact *f = l->v[i];
		size_t n = 0, j = 0;
		while (j < i && !same_source(l->v[j], f))
			j++;
		if (j < i)
			continue;
		for (j = i; j < l->n; j++)
			n += same_source(l->v[j], f);
		snprintf(n_text, sizeof n_text, "%zu", n);
		report_row_open(p, NULL);
		report_cell(
			p, &method_cols, 0, f->stage && *f->stage ? f->stage : report_s(p->lang, S_MISSING));
		report_cell(p, &method_cols, 1, f->version ? f->version : "");
		report_cell(p, &method_cols, 2, f->refdata ? f->refdata : "");
		report_cell(p, &method_cols, 3, n_text);
		report_row_close(p);
	}
	report_table_close(p);
}

static bool is_other(const struct grx_fact *f)
{
	static const char *const shown[] = {
		"recommend/", "pgx/", "prs/", "predict/", "clinical/", "variant/", "qc/", NULL};

	for (int i = 0; shown[i]; i++)
		if (grx_starts(f->key, shown[i]))
			return false;
	return f->status == GRX_FACT_OK;
}

static void others(struct report_page *p, const struct report_list *l)
{
	static const struct report_cols cols = {2, {S_ITEM, S_VALUE}};
	char text[160];
	int n = 0;

	for (size_t i = 0; i < l->n; i++)
		n += is_other(l->v[i]);
	if (!n)
		return;
	snprintf(text, sizeof text, report_s(p->lang, S_OTHER), n);
	report_raw(p, "<details><summary>");
	report_text(p, text);
	report_raw(p, "</summary>\n");
	report_table_open(p, report_s(p->lang, S_OTHER_CAPTION), &cols);
	for (size_t i = 0; i < l->n; i++) {
		if (!is_other(l->v[i]))
			continue;
		report_row_open(p, NULL);
		report_cell(p, &cols, 0, l->v[i]->key);
		report_cell_open(p, &cols, 1);
		report_text(p, report_value(l->v[i], text, sizeof text));
		if (l->v[i]->unit) {
			report_raw(p, " ");
			report_text(p, l->v[i]->unit);
		}
		report_cell_close(p, 1);
		report_row_close(p);
	}
	report_table_close(p);
	report_raw(p, "</details>\n");
}

int report_sec_methods(struct report_page *p)
{
	struct report_list l;
	int rc = report_select(p, "", &l);

	if (rc)
		return rc;
	report_section_open(p, "methods", 9, S_METHODS);
	report_para(p, "soft", S_METHODS_TEXT);
	sources(p, &l);
	if (p->cx && p->cx->command && *p->cx->command) {
		report_raw(p, "<p>");
		report_t(p, S_OPTIONS);
		report_raw(p, ": <code>");
		report_text(p, p->cx->command);
		report_raw(p, "</code></p>\n");
	}
	others(p, &l);
	report_section_close(p);
	report_list_free(&l);
	return GRX_OK;
}
