/* SPDX-License-Identifier: GPL-3.0-or-later
 * linalg_eig.c -- eigenvalues and singular values of small dense matrices, by GSL. */
#include <gsl/gsl_eigen.h>
#include <gsl/gsl_linalg.h>
#include <math.h>

#include "math/linalg.h"

/* GSL's iterations may not end on NaN. */
static bool all_finite(struct grx_mat a)
{
	for (int64_t i = 0; i < a.n_row; i++)
		for (int64_t j = 0; j < a.n_col; j++)
			if (!isfinite(*grx_mat_at(a, i, j)))
				return false;
	return true;
}

/* +1, or -1 when the largest element of column j (the first of equals) is negative. */
static double column_sign(const gsl_matrix *m, size_t j)
{
	double big = 0;
	for (size_t i = 0; i < m->size1; i++) {
		double x = gsl_matrix_get(m, i, j);
		big = fabs(x) > fabs(big) ? x : big;
	}
	return big < 0 ? -1.0 : 1.0;
}

int grx_eigen_sym(struct grx_ctx *cx, struct grx_mat a, double *w, struct grx_mat v)
{
	int rc = GRX_E_BUG;
	size_t n = (size_t)a.n_row;
	if (n == 0 || a.n_col != a.n_row || v.n_row != a.n_row || v.n_col != a.n_row || !all_finite(a))
		return grx_fail(cx, GRX_E_BUG, "eigenvalues: not a square matrix of finite numbers");
	gsl_matrix *m = gsl_matrix_alloc(n, n), *e = gsl_matrix_alloc(n, n);
	gsl_vector *x = gsl_vector_alloc(n);
	gsl_eigen_symmv_workspace *k = gsl_eigen_symmv_alloc(n);
	if (!m || !e || !x || !k) {
		rc = grx_fail_nomem(cx, "eigenvalues");
		goto out;
	}
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j <= i; j++) {
			gsl_matrix_set(m, i, j, *grx_mat_at(a, (int64_t)i, (int64_t)j));
			gsl_matrix_set(m, j, i, gsl_matrix_get(m, i, j));
		}
	if (gsl_eigen_symmv(m, x, e, k) || gsl_eigen_symmv_sort(x, e, GSL_EIGEN_SORT_VAL_DESC)) {
		rc = grx_fail(cx, GRX_E_BUG, "eigenvalues: the iteration failed");
		goto out;
	}
	for (size_t j = 0; j < n; j++) {
		double sign = column_sign(e, j);
		w[j] = gsl_vector_get(x, j);
		for (size_t i = 0; i < n; i++)
			*grx_mat_at(v, (int64_t)i, (int64_t)j) = sign * gsl_matrix_get(e, i, j);
	}
	rc = GRX_OK;
out:
	gsl_eigen_symmv_free(k);
	gsl_vector_free(x);
	gsl_matrix_free(e);
	gsl_matrix_free(m);
	return rc;
}

int grx_svd(struct grx_ctx *cx, struct grx_mat a, double *s, struct grx_mat v)
{
	int rc = GRX_E_BUG;
	size_t m = (size_t)a.n_row, n = (size_t)a.n_col;
	if (n == 0 || m < n || v.n_row != a.n_col || v.n_col != a.n_col || !all_finite(a))
		return grx_fail(
			cx, GRX_E_BUG, "singular values: the matrix is wider than high or not finite");
	gsl_matrix *u = gsl_matrix_alloc(m, n), *e = gsl_matrix_alloc(n, n);
	gsl_vector *x = gsl_vector_alloc(n);
	if (!u || !e || !x) {
		rc = grx_fail_nomem(cx, "singular values");
		goto out;
	}
	for (size_t i = 0; i < m; i++)
		for (size_t j = 0; j < n; j++)
			gsl_matrix_set(u, i, j, *grx_mat_at(a, (int64_t)i, (int64_t)j));
	if (gsl_linalg_SV_decomp_jacobi(u, e, x)) {
		rc = grx_fail(cx, GRX_E_BUG, "singular values: the iteration failed");
		goto out;
	}
	for (size_t j = 0; j < n; j++) {
		s[j] = gsl_vector_get(x, j);
		for (size_t i = 0; i < m; i++)
			*grx_mat_at(a, (int64_t)i, (int64_t)j) = gsl_matrix_get(u, i, j);
		for (size_t i = 0; i < n; i++)
			*grx_mat_at(v, (int64_t)i, (int64_t)j) = gsl_matrix_get(e, i, j);
	}
	rc = GRX_OK;
out:
	gsl_vector_free(x);
	gsl_matrix_free(e);
	gsl_matrix_free(u);
	return rc;
}
