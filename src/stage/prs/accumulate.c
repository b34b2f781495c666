/* SPDX-License-Identifier: GPL-3.0-or-later
 * accumulate.c -- genotypes of a matched record into copies of the effect allele, and those into sums.
 * S = sum_j w_j d_j. A no-call is never zero copies: it adds its expectation under Hardy-Weinberg where the
 * allele frequency is known and is counted as imputed, else it is counted as missing; coverage counts called
 * rows only. */
#include <math.h>
#include <string.h>

#include "stage/prs/prs_int.h"

enum { PRS_AF_MIN_SAMPLES = 50 };

/* GT of one sample: copies of the effect allele, number of alleles, any allele missing (a half-call is a
 * no-call). */
struct gt {
	int copies, n;
	bool missing;
};

static struct gt gt_get(const struct grx_var *v, int s, int allele)
{
	struct gt g = {0, 0, v->ploidy == 0};
	for (int k = 0; k < v->ploidy; k++) {
		int32_t c = v->gt[(size_t)s * (size_t)v->ploidy + (size_t)k];
		if (GRX_GT_IS_END(c))
			break;
		int a = GRX_GT_ALLELE(c);
		g.n++;
		g.missing |= a < 0;
		g.copies += a == allele;
	}
	if (g.n > 2) { /* no place in a diploid sum */
		g.n = 2;
		g.missing = true;
	}
	return g;
}

/* Alleles that a sample has here when its GT does not tell. */
static int ploidy_default(enum prs_contig c, int n_gt, bool x_double)
{
	switch (c) {
	case PRS_Y:
		return 0; /* no-call on Y: most likely no Y */
	case PRS_MT:
		return 1;
	case PRS_X:
		return n_gt == 1 && !x_double ? 1 : 2;
	default:
		return 2;
	}
}

static int ds_get(struct grx_ctx *cx, const struct grx_field *ds, const struct prs_hit *h, int s, float *d)
{
	const float *p = ds->v.f + (size_t)s * (size_t)ds->n;
	double alt = 0;
	*d = NAN;
	for (int k = h->v->n_allele - 1; k < ds->n; k++)
		if (!grx_float_is_missing(p[k]) && !grx_float_is_end(p[k]))
			return grx_fail(cx, GRX_E_DATA,
				"record %lld, position %lld: more values of DS than ALT alleles",
				(long long)h->v->line, (long long)h->v->pos + 1);
	for (int k = 0; k < ds->n && k < h->v->n_allele - 1; k++) {
		if (grx_float_is_missing(p[k]) || grx_float_is_end(p[k]) || isnan(p[k]))
			return GRX_OK;
		if (p[k] < -1e-3f || p[k] > 2.001f)
			return grx_fail(cx, GRX_E_DATA, "record %lld, position %lld: DS %g; expected 0..2",
				(long long)h->v->line, (long long)h->v->pos + 1, (double)p[k]);
		alt += p[k];
		if (h->allele == k + 1)
			*d = p[k];
	}
	if (h->allele == 0)
		*d = (float)alt; /* copies that are not REF: the caller subtracts */
	return GRX_OK;
}

static bool block_confident(const struct grx_field *gq, int s, int min_gq)
{
	if (!gq || gq->n < 1 || gq->type != GRX_T_INT)
		return true;
	int32_t q = gq->v.i[(size_t)s * (size_t)gq->n];
	return q == GRX_INT_MISSING || q >= min_gq;
}

static bool passes(const char *filter)
{
	return !filter || !*filter || strcmp(filter, "PASS") == 0 || strcmp(filter, ".") == 0;
}

static bool int_is_zero(const struct grx_var *v, const char *key, int s)
{
	const struct grx_field *f = grx_var_fmt(v, key);
	return f && f->type == GRX_T_INT && f->n >= 1 && f->v.i[(size_t)s * (size_t)f->n] == 0;
}

/* A genotype that its own file does not stand by: FILTER or FT not passed, or a GT (not a DS, which may be
 * imputed) written down without a single read or with quality 0. It is a no-call. */
