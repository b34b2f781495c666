/* SPDX-License-Identifier: GPL-3.0-or-later
 * vardec.c -- from the parser's record to the neutral one.
 * Strings are borrowed from the record, which lives as long as the batch; numbers are widened into the arena.
 */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "io/var_int.h"

int grx_var_parse(struct grx_ctx *cx, const char *path, const bcf_hdr_t *h, kstring_t *line, bcf1_t **rec)
{
	bcf1_t *r = bcf_init();
	size_t n = strcspn(line->s, "\t");
	char where[160];

	*rec = NULL;
	if (!r)
		return grx_fail_nomem(cx, "record");
	/* the parser cuts the line up: keep its beginning for the message */
	n += line->s[n] ? 1 + strcspn(line->s + n + 1, "\t") : 0;
	snprintf(where, sizeof where, "%.*s", (int)(n < 100 ? n : 100), line->s);
	errno = 0;
	if (vcf_parse(line, h, r) < 0 || errno == ENOMEM || (r->errcode & ~BCF_ERR_TAG_UNDEF)) {
		bcf_destroy(r);
		if (errno == ENOMEM)
			return grx_fail_nomem(cx, "record");
		return grx_fail(cx, GRX_E_DATA, "%s: record at %s: cannot be parsed", path, where);
	}
	*rec = r;
	return GRX_OK;
}

/* Integer element i of a BCF array, in 32-bit codes. */
static int32_t get_int(const uint8_t *p, int type, size_t i)
{
	int16_t s;
	int32_t x;

	switch (type) {
	case BCF_BT_INT8:
		x = (int8_t)p[i];
		return x == bcf_int8_missing ? GRX_INT_MISSING : x == bcf_int8_vector_end ? GRX_INT_END : x;
	case BCF_BT_INT16:
		memcpy(&s, p + 2 * i, 2);
		return s == bcf_int16_missing ? GRX_INT_MISSING : s == bcf_int16_vector_end ? GRX_INT_END : s;
	default:
		memcpy(&x, p + 4 * i, 4);
		return x;
	}
}

/* Not finite carries no information here: missing. */
static float get_float(const uint8_t *p, size_t i, bool keep_nan)
{
	float f;

	memcpy(&f, p + 4 * i, 4);
	if (!isfinite(f) && !bcf_float_is_missing(f) && !bcf_float_is_vector_end(f) && !keep_nan)
		return grx_float_missing();
	return f;
}

static bool is_int(int type)
{
	return type == BCF_BT_INT8 || type == BCF_BT_INT16 || type == BCF_BT_INT32;
}

static struct grx_field *push_field(struct grx_arena *mem, struct grx_field **f, int32_t *n, int32_t *cap)
{
	if (*n == *cap) {
		int32_t want = *cap ? *cap * 2 : 8;
		struct grx_field *v = grx_arena_grow(mem, *f, (size_t)*n, (size_t)want, sizeof *v);
		if (!v)
			return NULL;
		*f = v;
		*cap = want;
	}
	memset(&(*f)[*n], 0, sizeof **f);
	return &(*f)[(*n)++];
}

/* n numbers at p. */
static bool put_numbers(struct grx_arena *mem, struct grx_field *f, const uint8_t *p, int type, size_t n)
{
	if (is_int(type)) {
		f->type = GRX_T_INT;
		f->v.i = grx_arena_alloc(mem, n, sizeof *f->v.i);
		for (size_t i = 0; f->v.i && i < n; i++)
			f->v.i[i] = get_int(p, type, i);
		return f->v.i != NULL;
	}
	f->type = GRX_T_FLOAT;
	f->v.f = grx_arena_alloc(mem, n, sizeof *f->v.f);
	for (size_t i = 0; f->v.f && i < n; i++)
		f->v.f[i] = get_float(p, i, false);
	return f->v.f != NULL;
}

/* Fixed-width text of n bytes; NULL for '.' or nothing. */
static bool put_text(struct grx_arena *mem, char **out, const uint8_t *p, size_t n)
{
	const char *s = (const char *)p;
	size_t k = 0;

	while (k < n && s[k])
		k++;
	*out = NULL;
	if (k == 0 || (k == 1 && *s == '.'))
		return true;
	*out = grx_arena_strndup(mem, s, k);
	return *out != NULL;
}

bool grx_var_put_info(struct grx_arena *mem, struct grx_var *v, const char *key, const bcf_info_t *in)
{
	struct grx_field *f = push_field(mem, &v->info, &v->n_info, &v->cap_info);

	if (!f)
		return false;
	f->key = key;
	f->from_file = true;
	f->n = in->len;
	if (in->type == BCF_BT_NULL || (in->len == 0 && in->type != BCF_BT_CHAR)) {
		f->type = GRX_T_FLAG;
		f->v.s = grx_arena_calloc(mem, 1, sizeof *f->v.s);
		return f->v.s != NULL;
	}
	if (in->type == BCF_BT_CHAR) {
		f->type = GRX_T_STR;
		f->n = 1;
		f->v.s = grx_arena_calloc(mem, 1, sizeof *f->v.s);
		return f->v.s && put_text(mem, &f->v.s[0], in->vptr, (size_t)in->len);
	}
	return put_numbers(mem, f, in->vptr, in->type, (size_t)in->len);
}

static bool decode_info(
	const bcf_hdr_t *h, bcf1_t *rec, const char *key, struct grx_vars *b, struct grx_var *v)
{
	int id = bcf_hdr_id2int(h, BCF_DT_ID, key);
	const bcf_info_t *in = id < 0 ? NULL : bcf_get_info_id(rec, id);

	return !in || grx_var_put_info(b->mem, v, key, in);
}

