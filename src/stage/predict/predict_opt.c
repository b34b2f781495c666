/* SPDX-License-Identifier: GPL-3.0-or-later
 * predict_opt.c -- options of `genorx predict`. */
#include "stage/predict/predict_int.h"

#define AT(f) offsetof(struct predict_opt, f)

/* clang-format off */
const struct grx_opt predict_opt_table[] = {
	{ "clinical", 0, GRX_OPT_IN, AT(clinical), NULL, NULL, "FILE",
	  "table of clinical values: sample, age, sex, sbp_mmhg, ...; they become facts clinical/NAME" },
	{ "model", 0, GRX_OPT_IN, AT(model), NULL, NULL, "FILE",
	  "table of coefficients (model horizon sex outcome term coefficient source) [shipped risk/prevent.tsv]" },
	{ "prs-effect", 0, GRX_OPT_IN, AT(prs_effect), NULL, NULL, "FILE",
	  "table of score effects (score_id outcome horizon log_hr_per_sd source; score_value mean sd se) to combine with the clinical risk" },
	{ "risk-model", 0, GRX_OPT_IN, AT(risk_model), NULL, NULL, "FILE",
	  "table of risk models: a score's effect and the risk of the population, by sex and age" },
	{ "incidence", 0, GRX_OPT_IN, AT(incidence), NULL, NULL, "FILE",
	  "rates of the disease per person-year (outcome sex age_from age_to rate source), for effects that are hazard ratios" },
	{ "mortality", 0, GRX_OPT_IN, AT(mortality), NULL, NULL, "FILE",
	  "rates of death from other causes (sex age_from age_to rate source; outcome)" },
	{ "risk-covariates", 0, GRX_OPT_IN, AT(risk_covariates), NULL, NULL, "FILE",
	  "further log hazard ratios (model outcome sex covariate log_hr adjusted_for_score source)" },
	{ "reference-population", 0, GRX_OPT_IN, AT(reference_population), NULL, NULL, "FILE",
	  "people with their covariates (sex weight NAME...), for the mean relative risk and for absent covariates" },
	{ "left-sums", 0, GRX_OPT_FLAG, AT(left_sums), NULL, NULL, NULL,
	  "sum hazards at the start of each year, as iCARE does, instead of integrating them" },
	{ "min-coverage", 0, GRX_OPT_REAL, AT(min_coverage), "0.75", "0..1", "frac",
	  "refuse to combine a score with a smaller coverage" },
	GRX_OPT_END
};
/* clang-format on */
