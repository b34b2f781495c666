/* SPDX-License-Identifier: GPL-3.0-or-later
 * strerr_count.c -- counts for the per-sample model: lengths of repeat tracts in reads, depth, inserts,
 * mismatches.
 *
 * A tract belongs to the shard whose core holds its first base. Its length in a read is the net length of the
 * read's gaps within it, wherever the mapper put them, and only reads that leave no doubt count: aligned well
 * beyond the tract on both sides, with matching bases next to it. Mappers prefer clips and mismatches to gaps
 * near read ends, so nearer reads would hide stutter. */
#include "stage/call/strerr.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "genorx/reads.h"
#include "genorx/stage.h"

#define MIN_MAPQ       40
#define MIN_MAPQ_DEPTH 20
#define MAX_CLIP       10 /* bases on either side of a read */
#define FLANK_ALIGNED  10 /* aligned bases wanted beyond a tract */
#define FLANK_MATCH    5  /* of them equal to the reference, next to it */
#define MAX_UNIT       6
#define MAX_DEPTH      255 /* reads of a locus that are tallied: bounds time on amplicons */
#define SAMPLED        3   /* one read in 2^3 is compared with the reference base by base */
#define ENOUGH_STUTTER 1500
#define ENOUGH_BASES   600000

static const uint16_t unusable = GRX_R_UNMAPPED | GRX_R_SECONDARY | GRX_R_QCFAIL | GRX_R_DUP |
				 GRX_R_SUPPLEMENTARY;

struct tract {
	int64_t beg, end;
	uint16_t hist[CALL_STR_HIST], other, n; /* n: reads tallied */
	uint8_t unit, cls;
};

struct tally {
	const struct grx_shard *sh;
	struct tract *t; /* ascending beg */
	size_t n, cap;
	int32_t *depth; /* changes of depth over the core, one more than its length */
	uint8_t *mm;    /* mismatches of sampled reads over the core */
};

static char ref_at(const struct grx_shard *sh, int64_t p)
{
	return p < sh->ref_beg || p >= sh->ref_end ? 'N' : sh->ref[p - sh->ref_beg];
}

static int tract_add(struct tally *y, int64_t b, int64_t e, int u)
{
	int cls = call_str_class(y->sh->ref + (b - y->sh->ref_beg), u);
	if (cls < 0 || e - b < (u == 1 ? 4 : 3 * u) || b < y->sh->beg || b >= y->sh->end)
		return GRX_OK;
	if (y->n == y->cap) {
		size_t cap = y->cap ? y->cap * 2 : 1024;
		struct tract *t = grx_arena_grow(y->sh->mem, y->t, y->n, cap, sizeof(*t));
		if (!t)
			return GRX_E_NOMEM;
		y->t = t;
		y->cap = cap;
	}
	y->t[y->n++] = (struct tract){.beg = b, .end = e, .unit = (uint8_t)u, .cls = (uint8_t)cls};
	return GRX_OK;
}

static int by_beg(const void *x, const void *y)
{
	const struct tract *a = x, *b = y;
	return a->beg != b->beg ? (a->beg > b->beg) - (a->beg < b->beg) : a->unit - b->unit;
}

/* Maximal runs in which every base equals the one a unit before. */
static int tracts_find(struct tally *y)
{
	const struct grx_shard *sh = y->sh;
	for (int u = 1; u <= MAX_UNIT; u++) {
		int64_t b = sh->ref_beg;
		for (int64_t i = b + u; i <= sh->ref_end; i++) {
			char c = ref_at(sh, i);
			if (i < sh->ref_end && c != 'N' && c == ref_at(sh, i - u))
				continue;
			if (i - b >= 3 * u && tract_add(y, b, i, u) != GRX_OK)
				return GRX_E_NOMEM;
			b = i - u + 1;
		}
	}
	if (y->n)
		qsort(y->t, y->n, sizeof(*y->t), by_beg);
	return GRX_OK;
}

