/* SPDX-License-Identifier: GPL-3.0-or-later
 * weights_meta.c -- what a set knows besides its rows, as bytes: chromosomes, files, columns, files left out.
 */
#include <string.h>

#include "stage/prs/weights_int.h"

static void put(struct grx_str *s, const void *p, size_t n)
{
	grx_str_addn(s, p, n);
}

static void put_i64(struct grx_str *s, int64_t x)
{
	put(s, &x, sizeof x);
}

static void put_f64(struct grx_str *s, double x)
{
	put(s, &x, sizeof x);
}

/* Length + 1, 0 = NULL. */
static void put_text(struct grx_str *s, const char *t)
{
	put_i64(s, t ? (int64_t)strlen(t) + 1 : 0);
	if (t)
		put(s, t, strlen(t));
}

static void put_file(struct grx_str *s, const struct prs_file *f)
{
	put_text(s, f->path);
	put_text(s, f->trait);
	put_text(s, f->weight_type);
	put_text(s, f->build_text);
	put_text(s, f->sha256);
	put_i64(s, f->build);
	put_i64(s, f->harmonised | f->lifted << 1 | f->by_id << 2 | f->matrix << 3);
	const int64_t n[] = {f->variants_number, f->n_row, f->n_complex, f->n_lifted, f->n_placed_by_id,
		f->n_id_ambiguous, f->col_beg, f->col_end, f->first_row};
	for (size_t i = 0; i < sizeof n / sizeof *n; i++)
		put_i64(s, n[i]);
}

void prs_meta_put(const struct prs_set *s, struct grx_str *o)
{
	const struct prs_set_disk *d = s->disk;
	put_text(o, d->key);
	put_i64(o, d->target | d->compat_pgsc << 8 | d->compat_plink << 9 | d->used_ids << 10);
	put_i64(o, s->n_row);
	put_i64(o, s->n_chrom);
	for (int32_t i = 0; i < s->n_chrom; i++)
		put_text(o, s->chrom[i]);
	put_i64(o, s->n_file);
	put_i64(o, s->freq_file);
	put_i64(o, s->loadings_file);
	for (int32_t i = 0; i < s->n_file; i++)
		put_file(o, &s->file[i]);
	put_i64(o, s->n_col);
	for (int32_t i = 0; i < s->n_col; i++) {
		const struct prs_col *c = &s->col[i];
		put_text(o, c->id);
		put_i64(o, c->role);
		put_i64(o, c->of);
		put_i64(o, c->file);
		put_f64(o, c->bound);
		put_f64(o, c->sum_abs);
		put_i64(o, c->n_nonzero);
	}
	put_i64(o, d->n_left);
	for (int i = 0; i < d->n_left; i++) {
		put_text(o, d->left[i]);
		put_text(o, d->why[i]);
	}
}

struct in {
	const char *p, *end;
	struct grx_arena *mem;
	bool bad;
};

static void get(struct in *in, void *out, size_t n)
{
	memset(out, 0, n);
	if ((size_t)(in->end - in->p) < n) {
		in->bad = true;
		return;
	}
	memcpy(out, in->p, n);
	in->p += n;
}

static int64_t get_i64(struct in *in)
{
	int64_t x;
	get(in, &x, sizeof x);
	return x;
}

/* A count of things that take 8 bytes each at least. */
static int32_t get_count(struct in *in)
{
	int64_t n = get_i64(in);
	if (n < 0 || n > (in->end - in->p) / 8 || n > INT32_MAX) {
		in->bad = true;
		return 0;
	}
	return (int32_t)n;
}

static double get_f64(struct in *in)
{
	double x;
	get(in, &x, sizeof x);
	return x;
}

static const char *get_text(struct in *in)
{
	int64_t n = get_i64(in) - 1;
	if (n < 0)
		return NULL;
	if (n > in->end - in->p) {
		in->bad = true;
		return NULL;
	}
	const char *s = grx_arena_strndup(in->mem, in->p, (size_t)n);
	in->bad |= !s;
	in->p += n;
	return s;
}

