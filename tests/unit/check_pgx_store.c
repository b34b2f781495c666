/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_pgx_store.c -- observations survive packing, the temporary file and the meeting of two records. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "stage/pgx/store.h"

enum { N_LOCUS = 5, N_SAMPLE = 37 };

static const uint16_t pl_dip[6] = {0, 30, 400, 65535, 7, 1}, pl_hap[3] = {90, 0, 300};

/* Every field differs from sample to sample and from locus to locus. */
static struct pgx_obs make(int locus, int sample)
{
	int k = locus * N_SAMPLE + sample;
	struct pgx_obs o = {.state = (uint8_t)(k % 5 ? PGX_OK : PGX_LOW_GQ),
		.rank = (uint8_t)(k % 3),
		.phased = k & 1,
		.haploid = k % 7 == 0,
		.anchor_only = k & 2,
		.many = k % 11 == 0,
		.pl_low = k % 13 == 0,
		.code = {(int8_t)(k % 4 - 1), (int8_t)(k % 7 ? k % 3 : PGX_ABSENT)},
		.gt = {(int8_t)(k % 3), (int8_t)(k % 7 ? 1 : -2)},
		.ps = k % 4 ? GRX_INT_MISSING : (k % 8 ? -1 : 0) + k,
		.dp = k % 6 - 1,
		.gq = k % 90 - 1,
		.ref = k % 9 ? "ACG" : NULL,
		.alt = k % 9 ? sample & 1 ? "A" : "T,<*>" : NULL,
		.ad = k % 2 ? "12,13" : NULL};
	o.pl = k % 3 ? o.haploid ? pl_hap : pl_dip : NULL;
	o.n_code = o.pl ? 3 : 0;
	return o;
}

static void same(const struct pgx_obs *a, const struct pgx_obs *b)
{
	ck_assert_int_eq(a->state, b->state);
	ck_assert_int_eq(a->rank, b->rank);
	ck_assert(a->phased == b->phased && a->haploid == b->haploid && a->anchor_only == b->anchor_only &&
		  a->many == b->many && a->pl_low == b->pl_low);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(a->code[i], b->code[i]);
		ck_assert_int_eq(a->gt[i], b->gt[i]);
	}
	ck_assert_int_eq(a->ps, b->ps);
	ck_assert_int_eq(a->dp, b->dp);
	ck_assert_int_eq(a->gq, b->gq);
	ck_assert(grx_streq(a->ref, b->ref) && grx_streq(a->alt, b->alt) && grx_streq(a->ad, b->ad));
	ck_assert_int_eq(a->n_code, b->n_code);
	ck_assert(!a->pl == !b->pl);
	for (int i = 0; a->pl && i < (a->haploid ? 3 : 6); i++)
		ck_assert_int_eq(a->pl[i], b->pl[i]);
}

static void put_locus(
	struct grx_ctx *cx, struct pgx_store *st, int locus, const struct pgx_obs *obs, int *repeat)
{
	struct grx_arena *mem = grx_arena_new();
	struct pgx_packed p;
	ck_assert_int_eq(pgx_pack(mem, obs, N_SAMPLE, &p), GRX_OK);
	ck_assert_int_eq(pgx_store_put(cx, st, locus, &p, repeat), GRX_OK);
	grx_arena_free(mem);
}

static struct pgx_store *filled(struct grx_ctx *cx, size_t budget)
{
	struct pgx_store *st;
	struct pgx_obs row[N_SAMPLE];
	int repeat;
	ck_assert_int_eq(pgx_store_new(N_LOCUS, N_SAMPLE, budget, &st), GRX_OK);
	for (int l = 0; l < N_LOCUS; l++) {
		for (int s = 0; s < N_SAMPLE; s++)
			row[s] = make(l, s);
		if (l != 3)
			put_locus(cx, st, l, row, &repeat);
	}
	return st;
}

