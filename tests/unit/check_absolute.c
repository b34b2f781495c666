/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_absolute.c -- risk models of the predict stage: values against other integrations and brute force,
 * choice of rows, refusals, tables that cannot be used. */
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
#include "math/prob.h"
#include "math/rng.h"
#include "stage/predict/predict_int.h"
#include "stage/stages.h"

static struct grx_ctx cx;
static char dir[] = "/tmp/check_absoluteXXXXXX";
static struct grx_facts *known, *made;
enum { T_MODEL, T_INC, T_MORT, T_COV, T_POP, T_N };
static char path[T_N][128];
static const char *text[T_N];

static void setup(void)
{
	static const char *const name[T_N] = {"model.tsv", "inc.tsv", "mort.tsv", "cov.tsv", "pop.tsv"};
	memset(&cx, 0, sizeof cx);
	cx.log = grx_log_new(0, false);
	cx.refdata = "refdata";
	cx.facts = known = grx_facts_new();
	made = NULL;
	for (int i = 0; i < T_N; i++) {
		snprintf(path[i], sizeof path[i], "%s/%s", dir, name[i]);
		text[i] = NULL;
	}
}

static void teardown(void)
{
	grx_facts_free(known);
	grx_facts_free(made);
	grx_log_free(cx.log);
	for (int i = 0; i < T_N; i++)
		unlink(path[i]);
}

static int run(void)
{
	void *st = NULL;
	struct predict_opt o = {.min_coverage = 0.75};
	const char **field[T_N] = {
		&o.risk_model, &o.incidence, &o.mortality, &o.risk_covariates, &o.reference_population};
	for (int i = 0; i < T_N; i++) {
		if (!text[i])
			continue;
		FILE *f = fopen(path[i], "w");
		ck_assert_ptr_nonnull(f);
		fputs(text[i], f);
		fclose(f);
		*field[i] = path[i];
	}
	grx_facts_free(made);
	made = grx_facts_new();
	grx_ctx_reset(&cx);
	int rc = grx_stage_predict.open(&o, &cx, &st);
	if (rc == 0)
		rc = grx_stage_predict.finish(st, &cx, made, NULL);
	grx_stage_predict.close(st);
	return rc;
}

static void num(const char *sample, const char *key, double x)
{
	ck_assert_int_eq(grx_facts_num(&cx, known, sample, key, "t", x, NULL), 0);
}

/* A person with a score of z and its 95 % interval (none if lo = hi). */
static void person(const char *sample, const char *sex, double age, double z, double lo, double hi)
{
	struct grx_fact *f;
	if (sex)
		ck_assert_int_eq(grx_facts_str(&cx, known, sample, "clinical/sex", "t", sex), 0);
	if (age >= 0)
		num(sample, "clinical/age", age);
	num(sample, "prs/S/coverage", 0.99);
	ck_assert_int_eq(grx_facts_add(&cx, known, sample, "prs/S/z_norm2", "prs", &f), 0);
	ck_assert_int_eq(grx_fact_num_set(known, f, z, "sd"), 0);
	f->has_lo = f->has_hi = lo < hi;
	f->lo = lo;
	f->hi = hi;
}

static const struct grx_fact *get(const char *sample, const char *key)
{
	const struct grx_fact *f = grx_facts_find(made, sample, key);
	ck_assert_msg(f != NULL, "no %s", key);
	return f;
}

static double value(const char *sample, const char *key)
{
	const struct grx_fact *f = get(sample, key);
	ck_assert_msg(f->status == GRX_FACT_OK, "%s: %s", key, grx_fact_attr_get(f, "reason"));
	return f->value.num;
}

static void reason(const char *sample, const char *key, enum grx_fact_status status, const char *part)
{
	const struct grx_fact *f = get(sample, key);
	ck_assert_int_eq(f->status, status);
	ck_assert_int_eq(f->value.type, GRX_V_NULL);
	ck_assert(!f->has_lo && !f->has_hi);
	ck_assert_msg(
		strstr(grx_fact_attr_get(f, "reason"), part) != NULL, "%s", grx_fact_attr_get(f, "reason"));
}

static double attr(const struct grx_fact *f, const char *key)
{
	const char *s = grx_fact_attr_get(f, key);
	ck_assert_msg(s != NULL, "no attribute %s", key);
	return strtod(s, NULL);
}

#define HEAD                                                                                                 \
	"model\toutcome\thorizon\tscore_id\tscore_value\tmean\tsd\tsex\tage_from\tage_"                      \
	"to\tkind\teffect\tse\tk\tsource\n"

