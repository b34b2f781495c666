/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_why.c -- the evidence document: kinds of loci, terms of a condition, several genes, missing genes,
 * co-medication, conflicts, names that are not there. Run from the project root. */
#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/opt.h"
#include "base/out.h"
#include "stage/recommend/recommend_int.h"
#include "stage/recommend/why.h"
#include "stage/stages.h"

static struct grx_ctx cx;
static struct grx_facts *fs;
static char dir[64];
static const struct grx_why_opt plain = {NULL, false}, all = {NULL, true};

static void setup(void)
{
	memset(&cx, 0, sizeof(cx));
	cx.threads = 1;
	cx.refdata = "refdata";
	cx.outs = grx_outs_new();
	fs = grx_facts_new();
	snprintf(dir, sizeof(dir), "/tmp/check_why.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void teardown(void)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/t.tsv", dir);
	unlink(path);
	rmdir(dir);
	grx_outs_free(cx.outs);
	grx_facts_free(fs);
}

/* ---- facts to start from ---------------------------------------------------------------------------------
 */

static struct grx_fact *fact(const char *gene, const char *what, const char *value)
{
	struct grx_fact *f;
	char key[128];

	snprintf(key, sizeof(key), "pgx/%s/%s", gene, what);
	ck_assert_int_eq(grx_facts_add(&cx, fs, "S", key, "pgx", &f), GRX_OK);
	if (value)
		ck_assert_int_eq(grx_fact_str_set(fs, f, value), GRX_OK);
	else
		f->status = GRX_FACT_MISSING;
	return f;
}

static void locus(struct grx_fact *f, int64_t pos, const char *name, const char *gt, int gq)
{
	struct grx_because b = {.chrom = "chr10",
		.pos = pos,
		.ref = "G",
		.alt = "A",
		.name = name,
		.gt = gt,
		.dp = gt ? 30 : -1,
		.gq = gt ? gq : -1,
		.ad = gt ? "15,15" : NULL};

	ck_assert_int_eq(grx_fact_because(fs, f, &b), GRX_OK);
}

static void gene(const char *name, const char *diplotype, const char *phenotype, double score)
{
	struct grx_fact *f = fact(name, "diplotype", diplotype);
	char key[128];

	f = fact(name, "phenotype", phenotype);
	snprintf(key, sizeof(key), "S|pgx/%s/diplotype", name);
	ck_assert_int_eq(grx_fact_because_fact(fs, f, key), GRX_OK);
	snprintf(key, sizeof(key), "pgx/%s/activity_score", name);
	if (score >= 0)
		ck_assert_int_eq(grx_facts_num(&cx, fs, "S", key, "pgx", score, NULL), GRX_OK);
}

static void recommend(const char *rules)
{
	struct recommend_opt o;
	struct grx_opt_set set = {"", recommend_opt, &o};
	struct grx_facts *out = grx_facts_new();
	void *st = NULL;

	memset(&o, 0, sizeof(o));
	ck_assert_int_eq(grx_opts_default(&cx, &set, 1), GRX_OK);
	o.rules = rules;
	cx.facts = fs;
	ck_assert_msg(grx_stage_recommend.open(&o, &cx, &st) == GRX_OK, "%s", cx.err.msg);
	ck_assert_msg(grx_stage_recommend.each(st, &cx, out) == GRX_OK, "%s", cx.err.msg);
	cx.facts = NULL;
	ck_assert_msg(grx_stage_recommend.finish(st, &cx, out, NULL) == GRX_OK, "%s", cx.err.msg);
	grx_stage_recommend.close(st);
	ck_assert_int_eq(grx_facts_append(&cx, fs, out), GRX_OK);
	grx_facts_free(out);
}

/* ---- what is asked of the document -----------------------------------------------------------------------
 */

static json_t *why(const char *drug, const struct grx_why_opt *o)
{
	json_t *doc = NULL;

	ck_assert_msg(grx_why(&cx, fs, "S", drug, o, &doc) == GRX_OK, "%s", cx.err.msg);
	return doc;
}

/* Member at a path like "advice.0.rule.id". */
static const json_t *at(const json_t *v, const char *path)
{
	while (v && *path) {
		char name[64];
		size_t n = strcspn(path, ".");

		snprintf(name, sizeof(name), "%.*s", (int)n, path);
		v = json_is_array(v) ? json_array_get(v, (size_t)atoi(name)) : json_object_get(v, name);
		path += n + (path[n] == '.');
	}
	return v;
}

