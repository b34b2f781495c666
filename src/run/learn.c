/* SPDX-License-Identifier: GPL-3.0-or-later
 * learn.c -- show the stages the first shards of the reads before the run proper.
 * The windows are those of a fixed grid, not of --shard-size, and a stream is rewound afterwards: what a
 * stage learns, and so every output byte, is the same for any way of running. */
#include "base/log.h"
#include "base/par.h"
#include "run/leg_int.h"
#include "run/shards.h"

#define LEARN_BP (INT64_C(8) * GRX_LEARN_BP)

static int show(struct leg_run *r, struct grx_ctx *cx, struct grx_shard *sh, bool *enough)
{
	int rc = GRX_OK;
	for (int k = 0; k < r->leg->n_stage && rc == GRX_OK; k++) {
		const struct grx_leg_stage *ls = &r->leg->stage[k];
		if (enough[k])
			continue;
		cx->stage = ls->st->name;
		struct grx_reads *all = sh->reads;
		sh->part = NULL;
		if (ls->st->thin)
			rc = leg_thin_view(cx, sh);
		if (rc == GRX_OK)
			rc = ls->st->learn(ls->state, cx, sh, &enough[k]);
		sh->reads = all;
	}
	return rc;
}

/* Nothing more to see: stages draw their conclusions, also when there was nothing at all. */
static int last_call(struct leg_run *r, struct grx_ctx *cx)
{
	int rc = GRX_OK;
	for (int k = 0; k < r->leg->n_stage && rc == GRX_OK; k++) {
		const struct grx_leg_stage *ls = &r->leg->stage[k];
		bool enough = true;
		cx->stage = ls->st->name;
		if (ls->st->learn)
			rc = ls->st->learn(ls->state, cx, NULL, &enough);
	}
	return rc;
}

static bool all_enough(const struct leg_run *r, const bool *enough)
{
	for (int k = 0; k < r->leg->n_stage; k++)
		if (!enough[k])
			return false;
	return true;
}

static int walk(struct leg_run *r, struct grx_ctx *cx, const struct grx_bed *grid, bool *enough)
{
	struct grx_arena *mem = grx_arena_new();
	int rc = mem ? GRX_OK : grx_fail_nomem(cx, "shards");
	int64_t seen = 0;
	int n = 0;
	for (size_t i = 0; i < grid->n && seen < LEARN_BP && !all_enough(r, enough) && rc == GRX_OK; i++) {
		struct grx_shard sh = {.index = i, .mem = mem, .scratch = mem};
		grx_arena_reset(mem);
		rc = grx_par_signal_check(cx);
		if (rc == GRX_OK)
			rc = leg_window(r, cx, &grid->v[i], &sh);
		if (rc == GRX_OK)
			rc = leg_load_reads(r, cx, &sh, 0);
		if (rc != GRX_OK || sh.reads->n == 0)
			continue;
		seen += sh.end - sh.beg;
		n++;
		rc = leg_load_ref(cx, &sh);
		if (rc == GRX_OK)
			rc = show(r, cx, &sh, enough);
	}
	grx_arena_free(mem);
	if (rc == GRX_OK)
		rc = last_call(r, cx);
	if (rc == GRX_OK)
		grx_info(cx, "learned from the first %d shards with reads", n);
	return rc;
}

int leg_learn(struct leg_run *r, struct grx_ctx *cx)
{
	bool enough[GRX_LEG_STAGES];
	struct grx_bed *grid = NULL;
	for (int k = 0; k < r->leg->n_stage; k++)
		enough[k] = !r->leg->stage[k].st->learn;
	if (all_enough(r, enough))
		return GRX_OK;
	int rc = grx_shards_cut(cx, cx->contigs, r->regions, GRX_LEARN_BP, &grid);
	if (rc == GRX_OK && !r->indexed)
		rc = grx_readsrc_hold(cx, r->reads);
	if (rc == GRX_OK)
		rc = walk(r, cx, grid, enough);
	if (!r->indexed)
		grx_readsrc_rewind(r->reads);
	grx_bed_free(grid);
	return rc;
}
