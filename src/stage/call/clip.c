/* SPDX-License-Identifier: GPL-3.0-or-later
 * clip.c -- evidence of soft clips: clusters of reads clipped at one place, joined across long deletions and
 * tandem duplications by finding the clipped sequence on the other side. */
#include <stdlib.h>
#include <string.h>

#include "stage/call/assemble.h"

#define MIN_CLIP   5
#define MIN_QUAL   15 /* mean of the clipped bases next to the aligned ones */
#define CLUSTER_BP 3
#define ADAPTER_BP 3 /* slack of the fragment's end */
#define MAX_CONS   150
#define MIN_JOIN   10 /* bases that must fit on the other side */
#define MIN_WORDS  7  /* different 3-mers of what is to be found elsewhere */
#define MISFIT_DIV 12 /* one mismatch in so many bases */

bool call_clip_is_adapter(const struct call_aln *a, bool right)
{
	const struct grx_read *r = a->r;
	bool rev = (r->flag & GRX_R_REVERSE) != 0;
	if (!(r->flag & GRX_R_PAIRED) || (r->flag & GRX_R_MUNMAPPED) || r->mtid != r->tid || right == rev ||
		((r->flag & GRX_R_MREVERSE) != 0) == rev)
		return false;
	if (rev) /* the mate begins where this read should end */
		return a->pos <= r->mpos + ADAPTER_BP;
	return r->isize > 0 && r->pos + r->isize <= a->end + ADAPTER_BP;
}

static bool good_quality(const struct grx_read *r, int32_t n, bool right)
{
	int sum = 0, m = n < 20 ? n : 20;
	if (r->qual[0] == 255)
		return false;
	const uint8_t *q = right ? r->qual + r->l_seq - n : r->qual + n - m;
	for (int i = 0; i < m; i++)
		sum += q[i];
	return sum >= MIN_QUAL * m;
}

static bool is_good(const struct call_aln *a, int64_t n, bool right)
{
	return n >= MIN_CLIP && good_quality(a->r, (int32_t)n, right) && !call_clip_is_adapter(a, right);
}

int call_clips_within(const struct call_work *w, int sample, int64_t beg, int64_t end)
{
	int n = 0;
	for (int32_t i = call_reads_first(w, beg); i < w->n_aln && w->aln[i].pos < end; i++) {
		const struct call_aln *a = &w->aln[i];
		bool left = a->pos >= beg && is_good(a, a->pos - a->ubeg, false);
		bool right = a->end >= beg && a->end < end && is_good(a, a->uend - a->end, true);
		n += call_sample(a) == sample && (left || right);
	}
	return n;
}

static int push(struct call_work *w, struct call_clips *c, int32_t i, int32_t n, bool right)
{
	const struct call_aln *a = &w->aln[i];
	if (!is_good(a, n, right))
		return GRX_OK;
	if (c->n == c->cap) {
		size_t cap = c->cap ? c->cap * 2 : 256;
		struct call_clip *p = grx_arena_grow(w->mem, c->v, c->n, cap, sizeof(*p));
		if (!p)
			return grx_fail_nomem(w->cx, "clips");
		c->v = p;
		c->cap = cap;
	}
	c->v[c->n++] = (struct call_clip){right ? a->end : a->pos, i, n, right};
	return GRX_OK;
}

static int clip_cmp(const void *pa, const void *pb)
{
	const struct call_clip *a = pa, *b = pb;
	if (a->right != b->right)
		return a->right - b->right;
	if (a->pos != b->pos)
		return a->pos < b->pos ? -1 : 1;
	return a->aln < b->aln ? -1 : a->aln > b->aln;
}

int call_clips_collect(struct call_work *w, struct call_clips *c)
{
	int rc = GRX_OK;
	for (int32_t i = 0; i < w->n_aln && rc == GRX_OK; i++) {
		const struct call_aln *a = &w->aln[i];
		if (a->ubeg != a->pos)
			rc = push(w, c, i, (int32_t)(a->pos - a->ubeg), false);
		if (a->uend != a->end && rc == GRX_OK)
			rc = push(w, c, i, (int32_t)(a->uend - a->end), true);
	}
	if (c->n)
		qsort(c->v, c->n, sizeof(*c->v), clip_cmp);
	return rc;
}

size_t call_clips_cluster(const struct call_work *w, const struct call_clips *c, size_t i, int *n_frag)
{
	size_t j = i + 1;
	uint64_t seen[CALL_CLIP_FRAGS];
	*n_frag = 1;
	seen[0] = w->aln[c->v[i].aln].r->name_hash;
	/* by the gap to the one before: no dependence on where the list begins */
	for (; j < c->n && c->v[j].right == c->v[i].right && c->v[j].pos <= c->v[j - 1].pos + CLUSTER_BP;
		j++) {
		uint64_t h = w->aln[c->v[j].aln].r->name_hash;
		int k = 0;
		while (k < *n_frag && seen[k] != h)
			k++;
		if (k == *n_frag && k < CALL_CLIP_FRAGS)
			seen[(*n_frag)++] = h;
	}
	return j;
}

