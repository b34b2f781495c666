/* SPDX-License-Identifier: GPL-3.0-or-later
 * leg.c -- drive the stages of a leg over shards.
 * Memory: one arena a slot, reset after its merge; at most 2 x threads + 2 slots; one scratch arena a thread.
 */
#include "run/leg.h"

#include <string.h>

#include "base/ctx.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/par.h"
#include "bio/bed.h"
#include "bio/contig.h"
#include "bio/sites.h"
#include "genorx/genorx.h"
#include "io/fasta.h"
#include "io/readsrc.h"
#include "io/varsrc.h"
#include "run/leg_int.h"
#include "run/shards.h"

static struct grx_slot *slots_new(int n)
{
	struct grx_slot *s = grx_calloc((size_t)n, sizeof(*s));
	for (int i = 0; s && i < n; i++) {
		s[i].mem = grx_arena_new();
		if (!s[i].mem) {
			while (i-- > 0)
				grx_arena_free(s[i].mem);
			grx_free(s);
			return NULL;
		}
	}
	return s;
}

static void slots_free(struct grx_slot *s, int n)
{
	for (int i = 0; s && i < n; i++) {
		grx_vars_release(s[i].sh.vars);
		grx_arena_free(s[i].mem);
	}
	grx_free(s);
}

int leg_window(struct leg_run *r, struct grx_ctx *cx, const struct grx_interval *v, struct grx_shard *sh)
{
	int64_t len = cx->contigs->c[v->tid].len;
	sh->tid = v->tid;
	sh->beg = v->beg;
	sh->end = v->end;
	sh->halo_beg = v->beg > GRX_HALO_BP ? v->beg - GRX_HALO_BP : 0;
	sh->halo_end = v->end + GRX_HALO_BP < len ? v->end + GRX_HALO_BP : len;
	if (r->indexed)
		return GRX_OK;
	return grx_readsrc_stream(cx, r->reads, sh->tid, sh->halo_beg, sh->halo_end, sh->mem, &sh->reads);
}

static int next_reads(struct leg_run *r, struct grx_ctx *cx, struct grx_slot *s, uint64_t i, bool *done)
{
	*done = i >= r->shards->n;
	return *done ? GRX_OK : leg_window(r, cx, &r->shards->v[i], &s->sh);
}

static int next_vars(struct leg_run *r, struct grx_ctx *cx, struct grx_slot *s, bool *done)
{
	s->sh.tid = -1;
	if (r->pass)
		return grx_varpass_next(
			cx, r->pass, grx_varpass_block(r->pass, (int)(s - r->slot)), r->block, done);
	int rc = grx_varsrc_next(cx, r->vars, s->mem, r->block, &s->sh.vars);
	*done = rc == GRX_OK && s->sh.vars->n == 0;
	return rc;
}

static int leg_next(void *state, struct grx_ctx *cx, uint64_t i, int slot, bool *done)
{
	struct leg_run *r = state;
	struct grx_slot *s = &r->slot[slot];
	grx_vars_release(s->sh.vars);
	grx_arena_reset(s->mem);
	s->sh = (struct grx_shard){.index = i, .mem = s->mem};
	memset(s->part, 0, sizeof s->part);
	return r->reads ? next_reads(r, cx, s, i, done) : next_vars(r, cx, s, done);
}

int leg_load_reads(struct leg_run *r, struct grx_ctx *cx, struct grx_shard *sh, int thread)
{
	int rc = GRX_OK;
	if (r->indexed)
		rc = grx_readsrc_fetch(
			cx, r->reads, thread, sh->tid, sh->halo_beg, sh->halo_end, sh->scratch, &sh->reads);
	if (rc == GRX_OK)
		grx_reads_own(sh->reads, sh->beg, sh->end);
	return rc;
}

int leg_load_ref(struct grx_ctx *cx, struct grx_shard *sh)
{
	if (!cx->fasta)
		return GRX_OK;
	const char *name = grx_contig_name(cx->contigs, sh->tid);
	if (grx_contigs_find(grx_fasta_contigs(cx->fasta), name) < 0)
		return GRX_OK; /* checked at the start: stages that need the reference say so */
	char *seq;
	int64_t n;
	int rc = grx_fasta_fetch(cx, cx->fasta, name, sh->halo_beg, sh->halo_end, sh->mem, &seq, &n);
	sh->ref = seq;
	sh->ref_beg = sh->halo_beg;
	sh->ref_end = sh->halo_beg + n;
	return rc;
}

