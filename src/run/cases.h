/* SPDX-License-Identifier: GPL-3.0-or-later
 * cases.h -- a stage over the facts of a cohort: sample by sample from the file, written as they are made. */
#ifndef GRX_RUN_CASES_H
#define GRX_RUN_CASES_H

#include "io/factio.h"
#include "run/leg.h"

struct grx_cases {
	const char *path;        /* grouped by sample (grx_factin_grouped) */
	struct grx_facts *extra; /* facts from other files; borrowed. Those of a sample join its own */
	struct grx_factout *to;  /* borrowed */
	size_t n_replaced;       /* facts of an earlier run of the stage that were left out */
};

/* leg->facts of a leg whose facts_arg is a struct grx_cases. Parsing on all threads, the stage in order: the
 * facts known of a sample, then those made. Samples that only `extra` knows come last. Memory: 2 x threads +
 * 2 samples. */
int grx_cases_run(struct grx_leg *leg, struct grx_ctx *cx) GRX_MUST;

#endif
