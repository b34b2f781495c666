/* SPDX-License-Identifier: GPL-3.0-or-later
 * prs_int.h -- polygenic scores: what the files of this stage share.
 * A row of a scoring file is bound to at most one record of the target by position and alleles; the row then
 * carries a reason code (prs_code) for good or ill, so that no row ever vanishes without a trace. */
#ifndef GRX_PRS_INT_H
#define GRX_PRS_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"
#include "bio/contig.h"
#include "genorx/genorx.h"
#include "math/fix.h"

struct prs_state;

struct prs_opt {
	struct grx_strs score;   /* scoring files */
	const char *tsv, *log;   /* outputs or NULL */
	const char *compat;      /* "none" or "pgsc_calc" */
	const char *palindromes; /* "drop", "keep", "auto"; NULL = auto, or drop under pgsc_calc */
	const char *missing;     /* "mean" or "zero" */
	const char *dosage;      /* "auto", "GT" or "DS" */
	const char *x_haploid;   /* "double" or "single" */
	double min_overlap;
	int64_t ref_gq;
};
extern const struct grx_opt prs_opt_table[];

enum prs_type { PRS_ADDITIVE, PRS_DOMINANT, PRS_RECESSIVE, PRS_DOSAGE };

/* Why a row counts or does not. Order: matched codes first (prs_code_is_match). */
enum prs_code {
	PRS_MATCHED,      /* alleles as written */
	PRS_MATCHED_FLIP, /* alleles of the other strand */
	PRS_MATCHED_REF,  /* a confident reference block or ALT "." record covers the position */
	PRS_MATCHED_PAL,  /* A/T or C/G pair, kept by the palindrome policy */
	PRS_PALINDROMIC_DROPPED,
	PRS_NO_LOCUS,        /* no record at the position: unknown, never taken as reference */
	PRS_ALLELE_MISMATCH, /* records there, none with these alleles */
	PRS_MULTIALLELIC_DROPPED,
	PRS_NO_REFERENCE_BASE, /* a reference block covers it, but which allele is REF is not known (no -f, or
				  an indel) */
	PRS_DUPLICATE,
	PRS_NO_CONTIG,           /* the target's dictionary has no such contig */
	PRS_NO_POSITION,         /* the scoring file gives none */
	PRS_UNSUPPORTED_COMPLEX, /* haplotype, diplotype, interaction, HLA */
	PRS_UNSUPPORTED_ALLELE,  /* effect allele is not a sequence of ACGT */
	PRS_N_CODE
};
const char *prs_code_name(enum prs_code c);
static inline bool prs_code_is_match(enum prs_code c)
{
	return c <= PRS_MATCHED_PAL;
}

struct prs_row {
	int32_t score;       /* index into prs_set.score */
	int32_t tid;         /* -1: not placed */
	int64_t pos;         /* 0-based; -1 unknown */
	const char *chr;     /* as written, "" unknown */
	const char *ea, *oa; /* upper case; oa NULL = not given or several */
	const char *id;      /* rsID or NULL */
	double w;            /* weight per effect allele; PRS_DOSAGE: the largest |dosage weight| */
	const double *dw;    /* PRS_DOSAGE: weights of 0, 1, 2 copies */
	double af;           /* frequency of the effect allele; NAN unknown */
	uint8_t type;        /* enum prs_type */
	uint8_t code;        /* enum prs_code; PRS_NO_LOCUS after loading when it may still be found */
	int64_t line;        /* in its file */
};

enum prs_score_build { PRS_BUILD_NR, PRS_BUILD_36, PRS_BUILD_37, PRS_BUILD_38 };

struct prs_score {
	const char *id, *path, *trait, *weight_type, *build_text;
	enum prs_score_build build;
	bool harmonised;
	int64_t variants_number; /* header; -1 absent */
	size_t row_beg, row_end; /* into prs_set.row */
};

/* All scores of a run. Rows in file order; loc = rows that have a contig and position and can be matched, by
 * (tid, pos, score, file order). Constant after prs_set_load(). */
struct prs_set {
	struct grx_arena *mem;
	int n_score;
	struct prs_score *score;
	size_t n_row, cap_row;
	struct prs_row *row;
	size_t n_loc;
	const struct prs_row **loc;
};

