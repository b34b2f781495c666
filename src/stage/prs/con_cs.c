/* SPDX-License-Identifier: GPL-3.0-or-later
 * con_cs.c -- continuous shrinkage (PRS-CS: Ge, Nat Commun 2019): effects ~ N(0, sigma
 * psi_j / n), psi_j ~ Gamma(a, delta_j), delta_j ~ Gamma(b, phi), a = 1, b = 1/2; blocked Gibbs with one
 * Cholesky factor per block and iteration. Within an iteration blocks are apart given sigma and phi: one
 * parallel loop draws delta and psi from the effects of the last iteration, then the new effects; sums over
 * blocks are taken in their order and every block has its own random stream, so that threads do not matter.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/par.h"
#include "math/gig.h"
#include "math/linalg.h"
#include "math/rng.h"
#include "stage/prs/con_int.h"

enum { CS_ITER = 1000, CS_BURN = 500, N_TOP = 5 };
#define CS_A    1.0
#define CS_B    0.5
#define PSI_MIN 1e-30 /* 1/psi stays finite */
#define PSI_MAX 1e6   /* a prior SD of 1000 sampling SDs: no bound */

/* Sums over variants of a block. */
struct sums {
	double delta, quad, fit, ridge; /* sum delta; b'(R + 1/psi)b; b'bhat; sum b^2/psi */
};

struct slot {
	double *a, *y, *z, *lam;
	struct sums s;
};

struct cs {
	const struct con_data *d;
	float *ld;
	size_t *at;
	struct grx_rng **rng; /* per block */
	struct grx_rng *global;
	double *b, *psi, *mean; /* mean: sum of E[b | rest] */
	double *sum, *sum2;
	double n, sigma, phi, psi_max;
	bool learn_phi, first, counts;
	struct slot *slot;
	int n_slot, iter, burn, n_chain, n_top;
	size_t top[N_TOP];
	double *trace; /* (3 + N_TOP) x chains x kept iterations: h2, sigma, phi, effects */
	struct sums all;
};

static int cs_next(void *state, struct grx_ctx *cx, uint64_t i, int slot, bool *done)
{
	const struct cs *c = state;
	(void)cx, (void)slot;
	*done = i >= c->d->n_block;
	return GRX_OK;
}

static void draw_psi(const struct cs *c, struct slot *s, size_t beg, size_t m, struct grx_rng *rng)
{
	for (size_t i = beg; i < beg + m; i++) {
		double delta = grx_rng_gamma(rng, CS_A + CS_B, 1 / (c->psi[i] + c->phi));
		double psi = grx_gig(rng, CS_A - 0.5, 2 * delta, c->n * c->b[i] * c->b[i] / c->sigma);
		s->s.delta += delta;
		c->psi[i] = fmin(c->psi_max, fmax(psi, PSI_MIN));
	}
}

/* Effects given psi: N(M^-1 bhat, sigma/n M^-1), M = R + diag(1/psi). */
static int draw_b(struct grx_ctx *cx, const struct cs *c, struct slot *s, uint64_t k)
{
	size_t beg = c->d->cut[k], m = c->d->cut[k + 1] - beg;
	double sd = sqrt(c->sigma / c->n);
	for (size_t i = 0; i < m; i++)
		s->lam[i] = 1 / c->psi[beg + i];
	const struct con_ridge q = {m, c->ld + c->at[k], s->lam, c->d->bhat + beg, s->a, s->y};
	int rc = prs_con_ridge(cx, &q);
	if (rc != GRX_OK)
		return rc;
	for (size_t i = 0; i < m; i++)
		s->z[i] = grx_rng_normal(c->rng[k], 0, 1);
	/* b'Mb of b = mu + sd L'^-1 z: through L'b = L'mu + sd z */
	struct grx_mat l = grx_mat_rows(s->a, (int64_t)m, (int64_t)m);
	double zz = grx_dot((int64_t)m, s->z, s->z);
	grx_trsv_t(l, s->z);
	/* mu'Mmu = mu'bhat; mu'M L'^-1 z = bhat'L'^-1 z */
	double muz = grx_dot((int64_t)m, c->d->bhat + beg, s->z);
	s->s.quad += grx_dot((int64_t)m, s->y, c->d->bhat + beg) + 2 * sd * muz + sd * sd * zz;
	for (size_t i = 0; i < m; i++) {
		double b = s->y[i] + sd * s->z[i];
		c->b[beg + i] = b;
		s->s.fit += b * c->d->bhat[beg + i];
		s->s.ridge += b * b / c->psi[beg + i];
		if (!c->counts)
			continue;
		c->mean[beg + i] += s->y[i];
		c->sum[beg + i] += b;
		c->sum2[beg + i] += b * b;
	}
	return GRX_OK;
}

static int cs_map(void *state, struct grx_ctx *cx, uint64_t k, int slot, int thread)
{
	const struct cs *c = state;
	struct slot *s = &c->slot[slot];
	(void)thread;
	s->s = (struct sums){0};
	if (!c->first)
		draw_psi(c, s, c->d->cut[k], c->d->cut[k + 1] - c->d->cut[k], c->rng[k]);
	return draw_b(cx, c, s, k);
}

