/* SPDX-License-Identifier: GPL-3.0-or-later
 * tool_cases.c -- test cases of rules: facts and whether a rule fires on them, replayed through the engine.
 * A case is a row of cases.tsv or NAME.cases.tsv: rule_id, facts, expect, source. facts: assignments joined
 * by " & ": P(GENE)=phenotype, AS(GENE)=score, D(GENE)=diplotype or fact/key=value; a value '?' is a missing
 * fact. expect: fire, not, or withheld = the condition holds, but the engine gives no advice since nothing is
 * known of any gene of the rule. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ctx.h"
#include "stage/recommend/tools_int.h"

enum expect { E_NOT, E_FIRE, E_WITHHELD, E_N };
static const char *const expect_name[] = {"not", "fire", "withheld"};

struct cases {
	const struct recommend_rules *rs;
	struct recommend_issues *is;
	int64_t n, n_file;
	bool *pos, *neg;        /* by rule number */
	struct grx_map *number; /* rule id -> &rs->v[i] */
};

/* What the engine makes of one case. */
struct outcome {
	bool fired, holds;
};

/* ---- facts of a case ---- */

/* "P(GENE)" and so on as the key of a fact; any other key as it is. */
static void key_text(const char *s, size_t n, char *key, size_t size)
{
	static const struct {
		const char *begin, *fact;
	} form[] = {{"P(", "phenotype"}, {"AS(", "activity_score"}, {"D(", "diplotype"}};

	for (size_t i = 0; i < sizeof(form) / sizeof(form[0]); i++) {
		size_t k = strlen(form[i].begin);

		if (n > k + 1 && !strncmp(s, form[i].begin, k) && s[n - 1] == ')') {
			snprintf(key, size, "pgx/%.*s/%s", (int)(n - k - 1), s + k, form[i].fact);
			return;
		}
	}
	snprintf(key, size, "%.*s", (int)n, s);
}

/* KEY@NAME: the attribute NAME of the fact KEY, which stands before; false when there is none. */
static bool attr_add(struct grx_facts *fs, char *key, char *at, const char *value, int *rc)
{
	struct grx_fact *f = NULL;

	*at = '\0';
	for (size_t i = 0; i < fs->n; i++)
		if (!strcmp(fs->v[i]->key, key))
			f = fs->v[i];
	*rc = f ? grx_fact_attr(fs, f, at + 1, "%s", value) : GRX_OK;
	return f != NULL;
}

/* A finding links to its record, from which the engine counts alleles: variant/CHROM:POS:REF:ALT. */
static int finding_add(struct grx_ctx *cx, struct grx_facts *fs, const char *key, const char *value)
{
	char buf[256], *part[4];
	struct grx_because b = {.dp = -1, .gq = -1};
	struct grx_fact *f;
	int rc = grx_facts_add(cx, fs, "case", key, "case", &f);

	if (!rc)
		rc = grx_fact_str_set(fs, f, value);
	snprintf(buf, sizeof(buf), "%s", strchr(key, '/') + 1);
	if (rc || grx_split(buf, ':', part, 4) != 4 || !grx_parse_i64(part[1], &b.pos))
		return rc;
	b.chrom = part[0];
	b.ref = part[2];
	b.alt = part[3];
	return grx_fact_because(fs, f, &b);
}

static int fact_add(struct grx_ctx *cx, struct grx_facts *fs, const char *key, const char *value)
{
	double x;

	if (!strcmp(value, "?"))
		return grx_facts_missing(cx, fs, "case", key, "case", "not assessed");
	if (grx_starts(key, "variant/"))
		return finding_add(cx, fs, key, value);
	if (!grx_ends(key, "/phenotype") && !grx_ends(key, "/diplotype") && grx_parse_f64(value, &x))
		return grx_facts_num(cx, fs, "case", key, "case", x, NULL);
	return grx_facts_str(cx, fs, "case", key, "case", value);
}

