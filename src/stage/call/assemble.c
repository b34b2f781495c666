/* SPDX-License-Identifier: GPL-3.0-or-later
 * assemble.c -- candidate alleles that no CIGAR shows: where to look, the reads of a window, from ways to
 * alleles.
 * Windows belong to cells of the genome (128 bp, counted from its start), so they are the same in every shard
 * that sees them whole. */
#include "stage/call/assemble.h"

#include <stdlib.h>
#include <string.h>

#define CELL_SHIFT  7
#define FLANK       120       /* bases around the triggers of a cell */
#define MAX_SEQ     (1 << 19) /* bases of a window's reads */
#define N_SLOT      (2 * ASM_MAX_NODE)
#define MIN_BASEQ   10
#define MIN_CLIPS   2
#define CLIP_FRAC   0.08 /* of the depth */
#define HEAP_BP     20
#define HEAP_N      3
#define LONG_INDEL  8
#define MAX_AWAY    400
#define UNMAPPED_BP 500 /* how far from the window a mate without a place may stand */

struct cell {
	int32_t lo, hi, n; /* window indices of the outermost triggers */
	bool clip;         /* one of them is a cluster of clips */
};

struct asm_work {
	struct call_work *w;
	struct call_clips clips;
	struct cell *cell;
	int64_t cell0; /* genome-wide number of cell[0] */
	int32_t n_cell;
	struct call_graph g;
	uint8_t *seq; /* reference of the window, then reads */
	int32_t n_seq;
	uint8_t *dp;
	int32_t *todo;
	size_t n_known; /* of w->ind: those of CIGARs, sorted */
	int32_t *away;  /* reads without a place whose mates have one, by position */
	int32_t n_away;
	int64_t beg, end; /* of the window */
	int n_new;
};

static void trigger(struct asm_work *s, int64_t pos, bool clip)
{
	struct call_work *w = s->w;
	if (pos < w->beg || pos >= w->end)
		return;
	struct cell *c = &s->cell[(pos >> CELL_SHIFT) - s->cell0];
	int32_t x = (int32_t)(pos - w->beg);
	c->lo = c->n == 0 || x < c->lo ? x : c->lo;
	c->hi = c->n == 0 || x > c->hi ? x : c->hi;
	c->n++;
	c->clip |= clip;
}

static int add_allele(
	struct asm_work *s, int64_t pos, int32_t rlen, const char *alt, int32_t alen, int n_read)
{
	struct call_work *w = s->w;
	size_t n0 = w->n_ind;
	if (rlen > ASM_MAX_LEN || alen > ASM_MAX_LEN || pos <= w->beg || pos + rlen >= w->end) {
		w->n->dropped_indel += pos >= w->sh->beg && pos < w->sh->end;
		return GRX_OK;
	}
	int rc = call_indel_add(w, pos, rlen, alt, alen);
	if (rc == GRX_OK && w->n_ind > n0) {
		w->ind[n0].assembled = true;
		w->ind[n0].n_read = n_read;
		s->n_new++;
	}
	return rc;
}

static int add_snv(struct asm_work *s, int64_t pos, int base, int n_read)
{
	static const char nt[] = "ACGT";
	struct call_work *w = s->w;
	if (call_snv_mask(w, pos - w->beg) >> base & 1 || call_ref_at(w, pos) == 'N')
		return GRX_OK;
	if (w->n_asm_snv == w->cap_asm_snv) {
		size_t cap = w->cap_asm_snv ? w->cap_asm_snv * 2 : 64;
		struct call_allele *p = grx_arena_grow(w->mem, w->asm_snv, w->n_asm_snv, cap, sizeof(*p));
		if (!p)
			return grx_fail_nomem(w->cx, "assembled substitutions");
		w->asm_snv = p;
		w->cap_asm_snv = cap;
	}
	w->asm_snv[w->n_asm_snv++] = (struct call_allele){
		.pos = pos, .rlen = 1, .alen = 1, .alt = nt + base, .n_read = n_read, .assembled = true};
	return GRX_OK;
}

/* Clip clusters: triggers, and changes that join them. */
static int see_clips(struct asm_work *s)
{
	struct call_work *w = s->w;
	int rc = call_clips_collect(w, &s->clips);
	for (size_t i = 0, j; i < s->clips.n && rc == GRX_OK; i = j) {
		int n;
		struct call_allele a[2];
		int64_t pos = s->clips.v[i].pos;
		j = call_clips_cluster(w, &s->clips, i, &n);
		if (n < MIN_CLIPS || pos < w->beg || pos >= w->end || n < CLIP_FRAC * w->depth[pos - w->beg])
			continue;
		trigger(s, pos, true);
		int n_join = call_clips_join(w, &s->clips, i, j, a);
		for (int k = 0; k < n_join && rc == GRX_OK; k++)
			rc = add_allele(s, a[k].pos, a[k].rlen, a[k].alt, a[k].alen, n);
	}
	return rc;
}

