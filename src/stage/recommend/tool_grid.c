/* SPDX-License-Identifier: GPL-3.0-or-later
 * tool_grid.c -- the phenotype tables as a grid: each pair of functions, each single function and each
 * activity score that alleles make possible has exactly one phenotype. Sums go over two alleles, and over up
 * to MAX_COPIES where the scores of a gene have no upper end (copies). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "stage/recommend/tool_pheno.h"

enum { MAX_COPIES = 4 };

static bool has_mode(const struct recommend_pheno *p, enum recommend_pheno_mode m)
{
	for (int i = 0; i < p->n_row; i++)
		if (p->row[i].mode == m)
			return true;
	return false;
}

static void told(struct recommend_phenos *tb, const struct recommend_pheno *p, int n,
	const struct recommend_pheno_row *again, const char *what)
{
	struct recommend_place at = {tb->file, 0, 0};

	if (n == 0)
		recommend_find(tb->is, RECOMMEND_S_ERROR, p->n_row ? p->row[0].at : at,
			"%s: gap: no phenotype for %s, expected exactly one row", p->gene, what);
	else if (n > 1)
		recommend_find(tb->is, RECOMMEND_S_ERROR, again->at,
			"%s: overlap: %d rows for %s, expected exactly one", p->gene, n, what);
}

static bool row_is(
	const struct recommend_pheno_row *r, enum recommend_pheno_mode m, const char *a, const char *b)
{
	if (r->mode != m)
		return false;
	if (m == RECOMMEND_M_SINGLE)
		return !strcmp(r->f1, a);
	return (!strcmp(r->f1, a) && !strcmp(r->f2, b)) || (!strcmp(r->f1, b) && !strcmp(r->f2, a));
}

static void functions_check(
	struct recommend_phenos *tb, const struct recommend_pheno *p, enum recommend_pheno_mode m)
{
	for (int i = 0; i < p->function.n; i++) {
		for (int j = i; j < (m == RECOMMEND_M_SINGLE ? i + 1 : p->function.n); j++) {
			const char *a = p->function.v[i], *b = p->function.v[j];
			const struct recommend_pheno_row *last = NULL;
			char what[256];
			int n = 0;

			for (int k = 0; k < p->n_row; k++)
				if (row_is(&p->row[k], m, a, b)) {
					n++;
					last = &p->row[k];
				}
			snprintf(what, sizeof(what), "%s%s%s", a, m == RECOMMEND_M_SINGLE ? " alone" : " + ",
				m == RECOMMEND_M_SINGLE ? "" : b);
			told(tb, p, n, last, what);
		}
	}
}

static void ranges_check(struct recommend_phenos *tb, const struct recommend_pheno *p)
{
	for (int i = 0; i < p->n_row; i++)
		for (int j = 0; j < i; j++) {
			const struct recommend_pheno_row *a = &p->row[j], *b = &p->row[i];

			if (a->mode == RECOMMEND_M_SUM && b->mode == RECOMMEND_M_SUM && a->lo <= b->hi &&
				b->lo <= a->hi)
				recommend_find(tb->is, RECOMMEND_S_ERROR, b->at,
					"%s: overlap: range %g to %g of '%s' crosses %g to %g of '%s'",
					p->gene, b->lo, b->hi, b->phenotype, a->lo, a->hi, a->phenotype);
		}
}

static const struct recommend_pheno_row *sum_row(const struct recommend_pheno *p, double x)
{
	for (int i = 0; i < p->n_row; i++)
		if (p->row[i].mode == RECOMMEND_M_SUM && x >= p->row[i].lo && x <= p->row[i].hi)
			return &p->row[i];
	return NULL;
}

static bool unbounded(const struct recommend_pheno *p)
{
	for (int i = 0; i < p->n_row; i++)
		if (p->row[i].mode == RECOMMEND_M_SUM && isinf(p->row[i].hi))
			return true;
	return false;
}

/* Does activity.tsv of the rules list score x for the phenotype? A table without the gene is not asked. */
static void score_listed(struct recommend_phenos *tb, const struct recommend_pheno *p,
	const struct recommend_pheno_row *r, double x)
{
	const char *file = grx_arena_printf(tb->mem, "%s/activity.tsv", tb->rs->dir);
	bool gene = false;

	for (size_t i = 0; i < tb->rs->n_act; i++) {
		const struct recommend_activity *a = &tb->rs->act[i];

		if (strcmp(a->gene, p->gene) != 0)
			continue;
		gene = true;
		for (const char *s = a->scores; !strcmp(a->phenotype, r->phenotype) && *s; s += *s == '|') {
			size_t n = strcspn(s, "|");
			char buf[32];
			double y;

			snprintf(buf, sizeof(buf), "%.*s", (int)n, s);
			if (grx_parse_f64(buf, &y) && y == x)
				return;
			s += n;
		}
	}
	if (gene)
		recommend_find(tb->is, RECOMMEND_S_ERROR, (struct recommend_place){file ? file : "", 0, 0},
			"%s: score %g of '%s' can be reached but is not listed", p->gene, x, r->phenotype);
}

/* Score x, reached or halved by a co-medication, lies in one class of score_classes.tsv; unless halved, in
 * that of its phenotype. A table without the gene is not asked. */
