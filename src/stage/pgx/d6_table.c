/* SPDX-License-Identifier: GPL-3.0-or-later
 * d6_table.c -- load the CYP2D6 tables of refdata/pgx: sites, loci, regions, forms, weights. */
#include <stdio.h>
#include <string.h>

#include "base/ctx.h"
#include "bio/contig.h"
#include "io/text.h"
#include "stage/pgx/d6.h"

#define SURE_AT 0.95

static const char *keep(struct d6_table *d, struct grx_table *f, int col)
{
	return grx_arena_strdup(d->mem, grx_table_get(f, col));
}

int d6_bad_row(struct grx_ctx *cx, const struct grx_table *f, const char *what, const char *found)
{
	return grx_fail(cx, GRX_E_DATA,
		"%s:%lld: %s: found '%s'; make the table again (refdata/pgx/cyp2d6.sh)", grx_table_path(f),
		(long long)grx_table_lineno(f), what, found);
}

void *d6_room(struct grx_arena *mem, void *old, int n, size_t size)
{
	size_t k = (size_t)n;
	return (k & (k - 1)) ? old : grx_arena_grow(mem, old, k, k ? 2 * k : 1, size);
}

static int choose(const char *s, const char *const *name, int n)
{
	for (int i = 0; i < n; i++)
		if (!strcmp(s, name[i]))
			return i;
	return -1;
}

static const char *const site_cols[] = {
	"pos_cyp2d6", "pos_cyp2d7", "base_cyp2d6", "base_cyp2d7", "region", "use"};

static int site_row(void *arg, struct grx_ctx *cx, struct grx_table *f, const int *col)
{
	static const char *const use[] = {"yes", "defining", "gap", "conversion"};
	struct d6_table *d = arg;
	int rc = GRX_E_BUG;
	if (!(d->site = d6_room(d->mem, d->site, d->n_site, sizeof *d->site)))
		return grx_fail_nomem(cx, "sites of CYP2D6");
	struct d6_site *s = &d->site[d->n_site++];
	GRX_TRY(grx_table_i64(cx, f, col[0], &s->pos6));
	GRX_TRY(grx_table_i64(cx, f, col[1], &s->pos7));
	s->pos6--;
	s->pos7--;
	s->base6 = grx_table_get(f, col[2])[0];
	s->base7 = grx_table_get(f, col[3])[0];
	s->region = keep(d, f, col[4]);
	int u = choose(grx_table_get(f, col[5]), use, 4);
	if (u < 0)
		return d6_bad_row(cx, f, "unknown use of a site", grx_table_get(f, col[5]));
	s->use = (enum d6_use)u;
	s->weight = 1;
	rc = s->region ? GRX_OK : grx_fail_nomem(cx, "sites of CYP2D6");
out:
	return rc;
}

static const char *const locus_cols[] = {"pos", "ref", "alt", "last", "pos_cyp2d7", "base_cyp2d7", "region"};

static int locus_row(void *arg, struct grx_ctx *cx, struct grx_table *f, const int *col)
{
	struct d6_table *d = arg;
	int rc = GRX_E_BUG;
	if (!(d->locus = d6_room(d->mem, d->locus, d->n_locus, sizeof *d->locus)))
		return grx_fail_nomem(cx, "loci of CYP2D6");
	struct d6_locus *x = &d->locus[d->n_locus++];
	memset(x, 0, sizeof *x);
	GRX_TRY(grx_table_i64(cx, f, col[0], &x->pos));
	GRX_TRY(grx_table_i64(cx, f, col[3], &x->last));
	GRX_TRY(grx_table_i64(cx, f, col[4], &x->pos7));
	x->pos--;
	x->last--;
	x->pos7--;
	x->ref = keep(d, f, col[1]);
	x->alt = keep(d, f, col[2]);
	x->base7 = grx_table_get(f, col[5])[0];
	x->region = keep(d, f, col[6]);
	if (!x->ref || !x->alt || !x->region)
		return grx_fail_nomem(cx, "loci of CYP2D6");
	rc = GRX_OK;
out:
	return rc;
}

static int add_bin(struct grx_ctx *cx, struct d6_table *d, int64_t beg, int64_t end, enum d6_role role)
{
	if (!(d->bin = d6_room(d->mem, d->bin, d->n_bin, sizeof *d->bin)))
		return grx_fail_nomem(cx, "regions of CYP2D6");
	d->bin[d->n_bin++] = (struct d6_bin){beg, end, role};
	return d->n_bin < D6_MAX_BIN ? GRX_OK
				     : grx_fail(cx, GRX_E_DATA, "cyp2d6_regions.tsv: too many regions");
}

static const char *const region_cols[] = {"chrom", "beg", "end", "role"};

