/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_recommend_engine.c -- what the rule engine decides beyond a plain look-up: sets and lists, findings,
 * other drugs taken, probabilities, populations, rules on diplotypes, opposite advice, table versions. */
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ctx.h"
#include "base/opt.h"
#include "base/out.h"
#include "stage/recommend/recommend_int.h"
#include "stage/stages.h"

static struct grx_ctx cx;
static struct grx_facts *in, *out;
static struct recommend_opt opt;
static char dir[64];
static const char *pop_list[2];

static void setup(void)
{
	cx = (struct grx_ctx){.threads = 1, .refdata = "refdata", .outs = grx_outs_new()};
	opt = (struct recommend_opt){0};
	in = cx.facts = grx_facts_new();
	out = grx_facts_new();
	strcpy(dir, "/tmp/check_engine.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void forget(void)
{
	static const char *const name[] = {"a.tsv", "populations.tsv", "b.tsv"};

	for (size_t i = 0; i < 3; i++) {
		char path[96];

		snprintf(path, sizeof(path), "%s/%s", dir, name[i]);
		unlink(path);
	}
}

static void teardown(void)
{
	forget();
	rmdir(dir);
	grx_outs_free(cx.outs);
	grx_facts_free(in);
	grx_facts_free(out);
}

/* A fact of sample S; value "?" is missing, a number is a number; then attribute pairs up to NULL. */
static void say(const char *key, const char *value, ...)
{
	struct grx_fact *f;
	const char *a;
	va_list ap;
	double x;

	ck_assert_int_eq(grx_facts_add(&cx, in, "S", key, "test", &f), GRX_OK);
	if (!strcmp(value, "?"))
		f->status = GRX_FACT_MISSING;
	else if (grx_parse_f64(value, &x))
		ck_assert_int_eq(grx_fact_num_set(in, f, x, NULL), GRX_OK);
	else
		ck_assert_int_eq(grx_fact_str_set(in, f, value), GRX_OK);
	va_start(ap, value);
	while ((a = va_arg(ap, const char *)) != NULL)
		ck_assert_int_eq(grx_fact_attr(in, f, a, "%s", va_arg(ap, const char *)), GRX_OK);
	va_end(ap);
}

static void cyp2d6(const char *phenotype, const char *score)
{
	say("pgx/CYP2D6/phenotype", phenotype, NULL);
	say("pgx/CYP2D6/activity_score", score, NULL);
}

/* A finding as annotate writes it. */
static void finding(const char *allele, const char *gene, const char *gt, const char *hgvsp,
	const char *consequence, const char *class)
{
	struct grx_because b = {
		.chrom = "chr1", .pos = 1, .ref = "A", .alt = strrchr(allele, ':') + 1, .dp = -1, .gq = -1};
	char key[128];

	snprintf(key, sizeof(key), "variant/%s", allele);
	say(key, class, "gene", gene, "gt", gt, "hgvsp", hgvsp, "consequence", consequence, "clinvar", class,
		NULL);
	ck_assert_int_eq(grx_fact_because(in, in->v[in->n - 1], &b), GRX_OK);
}

static void file_write(const char *name, const char *first, const char *const *rows)
{
	char path[96];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(first, f);
	for (; *rows; rows++) {
		char buf[1024], *v[5];

		snprintf(buf, sizeof(buf), "%s", *rows);
		ck_assert_int_eq(grx_split(buf, '@', v, 5), 5);
		fprintf(f, "%s\t1\t%s\t%s\t%s\tStrong\t%s\t%s\t\t\t\t\t\t0\tG1\t\tlocal 2026\tCC0-1.0\n",
			v[0], v[1], v[2], v[3], v[4], v[4]);
	}
	fclose(f);
}

static const char columns[] =
	"rule_id\tversion\tdrug\twhen\tpopulation\tstrength\taction\tactions\treduce_pct"
	"\tpct_of_standard\tincrease_pct\tmultiply\tcap_mg\tverify\tguideline_id\tpmids"
	"\tsource\tlicence\n";

/* Rules "id@drug@when@population@ACTION". */
#define RULES(...) file_write("a.tsv", columns, (const char *const[]){__VA_ARGS__, NULL})

static int run_rules(const char *rules)
{
	void *st = NULL;
	int rc;

	grx_facts_free(out);
	out = grx_facts_new();
	grx_ctx_reset(&cx);
	opt.rules = rules;
	rc = grx_stage_recommend.open(&opt, &cx, &st);
	if (!rc)
		rc = grx_stage_recommend.each(st, &cx, out);
	if (!rc)
		rc = grx_stage_recommend.finish(st, &cx, out, NULL);
	grx_stage_recommend.close(st);
	return rc;
}

static void go(const char *rules)
{
	ck_assert_msg(run_rules(rules) == GRX_OK, "%s", cx.err.msg);
}

static const struct grx_fact *got(const char *key)
{
	char full[160];

	snprintf(full, sizeof(full), "recommend/%s", key);
	return grx_facts_find(out, "S", full);
}

/* "VALUE level" of an advice, "ACTION cause" of a withheld one, "" when there is none. */
static const char *is(const char *key)
{
	static char buf[128];
	const struct grx_fact *f = got(key);

	if (!f)
		return "";
	if (f->status == GRX_FACT_OK)
		snprintf(buf, sizeof(buf), "%s %s", f->value.str, grx_fact_attr_get(f, "level"));
	else
		snprintf(buf, sizeof(buf), "%s %s", grx_fact_attr_get(f, "action"),
			grx_fact_attr_get(f, "cause"));
	return buf;
}

static const char *attr(const char *key, const char *name)
{
	const struct grx_fact *f = got(key);
	const char *v = f ? grx_fact_attr_get(f, name) : NULL;

	return v ? v : "";
}

#define HOLDS(text, part) ck_assert_msg(strstr(text, part) != NULL, "'%s' lacks '%s'", text, part)

/* ---- language ---- */

START_TEST(test_language)
{
	static const struct {
		const char *when;
		bool fires;
	} t[] = {{"F(\"clinical/medication\") has \"codeine\"", true},
		{"F(\"clinical/medication\") has \"Aspirin\"", true},
		{"F(\"clinical/medication\") has \"code\"", false},
		{"!(F(\"clinical/medication\") has \"warfarin\")", true},
		{"F(\"clinical/medication\") has \"st john wort\"", true},
		{"!(F(\"clinical/medication\") has \"ibuprofen\")", true},
		{"F(\"clinical/diagnosis\") has \"gout\"", false},
		{"!(F(\"clinical/diagnosis\") has \"gout\")", false},
		{"F(\"clinical/diabetes\")==true", true}, {"F(\"clinical/diabetes\")==false", false},
		{"F(\"clinical/smoker\")==false", true}, {"F(\"clinical/statin\")!=true", false},
		{"F(\"clinical/age\") exists", true}, {"!(F(\"clinical/bmi\") exists)", true},
		{"F(\"clinical/age\") in {65, 70}", true}, {"F(\"clinical/age\") in {65}", false},
		{"F(\"clinical/sex\") in {\"male\", \"female\"}", true},
		{"P(G) in {\"y\",\"x\"} && F(\"clinical/egfr\")<60", true},
		{"!(P(G) in {\"y\"}) && D(G) in {\"*1/*2\"}", true},
		{"F(\"predict/prevent_base/10y/total_cvd\")>=0.075", true},
		{"F(\"prs/X/percentile\")>=95 || F(\"clinical/age\")>60", true}};

	say("clinical/medication", "aspirin; Codeine 30 mg", NULL);
	say("clinical/medication/st_john_wort", "yes", NULL);
	say("clinical/medication/ibuprofen", "stopped", NULL);
	say("clinical/age", "70", NULL);
	say("clinical/sex", "female", NULL);
	say("clinical/egfr", "45", NULL);
	say("clinical/diabetes", "1", NULL);
	say("clinical/smoker", "no", NULL);
	say("predict/prevent_base/10y/total_cvd", "0.08", NULL);
	say("pgx/G/phenotype", "x", NULL);
	say("pgx/G/diplotype", "*2/*1", NULL);
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		char row[256];

		snprintf(row, sizeof(row), "R1@d@%s@general@AVOID", t[i].when);
		RULES(row);
		go(dir);
		ck_assert_msg((got("d/R1") != NULL) == t[i].fires, "%s", t[i].when);
	}
}
END_TEST

START_TEST(test_language_errors)
{
	static const struct {
		const char *when, *want;
		int col;
	} t[] = {{"V(BRCA1)", "a comparison", 9}, {"V(BRCA1)>=\"x\"", "a number", 11},
		{"V(BRCA1) has \"x\"", "a comparison", 10}, {"V(BRCA1,x)>=1", "a quoted filter", 9},
		{"V(\"BRCA1\")>=1", "a gene name", 3}, {"V(BRCA1 \"x\")>=1", "')' or ','", 9},
		{"P(G) in \"x\"", "'{' and a list", 9}, {"P(G) in {\"x\" \"y\"}", "',' or '}'", 14},
		{"P(G) in {1}", "a quoted phenotype", 10}, {"P(G) in {}", "a quoted phenotype", 10},
		{"AS(G) in {\"x\"}", "an activity score is a number", 0},
		{"F(\"a\") has 3", "a quoted item", 12}, {"F(\"a\") exists \"x\"", "&&, ||", 15},
		{"F(\"a\")>=true", "a number after an order", 9}, {"P(G) exists", "a comparison", 6},
		{"D(G) exists", "a comparison", 6}, {"P(G) has \"x\"", "a comparison", 6}};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct recommend_rules rs = {.mem = grx_arena_new()};
		struct recommend_pred p = {0};
		char err[256];
		int col;

		ck_assert_msg(recommend_parse(&rs, t[i].when, &p, err, &col) == GRX_E_DATA, "%s", t[i].when);
		HOLDS(err, t[i].want);
		ck_assert_msg(!t[i].col || col == t[i].col, "%s: column %d: %s", t[i].when, col, err);
		grx_arena_free(rs.mem);
	}
}
END_TEST

