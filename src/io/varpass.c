/* SPDX-License-Identifier: GPL-3.0-or-later
 * varpass.c -- blocks of records passed as bytes: their storage, compression and way out.
 * A block belongs to one item of the leg from next() to write(); nothing else is shared but constant state.
 */
#include "io/varpass.h"

#include <string.h>

#include <htslib/bgzf.h>

#include "base/log.h"
#include "base/mem.h"
#include "io/varpass_int.h"

#define PACK_BYTES 65280 /* payload of a BGZF block */
#define PACK_LEVEL 6

bool grx_varpass_can(const struct grx_varsrc *src, const struct grx_varsink *dst)
{
	char type = grx_varsink_type(dst);
	bool bcf = type == 'u' || type == 'b';

	return !src->idx && !src->regions && !src->one_sample && !src->want.sites_only && !src->n &&
	       bcf == (src->bcf != NULL);
}

/* Numbers of the columns wanted in the file's header, -1 not there. */
static int look_up(const bcf_hdr_t *h, const char *const *key, int **id)
{
	int n = 0;

	while (key && key[n])
		n++;
	*id = grx_malloc((size_t)n + 1, sizeof **id);
	for (int i = 0; *id && i < n; i++)
		(*id)[i] = bcf_hdr_id2int(h, BCF_DT_ID, key[i]);
	return n;
}

int grx_varpass_new(struct grx_ctx *cx, struct grx_varsrc *src, struct grx_varsink *dst, int n_block,
	struct grx_varpass **out)
{
	int rc = GRX_E_BUG;
	char type = grx_varsink_type(dst);
	struct grx_varpass *p = grx_calloc(1, sizeof *p);

	*out = NULL;
	if (!p)
		return grx_fail_nomem(cx, "records");
	p->src = src;
	p->dst = dst;
	p->bcf = src->bcf != NULL;
	p->packed = type == 'b' || type == 'z';
	p->h = src->vh->pub;
	p->last[0] = p->tail_place[0] = -1;
	p->id_end = bcf_hdr_id2int(p->h, BCF_DT_ID, "END");
	p->id_gt = bcf_hdr_id2int(p->h, BCF_DT_ID, "GT");
	p->n_id_info = look_up(p->h, src->want.info, &p->id_info);
	p->n_id_fmt = look_up(p->h, src->want.fmt, &p->id_fmt);
	p->block = grx_calloc((size_t)n_block, sizeof *p->block);
	if (!p->block || !p->id_info || !p->id_fmt) {
		rc = grx_fail_nomem(cx, "records");
		goto out;
	}
	p->n_block = n_block;
	GRX_TRY(grx_varsink_head(cx, dst, &p->to));
	*out = p;
	p = NULL;
	rc = GRX_OK;
out:
	grx_varpass_free(p);
	return rc;
}

static void block_clear(struct grx_varblock *b)
{
	grx_vars_release(b->vars);
	grx_arena_free(b->mem);
	grx_varhdr_free(b->vh);
	grx_free(b->p);
	grx_free(b->rec);
	grx_free(b->dup);
	grx_free(b->set);
	grx_free(b->key);
	grx_free(b->fmt);
	grx_free(b->fmt_text);
	free(b->out.s);
	free(b->line.s);
	grx_free(b->pack);
}

void grx_varpass_free(struct grx_varpass *p)
{
	if (!p)
		return;
	for (int i = 0; i < p->n_block; i++)
		block_clear(&p->block[i]);
	grx_free(p->block);
	grx_free(p->id_info);
	grx_free(p->id_fmt);
	grx_free(p->tail);
	grx_free(p);
}

struct grx_varblock *grx_varpass_block(struct grx_varpass *p, int i)
{
	return &p->block[i];
}

int varpass_room(struct grx_ctx *cx, struct grx_varblock *b, size_t n)
{
	return grx_grow(&b->p, &b->cap, b->n + n, 1, 0) ? grx_fail_nomem(cx, "records") : GRX_OK;
}

