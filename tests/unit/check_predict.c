/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_predict.c -- PREVENT against the worked example of its supplement, refusals, clinical tables,
 * combination. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ctx.h"
#include "base/log.h"
#include "base/mem.h"
#include "genorx/genorx.h"
#include "stage/predict/predict_int.h"
#include "stage/stages.h"

#define ST grx_stage_predict

static struct grx_ctx cx;
static char dir[] = "/tmp/check_predictXXXXXX";
static char path[128], effect[128];
static struct grx_facts *known;

static void setup(void)
{
	memset(&cx, 0, sizeof cx);
	cx.log = grx_log_new(0, false);
	cx.refdata = "refdata";
	known = grx_facts_new();
	cx.facts = known;
	snprintf(path, sizeof path, "%s/clinical.tsv", dir);
	snprintf(effect, sizeof effect, "%s/effect.tsv", dir);
}

static void teardown(void)
{
	grx_facts_free(known);
	grx_log_free(cx.log);
	unlink(path);
	unlink(effect);
}

static void write_file(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	ck_assert_int_eq(fclose(f), 0);
}

#define COLS                                                                                                 \
	"sample\tage\tsex\ttotal_cholesterol_mg_dl\thdl_mg_dl\tsbp_mmhg\tdiabetes\tsmoker\tbmi\tegfr\tbp_"   \
	"treatment\tstatin\n"

static int run(const char *clinical, struct predict_opt o, struct grx_facts **out)
{
	void *st = NULL;
	if (clinical) {
		write_file(path, clinical);
		o.clinical = path;
	}
	*out = grx_facts_new();
	grx_ctx_reset(&cx);
	int rc = ST.open(&o, &cx, &st);
	if (rc == 0)
		rc = ST.finish(st, &cx, *out, NULL);
	ST.close(st);
	return rc;
}

static const struct grx_fact *risk(const struct grx_facts *fs, const char *sample, const char *rest)
{
	char key[128];
	snprintf(key, sizeof key, "predict/prevent_base%s", rest);
	const struct grx_fact *f = grx_facts_find(fs, sample, key);
	ck_assert_msg(f != NULL, "no %s", key);
	return f;
}

static double pct(const struct grx_facts *fs, const char *rest)
{
	const struct grx_fact *f = risk(fs, "P", rest);
	ck_assert_int_eq(f->status, GRX_FACT_OK);
	return rint(f->value.num * 1000) / 10;
}

START_TEST(test_worked_example)
{
	struct grx_facts *fs;
	ck_assert_msg(run(COLS "P\t50\tfemale\t200\t45\t160\tyes\tno\t35\t90\tyes\tno\n",
			      (struct predict_opt){0}, &fs) == 0,
		"%s", cx.err.msg);
	ck_assert_double_eq(pct(fs, "/10y/total_cvd"), 14.7);
	ck_assert_double_eq(pct(fs, "/10y/ascvd"), 9.2);
	ck_assert_double_eq(pct(fs, "/10y/heart_failure"), 8.1);
	ck_assert_double_eq(pct(fs, "/10y/chd"), 4.4);
	ck_assert_double_eq(pct(fs, "/10y/stroke"), 5.4);
	ck_assert_double_eq(pct(fs, "/30y/total_cvd"), 53.0);
	ck_assert_double_eq(pct(fs, "/30y/ascvd"), 35.4);
	ck_assert_double_eq(pct(fs, "/30y/heart_failure"), 39.0);
	const struct grx_fact *f = risk(fs, "P", "/10y/total_cvd");
	ck_assert_int_eq(f->n_because, 10); /* sex and nine values; BMI is not in this equation */
	ck_assert_str_eq(f->unit, "probability");
	grx_facts_free(fs);
}
END_TEST

/* The example person of the supplement with HbA1c 9.2 %, UACR 92 mg/g, SDI decile 3: the outputs that the R
 * package preventr 0.11.0 (MIT) publishes in its tests, to three decimals, at 10 and 30 years. */
static const struct {
	const char *model, *sex, *given;
	double p[10]; /* total_cvd ascvd heart_failure chd stroke, twice */
} extended[] = {
	{"hba1c", "female", "9.2\t\t", {.165, .103, .107, .055, .053, .541, .356, .449, .219, .2}},
	{"uacr", "female", "\t92\t", {.181, .111, .105, .055, .065, .565, .381, .437, .22, .241}},
	{"sdi", "female", "\t\t3", {.127, .08, .07, .038, .047, .485, .322, .358, .179, .202}},
	{"full", "female", "9.2\t92\t3", {.174, .105, .114, .056, .056, .534, .348, .443, .213, .204}},
	{"base", "male", "\t\t", {.163, .102, .106, .056, .052, .514, .349, .424, .216, .197}},
	{"hba1c", "male", "9.2\t\t", {.187, .112, .13, .063, .056, .524, .34, .457, .211, .188}},
	{"uacr", "male", "\t92\t", {.195, .123, .13, .066, .063, .535, .368, .448, .227, .213}},
	{"sdi", "male", "\t\t3", {.143, .088, .089, .049, .043, .48, .317, .384, .199, .171}},
	{"full", "male", "9.2\t92\t3", {.191, .112, .131, .068, .052, .513, .326, .438, .216, .167}},
};

