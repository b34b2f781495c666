/* SPDX-License-Identifier: GPL-3.0-or-later
 * tool_pheno.c -- refdata/pgx/phenotypes.tsv as a grid: each pair of functions, each single function and each
 * activity score that alleles.tsv makes possible has exactly one phenotype.
 * Sums go over two alleles, and over up to MAX_COPIES where the scores of a gene have no upper end (copies).
 */
#include <math.h>
#include <string.h>

#include "base/ctx.h"
#include "stage/recommend/tool_pheno.h"

struct recommend_pheno *recommend_pheno_get(struct recommend_phenos *t, const char *gene)
{
	struct recommend_pheno *p;

	for (int i = 0; i < t->n; i++)
		if (!strcmp(t->v[i]->gene, gene))
			return t->v[i];
	if (t->n == t->cap) {
		int cap = t->cap ? 2 * t->cap : 32;
		struct recommend_pheno **v = grx_arena_grow(
			t->mem, t->v, (size_t)t->n, (size_t)cap, sizeof(*v));

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

bool recommend_pheno_value(struct recommend_pheno *p, double x)
{
	for (int i = 0; i < p->n_value; i++)
		if (p->value[i] == x)
			return true;
	if (p->n_value == RECOMMEND_MAX_VALUES)
		return false;
	p->value[p->n_value++] = x;
	return true;
}

/* ---- reading ---- */

static int allele_row(void *arg, struct grx_ctx *cx, struct grx_table *t, const int *col)
{
	struct recommend_phenos *tb = arg;
	const char *f = grx_table_get(t, col[1]), *a = grx_table_get(t, col[2]);
	struct recommend_pheno *p = recommend_pheno_get(tb, grx_table_get(t, col[0]));
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
	else if (!value_parse(a, &x) || x < 0 || !recommend_pheno_value(p, x))
		recommend_find(tb->is, RECOMMEND_S_ERROR, recommend_cell_at(t, col[2]),
			"%s: activity value '%s', expected a number from 0, n/a or '.'", p->gene, a);
	return GRX_OK;
}

/* Bounds of an activity row: both numbers or both '.'. */
static bool bounds_read(
	struct recommend_phenos *tb, struct grx_table *t, const int *col, struct recommend_pheno_row *r)
{
	const char *lo = grx_table_get(t, col[4]), *hi = grx_table_get(t, col[5]);

	if (!strcmp(lo, ".") && !strcmp(hi, ".")) {
		r->mode = RECOMMEND_M_SUM_NA;
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

static bool function_known(const struct recommend_pheno *p, const char *f)
{
	for (int i = 0; i < p->function.n; i++)
		if (!strcmp(p->function.v[i], f))
			return true;
	return false;
}

static bool functions_read(struct recommend_phenos *tb, struct grx_table *t, const int *col,
	const struct recommend_pheno *p, const struct recommend_pheno_row *r)
{
	for (int i = 0; i < 2; i++) {
		const char *f = grx_table_get(t, col[2 + i]);
		bool want = i == 0 ? r->mode != RECOMMEND_M_SUM : r->mode == RECOMMEND_M_PAIR;

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

static int row_push(
	struct recommend_phenos *tb, struct recommend_pheno *p, const struct recommend_pheno_row *r)
{
	if (p->n_row == p->cap_row) {
		int cap = p->cap_row ? 2 * p->cap_row : 16;
		struct recommend_pheno_row *v = grx_arena_grow(
			tb->mem, p->row, (size_t)p->n_row, (size_t)cap, sizeof(*v));

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
	struct recommend_phenos *tb = arg;
	struct recommend_pheno *p = recommend_pheno_get(tb, grx_table_get(t, col[0]));
	struct recommend_pheno_row r = {.mode = RECOMMEND_M_N, .at = recommend_cell_at(t, 0)};

	for (int i = 0; i < 3; i++)
		if (!strcmp(grx_table_get(t, col[1]), name[i]))
			r.mode = (enum recommend_pheno_mode)i;
	if (!p || !(r.at.file = tb->file = grx_arena_strdup(tb->mem, r.at.file)))
		return grx_fail_nomem(cx, "phenotypes");
	if (r.mode == RECOMMEND_M_N) {
		recommend_find(tb->is, RECOMMEND_S_ERROR, recommend_cell_at(t, col[1]),
			"%s: mode '%s', expected function_pair, function_single or activity_sum", p->gene,
			grx_table_get(t, col[1]));
		return GRX_OK;
	}
	if (!functions_read(tb, t, col, p, &r) || (r.mode == RECOMMEND_M_SUM && !bounds_read(tb, t, col, &r)))
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

int recommend_check_phenotypes(
	struct grx_ctx *cx, const struct recommend_rules *rs, struct recommend_issues *is)
{
	static const char *const ca[] = {"gene", "function", "activity_value"}, *const cp[] = {"gene", "mode",
											"function_1",
											"function_2",
											"activity_min",
											"activity_max",
											"phenotype"};
	struct recommend_phenos tb = {
		.rs = rs, .is = is, .mem = grx_arena_new(), .file = "pgx/phenotypes.tsv"};
	char *alleles = grx_refdata_path(cx, "pgx/alleles.tsv");
	char *phenotypes = grx_refdata_path(cx, "pgx/phenotypes.tsv");
	struct grx_ctx probe;
	int rc;

	grx_ctx_child(cx, &probe);
	if (!tb.mem || !alleles || !phenotypes)
		rc = grx_fail_nomem(cx, "phenotypes");
	else if ((rc = grx_table_each(&probe, alleles, ca, 3, allele_row, &tb)) == GRX_OK)
		rc = grx_table_each(&probe, phenotypes, cp, 7, phenotype_row, &tb);
	if (!rc)
		recommend_phenos_check(&tb);
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
