/* SPDX-License-Identifier: GPL-3.0-or-later
 * db_feed.h -- one source of --build-db, read from end to end as sorted, normalised alleles. */
#ifndef GRX_STAGE_ANNOTATE_DB_FEED_H
#define GRX_STAGE_ANNOTATE_DB_FEED_H

#include "stage/annotate/db_int.h"

struct annotate_feedrow {
	struct annotate_dbkey k;
	uint64_t seq; /* order in the file: the first of equal alleles stands */
	struct annotate_dbval *val;
};

struct annotate_feed {
	struct annotate_dbsrc src;
	const struct grx_contigs *master; /* order of contigs, and their lengths where known */
	/* the stream */
	struct grx_varsrc *vcf;
	struct grx_arena *batch_mem, *row_mem;
	struct grx_vars *batch;
	size_t at;
	struct grx_text *text;
	struct annotate_dbrow row;
	bool have_row, ended;
	/* alleles of one contig: [next, ready) may be taken, later ones may still be preceded */
	int32_t rank;
	int64_t last_pos;
	struct grx_arena *mem, *other;
	struct annotate_feedrow *v;
	size_t n, cap, next, ready;
	uint64_t seq;
	struct annotate_dbwin win;
	const char *contig; /* last name looked up, and its rank */
	int32_t contig_rank;
	char contig_name[256];
	int64_t n_record, n_allele, n_again, n_no_sequence, n_other_contig, n_ref_differ, n_ref_same;
	char again[128]; /* where the first duplicate is */
};

int annotate_feed_open(
	struct grx_ctx *cx, const char *spec, const struct grx_strs *keys, struct annotate_feed *f) GRX_MUST;
void annotate_feed_close(struct annotate_feed *f);
/* Contigs with lengths that the source itself knows; NULL for a table. */
const struct grx_contigs *annotate_feed_contigs(const struct annotate_feed *f);
/* Set the order of contigs; fasta NULL: no alignment, no check of REF. */
int annotate_feed_start(struct grx_ctx *cx, struct annotate_feed *f, const struct grx_contigs *master,
	struct grx_fasta *fasta) GRX_MUST;
/* The next allele in f->v[f->next] of contig f->rank, NULL at the end; again until annotate_feed_take(). */
int annotate_feed_peek(
	struct grx_ctx *cx, struct annotate_feed *f, const struct annotate_feedrow **row) GRX_MUST;
static inline void annotate_feed_take(struct annotate_feed *f)
{
	f->next++;
}

#endif
