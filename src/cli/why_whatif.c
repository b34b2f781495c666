/* SPDX-License-Identifier: GPL-3.0-or-later
 * why_whatif.c -- what other genotypes would change: the genes are called anew by the pgx stage and the drug
 * is judged anew by the recommend stage, once as the facts have it and once with the genotypes set by hand.
 * Both sides are recomputed, so that a difference comes from the genotypes alone. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "cli/why.h"
#include "run/registry.h"
#include "stage/pgx/pgx_tool.h"

/* One question. side[0]: as the facts have it; side[1]: as set by hand. */
struct question {
	struct grx_ctx *cx;
	const struct why_opt *opt;
	const struct grx_facts *fs;
	const char *sample, *drug;
	struct grx_pgx_tool *tool;
	struct grx_pgx_edit edit[GRX_PGX_EDIT_MAX];
	int n_edit;
	struct grx_facts *gene[2]; /* of the genes called anew */
	struct grx_facts *advice[2];
	struct grx_str notes;
	json_t *doc, *changes;
	bool bad;
};

static void str_set(struct question *q, json_t *o, const char *key, const char *s)
{
	if (json_object_set_new(o, key, json_string(s)))
		q->bad = true;
}

/* ---- genes -----------------------------------------------------------------------------------------------
 */

static const char *gene_name(const json_t *g)
{
	return json_string_value(json_object_get(g, "gene"));
}

static int parse_edits(struct question *q)
{
	struct grx_str genes = {0};
	const json_t *g;
	size_t i;
	int rc = GRX_OK;

	json_array_foreach(json_object_get(q->doc, "genes"), i, g)
	{
		grx_str_addf(&genes, "%s%s", i ? "," : "", gene_name(g));
	}
	if (genes.oom)
		rc = grx_fail_nomem(q->cx, "genes");
	else if (q->opt->what_if.n > GRX_PGX_EDIT_MAX)
		rc = grx_fail(q->cx, GRX_E_USAGE, "--what-if: at most %d loci", GRX_PGX_EDIT_MAX);
	else if (!genes.n)
		rc = grx_fail(q->cx, GRX_E_USAGE, "--what-if: the advice on %s rests on no gene", q->drug);
	for (int k = 0; rc == GRX_OK && k < q->opt->what_if.n; k++)
		rc = grx_pgx_edit_parse(q->cx, q->tool, q->opt->what_if.v[k], genes.s, &q->edit[q->n_edit++]);
	grx_str_clear(&genes);
	return rc;
}

static bool edited(const struct question *q, const char *gene)
{
	for (int i = 0; i < q->n_edit; i++)
		if (grx_pgx_edit_in(q->tool, &q->edit[i], gene))
			return true;
	return false;
}

static int call_genes(struct question *q)
{
	const json_t *g;
	size_t i;

	json_array_foreach(json_object_get(q->doc, "genes"), i, g)
	{
		struct grx_pgx_call c = {q->fs, q->sample, gene_name(g), NULL, 0};
		struct grx_str again = {0}; /* the notes of the second call are those of the first */
		int rc;

		if (!edited(q, c.gene))
			continue;
		rc = grx_pgx_again(q->cx, q->tool, &c, q->gene[0], &q->notes);
		c.edit = q->edit;
		c.n_edit = q->n_edit;
		if (rc == GRX_OK)
			rc = grx_pgx_again(q->cx, q->tool, &c, q->gene[1], &again);
		grx_str_clear(&again);
		if (rc)
			return rc;
	}
	return GRX_OK;
}

/* ---- advice ----------------------------------------------------------------------------------------------
 */

/* Facts to judge by: those given without advice, with the genes called anew in place of the old ones. */
static int inputs(struct question *q, const struct grx_facts *gene, struct grx_facts *into)
{
	struct grx_facts kept = {.v = grx_malloc(q->fs->n + 1, sizeof(*kept.v))};
	int rc;

	if (!kept.v)
		return grx_fail_nomem(q->cx, "facts");
	for (size_t i = 0; i < q->fs->n; i++) {
		struct grx_fact *f = q->fs->v[i];

		if (!strcmp(f->sample, q->sample) && !grx_starts(f->key, "recommend/") &&
			!grx_facts_by_id(gene, f->id))
			kept.v[kept.n++] = f;
	}
	rc = grx_facts_append(q->cx, into, &kept);
	grx_free(kept.v);
	return rc == GRX_OK ? grx_facts_append(q->cx, into, gene) : rc;
}

