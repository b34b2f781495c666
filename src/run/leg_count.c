/* SPDX-License-Identifier: GPL-3.0-or-later
 * leg_count.c -- what the reads source left out, said in the summary and in the log. */
#include "base/log.h"
#include "base/mem.h"
#include "bio/contig.h"
#include "run/leg_int.h"

int leg_thin_view(struct grx_ctx *cx, struct grx_shard *sh)
{
	const struct grx_reads *all = sh->reads;
	size_t n = 0;
	for (size_t i = 0; all && i < all->n; i++)
		n += all->v[i].over;
	if (n == 0)
		return GRX_OK;
	struct grx_reads *b = grx_arena_alloc(sh->scratch, 1, sizeof(*b));
	struct grx_read *v = grx_arena_alloc(sh->scratch, all->n - n, sizeof(*v));
	if (!b || !v)
		return grx_fail_nomem(cx, "reads of a shard");
	*b = *all;
	b->v = v;
	b->n = 0;
	b->cap = all->n - n;
	for (size_t i = 0; i < all->n; i++)
		if (!all->v[i].over)
			v[b->n++] = all->v[i];
	sh->reads = b;
	return GRX_OK;
}

static void deep_at(struct leg_unseen *u, const struct grx_shard *sh, int64_t pos, int64_t n)
{
	if (pos < sh->beg || pos >= sh->end)
		return;
	if (!u->refused[GRX_REFUSED_DEPTH] || pos < u->deep_pos) {
		u->deep_tid = sh->tid;
		u->deep_pos = pos;
	}
	u->refused[GRX_REFUSED_DEPTH] += n;
}

void leg_unseen_count(const struct grx_shard *sh, struct leg_unseen *u)
{
	const struct grx_reads *b = sh->reads;
	*u = (struct leg_unseen){0};
	for (int k = 0; k < GRX_REFUSALS; k++)
		u->refused[k] = k == GRX_REFUSED_DEPTH ? 0 : b->owned_refused[k];
	for (size_t i = 0; i < b->n_refused; i++)
		if (b->refused[i].why == GRX_REFUSED_DEPTH)
			deep_at(u, sh, b->refused[i].pos, b->refused[i].n);
	for (size_t i = 0; i < b->n; i++) {
		const struct grx_read *rd = &b->v[i];
		if (rd->over)
			deep_at(u, sh, rd->pos, 1);
		u->no_qual += rd->pos >= sh->beg && rd->pos < sh->end && rd->no_qual;
	}
}

void leg_unseen_add(struct leg_unseen *sum, const struct leg_unseen *u)
{
	if (u->refused[GRX_REFUSED_DEPTH] && !sum->refused[GRX_REFUSED_DEPTH]) {
		sum->deep_tid = u->deep_tid;
		sum->deep_pos = u->deep_pos;
	}
	for (int k = 0; k < GRX_REFUSALS; k++)
		sum->refused[k] += u->refused[k];
	sum->no_qual += u->no_qual;
}

static void warn(const struct leg_run *r, struct grx_ctx *cx)
{
	const int64_t *n = r->unseen.refused;
	if (n[GRX_REFUSED_SAMPLE])
		grx_info(cx, "%lld reads are of samples that were not chosen",
			(long long)n[GRX_REFUSED_SAMPLE]);
	if (n[GRX_REFUSED_RG])
		grx_warn(cx, "%lld reads left out: no read group tells their sample",
			(long long)n[GRX_REFUSED_RG]);
	if (n[GRX_REFUSED_DEPTH])
		grx_warn(cx,
			"%lld reads left out of calling, the first at %s:%lld: more than %lld begin in the "
			"same 64 "
			"bases (--depth-limit)",
			(long long)n[GRX_REFUSED_DEPTH], grx_contig_name(cx->contigs, r->unseen.deep_tid),
			(long long)r->unseen.deep_pos + 1, (long long)cx->reads->depth_limit);
	if (n[GRX_REFUSED_GAP])
		grx_warn(cx, "%lld reads left out: a deletion or skip of more than %d bases in their CIGAR",
			(long long)n[GRX_REFUSED_GAP], GRX_MAX_GAP);
	if (n[GRX_REFUSED_SEQ])
		grx_warn(cx, "%lld reads left out: they have no bases (SEQ '*')",
			(long long)n[GRX_REFUSED_SEQ]);
	if (r->unseen.no_qual)
		grx_warn(cx, "%lld reads have no base qualities", (long long)r->unseen.no_qual);
	if (n[GRX_REFUSED_CIGAR])
		grx_warn(cx,
			"%lld reads left out: their CIGAR reaches beyond the contig or covers none of it",
			(long long)n[GRX_REFUSED_CIGAR]);
}

int leg_reads_summary(struct leg_run *r, struct grx_ctx *cx)
{
	static const char *const key[GRX_REFUSALS] = {[GRX_REFUSED_CIGAR] = "refused_bad_cigar",
		[GRX_REFUSED_SEQ] = "refused_no_sequence",
		[GRX_REFUSED_SAMPLE] = "other_sample",
		[GRX_REFUSED_RG] = "unknown_read_group",
		[GRX_REFUSED_GAP] = "refused_long_gap",
		[GRX_REFUSED_DEPTH] = "over_depth_limit"};
	json_t *o = json_object();
	int bad = !o;
	bad |= json_object_set_new(o, "files", json_integer(cx->reads->n_file));
	bad |= json_object_set_new(o, "samples", json_integer(cx->reads->n_sample));
	for (int i = 0; i < GRX_REFUSALS; i++)
		bad |= json_object_set_new(o, key[i], json_integer(r->unseen.refused[i]));
	bad |= json_object_set_new(o, "without_base_quality", json_integer(r->unseen.no_qual));
	bad |= json_object_set_new(r->leg->summary, "input", o);
	cx->stage = "reads";
	warn(r, cx);
	return bad ? grx_fail_nomem(cx, "the summary") : GRX_OK;
}
