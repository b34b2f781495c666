/* SPDX-License-Identifier: GPL-3.0-or-later
 * sample.c -- what the facts of one sample say of each gene that the rules name.
 * A gene is assessed when its phenotype or activity score has a value, when the phenotype is missing but its
 * candidates are listed (ambiguous), or when an HLA type is known. Everything else is "no result", never
 * normal. */
#include "stage/recommend/recommend_int.h"

#include <stdio.h>
#include <string.h>

enum { MAX_CAND = 64 };

/* Where candidates of one gene are collected; post = a list of their probabilities, NULL none. */
struct cands {
	struct grx_ctx *cx;
	struct grx_arena *mem;
	const struct recommend_rules *rs;
	const char *gene, *diplotype;
	bool split; /* a candidate stands for several scores: its probability cannot be shared out */
	bool contradict;
	int n;
	struct recommend_gene v[MAX_CAND];
};

static bool usable(const struct grx_fact *f)
{
	return f && f->status == GRX_FACT_OK && f->value.type != GRX_V_NULL;
}

/* "2.0", ">=3.25" also with the sign as one UTF-8 character, "n/a". */
static enum recommend_as_kind activity_parse(const char *s, size_t n, double *out)
{
	char buf[64];

	while (n && (*s == ' ' || (unsigned char)*s >= 0x80 || *s == '>' || *s == '=')) {
		s++;
		n--;
	}
	if (n == 0 || n >= sizeof(buf))
		return RECOMMEND_AS_ABSENT;
	memcpy(buf, s, n);
	buf[n] = '\0';
	if (!strcmp(buf, "n/a") || !strcmp(buf, "NA"))
		return RECOMMEND_AS_NA;
	return grx_parse_f64(buf, out) ? RECOMMEND_AS_NUM : RECOMMEND_AS_ABSENT;
}

static void activity_set(struct recommend_gene *g, const char *s, size_t n)
{
	g->as_kind = activity_parse(s, n, &g->as);
	g->as_open = g->as_kind == RECOMMEND_AS_NUM && (*s == '>' || (unsigned char)*s >= 0x80);
}

/* Split a phenotype value into the labels that hold at once; HLA labels may also be joined by commas. */
static int labels_split(struct cands *c, const char *s, struct recommend_gene *g)
{
	const char *sep = s[0] == '*' ? ";," : ";";
	int max = 1;

	for (const char *p = s; *p; p++)
		max += strchr(sep, *p) != NULL;
	g->n_label = 0;
	g->label = grx_arena_calloc(c->mem, (size_t)max, sizeof(*g->label));
	if (!g->label)
		return grx_fail_nomem(c->cx, "phenotypes");
	while (*s) {
		size_t n = strcspn(s, sep), k = n;

		while (k && s[k - 1] == ' ')
			k--;
		if (k) {
			g->label[g->n_label] = grx_arena_strndup(c->mem, s, k);
			if (!g->label[g->n_label++])
				return grx_fail_nomem(c->cx, "phenotypes");
		}
		s += n;
		while (*s == ' ' || (*s && strchr(sep, *s)))
			s++;
	}
	return GRX_OK;
}

static int cand_push(struct cands *c, const struct recommend_gene *g)
{
	if (c->n == MAX_CAND)
		return grx_fail(c->cx, GRX_E_DATA,
			"gene %s: more than %d candidate phenotypes and activity scores; resolve the "
			"diplotype first",
			c->gene, MAX_CAND);
	c->v[c->n++] = *g;
	return GRX_OK;
}

/* One candidate per score in a '|' list; only those also in `among` when that is given. */
static int scores_push(struct cands *c, struct recommend_gene g, const char *list, const char *among)
{
	int before = c->n, rc = GRX_OK;

	for (const char *s = list; !rc && *s; s += *s == '|') {
		size_t n = strcspn(s, "|");
		bool in = among == NULL;

		activity_set(&g, s, n);
		for (const char *a = among; a && *a; a += *a == '|') {
			double x = 0;
			enum recommend_as_kind k = activity_parse(a, strcspn(a, "|"), &x);

			in = in || (k == g.as_kind && (k != RECOMMEND_AS_NUM || x == g.as));
			a += strcspn(a, "|");
		}
		if (in)
			rc = cand_push(c, &g);
		s += n;
	}
	if (!rc && c->n == before && among)
		return scores_push(c, g, list, NULL);
	return rc;
}

static const char *table_scores(const struct cands *c, const struct recommend_gene *g)
{
	for (size_t i = 0; i < c->rs->n_act; i++)
		if (g->n_label == 1 && !strcmp(c->rs->act[i].gene, c->gene) &&
			!strcmp(c->rs->act[i].phenotype, g->label[0]))
			return c->rs->act[i].scores;
	return NULL;
}

