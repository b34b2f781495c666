/* SPDX-License-Identifier: GPL-3.0-or-later
 * weights_rec.c -- a row of weights as one run of bytes, for the sorter. */
#include <string.h>

#include "stage/prs/weights_int.h"

enum { HAS_OA = 1, HAS_ID = 2, HAS_NOTE = 4, HAS_LOCUS = 8 };

uint64_t prs_place_key(int32_t chrom, int64_t pos)
{
	if (chrom < 0)
		return (uint64_t)0xffffff << 40;
	return (uint64_t)chrom << 40 | (uint64_t)pos;
}

/* FNV-1a with a finaliser, so that both halves can be used. */
uint64_t prs_id_hash(const char *id)
{
	uint64_t h = grx_hash_str(id);
	h ^= h >> 33;
	h *= 0xff51afd7ed558ccdu;
	h ^= h >> 33;
	h *= 0xc4ceb9fe1a85ec53u;
	return h ^ h >> 33;
}

static size_t text_bytes(const char *s)
{
	return s ? strlen(s) + 1 : 0;
}

static char *put_text(char *p, const char *s)
{
	size_t n = text_bytes(s);
	if (n)
		memcpy(p, s, n);
	return p + n;
}

struct prs_rec *prs_rec_pack(const struct prs_wrow *row, uint64_t key, struct grx_str *buf)
{
	const char *text[5] = {row->ea, row->oa, row->id, row->note, row->locus};
	size_t n = sizeof(struct prs_rec) + (size_t)row->n_w * sizeof *row->w;
	for (int i = 0; i < 5; i++)
		n += text_bytes(text[i]);
	n = (n + 7) & ~(size_t)7;
	if (n > INT32_MAX || grx_grow(&buf->s, &buf->cap, n, 1, 0) != GRX_OK)
		return NULL;
	struct prs_rec *r = (struct prs_rec *)(void *)buf->s;
	*r = (struct prs_rec){.h = {(uint32_t)n, row->index, key},
		.slot = row->file,
		.chrom = row->chrom,
		.pos = row->pos,
		.line = row->line,
		.af = row->af,
		.n_w = (uint32_t)row->n_w,
		.type = row->type,
		.code = row->code,
		.has = (uint8_t)((row->oa ? HAS_OA : 0) | (row->id ? HAS_ID : 0) |
				 (row->note ? HAS_NOTE : 0) | (row->locus ? HAS_LOCUS : 0))};
	char *p = (char *)(r + 1);
	if (row->n_w)
		memcpy(p, row->w, (size_t)row->n_w * sizeof *row->w);
	p += (size_t)row->n_w * sizeof *row->w;
	for (int i = 0; i < 5; i++)
		p = put_text(p, text[i]);
	memset(p, 0, (size_t)(buf->s + n - p));
	return r;
}

static const char *get_text(const char **p, bool has)
{
	const char *s = *p;
	if (!has)
		return NULL;
	*p += strlen(s) + 1;
	return s;
}

void prs_rec_row(const struct prs_rec *r, struct prs_wrow *row)
{
	const double *w = (const double *)(const void *)(r + 1);
	const char *p = (const char *)(w + r->n_w);
	*row = (struct prs_wrow){.index = r->h.index,
		.file = r->slot,
		.chrom = r->chrom,
		.pos = r->pos,
		.line = r->line,
		.af = r->af,
		.type = r->type,
		.code = r->code,
		.w = w,
		.n_w = (int32_t)r->n_w};
	row->ea = get_text(&p, true);
	row->oa = get_text(&p, r->has & HAS_OA);
	row->id = get_text(&p, r->has & HAS_ID);
	row->note = get_text(&p, r->has & HAS_NOTE);
	row->locus = get_text(&p, r->has & HAS_LOCUS);
}
