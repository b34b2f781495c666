/* SPDX-License-Identifier: GPL-3.0-or-later
 * output.c -- secondary outputs: metrics as TSV, histograms as JSON, MultiQC custom content.
 * MultiQC: a JSON object with id, section_name, plot_type, pconfig, headers and data, in a file named
 * *_mqc.json. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/out.h"
#include "base/str.h"
#include "genorx/genorx.h"
#include "stage/qc/qc_int.h"

int qc_write_tsv(struct grx_ctx *cx, const struct qc_state *s)
{
	struct grx_out *o;
	if (!s->opt->tsv)
		return GRX_OK;
	int rc = grx_out_open(cx, s->opt->tsv, &o);
	if (rc)
		return rc;
	grx_out_puts(o, "metric\tvalue\tunit\tn\tgate\treason\n");
	for (int i = 0; i < s->n_metric; i++) {
		const struct qc_metric *m = &s->metric[i];
		char v[32], n[32] = ".";
		if (m->n >= 0)
			grx_fmt_g(n, (double)m->n, 15);
		grx_out_printf(o, "%s\t%s\t%s\t%s\t%s\t%s\n", m->key,
			isnan(m->value) ? "." : grx_fmt_g(v, m->value, 10), m->unit, n,
			s->verdict[i] == QC_NONE ? "." : qc_verdict_name(s->verdict[i]),
			m->reason ? m->reason : ".");
	}
	if (s->saw_reads)
		grx_out_printf(o, "sex\t%s\t.\t.\t.\t%s\n",
			s->sex == GRX_SEX_MALE     ? "male"
			: s->sex == GRX_SEX_FEMALE ? "female"
						   : ".",
			s->sex_why ? s->sex_why : ".");
	return grx_out_close(cx, o);
}

/* Numbers as in the facts: 10 significant digits; undefined ones are null. */
static json_t *num(double x)
{
	return isnan(x) ? json_null() : json_real(grx_fact_quantise(x));
}

/* Histogram as a list, cut after its last non-zero bin. */
static json_t *hist(const int64_t *h, int n)
{
	json_t *a = json_array();
	while (n > 0 && h[n - 1] == 0)
		n--;
	for (int i = 0; i < n; i++)
		if (json_array_append_new(a, json_integer(h[i]))) {
			json_decref(a);
			return NULL;
		}
	return a;
}

/* sum / n, bin by bin. */
static json_t *means(const int64_t *sum, const int64_t *n, int size, double scale)
{
	json_t *a = json_array();
	while (size > 0 && n[size - 1] == 0)
		size--;
	for (int i = 0; i < size; i++)
		if (json_array_append_new(a, num(n[i] ? (double)sum[i] / (double)n[i] * scale : NAN))) {
			json_decref(a);
			return NULL;
		}
	return a;
}

static json_t *metrics_json(const struct qc_state *s)
{
	json_t *o = json_object();
	for (int i = 0; i < s->n_metric; i++)
		if (json_object_set_new(o, s->metric[i].key, num(s->metric[i].value))) {
			json_decref(o);
			return NULL;
		}
	return o;
}

static json_t *counts_json(const struct qc_read_counts *r)
{
	return json_pack("{sI sI sI sI sI sI sI sI sI sI sI sI sI sI sI}", "reads", (json_int_t)r->all,
		"primary", (json_int_t)r->primary, "secondary", (json_int_t)r->secondary, "supplementary",
		(json_int_t)r->supplementary, "qc_failed", (json_int_t)r->qcfail, "mapped",
		(json_int_t)r->mapped, "placed_unmapped", (json_int_t)r->unmapped, "duplicates",
		(json_int_t)r->dup, "paired", (json_int_t)r->paired, "proper", (json_int_t)r->proper, "mapq0",
		(json_int_t)r->mapq0, "bases", (json_int_t)r->bases, "without_quality",
		(json_int_t)r->no_qual, "bad_cigar", (json_int_t)r->bad_cigar, "no_sequence",
		(json_int_t)r->no_seq);
}

static json_t *contigs_json(const struct qc_state *s)
{
	json_t *a = json_array();
	for (int32_t i = 0; i < s->contigs->n; i++) {
		const struct qc_contig *c = &s->contig[i];
		if (c->bases == 0)
			continue;
		json_t *row = json_pack("{ss sI sI so}", "name", s->contigs->c[i].name, "bases",
			(json_int_t)c->bases, "reads", (json_int_t)c->reads, "depth",
			num((double)c->depth_sum / (double)c->bases));
		if (json_array_append_new(a, row)) {
			json_decref(a);
			return NULL;
		}
	}
	return a;
}

