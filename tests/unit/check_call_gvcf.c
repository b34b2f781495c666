/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_call_gvcf.c -- reference blocks from hand-made counters: skipped spans, foreign reads, unusable
 * bases, gaps. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/ctx.h"
#include "base/mem.h"
#include "bio/contig.h"
#include "math/prob.h"
#include "stage/call/call_int.h"
#include "stage/call/foreign.h"

#define BEG   1000
#define LEN   1000
#define DEPTH 30

static struct {
	struct grx_ctx cx;
	struct grx_contigs *contigs;
	struct grx_arena *mem;
	struct grx_shard sh;
	struct call_state st;
	struct call_work w;
	enum grx_sex sex;
	char ref[LEN];
} b;

static void *zeros(size_t n, size_t size)
{
	void *p = grx_arena_calloc(b.mem, n, size);
	ck_assert_ptr_nonnull(p);
	return p;
}

static void setup(void)
{
	memset(&b, 0, sizeof(b));
	grx_math_init();
	b.mem = grx_arena_new();
	b.contigs = grx_contigs_new();
	ck_assert_int_eq(grx_contigs_add(&b.cx, b.contigs, "chr20", 10000, NULL), GRX_OK);
	b.cx.contigs = b.contigs;
	b.cx.hdr = grx_hdr_new(b.contigs);
	b.sh = (struct grx_shard){.beg = BEG,
		.end = BEG + LEN,
		.ref = b.ref,
		.ref_beg = BEG,
		.ref_end = BEG + LEN,
		.mem = b.mem,
		.scratch = b.mem};
	b.st.sex = &b.sex;
	b.w = (struct call_work){.st = &b.st,
		.cx = &b.cx,
		.sh = &b.sh,
		.mem = b.mem,
		.out = b.mem,
		.n_sample = 1,
		.beg = BEG,
		.end = BEG + LEN};
	b.w.n = zeros(1, sizeof(*b.w.n));
	b.w.rcode = zeros(LEN, 1);
	b.w.depth = zeros(LEN + 1, sizeof(*b.w.depth));
	b.w.unusable = zeros(LEN + 1, sizeof(*b.w.unusable));
	b.w.contra = zeros(LEN + 1, sizeof(*b.w.contra));
	b.w.falls = zeros(LEN + 1, sizeof(*b.w.falls));
	b.w.gaps = zeros(LEN + 1, sizeof(*b.w.gaps));
	b.w.mm = zeros(LEN * 4, sizeof(*b.w.mm));
	uint32_t x = 7;
	for (int i = 0; i < LEN; i++) {
		x = x * 1664525u + 1013904223u;
		b.ref[i] = "ACGT"[x >> 24 & 3];
		b.w.rcode[i] = (uint8_t)(1 << (x >> 24 & 3));
		b.w.depth[i] = DEPTH;
	}
}

static void teardown(void)
{
	grx_hdr_free(b.cx.hdr);
	grx_contigs_free(b.contigs);
	grx_arena_free(b.mem);
}

/* Blocks of [BEG + 100, BEG + 900): their number; v[] as they come. */
static struct grx_vars *blocks(size_t n)
{
	struct grx_vars *v = grx_vars_new(b.mem, b.cx.hdr);
	ck_assert_int_eq(call_blocks_prepare(&b.w), GRX_OK);
	ck_assert_int_eq(call_blocks(&b.w, v, BEG + 100, BEG + 900), GRX_OK);
	ck_assert_uint_eq(v->n, n);
	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(v->v[i].pos, i ? v->v[i - 1].pos + v->v[i - 1].rlen : BEG + 100);
	return v;
}

static int value(const struct grx_var *v, const char *key)
{
	const struct grx_field *f = grx_var_fmt(v, key);
	return f ? f->v.i[0] : -1;
}

static void is_block(const struct grx_var *v, int64_t beg, int64_t end, int gq, int min_dp)
{
	ck_assert_int_eq(v->pos, BEG + beg);
	ck_assert_int_eq(v->rlen, end - beg);
	ck_assert_int_eq(value(v, "GQ"), gq);
	ck_assert_int_eq(value(v, "MIN_DP"), min_dp);
	ck_assert_int_eq(v->gt[0] == GRX_GT(0, 0), gq >= 0);
}

