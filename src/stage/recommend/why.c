/* SPDX-License-Identifier: GPL-3.0-or-later
 * why.c -- walk the `because` links of a recommendation down to the loci. */
#include "stage/recommend/why.h"

#include <string.h>
#include <strings.h>

#include "stage/recommend/recommend_int.h"

enum { MAX_DEPTH = 8, MAX_NAMES = 5 };

struct walk {
	const struct grx_facts *fs;
	struct grx_str *out;
};

/* "recommend/codeine/CPIC.codeine.1" -> "codeine", length in *n; NULL for other keys. */
static const char *key_drug(const struct grx_fact *f, size_t *n)
{
	if (!grx_starts(f->key, "recommend/"))
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

static void indent(struct grx_str *o, int depth)
{
	for (int i = 0; i < depth; i++)
		grx_str_add(o, "  ");
}

static void line_attr(struct walk *w, const struct grx_fact *f, const char *key, const char *title)
{
	const char *v = grx_fact_attr_get(f, key);

	if (v)
		grx_str_addf(w->out, "  %-11s%s\n", title, v);
}

static void locus_add(struct walk *w, const struct grx_because *b, int depth)
{
	struct grx_str *o = w->out;

	indent(o, depth);
	grx_str_addf(o, "%s:%lld %s>%s", b->chrom, (long long)b->pos, b->ref ? b->ref : "?",
		b->alt ? b->alt : "?");
	if (b->name)
		grx_str_addf(o, " %s", b->name);
	if (!b->gt)
		grx_str_add(o, " no record: not assessed");
	else
		grx_str_addf(o, " GT %s%s", b->gt, strchr(b->gt, '.') ? " (not called)" : "");
	if (b->dp >= 0)
		grx_str_addf(o, " DP %d", b->dp);
	if (b->gq >= 0)
		grx_str_addf(o, " GQ %d", b->gq);
	if (b->ad)
		grx_str_addf(o, " AD %s", b->ad);
	grx_str_addc(o, '\n');
}

static void value_add(struct grx_str *o, const struct grx_fact *f)
{
	const char *reason = grx_fact_attr_get(f, "reason");
	char buf[32];

	if (f->status != GRX_FACT_OK)
		grx_str_addf(o, "%s%s%s", f->status == GRX_FACT_REFUSED ? "refused" : "missing",
			reason ? ": " : "", reason ? reason : "");
	else if (f->value.type == GRX_V_STR)
		grx_str_add(o, f->value.str);
	else if (f->value.type == GRX_V_BOOL)
		grx_str_add(o, f->value.num != 0 ? "true" : "false");
	else if (f->value.type == GRX_V_NUM)
		grx_str_add(o, grx_fmt_g(buf, f->value.num, 10));
	if (f->status == GRX_FACT_OK && f->unit)
		grx_str_addf(o, " %s", f->unit);
}

/* Attributes of a genetic fact that a reader needs, and who made it. */
static void detail_add(struct grx_str *o, const struct grx_fact *f)
{
	static const char *const keys[] = {
		"candidates", "alternatives", "n_loci", "n_missing", "phased", "undetectable"};
	int n = 0;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *v = grx_fact_attr_get(f, keys[i]);

		if (v && *v)
			grx_str_addf(o, "%s%s=%s", n++ ? ", " : "  [", keys[i], v);
	}
	if (f->stage)
		grx_str_addf(o, "%sby %s%s%s", n++ ? ", " : "  [", f->stage, f->version ? " " : "",
			f->version ? f->version : "");
	if (n)
		grx_str_addc(o, ']');
	grx_str_addc(o, '\n');
}

static void fact_add(struct walk *w, const struct grx_fact *f, int depth)
{
	indent(w->out, depth);
	grx_str_addf(w->out, "%s = ", f->key);
	value_add(w->out, f);
	detail_add(w->out, f);
	if (depth >= MAX_DEPTH) {
		indent(w->out, depth + 1);
		grx_str_add(w->out, "...\n");
		return;
	}
	for (int i = 0; i < f->n_because; i++) {
		const struct grx_because *b = &f->because[i];
		const struct grx_fact *to = b->fact ? grx_facts_by_id(w->fs, b->fact) : NULL;

		if (to) {
			fact_add(w, to, depth + 1);
		} else if (b->fact) {
			indent(w->out, depth + 1);
			grx_str_addf(w->out, "%s (not among the facts given)\n", b->fact);
		} else {
			locus_add(w, b, depth + 1);
		}
	}
}

