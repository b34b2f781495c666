/* SPDX-License-Identifier: GPL-3.0-or-later
 * lik.c -- expected value and variance of a genotype value from likelihoods or probabilities.
 * In float: 24 bits are more than a phred value without decimals holds. */
#include <math.h>
#include <string.h>

#include "stage/prs/lik_int.h"

#define LIK_GP_MAX 1.05f /* probabilities are written rounded; what lies above is none */

/* 10^(-x/10) = low[x & 15] high[x >> 4]: 16 entries fit one register, or two. high has a factor of 2^64, so
 * that the least likelihood times a rare prior stays a normal number. */
struct lik_tables {
	float low[16], high[16];
};

struct lik_model {
	const struct lik_tables *t;
	float prior[2][3], value[2][3]; /* [one allele only] */
	bool some_hap;
};

struct lik_gp {
	const uint8_t *code;
	const float *p1, *p2;
};

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#define LK_X86    1
#define LK_L      16
#define LK_TARGET __attribute__((target("avx512f")))
#include "stage/prs/lik_kernel.inc"
#define LK_L      8
#define LK_TARGET __attribute__((target("avx2")))
#include "stage/prs/lik_kernel.inc"
#else
#define LK_X86 0
#endif
#define LK_L 4
#define LK_TARGET
#include "stage/prs/lik_kernel.inc"

static const struct lik_tables tables = {
	{1.0f, 0.7943282347f, 0.6309573445f, 0.5011872336f, 0.3981071706f, 0.3162277660f, 0.2511886432f,
		0.1995262315f, 0.1584893192f, 0.1258925412f, 0.1f, 0.07943282347f, 0.06309573445f,
		0.05011872336f, 0.03981071706f, 0.03162277660f},
	{0x1p64f * 1.0f, 0x1p64f * 2.511886432e-2f, 0x1p64f * 6.309573445e-4f, 0x1p64f * 1.584893192e-5f,
		0x1p64f * 3.981071706e-7f, 0x1p64f * 1e-8f, 0x1p64f * 2.511886432e-10f,
		0x1p64f * 6.309573445e-12f, 0x1p64f * 1.584893192e-13f, 0x1p64f * 3.981071706e-15f,
		0x1p64f * 1e-16f, 0x1p64f * 2.511886432e-18f, 0x1p64f * 6.309573445e-20f,
		0x1p64f * 1.584893192e-21f, 0x1p64f * 3.981071706e-23f, 0x1p64f * 1e-24f}};

static void model(const struct prs_lik *l, int n, struct lik_model *m)
{
	unsigned hap = 0;
	for (int i = 0; i < n; i++)
		hap |= (uint8_t)(l->code[i] - GRX_CP_HAP_0) <= GRX_CP_HAP_NONE - GRX_CP_HAP_0;
	double f = l->f;
	*m = (struct lik_model){.t = &tables,
		.prior = {{(float)((1 - f) * (1 - f)), (float)(2 * f * (1 - f)), (float)(f * f)},
			{(float)(1 - f), 0, (float)f}},
		.value = {{(float)l->value[0], (float)l->value[1], (float)l->value[2]},
			{(float)l->hap[0], 0, (float)l->hap[1]}},
		.some_hap = hap != 0};
}

static enum sums_isa best(void)
{
	return prs_sums_has_isa(SUMS_AVX512) ? SUMS_AVX512
	       : prs_sums_has_isa(SUMS_AVX2) ? SUMS_AVX2
					     : SUMS_PORTABLE;
}

void prs_lik_moments_isa(enum sums_isa isa, const struct prs_lik *l, int n, float *e, float *var)
{
	struct lik_model m;
	model(l, n, &m);
#if LK_X86
	if (isa == SUMS_AVX512) {
		pl_16(&m, l, n, e, var);
		return;
	}
	if (isa == SUMS_AVX2) {
		pl_8(&m, l, n, e, var);
		return;
	}
#endif
	(void)isa;
	pl_4(&m, l, n, e, var);
}

void prs_gp_moments_isa(enum sums_isa isa, const struct prs_lik *l, const float *p1, const float *p2, int n,
	float *e, float *var)
{
	struct lik_model m;
	struct lik_gp g = {l->code, p1, p2};
	model(l, n, &m);
#if LK_X86
	if (isa == SUMS_AVX512) {
		gp_16(&m, g, n, e, var);
		return;
	}
	if (isa == SUMS_AVX2) {
		gp_8(&m, g, n, e, var);
		return;
	}
#endif
	(void)isa;
	gp_4(&m, g, n, e, var);
}

void prs_lik_moments(const struct prs_lik *l, int n, float *e, float *var)
{
	prs_lik_moments_isa(best(), l, n, e, var);
}

void prs_gp_moments(const struct prs_lik *l, const float *p1, const float *p2, int n, float *e, float *var)
{
	prs_gp_moments_isa(best(), l, p1, p2, n, e, var);
}
