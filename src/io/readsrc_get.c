/* SPDX-License-Identifier: GPL-3.0-or-later
 * readsrc_get.c -- the reads of a window out of one file: by index, or in sequence with reads carried from
 * window to window. Invariant: for the same window both ways give the same reads in the same order (that of
 * the file).
 */
#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "io/fasta.h"
#include "io/readsrc_int.h"

/* A slice that can't be decoded: is the reference another one? Its checksums are worth their time only now.
 */
static int cram_fail(struct grx_ctx *cx, const struct rs_file *s, const char *where, int r)
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
static int read_fail(struct grx_ctx *cx, const struct rs_file *s, const struct rs_handle *h, int r)
{
	char pos[256], where[300];

	rs_where(s, h->rec, pos, sizeof(pos));
	snprintf(where, sizeof(where), "at or after %s", pos);
	if (s->is_cram)
		return cram_fail(cx, s, where, r);
	return grx_bgzf_fail(cx, h->fp->fp.bgzf, s->path, where);
}

static int unsorted(struct grx_ctx *cx, const struct rs_file *s, const struct rs_handle *h)
{
	char pos[256];

	return grx_fail(cx, GRX_E_DATA,
		"%s: read at %s comes after a read further on: not sorted by coordinate; `samtools sort` it",
		s->path, rs_where(s, h->rec, pos, sizeof(pos)));
}

static int fetch_all(struct grx_ctx *cx, struct rs_file *s, struct rs_handle *h, hts_itr_t *it,
	struct rs_list *to, struct grx_arena *mem)
{
	struct rs_held rec;
	int64_t last = -1;
	int r, rc;

	errno = 0;
	while ((r = sam_itr_next(h->fp, it, h->rec)) >= 0) {
		rc = rs_rec_check(cx, s, h, &rec);
		if (rc)
			return rc;
		if (rec.r.pos < last)
			return unsorted(cx, s, h);
		last = rec.r.pos;
		rc = rs_list_add(cx, to, &rec, mem);
		if (rc)
			return rc;
	}
	if (r < -1 || (!s->is_cram && h->fp->fp.bgzf->errcode))
		return read_fail(cx, s, h, r);
	return rs_thin_close(cx, to);
}

static bool overlaps(const struct grx_read *r, const struct rs_window *w)
{
	return r->end > w->beg && r->pos < w->end;
}

/* Leave out what was read only to make bins whole. */
static void list_trim(struct rs_list *l, size_t from, const struct rs_window *w)
{
	size_t k = from;

	for (size_t i = from; i < l->n; i++)
		if (overlaps(&l->v[i], w))
			l->v[k++] = l->v[i];
	l->n = k;
}

static int fetch_window(struct grx_ctx *cx, struct rs_file *s, struct rs_handle *h, const struct rs_window *w,
	struct rs_list *to, struct grx_arena *mem)
{
	hts_itr_t *it;
	int rc;

	errno = 0;
	it = sam_itr_queryi(s->is_cram ? h->idx : s->idx, w->tid, w->far_beg, w->far_end);
	if (!it && errno == ENOMEM)
		return grx_fail_nomem(cx, "index query");
	if (!it)
		return grx_fail(cx, GRX_E_MISMATCH, "%s: the index can't answer for %s:%lld-%lld", s->path,
			grx_contig_name(s->head.contigs, w->tid), (long long)w->beg + 1, (long long)w->end);
	rc = fetch_all(cx, s, h, it, to, mem);
	sam_itr_destroy(it);
	return rc;
}

int rs_file_fetch(struct grx_ctx *cx, struct rs_file *s, const struct rs_window *w, struct rs_list *to,
	struct grx_arena *mem)
{
	struct rs_handle *h;
	size_t from = to->n;
	int rc;

