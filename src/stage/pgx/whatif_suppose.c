/* SPDX-License-Identifier: GPL-3.0-or-later
 * whatif_suppose.c -- the facts of a gene whose diplotype is set by hand: for genes that small variants alone
 * do not settle, and for calls from elsewhere. It is read as a call of another tool is. */
#include <stdio.h>
#include <string.h>

#include "base/opt.h"
#include "stage/pgx/outside.h"
#include "stage/pgx/table_int.h"
#include "stage/pgx/whatif_int.h"

enum { MAX_NEAR = 6, NEAR = 3 };

static bool has(const struct pgx_gene *g, const char *name, size_t n)
{
	for (int a = 0; a < g->n_allele; a++)
		if (strlen(g->allele[a].shown) == n && !strncmp(g->allele[a].shown, name, n))
			return true;
	return false;
}

/* The alleles near the first part of the diplotype that is in no table. */
static void near_alleles(const struct pgx_gene *g, const char *diplotype, struct grx_str *o)
{
	size_t n = strcspn(diplotype, "/");
	const char *name = has(g, diplotype, n) && diplotype[n] ? diplotype + n + 1 : diplotype;
	char typed[64];
	int k = 0;

	snprintf(typed, sizeof(typed), "%.*s", (int)strcspn(name, "/"), name);
	for (int d = 0; d < NEAR; d++)
		for (int a = 0; a < g->n_allele && k < MAX_NEAR; a++)
			if (grx_edit_distance(typed, g->allele[a].shown) == d)
				grx_str_addf(o, "%s%s", k++ ? ", " : "; near: ", g->allele[a].shown);
}

static int suppose(struct grx_ctx *cx, const struct pgx_outside *o, const char *sample, struct grx_facts *out)
{
	const struct pgx_gene *g = &o->table->gene[o->row->gene];
	struct grx_arena *mem = grx_arena_new();
	struct pgx_outside_call c = {0};
	struct grx_str near = {0};
	int rc = mem ? pgx_outside_judge(mem, o, o->row, &c) : GRX_E_NOMEM;

	if (rc) {
		rc = grx_fail_nomem(cx, "a diplotype");
	} else if (c.doubt) {
		near_alleles(g, o->row->diplotype, &near);
		rc = grx_fail(cx, GRX_E_USAGE,
			"--what-if: %s=%s: an allele is none of the %d in the tables%s", g->name,
			o->row->diplotype, g->n_allele, near.s ? near.s : "");
	} else {
		rc = pgx_outside_emit(cx, o, 0, sample, out, NULL);
	}
	grx_str_clear(&near);
	grx_arena_free(mem);
	return rc;
}

/* The rules read an HLA type from the diplotype itself. */
static int suppose_hla(
	struct grx_ctx *cx, const struct grx_pgx_call *what, const char *type, struct grx_facts *out)
{
	char key[128];

	snprintf(key, sizeof(key), "pgx/%s/diplotype", what->gene);
	if (*type != '*' || !strchr(type, ':'))
		return grx_fail(cx, GRX_E_USAGE,
			"--what-if: found '%s=%s', expected a type of two fields, e.g. *57:01/*08:01",
			what->gene, type);
	return grx_facts_str(cx, out, what->sample, key, "pgx", type);
}

int grx_pgx_suppose(
	struct grx_ctx *cx, const struct grx_pgx_call *what, const char *diplotype, struct grx_facts *out)
{
	struct pgx_outside_row row = {.diplotype = diplotype, .gene = -1};
	struct pgx_outside o = {.path = "--what-if", .n = 1, .row = &row};
	int rc;

	if (grx_starts(what->gene, "HLA-"))
		return suppose_hla(cx, what, diplotype, out);
	rc = pgx_functions_load(cx, &o.table);
	for (int g = 0; rc == GRX_OK && g < o.table->n_gene; g++)
		if (!strcmp(o.table->gene[g].name, what->gene))
			row.gene = g;
	if (rc == GRX_OK && row.gene < 0)
		rc = grx_fail(cx, GRX_E_USAGE, "--what-if: no alleles of %s in the tables", what->gene);
	if (rc == GRX_OK && !*diplotype)
		rc = grx_fail(cx, GRX_E_USAGE, "--what-if: no diplotype after '%s='", what->gene);
	if (rc == GRX_OK)
		rc = suppose(cx, &o, what->sample, out);
	pgx_table_free(o.table);
	return rc;
}
