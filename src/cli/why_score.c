/* SPDX-License-Identifier: GPL-3.0-or-later
 * why_score.c -- the evidence behind one polygenic score: sum and interval with what it covers, place among a
 * panel, rows by fate, and the largest terms with their genotypes. Everything comes from the facts. */
#include <stdio.h>
#include <string.h>

#include "cli/why.h"
#include "genorx/genorx.h"

/* Facts of a score in the order of the document; value, and with it lo and hi. */
static const char *const part[] = {"sum", "avg", "percentile", "z_pop", "z_norm1", "z_norm2", "coverage",
	"coverage_weight", "coverage_variance"};
static const char *const person[] = {"similar", "distance", "distance_quantile"};

static bool put(json_t *o, const char *key, json_t *v)
{
	return json_object_set_new(o, key, v) == 0;
}

static bool put_fact(json_t *to, const char *name, const struct grx_fact *f)
{
	json_t *o = json_object(), *attrs = json_object();
	bool ok = put(to, name, o) && put(o, "fact", json_string(f->id)) &&
		  put(o, "status",
			  json_string(f->status == GRX_FACT_OK        ? "ok"
				      : f->status == GRX_FACT_REFUSED ? "refused"
								      : "missing"));
	if (f->value.type == GRX_V_NUM)
		ok = ok && put(o, "value", json_real(f->value.num));
	else if (f->value.type == GRX_V_STR)
		ok = ok && put(o, "value", json_string(f->value.str));
	if (f->has_lo && f->has_hi)
		ok = ok && put(o, "lo", json_real(f->lo)) && put(o, "hi", json_real(f->hi));
	if (f->n >= 0)
		ok = ok && put(o, "n", json_integer(f->n));
	for (int i = 0; i < f->n_attr; i++)
		if (strcmp(f->attr[i].key, "largest_terms") != 0)
			ok = ok && put(attrs, f->attr[i].key, json_string(f->attr[i].val));
	return put(o, "attrs", attrs) && ok;
}

/* The i-th of "LOCUS:ALLELE=VALUE;...": allele and value. */
static bool term_of(const char *list, int i, struct grx_str *allele, double *value)
{
	const char *end, *eq, *colon;
	for (; list && i > 0; i--)
		list = (list = strchr(list, ';')) ? list + 1 : NULL;
	if (!list)
		return false;
	end = list + strcspn(list, ";");
	for (eq = end; eq > list && *eq != '='; eq--)
		;
	for (colon = eq; colon > list && *colon != ':'; colon--)
		;
	if (colon == list)
		return false;
	struct grx_str num = {0};
	grx_str_addn(&num, eq + 1, (size_t)(end - eq - 1));
	grx_str_addn(allele, colon + 1, (size_t)(eq - colon - 1));
	bool ok = !num.oom && !allele->oom && grx_parse_f64(num.s, value);
	grx_str_clear(&num);
	return ok;
}

static bool put_term(json_t *list, const struct grx_because *b, const char *terms, int i)
{
	json_t *o = json_object();
	struct grx_str allele = {0};
	double value;
	bool ok = json_array_append_new(list, o) == 0 && put(o, "chrom", json_string(b->chrom)) &&
		  put(o, "pos", json_integer(b->pos)) && put(o, "ref", json_string(b->ref)) &&
		  put(o, "alt", json_string(b->alt));
	if (b->name)
		ok = ok && put(o, "name", json_string(b->name));
	if (b->gt)
		ok = ok && put(o, "gt", json_string(b->gt));
	if (b->dp >= 0)
		ok = ok && put(o, "dp", json_integer(b->dp));
	if (b->gq >= 0)
		ok = ok && put(o, "gq", json_integer(b->gq));
	if (b->ad)
		ok = ok && put(o, "ad", json_string(b->ad));
	if (term_of(terms, i, &allele, &value))
		ok = ok && put(o, "effect_allele", json_string(allele.s)) && put(o, "term", json_real(value));
	grx_str_clear(&allele);
	return ok;
}

static const struct grx_fact *find(
	const struct grx_facts *fs, const char *sample, const char *score, const char *what)
{
	char key[512];
	snprintf(key, sizeof key, "prs/%.400s/%s", score, what);
	return grx_facts_find(fs, sample, key);
}

/* "prs/ID" or "prs/ID/sum" and the like: an ID may hold no '/'. */
static void score_of(const char *what, char *id, size_t cap)
{
	what += strlen("prs/");
	snprintf(id, cap, "%.*s", (int)strcspn(what, "/"), what);
}

