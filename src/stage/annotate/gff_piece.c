/* SPDX-License-Identifier: GPL-3.0-or-later
 * gff_piece.c -- exons, CDS pieces and the like, put to the node that is their parent. */
#include "stage/annotate/model_int.h"

#include <string.h>

#define MAX_CDS    100000000
#define MAX_PIECES 1000000000

static int piece_add(struct grx_ctx *cx, struct annotate_gff *g, const struct annotate_line *l, uint32_t node,
	uint32_t cds)
{
	struct annotate_node *n = &g->node[node];
	if (!n->strand)
		n->strand = l->strand;
	n->mixed |= n->strand != l->strand;
	n->has_exon |= l->kind == AT_L_EXON;
	n->trans |= annotate_is_trans(&l->a);
	if (!n->line)
		n->line = g->n_line;
	if (grx_grow(&g->piece, &g->cap_piece, g->n_piece + 1, sizeof *g->piece, MAX_PIECES))
		return grx_fail_nomem(cx, "gene models");
	g->piece[g->n_piece++] = (struct annotate_piece){.node = node,
		.cds = cds,
		.beg = l->beg,
		.end = l->end,
		.phase = l->phase,
		.kind = (uint8_t)l->kind};
	return GRX_OK;
}

/* Pieces of one CDS follow one another; if they do not, it has several records with the same key. */
static uint32_t cds_find(const struct annotate_gff *g, uint32_t key, uint32_t protein)
{
	for (uint32_t i = (uint32_t)g->n_cds; i-- > 1 && i + 64 > g->n_cds;)
		if (g->cds[i].key == key && (!protein || !g->cds[i].protein || g->cds[i].protein == protein))
			return i;
	return 0;
}

/* The record that the pieces of one CDS share. */
static uint32_t cds_get(struct annotate_gff *g, const struct annotate_line *l, uint32_t node)
{
	const struct annotate_attrs *a = &l->a;
	uint32_t key = !l->gtf && a->id ? annotate_gff_keep(g, a->id) : 0;
	if (!key)
		key = g->node[node].id;
	uint32_t protein = annotate_gff_keep(g, a->protein_id);
	uint32_t i = cds_find(g, key, protein);
	if (i)
		return i;
	if (grx_grow(&g->cds, &g->cap_cds, g->n_cds + 2, sizeof *g->cds, MAX_CDS))
		return 0;
	if (g->n_cds == 0)
		g->cds[g->n_cds++] = (struct annotate_cds){0};
	struct annotate_cds *c = &g->cds[g->n_cds];
	*c = (struct annotate_cds){.key = key};
	c->protein = protein;
	c->version = annotate_gff_keep(g, a->protein_version ? a->protein_version
					  : l->gtf           ? NULL
							     : a->version);
	c->except = annotate_gff_keep(g, a->except);
	int64_t table;
	if (a->table)
		c->table = grx_parse_i64(a->table, &table) && table > 0 && table < 1000 ? (int32_t)table : -1;
	c->slip = a->exception && strstr(a->exception, "ribosomal slippage");
	c->pseudo = a->pseudo && strcmp(a->pseudo, "true") == 0;
	c->low_open = a->low_open != NULL;
	c->high_open = a->high_open != NULL;
	c->ccds = a->dbxref ? annotate_gff_xref(g, a->dbxref, "CCDS:") : annotate_gff_keep(g, a->ccds);
	return (uint32_t)g->n_cds++;
}

int annotate_gff_piece(
	struct grx_ctx *cx, struct annotate_gff *g, const struct annotate_line *l, uint32_t parent)
{
	uint32_t node = g->last_node, cds = 0;
	if (parent != g->last_parent || g->last_seqid_no != g->last_contig || !node) {
		node = annotate_gff_node(g, g->last_seqid_no, parent, true);
		if (!node)
			return grx_fail_nomem(cx, "gene models");
		g->last_node = node;
		g->last_parent = parent;
		g->last_contig = g->last_seqid_no;
	}
	if (l->kind == AT_L_CDS) {
		cds = cds_get(g, l, node);
		if (!cds)
			return grx_fail_nomem(cx, "gene models");
		struct annotate_cds *c = &g->cds[cds];
		c->low_open |= l->a.low_open != NULL;
		c->high_open |= l->a.high_open != NULL;
	}
	return piece_add(cx, g, l, node, cds);
}

/* A CDS without Parent (gene-less bacterial and viral files) is a transcript of its own. */
static int cds_alone(struct grx_ctx *cx, struct annotate_gff *g, struct annotate_line *l)
{
	const struct annotate_attrs *a = &l->a;
	uint32_t id = annotate_gff_keep(g, a->id);
	uint32_t k = annotate_gff_node(g, g->last_seqid_no, id, true);
	if (!k)
		return grx_fail_nomem(cx, "gene models");
	struct annotate_node *n = &g->node[k];
	if (!n->seen) {
		n->seen = true;
		n->line = g->n_line;
		n->strand = l->strand;
		n->beg = l->beg;
		n->end = l->end;
		n->type = annotate_gff_keep(g, "CDS");
		n->source = annotate_gff_keep(g, strcmp(l->source, ".") ? l->source : NULL);
		n->symbol = annotate_gff_keep(g, a->gene ? a->gene : a->name);
		n->gene_id = annotate_gff_keep(g, a->locus ? a->locus : a->gene_id);
		n->pseudo = a->pseudo && strcmp(a->pseudo, "true") == 0;
		n->entrez = a->dbxref ? annotate_gff_xref(g, a->dbxref, "GeneID:") : 0;
	}
	if (l->beg < n->beg)
		n->beg = l->beg;
	if (l->end > n->end)
		n->end = l->end;
	return annotate_gff_piece(cx, g, l, id);
}

int annotate_gff_pieces(struct grx_ctx *cx, struct annotate_gff *g, struct annotate_line *l)
{
	char *list = (char *)(uintptr_t)l->a.parent, *next;
	if (!list || !*list) {
		if (l->kind == AT_L_CDS && l->a.id)
			return cds_alone(cx, g, l);
		if (l->kind == AT_L_CDS || l->kind == AT_L_EXON)
			annotate_count_add(&g->count[AT_R_NO_PARENT], g->n_line);
		return GRX_OK;
	}
	for (; list; list = next) {
		next = strchr(list, ',');
		if (next)
			*next++ = '\0';
		annotate_percent_decode(list);
		uint32_t parent = annotate_gff_keep(g, list);
		if (!parent)
			continue;
		int rc = annotate_gff_piece(cx, g, l, parent);
		if (rc)
			return rc;
	}
	return GRX_OK;
}
