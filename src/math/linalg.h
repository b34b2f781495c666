/* SPDX-License-Identifier: GPL-3.0-or-later
 * linalg.h -- dense linear algebra in double precision: products, triangular systems, Cholesky, QR, eigen,
 * SVD. Own cache-blocked kernels, no BLAS (docs/decisions.md). Every element of every result is summed in one
 * order that depends on the shapes only, without fused multiply-add: the same bits on any CPU, for any number
 * of threads. NaN and infinity propagate. No function starts threads or keeps state. */
#ifndef GRX_MATH_LINALG_H
#define GRX_MATH_LINALG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "genorx/ctx.h"

/* A view of a matrix; borrows a. Element (i, j) is a[i * rs + j * cs]. Row-major: rs = leading dimension, cs
 * = 1. Outputs are written element by element; they may not overlap inputs unless said. */
struct grx_mat {
	double *a;
	int64_t n_row, n_col;
	ptrdiff_t rs, cs;
};
struct grx_mat grx_mat_rows(double *a, int64_t n_row, int64_t n_col); /* row-major, dense */
struct grx_mat grx_mat_t(struct grx_mat m);                           /* its transpose */
/* n_row x n_col elements from (i, j) on. */
struct grx_mat grx_mat_sub(struct grx_mat m, int64_t i, int64_t j, int64_t n_row, int64_t n_col);
double *grx_mat_at(struct grx_mat m, int64_t i, int64_t j);

/* --- vectors; 16 partial sums in a fixed order, then their sum */
double grx_dot(int64_t n, const double *x, const double *y);
void grx_axpy(int64_t n, double a, const double *x, double *y); /* y += a x */

/* --- products. Errors: NOMEM (panels of at most 4 MB), BUG when shapes do not fit. */
/* C = beta C + alpha A B; beta = 0 ignores what C holds. Cost: 2 m n k; 20 to 45 GFlop/s on one core of 2022.
 */
int grx_gemm(struct grx_ctx *cx, double alpha, struct grx_mat a, struct grx_mat b, double beta,
	struct grx_mat c) GRX_MUST;
/* C = beta C + alpha A A', both triangles written and equal to the last bit; half of gemm's cost. C must be
 * symmetric before unless beta = 0. */
int grx_syrk(struct grx_ctx *cx, double alpha, struct grx_mat a, double beta, struct grx_mat c) GRX_MUST;
/* y = beta y + alpha A x. Any strides; rows of A contiguous or columns contiguous are fast. */
void grx_gemv(double alpha, struct grx_mat a, const double *x, double beta, double *y);

/* --- triangular systems; l is lower triangular with a non-zero diagonal, what is above is not read. For R' x
 * = b of an upper R = L' hand over L; x is overwritten by the solution. */
void grx_trsv(struct grx_mat l, double *x);   /* L x = b */
void grx_trsv_t(struct grx_mat l, double *x); /* L' x = b */

/* --- Cholesky, blocked: the lower triangle of a becomes L with A = L L'; the upper one is left as it was.
 * *bad = -1, or the first row whose pivot is not above tiny * its diagonal (A is not positive definite: a
 * holds rubbish). Cost: n^3 / 3. */
int grx_chol(struct grx_ctx *cx, struct grx_mat a, int64_t *bad) GRX_MUST;
void grx_chol_solve(struct grx_mat l, double *x); /* A x = b with L of grx_chol() */
double grx_chol_logdet(struct grx_mat l);         /* ln det A */

/* --- thin QR by Householder: a (m x n, m >= n) becomes Q with orthonormal columns, r (n x n) upper
 * triangular with a diagonal >= 0. Dependent columns give zeros on r's diagonal; Q stays orthonormal. Cost: 4
 * m n^2. */
int grx_qr(struct grx_ctx *cx, struct grx_mat a, struct grx_mat r) GRX_MUST;

/* --- eigen and singular values. */
/* Symmetric A (n x n): w descending, columns of v orthonormal; the largest element of each column is
 * positive. Only the lower triangle of a is read. Tridiagonal QL; cost about 9 n^3: for n up to about 1,000.
 */
int grx_eigen_sym(struct grx_ctx *cx, struct grx_mat a, double *w, struct grx_mat v) GRX_MUST;
/* A (m x n, m >= n) = U diag(s) V': a becomes U, s descending, v (n x n). One-sided Jacobi: small relative
 * errors even of small s. Columns of U with s = 0 are zero. For n up to about 200. */
int grx_svd(struct grx_ctx *cx, struct grx_mat a, double *s, struct grx_mat v) GRX_MUST;

/* Leading eigenpairs of a large symmetric positive semidefinite operator by block Lanczos with full
 * reorthogonalisation and thick restarts (Wu and Simon 2000, doi:10.1137/S0895479898334605). */
struct grx_top_op {
	void *state;
	int64_t n;
	/* y = A x; both n x b, row-major, dense; b <= block */
	int (*apply)(void *state, struct grx_ctx *cx, const double *x, int64_t b, double *y);
};
struct grx_top_opt {
	int64_t n_want;    /* eigenpairs returned, <= n */
	int64_t n_tight;   /* the first of them that must reach tol; the others sqrt(tol) */
	double tol;        /* residual |A v - w v| / w_1; the error of a separated w is about its square */
	int64_t block;     /* columns per application: 8, 16 or 24 suit the kernels */
	int64_t max_apply; /* applications at most */
	uint64_t seed;
};
struct grx_top_got {
	int64_t n_apply;
	int64_t n_got; /* < n_want only when the operator's rank is lower */
	bool converged;
	double worst; /* largest residual / w_1 among the tight ones */
};
/* w [n_want] descending, v [n x n_want] row-major; the largest element of each column is positive. Memory:
 * about (4 n_want + 8 block) n doubles, at least 12 blocks. Not converged is not an error: see got. */
int grx_eigen_top(struct grx_ctx *cx, const struct grx_top_op *op, const struct grx_top_opt *o, double *w,
	double *v, struct grx_top_got *got) GRX_MUST;

/* For tests: the kernels this CPU can run, named; and gemm with one of them. */
enum grx_gemm_isa { GRX_GEMM_AUTO, GRX_GEMM_PORTABLE, GRX_GEMM_AVX2, GRX_GEMM_AVX512 };
bool grx_gemm_has_isa(enum grx_gemm_isa isa);
struct grx_gemm_args {
	enum grx_gemm_isa isa;
	double alpha, beta;
	struct grx_mat a, b, c;
	bool lower; /* only blocks that touch c's lower triangle */
};
int grx_gemm_with(struct grx_ctx *cx, const struct grx_gemm_args *g) GRX_MUST;

#endif
