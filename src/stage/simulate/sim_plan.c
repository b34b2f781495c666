/* SPDX-License-Identifier: GPL-3.0-or-later
 * sim_plan.c -- which contigs, loci and windows the synthetic reference has.
 * Contigs keep their GRCh38 names and lengths; a window is laid around every locus and the rest is N. */
#include <stdlib.h>
#include <string.h>

#include "base/ctx.h"
#include "base/str.h"
#include "io/text.h"
#include "stage/simulate/simulate_int.h"

static const char *const pgx_genes[] = {"CYP2C19", "CYP2C9", "VKORC1", "SLCO1B1", "DPYD", "TPMT", "NUDT15",
	"UGT1A1", "CYP3A5", "CYP2B6", NULL};

/* Windows on the sex chromosomes outside the pseudo-autosomal regions, so that the sex shows in the depth. */
static const struct {
	const char *chrom;
	int64_t beg, end;
} sex_windows[] = {{"chrX", 50000000, 50006000}, {"chrX", 100000000, 100006000},
	{"chrX", 140000000, 140006000}, {"chrY", 7000000, 7006000}, {"chrY", 14000000, 14006000},
	{"chrY", 20000000, 20006000}};

/* Contigs that are used, in the order of the table; filled before the loci are numbered. */
static int contigs_used(
	struct grx_ctx *cx, struct grx_table *t, struct sim_world *w, const char *const *used, size_t n)
{
	int name, len, rc = GRX_E_BUG;
	bool more;
	size_t i;

	GRX_TRY(grx_table_need(cx, t, "chrom", &name));
	GRX_TRY(grx_table_need(cx, t, "length", &len));
	for (;;) {
		int64_t bases;

		GRX_TRY(grx_table_next(cx, t, &more));
		if (!more)
			break;
		for (i = 0; i < n && strcmp(used[i], grx_table_get(t, name)); i++)
			;
		if (i == n)
			continue;
		GRX_TRY(grx_table_i64(cx, t, len, &bases));
		GRX_TRY(grx_contigs_add(cx, w->contigs, grx_table_get(t, name), bases, NULL));
	}
	rc = GRX_OK;
out:
	return rc;
}

static int table_open(struct grx_ctx *cx, const char *name, struct grx_table **t)
{
	char *path = grx_refdata_path(cx, name);
	int rc;

	if (!path)
		return grx_fail_nomem(cx, "file name");
	rc = grx_table_open(cx, path, true, t);
	grx_free(path);
	return rc;
}

static bool is_ours(const char *gene)
{
	int i;

	for (i = 0; pgx_genes[i]; i++)
		if (!strcmp(pgx_genes[i], gene))
			return true;
	return false;
}

static int used_add(struct grx_ctx *cx, struct sim_world *w, const char ***used, size_t *n, const char *name)
{
	const char **v;
	size_t i;

	for (i = 0; i < *n; i++)
		if (!strcmp((*used)[i], name))
			return GRX_OK;
	v = grx_arena_grow(w->mem, *used, *n, *n + 1, sizeof(*v));
	if (!v || !(v[*n] = grx_arena_strdup(w->mem, name)))
		return grx_fail_nomem(cx, "contigs");
	*used = v;
	(*n)++;
	return GRX_OK;
}

/* Names of contigs in one column of a table, optionally of our genes only. */
static int scan_contigs(
	struct grx_ctx *cx, struct sim_world *w, struct grx_table *t, const char ***used, size_t *n)
{
	int chrom, gene = grx_table_col(t, "gene"), rc = GRX_E_BUG;
	bool more;

	GRX_TRY(grx_table_need(cx, t, "chrom", &chrom));
	for (;;) {
		GRX_TRY(grx_table_next(cx, t, &more));
		if (!more)
			break;
		if (gene < 0 || is_ours(grx_table_get(t, gene)))
			GRX_TRY(used_add(cx, w, used, n, grx_table_get(t, chrom)));
	}
	rc = GRX_OK;
out:
	return rc;
}

