/* SPDX-License-Identifier: GPL-3.0-or-later
 * varpass_bcf.c -- BCF records checked, decoded and added to in place.
 * take() accepts what varsrc would accept without a word, and only that; a block with any other record is
 * read anew the general way, which finds the words. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include <htslib/hfile.h>

#include "base/mem.h"
#include "io/bcfraw.h"
#include "io/htsmisc.h"
#include "io/varpass_int.h"

#define MAX_ALLELES 12 /* their pairs are compared */

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

/* ---- decoding ---- */

struct taker {
	const struct grx_varpass *p;
	struct grx_arena *mem;
	struct bcfraw rd;
	struct grx_var *v;
	struct varpass_rec *r;
	int64_t last[2];
	int32_t n_ref;
	bool symbolic, has_end, oom;
};

static bool known(const bcf_hdr_t *h, int id)
{
	return id >= 0 && id < h->n[BCF_DT_ID] && h->id[BCF_DT_ID][id].key && h->id[BCF_DT_ID][id].val;
}

static int key(struct taker *t)
{
	int type, n;
	const uint8_t *p = bcfraw_typed(&t->rd, &type, &n);
	int id = !t->rd.bad && n == 1 && bcfraw_is_int(type) ? bcfraw_int(p, type) : -1;

	t->rd.bad |= !known(t->p->h, id);
	return id;
}

/* Contig, position, order, QUAL, sizes. */
static bool take_fixed(struct taker *t, const uint8_t *s)
{
	const struct grx_contigs *d = t->p->src->contigs;
	struct grx_var *v = t->v;
	uint32_t bits = bcfraw_u32(s + 12);

	v->tid = (int32_t)bcfraw_u32(s);
	v->pos = (int32_t)bcfraw_u32(s + 4);
	v->rlen = (int32_t)bcfraw_u32(s + 8);
	memcpy(&v->qual, &bits, sizeof v->qual);
	v->n_allele = (int32_t)(bcfraw_u32(s + 16) >> 16);
	if (v->tid < 0 || v->tid >= d->n || v->pos < -1 || v->pos > INT32_MAX - 2 || v->rlen < 0 ||
		v->n_allele < 1 || v->n_allele > MAX_ALLELES ||
		(int)(bcfraw_u32(s + 20) & 0xffffff) != bcf_hdr_nsamples(t->p->h))
		return false;
	if (d->c[v->tid].len && v->pos > d->c[v->tid].len)
		return false;
	if (v->tid < t->last[0] || (v->tid == t->last[0] && v->pos < t->last[1]))
		return false;
	return bcf_float_is_missing(v->qual) || isfinite(v->qual);
}

static bool is_seq(const uint8_t *s, int n)
{
	int i = 0;

	while (i < n && (s[i] == 'A' || s[i] == 'C' || s[i] == 'G' || s[i] == 'T' || s[i] == 'N'))
		i++;
	return i == n && n > 0;
}

/* <TEXT> */
static bool is_symbol(const uint8_t *s, int n)
{
	if (n < 3 || s[0] != '<' || s[n - 1] != '>')
		return false;
	for (int i = 1; i < n - 1; i++)
		if (s[i] <= ' ' || s[i] > '~' || s[i] == '<' || s[i] == '>' || s[i] == ',')
			return false;
	return true;
}

