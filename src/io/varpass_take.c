/* SPDX-License-Identifier: GPL-3.0-or-later
 * varpass_take.c -- BCF records checked and decoded in place.
 * take() accepts what varsrc would accept without a word, and only that; a block with any other record is
 * read anew the general way, which finds the words. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "io/bcfraw.h"
#include "io/varpass_int.h"

#define MAX_ALLELES 12 /* their pairs are compared */

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

/* Where the strings of a site are in the record. */
struct site {
	const uint8_t *id, *s[MAX_ALLELES];
	int n_id, n[MAX_ALLELES];
	size_t bytes; /* of all, with a NUL behind each */
};

static bool same(const struct site *w, int i, int j)
{
	return w->n[i] == w->n[j] && memcmp(w->s[i], w->s[j], (size_t)w->n[i]) == 0;
}

/* One allele: bases, or of ALT a symbol or '*'. */
static bool find_allele(struct taker *t, struct site *w, int i)
{
	int type;
	const uint8_t *s = w->s[i] = bcfraw_typed(&t->rd, &type, &w->n[i]);
	int n = w->n[i];

	if (t->rd.bad || type != BCF_BT_CHAR)
		return false;
	if (!is_seq(s, n)) {
		bool symbol = is_symbol(s, n);
		if (i == 0 || !(symbol || (n == 1 && *s == '*')))
			return false;
		t->symbolic |= symbol;
	}
	for (int j = 0; j < i; j++)
		if (same(w, i, j))
			return false;
	w->bytes += (size_t)n + 1;
	return true;
}

/* 0 ends a string there, 7 stands for "missing". */
static bool find_site(struct taker *t, struct site *w)
{
	int type;

	w->id = bcfraw_typed(&t->rd, &type, &w->n_id);
	if (t->rd.bad || type != BCF_BT_CHAR || memchr(w->id, 0, (size_t)w->n_id) ||
		memchr(w->id, 7, (size_t)w->n_id))
		return false;
	w->bytes = (size_t)w->n_id + 1;
	for (int i = 0; i < t->v->n_allele; i++)
		if (!find_allele(t, w, i))
			return false;
	t->n_ref = w->n[0];
	return true;
}

/* ID and alleles: copied, because the bytes between them are needed again. */
static bool take_alleles(struct taker *t)
{
	struct grx_var *v = t->v;
	struct site w;

	if (!find_site(t, &w))
		return false;
	const char **list = grx_arena_alloc(t->mem, (size_t)v->n_allele * sizeof *list + w.bytes, 1);
	t->oom = !list;
	if (!list)
		return false;
	char *to = (char *)(list + v->n_allele);
	for (int i = 0; i < v->n_allele; i++) {
		list[i] = memcpy(to, w.s[i], (size_t)w.n[i]);
		to[w.n[i]] = '\0';
		to += w.n[i] + 1;
	}
	v->allele = list;
	if (w.n_id && !(w.n_id == 1 && *w.id == '.')) {
		v->id = memcpy(to, w.id, (size_t)w.n_id);
		to[w.n_id] = '\0';
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
