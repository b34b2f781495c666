/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_rules.c -- the tools on rule tables: canonical text of conditions, phenotype of every pair of
 * functions, places of findings, a cohort whose report is handed over in pieces. Run from the project root.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stage/pgx/pgx_int.h"
#include "stage/recommend/rules_tool.h"
#include "stage/recommend/tools_int.h"

static struct grx_ctx cx;

static void setup(void)
{
	memset(&cx, 0, sizeof cx);
	cx.refdata = "refdata";
}

static struct recommend_rules *blank(void)
{
	struct recommend_rules *rs = grx_calloc(1, sizeof(*rs));

	ck_assert_ptr_nonnull(rs);
	rs->mem = grx_arena_new();
	return rs;
}

START_TEST(test_print)
{
	static const struct {
		const char *src, *want;
	} t[] = {{"P( A )==\"x\"", "P(A)==\"x\""},
		{"((P(A)==\"x\"))&&(P(B)!=\"y\"&&P(C)==\"z\")",
			"P(A)==\"x\" && (P(B)!=\"y\" && P(C)==\"z\")"},
		{"P(A)==\"x\"||P(B)==\"y\"&&P(C)==\"z\"", "P(A)==\"x\" || P(B)==\"y\" && P(C)==\"z\""},
		{"(P(A)==\"x\"||P(B)==\"y\")&&P(C)==\"z\"", "(P(A)==\"x\" || P(B)==\"y\") && P(C)==\"z\""},
		{"!(P(A)==\"x\"||!P(B)==\"y\")", "!(P(A)==\"x\" || !P(B)==\"y\")"},
		{"AS(A)>=0.250&&AS(A)<1e", NULL}, {"AS(A)>=00.250&&AS(A)!=NA", "AS(A)>=0.25 && AS(A)!=NA"},
		{"AS(A) in {0,0.1,NA}", "AS(A)==0 || AS(A)==0.1 || AS(A)==NA"},
		{"F(\"a/b\")>-1000000000000000000000", "F(\"a/b\")>-1000000000000000000000"},
		{"D(HLA-B)has\"*57:01\"||D(A)==\"No Result\"",
			"D(HLA-B) has \"*57:01\" || D(A)==\"No Result\""},
		{"F(\"m\")has\"codeine\"&&F(\"p\")==true&&F(\"k\")exists",
			"F(\"m\") has \"codeine\" && F(\"p\")==true && F(\"k\") exists"},
		{"V(HFE , \"p.Cys282Tyr\")>=2||V(TTN)>0", "V(HFE,\"p.Cys282Tyr\")>=2 || V(TTN)>0"}};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct recommend_rules *rs = blank();
		struct recommend_pred p = {0};
		struct grx_str s = {0};
		char err[256];
		int col, rc = recommend_parse(rs, t[i].src, &p, err, &col);

		ck_assert_msg((rc == GRX_OK) == (t[i].want != NULL), "%s: %s", t[i].src, err);
		if (rc == GRX_OK) {
			recommend_print(rs, &p, &s);
			ck_assert_str_eq(s.s, t[i].want);
		}
		grx_str_clear(&s);
		recommend_rules_free(rs);
	}
}
END_TEST

/* All shipped conditions print and read back; the place of each term is where it stands in the file. */
START_TEST(test_print_shipped)
{
	struct recommend_rules *rs = NULL;

	ck_assert_int_eq(recommend_rules_load(&cx, "refdata/rules", NULL, &rs), GRX_OK);
	for (size_t i = 0; i < rs->n; i++) {
		const struct recommend_rule *r = &rs->v[i];
		struct recommend_rules *b = blank();
		struct recommend_pred p = {0};
		struct grx_str s = {0}, t = {0};
		char err[256];
		int col;

		recommend_print(rs, &r->pred, &s);
		ck_assert_msg(recommend_parse(b, s.s, &p, err, &col) == GRX_OK, "%s: %s", s.s, err);
		recommend_print(b, &p, &t);
		ck_assert_str_eq(s.s, t.s);
		for (int j = 0; j < r->pred.n; j++)
			if (r->pred.v[j].op >= RECOMMEND_N_P)
				ck_assert_msg(strchr("PADFV", r->when[r->pred.v[j].col - 1]) != NULL,
					"%s: column %d of %s", r->id, r->pred.v[j].col, r->when);
		grx_str_clear(&s);
		grx_str_clear(&t);
		recommend_rules_free(b);
	}
	recommend_rules_free(rs);
}
END_TEST

