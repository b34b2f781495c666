/* SPDX-License-Identifier: GPL-3.0-or-later
 * forced_hap.c -- a forced site among called haplotypes: its ALTs are put on each of them and genotyped
 * there. Invariant: only pairs of haplotypes that carry what was called without forced sites may be chosen,
 * so a forced site never changes a call. */
#include "stage/call/forced_hap.h"

#include <string.h>

#define NEAR_BP        40 /* calls this near are put on the haplotypes: reads over the site see them */
#define NOT_CALLED     (-1000)
#define MAX_GROUPS     4 /* regions whose phase to each other is unknown */
#define MAX_GROUP_HAPS 8
#define MAX_BASE       16 /* called haplotypes, combined */

/* In order of position; what is inserted before a base comes first. */
static void put(struct call_fsite *k, const struct call_allele *a, int from)
{
	struct call_region *rg = &k->rg;
	int i = rg->n;
	for (; i > 0 &&
		(rg->a[i - 1].pos > a->pos || (rg->a[i - 1].pos == a->pos && rg->a[i - 1].rlen > a->rlen));
		i--) {
		rg->a[i] = rg->a[i - 1];
		k->from[i] = k->from[i - 1];
	}
	rg->a[i] = *a;
	k->from[i] = from;
	rg->n++;
}

int call_called_add(struct call_work *w, const struct call_called *c)
{
	if (w->n_called == w->cap_called) {
		size_t cap = w->cap_called ? w->cap_called * 2 : 64;
		struct call_called *p = grx_arena_grow(w->mem, w->called, w->n_called, cap, sizeof(*p));
		if (!p)
			return grx_fail_nomem(w->cx, "calls");
		w->called = p;
		w->cap_called = cap;
	}
	w->called[w->n_called++] = *c;
	return GRX_OK;
}

/* No ALT was given: the other three bases speak against REF, none is shown. */
static void gather_bases(struct call_work *w, struct call_fsite *k)
{
	static const char *const base[4] = {"A", "C", "G", "T"};
	for (int b = 0; b < 4; b++) {
		struct call_allele a = {.pos = k->f->site->pos, .rlen = 1, .alen = 1, .alt = base[b]};
		bool old = base[b][0] == call_ref_at(w, a.pos);
		for (int c = 0; c < k->rg.n; c++)
			old |= call_allele_same(&k->rg.a[c], &a);
		if (!old)
			put(k, &a, NOT_CALLED + b);
	}
}

/* Candidates: the site's ALTs and the calls near it. False: too many. */
static bool gather(struct call_work *w, struct call_fsite *k)
{
	const struct call_forced *f = k->f;
	int64_t beg = f->site->pos, end = f->site->pos + f->rlen, b, e;
	for (int i = 0; i < f->n_alt; i++) {
		call_locus_tract(w, &f->alt[i], &b, &e);
		beg = b < beg ? b : beg;
		end = e > end ? e : end;
	}
	k->rg.beg = beg;
	k->rg.end = end;
	for (size_t i = 0; i < w->n_called; i++) {
		const struct call_allele *a = &w->called[i].a;
		if (a->pos > end + NEAR_BP || a->pos + a->rlen < beg - NEAR_BP)
			continue;
		if (k->rg.n + f->n_alt + 3 >= CALL_MAX_CAND)
			return false;
		put(k, a, (int)i);
	}
	for (int i = 0; i < f->n_alt; i++) {
		bool old = false;
		for (int c = 0; c < k->rg.n; c++)
			old |= call_allele_same(&k->rg.a[c], &f->alt[i]);
		if (!old)
			put(k, &f->alt[i], -1 - i);
	}
	if (f->n_alt == 0)
		gather_bases(w, k);
	for (int c = 0; c < k->rg.n; c++) {
		(void)call_region_prior(w, &k->rg, c);
		for (int i = 0; i < f->n_alt; i++)
			if (call_allele_same(&k->rg.a[c], &f->alt[i]))
				k->alt[i] = c;
	}
	k->rg.left = INT64_MIN;
	k->rg.right = INT64_MAX;
	call_region_widen(w, &k->rg);
	return true;
}

