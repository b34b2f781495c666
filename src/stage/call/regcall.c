/* SPDX-License-Identifier: GPL-3.0-or-later
 * regcall.c -- from the posterior over haplotype pairs to records: one per place where an allele is called,
 * genotype likelihoods and qualities as margins over all pairs, phase between them. */
#include "stage/call/call_hap.h"

#include <math.h>
#include <string.h>

#include "math/prob.h"

#define INFORMATIVE 2.0  /* likelihood ratio (3 phred) of a fragment that counts for an allele */
#define PHASE_SURE  0.99 /* posterior of the phase, given the genotypes */
#define NO_CLASS    -1

/* A changed base leaves its neighbours in place: an indel written after it is not gone. */
static bool covers(const struct call_allele *d, const struct call_place *p)
{
	return (d->rlen > 1 || d->alen == 0) && d->pos <= p->pos && d->pos + d->rlen > p->pos;
}

/* Allele of haplotype mask at the place; another candidate that is not shown here leaves no class. */
static int class_of(const struct call_region *rg, const struct call_place *p, const struct call_hapseq *h,
	uint32_t called)
{
	uint32_t picks = 0, mask = h->mask;
	for (int k = 0; k < p->n; k++) {
		picks |= 1u << p->pick[k];
		if (h->shows >> p->pick[k] & 1)
			return k + 1;
	}
	for (int i = 0; i < rg->n; i++) {
		const struct call_allele *a = &rg->a[i];
		if (!(mask >> i & 1) || (picks >> i & 1))
			continue;
		if (covers(a, p))
			return p->star ? p->n + 1 : NO_CLASS;
		int64_t b = a->pos - call_is_indel(a), e = a->pos + a->rlen;
		if (!(called & ~p->unshown & 1u << i) && b < p->end && e > p->pos)
			return NO_CLASS;
	}
	return 0;
}

bool call_place_has(const struct call_place *p, int cand)
{
	for (int k = 0; k < p->n; k++)
		if (p->pick[k] == cand)
			return true;
	return false;
}

void call_place_classes(const struct call_haps *hs, const struct call_pairs *pp, struct call_place *p)
{
	uint32_t called = call_pairs_called(hs, pp);
	for (int i = 0; i < hs->rg->n; i++)
		p->star |= (called >> i & 1) && !call_place_has(p, i) && covers(&hs->rg->a[i], p);
	for (int h = 0; h < hs->n; h++)
		p->cls[h] = class_of(hs->rg, p, &hs->h[h], called);
}

/* ln prior that the alleles of the place bring into a pair. */
static double own_lprior(
	const struct call_region *rg, const struct call_place *p, int ploidy, uint32_t a, uint32_t b)
{
	const double *one = ploidy == 1 ? rg->lp_hap : rg->lp;
	double s = 0;
	for (int k = 0; k < p->n; k++) {
		int i = p->pick[k], copies = (int)(a >> i & 1) + (int)(b >> i & 1);
		s += copies == 0 ? 0 : copies == 1 ? one[i] : rg->lp2[i];
	}
	return s;
}

/* ln sums over pairs: without an ALT of the place, with another genotype than the best pair's, per genotype.
 */
struct margin {
	double none, wrong, *gl;
};

static void margin_add(const struct call_haps *hs, const struct call_pairs *pp, const struct call_place *p,
	int i, int j, int x, struct margin *m)
{
	int a = p->cls[i], b = p->cls[j], c1 = p->cls[pp->b[0]], c2 = p->cls[pp->b[1]];
	uint32_t ma = pp->ploidy == 1 ? 0 : hs->h[i].mask, mb = hs->h[j].mask;
	if (!((a > 0 && a <= p->n) || (b > 0 && b <= p->n)))
		m->none = grx_log_add(m->none, pp->lp0[x]);
	if (!((a == c1 && b == c2) || (a == c2 && b == c1)))
		m->wrong = grx_log_add(m->wrong, pp->lp[x]);
	if (a == NO_CLASS || b == NO_CLASS)
		return;
	double *g = &m->gl[call_gl_index(a, b, pp->ploidy)];
	*g = grx_log_add(*g, pp->lp0[x] - own_lprior(hs->rg, p, pp->ploidy, ma, mb));
}

