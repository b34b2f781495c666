/* SPDX-License-Identifier: GPL-3.0-or-later
 * reference.c -- the reference population: people with their risk factors and weights. */
#include <math.h>
#include <string.h>

#include "base/str.h"
#include "io/text.h"
#include "stage/predict/absolute_int.h"

enum { MAX_PEOPLE = 20000, MAX_COL = 64 };

struct reading {
	struct predict_people *p;
	int col[MAX_COL]; /* table column of x[i] */
	int c_weight, c_sex;
};

static bool is_factor(const char *name)
{
	static const char *const other[] = {"sample", "source", "weight", "sex"};
	for (int i = 0; i < 4; i++)
		if (strcmp(name, other[i]) == 0)
			return false;
	return true;
}

static int columns_find(struct grx_ctx *cx, const struct grx_table *t, struct reading *r)
{
	struct predict_people *p = r->p;
	for (int i = 0; i < grx_table_ncol(t); i++) {
		const char *name = grx_table_name(t, i);
		if (!is_factor(name))
			continue;
		if (p->n_col == MAX_COL)
			return grx_fail(
				cx, GRX_E_DATA, "%s: more than %d risk factors", grx_table_path(t), MAX_COL);
		r->col[p->n_col] = i;
		p->name[p->n_col++] = grx_arena_strdup(p->mem, name);
		if (!p->name[p->n_col - 1])
			return grx_fail_nomem(cx, "reference population");
	}
	r->c_weight = grx_table_col(t, "weight");
	r->c_sex = grx_table_col(t, "sex");
	if (p->n_col == 0)
		return grx_fail(cx, GRX_E_DATA, "%s: no column of a risk factor", grx_table_path(t));
	return GRX_OK;
}

static int person_row(struct grx_ctx *cx, const struct grx_table *t, const struct reading *r)
{
	int rc = GRX_E_BUG;
	struct predict_people *p = r->p;
	if (p->n == MAX_PEOPLE)
		return grx_fail(cx, GRX_E_DATA, "%s:%lld: more than %d people; draw a sample of them",
			grx_table_path(t), (long long)grx_table_lineno(t), MAX_PEOPLE);
	GRX_TRY(predict_cell_opt(cx, t, r->c_weight, 1, &p->weight[p->n]));
	if (!(p->weight[p->n] > 0) || !isfinite(p->weight[p->n]))
		return predict_bad_cell(cx, t, r->c_weight, "a weight above 0");
	p->sex[p->n] = -1;
	if (r->c_sex >= 0)
		GRX_TRY(predict_cell_sex(cx, t, r->c_sex, &p->sex[p->n]));
	for (int i = 0; i < p->n_col; i++) {
		const char *s = grx_table_get(t, r->col[i]);
		double *x = &p->x[i][p->n];
		if ((!grx_parse_f64(s, x) && !predict_parse_bool(s, x)) || !isfinite(*x))
			return predict_bad_cell(cx, t, r->col[i],
				"a number, yes or no (people with absent values have to be left out)");
	}
	p->n++;
	rc = GRX_OK;
out:
	return rc;
}

static int people_alloc(struct grx_ctx *cx, struct predict_people *p)
{
	p->mem = grx_arena_new();
	p->name = p->mem ? grx_arena_calloc(p->mem, MAX_COL, sizeof *p->name) : NULL;
	p->x = p->name ? grx_arena_calloc(p->mem, MAX_COL, sizeof *p->x) : NULL;
	p->weight = p->x ? grx_arena_calloc(p->mem, MAX_PEOPLE, sizeof *p->weight) : NULL;
	p->sex = p->weight ? grx_arena_calloc(p->mem, MAX_PEOPLE, sizeof *p->sex) : NULL;
	return p->sex ? GRX_OK : grx_fail_nomem(cx, "reference population");
}

int predict_people_read(struct grx_ctx *cx, const char *path, struct predict_people **out)
{
	int rc = GRX_E_BUG;
	struct grx_table *t = NULL;
	struct predict_people *p = grx_calloc(1, sizeof *p);
	struct reading r = {.p = p};
	bool more = true;
	*out = NULL;
	if (!p)
		return grx_fail_nomem(cx, "reference population");
	GRX_TRY(people_alloc(cx, p));
	GRX_TRY(grx_table_open(cx, path, true, &t));
	GRX_TRY(columns_find(cx, t, &r));
	for (int i = 0; i < p->n_col; i++)
		if (!(p->x[i] = grx_arena_calloc(p->mem, MAX_PEOPLE, sizeof **p->x))) {
			rc = grx_fail_nomem(cx, "reference population");
			goto out;
		}
	for (;;) {
		GRX_TRY(grx_table_next(cx, t, &more));
		if (!more)
			break;
		GRX_TRY(person_row(cx, t, &r));
	}
	if (p->n == 0) {
		rc = grx_fail(cx, GRX_E_DATA, "%s: no row; expected one person a row", path);
		goto out;
	}
	*out = p;
	p = NULL;
	rc = GRX_OK;
out:
	grx_table_close(t);
	predict_people_free(p);
	return rc;
}

void predict_people_free(struct predict_people *p)
{
	if (!p)
		return;
	grx_arena_free(p->mem);
	grx_free(p);
}

int predict_people_col(const struct predict_people *p, const char *name)
{
	for (int i = 0; i < p->n_col; i++)
		if (strcmp(p->name[i], name) == 0)
			return i;
	return -1;
}