static void get_file(struct in *in, struct prs_file *f)
{
	f->path = get_text(in);
	f->trait = get_text(in);
	f->weight_type = get_text(in);
	f->build_text = get_text(in);
	const char *sha = get_text(in);
	if (sha && strlen(sha) < sizeof f->sha256)
		memcpy(f->sha256, sha, strlen(sha) + 1);
	int64_t build = get_i64(in), flags = get_i64(in);
	f->build = build >= 0 && build <= PRS_BUILD_38 ? (enum prs_build)build : PRS_BUILD_NR;
	f->harmonised = flags & 1;
	f->lifted = flags & 2;
	f->by_id = flags & 4;
	f->matrix = flags & 8;
	f->variants_number = get_i64(in);
	f->n_row = get_i64(in);
	f->n_complex = get_i64(in);
	f->n_lifted = get_i64(in);
	f->n_placed_by_id = get_i64(in);
	f->n_id_ambiguous = get_i64(in);
	f->col_beg = (int32_t)get_i64(in);
	f->col_end = (int32_t)get_i64(in);
	f->first_row = get_i64(in);
	in->bad |= !f->path;
}

static void get_col(struct in *in, struct prs_set *s, struct prs_col *c)
{
	c->id = get_text(in);
	c->role = (uint8_t)get_i64(in);
	c->of = (int32_t)get_i64(in);
	c->file = (int32_t)get_i64(in);
	c->bound = get_f64(in);
	c->sum_abs = get_f64(in);
	c->n_nonzero = get_i64(in);
	s->n_score += c->role == PRS_COL_SCORE && c->file != s->loadings_file;
	in->bad |= !c->id || c->role > PRS_COL_SE || c->of < -1 || c->of >= s->n_col || c->file < 0 ||
		   c->file >= s->n_file;
}

static void get_left(struct in *in, struct prs_set_disk *d)
{
	d->n_left = get_count(in);
	d->left = grx_calloc((size_t)d->n_left, sizeof *d->left);
	d->why = grx_calloc((size_t)d->n_left, sizeof *d->why);
	in->bad |= !d->left || !d->why;
	for (int i = 0; i < d->n_left && !in->bad; i++) {
		d->left[i] = get_text(in);
		d->why[i] = get_text(in);
		in->bad |= !d->left[i] || !d->why[i];
	}
	if (in->bad)
		d->n_left = 0;
}

bool prs_meta_get(struct prs_set *s, const char *p, size_t n)
{
	struct prs_set_disk *d = s->disk;
	struct in in = {.p = p, .end = p + n, .mem = d->mem};
	const char *key = get_text(&in);
	int64_t how = get_i64(&in);
	if (key && strlen(key) < sizeof d->key)
		memcpy(d->key, key, strlen(key) + 1);
	d->target = (uint8_t)how;
	d->compat_pgsc = how >> 8 & 1;
	d->compat_plink = how >> 9 & 1;
	d->used_ids = how >> 10 & 1;
	s->n_row = (uint32_t)get_i64(&in);
	s->n_chrom = get_count(&in);
	s->chrom = grx_calloc((size_t)s->n_chrom, sizeof *s->chrom);
	in.bad |= !s->chrom;
	for (int32_t i = 0; i < s->n_chrom && !in.bad; i++)
		in.bad |= !(s->chrom[i] = get_text(&in));
	s->n_file = get_count(&in);
	s->file = grx_calloc((size_t)s->n_file, sizeof *s->file);
	in.bad |= !s->file;
	s->freq_file = (int32_t)get_i64(&in);
	s->loadings_file = (int32_t)get_i64(&in);
	in.bad |= s->freq_file < -1 || s->freq_file >= s->n_file || s->loadings_file < -1 ||
		  s->loadings_file >= s->n_file;
	for (int32_t i = 0; i < s->n_file && !in.bad; i++)
		get_file(&in, &s->file[i]);
	s->n_col = get_count(&in);
	s->col = grx_calloc((size_t)s->n_col, sizeof *s->col);
	in.bad |= !s->col;
	for (int32_t i = 0; i < s->n_col && !in.bad; i++)
		get_col(&in, s, &s->col[i]);
	for (int32_t i = 0; i < s->n_file && !in.bad; i++)
		in.bad = s->file[i].col_beg < 0 || s->file[i].col_beg > s->file[i].col_end ||
			 s->file[i].col_end > s->n_col;
	if (!in.bad)
		get_left(&in, d);
	return !in.bad && in.p == in.end;
}
