/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_bio.c -- floor 2: contigs, alleles, intervals, sites, variant batches, facts. */
#include <check.h>
#include <string.h>

#include "base/mem.h"
#include "bio/allele.h"
#include "bio/bed.h"
#include "bio/contig.h"
#include "bio/sites.h"
#include "genorx/facts.h"
#include "genorx/vars.h"

static struct grx_ctx cx;

static struct grx_contigs *dict(void)
{
	struct grx_contigs *d = grx_contigs_new();
	ck_assert_int_eq(grx_contigs_add(&cx, d, "chr1", 248956422, NULL), GRX_OK);
	ck_assert_int_eq(grx_contigs_add(&cx, d, "chrX", 156040895, NULL), GRX_OK);
	ck_assert_int_eq(grx_contigs_add(&cx, d, "chrM", 16569, NULL), GRX_OK);
	return d;
}

START_TEST(contigs)
{
	struct grx_contigs *d = dict();
	ck_assert_int_eq(grx_contigs_find(d, "chrX"), 1);
	ck_assert_int_eq(grx_contigs_find(d, "X"), -1);
	ck_assert_int_eq(grx_contigs_find_alias(d, "X"), 1);
	ck_assert_int_eq(grx_contigs_find_alias(d, "MT"), 2);
	ck_assert_int_eq(grx_contigs_build(d), GRX_BUILD_38);
	ck_assert_int_eq(grx_contigs_add(&cx, d, "chr1", 1, NULL), GRX_E_DATA);
	cx = (struct grx_ctx){0};
	ck_assert_int_eq(grx_ploidy_at(d, GRX_BUILD_38, GRX_SEX_MALE, 1, 50000000), 1);
	ck_assert_int_eq(grx_ploidy_at(d, GRX_BUILD_38, GRX_SEX_MALE, 1, 20000), 2);
	ck_assert_int_eq(grx_ploidy_at(d, GRX_BUILD_38, GRX_SEX_FEMALE, 1, 50000000), 2);
	ck_assert_int_eq(grx_ploidy_at(d, GRX_BUILD_38, GRX_SEX_UNKNOWN, 2, 5), 1);
	grx_contigs_free(d);
}
END_TEST

START_TEST(alignment_of_indels)
{
	/* CACACACA: deleting the last CA left-aligns to the first */
	const char *ref = "GGCACACACATT";
	char buf[16];
	struct grx_change c = {8, "CA", "", 2, 0};
	grx_change_left_align(&c, ref, 0, 12, buf);
	ck_assert_int_eq(c.pos, 2);
	ck_assert_int_eq(strncmp(c.ref, "CA", 2), 0);
	grx_change_right_align(&c, ref, 0, 12, buf);
	ck_assert_int_eq(c.pos, 8);
	ck_assert_int_eq(strncmp(c.ref, "CA", 2), 0);
	/* an insertion of AC inside rotates to CA at the start */
	struct grx_change i = {5, "", "AC", 0, 2};
	grx_change_left_align(&i, ref, 0, 12, buf);
	ck_assert_int_eq(i.pos, 2);
	ck_assert_int_eq(strncmp(i.alt, "CA", 2), 0);
	struct grx_change t = {10, "CAT", "CGT", 3, 3};
	grx_change_trim(&t);
	ck_assert_int_eq(t.pos, 11);
	ck_assert_int_eq(t.ref_len, 1);
	ck_assert_int_eq(grx_allele_class("CAT", "CT"), GRX_CLASS_DEL);
	ck_assert_int_eq(grx_allele_class("C", "<DEL>"), GRX_CLASS_SYMBOLIC);
	ck_assert_int_eq(grx_allele_class("AC", "GT"), GRX_CLASS_MNV);
}
END_TEST

START_TEST(intervals)
{
	struct grx_bed *b = grx_bed_new();
	ck_assert_int_eq(grx_bed_add(&cx, b, 1, 50, 60), GRX_OK);
	ck_assert_int_eq(grx_bed_add(&cx, b, 0, 10, 20), GRX_OK);
	ck_assert_int_eq(grx_bed_add(&cx, b, 0, 20, 30), GRX_OK);
	grx_bed_finish(b);
	ck_assert_uint_eq(b->n, 2);
	ck_assert_int_eq(grx_bed_bases(b), 30);
	ck_assert(grx_bed_has(b, 0, 29) && !grx_bed_has(b, 0, 30) && !grx_bed_has(b, 1, 49));
	ck_assert(grx_bed_covers(b, 0, 15, 25) && !grx_bed_covers(b, 0, 5, 12));
	ck_assert(grx_bed_overlaps(b, 0, 5, 12));
	grx_bed_free(b);
}
END_TEST