START_TEST(test_logistic_and_liability)
{
	text[T_MODEL] = HEAD "L\tx\tlifetime\tS\tz_norm2\t.\t.\tany\t.\t.\tlog_or_per_sd\t0.6\t.\t0.12\tt\n"
			     "R\tx\tlifetime\tS\tz_norm2\t.\t.\tany\t.\t.\tr2_liability\t0.1\t.\t0.12\tt\n";
	/* persons at the nodes of Simpson's rule on [-8, 8]: the mean risk over the population is K for both
	 */
	char id[16];
	for (int i = -32; i <= 32; i++) {
		snprintf(id, sizeof id, "P%d", i);
		person(id, NULL, -1, i / 4.0, 0, 0);
	}
	ck_assert_msg(run() == 0, "%s", cx.err.msg);
	double mean[2] = {0}, w = 0;
	for (int i = -32; i <= 32; i++) {
		double p = (i == -32 || i == 32 ? 1 : i & 1 ? 4 : 2) * exp(-i * i / 32.0);
		snprintf(id, sizeof id, "P%d", i);
		mean[0] += p * value(id, "predict/L/lifetime/x");
		mean[1] += p * value(id, "predict/R/lifetime/x");
		w += p;
	}
	ck_assert_double_eq_tol(mean[0] / w, 0.12, 1e-7);
	ck_assert_double_eq_tol(mean[1] / w, 0.12, 1e-7);
	/* the odds ratio of neighbours 1 SD apart */
	double p0 = value("P0", "predict/L/lifetime/x"), p4 = value("P4", "predict/L/lifetime/x");
	ck_assert_double_eq_tol(log(p4 / (1 - p4) / (p0 / (1 - p0))), 0.6, 1e-8);
	ck_assert_double_eq_tol(value("P4", "predict/R/lifetime/x"),
		0.5 * erfc(-(sqrt(0.1) + grx_norm_inv(0.12)) / sqrt(0.9) / sqrt(2)), 1e-9);
	ck_assert(strstr(grx_fact_attr_get(get("P0", "predict/L/lifetime/x"), "interval_covers"), "nothing"));
	ck_assert(!get("P0", "predict/L/lifetime/x")->has_lo);
}
END_TEST

START_TEST(test_interval)
{
	text[T_MODEL] = HEAD "L\tx\t10y\tS\tz_norm2\t.\t.\tany\t.\t.\tlog_or_per_sd\t0.6\t.\t0.1\tt\n"
			     "R\tx\t10y\tS\tz_norm2\t.\t.\tany\t.\t.\tr2_liability\t0.1\t0.02\t0.1\tt\n";
	person("A", NULL, -1, 1, 0.8, 1.3);
	person("B", NULL, -1, -1.3, -1.3, -1.3);
	ck_assert_msg(run() == 0, "%s", cx.err.msg);
	const struct grx_fact *f = get("A", "predict/L/10y/x");
	double a = attr(f, "intercept");
	ck_assert_double_eq_tol(
		f->lo, 1 / (1 + exp(-a - 0.48)), 1e-5); /* score alone: the ends of its interval */
	ck_assert_double_eq_tol(f->hi, 1 / (1 + exp(-a - 0.78)), 1e-5);
	f = get("B",
		"predict/R/10y/x"); /* effect alone; less variance explained is more risk below the mean */
	double lo = 0.1 + 1.96 * 0.02, hi = 0.1 - 1.96 * 0.02, t = grx_norm_inv(0.1);
	ck_assert_double_eq_tol(f->lo, grx_norm_cdf((-1.3 * sqrt(lo) + t) / sqrt(1 - lo)), 1e-5);
	ck_assert_double_eq_tol(f->hi, grx_norm_cdf((-1.3 * sqrt(hi) + t) / sqrt(1 - hi)), 1e-5);
	ck_assert_ptr_nonnull(strstr(grx_fact_attr_get(f, "interval_covers"), "its effect"));
	ck_assert(!get("B", "predict/L/10y/x")->has_lo);
}
END_TEST

/* An AUC and an observed R2 that stand for R2 = 0.1 at K = 0.12 give its risk. */
START_TEST(test_measures)
{
	static char table[1024];
	double t = -grx_norm_inv(0.12), d = exp(-t * t / 2) / sqrt(2 * M_PI), i = d / 0.12, v = -d / 0.88;
	double auc = 0.5 * erfc(-(i - v) * sqrt(0.1 / (2 - 0.1 * (i * (i - t) + v * (v - t)))) / sqrt(2));
	double observed = 0.1 * d * d / (0.12 * 0.88); /* in a sample of the population */
	snprintf(table, sizeof table,
		"model\toutcome\thorizon\tscore_id\tscore_value\tsex\tage_from\tage_"
		"to\tkind\teffect\tse\tk\tcase_share\tsource\n"
		"R\tx\tl\tS\tz_norm2\tany\t.\t.\tr2_liability\t0.1\t.\t0.12\t.\tt\n"
		"A\tx\tl\tS\tz_norm2\tany\t.\t.\tauc\t%.15g\t0.2\t0.12\t.\tt\n"
		"O\tx\tl\tS\tz_norm2\tany\t.\t.\tr2_observed\t%.15g\t0.4\t0.12\t0.12\tt\n",
		auc, observed);
	text[T_MODEL] = table;
	person("P", NULL, -1, 1.7, 1.7, 1.7);
	ck_assert_msg(run() == 0, "%s", cx.err.msg);
	double p = value("P", "predict/R/l/x");
	ck_assert_double_eq_tol(value("P", "predict/A/l/x"), p, 1e-9);
	ck_assert_double_eq_tol(value("P", "predict/O/l/x"), p, 1e-9);
	ck_assert_double_eq_tol(attr(get("P", "predict/A/l/x"), "r2_liability"), 0.1, 1e-9);
	/* standard errors so large that strata leave the domain: the interval still is one of probabilities
	 */
	const struct grx_fact *f = get("P", "predict/A/l/x");
	ck_assert(f->has_lo && f->lo >= 0 && f->lo <= p && f->hi >= p && f->hi <= 1);
	f = get("P", "predict/O/l/x");
	ck_assert(f->has_lo && f->lo >= 0 && f->lo <= p && f->hi >= p && f->hi <= 1);
}
END_TEST