	if (!s->indexed)
		return grx_fail(cx, GRX_E_NOINPUT, "%s: no index: run `samtools index %s`", s->path, s->path);
	if (w->beg >= w->end)
		return GRX_OK;
	to->thin.limit = s->thin_limit;
	to->thin.mark = s->thin_mark;
	rc = rs_handle_take(cx, s, &h);
	if (rc == GRX_OK)
		rc = fetch_window(cx, s, h, w, to, mem);
	rs_handle_give(s, h);
	list_trim(to, from, w);
	return rc;
}

/* The file's next record, checked, into *to, whose bytes are in handle 0. */
static int file_next(struct grx_ctx *cx, struct rs_file *s, struct rs_held *to)
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
	rc = rs_rec_check(cx, s, h, to);
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

static int replay_push(struct grx_ctx *cx, struct rs_replay *p, const struct rs_held *h)
{
	if (grx_grow(&p->v, &p->cap, p->n + 1, sizeof(*p->v), 0))
		return grx_fail_nomem(cx, "reads held");
	p->v[p->n++] = *h;
	return GRX_OK;
}

/* The bin is at its end, or as far as it was read. */
static int replay_flush(struct grx_ctx *cx, struct rs_replay *p)
{
	struct rs_list *l = &p->bin;
	int rc = rs_thin_close(cx, l);

	for (size_t i = 0; i < l->n && rc == GRX_OK; i++)
		rc = replay_push(cx, p, &(struct rs_held){.r = l->v[i]});
	for (size_t i = 0; i < l->bad.n && rc == GRX_OK; i++)
		rc = replay_push(cx, p,
			&(struct rs_held){
				.r = {.tid = p->bin_tid, .pos = l->bad.v[i].pos, .end = l->bad.v[i].pos + 1},
				.v = RS_COUNTED,
				.was = l->bad.v[i]});
	l->n = l->bad.n = 0;
	return rc;
}

/* *h stays where it is. */
static int replay_add(struct grx_ctx *cx, struct rs_file *s, const struct rs_held *h)
{
	struct rs_replay *p = &s->st.replay;
	struct rs_list *l = &p->bin;
	int64_t at = l->n ? l->v[0].pos : l->bad.n ? l->bad.v[0].pos : -1;
	int rc = GRX_OK;

	l->thin.limit = s->thin_mark ? 0 : s->thin_limit;
	if (!l->thin.limit || p->bin_tid != h->r.tid || at / GRX_THIN_BIN != h->r.pos / GRX_THIN_BIN)
		rc = replay_flush(cx, p);
	p->bin_tid = h->r.tid;
	return rc ? rc : rs_list_add(cx, l, h, p->mem);
}

static void replay_clear(struct rs_replay *p)
{
	grx_free(p->v);
	rs_list_clear(&p->bin);
	grx_arena_free(p->mem);
	*p = (struct rs_replay){0};
}

