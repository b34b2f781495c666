/* SPDX-License-Identifier: GPL-3.0-or-later
 * riskmodel.c -- the table of risk models, and what its rows need of the other tables.
 * A person is described by at most one row of a model, outcome and horizon: rows that overlap are an error.
 */
#include <math.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "io/text.h"
#include "stage/predict/absolute_int.h"

enum {
	S_MODEL,
	S_OUTCOME,
	S_HORIZON,
	S_SCORE,
	S_VALUE,
	S_SEX,
	S_FROM,
	S_TO,
	S_KIND,
	S_EFFECT,
	S_SOURCE,
	S_N
};

static const char *const measure_name[MEASURE_N] = {
	"log_or_per_sd", "log_hr_per_sd", "r2_liability", "r2_observed", "auc"};

const char *predict_measure_name(enum predict_measure m)
{
	return measure_name[m];
}

static int read_kind(struct grx_ctx *cx, const struct grx_table *t, int col, struct predict_stratum *s)
{
	for (int i = 0; i < MEASURE_N; i++)
		if (strcmp(grx_table_get(t, col), measure_name[i]) == 0) {
			s->measure = (enum predict_measure)i;
			s->kind = i == MEASURE_LOG_OR   ? KIND_LOG_OR
				  : i == MEASURE_LOG_HR ? KIND_LOG_HR
							: KIND_R2;
			return GRX_OK;
		}
	return predict_bad_cell(cx, t, col, "log_or_per_sd, log_hr_per_sd, r2_liability, r2_observed or auc");
}

/* The measure x as the model uses it; NAN outside its domain. */
static double effect_of(const struct predict_stratum *s, double x)
{
	switch (s->measure) {
	case MEASURE_AUC:
		return grx_auc_to_r2_liability(x, s->k);
	case MEASURE_R2_OBSERVED:
		return grx_r2_observed_to_liability(x, s->k, s->case_share);
	case MEASURE_R2:
		return x >= 0 && x < 1 ? x : NAN;
	default:
		return fabs(x) <= 3 ? x : NAN;
	}
}

static int check_effect(
	struct grx_ctx *cx, const struct grx_table *t, int col, const struct predict_stratum *s)
{
	static const char *const want[MEASURE_N] = {"a log ratio per standard deviation from -3 to 3",
		"a log ratio per standard deviation from -3 to 3", "a share of variance from 0 to below 1",
		"a share of variance from 0, below 1 on the liability scale at this k and case_share",
		"an area from 0.5, below that of a liability explained in full at this k"};
	double x = effect_of(s, s->value);
	return isfinite(x) && (s->kind != KIND_R2 || x < 1) ? GRX_OK
							    : predict_bad_cell(cx, t, col, want[s->measure]);
}

static int read_ages(struct grx_ctx *cx, const struct grx_table *t, const int *col, struct predict_stratum *s)
{
	int rc = GRX_E_BUG;
	double from, to;
	GRX_TRY(predict_cell_opt(cx, t, col[S_FROM], 0, &from));
	GRX_TRY(predict_cell_opt(cx, t, col[S_TO], PRED_MAX_AGE, &to));
	s->any_age = predict_absent(grx_table_get(t, col[S_FROM])) &&
		     predict_absent(grx_table_get(t, col[S_TO]));
	if (from != rint(from) || !(from >= 0 && from <= PRED_MAX_AGE))
		return predict_bad_cell(cx, t, col[S_FROM], "an age in whole years from 0 to 130, or '.'");
	if (to != rint(to) || !(to >= from && to <= PRED_MAX_AGE))
		return predict_bad_cell(
			cx, t, col[S_TO], "an age in whole years from age_from to 130, or '.'");
	s->age_from = (int)from;
	s->age_to = (int)to;
	rc = GRX_OK;
out:
	return rc;
}

