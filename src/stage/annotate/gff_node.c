/* SPDX-License-Identifier: GPL-3.0-or-later
 * gff_node.c -- features that may have children, found by contig and ID, since some files use one ID on X and
 * Y; and what their attributes say. */
#include "stage/annotate/model_int.h"

#include <string.h>

#define MAX_NODES 100000000

uint32_t annotate_gff_keep(struct annotate_gff *g, const char *s)
{
	return s ? annotate_pool_str(&g->pool, s) : 0;
}

void annotate_gff_set(struct annotate_gff *g, uint32_t *to, const char *s)
{
	if (!*to && s)
		*to = annotate_pool_str(&g->pool, s);
}

/* --- nodes --- */

static size_t slot_find(const struct annotate_gff *g, int32_t contig, uint32_t id)
{
	size_t k = (id * UINT64_C(0x9e3779b97f4a7c15) + (uint64_t)contig * 0x85ebca6b) >> 20 &
		   (g->n_slot - 1);
	for (; g->slot[k]; k = (k + 1) & (g->n_slot - 1)) {
		const struct annotate_node *n = &g->node[g->slot[k]];
		if (n->id == id && n->contig == contig)
			break;
	}
	return k;
}

static bool slots_grow(struct annotate_gff *g)
{
	size_t n = g->n_slot ? 2 * g->n_slot : 4096;
	uint32_t *v = grx_calloc(n, sizeof *v);
	if (!v)
		return false;
	grx_free(g->slot);
	g->slot = v;
	g->n_slot = n;
	for (size_t i = 1; i < g->n_node; i++)
		g->slot[slot_find(g, g->node[i].contig, g->node[i].id)] = (uint32_t)i;
	return true;
}

uint32_t annotate_gff_node(struct annotate_gff *g, int32_t contig, uint32_t id, bool make)
{
	if (2 * (g->n_node + 1) > g->n_slot && !slots_grow(g))
		return 0;
	size_t k = slot_find(g, contig, id);
	if (g->slot[k] || !make)
		return g->slot[k];
	if (grx_grow(&g->node, &g->cap_node, g->n_node + 2, sizeof *g->node, MAX_NODES))
		return 0;
	if (g->n_node == 0)
		g->node[g->n_node++] = (struct annotate_node){0};
	g->node[g->n_node] = (struct annotate_node){.id = id, .contig = contig};
	g->slot[k] = (uint32_t)g->n_node;
	return (uint32_t)g->n_node++;
}

uint32_t annotate_gff_xref(struct annotate_gff *g, const char *list, const char *db)
{
	size_t n = strlen(db);
	for (const char *p = list; p && (p = strstr(p, db)); p += n)
		if (p == list || p[-1] == ',')
			return annotate_pool_add(&g->pool, p + n, strcspn(p + n, ","));
	return 0;
}

static uint32_t hgnc_of(struct annotate_gff *g, const struct annotate_attrs *a)
{
	if (a->hgnc)
		return annotate_gff_keep(g, a->hgnc);
	uint32_t x = a->dbxref ? annotate_gff_xref(g, a->dbxref, "HGNC:") : 0; /* Dbxref=HGNC:HGNC:5 */
	if (x)
		return x;
	const char *d = a->description ? strstr(a->description, "Source:HGNC Symbol;Acc:") : NULL;
	return d ? annotate_pool_add(&g->pool, d + 23, strcspn(d + 23, "]")) : 0;
}

bool annotate_is_trans(const struct annotate_attrs *a)
{
	return a->exception && strstr(a->exception, "trans-splicing");
}

void annotate_gff_attrs(struct annotate_gff *g, struct annotate_node *n, const struct annotate_attrs *a)
{
	annotate_gff_set(g, &n->biotype, a->tx_type ? a->tx_type : a->biotype);
	annotate_gff_set(g, &n->gene_type, a->gene_type);
	annotate_gff_set(g, &n->name, a->name);
	annotate_gff_set(g, &n->symbol, a->gene_name ? a->gene_name : a->gene);
	annotate_gff_set(g, &n->gene_id, a->gene_id);
	annotate_gff_set(g, &n->tx_id, a->tx_id);
	annotate_gff_set(g, &n->version, a->tx_version ? a->tx_version : a->version);
	annotate_gff_set(g, &n->tag, a->tag);
	annotate_gff_set(g, &n->tsl, a->tsl);
	annotate_gff_set(g, &n->ccds, a->ccds);
	annotate_gff_set(g, &n->note,
		a->note && strstr(a->note, "compared to this genomic sequence") ? "differs" : NULL);
	if (!n->hgnc)
		n->hgnc = hgnc_of(g, a);
	if (!n->ccds && a->dbxref)
		n->ccds = annotate_gff_xref(g, a->dbxref, "CCDS:");
	if (!n->entrez && a->dbxref)
		n->entrez = annotate_gff_xref(g, a->dbxref, "GeneID:");
	if (!n->mane && a->dbxref) {
		n->mane = annotate_gff_xref(g, a->dbxref, "Ensembl:");
		if (!n->mane)
			n->mane = annotate_gff_xref(g, a->dbxref, "RefSeq:");
	}
	n->pseudo |= a->pseudo && strcmp(a->pseudo, "true") == 0;
	n->trans |= annotate_is_trans(a);
}

static bool same_feature(
	const struct annotate_gff *g, const struct annotate_node *n, const struct annotate_line *l)
{
	return strcmp(annotate_pool_at(&g->pool, n->type), l->type) == 0 && n->strand == l->strand &&
	       (n->beg != l->beg || n->end != l->end);
}

int annotate_gff_node_add(
	struct grx_ctx *cx, struct annotate_gff *g, struct annotate_line *l, const char *id, char *parent)
{
	uint32_t k = annotate_gff_node(g, g->last_seqid_no, annotate_gff_keep(g, id), true);
	if (!k)
		return grx_fail_nomem(cx, "gene models");
	struct annotate_node *n = &g->node[k];
	if (n->seen) {
		/* a discontinuous feature repeats its ID: its parts make one span */
		if (!same_feature(g, n, l))
			annotate_count_add(&g->count[AT_R_DUP_ID], g->n_line);
		else if (l->end > n->end)
			n->end = l->end;
		if (same_feature(g, n, l) && l->beg < n->beg)
			n->beg = l->beg;
		return GRX_OK;
	}
	if (n->line)
		annotate_count_add(&g->count[AT_R_CHILD_FIRST], g->n_line);
	n->mixed |= n->strand && n->strand != l->strand;
	n->seen = true;
	n->strand = l->strand;
	n->beg = l->beg;
	n->end = l->end;
	n->line = g->n_line;
	n->type = annotate_gff_keep(g, l->type);
	n->source = annotate_gff_keep(g, strcmp(l->source, ".") ? l->source : NULL);
	annotate_gff_attrs(g, n, &l->a);
	if (parent && *parent) {
		parent[strcspn(parent, ",")] = '\0';
		annotate_percent_decode(parent);
		n->parent = annotate_gff_keep(g, parent);
	}
	return g->pool.failed ? grx_fail_nomem(cx, "gene models") : GRX_OK;
}
