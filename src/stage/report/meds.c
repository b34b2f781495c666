/* SPDX-License-Identifier: GPL-3.0-or-later
 * meds.c -- the summary and the medicines. */
#include <stdio.h>
#include <string.h>

#include "stage/report/report_int.h"

static void why_link(struct report_page *p, size_t i)
{
	report_rawf(p, " <a href=\"#s%d-why-%d\">", p->si, (int)i);
	report_t(p, S_WHY_LINK);
	report_raw(p, "</a>");
}

static void evidence(struct report_page *p, const struct grx_fact *f)
{
	struct grx_str s = {0};

	report_evidence_text(p, f, &s);
	if (s.s)
		report_text(p, s.s);
	p->b.oom = p->b.oom || s.oom;
	grx_str_clear(&s);
}

/* Name of the drug of a recommend fact as people write it, in the page's language where there is one. */
static const char *name_of(const struct report_page *p, const struct grx_fact *f, char *buf, size_t cap)
{
	const char *zh = p->lang == REPORT_ZH ? report_attr(f, "drug_zh") : "";

	if (grx_starts(f->key, "recommend/phenoconversion/")) { /* of which gene */
		snprintf(buf, cap, "%s %s", *zh ? zh : "phenoconversion", report_rest(f->key, 2));
		return buf;
	}
	if (*zh)
		return zh;
	report_part(f->key, 1, buf, cap);
	for (char *c = buf; *c; c++)
		if (*c == '_')
			*c = ' ';
	return buf;
}

static void drug_name(struct report_page *p, const struct grx_fact *f)
{
	char drug[160];

	report_text(p, name_of(p, f, drug, sizeof drug));
}

static const struct report_cols summary_cols = {4, {S_WHAT, S_LEVEL, S_DO, S_EVIDENCE}};

static void summary_row(struct report_page *p, enum report_level level, const char *what, const char *advice)
{
	const struct report_cols *c = &summary_cols;

	report_row_open(p, NULL);
	report_cell(p, c, 0, what);
	report_cell_open(p, c, 1);
	report_tag_level(p, level);
	report_cell_close(p, 1);
	report_cell(p, c, 2, advice);
	report_cell_open(p, c, 3);
}

static void row_end(struct report_page *p)
{
	report_cell_close(p, 3);
	report_row_close(p);
}

static void summary_gate(
	struct report_page *p, const char *want, enum report_level level, enum report_str text)
{
	const struct grx_fact *f = report_find(p, "qc/gate", "", "");

	if (!f || f->value.type != GRX_V_STR || strcmp(f->value.str, want) != 0)
		return;
	summary_row(p, level, report_s(p->lang, S_QUALITY_OF_SAMPLE), report_s(p->lang, text));
	report_rawf(p, "<a href=\"#s%d-quality\">", p->si);
	report_t(p, S_QUALITY);
	report_raw(p, "</a>");
	row_end(p);
}

static void summary_meds(struct report_page *p, enum report_level level)
{
	char drug[160], what[400];

	for (size_t i = 0; i < p->meds.n; i++) {
		const struct grx_fact *f = p->meds.v[i];
		if (report_level_of(f) != level)
			continue;
		const char *who = report_attr(f, "population");
		const char *name = name_of(p, f, drug, sizeof drug);
		/* two pieces of advice on one medicine are for different people: say for whom */
		if (*who && strcmp(who, "general") != 0)
			snprintf(what, sizeof what, "%s (%s)", name, who);
		else
			snprintf(what, sizeof what, "%s", name);
		summary_row(p, level, what, report_rec_text(f, p->lang));
		evidence(p, f);
		why_link(p, i);
		row_end(p);
	}
}

static bool same_unknown(const struct report_page *p, const struct grx_fact *a, const struct grx_fact *b)
{
	return report_level_of(a) == LEVEL_UNKNOWN && report_level_of(b) == LEVEL_UNKNOWN &&
	       strcmp(report_rec_text(a, p->lang), report_rec_text(b, p->lang)) == 0;
}

