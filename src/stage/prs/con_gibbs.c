/* SPDX-License-Identifier: GPL-3.0-or-later
 * con_gibbs.c -- the point-normal model of LDpred2 (Prive, Bioinformatics 2020): an
 * effect is 0 with probability 1-p, else ~ N(0, h2/(m p)); one Gibbs sweep, and the grid of h2 and p. bhat -
 * R b is kept up to date, so that a variant costs O(1) while its effect stays 0 and O(block) otherwise. */
#include <math.h>
#include <string.h>

#include "math/rng.h"
#include "stage/prs/con_int.h"

enum { N_P = 21, N_H2 = 4, GRID_BURN = 50, GRID_ITER = 100 };

/* rb -= diff * row */
static void move(double *rb, const float *row, double diff, size_t m)
{
	for (size_t k = 0; k < m; k++)
		rb[k] -= diff * (double)row[k];
}

void prs_con_sweep(struct con_gibbs *g, struct grx_rng *rng)
{
	double var = g->h2 / (g->m_all * g->p), odds = (1 - g->p) / g->p;
	g->n_causal = 0;
	for (size_t j = 0; j < g->m; j++) {
		double res = g->rb[j] + g->b[j]; /* R_jj = 1 */
		double c1 = var * g->n[j], c2 = 1 / (1 + 1 / c1), c3 = c2 * res, c4 = c2 / g->n[j];
		double post = 1 / (1 + odds * sqrt(1 + c1) * exp(-c3 * c3 / c4 / 2)), b = 0;
		if (g->mean) {
			g->mean[j] += c3 * post;
			g->mean2[j] += (c3 * c3 + c4) * post;
		}
		if (grx_rng_uniform(rng) < post) {
			b = grx_rng_normal(rng, c3, sqrt(c4));
			g->n_causal++;
		}
		if (b != g->b[j])
			move(g->rb, g->r + j * g->m, b - g->b[j], g->m);
		g->b[j] = b;
	}
}

struct grid {
	double p[N_P], h2[N_H2];
	int n_p, n_h2, burn, iter;
};

/* Diverged? The effects cannot hold more than the marginal ones. */
static bool too_large(const double *b, const double *bhat, size_t m)
{
	double s = 0, t = 0;
	for (size_t i = 0; i < m; i++) {
		s += b[i] * b[i];
		t += bhat[i] * bhat[i];
	}
	return !(s <= 2 * t);
}

static void keep_draw(const struct con_job *j, const struct con_gibbs *g, int it, int iter)
{
	int64_t before = (int64_t)it * j->n_draw / iter, after = (int64_t)(it + 1) * j->n_draw / iter;
	for (int64_t k = before; k < after; k++)
		for (size_t i = 0; i < j->m; i++)
			j->draw[(size_t)k * j->m + i] = (float)g->b[i];
}

/* One parameter; the sums of means end up in mean, mean2. */
static void fit(const struct con_job *j, const struct grid *p, struct con_gibbs *g, struct grx_rng *rng)
{
	double *mean = g->mean, *mean2 = g->mean2;
	memset(g->b, 0, j->m * sizeof *g->b);
	memset(mean, 0, j->m * sizeof *mean);
	memset(mean2, 0, j->m * sizeof *mean2);
	memcpy(g->rb, j->bhat, j->m * sizeof *g->rb);
	g->mean = NULL;
	for (int it = 0; it < p->burn; it++)
		prs_con_sweep(g, rng);
	g->mean = mean;
	for (int it = 0; it < p->iter; it++) {
		prs_con_sweep(g, rng);
		keep_draw(j, g, it, p->iter);
	}
	for (size_t i = 0; i < j->m; i++) {
		mean[i] /= p->iter;
		mean2[i] = sqrt(fmax(0, mean2[i] / p->iter - mean[i] * mean[i]));
	}
}

static int grid_one(struct grx_ctx *cx, struct con_job *j, int k, double *work)
{
	const struct grid *p = j->par;
	size_t m = j->m;
	uint64_t stream = j->k * (uint64_t)(p->n_p * p->n_h2) + (uint64_t)k;
	struct grx_rng *rng = grx_rng_new((uint64_t)j->d->o->seed, "prs-grid", stream);
	if (!rng)
		return grx_fail_nomem(cx, "random numbers");
	struct con_gibbs g = {.m = m,
		.m_all = (double)j->d->m,
		.h2 = p->h2[k / p->n_p],
		.p = p->p[k % p->n_p],
		.r = j->r,
		.bhat = j->bhat,
		.n = j->n,
		.b = work,
		.rb = work + m,
		.mean = work + 2 * m,
		.mean2 = work + 3 * m};
	fit(j, p, &g, rng);
	grx_rng_free(rng);
	if (too_large(g.mean, j->bhat, m)) {
		j->n_failed++;
		if (j->draw)
			memset(j->draw, 0, (size_t)j->n_draw * m * sizeof *j->draw);
		return GRX_OK;
	}
	memcpy(j->b + (size_t)(k - j->g0) * m, g.mean, m * sizeof *g.mean);
	if (j->se)
		memcpy(j->se, g.mean2, m * sizeof *g.mean2);
	return GRX_OK;
}

static int grid_solve(struct grx_ctx *cx, struct con_job *j)
{
	int rc = GRX_OK;
	double *work = grx_malloc(4 * j->m, sizeof *work);
	if (!work)
		return grx_fail_nomem(cx, "an LD block");
	for (int k = j->g0; rc == GRX_OK && k < j->g1; k++)
		rc = grid_one(cx, j, k, work);
	grx_free(work);
	return rc;
}

static void grid_describe(const void *par, int g, struct grx_str *out)
{
	const struct grid *p = par;
	char a[32], b[32];
	grx_str_addf(
		out, "h2=%s p=%s", grx_fmt_g(a, p->h2[g / p->n_p], 4), grx_fmt_g(b, p->p[g % p->n_p], 4));
}

int prs_con_ldgrid(struct grx_ctx *cx, const struct con_data *d, struct con_result *res)
{
	static const double part[N_H2] = {0.3, 0.7, 1, 1.4};
	const struct prs_construct_opt *o = d->o;
	struct grid p = {.n_p = 1,
		.n_h2 = 1,
		.burn = o->n_burn ? (int)o->n_burn : GRID_BURN,
		.iter = o->n_iter ? (int)o->n_iter : GRID_ITER};
	p.p[0] = o->p_causal;
	p.h2[0] = o->h2;
	if (o->p_causal <= 0)
		for (p.n_p = 0; p.n_p < N_P; p.n_p++)
			p.p[p.n_p] = pow(10, -5 + 5.0 * p.n_p / (N_P - 1));
	if (o->h2 <= 0)
		for (p.n_h2 = 0; p.n_h2 < N_H2; p.n_h2++)
			p.h2[p.n_h2] = part[p.n_h2] * d->h2_init;
	struct con_method mt = {.name = "ldpred2-grid",
		.n_grid = p.n_p * p.n_h2,
		.shrink = o->shrink,
		.par = &p,
		.solve = grid_solve,
		.describe = grid_describe,
		.has_se = true,
		.has_draw = true};
	return prs_con_run_grid(cx, d, &mt, res);
}