/* The different haplotypes that the samples were called with in one region. */
struct group {
	size_t region;
	uint32_t hap[MAX_GROUP_HAPS];
	int n;
};

static bool group_add(struct group *g, uint32_t mask)
{
	for (int i = 0; i < g->n; i++)
		if (g->hap[i] == mask)
			return true;
	if (g->n == MAX_GROUP_HAPS)
		return false;
	g->hap[g->n++] = mask;
	return true;
}

static bool group_make(const struct call_work *w, const struct call_fsite *k, struct group *g)
{
	for (int s = 0; s < w->n_sample; s++)
		for (int h = 0; h < 2; h++) {
			uint32_t m = 0;
			for (int c = 0; c < k->rg.n; c++)
				if (k->from[c] >= 0 && w->called[k->from[c]].region == g->region)
					m |= (uint32_t)(w->called[k->from[c]].hap[s] >> h & 1) << c;
			if (!group_add(g, m))
				return false;
		}
	return true;
}

/* Called haplotypes over the site: the phase between regions is open, so all combinations. Their number, 0
 * when there are too many. */
static int base_masks(const struct call_work *w, const struct call_fsite *k, uint32_t *mask)
{
	struct group g[MAX_GROUPS] = {{0}};
	int n_group = 0, n = 1;
	for (int c = 0; c < k->rg.n; c++) {
		if (k->from[c] < 0)
			continue;
		int i = 0;
		while (i < n_group && g[i].region != w->called[k->from[c]].region)
			i++;
		if (i < n_group)
			continue;
		if (n_group == MAX_GROUPS)
			return 0;
		g[n_group].region = w->called[k->from[c]].region;
		if (!group_make(w, k, &g[n_group]))
			return 0;
		n_group++;
	}
	mask[0] = 0;
	for (int i = 0; i < n_group; i++) {
		if (n * g[i].n > MAX_BASE)
			return 0;
		for (int m = n * g[i].n - 1; m >= 0; m--)
			mask[m] = mask[m % n] | g[i].hap[m / n];
		n *= g[i].n;
	}
	return n;
}

static int add(struct call_work *w, struct call_fsite *k, struct call_haps *hs, uint32_t mask,
	uint32_t called, bool keeps)
{
	int at, n = hs->n, rc = call_hap_add(w, hs, mask, &at);
	k->full |= at < 0;
	if (rc == GRX_OK && at >= 0 && (at == n || keeps)) {
		k->keeps[at] = keeps;
		k->called_of[at] = called;
	}
	return rc;
}

/* Is candidate c an ALT of the site, or a base that speaks against REF where no ALT was given? */
static bool of_site(const struct call_fsite *k, int c)
{
	for (int i = 0; i < k->f->n_alt; i++)
		if (k->alt[i] == c)
			return true;
	return k->from[c] < 0;
}

/* The site's ALTs on each called haplotype; where one clashes with a call, also without that call. */
static int haplotypes(
	struct call_work *w, struct call_fsite *k, struct call_haps *hs, const uint32_t *base, int n)
{
	int rc = GRX_OK;
	hs->n = 0; /* the reference alone keeps calls only where there are none */
	for (int b = 0; b < n && rc == GRX_OK; b++)
		rc = add(w, k, hs, base[b], base[b], true);
	if (rc == GRX_OK)
		rc = add(w, k, hs, 0, 0, false);
	for (int b = 0; b < n && rc == GRX_OK; b++)
		for (int c = 0; c < k->rg.n && rc == GRX_OK; c++) {
			uint32_t m = base[b];
			if ((m >> c & 1) || !of_site(k, c))
				continue;
			for (int o = 0; o < k->rg.n; o++)
				if ((m >> o & 1) && !call_mask_fits(&k->rg, 1u << o, c))
					m &= ~(1u << o);
			rc = add(w, k, hs, m | 1u << c, base[b], m == base[b] && k->from[c] < 0);
		}
	return rc;
}

/* Does the pair i, j carry what was called in the sample? */
static bool keeps_calls(const struct call_work *w, const struct call_fsite *k, int sample, int i, int j)
{
	bool ok = k->keeps[i] && k->keeps[j];
	for (int c = 0; c < k->rg.n && ok; c++) {
		if (k->from[c] < 0)
			continue;
		unsigned h = w->called[k->from[c]].hap[sample];
		int want = (int)(h & 1) + (int)(h >> 1 & 1);
		ok = want == (int)(k->called_of[i] >> c & 1) + (int)(k->called_of[j] >> c & 1);
	}
	return ok;
}