static int put_pl(struct call_work *w, const double *gl, int n, struct call_rec *r)
{
	double top = -1e300;
	r->n_pl = n;
	r->pl = grx_arena_alloc(w->mem, (size_t)n, sizeof(*r->pl));
	if (!r->pl)
		return grx_fail_nomem(w->cx, "genotypes");
	for (int i = 0; i < n; i++)
		top = gl[i] > top ? gl[i] : top;
	for (int i = 0; i < n; i++) {
		double pl = (top - gl[i]) / CALL_LN10_10;
		r->pl[i] = pl > 9999 ? 9999 : (int)(pl + 0.5);
	}
	return GRX_OK;
}

/* Genotype likelihoods of the place, QUAL and GQ of the best pair. */
static int margins(struct call_work *w, const struct call_haps *hs, const struct call_pairs *pp,
	const struct call_place *p, struct call_rec *r)
{
	int n = call_n_genotype(r->n_allele, pp->ploidy), x = 0;
	struct margin m = {-1e300, -1e300, grx_arena_alloc(w->tmp, (size_t)n, sizeof(double))};
	if (!m.gl)
		return grx_fail_nomem(w->cx, "genotypes");
	for (int i = 0; i < n; i++)
		m.gl[i] = -1e300;
	for (int j = 0; j < hs->n; j++)
		for (int i = pp->ploidy == 1 ? j : 0; i <= j; i++, x++)
			margin_add(hs, pp, p, i, j, x, &m);
	double qual = (pp->all0 - m.none) / CALL_LN10_10, gq = (pp->all - m.wrong) / CALL_LN10_10;
	r->qual = qual > CALL_MAX_QUAL ? CALL_MAX_QUAL : qual;
	r->gq = gq > CALL_MAX_GQ ? CALL_MAX_GQ : (int)(gq + 0.5);
	return put_pl(w, m.gl, n, r);
}

static bool over(const struct call_seg *g, const struct call_place *p)
{
	return g->lpos < p->end && g->rpos > p->pos;
}

/* Row of the fragment: the best haplotype that shows each allele. */
static int frag_row(struct call_work *w, const struct call_haps *hs, const struct call_place *p, int f,
	struct call_lik *k)
{
	const struct call_frag *fr = &hs->frag[f];
	const struct call_seg *g = &hs->seg[fr->seg], *g2 = fr->seg2 < 0 ? NULL : &hs->seg[fr->seg2];
	if (!over(g, p) && !(g2 && over(g2, p)))
		return GRX_OK;
	double *l = call_lik_row(w, k);
	if (!l)
		return grx_fail_nomem(w->cx, "likelihoods");
	for (int a = 0; a < k->n_allele; a++)
		l[a] = 1e-300;
	for (int h = 0; h < hs->n; h++) {
		double x = hs->p[(size_t)h * (size_t)hs->n_frag + (size_t)f];
		if (p->cls[h] >= 0 && x > l[p->cls[h]])
			l[p->cls[h]] = x;
	}
	call_lik_best(k, k->n - 1, INFORMATIVE);
	const struct grx_read *r = w->aln[g->aln].r;
	k->aln[k->n - 1] = g->aln;
	k->aln2[k->n - 1] = g2 ? g2->aln : -1;
	k->rev[k->n - 1] = (r->flag & GRX_R_REVERSE) != 0;
	k->sum_mq2 += (int64_t)r->mapq * r->mapq;
	k->n_mq++;
	return GRX_OK;
}

/* The fragments of a sample that lie over the place, against its alleles. */
static int place_lik(struct call_work *w, const struct call_haps *hs, const struct call_place *p, int sample,
	struct call_lik *k)
{
	int rc = call_lik_reset(w, k, p->n + 1 + p->star);
	for (int f = hs->s_beg[sample]; f < hs->s_beg[sample + 1] && rc == GRX_OK; f++)
		rc = frag_row(w, hs, p, f, k);
	return rc;
}

