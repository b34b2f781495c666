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
	  "table of score effects (score_id outcome horizon mean sd log_hr_per_sd source) to combine with the clinical risk" },
	{ "min-coverage", 0, GRX_OPT_REAL, AT(min_coverage), "0.75", "0..1", "frac",
	  "refuse to combine a score with a smaller coverage" },
	GRX_OPT_END
};
/* clang-format on */