static int dictionary(struct grx_ctx *cx, const struct simulate_opt *o, struct sim_world *w)
{
	static const char *const tables[] = {"pgx/positions.tsv", "demo/demo_loci.tsv"};
	struct grx_table *t = NULL;
	const char **used = NULL;
	size_t n = 0, i;
	int rc = GRX_E_BUG;

	for (i = 0; i < 2; i++) {
		GRX_TRY(table_open(cx, tables[i], &t));
		GRX_TRY(scan_contigs(cx, w, t, &used, &n));
		grx_table_close(t);
		t = NULL;
	}
	if (o->regions) {
		GRX_TRY(grx_table_open(cx, o->regions, true, &t));
		GRX_TRY(scan_contigs(cx, w, t, &used, &n));
		grx_table_close(t);
		t = NULL;
	}
	GRX_TRY(used_add(cx, w, &used, &n, "chrX"));
	GRX_TRY(used_add(cx, w, &used, &n, "chrY"));
	GRX_TRY(table_open(cx, "demo/contigs_grch38.tsv", &t));
	GRX_TRY(contigs_used(cx, t, w, used, n));
	rc = GRX_OK;
out:
	grx_table_close(t);
	return rc;
}

static int win_add(struct grx_ctx *cx, struct sim_world *w, int32_t tid, int64_t beg, int64_t end)
{
	struct sim_win *x;

	if (grx_grow(&w->win, &w->cap_win, w->n_win + 1, sizeof(*w->win), 0))
		return grx_fail_nomem(cx, "windows");
	x = &w->win[w->n_win++];
	memset(x, 0, sizeof(*x));
	x->tid = tid;
	x->beg = beg < 0 ? 0 : beg;
	x->end = end > w->contigs->c[tid].len ? w->contigs->c[tid].len : end;
	return GRX_OK;
}

static int locus_add(struct grx_ctx *cx, struct sim_world *w, const struct grx_table *t, const char *chrom,
	const struct sim_locus *from, const char *alts)
{
	struct sim_locus *x;
	char *copy = grx_arena_strdup(w->mem, alts), *p;
	int k;

	if (!copy || grx_grow(&w->locus, &w->cap_locus, w->n_locus + 1, sizeof(*w->locus), 0))
		return grx_fail_nomem(cx, "loci");
	x = &w->locus[w->n_locus];
	*x = *from;
	x->tid = grx_contigs_find(w->contigs, chrom);
	if (x->tid < 0)
		return grx_fail(cx, GRX_E_DATA, "%s:%lld: contig '%s' is not in demo/contigs_grch38.tsv",
			grx_table_path(t), (long long)grx_table_lineno(t), chrom);
	for (k = 1, p = copy; *p; p++)
		k += *p == ',';
	x->alt = grx_arena_calloc(w->mem, (size_t)k, sizeof(*x->alt));
	x->ref = grx_arena_strdup(w->mem, from->ref);
	x->id = from->id && from->id[0] && strcmp(from->id, ".") ? grx_arena_strdup(w->mem, from->id) : NULL;
	x->gene = from->gene ? grx_arena_strdup(w->mem, from->gene) : NULL;
	x->hgvs = grx_arena_strdup(w->mem, from->hgvs ? from->hgvs : "");
	if (!x->alt || !x->ref || !x->hgvs || (from->gene && !x->gene))
		return grx_fail_nomem(cx, "loci");
	x->n_alt = grx_split(copy, ',', (char **)(void *)x->alt, k);
	w->n_locus++;
	return win_add(cx, w, x->tid, x->pos - SIM_PAD, x->pos + (int64_t)strlen(x->ref) + SIM_PAD);
}

/* A shipped table, row by row. */
static int each_row(struct grx_ctx *cx, struct sim_world *w, const char *name, const char *const *cols,
	int n_col, int (*row)(void *w, struct grx_ctx *cx, struct grx_table *t, const int *col))
{
	char *path = grx_refdata_path(cx, name);
	int rc = path ? grx_table_each(cx, path, cols, n_col, row, w) : grx_fail_nomem(cx, "file name");

	grx_free(path);
	return rc;
}

