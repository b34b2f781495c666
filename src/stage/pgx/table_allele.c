/* SPDX-License-Identifier: GPL-3.0-or-later
 * table_allele.c -- named alleles: functions and values from the tables, definitions from there or the user.
 * Masks of unspecified loci hold the reference row's codes. */
#include <string.h>

#include "bio/allele.h"
#include "stage/pgx/table_int.h"

/* Room for one more allele of the gene, masks zeroed; NULL: no memory. */
static struct pgx_allele *new_allele(struct pgx_loader *ld, struct pgx_gene *g, const char *name, bool is_ref)
{
	struct grx_arena *mem = ld->t->mem;
	size_t n = (size_t)g->n_allele, m = (size_t)g->n_locus;
	g->allele = pgx_more(mem, g->allele, n, sizeof *g->allele);
	if (!g->allele)
		return NULL;
	struct pgx_allele *a = &g->allele[g->n_allele++];
	memset(a, 0, sizeof *a);
	a->name = a->shown = pgx_keep(ld, name);
	a->is_ref = is_ref;
	if (is_ref)
		g->ref_allele = (int)n;
	a->mask = grx_arena_calloc(mem, m, sizeof *a->mask);
	a->core = grx_arena_calloc(mem, m, 1);
	a->wobble = grx_arena_calloc(mem, m, 1);
	return a->name && a->mask && a->core && a->wobble ? a : NULL;
}

/* Alleles of the user, in the order of the file. */
static int custom_alleles(struct pgx_loader *ld)
{
	for (int i = 0; i < ld->n_custom; i++) {
		const struct pgx_custom *c = &ld->custom[i];
		struct pgx_gene *g = grx_map_get(ld->genes, c->gene);
		for (int k = 0; g && k < c->n_allele; k++)
			if (!new_allele(ld, g, c->allele[k].name, c->allele[k].is_ref))
				return grx_fail_nomem(ld->cx, "the allele table");
	}
	return GRX_OK;
}

static struct pgx_allele *find_allele(const struct pgx_gene *g, const char *name)
{
	for (int k = 0; k < g->n_allele; k++)
		if (!strcmp(g->allele[k].name, name))
			return &g->allele[k];
	return NULL;
}

/* gene allele function activity_value is_reference matchable reported_as ignored */
static int allele_row(struct pgx_loader *ld, const char *const *f)
{
	struct pgx_gene *g = grx_map_get(ld->genes, f[0]);
	if (!g || g->method == PGX_NEVER)
		return GRX_OK;
	bool custom = pgx_custom_of(ld, f[0]) != NULL;
	if (!custom && (strcmp(f[5], "1") || !strcmp(f[7], "1")))
		return GRX_OK;
	struct pgx_allele *a = custom ? find_allele(g, f[1]) : new_allele(ld, g, f[1], !strcmp(f[4], "1"));
	if (!a)
		return custom ? GRX_OK : grx_fail_nomem(ld->cx, "the allele table");
	a->shown = custom ? a->name : pgx_keep(ld, f[6]);
	a->function = pgx_keep_or_null(ld, f[2]);
	a->score_text = pgx_keep_or_null(ld, f[3]);
	a->has_score = a->score_text && grx_parse_f64(a->score_text, &a->score);
	return a->shown ? GRX_OK : grx_fail_nomem(ld->cx, "the allele table");
}

static int index_alleles(struct pgx_loader *ld)
{
	struct grx_str key = {0};
	int rc = GRX_OK;
	for (int i = 0; i < ld->t->n_gene; i++) {
		struct pgx_gene *g = &ld->t->gene[i];
		for (int k = 0; k < g->n_allele && rc == GRX_OK; k++) {
			grx_str_reset(&key);
			grx_str_addf(&key, "%s\t%s", g->name, g->allele[k].name);
			rc = key.oom ? grx_fail_nomem(ld->cx, "a key")
				     : grx_map_set(ld->alleles, key.s, &g->allele[k]);
		}
		if (g->ref_allele < 0 && g->method != PGX_NEVER && rc == GRX_OK)
			rc = grx_fail(ld->cx, GRX_E_DATA,
				"refdata/pgx/alleles.tsv: %s has no reference allele", g->name);
	}
	grx_str_clear(&key);
	return rc;
}

/* Codes of the alleles that a cell accepts: an allele itself, or the class of a one-letter ambiguity code. */
static uint32_t cell_mask(const struct pgx_locus *l, const char *cell, bool *wobble)
{
	uint32_t m = 0;
	*wobble = cell[0] && !cell[1] && !strchr("ACGT", cell[0]);
	for (int k = 0; k <= l->n_alt; k++) {
		const char *s = k ? l->alt[k - 1] : l->ref;
		if (*wobble ? (!s[1] && grx_iupac_has(cell[0], s[0])) : !strcmp(s, cell))
			m |= 1u << k;
	}
	return m;
}

