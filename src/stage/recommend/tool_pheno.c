/* SPDX-License-Identifier: GPL-3.0-or-later
 * tool_pheno.c -- refdata/pgx/phenotypes.tsv as a grid: each pair of functions, each single function and each
 * activity score that alleles.tsv makes possible has exactly one phenotype.
 * Sums go over two alleles, and over up to MAX_COPIES where the scores of a gene have no upper end (copies).
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/ctx.h"
#include "stage/recommend/tools_int.h"

enum { MAX_VALUES = 512, MAX_COPIES = 4 };
enum mode { M_PAIR, M_SINGLE, M_SUM, M_SUM_NA, M_N };

struct row {
	const char *phenotype, *f1, *f2;
	enum mode mode;
	double lo, hi;
	struct recommend_place at;
};
/* One gene: its rows, and what its alleles can have. */
struct pheno {
	const char *gene;
	int n_row, cap_row;
	struct row *row;
	struct recommend_names function;
	int n_value;
	double value[MAX_VALUES];
	bool na; /* some allele with a function has no number */
};
struct tables {
	const struct recommend_rules *rs;
	struct recommend_issues *is;
	struct grx_arena *mem;
	int n, cap;
	struct pheno **v;
	const char *file; /* phenotypes.tsv */
};

static struct pheno *pheno_get(struct tables *t, const char *gene)
{
	struct pheno *p;

	for (int i = 0; i < t->n; i++)
		if (!strcmp(t->v[i]->gene, gene))
			return t->v[i];
	if (t->n == t->cap) {
		int cap = t->cap ? 2 * t->cap : 32;
		struct pheno **v = grx_arena_grow(t->mem, t->v, (size_t)t->n, (size_t)cap, sizeof(*v));

		if (!v)
			return NULL;
		t->v = v;
		t->cap = cap;
	}
	p = grx_arena_calloc(t->mem, 1, sizeof(*p));
	if (!p || !(p->gene = grx_arena_strdup(t->mem, gene)))
		return NULL;
	return t->v[t->n++] = p;
}

/* "1.5", or ">=3.0" with the sign as one character of UTF-8. */
static bool value_parse(const char *s, double *x)
{
	while (*s == '>' || *s == '=' || (unsigned char)*s >= 0x80)
		s++;
	return grx_parse_f64(s, x);
}

static bool value_add(struct pheno *p, double x)
{
	for (int i = 0; i < p->n_value; i++)
		if (p->value[i] == x)
			return true;
	if (p->n_value == MAX_VALUES)
		return false;
	p->value[p->n_value++] = x;
	return true;
}

/* ---- reading ---- */

static int allele_row(void *arg, struct grx_ctx *cx, struct grx_table *t, const int *col)
{
	struct tables *tb = arg;
	const char *f = grx_table_get(t, col[1]), *a = grx_table_get(t, col[2]);
	struct pheno *p = pheno_get(tb, grx_table_get(t, col[0]));
	double x;

	if (!p)
		return grx_fail_nomem(cx, "functions");
	if (!strcmp(f, "."))
		return GRX_OK;
	if (recommend_intern(tb->mem, &p->function, f, strlen(f)) < 0)
		return grx_fail_nomem(cx, "functions");
	if (!strcmp(a, "."))
		return GRX_OK;
	if (!strcmp(a, "n/a"))
		p->na = true;
	else if (!value_parse(a, &x) || x < 0 || !value_add(p, x))
		recommend_find(tb->is, RECOMMEND_S_ERROR, recommend_cell_at(t, col[2]),
			"%s: activity value '%s', expected a number from 0, n/a or '.'", p->gene, a);
	return GRX_OK;
}

/* Bounds of an activity row: both numbers or both '.'. */
static bool bounds_read(struct tables *tb, struct grx_table *t, const int *col, struct row *r)
{
	const char *lo = grx_table_get(t, col[4]), *hi = grx_table_get(t, col[5]);

	if (!strcmp(lo, ".") && !strcmp(hi, ".")) {
		r->mode = M_SUM_NA;
		return true;
	}
	r->hi = INFINITY;
	if (grx_parse_f64(lo, &r->lo) && (!strcmp(hi, "inf") || grx_parse_f64(hi, &r->hi)) && r->lo >= 0 &&
		r->lo <= r->hi)
		return true;
	recommend_find(tb->is, RECOMMEND_S_ERROR, recommend_cell_at(t, col[4]),
		"%s: activity range '%s' to '%s', expected two numbers, the lower one first (the upper may "
		"be "
		"inf), or two '.'",
		grx_table_get(t, col[0]), lo, hi);
	return false;
}

static bool function_known(const struct pheno *p, const char *f)
{
	for (int i = 0; i < p->function.n; i++)
		if (!strcmp(p->function.v[i], f))
			return true;
	return false;
}