/* Medicines that nothing can be said of: one row for all that wait for the same result. */
static void summary_unknown(struct report_page *p)
{
	for (size_t i = 0; i < p->meds.n; i++) {
		const struct grx_fact *f = p->meds.v[i];
		struct grx_str names = {0};
		bool said = report_level_of(f) != LEVEL_UNKNOWN;
		for (size_t k = 0; k < i && !said; k++)
			said = same_unknown(p, p->meds.v[k], f);
		for (size_t k = i; k < p->meds.n && !said; k++) {
			char drug[160];
			if (same_unknown(p, p->meds.v[k], f))
				grx_str_addf(&names, "%s%s", names.n ? ", " : "",
					name_of(p, p->meds.v[k], drug, sizeof drug));
		}
		p->b.oom = p->b.oom || names.oom;
		if (!said && names.s) {
			summary_row(p, LEVEL_UNKNOWN, names.s, report_rec_text(f, p->lang));
			why_link(p, i);
			row_end(p);
		}
		grx_str_clear(&names);
	}
}

/* Findings that a source classifies as pathogenic. */
static int summary_findings(struct report_page *p, int *n)
{
	struct report_list l;
	int rc = report_select(p, "variant/", &l);

	for (size_t i = 0; i < l.n && !rc && report_findings_wanted(p); i++) {
		const char *cl = report_attr(l.v[i], "clinvar");
		if (!strcasestr(cl, "pathogenic") || strcasestr(cl, "conflicting"))
			continue;
		char what[200];
		snprintf(what, sizeof what, "%s %s", report_attr(l.v[i], "gene"),
			*report_attr(l.v[i], "hgvsp") ? report_attr(l.v[i], "hgvsp")
						      : report_attr(l.v[i], "hgvsc"));
		summary_row(p, LEVEL_CAUTION, what, report_s(p->lang, S_FINDING_DO));
		report_text(p, cl);
		report_rawf(p, " <a href=\"#s%d-findings\">", p->si);
		report_t(p, S_FINDINGS);
		report_raw(p, "</a>");
		row_end(p);
		(*n)++;
	}
	report_list_free(&l);
	return rc;
}

int report_sec_summary(struct report_page *p)
{
	int count[5] = {0}, found = 0, rc;
	char text[256];
	const struct grx_fact *gate = report_find(p, "qc/gate", "", "");
	bool gated = gate && gate->value.type == GRX_V_STR && strcmp(gate->value.str, "pass") != 0;

	for (size_t i = 0; i < p->meds.n; i++)
		count[report_level_of(p->meds.v[i])]++;
	report_section_open(p, "summary", 1, S_SUMMARY);
	if (!p->meds.n)
		report_para(p, "gap", S_NO_MEDS);
	else if (!count[LEVEL_ACT] && !count[LEVEL_CAUTION] && !gated)
		report_para(p, "soft", S_NOTHING_URGENT);
	report_table_open(p, report_s(p->lang, S_MOST_URGENT), &summary_cols);
	summary_gate(p, "fail", LEVEL_ACT, S_GATE_FAIL);
	summary_meds(p, LEVEL_ACT);
	summary_gate(p, "warn", LEVEL_CAUTION, S_GATE_WARN);
	summary_meds(p, LEVEL_CAUTION);
	rc = summary_findings(p, &found);
	if (rc)
		return rc;
	summary_unknown(p);
	if (!gate)
		summary_row(
			p, LEVEL_UNKNOWN, report_s(p->lang, S_QUALITY_OF_SAMPLE), report_s(p->lang, S_NO_QC));
	if (!gate)
		row_end(p);
	if (count[LEVEL_STANDARD]) {
		bool failed = gated && strcmp(gate->value.str, "fail") == 0;
		snprintf(text, sizeof text, report_s(p->lang, failed ? S_STANDARD_GATED : S_STANDARD_ROW),
			count[LEVEL_STANDARD]);
		summary_row(p, failed ? LEVEL_UNKNOWN : LEVEL_STANDARD, report_s(p->lang, S_MEDS), text);
		report_rawf(p, "<a href=\"#s%d-meds\">", p->si);
		report_t(p, S_MEDS);
		report_raw(p, "</a>");
		row_end(p);
	}
	report_table_close(p);
	report_section_close(p);
	return GRX_OK;
}

/* ---- medicines ---- */

static const struct report_cols med_cols = {5, {S_MEDICINE, S_LEVEL, S_RECOMMENDATION, S_EVIDENCE, S_SOURCE}};

