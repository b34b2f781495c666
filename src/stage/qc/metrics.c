/* SPDX-License-Identifier: GPL-3.0-or-later
 * metrics.c -- sums to metrics. A metric without observations is missing with its reason, never zero. */
#include <math.h>
#include <string.h>

#include "stage/qc/qc_int.h"

static int64_t total(const int64_t *h, int n)
{
	int64_t t = 0;
	for (int i = 0; i < n; i++)
		t += h[i];
	return t;
}

double qc_hist_median(const int64_t *h, int n)
{
	int64_t all = total(h, n), seen = 0;
	if (all == 0)
		return NAN;
	/* the middle value, or the mean of the two middle values */
	int64_t lo = (all - 1) / 2, hi = all / 2;
	int a = -1;
	for (int i = 0; i < n; i++) {
		seen += h[i];
		if (a < 0 && seen > lo)
			a = i;
		if (seen > hi)
			return (a + i) / 2.0;
	}
	return NAN;
}

double qc_hist_mad(const int64_t *h, int n, double median)
{
	int64_t all = total(h, n), seen = 0;
	if (all == 0)
		return NAN;
	/* distances from the median are multiples of one half */
	int64_t mid = (int64_t)llround(2 * median), half = (all + 1) / 2;
	for (int64_t d = 0; d <= 2 * (int64_t)n; d++) {
		int64_t up = mid + d, down = mid - d;
		if (!(up & 1) && up / 2 < n)
			seen += h[up / 2];
		if (d && !(down & 1) && down >= 0 && down / 2 < n)
			seen += h[down / 2];
		if (seen >= half)
			return (double)d / 2;
	}
	return NAN;
}

static struct qc_metric *add(struct qc_state *s, const char *key, const char *label, const char *unit)
{
	struct qc_metric *m = &s->metric[s->n_metric++];
	*m = (struct qc_metric){.key = key, .label = label, .unit = unit, .value = NAN, .n = -1};
	return m;
}

static void ratio(struct qc_metric *m, int64_t a, int64_t b, const char *reason)
{
	m->n = b;
	if (b > 0)
		m->value = (double)a / (double)b;
	else
		m->reason = reason;
}

static void hist_value(struct qc_metric *m, double x, int64_t n, const char *reason)
{
	m->n = n;
	m->value = x;
	if (isnan(x))
		m->reason = reason;
}

static void depth_metrics(struct qc_state *s)
{
	static const struct {
		const char *key, *label;
		int at;
	} breadth[] = {{"breadth/1x", "bases at 1x or more", 1}, {"breadth/10x", "bases at 10x or more", 10},
		{"breadth/20x", "bases at 20x or more", 20}, {"breadth/30x", "bases at 30x or more", 30}};
	const char *none = "no reference bases were scanned";
	int64_t bases = s->sum.scanned - s->sum.n_bases;
	ratio(add(s, "depth/mean", "mean depth", "x"), s->sum.depth_sum, bases, none);
	hist_value(add(s, "depth/median", "median depth", "x"),
		qc_hist_median(s->sum.depth, QC_DEPTH_MAX + 1), bases, none);
	for (size_t i = 0; i < sizeof breadth / sizeof *breadth; i++)
		ratio(add(s, breadth[i].key, breadth[i].label, "fraction"),
			total(s->sum.depth + breadth[i].at, QC_DEPTH_MAX + 1 - breadth[i].at), bases, none);
}

/* Reads without a position belong to the sample only when the whole file was scanned: the index tells. */
static bool whole_file(const struct qc_state *s)
{
	if (!s->reads || !s->reads->n_mapped)
		return false;
	int64_t all = 0;
	for (int32_t i = 0; i < s->contigs->n; i++)
		all += s->reads->n_mapped[i];
	return all == s->sum.r.mapped_all;
}

static void read_metrics(struct qc_state *s)
{
	const struct qc_read_counts *r = &s->sum.r;
	const char *none = "no mapped reads in the scanned regions";
	int64_t unmapped = r->unmapped;
	if (whole_file(s) && s->reads->n_unplaced > 0)
		unmapped += s->reads->n_unplaced;
	int64_t pairs = total(s->sum.insert, QC_INSERT_MAX + 1);
	double insert = qc_hist_median(s->sum.insert, QC_INSERT_MAX + 1);
	hist_value(add(s, "insert/median", "median insert size", "bp"), insert, pairs, "no proper pairs");
	hist_value(add(s, "insert/mad", "median absolute deviation of insert size", "bp"),
		pairs ? qc_hist_mad(s->sum.insert, QC_INSERT_MAX + 1, insert) : NAN, pairs,
		"no proper pairs");
	ratio(add(s, "duplicates/frac", "duplicates", "fraction"), r->dup, r->mapped, none);
	ratio(add(s, "mapped/frac", "mapped reads", "fraction"), r->mapped, r->mapped + unmapped, "no reads");
	ratio(add(s, "mapq/mean", "mean mapping quality", "phred"), r->mapq_sum, r->mapq_n, none);
	ratio(add(s, "mapq0/frac", "reads with mapping quality 0", "fraction"), r->mapq0, r->mapq_n, none);
}

