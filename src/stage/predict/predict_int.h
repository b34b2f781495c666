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

struct grx_table;

struct predict_opt {
	const char *clinical;   /* TSV or NULL */
	const char *model;      /* table of coefficients; NULL = shipped */
	const char *prs_effect; /* table of effects per SD, or NULL */
	const char *risk_model, *risk_covariates, *incidence, *mortality, *reference_population; /* or NULL */
	bool left_sums;
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

/* --- one run of the stage: where facts come from and go to (fact.c) --- */
struct predict_run {
	struct grx_ctx *cx;
	const struct predict_opt *opt;
	struct grx_facts *out;
	struct grx_arena *mem; /* strings and arrays for the life of the stage */
	int64_t n_ok, n_missing, n_refused;
};
/* A fact made by this stage, else an input fact; NULL when absent. */
const struct grx_fact *predict_find(const struct predict_run *r, const char *sample, const char *key);
bool predict_usable(const struct grx_fact *f); /* status OK and a number */
int predict_attr_num(struct grx_facts *out, struct grx_fact *f, const char *key, double x) GRX_MUST;
/* New fact with its status (counted) and, unless OK, the reason. */
int predict_fact(struct predict_run *r, const char *sample, const char *key, enum grx_fact_status status,
	const char *reason, struct grx_fact **out) GRX_MUST;

/* --- what a person's score is in standard deviations (score.c) --- */
enum predict_scale { SCALE_Z_NORM2, SCALE_Z_POP, SCALE_SUM, SCALE_N };

struct predict_score {
	const char *id;
	int n_scale;
	enum predict_scale
		scale[SCALE_N]; /* in order of preference; the next one is taken when one is missing */
	double mean, sd;        /* of the sum in the population of the effect; for SCALE_SUM */
};
/* From the columns score_id, score_value (a list joined by commas), mean, sd of the row; absent columns are
 * -1. Without score_value: the sum. */
struct predict_score_cols {
	int id, value, mean, sd;
};
int predict_score_read(struct grx_ctx *cx, struct grx_arena *mem, const struct grx_table *t,
	const struct predict_score_cols *c, struct predict_score *out) GRX_MUST;

struct predict_z {
	enum grx_fact_status status;
	char why[400]; /* unless OK */
	double z, lo, hi;
	bool has_interval;
	enum predict_scale scale;
	double uncovered; /* SCALE_SUM: added expectation of uncovered rows */
	const struct grx_fact *value, *coverage;
};
/* Never an error: what keeps the score from being used is a status with its reason: absent, refused, covered
 * too little, of uncertain ancestry, extrapolated, or more than 8 standard deviations from the mean (another
 * population, unit or table). */
void predict_score_get(const struct predict_run *r, const char *sample, const struct predict_score *s,
	struct predict_z *out);
const char *predict_scale_name(enum predict_scale s);
/* Attributes z, score_value and links of the fact to the score. */
int predict_score_attrs(struct predict_run *r, struct grx_fact *f, const struct predict_z *z) GRX_MUST;

struct grx_risk_spread;
/* Set lo and hi of f, and say in the attribute interval_covers what they cover. */
int predict_interval_set(struct predict_run *r, struct grx_fact *f, const struct predict_z *z,
	struct grx_risk_spread *s) GRX_MUST;

/* --- polygenic effect on top of a clinical risk (combine.c) --- */
struct predict_effect {
	struct predict_score score;
	const char *outcome, *horizon, *source;
	double log_hr, se;
};
struct predict_effects {
	struct grx_arena *mem;
	size_t n, cap;
	struct predict_effect *v;
};
int predict_effects_read(struct grx_ctx *cx, const char *path, struct predict_effects **out) GRX_MUST;
/* GRX_E_DATA for an effect that no equation could take up: it would vanish without a word. */
int predict_effects_check(struct grx_ctx *cx, const char *path, const struct predict_effects *es,
	const struct predict_model *m) GRX_MUST;
void predict_effects_free(struct predict_effects *e);
/* The fact predict/MODEL+SCORE/HORIZON/OUTCOME from predict/MODEL/HORIZON/OUTCOME. */
int predict_combined_fact(struct predict_run *r, const struct predict_eq *eq, const struct predict_effect *e,
	const char *sample) GRX_MUST;
/* log-odds after a score at z standard deviations: the mean risk over N(0,1) scores stays (to first order)
 * the base. */
double predict_combine(double lp, double log_hr, double z);
double predict_probability(double lp); /* inverse logit */

/* --- small readers shared by the tables (columns.c) --- */
/* Fails with file:line, column, what was found, what was expected. */
int predict_bad_cell(struct grx_ctx *cx, const struct grx_table *t, int col, const char *want) GRX_MUST;
/* A number, or the fallback where the column or the cell is absent ('', '.', 'NA'). */
int predict_cell_opt(
	struct grx_ctx *cx, const struct grx_table *t, int col, double fallback, double *out) GRX_MUST;
/* female 0, male 1, any -1. */
int predict_cell_sex(struct grx_ctx *cx, const struct grx_table *t, int col, int *out) GRX_MUST;
/* A name of letters, digits, '_', '.', '-': it becomes part of a key. Copied to mem. */
int predict_cell_name(struct grx_ctx *cx, struct grx_arena *mem, const struct grx_table *t, int col,
	const char **out) GRX_MUST;
bool predict_absent(const char *s);
bool predict_parse_bool(const char *s, double *out);

#endif