static void small_line(struct report_page *p, enum report_str label, const char *text)
{
	if (!*text)
		return;
	report_raw(p, "<p><small>");
	report_t(p, label);
	report_raw(p, ": ");
	report_text(p, text);
	report_raw(p, "</small></p>");
}

/* "12345,678" as PMIDs; other marks are shown as they are. */
static void pmids(struct report_page *p, const char *s)
{
	while (*s) {
		size_t n = strcspn(s, ",; |"), digits = strspn(s, "0123456789");
		char one[40];
		snprintf(one, sizeof one, "%.*s", (int)(n < 39 ? n : 39), s);
		if (n) {
			report_raw(p, "<br><small>");
			report_text(p, digits == n ? "PMID " : "");
			report_text(p, one);
			report_raw(p, "</small>");
		}
		s += n + (s[n] ? 1 : 0);
	}
}

static void source(struct report_page *p, const struct grx_fact *f)
{
	const char *g = report_attr(f, "guideline"), *src = report_attr(f, "source");

	if (grx_starts(g, src)) /* "CPIC", "CPIC statins 2022": once is enough */
		src = "";
	if (*src)
		report_text(p, src);
	if (*src && *g)
		report_raw(p, "<br>");
	report_text(p, g);
	if (!*src && !*g)
		report_t(p, f->status == GRX_FACT_OK ? S_MISSING : S_NOT_ASSESSED);
	pmids(p, report_attr(f, "pmids"));
	if (f->rule) {
		report_raw(p, "<br><small>");
		report_t(p, S_RULE);
		report_raw(p, " <code>");
		report_text(p, f->rule);
		report_raw(p, "</code></small>");
	}
}

static void med_row(struct report_page *p, size_t i)
{
	const struct grx_fact *f = p->meds.v[i];
	const struct report_cols *c = &med_cols;
	char id[40];

	snprintf(id, sizeof id, "s%d-med-%d", p->si, (int)i);
	report_row_open(p, id);
	report_cell_open(p, c, 0);
	drug_name(p, f);
	report_cell_close(p, 0);
	report_cell_open(p, c, 1);
	report_tag_level(p, report_level_of(f));
	report_cell_close(p, 1);
	report_cell_open(p, c, 2);
	report_text(p, report_rec_text(f, p->lang));
	small_line(p, S_POPULATION, report_attr(f, "population"));
	small_line(p, S_STRENGTH, report_attr(f, "strength"));
	/* 0 and 1 are flags: what 1 asks for stands in the text */
	if (strspn(report_attr(f, "verify"), "01") != strlen(report_attr(f, "verify")))
		small_line(p, S_VERIFY, report_attr(f, "verify"));
	report_cell_close(p, 2);
	report_cell_open(p, c, 3);
	evidence(p, f);
	why_link(p, i);
	report_cell_close(p, 3);
	report_cell_open(p, c, 4);
	source(p, f);
	report_cell_close(p, 4);
	report_row_close(p);
}

static size_t med_table(struct report_page *p, size_t from, bool urgent, enum report_str caption)
{
	size_t i = from;

	report_table_open(p, report_s(p->lang, caption), &med_cols);
	for (; i < p->meds.n && (report_level_of(p->meds.v[i]) <= LEVEL_UNKNOWN) == urgent; i++)
		med_row(p, i);
	report_table_close(p);
	return i;
}

int report_sec_meds(struct report_page *p)
{
	size_t i = 0;
	char text[256];

	report_section_open(p, "meds", 2, S_MEDS);
	if (!p->meds.n)
		report_para(p, "gap", S_NO_MEDS);
	if (p->meds.n && report_level_of(p->meds.v[0]) <= LEVEL_UNKNOWN)
		i = med_table(p, 0, true, S_MEDS_CAPTION);
	if (i < p->meds.n) {
		snprintf(text, sizeof text, report_s(p->lang, S_MEDS_FOLDED), (int)(p->meds.n - i));
		report_raw(p, "<details open><summary>");
		report_text(p, text);
		report_raw(p, "</summary>\n");
		med_table(p, i, false, S_MEDS);
		report_raw(p, "</details>\n");
	}
	report_section_close(p);
	return GRX_OK;
}
