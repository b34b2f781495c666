/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_recommend.c -- condition language, three-valued logic, missing genes, candidates, conflicts, rule
 * tools, and all expanded CPIC look-ups (skipped when the shared facts are absent). */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ctx.h"
#include "base/opt.h"
#include "base/out.h"
#include "stage/recommend/recommend_int.h"
#include "stage/recommend/rules_tool.h"
#include "stage/stages.h"

static const char head[] =
	"rule_id\tversion\tdrug\twhen\tpopulation\tstrength\taction\tactions\treduce_pct\t"
	"pct_of_standard\tincrease_pct\tmultiply\tcap_mg\tverify\tguideline_id\tpmids\tsource\t"
	"licence\n";
static struct grx_ctx cx;
static struct grx_facts *in, *out;
static char dir[64];

static void setup(void)
{
	memset(&cx, 0, sizeof(cx));
	cx.threads = 1;
	cx.refdata = "refdata";
	cx.outs = grx_outs_new();
	in = grx_facts_new();
	out = grx_facts_new();
	cx.facts = in;
	snprintf(dir, sizeof(dir), "/tmp/check_recommend.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void teardown(void)
{
	char path[128];

	grx_outs_free(cx.outs);
	grx_facts_free(in);
	grx_facts_free(out);
	snprintf(path, sizeof(path), "%s/t.tsv", dir);
	unlink(path);
	rmdir(dir);
}

/* Rules given as "id|drug|when|population|action|actions|reduce_pct". */
static void table_write(const char *const *rows)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/t.tsv", dir);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(head, f);
	for (; *rows; rows++) {
		char buf[1024], *v[7];

		snprintf(buf, sizeof(buf), "%s", *rows);
		ck_assert_int_eq(grx_split(buf, '@', v, 7), 7);
		fprintf(f, "%s\t1\t%s\t%s\t%s\tStrong\t%s\t%s\t%s\t\t\t\t\t0\tG1\t\tlocal 2026\tCC0-1.0\n",
			v[0], v[1], v[2], v[3], v[4], v[5], v[6]);
	}
	fclose(f);
}

static void pheno(const char *sample, const char *gene, const char *value)
{
	char key[128];

	snprintf(key, sizeof(key), "pgx/%s/phenotype", gene);
	if (value)
		ck_assert_int_eq(grx_facts_str(&cx, in, sample, key, "pgx", value), GRX_OK);
	else
		ck_assert_int_eq(
			grx_facts_missing(&cx, in, sample, key, "pgx", "not assessed: no loci"), GRX_OK);
}

static void score(const char *sample, const char *gene, double x)
{
	char key[128];

	snprintf(key, sizeof(key), "pgx/%s/activity_score", gene);
	ck_assert_int_eq(grx_facts_num(&cx, in, sample, key, "pgx", x, NULL), GRX_OK);
}

static void candidates(const char *sample, const char *gene, const char *list)
{
	char key[128];
	struct grx_fact *f;

	snprintf(key, sizeof(key), "pgx/%s/phenotype", gene);
	ck_assert_int_eq(grx_facts_add(&cx, in, sample, key, "pgx", &f), GRX_OK);
	f->status = GRX_FACT_MISSING;
	ck_assert_int_eq(grx_fact_attr(in, f, "reason", "ambiguous: two diplotypes"), GRX_OK);
	ck_assert_int_eq(grx_fact_attr(in, f, "candidates", "%s", list), GRX_OK);
}

static int run(const char *rules)
{
	struct recommend_opt o = {.rules = rules};
	void *st = NULL;
	int rc = grx_stage_recommend.open(&o, &cx, &st);

	if (!rc)
		rc = grx_stage_recommend.each(st, &cx, out);
	if (!rc)
		rc = grx_stage_recommend.finish(st, &cx, out, NULL);
	grx_stage_recommend.close(st);
	return rc;
}

static const char *value_of(const char *key)
{
	const struct grx_fact *f = grx_facts_find(out, "S", key);

	return f && f->status == GRX_FACT_OK ? f->value.str : NULL;
}

static const char *attr_of(const char *key, const char *attr)
{
	const struct grx_fact *f = grx_facts_find(out, "S", key);

	return f ? grx_fact_attr_get(f, attr) : NULL;
}

/* ---- language
 * ---------------------------------------------------------------------------------------------- */

static struct recommend_rules *blank(void)
{
	struct recommend_rules *rs = grx_calloc(1, sizeof(*rs));

	rs->mem = grx_arena_new();
	return rs;
}

START_TEST(test_parse_good)
{
	static const char *const good[] = {"P(CYP2D6)==\"Poor Metabolizer\"",
		"AS(CYP2D6)>=0.25 && AS(CYP2D6)<=1",
		"!(P(A)==\"x\" || P(HLA-B)!=\"*57:01 positive\") && AS(G)==NA", "AS(G)==\"No Result\"",
		"AS(G)!=NA", "D(HLA-B) has \"*57:01\"", "D(CYP2C19)==\"*1/*2\"",
		"F(\"clinical/age\")>=65 && F(\"clinical/sex\")==\"female\"", "  P( MT-RNR1 ) == \"a\"  ",
		"!!P(A)==\"x\"", "F(\"x\")>-1.5"};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct recommend_rules *rs = blank();
		struct recommend_pred p = {0};
		char err[256];
		int col;

		ck_assert_msg(recommend_parse(rs, good[i], &p, err, &col) == GRX_OK, "%s: %s", good[i], err);
		recommend_rules_free(rs);
	}
}
END_TEST