/* The next record of the stream becomes `pending`, or eof is set. */
static int stream_next(struct grx_ctx *cx, struct rs_file *s)
{
	struct rs_stream *st = &s->st;
	struct rs_replay *p = &st->replay;
	int rc = p->hold ? GRX_OK : replay_flush(cx, p);

	if (rc)
		return rc;
	if (!p->hold && p->at < p->n) {
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
	return st->pending && p->hold ? replay_add(cx, s, &st->next) : GRX_OK;
}

int rs_file_hold(struct grx_ctx *cx, struct rs_file *s)
{
	struct rs_replay *p = &s->st.replay;

	if (s->st.started || p->mem)
		return grx_fail(cx, GRX_E_BUG, "reads stream: held after its start");
	p->mem = grx_arena_new();
	p->hold = true;
	return p->mem ? GRX_OK : grx_fail_nomem(cx, "reads held");
}

void rs_file_rewind(struct rs_file *s)
{
	struct rs_stream *st = &s->st;

	st->replay.hold = false;
	st->replay.at = 0;
	st->pending = st->eof = false;
	st->tid = -1;
	st->beg = 0;
	st->list.n = st->list.bad.n = 0;
	grx_arena_reset(st->mem[0]);
	grx_arena_reset(st->mem[1]);
}

void rs_stream_clear(struct rs_stream *st)
{
	replay_clear(&st->replay);
	grx_arena_free(st->mem[0]);
	grx_arena_free(st->mem[1]);
	rs_list_clear(&st->list);
}

/* Drop carried reads that end at or before beg; the others move to the other arena, the first is emptied. */
static int carry_trim(struct grx_ctx *cx, struct rs_stream *st, bool all, int64_t beg)
{
	struct rs_list *l = &st->list;
	int to = 1 - st->cur;
	size_t i, k = 0;
	int rc;

	for (i = 0; i < l->n && !all; i++) {
		if (l->v[i].end <= beg)
			continue;
		rc = rs_read_move(cx, &l->v[i], st->mem[to]);
		if (rc)
			return rc;
		l->v[k++] = l->v[i];
	}
	l->n = k;
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

/* Take in everything that begins before the end of the window, and the bin there to its end. */
static int stream_fill(struct grx_ctx *cx, struct rs_file *s, const struct rs_window *w)
{
	struct rs_stream *st = &s->st;
	int rc;

	st->list.thin.limit = s->thin_limit;
	st->list.thin.mark = s->thin_mark;
	for (;;) {
		const struct grx_read *rd = &st->next.r;

		if (!st->pending && !st->eof) {
			rc = stream_next(cx, s);
			if (rc)
				return rc;
		}
		if (st->eof || rd->tid < 0 || rd->tid > w->tid ||
			(rd->tid == w->tid && rd->pos >= w->far_end))
			return rs_thin_close(cx, &st->list); /* stays pending */
		st->pending = false;
		if (rd->tid != w->tid || rd->end <= w->far_beg)
			continue;
		rc = rs_list_add(cx, &st->list, &st->next, st->mem[st->cur]);
		if (rc)
			return rc;
	}
}

/* What the window holds of the carried list: more may have been taken in. */
static int carry_copy(struct grx_ctx *cx, const struct rs_list *l, const struct rs_window *w,
	struct rs_list *to, struct grx_arena *mem)
{
	int rc;

	if (grx_grow(&to->v, &to->cap, to->n + l->n, sizeof(*to->v), 0) ||
		grx_grow(&to->bad.v, &to->bad.cap, to->bad.n + l->bad.n, sizeof(*to->bad.v), 0))
		return grx_fail_nomem(cx, "reads of a shard");
	for (size_t i = 0; i < l->n; i++) {
		if (!overlaps(&l->v[i], w))
			continue;
		to->v[to->n] = l->v[i];
		rc = rs_read_move(cx, &to->v[to->n], mem);
		if (rc)
			return rc;
		to->n++;
	}
	if (l->bad.n)
		memcpy(to->bad.v + to->bad.n, l->bad.v, l->bad.n * sizeof(*l->bad.v));
	to->bad.n += l->bad.n;
	return GRX_OK;
}

int rs_file_stream(struct grx_ctx *cx, struct rs_file *s, const struct rs_window *w, struct rs_list *to,
	struct grx_arena *mem)
{
	struct rs_stream *st = &s->st;
	bool newtid = w->tid != st->tid;
	int rc = GRX_E_BUG;

	if (w->tid < st->tid || (!newtid && w->beg < st->beg))
		return grx_fail(cx, GRX_E_BUG, "reads stream: windows must ascend");
	GRX_TRY(carry_trim(cx, st, newtid, w->beg));
	refused_trim(&st->list.bad, newtid, w->beg);
	st->tid = w->tid;
	st->beg = w->beg;
	GRX_TRY(stream_fill(cx, s, w));
	rc = carry_copy(cx, &st->list, w, to, mem);
out:
	return rc;
}

int rs_file_drain(struct grx_ctx *cx, struct rs_file *s)
{
	int rc;

	while (!s->st.eof) {
		rc = stream_next(cx, s);
		if (rc)
			return rc;
	}
	s->n_unplaced = s->st.n_unplaced;
	return GRX_OK;
}