static int unknown(struct grx_ctx *cx, const struct grx_facts *fs, const char *sample, const char *id)
{
	struct grx_str s = {0};
	int n = 0;
	for (size_t i = 0; i < fs->n && n < 8; i++) {
		const struct grx_fact *f = fs->v[i];
		char one[410];
		if (strcmp(f->sample, sample) != 0 || !grx_starts(f->key, "prs/") ||
			!grx_ends(f->key, "/sum"))
			continue;
		score_of(f->key, one, sizeof one);
		grx_str_addf(&s, "%s%s", n++ ? ", " : "", one);
	}
	int rc = grx_fail(cx, GRX_E_USAGE, "no score '%s' of sample %s in the facts; they hold: %s", id,
		sample, s.n ? s.s : "none");
	grx_str_clear(&s);
	return rc;
}

bool why_score_asked(const char *what)
{
	return grx_starts(what, "prs/");
}

int why_score(
	struct grx_ctx *cx, const struct grx_facts *fs, const char *sample, const char *what, json_t **out)
{
	char id[410];
	score_of(what, id, sizeof id);
	const struct grx_fact *sum = find(fs, sample, id, "sum");
	if (!sum)
		return unknown(cx, fs, sample, id);
	json_t *doc = json_object(), *facts = json_object(), *anc = json_object(), *terms = json_array();
	bool ok = put(doc, "format", json_string("genorx-why-score/1")) &&
		  put(doc, "genorx", json_string(GENORX_VERSION)) &&
		  put(doc, "sample", json_string(sample)) && put(doc, "score", json_string(id));
	*out = doc;
	ok = put(doc, "facts", facts) && ok;
	ok = put(doc, "ancestry", anc) && ok;
	ok = put(doc, "terms", terms) && ok;
	ok = put(doc, "files", json_array()) && ok;
	for (size_t i = 0; ok && i < sizeof part / sizeof *part; i++) {
		const struct grx_fact *f = find(fs, sample, id, part[i]);
		ok = !f || put_fact(facts, part[i], f);
	}
	for (size_t i = 0; ok && i < sizeof person / sizeof *person; i++) {
		const struct grx_fact *f = find(fs, sample, "ancestry", person[i]);
		ok = !f || put_fact(anc, person[i], f);
	}
	for (int i = 0; ok && i < sum->n_because; i++)
		ok = sum->because[i].fact ||
		     put_term(terms, &sum->because[i], grx_fact_attr_get(sum, "largest_terms"), i);
	return ok ? GRX_OK : grx_fail_nomem(cx, "the document");
}

/* --- as text --- */

static const char *str(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));
	return s ? s : "";
}

static const char *attr(const json_t *f, const char *key)
{
	return str(json_object_get(f, "attrs"), key);
}

static void number(struct grx_str *o, const json_t *v, int digits)
{
	char buf[32];
	grx_str_add(o, grx_fmt_g(buf, json_number_value(v), digits));
}

/* Value with its interval, or why there is none. */
static void value(struct grx_str *o, const json_t *f, double unit)
{
	const json_t *v = json_object_get(f, "value"), *lo = json_object_get(f, "lo");
	char buf[32];
	if (!v) {
		grx_str_addf(o, "%s: %s", str(f, "status"), attr(f, "reason"));
		return;
	}
	if (json_is_string(v))
		grx_str_add(o, json_string_value(v));
	else
		grx_str_add(o, grx_fmt_g(buf, json_number_value(v) * unit, unit > 1 ? 4 : 6));
	if (!lo || json_number_value(lo) == json_number_value(json_object_get(f, "hi")))
		return;
	grx_str_add(o, "  (");
	number(o, lo, 5);
	grx_str_add(o, " to ");
	number(o, json_object_get(f, "hi"), 5);
	grx_str_addc(o, ')');
}

static void line(struct grx_str *o, const char *label, const char *text)
{
	if (*text)
		grx_str_addf(o, "  %-18s %s\n", label, text);
}

static void fact_line(struct grx_str *o, const char *label, const json_t *f, double unit)
{
	if (!f)
		return;
	grx_str_addf(o, "  %-18s ", label);
	value(o, f, unit);
	grx_str_add(o, unit > 1 && json_object_get(f, "value") ? " %\n" : "\n");
}

