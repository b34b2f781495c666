/* SPDX-License-Identifier: GPL-3.0-or-later
 * db_join.c -- columns of the databases for the records of a shard.
 * The shard's alleles are normalised and sorted once; each database fills a cell for each allele and field;
 * then the cells become INFO columns. Columns are allele-wise (Number=A) whatever the database has, because
 * each ALT may match another of its records. No match leaves '.', and a record without any gets no column. */
#include "stage/annotate/db_join.h"

#include <stdlib.h>
#include <string.h>

#include "bio/allele.h"
#include "stage/annotate/sv.h"

#define SORT_MOVES 32 /* per allele: alignment moves few of them, and not far */

/* --- alleles --- */

static int order_cmp(const void *p, const void *q)
{
	const struct annotate_order *a = p, *b = q;
	if (a->tid != b->tid)
		return a->tid < b->tid ? -1 : 1;
	if (a->pos != b->pos)
		return a->pos < b->pos ? -1 : 1;
	if (a->code != b->code)
		return a->code < b->code ? -1 : 1;
	return a->i < b->i ? -1 : 1;
}

static void order_sort(struct annotate_order *s, size_t n)
{
	size_t left = n * SORT_MOVES;
	for (size_t i = 1; i < n; i++) {
		struct annotate_order x = s[i];
		size_t k = i;
		for (; k > 0 && left && order_cmp(&x, &s[k - 1]) < 0; k--, left--)
			s[k] = s[k - 1];
		s[k] = x;
		if (!left) {
			qsort(s, n, sizeof *s, order_cmp);
			return;
		}
	}
}

/* Length of the site; that of an interval without END is in SVLEN. */
static int64_t site_length(const struct grx_var *v, int32_t k)
{
	int64_t len;
	bool open = v->allele[k][0] == '<' && v->rlen <= (int64_t)strlen(v->allele[0]);
	return open && strncmp(v->allele[k], "<INS", 4) != 0 && annotate_sv_length(v, k, &len) ? len + 1
											       : v->rlen;
}

/* Bases that the allele changes, for intervals. */
static void span_set(const struct grx_var *v, int64_t rlen, struct annotate_want *x)
{
	const char *ref = v->allele[0], *alt = v->allele[x->alt + 1];
	x->beg = v->pos;
	x->end = v->pos + (rlen > 0 ? rlen : 1);
	if (alt[0] == '<' && x->end > x->beg + (int64_t)strlen(ref))
		x->beg++; /* POS is the base before an interval */
	if (!grx_allele_is_seq(ref) || !grx_allele_is_seq(alt))
		return;
	struct grx_change c = {v->pos, ref, alt, (int)strlen(ref), (int)strlen(alt)};
	grx_change_trim(&c);
	x->beg = c.ref_len ? c.pos : c.pos > 0 ? c.pos - 1 : 0;
	x->end = c.pos + (c.ref_len ? c.ref_len : 1);
}

static int wants_fill(struct annotate_work *w, struct annotate_dbwin *win, struct annotate_wants *ws)
{
	const struct grx_vars *b = w->sh->vars;
	for (size_t i = 0; i < b->n; i++) {
		const struct grx_var *v = &b->v[i];
		if (grx_var_is_ref_block(v))
			continue;
		annotate_dbwin_contig(win, w->st->fasta_name[v->tid]);
		for (int32_t k = 1; k < v->n_allele; k++) {
			struct annotate_want *x = &ws->v[ws->n];
			struct annotate_dbsite s = {v->pos, site_length(v, k), v->allele[0], v->allele[k]};
			bool ok;
			*x = (struct annotate_want){.rec = i, .tid = v->tid, .alt = k - 1};
			int rc = annotate_dbkey_make(w->cx, win, w->keep, &s, &x->k, &ok);
			if (rc)
				return rc;
			if (!ok)
				continue;
			span_set(v, s.rlen, x);
			ws->longest = x->end - x->beg > ws->longest ? x->end - x->beg : ws->longest;
			ws->n++;
		}
	}
	return GRX_OK;
}