START_TEST(test_extended)
{
	static const char *const outcome[] = {"total_cvd", "ascvd", "heart_failure", "chd", "stroke"};
	char text[512], key[128];
	for (size_t k = 0; k < sizeof extended / sizeof *extended; k++) {
		struct grx_facts *fs;
		snprintf(text, sizeof text,
			"sample\tage\tsex\ttotal_cholesterol_mg_dl\thdl_mg_dl\tsbp_"
			"mmhg\tdiabetes\tsmoker\tbmi\tegfr\t"
			"bp_treatment\tstatin\thba1c_percent\tuacr_mg_g\tsdi_decile\n"
			"P\t50\t%s\t200\t45\t160\tyes\tno\t35\t90\tyes\tno\t%s\n",
			extended[k].sex, extended[k].given);
		ck_assert_msg(run(text, (struct predict_opt){0}, &fs) == 0, "%s", cx.err.msg);
		for (int i = 0; i < 10; i++) {
			snprintf(key, sizeof key, "predict/prevent_%s/%s/%s", extended[k].model,
				i < 5 ? "10y" : "30y", outcome[i % 5]);
			const struct grx_fact *f = grx_facts_find(fs, "P", key);
			ck_assert_msg(f && f->status == GRX_FACT_OK, "%s", key);
			ck_assert_msg(fabs(f->value.num - extended[k].p[i]) <= 0.0005 + 1e-9,
				"%s %s: %.5f, not %.3f", extended[k].sex, key, f->value.num,
				extended[k].p[i]);
		}
		/* the full equation is for those with two of the three values, each other one for its own */
		ck_assert_int_eq(grx_facts_find(fs, "P", "predict/prevent_full/10y/ascvd") != NULL,
			strcmp(extended[k].model, "full") == 0);
		ck_assert_int_eq(grx_facts_find(fs, "P", "predict/prevent_uacr/10y/ascvd") != NULL,
			strstr(extended[k].given, "92") != NULL);
		grx_facts_free(fs);
	}
}
END_TEST

START_TEST(test_extended_ranges)
{
	struct grx_facts *fs;
	ck_assert_int_eq(
		run("sample\tage\tsex\ttotal_cholesterol_mg_dl\thdl_mg_dl\tsbp_mmhg\tdiabetes\tsmoker\tbmi\t"
		    "egfr\tbp_treatment\tstatin\thba1c_percent\tuacr_mg_mmol\tsdi_decile\n"
		    "LOW\t50\tmale\t200\t45\t120\tno\tno\t27\t90\tno\tno\t4\t\t\n"
		    "TWO\t50\tmale\t200\t45\t120\tno\tno\t27\t90\tno\tno\t5.3\t1\t\n"
		    "SDI\t50\tmale\t200\t45\t120\tno\tno\t27\t90\tno\tno\t\t\t6.5\n",
			(struct predict_opt){0}, &fs),
		0);
	ck_assert_int_eq(
		grx_facts_find(fs, "LOW", "predict/prevent_hba1c/10y/ascvd")->status, GRX_FACT_REFUSED);
	ck_assert_int_eq(grx_facts_find(fs, "LOW", "predict/prevent_base/10y/ascvd")->status, GRX_FACT_OK);
	ck_assert_int_eq(
		grx_facts_find(fs, "SDI", "predict/prevent_sdi/10y/ascvd")->status, GRX_FACT_REFUSED);
	const struct grx_fact *f = grx_facts_find(fs, "TWO", "predict/prevent_full/10y/ascvd");
	ck_assert_int_eq(f->status, GRX_FACT_OK); /* without the third */
	const char *terms = grx_fact_attr_get(f, "terms");
	ck_assert(strstr(terms, "sdi_missing=") && !strstr(terms, "hba1c") && !strstr(terms, "uacr_missing"));
	ck_assert_double_eq(grx_facts_find(fs, "TWO", "clinical/uacr_mg_g")->value.num, 8.84);
	grx_facts_free(fs);
	ck_assert_int_eq(run("sample\tage\thba1c_percent\nP\t50\t53\n", (struct predict_opt){0}, &fs),
		GRX_E_DATA); /* mmol/mol by its size */
	grx_facts_free(fs);
}
END_TEST

