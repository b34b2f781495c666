/* SPDX-License-Identifier: GPL-3.0-or-later
 * lik.c -- expected value and variance of a genotype value from likelihoods or probabilities. */
#include "stage/prs/sums.h"

#include <math.h>

static void moments(const double n[3], const double v[3], float *e, float *var)
{
	double sum = n[0] + n[1] + n[2], p0 = n[0] / sum, p1 = n[1] / sum, p2 = n[2] / sum;
	double d01 = v[1] - v[0], d02 = v[2] - v[0], d12 = v[2] - v[1];
	*e = (float)(p0 * v[0] + p1 * v[1] + p2 * v[2]);
	*var = (float)(p0 * p1 * d01 * d01 + p0 * p2 * d02 * d02 + p1 * p2 * d12 * d12);
}

static bool is_hap(uint8_t code)
{
	return code >= GRX_CP_HAP_0 && code <= GRX_CP_HAP_NONE;
}

void prs_lik_moments(const struct prs_lik *l, int n, float *e, float *var)
{
	double f = l->f, pi[3] = {(1 - f) * (1 - f), 2 * f * (1 - f), f * f},
	       v1[3] = {l->hap[0], 0, l->hap[1]};
	double like[256];
	for (int i = 0; i < 256; i++)
		like[i] = pow(10, -i / 10.0);
	for (int i = 0; i < n; i++) {
		double a = like[l->l0[i]], b = like[l->l1[i]], c = like[l->l2[i]];
		if (is_hap(l->code[i]))
			moments((const double[]){a * (1 - f), 0, c * f}, v1, &e[i], &var[i]);
		else
			moments((const double[]){a * pi[0], b * pi[1], c * pi[2]}, l->value, &e[i], &var[i]);
	}
}

void prs_gp_moments(const struct prs_lik *l, const float *p1, const float *p2, int n, float *e, float *var)
{
	double f = l->f, pi[3] = {(1 - f) * (1 - f), 2 * f * (1 - f), f * f},
	       v1[3] = {l->hap[0], 0, l->hap[1]};
	for (int i = 0; i < n; i++) {
		bool h = is_hap(l->code[i]);
		double p[3] = {h ? 1 - f : pi[0], h ? 0 : pi[1], h ? f : pi[2]};
		if (p1[i] >= 0 && p2[i] >= 0) {
			p[0] = fmax(0, 1 - (double)p1[i] - p2[i]);
			p[1] = h ? 0 : p1[i];
			p[2] = p2[i];
		}
		moments(p, h ? v1 : l->value, &e[i], &var[i]);
	}
}
