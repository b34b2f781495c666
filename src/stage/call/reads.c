/* SPDX-License-Identifier: GPL-3.0-or-later
 * reads.c -- choose the reads to call from, pair overlapping mates, index them by position.
 * Each read is counted once: by the shard whose core holds its position. */
#include "stage/call/call_int.h"

#include <string.h>

#define BIN_SHIFT 7

/* NULL when the read is used, else the counter of the reason why not. */
static int64_t *refuse(const struct call_work *w, const struct grx_read *r, struct call_counts *n)
{
	if (r->flag & GRX_R_UNMAPPED)
		return &n->unmapped;
	if (r->flag & GRX_R_SECONDARY)
		return &n->secondary;
	if (r->flag & GRX_R_SUPPLEMENTARY)
		return &n->supplementary;
	if (r->flag & GRX_R_QCFAIL)
		return &n->qcfail;
	if (r->flag & GRX_R_DUP)
		return &n->duplicate;
	if (r->l_seq <= 0 || r->n_cigar == 0)
		return &n->no_seq;
	if (r->mapq < w->st->opt.min_mapq || r->mapq == 255)
		return &n->low_mapq;
	return NULL;
}

static void aln_init(struct call_aln *a, const struct grx_read *r)
{
	int64_t lead = 0, tail = 0;
	uint32_t i = 0, n = r->n_cigar;
	for (i = 0; i < n && (GRX_CIG_OP(r->cigar[i]) == GRX_C_S || GRX_CIG_OP(r->cigar[i]) == GRX_C_H); i++)
		lead += GRX_CIG_OP(r->cigar[i]) == GRX_C_S ? GRX_CIG_LEN(r->cigar[i]) : 0;
	for (uint32_t j = n;
		j > i && (GRX_CIG_OP(r->cigar[j - 1]) == GRX_C_S || GRX_CIG_OP(r->cigar[j - 1]) == GRX_C_H);
		j--)
		tail += GRX_CIG_OP(r->cigar[j - 1]) == GRX_C_S ? GRX_CIG_LEN(r->cigar[j - 1]) : 0;
	*a = (struct call_aln){.r = r,
		.cigar = r->cigar,
		.n_cigar = n,
		.pos = r->pos,
		.end = r->end,
		.ubeg = r->pos - lead,
		.uend = r->end + tail,
		.mate = -1};
}

/* Equal names are not enough: they recur between samples, and in alignments of one read. */
static bool are_mates(const struct grx_read *a, const struct grx_read *b)
{
	const uint16_t both = GRX_R_READ1 | GRX_R_READ2;
	return a->name_hash == b->name_hash && a->sample == b->sample && a->mpos == b->pos &&
	       b->mpos == a->pos && (a->flag & both) != (b->flag & both) && strcmp(a->name, b->name) == 0;
}

/* Mates overlap only when the later one starts before the earlier one ends. */
static int pair_mates(struct call_work *w)
{
	size_t cap = 64;
	while (cap < (size_t)w->n_aln * 2)
		cap *= 2;
	int32_t *slot = grx_arena_alloc(w->mem, cap, sizeof(*slot));
	if (!slot)
		return grx_fail_nomem(w->cx, "mates");
	memset(slot, 0xff, cap * sizeof(*slot));
	for (int32_t i = 0; i < w->n_aln; i++) {
		const struct grx_read *r = w->aln[i].r;
		if (!(r->flag & GRX_R_PAIRED) || (r->flag & GRX_R_MUNMAPPED) || r->mtid != r->tid)
			continue;
		if (r->mpos > r->end || r->mpos + 4 * (int64_t)r->l_seq < r->pos)
			continue;
		size_t h = (size_t)(r->name_hash * 0x9E3779B97F4A7C15u >> 20) & (cap - 1);
		for (; slot[h] >= 0; h = (h + 1) & (cap - 1)) {
			struct call_aln *m = &w->aln[slot[h]];
			if (!are_mates(m->r, r))
				continue;
			if (m->mate < 0 && m->uend > w->aln[i].ubeg) {
				m->mate = i;
				w->aln[i].mate = slot[h];
			}
			break;
		}
		if (slot[h] < 0)
			slot[h] = i;
	}
	return GRX_OK;
}

static int index_reads(struct call_work *w)
{
	w->n_bin = (int32_t)(((w->end - w->beg) >> BIN_SHIFT) + 1);
	w->first = grx_arena_alloc(w->mem, (size_t)w->n_bin, sizeof(*w->first));
	if (!w->first)
		return grx_fail_nomem(w->cx, "the read index");
	for (int32_t b = 0; b < w->n_bin; b++)
		w->first[b] = w->n_aln;
	for (int32_t i = 0; i < w->n_aln; i++) {
		const struct call_aln *a = &w->aln[i];
		int64_t b0 = (a->ubeg < w->beg ? 0 : a->ubeg - w->beg) >> BIN_SHIFT;
		int64_t b1 = (a->uend - w->beg) >> BIN_SHIFT;
		for (int64_t b = b0; b <= b1 && b < w->n_bin; b++)
			if (w->first[b] > i)
				w->first[b] = i;
	}
	return GRX_OK;
}

int32_t call_reads_first(const struct call_work *w, int64_t pos)
{
	if (pos >= w->end)
		return w->n_aln;
	int64_t b = pos < w->beg ? 0 : (pos - w->beg) >> BIN_SHIFT;
	int32_t i = w->first[b];
	/* an empty bin says nothing of the later ones */
	while (i == w->n_aln && ++b < w->n_bin)
		i = w->first[b];
	return i;
}

int call_reads_select(struct call_work *w)
{
	const struct grx_reads *rs = w->sh->reads;
	w->aln = grx_arena_alloc(w->mem, rs->n + 1, sizeof(*w->aln));
	if (!w->aln)
		return grx_fail_nomem(w->cx, "reads");
	for (size_t i = 0; i < rs->n; i++) {
		const struct grx_read *r = &rs->v[i];
		bool owned = r->pos >= w->sh->beg && r->pos < w->sh->end;
		int64_t *why = refuse(w, r, w->n);
		if (owned) {
			w->n->reads++;
			(*(why ? why : &w->n->used))++;
		}
		if (!why && r->end > w->beg && r->pos < w->end)
			aln_init(&w->aln[w->n_aln++], r);
	}
	w->n->bad_cigar += rs->n_bad_cigar;
	int rc = pair_mates(w);
	return rc == GRX_OK ? index_reads(w) : rc;
}
