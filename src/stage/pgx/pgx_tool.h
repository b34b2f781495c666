/* SPDX-License-Identifier: GPL-3.0-or-later
 * pgx_tool.h -- ask the pgx stage again: call a gene anew from the loci that facts hold, some of them
 * changed. What facts do not hold (likelihoods, phase sets, depth in between) is not used: a caller compares
 * a call without changes with the facts to see whether that matters. */
#ifndef GRX_PGX_TOOL_H
#define GRX_PGX_TOOL_H

#include "base/str.h"
#include "genorx/ctx.h"
#include "genorx/facts.h"

struct grx_pgx_tool; /* the pharmacogene tables */

enum { GRX_PGX_EDIT_MAX = 64 };

/* A genotype set by hand. Alleles are numbers in the table of loci: 0 = REF, k = k-th ALT. */
struct grx_pgx_edit {
	const char *chrom, *name; /* name: rsID, or NULL; both of the tool */
	int64_t pos;              /* 1-based */
	int n;                    /* copies: 2, or 1 */
	int allele[2];            /* -1 not called */
	bool phased;
	char gt[24]; /* as numbers */
};

/* Which gene of which sample to call anew. */
struct grx_pgx_call {
	const struct grx_facts *fs;
	const char *sample, *gene;
	const struct grx_pgx_edit *edit;
	int n_edit;
	bool unphased; /* take genotypes without their phase */
};

int grx_pgx_tool_open(struct grx_ctx *cx, struct grx_pgx_tool **out) GRX_MUST;
void grx_pgx_tool_close(struct grx_pgx_tool *t);

/* Read "LOCUS=GT": LOCUS an rsID or chrom:pos, GT allele numbers (0/1, 1|0, 1, ./.) or the alleles themselves
 * (A/G). genes: comma-separated, those that the locus may belong to. Errors: GRX_E_USAGE naming the nearest
 * loci, all loci of the genes when none is near, or the alleles of the locus. */
int grx_pgx_edit_parse(struct grx_ctx *cx, const struct grx_pgx_tool *t, const char *text, const char *genes,
	struct grx_pgx_edit *out) GRX_MUST;
/* Is the locus one of the gene? */
bool grx_pgx_edit_in(const struct grx_pgx_tool *t, const struct grx_pgx_edit *e, const char *gene);

/* Call one gene anew from the loci under pgx/GENE/diplotype of fs, with n edits. The facts of the gene are
 * appended to out; notes gets a line for each locus that could not be taken over. Errors: GRX_E_USAGE when fs
 * holds no loci of the gene or it is not called from small variants. */
int grx_pgx_again(struct grx_ctx *cx, const struct grx_pgx_tool *t, const struct grx_pgx_call *what,
	struct grx_facts *out, struct grx_str *notes) GRX_MUST;

/* The facts of a gene if its diplotype were the given one, two alleles with a slash between or one of a
 * single copy. Phenotype and activity score come from the tables. Errors: GRX_E_USAGE naming the nearest
 * alleles. */
int grx_pgx_suppose(struct grx_ctx *cx, const struct grx_pgx_call *what, const char *diplotype,
	struct grx_facts *out) GRX_MUST;

/* Alleles that have a variant at the locus, ", " between them, "..." after max; nothing for a locus that
 * is not in the table. pos is 1-based. */
void grx_pgx_defines(const struct grx_pgx_tool *t, const char *gene, const char *chrom, int64_t pos, int max,
	struct grx_str *out);

#endif