static void is(const json_t *doc, const char *path, const char *want)
{
	const json_t *v = at(doc, path);
	char buf[64] = "(none)";

	if (json_is_integer(v))
		snprintf(buf, sizeof(buf), "%lld", (long long)json_integer_value(v));
	else if (json_is_boolean(v))
		snprintf(buf, sizeof(buf), "%s", json_is_true(v) ? "true" : "false");
	else if (json_is_array(v) || json_is_object(v))
		snprintf(buf, sizeof(buf), "size %zu",
			json_is_array(v) ? json_array_size(v) : json_object_size(v));
	const char *s = json_is_string(v) ? json_string_value(v) : buf;

	ck_assert_msg(!strcmp(s, want), "%s: %s, expected %s", path, s, want);
}

static void says(const json_t *doc, const char *const *want)
{
	struct grx_str s = {0};

	ck_assert_int_eq(grx_why_text(&cx, doc, &s), GRX_OK);
	for (; *want; want++)
		ck_assert_msg(strstr(s.s, *want) != NULL, "lacks '%s': %s", *want, s.s);
	grx_str_clear(&s);
}

START_TEST(test_loci)
{
	struct grx_fact *f = fact("CYP2C19", "diplotype", "*1/*2");
	json_t *d;

	locus(f, 1, "rs1", "0/1", 50);
	locus(f, 2, "rs2", "0/0", 50);
	locus(f, 3, "rs3", "0|1", 3); /* seen, not believed */
	locus(f, 4, "rs4", NULL, 0);
	locus(f, 5, NULL, "./.", 0);
	locus(f, 6, NULL, "0/0", 50); /* a genotype that the list of missing loci overrules */
	locus(f, 7, "rs44", "0/0", 50);
	ck_assert_int_eq(grx_fact_attr(fs, f, "missing",
				 "rs3 (low GQ),rs4,chr10:5 (no-call),chr10:6 (FILTER not PASS)"),
		GRX_OK);
	f = fact("CYP2C19", "phenotype", "Intermediate Metabolizer");
	ck_assert_int_eq(grx_fact_because_fact(fs, f, "S|pgx/CYP2C19/diplotype"), GRX_OK);
	recommend(NULL);
	d = why("Clopidogrel", &plain);
	is(d, "genes.0.loci.n", "7");
	is(d, "genes.0.loci.n_variant", "1");
	is(d, "genes.0.loci.n_reference", "2");
	is(d, "genes.0.loci.n_missing", "4");
	is(d, "genes.0.loci.shown", "size 2");
	is(d, "genes.0.loci.shown.0.name", "rs1");
	is(d, "genes.0.loci.shown.0.state", "variant");
	is(d, "genes.0.loci.shown.1.name", "rs3");
	is(d, "genes.0.loci.shown.1.state", "missing");
	is(d, "genes.0.loci.shown.1.cause", "low GQ");
	is(d, "genes.0.loci.missing.no record.0", "rs4");
	is(d, "genes.0.loci.missing.no-call.0", "chr10:5");
	is(d, "genes.0.loci.missing.FILTER not PASS.0", "chr10:6");
	is(d, "genes.0.diplotype.attrs.missing", "(none)");
	says(d, (const char *[]){"loci           7: 1 with a variant, 2 reference only, 4 not assessed",
			"chr10:1 G>A rs1 GT 0/1 DP 30 GQ 50 AD 15,15\n",
			"rs3 GT 0|1 DP 30 GQ 3 AD 15,15 not assessed: low GQ",
			"not assessed (no record) 1: rs4", NULL});
	json_decref(d);
	d = why("clopidogrel", &all);
	is(d, "genes.0.loci.shown", "size 7");
	is(d, "genes.0.loci.shown.5.state", "missing");
	is(d, "genes.0.loci.shown.6.state", "reference");
	json_decref(d);
}
END_TEST

/* A gene that is called from counts of reads: "." with counts is evidence. */
START_TEST(test_counts)
{
	static const struct {
		const char *gt, *ad;
		int dp;
	} at[] = {{".", "30,10", 40}, {".", "39,3", 42}, {".", "1,2,40", 43}, {NULL, "0,0", -1},
		{".", NULL, 9}};
	struct grx_fact *f = fact("CYP2D6", "diplotype", "*1/*45");
	json_t *d;

	ck_assert_int_eq(grx_fact_attr(fs, f, "method", "read depth and bases"), GRX_OK);
	for (int i = 0; i < 5; i++) {
		struct grx_because b = {.chrom = "chr22",
			.pos = i + 1,
			.ref = "G",
			.alt = "A",
			.gt = at[i].gt,
			.dp = at[i].dp,
			.gq = -1,
			.ad = at[i].ad};

		ck_assert_int_eq(grx_fact_because(fs, f, &b), GRX_OK);
	}
	f = fact("CYP2D6", "phenotype", "Normal Metabolizer");
	ck_assert_int_eq(grx_facts_num(&cx, fs, "S", "pgx/CYP2D6/activity_score", "pgx", 2, NULL), GRX_OK);
	recommend(NULL);
	d = why("codeine", &plain);
	is(d, "genes.0.loci.n_variant", "2");
	is(d, "genes.0.loci.n_reference", "1");
	is(d, "genes.0.loci.n_missing", "2");
	is(d, "genes.0.loci.shown", "size 2");
	is(d, "genes.0.loci.missing.no-call", "size 1");
	json_decref(d);
}
END_TEST

