/* SPDX-License-Identifier: GPL-3.0-or-later
 * call_reads.c -- reads of the donors with errors, aligned well, badly or absurdly, but never so that the
 * reads source would refuse them. */
#include <string.h>

#include "base/str.h"
#include "call_case.h"

#define MAX_LEN 400
#define MAX_CIG 64

enum style { TRUE_GAPS, NO_GAP, CLIPPED, ABSURD };

/* How the reads of a case are. */
struct mode {
	uint32_t error; /* per 10000 bases */
	uint32_t odd;   /* reads in 64 that are aligned oddly */
	int qual;
	int32_t len;
};

struct draft {
	char s[MAX_LEN];
	int32_t at[MAX_LEN];
	int32_t n, pos;
	uint32_t cig[MAX_CIG], n_cig;
	bool rev;
};

static void cig_put(struct draft *d, uint32_t op, uint32_t len)
{
	if (len == 0)
		return;
	if (d->n_cig && (d->cig[d->n_cig - 1] & 15) == op)
		d->cig[d->n_cig - 1] += len << 4;
	else if (d->n_cig < MAX_CIG)
		d->cig[d->n_cig++] = len << 4 | op;
}

/* Bases [from, from + n) of a donor, some of them misread, lost or doubled. */
static void sequence(
	struct fz_case *c, const struct mode *m, const struct fz_hap *h, int32_t from, struct draft *d)
{
	struct fz_src *s = &c->src;
	d->n = 0;
	for (int32_t i = from; i < h->n && d->n < m->len; i++) {
		char b = h->s[i];
		int32_t at = h->at[i];
		if (m->error && fz_draw(s, 10000) < m->error) {
			uint32_t kind = fz_draw(s, 12);
			if (kind == 0)
				continue;
			if (kind == 1 && d->n + 1 < m->len) {
				d->s[d->n] = b;
				d->at[d->n++] = -1;
			} else {
				b = "ACGTACGTACGTN"[fz_draw(s, 13)];
			}
		}
		d->s[d->n] = b;
		d->at[d->n++] = at;
	}
}

/* The alignment that the donor's history tells. */
static void cigar_true(struct draft *d)
{
	int32_t last = -1;
	d->n_cig = 0;
	for (int32_t i = 0; i < d->n; i++) {
		if (d->at[i] < 0) {
			cig_put(d, last < 0 ? GRX_C_S : GRX_C_I, 1);
			continue;
		}
		if (last < 0)
			d->pos = d->at[i];
		else if (d->at[i] > last + 1)
			cig_put(d, GRX_C_D, (uint32_t)(d->at[i] - last - 1));
		cig_put(d, GRX_C_M, 1);
		last = d->at[i];
	}
	if (d->n_cig && (d->cig[d->n_cig - 1] & 15) == GRX_C_I && last >= 0)
		d->cig[d->n_cig - 1] += GRX_C_S - GRX_C_I;
}

static int32_t first_base(const struct draft *d)
{
	for (int32_t i = 0; i < d->n; i++)
		if (d->at[i] >= 0)
			return d->at[i] >= i ? d->at[i] - i : 0;
	return 0;
}

/* Aligned up to a base, or from it on; the rest is clipped. */
static void cigar_clipped(struct fz_case *c, struct draft *d)
{
	int32_t x = 1 + (int32_t)fz_draw(&c->src, (uint32_t)d->n - 1);
	bool right = fz_draw(&c->src, 2);
	while (x < d->n - 1 && d->at[x] < 0)
		x++;
	d->n_cig = 0;
	if (fz_draw(&c->src, 16) == 0)
		cig_put(d, GRX_C_H, 1 + fz_draw(&c->src, 100));
	if (right) {
		d->pos = first_base(d);
		cig_put(d, GRX_C_M, (uint32_t)x);
		cig_put(d, GRX_C_S, (uint32_t)(d->n - x));
	} else {
		d->pos = d->at[x] < 0 ? 0 : d->at[x];
		cig_put(d, GRX_C_S, (uint32_t)x);
		cig_put(d, GRX_C_M, (uint32_t)(d->n - x));
	}
}