/* Any bytes: an error with a column inside the text, or a condition that evaluates on facts or none; never a
 * crash. */
START_TEST(test_language_random)
{
	static const char *const word[] = {"P(", "AS(", "D(", "F(", "V(", "G", ")", "==", "!=", ">=", " in ",
		"{", "}", ",", "\"x\"", "\"clinical/age\"", "true", "false", "1", " has ", " exists", "&&",
		"||", "!", "(", "\"", "\"truncating\"", "NA"};
	static const char *const whole[] = {"V(G)>=1", "V(G,\"homozygous\")<2", "F(\"a\") exists",
		"F(\"a\") has \"x\"", "F(\"a\")==true", "P(G) in {\"x\",\"y\"}", "AS(G) in {1,NA}",
		"D(G) in {\"*1/*2\"}"};
	uint64_t x = 88172645463325252u;
	int n_good = 0;

	for (int i = 0; i < 30000; i++) {
		struct recommend_rules rs = {.mem = grx_arena_new()};
		struct recommend_pred p = {0};
		char src[256] = "", err[256];
		int col, n = 0;

		for (int j = 0; j < (i % 3 ? 4 : 10); j++) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			n += snprintf(src + n, sizeof(src) - (size_t)n, "%s",
				i % 3 == 0 ? word[x % (sizeof(word) / sizeof(word[0]))]
				: j % 2    ? x & 1 ? "&&" : "||"
					   : whole[x % (sizeof(whole) / sizeof(whole[0]))]);
		}
		if (i % 3)
			n += snprintf(src + n, sizeof(src) - (size_t)n, "%s", x & 2 ? whole[x % 8] : "}");
		if (recommend_parse(&rs, src, &p, err, &col) == GRX_OK) {
			static const struct recommend_gene none = {.assessed = false};
			const struct recommend_gene *gene[8] = {
				&none, &none, &none, &none, &none, &none, &none, &none};
			const struct grx_fact *fact[64] = {NULL};
			struct recommend_view w = {.gene = gene, .fact = fact};

			ck_assert_int_le(rs.keys.n, 64);
			ck_assert_int_le(recommend_eval(&p, &w), RECOMMEND_TRUE);
			n_good++;
		} else {
			ck_assert_msg(
				*err && col >= 1 && col <= (int)strlen(src) + 1, "%s: column %d", src, col);
		}
		grx_arena_free(rs.mem);
	}
	ck_assert_int_gt(n_good, 5000);
}
END_TEST

