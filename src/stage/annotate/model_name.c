/* SPDX-License-Identifier: GPL-3.0-or-later
 * model_name.c -- names of a transcript: identifiers and versions, gene, biotype, what it is preferred for.
 * An identifier of Ensembl or RefSeq loses its version (AT1G01010.1 of a plant is no version). */
#include "stage/annotate/model_int.h"

#include <stdio.h>
#include <string.h>

#define MAX_CLIMB 16 /* of parents, before they are taken for a circle */

static const char *strip_prefix(const char *id)
{
	static const char *const prefix[] = {"transcript:", "gene:", "rna-", "gene-", "CDS:", "cds-"};
	for (size_t i = 0; i < sizeof prefix / sizeof *prefix; i++)
		if (grx_starts(id, prefix[i]) && id[strlen(prefix[i])])
			return id + strlen(prefix[i]);
	return id;
}

/* Length without ".digits" at the end; the whole length when there is none. */
static size_t stem(const char *id)
{
	const char *dot = strrchr(id, '.');
	return dot && dot > id && dot[1] && strspn(dot + 1, "0123456789") == strlen(dot + 1)
		       ? (size_t)(dot - id)
		       : strlen(id);
}

/* Accessions whose ".digits" is a version: ENST00000000001.2, NM_000001.2, XM_..., WP_... */
static bool is_accession(const char *id)
{
	if (grx_starts(id, "ENS") || grx_starts(id, "LRG_"))
		return true;
	return id[0] && strchr("NXYWAZ", id[0]) && id[1] && strchr("MRP", id[1]) && id[2] == '_' &&
	       id[3] >= '0' && id[3] <= '9';
}

bool annotate_has_tag(const char *tags, const char *tag)
{
	size_t n = strlen(tag);
	for (const char *p = tags; p && (p = strstr(p, tag)); p += n)
		if ((p == tags || p[-1] == ',') && (p[n] == '\0' || p[n] == ','))
			return true;
	return false;
}

struct named {
	uint32_t id, versioned;
	bool given; /* the file has the version */
};

/* An unknown version is 1, as the reference implementation prints for models without. */
static struct named name_of(struct annotate_pool *p, const char *id, const char *version)
{
	struct named r = {0};
	char buf[600];
	size_t n = stem(id), all = strlen(id);
	bool cut = n < all && is_accession(id);
	r.id = annotate_pool_add(p, id, cut ? n : all);
	r.given = cut || *version;
	if (n < all) { /* has a suffix already */
		r.versioned = annotate_pool_add(p, id, all);
		return r;
	}
	int len = snprintf(buf, sizeof buf, "%.500s.%.60s", id, *version ? version : "1");
	r.versioned = annotate_pool_add(p, buf, (size_t)len);
	return r;
}

/* A gene's identifier: gene_id, the GeneID of RefSeq, else the ID without prefix and version. */
static uint32_t gene_id_of(struct annotate_build *b, const struct annotate_node *n, bool is_gene)
{
	struct annotate_gff *g = b->g;
	uint32_t at = n->gene_id ? n->gene_id : !is_gene ? n->parent : n->entrez ? n->entrez : n->id;
	const char *id = strip_prefix(annotate_pool_at(&g->pool, at));
	return annotate_pool_add(&b->pool, id, is_accession(id) ? stem(id) : strlen(id));
}

static uint32_t keep(struct annotate_build *b, uint32_t at)
{
	return annotate_pool_str(&b->pool, annotate_pool_at(&b->g->pool, at));
}

static int gene_push(struct grx_ctx *cx, struct annotate_build *b, struct annotate_im_gene x, uint32_t *no)
{
	if (grx_grow(&b->gene, &b->cap_gene, b->n_gene + 1, sizeof *b->gene, UINT32_MAX - 1))
		return grx_fail_nomem(cx, "gene models");
	*no = (uint32_t)b->n_gene;
	b->gene[b->n_gene++] = x;
	return GRX_OK;
}

/* The topmost parent of the node; 0 when they go in a circle. */
static uint32_t climb(struct annotate_build *b, uint32_t at, bool *circle)
{
	struct annotate_gff *g = b->g;
	*circle = false;
	for (int i = 0; i < MAX_CLIMB; i++) {
		const struct annotate_node *n = &g->node[at];
		uint32_t up = n->parent ? annotate_gff_node(g, n->contig, n->parent, false) : 0;
		if (!up)
			return at;
		at = up;
	}
	*circle = true;
	return 0;
}