static void class_check(struct recommend_phenos *tb, const struct recommend_pheno *p, double x, bool halved)
{
	const char *file = grx_arena_printf(tb->mem, "%s/score_classes.tsv", tb->rs->dir);
	struct recommend_place at = {file ? file : "", 0, 0};
	const struct recommend_pheno_row *r = sum_row(p, x);
	const struct recommend_class *in = NULL;
	int n = 0, n_gene = 0;

	for (size_t i = 0; i < tb->rs->n_class; i++) {
		const struct recommend_class *c = &tb->rs->class[i];

		if (strcmp(c->gene, p->gene) != 0)
			continue;
		n_gene++;
		if (x >= c->lo && x <= c->hi) {
			n++;
			in = c;
		}
	}
	if (n_gene && n != 1)
		recommend_find(tb->is, RECOMMEND_S_ERROR, at, "%s: %s: %d classes for score %g, expected one",
			p->gene, n ? "overlap" : "gap", n, x);
	else if (in && r && !halved && strcmp(in->phenotype, r->phenotype) != 0)
		recommend_find(tb->is, RECOMMEND_S_ERROR, at,
			"%s: score %g is '%s' here, but phenotypes.tsv gives '%s'", p->gene, x, in->phenotype,
			r->phenotype);
}

static void sums_check(struct recommend_phenos *tb, const struct recommend_pheno *p)
{
	int max = unbounded(p) ? MAX_COPIES : 2;
	struct recommend_pheno s[2] = {
		{.gene = p->gene}, {.gene = p->gene}}; /* sums of k - 1 and of k alleles */
	const struct recommend_pheno_row *na = NULL;
	int n_na = 0;

	memcpy(s[0].value, p->value, sizeof(p->value));
	s[0].n_value = p->n_value;
	for (int k = 2; k <= max; k++) {
		s[1].n_value = 0;
		for (int i = 0; i < s[0].n_value; i++)
			for (int j = 0; j < p->n_value; j++)
				if (!recommend_pheno_value(&s[1], s[0].value[i] + p->value[j]))
					return;
		for (int i = 0; i < s[1].n_value; i++) {
			const struct recommend_pheno_row *r = sum_row(p, s[1].value[i]);
			char what[64];

			snprintf(what, sizeof(what), "activity score %g", s[1].value[i]);
			told(tb, p, r != NULL, r, what);
			if (r && k == 2)
				score_listed(tb, p, r, s[1].value[i]);
			class_check(tb, p, s[1].value[i], false);
			class_check(tb, p, s[1].value[i] / 2, true);
		}
		s[0] = s[1];
	}
	for (int i = 0; i < p->n_row; i++)
		if (p->row[i].mode == RECOMMEND_M_SUM_NA) {
			n_na++;
			na = &p->row[i];
		}
	if (p->na || n_na)
		told(tb, p, n_na, na, "an activity score that is not available");
}

/* Scores that activity.tsv gives a phenotype lie in its range. */
static void activity_check(struct recommend_phenos *tb, const struct recommend_activity *a)
{
	const char *file = grx_arena_printf(tb->mem, "%s/activity.tsv", tb->rs->dir);
	const struct recommend_pheno *p = recommend_pheno_get(tb, a->gene);

	for (const char *s = a->scores; p && p->n_row && *s; s += *s == '|') {
		size_t n = strcspn(s, "|");
		char buf[32];
		double x;
		const struct recommend_pheno_row *r;

		snprintf(buf, sizeof(buf), "%.*s", (int)n, s);
		s += n;
		if (!grx_parse_f64(buf, &x))
			continue;
		r = sum_row(p, x);
		if (!r || strcmp(r->phenotype, a->phenotype) != 0)
			recommend_find(tb->is, RECOMMEND_S_ERROR,
				(struct recommend_place){file ? file : "", 0, 0},
				"%s: score %s is listed for '%s', but phenotypes.tsv gives '%s'", a->gene,
				buf, a->phenotype, r ? r->phenotype : "none");
	}
}

static void gene_check(struct recommend_phenos *tb, const struct recommend_pheno *p)
{
	if (p->n_row == 0) {
		if (p->function.n)
			recommend_find(tb->is, RECOMMEND_S_NOTE, (struct recommend_place){tb->file, 0, 0},
				"%s: alleles have functions, but no phenotype is defined", p->gene);
		return;
	}
	if (has_mode(p, RECOMMEND_M_PAIR))
		functions_check(tb, p, RECOMMEND_M_PAIR);
	if (has_mode(p, RECOMMEND_M_SINGLE))
		functions_check(tb, p, RECOMMEND_M_SINGLE);
	if (has_mode(p, RECOMMEND_M_SUM) || has_mode(p, RECOMMEND_M_SUM_NA)) {
		ranges_check(tb, p);
		sums_check(tb, p);
	}
}

void recommend_phenos_check(struct recommend_phenos *tb)
{
	for (int i = 0; i < tb->n; i++)
		gene_check(tb, tb->v[i]);
	for (size_t i = 0; i < tb->rs->n_act; i++)
		activity_check(tb, &tb->rs->act[i]);
}
