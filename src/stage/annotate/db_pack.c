/* SPDX-License-Identifier: GPL-3.0-or-later
 * db_pack.c -- rows of a built database to the bytes of a block.
 * Columns lie apart, so that only those asked for are unpacked: numbers relative to the least one, repeated
 * floats and texts as numbers in a dictionary, texts like rs123 as numbers, and deflate where it saves enough
 * to be worth the time of inflating. */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "stage/annotate/db_block.h"

/* Deflate must bring a segment down to this many per cent. */
enum { KEEP_TEXTS = 87, KEEP_NUMBERS = 60 };

static void put_bytes(struct grx_str *s, const void *p, size_t n)
{
	grx_str_addn(s, p, n);
}

static void put_u8(struct grx_str *s, unsigned x)
{
	grx_str_addc(s, (char)x);
}

static void put_u32(struct grx_str *s, uint32_t x)
{
	put_bytes(s, &x, 4);
}

static void put_num(struct grx_str *s, uint64_t x)
{
	for (; x >= 0x80; x >>= 7)
		put_u8(s, (unsigned)(x | 0x80) & 0xff);
	put_u8(s, (unsigned)x);
}

/* --- keys: distances, one class byte each, then what the class byte does not hold --- */

static bool is_snv(const struct annotate_dbkey *k)
{
	return !(k->code & DB_LONG) && k->ref_len == 1 && k->alt_len == 1;
}

static void put_short(struct grx_str *s, const struct annotate_dbkey *k)
{
	int n = 2 * (k->ref_len + k->alt_len);
	put_u8(s, (unsigned)k->ref_len);
	put_u8(s, (unsigned)k->alt_len);
	for (int i = 0; i < n; i += 8)
		put_u8(s, (unsigned)(k->code >> i) & (n - i < 8 ? (1u << (n - i)) - 1 : 0xff));
}

static void pack_keys(const struct annotate_dbrows *r, struct grx_str *s)
{
	for (size_t i = 0; i < r->n; i++)
		put_num(s, (uint64_t)(r->key[i].pos - r->key[i ? i - 1 : 0].pos));
	for (size_t i = 0; i < r->n; i++)
		put_u8(s, is_snv(&r->key[i])         ? (unsigned)r->key[i].code & 15
			  : r->key[i].code & DB_LONG ? 17
						     : 16);
	for (size_t i = 0; i < r->n; i++) {
		const struct annotate_dbkey *k = &r->key[i];
		if (k->code & DB_LONG) {
			put_num(s, (uint64_t)k->ref_len);
			put_num(s, (uint64_t)k->alt_len);
			put_bytes(s, k->ref, (size_t)k->ref_len);
			put_bytes(s, k->alt, (size_t)k->alt_len);
		} else if (!is_snv(k)) {
			put_short(s, k);
		}
	}
}

/* --- columns --- */

static const struct annotate_dbval *value(const struct annotate_dbrows *r, size_t i, int j)
{
	return &r->val[i * (size_t)r->n_field + (size_t)j];
}

static void put_code(struct grx_str *s, uint32_t code, int width)
{
	put_bytes(s, &code, (size_t)width); /* little-endian */
}

/* Numbers in order of rows; NONE in none[]. */
static void pack_numbers(const int64_t *x, const bool *none, size_t n, struct grx_str *s)
{
	int64_t lo = INT64_MAX, hi = INT64_MIN;
	for (size_t i = 0; i < n; i++) {
		if (none[i])
			continue;
		lo = x[i] < lo ? x[i] : lo;
		hi = x[i] > hi ? x[i] : hi;
	}
	int32_t base = (int32_t)lo;
	int width = hi - lo < 0xff ? 1 : hi - lo < 0xffff ? 2 : 4;
	put_u8(s, (unsigned)width);
	put_bytes(s, &base, 4);
	for (size_t i = 0; i < n; i++)
		put_code(s, none[i] ? 0 : (uint32_t)(x[i] - lo + 1), width);
}

/* A text of letters and a number without leading zeros that an int32 holds; length of the letters, else -1.
 */