static void see_heaps(struct asm_work *s)
{
	struct call_work *w = s->w;
	int64_t last[HEAP_N];
	for (int i = 0; i < HEAP_N; i++)
		last[i] = -HEAP_BP - 1;
	for (int64_t x = 0; x < w->end - w->beg; x++) {
		if (!call_snv_mask(w, x))
			continue;
		memmove(last, last + 1, sizeof(last) - sizeof(last[0]));
		last[HEAP_N - 1] = x;
		if (last[0] >= 0 && x - last[0] <= HEAP_BP)
			trigger(s, w->beg + x, false);
	}
}

static void see_indels(struct asm_work *s)
{
	const struct call_work *w = s->w;
	for (size_t i = 0; i < w->n_ind; i++) {
		const struct call_allele *a = &w->ind[i];
		if (a->assembled)
			continue;
		if (a->rlen >= LONG_INDEL || a->alen >= LONG_INDEL)
			trigger(s, a->pos, false);
		else if (i > 0 && a->pos - (a[-1].pos + a[-1].rlen) < HEAP_BP)
			trigger(s, a->pos, false);
	}
}

/* Codes of the bases q .. q + n of a read; with qual, poor ones become 4. */
static void unpack(const struct grx_read *r, int32_t q, int32_t n, bool mask, uint8_t *to)
{
	for (int32_t i = 0; i < n; i++)
		to[i] = (uint8_t)grx_nt16_to_nt4[GRX_SEQ_CODE(r->seq, q + i)];
	if (mask && r->qual[0] != 255)
		for (int32_t i = 0; i < n; i++)
			to[i] = r->qual[q + i] < MIN_BASEQ ? 4 : to[i];
}

struct part {
	int32_t q, n; /* bases of the read */
	int64_t pos;  /* of the first when the read is plain: one run of matches, no clip */
	bool plain;
};

/* What of a read belongs to the window: clips count as near it, adapter is left out. */
static struct part part_of(const struct asm_work *s, const struct call_aln *a)
{
	const struct grx_read *r = a->r;
	int64_t pos = r->pos;
	int32_t q = 0, q0 = -1, q1 = 0;
	struct part p = {.plain = true, .pos = pos < s->beg ? s->beg : pos};
	for (uint32_t i = 0; i < r->n_cigar; i++) {
		int op = GRX_CIG_OP(r->cigar[i]);
		int32_t n = (int32_t)GRX_CIG_LEN(r->cigar[i]);
		int64_t b = pos, e = pos + n;
		if (op == GRX_C_M || op == GRX_C_EQ || op == GRX_C_X) {
			b = b < s->beg ? s->beg : b;
			e = e > s->end ? s->end : e;
		} else if (op == GRX_C_S) {
			bool right = q > 0;
			if (call_clip_is_adapter(a, right))
				e = b;
			else
				p.plain = false;
			if (pos < s->beg || pos > s->end)
				e = b;
		} else if (op != GRX_C_H && op != GRX_C_P) {
			p.plain = false;
			e = GRX_CIG_QUERY(op) && pos >= s->beg && pos <= s->end ? e : b;
		}
		if (b < e) {
			q0 = q0 < 0 ? q + (int32_t)(b - pos) : q0;
			q1 = q + (int32_t)(e - pos);
		}
		pos += GRX_CIG_REF(op) ? n : 0;
		q += GRX_CIG_QUERY(op) ? n : 0;
	}
	p.q = q0 < 0 ? 0 : q0;
	p.n = q0 < 0 ? 0 : q1 - q0;
	return p;
}

static bool room(struct asm_work *s, int32_t n)
{
	if (s->n_seq + n < MAX_SEQ)
		return true;
	s->g.full = true;
	return false;
}

/* A read that equals the reference shows no other way; only the others are kept. */
static void take_read(struct asm_work *s, const struct call_aln *a)
{
	struct part p = part_of(s, a);
	uint8_t *to = s->seq + s->n_seq;
	if (p.n < 20 || !room(s, p.n + 1))
		return;
	unpack(a->r, p.q, p.n, !p.plain, to);
	if (p.plain) {
		int32_t x = (int32_t)(p.pos - s->beg);
		if (memcmp(to, s->seq + x, (size_t)p.n) == 0)
			return;
		unpack(a->r, p.q, p.n, true, to);
	}
	to[p.n] = 4;
	s->n_seq += p.n + 1;
}

