/* SPDX-License-Identifier: GPL-3.0-or-later
 * sniff.h -- what kind of file is this? */
#ifndef GRX_IO_SNIFF_H
#define GRX_IO_SNIFF_H

#include <stdbool.h>
#include <stdint.h>

#include "genorx/ctx.h"

enum grx_file_kind { GRX_FILE_OTHER, GRX_FILE_READS, GRX_FILE_VARS };

/* By content. "-" is OTHER (it cannot be looked at twice). GRX_E_NOINPUT when it cannot be opened. */
int grx_file_sniff(struct grx_ctx *cx, const char *path, enum grx_file_kind *kind) GRX_MUST;
/* Version of the htslib in use. */
const char *grx_htslib_version(void);
/* "1.16" or "1.21.1-dirty" -> 1016000, 1021001. */
int64_t grx_htslib_release(const char *version);
/* Is the CRAM decoder of that version free of the known memory errors? CVE-2026-31962 to -31971 were fixed in
 * 1.21.1, 1.22.2 and 1.23.1, so that 1.22 is worse than 1.21.1. */
bool grx_htslib_cram_safe(const char *version);

#endif
