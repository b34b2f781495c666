/* SPDX-License-Identifier: GPL-3.0-or-later
 * model_build.c -- nodes and pieces into transcripts, sorted, with their index: the image.
 * Which node is a transcript: one with exons, or with a CDS and no exons (then the CDS or its UTRs are the
 * exons; of several CDS of one gene each is a transcript). A miRNA inside another transcript is a mark of
 * that. */
#include "stage/annotate/model_int.h"

#include <stdlib.h>
#include <string.h>

#define MAX_TX 10000000

static int nomem(struct grx_ctx *cx)
{
	return grx_fail_nomem(cx, "gene models");
}

/* --- what is settled before transcripts are made --- */

static bool is_type(const struct annotate_gff *g, const struct annotate_node *n, const char *type)
{
	return strcmp(annotate_pool_at(&g->pool, n->type), type) == 0;
}

static bool is_primary(const struct annotate_gff *g, const struct annotate_node *n)
{
	return is_type(g, n, "primary_transcript") || is_type(g, n, "miRNA_primary_transcript");
}

static int own_piece(struct grx_ctx *cx, struct annotate_gff *g, uint32_t node, enum annotate_kind kind,
	const struct annotate_node *n)
{
	if (grx_grow(&g->piece, &g->cap_piece, g->n_piece + 1, sizeof *g->piece, 0))
		return nomem(cx);
	g->piece[g->n_piece++] = (struct annotate_piece){
		.node = node, .beg = n->beg, .end = n->end, .phase = -1, .kind = (uint8_t)kind};
	return GRX_OK;
}

/* miRNAs under a transcript become its pieces; a primary transcript without exons (miRBase) is its own one.
 */
static int settle_mature(struct grx_ctx *cx, struct annotate_gff *g)
{
	for (uint32_t i = 1; i < g->n_node; i++) {
		struct annotate_node *n = &g->node[i];
		int rc;
		if (n->seen && !n->has_exon && is_primary(g, n)) {
			if ((rc = own_piece(cx, g, i, AT_L_EXON, n)))
				return rc;
			n->has_exon = true;
		}
	}
	for (uint32_t i = 1; i < g->n_node; i++) {
		struct annotate_node *n = &g->node[i];
		int rc;
		if (!n->seen || !n->parent || !is_type(g, n, "miRNA"))
			continue;
		uint32_t p = annotate_gff_node(g, n->contig, n->parent, false);
		if (!p || p == i || !(g->node[p].has_exon || is_primary(g, &g->node[p])) || g->node[p].skip)
			continue;
		n->skip = true;
		if ((rc = own_piece(cx, g, p, AT_L_MATURE, n)))
			return rc;
	}
	return GRX_OK;
}

/* Pieces by node, in the order of the file. */
static int group(struct grx_ctx *cx, struct annotate_build *b)
{
	struct annotate_gff *g = b->g;
	b->first = grx_calloc(g->n_node + 2, sizeof *b->first);
	b->order = grx_malloc(g->n_piece + 1, sizeof *b->order);
	b->gene_of = grx_calloc(g->n_node + 1, sizeof *b->gene_of);
	if (!b->first || !b->order || !b->gene_of)
		return nomem(cx);
	for (size_t i = 0; i < g->n_piece; i++)
		b->first[g->piece[i].node + 2]++;
	for (size_t i = 1; i < g->n_node + 2; i++)
		b->first[i] += b->first[i - 1];
	for (size_t i = 0; i < g->n_piece; i++)
		b->order[b->first[g->piece[i].node + 1]++] = (uint32_t)i;
	return GRX_OK;
}

/* --- one node --- */

static int piece_order(const void *a, const void *b)
{
	const struct annotate_piece *x = a, *y = b;
	if (x->beg != y->beg)
		return x->beg < y->beg ? -1 : 1;
	if (x->end != y->end)
		return x->end < y->end ? -1 : 1;
	return (x->cds > y->cds) - (x->cds < y->cds);
}

