/* SPDX-License-Identifier: GPL-3.0-or-later
 * outside.h -- calls of other tools given as a table: they replace ours, phenotype and score are derived by
 * our tables and compared with what the file says. */
#ifndef GRX_STAGE_PGX_OUTSIDE_H
#define GRX_STAGE_PGX_OUTSIDE_H

#include "stage/pgx/pgx_int.h"

/* One row: texts as given, NULL = not given. */
struct pgx_outside_row {
	int sample, gene;
	int64_t line;
	const char *diplotype, *phenotype, *activity;
};
struct pgx_outside {
	const char *path;
	struct pgx_table *table; /* genes with all alleles and rules, without loci */
	int n_marker;
	struct pgx_marker {
		const char *gene, *allele;
	} * marker; /* HLA alleles that a phenotype speaks of */
	size_t n;
	struct pgx_outside_row *row; /* by sample, then gene, then line */
};

/* Fields: gene, diplotype, phenotype, activity score; further ones are ignored. The first line may name the
 * columns instead (sample gene diplotype phenotype activity_score, in any order). Without a column sample the
 * file is about the only sample. Errors name file:line. Rows of unknown genes or of samples that are not in
 * the input are left out with a warning. */
int pgx_outside_read(struct grx_ctx *cx, const char *path, const char *const *sample, int n_sample,
	struct pgx_outside **out) GRX_MUST;
void pgx_outside_free(struct pgx_outside *o); /* NULL-safe */
/* Rows of a sample, NULL if it has none; o may be NULL. */
const struct pgx_outside_row *pgx_outside_rows(const struct pgx_outside *o, int sample, size_t *n);
bool pgx_outside_has(const struct pgx_outside *o, int sample, const char *gene); /* o may be NULL */
/* Facts and rows (tsv NULL: none) of one sample. Any thread. */
int pgx_outside_emit(struct grx_ctx *cx, const struct pgx_outside *o, int sample, const char *name,
	struct grx_facts *fs, struct grx_str *tsv) GRX_MUST;

/* What one row means. */
struct pgx_outside_call {
	const char *diplotype; /* as shown: in the order of names; NULL = none given */
	const char *lookup;    /* the pair that the tables know, when it is written otherwise; else NULL */
	const char *phenotype, *activity; /* as the file says or else as derived; NULL = none */
	const char *derived;              /* phenotype by our tables, NULL = they give none */
	const char *derived_activity;
	const char *doubt; /* what is odd, NULL */
	bool contradicts;  /* the file says one thing, our tables another */
};
int pgx_outside_judge(struct grx_arena *mem, const struct pgx_outside *o, const struct pgx_outside_row *r,
	struct pgx_outside_call *out) GRX_MUST;

#endif