/* ---- findings ---- */

START_TEST(test_findings)
{
	finding("chr17:1:A:G", "BRCA1", "0/1", "p.Cys61Gly", "missense_variant", "Pathogenic");
	finding("chr13:1:A:G", "ATP7B", "0/1", "p.His1069Gln", "missense_variant", "Pathogenic");
	finding("chr2:1:A:T", "TTN", "0/1", "p.Arg1Gln", "missense_variant", "Likely_pathogenic");
	finding("chr6:1:G:A", "HFE", "0/1", "p.Cys282Tyr", "missense_variant", "Pathogenic");
	finding("chr3:1:G:A", "MLH1", "0/1", "p.X", "missense_variant",
		"Conflicting_classifications_of_pathogenicity");
	finding("chrX:1:G:A", "ABCD1", "1", "p.Y", "missense_variant", "Pathogenic");
	go(NULL);
	ck_assert_str_eq(is("secondary_finding_BRCA1/ACMG.SF33.BRCA1"), ""); /* nobody asked */
	opt.findings = true;
	go(NULL);
	ck_assert_str_eq(is("secondary_finding_BRCA1/ACMG.SF33.BRCA1"), "REPORT_FINDING caution");
	HOLDS(attr("secondary_finding_BRCA1/ACMG.SF33.BRCA1", "text"),
		"Hereditary breast and ovarian cancer");
	HOLDS(attr("secondary_finding_BRCA1/ACMG.SF33.BRCA1", "text_zh"), "遗传性乳腺癌和卵巢癌");
	ck_assert_int_eq(got("secondary_finding_BRCA1/ACMG.SF33.BRCA1")->n_because, 1);
	ck_assert_ptr_null(got("secondary_finding_ATP7B/ACMG.SF33.ATP7B")); /* recessive: two needed */
	ck_assert_ptr_null(got("secondary_finding_TTN/ACMG.SF33.TTN"));     /* truncating only */
	ck_assert_ptr_null(got("secondary_finding_HFE/ACMG.SF33.HFE"));     /* homozygous only */
	ck_assert_ptr_null(got("secondary_finding_MLH1/ACMG.SF33.MLH1"));   /* conflicting */
	ck_assert_ptr_nonnull(got("secondary_finding_ABCD1/ACMG.SF33.ABCD1"));
	ck_assert_ptr_null(
		got("secondary_finding_ATP7B/not_assessed")); /* nothing seen is not told as absent */
	finding("chr13:2:A:T", "ATP7B", "0/1", "p.Z", "stop_gained", "Likely_pathogenic");
	finding("chr2:2:A:T", "TTN", "0/1", "p.Arg2Ter", "stop_gained", "Pathogenic");
	finding("chr6:2:G:A", "HFE", "1/1", "p.Cys282Tyr", "missense_variant", "Pathogenic");
	go(NULL);
	HOLDS(attr("secondary_finding_ATP7B/ACMG.SF33.ATP7B", "text"), "different chromosomes");
	finding("chr6:3:G:A", "TRDN", "0/1", "p.Q", "stop_gained", "Pathogenic");
	go(NULL);
	HOLDS(attr("secondary_finding_TRDN/ACMG.SF33.TRDN", "text"), "A variant");
	HOLDS(attr("secondary_finding_TRDN/ACMG.SF33.TRDN", "text"), "one copy alone makes a carrier");
	ck_assert_ptr_nonnull(got("secondary_finding_TTN/ACMG.SF33.TTN"));
	ck_assert_ptr_nonnull(got("secondary_finding_HFE/ACMG.SF33.HFE"));
}
END_TEST

START_TEST(test_finding_is_a_lower_bound)
{
	RULES("R1@d@V(G)>=1@general@AVOID", "R2@e@!(V(G)>=1)@general@STANDARD",
		"R3@f@V(G)<1@general@STANDARD", "R4@g@V(G)==0@general@STANDARD",
		"R5@h@V(G,\"homozygous\")>=2@general@AVOID");
	say("clinical/age", "40", NULL);
	go(dir);
	for (size_t i = 0; i < out->n; i++)
		ck_assert_int_eq(out->v[i]->status, GRX_FACT_MISSING);
	finding("chr1:1:A:G", "G", "1/1", "p.A", "missense_variant", "Pathogenic");
	go(dir);
	ck_assert_str_eq(is("d/R1"), "AVOID act");
	ck_assert_str_eq(is("h/R5"), "AVOID act");
	ck_assert_ptr_null(got("e/R2"));
	ck_assert_ptr_null(got("f/R3"));
	ck_assert_ptr_null(got("g/R4"));
}
END_TEST

