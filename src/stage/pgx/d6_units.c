/* SPDX-License-Identifier: GPL-3.0-or-later
 * d6_units.c -- how well depth and differentiating sites fit a set of gene copies. */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "math/prob.h"
#include "stage/pgx/d6.h"

#define SCALE_SD   0.05 /* of the rate at the locus against the flanks */
#define REGION_SD  0.05 /* relative, of one region beyond counting error */
#define GHOST      0.03 /* reads seen of a sequence of which there is no copy, in copies */
#define SITE_NOISE 0.02 /* bases of the other gene where there is none */
#define SITE_ODD   0.05 /* sites that do not differ in this person */
#define SITE_S     60.0 /* concentration of the beta-binomial */
enum { N_SCALE = 21, NEAR_SWITCH = 300 /* about a fragment */ };

/* Where hybrids may switch, 1-based: between exons, and before exon 1. */
static const int64_t cuts[] = {
	42126800, 42127200, 42127740, 42128080, 42128570, 42128990, 42129460, 42130250};
enum { N_CUT = sizeof cuts / sizeof *cuts };
#define INTRON1_BEG 42129910
#define INTRON1_END 42130611
#define CUT_68      42130250 /* in intron 1 */
#define CUT_36      42126720 /* in exon 9 or just before */

int d6_units_total(const struct d6_units *u)
{
	int n = 0;
	for (int i = 0; i < D6_N_UNIT; i++)
		n += u->n[i];
	return n;
}

int d6_units_head(const struct d6_units *u)
{
	return d6_units_total(u) - u->n[D6_PSEUDO] - u->n[D6_73];
}

int d6_units_tail(const struct d6_units *u)
{
	return u->n[D6_PSEUDO] + u->n[D6_36] + u->n[D6_68] + u->n[D6_ODD];
}

int d6_units_like6(const struct d6_units *u, int64_t pos, const struct d6_cut *cut)
{
	int n = u->n[D6_WHOLE];
	n += pos < cut->cut73 ? u->n[D6_73] : 0;
	n += pos > CUT_36 ? u->n[D6_36] : 0;
	n += pos > CUT_68 ? u->n[D6_68] : 0;
	n += pos > cut->cut_odd ? u->n[D6_ODD] : 0;
	n += pos > D6_EXON9_LAST || pos < D6_4180 ? u->n[D6_EXON9] : 0;
	return n;
}

bool d6_units_near_switch(const struct d6_units *u, int64_t pos, const struct d6_cut *cut)
{
	return (u->n[D6_73] && llabs(pos - cut->cut73) < NEAR_SWITCH) ||
	       (u->n[D6_ODD] && llabs(pos - cut->cut_odd) < NEAR_SWITCH) ||
	       (u->n[D6_68] && llabs(pos - CUT_68) < NEAR_SWITCH) ||
	       (u->n[D6_36] && llabs(pos - CUT_36) < NEAR_SWITCH);
}

double d6_beta_binom(int k, int n, double mu, double s)
{
	double a = mu * s, b = (1 - mu) * s;
	return lgamma(n + 1.0) - lgamma(k + 1.0) - lgamma(n - k + 1.0) + lgamma(k + a) + lgamma(n - k + b) -
	       lgamma(n + s) + lgamma(s) - lgamma(a) - lgamma(b);
}

static double noisy(double mu, double noise)
{
	return noise + (1 - 2 * noise) * mu;
}

/* Reads of a region with n copies. */
static double region_loglik(const struct d6_depth *d, enum d6_role r, double n, double scale)
{
	double mu = scale * d->expected[r] * (n > 0 ? n : GHOST);
	double sd = sqrt(mu + REGION_SD * REGION_SD * mu * mu + 1);
	double z = (d->observed[r] - mu) / sd;
	z = n > 0 ? z : fmax(z, 0); /* fewer stray reads than allowed for are no evidence against */
	return -0.5 * z * z - log(sd);
}

/* The scale between flanks and locus is not known: summed over a grid. */
static double depth_loglik(const struct d6_depth *d, const struct d6_units *u)
{
	double x[N_SCALE], sd = sqrt(SCALE_SD * SCALE_SD + d->error * d->error);
	for (int i = 0; i < N_SCALE; i++) {
		double z = (i - N_SCALE / 2) * 3.0 / (N_SCALE / 2), scale = 1 + z * sd;
		x[i] = -0.5 * z * z + region_loglik(d, D6_GENE, d6_units_total(u), scale) +
		       region_loglik(d, D6_REP, d6_units_total(u), scale) +
		       region_loglik(d, D6_HEAD, d6_units_head(u), scale) +
		       region_loglik(d, D6_TAIL, d6_units_tail(u), scale);
	}
	return grx_logsumexp(x, N_SCALE);
}

