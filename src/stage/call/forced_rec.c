/* SPDX-License-Identifier: GPL-3.0-or-later
 * forced_rec.c -- the record of a forced site among called haplotypes: what was called keeps genotype and
 * phase, what no read tells is a no-call, the plain records that it stands for give way. */
#include "stage/call/forced_hap.h"

#include <string.h>

#define INFORMATIVE 2.0 /* likelihood ratio (3 phred) of a fragment that tells */
#define MIN_GQ      3   /* phred: the genotype is likelier wrong than right */

/* Do two alleles of records that begin at one base spell the same? REF of the longer record ends the other.
 */
static bool same_text(const struct call_rec *a, int i, const struct call_rec *b, int j)
{
	const struct call_rec *lo = a->rlen <= b->rlen ? a : b, *hi = lo == a ? b : a;
	const char *s = lo->allele[lo == a ? i : j], *t = hi->allele[lo == a ? j : i];
	size_t n = strlen(s);
	if (s[0] == '*' || t[0] == '*')
		return s[0] == t[0];
	return strncmp(s, t, n) == 0 && strcmp(t + n, hi->allele[0] + lo->rlen) == 0;
}

/* The phase of the plain record that r stands for, where the genotype is the same. The order of the
 * haplotypes is that of the plain record. */
static void keep_phase(const struct call_work *w, struct call_rec *plain, struct call_rec *r)
{
	for (int s = 0; s < w->n_sample && plain->pos == r->pos; s++) {
		const struct call_rec *old = call_rec_of(plain, s);
		struct call_rec *x = call_rec_of(r, s);
		if (!old->ps || x->nocall || x->ploidy != 2 || x->gt[0] == x->gt[1])
			continue;
		int first = old->gt[old->swap], second = old->gt[!old->swap];
		bool fwd = same_text(plain, first, r, x->gt[0]) && same_text(plain, second, r, x->gt[1]);
		bool rev = same_text(plain, first, r, x->gt[1]) && same_text(plain, second, r, x->gt[0]);
		if (!fwd && !rev)
			continue;
		x->swap = rev;
		x->ps = old->ps;
		x->hc[0] = old->hc[0];
		x->hc[1] = old->hc[1];
	}
}

/* The plain record of a call that is shown now gives way; what else it showed gets one of its own. */
static int give_way(
	struct call_work *w, struct call_fsite *k, const struct call_haps *hs, const struct call_pairs *pp)
{
	for (int c = 0; c < k->rg.n; c++) {
		if (k->from[c] < 0 || !w->called[k->from[c]].shown)
			continue;
		size_t rec = w->called[k->from[c]].rec;
		struct call_place p = {.pos = INT64_MAX};
		if (w->rec[rec].drop || w->rec[rec].forced) /* a site of its own was asked for */
			continue;
		w->rec[rec].drop = true;
		for (int o = 0; o < k->rg.n; o++) {
			const struct call_allele *a = &k->rg.a[o];
			if (k->from[o] < 0 || w->called[k->from[o]].rec != rec || w->called[k->from[o]].shown)
				continue;
			int64_t b = a->pos - call_is_indel(a), e = a->pos + a->rlen;
			p.pos = b < p.pos ? b : p.pos;
			p.end = e > p.end ? e : p.end;
			p.pick[p.n++] = o;
		}
		struct call_rec *r;
		if (p.n == 0)
			continue;
		call_place_classes(hs, pp, &p);
		int rc = call_place_record(w, hs, pp, &p, &r);
		if (rc != GRX_OK)
			return rc;
		keep_phase(w, &w->rec[rec], r);
	}
	return GRX_OK;
}

/* Was an allele that the record shows called in the sample without the site? */
static bool was_called(
	const struct call_work *w, const struct call_fsite *k, const struct call_place *p, int sample)
{
	for (int i = 0; i < p->n; i++) {
		int from = k->from[p->pick[i]];
		if (from >= 0 && w->called[from].hap[sample])
			return true;
	}
	return false;
}

/* Does a fragment of the sample over the place tell REF from the rest? The plain run dropped haplotypes that
 * no read speaks for. */
static bool informed(
	const struct call_fsite *k, const struct call_haps *hs, const struct call_place *p, int sample)
{
	for (int f = hs->s_beg[sample]; f < hs->s_beg[sample + 1]; f++) {
		const struct call_frag *fr = &hs->frag[f];
		const struct call_seg *g = &hs->seg[fr->seg],
				      *g2 = &hs->seg[fr->seg2 < 0 ? fr->seg : fr->seg2];
		double ref = 0, rest = 0;
		if ((g->lpos >= p->end || g->rpos <= p->pos) && (g2->lpos >= p->end || g2->rpos <= p->pos))
			continue;
		for (int h = 0; h < hs->n; h++) {
			double x = hs->p[(size_t)h * (size_t)hs->n_frag + (size_t)f];
			double *to = p->cls[h] == 0 ? &ref : &rest;
			*to = x > *to ? x : *to;
		}
		if ((rest > 0 || k->plain) && (ref >= INFORMATIVE * rest || rest >= INFORMATIVE * ref))
			return true;
	}
	return false;
}

/* A genotype without an ALT needs a fragment that tells and must be the likeliest. What was called stays;
 * where the site's ALTs fit the reads better than what else is possible beside the calls, neither is sure: a
 * no-call. */
static void withhold(struct call_work *w, const struct call_fsite *k, const struct call_haps *hs,
	const struct call_place *p, struct call_rec *r)
{
	for (int s = 0; s < w->n_sample; s++) {
		struct call_rec *x = call_rec_of(r, s);
		bool hom_ref = x->gt[0] == 0 && x->gt[1] == 0;
		if (x->nocall || was_called(w, k, p, s))
			continue;
		if ((!k->plain && x->gq < MIN_GQ) || (!x->variant && !informed(k, hs, p, s)) ||
			(hom_ref && x->pl[0] > 0)) {
			x->nocall = true;
			x->variant = false;
		}
	}
	call_record_site(w, r);
}

int call_forced_record(
	struct call_work *w, struct call_fsite *k, const struct call_haps *hs, const struct call_pairs *pp)
{
	struct call_forced *f = k->f;
	struct call_place p = {.pos = f->site->pos, .end = f->site->pos + f->rlen};
	struct call_rec *r;
	for (int i = 0; i < f->n_alt; i++)
		p.pick[p.n++] = k->alt[i];
	for (int c = 0; c < k->rg.n; c++) {
		const struct call_allele *a = &k->rg.a[c];
		if (k->from[c] < 0)
			continue;
		bool in = a->pos >= p.pos + call_is_indel(a) && a->pos + a->rlen <= p.end;
		if (in && !call_place_has(&p, c) && p.n < CALL_MAX_ALLELE - 2)
			p.pick[p.n++] = c;
		w->called[k->from[c]].shown |= call_place_has(&p, c);
	}
	call_place_classes(hs, pp, &p);
	int rc = call_place_record(w, hs, pp, &p, &r);
	if (rc != GRX_OK)
		return rc;
	for (int i = 0; i < f->n_alt; i++)
		r->allele[i + 1] = f->given[i];
	call_forced_mark(r, f);
	withhold(w, k, hs, &p, r);
	for (int c = 0; c < k->rg.n; c++)
		if (k->from[c] >= 0 && w->called[k->from[c]].shown)
			keep_phase(w, &w->rec[w->called[k->from[c]].rec], r);
	return give_way(w, k, hs, pp);
}