/* A finding whose genotype names other alleles alone, or none, counts for nothing. */
START_TEST(test_finding_not_carried)
{
	RULES("R1@d@V(G)>=1@general@AVOID");
	finding("chr1:1:A:G", "G", "0/0", "p.A", "missense_variant", "Pathogenic");
	finding("chr1:2:A:G", "G", "0/2", "p.A", "missense_variant", "Pathogenic");
	go(dir);
	ck_assert_ptr_null(got("d/R1"));
	finding("chr1:3:A:G", "G", "./.", "p.A", "missense_variant", "Pathogenic");
	go(dir);
	ck_assert_ptr_nonnull(got("d/R1"));
}
END_TEST

START_TEST(test_polygenic_risk)
{
	say("prs/coronary_artery_disease/percentile", "79.9", NULL);
	go(NULL);
	ck_assert_ptr_null(got("polygenic_risk_of_coronary_artery_disease/PRS.CAD.top20"));
	grx_facts_free(in);
	in = cx.facts = grx_facts_new();
	say("prs/coronary_artery_disease/percentile", "80", NULL);
	go(NULL);
	ck_assert_str_eq(
		is("polygenic_risk_of_coronary_artery_disease/PRS.CAD.top20"), "RISK_ENHANCER caution");
	ck_assert_str_eq(attr("polygenic_risk_of_coronary_artery_disease/PRS.CAD.top20", "verify"), "1");
}
END_TEST

/* ---- the gate ---- */

START_TEST(test_insufficient_data)
{
	say("pgx/CYP2D6/phenotype", "?", "reason", "not assessed: no loci", NULL);
	go(NULL);
	ck_assert_str_eq(is("codeine/not_assessed"), "INSUFFICIENT_DATA missing");
	HOLDS(attr("codeine/not_assessed", "text"), "Insufficient data: CYP2D6 not assessed");
	for (size_t i = 0; i < out->n; i++)
		ck_assert_int_eq(out->v[i]->status, GRX_FACT_MISSING);
}
END_TEST

/* ---- other drugs taken ---- */

START_TEST(test_strong_inhibitor)
{
	cyp2d6("Normal Metabolizer", "2");
	say("clinical/medication", "fluoxetine 20 mg; paracetamol", NULL);
	go(NULL);
	ck_assert_str_eq(is("codeine/CPIC.codeine.0264"), "AVOID act");
	HOLDS(attr("codeine/CPIC.codeine.0264", "genetic_alone"), "STANDARD");
	HOLDS(attr("codeine/CPIC.codeine.0264", "genetic"), "Normal Metabolizer (activity score 2)");
	HOLDS(attr("codeine/CPIC.codeine.0264", "comedication"), "fluoxetine (strong inhibitor of CYP2D6");
	HOLDS(attr("codeine/CPIC.codeine.0264", "text"), "Fluoxetine (strong inhibitor) is taken");
	HOLDS(attr("codeine/CPIC.codeine.0264", "text_zh"), "氟西汀");
	ck_assert_str_eq(got("phenoconversion/CYP2D6")->value.str, "Poor Metabolizer (activity score 0)");
	ck_assert_str_eq(attr("phenoconversion/CYP2D6", "genetic"), "Normal Metabolizer (activity score 2)");
	ck_assert_str_eq(attr("phenoconversion/CYP2D6", "by"), "fluoxetine");
	HOLDS(attr("phenoconversion/CYP2D6", "model"), "Cicali");
}
END_TEST

START_TEST(test_moderate_and_weak_inhibitor)
{
	static const struct {
		const char *drug, *phenotype, *score, *want;
	} t[] = {{"duloxetine", "Normal Metabolizer", "2", "Intermediate Metabolizer (activity score 1)"},
		{"duloxetine", "Normal Metabolizer", "2.25", "Intermediate Metabolizer (activity score 1)"},
		{"duloxetine", "Intermediate Metabolizer", "0.25",
			"Intermediate Metabolizer (activity score 0.25)"},
		{"duloxetine", "Ultrarapid Metabolizer", "3", "Normal Metabolizer (activity score 1.5)"},
		{"duloxetine", "Poor Metabolizer", "0", "Poor Metabolizer (activity score 0)"},
		{"sertraline", "Normal Metabolizer", "2", "Normal Metabolizer (activity score 2)"},
		{"sertraline, paroxetine", "Normal Metabolizer", "2", "Poor Metabolizer (activity score 0)"}};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		grx_facts_free(in);
		in = cx.facts = grx_facts_new();
		cyp2d6(t[i].phenotype, t[i].score);
		say("clinical/medication", t[i].drug, NULL);
		go(NULL);
		ck_assert_str_eq(got("phenoconversion/CYP2D6")->value.str, t[i].want);
	}
}
END_TEST

