/* SPDX-License-Identifier: GPL-3.0-or-later
 * text.h -- line and table reader over plain, gzip and bgzip text ("-" = stdin).
 * CRLF is accepted and stripped; NUL, UTF-16, a BOM and over-long lines are GRX_E_DATA with file:line. */
#ifndef GRX_IO_TEXT_H
#define GRX_IO_TEXT_H

#include "base/str.h"
#include "bio/bed.h"
#include "bio/contig.h"
#include "genorx/ctx.h"

struct grx_text;
int grx_text_open(struct grx_ctx *cx, const char *path, struct grx_text **out) GRX_MUST;
/* Next line without its end; *line NULL at the end. Borrowed until the next call; may be cut up in place. A
 * truncated gzip stream is GRX_E_DATA. */
int grx_text_line(struct grx_ctx *cx, struct grx_text *t, char **line) GRX_MUST;
int64_t grx_text_lineno(const struct grx_text *t);
const char *grx_text_path(const struct grx_text *t);
void grx_text_close(struct grx_text *t);

/* A table with a header line of column names (leading '#' of the header line stripped; `##` and, with
 * comments = true,
 * `#` lines before it skipped). */
struct grx_table;
int grx_table_open(struct grx_ctx *cx, const char *path, bool comments, struct grx_table **out) GRX_MUST;
/* Column number by name; -1 when absent. */
int grx_table_col(const struct grx_table *t, const char *name);
/* Same, but GRX_E_DATA naming the file and the columns found. */
int grx_table_need(struct grx_ctx *cx, const struct grx_table *t, const char *name, int *col) GRX_MUST;
/* Open path, look up the n_col columns, hand every row to row() with their numbers; errors of row() end it.
 * At most 32 columns. */
int grx_table_each(struct grx_ctx *cx, const char *path, const char *const *name, int n_col,
	int (*row)(void *arg, struct grx_ctx *cx, struct grx_table *t, const int *col), void *arg) GRX_MUST;
/* Next row; *more = false at the end. A row with another number of fields is GRX_E_DATA with file:line. */
int grx_table_next(struct grx_ctx *cx, struct grx_table *t, bool *more) GRX_MUST;
/* Field of the current row, "" when empty; borrowed until the next row. col < 0 gives "". */
const char *grx_table_get(const struct grx_table *t, int col);
int grx_table_i64(struct grx_ctx *cx, const struct grx_table *t, int col, int64_t *out) GRX_MUST;
int grx_table_f64(struct grx_ctx *cx, const struct grx_table *t, int col, double *out) GRX_MUST;
int64_t grx_table_lineno(const struct grx_table *t);
const char *grx_table_path(const struct grx_table *t);
int grx_table_ncol(const struct grx_table *t);
const char *grx_table_name(const struct grx_table *t, int col);
void grx_table_close(struct grx_table *t);

/* BED file onto dictionary d: exact names; no contig in common, a coordinate that is no integer, beg >= end
 * or end beyond the contig: error with file:line. An empty BED is an error, not the whole genome. */
int grx_bed_read(
	struct grx_ctx *cx, const char *path, const struct grx_contigs *d, struct grx_bed *out) GRX_MUST;
/* "chr20", "chr20:5000", "chr20:1,000-2,000" (1-based, inclusive), comma-separated list not allowed. */
int grx_region_parse(
	struct grx_ctx *cx, const char *text, const struct grx_contigs *d, struct grx_bed *out) GRX_MUST;

#endif