static void cigar_absurd(struct fz_case *c, struct draft *d)
{
	static const uint8_t op[] = {
		GRX_C_M, GRX_C_M, GRX_C_EQ, GRX_C_X, GRX_C_I, GRX_C_I, GRX_C_D, GRX_C_D, GRX_C_N, GRX_C_P};
	struct fz_src *s = &c->src;
	int32_t left = d->n;
	d->n_cig = 0;
	d->pos = first_base(d);
	if (fz_draw(s, 4) == 0)
		cig_put(d, GRX_C_H, 1 + fz_draw(s, 30));
	if (fz_draw(s, 4) == 0) {
		int32_t k = 1 + (int32_t)fz_draw(s, (uint32_t)left - 1);
		cig_put(d, GRX_C_S, (uint32_t)k);
		left -= k;
	}
	int32_t tail = fz_draw(s, 4) == 0 && left > 1 ? 1 + (int32_t)fz_draw(s, (uint32_t)left - 1) : 0;
	for (left -= tail; left > 0;) {
		uint32_t o = op[fz_draw(s, sizeof(op))], k = 1 + fz_draw(s, fz_draw(s, 4) ? 20 : 240);
		if (GRX_CIG_QUERY(o) && (k > (uint32_t)left || d->n_cig > MAX_CIG - 6))
			k = (uint32_t)left;
		if (d->n_cig > MAX_CIG - 6)
			o = GRX_C_M;
		cig_put(d, o, k);
		left -= GRX_CIG_QUERY(o) ? (int32_t)k : 0;
	}
	if (fz_draw(s, 8) == 0)
		cig_put(d, fz_draw(s, 2) ? GRX_C_D : GRX_C_N, 1 + fz_draw(s, 30));
	cig_put(d, GRX_C_S, (uint32_t)tail);
	if (fz_draw(s, 4) == 0)
		cig_put(d, GRX_C_H, 1 + fz_draw(s, 30));
}

static void align(struct fz_case *c, const struct mode *m, struct draft *d)
{
	enum style st = fz_draw(&c->src, 64) >= m->odd ? TRUE_GAPS : (enum style)(1 + fz_draw(&c->src, 3));
	if (st == TRUE_GAPS || d->n < 2) {
		cigar_true(d);
	} else if (st == NO_GAP) {
		d->n_cig = 0;
		d->pos = first_base(d);
		cig_put(d, GRX_C_M, (uint32_t)d->n);
	} else if (st == CLIPPED) {
		cigar_clipped(c, d);
	} else {
		cigar_absurd(c, d);
	}
}

static uint8_t quality(struct fz_src *s, int kind)
{
	static const uint8_t level[] = {2, 12, 23, 37};
	switch (kind) {
	case 0:
		return 37;
	case 1:
		return (uint8_t)fz_draw(s, 94);
	case 2:
		return level[fz_draw(s, 4)];
	case 3:
		return (uint8_t)fz_draw(s, 6);
	default:
		return (uint8_t)(25 + fz_draw(s, 16));
	}
}

static struct grx_read *push(struct fz_case *c)
{
	if (c->n_read == c->cap_read) {
		size_t cap = c->cap_read ? 2 * c->cap_read : 128;
		c->read = grx_arena_grow(c->mem, c->read, c->n_read, cap, sizeof(*c->read));
		c->cap_read = cap;
	}
	return &c->read[c->n_read++];
}

/* NULL: the reads source would refuse it. */
static struct grx_read *finish(
	struct fz_case *c, const struct mode *m, const struct draft *d, const char *name)
{
	struct fz_src *s = &c->src;
	int64_t span = 0;
	for (uint32_t i = 0; i < d->n_cig; i++)
		span += GRX_CIG_REF(GRX_CIG_OP(d->cig[i])) ? GRX_CIG_LEN(d->cig[i]) : 0;
	if (span == 0 || d->pos + span > c->ref_len || d->n == 0)
		return NULL;
	uint32_t *cig = grx_arena_alloc(c->mem, d->n_cig, sizeof(*cig));
	uint8_t *seq = grx_arena_calloc(c->mem, ((size_t)d->n + 1) / 2, 1),
		*q = grx_arena_alloc(c->mem, (size_t)d->n, 1);
	bool none = fz_draw(s, 64) == 0;
	memcpy(cig, d->cig, d->n_cig * sizeof(*cig));
	for (int32_t i = 0; i < d->n; i++) {
		const char *p = memchr(grx_nt16, d->s[i], 16);
		uint8_t code = p ? (uint8_t)(p - grx_nt16) : 15;
		seq[i / 2] |= (uint8_t)(i % 2 ? code : code << 4);
		q[i] = none ? 255 : quality(s, m->qual);
	}
	struct grx_read *r = push(c);
	*r = (struct grx_read){.pos = d->pos,
		.end = d->pos + span,
		.flag = d->rev ? GRX_R_REVERSE : 0,
		.mapq = fz_draw(s, 8) ? 60 : (uint8_t)fz_draw(s, 61),
		.l_seq = d->n,
		.n_cigar = d->n_cig,
		.cigar = cig,
		.seq = seq,
		.qual = q,
		.mtid = -1,
		.mpos = -1,
		.name = name,
		.name_hash = grx_hash_str(name),
		.nm = -1};
	if (fz_draw(s, 32) == 0)
		r->flag |= (uint16_t)(1u << (8 + fz_draw(s, 4))); /* secondary .. supplementary */
	if (fz_draw(s, 64) == 0)
		r->mapq = 255;
	return r;
}

