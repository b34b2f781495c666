/* SPDX-License-Identifier: GPL-3.0-or-later
 * compare_int.h -- inside of the compare stage: units, loading, clusters, haplotype matching, counts.
 * The unit of counting is one called ALT allele of one record after splitting and trimming; block
 * substitutions of equal length are cut into their single bases. */
#ifndef GRX_STAGE_COMPARE_INT_H
#define GRX_STAGE_COMPARE_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"
#include "bio/bed.h"
#include "bio/contig.h"
#include "genorx/opt.h"
#include "genorx/stage.h"
#include "io/fasta.h"

struct compare_opt {
	const char *truth, *bed, *tsv, *errors, *truth_sample, *call_sample, *curve, *svg, *score;
	struct grx_strs strata, curve_strata;
	bool all, pass_only, obey_phase;
	double min_qual;
	int64_t max_length, gap, max_states;
};
extern const struct grx_opt compare_opts[];

enum compare_side { COMPARE_TRUTH, COMPARE_CALL };
enum compare_type { COMPARE_SNV, COMPARE_INDEL, COMPARE_N_TYPE };
enum compare_mark {
	COMPARE_MISS,
	COMPARE_TP,
	COMPARE_GT
}; /* MISS = FN or FP; GT = allele right, genotype wrong */

#define COMPARE_INLINE    8
#define COMPARE_MAX_PHASE 16 /* phase sets of a cluster whose phase is obeyed */
#define COMPARE_MIN_BEAM  64

/* Bits of compare_unit.strata; regions given by the user follow. */
enum compare_stratum {
	COMPARE_S_ALL,
	COMPARE_S_INS, /* five classes of size, then five of deletions */
	COMPARE_S_DEL = COMPARE_S_INS + 5,
	COMPARE_S_COMPLEX = COMPARE_S_DEL + 5,
	COMPARE_S_HOMOPOLYMER,                     /* 7-11, 12 and more */
	COMPARE_S_STR = COMPARE_S_HOMOPOLYMER + 2, /* units of 2 to 6 bases */
	COMPARE_S_STR_LEN = COMPARE_S_STR + 5,     /* up to 50, longer */
	COMPARE_S_REPEAT = COMPARE_S_STR_LEN + 2,
	COMPARE_S_NO_REPEAT,
	COMPARE_S_USER,
	COMPARE_S_MAX = 64
};

/* REF bases, then ALT bases; either may be empty. copies: 1 heterozygous, 2 homozygous or haploid. */
struct compare_unit {
	int64_t pos; /* of the trimmed change, where its file wrote it */
	int32_t tid; /* contig of the reference FASTA */
	int32_t ref_len, alt_len;
	int32_t left; /* the same change can be written up to so many bases further left */
	int32_t lo,
		hi; /* and it, or one that it combines with, so far left and right: width of its cluster */
	float qual, score;
	uint32_t seg;    /* TP, GT: number of the stretch in which both sides agree */
	uint64_t strata; /* bits: enum compare_stratum */
	int32_t ps;      /* phase set */
	uint8_t phase;   /* 1 on the first haplotype, 2 on the second, 0 unphased or on both */
	int8_t group;    /* phase set within the cluster, -1 none */
	uint8_t side, type, copies, mark;
	bool counted; /* position inside the confident regions */
	union {
		char in[COMPARE_INLINE];
		const char *out;
	} seq;
};

struct compare_units {
	size_t n, cap;
	struct compare_unit *v;
	struct grx_arena *mem; /* long sequences; borrowed by units */
};

enum compare_drop {
	COMPARE_D_FILTER,
	COMPARE_D_QUAL,
	COMPARE_D_NO_CALL,
	COMPARE_D_HOM_REF,
	COMPARE_D_REF_BLOCK,
	COMPARE_D_SYMBOLIC,
	COMPARE_D_SPANNING, /* no allele but '*' and REF */
	COMPARE_D_PLOIDY,
	COMPARE_D_CONTIG,
	COMPARE_D_OUTSIDE,
	COMPARE_D_N
};
struct compare_tally {
	int64_t records, used, half_calls, drop[COMPARE_D_N];
};

/* A stretch of the reference, fetched as the walk along the genome goes on. */
struct compare_window {
	struct grx_arena *mem;
	int32_t tid;
	int64_t beg, end;
	const char *seq;
};

/* What turns records into units; constant. */
struct compare_loader {
	const struct compare_opt *opt;
	struct grx_fasta *fasta;
	const struct grx_bed *near; /* confident regions with padding, NULL = everywhere */
	const struct grx_bed *conf; /* confident regions, NULL = everywhere */
	const int32_t *tid;         /* contig of the file -> contig of the FASTA, -1 absent */
	int sample;
	enum compare_side side;
	struct grx_bed *const *user; /* regions of the strata */
	int n_user;
};

