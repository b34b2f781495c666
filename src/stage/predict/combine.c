/* SPDX-License-Identifier: GPL-3.0-or-later
 * combine.c -- a polygenic score on top of a clinical risk, without refitting the clinical model:
 * lp' = lp + b z - ln E[exp(b Z)], Z ~ N(0,1) in the population the score was standardised in, so E[exp(b Z)]
 * = exp(b^2 / 2). The correction keeps calibration in the large: without it the mean risk would rise. It
 * takes the effect b as independent of the clinical predictors; an effect adjusted for them belongs in the
 * table. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "io/text.h"
#include "math/risk.h"
#include "stage/predict/predict_int.h"

double predict_combine(double lp, double log_hr, double z)
{
	return lp + log_hr * z - log_hr * log_hr / 2;
}

double predict_probability(double lp)
{
	return grx_expit(lp);
}

enum { E_SCORE, E_OUTCOME, E_HORIZON, E_HR, E_SOURCE, E_N };

static int twice(struct grx_ctx *cx, const struct grx_table *t, const struct predict_effects *es)
{
	const struct predict_effect *e = &es->v[es->n];
	for (size_t i = 0; i < es->n; i++)
		if (strcmp(es->v[i].score.id, e->score.id) == 0 &&
			strcmp(es->v[i].outcome, e->outcome) == 0 &&
			strcmp(es->v[i].horizon, e->horizon) == 0)
			return grx_fail(cx, GRX_E_DATA,
				"%s:%lld: score %.60s, outcome %.60s, horizon %.20s given twice; expected "
				"one effect",
				grx_table_path(t), (long long)grx_table_lineno(t), e->score.id, e->outcome,
				e->horizon);
	return GRX_OK;
}

static int effect_row(void *arg, struct grx_ctx *cx, struct grx_table *t, const int *col)
{
	struct predict_effects *es = arg;
	int rc = GRX_E_BUG;
	if (grx_grow(&es->v, &es->cap, es->n + 1, sizeof *es->v, 100000) != 0)
		return grx_fail_nomem(cx, "score effects");
	struct predict_effect *e = &es->v[es->n];
	*e = (struct predict_effect){.outcome = grx_arena_strdup(es->mem, grx_table_get(t, col[E_OUTCOME])),
		.horizon = grx_arena_strdup(es->mem, grx_table_get(t, col[E_HORIZON])),
		.source = grx_arena_strdup(es->mem, grx_table_get(t, col[E_SOURCE]))};
	if (!e->outcome || !e->horizon || !e->source)
		return grx_fail_nomem(cx, "score effects");
	struct predict_score_cols c = {col[E_SCORE], grx_table_col(t, "score_value"),
		grx_table_col(t, "mean"), grx_table_col(t, "sd")};
	GRX_TRY(predict_score_read(cx, es->mem, t, &c, &e->score));
	GRX_TRY(grx_table_f64(cx, t, col[E_HR], &e->log_hr));
	GRX_TRY(predict_cell_opt(cx, t, grx_table_col(t, "se"), 0, &e->se));
	if (!(fabs(e->log_hr) < 5) || !(e->se >= 0 && e->se < 5)) {
		rc = grx_fail(cx, GRX_E_DATA,
			"%s:%lld: log_hr_per_sd %g, se %g; expected an effect within -5..5 and a standard "
			"error "
			"from 0 to 5",
			grx_table_path(t), (long long)grx_table_lineno(t), e->log_hr, e->se);
		goto out;
	}
	GRX_TRY(twice(cx, t, es));
	es->n++;
	rc = GRX_OK;
out:
	return rc;
}

int predict_effects_read(struct grx_ctx *cx, const char *path, struct predict_effects **out)
{
	static const char *const name[E_N] = {"score_id", "outcome", "horizon", "log_hr_per_sd", "source"};
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

int predict_effects_check(
	struct grx_ctx *cx, const char *path, const struct predict_effects *es, const struct predict_model *m)
{
	for (size_t i = 0; i < es->n; i++) {
		const struct predict_effect *e = &es->v[i];
		bool found = false;
		for (size_t k = 0; k < m->n && !found; k++)
			found = strcmp(m->eq[k].outcome, e->outcome) == 0 &&
				strcmp(m->eq[k].horizon, e->horizon) == 0;
		if (!found)
			return grx_fail(cx, GRX_E_DATA,
				"%s: score %.60s: no equation of outcome '%.60s' and horizon '%.20s' that "
				"the "
				"effect could be combined with; expected such as %s, %s",
				path, e->score.id, e->outcome, e->horizon, m->n ? m->eq[0].outcome : "none",
				m->n ? m->eq[0].horizon : "none");
	}
	return GRX_OK;
}

void predict_effects_free(struct predict_effects *es)
{
	if (!es)
		return;
	grx_free(es->v);
	grx_arena_free(es->mem);
	grx_free(es);
}

struct combination {
	double lp;
	const struct predict_effect *e;
};

static double combined_risk(void *arg, double z, int stratum)
{
	const struct combination *c = arg;
	double b = stratum < 0 ? c->e->log_hr : grx_risk_stratum(c->e->log_hr, c->e->se, stratum);
	return predict_probability(predict_combine(c->lp, b, z));
}

static int combined_values(struct predict_run *r, struct grx_fact *f, const struct predict_z *z,
	const struct grx_fact *base, const struct predict_effect *e)
{
	int rc = GRX_E_BUG;
	struct combination c = {.e = e};
	struct grx_risk_spread s = {.has_effect = e->se > 0, .risk = combined_risk, .arg = &c};
	const char *log_odds = grx_fact_attr_get(base, "log_odds");
	if (!log_odds || !grx_parse_f64(log_odds, &c.lp))
		return grx_fail(r->cx, GRX_E_BUG, "%s: no log-odds", base->key);
	GRX_TRY(grx_fact_num_set(r->out, f, combined_risk(&c, z->z, -1), "probability"));
	GRX_TRY(predict_attr_num(r->out, f, "log_odds", predict_combine(c.lp, e->log_hr, z->z)));
	GRX_TRY(predict_attr_num(r->out, f, "log_hr_per_sd", e->log_hr));
	if (e->se > 0)
		GRX_TRY(predict_attr_num(r->out, f, "se", e->se));
	GRX_TRY(predict_attr_num(r->out, f, "base_risk", base->value.num));
	GRX_TRY(predict_interval_set(r, f, z, &s));
	rc = GRX_OK;
out:
	return rc;
}

int predict_combined_fact(struct predict_run *r, const struct predict_eq *eq, const struct predict_effect *e,
	const char *sample)
{
	int rc = GRX_E_BUG;
	struct grx_fact *f;
	struct predict_z z;
	char key[512];
	snprintf(key, sizeof key, "predict/%s/%s/%s", eq->model, eq->horizon, eq->outcome);
	const struct grx_fact *base = grx_facts_find(r->out, sample, key);
	predict_score_get(r, sample, &e->score, &z);
	if (!predict_usable(base)) {
		z.status = base ? base->status : GRX_FACT_MISSING;
		snprintf(z.why, sizeof z.why, "the clinical risk is not known");
	}
	snprintf(
		key, sizeof key, "predict/%s+%.300s/%s/%s", eq->model, e->score.id, eq->horizon, eq->outcome);
	GRX_TRY(predict_fact(r, sample, key, z.status, z.why, &f));
	f->refdata = grx_facts_dup(r->out, e->source);
	if (z.status == GRX_FACT_OK)
		GRX_TRY(combined_values(r, f, &z, base, e));
	if (base)
		GRX_TRY(grx_fact_because_fact(r->out, f, base->id));
	GRX_TRY(predict_score_attrs(r, f, &z));
	rc = GRX_OK;
out:
	return rc;
}
