/* SPDX-License-Identifier: GPL-3.0-or-later
 * hgvs_int.h -- shared by the files of the HGVS part (hgvs_*.c). */
#ifndef GRX_STAGE_ANNOTATE_HGVS_INT_H
#define GRX_STAGE_ANNOTATE_HGVS_INT_H

#include "stage/annotate/hgvs.h"

/* Decimal of x at p, at most 20 bytes; behind it. No NUL. */
char *annotate_put_number(char *p, int64_t x);
/* Genomic span that a name gives: of a duplication the bases repeated, of an insertion its two flanks. True
 * for a duplication. */
bool annotate_side_span(const struct annotate_side *s, int strand, bool dup, int64_t *beg, int64_t *end);

/* Accessions of the contigs of known builds, from refdata. */
struct annotate_accessions;
int annotate_accessions_load(struct grx_ctx *cx, struct annotate_accessions **out) GRX_MUST;
void annotate_accessions_free(struct annotate_accessions *a);
/* By name (alias) and length; NULL when it is none of a known build. Lives as long as a. */
const char *annotate_accession_of(const struct annotate_accessions *a, const char *contig, int64_t len);
enum annotate_accession_match {
	AT_ACCESSION_UNKNOWN,    /* none of the table */
	AT_ACCESSION_OTHER,      /* known, but not the sequence of d: another build or version */
	AT_ACCESSION_NO_VERSION, /* the version is left out: ambiguous between builds */
	AT_ACCESSION_OK
};
/* The contig of d that has this accession. *other: the accession that d's contig has, when known. */
enum annotate_accession_match annotate_accession_find(const struct annotate_accessions *a,
	const char *accession, const struct grx_contigs *d, int32_t *tid, const char **other) GRX_MUST;

#endif