static int region_row(void *arg, struct grx_ctx *cx, struct grx_table *f, const int *col)
{
	static const char *const role[] = {"flank", "gene", "rep", "head", "tail"};
	struct d6_table *d = arg;
	int64_t beg, end;
	int rc = GRX_E_BUG;
	GRX_TRY(grx_table_i64(cx, f, col[1], &beg));
	GRX_TRY(grx_table_i64(cx, f, col[2], &end));
	int r = choose(grx_table_get(f, col[3]), role, D6_N_ROLE);
	if (r < 0 || beg < 1 || end < beg)
		return d6_bad_row(cx, f, "unknown role or bad interval", grx_table_get(f, col[3]));
	int64_t step = r == D6_FLANK ? D6_BIN : end - beg + 1;
	for (int64_t b = beg - 1; b + step <= end; b += step)
		GRX_TRY(add_bin(cx, d, b, b + step, (enum d6_role)r));
	rc = GRX_OK;
out:
	return rc;
}

static const char *const form_cols[] = {"form", "alleles", "weight", "cyp2d6", "cyp2d7", "d7_d6",
	"d6_d7_exon9", "d6_d7_intron1", "d6_d7_other", "exon9"};

static int form_row(void *arg, struct grx_ctx *cx, struct grx_table *f, const int *col)
{
	struct d6_table *d = arg;
	int rc = GRX_E_BUG;
	if (!(d->form = d6_room(d->mem, d->form, d->n_form, sizeof *d->form)))
		return grx_fail_nomem(cx, "forms of CYP2D6");
	struct d6_form *x = &d->form[d->n_form++];
	x->text = keep(d, f, col[0]);
	x->alleles = keep(d, f, col[1]);
	if (!x->text || !x->alleles)
		return grx_fail_nomem(cx, "forms of CYP2D6");
	GRX_TRY(grx_table_f64(cx, f, col[2], &x->weight));
	if (x->weight <= 0)
		return d6_bad_row(cx, f, "weight must be positive", grx_table_get(f, col[2]));
	for (int u = 0; u < D6_N_UNIT; u++) {
		int64_t n;
		GRX_TRY(grx_table_i64(cx, f, col[3 + u], &n));
		if (n < 0 || n > 4)
			return d6_bad_row(cx, f, "copies must be 0 to 4", grx_table_get(f, col[3 + u]));
		x->unit[u] = (uint8_t)n;
	}
	rc = GRX_OK;
out:
	return rc;
}

static const char *const weight_cols[] = {"name", "percent"};

static int weight_row(void *arg, struct grx_ctx *cx, struct grx_table *f, const int *col)
{
	struct d6_table *d = arg;
	if (!(d->weight = d6_room(d->mem, d->weight, d->n_weight, sizeof *d->weight)))
		return grx_fail_nomem(cx, "weights of CYP2D6");
	struct d6_weight *x = &d->weight[d->n_weight++];
	if (!(x->name = keep(d, f, col[0])))
		return grx_fail_nomem(cx, "weights of CYP2D6");
	return grx_table_f64(cx, f, col[1], &x->percent);
}

static int16_t *map_new(struct grx_arena *mem, int64_t n)
{
	int16_t *m = grx_arena_alloc(mem, (size_t)n, sizeof *m);
	for (int64_t i = 0; m && i < n; i++)
		m[i] = -1;
	return m;
}

/* Coding exons of NM_000106, 1-based, as in refdata/pgx/cyp2d6.awk, with the two bases of each splice site.
 */
static void mark_exons(struct d6_table *d)
{
	static const int64_t exon[][2] = {{42130612, 42130791}, {42129738, 42129909}, {42129033, 42129185},
		{42128784, 42128944}, {42128174, 42128350}, {42127842, 42127983}, {42127447, 42127634},
		{42126851, 42126992}, {42126573, 42126752}};
	for (size_t i = 0; i < sizeof exon / sizeof *exon; i++)
		for (int64_t p = exon[i][0] - 3; p < exon[i][1] + 2; p++)
			if (p >= d->beg6 && p < d->end6)
				d->exon6[p - d->beg6] = true;
}

