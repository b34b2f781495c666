/* SPDX-License-Identifier: GPL-3.0-or-later
 * pgx.c -- the pgx stage: diplotypes and phenotypes of pharmacogenes from small variants.
 * shard() reads genotypes at defining loci, merge() keeps the best record per locus, finish() matches the
 * samples block by block on all threads. Coordinates are GRCh38; another build is never guessed around. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "bio/contig.h"
#include "bio/sites.h"
#include "io/fasta.h"
#include "stage/pgx/d6.h"
#include "stage/pgx/outside.h"
#include "stage/pgx/pgx_int.h"
#include "stage/pgx/posterior.h"
#include "stage/pgx/store.h"
#include "stage/stages.h"

enum { STORE_BYTES = 32 << 20, RCRS_LEN = 16569 /* NC_012920.1 */ };

/* What a shard gives: records at loci, and evidence on CYP2D6. */
struct part {
	struct pgx_hits *hits;
	struct d6_evidence *d6;
};

struct pgx {
	const struct pgx_opt *opt;
	struct pgx_table *table;
	const char *wrong_build;   /* why the coordinates do not fit, NULL if they may */
	const char *const *sample; /* of the variants, or of the reads when there are no variants */
	int n_sample;
	struct d6_run *d6; /* NULL without reads */
	struct pgx_store *store;
	struct pgx_outside *outside; /* NULL */
	int64_t n_compared, n_bad_ref, n_repeat;
	char bad[3][96];
};

static int wants(const void *opts, struct grx_ctx *cx, struct grx_sites *sites)
{
	const struct pgx_opt *o = opts;
	struct pgx_table *t = NULL;
	int rc = GRX_E_BUG;
	char who[] = "pgx";
	if (!cx->contigs || grx_contigs_build(cx->contigs) == GRX_BUILD_37)
		return GRX_OK;
	GRX_TRY(pgx_table_open(cx, o, &t));
	GRX_TRY(pgx_table_bind(cx, t));
	for (int i = 0; i < t->n_locus; i++) {
		const struct pgx_locus *l = &t->locus[i];
		if (l->tid < 0)
			continue;
		struct grx_site s = {l->tid, l->pos, grx_arena_strdup(t->mem, l->ref),
			grx_arena_strdup(t->mem, l->alts), l->rsid ? grx_arena_strdup(t->mem, l->rsid) : NULL,
			who};
		if (!s.ref || !s.alt) {
			rc = grx_fail_nomem(cx, "sites of pharmacogenes");
			goto out;
		}
		GRX_TRY(grx_sites_add(cx, sites, &s));
	}
	rc = GRX_OK;
out:
	pgx_table_free(t);
	return rc;
}

static void close_stage(void *state)
{
	struct pgx *p = state;
	if (!p)
		return;
	pgx_table_free(p->table);
	pgx_store_free(p->store);
	d6_close(p->d6);
	pgx_outside_free(p->outside);
	grx_free(p);
}

/* GRCh37, a mixture, or lengths that neither build has. Without any length it may be GRCh38. */
static const char *wrong_build(const struct grx_contigs *d, const struct pgx_table *t)
{
	enum grx_build b = d ? grx_contigs_build(d) : GRX_BUILD_UNKNOWN;
	if (b == GRX_BUILD_37)
		return "coordinates are GRCh38, input is GRCh37";
	for (int i = 0; b == GRX_BUILD_UNKNOWN && i < t->n_locus; i++)
		if (t->locus[i].tid >= 0 && d->c[t->locus[i].tid].len > 0 &&
			!(!strcmp(t->locus[i].chrom, "chrM") && d->c[t->locus[i].tid].len == RCRS_LEN))
			return "coordinates are GRCh38, the contig lengths of the input are not";
	return NULL;
}

static void take_samples(struct pgx *p, const struct grx_ctx *cx)
{
	p->n_sample = cx->hdr ? cx->hdr->n_sample : 0;
	p->sample = p->n_sample ? (const char *const *)cx->hdr->sample : NULL;
	if (!p->n_sample && cx->reads) {
		p->n_sample = cx->reads->n_sample;
		p->sample = cx->reads->samples;
	}
}