START_TEST(test_two_genes)
{
	json_t *d;

	gene("CYP2C19", "*1/*1", "Normal Metabolizer", -1);
	gene("CYP2D6", "*4/*4", "Poor Metabolizer", 0);
	recommend(NULL);
	d = why("amitriptyline", &plain);
	is(d, "advice.0.kind", "recommendation");
	is(d, "advice.0.value", "AVOID");
	is(d, "advice.0.genes", "size 2");
	is(d, "advice.0.rule.terms", "size 2");
	is(d, "advice.0.rule.terms.0.holds", "true");
	is(d, "advice.0.rule.terms.1.holds", "true");
	is(d, "genes", "size 2");
	is(d, "advice.0.other_tables", "(none)");
	json_decref(d);
}
END_TEST

START_TEST(test_gene_missing)
{
	json_t *d;

	gene("CYP2C19", "*1/*1", "Normal Metabolizer", -1);
	recommend(NULL);
	d = why("amitriptyline", &plain);
	is(d, "advice.0.level", "unknown");
	is(d, "advice.0.attrs.incomplete", "CYP2D6");
	is(d, "advice.0.rule.terms.1.found", "no result");
	says(d, (const char *[]){"CYP2D6 no fact of this sample speaks of it",
			"\nCYP2D6: no fact of this sample", NULL});
	json_decref(d);
	d = why("codeine", &plain);
	is(d, "advice.0.kind", "none");
	is(d, "advice.0.attrs.action", "INSUFFICIENT_DATA");
	says(d, (const char *[]){"no recommendation: CYP2D6 not assessed (no result was given)", NULL});
	json_decref(d);
}
END_TEST

START_TEST(test_comedication)
{
	json_t *d;

	gene("CYP2D6", "*1/*1", "Normal Metabolizer", 2);
	ck_assert_int_eq(
		grx_facts_str(&cx, fs, "S", "clinical/medication", "clinical", "paroxetine"), GRX_OK);
	recommend(NULL);
	d = why("codeine", &plain);
	is(d, "advice.0.value", "AVOID");
	is(d, "advice.0.rule.terms.0.holds", "true");
	is(d, "advice.0.rule.terms.0.found", "0 (with paroxetine)");
	is(d, "genes.0.phenotype.value", "Normal Metabolizer");
	is(d, "genes.0.phenoconversion.attrs.by", "paroxetine");
	is(d, "facts.0.fact", "S|clinical/medication");
	says(d, (const char *[]){"(converted by co-medication)", "genetic        Normal Metabolizer",
			"genetic score  2", NULL});
	json_decref(d);
	ck_assert_int_eq(grx_why(&cx, fs, "S", "phenoconversion", &plain, &d), GRX_E_USAGE);
}
END_TEST

/* ---- rules of our own ------------------------------------------------------------------------------------
 */

static void rules(const char *const *rows)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/t.tsv", dir);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs("##genorx-rules "
	      "1\nrule_id\tversion\tdrug\twhen\tpopulation\tstrength\taction\tactions\treduce_pct\t"
	      "pct_of_standard\tincrease_pct\tmultiply\tcap_mg\tverify\tguideline_"
	      "id\tpmids\tsource\tlicence\n",
		f);
	for (; *rows; rows++) {
		char buf[512], *v[4];

		snprintf(buf, sizeof(buf), "%s", *rows);
		ck_assert_int_eq(grx_split(buf, '@', v, 4), 4);
		fprintf(f,
			"%s\t1\t%s\t%s\tgeneral\tStrong\t%s\t%s\t\t\t\t\t\t0\tG1\t1|2\tlocal 2026\tCC0-1.0\n",
			v[0], v[1], v[2], v[3], v[3]);
	}
	fclose(f);
}

