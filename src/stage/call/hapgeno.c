/* SPDX-License-Identifier: GPL-3.0-or-later
 * hapgeno.c -- likelihood and posterior of pairs of haplotypes. A fragment comes from either chromosome with
 * probability one half. */
#include "stage/call/call_hap.h"

#include <math.h>
#include <string.h>

#include "math/prob.h"

#define RUN 400 /* factors per product, in four lanes: no product of 100 floored ones underflows */

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

/* Alleles on both haplotypes cost one prior and a factor of one half for being homozygous. */
static double pair_lprior(
	const struct call_region *rg, const struct call_hapseq *a, const struct call_hapseq *b)
{
	uint32_t both = a->mask & b->mask;
	double s = a->lprior + b->lprior;
	for (int i = 0; i < rg->n; i++)
		if (both >> i & 1)
			s -= rg->lp[i] + 0.6931471805599453;
	return s;
}

int call_haps_ploidy(const struct call_work *w, const struct call_region *rg, int sample)
{
	(void)sample;
	return call_ploidy(w, rg->a[0].pos);
}

int call_pairs_make(
	struct call_work *w, const struct call_haps *hs, int sample, int ploidy, struct call_pairs *o)
{
	int n = hs->n, f0 = hs->s_beg[sample], nf = hs->s_beg[sample + 1] - f0, x = 0;
	*o = (struct call_pairs){.ploidy = ploidy, .n = ploidy == 1 ? n : n * (n + 1) / 2};
	o->lp = grx_arena_alloc(w->tmp, 2 * (size_t)o->n, sizeof(*o->lp));
	if (!o->lp)
		return grx_fail_nomem(w->cx, "genotypes");
	o->ll = o->lp + o->n;
	for (int j = 0; j < n; j++) {
		const double *b = hs->p + (size_t)j * (size_t)hs->n_frag + f0;
		for (int i = ploidy == 1 ? j : 0; i <= j; i++, x++) {
			const double *a = hs->p + (size_t)i * (size_t)hs->n_frag + f0;
			o->ll[x] = pair_ll(a, b, nf);
			o->lp[x] = o->ll[x] + (ploidy == 1 ? hs->h[j].lprior
							   : pair_lprior(hs->rg, &hs->h[i], &hs->h[j]));
			if (x == 0 || o->lp[x] > o->lp[o->best]) {
				o->best = x;
				o->b[0] = i;
				o->b[1] = j;
			}
		}
	}
	o->all = grx_logsumexp(o->lp, o->n);
	return GRX_OK;
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
		stay[top] = true;
	}
	for (int i = 0; i < hs->n; i++) {
		if (!stay[i])
			continue;
		for (int s = 0; s < hs->n_seg; s++)
			hs->seg[s].ll[n] = hs->seg[s].ll[i];
		hs->h[n++] = hs->h[i];
	}
	hs->n = n;
	return GRX_OK;
}