/* The gene that the transcript belongs to; the node itself when it is a gene with pieces of its own. */
static uint32_t gene_node(struct annotate_build *b, const struct annotate_txb *t)
{
	struct annotate_gff *g = b->g;
	const struct annotate_node *n = t->node;
	bool circle;
	if (!n->parent)
		return strstr(annotate_pool_at(&g->pool, n->type), "gene") ? t->node_no : 0;
	uint32_t up = annotate_gff_node(g, n->contig, n->parent, false);
	climb(b, t->node_no, &circle);
	if (circle) {
		annotate_count_add(&g->count[AT_R_CYCLE], n->line);
		return 0;
	}
	if (!up || (!g->node[up].seen && !g->node[up].gtf)) {
		annotate_count_add(&g->count[AT_R_GENE], n->line);
		return 0;
	}
	const struct annotate_node *q = &g->node[up];
	const struct annotate_im_span *s = &b->span[b->n_tx];
	if (q->seen && q->strand && q->strand != n->strand)
		annotate_count_add(&g->count[AT_R_GENE_STRAND], n->line);
	else if (q->seen && (s->beg < q->beg || s->end > q->end))
		annotate_count_add(&g->count[AT_R_OUT_GENE], n->line);
	return up;
}

static int gene_set(struct grx_ctx *cx, struct annotate_build *b, struct annotate_txb *t, uint32_t at)
{
	const struct annotate_node *n = t->node, *q = at ? &b->g->node[at] : n;
	struct annotate_im_gene x = {0};
	if (at && b->gene_of[at]) {
		t->rec->gene = b->gene_of[at] - 1;
		return GRX_OK;
	}
	x.id = gene_id_of(b, q, at != 0);
	x.symbol = keep(b, q->symbol ? q->symbol : at ? q->name : n->symbol);
	const char *hgnc = annotate_pool_at(&b->g->pool, q->hgnc ? q->hgnc : n->hgnc);
	x.hgnc = annotate_pool_str(&b->pool, hgnc);
	int rc = gene_push(cx, b, x, &t->rec->gene);
	if (!rc && at)
		b->gene_of[at] = t->rec->gene + 1;
	return rc;
}

/* RefSeq gives no transcript biotype: the feature type says it, and the gene's for a bare `transcript`. */
static const char *biotype_of(const struct annotate_build *b, const struct annotate_txb *t, uint32_t gene)
{
	const struct annotate_pool *p = &b->g->pool;
	const struct annotate_node *n = t->node;
	const char *type = annotate_pool_at(p, n->type);
	bool self = gene == t->node_no || strcmp(type, "CDS") == 0;
	if (n->biotype && !self)
		return annotate_pool_at(p, n->biotype);
	if (self) {
		uint32_t x = n->biotype ? n->biotype : n->gene_type;
		return x ? annotate_pool_at(p, x) : t->n_cds ? "protein_coding" : type;
	}
	if (strcmp(type, "mRNA") == 0)
		return "protein_coding";
	if (strcmp(type, "lnc_RNA") == 0)
		return "lncRNA";
	if (*type && strcmp(type, "transcript") != 0)
		return type;
	const struct annotate_node *q = gene ? &b->g->node[gene] : NULL;
	uint32_t x = q && q->biotype ? q->biotype : q ? q->gene_type : 0;
	const char *of_gene = x ? annotate_pool_at(p, x) : "protein_coding";
	if (strcmp(of_gene, "protein_coding") == 0 && !t->n_cds)
		return x ? "misc_RNA" : "transcript";
	return of_gene;
}

/* appris_principal_1 -> P1, appris_alternative_2 -> A2 */
static uint32_t appris_of(struct annotate_build *b, const char *tags)
{
	const char *p = strstr(tags, "appris_principal"), *a = strstr(tags, "appris_alternative");
	char buf[3] = {p ? 'P' : 'A', 0, 0};
	if (!p && !a)
		return 0;
	p = p ? p + 16 : a + 18;
	if (p[0] == '_' && p[1] >= '1' && p[1] <= '5')
		buf[1] = p[1];
	return annotate_pool_str(&b->pool, buf);
}

