/* SPDX-License-Identifier: GPL-3.0-or-later
 * rates.c -- rates of disease and of death by sex and age, per person-year.
 * A table with a gap or an overlap has no one value at some age, so it is refused as a whole. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "io/text.h"
#include "stage/predict/absolute_int.h"

enum { MAX_ROW = 50000 };

struct rate_row {
	const char *outcome;
	int sex, from, to;
	double rate;
	long long line;
};

struct predict_rates {
	struct grx_arena *mem;
	size_t n, cap;
	struct rate_row *v;
	bool need_outcome;
};

enum { R_SEX, R_FROM, R_TO, R_RATE, R_SOURCE, R_N };

static int cell_age(struct grx_ctx *cx, const struct grx_table *t, int col, int *out)
{
	int64_t x;
	int rc = grx_table_i64(cx, t, col, &x);
	if (rc)
		return rc;
	if (x < 0 || x > PRED_MAX_AGE)
		return predict_bad_cell(cx, t, col, "an age in whole years from 0 to 130");
	*out = (int)x;
	return GRX_OK;
}

static int rate_row(void *arg, struct grx_ctx *cx, struct grx_table *t, const int *col)
{
	struct predict_rates *r = arg;
	int rc = GRX_E_BUG, c = grx_table_col(t, "outcome");
	if (grx_grow(&r->v, &r->cap, r->n + 1, sizeof *r->v, MAX_ROW) != 0)
		return grx_fail_nomem(cx, "rates");
	struct rate_row *v = &r->v[r->n];
	*v = (struct rate_row){.outcome = "any", .line = grx_table_lineno(t)};
	if (c < 0 && r->need_outcome)
		GRX_TRY(grx_table_need(cx, t, "outcome", &c));
	if (c >= 0)
		GRX_TRY(predict_cell_name(cx, r->mem, t, c, &v->outcome));
	GRX_TRY(predict_cell_sex(cx, t, col[R_SEX], &v->sex));
	GRX_TRY(cell_age(cx, t, col[R_FROM], &v->from));
	GRX_TRY(cell_age(cx, t, col[R_TO], &v->to));
	GRX_TRY(grx_table_f64(cx, t, col[R_RATE], &v->rate));
	if (v->to < v->from)
		return predict_bad_cell(cx, t, col[R_TO], "an age not below age_from");
	if (!(v->rate >= 0 && v->rate <= 2))
		return predict_bad_cell(
			cx, t, col[R_RATE], "a rate per person-year from 0 to 2 (not per 1,000 or 100,000)");
	if (!*grx_table_get(t, col[R_SOURCE]))
		return predict_bad_cell(cx, t, col[R_SOURCE], "where the rate comes from");
	r->n++;
	rc = GRX_OK;
out:
	return rc;
}

static int by_place(const void *a, const void *b)
{
	const struct rate_row *x = a, *y = b;
	int d = strcmp(x->outcome, y->outcome);
	if (d == 0)
		d = x->sex - y->sex;
	if (d == 0)
		d = x->from - y->from;
	return d ? d : (x->line > y->line) - (x->line < y->line);
}

static int check_pair(
	struct grx_ctx *cx, const char *path, const struct rate_row *a, const struct rate_row *b)
{
	const char *what = NULL;
	if (strcmp(a->outcome, b->outcome) != 0)
		return GRX_OK;
	if (a->sex != b->sex) /* sorted: any (-1) comes first */
		what = a->sex < 0 ? "a sex besides the 'any' of" : NULL;
	else if (b->from <= a->to)
		what = "ages that overlap";
	else if (b->from > a->to + 1)
		what = "a gap in the ages after";
	if (!what)
		return GRX_OK;
	return grx_fail(cx, GRX_E_DATA,
		"%s:%lld: outcome %s, ages %d to %d: %s line %lld (ages %d to %d); expected each age once, "
		"without gaps",
		path, b->line, b->outcome, b->from, b->to, what, a->line, a->from, a->to);
}

int predict_rates_read(struct grx_ctx *cx, const char *path, bool need_outcome, struct predict_rates **out)
{
	static const char *const name[R_N] = {"sex", "age_from", "age_to", "rate", "source"};
	int rc = GRX_E_BUG;
	struct predict_rates *r = grx_calloc(1, sizeof *r);
	*out = NULL;
	if (!r || !(r->mem = grx_arena_new())) {
		rc = grx_fail_nomem(cx, "rates");
		goto out;
	}
	r->need_outcome = need_outcome;
	GRX_TRY(grx_table_each(cx, path, name, R_N, rate_row, r));
	if (r->n == 0) {
		rc = grx_fail(cx, GRX_E_DATA, "%s: no row; expected rates by sex and age", path);
		goto out;
	}
	qsort(r->v, r->n, sizeof *r->v, by_place);
	for (size_t i = 1; i < r->n; i++)
		GRX_TRY(check_pair(cx, path, &r->v[i - 1], &r->v[i]));
	*out = r;
	r = NULL;
	rc = GRX_OK;
out:
	predict_rates_free(r);
	return rc;
}

void predict_rates_free(struct predict_rates *r)
{
	if (!r)
		return;
	grx_free(r->v);
	grx_arena_free(r->mem);
	grx_free(r);
}

static bool get_of(
	const struct predict_rates *r, const char *outcome, int sex, double *rate, int *first, int *n)
{
	*n = 0;
	for (size_t i = 0; i < r->n; i++) {
		const struct rate_row *v = &r->v[i];
		if (strcmp(v->outcome, outcome) != 0 || (v->sex >= 0 && v->sex != sex))
			continue;
		if (*n == 0)
			*first = v->from;
		for (int age = v->from; age <= v->to; age++)
			rate[(*n)++] = v->rate;
	}
	return *n > 0;
}

bool predict_rates_get(const struct predict_rates *r, const char *outcome, int sex,
	double rate[PRED_MAX_AGE + 1], int *first, int *n)
{
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->v[i].outcome, outcome) == 0)
			return get_of(r, outcome, sex, rate, first, n);
	return get_of(r, "any", sex, rate, first, n);
}
