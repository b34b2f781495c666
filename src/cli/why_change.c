/* SPDX-License-Identifier: GPL-3.0-or-later
 * why_change.c -- what-if: what differs between the two sides, and what a reader must know of them. */
#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "cli/why_q.h"

static void change_add(struct why_q *q, const char *what, const struct grx_str v[2])
{
	json_t *c = json_object();

	why_q_str(q, c, "what", what);
	why_q_str(q, c, "before", v[0].s ? v[0].s : "none");
	why_q_str(q, c, "after", v[1].s ? v[1].s : "none");
	q->bad = q->bad || v[0].oom || v[1].oom || json_array_append_new(q->changes, c);
}

/* The facts of the genes: those of the first side, then those that only the second has. */
void why_q_compare_genes(struct why_q *q)
{
	static const char *const what[] = {"diplotype", "phenotype", "activity_score"};
	const json_t *g;
	size_t i;

	json_array_foreach(json_object_get(q->doc, "genes"), i, g)
	{
		for (size_t k = 0; why_q_changed(q, why_q_gene(g)) && k < sizeof(what) / sizeof(what[0]);
			k++) {
			const struct grx_fact *f[2];
			struct grx_str v[2] = {{0}};
			char key[128], title[128];

			snprintf(key, sizeof(key), "pgx/%s/%s", why_q_gene(g), what[k]);
			snprintf(title, sizeof(title), "%s %s", why_q_gene(g), what[k]);
			for (int s = 0; s < 2; s++) {
				f[s] = grx_facts_find(q->gene[s], q->sample, key);
				why_q_value(&v[s], f[s]);
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
			why_q_value(o, f);
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

static void compare_population(struct why_q *q, const char *who)
{
	static const char *const member[2][2] = {{"before", "after"}, {"text_before", "text_after"}};
	json_t *c = json_object();

	why_q_str(q, c, "what", "advice");
	if (*who)
		why_q_str(q, c, "population", who);
	for (int k = 0; k < 2; k++) {
		for (int s = 0; s < 2; s++) {
			struct grx_str v = {0};

			advice_of(&v, q->advice[s], who, k ? "text" : NULL);
			if (!v.n && *who) /* no advice to anyone */
				advice_of(&v, q->advice[s], "", k ? "text" : NULL);
			if (v.n || !k)
				why_q_str(q, c, member[k][s], v.s ? v.s : "none");
			q->bad = q->bad || v.oom;
			grx_str_clear(&v);
		}
	}
	q->bad = q->bad || json_array_append_new(q->changes, c);
}

int why_q_compare_advice(struct why_q *q)
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

/* Does judging the drug anew, nothing changed, give the advice of the facts? */
static void check_advice(struct why_q *q)
{
	size_t n = 0, same = 0;

	for (size_t i = 0; i < q->fs->n; i++) {
		const struct grx_fact *f = q->fs->v[i];
		const char *drug = grx_fact_attr_get(f, "drug");

		n += !strcmp(f->sample, q->sample) && is_advice(f) && grx_streq(drug, q->drug);
	}
	for (size_t i = 0; i < q->advice[0]->n; i++) {
		const struct grx_fact *f = q->advice[0]->v[i], *was = grx_facts_by_id(q->fs, f->id);

		if (!is_advice(f))
			continue;
		same += was && grx_streq(was->value.str, f->value.str);
		n += !was;
	}
	if (same < n)
		grx_str_add(&q->notes, "judged anew without a change, the advice is not that of the facts: "
				       "they were made with "
				       "other options or rule tables, or a gene called anew differs\n");
}

/* Does calling the genes anew, nothing changed, give what the facts say? */
void why_q_baseline(struct why_q *q)
{
	for (size_t i = 0; i < q->gene[0]->n; i++) {
		const struct grx_fact *f = q->gene[0]->v[i];
		const struct grx_fact *was = grx_facts_by_id(q->fs, f->id);
		struct grx_str v[2] = {{0}};

		if (grx_ends(f->key, "/status"))
			continue;
		why_q_value(&v[0], was);
		why_q_value(&v[1], f);
		if (!grx_streq(v[0].s, v[1].s))
			grx_str_addf(&q->notes,
				"%s: called anew without a change it is %s, the facts say %s: something that "
				"facts do not hold (likelihoods, phase sets, copy number, a call from "
				"elsewhere) matters; before -> after compares two calls made anew\n",
				f->key, v[1].s, v[0].s);
		if (q->n_edit && was && grx_ends(f->key, "/diplotype") && grx_fact_attr_get(was, "posterior"))
			grx_str_addf(&q->notes,
				"%s: probabilities are not compared: they rest on likelihoods "
				"that facts do not hold\n",
				f->key);
		q->bad = q->bad || v[0].oom || v[1].oom;
		grx_str_clear(&v[0]);
		grx_str_clear(&v[1]);
	}
	check_advice(q);
}

void why_q_notes(struct why_q *q, json_t *o)
{
	json_t *a = json_array();

	for (const char *s = q->notes.s; s && *s;) {
		size_t n = strcspn(s, "\n");

		q->bad = q->bad || json_array_append_new(a, json_stringn(s, n));
		s += n + (s[n] == '\n');
	}
	q->bad = q->bad || q->notes.oom || json_object_set_new(o, "notes", a);
}

void why_q_set(struct why_q *q, json_t *o)
{
	json_t *a = json_array();

	for (int i = 0; i < q->n_edit; i++) {
		const struct grx_pgx_edit *e = &q->edit[i];
		json_t *x = json_object();
		char at[96];

		snprintf(at, sizeof(at), "%s:%lld", e->chrom, (long long)e->pos);
		why_q_str(q, x, "locus", e->name ? e->name : at);
		why_q_str(q, x, "at", at);
		why_q_str(q, x, "gt", e->gt);
		q->bad = q->bad || json_array_append_new(a, x);
	}
	for (int i = 0; i < q->n_suppose; i++) {
		const char *eq = strchr(q->suppose[i], '=');
		json_t *x = json_object();

		q->bad = q->bad || json_object_set_new(x, "gene",
					   json_stringn(q->suppose[i], (size_t)(eq - q->suppose[i])));
		why_q_str(q, x, "diplotype", eq + 1);
		q->bad = q->bad || json_array_append_new(a, x);
	}
	q->bad = q->bad || json_object_set_new(o, "set", a);
}
