/* SPDX-License-Identifier: GPL-3.0-or-later
 * why_gene.c -- the part of the evidence document on one gene: phenotype, diplotype, loci.
 * A gene of several copies (CYP2D6) has counts of reads at its loci and no genotypes; a locus with one read
 * in ten or more of an ALT is listed then. A locus is `variant` when an allele other than REF was used,
 * `reference`, or `missing` with its cause; what the diplotype lists as missing stays missing, whatever
 * genotype a record shows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stage/recommend/why_int.h"

const char *recommend_why_gene_of(const char *key, size_t *n)
{
	static const char *const prefix[] = {"pgx/", "recommend/phenoconversion/"};

	for (size_t i = 0; i < sizeof(prefix) / sizeof(prefix[0]); i++) {
		if (!grx_starts(key, prefix[i]))
			continue;
		key += strlen(prefix[i]);
		*n = strcspn(key, "/");
		return key;
	}
	return NULL;
}

void recommend_why_locus(struct recommend_why *w, json_t *o, const struct grx_because *b)
{
	if (!b->chrom)
		return;
	recommend_why_str(w, o, "chrom", b->chrom);
	recommend_why_put(w, o, "pos", json_integer(b->pos));
	recommend_why_str(w, o, "ref", b->ref);
	recommend_why_str(w, o, "alt", b->alt);
	recommend_why_str(w, o, "name", b->name);
	recommend_why_str(w, o, "gt", b->gt);
	if (b->dp >= 0)
		recommend_why_put(w, o, "dp", json_integer(b->dp));
	if (b->gq >= 0)
		recommend_why_put(w, o, "gq", json_integer(b->gq));
	recommend_why_str(w, o, "ad", b->ad);
}

/* Cause in a list "rs1,chr2:3 (low GQ),..."; "" when listed without one, NULL when not listed. */
static const char *listed(struct recommend_why *w, const char *list, const struct grx_because *b)
{
	char at[160];

	snprintf(at, sizeof(at), "%s:%lld", b->chrom, (long long)b->pos);
	while (list && *list) {
		size_t n = strcspn(list, ","), k = strcspn(list, " ,");

		if ((b->name && strlen(b->name) == k && !strncmp(list, b->name, k)) ||
			(strlen(at) == k && !strncmp(list, at, k))) {
			if (n < k + 4) /* " (x)" */
				return "";
			const char *cause = grx_arena_strndup(w->mem, list + k + 2, n - k - 3);

			w->bad = w->bad || !cause;
			return cause ? cause : "";
		}
		list += n + (list[n] == ',');
	}
	return NULL;
}

/* Loci of one gene while they are sorted into kinds. */
struct loci {
	json_t *shown, *missing; /* missing: cause -> array of names */
	const char *list;        /* of missing loci, on the fact; NULL */
	bool counted;            /* the call rests on counts of reads: "." is no lack of evidence */
	int n, n_variant, n_ref, n_missing;
};

/* NULL: the locus has a genotype, or counts that take its place. */
static const char *missing_cause(struct recommend_why *w, const struct loci *l, const struct grx_because *b)
{
	const char *cause;

	if (!b->gt)
		return "no record";
	cause = listed(w, l->list, b);
	if (cause)
		return *cause ? cause : "not used";
	if (l->counted && b->ad && b->dp > 0)
		return NULL;
	return strchr(b->gt, '.') ? "no-call" : NULL;
}

/* By counts "ref,alt,...": fewer than one read in ten of any ALT. */
static bool ref_counts(const char *ad)
{
	long all = strtol(ad, NULL, 10), alt = 0;

	while ((ad = strchr(ad, ',')) != NULL) {
		long n = strtol(++ad, NULL, 10);

		all += n;
		alt = n > alt ? n : alt;
	}
	return alt * 10 < all;
}

static bool all_ref(const char *gt)
{
	return strspn(gt, "0/|") == strlen(gt);
}

static void take(struct recommend_why *w, struct loci *l, const struct grx_because *b)
{
	const char *cause = missing_cause(w, l, b);
	bool counts = !cause && strchr(b->gt, '.') && l->counted && b->ad;
	bool ref = !cause && (counts ? ref_counts(b->ad) : all_ref(b->gt)),
	     has_alt = b->gt && strpbrk(b->gt, "123456789");
	char at[160];

	l->n++;
	l->n_missing += cause != NULL;
	l->n_ref += ref;
	l->n_variant += !cause && !ref;
	if (cause) {
		json_t *names = json_object_get(l->missing, cause);

		if (!names) {
			names = json_array();
			recommend_why_put(w, l->missing, cause, names);
		}
		snprintf(at, sizeof(at), "%s:%lld", b->chrom, (long long)b->pos);
		recommend_why_push(w, names, json_string(b->name ? b->name : at));
	}
	/* a variant that was seen but not believed is worth seeing */
	if (w->opt->all_loci || (!ref && !cause) || (cause && has_alt)) {
		json_t *o = json_object();

		recommend_why_locus(w, o, b);
		recommend_why_put(w, o, "state",
			json_string(cause ? "missing"
				    : ref ? "reference"
					  : "variant"));
		recommend_why_str(w, o, "cause", cause);
		recommend_why_push(w, l->shown, o);
	}
}

