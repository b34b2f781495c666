/* SPDX-License-Identifier: GPL-3.0-or-later
 * why_text.c -- an evidence document as lines of text: advice, then each gene down to its loci.
 * Everything printed stands in the document, so that text and JSON cannot disagree. */
#include <jansson.h>
#include <string.h>

#include "stage/recommend/why_int.h"

enum { MAX_MISSING = 12, TITLE = 14 };

static const char *str(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static void title(struct grx_str *o, int depth, const char *name)
{
	grx_str_addf(o, "%*s%-*s ", 2 * depth, "", TITLE, name);
}

static void line(struct grx_str *o, int depth, const char *name, const char *text)
{
	if (!text || !*text)
		return;
	title(o, depth, name);
	grx_str_addf(o, "%s\n", text);
}

/* Text, number or boolean without quotes; members of a list joined by blanks. */
static void scalar(struct grx_str *o, const json_t *v)
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
		scalar(o, x);
	}
}

/* ", title value" when it is there. */
static void more(struct grx_str *o, const json_t *from, const char *key, const char *name)
{
	const json_t *v = json_object_get(from, key);

	if (!v || json_is_null(v) || (json_is_array(v) && !json_array_size(v)))
		return;
	grx_str_addf(o, ", %s ", name);
	scalar(o, v);
}

/* The attributes of a fact, '_' as blank. */
static void attrs(struct grx_str *o, int depth, const json_t *fact)
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
		title(o, depth, name.s ? name.s : key);
		scalar(o, v);
		grx_str_addc(o, '\n');
		o->oom = o->oom || name.oom;
		grx_str_clear(&name);
	}
}

static void fact_value(struct grx_str *o, const json_t *f)
{
	const char *reason = str(f, "reason"), *unit = str(f, "unit");

	if (!json_is_null(json_object_get(f, "value")))
		scalar(o, json_object_get(f, "value"));
	else
		grx_str_add(o, str(f, "status") ? str(f, "status") : "missing");
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

	title(o, 1, "rule");
	grx_str_add(o, str(r, "id"));
	more(o, r, "version", "version");
	more(o, r, "guideline", "guideline");
	more(o, r, "pmids", "PMID");
	grx_str_addc(o, '\n');
	line(o, 1, "source", str(r, "source"));
	line(o, 1, "table", str(r, "table"));
	if (json_is_true(json_object_get(r, "verify")))
		line(o, 1, "caution", "simplified row: compare with the guideline");
	if (other_tables)
		line(o, 1, "caution", "the rule tables at hand are not those of this advice");
	line(o, 1, "when", str(r, "when"));
	json_array_foreach(json_object_get(r, "terms"), i, t)
	{
		const char *found = str(t, "found");

		title(o, 2, str(t, "holds") ? str(t, "holds") : "?");
		grx_str_addf(o, "%s%s%s\n", str(t, "text"), found ? "   found: " : "", found ? found : "");
	}
}

static void advice(struct grx_str *o, const json_t *a)
{
	const char *kind = str(a, "kind"), *value = str(a, "value");
	const json_t *r = json_object_get(a, "rule");

	grx_str_addc(o, '\n');
	if (grx_streq(kind, "recommendation")) {
		grx_str_addf(
			o, "%s (level %s)", value ? value : "?", str(a, "level") ? str(a, "level") : "?");
	} else if (grx_streq(kind, "conflict")) {
		grx_str_addf(o, "conflict: most cautious %s", value ? value : "?");
	} else {
		grx_str_addf(
			o, "no recommendation: %s", str(a, "reason") ? str(a, "reason") : "no reason given");
	}
	more(o, a, "strength", "strength");
	more(o, a, "population", "population");
	grx_str_addc(o, '\n');
	line(o, 1, "advice", str(a, "text"));
	line(o, 1, "", str(a, "text_zh"));
	if (!grx_streq(str(a, "actions"), value))
		line(o, 1, "actions", str(a, "actions"));
	line(o, 1, "taken now", str(a, "current"));
	attrs(o, 1, a);
	if (r)
		rule(o, r, json_is_true(json_object_get(a, "other_tables")));
}

static const json_t *find_gene(const json_t *doc, const char *name)
{
	const json_t *g;
	size_t i;

	json_array_foreach(json_object_get(doc, "genes"), i, g)
	{
		if (grx_streq(str(g, "gene"), name))
			return g;
	}
	return NULL;
}

/* The phenoconversion of a gene that changed its result, or NULL. */
static const json_t *converted(const json_t *g)
{
	const json_t *c = json_object_get(g, "phenoconversion");

	return grx_streq(str(json_object_get(c, "attrs"), "action"), "converted") ? c : NULL;
}