static int number_tail(const struct annotate_dbval *v, int64_t *x)
{
	int32_t at = v->n;
	*x = 0;
	while (at > 0 && v->v.s[at - 1] >= '0' && v->v.s[at - 1] <= '9')
		at--;
	int32_t digits = v->n - at;
	if (digits < 1 || digits > 10 || at > 16 || (v->v.s[at] == '0' && digits > 1))
		return -1;
	for (int32_t i = at; i < v->n; i++)
		*x = *x * 10 + (v->v.s[i] - '0');
	return *x <= INT32_MAX ? at : -1;
}

/* A column of integers, or of texts that are the same letters and a number: false when it is neither. */
static bool pack_ints(const struct annotate_dbrows *r, int j, struct grx_arena *mem, struct grx_str *s)
{
	int64_t *x = grx_arena_alloc(mem, r->n, sizeof *x);
	bool *none = grx_arena_alloc(mem, r->n, sizeof *none);
	const struct annotate_dbval *first = NULL;
	int n_letter = 0;
	if (!x || !none)
		return false;
	for (size_t i = 0; i < r->n; i++) {
		const struct annotate_dbval *v = value(r, i, j);
		none[i] = v->kind == DB_NONE;
		x[i] = v->kind == DB_INT ? v->v.i : 0;
		if (v->kind != DB_STR)
			continue;
		int n = number_tail(v, &x[i]);
		if (!first) {
			first = v;
			n_letter = n;
		}
		if (n < 0 || n != n_letter || memcmp(v->v.s, first->v.s, (size_t)n) != 0)
			return false;
	}
	put_u8(s, first ? 5 : 1);
	pack_numbers(x, none, r->n, s);
	if (first) {
		put_bytes(s, first->v.s, (size_t)n_letter);
		put_u8(s, (unsigned)n_letter);
	}
	return true;
}

/* Values of a column to be sorted: the text or the bits, and the row. */
struct item {
	const char *s;
	uint32_t n, row;
	uint32_t bits;
};

static int item_cmp(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	if (x->bits != y->bits)
		return x->bits < y->bits ? -1 : 1;
	size_t n = x->n < y->n ? x->n : y->n;
	int c = n ? memcmp(x->s, y->s, n) : 0;
	return c ? c : x->n != y->n ? (x->n < y->n ? -1 : 1) : 0;
}

struct dict {
	size_t n_item, n;
	struct item *item; /* the first n after dict_make(): the entries */
	uint32_t *code;    /* per row; 0 missing */
};

static bool dict_make(const struct annotate_dbrows *r, int j, struct grx_arena *mem, struct dict *d)
{
	d->item = grx_arena_calloc(mem, r->n + 1, sizeof *d->item);
	d->code = grx_arena_calloc(mem, r->n + 1, sizeof *d->code);
	if (!d->item || !d->code)
		return false;
	for (size_t i = 0; i < r->n; i++) {
		const struct annotate_dbval *v = value(r, i, j);
		struct item *x = &d->item[d->n_item];
		if (v->kind == DB_NONE)
			continue;
		*x = (struct item){.s = "", .row = (uint32_t)i};
		if (v->kind == DB_STR) {
			x->s = v->v.s;
			x->n = (uint32_t)v->n;
		} else {
			memcpy(&x->bits, &v->v.f, 4);
		}
		d->n_item++;
	}
	qsort(d->item, d->n_item, sizeof *d->item, item_cmp);
	for (size_t i = 0; i < d->n_item; i++) {
		struct item x = d->item[i];
		if (d->n == 0 || item_cmp(&x, &d->item[d->n - 1]) != 0)
			d->item[d->n++] = x;
		d->code[x.row] = (uint32_t)d->n;
	}
	return true;
}

