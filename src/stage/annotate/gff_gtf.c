/* SPDX-License-Identifier: GPL-3.0-or-later
 * gff_gtf.c -- lines of GTF: the tree is in gene_id and transcript_id, genes and transcripts need no line,
 * and every piece says what its transcript and gene are. */
#include "stage/annotate/model_int.h"

#include <string.h>

/* A gene may bear its transcript's name. */
static uint32_t gtf_gene_key(struct annotate_gff *g, const char *gene_id)
{
	struct grx_str s = {0};
	grx_str_add(&s, "gene:");
	grx_str_add(&s, gene_id);
	uint32_t k = s.oom ? 0 : annotate_pool_add(&g->pool, s.s, s.n);
	grx_str_clear(&s);
	return k;
}

static int gtf_gene(struct grx_ctx *cx, struct annotate_gff *g, const struct annotate_line *l, uint32_t *key)
{
	*key = gtf_gene_key(g, l->a.gene_id);
	uint32_t k = annotate_gff_node(g, g->last_seqid_no, *key, true);
	if (!k)
		return grx_fail_nomem(cx, "gene models");
	struct annotate_node *n = &g->node[k];
	struct annotate_attrs a = {.gene_name = l->a.gene_name,
		.gene = l->a.gene,
		.gene_type = l->a.gene_type,
		.gene_id = l->a.gene_id,
		.hgnc = l->a.hgnc,
		.dbxref = l->a.dbxref,
		.pseudo = l->a.pseudo};
	annotate_gff_attrs(g, n, &a);
	n->gtf = true;
	if (strcmp(l->type, "gene") == 0 && !n->seen) {
		n->seen = true;
		n->line = g->n_line;
		n->type = annotate_gff_keep(g, "gene");
		n->beg = l->beg;
		n->end = l->end;
		n->strand = l->strand;
	}
	return GRX_OK;
}

int annotate_gff_gtf(struct grx_ctx *cx, struct annotate_gff *g, struct annotate_line *l)
{
	int rc;
	uint32_t gene = 0;
	const struct annotate_attrs *a = &l->a;
	bool has_tx = a->tx_id && *a->tx_id;
	uint32_t tx = has_tx ? annotate_gff_keep(g, a->tx_id) : 0;
	if (l->kind != AT_L_NODE && tx && tx == g->last_parent && g->last_contig == g->last_seqid_no)
		return annotate_gff_piece(cx, g, l, tx);
	if (a->gene_id && *a->gene_id && (rc = gtf_gene(cx, g, l, &gene)))
		return rc;
	if (strcmp(l->type, "gene") == 0)
		return GRX_OK;
	if (!has_tx) {
		annotate_count_add(&g->count[AT_R_NO_PARENT], g->n_line);
		return GRX_OK;
	}
	if (l->kind == AT_L_NODE) {
		uint32_t k = annotate_gff_node(g, g->last_seqid_no, tx, false);
		/* one name at two places of a contig: nothing tells whose the exons are */
		if (k && g->node[k].seen && (l->end <= g->node[k].beg || l->beg >= g->node[k].end))
			g->node[k].mixed = true;
		if ((rc = annotate_gff_node_add(cx, g, l, a->tx_id, NULL)))
			return rc;
		k = annotate_gff_node(g, g->last_seqid_no, tx, false);
		g->node[k].gtf = true;
		g->node[k].parent = gene;
		return GRX_OK;
	}
	uint32_t k = annotate_gff_node(g, g->last_seqid_no, tx, true);
	if (!k)
		return grx_fail_nomem(cx, "gene models");
	struct annotate_node *n = &g->node[k];
	annotate_gff_attrs(g, n, a);
	n->gtf = true;
	n->parent = gene;
	annotate_gff_set(g, &n->source, strcmp(l->source, ".") ? l->source : NULL);
	return annotate_gff_piece(cx, g, l, tx);
}
