/* SPDX-License-Identifier: GPL-3.0-or-later
 * why.c -- the evidence chain of the advice on one drug: recommendation and rule row; genes hang below.
 * Several pieces of advice (populations, conflicts) share their genes, which are described once. */
#include "stage/recommend/why.h"

#include <string.h>
#include <strings.h>

#include "genorx/genorx.h"
#include "stage/recommend/why_int.h"

enum { MAX_NAMES = 5 };

/* "recommend/codeine/CPIC.codeine.1" -> "codeine", length in *n; NULL for other keys. */
static const char *key_drug(const struct grx_fact *f, size_t *n)
{
	if (!grx_starts(f->key, "recommend/") || grx_starts(f->key, "recommend/phenoconversion/"))
		return NULL;
	*n = strcspn(f->key + 10, "/");
	return f->key + 10;
}

static bool drug_is(const struct grx_fact *f, const char *drug)
{
	const char *name = grx_fact_attr_get(f, "drug"), *zh = grx_fact_attr_get(f, "drug_zh");
	size_t n = 0;
	const char *key = key_drug(f, &n);

	if (!key)
		return false;
	return (name && !strcasecmp(name, drug)) || (zh && !strcmp(zh, drug)) ||
	       (strlen(drug) == n && !strncasecmp(key, drug, n));
}

/* Distinct samples, or drugs of one sample; names are borrowed. */
static int names_collect(struct grx_ctx *cx, const struct grx_facts *fs, const char *sample,
	struct grx_arena *mem, const char ***list, size_t *n)
{
	struct grx_map *seen = grx_map_new();
	int rc = GRX_E_NOMEM;

	*n = 0;
	*list = grx_arena_calloc(mem, fs->n + 1, sizeof(**list));
	if (!seen || !*list)
		goto out;
	for (size_t i = 0; i < fs->n; i++) {
		const struct grx_fact *f = fs->v[i];
		const char *name = f->sample;
		size_t k = 0;

		if (sample) {
			const char *key = strcmp(f->sample, sample) == 0 ? key_drug(f, &k) : NULL;

			name = grx_fact_attr_get(f, "drug");
			if (key && !name)
				name = grx_arena_strndup(mem, key, k);
			if (!key || !name)
				continue;
		} else if (!*name || !strcmp(name, ".") || grx_starts(f->key, "genorx/")) {
			continue;
		}
		if (grx_map_get(seen, name))
			continue;
		if (grx_map_set(seen, name, seen))
			goto out;
		(*list)[(*n)++] = name;
	}
	rc = GRX_OK;
out:
	grx_map_free(seen);
	return rc ? grx_fail_nomem(cx, "names") : GRX_OK;
}

static int unknown(struct grx_ctx *cx, const char *what, const char *name, const char *const *list, size_t n)
{
	struct grx_str near = {0};
	int rc;

	recommend_near(name, list, n, MAX_NAMES, &near);
	if (near.n) {
		rc = grx_fail(cx, GRX_E_USAGE, "why: no %s '%s' in the facts; near: %s", what, name, near.s);
	} else {
		for (size_t i = 0; i < n && i < MAX_NAMES; i++)
			grx_str_addf(&near, "%s%s", i ? ", " : "", list[i]);
		rc = grx_fail(cx, GRX_E_USAGE, "why: no %s '%s' in the facts; they hold %zu: %s%s", what,
			name, n, near.s ? near.s : "none", n > MAX_NAMES ? ", ..." : "");
	}
	grx_str_clear(&near);
	return rc;
}

static int sample_pick(
	struct grx_ctx *cx, const struct grx_facts *fs, struct grx_arena *mem, const char **sample)
{
	const char **list;
	size_t n;
	int rc = names_collect(cx, fs, NULL, mem, &list, &n);

