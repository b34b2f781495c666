/* SPDX-License-Identifier: GPL-3.0-or-later
 * why_terms.c -- the terms of a rule's condition, each with what it finds in the sample.
 * When the rule tables at hand give the advice again, a term is read in the view in which the rule fired;
 * else over every candidate state of its gene: it holds when it does in all of them and is unknown when they
 * differ. */
#include <string.h>

#include "stage/recommend/why_int.h"

static bool ends_term(const struct recommend_tok *t, int depth)
{
	if (t->type == RECOMMEND_T_END || t->type == RECOMMEND_T_BAD)
		return true;
	if (t->type != RECOMMEND_T_OP)
		return false;
	return (t->n == 2 && (*t->s == '&' || *t->s == '|')) || (*t->s == ')' && depth == 0);
}

/* The next term of a condition: from its name to before the operator or parenthesis that ends it. */
static bool next_term(const char *src, const char **p, const char **beg, size_t *n)
{
	struct recommend_tok t = {0};
	int depth = 0;

	while (t.type != RECOMMEND_T_NAME) {
		recommend_lex(src, p, &t);
		if (t.type == RECOMMEND_T_END || t.type == RECOMMEND_T_BAD)
			return false;
	}
	*beg = t.s;
	do {
		recommend_lex(src, p, &t);
		if (ends_term(&t, depth))
			break;
		if (t.type == RECOMMEND_T_OP)
			depth += (*t.s == '(') - (*t.s == ')');
	} while (true);
	if (t.type == RECOMMEND_T_BAD)
		return false;
	for (*n = (size_t)(t.s - *beg); *n && (*beg)[*n - 1] == ' ';)
		--*n;
	return true;
}

/* What the terms of one rule are read in. */
struct scene {
	struct recommend_sample genetic, s; /* s: as the drug meets it, other drugs considered */
	const struct recommend_hit *hit;    /* NULL: the rule does not fire with the tables at hand */
	const struct recommend_gene **gene; /* first candidates */
};

static void found_gene(struct grx_str *o, const struct recommend_node *t, const struct recommend_known *k)
{
	char buf[32];

	for (int c = 0; c < k->n_cand; c++) {
		const struct recommend_gene *g = &k->cand[c];

		grx_str_add(o, c ? "|" : "");
		if (!g->assessed)
			grx_str_add(o, "no result");
		else if (t->op == RECOMMEND_N_D)
			grx_str_add(o, g->diplotype ? g->diplotype : "no single diplotype");
		else if (t->op == RECOMMEND_N_AS)
			grx_str_add(o, g->as_kind == RECOMMEND_AS_NUM  ? grx_fmt_g(buf, g->as, 6)
				       : g->as_kind == RECOMMEND_AS_NA ? "n/a"
								       : "no activity score");
		else if (!g->n_label)
			grx_str_add(o, "no phenotype");
		for (int i = 0; t->op == RECOMMEND_N_P && g->assessed && i < g->n_label; i++)
			grx_str_addf(o, "%s%s", i ? "; " : "", g->label[i]);
	}
	if (k->genetic)
		grx_str_addf(o, " (with %s)", k->by->drug);
}

static void found_fact(struct grx_str *o, const struct grx_fact *f)
{
	char buf[32];

	if (!f || f->status != GRX_FACT_OK)
		grx_str_add(o, f ? "missing" : "no such fact");
	else if (f->value.type == GRX_V_STR)
		grx_str_add(o, f->value.str);
	else if (f->value.type == GRX_V_BOOL)
		grx_str_add(o, f->value.num != 0 ? "true" : "false");
	else
		grx_str_add(o, grx_fmt_g(buf, f->value.num, 10));
}

/* view->gene[gene] takes every candidate in turn. */
static enum recommend_tri holds_gene(
	const struct recommend_pred *p, const struct scene *sc, const struct recommend_view *v, int gene)
{
	const struct recommend_known *k = &sc->s.gene[gene];
	int n[3] = {0};

	for (int c = 0; c < k->n_cand; c++) {
		sc->gene[gene] = &k->cand[c];
		n[recommend_eval(p, v)]++;
	}
	sc->gene[gene] = &k->cand[0];
	return n[RECOMMEND_TRUE] == k->n_cand    ? RECOMMEND_TRUE
	       : n[RECOMMEND_FALSE] == k->n_cand ? RECOMMEND_FALSE
						 : RECOMMEND_UNKNOWN;
}

