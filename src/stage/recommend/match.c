/* SPDX-License-Identifier: GPL-3.0-or-later
 * match.c -- which rules of a drug hold for a sample, over every combination of candidate results.
 * Combinations that lead to the same advice form a group. One group: the advice is given as robust. Several:
 * it is withheld and all are listed, unless they agree on the call to act, or one group is probable enough
 * and every candidate rests on evidence. Rules of a population that the sample is not of are left out; a rule
 * on a diplotype that holds goes before rules on phenotypes. */
#include "stage/recommend/match.h"

#include <string.h>

enum { MAX_VIEWS = 4096 };

bool recommend_is_gene_term(const struct recommend_node *t)
{
	return t->op == RECOMMEND_N_P || t->op == RECOMMEND_N_AS || t->op == RECOMMEND_N_D;
}

/* How many gene terms of a rule speak of a gene without a result; *all tells whether every one does. */
static int unassessed_terms(
	const struct recommend_rule *r, const struct recommend_gene *const *gene, bool *all)
{
	int n = 0, total = 0;

	for (int i = 0; i < r->pred.n; i++) {
		if (!recommend_is_gene_term(&r->pred.v[i]))
			continue;
		total++;
		n += !gene[r->pred.v[i].a]->assessed;
	}
	*all = total > 0 && n == total;
	return n;
}

bool recommend_same_advice(const struct recommend_rule *a, const struct recommend_rule *b)
{
	return !strcmp(a->population, b->population) && !strcmp(a->signature, b->signature);
}

/* The same call to act, though details such as the dose if used all the same may differ. */
bool recommend_same_act(const struct recommend_rule *a, const struct recommend_rule *b)
{
	return !strcmp(a->population, b->population) && a->action == b->action &&
	       recommend_act_level(a->action) == RECOMMEND_L_ACT;
}

/* Each advice of one list has its like in the other. */
static bool same_list(const struct recommend_rules *rs, const int *a, int na, const int *b, int nb,
	bool (*same)(const struct recommend_rule *, const struct recommend_rule *))
{
	for (int side = 0; side < 2; side++) {
		const int *x = side ? b : a, *y = side ? a : b;
		int nx = side ? nb : na, ny = side ? na : nb;

		for (int i = 0; i < nx; i++) {
			bool found = false;

			for (int j = 0; j < ny && !found; j++)
				found = same(&rs->v[x[i]], &rs->v[y[j]]);
			if (!found)
				return false;
		}
	}
	return true;
}

/* Product over the drug's genes of the probability of the candidate; -1 when one of several has none. */
static double view_posterior(struct recommend_matcher *m)
{
	double p = 1;
	bool any = false;

	for (int i = 0; i < m->d->n_gene; i++) {
		const struct recommend_known *k = &m->s->gene[m->d->gene[i]];
		const struct recommend_gene *g = m->gene[m->d->gene[i]];

		if (!g->assessed)
			continue;
		if (k->n_cand > 1 && (g->posterior < 0 || !k->evidence))
			m->told = false;
		if (g->posterior < 0)
			continue;
		any = true;
		p *= g->posterior;
	}
	return any ? p : -1;
}

/* The group of the rules that fired in this view; NULL: no memory. */
static struct recommend_group *group_of(struct recommend_matcher *m)
{
	struct recommend_group *g;

	for (int i = 0; i < m->n_group; i++)
		if (same_list(m->rs, m->group[i].rule, m->group[i].n, m->fired, m->n_fired,
			    recommend_same_advice))
			return &m->group[i];
	if (m->n_group == m->cap_group) {
		int cap = m->cap_group ? 2 * m->cap_group : 4;

		g = grx_arena_grow(m->mem, m->group, (size_t)m->n_group, (size_t)cap, sizeof(*g));
		if (!g)
			return NULL;
		m->group = g;
		m->cap_group = cap;
	}
	g = &m->group[m->n_group];
	*g = (struct recommend_group){.n = m->n_fired};
	g->rule = grx_arena_alloc(m->mem, (size_t)m->n_fired + 1, sizeof(*g->rule));
	g->gene = grx_arena_alloc(m->mem, (size_t)m->rs->genes.n + 1, sizeof(*g->gene));
	if (!g->rule || !g->gene)
		return NULL;
	memcpy(g->rule, m->fired, (size_t)m->n_fired * sizeof(*g->rule));
	memcpy(g->gene, m->gene, (size_t)m->rs->genes.n * sizeof(*g->gene));
	for (int i = 0; i < g->n; i++)
		if (m->rs->v[g->rule[i]].action > g->worst)
			g->worst = m->rs->v[g->rule[i]].action;
	m->n_group++;
	return g;
}