	if (rc)
		return rc;
	if (!*sample && n == 1)
		*sample = list[0];
	if (!*sample)
		return grx_fail(cx, GRX_E_USAGE, "why: the facts hold %zu samples; name one", n);
	for (size_t i = 0; i < n; i++)
		if (!strcmp(list[i], *sample))
			return GRX_OK;
	return unknown(cx, "sample", *sample, list, n);
}

static int drug_missing(struct grx_ctx *cx, const struct grx_facts *fs, struct grx_arena *mem,
	const char *sample, const char *drug)
{
	const char **list;
	size_t n;
	int rc = names_collect(cx, fs, sample, mem, &list, &n);

	if (rc)
		return rc;
	if (n == 0)
		return grx_fail(cx, GRX_E_USAGE,
			"why: the facts hold no recommendation for sample '%s'; run `genorx recommend` on "
			"them first",
			sample);
	return unknown(cx, "drug", drug, list, n);
}

static json_t *rule(struct recommend_why *w, const struct grx_fact *f, json_t *genes)
{
	static const struct {
		const char *member, *attr;
	} part[] = {
		{"when", "when"}, {"guideline", "guideline"}, {"source", "source"}, {"licence", "licence"}};
	json_t *o = json_object();
	const char *version = grx_fact_attr_get(f, "rule_version");
	int64_t n;

	recommend_why_str(w, o, "id", f->rule);
	if (version && grx_parse_i64(version, &n))
		recommend_why_put(w, o, "version", json_integer(n));
	for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++)
		recommend_why_str(w, o, part[i].member, grx_fact_attr_get(f, part[i].attr));
	recommend_why_list(w, o, "pmids", grx_fact_attr_get(f, "pmids"), ";,|");
	recommend_why_put(w, o, "verify", json_boolean(grx_streq(grx_fact_attr_get(f, "verify"), "1")));
	recommend_why_str(w, o, "table", f->refdata);
	recommend_why_put(w, o, "terms", recommend_why_terms(w, f, genes));
	return o;
}

/* The rule tables at hand are not those of the advice: terms may be read otherwise. */
static bool other_tables(const struct recommend_why *w, const struct grx_fact *f)
{
	const char *sum = f->refdata && grx_starts(f->refdata, "rules:") ? f->refdata + 6 : NULL;

	return sum && !grx_starts(w->rs->sha256, sum);
}

/* Genes that the links, the rule and the attribute `genes` name, each once, into the document and the
 * advice. */
static void evidence(struct recommend_why *w, const struct grx_fact *f, json_t *o, json_t *genes)
{
	json_t *names = json_array(), *facts = json_array(), *v;
	const char *list = grx_fact_attr_get(f, "genes");
	struct grx_map *seen = grx_map_new();
	size_t i, n;

	for (int k = 0; k < f->n_because; k++) {
		const struct grx_fact *to = f->because[k].fact ? grx_facts_by_id(w->fs, f->because[k].fact)
							       : NULL;
		const char *gene = to ? recommend_why_gene_of(to->key, &n) : NULL;

		if (gene)
			recommend_why_push(w, genes, json_stringn(gene, n));
		else if (f->because[k].fact)
			recommend_why_push(w, facts, json_string(f->because[k].fact));
		if (to && !gene && !key_drug(to, &n))
			recommend_why_other(w, to);
	}
	for (; list && *list; list += n + (list[n] == ',')) {
		n = strcspn(list, ",");
		recommend_why_push(w, genes, json_stringn(list, n));
	}
	json_array_foreach(genes, i, v)
	{
		const char *gene = json_string_value(v);

		if (!seen || !gene || grx_map_get(seen, gene))
			continue;
		w->bad = w->bad || grx_map_set(seen, gene, w);
		recommend_why_push(w, names, json_string(gene));
		recommend_why_gene(w, gene);
	}
	w->bad = w->bad || !seen;
	grx_map_free(seen);
	recommend_why_put(w, o, "genes", names);
	recommend_why_put(w, o, "because", facts);
	json_decref(genes);
}