static int read_effect(
	struct grx_ctx *cx, const struct grx_table *t, const int *col, struct predict_stratum *s)
{
	int rc = GRX_E_BUG, c_se = grx_table_col(t, "se"), c_k = grx_table_col(t, "k");
	int c_share = grx_table_col(t, "case_share");
	GRX_TRY(read_kind(cx, t, col[S_KIND], s));
	GRX_TRY(grx_table_f64(cx, t, col[S_EFFECT], &s->value));
	GRX_TRY(predict_cell_opt(cx, t, c_se, 0, &s->se));
	GRX_TRY(predict_cell_opt(cx, t, c_k, NAN, &s->k));
	GRX_TRY(predict_cell_opt(cx, t, c_share, NAN, &s->case_share));
	if (!(s->se >= 0 && s->se <= 0.5))
		return predict_bad_cell(cx, t, c_se, "a standard error from 0 to 0.5");
	if (s->kind == KIND_LOG_HR && !isnan(s->k))
		return predict_bad_cell(cx, t, c_k,
			"'.': with log_hr_per_sd the risk comes from the tables of incidence and mortality");
	if (s->kind != KIND_LOG_HR && !(s->k > 0 && s->k < 1))
		return c_k < 0 ? grx_table_need(cx, t, "k", &c_k)
			       : predict_bad_cell(cx, t, c_k,
					 "the risk of the population (prevalence, 10-year, lifetime), above "
					 "0 and below 1");
	if (s->measure == MEASURE_R2_OBSERVED && !(s->case_share > 0 && s->case_share < 1))
		return c_share < 0 ? grx_table_need(cx, t, "case_share", &c_share)
				   : predict_bad_cell(cx, t, c_share,
					     "the share of cases in the study, above 0 and below 1");
	GRX_TRY(check_effect(cx, t, col[S_EFFECT], s));
	rc = GRX_OK;
out:
	return rc;
}

/* "10y" or "to80" */
static int read_horizon(struct grx_ctx *cx, const struct grx_table *t, int col, struct predict_stratum *s)
{
	const char *h = s->horizon;
	char digits[8] = "";
	int64_t x = 0;
	size_t n = strlen(h);
	bool years = n > 1 && n < 5 && h[n - 1] == 'y', to = n > 2 && n < 6 && grx_starts(h, "to");
	s->years = s->to_age = -1;
	if (s->kind != KIND_LOG_HR)
		return GRX_OK;
	if (years)
		memcpy(digits, h, n - 1);
	else if (to)
		memcpy(digits, h + 2, n - 2);
	if (!grx_parse_i64(digits, &x) || x < 1 || x > PRED_MAX_AGE)
		return predict_bad_cell(
			cx, t, col, "years from now (10y) or to an age (to80) with log_hr_per_sd");
	*(years ? &s->years : &s->to_age) = (int)x;
	return GRX_OK;
}

static int check_overlap(struct grx_ctx *cx, const struct grx_table *t, const struct predict_models *m)
{
	const struct predict_stratum *s = &m->v[m->n];
	for (size_t i = 0; i < m->n; i++) {
		const struct predict_stratum *o = &m->v[i];
		if (strcmp(o->model, s->model) != 0 || strcmp(o->outcome, s->outcome) != 0 ||
			strcmp(o->horizon, s->horizon) != 0)
			continue;
		if ((o->sex < 0 || s->sex < 0 || o->sex == s->sex) && o->age_from <= s->age_to &&
			s->age_from <= o->age_to)
			return grx_fail(cx, GRX_E_DATA,
				"%s:%lld: model %s, outcome %s, horizon %s: sex and ages overlap with line "
				"%lld; "
				"expected one row for a person",
				grx_table_path(t), s->line, s->model, s->outcome, s->horizon, o->line);
	}
	return GRX_OK;
}

static int stratum_row(void *arg, struct grx_ctx *cx, struct grx_table *t, const int *col)
{
	struct predict_models *m = arg;
	int rc = GRX_E_BUG;
	if (grx_grow(&m->v, &m->cap, m->n + 1, sizeof *m->v, 10000) != 0)
		return grx_fail_nomem(cx, "risk models");
	struct predict_stratum *s = &m->v[m->n];
	*s = (struct predict_stratum){.line = grx_table_lineno(t)};
	GRX_TRY(predict_cell_name(cx, m->mem, t, col[S_MODEL], &s->model));
	GRX_TRY(predict_cell_name(cx, m->mem, t, col[S_OUTCOME], &s->outcome));
	GRX_TRY(predict_cell_name(cx, m->mem, t, col[S_HORIZON], &s->horizon));
	struct predict_score_cols c = {
		col[S_SCORE], col[S_VALUE], grx_table_col(t, "mean"), grx_table_col(t, "sd")};
	GRX_TRY(predict_score_read(cx, m->mem, t, &c, &s->score));
	GRX_TRY(predict_cell_sex(cx, t, col[S_SEX], &s->sex));
	GRX_TRY(read_ages(cx, t, col, s));
	GRX_TRY(read_effect(cx, t, col, s));
	GRX_TRY(read_horizon(cx, t, col[S_HORIZON], s));
	if (!(s->source = grx_arena_strdup(m->mem, grx_table_get(t, col[S_SOURCE]))))
		return grx_fail_nomem(cx, "risk models");
	if (!*s->source)
		return predict_bad_cell(cx, t, col[S_SOURCE], "where effect and risk come from");
	GRX_TRY(check_overlap(cx, t, m));
	m->n++;
	rc = GRX_OK;
out:
	return rc;
}

