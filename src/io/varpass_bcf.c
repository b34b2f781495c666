/* SPDX-License-Identifier: GPL-3.0-or-later
 * varpass_bcf.c -- BCF records checked, decoded and added to in place.
 * take() accepts what varsrc would accept without a word, and only that; a block with any other record is
 * read anew the general way, which finds the words. */
#include <errno.h>
#include <string.h>

#include <htslib/hfile.h>

#include "base/mem.h"
#include "io/bcfraw.h"
#include "io/htsmisc.h"
#include "io/varpass_int.h"

/* ---- reading ---- */

/* What is left of an inflated BGZF block, so that an error loses no record before it. */
static int read_more(struct grx_ctx *cx, struct grx_varpass *p, struct grx_varblock *b)
{
	BGZF *fp = p->src->bcf->fp.bgzf;

	errno = 0;
	int byte = bgzf_peek(fp);
	if (byte < 0) {
		p->broken = byte < -1 || fp->errcode;
		p->err = errno;
		p->ended = true;
		return GRX_OK;
	}
	size_t n = (size_t)(fp->block_length - fp->block_offset);
	int rc = varpass_room(cx, b, n);
	if (rc)
		return rc;
	ssize_t got = bgzf_read(fp, b->p + b->n, n);
	if (got > 0)
		b->n += (size_t)got;
	return got == (ssize_t)n ? GRX_OK : grx_bgzf_fail(cx, fp, p->src->path, "in a block");
}

/* Nothing whole is left: the end, or damage. */
static int at_end(struct grx_ctx *cx, struct grx_varpass *p, size_t left)
{
	BGZF *fp = p->src->bcf->fp.bgzf;
	char where[64];

	if (!left && !p->broken)
		return grx_bgzf_end_check(cx, fp, p->src->path, false);
	snprintf(where, sizeof where, "after record %lld", (long long)p->n_read);
	errno = p->err;
	return grx_bgzf_fail(cx, fp, p->src->path, where);
}

/* The records that are whole in b from *at on; *full: the block ends before the one at *at. False: no memory.
 */
static bool walk(struct grx_varpass *p, struct grx_varblock *b, size_t max, size_t *at, bool *full)
{
	while (!*full && b->n - *at >= BCFRAW_HEAD + BCFRAW_FIXED) {
		const uint8_t *s = b->p + *at;
		size_t n = (size_t)bcfraw_u32(s) + bcfraw_u32(s + 4);
		const int64_t place[2] = {(int32_t)bcfraw_u32(s + 8), (int32_t)bcfraw_u32(s + 12)};
		if (bcfraw_u32(s) < BCFRAW_FIXED) {
			p->ended = *full = true; /* at_end() will say it */
			break;
		}
		if (b->n - *at - BCFRAW_HEAD < n)
			break;
		*full = b->n_rec && grx_varsrc_may_end(p->src, b->n_rec, max, p->last, place);
		if (*full)
			break;
		struct varpass_rec *r = varpass_push(b);
		if (!r)
			return false;
		r->off = *at;
		r->n = BCFRAW_HEAD + n;
		*at += r->n;
		memcpy(p->last, place, sizeof place);
	}
	return true;
}

int varpass_bcf_next(struct grx_ctx *cx, struct grx_varpass *p, struct grx_varblock *b, size_t max)
{
	size_t at = 0;
	bool full = false;
	int rc = varpass_room(cx, b, p->n_tail);

	if (!rc && p->n_tail)
		memcpy(b->p, p->tail, p->n_tail);
	b->n = p->n_tail;
	p->n_tail = 0;
	while (!rc) {
		if (!walk(p, b, max, &at, &full))
			rc = grx_fail_nomem(cx, "records");
		if (rc || full || p->ended)
			break;
		rc = read_more(cx, p, b);
	}
	if (!rc && !b->n_rec)
		return at_end(cx, p, b->n);
	if (!rc)
		rc = varpass_keep_tail(cx, p, b->p + at, b->n - at);
	b->n = at;
	return rc;
}

/* ---- the general way ---- */

/* htslib's reader over the bytes of a block. The word before them keeps it from taking them for gzip. */
static BGZF *over_bytes(const struct grx_varblock *b)
{
	uint8_t *copy = malloc(b->n + 4), word[4];

	if (!copy)
		return NULL;
	memcpy(copy, "BCF\2", 4);
	memcpy(copy + 4, b->p, b->n);
	hFILE *f = hopen("mem:", "r:", (char *)copy, b->n + 4); /* taken */
	BGZF *fp = f ? bgzf_hopen(f, "r") : NULL;
	if (f && !fp)
		hclose_abruptly(f);
	if (fp && bgzf_read(fp, word, 4) != 4) {
		(void)!bgzf_close(fp);
		fp = NULL;
	}
	return fp;
}

static int read_rec(struct grx_ctx *cx, const struct grx_varpass *p, htsFile *f, struct grx_varval *vv,
	struct grx_vars *v)
{
	bcf1_t *r = bcf_init();
	char where[64];
	int rc;

	if (!r)
		return grx_fail_nomem(cx, "record");
	errno = 0;
	int got = bcf_read(f, p->src->vh->live, r);
	snprintf(where, sizeof where, "after record %lld", (long long)grx_varval_count(vv));
	if (got < 0)
		rc = grx_bgzf_fail(cx, f->fp.bgzf, p->src->path, where);
	else if (r->errcode)
		rc = grx_fail(
			cx, GRX_E_DATA, "%s: damaged record %s (code %d)", p->src->path, where, r->errcode);
	else
		rc = grx_varval_rec(cx, vv, r);
	if (!rc)
		rc = grx_var_decode(cx, p->src->vh->live, &p->src->want, r, v);
	if (rc)
		bcf_destroy(r);
	return rc;
}

int varpass_bcf_general(
	struct grx_ctx *cx, const struct grx_varpass *p, struct grx_varblock *b, struct grx_vars *v)
{
	int rc = GRX_E_BUG;
	htsFile f = {.is_bin = 1, .format = p->src->bcf->format};
	struct grx_varval *vv = NULL;

	f.fp.bgzf = over_bytes(b);
	if (!f.fp.bgzf)
		return grx_fail_nomem(cx, "records");
	GRX_TRY(grx_varval_new(cx, p->src->path, p->src->vh, false, &vv));
	grx_varval_seek(vv, b->first - 1, b->before);
	for (size_t i = 0; i < b->n_rec; i++)
		GRX_TRY(read_rec(cx, p, &f, vv, v));
	rc = GRX_OK;
out:
	grx_varval_free(vv);
	(void)!bgzf_close(f.fp.bgzf);
	return rc;
}