/* Attributes that have a member of their own. */
static const char *const own_attrs[] = {"drug", "drug_zh", "when", "rule_version", "guideline", "source",
	"licence", "pmids", "verify", "genes", "level", "strength", "population", "text", "text_zh",
	"actions", "current", NULL};

static json_t *advice(struct recommend_why *w, const struct grx_fact *f)
{
	json_t *o = recommend_why_fact(w, f, own_attrs), *genes = json_array();
	const char *kind = f->status != GRX_FACT_OK ? "none" : f->rule ? "recommendation" : "conflict";

	recommend_why_put(w, o, "kind", json_string(kind));
	for (int i = 10; own_attrs[i]; i++)
		recommend_why_str(w, o, own_attrs[i], grx_fact_attr_get(f, own_attrs[i]));
	if (f->rule) {
		recommend_why_put(w, o, "rule", rule(w, f, genes));
		json_object_del(o, "table");
	}
	if (other_tables(w, f))
		recommend_why_put(w, o, "other_tables", json_true());
	evidence(w, f, o, genes);
	return o;
}

static int build(struct recommend_why *w, const char *drug, json_t *list)
{
	for (size_t i = 0; i < w->fs->n; i++) {
		const struct grx_fact *f = w->fs->v[i];
		const char *name;

		if (strcmp(f->sample, w->sample) != 0 || !drug_is(f, drug))
			continue;
		if (!json_array_size(list)) {
			name = grx_fact_attr_get(f, "drug");
			recommend_why_str(w, w->doc, "drug", name ? name : drug);
			recommend_why_str(w, w->doc, "drug_zh", grx_fact_attr_get(f, "drug_zh"));
		}
		recommend_why_push(w, list, advice(w, f));
	}
	if (!json_array_size(list) && !w->bad)
		return drug_missing(w->cx, w->fs, w->mem, w->sample, drug);
	return GRX_OK;
}

void grx_why_near(const char *name, const char *const *list, size_t n, int max, struct grx_str *out)
{
	recommend_near(name, list, n, max, out);
}

int grx_why(struct grx_ctx *cx, const struct grx_facts *fs, const char *sample, const char *drug,
	const struct grx_why_opt *o, json_t **doc)
{
	struct recommend_why w = {.cx = cx, .fs = fs, .opt = o, .mem = grx_arena_new()};
	json_t *list = json_array();
	char *dir = recommend_rules_dir(cx, o->rules);
	int rc = GRX_E_BUG;

	*doc = NULL;
	w.doc = json_object();
	w.genes = json_array();
	w.facts = json_array();
	w.seen = grx_map_new();
	if (!w.mem || !dir || !w.seen) {
		rc = grx_fail_nomem(cx, "why");
		goto out;
	}
	GRX_TRY(sample_pick(cx, fs, w.mem, &sample));
	w.sample = sample;
	GRX_TRY(recommend_rules_load(cx, dir, NULL, &w.rs));
	recommend_why_str(&w, w.doc, "format", "genorx-why/1");
	recommend_why_str(&w, w.doc, "genorx", GENORX_VERSION);
	recommend_why_str(&w, w.doc, "sample", sample);
	GRX_TRY(build(&w, drug, list));
	recommend_why_put(&w, w.doc, "advice", json_incref(list));
	recommend_why_put(&w, w.doc, "genes", json_incref(w.genes));
	recommend_why_put(&w, w.doc, "facts", json_incref(w.facts));
	recommend_why_put(&w, w.doc, "files", json_array());
	rc = w.bad ? grx_fail_nomem(cx, "why") : GRX_OK;
	if (rc == GRX_OK)
		*doc = json_incref(w.doc);
out:
	json_decref(list);
	json_decref(w.genes);
	json_decref(w.facts);
	json_decref(w.doc);
	grx_free(dir);
	recommend_rules_free(w.rs);
	grx_map_free(w.seen);
	grx_arena_free(w.mem);
	return rc;
}
