/* SPDX-License-Identifier: GPL-3.0-or-later
 * con_inf.c -- the infinitesimal model: every variant has an effect ~ N(0, h2/m). Given bhat ~ N(R b, R/n)
 * the posterior is N(M^-1 bhat, M^-1/n), M = R + m/(n h2) I, which a Cholesky factor per block gives exactly:
 * mean, standard deviations and independent draws (Vilhjalmsson, Am J Hum Genet 2015). */
#include <math.h>
#include <string.h>

#include "math/linalg.h"
#include "math/rng.h"
#include "stage/prs/con_int.h"

struct inf {
	double h2;
};

int prs_con_ridge(struct grx_ctx *cx, const struct con_ridge *q)
{
	int64_t bad;
	size_t m = q->m;
	struct grx_mat l = grx_mat_rows(q->a, (int64_t)m, (int64_t)m);
	for (size_t i = 0; i < m * m; i++)
		q->a[i] = q->r[i];
	for (size_t i = 0; i < m; i++)
		q->a[i * m + i] += q->lam[i];
	int rc = grx_chol(cx, l, &bad);
	if (rc != GRX_OK)
		return rc;
	if (bad >= 0)
		return grx_fail(
			cx, GRX_E_DATA, "the LD of a block of %zu variants is not positive definite", m);
	memcpy(q->b, q->bhat, m * sizeof *q->b);
	grx_chol_solve(l, q->b);
	return GRX_OK;
}

/* Variances of M^-1's diagonal: squared columns of L^-1. */
static void deviations(const struct con_job *j, double *a, double *x)
{
	for (size_t c = 0; c < j->m; c++) {
		int64_t n = (int64_t)(j->m - c);
		struct grx_mat l = grx_mat_sub(
			grx_mat_rows(a, (int64_t)j->m, (int64_t)j->m), (int64_t)c, (int64_t)c, n, n);
		memset(x, 0, (size_t)n * sizeof *x);
		x[0] = 1;
		grx_trsv(l, x);
		j->se[c] = sqrt(grx_dot(n, x, x) / j->n[c]);
	}
}

static int draws(struct grx_ctx *cx, const struct con_job *j, double *a, double *x)
{
	struct grx_rng *rng = grx_rng_new((uint64_t)j->d->o->seed, "prs-inf", j->k);
	if (!rng)
		return grx_fail_nomem(cx, "random numbers");
	for (int k = 0; k < j->n_draw; k++) {
		for (size_t i = 0; i < j->m; i++)
			x[i] = grx_rng_normal(rng, 0, 1);
		grx_trsv_t(grx_mat_rows(a, (int64_t)j->m, (int64_t)j->m), x);
		for (size_t i = 0; i < j->m; i++)
			j->draw[(size_t)k * j->m + i] = (float)(j->b[i] + x[i] / sqrt(j->n[i]));
	}
	grx_rng_free(rng);
	return GRX_OK;
}

static int inf_solve(struct grx_ctx *cx, struct con_job *j)
{
	int rc = GRX_E_BUG;
	const struct inf *p = j->par;
	double *a = grx_malloc(j->m * j->m, sizeof *a), *lam = grx_malloc(2 * j->m, sizeof *lam);
	if (!a || !lam) {
		rc = grx_fail_nomem(cx, "an LD block");
		goto out;
	}
	for (size_t i = 0; i < j->m; i++)
		lam[i] = (double)j->d->m / (p->h2 * j->n[i]);
	GRX_TRY(prs_con_ridge(cx, &(struct con_ridge){j->m, j->r, lam, j->bhat, a, j->b}));
	if (j->se)
		deviations(j, a, lam + j->m);
	if (j->draw)
		GRX_TRY(draws(cx, j, a, lam + j->m));
	rc = GRX_OK;
out:
	grx_free(a);
	grx_free(lam);
	return rc;
}

static void inf_describe(const void *par, int g, struct grx_str *out)
{
	char buf[32];
	(void)g;
	grx_str_addf(out, "h2=%s", grx_fmt_g(buf, ((const struct inf *)par)->h2, 4));
}

int prs_con_inf(struct grx_ctx *cx, const struct con_data *d, struct con_result *res)
{
	struct inf p = {.h2 = d->h2_init};
	struct con_method mt = {.name = "ldpred2-inf",
		.n_grid = 1,
		.shrink = d->o->shrink,
		.par = &p,
		.solve = inf_solve,
		.describe = inf_describe,
		.has_se = true,
		.has_draw = true};
	return prs_con_run_grid(cx, d, &mt, res);
}
