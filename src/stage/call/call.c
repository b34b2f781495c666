/* SPDX-License-Identifier: GPL-3.0-or-later
 * call.c -- the call stage: reads -> variants. Shards are independent; merge() only adds counts. */
#include "stage/call/call_hap.h"

#include "bio/sites.h"

#include <jansson.h>
#include <string.h>

#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "io/varsrc.h"
#include "stage/call/assemble.h"
#include "stage/call/foreign.h"
#include "stage/call/strerr.h"
#include "stage/stages.h"

static int call_wants(const void *opts, struct grx_ctx *cx, struct grx_sites *add)
{
	const struct call_opt *o = opts;
	return o->sites ? grx_sites_read(cx, o->sites, cx->contigs, add) : GRX_OK;
}

/* The option, or the fact of an earlier leg; unknown is diploid. */
static enum grx_sex choose_sex(const struct grx_ctx *cx, const char *opt, const char *sample)
{
	const struct grx_fact *f = cx->facts && sample ? grx_facts_find(cx->facts, sample, "qc/sex") : NULL;
	const char *s = opt;
	if (!s || strcmp(s, "auto") == 0)
		s = f && f->status == GRX_FACT_OK && f->value.type == GRX_V_STR ? f->value.str : "";
	return grx_streq(s, "female") ? GRX_SEX_FEMALE
	       : grx_streq(s, "male") ? GRX_SEX_MALE
				      : GRX_SEX_UNKNOWN;
}

static const char *sample_of(const struct grx_ctx *cx, int i)
{
	if (!cx->reads)
		return NULL;
	return cx->reads->samples && i < cx->reads->n_sample ? cx->reads->samples[i] : cx->reads->sample;
}

static int open_samples(struct call_state *st, struct grx_ctx *cx)
{
	st->sex = grx_calloc((size_t)st->n_sample, sizeof(*st->sex));
	if (!st->sex)
		return grx_fail_nomem(cx, "the call stage");
	for (int i = 0; i < st->n_sample; i++)
		st->sex[i] = choose_sex(cx, st->opt.sex, sample_of(cx, i));
	if (st->n_sample > 1 && st->opt.gvcf)
		return grx_fail(cx, GRX_E_USAGE,
			"--gvcf is for one sample, there are %d: call each on its own (--sample NAME)",
			st->n_sample);
	return GRX_OK;
}

/* The shipped model unless another, or none, was asked for. */
static int open_rescore(struct grx_ctx *cx, const char *opt, struct call_rescore **out)
{
	if (!opt || strcmp(opt, "none") == 0)
		return GRX_OK;
	if (strcmp(opt, "auto") != 0)
		return call_rescore_load(cx, opt, out);
	char *path = grx_refdata_path(cx, "call/rescore.tsv");
	int rc = path ? call_rescore_load(cx, path, out) : grx_fail_nomem(cx, "the re-scoring model");
	grx_free(path);
	return rc;
}

static int call_open(const void *opts, struct grx_ctx *cx, void **state)
{
	if (!cx->fasta)
		return grx_fail(cx, GRX_E_USAGE, "call needs the reference: give it with -f FASTA");
	struct call_state *st = grx_calloc(1, sizeof(*st));
	if (!st)
		return grx_fail_nomem(cx, "the call stage");
	*state = st;
	st->opt = *(const struct call_opt *)opts;
	call_errors_init(st);
	st->build = grx_contigs_build(cx->contigs);
	int rc = call_learn_start(st, cx);
	if (rc == GRX_OK)
		rc = open_samples(st, cx);
	if (rc == GRX_OK && st->n_sample == 1)
		rc = open_rescore(cx, st->opt.rescore, &st->rescore);
	if (rc == GRX_OK && st->opt.af)
		rc = call_af_open(cx, &st->opt, &st->af);
	return rc == GRX_OK ? call_header(cx, &st->opt) : rc;
}

/* No read, no forced site and no blocks wanted: most shards of targeted data, and of the gaps of a genome. */
static bool nothing_to_do(const struct call_work *w)
{
	const struct grx_sites *s = w->cx->sites;
	size_t i = s ? grx_sites_lower(s, w->sh->tid, w->beg) : 0;
	return w->n_aln == 0 && !w->st->opt.gvcf &&
	       !(s && i < s->n && s->v[i].tid == w->sh->tid && s->v[i].pos < w->end);
}