static bool disowned(const struct grx_var *v, int s, bool dosage)
{
	const struct grx_field *ft = grx_var_fmt(v, "FT");
	for (int i = 0; i < v->n_filter; i++)
		if (!passes(v->filter[i]))
			return true;
	if (ft && ft->type == GRX_T_STR && !passes(ft->v.s[s]))
		return true;
	return !dosage && (int_is_zero(v, "DP", s) || int_is_zero(v, "MIN_DP", s) ||
				  int_is_zero(v, "GQ", s) || int_is_zero(v, "RGQ", s));
}

/* All samples at a reference block: allele 0 means that REF is the effect allele. */
static void block_calls(
	const struct prs_rule *ru, const struct prs_hit *h, enum prs_contig ct, struct prs_call *call)
{
	const struct grx_field *gq = grx_var_fmt(h->v, "GQ");
	for (int s = 0; s < ru->n_sample; s++) {
		struct gt g = gt_get(h->v, s, 0);
		bool ok = !g.missing && g.n > 0 && g.copies == g.n && block_confident(gq, s, ru->ref_gq) &&
			  (ru->compat || !disowned(h->v, s, false));
		int pl = ct == PRS_X && g.n == 1 && ru->x_double ? 2 : g.n;
		call[s].pl = (uint8_t)(ok ? pl : ploidy_default(ct, g.n, ru->x_double));
		call[s].d = ok ? (h->allele == 0 ? (float)pl : 0.0f) : NAN;
	}
}

/* One sample at a record: *raw = copies before doubling, *n = alleles before doubling; NAN for a no-call. */
static int one_call(struct grx_ctx *cx, const struct prs_rule *ru, const struct prs_hit *h,
	const struct grx_field *ds, int s, struct prs_call *c)
{
	enum prs_contig ct = (enum prs_contig)ru->contig[h->v->tid];
	struct gt g = gt_get(h->v, s, h->allele);
	bool told = g.n > 0 && !(g.missing && (g.n == 1 || ct == PRS_Y));
	int n = told ? g.n : ploidy_default(ct, g.n, false);
	float d = NAN;
	if (ds) {
		int rc = ds_get(cx, ds, h, s, &d);
		if (rc != 0)
			return rc;
		if (n == 0 && !isnan(d))
			n = 1; /* Y without GT */
		if (!isnan(d) && h->allele == 0)
			d = (float)n - d;
	}
	if (isnan(d) && !g.missing && g.n > 0 && ru->use_gt)
		d = (float)g.copies;
	c->d = d;
	c->pl = (uint8_t)(n > 255 ? 255 : n);
	return GRX_OK;
}

static void double_x(const struct prs_rule *ru, enum prs_contig ct, struct prs_call *call)
{
	if (ct != PRS_X || !ru->x_double)
		return;
	for (int s = 0; s < ru->n_sample; s++)
		if (call[s].pl == 1) {
			call[s].pl = 2;
			call[s].d *= 2;
		}
}

int prs_calls(struct grx_ctx *cx, const struct prs_rule *ru, const struct prs_hit *h, struct prs_call *call,
	double *af)
{
	enum prs_contig ct = (enum prs_contig)ru->contig[h->v->tid];
	*af = NAN;
	if (h->prio == PRS_P_BLOCK) {
		block_calls(ru, h, ct, call);
		return GRX_OK;
	}
	const struct grx_field *ds = ru->use_ds ? grx_var_fmt(h->v, "DS") : NULL;
	if (ds && (ds->type != GRX_T_FLOAT || ds->n < 1))
		ds = NULL;
	double sum = 0;
	int64_t n = 0;
	for (int s = 0; s < ru->n_sample; s++) {
		int rc = one_call(cx, ru, h, ds, s, &call[s]);
		if (rc != 0)
			return rc;
		if (!ru->compat && disowned(h->v, s, ds != NULL))
			call[s].d = NAN;
		if (isnan(call[s].d))
			continue;
		sum += (double)call[s].d;
		n += call[s].pl;
	}
	if (ru->n_sample >= PRS_AF_MIN_SAMPLES && n > 0)
		*af = sum / (double)n;
	double_x(ru, ct, call);
	return GRX_OK;
}