/* ID, then the alleles: copied, because the bytes between them are needed again. */
static bool take_alleles(struct taker *t)
{
	struct grx_var *v = t->v;
	int type, n_id;
	const uint8_t *id = bcfraw_typed(&t->rd, &type, &n_id), *s[MAX_ALLELES];
	int n[MAX_ALLELES];
	size_t bytes = (size_t)n_id + 1;

	if (t->rd.bad || type != BCF_BT_CHAR || memchr(id, 0, (size_t)n_id) || memchr(id, 7, (size_t)n_id))
		return false;
	for (int i = 0; i < v->n_allele; i++) {
		s[i] = bcfraw_typed(&t->rd, &type, &n[i]);
		if (t->rd.bad || type != BCF_BT_CHAR)
			return false;
		bool seq = is_seq(s[i], n[i]), symbol = !seq && i && is_symbol(s[i], n[i]);
		if (!seq && !symbol && !(i && n[i] == 1 && *s[i] == '*'))
			return false;
		t->symbolic |= symbol;
		for (int j = 0; j < i; j++)
			if (n[i] == n[j] && memcmp(s[i], s[j], (size_t)n[i]) == 0)
				return false;
		bytes += (size_t)n[i] + 1;
	}
	t->n_ref = n[0];
	const char **list = grx_arena_alloc(t->mem, (size_t)v->n_allele * sizeof *list + bytes, 1);
	t->oom = !list;
	if (!list)
		return false;
	char *to = (char *)(list + v->n_allele);
	for (int i = 0; i < v->n_allele; i++) {
		list[i] = memcpy(to, s[i], (size_t)n[i]);
		to[n[i]] = '\0';
		to += n[i] + 1;
	}
	v->allele = list;
	if (n_id && !(n_id == 1 && *id == '.')) {
		v->id = memcpy(to, id, (size_t)n_id);
		to[n_id] = '\0';
	}
	int64_t len = t->p->src->contigs->c[v->tid].len;
	return !len || v->pos + t->n_ref <= len + 1;
}

static bool take_filter(struct taker *t)
{
	struct grx_var *v = t->v;
	const bcf_hdr_t *h = t->p->h;
	int type, n;
	const uint8_t *p = bcfraw_typed(&t->rd, &type, &n);

	if (t->rd.bad || (n && !bcfraw_is_int(type)))
		return false;
	v->n_filter = n;
	if (n > 1) {
		v->filter = grx_arena_alloc(t->mem, (size_t)n, sizeof *v->filter);
		t->oom = !v->filter;
		if (!v->filter)
			return false;
	}
	for (int i = 0; i < n; i++) {
		int id = bcfraw_int(p + i * bcfraw_width(type), type);
		if (!known(h, id))
			return false;
		if (n == 1)
			v->filter = (const char **)&h->id[BCF_DT_ID][id].key;
		else
			v->filter[i] = h->id[BCF_DT_ID][id].key;
	}
	return true;
}

static bool take_info(struct taker *t, uint32_t n_info)
{
	const struct grx_varpass *p = t->p;

	for (uint32_t i = 0; i < n_info && !t->rd.bad; i++) {
		bcf_info_t in = {.key = key(t)};
		in.vptr = bcfraw_typed(&t->rd, &in.type, &in.len);
		if (t->rd.bad)
			break;
		t->has_end |= in.key == p->id_end;
		for (int k = 0; k < p->n_id_info; k++) {
			if (p->id_info[k] != in.key || grx_var_info(t->v, p->src->want.info[k]))
				continue;
			t->oom |= !grx_var_put_info(t->mem, t->v, p->src->want.info[k], &in);
		}
	}
	return !t->rd.bad && t->rd.p == t->rd.end && !t->oom;
}

/* No genotype names an allele that is not there. */
static bool gt_ok(const bcf_fmt_t *f, size_t n, int n_allele)
{
	if (f->type == BCF_BT_INT8) {
		const int8_t *g = (const int8_t *)f->p;
		int8_t most = 0;
		for (size_t i = 0; i < n; i++)
			most = g[i] > most ? g[i] : most;
		return most >> 1 <= n_allele;
	}
	for (size_t i = 0; i < n; i++) {
		int32_t g = bcfraw_int(f->p + i * (size_t)bcfraw_width(f->type), f->type);
		if (g > 0 && g >> 1 > n_allele)
			return false;
	}
	return bcfraw_is_int(f->type);
}

