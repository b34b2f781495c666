/* SPDX-License-Identifier: GPL-3.0-or-later
 * loci.c -- the order of work in a shard: regions from left to right, a lone base change by its column, all
 * else by haplotypes; then the forced sites that are left. */
#include "stage/call/call_hap.h"

#include <string.h>

int call_ploidy(const struct call_work *w, int sample, int64_t pos)
{
	return grx_ploidy_at(w->cx->contigs, w->st->build, w->st->sex[sample], w->sh->tid, pos);
}

/* Alleles of the best genotype, and its QUAL and GQ. */
static int best_of(struct call_work *w, const struct call_locus *lc, const struct call_gt *g, bool *called,
	struct call_rec *best)
{
	memset(best, 0, sizeof(*best));
	best->pl = grx_arena_alloc(w->mem, (size_t)call_n_genotype(g->n_allele, 2), sizeof(*best->pl));
	if (!best->pl)
		return grx_fail_nomem(w->cx, "genotypes");
	if (g->ploidy == 0 || g->n_inform == 0)
		return GRX_OK;
	call_posterior(g->gl, g->n_allele, g->ploidy, lc->prior, best);
	for (int i = 0; i < g->ploidy; i++)
		if (best->gt[i] > 0)
			called[best->gt[i] - 1] = true;
	return GRX_OK;
}

/* Span of the alleles named, with the base before when one is an indel. */
static void span_of(const struct call_locus *lc, const bool *called, struct call_span *s)
{
	int64_t beg = INT64_MAX, end = 0;
	*s = (struct call_span){.n = 0};
	for (int i = 0; i < lc->n; i++) {
		const struct call_allele *a = &lc->a[i];
		if (!called[i])
			continue;
		int64_t b = a->pos - call_is_indel(a), e = a->pos + a->rlen;
		beg = b < beg ? b : beg;
		end = e > end ? e : end;
		s->pick[s->n++] = i;
	}
	s->pos = beg;
	s->rlen = (int32_t)(end - beg);
}

void call_locus_bases(const struct call_work *w, int64_t pos, unsigned mask, struct call_locus *lc)
{
	static const char *const base[4] = {"A", "C", "G", "T"};
	char ref = call_ref_at(w, pos);
	memset(lc, 0, offsetof(struct call_locus, a));
	lc->beg = pos;
	lc->end = pos + 1;
	for (unsigned b = 0; b < 4; b++) {
		if (!(mask >> b & 1) || base[b][0] == ref)
			continue;
		lc->a[lc->n++] = (struct call_allele){.pos = pos, .rlen = 1, .alen = 1, .alt = base[b]};
		lc->prior[lc->n] = call_allele_prior(w, &lc->a[lc->n - 1]);
	}
}

static void forced_picks(
	const struct call_locus *lc, const struct call_forced *f, const bool *called, struct call_span *s)
{
	bool in[CALL_MAX_ALLELE] = {0};
	for (int k = 0; k < f->n_alt; k++)
		for (int i = 0; i < lc->n; i++)
			if (lc->a[i].alt[0] == f->alt[k].alt[0] && !in[i]) {
				in[i] = true;
				s->pick[s->n++] = i;
			}
	for (int i = 0; i < lc->n; i++)
		if (called[i] && !in[i])
			s->pick[s->n++] = i;
}

static unsigned forced_mask(const struct call_forced *f)
{
	unsigned m = 0;
	for (int i = 0; i < f->n_alt; i++)
		m |= 1u << (f->alt[i].alt[0] == 'A'    ? 0
			     : f->alt[i].alt[0] == 'C' ? 1
			     : f->alt[i].alt[0] == 'G' ? 2
						       : 3);
	return f->n_alt ? m : 15;
}

static int do_column(struct call_work *w, int64_t pos, unsigned mask, struct call_forced *f)
{
	struct call_locus lc;
	struct call_gt g;
	struct call_rec best, *r;
	struct call_span s = {.pos = pos, .rlen = 1};
	bool called[CALL_MAX_ALLELE] = {0};
	int rc = GRX_E_BUG;
	call_locus_bases(w, pos, f ? mask | forced_mask(f) : mask, &lc);
	GRX_TRY(call_lik_column(w, &lc, &w->lik));
	GRX_TRY(call_genotype(w, &w->lik, call_ploidy(w, 0, pos), &g));
	GRX_TRY(best_of(w, &lc, &g, called, &best));
	if (f) {
		forced_picks(&lc, f, called, &s);
		GRX_TRY(call_record_add(w, &lc, &g, &s, &r));
		if (s.n == 0)
			r->gq = best.gq; /* against every other base, none of which is shown */
		call_forced_mark(r, f);
	} else {
		span_of(&lc, called, &s);
		if (s.n)
			GRX_TRY(call_record_add(w, &lc, &g, &s, &r));
	}
	rc = GRX_OK;
out:
	return rc;
}

/* One column, also for a forced site; what is called is kept for forced sites near by. */
int call_column(struct call_work *w, int64_t pos, struct call_forced *f)
{
	size_t n = w->n_rec;
	int rc = do_column(w, pos, call_snv_mask(w, pos - w->beg), f);
	if (rc != GRX_OK || !w->n_forced || w->n_rec == n)
		return rc;
	const struct call_rec *r = &w->rec[n];
	for (int i = 1; i < r->n_allele && rc == GRX_OK; i++) {
		struct call_called c = {.rec = n, .region = SIZE_MAX - (size_t)pos};
		c.a = (struct call_allele){.pos = pos, .rlen = 1, .alen = 1, .alt = r->allele[i]};
		uint8_t *hap = grx_arena_alloc(w->mem, 1, 1);
		if (!hap)
			return grx_fail_nomem(w->cx, "calls");
		*hap = (uint8_t)((r->gt[0] == i || r->ploidy == 1) | (r->gt[1] == i) << 1);
		c.hap = hap;
		if (r->gt[0] == i || r->gt[1] == i)
			rc = call_called_add(w, &c);
	}
	return rc;
}

int call_loci(struct call_work *w)
{
	int rc = GRX_OK;
	size_t cur = 0;
	/* forced sites of the core must agree with what is called beyond its border */
	int64_t near = w->n_forced ? CALL_PAD_BP : 0;
	for (size_t i = 0; i < w->n_rg && rc == GRX_OK; i++) {
		const struct call_region *rg = &w->rg[i];
		int64_t pos = rg->beg;
		if (!rg->simple) {
			grx_arena_reset(w->tmp);
			rc = call_region_genotype(w, rg);
		} else if (pos >= w->sh->beg - near && pos < w->sh->end + near &&
			   call_ploidy(w, 0, pos) > 0) {
			rc = call_column(w, pos, call_forced_snv(w, pos, &cur));
		}
	}
	if (rc == GRX_OK && w->mito)
		rc = call_mito(w);
	return rc == GRX_OK ? call_forced_rest(w) : rc;
}
