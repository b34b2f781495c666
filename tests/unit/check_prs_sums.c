/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_prs_sums.c -- exact sums against naive sums in long double, and against each other bit by bit: order
 * of rows, grouping, merging, instruction sets; counters; refusal of terms beyond the bound. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stage/prs/sums_int.h"

#define MAX_K 100
#define ROWS  230

/* One row of either kind. */
struct row {
	double w[MAX_K];
	struct prs_codeval val[GRX_CP_N];
	uint8_t *code;
	float *u, *var, *dose; /* u NULL: codes */
	double *ud;
	unsigned seen;
};

static uint64_t rng;
static struct row rows[ROWS];
static int n_sample, n_col;
static double bound[MAX_K];

static uint32_t below(uint32_t n)
{
	rng = rng * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(((rng >> 32) * n) >> 32);
}

static double uniform(void)
{
	return below(1u << 30) / (double)(1u << 30);
}

/* Meaning of the codes: additive, dominant, recessive, any table, centred; haploid doubled or not. */
static void meaning(struct row *r)
{
	int type = (int)below(5), twice = (int)below(2) + 1;
	double f = uniform(), copies[GRX_CP_N] = {0, 1, 2, 2 * f, 0, twice, f, f, 1 + f};
	static const int8_t allele[GRX_CP_N] = {2, 2, 2, 0, 1, 1, 0, 1, 1};
	for (int c = 0; c < GRX_CP_N; c++) {
		double d = copies[c];
		struct prs_codeval *v = &r->val[c];
		v->u = type == 0   ? d
		       : type == 1 ? fmin(d, 1)
		       : type == 2 ? fmax(d - 1, 0)
		       : type == 3 ? uniform() - 0.5
				   : d - 2 * f;
		v->kind = c == GRX_CP_NONE || c == GRX_CP_HAP_NONE ? (int8_t)(1 + below(3)) : PRS_CALLED;
		if (c >= GRX_CP_HALF_0)
			v->kind = (int8_t)below(4);
		v->var = v->kind == PRS_IMPUTED || c >= GRX_CP_HALF_0 ? uniform() * 0.5 : 0;
		if (v->kind == PRS_MISSING)
			v->u = 0;
		v->dose = c >= GRX_CP_HALF_0 && below(2) ? d * 0.5 : floor(d);
		v->allele_ct = allele[c];
		v->denom = v->kind == PRS_CALLED || v->kind == PRS_IMPUTED ? 2 : 0;
	}
}

static void make_row(struct row *r)
{
	int mode = (int)below(
		6); /* 0: rare odd codes; 1: none; 2: any; 3: haploid; 4: one code; 5: expectations */
	meaning(r);
	r->code = malloc((size_t)n_sample);
	r->u = r->var = r->dose = NULL;
	r->ud = NULL;
	r->seen = 0;
	int only = (int)below(GRX_CP_N);
	for (int i = 0; i < n_sample; i++) {
		int odd = mode == 2 || mode == 5 || (mode == 0 && below(20) == 0);
		int c = odd ? (int)below(GRX_CP_N) : (int)below(3);
		c = mode == 3 && below(2) ? GRX_CP_HAP_0 + (int)below(2) : mode == 4 ? only : c;
		r->code[i] = (uint8_t)c;
		r->seen |= 1u << c;
	}
	for (int k = 0; k < n_col; k++)
		r->w[k] = below(4) == 0 ? 0 : (uniform() - 0.5) * pow(10, -(double)below(6));
	if (mode != 5)
		return;
	size_t n = (size_t)n_sample;
	r->u = malloc(sizeof(float) * n);
	r->var = below(3) ? malloc(sizeof(float) * n) : NULL;
	r->dose = below(3) ? NULL : malloc(sizeof(float) * n);
	r->ud = below(3) ? NULL : malloc(sizeof(double) * n);
	bool no_dose = below(2); /* where nothing was called */
	for (int i = 0; i < n_sample; i++) {
		r->u[i] = (float)(uniform() * 2);
		if (r->var)
			r->var[i] = (float)uniform();
		if (r->dose)
			r->dose[i] = no_dose && r->val[r->code[i]].kind != PRS_CALLED ? NAN
										      : (float)uniform();
		if (r->ud)
			r->ud[i] = uniform() * 2;
	}
	for (int c = 0; c < GRX_CP_N; c++)
		if (below(2))
			r->val[c].dose = NAN;
}