/* Intron 1 holds common conversions and the place where *68 switches: its sites tell nothing. */
static bool told(const struct d6_site *s)
{
	if (s->use == D6_USE_CONVERSION || s->use == D6_USE_GAP || s->pos6 + 1 == D6_4180)
		return false;
	return s->pos6 + 1 < INTRON1_BEG || s->pos6 + 1 > INTRON1_END;
}

static double site_loglik(const struct d6_table *t, const struct d6_tally *c, int i, const struct d6_units *u,
	const struct d6_cut *cut)
{
	int n6 = c->site[i][0], n = n6 + c->site[i][1];
	double mu = (double)d6_units_like6(u, t->site[i].pos6 + 1, cut) / d6_units_total(u);
	double fits = log(1 - SITE_ODD) + d6_beta_binom(n6, n, noisy(mu, SITE_NOISE), SITE_S);
	return t->site[i].weight * grx_log_add(fits, log(SITE_ODD) - log(n + 1.0));
}

static double sites_loglik(const struct d6_table *t, const struct d6_tally *c, const struct d6_units *u,
	const struct d6_cut *cut)
{
	double x = 0;
	for (int i = 0; i < t->n_site; i++)
		if (told(&t->site[i]))
			x += site_loglik(t, c, i, u, cut);
	return x;
}

double d6_units_loglik(const struct d6_table *t, const struct d6_depth *d, const struct d6_tally *c,
	const struct d6_units *u, struct d6_cut *cut)
{
	int n73 = u->n[D6_73] ? N_CUT : 1, n_odd = u->n[D6_ODD] ? N_CUT - 2 : 1;
	double x[N_CUT * N_CUT], best = -DBL_MAX;
	*cut = (struct d6_cut){cuts[0], cuts[1]};
	if (!d6_units_total(u) || d6_units_total(u) > D6_MAX_UNITS)
		return -DBL_MAX;
	for (int i = 0; i < n73; i++)
		for (int j = 0; j < n_odd; j++) {
			struct d6_cut at = {cuts[i], cuts[j + 1]};
			double y = sites_loglik(t, c, u, &at);
			x[i * n_odd + j] = y;
			if (y > best) {
				best = y;
				*cut = at;
			}
		}
	return depth_loglik(d, u) + grx_logsumexp(x, n73 * n_odd) - log(n73 * n_odd);
}

/* More of the sites than this far from what the copies predict: something else is there. */
#define MISFIT_SHARE 0.25
#define MISFIT_DEPTH 4.0

const char *d6_units_misfit(struct grx_arena *mem, const struct d6_table *t, const struct d6_depth *d,
	const struct d6_tally *c, const struct d6_units *u, const struct d6_cut *cut)
{
	static const char *const what[D6_N_ROLE] = {
		"", "genes", "repeats", "CYP2D6 upstream", "CYP2D7 spacer"};
	double copies[D6_N_ROLE] = {
		0, d6_units_total(u), d6_units_total(u), d6_units_head(u), d6_units_tail(u)};
	double odd = 0, all = 0;
	for (int r = D6_GENE; r < D6_N_ROLE; r++) {
		double mu = d->expected[r] * (copies[r] > 0 ? copies[r] : GHOST);
		double sd = sqrt(
			mu + (REGION_SD * REGION_SD + SCALE_SD * SCALE_SD + d->error * d->error) * mu * mu +
			1);
		double off = d->observed[r] - mu;
		if ((copies[r] > 0 ? fabs(off) : off) > MISFIT_DEPTH * sd)
			return grx_arena_printf(mem,
				"depth of the %s (%.2f copies) fits no known arrangement", what[r],
				d->observed[r] / d->expected[r]);
	}
	for (int i = 0; i < t->n_site; i++) {
		int n6 = c->site[i][0], n = n6 + c->site[i][1];
		if (!told(&t->site[i]) || !n)
			continue;
		double mu = noisy(
			(double)d6_units_like6(u, t->site[i].pos6 + 1, cut) / d6_units_total(u), SITE_NOISE);
		double sd = sqrt(mu * (1 - mu) / n * (1 + (n - 1) / (SITE_S + 1)));
		all += t->site[i].weight;
		odd += fabs((double)n6 / n - mu) > 3 * sd ? t->site[i].weight : 0;
	}
	if (all <= 0)
		return "no reads at the positions where CYP2D6 and CYP2D7 differ";
	return odd > MISFIT_SHARE * all ? "the two genes' share of the reads fits no known arrangement"
					: NULL;
}
