/* SPDX-License-Identifier: GPL-3.0-or-later
 * table_int.h -- what the files that load the tables share. */
#ifndef GRX_STAGE_PGX_TABLE_INT_H
#define GRX_STAGE_PGX_TABLE_INT_H

#include "base/map.h"
#include "io/text.h"
#include "stage/pgx/pgx_int.h"

struct pgx_custom;

struct pgx_loader {
	struct grx_ctx *cx;
	struct pgx_table *t;
	struct grx_table *f;
	struct grx_map *genes;   /* name -> struct pgx_gene */
	struct grx_map *alleles; /* "gene\tallele" -> struct pgx_allele */
	const struct pgx_opt *opt;
	int n_custom;
	struct pgx_custom *custom; /* definitions of the user */
	void *arg;                 /* of the caller */
};

/* Definitions of one gene as the user gave them. */
struct pgx_custom_allele {
	const char *name;
	bool is_ref;
	const char **cell; /* per variant, NULL = not specified */
};
struct pgx_custom {
	const char *path, *gene, *chrom;
	int n_variant, n_allele;
	struct pgx_locus *variant; /* as in the file, tid and spans not set */
	struct pgx_custom_allele *allele;
};
/* Read a named-allele definition file (JSON). Strings live in mem. GRX_E_DATA names the file, the place and
 * what was expected. */
int pgx_custom_read(
	struct grx_ctx *cx, struct grx_arena *mem, const char *path, struct pgx_custom *out) GRX_MUST;
/* The definitions of the gene, NULL if the user gave none. */
const struct pgx_custom *pgx_custom_of(const struct pgx_loader *ld, const char *gene);

typedef int (*pgx_row_fn)(struct pgx_loader *ld, const char *const *field);
/* Read refdata/pgx/name and hand each row's fields (in the order of cols) to fn. */
int pgx_each_row(
	struct pgx_loader *ld, const char *name, const char *const *cols, int n_col, pgx_row_fn fn) GRX_MUST;
int pgx_bad_row(struct pgx_loader *ld, const char *what, const char *found) GRX_MUST;
const char *pgx_keep(struct pgx_loader *ld, const char *s);
const char *pgx_keep_or_null(struct pgx_loader *ld, const char *s); /* "." = none */
/* Room for element n of an arena array that doubles at powers of two. */
void *pgx_more(struct grx_arena *mem, void *old, size_t n, size_t size);
/* Set alts, alt, n_alt and the span; the error is told without place. */
int pgx_locus_alts(struct pgx_loader *ld, struct pgx_locus *l, const char *alts, const char **bad) GRX_MUST;

/* gene mode function_1 function_2 activity_min activity_max phenotype: a row of phenotypes.tsv; a gene that
 * the loader does not know is passed over. */
int pgx_rule_row(struct pgx_loader *ld, const char *const *field) GRX_MUST;
extern const char *const pgx_rule_cols[7];
/* A gene without loci, alleles and rules; NULL: no memory. */
struct pgx_gene *pgx_new_gene(struct pgx_loader *ld, const char *name);

/* Every gene of alleles.tsv with all its alleles, structural ones too, and the phenotype rules: names and
 * functions only, no loci. */
int pgx_functions_load(struct grx_ctx *cx, struct pgx_table **out) GRX_MUST;
struct pgx_gene *pgx_functions_gene(struct pgx_loader *ld, const char *name); /* add one; NULL: no memory */

/* Alleles and their definitions, from the tables and from the user; needs the loci in place. */
int pgx_alleles_load(struct pgx_loader *ld) GRX_MUST;

#endif
