/* SPDX-License-Identifier: GPL-3.0-or-later
 * con_grid.c -- methods that treat LD blocks apart: choose the parameters, then fit with them.
 * Choice: r2 with a phenotype of panel people; or pseudo-validation, where the statistics are split into what
 * a training and an independent validation part of the GWAS would have given (PUMAS: Zhao et al. 2021,
 * doi:10.1186/s13059-021-02479-9): bhat_train = bhat + sqrt(1/n_train - 1/n) e, e ~ N(0, R), and bhat_val
 * what is left. e = X'z with z ~ N(0, I) over panel people and X standardised to unit columns has exactly
 * that law. Only one block's LD per thread is in memory, and the noise of a block has its own random stream.
 */
#include <math.h>
#include <string.h>

#include "base/log.h"
#include "base/par.h"
#include "math/linalg.h"
#include "math/rng.h"
#include "stage/prs/con_int.h"

#define TRAIN_PART 0.75
enum pass { PASS_PSEUDO, PASS_TUNE, PASS_FINAL };

struct slot {
	float *r, *draw;
	double *b, *se, *score, *x;
	double *num, *den;
	int64_t n_failed;
};

struct run {
	const struct con_data *d;
	const struct con_method *mt;
	struct con_result *res;
	enum pass pass;
	int g0, g1;
	const double *bhat, *n; /* to fit on */
	const double *val;      /* validation effects */
	struct slot *slot;
	int n_slot;
	double *num, *den; /* per parameter: b'val, b'Rb */
	double *score;     /* PASS_TUNE: n_grid x people */
	int64_t n_failed;
	/* of the split */
	double *train, *valid, *n_train;
	double *se, *best;
};

static int run_next(void *state, struct grx_ctx *cx, uint64_t i, int slot, bool *done)
{
	const struct run *r = state;
	(void)cx, (void)slot;
	*done = i >= r->d->n_block;
	return GRX_OK;
}

/* b'Rb of one fit. */
static double quad(const float *r, const double *b, size_t m)
{
	double sum = 0;
	for (size_t i = 0; i < m; i++) {
		double row = 0;
		for (size_t j = 0; b[i] != 0 && j < m; j++)
			row += (double)r[i * m + j] * b[j];
		sum += b[i] * row;
	}
	return sum;
}

static void validate(const struct run *rn, struct slot *s, const struct con_job *j)
{
	for (int g = 0; g < j->g1 - j->g0; g++) {
		const double *b = j->b + (size_t)g * j->m;
		s->num[g] = grx_dot((int64_t)j->m, b, rn->val + j->beg);
		s->den[g] = quad(j->r, b, j->m);
	}
}

static void score_people(const struct run *rn, struct slot *s, const struct con_job *j)
{
	const struct con_panel *p = &rn->d->panel;
	size_t n = (size_t)p->n_person;
	memset(s->score, 0, (size_t)(j->g1 - j->g0) * n * sizeof *s->score);
	for (size_t i = 0; i < j->m; i++) {
		const struct con_snp *snp = &rn->d->snp[j->beg + i];
		prs_con_dosage(p, snp->g, s->x);
		for (int g = 0; g < j->g1 - j->g0; g++) {
			double w = j->b[(size_t)g * j->m + i] * snp->scale;
			if (w != 0)
				grx_axpy((int64_t)n, w, s->x, s->score + (size_t)g * n);
		}
	}
}

static int run_map(void *state, struct grx_ctx *cx, uint64_t k, int slot, int thread)
{
	struct run *rn = state;
	struct slot *s = &rn->slot[slot];
	const struct con_data *d = rn->d;
	struct con_job j = {.d = d,
		.k = k,
		.beg = d->cut[k],
		.m = d->cut[k + 1] - d->cut[k],
		.r = s->r,
		.par = rn->mt->par,
		.g0 = rn->g0,
		.g1 = rn->g1,
		.b = s->b,
		.se = s->se,
		.draw = s->draw};
	(void)thread;
	j.bhat = rn->bhat + j.beg;
	j.n = rn->n + j.beg;
	j.n_draw = s->draw ? rn->res->n_draw : 0;
	prs_con_block_ld(d, k, rn->mt->shrink, s->r);
	memset(s->b, 0, (size_t)(rn->g1 - rn->g0) * j.m * sizeof *s->b);
	int rc = rn->mt->solve(cx, &j);
	s->n_failed = j.n_failed;
	if (rc == GRX_OK && rn->pass == PASS_PSEUDO)
		validate(rn, s, &j);
	if (rc == GRX_OK && rn->pass == PASS_TUNE)
		score_people(rn, s, &j);
	return rc;
}