START_TEST(test_choice)
{
	text[T_MODEL] = HEAD "L\tx\t10y\tS\tz_norm2\t.\t.\tfemale\t40\t59\tlog_or_per_sd\t0.5\t.\t0.02\tt\n"
			     "L\tx\t10y\tS\tz_norm2\t.\t.\tfemale\t60\t79\tlog_or_per_sd\t0.4\t.\t0.05\tt\n"
			     "L\tx\t10y\tS\tz_norm2\t.\t.\tmale\t40\t79\tlog_or_per_sd\t0.5\t.\t0.04\tt\n";
	person("A", "female", 59.9, 0, 0, 0);
	person("B", "female", 60, 0, 0, 0);
	person("C", "male", 60, 0, 0, 0);
	person("OLD", "male", 80, 0, 0, 0);
	person("YOUNG", "male", 39.99, 0, 0, 0);
	person("NOSEX", NULL, 50, 0, 0, 0);
	person("NOAGE", "male", -1, 0, 0, 0);
	person("MIXED", "male", 50, 0, 0, 0);
	ck_assert_int_eq(grx_facts_str(&cx, known, "MIXED", "qc/sex", "t", "female"), 0);
	num("NOSCORE", "clinical/age", 50);
	ck_assert_int_eq(grx_facts_str(&cx, known, "NOSCORE", "clinical/sex", "t", "male"), 0);
	person("FAR", "male", 50, 9, 0, 0);
	person("BADINT", "male", 50, 1, 1.1, 1.2);
	ck_assert_msg(run() == 0, "%s", cx.err.msg);
	const char *key = "predict/L/10y/x";
	ck_assert_double_eq(attr(get("A", key), "average_risk"), 0.02);
	ck_assert_double_eq(attr(get("B", key), "average_risk"), 0.05);
	ck_assert_double_eq(attr(get("C", key), "average_risk"), 0.04);
	reason("OLD", key, GRX_FACT_REFUSED, "age 80");
	reason("YOUNG", key, GRX_FACT_REFUSED, "age 39");
	reason("NOSEX", key, GRX_FACT_MISSING, "absent: sex");
	reason("NOAGE", key, GRX_FACT_MISSING, "absent: age");
	reason("MIXED", key, GRX_FACT_REFUSED, "mixed-up");
	reason("NOSCORE", key, GRX_FACT_MISSING, "no such score");
	reason("FAR", key, GRX_FACT_REFUSED, "8 standard deviations");
	reason("BADINT", key, GRX_FACT_REFUSED, "does not hold");
}
END_TEST

static void bare(const char *sample, const char *key, double x, double cov)
{
	char k[64];
	snprintf(k, sizeof k, "prs/S/%s", key);
	num(sample, k, x);
	num(sample, "prs/S/coverage", cov);
}

START_TEST(test_score_value)
{
	struct grx_fact *f;
	text[T_MODEL] = HEAD
		"Z\tx\t10y\tS\tz_norm2\t.\t.\tany\t.\t.\tlog_or_per_sd\t0.5\t.\t0.1\tt\n"
		"P\tx\t10y\tS\tz_norm2,z_pop,sum\t10\t2\tany\t.\t.\tlog_or_per_sd\t0.5\t.\t0.1\tt\n";
	bare("SUM", "sum", 14, 1);
	bare("POP", "z_pop", 1.5, 1);
	num("POP", "prs/S/sum", 14);
	bare("LOWCOV", "z_norm2", 1, 0.5);
	num("NOCOV", "prs/S/z_norm2", 1);
	bare("LOW", "z_pop", 1, 1);
	bare("REF", "sum", 14, 1);
	num("OUT", "prs/S/coverage", 1);
	ck_assert_int_eq(grx_facts_add(&cx, known, "OUT", "prs/S/z_norm2", "prs", &f), 0);
	ck_assert_int_eq(grx_fact_num_set(known, f, 1.1, NULL), 0);
	ck_assert_int_eq(grx_fact_attr(known, f, "extrapolated", "yes"), 0);
	ck_assert_int_eq(grx_facts_add(&cx, known, "LOW", "prs/S/z_norm2", "prs", &f), 0);
	ck_assert_int_eq(grx_fact_num_set(known, f, 1.1, NULL), 0);
	ck_assert_int_eq(grx_fact_attr(known, f, "ancestry_confidence", "low"), 0);
	ck_assert_int_eq(grx_facts_add(&cx, known, "REF", "prs/S/z_norm2", "prs", &f), 0);
	f->status = GRX_FACT_REFUSED;
	ck_assert_int_eq(grx_fact_attr(known, f, "reason", "the score does not vary"), 0);
	ck_assert_int_eq(grx_facts_add(&cx, known, "GONE", "prs/S/sum", "prs", &f), 0);
	f->status = GRX_FACT_REFUSED;
	ck_assert_int_eq(grx_fact_attr(known, f, "reason", "too few rows"), 0);
	num("GONE", "prs/S/z_norm2", 0.5);
	num("GONE", "prs/S/coverage", 0.9);
	ck_assert_msg(run() == 0, "%s", cx.err.msg);
	ck_assert_double_eq(attr(get("SUM", "predict/P/10y/x"), "z"), 2);
	ck_assert_str_eq(grx_fact_attr_get(get("SUM", "predict/P/10y/x"), "score_value"), "sum");
	reason("SUM", "predict/Z/10y/x", GRX_FACT_MISSING, "not adjusted for ancestry");
	ck_assert_double_eq(attr(get("POP", "predict/P/10y/x"), "z"), 1.5);
	reason("LOWCOV", "predict/Z/10y/x", GRX_FACT_REFUSED, "coverage");
	reason("NOCOV", "predict/Z/10y/x", GRX_FACT_MISSING, "coverage");
	/* doubt about ancestry and a refusal are not evaded by the next choice */
	reason("LOW", "predict/P/10y/x", GRX_FACT_REFUSED, "ancestry");
	reason("OUT", "predict/P/10y/x", GRX_FACT_REFUSED, "extrapolation");
	reason("REF", "predict/P/10y/x", GRX_FACT_REFUSED, "does not vary");
	reason("GONE", "predict/Z/10y/x", GRX_FACT_REFUSED, "too few rows");
}
END_TEST