static double value_of(const struct row *r, int i)
{
	return !r->u ? r->val[r->code[i]].u : r->ud ? r->ud[i] : (double)r->u[i];
}

static double dose_of(const struct row *r, int i)
{
	double dose = r->val[r->code[i]].dose;
	return r->u && r->dose ? (double)r->dose[i] : r->u && isnan(dose) ? value_of(r, i) : dose;
}

static void make(int n, int k)
{
	rng = (uint64_t)(n * 1000 + k);
	n_sample = n;
	n_col = k;
	memset(bound, 0, sizeof(bound));
	for (int j = 0; j < ROWS; j++) {
		make_row(&rows[j]);
		for (int i = 0; i < k; i++)
			bound[i] += fabs(rows[j].w[i]) * 2;
	}
}

static void drop(void)
{
	for (int j = 0; j < ROWS; j++) {
		free(rows[j].code);
		free(rows[j].u);
		free(rows[j].var);
		free(rows[j].dose);
		free(rows[j].ud);
	}
}

static int add(struct prs_sums *s, const struct row *r)
{
	if (r->u)
		return prs_sums_real(s, r->w,
			&(struct prs_real){
				.u = r->u, .ud = r->ud, .var = r->var, .dose = r->dose, .what = r->code},
			r->val);
	return prs_sums_codes(s, r->w, r->val, r->code, r->seen);
}

/* Rows first, first + step, .. in the order (j * mul) mod ROWS. */
static struct prs_sums *sums_of(enum sums_isa isa, int first, int step, int mul)
{
	struct prs_sums *s = prs_sums_new(n_sample, n_col, bound, true);
	ck_assert_ptr_nonnull(s);
	ck_assert_int_eq(prs_sums_use_isa(s, isa), GRX_OK);
	for (int j = first; j < ROWS; j += step)
		ck_assert_int_eq(add(s, &rows[j * mul % ROWS]), GRX_OK);
	return s;
}

static uint64_t bits(double x)
{
	uint64_t b;
	memcpy(&b, &x, sizeof(b));
	return b;
}

static void same(struct prs_sums *a, struct prs_sums *b)
{
	struct prs_counters x, y;
	for (int i = 0; i < n_sample; i++) {
		for (int k = 0; k < n_col; k++) {
			ck_assert_uint_eq(bits(prs_sums_get(a, i, k)), bits(prs_sums_get(b, i, k)));
			ck_assert_uint_eq(bits(prs_sums_var(a, i, k)), bits(prs_sums_var(b, i, k)));
			ck_assert_uint_eq(bits(prs_sums_absw(a, i, k)), bits(prs_sums_absw(b, i, k)));
		}
		prs_sums_counters(a, i, &x);
		prs_sums_counters(b, i, &y);
		ck_assert_int_eq(memcmp(&x, &y, sizeof(x)), 0);
	}
}

static void naive_counters(struct prs_sums *s, int i)
{
	struct prs_counters c, n = {0};
	for (int j = 0; j < ROWS; j++) {
		const struct row *r = &rows[j];
		const struct prs_codeval *v = &r->val[r->code[i]];
		n.n_called += v->kind == PRS_CALLED;
		n.n_imputed += v->kind == PRS_IMPUTED;
		n.n_missing += v->kind == PRS_MISSING;
		n.allele_ct += v->allele_ct;
		n.denom += v->denom;
		if (v->kind == PRS_CALLED)
			n.dose += dose_of(r, i);
	}
	prs_sums_counters(s, i, &c);
	ck_assert_int_eq(c.n_called, n.n_called);
	ck_assert_int_eq(c.n_imputed, n.n_imputed);
	ck_assert_int_eq(c.n_missing, n.n_missing);
	ck_assert_int_eq(c.allele_ct, n.allele_ct);
	ck_assert_int_eq(c.denom, n.denom);
	ck_assert_double_eq_tol(c.dose, n.dose, 1e-6);
}

