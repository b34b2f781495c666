/* SPDX-License-Identifier: GPL-3.0-or-later
 * vars.c -- variant batches and headers. */
#include "genorx/vars.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "genorx/ctx.h"

struct grx_hdr *grx_hdr_new(const struct grx_contigs *contigs)
{
	struct grx_hdr *h = grx_calloc(1, sizeof(*h));
	if (h)
		h->contigs = contigs;
	return h;
}

void grx_hdr_free(struct grx_hdr *h)
{
	if (!h)
		return;
	for (int32_t i = 0; i < h->n_sample; i++)
		grx_free(h->sample[i]);
	for (size_t i = 0; i < h->n_line; i++) {
		grx_free((char *)h->line[i].id);
		grx_free((char *)h->line[i].number);
		grx_free((char *)h->line[i].desc);
	}
	for (size_t i = 0; i < h->n_meta; i++)
		grx_free(h->meta[i]);
	grx_free(h->sample);
	grx_free(h->line);
	grx_free(h->meta);
	grx_free(h);
}

int grx_hdr_sample_add(struct grx_ctx *cx, struct grx_hdr *h, const char *name)
{
	char **p = grx_realloc(h->sample, (size_t)h->n_sample + 1, sizeof(*p));
	char *s = grx_strdup(name);
	if (p)
		h->sample = p;
	if (!p || !s) {
		grx_free(s);
		return grx_fail_nomem(cx, "sample names");
	}
	h->sample[h->n_sample++] = s;
	return GRX_OK;
}

int grx_hdr_declare(struct grx_ctx *cx, struct grx_hdr *h, const struct grx_hdr_line *line)
{
	for (size_t i = 0; i < h->n_line; i++) {
		const struct grx_hdr_line *l = &h->line[i];
		if (l->kind != line->kind || strcmp(l->id, line->id) != 0)
			continue;
		if (l->type == line->type && grx_streq(l->number, line->number))
			return GRX_OK;
		return grx_fail(cx, GRX_E_DATA, "column %s is declared twice with different types", line->id);
	}
	if (grx_grow(&h->line, &h->cap_line, h->n_line + 1, sizeof *h->line, 0) != GRX_OK)
		return grx_fail_nomem(cx, "the header");
	struct grx_hdr_line *d = &h->line[h->n_line];
	*d = *line;
	d->id = grx_strdup(line->id);
	d->number = line->number ? grx_strdup(line->number) : NULL;
	d->desc = grx_strdup(line->desc ? line->desc : "");
	if (!d->id || !d->desc || (line->number && !d->number)) {
		grx_free((char *)d->id);
		grx_free((char *)d->number);
		grx_free((char *)d->desc);
		return grx_fail_nomem(cx, "the header");
	}
	h->n_line++;
	return GRX_OK;
}

int grx_hdr_meta_add(struct grx_ctx *cx, struct grx_hdr *h, const char *text)
{
	if (grx_grow(&h->meta, &h->cap_meta, h->n_meta + 1, sizeof *h->meta, 0) != GRX_OK)
		return grx_fail_nomem(cx, "the header");
	h->meta[h->n_meta] = grx_strdup(text);
	if (!h->meta[h->n_meta])
		return grx_fail_nomem(cx, "the header");
	h->n_meta++;
	return GRX_OK;
}

struct grx_vars *grx_vars_new(struct grx_arena *mem, const struct grx_hdr *hdr)
{
	struct grx_vars *b = grx_arena_calloc(mem, 1, sizeof(*b));
	if (!b)
		return NULL;
	b->hdr = hdr;
	b->mem = mem;
	return b;
}

struct grx_var *grx_vars_push(struct grx_vars *b)
{
	if (b->n == b->cap) {
		size_t cap = b->cap ? b->cap * 2 : 64;
		struct grx_var *v = grx_arena_grow(b->mem, b->v, b->n, cap, sizeof *v);
		if (!v)
			return NULL;
		b->v = v;
		b->cap = cap;
	}
	struct grx_var *v = &b->v[b->n++];
	memset(v, 0, sizeof *v);
	v->qual = grx_float_missing();
	return v;
}

int grx_var_alleles_set(struct grx_arena *mem, struct grx_var *v, int n, const char *const *allele)
{
	const char **a = grx_arena_alloc(mem, (size_t)n, sizeof(*a));
	if (!a)
		return GRX_E_NOMEM;
	for (int i = 0; i < n; i++) {
		a[i] = grx_arena_strdup(mem, allele[i]);
		if (!a[i])
			return GRX_E_NOMEM;
	}
	v->allele = a;
	v->n_allele = n;
	v->rlen = (int64_t)strlen(a[0]);
	return GRX_OK;
}