static bool is_match(int op)
{
	return op == GRX_C_M || op == GRX_C_EQ || op == GRX_C_X;
}

/* What a read says about a tract. */
struct reading {
	int64_t len; /* net change within the tract */
	int left, right;
	bool odd; /* a change that is no whole number of units, or reaches out of the tract */
};

/* Matching bases of one block [p, p + n), read from q, within the flanks of the tract. */
static void flanks(const struct grx_shard *sh, const struct grx_read *r, const struct tract *t, int64_t p,
	int64_t n, int64_t q, struct reading *g)
{
	for (int k = 1; k <= FLANK_MATCH; k++) {
		int64_t l = t->beg - k, e = t->end + k - 1;
		if (l >= p && l < p + n)
			g->left += grx_nt16[GRX_SEQ_CODE(r->seq, q + l - p)] == ref_at(sh, l);
		if (e >= p && e < p + n)
			g->right += grx_nt16[GRX_SEQ_CODE(r->seq, q + e - p)] == ref_at(sh, e);
	}
}

/* Does an insertion at p continue the repeat? */
static bool same_unit(const struct grx_shard *sh, const struct grx_read *r, const struct tract *t, int64_t p,
	int64_t n, int64_t q)
{
	for (int64_t i = 0; i < n; i++)
		if (grx_nt16[GRX_SEQ_CODE(r->seq, q + i)] != ref_at(sh, t->beg + (p - t->beg + i) % t->unit))
			return false;
	return true;
}

static void tract_read(
	const struct grx_shard *sh, const struct grx_read *r, const struct tract *t, struct reading *g)
{
	int64_t p = r->pos, q = 0;
	*g = (struct reading){0};
	for (uint32_t i = 0; i < r->n_cigar && p <= t->end + FLANK_MATCH; i++) {
		int op = GRX_CIG_OP(r->cigar[i]);
		int64_t n = GRX_CIG_LEN(r->cigar[i]);
		if (is_match(op))
			flanks(sh, r, t, p, n, q, g);
		if (op == GRX_C_I && p >= t->beg && p <= t->end) {
			if (same_unit(sh, r, t, p, n, q))
				g->len += n;
			else
				g->odd = true;
		}
		if ((op == GRX_C_D || op == GRX_C_N) && p < t->end && p + n > t->beg) {
			if (p >= t->beg && p + n <= t->end)
				g->len -= n;
			else
				g->odd = true;
		}
		p += GRX_CIG_REF(op) ? n : 0;
		q += GRX_CIG_QUERY(op) ? n : 0;
	}
}

static void tract_tally(struct tally *y, const struct grx_read *r, struct tract *t, bool gapped)
{
	struct reading g = {0};
	if (t->n >= MAX_DEPTH)
		return;
	if (!gapped) {
		t->n++;
		t->hist[CALL_STR_REACH]++;
		return;
	}
	tract_read(y->sh, r, t, &g);
	if (g.left < FLANK_MATCH || g.right < FLANK_MATCH)
		return;
	t->n++;
	int64_t d = g.len / t->unit;
	if (g.odd || g.len % t->unit || d < -CALL_STR_REACH || d > CALL_STR_REACH)
		t->other++;
	else
		t->hist[CALL_STR_REACH + d]++;
}

/* Mapped well and without long clips; *gapped: has a gap. */
static bool good(const struct grx_read *r, bool *gapped)
{
	*gapped = false;
	if (r->mapq < MIN_MAPQ || r->mapq == 255 || (r->flag & unusable) || !r->l_seq ||
		((r->flag & GRX_R_PAIRED) && !(r->flag & GRX_R_PROPER)))
		return false;
	for (uint32_t i = 0; i < r->n_cigar; i++) {
		int op = GRX_CIG_OP(r->cigar[i]);
		if ((op == GRX_C_S || op == GRX_C_H) && GRX_CIG_LEN(r->cigar[i]) > MAX_CLIP)
			return false;
		if (op == GRX_C_N)
			return false;
		*gapped |= op == GRX_C_I || op == GRX_C_D;
	}
	return true;
}

