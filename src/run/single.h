/* SPDX-License-Identifier: GPL-3.0-or-later
 * single.h -- one stage alone: files in, files out. */
#ifndef GRX_RUN_SINGLE_H
#define GRX_RUN_SINGLE_H

#include "genorx/stage.h"
#include "run/common.h"

/* Run st on the positional inputs and commit its outputs. cx is a started session's context.
 * Errors: GRX_E_USAGE for a wrong number of inputs; else those of the leg. */
int grx_single_run(struct grx_ctx *cx, const struct grx_stage *st, const void *opts,
	const struct grx_common *c, const struct grx_strs *inputs) GRX_MUST;

#endif