static bool take_fmt(struct taker *t, const bcf_fmt_t *f, bool *gt)
{
	const struct grx_varpass *p = t->p;
	int n_sample = bcf_hdr_nsamples(p->h);

	if (f->id == p->id_gt) {
		if (*gt || (f->n && !gt_ok(f, (size_t)f->n * (size_t)n_sample, t->v->n_allele)))
			return false;
		*gt = true;
		if (!p->src->want.no_gt && n_sample)
			t->oom |= !grx_var_put_gt(t->mem, t->v, f, n_sample);
		return true;
	}
	for (int k = 0; k < p->n_id_fmt && n_sample; k++) {
		if (p->id_fmt[k] != f->id || grx_var_fmt(t->v, p->src->want.fmt[k]))
			continue;
		t->oom |= !grx_var_put_fmt(t->mem, t->v, p->src->want.fmt[k], f, n_sample);
	}
	return true;
}

static bool take_formats(struct taker *t, int n_fmt)
{
	size_t n_sample = (size_t)bcf_hdr_nsamples(t->p->h);
	bool gt = false;

	for (int i = 0; i < n_fmt; i++) {
		bcf_fmt_t f = {.id = key(t)};
		f.n = bcfraw_mark(&t->rd, &f.type);
		if (t->rd.bad || (size_t)f.n > (SIZE_MAX >> 3) / (n_sample + 1))
			return false;
		f.size = f.n * bcfraw_width(f.type);
		f.p = bcfraw_values(&t->rd, (size_t)f.n * n_sample, (size_t)bcfraw_width(f.type));
		if (t->rd.bad || !take_fmt(t, &f, &gt))
			return false;
	}
	return t->rd.p == t->rd.end && !t->oom;
}

/* The record, if it is plain. */
static bool take(struct taker *t, uint8_t *s)
{
	size_t n_shared = bcfraw_u32(s), n_indiv = bcfraw_u32(s + 4);
	struct grx_var *v = t->v;

	s += BCFRAW_HEAD;
	memset(v, 0, sizeof *v);
	t->symbolic = t->has_end = false;
	t->rd = (struct bcfraw){s + BCFRAW_FIXED, s + n_shared, false};
	if (!take_fixed(t, s) || !take_alleles(t) || !take_filter(t))
		return false;
	t->r->info = (size_t)(t->rd.p - s) + BCFRAW_HEAD;
	if (!take_info(t, bcfraw_u32(s + 16) & 0xffff))
		return false;
	if (!t->symbolic && !t->has_end && v->rlen != t->n_ref)
		return false;
	t->rd = (struct bcfraw){s + n_shared, s + n_shared + n_indiv, false};
	if (!take_formats(t, s[23]))
		return false;
	varpass_note(t->r, v);
	return true;
}

static bool same_alleles(const struct grx_var *a, const struct grx_var *b)
{
	size_t n = 2;

	if (a->n_allele != b->n_allele)
		return false;
	for (int i = 0; i < a->n_allele; i++) {
		if (strcmp(a->allele[i], b->allele[i]) != 0)
			return false;
		n += strlen(a->allele[i]) + (i > 1);
	}
	/* longer ones are not compared there (varval.c) */
	return n + (a->n_allele == 1) <= 256;
}

int varpass_bcf_decode(
	struct grx_ctx *cx, const struct grx_varpass *p, struct grx_varblock *b, struct grx_vars *v)
{
	struct taker t = {.p = p, .mem = v->mem};
	int rc = GRX_OK;