static void base_metrics(struct qc_state *s)
{
	int64_t n = total(s->sum.baseq, QC_BASEQ_MAX), sum = 0;
	for (int q = 0; q < QC_BASEQ_MAX; q++)
		sum += q * s->sum.baseq[q];
	ratio(add(s, "baseq/mean", "mean base quality", "phred"), sum, n, "no base qualities");
	ratio(add(s, "gc/mean", "GC of reads", "fraction"), s->sum.gc_bases, s->sum.acgt_bases, "no bases");
}

/* Share of windows minus share of coverage, summed where positive, over the AT-rich or the GC-rich half. */
static double dropout(const struct qc_sums *s, int beg, int end)
{
	int64_t n = total(s->gc_win_n, QC_GC_BINS), d = total(s->gc_win_depth, QC_GC_BINS);
	double sum = 0;
	if (n == 0 || d == 0)
		return NAN;
	for (int i = beg; i < end; i++) {
		double x = (double)s->gc_win_n[i] / (double)n - (double)s->gc_win_depth[i] / (double)d;
		sum += x > 0 ? x : 0;
	}
	return sum;
}

static void gc_metrics(struct qc_state *s)
{
	const char *none = s->saw_ref ? "no covered windows" : "no reference was given";
	int64_t n = total(s->sum.gc_win_n, QC_GC_BINS);
	hist_value(add(s, "gc/at_dropout", "coverage lost in AT-rich windows", "fraction"),
		dropout(&s->sum, 0, 51), n, none);
	hist_value(add(s, "gc/gc_dropout", "coverage lost in GC-rich windows", "fraction"),
		dropout(&s->sum, 51, QC_GC_BINS), n, none);
}

static void variant_metrics(struct qc_state *s)
{
	const struct qc_var_counts *v = &s->sum.v;
	struct qc_metric *m = add(s, "n/snv", "SNV alleles", "count");
	m->value = (double)v->snv;
	m = add(s, "n/indel", "indel alleles", "count");
	m->value = (double)v->indel;
	m = add(s, "titv", "transitions per transversion", "ratio");
	ratio(m, v->ts, v->tv, "no transversions");
	m->n = v->snv;
	m = add(s, "hethom", "heterozygous per homozygous ALT genotype", "ratio");
	ratio(m, v->het, v->hom, s->saw_gt ? "no homozygous ALT genotypes" : "no genotypes");
	m->n = v->het + v->hom;
}

/* The index counts whole files: it serves where they hold this sample alone. Else the scan's own counts do,
 * which a slice makes unusable by itself. */
static int infer_sex(struct grx_ctx *cx, struct qc_state *s)
{
	const int64_t *n = NULL;
	if (s->reads)
		n = s->reads->sample_mapped ? s->reads->sample_mapped[0] : s->reads->n_mapped;
	if (!n) {
		int64_t *own = grx_arena_alloc(s->mem, (size_t)s->contigs->n + 1, sizeof *own);
		if (!own)
			return grx_fail_nomem(cx, "read counts");
		for (int32_t i = 0; i < s->contigs->n; i++)
			own[i] = s->contig[i].reads;
		n = own;
	}
	s->sex = GRX_SEX_UNKNOWN;
	if (grx_sex_ratios(s->contigs, n, &s->x_ratio, &s->y_ratio, &s->sex_why))
		s->sex = grx_sex_from_ratios(&s->sex_limits, s->x_ratio, s->y_ratio, &s->sex_why);
	return GRX_OK;
}

int qc_metrics(struct grx_ctx *cx, struct qc_state *s)
{
	s->n_metric = 0;
	if (s->saw_reads) {
		depth_metrics(s);
		read_metrics(s);
		base_metrics(s);
		gc_metrics(s);
		int rc = infer_sex(cx, s);
		if (rc)
			return rc;
	}
	if (s->saw_vars)
		variant_metrics(s);
	qc_gates_apply(s);
	return GRX_OK;
}