START_TEST(test_terms)
{
	struct grx_why_opt own = {dir, false};
	json_t *d;

	rules((const char *[]){"R1@codeine@(P(CYP2D6) in {\"Poor Metabolizer\", \"Normal Metabolizer\"} && "
			       "F(\"clinical/age\")>=65) || !(AS(CYP2C9)<=1) && D(CYP2D6) has \"*4\"@AVOID",
		NULL});
	gene("CYP2D6", "*4/*4", "Poor Metabolizer", 0);
	ck_assert_int_eq(grx_facts_num(&cx, fs, "S", "clinical/age", "clinical", 70, "years"), GRX_OK);
	recommend(dir);
	d = why("codeine", &own);
	is(d, "advice.0.rule.terms", "size 4");
	is(d, "advice.0.rule.terms.0.text", "P(CYP2D6) in {\"Poor Metabolizer\", \"Normal Metabolizer\"}");
	is(d, "advice.0.rule.terms.0.holds", "true");
	is(d, "advice.0.rule.terms.1.text", "F(\"clinical/age\")>=65");
	is(d, "advice.0.rule.terms.1.found", "70");
	is(d, "advice.0.rule.terms.2.text", "AS(CYP2C9)<=1");
	is(d, "advice.0.rule.terms.2.holds", "unknown");
	is(d, "advice.0.rule.terms.2.found", "no result");
	is(d, "advice.0.rule.terms.3.text", "D(CYP2D6) has \"*4\"");
	is(d, "advice.0.rule.terms.3.holds", "true");
	is(d, "advice.0.rule.pmids", "size 2");
	is(d, "facts.0.fact", "S|clinical/age");
	json_decref(d);
	/* with other tables at hand the terms are read all the same, and it is said */
	d = why("codeine", &plain);
	is(d, "advice.0.other_tables", "true");
	is(d, "advice.0.rule.terms.2.holds", "unknown");
	says(d, (const char *[]){"the rule tables at hand are not those of this advice", NULL});
	json_decref(d);
}
END_TEST

START_TEST(test_conflict)
{
	struct grx_why_opt own = {dir, false};
	json_t *d;

	rules((const char *[]){"R1@codeine@P(CYP2D6)==\"Poor Metabolizer\"@AVOID",
		"R2@codeine@AS(CYP2D6)==0@STANDARD", NULL});
	gene("CYP2D6", "*4/*4", "Poor Metabolizer", 0);
	recommend(dir);
	d = why("codeine", &own);
	is(d, "advice", "size 3");
	is(d, "advice.2.kind", "conflict");
	is(d, "advice.2.because", "size 2");
	is(d, "genes", "size 1");
	is(d, "facts", "size 0");
	says(d, (const char *[]){
			"\nconflict: ", "R1, version 1", "R2, version 1", "S|recommend/codeine/R1", NULL});
	json_decref(d);
}
END_TEST

START_TEST(test_names)
{
	json_t *d = NULL;

	gene("CYP2D6", "*4/*4", "Poor Metabolizer", 0);
	ck_assert_int_eq(grx_why(&cx, fs, NULL, "codeine", &plain, &d), GRX_E_USAGE);
	ck_assert_ptr_nonnull(strstr(cx.err.msg, "run `genorx recommend`"));
	memset(&cx.err, 0, sizeof(cx.err));
	recommend(NULL);
	ck_assert_int_eq(grx_why(&cx, fs, "S", "codiene", &plain, &d), GRX_E_USAGE);
	ck_assert_ptr_nonnull(strstr(cx.err.msg, "near: codeine"));
	memset(&cx.err, 0, sizeof(cx.err));
	ck_assert_int_eq(grx_why(&cx, fs, "T", "codeine", &plain, &d), GRX_E_USAGE);
	ck_assert_ptr_nonnull(strstr(cx.err.msg, "no sample 'T'"));
	memset(&cx.err, 0, sizeof(cx.err));
	ck_assert_int_eq(grx_why(&cx, fs, NULL, "\xe5\x8f\xaf\xe5\xbe\x85\xe5\x9b\xa0", &plain, &d), GRX_OK);
	is(d, "drug", "codeine");
	json_decref(d);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("why");
	TCase *t = tcase_create("why");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 0);
	tcase_add_test(t, test_loci);
	tcase_add_test(t, test_counts);
	tcase_add_test(t, test_two_genes);
	tcase_add_test(t, test_gene_missing);
	tcase_add_test(t, test_comedication);
	tcase_add_test(t, test_terms);
	tcase_add_test(t, test_conflict);
	tcase_add_test(t, test_names);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);

	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);

	srunner_free(r);
	return failed != 0;
}
