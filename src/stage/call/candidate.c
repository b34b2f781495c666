/* SPDX-License-Identifier: GPL-3.0-or-later
 * candidate.c -- from events to alleles: left alignment, merging, grouping of indels that share a tract, SNV
 * candidates. */
#include "stage/call/call_int.h"

#include <stdlib.h>
#include <string.h>

#include "bio/allele.h"
#include "stage/call/assemble.h"

/* Least number of reads, and fraction of the depth, to look at an allele; below it no genotype would win. */
#define MIN_READS      2
#define MIN_FRAC_SNV   0.10
#define MIN_FRAC_INDEL 0.06
/* A gap longer than that costs a mapper more than to clip the read, unless it lies near the read's middle. */
#define LONG_GAP  8
#define MIN_CLIPS 2

/* A repeat this long is spanned by few reads, and stutter seldom changes it by two units: one read is enough
 * to look. */
#define LONG_TRACT 30
#define MIN_UNITS  2

char call_ref_at(const struct call_work *w, int64_t pos)
{
	if (pos < w->sh->ref_beg || pos >= w->sh->ref_end)
		return 'N';
	return w->sh->ref[pos - w->sh->ref_beg];
}

bool call_is_indel(const struct call_allele *a)
{
	return a->rlen != a->alen;
}

static bool norm(struct call_work *w, struct grx_change *c, struct call_allele *a)
{
	char *buf = NULL;
	if (c->ref_len == 0 && c->alt_len == 0)
		return false;
	if (c->ref_len == 0 || c->alt_len == 0) {
		size_t n = (size_t)(c->ref_len > c->alt_len ? c->ref_len : c->alt_len);
		buf = grx_arena_alloc(w->mem, n + 1, 1);
		if (!buf)
			return false;
		grx_change_left_align(c, w->sh->ref, w->sh->ref_beg, w->sh->ref_end, buf);
		if (c->pos < 1)
			return false;
	}
	char *alt = buf && c->alt == buf ? buf : grx_arena_strndup(w->mem, c->alt, (size_t)c->alt_len);
	if (!alt)
		return false;
	*a = (struct call_allele){.pos = c->pos, .rlen = c->ref_len, .alen = c->alt_len, .alt = alt};
	return a->pos >= w->beg && a->pos + a->rlen < w->end;
}

bool call_allele_norm(
	struct call_work *w, int64_t pos, const char *ref, const char *alt, struct call_allele *a)
{
	struct grx_change c = {pos, ref, alt, (int)strlen(ref), (int)strlen(alt)};
	grx_change_trim(&c);
	return norm(w, &c, a);
}

static bool is_base(char c)
{
	return c == 'A' || c == 'C' || c == 'G' || c == 'T';
}

int call_indel_add(struct call_work *w, int64_t pos, int32_t rlen, const char *alt, int32_t alen)
{
	if (w->n_ind == w->cap_ind) {
		size_t cap = w->cap_ind ? w->cap_ind * 2 : 1024;
		struct call_allele *p = grx_arena_grow(w->mem, w->ind, w->n_ind, cap, sizeof(*p));
		if (!p)
			return grx_fail_nomem(w->cx, "indel candidates");
		w->ind = p;
		w->cap_ind = cap;
	}
	struct grx_change c = {pos, w->sh->ref + (pos - w->sh->ref_beg), alt, rlen, alen};
	struct call_allele *a = &w->ind[w->n_ind];
	if (!norm(w, &c, a))
		return GRX_OK;
	for (int32_t i = -1; i < a->rlen; i++)
		if (!is_base(call_ref_at(w, a->pos + i)))
			return GRX_OK;
	for (int32_t i = 0; i < a->alen; i++) /* a copy of the reference may hold other letters */
		if (!is_base(a->alt[i]))
			return GRX_OK;
	a->n_read = 1;
	uint16_t *seen = &w->gaps[a->pos - w->beg];
	*seen = (uint16_t)(*seen + (*seen < UINT16_MAX));
	w->n_ind++;
	return GRX_OK;
}

static int allele_cmp(const void *pa, const void *pb)
{
	const struct call_allele *a = pa, *b = pb;
	if (a->pos != b->pos)
		return a->pos < b->pos ? -1 : 1;
	if (a->rlen != b->rlen)
		return a->rlen < b->rlen ? -1 : 1;
	if (a->alen != b->alen)
		return a->alen < b->alen ? -1 : 1;
	return memcmp(a->alt, b->alt, (size_t)a->alen);
}

bool call_allele_same(const struct call_allele *a, const struct call_allele *b)
{
	return allele_cmp(a, b) == 0;
}