static int wants_make(struct annotate_work *w, struct annotate_wants *ws)
{
	const struct grx_vars *b = w->sh->vars;
	size_t n = 0;
	for (size_t i = 0; i < b->n; i++)
		n += (size_t)b->v[i].n_allele;
	ws->v = grx_arena_alloc(w->keep, n + 1, sizeof *ws->v);
	struct annotate_dbwin win = {.fasta = w->cx->fasta, .mem = grx_arena_new()};
	int rc = ws->v && win.mem && n < UINT32_MAX ? wants_fill(w, &win, ws)
						    : grx_fail_nomem(w->cx, "alleles");
	grx_arena_free(win.mem);
	if (rc)
		return rc;
	ws->by_key = grx_arena_alloc(w->keep, ws->n + 1, sizeof *ws->by_key);
	ws->by_beg = grx_arena_alloc(w->keep, ws->n + 1, sizeof *ws->by_beg);
	if (!ws->by_key || !ws->by_beg)
		return grx_fail_nomem(w->cx, "alleles");
	for (size_t i = 0; i < ws->n; i++) {
		const struct annotate_want *x = &ws->v[i];
		ws->by_key[i] = (struct annotate_order){x->tid, (uint32_t)i, x->k.pos, x->k.code};
		ws->by_beg[i] = (struct annotate_order){x->tid, (uint32_t)i, x->beg, 0};
	}
	order_sort(ws->by_key, ws->n);
	order_sort(ws->by_beg, ws->n);
	return GRX_OK;
}

size_t annotate_order_find(const struct annotate_joining *j, int64_t pos)
{
	size_t lo = j->a, hi = j->b, step = 1;
	if (j->at < j->b && j->s[j->at].pos < pos) {
		/* gallop on from the last place */
		for (lo = j->at + 1; lo < hi && j->s[lo].pos < pos; step *= 2)
			lo = lo + step < hi ? lo + step : hi;
		hi = lo;
		lo = j->at + 1;
	} else if (j->at < j->b) {
		hi = j->at;
		if (hi == j->a || j->s[hi - 1].pos < pos)
			return hi;
	}
	while (lo < hi) {
		size_t m = lo + (hi - lo) / 2;
		if (j->s[m].pos < pos)
			lo = m + 1;
		else
			hi = m;
	}
	return lo;
}

static int first_base(const struct annotate_dbkey *k)
{
	if (k->code & DB_LONG)
		return k->ref_len ? k->ref[0] : 0;
	int r = (int)(k->code >> 57 & 31), n = r + (int)(k->code >> 52 & 31);
	return r ? "ACGT"[k->code >> 2 * (n - 1) & 3] : 0;
}

void annotate_ref_compare(
	struct annotate_db_count *c, const struct annotate_dbkey *a, const struct annotate_dbkey *b)
{
	int x = first_base(a), y = first_base(b);
	if (!x || !y || x == 'N' || y == 'N')
		return;
	if (x == y)
		c->n_ref_same++;
	else
		c->n_ref_differ++;
}

/* --- columns --- */

/* Texts of the ALTs of a record, joined. Cell texts that stand alone are used as they are. */
static char *text_join(struct grx_arena *mem, const struct annotate_dbval *const *cell, int32_t n)
{
	size_t len = 0;
	for (int32_t k = 0; k < n; k++)
		len += (cell[k] && cell[k]->kind ? (size_t)cell[k]->n : 1) + 1;
	char *s = grx_arena_alloc(mem, len + 1, 1), *p = s;
	for (int32_t k = 0; s && k < n; k++) {
		bool some = cell[k] && cell[k]->kind;
		if (k)
			*p++ = ',';
		memcpy(p, some ? cell[k]->v.s : ".", some ? (size_t)cell[k]->n : 1);
		p += some ? cell[k]->n : 1;
	}
	if (s)
		*p = '\0';
	return s;
}

static int column_set(
	struct annotate_joining *j, struct grx_var *v, int f, const struct annotate_dbval *const *cell)
{
	const struct annotate_dbfield *d = &j->db->src.sp.field[f];
	int32_t n = v->n_allele - 1;
	bool any = false;
	for (int32_t k = 0; k < n; k++)
		any |= cell[k] && cell[k]->kind;
	if (!any)
		return GRX_OK;
	struct grx_field *to = grx_var_info_set(
		j->w->keep, v, d->column, d->type, d->type == GRX_T_STR ? 1 : n);
	if (!to)
		return grx_fail_nomem(j->w->cx, "column");
	if (d->type == GRX_T_STR) {
		to->v.s[0] = n == 1 ? (char *)(uintptr_t)cell[0]->v.s : text_join(j->w->keep, cell, n);
		return to->v.s[0] ? GRX_OK : grx_fail_nomem(j->w->cx, "column");
	}
	for (int32_t k = 0; k < n; k++) {
		if (!cell[k] || !cell[k]->kind)
			continue;
		if (d->type == GRX_T_INT)
			to->v.i[k] = cell[k]->v.i;
		else
			to->v.f[k] = cell[k]->v.f;
	}
	return GRX_OK;
}

