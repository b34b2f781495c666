/* SPDX-License-Identifier: GPL-3.0-or-later
 * linalg_fact.c -- Cholesky by blocks, thin QR by Householder reflections. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "math/linalg.h"

#define CHOL_BLOCK 48
/* A pivot that lost this much of its diagonal is rounding: 64 units in the last place. */
#define CHOL_TINY 0x1p-46

/* Unblocked, by rows of the lower triangle; diag holds what the whole matrix had there. -1 or the bad row. */
static int64_t chol_small(struct grx_mat a, const double *diag)
{
	for (int64_t i = 0; i < a.n_row; i++) {
		for (int64_t j = 0; j <= i; j++) {
			double s = *grx_mat_at(a, i, j);
			if (a.cs == 1)
				s -= grx_dot(j, grx_mat_at(a, i, 0), grx_mat_at(a, j, 0));
			else
				for (int64_t k = 0; k < j; k++)
					s -= *grx_mat_at(a, i, k) * *grx_mat_at(a, j, k);
			if (i != j)
				*grx_mat_at(a, i, j) = s / *grx_mat_at(a, j, j);
			else if (s > CHOL_TINY * diag[i])
				*grx_mat_at(a, i, i) = sqrt(s);
			else
				return i; /* also NaN */
		}
	}
	return -1;
}

/* Rows of x (m x n) become rows of x inv(L'), L n x n. */
static void solve_rows(struct grx_mat l, struct grx_mat x, double *row)
{
	for (int64_t i = 0; i < x.n_row; i++) {
		for (int64_t j = 0; j < x.n_col; j++)
			row[j] = *grx_mat_at(x, i, j);
		grx_trsv(l, row);
		for (int64_t j = 0; j < x.n_col; j++)
			*grx_mat_at(x, i, j) = row[j];
	}
}

/* One block column: factor the diagonal block, solve below it, update the lower right. */
static int chol_step(struct grx_ctx *cx, struct grx_mat a, int64_t k, const double *diag, int64_t *bad)
{
	int64_t n = a.n_row, b = n - k < CHOL_BLOCK ? n - k : CHOL_BLOCK, rest = n - k - b;
	double row[CHOL_BLOCK];
	struct grx_mat l = grx_mat_sub(a, k, k, b, b), x = grx_mat_sub(a, k + b, k, rest, b);
	int64_t at = chol_small(l, diag + k);
	if (at >= 0) {
		*bad = k + at;
		return GRX_OK;
	}
	solve_rows(l, x, row);
	struct grx_gemm_args g = {.alpha = -1.0,
		.beta = 1.0,
		.a = x,
		.b = grx_mat_t(x),
		.c = grx_mat_sub(a, k + b, k + b, rest, rest),
		.lower = true};
	return rest ? grx_gemm_with(cx, &g) : GRX_OK;
}

int grx_chol(struct grx_ctx *cx, struct grx_mat a, int64_t *bad)
{
	int64_t n = a.n_row;
	int rc = GRX_OK;
	*bad = -1;
	double *diag = grx_malloc((size_t)n, sizeof(*diag));
	if (!diag)
		return grx_fail_nomem(cx, "Cholesky factor");
	for (int64_t i = 0; i < n; i++)
		diag[i] = *grx_mat_at(a, i, i);
	for (int64_t k = 0; k < n && *bad < 0 && rc == GRX_OK; k += CHOL_BLOCK)
		rc = chol_step(cx, a, k, diag, bad);
	grx_free(diag);
	return rc;
}

void grx_chol_solve(struct grx_mat l, double *x)
{
	grx_trsv(l, x);
	grx_trsv_t(l, x);
}

double grx_chol_logdet(struct grx_mat l)
{
	double s = 0;
	for (int64_t i = 0; i < l.n_row; i++)
		s += log(*grx_mat_at(l, i, i));
	return 2 * s;
}

/* --- QR. at holds A' (row k = column k of A), so that every reflection runs along contiguous memory. */

/* Reflection that maps x[0..n) to (-sign(x0) |x|, 0, ...): x becomes its unit vector, the return value the
 * image. A zero column needs none: x stays zero. */
static double reflect_of(int64_t n, double *x)
{
	double big = 0;
	for (int64_t i = 0; i < n; i++)
		big = fabs(x[i]) > big ? fabs(x[i]) : big;
	if (big == 0.0)
		return 0.0;
	for (int64_t i = 0; i < n; i++)
		x[i] /= big;
	double norm = sqrt(grx_dot(n, x, x)), image = x[0] > 0 ? -norm : norm;
	x[0] -= image;
	double len = sqrt(grx_dot(n, x, x));
	for (int64_t i = 0; i < n; i++)
		x[i] /= len;
	return image * big;
}

static void reflect(int64_t n, const double *u, double *x)
{
	grx_axpy(n, -2.0 * grx_dot(n, u, x), u, x);
}

static void qr_factor(int64_t m, int64_t n, double *at, double *r)
{
	for (int64_t k = 0; k < n; k++) {
		double *col = at + k * m;
		for (int64_t j = 0; j < k; j++) {
			reflect(m - j, at + j * m + j, col + j);
			r[j * n + k] = col[j];
		}
		r[k * n + k] = reflect_of(m - k, col + k);
	}
}

/* Q e_k = H_0 ... H_k e_k; the sign makes r's diagonal positive. q: m doubles. */
static void qr_column(const double *at, int64_t k, double *q, const double *rr, struct grx_mat a)
{
	int64_t m = a.n_row, n = a.n_col;
	double sign = rr[k * n + k] < 0 ? -1.0 : 1.0;
	memset(q, 0, (size_t)m * sizeof(*q));
	q[k] = 1.0;
	for (int64_t j = k; j >= 0; j--)
		reflect(m - j, at + j * m + j, q + j);
	for (int64_t i = 0; i < m; i++)
		*grx_mat_at(a, i, k) = sign * q[i];
}

int grx_qr(struct grx_ctx *cx, struct grx_mat a, struct grx_mat r)
{
	int rc = GRX_E_BUG;
	int64_t m = a.n_row, n = a.n_col;
	double *at = grx_malloc((size_t)m, (size_t)n * sizeof(*at));
	double *rr = grx_calloc((size_t)n, (size_t)n * sizeof(*rr)), *q = grx_malloc((size_t)m, sizeof(*q));
	if (m < n || !at || !rr || !q) {
		rc = m < n ? grx_fail(cx, GRX_E_BUG, "QR of a matrix wider than high")
			   : grx_fail_nomem(cx, "QR factors");
		goto out;
	}
	for (int64_t i = 0; i < m; i++)
		for (int64_t j = 0; j < n; j++)
			at[j * m + i] = *grx_mat_at(a, i, j);
	qr_factor(m, n, at, rr);
	for (int64_t k = 0; k < n; k++) {
		qr_column(at, k, q, rr, a);
		for (int64_t j = 0; j < n; j++)
			*grx_mat_at(r, k, j) = j < k ? 0.0 : (rr[k * n + k] < 0 ? -1.0 : 1.0) * rr[k * n + j];
	}
	rc = GRX_OK;
out:
	grx_free(at);
	grx_free(rr);
	grx_free(q);
	return rc;
}
