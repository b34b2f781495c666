/* SPDX-License-Identifier: GPL-3.0-or-later
 * weights_cur.c -- windows of a compiled set. A cursor holds one decoded block; reading by pread(), any
 * number of cursors share the file. */
#include <string.h>
#include <zlib.h>

#include "stage/prs/weights_int.h"

struct prs_wcur {
	const struct prs_set *s;
	size_t block; /* next to be read */
	int32_t chrom;
	int64_t beg, end;
	unsigned char *raw;
	struct prs_wrow *row;
	double *w;
	char *text;
	size_t cap_raw, cap_row, cap_w, cap_text;
	uint32_t n, i; /* rows of the block at hand, next one */
};

int prs_wcur_open(struct grx_ctx *cx, const struct prs_set *s, struct prs_wcur **out)
{
	struct prs_wcur *c = *out = grx_calloc(1, sizeof *c);
	if (!c)
		return grx_fail_nomem(cx, "a reader of scores");
	c->s = s;
	c->block = s->disk->n_block;
	return GRX_OK;
}

void prs_wcur_close(struct prs_wcur *c)
{
	if (!c)
		return;
	grx_free(c->raw);
	grx_free(c->row);
	grx_free(c->w);
	grx_free(c->text);
	grx_free(c);
}

/* Order of chromosomes on disk: those without a place come last. */
static uint32_t rank(int32_t chrom)
{
	return (uint32_t)chrom;
}

int prs_wcur_seek(struct grx_ctx *cx, struct prs_wcur *c, int32_t chrom, int64_t beg, int64_t end)
{
	const struct prs_set_disk *d = c->s->disk;
	size_t lo = 0, hi = d->n_block;
	if (chrom < -1 || chrom >= c->s->n_chrom)
		return grx_fail(cx, GRX_E_BUG, "no chromosome %d in the set of scores", (int)chrom);
	while (lo < hi) { /* first block that reaches the window */
		size_t mid = lo + (hi - lo) / 2;
		const struct prs_block *b = &d->block[mid];
		if (rank(b->chrom) < rank(chrom) || (chrom >= 0 && b->chrom == chrom && b->last < beg))
			lo = mid + 1;
		else
			hi = mid;
	}
	c->block = lo;
	c->chrom = chrom;
	c->beg = beg;
	c->end = end;
	c->n = c->i = 0;
	return GRX_OK;
}

static int load(struct grx_ctx *cx, struct prs_wcur *c, const struct prs_block *b)
{
	const struct prs_set_disk *d = c->s->disk;
	if (grx_grow(&c->raw, &c->cap_raw, b->len, 1, 0) != GRX_OK ||
		grx_grow(&c->row, &c->cap_row, b->n_row, sizeof *c->row, 0) != GRX_OK ||
		grx_grow(&c->w, &c->cap_w, b->n_w, sizeof *c->w, 0) != GRX_OK ||
		grx_grow(&c->text, &c->cap_text, b->n_text, 1, 0) != GRX_OK)
		return grx_fail_nomem(cx, "rows of scores");
	int rc = prs_read_at(cx, d->fd, d->path, c->raw, b->len, b->off);
	if (rc)
		return rc;
	bool ok = (uint32_t)crc32(0, c->raw, b->len) == b->crc &&
		  prs_block_decode(b, c->raw, c->row, c->w, c->text);
	for (uint32_t i = 0; i < b->n_row && ok; i++) {
		const struct prs_wrow *r = &c->row[i];
		const struct prs_file *f = &c->s->file[r->file >= 0 && r->file < c->s->n_file ? r->file : 0];
		ok = f == &c->s->file[r->file] && r->index < c->s->n_row && r->pos <= b->last &&
		     r->n_w == (r->type == PRS_DOSAGE ? 3 : f->col_end - f->col_beg);
	}
	if (!ok)
		return grx_fail(cx, GRX_E_DATA,
			"%s: damaged set of compiled scores (block %zu at byte %lld); delete it and run "
			"again",
			d->path ? d->path : "temporary file of scores", (size_t)(b - d->block),
			(long long)b->off);
	c->n = b->n_row;
	c->i = 0;
	return GRX_OK;
}

int prs_wcur_next(struct grx_ctx *cx, struct prs_wcur *c, const struct prs_wrow **rows, int *n)
{
	const struct prs_set_disk *d = c->s->disk;
	*rows = NULL;
	*n = 0;
	for (;;) {
		while (c->i < c->n && c->chrom >= 0 && c->row[c->i].pos < c->beg)
			c->i++;
		if (c->i < c->n)
			break;
		if (c->block >= d->n_block || d->block[c->block].chrom != c->chrom ||
			(c->chrom >= 0 && d->block[c->block].first >= c->end))
			return GRX_OK;
		int rc = load(cx, c, &d->block[c->block++]);
		if (rc)
			return rc;
	}
	uint32_t j = c->i + 1;
	if (c->chrom >= 0) {
		if (c->row[c->i].pos >= c->end)
			return GRX_OK;
		while (j < c->n && c->row[j].pos == c->row[c->i].pos)
			j++;
	}
	*rows = &c->row[c->i];
	*n = (int)(j - c->i);
	c->i = j;
	return GRX_OK;
}