/* The guideline of a drug that slows its own enzyme has that in it. */
/* Medicines as people write them down. */
START_TEST(test_medication_names)
{
	static const struct {
		const char *list;
		bool taken;
	} t[] = {{"paroxetine hydrochloride 20 mg", true}, {"ramipril; Paroxetine20mg", true},
		{"amlodipine/paroxetine", true}, {"paroxetine (Paxil)", true}, {"盐酸帕罗西汀片20mg", true},
		{"氟西汀已停用、帕罗西汀", true}, {"帕罗西汀（已停用）；雷米普利", false},
		{"paroxetine stopped 2019", false}, {"no paroxetine", false}, {"norparoxetine", false},
		{"allergy to paroxetine", false}, {"ramipril", false}, {"-paroxetine\n-ramipril", true},
		{"terfenadine for allergies and paroxetine", true},
		{"aspirin stopped and paroxetine started", true}, {"nor-paroxetine", false},
		{"paroxetine started 2018 and stopped 2019", false}};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		grx_facts_free(in);
		in = cx.facts = grx_facts_new();
		cyp2d6("Normal Metabolizer", "2");
		say("clinical/medication", t[i].list, NULL);
		go(NULL);
		ck_assert_msg((got("codeine/CPIC.codeine.0264") != NULL) == t[i].taken, "%s", t[i].list);
	}
	grx_facts_free(in);
	in = cx.facts = grx_facts_new();
	cyp2d6("Normal Metabolizer", "2");
	say("clinical/medication/Paroxetine", "1", NULL);
	go(NULL);
	ck_assert_ptr_nonnull(got("codeine/CPIC.codeine.0264"));
}
END_TEST

/* A phenotype that does not have its score: neither is believed. */
START_TEST(test_contradiction)
{
	say("pgx/DPYD/phenotype", "Poor Metabolizer", NULL);
	say("pgx/DPYD/activity_score", "2", NULL);
	cyp2d6("Normal Metabolizer", "0");
	go(NULL);
	ck_assert_str_eq(is("capecitabine/not_assessed"), "INSUFFICIENT_DATA ambiguous");
	HOLDS(attr("capecitabine/not_assessed", "reason"), "contradict each other");
	ck_assert_str_eq(attr("capecitabine/not_assessed", "worst"), "AVOID");
	ck_assert_str_eq(is("codeine/not_assessed"), "INSUFFICIENT_DATA ambiguous");
}
END_TEST

/* Half of ">=3" may be normal or ultrarapid: the result is not converted. None of it is none. */
START_TEST(test_open_score)
{
	cyp2d6("Ultrarapid Metabolizer", ">=3.0");
	say("clinical/medication", "duloxetine", NULL);
	go(NULL);
	ck_assert_str_eq(is("codeine/CPIC.codeine.0265"), "AVOID act");
	HOLDS(attr("codeine/CPIC.codeine.0265", "comedication"), "not modelled");
	ck_assert_int_eq(grx_fact_str_set(in, in->v[2], "paroxetine"), GRX_OK);
	go(NULL);
	ck_assert_str_eq(is("codeine/CPIC.codeine.0264"), "AVOID act");
}
END_TEST

/* A drug on CYP2C19 beside clopidogrel: told of, and standard dosing is not plain. */
START_TEST(test_cyp2c19_inhibitor)
{
	say("pgx/CYP2C19/phenotype", "Normal Metabolizer", NULL);
	say("clinical/indication", "ACS", NULL);
	say("clinical/medication", "omeprazole 20 mg", NULL);
	opt.drugs = (struct grx_strs){.n = 1, .v = (const char *[]){"clopidogrel"}};
	go(NULL);
	for (size_t i = 0; i < out->n; i++)
		if (grx_starts(out->v[i]->key, "recommend/clopidogrel/")) {
			ck_assert_str_eq(out->v[i]->value.str, "STANDARD");
			ck_assert_str_eq(grx_fact_attr_get(out->v[i], "level"), "caution");
			HOLDS(grx_fact_attr_get(out->v[i], "comedication"), "omeprazole");
			return;
		}
	ck_abort_msg("no advice on clopidogrel");
}
END_TEST

START_TEST(test_own_inhibition_is_not_counted)
{
	cyp2d6("Normal Metabolizer", "2");
	say("clinical/medication/paroxetine", "yes", NULL);
	go(NULL);
	ck_assert_str_eq(attr("paroxetine/CPIC.paroxetine.0668", "genetic_alone"), "");
	ck_assert_str_eq(is("paroxetine/CPIC.paroxetine.0668"), "STANDARD standard");
	ck_assert_str_eq(is("codeine/CPIC.codeine.0264"), "AVOID act");
}
END_TEST

/* Standard by the inhibitor's grace: when it is stopped the genotype calls for act. */
START_TEST(test_standard_only_with_inhibitor)
{
	cyp2d6("Ultrarapid Metabolizer", "3");
	say("clinical/medication", "duloxetine", NULL);
	go(NULL);
	ck_assert_str_eq(is("codeine/CPIC.codeine.0268"), "STANDARD caution");
	HOLDS(attr("codeine/CPIC.codeine.0268", "genetic_alone"), "AVOID");
}
END_TEST

START_TEST(test_unmodelled_and_missing)
{
	say("pgx/CYP2C19/phenotype", "Normal Metabolizer", NULL);
	say("pgx/CYP2D6/phenotype", "?", "reason", "not assessed", NULL);
	say("clinical/medication", "rifampicin, fluoxetine", NULL);
	go(NULL);
	ck_assert_str_eq(is("citalopram/CPIC.citalopram.0180"), "STANDARD caution");
	HOLDS(attr("citalopram/CPIC.citalopram.0180", "text"), "not modelled");
	ck_assert_str_eq(attr("phenoconversion/CYP2C19", "action"), "not modelled");
	/* no result stays no result, however strong the inhibitor */
	ck_assert_str_eq(is("codeine/not_assessed"), "INSUFFICIENT_DATA missing");
	HOLDS(attr("codeine/not_assessed", "reason"), "fluoxetine");
	ck_assert_ptr_null(got("phenoconversion/CYP2D6"));
}
END_TEST

