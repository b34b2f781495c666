/* SPDX-License-Identifier: GPL-3.0-or-later
 * out_csq.c -- rows by a plan of columns, and the declaration of INFO/CSQ.
 * Cached texts live in the shard's memory, those of a transcript beside the transcript held by work.c. */
#include "stage/annotate/out_int.h"

#include "base/ctx.h"
#include "genorx/vars.h"

enum { PIECE = 65536 };

char *annotate_buf_room(struct grx_arena *mem, struct annotate_buf *b, size_t n)
{
	if (b->n + n <= b->cap)
		return b->s + b->n;
	size_t cap = 2 * (b->n + n) > PIECE ? 2 * (b->n + n) : PIECE;
	char *s = grx_arena_alloc(mem, cap, 1);
	if (!s)
		return NULL;
	if (b->n)
		memcpy(s, b->s, b->n);
	b->s = s;
	b->cap = cap;
	return s + b->n;
}

int annotate_csq_declare(struct grx_ctx *cx, const struct annotate_out *o)
{
	struct grx_str d = {0};
	grx_str_add(&d, "Consequence annotations from genorx, columns as in Ensembl VEP. Format: ");
	for (int i = 0; i < o->csq.n; i++) {
		if (i)
			grx_str_addc(&d, '|');
		grx_str_add(&d, annotate_column[o->csq.col[i]].name);
	}
	struct grx_hdr_line l = {
		.kind = GRX_HDR_INFO, .id = "CSQ", .number = ".", .type = GRX_T_STR, .desc = d.s};
	int rc = d.oom ? grx_fail_nomem(cx, "header") : grx_hdr_declare(cx, cx->hdr, &l);
	grx_str_clear(&d);
	return rc;
}

/* The columns of a run, those of an entry only where it may have a value. */
static char *run_put(
	const struct annotate_plan *p, const struct annotate_run *r, const struct annotate_cell *c, char *q)
{
	const uint8_t *col = p->col + r->first;
	uint64_t may = r->scope == AC_OF_ENTRY ? c->may : UINT64_MAX;
	if (!(may & r->cols) && !p->style.dash) {
		memset(q, p->style.sep, (size_t)r->n - 1);
		return q + r->n - 1;
	}
	for (int i = 0; i < r->n; i++) {
		if (i)
			*q++ = p->style.sep;
		char *from = q;
		if (may >> col[i] & 1)
			q = annotate_cell_put(c, col[i], q);
		if (q == from && p->style.dash)
			*q++ = '-';
	}
	return q;
}

/* What the writers keep beside a transcript: the texts of its runs, by plan. */
struct tx_text {
	struct annotate_text *run[2]; /* NULL: not made yet */
	size_t total[2];
};

static int tx_text_make(struct annotate_work *w, const struct annotate_plan *p, const struct annotate_cell *c,
	struct annotate_text **out, size_t *total)
{
	struct annotate_buf b = {0};
	struct annotate_text *v = grx_arena_alloc(w->keep, (size_t)p->n_tx_run + 1, sizeof *v);
	size_t need = annotate_tx_bound(c->e->tx);
	b.s = grx_arena_alloc(w->mem, need, 1);
	if (!v || !b.s)
		return grx_fail_nomem(w->cx, "CSQ");
	*total = 0;
	for (int i = 0; i < p->n_run; i++) {
		const struct annotate_run *r = &p->run[i];
		if (r->scope != AC_OF_TX)
			continue;
		size_t n = (size_t)(run_put(p, r, c, b.s) - b.s);
		v[r->slot].s = grx_arena_strndup(w->keep, b.s, n);
		v[r->slot].n = (uint32_t)n;
		if (!v[r->slot].s)
			return grx_fail_nomem(w->cx, "CSQ");
		*total += n;
	}
	*out = v;
	return GRX_OK;
}

static int tx_text(struct annotate_work *w, const struct annotate_plan *p, const struct annotate_cell *c,
	const struct annotate_text **run, size_t *total)
{
	struct tx_text **at = (struct tx_text **)annotate_tx_slot(c->e->tx);
	int k = p == &w->st->out->tsv;
	if (!*at && !(*at = grx_arena_calloc(w->keep, 1, sizeof **at)))
		return grx_fail_nomem(w->cx, "CSQ");
	if (!(*at)->run[k]) {
		int rc = tx_text_make(w, p, c, &(*at)->run[k], &(*at)->total[k]);
		if (rc)
			return rc;
	}
	*run = (*at)->run[k];
	*total = (*at)->total[k];
	return GRX_OK;
}

int annotate_plan_allele(struct annotate_work *w, const struct annotate_plan *p, struct annotate_cell *c,
	struct annotate_text *run)
{
	struct annotate_buf *b = &w->part->out->allele_buf;
	char *q = annotate_buf_room(w->keep, b, annotate_cell_bound(c));
	if (!q)
		return grx_fail_nomem(w->cx, "CSQ");
	for (int i = 0; i < p->n_run; i++) {
		const struct annotate_run *r = &p->run[i];
		if (r->scope != AC_OF_ALLELE)
			continue;
		char *end = run_put(p, r, c, q);
		run[r->slot] = (struct annotate_text){q, (uint32_t)(end - q)};
		b->n += (size_t)(end - q);
		q = end;
	}
	return GRX_OK;
}

int annotate_plan_entry(struct annotate_work *w, const struct annotate_plan *p, const struct annotate_cell *c,
	const struct annotate_text *run, struct annotate_buf *b)
{
	const struct annotate_text *tx = NULL;
	size_t need = annotate_cell_bound(c), n_tx = 0;
	if (c->e->tx && p->n_tx_run) {
		int rc = tx_text(w, p, c, &tx, &n_tx);
		if (rc)
			return rc;
	}
	for (int i = 0; i < p->n_allele_run; i++)
		need += run[i].n;
	char *q = annotate_buf_room(w->keep, b, need + n_tx);
	if (!q)
		return grx_fail_nomem(w->cx, "CSQ");
	for (int i = 0; i < p->n_run; i++) {
		const struct annotate_run *r = &p->run[i];
		const struct annotate_text *t = r->scope == AC_OF_ALLELE     ? &run[r->slot]
						: r->scope == AC_OF_TX && tx ? &tx[r->slot]
									     : NULL;
		if (i)
			*q++ = p->style.sep;
		if (t) {
			memcpy(q, t->s, t->n);
			q += t->n;
		} else {
			q = run_put(p, r, c, q);
		}
	}
	b->n = (size_t)(q - b->s);
	return GRX_OK;
}
