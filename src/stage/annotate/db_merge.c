/* SPDX-License-Identifier: GPL-3.0-or-later
 * db_merge.c -- alleles of a shard met by the blocks of a built database: both are sorted, so a block's keys
 * are walked once, and only columns that are asked for are unpacked, only of blocks with a match. */
#include <math.h>
#include <string.h>

#include "stage/annotate/db_block.h"
#include "stage/annotate/db_join.h"

struct hit {
	uint32_t want, row;
};

/* First row in [from, n) at or after pos. */
static uint32_t row_find(const struct annotate_dbkeys *k, uint32_t from, int64_t pos)
{
	uint32_t lo = from, hi = from, step = 1;
	while (hi < k->n && k->pos[hi] < pos) {
		lo = hi + 1;
		hi = step < k->n - hi ? hi + step : k->n;
		step *= 2;
	}
	while (lo < hi) {
		uint32_t m = lo + (hi - lo) / 2;
		if (k->pos[m] < pos)
			lo = m + 1;
		else
			hi = m;
	}
	return lo;
}

static bool row_is(struct annotate_joining *j, const struct annotate_dbkeys *k, uint32_t row,
	const struct annotate_want *x)
{
	struct annotate_dbkey key = {.pos = k->pos[row], .code = k->code[row], .ref = "", .alt = ""};
	if (key.code & DB_LONG)
		annotate_dbkeys_text(k, row, &key);
	annotate_ref_compare(j->count, &x->k, &key);
	return annotate_dbkey_cmp(&x->k, &key) == 0;
}

/* Matches of the alleles from j->at on, which ends behind the block. */
static size_t block_hits(
	struct annotate_joining *j, const struct annotate_dbkeys *k, int64_t last, struct hit *hit)
{
	size_t n = 0;
	uint32_t row = 0;
	for (size_t i = j->at; i < j->b && j->s[i].pos <= last; i++) {
		row = row_find(k, row, j->s[i].pos);
		for (uint32_t r = row; r < k->n && k->pos[r] == j->s[i].pos; r++) {
			uint32_t want = j->s[i].i;
			if (!row_is(j, k, r, &j->ws->v[want]) || j->matched[want])
				continue;
			j->matched[want] = 1;
			hit[n++] = (struct hit){want, r};
		}
	}
	return n;
}

/* A text goes into INFO as it is: the file may not smuggle in what ends a column. */
static int text_take(struct annotate_joining *j, const struct annotate_dbblock *b, struct annotate_dbval *v)
{
	for (int32_t i = 0; i < v->n; i++)
		if ((unsigned char)v->v.s[i] <= ' ' || strchr(";=,", v->v.s[i]))
			return grx_fail(j->w->cx, GRX_E_DATA,
				"%s: damaged database: a text that no INFO column can hold", b->path);
	v->v.s = grx_arena_strndup(j->w->keep, v->v.s, (size_t)v->n);
	return v->v.s ? GRX_OK : grx_fail_nomem(j->w->cx, "column");
}

static int column_take(
	struct annotate_joining *j, const struct annotate_dbblock *b, int f, const struct hit *hit, size_t n)
{
	const struct annotate_dbfield *d = &j->db->src.sp.field[f];
	struct annotate_dbcol col;
	int rc = annotate_dbblock_col(j->w->cx, b, d->col, d->type, &col);
	for (size_t i = 0; i < n && !rc && col.enc; i++) {
		struct annotate_dbval *v =
			&j->cell[(size_t)hit[i].want * (size_t)j->db->src.sp.n_field + (size_t)f];
		rc = annotate_dbcol_get(j->w->cx, b, &col, hit[i].row, v);
		if (!rc && v->kind == DB_STR)
			rc = text_take(j, b, v);
		if (v->kind == DB_FLOAT && !isfinite(v->v.f))
			v->kind = DB_NONE;
	}
	return rc;
}

static int block_join(struct annotate_joining *j, const struct annotate_dbentry *e)
{
	int rc = GRX_E_BUG;
	struct grx_ctx *cx = j->w->cx;
	const struct annotate_gxd *g = j->db->src.gxd;
	struct annotate_dbblock b = {.path = g->path, .p = g->map + e->off, .e = e, .mem = j->w->mem};
	struct annotate_dbkeys k;
	size_t most = j->at;
	while (most < j->b && j->s[most].pos <= e->last)
		most++;
	struct hit *hit = grx_arena_alloc(b.mem, most - j->at + 1, sizeof *hit);
	if (!hit)
		GRX_TRY(grx_fail_nomem(cx, "database block"));
	GRX_TRY(annotate_dbblock_open(cx, &b));
	if (b.n_seg != (uint32_t)g->n_field + 1)
		GRX_TRY(grx_fail(cx, GRX_E_DATA, "%s: damaged database: a block of other columns", g->path));
	GRX_TRY(annotate_dbblock_keys(cx, &b, &k));
	size_t n = block_hits(j, &k, e->last, hit);
	for (int f = 0; n && f < j->db->src.sp.n_field; f++)
		GRX_TRY(column_take(j, &b, f, hit, n));
	rc = GRX_OK;
out:
	grx_arena_reset(b.mem);
	return rc;
}

int annotate_join_built(struct annotate_joining *j)
{
	const struct annotate_gxd *g = j->db->src.gxd;
	int32_t tid = j->db->tid[j->s[j->a].tid];
	int rc = GRX_OK;
	size_t i = annotate_gxd_find(g, tid, j->s[j->a].pos);
	for (j->at = j->a; i < g->n_block && g->block[i].tid == tid && !rc;) {
		const struct annotate_dbentry *e = &g->block[i];
		j->at = annotate_order_find(j, e->first);
		if (j->at >= j->b)
			break;
		if (j->s[j->at].pos > e->last) {
			i = annotate_gxd_find(g, tid, j->s[j->at].pos);
			continue;
		}
		rc = block_join(j, e);
		i++;
	}
	return rc;
}