/* "CYP2D6 Poor Metabolizer; CYP2C19 missing": the link to the genes below. */
static void because(struct grx_str *o, const json_t *doc, const json_t *a)
{
	const json_t *name;
	size_t i;

	title(o, 1, "because");
	json_array_foreach(json_object_get(a, "genes"), i, name)
	{
		const json_t *g = find_gene(doc, json_string_value(name)),
			     *p = json_object_get(g, "phenotype");
		const json_t *conv = converted(g);

		grx_str_addf(o, "%s%s ", i ? "; " : "", json_string_value(name));
		if (!p && !json_object_get(g, "diplotype"))
			grx_str_add(o, "no fact of this sample speaks of it");
		else
			fact_value(o, conv ? conv : p ? p : json_object_get(g, "diplotype"));
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

/* ---- genes -----------------------------------------------------------------------------------------------
 */

static void part(struct grx_str *o, const json_t *g, const char *key, const char *name)
{
	const json_t *f = json_object_get(g, key), *p = json_object_get(g, "phenotype");

	if (!f)
		return;
	title(o, 1, name);
	if (f != p && str(f, "reason") && grx_streq(str(f, "reason"), str(p, "reason")))
		grx_str_add(o, "missing for the same reason");
	else
		fact_value(o, f);
	grx_str_addc(o, '\n');
	attrs(o, 2, f);
}

static void locus(struct grx_str *o, const json_t *l)
{
	const char *state = str(l, "state"), *cause = str(l, "cause");

	grx_str_addf(o, "    %s:%lld %s>%s", str(l, "chrom"),
		(long long)json_integer_value(json_object_get(l, "pos")), str(l, "ref") ? str(l, "ref") : "?",
		str(l, "alt") ? str(l, "alt") : "?");
	if (str(l, "name"))
		grx_str_addf(o, " %s", str(l, "name"));
	if (str(l, "gt"))
		grx_str_addf(o, " GT %s", str(l, "gt"));
	static const struct {
		const char *key, *name;
	} part[] = {{"dp", "DP"}, {"gq", "GQ"}, {"ad", "AD"}};

	for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
		if (!json_object_get(l, part[i].key))
			continue;
		grx_str_addf(o, " %s ", part[i].name);
		scalar(o, json_object_get(l, part[i].key));
	}
	if (grx_streq(state, "missing"))
		grx_str_addf(o, " not assessed: %s", cause ? cause : "?");
	more(o, l, "defines", "variant in");
	grx_str_addc(o, '\n');
}

static void read_line(struct grx_str *o, const char *allele, const json_t *r)
{
	grx_str_addf(o, "        %-6s %s %s %lld MAPQ ", allele, str(r, "name"), str(r, "strand"),
		(long long)json_integer_value(json_object_get(r, "pos")));
	scalar(o, json_object_get(r, "mapq"));
	if (json_object_get(r, "qual")) {
		grx_str_add(o, " BQ ");
		scalar(o, json_object_get(r, "qual"));
	}
	if (str(r, "seen") && strcmp(str(r, "seen"), allele) != 0)
		grx_str_addf(o, " shows %s", str(r, "seen"));
	grx_str_addc(o, '\n');
}

/* What the reads show at one locus. */
static void reads(struct grx_str *o, json_t *rd)
{
	json_t *a;
	const json_t *r;
	const char *why;
	size_t i, k;

	if (!rd)
		return;
	grx_str_add(o, "      reads");
	json_array_foreach(json_object_get(rd, "alleles"), i, a)
	{
		if (grx_streq(str(a, "allele"), "other") && !json_integer_value(json_object_get(a, "n")))
			continue;
		grx_str_addf(o, "%s %s %lld", i ? "," : "", str(a, "allele"),
			(long long)json_integer_value(json_object_get(a, "n")));
		grx_str_addf(o, " (%lld forward, %lld reverse)",
			(long long)json_integer_value(json_object_get(a, "forward")),
			(long long)json_integer_value(json_object_get(a, "reverse")));
	}
	json_object_foreach(json_object_get(rd, "left_out"), why, a)
	{
		grx_str_addf(o, "; left out %lld %s", (long long)json_integer_value(a), why);
	}
	grx_str_addc(o, '\n');
	json_array_foreach(json_object_get(rd, "alleles"), i, a)
	{
		json_int_t n = json_integer_value(json_object_get(a, "n"));
		size_t shown = json_array_size(json_object_get(a, "reads"));

		json_array_foreach(json_object_get(a, "reads"), k, r)
		{
			read_line(o, str(a, "allele"), r);
		}
		if ((json_int_t)shown < n)
			grx_str_addf(o, "        %-6s and %lld more\n", str(a, "allele"),
				(long long)(n - (json_int_t)shown));
	}
}

static void missing_line(struct grx_str *o, const char *cause, const json_t *names)
{
	size_t n = json_array_size(names);

	grx_str_addf(o, "    not assessed (%s) %zu: ", cause, n);
	for (size_t i = 0; i < n && i < MAX_MISSING; i++)
		grx_str_addf(o, "%s%s", i ? ", " : "", json_string_value(json_array_get(names, i)));
	grx_str_addf(o, "%s\n", n > MAX_MISSING ? ", ..." : "");
}

static void loci(struct grx_str *o, const json_t *l)
{
	static const struct {
		const char *key, *name;
	} count[] = {{"n_variant", "with a variant"}, {"n_reference", "reference only"},
		{"n_missing", "not assessed"}};
	const json_t *x;
	json_t *names;
	const char *cause;
	size_t i;

	if (!l)
		return;
	title(o, 1, "loci");
	grx_str_addf(o, "%lld:", (long long)json_integer_value(json_object_get(l, "n")));
	for (i = 0; i < sizeof(count) / sizeof(count[0]); i++)
		grx_str_addf(o, "%s %lld %s", i ? "," : "",
			(long long)json_integer_value(json_object_get(l, count[i].key)), count[i].name);
	grx_str_addc(o, '\n');
	json_array_foreach(json_object_get(l, "shown"), i, x)
	{
		locus(o, x);
		reads(o, json_object_get(x, "reads"));
	}
	json_object_foreach(json_object_get(l, "missing"), cause, names)
	{
		missing_line(o, cause, names);
	}
}

static void gene(struct grx_str *o, const json_t *g)
{
	const json_t *f;
	size_t i;

	grx_str_addf(o, "\n%s", str(g, "gene"));
	if (!json_object_get(g, "phenotype") && !json_object_get(g, "diplotype"))
		grx_str_add(o, ": no fact of this sample speaks of it");
	if (str(g, "status"))
		grx_str_addf(o, ": %s", str(g, "status"));
	grx_str_addc(o, '\n');
	part(o, g, "phenoconversion", "co-medication");
	part(o, g, "phenotype", json_object_get(g, "phenoconversion") ? "genetic" : "phenotype");
	part(o, g, "activity_score",
		json_object_get(g, "phenoconversion") ? "genetic score" : "activity score");
	part(o, g, "diplotype", "diplotype");
	json_array_foreach(json_object_get(g, "further"), i, f)
	{
		title(o, 1, str(f, "key"));
		fact_value(o, f);
		grx_str_addc(o, '\n');
		attrs(o, 2, f);
	}
	loci(o, json_object_get(g, "loci"));
}

/* ---- other evidence --------------------------------------------------------------------------------------
 */

static void other(struct grx_str *o, const json_t *f, int depth)
{
	const json_t *b;
	size_t i;

	if (!str(f, "fact")) {
		locus(o, f);
		return;
	}
	grx_str_addf(o, "%*s%s = ", 2 * depth, "", str(f, "fact"));
	fact_value(o, f);
	grx_str_addc(o, '\n');
	attrs(o, depth + 1, f);
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
		line(o, 1, str(f, "role") ? str(f, "role") : "input", str(f, "path"));
		line(o, 2, "sha256", str(f, "sha256"));
		line(o, 2, "told by", str(f, "told_by"));
	}
}

