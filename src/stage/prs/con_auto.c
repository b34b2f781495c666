/* SPDX-License-Identifier: GPL-3.0-or-later
 * con_auto.c -- LDpred2-auto: h2 and p are learnt with the effects (Prive 2020; chains and their selection:
 * Prive, Am J Hum Genet 2023). Chains start from values of p spread over four orders of
 * magnitude; one that diverges, or whose effects are much smaller than those of the others, is dropped and
 * counted. A chain is one thread's; its random stream is its own. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/par.h"
#include "math/rng.h"
#include "stage/prs/con_int.h"

enum { AUTO_CHAINS = 8, AUTO_BURN = 500, AUTO_ITER = 500, N_TOP = 5, MAX_CHAIN = 1000 };
#define P_MIN  1e-5
#define H2_MIN 1e-3

struct chain {
	double *b, *rb, *mean, *mean2; /* m each */
	double *h2, *p;                /* traces after burn-in */
	double *top;                   /* N_TOP traces */
	float *draw;                   /* n_draw x m */
	double range;                  /* of R b */
	bool diverged, dropped;
};

struct autor {
	const struct con_data *d;
	float *ld;
	size_t *at;
	int n_chain, burn, iter, n_draw, n_top;
	double mean_ld;
	size_t top[N_TOP];
	struct chain *chain;
};

/* b'Rb and sums over the state. */
struct state {
	double h2, bb;
	int64_t n_causal;
};

static struct state sweep_all(
	const struct autor *a, struct chain *c, double h2, double p, struct grx_rng *rng)
{
	struct state s = {0};
	const struct con_data *d = a->d;
	for (size_t k = 0; k < d->n_block; k++) {
		size_t beg = d->cut[k];
		struct con_gibbs g = {.m = d->cut[k + 1] - beg,
			.m_all = (double)d->m,
			.h2 = h2,
			.p = p,
			.r = a->ld + a->at[k],
			.bhat = d->bhat + beg,
			.n = d->n + beg,
			.b = c->b + beg,
			.rb = c->rb + beg,
			.mean = c->mean + beg,
			.mean2 = c->mean2 + beg};
		prs_con_sweep(&g, rng);
		s.n_causal += g.n_causal;
	}
	for (size_t i = 0; i < d->m; i++) {
		s.h2 += c->b[i] * (d->bhat[i] - c->rb[i]);
		s.bb += c->b[i] * c->b[i];
	}
	return s;
}

static void keep(const struct autor *a, struct chain *c, int it, double h2, double p)
{
	size_t m = a->d->m;
	int64_t before = (int64_t)it * a->n_draw / a->iter, after = (int64_t)(it + 1) * a->n_draw / a->iter;
	c->h2[it] = h2;
	c->p[it] = p;
	for (int t = 0; t < a->n_top; t++)
		c->top[t * a->iter + it] = c->b[a->top[t]];
	for (int64_t k = before; k < after; k++)
		for (size_t i = 0; i < m; i++)
			c->draw[(size_t)k * m + i] = (float)c->b[i];
}

/* Spread of R E[b]: what the effects of the chain say of each variant's marginal effect. */
static double range_of(const struct autor *a, const double *b)
{
	const struct con_data *d = a->d;
	double lo = INFINITY, hi = -INFINITY;
	for (size_t k = 0; k < d->n_block; k++) {
		size_t beg = d->cut[k], m = d->cut[k + 1] - beg;
		for (size_t i = 0; i < m; i++) {
			double s = 0;
			for (size_t j = 0; j < m; j++)
				s += (double)a->ld[a->at[k] + i * m + j] * b[beg + j];
			lo = fmin(lo, s);
			hi = fmax(hi, s);
		}
	}
	return hi - lo;
}

static void run_chain(const struct autor *a, struct chain *c, double p, struct grx_rng *rng)
{
	const struct con_data *d = a->d;
	size_t m = d->m;
	double h2 = d->h2_init, limit = 0;
	memcpy(c->rb, d->bhat, m * sizeof *c->rb);
	for (size_t i = 0; i < m; i++)
		limit += 2 * d->bhat[i] * d->bhat[i];
	for (int it = -a->burn; it < a->iter; it++) {
		if (it == 0) {
			memset(c->mean, 0, m * sizeof *c->mean);
			memset(c->mean2, 0, m * sizeof *c->mean2);
		}
		struct state s = sweep_all(a, c, h2, p, rng);
		if (!(s.bb <= limit)) {
			c->diverged = true;
			return;
		}
		double on = (double)s.n_causal / a->mean_ld,
		       off = (double)(m - (size_t)s.n_causal) / a->mean_ld;
		p = fmin(1, fmax(P_MIN, grx_rng_beta(rng, 1 + on, 1 + off)));
		h2 = fmax(H2_MIN, s.h2);
		if (it >= 0)
			keep(a, c, it, h2, p);
	}
	for (size_t i = 0; i < m; i++) {
		c->mean[i] /= a->iter;
		c->mean2[i] /= a->iter;
	}
	c->range = range_of(a, c->mean);
}

