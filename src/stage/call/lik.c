/* SPDX-License-Identifier: GPL-3.0-or-later
 * lik.c -- the matrix fragments x alleles of one locus: rows are added by whoever measures them. */
#include "stage/call/call_int.h"

#include <math.h>
#include <string.h>

#define MIN_CAP 64

static int resize(struct call_work *w, struct call_lik *k, size_t cap)
{
	size_t na = (size_t)k->n_allele;
	double *ll = grx_arena_grow(w->mem, k->ll, k->n * na, cap * na, sizeof(*ll));
	uint8_t *rev = grx_arena_grow(w->mem, k->rev, k->n, cap, 1);
	int8_t *best = grx_arena_grow(w->mem, k->best, k->n, cap, 1);
	int32_t *aln = grx_arena_grow(w->mem, k->aln, k->n, cap, sizeof(*aln));
	int32_t *aln2 = grx_arena_grow(w->mem, k->aln2, k->n, cap, sizeof(*aln2));
	if (!ll || !rev || !best || !aln || !aln2)
		return grx_fail_nomem(w->cx, "likelihoods");
	k->ll = ll;
	k->rev = rev;
	k->best = best;
	k->aln = aln;
	k->aln2 = aln2;
	k->cap = cap;
	k->width = k->n_allele;
	return GRX_OK;
}

int call_lik_reset(struct call_work *w, struct call_lik *k, int n_allele)
{
	k->n = 0;
	k->sum_mq2 = 0;
	k->n_mq = k->n_capped = 0;
	k->n_allele = n_allele;
	return n_allele <= k->width ? GRX_OK : resize(w, k, k->cap ? k->cap : MIN_CAP);
}

double *call_lik_row(struct call_work *w, struct call_lik *k)
{
	size_t na = (size_t)k->n_allele;
	if (k->n == k->cap && resize(w, k, 2 * k->cap) != GRX_OK)
		return NULL;
	double *l = k->ll + k->n * na;
	memset(l, 0, na * sizeof(*l));
	k->aln[k->n] = k->aln2[k->n] = -1;
	k->best[k->n] = -1;
	k->rev[k->n++] = 0;
	return l;
}

void call_lik_best(struct call_lik *k, size_t f, double lead)
{
	double *l = k->ll + f * (size_t)k->n_allele, second = 0;
	int b = 0;
	for (int i = 1; i < k->n_allele; i++)
		b = l[i] > l[b] ? i : b;
	for (int i = 0; i < k->n_allele; i++)
		second = i != b && l[i] > second ? l[i] : second;
	double top = l[b];
	k->best[f] = (int8_t)(top >= lead * second ? b : -1);
	for (int i = 0; i < k->n_allele; i++)
		l[i] = log(l[i] / top);
}

void call_lik_pick(struct call_lik *k, const int *to, int n_allele)
{
	double row[CALL_MAX_ALLELE];
	for (size_t f = 0; f < k->n; f++) {
		const double *l = k->ll + f * (size_t)k->n_allele;
		for (int a = 0; a < k->n_allele; a++)
			if (to[a] >= 0)
				row[to[a]] = l[a];
		memcpy(k->ll + f * (size_t)n_allele, row, (size_t)n_allele * sizeof(row[0]));
		k->best[f] = (int8_t)(k->best[f] < 0 ? -1 : to[k->best[f]]);
	}
	k->n_allele = n_allele;
}
