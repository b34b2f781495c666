/* SPDX-License-Identifier: GPL-3.0-or-later
 * model_tx.c -- exons and CDS of one transcript.
 * Invariant: exons are disjoint, in transcript order, with running cDNA offsets; the reading frame comes from
 * the first CDS piece's phase and the cumulative length alone (inner phases are checked, not trusted). */
#include "stage/annotate/model_int.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SLIP_SKIP       100 /* bases that a slip may leave out or read twice (the widest known bypass is 50) */
#define SLIP_UNDECLARED 2   /* without exception=ribosomal slippage */

/* Merge touching or overlapping pieces, ascending; the new count. */
static size_t pieces_join(struct annotate_piece *v, size_t n, bool *overlap)
{
	size_t m = 0;
	for (size_t i = 0; i < n; i++) {
		*overlap |= m && v[i].beg < v[m - 1].end;
		if (m && v[i].beg <= v[m - 1].end) {
			if (v[i].end > v[m - 1].end)
				v[m - 1].end = v[i].end;
		} else {
			v[m++] = v[i];
		}
	}
	return m;
}

static int exons_set(struct grx_ctx *cx, struct annotate_build *b, struct annotate_txb *t)
{
	bool overlap = false;
	size_t n = t->n_exon = pieces_join(t->exon, t->n_exon, &overlap);
	if (overlap && !t->by_cds && t->node->has_exon)
		annotate_count_add(&b->g->count[AT_R_OVERLAP], t->node->line);
	if (grx_grow(&b->exon, &b->cap_exon, b->n_exon + n, sizeof *b->exon, UINT32_MAX))
		return grx_fail_nomem(cx, "gene models");
	struct annotate_exon *e = &b->exon[b->n_exon];
	int64_t at = 0;
	for (size_t i = 0; i < n; i++) {
		const struct annotate_piece *p = &t->exon[t->node->strand > 0 ? i : n - 1 - i];
		e[i] = (struct annotate_exon){p->beg, p->end, (int32_t)at};
		at += p->end - p->beg;
	}
	t->rec->exon = (uint32_t)b->n_exon;
	t->rec->n_exon = (uint32_t)n;
	t->rec->strand = t->node->strand;
	t->rec->contig = (uint32_t)t->node->contig;
	t->tx.strand = t->node->strand;
	t->tx.exon = e;
	t->tx.n_exon = (int32_t)n;
	t->tx.cdna_len = at;
	b->n_exon += n;
	b->span[b->n_tx] = (struct annotate_im_span){t->exon[0].beg, t->exon[n - 1].end};
	return GRX_OK;
}

/* cDNA of a piece; false when it is not within one exon. */
static bool part_of(
	const struct annotate_txb *t, const struct annotate_piece *p, struct annotate_cdna_part *c)
{
	int64_t x = annotate_cdna(&t->tx, p->beg), y = annotate_cdna(&t->tx, p->end - 1);
	c->a = (int32_t)(x < y ? x : y);
	c->b = (int32_t)(x < y ? y : x);
	return x && y && c->b - c->a == p->end - p->beg - 1;
}

static void reverse(struct annotate_piece *v, size_t n)
{
	for (size_t i = 0; i < n / 2; i++) {
		struct annotate_piece x = v[i];
		v[i] = v[n - 1 - i];
		v[n - 1 - i] = x;
	}
}

static bool same_exon(const struct annotate_txb *t, int32_t x, int32_t y)
{
	for (int32_t i = 0; i < t->tx.n_exon; i++) {
		const struct annotate_exon *e = &t->tx.exon[i];
		if (x > e->cdna && x <= e->cdna + e->end - e->beg)
			return y > e->cdna && y <= e->cdna + e->end - e->beg;
	}
	return false;
}

