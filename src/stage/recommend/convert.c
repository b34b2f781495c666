/* SPDX-License-Identifier: GPL-3.0-or-later
 * convert.c -- phenoconversion: what other drugs taken now make of a genetic result.
 * Only what a sourced model says is converted; a drug of moderate or strong effect without a model is told of
 * beside the advice. A gene without a result stays without one. A drug does not convert the result for its
 * own advice: the guideline of a drug that inhibits its own enzyme has that in it. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "stage/recommend/recommend_int.h"

/* Place of word among the n bytes at s, without case; NULL. */
static const char *find(const char *s, size_t n, const char *word)
{
	size_t k = strlen(word);

	for (size_t i = 0; k && i + k <= n; i++)
		if (!strncasecmp(s + i, word, k))
			return s + i;
	return NULL;
}

/* Does a word of taking a drug up stand among the n bytes at s? */
static bool taken_up(const char *s, size_t n)
{
	static const char *const word[] = {"start", "switch", "resum", "改"};

	for (size_t i = 0; i < sizeof(word) / sizeof(word[0]); i++)
		if (find(s, n, word[i]))
			return true;
	return false;
}

/* Words that say of an entry that the drug is not taken now. Not what a drug is taken for ("for allergies"),
 * nor what was given up for another ("aspirin stopped and paroxetine started"). */
static bool not_now(const char *entry, size_t n)
{
	static const char *const begin[] = {"no ", "not ", "never "};
	static const char *const word[] = {
		"stop", "discontinu", "ceased", "allerg", "intoleran", "not taken", "停", "过敏"};
	const char *end = entry + n;

	for (size_t i = 0; i < sizeof(begin) / sizeof(begin[0]); i++)
		if (find(entry, n, begin[i]) == entry)
			return true;
	for (size_t i = 0; i < sizeof(word) / sizeof(word[0]); i++) {
		const char *p = find(entry, n, word[i]);
		bool use = p && p - entry >= 4 && !strncasecmp(p - 4, "for ", 4);

		if (p && !use && !taken_up(p, (size_t)(end - p)))
			return true;
	}
	return false;
}

/* Does an entry name the drug as a whole word? Salts, doses, other names and partners may stand beside it:
 * "paroxetine hydrochloride 20 mg", "codeine/paracetamol". Chinese words have no bounds. */
static bool names_drug(const char *entry, size_t n, const char *drug)
{
	const char *end = entry + n;
	size_t k = strlen(drug);

	for (const char *p = entry; (p = find(p, (size_t)(end - p), drug)) != NULL; p++) {
		bool dash = p > entry && p[-1] == '-'; /* "nor-fluoxetine"; else it marks an item of a list */
		const char *before = dash ? p - 1 : p;
		bool left = before == entry || !isalnum((unsigned char)before[-1]);
		bool right = p + k == end || !isalpha((unsigned char)p[k]);

		if ((unsigned char)*drug >= 0x80 || (left && right))
			return true;
	}
	return false;
}

/* Length of the first entry of a list: up to , ; | the end of a line, or the same marks in Chinese. */
static size_t entry_len(const char *list)
{
	static const char *const mark[] = {"，", "；", "、"};
	size_t n = strcspn(list, ",;|\n");

	for (size_t i = 0; i < sizeof(mark) / sizeof(mark[0]); i++) {
		const char *p = find(list, n, mark[i]);

		if (p)
			n = (size_t)(p - list);
	}
	return n;
}

bool recommend_drug_listed(const char *list, const char *drug)
{
	while (*list) {
		size_t n;

		list += strspn(list, " ,;|\n");
		n = entry_len(list);
		if (names_drug(list, n, drug) && !not_now(list, n))
			return true;
		list += n;
		if ((unsigned char)*list >= 0x80)
			list += 3; /* a Chinese mark */
	}
	return false;
}

