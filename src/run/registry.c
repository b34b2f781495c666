/* SPDX-License-Identifier: GPL-3.0-or-later
 * registry.c -- the list of stages. A new stage is one line here and one in stage/stages.h. */
#include "run/registry.h"

#include <string.h>

#include "stage/stages.h"

static const struct grx_stage *const all[] = {
	&grx_stage_qc,
	&grx_stage_call,
	&grx_stage_compare,
	&grx_stage_annotate,
	&grx_stage_pgx,
	&grx_stage_prs,
	&grx_stage_predict,
	&grx_stage_recommend,
	&grx_stage_report,
	&grx_stage_simulate,
	NULL,
};

const struct grx_stage *const *grx_stages(void)
{
	return all;
}

const struct grx_stage *grx_stage_find(const char *name)
{
	for (int i = 0; all[i]; i++) {
		if (strcmp(all[i]->name, name) == 0)
			return all[i];
	}
	return NULL;
}