static void sum_text(struct grx_str *o, const json_t *sum)
{
	fact_line(o, "sum", sum, 1);
	const json_t *lo = json_object_get(sum, "lo"), *hi = json_object_get(sum, "hi");
	double level;
	char buf[32];
	if (lo && grx_parse_f64(attr(sum, "level"), &level))
		grx_str_addf(o, "  %-18s %s %%%s\n", "interval", grx_fmt_g(buf, 100 * level, 5),
			json_number_value(lo) == json_number_value(hi)
				? ", of no width: nothing was uncertain that it covers"
				: "");
	line(o, "interval covers", attr(sum, "interval"));
	line(o, "P(above threshold)", attr(sum, "p_above"));
	grx_str_addf(o, "  %-18s %s: %s matched, %s called, %s expected from a frequency, %s missing\n",
		"rows", attr(sum, "n_rows"), attr(sum, "n_matched"), attr(sum, "n_called"),
		attr(sum, "n_imputed"), attr(sum, "n_missing"));
	line(o, "  rows as zero", strcmp(attr(sum, "n_as_zero"), "0") != 0 ? attr(sum, "n_as_zero") : "");
	if (*attr(sum, "uncovered_expected"))
		grx_str_addf(o, "  %-18s %s rows without a record would be expected to add %s\n",
			"  not in the sum", attr(sum, "n_uncovered_expected"),
			attr(sum, "uncovered_expected"));
	line(o, "standardised", attr(sum, "standardised"));
	line(o, "palindromic rows", attr(sum, "palindromes"));
	line(o, "weights", attr(sum, "weight_type"));
}

static void place_text(struct grx_str *o, const json_t *facts, const json_t *anc)
{
	const json_t *p = json_object_get(facts, "percentile"), *s = json_object_get(anc, "similar");
	if (!p && !s) {
		line(o, "place", "not adjusted: no reference panel");
		return;
	}
	fact_line(o, "percentile", p, 1);
	if (p && json_object_get(p, "value"))
		grx_str_addf(o, "  %-18s %lld people of %s, confidence %s\n", "  among",
			(long long)json_integer_value(json_object_get(p, "n")), attr(p, "population"),
			attr(p, "ancestry_confidence"));
	fact_line(o, "z in population", json_object_get(facts, "z_pop"), 1);
	fact_line(o, "z by mean", json_object_get(facts, "z_norm1"), 1);
	fact_line(o, "z by mean and SD", json_object_get(facts, "z_norm2"), 1);
	if (*attr(json_object_get(facts, "z_norm1"), "extrapolated"))
		line(o, "  extrapolated",
			"yes: this person lies beyond the panel's people, z by mean says little");
	fact_line(o, "most similar", s, 1);
	if (s)
		line(o, "  portability", attr(s, "portability"));
	fact_line(o, "distance quantile", json_object_get(anc, "distance_quantile"), 1);
}

static void terms_text(struct grx_str *o, const json_t *doc)
{
	const json_t *t, *terms = json_object_get(doc, "terms");
	size_t i;
	if (json_array_size(terms) == 0) {
		grx_str_add(o, "largest terms: not kept (facts keep them in runs of few samples)\n");
		return;
	}
	grx_str_addf(o, "largest terms (%zu)\n", json_array_size(terms));
	json_array_foreach(terms, i, t)
	{
		char buf[32] = "";
		const json_t *v = json_object_get(t, "term");
		grx_str_addf(o, "  %12s  %s:%lld %s>%s", v ? grx_fmt_g(buf, json_number_value(v), 6) : "",
			str(t, "chrom"), (long long)json_integer_value(json_object_get(t, "pos")),
			str(t, "ref"), str(t, "alt"));
		if (*str(t, "name"))
			grx_str_addf(o, " %s", str(t, "name"));
		if (*str(t, "effect_allele"))
			grx_str_addf(o, " effect allele %s", str(t, "effect_allele"));
		grx_str_addf(o, " GT %s", *str(t, "gt") ? str(t, "gt") : "none");
		if (json_object_get(t, "dp"))
			grx_str_addf(o, " DP %lld", (long long)json_integer_value(json_object_get(t, "dp")));
		if (json_object_get(t, "gq"))
			grx_str_addf(o, " GQ %lld", (long long)json_integer_value(json_object_get(t, "gq")));
		if (*str(t, "ad"))
			grx_str_addf(o, " AD %s", str(t, "ad"));
		grx_str_addc(o, '\n');
	}
}

int why_score_text(struct grx_ctx *cx, const json_t *doc, struct grx_str *o)
{
	const json_t *facts = json_object_get(doc, "facts"), *sum = json_object_get(facts, "sum");
	grx_str_addf(o, "polygenic score %s", str(doc, "score"));
	if (*attr(sum, "trait"))
		grx_str_addf(o, " (%s)", attr(sum, "trait"));
	grx_str_addf(o, ", sample %s\n\n", str(doc, "sample"));
	sum_text(o, sum);
	fact_line(o, "per allele", json_object_get(facts, "avg"), 1);
	fact_line(o, "rows called", json_object_get(facts, "coverage"), 100);
	fact_line(o, "weight called", json_object_get(facts, "coverage_weight"), 100);
	fact_line(o, "variance called", json_object_get(facts, "coverage_variance"), 100);
	place_text(o, facts, json_object_get(doc, "ancestry"));
	grx_str_addc(o, '\n');
	terms_text(o, doc);
	return o->oom ? grx_fail_nomem(cx, "the text") : GRX_OK;
}