/* Position lookups. Loci of one position are neighbours in the table; the first one is kept. */
static int index_positions(struct grx_ctx *cx, struct d6_table *d)
{
	d->site6 = map_new(d->mem, d->end6 - d->beg6);
	d->locus6 = map_new(d->mem, d->end6 - d->beg6);
	d->site7 = map_new(d->mem, d->end7 - d->beg7);
	d->locus7 = map_new(d->mem, d->end7 - d->beg7);
	d->exon6 = grx_arena_calloc(d->mem, (size_t)(d->end6 - d->beg6), sizeof *d->exon6);
	if (!d->exon6 || !d->site6 || !d->locus6 || !d->site7 || !d->locus7)
		return grx_fail_nomem(cx, "sites of CYP2D6");
	mark_exons(d);
	for (int i = d->n_site - 1; i >= 0; i--) {
		d->site6[d->site[i].pos6 - d->beg6] = (int16_t)i;
		d->site7[d->site[i].pos7 - d->beg7] = (int16_t)i;
	}
	for (int i = d->n_locus - 1; i >= 0; i--) {
		d->locus6[d->locus[i].pos - d->beg6] = (int16_t)i;
		d->locus7[d->locus[i].pos7 - d->beg7] = (int16_t)i;
		d->locus[i].site = d->locus[i].ref[1] ? -1 : d->site6[d->locus[i].pos - d->beg6];
	}
	return GRX_OK;
}

/* Reads span about 150 bases: sites of one region closer than that share their reads. */
static void weigh_sites(struct d6_table *d)
{
	for (int i = 0; i < d->n_site;) {
		int j = i;
		while (j < d->n_site && !strcmp(d->site[j].region, d->site[i].region))
			j++;
		double reads = 1 + (double)(d->site[j - 1].pos6 - d->site[i].pos6) / 150;
		for (int k = i; k < j; k++)
			d->site[k].weight = reads < j - i ? reads / (j - i) : 1;
		i = j;
	}
}

static int check_positions(struct grx_ctx *cx, struct d6_table *d)
{
	const struct d6_bin *gene[2] = {NULL, NULL};
	for (int i = 0, n = 0; i < d->n_bin; i++)
		if (d->bin[i].role == D6_GENE && n < 2)
			gene[n++] = &d->bin[i];
	if (!gene[1])
		return grx_fail(cx, GRX_E_DATA, "cyp2d6_regions.tsv: two regions of role 'gene' expected");
	d->beg6 = gene[0]->beg;
	d->end6 = gene[0]->end;
	d->beg7 = gene[1]->beg;
	d->end7 = gene[1]->end;
	bool ok = d->n_site && d->n_locus && d->n_form;
	for (int i = 0; ok && i < d->n_site; i++)
		ok = d->site[i].pos6 >= d->beg6 && d->site[i].pos6 < d->end6 && d->site[i].pos7 >= d->beg7 &&
		     d->site[i].pos7 < d->end7;
	for (int i = 0; ok && i < d->n_locus; i++)
		ok = d->locus[i].pos >= d->beg6 && d->locus[i].last < d->end6 &&
		     d->locus[i].pos7 >= d->beg7 && d->locus[i].pos7 < d->end7;
	return ok ? GRX_OK
		  : grx_fail(cx, GRX_E_DATA,
			    "cyp2d6_*.tsv: positions outside of the gene regions, or no rows");
}

int d6_load_rows(struct grx_ctx *cx, const char *name, const char *const *cols, int n_col,
	int (*row)(void *, struct grx_ctx *, struct grx_table *, const int *), void *arg)
{
	char *path = grx_refdata_path(cx, name);
	if (!path)
		return grx_fail_nomem(cx, "a path");
	int rc = grx_table_each(cx, path, cols, n_col, row, arg);
	grx_free(path);
	return rc;
}

#define LOAD(name, cols, row) d6_load_rows(cx, name, cols, (int)(sizeof(cols) / sizeof *(cols)), row, d)

int d6_table_load(struct grx_ctx *cx, struct d6_table **out)
{
	int rc = GRX_E_BUG;
	struct d6_table *d = grx_calloc(1, sizeof *d);
	*out = NULL;
	if (!d || !(d->mem = grx_arena_new())) {
		rc = grx_fail_nomem(cx, "tables of CYP2D6");
		goto out;
	}
	GRX_TRY(LOAD("pgx/cyp2d6_regions.tsv", region_cols, region_row));
	GRX_TRY(LOAD("pgx/cyp2d6_sites.tsv", site_cols, site_row));
	GRX_TRY(LOAD("pgx/cyp2d6_loci.tsv", locus_cols, locus_row));
	GRX_TRY(LOAD("pgx/cyp2d6_forms.tsv", form_cols, form_row));
	GRX_TRY(LOAD("pgx/cyp2d6_weights.tsv", weight_cols, weight_row));
	GRX_TRY(check_positions(cx, d));
	GRX_TRY(index_positions(cx, d));
	GRX_TRY(d6_alleles_load(cx, d));
	weigh_sites(d);
	d->sure_at = SURE_AT;
	d->tid = cx->contigs ? grx_contigs_find_alias(cx->contigs, "chr22") : -1;
	*out = d;
	d = NULL;
	rc = GRX_OK;
out:
	d6_table_free(d);
	return rc;
}

void d6_table_free(struct d6_table *d)
{
	if (!d)
		return;
	grx_arena_free(d->mem);
	grx_free(d);
}