bool recommend_taken(const struct grx_facts *fs, const char *sample, const char *drug, const char *zh)
{
	const struct grx_fact *f = grx_facts_find(fs, sample, "clinical/medication");
	const size_t head = strlen("clinical/medication/");
	char key[256];
	bool found = f && f->status == GRX_FACT_OK && f->value.type == GRX_V_STR &&
		     (recommend_drug_listed(f->value.str, drug) ||
			     (zh && *zh && recommend_drug_listed(f->value.str, zh)));

	/* a fact of its own: "drug name", "drug_name", and each with a capital */
	for (int i = 0; i < 4 && !found; i++) {
		int n = snprintf(key, sizeof(key), "clinical/medication/%s", drug);

		if (n < 0 || (size_t)n >= sizeof(key))
			return false;
		for (char *c = key + head; i & 1 && *c; c++)
			if (*c == ' ')
				*c = '_';
		if (i & 2)
			key[head] = (char)toupper((unsigned char)key[head]);
		found = recommend_fact_bool(grx_facts_find(fs, sample, key)) == 1;
	}
	return found;
}

int recommend_comedication_read(struct grx_ctx *cx, const struct recommend_rules *rs,
	const struct grx_facts *fs, struct grx_arena *mem, struct recommend_sample *s)
{
	const char *last = NULL;
	bool taken = false;

	s->taken = grx_arena_calloc(mem, rs->n_perp + 1, sizeof(*s->taken));
	if (!s->taken)
		return grx_fail_nomem(cx, "medication");
	for (size_t i = 0; i < rs->n_perp; i++) {
		/* rows of one drug stand together */
		if (!last || strcmp(last, rs->perp[i].drug) != 0)
			taken = recommend_taken(fs, s->name, rs->perp[i].drug, rs->perp[i].zh);
		last = rs->perp[i].drug;
		if (taken)
			s->taken[s->n_taken++] = &rs->perp[i];
	}
	return GRX_OK;
}

static bool acts_on(const struct recommend_perp *p, const char *gene)
{
	return !strcmp(p->enzyme, gene) || (!strcmp(p->enzyme, "CYP3A") && grx_starts(gene, "CYP3A"));
}

/* Does the drug count for the gene, when the advice is for `but`? */
static bool counts_for(const struct recommend_perp *p, const char *gene, const char *but)
{
	return acts_on(p, gene) && !grx_streq(p->drug, but);
}

static const struct recommend_conv *model_of(
	const struct recommend_rules *rs, const char *gene, const struct recommend_perp *p)
{
	for (size_t i = 0; i < rs->n_conv; i++) {
		const struct recommend_conv *c = &rs->conv[i];

		if (!strcmp(c->gene, gene) && c->inducer == p->inducer && c->strength == p->strength)
			return c->model == RECOMMEND_NOT_MODELLED ? NULL : c;
	}
	return NULL;
}

const struct recommend_perp *recommend_perpetrator(const struct recommend_rules *rs,
	const struct recommend_sample *s, const char *gene, const char *but,
	const struct recommend_conv **model)
{
	const struct recommend_perp *top = NULL;
	bool against = false;

	*model = NULL;
	for (int i = 0; i < s->n_taken; i++)
		if (counts_for(s->taken[i], gene, but) && (!top || s->taken[i]->strength > top->strength))
			top = s->taken[i];
	if (!top)
		return NULL;
	for (int i = 0; i < s->n_taken; i++) {
		const struct recommend_perp *p = s->taken[i];

		against = against || (counts_for(p, gene, but) && p->inducer != top->inducer &&
					     p->strength > RECOMMEND_WEAK);
	}
	if (!against)
		*model = model_of(rs, gene, top);
	return top;
}

static const char *class_of(const struct recommend_rules *rs, const char *gene, double x)
{
	for (size_t i = 0; i < rs->n_class; i++)
		if (!strcmp(rs->class[i].gene, gene) && x >= rs->class[i].lo && x <= rs->class[i].hi)
			return rs->class[i].phenotype;
	return NULL;
}