/* Cuts text in place; *bad is the offset of an assignment that is none, else -1. */
static int facts_make(struct grx_ctx *cx, char *text, struct grx_facts *fs, int *bad)
{
	char *s = text;

	*bad = -1;
	while (*s) {
		char key[256], *end = strstr(s, " & "), *next = end ? end + 3 : s + strlen(s);
		char *eq = strchr(s, '='), *at;
		int rc = GRX_OK;

		if (end)
			*end = '\0';
		if (!eq || eq == s || !eq[1] || (end && eq > end)) {
			*bad = (int)(s - text);
			return GRX_OK;
		}
		key_text(s, (size_t)(eq - s), key, sizeof(key));
		at = strchr(key, '@');
		if (at && !attr_add(fs, key, at, eq + 1, &rc)) {
			*bad = (int)(s - text);
			return GRX_OK;
		}
		if (!at)
			rc = fact_add(cx, fs, key, eq + 1);
		if (rc)
			return at ? grx_fail_nomem(cx, "case") : rc;
		s = next;
	}
	return GRX_OK;
}

/* ---- replay ---- */

static int replay(struct grx_ctx *cx, const struct cases *c, const struct recommend_rule *r,
	const struct grx_facts *fs, struct outcome *o)
{
	const struct recommend_drug *d = recommend_drug_find(c->rs, r->drug);
	struct grx_arena *mem = grx_arena_new();
	struct recommend_sample s;
	struct recommend_match m;
	struct recommend_view w;
	int rc = GRX_E_BUG;

	if (!mem || !d) {
		rc = grx_fail_nomem(cx, "case");
		goto out;
	}
	GRX_TRY(recommend_tool_sample(cx, c->rs, fs, "case", mem, &s));
	GRX_TRY(recommend_tool_match(cx, c->rs, d, &s, mem, &m));
	w = (struct recommend_view){.gene = m.gene, .fact = s.fact};
	o->holds = m.outcome != RECOMMEND_AMBIGUOUS && recommend_eval(&r->pred, &w) == RECOMMEND_TRUE;
	o->fired = false;
	for (int i = 0; i < m.n; i++)
		o->fired = o->fired || !strcmp(m.hit[i].rule->id, r->id);
	rc = GRX_OK;
out:
	grx_arena_free(mem);
	return rc;
}

static enum expect expect_of(const struct outcome *o)
{
	return o->fired ? E_FIRE : o->holds ? E_WITHHELD : E_NOT;
}

static enum expect expect_parse(const char *s)
{
	for (int i = 0; i < E_N; i++)
		if (!strcmp(s, expect_name[i]))
			return (enum expect)i;
	return E_N;
}

static void case_tell(struct cases *c, struct recommend_place at, const struct recommend_rule *r,
	enum expect want, enum expect got, const char *facts)
{
	if (want == got) {
		c->pos[r - c->rs->v] |= want != E_NOT;
		c->neg[r - c->rs->v] |= want == E_NOT;
		return;
	}
	recommend_find(c->is, RECOMMEND_S_ERROR, at, "case of %s: found '%s', expected '%s' on %s; when: %s",
		r->id, expect_name[got], expect_name[want], facts, r->when);
}

/* The facts of one row through the engine; a refusal of the facts (too many candidates) is a finding. */
static int case_run(struct grx_ctx *cx, struct cases *c, struct grx_table *t, const int *col,
	const struct recommend_rule *r, enum expect want)
{
	struct grx_facts *fs = grx_facts_new();
	char *text = grx_strdup(grx_table_get(t, col[1]));
	struct outcome o = {false, false};
	struct grx_ctx probe;
	int bad = -1, rc;

	grx_ctx_child(cx, &probe);
	rc = fs && text ? facts_make(&probe, text, fs, &bad) : grx_fail_nomem(&probe, "case");
	if (!rc && bad < 0)
		rc = replay(&probe, c, r, fs, &o);
	if (!rc && bad >= 0) {
		struct recommend_place at = recommend_cell_at(t, col[1]);

		at.col += bad;
		recommend_find(c->is, RECOMMEND_S_ERROR, at,
			"case of %s: '%.60s', expected KEY=VALUE joined by ' & ', and KEY@NAME=VALUE after "
			"KEY",
			r->id, text + bad);
	} else if (rc == GRX_E_DATA) {
		recommend_find(c->is, RECOMMEND_S_ERROR, recommend_cell_at(t, col[1]), "case of %s: %s",
			r->id, probe.err.msg);
		rc = GRX_OK;
	} else if (rc) {
		grx_ctx_take_error(cx, &probe);
	} else {
		case_tell(c, recommend_cell_at(t, col[2]), r, want, expect_of(&o), grx_table_get(t, col[1]));
	}
	grx_free(text);
	grx_facts_free(fs);
	return rc;
}

