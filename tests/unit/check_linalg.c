/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_linalg.c -- dense linear algebra against plain loops, GSL and the defining equations. */
#include <check.h>
#include <gsl/gsl_eigen.h>
#include <gsl/gsl_sort_vector.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "math/linalg.h"
#include "math/prob.h"
#include "math/rng.h"

static struct grx_ctx cx;

static double *random_values(int64_t n, uint64_t seed)
{
	struct grx_rng *r = grx_rng_new(seed, "linalg", 0);
	double *x = grx_malloc((size_t)n + 1, sizeof(*x));
	ck_assert(r && x);
	for (int64_t i = 0; i < n; i++)
		x[i] = grx_rng_normal(r, 0, 1);
	grx_rng_free(r);
	return x;
}

/* What gemm promises: blocks of 256 in k, each summed from zero. */
static double plain(struct grx_mat a, struct grx_mat b, int64_t i, int64_t j)
{
	double sum = 0;
	for (int64_t p0 = 0; p0 < a.n_col; p0 += 256) {
		double part = 0;
		for (int64_t p = p0; p < a.n_col && p < p0 + 256; p++)
			part += *grx_mat_at(a, i, p) * *grx_mat_at(b, p, j);
		sum = p0 ? sum + part : part;
	}
	return sum;
}

static void gemm_shape(int64_t m, int64_t n, int64_t k, int flip)
{
	double *av = random_values(m * k, 1), *bv = random_values(k * n, 2), *cv = random_values(m * n, 3);
	double *c0 = grx_malloc((size_t)(m * n) + 1, sizeof(*c0));
	struct grx_mat a = flip & 1 ? grx_mat_t(grx_mat_rows(av, k, m)) : grx_mat_rows(av, m, k);
	struct grx_mat b = flip & 2 ? grx_mat_t(grx_mat_rows(bv, n, k)) : grx_mat_rows(bv, k, n);
	struct grx_mat c = flip & 4 ? grx_mat_t(grx_mat_rows(c0, n, m)) : grx_mat_rows(c0, m, n);
	struct grx_mat was = flip & 4 ? grx_mat_t(grx_mat_rows(cv, n, m)) : grx_mat_rows(cv, m, n);
	for (int isa = GRX_GEMM_AUTO; isa <= GRX_GEMM_AVX512; isa++) {
		if (!grx_gemm_has_isa((enum grx_gemm_isa)isa))
			continue;
		struct grx_gemm_args g = {(enum grx_gemm_isa)isa, 1.0, isa == 1 ? 0.0 : 1.0, a, b, c, false};
		memcpy(c0, cv, (size_t)(m * n) * sizeof(*cv));
		ck_assert_int_eq(grx_gemm_with(&cx, &g), GRX_OK);
		for (int64_t i = 0; i < m; i++)
			for (int64_t j = 0; j < n; j++) {
				double want = plain(a, b, i, j);
				if (isa != 1 && k <= 256)
					want = *grx_mat_at(was, i, j) + want;
				if (isa == 1 || k <= 256)
					ck_assert_msg(*grx_mat_at(c, i, j) == want, "%d %d", (int)i, (int)j);
				else
					ck_assert_double_eq_tol(
						*grx_mat_at(c, i, j), *grx_mat_at(was, i, j) + want, 1e-9);
			}
	}
	grx_free(av);
	grx_free(bv);
	grx_free(cv);
	grx_free(c0);
}

START_TEST(products)
{
	const int64_t shape[][3] = {{1, 1, 1}, {3, 5, 7}, {8, 24, 9}, {17, 24, 300}, {100, 23, 40},
		{33, 50, 257}, {97, 25, 513}, {130, 1, 5}, {1, 130, 5}};
	for (size_t s = 0; s < sizeof(shape) / sizeof(shape[0]); s++)
		for (int flip = 0; flip < 8; flip++)
			gemm_shape(shape[s][0], shape[s][1], shape[s][2], flip);
}
END_TEST

