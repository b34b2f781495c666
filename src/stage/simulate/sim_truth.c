/* SPDX-License-Identifier: GPL-3.0-or-later
 * sim_truth.c -- what is known of a donor: genotypes (hom-ref at the loci included), diplotypes, a small
 * annotation database and the clinical table. Every file says that it is synthetic. */
#include <stdio.h>
#include <string.h>

#include "base/out.h"
#include "base/str.h"
#include "io/varsrc.h"
#include "stage/simulate/simulate_int.h"

enum { BATCH = 2000 };

static int record(struct grx_arena *mem, struct grx_vars *b, const struct sim_var *v, struct grx_var **out)
{
	const char *allele[32];
	struct grx_var *r = grx_vars_push(b);
	int k, n = v->n_alt < 31 ? v->n_alt : 31;

	if (!r)
		return GRX_E_NOMEM;
	r->tid = v->tid;
	r->pos = v->pos;
	r->rlen = (int64_t)strlen(v->ref);
	r->id = v->id;
	allele[0] = v->ref;
	for (k = 0; k < n; k++)
		allele[k + 1] = v->alt[k];
	*out = r;
	return grx_var_alleles_set(mem, r, n + 1, allele);
}

static int truth_record(struct grx_arena *mem, struct grx_vars *b, const struct sim_var *v)
{
	static const char *pass[] = {"PASS"};
	struct grx_var *r;

	if (record(mem, b, v, &r) || grx_var_gt_alloc(mem, r, 2, 1))
		return GRX_E_NOMEM;
	r->n_filter = 1;
	r->filter = pass;
	r->gt[0] = GRX_GT(v->hap[0], false);
	r->gt[1] = v->hap[1] < 0 ? GRX_INT_END : GRX_GT(v->hap[1], true);
	return GRX_OK;
}

static int truth_header(
	struct grx_ctx *cx, const struct sim_world *w, const struct sim_donor *d, struct grx_hdr **out)
{
	static const struct grx_hdr_line gt = {GRX_HDR_FORMAT, "GT", "1", GRX_T_STR, "Genotype"};
	struct grx_hdr *h = grx_hdr_new(w->contigs);
	int rc;

	*out = h;
	if (!h)
		return grx_fail_nomem(cx, "VCF header");
	rc = grx_hdr_sample_add(cx, h, d->name);
	if (rc == GRX_OK)
		rc = grx_hdr_declare(cx, h, &gt);
	if (rc == GRX_OK)
		rc = grx_hdr_meta_add(cx, h, "##source=genorx simulate: synthetic donor");
	return rc;
}

/* Write n records in batches; make() fills one. */
static int put_all(
	struct grx_ctx *cx, struct grx_varsink *sink, const struct grx_hdr *h, const struct sim_donor *d)
{
	struct grx_arena *mem = grx_arena_new();
	size_t i, k;
	int rc = GRX_OK;

	if (!mem)
		return grx_fail_nomem(cx, "genotypes");
	for (i = 0; i < d->n && rc == GRX_OK; i = k) {
		struct grx_vars *b;

		grx_arena_reset(mem);
		b = grx_vars_new(mem, h);
		for (k = i; b && rc == GRX_OK && k < d->n && k < i + BATCH; k++)
			rc = truth_record(mem, b, &d->v[k]);
		rc = !b || rc ? grx_fail_nomem(cx, "genotypes") : grx_varsink_put(cx, sink, b);
	}
	grx_arena_free(mem);
	return rc;
}

int simulate_write_truth(
	struct grx_ctx *cx, const char *dir, const struct sim_world *w, const struct sim_donor *d)
{
	const char *path = simulate_path(d->mem, dir, "%s.truth.vcf.gz", d->name);
	struct grx_hdr *h = NULL;
	struct grx_varsink *sink = NULL;
	int rc = GRX_E_BUG;

	if (!path)
		return grx_fail_nomem(cx, "file name");
	GRX_TRY(truth_header(cx, w, d, &h));
	GRX_TRY(grx_varsink_open(cx, path, 'z', true, h, &sink));
	GRX_TRY(put_all(cx, sink, h, d));
	rc = grx_varsink_close(cx, sink);
	sink = NULL;
out:
	if (sink)
		grx_varsink_abandon(sink);
	grx_hdr_free(h);
	return rc;
}

int simulate_write_expected(
	struct grx_ctx *cx, const char *dir, const struct sim_world *w, const struct sim_donor *d)
{
	const char *path = simulate_path(d->mem, dir, "%s.expected.tsv", d->name);
	struct grx_out *o;
	int g, rc;

