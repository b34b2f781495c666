/* SPDX-License-Identifier: GPL-3.0-or-later
 * assemble.c -- candidate alleles that no CIGAR shows: where to look, the reads of a window, from ways to
 * alleles.
 * Windows belong to cells of the genome (128 bp, counted from its start), so they are the same in every shard
 * that sees them whole. */
#include "stage/call/assemble.h"

#include <stdlib.h>
#include <string.h>

#define CELL_SHIFT 7
#define FLANK      120 /* bases around the triggers of a cell */
#define N_SLOT     (2 * ASM_MAX_NODE)
#define HEAP_BP    20
#define HEAP_N     3
#define LONG_INDEL 8
#define COPY_SIDE  10  /* equal bases on both sides of what two copies of a tandem differ in */
#define COPY_MAX   150 /* longest unit: beyond, mappers clip */
#define MIN_K      21

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
	struct call_seqset in; /* of the window */
	uint8_t *dp;
	int32_t *open;
	size_t n_known; /* of w->ind: those of CIGARs, sorted */
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

/* Base most reads of all samples show instead of the reference at window index x, or the reference. */
static char other_base(const struct call_work *w, int64_t x)
{
	unsigned mask = call_snv_mask(w, x);
	int best = -1, most = 0;
	for (int b = 0; b < 4; b++) {
		int n = 0;
		for (int i = 0; i < w->n_sample && (mask >> b & 1); i++)
			n += call_mm(w, i, x)[b];
		best = n > most ? b : best;
		most = n > most ? n : most;
	}
	return best < 0 ? call_ref_at(w, w->beg + x) : "ACGT"[best];
}

/* A duplication of the bases before a->pos, which stands behind them; also with what the columns show instead
 * of the reference, and before them: the new copy can differ from the old one, and a difference of the second
 * copy is a candidate already. */
static int add_copy(struct asm_work *s, const struct call_allele *a, int n_read)
{
	struct call_work *w = s->w;
	char alt[ASM_MAX_LEN];
	int differ = 0, rc = add_allele(s, a->pos, 0, a->alt, a->alen, n_read);
	if (rc != GRX_OK || a->alen > ASM_MAX_LEN)
		return rc;
	for (int32_t i = 0; i < a->alen; i++) {
		int64_t x = a->alt - w->sh->ref + w->sh->ref_beg + i - w->beg;
		alt[i] = x < 0 || x >= w->end - w->beg ? a->alt[i] : other_base(w, x);
		differ += alt[i] != a->alt[i];
	}
	return differ ? add_allele(s, a->pos - a->alen, 0, alt, a->alen, n_read) : GRX_OK;
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
		if (n < ASM_MIN_READS || pos < w->beg || pos >= w->end ||
			n < ASM_MIN_FRAC * w->depth[pos - w->beg])
			continue;
		trigger(s, pos, true);
		int n_join = call_clips_join(w, &s->clips, i, j, a);
		for (int k = 0; k < n_join && rc == GRX_OK; k++)
			rc = a[k].rlen ? add_allele(s, a[k].pos, a[k].rlen, a[k].alt, a[k].alen, n)
				       : add_copy(s, &a[k], n);
	}
	return rc;
}

/* Do the bases at window indices x and y stand in copies of the same sequence? */
static bool is_twin(const struct call_work *w, int64_t x, int64_t y)
{
	if (x - COPY_SIDE < 0 || y - COPY_SIDE < 0 || x + COPY_SIDE >= w->end - w->beg ||
		y + COPY_SIDE >= w->end - w->beg)
		return false;
	return memcmp(w->rcode + x - COPY_SIDE, w->rcode + y - COPY_SIDE, COPY_SIDE) == 0 &&
	       memcmp(w->rcode + x + 1, w->rcode + y + 1, COPY_SIDE) == 0;
}

/* Reads that show the base of the next copy of a tandem: a copy more or less is often mapped that way. */
static bool of_next_copy(const struct call_work *w, int64_t x, unsigned mask)
{
	int64_t lo = x - COPY_MAX < 0 ? 0 : x - COPY_MAX, hi = x + COPY_MAX;
	hi = hi < w->end - w->beg ? hi : w->end - w->beg - 1;
	for (int64_t y = lo; y <= hi; y++) {
		int c = grx_nt16_to_nt4[w->rcode[y]];
		if (c < 4 && (mask >> c & 1) && (y - x >= LONG_INDEL || x - y >= LONG_INDEL) &&
			is_twin(w, x, y))
			return true;
	}
	return false;
}

static void see_heaps(struct asm_work *s)
{
	struct call_work *w = s->w;
	int64_t last[HEAP_N];
	for (int i = 0; i < HEAP_N; i++)
		last[i] = -HEAP_BP - 1;
	for (int64_t x = 0; x < w->end - w->beg; x++) {
		unsigned mask = call_snv_mask(w, x);
		if (!mask)
			continue;
		if (of_next_copy(w, x, mask))
			trigger(s, w->beg + x, false);
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
		if (a->rlen >= LONG_INDEL || a->alen >= LONG_INDEL)
			trigger(s, a->pos, false);
		else if (i > 0 && a->pos - (a[-1].pos + a[-1].rlen) < HEAP_BP)
			trigger(s, a->pos, false);
	}
}