static struct grx_fact *score_as(const char *sample, const char *what, double x)
{
	char key[64];
	struct grx_fact *f;
	snprintf(key, sizeof key, "prs/S/%s", what);
	num(sample, "prs/S/coverage", 0.9);
	ck_assert_int_eq(grx_facts_add(&cx, known, sample, key, "prs", &f), 0);
	ck_assert_int_eq(grx_fact_num_set(known, f, x, NULL), 0);
	return f;
}

static void says(struct grx_fact *f, const char *key, const char *what)
{
	ck_assert_int_eq(grx_fact_attr(known, f, key, "%s", what), 0);
}

/* What prs says about a value, in any wording, reaches the risk. */
START_TEST(test_warnings)
{
	struct grx_fact *f;
	text[T_MODEL] = HEAD "Z\tx\t10y\tS\tz_norm2\t.\t.\tany\t.\t.\tlog_or_per_sd\t0.5\t.\t0.1\tt\n"
			     "R\tx\t10y\tS\tsum\t10\t2\tany\t.\t.\tlog_or_per_sd\t0.5\t.\t0.1\tt\n";
	says(score_as("OUT", "z_norm2", 1), "extrapolated", "true");
	says(score_as("IN", "z_norm2", 1), "extrapolated", "no");
	/* the sum itself does not say that the person is like nobody */
	score_as("LOW", "sum", 14);
	ck_assert_int_eq(grx_facts_str(&cx, known, "LOW", "prs/ancestry/similar", "prs", "EUR"), 0);
	says((struct grx_fact *)grx_facts_find(known, "LOW", "prs/ancestry/similar"), "ancestry_confidence",
		"low");
	says(score_as("STD", "sum", 14), "standardised", "variance");
	f = score_as("ZERO", "sum", 14);
	says(f, "n_rows", "1000");
	says(f, "n_as_zero", "11");
	f = score_as("FEW", "sum", 14);
	says(f, "n_rows", "1000");
	says(f, "n_as_zero", "10");
	ck_assert_msg(run() == 0, "%s", cx.err.msg);
	reason("OUT", "predict/Z/10y/x", GRX_FACT_REFUSED, "extrapolation");
	value("IN", "predict/Z/10y/x");
	reason("LOW", "predict/R/10y/x", GRX_FACT_REFUSED, "ancestry");
	reason("STD", "predict/R/10y/x", GRX_FACT_REFUSED, "standardised");
	reason("ZERO", "predict/R/10y/x", GRX_FACT_REFUSED, "neither a genotype nor a frequency");
	value("FEW", "predict/R/10y/x");
}
END_TEST

/* An interval at 68.27 % of +-1 and one at 95 % of +-1.96 say the same. */
START_TEST(test_level)
{
	struct grx_fact *a = score_as("A", "z_norm2", 0.5), *b = score_as("B", "z_norm2", 0.5);
	text[T_MODEL] = HEAD "Z\tx\t10y\tS\tz_norm2\t.\t.\tany\t.\t.\tlog_or_per_sd\t0.5\t.\t0.1\tt\n";
	a->has_lo = a->has_hi = b->has_lo = b->has_hi = true;
	a->lo = 0.5 - 0.2;
	a->hi = 0.5 + 0.2;
	b->lo = 0.5 - 0.2 * 1.959963984540054;
	b->hi = 0.5 + 0.2 * 1.959963984540054;
	says(a, "level", "0.6826894921370859");
	says(b, "level", "0.95");
	ck_assert_msg(run() == 0, "%s", cx.err.msg);
	ck_assert_double_eq_tol(get("A", "predict/Z/10y/x")->lo, get("B", "predict/Z/10y/x")->lo, 1e-6);
	ck_assert_double_eq_tol(get("A", "predict/Z/10y/x")->hi, get("B", "predict/Z/10y/x")->hi, 1e-6);
	ck_assert_double_gt(get("A", "predict/Z/10y/x")->hi - get("A", "predict/Z/10y/x")->lo, 0.03);
}
END_TEST

/* --- hazards --- */

#define RATE_HEAD "outcome\tsex\tage_from\tage_to\trate\tsource\n"
static char inc[8192], mort[8192];

