/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_prs_lik.c -- moments from likelihoods and probabilities against double precision, and the instruction
 * sets against each other bit by bit, for every length of a rest. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stage/prs/lik_int.h"

#define N 4096

static const enum sums_isa ISA[] = {SUMS_PORTABLE, SUMS_AVX2, SUMS_AVX512};
#define N_ISA ((int)(sizeof(ISA) / sizeof(*ISA)))

static uint8_t l0[N], l1[N], l2[N], code[N];
static float p1[N], p2[N], e[N_ISA][N], var[N_ISA][N];
static uint64_t rng = 5;

static uint32_t below(uint32_t n)
{
	rng = rng * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(((rng >> 32) * n) >> 32);
}

static bool is_hap(uint8_t c)
{
	return c == GRX_CP_HAP_0 || c == GRX_CP_HAP_1 || c == GRX_CP_HAP_NONE;
}

/* The textbook way: posterior, mean, mean square deviation. */
static void naive(const double n[3], const double v[3], double *m, double *s)
{
	double sum = n[0] + n[1] + n[2];
	*m = *s = 0;
	for (int g = 0; g < 3; g++)
		*m += n[g] / sum * v[g];
	for (int g = 0; g < 3; g++)
		*s += n[g] / sum * (v[g] - *m) * (v[g] - *m);
}

static void prior_of(const struct prs_lik *l, int i, double prior[3], double value[3])
{
	double f = l->f, two[3] = {(1 - f) * (1 - f), 2 * f * (1 - f), f * f}, one[3] = {1 - f, 0, f};
	double v1[3] = {l->hap[0], 0, l->hap[1]};
	bool hap = is_hap(code[i]);
	memcpy(prior, hap ? one : two, sizeof(two));
	memcpy(value, hap ? v1 : l->value, sizeof(two));
}

/* rel: the values have one sign, so that the mean is held relative to itself. */
static void near(const double n[3], const double v[3], float m, float s, bool rel)
{
	double x, y, top = fmax(fabs(v[0]), fmax(fabs(v[1]), fabs(v[2])));
	naive(n, v, &x, &y);
	ck_assert(isfinite(m) && isfinite(s) && s >= 0);
	ck_assert_double_le(fabs(m - x), rel ? 1e-6 * fabs(x) + 1e-35 : 1e-6 * top);
	ck_assert_double_le(fabs(s - y), fmin(1e-6, 1e-6 * y + 1e-13 * top * top));
}

static void check_pl(const struct prs_lik *l, int n, bool rel)
{
	for (int k = 0; k < N_ISA; k++) {
		if (!prs_sums_has_isa(ISA[k]))
			continue;
		prs_lik_moments_isa(ISA[k], l, n, e[k], var[k]);
		ck_assert_int_eq(memcmp(e[k], e[0], sizeof(float) * (size_t)n), 0);
		ck_assert_int_eq(memcmp(var[k], var[0], sizeof(float) * (size_t)n), 0);
	}
	for (int i = 0; i < n; i++) {
		double p[3], v[3];
		prior_of(l, i, p, v);
		p[0] *= pow(10, -l0[i] / 10.0);
		p[1] *= pow(10, -l1[i] / 10.0);
		p[2] *= pow(10, -l2[i] / 10.0);
		near(p, v, e[0][i], var[0][i], rel);
	}
}

/* Phred values with a zero among them; every fourth without information; edges often. */
static void fill(bool haploid)
{
	static const uint8_t edge[] = {0, 1, 15, 16, 17, 31, 32, 99, 240, 254, 255};
	for (int i = 0; i < N; i++) {
		uint8_t *l[3] = {l0, l1, l2};
		for (int g = 0; g < 3; g++)
			l[g][i] = (uint8_t)(below(2) ? below(256) : edge[below(sizeof(edge))]);
		l[below(3)][i] = 0;
		if (below(4) == 0)
			l0[i] = l1[i] = l2[i] = 0;
		code[i] = (uint8_t)(haploid ? below(GRX_CP_N) : below(GRX_CP_NONE + 1));
		if (is_hap(code[i]) && l0[i] > 0)
			l2[i] = 0;
	}
}

static const double FREQ[] = {0, 1e-9, 1e-4, 0.01, 0.2, 0.5, 0.77, 0.999, 1 - 1e-9, 1};

