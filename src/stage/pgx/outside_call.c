/* SPDX-License-Identifier: GPL-3.0-or-later
 * outside_call.c -- what a row of outside calls means by our tables: phenotype and activity score.
 * Sub-alleles count as their allele (*4.001 is *4), copy numbers of three and more as the class that has a
 * function (*1x3 is *1x>=3); nothing else is made to fit. What the file says and our tables deny is a
 * contradiction, told as such. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stage/pgx/outside.h"

#define GE "\xe2\x89\xa5"

static int find_allele(const struct pgx_gene *g, const char *name)
{
	for (int k = 0; k < g->n_allele; k++)
		if (!strcmp(g->allele[k].name, name))
			return k;
	return -1;
}

/* Length of the digits at s. */
static size_t digits(const char *s)
{
	return strspn(s, "0123456789");
}

/* Copy the name without ".001" after a star number, in every member of a tandem. */
static void strip_sub(struct grx_str *out, const char *s)
{
	bool star = false;
	while (*s) {
		size_t n = digits(s), m = n && s[n] == '.' ? digits(s + n + 1) : 0;
		if (star && m) {
			grx_str_addn(out, s, n);
			s += n + 1 + m;
			star = false;
			continue;
		}
		star = *s == '*' || (star && n);
		grx_str_addn(out, s, n ? n : 1);
		s += n ? n : 1;
	}
}

/* "*1x3" -> "*1x>=3" with the sign that the tables use; false if it is no such name. */
static bool widen_copies(struct grx_str *out, const char *s)
{
	const char *x = strrchr(s, 'x');
	int64_t n;
	if (!x || strchr(s, '+') || !grx_parse_i64(x + 1, &n) || n < 3)
		return false;
	grx_str_addn(out, s, (size_t)(x - s) + 1);
	grx_str_add(out, GE "3");
	return true;
}

/* The allele of the tables that the name means, -1 if none. */
static int resolve(const struct pgx_gene *g, const char *name)
{
	struct grx_str a = {0}, b = {0};
	int k = find_allele(g, name);
	if (k < 0) {
		strip_sub(&a, name);
		k = a.s && !a.oom ? find_allele(g, a.s) : -1;
	}
	if (k < 0 && a.s && !a.oom && widen_copies(&b, a.s) && !b.oom)
		k = find_allele(g, b.s);
	grx_str_clear(&a);
	grx_str_clear(&b);
	return k;
}

/* "A" or "A/B" without spaces around, in the order of names; *second NULL for one allele. */
static int split_pair(struct grx_arena *mem, const char *text, const char **first, const char **second)
{
	const char *s = strchr(text, '/');
	size_t n = s ? (size_t)(s - text) : strlen(text);
	while (n && text[n - 1] == ' ')
		n--;
	*first = grx_arena_strndup(mem, text, n);
	*second = s ? grx_arena_strdup(mem, s + 1 + strspn(s + 1, " ")) : NULL;
	if (!*first || (s && !*second))
		return GRX_E_NOMEM;
	if (s && pgx_name_cmp(*first, *second) > 0) {
		const char *t = *first;
		*first = *second;
		*second = t;
	}
	return GRX_OK;
}

static bool at_least(const struct pgx_gene *g, int k)
{
	return k >= 0 && g->allele[k].score_text && grx_starts(g->allele[k].score_text, GE);
}

/* Phenotype of a known pair. A sum that is a lower bound keeps its sign. */
static int derive(struct grx_arena *mem, const struct pgx_gene *g, int a, int b, struct pgx_outside_call *c)
{
	const char *activity;
	c->derived = pgx_phenotype(mem, g, a, b, &activity);
	c->derived_activity = activity;
	if (activity && (at_least(g, a) || at_least(g, b))) {
		c->derived_activity = grx_arena_printf(mem, GE "%s", activity);
		return c->derived_activity ? GRX_OK : GRX_E_NOMEM;
	}
	return GRX_OK;
}

/* Name of an HLA allele without the gene: "HLA-B*15:02" and "B*15:02" are "*15:02". */
static const char *bare_hla(const char *s)
{
	return strchr(s, '*') ? strchr(s, '*') : s;
}

/* "*15", "*15:02", "*15:02:01". Not "*1502" of before 2010, nor "*15:BPXK", which stands for several types:
 * either may be *15:02. */
static bool is_type(const char *s)
{
	size_t n = s && *s == '*' ? digits(s + 1) : 0;
	if (!n || n > 3)
		return false;
	s += 1 + n;
	return !*s || (*s == ':' && digits(s + 1) > 1);
}

/* 1 it is the marker or a finer type of it, 0 it is another, -1 too coarse to tell or no type. */
static int is_marker(const char *type, const char *marker)
{
	size_t n = strlen(marker);
	if (!is_type(type))
		return -1;
	if (!strncmp(type, marker, n))
		return !type[n] || !digits(type + n);
	/* "*57" and codes of several alleles ("*57:XX", "*57:AB") leave it open when the first field is the
	 * same */
	size_t first = strcspn(type, ":");
	return type[first] && digits(type + first + 1)                ? 0
	       : strncmp(type, marker, first) || marker[first] != ':' ? 0
								      : -1;
}

