/* SPDX-License-Identifier: GPL-3.0-or-later
 * why_text_gene.c -- the part of the text on one gene: phenotype, diplotype, loci, single reads. */
#include <string.h>

#include "stage/recommend/why_text.h"

enum { MAX_MISSING = 12 };

static void part(struct grx_str *o, const json_t *g, const char *key, const char *name)
{
	const json_t *f = json_object_get(g, key), *p = json_object_get(g, "phenotype");

	if (!f)
		return;
	recommend_why_t_title(o, 1, name);
	if (f != p && recommend_why_t_str(f, "reason") &&
		grx_streq(recommend_why_t_str(f, "reason"), recommend_why_t_str(p, "reason")))
		grx_str_add(o, "missing for the same reason");
	else
		recommend_why_t_fact_value(o, f);
	grx_str_addc(o, '\n');
	recommend_why_t_attrs(o, 2, f);
}

void recommend_why_t_locus(struct grx_str *o, const json_t *l)
{
	const char *state = recommend_why_t_str(l, "state"), *cause = recommend_why_t_str(l, "cause");

	grx_str_addf(o, "    %s:%lld %s>%s", recommend_why_t_str(l, "chrom"),
		(long long)json_integer_value(json_object_get(l, "pos")),
		recommend_why_t_str(l, "ref") ? recommend_why_t_str(l, "ref") : "?",
		recommend_why_t_str(l, "alt") ? recommend_why_t_str(l, "alt") : "?");
	if (recommend_why_t_str(l, "name"))
		grx_str_addf(o, " %s", recommend_why_t_str(l, "name"));
	if (recommend_why_t_str(l, "gt"))
		grx_str_addf(o, " GT %s", recommend_why_t_str(l, "gt"));
	static const struct {
		const char *key, *name;
	} part[] = {{"dp", "DP"}, {"gq", "GQ"}, {"ad", "AD"}};

	for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
		if (!json_object_get(l, part[i].key))
			continue;
		grx_str_addf(o, " %s ", part[i].name);
		recommend_why_t_scalar(o, json_object_get(l, part[i].key));
	}
	if (grx_streq(state, "missing"))
		grx_str_addf(o, " not assessed: %s", cause ? cause : "?");
	recommend_why_t_more(o, l, "defines", "variant in");
	grx_str_addc(o, '\n');
}

static void read_line(struct grx_str *o, const char *allele, const json_t *r)
{
	grx_str_addf(o, "        %-6s %s %s %lld MAPQ ", allele, recommend_why_t_str(r, "name"),
		recommend_why_t_str(r, "strand"), (long long)json_integer_value(json_object_get(r, "pos")));
	recommend_why_t_scalar(o, json_object_get(r, "mapq"));
	if (json_object_get(r, "qual")) {
		grx_str_add(o, " BQ ");
		recommend_why_t_scalar(o, json_object_get(r, "qual"));
	}
	if (recommend_why_t_str(r, "seen") && strcmp(recommend_why_t_str(r, "seen"), allele) != 0)
		grx_str_addf(o, " shows %s", recommend_why_t_str(r, "seen"));
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
		if (grx_streq(recommend_why_t_str(a, "allele"), "other") &&
			!json_integer_value(json_object_get(a, "n")))
			continue;
		grx_str_addf(o, "%s %s %lld", i ? "," : "", recommend_why_t_str(a, "allele"),
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
			read_line(o, recommend_why_t_str(a, "allele"), r);
		}
		if ((json_int_t)shown < n)
			grx_str_addf(o, "        %-6s and %lld more\n", recommend_why_t_str(a, "allele"),
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
	recommend_why_t_title(o, 1, "loci");
	grx_str_addf(o, "%lld:", (long long)json_integer_value(json_object_get(l, "n")));
	for (i = 0; i < sizeof(count) / sizeof(count[0]); i++)
		grx_str_addf(o, "%s %lld %s", i ? "," : "",
			(long long)json_integer_value(json_object_get(l, count[i].key)), count[i].name);
	grx_str_addc(o, '\n');
	json_array_foreach(json_object_get(l, "shown"), i, x)
	{
		recommend_why_t_locus(o, x);
		reads(o, json_object_get(x, "reads"));
	}
	json_object_foreach(json_object_get(l, "missing"), cause, names)
	{
		missing_line(o, cause, names);
	}
}

void recommend_why_t_gene(struct grx_str *o, const json_t *g)
{
	const json_t *f;
	size_t i;

	grx_str_addf(o, "\n%s", recommend_why_t_str(g, "gene"));
	if (!json_object_get(g, "phenotype") && !json_object_get(g, "diplotype"))
		grx_str_add(o, ": no fact of this sample speaks of it");
	if (recommend_why_t_str(g, "status"))
		grx_str_addf(o, ": %s", recommend_why_t_str(g, "status"));
	grx_str_addc(o, '\n');
	part(o, g, "phenoconversion", "co-medication");
	part(o, g, "phenotype", json_object_get(g, "phenoconversion") ? "genetic" : "phenotype");
	part(o, g, "activity_score",
		json_object_get(g, "phenoconversion") ? "genetic score" : "activity score");
	part(o, g, "diplotype", "diplotype");
	json_array_foreach(json_object_get(g, "further"), i, f)
	{
		recommend_why_t_title(o, 1, recommend_why_t_str(f, "key"));
		recommend_why_t_fact_value(o, f);
		grx_str_addc(o, '\n');
		recommend_why_t_attrs(o, 2, f);
	}
	loci(o, json_object_get(g, "loci"));
}
