/* SPDX-License-Identifier: GPL-3.0-or-later
 * accession.h -- RefSeq accessions of the human chromosomes (refdata/annotate/contig_accessions.tsv). */
#ifndef GRX_STAGE_ANNOTATE_ACCESSION_H
#define GRX_STAGE_ANNOTATE_ACCESSION_H

#include "bio/contig.h"
#include "genorx/genorx.h"

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
/* Usual name of an accession's contig, NULL unknown; *build 0 when both builds have it. */
const char *annotate_accession_contig(
	const struct annotate_accessions *a, const char *accession, uint8_t *build);
/* Accession number i of a contig name, NULL behind the last. */
const char *annotate_accession_nth(const struct annotate_accessions *a, const char *canonical, int i);

#endif
