/* SPDX-License-Identifier: GPL-3.0-or-later
 * db_block.c -- blocks of a built database, unpacked: keys, then the columns that are asked for.
 * Nothing read from the file is trusted: lengths, counts and codes are compared with what there is before
 * use.
 */
#include "stage/annotate/db_block.h"

#include <string.h>
#include <zlib.h>

enum { SEG_BYTES = 12, DIR_BYTES = 8 };

static uint32_t get_u32(const uint8_t *p)
{
	uint32_t x;
	memcpy(&x, p, 4);
	return x;
}

static int damaged(struct grx_ctx *cx, const struct annotate_dbblock *b, const char *what)
{
	return grx_fail(cx, GRX_E_DATA,
		"%s: damaged database: block at byte %llu: %s: make it again by `genorx annotate --build-db`",
		b->path, (unsigned long long)b->e->off, what);
}

int annotate_dbblock_open(struct grx_ctx *cx, struct annotate_dbblock *b)
{
	if (b->e->len < DIR_BYTES)
		return damaged(cx, b, "too short");
	b->n_seg = get_u32(b->p + 4);
	if (b->n_seg < 1 || b->n_seg > DB_MAX_FIELDS + 1 || get_u32(b->p) != b->e->n_row)
		return damaged(cx, b, "its counts are not those of the index");
	size_t dir = DIR_BYTES + (size_t)b->n_seg * SEG_BYTES;
	if (dir > b->e->len)
		return damaged(cx, b, "directory longer than the block");
	if ((uint32_t)crc32(0, b->p, (uInt)dir) != b->e->dir_crc)
		return damaged(cx, b, "checksum of the directory");
	uint64_t sum = dir;
	for (uint32_t i = 0; i < b->n_seg; i++)
		sum += get_u32(b->p + DIR_BYTES + (size_t)i * SEG_BYTES);
	return sum == b->e->len ? GRX_OK : damaged(cx, b, "segments do not fill it");
}

static bool inflated(const uint8_t *from, uint32_t len, uint8_t *to, uint32_t want)
{
	z_stream z = {
		.next_in = (Bytef *)(uintptr_t)from, .avail_in = len, .next_out = to, .avail_out = want};
	if (inflateInit2(&z, -15) != Z_OK)
		return false;
	bool ok = inflate(&z, Z_FINISH) == Z_STREAM_END && z.total_out == want && z.avail_in == 0;
	inflateEnd(&z);
	return ok;
}

/* Raw bytes of segment i: in place when they are stored as they are. */
static int segment(
	struct grx_ctx *cx, const struct annotate_dbblock *b, uint32_t i, const uint8_t **raw, size_t *n)
{
	if (i >= b->n_seg)
		return damaged(cx, b, "no such column");
	const uint8_t *dir = b->p + DIR_BYTES, *at = dir + (size_t)b->n_seg * SEG_BYTES;
	for (uint32_t k = 0; k < i; k++)
		at += get_u32(dir + (size_t)k * SEG_BYTES); /* their sum was checked by open */
	uint32_t len = get_u32(dir + (size_t)i * SEG_BYTES), want = get_u32(dir + (size_t)i * SEG_BYTES + 4);
	if ((uint32_t)crc32(0, at, len) != get_u32(dir + (size_t)i * SEG_BYTES + 8))
		return damaged(cx, b, "checksum of a column");
	*raw = at;
	*n = want;
	if (want > DB_SEG_MAX || want / 1100 > len)
		return damaged(cx, b, "absurd length of a column");
	if (len == want)
		return GRX_OK;
	uint8_t *to = grx_arena_alloc(b->mem, (size_t)want + 1, 1);
	if (!to)
		return grx_fail_nomem(cx, "database block");
	if (!inflated(at, len, to, want))
		return damaged(cx, b, "column cannot be inflated");
	*raw = to;
	return GRX_OK;
}

struct cursor {
	const uint8_t *p, *end;
	bool bad;
};

static uint64_t get_num(struct cursor *c)
{
	uint64_t x = 0;
	for (int shift = 0; shift < 63; shift += 7) {
		if (c->p >= c->end)
			break;
		uint8_t byte = *c->p++;
		x |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return x;
	}
	c->bad = true;
	return 0;
}

static uint64_t short_code(struct cursor *c)
{
	if (c->end - c->p < 2 || c->p[0] + c->p[1] > DB_PACK) {
		c->bad = true;
		return 0;
	}
	uint64_t code = (uint64_t)c->p[0] << 57 | (uint64_t)c->p[1] << 52, x = 0;
	int n = 2 * (c->p[0] + c->p[1]), bytes = (n + 7) / 8;
	c->p += 2;
	if (c->end - c->p < bytes) {
		c->bad = true;
		return 0;
	}
	for (int i = 0; i < bytes; i++)
		x |= (uint64_t)c->p[i] << 8 * i;
	c->p += bytes;
	return code | (x & ((UINT64_C(1) << n) - 1));
}