START_TEST(test_parse_bad)
{
	static const struct {
		const char *src, *err;
		int col;
	} bad[] = {
		{"", "the condition ends", 1},
		{"P(CYP2D6)", "a comparison", 10},
		{"P(CYP2D6)==1", "a quoted phenotype", 12},
		{"P(CYP2D6)>=\"x\"", "a phenotype is text", 10},
		{"AS(CYP2D6)==\"Poor\"", "an activity score is a number", 13},
		{"AS(CYP2D6)>=NA", "a number after an order comparison", 13},
		{"AS(CYP2D6)>=1 &&", "a term", 17},
		{"AS(CYP2D6)>=1 & AS(X)<2", "a character that no term begins with", 15},
		{"P(A)==\"x", "closing quote", 7},
		{"(P(A)==\"x\"", "')'", 11},
		{"P(A)==\"x\" P(B)==\"y\"", "&&, || or the end", 11},
		{"P(\"A\")==\"x\"", "a gene name without quotes", 3},
		{"F(age)>1", "a quoted fact key", 3},
		{"F(\"a\")>\"x\"", "a number after an order comparison", 8},
		{"Q(A)==\"x\"", "a term", 1},
		{"AS(A)==1.2.3", "a number", 8},
		{"P(A)==\"\"", "a quoted phenotype", 7},
		{"D(A)<\"x\"", "a diplotype is text", 5},
		{"((((((((((((((((((((((((((((((((((((((((P(A)==\"x\"", "less nesting", 33},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct recommend_rules *rs = blank();
		struct recommend_pred p = {0};
		char err[256];
		int col;

		ck_assert_msg(recommend_parse(rs, bad[i].src, &p, err, &col) == GRX_E_DATA, "%s was taken",
			bad[i].src);
		ck_assert_msg(strstr(err, bad[i].err) != NULL, "%s: '%s'", bad[i].src, err);
		ck_assert_msg(
			col == bad[i].col, "%s: column %d, not %d: %s", bad[i].src, col, bad[i].col, err);
		recommend_rules_free(rs);
	}
}
END_TEST

/* Any bytes: an error with a column inside the text, or a condition that evaluates; never a crash. */
START_TEST(test_parse_random)
{
	static const char *const word[] = {"P(", "AS(", "D(", "F(", "CYP2D6", ")", "==", "!=", ">=", "<",
		"\"x\"", "\"No Result\"", "NA", "1.5", "-3", "&&", "||", "!", "(", " ", "has", "\"", "&",
		"\x80", "@"};
	uint64_t x = 88172645463325252u;
	int n_good = 0;

	for (int i = 0; i < 20000; i++) {
		struct recommend_rules *rs = blank();
		struct recommend_pred p = {0};
		char src[256] = "", err[256];
		int col, n = 0;

		for (int j = 0; j < 12; j++) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			n += snprintf(src + n, sizeof(src) - (size_t)n, "%s",
				word[x % (sizeof(word) / sizeof(word[0]))]);
		}
		if (i % 2)
			snprintf(src, sizeof(src), "%sP(A)==\"x\" %s AS(B)%s%d%s", x & 1 ? "!" : "",
				x & 2 ? "&&" : "||", x & 4 ? ">=" : "<", (int)(x % 7), x & 8 ? "" : " && ");
		if (recommend_parse(rs, src, &p, err, &col) == GRX_OK)
			n_good++;
		else
			ck_assert_msg(
				*err && col >= 1 && col <= (int)strlen(src) + 1, "%s: column %d", src, col);
		recommend_rules_free(rs);
	}
	ck_assert_int_gt(n_good, 1000);
}
END_TEST

