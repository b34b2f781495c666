/* SPDX-License-Identifier: GPL-3.0-or-later
 * compare.c -- the compare stage: calls against a truth set, by haplotype.
 * Calls become units in shard() on any thread and are joined in order in merge(). A contig is matched when
 * the calls have left it, whole, so that block borders of the call file cannot change the result; its truth
 * is read then. Memory: the variants of one contig. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "io/text.h"
#include "stage/compare/compare_int.h"
#include "stage/stages.h"

struct part {
	size_t n;
	struct compare_unit *v;
	struct compare_tally tally;
};

static int check_options(const struct compare_opt *o, struct grx_ctx *cx)
{
	if (!o->truth)
		return grx_fail(cx, GRX_E_USAGE, "compare: --truth FILE is needed");
	if (!cx->fasta)
		return grx_fail(cx, GRX_E_USAGE, "compare: the reference is needed (-f REF.fa)");
	if (o->all && o->pass_only)
		return grx_fail(
			cx, GRX_E_USAGE, "compare: --all and --pass-only exclude each other; give one");
	if (o->curve_strata.n && !o->curve && !o->svg)
		return grx_fail(cx, GRX_E_USAGE,
			"compare: --curve-stratum adds curves to a table or plot: give --curve or --svg");
	return GRX_OK;
}

/* Confident regions, and the same with room for variants that help to match those inside. */
static int read_bed(struct grx_ctx *cx, struct compare_state *s)
{
	if (!s->opt->bed)
		return GRX_OK;
	s->conf = grx_bed_new();
	s->near = grx_bed_new();
	if (!s->conf || !s->near)
		return grx_fail_nomem(cx, "regions");
	int rc = grx_bed_read(cx, s->opt->bed, grx_fasta_contigs(cx->fasta), s->conf);
	if (rc)
		return rc;
	for (size_t i = 0; i < s->conf->n; i++) {
		const struct grx_interval *v = &s->conf->v[i];
		int64_t pad = 500, len = grx_fasta_contigs(cx->fasta)->c[v->tid].len;
		rc = grx_bed_add(cx, s->near, v->tid, v->beg > pad ? v->beg - pad : 0,
			v->end + pad < len ? v->end + pad : len);
		if (rc)
			return rc;
	}
	grx_bed_finish(s->near);
	return GRX_OK;
}

/* The BED must touch a contig that the call file knows. */
static int check_bed(struct grx_ctx *cx, const struct compare_state *s)
{
	if (!s->conf)
		return GRX_OK;
	for (size_t i = 0; i < s->conf->n; i++)
		for (int32_t k = 0; k < cx->contigs->n; k++)
			if (s->call_tid[k] == s->conf->v[i].tid)
				return GRX_OK;
	return grx_fail(cx, GRX_E_MISMATCH,
		"%s: no contig in common with the calls; use files of one build with the same "
		"contig names",
		s->opt->bed);
}

static void compare_close(void *state)
{
	struct compare_state *s = state;
	if (!s)
		return;
	compare_units_clear(&s->units);
	compare_units_clear(&s->errors);
	compare_truth_close(&s->truth);
	compare_strata_close(&s->strata);
	compare_curves_clear(&s->curve);
	grx_bed_free(s->conf);
	grx_bed_free(s->near);
	grx_arena_free(s->mem);
	grx_free(s);
}

static int compare_open(const void *opts, struct grx_ctx *cx, void **state)
{
	int rc = GRX_E_BUG;
	struct compare_state *s = NULL;
	GRX_TRY(check_options(opts, cx));
	s = grx_calloc(1, sizeof *s);
	*state = s;
	if (!s || !(s->mem = grx_arena_new()) || !(s->units.mem = grx_arena_new()) ||
		!(s->errors.mem = grx_arena_new())) {
		rc = grx_fail_nomem(cx, "compare");
		goto out;
	}
	s->opt = opts;
	GRX_TRY(compare_map_contigs(
		cx, s->mem, cx->contigs, grx_fasta_contigs(cx->fasta), "calls", &s->call_tid));
	GRX_TRY(read_bed(cx, s));
	GRX_TRY(check_bed(cx, s));
	GRX_TRY(compare_strata_open(cx, s));
	s->calls = (struct compare_loader){.opt = opts,
		.fasta = cx->fasta,
		.near = s->near,
		.conf = s->conf,
		.tid = s->call_tid,
		.side = COMPARE_CALL,
		.user = s->strata.user,
		.n_user = s->strata.n_user};
	GRX_TRY(compare_find_sample(cx, cx->hdr, s->opt->call_sample, "calls", &s->calls.sample));
	s->sample = grx_arena_strdup(s->mem, cx->hdr->sample[s->calls.sample]);
	GRX_TRY(compare_truth_open(cx, s));
	if (s->opt->curve || s->opt->svg)
		GRX_TRY(compare_curves_open(cx, s, &s->curve));
	s->tid = -1;
	rc = GRX_OK;
out:
	return rc;
}

