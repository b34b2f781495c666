/* SPDX-License-Identifier: GPL-3.0-or-later
 * moments.c -- genotypes that are not sure: GP, DS, PL of a record and GQ of a block into expectations and
 * variances of the row's value.
 * GP and PL give E and Var of any effect type exactly; DS gives E of an additive row and no variance. */
#include <string.h>

#include "stage/prs/geno.h"

/* Of a person with one allele: what GP may give to the heterozygote. The others share the rest. */
#define HAP_MAX_HET 0.5f

static bool haploid(uint8_t c)
{
	return c == GRX_CP_HAP_0 || c == GRX_CP_HAP_1 || c == GRX_CP_HAP_NONE;
}

static bool is_none(uint8_t c)
{
	return c == GRX_CP_NONE || c == GRX_CP_HAP_NONE;
}

/* How to count sample i: told = the column says something about it. */
static void count_as(struct prs_eng *e, int i, uint8_t code, bool told)
{
	e->s.what[i] = (uint8_t)(haploid(code) ? (told ? GRX_CP_HAP_0 : GRX_CP_HAP_NONE)
					       : (told ? GRX_CP_0 : GRX_CP_NONE));
}

/* Sample i is one that the column tells nothing of: its GT, unless mute, or what a no-call adds. */
static void untold(struct prs_eng *e, const struct prs_codeval *val, uint8_t code, size_t i)
{
	if (e->job->po->dosage == PRS_USE_AUTO)
		e->s.what[i] = code;
	const struct prs_codeval *v = &val[e->s.what[i]];
	e->s.e[i] = (float)v->u;
	e->s.ed[i] = v->u;
	e->s.var[i] = (float)v->var;
	e->s.dose[i] = (float)v->dose;
}

static void fill_untold(
	struct prs_eng *e, const struct prs_codes *c, const struct prs_term *t, const uint8_t *mute)
{
	static const uint8_t none[] = {GRX_CP_NONE, GRX_CP_HAP_NONE};
	struct prs_codeval val[GRX_CP_N];
	size_t n = (size_t)e->job->target->n_sample;
	prs_codevals(e->job->po, t, c->swap, val);
	for (int k = 0; k < 2; k++)
		for (const uint8_t *p = e->s.what;
			(p = memchr(p, none[k], n - (size_t)(p - e->s.what))) != NULL; p++) {
			size_t i = (size_t)(p - e->s.what);
			untold(e, val, mute && mute[i] ? none[k] : c->code[i], i);
		}
}

static int mult_of(const struct prs_eng *e, const struct prs_term *t)
{
	return t->contig == PRS_X && e->job->po->x_double ? 2 : 1;
}

/* Value tables of 0, 1, 2 copies and of a haploid 0, 1; standardised. */
static void tables(const struct prs_eng *e, const struct prs_term *t, double value[3], double hap[2])
{
	double c, s, pair = prs_pair_copies(t);
	int m = mult_of(e, t);
	prs_std_of(t, (int)(2 * pair), 1, &c, &s);
	for (int g = 0; g < 3; g++)
		value[g] = (prs_value(t, g * pair) - c) * s;
	prs_std_of(t, 1, m, &c, &s);
	for (int g = 0; g < 2; g++)
		hap[g] = (prs_value(t, (double)g * m) - c) * s;
}

/* Expected copies are the value itself of a plain additive row. */
static bool is_plain(const struct prs_term *t)
{
	return t->type == PRS_ADDITIVE && t->std == PRS_STD_NONE;
}

/* Value tables of the copies that are counted, whatever the row adds. */
static void dose_tables(const struct prs_eng *e, const struct prs_term *t, struct prs_lik *l)
{
	struct prs_term d = *t;
	d.std = PRS_STD_NONE;
	if (d.type == PRS_DOSAGE)
		d.type = PRS_ADDITIVE;
	tables(e, &d, l->value, l->hap);
}

/* No panel has seen everyone: a frequency of 0 in a file must not overrule the reads of one who carries it.
 */
static double prior_freq(double f)
{
	static const double rare = 1e-5;
	return fmin(fmax(f, rare), 1 - rare);
}

/* Are all genotypes alike? */
static bool is_flat(const struct prs_eng *e, const struct prs_codes *c, int i)
{
	return (e->s.l0[i] | e->s.l2[i] | (haploid(c->code[i]) ? 0 : e->s.l1[i])) == 0;
}

