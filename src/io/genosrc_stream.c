/* SPDX-License-Identifier: GPL-3.0-or-later
 * genosrc_stream.c -- inflated bytes in large pieces that stay in place while records point into them.
 * BGZF is inflated by htslib, which checks each block; plain text and gzip by our own reader, which tells
 * damage from the end of the file. A window is a list of parts of a BGZF file that begin and end with whole
 * records. */
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "io/genosrc_int.h"
#include "io/htsmisc.h"

static void free_bufs(struct geno_buf *b)
{
	while (b) {
		struct geno_buf *next = b->next;
		grx_free(b->p);
		grx_free(b);
		b = next;
	}
}

void geno_stream_close(struct geno_stream *st)
{
	if (st->hts)
		(void)!hts_close(st->hts);
	else if (st->fp)
		(void)!bgzf_close(st->fp);
	grx_text_close(st->text);
	free_bufs(st->cur);
	free_bufs(st->old);
	free_bufs(st->spare);
	grx_free(st->chunk);
	memset(st, 0, sizeof *st);
}

void geno_stream_window(struct geno_stream *st, uint64_t (*v)[2], int n)
{
	grx_free(st->chunk);
	st->chunk = v;
	st->n_chunk = n;
	st->i_chunk = 0;
	st->windowed = true;
	st->in_chunk = st->ended = false;
	st->pos = st->n = 0;
}

/* A buffer of at least cap bytes, the spare one if it will do. */
static struct geno_buf *take_buf(struct geno_stream *st, size_t cap)
{
	struct geno_buf *b = st->spare;

	if (b && b->cap >= cap) {
		st->spare = NULL;
		return b;
	}
	b = grx_calloc(1, sizeof *b);
	if (!b)
		return NULL;
	b->cap = cap < GENO_BUF_BYTES ? GENO_BUF_BYTES : cap;
	b->p = grx_malloc(b->cap + 8, 1); /* room for a line end, and to look a little beyond */
	if (b->p)
		return b;
	grx_free(b);
	return NULL;
}

static void give_back(struct geno_stream *st, struct geno_buf *b)
{
	if (st->spare) {
		grx_free(b->p);
		grx_free(b);
		return;
	}
	b->next = NULL;
	st->spare = b;
}

void geno_stream_release(struct geno_stream *st, bool held)
{
	while (st->old) {
		struct geno_buf *b = st->old;
		st->old = b->next;
		give_back(st, b);
	}
	st->held = held;
}

/* Room behind the bytes that are left. */
static int make_room(struct grx_ctx *cx, struct geno_stream *st)
{
	size_t left = st->n - st->pos;
	struct geno_buf *b = st->cur;

	if (b && b->cap - st->n >= b->cap / 4)
		return GRX_OK;
	if (b && !st->held && left <= b->cap / 2) {
		memmove(b->p, b->p + st->pos, left);
	} else {
		b = take_buf(st, 2 * left + GENO_BUF_BYTES / 2);
		if (!b)
			return grx_fail_nomem(cx, "genotype buffer");
		if (left)
			memcpy(b->p, st->cur->p + st->pos, left);
		if (st->cur && st->held) {
			st->cur->next = st->old;
			st->old = st->cur;
		} else if (st->cur) {
			give_back(st, st->cur);
		}
		b->next = NULL;
		st->cur = b;
		st->held = false; /* what is held is in the older ones */
	}
	st->pos = 0;
	st->n = left;
	return GRX_OK;
}

static int read_failed(struct grx_ctx *cx, const struct geno_stream *st)
{
	return grx_bgzf_fail(cx, st->fp, st->path, st->windowed ? "in a query" : "");
}

/* The next piece of the parts of a window; *got 0 behind the last. */
static int read_window(struct grx_ctx *cx, struct geno_stream *st, char *p, size_t cap, size_t *got)
{
	*got = 0;
	for (; st->i_chunk < st->n_chunk; st->i_chunk++, st->in_chunk = false) {
		const uint64_t *c = st->chunk[st->i_chunk];
		BGZF *fp = st->fp;
		errno = 0;
		if (!st->in_chunk && (uint64_t)bgzf_tell(fp) != c[0] &&
			bgzf_seek(fp, (int64_t)c[0], SEEK_SET) < 0)
			return read_failed(cx, st);
		st->in_chunk = true;
		int byte = bgzf_peek(fp);
		if (byte < -1 || fp->errcode)
			return read_failed(cx, st);
		if (byte == -1)
			return grx_bgzf_end_check(cx, fp, st->path, false);
		int64_t block = (int64_t)(c[1] >> 16), n = fp->block_length - fp->block_offset;
		if (fp->block_address > block)
			continue;
		if (fp->block_address == block && n > (int64_t)(c[1] & 0xffff) - fp->block_offset)
			n = (int64_t)(c[1] & 0xffff) - fp->block_offset;
		if (n <= 0)
			continue;
		ssize_t r = bgzf_read(fp, p, (size_t)n < cap ? (size_t)n : cap);
		if (r <= 0)
			return read_failed(cx, st);
		*got = (size_t)r;
		return GRX_OK;
	}
	return GRX_OK;
}

static int read_bgzf(struct grx_ctx *cx, struct geno_stream *st, char *p, size_t cap, size_t *got)
{
	errno = 0;
	ssize_t r = bgzf_read(st->fp, p, cap);

	*got = r > 0 ? (size_t)r : 0;
	if (r < 0 || st->fp->errcode)
		return read_failed(cx, st);
	return r == 0 ? grx_bgzf_end_check(cx, st->fp, st->path, false) : GRX_OK;
}

static int read_text(struct grx_ctx *cx, struct geno_stream *st, char *p, size_t cap, size_t *got)
{
	int rc = st->tn ? GRX_OK : grx_text_bytes(cx, st->text, &st->tp, &st->tn);

	*got = st->tn < cap ? st->tn : cap;
	if (!rc && *got) {
		memcpy(p, st->tp, *got);
		st->tp += *got;
		st->tn -= *got;
	}
	return rc;
}

int geno_stream_more(struct grx_ctx *cx, struct geno_stream *st)
{
	size_t got = 0;
	int rc = st->ended ? GRX_OK : make_room(cx, st);

	if (rc || st->ended)
		return rc;
	char *p = st->cur->p + st->n;
	size_t cap = st->cur->cap - st->n;
	if (st->windowed)
		rc = read_window(cx, st, p, cap, &got);
	else if (st->fp)
		rc = read_bgzf(cx, st, p, cap, &got);
	else
		rc = read_text(cx, st, p, cap, &got);
	st->n += got;
	st->ended = got == 0;
	return rc;
}

int geno_stream_need(struct grx_ctx *cx, struct geno_stream *st, size_t need)
{
	int rc = GRX_OK;

	while (!rc && st->n - st->pos < need && !st->ended)
		rc = geno_stream_more(cx, st);
	return rc;
}
