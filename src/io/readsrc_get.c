/* SPDX-License-Identifier: GPL-3.0-or-later
 * readsrc_get.c -- batches out of a reads source: by index, or in sequence with reads carried from window to
 * window. Invariant: for the same window both ways give the same reads in the same order (that of the file).
 */
#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "io/fasta.h"
#include "io/readsrc_int.h"

/* A slice that can't be decoded: is the reference another one? Its checksums are worth their time only now.
 */
static int cram_fail(struct grx_ctx *cx, const struct grx_readsrc *s, const char *where, int r)
{
	struct grx_fasta *fa = NULL;
	int rc;

	if (errno == ENOMEM)
		return grx_fail_nomem(cx, "CRAM slice");
	rc = grx_fasta_open(cx, s->fasta, &fa);
	if (rc == GRX_OK)
		rc = grx_fasta_check(cx, fa, s->head.contigs, s->path, true, true);
	grx_fasta_close(fa);
	if (rc)
		return rc;
	return grx_fail(cx, GRX_E_DATA,
		"%s: CRAM can't be decoded %s (error %d): the file is corrupt; copy it again", s->path, where,
		r);
}

/* A read error after the last good record of h. */
static int read_fail(struct grx_ctx *cx, const struct grx_readsrc *s, const struct rs_handle *h, int r)
{
	char pos[256], where[300];

	rs_where(s, h->rec, pos, sizeof(pos));
	snprintf(where, sizeof(where), "at or after %s", pos);
	if (s->is_cram)
		return cram_fail(cx, s, where, r);
	return grx_bgzf_fail(cx, h->fp->fp.bgzf, s->path, where);
}

static int unsorted(struct grx_ctx *cx, const struct grx_readsrc *s, const struct rs_handle *h)
{
	char pos[256];

	return grx_fail(cx, GRX_E_DATA,
		"%s: read at %s comes after a read further on: not sorted by coordinate; `samtools sort` it",
		s->path, rs_where(s, h->rec, pos, sizeof(pos)));
}

static int handle_ready(struct grx_ctx *cx, struct grx_readsrc *s, struct rs_handle *h)
{
	int rc;

	if (!h->rec) {
		rc = rs_handle_open(cx, s, h);
		if (rc)
			return rc;
	}
	if (s->is_cram && !h->idx) {
		h->idx = sam_index_load3(h->fp, s->name, s->idx_name, HTS_IDX_SILENT_FAIL);
		if (!h->idx)
			return grx_fail(cx, GRX_E_MISMATCH,
				"%s: can't be read: make it again with `samtools index %s`", s->idx_name,
				s->path);
	}
	return GRX_OK;
}

static int refuse(struct grx_ctx *cx, struct rs_refused *b, const struct grx_read *rd, enum rs_verdict v)
{
	if (grx_grow(&b->v, &b->cap, b->n + 1, sizeof(*b->v), 0))
		return grx_fail_nomem(cx, "refused reads");
	b->v[b->n++] = (struct grx_refused){rd->pos, v == RS_NO_SEQ};
	return GRX_OK;
}

static int refused_copy(
	struct grx_ctx *cx, const struct rs_refused *b, struct grx_arena *mem, struct grx_reads *out)
{
	struct grx_refused *r = grx_arena_alloc(mem, b->n, sizeof(*r));
	if (!r)
		return grx_fail_nomem(cx, "refused reads");
	if (b->n)
		memcpy(r, b->v, b->n * sizeof(*r));
	out->refused = r;
	out->n_refused = b->n;
	return GRX_OK;
}

static int fetch_all(struct grx_ctx *cx, struct grx_readsrc *s, struct rs_handle *h, hts_itr_t *it,
	struct grx_arena *mem, struct rs_refused *bad)
{
	int64_t last = -1;
	int r, rc;

	errno = 0;
	while ((r = sam_itr_next(h->fp, it, h->rec)) >= 0) {
		struct grx_read rd;
		enum rs_verdict v;

		rc = rs_rec_check(cx, s, h, &rd, &v);
		if (rc)
			return rc;
		if (rd.pos < last)
			return unsorted(cx, s, h);
		last = rd.pos;
		if (v != RS_KEEP) {
			rc = refuse(cx, bad, &rd, v);
			if (rc)
				return rc;
			continue;
		}
		rc = rs_rec_keep(cx, h, &rd, mem);
		if (rc)
			return rc;
	}
	if (r < -1 || (!s->is_cram && h->fp->fp.bgzf->errcode))
		return read_fail(cx, s, h, r);
	return GRX_OK;
}

