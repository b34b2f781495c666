/* SPDX-License-Identifier: GPL-3.0-or-later
 * ctx.h -- helpers on the context that only the library needs. */
#ifndef GRX_BASE_CTX_H
#define GRX_BASE_CTX_H

#include "genorx/ctx.h"

/* A child for a worker: same constants, empty error chain. */
void grx_ctx_child(const struct grx_ctx *cx, struct grx_ctx *child);
/* Move the child's error into cx unless cx holds one. */
void grx_ctx_take_error(struct grx_ctx *cx, const struct grx_ctx *child);
/* Clear the error chain. */
void grx_ctx_reset(struct grx_ctx *cx);
/* Path of a shipped table, "pgx/loci.tsv" -> refdata/pgx/loci.tsv; given: grx_free(). NULL on exhausted
 * memory. */
char *grx_refdata_path(const struct grx_ctx *cx, const char *name);

#endif
