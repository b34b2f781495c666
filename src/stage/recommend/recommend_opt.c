/* SPDX-License-Identifier: GPL-3.0-or-later
 * recommend_opt.c -- options of `recommend`. */
#include "stage/recommend/recommend_int.h"

/* clang-format off */
const struct grx_opt recommend_opt[] = {
	{ "rules", 0, GRX_OPT_STR, offsetof(struct recommend_opt, rules), NULL, NULL, "DIR",
	  "folder of rule tables (default: refdata/rules)" },
	{ "drugs", 0, GRX_OPT_LIST, offsetof(struct recommend_opt, drugs), NULL, NULL, "LIST",
	  "only these drugs (comma-separated)" },
	{ "tsv", 0, GRX_OPT_OUT, offsetof(struct recommend_opt, tsv), NULL, NULL, "FILE",
	  "also write the recommendations as a table" },
	GRX_OPT_END
};
/* clang-format on */