/* Many columns: panels of B beyond one block of columns. */
START_TEST(wide_product)
{
	gemm_shape(9, 1600, 3, 0);
	gemm_shape(9, 1600, 3, 3);
}
END_TEST

START_TEST(empty_and_misfit)
{
	double x[4] = {1, 2, 3, 4};
	struct grx_mat c = grx_mat_rows(x, 2, 2), none = grx_mat_rows(x, 2, 0);
	ck_assert_int_eq(grx_gemm(&cx, 1, none, grx_mat_t(none), 2, c), GRX_OK);
	ck_assert(x[0] == 2 && x[3] == 8);
	ck_assert_int_eq(grx_gemm(&cx, 1, grx_mat_rows(x, 2, 1), grx_mat_rows(x, 2, 2), 0, c), GRX_E_BUG);
	cx = (struct grx_ctx){0};
}
END_TEST

START_TEST(symmetric_product)
{
	enum { N = 61, K = 270 };
	double *av = random_values((int64_t)N * K, 4), *cv = grx_calloc((size_t)N * N, sizeof(*cv));
	struct grx_mat a = grx_mat_rows(av, N, K), c = grx_mat_rows(cv, N, N);
	ck_assert_int_eq(grx_syrk(&cx, 0.5, a, 0, c), GRX_OK);
	for (int i = 0; i < N; i++)
		for (int j = 0; j < N; j++) {
			ck_assert(cv[i * N + j] == cv[j * N + i]);
			ck_assert_double_eq_tol(cv[i * N + j], 0.5 * plain(a, grx_mat_t(a), i, j), 1e-10);
		}
	grx_free(av);
	grx_free(cv);
}
END_TEST

START_TEST(vectors)
{
	enum { N = 101 };
	double *x = random_values(N, 5), *y = random_values(N, 6), *m = random_values(N * 7, 7), z[N], t[N];
	for (int n = 0; n < N; n++) {
		double s = 0;
		for (int i = 0; i < n; i++)
			s += x[i] * y[i];
		ck_assert_double_eq_tol(grx_dot(n, x, y), s, 1e-12);
		memcpy(z, y, sizeof(z));
		grx_axpy(n, 2.5, x, z);
		for (int i = 0; i < N; i++)
			ck_assert(z[i] == (i < n ? y[i] + 2.5 * x[i] : y[i]));
	}
	struct grx_mat a = grx_mat_rows(m, 7, N), at = grx_mat_t(a);
	memcpy(z, y, sizeof(z));
	memcpy(t, y, sizeof(t));
	grx_gemv(2, a, x, -1, z);
	grx_gemv(2, at, x, 0.5, t);
	for (int i = 0; i < 7; i++)
		ck_assert_double_eq_tol(z[i], -y[i] + 2 * grx_dot(N, m + i * N, x), 1e-12);
	for (int j = 0; j < N; j++) {
		double s = 0.5 * y[j];
		for (int i = 0; i < 7; i++)
			s += 2 * m[i * N + j] * x[i];
		ck_assert_double_eq_tol(t[j], s, 1e-12);
	}
	grx_free(x);
	grx_free(y);
	grx_free(m);
}
END_TEST

