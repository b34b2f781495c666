/* SPDX-License-Identifier: GPL-3.0-or-later
 * enumerate.c -- the haplotypes of a region, grown candidate by candidate from left to right. When there are
 * more than can be kept, those that no good pair of haplotypes needs are dropped. */
#include "stage/call/call_hap.h"
#include "stage/call/strerr.h"

#include <string.h>

#define HAP_FLANK 50    /* bases of the haplotype beyond the region: reads may slide */
#define FREQUENT  0.005 /* stutter: from there on it matters that tracts differ */
#define FEW       8     /* haplotypes kept where long changes make each alignment dear */
#define LONG_BP   60

/* Does a candidate change the length of a repeat that the reads of a sample often get wrong? */
static bool varies(const struct call_work *w, const struct call_region *rg)
{
	for (int i = 0; i < rg->n; i++) {
		int cls, unit, n = call_repeat_units(w, &rg->a[i], &cls, &unit);
		n = n < CALL_STR_UNITS ? n : CALL_STR_UNITS;
		for (int s = 0; s < w->n_sample && n > 0; s++)
			if (w->st->sample[s].strmodel.rate[cls][n] >= FREQUENT)
				return true;
	}
	return false;
}

int call_haps_open(struct call_work *w, const struct call_region *rg, struct call_haps **out)
{
	struct call_haps *hs = grx_arena_calloc(w->tmp, 1, sizeof(*hs));
	int64_t far = HAP_FLANK;
	if (!hs)
		return grx_fail_nomem(w->cx, "haplotypes");
	for (int i = 0; i < rg->n; i++) {
		int64_t n = rg->a[i].rlen > rg->a[i].alen ? rg->a[i].rlen : rg->a[i].alen;
		far = n + HAP_FLANK > far ? n + HAP_FLANK : far;
	}
	hs->rg = rg;
	hs->wb = rg->lo - far < w->sh->ref_beg ? w->sh->ref_beg : rg->lo - far;
	hs->we = rg->hi + far > w->sh->ref_end ? w->sh->ref_end : rg->hi + far;
	hs->keep = far > HAP_FLANK + LONG_BP && rg->n > FEW ? FEW : CALL_KEEP_HAPS;
	hs->n_sample = w->n_sample;
	hs->n_level = varies(w, rg) ? CALL_STR_LEVELS : 1;
	hs->too_big = hs->we - hs->wb > CALL_MAX_HAP;
	*out = hs;
	if (hs->too_big)
		return GRX_OK;
	int at, rc = call_segments(w, hs);
	if (rc == GRX_OK)
		rc = call_hap_add(w, hs, 0, &at);
	return rc;
}

static int score_new(struct call_work *w, struct call_haps *hs, int *scored)
{
	size_t most = (size_t)hs->n_level * CALL_MAX_HAPS * (size_t)hs->n_frag;
	if (!hs->p) /* once for all rounds */
		hs->p = grx_arena_alloc(w->tmp, most + 1, sizeof(*hs->p));
	if (!hs->p)
		return grx_fail_nomem(w->cx, "likelihoods");
	int rc = call_haps_score(w, hs, *scored);
	*scored = hs->n;
	return rc;
}

static int grow(struct call_work *w, struct call_haps *hs, int i)
{
	int n = hs->n, rc = GRX_OK, at;
	for (int k = 0; k < n && rc == GRX_OK; k++)
		if (call_mask_fits(hs->rg, hs->h[k].mask, i))
			rc = call_hap_add(w, hs, hs->h[k].mask | 1u << i, &at);
	return rc;
}

int call_haps_finish(struct call_work *w, struct call_haps *hs, int from)
{
	hs->whole = true;
	int rc = score_new(w, hs, &from);
	return rc == GRX_OK ? call_dup_prepare(w, hs) : rc;
}

int call_haps_enumerate(struct call_work *w, const struct call_region *rg, struct call_haps **out)
{
	struct call_haps *hs;
	int scored = 0;
	int rc = call_haps_open(w, rg, &hs);
	*out = hs;
	if (rc != GRX_OK || hs->too_big)
		return rc;
	for (int i = 0; i < rg->n && rc == GRX_OK; i++) {
		rc = grow(w, hs, i);
		if (rc != GRX_OK || hs->n <= hs->keep || i + 1 == rg->n)
			continue;
		rc = score_new(w, hs, &scored);
		if (rc == GRX_OK)
			rc = call_haps_prune(w, hs, hs->keep);
		scored = hs->n;
	}
	return rc == GRX_OK ? call_haps_finish(w, hs, scored) : rc;
}
