/* SPDX-License-Identifier: GPL-3.0-or-later
 * text_int.h -- what the variant reader needs of the line reader besides text.h. */
#ifndef GRX_IO_TEXT_INT_H
#define GRX_IO_TEXT_INT_H

#include <stdbool.h>

#include "io/text.h"

struct hFILE;

/* Open path ("-" = stdin) for reading as a plain byte stream; local files only unless cx->allow_network. */
int grx_hfile_open(struct grx_ctx *cx, const char *path, struct hFILE **out) GRX_MUST;
/* As grx_text_open() over a byte stream; f is taken, also on failure. */
int grx_text_open_hfile(
	struct grx_ctx *cx, struct hFILE *f, const char *path, struct grx_text **out) GRX_MUST;
/* Bytes of the line last returned. */
size_t grx_text_len(const struct grx_text *t);
/* The next decoded bytes, whatever the lines; *n 0 at the end. Borrowed until the next call; not to be mixed
 * with grx_text_line(). */
int grx_text_bytes(struct grx_ctx *cx, struct grx_text *t, const char **p, size_t *n) GRX_MUST;
/* Valid UTF-8 without NUL. */
bool grx_utf8_ok(const char *s, size_t n);

#endif
