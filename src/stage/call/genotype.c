/* SPDX-License-Identifier: GPL-3.0-or-later
 * genotype.c -- from fragment likelihoods to genotype likelihoods and posteriors, ploidy 1 or 2, any number
 * of alleles. A diploid fragment comes from either chromosome with probability one half. */
#include "stage/call/call_int.h"

#include <math.h>

#include "math/prob.h"

int call_n_genotype(int n_allele, int ploidy)
{
	return ploidy == 1 ? n_allele : n_allele * (n_allele + 1) / 2;
}

int call_gl_index(int i, int j, int ploidy)
{
	if (ploidy == 1)
		return i;
	return i <= j ? j * (j + 1) / 2 + i : i * (i + 1) / 2 + j;
}

static void add_fragment(const double *l, int n, int ploidy, double *gl)
{
	double p[CALL_MAX_ALLELE];
	bool flat = true;
	int g = 0;
	for (int i = 1; i < n && flat; i++)
		flat = l[i] == l[0];
	if (flat)
		return;
	if (ploidy == 1) {
		for (int i = 0; i < n; i++)
			gl[i] += l[i];
		return;
	}
	for (int i = 0; i < n; i++)
		p[i] = exp(l[i]);
	for (int j = 0; j < n; j++)
		for (int i = 0; i <= j; i++)
			gl[g++] += l[i] == l[j] ? l[i] : log(0.5 * (p[i] + p[j]));
}

int call_genotype(struct call_work *w, const struct call_lik *k, int ploidy, struct call_gt *g)
{
	*g = (struct call_gt){.n_allele = k->n_allele, .ploidy = ploidy, .dp = (int)k->n};
	g->n_gl = call_n_genotype(k->n_allele, ploidy);
	g->gl = grx_arena_calloc(w->mem, (size_t)g->n_gl, sizeof(*g->gl));
	if (!g->gl)
		return grx_fail_nomem(w->cx, "genotype likelihoods");
	for (size_t f = 0; f < k->n; f++) {
		add_fragment(k->ll + f * (size_t)k->n_allele, k->n_allele, ploidy, g->gl);
		if (k->best[f] < 0)
			continue;
		g->n_inform++;
		(k->rev[f] ? g->adr : g->adf)[k->best[f]]++;
	}
	g->mq = k->n_mq ? sqrt((double)k->sum_mq2 / k->n_mq) : 0;
	w->n->capped += k->n_capped;
	return GRX_OK;
}

/* ln prior of genotype i/j (i <= j) or of haploid i. Two new alleles in one place are less of a coincidence
 * than two listed ones, which are carried independently. */
static double log_prior(int i, int j, int ploidy, const struct call_prior *prior, double p_ref)
{
	if (j == 0)
		return log(p_ref);
	if (ploidy == 1)
		return log(prior[i].hap);
	if (i == 0)
		return log(prior[j].one);
	if (i == j)
		return log(prior[j].two);
	double pair = prior[i].one * prior[j].one;
	return log(prior[i].listed || prior[j].listed ? pair : pair * 4);
}

void call_posterior(
	const double *gl, int n_allele, int ploidy, const struct call_prior *prior, struct call_rec *out)
{
	double post[CALL_MAX_ALLELE * (CALL_MAX_ALLELE + 1) / 2], sum = 0, best = -1e300, rest, top = -1e300;
	int n = call_n_genotype(n_allele, ploidy), g = 0, b = 0;
	for (int i = 1; i < n_allele; i++)
		sum += prior[i].listed ? 0 : 1.5 * prior[i].one; /* the listed ones are relative to none */
	for (int j = 0; j < n_allele; j++)
		for (int i = ploidy == 1 ? j : 0; i <= j; i++, g++) {
			post[g] = gl[g] + log_prior(i, j, ploidy, prior, sum < 0.5 ? 1 - sum : 0.5);
			if (post[g] > best) {
				best = post[g];
				b = g;
				out->gt[0] = i;
				out->gt[1] = j;
			}
			top = gl[g] > top ? gl[g] : top;
		}
	double all = grx_logsumexp(post, n);
	double saved = post[b];
	post[b] = -1e300;
	rest = n > 1 ? grx_logsumexp(post, n) : -1e300;
	post[b] = saved;
	double gq = (all - rest) / CALL_LN10_10, qual = (all - post[0]) / CALL_LN10_10;
	out->gq = n == 1 ? 0 : gq > CALL_MAX_GQ ? CALL_MAX_GQ : (int)(gq + 0.5);
	out->qual = qual > CALL_MAX_QUAL ? CALL_MAX_QUAL : qual;
	for (g = 0; g < n; g++) {
		double pl = (top - gl[g]) / CALL_LN10_10;
		out->pl[g] = pl > 9999 ? 9999 : (int)(pl + 0.5);
	}
	out->n_pl = n;
}