/* "*15:02 positive; *57:01 negative": labels that both types decide. */
static int hla_labels(struct grx_arena *mem, const struct pgx_outside *o, const char *gene,
	const char *const type[2], struct pgx_outside_call *c)
{
	struct grx_str s = {0};
	for (int i = 0; i < o->n_marker; i++) {
		if (strcmp(o->marker[i].gene, gene))
			continue;
		int x = is_marker(type[0], o->marker[i].allele), y = is_marker(type[1], o->marker[i].allele);
		bool yes = x == 1 || y == 1;
		if (yes || (x == 0 && y == 0))
			grx_str_addf(&s, "%s%s %s", s.n ? "; " : "", o->marker[i].allele,
				yes ? "positive" : "negative");
		else
			c->doubt = "an HLA type is missing or too coarse for some labels";
	}
	c->derived = s.n && !s.oom ? grx_arena_strdup(mem, s.s) : NULL;
	bool bad = s.oom || (s.n && !c->derived);
	grx_str_clear(&s);
	return bad ? GRX_E_NOMEM : GRX_OK;
}

static int take_hla(struct grx_arena *mem, const struct pgx_outside *o, const char *gene, const char *a,
	const char *b, struct pgx_outside_call *c)
{
	const char *type[2] = {bare_hla(a), b ? bare_hla(b) : NULL};
	c->diplotype = b ? grx_arena_printf(mem, "%s/%s", type[0], type[1]) : type[0];
	return c->diplotype ? hla_labels(mem, o, gene, type, c) : GRX_E_NOMEM;
}

static int take_alleles(struct grx_arena *mem, const struct pgx_gene *g, const char *a, const char *b,
	struct pgx_outside_call *c)
{
	int x = resolve(g, a), y = b ? resolve(g, b) : -1;
	c->diplotype = b ? grx_arena_printf(mem, "%s/%s", a, b) : a;
	if (!c->diplotype)
		return GRX_E_NOMEM;
	if (x < 0 || (b && y < 0)) {
		c->doubt = "an allele of the call is in no table";
		return GRX_OK;
	}
	const char *p = g->allele[x].shown, *q = b ? g->allele[y].shown : NULL;
	if (strcmp(p, a) || (b && strcmp(q, b))) {
		c->lookup = b ? grx_arena_printf(mem, "%s/%s", p, q) : p;
		if (!c->lookup)
			return GRX_E_NOMEM;
	}
	return derive(mem, g, x, y, c);
}

static bool same_score(const char *a, const char *b)
{
	double x, y;
	a += grx_starts(a, GE) ? 3 : grx_starts(a, ">=") ? 2 : 0;
	b += grx_starts(b, GE) ? 3 : 0;
	return !strcmp(a, b) ||
	       (grx_parse_f64(a, &x) && grx_parse_f64(b, &y) && x > y - 1e-9 && x < y + 1e-9);
}

/* The phenotype of a score alone; NULL when no range holds it. A lower bound (">=1") means a phenotype only
 * where no higher score means another. */
static const char *phenotype_of_score(const struct pgx_gene *g, const char *s)
{
	double x = 0;
	size_t sign = grx_starts(s, GE) ? 3 : grx_starts(s, ">=") ? 2 : 0;
	bool known = grx_parse_f64(s + sign, &x);
	const char *found = NULL;
	for (int i = 0; i < g->n_rule; i++) {
		const struct pgx_rule *r = &g->rule[i];
		if (known ? r->mode != PGX_RULE_SUM || x > r->hi + 1e-9 || (!sign && x < r->lo - 1e-9)
			  : r->mode != PGX_RULE_SUM_UNKNOWN)
			continue;
		if (found && strcmp(found, r->phenotype) != 0)
			return NULL;
		found = r->phenotype;
	}
	return found;
}

/* Labels may be told in other words, but not "*57:01 negative" beside a type that is *57:01. */
static bool hla_contradicts(const char *told, const char *derived)
{
	for (const char *p = derived; told && p && *p; p += strspn(p, "; ")) {
		size_t n = strcspn(p, ";"), k = strcspn(p, " ");
		char label[64];
		int w = snprintf(label, sizeof label, "%.*s negative", (int)k, p);
		if (k < n && !strncmp(p + k, " positive", n - k) && w > 0 && w < (int)sizeof label &&
			strstr(told, label))
			return true;
		p += n;
	}
	return false;
}

int pgx_outside_judge(struct grx_arena *mem, const struct pgx_outside *o, const struct pgx_outside_row *r,
	struct pgx_outside_call *c)
{
	const struct pgx_gene *g = &o->table->gene[r->gene];
	const char *a = NULL, *b = NULL;
	int rc = GRX_E_BUG;
	memset(c, 0, sizeof *c);
	if (r->diplotype) {
		GRX_TRY(split_pair(mem, r->diplotype, &a, &b));
		GRX_TRY(grx_starts(g->name, "HLA-") ? take_hla(mem, o, g->name, a, b, c)
						    : take_alleles(mem, g, a, b, c));
	}
	if (!c->derived && r->activity && g->by_score && !c->doubt)
		c->derived = phenotype_of_score(g, r->activity);
	c->phenotype = r->phenotype ? r->phenotype : c->derived;
	c->activity = r->activity && g->by_score ? r->activity : c->derived_activity;
	c->contradicts = (r->phenotype && c->derived && strcmp(r->phenotype, c->derived)) ||
			 (r->activity && c->derived_activity &&
				 !same_score(r->activity, c->derived_activity));
	if (grx_starts(g->name, "HLA-"))
		c->contradicts = hla_contradicts(r->phenotype, c->derived);
	rc = GRX_OK;
out:
	return rc;
}