/* What lies between CDS piece k and the next one to be read, at part q. True: the two belong together. */
static bool join_parts(
	struct grx_ctx *cx, struct annotate_build *b, struct annotate_txb *t, const size_t at[2], int *rc)
{
	struct annotate_cdna_part *p = &t->part[at[0]], *q = &t->part[at[1]];
	struct annotate_count *c = b->g->count;
	*rc = GRX_OK;
	if (q->a == p->b + 1)
		return true;
	int32_t most = t->cds->slip ? SLIP_SKIP : SLIP_UNDECLARED;
	if (q->a <= p->b && (q->b <= p->b || q->a <= p->a || p->b - q->a >= most)) {
		annotate_count_add(&c[AT_R_OVERLAP], t->node->line); /* too much for a slip */
		if (q->a < p->a)
			p->a = q->a;
		if (q->b < p->b)
			q->b = p->b;
		q->a = p->b + 1; /* empty, or what is new */
		return true;
	}
	if (q->a > p->b + 1 && (q->a - p->b - 1 > most || !same_exon(t, p->b, q->a)))
		return false;
	*rc = annotate_mark_add(cx, b, t, (struct annotate_mark){AT_MARK_SLIP, p->b, q->a});
	return true;
}

/* Length of the CDS as it is read; phases along it. Returns the phase of the first piece. */
static int phase_of(struct annotate_build *b, const struct annotate_txb *t)
{
	int64_t sum = 0, agree = 0, known = 0;
	int first = t->cp[0].phase, derived = -1;
	for (size_t i = 0; i < t->n_cds; i++) {
		int p = t->cp[i].phase;
		/* bases before this piece, less the first phase, and this phase make whole codons */
		int f = p < 0 ? -1 : (int)((sum + p) % 3);
		if (f >= 0) {
			known++;
			if (derived < 0)
				derived = f;
			agree += f == derived;
		}
		sum += t->part[i].b - t->part[i].a + 1;
	}
	if (agree != known)
		annotate_count_add(&b->g->count[AT_R_PHASE], t->node->line);
	if (first >= 0)
		return first;
	annotate_count_add(&b->g->count[AT_R_NO_PHASE], t->node->line);
	return derived < 0 ? 0 : derived;
}

/* A stop codon that is kept outside the CDS (GTF) extends it; pieces of it in transcript order. */
static void stop_add(struct annotate_build *b, struct annotate_txb *t, int32_t *cds_end, int64_t beg_end[2])
{
	for (int round = 0; round < 3; round++)
		for (size_t i = 0; i < t->n_other; i++) {
			struct annotate_cdna_part c;
			const struct annotate_piece *p = &t->other[i];
			if (p->kind != AT_L_STOP || !part_of(t, p, &c) || c.a > *cds_end + 1 ||
				c.b <= *cds_end)
				continue;
			*cds_end = c.b;
			beg_end[0] = p->beg < beg_end[0] ? p->beg : beg_end[0];
			beg_end[1] = p->end > beg_end[1] ? p->end : beg_end[1];
		}
	for (size_t i = 0; i < t->n_other; i++) {
		struct annotate_cdna_part c;
		if (t->other[i].kind == AT_L_STOP && (!part_of(t, &t->other[i], &c) || c.b > *cds_end))
			annotate_count_add(&b->g->count[AT_R_STOP_APART], t->node->line);
	}
}

/* Without transl_table: `MT` and `chrM` of vertebrates; `Mt` and `ChrM` of plants have the standard code;
 * yeast, flies and worms have others, 0. */
static int32_t code_of_contig(const char *name, const char *canonical)
{
	if (strncasecmp(name, "mito", 4) == 0 || strncasecmp(name, "mtDNA", 5) == 0 ||
		strcmp(name, "chrmt") == 0)
		return 0;
	return strcmp(canonical, "MT") == 0 && !grx_starts(name, "Chr") ? 2 : 1;
}

static bool code_set(struct annotate_build *b, struct annotate_txb *t)
{
	const struct annotate_seqid *q = &b->g->seqid[t->node->contig];
	int32_t table = t->cds ? t->cds->table : 0;
	if (!table)
		table = code_of_contig(
			annotate_pool_at(&b->g->pool, q->name), annotate_pool_at(&b->g->pool, q->canonical));
	if (!table && !t->cds) /* nothing to be translated */
		table = 1;
	t->rec->table = (int8_t)table;
	if (table == 1 || table == 2 || table == 11)
		return true;
	annotate_count_add(&b->g->count[AT_R_CODE], t->node->line);
	return false;
}