static enum recommend_tri eval(
	const char *src, const struct recommend_gene *a, const struct recommend_gene *b)
{
	struct recommend_rules *rs = blank();
	struct recommend_pred p = {0};
	const struct recommend_gene *gene[2];
	const struct grx_fact *fact[2] = {NULL, NULL};
	struct recommend_view w = {.gene = gene, .fact = fact};
	enum recommend_tri r;
	char err[256];
	int col;

	recommend_intern(rs->mem, &rs->genes, "A", 1);
	recommend_intern(rs->mem, &rs->genes, "B", 1);
	gene[0] = a;
	gene[1] = b;
	ck_assert_msg(recommend_parse(rs, src, &p, err, &col) == GRX_OK, "%s: %s", src, err);
	r = recommend_eval(&p, &w);
	recommend_rules_free(rs);
	return r;
}

START_TEST(test_three_valued)
{
	static const char *const x[] = {"x"}, *const hla[] = {"*57:01 negative", "*15:02 positive"};
	const struct recommend_gene none = {.assessed = false},
				    ok = {.assessed = true, .n_label = 1, .label = (const char **)x},
				    num = {.assessed = true, .as_kind = RECOMMEND_AS_NUM, .as = 1.5},
				    na = {.assessed = true, .as_kind = RECOMMEND_AS_NA},
				    b = {.assessed = true, .n_label = 2, .label = (const char **)hla},
				    dip = {.assessed = true, .diplotype = "*57:01:01/*15:02"};
	static const struct {
		const char *src;
		int want;
	} mixed[] = {{"P(A)==\"x\" && P(B)==\"y\"", 1}, {"P(A)==\"n\" && P(B)==\"y\"", 0},
		{"P(A)==\"x\" || P(B)==\"y\"", 2}, {"P(A)==\"n\" || P(B)==\"y\"", 1}, {"!P(B)==\"y\"", 1},
		{"!P(A)==\"x\"", 0}, {"P(B)!=\"y\"", 1}, {"P(B)==\"No Result\"", 2},
		{"P(A)==\"No Result\"", 0}, {"AS(B)<1", 1}, {"AS(B)==NA", 1}, {"AS(B)==\"No Result\"", 2},
		{"AS(A)>=0", 1}, {"P(A)==\"x\" && AS(B)==\"No Result\"", 2}, {"F(\"clinical/age\")>=65", 1},
		{"F(\"clinical/age\")==\"No Result\"", 2}, {"D(B) has \"*1\"", 1}};

	for (size_t i = 0; i < sizeof(mixed) / sizeof(mixed[0]); i++)
		ck_assert_msg((int)eval(mixed[i].src, &ok, &none) == mixed[i].want, "%s", mixed[i].src);
	ck_assert_int_eq(eval("AS(A)>=1.5 && AS(A)<=1.5 && AS(A)!=2 && AS(A)>1 && AS(A)<2", &num, &none),
		RECOMMEND_TRUE);
	ck_assert_int_eq(eval("AS(A)==NA", &num, &none), RECOMMEND_FALSE);
	ck_assert_int_eq(eval("AS(A)==NA", &na, &none), RECOMMEND_TRUE);
	ck_assert_int_eq(eval("AS(A)<99", &na, &none), RECOMMEND_FALSE);
	ck_assert_int_eq(eval("P(A)==\"*15:02 positive\"", &b, &none), RECOMMEND_TRUE);
	ck_assert_int_eq(eval("P(A)==\"*57:01 positive\"", &b, &none), RECOMMEND_FALSE);
	ck_assert_int_eq(eval("P(A)==\"*58:01 positive\"", &b, &none), RECOMMEND_UNKNOWN);
	ck_assert_int_eq(eval("P(A)==\"*57:01 positive\"", &dip, &none), RECOMMEND_TRUE);
	ck_assert_int_eq(eval("P(A)==\"*58:01 positive\"", &dip, &none), RECOMMEND_FALSE);
	ck_assert_int_eq(eval("D(A) has \"*15\"", &dip, &none), RECOMMEND_TRUE); /* two-field group name */
	ck_assert_int_eq(eval("D(A) has \"*1\"", &dip, &none), RECOMMEND_FALSE);
	ck_assert_int_eq(eval("D(A)==\"*15:02/*57:01:01\"", &dip, &none), RECOMMEND_TRUE);
}
END_TEST

/* ---- safety
 * ------------------------------------------------------------------------------------------------ */