static int run_merge(void *state, struct grx_ctx *cx, uint64_t k, int slot)
{
	struct run *rn = state;
	const struct slot *s = &rn->slot[slot];
	const struct con_data *d = rn->d;
	size_t beg = d->cut[k], m = d->cut[k + 1] - beg, people = (size_t)d->panel.n_person;
	int n_grid = rn->g1 - rn->g0;
	(void)cx;
	rn->n_failed += s->n_failed;
	for (int g = 0; rn->pass == PASS_PSEUDO && g < n_grid; g++) {
		rn->num[g] += s->num[g];
		rn->den[g] += s->den[g];
	}
	if (rn->pass == PASS_TUNE)
		grx_axpy((int64_t)(people * (size_t)n_grid), 1, s->score, rn->score);
	if (rn->pass != PASS_FINAL)
		return GRX_OK;
	memcpy(rn->res->b + beg, s->b, m * sizeof *s->b);
	if (s->se)
		memcpy(rn->res->se + beg, s->se, m * sizeof *s->se);
	for (int i = 0; s->draw && i < rn->res->n_draw; i++)
		memcpy(rn->res->draw + (size_t)i * d->m + beg, s->draw + (size_t)i * m, m * sizeof *s->draw);
	return GRX_OK;
}

static void slots_free(struct run *rn)
{
	for (int i = 0; rn->slot && i < rn->n_slot; i++) {
		struct slot *s = &rn->slot[i];
		grx_free(s->r);
		grx_free(s->draw);
		grx_free(s->b);
		grx_free(s->se);
		grx_free(s->score);
		grx_free(s->x);
		grx_free(s->num);
		grx_free(s->den);
	}
	grx_free(rn->slot);
	rn->slot = NULL;
}

static bool slot_init(const struct run *rn, struct slot *s)
{
	size_t m = rn->d->largest, g = (size_t)(rn->g1 - rn->g0), people = (size_t)rn->d->panel.n_person;
	s->r = grx_malloc(m * m, sizeof *s->r);
	s->b = grx_malloc(g * m, sizeof *s->b);
	s->num = grx_malloc(g, sizeof *s->num);
	s->den = grx_malloc(g, sizeof *s->den);
	bool ok = s->r && s->b && s->num && s->den;
	if (rn->pass == PASS_TUNE) {
		s->score = grx_malloc(g * people, sizeof *s->score);
		s->x = grx_malloc(people, sizeof *s->x);
		ok = ok && s->score && s->x;
	}
	if (rn->pass == PASS_FINAL && rn->res->se)
		ok = (s->se = grx_calloc(m, sizeof *s->se)) && ok;
	if (rn->pass == PASS_FINAL && rn->res->draw)
		ok = (s->draw = grx_calloc(m * (size_t)rn->res->n_draw, sizeof *s->draw)) && ok;
	return ok;
}

/* One pass over all blocks with parameters [g0, g1). */
static int pass(struct grx_ctx *cx, struct run *rn, enum pass what, int g0, int g1)
{
	int rc = GRX_E_BUG;
	rn->pass = what;
	rn->g0 = g0;
	rn->g1 = g1;
	rn->n_failed = 0;
	rn->n_slot = grx_par_slots(cx->threads);
	rn->slot = grx_calloc((size_t)rn->n_slot, sizeof *rn->slot);
	for (int i = 0; i < rn->n_slot; i++) {
		if (!rn->slot || !slot_init(rn, &rn->slot[i])) {
			rc = grx_fail_nomem(cx, "an LD block");
			goto out;
		}
	}
	if (rn->mt->prepare)
		GRX_TRY(rn->mt->prepare(cx, rn->d, rn->bhat, rn->n, rn->mt->par));
	GRX_TRY(grx_par_ordered(cx, cx->threads,
		&(struct grx_par_ops){.state = rn, .next = run_next, .map = run_map, .merge = run_merge}));
out:
	slots_free(rn);
	return rc;
}

/* --- the split of pseudo-validation */
static int split_map(void *state, struct grx_ctx *cx, uint64_t k, int slot, int thread)
{
	struct run *rn = state;
	const struct con_data *d = rn->d;
	const struct con_panel *p = &d->panel;
	size_t n = (size_t)p->n_person;
	(void)slot, (void)thread;
	struct grx_rng *rng = grx_rng_new((uint64_t)d->o->seed, "prs-split", k);
	double *z = grx_malloc(2 * n, sizeof *z), *x = z ? z + n : NULL, sum = 0;
	if (!rng || !z) {
		grx_rng_free(rng);
		grx_free(z);
		return grx_fail_nomem(cx, "pseudo-validation");
	}
	for (size_t i = 0; i < n; i++)
		sum += z[i] = grx_rng_normal(rng, 0, 1);
	for (size_t j = d->cut[k]; j < d->cut[k + 1]; j++) {
		size_t g = d->snp[j].g;
		prs_con_dosage(p, g, x);
		double e = (grx_dot((int64_t)n, x, z) - p->mean[g] * sum) * p->norm[g];
		double nt = TRAIN_PART * d->n[j];
		rn->n_train[j] = nt;
		rn->train[j] = d->bhat[j] + sqrt(1 / nt - 1 / d->n[j]) * e;
		rn->valid[j] = (d->n[j] * d->bhat[j] - nt * rn->train[j]) / (d->n[j] - nt);
	}
	grx_rng_free(rng);
	grx_free(z);
	return GRX_OK;
}