double prs_value(const struct prs_row *r, double d)
{
	switch ((enum prs_type)r->type) {
	case PRS_DOMINANT:
		return r->w * fmin(d, 1);
	case PRS_RECESSIVE:
		return r->w * fmax(d - 1, 0);
	case PRS_DOSAGE:
		/* exact for hard calls; between them linear */
		return d <= 1 ? r->dw[0] + (r->dw[1] - r->dw[0]) * fmax(d, 0)
			      : r->dw[1] + (r->dw[2] - r->dw[1]) * (fmin(d, 2) - 1);
	default:
		return r->w * d;
	}
}

double prs_expect(const struct prs_row *r, double f, int pl, bool compat)
{
	if (pl == 1 && r->type != PRS_ADDITIVE)
		return (1 - f) * prs_value(r, 0) + f * prs_value(r, 1);
	if (compat && (r->type == PRS_DOMINANT || r->type == PRS_RECESSIVE))
		return r->w * f;
	switch ((enum prs_type)r->type) {
	case PRS_DOMINANT:
		return r->w * (1 - (1 - f) * (1 - f));
	case PRS_RECESSIVE:
		return r->w * f * f;
	case PRS_DOSAGE:
		return (1 - f) * (1 - f) * r->dw[0] + 2 * f * (1 - f) * r->dw[1] + f * f * r->dw[2];
	default:
		return r->w * pl * f;
	}
}

void prs_add(const struct prs_rule *ru, const struct prs_row *r, const struct prs_call *call, double af,
	struct prs_acc *acc)
{
	/* The score's own frequency keeps a person's score independent of the company they are analysed in.
	 */
	double f = isnan(r->af) || (ru->compat && !isnan(af)) ? af : r->af;
	struct grx_fix w = {0}, hard[3] = {{0}, {0}, {0}};
	bool fine = grx_fix_add(&w, fabs(r->w));
	for (int k = 0; k < 3; k++)
		fine &= grx_fix_add(&hard[k], prs_value(r, k));
	if (!fine)
		return; /* weights are bounded on reading */
	for (int s = 0; s < ru->n_sample; s++) {
		struct prs_acc *a = &acc[s];
		/* a DS of 0.9 in the file is 0.9 here, not the float next to it */
		double d = rint((double)call[s].d * 1e6) / 1e6;
		int pl = call[s].pl;
		if (isnan(d)) {
			bool impute = ru->mean && pl > 0 && !isnan(f);
			a->n_missing += !impute;
			a->n_imputed += impute;
			a->denom += impute ? pl : 0;
			if (impute)
				(void)grx_fix_add(&a->sum, prs_expect(r, f, pl, ru->compat));
			continue;
		}
		a->n_called++;
		a->allele_ct += pl;
		a->denom += pl;
		a->absw.v += w.v;
		double named = r->type == PRS_DOMINANT    ? fmin(d, 1)
			       : r->type == PRS_RECESSIVE ? fmax(d - 1, 0)
							  : d;
		if (d == 0 || d == 1 || d == 2) {
			a->sum.v += hard[(int)d].v;
			a->dose.v += (grx_i128)named << 60;
		} else {
			(void)grx_fix_add(&a->sum, prs_value(r, d));
			(void)grx_fix_add(&a->dose, named);
		}
	}
}

void prs_acc_merge(struct prs_acc *a, const struct prs_acc *b)
{
	grx_fix_merge(&a->sum, &b->sum);
	grx_fix_merge(&a->absw, &b->absw);
	grx_fix_merge(&a->dose, &b->dose);
	a->n_called += b->n_called;
	a->n_imputed += b->n_imputed;
	a->n_missing += b->n_missing;
	a->allele_ct += b->allele_ct;
	a->denom += b->denom;
}
