/* SPDX-License-Identifier: GPL-3.0-or-later
 * table.c -- load the gene, locus, allele and phenotype tables of refdata/pgx.
 * Invariants: loci of a gene are contiguous and ascending; masks of unspecified loci hold the reference row's
 * codes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ctx.h"
#include "base/map.h"
#include "bio/allele.h"
#include "bio/contig.h"
#include "io/text.h"
#include "stage/pgx/pgx_int.h"

#define HAP_INTRON_RSID "rs75017182"
#define HAP_EXON_RSID   "rs56038477"

struct loader {
	struct grx_ctx *cx;
	struct pgx_table *t;
	struct grx_table *f;
	struct grx_map *genes;   /* name -> struct pgx_gene */
	struct grx_map *alleles; /* "gene\tallele" -> struct pgx_allele */
	const char *only;
};

static bool wanted(const char *only, const char *gene)
{
	if (!only)
		return true;
	size_t n = strlen(gene);
	for (const char *p = only; *p;) {
		size_t k = strcspn(p, ",");
		if (k == n && !strncmp(p, gene, n))
			return true;
		p += k + (p[k] == ',');
	}
	return false;
}

/* Room for element n of an arena array that doubles at powers of two. */
static void *more(struct grx_arena *mem, void *old, size_t n, size_t size)
{
	return (n & (n - 1)) ? old : grx_arena_grow(mem, old, n, n ? 2 * n : 1, size);
}

static const char *keep(struct loader *ld, const char *s)
{
	return grx_arena_strdup(ld->t->mem, s);
}

/* "." = none */
static const char *keep_or_null(struct loader *ld, const char *s)
{
	return strcmp(s, ".") && *s ? keep(ld, s) : NULL;
}

typedef int (*row_fn)(struct loader *ld, const char *const *field);

/* Read refdata/pgx/name and hand each row's fields (in the order of cols) to fn. */
static int each_row(struct loader *ld, const char *name, const char *const *cols, int n_col, row_fn fn)
{
	int rc = GRX_E_BUG, col[12];
	const char *field[12];
	bool more = true;
	char *path = grx_refdata_path(ld->cx, name);
	if (!path)
		return grx_fail_nomem(ld->cx, "a path");
	GRX_TRY(grx_table_open(ld->cx, path, true, &ld->f));
	for (int i = 0; i < n_col; i++)
		GRX_TRY(grx_table_need(ld->cx, ld->f, cols[i], &col[i]));
	for (;;) {
		GRX_TRY(grx_table_next(ld->cx, ld->f, &more));
		if (!more)
			break;
		for (int i = 0; i < n_col; i++)
			field[i] = grx_table_get(ld->f, col[i]);
		GRX_TRY(fn(ld, field));
	}
	rc = GRX_OK;
out:
	grx_table_close(ld->f);
	ld->f = NULL;
	grx_free(path);
	return rc;
}

static int bad_row(struct loader *ld, const char *what, const char *found)
{
	return grx_fail(ld->cx, GRX_E_DATA,
		"%s:%lld: %s: found '%s'; convert the table again (refdata/pgx/convert.sh)",
		grx_table_path(ld->f), (long long)grx_table_lineno(ld->f), what, found);
}

/* "rsID:allele of REF,allele of ALT" */
static int take_fallback(struct loader *ld, struct pgx_gene *g, const char *text)
{
	char *part[3], *s = grx_arena_strdup(ld->t->mem, text);
	if (!s)
		return grx_fail_nomem(ld->cx, "the gene table");
	if (!strcmp(s, "."))
		return GRX_OK;
	int n = grx_split(s, ':', part, 2);
	if (n == 2)
		n = grx_split(part[1], ',', part + 1, 2);
	if (n != 2)
		return bad_row(ld, "fallback must be rsID:allele,allele", text);
	g->fall_rsid = part[0];
	g->fall_name[0] = part[1];
	g->fall_name[1] = part[2];
	return GRX_OK;
}