static void naive(struct prs_sums *s, int i, int k)
{
	long double sum = 0, var = 0, absw = 0;
	for (int j = 0; j < ROWS; j++) {
		const struct row *r = &rows[j];
		const struct prs_codeval *v = &r->val[r->code[i]];
		long double w = r->w[k];
		sum += w * value_of(r, i);
		var += w * w * (r->u ? r->var ? r->var[i] : 0 : v->var);
		absw += v->kind == PRS_CALLED ? fabsl(w) : 0;
	}
	ck_assert_double_eq_tol(prs_sums_get(s, i, k), (double)sum, 1e-14 * bound[k]);
	ck_assert_double_eq_tol(prs_sums_absw(s, i, k), (double)absw, 1e-12 * bound[k]);
	ck_assert_double_eq_tol(prs_sums_var(s, i, k), (double)var, 1e-14 * bound[k] * bound[k]);
}

static void all_ways(int n, int k)
{
	make(n, k);
	struct prs_sums *s = sums_of(SUMS_PORTABLE, 0, 1, 1);
	for (int i = 0; i<n; i += n> 100 ? 37 : 1) {
		naive_counters(s, i);
		for (int j = 0; j < k; j++)
			naive(s, i, j);
	}
	static const enum sums_isa isa[] = {SUMS_PORTABLE, SUMS_AVX2, SUMS_AVX512, SUMS_AUTO};
	for (size_t j = 0; j < sizeof(isa) / sizeof(*isa); j++) {
		if (!prs_sums_has_isa(isa[j]))
			continue;
		struct prs_sums *t = sums_of(isa[j], 0, 1, 7); /* another order: 7 and ROWS share no factor */
		same(s, t);
		prs_sums_free(t);
		for (int step = 2; step <= 5; step += 3) {
			t = sums_of(isa[j], 0, step, 1);
			for (int part = 1; part < step; part++) {
				struct prs_sums *x = sums_of(isa[j], part, step, 1);
				ck_assert_int_eq(prs_sums_merge(t, x), GRX_OK);
				prs_sums_free(x);
			}
			same(s, t);
			prs_sums_free(t);
		}
	}
	prs_sums_free(s);
	drop();
}

START_TEST(test_shapes)
{
	static const int cols[] = {1, 2, 3, 4, 5, 7, 8, 9, 16, 17};
	for (size_t j = 0; j < sizeof(cols) / sizeof(*cols); j++)
		for (int n = 1; n <= 33; n += n < 10 ? 1 : 4)
			all_ways(n, cols[j]);
}
END_TEST

START_TEST(test_sizes)
{
	all_ways(33, 100);
	all_ways(64, 8);
	all_ways(127, 9);
	all_ways(1000, 7);
	all_ways(5000, 1);
	all_ways(4097, 9);
}
END_TEST

/* Results in between do not change what follows. */
START_TEST(test_look_between)
{
	make(65, 9);
	struct prs_sums *a = sums_of(SUMS_AUTO, 0, 1, 1), *b = prs_sums_new(n_sample, n_col, bound, true);
	for (int j = 0; j < ROWS; j++) {
		ck_assert_int_eq(add(b, &rows[j]), GRX_OK);
		if (j % 13 == 0)
			ck_assert(!isnan(prs_sums_get(b, j % 65, j % 9)));
	}
	same(a, b);
	prs_sums_free(a);
	prs_sums_free(b);
	drop();
}
END_TEST

START_TEST(test_without_variance)
{
	make(40, 3);
	struct prs_sums *a = sums_of(SUMS_AUTO, 0, 1, 1), *b = prs_sums_new(n_sample, n_col, bound, false);
	for (int j = 0; j < ROWS; j++)
		ck_assert_int_eq(add(b, &rows[j]), GRX_OK);
	for (int i = 0; i < n_sample; i++)
		for (int k = 0; k < n_col; k++) {
			ck_assert_uint_eq(bits(prs_sums_get(a, i, k)), bits(prs_sums_get(b, i, k)));
			ck_assert_uint_eq(bits(prs_sums_absw(a, i, k)), bits(prs_sums_absw(b, i, k)));
			ck_assert(isnan(prs_sums_var(b, i, k)));
		}
	ck_assert_int_eq(prs_sums_merge(b, a), GRX_E_BUG);
	prs_sums_free(a);
	prs_sums_free(b);
	drop();
}
END_TEST

