/* SPDX-License-Identifier: GPL-3.0-or-later
 * sums.c -- exact sums of rows over samples and columns. */
#include "stage/prs/sums.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"

#define TOP     60 /* bound * 2^e <= 2^TOP */
#define ABSW_E  11
#define VAR_E   30
#define DOSE_E  30
#define LIMIT   0x1p61
#define MAX_EXP 1000

struct prs_sums {
	int n_sample, n_col;
	bool variance, broken;
	int *e;
	double *scale, *spent;
	int64_t *sum, *absw, *var, *dose;
	struct prs_counters *cnt;
};

struct prs_sums *prs_sums_new(int n_sample, int n_col, const double *bound, bool variance)
{
	struct prs_sums *s = grx_calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	size_t n = (size_t)n_sample, k = (size_t)n_col;
	s->n_sample = n_sample;
	s->n_col = n_col;
	s->variance = variance;
	s->e = grx_calloc(k, sizeof(*s->e));
	s->scale = grx_calloc(k, sizeof(*s->scale));
	s->spent = grx_calloc(k, 3 * sizeof(*s->spent));
	s->sum = grx_calloc(n * k, sizeof(*s->sum));
	s->absw = grx_calloc(n * k, sizeof(*s->absw));
	s->var = grx_calloc(variance ? n * k : 0, sizeof(*s->var));
	s->dose = grx_calloc(n, sizeof(*s->dose));
	s->cnt = grx_calloc(n, sizeof(*s->cnt));
	if (!s->e || !s->scale || !s->spent || !s->sum || !s->absw || !s->var || !s->dose || !s->cnt) {
		prs_sums_free(s);
		return NULL;
	}
	for (size_t i = 0; i < k; i++) {
		if (!(bound[i] > 0))
			continue;
		int x;
		frexp(bound[i], &x);
		s->e[i] = TOP - x < MAX_EXP ? TOP - x : MAX_EXP;
		s->scale[i] = ldexp(1, s->e[i]);
	}
	return s;
}

void prs_sums_free(struct prs_sums *s)
{
	if (!s)
		return;
	void *p[] = {s->e, s->scale, s->spent, s->sum, s->absw, s->var, s->dose, s->cnt, s};
	for (size_t i = 0; i < sizeof(p) / sizeof(*p); i++)
		grx_free(p[i]);
}

/* Would a row with such largest values overflow a sum of column k? */
static bool spend(struct prs_sums *s, int k, double w, double umax, double vmax)
{
	double *t = s->spent + 3 * k, ws = w * s->scale[k], wv = ws * 0x1p-30;
	t[0] += fabs(ws) * umax;
	t[1] += fabs(ws) * 0x1p-11;
	t[2] += wv * wv * vmax;
	bool lost = s->scale[k] == 0 && w * umax != 0;
	return !lost && isfinite(w) && t[0] <= LIMIT && t[1] <= LIMIT && t[2] <= LIMIT;
}

static int spend_row(struct prs_sums *s, const double *w, double umax, double vmax)
{
	if (!isfinite(umax) || !isfinite(vmax))
		s->broken = true;
	for (int k = 0; k < s->n_col && !s->broken; k++)
		s->broken = !spend(s, k, w[k], umax, vmax);
	return s->broken ? GRX_E_BUG : GRX_OK;
}

static void count(struct prs_sums *s, int i, const struct prs_codeval *v, double dose)
{
	struct prs_counters *c = &s->cnt[i];
	c->n_called += v->kind == PRS_CALLED;
	c->n_imputed += v->kind == PRS_IMPUTED;
	c->n_missing += v->kind == PRS_MISSING;
	c->allele_ct += v->allele_ct;
	c->denom += v->denom;
	if (v->kind == PRS_CALLED)
		s->dose[i] += llrint(ldexp(dose, DOSE_E));
}

static void add(struct prs_sums *s, int i, const double *w, const double uv[2], bool called)
{
	size_t at = (size_t)i * (size_t)s->n_col;
	for (int k = 0; k < s->n_col; k++) {
		double ws = w[k] * s->scale[k], wv = ws * 0x1p-30;
		s->sum[at + (size_t)k] += llrint(uv[0] * ws);
		if (called)
			s->absw[at + (size_t)k] += llrint(fabs(ws) * 0x1p-11);
		if (s->variance)
			s->var[at + (size_t)k] += llrint(uv[1] * (wv * wv));
	}
}

