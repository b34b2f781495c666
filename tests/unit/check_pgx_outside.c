/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_pgx_outside.c -- what names of other tools' calls mean, combinations beyond their limit, and indels
 * that may be another's. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "stage/pgx/outside.h"
#include "stage/pgx/table_int.h"

static struct grx_ctx cx;
static struct pgx_outside out;
static struct grx_arena *mem;

static int gene_of(const char *name)
{
	for (int i = 0; i < out.table->n_gene; i++)
		if (!strcmp(out.table->gene[i].name, name))
			return i;
	return -1;
}

static void setup(void)
{
	static struct pgx_marker marker[] = {{"HLA-B", "*15:02"}, {"HLA-B", "*57:01"}};
	memset(&cx, 0, sizeof cx);
	cx.refdata = "refdata";
	mem = grx_arena_new();
	memset(&out, 0, sizeof out);
	ck_assert_int_eq(pgx_functions_load(&cx, &out.table), GRX_OK);
	out.marker = marker;
	out.n_marker = 2;
}

static void teardown(void)
{
	pgx_table_free(out.table);
	grx_arena_free(mem);
}

static struct pgx_outside_call judge(
	const char *gene, const char *dip, const char *phenotype, const char *score)
{
	struct pgx_outside_row r = {
		.gene = gene_of(gene), .diplotype = dip, .phenotype = phenotype, .activity = score};
	struct pgx_outside_call c;
	ck_assert_int_ge(r.gene, 0);
	ck_assert_int_eq(pgx_outside_judge(mem, &out, &r, &c), GRX_OK);
	return c;
}

START_TEST(names_resolve)
{
	static const struct {
		const char *dip, *shown, *lookup, *phenotype, *score;
	} t[] = {{"*1/*4", "*1/*4", NULL, "Intermediate Metabolizer", "1.0"},
		{"*4.001/*1.014", "*1.014/*4.001", "*1/*4", "Intermediate Metabolizer", "1.0"},
		{"*1x3/*1", "*1/*1x3",
			"*1/*1x\xe2\x89\xa5"
			"3",
			"Ultrarapid Metabolizer",
			"\xe2\x89\xa5"
			"4.0"},
		{"*1x2 / *5", "*1x2/*5", NULL, "Normal Metabolizer", "2.0"},
		{"*36.001 + *10.002/*1", "*1/*36.001 + *10.002", "*1/*36 + *10", "Normal Metabolizer",
			"1.25"},
		{"*10x7/*1", "*1/*10x7", NULL, NULL, NULL}, /* no class for it */
		{"*1/*9999", "*1/*9999", NULL, NULL, NULL},
		{"*1/*4 + *68", "*1/*4 + *68", NULL, NULL, NULL}}; /* not in this order */
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct pgx_outside_call c = judge("CYP2D6", t[i].dip, NULL, NULL);
		ck_assert_str_eq(c.diplotype, t[i].shown);
		ck_assert_pstr_eq(c.lookup, t[i].lookup);
		ck_assert_pstr_eq(c.phenotype, t[i].phenotype);
		ck_assert_pstr_eq(c.activity, t[i].score);
		ck_assert_int_eq(c.doubt != NULL, t[i].phenotype == NULL);
		ck_assert(!c.contradicts);
	}
}
END_TEST

START_TEST(the_file_may_contradict)
{
	ck_assert(!judge("CYP2D6", "*4/*4", "Poor Metabolizer", "0").contradicts);
	ck_assert(!judge("CYP2D6", "*1/*1x3", NULL, ">=4").contradicts);
	ck_assert(judge("CYP2D6", "*4/*4", "Normal Metabolizer", NULL).contradicts);
	ck_assert(judge("CYP2D6", "*4/*4", NULL, "1").contradicts);
	ck_assert(!judge("CYP2D6", "*1/*9999", "Normal Metabolizer", "2").contradicts);
	ck_assert_str_eq(judge("CYP2D6", NULL, NULL, "1.25").phenotype, "Normal Metabolizer");
	ck_assert_ptr_null(judge("TPMT", NULL, NULL, "1.25").phenotype);
	ck_assert_str_eq(judge("CYP2D6", NULL, NULL, ">=3").phenotype, "Ultrarapid Metabolizer");
	ck_assert_ptr_null(judge("CYP2D6", NULL, NULL, ">=1").phenotype); /* it may be 2 or 4 */
}
END_TEST

