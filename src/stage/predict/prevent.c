/* SPDX-License-Identifier: GPL-3.0-or-later
 * prevent.c -- the PREVENT equations (Khan 2024, doi:10.1161/CIRCULATIONAHA.123.067626): logistic, by sex,
 * with the centring and splines of the supplement. The table says which terms an equation has; the terms are
 * here. Ranges are those of the derivation population; outside them the equation says nothing. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "io/text.h"
#include "stage/predict/predict_int.h"

#define MMOL_PER_MG 0.02586
#define BIT(i)      (1u << (i))

/* Centred and scaled predictors. */
struct centred {
	double age, nonhdl, hdl, sbp_lo, sbp_hi, bmi_lo, bmi_hi, egfr_lo, egfr_hi, dm, smoker, bptx, statin;
	double hba1c, ln_uacr, sdi;
};

enum term {
	T_CONSTANT,
	T_AGE,
	T_AGE2,
	T_NONHDL,
	T_HDL,
	T_SBP_LO,
	T_SBP_HI,
	T_DM,
	T_SMOKER,
	T_BMI_LO,
	T_BMI_HI,
	T_EGFR_LO,
	T_EGFR_HI,
	T_BPTX,
	T_STATIN,
	T_TREATED_SBP,
	T_TREATED_NONHDL,
	T_AGE_NONHDL,
	T_AGE_HDL,
	T_AGE_SBP,
	T_AGE_DM,
	T_AGE_SMOKER,
	T_AGE_BMI,
	T_AGE_EGFR,
	T_SDI_4,
	T_SDI_7,
	T_SDI_NONE,
	T_LN_UACR,
	T_UACR_NONE,
	T_HBA1C_DM,
	T_HBA1C_NO_DM,
	T_HBA1C_NONE,
	T_N
};

/* The inputs of the extended equations; these have a term for each one's absence. */
#define OPTIONAL (BIT(PRED_HBA1C) | BIT(PRED_UACR) | BIT(PRED_SDI))

#define A      BIT(PRED_AGE)
#define NONHDL (BIT(PRED_TC) | BIT(PRED_HDL))
static const struct {
	const char *name;
	uint32_t inputs;
} terms[T_N] = {
	[T_CONSTANT] = {"constant", 0},
	[T_AGE] = {"age", A},
	[T_AGE2] = {"age_squared", A},
	[T_NONHDL] = {"nonhdl", NONHDL},
	[T_HDL] = {"hdl", BIT(PRED_HDL)},
	[T_SBP_LO] = {"sbp_below_110", BIT(PRED_SBP)},
	[T_SBP_HI] = {"sbp_from_110", BIT(PRED_SBP)},
	[T_DM] = {"diabetes", BIT(PRED_DM)},
	[T_SMOKER] = {"smoker", BIT(PRED_SMOKER)},
	[T_BMI_LO] = {"bmi_below_30", BIT(PRED_BMI)},
	[T_BMI_HI] = {"bmi_from_30", BIT(PRED_BMI)},
	[T_EGFR_LO] = {"egfr_below_60", BIT(PRED_EGFR)},
	[T_EGFR_HI] = {"egfr_from_60", BIT(PRED_EGFR)},
	[T_BPTX] = {"bp_treatment", BIT(PRED_BPTX)},
	[T_STATIN] = {"statin", BIT(PRED_STATIN)},
	[T_TREATED_SBP] = {"treated_sbp_from_110", BIT(PRED_BPTX) | BIT(PRED_SBP)},
	[T_TREATED_NONHDL] = {"treated_nonhdl", BIT(PRED_STATIN) | NONHDL},
	[T_AGE_NONHDL] = {"age_x_nonhdl", A | NONHDL},
	[T_AGE_HDL] = {"age_x_hdl", A | BIT(PRED_HDL)},
	[T_AGE_SBP] = {"age_x_sbp_from_110", A | BIT(PRED_SBP)},
	[T_AGE_DM] = {"age_x_diabetes", A | BIT(PRED_DM)},
	[T_AGE_SMOKER] = {"age_x_smoker", A | BIT(PRED_SMOKER)},
	[T_AGE_BMI] = {"age_x_bmi_from_30", A | BIT(PRED_BMI)},
	[T_AGE_EGFR] = {"age_x_egfr_below_60", A | BIT(PRED_EGFR)},
	[T_SDI_4] = {"sdi_4_to_6", BIT(PRED_SDI)},
	[T_SDI_7] = {"sdi_7_to_10", BIT(PRED_SDI)},
	[T_SDI_NONE] = {"sdi_missing", BIT(PRED_SDI)},
	[T_LN_UACR] = {"ln_uacr", BIT(PRED_UACR)},
	[T_UACR_NONE] = {"uacr_missing", BIT(PRED_UACR)},
	[T_HBA1C_DM] = {"hba1c_diabetes", BIT(PRED_HBA1C) | BIT(PRED_DM)},
	[T_HBA1C_NO_DM] = {"hba1c_no_diabetes", BIT(PRED_HBA1C) | BIT(PRED_DM)},
	[T_HBA1C_NONE] = {"hba1c_missing", BIT(PRED_HBA1C)},
};

