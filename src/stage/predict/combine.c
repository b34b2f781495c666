/* SPDX-License-Identifier: GPL-3.0-or-later
 * combine.c -- a polygenic score on top of a clinical risk, without refitting the clinical model:
 * lp' = lp + b z - ln E[exp(b Z)], Z ~ N(0,1) in the population the score was standardised in, so E[exp(b Z)]
 * = exp(b^2 / 2). The correction keeps calibration in the large: without it the mean risk would rise. It
 * takes the effect b as independent of the clinical predictors; an effect adjusted for them belongs in the
 * table. */
#include <math.h>

#include "io/text.h"
#include "stage/predict/predict_int.h"

double predict_combine(double lp, double log_hr, double z)
{
	return lp + log_hr * z - log_hr * log_hr / 2;
}

double predict_probability(double lp)
{
	return 1 / (1 + exp(-lp));
}

enum { E_SCORE, E_OUTCOME, E_HORIZON, E_MEAN, E_SD, E_HR, E_SOURCE, E_N };

static int effect_row(void *arg, struct grx_ctx *cx, struct grx_table *t, const int *col)
{
	struct predict_effects *es = arg;
	int rc = GRX_E_BUG;
	if (grx_grow(&es->v, &es->cap, es->n + 1, sizeof *es->v, 100000) != 0)
		return grx_fail_nomem(cx, "score effects");
	struct predict_effect *e = &es->v[es->n];
	*e = (struct predict_effect){.score_id = grx_arena_strdup(es->mem, grx_table_get(t, col[E_SCORE])),
		.outcome = grx_arena_strdup(es->mem, grx_table_get(t, col[E_OUTCOME])),
		.horizon = grx_arena_strdup(es->mem, grx_table_get(t, col[E_HORIZON])),
		.source = grx_arena_strdup(es->mem, grx_table_get(t, col[E_SOURCE]))};
	if (!e->score_id || !e->outcome || !e->horizon || !e->source)
		return grx_fail_nomem(cx, "score effects");
	GRX_TRY(grx_table_f64(cx, t, col[E_MEAN], &e->mean));
	GRX_TRY(grx_table_f64(cx, t, col[E_SD], &e->sd));
	GRX_TRY(grx_table_f64(cx, t, col[E_HR], &e->log_hr));
	if (!(e->sd > 0) || !(fabs(e->log_hr) < 5)) {
		rc = grx_fail(cx, GRX_E_DATA,
			"%s:%lld: sd %g, log_hr_per_sd %g; expected sd above 0 and an effect within -5..5",
			grx_table_path(t), (long long)grx_table_lineno(t), e->sd, e->log_hr);
		goto out;
	}
	es->n++;
	rc = GRX_OK;
out:
	return rc;
}

int predict_effects_read(struct grx_ctx *cx, const char *path, struct predict_effects **out)
{
	static const char *const name[E_N] = {
		"score_id", "outcome", "horizon", "mean", "sd", "log_hr_per_sd", "source"};
	int rc = GRX_E_BUG;
	struct predict_effects *es = grx_calloc(1, sizeof *es);
	*out = NULL;
	if (!es || !(es->mem = grx_arena_new())) {
		rc = grx_fail_nomem(cx, "score effects");
		goto out;
	}
	GRX_TRY(grx_table_each(cx, path, name, E_N, effect_row, es));
	*out = es;
	es = NULL;
	rc = GRX_OK;
out:
	predict_effects_free(es);
	return rc;
}

void predict_effects_free(struct predict_effects *es)
{
	if (!es)
		return;
	grx_free(es->v);
	grx_arena_free(es->mem);
	grx_free(es);
}