static int judge(struct question *q, const struct grx_facts *gene, struct grx_facts *out)
{
	const struct grx_stage *st = grx_stage_find("recommend");
	struct grx_facts *in = grx_facts_new();
	void *opts = st ? grx_calloc(1, st->opts_size) : NULL, *state = NULL;
	struct grx_opt_set set = {"", st ? st->opts : NULL, opts};
	struct grx_ctx sub = *q->cx;
	int rc = GRX_E_BUG;

	if (!in || !opts) {
		rc = grx_fail_nomem(&sub, "advice");
		goto out;
	}
	GRX_TRY(inputs(q, gene, in));
	sub.facts = in;
	GRX_TRY(grx_opts_default(&sub, &set, 1));
	GRX_TRY(grx_opts_assign(&sub, &set, 1, "drugs", q->drug));
	if (q->opt->rules)
		GRX_TRY(grx_opts_assign(&sub, &set, 1, "rules", q->opt->rules));
	GRX_TRY(st->open(opts, &sub, &state));
	rc = st->finish(state, &sub, out, NULL);
out:
	if (rc && sub.err.status)
		q->cx->err = sub.err;
	if (st)
		st->close(state);
	if (opts)
		grx_opts_clear(&set, 1);
	grx_free(opts);
	grx_facts_free(in);
	return rc;
}

/* ---- comparison ------------------------------------------------------------------------------------------
 */

static void value(struct grx_str *o, const struct grx_fact *f)
{
	const char *reason = f ? grx_fact_attr_get(f, "reason") : NULL;
	char buf[32];

	if (!f)
		grx_str_add(o, "none");
	else if (f->value.type == GRX_V_STR)
		grx_str_add(o, f->value.str);
	else if (f->value.type == GRX_V_NUM)
		grx_str_add(o, grx_fmt_g(buf, f->value.num, 10));
	else
		grx_str_addf(o, "missing%s%s", reason ? ": " : "", reason ? reason : "");
}

static void change_add(struct question *q, const char *what, const struct grx_str v[2])
{
	json_t *c = json_object();

	str_set(q, c, "what", what);
	str_set(q, c, "before", v[0].s ? v[0].s : "none");
	str_set(q, c, "after", v[1].s ? v[1].s : "none");
	q->bad = q->bad || v[0].oom || v[1].oom || json_array_append_new(q->changes, c);
}

/* The facts of the genes: those of the first side, then those that only the second has. */
static void compare_genes(struct question *q)
{
	static const char *const what[] = {"diplotype", "phenotype", "activity_score"};
	const json_t *g;
	size_t i;

	json_array_foreach(json_object_get(q->doc, "genes"), i, g)
	{
		for (size_t k = 0; edited(q, gene_name(g)) && k < sizeof(what) / sizeof(what[0]); k++) {
			const struct grx_fact *f[2];
			struct grx_str v[2] = {{0}};
			char key[128], title[128];

			snprintf(key, sizeof(key), "pgx/%s/%s", gene_name(g), what[k]);
			snprintf(title, sizeof(title), "%s %s", gene_name(g), what[k]);
			for (int s = 0; s < 2; s++) {
				f[s] = grx_facts_find(q->gene[s], q->sample, key);
				value(&v[s], f[s]);
			}
			if (f[0] || f[1])
				change_add(q, title, v);
			grx_str_clear(&v[0]);
			grx_str_clear(&v[1]);
		}
	}
}

static const char *population(const struct grx_fact *f)
{
	const char *p = grx_fact_attr_get(f, "population");

	return p ? p : "";
}

static bool is_advice(const struct grx_fact *f)
{
	return grx_starts(f->key, "recommend/") && !grx_starts(f->key, "recommend/phenoconversion/");
}

/* "AVOID (level act, strength Strong, RULE)" of each advice to the population, or with key the attribute;
 * joined by "; ". */
static void advice_of(struct grx_str *o, const struct grx_facts *fs, const char *who, const char *key)
{
	for (size_t i = 0; i < fs->n; i++) {
		const struct grx_fact *f = fs->v[i];
		const char *v = key ? grx_fact_attr_get(f, key) : NULL;

		if (!is_advice(f) || strcmp(population(f), who) != 0 || (key && !v))
			continue;
		grx_str_add(o, o->n ? "; " : "");
		if (key)
			grx_str_add(o, v);
		else
			value(o, f);
		if (!key && f->rule)
			grx_str_addf(o, " (level %s, strength %s, %s)", grx_fact_attr_get(f, "level"),
				grx_fact_attr_get(f, "strength"), f->rule);
	}
}

static bool has_population(const struct grx_facts *fs)
{
	for (size_t i = 0; i < fs->n; i++)
		if (is_advice(fs->v[i]) && *population(fs->v[i]))
			return true;
	return false;
}

static void compare_population(struct question *q, const char *who)
{
	static const char *const member[2][2] = {{"before", "after"}, {"text_before", "text_after"}};
	json_t *c = json_object();

	str_set(q, c, "what", "advice");
	if (*who)
		str_set(q, c, "population", who);
	for (int k = 0; k < 2; k++) {
		for (int s = 0; s < 2; s++) {
			struct grx_str v = {0};

			advice_of(&v, q->advice[s], who, k ? "text" : NULL);
			if (!v.n && *who) /* no advice to anyone */
				advice_of(&v, q->advice[s], "", k ? "text" : NULL);
			if (v.n || !k)
				str_set(q, c, member[k][s], v.s ? v.s : "none");
			q->bad = q->bad || v.oom;
			grx_str_clear(&v);
		}
	}
	q->bad = q->bad || json_array_append_new(q->changes, c);
}

