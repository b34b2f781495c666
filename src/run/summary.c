/* SPDX-License-Identifier: GPL-3.0-or-later
 * summary.c -- summary and manifest files. */
#include "run/summary.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/out.h"
#include "genorx/genorx.h"
#include "io/sniff.h"

int grx_json_write(struct grx_ctx *cx, const char *path, const json_t *v)
{
	struct grx_out *o;
	char *text = json_dumps(v, JSON_INDENT(2) | JSON_REAL_PRECISION(10));
	if (!text)
		return grx_fail_nomem(cx, "JSON text");
	int rc = grx_out_open(cx, path, &o);
	if (rc == GRX_OK) {
		grx_out_puts(o, text);
		grx_out_puts(o, "\n");
		rc = grx_out_close(cx, o);
	}
	free(text);
	return rc;
}

int grx_summary_write(struct grx_ctx *cx, const char *path, json_t *stages)
{
	json_t *j = json_pack("{s:s, s:s, s:s, s:O, s:f, s:f, s:I, s:i}", "genorx", GENORX_VERSION, "htslib",
		grx_htslib_version(), "options", cx->command ? cx->command : "", "stages", stages, "cpu_s",
		grx_cpu_s(), "wall_s", grx_wall_s() - cx->start_s, "peak_rss_bytes",
		(json_int_t)grx_peak_rss_bytes(), "threads", cx->threads);
	if (!j)
		return grx_fail_nomem(cx, "a summary");
	int rc = grx_json_write(cx, path, j);
	json_decref(j);
	return rc;
}