	if (!path)
		return grx_fail_nomem(cx, "file name");
	rc = grx_out_open(cx, path, &o);
	if (rc)
		return rc;
	grx_out_puts(o, "gene\tdiplotype\n");
	for (g = 0; g < w->n_gene; g++)
		grx_out_printf(o, "%s\t%s\n", w->gene[g].name, d->diplotype[g]);
	return grx_out_close(cx, o);
}

/* ---- the annotation database ---- */

static bool in_cds(const struct sim_world *w, const struct sim_var *v)
{
	int g, e;

	for (g = 0; g < w->n_gene; g++)
		for (e = 0; e < 2; e++)
			if (w->gene[g].win->tid == v->tid && v->pos >= w->gene[g].cds[e][0] &&
				v->pos < w->gene[g].cds[e][1])
				return true;
	return false;
}

static int db_record(struct grx_arena *mem, struct grx_vars *b, const struct sim_world *w,
	const struct sim_var *v, struct grx_rng *r)
{
	static const char *const common[] = {"Benign", "Likely_benign", "Uncertain_significance"};
	static const char *const coding[] = {
		"Uncertain_significance", "Likely_pathogenic", "Pathogenic", "Benign"};
	const char *sig = in_cds(w, v) ? coding[grx_rng_below(r, 4)] : common[grx_rng_below(r, 3)];
	struct grx_field *f;
	struct grx_var *x;

	if (record(mem, b, v, &x))
		return GRX_E_NOMEM;
	x->id = grx_arena_printf(mem, "GRXDEMO%lld_%lld", (long long)v->tid + 1, (long long)v->pos + 1);
	f = grx_var_info_set(mem, x, "AF", GRX_T_FLOAT, 1);
	if (!f || !x->id)
		return GRX_E_NOMEM;
	f->v.f[0] = (float)((1 + (double)grx_rng_below(r, in_cds(w, v) ? 20 : 400)) / 1000);
	f = grx_var_info_set(mem, x, "CLNSIG", GRX_T_STR, 1);
	if (!f || !(f->v.s[0] = grx_arena_strdup(mem, sig)))
		return GRX_E_NOMEM;
	f = grx_var_info_set(mem, x, "SYNTHETIC", GRX_T_FLAG, 1);
	return f ? GRX_OK : GRX_E_NOMEM;
}

/* Same place and change as one that is in already? */
static bool same_var(const struct sim_var *a, const struct sim_var *b)
{
	return a->tid == b->tid && a->pos == b->pos && !strcmp(a->ref, b->ref) &&
	       !strcmp(a->alt[0], b->alt[0]);
}

/* The random variants of all donors in order, each once. */
static const struct sim_var *next_var(const struct sim_donor *d, int64_t n, size_t *at)
{
	const struct sim_var *best = NULL;
	int64_t i, who = -1;

	for (i = 0; i < n; i++) {
		const struct sim_var *v;

		while (at[i] < d[i].n && (d[i].v[at[i]].n_alt != 1 ||
						 (d[i].v[at[i]].hap[0] <= 0 && d[i].v[at[i]].hap[1] <= 0)))
			at[i]++;
		if (at[i] == d[i].n)
			continue;
		v = &d[i].v[at[i]];
		if (!best || v->tid < best->tid || (v->tid == best->tid && v->pos < best->pos)) {
			best = v;
			who = i;
		}
	}
	if (who >= 0)
		at[who]++;
	return best;
}

static int db_header(struct grx_ctx *cx, const struct sim_world *w, struct grx_hdr **out)
{
	static const struct grx_hdr_line line[] = {
		{GRX_HDR_INFO, "AF", "A", GRX_T_FLOAT, "Allele frequency, drawn at random (synthetic)"},
		{GRX_HDR_INFO, "CLNSIG", ".", GRX_T_STR,
			"Clinical significance, drawn at random (synthetic)"},
		{GRX_HDR_INFO, "SYNTHETIC", "0", GRX_T_FLAG, "Made by a simulation, no medical meaning"},
	};
	struct grx_hdr *h = grx_hdr_new(w->contigs);
	size_t i;
	int rc;

	*out = h;
	if (!h)
		return grx_fail_nomem(cx, "VCF header");
	rc = grx_hdr_meta_add(cx, h, "##source=genorx simulate: synthetic records, no medical meaning");
	for (i = 0; i < sizeof(line) / sizeof(line[0]) && rc == GRX_OK; i++)
		rc = grx_hdr_declare(cx, h, &line[i]);
	return rc;
}