/* Units are collected on the heap and moved to the shard's arena, which is freed whatever happens. */
static int compare_shard(const void *state, struct grx_ctx *cx, struct grx_shard *sh)
{
	const struct compare_state *s = state;
	struct compare_units us = {.mem = sh->mem};
	struct part *p;
	if (!sh->vars)
		return GRX_OK;
	p = grx_arena_calloc(sh->mem, 1, sizeof *p);
	if (!p)
		return grx_fail_nomem(cx, "calls");
	int rc = compare_load_batch(cx, &s->calls, sh->vars, &us, &p->tally);
	if (!rc) {
		p->n = us.n;
		p->v = grx_arena_grow(sh->mem, us.v, us.n, us.n, sizeof *us.v);
		if (!p->v)
			rc = grx_fail_nomem(cx, "calls");
	}
	grx_free(us.v);
	sh->part = p;
	return rc;
}

static void tally_add(struct compare_tally *a, const struct compare_tally *b)
{
	a->records += b->records;
	a->used += b->used;
	a->half_calls += b->half_calls;
	for (int i = 0; i < COMPARE_D_N; i++)
		a->drop[i] += b->drop[i];
}

static int keep_errors(struct grx_ctx *cx, struct compare_state *s)
{
	int rc = GRX_OK;
	for (size_t i = 0; i < s->units.n && !rc && s->opt->errors; i++) {
		const struct compare_unit *u = &s->units.v[i];
		if (u->counted && u->mark != COMPARE_TP)
			rc = compare_unit_push(cx, &s->errors, u, compare_unit_ref(u), compare_unit_alt(u));
	}
	return rc;
}

/* All calls of the contig are in s->units: fetch its truth, match, count, forget. */
static int contig_done(struct grx_ctx *cx, struct compare_state *s, int32_t tid)
{
	int rc = GRX_E_BUG;
	GRX_TRY(compare_truth_take(cx, s, tid));
	GRX_TRY(compare_match_all(cx, s));
	compare_count(s);
	GRX_TRY(keep_errors(cx, s));
	GRX_TRY(compare_curves_add(cx, s, &s->curve));
	s->units.n = 0;
	grx_arena_reset(s->units.mem);
	rc = GRX_OK;
out:
	return rc;
}

static int compare_merge(void *state, struct grx_ctx *cx, struct grx_shard *sh)
{
	struct compare_state *s = state;
	struct part *p = sh->part;
	int rc = GRX_OK;
	if (!p)
		return GRX_OK;
	for (size_t i = 0; i < p->n && !rc; i++) {
		const struct compare_unit *u = &p->v[i];
		if (s->tid >= 0 && u->tid != s->tid)
			rc = contig_done(cx, s, s->tid);
		s->tid = u->tid;
		if (!rc)
			rc = compare_unit_push(cx, &s->units, u, compare_unit_ref(u), compare_unit_alt(u));
	}
	tally_add(&s->tally[COMPARE_CALL], &p->tally);
	return rc;
}

static int write_curves(struct grx_ctx *cx, struct compare_state *s)
{
	int rc = compare_curves_finish(cx, s, &s->curve);
	if (!rc && s->opt->curve)
		rc = compare_write_curves(cx, s, &s->curve);
	if (!rc && s->opt->svg)
		rc = compare_write_svg(cx, s, &s->curve);
	return rc;
}

/* The last contig of the calls, and those that only the truth has. */
static int match_rest(struct grx_ctx *cx, struct compare_state *s)
{
	int rc = s->tid >= 0 ? contig_done(cx, s, s->tid) : GRX_OK;
	while (!rc && !(rc = compare_truth_next(cx, s, &s->tid)) && s->tid >= 0)
		rc = contig_done(cx, s, s->tid);
	return rc;
}

static int all_off_reference(struct grx_ctx *cx, const struct compare_tally *t, const char *what)
{
	if (t->records == 0 || t->drop[COMPARE_D_CONTIG] < t->records)
		return GRX_OK;
	return grx_fail(cx, GRX_E_MISMATCH,
		"%s: no record lies on a contig of the reference; use files of one build with the same "
		"contig "
		"names",
		what);
}

static int compare_finish(void *state, struct grx_ctx *cx, struct grx_facts *out, struct json_t *summary)
{
	int rc = GRX_E_BUG;
	struct compare_state *s = state;
	GRX_TRY(all_off_reference(cx, &s->tally[COMPARE_CALL], "calls"));
	GRX_TRY(match_rest(cx, s));
	GRX_TRY(all_off_reference(cx, &s->tally[COMPARE_TRUTH], s->opt->truth));
	compare_warn_dense(cx, s);
	compare_sort(&s->errors);
	GRX_TRY(compare_write_tsv(cx, s));
	GRX_TRY(compare_write_errors(cx, s));
	GRX_TRY(write_curves(cx, s));
	GRX_TRY(compare_write_facts(cx, s, out));
	GRX_TRY(compare_write_summary(cx, s, summary));
	rc = GRX_OK;
out:
	return rc;
}

const struct grx_stage grx_stage_compare = {
	.name = "compare",
	.brief = "compare calls with a truth set by haplotype",
	.takes = GRX_VARS,
	.gives = GRX_FACTS,
	.no_regions = true, /* they would cut the calls but not the truth: --bed does both */
	.usage = "--truth truth.vcf.gz calls.vcf.gz",
	.opts_size = sizeof(struct compare_opt),
	.opts = compare_opts,
	.open = compare_open,
	.shard = compare_shard,
	.merge = compare_merge,
	.finish = compare_finish,
	.close = compare_close,
};