static void pack_dict(const struct annotate_dbrows *r, int j, const struct dict *d, struct grx_str *s)
{
	bool text = r->type[j] == GRX_T_STR;
	int width = d->n < 0xff ? 1 : 2;
	if (!text && d->n * 4 + r->n * (size_t)width >= r->n * 4) {
		put_u8(s, 3);
		for (size_t i = 0; i < r->n; i++) {
			float f = value(r, i, j)->kind == DB_NONE ? grx_float_missing() : value(r, i, j)->v.f;
			put_bytes(s, &f, 4);
		}
		return;
	}
	put_u8(s, text ? 4 : 2);
	put_u8(s, (unsigned)width);
	put_u32(s, (uint32_t)d->n);
	for (size_t i = 0; i < d->n; i++)
		if (text)
			put_num(s, d->item[i].n);
		else
			put_u32(s, d->item[i].bits);
	for (size_t i = 0; i < d->n && text; i++)
		put_bytes(s, d->item[i].s, d->item[i].n);
	for (size_t i = 0; i < r->n; i++)
		put_code(s, d->code[i], width);
}

static int pack_column(
	struct grx_ctx *cx, const struct annotate_dbrows *r, int j, struct grx_arena *mem, struct grx_str *s)
{
	struct dict d = {0};
	bool any = false;
	for (size_t i = 0; i < r->n && !any; i++)
		any = value(r, i, j)->kind != DB_NONE;
	if (!any) {
		put_u8(s, 0);
	} else if (r->type[j] == GRX_T_FLOAT || !pack_ints(r, j, mem, s)) {
		if (!dict_make(r, j, mem, &d))
			return grx_fail_nomem(cx, "database column");
		pack_dict(r, j, &d, s);
	}
	return GRX_OK;
}

/* --- segments --- */

struct seg {
	uint32_t len, raw, crc;
};

/* Raw deflate into at most *n bytes; false when it does not fit or fails. */
static bool deflated(const struct grx_str *raw, Bytef *to, size_t *n)
{
	z_stream z = {
		.next_in = (Bytef *)raw->s, .avail_in = (uInt)raw->n, .next_out = to, .avail_out = (uInt)*n};
	if (deflateInit2(&z, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return false;
	bool ok = deflate(&z, Z_FINISH) == Z_STREAM_END;
	*n = (size_t)z.total_out;
	deflateEnd(&z);
	return ok;
}

/* Deflated where that leaves at most `most` of a hundred bytes. */
static int seg_add(
	struct grx_ctx *cx, const struct grx_str *raw, unsigned most, struct grx_str *data, struct seg *g)
{
	size_t n = raw->n * most / 100;
	if (raw->oom || raw->n > DB_SEG_MAX || !grx_str_room(data, raw->n + 1))
		return grx_fail_nomem(cx, "database block");
	Bytef *to = (Bytef *)data->s + data->n;
	if (!deflated(raw, to, &n)) {
		n = raw->n;
		memcpy(to, raw->s, n);
	}
	data->n += n;
	*g = (struct seg){(uint32_t)n, (uint32_t)raw->n, (uint32_t)crc32(0, to, (uInt)n)};
	return GRX_OK;
}

int annotate_dbblock_pack(struct grx_ctx *cx, const struct annotate_dbrows *r, struct grx_arena *mem,
	struct grx_str *out, uint32_t *dir_crc)
{
	int rc = GRX_E_BUG;
	struct grx_str raw = {0}, data = {0}, dir = {0};
	struct seg g;
	put_u32(&dir, (uint32_t)r->n);
	put_u32(&dir, (uint32_t)r->n_field + 1);
	pack_keys(r, &raw);
	GRX_TRY(seg_add(cx, &raw, KEEP_NUMBERS, &data, &g));
	put_bytes(&dir, &g, sizeof g);
	for (int j = 0; j < r->n_field; j++) {
		grx_str_reset(&raw);
		GRX_TRY(pack_column(cx, r, j, mem, &raw));
		GRX_TRY(seg_add(cx, &raw,
			r->type[j] == GRX_T_STR && raw.s[0] == 4 ? KEEP_TEXTS : KEEP_NUMBERS, &data, &g));
		put_bytes(&dir, &g, sizeof g);
	}
	*dir_crc = (uint32_t)crc32(0, (const Bytef *)dir.s, (uInt)dir.n);
	put_bytes(out, dir.s, dir.n);
	put_bytes(out, data.s, data.n);
	rc = dir.oom || out->oom ? grx_fail_nomem(cx, "database block") : GRX_OK;
out:
	grx_str_clear(&raw);
	grx_str_clear(&data);
	grx_str_clear(&dir);
	return rc;
}