double predict_effect_at(const struct predict_stratum *s, int i)
{
	double x = i < 0 ? s->value : grx_risk_stratum(s->value, s->se, i);
	if (s->kind != KIND_R2)
		return x;
	double r2 = effect_of(s, fmax(x, s->measure == MEASURE_AUC ? 0.5 : 0));
	return r2 < 0.999 ? r2 : 0.999; /* also where a stratum leaves the domain above */
}

static int intercepts(struct grx_ctx *cx, struct predict_models *m)
{
	for (size_t k = 0; k < m->n; k++) {
		struct predict_stratum *s = &m->v[k];
		int n = s->se > 0 ? 1 + GRX_RISK_STRATA : 1;
		if (s->kind != KIND_LOG_OR)
			continue;
		if (!(s->intercept = grx_arena_calloc(m->mem, (size_t)n, sizeof *s->intercept)))
			return grx_fail_nomem(cx, "risk models");
		for (int i = 0; i < n; i++)
			s->intercept[i] = grx_logistic_intercept(s->k, predict_effect_at(s, i - 1));
	}
	return GRX_OK;
}

/* --- covariates --- */

enum { C_MODEL, C_OUTCOME, C_SEX, C_NAME, C_HR, C_ADJUSTED, C_SOURCE, C_N };

static bool has_hazard(const struct predict_models *m, const char *model, const char *outcome)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->v[i].kind == KIND_LOG_HR && (!model || (strcmp(m->v[i].model, model) == 0 &&
								      strcmp(m->v[i].outcome, outcome) == 0)))
			return true;
	return false;
}

static int check_covariate(
	struct grx_ctx *cx, const struct grx_table *t, const int *col, const struct predict_models *m)
{
	const struct predict_covariate *c = &m->cov[m->n_cov];
	if (!has_hazard(m, c->model, c->outcome))
		return predict_bad_cell(cx, t, col[C_MODEL],
			"a model and outcome with log_hr_per_sd in the table of risk models");
	if (!m->people || predict_people_col(m->people, c->name) < 0)
		return predict_bad_cell(
			cx, t, col[C_NAME], "a column of the reference population (--reference-population)");
	for (size_t i = 0; i < m->n_cov; i++)
		if (strcmp(m->cov[i].model, c->model) == 0 && strcmp(m->cov[i].outcome, c->outcome) == 0 &&
			strcmp(m->cov[i].name, c->name) == 0 &&
			(m->cov[i].sex < 0 || c->sex < 0 || m->cov[i].sex == c->sex))
			return predict_bad_cell(
				cx, t, col[C_NAME], "each covariate once for a model, outcome and sex");
	return GRX_OK;
}

static int covariate_row(void *arg, struct grx_ctx *cx, struct grx_table *t, const int *col)
{
	struct predict_models *m = arg;
	int rc = GRX_E_BUG;
	double adjusted;
	if (grx_grow(&m->cov, &m->cap_cov, m->n_cov + 1, sizeof *m->cov, 10000) != 0)
		return grx_fail_nomem(cx, "covariates");
	struct predict_covariate *c = &m->cov[m->n_cov];
	*c = (struct predict_covariate){0};
	GRX_TRY(predict_cell_name(cx, m->mem, t, col[C_MODEL], &c->model));
	GRX_TRY(predict_cell_name(cx, m->mem, t, col[C_OUTCOME], &c->outcome));
	GRX_TRY(predict_cell_name(cx, m->mem, t, col[C_NAME], &c->name));
	GRX_TRY(predict_cell_sex(cx, t, col[C_SEX], &c->sex));
	GRX_TRY(grx_table_f64(cx, t, col[C_HR], &c->log_hr));
	if (!(fabs(c->log_hr) <= 5))
		return predict_bad_cell(cx, t, col[C_HR], "a log hazard ratio from -5 to 5");
	if (!predict_parse_bool(grx_table_get(t, col[C_ADJUSTED]), &adjusted))
		return predict_bad_cell(cx, t, col[C_ADJUSTED], "yes or no");
	c->attenuate = !adjusted && strcmp(c->name, "family_history") == 0;
	if (!adjusted && !c->attenuate)
		return predict_bad_cell(cx, t, col[C_ADJUSTED],
			"yes: only for family_history is it known how the score takes part of the effect");
	if (!*grx_table_get(t, col[C_SOURCE]))
		return predict_bad_cell(cx, t, col[C_SOURCE], "where the effect comes from");
	GRX_TRY(check_covariate(cx, t, col, m));
	m->n_cov++;
	rc = GRX_OK;
out:
	return rc;
}