/* Does the depth cap leave this fragment out? By name: independent of order and shard. */
static bool is_capped(const struct asm_work *s, const struct call_aln *a)
{
	uint64_t max = (uint64_t)s->w->st->opt.max_depth;
	uint64_t d = (uint64_t)s->w->depth[(s->beg + s->end) / 2 - s->w->beg];
	return d > max && (a->r->name_hash * 0x9E3779B97F4A7C15u >> 32) * d >= max << 32;
}

static int see_away(struct asm_work *s)
{
	const struct grx_reads *rs = s->w->sh->reads;
	const uint16_t no = GRX_R_MUNMAPPED | GRX_R_SECONDARY | GRX_R_SUPPLEMENTARY | GRX_R_QCFAIL |
			    GRX_R_DUP;
	int32_t n = 0;
	for (int pass = 0; pass < 2; pass++) {
		n = 0;
		for (size_t i = 0; i < rs->n; i++) {
			const struct grx_read *r = &rs->v[i];
			if (!(r->flag & GRX_R_UNMAPPED) || !(r->flag & GRX_R_PAIRED) || (r->flag & no) ||
				r->l_seq <= 0 || r->qual[0] == 255)
				continue;
			if (pass)
				s->away[n] = (int32_t)i;
			n++;
		}
		if (!pass && !(s->away = grx_arena_alloc(s->w->mem, (size_t)n + 1, sizeof(*s->away))))
			return grx_fail_nomem(s->w->cx, "reads without a place");
	}
	s->n_away = n;
	return GRX_OK;
}

/* A read without a place lies beyond its mate, on the other strand. */
static void take_away(struct asm_work *s, const struct grx_read *r)
{
	bool mate_rev = (r->flag & GRX_R_MREVERSE) != 0, rev = (r->flag & GRX_R_REVERSE) != 0;
	uint8_t *to = s->seq + s->n_seq;
	int32_t n = r->l_seq;
	if (r->pos >= s->end + (mate_rev ? UNMAPPED_BP : 0) ||
		r->pos < s->beg - (mate_rev ? 0 : UNMAPPED_BP) || !room(s, n + 1))
		return;
	unpack(r, 0, n, true, to);
	if (rev == mate_rev)
		for (int32_t i = 0, j = n - 1; i <= j; i++, j--) {
			uint8_t a = to[i], b = to[j];
			to[i] = b < 4 ? 3 - b : 4;
			to[j] = a < 4 ? 3 - a : 4;
		}
	to[n] = 4;
	s->n_seq += n + 1;
}