static int cs_merge(void *state, struct grx_ctx *cx, uint64_t k, int slot)
{
	struct cs *c = state;
	const struct sums *s = &c->slot[slot].s;
	(void)cx, (void)k;
	c->all.delta += s->delta;
	c->all.quad += s->quad;
	c->all.fit += s->fit;
	c->all.ridge += s->ridge;
	return GRX_OK;
}

/* Gibbs alone moves phi and the psi_j, which follow it, in tiny steps. Here they move together: with psi_j /
 * phi fixed and delta integrated out, phi ~ InvGamma((m-1)/2, n phi sum(b^2/psi) / (2 sigma)) times
 * 1/(1+phi), of the half-Cauchy prior of sqrt(phi); the second factor by acceptance (interweaving: Yu and
 * Meng, J Comput Graph Stat 2011). Delta is drawn anew before it is used again. */
static void move_scale(struct cs *c)
{
	double m = (double)c->d->m, s = c->n * c->phi * c->all.ridge / (2 * c->sigma);
	double phi = s / grx_rng_gamma(c->global, (m - 1) / 2, 1);
	if (!(phi > 0 && isfinite(phi)) || grx_rng_uniform(c->global) * (1 + phi) >= 1 + c->phi)
		return;
	for (size_t i = 0; i < c->d->m; i++)
		c->psi[i] = fmin(c->psi_max, fmax(c->psi[i] * phi / c->phi, PSI_MIN));
	c->phi = phi;
}

/* One iteration: blocks, then the two global parameters. */
static int iterate(struct grx_ctx *cx, struct cs *c)
{
	c->all = (struct sums){0};
	int rc = grx_par_ordered(cx, cx->threads,
		&(struct grx_par_ops){.state = c, .next = cs_next, .map = cs_map, .merge = cs_merge});
	if (rc != GRX_OK)
		return rc;
	double m = (double)c->d->m;
	if (c->learn_phi && !c->first) {
		double w = grx_rng_gamma(c->global, 1, 1 / (c->phi + 1));
		c->phi = grx_rng_gamma(c->global, m * CS_B + 0.5, 1 / (c->all.delta + w));
	}
	if (c->learn_phi && !c->first && !c->d->o->cs_published && c->d->m > 2)
		move_scale(c);
	c->first = false;
	if (!c->d->o->cs_published)
		return GRX_OK;
	double err = c->n / 2 * fmax(1 - 2 * c->all.fit + c->all.quad, c->all.ridge);
	c->sigma = 1 / grx_rng_gamma(c->global, (c->n + m) / 2, 1 / err);
	return GRX_OK;
}

static void record(const struct cs *c, int chain, int it)
{
	size_t kept = (size_t)(c->iter - c->burn), plane = kept * (size_t)c->n_chain;
	double *x = c->trace + (size_t)chain * kept + (size_t)(it - c->burn);
	x[0] = c->all.quad - c->all.ridge; /* b'Rb */
	x[plane] = c->sigma;
	x[2 * plane] = c->phi;
	for (int t = 0; t < c->n_top; t++)
		x[(size_t)(3 + t) * plane] = c->b[c->top[t]];
}

static void keep_draws(const struct cs *c, struct con_result *res, int chain, int it)
{
	int64_t thin = c->d->o->thin, per = (c->iter - c->burn) / thin, all = per * c->n_chain;
	if ((it - c->burn + 1) % thin != 0 || all == 0)
		return;
	int64_t i = chain * per + (it - c->burn + 1) / thin - 1, want = res->n_draw;
	int64_t before = i * want / all, after = (i + 1) * want / all;
	for (int64_t k = before; k < after; k++)
		for (size_t j = 0; j < c->d->m; j++)
			res->draw[(size_t)k * c->d->m + j] = (float)c->b[j];
}

static void streams_free(struct cs *c)
{
	for (size_t k = 0; c->rng && k < c->d->n_block; k++)
		grx_rng_free(c->rng[k]);
	grx_rng_free(c->global);
	grx_free(c->rng);
	c->rng = NULL;
	c->global = NULL;
}

static int streams(struct grx_ctx *cx, struct cs *c, int chain)
{
	uint64_t seed = (uint64_t)c->d->o->seed;
	streams_free(c);
	c->rng = grx_calloc(c->d->n_block, sizeof(struct grx_rng *));
	c->global = grx_rng_new(seed, "prs-cs-global", (uint64_t)chain);
	for (size_t k = 0; c->rng && k < c->d->n_block; k++) {
		c->rng[k] = grx_rng_new(seed, "prs-cs", (uint64_t)chain * c->d->n_block + k);
		if (!c->rng[k])
			return grx_fail_nomem(cx, "random numbers");
	}
	return c->rng && c->global ? GRX_OK : grx_fail_nomem(cx, "random numbers");
}

