/* SPDX-License-Identifier: GPL-3.0-or-later
 * db_probe.c -- alleles of a shard met by the records of an indexed VCF or the lines of an indexed table.
 * Each row looks for the alleles at its place, so nothing of the database is kept but what matched. Alleles
 * that lie close together share one query. */
#include <string.h>

#include "stage/annotate/db_join.h"

#define FETCH_LEFT                                                                                           \
	1000 /* a line with padding bases begins before its change; index: only where it begins              \
	      */
#define FETCH_RIGHT (DB_ALIGN_SPAN + 8)
#define FETCH_GAP   20000 /* reading on is cheaper than another query */

struct probe {
	struct annotate_joining *j;
	struct annotate_dbwin win;
	struct grx_arena *mem; /* keys of a row */
	size_t a, b;           /* alleles of this query */
};

static int put(struct probe *p, struct grx_ctx *cx, const struct annotate_dbrow *row, int alt, uint32_t want)
{
	struct annotate_joining *j = p->j;
	int n = j->db->src.sp.n_field, rc = GRX_OK;
	if (j->matched[want]) {
		j->count->n_again++;
		return GRX_OK;
	}
	j->matched[want] = 1;
	for (int f = 0; f < n && !rc; f++)
		rc = annotate_dbrow_value(cx, &j->db->src, row, alt, f, j->w->keep,
			&j->cell[(size_t)want * (size_t)n + (size_t)f]);
	return rc;
}

/* Alleles of the shard that the row has: to put(), or only whether there are any. */
static int alleles_meet(struct probe *p, struct grx_ctx *cx, const struct annotate_dbrow *row, bool *any)
{
	struct annotate_joining *j = p->j;
	for (int k = 0; k < row->n_alt; k++) {
		struct annotate_dbsite s = {row->pos, row->end - row->pos, row->ref, row->alt[k]};
		struct annotate_dbkey key;
		bool ok;
		int rc = annotate_dbkey_make(cx, &p->win, p->mem, &s, &key, &ok);
		if (rc)
			return rc;
		if (ok && j->db->src.kind == DB_TABLE && key.pos > row->pos + FETCH_LEFT)
			ok = false; /* seen only for the sake of a neighbour */
		size_t i = ok ? annotate_order_find(j, key.pos) : p->b;
		j->at = i < p->b ? i : p->b - 1;
		for (; i < p->b && j->s[i].pos == key.pos && !rc; i++) {
			const struct annotate_want *x = &j->ws->v[j->s[i].i];
			bool same = annotate_dbkey_cmp(&x->k, &key) == 0;
			if (any)
				*any |= same;
			else if (same)
				rc = put(p, cx, row, k, j->s[i].i);
			if (any || j->db->src.kind != DB_VCF) /* once for each row */
				annotate_ref_compare(j->count, &x->k, &key);
		}
		if (rc)
			return rc;
	}
	return GRX_OK;
}

static bool has_token(const struct annotate_dbval *list, const struct annotate_dbval *x)
{
	const char *p = list->v.s, *end = p + list->n;
	for (; p < end; p++) {
		const char *e = memchr(p, '&', (size_t)(end - p));
		size_t n = (size_t)((e ? e : end) - p);
		if (n == (size_t)x->n && memcmp(p, x->v.s, n) == 0)
			return true;
		p += n;
	}
	return false;
}

/* One more interval over an allele: texts are collected, of numbers the first stands. */
static int cell_add(struct probe *p, struct annotate_dbval *to, const struct annotate_dbval *x)
{
	struct annotate_joining *j = p->j;
	if (!x->kind)
		return GRX_OK;
	if (!to->kind) {
		*to = *x;
		return GRX_OK;
	}
	if (x->kind != DB_STR) {
		j->count->n_again++;
		return GRX_OK;
	}
	if (has_token(to, x))
		return GRX_OK;
	char *s = grx_arena_printf(j->w->keep, "%s&%s", to->v.s, x->v.s);
	if (!s)
		return grx_fail_nomem(j->w->cx, "column");
	to->v.s = s;
	to->n += x->n + 1;
	return GRX_OK;
}

static int interval_row(struct probe *p, struct grx_ctx *cx, const struct annotate_dbrow *row)
{
	struct annotate_joining *j = p->j;
	int n = j->db->src.sp.n_field;
	size_t i = annotate_order_find(j, row->pos - j->ws->longest);
	j->at = i < p->b ? i : p->b - 1;
	for (; i < p->b && j->s[i].pos < row->end; i++) {
		const struct annotate_want *x = &j->ws->v[j->s[i].i];
		if (x->end <= row->pos || x->beg >= row->end)
			continue;
		j->matched[j->s[i].i] = 1;
		for (int f = 0; f < n; f++) {
			struct annotate_dbval v = {0};
			int rc = annotate_dbrow_value(cx, &j->db->src, row, 0, f, j->w->keep, &v);
			if (!rc)
				rc = cell_add(p, &j->cell[(size_t)j->s[i].i * (size_t)n + (size_t)f], &v);
			if (rc)
				return rc;
		}
	}
	return GRX_OK;
}

static int probe_row(void *arg, struct grx_ctx *cx, const struct annotate_dbrow *row)
{
	struct probe *p = arg;
	int rc = p->j->db->src.intervals ? interval_row(p, cx, row) : alleles_meet(p, cx, row, NULL);
	grx_arena_reset(p->mem);
	return rc;
}

static int probe_site(void *arg, struct grx_ctx *cx, const struct annotate_dbrow *row, bool *need)
{
	struct probe *p = arg;
	int rc = alleles_meet(p, cx, row, need);
	grx_arena_reset(p->mem);
	return rc;
}

/* Alleles [a, b) in one query. */
static int probe_fetch(struct probe *p)
{
	const struct annotate_joining *j = p->j;
	struct annotate_work *w = j->w;
	int64_t lo = INT64_MAX, hi = 0;
	for (size_t i = p->a; i < p->b; i++) {
		const struct annotate_want *x = &j->ws->v[j->s[i].i];
		int64_t beg = x->k.pos < x->beg ? x->k.pos : x->beg;
		lo = beg < lo ? beg : lo;
		hi = x->end > hi ? x->end : hi;
	}
	struct annotate_dbquery q = {.contig = grx_contig_name(w->cx->contigs, j->s[p->a].tid),
		.beg = lo > FETCH_LEFT ? lo - FETCH_LEFT : 0,
		.end = hi + FETCH_RIGHT,
		.mem = w->mem,
		.site = probe_site,
		.row = probe_row,
		.arg = p};
	return annotate_dbsrc_fetch(w->cx, &j->db->src, &q);
}

int annotate_join_probe(struct annotate_joining *j)
{
	struct annotate_work *w = j->w;
	struct probe p = {
		.j = j, .mem = grx_arena_new(), .win = {.fasta = w->cx->fasta, .mem = grx_arena_new()}};
	size_t a = j->a, b = j->b;
	int rc = p.mem && p.win.mem ? GRX_OK : grx_fail_nomem(w->cx, "alleles");
	annotate_dbwin_contig(&p.win, w->st->fasta_name[j->s[a].tid]);
	for (p.a = a; p.a < b && !rc; p.a = p.b) {
		for (p.b = p.a + 1; p.b < b; p.b++)
			if (j->s[p.b].pos > j->s[p.b - 1].pos + FETCH_GAP)
				break;
		j->a = j->at = p.a;
		j->b = p.b;
		rc = probe_fetch(&p);
	}
	j->a = a;
	j->b = b;
	grx_arena_free(p.mem);
	grx_arena_free(p.win.mem);
	return rc;
}
