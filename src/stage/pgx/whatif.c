/* SPDX-License-Identifier: GPL-3.0-or-later
 * whatif.c -- call one gene anew from the loci that its diplotype fact lists, some of them set by hand.
 * The loci become records again and go through the stage itself, so that the answer is the stage's own. What
 * the fact lists as missing stays missing; what cannot be turned back into a record becomes missing, with a
 * note: it is never taken as reference. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/opt.h"
#include "bio/allele.h"
#include "bio/contig.h"
#include "stage/pgx/whatif_int.h"
#include "stage/stages.h"

/* One gene while its records are put together. */
struct again {
	struct grx_ctx *cx;
	const struct grx_pgx_tool *t;
	const struct grx_pgx_call *what;
	const struct grx_fact *dip;
	const struct pgx_gene *gene;
	struct grx_arena *mem;
	struct grx_vars *vars;
	struct grx_str *notes;
};

/* The link of the k-th locus of the gene, or NULL. Loci that share a position are told apart by name. */
static const struct grx_because *link_of(const struct again *a, const struct pgx_locus *l)
{
	for (int i = 0; i < a->dip->n_because; i++) {
		const struct grx_because *b = &a->dip->because[i];

		if (!b->fact && b->chrom && b->pos == l->pos + 1 &&
			(!b->name || grx_streq(b->name, l->rsid)) &&
			!strcmp(grx_contig_canonical(b->chrom), grx_contig_canonical(l->chrom)))
			return b;
	}
	return NULL;
}

static const struct grx_pgx_edit *edit_of(const struct again *a, const struct pgx_locus *l)
{
	for (int i = a->what->n_edit - 1; i >= 0; i--)
		if (a->what->edit[i].pos == l->pos + 1 && !strcmp(a->what->edit[i].chrom, l->chrom))
			return &a->what->edit[i];
	return NULL;
}

/* Is the locus in the fact's list "rs1,chr2:3 (low GQ),..."? */
static bool listed_missing(const struct again *a, const struct pgx_locus *l)
{
	const char *list = grx_fact_attr_get(a->dip, "missing");
	char at[96];

	snprintf(at, sizeof(at), "%s:%lld", l->chrom, (long long)l->pos + 1);
	while (list && *list) {
		size_t k = strcspn(list, " ,");
		const char *name = l->rsid ? l->rsid : at;

		if (strlen(name) == k && !strncmp(list, name, k))
			return true;
		list += strcspn(list, ",");
		list += *list == ',';
	}
	return false;
}

/* Did the stage see an allele there that the tables do not list? */
static bool undocumented(const struct again *a, const struct pgx_locus *l)
{
	const char *list = grx_fact_attr_get(a->dip, "undocumented");
	char at[96];

	snprintf(at, sizeof(at), "%s:%lld ", l->chrom, (long long)l->pos + 1);
	return list && strstr(list, at);
}

enum { MAX_ALLELE = 64 };

/* Genotype of a record as allele numbers. */
struct geno {
	int n, allele[2];
	bool phased;
};

static struct geno read_gt(const char *gt)
{
	struct geno g = {0};

	for (const char *p = gt; *p && g.n < 2; p++) {
		if (*p == '/' || *p == '|') {
			g.phased = *p == '|';
			continue;
		}
		long k = isdigit((unsigned char)*p) ? strtol(p, NULL, 10) : -1;

		g.allele[g.n++] = k <= MAX_ALLELE ? (int)k : -1;
		while (isdigit((unsigned char)p[1]))
			p++;
	}
	return g;
}

static int add_number(struct again *a, struct grx_var *v, const char *key, int32_t x)
{
	struct grx_field *f = x < 0 ? NULL : grx_var_fmt_set(a->mem, v, key, GRX_T_INT, 1, 1);

	if (f)
		f->v.i[0] = x;
	return x < 0 || f ? GRX_OK : GRX_E_NOMEM;
}

/* "12,15" when it has one number for each allele of the record. */
static int add_ad(struct again *a, struct grx_var *v, const char *ad)
{
	struct grx_field *f;
	int n = ad ? 1 : 0;

	for (const char *p = ad; p && *p; p++)
		n += *p == ',';
	if (n != v->n_allele)
		return GRX_OK;
	f = grx_var_fmt_set(a->mem, v, "AD", GRX_T_INT, n, 1);
	if (!f)
		return GRX_E_NOMEM;
	for (int i = 0; i < n; i++) {
		f->v.i[i] = (int32_t)strtol(ad, NULL, 10);
		ad += strcspn(ad, ",") + 1;
	}
	return GRX_OK;
}

