/* SPDX-License-Identifier: GPL-3.0-or-later
 * why_terms.c -- the terms of a rule's condition, each with what it finds in the sample.
 * A term is evaluated over every candidate state of its gene: it holds when it does in all of them, and is
 * unknown when they differ. */
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
}

static void found_fact(struct grx_str *o, const struct grx_fact *f)
{
	char buf[32];

	if (!f || f->status != GRX_FACT_OK)
		grx_str_add(o, f ? "missing" : "no such fact");
	else if (f->value.type == GRX_V_STR)
		grx_str_add(o, f->value.str);
	else
		grx_str_add(o, grx_fmt_g(buf, f->value.num, 10));
}

/* view[gene] takes every candidate in turn. */
static const char *holds_gene(const struct recommend_pred *p, const struct recommend_known *k,
	const struct recommend_view *v, const struct recommend_gene **slot)
{
	int n[3] = {0};

	for (int c = 0; c < k->n_cand; c++) {
		*slot = &k->cand[c];
		n[recommend_eval(p, v)]++;
	}
	return n[RECOMMEND_TRUE] == k->n_cand    ? "true"
	       : n[RECOMMEND_FALSE] == k->n_cand ? "false"
						 : "unknown";
}

/* One term, parsed by itself: evaluate and describe. */
static int term(struct recommend_why *w, json_t *o, const struct recommend_pred *p, json_t *genes)
{
	static const char *const name[] = {"false", "unknown", "true"};
	const struct recommend_node *t = &p->v[p->n - 1];
	struct recommend_sample s = {0};
	struct recommend_view v;
	struct grx_str found = {0};
	const struct recommend_gene **gene;
	const struct recommend_ask ask = {0};
	int rc = recommend_sample_read(w->cx, w->rs, w->fs, &ask, w->sample, w->mem, &s);

	if (rc)
		return rc;
	gene = grx_arena_calloc(w->mem, (size_t)w->rs->genes.n + 1, sizeof(*gene));
	if (!gene)
		return GRX_E_NOMEM;
	for (int i = 0; i < w->rs->genes.n; i++)
		gene[i] = &s.gene[i].cand[0];
	v = (struct recommend_view){.gene = gene, .fact = s.fact};
	if (t->op == RECOMMEND_N_F) {
		recommend_why_str(w, o, "holds", name[recommend_eval(p, &v)]);
		found_fact(&found, s.fact[t->a]);
	} else {
		recommend_why_str(w, o, "holds", holds_gene(p, &s.gene[t->a], &v, &gene[t->a]));
		found_gene(&found, t, &s.gene[t->a]);
		recommend_why_push(w, genes, json_string(w->rs->genes.v[t->a]));
	}
	recommend_why_str(w, o, "found", found.s);
	w->bad = w->bad || found.oom;
	grx_str_clear(&found);
	return GRX_OK;
}

json_t *recommend_why_terms(struct recommend_why *w, const char *when, json_t *genes)
{
	json_t *a = json_array();
	const char *p = when, *beg;
	size_t n;

	while (when && next_term(when, &p, &beg, &n)) {
		json_t *o = json_object();
		char *src = grx_arena_strndup(w->mem, beg, n), err[256];
		struct recommend_pred pred = {0};
		int col, rc = src ? recommend_parse(w->rs, src, &pred, err, &col) : GRX_E_NOMEM;

		recommend_why_str(w, o, "text", src);
		if (rc == GRX_OK)
			rc = term(w, o, &pred, genes);
		else if (rc == GRX_E_DATA) /* written by another version */
			recommend_why_str(w, o, "holds", "not evaluated");
		w->bad = w->bad || rc == GRX_E_NOMEM;
		recommend_why_push(w, a, o);
	}
	return a;
}