static int reads_json(const struct qc_state *s, json_t *top)
{
	const struct qc_sums *x = &s->sum;
	int bad = 0;
	bad |= json_object_set_new(top, "counts", counts_json(&x->r));
	bad |= json_object_set_new(top, "bases_scanned", json_integer(x->scanned));
	bad |= json_object_set_new(top, "bases_n", json_integer(x->n_bases));
	bad |= json_object_set_new(top, "depth", hist(x->depth, QC_DEPTH_MAX + 1));
	bad |= json_object_set_new(top, "insert_size", hist(x->insert, QC_INSERT_MAX + 1));
	bad |= json_object_set_new(top, "mapping_quality", hist(x->mapq, 256));
	bad |= json_object_set_new(top, "base_quality", hist(x->baseq, QC_BASEQ_MAX));
	bad |= json_object_set_new(
		top, "base_quality_by_cycle_read1", means(x->cycle_sum[0], x->cycle_n[0], QC_CYCLE_MAX, 1));
	bad |= json_object_set_new(
		top, "base_quality_by_cycle_read2", means(x->cycle_sum[1], x->cycle_n[1], QC_CYCLE_MAX, 1));
	bad |= json_object_set_new(top, "gc_of_reads_percent", hist(x->gc_read, QC_GC_BINS));
	bad |= json_object_set_new(top, "gc_windows", hist(x->gc_win_n, QC_GC_BINS));
	bad |= json_object_set_new(
		top, "depth_by_gc", means(x->gc_win_depth, x->gc_win_n, QC_GC_BINS, 1.0 / QC_GC_WINDOW));
	bad |= json_object_set_new(top, "contigs", contigs_json(s));
	return bad;
}

static json_t *vars_json(const struct qc_var_counts *v)
{
	return json_pack("{sI sI sI sI sI sI sI sI sI sI sI}", "records", (json_int_t)v->records, "filtered",
		(json_int_t)v->filtered, "no_call", (json_int_t)v->no_call, "snv", (json_int_t)v->snv,
		"indel", (json_int_t)v->indel, "other", (json_int_t)v->other, "transitions",
		(json_int_t)v->ts, "transversions", (json_int_t)v->tv, "het", (json_int_t)v->het, "hom_alt",
		(json_int_t)v->hom, "haploid", (json_int_t)v->haploid);
}

/* Takes top. */
static int write_json(struct grx_ctx *cx, const char *path, json_t *top)
{
	int rc = GRX_E_BUG;
	struct grx_out *o;
	char *text = top ? json_dumps(top, JSON_INDENT(1) | JSON_REAL_PRECISION(10)) : NULL;
	json_decref(top);
	if (!text)
		return grx_fail_nomem(cx, "JSON");
	GRX_TRY(grx_out_open(cx, path, &o));
	grx_out_puts(o, text);
	grx_out_puts(o, "\n");
	rc = grx_out_close(cx, o);
out:
	free(text);
	return rc;
}

int qc_write_json(struct grx_ctx *cx, const struct qc_state *s)
{
	if (!s->opt->json)
		return GRX_OK;
	json_t *top = json_pack(
		"{ss ss ss}", "program", "genorx", "version", GENORX_VERSION, "sample", s->sample);
	int bad = json_object_set_new(top, "metrics", metrics_json(s));
	if (s->saw_reads)
		bad |= reads_json(s, top);
	if (s->saw_vars)
		bad |= json_object_set_new(top, "variants", vars_json(&s->sum.v));
	if (bad) {
		json_decref(top);
		return grx_fail_nomem(cx, "JSON");
	}
	return write_json(cx, s->opt->json, top);
}

static json_t *headers_json(const struct qc_state *s)
{
	json_t *o = json_object();
	for (int i = 0; i < s->n_metric; i++) {
		const struct qc_metric *m = &s->metric[i];
		bool fraction = !strcmp(m->unit, "fraction");
		json_t *h = json_pack("{ss ss}", "title", m->label, "description", m->key);
		int bad = 0;
		if (fraction) {
			bad |= json_object_set_new(h, "min", json_integer(0));
			bad |= json_object_set_new(h, "max", json_integer(1));
		}
		bad |= json_object_set_new(h, "format", json_string(fraction ? "{:,.4f}" : "{:,.2f}"));
		bad |= json_object_set_new(o, m->key, h);
		if (bad) {
			json_decref(o);
			return NULL;
		}
	}
	return o;
}

/* Missing metrics are left out: MultiQC shows an empty cell. */
static json_t *row_json(const struct qc_state *s)
{
	json_t *o = json_object();
	int bad = 0;
	for (int i = 0; i < s->n_metric; i++)
		if (!isnan(s->metric[i].value))
			bad |= json_object_set_new(o, s->metric[i].key, num(s->metric[i].value));
	if (s->sex != GRX_SEX_UNKNOWN)
		bad |= json_object_set_new(o, "sex", json_string(s->sex == GRX_SEX_MALE ? "male" : "female"));
	bad |= json_object_set_new(o, "gate", json_string(qc_verdict_name(s->worst)));
	if (!bad)
		return o;
	json_decref(o);
	return NULL;
}

int qc_write_multiqc(struct grx_ctx *cx, const struct qc_state *s)
{
	if (!s->opt->multiqc)
		return GRX_OK;
	json_t *top = json_pack("{ss ss ss ss s{ss ss} so s{so}}", "id", "genorx_qc", "section_name",
		"genorx qc", "description", "Sequencing quality by genorx qc.", "plot_type", "table",
		"pconfig", "id", "genorx_qc_table", "title", "genorx qc", "headers", headers_json(s), "data",
		s->sample, row_json(s));
	return write_json(cx, s->opt->multiqc, top);
}