static int record_alleles(
	struct call_work *w, const struct call_region *rg, const struct call_place *p, struct call_rec *r)
{
	struct call_span s = {.pos = p->pos, .rlen = (int32_t)(p->end - p->pos)};
	r->n_allele = p->n + 1 + p->star;
	r->allele = grx_arena_alloc(w->mem, (size_t)r->n_allele, sizeof(*r->allele));
	if (!r->allele)
		return grx_fail_nomem(w->cx, "records");
	r->allele[0] = call_allele_text(w, &s, NULL);
	for (int k = 0; k < p->n; k++)
		r->allele[k + 1] = call_allele_text(w, &s, &rg->a[p->pick[k]]);
	if (p->star)
		r->allele[p->n + 1] = "*";
	for (int k = 0; k < r->n_allele; k++)
		if (!r->allele[k])
			return grx_fail_nomem(w->cx, "records");
	return GRX_OK;
}

/* Fractions of the ALTs of a mitochondrial gap: of the fragments that clearly show an allele. */
static int fractions(struct call_work *w, struct call_rec *r)
{
	int sum = 0;
	r->af = grx_arena_calloc(w->mem, (size_t)r->n_allele, sizeof(*r->af));
	if (!r->af)
		return grx_fail_nomem(w->cx, "records");
	for (int i = 0; i < r->n_allele; i++)
		sum += r->ad[i];
	for (int i = 1; i < r->n_allele && sum; i++)
		r->af[i - 1] = (double)r->ad[i] / sum;
	return GRX_OK;
}

/* Genotype, likelihoods and counts of one sample. */
static int place_sample(struct call_work *w, const struct call_haps *hs, const struct call_pairs *pp,
	const struct call_place *p, int sample, struct call_rec *r)
{
	int c1 = p->cls[pp->b[0]], c2 = p->cls[pp->b[1]];
	int rc = GRX_E_BUG;
	r->ploidy = pp->absent ? 0 : pp->ploidy;
	GRX_TRY(margins(w, hs, pp, p, r));
	GRX_TRY(place_lik(w, hs, p, sample, &w->lik));
	GRX_TRY(call_record_counts(w, &w->lik, r));
	r->nocall = pp->absent || c1 == NO_CLASS || c2 == NO_CLASS || w->lik.n == 0;
	if (!r->nocall) {
		r->swap = c1 > c2;
		r->gt[0] = c1 < c2 ? c1 : c2;
		r->gt[1] = c1 < c2 ? c2 : c1;
		r->variant = (c1 > 0 && c1 <= p->n) || (c2 > 0 && c2 <= p->n);
	}
	if (w->mito)
		GRX_TRY(fractions(w, r));
	rc = GRX_OK;
out:
	return rc;
}

int call_place_record(struct call_work *w, const struct call_haps *hs, const struct call_pairs *pp,
	const struct call_place *p, struct call_rec **out)
{
	struct call_rec *r = call_record_push(w);
	int rc = GRX_E_BUG;
	if (!r)
		return grx_fail_nomem(w->cx, "records");
	*out = r;
	r->pos = p->pos;
	r->rlen = (int32_t)(p->end - p->pos);
	r->owned = p->pos >= w->sh->beg && p->pos < w->sh->end;
	GRX_TRY(record_alleles(w, hs->rg, p, r));
	GRX_TRY(place_sample(w, hs, pp, p, 0, r));
	if (hs->n_sample == 1) {
		call_record_site(w, r);
		if (!r->nocall)
			call_record_features(w, &w->lik, NULL, r);
		return GRX_OK;
	}
	r->more = grx_arena_calloc(w->mem, (size_t)hs->n_sample - 1, sizeof(*r->more));
	if (!r->more)
		return grx_fail_nomem(w->cx, "records");
	for (int s = 1; s < hs->n_sample; s++) {
		r->more[s - 1].n_allele = r->n_allele;
		GRX_TRY(place_sample(w, hs, &pp[s], p, s, &r->more[s - 1]));
	}
	call_record_site(w, r);
	rc = GRX_OK;
out:
	return rc;
}