/* Rules on a phenotype give way to one on a diplotype that holds for the same population. */
static void specific_first(struct recommend_matcher *m)
{
	int n = 0;

	for (int i = 0; i < m->n_fired; i++) {
		const struct recommend_rule *r = &m->rs->v[m->fired[i]];
		bool gives_way = false;

		for (int j = 0; j < m->n_fired && !r->specific && !gives_way; j++) {
			const struct recommend_rule *o = &m->rs->v[m->fired[j]];

			gives_way = o->specific && !strcmp(o->population, r->population);
		}
		/* the kept ones move forward only over places already read */
		if (!gives_way)
			m->fired[n++] = m->fired[i];
	}
	m->n_fired = n;
}

static void fired_find(struct recommend_matcher *m)
{
	struct recommend_view w = {.gene = m->gene, .fact = m->s->fact};
	bool specific = false;

	m->n_fired = 0;
	for (int i = 0; i < m->d->n; i++) {
		const struct recommend_rule *r = &m->rs->v[m->d->rule[i]];
		enum recommend_tri t = recommend_eval(&r->pred, &w);
		bool all, other = r->pop >= 0 && m->s->pop[r->pop] == RECOMMEND_FALSE;

		if (t != RECOMMEND_TRUE) {
			m->open[i] = m->open[i] || (r->specific && !other && t == RECOMMEND_UNKNOWN);
			continue;
		}
		unassessed_terms(r, m->gene, &all);
		if (all)
			continue; /* nothing is known: that is "not assessed", whatever the table says */
		if (other) {
			m->n_excluded++;
			continue;
		}
		m->fired[m->n_fired++] = m->d->rule[i];
		specific = specific || r->specific;
	}
	if (specific)
		specific_first(m);
	for (int i = 0, k = 0; i < m->d->n && k < m->n_fired; i++) {
		if (m->d->rule[i] != m->fired[k])
			continue;
		m->seen[i] = true;
		k++;
	}
}

static int view_eval(struct recommend_matcher *m)
{
	double p = view_posterior(m);
	struct recommend_group *g;

	fired_find(m);
	m->none = m->none || m->n_fired == 0;
	g = group_of(m);
	if (!g)
		return grx_fail_nomem(m->cx, "rule matching");
	if (p < 0)
		g->posterior = -1;
	else if (g->posterior >= 0)
		g->posterior += p;
	m->n_view++;
	return GRX_OK;
}

/* Can any term of the drug's rules about this gene be decided? An HLA type that tells of *57:01 alone says
 * nothing to rules about *15:02: for those the gene has no result. */
static bool decidable(const struct recommend_matcher *m, int gene)
{
	struct recommend_view w = {.gene = m->gene, .fact = m->s->fact};

	for (int i = 0; i < m->d->n; i++) {
		const struct recommend_pred *p = &m->rs->v[m->d->rule[i]].pred;

		for (int j = 0; j < p->n; j++) {
			const struct recommend_node *t = &p->v[j];

			if (recommend_is_gene_term(t) && t->a == gene && t->rhs != RECOMMEND_R_NO_RESULT &&
				recommend_eval_term(t, &w) != RECOMMEND_UNKNOWN)
				return true;
		}
	}
	return false;
}

static void gene_set(struct recommend_matcher *m, int gene, const struct recommend_gene *cand)
{
	static const struct recommend_gene none = {.assessed = false};

	m->gene[gene] = cand;
	if (cand->assessed && !decidable(m, gene))
		m->gene[gene] = &none;
}

/* Odometer over the candidates of the drug's genes. */
static bool view_next(struct recommend_matcher *m)
{
	for (int i = 0; i < m->d->n_gene; i++) {
		const struct recommend_known *k = &m->s->gene[m->d->gene[i]];

		if (++m->pick[i] < k->n_cand) {
			gene_set(m, m->d->gene[i], &k->cand[m->pick[i]]);
			return true;
		}
		m->pick[i] = 0;
		gene_set(m, m->d->gene[i], &k->cand[0]);
	}
	return false;
}