/* A record at the locus with alleles REF and the comma-separated alts. */
static int put(struct again *a, const struct pgx_locus *l, const char *alts, const struct geno *g,
	const struct grx_because *evidence)
{
	struct grx_var *v = grx_vars_push(a->vars);
	char *list = grx_arena_strdup(a->mem, alts), *alt[64];
	const char *al[65] = {l->ref};
	int n;

	if (!v || !list)
		return GRX_E_NOMEM;
	n = !strcmp(alts, ".") ? 0 : grx_split(list, ',', alt, 64);
	for (int i = 0; i < n; i++)
		al[i + 1] = alt[i];
	v->tid = l->tid;
	v->pos = l->pos;
	v->rlen = (int64_t)strlen(l->ref);
	if (grx_var_alleles_set(a->mem, v, n + 1, al) != GRX_OK ||
		grx_var_gt_alloc(a->mem, v, g->n == 1 ? 1 : 2, 1) != GRX_OK)
		return GRX_E_NOMEM;
	for (int i = 0; i < v->ploidy; i++)
		v->gt[i] = g->allele[i] < 0 ? 0 : GRX_GT(g->allele[i], g->phased && i);
	if (!evidence)
		return GRX_OK;
	if (add_number(a, v, "DP", evidence->dp) != GRX_OK || add_number(a, v, "GQ", evidence->gq) != GRX_OK)
		return GRX_E_NOMEM;
	return add_ad(a, v, evidence->ad);
}

/* The table's number for an ALT that a record wrote with other padding; -1 when it is none of them. */
static int same_alt(const struct pgx_locus *l, const char *ref, const char *alt)
{
	struct grx_change c = {0, ref, alt, (int)strlen(ref), (int)strlen(alt)};

	grx_change_trim(&c);
	for (int k = 0; k < l->n_alt; k++) {
		struct grx_change w = {0, l->ref, l->alt[k], (int)strlen(l->ref), (int)strlen(l->alt[k])};

		grx_change_trim(&w);
		if (w.ref_len == c.ref_len && w.alt_len == c.alt_len &&
			!memcmp(w.ref, c.ref, (size_t)w.ref_len) && !memcmp(w.alt, c.alt, (size_t)w.alt_len))
			return k + 1;
	}
	return -1;
}

/* Genotype in the table's numbers of a record whose REF is another one. */
static bool translate(struct again *a, const struct pgx_locus *l, const struct grx_because *b, struct geno *g)
{
	char *list = b->alt ? grx_arena_strdup(a->mem, b->alt) : NULL, *alt[64];
	int n = list ? grx_split(list, ',', alt, 64) : 0;

	for (int i = 0; i < g->n; i++) {
		if (g->allele[i] <= 0)
			continue;
		if (g->allele[i] > n)
			return false;
		g->allele[i] = same_alt(l, b->ref, alt[g->allele[i] - 1]);
		if (g->allele[i] < 0)
			return false;
	}
	return true;
}

static int locus(struct again *a, const struct pgx_locus *l)
{
	const struct grx_pgx_edit *e = edit_of(a, l);
	const struct grx_because *b = link_of(a, l);
	static const struct grx_because sure = {.dp = -1, .gq = 99}; /* what is supposed is not in doubt */
	struct geno g = {.n = 2, .allele = {-1, -1}};

	if (e) {
		g = (struct geno){e->n, {e->allele[0], e->allele[1]}, e->phased};
		return put(a, l, l->alts, &g, &sure);
	}
	if (!b || !b->gt)
		return GRX_OK;
	if (listed_missing(a, l))
		return put(a, l, l->alts, &g, NULL);
	g = read_gt(b->gt);
	g.phased = g.phased && !a->what->unphased;
	if (g.allele[0] <= 0 && (g.n < 2 || g.allele[1] <= 0))
		return put(a, l, l->alts, &g, b);
	if (grx_streq(b->ref, l->ref))
		return put(a, l, b->alt ? b->alt : l->alts, &g, b);
	if (!undocumented(a, l) && translate(a, l, b, &g))
		return put(a, l, l->alts, &g, b);
	grx_str_addf(a->notes,
		"%s: a record of another position (%s>%s) cannot be rebuilt; the locus counts as missing\n",
		l->rsid ? l->rsid : l->chrom, b->ref ? b->ref : "?", b->alt ? b->alt : "?");
	g = (struct geno){.n = 2, .allele = {-1, -1}};
	return put(a, l, l->alts, &g, NULL);
}

