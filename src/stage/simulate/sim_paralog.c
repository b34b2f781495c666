/* SPDX-License-Identifier: GPL-3.0-or-later
 * sim_paralog.c -- diverged copies of stretches of the reference whose reads are mapped back to them.
 * A copy differs at 1-5 % of its bases and has an indel per ten substitutions; beyond its ends lies sequence
 * that resembles nothing, so that reads across an end are clipped. One or two copies, each on one or both
 * chromosomes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stage/simulate/simulate_int.h"

enum { FLANK = 600, APART = 1500, SHORTEST = 1000, LONGEST = 12000 };

static int seg_put(struct grx_arena *mem, struct sim_hap *h, int64_t rpos, int64_t len)
{
	struct sim_seg *last = h->n_seg ? &h->seg[h->n_seg - 1] : NULL;

	if (len <= 0)
		return GRX_OK;
	if (last && (rpos < 0 ? last->rpos < 0 : last->rpos >= 0 && last->rpos + last->len == rpos)) {
		last->len += len;
		return GRX_OK;
	}
	if (h->n_seg == h->cap_seg) {
		size_t cap = h->cap_seg ? 2 * h->cap_seg : 64;
		struct sim_seg *v = grx_arena_grow(mem, h->seg, h->n_seg, cap, sizeof(*v));

		if (!v)
			return GRX_E_NOMEM;
		h->seg = v;
		h->cap_seg = cap;
	}
	h->seg[h->n_seg++] = (struct sim_seg){h->n, rpos, len};
	return GRX_OK;
}

static int put_random(struct grx_arena *mem, struct sim_hap *h, struct grx_rng *r, int64_t n)
{
	int rc = seg_put(mem, h, -1, n);

	for (; n > 0; n--)
		h->seq[h->n++] = "AACCGGTTAT"[grx_rng_below(r, 10)];
	return rc;
}

static char other_base(struct grx_rng *r, char b)
{
	char c;

	if (grx_rng_uniform(r) < 0.67)
		return b == 'A' ? 'G' : b == 'G' ? 'A' : b == 'C' ? 'T' : 'C';
	do
		c = "ACGT"[grx_rng_below(r, 4)];
	while (c == b);
	return c;
}

/* Letters and segments of a copy of [p->beg, p->end). */
static int copy_make(struct grx_arena *mem, const struct sim_win *x, struct sim_paralog *p, struct grx_rng *r)
{
	struct sim_hap *h = &p->hap;
	int64_t at = p->beg, len = p->end - p->beg;
	int rc;

	h->seq = grx_arena_alloc(mem, (size_t)(2 * len + 2 * FLANK + 64), 1);
	if (!h->seq)
		return GRX_E_NOMEM;
	rc = put_random(mem, h, r, FLANK);
	while (at < p->end && rc == GRX_OK) {
		double u = grx_rng_uniform(r);
		int k = u < 0.1 * p->divergence ? grx_rng_geometric(r, 0.35) : 0;
		char b = x->seq[at - x->beg];

		k = k > 30 ? 30 : k;
		if (k && u < 0.055 * p->divergence && at > p->beg) {
			at += k;
			continue;
		}
		if (k && h->n + k + (p->end - at) < 2 * len + FLANK)
			rc = put_random(mem, h, r, k);
		if (rc == GRX_OK)
			rc = seg_put(mem, h, at, 1);
		h->seq[h->n++] = grx_rng_uniform(r) < p->divergence ? other_base(r, b) : b;
		at++;
	}
	return rc ? rc : put_random(mem, h, r, FLANK);
}

static bool place_free(const struct sim_world *w, size_t win, int64_t beg, int64_t end)
{
	const struct sim_win *x = &w->win[win];
	size_t i;

	if (beg < x->beg + 2 * SIM_EDGE || end > x->end - 2 * SIM_EDGE)
		return false;
	if (memchr(x->seq + (beg - x->beg), 'N', (size_t)(end - beg)))
		return false;
	for (i = 0; i < w->n_paralog; i++)
		if (w->paralog[i].win == win && beg < w->paralog[i].end + APART &&
			end + APART > w->paralog[i].beg)
			return false;
	return true;
}

/* A window by its length. */
static size_t draw_window(const struct sim_world *w, struct grx_rng *r)
{
	int64_t total = 0, at;
	size_t i;

	for (i = 0; i < w->n_win; i++)
		total += w->win[i].end - w->win[i].beg;
	at = (int64_t)grx_rng_below(r, (uint64_t)total);
	for (i = 0; i + 1 < w->n_win && at >= w->win[i].end - w->win[i].beg; i++)
		at -= w->win[i].end - w->win[i].beg;
	return i;
}

/* One region with its one or two copies; *found false: no room was found. */
static int region_make(struct grx_ctx *cx, struct sim_world *w, struct grx_rng *r, bool in_ref, bool *found)
{
	struct sim_paralog p = {.in_ref = in_ref};
	int64_t len = (int64_t)(SHORTEST * pow((double)LONGEST / SHORTEST, grx_rng_uniform(r)));
	int tries, k, n;

	*found = false;
	for (tries = 0; tries < 200 && !*found; tries++) {
		const struct sim_win *x;

		p.win = draw_window(w, r);
		x = &w->win[p.win];
		p.beg = x->beg + (int64_t)grx_rng_below(r, (uint64_t)(x->end - x->beg));
		p.end = p.beg + len;
		*found = place_free(w, p.win, p.beg, p.end);
	}
	n = in_ref || grx_rng_uniform(r) < 0.7 ? 1 : 2;
	for (k = 0; k < n && *found; k++) {
		p.divergence = 0.01 * pow(5, grx_rng_uniform(r));
		p.ploidy = in_ref || grx_rng_uniform(r) < 0.7 ? 2 : 1;
		memset(&p.hap, 0, sizeof(p.hap));
		if (grx_grow(&w->paralog, &w->cap_paralog, w->n_paralog + 1, sizeof(p), 0) ||
			copy_make(w->mem, &w->win[p.win], &p, r))
			return grx_fail_nomem(cx, "paralogs");
		w->paralog[w->n_paralog++] = p;
	}
	return GRX_OK;
}

static int by_place(const void *a, const void *b)
{
	const struct sim_paralog *x = a, *y = b;

	if (x->win != y->win)
		return x->win < y->win ? -1 : 1;
	if (x->beg != y->beg)
		return x->beg < y->beg ? -1 : 1;
	return (x->divergence > y->divergence) - (x->divergence < y->divergence);
}

int simulate_paralogs(struct grx_ctx *cx, const struct simulate_opt *o, struct sim_world *w)
{
	struct grx_rng *r = grx_rng_new((uint64_t)o->seed, "simulate.paralogs", 0);
	int64_t i;
	bool found = true;
	int rc = GRX_E_BUG;

	if (!r)
		return grx_fail_nomem(cx, "random numbers");
	for (i = 0; i < o->decoys + o->twins && found; i++)
		GRX_TRY(region_make(cx, w, r, i >= o->decoys, &found));
	if (!found) {
		rc = grx_fail(cx, GRX_E_USAGE,
			"simulate: no room for %lld decoys and %lld twins in these regions",
			(long long)o->decoys, (long long)o->twins);
		goto out;
	}
	if (w->n_paralog)
		qsort(w->paralog, w->n_paralog, sizeof(*w->paralog), by_place);
	rc = GRX_OK;
out:
	grx_rng_free(r);
	return rc;
}
