/* SPDX-License-Identifier: GPL-3.0-or-later
 * parse.c -- recursive descent over the condition language into a node array; types are checked here.
 *   expr := and { "||" and }      and := unary { "&&" unary }      unary := "!" unary | "(" expr ")" | term
 *   term := P(GENE) ==|!= "text" | D(GENE) ==|!=|has "text" | AS(GENE) cmp number|NA|"No Result"
 *         | F("fact/key") cmp number | F("fact/key") ==|!= "text"|true|false | F("fact/key") has "item"
 *         | F("fact/key") exists | V(GENE[, "filter"]) cmp number
 *         | P|D|AS|F(...) in { value, value, ... }         (short for == joined by ||)
 * V is compiled to a fact term on the name "V(GENE,filter)", which variant.c counts. */
#include "stage/recommend/recommend_int.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MAX_DEPTH = 32, MAX_NODES = 1024 };

struct parser {
	struct recommend_rules *rs;
	struct recommend_pred *out;
	const char *src, *p;
	struct recommend_tok t;
	int depth;
	char *err;
	int *col;
};

static int expr(struct parser *ps, int32_t *node);

static int bad(struct parser *ps, const char *want)
{
	const struct recommend_tok *t = &ps->t;

	*ps->col = t->col;
	if (t->type == RECOMMEND_T_BAD)
		snprintf(ps->err, 256, "%s; expected %s", t->s, want);
	else if (t->type == RECOMMEND_T_END)
		snprintf(ps->err, 256, "the condition ends; expected %s", want);
	else
		snprintf(ps->err, 256, "found '%.*s', expected %s", (int)(t->n > 60 ? 60 : t->n), t->s, want);
	return GRX_E_DATA;
}

static void next(struct parser *ps)
{
	recommend_lex(ps->src, &ps->p, &ps->t);
}

static bool at(const struct parser *ps, const char *op)
{
	return ps->t.type == RECOMMEND_T_OP && ps->t.n == strlen(op) && !strncmp(ps->t.s, op, ps->t.n);
}

static bool at_name(const struct parser *ps, const char *name)
{
	return ps->t.type == RECOMMEND_T_NAME && ps->t.n == strlen(name) && !strncmp(ps->t.s, name, ps->t.n);
}

static int want_op(struct parser *ps, const char *op, const char *what)
{
	if (!at(ps, op))
		return bad(ps, what);
	next(ps);
	return GRX_OK;
}

static int push(struct parser *ps, const struct recommend_node *nd, int32_t *node)
{
	struct recommend_pred *o = ps->out;

	if (o->n >= MAX_NODES)
		return bad(ps, "a shorter condition (at most 1024 terms)");
	if (o->n == o->cap) {
		int cap = o->cap ? 2 * o->cap : 4;
		struct recommend_node *v = grx_arena_grow(
			ps->rs->mem, o->v, (size_t)o->n, (size_t)cap, sizeof(*v));

		if (!v)
			return GRX_E_NOMEM;
		o->v = v;
		o->cap = cap;
	}
	o->v[o->n] = *nd;
	*node = o->n++;
	return GRX_OK;
}

/* What may follow a term of each kind, for the error message. */
static const char *wanted_after(uint8_t op)
{
	switch (op) {
	case RECOMMEND_N_P:
		return "== != or in (a phenotype is text)";
	case RECOMMEND_N_D:
		return "== != has or in (a diplotype is text)";
	default:
		return "a comparison with a number";
	}
}

static bool word_cmp(struct parser *ps, const char *word, uint8_t code, uint8_t *cmp)
{
	if (!at_name(ps, word))
		return false;
	*cmp = code;
	next(ps);
	return true;
}