/* A contig of the header that the reference lacks: harmless as long as nothing was aligned to it. */
static int no_reference(struct call_work *w)
{
	if (w->sh->reads->n)
		return grx_fail(w->cx, GRX_E_MISMATCH,
			"%s:%lld: has reads, but the reference lacks this contig: give the reference that "
			"was used for "
			"alignment, or choose regions",
			grx_contig_name(w->cx->contigs, w->sh->tid), (long long)w->sh->reads->v[0].pos + 1);
	/* sites there get no record: without the reference none could be right; they are counted */
	const struct grx_sites *s = w->cx->sites;
	for (size_t i = s ? grx_sites_lower(s, w->sh->tid, w->sh->beg) : 0;
		s && i < s->n && s->v[i].tid == w->sh->tid && s->v[i].pos < w->sh->end; i++) {
		w->n->forced_seen++;
		w->n->forced_symbolic++;
	}
	w->sh->vars = grx_vars_new(w->out, w->cx->hdr);
	return w->sh->vars ? GRX_OK : grx_fail_nomem(w->cx, "variants");
}

/* Expected depth; 0: no reads from elsewhere are looked for (unknown depth, several samples). */
static double foreign_depth(const struct call_state *st)
{
	return st->n_sample == 1 && st->sample[0].depth_reliable ? st->sample[0].depth_median : 0;
}

static int call_shard(const void *state, struct grx_ctx *cx, struct grx_shard *sh)
{
	struct call_work w = {.st = state, .cx = cx, .sh = sh, .mem = sh->scratch, .out = sh->mem};
	w.n_sample = w.st->n_sample;
	w.mito = w.n_sample == 1 && call_is_mito(&w);
	int rc = GRX_E_BUG;
	w.n = grx_arena_calloc(sh->mem, 1, sizeof(*w.n));
	if (!w.n)
		return grx_fail_nomem(cx, "counts");
	if (!sh->reads)
		return grx_fail(cx, GRX_E_BUG, "call: a shard without reads");
	sh->part = w.n;
	if (!sh->ref)
		return no_reference(&w);
	w.beg = sh->beg - CALL_PAD_BP;
	w.end = sh->end + CALL_PAD_BP;
	w.beg = w.beg < sh->ref_beg ? sh->ref_beg : w.beg;
	w.end = w.end > sh->ref_end ? sh->ref_end : w.end;
	if (w.beg > sh->beg || w.end < sh->end)
		return grx_fail(cx, GRX_E_MISMATCH, "%s: the reference ends at %lld, the shard at %lld",
			grx_contig_name(cx->contigs, sh->tid), (long long)sh->ref_end, (long long)sh->end);
	GRX_TRY(call_reads_select(&w));
	if (nothing_to_do(&w)) {
		sh->vars = grx_vars_new(sh->mem, cx->hdr);
		return sh->vars ? GRX_OK : grx_fail_nomem(cx, "variants");
	}
	GRX_TRY(call_foreign_mark(&w, foreign_depth(w.st)));
	GRX_TRY(call_scan(&w));
	GRX_TRY(call_forced_prepare(&w));
	call_indels_merge(&w);
	GRX_TRY(call_assemble_candidates(&w));
	w.tmp = grx_arena_new();
	w.jobs = grx_arena_new();
	if (!w.tmp || !w.jobs)
		return grx_fail_nomem(cx, "the call stage");
	GRX_TRY(call_af_load(&w));
	GRX_TRY(call_regions_make(&w));
	GRX_TRY(call_loci(&w));
	rc = call_emit(&w);
out:
	grx_arena_free(w.tmp);
	grx_arena_free(w.jobs);
	return rc;
}

static int call_merge(void *state, struct grx_ctx *cx, struct grx_shard *sh)
{
	struct call_state *st = state;
	const int64_t *from = sh->part;
	int64_t *to = (int64_t *)&st->n;
	(void)cx;
	/* struct call_counts holds int64_t only */
	for (size_t i = 0; from && i < sizeof(st->n) / sizeof(*to); i++)
		to[i] += from[i];
	return GRX_OK;
}

struct named {
	const char *name;
	int64_t n;
};

static int put_counts(struct grx_ctx *cx, json_t *to, const struct named *c)
{
	for (; c->name; c++)
		if (json_object_set_new(to, c->name, json_integer(c->n)) != 0)
			return grx_fail_nomem(cx, "the summary");
	return GRX_OK;
}

