/* SPDX-License-Identifier: GPL-3.0-or-later
 * out.h -- output files that never lie: temp file in the same folder (0600, O_EXCL, O_NOFOLLOW), written,
 * flushed, fsynced, closed, every step checked; renamed only by grx_outs_commit() when the whole run has
 * succeeded.
 * "-" is stdout (written straight through, flush and close checked). */
#ifndef GRX_BASE_OUT_H
#define GRX_BASE_OUT_H

#include <stdbool.h>
#include <stddef.h>

#include "genorx/ctx.h"

struct grx_outs;
struct grx_out;

struct grx_outs *grx_outs_new(void);
/* Unlinks what was not committed. Safe on NULL. */
void grx_outs_free(struct grx_outs *os);
/* Rename all temp files in order of opening, then fsync their folders. Files still open are GRX_E_BUG. */
int grx_outs_commit(struct grx_ctx *cx) GRX_MUST;
/* Async-signal-unsafe clean-up for error paths: unlink temps. */
void grx_outs_abort(struct grx_outs *os);

/* Open path for writing through cx->outs. */
int grx_out_open(struct grx_ctx *cx, const char *path, struct grx_out **out) GRX_MUST;
/* Write errors stick and are reported by grx_out_close(). */
void grx_out_write(struct grx_out *o, const void *p, size_t n);
void grx_out_puts(struct grx_out *o, const char *s);
void grx_out_printf(struct grx_out *o, const char *fmt, ...) GRX_PRINTF(2, 3);
/* Flush, fsync, close; o is freed whatever happens. */
int grx_out_close(struct grx_ctx *cx, struct grx_out *o) GRX_MUST;

/* For writers that open by name (htslib): create an empty temp for path and register it; *temp is borrowed
 * from the registry. The caller writes and closes it, then calls grx_outs_sync(). path "-" gives "-". */
int grx_outs_temp(struct grx_ctx *cx, const char *path, const char **temp) GRX_MUST;
/* fsync a finished temp and mark it complete. */
int grx_outs_sync(struct grx_ctx *cx, const char *temp) GRX_MUST;
/* Create a folder 0700 if absent (not its parents). */
int grx_mkdir(struct grx_ctx *cx, const char *path) GRX_MUST;
/* GRX_E_USAGE if both name the same existing file (device and inode). "-" and NULL never do. */
int grx_same_file_check(struct grx_ctx *cx, const char *in, const char *out) GRX_MUST;
/* GRX_E_USAGE for scheme:// names unless cx->allow_network. */
int grx_network_check(struct grx_ctx *cx, const char *path) GRX_MUST;

#endif
