/* SPDX-License-Identifier: GPL-3.0-or-later
 * htsmisc.h -- small helpers around htslib that every reader of io needs. Internal to io. */
#ifndef GRX_IO_HTSMISC_H
#define GRX_IO_HTSMISC_H

#include <stdbool.h>
#include <stdint.h>

#include <htslib/bgzf.h>
#include <htslib/hts.h>

#include "genorx/ctx.h"

/* htslib prints to stderr and may ask remote servers for references: switch both off. Call before any
 * hts_open() on the main thread; idempotent. CRAM references come from our own FASTA or not at all. */
void grx_hts_quiet(void);

/* Name to hand to htslib for a local file: "-" as it is, otherwise with "./" in front where it could be taken
 * for a scheme (s3:, data:, preload:). With cx->allow_network URLs pass unchanged. Given: grx_free(). Errors:
 * USAGE for scheme:// names without --allow-network and for names that hold "##idx##"; NOMEM. */
int grx_hts_name(struct grx_ctx *cx, const char *path, char **name) GRX_MUST;

/* GRX_E_NOINPUT with the system's reason when path can't be opened for reading or is a folder. "-" is fine.
 */
int grx_readable_check(struct grx_ctx *cx, const char *path) GRX_MUST;

/* Seekable BGZF only: GRX_E_DATA "truncated" when the EOF block is missing (a warning when `allow`). Streams
 * pass: use grx_bgzf_end_check() when they have ended. */
int grx_bgzf_eof_check(struct grx_ctx *cx, BGZF *fp, const char *path, bool allow) GRX_MUST;
/* After the last read returned "end of file": a pending read error or a missing EOF block is an error. */
int grx_bgzf_end_check(struct grx_ctx *cx, BGZF *fp, const char *path, bool allow) GRX_MUST;
/* Turn a failed read into an error: IO for an operating-system error, NOMEM, else DATA with the reason found
 * in fp->errcode. where: "after chr1:1234" or "". Set errno = 0 before the read. */
int grx_bgzf_fail(struct grx_ctx *cx, const BGZF *fp, const char *path, const char *where) GRX_MUST;

/* htslib gives one answer for "damaged" and for "the system failed": with the errno it left (set to 0
 * before), IO for a read error or a limit of the system, NOMEM for exhausted memory, GRX_OK when it was
 * neither. */
int grx_hts_sys_fail(struct grx_ctx *cx, const char *path, int err) GRX_MUST;

/* First of path+suffix (or, for a suffix that begins with '^', the name with its last extension replaced)
 * that exists. *found given, NULL when none. suffix is NULL-ended. */
int grx_index_find(struct grx_ctx *cx, const char *path, const char *const *suffix, char **found) GRX_MUST;
/* GRX_E_MISMATCH when the index is older than the data (whole seconds). */
int grx_index_fresh(struct grx_ctx *cx, const char *data, const char *index, const char *remake) GRX_MUST;
/* A .gzi claims its own number of entries: check it against the size of the file before htslib believes it.
 */
int grx_gzi_check(struct grx_ctx *cx, const char *data, const char *gzi) GRX_MUST;
/* Size in bytes; -1 when unknown. */
int64_t grx_file_size(const char *path);

#endif