/* Bases of the cluster laid out from its innermost end away from the aligned part; at least two reads and
 * 70 % of the quality agree on each. */
static int consensus(const struct call_work *w, const struct call_clips *c, size_t i, size_t j, char *s)
{
	static const char nt[] = "ACGT";
	int32_t vote[MAX_CONS][4], n_read[MAX_CONS];
	bool right = c->v[i].right;
	int64_t x0 = right ? c->v[i].pos : c->v[j - 1].pos;
	memset(vote, 0, sizeof(vote));
	memset(n_read, 0, sizeof(n_read));
	for (size_t k = i; k < j; k++) {
		const struct grx_read *r = w->aln[c->v[k].aln].r;
		int64_t shift = right ? c->v[k].pos - x0 : x0 - c->v[k].pos;
		int32_t n = c->v[k].n + (int32_t)shift;
		for (int32_t m = 0; m < n && m < MAX_CONS && n <= r->l_seq; m++) {
			int32_t q = right ? r->l_seq - n + m : n - 1 - m;
			int b = grx_nt16_to_nt4[GRX_SEQ_CODE(r->seq, q)];
			if (b > 3)
				continue;
			vote[m][b] += r->qual[q] + 1;
			n_read[m]++;
		}
	}
	int m = 0;
	for (; m < MAX_CONS && n_read[m] >= 2; m++) {
		int best = 0, sum = 0;
		for (int b = 0; b < 4; b++) {
			sum += vote[m][b];
			best = vote[m][b] > vote[m][best] ? b : best;
		}
		if (vote[m][best] * 10 < sum * 7)
			break;
		s[m] = nt[best];
	}
	return m;
}

/* Mismatches of s laid on the reference from x in direction step, or more than limit. */
static int misfit(const struct call_work *w, const char *s, int n, int64_t x, int step, int limit)
{
	int bad = 0;
	for (int i = 0; i < n && bad <= limit; i++)
		bad += s[i] != call_ref_at(w, x + (int64_t)step * i);
	return bad;
}

/* Too few different words: a repeat fits at many places. */
static bool is_simple(const char *s, int n)
{
	bool seen[64] = {false};
	int words = 0;
	for (int i = 2; i < n; i++) {
		int x = (s[i] >> 1 & 3) | (s[i - 1] >> 1 & 3) << 2 | (s[i - 2] >> 1 & 3) << 4;
		words += !seen[x];
		seen[x] = true;
	}
	/* chance sequence has about 7 of 8, 29 of 38; two letters make no more than 8 */
	int want = (n < 42 ? n - 2 : 40) * 55 / 100;
	return words < (want > MIN_WORDS ? want : MIN_WORDS);
}

/* Best place of s up to ASM_MAX_LEN from x0 on the side away from it (away) or behind it; 0: none. */
static int64_t find_place(const struct call_work *w, const char *s, int n, int64_t x0, int step, bool away)
{
	int best = n / MISFIT_DIV + 1;
	int64_t at = 0;
	for (int64_t d = 1; d <= ASM_MAX_LEN && best > 0; d++) {
		int64_t x = x0 + (away ? step : -step) * d;
		int bad = misfit(w, s, n, x, step, best - 1);
		if (bad < best) {
			best = bad;
			at = x;
		}
	}
	return at;
}

int call_clips_join(
	const struct call_work *w, const struct call_clips *c, size_t i, size_t j, struct call_allele a[2])
{
	char s[MAX_CONS];
	int n = consensus(w, c, i, j, s), step = c->v[i].right ? 1 : -1, limit = 2 * (n / MISFIT_DIV) + 1;
	int n_found = 0;
	int64_t x0 = c->v[i].right ? c->v[i].pos : c->v[j - 1].pos - 1;
	if (n < MIN_JOIN || is_simple(s, n) || misfit(w, s, n, x0, step, limit) <= limit)
		return 0;
	for (int del = 0; del < 2; del++) {
		/* the read goes from x0 to at (right) or comes from there: what is between is left out or
		 * repeated */
		int64_t at = find_place(w, s, n, x0, step, del);
		int64_t lo = at < x0 ? at : x0, hi = at < x0 ? x0 : at;
		if (step < 0)
			lo++, hi++;
		if (at == 0 || lo < w->beg || hi >= w->end)
			continue;
		a[n_found++] = (struct call_allele){.pos = del ? lo : hi,
			.rlen = del ? (int32_t)(hi - lo) : 0,
			.alen = del ? 0 : (int32_t)(hi - lo),
			.alt = w->sh->ref + (lo - w->sh->ref_beg)};
	}
	return n_found;
}
