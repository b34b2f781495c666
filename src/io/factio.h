/* SPDX-License-Identifier: GPL-3.0-or-later
 * factio.h -- facts as JSON Lines (or TSV in). The last line of a written file is the fact genorx/end whose
 * value is the number of facts and whose attr sha256 is over all lines before it; a file by genorx without it
 * is truncated. */
#ifndef GRX_IO_FACTIO_H
#define GRX_IO_FACTIO_H

#include "genorx/facts.h"

/* One line without newline, given (free()). Key order fixed; numbers with 10 significant digits. NULL: no
 * memory. */
char *grx_fact_to_json(const struct grx_fact *f);
/* Append all facts of path ("-" = stdin; .tsv = columns sample key value [unit n lo hi status]). Facts equal
 * in all parts to one already there are skipped; a clash of ids with different value is GRX_E_DATA with
 * file:line. Facts written by genorx (source.version set) require the end record: GRX_E_DATA "truncated". */
int grx_facts_read(struct grx_ctx *cx, const char *path, struct grx_facts *fs) GRX_MUST;
/* grx_facts_each_sample() -- hand the facts of path to fn sample by sample, in the order of the file; memory
 * is that of one sample and the names of all. fs is borrowed during the call. The facts of a sample must
 * stand together: else GRX_E_DATA with file:line. A damaged or truncated file is found at its end, after fn
 * has seen its facts: results count only when GRX_OK comes back. A status of fn that is not GRX_OK ends the
 * reading. */
typedef int (*grx_facts_fn)(void *arg, struct grx_ctx *cx, const char *sample, const struct grx_facts *fs);
int grx_facts_each_sample(struct grx_ctx *cx, const char *path, grx_facts_fn fn, void *arg) GRX_MUST;
/* All facts in order, then the end record. */
int grx_facts_write(struct grx_ctx *cx, const char *path, const struct grx_facts *fs) GRX_MUST;

#endif