static void set_cell(struct pgx_allele *a, const struct pgx_locus *x, int l, const char *cell)
{
	bool wobble;
	a->mask[l] = cell_mask(x, cell, &wobble);
	a->wobble[l] = wobble;
	a->core[l] = 1;
	a->n_core++;
}

static int find_locus(const struct pgx_table *t, const struct pgx_gene *g, int64_t pos, const char *cell)
{
	bool w;
	for (int l = 0; l < g->n_locus; l++)
		if (t->locus[g->first + l].pos == pos && cell_mask(&t->locus[g->first + l], cell, &w))
			return l;
	return -1;
}

/* gene allele pos vcf_allele */
static int definition_row(struct pgx_loader *ld, const char *const *f)
{
	struct pgx_gene *g = grx_map_get(ld->genes, f[0]);
	if (!g || g->method == PGX_NEVER || pgx_custom_of(ld, f[0]))
		return GRX_OK;
	struct grx_str key = {0};
	int64_t pos = 0;
	grx_str_addf(&key, "%s\t%s", f[0], f[1]);
	bool oom = key.oom;
	struct pgx_allele *a = oom ? NULL : grx_map_get(ld->alleles, key.s);
	grx_str_clear(&key);
	if (oom)
		return grx_fail_nomem(ld->cx, "star alleles");
	if (!a)
		return GRX_OK; /* an ignored allele */
	if (!grx_parse_i64(f[2], &pos))
		return pgx_bad_row(ld, "pos must be an integer", f[2]);
	int l = find_locus(ld->t, g, pos - 1, f[3]);
	if (l < 0)
		return pgx_bad_row(
			ld, "the allele is not among REF and ALTs of a locus in positions.tsv", f[3]);
	set_cell(a, &ld->t->locus[g->first + l], l, f[3]);
	return GRX_OK;
}

/* The user's cells; that each is an allele of its variant was checked when the file was read. */
static void custom_cells(struct pgx_loader *ld, const struct pgx_custom *c)
{
	struct pgx_gene *g = grx_map_get(ld->genes, c->gene);
	for (int i = 0; g && i < c->n_variant; i++) {
		int l = 0;
		const struct pgx_locus *x = ld->t->locus + g->first;
		while (x[l].pos != c->variant[i].pos || strcmp(x[l].ref, c->variant[i].ref))
			l++;
		for (int k = 0; k < c->n_allele; k++)
			if (c->allele[k].cell[i])
				set_cell(&g->allele[k], &x[l], l, c->allele[k].cell[i]);
	}
}

/* Unspecified cells take the reference row's codes, or REF where that row has a class. */
static void fill_defaults(struct pgx_gene *g)
{
	if (g->method == PGX_NEVER)
		return;
	const struct pgx_allele *r = &g->allele[g->ref_allele];
	for (int k = 0; k < g->n_allele; k++) {
		struct pgx_allele *a = &g->allele[k];
		for (int l = 0; l < g->n_locus; l++)
			if (!a->core[l])
				a->mask[l] = r->wobble[l] ? 1u : r->mask[l];
	}
	if (g->hap_intron < 0 || g->hap_exon < 0)
		return;
	for (int k = 0; k < g->n_allele; k++) {
		const struct pgx_allele *a = &g->allele[k];
		if (a->is_ref || !a->core[g->hap_intron])
			continue;
		if (a->core[g->hap_exon])
			g->hap_both = k;
		else
			g->hap_intron_only = k;
	}
}

int pgx_alleles_load(struct pgx_loader *ld)
{
	static const char *const alleles[] = {"gene", "allele", "function", "activity_value", "is_reference",
		"matchable", "reported_as", "ignored"};
	static const char *const defs[] = {"gene", "allele", "pos", "vcf_allele"};
	int rc = GRX_E_BUG;
	GRX_TRY(custom_alleles(ld));
	GRX_TRY(pgx_each_row(ld, "pgx/alleles.tsv", alleles, 8, allele_row));
	GRX_TRY(index_alleles(ld));
	GRX_TRY(pgx_each_row(ld, "pgx/definitions.tsv", defs, 4, definition_row));
	for (int i = 0; i < ld->n_custom; i++)
		custom_cells(ld, &ld->custom[i]);
	for (int i = 0; i < ld->t->n_gene; i++)
		fill_defaults(&ld->t->gene[i]);
	rc = GRX_OK;
out:
	return rc;
}
