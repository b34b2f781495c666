/* SPDX-License-Identifier: GPL-3.0-or-later
 * leg_count.c -- what the reads source left out, said in the summary and in the log. */
#include "base/log.h"
#include "run/leg_int.h"

static void warn(const struct leg_run *r, struct grx_ctx *cx)
{
	const int64_t *n = r->refused;
	if (n[GRX_REFUSED_SAMPLE])
		grx_info(cx, "%lld reads are of samples that were not chosen",
			(long long)n[GRX_REFUSED_SAMPLE]);
	if (n[GRX_REFUSED_RG])
		grx_warn(cx, "%lld reads left out: no read group tells their sample",
			(long long)n[GRX_REFUSED_RG]);
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
		[GRX_REFUSED_RG] = "unknown_read_group"};
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
