/* SPDX-License-Identifier: GPL-3.0-or-later
 * qc.c -- the qc stage: quality of reads and of variants, sex, gates.
 * Reads and variants are both optional: what a leg does not carry gives no metrics. */
#include <math.h>

#include "base/log.h"
#include "base/str.h"
#include "stage/qc/qc_int.h"
#include "stage/stages.h"

#include <jansson.h>

static void qc_close(void *state)
{
	struct qc_state *s = state;
	if (!s)
		return;
	grx_arena_free(s->mem);
	grx_free(s);
}

static int qc_open(const void *opts, struct grx_ctx *cx, void **state)
{
	struct qc_state *s = grx_calloc(1, sizeof *s);
	*state = s;
	if (!s || !(s->mem = grx_arena_new()))
		return grx_fail_nomem(cx, "qc");
	s->opt = opts;
	s->contigs = cx->contigs;
	s->reads = cx->reads;
	s->x_ratio = s->y_ratio = NAN;
	s->contig = grx_arena_calloc(s->mem, (size_t)cx->contigs->n + 1, sizeof *s->contig);
	const char *name = cx->reads ? cx->reads->sample : NULL;
	if (!name && cx->hdr && cx->hdr->n_sample > 0)
		name = cx->hdr->sample[0];
	s->sample = grx_arena_strdup(s->mem, name ? name : "sample");
	if (!s->contig || !s->sample)
		return grx_fail_nomem(cx, "qc");
	s->saw_reads = cx->reads != NULL;
	s->saw_gt = cx->hdr && cx->hdr->n_sample > 0;
	if (!cx->reads && cx->hdr && cx->hdr->n_sample > 1)
		grx_warn(cx, "%d samples in the file, only the first is measured: choose one with --sample",
			(int)cx->hdr->n_sample);
	return qc_gates_read(cx, s);
}

static int qc_shard(const void *state, struct grx_ctx *cx, struct grx_shard *sh)
{
	const struct qc_state *s = state;
	struct qc_part *p = grx_arena_calloc(sh->mem, 1, sizeof *p);
	sh->part = p;
	if (!p)
		return grx_fail_nomem(cx, "qc counts");
	if (sh->vars)
		qc_vars_shard(sh->vars, &p->s);
	if (!sh->reads)
		return GRX_OK;
	qc_reads_shard(sh, p);
	return qc_depth_shard(cx, s->opt, sh, p);
}

static int qc_merge(void *state, struct grx_ctx *cx, struct grx_shard *sh)
{
	struct qc_state *s = state;
	const struct qc_part *p = sh->part;
	(void)cx;
	qc_sums_add(&s->sum, &p->s);
	s->saw_vars |= sh->vars != NULL;
	s->saw_ref |= sh->reads && sh->ref;
	if (sh->reads) {
		s->saw_reads = true;
		s->contig[sh->tid].bases += p->contig.bases;
		s->contig[sh->tid].depth_sum += p->contig.depth_sum;
		s->contig[sh->tid].reads += p->contig.reads;
	}
	return GRX_OK;
}

static int write_summary(struct grx_ctx *cx, const struct qc_state *s, struct json_t *summary)
{
	const struct qc_sums *x = &s->sum;
	const struct {
		const char *name;
		int64_t n;
	} row[] = {{"reads", x->r.all}, {"bases_scanned", x->scanned}, {"bases_n", x->n_bases},
		{"reads_refused_bad_cigar", x->r.bad_cigar}, {"reads_refused_no_sequence", x->r.no_seq},
		{"reads_without_base_quality", x->r.no_qual}, {"records", x->v.records},
		{"records_filtered", x->v.filtered}, {"records_no_call", x->v.no_call}};
	int bad = 0;
	if (!summary)
		return GRX_OK;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		bad |= json_object_set_new(summary, row[i].name, json_integer(row[i].n));
	bad |= json_object_set_new(summary, "gate", json_string(qc_verdict_name(s->worst)));
	return bad ? grx_fail_nomem(cx, "summary") : GRX_OK;
}

/* Names the metrics that failed. */
static int refuse(struct grx_ctx *cx, const struct qc_state *s)
{
	struct grx_str t = {0};
	char v[32];
	for (int i = 0; i < s->n_metric; i++)
		if (s->verdict[i] == QC_FAIL)
			grx_str_addf(&t, "%s%s = %s", t.n ? ", " : "", s->metric[i].key,
				grx_fmt_g(v, s->metric[i].value, 4));
	int rc = grx_fail(cx, GRX_E_GATE,
		"qc: gates failed: %s; see the table of limits, or run without --fail-on-gate",
		t.s ? t.s : "");
	grx_str_clear(&t);
	return rc;
}

static int qc_finish(void *state, struct grx_ctx *cx, struct grx_facts *out, struct json_t *summary)
{
	int rc = GRX_E_BUG;
	struct qc_state *s = state;
	/* a stream without a single record is a variant stream too */
	s->saw_vars |= !cx->reads && !s->saw_reads;
	GRX_TRY(qc_metrics(cx, s));
	GRX_TRY(qc_write_tsv(cx, s));
	GRX_TRY(qc_write_json(cx, s));
	GRX_TRY(qc_write_multiqc(cx, s));
	GRX_TRY(qc_write_facts(cx, s, out));
	GRX_TRY(write_summary(cx, s, summary));
	if (s->opt->fail_on_gate && s->worst == QC_FAIL)
		return refuse(cx, s);
	rc = GRX_OK;
out:
	return rc;
}

const struct grx_stage grx_stage_qc = {
	.name = "qc",
	.brief = "quality of reads and variants, sex, gates",
	.takes = GRX_READS | GRX_VARS,
	.gives = GRX_FACTS,
	.usage = "reads.bam | in.vcf.gz",
	.opts_size = sizeof(struct qc_opt),
	.opts = qc_opts,
	.open = qc_open,
	.shard = qc_shard,
	.merge = qc_merge,
	.finish = qc_finish,
	.close = qc_close,
};
