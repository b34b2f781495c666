/* SPDX-License-Identifier: GPL-3.0-or-later
 * outside_facts.c -- facts and rows of the calls of other tools.
 * Several calls of one gene, or a file that contradicts our tables, leave the phenotype open: every reading
 * is a candidate. */
#include <stdio.h>
#include <string.h>

#include "stage/pgx/outside.h"

/* All calls of one gene of one sample. */
struct gene_call {
	const struct pgx_outside *o;
	const struct pgx_gene *g;
	const struct pgx_outside_row *row;
	size_t n;
	struct pgx_outside_call *call;
	struct pgx_texts reading;                         /* "phenotype\tscore", sorted */
	const char *diplotypes, *phenotypes, *activities; /* of the calls, " OR " between; NULL = none */
	const char *lookup;
	const char *why_not; /* no phenotype can be given because ...; NULL = one can */
	const char *note;
	enum pgx_status status;
};

static int add_reading(
	struct grx_arena *mem, struct gene_call *c, const char *phenotype, const char *activity)
{
	const char *s = grx_arena_printf(mem, "%s\t%s", phenotype ? phenotype : "", activity ? activity : "");
	return s ? pgx_text_add(mem, &c->reading, s) : GRX_E_NOMEM;
}

static const char *finish(struct grx_arena *mem, struct grx_str *s, bool *bad)
{
	const char *t = s->n && !s->oom ? grx_arena_strdup(mem, s->s) : NULL;
	*bad = *bad || s->oom || (s->n && !t);
	grx_str_clear(s);
	return t;
}

/* The texts of the calls side by side; one that lacks what others have is "n/a". */
static int join_calls(struct grx_arena *mem, struct gene_call *c)
{
	struct grx_str d = {0}, p = {0}, a = {0}, l = {0};
	bool bad = false, any_d = false, any_p = false, any_a = false;
	for (size_t i = 0; i < c->n; i++) {
		const struct pgx_outside_call *x = &c->call[i];
		const char *sep = i ? " OR " : "";
		grx_str_addf(&d, "%s%s", sep, x->diplotype ? x->diplotype : "n/a");
		grx_str_addf(&p, "%s%s", sep, x->phenotype ? x->phenotype : "n/a");
		grx_str_addf(&a, "%s%s", sep, x->activity ? x->activity : "n/a");
		if (x->lookup)
			grx_str_addf(&l, "%s%s", l.n ? " OR " : "", x->lookup);
		any_d = any_d || x->diplotype;
		any_p = any_p || x->phenotype;
		any_a = any_a || x->activity;
	}
	c->diplotypes = finish(mem, &d, &bad);
	c->phenotypes = finish(mem, &p, &bad);
	c->activities = finish(mem, &a, &bad);
	c->lookup = finish(mem, &l, &bad);
	c->diplotypes = any_d ? c->diplotypes : NULL;
	c->phenotypes = any_p ? c->phenotypes : NULL;
	c->activities = any_a ? c->activities : NULL;
	return bad ? GRX_E_NOMEM : GRX_OK;
}

static int weigh(struct grx_arena *mem, struct gene_call *c)
{
	bool contradiction = false, unknown = false;
	int rc = GRX_E_BUG;
	for (size_t i = 0; i < c->n; i++) {
		struct pgx_outside_call *x = &c->call[i];
		GRX_TRY(pgx_outside_judge(mem, c->o, &c->row[i], x));
		GRX_TRY(add_reading(mem, c, x->phenotype, x->activity));
		if (x->contradicts)
			GRX_TRY(add_reading(mem, c, x->derived, x->derived_activity));
		contradiction = contradiction || x->contradicts;
		unknown = unknown || !x->phenotype;
		c->note = x->doubt ? x->doubt : c->note;
	}
	c->status = unknown ? PGX_NO_MATCH : contradiction || c->reading.n > 1 ? PGX_AMBIGUOUS : PGX_CALLED;
	c->why_not =
		contradiction
			? "ambiguous: the outside call contradicts the tables: phenotype or score do not "
			  "follow from its diplotype"
		: unknown          ? "not assessed: the outside call gives no phenotype that the tables know"
		: c->reading.n > 1 ? "ambiguous: the outside calls of this gene differ"
				   : NULL;
	if (contradiction)
		c->status = PGX_AMBIGUOUS;
	rc = join_calls(mem, c);
out:
	return rc;
}

static int new_fact(struct grx_ctx *cx, const struct gene_call *c, struct grx_facts *fs, const char *sample,
	const char *what, struct grx_fact **f)
{
	char key[160];
	snprintf(key, sizeof key, "pgx/%.100s/%s", c->g->name, what);
	int rc = grx_facts_add(cx, fs, sample, key, "pgx", f);
	if (rc == GRX_OK)
		rc = grx_fact_attr(
			fs, *f, "origin", "outside call %s:%lld", c->o->path, (long long)c->row[0].line);
	if (rc == GRX_OK && !((*f)->refdata = grx_facts_dup(fs, "CPIC 2025-11-05 CC0")))
		rc = grx_fail_nomem(cx, "a fact");
	return rc;
}

/* One column of the readings, "|" between. */
static const char *candidates(struct grx_arena *mem, const struct gene_call *c, bool score)
{
	struct grx_str s = {0};
	bool bad = false;
	for (size_t i = 0; i < c->reading.n; i++) {
		const char *tab = strchr(c->reading.v[i], '\t');
		const char *from = score ? tab + 1 : c->reading.v[i];
		size_t n = score ? strlen(from) : (size_t)(tab - from);
		if (!n) /* a reading without it: nothing can be listed */
			bad = true;
		grx_str_addf(&s, "%s%.*s", i ? "|" : "", (int)n, from);
	}
	const char *t = finish(mem, &s, &bad);
	return bad ? NULL : t;
}