static int chain_next(void *state, struct grx_ctx *cx, uint64_t i, int slot, bool *done)
{
	const struct autor *a = state;
	(void)cx, (void)slot;
	*done = i >= (uint64_t)a->n_chain;
	return GRX_OK;
}

static int chain_map(void *state, struct grx_ctx *cx, uint64_t i, int slot, int thread)
{
	const struct autor *a = state;
	struct chain *c = &a->chain[i];
	size_t m = a->d->m, iter = (size_t)a->iter;
	(void)slot, (void)thread;
	/* 1e-4 .. 0.2, evenly on the log scale */
	double p = a->d->o->p_causal > 0
			   ? a->d->o->p_causal
			   : 1e-4 * pow(2000, a->n_chain > 1 ? (double)i / (a->n_chain - 1) : 0.75);
	c->b = grx_calloc(4 * m, sizeof *c->b);
	c->h2 = grx_calloc((2 + N_TOP) * iter, sizeof *c->h2);
	c->draw = grx_malloc((size_t)a->n_draw * m, sizeof *c->draw);
	struct grx_rng *rng = grx_rng_new((uint64_t)a->d->o->seed, "prs-auto", i);
	if (!c->b || !c->h2 || !c->draw || !rng) {
		grx_rng_free(rng);
		return grx_fail_nomem(cx, "a chain");
	}
	c->rb = c->b + m;
	c->mean = c->b + 2 * m;
	c->mean2 = c->b + 3 * m;
	c->p = c->h2 + iter;
	c->top = c->p + iter;
	run_chain(a, c, p, rng);
	grx_rng_free(rng);
	return GRX_OK;
}

static int chain_merge(void *state, struct grx_ctx *cx, uint64_t i, int slot)
{
	(void)state, (void)cx, (void)i, (void)slot;
	return GRX_OK;
}

static int by_value(const void *pa, const void *pb)
{
	double a = *(const double *)pa, b = *(const double *)pb;
	return a < b ? -1 : a > b;
}

/* Keep chains whose range is above 0.95 x its 95th percentile; the number kept. */
static int select_chains(const struct autor *a, struct con_report *rep)
{
	double r[MAX_CHAIN] = {0};
	int n = 0, n_kept = 0, diverged = 0;
	for (int i = 0; i < a->n_chain; i++) {
		diverged += a->chain[i].diverged;
		if (!a->chain[i].diverged)
			r[n++] = a->chain[i].range;
	}
	qsort(r, (size_t)n, sizeof *r, by_value);
	double limit = n ? 0.95 * r[(int)(0.95 * (n - 1))] : 0;
	for (int i = 0; i < a->n_chain; i++) {
		struct chain *c = &a->chain[i];
		c->dropped = c->diverged || !(c->range >= limit);
		n_kept += !c->dropped;
	}
	prs_con_note(rep, "fit", "chains", a->n_chain);
	prs_con_note(rep, "fit", "chains_diverged", diverged);
	prs_con_note(rep, "fit", "chains_disagree", a->n_chain - diverged - n_kept);
	prs_con_note(rep, "fit", "chains_kept", n_kept);
	return n_kept;
}

/* Means over the chains kept, total variance, draws of each chain in turn. */
static void pool(const struct autor *a, int n_kept, struct con_result *res)
{
	size_t m = a->d->m;
	int k = 0;
	memset(res->b, 0, m * sizeof *res->b);
	for (int i = 0; i < a->n_chain; i++) {
		const struct chain *c = &a->chain[i];
		for (size_t j = 0; !c->dropped && j < m; j++) {
			res->b[j] += c->mean[j] / n_kept;
			res->se[j] += c->mean2[j] / n_kept;
		}
	}
	for (size_t j = 0; j < m; j++)
		res->se[j] = sqrt(fmax(0, res->se[j] - res->b[j] * res->b[j]));
	for (int t = 0; t < a->n_draw; t++)
		for (int i = 0; i < a->n_chain && k < res->n_draw; i++)
			if (!a->chain[i].dropped)
				memcpy(res->draw + (size_t)k++ * m, a->chain[i].draw + (size_t)t * m,
					m * sizeof *res->draw);
	res->n_draw = k;
}

