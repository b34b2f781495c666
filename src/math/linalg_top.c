/* SPDX-License-Identifier: GPL-3.0-or-later
 * linalg_top.c -- leading eigenpairs of a large symmetric operator: block Lanczos, full reorthogonalisation,
 * thick restarts. Invariants: the columns of the basis are orthonormal; t = basis' A basis for the `m`
 * columns that were applied; the `nb` columns after them are the next block, and A basis = basis t + next *
 * link. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "math/linalg.h"
#include "math/rng.h"

/* A direction that is this small beside the operator is rounding. */
#define RANK_TINY 1e-11

struct lanczos {
	const struct grx_top_op *op;
	const struct grx_top_opt *o;
	int64_t n, b, cap, m, nb;
	int64_t n_last;    /* columns of the block applied last: link belongs to them */
	double *basis;     /* n x cap, row-major */
	double *t;         /* cap x cap */
	double *link;      /* b x b: rows = columns of the next block */
	double *x, *y;     /* n x b: block as handed to apply(); its image */
	double *h;         /* cap x b */
	double *theta, *s; /* Ritz values; Ritz vectors in the basis: cap x cap */
	double *tmp;       /* cap x cap, or n x keep on restarts */
	double scale;      /* of the operator, so far */
};

static struct grx_mat basis_cols(const struct lanczos *l, int64_t from, int64_t n)
{
	return grx_mat_sub(grx_mat_rows(l->basis, l->n, l->cap), 0, from, l->n, n);
}

static void lanczos_free(struct lanczos *l)
{
	double *all[] = {l->basis, l->t, l->link, l->x, l->y, l->h, l->theta, l->s, l->tmp};
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		grx_free(all[i]);
}

static int lanczos_alloc(struct grx_ctx *cx, struct lanczos *l)
{
	size_t n = (size_t)l->n, cap = (size_t)l->cap, b = (size_t)l->b, d = sizeof(double);
	size_t keep = (size_t)(l->o->n_want + l->b);
	l->basis = grx_malloc(n, cap * d);
	l->t = grx_calloc(cap, cap * d);
	l->link = grx_calloc(b, b * d);
	l->x = grx_malloc(n, b * d);
	l->y = grx_malloc(n, b * d);
	l->h = grx_malloc(cap, b * d);
	l->theta = grx_malloc(cap, d);
	l->s = grx_malloc(cap, cap * d);
	l->tmp = grx_malloc(n > cap ? n : cap, (keep > cap ? keep : cap) * d);
	if (!l->basis || !l->t || !l->link || !l->x || !l->y || !l->h || !l->theta || !l->s || !l->tmp)
		return grx_fail_nomem(cx, "basis of an eigenvalue problem");
	return GRX_OK;
}

/* y (n x nb) loses its part in the first `m` basis columns; what it had is added to h (m x nb). */
static int project_out(struct grx_ctx *cx, struct lanczos *l, int64_t m, struct grx_mat y, double *h)
{
	int rc = GRX_E_BUG;
	struct grx_mat q = basis_cols(l, 0, m), part = grx_mat_rows(l->tmp, m, y.n_col);
	GRX_TRY(grx_gemm(cx, 1.0, grx_mat_t(q), y, 0.0, part));
	GRX_TRY(grx_gemm(cx, -1.0, q, part, 1.0, y));
	for (int64_t i = 0; h && i < m * y.n_col; i++)
		h[i] += l->tmp[i];
	rc = GRX_OK;
out:
	return rc;
}

/* Rows of c (n_row x n) become orthonormal, in order, twice each; those that hold nothing new are left out.
 * link[i][j]: what old row j had along new row i. Returns the number kept. */
static int64_t orthonormal(double *c, int64_t n_row, int64_t n, double tiny, double *link)
{
	int64_t kept = 0;
	for (int64_t i = 0; i < n_row * n_row; i++)
		link[i] = 0;
	for (int64_t j = 0; j < n_row; j++) {
		double *row = c + j * n;
		for (int pass = 0; pass < 2; pass++)
			for (int64_t i = 0; i < kept; i++) {
				double part = grx_dot(n, c + i * n, row);
				grx_axpy(n, -part, c + i * n, row);
				link[i * n_row + j] += part;
			}
		double len = sqrt(grx_dot(n, row, row));
		if (!(len > tiny))
			continue;
		link[kept * n_row + j] = len;
		for (int64_t k = 0; k < n; k++)
			c[kept * n + k] = row[k] / len;
		kept++;
	}
	return kept;
}