static void take_all_away(struct asm_work *s)
{
	const struct grx_read *v = s->w->sh->reads->v;
	int32_t lo = 0, hi = s->n_away;
	while (lo < hi) {
		int32_t mid = (lo + hi) / 2;
		if (v[s->away[mid]].pos < s->beg - UNMAPPED_BP)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (int n = 0; lo < s->n_away && n < MAX_AWAY && v[s->away[lo]].pos < s->end + UNMAPPED_BP;
		lo++, n++)
		take_away(s, &v[s->away[lo]]);
}

static void take_reads(struct asm_work *s)
{
	const struct call_work *w = s->w;
	int n = (int)(s->end - s->beg);
	for (int i = 0; i < n; i++) {
		int c = grx_nt16_to_nt4[w->rcode[s->beg - w->beg + i]];
		s->seq[i] = (uint8_t)c;
	}
	s->seq[n] = 4;
	s->n_seq = n + 1;
	for (int32_t i = call_reads_first(w, s->beg); i < w->n_aln; i++) {
		const struct call_aln *a = &w->aln[i];
		if (a->r->pos > s->end + ASM_MAX_LEN)
			break;
		if (a->uend > s->beg && a->ubeg < s->end && !is_capped(s, a))
			take_read(s, a);
	}
}

static void fill_graph(struct asm_work *s)
{
	struct call_graph *g = &s->g;
	for (int32_t i = g->n_ref + 1, j; i < s->n_seq; i = j + 1) {
		for (j = i; s->seq[j] < 4; j++)
			;
		call_graph_thread(g, i, j - i);
	}
}

static int see_way(void *to, const struct call_way *y)
{
	static const char nt[] = "ACGT";
	struct asm_work *s = to;
	struct call_diff d[ASM_MAX_DIFF];
	uint8_t alt[ASM_MAX_ALT + ASM_MAX_WIN];
	char text[ASM_MAX_ALT + ASM_MAX_WIN];
	int na = y->n, beg = y->beg, end = y->end, rc = GRX_OK;
	memcpy(alt, y->alt, (size_t)na);
	if (end < beg) { /* goes back: the bases between come twice */
		memcpy(alt + na, s->seq + end, (size_t)(beg - end));
		na += beg - end;
		end = beg;
	}
	int depth = s->w->depth[s->beg + beg - s->w->beg];
	if (y->n_read < ASM_MIN_FRAC * depth)
		return GRX_OK;
	struct call_seqs q = {s->seq, alt, s->beg, beg, end, na};
	if (call_asm_known(s->w, s->n_known, &q, s->dp, s->todo))
		return GRX_OK;
	int n = call_hapdiff(s->seq + beg, end - beg, alt, na, s->dp, d);
	if (n < 0)
		s->w->n->asm_cut++;
	for (int i = 0; i < na; i++)
		text[i] = nt[alt[i]];
	for (int i = 0; i < n && rc == GRX_OK; i++) {
		int64_t pos = s->beg + beg + d[i].rpos;
		if (d[i].rlen == 1 && d[i].alen == 1)
			rc = add_snv(s, pos, alt[d[i].apos], y->n_read);
		else
			rc = add_allele(s, pos, d[i].rlen, text + d[i].apos, d[i].alen, y->n_read);
	}
	return rc;
}

static bool has_n(const struct asm_work *s)
{
	return memchr(s->seq, 4, (size_t)(s->end - s->beg)) != NULL;
}

static int assemble_window(struct asm_work *s, bool clip)
{
	static const int ks[] = {21, 31, 43, 57, 75};
	struct call_counts *n = s->w->n;
	bool own = s->beg + FLANK >= s->w->sh->beg && s->beg + FLANK < s->w->sh->end;
	n->asm_windows += own;
	take_reads(s);
	if (clip)
		take_all_away(s);
	if (has_n(s))
		return GRX_OK;
	for (size_t i = 0; i < sizeof(ks) / sizeof(ks[0]); i++) {
		int64_t cut = 0;
		if (!call_graph_start(&s->g, s->seq, (int)(s->end - s->beg), ks[i], N_SLOT))
			continue;
		fill_graph(s);
		if (s->g.full)
			continue;
		call_graph_finish(&s->g);
		int rc = call_graph_ways(&s->g, see_way, s, &cut);
		n->asm_cut += own ? cut : 0;
		if (rc != GRX_OK || !s->g.cyclic)
			return rc;
	}
	n->asm_no_k += own;
	return GRX_OK;
}

static int setup(struct asm_work *s)
{
	struct call_work *w = s->w;
	s->cell0 = w->beg >> CELL_SHIFT;
	s->n_cell = (int32_t)(((w->end - 1) >> CELL_SHIFT) - s->cell0 + 1);
	s->cell = grx_arena_calloc(w->mem, (size_t)s->n_cell, sizeof(*s->cell));
	s->seq = grx_arena_alloc(w->mem, MAX_SEQ, 1);
	s->todo = grx_arena_alloc(w->mem, ASM_MAX_TODO, sizeof(*s->todo));
	s->dp = grx_arena_alloc(w->mem, ASM_DP_BYTES, 1);
	s->g.cap = ASM_MAX_NODE;
	s->g.min_w = ASM_MIN_READS;
	s->g.node = grx_arena_alloc(w->mem, ASM_MAX_NODE, sizeof(*s->g.node));
	s->g.slot = grx_arena_alloc(w->mem, N_SLOT, sizeof(*s->g.slot));
	if (!s->cell || !s->seq || !s->dp || !s->todo || !s->g.node || !s->g.slot)
		return grx_fail_nomem(w->cx, "the assembly");
	return GRX_OK;
}

int call_assemble_candidates(struct call_work *w)
{
	struct asm_work s = {.w = w, .n_known = w->n_ind};
	int rc = setup(&s);
	if (rc != GRX_OK)
		return rc;
	see_indels(&s);
	see_heaps(&s);
	rc = see_clips(&s);
	if (rc == GRX_OK)
		rc = see_away(&s);
	for (int32_t i = 0; i < s.n_cell && rc == GRX_OK; i++) {
		if (!s.cell[i].n)
			continue;
		s.beg = w->beg + s.cell[i].lo - FLANK;
		s.end = w->beg + s.cell[i].hi + 1 + FLANK;
		if (s.beg >= w->beg && s.end <= w->end)
			rc = assemble_window(&s, s.cell[i].clip);
	}
	if (s.n_new)
		call_indels_merge(w);
	return rc;
}
