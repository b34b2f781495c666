/* SPDX-License-Identifier: GPL-3.0-or-later
 * sniff.h -- what kind of file is this? */
#ifndef GRX_IO_SNIFF_H
#define GRX_IO_SNIFF_H

#include "genorx/ctx.h"

enum grx_file_kind { GRX_FILE_OTHER, GRX_FILE_READS, GRX_FILE_VARS };

/* By content. "-" is OTHER (it cannot be looked at twice). GRX_E_NOINPUT when it cannot be opened. */
int grx_file_sniff(struct grx_ctx *cx, const char *path, enum grx_file_kind *kind) GRX_MUST;
/* Version of the htslib in use. */
const char *grx_htslib_version(void);

#endif