static int position_row(void *arg, struct grx_ctx *cx, struct grx_table *t, const int *col)
{
	struct sim_locus l = {.gene = grx_table_get(t, col[0])};
	int rc;

	if (!is_ours(l.gene))
		return GRX_OK;
	rc = grx_table_i64(cx, t, col[2], &l.pos);
	if (rc)
		return rc;
	l.pos--;
	l.ref = grx_table_get(t, col[3]);
	l.id = grx_table_get(t, col[5]);
	l.hgvs = grx_table_get(t, col[6]);
	return locus_add(cx, arg, t, grx_table_get(t, col[1]), &l, grx_table_get(t, col[4]));
}

static int read_positions(struct grx_ctx *cx, struct sim_world *w)
{
	static const char *const names[] = {"gene", "chrom", "pos", "ref", "alts", "rsid", "hgvs"};

	return each_row(cx, w, "pgx/positions.tsv", names, 7, position_row);
}

static int demo_locus_row(void *arg, struct grx_ctx *cx, struct grx_table *t, const int *col)
{
	struct sim_locus l = {0};
	int rc = grx_table_i64(cx, t, col[1], &l.pos);

	if (rc == GRX_OK)
		rc = grx_table_f64(cx, t, col[4], &l.af);
	if (rc)
		return rc;
	l.pos--;
	l.ref = grx_table_get(t, col[2]);
	return locus_add(cx, arg, t, grx_table_get(t, col[0]), &l, grx_table_get(t, col[3]));
}

static int read_demo_loci(struct grx_ctx *cx, struct sim_world *w)
{
	static const char *const names[] = {"chrom", "pos", "ref", "alt", "af_alt"};

	return each_row(cx, w, "demo/demo_loci.tsv", names, 5, demo_locus_row);
}

static int definition_row(void *arg, struct grx_ctx *cx, struct grx_table *t, const int *col)
{
	struct sim_world *w = arg;
	struct sim_def *d;
	int rc;

	if (!is_ours(grx_table_get(t, col[0])))
		return GRX_OK;
	if (grx_grow(&w->def, &w->cap_def, w->n_def + 1, sizeof(*w->def), 0))
		return grx_fail_nomem(cx, "allele definitions");
	d = &w->def[w->n_def];
	d->gene = grx_arena_strdup(w->mem, grx_table_get(t, col[0]));
	d->allele = grx_arena_strdup(w->mem, grx_table_get(t, col[1]));
	d->seq = grx_arena_strdup(w->mem, grx_table_get(t, col[3]));
	if (!d->gene || !d->allele || !d->seq)
		return grx_fail_nomem(cx, "allele definitions");
	rc = grx_table_i64(cx, t, col[2], &d->pos);
	if (rc)
		return rc;
	d->pos--;
	w->n_def++;
	return GRX_OK;
}

static int read_definitions(struct grx_ctx *cx, struct sim_world *w)
{
	static const char *const names[] = {"gene", "allele", "pos", "vcf_allele"};

	return each_row(cx, w, "pgx/definitions.tsv", names, 4, definition_row);
}

static int allele_row(void *arg, struct grx_ctx *cx, struct grx_table *t, const int *col)
{
	struct sim_world *w = arg;
	struct sim_allele *a;
	int rc;

	if (grx_grow(&w->allele, &w->cap_allele, w->n_allele + 1, sizeof(*w->allele), 0))
		return grx_fail_nomem(cx, "alleles");
	a = &w->allele[w->n_allele];
	a->gene = grx_arena_strdup(w->mem, grx_table_get(t, col[0]));
	a->name = grx_arena_strdup(w->mem, grx_table_get(t, col[1]));
	rc = grx_table_f64(cx, t, col[2], &a->weight);
	if (rc)
		return rc;
	if (!a->gene || !a->name)
		return grx_fail_nomem(cx, "alleles");
	w->n_allele++;
	return GRX_OK;
}

static int read_alleles(struct grx_ctx *cx, struct sim_world *w)
{
	static const char *const names[] = {"gene", "allele", "weight"};

	return each_row(cx, w, "demo/demo_alleles.tsv", names, 3, allele_row);
}

