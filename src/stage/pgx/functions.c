/* SPDX-License-Identifier: GPL-3.0-or-later
 * functions.c -- what every named allele does, for calls that other tools made: alleles with function and
 * activity value, and the phenotype rules; structural alleles and genes without loci are included. */
#include <string.h>

#include "stage/pgx/table_int.h"

struct pgx_gene *pgx_functions_gene(struct pgx_loader *ld, const char *name)
{
	struct pgx_gene *g = pgx_new_gene(ld, name);
	if (g)
		g->method = PGX_NEVER;
	return g && g->name ? g : NULL;
}

/* ">=3.0" counts with its bound; who adds must keep the sign. */
static bool parse_value(const char *s, double *x)
{
	return grx_parse_f64(s + (grx_starts(s, "\xe2\x89\xa5") ? 3 : 0), x);
}

/* gene allele function activity_value: rows of a gene follow one another */
static int function_row(struct pgx_loader *ld, const char *const *f)
{
	struct pgx_table *t = ld->t;
	struct pgx_gene *g = NULL;
	for (int i = t->n_gene - 1; i >= 0 && !g; i--)
		g = strcmp(t->gene[i].name, f[0]) ? NULL : &t->gene[i];
	if (!g && !(g = pgx_functions_gene(ld, f[0])))
		return grx_fail_nomem(ld->cx, "the allele table");
	g->allele = pgx_more(t->mem, g->allele, (size_t)g->n_allele, sizeof *g->allele);
	if (!g->allele)
		return grx_fail_nomem(ld->cx, "the allele table");
	struct pgx_allele *a = &g->allele[g->n_allele++];
	memset(a, 0, sizeof *a);
	a->name = a->shown = pgx_keep(ld, f[1]);
	a->function = pgx_keep_or_null(ld, f[2]);
	a->score_text = pgx_keep_or_null(ld, f[3]);
	a->has_score = a->score_text && parse_value(a->score_text, &a->score);
	return a->name ? GRX_OK : grx_fail_nomem(ld->cx, "the allele table");
}

static int index_genes(struct pgx_loader *ld)
{
	int rc = GRX_OK;
	for (int i = 0; i < ld->t->n_gene && rc == GRX_OK; i++)
		rc = grx_map_set(ld->genes, ld->t->gene[i].name, &ld->t->gene[i]);
	return rc;
}

int pgx_functions_load(struct grx_ctx *cx, struct pgx_table **out)
{
	static const char *const cols[] = {"gene", "allele", "function", "activity_value"};
	struct pgx_opt opt = {0};
	struct pgx_loader ld = {.cx = cx, .opt = &opt, .genes = grx_map_new()};
	int rc = GRX_E_NOMEM;
	*out = NULL;
	ld.t = grx_calloc(1, sizeof *ld.t);
	if (!ld.t || !ld.genes || !(ld.t->mem = grx_arena_new())) {
		rc = grx_fail_nomem(cx, "the allele table");
		goto out;
	}
	GRX_TRY(pgx_each_row(&ld, "pgx/alleles.tsv", cols, 4, function_row));
	GRX_TRY(index_genes(&ld));
	GRX_TRY(pgx_each_row(&ld, "pgx/phenotypes.tsv", pgx_rule_cols, 7, pgx_rule_row));
	*out = ld.t;
	ld.t = NULL;
	rc = GRX_OK;
out:
	pgx_table_free(ld.t);
	grx_map_free(ld.genes);
	return rc;
}