/* A gene without a result never leads to level standard or info, for any drug of the shipped tables. */
START_TEST(test_missing_never_standard)
{
	static const struct {
		const char *gene, *normal;
		double as;
	} genes[] = {{"CYP2C19", "Normal Metabolizer", -1}, {"CYP2D6", "Normal Metabolizer", 2},
		{"CYP2C9", "Normal Metabolizer", 2}, {"TPMT", "Normal Metabolizer", -1},
		{"NUDT15", "Normal Metabolizer", -1}, {"SLCO1B1", "Normal Function", -1},
		{"ABCG2", "Normal Function", -1}, {"CYP2B6", "Normal Metabolizer", -1},
		{"DPYD", "Normal Metabolizer", 2}, {"RYR1", "Uncertain Susceptibility", -1},
		{"CACNA1S", "Uncertain Susceptibility", -1}, {"HLA-A", "*31:01 negative", -1},
		{"HLA-B", "*15:02 negative; *57:01 negative; *58:01 negative", -1}};
	const size_t n = sizeof(genes) / sizeof(genes[0]);
	int n_seen = 0, n_unknown = 0;

	for (size_t miss = 0; miss <= n; miss++) {
		for (size_t i = 0; i < n; i++) {
			char s[16];

			snprintf(s, sizeof(s), "M%zu", miss);
			pheno(s, genes[i].gene, i == miss ? NULL : genes[i].normal);
			if (i != miss && genes[i].as >= 0)
				score(s, genes[i].gene, genes[i].as);
		}
	}
	ck_assert_int_eq(run(NULL), GRX_OK);
	for (size_t i = 0; i < out->n; i++) {
		const struct grx_fact *f = out->v[i];
		const char *level = grx_fact_attr_get(f, "level"), *list = grx_fact_attr_get(f, "genes");
		size_t miss = (size_t)strtoul(f->sample + 1, NULL, 10);

		ck_assert_ptr_nonnull(level);
		if (miss == n || f->status != GRX_FACT_OK || !list || !strstr(list, genes[miss].gene))
			continue;
		n_seen++;
		ck_assert_msg(
			strcmp(level, "standard") != 0 && strcmp(level, "info") != 0, "%s: %s", f->id, level);
		ck_assert_str_eq(grx_fact_attr_get(f, "incomplete"), genes[miss].gene);
		n_unknown += !strcmp(level, "unknown");
	}
	ck_assert_int_gt(n_seen, 10);
	ck_assert_int_gt(n_unknown, 10);
}
END_TEST

START_TEST(test_nothing_known)
{
	size_t n_rec = 0;

	ck_assert_int_eq(grx_facts_num(&cx, in, "S", "clinical/age", "x", 50, "year"), GRX_OK);
	ck_assert_int_eq(run(NULL), GRX_OK);
	ck_assert_uint_eq(out->n, 84); /* one not_assessed for each drug, no advice at all */
	for (size_t i = 0; i < out->n; i++) {
		n_rec += out->v[i]->status == GRX_FACT_OK;
		ck_assert_str_eq(grx_fact_attr_get(out->v[i], "cause"), "missing");
	}
	ck_assert_uint_eq(n_rec, 0);
}
END_TEST

/* A contraindication stands although the other gene is unknown. */
START_TEST(test_incomplete_act_stays)
{
	static const char key[] = "recommend/sevoflurane/CPIC.sevoflurane.";
	int n = 0;

	pheno("S", "RYR1", "Malignant Hyperthermia Susceptibility");
	ck_assert_int_eq(run(NULL), GRX_OK);
	for (size_t i = 0; i < out->n; i++) {
		if (!grx_starts(out->v[i]->key, key))
			continue;
		n++;
		ck_assert_str_eq(out->v[i]->value.str, "CONTRAINDICATED");
		ck_assert_str_eq(grx_fact_attr_get(out->v[i], "level"), "act");
		ck_assert_str_eq(grx_fact_attr_get(out->v[i], "incomplete"), "CACNA1S");
	}
	ck_assert_int_eq(n, 1);
}
END_TEST

/* An HLA type that tells of one allele alone: rules about another allele see no result, not a negative one.
 */
START_TEST(test_hla_partial)
{
	pheno("S", "HLA-A", "*31:01 positive");
	pheno("S", "HLA-B", "*57:01 negative");
	ck_assert_int_eq(run(NULL), GRX_OK);
	ck_assert_str_eq(value_of("recommend/abacavir/CPIC.abacavir.0001"), "STANDARD");
	ck_assert_str_eq(attr_of("recommend/allopurinol/not_assessed", "cause"), "missing");
	ck_assert_ptr_nonnull(
		strstr(attr_of("recommend/allopurinol/not_assessed", "reason"), "does not decide any rule"));
	for (size_t i = 0; i < out->n; i++) {
		const struct grx_fact *f = out->v[i];

		if (!grx_starts(f->key, "recommend/carbamazepine/") || !f->rule ||
			strcmp(grx_fact_attr_get(f, "population"), "CBZ naive") != 0)
			continue;
		ck_assert_str_eq(f->value.str, "AVOID");
		ck_assert_str_eq(grx_fact_attr_get(f, "incomplete"), "HLA-B");
		return;
	}
	ck_abort_msg("no advice on carbamazepine");
}
END_TEST

/* ---- candidates
 * -------------------------------------------------------------------------------------------- */