static int read_regions(struct grx_ctx *cx, const char *path, struct sim_world *w)
{
	struct grx_table *t = NULL;
	int chrom, start, end, rc = GRX_E_BUG;
	int64_t beg, fin;
	int32_t tid;
	bool more;

	GRX_TRY(grx_table_open(cx, path, true, &t));
	GRX_TRY(grx_table_need(cx, t, "chrom", &chrom));
	GRX_TRY(grx_table_need(cx, t, "start", &start));
	GRX_TRY(grx_table_need(cx, t, "end", &end));
	for (;;) {
		GRX_TRY(grx_table_next(cx, t, &more));
		if (!more)
			break;
		GRX_TRY(grx_table_i64(cx, t, start, &beg));
		GRX_TRY(grx_table_i64(cx, t, end, &fin));
		tid = grx_contigs_find(w->contigs, grx_table_get(t, chrom));
		if (tid < 0 || beg < SIM_PAD || fin <= beg || fin > w->contigs->c[tid].len - SIM_PAD) {
			rc = grx_fail(cx, GRX_E_DATA,
				"%s:%lld: '%s' %lld-%lld is not an interval of a GRCh38 chromosome at least "
				"%d bases from its ends",
				path, (long long)grx_table_lineno(t), grx_table_get(t, chrom), (long long)beg,
				(long long)fin, SIM_PAD);
			goto out;
		}
		GRX_TRY(win_add(cx, w, tid, beg - SIM_PAD, fin + SIM_PAD));
	}
	rc = GRX_OK;
out:
	grx_table_close(t);
	return rc;
}

static int by_win(const void *a, const void *b)
{
	const struct sim_win *x = a, *y = b;

	if (x->tid != y->tid)
		return x->tid < y->tid ? -1 : 1;
	return x->beg < y->beg ? -1 : x->beg > y->beg ? 1 : x->end < y->end ? -1 : x->end > y->end;
}

static int by_locus(const void *a, const void *b)
{
	const struct sim_locus *x = a, *y = b;

	if (x->tid != y->tid)
		return x->tid < y->tid ? -1 : 1;
	return x->pos < y->pos ? -1 : x->pos > y->pos;
}

static void merge_windows(struct sim_world *w)
{
	size_t i, k = 0;

	qsort(w->win, w->n_win, sizeof(*w->win), by_win);
	for (i = 1; i < w->n_win; i++) {
		if (w->win[i].tid == w->win[k].tid && w->win[i].beg <= w->win[k].end + 200) {
			if (w->win[i].end > w->win[k].end)
				w->win[k].end = w->win[i].end;
		} else {
			w->win[++k] = w->win[i];
		}
	}
	w->n_win = w->n_win ? k + 1 : 0;
}

int simulate_ploidy(const struct sim_world *w, int32_t tid, bool male)
{
	const char *name = grx_contig_canonical(w->contigs->c[tid].name);

	if (!strcmp(name, "X"))
		return male ? 1 : 2;
	if (!strcmp(name, "Y"))
		return male ? 1 : 0;
	return 2;
}

int simulate_plan(struct grx_ctx *cx, const struct simulate_opt *o, struct sim_world *w)
{
	size_t i;
	int rc = GRX_E_BUG;

	if (o->size_mb > 0) {
		int64_t n = (int64_t)(o->size_mb * 1e6);

		w->bench = true;
		GRX_TRY(grx_contigs_add(cx, w->contigs, "sim1", n < 5000 ? 5000 : n, NULL));
		return win_add(cx, w, 0, 0, w->contigs->c[0].len);
	}
	GRX_TRY(dictionary(cx, o, w));
	GRX_TRY(read_positions(cx, w));
	GRX_TRY(read_demo_loci(cx, w));
	GRX_TRY(read_definitions(cx, w));
	GRX_TRY(read_alleles(cx, w));
	if (o->regions)
		GRX_TRY(read_regions(cx, o->regions, w));
	for (i = 0; i < sizeof(sex_windows) / sizeof(sex_windows[0]); i++)
		GRX_TRY(win_add(cx, w, grx_contigs_find(w->contigs, sex_windows[i].chrom), sex_windows[i].beg,
			sex_windows[i].end));
	qsort(w->locus, w->n_locus, sizeof(*w->locus), by_locus);
	merge_windows(w);
	for (w->n_gene = 0; pgx_genes[w->n_gene]; w->n_gene++)
		w->gene[w->n_gene].name = pgx_genes[w->n_gene];
	rc = GRX_OK;
out:
	return rc;
}
