/* SPDX-License-Identifier: GPL-3.0-or-later
 * d6_allele.c -- the star alleles of CYP2D6: definitions, activity values, weights, score ranges.
 * Names without a definition (*5, *1x2, *36 + *10 ...) are kept for their activity values. */
#include <math.h>
#include <string.h>

#include "bio/allele.h"
#include "io/text.h"
#include "stage/pgx/d6.h"

#define AT_LEAST "\xe2\x89\xa5" /* the sign in front of a lower limit */

static bool ours(struct grx_table *f, int col)
{
	return !strcmp(grx_table_get(f, col), "CYP2D6");
}

static const char *const allele_cols[] = {
	"gene", "allele", "activity_value", "is_reference", "matchable", "ignored"};

static int allele_row(void *arg, struct grx_ctx *cx, struct grx_table *f, const int *col)
{
	struct d6_table *d = arg;
	if (!ours(f, col[0]))
		return GRX_OK;
	if (d->n_allele == D6_MAX_ALLELE)
		return d6_bad_row(cx, f, "more alleles of CYP2D6 than this version can weigh",
			grx_table_get(f, col[1]));
	if (!(d->allele = d6_room(d->mem, d->allele, d->n_allele, sizeof *d->allele)))
		return grx_fail_nomem(cx, "alleles of CYP2D6");
	struct d6_allele *a = &d->allele[d->n_allele++];
	memset(a, 0, sizeof *a);
	const char *score = grx_table_get(f, col[2]);
	a->name = grx_arena_strdup(d->mem, grx_table_get(f, col[1]));
	a->activity = grx_arena_strdup(d->mem, score);
	a->has = grx_arena_calloc(d->mem, (size_t)d->n_locus, 1);
	a->share = grx_arena_alloc(d->mem, (size_t)d->n_locus, sizeof *a->share);
	for (int i = 0; a->share && i < d->n_locus; i++)
		a->share[i] = 0.5F;
	if (!a->name || !a->activity || !a->has || !a->share)
		return grx_fail_nomem(cx, "alleles of CYP2D6");
	a->at_least = grx_starts(score, AT_LEAST);
	a->has_score = grx_parse_f64(score + (a->at_least ? strlen(AT_LEAST) : 0), &a->score);
	a->is_ref = !strcmp(grx_table_get(f, col[3]), "1");
	a->defined = !strcmp(grx_table_get(f, col[4]), "1") && strcmp(grx_table_get(f, col[5]), "1") != 0;
	return GRX_OK;
}

static struct d6_allele *find(struct d6_table *d, const char *name)
{
	for (int i = 0; i < d->n_allele; i++)
		if (!strcmp(d->allele[i].name, name))
			return &d->allele[i];
	return NULL;
}

static uint8_t has_alt(const char *cell, const struct d6_locus *x)
{
	if (!cell[1] && !strchr("ACGT", cell[0])) /* one-letter class: may or may not have it */
		return !x->alt[1] && !x->ref[1] && grx_iupac_has(cell[0], x->alt[0]) ? D6_HAS_EITHER
										     : D6_HAS_REF;
	return strcmp(cell, x->alt) ? D6_HAS_REF : D6_HAS_ALT;
}

static const char *const definition_cols[] = {"gene", "allele", "pos", "vcf_allele"};

static int definition_row(void *arg, struct grx_ctx *cx, struct grx_table *f, const int *col)
{
	struct d6_table *d = arg;
	int64_t pos;
	if (!ours(f, col[0]))
		return GRX_OK;
	int rc = grx_table_i64(cx, f, col[2], &pos), n = 0;
	struct d6_allele *a = find(d, grx_table_get(f, col[1]));
	if (rc || !a)
		return rc ? rc : d6_bad_row(cx, f, "not an allele of alleles.tsv", grx_table_get(f, col[1]));
	for (int i = 0; i < d->n_locus; i++)
		if (d->locus[i].pos == pos - 1) {
			a->has[i] = has_alt(grx_table_get(f, col[3]), &d->locus[i]);
			n++;
		}
	return n ? GRX_OK : d6_bad_row(cx, f, "not a locus of cyp2d6_loci.tsv", grx_table_get(f, col[2]));
}

static const char *const optional_cols[] = {"allele", "pos", "alt", "share"};

static int optional_row(void *arg, struct grx_ctx *cx, struct grx_table *f, const int *col)
{
	struct d6_table *d = arg;
	int64_t pos;
	double share;
	struct d6_allele *a = find(d, grx_table_get(f, col[0]));
	int rc = grx_table_i64(cx, f, col[1], &pos), n = 0;
	if (rc == GRX_OK)
		rc = grx_table_f64(cx, f, col[3], &share);
	if (rc != GRX_OK)
		return rc;
	for (int i = 0; a && share > 0 && share < 1 && i < d->n_locus; i++)
		if (d->locus[i].pos == pos - 1 && !strcmp(d->locus[i].alt, grx_table_get(f, col[2])) &&
			(a->has[i] == D6_HAS_EITHER || !a->defined)) {
			a->has[i] = D6_HAS_EITHER;
			a->share[i] = (float)share;
			n++;
		}
	return n ? GRX_OK
		 : d6_bad_row(cx, f, "not an optional base of that allele, or share not in (0, 1)",
			   grx_table_get(f, col[2]));
}