bool grx_var_put_fmt(
	struct grx_arena *mem, struct grx_var *v, const char *key, const bcf_fmt_t *in, int n_sample)
{
	struct grx_field *f = push_field(mem, &v->fmt, &v->n_fmt, &v->cap_fmt);

	if (!f)
		return false;
	f->key = key;
	f->from_file = true;
	f->n = in->n;
	if (in->type != BCF_BT_CHAR)
		return put_numbers(mem, f, in->p, in->type, (size_t)in->n * (size_t)n_sample);
	f->type = GRX_T_STR;
	f->n = 1;
	f->v.s = grx_arena_calloc(mem, (size_t)n_sample, sizeof *f->v.s);
	for (int i = 0; f->v.s && i < n_sample; i++)
		if (!put_text(mem, &f->v.s[i], in->p + (size_t)i * (size_t)in->size, (size_t)in->n))
			return false;
	return f->v.s != NULL;
}

static bool decode_fmt(
	const bcf_hdr_t *h, bcf1_t *rec, const char *key, struct grx_vars *b, struct grx_var *v)
{
	int id = bcf_hdr_id2int(h, BCF_DT_ID, key);
	const bcf_fmt_t *in = id < 0 ? NULL : bcf_get_fmt_id(rec, id);

	return !in || !in->p || grx_var_put_fmt(b->mem, v, key, in, (int)rec->n_sample);
}

bool grx_var_put_gt(struct grx_arena *mem, struct grx_var *v, const bcf_fmt_t *in, int n_sample)
{
	size_t n = (size_t)in->n * (size_t)n_sample;

	if (!is_int(in->type))
		return true;
	v->ploidy = in->n;
	v->gt = grx_arena_alloc(mem, n, sizeof *v->gt);
	if (!v->gt)
		return false;
	if (in->type == BCF_BT_INT8) { /* the common case, kept free of branches on the type */
		for (size_t i = 0; i < n; i++) {
			int32_t g = (int8_t)in->p[i];
			v->gt[i] = g == bcf_int8_vector_end ? GRX_INT_END : g < 0 ? 0 : g;
		}
		return true;
	}
	for (size_t i = 0; i < n; i++) {
		int32_t g = get_int(in->p, in->type, i);
		v->gt[i] = g == GRX_INT_MISSING ? 0 : g;
	}
	return true;
}

static bool decode_gt(const bcf_hdr_t *h, bcf1_t *rec, struct grx_vars *b, struct grx_var *v)
{
	int id = bcf_hdr_id2int(h, BCF_DT_ID, "GT");
	const bcf_fmt_t *in = id < 0 ? NULL : bcf_get_fmt_id(rec, id);

	return !in || !in->p || grx_var_put_gt(b->mem, v, in, (int)rec->n_sample);
}

static bool decode_site(const bcf_hdr_t *h, bcf1_t *rec, struct grx_vars *b, struct grx_var *v)
{
	v->tid = rec->rid;
	v->pos = rec->pos;
	v->rlen = rec->rlen;
	v->id = strcmp(rec->d.id, ".") == 0 ? NULL : rec->d.id;
	v->qual = rec->qual;
	v->n_allele = (int32_t)rec->n_allele;
	v->allele = (const char **)rec->d.allele;
	v->n_filter = rec->d.n_flt;
	if (rec->d.n_flt > 0) {
		v->filter = grx_arena_alloc(b->mem, (size_t)rec->d.n_flt, sizeof *v->filter);
		if (!v->filter)
			return false;
		for (int i = 0; i < rec->d.n_flt; i++)
			v->filter[i] = h->id[BCF_DT_ID][rec->d.flt[i]].key;
	}
	return true;
}

int grx_var_decode(struct grx_ctx *cx, const bcf_hdr_t *h, const struct grx_varwant *want, bcf1_t *rec,
	struct grx_vars *b)
{
	struct grx_var *v = grx_vars_push(b);
	bool ok = v != NULL;

	errno = 0;
	if (ok && bcf_unpack(rec, want->sites_only ? BCF_UN_SHR : BCF_UN_ALL) < 0) {
		b->n--;
		if (errno == ENOMEM)
			return grx_fail_nomem(cx, "variants");
		return grx_fail(cx, GRX_E_DATA, "record at %s:%lld cannot be decoded",
			bcf_hdr_id2name(h, rec->rid), (long long)rec->pos + 1);
	}
	ok = ok && decode_site(h, rec, b, v);
	for (int i = 0; ok && want->info && want->info[i]; i++)
		ok = decode_info(h, rec, want->info[i], b, v);
	if (ok && !want->sites_only && rec->n_sample) {
		ok = want->no_gt || decode_gt(h, rec, b, v);
		for (int i = 0; ok && want->fmt && want->fmt[i]; i++)
			if (strcmp(want->fmt[i], "GT") != 0)
				ok = decode_fmt(h, rec, want->fmt[i], b, v);
	}
	/* htslib's decoders leave columns out in silence when memory runs out */
	if (!ok || errno == ENOMEM) {
		if (v)
			b->n--;
		return grx_fail_nomem(cx, "variants");
	}
	v->raw = rec;
	return GRX_OK;
}

void grx_vars_release(struct grx_vars *b)
{
	for (size_t i = 0; b && i < b->n; i++) {
		if (b->v[i].raw)
			bcf_destroy(b->v[i].raw);
		b->v[i].raw = NULL;
	}
}