static double lambda_at(int age, double scale)
{
	return scale * (1 + (age - 30) / 10); /* steps of ten years */
}

static double mort_at(int age)
{
	return 0.001 + 0.0003 * (age - 30);
}

static void rate_tables(double scale)
{
	int n = snprintf(inc, sizeof inc, RATE_HEAD), k = snprintf(mort, sizeof mort, RATE_HEAD);
	for (int a = 30; a < 90; a += 10)
		n += snprintf(inc + n, sizeof inc - (size_t)n, "x\tfemale\t%d\t%d\t%.10g\tt\n", a, a + 9,
			lambda_at(a, scale));
	for (int a = 30; a < 90; a++)
		k += snprintf(
			mort + k, sizeof mort - (size_t)k, "any\tany\t%d\t%d\t%.10g\tt\n", a, a, mort_at(a));
	text[T_INC] = inc;
	text[T_MORT] = mort;
}

#define HR_ROW(se) "H\tx\t20y\tS\tz_norm2\t.\t.\tany\t.\t.\tlog_hr_per_sd\t0.5\t" se "\t.\tt\n"

START_TEST(test_hazard_mean)
{
	text[T_MODEL] = HEAD HR_ROW(".");
	rate_tables(1e-5);
	char id[16];
	for (int i = -32; i <= 32; i++) {
		snprintf(id, sizeof id, "P%d", i);
		person(id, "female", 50.5, i / 4.0, 0, 0);
	}
	person("OLD", "female", 71, 0, 0, 0);
	person("END", "female", 70, 0, 0, 0);
	person("YOUNG", "female", 29, 0, 0, 0);
	person("MAN", "male", 50, 0, 0, 0);
	ck_assert_msg(run() == 0, "%s", cx.err.msg);
	double mean = 0, w = 0, surv = 1, table = 0;
	for (int i = -32; i <= 32; i++) {
		double p = exp(-i * i / 32.0);
		snprintf(id, sizeof id, "P%d", i);
		mean += p * value(id, "predict/H/20y/x");
		w += p;
	}
	for (int a = 50; a < 70; a++) { /* the population's life table */
		double all = lambda_at(a, 1e-5) + mort_at(a);
		table += surv * lambda_at(a, 1e-5) * (1 - exp(-all)) / all;
		surv *= exp(-all);
	}
	ck_assert_double_eq_tol(mean / w, table, 1e-6);
	ck_assert_double_eq_tol(attr(get("P0", "predict/H/20y/x"), "average_risk"), table, 1e-6);
	value("END", "predict/H/20y/x");
	reason("OLD", "predict/H/20y/x", GRX_FACT_REFUSED, "ages 71 to 90 are outside the tables");
	reason("YOUNG", "predict/H/20y/x", GRX_FACT_REFUSED, "outside the tables");
	reason("MAN", "predict/H/20y/x", GRX_FACT_REFUSED, "for this sex");
}
END_TEST

/* h0 as in the definition: people in 4,000 strata of the score, those of high risk leaving first. */
static void slow_baseline(double b, double scale, double h0[60])
{
	enum { M = 4000 };
	double cum = 0;
	for (int t = 0; t < 60; t++) {
		double num = 0, den = 0;
		for (int i = 0; i < M; i++) {
			double r = exp(b * grx_norm_inv((i + 0.5) / M)), s = exp(-r * cum);
			num += r * s;
			den += s;
		}
		h0[t] = lambda_at(30 + t, scale) * den / num;
		cum += h0[t];
	}
}