const char *predict_term_name(int term)
{
	return term >= 0 && term < T_N ? terms[term].name : "?";
}

static void centre(const struct predict_person *p, struct centred *c)
{
	const double *x = p->x;
	double sbp = x[PRED_SBP], bmi = x[PRED_BMI], egfr = x[PRED_EGFR];
	c->age = (x[PRED_AGE] - 55) / 10;
	c->nonhdl = (x[PRED_TC] - x[PRED_HDL]) * MMOL_PER_MG - 3.5;
	c->hdl = (x[PRED_HDL] * MMOL_PER_MG - 1.3) / 0.3;
	c->sbp_lo = (fmin(sbp, 110) - 110) / 20;
	c->sbp_hi = (fmax(sbp, 110) - 130) / 20;
	c->bmi_lo = (fmin(bmi, 30) - 25) / 5;
	c->bmi_hi = (fmax(bmi, 30) - 30) / 5;
	c->egfr_lo = (fmin(egfr, 60) - 60) / -15;
	c->egfr_hi = (fmax(egfr, 60) - 90) / -15;
	c->dm = x[PRED_DM];
	c->smoker = x[PRED_SMOKER];
	c->bptx = x[PRED_BPTX];
	c->statin = x[PRED_STATIN];
	c->hba1c = p->have[PRED_HBA1C] ? x[PRED_HBA1C] - 5.3 : 0;
	c->ln_uacr = p->have[PRED_UACR] ? log(x[PRED_UACR]) : 0;
	c->sdi = p->have[PRED_SDI] ? x[PRED_SDI] : 0;
}

static void term_values(const struct predict_person *p, double v[T_N])
{
	struct centred at, *c = &at;
	centre(p, c);
	v[T_CONSTANT] = 1;
	v[T_AGE] = c->age;
	v[T_AGE2] = c->age * c->age;
	v[T_NONHDL] = c->nonhdl;
	v[T_HDL] = c->hdl;
	v[T_SBP_LO] = c->sbp_lo;
	v[T_SBP_HI] = c->sbp_hi;
	v[T_DM] = c->dm;
	v[T_SMOKER] = c->smoker;
	v[T_BMI_LO] = c->bmi_lo;
	v[T_BMI_HI] = c->bmi_hi;
	v[T_EGFR_LO] = c->egfr_lo;
	v[T_EGFR_HI] = c->egfr_hi;
	v[T_BPTX] = c->bptx;
	v[T_STATIN] = c->statin;
	v[T_TREATED_SBP] = c->bptx * c->sbp_hi;
	v[T_TREATED_NONHDL] = c->statin * c->nonhdl;
	v[T_AGE_NONHDL] = c->age * c->nonhdl;
	v[T_AGE_HDL] = c->age * c->hdl;
	v[T_AGE_SBP] = c->age * c->sbp_hi;
	v[T_AGE_DM] = c->age * c->dm;
	v[T_AGE_SMOKER] = c->age * c->smoker;
	v[T_AGE_BMI] = c->age * c->bmi_hi;
	v[T_AGE_EGFR] = c->age * c->egfr_lo;
	v[T_SDI_4] = c->sdi >= 4 && c->sdi <= 6;
	v[T_SDI_7] = c->sdi >= 7;
	v[T_SDI_NONE] = !p->have[PRED_SDI];
	v[T_LN_UACR] = c->ln_uacr;
	v[T_UACR_NONE] = !p->have[PRED_UACR];
	v[T_HBA1C_DM] = c->hba1c * c->dm;
	v[T_HBA1C_NO_DM] = c->hba1c * (1 - c->dm);
	v[T_HBA1C_NONE] = !p->have[PRED_HBA1C];
}