static bool functions_read(
	struct tables *tb, struct grx_table *t, const int *col, const struct pheno *p, const struct row *r)
{
	for (int i = 0; i < 2; i++) {
		const char *f = grx_table_get(t, col[2 + i]);
		bool want = i == 0 ? r->mode != M_SUM : r->mode == M_PAIR;

		if (want ? function_known(p, f) : !strcmp(f, "."))
			continue;
		recommend_find(tb->is, RECOMMEND_S_ERROR, recommend_cell_at(t, col[2 + i]),
			"%s: function '%s', expected %s", p->gene, f,
			want ? "a function that an allele of this gene has in alleles.tsv"
			     : "'.' in this mode");
		return false;
	}
	return true;
}

static int row_push(struct tables *tb, struct pheno *p, const struct row *r)
{
	if (p->n_row == p->cap_row) {
		int cap = p->cap_row ? 2 * p->cap_row : 16;
		struct row *v = grx_arena_grow(tb->mem, p->row, (size_t)p->n_row, (size_t)cap, sizeof(*v));

		if (!v)
			return GRX_E_NOMEM;
		p->row = v;
		p->cap_row = cap;
	}
	p->row[p->n_row++] = *r;
	return GRX_OK;
}

static int phenotype_row(void *arg, struct grx_ctx *cx, struct grx_table *t, const int *col)
{
	static const char *const name[] = {"function_pair", "function_single", "activity_sum"};
	struct tables *tb = arg;
	struct pheno *p = pheno_get(tb, grx_table_get(t, col[0]));
	struct row r = {.mode = M_N, .at = recommend_cell_at(t, 0)};

	for (int i = 0; i < 3; i++)
		if (!strcmp(grx_table_get(t, col[1]), name[i]))
			r.mode = (enum mode)i;
	if (!p || !(r.at.file = tb->file = grx_arena_strdup(tb->mem, r.at.file)))
		return grx_fail_nomem(cx, "phenotypes");
	if (r.mode == M_N) {
		recommend_find(tb->is, RECOMMEND_S_ERROR, recommend_cell_at(t, col[1]),
			"%s: mode '%s', expected function_pair, function_single or activity_sum", p->gene,
			grx_table_get(t, col[1]));
		return GRX_OK;
	}
	if (!functions_read(tb, t, col, p, &r) || (r.mode == M_SUM && !bounds_read(tb, t, col, &r)))
		return GRX_OK;
	r.f1 = grx_arena_strdup(tb->mem, grx_table_get(t, col[2]));
	r.f2 = grx_arena_strdup(tb->mem, grx_table_get(t, col[3]));
	r.phenotype = grx_arena_strdup(tb->mem, grx_table_get(t, col[6]));
	if (!r.f1 || !r.f2 || !r.phenotype || row_push(tb, p, &r))
		return grx_fail_nomem(cx, "phenotypes");
	if (!*r.phenotype)
		recommend_find(tb->is, RECOMMEND_S_ERROR, recommend_cell_at(t, col[6]), "%s: empty phenotype",
			p->gene);
	return GRX_OK;
}

/* ---- checking ---- */

static bool has_mode(const struct pheno *p, enum mode m)
{
	for (int i = 0; i < p->n_row; i++)
		if (p->row[i].mode == m)
			return true;
	return false;
}

static void told(struct tables *tb, const struct pheno *p, int n, const struct row *again, const char *what)
{
	struct recommend_place at = {tb->file, 0, 0};

	if (n == 0)
		recommend_find(tb->is, RECOMMEND_S_ERROR, p->n_row ? p->row[0].at : at,
			"%s: gap: no phenotype for %s, expected exactly one row", p->gene, what);
	else if (n > 1)
		recommend_find(tb->is, RECOMMEND_S_ERROR, again->at,
			"%s: overlap: %d rows for %s, expected exactly one", p->gene, n, what);
}

static bool row_is(const struct row *r, enum mode m, const char *a, const char *b)
{
	if (r->mode != m)
		return false;
	if (m == M_SINGLE)
		return !strcmp(r->f1, a);
	return (!strcmp(r->f1, a) && !strcmp(r->f2, b)) || (!strcmp(r->f1, b) && !strcmp(r->f2, a));
}

static void functions_check(struct tables *tb, const struct pheno *p, enum mode m)
{
	for (int i = 0; i < p->function.n; i++) {
		for (int j = i; j < (m == M_SINGLE ? i + 1 : p->function.n); j++) {
			const char *a = p->function.v[i], *b = p->function.v[j];
			const struct row *last = NULL;
			char what[256];
			int n = 0;

			for (int k = 0; k < p->n_row; k++)
				if (row_is(&p->row[k], m, a, b)) {
					n++;
					last = &p->row[k];
				}
			snprintf(what, sizeof(what), "%s%s%s", a, m == M_SINGLE ? " alone" : " + ",
				m == M_SINGLE ? "" : b);
			told(tb, p, n, last, what);
		}
	}
}

static void ranges_check(struct tables *tb, const struct pheno *p)
{
	for (int i = 0; i < p->n_row; i++)
		for (int j = 0; j < i; j++) {
			const struct row *a = &p->row[j], *b = &p->row[i];

			if (a->mode == M_SUM && b->mode == M_SUM && a->lo <= b->hi && b->lo <= a->hi)
				recommend_find(tb->is, RECOMMEND_S_ERROR, b->at,
					"%s: overlap: range %g to %g of '%s' crosses %g to %g of '%s'",
					p->gene, b->lo, b->hi, b->phenotype, a->lo, a->hi, a->phenotype);
		}
}