START_TEST(test_plain)
{
	is_block(&blocks(1)->v[0], 100, 900, 90, DEPTH);
}
END_TEST

/* A skipped span is a no-call that keeps its depth. */
START_TEST(test_skipped)
{
	ck_assert_int_eq(call_skip_add(&b.w, BEG + 300, BEG + 420), GRX_OK);
	const struct grx_vars *v = blocks(3);
	is_block(&v->v[0], 100, 300, 90, DEPTH);
	is_block(&v->v[1], 300, 420, -1, DEPTH);
	is_block(&v->v[2], 420, 900, 90, DEPTH);
}
END_TEST

/* Spans in any order, against a plain map of positions. */
START_TEST(test_skip_list)
{
	bool map[300] = {false};
	uint32_t x = 11;
	ck_assert(!call_skipped(&b.w, 5));
	for (int i = 0; i < 60; i++) {
		x = x * 1664525u + 1013904223u;
		int beg = (int)(x >> 16) % 280, len = (int)(x >> 8 & 255) % 7;
		ck_assert_int_eq(call_skip_add(&b.w, beg, beg + len), GRX_OK);
		for (int p = beg; p < beg + len; p++)
			map[p] = true;
		for (int p = 0; p < 300; p++)
			ck_assert_msg(call_skipped(&b.w, p) == map[p], "span %d, position %d", i, p);
		for (size_t k = 1; k < b.w.n_skip; k++)
			ck_assert(b.w.skip[k - 1].end < b.w.skip[k].beg);
	}
}
END_TEST

/* Above a fifth GQ is at most 20 and the block says why; below it nothing changes. */
START_TEST(test_foreign)
{
	const struct call_frn_mark m[] = {{BEG + 200, 0.15}, {BEG + 300, 0.4}, {BEG + 400, 0.25}};
	b.w.frn = m;
	b.w.n_frn = 3;
	const struct grx_vars *v = blocks(3);
	is_block(&v->v[0], 100, 300, 90, DEPTH);
	is_block(&v->v[1], 300, 500, 20, DEPTH);
	is_block(&v->v[2], 500, 900, 90, DEPTH);
	ck_assert_ptr_null(grx_var_info(&v->v[0], "FOREIGN"));
	const struct grx_field *f = grx_var_info(&v->v[1], "FOREIGN");
	ck_assert_ptr_nonnull(f);
	ck_assert_float_eq_tol(f->v.f[0], 0.4f, 1e-6f);
	const struct grx_field *pl = grx_var_fmt(&v->v[1], "PL");
	ck_assert(pl->v.i[1] == 20 && pl->v.i[2] == 20);
}
END_TEST

/* Bases that say nothing do not count; where none is left there is no call. */
START_TEST(test_unusable)
{
	for (int x = 200; x < 300; x++)
		b.w.unusable[x] = DEPTH;
	for (int x = 300; x < 400; x++)
		b.w.unusable[x] = DEPTH - 5;
	const struct grx_vars *v = blocks(4);
	is_block(&v->v[1], 200, 300, -1, 0);
	is_block(&v->v[2], 300, 400, 15, 5);
}
END_TEST

/* 15 of 45 fragments delete the span: no call there; two cost 50. */
START_TEST(test_deleted)
{
	for (int x = 200; x < 540; x++)
		b.w.contra[x] = 15;
	for (int x = 600; x < 640; x++)
		b.w.contra[x] = 3;
	const struct grx_vars *v = blocks(5);
	ck_assert_int_eq(v->v[1].pos, BEG + 200);
	ck_assert_int_eq(v->v[1].rlen, 340);
	ck_assert(v->v[1].gt[0] != GRX_GT(0, 0));
	is_block(&v->v[3], 600, 640, 15, DEPTH);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("call_gvcf");
	TCase *t = tcase_create("blocks");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, test_plain);
	tcase_add_test(t, test_skipped);
	tcase_add_test(t, test_skip_list);
	tcase_add_test(t, test_foreign);
	tcase_add_test(t, test_unusable);
	tcase_add_test(t, test_deleted);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int bad = srunner_ntests_failed(r);
	srunner_free(r);
	return bad ? 1 : 0;
}
