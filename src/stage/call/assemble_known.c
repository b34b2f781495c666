/* SPDX-License-Identifier: GPL-3.0-or-later
 * assemble_known.c -- is a way only a combination of candidates that are known already?
 * The same sequence has many descriptions; only one that no set of known candidates spells is news. */
#include <string.h>

#include "stage/call/assemble.h"

#define LEAD 64 /* bases before the way: candidates are left-aligned, a repeat may carry them out of it */

struct spell {
	struct call_work *w;
	size_t n_known; /* of w->ind, sorted */
	const uint8_t *ref, *alt;
	int64_t pos; /* of ref[0] */
	int nr, na;
	uint8_t *seen; /* (nr + 1) x (na + 1) */
	int32_t *open;
	int n_open;
};

static size_t lower_bound(const struct spell *s, int64_t pos)
{
	size_t lo = 0, hi = s->n_known;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		if (s->w->ind[mid].pos < pos)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void push(struct spell *s, int i, int j)
{
	int32_t x = i * (s->na + 1) + j;
	if (i > s->nr || j > s->na || s->seen[x])
		return;
	s->seen[x] = 1;
	if (s->n_open < ASM_MAX_OPEN)
		s->open[s->n_open++] = x;
}

static bool alt_fits(const struct spell *s, const struct call_allele *a, int j)
{
	if (j + a->alen > s->na)
		return false;
	for (int k = 0; k < a->alen; k++)
		if ("ACGT"[s->alt[j + k]] != a->alt[k])
			return false;
	return true;
}

/* All steps from (i, j): along the reference, a substitution of the columns, an indel candidate. */
static void step(struct spell *s, int i, int j)
{
	if (i < s->nr && j < s->na) {
		int64_t x = s->pos + i - s->w->beg;
		if (s->ref[i] == s->alt[j] || call_snv_mask(s->w, x) >> s->alt[j] & 1)
			push(s, i + 1, j + 1);
	}
	const struct call_allele *a = s->w->ind + lower_bound(s, s->pos + i);
	for (; a < s->w->ind + s->n_known && a->pos == s->pos + i; a++)
		if (alt_fits(s, a, j))
			push(s, i + a->rlen, j + a->alen);
}

bool call_asm_known(
	struct call_work *w, size_t n_known, const struct call_seqs *q, uint8_t *seen, int32_t *open)
{
	uint8_t alt[ASM_MAX_ALT + ASM_MAX_WIN + LEAD];
	int lead = q->beg < LEAD ? q->beg : LEAD;
	struct spell s = {.w = w,
		.n_known = n_known,
		.ref = q->ref + q->beg - lead,
		.alt = alt,
		.pos = q->pos + q->beg - lead,
		.nr = q->end - q->beg + lead,
		.na = q->na + lead,
		.seen = seen,
		.open = open};
	size_t cells = (size_t)(s.nr + 1) * (size_t)(s.na + 1);
	if (cells > ASM_DP_BYTES)
		return false;
	memcpy(alt, s.ref, (size_t)lead);
	memcpy(alt + lead, q->alt, (size_t)q->na);
	memset(seen, 0, cells);
	push(&s, 0, 0);
	while (s.n_open) {
		int32_t x = s.open[--s.n_open];
		step(&s, x / (s.na + 1), x % (s.na + 1));
	}
	return seen[cells - 1];
}
