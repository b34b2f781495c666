/* SPDX-License-Identifier: GPL-3.0-or-later
 * haplotype.c -- the sequence of a set of candidates, and places on it. */
#include "stage/call/call_hap.h"
#include "stage/call/strerr.h"

#include <math.h>
#include <string.h>

int64_t call_hap_index(const struct call_haps *hs, uint32_t mask, int64_t pos)
{
	int64_t x = pos - hs->wb;
	for (int i = 0; i < hs->rg->n && hs->rg->a[i].pos < pos; i++) {
		const struct call_allele *a = &hs->rg->a[i];
		if (!(mask >> i & 1))
			continue;
		if (a->pos + a->rlen <= pos)
			x += a->alen - a->rlen;
		else /* inside of what is replaced */
			x -= pos - a->pos < a->alen ? 0 : pos - a->pos - a->alen;
	}
	return x;
}

bool call_mask_fits(const struct call_region *rg, uint32_t mask, int i)
{
	const struct call_allele *b = &rg->a[i];
	for (int k = 0; k < rg->n; k++) {
		const struct call_allele *a = &rg->a[k];
		if (!(mask >> k & 1) || k == i)
			continue;
		const struct call_allele *l = a->pos <= b->pos ? a : b, *r = l == a ? b : a;
		if (r->pos < l->pos + l->rlen)
			return false;
		/* two indels side by side are one of another size */
		if (call_is_indel(l) && call_is_indel(r) && r->pos == l->pos + l->rlen)
			return false;
		if (l->pos == r->pos && (l->rlen == 0) == (r->rlen == 0))
			return false;
	}
	return true;
}

static double mask_lprior(const double *lp, int n, uint32_t mask)
{
	double s = 0;
	for (int i = 0; i < n; i++)
		if (mask >> i & 1)
			s += lp[i];
	return s;
}

static int32_t write_bases(const struct call_work *w, const struct call_haps *hs, uint32_t mask, char *s)
{
	int64_t p = hs->wb;
	int32_t n = 0;
	for (int i = 0; i < hs->rg->n; i++) {
		const struct call_allele *a = &hs->rg->a[i];
		if (!(mask >> i & 1))
			continue;
		memcpy(s + n, w->sh->ref + (p - w->sh->ref_beg), (size_t)(a->pos - p));
		n += (int32_t)(a->pos - p);
		memcpy(s + n, a->alt, (size_t)a->alen);
		n += a->alen;
		p = a->pos + a->rlen;
	}
	memcpy(s + n, w->sh->ref + (p - w->sh->ref_beg), (size_t)(hs->we - p));
	return n + (int32_t)(hs->we - p);
}

/* Prefix sums of ln P(no gap opens before a base), neither an insertion nor a deletion. */
static void stay_sums(const struct call_state *st, const struct call_gaps *g, size_t n, double *stay)
{
	double l = 0;
	stay[0] = 0;
	for (size_t i = 0; i + 1 < n; i++) {
		if (i == 0 || g->ins[i] != g->ins[i - 1] || g->del[i] != g->del[i - 1])
			l = log1p(-st->p_open[g->ins[i]] - st->p_open[g->del[i]]);
		stay[i + 1] = stay[i] + l;
	}
}

static bool level_costs(struct call_work *w, const struct call_hapseq *h, const struct call_strcost *m,
	struct call_gapcost *c)
{
	size_t n = (size_t)h->seq.n + 1;
	uint8_t *cost = grx_arena_alloc(w->tmp, n, 3);
	c->stay = grx_arena_alloc(w->tmp, n, sizeof(*c->stay));
	if (!cost || !c->stay)
		return false;
	struct call_gaps g = {.ins = cost, .del = cost + n, .ext = cost + 2 * n};
	call_gap_costs_fit(m, h->seq.s, h->seq.n, &g);
	c->seq = (struct call_phmm_hap){
		.s = h->seq.s, .gop_ins = g.ins, .gop_del = g.del, .gex = g.ext, .n = h->seq.n};
	stay_sums(w->st, &g, n, c->stay);
	return true;
}

/* Gap costs of each sample at each level. */
static bool fill_costs(struct call_work *w, const struct call_haps *hs, struct call_hapseq *h)
{
	h->cost = grx_arena_alloc(w->tmp, (size_t)hs->n_sample * (size_t)hs->n_level, sizeof(*h->cost));
	if (!h->cost)
		return false;
	for (int s = 0; s < hs->n_sample; s++)
		for (int k = 0; k < hs->n_level; k++)
			if (!level_costs(
				    w, h, &w->st->sample[s].strmodel.cost[k], &h->cost[s * hs->n_level + k]))
				return false;
	h->seq = h->cost[0].seq;
	return true;
}

int call_hap_add(struct call_work *w, struct call_haps *hs, uint32_t mask, int *at)
{
	*at = -1;
	int64_t len = hs->we - hs->wb;
	for (int i = 0; i < hs->rg->n; i++)
		len += mask >> i & 1 ? hs->rg->a[i].alen : 0;
	char *s = grx_arena_alloc(w->tmp, (size_t)len + 1, 1);
	if (!s)
		return grx_fail_nomem(w->cx, "haplotypes");
	int32_t n = write_bases(w, hs, mask, s);
	double lprior = mask_lprior(hs->rg->lp, hs->rg->n, mask);
	double lprior_hap = mask_lprior(hs->rg->lp_hap, hs->rg->n, mask);
	for (int i = 0; i < hs->n; i++) {
		struct call_hapseq *o = &hs->h[i];
		if (o->seq.n != n || memcmp(o->seq.s, s, (size_t)n) != 0)
			continue;
		*at = i;
		o->shows |= mask;
		if (lprior > o->lprior) { /* the likelier way to write the same bases */
			o->mask = mask;
			o->lprior = lprior;
			o->lprior_hap = lprior_hap;
		}
		return GRX_OK;
	}
	if (hs->n == CALL_MAX_HAPS)
		return GRX_OK;
	s[n] = 'N';
	*at = hs->n;
	struct call_hapseq *h = &hs->h[hs->n++];
	*h = (struct call_hapseq){.mask = mask,
		.shows = mask,
		.lprior = lprior,
		.lprior_hap = lprior_hap,
		.shift = n - (int32_t)(hs->we - hs->wb),
		.seq = {.s = s, .n = n}};
	return fill_costs(w, hs, h) ? GRX_OK : grx_fail_nomem(w->cx, "haplotypes");
}