static int run_chain(struct grx_ctx *cx, struct cs *c, int chain, struct con_result *res)
{
	int rc = streams(cx, c, chain);
	c->sigma = 1;
	c->phi = c->learn_phi ? 1 : c->d->o->phi;
	c->first = true;
	for (size_t i = 0; i < c->d->m; i++) {
		c->b[i] = 0;
		c->psi[i] = 1;
	}
	for (int it = 0; rc == GRX_OK && it < c->iter; it++) {
		c->counts = it >= c->burn;
		rc = iterate(cx, c);
		if (rc != GRX_OK || !c->counts)
			continue;
		record(c, chain, it);
		keep_draws(c, res, chain, it);
	}
	if (rc == GRX_OK && !isfinite(c->sigma + c->phi))
		rc = grx_fail(cx, GRX_E_DATA,
			"the chain diverged: the LD panel does not fit the statistics, or their sample sizes "
			"are wrong");
	return rc;
}

static int note(struct grx_ctx *cx, const struct cs *c, struct con_report *rep)
{
	static const char *const name[] = {"h2", "sigma", "phi"};
	int kept = c->iter - c->burn;
	for (int t = 0; t < 3 + c->n_top; t++) {
		char buf[64];
		struct con_line l = {.section = "posterior", .item = buf};
		if (t < 3)
			l.item = name[t];
		else
			prs_con_effect_name(&c->d->snp[c->top[t - 3]], buf, sizeof buf);
		if (prs_con_summary(c->trace + (size_t)t * (size_t)kept * (size_t)c->n_chain, c->n_chain,
			    kept, &l) != GRX_OK)
			return grx_fail_nomem(cx, "the report");
		prs_con_note_line(rep, &l);
	}
	prs_con_note(rep, "fit", "chains", c->n_chain);
	return GRX_OK;
}

static void means(const struct cs *c, struct con_result *res)
{
	double n = (double)c->n_chain * (c->iter - c->burn);
	for (size_t i = 0; i < c->d->m; i++) {
		double mean = c->sum[i] / n;
		res->b[i] = c->mean[i] / n;
		res->se[i] = sqrt(fmax(0, c->sum2[i] / n - mean * mean));
	}
}

static bool alloc(struct cs *c, int threads)
{
	size_t m = c->d->m, big = c->d->largest, kept = (size_t)(c->iter - c->burn);
	bool ok = true;
	c->b = grx_calloc(5 * m, sizeof *c->b);
	c->trace = grx_calloc((3 + N_TOP) * kept * (size_t)c->n_chain, sizeof *c->trace);
	c->n_slot = grx_par_slots(threads);
	c->slot = grx_calloc((size_t)c->n_slot, sizeof *c->slot);
	if (!c->b || !c->trace || !c->slot)
		return false;
	c->psi = c->b + m;
	c->mean = c->b + 2 * m;
	c->sum = c->b + 3 * m;
	c->sum2 = c->b + 4 * m;
	for (int i = 0; i < c->n_slot; i++) {
		struct slot *s = &c->slot[i];
		s->a = grx_malloc(big * big, sizeof *s->a);
		s->y = grx_malloc(3 * big, sizeof *s->y);
		ok = ok && s->a && s->y;
		s->z = ok ? s->y + big : NULL;
		s->lam = ok ? s->y + 2 * big : NULL;
	}
	return ok;
}

static void release(struct cs *c)
{
	streams_free(c);
	for (int i = 0; c->slot && i < c->n_slot; i++) {
		grx_free(c->slot[i].a);
		grx_free(c->slot[i].y);
	}
	grx_free(c->slot);
	grx_free(c->b);
	grx_free(c->trace);
	grx_free(c->ld);
	grx_free(c->at);
}

int prs_con_cs(struct grx_ctx *cx, const struct con_data *d, struct con_result *res)
{
	int rc = GRX_E_BUG;
	const struct prs_construct_opt *o = d->o;
	struct cs c = {.d = d,
		.n = d->n_median,
		.learn_phi = o->phi <= 0,
		.n_chain = o->n_chain ? (int)o->n_chain : 1,
		.burn = o->n_burn ? (int)o->n_burn : CS_BURN};
	c.iter = c.burn + (o->n_iter ? (int)o->n_iter : CS_ITER - CS_BURN);
	c.psi_max = o->cs_published ? 1 : PSI_MAX;
	c.n_top = prs_con_top(d, c.top, N_TOP);
	int64_t can = (c.iter - c.burn) / o->thin * c.n_chain;
	int n_draw = (int)(o->n_draw < can ? o->n_draw : can);
	if (!alloc(&c, cx->threads)) {
		rc = grx_fail_nomem(cx, "the chain");
		goto out;
	}
	GRX_TRY(prs_con_result_init(cx, res, d->m, n_draw, true));
	GRX_TRY(prs_con_all_ld(cx, d, 1, &c.ld, &c.at));
	for (int i = 0; i < c.n_chain; i++)
		GRX_TRY(run_chain(cx, &c, i, res));
	means(&c, res);
	GRX_TRY(note(cx, &c, &res->rep));
out:
	release(&c);
	return rc;
}
