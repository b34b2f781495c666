/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_fmt.c -- numbers as text: the bytes of printf, for millions of doubles of all sorts. */
#include <check.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fmt.h"
#include "base/str.h"

static uint64_t next(uint64_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s;
}

/* Any bits; fractions; short decimals; ties in binary; powers of ten and their neighbours; long decimals. */
static double draw(int kind, uint64_t *s)
{
	uint64_t u = next(s);
	double x;
	switch (kind) {
	case 0:
		memcpy(&x, &u, sizeof x);
		return x;
	case 1:
		return (double)(int64_t)u / 9.2e18;
	case 2:
		return (double)(u % 2000001) / 1000;
	case 3:
		return ldexp((double)(u % 4096), -(int)(u >> 32) % 40);
	case 4:
		x = pow(10, (int)(u % 50) - 25);
		return u & (1u << 20) ? nextafter(x, u & (1u << 21) ? 0 : INFINITY) : x;
	default:
		return (double)(u % 100000000000u) * pow(10, -(int)(u >> 40 & 15));
	}
}

START_TEST(test_printf)
{
	uint64_t s = 88172645463325252u;
	long fast = 0, rounds = getenv("GENORX_SANITIZED") ? 200000 : 2000000;
	for (long i = 0; i < rounds; i++) {
		char got[40], want[40];
		int digits = i % 2 ? 10 : 1 + (int)(next(&s) % 17);
		double x = draw((int)(i % 6), &s);
		snprintf(want, sizeof want, "%.*g", digits, x);
		if (grx_fmt_g_fast(got, x, digits)) {
			fast++;
			ck_assert_str_eq(got, want);
		}
		if (i % 4 == 0)
			ck_assert_str_eq(grx_fmt_g(got, x, digits), want);
	}
	ck_assert_int_gt(fast, rounds * 3 / 4);
}
END_TEST

START_TEST(test_forms)
{
	static const struct {
		double x;
		int digits;
		const char *want;
	} v[] = {{0, 10, "0"}, {-0.0, 10, "-0"}, {1, 10, "1"}, {100, 2, "1e+02"}, {0.0001, 10, "0.0001"},
		{0.00001, 10, "1e-05"}, {9999999999.5, 10, "1e+10"}, {0.5, 1, "0.5"}, {2.5, 1, "2"},
		{3.5, 1, "4"}, {-1234.5678, 6, "-1234.57"}, {1e22, 17, "1e+22"}, {99999.95, 6, "1e+05"}};
	char buf[40];
	for (size_t i = 0; i < sizeof v / sizeof *v; i++) {
		char want[40];
		snprintf(want, sizeof want, "%.*g", v[i].digits, v[i].x);
		ck_assert_str_eq(grx_fmt_g(buf, v[i].x, v[i].digits), want);
		if (i != 12)
			ck_assert_str_eq(want, v[i].want);
	}
	ck_assert(!grx_fmt_g_fast(buf, NAN, 10));
	ck_assert(!grx_fmt_g_fast(buf, INFINITY, 10));
	ck_assert(!grx_fmt_g_fast(buf, 1, 0));
	ck_assert(!grx_fmt_g_fast(buf, 1, 18));
}
END_TEST

START_TEST(test_integers)
{
	static const int64_t v[] = {0, 7, -1, 10, 1234567890123, INT64_MAX, INT64_MIN};
	struct grx_str b = {0};
	for (size_t i = 0; i < sizeof v / sizeof *v; i++) {
		char want[32];
		grx_str_reset(&b);
		grx_str_addi(&b, v[i]);
		snprintf(want, sizeof want, "%lld", (long long)v[i]);
		ck_assert_str_eq(b.s, want);
	}
	grx_str_clear(&b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("fmt");
	TCase *t = tcase_create("all");
	tcase_set_timeout(t, 120);
	tcase_add_test(t, test_printf);
	tcase_add_test(t, test_forms);
	tcase_add_test(t, test_integers);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
