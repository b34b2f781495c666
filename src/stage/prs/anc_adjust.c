/* SPDX-License-Identifier: GPL-3.0-or-later
 * anc_adjust.c -- what a score means among the panel's people: percentile and Z in the most similar
 * population, Z given the components. Only training people count. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stage/prs/anc_int.h"

/* Scores of one population, ascending. */
struct pop_scores {
	double *x;
	int64_t n;
	double mean, sd;
};

struct adjust {
	const struct prs_ref *r;
	int n_coef;
	int64_t n;
	double *x, *d;                             /* score and design of training people */
	double mean[ANC_NORM_PC], sd[ANC_NORM_PC]; /* of the components */
	double lo[ANC_NORM_PC], hi[ANC_NORM_PC];
	struct pop_scores *pop;
	struct anc_norm fit;
	bool fitted; /* z_norm1 can be had */
	const char *why;
};

static int compare_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static bool counts(const struct anc_person *a, double score)
{
	return a->train && isfinite(score);
}

static int pops_make(struct grx_ctx *cx, struct adjust *j, const double *score)
{
	const struct prs_ref *r = j->r;
	j->pop = grx_calloc((size_t)r->n_pop + 1, sizeof(*j->pop));
	if (!j->pop)
		return grx_fail_nomem(cx, "score adjustment");
	for (int p = 0; p < r->n_pop; p++) {
		struct pop_scores *s = &j->pop[p];
		double sum = 0, sum2 = 0;
		s->x = grx_malloc((size_t)r->cloud[p].n + 1, sizeof(*s->x));
		if (!s->x)
			return grx_fail_nomem(cx, "score adjustment");
		for (int i = 0; i < r->n_sample; i++)
			if (r->person[i].super_i == p && counts(&r->person[i], score[i]))
				s->x[s->n++] = score[i];
		qsort(s->x, (size_t)s->n, sizeof(*s->x), compare_double);
		for (int64_t i = 0; i < s->n; i++)
			sum += s->x[i];
		s->mean = s->n > 0 ? sum / (double)s->n : NAN;
		for (int64_t i = 0; i < s->n; i++)
			sum2 += (s->x[i] - s->mean) * (s->x[i] - s->mean);
		s->sd = s->n > 0 ? sqrt(sum2 / (double)s->n) : NAN;
	}
	return GRX_OK;
}

/* Scale and range of the components over the people that count. */
static void components(struct adjust *j, const double *score)
{
	for (int k = 0; k + 1 < j->n_coef; k++) {
		double sum = 0, sum2 = 0;
		j->lo[k] = INFINITY;
		j->hi[k] = -INFINITY;
		for (int i = 0; i < j->r->n_sample; i++) {
			if (!counts(&j->r->person[i], score[i]))
				continue;
			double x = j->r->person[i].pc[k];
			sum += x;
			j->lo[k] = fmin(j->lo[k], x);
			j->hi[k] = fmax(j->hi[k], x);
		}
		j->mean[k] = sum / (double)j->n;
		for (int i = 0; i < j->r->n_sample; i++) {
			double x = j->r->person[i].pc[k] - j->mean[k];
			sum2 += counts(&j->r->person[i], score[i]) ? x * x : 0.0;
		}
		j->sd[k] = sqrt(sum2 / (double)j->n);
		if (!(j->sd[k] > 0))
			j->sd[k] = 1.0; /* the fit then says that it is singular */
	}
}

static void design_row(const struct adjust *j, const double *pc, double *d)
{
	d[0] = 1.0;
	for (int k = 0; k + 1 < j->n_coef; k++)
		d[k + 1] = (pc[k] - j->mean[k]) / j->sd[k];
}

static int fit(struct grx_ctx *cx, struct adjust *j, const double *score)
{
	const struct prs_ref *r = j->r;
	for (int i = 0; i < r->n_sample; i++)
		j->n += counts(&r->person[i], score[i]);
	if (j->n < ANC_MIN_TRAIN) {
		j->why = "fewer than 100 training people with a score";
		return GRX_OK;
	}
	j->n_coef = 1 + (r->n_pc < ANC_NORM_PC ? r->n_pc : ANC_NORM_PC);
	j->x = grx_malloc((size_t)j->n, sizeof(*j->x));
	j->d = grx_malloc((size_t)j->n, (size_t)j->n_coef * sizeof(*j->d));
	if (!j->x || !j->d)
		return grx_fail_nomem(cx, "score adjustment");
	components(j, score);
	int64_t at = 0;
	for (int i = 0; i < r->n_sample; i++) {
		if (!counts(&r->person[i], score[i]))
			continue;
		design_row(j, r->person[i].pc, j->d + at * j->n_coef);
		j->x[at++] = score[i];
	}
	int rc = anc_norm_fit(cx, j->d, j->n_coef, j->x, j->n, &j->fit, &j->why);
	j->fitted = !j->why || (j->fit.sd > 0 && !j->fit.full && j->fit.loglik != 0.0);
	return rc;
}

