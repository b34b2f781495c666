/* SPDX-License-Identifier: GPL-3.0-or-later
 * why_text.c -- an evidence document as lines of text: advice, then each gene down to its loci.
 * Everything printed stands in the document, so that text and JSON cannot disagree. */
#include <jansson.h>
#include <string.h>

#include "stage/recommend/why.h"
#include "stage/recommend/why_text.h"

enum { TITLE = 14 };

const char *recommend_why_t_str(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

void recommend_why_t_title(struct grx_str *o, int depth, const char *name)
{
	grx_str_addf(o, "%*s%-*s ", 2 * depth, "", TITLE, name);
}

void recommend_why_t_line(struct grx_str *o, int depth, const char *name, const char *text)
{
	if (!text || !*text)
		return;
	recommend_why_t_title(o, depth, name);
	grx_str_addf(o, "%s\n", text);
}

/* Text, number or boolean without quotes; members of a list joined by blanks. */
void recommend_why_t_scalar(struct grx_str *o, const json_t *v)
{
	char buf[32];
	const json_t *x;
	size_t i;

	if (json_is_string(v))
		grx_str_add(o, json_string_value(v));
	else if (json_is_integer(v))
		grx_str_addf(o, "%lld", (long long)json_integer_value(v));
	else if (json_is_number(v))
		grx_str_add(o, grx_fmt_g(buf, json_number_value(v), 10));
	else if (json_is_boolean(v))
		grx_str_add(o, json_is_true(v) ? "true" : "false");
	json_array_foreach(v, i, x)
	{
		grx_str_add(o, i ? " " : "");
		recommend_why_t_scalar(o, x);
	}
}

/* ", title value" when it is there. */
void recommend_why_t_more(struct grx_str *o, const json_t *from, const char *key, const char *name)
{
	const json_t *v = json_object_get(from, key);

	if (!v || json_is_null(v) || (json_is_array(v) && !json_array_size(v)))
		return;
	grx_str_addf(o, ", %s ", name);
	recommend_why_t_scalar(o, v);
}

/* The attributes of a fact, '_' as blank. */
void recommend_why_t_attrs(struct grx_str *o, int depth, const json_t *fact)
{
	const char *key;
	json_t *v;

	json_object_foreach(json_object_get(fact, "attrs"), key, v)
	{
		struct grx_str name = {0};

		if (!strcmp(key, "lookup")) /* the phenotype or activity score again */
			continue;
		grx_str_add(&name, key);
		for (size_t i = 0; i < name.n; i++)
			name.s[i] = name.s[i] == '_' ? ' ' : name.s[i];
		recommend_why_t_title(o, depth, name.s ? name.s : key);
		recommend_why_t_scalar(o, v);
		grx_str_addc(o, '\n');
		o->oom = o->oom || name.oom;
		grx_str_clear(&name);
	}
}

void recommend_why_t_fact_value(struct grx_str *o, const json_t *f)
{
	const char *reason = recommend_why_t_str(f, "reason"), *unit = recommend_why_t_str(f, "unit");

	if (!json_is_null(json_object_get(f, "value")))
		recommend_why_t_scalar(o, json_object_get(f, "value"));
	else
		grx_str_add(
			o, recommend_why_t_str(f, "status") ? recommend_why_t_str(f, "status") : "missing");
	if (unit)
		grx_str_addf(o, " %s", unit);
	if (reason)
		grx_str_addf(o, ": %s", reason);
}

/* ---- advice ----------------------------------------------------------------------------------------------
 */

static void rule(struct grx_str *o, const json_t *r, bool other_tables)
{
	const json_t *t;
	size_t i;

	recommend_why_t_title(o, 1, "rule");
	grx_str_add(o, recommend_why_t_str(r, "id"));
	recommend_why_t_more(o, r, "version", "version");
	recommend_why_t_more(o, r, "guideline", "guideline");
	recommend_why_t_more(o, r, "pmids", "PMID");
	grx_str_addc(o, '\n');
	recommend_why_t_line(o, 1, "source", recommend_why_t_str(r, "source"));
	recommend_why_t_line(o, 1, "table", recommend_why_t_str(r, "table"));
	if (json_is_true(json_object_get(r, "verify")))
		recommend_why_t_line(o, 1, "caution", "simplified row: compare with the guideline");
	if (other_tables)
		recommend_why_t_line(o, 1, "caution", "the rule tables at hand are not those of this advice");
	recommend_why_t_line(o, 1, "when", recommend_why_t_str(r, "when"));
	json_array_foreach(json_object_get(r, "terms"), i, t)
	{
		const char *found = recommend_why_t_str(t, "found");

		recommend_why_t_title(
			o, 2, recommend_why_t_str(t, "holds") ? recommend_why_t_str(t, "holds") : "?");
		grx_str_addf(o, "%s%s%s\n", recommend_why_t_str(t, "text"), found ? "   found: " : "",
			found ? found : "");
	}
}

static void advice(struct grx_str *o, const json_t *a)
{
	const char *kind = recommend_why_t_str(a, "kind"), *value = recommend_why_t_str(a, "value");
	const json_t *r = json_object_get(a, "rule");

	grx_str_addc(o, '\n');
	if (grx_streq(kind, "recommendation")) {
		grx_str_addf(o, "%s (level %s)", value ? value : "?",
			recommend_why_t_str(a, "level") ? recommend_why_t_str(a, "level") : "?");
	} else if (grx_streq(kind, "conflict")) {
		grx_str_addf(o, "conflict: most cautious %s", value ? value : "?");
	} else {
		grx_str_addf(o, "no recommendation: %s",
			recommend_why_t_str(a, "reason") ? recommend_why_t_str(a, "reason")
							 : "no reason given");
	}
	recommend_why_t_more(o, a, "strength", "strength");
	recommend_why_t_more(o, a, "population", "population");
	grx_str_addc(o, '\n');
	recommend_why_t_line(o, 1, "advice", recommend_why_t_str(a, "text"));
	recommend_why_t_line(o, 1, "", recommend_why_t_str(a, "text_zh"));
	if (!grx_streq(recommend_why_t_str(a, "actions"), value))
		recommend_why_t_line(o, 1, "actions", recommend_why_t_str(a, "actions"));
	recommend_why_t_line(o, 1, "taken now", recommend_why_t_str(a, "current"));
	recommend_why_t_attrs(o, 1, a);
	if (r)
		rule(o, r, json_is_true(json_object_get(a, "other_tables")));
}

static const json_t *find_gene(const json_t *doc, const char *name)
{
	const json_t *g;
	size_t i;

	json_array_foreach(json_object_get(doc, "genes"), i, g)
	{
		if (grx_streq(recommend_why_t_str(g, "gene"), name))
			return g;
	}
	return NULL;
}

/* The phenoconversion of a gene that changed its result, or NULL. */
static const json_t *converted(const json_t *g)
{
	const json_t *c = json_object_get(g, "phenoconversion");

	return grx_streq(recommend_why_t_str(json_object_get(c, "attrs"), "action"), "converted") ? c : NULL;
}

/* "CYP2D6 Poor Metabolizer; CYP2C19 missing": the link to the genes below. */
static void because(struct grx_str *o, const json_t *doc, const json_t *a)
{
	const json_t *name;
	size_t i;

	recommend_why_t_title(o, 1, "because");
	json_array_foreach(json_object_get(a, "genes"), i, name)
	{
		const json_t *g = find_gene(doc, json_string_value(name)),
			     *p = json_object_get(g, "phenotype");
		const json_t *conv = converted(g);

		grx_str_addf(o, "%s%s ", i ? "; " : "", json_string_value(name));
		if (!p && !json_object_get(g, "diplotype"))
			grx_str_add(o, "no fact of this sample speaks of it");
		else
			recommend_why_t_fact_value(o, conv ? conv : p ? p : json_object_get(g, "diplotype"));
		if (conv)
			grx_str_add(o, " (converted by co-medication)");
	}
	json_array_foreach(json_object_get(a, "because"), i, name)
	{
		grx_str_addf(o, "%s%s", i || json_array_size(json_object_get(a, "genes")) ? "; " : "",
			json_string_value(name));
	}
	grx_str_addc(o, '\n');
}

/* ---- other evidence --------------------------------------------------------------------------------------
 */

static void other(struct grx_str *o, const json_t *f, int depth)
{
	const json_t *b;
	size_t i;

	if (!recommend_why_t_str(f, "fact")) {
		recommend_why_t_locus(o, f);
		return;
	}
	grx_str_addf(o, "%*s%s = ", 2 * depth, "", recommend_why_t_str(f, "fact"));
	recommend_why_t_fact_value(o, f);
	grx_str_addc(o, '\n');
	recommend_why_t_attrs(o, depth + 1, f);
	json_array_foreach(json_object_get(f, "because"), i, b)
	{
		other(o, b, depth + 1);
	}
}

static void files(struct grx_str *o, const json_t *list)
{
	const json_t *f;
	size_t i;

	json_array_foreach(list, i, f)
	{
		if (i == 0)
			grx_str_add(o, "\nread from\n");
		recommend_why_t_line(o, 1,
			recommend_why_t_str(f, "role") ? recommend_why_t_str(f, "role") : "input",
			recommend_why_t_str(f, "path"));
		recommend_why_t_line(o, 2, "sha256", recommend_why_t_str(f, "sha256"));
		recommend_why_t_line(o, 2, "told by", recommend_why_t_str(f, "told_by"));
	}
}

static void change(struct grx_str *o, const json_t *c)
{
	bool same = grx_streq(recommend_why_t_str(c, "before"), recommend_why_t_str(c, "after"));

	recommend_why_t_title(o, 1, recommend_why_t_str(c, "what"));
	if (recommend_why_t_str(c, "population"))
		grx_str_addf(o, "%s: ", recommend_why_t_str(c, "population"));
	grx_str_addf(o, "%s -> %s\n", recommend_why_t_str(c, "before"),
		same ? "the same" : recommend_why_t_str(c, "after"));
	if (!grx_streq(recommend_why_t_str(c, "text_before"), recommend_why_t_str(c, "text_after")))
		recommend_why_t_line(o, 2, "", recommend_why_t_str(c, "text_after"));
}

static void what_if(struct grx_str *o, const json_t *w)
{
	const json_t *x;
	size_t i;

	if (!w)
		return;
	grx_str_add(o, "\nwhat if");
	json_array_foreach(json_object_get(w, "set"), i, x)
	{
		bool gene = recommend_why_t_str(x, "gene") != NULL;

		grx_str_addf(o, "%s %s=%s", i ? "," : "", recommend_why_t_str(x, gene ? "gene" : "locus"),
			recommend_why_t_str(x, gene ? "diplotype" : "gt"));
	}
	grx_str_addc(o, '\n');
	json_array_foreach(json_object_get(w, "changes"), i, x)
	{
		change(o, x);
	}
	json_array_foreach(json_object_get(w, "notes"), i, x)
	{
		recommend_why_t_line(o, 1, i ? "" : "note", json_string_value(x));
	}
}

int grx_why_text(struct grx_ctx *cx, const json_t *doc, struct grx_str *out)
{
	const json_t *x;
	size_t i;

	grx_str_add(out, recommend_why_t_str(doc, "drug") ? recommend_why_t_str(doc, "drug") : "?");
	if (recommend_why_t_str(doc, "drug_zh"))
		grx_str_addf(out, " (%s)", recommend_why_t_str(doc, "drug_zh"));
	grx_str_addf(out, ", sample %s\n", recommend_why_t_str(doc, "sample"));
	json_array_foreach(json_object_get(doc, "advice"), i, x)
	{
		advice(out, x);
		because(out, doc, x);
	}
	json_array_foreach(json_object_get(doc, "genes"), i, x)
	{
		recommend_why_t_gene(out, x);
	}
	json_array_foreach(json_object_get(doc, "facts"), i, x)
	{
		if (i == 0)
			grx_str_add(out, "\nother facts\n");
		other(out, x, 1);
	}
	files(out, json_object_get(doc, "files"));
	what_if(out, json_object_get(doc, "what_if"));
	return out->oom ? grx_fail_nomem(cx, "why") : GRX_OK;
}