static int case_row(void *arg, struct grx_ctx *cx, struct grx_table *t, const int *col)
{
	struct cases *c = arg;
	const struct recommend_rule *r = grx_map_get(c->number, grx_table_get(t, col[0]));
	enum expect want = expect_parse(grx_table_get(t, col[2]));

	c->n++;
	if (!r) {
		recommend_find(c->is, RECOMMEND_S_ERROR, recommend_cell_at(t, col[0]),
			"case of an unknown rule '%s', expected a rule_id of this folder",
			grx_table_get(t, col[0]));
		return GRX_OK;
	}
	if (want == E_N) {
		recommend_find(c->is, RECOMMEND_S_ERROR, recommend_cell_at(t, col[2]),
			"expect '%s', expected fire, not or withheld", grx_table_get(t, col[2]));
		return GRX_OK;
	}
	if (!*grx_table_get(t, col[3]))
		recommend_find(c->is, RECOMMEND_S_ERROR, recommend_cell_at(t, col[3]),
			"case of %s without a source", r->id);
	return case_run(cx, c, t, col, r, want);
}

/* ---- files and coverage ---- */

static int is_case_table(const struct dirent *e)
{
	return e->d_name[0] != '.' && (!strcmp(e->d_name, "cases.tsv") || grx_ends(e->d_name, ".cases.tsv"));
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int files_read(struct grx_ctx *cx, struct cases *c)
{
	static const char *const cols[] = {"rule_id", "facts", "expect", "source"};
	struct dirent **e = NULL;
	int n = scandir(c->rs->dir, &e, is_case_table, by_name), rc = GRX_OK;

	for (int i = 0; i < n; i++) {
		struct grx_str path = {0};

		grx_str_addf(&path, "%s/%s", c->rs->dir, e[i]->d_name);
		if (!rc)
			rc = path.oom ? grx_fail_nomem(cx, "path")
				      : grx_table_each(cx, path.s, cols, 4, case_row, c);
		c->n_file++;
		grx_str_clear(&path);
		free(e[i]);
	}
	free(e);
	return rc;
}

/* One finding a rule where the folder has cases; where it has none, one for all. */
static void coverage(struct cases *c, bool require)
{
	enum recommend_sev sev = require || c->n_file ? RECOMMEND_S_ERROR : RECOMMEND_S_WARNING;
	int64_t n = 0;

	for (size_t i = 0; i < c->rs->n; i++) {
		const struct recommend_rule *r = &c->rs->v[i];

		if (c->pos[i] && c->neg[i])
			continue;
		n++;
		if (c->n_file == 0)
			continue;
		recommend_find(c->is, sev, (struct recommend_place){r->file, r->line, 0},
			"%s: no test case in which it %s; expected one of each in cases.tsv", r->id,
			!c->pos[i] && !c->neg[i] ? "fires and none in which it does not"
			: c->pos[i]              ? "does not fire"
						 : "fires");
	}
	if (n && c->n_file == 0)
		recommend_find(c->is, sev, (struct recommend_place){c->rs->dir, 0, 0},
			"%lld rules without test cases; expected a case in which each fires and one in which "
			"it "
			"does not (cases.tsv or NAME.cases.tsv)",
			(long long)n);
}

int recommend_check_cases(struct grx_ctx *cx, const struct recommend_rules *rs, bool require,
	struct recommend_issues *is, int64_t *n)
{
	struct cases c = {.rs = rs, .is = is, .number = grx_map_new()};
	int rc = GRX_OK;

	c.pos = grx_calloc(rs->n + 1, sizeof(*c.pos));
	c.neg = grx_calloc(rs->n + 1, sizeof(*c.neg));
	if (!c.number || !c.pos || !c.neg)
		rc = grx_fail_nomem(cx, "cases");
	for (size_t i = 0; !rc && i < rs->n; i++)
		if (grx_map_set(c.number, rs->v[i].id, &rs->v[i]))
			rc = grx_fail_nomem(cx, "cases");
	if (!rc)
		rc = files_read(cx, &c);
	if (!rc)
		coverage(&c, require);
	*n = c.n;
	grx_map_free(c.number);
	grx_free(c.pos);
	grx_free(c.neg);
	return rc;
}
