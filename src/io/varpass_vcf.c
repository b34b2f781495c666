/* SPDX-License-Identifier: GPL-3.0-or-later
 * varpass_vcf.c -- lines of VCF text passed on, INFO added to.
 * Lines are checked while they are read (varval.c). One that htslib would write as it stands is not parsed;
 * any other goes through htslib's parser and formatter, so that the text is always the one that it writes. */
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "io/varpass_int.h"
#include "io/varpass_text.h"

/* ---- reading ---- */

/* A checked line to the end of the block; general: parsed. */
static int add_line(
	struct grx_ctx *cx, struct grx_varpass *p, struct grx_varblock *b, const char *s, size_t n)
{
	if (p->general) {
		b->n_rec++;
		return grx_varsrc_parse(cx, p->src, s, n, b->vars);
	}
	int rc = varpass_room(cx, b, n + 1);
	if (rc)
		return rc;
	struct varpass_rec *r = varpass_push(b);
	if (!r)
		return grx_fail_nomem(cx, "records");
	memcpy(b->p + b->n, s, n);
	b->p[b->n + n] = '\0';
	r->off = b->n;
	r->n = n;
	r->tid = (int32_t)p->last[0];
	r->pos = p->last[1];
	b->n += n + 1;
	return GRX_OK;
}

/* A key is not declared: the reader's header grows while it reads, so from here on it parses too. */
static int turn_general(struct grx_ctx *cx, struct grx_varpass *p, struct grx_varblock *b)
{
	b->general = p->general = true;
	if (!b->mem)
		b->mem = grx_arena_new();
	if (!b->mem)
		return grx_fail_nomem(cx, "variants");
	grx_arena_reset(b->mem);
	b->vars = grx_vars_new(b->mem, p->src->hdr);
	if (!b->vars)
		return grx_fail_nomem(cx, "variants");
	for (size_t i = 0; i < b->n_rec; i++) {
		int rc = grx_varsrc_parse(
			cx, p->src, (const char *)b->p + b->rec[i].off, b->rec[i].n, b->vars);
		if (rc)
			return rc;
	}
	return GRX_OK;
}

/* The next checked line; *s NULL at the end. */
static int next_line(struct grx_ctx *cx, struct grx_varpass *p, const char **s, size_t *n, int64_t place[2])
{
	struct grx_varsrc *src = p->src;
	char *line;
	int rc;

	*s = NULL;
	if (p->n_tail) {
		*s = (const char *)p->tail;
		*n = p->n_tail;
		p->n_tail = 0;
		memcpy(place, p->tail_place, sizeof p->tail_place);
		return GRX_OK;
	}
	if (p->ended)
		return GRX_OK;
	rc = grx_text_line(cx, src->text, &line);
	p->ended = !line;
	if (rc || !line)
		return rc;
	*n = grx_text_len(src->text);
	rc = grx_varval_line(cx, src->vv, line, n);
	grx_varval_place(src->vv, place);
	*s = line;
	return rc;
}

int varpass_vcf_next(struct grx_ctx *cx, struct grx_varpass *p, struct grx_varblock *b, size_t max)
{
	const struct grx_varhdr *vh = p->src->vh;
	const char *s;
	size_t n;
	int64_t place[2];
	int rc = p->general ? turn_general(cx, p, b) : GRX_OK;

	while (!rc) {
		rc = next_line(cx, p, &s, &n, place);
		if (rc || !s)
			break;
		if (b->n_rec && grx_varsrc_may_end(p->src, b->n_rec, max, p->last, place)) {
			memcpy(p->tail_place, place, sizeof place);
			return varpass_keep_tail(cx, p, s, n);
		}
		memcpy(p->last, place, sizeof place);
		if (!p->general && (vh->n_undeclared || vh->dual))
			rc = turn_general(cx, p, b);
		if (!rc)
			rc = add_line(cx, p, b, s, n);
	}
	return rc;
}

/* ---- decoding ---- */

/* Site columns of a plain line; NULL-ended strings in mem. */
static bool take_site(
	struct grx_arena *mem, const struct varpass_line *l, const struct varpass_rec *r, struct grx_var *v)
{
	size_t n = (size_t)(l->col[7] - l->col[2]);
	char *s = grx_arena_strndup(mem, l->col[2], n);
	if (!s)
		return false;
	char *ref = s + (l->col[3] - l->col[2]), *alt = s + (l->col[4] - l->col[2]);
	char *filter = s + (l->col[6] - l->col[2]), *qual = s + (l->col[5] - l->col[2]);
	int n_alt = *alt == '.' ? 0 : 1;

	ref[-1] = alt[-1] = qual[-1] = filter[-1] = s[n - 1] = '\0';
	v->tid = r->tid;
	v->pos = r->pos;
	v->id = strcmp(s, ".") == 0 ? NULL : s;
	v->rlen = alt - 1 - ref;
	v->qual = strcmp(qual, ".") == 0 ? grx_float_missing() : (float)atof(qual);
	for (const char *c = alt; n_alt && (c = strchr(c, ',')); c++)
		n_alt++;
	v->n_allele = 1 + n_alt;
	v->n_filter = strcmp(filter, ".") != 0;
	for (const char *c = filter; v->n_filter && (c = strchr(c, ';')); c++)
		v->n_filter++;
	const char **list = grx_arena_alloc(mem, (size_t)(v->n_allele + v->n_filter), sizeof *list);
	if (!list)
		return false;
	list[0] = ref;
	v->allele = list;
	for (int i = 1; i < v->n_allele; i++, alt += strlen(alt) + 1) {
		list[i] = alt;
		alt[strcspn(alt, ",")] = '\0';
	}
	v->filter = v->n_filter ? list + v->n_allele : NULL;
	for (int i = 0; i < v->n_filter; i++, filter += strlen(filter) + 1) {
		v->filter[i] = filter;
		filter[strcspn(filter, ";")] = '\0';
	}
	return true;
}