static int text_fact(
	struct grx_facts *fs, struct grx_fact *f, const char *value, const char *reason, const char *list)
{
	int rc = GRX_OK;
	if (value)
		return grx_fact_str_set(fs, f, value);
	f->status = GRX_FACT_MISSING;
	rc = grx_fact_attr(fs, f, "reason", "%s", reason ? reason : "not given by the outside call");
	return rc == GRX_OK && list ? grx_fact_attr(fs, f, "candidates", "%s", list) : rc;
}

static int activity_fact(struct grx_ctx *cx, struct grx_arena *mem, const struct gene_call *c,
	struct grx_facts *fs, const char *sample)
{
	struct grx_fact *f = NULL;
	double x;
	int rc = new_fact(cx, c, fs, sample, "activity_score", &f);
	if (rc != GRX_OK)
		return rc;
	const char *only = c->why_not ? NULL : c->call[0].activity;
	if (only && grx_parse_f64(only, &x))
		return grx_fact_num_set(fs, f, x, NULL);
	return text_fact(
		fs, f, only && strcmp(only, "n/a") ? only : NULL, c->why_not, candidates(mem, c, true));
}

static int add_facts(struct grx_ctx *cx, struct grx_arena *mem, const struct gene_call *c,
	struct grx_facts *fs, const char *sample)
{
	struct grx_fact *d = NULL, *p = NULL, *s = NULL;
	const char *one = c->why_not ? NULL : c->call[0].phenotype;
	const char *list = c->reading.n > 1 ? candidates(mem, c, false) : NULL;
	int rc = GRX_E_BUG;
	GRX_TRY(new_fact(cx, c, fs, sample, "diplotype", &d));
	GRX_TRY(text_fact(fs, d, c->diplotypes, NULL, NULL));
	if (c->note)
		GRX_TRY(grx_fact_attr(fs, d, "warning", "%s", c->note));
	GRX_TRY(new_fact(cx, c, fs, sample, "phenotype", &p));
	GRX_TRY(text_fact(fs, p, one, c->why_not, list));
	if (one)
		GRX_TRY(grx_fact_attr(fs, p, "lookup", "%s",
			c->g->by_score && c->call[0].activity ? c->call[0].activity : one));
	if (c->lookup)
		GRX_TRY(grx_fact_attr(fs, p, "inferred_from", "%s", c->lookup));
	GRX_TRY(grx_fact_because_fact(fs, p, d->id));
	if (c->g->by_score)
		GRX_TRY(activity_fact(cx, mem, c, fs, sample));
	GRX_TRY(new_fact(cx, c, fs, sample, "status", &s));
	GRX_TRY(grx_fact_str_set(fs, s, pgx_status_text(c->status)));
	GRX_TRY(grx_fact_because_fact(fs, s, d->id));
	rc = GRX_OK;
out:
	return rc;
}

static int add_row(struct grx_arena *mem, const struct gene_call *c, const char *sample, struct grx_str *tsv)
{
	struct pgx_verdict v = {.status = c->status, .pair = {-1, -1}};
	for (size_t i = 0; i < c->n; i++) {
		struct pgx_dip d = {
			.n = {0, -1}, .text = c->call[i].diplotype ? c->call[i].diplotype : "n/a"};
		if (c->diplotypes && pgx_dips_push(mem, &v.shown, &d) != GRX_OK)
			return GRX_E_NOMEM;
	}
	v.list = true; /* no scores */
	v.phenotypes = c->phenotypes;
	v.activities = c->activities;
	v.phenotype = c->why_not ? NULL : c->call[0].phenotype;
	v.candidates = c->reading.n > 1 ? candidates(mem, c, false) : NULL;
	v.lookup_pair = c->lookup;
	v.reason = grx_arena_printf(mem, "outside call %s:%lld%s%s", c->o->path, (long long)c->row[0].line,
		c->why_not || c->note ? "; " : "",
		c->why_not ? c->why_not
		: c->note  ? c->note
			   : "");
	if (!v.reason)
		return GRX_E_NOMEM;
	pgx_tsv_row(tsv, sample, c->g, &v);
	return GRX_OK;
}

int pgx_outside_emit(struct grx_ctx *cx, const struct pgx_outside *o, int sample, const char *name,
	struct grx_facts *fs, struct grx_str *tsv)
{
	size_t n, k;
	const struct pgx_outside_row *row = pgx_outside_rows(o, sample, &n);
	struct grx_arena *mem = n ? grx_arena_new() : NULL;
	int rc = n && !mem ? GRX_E_NOMEM : GRX_OK;
	for (size_t i = 0; i < n && rc == GRX_OK; i += k) {
		struct gene_call c = {.o = o, .g = &o->table->gene[row[i].gene], .row = row + i};
		for (k = 0; i + k < n && row[i + k].gene == row[i].gene;)
			k++;
		c.n = k;
		c.call = grx_arena_calloc(mem, k, sizeof *c.call);
		rc = c.call ? weigh(mem, &c) : GRX_E_NOMEM;
		if (rc == GRX_OK)
			rc = add_facts(cx, mem, &c, fs, name);
		if (rc == GRX_OK && tsv)
			rc = add_row(mem, &c, name, tsv);
	}
	grx_arena_free(mem);
	return rc == GRX_E_NOMEM ? grx_fail_nomem(cx, "outside calls") : rc;
}