static int no_merge(void *state, struct grx_ctx *cx, uint64_t i, int slot)
{
	(void)state, (void)cx, (void)i, (void)slot;
	return GRX_OK;
}

static void note_choice(const struct run *rn, int g, double r, bool best)
{
	struct grx_str name = {0};
	rn->mt->describe(rn->mt->par, g, &name);
	if (!name.oom)
		prs_con_note(&rn->res->rep, best ? "chosen" : "grid", name.s, r);
	rn->res->rep.text.oom = rn->res->rep.text.oom || name.oom;
	grx_str_clear(&name);
}

static int choose_pseudo(struct grx_ctx *cx, struct run *rn, int *best)
{
	int rc = GRX_E_BUG;
	size_t m = rn->d->m;
	rn->train = grx_malloc(3 * m, sizeof *rn->train);
	if (!rn->train)
		return grx_fail_nomem(cx, "pseudo-validation");
	rn->valid = rn->train + m;
	rn->n_train = rn->train + 2 * m;
	GRX_TRY(grx_par_ordered(cx, cx->threads,
		&(struct grx_par_ops){.state = rn, .next = run_next, .map = split_map, .merge = no_merge}));
	rn->bhat = rn->train;
	rn->n = rn->n_train;
	rn->val = rn->valid;
	GRX_TRY(pass(cx, rn, PASS_PSEUDO, 0, rn->mt->n_grid));
	double top = -INFINITY;
	for (int g = 0; g < rn->mt->n_grid; g++) {
		double r = rn->den[g] > 0 ? rn->num[g] / sqrt(rn->den[g]) : 0;
		note_choice(rn, g, r, false);
		if (r > top) {
			top = r;
			*best = g;
		}
	}
	prs_con_note_text(&rn->res->rep, "fit", "choice_by", "pseudo-validation");
	note_choice(rn, *best, top, true);
	if (!(top > 0))
		grx_warn(cx,
			"no parameter of %s predicts the held-out part of the statistics: the score says "
			"nothing",
			rn->mt->name);
out:
	rn->bhat = rn->d->bhat;
	rn->n = rn->d->n;
	return rc;
}

static int choose_tune(struct grx_ctx *cx, struct run *rn, int *best)
{
	int rc = GRX_E_BUG, n_grid = rn->mt->n_grid;
	size_t people = (size_t)rn->d->panel.n_person;
	double p, *y = grx_malloc(people, sizeof *y), *r2 = grx_malloc((size_t)n_grid, sizeof *r2);
	rn->score = grx_calloc(people * (size_t)n_grid, sizeof *rn->score);
	if (!y || !r2 || !rn->score) {
		rc = grx_fail_nomem(cx, "tuning");
		goto out;
	}
	GRX_TRY(prs_con_tune_read(cx, rn->d, y));
	GRX_TRY(pass(cx, rn, PASS_TUNE, 0, n_grid));
	GRX_TRY(prs_con_tune_pick(cx, rn->d, &(struct con_tune){n_grid, rn->score, y, r2}, best, &p));
	for (int g = 0; g < n_grid; g++)
		note_choice(rn, g, r2[g], false);
	prs_con_note_text(&rn->res->rep, "fit", "choice_by", "phenotype");
	note_choice(rn, *best, r2[*best], true);
	prs_con_note(&rn->res->rep, "fit", "permutation_p", p);
	if (p > 0.05)
		grx_warn(cx,
			"the chosen score is no better for the phenotype than chance (permutation p %.3g)",
			p);
out:
	grx_free(y);
	grx_free(r2);
	return rc;
}

int prs_con_run_grid(
	struct grx_ctx *cx, const struct con_data *d, const struct con_method *mt, struct con_result *res)
{
	int rc = GRX_E_BUG, best = 0;
	struct run rn = {.d = d, .mt = mt, .res = res, .bhat = d->bhat, .n = d->n};
	rn.num = grx_calloc((size_t)mt->n_grid, sizeof *rn.num);
	rn.den = grx_calloc((size_t)mt->n_grid, sizeof *rn.den);
	if (!rn.num || !rn.den) {
		rc = grx_fail_nomem(cx, "the grid");
		goto out;
	}
	if (mt->n_grid > 1)
		GRX_TRY(d->o->tune ? choose_tune(cx, &rn, &best) : choose_pseudo(cx, &rn, &best));
	GRX_TRY(prs_con_result_init(cx, res, d->m, mt->has_draw ? (int)d->o->n_draw : 0, mt->has_se));
	GRX_TRY(pass(cx, &rn, PASS_FINAL, best, best + 1));
	if (mt->n_grid == 1)
		note_choice(&rn, 0, NAN, true);
	prs_con_note(&res->rep, "fit", "blocks_not_converged", (double)rn.n_failed);
	if (rn.n_failed > 0)
		grx_warn(cx, "%lld of %zu LD blocks did not converge and have no weights",
			(long long)rn.n_failed, d->n_block);
out:
	grx_free(rn.num);
	grx_free(rn.den);
	grx_free(rn.score);
	grx_free(rn.train);
	return rc;
}
