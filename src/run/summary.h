/* SPDX-License-Identifier: GPL-3.0-or-later
 * summary.h -- the summary JSON: version, options, counts by stage, timings, peak memory. */
#ifndef GRX_RUN_SUMMARY_H
#define GRX_RUN_SUMMARY_H

#include <jansson.h>

#include "genorx/ctx.h"

/* {"genorx", "htslib", "options", "stages": stages, "wall_s", "cpu_s", "peak_rss_bytes", "threads"}; stages
 * borrowed. */
int grx_summary_write(struct grx_ctx *cx, const char *path, json_t *stages) GRX_MUST;
/* Write any JSON value, indented, keys in order of insertion. */
int grx_json_write(struct grx_ctx *cx, const char *path, const json_t *v) GRX_MUST;

#endif