/* All candidates become one result. */
START_TEST(test_inhibitor_settles_candidates)
{
	say("pgx/CYP2D6/phenotype", "?", "candidates", "Normal Metabolizer|Ultrarapid Metabolizer", NULL);
	say("clinical/medication", "paroxetine", NULL);
	go(NULL);
	ck_assert_str_eq(is("codeine/CPIC.codeine.0264"), "AVOID act");
	ck_assert_str_eq(attr("codeine/CPIC.codeine.0264", "robust"), "yes");
	ck_assert_str_eq(attr("codeine/CPIC.codeine.0264", "genetic_alone"), "INSUFFICIENT_DATA");
}
END_TEST

/* ---- diplotypes ---- */

START_TEST(test_diplotype_before_phenotype)
{
	RULES("R1@d@P(G)==\"x\"@general@STANDARD", "R2@d@D(G)==\"*2/*3\"@general@AVOID",
		"R3@d@P(G)==\"x\"@adults@MONITOR");
	say("pgx/G/phenotype", "x", NULL);
	go(dir);
	ck_assert_str_eq(is("d/R1"), "STANDARD caution"); /* R2 may apply instead */
	ck_assert_str_eq(attr("d/R1", "finer"), "R2");    /* the diplotype is not known */
	say("pgx/G/diplotype", "*3/*2", NULL);
	go(dir);
	ck_assert_str_eq(is("d/R2"), "AVOID act");
	ck_assert_ptr_null(got("d/R1"));
	ck_assert_ptr_nonnull(got("d/R3")); /* another population is another question */
	ck_assert_ptr_null(got("d/conflict"));
}
END_TEST

/* ---- probabilities ---- */

static void ambiguous(const char *basis, const char *posterior)
{
	grx_facts_free(in);
	in = cx.facts = grx_facts_new();
	say("pgx/G/phenotype", "?", "candidates", "x|y|z", "candidates_basis", basis, "candidates_posterior",
		posterior, NULL);
	go(dir);
}

START_TEST(test_posterior)
{
	RULES("R1@d@P(G) in {\"x\",\"y\"}@general@STANDARD", "R2@d@P(G)==\"z\"@general@AVOID");
	ambiguous("evidence", "0.6|0.395|0.005");
	ck_assert_str_eq(is("d/R1"), "STANDARD caution"); /* a graver one is possible */
	ck_assert_str_eq(attr("d/R1", "posterior"), "0.995");
	ck_assert_str_eq(attr("d/R1", "alternatives"), "AVOID (R2) 0.005");
	ck_assert_str_eq(attr("d/R1", "severe_alternative"), "AVOID");
	ambiguous("evidence", "0.6|0.38|0.02");
	ck_assert_str_eq(is("d/not_assessed"), "INSUFFICIENT_DATA ambiguous");
	ck_assert_str_eq(attr("d/not_assessed", "possible"), "STANDARD (R1) 0.98|AVOID (R2) 0.02");
	ck_assert_str_eq(attr("d/not_assessed", "worst"), "AVOID");
	opt.min_posterior = 0.9;
	ambiguous("evidence", "0.6|0.38|0.02");
	ck_assert_str_eq(is("d/R1"), "STANDARD caution");
	opt.min_posterior = 0;
	ambiguous("evidence", "0.003|0.002|0.995");
	ck_assert_str_eq(is("d/R2"), "AVOID act");
	ck_assert_str_eq(attr("d/R2", "severe_alternative"), "");
}
END_TEST

/* Candidates of a locus without data are never decided by how common they are; nor with half a list. */
START_TEST(test_posterior_needs_evidence)
{
	RULES("R1@d@P(G) in {\"x\",\"y\"}@general@STANDARD", "R2@d@P(G)==\"z\"@general@AVOID");
	ambiguous("missing", "0.6|0.3999|0.0001");
	ck_assert_str_eq(is("d/not_assessed"), "INSUFFICIENT_DATA ambiguous");
	ambiguous("", "0.6|0.3999|0.0001");
	ck_assert_str_eq(is("d/not_assessed"), "INSUFFICIENT_DATA ambiguous");
	ambiguous("evidence", "0.9999|0.0001");
	ck_assert_str_eq(is("d/not_assessed"), "INSUFFICIENT_DATA ambiguous");
	ambiguous("evidence", "1.5|2|-3");
	ck_assert_str_eq(is("d/not_assessed"), "INSUFFICIENT_DATA ambiguous");
}
END_TEST

/* Not known which, but none is standard: the level says so. */
START_TEST(test_every_candidate_calls_for_more)
{
	RULES("R1@d@P(G) in {\"x\",\"y\"}@general@REDUCE_DOSE", "R2@d@P(G)==\"z\"@general@AVOID",
		"R3@e@P(G) in {\"x\",\"y\"}@general@REDUCE_DOSE");
	ambiguous("missing", "0.5|0.3|0.2");
	ck_assert_str_eq(is("d/not_assessed"), "INSUFFICIENT_DATA ambiguous");
	ck_assert_str_eq(attr("d/not_assessed", "level"), "caution");
	ck_assert_str_eq(attr("e/not_assessed", "level"), "unknown"); /* z has no rule */
}
END_TEST

START_TEST(test_improbable_result)
{
	RULES("R1@d@P(G)==\"x\"@general@STANDARD", "R2@e@P(G)==\"x\"@general@AVOID");
	say("pgx/G/phenotype", "x", "posterior", "0.7", NULL);
	go(dir);
	ck_assert_str_eq(is("d/R1"), "STANDARD unknown");
	ck_assert_str_eq(is("e/R2"), "AVOID act");
}
END_TEST

/* ---- populations ---- */