static json_t *loci(struct recommend_why *w, const struct grx_fact *dip)
{
	struct loci l = {.shown = json_array(),
		.missing = json_object(),
		.list = grx_fact_attr_get(dip, "missing"),
		.counted = grx_fact_attr_get(dip, "method") != NULL};
	json_t *o = json_object();

	for (int i = 0; i < dip->n_because; i++)
		if (!dip->because[i].fact && dip->because[i].chrom)
			take(w, &l, &dip->because[i]);
	recommend_why_put(w, o, "n", json_integer(l.n));
	recommend_why_put(w, o, "n_variant", json_integer(l.n_variant));
	recommend_why_put(w, o, "n_reference", json_integer(l.n_ref));
	recommend_why_put(w, o, "n_missing", json_integer(l.n_missing));
	recommend_why_put(w, o, "missing", l.missing);
	recommend_why_put(w, o, "shown", l.shown);
	return o;
}

static const struct grx_fact *find(
	struct recommend_why *w, const char *prefix, const char *gene, const char *what)
{
	char key[256];

	snprintf(key, sizeof(key), "%s%s%s", prefix, gene, what);
	return grx_facts_find(w->fs, w->sample, key);
}

/* Links of a fact of a gene that lead outside the gene. */
static void outward(struct recommend_why *w, const struct grx_fact *f)
{
	size_t n;

	for (int i = 0; f && i < f->n_because; i++) {
		const struct grx_fact *to = f->because[i].fact ? grx_facts_by_id(w->fs, f->because[i].fact)
							       : NULL;

		if (to && !recommend_why_gene_of(to->key, &n))
			recommend_why_other(w, to);
	}
}

/* pgx/GENE/... beyond the usual four: a copy number, for one. */
static void further(struct recommend_why *w, const char *gene, json_t *o)
{
	static const char *const usual[] = {"phenotype", "activity_score", "diplotype", "status"};
	json_t *a = json_array();

	for (size_t i = 0; i < w->fs->n; i++) {
		const struct grx_fact *f = w->fs->v[i];
		size_t n;
		const char *g = grx_starts(f->key, "pgx/") ? recommend_why_gene_of(f->key, &n) : NULL;
		bool known = false;

		if (!g || strcmp(f->sample, w->sample) != 0 || strlen(gene) != n || strncmp(g, gene, n) != 0)
			continue;
		for (size_t k = 0; k < sizeof(usual) / sizeof(usual[0]); k++)
			known = known || !strcmp(g + n + (g[n] == '/'), usual[k]);
		if (known)
			continue;
		json_t *x = recommend_why_fact(w, f, NULL);

		recommend_why_str(w, x, "key", g + n + (g[n] == '/'));
		recommend_why_push(w, a, x);
	}
	if (json_array_size(a))
		recommend_why_put(w, o, "further", a);
	else
		json_decref(a);
}

/* What is taken now: a conversion rests on it. */
static void medication(struct recommend_why *w)
{
	for (size_t i = 0; i < w->fs->n; i++)
		if (!strcmp(w->fs->v[i]->sample, w->sample) &&
			grx_starts(w->fs->v[i]->key, "clinical/medication"))
			recommend_why_other(w, w->fs->v[i]);
}

void recommend_why_gene(struct recommend_why *w, const char *gene)
{
	static const char *const skip[] = {"missing", "n_loci", "n_missing", NULL};
	static const char *const what[] = {"phenotype", "activity_score", "diplotype", "status"};
	json_t *o, *have;
	size_t i;

	json_array_foreach(w->genes, i, have)
	{
		if (grx_streq(json_string_value(json_object_get(have, "gene")), gene))
			return;
	}
	o = json_object();
	recommend_why_str(w, o, "gene", gene);
	for (i = 0; i < sizeof(what) / sizeof(what[0]); i++) {
		char tail[32];
		const struct grx_fact *f;

		snprintf(tail, sizeof(tail), "/%s", what[i]);
		f = find(w, "pgx/", gene, tail);
		outward(w, f);
		if (f && !strcmp(what[i], "status"))
			recommend_why_str(w, o, what[i], f->value.type == GRX_V_STR ? f->value.str : NULL);
		else if (f)
			recommend_why_put(w, o, what[i], recommend_why_fact(w, f, skip));
		if (f && !strcmp(what[i], "diplotype"))
			recommend_why_put(w, o, "loci", loci(w, f));
	}
	const struct grx_fact *conv = find(w, "recommend/phenoconversion/", gene, "");

	if (conv) {
		outward(w, conv);
		medication(w);
		recommend_why_put(w, o, "phenoconversion", recommend_why_fact(w, conv, NULL));
	}
	further(w, gene, o);
	recommend_why_push(w, w->genes, o);
}