/* What the stages are to see. */
static int load(struct leg_run *r, struct grx_ctx *cx, struct grx_slot *s, int thread)
{
	if (r->pass)
		return grx_varpass_decode(
			cx, r->pass, grx_varpass_block(r->pass, (int)(s - r->slot)), s->mem, &s->sh.vars);
	if (!r->reads)
		return GRX_OK;
	int rc = leg_load_reads(r, cx, &s->sh, thread);
	if (rc == GRX_OK) {
		leg_unseen_count(&s->sh, &s->unseen);
		rc = leg_load_ref(cx, &s->sh);
	}
	return rc;
}

static int run_stages(struct leg_run *r, struct grx_ctx *cx, struct grx_slot *s)
{
	int rc = GRX_OK;
	for (int k = 0; k < r->leg->n_stage && rc == GRX_OK; k++) {
		const struct grx_leg_stage *ls = &r->leg->stage[k];
		if (!ls->st->shard)
			continue;
		cx->stage = ls->st->name;
		struct grx_reads *all = s->sh.reads;
		s->sh.part = NULL;
		if (ls->st->thin)
			rc = leg_thin_view(cx, &s->sh);
		if (rc == GRX_OK)
			rc = ls->st->shard(ls->state, cx, &s->sh);
		s->sh.reads = all;
		s->part[k] = s->sh.part;
	}
	return rc;
}

static int leg_map(void *state, struct grx_ctx *cx, uint64_t i, int slot, int thread)
{
	struct leg_run *r = state;
	struct grx_slot *s = &r->slot[slot];
	(void)i;
	grx_arena_reset(r->scratch[thread]);
	s->sh.scratch = r->scratch[thread];
	int rc = load(r, cx, s, thread);
	if (rc == GRX_OK)
		rc = run_stages(r, cx, s);
	if (rc == GRX_OK && r->pass)
		rc = grx_varpass_encode(cx, r->pass, grx_varpass_block(r->pass, slot), s->sh.vars);
	s->sh.scratch = NULL;
	if (s->sh.reads) {
		s->no_reads = (struct grx_reads){0};
		s->sh.reads = &s->no_reads;
	}
	/* some callees take NULL for "nothing there"; records to standard output pass no commit */
	if (rc == GRX_OK && grx_mem_refused())
		rc = grx_fail_nomem(cx, "a shard");
	return rc;
}

static int leg_merge(void *state, struct grx_ctx *cx, uint64_t i, int slot)
{
	struct leg_run *r = state;
	struct grx_slot *s = &r->slot[slot];
	int rc = GRX_OK;
	for (int k = 0; k < r->leg->n_stage && rc == GRX_OK; k++) {
		const struct grx_leg_stage *ls = &r->leg->stage[k];
		if (!ls->st->merge)
			continue;
		cx->stage = ls->st->name;
		s->sh.part = s->part[k];
		rc = ls->st->merge(ls->state, cx, &s->sh);
	}
	if (s->sh.reads)
		leg_unseen_add(&r->unseen, &s->unseen);
	if (rc == GRX_OK && s->sh.vars) {
		r->n_vars += (int64_t)s->sh.vars->n;
		if (r->pass)
			rc = grx_varpass_write(cx, r->pass, grx_varpass_block(r->pass, slot), s->sh.vars);
		else if (r->sink)
			rc = grx_varsink_put(cx, r->sink, s->sh.vars);
	}
	double now = grx_wall_s();
	if (now - r->last_log_s > 10 && rc == GRX_OK) {
		r->last_log_s = now;
		grx_info(cx, "%s:%.1fM shard %llu, %lld variants",
			s->sh.tid >= 0 ? grx_contig_name(cx->contigs, s->sh.tid) : "records",
			(double)s->sh.end / 1e6, (unsigned long long)i, (long long)r->n_vars);
	}
	return rc;
}

static int open_stages(struct leg_run *r, struct grx_ctx *cx)
{
	struct grx_leg *leg = r->leg;
	int rc = GRX_OK;
	for (int k = 0; k < leg->n_stage && rc == GRX_OK; k++) {
		cx->stage = leg->stage[k].st->name;
		if (leg->stage[k].st->wants && cx->contigs)
			rc = leg->stage[k].st->wants(leg->stage[k].opts, cx, cx->sites);
	}
	if (rc == GRX_OK)
		rc = leg_sites_resolve(r, cx);
	if (rc == GRX_OK && r->vars)
		rc = leg_vars_narrow(r, cx);
	for (int k = 0; k < leg->n_stage && rc == GRX_OK; k++) {
		cx->stage = leg->stage[k].st->name;
		leg->stage[k].opened = true;
		rc = leg->stage[k].st->open(leg->stage[k].opts, cx, &leg->stage[k].state);
	}
	/* a table that lost a row to exhausted memory must not decide anything */
	if (rc == GRX_OK && grx_mem_refused())
		rc = grx_fail_nomem(cx, "tables");
	return rc;
}