static void add_depth(struct tally *y, const struct grx_read *r)
{
	const struct grx_shard *sh = y->sh;
	int64_t b = r->pos, e = r->end;
	/* the right mate counts from where the left one ends */
	if ((r->flag & GRX_R_PROPER) && r->isize < 0 && r->mpos + r->l_seq > b)
		b = r->mpos + r->l_seq;
	b = b < sh->beg ? sh->beg : b;
	e = e > sh->end ? sh->end : e;
	if (b < e) {
		y->depth[b - sh->beg]++;
		y->depth[e - sh->beg]--;
	}
}

static void add_sizes(const struct grx_shard *sh, const struct grx_read *r, struct call_strcount *c)
{
	if (r->pos < sh->beg || r->pos >= sh->end)
		return;
	c->len[r->l_seq < CALL_STR_LEN ? r->l_seq : CALL_STR_LEN - 1]++;
	if ((r->flag & GRX_R_PROPER) && r->isize > 0)
		c->ins[r->isize / 2 < CALL_STR_LEN ? r->isize / 2 : CALL_STR_LEN - 1]++;
}

/* Compare every eighth fragment with the reference, within the core. */
static void add_mismatches(struct tally *y, const struct grx_read *r, struct call_strcount *c)
{
	const struct grx_shard *sh = y->sh;
	int64_t p = r->pos, q = 0;
	if (r->name_hash * 0x9E3779B97F4A7C15u >> (64 - SAMPLED))
		return;
	for (uint32_t i = 0; i < r->n_cigar; i++) {
		int op = GRX_CIG_OP(r->cigar[i]);
		int64_t n = GRX_CIG_LEN(r->cigar[i]);
		for (int64_t k = 0; is_match(op) && k < n; k++) {
			int64_t x = p + k;
			char b = grx_nt16[GRX_SEQ_CODE(r->seq, q + k)], f = ref_at(sh, x);
			if (x < sh->beg || x >= sh->end || b == 'N' || f == 'N')
				continue;
			c->base++;
			if (b != f && y->mm[x - sh->beg] < 2)
				y->mm[x - sh->beg]++;
		}
		p += GRX_CIG_REF(op) ? n : 0;
		q += GRX_CIG_QUERY(op) ? n : 0;
	}
}

static void add_read(struct tally *y, const struct grx_read *r, size_t *first, struct call_strcount *c)
{
	bool gapped;
	if (r->mapq < MIN_MAPQ_DEPTH || (r->flag & unusable) || !r->l_seq)
		return;
	add_depth(y, r);
	add_sizes(y->sh, r, c);
	if (!good(r, &gapped))
		return;
	add_mismatches(y, r, c);
	while (*first < y->n && y->t[*first].beg < r->pos + FLANK_ALIGNED)
		(*first)++;
	for (size_t i = *first; i < y->n && y->t[i].beg < r->end; i++)
		if (y->t[i].end <= r->end - FLANK_ALIGNED)
			tract_tally(y, r, &y->t[i], gapped);
}

static int keep_locus(struct call_strcount *c, const struct tract *t, int64_t depth)
{
	int64_t u = (t->end - t->beg) / t->unit;
	int units = u < CALL_STR_UNITS ? (int)u : CALL_STR_UNITS;
	int n = t->other;
	for (int i = 0; i < CALL_STR_HIST; i++)
		n += i == CALL_STR_REACH ? 0 : t->hist[i];
	if (n == 0) {
		c->clean_locus[t->cls][units] += t->hist[CALL_STR_REACH] > 0;
		c->clean_read[t->cls][units] += t->hist[CALL_STR_REACH];
		return GRX_OK;
	}
	if (grx_grow(&c->locus, &c->cap, c->n + 1, sizeof(*c->locus), 0) != GRX_OK)
		return GRX_E_NOMEM;
	struct call_strlocus *l = &c->locus[c->n++];
	*l = (struct call_strlocus){.cls = t->cls,
		.units = (uint8_t)units,
		.depth = (uint16_t)(depth < 65535 ? depth : 65535),
		.other = t->other};
	memcpy(l->hist, t->hist, sizeof(l->hist));
	return GRX_OK;
}