/* A line that htslib must see. */
static int parse(struct grx_ctx *cx, const struct grx_varpass *p, struct grx_varblock *b,
	const struct varpass_rec *r, struct grx_vars *v)
{
	const struct grx_varsrc *src = p->src;
	bcf1_t *rec;
	int rc = GRX_OK;

	if (!b->vh) {
		bcf_hdr_t *h = bcf_hdr_dup(p->h);
		rc = h ? grx_varhdr_take(cx, src->path, h, &b->vh) : grx_fail_nomem(cx, "header");
	}
	b->line.l = 0;
	if (!rc && kputsn((const char *)b->p + r->off, r->n, &b->line) < 0)
		rc = grx_fail_nomem(cx, "record");
	if (!rc)
		rc = grx_var_parse(cx, src->path, b->vh->live, &b->line, &rec);
	if (rc)
		return rc;
	rc = grx_var_decode(cx, b->vh->live, &src->want, rec, v);
	if (rc)
		bcf_destroy(rec);
	return rc;
}

int varpass_vcf_decode(
	struct grx_ctx *cx, const struct grx_varpass *p, struct grx_varblock *b, struct grx_vars *v)
{
	int rc = GRX_OK;

	for (size_t i = 0; i < b->n_rec && !rc; i++) {
		struct varpass_rec *r = &b->rec[i];
		struct varpass_line l = {.s = (char *)b->p + r->off, .n = r->n};
		if (!varpass_line_plain(p, b, &l)) {
			rc = parse(cx, p, b, r, v);
			continue;
		}
		struct grx_var *to = grx_vars_push(v);
		if (!to || !take_site(v->mem, &l, r, to))
			return grx_fail_nomem(cx, "variants");
		r->info = (size_t)(l.col[7] - l.s);
		r->n_info = l.n_info;
		varpass_note(r, to);
	}
	return rc;
}

/* ---- encoding ---- */

/* As vcf_format() writes it. */
static void put_field(kstring_t *to, const struct grx_field *f)
{
	const char *s;

	kputs(f->key, to);
	if (f->type == GRX_T_FLAG)
		return;
	if (f->type == GRX_T_INT || f->type == GRX_T_FLOAT) {
		kputc('=', to);
		bcf_fmt_array(to, f->n, f->type == GRX_T_INT ? BCF_BT_INT32 : BCF_BT_FLOAT,
			f->type == GRX_T_INT ? (void *)f->v.i : (void *)f->v.f);
		return;
	}
	s = f->v.s && f->v.s[0] ? f->v.s[0] : ".";
	if (*s) {
		kputc('=', to);
		bcf_fmt_array(to, (int)strlen(s), BCF_BT_CHAR, (void *)s);
	}
}

static struct varpass_set *find_set(struct grx_varblock *b, const char *key, size_t n)
{
	for (size_t i = 0; i < b->n_set; i++)
		if (!b->set[i].done && b->set[i].n_key == n && memcmp(b->set[i].key, key, n) == 0)
			return &b->set[i];
	return NULL;
}

/* How many fields there are in the end. */
static size_t put_info(struct grx_varblock *b, const char *s, size_t n)
{
	kstring_t *to = &b->out;
	size_t start = to->l, n_field = 0;
	const char *end = s + n;

	for (const char *semi; s < end && !(n == 1 && *s == '.'); s = semi + 1) {
		semi = memchr(s, ';', (size_t)(end - s));
		semi = semi ? semi : end;
		const char *eq = memchr(s, '=', (size_t)(semi - s));
		struct varpass_set *set = find_set(b, s, (size_t)((eq ? eq : semi) - s));
		if (set && set->drop)
			continue;
		n_field++;
		if (to->l > start)
			kputc(';', to);
		if (set) {
			set->done = true;
			put_field(to, set->f);
		} else {
			kputsn(s, (size_t)(semi - s), to);
		}
	}
	for (size_t i = 0; i < b->n_set; i++) {
		if (b->set[i].done || b->set[i].drop)
			continue;
		n_field++;
		if (to->l > start)
			kputc(';', to);
		put_field(to, b->set[i].f);
	}
	if (to->l == start)
		kputc('.', to);
	return n_field;
}

int varpass_vcf_encode(
	struct grx_ctx *cx, const struct grx_varpass *p, struct grx_varblock *b, const struct grx_vars *v)
{
	kstring_t *to = &b->out;

	errno = 0; /* tells of a text that could not grow */
	for (size_t i = 0; i < b->n_rec; i++) {
		const struct varpass_rec *r = &b->rec[i];
		const char *s = (const char *)b->p + r->off;
		int rc = v->v[i].raw ? grx_varsink_text(cx, p->dst, &v->v[i], to)
				     : varpass_sets(cx, p, b, i, &v->v[i]);
		if (rc)
			return rc;
		if (v->v[i].raw)
			continue;
		if (b->n_set == 0) {
			kputsn(s, r->n, to);
		} else {
			kputsn(s, r->info, to);
			if (put_info(b, s + r->info, r->n_info) > GRX_VAR_MAX_INFO)
				return grx_varsink_full(cx, p->dst, &v->v[i]);
			kputsn(s + r->info + r->n_info, r->n - r->info - r->n_info, to);
		}
		kputc('\n', to);
		if (errno == ENOMEM)
			return grx_fail_nomem(cx, "record");
	}
	return GRX_OK;
}