/* gene method undocumented sexlinked undetectable source fallback */
static int gene_row(struct loader *ld, const char *const *f)
{
	if (!wanted(ld->only, f[0]))
		return GRX_OK;
	struct pgx_table *t = ld->t;
	t->gene = more(t->mem, t->gene, (size_t)t->n_gene, sizeof *t->gene);
	if (!t->gene)
		return grx_fail_nomem(ld->cx, "the gene table");
	struct pgx_gene *g = &t->gene[t->n_gene++];
	memset(g, 0, sizeof *g);
	g->name = keep(ld, f[0]);
	g->method = !strcmp(f[1], "lowest") ? PGX_LOWEST
		    : !strcmp(f[1], "none") ? PGX_NEVER
		    : !strcmp(f[1], "mito") ? PGX_MITO
					    : PGX_EXACT;
	g->undocumented_ref = !strcmp(f[2], "ref");
	g->sexlinked = !strcmp(f[3], "1");
	g->undetectable = keep_or_null(ld, f[4]);
	g->source = keep(ld, f[5]);
	g->first = g->method == PGX_NEVER ? 0 : -1;
	g->ref_allele = -1;
	g->hap_intron = g->hap_exon = g->hap_both = g->hap_intron_only = -1;
	return g->name && g->source ? take_fallback(ld, g, f[6]) : grx_fail_nomem(ld->cx, "the gene table");
}

static int index_genes(struct loader *ld)
{
	int rc = GRX_OK;
	for (int i = 0; i < ld->t->n_gene && rc == GRX_OK; i++)
		rc = grx_map_set(ld->genes, ld->t->gene[i].name, &ld->t->gene[i]);
	return rc;
}

/* Name each requested gene that the table lacks, so that nothing is silently left out. */
static int check_only(struct loader *ld)
{
	for (const char *p = ld->only; p && *p;) {
		size_t k = strcspn(p, ",");
		char name[64];
		snprintf(name, sizeof name, "%.*s", (int)k, p);
		if (!grx_map_get(ld->genes, name))
			return grx_fail(ld->cx, GRX_E_USAGE,
				"--genes: found '%s', expected a gene of refdata/pgx/genes.tsv", name);
		p += k + (p[k] == ',');
	}
	return ld->t->n_gene ? GRX_OK
			     : grx_fail(ld->cx, GRX_E_DATA, "refdata/pgx/genes.tsv names no gene to assess");
}

static int split_alts(struct loader *ld, struct pgx_locus *l, const char *alts)
{
	char *s = grx_arena_strdup(ld->t->mem, alts);
	char *part[PGX_OTHER];
	l->alts = keep(ld, alts);
	if (!s || !l->alts)
		return grx_fail_nomem(ld->cx, "the locus table");
	int n = grx_split(s, ',', part, PGX_OTHER - 1);
	l->alt = grx_arena_alloc(ld->t->mem, (size_t)n, sizeof *l->alt);
	if (!l->alt)
		return grx_fail_nomem(ld->cx, "the locus table");
	l->n_alt = n;
	l->span_beg = INT64_MAX;
	for (int i = 0; i < n; i++) {
		if (!grx_allele_is_acgt(part[i]))
			return bad_row(ld, "an ALT allele must be of A C G T", part[i]);
		l->alt[i] = part[i];
		struct grx_change c = {l->pos, l->ref, part[i], (int)strlen(l->ref), (int)strlen(part[i])};
		grx_change_trim(&c);
		if (c.pos < l->span_beg)
			l->span_beg = c.pos;
		if (c.pos + c.ref_len > l->span_end)
			l->span_end = c.pos + c.ref_len;
	}
	return GRX_OK;
}

