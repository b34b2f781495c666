/* SPDX-License-Identifier: GPL-3.0-or-later
 * rules_tool.h -- `genorx rules check|list|diff`: look after folders of rule tables.
 * dir may be NULL: the shipped tables (refdata/rules). Text is appended to out, one finding or rule a line.
 */
#ifndef GRX_RECOMMEND_RULES_TOOL_H
#define GRX_RECOMMEND_RULES_TOOL_H

#include "base/str.h"
#include "genorx/ctx.h"

/* grx_rules_check() -- types of all columns, conditions, duplicate ids, genes and phenotypes against
 * refdata/pgx, and by enumeration of all results a gene can have: rules that hold together and differ
 * (error), doubled rules, rules that never hold, results without a rule (warnings). GRX_E_DATA when there is
 * an error; out holds the report either way. */
int grx_rules_check(struct grx_ctx *cx, const char *dir, struct grx_str *out) GRX_MUST;
/* Rules as a table; drug and gene may be NULL. GRX_E_USAGE for a drug or gene without a rule. */
int grx_rules_list(struct grx_ctx *cx, const char *dir, const char *drug, const char *gene,
	struct grx_str *out) GRX_MUST;
/* Added, removed and changed rules from dir_a to dir_b; for changed ones every column with old and new text.
 */
int grx_rules_diff(struct grx_ctx *cx, const char *dir_a, const char *dir_b, struct grx_str *out) GRX_MUST;

#endif