/* Makes the next block of y (n x nb), which is orthogonal to the m columns already. Once scaled up, y may
 * have lost that: it is projected again. */
static int next_block(struct grx_ctx *cx, struct lanczos *l, int64_t nb, double tiny)
{
	int rc = GRX_E_BUG;
	struct grx_mat y = grx_mat_rows(l->y, l->n, nb);
	double *rows = l->x; /* transposed: nb x n */
	double unused[64 * 64];
	for (int64_t i = 0; i < l->n; i++)
		for (int64_t j = 0; j < nb; j++)
			rows[j * l->n + i] = *grx_mat_at(y, i, j);
	l->nb = orthonormal(rows, nb, l->n, tiny, l->link);
	l->n_last = nb;
	if (l->m > 0 && l->nb > 0) {
		GRX_TRY(project_out(cx, l, l->m, grx_mat_t(grx_mat_rows(rows, l->nb, l->n)), NULL));
		l->nb = orthonormal(rows, l->nb, l->n, 0.5, unused);
	}
	if (l->m + l->nb > l->n)
		l->nb = l->n - l->m;
	for (int64_t i = 0; i < l->n && l->m + l->nb <= l->cap; i++)
		for (int64_t j = 0; j < l->nb; j++)
			l->basis[i * l->cap + l->m + j] = rows[j * l->n + i];
	rc = GRX_OK;
out:
	return rc;
}

static int first_block(struct grx_ctx *cx, struct lanczos *l)
{
	struct grx_rng *r = grx_rng_new(l->o->seed, "linalg_top", 0);
	if (!r)
		return grx_fail_nomem(cx, "random numbers");
	for (int64_t i = 0; i < l->n * l->b; i++)
		l->y[i] = grx_rng_normal(r, 0, 1);
	grx_rng_free(r);
	return next_block(cx, l, l->b, 1e-8);
}

/* Applies the operator to the next block; it joins the basis and leaves a new one. */
static int step(struct grx_ctx *cx, struct lanczos *l)
{
	int rc = GRX_E_BUG;
	int64_t nb = l->nb, m0 = l->m, m = m0 + nb;
	struct grx_mat y = grx_mat_rows(l->y, l->n, nb);
	for (int64_t i = 0; i < l->n; i++)
		memcpy(l->x + i * nb, l->basis + i * l->cap + m0, (size_t)nb * sizeof(double));
	GRX_TRY(l->op->apply(l->op->state, cx, l->x, nb, l->y));
	memset(l->h, 0, (size_t)(m * nb) * sizeof(double));
	GRX_TRY(project_out(cx, l, m, y, l->h));
	GRX_TRY(project_out(cx, l, m, y, l->h));
	for (int64_t i = 0; i < m; i++)
		for (int64_t j = 0; j < nb; j++)
			l->t[i * l->cap + m0 + j] = l->t[(m0 + j) * l->cap + i] = l->h[i * nb + j];
	for (int64_t j = 0; j < nb; j++)
		l->scale = fmax(l->scale, l->h[(m0 + j) * nb + j]);
	l->m = m;
	GRX_TRY(next_block(cx, l, nb, RANK_TINY * l->scale));
	rc = GRX_OK;
out:
	return rc;
}

/* Residual of Ritz pair k: the part of A v that leaves the basis goes through the last block alone. */
static double residual(const struct lanczos *l, int64_t k)
{
	double sum = 0;
	for (int64_t i = 0; i < l->n_last; i++) {
		double x = 0;
		for (int64_t j = 0; j < l->n_last; j++)
			x += l->link[i * l->n_last + j] * l->s[(l->m - l->n_last + j) * l->m + k];
		sum += x * x;
	}
	return sqrt(sum);
}

