/* SPDX-License-Identifier: GPL-3.0-or-later
 * absolute_int.h -- absolute risk from a score without a clinical equation: risk models, rates by age, the
 * reference population. All tables are read and checked when the stage opens. */
#ifndef GRX_PREDICT_ABSOLUTE_INT_H
#define GRX_PREDICT_ABSOLUTE_INT_H

#include "math/icare.h"
#include "math/risk.h"
#include "stage/predict/predict_int.h"

enum { PRED_MAX_AGE = 130, PRED_MAX_PART = 16 };

/* --- rates by age (rates.c): per person-year, whole years of age --- */
struct predict_rates;
/* Columns sex age_from age_to rate source, and outcome (may be absent if !need_outcome: then 'any'). Ages of
 * an outcome and sex may neither overlap nor leave a gap: GRX_E_DATA with file:line. */
int predict_rates_read(
	struct grx_ctx *cx, const char *path, bool need_outcome, struct predict_rates **out) GRX_MUST;
void predict_rates_free(struct predict_rates *r);
/* Rates of the outcome (else of 'any') and sex (-1: rows of sex 'any' only) into rate[0..*n) from age *first.
 * false: no row. */
bool predict_rates_get(const struct predict_rates *r, const char *outcome, int sex,
	double rate[PRED_MAX_AGE + 1], int *first, int *n);

/* --- people of a population (reference.c): columns of numbers --- */
struct predict_people {
	struct grx_arena *mem;
	int n, n_col;
	const char **name;
	double **x; /* x[column][person] */
	double *weight;
	int *sex; /* -1: any */
};
/* Column weight and sex are optional; every other column but sample and source is a number or yes/no. At most
 * 20,000 rows. */
int predict_people_read(struct grx_ctx *cx, const char *path, struct predict_people **out) GRX_MUST;
void predict_people_free(struct predict_people *p);
int predict_people_col(const struct predict_people *p, const char *name); /* -1 absent */

/* --- risk models (riskmodel.c) --- */
enum predict_kind { KIND_LOG_OR, KIND_R2, KIND_LOG_HR };
/* How a table states the strength of a score; the last three become R2 on the liability scale at prevalence
 * k. */
enum predict_measure {
	MEASURE_LOG_OR,
	MEASURE_LOG_HR,
	MEASURE_R2,
	MEASURE_R2_OBSERVED,
	MEASURE_AUC,
	MEASURE_N
};
const char *predict_measure_name(enum predict_measure m);

/* One row: a model of one outcome and horizon in one stratum of sex and age. */
struct predict_stratum {
	const char *model, *outcome, *horizon, *source;
	struct predict_score score;
	int sex;              /* -1 any */
	int age_from, age_to; /* closed, whole years */
	bool any_age;
	enum predict_kind kind;
	enum predict_measure measure;
	double value, se;  /* as in the table */
	double case_share; /* of the sample that MEASURE_R2_OBSERVED is from */
	double k;          /* prevalence or cumulative risk of the stratum; not for KIND_LOG_HR */
	int years, to_age; /* KIND_LOG_HR: the horizon; one of them is -1 */
	long long line;
	double *intercept;             /* KIND_LOG_OR: [0] of value, [1 + i] of its stratum i (if se > 0) */
	struct predict_hazard *haz[3]; /* KIND_LOG_HR: by sex + 1, made when first needed */
};
/* Effect of a covariate in a hazard model. */
struct predict_covariate {
	const char *model, *outcome, *name;
	int sex; /* -1 any */
	double log_hr;
	bool attenuate; /* family history whose effect was estimated without the score */
};
struct predict_models {
	struct grx_arena *mem;
	size_t n, cap, n_cov, cap_cov;
	struct predict_stratum *v;
	struct predict_covariate *cov;
	struct predict_rates *incidence, *mortality;
	struct predict_people *people;
};
/* Reads every table that the options name; NULL without --risk-model. A name in use by `clinical` (the
 * equations) is GRX_E_DATA. */
int predict_models_read(struct grx_ctx *cx, const struct predict_opt *o, const struct predict_model *clinical,
	struct predict_models **out) GRX_MUST;
void predict_models_free(struct predict_models *m);
/* Effect of stratum i, -1 the value itself: log ratio per SD, or R2 on the liability scale, kept within
 * 0..0.999. */
double predict_effect_at(const struct predict_stratum *s, int i);

/* --- hazards of one model and sex (hazard.c) --- */
struct predict_hazard;
/* Why is set (and *out NULL) when the tables do not reach this person: a status, not an error. */
int predict_hazard_make(struct grx_ctx *cx, const struct predict_models *m, const struct predict_stratum *s,
	int sex, struct predict_hazard **out, const char **why) GRX_MUST;
/* What is known of a person for the hazard model. */
struct predict_hazard_person {
	const char *sample;
	int age;
	double z;
	/* filled by predict_hazard_prepare(): */
	int years;
	enum grx_fact_status status;
	char why[300];
	double lp;   /* of the known covariates */
	bool family; /* the known covariates hold a family history to be attenuated */
	int n_part;  /* what the absent covariates add: points and weights */
	double part[PRED_MAX_PART], part_w[PRED_MAX_PART];
	char averaged[300]; /* names of absent covariates */
	int n_because;
	const char *because[16];
	double *h0; /* [1 + GRX_RISK_STRATA][years], of value and strata; owned, grx_free() */
	const double *m;
	double average; /* risk of the population of that age over those years */
};
int predict_hazard_prepare(
	struct predict_run *r, struct predict_hazard *h, struct predict_hazard_person *p) GRX_MUST;
double predict_hazard_risk(
	const struct predict_hazard *h, const struct predict_hazard_person *p, double z, int i, bool left);

/* --- facts predict/MODEL/HORIZON/OUTCOME of one person (absolute.c) --- */
int predict_absolute(
	struct predict_run *r, const struct predict_models *m, const struct predict_person *p) GRX_MUST;

#endif