START_TEST(test_population)
{
	say("pgx/CYP2C19/phenotype", "Poor Metabolizer", NULL);
	go(NULL);
	ck_assert_str_eq(attr("voriconazole/CPIC.voriconazole.0912", "population_condition"), "");
	for (size_t i = 0, n = 0; i <= out->n; i++) {
		if (i == out->n) {
			ck_assert_int_eq((int)n, 2);
			break;
		}
		if (!grx_starts(out->v[i]->key, "recommend/voriconazole/"))
			continue;
		HOLDS(grx_fact_attr_get(out->v[i], "text"), "Only for");
		n++;
	}
	say("clinical/age", "9", NULL);
	go(NULL);
	for (size_t i = 0; i < out->n; i++)
		if (grx_starts(out->v[i]->key, "recommend/voriconazole/")) {
			ck_assert_str_eq(grx_fact_attr_get(out->v[i], "population"), "pediatrics");
			ck_assert_ptr_null(grx_fact_attr_get(out->v[i], "population_condition"));
		}
}
END_TEST

START_TEST(test_population_asked)
{
	RULES("R1@d@P(G)==\"x\"@adults@STANDARD", "R2@d@P(G)==\"x\"@pediatrics@AVOID",
		"R3@e@P(G)==\"x\"@pediatrics@AVOID");
	file_write("populations.tsv",
		"population\tgroup\twhen\ten\tzh\nadults\tage\tF(\"clinical/age\")>=18\tadults\tc\n"
		"pediatrics\tage\tF(\"clinical/age\")<18\tchildren\tc\n",
		(const char *const[]){NULL});
	say("pgx/G/phenotype", "x", NULL);
	pop_list[0] = "adults";
	opt.population = (struct grx_strs){.n = 1, .v = pop_list};
	go(dir);
	ck_assert_str_eq(is("d/R1"), "STANDARD standard");
	ck_assert_str_eq(attr("d/R1", "population_condition"), "");
	ck_assert_ptr_null(got("d/R2"));
	ck_assert_str_eq(is("e/not_assessed"), "NO_RULE no_rule");
	HOLDS(attr("e/not_assessed", "reason"), "population");
	pop_list[0] = "adult";
	ck_assert_int_eq(run_rules(dir), GRX_E_USAGE);
	HOLDS(cx.err.msg, "no population 'adult'");
}
END_TEST

/* Words that the table of populations does not know leave every row of the group standing. */
START_TEST(test_population_unknown_word)
{
	RULES("R1@d@P(G)==\"x\"@naive@AVOID", "R2@d@P(G)==\"x\"@used@OTHER_TEXT");
	file_write("populations.tsv",
		"population\tgroup\twhen\ten\tzh\n"
		"naive\th\tF(\"clinical/history/d\")==\"naive\"\tnever\tc\n"
		"used\th\tF(\"clinical/history/d\")==\"over_3_months\"\tused\tc\n",
		(const char *const[]){NULL});
	say("pgx/G/phenotype", "x", NULL);
	say("clinical/history/d", "never", NULL);
	go(dir);
	ck_assert_str_eq(is("d/R1"), "AVOID act");
	ck_assert_str_eq(attr("d/R1", "population_condition"), "never");
	ck_assert_ptr_nonnull(got("d/R2"));
	ck_assert_int_eq(grx_fact_str_set(in, in->v[1], "naive"), GRX_OK);
	go(dir);
	ck_assert_ptr_null(got("d/R2"));
	/* asked for all, told otherwise of this one */
	pop_list[0] = "used";
	opt.population = (struct grx_strs){.n = 1, .v = pop_list};
	go(dir);
	ck_assert_str_eq(attr("d/R1", "population_condition"), "never");
	ck_assert_str_eq(attr("d/R2", "population_condition"), "used");
}
END_TEST

/* Advice rests on the helper tables too: their version is part of that of the rules. */
START_TEST(test_version_of_helpers)
{
	char before[80];
	static const char head[] = "population\tgroup\twhen\ten\tzh\n";

	RULES("R1@d@P(G)==\"x\"@adults@AVOID");
	say("pgx/G/phenotype", "x", NULL);
	go(dir);
	snprintf(before, sizeof(before), "%s", got("d/R1")->refdata);
	file_write("populations.tsv", head, (const char *const[]){NULL});
	go(dir);
	ck_assert_str_eq(got("d/R1")->refdata, before);
	file_write("populations.tsv",
		"population\tgroup\twhen\ten\tzh\nadults\tage\tF(\"clinical/age\")>=18\tadults\tc\n",
		(const char *const[]){NULL});
	go(dir);
	ck_assert_str_ne(got("d/R1")->refdata, before);
}
END_TEST

START_TEST(test_indication_list)
{
	say("pgx/CYP2C19/phenotype", "Poor Metabolizer", NULL);
	say("clinical/indication", "atrial fibrillation, pci", NULL);
	go(NULL);
	ck_assert_str_eq(is("clopidogrel/CPIC.clopidogrel.0247"), "AVOID act");
	ck_assert_ptr_null(got("clopidogrel/not_assessed"));
}
END_TEST

/* ---- HLA types ---- */

START_TEST(test_hla_typing)
{
	static const struct {
		const char *typing, *want;
	} t[] = {{"*57/*08", "INSUFFICIENT_DATA missing"}, {"*08:01", "INSUFFICIENT_DATA missing"},
		{"HLA-B*08:01/?", "INSUFFICIENT_DATA missing"},
		{"*57:XX/*08:01", "INSUFFICIENT_DATA missing"},
		{"*57:01L/*08:01", "INSUFFICIENT_DATA missing"}, {"*57:01P/*08:01P", "AVOID act"},
		{"B*08:01/B*57:01:01G", "AVOID act"}, {"*57/*57:01", "AVOID act"},
		{"*57:03/*08:01:01", "STANDARD standard"}, {"*58:01/*58:01", "STANDARD standard"},
		{"*57:01N/*08:01", "STANDARD standard"}};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		const char *a, *b;

		grx_facts_free(in);
		in = cx.facts = grx_facts_new();
		say("pgx/HLA-B/diplotype", t[i].typing, NULL);
		go(NULL);
		b = is("abacavir/not_assessed");
		a = *b                                   ? b
		    : got("abacavir/CPIC.abacavir.0002") ? "AVOID act"
							 : is("abacavir/CPIC.abacavir.0001");
		ck_assert_msg(!strcmp(a, t[i].want), "%s: %s", t[i].typing, a);
	}
}
END_TEST

