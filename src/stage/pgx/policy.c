/* SPDX-License-Identifier: GPL-3.0-or-later
 * policy.c -- what the options --compat and --combinations change, in one place.
 * The default is the safe side; --compat pharmcat follows the reference tool's reading of a file and its
 * phenotypes, so that its answers can be reproduced; each fact then says by what rules it was made. */
#include <string.h>

#include "stage/pgx/pgx_int.h"

struct pgx_policy pgx_policy_of(const struct pgx_opt *o)
{
	bool compat = o->compat && !strcmp(o->compat, "pharmcat");
	return (struct pgx_policy){.any_quality = compat,
		.own_records = compat,
		.ad_het_only = compat,
		.as_shown = compat,
		.combine = o->combinations};
}

int pgx_withhold_research(struct grx_arena *mem, const struct pgx_gene *g, struct pgx_verdict *v)
{
	v->phenotype = v->activity = v->lookup = v->candidates = v->credible = NULL;
	v->post =
		NULL; /* sure of small variants only: no probability of a diplotype, let alone a phenotype */
	v->status = v->status == PGX_CALLED ? PGX_AMBIGUOUS : v->status;
	v->why_not = grx_arena_printf(
		mem, "not assessed: %s", g->undetectable ? g->undetectable : "research only");
	return v->why_not ? GRX_OK : GRX_E_NOMEM;
}