/* The input's own column of that name goes, also where the database has nothing. */
static int column_replace(struct annotate_joining *j, struct grx_var *v, const struct annotate_dbfield *d)
{
	const struct grx_field *old = d->in_input ? grx_var_info(v, d->column) : NULL;
	if (!old || !old->from_file)
		return GRX_OK;
	j->count->n_replaced++;
	int32_t n = v->n_allele > 1 ? v->n_allele - 1 : 1;
	return grx_var_info_set(j->w->keep, v, d->column, d->type, d->type == GRX_T_STR ? 1 : n)
		       ? GRX_OK
		       : grx_fail_nomem(j->w->cx, "column");
}

static int record_write(struct annotate_joining *j, struct grx_var *v, size_t first, size_t last)
{
	const struct annotate_dbval *few[8], **cell = few;
	int n_field = j->db->src.sp.n_field, rc = GRX_OK;
	int32_t n = v->n_allele - 1;
	if (n > 8)
		cell = grx_arena_alloc(j->w->keep, (size_t)n, sizeof *cell);
	if (!cell)
		return grx_fail_nomem(j->w->cx, "column");
	for (int f = 0; f < n_field && !rc; f++) {
		memset(cell, 0, (size_t)n * sizeof *cell);
		for (size_t i = first; i < last; i++)
			cell[j->ws->v[i].alt] = &j->cell[i * (size_t)n_field + (size_t)f];
		rc = column_set(j, v, f, cell);
	}
	return rc;
}

static int cells_write(struct annotate_joining *j)
{
	struct grx_vars *b = j->w->sh->vars;
	const struct annotate_want *v = j->ws->v;
	int rc = GRX_OK;
	for (int f = 0; f < j->db->src.sp.n_field; f++)
		for (size_t i = 0; i < b->n && !rc && j->db->src.sp.field[f].in_input; i++)
			rc = column_replace(j, &b->v[i], &j->db->src.sp.field[f]);
	for (size_t i = 0, e; i < j->ws->n && !rc; i = e) {
		bool any = false;
		for (e = i; e < j->ws->n && v[e].rec == v[i].rec; e++)
			any |= j->matched[e];
		if (any)
			rc = record_write(j, &b->v[v[i].rec], i, e);
	}
	return rc;
}

static int db_join(struct annotate_work *w, const struct annotate_wants *ws, int number)
{
	const struct annotate_db *db = w->st->db[number];
	struct annotate_joining j = {.w = w,
		.db = db,
		.ws = ws,
		.s = db->src.intervals ? ws->by_beg : ws->by_key,
		.count = &w->part->db_count[number]};
	int rc = GRX_OK;
	j.cell = grx_arena_calloc(w->keep, ws->n * (size_t)db->src.sp.n_field + 1, sizeof *j.cell);
	j.matched = grx_arena_calloc(w->keep, ws->n + 1, 1);
	if (!j.cell || !j.matched)
		return grx_fail_nomem(w->cx, "columns");
	for (; j.a < ws->n && !rc; j.a = j.b) {
		for (j.b = j.a + 1; j.b < ws->n && j.s[j.b].tid == j.s[j.a].tid;)
			j.b++;
		j.at = j.a;
		if (db->tid[j.s[j.a].tid] < 0)
			continue;
		rc = db->src.kind == DB_BUILT ? annotate_join_built(&j) : annotate_join_probe(&j);
	}
	for (size_t i = 0; i < ws->n; i++)
		j.count->n_match += j.matched[i];
	return rc ? rc : cells_write(&j);
}

int annotate_db_join(struct annotate_work *w)
{
	struct annotate_wants ws = {0};
	if (!w->st->n_db)
		return GRX_OK;
	w->part->db_count = grx_arena_calloc(w->keep, (size_t)w->st->n_db, sizeof *w->part->db_count);
	if (!w->part->db_count)
		return grx_fail_nomem(w->cx, "databases");
	int rc = wants_make(w, &ws);
	for (int i = 0; i < w->st->n_db && !rc; i++)
		rc = db_join(w, &ws, i);
	grx_arena_reset(w->mem);
	return rc;
}
