/* SPDX-License-Identifier: GPL-3.0-or-later
 * grid.c -- enumerate every combination of results that the genes of a drug can have, and see which rules
 * hold. Results of a gene: not assessed; each phenotype with each activity score (activity.tsv); else each
 * phenotype name that any rule of the table uses for it. Rules with F() or D() are left out: their values
 * cannot be enumerated. */
#include "stage/recommend/tools_int.h"

#include <stdio.h>
#include <string.h>

enum { MAX_GRID = 200000, MAX_DOMAIN = 256 };

struct domain {
	int n;
	struct recommend_gene *v;
};

struct grid {
	struct grx_ctx *cx;
	const struct recommend_rules *rs;
	const struct recommend_drug *d;
	struct recommend_issues *is;
	struct grx_arena *mem;
	struct domain *dom; /* by place in d->gene */
	int *pick;
	const struct recommend_gene **gene;
	bool *usable, *fires, *pair; /* rules in d->rule; pair: n x n, reported already */
	int n_pop;
	const char **pop;
	int64_t *gap, *gap_partial;
	const char **gap_example;
};

static bool enumerable(const struct recommend_rule *r)
{
	for (int i = 0; i < r->pred.n; i++)
		if (r->pred.v[i].op == RECOMMEND_N_F || r->pred.v[i].op == RECOMMEND_N_D)
			return false;
	return true;
}

static int domain_add(
	struct grid *g, struct domain *dom, const char *label, enum recommend_as_kind kind, double as)
{
	struct recommend_gene *x;

	for (int i = 0; label && i < dom->n; i++)
		if (dom->v[i].n_label && !strcmp(dom->v[i].label[0], label) && dom->v[i].as_kind == kind &&
			dom->v[i].as == as)
			return GRX_OK;
	if (dom->n == MAX_DOMAIN)
		return grx_fail(g->cx, GRX_E_DATA, "drug %s: more than %d results of one gene", g->d->name,
			MAX_DOMAIN);
	x = &dom->v[dom->n++];
	*x = (struct recommend_gene){.assessed = label != NULL, .as_kind = kind, .as = as};
	if (!label)
		return GRX_OK;
	x->n_label = 1;
	x->label = grx_arena_alloc(g->mem, 1, sizeof(*x->label));
	if (!x->label)
		return grx_fail_nomem(g->cx, "grid");
	x->label[0] = label;
	return GRX_OK;
}

static int domain_scores(struct grid *g, struct domain *dom, const struct recommend_activity *a)
{
	for (const char *s = a->scores; *s; s += *s == '|') {
		size_t n = strcspn(s, "|");
		char buf[32];
		double x = 0;
		int rc;

		snprintf(buf, sizeof(buf), "%.*s", (int)n, s);
		s += n;
		if (!strcmp(buf, "NA")) {
			rc = domain_add(g, dom, a->phenotype, RECOMMEND_AS_NA, 0);
		} else {
			if (!grx_parse_f64(buf, &x))
				return grx_fail(g->cx, GRX_E_DATA,
					"%s/activity.tsv: %s %s: score '%s' is not a number or NA",
					g->rs->dir, a->gene, a->phenotype, buf);
			rc = domain_add(g, dom, a->phenotype, RECOMMEND_AS_NUM, x);
		}
		if (rc)
			return rc;
	}
	return GRX_OK;
}

/* Phenotype names that rules use for a gene: of all drugs, or, for HLA labels, of this drug alone. */
static int domain_labels(struct grid *g, struct domain *dom, int gene)
{
	for (size_t i = 0; i < g->rs->n; i++) {
		const struct recommend_rule *r = &g->rs->v[i];
		bool mine = !strcmp(r->drug, g->d->name);

		for (int j = 0; j < r->pred.n; j++) {
			const struct recommend_node *t = &r->pred.v[j];
			int rc;

			if (t->op != RECOMMEND_N_P || t->a != gene || t->rhs != RECOMMEND_R_TEXT ||
				(t->str[0] == '*' && !mine))
				continue;
			rc = domain_add(g, dom, t->str, RECOMMEND_AS_ABSENT, 0);
			if (rc)
				return rc;
		}
	}
	return GRX_OK;
}

