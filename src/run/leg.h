/* SPDX-License-Identifier: GPL-3.0-or-later
 * leg.h -- a leg: one source, some stages, the sinks; one pass over the data.
 * The driver owns source, header, shards and order; stages see shards only. */
#ifndef GRX_RUN_LEG_H
#define GRX_RUN_LEG_H

#include <jansson.h>
#include <stdbool.h>

#include "genorx/stage.h"
#include "run/common.h"

enum { GRX_LEG_STAGES = 8 };

struct grx_leg_stage {
	const struct grx_stage *st;
	const void *opts; /* borrowed */
	void *state;      /* between open and close */
	bool opened;
};

struct grx_leg {
	const struct grx_common *common;
	const char *input; /* reads or variants; NULL for a leg over facts */
	/* several files of reads: inputs[0..n_input), input is the first; 0: input alone */
	int n_input;
	const char *const *inputs;
	bool input_is_reads;
	int n_stage;
	struct grx_leg_stage stage[GRX_LEG_STAGES];
	const char *vars_path; /* variants out: NULL = none, "-" = standard output */
	char vars_type;        /* v z u b */
	/* of one stage over facts: hand them to its each(), instead of all at once as cx->facts; NULL */
	int (*facts)(struct grx_leg *leg, struct grx_ctx *cx);
	void *facts_arg;
	const char *sites_path; /* write the wanted sites as VCF; NULL = none */
	struct grx_facts *out;  /* facts of the stages are appended; borrowed */
	json_t *summary;        /* object: one member a stage; borrowed */
};

/* Run it. cx->facts are the facts known before; cx->outs takes the files (not committed here).
 * Errors: of the source, the stages and the sinks; the lowest failing shard decides. */
int grx_leg_run(struct grx_ctx *cx, struct grx_leg *leg) GRX_MUST;

#endif