static int compare(struct parser *ps, uint8_t op, bool count, uint8_t *cmp)
{
	static const struct {
		const char *s;
		uint8_t cmp;
		bool ordered;
	} ops[] = {{"==", RECOMMEND_EQ, false}, {"!=", RECOMMEND_NE, false}, {"<=", RECOMMEND_LE, true},
		{">=", RECOMMEND_GE, true}, {"<", RECOMMEND_LT, true}, {">", RECOMMEND_GT, true}};
	bool fact = op == RECOMMEND_N_F && !count;

	if ((op == RECOMMEND_N_D || fact) && word_cmp(ps, "has", RECOMMEND_HAS, cmp))
		return GRX_OK;
	if (fact && word_cmp(ps, "exists", RECOMMEND_EXISTS, cmp))
		return GRX_OK;
	if (!count && word_cmp(ps, "in", RECOMMEND_IN, cmp))
		return GRX_OK;
	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		if (!at(ps, ops[i].s))
			continue;
		if (ops[i].ordered && (op == RECOMMEND_N_P || op == RECOMMEND_N_D))
			return bad(ps, wanted_after(op));
		*cmp = ops[i].cmp;
		next(ps);
		return GRX_OK;
	}
	return bad(ps, "a comparison");
}

static int text_rhs(struct parser *ps, const char *what, struct recommend_node *nd)
{
	if (ps->t.type != RECOMMEND_T_STR || ps->t.n == 0)
		return bad(ps, what);
	nd->rhs = RECOMMEND_R_TEXT;
	if (ps->t.n == 9 && !strncmp(ps->t.s, "No Result", 9))
		nd->rhs = RECOMMEND_R_NO_RESULT;
	nd->str = grx_arena_strndup(ps->rs->mem, ps->t.s, ps->t.n);
	if (!nd->str)
		return GRX_E_NOMEM;
	next(ps);
	return GRX_OK;
}

static int number_rhs(struct parser *ps, struct recommend_node *nd)
{
	char buf[64];

	if (ps->t.n >= sizeof(buf))
		return bad(ps, "a shorter number");
	memcpy(buf, ps->t.s, ps->t.n);
	buf[ps->t.n] = '\0';
	if (!grx_parse_f64(buf, &nd->num) || !isfinite(nd->num))
		return bad(ps, "a number");
	nd->rhs = RECOMMEND_R_NUM;
	next(ps);
	return GRX_OK;
}

/* Right side of AS: number, NA or "No Result"; the last two only with == and !=. */
static int activity_rhs(struct parser *ps, struct recommend_node *nd)
{
	bool equality = nd->cmp == RECOMMEND_EQ || nd->cmp == RECOMMEND_NE;

	if (ps->t.type == RECOMMEND_T_NUM)
		return number_rhs(ps, nd);
	if (!equality)
		return bad(ps, "a number after an order comparison");
	if (at_name(ps, "NA")) {
		nd->rhs = RECOMMEND_R_NA;
		next(ps);
		return GRX_OK;
	}
	if (ps->t.type == RECOMMEND_T_STR && ps->t.n == 9 && !strncmp(ps->t.s, "No Result", 9))
		return text_rhs(ps, "text", nd);
	return bad(ps, "a number, NA or \"No Result\" (an activity score is a number)");
}

/* Name of the fact KEY/ITEM (blanks as '_'): a list may also be told item by item. */
static int item_key(struct parser *ps, struct recommend_node *nd)
{
	struct recommend_names *keys = &ps->rs->keys;
	char *key = grx_arena_printf(ps->rs->mem, "%s/%s", keys->v[nd->a], nd->str);
	size_t n = strlen(keys->v[nd->a]) + 1;

	if (!key)
		return GRX_E_NOMEM;
	for (char *c = key + n; *c; c++)
		if (*c == ' ')
			*c = '_';
	nd->b = recommend_intern(ps->rs->mem, keys, key, strlen(key));
	return nd->b < 0 ? GRX_E_NOMEM : GRX_OK;
}

