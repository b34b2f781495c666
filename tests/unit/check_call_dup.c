/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_call_dup.c -- reads to be expected over a long tandem duplication, and what their number says. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/ctx.h"
#include "base/mem.h"
#include "stage/call/call_hap.h"

#define REF_LEN 2000
#define POS     1000
#define R       150
#define MAX_N   200

struct fixture {
	struct grx_ctx cx;
	struct grx_shard sh;
	struct grx_read read[MAX_N];
	struct call_aln aln[MAX_N];
	struct call_seg seg[MAX_N];
	struct call_frag frag[MAX_N];
	struct call_work w;
	struct call_region rg;
	struct call_haps *hs;
	char ref[REF_LEN + 1], alt[REF_LEN];
};

static struct fixture fx;

/* Haplotypes: the reference, and the bases from POS on twice. */
static void setup_len(int len)
{
	uint32_t x = 11;
	memset(&fx, 0, sizeof(fx));
	for (int i = 0; i < REF_LEN; i++) {
		x = x * 1664525u + 1013904223u;
		fx.ref[i] = "ACGT"[x >> 24 & 3];
	}
	memcpy(fx.alt, fx.ref + POS, (size_t)len);
	fx.sh = (struct grx_shard){.ref = fx.ref, .ref_end = REF_LEN};
	fx.w = (struct call_work){.cx = &fx.cx, .sh = &fx.sh, .aln = fx.aln, .tmp = grx_arena_new()};
	fx.rg = (struct call_region){.n = 1};
	fx.rg.a[0] = (struct call_allele){.pos = POS, .alen = len, .alt = fx.alt, .n_read = 5};
	fx.hs = calloc(1, sizeof(*fx.hs));
	fx.hs->rg = &fx.rg;
	fx.hs->n = 2;
	fx.hs->n_sample = 1;
	fx.hs->h[1].mask = 1;
	fx.hs->seg = fx.seg;
	fx.hs->frag = fx.frag;
}

static void teardown(void)
{
	if (fx.w.tmp)
		grx_arena_free(fx.w.tmp);
	free(fx.hs);
	fx.w.tmp = NULL;
	fx.hs = NULL;
}

static void put(int64_t ubeg, int64_t uend)
{
	int i = fx.hs->n_seg++;
	fx.read[i].l_seq = (int32_t)(uend - ubeg);
	fx.aln[i] = (struct call_aln){.r = &fx.read[i], .ubeg = ubeg, .uend = uend};
	fx.seg[i].aln = i;
	fx.frag[fx.hs->n_frag++] = (struct call_frag){.seg = i, .seg2 = -1};
}

START_TEST(test_more_copies_need_more_reads)
{
	setup_len(140);
	for (int i = 0; i < 30; i++)
		put(POS - 100 + 3 * i, POS - 100 + 3 * i + R);
	ck_assert_int_eq(call_dup_prepare(&fx.w, fx.hs), GRX_OK);
	ck_assert_ptr_nonnull(fx.hs->dup_n);
	ck_assert_int_eq(fx.hs->dup_n[0], 30);
	/* on the reference a read of 150 has 140 + 140 places over one of the ends, 140 more on the other */
	ck_assert_double_eq_tol(fx.hs->dup_room, 280, 1e-9);
	ck_assert_double_eq_tol(fx.hs->h[1].more, 140, 1e-9);
	ck_assert_double_eq_tol(call_dup_ll(fx.hs, 0, 0, 0), 0, 1e-12);
	ck_assert_double_eq_tol(call_dup_ll(fx.hs, 0, 0, 1), -30 * log(1.25), 1e-9);
	ck_assert_double_eq_tol(call_dup_ll(fx.hs, 0, 1, 1), -30 * log(1.5), 1e-9);
	/* a fifth of the reads over the junction: one copy of the duplication; a third: two */
	double one = call_dup_ll(fx.hs, 0, 0, 1), two = call_dup_ll(fx.hs, 0, 1, 1);
	ck_assert_double_gt(one + 6 * log(0.5), two);
	ck_assert_double_lt(one + 10 * log(0.5), two);
}
END_TEST

START_TEST(test_reads_that_touch_no_end_do_not_count)
{
	setup_len(200);
	put(POS - 200, POS - 50);
	put(POS - 147, POS + 3);  /* three bases: fit anything */
	put(POS + 20, POS + 170); /* within */
	put(POS + 196, POS + 346);
	put(POS + 100, POS + 250);
	ck_assert_int_eq(call_dup_prepare(&fx.w, fx.hs), GRX_OK);
	ck_assert_int_eq(fx.hs->dup_n[0], 1);
}
END_TEST

/* Short ones are crossed by reads; other insertions are no copies; a copy may differ a little. */
START_TEST(test_only_long_copies)
{
	setup_len(40);
	put(POS - 70, POS + 80);
	ck_assert_int_eq(call_dup_prepare(&fx.w, fx.hs), GRX_OK);
	ck_assert_ptr_null(fx.hs->dup_n);
	teardown();
	setup_len(120);
	put(POS - 70, POS + 80);
	fx.alt[60] = fx.alt[60] == 'A' ? 'C' : 'A';
	ck_assert_int_eq(call_dup_prepare(&fx.w, fx.hs), GRX_OK);
	ck_assert_ptr_nonnull(fx.hs->dup_n);
	for (int i = 0; i < 60; i++)
		fx.alt[2 * i] = fx.ref[POS + 500 + i];
	ck_assert_int_eq(call_dup_prepare(&fx.w, fx.hs), GRX_OK);
	ck_assert_ptr_null(fx.hs->dup_n);
	ck_assert_double_eq_tol(call_dup_ll(fx.hs, 0, 1, 1), 0, 1e-12);
}
END_TEST

START_TEST(test_no_reads)
{
	setup_len(120);
	ck_assert_int_eq(call_dup_prepare(&fx.w, fx.hs), GRX_OK);
	ck_assert_double_eq_tol(call_dup_ll(fx.hs, 0, 1, 1), 0, 1e-12);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("call_dup");
	TCase *t = tcase_create("dup");
	tcase_add_checked_fixture(t, NULL, teardown);
	tcase_add_test(t, test_more_copies_need_more_reads);
	tcase_add_test(t, test_reads_that_touch_no_end_do_not_count);
	tcase_add_test(t, test_only_long_copies);
	tcase_add_test(t, test_no_reads);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int bad = srunner_ntests_failed(r);
	srunner_free(r);
	return bad ? EXIT_FAILURE : EXIT_SUCCESS;
}