START_TEST(test_candidates)
{
	static const char *const rows[] = {"R1@d1@P(G)==\"x\"@general@AVOID@AVOID@",
		"R2@d1@P(G)==\"y\"@general@AVOID@AVOID@", "R3@d1@P(G)==\"z\"@general@STANDARD@STANDARD@",
		"R4@d2@P(G)==\"x\"@general@REDUCE_DOSE@REDUCE_DOSE@50",
		"R5@d2@P(G)==\"y\"@general@REDUCE_DOSE@REDUCE_DOSE@25",
		"R6@d3@P(G)==\"x\"@general@AVOID@AVOID@", NULL};

	table_write(rows);
	candidates("S", "G", "x|y");
	ck_assert_int_eq(run(dir), GRX_OK);
	ck_assert_str_eq(value_of("recommend/d1/R1"), "AVOID");
	ck_assert_str_eq(attr_of("recommend/d1/R1", "robust"), "yes");
	ck_assert_str_eq(attr_of("recommend/d1/R1", "rules"), "R1|R2");
	/* same action, other number: not the same advice */
	ck_assert_ptr_null(value_of("recommend/d2/R4"));
	ck_assert_str_eq(
		attr_of("recommend/d2/not_assessed", "possible"), "REDUCE_DOSE (R4)|REDUCE_DOSE (R5)");
	ck_assert_str_eq(attr_of("recommend/d2/not_assessed", "cause"), "ambiguous");
	ck_assert_str_eq(attr_of("recommend/d3/not_assessed", "possible"), "AVOID (R6)|no rule");
	ck_assert_str_eq(attr_of("recommend/d3/not_assessed", "worst"), "AVOID");
}
END_TEST

/* Candidates as the pgx stage lists them: phenotype names on both facts. */
START_TEST(test_candidates_of_score)
{
	struct grx_fact *f;

	candidates("S", "CYP2D6", "Normal Metabolizer|Ultrarapid Metabolizer");
	ck_assert_int_eq(grx_facts_add(&cx, in, "S", "pgx/CYP2D6/activity_score", "pgx", &f), GRX_OK);
	f->status = GRX_FACT_MISSING;
	ck_assert_int_eq(
		grx_fact_attr(in, f, "candidates", "Normal Metabolizer|Ultrarapid Metabolizer"), GRX_OK);
	ck_assert_int_eq(run(NULL), GRX_OK);
	ck_assert_str_eq(attr_of("recommend/codeine/not_assessed", "possible"),
		"STANDARD (CPIC.codeine.0268)|AVOID (CPIC.codeine.0265)");
	ck_assert_str_eq(attr_of("recommend/codeine/not_assessed", "worst"), "AVOID");
}
END_TEST

/* A phenotype without its score: advice only where all scores of the phenotype agree. */
START_TEST(test_phenotype_without_score)
{
	pheno("S", "CYP2D6", "Poor Metabolizer");
	pheno("S", "CYP2C9", "Intermediate Metabolizer"); /* 1 or 1.5: celecoxib differs, or not */
	ck_assert_int_eq(run(NULL), GRX_OK);
	ck_assert_str_eq(value_of("recommend/codeine/CPIC.codeine.0264") ? "AVOID" : "", "AVOID");
	ck_assert_str_eq(attr_of("recommend/meloxicam/not_assessed", "cause"), "ambiguous");
	/* scores 0 and 0.5 both say avoid, and differ in what to do if it is used all the same */
	pheno("S", "DPYD", "Poor Metabolizer");
	grx_facts_free(out);
	out = grx_facts_new();
	ck_assert_int_eq(run(NULL), GRX_OK);
	ck_assert_str_eq(value_of("recommend/capecitabine/CPIC.capecitabine.0129"), "AVOID");
	ck_assert_str_eq(attr_of("recommend/capecitabine/CPIC.capecitabine.0129", "robust"), "action");
	ck_assert_str_eq(attr_of("recommend/capecitabine/CPIC.capecitabine.0129", "actions"), "AVOID");
	/* no score is claimed where none is known */
	ck_assert_ptr_null(strstr(attr_of("recommend/tenoxicam/not_assessed", "reason"), "score"));
	pheno("T", "CYP2D6", "Ultrarapid Metabolizer");
	grx_facts_free(out);
	out = grx_facts_new();
	ck_assert_int_eq(run(NULL), GRX_OK);
	const struct grx_fact *f = grx_facts_find(out, "T", "recommend/codeine/CPIC.codeine.0265");

	ck_assert_ptr_nonnull(f);
	ck_assert_str_eq(grx_fact_attr_get(f, "robust"), "yes");
	ck_assert_ptr_nonnull(
		strstr(grx_fact_attr_get(f, "text"), "CYP2D6 Ultrarapid Metabolizer. Avoid codeine."));
}
END_TEST

/* ---- conflicts
 * --------------------------------------------------------------------------------------------- */