static int ritz(struct grx_ctx *cx, struct lanczos *l, struct grx_top_got *got)
{
	int rc = GRX_E_BUG;
	int64_t m = l->m, want = l->o->n_want < m ? l->o->n_want : m;
	GRX_TRY(grx_eigen_sym(cx, grx_mat_sub(grx_mat_rows(l->t, l->cap, l->cap), 0, 0, m, m), l->theta,
		grx_mat_rows(l->s, m, m)));
	double top = l->theta[0] > 0 ? l->theta[0] : 0;
	got->worst = 0;
	got->converged = m >= l->o->n_want || l->nb == 0;
	for (int64_t k = 0; k < want && l->nb > 0; k++) {
		double res = residual(l, k);
		bool tight = k < l->o->n_tight;
		if (tight && top > 0)
			got->worst = fmax(got->worst, res / top);
		if (!(res <= (tight ? l->o->tol : sqrt(l->o->tol)) * top))
			got->converged = false;
	}
	got->n_got = 0;
	while (got->n_got < want && l->theta[got->n_got] > RANK_TINY * top)
		got->n_got++;
	rc = GRX_OK;
out:
	return rc;
}

/* The basis shrinks to the leading Ritz vectors; the next block, which is still in x as rows, follows them.
 */
static int restart(struct grx_ctx *cx, struct lanczos *l)
{
	int rc = GRX_E_BUG;
	int64_t m = l->m, keep = l->o->n_want + l->b / 2 < m ? l->o->n_want + l->b / 2 : m;
	struct grx_mat kept = grx_mat_rows(l->tmp, l->n, keep);
	GRX_TRY(grx_gemm(cx, 1.0, basis_cols(l, 0, m), grx_mat_sub(grx_mat_rows(l->s, m, m), 0, 0, m, keep),
		0.0, kept));
	for (int64_t i = 0; i < l->n; i++) {
		memcpy(l->basis + i * l->cap, l->tmp + i * keep, (size_t)keep * sizeof(double));
		for (int64_t j = 0; j < l->nb; j++)
			l->basis[i * l->cap + keep + j] = l->x[j * l->n + i];
	}
	memset(l->t, 0, (size_t)(l->cap * l->cap) * sizeof(double));
	for (int64_t k = 0; k < keep; k++)
		l->t[k * l->cap + k] = l->theta[k];
	l->m = keep;
	rc = GRX_OK;
out:
	return rc;
}

static int finish(struct grx_ctx *cx, struct lanczos *l, double *w, double *v, int64_t n_got)
{
	int64_t want = l->o->n_want, m = l->m;
	struct grx_mat out = grx_mat_sub(grx_mat_rows(v, l->n, want), 0, 0, l->n, n_got);
	memset(v, 0, (size_t)(l->n * want) * sizeof(*v));
	int rc = grx_gemm(cx, 1.0, basis_cols(l, 0, m), grx_mat_sub(grx_mat_rows(l->s, m, m), 0, 0, m, n_got),
		0.0, out);
	for (int64_t k = 0; k < want && rc == GRX_OK; k++) {
		double big = 0;
		w[k] = k < n_got ? l->theta[k] : 0.0;
		for (int64_t i = 0; i < l->n; i++)
			big = fabs(v[i * want + k]) > fabs(big) ? v[i * want + k] : big;
		for (int64_t i = 0; i < l->n && big < 0; i++)
			v[i * want + k] = -v[i * want + k];
	}
	return rc;
}

int grx_eigen_top(struct grx_ctx *cx, const struct grx_top_op *op, const struct grx_top_opt *o, double *w,
	double *v, struct grx_top_got *got)
{
	int rc = GRX_E_BUG;
	struct lanczos l = {.op = op, .o = o, .n = op->n, .b = o->block < op->n ? o->block : op->n};
	*got = (struct grx_top_got){0};
	if (o->n_want < 1 || o->n_want > op->n || l.b < 1 || l.b > 64)
		return grx_fail(cx, GRX_E_BUG, "eigenvalues: sizes do not fit");
	l.cap = 4 * o->n_want + 8 * l.b > 12 * l.b ? 4 * o->n_want + 8 * l.b : 12 * l.b;
	l.cap = l.cap < l.n ? l.cap : l.n;
	GRX_TRY(lanczos_alloc(cx, &l));
	GRX_TRY(first_block(cx, &l));
	while (!got->converged && got->n_apply < o->max_apply) {
		if (l.m + l.nb > l.cap)
			GRX_TRY(restart(cx, &l));
		GRX_TRY(step(cx, &l));
		got->n_apply++;
		if (l.m >= o->n_want || l.nb == 0 || got->n_apply == o->max_apply)
			GRX_TRY(ritz(cx, &l, got));
	}
	GRX_TRY(finish(cx, &l, w, v, got->n_got));
	rc = GRX_OK;
out:
	lanczos_free(&l);
	return rc;
}