/* One row of one genotype with a given bound, weight and value, over and over. */
static int times(double limit, double w, double u, int n)
{
	struct prs_codeval val[GRX_CP_N] = {{.u = 0, .allele_ct = 2}, {.u = u, .allele_ct = 2}};
	double b[9] = {limit, limit, limit, limit, limit, limit, limit, limit, limit}, ws[9] = {0};
	uint8_t code[3] = {1, 0, 1};
	ws[8] = w;
	struct prs_sums *s = prs_sums_new(3, 9, b, false);
	int rc = GRX_OK;
	for (int i = 0; i < n && rc == GRX_OK; i++)
		rc = prs_sums_codes(s, ws, val, code, 3);
	if (rc == GRX_OK)
		ck_assert_double_eq_tol(
			prs_sums_get(s, 0, 8), w * u * n, 1e-15 * fabs(w * u * n) + 1e-17 * limit + 1e-305);
	else
		ck_assert(isnan(prs_sums_get(s, 0, 8)) && isnan(prs_sums_absw(s, 0, 8)));
	prs_sums_free(s);
	return rc;
}

START_TEST(test_overflow)
{
	ck_assert_int_eq(times(10, 1, 1, 10), GRX_OK);
	ck_assert_int_eq(times(10, -1, 2, 10), GRX_OK); /* twice the bound is safe */
	ck_assert_int_eq(times(10, 1, 1, 1000), GRX_E_BUG);
	ck_assert_int_eq(times(10, 1e30, 1, 1), GRX_E_BUG);
	ck_assert_int_eq(times(10, -1e30, 1, 1), GRX_E_BUG);
	ck_assert_int_eq(times(10, NAN, 1, 1), GRX_E_BUG);
	ck_assert_int_eq(times(10, INFINITY, 1, 1), GRX_E_BUG);
	ck_assert_int_eq(times(10, 1, NAN, 1), GRX_E_BUG);
	ck_assert_int_eq(times(0, 1, 1, 1), GRX_E_BUG);
	ck_assert_int_eq(times(0, 0, 1, 5), GRX_OK);
	ck_assert_int_eq(times(1e300, 1e290, 1, 5), GRX_OK);
	ck_assert_int_eq(times(1e-280, 1e-290, 1, 5), GRX_OK);
	ck_assert_int_eq(times(INFINITY, 1, 1, 1), GRX_E_BUG);
}
END_TEST

/* A bound far above the sums leaves the variances their bits. */
START_TEST(test_var_bits)
{
	static const int width[] = {1, 2, 4, 9};
	for (int isa = SUMS_PORTABLE; isa <= SUMS_AVX512; isa++)
		for (int t = 0; prs_sums_has_isa((enum sums_isa)isa) && t < 4; t++) {
			struct prs_codeval val[GRX_CP_N] = {
				{.u = 1}, {.u = 0, .var = 1, .kind = PRS_IMPUTED}};
			uint8_t code[2] = {0, 1};
			float u[2] = {0}, var[2] = {0, 1};
			double b[9], w[9];
			for (int k = 0; k < 9; k++) {
				b[k] = 4e9;
				w[k] = 0.7;
			}
			struct prs_sums *s[2];
			for (int i = 0; i < 2; i++) {
				s[i] = prs_sums_new(2, width[t], b, true);
				ck_assert_int_eq(prs_sums_use_isa(s[i], (enum sums_isa)isa), GRX_OK);
				prs_sums_var_bits(s[i], 8);
				ck_assert_int_eq(prs_sums_codes(s[i], w, val, code, 3), GRX_OK);
			}
			ck_assert_int_eq(prs_sums_real(s[1], w,
						 &(struct prs_real){.u = u, .var = var, .what = code}, val),
				GRX_OK);
			ck_assert_int_eq(prs_sums_merge(s[0], s[1]), GRX_OK);
			ck_assert_double_eq_tol(prs_sums_var(s[0], 1, width[t] - 1), 3 * 0.49, 0.01);
			ck_assert_double_eq(prs_sums_var(s[0], 0, width[t] - 1), 0);
			struct prs_sums *other = prs_sums_new(2, width[t], b, true);
			ck_assert_int_eq(prs_sums_merge(s[0], other), GRX_E_BUG);
			prs_sums_free(other);
			prs_sums_free(s[0]);
			prs_sums_free(s[1]);
		}
}
END_TEST

