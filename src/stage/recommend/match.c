/* SPDX-License-Identifier: GPL-3.0-or-later
 * match.c -- which rules of a drug hold for a sample, over every combination of candidate phenotypes.
 * If all combinations give the same advice it is given as robust; if not, none is given and all are listed.
 */
#include "stage/recommend/recommend_int.h"

#include <string.h>

enum { MAX_VIEWS = 4096 };

struct matcher {
	struct grx_ctx *cx;
	const struct recommend_rules *rs;
	const struct recommend_drug *d;
	const struct recommend_sample *s;
	struct grx_arena *mem;
	int *pick;                          /* candidate of each of the drug's genes */
	const struct recommend_gene **gene; /* the view, by gene number */
	int n_view, n_fired, n_first;
	int *fired, *first; /* rule numbers: this view, first view */
	const struct recommend_gene **first_gene;
	bool *seen; /* by place in d->rule: fired in some view */
	bool differ, differ_act,
		none; /* some view differs from the first, in the call to act; fires nothing */
};

static bool is_gene_term(const struct recommend_node *t)
{
	return t->op == RECOMMEND_N_P || t->op == RECOMMEND_N_AS || t->op == RECOMMEND_N_D;
}

/* How many gene terms of a rule speak of a gene without a result; *all tells whether every one does. */
static int unassessed_terms(
	const struct recommend_rule *r, const struct recommend_gene *const *gene, bool *all)
{
	int n = 0, total = 0;

	for (int i = 0; i < r->pred.n; i++) {
		if (!is_gene_term(&r->pred.v[i]))
			continue;
		total++;
		n += !gene[r->pred.v[i].a]->assessed;
	}
	*all = total > 0 && n == total;
	return n;
}

static bool same_advice(const struct recommend_rule *a, const struct recommend_rule *b)
{
	return !strcmp(a->population, b->population) && !strcmp(a->signature, b->signature);
}

/* The same call to act, though details such as the dose if used all the same may differ. */
static bool same_act(const struct recommend_rule *a, const struct recommend_rule *b)
{
	return !strcmp(a->population, b->population) && a->action == b->action &&
	       recommend_act_level(a->action) == RECOMMEND_L_ACT;
}

/* Each advice of one view has its like in the other. */
static bool same_view(
	const struct matcher *m, bool (*same)(const struct recommend_rule *, const struct recommend_rule *))
{
	for (int side = 0; side < 2; side++) {
		const int *x = side ? m->fired : m->first, *y = side ? m->first : m->fired;
		int nx = side ? m->n_fired : m->n_first, ny = side ? m->n_first : m->n_fired;

		for (int i = 0; i < nx; i++) {
			bool found = false;

			for (int j = 0; j < ny && !found; j++)
				found = same(&m->rs->v[x[i]], &m->rs->v[y[j]]);
			if (!found)
				return false;
		}
	}
	return true;
}

static void view_eval(struct matcher *m)
{
	struct recommend_view w = {.gene = m->gene, .fact = m->s->fact};

	m->n_fired = 0;
	for (int i = 0; i < m->d->n; i++) {
		const struct recommend_rule *r = &m->rs->v[m->d->rule[i]];
		bool all;

		if (recommend_eval(&r->pred, &w) != RECOMMEND_TRUE)
			continue;
		unassessed_terms(r, m->gene, &all);
		if (all)
			continue; /* nothing is known: that is "not assessed", whatever the table says */
		m->fired[m->n_fired++] = m->d->rule[i];
		m->seen[i] = true;
	}
	m->none = m->none || m->n_fired == 0;
	if (m->n_view++ == 0) {
		m->n_first = m->n_fired;
		memcpy(m->first, m->fired, (size_t)m->n_fired * sizeof(*m->first));
		memcpy(m->first_gene, m->gene, (size_t)m->rs->genes.n * sizeof(*m->first_gene));
	} else {
		m->differ = m->differ || !same_view(m, same_advice);
		m->differ_act = m->differ_act || !same_view(m, same_act);
	}
}

/* Can any term of the drug's rules about this gene be decided? An HLA type that tells of *57:01 alone says
 * nothing to rules about *15:02: for those the gene has no result. */
static bool decidable(const struct matcher *m, int gene)
{
	struct recommend_view w = {.gene = m->gene, .fact = m->s->fact};

	for (int i = 0; i < m->d->n; i++) {
		const struct recommend_pred *p = &m->rs->v[m->d->rule[i]].pred;

		for (int j = 0; j < p->n; j++) {
			const struct recommend_node *t = &p->v[j];

			if (is_gene_term(t) && t->a == gene && t->rhs != RECOMMEND_R_NO_RESULT &&
				recommend_eval_term(t, &w) != RECOMMEND_UNKNOWN)
				return true;
		}
	}
	return false;
}

static void gene_set(struct matcher *m, int gene, const struct recommend_gene *cand)
{
	static const struct recommend_gene none = {.assessed = false};

	m->gene[gene] = cand;
	if (cand->assessed && !decidable(m, gene))
		m->gene[gene] = &none;
}

/* Odometer over the candidates of the drug's genes. */
static bool view_next(struct matcher *m)
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