static int db_records(struct grx_ctx *cx, const struct simulate_opt *o, const struct sim_world *w,
	const struct sim_donor *d, int64_t n_donor, struct grx_vars *b)
{
	struct grx_rng *r = grx_rng_new((uint64_t)o->seed, "simulate.db", 0);
	size_t *at = grx_calloc((size_t)n_donor, sizeof(*at));
	const struct sim_var *v, *last = NULL;
	int rc = GRX_OK;

	if (!r || !at)
		rc = grx_fail_nomem(cx, "annotation database");
	while (rc == GRX_OK && (v = next_var(d, n_donor, at))) {
		if (last && same_var(v, last))
			continue;
		last = v;
		if (!in_cds(w, v) && grx_rng_uniform(r) > 0.34)
			continue;
		if (db_record(b->mem, b, w, v, r))
			rc = grx_fail_nomem(cx, "annotation database");
	}
	grx_rng_free(r);
	grx_free(at);
	return rc;
}

int simulate_write_db(struct grx_ctx *cx, const char *dir, const struct simulate_opt *o,
	const struct sim_world *w, const struct sim_donor *d, int64_t n_donor)
{
	const char *path = simulate_path(w->mem, dir, "demo_db.vcf.gz");
	struct grx_hdr *h = NULL;
	struct grx_varsink *sink = NULL;
	struct grx_vars *b = NULL;
	int rc = GRX_E_BUG;

	if (!path)
		return grx_fail_nomem(cx, "file name");
	GRX_TRY(db_header(cx, w, &h));
	b = grx_vars_new(w->mem, h);
	if (!b) {
		rc = grx_fail_nomem(cx, "annotation database");
		goto out;
	}
	GRX_TRY(db_records(cx, o, w, d, n_donor, b));
	GRX_TRY(grx_varsink_open(cx, path, 'z', true, h, &sink));
	GRX_TRY(grx_varsink_put(cx, sink, b));
	rc = grx_varsink_close(cx, sink);
	sink = NULL;
out:
	if (sink)
		grx_varsink_abandon(sink);
	grx_hdr_free(h);
	return rc;
}

/* ---- the clinical table ---- */

static long between(struct grx_rng *r, long lo, long hi)
{
	return lo + (long)grx_rng_below(r, (uint64_t)(hi - lo + 1));
}

/* One statement per number: the order of draws must not depend on the compiler. */
static void clinical_row(struct grx_out *f, const struct sim_donor *d, struct grx_rng *r)
{
	static const long range[][2] = {
		{40, 74}, {150, 280}, {32, 80}, {105, 168}, {19, 38}, {0, 9}, {50, 110}};
	static const double yes[] = {0.2, 0.2, 0.3, 0.25};
	long x[7];
	int k, flag[4];

	for (k = 0; k < 7; k++)
		x[k] = between(r, range[k][0], range[k][1]);
	for (k = 0; k < 4; k++)
		flag[k] = grx_rng_uniform(r) < yes[k];
	grx_out_printf(f, "%s\t%ld\t%s\t%ld\t%ld\t%ld\t%d\t%d\t%ld.%ld\t%ld\t%d\t%d\n", d->name, x[0],
		d->male ? "male" : "female", x[1], x[2], x[3], flag[0], flag[1], x[4], x[5], x[6], flag[2],
		flag[3]);
}

int simulate_write_clinical(struct grx_ctx *cx, const char *dir, const struct simulate_opt *o,
	const struct sim_donor *d, int64_t n_donor)
{
	const char *path = simulate_path(d[0].mem, dir, "clinical.tsv");
	struct grx_rng *r = NULL;
	struct grx_out *f;
	int64_t i;
	int rc;

	if (!path)
		return grx_fail_nomem(cx, "file name");
	rc = grx_out_open(cx, path, &f);
	if (rc)
		return rc;
	grx_out_puts(f, "sample\tage\tsex\ttotal_cholesterol_mg_dl\thdl_mg_dl\tsbp_"
			"mmhg\tdiabetes\tsmoker\tbmi\tegfr\t"
			"bp_treatment\tstatin\n");
	for (i = 0; i < n_donor && rc == GRX_OK; i++) {
		r = grx_rng_new((uint64_t)o->seed, "simulate.clinical", (uint64_t)d[i].number);
		if (!r) {
			rc = grx_fail_nomem(cx, "random numbers");
			break;
		}
		clinical_row(f, &d[i], r);
		grx_rng_free(r);
	}
	{
		int rc2 = grx_out_close(cx, f);

		return rc ? rc : rc2;
	}
}
