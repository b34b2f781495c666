/* SPDX-License-Identifier: GPL-3.0-or-later
 * d6_tally.c -- put the two reads of a fragment together and tell which gene it comes from.
 * A fragment votes by its bases at the sites (but not at the locus in question), and by where the aligner put
 * it with confidence; what it shows at a defining locus counts for CYP2D6 only if the votes say CYP2D6. */
#include <stdlib.h>
#include <string.h>

#include "stage/pgx/d6.h"

static int obs_cmp(const void *a, const void *b)
{
	const struct d6_obs *x = a, *y = b;
	if (x->sample != y->sample)
		return x->sample < y->sample ? -1 : 1;
	if (x->name != y->name)
		return x->name < y->name ? -1 : 1;
	if (x->item != y->item)
		return x->item < y->item ? -1 : 1;
	if (x->value != y->value)
		return x->value < y->value ? -1 : 1;
	return (int)x->flags - (int)y->flags;
}

/* Items that both reads show must agree; else neither counts. Returns what is left of v[0..n). */
static size_t agree(struct d6_obs *v, size_t n)
{
	size_t m = 0;
	for (size_t i = 0; i < n;) {
		size_t j = i + 1;
		bool same = true;
		for (; j < n && v[j].item == v[i].item; j++)
			same &= v[j].value == v[i].value;
		if (same)
			v[m++] = v[i];
		i = j;
	}
	return m;
}

/* A vote per site; conversions within CYP2D6 are common in intron 1 and do not vote. */
static int site_votes(const struct d6_table *t, const struct d6_obs *v, size_t n, int but)
{
	int votes = 0;
	for (size_t i = 0; i < n && v[i].item < t->n_site; i++)
		if (v[i].item != but && t->site[v[i].item].use != D6_USE_CONVERSION)
			votes += v[i].value ? -1 : 1;
	return votes;
}

/* Where reads of the fragment lie with confidence: for CYP2D6, for CYP2D7, or 0. */
static int placed(const struct d6_obs *v, size_t n)
{
	int at = 0;
	for (size_t i = 0; i < n; i++)
		if (v[i].flags & D6_SURE)
			at += v[i].flags & D6_ON7 ? -1 : 1;
	return at > 0 ? 1 : at < 0 ? -1 : 0;
}

static void count_fragment(const struct d6_table *t, struct d6_obs *v, size_t n, struct d6_tally *c)
{
	int where = placed(v, n);
	n = agree(v, n);
	int all = where + site_votes(t, v, n, -1);
	c->n_fragment++;
	c->n_six += all > 0;
	c->n_seven += all < 0;
	for (size_t i = 0; i < n; i++) {
		if (v[i].item < t->n_site) {
			c->site[v[i].item][v[i].value]++;
			continue;
		}
		int l = v[i].item - t->n_site;
		if (l >= t->n_locus) {
			c->indel[l - t->n_locus] += all > 0;
			continue;
		}
		int votes = where + site_votes(t, v, n, t->locus[l].site);
		(votes > 0 ? c->locus : c->other)[l][v[i].value]++;
	}
}

int d6_tally(struct grx_arena *mem, const struct d6_table *t, const struct d6_evidence *e, int sample,
	struct d6_tally *c)
{
	memset(c, 0, sizeof *c);
	c->site = grx_arena_calloc(mem, (size_t)t->n_site, sizeof *c->site);
	c->locus = grx_arena_calloc(mem, (size_t)t->n_locus, sizeof *c->locus);
	c->other = grx_arena_calloc(mem, (size_t)t->n_locus, sizeof *c->other);
	c->indel = grx_arena_calloc(mem, (size_t)(t->end6 - t->beg6), sizeof *c->indel);
	struct d6_obs *v = grx_arena_alloc(mem, e->n_obs + 1, sizeof *v);
	size_t n = 0;
	if (!c->site || !c->locus || !c->other || !c->indel || !v)
		return GRX_E_NOMEM;
	for (size_t i = 0; i < e->n_obs; i++)
		if (e->obs[i].sample == sample)
			v[n++] = e->obs[i];
	qsort(v, n, sizeof *v, obs_cmp);
	for (size_t i = 0; i < n;) {
		size_t j = i;
		while (j < n && v[j].name == v[i].name)
			j++;
		count_fragment(t, v + i, j - i, c);
		i = j;
	}
	return GRX_OK;
}