/* Without a frequency likelihoods only tell who had no reads: leave the others to GT. */
static bool only_flat(struct prs_eng *e, const struct prs_codes *c)
{
	bool any = false;
	for (int i = 0; i < e->job->target->n_sample; i++) {
		if (!is_flat(e, c, i))
			e->s.l0[i] = e->s.l1[i] = e->s.l2[i] = 255;
		else
			any |= !is_none(c->code[i]);
	}
	return any;
}

/* One sample: is it told by its likelihoods? Alike for all genotypes means that there were no reads, whatever
 * GT says; 255 for all means that none are given. */
static void count_plane(struct prs_eng *e, const struct prs_codes *c, int i)
{
	bool none = (e->s.l0[i] & e->s.l1[i] & e->s.l2[i]) == 255;
	bool flat = is_flat(e, c, i);
	count_as(e, i, c->code[i], !none && !flat);
	e->s.other[i] = flat;
	if (none)
		e->s.l0[i] = e->s.l1[i] = e->s.l2[i] = 0;
}

/* The same for all, in vector lanes where nobody is haploid. */
static void count_planes(struct prs_eng *e, const struct prs_codes *c, int n)
{
	const unsigned hap = 1u << GRX_CP_HAP_0 | 1u << GRX_CP_HAP_1 | 1u << GRX_CP_HAP_NONE;
	uint8_t *restrict l0 = e->s.l0, *restrict l1 = e->s.l1, *restrict l2 = e->s.l2;
	uint8_t *restrict what = e->s.what, *restrict flat = e->s.other;
	for (int i = 0; (c->seen & hap) && i < n; i++)
		count_plane(e, c, i);
	for (int i = 0; !(c->seen & hap) && i < n; i++) {
		uint8_t any = l0[i] | l1[i] | l2[i],
			given = (uint8_t)((l0[i] & l1[i] & l2[i]) == 255 ? 0 : 255);
		flat[i] = any == 0;
		what[i] = (uint8_t)(any == 0 || given == 0 ? GRX_CP_NONE : GRX_CP_0);
		l0[i] &= given;
		l1[i] &= given;
		l2[i] &= given;
	}
}

static void from_planes(struct prs_eng *e, const struct prs_codes *c, const struct prs_term *t)
{
	struct prs_lik l = {
		.l0 = e->s.l0, .l1 = e->s.l1, .l2 = e->s.l2, .code = c->code, .f = prior_freq(t->f)};
	int n = e->job->target->n_sample;
	tables(e, t, l.value, l.hap);
	count_planes(e, c, n);
	if (!is_plain(t)) { /* copies are another value than the row's: var is scratch here */
		struct prs_lik d = l;
		dose_tables(e, t, &d);
		prs_lik_moments(&d, n, e->s.dose, e->s.var);
	}
	prs_lik_moments(&l, n, e->s.e, e->s.var);
	fill_untold(e, c, t, e->s.other);
}

/* A block gives the quality of its call alone: likelihoods about (0, GQ, 2 GQ). */
static bool block_planes(struct prs_eng *e, const struct prs_geno_at *at)
{
	const struct prs_block *b = at->block;
	bool any = false;
	for (int i = 0; i < e->job->target->n_sample; i++) {
		int q = b->gq[i], q2 = 2 * q > 255 ? 255 : 2 * q;
		bool ok = !is_none(b->code[i]) && q < 255, hap = haploid(b->code[i]);
		any |= ok;
		uint8_t ref = ok ? 0 : 255, one = (uint8_t)(ok ? q : 255),
			none = (uint8_t)(ok ? (hap ? q : q2) : 255);
		e->s.l0[i] = at->allele == 0 ? none : ref;
		e->s.l1[i] = one;
		e->s.l2[i] = at->allele == 0 ? ref : none;
	}
	return any;
}

/* A genotype nobody stands by says nothing, whatever its likelihoods or dosage. */
static bool disowned(const struct prs_eng *e, const struct grx_geno *g, int i)
{
	return prs_distrusts(e, g) && (g->filtered || e->s.bad[i]);
}

static void mute_distrusted(struct prs_eng *e, const struct grx_geno *g)
{
	bool any = prs_distrusts(e, g); /* asked once: the loop runs over all samples */
	for (int i = 0; any && i < g->n_sample; i++)
		if (g->filtered || e->s.bad[i])
			e->s.l0[i] = e->s.l1[i] = e->s.l2[i] = 0;
}

