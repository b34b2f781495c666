/* SPDX-License-Identifier: GPL-3.0-or-later
 * hapgeno.c -- likelihood and posterior of pairs of haplotypes. A fragment comes from either chromosome with
 * probability one half. */
#include "stage/call/call_hap.h"
#include "stage/call/strerr.h"

#include <math.h>
#include <string.h>

#include "math/prob.h"

#define LN2 0.6931471805599453
#define RUN 240 /* factors per product, in four lanes: 60 floored ones (10^-4.5, halved) do not underflow */

/* sum over fragments of ln((a + b) / 2); four running products, one logarithm a run. */
static double pair_ll(const double *a, const double *b, int n)
{
	double s = 0;
	for (int i = 0; i < n; i += RUN) {
		double m[4] = {1, 1, 1, 1};
		int e = i + RUN < n ? i + RUN : n, k = i;
		for (; k + 4 <= e; k += 4)
			for (int j = 0; j < 4; j++)
				m[j] *= 0.5 * (a[k + j] + b[k + j]);
		for (; k < e; k++)
			m[0] *= 0.5 * (a[k] + b[k]);
		s += log(m[0]) + log(m[1]) + log(m[2]) + log(m[3]);
	}
	return s;
}

/* What is on both haplotypes has the prior of two copies in place of twice that of one. */
static double pair_lprior(
	const struct call_region *rg, const struct call_hapseq *a, const struct call_hapseq *b)
{
	uint32_t both = a->mask & b->mask;
	double s = a->lprior + b->lprior;
	for (int i = 0; i < rg->n; i++)
		if (both >> i & 1)
			s += rg->lp2[i] - 2 * rg->lp[i];
	return s;
}

int call_haps_ploidy(const struct call_work *w, const struct call_region *rg, int sample)
{
	return call_ploidy(w, sample, rg->beg);
}

/* Pair of haplotypes at every level of stutter, by the share of tracts that have it. */
static double levels_ll(const struct call_work *w, const struct call_haps *hs, int sample, int i, int j)
{
	size_t nf = (size_t)hs->n_frag, f0 = (size_t)hs->s_beg[sample], n = (size_t)hs->n;
	int m = hs->s_beg[sample + 1] - hs->s_beg[sample];
	double l[CALL_STR_LEVELS] = {0};
	if (hs->n_level <= 1)
		return pair_ll(hs->p + (size_t)i * nf + f0, hs->p + (size_t)j * nf + f0, m);
	const double *weight = w->st->sample[sample].strmodel.weight;
	for (int k = 0; k < hs->n_level; k++) {
		const double *p = hs->p + (size_t)k * n * nf + f0;
		l[k] = log(weight[k]) + pair_ll(p + (size_t)i * nf, p + (size_t)j * nf, m);
	}
	return grx_logsumexp(l, hs->n_level);
}

int call_pairs_make(
	struct call_work *w, const struct call_haps *hs, int sample, int ploidy, struct call_pairs *o)
{
	int n = hs->n, x = 0;
	*o = (struct call_pairs){.ploidy = ploidy, .n = ploidy == 1 ? n : n * (n + 1) / 2};
	o->lp = grx_arena_alloc(w->tmp, 2 * (size_t)o->n, sizeof(*o->lp));
	if (!o->lp)
		return grx_fail_nomem(w->cx, "genotypes");
	o->lp0 = o->lp;
	o->ll = o->lp + o->n;
	for (int j = 0; j < n; j++) {
		for (int i = ploidy == 1 ? j : 0; i <= j; i++, x++) {
			o->ll[x] = levels_ll(w, hs, sample, i, j) + call_dup_ll(hs, sample, i, j);
			o->lp[x] = o->ll[x] + (ploidy == 1 ? hs->h[j].lprior_hap
							   : pair_lprior(hs->rg, &hs->h[i], &hs->h[j]));
			if (x == 0 || o->lp[x] > o->lp[o->best]) {
				o->best = x;
				o->b[0] = i;
				o->b[1] = j;
			}
		}
	}
	o->all0 = o->all = grx_logsumexp(o->lp, o->n);
	return GRX_OK;
}

/* Expected copies of each haplotype in a sample. */
static void copies(const struct call_pairs *p, int n, double *e)
{
	int x = 0;
	for (int i = 0; i < n; i++)
		e[i] = 0;
	for (int j = 0; j < n; j++)
		for (int i = p->ploidy == 1 ? j : 0; i <= j; i++, x++) {
			double post = exp(p->lp0[x] - p->all0);
			e[i] += p->ploidy == 1 ? 0 : post;
			e[j] += post;
		}
}

/* The prior of a sample among others: its own, and Hardy-Weinberg with what the others carry, half and half.
 */