/* --- together --- */

static int check_outcomes(struct grx_ctx *cx, const struct predict_opt *o, const struct predict_models *m)
{
	double rate[PRED_MAX_AGE + 1];
	for (size_t i = 0; i < m->n; i++) {
		bool found = m->v[i].kind != KIND_LOG_HR;
		for (int sex = -1, first, n; sex < 2; sex++)
			found |= predict_rates_get(m->incidence, m->v[i].outcome, sex, rate, &first, &n);
		if (!found)
			return grx_fail(cx, GRX_E_DATA, "%s: no rate of outcome '%s', which %s:%lld asks for",
				o->incidence, m->v[i].outcome, o->risk_model, m->v[i].line);
	}
	return GRX_OK;
}

static int other_tables(struct grx_ctx *cx, const struct predict_opt *o, struct predict_models *m)
{
	static const char *const cov[C_N] = {
		"model", "outcome", "sex", "covariate", "log_hr", "adjusted_for_score", "source"};
	int rc = GRX_E_BUG;
	if (has_hazard(m, NULL, NULL) && (!o->incidence || !o->mortality)) {
		rc = grx_fail(cx, GRX_E_USAGE,
			"%s has a model with log_hr_per_sd: it needs --incidence and --mortality, the rates "
			"of the "
			"disease and of death from other causes",
			o->risk_model);
		goto out;
	}
	if (!has_hazard(m, NULL, NULL) &&
		(o->incidence || o->mortality || o->reference_population || o->left_sums))
		grx_warn(cx,
			"%s has no model with log_hr_per_sd: --incidence, --mortality, "
			"--reference-population "
			"and --left-sums change nothing",
			o->risk_model);
	if (o->incidence)
		GRX_TRY(predict_rates_read(cx, o->incidence, true, &m->incidence));
	if (has_hazard(m, NULL, NULL))
		GRX_TRY(check_outcomes(cx, o, m));
	if (o->mortality)
		GRX_TRY(predict_rates_read(cx, o->mortality, false, &m->mortality));
	if (o->reference_population)
		GRX_TRY(predict_people_read(cx, o->reference_population, &m->people));
	if (o->risk_covariates)
		GRX_TRY(grx_table_each(cx, o->risk_covariates, cov, C_N, covariate_row, m));
	rc = GRX_OK;
out:
	return rc;
}

static int check_names(struct grx_ctx *cx, const struct predict_opt *o, const struct predict_models *m,
	const struct predict_model *clinical)
{
	for (size_t i = 0; i < m->n; i++)
		for (size_t k = 0; k < clinical->n; k++)
			if (strcmp(m->v[i].model, clinical->eq[k].model) == 0)
				return grx_fail(cx, GRX_E_DATA,
					"%s:%lld: model '%s' is the name of a clinical equation; choose "
					"another",
					o->risk_model, m->v[i].line, m->v[i].model);
	return GRX_OK;
}

int predict_models_read(struct grx_ctx *cx, const struct predict_opt *o, const struct predict_model *clinical,
	struct predict_models **out)
{
	static const char *const name[S_N] = {"model", "outcome", "horizon", "score_id", "score_value", "sex",
		"age_from", "age_to", "kind", "effect", "source"};
	int rc = GRX_E_BUG;
	*out = NULL;
	if (!o->risk_model)
		return !o->incidence && !o->mortality && !o->risk_covariates && !o->reference_population &&
				       !o->left_sums
			       ? GRX_OK
			       : grx_fail(cx, GRX_E_USAGE,
					 "--incidence, --mortality, --risk-covariates, "
					 "--reference-population and --left-sums "
					 "are for the models of --risk-model; give that too");
	struct predict_models *m = grx_calloc(1, sizeof *m);
	if (!m || !(m->mem = grx_arena_new())) {
		rc = grx_fail_nomem(cx, "risk models");
		goto out;
	}
	GRX_TRY(grx_table_each(cx, o->risk_model, name, S_N, stratum_row, m));
	GRX_TRY(check_names(cx, o, m, clinical));
	GRX_TRY(intercepts(cx, m));
	GRX_TRY(other_tables(cx, o, m));
	*out = m;
	m = NULL;
	rc = GRX_OK;
out:
	predict_models_free(m);
	return rc;
}

void predict_models_free(struct predict_models *m)
{
	if (!m)
		return;
	predict_rates_free(m->incidence);
	predict_rates_free(m->mortality);
	predict_people_free(m->people);
	grx_free(m->v);
	grx_free(m->cov);
	grx_arena_free(m->mem);
	grx_free(m);
}