/* Exact repeats go. */
static size_t unique(
	struct annotate_build *b, const struct annotate_node *n, struct annotate_piece *v, size_t k)
{
	size_t m = 0;
	qsort(v, k, sizeof *v, piece_order);
	for (size_t i = 0; i < k; i++) {
		if (m && v[i].beg == v[m - 1].beg && v[i].end == v[m - 1].end && v[i].cds == v[m - 1].cds) {
			annotate_count_add(&b->g->count[AT_R_DUP_PIECE], n->line);
			if (v[m - 1].phase < 0)
				v[m - 1].phase = v[i].phase;
		} else {
			v[m++] = v[i];
		}
	}
	return m;
}

struct scratch {
	struct grx_arena *mem;
	struct annotate_piece *exon, *cds, *utr, *other;
	size_t n_exon, n_cds, n_utr, n_other;
};

static bool scratch_fill(struct annotate_build *b, uint32_t node, struct scratch *s)
{
	const struct annotate_gff *g = b->g;
	size_t lo = b->first[node], n = b->first[node + 1] - lo;
	grx_arena_reset(s->mem);
	struct annotate_piece *v = grx_arena_alloc(s->mem, 4 * n + 4, sizeof *v);
	if (!v)
		return false;
	s->exon = v;
	s->cds = v + n;
	s->utr = v + 2 * n;
	s->other = v + 3 * n;
	s->n_exon = s->n_cds = s->n_utr = s->n_other = 0;
	for (size_t i = 0; i < n; i++) {
		const struct annotate_piece *p = &g->piece[b->order[lo + i]];
		switch ((enum annotate_kind)p->kind) {
		case AT_L_EXON:
			s->exon[s->n_exon++] = *p;
			break;
		case AT_L_CDS:
			s->cds[s->n_cds++] = *p;
			break;
		case AT_L_UTR:
			s->utr[s->n_utr++] = *p;
			break;
		default:
			s->other[s->n_other++] = *p;
		}
	}
	return true;
}

/* Without exon lines: CDS, UTR and stop codon. The gap of a slip is part of the transcript. */
static int exons_from_cds(
	struct grx_ctx *cx, struct annotate_build *b, struct scratch *s, struct annotate_txb *t)
{
	struct annotate_piece *v = grx_arena_alloc(s->mem, t->n_cds + s->n_utr + s->n_other + 1, sizeof *v);
	size_t n = 0;
	if (!v)
		return nomem(cx);
	for (size_t i = 0; i < t->n_cds; i++)
		v[n++] = t->cp[i];
	for (size_t i = 0; i < s->n_utr && !t->by_cds; i++)
		v[n++] = s->utr[i];
	for (size_t i = 0; i < s->n_other && !t->by_cds; i++)
		if (s->other[i].kind == AT_L_STOP)
			v[n++] = s->other[i];
	qsort(v, n, sizeof *v, piece_order);
	bool slip = t->n_cds && b->g->cds[t->cp[0].cds].slip;
	for (size_t i = 0; i + 1 < n; i++)
		if (v[i + 1].beg > v[i].end && v[i + 1].beg - v[i].end <= (slip ? 100 : 2))
			v[i].end = v[i + 1].beg;
	t->exon = v;
	t->n_exon = n;
	return GRX_OK;
}