static struct grx_field *field_find(struct grx_field *f, int n, const char *key)
{
	for (int i = 0; i < n; i++) {
		if (strcmp(f[i].key, key) == 0)
			return &f[i];
	}
	return NULL;
}

static struct grx_field *field_push(struct grx_arena *mem, struct grx_field **f, int32_t *n, int32_t *cap)
{
	if (*n == *cap) {
		int32_t want = *cap ? *cap * 2 : 8;
		struct grx_field *g = grx_arena_grow(mem, *f, (size_t)*n, (size_t)want, sizeof(*g));
		if (!g)
			return NULL;
		*f = g;
		*cap = want;
	}
	return &(*f)[(*n)++];
}

/* Storage for n values, filled missing. */
static bool field_storage(struct grx_arena *mem, struct grx_field *f, size_t n)
{
	switch (f->type) {
	case GRX_T_INT:
		f->v.i = grx_arena_alloc(mem, n, sizeof *f->v.i);
		for (size_t i = 0; f->v.i && i < n; i++)
			f->v.i[i] = GRX_INT_MISSING;
		return f->v.i != NULL;
	case GRX_T_FLOAT:
		f->v.f = grx_arena_alloc(mem, n, sizeof *f->v.f);
		for (size_t i = 0; f->v.f && i < n; i++)
			f->v.f[i] = grx_float_missing();
		return f->v.f != NULL;
	default:
		f->v.s = grx_arena_calloc(mem, n ? n : 1, sizeof *f->v.s);
		return f->v.s != NULL;
	}
}

struct grx_field *grx_var_info_set(
	struct grx_arena *mem, struct grx_var *v, const char *key, uint8_t type, int n)
{
	struct grx_field *f = field_find(v->info, v->n_info, key);
	if (!f)
		f = field_push(mem, &v->info, &v->n_info, &v->cap_info);
	if (!f)
		return NULL;
	*f = (struct grx_field){.key = key, .type = type, .n = n};
	return field_storage(mem, f, type == GRX_T_STR ? 1 : (size_t)n) ? f : NULL;
}

int grx_var_info_drop(struct grx_arena *mem, struct grx_var *v, const char *key)
{
	return grx_var_info_set(mem, v, key, GRX_T_INT, 0) ? GRX_OK : GRX_E_NOMEM;
}

struct grx_field *grx_var_fmt_set(
	struct grx_arena *mem, struct grx_var *v, const char *key, uint8_t type, int n, int n_sample)
{
	struct grx_field *f = field_find(v->fmt, v->n_fmt, key);
	if (!f)
		f = field_push(mem, &v->fmt, &v->n_fmt, &v->cap_fmt);
	if (!f)
		return NULL;
	*f = (struct grx_field){.key = key, .type = type, .n = n};
	size_t total = type == GRX_T_STR ? (size_t)n_sample : (size_t)n * (size_t)n_sample;
	return field_storage(mem, f, total) ? f : NULL;
}

const struct grx_field *grx_var_info(const struct grx_var *v, const char *key)
{
	return field_find(v->info, v->n_info, key);
}

const struct grx_field *grx_var_fmt(const struct grx_var *v, const char *key)
{
	return field_find(v->fmt, v->n_fmt, key);
}

int grx_var_gt_alloc(struct grx_arena *mem, struct grx_var *v, int ploidy, int n_sample)
{
	v->gt = grx_arena_calloc(mem, (size_t)ploidy * (size_t)n_sample, sizeof *v->gt);
	if (!v->gt)
		return GRX_E_NOMEM;
	v->ploidy = ploidy;
	v->gt_dirty = true;
	return GRX_OK;
}

bool grx_var_is_ref_block(const struct grx_var *v)
{
	if (v->n_allele == 1)
		return true;
	if (v->n_allele > 2)
		return false;
	const char *a = v->allele[1];
	if (*a != '<' && *a != '.')
		return false;
	return strcmp(a, "<NON_REF>") == 0 || strcmp(a, "<*>") == 0 || strcmp(a, ".") == 0;
}

static float from_bits(uint32_t bits)
{
	float f;
	memcpy(&f, &bits, sizeof f);
	return f;
}

static uint32_t to_bits(float f)
{
	uint32_t bits;
	memcpy(&bits, &f, sizeof bits);
	return bits;
}

/* The BCF patterns: signalling NaNs with payload 1 (missing) and 2 (end of vector). */
float grx_float_missing(void)
{
	return from_bits(0x7F800001u);
}

bool grx_float_is_missing(float f)
{
	return to_bits(f) == 0x7F800001u;
}

bool grx_float_is_end(float f)
{
	return to_bits(f) == 0x7F800002u;
}