static double slow_risk(const double *h0, int age, int years, double lp)
{
	enum { STEPS = 50 };
	double risk = 0, surv = 1, d = 1.0 / STEPS;
	for (int a = age; a < age + years; a++)
		for (int k = 0; k < STEPS; k++) {
			double h = h0[a - 30] * exp(lp), all = (h + mort_at(a)) * d;
			risk += surv * h * d * exp(-all / 2); /* midpoint */
			surv *= exp(-all);
		}
	return risk;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

START_TEST(test_hazard_interval)
{
	enum { DRAWS = 1500 };
	double h0[60], v[DRAWS];
	text[T_MODEL] = HEAD HR_ROW("0.04");
	rate_tables(0.002);
	person("A", "female", 45, 1.4, 1.2, 1.6);
	ck_assert_msg(run() == 0, "%s", cx.err.msg);
	const struct grx_fact *f = get("A", "predict/H/20y/x");
	slow_baseline(0.5, 0.002, h0);
	ck_assert_double_eq_tol(f->value.num, slow_risk(h0, 45, 20, 0.7), 2e-5);
	struct grx_rng *g = grx_rng_new(5, "check", 0);
	for (int i = 0; i < DRAWS; i++) {
		double b = grx_rng_normal(g, 0.5, 0.04), e = exp((b * b - 0.25) / 2);
		/* the mean relative risk moves with b; among the young by exp(b^2/2) */
		v[i] = slow_risk(h0, 45, 20, b * grx_rng_normal(g, 1.4, 0.2 / 1.96) - log(e));
	}
	grx_rng_free(g);
	qsort(v, DRAWS, sizeof *v, by_value);
	ck_assert_double_eq_tol(f->lo / v[DRAWS / 40], 1, 0.03);
	ck_assert_double_eq_tol(f->hi / v[DRAWS - DRAWS / 40], 1, 0.03);
}
END_TEST

/* A population in which a quarter smokes (HR 2) and a tenth has a family history (HR 1.8 without the score).
 */
static void population_tables(const char *adjusted)
{
	static char cov[512], pop[8192];
	snprintf(cov, sizeof cov,
		"model\toutcome\tsex\tcovariate\tlog_hr\tadjusted_for_score\tsource\n"
		"H\tx\tany\tsmoker\t0.6931471806\tyes\tt\nH\tx\tany\tfamily_history\t0.5877866649\t%s\tt\n",
		adjusted);
	int n = snprintf(pop, sizeof pop, "sample\tsmoker\tfamily_history\tweight\n");
	for (int i = 0; i < 80; i++)
		n += snprintf(pop + n, sizeof pop - (size_t)n, "P%d\t%s\t%d\t%g\n", i,
			i % 4 == 0 ? "yes" : "no", i / 4 % 10 == 0, i / 4 % 10 == 0 ? 1.0 : 1.0);
	text[T_COV] = cov;
	text[T_POP] = pop;
}

START_TEST(test_covariates)
{
	text[T_MODEL] = HEAD HR_ROW(".");
	rate_tables(1e-6); /* so rare that risks are proportional to relative risks */
	population_tables("yes");
	static const char *const id[] = {"NONE", "SMOKE", "FH", "UNKNOWN", "NOFH"};
	for (int i = 0; i < 5; i++)
		person(id[i], "female", 50, 0, 0, 0);
	for (int i = 0; i < 3; i++)
		num(id[i], "clinical/smoker", i == 1);
	for (int i = 0; i < 3; i++)
		num(id[i], "clinical/family_history", i == 2);
	num("NOFH", "clinical/smoker", 1);
	person("BAD", "female", 50, 0, 0, 0);
	num("BAD", "clinical/family_history", 2);
	ck_assert_msg(run() == 0, "%s", cx.err.msg);
	const char *key = "predict/H/20y/x";
	double none = value("NONE", key);
	ck_assert_double_eq_tol(value("SMOKE", key) / none, 2, 1e-4);
	ck_assert_double_eq_tol(value("FH", key) / none, 1.8, 1e-4);
	/* z = 0 says little of family history: P(FH | z) by Bayes with means -0.1 b/2 and 0.9 b/2 */
	double a = 0.1 * exp(-0.5 * 0.225 * 0.225), c = 0.9 * exp(-0.5 * 0.025 * 0.025), p = a / (a + c);
	ck_assert_double_eq_tol(value("NOFH", key) / none, 2 * (1 + 0.8 * p), 1e-3);
	ck_assert_double_eq_tol(value("UNKNOWN", key) / none, 1.25 * (1 + 0.8 * p), 1e-3);
	ck_assert_str_eq(grx_fact_attr_get(get("UNKNOWN", key), "averaged_over"), "smoker;family_history");
	ck_assert_str_eq(grx_fact_attr_get(get("NOFH", key), "averaged_over"), "family_history");
	ck_assert_ptr_null(grx_fact_attr_get(get("SMOKE", key), "averaged_over"));
	reason("BAD", key, GRX_FACT_REFUSED,
		"outside the range of the reference population: clinical/family_history");
	/* the population's mean: sum over groups of weight, E exp(bZ) with the shifted means */
	double b = 0.5, e = 0;
	for (int s = 0; s < 2; s++)
		for (int f = 0; f < 2; f++)
			e += (s ? 0.25 : 0.75) * (f ? 0.1 : 0.9) * (s ? 2 : 1) * (f ? 1.8 : 1) *
			     exp(b * b / 2 + b * (f - 0.1) * b / 2);
	ck_assert_double_eq_tol(attr(get("NONE", key), "average_risk") / none, e, 1e-4);
	/* without the score in the estimate, b^2/2 of the effect is the score's */
	population_tables("no");
	ck_assert_msg(run() == 0, "%s", cx.err.msg);
	ck_assert_double_eq_tol(value("FH", key) / value("NONE", key), 1.8 * exp(-0.125), 1e-4);
}
END_TEST

START_TEST(test_population_score)
{
	/* the score's distribution from the population itself: all people at z = 1, so z = 1 is the average
	 */
	text[T_MODEL] = HEAD HR_ROW(".");
	rate_tables(0.001);
	text[T_POP] = "S\tsex\n1\tfemale\n1\tfemale\n-3\tmale\n";
	person("A", "female", 40, 1, 0, 0);
	ck_assert_msg(run() == 0, "%s", cx.err.msg);
	double surv = 1, table = 0;
	for (int a = 40; a < 60; a++) {
		double all = lambda_at(a, 0.001) + mort_at(a);
		table += surv * lambda_at(a, 0.001) * (1 - exp(-all)) / all;
		surv *= exp(-all);
	}
	ck_assert_double_eq_tol(value("A", "predict/H/20y/x"), table, 1e-9);
}
END_TEST

/* --- tables that cannot be used --- */

static void bad(int table, const char *content, int status, const char *part)
{
	const char *keep = text[table];
	text[table] = content;
	int rc = run();
	ck_assert_msg(rc == status, "status %d for: %s", rc, content ? content : "(absent)");
	ck_assert_msg(strstr(cx.err.msg, part) != NULL, "'%s' lacks '%s'", cx.err.msg, part);
	text[table] = keep;
}

#define L_ROW(sex, from, to, effect, se, k)                                                                  \
	"L\tx\t10y\tS\tz_norm2\t.\t.\t" sex "\t" from "\t" to "\tlog_or_per_sd\t" effect "\t" se "\t" k      \
	"\tt\n"

START_TEST(test_bad_models)
{
	bad(T_MODEL, HEAD L_ROW("any", ".", ".", "0.5", ".", "0"), GRX_E_DATA, "model.tsv:2: column 'k'");
	bad(T_MODEL, HEAD L_ROW("any", ".", ".", "0.5", ".", "1"), GRX_E_DATA, "above 0 and below 1");
	bad(T_MODEL, HEAD L_ROW("any", ".", ".", "0.5", ".", "."), GRX_E_DATA, "above 0 and below 1");
	bad(T_MODEL, HEAD L_ROW("any", ".", ".", "0.5", "-0.1", "0.1"), GRX_E_DATA, "column 'se'");
	bad(T_MODEL, HEAD L_ROW("any", ".", ".", "9", ".", "0.1"), GRX_E_DATA, "column 'effect'");
	bad(T_MODEL, HEAD L_ROW("any", "50", "40", "0.5", ".", "0.1"), GRX_E_DATA, "column 'age_to'");
	bad(T_MODEL, HEAD L_ROW("any", "50.5", "60", "0.5", ".", "0.1"), GRX_E_DATA, "column 'age_from'");
	bad(T_MODEL, HEAD L_ROW("both", ".", ".", "0.5", ".", "0.1"), GRX_E_DATA, "female, male or any");
	bad(T_MODEL,
		HEAD L_ROW("any", "40", "60", "0.5", ".", "0.1") L_ROW("male", "60", "70", "0.5", ".", "0.1"),
		GRX_E_DATA, "model.tsv:3: model L, outcome x, horizon 10y: sex and ages overlap with line 2");
	bad(T_MODEL, HEAD "L\tx\t10y\tS\tsum\t.\t1\tany\t.\t.\tlog_or_per_sd\t1\t.\t.1\tt\n", GRX_E_DATA,
		"needs the mean of the sum");
	bad(T_MODEL, HEAD "L\tx\t10y\tS\tsum\t0\t0\tany\t.\t.\tlog_or_per_sd\t1\t.\t.1\tt\n", GRX_E_DATA,
		"sd above 0");
	bad(T_MODEL, HEAD "L\tx\t10y\tS\tz,sum\t0\t1\tany\t.\t.\tlog_or_per_sd\t1\t.\t.1\tt\n", GRX_E_DATA,
		"column 'score_value'");
	bad(T_MODEL, HEAD "L/M\tx\t10y\tS\tz_pop\t0\t1\tany\t.\t.\tlog_or_per_sd\t1\t.\t.1\tt\n", GRX_E_DATA,
		"column 'model'");
	bad(T_MODEL, HEAD "L\tx\t10y\tS\tz_pop\t0\t1\tany\t.\t.\tor\t1\t.\t.1\tt\n", GRX_E_DATA,
		"column 'kind'");
	bad(T_MODEL, HEAD "L\tx\t10y\tS\tz_pop\t0\t1\tany\t.\t.\tr2_liability\t1\t.\t.1\tt\n", GRX_E_DATA,
		"share of variance");
	bad(T_MODEL, HEAD "L\tx\t10y\tS\tz_pop\t0\t1\tany\t.\t.\tauc\t0.45\t.\t.1\tt\n", GRX_E_DATA,
		"an area from 0.5");
	bad(T_MODEL, HEAD "L\tx\t10y\tS\tz_pop\t0\t1\tany\t.\t.\tauc\t0.999999\t.\t.1\tt\n", GRX_E_DATA,
		"an area from 0.5");
	bad(T_MODEL, HEAD "L\tx\t10y\tS\tz_pop\t0\t1\tany\t.\t.\tr2_observed\t0.1\t.\t.1\tt\n", GRX_E_DATA,
		"no column 'case_share'");
	bad(T_MODEL, HEAD "L\tx\t10y\tS\tz_pop\t0\t1\tany\t.\t.\tlog_or_per_sd\tnan\t.\t.1\tt\n", GRX_E_DATA,
		"column 'effect'");
	bad(T_MODEL, HEAD "L\tx\t10y\tS\tz_pop\t0\t1\tany\t.\t.\tlog_or_per_sd\t1\t.\t.1\t\n", GRX_E_DATA,
		"column 'source'");
	bad(T_MODEL, HEAD "prevent_base\tx\t10y\tS\tz_pop\t0\t1\tany\t.\t.\tlog_or_per_sd\t1\t.\t.1\tt\n",
		GRX_E_DATA, "name of a clinical equation");
	bad(T_MODEL, HEAD HR_ROW("."), GRX_E_USAGE, "--incidence and --mortality");
	text[T_INC] = RATE_HEAD;
	bad(T_MODEL, NULL, GRX_E_USAGE, "--risk-model");
}
END_TEST

#define RATES RATE_HEAD "x\tfemale\t30\t39\t0.01\tt\n"

START_TEST(test_bad_rates)
{
	text[T_MODEL] = HEAD HR_ROW(".");
	rate_tables(0.001);
	bad(T_INC, RATES "x\tfemale\t41\t49\t0.01\tt\n", GRX_E_DATA,
		"inc.tsv:3: outcome x, ages 41 to 49: a gap");
	bad(T_INC, RATES "x\tfemale\t39\t49\t0.01\tt\n", GRX_E_DATA,
		"inc.tsv:3: outcome x, ages 39 to 49: ages that overlap");
	bad(T_INC, RATES "x\tany\t40\t49\t0.01\tt\n", GRX_E_DATA, "'any'");
	bad(T_INC, RATES "x\tmale\t40\t49\t250\tt\n", GRX_E_DATA, "inc.tsv:3: column 'rate'");
	bad(T_INC, RATES "x\tmale\t40\t49\t-0.1\tt\n", GRX_E_DATA, "column 'rate'");
	bad(T_INC, RATES "x\tmale\t40\t131\t0.1\tt\n", GRX_E_DATA, "column 'age_to'");
	bad(T_INC, RATES "x\tmale\t40\t39\t0.1\tt\n", GRX_E_DATA, "column 'age_to'");
	bad(T_INC, RATES "x\tmale\t40\t39.5\t0.1\tt\n", GRX_E_DATA, "column 'age_to'");
	bad(T_INC, RATES "x\tmale\t40\t49\t0.1\t\n", GRX_E_DATA, "column 'source'");
	bad(T_INC, RATE_HEAD "y\tfemale\t30\t39\t0.01\tt\n", GRX_E_DATA, "no rate of outcome 'x'");
	bad(T_INC, "sex\tage_from\tage_to\trate\tsource\nany\t1\t2\t0.1\tt\n", GRX_E_DATA,
		"no column 'outcome'");
	bad(T_MORT, RATE_HEAD, GRX_E_DATA, "mort.tsv: no row");
	bad(T_MODEL, HEAD "H\tx\tlifetime\tS\tz_norm2\t.\t.\tany\t.\t.\tlog_hr_per_sd\t0.5\t.\t.\tt\n",
		GRX_E_DATA, "column 'horizon'");
	bad(T_MODEL, HEAD "H\tx\t10y\tS\tz_norm2\t.\t.\tany\t.\t.\tlog_hr_per_sd\t0.5\t.\t0.1\tt\n",
		GRX_E_DATA, "column 'k'");
}
END_TEST

START_TEST(test_bad_population)
{
	const char *head = "model\toutcome\tsex\tcovariate\tlog_hr\tadjusted_for_score\tsource\n";
	char row[512];
	text[T_MODEL] = HEAD HR_ROW(".");
	rate_tables(0.001);
	text[T_POP] = "bmi\tsmoker\n25\tyes\n";
	static const struct {
		const char *row, *part;
	} c[] = {{"G\tx\tany\tbmi\t0.1\tyes\tt\n", "cov.tsv:2: column 'model'"},
		{"H\tx\tany\tshoe\t0.1\tyes\tt\n", "column 'covariate'"},
		{"H\tx\tany\tbmi\t0.1\tno\tt\n", "column 'adjusted_for_score'"},
		{"H\tx\tany\tbmi\t9\tyes\tt\n", "column 'log_hr'"},
		{"H\tx\tany\tbmi\t0.1\tyes\t\n", "column 'source'"},
		{"H\tx\tany\tbmi\t0.1\tyes\tt\nH\tx\tmale\tbmi\t0.1\tyes\tt\n",
			"cov.tsv:3: column 'covariate'"}};
	for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
		snprintf(row, sizeof row, "%s%s", head, c[i].row);
		bad(T_COV, row, GRX_E_DATA, c[i].part);
	}
	bad(T_POP, "bmi\n25\nNA\n", GRX_E_DATA, "pop.tsv:3: column 'bmi'");
	bad(T_POP, "bmi\tweight\n25\t0\n", GRX_E_DATA, "column 'weight'");
	bad(T_POP, "bmi\n", GRX_E_DATA, "no row");
	bad(T_POP, "sample\tsex\nA\tmale\n", GRX_E_DATA, "no column of a risk factor");
	/* nobody of the sex: the model's covariates must not be dropped without a word */
	text[T_POP] = "smoker\tsex\nyes\tmale\n";
	person("A", "female", 40, 1, 0, 0);
	ck_assert_int_eq(run(), 0);
	reason("A", "predict/H/20y/x", GRX_FACT_REFUSED, "nobody of this sex");
}
END_TEST

int main(void)
{
	if (!mkdtemp(dir))
		return 1;
	grx_math_init();
	Suite *s = suite_create("absolute");
	TCase *tc = tcase_create("absolute");
	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_logistic_and_liability);
	tcase_add_test(tc, test_interval);
	tcase_add_test(tc, test_measures);
	tcase_add_test(tc, test_choice);
	tcase_add_test(tc, test_score_value);
	tcase_add_test(tc, test_warnings);
	tcase_add_test(tc, test_level);
	tcase_add_test(tc, test_hazard_mean);
	tcase_add_test(tc, test_hazard_interval);
	tcase_add_test(tc, test_covariates);
	tcase_add_test(tc, test_population_score);
	tcase_add_test(tc, test_bad_models);
	tcase_add_test(tc, test_bad_rates);
	tcase_add_test(tc, test_bad_population);
	suite_add_tcase(s, tc);
	SRunner *sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	rmdir(dir);
	return failed ? 1 : 0;
}