int grx_readsrc_fetch(struct grx_ctx *cx, struct grx_readsrc *s, int worker, int32_t tid, int64_t beg,
	int64_t end, struct grx_arena *mem, struct grx_reads **out)
{
	struct rs_handle *h;
	hts_itr_t *it;
	struct rs_refused bad = {0};
	int rc;

	*out = NULL;
	if (!s->info.indexed)
		return grx_fail(cx, GRX_E_NOINPUT, "%s: no index: run `samtools index %s`", s->path, s->path);
	if (worker < 0 || worker >= s->n_handle || tid < 0 || tid >= s->head.contigs->n)
		return grx_fail(
			cx, GRX_E_BUG, "reads: worker %d or contig %d out of range", worker, (int)tid);
	h = &s->h[worker];
	rc = handle_ready(cx, s, h);
	if (rc)
		return rc;
	if (beg < 0)
		beg = 0;
	if (end > s->head.contigs->c[tid].len)
		end = s->head.contigs->c[tid].len;
	h->n = 0;
	if (beg < end) {
		errno = 0;
		it = sam_itr_queryi(s->is_cram ? h->idx : s->idx, tid, beg, end);
		if (!it && errno == ENOMEM)
			return grx_fail_nomem(cx, "index query");
		if (!it)
			return grx_fail(cx, GRX_E_MISMATCH, "%s: the index can't answer for %s:%lld-%lld",
				s->path, grx_contig_name(s->head.contigs, tid), (long long)beg + 1,
				(long long)end);
		rc = fetch_all(cx, s, h, it, mem, &bad);
		sam_itr_destroy(it);
	}
	if (rc == GRX_OK)
		rc = rs_batch(cx, h->v, h->n, mem, out);
	if (rc == GRX_OK)
		rc = refused_copy(cx, &bad, mem, *out);
	grx_free(bad.v);
	return rc;
}

/* The file's next record, checked, into *to, whose bytes are in handle 0. */
static int file_next(struct grx_ctx *cx, struct grx_readsrc *s, struct rs_held *to)
{
	struct rs_handle *h = &s->h[0];
	struct rs_stream *st = &s->st;
	const struct grx_read *rd = &to->r;
	int64_t pos;
	int r, rc;

	errno = 0;
	r = sam_read1(h->fp, h->hdr, h->rec);
	if (r < -1)
		return read_fail(cx, s, h, r);
	if (r == -1) {
		st->file_end = true;
		return s->is_cram ? GRX_OK
				  : grx_bgzf_end_check(cx, h->fp->fp.bgzf, s->path, s->allow_missing_eof);
	}
	rc = rs_rec_check(cx, s, h, &to->r, &to->v);
	if (rc)
		return rc;
	pos = rd->tid < 0 ? -1 : rd->pos;
	if (st->started && ((st->last_tid < 0 && rd->tid >= 0) || (rd->tid >= 0 && rd->tid < st->last_tid) ||
				   (rd->tid >= 0 && rd->tid == st->last_tid && pos < st->last_pos)))
		return unsorted(cx, s, h);
	st->started = true;
	st->last_tid = rd->tid;
	st->last_pos = pos;
	st->n_unplaced += rd->tid < 0;
	return GRX_OK;
}

static int replay_add(struct grx_ctx *cx, struct rs_replay *p, struct rs_held *h)
{
	int rc;

	if (grx_grow(&p->v, &p->cap, p->n + 1, sizeof(*p->v), 0))
		return grx_fail_nomem(cx, "reads held");
	rc = rs_read_move(cx, &h->r, p->mem);
	if (rc == GRX_OK)
		p->v[p->n++] = *h;
	return rc;
}

static void replay_clear(struct rs_replay *p)
{
	grx_free(p->v);
	grx_arena_free(p->mem);
	*p = (struct rs_replay){0};
}

/* The next record of the stream becomes `pending`, or eof is set. */
static int stream_next(struct grx_ctx *cx, struct grx_readsrc *s)
{
	struct rs_stream *st = &s->st;
	struct rs_replay *p = &st->replay;
	int rc;

	if (p->at < p->n) {
		st->next = p->v[p->at++];
		st->pending = true;
		return GRX_OK;
	}
	if (!p->hold && p->mem) /* the last one given was used: every call follows its use */
		replay_clear(p);
	rc = st->file_end ? GRX_OK : file_next(cx, s, &st->next);
	if (rc)
		return rc;
	st->eof = st->file_end;
	st->pending = !st->eof;
	if (st->pending && p->hold) {
		rc = replay_add(cx, p, &st->next);
		p->at = p->n;
	}
	return rc;
}

int grx_readsrc_hold(struct grx_ctx *cx, struct grx_readsrc *s)
{
	struct rs_replay *p = &s->st.replay;

	if (s->st.started || p->mem)
		return grx_fail(cx, GRX_E_BUG, "reads stream: held after its start");
	p->mem = grx_arena_new();
	p->hold = true;
	return p->mem ? GRX_OK : grx_fail_nomem(cx, "reads held");
}

