/* SPDX-License-Identifier: GPL-3.0-or-later
 * absolute.c -- one fact for each risk model, outcome and horizon: the risk of this person, or why there is
 * none. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "stage/predict/absolute_int.h"

/* Everything about one model and person, while their fact is made. */
struct job {
	struct predict_run *r;
	const struct predict_models *m;
	const struct predict_person *p;
	struct predict_stratum *s;
	struct predict_z z;
	struct predict_hazard *h;
	struct predict_hazard_person hp;
	enum grx_fact_status status;
	char why[400];
};

static void stop(struct job *j, enum grx_fact_status status, const char *why)
{
	j->status = status;
	snprintf(j->why, sizeof j->why, "%s", why);
}

static double risk_at(void *arg, double z, int i)
{
	const struct job *j = arg;
	const struct predict_stratum *s = j->s;
	if (s->kind == KIND_LOG_OR)
		return grx_expit(s->intercept[i + 1] + predict_effect_at(s, i) * z);
	if (s->kind == KIND_R2)
		return grx_liability_risk(z, predict_effect_at(s, i), s->k);
	return fmin(predict_hazard_risk(j->h, &j->hp, z, i, j->r->opt->left_sums), 1);
}

static bool same_model(const struct predict_stratum *a, const struct predict_stratum *b)
{
	return strcmp(a->model, b->model) == 0 && strcmp(a->outcome, b->outcome) == 0 &&
	       strcmp(a->horizon, b->horizon) == 0;
}

/* What the rows of one model tell people apart by. */
static void needs(const struct predict_models *m, size_t first, bool *sex, bool *age)
{
	*sex = *age = false;
	for (size_t i = first; i < m->n; i++)
		if (same_model(&m->v[i], &m->v[first])) {
			*sex |= m->v[i].sex >= 0;
			*age |= !m->v[i].any_age || m->v[i].kind == KIND_LOG_HR;
		}
}

static bool is_for(const struct predict_stratum *s, int sex, int age)
{
	return (s->sex < 0 || s->sex == sex) && (s->any_age || (age >= s->age_from && age <= s->age_to));
}

/* The row of the person among those of one model; else a reason. */
static void choose(struct job *j, size_t first)
{
	const struct predict_models *m = j->m;
	const struct predict_person *p = j->p;
	bool no_sex, no_age;
	int age = p->have[PRED_AGE] ? (int)floor(p->x[PRED_AGE]) : -1;
	needs(m, first, &no_sex, &no_age);
	no_sex &= p->sex < 0;
	no_age &= age < 0;
	j->s = &m->v[first];
	if (p->conflict) {
		stop(j, GRX_FACT_REFUSED, p->conflict);
		return;
	}
	if (no_sex || no_age) {
		stop(j, GRX_FACT_MISSING,
			!no_age  ? "absent: sex"
			: no_sex ? "absent: sex, age"
				 : "absent: age");
		return;
	}
	for (size_t i = first; i < m->n; i++)
		if (same_model(&m->v[i], &m->v[first]) && is_for(&m->v[i], p->sex, age)) {
			j->s = &m->v[i];
			return;
		}
	j->status = GRX_FACT_REFUSED;
	snprintf(j->why, sizeof j->why, "no row of the model is for this sex");
	if (age >= 0)
		snprintf(j->why, sizeof j->why, "no row of the model is for age %d and this sex", age);
}

static int hazard_get(struct job *j)
{
	int rc = GRX_E_BUG;
	const char *why = NULL;
	struct predict_hazard **h = &j->s->haz[j->p->sex + 1];
	if (!*h)
		GRX_TRY(predict_hazard_make(j->r->cx, j->m, j->s, j->p->sex, h, &why));
	if (!*h) {
		stop(j, j->p->sex < 0 ? GRX_FACT_MISSING : GRX_FACT_REFUSED,
			j->p->sex < 0 ? "absent: sex" : why);
		return GRX_OK;
	}
	j->h = *h;
	j->hp.sample = j->p->sample;
	j->hp.age = (int)floor(j->p->x[PRED_AGE]);
	j->hp.z = j->z.z;
	GRX_TRY(predict_hazard_prepare(j->r, j->h, &j->hp));
	if (j->hp.status != GRX_FACT_OK)
		stop(j, j->hp.status, j->hp.why);
	else if (j->r->opt->left_sums && predict_hazard_risk(j->h, &j->hp, j->z.z, -1, true) > 1)
		stop(j, GRX_FACT_REFUSED, "hazards too large for yearly sums (leave out --left-sums)");
	rc = GRX_OK;
out:
	return rc;
}

