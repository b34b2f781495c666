/* SPDX-License-Identifier: GPL-3.0-or-later
 * value.c -- what a genotype is worth for one row: values, expectations, variances, by genotype code.
 * A no-call is never zero copies: it adds its expectation under Hardy-Weinberg, with its variance, where the
 * frequency is known, and is counted as imputed; else it is counted as missing. */
#include <string.h>

#include "stage/prs/prs_int.h"

double prs_value(const struct prs_term *t, double d)
{
	switch ((enum prs_type)t->type) {
	case PRS_DOMINANT:
		return fmin(d, 1);
	case PRS_RECESSIVE:
		return fmax(d - 1, 0);
	case PRS_DOSAGE:
		/* exact for hard calls; between them linear */
		return d <= 1 ? t->table[0] + (t->table[1] - t->table[0]) * fmax(d, 0)
			      : t->table[1] + (t->table[2] - t->table[1]) * (fmin(d, 2) - 1);
	default:
		return d;
	}
}

void prs_expect(const struct prs_term *t, int pl, int mult, double *e, double *var)
{
	double f = t->f;
	if (pl == 1 || mult == 2) {
		double v0 = prs_value(t, 0), v1 = prs_value(t, mult);
		*e = (1 - f) * v0 + f * v1;
		*var = f * (1 - f) * (v1 - v0) * (v1 - v0);
		return;
	}
	double p[3] = {(1 - f) * (1 - f), 2 * f * (1 - f), f * f}, m = 0, q = 0;
	for (int g = 0; g < 3; g++)
		m += p[g] * prs_value(t, g);
	for (int g = 0; g < 3; g++) {
		double x = prs_value(t, g) - m;
		q += p[g] * x * x;
	}
	*e = t->type == PRS_ADDITIVE ? 2 * f : m; /* the same, without a rounding of its own */
	*var = t->type == PRS_ADDITIVE ? 2 * f * (1 - f) : q;
}

void prs_std_of(const struct prs_term *t, int pl, int mult, double *centre, double *scale)
{
	double var;
	*centre = 0;
	*scale = 1;
	if (t->std == PRS_STD_NONE || isnan(t->f))
		return;
	prs_expect(t, pl, mult, centre, &var);
	if (t->std == PRS_STD_VARIANCE)
		*scale = 1 / sqrt((t->y_alone ? 1 : 2) * t->f * (1 - t->f));
}

/* Alleles that a sample has here when its genotype does not tell. */
static int ploidy_default(enum prs_contig c, bool haploid, bool x_double)
{
	switch (c) {
	case PRS_Y:
		return 0; /* no-call on Y: most likely no Y */
	case PRS_MT:
		return 1;
	case PRS_X:
		return haploid && !x_double ? 1 : 2;
	default:
		return 2;
	}
}

double prs_pair_copies(const struct prs_term *t)
{
	return t->contig == PRS_Y || t->contig == PRS_MT ? 0.5 : 1;
}

static void called(const struct prs_term *t, double copies, int pl, int mult, struct prs_codeval *v)
{
	double c, s, d = copies * mult;
	prs_std_of(t, pl, mult, &c, &s);
	*v = (struct prs_codeval){.u = (prs_value(t, d) - c) * s,
		.allele_ct = (int8_t)(pl * mult),
		.denom = (int8_t)(pl * mult),
		.kind = PRS_CALLED};
	v->dose = t->type == PRS_DOMINANT ? fmin(d, 1) : t->type == PRS_RECESSIVE ? fmax(d - 1, 0) : d;
}

/* plink2 and the calculator add w f for a missing call of a dominant or recessive row. */
static void no_call(
	const struct prs_policy *po, const struct prs_term *t, bool haploid, struct prs_codeval *v)
{
	int pl = ploidy_default(t->contig, haploid, po->x_double);
	bool x_hap = haploid && t->contig == PRS_X && po->x_double;
	double c, s, e, var;
	*v = (struct prs_codeval){.kind = PRS_MISSING};
	if (pl == 0 || !po->mean || isnan(t->f))
		return;
	prs_expect(t, pl, x_hap ? 2 : 1, &e, &var);
	if ((po->pgsc || po->plink) && (t->type == PRS_DOMINANT || t->type == PRS_RECESSIVE))
		e = t->f;
	prs_std_of(t, pl, x_hap ? 2 : 1, &c, &s);
	*v = (struct prs_codeval){
		.u = (e - c) * s, .var = var * s * s, .denom = (int8_t)pl, .kind = PRS_IMPUTED};
	/* a no-call is the mean, which is 0 after centring; plink2 (2.00a3) adds it as it was before */
	if (t->std != PRS_STD_NONE)
		v->u = po->plink ? e * s : 0;
}

/* One allele known, the other drawn from the population. */
static void half_call(const struct prs_term *t, int known, struct prs_codeval *v)
{
	double c, s, v0 = prs_value(t, known), v1 = prs_value(t, known + 1);
	prs_std_of(t, 2, 1, &c, &s);
	*v = (struct prs_codeval){.u = ((1 - t->f) * v0 + t->f * v1 - c) * s,
		.var = t->f * (1 - t->f) * (v1 - v0) * (v1 - v0) * s * s,
		.dose = known,
		.allele_ct = 1,
		.denom = 2,
		.kind = PRS_IMPUTED};
}

void prs_codevals(
	const struct prs_policy *po, const struct prs_term *t, bool swap, struct prs_codeval val[GRX_CP_N])
{
	int mult = t->contig == PRS_X && po->x_double ? 2 : 1;
	struct prs_codeval v[GRX_CP_N];
	double pair = prs_pair_copies(t);
	for (int g = 0; g < 3; g++)
		called(t, g * pair, (int)(2 * pair), 1, &v[GRX_CP_0 + g]);
	no_call(po, t, false, &v[GRX_CP_NONE]);
	for (int c = GRX_CP_NONE + 1; t->diploid && c < GRX_CP_N; c++)
		v[c] = v[GRX_CP_NONE];
	if (!t->diploid) {
		called(t, 0, 1, mult, &v[GRX_CP_HAP_0]);
		called(t, 1, 1, mult, &v[GRX_CP_HAP_1]);
		no_call(po, t, true, &v[GRX_CP_HAP_NONE]);
	}
	v[GRX_CP_HALF_0] = v[GRX_CP_HALF_1] = v[GRX_CP_NONE];
	if (!t->diploid && po->half_expect && !isnan(t->f) && t->contig != PRS_Y && t->contig != PRS_MT) {
		half_call(t, 0, &v[GRX_CP_HALF_0]);
		half_call(t, 1, &v[GRX_CP_HALF_1]);
	}
	static const uint8_t other[GRX_CP_N] = {[GRX_CP_0] = GRX_CP_2,
		[GRX_CP_1] = GRX_CP_1,
		[GRX_CP_2] = GRX_CP_0,
		[GRX_CP_NONE] = GRX_CP_NONE,
		[GRX_CP_HAP_0] = GRX_CP_HAP_1,
		[GRX_CP_HAP_1] = GRX_CP_HAP_0,
		[GRX_CP_HAP_NONE] = GRX_CP_HAP_NONE,
		[GRX_CP_HALF_0] = GRX_CP_HALF_1,
		[GRX_CP_HALF_1] = GRX_CP_HALF_0};
	for (int c = 0; c < GRX_CP_N; c++)
		val[c] = v[swap ? other[c] : c];
}
