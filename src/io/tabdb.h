/* SPDX-License-Identifier: GPL-3.0-or-later
 * tabdb.h -- random access to a bgzip-compressed table with a tabix index (BED, score tables). */
#ifndef GRX_IO_TABDB_H
#define GRX_IO_TABDB_H

#include "bio/contig.h"
#include "genorx/ctx.h"

struct grx_tabdb;

/* What the index says of the table. */
struct grx_tabconf {
	bool zero_based;     /* half-open, as BED */
	int chrom, beg, end; /* columns, 0-based; end -1 when it is beg's */
	char comment;
	int skip; /* lines at the top */
};

/* Is there a .csi or .tbi beside it? */
int grx_tabdb_has_index(struct grx_ctx *cx, const char *path, bool *yes) GRX_MUST;
/* workers handles, taken as they are free. Missing index: GRX_E_NOINPUT with what to run; older than the
 * table: GRX_E_MISMATCH; not bgzip or truncated: GRX_E_DATA. */
int grx_tabdb_open(struct grx_ctx *cx, const char *path, int workers, struct grx_tabdb **out) GRX_MUST;
void grx_tabdb_close(struct grx_tabdb *db);
const struct grx_tabconf *grx_tabdb_conf(const struct grx_tabdb *db);
/* Contigs of the index, without lengths. */
const struct grx_contigs *grx_tabdb_contigs(const struct grx_tabdb *db);
/* Lines that overlap [beg, end) to row(), in file order; contig by alias, none for an unknown one. Errors of
 * row() end it. The line may be cut up. */
typedef int (*grx_tabdb_fn)(void *arg, struct grx_ctx *cx, char *line);
struct grx_tabquery {
	const char *contig;
	int64_t beg, end;
	grx_tabdb_fn row;
	void *arg;
};
int grx_tabdb_fetch(struct grx_ctx *cx, struct grx_tabdb *db, const struct grx_tabquery *q) GRX_MUST;

#endif
