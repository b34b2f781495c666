/* SPDX-License-Identifier: GPL-3.0-or-later
 * bgzout.h -- BGZF text out through the output registry, with a .gzi where random access is wanted. */
#ifndef GRX_IO_BGZOUT_H
#define GRX_IO_BGZOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "genorx/ctx.h"

/* Largest payload of one block. */
#define GRX_BGZ_BLOCK 65280

struct grx_bgz;
/* gzi: also write path.gzi. */
int grx_bgz_open(struct grx_ctx *cx, const char *path, bool gzi, struct grx_bgz **out) GRX_MUST;
/* Errors stick and are reported by grx_bgz_close(). */
void grx_bgz_write(struct grx_bgz *z, const void *p, size_t n);
void grx_bgz_puts(struct grx_bgz *z, const char *s);
/* The same n <= GRX_BGZ_BLOCK bytes `times` times, each a block of its own: compressed once. */
void grx_bgz_repeat(struct grx_bgz *z, const void *p, size_t n, int64_t times);
/* Flush, end-of-file block, index; z is freed whatever happens. */
int grx_bgz_close(struct grx_ctx *cx, struct grx_bgz *z) GRX_MUST;

#endif
