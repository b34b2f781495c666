/* SPDX-License-Identifier: GPL-3.0-or-later
 * variant.c -- V(GENE) terms: how many alleles of a gene a sample is known to carry that a database calls
 * pathogenic or likely pathogenic. The annotate stage tells what was found, never that nothing is there, so
 * the count is a lower bound. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "stage/recommend/recommend_int.h"

struct filter {
	char gene[64], what[128]; /* what "" = any */
};

/* "V(GENE)" or "V(GENE,filter)". */
static bool key_split(const char *key, struct filter *f)
{
	size_t n = strlen(key), g;

	if (!grx_starts(key, "V(") || n < 4 || key[n - 1] != ')')
		return false;
	g = strcspn(key + 2, ",)");
	snprintf(f->gene, sizeof(f->gene), "%.*s", (int)g, key + 2);
	f->what[0] = '\0';
	if (key[2 + g] == ',')
		snprintf(f->what, sizeof(f->what), "%.*s", (int)(n - g - 4), key + 3 + g);
	return true;
}

/* Number, among REF and the ALTs of the record, of the allele that the fact's key names; -1 unknown. */
static int allele_number(const struct grx_fact *f)
{
	const char *alt = strrchr(f->key, ':'), *list = f->n_because ? f->because[0].alt : NULL;
	int k = 1;

	for (; alt && list && *list; k++) {
		size_t n = strcspn(list, ",");

		if (strlen(alt + 1) == n && !strncmp(alt + 1, list, n))
			return k;
		list += n + (list[n] == ',');
	}
	return -1;
}

/* Copies of the allele in a genotype such as 0/1, 1|1, 1; *ploidy gets its alleles. One if unreadable, none
 * if it tells of other alleles alone. */
static int copies(const struct grx_fact *f, int *ploidy)
{
	const char *gt = grx_fact_attr_get(f, "gt");
	int k = allele_number(f), n = 0, n_called = 0;

	*ploidy = 0;
	while (gt && *gt) {
		size_t w = strcspn(gt, "/|");
		int64_t a;
		char buf[16];

		snprintf(buf, sizeof(buf), "%.*s", (int)w, gt);
		if (grx_parse_i64(buf, &a)) {
			n += k > 0 ? a == k : a > 0;
			n_called++;
		}
		(*ploidy)++;
		gt += w + (gt[w] != '\0');
	}
	/* without the record's alleles two different ones cannot be told from one twice */
	if (k < 0 && n > 1)
		n = 1;
	return n || n_called ? n : 1;
}

static bool holds(const struct grx_fact *f, const char *attr, const char *what)
{
	const char *v = grx_fact_attr_get(f, attr);

	return v && strcasestr(v, what) != NULL;
}

static bool truncating(const struct grx_fact *f)
{
	static const char *const term[] = {
		"stop_gained", "frameshift", "splice_donor_variant", "splice_acceptor_variant"};

	for (size_t i = 0; i < sizeof(term) / sizeof(term[0]); i++)
		if (holds(f, "consequence", term[i]))
			return true;
	return false;
}

/* Alleles that the finding adds to the count of the filter. */
static int counts(const struct grx_fact *f, const struct filter *w)
{
	const char *gene = grx_fact_attr_get(f, "gene");
	int ploidy, n;

	if (!gene || strcmp(gene, w->gene) != 0 || f->status != GRX_FACT_OK ||
		!holds(f, "clinvar", "pathogenic") || holds(f, "clinvar", "conflicting"))
		return 0;
	n = copies(f, &ploidy);
	if (!strcmp(w->what, "homozygous"))
		return n == 2 && ploidy == 2 ? n : 0;
	if (!strcmp(w->what, "hemizygous"))
		return ploidy == 1 ? n : 0;
	if (!strcmp(w->what, "truncating"))
		return truncating(f) ? n : 0;
	if (*w->what && !holds(f, "hgvsp", w->what) && !holds(f, "hgvsc", w->what) &&
		!strstr(f->key, w->what))
		return 0;
	return n;
}

static int count_key(struct grx_ctx *cx, const struct filter *w, const struct recommend_finding *first,
	struct grx_arena *mem, struct recommend_sample *s, int key)
{
	struct recommend_found *found = &s->found[key];
	struct grx_fact *sum = grx_arena_calloc(mem, 1, sizeof(*sum));
	size_t n_all = 0;

	for (const struct recommend_finding *x = first; x; x = x->next)
		n_all++;
	found->v = grx_arena_calloc(mem, n_all + 1, sizeof(*found->v));
	if (!sum || !found->v)
		return grx_fail_nomem(cx, "findings");
	for (const struct recommend_finding *x = first; x; x = x->next) {
		int n = counts(x->fact, w);

		if (!n)
			continue;
		sum->value.num += n;
		found->v[found->n++] = x->fact;
	}
	sum->value.type = GRX_V_NUM;
	/* a fact of the term's own name, from another tool, stands where nothing was found */
	if (found->n)
		s->fact[key] = sum;
	return GRX_OK;
}

int recommend_findings_index(
	struct grx_ctx *cx, const struct grx_facts *fs, struct grx_arena *mem, struct grx_map *by_sample)
{
	for (size_t i = fs->n; i-- > 0;) {
		struct recommend_finding *x;

		if (!grx_starts(fs->v[i]->key, "variant/"))
			continue;
		x = grx_arena_alloc(mem, 1, sizeof(*x));
		if (!x)
			return grx_fail_nomem(cx, "findings");
		x->fact = fs->v[i];
		x->next = grx_map_get(by_sample, fs->v[i]->sample);
		if (grx_map_set(by_sample, fs->v[i]->sample, x))
			return grx_fail_nomem(cx, "findings");
	}
	return GRX_OK;
}

int recommend_variants_read(struct grx_ctx *cx, const struct recommend_rules *rs,
	const struct recommend_finding *first, struct grx_arena *mem, struct recommend_sample *s)
{
	struct filter w;
	int rc = GRX_OK;

	for (int i = 0; first && i < rs->keys.n && !rc; i++)
		if (key_split(rs->keys.v[i], &w))
			rc = count_key(cx, &w, first, mem, s, i);
	return rc;
}