static void site(struct grx_sites *s, int64_t pos, const char *ref, const char *alt, const char *who)
{
	struct grx_site v = {
		0, pos, (char *)(uintptr_t)ref, (char *)(uintptr_t)alt, NULL, (char *)(uintptr_t)who};
	ck_assert_int_eq(grx_sites_add(&cx, s, &v), GRX_OK);
}

START_TEST(sites_join)
{
	struct grx_sites *s = grx_sites_new();
	site(s, 100, "A", "G", "pgx");
	site(s, 50, "CT", "C", "pgx");
	site(s, 100, NULL, "T", "prs");
	site(s, 100, "A", "G,T", "prs");
	ck_assert_int_eq(grx_sites_finish(&cx, s), GRX_OK);
	ck_assert_uint_eq(s->n, 2);
	ck_assert_int_eq(s->v[0].pos, 50);
	ck_assert_str_eq(s->v[1].alt, "G,T");
	ck_assert_str_eq(s->v[1].who, "pgx,prs");
	ck_assert_uint_eq(grx_sites_lower(s, 0, 51), 1);
	grx_sites_free(s);
}
END_TEST

START_TEST(variants)
{
	struct grx_arena *a = grx_arena_new();
	struct grx_vars *b = grx_vars_new(a, NULL);
	static const char *const al[] = {"A", "<NON_REF>"};
	for (int i = 0; i < 200; i++) {
		struct grx_var *v = grx_vars_push(b);
		v->pos = i;
		ck_assert_int_eq(grx_var_alleles_set(a, v, 2, al), GRX_OK);
		struct grx_field *f = grx_var_fmt_set(a, v, "DP", GRX_T_INT, 1, 3);
		ck_assert_int_eq(f->v.i[2], GRX_INT_MISSING);
		f->v.i[0] = i;
	}
	ck_assert_int_eq(grx_var_fmt(&b->v[77], "DP")->v.i[0], 77);
	ck_assert_ptr_null(grx_var_fmt(&b->v[77], "GQ"));
	ck_assert(grx_var_is_ref_block(&b->v[0]));
	ck_assert(grx_float_is_missing(b->v[0].qual));
	ck_assert_int_eq(GRX_GT_ALLELE(GRX_GT(1, 1)), 1);
	ck_assert_int_eq(GRX_GT_ALLELE(0), -1);
	grx_arena_free(a);
}
END_TEST

START_TEST(facts)
{
	struct grx_facts *fs = grx_facts_new();
	struct grx_fact *f;
	ck_assert_int_eq(grx_facts_num(&cx, fs, "S1", "qc/depth/mean", "qc", 1.0 / 3, "x"), GRX_OK);
	ck_assert_int_eq(grx_facts_add(&cx, fs, "S1", "pgx/A/diplotype", "pgx", &f), GRX_OK);
	struct grx_because b = {
		.chrom = "chr1", .pos = 5, .ref = "A", .alt = "G", .gt = NULL, .dp = -1, .gq = -1};
	ck_assert_int_eq(grx_fact_because(fs, f, &b), GRX_OK);
	ck_assert_int_eq(grx_fact_attr(fs, f, "n", "%d of %d", 1, 2), GRX_OK);
	const struct grx_fact *q = grx_facts_find(fs, "S1", "qc/depth/mean");
	ck_assert_double_eq(q->value.num, 0.3333333333);
	ck_assert_str_eq(q->id, "S1|qc/depth/mean");
	ck_assert_int_eq(grx_facts_num(&cx, fs, "S1", "qc/depth/mean", "qc", 1, "x"), GRX_E_DATA);
	cx = (struct grx_ctx){0};
	struct grx_facts *to = grx_facts_new();
	ck_assert_int_eq(grx_facts_append(&cx, to, fs), GRX_OK);
	ck_assert_str_eq(grx_fact_attr_get(grx_facts_by_id(to, "S1|pgx/A/diplotype"), "n"), "1 of 2");
	ck_assert_ptr_null(grx_facts_by_id(to, "S1|pgx/A/diplotype")->because[0].gt);
	grx_facts_free(fs);
	grx_facts_free(to);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("bio");
	TCase *t = tcase_create("all");
	tcase_add_test(t, contigs);
	tcase_add_test(t, alignment_of_indels);
	tcase_add_test(t, intervals);
	tcase_add_test(t, sites_join);
	tcase_add_test(t, variants);
	tcase_add_test(t, facts);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
