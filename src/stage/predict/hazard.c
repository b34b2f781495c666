/* SPDX-License-Identifier: GPL-3.0-or-later
 * hazard.c -- the population's hazards under a model of one sex, and what they make of one person.
 * E_t(b), the mean relative risk at age t, is smooth in the effect b: computed at nine Chebyshev nodes and
 * interpolated (error below 1e-9 relative over +-2.7 standard errors), so that an interval costs nine passes
 * and not a hundred. Family history and score: in first-degree relatives half of the log-risk variance b^2 is
 * shared, so a relative's disease moves the mean of the score by b/2 standard deviations. A log hazard ratio
 * estimated without the score holds b^2/2 of it; what is left acts next to the score. In the population the
 * score's mean is b/2 higher with than without family history, and 0 in all. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "stage/predict/absolute_int.h"

enum { NODES = 9, MAX_COV = 16, MAX_LIKE = 512 };

struct factor {
	const struct predict_covariate *c;
	const double *x; /* of the people of the hazard, below */
	double min, max;
};

struct predict_hazard {
	const struct predict_stratum *s;
	int inc_first, inc_n, mor_first, mor_n;
	double lambda[PRED_MAX_AGE + 1], m[PRED_MAX_AGE + 1];
	int n_factor;
	struct factor factor[MAX_COV];
	int n;                  /* people; 1 without a reference population */
	double *w, *z, *family; /* z NULL: N(0, 1), apart by family history */
	double family_share;
	struct grx_icare_person *like; /* room to join people of like risk, and the outcome as columns */
	double *like_lp, *like_w, *like_shift;
	int n_node;
	double node[NODES], *log_e[NODES];
};

static double shift_of(const struct predict_hazard *h, int i, double b)
{
	return (h->family[i] - h->family_share) * b / 2;
}

/* The population under effect b. */
static struct grx_icare_pop population(struct predict_hazard *h, double b)
{
	for (int i = 0; i < h->n; i++) {
		double lp = h->z ? b * h->z[i] : 0;
		for (int k = 0; k < h->n_factor; k++)
			lp += h->factor[k].x[i] *
			      (h->factor[k].c->log_hr - (h->factor[k].c->attenuate ? b * b / 2 : 0));
		h->like[i] = (struct grx_icare_person){lp, h->w[i], h->z ? 0 : shift_of(h, i, b)};
	}
	int n = grx_icare_condense(h->like, h->n, MAX_LIKE);
	for (int i = 0; i < n; i++) {
		h->like_lp[i] = h->like[i].lp;
		h->like_w[i] = h->like[i].w;
		h->like_shift[i] = h->like[i].shift;
	}
	return (struct grx_icare_pop){n, h->like_lp, h->like_w, h->like_shift, !h->z, b};
}

static bool covers(int sex, int row_sex)
{
	return row_sex < 0 || row_sex == sex;
}

static double *column(struct predict_hazard *h, const struct predict_models *m, const char *name, int sex)
{
	const struct predict_people *p = m->people;
	int c = p ? predict_people_col(p, name) : -1, n = 0;
	double *x = c < 0 ? NULL : grx_arena_calloc(m->mem, (size_t)h->n, sizeof *x);
	for (int i = 0; x && i < p->n; i++)
		if (covers(sex, p->sex[i]))
			x[n++] = p->x[c][i];
	return x;
}

static void family_set(struct predict_hazard *h, const double *x)
{
	double some = 0, all = 0;
	for (int i = 0; i < h->n; i++) {
		h->family[i] = x[i];
		some += h->w[i] * x[i];
		all += h->w[i];
	}
	h->family_share = some / all;
}

