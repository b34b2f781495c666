/* SPDX-License-Identifier: GPL-3.0-or-later
 * weights_block.c -- rows of a block of the compiled file from their bytes (docs/FORMATS.md).
 * The bytes may be damaged in a way the checksum missed, or crafted: nothing is read or written beyond what
 * the index promised. */
#include <math.h>
#include <string.h>

#include "stage/prs/weights_block.h"

struct bytes {
	const unsigned char *p, *end;
	char *text, *text_end;
	double *w, *w_end;
	bool bad;
};

static uint64_t get_num(struct bytes *b)
{
	uint64_t x = 0;
	for (int shift = 0; shift < 64 && b->p < b->end; shift += 7) {
		unsigned char c = *b->p++;
		x |= (uint64_t)(c & 0x7f) << shift;
		if (c < 0x80)
			return x;
	}
	b->bad = true;
	return 0;
}

static unsigned get_byte(struct bytes *b)
{
	if (b->p < b->end)
		return *b->p++;
	b->bad = true;
	return 0;
}

static void get_bytes(struct bytes *b, void *out, size_t n)
{
	if ((size_t)(b->end - b->p) < n) {
		b->bad = true;
		memset(out, 0, n);
		return;
	}
	if (n)
		memcpy(out, b->p, n);
	b->p += n;
}

static const char *get_text(struct bytes *b)
{
	uint64_t n = get_num(b);
	if (b->bad || n >= (uint64_t)(b->text_end - b->text) || n > (uint64_t)(b->end - b->p)) {
		b->bad = true;
		return "";
	}
	char *s = b->text;
	memcpy(s, b->p, n);
	s[n] = '\0';
	b->p += n;
	b->text += n + 1;
	return s;
}

static const char *get_allele(struct bytes *b, unsigned code)
{
	static const char *const base[4] = {"A", "C", "G", "T"};
	if (code < 4)
		return base[code];
	return code == PRS_A_NONE ? NULL : get_text(b);
}

static void get_weights(struct bytes *b, struct prs_wrow *r, bool sparse)
{
	uint64_t n = get_num(b);
	if (b->bad || n > (uint64_t)(b->w_end - b->w)) {
		b->bad = true;
		n = 0;
	}
	r->w = b->w;
	r->n_w = (int32_t)n;
	b->w += n;
	if (!sparse) {
		get_bytes(b, b->w - n, n * sizeof(double));
		return;
	}
	const unsigned char *map = b->p;
	if ((n + 7) / 8 > (uint64_t)(b->end - b->p)) {
		b->bad = true;
		return;
	}
	b->p += (n + 7) / 8;
	for (uint64_t k = 0; k < n; k++) {
		(b->w - n)[k] = 0;
		if (map[k / 8] >> (k % 8) & 1)
			get_bytes(b, b->w - n + k, sizeof(double));
	}
}

static void get_row(struct bytes *b, const struct prs_block *k, int64_t *pos, struct prs_wrow *r)
{
	memset(r, 0, sizeof *r);
	r->chrom = k->chrom;
	r->pos = -1;
	if (k->chrom >= 0)
		r->pos = *pos += (int64_t)(get_num(b) & UINT32_MAX);
	r->file = (int32_t)get_num(b);
	r->index = (uint32_t)get_num(b);
	r->line = (int64_t)get_num(b);
	unsigned flags = get_byte(b), al = get_byte(b);
	r->type = flags & 3;
	r->code = PRS_NO_LOCUS;
	if (flags & PRS_F_CODE)
		r->code = (uint8_t)get_byte(b);
	r->ea = get_allele(b, al & 7);
	r->oa = get_allele(b, al >> 3 & 7);
	if (!r->ea || r->code >= PRS_N_CODE)
		b->bad = true;
	if (flags & PRS_F_ID)
		r->id = get_text(b);
	if (flags & PRS_F_NOTE)
		r->note = get_text(b);
	if (flags & PRS_F_LOCUS)
		r->locus = get_text(b);
	r->af = NAN;
	if (flags & PRS_F_AF)
		get_bytes(b, &r->af, sizeof r->af);
	get_weights(b, r, flags & PRS_F_SPARSE);
}

bool prs_block_decode(
	const struct prs_block *k, const unsigned char *p, struct prs_wrow *row, double *w, char *text)
{
	struct bytes b = {.p = p,
		.end = p + k->len,
		.text = text,
		.text_end = text + k->n_text,
		.w = w,
		.w_end = w + k->n_w};
	int64_t pos = k->first;
	for (uint32_t i = 0; i < k->n_row && !b.bad; i++)
		get_row(&b, k, &pos, &row[i]);
	return !b.bad && b.p == b.end;
}
