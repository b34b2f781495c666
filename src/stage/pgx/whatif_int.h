/* SPDX-License-Identifier: GPL-3.0-or-later
 * whatif_int.h -- what the files of the what-if tool share. */
#ifndef GRX_PGX_WHATIF_INT_H
#define GRX_PGX_WHATIF_INT_H

#include "stage/pgx/pgx_int.h"
#include "stage/pgx/pgx_tool.h"

struct grx_pgx_tool {
	struct pgx_table *table;
	struct grx_contigs *contigs; /* of the table's own names */
};

const struct pgx_gene *pgx_whatif_gene(const struct grx_pgx_tool *t, const char *name);

#endif