struct compare_counts {
	int64_t truth, tp, fn, query, query_tp, fp, gt_truth, gt_query;
};

/* Names and regions of the strata. */
struct compare_strata {
	int n, n_user;
	const char *name[COMPARE_S_MAX];
	struct grx_bed *user[COMPARE_S_MAX - COMPARE_S_USER];
};

struct grx_varsrc;
/* The truth file, read as far as the calls need. */
struct compare_truth {
	struct grx_varsrc *src;
	struct grx_arena *mem;
	struct compare_loader l;
	int32_t *tid, *rid;         /* contig of the file -> of the FASTA and back, -1 absent */
	int32_t at;                 /* contig of the file read last; INT32_MAX at its end */
	struct compare_units ahead; /* read, not yet asked for */
};

struct compare_curve;
struct compare_curves {
	int n;
	struct compare_curve *v;
};

struct compare_state {
	const struct compare_opt *opt;
	struct grx_arena *mem;
	struct grx_bed *conf, *near;
	struct compare_loader calls;
	int32_t *call_tid;
	const char *sample;
	struct compare_truth truth;
	struct compare_units units;  /* of the contig being read, calls first, then its truth */
	struct compare_units errors; /* what --tsv-errors is to list */
	struct compare_curves curve; /* none unless asked for */
	int32_t tid;                 /* contig of units, -1 none yet */
	struct compare_tally tally[2];
	struct compare_counts count[COMPARE_N_TYPE][COMPARE_S_MAX];
	struct compare_strata strata;
	uint32_t n_seg;
	int64_t n_cluster, n_searched, n_beam, n_fallback, n_long, n_gt_unsearched, n_phase_unused;
};

/* compare_unit_ref/alt() -- bases of u, not NUL-terminated. */
const char *compare_unit_ref(const struct compare_unit *u);
const char *compare_unit_alt(const struct compare_unit *u);

/* compare_window_get() -- make w hold [beg, end) of tid (clamped to the contig) and a margin. */
int compare_window_get(struct grx_ctx *cx, struct grx_fasta *fa, struct compare_window *w, int32_t tid,
	int64_t beg, int64_t end) GRX_MUST;
void compare_window_clear(struct compare_window *w);

/* compare_normalise() -- split record v into units of the alleles that the genotype (a, b: allele numbers; b
 * = a for haploid) carries, appended to out. Alleles equal to REF, '*' and symbolic ones add nothing
 * (*n_symbolic counts the last). ref covers the record with a margin. Errors: NOMEM. */
struct compare_gt {
	int a, b;
	bool phased;
};
int compare_normalise(struct grx_ctx *cx, const struct grx_var *v, struct compare_gt gt,
	const struct compare_window *w, struct compare_units *out, int64_t *n_symbolic) GRX_MUST;
/* Copy u with its bases into out. */
int compare_unit_push(struct grx_ctx *cx, struct compare_units *out, const struct compare_unit *u,
	const char *ref, const char *alt) GRX_MUST;
void compare_units_clear(struct compare_units *us);

/* compare_load_batch() -- units of a batch; drops are counted in t. Errors: MISMATCH when REF disagrees with
 * the FASTA. */
int compare_load_batch(struct grx_ctx *cx, const struct compare_loader *l, const struct grx_vars *b,
	struct compare_units *out, struct compare_tally *t) GRX_MUST;
/* compare_truth_open() -- needs s->calls. take: append the truth of a contig to s->units, reading on until it
 * is complete. next: a contig that has truth left, -1 when there is none. Errors: those of the reader,
 * MISMATCH. */
int compare_truth_open(struct grx_ctx *cx, struct compare_state *s) GRX_MUST;
int compare_truth_take(struct grx_ctx *cx, struct compare_state *s, int32_t tid) GRX_MUST;
int compare_truth_next(struct grx_ctx *cx, struct compare_state *s, int32_t *tid) GRX_MUST;
void compare_truth_close(struct compare_truth *t);
/* Contig map of a file onto the FASTA; MISMATCH when nothing is shared. */
int compare_map_contigs(struct grx_ctx *cx, struct grx_arena *mem, const struct grx_contigs *from,
	const struct grx_contigs *to, const char *what, int32_t **map) GRX_MUST;
int compare_find_sample(
	struct grx_ctx *cx, const struct grx_hdr *h, const char *name, const char *what, int *out) GRX_MUST;