/* Nearest of the scores that activity.tsv gives for the phenotype: rules name no others. */
static double listed_score(
	const struct recommend_rules *rs, const char *gene, const char *phenotype, double x)
{
	double best = x, dist = -1;

	for (size_t i = 0; i < rs->n_act; i++) {
		if (strcmp(rs->act[i].gene, gene) != 0 || strcmp(rs->act[i].phenotype, phenotype) != 0)
			continue;
		for (const char *s = rs->act[i].scores; *s; s += *s == '|') {
			size_t n = strcspn(s, "|");
			char buf[32];
			double y, d;

			snprintf(buf, sizeof(buf), "%.*s", (int)n, s);
			s += n;
			if (!grx_parse_f64(buf, &y))
				continue;
			d = y > x ? y - x : x - y;
			if (dist < 0 || d < dist) {
				best = y;
				dist = d;
			}
		}
	}
	return best;
}

/* One candidate by a factor on its score; false when it has no score or the scores have no classes. */
static bool score_times(const struct recommend_rules *rs, const char *gene, double factor,
	struct grx_arena *mem, struct recommend_gene *g)
{
	const char *class;

	if (!g->assessed || g->as_kind != RECOMMEND_AS_NUM)
		return false;
	class = class_of(rs, gene, g->as * factor);
	if (!class)
		return false;
	/* ">=3" halved is 1.5 or more: known only when that is all of one class */
	if (g->as_open && factor > 0 && class_of(rs, gene, 1000 * factor) != class)
		return false;
	g->label = grx_arena_alloc(mem, 1, sizeof(*g->label));
	if (!g->label)
		return false;
	g->label[0] = class;
	g->n_label = 1;
	g->as = listed_score(rs, gene, class, g->as * factor);
	g->diplotype = NULL; /* rules on a diplotype speak of the enzyme as it is inherited */
	return true;
}

int recommend_convert_gene(struct grx_ctx *cx, const struct recommend_rules *rs,
	const struct recommend_sample *s, int gene, const char *but, struct grx_arena *mem,
	struct recommend_known *out)
{
	const struct recommend_known *k = &s->gene[gene];
	struct recommend_gene *cand;
	bool all = true;

	*out = *k;
	out->by = recommend_perpetrator(rs, s, rs->genes.v[gene], but, &out->model);
	if (!out->by || !out->model || out->model->model != RECOMMEND_SCORE_TIMES)
		return GRX_OK;
	cand = grx_arena_calloc(mem, (size_t)k->n_cand, sizeof(*cand));
	if (!cand)
		return grx_fail_nomem(cx, "converted results");
	for (int i = 0; i < k->n_cand; i++) {
		cand[i] = k->cand[i];
		all = score_times(rs, rs->genes.v[gene], out->model->factor, mem, &cand[i]) && all;
	}
	if (!all) {
		out->model = NULL; /* no score: how much is not known */
		return GRX_OK;
	}
	out->cand = cand;
	out->genetic = k;
	return GRX_OK;
}

int recommend_convert(struct grx_ctx *cx, const struct recommend_rules *rs, const struct recommend_drug *d,
	const struct recommend_sample *s, struct grx_arena *mem, struct recommend_sample *out, bool *changed)
{
	int rc = GRX_OK;

	*changed = false;
	*out = *s;
	if (!s->n_taken)
		return GRX_OK;
	out->gene = grx_arena_calloc(mem, (size_t)rs->genes.n + 1, sizeof(*out->gene));
	if (!out->gene)
		return grx_fail_nomem(cx, "converted results");
	memcpy(out->gene, s->gene, (size_t)rs->genes.n * sizeof(*out->gene));
	for (int i = 0; i < d->n_gene && !rc; i++) {
		rc = recommend_convert_gene(cx, rs, s, d->gene[i], d->name, mem, &out->gene[d->gene[i]]);
		*changed = *changed || out->gene[d->gene[i]].genetic;
	}
	return rc;
}
