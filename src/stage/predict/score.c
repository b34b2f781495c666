/* SPDX-License-Identifier: GPL-3.0-or-later
 * score.c -- a person's score in standard deviations of the population that an effect is about.
 * Ancestry-adjusted values (z_norm2, z_pop) or a raw sum with the mean and sd of the table: which of them is
 * the table's decision, as an effect per SD holds for one of them only. A refusal is never evaded by the next
 * choice. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "io/text.h"
#include "math/prob.h"
#include "stage/predict/predict_int.h"

#define MAX_Z    8.0
#define MAX_ZERO 0.01 /* of the rows of a score taken as its sum */

static const char *const scale_name[SCALE_N] = {"z_norm2", "z_pop", "sum"};

const char *predict_scale_name(enum predict_scale s)
{
	return scale_name[s];
}

/* "z_norm2,z_pop" */
static bool scales_parse(const char *s, struct predict_score *out)
{
	while (*s) {
		size_t n = strcspn(s, ",");
		int k = 0;
		while (k < SCALE_N && (strlen(scale_name[k]) != n || strncmp(scale_name[k], s, n) != 0))
			k++;
		for (int i = 0; i < out->n_scale; i++)
			if ((int)out->scale[i] == k)
				return false;
		if (k == SCALE_N || (s[n] == ',' && !s[n + 1]))
			return false;
		out->scale[out->n_scale++] = (enum predict_scale)k;
		s += n + (s[n] == ',');
	}
	return out->n_scale > 0;
}

int predict_score_read(struct grx_ctx *cx, struct grx_arena *mem, const struct grx_table *t,
	const struct predict_score_cols *c, struct predict_score *out)
{
	int rc = GRX_E_BUG;
	bool sum = false;
	*out = (struct predict_score){.id = grx_arena_strdup(mem, grx_table_get(t, c->id))};
	if (!out->id)
		return grx_fail_nomem(cx, "scores");
	if (!*out->id || strlen(out->id) > 300)
		return predict_bad_cell(cx, t, c->id, "the id of a score, at most 300 characters");
	if (!scales_parse(c->value < 0 ? "sum" : grx_table_get(t, c->value), out))
		return predict_bad_cell(
			cx, t, c->value, "z_norm2, z_pop or sum, or several of them joined by commas");
	for (int i = 0; i < out->n_scale; i++)
		sum |= out->scale[i] == SCALE_SUM;
	GRX_TRY(predict_cell_opt(cx, t, c->mean, NAN, &out->mean));
	GRX_TRY(predict_cell_opt(cx, t, c->sd, NAN, &out->sd));
	if (sum && (!isfinite(out->mean) || !(out->sd > 0) || !isfinite(out->sd))) {
		rc = grx_fail(cx, GRX_E_DATA,
			"%s:%lld: score %.60s: mean %g, sd %g; a score taken as its sum needs the mean of "
			"the sum and "
			"an sd above 0",
			grx_table_path(t), (long long)grx_table_lineno(t), out->id, out->mean, out->sd);
		goto out;
	}
	rc = GRX_OK;
out:
	return rc;
}

static const struct grx_fact *score_fact(
	const struct predict_run *r, const char *sample, const char *id, const char *what)
{
	char key[512];
	snprintf(key, sizeof key, "prs/%.300s/%s", id, what);
	return predict_find(r, sample, key);
}

static void stop(struct predict_z *z, enum grx_fact_status status, const char *what, const struct grx_fact *f)
{
	const char *reason = f && f->status != GRX_FACT_OK ? grx_fact_attr_get(f, "reason") : NULL;
	z->status = status;
	snprintf(z->why, sizeof z->why, "%s%s%.300s", what, reason ? ": " : "", reason ? reason : "");
}

static bool says(const struct grx_fact *f, const char *attr, const char *what)
{
	const char *s = f ? grx_fact_attr_get(f, attr) : NULL;
	return s && strcmp(s, what) == 0;
}

/* A flag is up unless it says no: a warning must not be lost over how it is worded. */
static bool flagged(const struct grx_fact *f, const char *attr)
{
	return grx_fact_attr_get(f, attr) && !says(f, attr, "no") && !says(f, attr, "false");
}