/* Thresholds were applied when the facts were made: what they left out is in the list of missing loci. */
static int options(struct grx_ctx *cx, const struct again *a, struct pgx_opt *o)
{
	struct grx_opt_set set = {"", pgx_opts, o};
	int rc = grx_opts_default(cx, &set, 1);

	o->genes = a->gene->name;
	o->min_gq = 0;
	o->min_dp = 0;
	return rc;
}

static int run_stage(struct again *a, struct grx_facts *out)
{
	const struct grx_stage *st = &grx_stage_pgx;
	struct grx_ctx sub = *a->cx;
	struct pgx_opt opt = {0};
	struct grx_hdr *hdr = grx_hdr_new(a->t->contigs);
	struct grx_shard sh = {.tid = -1, .vars = a->vars, .mem = a->mem, .scratch = a->mem};
	void *state = NULL;
	int rc = GRX_E_BUG;

	sub.contigs = a->t->contigs;
	sub.hdr = hdr;
	sub.facts = NULL;
	sub.reads = NULL;
	sub.fasta = NULL;
	if (!hdr) {
		rc = grx_fail_nomem(a->cx, "a call");
		goto out;
	}
	a->vars->hdr = hdr;
	GRX_TRY(grx_hdr_sample_add(&sub, hdr, a->what->sample));
	GRX_TRY(options(&sub, a, &opt));
	GRX_TRY(st->open(&opt, &sub, &state));
	GRX_TRY(st->shard(state, &sub, &sh));
	GRX_TRY(st->merge(state, &sub, &sh));
	rc = st->finish(state, &sub, out, NULL);
out:
	if (rc)
		a->cx->err = sub.err;
	st->close(state);
	grx_hdr_free(hdr);
	return rc;
}

static int records(struct again *a)
{
	int rc = GRX_OK;

	for (int l = 0; l < a->gene->n_locus && rc == GRX_OK; l++)
		rc = locus(a, &a->t->table->locus[a->gene->first + l]);
	return rc || a->notes->oom ? grx_fail_nomem(a->cx, "a call") : GRX_OK;
}

/* Can the gene be called from what is there? */
static int check(struct again *a)
{
	const char *name = a->what->gene;
	char key[128];
	int n = 0;

	snprintf(key, sizeof(key), "pgx/%s/diplotype", name);
	a->gene = pgx_whatif_gene(a->t, name);
	a->dip = grx_facts_find(a->what->fs, a->what->sample, key);
	if (!a->gene || a->gene->method == PGX_NEVER)
		return grx_fail(a->cx, GRX_E_USAGE,
			"--what-if: %s is not called from its loci alone; set the diplotype: GENE=A/B%s%s",
			name, a->gene && a->gene->undetectable ? ": " : "",
			a->gene && a->gene->undetectable ? a->gene->undetectable : "");
	for (int i = 0; a->dip && i < a->dip->n_because; i++)
		n += a->dip->because[i].chrom != NULL;
	if (!n)
		return grx_fail(a->cx, GRX_E_USAGE,
			"--what-if: the facts hold no loci of %s (no fact %s with loci); it can't be called "
			"anew",
			name, key);
	return GRX_OK;
}

int grx_pgx_again(struct grx_ctx *cx, const struct grx_pgx_tool *t, const struct grx_pgx_call *what,
	struct grx_facts *out, struct grx_str *notes)
{
	struct again a = {.cx = cx, .t = t, .what = what, .notes = notes, .mem = grx_arena_new()};
	int rc = GRX_E_BUG;

	if (a.mem)
		a.vars = grx_vars_new(a.mem, NULL);
	if (!a.vars) {
		rc = grx_fail_nomem(cx, "a call");
		goto out;
	}
	GRX_TRY(check(&a));
	GRX_TRY(records(&a));
	rc = run_stage(&a, out);
out:
	grx_arena_free(a.mem);
	return rc;
}
