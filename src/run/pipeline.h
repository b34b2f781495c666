/* SPDX-License-Identifier: GPL-3.0-or-later
 * pipeline.h -- `genorx run`: all of it in sequence, in three steps that can be resumed:
 * variants (qc call annotate pgx prs, fused over one pass), facts (predict recommend), report. */
#ifndef GRX_RUN_PIPELINE_H
#define GRX_RUN_PIPELINE_H

#include <stdbool.h>

#include "genorx/opt.h"
#include "run/common.h"

struct grx_run_opt {
	const char *outdir;
	struct grx_strs score, db, set;
	const char *clinical, *gff, *rules, *sites, *sex, *prs_effect, *lang, *title, *stop_after,
		*write_sites, *finding_genes;
	bool gvcf, resume, secondary_findings;
};

extern const struct grx_opt grx_run_opts[];

/* Options that shape the output, in one text: no threads, log or output names. For keys, manifest and report.
 */
void grx_pipeline_text(const struct grx_run_opt *o, const struct grx_common *c, struct grx_str *out);

/* Errors: those of the legs; each finished step is committed and can be resumed. */
int grx_pipeline_run(struct grx_ctx *cx, const struct grx_run_opt *o, const struct grx_common *c,
	const struct grx_strs *inputs) GRX_MUST;

#endif