static void pair_up(struct fz_case *c, struct grx_read *a, struct grx_read *b)
{
	struct fz_src *s = &c->src;
	struct grx_read *v[2] = {a, b};
	int64_t beg = a->pos < b->pos ? a->pos : b->pos, end = a->end > b->end ? a->end : b->end;
	for (int i = 0; i < 2; i++) {
		struct grx_read *r = v[i], *o = v[1 - i];
		r->flag |= (uint16_t)(GRX_R_PAIRED | (i ? GRX_R_READ2 : GRX_R_READ1));
		r->flag |= o->flag & GRX_R_REVERSE ? GRX_R_MREVERSE : 0;
		r->flag |= fz_draw(s, 8) ? GRX_R_PROPER : 0;
		r->mtid = 0;
		r->mpos = fz_draw(s, 32) ? o->pos : (int64_t)fz_draw(s, (uint32_t)c->ref_len);
		r->isize = r->pos <= o->pos ? end - beg : beg - end;
		if (fz_draw(s, 32) == 0)
			r->isize = (int64_t)fz_draw(s, 600) - 300;
	}
}

/* One or two reads of a fragment of sample k. */
static void fragment(struct fz_case *c, const struct mode *m, int k, uint32_t id)
{
	struct fz_src *s = &c->src;
	const struct fz_hap *h = &c->hap[(2 * k + (int)fz_draw(s, 2)) % FZ_N_HAP];
	struct draft d = {0};
	int32_t at = fz_draw(s, 8) ? c->hot - 150 + (int32_t)fz_draw(s, 200) - m->len / 2
				   : (int32_t)fz_draw(s, (uint32_t)h->n);
	int32_t len = m->len / 2 + (int32_t)fz_draw(s, 300);
	const char *name = grx_arena_printf(c->mem, "f%u", fz_draw(s, 256) ? id : id / 2);
	at = at < 0 ? 0 : at >= h->n ? h->n - 1 : at;
	sequence(c, m, h, at, &d);
	align(c, m, &d);
	d.rev = fz_draw(s, 2);
	size_t first = c->n_read;
	bool one = finish(c, m, &d, name) != NULL;
	if (one)
		c->read[first].sample = (uint16_t)k;
	if (fz_draw(s, 3) == 0)
		return;
	int32_t at2 = at + len - m->len;
	at2 = at2 < 0 ? 0 : at2 >= h->n ? h->n - 1 : at2;
	sequence(c, m, h, at2, &d);
	align(c, m, &d);
	d.rev = fz_draw(s, 16) ? !d.rev : d.rev;
	struct grx_read *r = finish(c, m, &d, name);
	if (!r)
		return;
	r->sample = (uint16_t)k;
	if (one)
		pair_up(c, &c->read[first], r);
}

/* Stable, as the reads source is: by position, then sample. */
static void sort_reads(struct fz_case *c)
{
	for (size_t i = 1; i < c->n_read; i++) {
		struct grx_read r = c->read[i];
		size_t k = i;
		for (; k > 0 && (c->read[k - 1].pos > r.pos ||
					(c->read[k - 1].pos == r.pos && c->read[k - 1].sample > r.sample));
			k--)
			c->read[k] = c->read[k - 1];
		c->read[k] = r;
	}
}

void fz_reads(struct fz_case *c)
{
	static const uint32_t error[] = {0, 20, 100, 500, 3000}, odd[] = {0, 4, 8, 16, 64};
	struct fz_src *s = &c->src;
	struct mode m = {.error = error[fz_draw(s, 5)],
		.odd = odd[fz_draw(s, 5)],
		.qual = (int)fz_draw(s, 7),
		.len = fz_draw(s, 16) ? 60 + (int32_t)fz_draw(s, 100) : 1 + (int32_t)fz_draw(s, MAX_LEN)};
	uint32_t n = fz_draw(s, fz_draw(s, 4) ? 60 : 250);
	for (int k = 0; k < c->n_sample; k++)
		for (uint32_t i = 0; i < n; i++)
			if (k == 0 || fz_draw(s, 4)) /* others have fewer, or none */
				fragment(c, &m, k, (uint32_t)k * 1000 + i);
	sort_reads(c);
}