static void chol_size(int64_t n)
{
	double *g = random_values(n * (n + 5), 8), *a = grx_calloc((size_t)(n * n), sizeof(*a));
	double *l = grx_malloc((size_t)(n * n), sizeof(*l)), *x = random_values(n, 9),
	       *b = random_values(n, 9);
	struct grx_mat am = grx_mat_rows(a, n, n), lm = grx_mat_rows(l, n, n);
	int64_t bad;
	ck_assert_int_eq(grx_syrk(&cx, 1, grx_mat_rows(g, n, n + 5), 0, am), GRX_OK);
	memcpy(l, a, (size_t)(n * n) * sizeof(*l));
	ck_assert_int_eq(grx_chol(&cx, lm, &bad), GRX_OK);
	ck_assert_int_eq(bad, -1);
	for (int64_t i = 0; i < n; i++)
		for (int64_t j = 0; j < n; j++) {
			if (j > i) /* the upper triangle stays */
				ck_assert(l[i * n + j] == a[i * n + j]);
			else
				ck_assert_double_eq_tol(grx_dot(j + 1, l + i * n, l + j * n), a[i * n + j],
					1e-11 * (double)n);
		}
	grx_chol_solve(lm, x);
	for (int64_t i = 0; i < n; i++)
		ck_assert_double_eq_tol(grx_dot(n, a + i * n, x), b[i], 1e-6);
	memcpy(x, b, (size_t)n * sizeof(*x)); /* the transposed view solves the same */
	grx_trsv(lm, x);
	for (int64_t i = 0; i < n; i++)
		ck_assert_double_eq_tol(grx_dot(i + 1, l + i * n, x), b[i], 1e-6);
	a[(n / 2) * n + n / 2] = -1.0;
	ck_assert_int_eq(grx_chol(&cx, am, &bad), GRX_OK);
	ck_assert_int_eq(bad, n / 2);
	grx_free(g);
	grx_free(a);
	grx_free(l);
	grx_free(x);
	grx_free(b);
}

START_TEST(cholesky)
{
	chol_size(1);
	chol_size(2);
	chol_size(47);
	chol_size(48);
	chol_size(49);
	chol_size(150);
}
END_TEST

/* A rank too low is told from rounding; NaN is never positive definite. */
START_TEST(cholesky_singular)
{
	double g[6 * 5], a[36], *r = random_values(30, 10);
	int64_t bad;
	memcpy(g, r, sizeof(g));
	ck_assert_int_eq(grx_syrk(&cx, 1, grx_mat_rows(g, 6, 5), 0, grx_mat_rows(a, 6, 6)), GRX_OK);
	ck_assert_int_eq(grx_chol(&cx, grx_mat_rows(a, 6, 6), &bad), GRX_OK);
	ck_assert_int_eq(bad, 5);
	a[0] = NAN;
	ck_assert_int_eq(grx_chol(&cx, grx_mat_rows(a, 6, 6), &bad), GRX_OK);
	ck_assert_int_eq(bad, 0);
	grx_free(r);
}
END_TEST

static void qr_size(int64_t m, int64_t n, int64_t twin)
{
	double *a = random_values(m * n, 11), *q = grx_malloc((size_t)(m * n), sizeof(*q));
	double *r = grx_malloc((size_t)(n * n), sizeof(*r));
	struct grx_mat qm = grx_mat_rows(q, m, n), rm = grx_mat_rows(r, n, n);
	if (twin > 0)
		for (int64_t i = 0; i < m; i++)
			a[i * n + twin] = a[i * n];
	memcpy(q, a, (size_t)(m * n) * sizeof(*q));
	ck_assert_int_eq(grx_qr(&cx, qm, rm), GRX_OK);
	for (int64_t j = 0; j < n; j++) {
		ck_assert(r[j * n + j] >= 0);
		for (int64_t k = 0; k < n; k++) {
			ck_assert_double_eq_tol(plain(grx_mat_t(qm), qm, j, k), j == k, 1e-13);
			ck_assert(k >= j || r[j * n + k] == 0);
		}
		for (int64_t i = 0; i < m; i++)
			ck_assert_double_eq_tol(plain(qm, rm, i, j), a[i * n + j], 1e-12);
	}
	if (twin > 0)
		ck_assert_double_le(r[twin * n + twin], 1e-13);
	grx_free(a);
	grx_free(q);
	grx_free(r);
}

START_TEST(qr)
{
	qr_size(1, 1, 0);
	qr_size(5, 5, 0);
	qr_size(40, 7, 0);
	qr_size(40, 7, 3);
	qr_size(130, 24, 23);
}
END_TEST