static double attr_or(const struct grx_fact *f, const char *attr, double fallback)
{
	const char *s = grx_fact_attr_get(f, attr);
	double x;
	return s && grx_parse_f64(s, &x) ? x : fallback;
}

/* What keeps the score as such from being used, whatever its scale. */
static bool score_stands(const struct predict_run *r, const struct grx_fact *sum, struct predict_z *z)
{
	const struct grx_fact *cov = z->coverage;
	if (sum && sum->status == GRX_FACT_REFUSED)
		stop(z, GRX_FACT_REFUSED, "the score is not known", sum);
	else if (sum && !predict_usable(sum))
		stop(z, GRX_FACT_MISSING, "the score is not known", sum);
	else if (!predict_usable(cov))
		stop(z, cov ? cov->status : GRX_FACT_MISSING, "the coverage of the score is not known", cov);
	else if (cov->value.num < r->opt->min_coverage)
		stop(z, GRX_FACT_REFUSED, "the coverage of the score is too low", NULL);
	else
		return true;
	if (z->status == GRX_FACT_OK)
		z->status = GRX_FACT_MISSING;
	return false;
}

/* The mean of a table is over all rows of the score. Rows without a genotype enter the comparison with their
 * population mean (prs says what that is where frequencies are known), else a person would seem far from the
 * mean only because rows are absent. */
static double uncovered_expected(const struct grx_fact *sum)
{
	return attr_or(sum, "uncovered_expected", 0);
}

/* A half of the interval with what uncovered rows may add to either side; they are independent. */
static double half(double x, double more)
{
	return more > 0 ? hypot(x, more) : x;
}

/* lo and hi of the fact are at its attribute level; risks state 95 %. A sum has its uncovered rows at their
 * expectation, from which the person's genotypes differ. */
static void interval_take(struct predict_z *z, const struct grx_fact *f, double add, double mul)
{
	double level = attr_or(f, "level", 0.95), wide = 1, z95 = grx_norm_inv(0.975), more = 0;
	bool has = f->has_lo && f->has_hi && isfinite(f->lo) && isfinite(f->hi);
	if (level > 0 && level < 1 && fabs(level - 0.95) > 1e-9)
		wide = z95 / grx_norm_inv((1 + level) / 2);
	if (z->scale == SCALE_SUM)
		more = z95 * mul * attr_or(f, "uncovered_sd", 0);
	else
		more = z95 * sqrt(1 - z->share);
	z->spread = more > 0;
	z->has_interval = has || z->spread;
	double below = has ? ((f->lo + add) * mul - z->z) * wide : 0;
	double above = has ? ((f->hi + add) * mul - z->z) * wide : 0;
	z->lo = below > 0 ? z->z + below : z->z - half(fabs(below), more);
	z->hi = above < 0 ? z->z + above : z->z + half(above, more);
}

/* Why a sum cannot be compared with the mean and sd of a table; NULL = it can. */
static const char *sum_unlike(const struct grx_fact *f)
{
	const char *std = grx_fact_attr_get(f, "standardised");
	if (std && strcmp(std, "none") != 0)
		return "the sum is of standardised genotypes (prs --standardise): mean and sd of the table "
		       "are of a plain sum";
	if (attr_or(f, "n_as_zero", 0) > MAX_ZERO * attr_or(f, "n_rows", INFINITY))
		return "more than 1 % of the rows of the score have neither a genotype nor a frequency and "
		       "add nothing "
		       "to the sum: take a scoring file with frequencies, or use "
		       "z_norm2";
	return NULL;
}

/* An adjusted z is of the rows that were found, in standard deviations of just these. Of the whole score,
 * whose effect the table gives, it tells sqrt(c) z with variance 1 - c, c being their share of its variance.
 */
static double share_of(const struct grx_fact *variance)
{
	double c = predict_usable(variance) ? variance->value.num : 1;
	return c > 0 && c < 1 ? c : 1;
}

