/* SPDX-License-Identifier: GPL-3.0-or-later
 * hits.c -- what is told of an advice that is given: missing genes, other candidates, drugs that act on its
 * genes; and its level. */
#include "stage/recommend/match.h"

#include <string.h>

static const char *arena_join(struct grx_arena *mem, const char *a, const char *sep, const char *b)
{
	return a ? grx_arena_printf(mem, "%s%s%s", a, sep, b) : grx_arena_strdup(mem, b);
}

static bool names_gene(const struct recommend_rule *r, int gene)
{
	for (int i = 0; i < r->pred.n; i++)
		if (recommend_is_gene_term(&r->pred.v[i]) && r->pred.v[i].a == gene)
			return true;
	return false;
}

/* Genes of the rule without a result, and whether a drug taken acts on one in a way nobody has modelled. */
static int genes_fill(struct recommend_matcher *m, const struct recommend_group *g, struct recommend_hit *h)
{
	for (int i = 0; i < m->d->n_gene; i++) {
		int gene = m->d->gene[i];
		const struct recommend_known *k = &m->s->gene[gene];

		if (!names_gene(h->rule, gene))
			continue;
		h->unmodelled = h->unmodelled || (k->by && !k->model && k->by->strength > RECOMMEND_WEAK &&
							 g->gene[gene]->assessed);
		if (g->gene[gene]->assessed)
			continue;
		h->incomplete = arena_join(m->mem, h->incomplete, ",", m->rs->genes.v[gene]);
		if (!h->incomplete)
			return grx_fail_nomem(m->cx, "rule matching");
	}
	return GRX_OK;
}

static int rules_fill(struct recommend_matcher *m, const struct recommend_match *out, struct recommend_hit *h)
{
	for (int i = 0; i < m->d->n; i++) {
		const struct recommend_rule *o = &m->rs->v[m->d->rule[i]];

		if (m->open[i] && !h->rule->specific && !strcmp(o->population, h->rule->population)) {
			h->finer = arena_join(m->mem, h->finer, "|", o->id);
			if (!h->finer)
				return grx_fail_nomem(m->cx, "rule matching");
		}
		if (m->n_view < 2 || !m->seen[i] || out->decided ||
			!(h->action_only ? recommend_same_act(o, h->rule)
					 : recommend_same_advice(o, h->rule)))
			continue;
		h->rules = arena_join(m->mem, h->rules, "|", o->id);
		if (!h->rules)
			return grx_fail_nomem(m->cx, "rule matching");
	}
	return GRX_OK;
}

/* The gravest advice of another group that calls for more than this hit does. */
static void severe_fill(
	struct recommend_matcher *m, const struct recommend_group *mine, struct recommend_hit *h)
{
	for (int i = 0; i < m->n_group; i++) {
		const struct recommend_group *g = &m->group[i];

		for (int j = 0; g != mine && j < g->n; j++) {
			const struct recommend_rule *r = &m->rs->v[g->rule[j]];

			if (strcmp(r->population, h->rule->population) != 0 ||
				recommend_act_level(r->action) != RECOMMEND_L_ACT ||
				r->action <= h->rule->action || (h->severe && r->action <= h->severe->action))
				continue;
			h->severe = r;
			h->severe_posterior = g->posterior;
		}
	}
}

static int hit_fill(struct recommend_matcher *m, const struct recommend_group *g,
	const struct recommend_rule *r, const struct recommend_match *out, struct recommend_hit *h)
{
	int rc;

	h->rule = r;
	h->gene = g->gene;
	h->sample = m->s;
	h->decided = out->decided;
	h->action_only = m->n_group > 1 && !out->decided;
	h->pop_unknown = r->pop >= 0 ? m->s->pop[r->pop] == RECOMMEND_UNKNOWN
				     : strcmp(r->population, "general") != 0;
	h->posterior = h->action_only ? -1 : g->posterior;
	h->unsure = h->posterior >= 0 && h->posterior < m->min_posterior;
	rc = genes_fill(m, g, h);
	if (!rc)
		rc = rules_fill(m, out, h);
	if (out->decided)
		severe_fill(m, g, h);
	return rc;
}

/* What the groups say but number `but` (-1: all of them). */
int recommend_possible(struct recommend_matcher *m, int but, struct recommend_match *out)
{
	for (int k = 0; k < m->n_group; k++) {
		const struct recommend_group *g = &m->group[k];
		const char *one = g->n ? NULL : "no rule";
		char buf[32];

		if (k == but)
			continue;
		for (int i = 0; i < g->n; i++) {
			const struct recommend_rule *r = &m->rs->v[g->rule[i]];
			const char *act = grx_arena_printf(
				m->mem, "%s (%s)", recommend_act_name(r->action), r->id);

			one = act ? arena_join(m->mem, one, "|", act) : NULL;
			if (!one)
				return grx_fail_nomem(m->cx, "rule matching");
		}
		if (g->posterior >= 0 && m->told)
			one = grx_arena_printf(m->mem, "%s %s", one, grx_fmt_g(buf, g->posterior, 3));
		out->possible = one ? arena_join(m->mem, out->possible, "|", one) : NULL;
		if (!out->possible)
			return grx_fail_nomem(m->cx, "rule matching");
		if (g->worst > out->worst)
			out->worst = g->worst;
	}
	return GRX_OK;
}

int recommend_hits(struct recommend_matcher *m, const struct recommend_group *g, struct recommend_match *out)
{
	int rc = out->decided ? recommend_possible(m, (int)(g - m->group), out) : GRX_OK;

	out->robust = m->n_view > 1 && !out->decided;
	out->hit = grx_arena_calloc(m->mem, (size_t)g->n, sizeof(*out->hit));
	if (!out->hit)
		return grx_fail_nomem(m->cx, "rule matching");
	for (int i = 0; i < g->n && !rc; i++)
		rc = hit_fill(m, g, &m->rs->v[g->rule[i]], out, &out->hit[out->n++]);
	return rc;
}

/* An advice to act stands whatever the other gene is; standard dosing, or no advice, does not: not while a
 * gene is missing, the result is improbable, a less probable one calls for more, a drug taken acts on the
 * enzyme in an unknown degree, or a rule for a diplotype that is not known may apply instead. */
enum recommend_level recommend_hit_level(const struct recommend_hit *h)
{
	enum recommend_level l = recommend_act_level(h->rule->action);
	const char *std;

	if (l == RECOMMEND_L_ACT)
		return l;
	if (l != RECOMMEND_L_CAUTION && (h->incomplete || h->unsure))
		return RECOMMEND_L_UNKNOWN;
	if (l != RECOMMEND_L_CAUTION && (h->severe || h->unmodelled || h->alone_act || h->finer))
		return RECOMMEND_L_CAUTION;
	if (l != RECOMMEND_L_CAUTION || !(h->incomplete || h->unsure))
		return l;
	for (std = h->rule->actions; (std = strstr(std, "STANDARD")) != NULL; std++)
		if ((std == h->rule->actions || std[-1] == '+') && (std[8] == '\0' || std[8] == '+'))
			return RECOMMEND_L_UNKNOWN;
	return l;
}