static int put_summary(struct grx_ctx *cx, const struct call_counts *n, int64_t n_sites, json_t *summary)
{
	const struct named reads[] = {{"seen", n->reads}, {"used", n->used}, {"unmapped", n->unmapped},
		{"secondary", n->secondary}, {"supplementary", n->supplementary}, {"duplicate", n->duplicate},
		{"qcfail", n->qcfail}, {"low_mapq", n->low_mapq}, {"no_sequence", n->no_seq},
		{"bad_cigar", n->bad_cigar}, {"foreign", n->foreign}, {"foreign_regions", n->foreign_regions},
		{"foreign_bases", n->foreign_bases}, {"fragments_over_max_depth", n->capped}, {NULL, 0}};
	const struct named vars[] = {{"snv", n->snv}, {"indel", n->indel}, {"complex", n->complex},
		{"filtered", n->filtered}, {"reference_blocks", n->blocks},
		{"candidate_indels_dropped", n->dropped_indel}, {"too_long_to_assess", n->too_long},
		{"windows_assembled", n->asm_windows}, {"windows_without_kmer_size", n->asm_no_k},
		{"assembly_ways_cut", n->asm_cut}, {NULL, 0}};
	const struct named forced[] = {{"asked", n_sites}, {"in_regions", n->forced_seen},
		{"variant", n->variant_forced}, {"hom_ref", n->hom_ref_forced},
		{"no_call", n->no_call_forced}, {"dropped_ref_disagrees", n->forced_bad_ref},
		{"not_assessable", n->forced_symbolic}, {NULL, 0}};
	const struct named *all[] = {reads, vars, forced};
	static const char *const key[] = {"reads", "variants", "forced_sites"};
	int rc = GRX_OK;
	for (int i = 0; i < 3 && rc == GRX_OK; i++) {
		json_t *o = json_object();
		rc = o ? put_counts(cx, o, all[i]) : grx_fail_nomem(cx, "the summary");
		if (json_object_set_new(summary, key[i], o) != 0 && rc == GRX_OK)
			rc = grx_fail_nomem(cx, "the summary");
	}
	return rc;
}

static int call_finish(void *state, struct grx_ctx *cx, struct grx_facts *out, struct json_t *summary)
{
	struct call_state *st = state;
	const struct call_counts *n = &st->n;
	const struct named facts[] = {{"call/n/snv", n->snv}, {"call/n/indel", n->indel},
		{"call/n/complex", n->complex}, {"call/n/filtered", n->filtered},
		{"call/n/variant_forced", n->variant_forced}, {"call/n/hom_ref_forced", n->hom_ref_forced},
		{"call/n/no_call_forced", n->no_call_forced},
		{"call/n/ref_disagrees_forced", n->forced_bad_ref}, {"call/n/reads_used", n->used},
		{NULL, 0}};
	const char *sample = cx->reads && cx->reads->sample ? cx->reads->sample : "sample";
	int rc = GRX_OK;
	if (n->forced_bad_ref * 100 > n->forced_seen)
		return grx_fail(cx, GRX_E_MISMATCH,
			"%lld of %lld forced sites have a REF that the reference does not have (limit 1 %%): "
			"check that sites and "
			"reference are of the same genome build",
			(long long)n->forced_bad_ref, (long long)n->forced_seen);
	for (const struct named *f = facts; f->name && rc == GRX_OK; f++)
		rc = grx_facts_num(cx, out, sample, f->name, "call", (double)f->n, NULL);
	if (rc == GRX_OK && summary)
		rc = put_summary(cx, n, cx->sites ? (int64_t)cx->sites->n : 0, summary);
	if (rc == GRX_OK)
		rc = call_af_finish(cx, &st->opt, n, summary);
	if (rc == GRX_OK && summary)
		rc = call_learn_summary(st, cx, summary);
	return rc;
}

static void call_close(void *state)
{
	struct call_state *st = state;
	if (st) {
		call_learn_free(st);
		grx_free(st->sex);
		call_rescore_free(st->rescore);
		call_af_close(st->af);
	}
	grx_free(st);
}

const struct grx_stage grx_stage_call = {
	.name = "call",
	.brief = "call single-base variants and indels from reads",
	.takes = GRX_READS,
	.gives = GRX_VARS,
	.many_samples = true,
	.thin = true,
	.usage = "in.bam [in2.bam ...]",
	.opts_size = sizeof(struct call_opt),
	.opts = call_opts,
	.wants = call_wants,
	.open = call_open,
	.learn = call_learn,
	.shard = call_shard,
	.merge = call_merge,
	.finish = call_finish,
	.close = call_close,
};