static int factors_set(struct grx_ctx *cx, const struct predict_models *m, int sex, struct predict_hazard *h)
{
	for (size_t i = 0; i < m->n_cov; i++) {
		const struct predict_covariate *c = &m->cov[i];
		if (strcmp(c->model, h->s->model) != 0 || strcmp(c->outcome, h->s->outcome) != 0 ||
			!covers(sex, c->sex))
			continue;
		if (h->n_factor == MAX_COV)
			return grx_fail(
				cx, GRX_E_DATA, "model %s: more than %d covariates", c->model, MAX_COV);
		struct factor *f = &h->factor[h->n_factor++];
		*f = (struct factor){
			.c = c, .x = column(h, m, c->name, sex), .min = INFINITY, .max = -INFINITY};
		if (!f->x)
			return grx_fail_nomem(cx, "reference population");
		for (int k = 0; k < h->n; k++) {
			f->min = fmin(f->min, f->x[k]);
			f->max = fmax(f->max, f->x[k]);
		}
		if (strcmp(c->name, "family_history") == 0)
			family_set(h, f->x);
	}
	return GRX_OK;
}

static int people_set(struct grx_ctx *cx, const struct predict_models *m, int sex, struct predict_hazard *h)
{
	const struct predict_people *p = m->people;
	int n = 0;
	for (int i = 0; p && i < p->n; i++)
		h->n += covers(sex, p->sex[i]);
	if (p && h->n == 0)
		return GRX_OK;
	h->n = p ? h->n : 1;
	h->w = grx_arena_calloc(m->mem, (size_t)h->n, sizeof *h->w);
	h->like = grx_arena_calloc(m->mem, (size_t)h->n, sizeof *h->like);
	h->like_lp = grx_arena_calloc(m->mem, (size_t)h->n * 3, sizeof *h->like_lp);
	h->family = grx_arena_calloc(m->mem, (size_t)h->n, sizeof *h->family);
	if (!h->w || !h->like || !h->like_lp || !h->family)
		return grx_fail_nomem(cx, "reference population");
	h->like_w = h->like_lp + h->n;
	h->like_shift = h->like_w + h->n;
	h->w[0] = 1;
	if (!p)
		return GRX_OK;
	for (int i = 0; i < p->n; i++)
		if (covers(sex, p->sex[i]))
			h->w[n++] = p->weight[i];
	h->z = column(h, m, h->s->score.id, sex);
	return factors_set(cx, m, sex, h);
}

static int nodes_set(struct grx_ctx *cx, const struct predict_models *m, struct predict_hazard *h)
{
	double h0[PRED_MAX_AGE + 1];
	h->n_node = h->s->se > 0 ? NODES : 1;
	for (int j = 0; j < h->n_node; j++) {
		h->node[j] = h->s->value +
			     (h->n_node == 1 ? 0 : -2.7 * h->s->se * cos(M_PI * (j + 0.5) / NODES));
		if (h->n_node > 1 && j == NODES / 2)
			h->node[j] = h->s->value; /* the cosine is 0 but for rounding */
		struct grx_icare_pop p = population(h, h->node[j]);
		double *e = h->log_e[j] = grx_arena_calloc(m->mem, (size_t)h->inc_n, sizeof *e);
		if (!e)
			return grx_fail_nomem(cx, "hazards");
		if (!grx_icare_baseline(&p, h->lambda, h->inc_n, h0, e))
			return grx_fail(cx, GRX_E_DATA,
				"model %s, outcome %s: no baseline hazard can be found; an effect or a rate "
				"is far "
				"too large",
				h->s->model, h->s->outcome);
		for (int t = 0; t < h->inc_n; t++)
			e[t] = log(e[t]);
	}
	return GRX_OK;
}

int predict_hazard_make(struct grx_ctx *cx, const struct predict_models *m, const struct predict_stratum *s,
	int sex, struct predict_hazard **out, const char **why)
{
	int rc = GRX_E_BUG;
	struct predict_hazard *h = grx_arena_calloc(m->mem, 1, sizeof *h);
	*out = NULL;
	*why = NULL;
	if (!h)
		return grx_fail_nomem(cx, "hazards");
	h->s = s;
	if (!predict_rates_get(m->incidence, s->outcome, sex, h->lambda, &h->inc_first, &h->inc_n)) {
		*why = "the incidence table has no rates of the outcome for this sex";
		return GRX_OK;
	}
	if (!predict_rates_get(m->mortality, s->outcome, sex, h->m, &h->mor_first, &h->mor_n)) {
		*why = "the mortality table has no rates for this sex";
		return GRX_OK;
	}
	GRX_TRY(people_set(cx, m, sex, h));
	if (m->people && h->n == 0) {
		*why = "the reference population has nobody of this sex";
		return GRX_OK;
	}
	if (m->people && h->n_factor == 0 && !h->z)
		h->n = 1; /* nothing of the reference population is in this model: a normal score alone */
	GRX_TRY(nodes_set(cx, m, h));
	*out = h;
	rc = GRX_OK;
out:
	return rc;
}

