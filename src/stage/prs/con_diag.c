/* SPDX-License-Identifier: GPL-3.0-or-later
 * con_diag.c -- have the chains converged? Split R-hat and effective sample size (Gelman et al., Bayesian
 * Data Analysis, 3rd edition, 11.4-11.5; autocorrelations cut by Geyer's initial monotone sequence). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stage/prs/con_int.h"

struct var {
	double within, plus; /* W and var+ of the split chains */
	int n, chains;
};

static double mean_of(const double *x, int n)
{
	double s = 0;
	for (int i = 0; i < n; i++)
		s += x[i];
	return s / n;
}

/* Every chain as two halves of n / 2; false when there is nothing to see. */
static bool variances(const double *x, int n_chain, int n, struct var *v)
{
	int h = n / 2, k = 2 * n_chain;
	double grand = 0, between = 0, within = 0;
	if (n < 8)
		return false;
	for (int c = 0; c < k; c++)
		grand += mean_of(x + (c / 2) * n + (c % 2) * (n - h), h) / k;
	for (int c = 0; c < k; c++) {
		const double *y = x + (c / 2) * n + (c % 2) * (n - h);
		double m = mean_of(y, h), ss = 0;
		between += (m - grand) * (m - grand) * h / (k - 1);
		for (int i = 0; i < h; i++)
			ss += (y[i] - m) * (y[i] - m);
		within += ss / (h - 1) / k;
	}
	*v = (struct var){.within = within, .plus = within * (h - 1) / h + between / h, .n = h, .chains = k};
	return within > 0 && isfinite(v->plus);
}

double prs_con_rhat(const double *x, int n_chain, int n)
{
	struct var v;
	return variances(x, n_chain, n, &v) ? sqrt(v.plus / v.within) : NAN;
}

/* Autocorrelation at a lag by the variogram. */
static double rho(const double *x, int n_chain, int n, const struct var *v, int lag)
{
	double sum = 0;
	for (int c = 0; c < v->chains; c++) {
		const double *y = x + (c / 2) * n + (c % 2) * (n - v->n);
		double s = 0;
		for (int i = lag; i < v->n; i++)
			s += (y[i] - y[i - lag]) * (y[i] - y[i - lag]);
		sum += s / (v->n - lag) / v->chains;
	}
	(void)n_chain;
	return 1 - sum / (2 * v->plus);
}

double prs_con_ess(const double *x, int n_chain, int n)
{
	struct var v;
	if (!variances(x, n_chain, n, &v))
		return NAN;
	double tau = -1, last = INFINITY;
	for (int t = 0; t + 1 < v.n; t += 2) { /* pairs of lags: positive and falling */
		double pair = (t == 0 ? 1 : rho(x, n_chain, n, &v, t)) + rho(x, n_chain, n, &v, t + 1);
		if (pair <= 0)
			break;
		last = fmin(last, pair);
		tau += 2 * last;
	}
	double all = (double)v.n * v.chains;
	return fmin(all / fmax(tau, 1 / log10(all)), all * log10(all));
}

static int by_value(const void *pa, const void *pb)
{
	double a = *(const double *)pa, b = *(const double *)pb;
	return a < b ? -1 : a > b;
}

int prs_con_summary(const double *x, int n_chain, int n, struct con_line *l)
{
	size_t all = (size_t)n_chain * (size_t)n;
	double *s = grx_malloc(all, sizeof *s);
	if (!s)
		return GRX_E_NOMEM;
	memcpy(s, x, all * sizeof *s);
	qsort(s, all, sizeof *s, by_value);
	l->value = mean_of(x, (int)all);
	l->lo = s[(size_t)(0.025 * (double)(all - 1))];
	l->hi = s[(size_t)(0.975 * (double)(all - 1))];
	l->rhat = prs_con_rhat(x, n_chain, n);
	l->ess = prs_con_ess(x, n_chain, n);
	grx_free(s);
	return GRX_OK;
}

int prs_con_top(const struct con_data *d, size_t *top, int max)
{
	int n = 0;
	for (size_t i = 0; i < d->m; i++) {
		int k = n < max ? n++ : max;
		for (; k > 0 && d->snp[top[k - 1]].nlp < d->snp[i].nlp; k--)
			if (k < max)
				top[k] = top[k - 1];
		if (k < max)
			top[k] = i;
	}
	return n;
}

void prs_con_effect_name(const struct con_snp *s, char *buf, size_t n)
{
	snprintf(buf, n, "effect_%d:%lld:%c", s->chrom, (long long)s->pos, s->ea);
}