static int fact_rhs(struct parser *ps, struct recommend_node *nd)
{
	bool yes = at_name(ps, "true");
	int rc;

	if (nd->cmp == RECOMMEND_HAS) {
		rc = text_rhs(ps, "a quoted item of the list", nd);
		return rc ? rc : item_key(ps, nd);
	}
	if (ps->t.type == RECOMMEND_T_NUM)
		return number_rhs(ps, nd);
	if (nd->cmp != RECOMMEND_EQ && nd->cmp != RECOMMEND_NE)
		return bad(ps, "a number after an order comparison");
	if (yes || at_name(ps, "false")) {
		nd->rhs = RECOMMEND_R_BOOL;
		nd->num = yes;
		next(ps);
		return GRX_OK;
	}
	return text_rhs(ps, "a number, true, false or quoted text", nd);
}

static int count_rhs(struct parser *ps, struct recommend_node *nd)
{
	int rc = ps->t.type == RECOMMEND_T_NUM ? number_rhs(ps, nd)
					       : bad(ps, "a number (a count of alleles)");

	nd->rhs = RECOMMEND_R_COUNT;
	return rc;
}

/* GENE [, "filter"] of V, interned as the name that variant.c resolves. */
static int variant_operand(struct parser *ps, struct recommend_node *nd)
{
	const struct recommend_tok gene = ps->t;
	const char *filter = "";
	size_t n = 0;
	char *key;

	if (gene.type != RECOMMEND_T_NAME)
		return bad(ps, "a gene name without quotes");
	next(ps);
	if (at(ps, ",")) {
		next(ps);
		if (ps->t.type != RECOMMEND_T_STR || ps->t.n == 0)
			return bad(ps, "a quoted filter: homozygous, hemizygous, truncating, or part of a "
				       "name such as p.Cys282Tyr");
		filter = ps->t.s;
		n = ps->t.n;
		next(ps);
	}
	key = grx_arena_printf(
		ps->rs->mem, "V(%.*s%s%.*s)", (int)gene.n, gene.s, n ? "," : "", (int)n, filter);
	nd->a = key ? recommend_intern(ps->rs->mem, &ps->rs->keys, key, strlen(key)) : -1;
	return nd->a < 0 ? GRX_E_NOMEM : GRX_OK;
}

static int operand(struct parser *ps, struct recommend_node *nd, bool count)
{
	bool fact = nd->op == RECOMMEND_N_F;
	int rc = want_op(ps, "(", "'('");

	if (rc)
		return rc;
	if (count) {
		rc = variant_operand(ps, nd);
		return rc ? rc : want_op(ps, ")", "')' or ','");
	}
	if (ps->t.type != (fact ? RECOMMEND_T_STR : RECOMMEND_T_NAME) || ps->t.n == 0)
		return bad(ps, fact ? "a quoted fact key" : "a gene name without quotes");
	nd->a = recommend_intern(ps->rs->mem, fact ? &ps->rs->keys : &ps->rs->genes, ps->t.s, ps->t.n);
	if (nd->a < 0)
		return GRX_E_NOMEM;
	next(ps);
	return want_op(ps, ")", "')'");
}

static int rhs_any(struct parser *ps, struct recommend_node *nd, bool count)
{
	if (count)
		return count_rhs(ps, nd);
	if (nd->op == RECOMMEND_N_AS)
		return activity_rhs(ps, nd);
	if (nd->op == RECOMMEND_N_F)
		return fact_rhs(ps, nd);
	return text_rhs(
		ps, nd->op == RECOMMEND_N_P ? "a quoted phenotype" : "a quoted diplotype or allele", nd);
}

/* { value, value, ... }: one == term a value, joined by ||. */
static int set_rhs(struct parser *ps, struct recommend_node nd, int32_t *node)
{
	int rc = want_op(ps, "{", "'{' and a list of values");

	nd.cmp = RECOMMEND_EQ;
	for (int i = 0; !rc; i++) {
		struct recommend_node either = {.op = RECOMMEND_N_OR, .a = *node};

		rc = rhs_any(ps, &nd, false);
		if (!rc)
			rc = push(ps, &nd, &either.b);
		if (!rc && i)
			rc = push(ps, &either, node);
		else if (!rc)
			*node = either.b;
		if (rc || !at(ps, ","))
			break;
		next(ps);
	}
	return rc ? rc : want_op(ps, "}", "',' or '}'");
}