/* A phenotype whose score is not told: every score that this phenotype can have is a candidate. */
static int expand(struct cands *c, struct recommend_gene *g, const char *among)
{
	const char *list = table_scores(c, g);

	if (list) {
		int before = c->n, rc = scores_push(c, *g, list, among);

		c->split = c->split || c->n - before > 1;
		return rc;
	}
	g->as_kind = g->n_label == 1 && !strcmp(g->label[0], "Indeterminate") ? RECOMMEND_AS_NA
									      : RECOMMEND_AS_ABSENT;
	return cand_push(c, g);
}

/* Candidate scores of an activity fact; NULL when its candidates are phenotype names or there are none. */
static const char *score_list(const struct grx_fact *activity)
{
	const char *list = activity ? grx_fact_attr_get(activity, "candidates") : NULL;
	double x;

	for (const char *s = list; s && *s; s += *s == '|') {
		size_t n = strcspn(s, "|");

		if (activity_parse(s, n, &x) == RECOMMEND_AS_ABSENT)
			return NULL;
		s += n;
	}
	return list && *list ? list : NULL;
}

static bool lists_score(const char *list, double x)
{
	for (; list && *list; list += *list == '|') {
		double y;

		if (activity_parse(list, strcspn(list, "|"), &y) == RECOMMEND_AS_NUM && y == x)
			return true;
		list += strcspn(list, "|");
	}
	return false;
}

/* The phenotype that has the score, when the candidate's own has others: two results that cannot both be
 * true. */
static const char *contradicts(const struct cands *c, const struct recommend_gene *g)
{
	const char *own = table_scores(c, g);

	if (g->as_kind != RECOMMEND_AS_NUM || !own || lists_score(own, g->as))
		return NULL;
	for (size_t i = 0; i < c->rs->n_act; i++)
		if (!strcmp(c->rs->act[i].gene, c->gene) && lists_score(c->rs->act[i].scores, g->as))
			return c->rs->act[i].phenotype;
	return NULL;
}

/* Neither the phenotype nor the score is believed: what each alone would be is a candidate. */
static int both_push(struct cands *c, struct recommend_gene *g, const char *other)
{
	struct recommend_gene o = *g;
	int rc;

	o.label = grx_arena_alloc(c->mem, 1, sizeof(*o.label));
	if (!o.label)
		return grx_fail_nomem(c->cx, "phenotypes");
	o.label[0] = other;
	o.n_label = 1;
	c->split = c->contradict = true;
	g->as_kind = RECOMMEND_AS_ABSENT;
	rc = cand_push(c, &o);
	return rc ? rc : expand(c, g, NULL);
}

/* Score of an unambiguous phenotype: the activity fact, the lookup key, or all that the phenotype allows. */
static int known_push(
	struct cands *c, struct recommend_gene *g, const struct grx_fact *activity, const char *lookup)
{
	const char *other;

	if (usable(activity) && activity->value.type == GRX_V_NUM) {
		g->as_kind = RECOMMEND_AS_NUM;
		g->as = activity->value.num;
	} else if (usable(activity) && activity->value.type == GRX_V_STR) {
		activity_set(g, activity->value.str, strlen(activity->value.str));
	}
	other = contradicts(c, g);
	if (other)
		return both_push(c, g, other);
	if (g->as_kind != RECOMMEND_AS_ABSENT)
		return cand_push(c, g);
	if (score_list(activity)) {
		c->split = true;
		return scores_push(c, *g, score_list(activity), NULL);
	}
	if (lookup && !strchr(lookup, '|')) {
		activity_set(g, lookup, strlen(lookup));
		if (g->as_kind != RECOMMEND_AS_ABSENT)
			return cand_push(c, g);
	}
	return expand(c, g, lookup && strchr(lookup, '|') ? lookup : NULL);
}

static int count_list(const char *s)
{
	int n = s && *s ? 1 : 0;

	for (; s && *s; s++)
		n += *s == '|';
	return n;
}

/* Next number of a "0.97|0.03" list, moving behind it; -1 when it is not a probability. */
static double probability(const char **list)
{
	size_t n = *list ? strcspn(*list, "|") : 0;
	char buf[32];
	double x;

	if (n == 0 || n >= sizeof(buf))
		return -1;
	memcpy(buf, *list, n);
	buf[n] = '\0';
	*list += n + ((*list)[n] == '|');
	return grx_parse_f64(buf, &x) && x >= 0 && x <= 1 ? x : -1;
}

/* Several candidate phenotypes; scores in the same order and number belong to them one by one. */
static int ambiguous_push(
	struct cands *c, const char *list, const struct grx_fact *activity, const char *post)
{
	const char *scores = score_list(activity), *a = scores;
	bool paired = scores && count_list(scores) == count_list(list);
	int rc = GRX_OK;

	if (post && count_list(post) != count_list(list))
		post = NULL;

	for (const char *s = list; !rc && *s; s += *s == '|') {
		struct recommend_gene g = {
			.assessed = true, .diplotype = NULL, .posterior = probability(&post)};
		size_t n = strcspn(s, "|");
		char *label = grx_arena_strndup(c->mem, s, n);

		if (!label)
			return grx_fail_nomem(c->cx, "phenotypes");
		rc = labels_split(c, label, &g);
		if (!rc && paired) {
			size_t k = strcspn(a, "|");

			activity_set(&g, a, k);
			rc = cand_push(c, &g);
			a += k + (a[k] == '|');
		} else if (!rc && usable(activity)) {
			rc = known_push(c, &g, activity, NULL);
		} else if (!rc) {
			rc = expand(c, &g, scores);
		}
		s += n;
	}
	return rc;
}