static void change(struct grx_str *o, const json_t *c)
{
	bool same = grx_streq(str(c, "before"), str(c, "after"));

	title(o, 1, str(c, "what"));
	if (str(c, "population"))
		grx_str_addf(o, "%s: ", str(c, "population"));
	grx_str_addf(o, "%s -> %s\n", str(c, "before"), same ? "the same" : str(c, "after"));
	if (!grx_streq(str(c, "text_before"), str(c, "text_after")))
		line(o, 2, "", str(c, "text_after"));
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
		bool gene = str(x, "gene") != NULL;

		grx_str_addf(o, "%s %s=%s", i ? "," : "", str(x, gene ? "gene" : "locus"),
			str(x, gene ? "diplotype" : "gt"));
	}
	grx_str_addc(o, '\n');
	json_array_foreach(json_object_get(w, "changes"), i, x)
	{
		change(o, x);
	}
	json_array_foreach(json_object_get(w, "notes"), i, x)
	{
		line(o, 1, i ? "" : "note", json_string_value(x));
	}
}

int grx_why_text(struct grx_ctx *cx, const json_t *doc, struct grx_str *out)
{
	const json_t *x;
	size_t i;

	grx_str_add(out, str(doc, "drug") ? str(doc, "drug") : "?");
	if (str(doc, "drug_zh"))
		grx_str_addf(out, " (%s)", str(doc, "drug_zh"));
	grx_str_addf(out, ", sample %s\n", str(doc, "sample"));
	json_array_foreach(json_object_get(doc, "advice"), i, x)
	{
		advice(out, x);
		because(out, doc, x);
	}
	json_array_foreach(json_object_get(doc, "genes"), i, x)
	{
		gene(out, x);
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
