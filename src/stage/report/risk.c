/* SPDX-License-Identifier: GPL-3.0-or-later
 * risk.c -- disease risk: model predictions and the clinical values behind them. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "stage/report/report_int.h"

/* "total_cvd" reads "total cvd" */
static void words(char *s)
{
	for (; *s; s++)
		if (*s == '_')
			*s = ' ';
}

static void natural_frequency(struct report_page *p, double x)
{
	char text[256];
	int of = x < 0.05 ? 1000 : 100, n = (int)lround(x * of);

	if (n == 0)
		snprintf(text, sizeof text, report_s(p->lang, S_OF_PEOPLE_FEW), of);
	else
		snprintf(text, sizeof text, report_s(p->lang, S_OF_PEOPLE), of, n, of - n);
	report_text(p, text);
}

/* "LABEL: text", on a line of its own; nothing without text. */
static void remark(struct report_page *p, enum report_str label, const char *text)
{
	if (!*text)
		return;
	report_raw(p, "<br><small class=\"soft\">");
	report_t(p, label);
	report_raw(p, ": ");
	report_text(p, text);
	report_raw(p, "</small>");
}

/* What a risk from a score rests on: the population's risk, what the interval covers, what was not known. */
static void score_remarks(struct report_page *p, const struct grx_fact *f)
{
	char buf[64];
	double x;

	if (grx_parse_f64(report_attr(f, "average_risk"), &x)) {
		snprintf(buf, sizeof buf, "%.1f %%", x * 100);
		remark(p, S_AVERAGE_RISK, buf);
	}
	remark(p, S_INTERVAL_COVERS, report_attr(f, "interval_covers"));
	remark(p, S_AVERAGED_OVER, report_attr(f, "averaged_over"));
	if (*report_attr(f, "portability")) {
		report_raw(p, "<br>");
		report_tag(p, "cau", "!", report_s(p->lang, S_PORTABILITY));
	}
}

static void risk_card(struct report_page *p, const struct grx_fact *f)
{
	char model[80], horizon[40], outcome[80], title[240];

	report_part(f->key, 1, model, sizeof model);
	report_part(f->key, 2, horizon, sizeof horizon);
	snprintf(outcome, sizeof outcome, "%s", report_rest(f->key, 3));
	words(outcome);
	snprintf(title, sizeof title, "%s, %s", outcome, horizon);
	report_raw(p, "<figure><strong>");
	report_text(p, title);
	report_raw(p, "</strong> <small class=\"soft\">");
	report_text(p, model);
	report_raw(p, "</small>");
	report_svg_risk(p, f, title);
	report_rawf(p, "<figcaption><b class=\"num\">%.1f %%</b>", f->value.num * 100);
	if (f->has_lo && f->has_hi) {
		report_raw(p, " <span class=\"num\">(");
		report_t(p, S_INTERVAL);
		report_rawf(p, " %.1f&#8211;%.1f %%)</span>", f->lo * 100, f->hi * 100);
	}
	report_raw(p, "<br>");
	natural_frequency(p, f->value.num);
	score_remarks(p, f);
	report_raw(p, "</figcaption></figure>\n");
}

static bool is_probability(const struct grx_fact *f)
{
	return f->status == GRX_FACT_OK && f->value.type == GRX_V_NUM && f->value.num >= 0 &&
	       f->value.num <= 1 && grx_streq(f->unit, "probability");
}

static const struct report_cols gap_cols = {3, {S_ITEM, S_STATUS, S_REASON}};

static void risk_rest(struct report_page *p, const struct report_list *l)
{
	char buf[64];
	bool open = false;

	for (size_t i = 0; i < l->n; i++) {
		const struct grx_fact *f = l->v[i];
		if (is_probability(f))
			continue;
		if (!open)
			report_table_open(p, report_s(p->lang, S_RISK_OUTSIDE), &gap_cols);
		open = true;
		report_row_open(p, NULL);
		report_cell(p, &gap_cols, 0, report_rest(f->key, 1));
		report_cell_open(p, &gap_cols, 1);
		if (f->status == GRX_FACT_OK)
			report_text(p, report_value(f, buf, sizeof buf));
		else
			report_tag(p, "unk", "?",
				report_s(
					p->lang, f->status == GRX_FACT_REFUSED ? S_REFUSED : S_NOT_ASSESSED));
		report_cell_close(p, 1);
		report_cell(p, &gap_cols, 2, report_attr(f, "reason"));
		report_row_close(p);
	}
	if (open)
		report_table_close(p);
}

static int clinical_table(struct report_page *p)
{
	static const struct report_cols cols = {2, {S_ITEM, S_VALUE}};
	struct report_list l;
	char buf[64], name[80];
	int rc = report_select(p, "clinical/", &l);

	if (!rc && l.n) {
		report_table_open(p, report_s(p->lang, S_CLINICAL_CAPTION), &cols);
		for (size_t i = 0; i < l.n; i++) {
			snprintf(name, sizeof name, "%s", report_rest(l.v[i]->key, 1));
			words(name);
			report_row_open(p, NULL);
			report_cell(p, &cols, 0, name);
			report_cell_open(p, &cols, 1);
			report_text(p, l.v[i]->status == GRX_FACT_OK ? report_value(l.v[i], buf, sizeof buf)
								     : report_s(p->lang, S_MISSING));
			if (l.v[i]->unit) {
				report_raw(p, " ");
				report_text(p, l.v[i]->unit);
			}
			report_cell_close(p, 1);
			report_row_close(p);
		}
		report_table_close(p);
	}
	report_list_free(&l);
	return rc;
}

int report_sec_risk(struct report_page *p)
{
	struct report_list l;
	bool any;
	int rc = report_select(p, "predict/", &l);

	if (rc)
		return rc;
	any = l.n > 0;
	report_section_open(p, "risk", 4, S_RISK);
	if (l.n) {
		report_para(p, "soft", S_RISK_NOTE);
		report_raw(p, "<div class=\"cards\">\n");
		for (size_t i = 0; i < l.n; i++)
			if (is_probability(l.v[i]))
				risk_card(p, l.v[i]);
		report_raw(p, "</div>\n");
		risk_rest(p, &l);
	}
	report_list_free(&l);
	rc = report_scores(p, &any);
	if (!rc && !any)
		report_para(p, "gap", S_NO_RISK);
	if (!rc)
		rc = clinical_table(p);
	report_section_close(p);
	return rc;
}
