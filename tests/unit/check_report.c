/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_report.c -- the report: escaping, missing data shown as missing, the machine forms. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "base/mem.h"
#include "base/out.h"
#include "io/factio.h"
#include "stage/report/report_int.h"
#include "stage/stages.h"

static char dir[64];
static struct grx_ctx cx;

static void setup(void)
{
	memset(&cx, 0, sizeof cx);
	cx.outs = grx_outs_new();
	strcpy(dir, "/tmp/check_report.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void teardown(void)
{
	char cmd[128];
	grx_outs_free(cx.outs);
	snprintf(cmd, sizeof cmd, "rm -rf %s", dir);
	ck_assert_int_eq(system(cmd), 0);
}

/* Text of a file made under dir; free(). */
static char *slurp(const char *name)
{
	char path[160];
	snprintf(path, sizeof path, "%s/%s", dir, name);
	FILE *f = fopen(path, "rb");
	ck_assert_ptr_nonnull(f);
	char *s = calloc(1, 1 << 20);
	ck_assert_uint_gt(fread(s, 1, (1 << 20) - 1, f), 0);
	fclose(f);
	return s;
}

static void render(struct grx_facts *fs, const char *lang)
{
	char html[128], tsv[128], json[128];
	void *st;
	snprintf(html, sizeof html, "%s/r.html", dir);
	snprintf(tsv, sizeof tsv, "%s/r.tsv", dir);
	snprintf(json, sizeof json, "%s/r.json", dir);
	struct report_opt o = {.output = html, .tsv = tsv, .json = json, .lang = lang};
	cx.facts = fs;
	ck_assert_int_eq(grx_stage_report.open(&o, &cx, &st), 0);
	int rc = grx_stage_report.finish(st, &cx, NULL, NULL);
	ck_assert_msg(rc == 0, "%s", cx.err.msg);
	ck_assert_int_eq(grx_outs_commit(&cx), 0);
	grx_stage_report.close(st);
}

static struct grx_facts *example(void)
{
	struct grx_facts *fs = grx_facts_new();
	ck_assert_msg(grx_facts_read(&cx, "tests/data/report_facts.jsonl", fs) == 0, "%s", cx.err.msg);
	return fs;
}

START_TEST(escaping)
{
	struct grx_str b = {0};
	report_escape(&b, "<b a=\"1\" c='2'>&\x1b[31m\x7f\xe2\x80\xae\xe6\x82\xa3");
	ck_assert_str_eq(
		b.s, "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;&#xFFFD;[31m&#xFFFD;&#xFFFD;\xe6\x82\xa3");
	grx_str_reset(&b);
	static const char *const cell[] = {
		"=1+1", "+1", "-1", "@x", "\tx", "\rx", "plain", "a\tb\nc", "*1/*2"};
	static const char want[] = "'=1+1|'+1|'-1|'@x|' x|' x|plain|a b c|*1/*2|";
	for (size_t i = 0; i < sizeof cell / sizeof *cell; i++) {
		report_tsv_cell(&b, cell[i]);
		grx_str_addc(&b, '|');
	}
	ck_assert_str_eq(b.s, want);
	grx_str_clear(&b);
}
END_TEST

START_TEST(hostile)
{
	struct grx_facts *fs = example();
	render(fs, "en");
	char *s = slurp("r.html");
	ck_assert_ptr_null(strstr(s, "<script"));
	ck_assert_ptr_null(strstr(s, "<img"));
	ck_assert_ptr_null(strchr(s, '\x1b'));
	ck_assert_ptr_nonnull(strstr(s, "&lt;script&gt;"));
	ck_assert_ptr_nonnull(strstr(s, "Content-Security-Policy"));
	ck_assert_ptr_null(strstr(s, "src=\"http"));
	ck_assert_ptr_null(strstr(s, "url("));
	free(s);
	s = slurp("r.json");
	json_t *o = json_loads(s, JSON_REJECT_DUPLICATES, NULL);
	ck_assert_ptr_nonnull(o);
	json_t *one = json_array_get(json_object_get(o, "samples"), 0);
	ck_assert_uint_eq(json_array_size(json_object_get(one, "medicines")), 8);
	ck_assert_uint_gt(json_array_size(json_object_get(one, "not_assessed")), 5);
	json_decref(o);
	free(s);
	grx_facts_free(fs);
}
END_TEST

START_TEST(order_and_evidence)
{
	struct grx_facts *fs = example();
	render(fs, "en");
	char *s = slurp("r.tsv"), *line[16], *save;
	int n = 0;
	for (char *p = strtok_r(s, "\n", &save); p && n < 16; p = strtok_r(NULL, "\n", &save))
		line[n++] = p;
	ck_assert_int_eq(n, 1 + 8 + 6);
	ck_assert_ptr_nonnull(strstr(line[1], "recommend/clopidogrel/"));
	ck_assert_ptr_nonnull(strstr(line[1], "\tact\t"));
	ck_assert_ptr_nonnull(strstr(line[1], "CYP2C19 *2/*2, Poor Metabolizer"));
	ck_assert_ptr_nonnull(strstr(line[4], "azathioprine/not_assessed\t\tmissing\tunknown\t"));
	ck_assert_ptr_nonnull(strstr(line[8], "\tstandard\t"));
	free(s);
	s = slurp("r.html");
	ck_assert_ptr_nonnull(strstr(s, "chr10"));
	ck_assert_ptr_nonnull(strstr(s, ":94781859 "));
	ck_assert_ptr_nonnull(strstr(s, "no record: not assessed"));
	ck_assert_ptr_nonnull(strstr(s, "age 61 is outside"));
	free(s);
	grx_facts_free(fs);
}
END_TEST

/* Nothing known must not look like nothing wrong. */
START_TEST(nothing_assessed)
{
	struct grx_facts *fs = grx_facts_new();
	ck_assert_int_eq(grx_facts_num(&cx, fs, "S", "clinical/age", "clinical", 50, "years"), 0);
	render(fs, "en");
	char *s = slurp("r.html");
	ck_assert_ptr_nonnull(strstr(s, "No medicine was assessed"));
	ck_assert_ptr_nonnull(strstr(s, "No gene was assessed"));
	ck_assert_ptr_nonnull(strstr(s, "Not assessed: no quality facts"));
	ck_assert_ptr_nonnull(strstr(s, "hold no variant annotation"));
	ck_assert_ptr_null(strstr(s, "No reportable variant was found"));
	ck_assert_ptr_null(strstr(s, "No item needs action"));
	free(s);
	grx_facts_free(fs);
}
END_TEST

static void attr(struct grx_facts *fs, const char *key, const char *name, const char *val)
{
	struct grx_fact *f = NULL;
	for (size_t i = 0; i < fs->n; i++)
		if (!strcmp(fs->v[i]->key, key))
			f = fs->v[i];
	ck_assert_int_eq(grx_fact_attr(fs, f, name, "%s", val), 0);
}

/* Findings are shown where somebody asked for them, and the page says who asked for what. */
START_TEST(findings_on_request)
{
	static const struct {
		const char *asked, *says;
		bool shown;
	} x[] = {{"not_looked_for", "nobody asked for disease-causing variants", false},
		{"asked_genes", "Secondary findings were not looked for", true},
		{"secondary", "request; other genes were not", true},
		{"asked_genes+secondary", "request, in the list of", true},
		{"no_classification", "no database of clinical significance", false}};
	for (size_t i = 0; i < sizeof x / sizeof *x; i++)
		for (int found = 0; found < 2; found++) {
			struct grx_facts *fs = grx_facts_new();
			ck_assert_int_eq(
				grx_facts_str(&cx, fs, "S", "annotate/findings", "annotate", x[i].asked), 0);
			if (found && strcmp(x[i].asked, "no_classification") != 0) {
				ck_assert_int_eq(
					grx_facts_str(&cx, fs, "S", "variant/chr1:5:A:G", "annotate", "P"),
					0);
				attr(fs, "variant/chr1:5:A:G", "clinvar", "Pathogenic");
				attr(fs, "variant/chr1:5:A:G", "gene", "GENEX");
				ck_assert_int_eq(grx_facts_str(&cx, fs, "S", "acmg/chr1:5:A:G", "annotate",
							 "Likely_pathogenic"),
					0);
			}
			render(fs, "en");
			char *s = slurp("r.html");
			ck_assert_ptr_nonnull(strstr(s, x[i].says));
			bool table = found && x[i].shown;
			ck_assert_int_eq(strstr(s, "GENEX") != NULL, table);
			ck_assert_int_eq(strstr(s, "ACMG/AMP points: Likely_pathogenic") != NULL, table);
			ck_assert_int_eq(
				strstr(s, "No reportable variant was found") != NULL, !found && x[i].shown);
			free(s);
			grx_facts_free(fs);
		}
}
END_TEST

/* What weakens a result is on the page, and a failed sample confirms no standard dose. */
START_TEST(caveats_are_told)
{
	static const char dip[] = "pgx/TPMT/diplotype", rec[] = "recommend/warfarin/X1";
	struct grx_facts *fs = grx_facts_new();
	ck_assert_int_eq(grx_facts_str(&cx, fs, "S", "qc/gate", "qc", "fail"), 0);
	ck_assert_int_eq(grx_facts_str(&cx, fs, "S", dip, "pgx", "*1/*3A"), 0);
	attr(fs, dip, "alternatives", "*3B/*3C");
	attr(fs, dip, "undocumented", "chr6:1 A>G");
	attr(fs, dip, "warning", "tag without cause");
	ck_assert_int_eq(grx_facts_str(&cx, fs, "S", rec, "recommend", "STANDARD"), 0);
	attr(fs, rec, "level", "standard");
	attr(fs, rec, "text", "As usual.");
	attr(fs, rec, "verify", "1");
	ck_assert_int_eq(grx_facts_str(&cx, fs, "S", "recommend/voriconazole/X2", "recommend", "AVOID"), 0);
	attr(fs, "recommend/voriconazole/X2", "level", "act");
	attr(fs, "recommend/voriconazole/X2", "population", "adults");
	render(fs, "en");
	char *s = slurp("r.html");
	ck_assert_ptr_nonnull(strstr(s, "also fits the genotypes: *3B/*3C"));
	ck_assert_ptr_nonnull(strstr(s, "chr6:1 A&gt;G"));
	ck_assert_ptr_nonnull(strstr(s, "tag without cause"));
	ck_assert_ptr_nonnull(strstr(s, "voriconazole (adults)"));
	ck_assert_ptr_nonnull(strstr(s, "1 recommendations for standard use are not confirmed"));
	ck_assert_ptr_null(strstr(s, "no change needed on these grounds"));
	ck_assert_ptr_null(strstr(s, "Before use"));
	free(s);
	grx_facts_free(fs);
}
END_TEST

static void missing(struct grx_facts *fs, const char *key, const char *level)
{
	ck_assert_int_eq(grx_facts_str(&cx, fs, "S", key, "recommend", "x"), 0);
	fs->v[fs->n - 1]->status = GRX_FACT_MISSING;
	attr(fs, key, "level", level);
	attr(fs, key, "action", "INSUFFICIENT_DATA");
	attr(fs, key, "text", "Cannot say.");
}

/* Advice withheld keeps caution when every possible result calls for more, and never looks better. */
START_TEST(withheld_advice)
{
	struct grx_facts *fs = grx_facts_new();
	missing(fs, "recommend/azathioprine/not_assessed", "caution");
	missing(fs, "recommend/abacavir/not_assessed", "unknown");
	missing(fs, "recommend/codeine/not_assessed", "standard");
	ck_assert_int_eq(
		grx_facts_str(&cx, fs, "S", "recommend/phenoconversion/CYP2D6", "recommend", "PM"), 0);
	attr(fs, "recommend/phenoconversion/CYP2D6", "level", "caution");
	render(fs, "en");
	char *s = slurp("r.tsv");
	ck_assert_ptr_nonnull(strstr(s, "azathioprine/not_assessed\tINSUFFICIENT_DATA\tmissing\tcaution"));
	ck_assert_ptr_nonnull(strstr(s, "abacavir/not_assessed\tINSUFFICIENT_DATA\tmissing\tunknown"));
	ck_assert_ptr_nonnull(strstr(s, "codeine/not_assessed\tINSUFFICIENT_DATA\tmissing\tunknown"));
	free(s);
	s = slurp("r.html");
	ck_assert_ptr_nonnull(strstr(s, "phenoconversion CYP2D6"));
	free(s);
	grx_facts_free(fs);
}
END_TEST

START_TEST(two_samples_in_chinese)
{
	struct grx_facts *fs = grx_facts_new();
	ck_assert_int_eq(grx_facts_num(&cx, fs, "A<1>", "clinical/age", "clinical", 50, "years"), 0);
	ck_assert_int_eq(grx_facts_str(&cx, fs, "\xe6\x82\xa3\xe8\x80\x85", "qc/gate", "qc", "fail"), 0);
	render(fs, "zh");
	char *s = slurp("r.html");
	ck_assert_ptr_nonnull(strstr(s, "lang=\"zh-CN\""));
	ck_assert_ptr_nonnull(strstr(s, "A&lt;1&gt;"));
	ck_assert_ptr_nonnull(strstr(s, "id=\"s1-summary\""));
	ck_assert_ptr_null(strstr(s, "A<1>"));
	free(s);
	grx_facts_free(fs);
}
END_TEST

START_TEST(all_strings)
{
	for (int i = 0; i < S_N_STRINGS; i++)
		for (int l = 0; l < 2; l++)
			ck_assert_ptr_nonnull(report_s((enum report_lang)l, (enum report_str)i));
}
END_TEST

int main(void)
{
	Suite *su = suite_create("report");
	TCase *tc = tcase_create("report");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, findings_on_request);
	tcase_add_test(tc, escaping);
	tcase_add_test(tc, hostile);
	tcase_add_test(tc, order_and_evidence);
	tcase_add_test(tc, nothing_assessed);
	tcase_add_test(tc, caveats_are_told);
	tcase_add_test(tc, withheld_advice);
	tcase_add_test(tc, two_samples_in_chinese);
	tcase_add_test(tc, all_strings);
	suite_add_tcase(su, tc);
	SRunner *sr = srunner_create(su);
	srunner_run_all(sr, CK_NORMAL);
	int bad = srunner_ntests_failed(sr);
	srunner_free(sr);
	return bad != 0;
}