static int open_d6(struct pgx *p, struct grx_ctx *cx)
{
	struct d6_setup s = {.genes = p->opt->genes,
		.reads = p->opt->reads,
		.fasta = cx->fasta ? grx_fasta_path(cx->fasta) : NULL,
		.min_posterior = p->opt->min_posterior,
		.refuse = p->wrong_build,
		.sample = p->sample,
		.n_sample = p->n_sample};
	int rc = d6_open(cx, &s, &p->d6);
	if (rc == GRX_OK && !p->d6 && p->opt->cyp2d6_tsv)
		rc = grx_fail(cx, GRX_E_USAGE,
			"--cyp2d6-tsv %s: there are no reads to tell of, or --genes leaves CYP2D6 out; give "
			"a BAM or "
			"CRAM, as input or with --reads",
			p->opt->cyp2d6_tsv);
	return rc;
}

static int open_stage(const void *opts, struct grx_ctx *cx, void **state)
{
	int rc = GRX_E_BUG;
	struct pgx *p = grx_calloc(1, sizeof *p);
	*state = p;
	if (!p)
		return grx_fail_nomem(cx, "the pgx stage");
	p->opt = opts;
	take_samples(p, cx);
	if (!p->n_sample)
		return grx_fail(cx, GRX_E_DATA,
			"pgx: found no sample in the variants, expected genotypes; give a VCF "
			"with a FORMAT/GT column");
	GRX_TRY(pgx_table_open(cx, p->opt, &p->table));
	GRX_TRY(pgx_table_bind(cx, p->table));
	GRX_TRY(pgx_model_load(cx, p->table, p->opt->population));
	if (p->opt->outside_calls)
		GRX_TRY(pgx_outside_read(cx, p->opt->outside_calls, p->sample, p->n_sample, &p->outside));
	if (p->table->policy.as_shown)
		grx_warn(cx,
			"--compat pharmcat: missing loci and unlisted alleles do not withhold a phenotype; "
			"for comparison, not for care");
	p->wrong_build = wrong_build(cx->contigs, p->table);
	if (pgx_store_new(p->table->n_locus, p->n_sample, STORE_BYTES, &p->store) != GRX_OK) {
		rc = grx_fail_nomem(cx, "genotypes at pharmacogene loci");
		goto out;
	}
	GRX_TRY(open_d6(p, cx));
	rc = GRX_OK;
out:
	return rc;
}

static int shard(const void *state, struct grx_ctx *cx, struct grx_shard *sh)
{
	const struct pgx *p = state;
	int rc = GRX_E_BUG;
	struct part *x = grx_arena_calloc(sh->mem, 1, sizeof *x);
	sh->part = x;
	if (!x)
		return grx_fail_nomem(cx, "genotypes at pharmacogene loci");
	if (!p->wrong_build && sh->vars)
		GRX_TRY(pgx_observe(p->table, p->opt, cx, sh, &x->hits));
	if (!p->opt->reads)
		GRX_TRY(d6_run_shard(p->d6, cx, sh, &x->d6));
	rc = GRX_OK;
out:
	return rc;
}

static int merge_hits(struct pgx *p, struct grx_ctx *cx, const struct pgx_hits *h)
{
	if (!h)
		return GRX_OK;
	for (int64_t i = 0; i < h->n_bad_ref && i < 3 && p->n_bad_ref + i < 3; i++)
		memcpy(p->bad[p->n_bad_ref + i], h->bad[i], sizeof p->bad[0]);
	p->n_compared += h->n_compared;
	p->n_bad_ref += h->n_bad_ref;
	for (size_t i = 0; i < h->n; i++) {
		int repeat;
		int rc = pgx_store_put(cx, p->store, h->v[i].locus, &h->v[i].obs, &repeat);
		if (rc != GRX_OK)
			return rc;
		p->n_repeat += repeat;
	}
	return GRX_OK;
}