/* Smaller is better: MANE Select, MANE Plus Clinical, canonical, APPRIS, TSL, biotype, CCDS. */
static uint32_t pick_key(const struct annotate_pool *p, const struct annotate_im_tx *r)
{
	const char *appris = annotate_pool_at(p, r->appris), *tsl = annotate_pool_at(p, r->tsl);
	uint32_t k = r->flags & AT_TX_MANE_SELECT ? 0 : 1;
	k = k << 1 | (r->flags & AT_TX_MANE_CLINICAL ? 0 : 1);
	k = k << 1 | (r->flags & AT_TX_CANONICAL ? 0 : 1);
	uint32_t a = 8;
	if (appris[0] == 'P')
		a = appris[1] ? (uint32_t)(appris[1] - '1') : 0;
	else if (appris[0] == 'A')
		a = appris[1] == '1' ? 6 : 7;
	k = k << 4 | a;
	k = k << 3 | (tsl[0] >= '1' && tsl[0] <= '5' ? (uint32_t)(tsl[0] - '0') : 6);
	k = k << 1 | (strcmp(annotate_pool_at(p, r->biotype), "protein_coding") == 0 ? 0 : 1);
	return k << 1 | (r->ccds ? 0 : 1);
}

static void flags_set(struct annotate_build *b, struct annotate_txb *t, const char *id)
{
	const struct annotate_pool *p = &b->g->pool;
	const char *tags = annotate_pool_at(p, t->node->tag), *tsl = annotate_pool_at(p, t->node->tsl);
	struct annotate_im_tx *r = t->rec;
	if (annotate_has_tag(tags, "MANE_Select") || annotate_has_tag(tags, "MANE Select"))
		r->flags |= AT_TX_MANE_SELECT;
	if (annotate_has_tag(tags, "MANE_Plus_Clinical") || annotate_has_tag(tags, "MANE Plus Clinical"))
		r->flags |= AT_TX_MANE_CLINICAL;
	if (annotate_has_tag(tags, "Ensembl_canonical") || annotate_has_tag(tags, "RefSeq Select") ||
		annotate_has_tag(tags, "MANE Select"))
		r->flags |= AT_TX_CANONICAL;
	if (is_accession(id) && id[2] == '_')
		r->flags |= AT_TX_REFSEQ;
	r->appris = appris_of(b, tags);
	if (tsl[0] >= '1' && tsl[0] <= '5') /* "1 (assigned to previous version 6)" */
		r->tsl = annotate_pool_add(&b->pool, tsl, 1);
	if (r->flags & (AT_TX_MANE_SELECT | AT_TX_MANE_CLINICAL))
		r->mane = keep(b, t->node->mane);
	r->ccds = keep(b, t->node->ccds ? t->node->ccds : t->cds ? t->cds->ccds : 0);
	if (!r->ccds && annotate_has_tag(tags, "CCDS"))
		r->ccds = annotate_pool_str(&b->pool, "CCDS");
}

/* PAR_Y copies of GENCODE keep their transcript_id; of several CDS of a gene each has its protein's name. */
static const char *id_of(const struct annotate_build *b, const struct annotate_txb *t)
{
	const struct annotate_pool *p = &b->g->pool;
	const char *id = annotate_pool_at(p, t->node->id);
	if (t->by_cds)
		return strip_prefix(annotate_pool_at(p, t->cds->protein ? t->cds->protein : t->cds->key));
	if (!t->node->tx_id || grx_starts(id, "transcript:"))
		return strip_prefix(id);
	return annotate_pool_at(p, t->node->tx_id);
}

int annotate_tx_names(struct grx_ctx *cx, struct annotate_build *b, struct annotate_txb *t)
{
	const struct annotate_pool *p = &b->g->pool;
	struct annotate_im_tx *r = t->rec;
	const char *id = id_of(b, t);
	struct named n = name_of(&b->pool, id, annotate_pool_at(p, t->node->version));
	uint32_t gene = gene_node(b, t);
	int rc = gene_set(cx, b, t, gene);
	if (rc)
		return rc;
	r->id = n.id;
	r->id_version = n.versioned;
	r->source = keep(b, t->node->source);
	const char *biotype = biotype_of(b, t, gene);
	r->biotype = annotate_pool_str(&b->pool, biotype);
	r->nmd = strcmp(biotype, "nonsense_mediated_decay") == 0 ||
		 strcmp(annotate_pool_at(p, t->node->type), "NMD_transcript_variant") == 0;
	flags_set(b, t, id);
	if (!n.given)
		r->flags |= AT_TX_NO_VERSION;
	r->pick = pick_key(&b->pool, r);
	if (!r->coding)
		return GRX_OK;
	const char *protein = t->cds->protein ? strip_prefix(annotate_pool_at(p, t->cds->protein)) : id;
	r->protein = name_of(&b->pool, protein, annotate_pool_at(p, t->cds->version)).versioned;
	return GRX_OK;
}