static int lend(struct call_work *w, const struct call_haps *hs, struct call_pairs *p, const double *f)
{
	int x = 0;
	p->lp = grx_arena_alloc(w->tmp, (size_t)p->n, sizeof(*p->lp));
	if (!p->lp)
		return grx_fail_nomem(w->cx, "genotypes");
	for (int j = 0; j < hs->n; j++)
		for (int i = p->ploidy == 1 ? j : 0; i <= j; i++, x++) {
			double hw = p->ploidy == 1 ? f[j] : i == j ? f[i] * f[i] : 2 * f[i] * f[j];
			double own = p->lp0[x] - p->ll[x];
			p->lp[x] = p->ll[x] + grx_log_add(own, hw > 0 ? log(hw) : -1e300) - LN2;
			if (x == 0 || p->lp[x] > p->lp[p->best]) {
				p->best = x;
				p->b[0] = i;
				p->b[1] = j;
			}
		}
	p->all = grx_logsumexp(p->lp, p->n);
	return GRX_OK;
}

int call_pairs_all(struct call_work *w, const struct call_haps *hs, struct call_pairs **out)
{
	int n = hs->n_sample, rc = GRX_OK;
	double f[CALL_MAX_HAPS], total = 0, sum = 0;
	struct call_pairs *p = grx_arena_alloc(w->tmp, (size_t)n, sizeof(*p));
	double *e = grx_arena_alloc(w->tmp, (size_t)n * CALL_MAX_HAPS, sizeof(*e));
	double all[CALL_MAX_HAPS] = {0};
	if (!p || !e)
		return grx_fail_nomem(w->cx, "genotypes");
	*out = p;
	for (int s = 0; s < n && rc == GRX_OK; s++) {
		int ploidy = call_haps_ploidy(w, hs->rg, s);
		rc = call_pairs_make(w, hs, s, ploidy == 1 ? 1 : 2, &p[s]);
		if (rc != GRX_OK)
			return rc;
		copies(&p[s], hs->n, e + s * CALL_MAX_HAPS);
		p[s].absent = ploidy == 0;
		for (int h = 0; h < hs->n && ploidy > 0; h++) {
			all[h] += e[s * CALL_MAX_HAPS + h];
			sum += e[s * CALL_MAX_HAPS + h];
		}
	}
	for (int s = 0; s < n && n > 1 && rc == GRX_OK; s++) {
		if (p[s].absent)
			continue;
		total = sum - p[s].ploidy;
		for (int h = 0; h < hs->n; h++) {
			f[h] = total > 0.5 ? (all[h] - e[s * CALL_MAX_HAPS + h]) / total : 0;
			f[h] = f[h] < 0 ? 0 : f[h];
		}
		rc = lend(w, hs, &p[s], f);
	}
	return rc;
}

uint32_t call_pairs_called(const struct call_haps *hs, const struct call_pairs *pp)
{
	uint32_t m = 0;
	for (int s = 0; s < hs->n_sample; s++)
		if (!pp[s].absent)
			m |= hs->h[pp[s].b[0]].mask | hs->h[pp[s].b[1]].mask;
	return m;
}

static void best_of_hap(const struct call_pairs *p, int n, double *best)
{
	int x = 0;
	for (int j = 0; j < n; j++)
		for (int i = p->ploidy == 1 ? j : 0; i <= j; i++, x++) {
			double s = p->lp[x] - p->lp[p->best];
			best[i] = s > best[i] ? s : best[i];
			best[j] = s > best[j] ? s : best[j];
		}
}

int call_haps_prune(struct call_work *w, struct call_haps *hs, int keep)
{
	double best[CALL_MAX_HAPS];
	bool stay[CALL_MAX_HAPS] = {true};
	struct call_pairs p;
	int n = 0;
	for (int i = 0; i < hs->n; i++)
		best[i] = -1e300;
	for (int s = 0; s < hs->n_sample; s++) {
		int rc = call_pairs_make(w, hs, s, call_haps_ploidy(w, hs->rg, s) == 1 ? 1 : 2, &p);
		if (rc != GRX_OK)
			return rc;
		best_of_hap(&p, hs->n, best);
	}
	for (int k = 1; k < keep && k < hs->n; k++) {
		int top = -1;
		for (int i = 0; i < hs->n; i++)
			if (!stay[i] && (top < 0 || best[i] > best[top]))
				top = i;
		if (top >= 0)
			stay[top] = true;
	}
	for (int i = 0; i < hs->n; i++) {
		if (!stay[i])
			continue;
		for (int s = 0; s < hs->n_seg; s++)
			for (int k = 0; k < hs->n_level; k++)
				hs->seg[s].ll[k * CALL_MAX_HAPS + n] = hs->seg[s].ll[k * CALL_MAX_HAPS + i];
		hs->h[n++] = hs->h[i];
	}
	hs->n = n;
	return GRX_OK;
}
