/* SPDX-License-Identifier: GPL-3.0-or-later
 * lex.c -- tokens of the condition language.
 * Names are [A-Za-z][A-Za-z0-9_-]* (gene names hold dashes); numbers are plain decimals; strings have no
 * escapes. */
#include "stage/recommend/recommend_int.h"

#include <string.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_alpha(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_name(char c)
{
	return is_alpha(c) || is_digit(c) || c == '_' || c == '-';
}

static void lex_string(const char **p, struct recommend_tok *t)
{
	const char *s = *p + 1, *e = strchr(s, '"');

	if (!e) {
		t->type = RECOMMEND_T_BAD;
		t->s = "text without its closing quote";
		return;
	}
	t->type = RECOMMEND_T_STR;
	t->s = s;
	t->n = (size_t)(e - s);
	*p = e + 1;
}

static void lex_number(const char **p, struct recommend_tok *t)
{
	const char *s = *p;

	if (*s == '-')
		s++;
	while (is_digit(*s) || *s == '.')
		s++;
	t->type = RECOMMEND_T_NUM;
	t->n = (size_t)(s - *p);
	*p = s;
}

static void lex_op(const char **p, struct recommend_tok *t)
{
	static const char *const two[] = {"&&", "||", "==", "!=", ">=", "<="};

	t->type = RECOMMEND_T_OP;
	for (size_t i = 0; i < sizeof(two) / sizeof(two[0]); i++) {
		if (!strncmp(*p, two[i], 2)) {
			t->n = 2;
			*p += 2;
			return;
		}
	}
	if (**p && strchr("()!<>{},", **p)) {
		t->n = 1;
		*p += 1;
		return;
	}
	t->type = RECOMMEND_T_BAD;
	t->s = "a character that no term begins with";
}

void recommend_lex(const char *src, const char **p, struct recommend_tok *t)
{
	while (**p == ' ' || **p == '\t')
		(*p)++;
	t->s = *p;
	t->n = 0;
	t->col = (int)(*p - src) + 1;
	if (!**p) {
		t->type = RECOMMEND_T_END;
	} else if (**p == '"') {
		lex_string(p, t);
	} else if (is_digit(**p) || (**p == '-' && is_digit((*p)[1]))) {
		lex_number(p, t);
	} else if (is_alpha(**p)) {
		t->type = RECOMMEND_T_NAME;
		while (is_name(**p))
			(*p)++;
		t->n = (size_t)(*p - t->s);
	} else {
		lex_op(p, t);
	}
}