struct varpass_rec *varpass_push(struct grx_varblock *b)
{
	if (grx_grow(&b->rec, &b->cap_rec, b->n_rec + 1, sizeof *b->rec, 0))
		return NULL;
	return &b->rec[b->n_rec++];
}

int varpass_keep_tail(struct grx_ctx *cx, struct grx_varpass *p, const void *s, size_t n)
{
	if (grx_grow(&p->tail, &p->cap_tail, n + 1, 1, 0))
		return grx_fail_nomem(cx, "records");
	memcpy(p->tail, s, n);
	p->n_tail = n;
	return GRX_OK;
}

void varpass_note(struct varpass_rec *r, const struct grx_var *v)
{
	r->tid = v->tid;
	r->pos = v->pos;
	r->qual = v->qual;
	r->id = v->id;
	r->allele = v->allele;
	r->n_allele = v->n_allele;
	r->filter = v->filter;
	r->n_filter = v->n_filter;
}

static bool untouched(const struct varpass_rec *r, const struct grx_var *v)
{
	if (v->tid != r->tid || v->pos != r->pos || v->n_allele != r->n_allele || v->allele != r->allele ||
		v->id != r->id || v->n_filter != r->n_filter || v->filter != r->filter || v->gt_dirty ||
		memcmp(&v->qual, &r->qual, sizeof v->qual) != 0)
		return false;
	for (int i = 0; i < v->n_fmt; i++)
		if (!v->fmt[i].from_file)
			return false;
	return true;
}

/* Keys are mostly those of the record before, and the same strings. */
static int set_id(const struct grx_varpass *p, const struct varpass_set *old, const char *key)
{
	return old->key == key ? old->id : bcf_hdr_id2int(p->to, BCF_DT_ID, key);
}

int varpass_sets(struct grx_ctx *cx, const struct grx_varpass *p, struct grx_varblock *b, size_t i,
	const struct grx_var *v)
{
	size_t had = b->cap_set;

	b->n_set = 0;
	if (!untouched(&b->rec[i], v))
		return grx_fail(cx, GRX_E_BUG,
			"%s: record %lld: more than INFO was changed by a stage that only adds INFO",
			p->src->path, (long long)b->first + (long long)i);
	if (grx_grow(&b->set, &b->cap_set, (size_t)v->n_info, sizeof *b->set, 0))
		return grx_fail_nomem(cx, "record");
	if (b->cap_set > had)
		memset(b->set + had, 0, (b->cap_set - had) * sizeof *b->set);
	for (int k = 0; k < v->n_info; k++) {
		const struct grx_field *f = &v->info[k];
		if (f->from_file)
			continue;
		struct varpass_set *s = &b->set[b->n_set++];
		int id = set_id(p, s, f->key);
		if (id < 0)
			return grx_fail(cx, GRX_E_BUG, "%s: column %s is written but not declared",
				p->src->path, f->key);
		bool drop = f->n <= 0 && (f->type == GRX_T_INT || f->type == GRX_T_FLOAT);
		*s = (struct varpass_set){f, f->key, strlen(f->key), id, drop, false};
	}
	return GRX_OK;
}

struct varpass_set *varpass_set_find(struct grx_varblock *b, int id)
{
	for (size_t i = 0; i < b->n_set; i++)
		if (b->set[i].id == id && !b->set[i].done)
			return &b->set[i];
	return NULL;
}

int varpass_duplicate(struct grx_ctx *cx, struct grx_varblock *b, size_t i)
{
	if (grx_grow(&b->dup, &b->cap_dup, b->n_dup + 1, sizeof *b->dup, 0))
		return grx_fail_nomem(cx, "records");
	b->dup[b->n_dup++] = b->first + (int64_t)i;
	return GRX_OK;
}

int grx_varpass_next(
	struct grx_ctx *cx, struct grx_varpass *p, struct grx_varblock *b, size_t max, bool *done)
{
	int rc;