/* gene chrom pos ref alts rsid required report_only amp_tier1 */
static int locus_row(struct loader *ld, const char *const *f)
{
	struct pgx_gene *g = grx_map_get(ld->genes, f[0]);
	struct pgx_table *t = ld->t;
	if (!g || g->method == PGX_NEVER)
		return GRX_OK;
	t->locus = more(t->mem, t->locus, (size_t)t->n_locus, sizeof *t->locus);
	if (!t->locus)
		return grx_fail_nomem(ld->cx, "the locus table");
	struct pgx_locus *l = &t->locus[t->n_locus];
	memset(l, 0, sizeof *l);
	l->tid = (int32_t)(g - t->gene); /* the gene, until the rows are sorted */
	l->chrom = keep(ld, f[1]);
	l->ref = keep(ld, f[3]);
	l->rsid = keep_or_null(ld, f[5]);
	l->required = !strcmp(f[6], "1");
	l->report_only = !strcmp(f[7], "1");
	l->tier1 = !strcmp(f[8], "1");
	if (!grx_parse_i64(f[2], &l->pos) || l->pos < 1)
		return bad_row(ld, "pos must be a positive integer", f[2]);
	if (!l->chrom || !l->ref)
		return grx_fail_nomem(ld->cx, "the locus table");
	if (!grx_allele_is_acgt(l->ref))
		return bad_row(ld, "ref must be of A C G T", f[3]);
	l->pos--;
	t->n_locus++;
	if ((int64_t)strlen(l->ref) > t->max_span)
		t->max_span = (int64_t)strlen(l->ref);
	return split_alts(ld, l, f[4]);
}

static int locus_cmp(const void *a, const void *b)
{
	const struct pgx_locus *x = a, *y = b;
	if (x->tid != y->tid)
		return x->tid < y->tid ? -1 : 1;
	if (x->report_only != y->report_only)
		return x->report_only ? 1 : -1;
	if (x->pos != y->pos)
		return x->pos < y->pos ? -1 : 1;
	return strcmp(x->ref, y->ref);
}

static void group_loci(struct pgx_table *t)
{
	qsort(t->locus, (size_t)t->n_locus, sizeof *t->locus, locus_cmp);
	for (int i = 0; i < t->n_locus; i++) {
		struct pgx_gene *g = &t->gene[t->locus[i].tid];
		if (g->first < 0)
			g->first = i;
		if (t->locus[i].report_only)
			g->n_extra++;
		else
			g->n_locus++;
		if (g->method == PGX_LOWEST && grx_streq(t->locus[i].rsid, HAP_INTRON_RSID))
			g->hap_intron = i - g->first;
		if (g->method == PGX_LOWEST && grx_streq(t->locus[i].rsid, HAP_EXON_RSID))
			g->hap_exon = i - g->first;
		t->locus[i].tid = -1;
	}
}

/* gene allele function activity_value is_reference matchable reported_as ignored */
static int allele_row(struct loader *ld, const char *const *f)
{
	struct pgx_gene *g = grx_map_get(ld->genes, f[0]);
	if (!g || g->method == PGX_NEVER || strcmp(f[5], "1") || !strcmp(f[7], "1"))
		return GRX_OK;
	struct grx_arena *mem = ld->t->mem;
	size_t n = (size_t)g->n_allele, m = (size_t)g->n_locus;
	g->allele = more(mem, g->allele, n, sizeof *g->allele);
	if (!g->allele)
		return grx_fail_nomem(ld->cx, "the allele table");
	struct pgx_allele *a = &g->allele[g->n_allele++];
	memset(a, 0, sizeof *a);
	a->name = keep(ld, f[1]);
	a->shown = keep(ld, f[6]);
	a->function = keep_or_null(ld, f[2]);
	a->score_text = keep_or_null(ld, f[3]);
	a->has_score = a->score_text && grx_parse_f64(a->score_text, &a->score);
	a->is_ref = !strcmp(f[4], "1");
	if (a->is_ref)
		g->ref_allele = (int)n;
	a->mask = grx_arena_calloc(mem, m, sizeof *a->mask);
	a->core = grx_arena_calloc(mem, m, 1);
	a->wobble = grx_arena_calloc(mem, m, 1);
	return a->name && a->shown && a->mask && a->core && a->wobble
		       ? GRX_OK
		       : grx_fail_nomem(ld->cx, "the allele table");
}

static int index_alleles(struct loader *ld)
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