START_TEST(test_units)
{
	struct grx_facts *a, *b;
	ck_assert_int_eq(
		run(COLS "P\t50\tf\t200\t45\t160\t1\t0\t35\t90\t1\t0\n", (struct predict_opt){0}, &a), 0);
	ck_assert_int_eq(run("sample\tage\tsex\ttotal_cholesterol_mmol_l\thdl_mmol_l\tsbp_"
			     "mmhg\tdiabetes\tsmoker\tbmi\tegfr\t"
			     "bp_treatment\tstatin\n"
			     "P\t50\tF\t5.172\t1.1637\t160\ttrue\tfalse\t35\t90\t1\t0\n",
				 (struct predict_opt){0}, &b),
		0);
	ck_assert_double_eq_tol(
		risk(a, "P", "/10y/ascvd")->value.num, risk(b, "P", "/10y/ascvd")->value.num, 1e-9);
	grx_facts_free(a);
	grx_facts_free(b);
}
END_TEST

START_TEST(test_refuse)
{
	struct grx_facts *fs;
	ck_assert_int_eq(run(COLS "OLD\t85\tmale\t200\t45\t120\tno\tno\t27\t90\tno\tno\n"
				  "MID\t65\tmale\t200\t45\t120\tno\tno\t27\t90\tno\tno\n"
				  "GAP\t50\tmale\t200\tNA\t120\tno\tno\t\t90\tno\tno\n"
				  "BMI\t50\tmale\t200\t45\t120\tno\tno\t40\t90\tno\tno\n"
				  "TC\t50\tmale\t330\t45\t120\tno\tno\t27\t90\tno\tno\n",
				 (struct predict_opt){0}, &fs),
		0);
	ck_assert_int_eq(risk(fs, "OLD", "/10y/ascvd")->status, GRX_FACT_REFUSED);
	ck_assert_int_eq(risk(fs, "MID", "/10y/ascvd")->status, GRX_FACT_OK);
	ck_assert_int_eq(risk(fs, "MID", "/30y/ascvd")->status, GRX_FACT_REFUSED);
	ck_assert_int_eq(risk(fs, "GAP", "/10y/ascvd")->status, GRX_FACT_MISSING);
	ck_assert_str_eq(grx_fact_attr_get(risk(fs, "GAP", "/10y/ascvd"), "reason"), "absent: hdl_mg_dl");
	ck_assert_str_eq(grx_fact_attr_get(risk(fs, "GAP", "/10y/heart_failure"), "reason"), "absent: bmi");
	ck_assert_int_eq(risk(fs, "BMI", "/10y/heart_failure")->status, GRX_FACT_REFUSED);
	ck_assert_int_eq(risk(fs, "BMI", "/10y/ascvd")->status, GRX_FACT_OK);
	ck_assert_int_eq(risk(fs, "TC", "/10y/ascvd")->status, GRX_FACT_REFUSED);
	ck_assert_int_eq(risk(fs, "TC", "/10y/heart_failure")->status, GRX_FACT_OK);
	ck_assert_int_eq(risk(fs, "TC", "/10y/heart_failure")->value.type, GRX_V_NUM);
	ck_assert_int_eq(risk(fs, "OLD", "/10y/ascvd")->value.type, GRX_V_NULL);
	grx_facts_free(fs);
}
END_TEST

static int status_of(const char *clinical)
{
	struct grx_facts *fs;
	int rc = run(clinical, (struct predict_opt){0}, &fs);
	grx_facts_free(fs);
	return rc;
}

START_TEST(test_bad_tables)
{
	ck_assert_int_eq(status_of("sample\tage\nP\t50\nP\t51\n"), GRX_E_DATA);
	ck_assert_ptr_nonnull(strstr(cx.err.msg, "clinical.tsv:3"));
	ck_assert_int_eq(status_of("sample\tage\nP\tfifty\n"), GRX_E_DATA);
	ck_assert_int_eq(status_of("sample\tage\nP\t-1\n"), GRX_E_DATA);
	ck_assert_int_eq(status_of("sample\tsex\nP\tx\n"), GRX_E_DATA);
	ck_assert_int_eq(
		status_of("sample\ttotal_cholesterol_mg_dl\nP\t5.2\n"), GRX_E_DATA); /* mmol/L by its size */
	ck_assert_int_eq(status_of("sample\tsmoker\nP\tmaybe\n"), GRX_E_DATA);
	ck_assert_int_eq(status_of("sample\thdl_mg_dl\thdl_mmol_l\nP\t50\t1.3\n"), GRX_E_DATA);
	ck_assert_int_eq(status_of("sample\tshoe_size\nP\t42\n"), GRX_E_DATA);
	ck_assert_int_eq(status_of("age\n50\n"), GRX_E_DATA);
	ck_assert_int_eq(status_of("sample\tage\tshoe_size\nP\t50\t42\n"), GRX_OK);
}
END_TEST