START_TEST(eigen_small)
{
	enum { N = 40 };
	double *g = random_values(N * N, 12), a[N * N], w[N], v[N * N];
	ck_assert_int_eq(grx_syrk(&cx, 1, grx_mat_rows(g, N, N), 0, grx_mat_rows(a, N, N)), GRX_OK);
	ck_assert_int_eq(grx_eigen_sym(&cx, grx_mat_rows(a, N, N), w, grx_mat_rows(v, N, N)), GRX_OK);
	for (int k = 0; k < N; k++) {
		double big = 0;
		ck_assert(k == 0 || w[k - 1] >= w[k]);
		for (int i = 0; i < N; i++) {
			double s = 0;
			for (int j = 0; j < N; j++)
				s += a[i * N + j] * v[j * N + k];
			ck_assert_double_eq_tol(s, w[k] * v[i * N + k], 1e-10);
			big = fabs(v[i * N + k]) > fabs(big) ? v[i * N + k] : big;
		}
		ck_assert(big > 0);
	}
	a[3] = a[3 * N] = NAN;
	ck_assert_int_eq(grx_eigen_sym(&cx, grx_mat_rows(a, N, N), w, grx_mat_rows(v, N, N)), GRX_E_BUG);
	cx = (struct grx_ctx){0};
	grx_free(g);
}
END_TEST

START_TEST(svd_small)
{
	enum { M = 12, N = 9 };
	double *a = random_values(M * N, 13), u[M * N], s[N], v[N * N];
	memcpy(u, a, sizeof(u));
	ck_assert_int_eq(grx_svd(&cx, grx_mat_rows(u, M, N), s, grx_mat_rows(v, N, N)), GRX_OK);
	for (int i = 0; i < M; i++)
		for (int j = 0; j < N; j++) {
			double x = 0;
			for (int k = 0; k < N; k++)
				x += u[i * N + k] * s[k] * v[j * N + k];
			ck_assert_double_eq_tol(x, a[i * N + j], 1e-12);
		}
	for (int k = 1; k < N; k++)
		ck_assert(s[k - 1] >= s[k] && s[k] >= 0);
	grx_free(a);
}
END_TEST

/* A dense symmetric operator. */
struct dense {
	double *a;
	int64_t n;
};

static int dense_apply(void *state, struct grx_ctx *c, const double *x, int64_t b, double *y)
{
	const struct dense *d = state;
	return grx_gemm(c, 1, grx_mat_rows(d->a, d->n, d->n),
		(struct grx_mat){(double *)(uintptr_t)x, d->n, b, (ptrdiff_t)b, 1}, 0,
		grx_mat_rows(y, d->n, b));
}

/* Covariance-like: rank columns, some stronger. */
static struct dense dense_new(int64_t n, int64_t rank, uint64_t seed)
{
	double *g = random_values(n * rank, seed);
	struct dense d = {grx_calloc((size_t)(n * n), sizeof(double)), n};
	for (int64_t i = 0; i < n; i++)
		for (int64_t j = 0; j < rank; j++)
			g[i * rank + j] *= j < 6 ? 12.0 - (double)j : 1.0;
	ck_assert_int_eq(grx_syrk(&cx, 1, grx_mat_rows(g, n, rank), 0, grx_mat_rows(d.a, n, n)), GRX_OK);
	grx_free(g);
	return d;
}

static void gsl_values(const struct dense *d, gsl_vector *w)
{
	size_t n = (size_t)d->n;
	gsl_matrix *m = gsl_matrix_alloc(n, n);
	gsl_eigen_symm_workspace *k = gsl_eigen_symm_alloc(n);
	for (size_t i = 0; i < n * n; i++)
		gsl_matrix_set(m, i / n, i % n, d->a[i]);
	gsl_eigen_symm(m, w, k);
	gsl_sort_vector(w);
	gsl_eigen_symm_free(k);
	gsl_matrix_free(m);
}