/* Is the phase of these places sure, given their genotypes? */
static bool phase_sure(
	const struct call_haps *hs, const struct call_pairs *pp, const struct call_place *p, int n)
{
	double same = -1e300, any = -1e300;
	int x = 0, h1 = pp->b[0], h2 = pp->b[1];
	for (int j = 0; j < hs->n; j++)
		for (int i = 0; i <= j; i++, x++) {
			bool gt = true, fwd = true, rev = true;
			for (int k = 0; k < n && gt; k++) {
				bool f = p[k].cls[i] == p[k].cls[h1] && p[k].cls[j] == p[k].cls[h2];
				bool b = p[k].cls[j] == p[k].cls[h1] && p[k].cls[i] == p[k].cls[h2];
				gt = f || b;
				fwd &= f;
				rev &= b;
			}
			if (!gt)
				continue;
			any = grx_log_add(any, pp->lp[x]);
			if (fwd || rev)
				same = grx_log_add(same, pp->lp[x]);
		}
	return exp(same - any) >= PHASE_SURE;
}

/* Fragments of a sample that clearly come from its first or second haplotype. */
static void hap_counts(const struct call_haps *hs, const struct call_pairs *pp, int sample, int *hc)
{
	const double *a = hs->p + (size_t)pp->b[0] * (size_t)hs->n_frag;
	const double *b = hs->p + (size_t)pp->b[1] * (size_t)hs->n_frag;
	hc[0] = hc[1] = 0;
	for (int f = hs->s_beg[sample]; f < hs->s_beg[sample + 1]; f++) {
		hc[0] += a[f] >= INFORMATIVE * b[f];
		hc[1] += b[f] >= INFORMATIVE * a[f];
	}
}

static bool is_het(const struct call_rec *r)
{
	return !r->nocall && r->ploidy == 2 && r->gt[0] != r->gt[1];
}

/* Records first.. are those of the places; those of a sample that are heterozygous share a phase set. */
static void phase(struct call_work *w, const struct call_haps *hs, const struct call_pairs *pp,
	const struct call_place *p, int n, size_t first, int sample)
{
	int het = 0, hc[2];
	int64_t ps = 0;
	for (int k = 0; k < n; k++) {
		struct call_rec *site = &w->rec[first + (size_t)k];
		if (is_het(call_rec_of(site, sample)))
			ps = het++ && ps <= site->pos ? ps : site->pos + 1; /* places are not in order */
	}
	if (het < 2 || !phase_sure(hs, pp, p, n))
		return;
	hap_counts(hs, pp, sample, hc);
	for (int k = 0; k < n; k++) {
		struct call_rec *r = call_rec_of(&w->rec[first + (size_t)k], sample);
		if (!is_het(r))
			continue;
		r->ps = ps;
		r->hc[0] = hc[0];
		r->hc[1] = hc[1];
	}
}

/* The place of a called candidate; a new one at the end when none begins at its anchor. */
static struct call_place *place_of(
	const struct call_haps *hs, const struct call_allele *a, struct call_place *p, int *n)
{
	int64_t beg = a->pos - call_is_indel(a);
	for (int k = 0; k < *n; k++)
		if (p[k].pos == beg && call_is_indel(&hs->rg->a[p[k].pick[0]]) == call_is_indel(a))
			return &p[k];
	memset(&p[*n], 0, sizeof(*p));
	p[*n].pos = beg;
	return &p[(*n)++];
}

/* Put candidate i into a place; when it is full the least supported one stays out. That one, or -1. */
static int pick(const struct call_region *rg, struct call_place *q, int i)
{
	int weak = 0;
	if (q->n < CALL_MAX_PICK) {
		q->pick[q->n++] = i;
		return -1;
	}
	for (int k = 1; k < q->n; k++)
		weak = rg->a[q->pick[k]].n_read < rg->a[q->pick[weak]].n_read ? k : weak;
	int out = q->pick[weak];
	if (rg->a[i].n_read <= rg->a[out].n_read)
		return i;
	memmove(&q->pick[weak], &q->pick[weak + 1], (size_t)(q->n - weak - 1) * sizeof(q->pick[0]));
	q->pick[q->n - 1] = i;
	return out;
}