START_TEST(test_known_facts)
{
	struct grx_facts *fs;
	ck_assert_int_eq(grx_facts_num(&cx, known, "P", "clinical/age", "x", 51, "years"), 0);
	ck_assert_int_eq(run("sample\tage\nP\t50\n", (struct predict_opt){0}, &fs), GRX_E_MISMATCH);
	grx_facts_free(fs);
	ck_assert_int_eq(run("sample\tage\nP\t51\n", (struct predict_opt){0}, &fs), 0);
	ck_assert_ptr_null(grx_facts_find(fs, "P", "clinical/age")); /* known already: not said twice */
	grx_facts_free(fs);
	ck_assert_int_eq(run("sample\tage\nQ\t51\n", (struct predict_opt){0}, &fs), GRX_E_MISMATCH);
	grx_facts_free(fs);
	ck_assert_int_eq(grx_facts_str(&cx, known, "P", "qc/sex", "qc", "male"), 0);
	ck_assert_int_eq(run("sample\tsex\nP\tfemale\n", (struct predict_opt){0}, &fs), 0);
	ck_assert_int_eq(risk(fs, "P", "/10y/ascvd")->status, GRX_FACT_REFUSED);
	grx_facts_free(fs);
}
END_TEST

START_TEST(test_combine)
{
	/* mean risk over the score's distribution stays near the base risk */
	double mean = 0, w = 0, lp = -2.5, b = 0.4;
	for (double z = -8; z <= 8; z += 0.001) {
		double d = exp(-z * z / 2);
		mean += d * predict_probability(predict_combine(lp, b, z));
		w += d;
	}
	ck_assert_double_eq_tol(mean / w, predict_probability(lp), 0.002);
	struct grx_facts *fs;
	struct predict_opt o = {.prs_effect = effect, .min_coverage = 0.75};
	write_file(effect, "score_id\toutcome\thorizon\tmean\tsd\tlog_hr_per_sd\tsource\n"
			   "T1\ttotal_cvd\t10y\t1\t0.5\t0.3\ttest\nT2\ttotal_cvd\t10y\t0\t1\t0.3\ttest\n"
			   "T3\ttotal_cvd\t10y\t0\t1\t0.3\ttest\n");
	ck_assert_int_eq(grx_facts_num(&cx, known, "P", "prs/T1/sum", "prs", 2, NULL), 0);
	ck_assert_int_eq(grx_facts_num(&cx, known, "P", "prs/T1/coverage", "prs", 0.9, NULL), 0);
	ck_assert_int_eq(grx_facts_num(&cx, known, "P", "prs/T2/sum", "prs", 2, NULL), 0);
	ck_assert_int_eq(grx_facts_num(&cx, known, "P", "prs/T2/coverage", "prs", 0.5, NULL), 0);
	ck_assert_int_eq(run(COLS "P\t50\tfemale\t200\t45\t160\tyes\tno\t35\t90\tyes\tno\n", o, &fs), 0);
	double base = risk(fs, "P", "/10y/total_cvd")->value.num,
	       odds = base / (1 - base) * exp(0.3 * 2 - 0.045);
	ck_assert_double_eq_tol(risk(fs, "P", "+T1/10y/total_cvd")->value.num, odds / (1 + odds), 1e-8);
	ck_assert_int_eq(risk(fs, "P", "+T1/10y/total_cvd")->n_because, 3);
	ck_assert_str_eq(grx_fact_attr_get(risk(fs, "P", "+T1/10y/total_cvd"), "z"), "2");
	ck_assert_int_eq(risk(fs, "P", "+T2/10y/total_cvd")->status, GRX_FACT_REFUSED);
	ck_assert_int_eq(risk(fs, "P", "+T3/10y/total_cvd")->status, GRX_FACT_MISSING);
	grx_facts_free(fs);
}
END_TEST

int main(void)
{
	if (!mkdtemp(dir))
		return 1;
	Suite *s = suite_create("predict");
	TCase *tc = tcase_create("predict");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_worked_example);
	tcase_add_test(tc, test_extended);
	tcase_add_test(tc, test_extended_ranges);
	tcase_add_test(tc, test_units);
	tcase_add_test(tc, test_refuse);
	tcase_add_test(tc, test_bad_tables);
	tcase_add_test(tc, test_known_facts);
	tcase_add_test(tc, test_combine);
	suite_add_tcase(s, tc);
	SRunner *sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	rmdir(dir);
	return failed ? 1 : 0;
}
