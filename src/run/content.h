/* SPDX-License-Identifier: GPL-3.0-or-later
 * content.h -- content hashes of inputs, tables and outputs, for resuming and for the manifest. */
#ifndef GRX_RUN_CONTENT_H
#define GRX_RUN_CONTENT_H

#include <stdint.h>

#include "base/str.h"
#include "genorx/ctx.h"

/* SHA-256 of a file; beyond 1 GiB of its size and 64 evenly spaced MiB (prefix "sampled:"). hex needs 80
 * bytes. */
int grx_content_file(struct grx_ctx *cx, const char *path, char hex[80], int64_t *bytes) GRX_MUST;
/* Append "name hash\n" of every regular file under dir, names sorted, to out. */
int grx_content_tree(struct grx_ctx *cx, const char *dir, struct grx_str *out) GRX_MUST;
/* SHA-256 of a text. */
int grx_content_text(struct grx_ctx *cx, const char *text, char hex[80]) GRX_MUST;

#endif
