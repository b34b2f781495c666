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
	struct grx_reads *b = grx_arena_alloc(sh->mem, 1, sizeof(*b));
	struct grx_read *v = grx_arena_alloc(sh->mem, all->n - n, sizeof(*v));
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

static void deep_at(struct leg_run *r, const struct grx_shard *sh, int64_t pos, int64_t n)
{
	if (pos < sh->beg || pos >= sh->end)
		return;
	if (!r->refused[GRX_REFUSED_DEPTH] || (r->deep_tid == sh->tid && pos < r->deep_pos)) {
		r->deep_tid = sh->tid;
		r->deep_pos = pos;
	}
	r->refused[GRX_REFUSED_DEPTH] += n;
}

void leg_reads_count(struct leg_run *r, const struct grx_shard *sh)
{
	const struct grx_reads *b = sh->reads;
	for (int k = 0; k < GRX_REFUSALS; k++)
		r->refused[k] += k == GRX_REFUSED_DEPTH ? 0 : b->owned_refused[k];
	for (size_t i = 0; i < b->n_refused; i++)
		if (b->refused[i].why == GRX_REFUSED_DEPTH)
			deep_at(r, sh, b->refused[i].pos, b->refused[i].n);
	for (size_t i = 0; i < b->n; i++)
		if (b->v[i].over)
			deep_at(r, sh, b->v[i].pos, 1);
}

static void warn(const struct leg_run *r, struct grx_ctx *cx)
{
	const int64_t *n = r->refused;
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
			(long long)n[GRX_REFUSED_DEPTH], grx_contig_name(cx->contigs, r->deep_tid),
			(long long)r->deep_pos + 1, (long long)cx->reads->depth_limit);
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
		[GRX_REFUSED_DEPTH] = "over_depth_limit"};
	json_t *o = json_object();
	int bad = !o;
	bad |= json_object_set_new(o, "files", json_integer(cx->reads->n_file));
	bad |= json_object_set_new(o, "samples", json_integer(cx->reads->n_sample));
	for (int i = 0; i < GRX_REFUSALS; i++)
		bad |= json_object_set_new(o, key[i], json_integer(r->refused[i]));
	bad |= json_object_set_new(r->leg->summary, "input", o);
	cx->stage = "reads";
	warn(r, cx);
	return bad ? grx_fail_nomem(cx, "the summary") : GRX_OK;
}