static int matcher_init(struct matcher *m)
{
	size_t genes = (size_t)m->rs->genes.n + 1, rules = (size_t)m->d->n + 1;

	m->pick = grx_arena_calloc(m->mem, (size_t)m->d->n_gene + 1, sizeof(*m->pick));
	m->gene = grx_arena_calloc(m->mem, genes, sizeof(*m->gene));
	m->first_gene = grx_arena_calloc(m->mem, genes, sizeof(*m->first_gene));
	m->fired = grx_arena_calloc(m->mem, rules, sizeof(*m->fired));
	m->first = grx_arena_calloc(m->mem, rules, sizeof(*m->first));
	m->seen = grx_arena_calloc(m->mem, rules, sizeof(*m->seen));
	if (!m->pick || !m->gene || !m->first_gene || !m->fired || !m->first || !m->seen)
		return grx_fail_nomem(m->cx, "rule matching");
	for (int i = 0; i < m->rs->genes.n; i++)
		m->gene[i] = &m->s->gene[i].cand[0];
	for (int i = 0; i < m->d->n_gene; i++)
		gene_set(m, m->d->gene[i], &m->s->gene[m->d->gene[i]].cand[0]);
	return GRX_OK;
}

static const char *arena_join(struct grx_arena *mem, const char *a, const char *sep, const char *b)
{
	return a ? grx_arena_printf(mem, "%s%s%s", a, sep, b) : grx_arena_strdup(mem, b);
}

static int hit_fill(struct matcher *m, const struct recommend_rule *r, struct recommend_hit *h)
{
	const char *inc = NULL;
	int last = -1;

	h->rule = r;
	h->gene = m->first_gene;
	h->sample = m->s;
	for (int i = 0; i < m->d->n_gene; i++) {
		int g = m->d->gene[i];

		for (int j = 0; j < r->pred.n && last != g; j++) {
			if (!is_gene_term(&r->pred.v[j]) || r->pred.v[j].a != g || m->first_gene[g]->assessed)
				continue;
			last = g;
			inc = arena_join(m->mem, inc, ",", m->rs->genes.v[g]);
			if (!inc)
				return grx_fail_nomem(m->cx, "rule matching");
		}
	}
	h->incomplete = inc;
	if (m->n_view < 2)
		return GRX_OK;
	h->action_only = m->differ;
	for (int i = 0; i < m->d->n; i++) {
		const struct recommend_rule *o = &m->rs->v[m->d->rule[i]];

		if (!m->seen[i] || !(m->differ ? same_act(o, r) : same_advice(o, r)))
			continue;
		h->rules = arena_join(m->mem, h->rules, "|", o->id);
		if (!h->rules)
			return grx_fail_nomem(m->cx, "rule matching");
	}
	return GRX_OK;
}

static int possible_list(struct matcher *m, struct recommend_match *out)
{
	for (int i = 0; i < m->d->n; i++) {
		const struct recommend_rule *r = &m->rs->v[m->d->rule[i]];
		const char *one;

		if (!m->seen[i])
			continue;
		one = grx_arena_printf(m->mem, "%s (%s)", recommend_act_name(r->action), r->id);
		out->possible = one ? arena_join(m->mem, out->possible, "|", one) : NULL;
		if (!out->possible)
			return grx_fail_nomem(m->cx, "rule matching");
		if (r->action > out->worst)
			out->worst = r->action;
	}
	if (m->none) {
		out->possible = arena_join(m->mem, out->possible, "|", "no rule");
		if (!out->possible)
			return grx_fail_nomem(m->cx, "rule matching");
	}
	return GRX_OK;
}

static enum recommend_outcome outcome_of(const struct matcher *m)
{
	if (m->differ && m->differ_act)
		return RECOMMEND_AMBIGUOUS;
	if (m->n_first)
		return RECOMMEND_FIRED;
	for (int i = 0; i < m->d->n_gene; i++)
		if (!m->first_gene[m->d->gene[i]]->assessed)
			return RECOMMEND_NOT_ASSESSED;
	return RECOMMEND_NO_RULE;
}

int recommend_match_drug(struct grx_ctx *cx, const struct recommend_rules *rs, const struct recommend_drug *d,
	const struct recommend_sample *s, struct grx_arena *mem, struct recommend_match *out)
{
	struct matcher m = {.cx = cx, .rs = rs, .d = d, .s = s, .mem = mem};
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
		view_eval(&m);
	} while (view_next(&m));
	out->outcome = outcome_of(&m);
	out->gene = m.first_gene;
	if (out->outcome == RECOMMEND_AMBIGUOUS)
		return possible_list(&m, out);
	if (out->outcome != RECOMMEND_FIRED)
		return GRX_OK;
	out->robust = m.n_view > 1;
	out->hit = grx_arena_calloc(mem, (size_t)m.n_first, sizeof(*out->hit));
	if (!out->hit)
		return grx_fail_nomem(cx, "rule matching");
	for (int i = 0; i < m.n_first && !rc; i++)
		rc = hit_fill(&m, &rs->v[m.first[i]], &out->hit[out->n++]);
	return rc;
}

/* An advice to act stands whatever the other gene is; standard dosing, or no advice, does not. */
enum recommend_level recommend_hit_level(const struct recommend_hit *h)
{
	enum recommend_level l = recommend_act_level(h->rule->action);
	const char *std;

	if (!h->incomplete || l == RECOMMEND_L_ACT)
		return l;
	if (l != RECOMMEND_L_CAUTION)
		return RECOMMEND_L_UNKNOWN;
	for (std = h->rule->actions; (std = strstr(std, "STANDARD")) != NULL; std++)
		if ((std == h->rule->actions || std[-1] == '+') && (std[8] == '\0' || std[8] == '+'))
			return RECOMMEND_L_UNKNOWN;
	return l;
}
