/* SPDX-License-Identifier: GPL-3.0-or-later
 * out.h -- what is written of a record: CSQ with VEP's columns, a table, JSON lines. */
#ifndef GRX_STAGE_ANNOTATE_OUT_H
#define GRX_STAGE_ANNOTATE_OUT_H

#include "stage/annotate/annotate_int.h"

struct annotate_out; /* chosen columns, open files: of the state */
/* Options first, then files: --fields, --pick-order and options that exclude each other are GRX_E_USAGE. */
int annotate_out_open(struct grx_ctx *cx, struct annotate_state *st, struct annotate_out **out) GRX_MUST;
/* After the databases are open: the table's header names their columns. */
int annotate_out_begin(struct grx_ctx *cx, struct annotate_state *st) GRX_MUST;
/* Unwritten files are abandoned. */
void annotate_out_close(struct annotate_out *o);
/* Index of the preferred one of n > 0 entries of an allele, by --pick-order. */
int32_t annotate_pick(const struct annotate_state *st, const struct annotate_entry *e, int32_t n);
/* Is the entry the preferred one of its allele (with --per-gene: of its allele and gene)? */
bool annotate_out_picked(
	const struct annotate_state *st, const struct annotate_record *r, int32_t i, int32_t entry);
/* Which entries of allele i are written: all, or by --pick, --per-gene, --most-severe. */
bool annotate_out_wants(
	const struct annotate_state *st, const struct annotate_record *r, int32_t i, int32_t entry);
/* INFO/CSQ of the record and its rows of the other outputs, kept in the shard until merge. */
int annotate_out_record(struct annotate_work *w, const struct annotate_record *r) GRX_MUST;
int annotate_out_merge(
	struct grx_ctx *cx, struct annotate_state *st, const struct annotate_part *part) GRX_MUST;
int annotate_out_finish(struct grx_ctx *cx, struct annotate_state *st) GRX_MUST;
/* Do the options name an output besides the variants? Then none are written unless -o is given. */
bool annotate_out_quiet(const void *opts);

#endif