static uint64_t long_code(struct cursor *c)
{
	struct annotate_dbkey k = {0};
	uint64_t r = get_num(c), a = get_num(c);
	if (c->bad || r > (uint64_t)(c->end - c->p) || a > (uint64_t)(c->end - c->p) - r) {
		c->bad = true;
		return 0;
	}
	k.ref = (const char *)c->p;
	k.alt = k.ref + r;
	k.ref_len = (int32_t)r;
	k.alt_len = (int32_t)a;
	c->p += r + a;
	uint64_t code = annotate_dbkey_code(&k);
	c->bad |= !(code & DB_LONG); /* would have been short */
	return code;
}

static bool positions(struct cursor *c, const struct annotate_dbentry *e, int64_t *pos)
{
	int64_t at = e->first;
	for (uint32_t i = 0; i < e->n_row; i++) {
		uint64_t d = get_num(c);
		if (c->bad || d > (uint64_t)(e->last - at) || (i == 0 && d))
			return false;
		pos[i] = at += (int64_t)d;
	}
	return at == e->last;
}

int annotate_dbblock_keys(struct grx_ctx *cx, const struct annotate_dbblock *b, struct annotate_dbkeys *k)
{
	static const uint64_t snv = UINT64_C(1) << 57 | UINT64_C(1) << 52;
	int rc = segment(cx, b, 0, &k->raw, &k->n_raw);
	if (rc)
		return rc;
	struct cursor c = {k->raw, k->raw + k->n_raw, false};
	k->n = b->e->n_row;
	k->pos = grx_arena_alloc(b->mem, k->n, sizeof *k->pos);
	k->code = grx_arena_alloc(b->mem, k->n, sizeof *k->code);
	k->text = grx_arena_alloc(b->mem, k->n, sizeof *k->text);
	if (!k->pos || !k->code || !k->text)
		return grx_fail_nomem(cx, "database block");
	if (k->n > k->n_raw || !positions(&c, b->e, k->pos) || (size_t)(c.end - c.p) < k->n)
		return damaged(cx, b, "positions");
	const uint8_t *class = c.p;
	c.p += k->n;
	for (uint32_t i = 0; i < k->n && !c.bad; i++) {
		k->text[i] = (uint32_t)(c.p - k->raw);
		if (class[i] < 16)
			k->code[i] = snv | class[i];
		else if (class[i] == 16)
			k->code[i] = short_code(&c);
		else
			k->code[i] = long_code(&c);
	}
	return c.bad || c.p != c.end ? damaged(cx, b, "alleles") : GRX_OK;
}

void annotate_dbkeys_text(const struct annotate_dbkeys *k, uint32_t i, struct annotate_dbkey *out)
{
	struct cursor c = {k->raw + k->text[i], k->raw + k->n_raw, false};
	out->ref_len = (int32_t)get_num(&c);
	out->alt_len = (int32_t)get_num(&c);
	out->ref = (const char *)c.p;
	out->alt = out->ref + out->ref_len;
}

static int texts_open(
	struct grx_ctx *cx, const struct annotate_dbblock *b, struct annotate_dbcol *col, struct cursor *c)
{
	uint32_t *off = grx_arena_alloc(b->mem, (size_t)col->n_dict + 1, sizeof *off);
	uint64_t sum = 0;
	if (!off)
		return grx_fail_nomem(cx, "database block");
	for (uint32_t i = 0; i < col->n_dict; i++) {
		off[i] = (uint32_t)sum;
		sum += get_num(c);
		if (c->bad || sum > (uint64_t)(c->end - c->p))
			return damaged(cx, b, "texts of a column");
	}
	off[col->n_dict] = (uint32_t)sum;
	col->off = off;
	col->heap = (const char *)c->p;
	c->p += sum;
	return GRX_OK;
}

static bool width_ok(int enc, int width)
{
	return width == 1 || width == 2 || ((enc == 1 || enc == 5) && width == 4);
}

/* The letters of texts like rs123, at the end of the column. */
static int letters_open(
	struct grx_ctx *cx, const struct annotate_dbblock *b, struct annotate_dbcol *col, struct cursor *c)
{
	if (c->p == c->end || c->end[-1] > 16 || c->end - c->p <= c->end[-1] || col->base < 0)
		return damaged(cx, b, "letters of a column");
	col->n_letter = c->end[-1];
	c->end -= 1 + col->n_letter;
	col->heap = (const char *)c->end;
	return GRX_OK;
}

