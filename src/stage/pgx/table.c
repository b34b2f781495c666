/* SPDX-License-Identifier: GPL-3.0-or-later
 * table.c -- load the gene, locus, allele and phenotype tables of refdata/pgx.
 * Invariants: loci of a gene are contiguous and ascending; masks of unspecified loci hold the reference row's
 * codes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ctx.h"
#include "bio/allele.h"
#include "bio/contig.h"
#include "stage/pgx/table_int.h"

#define HAP_INTRON_RSID "rs75017182"
#define HAP_EXON_RSID   "rs56038477"

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

/* "rsID:allele of REF,allele of ALT" */
static int take_fallback(struct pgx_loader *ld, struct pgx_gene *g, const char *text)
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
		return pgx_bad_row(ld, "fallback must be rsID:allele,allele", text);
	g->fall_rsid = part[0];
	g->fall_name[0] = part[1];
	g->fall_name[1] = part[2];
	return GRX_OK;
}

struct pgx_gene *pgx_new_gene(struct pgx_loader *ld, const char *name)
{
	struct pgx_table *t = ld->t;
	t->gene = pgx_more(t->mem, t->gene, (size_t)t->n_gene, sizeof *t->gene);
	if (!t->gene)
		return NULL;
	struct pgx_gene *g = &t->gene[t->n_gene++];
	memset(g, 0, sizeof *g);
	g->name = pgx_keep(ld, name);
	g->first = g->ref_allele = -1;
	g->hap_intron = g->hap_exon = g->hap_both = g->hap_intron_only = -1;
	return g;
}

/* Genes that only the user defines, and methods that the user's definitions make possible. */
static int custom_genes(struct pgx_loader *ld)
{
	for (int i = 0; i < ld->n_custom; i++) {
		const char *name = ld->custom[i].gene;
		struct pgx_gene *g = NULL;
		for (int k = 0; k < ld->t->n_gene; k++)
			if (!strcmp(ld->t->gene[k].name, name))
				g = &ld->t->gene[k];
		if (!g && !wanted(ld->opt->genes, name))
			continue;
		if (!g && !(g = pgx_new_gene(ld, name)))
			return grx_fail_nomem(ld->cx, "the gene table");
		if (g->method == PGX_NEVER) {
			g->method = PGX_EXACT;
			g->research = true;
			g->first = -1;
		}
		g->custom = true;
		g->source = grx_arena_printf(ld->t->mem, "definitions of %s", ld->custom[i].path);
		if (!g->name || !g->source)
			return grx_fail_nomem(ld->cx, "the gene table");
	}
	return GRX_OK;
}

/* gene method undocumented sexlinked undetectable source fallback */
static int gene_row(struct pgx_loader *ld, const char *const *f)
{
	if (!wanted(ld->opt->genes, f[0]))
		return GRX_OK;
	struct pgx_gene *g = pgx_new_gene(ld, f[0]);
	if (!g)
		return grx_fail_nomem(ld->cx, "the gene table");
	g->method = !strcmp(f[1], "lowest") ? PGX_LOWEST
		    : !strcmp(f[1], "none") ? PGX_NEVER
		    : !strcmp(f[1], "mito") ? PGX_MITO
					    : PGX_EXACT;
	g->research = g->method == PGX_NEVER && ld->opt->cyp2d6_small_variants && !strcmp(f[0], "CYP2D6");
	if (g->research)
		g->method = PGX_EXACT;
	g->undocumented_ref = !strcmp(f[2], "ref");
	g->sexlinked = !strcmp(f[3], "1");
	g->undetectable = pgx_keep_or_null(ld, f[4]);
	g->source = pgx_keep(ld, f[5]);
	g->first = g->method == PGX_NEVER ? 0 : -1;
	return g->name && g->source ? take_fallback(ld, g, f[6]) : grx_fail_nomem(ld->cx, "the gene table");
}

static int index_genes(struct pgx_loader *ld)
{
	int rc = GRX_OK;
	for (int i = 0; i < ld->t->n_gene && rc == GRX_OK; i++)
		rc = grx_map_set(ld->genes, ld->t->gene[i].name, &ld->t->gene[i]);
	return rc;
}

