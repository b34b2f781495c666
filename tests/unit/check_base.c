/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_base.c -- floor 0: memory, strings, options, outputs, error chain, ordered parallel map. */
#include <check.h>
#include <errno.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ctx.h"
#include "base/hash.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/out.h"
#include "base/par.h"
#include "base/str.h"
#include "math/fix.h"
#include "math/prob.h"
#include "math/rng.h"

START_TEST(arena_grows_and_resets)
{
	struct grx_arena *a = grx_arena_new();
	char *first = grx_arena_strdup(a, "first");
	for (int i = 0; i < 10000; i++) {
		char *p = grx_arena_alloc(a, 100, 1);
		ck_assert_ptr_nonnull(p);
		ck_assert_uint_eq((uintptr_t)p % 16, 0);
		memset(p, i, 100);
	}
	ck_assert_str_eq(first, "first");
	size_t held = grx_arena_bytes(a);
	grx_arena_reset(a);
	for (int i = 0; i < 10000; i++)
		ck_assert_ptr_nonnull(grx_arena_alloc(a, 100, 1));
	ck_assert_uint_eq(grx_arena_bytes(a), held);
	ck_assert_ptr_null(grx_arena_alloc(a, SIZE_MAX / 2, 3));
	ck_assert_ptr_null(grx_malloc(SIZE_MAX / 2, 3));
	grx_arena_free(a);
}
END_TEST

START_TEST(numbers_are_strict)
{
	int64_t i;
	double d;
	ck_assert(grx_parse_i64("-42", &i) && i == -42);
	ck_assert(grx_parse_size("2k", &i) && i == 2000);
	ck_assert(grx_parse_f64("1.5e-3", &d) && fabs(d - 0.0015) < 1e-18);
	static const char *const bad[] = {
		"", " 1", "1 ", "0x10", "nan", "inf", "1,5", "1e", "--1", "1e999", "."};
	for (size_t k = 0; k < sizeof bad / sizeof *bad; k++)
		ck_assert_msg(!grx_parse_f64(bad[k], &d), "'%s' passed as a number", bad[k]);
	ck_assert(!grx_parse_i64("9223372036854775808", &i));
	ck_assert(!grx_parse_size("9223372036854775807k", &i));
}
END_TEST

START_TEST(map_holds_many)
{
	struct grx_map *m = grx_map_new();
	char key[32];
	for (intptr_t i = 1; i <= 5000; i++) {
		snprintf(key, sizeof key, "key%ld", (long)i);
		ck_assert_int_eq(grx_map_set(m, key, (void *)i), GRX_OK);
	}
	for (intptr_t i = 1; i <= 5000; i++) {
		snprintf(key, sizeof key, "key%ld", (long)i);
		ck_assert_int_eq((intptr_t)grx_map_get(m, key), i);
	}
	ck_assert_ptr_null(grx_map_get(m, "absent"));
	ck_assert_uint_eq(grx_map_size(m), 5000);
	grx_map_free(m);
}
END_TEST

struct opts {
	bool flag;
	int64_t num;
	double real;
	const char *choice, *text;
	struct grx_strs list;
};

static const struct grx_opt table[] = {
	{"flag", 'f', GRX_OPT_FLAG, offsetof(struct opts, flag), NULL, NULL, NULL, "a flag"},
	{"num", 'n', GRX_OPT_INT, offsetof(struct opts, num), "20", "0..99", "phred", "a number"},
	{"real", 0, GRX_OPT_REAL, offsetof(struct opts, real), "0.5", "0..1", NULL, "a fraction"},
	{"choice", 0, GRX_OPT_CHOICE, offsetof(struct opts, choice), "a", "a|bc", NULL, "a choice"},
	{"text", 't', GRX_OPT_STR, offsetof(struct opts, text), NULL, NULL, "TEXT", "a text"},
	{"list", 'l', GRX_OPT_LIST, offsetof(struct opts, list), NULL, NULL, "FILE", "a list"},
	GRX_OPT_END,
};

static int parse(struct grx_ctx *cx, struct opts *o, int argc, const char **argv, struct grx_strs *pos)
{
	struct grx_opt_set set = {"Options", table, o};
	*o = (struct opts){0};
	*pos = (struct grx_strs){0};
	ck_assert_int_eq(grx_opts_default(cx, &set, 1), GRX_OK);
	int rc = grx_opts_parse(cx, &set, 1, argc, (char **)(uintptr_t)argv, pos);
	return rc;
}

START_TEST(options_parse)
{
	struct grx_ctx cx = {0};
	struct opts o;
	struct grx_strs pos;
	const char *argv[] = {
		"x", "-f", "-n5", "--real=0.25", "--choice", "bc", "-l", "a", "in", "--list=b", "--", "-t"};
	ck_assert_int_eq(parse(&cx, &o, 12, argv, &pos), GRX_OK);
	ck_assert(o.flag);
	ck_assert_int_eq(o.num, 5);
	ck_assert_double_eq(o.real, 0.25);
	ck_assert_str_eq(o.choice, "bc");
	ck_assert_int_eq(o.list.n, 2);
	ck_assert_int_eq(pos.n, 2);
	ck_assert_str_eq(pos.v[1], "-t");
	struct grx_opt_set set = {"Options", table, &o};
	struct grx_str s = {0};
	grx_opts_text(&set, 1, &s);
	ck_assert_str_eq(s.s, "--flag=1 --num=5 --real=0.25 --choice=bc --list=a,b");
	grx_str_clear(&s);
	grx_opts_clear(&set, 1);
	grx_free(pos.v);
}
END_TEST