static const struct row *sum_row(const struct pheno *p, double x)
{
	for (int i = 0; i < p->n_row; i++)
		if (p->row[i].mode == M_SUM && x >= p->row[i].lo && x <= p->row[i].hi)
			return &p->row[i];
	return NULL;
}

static bool unbounded(const struct pheno *p)
{
	for (int i = 0; i < p->n_row; i++)
		if (p->row[i].mode == M_SUM && isinf(p->row[i].hi))
			return true;
	return false;
}

/* Does activity.tsv of the rules list score x for the phenotype? A table without the gene is not asked. */
static void score_listed(struct tables *tb, const struct pheno *p, const struct row *r, double x)
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
static void class_check(struct tables *tb, const struct pheno *p, double x, bool halved)
{
	const char *file = grx_arena_printf(tb->mem, "%s/score_classes.tsv", tb->rs->dir);
	struct recommend_place at = {file ? file : "", 0, 0};
	const struct row *r = sum_row(p, x);
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

static void sums_check(struct tables *tb, const struct pheno *p)
{
	int max = unbounded(p) ? MAX_COPIES : 2;
	struct pheno s[2] = {{.gene = p->gene}, {.gene = p->gene}}; /* sums of k - 1 and of k alleles */
	const struct row *na = NULL;
	int n_na = 0;

	memcpy(s[0].value, p->value, sizeof(p->value));
	s[0].n_value = p->n_value;
	for (int k = 2; k <= max; k++) {
		s[1].n_value = 0;
		for (int i = 0; i < s[0].n_value; i++)
			for (int j = 0; j < p->n_value; j++)
				if (!value_add(&s[1], s[0].value[i] + p->value[j]))
					return;
		for (int i = 0; i < s[1].n_value; i++) {
			const struct row *r = sum_row(p, s[1].value[i]);
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
		if (p->row[i].mode == M_SUM_NA) {
			n_na++;
			na = &p->row[i];
		}
	if (p->na || n_na)
		told(tb, p, n_na, na, "an activity score that is not available");
}

/* Scores that activity.tsv gives a phenotype lie in its range. */
static void activity_check(struct tables *tb, const struct recommend_activity *a)
{
	const char *file = grx_arena_printf(tb->mem, "%s/activity.tsv", tb->rs->dir);
	const struct pheno *p = pheno_get(tb, a->gene);

	for (const char *s = a->scores; p && p->n_row && *s; s += *s == '|') {
		size_t n = strcspn(s, "|");
		char buf[32];
		double x;
		const struct row *r;

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

static void gene_check(struct tables *tb, const struct pheno *p)
{
	if (p->n_row == 0) {
		if (p->function.n)
			recommend_find(tb->is, RECOMMEND_S_NOTE, (struct recommend_place){tb->file, 0, 0},
				"%s: alleles have functions, but no phenotype is defined", p->gene);
		return;
	}
	if (has_mode(p, M_PAIR))
		functions_check(tb, p, M_PAIR);
	if (has_mode(p, M_SINGLE))
		functions_check(tb, p, M_SINGLE);
	if (has_mode(p, M_SUM) || has_mode(p, M_SUM_NA)) {
		ranges_check(tb, p);
		sums_check(tb, p);
	}
}

int recommend_check_phenotypes(
	struct grx_ctx *cx, const struct recommend_rules *rs, struct recommend_issues *is)
{
	static const char *const ca[] = {"gene", "function", "activity_value"}, *const cp[] = {"gene", "mode",
											"function_1",
											"function_2",
											"activity_min",
											"activity_max",
											"phenotype"};
	struct tables tb = {.rs = rs, .is = is, .mem = grx_arena_new(), .file = "pgx/phenotypes.tsv"};
	char *alleles = grx_refdata_path(cx, "pgx/alleles.tsv");
	char *phenotypes = grx_refdata_path(cx, "pgx/phenotypes.tsv");
	struct grx_ctx probe;
	int rc;

	grx_ctx_child(cx, &probe);
	if (!tb.mem || !alleles || !phenotypes)
		rc = grx_fail_nomem(cx, "phenotypes");
	else if ((rc = grx_table_each(&probe, alleles, ca, 3, allele_row, &tb)) == GRX_OK)
		rc = grx_table_each(&probe, phenotypes, cp, 7, phenotype_row, &tb);
	for (int i = 0; !rc && i < tb.n; i++)
		gene_check(&tb, tb.v[i]);
	for (size_t i = 0; !rc && i < rs->n_act; i++)
		activity_check(&tb, &rs->act[i]);
	/* without the tables of pgx there is no grid to check: that was told with the genes */
	if (rc == GRX_E_NOINPUT)
		rc = GRX_OK;
	else if (rc && probe.err.status)
		grx_ctx_take_error(cx, &probe);
	grx_arena_free(tb.mem);
	grx_free(alleles);
	grx_free(phenotypes);
	return rc;
}