/* Facts of a stage go to a container of its own first, so that the next one of the leg can look them up in
 * cx->facts. */
static int finish_stages(struct leg_run *r, struct grx_ctx *cx)
{
	struct grx_leg *leg = r->leg;
	int rc = GRX_OK;
	for (int k = 0; k < leg->n_stage && rc == GRX_OK; k++) {
		struct grx_leg_stage *ls = &leg->stage[k];
		if (!ls->st->finish)
			continue;
		json_t *sum = json_object();
		cx->stage = ls->st->name;
		rc = sum ? GRX_OK : grx_fail_nomem(cx, "a summary");
		if (rc == GRX_OK && leg->facts)
			rc = leg->facts(leg, cx);
		else if (rc == GRX_OK && ls->st->each)
			rc = ls->st->each(ls->state, cx, leg->out);
		if (rc == GRX_OK)
			rc = ls->st->finish(ls->state, cx, leg->out, sum);
		if (rc == GRX_OK && grx_facts_stamp(leg->out) != GRX_OK)
			rc = grx_fail_nomem(cx, "facts");
		if (sum && json_object_set_new(leg->summary, ls->st->name, sum) != 0 && rc == GRX_OK)
			rc = grx_fail_nomem(cx, "a summary");
	}
	return rc;
}

static void close_stages(struct grx_leg *leg)
{
	for (int k = 0; k < leg->n_stage; k++) {
		if (leg->stage[k].opened && leg->stage[k].st->close)
			leg->stage[k].st->close(leg->stage[k].state);
		leg->stage[k].state = NULL;
		leg->stage[k].opened = false;
	}
}

static void scratch_free(struct leg_run *r, int n)
{
	for (int i = 0; r->scratch && i < n; i++)
		grx_arena_free(r->scratch[i]);
	grx_free(r->scratch);
	r->scratch = NULL;
}

static int run_shards(struct leg_run *r, struct grx_ctx *cx)
{
	struct grx_par_ops ops = {r, leg_next, leg_map, leg_merge};
	int n = grx_par_slots(cx->threads);
	r->slot = slots_new(n);
	r->scratch = grx_calloc((size_t)cx->threads, sizeof(struct grx_arena *));
	bool ok = r->slot && r->scratch;
	for (int i = 0; ok && i < cx->threads; i++)
		ok = (r->scratch[i] = grx_arena_new()) != NULL;
	r->last_log_s = grx_wall_s();
	int rc = ok ? grx_par_ordered(cx, cx->threads, &ops) : grx_fail_nomem(cx, "shards");
	slots_free(r->slot, n);
	scratch_free(r, cx->threads);
	r->slot = NULL;
	if (rc == GRX_OK && r->reads && !r->indexed)
		rc = grx_readsrc_drain(cx, r->reads);
	return rc;
}

int grx_leg_run(struct grx_ctx *cx, struct grx_leg *leg)
{
	int rc = GRX_E_BUG;
	struct leg_run r = {.leg = leg, .block = 1024};
	struct grx_ctx lc;
	grx_ctx_child(cx, &lc);
	GRX_TRY(leg_source_open(&r, &lc));
	GRX_TRY(open_stages(&r, &lc));
	if (r.reads)
		GRX_TRY(leg_learn(&r, &lc)); /* before the sinks: stages may add to the header */
	GRX_TRY(leg_sinks_open(&r, &lc));
	if (r.vars)
		GRX_TRY(leg_cols_set(&r, &lc));
	if (r.geno) {
		lc.stage = leg->stage[0].st->name;
		GRX_TRY(leg->stage[0].st->bulk(leg->stage[0].state, &lc, r.geno, r.regions));
	} else if (r.reads || r.vars) {
		GRX_TRY(run_shards(&r, &lc));
	}
	if (r.sink) {
		struct grx_varsink *sink = r.sink;
		r.sink = NULL;
		lc.stage = "write";
		GRX_TRY(grx_varsink_close(&lc, sink));
	}
	GRX_TRY(finish_stages(&r, &lc));
	if (r.vars)
		GRX_TRY(leg_cols_summary(&r, &lc));
	if (r.reads)
		GRX_TRY(leg_reads_summary(&r, &lc));
	rc = GRX_OK;
out:
	if (r.sink)
		grx_varsink_abandon(r.sink);
	close_stages(leg);
	leg_source_close(&r, &lc);
	if (rc != GRX_OK) {
		grx_ctx_take_error(cx, &lc);
		cx->stage = lc.stage;
	}
	return rc;
}