/* What the grid check promises holds in the pgx stage: any two alleles with functions have a phenotype. */
START_TEST(test_pairs_have_phenotypes)
{
	struct pgx_table *t = NULL;
	struct grx_arena *mem = grx_arena_new();
	long n = 0, n_gene = 0;

	ck_assert_msg(pgx_table_load(&cx, NULL, &t) == GRX_OK, "%s", cx.err.msg);
	for (int i = 0; i < t->n_gene; i++) {
		const struct pgx_gene *g = &t->gene[i];
		bool pairs = g->by_score;

		for (int k = 0; k < g->n_rule; k++)
			pairs = pairs || g->rule[k].mode == PGX_RULE_PAIR;
		n_gene += pairs;
		for (int a = 0; pairs && a < g->n_allele; a++) {
			for (int b = a; b < g->n_allele; b++) {
				const char *activity;

				if (!g->allele[a].function || !g->allele[b].function)
					continue;
				n++;
				ck_assert_msg(pgx_phenotype(mem, g, a, b, &activity) != NULL, "%s %s/%s",
					g->name, g->allele[a].name, g->allele[b].name);
			}
			grx_arena_reset(mem);
		}
	}
	printf("phenotypes: %ld pairs of alleles of %ld genes\n", n, n_gene);
	ck_assert_int_gt(n, 90000);
	grx_arena_free(mem);
	pgx_table_free(t);
}
END_TEST

START_TEST(test_find)
{
	struct grx_str out = {0};
	struct recommend_issues is = {.out = &out};

	recommend_find(&is, RECOMMEND_S_ERROR, (struct recommend_place){"a.tsv", 3, 7}, "x %d", 1);
	recommend_find(&is, RECOMMEND_S_WARNING, (struct recommend_place){"a.tsv", 3, 0}, "y");
	recommend_find(&is, RECOMMEND_S_NOTE, (struct recommend_place){"a.tsv", 0, 9}, "z");
	ck_assert_str_eq(out.s, "error\ta.tsv:3:7\tx 1\nwarning\ta.tsv:3\ty\nnote\ta.tsv\tz\n");
	ck_assert_int_eq(is.n_error, 1);
	ck_assert_int_eq(is.n_warning, 1);
	grx_str_clear(&out);
}
END_TEST

struct pieces {
	long n, lines;
	size_t longest;
};

static int flush(void *arg, struct grx_ctx *c, struct grx_str *out)
{
	struct pieces *p = arg;

	(void)c;
	p->n++;
	for (size_t i = 0; i < out->n; i++)
		p->lines += out->s[i] == '\n';
	if (out->n > p->longest)
		p->longest = out->n;
	grx_str_reset(out);
	return GRX_OK;
}

/* 2,000 people whose advice on every drug of a gene is lost: the report never grows beyond one piece. */
START_TEST(test_cohort_pieces)
{
	char dir[] = "/tmp/check_rules.XXXXXX", path[64], facts[64];
	struct pieces p = {0};
	struct grx_str out = {0};
	FILE *f;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/t.tsv", dir);
	snprintf(facts, sizeof(facts), "%s/f.jsonl", dir);
	f = fopen(path, "w");
	fputs("##genorx-rules "
	      "1\nrule_id\tversion\tdrug\twhen\tpopulation\tstrength\taction\tactions\treduce_pct\t"
	      "pct_of_standard\tincrease_pct\tmultiply\tcap_mg\tverify\tguideline_"
	      "id\tpmids\tsource\tlicence\n"
	      "X.1\t1\tcodeine\tP(TPMT)==\"none\"\tgeneral\t\tAVOID\tAVOID\t\t\t\t\t\t0\tG\t\ttest\tCC0-1."
	      "0\n",
		f);
	fclose(f);
	f = fopen(facts, "w");
	for (int i = 0; i < 2000; i++)
		fprintf(f, "{\"sample\":\"S%d\",\"key\":\"pgx/CYP2D6/activity_score\",\"value\":0}\n", i);
	fclose(f);
	ck_assert_msg(grx_rules_diff(&cx,
			      &(struct grx_rules_diff){
				      .dir_b = dir, .facts = facts, .flush = flush, .flush_arg = &p},
			      &out) == GRX_OK,
		"%s", cx.err.msg);
	ck_assert_int_gt(p.n, 3);
	/* a piece ends after the sample that fills it; the rules removed come first, all at once */
	ck_assert_uint_lt(p.longest, 400000);
	ck_assert_ptr_nonnull(strstr(out.s, "drug\tcodeine\tadvice changed in 2000 of 2000 samples"));
	ck_assert_ptr_nonnull(strstr(out.s, "cohort\tsamples 2000\twith changed advice 2000"));
	grx_str_clear(&out);
	unlink(path);
	unlink(facts);
	rmdir(dir);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("rules");
	TCase *t = tcase_create("rules");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(t, setup, NULL);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, test_print);
	tcase_add_test(t, test_print_shipped);
	tcase_add_test(t, test_pairs_have_phenotypes);
	tcase_add_test(t, test_find);
	tcase_add_test(t, test_cohort_pieces);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