static void top_case(int64_t n, int64_t rank, struct grx_top_opt o)
{
	struct dense d = dense_new(n, rank, 20 + (uint64_t)n);
	struct grx_top_op op = {&d, n, dense_apply};
	struct grx_top_got got;
	double *w = grx_malloc((size_t)o.n_want, 8), *v = grx_malloc((size_t)(n * o.n_want), 8);
	double *w2 = grx_malloc((size_t)o.n_want, 8), *v2 = grx_malloc((size_t)(n * o.n_want), 8);
	gsl_vector *ref = gsl_vector_alloc((size_t)n);
	gsl_values(&d, ref);
	ck_assert_int_eq(grx_eigen_top(&cx, &op, &o, w, v, &got), GRX_OK);
	ck_assert_msg(
		got.converged, "n %d rank %d: %g after %d", (int)n, (int)rank, got.worst, (int)got.n_apply);
	ck_assert_int_eq(got.n_got, o.n_want < rank ? o.n_want : rank);
	for (int64_t k = 0; k < o.n_want; k++) {
		double want = gsl_vector_get(ref, (size_t)(n - 1 - k)),
		       top = gsl_vector_get(ref, (size_t)n - 1);
		ck_assert_double_eq_tol(w[k], want, (k < o.n_tight ? 1e-9 : 3e-3) * top);
		for (int64_t j = 0; j < got.n_got && k < got.n_got; j++) {
			double dot = 0;
			for (int64_t i = 0; i < n; i++)
				dot += v[i * o.n_want + k] * v[i * o.n_want + j];
			ck_assert_double_eq_tol(dot, j == k, 1e-10);
		}
	}
	ck_assert_int_eq(grx_eigen_top(&cx, &op, &o, w2, v2, &got), GRX_OK);
	ck_assert_mem_eq(v, v2, (size_t)(n * o.n_want) * 8); /* the seed decides */
	gsl_vector_free(ref);
	grx_free(w);
	grx_free(v);
	grx_free(w2);
	grx_free(v2);
	grx_free(d.a);
}

START_TEST(eigen_large)
{
	top_case(300, 400, (struct grx_top_opt){20, 10, 1e-6, 8, 300, 1});
	top_case(300, 400, (struct grx_top_opt){20, 6, 1e-6, 1, 4000, 1}); /* single vectors, many restarts */
	top_case(150, 200, (struct grx_top_opt){40, 20, 1e-6, 24, 300, 1});
	top_case(200, 30, (struct grx_top_opt){40, 20, 1e-6, 24, 300, 1}); /* rank below what is wanted */
	top_case(25, 40, (struct grx_top_opt){25, 25, 1e-6, 24, 300, 1});  /* the whole space */
	top_case(3, 7, (struct grx_top_opt){2, 1, 1e-6, 24, 300, 1});
	top_case(1, 7, (struct grx_top_opt){1, 1, 1e-6, 24, 300, 1});
}
END_TEST

START_TEST(eigen_large_zero)
{
	double a[16] = {0}, w[2], v[8];
	struct dense d = {a, 4};
	struct grx_top_got got;
	ck_assert_int_eq(grx_eigen_top(&cx, &(struct grx_top_op){&d, 4, dense_apply},
				 &(struct grx_top_opt){2, 2, 1e-6, 2, 9, 1}, w, v, &got),
		GRX_OK);
	ck_assert_int_eq(got.n_got, 0);
	ck_assert(w[0] == 0 && v[0] == 0);
}
END_TEST

int main(void)
{
	grx_math_init();
	Suite *s = suite_create("linalg");
	TCase *t = tcase_create("dense");
	tcase_add_test(t, products);
	tcase_add_test(t, wide_product);
	tcase_add_test(t, empty_and_misfit);
	tcase_add_test(t, symmetric_product);
	tcase_add_test(t, vectors);
	tcase_add_test(t, cholesky);
	tcase_add_test(t, cholesky_singular);
	tcase_add_test(t, qr);
	tcase_add_test(t, eigen_small);
	tcase_add_test(t, svd_small);
	tcase_add_test(t, eigen_large);
	tcase_add_test(t, eigen_large_zero);
	tcase_set_timeout(t, 120);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int bad = srunner_ntests_failed(r);
	srunner_free(r);
	return bad ? 1 : 0;
}
