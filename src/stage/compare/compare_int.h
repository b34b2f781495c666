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
#include "genorx/stage.h"
#include "io/fasta.h"

struct compare_opt {
	const char *truth, *bed, *tsv, *errors, *truth_sample, *call_sample;
	bool all, pass_only;
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

#define COMPARE_INLINE 8

/* REF bases, then ALT bases; either may be empty. copies: 1 heterozygous, 2 homozygous or haploid. */
struct compare_unit {
	int64_t pos; /* of the trimmed change, where its file wrote it */
	int32_t tid; /* contig of the reference FASTA */
	int32_t ref_len, alt_len;
	int32_t left, reach; /* the same change can be written up to so many bases further left, right */
	float qual;
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
};

struct compare_counts {
	int64_t truth, tp, fn, query, query_tp, fp, gt_truth, gt_query;
};

struct compare_state {
	const struct compare_opt *opt;
	struct grx_arena *mem;
	struct grx_bed *conf, *near;
	struct compare_loader calls;
	int32_t *call_tid;
	const char *sample;
	struct compare_units units;
	struct compare_tally tally[2];
	struct compare_counts count[COMPARE_N_TYPE];
	int64_t n_cluster, n_searched, n_fallback, n_long;
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
/* compare_load_truth() -- the whole truth file into s->units, batch by batch. */
int compare_load_truth(struct grx_ctx *cx, struct compare_state *s) GRX_MUST;
/* Contig map of a file onto the FASTA; MISMATCH when nothing is shared. */
int compare_map_contigs(struct grx_ctx *cx, struct grx_arena *mem, const struct grx_contigs *from,
	const struct grx_contigs *to, const char *what, int32_t **map) GRX_MUST;
int compare_find_sample(
	struct grx_ctx *cx, const struct grx_hdr *h, const char *name, const char *what, int *out) GRX_MUST;

/* compare_match_all() -- sort all units, cut them into clusters and mark each unit. */
int compare_match_all(struct grx_ctx *cx, struct compare_state *s) GRX_MUST;

/* compare_match() -- exact search in one cluster: u[0..n) ascending (pos, insertions first), ref[0] is base
 * ref_beg and reaches past every unit. Marks TP. *fits = false (nothing marked) when more than max_states
 * states would be needed. */
struct compare_search {
	struct grx_arena *mem; /* scratch, reset by the caller */
	const char *ref;
	int64_t ref_beg, ref_end;
	int64_t max_states;
};
int compare_match(struct grx_ctx *cx, const struct compare_search *se, struct compare_unit **u, int n,
	bool *fits) GRX_MUST;
/* Mark pairs of equal left-aligned allele (and, when same_gt, equal copies) among unmarked units. Reorders u.
 */
void compare_match_direct(struct compare_unit **u, int n, bool same_gt, enum compare_mark mark);
/* Order of units inside a cluster. */
int compare_unit_order(const void *a, const void *b);

void compare_count(struct compare_state *s);
/* NaN when undefined (nothing to divide by). */
double compare_precision(const struct compare_counts *c);
double compare_recall(const struct compare_counts *c);
double compare_f1(const struct compare_counts *c);
const char *compare_type_name(int type);

int compare_write_tsv(struct grx_ctx *cx, const struct compare_state *s) GRX_MUST;
int compare_write_errors(struct grx_ctx *cx, const struct compare_state *s) GRX_MUST;
int compare_write_facts(struct grx_ctx *cx, const struct compare_state *s, struct grx_facts *out) GRX_MUST;
int compare_write_summary(struct grx_ctx *cx, const struct compare_state *s, struct json_t *summary) GRX_MUST;

#endif