static int term(struct parser *ps, int32_t *node)
{
	struct recommend_node nd = {.col = ps->t.col};
	bool count = at_name(ps, "V");
	int rc;

	if (at_name(ps, "P"))
		nd.op = RECOMMEND_N_P;
	else if (at_name(ps, "AS"))
		nd.op = RECOMMEND_N_AS;
	else if (at_name(ps, "D"))
		nd.op = RECOMMEND_N_D;
	else if (at_name(ps, "F") || count)
		nd.op = RECOMMEND_N_F;
	else
		return bad(ps, "a term: P(GENE), AS(GENE), D(GENE), V(GENE) or F(\"fact/key\")");
	next(ps);
	rc = operand(ps, &nd, count);
	if (!rc)
		rc = compare(ps, nd.op, count, &nd.cmp);
	if (rc)
		return rc;
	if (nd.cmp == RECOMMEND_IN)
		return set_rhs(ps, nd, node);
	if (nd.cmp == RECOMMEND_EXISTS)
		nd.rhs = RECOMMEND_R_EXISTS;
	else
		rc = rhs_any(ps, &nd, count);
	return rc ? rc : push(ps, &nd, node);
}

static int unary(struct parser *ps, int32_t *node)
{
	struct recommend_node nd = {.op = RECOMMEND_N_NOT};
	int rc;

	if (++ps->depth > MAX_DEPTH)
		return bad(ps, "less nesting (at most 32 levels)");
	if (at(ps, "!")) {
		next(ps);
		rc = unary(ps, &nd.a);
		if (!rc)
			rc = push(ps, &nd, node);
	} else if (at(ps, "(")) {
		next(ps);
		rc = expr(ps, node);
		if (!rc)
			rc = want_op(ps, ")", "')'");
	} else {
		rc = term(ps, node);
	}
	ps->depth--;
	return rc;
}

static int and_expr(struct parser *ps, int32_t *node)
{
	int rc = unary(ps, node);

	while (!rc && at(ps, "&&")) {
		struct recommend_node nd = {.op = RECOMMEND_N_AND, .a = *node};

		next(ps);
		rc = unary(ps, &nd.b);
		if (!rc)
			rc = push(ps, &nd, node);
	}
	return rc;
}

static int expr(struct parser *ps, int32_t *node)
{
	int rc = and_expr(ps, node);

	while (!rc && at(ps, "||")) {
		struct recommend_node nd = {.op = RECOMMEND_N_OR, .a = *node};

		next(ps);
		rc = and_expr(ps, &nd.b);
		if (!rc)
			rc = push(ps, &nd, node);
	}
	return rc;
}

int recommend_intern(struct grx_arena *mem, struct recommend_names *names, const char *s, size_t n)
{
	for (int i = 0; i < names->n; i++)
		if (strlen(names->v[i]) == n && !strncmp(names->v[i], s, n))
			return i;
	if (names->n == names->cap) {
		int cap = names->cap ? 2 * names->cap : 16;
		const char **v = grx_arena_grow(mem, names->v, (size_t)names->n, (size_t)cap, sizeof(*v));

		if (!v)
			return -1;
		names->v = v;
		names->cap = cap;
	}
	names->v[names->n] = grx_arena_strndup(mem, s, n);
	return names->v[names->n] ? names->n++ : -1;
}

int recommend_parse(
	struct recommend_rules *rs, const char *src, struct recommend_pred *out, char err[256], int *col)
{
	struct parser ps = {.rs = rs, .out = out, .src = src, .p = src, .err = err, .col = col};
	int32_t root;
	int rc;

	err[0] = '\0';
	*col = 1;
	out->n = 0;
	next(&ps);
	rc = expr(&ps, &root);
	if (!rc && ps.t.type != RECOMMEND_T_END)
		rc = bad(&ps, "&&, || or the end");
	return rc;
}
