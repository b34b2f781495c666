/* SPDX-License-Identifier: GPL-3.0-or-later
 * feature_context.c -- features of what surrounds a called record: the reference, candidates nearby, reads
 * that were left out. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stage/call/call_int.h"
#include "stage/call/feature.h"
#include "stage/call/foreign.h"
#include "stage/call/strerr.h"

#define NOT_USED (GRX_R_UNMAPPED | GRX_R_SECONDARY | GRX_R_SUPPLEMENTARY | GRX_R_QCFAIL | GRX_R_DUP)

/* Reads that overlap pos, were left out for a low mapping quality alone, as a fraction. */
static double mapq_out(const struct call_work *w, int64_t pos, int used)
{
	const struct grx_reads *rs = w->sh->reads;
	size_t lo = 0, hi = rs->n;
	int out = 0;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (rs->v[mid].pos < pos - CALL_FEAT_REACH)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < rs->n && rs->v[lo].pos <= pos; lo++) {
		const struct grx_read *r = &rs->v[lo];
		out += r->end > pos && r->mapq < w->st->opt.min_mapq && !(r->flag & NOT_USED);
	}
	return call_feat_ratio(out, out + used);
}

static int homopolymer(const struct call_work *w, int64_t pos)
{
	char c = call_ref_at(w, pos);
	int n = 1;
	for (int64_t p = pos + 1; n < 50 && call_ref_at(w, p) == c; p++)
		n++;
	for (int64_t p = pos - 1; n < 50 && call_ref_at(w, p) == c; p--)
		n++;
	return n;
}

static double stutter_cost(const struct call_work *w, int64_t pos, int unit, int count)
{
	const struct call_sample *s = w->st->sample;
	char c = call_ref_at(w, pos);
	bool at = c == 'A' || c == 'T';
	int cls = unit == 1   ? (at ? CALL_STR_AT : CALL_STR_GC)
		  : unit == 2 ? CALL_STR_DI
		  : unit == 3 ? CALL_STR_TRI
			      : CALL_STR_TETRA;
	if (!s)
		return CALL_GAP_OPEN;
	int n = count > CALL_STR_UNITS ? CALL_STR_UNITS : count;
	int ins = s->strmodel.cost[0].gop_ins[cls][n], del = s->strmodel.cost[0].gop_del[cls][n];
	return ins < del ? ins : del;
}

static void from_reference(const struct call_work *w, const struct call_rec *r, double *x)
{
	int unit, len = 0;
	for (int i = 0; i < r->ploidy; i++) {
		int d = r->gt[i] > 0 && r->allele[r->gt[i]][0] != '*'
				? (int)strlen(r->allele[r->gt[i]]) - r->rlen
				: 0;
		len = abs(d) > abs(len) ? d : len;
	}
	int64_t at = r->pos + (len != 0); /* behind the anchor base */
	int bases = call_repeat_len(w, at, &unit), h = homopolymer(w, at), h2 = homopolymer(w, at - 1);
	int h3 = homopolymer(w, at + 1);
	h = h2 > h ? h2 : h;
	x[CALL_F_STR_UNIT] = unit;
	x[CALL_F_STR_COUNT] = bases / unit;
	x[CALL_F_HOMOPOLY] = h3 > h ? h3 : h;
	x[CALL_F_STUTTER] = stutter_cost(w, at, unit, bases / unit);
	x[CALL_F_INDEL_LEN] = len > 100 ? 100 : len < -100 ? -100 : len;
	x[CALL_F_INDEL_UNIT] = len % unit == 0 ? abs(len) / unit : 0;
}

void call_feat_context(const struct call_work *w, const struct call_rec *r, int n_frag, double *x)
{
	from_reference(w, r, x);
	x[CALL_F_FOREIGN] = call_foreign_at(w, r->pos);
	x[CALL_F_MQ_OUT] = mapq_out(w, r->pos, n_frag);
}