int prs_sums_codes(struct prs_sums *s, const double *w, const struct prs_codeval val[GRX_CP_N],
	const uint8_t *code, unsigned seen)
{
	int rc = GRX_E_BUG;
	double umax = 0, vmax = 0;
	for (int c = 0; c < GRX_CP_N; c++)
		if (seen >> c & 1) {
			umax = fmax(umax, fabs(val[c].u));
			vmax = fmax(vmax, fabs(val[c].var));
		}
	GRX_TRY(spend_row(s, w, umax, vmax));
	for (int i = 0; i < s->n_sample; i++) {
		const struct prs_codeval *v = &val[code[i]];
		add(s, i, w, (const double[]){v->u, v->var}, v->kind == PRS_CALLED);
		count(s, i, v, v->dose);
	}
	rc = GRX_OK;
out:
	return rc;
}

int prs_sums_real(struct prs_sums *s, const double *w, const float *u, const float *var,
	const struct prs_codeval val[GRX_CP_N], const uint8_t *what)
{
	int rc = GRX_E_BUG;
	double umax = 0, vmax = 0;
	for (int i = 0; i < s->n_sample; i++) {
		umax = fabsf(u[i]) <= umax ? umax : fabsf(u[i]);
		vmax = !var || fabsf(var[i]) <= vmax ? vmax : fabsf(var[i]);
	}
	GRX_TRY(spend_row(s, w, umax, vmax));
	for (int i = 0; i < s->n_sample; i++) {
		const struct prs_codeval *v = &val[what[i]];
		add(s, i, w, (const double[]){u[i], var ? var[i] : 0}, v->kind == PRS_CALLED);
		count(s, i, v, isnan(v->dose) ? u[i] : v->dose);
	}
	rc = GRX_OK;
out:
	return rc;
}

int prs_sums_merge(struct prs_sums *a, struct prs_sums *b)
{
	int rc = GRX_E_BUG;
	if (a->n_sample != b->n_sample || a->n_col != b->n_col || a->variance != b->variance || a->broken ||
		b->broken)
		return rc;
	size_t n = (size_t)a->n_sample, nk = n * (size_t)a->n_col;
	for (size_t k = 0; k < (size_t)a->n_col; k++) {
		if (a->e[k] != b->e[k] || (a->scale[k] == 0) != (b->scale[k] == 0))
			return rc;
		for (int j = 0; j < 3; j++) {
			a->spent[3 * k + (size_t)j] += b->spent[3 * k + (size_t)j];
			a->broken |= !(a->spent[3 * k + (size_t)j] <= LIMIT);
		}
	}
	for (size_t i = 0; i < nk; i++) {
		a->sum[i] += b->sum[i];
		a->absw[i] += b->absw[i];
		if (a->variance)
			a->var[i] += b->var[i];
	}
	for (size_t i = 0; i < n; i++) {
		a->dose[i] += b->dose[i];
		a->cnt[i].n_called += b->cnt[i].n_called;
		a->cnt[i].n_imputed += b->cnt[i].n_imputed;
		a->cnt[i].n_missing += b->cnt[i].n_missing;
		a->cnt[i].allele_ct += b->cnt[i].allele_ct;
		a->cnt[i].denom += b->cnt[i].denom;
	}
	return a->broken ? rc : GRX_OK;
}

static size_t at(const struct prs_sums *s, int sample, int col)
{
	return (size_t)sample * (size_t)s->n_col + (size_t)col;
}

double prs_sums_get(struct prs_sums *s, int sample, int col)
{
	return s->broken ? NAN : ldexp((double)s->sum[at(s, sample, col)], -s->e[col]);
}

double prs_sums_var(struct prs_sums *s, int sample, int col)
{
	if (s->broken || !s->variance)
		return NAN;
	return ldexp((double)s->var[at(s, sample, col)], 2 * (VAR_E - s->e[col]));
}

double prs_sums_absw(struct prs_sums *s, int sample, int col)
{
	return s->broken ? NAN : ldexp((double)s->absw[at(s, sample, col)], ABSW_E - s->e[col]);
}

void prs_sums_counters(struct prs_sums *s, int sample, struct prs_counters *c)
{
	*c = s->cnt[sample];
	c->dose = s->broken ? NAN : ldexp((double)s->dose[sample], -DOSE_E);
}