/* Called candidates into places: those that start at the same anchor share a record. What does not fit into
 * one is shown nowhere; a haplotype with it has no class, so its sample is a no-call there. */
static int places(struct call_work *w, const struct call_haps *hs, uint32_t called, struct call_place *p)
{
	int n = 0;
	uint32_t unshown = 0;
	for (int i = 0; i < hs->rg->n; i++) {
		const struct call_allele *a = &hs->rg->a[i];
		if (!(called >> i & 1))
			continue;
		struct call_place *q = place_of(hs, a, p, &n);
		int out = pick(hs->rg, q, i);
		if (out >= 0) {
			unshown |= 1u << out;
			w->n->dropped_indel += q->pos >= w->sh->beg && q->pos < w->sh->end;
		}
		if (out != i)
			q->end = a->pos + a->rlen > q->end ? a->pos + a->rlen : q->end;
	}
	for (int k = 0; k < n; k++)
		p[k].unshown = unshown;
	return n;
}

/* The alleles of a place are kept: forced sites near by must agree with them. */
static int remember(struct call_work *w, const struct call_region *rg, const struct call_pairs *pp,
	const struct call_haps *hs, const struct call_place *p)
{
	for (int k = 0; k < p->n && w->n_forced; k++) {
		int i = p->pick[k];
		struct call_called c = {.a = rg->a[i], .region = (size_t)(rg - w->rg), .rec = w->n_rec - 1};
		uint8_t *hap = grx_arena_calloc(w->mem, (size_t)hs->n_sample, 1);
		if (!hap)
			return grx_fail_nomem(w->cx, "calls");
		for (int s = 0; s < hs->n_sample; s++)
			if (!pp[s].absent)
				hap[s] = (uint8_t)((hs->h[pp[s].b[0]].mask >> i & 1) |
						   (hs->h[pp[s].b[1]].mask >> i & 1) << 1);
		c.hap = hap;
		int rc = call_called_add(w, &c);
		if (rc != GRX_OK)
			return rc;
	}
	return GRX_OK;
}

static bool nothing_here(const struct call_haps *hs, const struct call_pairs *pp)
{
	for (int s = 0; s < hs->n_sample; s++)
		if (!pp[s].absent)
			return hs->n_frag == 0;
	return true;
}

int call_region_genotype(struct call_work *w, const struct call_region *rg)
{
	struct call_haps *hs;
	struct call_pairs *pp;
	struct call_place *p = grx_arena_alloc(w->tmp, CALL_MAX_CAND, sizeof(*p));
	size_t first = w->n_rec;
	int rc = GRX_E_BUG;
	if (!p)
		return grx_fail_nomem(w->cx, "records");
	GRX_TRY(call_haps_enumerate(w, rg, &hs));
	w->n->capped += hs->n_capped;
	if (hs->too_big) {
		w->n->too_long += rg->beg >= w->sh->beg && rg->beg < w->sh->end;
		return call_skip_add(w, rg->beg, rg->end);
	}
	GRX_TRY(call_pairs_all(w, hs, &pp));
	if (nothing_here(hs, pp))
		return GRX_OK;
	int n = places(w, hs, call_pairs_called(hs, pp), p);
	for (int k = 0; k < n; k++) {
		struct call_rec *r;
		call_place_classes(hs, pp, &p[k]);
		GRX_TRY(call_place_record(w, hs, pp, &p[k], &r));
		GRX_TRY(remember(w, rg, pp, hs, &p[k]));
	}
	for (int s = 0; s < hs->n_sample; s++)
		if (!pp[s].absent && pp[s].ploidy == 2)
			phase(w, hs, &pp[s], p, n, first, s);
	rc = GRX_OK;
out:
	return rc;
}