static int by_pl(struct grx_ctx *cx, struct prs_eng *e, const struct prs_geno_at *at,
	const struct prs_codes *c, const struct prs_term *t, bool *have)
{
	int rc = GRX_OK;
	*have = false;
	if (isnan(t->f) && (at->block || e->job->po->dosage != PRS_USE_AUTO))
		return GRX_OK;
	if (at->block)
		*have = block_planes(e, at);
	else
		rc = grx_geno_pl(cx, at->g, at->allele, e->s.l0, e->s.l1, e->s.l2, have);
	if (rc != GRX_OK || !*have)
		return rc;
	if (isnan(t->f) && !only_flat(e, c)) {
		*have = false;
		return GRX_OK;
	}
	if (at->g)
		mute_distrusted(e, at->g);
	from_planes(e, c, t);
	return GRX_OK;
}

static int by_gp(struct grx_ctx *cx, struct prs_eng *e, const struct prs_geno_at *at,
	const struct prs_codes *c, const struct prs_term *t, bool *have)
{
	struct prs_lik l = {.code = c->code, .f = isnan(t->f) ? 0 : t->f};
	int n = e->job->target->n_sample;
	int rc = grx_geno_gp(cx, at->g, at->allele, e->s.p1, e->s.p2, have);
	if (rc != GRX_OK || !*have)
		return rc;
	for (int i = 0; i < n; i++) { /* a heterozygote of one allele is no answer, and GT is none then */
		e->s.other[i] = haploid(c->code[i]) && e->s.p1[i] > HAP_MAX_HET;
		if (e->s.other[i])
			e->s.p1[i] = e->s.p2[i] = NAN;
	}
	tables(e, t, l.value, l.hap);
	if (!is_plain(t)) {
		struct prs_lik d = l;
		dose_tables(e, t, &d);
		prs_gp_moments(&d, e->s.p1, e->s.p2, n, e->s.dose, e->s.var);
	}
	prs_gp_moments(&l, e->s.p1, e->s.p2, n, e->s.e, e->s.var);
	for (int i = 0; i < n; i++)
		count_as(e, i, c->code[i], !isnan(e->s.p2[i]) && !disowned(e, at->g, i));
	fill_untold(e, c, t, e->s.other);
	return GRX_OK;
}

/* Copies of the effect allele by GT; NAN for a no-call. */
static double copies_of(const struct prs_codes *c, int i)
{
	switch (c->code[i]) {
	case GRX_CP_0:
		return c->swap ? 2 : 0;
	case GRX_CP_1:
		return 1;
	case GRX_CP_2:
		return c->swap ? 0 : 2;
	case GRX_CP_HAP_0:
		return c->swap ? 1 : 0;
	case GRX_CP_HAP_1:
		return c->swap ? 0 : 1;
	default:
		return NAN;
	}
}

/* Value of one sample by its DS, or by GT where it has none. */
static void ds_value(struct prs_eng *e, const struct prs_geno_at *at, const struct prs_codes *c,
	const struct prs_term *t, int i)
{
	bool hap = haploid(c->code[i]);
	double cc, s, d = (double)e->s.dose[i];
	if (isnan(d) && e->job->po->dosage == PRS_USE_AUTO)
		d = copies_of(c, i);
	if (disowned(e, at->g, i))
		d = NAN;
	count_as(e, i, c->code[i], !isnan(d));
	if (isnan(d))
		return;
	/* a DS of 0.9 in the file is 0.9 here, not the float next to it */
	int m = hap ? mult_of(e, t) : 1;
	double pair = prs_pair_copies(t);
	d = rint(d * 1e6) / 1e6 * m;
	if (pair < 1 && !hap) /* without GT: a DS above 1 was of a pair */
		d = is_none(c->code[i]) ? fmin(d, 1) : d * pair;
	prs_std_of(t, hap ? 1 : (int)(2 * pair), m, &cc, &s);
	e->s.ed[i] = (prs_value(t, d) - cc) * s;
	e->s.var[i] = 0;
	e->s.dose[i] = (float)(t->type == PRS_DOMINANT    ? fmin(d, 1)
			       : t->type == PRS_RECESSIVE ? fmax(d - 1, 0)
							  : d);
}

/* The other records of a split site hold what REF has lost to their ALTs. */
static int ds_of_split(struct grx_ctx *cx, struct prs_eng *e, const struct prs_geno_at *at, bool *have)
{
	int rc = GRX_OK;
	for (int r = 0; r < at->n && rc == GRX_OK && *have; r++) {
		const struct grx_geno *o = &at->recs[r];
		for (int k = 1; k < o->n_allele && rc == GRX_OK && *have; k++) {
			if (!prs_geno_is_other_alt(at, r, k))
				continue;
			rc = grx_geno_ds(cx, o, k, e->s.p1, have);
			for (int i = 0; rc == GRX_OK && *have && i < o->n_sample; i++)
				e->s.dose[i] -= e->s.p1[i];
		}
	}
	for (int i = 0; i < at->g->n_sample; i++)
		e->s.dose[i] = e->s.dose[i] < 0 ? 0 : e->s.dose[i];
	return rc;
}