static int domain_make(struct grid *g, struct domain *dom, int gene)
{
	const char *name = g->rs->genes.v[gene];
	bool scored = false;
	int rc;

	dom->v = grx_arena_calloc(g->mem, MAX_DOMAIN, sizeof(*dom->v));
	if (!dom->v)
		return grx_fail_nomem(g->cx, "grid");
	rc = domain_add(g, dom, NULL, RECOMMEND_AS_ABSENT, 0);
	for (size_t i = 0; !rc && i < g->rs->n_act; i++) {
		if (strcmp(g->rs->act[i].gene, name) != 0)
			continue;
		scored = true;
		rc = domain_scores(g, dom, &g->rs->act[i]);
	}
	return rc || scored ? rc : domain_labels(g, dom, gene);
}

static const char *place_text(struct grid *g)
{
	struct grx_str s = {0};
	const char *t;
	char buf[32];

	for (int i = 0; i < g->d->n_gene; i++) {
		const struct recommend_gene *x = g->gene[g->d->gene[i]];

		grx_str_addf(&s, "%s%s=%s", i ? ", " : "", g->rs->genes.v[g->d->gene[i]],
			x->assessed ? x->label[0] : "not assessed");
		if (x->as_kind == RECOMMEND_AS_NUM)
			grx_str_addf(&s, " (%s)", grx_fmt_g(buf, x->as, 6));
	}
	t = grx_arena_strdup(g->mem, s.s ? s.s : "");
	grx_str_clear(&s);
	return t ? t : "";
}

static void overlap(struct grid *g, int a, int b)
{
	const struct recommend_rule *x = &g->rs->v[g->d->rule[a]], *y = &g->rs->v[g->d->rule[b]];
	bool differ = strcmp(x->signature, y->signature) != 0;

	if (g->pair[(size_t)a * (size_t)g->d->n + (size_t)b])
		return;
	g->pair[(size_t)a * (size_t)g->d->n + (size_t)b] = true;
	if (!strcmp(x->when, y->when))
		return; /* told already by the comparison of texts */
	recommend_find(g->is, differ ? RECOMMEND_S_ERROR : RECOMMEND_S_WARNING,
		(struct recommend_place){y->file, y->line, y->when_col}, "%s: holds together with %s%s at %s",
		y->id, x->id, differ ? " and advises differently" : " (same advice)", place_text(g));
}

static void place_population(struct grid *g, int pop, const bool *hold, bool all, bool any)
{
	int first = -1, n = 0;

	for (int i = 0; i < g->d->n; i++) {
		if (!hold[i] || strcmp(g->rs->v[g->d->rule[i]].population, g->pop[pop]) != 0)
			continue;
		if (n++)
			overlap(g, first, i);
		else
			first = i;
	}
	if (n || !any)
		return;
	if (!all) {
		g->gap_partial[pop]++;
	} else if (g->gap[pop]++ == 0) {
		g->gap_example[pop] = place_text(g);
	}
}

static void place_check(struct grid *g, bool *hold)
{
	struct recommend_view w = {.gene = g->gene, .fact = NULL};
	bool all = true, any = false;

	for (int i = 0; i < g->d->n_gene; i++) {
		all = all && g->gene[g->d->gene[i]]->assessed;
		any = any || g->gene[g->d->gene[i]]->assessed;
	}
	for (int i = 0; i < g->d->n; i++) {
		hold[i] = g->usable[i] && recommend_eval(&g->rs->v[g->d->rule[i]].pred, &w) == RECOMMEND_TRUE;
		g->fires[i] = g->fires[i] || hold[i];
	}
	for (int p = 0; p < g->n_pop; p++)
		place_population(g, p, hold, all, any);
}

static bool place_next(struct grid *g)
{
	for (int i = 0; i < g->d->n_gene; i++) {
		if (++g->pick[i] < g->dom[i].n) {
			g->gene[g->d->gene[i]] = &g->dom[i].v[g->pick[i]];
			return true;
		}
		g->pick[i] = 0;
		g->gene[g->d->gene[i]] = &g->dom[i].v[0];
	}
	return false;
}