/* One trace of all chains kept, beside each other; which: 0 h2, 1 p, 2.. top effects. */
static int note_trace(const struct autor *a, int n_kept, int which, const char *name, struct con_report *rep)
{
	double *x = grx_malloc((size_t)n_kept * (size_t)a->iter, sizeof *x);
	int k = 0;
	if (!x)
		return GRX_E_NOMEM;
	for (int i = 0; i < a->n_chain; i++)
		if (!a->chain[i].dropped)
			memcpy(x + (k++) * a->iter, a->chain[i].h2 + which * a->iter,
				(size_t)a->iter * sizeof *x);
	struct con_line l = {.section = "posterior", .item = name};
	int rc = prs_con_summary(x, n_kept, a->iter, &l);
	prs_con_note_line(rep, &l);
	grx_free(x);
	return rc;
}

static int note_traces(struct grx_ctx *cx, const struct autor *a, int n_kept, struct con_report *rep)
{
	int rc = note_trace(a, n_kept, 0, "h2", rep);
	if (rc == GRX_OK)
		rc = note_trace(a, n_kept, 1, "p_causal", rep);
	for (int t = 0; rc == GRX_OK && t < a->n_top; t++) {
		char name[64];
		prs_con_effect_name(&a->d->snp[a->top[t]], name, sizeof name);
		rc = note_trace(a, n_kept, 2 + t, name, rep);
	}
	return rc == GRX_OK ? rc : grx_fail_nomem(cx, "the report");
}

static int conclude(struct grx_ctx *cx, const struct autor *a, struct con_result *res)
{
	int rc = GRX_E_BUG;
	int n_kept = select_chains(a, &res->rep);
	if (n_kept == 0)
		return grx_fail(cx, GRX_E_DATA,
			"none of %d chains converged: the LD panel does not fit the statistics; a panel of "
			"the same ancestry, "
			"stricter --freq-diff or smaller --ld-shrink help",
			a->n_chain);
	if (n_kept * 2 < a->n_chain)
		grx_warn(cx, "only %d of %d chains agree: look at the report", n_kept, a->n_chain);
	GRX_TRY(prs_con_result_init(cx, res, a->d->m, (int)a->d->o->n_draw, true));
	pool(a, n_kept, res);
	GRX_TRY(note_traces(cx, a, n_kept, &res->rep));
out:
	return rc;
}

int prs_con_auto(struct grx_ctx *cx, const struct con_data *d, struct con_result *res)
{
	int rc = GRX_E_BUG;
	const struct prs_construct_opt *o = d->o;
	struct autor a = {.d = d,
		.n_chain = o->n_chain ? (int)o->n_chain : AUTO_CHAINS,
		.burn = o->n_burn ? (int)o->n_burn : AUTO_BURN,
		.iter = o->n_iter ? (int)o->n_iter : AUTO_ITER};
	/* enough draws even when half of the chains are dropped */
	a.n_draw = (int)((2 * o->n_draw + a.n_chain - 1) / a.n_chain);
	a.n_draw = a.n_draw < a.iter ? a.n_draw : a.iter;
	a.n_top = prs_con_top(d, a.top, N_TOP);
	for (size_t i = 0; i < d->m; i++)
		a.mean_ld += d->ldsc[i] / (double)d->m;
	a.chain = grx_calloc((size_t)a.n_chain, sizeof *a.chain);
	if (!a.chain) {
		rc = grx_fail_nomem(cx, "chains");
		goto out;
	}
	GRX_TRY(prs_con_all_ld(cx, d, o->shrink, &a.ld, &a.at));
	GRX_TRY(grx_par_ordered(cx, cx->threads,
		&(struct grx_par_ops){
			.state = &a, .next = chain_next, .map = chain_map, .merge = chain_merge}));
	GRX_TRY(conclude(cx, &a, res));
out:
	for (int i = 0; a.chain && i < a.n_chain; i++) {
		grx_free(a.chain[i].b);
		grx_free(a.chain[i].h2);
		grx_free(a.chain[i].draw);
	}
	grx_free(a.chain);
	grx_free(a.ld);
	grx_free(a.at);
	return rc;
}
