/* SPDX-License-Identifier: GPL-3.0-or-later
 * trio.h -- what the genotypes of relatives say: de novo, compound heterozygous, inherited; as facts. */
#ifndef GRX_STAGE_ANNOTATE_TRIO_H
#define GRX_STAGE_ANNOTATE_TRIO_H

#include "stage/annotate/annotate_int.h"

struct json_t;

/* Families of --ped among the samples of the header. GRX_E_DATA with file:line; GRX_E_MISMATCH when the file
 * names none of the samples. Facts of a child: trio/CHROM:POS:REF:ALT (symbolic: and :END),
 * trio/compound_het/GENE (docs/methods/annotate_trio.md). */
struct annotate_trio;
int annotate_trio_open(
	struct grx_ctx *cx, const struct annotate_state *st, struct annotate_trio **out) GRX_MUST;
void annotate_trio_close(struct annotate_trio *t);
/* Collect from one record into the shard's part; then in genome order, pairs across shards of one gene too.
 */
int annotate_trio_record(struct annotate_work *w, const struct annotate_record *r) GRX_MUST;
int annotate_trio_merge(
	struct grx_ctx *cx, struct annotate_state *st, const struct annotate_part *part) GRX_MUST;
int annotate_trio_finish(struct grx_ctx *cx, struct annotate_state *st, struct grx_facts *to) GRX_MUST;

int annotate_trio_summary(const struct annotate_trio *t, struct json_t *to) GRX_MUST;

#endif