static void populations(struct grid *g)
{
	for (int i = 0; i < g->d->n; i++) {
		const char *p = g->rs->v[g->d->rule[i]].population;
		bool have = false;

		for (int j = 0; j < g->n_pop; j++)
			have = have || !strcmp(g->pop[j], p);
		if (!have)
			g->pop[g->n_pop++] = p;
		g->usable[i] = enumerable(&g->rs->v[g->d->rule[i]]);
	}
}

static void report(struct grid *g)
{
	const struct recommend_rule *r0 = &g->rs->v[g->d->rule[0]];

	for (int i = 0; i < g->d->n; i++) {
		const struct recommend_rule *r = &g->rs->v[g->d->rule[i]];

		if (g->fires[i] || !g->usable[i])
			continue;
		recommend_find(g->is, RECOMMEND_S_WARNING,
			(struct recommend_place){r->file, r->line, r->when_col},
			"%s: no known result makes it hold: %s", r->id, r->when);
	}
	for (int p = 0; p < g->n_pop; p++) {
		if (g->gap[p])
			recommend_find(g->is, RECOMMEND_S_WARNING, (struct recommend_place){r0->file, 0, 0},
				"%s (%s): %lld results without a rule, e.g. %s", g->d->name, g->pop[p],
				(long long)g->gap[p], g->gap_example[p]);
		if (g->gap_partial[p])
			recommend_find(g->is, RECOMMEND_S_NOTE, (struct recommend_place){r0->file, 0, 0},
				"%s (%s): %lld results with a gene not assessed have no rule: given as not "
				"assessed",
				g->d->name, g->pop[p], (long long)g->gap_partial[p]);
	}
}

static int grid_init(struct grid *g)
{
	size_t n = (size_t)g->d->n, ng = (size_t)g->d->n_gene;

	g->dom = grx_arena_calloc(g->mem, ng + 1, sizeof(*g->dom));
	g->pick = grx_arena_calloc(g->mem, ng + 1, sizeof(*g->pick));
	g->gene = grx_arena_calloc(g->mem, (size_t)g->rs->genes.n + 1, sizeof(*g->gene));
	g->usable = grx_arena_calloc(g->mem, n, sizeof(*g->usable));
	g->fires = grx_arena_calloc(g->mem, n, sizeof(*g->fires));
	g->pair = grx_arena_calloc(g->mem, n * n, sizeof(*g->pair));
	g->pop = grx_arena_calloc(g->mem, n, sizeof(*g->pop));
	g->gap = grx_arena_calloc(g->mem, n, sizeof(*g->gap));
	g->gap_partial = grx_arena_calloc(g->mem, n, sizeof(*g->gap_partial));
	g->gap_example = grx_arena_calloc(g->mem, n, sizeof(*g->gap_example));
	if (!g->dom || !g->pick || !g->gene || !g->usable || !g->fires || !g->pair || !g->pop || !g->gap ||
		!g->gap_partial || !g->gap_example)
		return grx_fail_nomem(g->cx, "grid");
	populations(g);
	return GRX_OK;
}

int recommend_grid_check(struct grx_ctx *cx, const struct recommend_rules *rs, const struct recommend_drug *d,
	struct recommend_issues *is)
{
	struct grid g = {.cx = cx, .rs = rs, .d = d, .is = is, .mem = grx_arena_new()};
	int64_t size = 1;
	bool *hold;
	int rc = g.mem ? grid_init(&g) : grx_fail_nomem(cx, "grid");

	for (int i = 0; !rc && i < d->n_gene; i++) {
		rc = domain_make(&g, &g.dom[i], d->gene[i]);
		size *= size <= MAX_GRID ? g.dom[i].n : 1;
		g.gene[d->gene[i]] = &g.dom[i].v[0];
	}
	if (rc)
		goto out;
	hold = grx_arena_calloc(g.mem, (size_t)d->n, sizeof(*hold));
	if (!hold) {
		rc = grx_fail_nomem(cx, "grid");
	} else if (size > MAX_GRID) {
		recommend_find(is, RECOMMEND_S_WARNING, (struct recommend_place){rs->dir, 0, 0},
			"%s: too many combinations of results to enumerate: overlaps not checked", d->name);
	} else if (d->n_gene) {
		do
			place_check(&g, hold);
		while (place_next(&g));
		report(&g);
	}
out:
	grx_arena_free(g.mem);
	return rc;
}