/* Read all files, check builds against the dictionary of the run, place and sort the rows, mark duplicates.
 */
int prs_set_load(struct grx_ctx *cx, const struct prs_opt *o, struct prs_set **out) GRX_MUST;
/* What a reader should know and no error stops at: unknown builds, files that may be cut short. */
void prs_set_warn(struct grx_ctx *cx, const struct prs_set *ps);
void prs_set_free(struct prs_set *ps);
/* Parse one scoring file and append its score and rows (scorefile.c). */
int prs_file_read(struct grx_ctx *cx, struct prs_set *ps, const char *path, int index) GRX_MUST;

/* --- matching (match.c) --- */
/* Lower is better; the values 0..7 are those of the PGS Catalog calculator. */
enum prs_prio {
	PRS_P_REFALT,
	PRS_P_ALTREF,
	PRS_P_REFALT_FLIP,
	PRS_P_ALTREF_FLIP,
	PRS_P_NO_OA_REF,
	PRS_P_NO_OA_ALT,
	PRS_P_NO_OA_REF_FLIP,
	PRS_P_NO_OA_ALT_FLIP,
	PRS_P_BLOCK,         /* a reference block that settles the row */
	PRS_P_BLOCK_UNKNOWN, /* a reference block, but REF is not known */
	PRS_P_NONE
};

struct prs_hit {
	enum prs_prio prio;
	enum prs_code code; /* what the row becomes if this hit is the best */
	int allele; /* index of the effect allele in the record; block: 0 = effect allele is REF, -1 = not */
	bool palindromic;        /* strand cannot be told from the alleles */
	const struct grx_var *v; /* NULL: nothing at the position */
};

/* Best candidate of one record that starts at the row's position. */
void prs_match_record(const struct prs_row *r, const struct grx_var *v, bool compat, struct prs_hit *h);
/* Which allele of the row is the reference? ref = n reference bases from the row's position on; flip = read
 * the row on the other strand (single bases only). 1 effect allele, 0 other allele, -1 neither, -2 not to be
 * told. */
int prs_which_is_ref(const struct prs_row *r, const char *ref, size_t n, bool flip);
/* Ask for every row's locus (wants.c). */
int prs_wants_add(struct grx_ctx *cx, const struct prs_set *ps, struct grx_sites *add) GRX_MUST;
/* A reference block that covers the row. ref = reference bases from the row's position on, n of them (0
 * unknown). */
void prs_match_block(
	const struct prs_row *r, const struct grx_var *v, const char *ref, size_t n, struct prs_hit *h);

/* --- accumulation (accumulate.c) --- */
/* One sample's genotype at one row. */
struct prs_call {
	float d;    /* copies of the effect allele, NAN = no call */
	uint8_t pl; /* alleles counted (haploid X already doubled); of a no-call: those to impute, 0 = not to
		       impute */
};

/* Sums of one score over some rows for one sample; all exact, so any grouping gives the same. */
struct prs_acc {
	struct grx_fix sum;                     /* score, imputed terms included */
	struct grx_fix absw;                    /* sum of |w| over called rows */
	struct grx_fix dose;                    /* observed copies of effect alleles */
	int64_t n_called, n_imputed, n_missing; /* rows */
	int64_t allele_ct, denom;               /* alleles observed; observed and imputed */
};

enum prs_contig { PRS_AUTOSOME, PRS_X, PRS_Y, PRS_MT };

struct prs_rule {
	bool compat, mean, x_double, use_gt, use_ds;
	int ref_gq;
	int n_sample;
	const uint8_t *contig; /* enum prs_contig per tid */
};

/* Genotypes of all samples at a hit into call[n_sample]; *af = sample frequency of the effect allele (NAN
 * when fewer than 50 samples or none called). Errors: GRX_E_DATA for a DS outside 0..ploidy. */
int prs_calls(struct grx_ctx *cx, const struct prs_rule *ru, const struct prs_hit *h, struct prs_call *call,
	double *af) GRX_MUST;
/* Add one row for all samples. af: see prs_calls(). */
void prs_add(const struct prs_rule *ru, const struct prs_row *r, const struct prs_call *call, double af,
	struct prs_acc *acc);