START_TEST(options_refuse)
{
	static const struct {
		const char *arg, *says;
	} bad[] = {
		{"--num=100", "0..99"},
		{"--num=x", "whole number"},
		{"--choice=b", "a|bc"},
		{"--nun", "--num"},
		{"--flag=1", "no value"},
		{"-t", "needs a value"},
		{"-z", "unknown option"},
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct grx_ctx cx = {0};
		struct opts o;
		struct grx_strs pos;
		const char *argv[] = {"x", bad[i].arg};
		ck_assert_int_eq(parse(&cx, &o, 2, argv, &pos), GRX_E_USAGE);
		ck_assert_msg(strstr(cx.err.msg, bad[i].says), "'%s' lacks '%s'", cx.err.msg, bad[i].says);
		grx_free(pos.v);
	}
}
END_TEST

static char dir[64];

static void make_dir(void)
{
	snprintf(dir, sizeof dir, "/tmp/grx_base_XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void remove_dir(void)
{
	char cmd[96];
	snprintf(cmd, sizeof cmd, "rm -rf %s", dir);
	ck_assert_int_eq(system(cmd), 0);
}

START_TEST(output_appears_only_on_commit)
{
	struct grx_ctx cx = {0};
	struct grx_out *o;
	struct stat st;
	char path[96];
	make_dir();
	cx.outs = grx_outs_new();
	snprintf(path, sizeof path, "%s/out", dir);
	ck_assert_int_eq(grx_out_open(&cx, path, &o), GRX_OK);
	grx_out_puts(o, "text\n");
	ck_assert_int_ne(access(path, F_OK), 0);
	ck_assert_int_eq(grx_out_close(&cx, o), GRX_OK);
	ck_assert_int_ne(access(path, F_OK), 0);
	ck_assert_int_eq(grx_outs_commit(&cx), GRX_OK);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_size, 5);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
	grx_outs_free(cx.outs);
	/* a failed run leaves the old file and no temp */
	cx.outs = grx_outs_new();
	ck_assert_int_eq(grx_out_open(&cx, path, &o), GRX_OK);
	grx_out_puts(o, "other, longer text\n");
	ck_assert_int_eq(grx_out_close(&cx, o), GRX_OK);
	grx_outs_free(cx.outs);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_size, 5);
	remove_dir();
}
END_TEST

START_TEST(full_disk_is_an_error)
{
	struct grx_ctx cx = {0};
	struct grx_out *o;
	cx.outs = grx_outs_new();
	ck_assert_int_eq(grx_out_open(&cx, "/dev/full", &o), GRX_OK);
	grx_out_puts(o, "text\n");
	ck_assert_int_eq(grx_out_close(&cx, o), GRX_E_IO);
	ck_assert_ptr_nonnull(strstr(cx.err.msg, "/dev/full"));
	grx_outs_free(cx.outs);
	/* no such folder */
	cx = (struct grx_ctx){0};
	cx.outs = grx_outs_new();
	ck_assert_int_eq(grx_out_open(&cx, "/nonexistent/x", &o), GRX_E_IO);
	grx_outs_free(cx.outs);
}
END_TEST

START_TEST(remote_names_are_refused)
{
	struct grx_ctx cx = {0};
	ck_assert_int_eq(grx_network_check(&cx, "https://host/x.bam"), GRX_E_USAGE);
	cx = (struct grx_ctx){0};
	ck_assert_int_eq(grx_network_check(&cx, "dir/a:b.bam"), GRX_OK);
	cx.allow_network = true;
	ck_assert_int_eq(grx_network_check(&cx, "https://host/x.bam"), GRX_OK);
}
END_TEST

START_TEST(errors_keep_the_first)
{
	struct grx_ctx cx = {0};
	ck_assert_int_eq(grx_fail(&cx, GRX_E_DATA, "first %d", 1), GRX_E_DATA);
	ck_assert_int_eq(grx_fail(&cx, GRX_E_IO, "second"), GRX_E_IO);
	ck_assert_int_eq(cx.err.status, GRX_E_DATA);
	ck_assert_int_eq(grx_fail_add(&cx, GRX_E_DATA, "while testing"), GRX_E_DATA);
	ck_assert_str_eq(cx.err.msg, "first 1; while testing");
}
END_TEST