/* Name each requested gene that the table lacks, so that nothing is silently left out. */
static int check_only(struct pgx_loader *ld)
{
	for (const char *p = ld->opt->genes; p && *p;) {
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

int pgx_locus_alts(struct pgx_loader *ld, struct pgx_locus *l, const char *alts, const char **bad)
{
	char *s = grx_arena_strdup(ld->t->mem, alts);
	char *part[PGX_OTHER];
	*bad = NULL;
	l->alts = pgx_keep(ld, alts);
	if (!s || !l->alts)
		return grx_fail_nomem(ld->cx, "the locus table");
	int n = grx_split(s, ',', part, PGX_OTHER - 1);
	l->alt = grx_arena_alloc(ld->t->mem, (size_t)n, sizeof *l->alt);
	if (!l->alt)
		return grx_fail_nomem(ld->cx, "the locus table");
	l->n_alt = n;
	l->span_beg = INT64_MAX;
	for (int i = 0; i < n; i++) {
		if (!grx_allele_is_acgt(part[i])) {
			*bad = part[i];
			return GRX_OK;
		}
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

/* The gene's loci come from the user: only what must be there is taken from the table. */
static void flag_custom(const struct pgx_loader *ld, const char *const *f)
{
	const struct pgx_custom *c = pgx_custom_of(ld, f[0]);
	for (int i = 0; c && i < c->n_variant; i++) {
		struct pgx_locus *l = &c->variant[i];
		int64_t pos = 0;
		if (!grx_parse_i64(f[2], &pos) || pos != l->pos + 1 || strcmp(f[3], l->ref))
			continue;
		l->required = !strcmp(f[6], "1");
		l->tier1 = !strcmp(f[8], "1");
	}
}

/* Room for one more locus of the gene, zeroed; NULL: no memory. */
static struct pgx_locus *new_locus(struct pgx_table *t, const struct pgx_gene *g)
{
	t->locus = pgx_more(t->mem, t->locus, (size_t)t->n_locus, sizeof *t->locus);
	if (!t->locus)
		return NULL;
	struct pgx_locus *l = &t->locus[t->n_locus++];
	memset(l, 0, sizeof *l);
	l->tid = (int32_t)(g - t->gene); /* the gene, until the rows are sorted */
	return l;
}

static void note_span(struct pgx_table *t, const struct pgx_locus *l)
{
	if ((int64_t)strlen(l->ref) > t->max_span)
		t->max_span = (int64_t)strlen(l->ref);
}

static int custom_loci(struct pgx_loader *ld)
{
	for (int i = 0; i < ld->n_custom; i++) {
		const struct pgx_custom *c = &ld->custom[i];
		const struct pgx_gene *g = grx_map_get(ld->genes, c->gene);
		for (int k = 0; g && k < c->n_variant; k++) {
			struct pgx_locus *l = new_locus(ld->t, g);
			const char *bad;
			if (!l)
				return grx_fail_nomem(ld->cx, "the locus table");
			int32_t tid = l->tid;
			*l = c->variant[k];
			l->tid = tid;
			note_span(ld->t, l);
			int rc = pgx_locus_alts(ld, l, l->alts, &bad);
			if (rc != GRX_OK || bad)
				return rc ? rc : GRX_E_BUG; /* checked when the file was read */
		}
	}
	return GRX_OK;
}

/* gene chrom pos ref alts rsid required report_only amp_tier1 hgvs */
static int locus_row(struct pgx_loader *ld, const char *const *f)
{
	struct pgx_gene *g = grx_map_get(ld->genes, f[0]);
	const char *bad;
	if (!g || g->method == PGX_NEVER)
		return GRX_OK;
	if (pgx_custom_of(ld, f[0])) {
		flag_custom(ld, f);
		return GRX_OK;
	}
	struct pgx_locus *l = new_locus(ld->t, g);
	if (!l)
		return grx_fail_nomem(ld->cx, "the locus table");
	l->chrom = pgx_keep(ld, f[1]);
	l->ref = pgx_keep(ld, f[3]);
	l->rsid = pgx_keep_or_null(ld, f[5]);
	l->hgvs = pgx_keep(ld, f[9]);
	l->required = !strcmp(f[6], "1");
	l->report_only = !strcmp(f[7], "1");
	l->tier1 = !strcmp(f[8], "1");
	if (!grx_parse_i64(f[2], &l->pos) || l->pos < 1)
		return pgx_bad_row(ld, "pos must be a positive integer", f[2]);
	if (!l->chrom || !l->ref || !l->hgvs)
		return grx_fail_nomem(ld->cx, "the locus table");
	if (!grx_allele_is_acgt(l->ref))
		return pgx_bad_row(ld, "ref must be of A C G T", f[3]);
	l->pos--;
	note_span(ld->t, l);
	int rc = pgx_locus_alts(ld, l, f[4], &bad);
	return rc == GRX_OK && bad ? pgx_bad_row(ld, "an ALT allele must be of A C G T", bad) : rc;
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
	if (t->n_locus)
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

const char *const pgx_rule_cols[7] = {
	"gene", "mode", "function_1", "function_2", "activity_min", "activity_max", "phenotype"};

/* gene mode function_1 function_2 activity_min activity_max phenotype */
int pgx_rule_row(struct pgx_loader *ld, const char *const *f)
{
	struct pgx_gene *g = grx_map_get(ld->genes, f[0]);
	if (!g)
		return GRX_OK;
	struct pgx_rule r = {0};
	r.f1 = pgx_keep(ld, f[2]);
	r.f2 = pgx_keep(ld, f[3]);
	r.phenotype = pgx_keep(ld, f[6]);
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
			return pgx_bad_row(ld, "activity bounds must be numbers", f[4]);
	} else {
		return pgx_bad_row(ld, "mode must be function_pair, function_single or activity_sum", f[1]);
	}
	g->rule = pgx_more(ld->t->mem, g->rule, (size_t)g->n_rule, sizeof r);
	if (!g->rule)
		return grx_fail_nomem(ld->cx, "the phenotype rules");
	g->rule[g->n_rule++] = r;
	return GRX_OK;
}

/* gene alternatives pick */
static int prio_row(struct pgx_loader *ld, const char *const *f)
{
	struct pgx_gene *g = grx_map_get(ld->genes, f[0]);
	if (!g)
		return GRX_OK;
	g->prio = pgx_more(ld->t->mem, g->prio, (size_t)g->n_prio, sizeof *g->prio);
	if (!g->prio)
		return grx_fail_nomem(ld->cx, "the priority table");
	struct pgx_prio *p = &g->prio[g->n_prio++];
	p->alternatives = pgx_keep(ld, f[1]);
	p->pick = pgx_keep(ld, f[2]);
	return p->alternatives && p->pick ? GRX_OK : grx_fail_nomem(ld->cx, "the priority table");
}

static int load_all(struct pgx_loader *ld)
{
	static const char *const genes[] = {
		"gene", "method", "undocumented", "sexlinked", "undetectable", "source", "fallback"};
	static const char *const loci[] = {"gene", "chrom", "pos", "ref", "alts", "rsid", "required",
		"report_only", "amp_tier1", "hgvs"};
	static const char *const prios[] = {"gene", "alternatives", "pick"};
	int rc = GRX_E_BUG;
	GRX_TRY(pgx_each_row(ld, "pgx/genes.tsv", genes, 7, gene_row));
	GRX_TRY(custom_genes(ld));
	GRX_TRY(index_genes(ld));
	GRX_TRY(check_only(ld));
	GRX_TRY(pgx_each_row(ld, "pgx/positions.tsv", loci, 10, locus_row));
	GRX_TRY(custom_loci(ld));
	group_loci(ld->t);
	GRX_TRY(pgx_alleles_load(ld));
	GRX_TRY(pgx_each_row(ld, "pgx/phenotypes.tsv", pgx_rule_cols, 7, pgx_rule_row));
	GRX_TRY(pgx_each_row(ld, "pgx/priorities.tsv", prios, 3, prio_row));
	rc = GRX_OK;
out:
	return rc;
}

/* Files of the user; two for one gene would leave open which one counts. */
static int read_custom(struct pgx_loader *ld)
{
	const struct grx_strs *list = &ld->opt->definitions;
	ld->custom = grx_arena_calloc(ld->t->mem, (size_t)list->n + 1, sizeof *ld->custom);
	if (!ld->custom)
		return grx_fail_nomem(ld->cx, "definitions");
	for (int i = 0; i < list->n; i++) {
		int rc = pgx_custom_read(ld->cx, ld->t->mem, list->v[i], &ld->custom[i]);
		if (rc != GRX_OK)
			return rc;
		if (pgx_custom_of(ld, ld->custom[i].gene))
			return grx_fail(ld->cx, GRX_E_USAGE,
				"--definitions: found gene %s in %s and in %s, expected one file per gene",
				ld->custom[i].gene, pgx_custom_of(ld, ld->custom[i].gene)->path, list->v[i]);
		ld->n_custom++;
	}
	return GRX_OK;
}

const struct pgx_custom *pgx_custom_of(const struct pgx_loader *ld, const char *gene)
{
	for (int i = 0; i < ld->n_custom; i++)
		if (!strcmp(ld->custom[i].gene, gene))
			return &ld->custom[i];
	return NULL;
}

int pgx_table_open(struct grx_ctx *cx, const struct pgx_opt *o, struct pgx_table **out)
{
	struct pgx_loader ld = {.cx = cx, .opt = o};
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
	ld.t->policy = pgx_policy_of(o);
	GRX_TRY(read_custom(&ld));
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

int pgx_table_load(struct grx_ctx *cx, const char *only, struct pgx_table **out)
{
	struct pgx_opt o = {.genes = only};
	return pgx_table_open(cx, &o, out);
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
	if (n)
		qsort(k, n, sizeof *k, order_cmp);
	for (size_t i = 0; i < n; i++)
		t->order[i] = k[i].index;
	grx_free(k);
	t->known_build = cx->contigs && grx_contigs_build(cx->contigs) == GRX_BUILD_38;
	return pgx_normal_load(cx, t);
}