static int values_set(struct job *j, struct grx_fact *f)
{
	int rc = GRX_E_BUG;
	struct grx_facts *out = j->r->out;
	const struct predict_stratum *s = j->s;
	struct grx_risk_spread spread = {.has_effect = s->se > 0, .risk = risk_at, .arg = j};
	GRX_TRY(grx_fact_num_set(out, f, risk_at(j, j->z.z, -1), "probability"));
	GRX_TRY(predict_attr_num(out, f, "average_risk", j->h ? j->hp.average : s->k));
	GRX_TRY(grx_fact_attr(out, f, "kind", "%s", predict_measure_name(s->measure)));
	GRX_TRY(predict_attr_num(out, f, "effect", s->value));
	if (s->se > 0)
		GRX_TRY(predict_attr_num(out, f, "se", s->se));
	if (s->measure == MEASURE_AUC || s->measure == MEASURE_R2_OBSERVED)
		GRX_TRY(predict_attr_num(out, f, "r2_liability", predict_effect_at(s, -1)));
	if (s->kind == KIND_LOG_OR)
		GRX_TRY(predict_attr_num(out, f, "intercept", s->intercept[0]));
	if (j->hp.averaged[0])
		GRX_TRY(grx_fact_attr(out, f, "averaged_over", "%s", j->hp.averaged));
	GRX_TRY(predict_interval_set(j->r, f, &j->z, &spread));
	rc = GRX_OK;
out:
	return rc;
}

static int links_set(struct job *j, struct grx_fact *f)
{
	int rc = GRX_E_BUG;
	const struct predict_person *p = j->p;
	if (p->sex_id && (j->s->sex >= 0 || j->s->kind == KIND_LOG_HR))
		GRX_TRY(grx_fact_because_fact(j->r->out, f, p->sex_id));
	if (p->have[PRED_AGE] && (!j->s->any_age || j->s->kind == KIND_LOG_HR))
		GRX_TRY(grx_fact_because_fact(j->r->out, f, p->id[PRED_AGE]));
	for (int i = 0; i < j->hp.n_because; i++)
		if (!p->have[PRED_AGE] || strcmp(j->hp.because[i], p->id[PRED_AGE]) != 0)
			GRX_TRY(grx_fact_because_fact(j->r->out, f, j->hp.because[i]));
	rc = GRX_OK;
out:
	return rc;
}

static int model_fact(
	struct predict_run *r, const struct predict_models *m, const struct predict_person *p, size_t first)
{
	int rc = GRX_E_BUG;
	struct job j = {.r = r, .m = m, .p = p};
	struct grx_fact *f;
	char key[400];
	choose(&j, first);
	predict_score_get(r, p->sample, &j.s->score, &j.z);
	if (j.status == GRX_FACT_OK && j.z.status != GRX_FACT_OK)
		stop(&j, j.z.status, j.z.why);
	if (j.status == GRX_FACT_OK && j.s->kind == KIND_LOG_HR)
		GRX_TRY(hazard_get(&j));
	snprintf(key, sizeof key, "predict/%s/%s/%s", j.s->model, j.s->horizon, j.s->outcome);
	GRX_TRY(predict_fact(r, p->sample, key, j.status, j.why, &f));
	f->refdata = grx_facts_dup(r->out, j.s->source);
	if (j.status == GRX_FACT_OK)
		GRX_TRY(values_set(&j, f));
	GRX_TRY(links_set(&j, f));
	GRX_TRY(predict_score_attrs(r, f, &j.z));
	rc = GRX_OK;
out:
	grx_free(j.hp.h0);
	return rc;
}

int predict_absolute(struct predict_run *r, const struct predict_models *m, const struct predict_person *p)
{
	for (size_t i = 0; m && i < m->n; i++) {
		bool seen = false;
		for (size_t k = 0; k < i && !seen; k++)
			seen = same_model(&m->v[k], &m->v[i]);
		int rc = seen ? GRX_OK : model_fact(r, m, p, i);
		if (rc)
			return rc;
	}
	return GRX_OK;
}
