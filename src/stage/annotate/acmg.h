/* SPDX-License-Identifier: GPL-3.0-or-later
 * acmg.h -- ACMG/AMP criteria and points (Richards 2015, Tavtigian 2020), each criterion with its evidence.
 */
#ifndef GRX_STAGE_ANNOTATE_ACMG_H
#define GRX_STAGE_ANNOTATE_ACMG_H

#include "stage/annotate/annotate_int.h"

struct annotate_acmg; /* rules, exceptions, index of classified protein changes: constant after open */
int annotate_acmg_open(
	struct grx_ctx *cx, const struct annotate_state *st, struct annotate_acmg **out) GRX_MUST;
void annotate_acmg_close(struct annotate_acmg *a);
int annotate_acmg_declare(struct grx_ctx *cx, const struct annotate_acmg *a, struct grx_hdr *h) GRX_MUST;
/* Classify every allele of the record (databases joined, entries made): INFO columns now, facts of carried
 * alleles kept in the shard until merge. */
int annotate_acmg_record(struct annotate_work *w, const struct annotate_record *r) GRX_MUST;
int annotate_acmg_merge(struct grx_ctx *cx, const struct annotate_part *part, struct grx_facts *to) GRX_MUST;
/* Alleles by class and what was not listed: facts acmg/n/CLASS and the summary object. */
int annotate_acmg_summary(struct grx_ctx *cx, const struct annotate_part *t, struct grx_facts *to,
	struct json_t *summary) GRX_MUST;
/* The job of --build-acmg-index: a ClinVar-like VCF to the index of --acmg-index. */
int annotate_acmg_tool(
	const struct annotate_opt *o, struct grx_ctx *cx, const struct grx_tool_io *io) GRX_MUST;

#endif
