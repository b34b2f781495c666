/* SPDX-License-Identifier: GPL-3.0-or-later
 * print.c -- canonical text of a compiled condition: one blank around && and ||, brackets only where the
 * grammar needs them. */
#include "stage/recommend/tools_int.h"

#include <stdio.h>
#include <string.h>

enum { MAX_DECIMALS = 62 }; /* a number token of the language is shorter than 64 characters */

/* The shortest plain decimal that reads back the same; the language has no exponents. */
static void print_num(double x, struct grx_str *out)
{
	char buf[400], *comma;
	double back = 0;

	for (int k = 0; k <= MAX_DECIMALS; k++) {
		snprintf(buf, sizeof(buf), "%.*f", k, x);
		comma = strchr(buf, ',');
		if (comma)
			*comma = '.';
		if (grx_parse_f64(buf, &back) && back == x)
			break;
	}
	grx_str_add(out, buf);
}

/* "V(GENE,filter)" is the name of a count; the filter is quoted in the language. */
static void print_count(const char *key, struct grx_str *out)
{
	size_t g = strcspn(key, ",)"), n = strlen(key);

	grx_str_addn(out, key, g);
	if (key[g] == ',')
		grx_str_addf(out, ",\"%.*s\"", (int)(n - g - 2), key + g + 1);
	grx_str_addc(out, ')');
}

static void print_rhs(const struct recommend_node *t, struct grx_str *out)
{
	switch (t->rhs) {
	case RECOMMEND_R_NUM:
	case RECOMMEND_R_COUNT:
		print_num(t->num, out);
		break;
	case RECOMMEND_R_NA:
		grx_str_add(out, "NA");
		break;
	case RECOMMEND_R_BOOL:
		grx_str_add(out, t->num != 0 ? "true" : "false");
		break;
	case RECOMMEND_R_EXISTS:
		break;
	default:
		grx_str_addf(out, "\"%s\"", t->str);
	}
}

static void print_term(const struct recommend_rules *rs, const struct recommend_node *t, struct grx_str *out)
{
	static const char *const cmp[] = {[RECOMMEND_EQ] = "==",
		[RECOMMEND_NE] = "!=",
		[RECOMMEND_LT] = "<",
		[RECOMMEND_LE] = "<=",
		[RECOMMEND_GT] = ">",
		[RECOMMEND_GE] = ">=",
		[RECOMMEND_HAS] = " has ",
		[RECOMMEND_IN] = " in ",
		[RECOMMEND_EXISTS] = " exists"};
	static const char *const name[] = {
		[RECOMMEND_N_P] = "P", [RECOMMEND_N_AS] = "AS", [RECOMMEND_N_D] = "D", [RECOMMEND_N_F] = "F"};

	if (t->rhs == RECOMMEND_R_COUNT)
		print_count(rs->keys.v[t->a], out);
	else if (t->op == RECOMMEND_N_F)
		grx_str_addf(out, "F(\"%s\")", rs->keys.v[t->a]);
	else
		grx_str_addf(out, "%s(%s)", name[t->op], rs->genes.v[t->a]);
	grx_str_add(out, cmp[t->cmp]);
	print_rhs(t, out);
}

/* A child that binds weaker than its parent, or a right side of the same operator, needs brackets. */
static bool needs_brackets(uint8_t parent, uint8_t child, bool right)
{
	if (child != RECOMMEND_N_AND && child != RECOMMEND_N_OR)
		return false;
	if (parent == RECOMMEND_N_NOT)
		return true;
	return parent == child ? right : parent == RECOMMEND_N_AND;
}

/* Depth is at most the number of nodes (1,024): chains lean to the left. */
static void print_node(const struct recommend_rules *rs, const struct recommend_pred *p, uint8_t parent,
	int32_t i, bool right, struct grx_str *out)
{
	const struct recommend_node *nd = &p->v[i];
	bool b = needs_brackets(parent, nd->op, right);

	if (b)
		grx_str_addc(out, '(');
	if (nd->op == RECOMMEND_N_NOT) {
		grx_str_addc(out, '!');
		print_node(rs, p, nd->op, nd->a, false, out);
	} else if (nd->op == RECOMMEND_N_AND || nd->op == RECOMMEND_N_OR) {
		print_node(rs, p, nd->op, nd->a, false, out);
		grx_str_add(out, nd->op == RECOMMEND_N_AND ? " && " : " || ");
		print_node(rs, p, nd->op, nd->b, true, out);
	} else {
		print_term(rs, nd, out);
	}
	if (b)
		grx_str_addc(out, ')');
}

void recommend_print(const struct recommend_rules *rs, const struct recommend_pred *p, struct grx_str *out)
{
	if (p->n)
		print_node(rs, p, RECOMMEND_N_OR, p->n - 1, false, out);
}