void grx_readsrc_rewind(struct grx_readsrc *s)
{
	struct rs_stream *st = &s->st;

	st->replay.hold = false;
	st->replay.at = 0;
	st->pending = st->eof = false;
	st->tid = -1;
	st->beg = 0;
	st->n = st->bad.n = 0;
	grx_arena_reset(st->mem[0]);
	grx_arena_reset(st->mem[1]);
}

void rs_stream_clear(struct rs_stream *st)
{
	replay_clear(&st->replay);
	grx_arena_free(st->mem[0]);
	grx_arena_free(st->mem[1]);
	grx_free(st->v);
	grx_free(st->bad.v);
}

/* Drop carried reads that end at or before beg; the others move to the other arena, the first is emptied. */
static int carry_trim(struct grx_ctx *cx, struct rs_stream *st, bool all, int64_t beg)
{
	int to = 1 - st->cur;
	size_t i, k = 0;
	int rc;

	for (i = 0; i < st->n && !all; i++) {
		if (st->v[i].end <= beg)
			continue;
		rc = rs_read_move(cx, &st->v[i], st->mem[to]);
		if (rc)
			return rc;
		st->v[k++] = st->v[i];
	}
	st->n = k;
	grx_arena_reset(st->mem[st->cur]);
	st->cur = to;
	return GRX_OK;
}

static void refused_trim(struct rs_refused *b, bool all, int64_t beg)
{
	size_t k = 0;
	for (size_t i = 0; i < b->n && !all; i++)
		if (b->v[i].pos >= beg)
			b->v[k++] = b->v[i];
	b->n = k;
}

static int carry_add(struct grx_ctx *cx, struct grx_readsrc *s, struct grx_read *rd)
{
	struct rs_stream *st = &s->st;
	int rc;

	if (grx_grow(&st->v, &st->cap, st->n + 1, sizeof(*st->v), 0))
		return grx_fail_nomem(cx, "reads carried to the next window");
	rd->name_hash = grx_hash_str(rd->name);
	rc = rs_read_move(cx, rd, st->mem[st->cur]);
	if (rc == GRX_OK)
		st->v[st->n++] = *rd;
	return rc;
}

/* Take in everything that begins before (tid, end). */
static int stream_fill(struct grx_ctx *cx, struct grx_readsrc *s, int32_t tid, int64_t beg, int64_t end)
{
	struct rs_stream *st = &s->st;
	int rc;

	for (;;) {
		struct grx_read *rd = &st->next.r;

		if (!st->pending && !st->eof) {
			rc = stream_next(cx, s);
			if (rc)
				return rc;
		}
		if (st->eof || rd->tid < 0 || rd->tid > tid || (rd->tid == tid && rd->pos >= end))
			return GRX_OK; /* stays pending */
		st->pending = false;
		if (rd->tid != tid || rd->end <= beg)
			continue;
		rc = st->next.v == RS_KEEP ? carry_add(cx, s, rd) : refuse(cx, &st->bad, rd, st->next.v);
		if (rc)
			return rc;
	}
}

int grx_readsrc_stream(struct grx_ctx *cx, struct grx_readsrc *s, int32_t tid, int64_t beg, int64_t end,
	struct grx_arena *mem, struct grx_reads **out)
{
	struct rs_stream *st = &s->st;
	size_t i, n = 0;
	int rc = GRX_E_BUG;

	*out = NULL;
	if (tid < st->tid || (tid == st->tid && beg < st->beg) || tid >= s->head.contigs->n)
		return grx_fail(cx, GRX_E_BUG, "reads stream: windows must ascend");
	bool newtid = tid != st->tid;
	GRX_TRY(carry_trim(cx, st, newtid, beg));
	st->tid = tid;
	st->beg = beg;
	refused_trim(&st->bad, newtid, beg);
	GRX_TRY(stream_fill(cx, s, tid, beg, end));
	GRX_TRY(rs_batch(cx, st->v, st->n, mem, out));
	for (i = 0; i < st->n; i++) { /* the window may be narrower than what is carried */
		struct grx_read *r = &(*out)->v[i];

		if (r->pos >= end)
			continue;
		(*out)->v[n] = *r;
		GRX_TRY(rs_read_move(cx, &(*out)->v[n], mem));
		n++;
	}
	(*out)->n = n;
	rc = refused_copy(cx, &st->bad, mem, *out);
out:
	return rc;
}

int grx_readsrc_drain(struct grx_ctx *cx, struct grx_readsrc *s)
{
	int rc;

	while (!s->st.eof) {
		rc = stream_next(cx, s);
		if (rc)
			return rc;
	}
	s->info.n_unplaced = s->st.n_unplaced;
	return GRX_OK;
}