START_TEST(test_conflicts)
{
	static const char *const rows[] = {"R1@d1@P(G)==\"x\"@general@STANDARD@STANDARD@",
		"R2@d1@P(G)==\"x\" && P(H)==\"y\"@general@AVOID@AVOID@",
		"R3@d2@P(G)==\"x\"@adults@STANDARD@STANDARD@", "R4@d2@P(G)==\"x\"@pediatrics@AVOID@AVOID@",
		NULL};

	table_write(rows);
	pheno("S", "G", "x");
	pheno("S", "H", "y");
	ck_assert_int_eq(run(dir), GRX_OK);
	ck_assert_str_eq(value_of("recommend/d1/conflict"), "AVOID");
	ck_assert_str_eq(attr_of("recommend/d1/conflict", "rules"), "R1|R2");
	ck_assert_str_eq(attr_of("recommend/d1/conflict", "actions"), "STANDARD|AVOID");
	ck_assert_int_eq(grx_facts_find(out, "S", "recommend/d1/conflict")->n_because, 2);
	ck_assert_str_eq(value_of("recommend/d2/R3"), "STANDARD");
	ck_assert_str_eq(value_of("recommend/d2/R4"), "AVOID");
	ck_assert_ptr_null(grx_facts_find(out, "S", "recommend/d2/conflict"));
}
END_TEST

START_TEST(test_clinical_and_medication)
{
	static const char *const rows[] = {
		"R1@old drug@F(\"clinical/age\")>=65 && P(G)==\"x\"@general@AVOID@AVOID@", NULL};

	table_write(rows);
	pheno("S", "G", "x");
	ck_assert_int_eq(grx_facts_num(&cx, in, "S", "clinical/age", "x", 70, "year"), GRX_OK);
	ck_assert_int_eq(
		grx_facts_str(&cx, in, "S", "clinical/medication", "x", "aspirin; Old Drug"), GRX_OK);
	ck_assert_int_eq(run(dir), GRX_OK);
	ck_assert_str_eq(value_of("recommend/old_drug/R1"), "AVOID");
	ck_assert_str_eq(attr_of("recommend/old_drug/R1", "current"), "yes");
	ck_assert_int_eq(grx_facts_find(out, "S", "recommend/old_drug/R1")->n_because, 2);
}
END_TEST

/* ---- tables
 * ------------------------------------------------------------------------------------------------ */

START_TEST(test_bad_tables)
{
	static const struct {
		const char *row, *err;
	} bad[] = {{"R1@d@P(G)=\"x\"@general@AVOID@AVOID@", ":2:"},
		{"R1@d@@general@AVOID@AVOID@", "when is empty"},
		{"R1@d@P(G)==\"x\"@general@FLY@FLY@", "unknown action code"},
		{"R1@d@P(G)==\"x\"@general@REDUCE_DOSE@REDUCE_DOSE@-5", "reduce_pct '-5'"},
		{"R1@d@P(G)==\"x\"@general@REDUCE_DOSE@REDUCE_DOSE@150", "reduce_pct '150'"},
		{"R1@d@P(G)==\"x\"@general@STANDARD@STANDARD+AVOID@", "less cautious"},
		{"R1@d@P(G)==\"x\"@general@AVOID@ALTERNATIVE@", "does not hold the primary"},
		{"R/1@d@P(G)==\"x\"@general@AVOID@AVOID@", "must not hold '/'"}};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *rows[2] = {bad[i].row, NULL};

		grx_ctx_reset(&cx);
		table_write(rows);
		ck_assert_int_eq(run(dir), GRX_E_DATA);
		ck_assert_msg(strstr(cx.err.msg, bad[i].err) != NULL, "%s: %s", bad[i].row, cx.err.msg);
		ck_assert_msg(strstr(cx.err.msg, "t.tsv:2") != NULL, "%s", cx.err.msg);
	}
}
END_TEST