static void fill_graph(struct asm_work *s)
{
	struct call_graph *g = &s->g;
	for (int32_t i = g->n_ref + 1, j; i < s->in.n_seq; i = j + 1) {
		for (j = i; s->in.seq[j] < 4; j++)
			;
		call_graph_thread(g, i, j - i);
	}
}

/* Reads that must show a way: of those over a base, fewer hold the whole of a longer k-mer around it. */
static bool enough(const struct asm_work *s, const struct call_way *y)
{
	int depth = s->w->depth[s->in.beg + y->beg - s->w->beg], len = s->in.read_len;
	double part = len > s->g.k ? (double)(len - s->g.k) / (len - MIN_K) : 1;
	return y->n_read >= ASM_MIN_FRAC * part * depth;
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
		memcpy(alt + na, s->in.seq + end, (size_t)(beg - end));
		na += beg - end;
		end = beg;
	}
	if (!enough(s, y))
		return GRX_OK;
	struct call_seqs q = {s->in.seq, alt, s->in.beg, beg, end, na};
	if (call_asm_known(s->w, s->n_known, &q, s->dp, s->open))
		return GRX_OK;
	int n = call_hapdiff(s->in.seq + beg, end - beg, alt, na, s->dp, d);
	if (n < 0)
		s->w->n->asm_cut++;
	for (int i = 0; i < na; i++)
		text[i] = nt[alt[i]];
	for (int i = 0; i < n && rc == GRX_OK; i++) {
		int64_t pos = s->in.beg + beg + d[i].rpos;
		if (d[i].rlen == 1 && d[i].alen == 1)
			rc = add_snv(s, pos, alt[d[i].apos], y->n_read);
		else
			rc = add_allele(s, pos, d[i].rlen, text + d[i].apos, d[i].alen, y->n_read);
	}
	return rc;
}

static bool has_n(const struct asm_work *s)
{
	return memchr(s->in.seq, 4, (size_t)(s->in.end - s->in.beg)) != NULL;
}

static int assemble_window(struct asm_work *s, bool clip)
{
	static const int ks[] = {MIN_K, 31, 43, 57, 75, 97};
	struct call_counts *n = s->w->n;
	bool own = s->in.beg + FLANK >= s->w->sh->beg && s->in.beg + FLANK < s->w->sh->end;
	n->asm_windows += own;
	call_asm_take(&s->in, clip);
	n->asm_cut += own && s->in.full;
	if (has_n(s))
		return GRX_OK;
	for (size_t i = 0; i < sizeof(ks) / sizeof(ks[0]); i++) {
		int64_t cut = 0;
		if (!call_graph_start(&s->g, s->in.seq, (int)(s->in.end - s->in.beg), ks[i], N_SLOT))
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
	s->in.seq = grx_arena_alloc(w->mem, ASM_MAX_SEQ, 1);
	s->open = grx_arena_alloc(w->mem, ASM_MAX_OPEN, sizeof(*s->open));
	s->dp = grx_arena_alloc(w->mem, ASM_DP_BYTES, 1);
	s->g.cap = ASM_MAX_NODE;
	s->g.min_w = ASM_MIN_READS;
	s->g.node = grx_arena_alloc(w->mem, ASM_MAX_NODE, sizeof(*s->g.node));
	s->g.slot = grx_arena_alloc(w->mem, N_SLOT, sizeof(*s->g.slot));
	if (!s->cell || !s->in.seq || !s->dp || !s->open || !s->g.node || !s->g.slot)
		return grx_fail_nomem(w->cx, "the assembly");
	return GRX_OK;
}

static int snv_cmp(const void *pa, const void *pb)
{
	const struct call_allele *a = pa, *b = pb;
	if (a->pos != b->pos)
		return a->pos < b->pos ? -1 : 1;
	if (*a->alt != *b->alt)
		return *a->alt - *b->alt;
	return b->n_read - a->n_read; /* the best supported first */
}

static void merge_snvs(struct call_work *w)
{
	size_t n = 0;
	if (w->n_asm_snv)
		qsort(w->asm_snv, w->n_asm_snv, sizeof(*w->asm_snv), snv_cmp);
	for (size_t i = 0; i < w->n_asm_snv; i++) {
		const struct call_allele *a = &w->asm_snv[i];
		if (n == 0 || a->pos != w->asm_snv[n - 1].pos || *a->alt != *w->asm_snv[n - 1].alt)
			w->asm_snv[n++] = *a;
	}
	w->n_asm_snv = n;
}

int call_assemble_candidates(struct call_work *w)
{
	struct asm_work s = {.w = w, .in.w = w, .n_known = w->n_ind};
	int rc = setup(&s);
	if (rc != GRX_OK)
		return rc;
	see_indels(&s);
	see_heaps(&s);
	rc = see_clips(&s);
	if (rc == GRX_OK)
		rc = call_asm_away(&s.in);
	for (int32_t i = 0; i < s.n_cell && rc == GRX_OK; i++) {
		if (!s.cell[i].n)
			continue;
		s.in.beg = w->beg + s.cell[i].lo - FLANK;
		s.in.end = w->beg + s.cell[i].hi + 1 + FLANK;
		if (s.in.beg >= w->beg && s.in.end <= w->end)
			rc = assemble_window(&s, s.cell[i].clip);
	}
	merge_snvs(w);
	if (s.n_new)
		call_indels_merge(w);
	return rc;
}
