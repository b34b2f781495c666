/* SPDX-License-Identifier: GPL-3.0-or-later
 * con_ct.c -- clumping and thresholding. Variants in the order of their evidence; each that still stands
 * takes out its neighbours in LD; what stands at the end is thresholded on p. Chromosomes are apart. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/par.h"
#include "stage/prs/con_int.h"

static const double threshold[] = {
	5e-8, 1e-7, 1e-6, 1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.05, 0.1, 0.2, 0.3, 0.5, 1};
enum { N_THRESHOLD = sizeof threshold / sizeof *threshold };

struct rank {
	double nlp;
	size_t i;
};

static int by_evidence(const void *pa, const void *pb)
{
	const struct rank *a = pa, *b = pb;
	if (a->nlp != b->nlp)
		return a->nlp > b->nlp ? -1 : 1;
	return a->i < b->i ? -1 : a->i > b->i;
}

struct clump {
	const struct con_data *d;
	const double *nlp;
	bool *keep;
	size_t beg[24]; /* of chromosomes that occur */
	int n_chrom;
};

static bool linked(const struct con_data *d, size_t i, size_t j)
{
	double r = prs_con_r(&d->panel, d->snp[i].g, d->snp[j].g);
	return r * r > d->o->clump_r2;
}

/* i stands: its neighbours in [beg, end) fall. */
static void fell(const struct clump *c, size_t i, size_t beg, size_t end)
{
	const struct con_snp *s = c->d->snp;
	double reach = c->d->o->clump_kb * 1000;
	for (size_t j = i; j-- > beg && (double)(s[i].pos - s[j].pos) <= reach;)
		if (c->keep[j] && linked(c->d, i, j))
			c->keep[j] = false;
	for (size_t j = i + 1; j < end && (double)(s[j].pos - s[i].pos) <= reach; j++)
		if (c->keep[j] && linked(c->d, i, j))
			c->keep[j] = false;
}

static int clump_map(void *state, struct grx_ctx *cx, uint64_t k, int slot, int thread)
{
	const struct clump *c = state;
	size_t beg = c->beg[k], end = c->beg[k + 1];
	(void)slot, (void)thread;
	struct rank *order = grx_malloc(end - beg, sizeof *order);
	if (!order)
		return grx_fail_nomem(cx, "clumping");
	double least = -log10(c->d->o->p_max);
	for (size_t i = beg; i < end; i++) {
		order[i - beg] = (struct rank){c->nlp[i], i};
		c->keep[i] = c->nlp[i] >= least;
	}
	qsort(order, end - beg, sizeof *order, by_evidence);
	/* one that was felled does not fell; one that stands has been spared by all before it */
	for (size_t i = 0; i < end - beg; i++)
		if (c->keep[order[i].i])
			fell(c, order[i].i, beg, end);
	grx_free(order);
	return GRX_OK;
}

static int clump_next(void *state, struct grx_ctx *cx, uint64_t i, int slot, bool *done)
{
	const struct clump *c = state;
	(void)cx, (void)slot;
	*done = i >= (uint64_t)c->n_chrom;
	return GRX_OK;
}

static int clump_merge(void *state, struct grx_ctx *cx, uint64_t i, int slot)
{
	(void)state, (void)cx, (void)i, (void)slot;
	return GRX_OK;
}

int prs_con_clump(struct grx_ctx *cx, const struct con_data *d, const double *nlp, bool *keep)
{
	struct clump c = {.d = d, .nlp = nlp, .keep = keep};
	for (size_t i = 0; i < d->m; i++)
		if (i == 0 || d->snp[i].chrom != d->snp[i - 1].chrom)
			c.beg[c.n_chrom++] = i;
	c.beg[c.n_chrom] = d->m;
	return grx_par_ordered(cx, cx->threads,
		&(struct grx_par_ops){
			.state = &c, .next = clump_next, .map = clump_map, .merge = clump_merge});
}

struct ct {
	double *nlp;
	bool *keep;
	double p[N_THRESHOLD];
};

static int ct_prepare(
	struct grx_ctx *cx, const struct con_data *d, const double *bhat, const double *n, void *par)
{
	struct ct *c = par;
	for (size_t i = 0; i < d->m; i++) /* the file's own p unless these are other effects */
		c->nlp[i] = bhat == d->bhat
				    ? d->snp[i].nlp
				    : prs_con_nlp_of_z(
					      bhat[i] * sqrt(n[i] / fmax(1e-9, 1 - bhat[i] * bhat[i])));
	return prs_con_clump(cx, d, c->nlp, c->keep);
}

static int ct_solve(struct grx_ctx *cx, struct con_job *j)
{
	const struct ct *c = j->par;
	(void)cx;
	for (int g = j->g0; g < j->g1; g++) {
		double *b = j->b + (size_t)(g - j->g0) * j->m, least = -log10(c->p[g]);
		for (size_t i = 0; i < j->m; i++)
			b[i] = c->keep[j->beg + i] && c->nlp[j->beg + i] >= least ? j->bhat[i] : 0;
	}
	for (size_t i = 0; j->se && i < j->m; i++)
		j->se[i] = j->b[i] != 0 ? sqrt(fmax(0, 1 - j->bhat[i] * j->bhat[i]) / j->n[i]) : 0;
	return GRX_OK;
}

static void ct_describe(const void *par, int g, struct grx_str *out)
{
	const struct ct *c = par;
	char buf[32];
	grx_str_addf(out, "p=%s", grx_fmt_g(buf, c->p[g], 6));
}

int prs_con_ct(struct grx_ctx *cx, const struct con_data *d, struct con_result *res)
{
	struct ct c = {.nlp = grx_malloc(d->m, sizeof *c.nlp), .keep = grx_malloc(d->m, sizeof *c.keep)};
	struct con_method mt = {.name = "ct",
		.shrink = 1,
		.par = &c,
		.prepare = ct_prepare,
		.solve = ct_solve,
		.describe = ct_describe,
		.has_se = true};
	int rc = GRX_E_NOMEM;
	for (int i = 0; i < N_THRESHOLD && threshold[i] < d->o->p_max; i++)
		c.p[mt.n_grid++] = threshold[i];
	if (mt.n_grid < N_THRESHOLD)
		c.p[mt.n_grid++] = d->o->p_max;
	if (c.nlp && c.keep)
		rc = prs_con_run_grid(cx, d, &mt, res);
	else
		grx_fail_nomem(cx, "clumping");
	grx_free(c.nlp);
	grx_free(c.keep);
	return rc;
}