/* Head of the column up to its codes. */
static int col_head(
	struct grx_ctx *cx, const struct annotate_dbblock *b, struct annotate_dbcol *col, struct cursor *c)
{
	if (col->enc == 0 || col->enc == 3) {
		col->width = col->enc == 3 ? 4 : 0;
		return GRX_OK;
	}
	if (c->end - c->p < 5 || !width_ok(col->enc, c->p[0]))
		return damaged(cx, b, "head of a column");
	col->width = *c->p++;
	uint32_t x = get_u32(c->p);
	c->p += 4;
	if (col->enc == 1 || col->enc == 5) {
		memcpy(&col->base, &x, 4);
		return col->enc == 1 ? GRX_OK : letters_open(cx, b, col, c);
	}
	col->n_dict = x;
	if (x > col->n)
		return damaged(cx, b, "dictionary of a column");
	if (col->enc == 4)
		return texts_open(cx, b, col, c);
	if ((size_t)(c->end - c->p) / 4 < x)
		return damaged(cx, b, "dictionary of a column");
	col->dict = c->p;
	c->p += (size_t)x * 4;
	return GRX_OK;
}

int annotate_dbblock_col(struct grx_ctx *cx, const struct annotate_dbblock *b, int field, uint8_t type,
	struct annotate_dbcol *col)
{
	const uint8_t *raw;
	size_t n;
	int rc = segment(cx, b, (uint32_t)field + 1, &raw, &n);
	if (rc)
		return rc;
	struct cursor c = {raw, raw + n, false};
	*col = (struct annotate_dbcol){.type = type, .n = b->e->n_row, .enc = n ? *c.p++ : 255};
	static const uint8_t type_of[] = {255, GRX_T_INT, GRX_T_FLOAT, GRX_T_FLOAT, GRX_T_STR, GRX_T_STR};
	if (col->enc > 5 || (col->enc && type_of[col->enc] != type))
		return damaged(cx, b, "kind of a column");
	rc = col_head(cx, b, col, &c);
	if (rc)
		return rc;
	col->codes = c.p;
	return (size_t)(c.end - c.p) == (size_t)col->n * col->width ? GRX_OK
								    : damaged(cx, b, "length of a column");
}

static uint32_t code_at(const struct annotate_dbcol *c, uint32_t row)
{
	uint16_t x;
	switch (c->width) {
	case 1:
		return c->codes[row];
	case 2:
		memcpy(&x, c->codes + (size_t)row * 2, 2);
		return x;
	case 4:
		return get_u32(c->codes + (size_t)row * 4);
	default:
		return 0;
	}
}

/* A number of the column, as itself or behind its letters. */
static int number_get(struct grx_ctx *cx, const struct annotate_dbblock *b, const struct annotate_dbcol *c,
	uint32_t code, struct annotate_dbval *v)
{
	int64_t x = (int64_t)c->base + code - 1;
	if (x > INT32_MAX)
		return damaged(cx, b, "number out of range");
	if (c->enc == 1) {
		v->kind = DB_INT;
		v->v.i = (int32_t)x;
		return GRX_OK;
	}
	char num[12], *p = num + sizeof num;
	do
		*--p = (char)('0' + x % 10);
	while (x /= 10);
	size_t n = (size_t)(num + sizeof num - p);
	char *s = grx_arena_alloc(b->mem, c->n_letter + n + 1, 1);
	if (!s)
		return grx_fail_nomem(cx, "database block");
	memcpy(s, c->heap, c->n_letter);
	memcpy(s + c->n_letter, p, n);
	s[c->n_letter + n] = '\0';
	v->kind = DB_STR;
	v->v.s = s;
	v->n = (int32_t)(c->n_letter + n);
	return GRX_OK;
}

int annotate_dbcol_get(struct grx_ctx *cx, const struct annotate_dbblock *b, const struct annotate_dbcol *c,
	uint32_t row, struct annotate_dbval *v)
{
	uint32_t code = code_at(c, row);
	*v = (struct annotate_dbval){0};
	if (c->enc == 3) {
		memcpy(&v->v.f, &code, 4);
		v->kind = grx_float_is_missing(v->v.f) ? DB_NONE : DB_FLOAT;
		return GRX_OK;
	}
	if (code == 0)
		return GRX_OK;
	if (c->enc == 1 || c->enc == 5)
		return number_get(cx, b, c, code, v);
	if (code > c->n_dict)
		return damaged(cx, b, "code beyond the dictionary");
	v->kind = c->enc == 4 ? DB_STR : DB_FLOAT;
	if (c->enc == 2) {
		memcpy(&v->v.f, c->dict + (size_t)(code - 1) * 4, 4);
		return GRX_OK;
	}
	v->v.s = c->heap + c->off[code - 1];
	v->n = (int32_t)(c->off[code] - c->off[code - 1]);
	return GRX_OK;
}