/* All in memory, all in the file, and both. */
START_TEST(round_trip)
{
	static const size_t budget[] = {1 << 20, 0, 1500};
	struct grx_ctx cx = {0};
	struct pgx_store *st = filled(&cx, budget[_i]);
	struct grx_arena *mem = grx_arena_new();
	for (int b = 0; b < pgx_blocks(N_SAMPLE); b++) {
		struct pgx_obs *obs;
		ck_assert_int_eq(pgx_store_get(&cx, st, b, mem, &obs), GRX_OK);
		for (int i = 0; i < PGX_BLOCK && b * PGX_BLOCK + i < N_SAMPLE; i++)
			for (int l = 0; l < N_LOCUS; l++) {
				struct pgx_obs want = make(l, b * PGX_BLOCK + i);
				if (l == 3)
					ck_assert_int_eq(obs[i * N_LOCUS + l].state, PGX_NO_RECORD);
				else
					same(&obs[i * N_LOCUS + l], &want);
			}
	}
	grx_arena_free(mem);
	pgx_store_free(st);
}
END_TEST

/* A second record of the locus itself replaces a reference block, sample by sample. */
START_TEST(two_records)
{
	struct grx_ctx cx = {0};
	struct pgx_obs block[N_SAMPLE], own[N_SAMPLE], *obs;
	struct pgx_store *st;
	struct grx_arena *mem = grx_arena_new();
	int repeat = 0;
	for (int s = 0; s < N_SAMPLE; s++) {
		block[s] = (struct pgx_obs){
			.rank = 1, .ref = "G", .alt = "<*>", .dp = 10, .gq = 20, .ps = GRX_INT_MISSING};
		own[s] = (struct pgx_obs){.rank = 0,
			.code = {0, 1},
			.gt = {0, 1},
			.ref = "G",
			.alt = "A",
			.dp = s,
			.gq = 50,
			.ps = GRX_INT_MISSING};
		if (s == 20)
			own[s] = (struct pgx_obs){.state = PGX_NO_RECORD};
	}
	ck_assert_int_eq(pgx_store_new(1, N_SAMPLE, (size_t)_i * 1000000, &st), GRX_OK);
	put_locus(&cx, st, 0, block, &repeat);
	ck_assert_int_eq(repeat, 0);
	put_locus(&cx, st, 0, own, &repeat);
	ck_assert_int_eq(repeat, 0);
	put_locus(&cx, st, 0, own, &repeat);
	ck_assert_int_eq(repeat, 1);
	ck_assert_int_eq(pgx_store_get(&cx, st, 1, mem, &obs), GRX_OK);
	for (int i = 0; i < PGX_BLOCK; i++) {
		bool none = PGX_BLOCK + i == 20;
		ck_assert_int_eq(obs[i].code[1], none ? 0 : 1);
		ck_assert_int_eq(obs[i].dp, none ? 10 : PGX_BLOCK + i);
		ck_assert_str_eq(obs[i].alt, none ? "<*>" : "A");
	}
	grx_arena_free(mem);
	pgx_store_free(st);
}
END_TEST

/* No place for the temporary file: an error that names the remedy. */
START_TEST(no_room)
{
	struct grx_ctx cx = {0};
	struct pgx_store *st;
	struct pgx_obs row[N_SAMPLE];
	struct pgx_packed p;
	struct grx_arena *mem = grx_arena_new();
	int repeat;
	for (int s = 0; s < N_SAMPLE; s++)
		row[s] = make(0, s);
	setenv("TMPDIR", "/nowhere/at/all", 1);
	ck_assert_int_eq(pgx_store_new(1, N_SAMPLE, 0, &st), GRX_OK);
	ck_assert_int_eq(pgx_pack(mem, row, N_SAMPLE, &p), GRX_OK);
	ck_assert_int_eq(pgx_store_put(&cx, st, 0, &p, &repeat), GRX_E_IO);
	ck_assert_ptr_nonnull(strstr(cx.err.msg, "set TMPDIR"));
	unsetenv("TMPDIR");
	grx_arena_free(mem);
	pgx_store_free(st);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("pgx store");
	TCase *t = tcase_create("store");
	tcase_add_loop_test(t, round_trip, 0, 3);
	tcase_add_loop_test(t, two_records, 0, 2);
	tcase_add_test(t, no_room);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int bad = srunner_ntests_failed(r);
	srunner_free(r);
	return bad != 0;
}