/* The best pair that carries what was called. */
static bool choose(const struct call_work *w, const struct call_fsite *k, const struct call_haps *hs,
	int sample, struct call_pairs *pp)
{
	int x = 0;
	bool found = false;
	for (int j = 0; j < hs->n; j++)
		for (int i = pp->ploidy == 1 ? j : 0; i <= j; i++, x++) {
			if (!keeps_calls(w, k, sample, i, j) || (found && pp->lp[x] <= pp->lp[pp->best]))
				continue;
			found = true;
			pp->best = x;
			pp->b[0] = i;
			pp->b[1] = j;
		}
	return found || pp->absent;
}

/* The region that has all ALTs of the site among its candidates, or NULL. */
static const struct call_region *region_of(const struct call_work *w, struct call_fsite *k)
{
	for (size_t i = 0; i < w->n_rg; i++) {
		const struct call_region *rg = &w->rg[i];
		int found = 0;
		if (rg->simple || rg->end < k->f->site->pos || rg->beg > k->f->site->pos + k->f->rlen)
			continue;
		for (int a = 0; a < k->f->n_alt; a++)
			for (int c = 0; c < rg->n; c++)
				if (call_allele_same(&rg->a[c], &k->f->alt[a])) {
					k->alt[a] = c;
					found++;
				}
		if (found == k->f->n_alt)
			return rg;
	}
	return NULL;
}

/* The plain run looked at all of them: its haplotypes answer, and its phase stays. */
static int from_region(struct call_work *w, struct call_fsite *k, const struct call_region *rg)
{
	struct call_haps *hs;
	struct call_pairs *pp;
	k->rg = *rg;
	k->plain = true;
	for (int c = 0; c < rg->n; c++) {
		k->from[c] = NOT_CALLED;
		for (size_t i = 0; i < w->n_called; i++)
			if (w->called[i].region == (size_t)(rg - w->rg) &&
				call_allele_same(&w->called[i].a, &rg->a[c]))
				k->from[c] = (int)i;
	}
	int rc = call_haps_enumerate(w, rg, &hs);
	if (rc != GRX_OK || hs->too_big || hs->n_frag == 0)
		return rc;
	rc = call_pairs_all(w, hs, &pp);
	return rc == GRX_OK ? call_forced_record(w, k, hs, pp) : rc;
}

static bool nobody(const struct call_work *w, int64_t pos)
{
	for (int s = 0; s < w->n_sample; s++)
		if (call_ploidy(w, s, pos) > 0)
			return false;
	return true;
}

int call_forced_hap(struct call_work *w, struct call_forced *f)
{
	struct call_fsite *k = grx_arena_calloc(w->tmp, 1, sizeof(*k));
	uint32_t base[MAX_BASE];
	struct call_haps *hs;
	struct call_pairs *pp = NULL;
	int n, rc;
	if (!k)
		return grx_fail_nomem(w->cx, "forced sites");
	k->f = f;
	if (nobody(w, f->site->pos))
		return GRX_OK; /* a no-call */
	const struct call_region *rg = f->n_alt ? region_of(w, k) : NULL;
	if (rg)
		return from_region(w, k, rg);
	if (!gather(w, k) || (n = base_masks(w, k, base)) == 0)
		return GRX_OK;
	rc = call_haps_open(w, &k->rg, &hs);
	if (rc != GRX_OK || hs->too_big || hs->n_frag == 0)
		return rc;
	rc = haplotypes(w, k, hs, base, n);
	if (rc != GRX_OK || k->full)
		return rc;
	rc = call_haps_finish(w, hs, 0);
	if (rc == GRX_OK)
		rc = call_pairs_all(w, hs, &pp);
	for (int s = 0; s < w->n_sample && rc == GRX_OK; s++)
		if (!choose(w, k, hs, s, &pp[s]))
			return GRX_OK;
	return rc == GRX_OK ? call_forced_record(w, k, hs, pp) : rc;
}
