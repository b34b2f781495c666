/* SPDX-License-Identifier: GPL-3.0-or-later
 * d6.c -- a call of CYP2D6 from evidence: the steps in order, and what the result means. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "stage/pgx/d6.h"

static const struct d6_allele *by_name(const struct d6_table *t, const char *name, size_t n)
{
	for (int i = 0; i < t->n_allele; i++)
		if (strlen(t->allele[i].name) == n && !strncmp(t->allele[i].name, name, n))
			return &t->allele[i];
	return NULL;
}

/* The row of the function table for a haplotype; "*1x3" is in "*1x>=3". NULL when there is none. */
static const struct d6_allele *function_of(const struct d6_table *t, const char *name)
{
	const struct d6_allele *a = by_name(t, name, strlen(name));
	size_t n = strcspn(name, "x");
	char many[64];
	if (a || name[n] != 'x' || name[n + 1] < '3' || name[n + 2] || n > 40)
		return a;
	snprintf(many, sizeof many,
		"%.*sx\xe2\x89\xa5"
		"3",
		(int)n, name);
	return by_name(t, many, strlen(many));
}

static int mean_dip(struct grx_arena *mem, const struct d6_table *t, struct d6_dip *d)
{
	const struct d6_allele *a = function_of(t, d->hap[0]), *b = function_of(t, d->hap[1]);
	char num[32];
	d->phenotype = d->activity = NULL;
	if (!a || !b || !a->has_score || !b->has_score)
		return GRX_OK;
	double sum = a->score + b->score;
	bool least = a->at_least || b->at_least;
	grx_fmt_g(num, sum, 6);
	d->activity = grx_arena_printf(
		mem, "%s%s%s", least ? "\xe2\x89\xa5" : "", num, strchr(num, '.') ? "" : ".0");
	for (int i = 0; i < t->n_rule; i++)
		if (sum >= t->rule[i].lo - 1e-9 && sum <= t->rule[i].hi + 1e-9 &&
			(!least || isinf(t->rule[i].hi)))
			d->phenotype = t->rule[i].phenotype;
	return d->activity ? GRX_OK : GRX_E_NOMEM;
}

/* Mass of the diplotypes that agree with dip[i] in a text, by the weights under which it is less; one without
 * text agrees with none. */
static double mass(const struct d6_call *c, int i, bool activity)
{
	const char *s = activity ? c->dip[i].activity : c->dip[i].phenotype;
	double m[2] = {0, 0};
	for (int k = 0; s && k < c->n_dip; k++)
		for (int b = 0; b < 2; b++)
			if (grx_streq(s, activity ? c->dip[k].activity : c->dip[k].phenotype))
				m[b] += c->dip[k].either[b];
	return fmin(m[0], m[1]);
}

int d6_meaning(struct grx_arena *mem, const struct d6_table *t, struct d6_call *c)
{
	int rc = GRX_OK;
	for (int i = 0; i < c->n_dip && rc == GRX_OK; i++)
		rc = mean_dip(mem, t, &c->dip[i]);
	if (rc || (c->status != PGX_CALLED && c->status != PGX_AMBIGUOUS))
		return rc;
	for (int i = 0; i < c->n_dip; i++) {
		double ph = mass(c, i, false), act = mass(c, i, true);
		if (ph >= t->sure_at && !c->phenotype) {
			c->phenotype = c->dip[i].phenotype;
			c->phenotype_posterior = ph;
		}
		if (act >= t->sure_at && !c->activity)
			c->activity = c->dip[i].activity;
	}
	if (!c->phenotype)
		c->why_not = c->dip[0].phenotype ? "diplotypes of different phenotype explain the reads"
						 : "no function is assigned to an allele of the diplotype";
	return GRX_OK;
}

int d6_call(struct grx_ctx *cx, struct grx_arena *mem, const struct d6_table *t, const struct d6_evidence *e,
	int sample, struct d6_call *c)
{
	memset(c, 0, sizeof *c);
	d6_depth(t, e->count + (size_t)sample * (size_t)t->n_bin, &c->depth);
	int rc = d6_tally(mem, t, e, sample, &c->tally);
	if (rc == GRX_OK && c->depth.why_not) {
		c->status = PGX_NOT_ASSESSED;
		c->why_not = c->depth.why_not;
		return GRX_OK;
	}
	if (rc == GRX_OK)
		rc = d6_star(mem, t, c);
	if (rc == GRX_OK)
		rc = d6_meaning(mem, t, c);
	return rc == GRX_E_NOMEM ? grx_fail_nomem(cx, "the call of CYP2D6") : rc;
}
