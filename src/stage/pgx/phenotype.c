/* SPDX-License-Identifier: GPL-3.0-or-later
 * phenotype.c -- from allele functions or activity values to a phenotype, by the table alone. */
#include <string.h>

#include "stage/pgx/pgx_int.h"

static const char *score_text(struct grx_arena *mem, double x)
{
	char buf[32];
	grx_fmt_g(buf, x, 6);
	return grx_arena_printf(mem, strchr(buf, '.') ? "%s" : "%s.0", buf);
}

static const char *by_score(
	struct grx_arena *mem, const struct pgx_gene *g, int a, int b, const char **activity)
{
	bool known = g->allele[a].has_score && (b < 0 || g->allele[b].has_score);
	double sum = known ? g->allele[a].score + (b < 0 ? 0 : g->allele[b].score) : 0;
	*activity = known ? score_text(mem, sum) : "n/a";
	for (int i = 0; i < g->n_rule; i++) {
		const struct pgx_rule *r = &g->rule[i];
		if (!known && r->mode == PGX_RULE_SUM_UNKNOWN)
			return r->phenotype;
		if (known && r->mode == PGX_RULE_SUM && sum >= r->lo - 1e-9 && sum <= r->hi + 1e-9)
			return r->phenotype;
	}
	return NULL;
}

const char *pgx_phenotype(
	struct grx_arena *mem, const struct pgx_gene *g, int a, int b, const char **activity)
{
	*activity = NULL;
	if (g->by_score)
		return by_score(mem, g, a, b, activity);
	const char *x = g->allele[a].function, *y = b < 0 ? NULL : g->allele[b].function;
	if (!x || (b >= 0 && !y))
		return NULL;
	for (int i = 0; i < g->n_rule; i++) {
		const struct pgx_rule *r = &g->rule[i];
		if (b < 0 ? r->mode == PGX_RULE_SINGLE && !strcmp(r->f1, x)
			  : r->mode == PGX_RULE_PAIR && ((!strcmp(r->f1, x) && !strcmp(r->f2, y)) ||
								(!strcmp(r->f1, y) && !strcmp(r->f2, x))))
			return r->phenotype;
	}
	return NULL;
}

/* Susceptibility before the rest; for scored genes the lower value, an unknown one first. */
static double harm(const struct pgx_gene *g, int a)
{
	const struct pgx_allele *x = &g->allele[a];
	if (g->by_score)
		return x->has_score ? x->score : -1;
	return x->function && grx_starts(x->function, "Malignant Hyperthermia") ? 0 : 1;
}

int pgx_harm_cmp(const struct pgx_gene *g, int a, int b)
{
	double x = harm(g, a), y = harm(g, b);
	if (x != y)
		return x < y ? -1 : 1;
	return pgx_name_cmp(g->allele[a].name, g->allele[b].name);
}
