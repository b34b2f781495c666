/* SPDX-License-Identifier: GPL-3.0-or-later
 * recommend_opt.c -- options of `recommend`. */
#include "stage/recommend/recommend_int.h"

/* clang-format off */
const struct grx_opt recommend_opt[] = {
	{ "rules", 0, GRX_OPT_STR, offsetof(struct recommend_opt, rules), NULL, NULL, "DIR",
	  "folder of rule tables (default: refdata/rules)" },
	{ "drugs", 0, GRX_OPT_LIST, offsetof(struct recommend_opt, drugs), NULL, NULL, "LIST",
	  "only these drugs (comma-separated)" },
	{ "population", 0, GRX_OPT_LIST, offsetof(struct recommend_opt, population), NULL, NULL, "LIST",
	  "populations that all samples belong to, as in populations.tsv (default: by the clinical facts)" },
	{ "min-posterior", 0, GRX_OPT_REAL, offsetof(struct recommend_opt, min_posterior), "0.99", "0.5..1", "P",
	  "give the advice of an ambiguous result only when its candidates have this probability together" },
	{ "findings", 0, GRX_OPT_FLAG, offsetof(struct recommend_opt, findings), NULL, NULL, NULL,
	  "also secondary findings (ACMG list): only with the consent of the person" },
	{ "tsv", 0, GRX_OPT_OUT, offsetof(struct recommend_opt, tsv), NULL, NULL, "FILE",
	  "also write the recommendations as a table" },
	GRX_OPT_END
};
/* clang-format on */
