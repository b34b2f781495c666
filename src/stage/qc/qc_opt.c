/* SPDX-License-Identifier: GPL-3.0-or-later
 * qc_opt.c -- options of the qc stage. */
#include <stddef.h>

#include "stage/qc/qc_int.h"

#define AT(field) offsetof(struct qc_opt, field)

/* clang-format off */
const struct grx_opt qc_opts[] = {
	{ "gates", 0, GRX_OPT_IN, AT(gates), NULL, NULL, "FILE", "table of limits (default: qc/gates.tsv of the reference data)" },
	{ "fail-on-gate", 0, GRX_OPT_FLAG, AT(fail_on_gate), NULL, NULL, NULL, "end with status 77 when a gate fails" },
	{ "min-mapq", 'q', GRX_OPT_INT, AT(min_mapq), "0", "0..254", "phred", "count depth from reads mapped at least this well" },
	{ "min-baseq", 'Q', GRX_OPT_INT, AT(min_baseq), "0", "0..93", "phred", "count depth from bases of at least this quality" },
	{ "json", 0, GRX_OPT_OUT, AT(json), NULL, NULL, "FILE", "full histograms as JSON" },
	{ "multiqc", 0, GRX_OPT_OUT, AT(multiqc), NULL, NULL, "FILE", "MultiQC custom content (name it *_mqc.json)" },
	{ "tsv", 0, GRX_OPT_OUT, AT(tsv), NULL, NULL, "FILE", "metrics and verdicts as a table" },
	GRX_OPT_END
};
/* clang-format on */