static int event_cmp(const void *pa, const void *pb)
{
	const struct call_allele *a = pa, *b = pb;
	int c = allele_cmp(a, b);
	return c ? c : a->sample < b->sample ? -1 : a->sample > b->sample;
}

static bool is_new_length(const struct call_work *w, const struct call_allele *a)
{
	int unit, len = call_repeat_len(w, a->pos, &unit);
	return unit > 1 && len >= LONG_TRACT && (a->rlen == 0 || a->alen == 0) &&
	       a->rlen + a->alen >= MIN_UNITS * unit;
}

/* Is the allele a long gap that one read shows, and others are clipped where it can lie? */
static bool clips_support(const struct call_work *w, const struct call_allele *a)
{
	int64_t beg, end;
	if (a->rlen < LONG_GAP && a->alen < LONG_GAP)
		return false;
	call_locus_tract(w, a, &beg, &end);
	return call_clips_within(w, a->sample, beg, end + 1) >= MIN_CLIPS;
}

/* Do enough reads of some sample show the allele? v[0..n) are its events, by sample. */
static bool supported(const struct call_work *w, const struct call_allele *v, size_t n)
{
	int64_t x = v->pos - w->beg;
	for (size_t i = 0, j; i < n; i = j) {
		int32_t reads = 0;
		for (j = i; j < n && v[j].sample == v[i].sample; j++)
			reads += v[j].assembled ? 0 : v[j].n_read;
		int32_t d = call_depth(w, v[i].sample, x), d0 = call_depth(w, v[i].sample, x - (x > 0));
		if (reads >= MIN_READS && reads >= MIN_FRAC_INDEL * (d > d0 ? d : d0))
			return true;
		if (reads > 0 && reads < MIN_READS && clips_support(w, &v[i]))
			return true;
	}
	return is_new_length(w, v);
}

void call_indels_merge(struct call_work *w)
{
	size_t n = 0;
	if (w->n_ind)
		qsort(w->ind, w->n_ind, sizeof(*w->ind), event_cmp);
	for (size_t i = 0, j; i < w->n_ind; i = j) {
		struct call_allele a = w->ind[i];
		int32_t n_asm = 0; /* the same reads as those of the CIGARs */
		a.n_read = 0;
		for (j = i; j < w->n_ind && allele_cmp(&a, &w->ind[j]) == 0; j++) {
			const struct call_allele *b = &w->ind[j];
			if (!b->assembled)
				a.n_read += b->n_read;
			else if (b->n_read > n_asm)
				n_asm = b->n_read;
			a.assembled |= b->assembled;
		}
		a.n_read = a.n_read > n_asm ? a.n_read : n_asm;
		if (a.assembled || supported(w, &w->ind[i], j - i))
			w->ind[n++] = a;
	}
	w->n_ind = n;
}

void call_locus_tract(const struct call_work *w, const struct call_allele *a, int64_t *beg, int64_t *end)
{
	int64_t k = 0;
	*beg = a->pos;
	*end = a->pos + a->rlen;
	if (a->rlen && a->alen)
		return;
	if (a->rlen)
		while (call_ref_at(w, a->pos + k) == call_ref_at(w, a->pos + a->rlen + k) &&
			*end + k < w->end)
			k++;
	else
		while (call_ref_at(w, a->pos + k) == a->alt[k % a->alen] && *end + k < w->end)
			k++;
	*end += k;
}

int call_repeat_len(const struct call_work *w, int64_t pos, int *unit)
{
	int best = 1;
	*unit = 1;
	for (int u = 1; u <= 6; u++) {
		int n = u;
		while (n < 200 && call_ref_at(w, pos + n) == call_ref_at(w, pos + n - u))
			n++;
		for (int64_t b = pos - 1; n < 200 && call_ref_at(w, b) == call_ref_at(w, b + u); b--)
			n++;
		if (n >= 2 * u && n > best) {
			best = n;
			*unit = u;
		}
	}
	return best;
}

unsigned call_snv_mask(const struct call_work *w, int64_t x)
{
	unsigned m = 0;
	if (grx_nt16_to_nt4[w->rcode[x]] > 3)
		return 0;
	for (int s = 0; s < w->n_sample; s++) {
		const uint16_t *c = call_mm(w, s, x);
		uint64_t any;
		memcpy(&any, c, sizeof(any));
		if (!any)
			continue;
		for (unsigned b = 0; b < 4; b++)
			if (c[b] >= MIN_READS && c[b] >= MIN_FRAC_SNV * call_depth(w, s, x))
				m |= 1u << b;
	}
	return m;
}