START_TEST(hla_types_give_labels)
{
	static const struct {
		const char *type, *labels;
	} t[] = {{"*15:02/*57:01", "*15:02 positive; *57:01 positive"},
		{"HLA-B*15:02:01:02/B*44:02", "*15:02 positive; *57:01 negative"},
		{"*15/*44:02", "*57:01 negative"}, {"*15:020/*44:02", "*15:02 negative; *57:01 negative"},
		{"*57:XX/*44:02", NULL}, {"*57:01", "*57:01 positive"}, {"*44", NULL}, {"", NULL},
		/* names of before 2010 and codes of several types: they may be *15:02 */
		{"*1502/*44:02", NULL}, {"*15:BPXK/*44:02", NULL}, {"*15:2/*44:02", NULL}};
	struct pgx_table *own = out.table;
	struct pgx_gene hla = {.name = "HLA-B"};
	struct pgx_table one = {.n_gene = 1, .gene = &hla};
	out.table = &one;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++)
		ck_assert_pstr_eq(judge("HLA-B", t[i].type, NULL, NULL).phenotype, t[i].labels);
	out.table = own;
}
END_TEST

START_TEST(shifted_indels_are_doubtful_without_a_reference)
{
	const char *alt[] = {"CTA"};
	struct pgx_locus l = {.pos = 103, .ref = "C", .alt = alt, .n_alt = 1};
	struct {
		int64_t pos;
		const char *ref, *alt;
		bool may;
	} t[] = {{105, "", "AT", true}, {108, "", "TA", true}, {108, "", "TT", false},
		{108, "", "TAT", false}, {108, "TA", "", false}, {90, "", "TA", false},
		{170, "", "TA", false}};
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct grx_change c = {
			t[i].pos, t[i].ref, t[i].alt, (int)strlen(t[i].ref), (int)strlen(t[i].alt)};
		ck_assert_int_eq(pgx_may_be_shifted(&l, &c), t[i].may);
	}
	l.flank = "ACGT";
	struct grx_change c = {105, "", "AT", 0, 2};
	ck_assert(!pgx_may_be_shifted(&l, &c));
}
END_TEST

/* 17 unphased loci, one allele each: too many to list, said and not cut short. */
START_TEST(too_many_combinations_are_none)
{
	enum { N = 17 };
	struct pgx_table t = {.n_locus = N, .policy.combine = true};
	struct pgx_gene g = {.name = "G", .n_locus = N, .n_allele = N + 1};
	struct pgx_obs obs[N];
	struct pgx_allele a[N + 1];
	struct pgx_locus loci[N];
	const char *alt[] = {"C"};
	memset(obs, 0, sizeof obs);
	memset(a, 0, sizeof a);
	memset(loci, 0, sizeof loci);
	g.allele = a;
	t.locus = loci;
	for (int k = 0; k <= N; k++) {
		a[k].name = a[k].shown = grx_arena_printf(mem, "*%d", k + 1);
		a[k].is_ref = k == 0;
		a[k].mask = grx_arena_calloc(mem, N, sizeof *a[k].mask);
		a[k].core = grx_arena_calloc(mem, N, 1);
		a[k].wobble = grx_arena_calloc(mem, N, 1);
		for (int l = 0; l < N; l++) {
			a[k].mask[l] = k == l + 1 ? 2u : 1u;
			a[k].core[l] = k == 0 || k == l + 1;
		}
	}
	for (int l = 0; l < N; l++) {
		obs[l] = (struct pgx_obs){.code = {0, 1}, .gt = {0, 1}, .ps = GRX_INT_MISSING};
		loci[l] = (struct pgx_locus){.pos = l, .ref = "A", .alt = alt, .n_alt = 1, .hgvs = ""};
	}
	for (int n = 3; n <= N; n += 14) { /* the first n loci, then all */
		struct pgx_data d;
		struct pgx_dips ds;
		bool too_many;
		g.n_locus = n;
		ck_assert_int_eq(pgx_data_make(mem, &t, &g, obs, &d), GRX_OK);
		ck_assert_int_eq(pgx_combine(mem, &d, &ds, &too_many), GRX_OK);
		ck_assert_int_eq(too_many, n == N);
		ck_assert_uint_eq(ds.n, n == N ? 0 : 4);
		if (n == 3)
			ck_assert_str_eq(ds.v[0].text, "*1/[*2 + *3 + *4]");
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("pgx_outside");
	TCase *tc = tcase_create("all");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, names_resolve);
	tcase_add_test(tc, the_file_may_contradict);
	tcase_add_test(tc, hla_types_give_labels);
	tcase_add_test(tc, shifted_indels_are_doubtful_without_a_reference);
	tcase_add_test(tc, too_many_combinations_are_none);
	suite_add_tcase(s, tc);
	SRunner *sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	int bad = srunner_ntests_failed(sr);
	srunner_free(sr);
	return bad ? EXIT_FAILURE : EXIT_SUCCESS;
}