/* Closed ranges of the equations; BMI is open above. */
static const struct {
	double lo, hi;
	bool open;
} range[PRED_N_INPUT] = {
	[PRED_AGE] = {30, 79, false},
	[PRED_TC] = {130, 320, false},
	[PRED_HDL] = {20, 100, false},
	[PRED_SBP] = {90, 180, false},
	[PRED_BMI] = {18.5, 40, true},
	[PRED_EGFR] = {15, 140, false},
	[PRED_DM] = {0, 1, false},
	[PRED_SMOKER] = {0, 1, false},
	[PRED_BPTX] = {0, 1, false},
	[PRED_STATIN] = {0, 1, false},
	[PRED_HBA1C] = {4.5, 15, false},
	[PRED_UACR] = {0.1, 25000, false},
	[PRED_SDI] = {1, 10, false},
};

static void say(struct predict_risk *r, const char *fmt, const char *a)
{
	size_t n = strlen(r->reason);
	if (n + 2 < sizeof r->reason)
		snprintf(r->reason + n, sizeof r->reason - n, fmt, a);
}

/* Units may come from a conversion: compare with a slack far below any measurement. */
static bool in_range(int i, double x, double hi)
{
	double slack = 1e-6 * hi;
	return x >= range[i].lo - slack && (range[i].open ? x < hi : x <= hi + slack);
}

static void check_absent(const struct predict_person *p, struct predict_risk *r)
{
	if (p->sex < 0)
		say(r, "%s", "absent: sex");
	for (int i = 0; i < PRED_N_INPUT; i++)
		if ((r->used & BIT(i) & ~OPTIONAL) && !p->have[i]) {
			say(r, "%s", r->reason[0] ? ", " : "absent: ");
			say(r, "%s", predict_input_name((enum predict_input)i));
		}
	if (r->reason[0])
		r->status = GRX_FACT_MISSING;
}

static void check_range(const struct predict_eq *eq, const struct predict_person *p, struct predict_risk *r)
{
	for (int i = 0; i < PRED_N_INPUT; i++) {
		double hi = i == PRED_AGE && strcmp(eq->horizon, "30y") == 0 ? 59 : range[i].hi;
		char text[160], x[32], a[32], b[32];
		if (!(r->used & BIT(i)) || !p->have[i] || in_range(i, p->x[i], hi))
			continue;
		snprintf(text, sizeof text, "%s %s is outside %s to %s%s",
			predict_input_name((enum predict_input)i), grx_fmt_g(x, p->x[i], 5),
			grx_fmt_g(a, range[i].lo, 5), range[i].open ? "below " : "", grx_fmt_g(b, hi, 5));
		say(r, "%s", r->reason[0] ? "; " : "");
		say(r, "%s", text);
		r->status = GRX_FACT_REFUSED;
	}
	if ((r->used & BIT(PRED_SDI)) && p->have[PRED_SDI] && p->x[PRED_SDI] != rint(p->x[PRED_SDI])) {
		say(r, "%s",
			r->reason[0] ? "; sdi_decile is not a whole number"
				     : "sdi_decile is not a whole number");
		r->status = GRX_FACT_REFUSED;
	}
	if (p->x[PRED_TC] < p->x[PRED_HDL] && (r->used & NONHDL) == NONHDL) {
		say(r, "%s",
			r->reason[0] ? "; HDL exceeds total cholesterol" : "HDL exceeds total cholesterol");
		r->status = GRX_FACT_REFUSED;
	}
	if (r->status == GRX_FACT_REFUSED)
		say(r, "%s", ": the equation does not reach there");
}

static uint32_t inputs_of(const struct predict_eq *eq)
{
	uint32_t used = 0;
	for (int k = 0; k < eq->n; k++)
		used |= terms[eq->term[k]].inputs;
	return used;
}

bool predict_eq_applies(const struct predict_eq *eq, const struct predict_person *p)
{
	uint32_t optional = inputs_of(eq) & OPTIONAL;
	int n = 0, have = 0;
	for (int i = 0; i < PRED_N_INPUT; i++) {
		n += (optional & BIT(i)) != 0;
		have += (optional & BIT(i)) != 0 && p->have[i];
	}
	return n == 0 || (have > 0 && have >= n - 1);
}

void predict_eq_eval(const struct predict_eq *eq, const struct predict_person *p, struct predict_risk *out)
{
	*out = (struct predict_risk){.status = GRX_FACT_OK, .used = inputs_of(eq)};
	if (p->conflict) {
		say(out, "%s", p->conflict);
		out->status = GRX_FACT_REFUSED;
		return;
	}
	check_absent(p, out);
	if (out->status == GRX_FACT_OK)
		check_range(eq, p, out);
	if (out->status != GRX_FACT_OK)
		return;
	double v[T_N];
	term_values(p, v);
	for (int k = 0; k < eq->n; k++) {
		out->part[k] = eq->coef[k] * v[eq->term[k]];
		out->lp += out->part[k];
	}
	out->p = predict_probability(out->lp);
}

