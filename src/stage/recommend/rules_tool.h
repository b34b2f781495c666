/* SPDX-License-Identifier: GPL-3.0-or-later
 * rules_tool.h -- `genorx rules check|list|diff`: look after folders of rule tables.
 * dir may be NULL: the shipped tables (refdata/rules). Text is appended to out, one finding or rule a line.
 */
#ifndef GRX_RECOMMEND_RULES_TOOL_H
#define GRX_RECOMMEND_RULES_TOOL_H

#include "base/str.h"
#include "genorx/ctx.h"

/* grx_rules_check() -- types of all columns, conditions, duplicate ids, genes and phenotypes against
 * refdata/pgx; the phenotype tables of refdata/pgx for gaps and overlaps; by enumeration of all results a
 * gene can have: rules that hold together and differ (error), doubled rules, rules that never hold, results
 * without a rule (warnings); the test cases of the folder, replayed; gene-drug pairs. require_cases: rules
 * without test cases are errors also where the folder has no table of cases. GRX_E_DATA when there is an
 * error; out holds the report either way. */
int grx_rules_check(struct grx_ctx *cx, const char *dir, bool require_cases, struct grx_str *out) GRX_MUST;

/* Rules as a table or, with json, one JSON object a line; drug and gene may be NULL. GRX_E_USAGE for a drug
 * or gene without a rule. */
struct grx_rules_list {
	const char *drug, *gene;
	bool json;
};
int grx_rules_list(
	struct grx_ctx *cx, const char *dir, const struct grx_rules_list *want, struct grx_str *out) GRX_MUST;

/* What to compare. facts NULL: the tables alone. flush, when given, is called with out when it is long, and
 * empties it, so that memory does not grow with the number of patients. */
struct grx_rules_diff {
	const char *dir_a, *dir_b;
	const char *facts; /* facts of a cohort (JSON Lines), the facts of each sample together */
	int (*flush)(void *arg, struct grx_ctx *cx, struct grx_str *out);
	void *flush_arg;
};
/* Added, removed and changed rules from dir_a to dir_b (for changed ones every column with old and new text),
 * then each sample and drug whose advice differs, and counts. Memory: both rule sets and one sample. */
int grx_rules_diff(struct grx_ctx *cx, const struct grx_rules_diff *job, struct grx_str *out) GRX_MUST;

#endif
