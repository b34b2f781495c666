/* SPDX-License-Identifier: GPL-3.0-or-later
 * factio.h -- facts as JSON Lines (or TSV in). The last line of a written file is the fact genorx/end whose
 * value is the number of facts and whose attr sha256 is over all lines before it; a file by genorx without it
 * is truncated. */
#ifndef GRX_IO_FACTIO_H
#define GRX_IO_FACTIO_H

#include "base/str.h"
#include "genorx/facts.h"

#define GRX_FACTS_END_KEY    "genorx/end"
#define GRX_FACTS_END_SAMPLE "*"
extern const char *const grx_fact_status_name[3]; /* by enum grx_fact_status */

/* One line without newline, given (free()). Key order fixed; numbers with 10 significant digits. NULL: no
 * memory. */
char *grx_fact_to_json(const struct grx_fact *f);
/* Append all facts of path ("-" = stdin; .tsv = columns sample key value [unit n lo hi status]). Facts equal
 * in all parts to one already there are skipped; a clash of ids with different value is GRX_E_DATA with
 * file:line. Facts written by genorx (source.version set) require the end record: GRX_E_DATA "truncated". */
int grx_facts_read(struct grx_ctx *cx, const char *path, struct grx_facts *fs) GRX_MUST;
/* All facts in order, then the end record. */
int grx_facts_write(struct grx_ctx *cx, const char *path, const struct grx_facts *fs) GRX_MUST;

/* All facts as lines at the end of b. */
int grx_facts_lines(const struct grx_facts *fs, struct grx_str *b) GRX_MUST;
/* The same file written piece by piece. close and abandon free w; abandon leaves the file without its end. */
struct grx_factout;
int grx_factout_open(struct grx_ctx *cx, const char *path, struct grx_factout **out) GRX_MUST;
struct grx_facts_sink *grx_factout_sink(struct grx_factout *w); /* borrowed */
int grx_factout_add(struct grx_ctx *cx, struct grx_factout *w, const struct grx_facts *fs) GRX_MUST;
int grx_factout_close(struct grx_ctx *cx, struct grx_factout *w) GRX_MUST;
void grx_factout_abandon(struct grx_ctx *cx, struct grx_factout *w);

#endif