static int gene_cands(struct cands *c, const struct recommend_known *k)
{
	const struct grx_fact *p = k->phenotype;
	const char *post = p ? grx_fact_attr_get(p, "posterior") : NULL;
	struct recommend_gene g = {
		.assessed = true, .diplotype = c->diplotype, .posterior = probability(&post)};
	const char *list = p && p->status == GRX_FACT_MISSING ? grx_fact_attr_get(p, "candidates") : NULL;
	int rc;

	/* one candidate alone, withheld all the same: something unlisted is possible too */
	if (list && strchr(list, '|'))
		return ambiguous_push(c, list, k->activity, grx_fact_attr_get(p, "candidates_posterior"));
	if (usable(p) && p->value.type == GRX_V_STR && *p->value.str &&
		strcmp(p->value.str, "No Result") != 0) {
		rc = labels_split(c, p->value.str, &g);
		return rc ? rc : known_push(c, &g, k->activity, grx_fact_attr_get(p, "lookup"));
	}
	if (usable(k->activity))
		return known_push(c, &g, k->activity, NULL);
	if (grx_starts(c->gene, "HLA-") && c->diplotype)
		return cand_push(c, &g);
	g.assessed = false;
	return cand_push(c, &g);
}

static const struct grx_fact *gene_fact(
	const struct grx_facts *fs, const char *sample, const char *gene, const char *what)
{
	char key[256];

	snprintf(key, sizeof(key), "pgx/%s/%s", gene, what);
	return grx_facts_find(fs, sample, key);
}

static int gene_read(
	struct cands *c, const struct grx_facts *fs, const char *sample, struct recommend_known *k)
{
	int rc;

	k->phenotype = gene_fact(fs, sample, c->gene, "phenotype");
	k->activity = gene_fact(fs, sample, c->gene, "activity_score");
	k->diplotype = gene_fact(fs, sample, c->gene, "diplotype");
	k->status = gene_fact(fs, sample, c->gene, "status");
	c->diplotype = NULL;
	if (usable(k->diplotype) && k->diplotype->value.type == GRX_V_STR &&
		!strstr(k->diplotype->value.str, " OR "))
		c->diplotype = k->diplotype->value.str;
	c->n = 0;
	c->split = c->contradict = false;
	rc = gene_cands(c, k);
	if (rc)
		return rc;
	k->n_cand = c->n;
	k->ambiguous = c->n > 1;
	k->contradict = c->contradict;
	/* absent counts as "missing": what no read speaks of is not decided by how common it is */
	k->evidence = k->phenotype && !c->split &&
		      grx_streq(grx_fact_attr_get(k->phenotype, "candidates_basis"), "evidence");
	k->cand = grx_arena_calloc(c->mem, (size_t)c->n, sizeof(*k->cand));
	if (!k->cand)
		return grx_fail_nomem(c->cx, "gene states");
	memcpy(k->cand, c->v, (size_t)c->n * sizeof(*k->cand));
	return GRX_OK;
}

int recommend_sample_read(struct grx_ctx *cx, const struct recommend_rules *rs, const struct grx_facts *fs,
	const struct recommend_ask *ask, const char *name, struct grx_arena *mem, struct recommend_sample *s)
{
	struct cands *c = grx_arena_calloc(mem, 1, sizeof(*c));
	int rc;

	memset(s, 0, sizeof(*s));
	s->name = name;
	s->gene = grx_arena_calloc(mem, (size_t)rs->genes.n + 1, sizeof(*s->gene));
	s->fact = grx_arena_calloc(mem, (size_t)rs->keys.n + 1, sizeof(*s->fact));
	s->found = grx_arena_calloc(mem, (size_t)rs->keys.n + 1, sizeof(*s->found));
	if (!c || !s->gene || !s->fact || !s->found)
		return grx_fail_nomem(cx, "sample");
	c->cx = cx;
	c->mem = mem;
	c->rs = rs;
	for (int i = 0; i < rs->genes.n; i++) {
		c->gene = rs->genes.v[i];
		rc = gene_read(c, fs, name, &s->gene[i]);
		if (rc)
			return grx_fail_add(cx, rc, "sample %s", name);
	}
	for (int i = 0; i < rs->keys.n; i++)
		s->fact[i] = grx_facts_find(fs, name, rs->keys.v[i]);
	rc = recommend_variants_read(
		cx, rs, ask && ask->findings ? grx_map_get(ask->findings, name) : NULL, mem, s);
	if (!rc)
		rc = recommend_populations_read(cx, rs, ask, mem, s);
	return rc ? rc : recommend_comedication_read(cx, rs, fs, mem, s);
}