static void evidence_add(struct walk *w, const struct grx_fact *f)
{
	grx_str_add(w->out,
		f->n_because ? "  because\n" : "  because    no fact of this sample speaks of these genes\n");
	for (int i = 0; i < f->n_because; i++) {
		const struct grx_because *b = &f->because[i];
		const struct grx_fact *to = b->fact ? grx_facts_by_id(w->fs, b->fact) : NULL;

		if (to)
			fact_add(w, to, 2);
		else if (b->fact)
			grx_str_addf(w->out, "    %s (not among the facts given)\n", b->fact);
		else
			locus_add(w, b, 2);
	}
}

static void advice_add(struct walk *w, const struct grx_fact *f)
{
	const char *level = grx_fact_attr_get(f, "level"), *version = grx_fact_attr_get(f, "rule_version");

	grx_str_addf(w->out, "\n%s (level %s)\n", f->value.str ? f->value.str : "?", level ? level : "?");
	line_attr(w, f, "text", "advice");
	line_attr(w, f, "text_zh", "");
	grx_str_addf(w->out, "  rule       %s%s%s\n", f->rule ? f->rule : "?", version ? ", version " : "",
		version ? version : "");
	line_attr(w, f, "when", "when");
	line_attr(w, f, "strength", "strength");
	line_attr(w, f, "population", "population");
	line_attr(w, f, "actions", "actions");
	line_attr(w, f, "source", "source");
	line_attr(w, f, "guideline", "guideline");
	line_attr(w, f, "pmids", "PMIDs");
	if (f->refdata)
		grx_str_addf(w->out, "  table      %s\n", f->refdata);
	if (grx_streq(grx_fact_attr_get(f, "verify"), "1"))
		grx_str_add(w->out, "  caution    simplified row: compare with the guideline\n");
	line_attr(w, f, "incomplete", "unknown");
	line_attr(w, f, "partial", "partial");
	line_attr(w, f, "rules", "same from");
	line_attr(w, f, "current", "taken now");
	evidence_add(w, f);
}

static void none_add(struct walk *w, const struct grx_fact *f)
{
	const char *reason = grx_fact_attr_get(f, "reason");

	grx_str_addf(w->out, "\nno recommendation: %s\n", reason ? reason : "no reason given");
	line_attr(w, f, "possible", "possible");
	line_attr(w, f, "worst", "worst case");
	evidence_add(w, f);
}

static void conflict_add(struct walk *w, const struct grx_fact *f)
{
	grx_str_addf(w->out, "\nconflict: most cautious %s\n", f->value.str ? f->value.str : "?");
	line_attr(w, f, "text", "");
	line_attr(w, f, "population", "population");
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

int grx_why(struct grx_ctx *cx, const struct grx_facts *fs, const char *sample, const char *drug,
	struct grx_str *out)
{
	struct grx_arena *mem = grx_arena_new();
	struct walk w = {.fs = fs, .out = out};
	size_t start = out->n;
	bool found = false;
	int rc = GRX_E_BUG;

	if (!mem) {
		rc = grx_fail_nomem(cx, "why");
		goto out;
	}
	GRX_TRY(sample_pick(cx, fs, mem, &sample));
	for (size_t i = 0; i < fs->n; i++) {
		const struct grx_fact *f = fs->v[i];
		const char *name;

		if (strcmp(f->sample, sample) != 0 || !drug_is(f, drug))
			continue;
		name = grx_fact_attr_get(f, "drug");
		if (!found)
			grx_str_addf(out, "%s, sample %s\n", name ? name : drug, sample);
		found = true;
		if (f->status != GRX_FACT_OK)
			none_add(&w, f);
		else if (f->rule)
			advice_add(&w, f);
		else
			conflict_add(&w, f);
	}
	if (!found) {
		rc = drug_missing(cx, fs, mem, sample, drug);
		goto out;
	}
	rc = out->oom ? grx_fail_nomem(cx, "why") : GRX_OK;
out:
	if (rc && !out->oom && out->s) {
		out->n = start;
		out->s[start] = '\0';
	}
	grx_arena_free(mem);
	return rc;
}