/* Turn the changes of depth and the tracts into counts. */
static int collect(struct tally *y, struct call_strcount *c)
{
	int64_t n = y->sh->end - y->sh->beg;
	for (int64_t i = 0, d = 0; i < n; i++) {
		d += y->depth[i];
		y->depth[i] = (int32_t)d;
		if (d > 0)
			c->depth[d < CALL_STR_DEPTH ? d : CALL_STR_DEPTH - 1]++;
		/* more than one in an eighth of the reads: a variant or a systematic error */
		c->mismatch += y->mm[i] == 1;
	}
	for (size_t i = 0; i < y->n; i++)
		if (keep_locus(c, &y->t[i], y->depth[y->t[i].beg - y->sh->beg]) != GRX_OK)
			return GRX_E_NOMEM;
	return GRX_OK;
}

int call_strerr_count(const struct grx_shard *sh, int sample, struct call_strcount *c)
{
	struct tally y = {.sh = sh};
	size_t first = 0;
	int64_t n = sh->end - sh->beg;
	if (!sh->ref || !sh->reads || n <= 0)
		return GRX_OK;
	y.depth = grx_arena_calloc(sh->mem, (size_t)n + 1, sizeof(*y.depth));
	y.mm = grx_arena_calloc(sh->mem, (size_t)n, 1);
	if (!y.depth || !y.mm || tracts_find(&y) != GRX_OK)
		return GRX_E_NOMEM;
	for (size_t i = 0; i < sh->reads->n; i++)
		if (sample < 0 || sh->reads->v[i].sample == sample)
			add_read(&y, &sh->reads->v[i], &first, c);
	return collect(&y, c);
}

int call_strcount_add(struct call_strcount *to, const struct call_strcount *from)
{
	if (grx_grow(&to->locus, &to->cap, to->n + from->n, sizeof(*to->locus), 0) != GRX_OK)
		return GRX_E_NOMEM;
	if (from->n)
		memcpy(to->locus + to->n, from->locus, from->n * sizeof(*to->locus));
	to->n += from->n;
	for (int c = 0; c < CALL_STR_N; c++)
		for (int u = 0; u <= CALL_STR_UNITS; u++) {
			to->clean_locus[c][u] += from->clean_locus[c][u];
			to->clean_read[c][u] += from->clean_read[c][u];
		}
	for (int i = 0; i < CALL_STR_DEPTH; i++)
		to->depth[i] += from->depth[i];
	for (int i = 0; i < CALL_STR_LEN; i++) {
		to->len[i] += from->len[i];
		to->ins[i] += from->ins[i];
	}
	to->base += from->base;
	to->mismatch += from->mismatch;
	return GRX_OK;
}

void call_strcount_free(struct call_strcount *c)
{
	grx_free(c->locus);
	c->locus = NULL;
	c->n = c->cap = 0;
}

bool call_strcount_enough(const struct call_strcount *c)
{
	int64_t pos = 0, stut = 0;
	for (int i = 1; i < CALL_STR_DEPTH; i++)
		pos += c->depth[i];
	for (size_t i = 0; i < c->n; i++)
		for (int k = 0; k < CALL_STR_HIST; k++)
			stut += k == CALL_STR_REACH ? 0 : c->locus[i].hist[k];
	return pos >= ENOUGH_BASES && stut >= ENOUGH_STUTTER;
}