static int matcher_init(struct recommend_matcher *m)
{
	size_t genes = (size_t)m->rs->genes.n + 1, rules = (size_t)m->d->n + 1;

	m->told = true;
	m->pick = grx_arena_calloc(m->mem, (size_t)m->d->n_gene + 1, sizeof(*m->pick));
	m->gene = grx_arena_calloc(m->mem, genes, sizeof(*m->gene));
	m->fired = grx_arena_calloc(m->mem, rules, sizeof(*m->fired));
	m->seen = grx_arena_calloc(m->mem, rules, sizeof(*m->seen));
	m->open = grx_arena_calloc(m->mem, rules, sizeof(*m->open));
	if (!m->pick || !m->gene || !m->fired || !m->seen || !m->open)
		return grx_fail_nomem(m->cx, "rule matching");
	for (int i = 0; i < m->rs->genes.n; i++)
		m->gene[i] = &m->s->gene[i].cand[0];
	for (int i = 0; i < m->d->n_gene; i++)
		gene_set(m, m->d->gene[i], &m->s->gene[m->d->gene[i]].cand[0]);
	return GRX_OK;
}

/* What holds for every candidate: the lowest level of all advices, unknown where a candidate has no rule. */
static enum recommend_level least_level(const struct recommend_matcher *m)
{
	enum recommend_level least = RECOMMEND_L_ACT;

	for (int k = 0; k < m->n_group; k++) {
		if (!m->group[k].n)
			return RECOMMEND_L_UNKNOWN;
		for (int i = 0; i < m->group[k].n; i++) {
			enum recommend_level l = recommend_act_level(m->rs->v[m->group[k].rule[i]].action);

			if (l < least)
				least = l;
		}
	}
	return least;
}

/* The group whose advice is given; NULL when none may be. */
static const struct recommend_group *decide(struct recommend_matcher *m, struct recommend_match *out)
{
	const struct recommend_group *first = &m->group[0];
	bool act = true;

	for (int i = 1; i < m->n_group; i++)
		act = act && same_list(m->rs, first->rule, first->n, m->group[i].rule, m->group[i].n,
				     recommend_same_act);
	if (m->n_group == 1)
		return first;
	for (int i = 0; m->told && i < m->n_group; i++) {
		/* at a limit of 0.5 two may reach it: more than half is needed */
		if (m->group[i].posterior < m->min_posterior || m->group[i].posterior <= 0.5 ||
			!m->group[i].n)
			continue;
		out->decided = true;
		return &m->group[i];
	}
	return act ? first : NULL;
}

static enum recommend_outcome outcome_of(const struct recommend_matcher *m, const struct recommend_group *g)
{
	if (!g)
		return RECOMMEND_AMBIGUOUS;
	if (g->n)
		return RECOMMEND_FIRED;
	for (int i = 0; i < m->d->n_gene; i++)
		if (!g->gene[m->d->gene[i]]->assessed)
			return RECOMMEND_NOT_ASSESSED;
	return RECOMMEND_NO_RULE;
}

int recommend_match_drug(struct grx_ctx *cx, const struct recommend_rules *rs, const struct recommend_drug *d,
	const struct recommend_sample *s, double min_posterior, struct grx_arena *mem,
	struct recommend_match *out)
{
	struct recommend_matcher m = {
		.cx = cx, .rs = rs, .d = d, .s = s, .mem = mem, .min_posterior = min_posterior};
	const struct recommend_group *g;
	int rc = matcher_init(&m);

	memset(out, 0, sizeof(*out));
	if (rc)
		return rc;
	do {
		if (m.n_view == MAX_VIEWS)
			return grx_fail(cx, GRX_E_DATA,
				"sample %s, drug %s: more than %d combinations of candidate phenotypes; "
				"resolve the diplotypes",
				s->name, d->name, MAX_VIEWS);
		rc = view_eval(&m);
		if (rc)
			return rc;
	} while (view_next(&m));
	g = decide(&m, out);
	out->outcome = outcome_of(&m, g);
	out->gene = g ? g->gene : m.group[0].gene;
	out->n_excluded = m.n_excluded;
	out->least = out->outcome == RECOMMEND_AMBIGUOUS ? least_level(&m) : RECOMMEND_L_UNKNOWN;
	if (out->outcome == RECOMMEND_AMBIGUOUS)
		return recommend_possible(&m, -1, out);
	return out->outcome == RECOMMEND_FIRED ? recommend_hits(&m, g, out) : GRX_OK;
}