static void take(struct predict_z *z, const struct predict_score *s, const struct grx_fact *f,
	const struct grx_fact *ancestry)
{
	double add = 0, mul = 1;
	const char *unlike = NULL;
	if (z->scale == SCALE_SUM) {
		z->uncovered = uncovered_expected(f);
		add = z->uncovered - s->mean;
		mul = 1 / s->sd;
		unlike = sum_unlike(f);
	} else {
		mul = sqrt(z->share);
	}
	z->value = f;
	z->z = (f->value.num + add) * mul;
	interval_take(z, f, add, mul);
	if (unlike)
		stop(z, GRX_FACT_REFUSED, unlike, NULL);
	else if (z->lo > z->z || z->hi < z->z)
		stop(z, GRX_FACT_REFUSED, "the interval of the score does not hold the score", NULL);
	else if (!(fabs(z->z) <= MAX_Z))
		stop(z, GRX_FACT_REFUSED,
			"the score is more than 8 standard deviations from the mean: mean and sd of another "
			"population, "
			"unit or version of the score",
			NULL);
	else if (flagged(f, "extrapolated"))
		stop(z, GRX_FACT_REFUSED,
			"the adjusted score is an extrapolation: this person lies outside the reference "
			"people",
			NULL);
	else if (says(f, "ancestry_confidence", "low") || says(ancestry, "ancestry_confidence", "low"))
		stop(z, GRX_FACT_REFUSED,
			"the ancestry of this person is uncertain, and with it what the score is compared "
			"with",
			NULL);
	else
		z->status = GRX_FACT_OK;
}

void predict_score_get(
	const struct predict_run *r, const char *sample, const struct predict_score *s, struct predict_z *out)
{
	const struct grx_fact *sum = score_fact(r, sample, s->id, "sum");
	bool any = sum != NULL;
	*out = (struct predict_z){.coverage = score_fact(r, sample, s->id, "coverage")};
	const struct grx_fact *first = NULL;
	for (int i = 0; i < s->n_scale; i++)
		any |= score_fact(r, sample, s->id, scale_name[s->scale[i]]) != NULL;
	if (!any) {
		stop(out, GRX_FACT_MISSING, "no such score", NULL);
		return;
	}
	out->value = sum;
	if (!score_stands(r, sum, out))
		return;
	for (int i = 0; i < s->n_scale; i++) {
		const struct grx_fact *f = score_fact(r, sample, s->id, scale_name[s->scale[i]]);
		out->scale = s->scale[i];
		if (predict_usable(f)) {
			out->share = out->scale == SCALE_SUM
					     ? 1
					     : share_of(score_fact(r, sample, s->id, "coverage_variance"));
			take(out, s, f, predict_find(r, sample, "prs/ancestry/similar"));
			return;
		}
		if (f && f->status == GRX_FACT_REFUSED) {
			out->value = f;
			stop(out, GRX_FACT_REFUSED, "the adjusted score is refused", f);
			return;
		}
		first = first ? first : f;
	}
	stop(out, GRX_FACT_MISSING,
		first ? "the adjusted score is not known"
		      : "the score is not adjusted for ancestry (run prs with a reference), which the table "
			"asks for",
		first);
}

int predict_score_attrs(struct predict_run *r, struct grx_fact *f, const struct predict_z *z)
{
	int rc = GRX_E_BUG;
	if (z->status == GRX_FACT_OK) {
		const char *port = grx_fact_attr_get(z->value, "portability");
		GRX_TRY(predict_attr_num(r->out, f, "z", z->z));
		GRX_TRY(grx_fact_attr(r->out, f, "score_value", "%s", scale_name[z->scale]));
		if (z->scale == SCALE_SUM)
			GRX_TRY(predict_attr_num(r->out, f, "uncovered_expected", z->uncovered));
		if (z->share < 1)
			GRX_TRY(predict_attr_num(r->out, f, "variance_share", z->share));
		if (port)
			GRX_TRY(grx_fact_attr(r->out, f, "portability", "%s", port));
	}
	if (z->value)
		GRX_TRY(grx_fact_because_fact(r->out, f, z->value->id));
	if (z->coverage)
		GRX_TRY(grx_fact_because_fact(r->out, f, z->coverage->id));
	rc = GRX_OK;
out:
	return rc;
}