/* compare_match_all() -- sort s->units, cut them into clusters and mark each unit. */
int compare_match_all(struct grx_ctx *cx, struct compare_state *s) GRX_MUST;
void compare_sort(struct compare_units *us); /* contig, then place */
/* Say what could not be searched exactly. */
void compare_warn_dense(struct grx_ctx *cx, const struct compare_state *s);

/* compare_match() -- search in one cluster: u[0..n) ascending (pos, insertions first), ref[0] is base
 * ref_beg and reaches past every unit. Marks what the best path uses. *fits = false (nothing marked) when
 * more than max_states states would be needed; a beam always fits. */
struct compare_search {
	struct grx_arena *mem; /* scratch, reset by the caller */
	const char *ref;
	int64_t ref_beg, ref_end;
	int64_t max_states;
	int32_t beam;       /* 0 = exact */
	int32_t max_missed; /* units that may be left out; too few: does not fit */
	bool haploid;       /* every unit on both copies: alleles without genotypes */
	enum compare_mark mark;
	uint32_t *n_seg; /* stretches numbered so far */
};
int compare_match(struct grx_ctx *cx, const struct compare_search *se, struct compare_unit **u, int n,
	bool *fits) GRX_MUST;
/* Mark pairs of equal left-aligned allele (and, when same_gt, equal copies) among unmarked units. Reorders u.
 */
void compare_match_direct(
	struct compare_unit **u, int n, bool same_gt, enum compare_mark mark, uint32_t *n_seg);
/* Order of units inside a cluster. */
int compare_unit_order(const void *a, const void *b);

/* compare_strata_open() -- names of all strata and the regions of NAME=BED. Errors: USAGE, those of the BED.
 */
int compare_strata_open(struct grx_ctx *cx, struct compare_state *s) GRX_MUST;
void compare_strata_close(struct compare_strata *st);
/* Stratum by name; -1 when there is none. */
int compare_strata_find(const struct compare_strata *st, const char *name);
/* Has a row for this type? Size classes are for indels only. */
bool compare_strata_fits(int stratum, int type);
/* The longest tandem repeat of the reference (units of 1 to 6 bases) that touches [beg, end) of the window w;
 * unit 0 when there is none of the lengths that docs/methods/compare.md gives. Cost: linear in the repeat. */
struct compare_tract {
	int unit;
	int64_t beg, end;
};
struct compare_tract compare_tract_find(const struct compare_window *w, int64_t beg, int64_t end);
/* Size and repeat strata of u; t from compare_tract_find(). */
uint64_t compare_strata_of(const struct compare_unit *u, const struct compare_tract *t);

void compare_count(struct compare_state *s);
/* NaN when undefined (nothing to divide by). */
double compare_precision(const struct compare_counts *c);
double compare_recall(const struct compare_counts *c);
double compare_f1(const struct compare_counts *c);
const char *compare_type_name(int type);

/* Precision and recall by score, for each type in the strata chosen. Points go from the strictest threshold
 * down. tp counts truth variants: one whose stretch is called by k calls gains 1/k with each of them, so that
 * recall counts the truth and precision the calls. */
struct compare_point {
	double score; /* -INFINITY: calls without a score too */
	double tp;
	int64_t query_tp, fp;
	double precision, recall, f1;
};
struct compare_event;
struct compare_curve {
	int type, stratum;
	int64_t truth;
	size_t n_event, cap_event;
	struct compare_event *event;
	size_t n, best; /* best: point of the highest F1, the strictest of equals */
	struct compare_point *v;
};
/* open: the curves that the options ask for. add: those of s->units, after matching. finish: sums to points.
 */
int compare_curves_open(struct grx_ctx *cx, const struct compare_state *s, struct compare_curves *c) GRX_MUST;
int compare_curves_add(struct grx_ctx *cx, const struct compare_state *s, struct compare_curves *c) GRX_MUST;
int compare_curves_finish(
	struct grx_ctx *cx, const struct compare_state *s, struct compare_curves *c) GRX_MUST;
void compare_curves_clear(struct compare_curves *c);
int compare_write_curves(
	struct grx_ctx *cx, const struct compare_state *s, const struct compare_curves *c) GRX_MUST;
int compare_write_svg(
	struct grx_ctx *cx, const struct compare_state *s, const struct compare_curves *c) GRX_MUST;

int compare_write_tsv(struct grx_ctx *cx, const struct compare_state *s) GRX_MUST;
int compare_write_errors(struct grx_ctx *cx, const struct compare_state *s) GRX_MUST;
int compare_write_facts(struct grx_ctx *cx, const struct compare_state *s, struct grx_facts *out) GRX_MUST;
int compare_write_summary(struct grx_ctx *cx, const struct compare_state *s, struct json_t *summary) GRX_MUST;

#endif