static int tx_push(struct grx_ctx *cx, struct annotate_build *b, struct scratch *s, struct annotate_txb *t)
{
	int rc = GRX_E_BUG;
	bool keep = false;
	struct annotate_count *c = b->g->count;
	size_t n_exon = b->n_exon, n_mark = b->n_mark;
	if (grx_grow(&b->tx, &b->cap_tx, b->n_tx + 1, sizeof *b->tx, MAX_TX) ||
		grx_grow(&b->span, &b->cap_span, b->n_tx + 1, sizeof *b->span, MAX_TX))
		GRX_TRY(nomem(cx));
	t->rec = &b->tx[b->n_tx];
	memset(t->rec, 0, sizeof *t->rec);
	t->part = grx_arena_alloc(s->mem, t->n_cds + t->n_other + 1, sizeof *t->part);
	if (!t->part)
		GRX_TRY(nomem(cx));
	if (t->n_exon == 0 || t->by_cds)
		GRX_TRY(exons_from_cds(cx, b, s, t));
	if (t->node->trans || t->node->mixed || t->node->strand == 0) {
		annotate_count_add(&c[t->node->trans ? AT_R_TRANS : AT_R_STRAND], t->node->line);
		return GRX_OK;
	}
	GRX_TRY(annotate_tx_make(cx, b, t, &keep));
	if (!keep) {
		b->n_exon = n_exon;
		b->n_mark = n_mark;
		return GRX_OK;
	}
	GRX_TRY(annotate_tx_names(cx, b, t));
	GRX_TRY(annotate_tx_marks(cx, b, t));
	b->n_tx++;
	rc = GRX_OK;
out:
	return rc;
}

/* Several proteins of one gene: other accessions, or pieces of different records that overlap. */
static bool several_cds(const struct annotate_build *b, const struct annotate_piece *v, size_t n)
{
	const struct annotate_cds *r = b->g->cds;
	for (size_t i = 1; i < n; i++) {
		const struct annotate_cds *x = &r[v[i - 1].cds], *y = &r[v[i].cds];
		if (x != y &&
			(v[i].beg < v[i - 1].end || (x->protein && y->protein && x->protein != y->protein)))
			return true;
	}
	return false;
}

static int by_cds_order(const void *a, const void *b)
{
	const struct annotate_piece *x = a, *y = b;
	if (x->cds != y->cds)
		return x->cds < y->cds ? -1 : 1;
	return piece_order(a, b);
}

static int node_split(struct grx_ctx *cx, struct annotate_build *b, struct scratch *s, struct annotate_txb *t)
{
	struct annotate_piece *v = s->cds;
	size_t n = s->n_cds, i = 0;
	qsort(v, n, sizeof *v, by_cds_order);
	while (i < n) {
		size_t k = i;
		while (k < n && v[k].cds == v[i].cds)
			k++;
		struct annotate_txb one = *t;
		one.by_cds = true;
		one.cp = v + i;
		one.n_cds = k - i;
		one.n_exon = one.n_other = 0;
		int rc = tx_push(cx, b, s, &one);
		if (rc)
			return rc;
		i = k;
	}
	return GRX_OK;
}

/* An unseen parent: does the ID exist on another contig? */
static void count_orphan(struct annotate_build *b, const struct annotate_node *n)
{
	struct annotate_gff *g = b->g;
	bool elsewhere = false;
	for (int32_t c = 0; c < (int32_t)g->n_seqid && c < 1000 && !elsewhere; c++) {
		uint32_t k = annotate_gff_node(g, c, n->id, false);
		elsewhere = k && g->node[k].seen;
	}
	annotate_count_add(&g->count[elsewhere ? AT_R_STRAND : AT_R_PARENT], n->line);
}

static bool beyond_circle(const struct annotate_gff *g, const struct annotate_node *n)
{
	int32_t len = g->seqid[n->contig].circular;
	return len && n->seen && n->end > len;
}

/* tRNA, mRNA, transcript, ...: what should have exons. */
static bool is_rna(const struct annotate_gff *g, const struct annotate_node *n)
{
	const char *type = annotate_pool_at(&g->pool, n->type);
	size_t len = strlen(type);
	return (len >= 3 && strcmp(type + len - 3, "RNA") == 0) ||
	       (len >= 10 && strcmp(type + len - 10, "transcript") == 0) ||
	       strcmp(type, "NMD_transcript_variant") == 0;
}

/* Lines that should have led to a transcript and did not. */
static void count_bare(struct annotate_build *b, const struct annotate_node *n)
{
	struct annotate_gff *g = b->g;
	if (!n->seen || n->has_child)
		return;
	if (is_rna(g, n))
		annotate_count_add(&g->count[AT_R_NO_EXON], n->line);
	else if (strstr(annotate_pool_at(&g->pool, n->type), "gene"))
		annotate_count_add(&g->count[AT_R_GENE_EMPTY], n->line);
}