START_TEST(test_pl)
{
	static const double value[][5] = {{0, 1, 2, 0, 2}, {0, 1, 1, 0, 1}, {0, 0, 1, 0, 1},
		{0.25, 0, 3.5, 1, 2}, {-0.6, 0.4, 1.4, -0.6, 1.4}};
	for (size_t f = 0; f < sizeof(FREQ) / sizeof(*FREQ); f++)
		for (int v = 0; v < 5; v++) {
			fill(f & 1);
			struct prs_lik l = {l0, l1, l2, code, FREQ[f],
				{value[v][0], value[v][1], value[v][2]}, {value[v][3], value[v][4]}};
			check_pl(&l, N, v < 4);
		}
}
END_TEST

START_TEST(test_pl_rest)
{
	fill(true);
	struct prs_lik l = {l0, l1, l2, code, 0.3, {0, 1, 2}, {0, 2}};
	for (int n = 0; n <= 50; n++) {
		e[0][n] = e[1][n] = e[2][n] = 77;
		check_pl(&l, n, true);
		ck_assert(e[0][n] == 77 && e[1][n] == 77 && e[2][n] == 77);
	}
}
END_TEST

/* No information gives the prior, with its variance; a certain prior is not moved. */
START_TEST(test_pl_known)
{
	memset(l0, 0, sizeof(l0));
	memset(l1, 0, sizeof(l1));
	memset(l2, 0, sizeof(l2));
	memset(code, GRX_CP_NONE, sizeof(code));
	code[1] = GRX_CP_HAP_NONE;
	struct prs_lik l = {l0, l1, l2, code, 0.25, {0, 1, 2}, {0, 2}};
	prs_lik_moments(&l, 2, e[0], var[0]);
	ck_assert_double_eq_tol(e[0][0], 0.5, 1e-7);
	ck_assert_double_eq_tol(var[0][0], 0.375, 1e-7);
	ck_assert_double_eq_tol(e[0][1], 0.5, 1e-7);
	ck_assert_double_eq_tol(var[0][1], 0.75, 1e-7);
	l0[0] = 255; /* evidence for two copies of an allele nobody has */
	l.f = 0;
	prs_lik_moments(&l, 1, e[0], var[0]);
	ck_assert(e[0][0] == 0 && var[0][0] == 0);
}
END_TEST

static void fill_gp(void)
{
	for (int i = 0; i < N; i++) {
		float a = (float)below(1001) / 1000, b = (float)below(1001) / 1000;
		p1[i] = a * b;
		p2[i] = a - a * b;
		if (below(5) == 0)
			p1[i] = below(2) ? NAN : INFINITY;
		if (below(10) == 0)
			p2[i] = below(2) ? NAN : -0.5f;
		code[i] = (uint8_t)below(GRX_CP_N);
		if (is_hap(code[i]))
			p1[i] = 0;
	}
}

START_TEST(test_gp)
{
	for (size_t f = 0; f < sizeof(FREQ) / sizeof(*FREQ); f++) {
		fill_gp();
		struct prs_lik l = {.code = code, .f = FREQ[f], .value = {0, 1, 2}, .hap = {0, 2}};
		int n = N - (int)f * 5;
		for (int k = 0; k < N_ISA; k++) {
			if (!prs_sums_has_isa(ISA[k]))
				continue;
			prs_gp_moments_isa(ISA[k], &l, p1, p2, n, e[k], var[k]);
			ck_assert_int_eq(memcmp(e[k], e[0], sizeof(float) * (size_t)n), 0);
			ck_assert_int_eq(memcmp(var[k], var[0], sizeof(float) * (size_t)n), 0);
		}
		for (int i = 0; i < n; i++) {
			double p[3], v[3];
			prior_of(&l, i, p, v);
			if (p1[i] >= 0 && p2[i] >= 0 && p1[i] <= 1 && p2[i] <= 1) {
				p[0] = fmax(0, 1.0 - p1[i] - p2[i]);
				p[1] = p1[i];
				p[2] = p2[i];
			}
			double x, y;
			naive(p, v, &x, &y); /* 1 - p1 - p2 cancels: absolute */
			ck_assert_double_eq_tol(e[0][i], x, 1e-6);
			ck_assert_double_eq_tol(var[0][i], y, 1e-6);
		}
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("prs_lik");
	TCase *t = tcase_create("lik");
	tcase_set_timeout(t, 60);
	tcase_add_test(t, test_pl);
	tcase_add_test(t, test_pl_rest);
	tcase_add_test(t, test_pl_known);
	tcase_add_test(t, test_gp);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int bad = srunner_ntests_failed(r);
	srunner_free(r);
	return bad ? 1 : 0;
}
