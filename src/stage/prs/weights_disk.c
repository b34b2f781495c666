/* SPDX-License-Identifier: GPL-3.0-or-later
 * weights_disk.c -- the compiled file: header, blocks of rows, index of the blocks, metadata
 * (docs/FORMATS.md). The header is written last, so a file that was not finished is none. Rows of one
 * position are never in two blocks. Every part has a CRC-32. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "stage/prs/weights_block.h"

enum { BLOCK_ROWS = 512, BLOCK_BYTES = 1 << 16, BLOCK_MAX = 1 << 30, HEAD_BYTES = 80 };

struct head {
	char magic[8];
	uint32_t version, order;
	int64_t index_off, n_block, n_row;
	int64_t meta_off, meta_len;
	int64_t size;
	uint32_t index_crc, code_crc, meta_crc, crc;
};
_Static_assert(sizeof(struct head) == HEAD_BYTES, "header of a compiled set");
_Static_assert(sizeof(struct prs_block) == 48, "index of a compiled set");

struct prs_wr {
	struct prs_set_disk *d;
	struct grx_str buf;
	struct prs_block b;
	int64_t off;
};

int prs_wr_new(struct grx_ctx *cx, struct prs_set_disk *d, struct prs_wr **out)
{
	struct prs_wr *w = *out = grx_calloc(1, sizeof *w);
	if (!w)
		return grx_fail_nomem(cx, "compiled scores");
	w->d = d;
	w->off = HEAD_BYTES;
	return GRX_OK;
}

void prs_wr_free(struct prs_wr *w)
{
	if (w)
		grx_str_clear(&w->buf);
	grx_free(w);
}

static void put_num(struct grx_str *s, uint64_t x)
{
	char b[10];
	size_t n = 0;
	for (; x >= 0x80; x >>= 7)
		b[n++] = (char)(x | 0x80);
	b[n++] = (char)x;
	grx_str_addn(s, b, n);
}

static void put_text(struct prs_wr *w, const char *s)
{
	size_t n = strlen(s);
	put_num(&w->buf, n);
	grx_str_addn(&w->buf, s, n);
	w->b.n_text += (uint32_t)n + 1;
}

static unsigned allele_code(const char *a)
{
	const char *p = a && a[0] && !a[1] ? strchr("ACGT", a[0]) : NULL;
	return !a ? PRS_A_NONE : p ? (unsigned)(p - "ACGT") : PRS_A_TEXT;
}

static bool is_zero(double x)
{
	uint64_t u;
	memcpy(&u, &x, sizeof u);
	return u == 0;
}

static void put_weights(struct prs_wr *w, const struct prs_wrow *r, bool sparse)
{
	put_num(&w->buf, (uint64_t)r->n_w);
	w->b.n_w += (uint32_t)r->n_w;
	if (!sparse) {
		grx_str_addn(&w->buf, (const char *)r->w, (size_t)r->n_w * sizeof *r->w);
		return;
	}
	for (int32_t k = 0; k < r->n_w; k += 8) {
		unsigned m = 0;
		for (int32_t i = k; i < r->n_w && i < k + 8; i++)
			m |= is_zero(r->w[i]) ? 0u : 1u << (i - k);
		grx_str_addc(&w->buf, (char)m);
	}
	for (int32_t k = 0; k < r->n_w; k++)
		if (!is_zero(r->w[k]))
			grx_str_addn(&w->buf, (const char *)&r->w[k], sizeof *r->w);
}

static void put_row(struct prs_wr *w, const struct prs_wrow *r)
{
	int32_t zeros = 0;
	for (int32_t k = 0; k < r->n_w; k++)
		zeros += is_zero(r->w[k]);
	bool sparse = zeros > r->n_w / 16 + 1;
	unsigned ea = allele_code(r->ea), oa = allele_code(r->oa);
	if (r->chrom >= 0) {
		put_num(&w->buf, (uint64_t)(r->pos - w->b.last));
		w->b.last = r->pos;
	}
	put_num(&w->buf, (uint64_t)r->file);
	put_num(&w->buf, r->index);
	put_num(&w->buf, (uint64_t)r->line);
	grx_str_addc(
		&w->buf, (char)(r->type | (isnan(r->af) ? 0 : PRS_F_AF) | (r->id ? PRS_F_ID : 0) |
				 (r->note ? PRS_F_NOTE : 0) | (r->locus ? PRS_F_LOCUS : 0) |
				 (sparse ? PRS_F_SPARSE : 0) | (r->code == PRS_NO_LOCUS ? 0 : PRS_F_CODE)));
	grx_str_addc(&w->buf, (char)(ea | oa << 3));
	if (r->code != PRS_NO_LOCUS)
		grx_str_addc(&w->buf, (char)r->code);
	if (ea == PRS_A_TEXT)
		put_text(w, r->ea);
	if (oa == PRS_A_TEXT)
		put_text(w, r->oa);
	if (r->id)
		put_text(w, r->id);
	if (r->note)
		put_text(w, r->note);
	if (r->locus)
		put_text(w, r->locus);
	if (!isnan(r->af))
		grx_str_addn(&w->buf, (const char *)&r->af, sizeof r->af);
	put_weights(w, r, sparse);
	w->b.n_row++;
}

static int block_end(struct grx_ctx *cx, struct prs_wr *w)
{
	struct prs_set_disk *d = w->d;
	if (w->b.n_row == 0)
		return GRX_OK;
	if (w->buf.oom || grx_grow(&d->block, &d->cap_block, d->n_block + 1, sizeof *d->block, 0) != GRX_OK)
		return grx_fail_nomem(cx, "compiled scores");
	if (w->buf.n > BLOCK_MAX || w->b.n_w > BLOCK_MAX / 8 || w->b.n_text > BLOCK_MAX)
		return grx_fail(cx, GRX_E_DATA, "rows at one position of the scoring files are too large");
	w->b.off = w->off;
	w->b.len = (uint32_t)w->buf.n;
	w->b.crc = (uint32_t)crc32(0, (const unsigned char *)w->buf.s, w->b.len);
	d->block[d->n_block++] = w->b;
	int rc = prs_write_at(cx, d->fd, d->path, w->buf.s, w->buf.n, w->off);
	w->off += (int64_t)w->buf.n;
	grx_str_reset(&w->buf);
	w->b.n_row = 0;
	return rc;
}

int prs_wr_group(struct grx_ctx *cx, struct prs_wr *w, const struct prs_wrow *row, int n)
{
	if (w->b.n_row && (w->b.chrom != row->chrom || w->b.n_row >= BLOCK_ROWS || w->buf.n >= BLOCK_BYTES ||
				  w->b.n_w >= BLOCK_BYTES / 4 || w->b.n_text >= BLOCK_BYTES)) {
		int rc = block_end(cx, w);
		if (rc)
			return rc;
	}
	if (w->b.n_row == 0)
		w->b = (struct prs_block){.chrom = row->chrom, .first = row->pos, .last = row->pos};
	for (int i = 0; i < n; i++)
		put_row(w, &row[i]);
	return w->buf.oom ? grx_fail_nomem(cx, "compiled scores") : GRX_OK;
}

int prs_wr_end(struct grx_ctx *cx, struct prs_wr *w, const struct prs_set *s)
{
	int rc = GRX_E_BUG;
	struct prs_set_disk *d = w->d;
	struct grx_str meta = {0};
	struct head h = {.version = PRS_W_VERSION, .order = 0x01020304};
	GRX_TRY(block_end(cx, w));
	prs_meta_put(s, &meta);
	if (meta.oom) {
		rc = grx_fail_nomem(cx, "compiled scores");
		goto out;
	}
	memcpy(h.magic, PRS_W_MAGIC, 8);
	h.index_off = w->off;
	h.n_block = (int64_t)d->n_block;
	size_t n = d->n_block * sizeof *d->block;
	h.n_row = s->n_row;
	h.meta_off = h.index_off + (int64_t)n + h.n_row;
	h.meta_len = (int64_t)meta.n;
	h.size = h.meta_off + h.meta_len;
	h.index_crc = (uint32_t)crc32_z(0, (const unsigned char *)d->block, n);
	h.code_crc = (uint32_t)crc32_z(0, s->code0, s->n_row);
	h.meta_crc = (uint32_t)crc32_z(0, (const unsigned char *)meta.s, meta.n);
	h.crc = (uint32_t)crc32(0, (const unsigned char *)&h, sizeof h - 4);
	GRX_TRY(prs_write_at(cx, d->fd, d->path, d->block, n, h.index_off));
	GRX_TRY(prs_write_at(cx, d->fd, d->path, s->code0, s->n_row, h.index_off + (int64_t)n));
	GRX_TRY(prs_write_at(cx, d->fd, d->path, meta.s, meta.n, h.meta_off));
	GRX_TRY(prs_write_at(cx, d->fd, d->path, &h, sizeof h, 0));
	rc = GRX_OK;
out:
	grx_str_clear(&meta);
	return rc;
}

static int damaged(struct grx_ctx *cx, const char *path, const char *what)
{
	return grx_fail(cx, GRX_E_DATA,
		"%s: damaged set of compiled scores (%s); delete it and give the scoring files again", path,
		what);
}

static bool head_ok(const struct head *h, int64_t size)
{
	return h->size == size && h->n_block >= 0 && h->index_off >= HEAD_BYTES && h->meta_len >= 0 &&
	       h->n_block <= size / (int64_t)sizeof(struct prs_block) && h->n_row >= 0 && h->n_row <= size &&
	       h->meta_off == h->index_off + h->n_block * (int64_t)sizeof(struct prs_block) + h->n_row &&
	       h->meta_off <= size && h->meta_len == size - h->meta_off;
}

static bool block_ok(const struct prs_block *b, const struct prs_set *s, int64_t end)
{
	return b->chrom >= -1 && b->chrom < s->n_chrom && b->first <= b->last && b->off >= HEAD_BYTES &&
	       b->len <= BLOCK_MAX && b->off <= end - (int64_t)b->len && b->n_row > 0 && b->n_row <= b->len &&
	       b->n_w <= BLOCK_MAX / 8 && b->n_text <= BLOCK_MAX;
}

static int read_parts(struct grx_ctx *cx, struct prs_set *s, const struct head *h)
{
	int rc = GRX_E_BUG;
	struct prs_set_disk *d = s->disk;
	size_t n = (size_t)h->n_block * sizeof *d->block;
	char *meta = grx_malloc((size_t)h->meta_len, 1);
	d->block = grx_malloc(n, 1);
	d->n_block = d->cap_block = (size_t)h->n_block;
	d->code0 = grx_malloc((size_t)h->n_row, 1);
	s->code0 = d->code0;
	if (!meta || !d->block || !d->code0) {
		rc = grx_fail_nomem(cx, "compiled scores");
		goto out;
	}
	GRX_TRY(prs_read_at(cx, d->fd, d->path, d->block, n, h->index_off));
	GRX_TRY(prs_read_at(cx, d->fd, d->path, d->code0, (size_t)h->n_row, h->index_off + (int64_t)n));
	GRX_TRY(prs_read_at(cx, d->fd, d->path, meta, (size_t)h->meta_len, h->meta_off));
	if (crc32_z(0, (const unsigned char *)d->block, n) != h->index_crc ||
		crc32_z(0, d->code0, (size_t)h->n_row) != h->code_crc ||
		crc32_z(0, (const unsigned char *)meta, (size_t)h->meta_len) != h->meta_crc) {
		rc = damaged(cx, d->path, "checksum of its index or metadata");
		goto out;
	}
	bool ok = prs_meta_get(s, meta, (size_t)h->meta_len) && s->n_row == (uint64_t)h->n_row;
	for (int64_t i = 0; i < h->n_row && ok; i++)
		ok = d->code0[i] < PRS_N_CODE;
	for (size_t i = 0; i < d->n_block && ok; i++)
		ok = block_ok(&d->block[i], s, h->index_off);
	rc = ok ? GRX_OK : damaged(cx, d->path, "index or metadata");
out:
	grx_free(meta);
	return rc;
}

int prs_disk_open(struct grx_ctx *cx, const char *path, struct prs_set **out)
{
	int rc = GRX_E_BUG;
	struct head h;
	struct stat st;
	struct prs_set *s = prs_set_new();
	*out = NULL;
	if (!s || !(s->disk->path = grx_strdup(path))) {
		rc = grx_fail_nomem(cx, "compiled scores");
		goto out;
	}
	s->disk->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (s->disk->fd < 0 || fstat(s->disk->fd, &st) != 0) {
		rc = grx_fail(cx, GRX_E_NOINPUT, "%s: cannot be opened: %s", path, strerror(errno));
		goto out;
	}
	if (st.st_size < HEAD_BYTES) {
		rc = damaged(cx, path, "shorter than a header");
		goto out;
	}
	GRX_TRY(prs_read_at(cx, s->disk->fd, path, &h, sizeof h, 0));
	if (memcmp(h.magic, PRS_W_MAGIC, 8) != 0 || h.version != PRS_W_VERSION || h.order != 0x01020304) {
		rc = grx_fail(cx, GRX_E_DATA,
			"%s: compiled scores of another version or machine; give the scoring files "
			"themselves",
			path);
		goto out;
	}
	if (h.crc != (uint32_t)crc32(0, (const unsigned char *)&h, sizeof h - 4) ||
		!head_ok(&h, st.st_size)) {
		rc = damaged(cx, path, "header or length");
		goto out;
	}
	GRX_TRY(read_parts(cx, s, &h));
	*out = s;
	s = NULL;
	rc = GRX_OK;
out:
	prs_set_close(s);
	return rc;
}
