/* SPDX-License-Identifier: GPL-3.0-or-later
 * dup.c -- how often reads are to be expected on a haplotype with a long tandem duplication.
 *
 * A haplotype with D twice explains every read of one that has D once, but for those that reach across D, and
 * there are few or none of these when D is as long as a read. What each read says alone then favours the
 * duplication on both chromosomes. What tells is how many reads show its junction: of n reads that cross an
 * end of D on either chromosome, each comes from one of the places where such a read can begin, so a pair of
 * haplotypes with more of these places gives each single one a lower probability. */
#include <math.h>

#include "stage/call/call_hap.h"

#define CROSS      5  /* bases of a read on both sides of the end it crosses: fewer fit anything */
#define MISFIT_DIV 12 /* one mismatch in so many bases: still a copy */

/* Is it a copy of what follows? Candidates are left-aligned, so the copy is what it stands before. */
static bool is_copy(const struct call_work *w, const struct call_allele *a)
{
	int bad = 0;
	if (a->rlen)
		return false;
	for (int32_t i = 0; i < a->alen; i++)
		bad += call_ref_at(w, a->pos + i) != a->alt[i];
	return bad <= a->alen / MISFIT_DIV;
}

static bool crosses(const struct call_aln *a, int64_t pos)
{
	return a->ubeg + CROSS <= pos && a->uend - CROSS >= pos;
}

static bool frag_crosses(
	const struct call_work *w, const struct call_haps *hs, const struct call_frag *f, int64_t x)
{
	return crosses(&w->aln[hs->seg[f->seg].aln], x) ||
	       (f->seg2 >= 0 && crosses(&w->aln[hs->seg[f->seg2].aln], x));
}

/* Mean length of the reads, less what must lie on both sides. */
static double room(const struct call_work *w, const struct call_haps *hs)
{
	double sum = 0;
	for (int s = 0; s < hs->n_seg; s++)
		sum += w->aln[hs->seg[s].aln].r->l_seq;
	sum = hs->n_seg ? sum / hs->n_seg - 2 * CROSS : 0;
	return sum > 0 ? sum : 0;
}

int call_dup_prepare(struct call_work *w, struct call_haps *hs)
{
	const struct call_allele *d = NULL;
	double r = room(w, hs);
	hs->dup_n = NULL;
	for (int h = 0; h < hs->n; h++)
		hs->h[h].more = 0;
	for (int i = 0; i < hs->rg->n; i++) {
		const struct call_allele *a = &hs->rg->a[i];
		/* shorter ones: most reads that cross one end cross both, and tell by themselves */
		if (2 * a->alen < r || !is_copy(w, a))
			continue;
		d = d && d->n_read >= a->n_read ? d : a;
		for (int h = 0; h < hs->n; h++)
			hs->h[h].more += hs->h[h].mask >> i & 1 ? fmin(a->alen, r) : 0;
	}
	if (!d || r == 0)
		return GRX_OK;
	hs->dup_n = grx_arena_calloc(w->tmp, (size_t)hs->n_sample, sizeof(*hs->dup_n));
	if (!hs->dup_n)
		return grx_fail_nomem(w->cx, "haplotypes");
	hs->dup_room = r + fmin(d->alen, r);
	for (int f = 0; f < hs->n_frag; f++)
		hs->dup_n[hs->frag[f].sample] += frag_crosses(w, hs, &hs->frag[f], d->pos) ||
						 frag_crosses(w, hs, &hs->frag[f], d->pos + d->alen);
	return GRX_OK;
}

double call_dup_ll(const struct call_haps *hs, int sample, int h1, int h2)
{
	if (!hs->dup_n)
		return 0;
	return -hs->dup_n[sample] * log(1 + (hs->h[h1].more + hs->h[h2].more) / (2 * hs->dup_room));
}