static void term(struct recommend_why *w, const struct scene *sc, json_t *o, const struct recommend_pred *p)
{
	static const char *const name[] = {"false", "unknown", "true"};
	const struct recommend_node *t = &p->v[0]; /* the members of a set are about one thing */
	struct recommend_view v = {.gene = sc->hit ? sc->hit->gene : sc->gene, .fact = sc->s.fact};
	bool fact = t->op == RECOMMEND_N_F;
	enum recommend_tri x = sc->hit || fact ? recommend_eval(p, &v) : holds_gene(p, sc, &v, t->a);
	struct grx_str found = {0};

	recommend_why_str(w, o, "holds", name[x]);
	if (fact)
		found_fact(&found, sc->s.fact[t->a]);
	else
		found_gene(&found, t, &sc->s.gene[t->a]);
	recommend_why_str(w, o, "found", found.s);
	w->bad = w->bad || found.oom;
	grx_str_clear(&found);
}

static int judge(struct recommend_why *w, const struct recommend_drug *d, const char *rule, struct scene *sc)
{
	struct recommend_match *m = grx_arena_calloc(w->mem, 1, sizeof(*m));
	bool converted;
	int rc = m ? recommend_convert(w->cx, w->rs, d, &sc->genetic, w->mem, &sc->s, &converted)
		   : GRX_E_NOMEM;

	if (!rc)
		rc = recommend_match_drug(w->cx, w->rs, d, &sc->s, RECOMMEND_MIN_POSTERIOR, w->mem, m);
	for (int i = 0; !rc && m->outcome == RECOMMEND_FIRED && i < m->n; i++)
		if (!strcmp(m->hit[i].rule->id, rule))
			sc->hit = &m->hit[i];
	return rc;
}

/* The sample as the rules see it; after all terms are parsed, since that may add names. */
static int scene_set(struct recommend_why *w, const struct grx_fact *f, struct scene *sc)
{
	const char *drug = grx_fact_attr_get(f, "drug");
	const struct recommend_drug *d = drug ? recommend_drug_find(w->rs, drug) : NULL;
	struct recommend_ask ask = {.min_posterior = RECOMMEND_MIN_POSTERIOR, .findings = grx_map_new()};
	int rc = GRX_E_NOMEM;

	if (ask.findings)
		rc = recommend_findings_index(w->cx, w->fs, w->mem, ask.findings);
	if (!rc)
		rc = recommend_sample_read(w->cx, w->rs, w->fs, &ask, w->sample, w->mem, &sc->genetic);
	grx_map_free(ask.findings);
	if (rc)
		return rc;
	sc->s = sc->genetic;
	sc->gene = grx_arena_calloc(w->mem, (size_t)w->rs->genes.n + 1, sizeof(*sc->gene));
	if (!sc->gene)
		return GRX_E_NOMEM;
	rc = d ? judge(w, d, f->rule ? f->rule : "", sc) : GRX_OK;
	for (int i = 0; i < w->rs->genes.n; i++)
		sc->gene[i] = &sc->s.gene[i].cand[0];
	return rc;
}

enum { MAX_TERMS = 128 };

static int parse_all(struct recommend_why *w, const char *when, json_t *list, struct recommend_pred *pred)
{
	const char *p = when, *beg;
	size_t n;
	int k = 0;

	while (when && k < MAX_TERMS && next_term(when, &p, &beg, &n)) {
		json_t *o = json_object();
		char *src = grx_arena_strndup(w->mem, beg, n), err[256];
		int col, rc = src ? recommend_parse(w->rs, src, &pred[k], err, &col) : GRX_E_NOMEM;

		recommend_why_str(w, o, "text", src);
		recommend_why_push(w, list, o);
		w->bad = w->bad || rc == GRX_E_NOMEM;
		if (rc)
			pred[k].n = 0; /* written by another version */
		k++;
	}
	return k;
}

json_t *recommend_why_terms(struct recommend_why *w, const struct grx_fact *f, json_t *genes)
{
	json_t *list = json_array();
	struct recommend_pred *pred = grx_arena_calloc(w->mem, MAX_TERMS, sizeof(*pred));
	struct scene *sc = grx_arena_calloc(w->mem, 1, sizeof(*sc));
	int n = list && pred && sc ? parse_all(w, grx_fact_attr_get(f, "when"), list, pred) : 0;
	int rc = n ? scene_set(w, f, sc) : GRX_OK;

	w->bad = w->bad || !list || !pred || !sc || rc == GRX_E_NOMEM;
	for (int i = 0; i < n; i++) {
		json_t *o = json_array_get(list, (size_t)i);

		if (rc || !pred[i].n) {
			recommend_why_str(w, o, "holds", "not evaluated");
			continue;
		}
		term(w, sc, o, &pred[i]);
		if (pred[i].v[0].op != RECOMMEND_N_F)
			recommend_why_push(w, genes, json_string(w->rs->genes.v[pred[i].v[0].a]));
	}
	return list;
}
