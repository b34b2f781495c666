/* SPDX-License-Identifier: GPL-3.0-or-later
 * assemble_reads.c -- the sequences of a window: its reference, the reads that differ from it with their
 * clips, and mates that have no place of their own. */
#include <string.h>

#include "stage/call/assemble.h"

#define MIN_BASEQ   10  /* poorer bases break a read */
#define MIN_PART    20  /* bases of a read within the window */
#define MAX_AWAY    400 /* mates without a place, of a window */
#define UNMAPPED_BP 500 /* how far from the window such a mate may stand */

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

/* Does the operation, n bases from reference position pos on, lie within the window? Bases it gives: [*b,
 * *e). */
static void op_within(const struct call_seqset *s, int op, int64_t pos, int64_t *b, int64_t *e)
{
	if (op == GRX_C_M || op == GRX_C_EQ || op == GRX_C_X) {
		*b = *b < s->beg ? s->beg : *b;
		*e = *e > s->end ? s->end : *e;
	} else if (!GRX_CIG_QUERY(op) || pos < s->beg || pos > s->end) {
		*e = *b;
	}
}

/* What of a read belongs to the window: clips count as near it, adapter is left out. */
static struct part part_of(const struct call_seqset *s, const struct call_aln *a)
{
	const struct grx_read *r = a->r;
	int64_t pos = r->pos;
	int32_t q = 0, q0 = -1, q1 = 0;
	struct part p = {.plain = true, .pos = pos < s->beg ? s->beg : pos};
	for (uint32_t i = 0; i < r->n_cigar; i++) {
		int op = GRX_CIG_OP(r->cigar[i]);
		int32_t n = (int32_t)GRX_CIG_LEN(r->cigar[i]);
		bool adapter = op == GRX_C_S && call_clip_is_adapter(a, q > 0);
		int64_t b = pos, e = adapter ? pos : pos + n;
		op_within(s, op, pos, &b, &e);
		p.plain &= GRX_CIG_REF(op) == GRX_CIG_QUERY(op) || adapter;
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

static bool room(struct call_seqset *s, int32_t n)
{
	if (s->n_seq + n < ASM_MAX_SEQ)
		return true;
	s->full = true;
	return false;
}

/* A read that equals the reference shows no other way; only the others are kept. */
static void take_read(struct call_seqset *s, const struct call_aln *a)
{
	struct part p = part_of(s, a);
	uint8_t *to = s->seq + s->n_seq;
	if (p.n < MIN_PART || !room(s, p.n + 1))
		return;
	s->read_len = a->r->l_seq > s->read_len ? a->r->l_seq : s->read_len;
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

int call_asm_away(struct call_seqset *s)
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
static void take_away(struct call_seqset *s, const struct grx_read *r)
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

static void take_all_away(struct call_seqset *s)
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

void call_asm_take(struct call_seqset *s, bool with_away)
{
	const struct call_work *w = s->w;
	int n = (int)(s->end - s->beg);
	int64_t depth = w->depth[(s->beg + s->end) / 2 - w->beg];
	for (int i = 0; i < n; i++) {
		int c = grx_nt16_to_nt4[w->rcode[s->beg - w->beg + i]];
		s->seq[i] = (uint8_t)c;
	}
	s->seq[n] = 4;
	s->n_seq = n + 1;
	s->full = false;
	s->read_len = 0;
	for (int32_t i = call_reads_first(w, s->beg); i < w->n_aln; i++) {
		const struct call_aln *a = &w->aln[i];
		if (a->r->pos > s->end + ASM_MAX_LEN)
			break;
		if (a->uend > s->beg && a->ubeg < s->end && !call_capped(w, a, depth))
			take_read(s, a);
	}
	if (with_away)
		take_all_away(s);
}
