/* SPDX-License-Identifier: GPL-3.0-or-later
 * qc_int.h -- inside of the qc stage: integer histograms per shard, their sums, metrics, gates, outputs.
 * A read is counted in the shard whose core holds its position; depth is counted over the core from every
 * read that overlaps it. All partial results are integers, so that sums do not depend on how the genome was
 * cut. */
#ifndef GRX_STAGE_QC_INT_H
#define GRX_STAGE_QC_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"
#include "bio/contig.h"
#include "bio/sex.h"
#include "genorx/stage.h"

struct qc_opt {
	const char *gates, *json, *multiqc, *tsv;
	bool fail_on_gate;
	int64_t min_mapq, min_baseq;
};
extern const struct grx_opt qc_opts[];

enum {
	QC_DEPTH_MAX = 1000,  /* the last bin holds this depth and more */
	QC_INSERT_MAX = 5000, /* same */
	QC_CYCLE_MAX = 500,   /* later cycles are counted in the last bin */
	QC_BASEQ_MAX = 94,
	QC_GC_BINS = 101,
	QC_GC_WINDOW = 100
};

/* Counts of reads. "primary" = neither secondary nor supplementary. */
struct qc_read_counts {
	int64_t all, primary, secondary, supplementary, qcfail;
	int64_t mapped;     /* primary, mapped */
	int64_t mapped_all; /* mapped, any kind: what an index counts */
	int64_t unmapped;   /* primary, placed but unmapped */
	int64_t dup, paired, proper, mapq0, mapq_n, mapq_sum;
	int64_t bases, no_qual, bad_cigar, no_seq;
};

struct qc_var_counts {
	int64_t records, filtered, no_call, snv, indel, other, ts, tv, het, hom, haploid;
};

struct qc_sums {
	struct qc_read_counts r;
	struct qc_var_counts v;
	int64_t mapq[256];
	int64_t insert[QC_INSERT_MAX + 1];
	int64_t baseq[QC_BASEQ_MAX];
	int64_t cycle_n[2][QC_CYCLE_MAX], cycle_sum[2][QC_CYCLE_MAX]; /* [0] read 1 and single, [1] read 2 */
	int64_t gc_read[QC_GC_BINS], gc_bases, acgt_bases;
	int64_t depth[QC_DEPTH_MAX + 1];
	int64_t depth_sum, scanned,
		n_bases; /* bases of the cores, of them N (left out of depth[] and depth_sum) */
	int64_t gc_win_n[QC_GC_BINS], gc_win_depth[QC_GC_BINS];
};

struct qc_contig {
	int64_t bases, depth_sum, reads; /* bases without N; reads mapped, any kind */
};

struct qc_part {
	struct qc_sums s;
	struct qc_contig contig; /* of the shard's contig */
	/* scratch of qc_reads_shard(): base qualities, reads by number of bases */
	uint32_t quality[4][256], length[2][QC_CYCLE_MAX + 1];
};

struct qc_gate {
	const char *metric, *unit, *source;
	double warn_below, fail_below, warn_above, fail_above; /* NaN = no limit */
	int64_t min_n;
};

enum qc_verdict { QC_PASS, QC_WARN, QC_FAIL, QC_NONE };

struct qc_metric {
	const char *key;                   /* without "qc/" */
	const char *label, *unit, *reason; /* reason: why it is missing */
	double value;                      /* NaN = missing */
	int64_t n;                         /* observations behind it; -1 = does not apply */
};
enum { QC_METRIC_MAX = 40 };

struct qc_state {
	const struct qc_opt *opt;
	struct grx_arena *mem;
	const struct grx_contigs *contigs;
	const struct grx_reads_info *reads;
	const char *sample;
	struct qc_sums sum;
	struct qc_contig *contig;
	bool saw_reads, saw_vars, saw_ref, saw_gt;
	int n_gate;
	struct qc_gate *gate;
	struct grx_sex_limits sex_limits;
	/* filled by qc_metrics() */
	int n_metric;
	struct qc_metric metric[QC_METRIC_MAX];
	enum qc_verdict verdict[QC_METRIC_MAX], worst;
	enum grx_sex sex;
	double x_ratio, y_ratio;
	const char *sex_why;
};

/* qc_reads_shard() -- count the reads owned by the shard. */
void qc_reads_shard(const struct grx_shard *sh, struct qc_part *p);
/* qc_depth_shard() -- depth of each base of the core. Errors: NOMEM. */
int qc_depth_shard(
	struct grx_ctx *cx, const struct qc_opt *o, const struct grx_shard *sh, struct qc_part *p) GRX_MUST;
/* qc_vars_shard() -- substitution classes and zygosity of the first sample. */
void qc_vars_shard(const struct grx_vars *b, struct qc_sums *s);
void qc_sums_add(struct qc_sums *to, const struct qc_sums *from);

/* Quantile by counting: smallest bin with at least half of the mass; NaN if empty. */
double qc_hist_median(const int64_t *h, int n);
double qc_hist_mad(const int64_t *h, int n, double median);
int qc_metrics(struct grx_ctx *cx, struct qc_state *s) GRX_MUST;

/* Read the table of limits (refdata/qc/gates.tsv or --gates). */
int qc_gates_read(struct grx_ctx *cx, struct qc_state *s) GRX_MUST;
enum qc_verdict qc_gate_judge(const struct qc_gate *g, const struct qc_metric *m);
const struct qc_gate *qc_gate_find(const struct qc_state *s, const char *metric);
void qc_gates_apply(struct qc_state *s);
const char *qc_verdict_name(enum qc_verdict v);

int qc_write_facts(struct grx_ctx *cx, struct qc_state *s, struct grx_facts *out) GRX_MUST;
int qc_write_tsv(struct grx_ctx *cx, const struct qc_state *s) GRX_MUST;
int qc_write_json(struct grx_ctx *cx, const struct qc_state *s) GRX_MUST;
int qc_write_multiqc(struct grx_ctx *cx, const struct qc_state *s) GRX_MUST;

#endif
