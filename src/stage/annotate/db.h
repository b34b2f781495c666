/* SPDX-License-Identifier: GPL-3.0-or-later
 * db.h -- databases joined by allele or by interval: `--db NAME=FILE:FIELD,FIELD` gives INFO NAME_FIELD. */
#ifndef GRX_STAGE_ANNOTATE_DB_H
#define GRX_STAGE_ANNOTATE_DB_H

#include "genorx/stage.h"
#include "stage/annotate/annotate_int.h"

int annotate_db_open(struct grx_ctx *cx, const struct annotate_state *st, const char *spec,
	struct annotate_db **out) GRX_MUST;
void annotate_db_close(struct annotate_db *db);
int annotate_db_declare(struct grx_ctx *cx, const struct annotate_db *db, struct grx_hdr *h) GRX_MUST;
/* Number of the field whose column or key is name; -1. */
int annotate_db_field(const struct annotate_db *db, const char *column, const char *key);
const char *annotate_db_name(const struct annotate_db *db);
const char *annotate_db_column(const struct annotate_db *db, int field);
int annotate_db_n_field(const struct annotate_db *db);
/* Columns of the input that the database replaces: their names to list; how many. */
int annotate_db_replaced(const struct annotate_db *db, const char **list);
/* Version, hash or date of the file, for facts: "" unknown. */
const char *annotate_db_source(const struct annotate_db *db);
/* Add the columns of every database to every record of the shard. */
int annotate_db_join(struct annotate_work *w) GRX_MUST;
/* Add a shard's counts to the total; GRX_E_MISMATCH as soon as it is clear that the build is another one. */
int annotate_db_merge(
	struct grx_ctx *cx, struct annotate_state *st, const struct annotate_part *part) GRX_MUST;
/* The last check of the build; counts per database into summary. */
int annotate_db_finish(struct grx_ctx *cx, const struct annotate_state *st, struct json_t *summary) GRX_MUST;
/* The job of --build-db: one or more sources to one compact database. */
int annotate_db_tool(const struct annotate_opt *o, struct grx_ctx *cx, const struct grx_tool_io *io) GRX_MUST;

/* GRX_E_USAGE: two databases of one NAME, or a --db-key of a NAME that no --db has. */
int annotate_db_names_check(
	struct grx_ctx *cx, const struct grx_strs *db, const struct grx_strs *keys) GRX_MUST;

#endif