START_TEST(test_rules_check)
{
	static const char *const rows[] = {"R1@d@P(CYP2C19)==\"Poor Metabolizer\"@general@AVOID@AVOID@",
		"R1@d@P(CYP2C19)==\"Normal Metabolizer\"@general@STANDARD@STANDARD@",
		"R2@d@P(CYP2C19)==\"Poor Metaboliser\"@general@AVOID@AVOID@",
		"R3@d@P(CYP2C19)==\"Poor Metabolizer\"@general@STANDARD@STANDARD@",
		"R4@d@P(CYP9X9)==\"a\"@general@AVOID@AVOID@", "R5@d@AS(CYP2C19>=1@general@AVOID@AVOID@",
		"R6@e@P(CYP2C19)==\"Poor Metabolizer\" || P(CYP2C19)==\"Normal "
		"Metabolizer\"@general@AVOID@AVOID@",
		"R7@e@P(CYP2C19)==\"Normal Metabolizer\"@general@STANDARD@STANDARD@", NULL};
	struct grx_str s = {0};

	ck_assert_int_eq(grx_rules_check(&cx, NULL, false, &s), GRX_OK);
	ck_assert_ptr_nonnull(strstr(s.s, "errors 0"));
	grx_str_reset(&s);
	table_write(rows);
	ck_assert_int_eq(grx_rules_check(&cx, dir, false, &s), GRX_E_DATA);
	ck_assert_ptr_nonnull(strstr(s.s, "rule_id 'R1' is already at"));
	ck_assert_ptr_nonnull(strstr(s.s, "phenotype unknown to refdata/pgx: CYP2C19 'Poor Metaboliser'"));
	ck_assert_ptr_nonnull(strstr(s.s, "R3: same condition and population, other advice than R1"));
	ck_assert_ptr_nonnull(strstr(s.s, "gene unknown to refdata/pgx: CYP9X9"));
	ck_assert_ptr_nonnull(strstr(s.s, "t.tsv:7:18\twhen: found '>=', expected ')'"));
	ck_assert_ptr_nonnull(strstr(
		s.s, "R7: holds together with R6 and advises differently at CYP2C19=Normal Metabolizer"));
	grx_str_clear(&s);
}
END_TEST

START_TEST(test_rules_diff_list)
{
	static const char *const rows[] = {
		"CPIC.codeine.0264@codeine@AS(CYP2D6)==0@general@STANDARD@STANDARD@",
		"NEW.1@codeine@AS(CYP2D6)==1@general@STANDARD@STANDARD@", NULL};
	struct grx_str s = {0};

	table_write(rows);
	ck_assert_int_eq(grx_rules_diff(&cx, &(struct grx_rules_diff){.dir_b = dir}, &s), GRX_OK);
	ck_assert_ptr_nonnull(strstr(s.s, "added\tNEW.1\tcodeine"));
	ck_assert_ptr_nonnull(strstr(s.s, "removed\tCPIC.abacavir.0001"));
	ck_assert_ptr_nonnull(
		strstr(s.s, "warning\tCPIC.codeine.0264\tversion\t1\tchanged without a new version"));
	ck_assert_ptr_nonnull(strstr(s.s, "added 1\tremoved 1024\tchanged 1 (1 without a new version)"));
	grx_str_reset(&s);
	ck_assert_int_eq(grx_rules_list(&cx, NULL, &(struct grx_rules_list){.drug = "codeine"}, &s), GRX_OK);
	ck_assert_ptr_nonnull(strstr(s.s, "CPIC.codeine.0264"));
	ck_assert_ptr_null(strstr(s.s, "abacavir"));
	ck_assert_int_eq(
		grx_rules_list(&cx, NULL, &(struct grx_rules_list){.drug = "codein"}, &s), GRX_E_USAGE);
	ck_assert_ptr_nonnull(strstr(cx.err.msg, "near: codeine"));
	grx_str_clear(&s);
}
END_TEST

/* ---- all CPIC look-ups
 * ------------------------------------------------------------------------------------- */

struct tally {
	int right, corrected, wrong, skipped, no_data;
};

/* "GENE=value": as the pgx stage would tell it. */
static void lookup_fact(const char *sample, char *pair)
{
	char *eq = strchr(pair, '='), *v;
	bool scored;

	ck_assert_ptr_nonnull(eq);
	*eq = '\0';
	v = eq + 1;
	scored = !strcmp(pair, "CYP2D6") || !strcmp(pair, "CYP2C9") || !strcmp(pair, "DPYD");
	while ((unsigned char)*v >= 0x80)
		v++;
	if (!strcmp(v, "No Result"))
		pheno(sample, pair, NULL);
	else if (scored && !strcmp(v, "n/a"))
		pheno(sample, pair, "Indeterminate");
	else if (scored)
		score(sample, pair, strtod(v, NULL));
	else
		pheno(sample, pair, v);
}

/* No slot left open, no number left out, in both languages. */
static void text_check(
	const struct recommend_rules *rs, const struct recommend_drug *d, const struct recommend_hit *h)
{
	struct grx_str s = {0};

	for (int zh = 0; zh < 2; zh++) {
		ck_assert_int_eq(recommend_text(&cx, rs, d, h, zh != 0, &s), GRX_OK);
		ck_assert_msg(s.n > 20 && !strchr(s.s, '{') && !strchr(s.s, '_') && !strstr(s.s, " %") &&
				      !strstr(s.s, "  ") && !strstr(s.s, "?"),
			"%s: %s", h->rule->id, s.s);
	}
	grx_str_clear(&s);
}