void prs_acc_merge(struct prs_acc *a, const struct prs_acc *b);
/* Value of a genotype with d copies under the row's effect type; expectation when f is the allele frequency.
 */
double prs_value(const struct prs_row *r, double d);
double prs_expect(const struct prs_row *r, double f, int pl, bool compat);

/* --- evidence (top.c) --- */
enum { PRS_TOP = 5, PRS_TOP_MAX_SAMPLES = 4 };

/* The genotype behind one term of a score; no pointers, so that it can be copied from shard to run. */
struct prs_evid {
	size_t row;   /* index into prs_set.row; SIZE_MAX = nothing */
	double value; /* the term */
	int32_t tid;
	int64_t pos; /* 0-based, of the record */
	int32_t dp, gq;
	char ref[48], alt[48], gt[16], ad[48];
};

/* The largest terms of one score and sample, by size, then row: the same for any grouping. */
struct prs_top {
	int n;
	struct prs_evid e[PRS_TOP];
};

/* Evidence for one sample at a hit; row = SIZE_MAX when there is no call, the term is 0 or the alleles are
 * too long. */
void prs_evid_get(const struct prs_row *r, size_t row, const struct prs_hit *h, const struct prs_call *call,
	int sample, struct prs_evid *e);
/* Could a term of this size still enter? */
bool prs_top_open(const struct prs_top *t, double value);
void prs_top_add(struct prs_top *t, const struct prs_evid *e);
void prs_top_merge(struct prs_top *t, const struct prs_top *from);
/* Links of a sum fact to its largest terms. */
int prs_top_because(const struct prs_state *st, const struct prs_top *t, struct grx_facts *out,
	struct grx_fact *f) GRX_MUST;

/* --- the stage --- */
/* A candidate whose position may go on in the next shard: kept until its fate is known. */
struct prs_pend {
	size_t row; /* index into prs_set.row */
	enum prs_prio prio;
	enum prs_code code;
	bool palindromic;
	double af;
	struct prs_call *call; /* n_sample; NULL unless code is a match */
	struct prs_evid *evid; /* n_sample; NULL unless evidence is kept */
};

struct prs_found {
	size_t row;
	enum prs_prio prio;
	enum prs_code code;
	bool palindromic;
};

struct prs_state {
	const struct prs_opt *opt;
	struct prs_set *set;
	struct prs_rule rule;
	uint8_t *contig;
	struct grx_hdr *hdr;
	uint8_t *code;        /* per row */
	bool *pal;            /* per row */
	struct prs_acc **acc; /* [n_score * 2]: strand-safe rows, palindromic rows; each n_sample or NULL */
	struct prs_top **top; /* as acc; NULL with more than PRS_TOP_MAX_SAMPLES samples */
	size_t n_pend, cap_pend;
	struct prs_pend *pend; /* heap copies, by row */
	int64_t n_block;       /* records that are reference blocks */
	bool *keep_pal;        /* per score: the decision, in finish() */
	const char **why_pal;  /* per score: its reason */
};

struct prs_count {
	int64_t n[PRS_N_CODE];
	int64_t n_rows, n_matched;
	struct grx_fix absw; /* over all rows */
	int64_t n_expected;  /* rows without a record whose frequency the scoring file gives */
	struct grx_fix
		expected; /* their expectation: what to add before comparing with a population's mean */
};
void prs_count_score(const struct prs_state *st, int score, struct prs_count *c);

/* One line of results. */
struct prs_result {
	const char *sample;
	int index; /* of the sample */
	const struct prs_score *score;
	const struct prs_count *count;
	struct prs_acc acc;
	double sum, avg, coverage, coverage_weight; /* avg NAN when denom is 0 */
	bool ok;
};
void prs_result_get(
	const struct prs_state *st, int score, int sample, const struct prs_count *c, struct prs_result *out);
int prs_facts_add(struct grx_ctx *cx, const struct prs_state *st, struct grx_facts *out) GRX_MUST;
int prs_summary_add(const struct prs_state *st, struct json_t *summary) GRX_MUST;
int prs_tsv_write(struct grx_ctx *cx, const struct prs_state *st) GRX_MUST;
int prs_log_write(struct grx_ctx *cx, const struct prs_state *st) GRX_MUST;

#endif