static int find_locus(const struct pgx_table *t, const struct pgx_gene *g, int64_t pos, const char *cell)
{
	bool w;
	for (int l = 0; l < g->n_locus; l++)
		if (t->locus[g->first + l].pos == pos && cell_mask(&t->locus[g->first + l], cell, &w))
			return l;
	return -1;
}

/* gene allele pos vcf_allele */
static int definition_row(struct loader *ld, const char *const *f)
{
	struct pgx_gene *g = grx_map_get(ld->genes, f[0]);
	if (!g || g->method == PGX_NEVER)
		return GRX_OK;
	struct grx_str key = {0};
	int64_t pos = 0;
	bool wobble = false;
	grx_str_addf(&key, "%s\t%s", f[0], f[1]);
	bool oom = key.oom;
	struct pgx_allele *a = oom ? NULL : grx_map_get(ld->alleles, key.s);
	grx_str_clear(&key);
	if (oom)
		return grx_fail_nomem(ld->cx, "star alleles");
	if (!a)
		return GRX_OK; /* an ignored allele */
	if (!grx_parse_i64(f[2], &pos))
		return bad_row(ld, "pos must be an integer", f[2]);
	int l = find_locus(ld->t, g, pos - 1, f[3]);
	if (l < 0)
		return bad_row(ld, "the allele is not among REF and ALTs of a locus in positions.tsv", f[3]);
	a->mask[l] = cell_mask(&ld->t->locus[g->first + l], f[3], &wobble);
	a->wobble[l] = wobble;
	a->core[l] = 1;
	a->n_core++;
	return GRX_OK;
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

/* gene mode function_1 function_2 activity_min activity_max phenotype */
static int rule_row(struct loader *ld, const char *const *f)
{
	struct pgx_gene *g = grx_map_get(ld->genes, f[0]);
	if (!g)
		return GRX_OK;
	struct pgx_rule r = {0};
	r.f1 = keep(ld, f[2]);
	r.f2 = keep(ld, f[3]);
	r.phenotype = keep(ld, f[6]);
	if (!r.f1 || !r.f2 || !r.phenotype)
		return grx_fail_nomem(ld->cx, "the phenotype rules");
	if (!strcmp(f[1], "function_pair")) {
		r.mode = PGX_RULE_PAIR;
	} else if (!strcmp(f[1], "function_single")) {
		r.mode = PGX_RULE_SINGLE;
	} else if (!strcmp(f[1], "activity_sum")) {
		g->by_score = true;
		r.mode = strcmp(f[4], ".") ? PGX_RULE_SUM : PGX_RULE_SUM_UNKNOWN;
		r.hi = 1e9;
		if (r.mode == PGX_RULE_SUM &&
			(!grx_parse_f64(f[4], &r.lo) || (strcmp(f[5], "inf") && !grx_parse_f64(f[5], &r.hi))))
			return bad_row(ld, "activity bounds must be numbers", f[4]);
	} else {
		return bad_row(ld, "mode must be function_pair, function_single or activity_sum", f[1]);
	}
	g->rule = more(ld->t->mem, g->rule, (size_t)g->n_rule, sizeof r);
	if (!g->rule)
		return grx_fail_nomem(ld->cx, "the phenotype rules");
	g->rule[g->n_rule++] = r;
	return GRX_OK;
}

/* gene alternatives pick */
static int prio_row(struct loader *ld, const char *const *f)
{
	struct pgx_gene *g = grx_map_get(ld->genes, f[0]);
	if (!g)
		return GRX_OK;
	g->prio = more(ld->t->mem, g->prio, (size_t)g->n_prio, sizeof *g->prio);
	if (!g->prio)
		return grx_fail_nomem(ld->cx, "the priority table");
	struct pgx_prio *p = &g->prio[g->n_prio++];
	p->alternatives = keep(ld, f[1]);
	p->pick = keep(ld, f[2]);
	return p->alternatives && p->pick ? GRX_OK : grx_fail_nomem(ld->cx, "the priority table");
}

static int load_all(struct loader *ld)
{
	static const char *const genes[] = {
		"gene", "method", "undocumented", "sexlinked", "undetectable", "source", "fallback"};
	static const char *const loci[] = {
		"gene", "chrom", "pos", "ref", "alts", "rsid", "required", "report_only", "amp_tier1"};
	static const char *const alleles[] = {"gene", "allele", "function", "activity_value", "is_reference",
		"matchable", "reported_as", "ignored"};
	static const char *const defs[] = {"gene", "allele", "pos", "vcf_allele"};
	static const char *const rules[] = {
		"gene", "mode", "function_1", "function_2", "activity_min", "activity_max", "phenotype"};
	static const char *const prios[] = {"gene", "alternatives", "pick"};
	int rc = GRX_E_BUG;
	GRX_TRY(each_row(ld, "pgx/genes.tsv", genes, 7, gene_row));
	GRX_TRY(index_genes(ld));
	GRX_TRY(check_only(ld));
	GRX_TRY(each_row(ld, "pgx/positions.tsv", loci, 9, locus_row));
	group_loci(ld->t);
	GRX_TRY(each_row(ld, "pgx/alleles.tsv", alleles, 8, allele_row));
	GRX_TRY(index_alleles(ld));
	GRX_TRY(each_row(ld, "pgx/definitions.tsv", defs, 4, definition_row));
	for (int i = 0; i < ld->t->n_gene; i++)
		fill_defaults(&ld->t->gene[i]);
	GRX_TRY(each_row(ld, "pgx/phenotypes.tsv", rules, 7, rule_row));
	GRX_TRY(each_row(ld, "pgx/priorities.tsv", prios, 3, prio_row));
	rc = GRX_OK;
out:
	return rc;
}

int pgx_table_load(struct grx_ctx *cx, const char *only, struct pgx_table **out)
{
	struct loader ld = {.cx = cx, .only = only};
	int rc = GRX_E_BUG;
	*out = NULL;
	ld.t = grx_calloc(1, sizeof *ld.t);
	if (ld.t)
		ld.t->mem = grx_arena_new();
	ld.genes = grx_map_new();
	ld.alleles = grx_map_new();
	if (!ld.t || !ld.t->mem || !ld.genes || !ld.alleles) {
		rc = grx_fail_nomem(cx, "the pharmacogene tables");
		goto out;
	}
	GRX_TRY(load_all(&ld));
	*out = ld.t;
	ld.t = NULL;
	rc = GRX_OK;
out:
	pgx_table_free(ld.t);
	grx_map_free(ld.genes);
	grx_map_free(ld.alleles);
	return rc;
}

void pgx_table_free(struct pgx_table *t)
{
	if (!t)
		return;
	grx_arena_free(t->mem);
	grx_free(t);
}

struct order_key {
	int32_t tid;
	int64_t pos;
	int index;
};

static int order_cmp(const void *a, const void *b)
{
	const struct order_key *x = a, *y = b;
	if (x->tid != y->tid)
		return x->tid < y->tid ? -1 : 1;
	if (x->pos != y->pos)
		return x->pos < y->pos ? -1 : 1;
	return x->index - y->index;
}

int pgx_table_bind(struct grx_ctx *cx, struct pgx_table *t)
{
	size_t n = (size_t)t->n_locus;
	struct order_key *k = grx_calloc(n, sizeof *k);
	t->order = grx_arena_alloc(t->mem, n, sizeof *t->order);
	if (!k || !t->order) {
		grx_free(k);
		return grx_fail_nomem(cx, "the locus index");
	}
	for (size_t i = 0; i < n; i++) {
		struct pgx_locus *l = &t->locus[i];
		l->tid = cx->contigs ? grx_contigs_find_alias(cx->contigs, l->chrom) : -1;
		k[i] = (struct order_key){l->tid, l->pos, (int)i};
	}
	qsort(k, n, sizeof *k, order_cmp);
	for (size_t i = 0; i < n; i++)
		t->order[i] = k[i].index;
	grx_free(k);
	t->known_build = cx->contigs && grx_contigs_build(cx->contigs) == GRX_BUILD_38;
	return GRX_OK;
}
