/* SPDX-License-Identifier: GPL-3.0-or-later
 * model_int.h -- from the lines of a model file to transcripts (gff.c, model.c). */
#ifndef GRX_STAGE_ANNOTATE_MODEL_INT_H
#define GRX_STAGE_ANNOTATE_MODEL_INT_H

#include "base/mem.h"
#include "base/str.h"
#include "stage/annotate/model.h"

struct annotate_models {
	struct grx_arena *names; /* strings of the file */
	struct grx_arena *mem;
	size_t n;
	struct annotate_tx *tx; /* ascending (tid, beg, end, id) */
	int64_t *max_end;       /* running maximum of end within the contig: bounds the walk back */
	size_t *first;          /* first[tid] .. first[tid + 1] */
	int32_t n_contig;
	/* what was left out of the file, by reason */
	int64_t n_bad_strand, n_cds_outside, n_overlapping, n_other_contig, n_orphan, n_phase;
};

/* Raw features of one parent, from gff.c to model.c. */
struct annotate_piece {
	int64_t beg, end;
	int8_t phase; /* -1 '.' */
};
struct annotate_node {
	const char *id, *parent, *type;
	bool seen;   /* its own line was read */
	int32_t tid; /* -1 unknown */
	int8_t strand;
	int64_t beg, end;
	const char *name, *biotype, *symbol, *gene_id, *tx_id, *version, *tag, *tsl;
	const char *protein, *protein_version;
	int8_t table;
	bool mixed; /* pieces on several strands or contigs */
	size_t n_exon, cap_exon, n_cds, cap_cds;
	struct annotate_piece *exon, *cds;
};
struct annotate_gff {
	struct grx_arena *mem; /* strings that the models keep */
	struct grx_arena *tmp; /* nodes and pieces, gone once the models are built */
	struct grx_map *by_id;
	size_t n, cap;
	struct annotate_node **node;
	int64_t n_other_contig;
};

/* Read path (GFF3 of Ensembl, GENCODE or RefSeq; GTF) onto dictionary d by alias. Malformed lines are
 * GRX_E_DATA with file:line; no sequence name in common is GRX_E_MISMATCH. Strings live in g->mem (taken over
 * by the models). */
int annotate_gff_read(
	struct grx_ctx *cx, const char *path, const struct grx_contigs *d, struct annotate_gff *g) GRX_MUST;

#endif
