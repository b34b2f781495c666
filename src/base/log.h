/* SPDX-License-Identifier: GPL-3.0-or-later
 * log.h -- stderr log: `[genorx 12.3s 7.8x 1.2G] call: text` (wall, CPU ratio, peak RSS). Never patient
 * identifiers. */
#ifndef GRX_BASE_LOG_H
#define GRX_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "genorx/ctx.h"

struct grx_log;                                        /* shared by all threads; internally locked */
struct grx_log *grx_log_new(int verbosity, bool json); /* verbosity 0 warnings, 1 info, 2 debug */
void grx_log_free(struct grx_log *l);
void grx_warn(struct grx_ctx *cx, const char *fmt, ...)
	GRX_PRINTF(2, 3); /* at most 20 of one fmt, then counted */
void grx_info(struct grx_ctx *cx, const char *fmt, ...) GRX_PRINTF(2, 3);
/* Escape bytes outside printable ASCII as \xNN into buf (always NUL-terminated). */
char *grx_escape(const char *s, char *buf, size_t cap);
double grx_wall_s(void);
double grx_cpu_s(void);
int64_t grx_peak_rss_bytes(void);

#endif