/* Baseline hazard at index t of the incidence table for effect b. */
static double baseline(const struct predict_hazard *h, int t, double b)
{
	double log_e = 0;
	for (int j = 0; j < h->n_node; j++) {
		double l = 1;
		for (int k = 0; k < h->n_node; k++)
			if (k != j)
				l *= (b - h->node[k]) / (h->node[j] - h->node[k]);
		log_e += l * h->log_e[j][t];
	}
	return h->lambda[t] * exp(-log_e);
}

/* --- one person --- */

static void refuse(struct predict_hazard_person *p, const char *what, const char *name)
{
	p->status = GRX_FACT_REFUSED;
	snprintf(p->why, sizeof p->why, "%.200s%.60s", what, name);
}

static bool window(const struct predict_hazard *h, struct predict_hazard_person *p)
{
	const struct predict_stratum *s = h->s;
	p->years = s->years > 0 ? s->years : s->to_age - p->age;
	if (p->years <= 0) {
		refuse(p, "the age at the end of the horizon is reached already", "");
		return false;
	}
	int end = p->age + p->years; /* first age not needed */
	if (p->age < h->inc_first || end > h->inc_first + h->inc_n || p->age < h->mor_first ||
		end > h->mor_first + h->mor_n) {
		p->status = GRX_FACT_REFUSED;
		snprintf(p->why, sizeof p->why,
			"ages %d to %d are outside the tables (incidence %d to %d, mortality %d to %d)",
			p->age, end - 1, h->inc_first, h->inc_first + h->inc_n - 1, h->mor_first,
			h->mor_first + h->mor_n - 1);
		return false;
	}
	p->m = h->m + (p->age - h->mor_first);
	return true;
}

/* Value of a covariate; 1 known, 0 absent, -1 unusable. */
static int factor_value(
	const struct predict_run *r, struct predict_hazard_person *p, const struct factor *f, double *x)
{
	char key[160];
	snprintf(key, sizeof key, "clinical/%.120s", f->c->name);
	const struct grx_fact *v = predict_find(r, p->sample, key);
	if (!v || v->status != GRX_FACT_OK || v->value.type == GRX_V_NULL)
		return 0;
	*x = v->value.num;
	if (v->value.type == GRX_V_STR && !grx_parse_f64(v->value.str, x) &&
		!predict_parse_bool(v->value.str, x)) {
		refuse(p, "not a number, yes or no: ", key);
		return -1;
	}
	if (!(*x >= f->min - 1e-9 && *x <= f->max + 1e-9)) {
		refuse(p, "outside the range of the reference population: ", key);
		return -1;
	}
	p->because[p->n_because++] = v->id;
	return 1;
}

static bool factors_get(const struct predict_run *r, const struct predict_hazard *h,
	struct predict_hazard_person *p, bool known[MAX_COV])
{
	size_t n = 0;
	for (int k = 0; k < h->n_factor; k++) {
		const struct factor *f = &h->factor[k];
		double x;
		int got = factor_value(r, p, f, &x);
		if (got < 0)
			return false;
		known[k] = got > 0;
		if (got) {
			p->lp += f->c->log_hr * x;
			p->family |= f->c->attenuate && x > 0;
		} else if (n < sizeof p->averaged) {
			n += (size_t)snprintf(
				p->averaged + n, sizeof p->averaged - n, "%s%s", n ? ";" : "", f->c->name);
		}
	}
	return true;
}

struct near {
	double distance;
	struct grx_icare_person p; /* what the person adds */
};

static int by_distance(const void *a, const void *b)
{
	const struct near *x = a, *y = b;
	return (x->distance > y->distance) - (x->distance < y->distance);
}