	memcpy(t.last, b->before, sizeof t.last);
	for (size_t i = 0; i < b->n_rec && !rc; i++) {
		t.v = &v->v[i];
		t.r = &b->rec[i];
		if (!take(&t, b->p + t.r->off)) {
			v->n = 0;
			b->n_dup = 0;
			b->general = !t.oom;
			return t.oom ? grx_fail_nomem(cx, "variants") : GRX_OK;
		}
		if (t.v->tid == t.last[0] && t.v->pos == t.last[1] && i && same_alleles(&t.v[-1], t.v))
			rc = varpass_duplicate(cx, b, i);
		t.last[0] = t.v->tid;
		t.last[1] = t.v->pos;
	}
	v->n = b->n_rec;
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

/* ---- encoding ---- */

static bool put_field(kstring_t *to, int id, const struct grx_field *f)
{
	const char *s;

	if (bcf_enc_int1(to, id) < 0)
		return false;
	switch (f->type) {
	case GRX_T_FLAG:
		return bcf_enc_size(to, 0, BCF_BT_NULL) >= 0;
	case GRX_T_INT:
		return bcf_enc_vint(to, f->n, f->v.i, -1) >= 0;
	case GRX_T_FLOAT:
		return bcf_enc_vfloat(to, f->n, f->v.f) >= 0;
	default:
		s = f->v.s && f->v.s[0] ? f->v.s[0] : ".";
		return bcf_enc_vchar(to, (int)strlen(s), s) >= 0;
	}
}

/* INFO as it was, with the fields that were set again in their places; *n_info fields in the end. */
static bool put_old(struct grx_varblock *b, const uint8_t *s, const struct varpass_rec *r, uint32_t *n_info)
{
	kstring_t *to = &b->out;
	uint8_t *end = (uint8_t *)s + BCFRAW_HEAD + bcfraw_u32(s);
	struct bcfraw rd = {(uint8_t *)s + r->info, end, false};
	const uint8_t *from = rd.p;

	for (uint32_t k = *n_info; k > 0; k--) {
		const uint8_t *field = rd.p;
		int type, n;
		const uint8_t *p = bcfraw_typed(&rd, &type, &n);
		struct varpass_set *set = varpass_set_find(b, bcfraw_int(p, type));
		bcfraw_typed(&rd, &type, &n);
		if (!set)
			continue;
		set->done = true;
		if (kputsn((const char *)from, (size_t)(field - from), to) < 0)
			return false;
		from = rd.p;
		if (set->drop)
			--*n_info;
		else if (!put_field(to, set->id, set->f))
			return false;
	}
	return kputsn((const char *)from, (size_t)(end - from), to) >= 0;
}

static void put_u32(char *p, size_t x)
{
	for (int i = 0; i < 4; i++)
		p[i] = (char)(x >> 8 * i & 0xff);
}

/* A record with what stages set, as htslib does it: a field keeps its place, new ones come behind. */
static bool put_edited(
	const struct grx_varpass *p, struct grx_varblock *b, const uint8_t *s, const struct varpass_rec *r)
{
	kstring_t *to = &b->out;
	size_t start = to->l, n_shared = bcfraw_u32(s), n_indiv = bcfraw_u32(s + 4);
	uint32_t counts = bcfraw_u32(s + BCFRAW_HEAD + 16), n_info = counts & 0xffff;

	if (kputsn((const char *)s, r->info, to) < 0 || !put_old(b, s, r, &n_info))
		return false;
	for (size_t i = 0; i < b->n_set; i++) {
		const struct varpass_set *set = &b->set[i];
		if (set->id == p->id_end && !set->drop && set->f->type == GRX_T_INT &&
			set->f->v.i[0] > r->pos)
			put_u32(to->s + start + BCFRAW_HEAD + 8, (size_t)(set->f->v.i[0] - r->pos));
		if (set->done || set->drop)
			continue;
		n_info++;
		if (!put_field(to, set->id, set->f))
			return false;
	}
	put_u32(to->s + start, to->l - start - BCFRAW_HEAD);
	put_u32(to->s + start + BCFRAW_HEAD + 16, (counts & 0xffff0000u) | (n_info & 0xffff));
	return kputsn((const char *)s + BCFRAW_HEAD + n_shared, n_indiv, to) >= 0;
}

int varpass_bcf_encode(
	struct grx_ctx *cx, const struct grx_varpass *p, struct grx_varblock *b, const struct grx_vars *v)
{
	int rc = GRX_OK;

	errno = 0; /* htslib's encoders drop values in silence when memory runs out */
	for (size_t i = 0; i < b->n_rec && !rc; i++) {
		const struct varpass_rec *r = &b->rec[i];
		const uint8_t *s = b->p + r->off;
		bool ok;
		rc = varpass_sets(cx, p, b, i, &v->v[i]);
		if (rc)
			break;
		ok = b->n_set ? put_edited(p, b, s, r) : kputsn((const char *)s, r->n, &b->out) >= 0;
		rc = ok && errno != ENOMEM ? GRX_OK : grx_fail_nomem(cx, "record");
	}
	return rc;
}