static int compare_advice(struct question *q)
{
	struct grx_map *seen = grx_map_new();
	bool split = has_population(q->advice[0]) || has_population(q->advice[1]);

	if (!seen)
		return grx_fail_nomem(q->cx, "advice");
	for (int s = 0; s < 2; s++) {
		for (size_t i = 0; i < q->advice[s]->n; i++) {
			const struct grx_fact *f = q->advice[s]->v[i];
			char who[128];

			snprintf(who, sizeof(who), "=%s", population(f));
			if (!is_advice(f) || grx_map_get(seen, who) || (!*population(f) && split))
				continue;
			q->bad = q->bad || grx_map_set(seen, who, q);
			compare_population(q, population(f));
		}
	}
	grx_map_free(seen);
	return GRX_OK;
}

/* ---- notes -----------------------------------------------------------------------------------------------
 */

/* Does calling the genes anew, nothing changed, give what the facts say? */
static void check_baseline(struct question *q)
{
	for (size_t i = 0; i < q->gene[0]->n; i++) {
		const struct grx_fact *f = q->gene[0]->v[i];
		const struct grx_fact *was = grx_facts_by_id(q->fs, f->id);
		struct grx_str v[2] = {{0}};

		if (grx_ends(f->key, "/status"))
			continue;
		value(&v[0], was);
		value(&v[1], f);
		if (!grx_streq(v[0].s, v[1].s))
			grx_str_addf(&q->notes,
				"%s: called anew without a change it is %s, the facts say %s: something that "
				"facts do not hold (likelihoods, phase sets, copy number, a call from "
				"elsewhere) matters; before -> after compares two calls made anew\n",
				f->key, v[1].s, v[0].s);
		if (was && grx_fact_attr_get(was, "posterior"))
			grx_str_addf(&q->notes,
				"%s: probabilities are not compared: they rest on likelihoods "
				"that facts do not hold\n",
				f->key);
		q->bad = q->bad || v[0].oom || v[1].oom;
		grx_str_clear(&v[0]);
		grx_str_clear(&v[1]);
	}
}

static void notes_add(struct question *q, json_t *o)
{
	json_t *a = json_array();

	for (const char *s = q->notes.s; s && *s;) {
		size_t n = strcspn(s, "\n");

		q->bad = q->bad || json_array_append_new(a, json_stringn(s, n));
		s += n + (s[n] == '\n');
	}
	q->bad = q->bad || q->notes.oom || json_object_set_new(o, "notes", a);
}

static void set_add(struct question *q, json_t *o)
{
	json_t *a = json_array();

	for (int i = 0; i < q->n_edit; i++) {
		const struct grx_pgx_edit *e = &q->edit[i];
		json_t *x = json_object();
		char at[96];

		snprintf(at, sizeof(at), "%s:%lld", e->chrom, (long long)e->pos);
		str_set(q, x, "locus", e->name ? e->name : at);
		str_set(q, x, "at", at);
		str_set(q, x, "gt", e->gt);
		q->bad = q->bad || json_array_append_new(a, x);
	}
	q->bad = q->bad || json_object_set_new(o, "set", a);
}

static int answer(struct question *q)
{
	json_t *o = json_object();
	int rc = GRX_E_BUG;

	GRX_TRY(parse_edits(q));
	GRX_TRY(call_genes(q));
	for (int s = 0; s < 2; s++)
		GRX_TRY(judge(q, q->gene[s], q->advice[s]));
	check_baseline(q);
	compare_genes(q);
	GRX_TRY(compare_advice(q));
	set_add(q, o);
	q->bad = q->bad || json_object_set(o, "changes", q->changes);
	notes_add(q, o);
	q->bad = q->bad || json_object_set(q->doc, "what_if", o);
	rc = q->bad ? grx_fail_nomem(q->cx, "what-if") : GRX_OK;
out:
	json_decref(o);
	return rc;
}

int why_what_if(struct grx_ctx *cx, const struct why_opt *o, const struct grx_facts *fs,
	struct grx_pgx_tool *tool, json_t *doc)
{
	struct question *q = grx_calloc(1, sizeof(*q));
	int rc;

	if (!q)
		return grx_fail_nomem(cx, "what-if");
	q->cx = cx;
	q->opt = o;
	q->fs = fs;
	q->tool = tool;
	q->doc = doc;
	q->sample = json_string_value(json_object_get(doc, "sample"));
	q->drug = json_string_value(json_object_get(doc, "drug"));
	q->changes = json_array();
	for (int s = 0; s < 2; s++) {
		q->gene[s] = grx_facts_new();
		q->advice[s] = grx_facts_new();
		q->bad = q->bad || !q->gene[s] || !q->advice[s];
	}
	rc = q->bad ? grx_fail_nomem(cx, "what-if") : answer(q);
	for (int s = 0; s < 2; s++) {
		grx_facts_free(q->gene[s]);
		grx_facts_free(q->advice[s]);
	}
	grx_str_clear(&q->notes);
	json_decref(q->changes);
	grx_free(q);
	return rc;
}