/* A label that the typing contradicts is no negative. */
START_TEST(test_hla_contradiction)
{
	say("pgx/HLA-B/phenotype", "*57:01 negative", NULL);
	say("pgx/HLA-B/diplotype", "*57:01/*08:01", NULL);
	go(NULL);
	ck_assert_ptr_null(got("abacavir/CPIC.abacavir.0001"));
	ck_assert_str_eq(is("abacavir/not_assessed"), "INSUFFICIENT_DATA missing");
}
END_TEST

/* ---- conflicts, two genes ---- */

START_TEST(test_opposite_directions)
{
	RULES("R1@d@P(G)==\"x\"@general@INCREASE_DOSE", "R2@d@P(H)==\"y\"@general@REDUCE_DOSE",
		"R3@e@P(G)==\"x\"@general@STANDARD", "R4@e@P(H)==\"y\"@general@REDUCE_DOSE");
	say("pgx/G/phenotype", "x", NULL);
	say("pgx/H/phenotype", "y", NULL);
	go(dir);
	ck_assert_str_eq(got("d/conflict")->value.str, "CONFLICT");
	ck_assert_str_eq(attr("d/conflict", "worst"), "REDUCE_DOSE");
	HOLDS(attr("d/conflict", "text"), "opposite directions");
	HOLDS(attr("d/conflict", "text_zh"), "方向相反");
	ck_assert_str_eq(got("e/conflict")->value.str, "REDUCE_DOSE");
}
END_TEST

START_TEST(test_two_gene_rules)
{
	cyp2d6("Poor Metabolizer", "0");
	say("pgx/CYP2C19/phenotype", "Poor Metabolizer", NULL);
	say("pgx/TPMT/phenotype", "Intermediate Metabolizer", NULL);
	say("pgx/NUDT15/phenotype", "Normal Metabolizer", NULL);
	go(NULL);
	ck_assert_str_eq(is("amitriptyline/CPIC.amitriptyline.0034"), "AVOID act");
	ck_assert_str_eq(attr("amitriptyline/CPIC.amitriptyline.0034", "incomplete"), "");
	ck_assert_str_eq(is("azathioprine/CPIC.azathioprine.0092"), "DOSE_PCT_OF_STANDARD caution");
	ck_assert_ptr_null(got("amitriptyline/conflict"));
}
END_TEST

/* ---- tables ---- */

START_TEST(test_version)
{
	static const struct {
		const char *line;
		int rc;
	} t[] = {{"", GRX_OK}, {"##genorx-rules 1\n", GRX_OK}, {"#genorx-rules 1\n", GRX_OK},
		{"##genorx-rules 2\n", GRX_E_DATA}, {"#genorx-rules 7\n", GRX_E_DATA},
		{"##genorx-rules\n", GRX_E_DATA}, {"##genorx-rules one\n", GRX_E_DATA}};

	say("pgx/G/phenotype", "x", NULL);
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		char first[1024];

		snprintf(first, sizeof(first), "%s%s", t[i].line, columns);
		file_write("a.tsv", first, (const char *const[]){"R1@d@P(G)==\"x\"@general@AVOID", NULL});
		ck_assert_msg(run_rules(dir) == t[i].rc, "%s: %s", t[i].line, cx.err.msg);
		if (t[i].rc)
			HOLDS(cx.err.msg, "a.tsv:1: rule table of format version");
	}
}
END_TEST

START_TEST(test_bad_helper)
{
	RULES("R1@d@P(G)==\"x\"@general@AVOID");
	file_write("populations.tsv", "population\tgroup\twhen\ten\tzh\nadults\tage\tF(clinical)>1\ta\tb\n",
		(const char *const[]){NULL});
	say("pgx/G/phenotype", "x", NULL);
	ck_assert_int_eq(run_rules(dir), GRX_E_DATA);
	HOLDS(cx.err.msg, "populations.tsv:2: when, character 3");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("recommend_engine");
	TCase *t = tcase_create("engine");
	SRunner *sr = srunner_create(s);
	const TTest *const all[] = {test_language, test_language_errors, test_language_random, test_findings,
		test_finding_not_carried, test_medication_names, test_contradiction, test_open_score,
		test_cyp2c19_inhibitor, test_finding_is_a_lower_bound, test_polygenic_risk,
		test_insufficient_data, test_strong_inhibitor, test_moderate_and_weak_inhibitor,
		test_own_inhibition_is_not_counted, test_standard_only_with_inhibitor,
		test_unmodelled_and_missing, test_inhibitor_settles_candidates,
		test_diplotype_before_phenotype, test_posterior, test_posterior_needs_evidence,
		test_every_candidate_calls_for_more, test_improbable_result, test_population,
		test_population_asked, test_population_unknown_word, test_version_of_helpers,
		test_indication_list, test_hla_typing, test_hla_contradiction, test_opposite_directions,
		test_two_gene_rules, test_version, test_bad_helper};
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		tcase_add_test(t, all[i]);
	suite_add_tcase(s, t);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