static bool parts_set(struct annotate_build *b, struct annotate_txb *t)
{
	if (t->node->strand < 0)
		reverse(t->cp, t->n_cds);
	for (size_t i = 0; i < t->n_cds; i++)
		if (!part_of(t, &t->cp[i], &t->part[i])) {
			annotate_count_add(&b->g->count[AT_R_CDS_OUTSIDE], t->node->line);
			return false;
		}
	return true;
}

static void ends_set(struct annotate_build *b, struct annotate_txb *t, const int64_t g[2])
{
	struct annotate_im_tx *r = t->rec;
	const char *tags = annotate_pool_at(&b->g->pool, t->node->tag);
	bool low = t->cds->low_open, high = t->cds->high_open, fwd = t->node->strand > 0;
	int phase = phase_of(b, t);
	r->coding = 1;
	r->coding_beg = (int32_t)g[0];
	r->coding_end = (int32_t)g[1];
	r->pad = (int8_t)(phase > 0 ? 3 - phase : 0);
	if (r->pad > 0 || annotate_has_tag(tags, "cds_start_NF") || (fwd ? low : high))
		r->nf |= 1;
	if (annotate_has_tag(tags, "cds_end_NF") || (fwd ? high : low))
		r->nf |= 2;
}

static int cds_set(struct grx_ctx *cx, struct annotate_build *b, struct annotate_txb *t, bool *keep)
{
	int rc = GRX_OK;
	int64_t g[2] = {INT64_MAX, 0};
	*keep = false;
	if (!parts_set(b, t))
		return GRX_OK;
	for (size_t i = 0; i < t->n_cds; i++) {
		g[0] = t->cp[i].beg < g[0] ? t->cp[i].beg : g[0];
		g[1] = t->cp[i].end > g[1] ? t->cp[i].end : g[1];
		if (i && !join_parts(cx, b, t, (const size_t[2]){i - 1, i}, &rc)) {
			annotate_count_add(&b->g->count[AT_R_CDS_GAP], t->node->line);
			return GRX_OK;
		}
		if (rc)
			return rc;
	}
	t->rec->cds_beg = t->part[0].a;
	t->rec->cds_end = t->part[t->n_cds - 1].b;
	ends_set(b, t, g);
	stop_add(b, t, &t->rec->cds_end, g);
	t->rec->coding_beg = (int32_t)g[0];
	t->rec->coding_end = (int32_t)g[1];
	*keep = code_set(b, t);
	return GRX_OK;
}

static void extent_check(struct annotate_build *b, const struct annotate_txb *t)
{
	const struct annotate_node *n = t->node;
	const struct annotate_im_span *s = &b->span[b->n_tx];
	if (n->seen && (s->beg < n->beg || s->end > n->end))
		annotate_count_add(&b->g->count[AT_R_OUT_TX], n->line);
}

int annotate_tx_make(struct grx_ctx *cx, struct annotate_build *b, struct annotate_txb *t, bool *keep)
{
	int rc = GRX_E_BUG;
	*keep = true;
	t->rec->mark = (uint32_t)b->n_mark;
	t->cds = t->n_cds ? &b->g->cds[t->cp[0].cds] : NULL;
	GRX_TRY(exons_set(cx, b, t));
	int32_t circle = b->g->seqid[t->node->contig].circular;
	if (circle && b->span[b->n_tx].end > circle) {
		annotate_count_add(&b->g->count[AT_R_CIRCULAR], t->node->line);
		*keep = false;
		return GRX_OK;
	}
	extent_check(b, t);
	if (t->cds && (t->cds->pseudo || t->node->pseudo)) {
		annotate_count_add(&b->g->count[AT_R_PSEUDO_CDS], t->node->line);
		t->cds = NULL;
		t->n_cds = 0;
	}
	if (t->n_cds)
		GRX_TRY(cds_set(cx, b, t, keep));
	else
		*keep = code_set(b, t);
	rc = GRX_OK;
out:
	return rc;
}
