/* SPDX-License-Identifier: GPL-3.0-or-later
 * gff.c -- lines of GFF3 (Ensembl, GENCODE, RefSeq, plants, bacteria) or GTF into nodes and their pieces.
 * Lines may come in any order: a child makes its parent's node before the parent's own line is seen.
 * Invariant: a malformed line stops the run with file:line; a well-formed line that is not ours is ignored.
 * Nodes are found by contig and ID, since some files use one ID on X and Y. */
#include "stage/annotate/model_int.h"

#include <string.h>

#include "base/map.h"
#include "io/text.h"

#define MAX_ROWS 100000000

static int match_add(struct grx_ctx *cx, struct annotate_gff *g, const struct annotate_line *l)
{
	const struct annotate_attrs *a = &l->a;
	int64_t bad = 0;
	if (!a->target || (a->mismatch && !grx_parse_i64(a->mismatch, &bad)) || (!a->gap && bad <= 0))
		return GRX_OK;
	if (grx_grow(&g->match, &g->cap_match, g->n_match + 1, sizeof *g->match, MAX_ROWS))
		return grx_fail_nomem(cx, "gene models");
	g->match[g->n_match++] = (struct annotate_match){
		.target = annotate_pool_add(&g->pool, a->target, strcspn(a->target, " ")),
		.gap = annotate_gff_keep(g, a->gap),
		.contig = g->last_seqid_no,
		.beg = l->beg,
		.end = l->end,
		.strand = l->strand,
		.mismatch = (int32_t)(bad > INT32_MAX ? INT32_MAX : bad)};
	return GRX_OK;
}

static void circular_set(struct annotate_gff *g, const struct annotate_line *l)
{
	if (l->a.circular && strcmp(l->a.circular, "true") == 0 && l->beg == 0)
		g->seqid[g->last_seqid_no].circular = l->end;
}

static int take_line(struct grx_ctx *cx, struct annotate_gff *g, struct annotate_line *l)
{
	if (l->gtf)
		return annotate_gff_gtf(cx, g, l);
	switch (l->kind) {
	case AT_L_EXON:
	case AT_L_CDS:
	case AT_L_UTR:
	case AT_L_STOP:
	case AT_L_SEC:
		return annotate_gff_pieces(cx, g, l);
	case AT_L_MATCH:
		return match_add(cx, g, l);
	case AT_L_REGION:
		circular_set(g, l);
		return GRX_OK;
	default:
		circular_set(g, l); /* Ensembl: a feature `chromosome` or `plasmid` */
		return l->a.id && *l->a.id
			       ? annotate_gff_node_add(cx, g, l, l->a.id,
					 (char *)(uintptr_t)(l->a.parent ? l->a.parent : l->a.derives))
			       : GRX_OK;
	}
}

/* Number of a sequence name, with the last answer kept: files are grouped by sequence. Names that mean the
 * same contig share a number. */
int annotate_gff_seqid(struct grx_ctx *cx, struct annotate_gff *g, const char *name)
{
	if (g->last_seqid.n && strcmp(g->last_seqid.s, name) == 0)
		return GRX_OK;
	grx_str_reset(&g->last_seqid);
	grx_str_add(&g->last_seqid, name);
	uint8_t build = 0;
	const char *canonical = annotate_accession_contig(g->acc, name, &build);
	if (!canonical)
		canonical = grx_contig_canonical(strncmp(name, "Chr", 3) == 0 && name[3] ? name + 3 : name);
	g->last_seqid_no = (int32_t)(intptr_t)grx_map_get(g->by_seqid, canonical) - 1;
	if (g->last_seqid_no >= 0)
		return GRX_OK;
	if (g->last_seqid.oom ||
		grx_grow(&g->seqid, &g->cap_seqid, g->n_seqid + 1, sizeof *g->seqid, MAX_ROWS) ||
		grx_map_set(g->by_seqid, canonical, (void *)(intptr_t)(g->n_seqid + 1)))
		return grx_fail_nomem(cx, "gene models");
	g->last_seqid_no = (int32_t)g->n_seqid;
	g->seqid[g->n_seqid++] = (struct annotate_seqid){.name = annotate_gff_keep(g, name),
		.canonical = annotate_gff_keep(g, canonical),
		.build = build};
	return GRX_OK;
}

static void reach(struct annotate_gff *g, int32_t end)
{
	struct annotate_seqid *q = &g->seqid[g->last_seqid_no];
	if (end > q->max_end) {
		q->max_end = end;
		q->line = g->n_line;
	}
}

static int gff_lines(struct grx_ctx *cx, struct annotate_gff *g, struct grx_text *t)
{
	int rc = GRX_E_BUG;
	struct grx_str tags = {0};
	int64_t n_feature = 0;
	for (;;) {
		char *s;
		struct annotate_line l;
		GRX_TRY(grx_text_line(cx, t, &s));
		if (!s || strncmp(s, "##FASTA", 7) == 0 || *s == '>')
			break;
		if (*s == '#' || *s == '\0')
			continue;
		g->n_line = grx_text_lineno(t);
		n_feature++;
		if (g->regulatory) {
			GRX_TRY(annotate_gff_feature(cx, g, s, &tags));
			continue;
		}
		GRX_TRY(annotate_line_parse(cx, g->path, g->n_line, s, &l, &tags));
		GRX_TRY(annotate_gff_seqid(cx, g, l.seqid));
		if (l.kind == AT_L_OTHER)
			continue;
		GRX_TRY(take_line(cx, g, &l));
		reach(g, l.end);
	}
	if (g->pool.failed || tags.oom)
		GRX_TRY(grx_fail_nomem(cx, "gene models"));
	if (n_feature == 0)
		GRX_TRY(grx_fail(
			cx, GRX_E_DATA, "%s: found no feature lines, expected GFF3 or GTF", g->path));
	rc = GRX_OK;
out:
	grx_str_clear(&tags);
	return rc;
}

int annotate_gff_read(struct grx_ctx *cx, struct annotate_gff *g)
{
	int rc = GRX_E_BUG;
	struct grx_text *t = NULL;
	if (!g->by_seqid && !(g->by_seqid = grx_map_new()))
		GRX_TRY(grx_fail_nomem(cx, "gene models"));
	GRX_TRY(grx_text_open(cx, g->path, &t));
	GRX_TRY(gff_lines(cx, g, t));
	rc = GRX_OK;
out:
	grx_text_close(t);
	return rc;
}

void annotate_gff_next(struct annotate_gff *g, const char *path)
{
	g->path = path;
	g->regulatory = true;
	grx_str_reset(&g->last_seqid);
}

void annotate_gff_clear(struct annotate_gff *g)
{
	annotate_pool_clear(&g->pool);
	grx_free(g->node);
	grx_free(g->piece);
	grx_free(g->cds);
	grx_free(g->match);
	grx_free(g->seqid);
	grx_free(g->feature);
	grx_free(g->slot);
	grx_map_free(g->by_seqid);
	grx_str_clear(&g->last_seqid);
	memset(g, 0, sizeof *g);
}
