/* SPDX-License-Identifier: GPL-3.0-or-later
 * con_lasso.c -- penalised regression on summary statistics by coordinate descent (lassosum2: Prive, HGG Adv
 * 2022; after Mak, Genet Epidemiol 2017): minimises b'Rb + delta b'b - 2 b'bhat + 2 sum lambda_j |b_j|,
 * lambda_j = lambda sqrt(max n / n_j), along falling lambda from the solution before. */
#include <math.h>
#include <string.h>

#include "stage/prs/con_int.h"

enum { N_LAMBDA = 30, N_DELTA = 4, MAX_ITER = 1000 };
#define TOLERANCE 1e-5

struct lasso {
	double lambda[N_LAMBDA], max_n;
};
static const double delta_of[N_DELTA] = {0.001, 0.01, 0.1, 1};

int prs_con_descend(struct con_cd *c)
{
	for (int it = 1; it <= c->max_iter; it++) {
		double moved = 0, size = 0;
		for (size_t j = 0; j < c->m; j++) {
			double u = c->rb[j] + c->b[j], over = fabs(u) - c->lambda[j];
			double b = over > 0 ? copysign(over, u) / (1 + c->delta) : 0, diff = b - c->b[j];
			size = fmax(size, fabs(b));
			if (diff == 0)
				continue;
			const float *row = c->r + j * c->m;
			for (size_t k = 0; k < c->m; k++)
				c->rb[k] -= diff * (double)row[k];
			c->b[j] = b;
			moved = fmax(moved, fabs(diff));
		}
		if (!(size < 10))
			return -1;
		if (moved <= c->tol * size)
			return it;
	}
	return -1;
}

static int lasso_prepare(
	struct grx_ctx *cx, const struct con_data *d, const double *bhat, const double *n, void *par)
{
	struct lasso *p = par;
	double top = 0;
	(void)cx, (void)bhat;
	p->max_n = 0;
	for (size_t i = 0; i < d->m; i++)
		p->max_n = fmax(p->max_n, n[i]);
	for (size_t i = 0; i < d->m; i++)
		top = fmax(top, fabs(d->bhat[i]) / sqrt(p->max_n / n[i])); /* one grid for choice and fit */
	for (int i = 0; i < N_LAMBDA; i++)
		p->lambda[i] = top * pow(0.01, (double)i / (N_LAMBDA - 1));
	return GRX_OK;
}

/* The path of one delta as far as any parameter of the job needs. */
static void path(struct con_job *j, int di, struct con_cd *c, double *lambda)
{
	const struct lasso *p = j->par;
	int last = j->g1 - di * N_LAMBDA < N_LAMBDA ? j->g1 - di * N_LAMBDA : N_LAMBDA;
	bool ok = true;
	memset(c->b, 0, j->m * sizeof *c->b);
	memcpy(c->rb, j->bhat, j->m * sizeof *c->rb);
	c->delta = delta_of[di];
	for (int l = 0; l < last; l++) {
		int g = di * N_LAMBDA + l;
		for (size_t i = 0; i < j->m; i++)
			lambda[i] = p->lambda[l] * sqrt(p->max_n / j->n[i]);
		ok = ok && prs_con_descend(c) > 0;
		if (g < j->g0)
			continue;
		if (ok)
			memcpy(j->b + (size_t)(g - j->g0) * j->m, c->b, j->m * sizeof *c->b);
		else
			j->n_failed++;
	}
}

static int lasso_solve(struct grx_ctx *cx, struct con_job *j)
{
	double *work = grx_malloc(3 * j->m, sizeof *work);
	if (!work)
		return grx_fail_nomem(cx, "an LD block");
	struct con_cd c = {.m = j->m,
		.r = j->r,
		.lambda = work + 2 * j->m,
		.tol = TOLERANCE,
		.max_iter = MAX_ITER,
		.b = work,
		.rb = work + j->m};
	for (int di = j->g0 / N_LAMBDA; di * N_LAMBDA < j->g1; di++)
		path(j, di, &c, work + 2 * j->m);
	grx_free(work);
	return GRX_OK;
}

static void lasso_describe(const void *par, int g, struct grx_str *out)
{
	const struct lasso *p = par;
	char a[32], b[32];
	grx_str_addf(out, "lambda=%s delta=%s", grx_fmt_g(a, p->lambda[g % N_LAMBDA], 4),
		grx_fmt_g(b, delta_of[g / N_LAMBDA], 4));
}

int prs_con_lasso(struct grx_ctx *cx, const struct con_data *d, struct con_result *res)
{
	struct lasso p = {{0}, 0};
	struct con_method mt = {.name = "lassosum2",
		.n_grid = N_LAMBDA * N_DELTA,
		.shrink = 1,
		.par = &p,
		.prepare = lasso_prepare,
		.solve = lasso_solve,
		.describe = lasso_describe};
	return prs_con_run_grid(cx, d, &mt, res);
}
