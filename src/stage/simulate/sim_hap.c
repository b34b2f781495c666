/* SPDX-License-Identifier: GPL-3.0-or-later
 * sim_hap.c -- one haplotype of a window: its letters and how they lie on the reference.
 * Invariant: segments cover the haplotype without gaps, ascending; a jump of rpos between them is a deletion.
 */
#include <string.h>

#include "stage/simulate/simulate_int.h"

static int seg_push(struct sim_hap *h, struct grx_arena *mem, int64_t rpos, int64_t len)
{
	if (len <= 0)
		return GRX_OK;
	if (h->n_seg == h->cap_seg) {
		size_t cap = h->cap_seg ? 2 * h->cap_seg : 64;
		struct sim_seg *p = grx_arena_grow(mem, h->seg, h->n_seg, cap, sizeof(*p));

		if (!p)
			return GRX_E_NOMEM;
		h->seg = p;
		h->cap_seg = cap;
	}
	h->seg[h->n_seg].hpos = h->n;
	h->seg[h->n_seg].rpos = rpos;
	h->seg[h->n_seg++].len = len;
	return GRX_OK;
}

static int copy_ref(
	struct sim_hap *h, struct grx_arena *mem, const struct sim_win *x, int64_t from, int64_t to)
{
	int rc = seg_push(h, mem, from, to - from);

	if (rc || to <= from)
		return rc;
	memcpy(h->seq + h->n, x->seq + (from - x->beg), (size_t)(to - from));
	h->n += to - from;
	return GRX_OK;
}

/* Letters of alt after the common prefix; *at moves past the variant. */
static int apply(struct sim_hap *h, struct grx_arena *mem, const struct sim_win *x, const struct sim_var *v,
	const char *alt, int64_t *at)
{
	int64_t rl = (int64_t)strlen(v->ref), al = (int64_t)strlen(alt), p = 0, same;
	int rc;

	while (p < rl && p < al && v->ref[p] == alt[p])
		p++;
	rc = copy_ref(h, mem, x, *at, v->pos + p);
	if (rc)
		return rc;
	rl -= p;
	al -= p;
	same = rl < al ? rl : al; /* substituted base by base, the rest is inserted or deleted */
	rc = seg_push(h, mem, v->pos + p, same);
	memcpy(h->seq + h->n, alt + p, (size_t)al);
	h->n += same;
	if (rc == GRX_OK)
		rc = seg_push(h, mem, -1, al - same);
	h->n += al - same;
	*at = v->pos + p + rl;
	return rc;
}

int simulate_hap(struct grx_ctx *cx, const struct sim_win *x, const struct sim_donor *d, int k,
	struct grx_arena *mem, struct sim_hap *out)
{
	int64_t at = x->beg, extra = 0;
	size_t i;
	int rc;

	memset(out, 0, sizeof(*out));
	for (i = 0; i < d->n; i++)
		if (d->v[i].tid == x->tid && d->v[i].pos >= x->beg && d->v[i].pos < x->end &&
			d->v[i].hap[k] > 0)
			extra += (int64_t)strlen(d->v[i].alt[d->v[i].hap[k] - 1]);
	out->seq = grx_arena_alloc(mem, (size_t)(x->end - x->beg + extra) + 1, 1);
	if (!out->seq)
		return grx_fail_nomem(cx, "haplotype");
	for (i = 0; i < d->n; i++) {
		const struct sim_var *v = &d->v[i];

		if (v->tid != x->tid || v->pos < x->beg || v->pos >= x->end || v->hap[k] <= 0)
			continue;
		if (v->pos < at)
			return grx_fail(cx, GRX_E_USAGE,
				"simulate: two variants of one haplotype overlap at %lld: choose other "
				"alleles with --pgx",
				(long long)v->pos + 1);
		rc = apply(out, mem, x, v, v->alt[v->hap[k] - 1], &at);
		if (rc)
			return grx_fail_nomem(cx, "haplotype");
	}
	rc = copy_ref(out, mem, x, at, x->end);
	return rc ? grx_fail_nomem(cx, "haplotype") : GRX_OK;
}