static void parts_set(struct predict_hazard *h, const struct near *v, int n, struct predict_hazard_person *p)
{
	double all = 0;
	for (int i = 0; i < n; i++) {
		h->like[i] = v[i].p;
		all += v[i].p.w;
	}
	p->n_part = grx_icare_condense(h->like, n, PRED_MAX_PART - 1);
	for (int i = 0; i < p->n_part; i++) {
		p->part[i] = h->like[i].lp;
		p->part_w[i] = h->like[i].w / all;
	}
}

/* What absent covariates may add: those of the people of the reference population whose known part is nearest
 * to the person's, 1 % of the weight and everybody as near. Where the score is not a column of the
 * population, people are weighted by how likely this score is with their family history. */
static int absent_parts(
	struct predict_run *r, struct predict_hazard *h, const bool *known, struct predict_hazard_person *p)
{
	double b = h->s->value, mine = p->lp - (p->family ? b * b / 2 : 0) + (h->z ? b * p->z : 0), all = 0,
	       sum = 0;
	struct near *v = grx_calloc((size_t)h->n, sizeof *v);
	int n = 0;
	if (!v)
		return grx_fail_nomem(r->cx, "reference population");
	for (int i = 0; i < h->n; i++) {
		double lp = h->z ? b * h->z[i] : 0;
		for (int k = 0; k < h->n_factor; k++) {
			double x = h->factor[k].x[i] *
				   (h->factor[k].c->log_hr - (h->factor[k].c->attenuate ? b * b / 2 : 0));
			*(known[k] ? &lp : &v[i].p.lp) += x;
		}
		v[i].distance = fabs(lp - mine);
		double shift = shift_of(h, i, b);
		v[i].p.w = h->w[i] * (h->z ? 1 : exp(p->z * shift - shift * shift / 2));
		all += v[i].p.w;
	}
	qsort(v, (size_t)h->n, sizeof *v, by_distance);
	while (n < h->n && (sum < 0.01 * all || v[n].distance <= v[n - 1].distance + 1e-9))
		sum += v[n++].p.w;
	parts_set(h, v, n, p);
	grx_free(v);
	return GRX_OK;
}

static int hazards_set(struct predict_run *r, struct predict_hazard *h, struct predict_hazard_person *p)
{
	int rows = h->s->se > 0 ? 1 + GRX_RISK_STRATA : 1, from = p->age - h->inc_first;
	double cum = 0;
	struct grx_icare_pop pop = population(h, h->s->value);
	p->h0 = grx_calloc((size_t)rows * (size_t)p->years, sizeof *p->h0);
	if (!p->h0)
		return grx_fail_nomem(r->cx, "hazards");
	for (int i = 0; i < rows; i++)
		for (int t = 0; t < p->years; t++)
			p->h0[i * p->years + t] = baseline(h, from + t, predict_effect_at(h->s, i - 1));
	for (int t = 0; t < from; t++)
		cum += baseline(h, t, h->s->value);
	p->average = grx_icare_mean_risk(&pop, p->h0, p->m, p->years, cum, r->opt->left_sums);
	return GRX_OK;
}

int predict_hazard_prepare(struct predict_run *r, struct predict_hazard *h, struct predict_hazard_person *p)
{
	int rc = GRX_E_BUG;
	bool known[MAX_COV];
	p->status = GRX_FACT_OK;
	p->n_part = 1;
	p->part_w[0] = 1;
	if (!window(h, p) || !factors_get(r, h, p, known))
		return GRX_OK;
	GRX_TRY(hazards_set(r, h, p));
	if (p->averaged[0])
		GRX_TRY(absent_parts(r, h, known, p));
	rc = GRX_OK;
out:
	return rc;
}

double predict_hazard_risk(
	const struct predict_hazard *h, const struct predict_hazard_person *p, double z, int i, bool left)
{
	double b = predict_effect_at(h->s, i), lp = p->lp - (p->family ? b * b / 2 : 0) + b * z, risk = 0;
	const double *h0 = p->h0 + (i + 1) * p->years;
	for (int k = 0; k < p->n_part; k++)
		risk += p->part_w[k] * grx_icare_risk(h0, p->m, p->years, lp + p->part[k], left);
	return risk;
}