START_TEST(sha_of_abc)
{
	char hex[65];
	struct grx_sha *h = grx_sha_new();
	grx_sha_add(h, "abc", 3);
	ck_assert_int_eq(grx_sha_end(h, hex), GRX_OK);
	ck_assert_str_eq(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
END_TEST

/* Ordered loop: merge() must see 0, 1, 2, ... each once, for any number of threads. */
struct loop {
	uint64_t n, fail_at;
	uint64_t value[64];
	uint64_t merged;
	atomic_int alive, most;
};

static int loop_next(void *state, struct grx_ctx *cx, uint64_t i, int slot, bool *done)
{
	struct loop *l = state;
	(void)cx;
	(void)slot;
	*done = i >= l->n;
	if (!*done) {
		int a = atomic_fetch_add(&l->alive, 1) + 1;
		if (a > atomic_load(&l->most))
			atomic_store(&l->most, a);
	}
	return GRX_OK;
}

static int loop_map(void *state, struct grx_ctx *cx, uint64_t i, int slot, int thread)
{
	struct loop *l = state;
	(void)thread;
	volatile double x = 0;
	for (uint64_t k = 0; k < (i * 7919) % 5000; k++)
		x += sqrt((double)k);
	l->value[slot] = i * i;
	if (i >= l->fail_at && (i - l->fail_at) % 3 == 0)
		return grx_fail(cx, GRX_E_DATA, "item %llu", (unsigned long long)i);
	return GRX_OK;
}

static int loop_merge(void *state, struct grx_ctx *cx, uint64_t i, int slot)
{
	struct loop *l = state;
	(void)cx;
	ck_assert_uint_eq(i, l->merged);
	ck_assert_uint_eq(l->value[slot], i * i);
	l->merged++;
	atomic_fetch_sub(&l->alive, 1);
	return GRX_OK;
}

START_TEST(parallel_keeps_order)
{
	struct grx_ctx cx = {0};
	struct loop l = {.n = 1000, .fail_at = UINT64_MAX};
	struct grx_par_ops ops = {&l, loop_next, loop_map, loop_merge};
	ck_assert_int_eq(grx_par_ordered(&cx, _i + 1, &ops), GRX_OK);
	ck_assert_uint_eq(l.merged, 1000);
	ck_assert_int_le(l.most, grx_par_slots(_i + 1));
}
END_TEST

START_TEST(lowest_failing_item_decides)
{
	struct grx_ctx cx = {0};
	struct loop l = {.n = 500, .fail_at = 137};
	struct grx_par_ops ops = {&l, loop_next, loop_map, loop_merge};
	ck_assert_int_eq(grx_par_ordered(&cx, _i + 1, &ops), GRX_E_DATA);
	ck_assert_str_eq(cx.err.msg, "item 137");
	ck_assert_uint_eq(l.merged, 137);
}
END_TEST

START_TEST(fixed_sums_do_not_depend_on_order)
{
	struct grx_rng *r = grx_rng_new(3, "test", 0);
	double x[1000];
	struct grx_fix a = {0}, b = {0}, c = {0};
	for (int i = 0; i < 1000; i++)
		x[i] = grx_rng_normal(r, 0, 1) * pow(10, (double)grx_rng_below(r, 12) - 6);
	for (int i = 0; i < 1000; i++) {
		ck_assert(grx_fix_add(&a, x[i]));
		ck_assert(grx_fix_add(i % 2 ? &b : &c, x[999 - i]));
	}
	grx_fix_merge(&b, &c);
	ck_assert(a.v == b.v);
	struct grx_fix d = {0};
	ck_assert(grx_fix_add(&d, -0.25));
	ck_assert_double_eq(grx_fix_get(&d), -0.25);
	ck_assert(!grx_fix_add(&d, NAN));
	grx_rng_free(r);
}
END_TEST

START_TEST(distributions)
{
	ck_assert_double_eq_tol(grx_fisher_2x2(3, 1, 1, 3), 0.4857142857, 1e-9);
	ck_assert_double_eq_tol(grx_binom_upper(8, 0.5, 10), 0.0546875, 1e-12);
	ck_assert_double_eq_tol(grx_norm_inv(0.975), 1.959963985, 1e-8);
	double l[] = {log(0.25), log(0.5)};
	ck_assert_double_eq_tol(grx_logsumexp(l, 2), log(0.75), 1e-12);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base");
	TCase *t = tcase_create("all");
	tcase_set_timeout(t, 60);
	tcase_add_test(t, arena_grows_and_resets);
	tcase_add_test(t, numbers_are_strict);
	tcase_add_test(t, map_holds_many);
	tcase_add_test(t, options_parse);
	tcase_add_test(t, options_refuse);
	tcase_add_test(t, output_appears_only_on_commit);
	tcase_add_test(t, full_disk_is_an_error);
	tcase_add_test(t, remote_names_are_refused);
	tcase_add_test(t, errors_keep_the_first);
	tcase_add_test(t, sha_of_abc);
	tcase_add_loop_test(t, parallel_keeps_order, 0, 4);
	tcase_add_loop_test(t, lowest_failing_item_decides, 0, 4);
	tcase_add_test(t, fixed_sums_do_not_depend_on_order);
	tcase_add_test(t, distributions);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