/* DS of one allele counts to 1. */
static int check_haploid(
	struct grx_ctx *cx, const struct prs_eng *e, const struct grx_geno *g, const struct prs_codes *c)
{
	const float eps = 0.01F;
	for (int i = 0; i < g->n_sample; i++)
		if (haploid(c->code[i]) && (e->s.dose[i] > 1 + eps || e->s.dose[i] < -eps))
			return grx_fail(cx, GRX_E_DATA,
				"%s:%lld: DS above 1 of a haploid genotype: is it of pairs? --dosage GT goes "
				"by the "
				"genotypes alone",
				grx_contig_name(e->job->target->hdr->contigs, g->tid), (long long)g->pos + 1);
	return GRX_OK;
}

/* DS of the row's allele into e->s.dose. */
static int ds_get(struct grx_ctx *cx, struct prs_eng *e, const struct prs_geno_at *at,
	const struct prs_codes *c, bool *have)
{
	int rc = grx_geno_ds(cx, at->g, at->allele, e->s.dose, have);
	if (rc == GRX_OK && *have)
		rc = check_haploid(cx, e, at->g, c);
	if (rc == GRX_OK && *have && prs_geno_ref_is_split(e, at))
		rc = ds_of_split(cx, e, at, have);
	return rc;
}

static int by_ds(struct grx_ctx *cx, struct prs_eng *e, const struct prs_geno_at *at,
	const struct prs_codes *c, const struct prs_term *t, bool *have)
{
	int n = e->job->target->n_sample;
	int rc = ds_get(cx, e, at, c, have);
	if (rc != GRX_OK || !*have)
		return rc;
	for (int i = 0; i < n; i++)
		ds_value(e, at, c, t, i);
	fill_untold(e, c, t, NULL);
	return GRX_OK;
}

/* Is the column to be asked for? A peer knows GT and DS only. */
static bool wanted(const struct prs_eng *e, enum prs_dosage column, bool declared)
{
	const struct prs_policy *po = e->job->po;
	bool peer = po->pgsc || po->plink;
	return declared &&
	       (po->dosage == column || (po->dosage == PRS_USE_AUTO && (column == PRS_USE_DS || !peer)));
}

int prs_geno_ds_freq(struct grx_ctx *cx, struct prs_eng *e, const struct prs_geno_at *at,
	const struct prs_codes *c, double *f)
{
	double copies = 0, alleles = 0;
	bool have = false;
	*f = NAN;
	if (!at->g || !wanted(e, PRS_USE_DS, e->job->target->has_ds))
		return GRX_OK;
	int rc = ds_get(cx, e, at, c, &have);
	for (int i = 0; rc == GRX_OK && have && i < e->job->target->n_sample; i++) {
		double d = (double)e->s.dose[i];
		if (isnan(d) && e->job->po->dosage == PRS_USE_AUTO)
			d = copies_of(c, i);
		if (isnan(d) || disowned(e, at->g, i))
			continue;
		copies += rint(d * 1e6) / 1e6;
		alleles += haploid(c->code[i]) ? 1 : 2;
	}
	if (alleles > 0)
		*f = fmin(copies / alleles, 1);
	return rc;
}

int prs_geno_moments(struct grx_ctx *cx, struct prs_eng *e, const struct prs_geno_at *at,
	const struct prs_codes *c, const struct prs_term *t, struct prs_real *out)
{
	const struct prs_target *g = e->job->target;
	bool have = false, exact = false;
	int rc = GRX_OK;
	*out = (struct prs_real){0};
	/* probabilities of a split record take the ALTs of the others for REF */
	bool split = prs_geno_ref_is_split(e, at);
	if (wanted(e, PRS_USE_GP, at->g && g->has_gp && !split))
		rc = by_gp(cx, e, at, c, t, &have);
	if (rc == GRX_OK && !have && wanted(e, PRS_USE_DS, at->g && g->has_ds)) {
		rc = by_ds(cx, e, at, c, t, &have);
		exact = have;
	}
	if (rc == GRX_OK && !have && wanted(e, PRS_USE_PL, (g->has_pl || at->block) && !split))
		rc = by_pl(cx, e, at, c, t, &have);
	if (rc == GRX_OK && have)
		*out = (struct prs_real){.u = e->s.e,
			.ud = exact ? e->s.ed : NULL,
			.var = e->s.var,
			.dose = exact || !is_plain(t) ? e->s.dose : e->s.e,
			.what = e->s.what};
	return rc;
}