/* --- the table --- */

static int bad_row(
	struct grx_ctx *cx, const struct grx_table *t, const char *what, const char *found, const char *want)
{
	return grx_fail(cx, GRX_E_DATA, "%s:%lld: %s '%.60s'; expected %s", grx_table_path(t),
		(long long)grx_table_lineno(t), what, found, want);
}

static int term_find(const char *name)
{
	for (int i = 0; i < T_N; i++)
		if (strcmp(terms[i].name, name) == 0)
			return i;
	return -1;
}

enum { M_MODEL, M_HORIZON, M_SEX, M_OUTCOME, M_TERM, M_COEF, M_SOURCE, M_N };

/* The equation of this row, made when new. */
static int eq_get(struct grx_ctx *cx, struct predict_model *m, const struct grx_table *t, const int *col,
	int sex, struct predict_eq **out)
{
	const char *s[4] = {grx_table_get(t, col[M_MODEL]), grx_table_get(t, col[M_HORIZON]),
		grx_table_get(t, col[M_OUTCOME]), grx_table_get(t, col[M_SOURCE])};
	for (size_t i = 0; i < m->n; i++) {
		struct predict_eq *e = &m->eq[i];
		if (e->sex == sex && strcmp(e->model, s[0]) == 0 && strcmp(e->horizon, s[1]) == 0 &&
			strcmp(e->outcome, s[2]) == 0) {
			*out = e;
			return GRX_OK;
		}
	}
	if (grx_grow(&m->eq, &m->cap, m->n + 1, sizeof *m->eq, 10000) != 0)
		return grx_fail_nomem(cx, "risk equations");
	struct predict_eq *e = &m->eq[m->n++];
	*e = (struct predict_eq){.model = grx_arena_strdup(m->mem, s[0]),
		.horizon = grx_arena_strdup(m->mem, s[1]),
		.outcome = grx_arena_strdup(m->mem, s[2]),
		.source = grx_arena_strdup(m->mem, s[3]),
		.sex = sex};
	*out = e;
	return e->model && e->horizon && e->outcome && e->source ? GRX_OK
								 : grx_fail_nomem(cx, "risk equations");
}

static int model_row(void *arg, struct grx_ctx *cx, struct grx_table *t, const int *col)
{
	struct predict_model *m = arg;
	int rc = GRX_E_BUG;
	const char *sex = grx_table_get(t, col[M_SEX]), *name = grx_table_get(t, col[M_TERM]);
	struct predict_eq *e = NULL;
	int term = term_find(name);
	double coef;
	if (strcmp(sex, "female") != 0 && strcmp(sex, "male") != 0)
		return bad_row(cx, t, "sex", sex, "female or male");
	if (term < 0)
		return bad_row(cx, t, "term", name, "a term of the PREVENT equations");
	GRX_TRY(grx_table_f64(cx, t, col[M_COEF], &coef));
	GRX_TRY(eq_get(cx, m, t, col, sex[0] == 'm', &e));
	for (int k = 0; k < e->n; k++)
		if (e->term[k] == term)
			return bad_row(cx, t, "term given twice:", name, "each term once per equation");
	if (e->n == PRED_MAX_TERM)
		return bad_row(cx, t, "too many terms at", name, "at most 40");
	e->term[e->n] = term;
	e->coef[e->n++] = coef;
	rc = GRX_OK;
out:
	return rc;
}

int predict_model_read(struct grx_ctx *cx, const char *path, struct predict_model **out)
{
	static const char *const name[M_N] = {
		"model", "horizon", "sex", "outcome", "term", "coefficient", "source"};
	int rc = GRX_E_BUG;
	struct predict_model *m = grx_calloc(1, sizeof *m);
	*out = NULL;
	if (!m || !(m->mem = grx_arena_new())) {
		rc = grx_fail_nomem(cx, "risk equations");
		goto out;
	}
	GRX_TRY(grx_table_each(cx, path, name, M_N, model_row, m));
	*out = m;
	m = NULL;
	rc = GRX_OK;
out:
	predict_model_free(m);
	return rc;
}

void predict_model_free(struct predict_model *m)
{
	if (!m)
		return;
	grx_free(m->eq);
	grx_arena_free(m->mem);
	grx_free(m);
}