static void lookup_row(const struct recommend_rules *rs, char **f, int line, struct tally *t)
{
	struct grx_arena *mem = grx_arena_new();
	struct recommend_sample s = {0};
	struct recommend_ask ask = {0};
	struct recommend_match m;
	char sample[32], *pair[4];
	int n, hits = 0, good = 0, corrected = 0;
	bool none = true;

	if (!strcmp(f[5], "INVALID_INPUT")) {
		t->skipped++;
		grx_arena_free(mem);
		return;
	}
	snprintf(sample, sizeof(sample), "L%d", line);
	ask.min_posterior = 0.99;
	n = grx_split(f[2], '&', pair, 4);
	for (int i = 0; i < n; i++) {
		none = none && strstr(pair[i], "No Result") != NULL;
		lookup_fact(sample, pair[i]);
	}
	ck_assert_int_eq(recommend_sample_read(&cx, rs, in, &ask, sample, mem, &s), GRX_OK);
	ck_assert_ptr_nonnull(recommend_drug_find(rs, f[1]));
	ck_assert_int_eq(
		recommend_match_drug(&cx, rs, recommend_drug_find(rs, f[1]), &s, 0.99, mem, &m), GRX_OK);
	for (int i = 0; i < m.n; i++) {
		const struct recommend_rule *r = m.hit[i].rule;

		if (strcmp(r->population, f[3]) != 0)
			continue;
		hits++;
		text_check(rs, recommend_drug_find(rs, f[1]), &m.hit[i]);
		if (strcmp(r->strength, f[4]) != 0)
			continue;
		/* rows of corrections.tsv differ on purpose: same condition, class and population, other
		 * codes */
		corrected += strstr(r->source, "codes corrected") != NULL;
		good += !strcmp(recommend_act_name(r->action), f[5]) && !strcmp(r->actions, f[6]);
	}
	if (hits == 1 && corrected) {
		ck_assert_int_eq(good, 0);
		t->corrected++;
	} else if (hits == 1 && good == 1) {
		t->right++;
	} else if (none && hits == 0 && m.outcome == RECOMMEND_NOT_ASSESSED) {
		t->no_data++;
	} else {
		t->wrong++;
		fprintf(stderr, "line %d: %s %s: %d hits, %d right\n", line, f[1], sample, hits, good);
	}
	grx_arena_free(mem);
}

START_TEST(test_cpic_lookups)
{
	const char *shared = getenv("GRX_SHARED");
	struct recommend_rules *rs = NULL;
	struct tally t = {0};
	char path[512], line[65536], *f[20];
	FILE *fp;
	int n = 1;

	snprintf(path, sizeof(path), "%s/facts/pgx/recommendations.tsv", shared ? shared : "../shared");
	fp = fopen(path, "r");
	if (!fp) {
		printf("SKIP test_cpic_lookups: %s is absent\n", path);
		return;
	}
	ck_assert_int_eq(recommend_rules_load(&cx, "refdata/rules", NULL, &rs), GRX_OK);
	ck_assert_ptr_nonnull(fgets(line, sizeof(line), fp));
	while (fgets(line, sizeof(line), fp)) {
		n++;
		line[strcspn(line, "\n")] = '\0';
		ck_assert_int_eq(grx_split(line, '\t', f, 20), 20);
		if (!strcmp(f[0], "CPIC"))
			lookup_row(rs, f, n, &t);
	}
	fclose(fp);
	printf("CPIC look-ups: %d right of %d (action, all action codes, class, population); %d more with "
	       "codes corrected on "
	       "purpose (class and population right); %d wrong; %d invalid-input rows not shipped; %d rows "
	       "without any result\n",
		t.right, t.right + t.wrong, t.corrected, t.wrong, t.skipped, t.no_data);
	ck_assert_int_eq(t.wrong, 0);
	ck_assert_int_gt(t.right, 1700);
	ck_assert_int_eq(t.right + t.corrected, 2034);
	recommend_rules_free(rs);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("recommend");
	TCase *t = tcase_create("recommend");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, test_parse_good);
	tcase_add_test(t, test_parse_bad);
	tcase_add_test(t, test_parse_random);
	tcase_add_test(t, test_three_valued);
	tcase_add_test(t, test_missing_never_standard);
	tcase_add_test(t, test_nothing_known);
	tcase_add_test(t, test_incomplete_act_stays);
	tcase_add_test(t, test_hla_partial);
	tcase_add_test(t, test_candidates);
	tcase_add_test(t, test_candidates_of_score);
	tcase_add_test(t, test_phenotype_without_score);
	tcase_add_test(t, test_conflicts);
	tcase_add_test(t, test_clinical_and_medication);
	tcase_add_test(t, test_bad_tables);
	tcase_add_test(t, test_rules_check);
	tcase_add_test(t, test_rules_diff_list);
	tcase_add_test(t, test_cpic_lookups);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