static void mark_parents(struct annotate_gff *g)
{
	for (uint32_t i = 1; i < g->n_node; i++)
		if (g->node[i].parent) /* node 0 takes what has no parent here */
			g->node[annotate_gff_node(g, g->node[i].contig, g->node[i].parent, false)].has_child =
				true;
}

static int node_take(struct grx_ctx *cx, struct annotate_build *b, uint32_t i, struct scratch *s)
{
	struct annotate_gff *g = b->g;
	const struct annotate_node *n = &g->node[i];
	if (n->skip)
		return GRX_OK;
	if (b->first[i] == b->first[i + 1]) {
		count_bare(b, n);
		return GRX_OK;
	}
	if (!n->seen && !n->gtf) {
		count_orphan(b, n);
		return GRX_OK;
	}
	if (beyond_circle(g, n)) {
		annotate_count_add(&g->count[AT_R_CIRCULAR], n->line);
		return GRX_OK;
	}
	if (!scratch_fill(b, i, s))
		return nomem(cx);
	if (s->n_exon + s->n_cds == 0) { /* UTRs of a CDS-less feature, a mature piece alone */
		if (s->n_utr)
			annotate_count_add(&g->count[AT_R_NO_EXON], n->line);
		return GRX_OK;
	}
	s->n_exon = unique(b, n, s->exon, s->n_exon);
	s->n_cds = unique(b, n, s->cds, s->n_cds);
	struct annotate_txb t = {.node = n,
		.node_no = i,
		.exon = s->exon,
		.n_exon = s->n_exon,
		.cp = s->cds,
		.n_cds = s->n_cds,
		.other = s->other,
		.n_other = s->n_other};
	if (s->n_exon == 0 && several_cds(b, s->cds, s->n_cds))
		return node_split(cx, b, s, &t);
	return tx_push(cx, b, s, &t);
}

static int match_order(const void *a, const void *b)
{
	const struct annotate_match *x = a, *y = b;
	if (x->target != y->target)
		return x->target < y->target ? -1 : 1;
	if (x->contig != y->contig)
		return x->contig < y->contig ? -1 : 1;
	return (x->beg > y->beg) - (x->beg < y->beg);
}

static int nodes_take(struct grx_ctx *cx, struct annotate_build *b)
{
	int rc = GRX_E_BUG;
	struct scratch s = {.mem = grx_arena_new()};
	if (!s.mem)
		GRX_TRY(nomem(cx));
	if (b->g->n_match)
		qsort(b->g->match, b->g->n_match, sizeof *b->g->match, match_order);
	mark_parents(b->g);
	for (uint32_t i = 1; i < b->g->n_node; i++)
		GRX_TRY(node_take(cx, b, i, &s));
	if (b->pool.failed)
		GRX_TRY(nomem(cx));
	rc = GRX_OK;
out:
	grx_arena_free(s.mem);
	return rc;
}

int annotate_build(struct grx_ctx *cx, struct annotate_gff *g, struct annotate_image *im)
{
	int rc = GRX_E_BUG;
	struct annotate_build b = {.g = g};
	if (annotate_pool_add(&b.pool, "", 0), b.pool.failed)
		GRX_TRY(nomem(cx));
	if (g->n_node) {
		GRX_TRY(settle_mature(cx, g));
		GRX_TRY(group(cx, &b));
		GRX_TRY(nodes_take(cx, &b));
	}
	GRX_TRY(annotate_image_make(cx, &b, im));
	rc = GRX_OK;
out:
	grx_free(b.order);
	grx_free(b.first);
	grx_free(b.gene_of);
	grx_free(b.tx);
	grx_free(b.span);
	grx_free(b.exon);
	grx_free(b.mark);
	grx_free(b.gene);
	annotate_pool_clear(&b.pool);
	return rc;
}
