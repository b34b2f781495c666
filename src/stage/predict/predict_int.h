/* SPDX-License-Identifier: GPL-3.0-or-later
 * predict_int.h -- absolute risk from published equations: what the files of this stage share.
 * Nothing is extrapolated: an absent input makes a risk MISSING, one outside the range of the equation
 * REFUSED. */
#ifndef GRX_PREDICT_INT_H
#define GRX_PREDICT_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"
#include "genorx/genorx.h"

struct predict_opt {
	const char *clinical;   /* TSV or NULL */
	const char *model;      /* table of coefficients; NULL = shipped */
	const char *prs_effect; /* table of effects per SD, or NULL */
	double min_coverage;
};
extern const struct grx_opt predict_opt_table[];

/* --- clinical values (clinical.c) --- */
/* Read the TSV and append clinical/NAME facts to out; samples get into `seen` order by being in out. A value
 * that contradicts a fact already known is GRX_E_MISMATCH. *n_unknown counts columns of no known name. */
int predict_clinical_read(
	struct grx_ctx *cx, const char *path, struct grx_facts *out, int64_t *n_unknown) GRX_MUST;

enum predict_input {
	PRED_AGE,
	PRED_TC,
	PRED_HDL,
	PRED_SBP,
	PRED_DM,
	PRED_SMOKER,
	PRED_BMI,
	PRED_EGFR,
	PRED_BPTX,
	PRED_STATIN,
	PRED_HBA1C,
	PRED_UACR,
	PRED_SDI,
	PRED_N_INPUT
};

/* One person's inputs; units: years, mg/dL, mmHg, kg/m2, mL/min/1.73m2, %, mg/g, 0 or 1. */
struct predict_person {
	const char *sample;
	int sex;              /* 0 female, 1 male, -1 unknown */
	const char *sex_id;   /* fact it came from */
	const char *conflict; /* clinical and genetic sex differ, or an unusable value; NULL = fine */
	bool have[PRED_N_INPUT];
	double x[PRED_N_INPUT];
	const char *id[PRED_N_INPUT]; /* facts they came from */
};
const char *predict_input_name(enum predict_input i);
/* Facts of a sample, new ones (made) before known ones (may be NULL). Strings live in mem or in the facts. */
int predict_person_get(struct grx_ctx *cx, const struct grx_facts *made, const struct grx_facts *known,
	const char *sample, struct grx_arena *mem, struct predict_person *p) GRX_MUST;

/* --- equations (prevent.c) --- */
enum { PRED_MAX_TERM = 40 };

struct predict_eq {
	const char *model, *horizon, *outcome, *source;
	int sex;
	int n;
	int term[PRED_MAX_TERM];
	double coef[PRED_MAX_TERM];
};

struct predict_model {
	struct grx_arena *mem;
	size_t n, cap;
	struct predict_eq *eq; /* in order of first mention */
};
int predict_model_read(struct grx_ctx *cx, const char *path, struct predict_model **out) GRX_MUST;
void predict_model_free(struct predict_model *m);

struct predict_risk {
	enum grx_fact_status status;
	char reason[512];
	double lp, p;               /* log-odds and probability, status OK */
	double part[PRED_MAX_TERM]; /* coef x value per term */
	uint32_t used;              /* inputs of the equation, bit per predict_input */
};
/* Evaluate; every problem is a status, not an error. */
void predict_eq_eval(const struct predict_eq *eq, const struct predict_person *p, struct predict_risk *out);
/* An equation with HbA1c, UACR or SDI is for those who have the value; the full one for those who have two of
 * them (it has terms for the absent one). */
bool predict_eq_applies(const struct predict_eq *eq, const struct predict_person *p);
const char *predict_term_name(int term);

/* --- polygenic effect on top of a clinical risk (combine.c) --- */
struct predict_effect {
	const char *score_id, *outcome, *horizon, *source;
	double mean, sd, log_hr;
};
struct predict_effects {
	struct grx_arena *mem;
	size_t n, cap;
	struct predict_effect *v;
};
int predict_effects_read(struct grx_ctx *cx, const char *path, struct predict_effects **out) GRX_MUST;
void predict_effects_free(struct predict_effects *e);
/* log-odds after a score at z standard deviations: the mean risk over N(0,1) scores stays (to first order)
 * the base. */
double predict_combine(double lp, double log_hr, double z);
double predict_probability(double lp); /* inverse logit */

#endif