/* Percent of the people below, those with the same score at the middle of their ranks. */
static double percentile(const struct pop_scores *s, double x)
{
	int64_t less = 0, upto;
	for (int64_t step = s->n; step > 0; step /= 2)
		while (less + step <= s->n && s->x[less + step - 1] < x)
			less += step;
	for (upto = less; upto < s->n && s->x[upto] == x; upto++)
		;
	return (double)(less + upto + (upto > less)) * 50.0 / (double)s->n;
}

static void in_pop(const struct adjust *j, const struct prs_place *pl, double x, struct prs_adjusted *o)
{
	const struct pop_scores *s = pl->pop >= 0 ? &j->pop[pl->pop] : NULL;
	o->n_pop = s ? s->n : 0;
	if (!s)
		o->why = "no population of the panel can be compared with";
	else if (s->n < ANC_MIN_POP)
		o->why = "fewer than 20 people with a score in the most similar population";
	else if (!(s->sd > 1e-12 * fabs(s->mean)))
		o->why = "the score does not vary in the most similar population";
	else {
		o->percentile = percentile(s, x);
		o->z_pop = (x - s->mean) / s->sd;
		o->scale_pop = 1 / s->sd;
	}
}

static void along_components(
	const struct adjust *j, const struct prs_place *pl, double x, struct prs_adjusted *o)
{
	double d[ANC_N_COEF], mean = 0, mu = 0, lv = 0;
	if (j->why && !o->why)
		o->why = j->why;
	if (!j->fitted)
		return;
	design_row(j, pl->pc, d);
	for (int k = 0; k < j->n_coef; k++) {
		mean += j->fit.a[k] * d[k];
		mu += j->fit.mu[k] * d[k];
		lv += j->fit.lv[k] * d[k];
		if (k > 0 && (pl->pc[k - 1] < j->lo[k - 1] || pl->pc[k - 1] > j->hi[k - 1]))
			o->extrapolated = true;
	}
	o->z_norm1 = (x - mean) / j->fit.sd;
	o->scale_norm1 = 1 / j->fit.sd;
	if (!j->fit.full)
		return;
	o->scale_norm2 = exp(-0.5 * lv);
	o->z_norm2 = (x - mu) * o->scale_norm2;
}

static void adjust_one(const struct adjust *j, const struct prs_place *pl, double x, struct prs_adjusted *o)
{
	*o = (struct prs_adjusted){.percentile = NAN,
		.z_pop = NAN,
		.z_norm1 = NAN,
		.z_norm2 = NAN,
		.scale_pop = NAN,
		.scale_norm1 = NAN,
		.scale_norm2 = NAN};
	if (!isfinite(x))
		o->why = "the person has no score";
	else if (!pl->placed)
		o->why = pl->why ? pl->why : "the person could not be placed among the panel's people";
	if (o->why)
		return;
	in_pop(j, pl, x, o);
	along_components(j, pl, x, o);
	o->ok = isfinite(o->percentile) || isfinite(o->z_norm1);
}

int prs_adjust(struct grx_ctx *cx, const struct prs_ref *r, const double *ref_score, const double *score,
	const struct prs_place *place, int n, struct prs_adjusted *out)
{
	int rc = GRX_E_BUG;
	struct adjust j = {.r = r};
	GRX_TRY(pops_make(cx, &j, ref_score));
	GRX_TRY(fit(cx, &j, ref_score));
	for (int i = 0; i < n; i++)
		adjust_one(&j, &place[i], score[i], &out[i]);
	rc = GRX_OK;
out:
	for (int p = 0; j.pop && p < r->n_pop; p++)
		grx_free(j.pop[p].x);
	grx_free(j.pop);
	grx_free(j.x);
	grx_free(j.d);
	return rc;
}