static const char *const position_cols[] = {"gene", "pos", "rsid"};

static int position_row(void *arg, struct grx_ctx *cx, struct grx_table *f, const int *col)
{
	struct d6_table *d = arg;
	int64_t pos;
	if (!ours(f, col[0]))
		return GRX_OK;
	int rc = grx_table_i64(cx, f, col[1], &pos);
	const char *id = grx_table_get(f, col[2]);
	for (int i = 0; rc == GRX_OK && i < d->n_locus; i++)
		if (d->locus[i].pos == pos - 1 && strcmp(id, ".") != 0 &&
			!(d->locus[i].rsid = grx_arena_strdup(d->mem, id)))
			rc = grx_fail_nomem(cx, "loci of CYP2D6");
	return rc;
}

static const char *const rule_cols[] = {"gene", "activity_min", "activity_max", "phenotype"};

static int rule_row(void *arg, struct grx_ctx *cx, struct grx_table *f, const int *col)
{
	struct d6_table *d = arg;
	double lo, hi;
	if (!ours(f, col[0]) || !grx_parse_f64(grx_table_get(f, col[1]), &lo))
		return GRX_OK;
	if (!grx_parse_f64(grx_table_get(f, col[2]), &hi))
		hi = HUGE_VAL; /* "inf" */
	d->rule = d6_room(d->mem, d->rule, d->n_rule, sizeof *d->rule);
	const char *ph = grx_arena_strdup(d->mem, grx_table_get(f, col[3]));
	if (!d->rule || !ph)
		return grx_fail_nomem(cx, "phenotypes of CYP2D6");
	d->rule[d->n_rule++] = (struct d6_rule){lo, hi, ph};
	return GRX_OK;
}

/* Alleles whose frequency no source of the table names. */
#define RARE_PERCENT 0.05

/* The marks of exon 9 of CYP2D7 are the loci of *36 there. */
static void mark_exon9(struct d6_table *d)
{
	d->allele36 = d->allele68 = -1;
	for (int a = 0; a < d->n_allele; a++) {
		if (!strcmp(d->allele[a].name, "*36"))
			d->allele36 = a;
		if (!strcmp(d->allele[a].name, "*68"))
			d->allele68 = a;
	}
	for (int i = 0; d->allele36 >= 0 && i < d->n_locus; i++) {
		struct d6_locus *x = &d->locus[i];
		x->exon9 = x->pos + 1 > D6_4180 && x->pos + 1 <= D6_EXON9_LAST &&
			   d->allele[d->allele36].has[i] == D6_HAS_ALT;
	}
}

static void finish_alleles(struct d6_table *d)
{
	mark_exon9(d);
	for (int a = 0; a < d->n_allele; a++) {
		struct d6_allele *x = &d->allele[a];
		x->exon9 = true;
		for (int i = 0; i < d->n_locus; i++) {
			x->exon9 &= !d->locus[i].exon9 || x->has[i] != D6_HAS_REF;
			x->exon9_only |= d->locus[i].exon9 && x->has[i] == D6_HAS_ALT;
		}
		x->percent = RARE_PERCENT;
		for (int w = 0; w < d->n_weight; w++)
			if (!strcmp(d->weight[w].name, x->name))
				x->percent = d->weight[w].percent;
	}
}

#define LOAD(name, cols, row) d6_load_rows(cx, name, cols, (int)(sizeof(cols) / sizeof *(cols)), row, d)

int d6_alleles_load(struct grx_ctx *cx, struct d6_table *d)
{
	int rc = GRX_E_BUG;
	GRX_TRY(LOAD("pgx/alleles.tsv", allele_cols, allele_row));
	GRX_TRY(LOAD("pgx/definitions.tsv", definition_cols, definition_row));
	GRX_TRY(LOAD("pgx/cyp2d6_optional.tsv", optional_cols, optional_row));
	GRX_TRY(LOAD("pgx/positions.tsv", position_cols, position_row));
	GRX_TRY(LOAD("pgx/phenotypes.tsv", rule_cols, rule_row));
	finish_alleles(d);
	rc = d->n_allele && d->n_rule
		     ? GRX_OK
		     : grx_fail(cx, GRX_E_DATA, "refdata/pgx: no rows of CYP2D6 in the tables of alleles");
out:
	return rc;
}