/* Real rows: values, doses and codes that cannot be. */
static int one_real(float u, float var, double dose, uint8_t what)
{
	struct prs_codeval val[GRX_CP_N] = {{.dose = dose, .allele_ct = 2}};
	double b = 3, w = 1;
	float us[2] = {0, u}, vs[2] = {0, var};
	uint8_t code[2] = {0, what};
	struct prs_sums *s = prs_sums_new(2, 1, &b, true);
	int rc = prs_sums_real(s, &w, &(struct prs_real){.u = us, .var = vs, .what = code}, val);
	prs_sums_free(s);
	return rc;
}

START_TEST(test_real_refused)
{
	ck_assert_int_eq(one_real(2, 1, NAN, 0), GRX_OK);
	ck_assert_int_eq(one_real(NAN, 1, 0, 0), GRX_E_BUG);
	ck_assert_int_eq(one_real(INFINITY, 1, 0, 0), GRX_E_BUG);
	ck_assert_int_eq(one_real(1, NAN, 0, 0), GRX_E_BUG);
	ck_assert_int_eq(one_real(100, 1, 0, 0), GRX_E_BUG);
	ck_assert_int_eq(one_real(5, 1, NAN, 0), GRX_E_BUG);
	ck_assert_int_eq(one_real(1, 1, 1, GRX_CP_N), GRX_E_BUG);
}
END_TEST

START_TEST(test_double_values)
{
	struct prs_codeval val[GRX_CP_N] = {{.dose = NAN, .allele_ct = 2, .denom = 2}};
	double b[8] = {200, 200, 200, 200, 200, 200, 200, 200}, w[8] = {1, 1, 1, 1, 1, 1, 1, 1};
	double ud[3] = {0.9, 0.1, 2};
	uint8_t what[3] = {0};
	for (int k = 1; k <= 8; k += 7) {
		struct prs_counters c;
		struct prs_sums *s = prs_sums_new(3, k, b, false);
		for (int i = 0; i < 100; i++)
			ck_assert_int_eq(
				prs_sums_real(s, w, &(struct prs_real){.ud = ud, .what = what}, val), GRX_OK);
		ck_assert_double_eq_tol(prs_sums_get(s, 0, k - 1), 90, 1e-12);
		prs_sums_counters(s, 1, &c);
		ck_assert_double_eq_tol(c.dose, 10, 1e-6);
		prs_sums_free(s);
	}
}
END_TEST

/* A code that `seen` does not announce is missed by no one. */
START_TEST(test_not_announced)
{
	struct prs_codeval val[GRX_CP_N] = {{.u = 0}, {.u = 1}, {.u = 2}};
	double b = 3, w = 1;
	uint8_t code[70] = {0};
	static const uint8_t bad[] = {2, 3, GRX_CP_N, 15, 16, 255};
	for (size_t j = 0; j < sizeof(bad); j++)
		for (int at = 0; at < 70; at += 23) {
			struct prs_sums *s = prs_sums_new(70, 1, &b, true);
			memset(code, 0, sizeof(code));
			code[at] = bad[j];
			ck_assert_int_eq(prs_sums_codes(s, &w, val, code, 3), GRX_E_BUG);
			ck_assert(isnan(prs_sums_get(s, 0, 0)));
			prs_sums_free(s);
		}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("prs_sums");
	TCase *t = tcase_create("sums");
	tcase_set_timeout(t, 120);
	tcase_add_test(t, test_shapes);
	tcase_add_test(t, test_sizes);
	tcase_add_test(t, test_look_between);
	tcase_add_test(t, test_without_variance);
	tcase_add_test(t, test_overflow);
	tcase_add_test(t, test_var_bits);
	tcase_add_test(t, test_real_refused);
	tcase_add_test(t, test_double_values);
	tcase_add_test(t, test_not_announced);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int bad = srunner_ntests_failed(r);
	srunner_free(r);
	return bad ? 1 : 0;
}