	grx_vars_release(b->vars);
	b->vars = NULL;
	b->n = b->n_rec = b->n_dup = b->n_pack = b->out.l = 0;
	b->general = false;
	b->first = p->n_read + 1;
	memcpy(b->before, p->last, sizeof b->before);
	rc = p->bcf ? varpass_bcf_next(cx, p, b, max) : varpass_vcf_next(cx, p, b, max);
	p->n_read += (int64_t)b->n_rec;
	*done = !rc && !b->n_rec;
	return rc;
}

/* Records that the general way has not decoded while reading. */
static int decode(struct grx_ctx *cx, const struct grx_varpass *p, struct grx_varblock *b,
	struct grx_arena *mem, struct grx_vars **out)
{
	struct grx_vars *v = grx_vars_new(mem, p->src->hdr);
	int rc;

	if (v)
		v->v = grx_arena_alloc(mem, b->n_rec, sizeof *v->v);
	if (!v || !v->v)
		return grx_fail_nomem(cx, "variants");
	v->cap = b->n_rec;
	*out = v;
	rc = p->bcf ? varpass_bcf_decode(cx, p, b, v) : varpass_vcf_decode(cx, p, b, v);
	return !rc && b->general ? varpass_bcf_general(cx, p, b, v) : rc;
}

int grx_varpass_decode(struct grx_ctx *cx, const struct grx_varpass *p, struct grx_varblock *b,
	struct grx_arena *mem, struct grx_vars **out)
{
	int rc = GRX_OK;

	*out = b->vars;
	b->vars = NULL;
	if (!*out)
		rc = decode(cx, p, b, mem, out);
	for (size_t i = 0; !rc && i < (*out)->n; i++)
		(*out)->v[i].line = b->first + (int64_t)i;
	return rc;
}

static int compress(struct grx_ctx *cx, struct grx_varblock *b)
{
	size_t n_part = b->out.l / PACK_BYTES + 1;

	if (grx_grow(&b->pack, &b->cap_pack, n_part * BGZF_MAX_BLOCK_SIZE, 1, 0))
		return grx_fail_nomem(cx, "records");
	for (size_t at = 0; at < b->out.l;) {
		size_t n = b->out.l - at < PACK_BYTES ? b->out.l - at : PACK_BYTES, got = BGZF_MAX_BLOCK_SIZE;
		if (bgzf_compress(b->pack + b->n_pack, &got, b->out.s + at, n, PACK_LEVEL) < 0)
			return grx_fail(cx, GRX_E_BUG, "a BGZF block could not be compressed");
		b->n_pack += got;
		at += n;
	}
	return GRX_OK;
}

int grx_varpass_encode(
	struct grx_ctx *cx, const struct grx_varpass *p, struct grx_varblock *b, const struct grx_vars *v)
{
	int rc;

	if (b->general)
		return GRX_OK;
	if (b->set) /* keys of another block may have lain at the same addresses */
		memset(b->set, 0, b->cap_set * sizeof *b->set);
	if (v->n != b->n_rec)
		return grx_fail(cx, GRX_E_BUG, "%zu of %zu records are left of a block that only adds INFO",
			v->n, b->n_rec);
	rc = p->bcf ? varpass_bcf_encode(cx, p, b, v) : varpass_vcf_encode(cx, p, b, v);
	return !rc && p->packed ? compress(cx, b) : rc;
}

int grx_varpass_write(
	struct grx_ctx *cx, struct grx_varpass *p, struct grx_varblock *b, const struct grx_vars *v)
{
	struct grx_varbytes out = {p->packed ? (const void *)b->pack : b->out.s,
		p->packed ? b->n_pack : b->out.l, b->n_rec, p->packed};

	for (size_t i = 0; i < b->n_dup; i++)
		grx_warn(cx, "%s: record %lld: same position and alleles as the record before", p->src->path,
			(long long)b->dup[i]);
	return b->general ? grx_varsink_put(cx, p->dst, v) : grx_varsink_bytes(cx, p->dst, &out);
}