static int merge(void *state, struct grx_ctx *cx, struct grx_shard *sh)
{
	struct pgx *p = state;
	struct part *x = sh->part;
	if (!x)
		return GRX_OK;
	int rc = merge_hits(p, cx, x->hits);
	if (rc == GRX_OK)
		rc = d6_run_merge(cx, p->d6, x->d6);
	d6_evidence_free(x->d6);
	x->d6 = NULL;
	return rc;
}

/* Without contig lengths the build shows only in REF: one odd record may be a quirk, many are another build.
 */
static int check_build(const struct pgx *p, struct grx_ctx *cx)
{
	if (p->n_bad_ref > 1 && p->n_bad_ref * 10 > p->n_compared)
		return grx_fail(cx, GRX_E_MISMATCH,
			"pgx: REF differs from GRCh38 at %lld of %lld records at defining loci (%s; %s%s%s); "
			"expected "
			"variants on GRCh38, lift them over first",
			(long long)p->n_bad_ref, (long long)p->n_compared, p->bad[0], p->bad[1],
			p->n_bad_ref > 2 ? "; " : "", p->bad[2]);
	return GRX_OK;
}

static int summarise(struct grx_ctx *cx, const struct pgx *p, const struct pgx_tally *ta, json_t *sum)
{
	static const char *const state_key[PGX_N_STATE] = {"used", "no_record", "no_call", "low_gq", "low_dp",
		"ref_differs", "symbolic", "ad_contradicts", "filtered", "ploidy", "discordant",
		"build_unknown"};
	json_t *calls = json_object(), *loci = json_object();
	int bad = !calls || !loci;
	for (int i = 0; !bad && i <= PGX_NOT_ASSESSED; i++)
		bad |= json_object_set_new(
			calls, pgx_status_text((enum pgx_status)i), json_integer(ta->status[i]));
	for (int i = 0; !bad && i < PGX_N_STATE; i++)
		bad |= json_object_set_new(loci, state_key[i], json_integer(ta->state[i]));
	bad = bad || json_object_set(sum, "calls", calls) || json_object_set(sum, "loci", loci) ||
	      json_object_set_new(sum, "genes_called_elsewhere", json_integer(ta->n_outside)) ||
	      json_object_set_new(sum, "records_repeated", json_integer(p->n_repeat)) ||
	      json_object_set_new(sum, "calls_with_undocumented_allele", json_integer(ta->n_undocumented)) ||
	      json_object_set_new(sum, "indel_loci_by_anchor_base_only", json_integer(ta->n_anchor));
	json_decref(calls);
	json_decref(loci);
	return bad ? grx_fail_nomem(cx, "the summary") : GRX_OK;
}

static int finish(void *state, struct grx_ctx *cx, struct grx_facts *out, json_t *summary)
{
	struct pgx *p = state;
	struct pgx_tally n = {0};
	struct pgx_cohort c = {.opt = p->opt,
		.table = p->table,
		.store = p->store,
		.sample = p->sample,
		.n_sample = p->n_sample,
		.wrong_build = p->wrong_build,
		.d6 = p->d6,
		.outside = p->outside};
	int rc = check_build(p, cx);
	if (rc == GRX_OK)
		rc = pgx_cohort_call(cx, &c, out, &n);
	if (rc == GRX_OK && p->d6 && p->opt->cyp2d6_tsv)
		rc = d6_run_tsv(cx, p->d6, p->opt->cyp2d6_tsv);
	return rc == GRX_OK && summary ? summarise(cx, p, &n, summary) : rc;
}

const struct grx_stage grx_stage_pgx = {
	.name = "pgx",
	.brief = "diplotypes and phenotypes of pharmacogenes",
	.takes = GRX_READS | GRX_VARS,
	.many_samples = true,
	.gives = GRX_FACTS,
	.usage = "in.vcf.gz|in.bam",
	.opts_size = sizeof(struct pgx_opt),
	.opts = pgx_opts,
	.by_sites = true,
	.vars_first = true,
	.wants = wants,
	.open = open_stage,
	.shard = shard,
	.merge = merge,
	.finish = finish,
	.close = close_stage,
};
