/* SPDX-License-Identifier: GPL-3.0-or-later
 * scores.c -- polygenic scores: sum with interval, place among a reference panel, how much was seen.
 * Without a panel, or where the person fits none of its populations, the table says so instead of a place. */
#include <stdio.h>
#include <string.h>

#include "stage/report/report_int.h"

static const struct report_cols cols = {6, {S_SCORE, S_TRAIT, S_SUM, S_PERCENTILE, S_COVERAGE, S_COVERAGE_W}};

static bool is_num(const struct grx_fact *f)
{
	return f && f->status == GRX_FACT_OK && f->value.type == GRX_V_NUM;
}

static void small_open(struct report_page *p)
{
	report_raw(p, "<br><small class=\"soft\">");
}

static void small(struct report_page *p, const char *text)
{
	if (!*text)
		return;
	small_open(p);
	report_text(p, text);
	report_raw(p, "</small>");
}

static void percent_cell(struct report_page *p, int i, const struct grx_fact *f)
{
	char buf[64];
	snprintf(buf, sizeof buf, "%.1f %%", is_num(f) ? f->value.num * 100 : 0);
	report_cell(p, &cols, i, is_num(f) ? buf : report_s(p->lang, S_NOT_ASSESSED));
}

/* Low confidence must not look like an answer. */
static void confidence(struct report_page *p, const struct grx_fact *f)
{
	if (!grx_streq(report_attr(f, "ancestry_confidence"), "low"))
		return;
	report_raw(p, "<br>");
	report_tag(p, "cau", "!", report_s(p->lang, S_LOW_CONFIDENCE));
}

static void sum_cell(struct report_page *p, const struct grx_fact *f)
{
	char buf[64], text[160], lo[32], hi[32], pc[32];
	double level;

	report_cell_open(p, &cols, 2);
	if (!is_num(f)) {
		report_tag(p, "unk", "?",
			report_s(p->lang, f && f->status == GRX_FACT_REFUSED ? S_REFUSED : S_NOT_ASSESSED));
		small(p, f ? report_attr(f, "reason") : "");
	} else {
		report_text(p, report_value(f, buf, sizeof buf));
		if (f->has_lo && f->has_hi) {
			if (!grx_parse_f64(report_attr(f, "level"), &level))
				level = 0.95;
			snprintf(text, sizeof text, report_s(p->lang, S_LEVEL_INTERVAL),
				grx_fmt_g(pc, 100 * level, 5), grx_fmt_g(lo, f->lo, 4),
				grx_fmt_g(hi, f->hi, 4));
			small(p, text);
			small(p, report_attr(f, "interval"));
		}
	}
	report_cell_close(p, 2);
}

/* A place, why there is none, or that nobody asked for one. */
static void place_cell(struct report_page *p, const struct grx_fact *f)
{
	char text[200];

	report_cell_open(p, &cols, 3);
	if (!f) {
		report_t(p, S_NOT_ADJUSTED);
	} else if (!is_num(f)) {
		report_tag(p, "unk", "?", report_s(p->lang, S_NOT_ASSESSED));
		small(p, report_attr(f, "reason"));
	} else {
		report_rawf(p, "<b class=\"num\">%.1f</b>", f->value.num);
		if (f->n >= 0 && *report_attr(f, "population")) {
			snprintf(text, sizeof text, report_s(p->lang, S_AMONG), (long long)f->n,
				report_attr(f, "population"));
			small(p, text);
		}
		confidence(p, f);
		small(p, report_attr(f, "portability"));
	}
	report_cell_close(p, 3);
}

static void row(struct report_page *p, const char *id)
{
	const struct grx_fact *sum = report_find(p, "prs/", id, "/sum");

	report_row_open(p, NULL);
	report_cell(p, &cols, 0, id);
	report_cell(p, &cols, 1, sum ? report_attr(sum, "trait") : "");
	sum_cell(p, sum);
	place_cell(p, report_find(p, "prs/", id, "/percentile"));
	percent_cell(p, 4, report_find(p, "prs/", id, "/coverage"));
	percent_cell(p, 5, report_find(p, "prs/", id, "/coverage_weight"));
	report_row_close(p);
}

/* Where the person lies among the panel's people: one line above the table. */
static void ancestry(struct report_page *p)
{
	const struct grx_fact *f = report_find(p, "prs/ancestry", "/similar", ""),
			      *q = report_find(p, "prs/ancestry", "/distance_quantile", "");
	char buf[64], text[200];

	if (!f)
		return;
	report_raw(p, "<p>");
	report_t(p, S_MOST_SIMILAR);
	report_raw(p, ": <b>");
	if (f->status == GRX_FACT_OK)
		report_text(p, report_value(f, buf, sizeof buf));
	else
		report_t(p, S_NOT_ASSESSED);
	report_raw(p, "</b>");
	small(p, f->status == GRX_FACT_OK ? "" : report_attr(f, "reason"));
	confidence(p, f);
	if (is_num(q)) {
		snprintf(text, sizeof text, report_s(p->lang, S_DISTANCE), 100 * q->value.num);
		small(p, text);
	}
	if (*report_attr(f, "portability")) {
		report_raw(p, "<br>");
		report_tag(p, "cau", "!", report_s(p->lang, S_PORTABILITY));
	}
	report_raw(p, "</p>\n");
}

/* The id of a score may itself hold no '/'; facts about the person are no score. */
static bool score_id(const struct grx_fact *f, char *id, size_t cap)
{
	report_part(f->key, 1, id, cap);
	return strcmp(id, "ancestry") != 0;
}

int report_scores(struct report_page *p, bool *any)
{
	struct report_list l;
	char id[128], last[128] = "";
	bool open = false, placed = false;
	int rc = report_select(p, "prs/", &l);

	if (rc == GRX_OK && l.n)
		ancestry(p);
	for (size_t i = 0; rc == GRX_OK && i < l.n; i++) {
		if (!score_id(l.v[i], id, sizeof id) || !strcmp(id, last))
			continue;
		if (!open)
			report_table_open(p, report_s(p->lang, S_PRS_CAPTION), &cols);
		open = *any = true;
		placed |= is_num(report_find(p, "prs/", id, "/percentile"));
		row(p, id);
		memcpy(last, id, sizeof last);
	}
	if (open) {
		report_table_close(p);
		report_para(p, "soft", S_PRS_NOTE);
		if (placed)
			report_para(p, "soft", S_PRS_ALSO);
	}
	report_list_free(&l);
	return rc;
}
