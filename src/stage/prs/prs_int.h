/* SPDX-License-Identifier: GPL-3.0-or-later
 * prs_int.h -- polygenic scores: what the files of this stage share.
 * The way of the data: scoring files -> compiled set (weights.h); rows of a window meet the records at their
 * positions (engine.c); each row is bound to at most one record (match.c), its genotypes become values with
 * their variance (value.c, apply.c), these become exact sums (sums.h); sums become results, table and facts
 * (result.c, tsv.c, facts.c). A row ends with one reason code, for good or ill, so that none vanishes without
 * a trace. */
#ifndef GRX_PRS_INT_H
#define GRX_PRS_INT_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"
#include "bio/bed.h"
#include "bio/contig.h"
#include "genorx/genorx.h"
#include "io/genosrc.h"
#include "stage/prs/ancestry.h"
#include "stage/prs/construct.h"
#include "stage/prs/sums.h"
#include "stage/prs/weights.h"

struct prs_opt {
	struct grx_strs score; /* scoring files */
	const char *score_list, *tsv, *log, *multiqc, *plot, *cache, *compile, *chain, *freq, *reference;
	const char *compat;               /* "none", "pgsc_calc", "plink2" */
	const char *palindromes;          /* "drop", "keep", "auto"; NULL = auto, or what the peer does */
	const char *missing;              /* "mean" or "zero" */
	const char *dosage;               /* "auto", "GT", "DS", "GP", "PL" */
	const char *x_haploid;            /* "double" or "single" */
	const char *standardise;          /* "none", "centre", "variance" */
	const char *effect;               /* "additive", "dominant", "recessive": of files that do not say */
	const char *half_call;            /* "missing" or "expect" */
	const char *bad_rows, *bad_files; /* "fail" or "skip" */
	const char *threshold;            /* a number, or NULL */
	double min_overlap, min_lift, level;
	bool no_flip, no_facts;
	int64_t ref_gq;
	struct prs_ref_opt build;
	const char *build_out; /* --build-reference */
	struct prs_construct_opt make;
};
extern const struct grx_opt prs_opt_table[];
/* GRX_E_USAGE for an option of a mode that was not asked for (modes.c); every default must be set. */
int prs_modes_check(struct grx_ctx *cx, const struct prs_opt *o) GRX_MUST;

enum prs_contig { PRS_AUTOSOME, PRS_X, PRS_Y, PRS_MT };
enum prs_std { PRS_STD_NONE, PRS_STD_CENTRE, PRS_STD_VARIANCE };
enum prs_dosage { PRS_USE_AUTO, PRS_USE_GT, PRS_USE_DS, PRS_USE_GP, PRS_USE_PL };

/* How to count; constant. */
struct prs_policy {
	bool pgsc, plink; /* as a peer does */
	bool mean, x_double, half_expect, no_flip;
	bool pal_auto; /* frequencies may settle palindromic rows */
	enum prs_std std;
	enum prs_dosage dosage;
	enum prs_type effect; /* of rows that are additive because their file has no column for it */
	int ref_gq;
};

/* Whose genotypes: the input's, or the panel's. Constant. */
struct prs_target {
	const struct grx_hdr *hdr;
	int n_sample;
	uint8_t *kind;        /* enum prs_contig per tid */
	int32_t *chrom_of;    /* index into prs_set.chrom per tid; -1 none */
	enum grx_build build; /* by the contigs' lengths, else by the scoring files */
	const uint8_t *sex;   /* of plink files: X and Y of men are stored as pairs; or NULL */
	bool has_pl, has_gp, has_ds, has_quality; /* columns worth asking for */
};
int prs_target_init(struct grx_ctx *cx, const struct prs_set *set, const struct grx_hdr *hdr,
	struct prs_target *t) GRX_MUST;
/* Which columns its header declares, and the sexes of a plink file. */
void prs_target_columns(struct prs_target *t, struct grx_genosrc *src);
void prs_target_clear(struct prs_target *t);

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
	int alt;    /* of the pair that matched: index of its ALT */
	bool flip;  /* read on the other strand */
	bool palindromic; /* strand cannot be told from the alleles */
	bool again;       /* another row of the file stands on this record: plink2 counts its alleles once */
	int rec, block;   /* index of the record of the group, or of the open block; -1 */
};

/* Best candidate of one record that starts at the row's position; compat: the calculator's rules. */
void prs_match_record(const struct prs_wrow *r, const struct grx_geno *g, bool compat, struct prs_hit *h);
/* plink2: the record has the row's ID and one of its alleles is the effect allele. */
void prs_match_id(const struct prs_wrow *r, const struct grx_geno *g, struct prs_hit *h);
/* Which allele of the row is the reference? ref = n reference bases from the row's position on; flip = read
 * the row on the other strand (single bases only). 1 effect allele, 0 other allele, -1 neither, -2 not to be
 * told. */
int prs_which_is_ref(const struct prs_wrow *r, const char *ref, size_t n, bool flip);
/* A reference block that covers the row. ref: as above, n = 0 unknown. */
void prs_match_block(const struct prs_wrow *r, const char *ref, size_t n, struct prs_hit *h);
/* Ask for every row's locus (wants.c). */
int prs_wants_add(struct grx_ctx *cx, const struct prs_set *ps, struct grx_sites *add) GRX_MUST;

/* --- values (value.c) --- */
/* One row as arithmetic sees it. */
struct prs_term {
	uint8_t type; /* enum prs_type */
	enum prs_contig contig;
	const double *table; /* PRS_DOSAGE: of 0, 1, 2 copies, divided by the weight used */
	double f;            /* frequency of the effect allele; NAN unknown */
	enum prs_std std;
	bool diploid; /* no other code occurs than of two alleles or none: the rest need not be worked out */
	bool y_alone; /* variance of one allele, as plink2 takes it on Y */
};
/* Genotype value of d copies (any real d; not standardised). */
double prs_value(const struct prs_term *t, double d);
/* What each of a pair of alleles counts: 1; 1/2 on Y and MT, of which many callers write pairs. */
double prs_pair_copies(const struct prs_term *t);
/* What each genotype code adds; code counts copies of the effect allele, or of the other one with `swap`. */
void prs_codevals(
	const struct prs_policy *po, const struct prs_term *t, bool swap, struct prs_codeval val[GRX_CP_N]);
/* Expectation and variance under Hardy-Weinberg of pl alleles; mult: haploid counted as so many copies. */
void prs_expect(const struct prs_term *t, int pl, int mult, double *e, double *var);
/* Centre and scale of a standardised row: u' = (u - centre) * scale. */
void prs_std_of(const struct prs_term *t, int pl, int mult, double *centre, double *scale);

/* --- evidence (top.c) --- */
enum { PRS_TOP = 5, PRS_TOP_MAX_SAMPLES = 4, PRS_TOP_MAX = 4096 /* samples x scores */ };

/* The genotype behind one term of a score. */
struct prs_evid {
	uint32_t row; /* prs_wrow.index; UINT32_MAX = nothing */
	double value; /* the term */
	int32_t tid;
	int64_t pos, row_pos; /* 0-based: of the record, of the row */
	int32_t dp, gq;
	char ref[48], alt[48], gt[40], ad[48], ea[16], name[32];
};

/* The largest terms of one score and sample, by size, then row: the same for any grouping. */
struct prs_top {
	int n;
	struct prs_evid e[PRS_TOP];
};
/* Could a term of this size still enter? */
bool prs_top_open(const struct prs_top *t, double value);
void prs_top_add(struct prs_top *t, const struct prs_evid *e);
void prs_top_merge(struct prs_top *t, const struct prs_top *from);
int prs_top_because(const struct grx_contigs *d, const struct prs_top *t, struct grx_facts *out,
	struct grx_fact *f) GRX_MUST;

/* --- the engine (engine.c, apply.c) --- */
enum { PRS_F_PAL = 1, PRS_F_PANEL = 2 };
/* Sums are kept apart by what is decided only at the end: palindromic or not, in the panel or not. */
enum { PRS_STRATA = 4 };
static inline size_t prs_stratum(int32_t file, bool pal, bool panel)
{
	return (size_t)file * PRS_STRATA + (pal ? 1 : 0) + (panel ? 2 : 0);
}

/* One pass over one target: constant while windows are in flight, but for code, flag and freq, where a window
 * writes only its own rows. */
struct prs_job {
	const struct prs_set *set;
	const struct prs_policy *po;
	const struct prs_target *target;
	uint8_t *code; /* per row: enum prs_code */
	uint8_t *flag; /* per row: PRS_F_* */
	float *freq;   /* per row: frequency of the effect allele to use where the set gives none; or NULL */
	bool mark_panel;      /* match only: mark rows that the panel has, note their frequency */
	bool only_panel;      /* score only rows marked and matched, as decided by the pass over the input */
	bool top;             /* keep evidence */
	const bool *file_off; /* [n_file] files that this pass leaves out; NULL none */
};

/* A reference block that may cover rows to come; copies of its own. */
struct prs_block {
	int32_t tid;
	int64_t pos, end;
	char *ref;
	uint8_t *code; /* [n_sample] copies of REF: confident ones only */
	uint8_t *gq;   /* [n_sample] 255 = not given */
	unsigned seen;
	int32_t dp; /* of the first sample, for evidence */
};

struct prs_scratch {
	uint8_t *code, *other, *l0, *l1, *l2, *what;
	float *e, *var, *dose, *p1, *p2;
	double *ed;
	int32_t *ints;
	bool *bad;
};

/* One thread's. */
struct prs_eng {
	const struct prs_job *job;
	const struct grx_bed
		*regions; /* rows outside do not count; NULL: all do, or the windows are theirs */
	struct prs_wcur *rows;
	const struct prs_wrow *row; /* the group at hand: n_at rows at one position; n_at 0 = none left */
	int n_at;
	int freq_at; /* first of them that is of the frequency file; n_at none */
	int32_t tid, chrom;
	int64_t beg, end;
	size_t n_block, cap_block;
	struct prs_block *block;
	struct prs_sums **sums; /* [n_file * PRS_STRATA], made when needed */
	struct prs_sums **se;   /* the same: sums of SE^2 E[d]^2 of files that give standard errors */
	struct prs_sums *norm;  /* of the loadings: sum of squared standardised genotypes */
	struct prs_top **top;   /* [n_score col * 2 (palindromic)] of n_sample, or NULL */
	struct prs_scratch s;
	struct grx_arena *mem; /* reset per group */
	struct prs_hit *hit;
	size_t cap_hit;
	/* genotypes of the record last asked for */
	const struct grx_geno *have;
	int have_allele;
	unsigned seen;
	int n_rec;              /* records at the position at hand */
	int64_t n_freq_differs; /* rows whose own frequency lies far from the target's */
};

int prs_eng_new(struct grx_ctx *cx, const struct prs_job *job, struct prs_eng **out) GRX_MUST;
void prs_eng_free(struct prs_eng *e);
/* Rows of [beg, end) of a contig come next; the records of it follow by push. */
int prs_eng_begin(struct grx_ctx *cx, struct prs_eng *e, int32_t tid, int64_t beg, int64_t end) GRX_MUST;
/* All records at one position, ascending. Settles every row up to it. A record of another contig ends the one
 * before and begins its own, whole. */
int prs_eng_push(struct grx_ctx *cx, struct prs_eng *e, const struct grx_geno *g, int n) GRX_MUST;
/* Settle what is left of the window: rows that only a block covers. */
int prs_eng_end(struct grx_ctx *cx, struct prs_eng *e) GRX_MUST;
/* Position of the next row to settle; INT64_MAX none. Blocks that do not reach it are closed. */
int64_t prs_eng_next(struct prs_eng *e);
/* Sums and evidence of b into a; b is left empty. */
int prs_eng_merge(struct grx_ctx *cx, struct prs_eng *a, struct prs_eng *b) GRX_MUST;
/* apply.c: put a matched row into the sums; recs: the records of the group. May change h->code. */
int prs_apply(struct grx_ctx *cx, struct prs_eng *e, const struct prs_wrow *r, struct prs_hit *h,
	const struct grx_geno *recs, double freq) GRX_MUST;
/* Copies of REF at a block into its own memory. */
int prs_block_hold(struct grx_ctx *cx, struct prs_eng *e, const struct grx_geno *g) GRX_MUST;

/* pass.c: a whole pass over a file, in windows on several threads where the file allows it; the engine that
 * holds all sums comes back. regions: NULL = all. */
int prs_pass(struct grx_ctx *cx, const struct prs_job *job, struct grx_genosrc *src,
	const struct grx_bed *regions, struct prs_eng **out) GRX_MUST;

/* --- the stage --- */
struct prs_state {
	const struct prs_opt *opt;
	struct prs_policy po;
	struct prs_set *set;
	struct prs_target target;
	struct prs_job job;
	struct prs_eng *eng; /* of the input: fused, or what the pass gave */
	uint8_t *code, *flag;
	float *freq;
	bool *keep_pal;       /* per file */
	const char **why_pal; /* per file */
	bool *other_build;    /* per file: its alleles are not those at its positions */
	/* reference panel */
	struct prs_ref *ref;
	struct grx_genosrc *panel;
	struct prs_target panel_target;
	struct prs_eng *panel_eng;
	struct prs_job panel_job;      /* of panel_eng */
	struct prs_place *place;       /* [n_sample] */
	struct prs_adjusted *adjusted; /* [n_score][n_sample] */
	double threshold;              /* NAN none */
	int32_t *n_draw;               /* per column: posterior draws of this score */
	int32_t *rank;                 /* of a column among the scores */
	struct prs_absent *absent;     /* [n_file] */
	struct prs_byfact **byfact;    /* [n_file] of [n_sample], or NULL */
};

/* Rows of a file that no genotype stands for. */
struct prs_absent {
	int64_t n_unknown; /* without a frequency: no expectation, they add nothing to the sum */
	int64_t n;         /* whose frequency the file gives */
	double expected;   /* sum of their expectations: what to add before comparing with a population's mean
			    */
	double var, var_absent; /* sum of 2 f (1-f) w^2 over rows with a frequency, and over those absent */
};

/* Of one file and sample: rows that facts decided (byfact.c). */
struct prs_byfact {
	double sum, absw;
	int64_t n_called, n_missing;
};

/* One score of one sample. */
struct prs_result {
	const char *sample;
	int index; /* of the sample */
	const struct prs_col *col;
	const struct prs_file *file;
	struct prs_counters n;
	int64_t n_rows, n_matched;
	double sum, avg, coverage, coverage_weight; /* avg NAN when denom is 0 */
	double sd; /* of the sum: genotypes, and effects where the file tells; NAN unknown */
	double sd_effect;
	double lo, hi;                       /* at --level */
	double p_above;                      /* P(sum > --threshold); NAN */
	const struct prs_place *place;       /* NULL without a panel */
	const struct prs_adjusted *adjusted; /* NULL without */
	bool ok;
	const char *refused; /* of !ok: low_overlap, other_build, no_alleles */
};

/* Columns of components and frequencies are no scores. */
static inline bool prs_is_score(const struct prs_set *set, int col)
{
	const struct prs_col *c = &set->col[col];
	return c->role == PRS_COL_SCORE && c->file != set->loadings_file && c->file != set->freq_file;
}

/* A matrix of scores: a row says nothing of one score alone. One score with its errors or draws is none. */
static inline bool prs_is_wide(const struct prs_set *set, const struct prs_file *f)
{
	return f->matrix && !(f->col_end - f->col_beg > 1 && set->col[f->col_beg + 1].role != PRS_COL_SCORE);
}

struct prs_count {
	int64_t n[PRS_N_CODE];
	int64_t n_rows, n_matched;
};
void prs_count_file(const struct prs_state *st, int file, struct prs_count *c);
/* c: of the column's file. */
void prs_result_get(
	const struct prs_state *st, int col, int sample, const struct prs_count *c, struct prs_result *out);
/* Sum over the strata that count; panel_only: rows that the panel has, for comparison with it. */
double prs_result_sum(const struct prs_state *st, struct prs_eng *e, int col, int sample, bool panel_only);
/* Decide palindromic rows of each file, and whether its positions can be those of the input; then the codes
 * are final. */
void prs_files_decide(struct grx_ctx *cx, struct prs_state *st);
/* Place the samples among the panel and adjust (panel.c). */
int prs_panel_mark(struct grx_ctx *cx, struct prs_state *st) GRX_MUST;
int prs_panel_adjust(struct grx_ctx *cx, struct prs_state *st) GRX_MUST;

int prs_facts_add(struct grx_ctx *cx, const struct prs_state *st, struct grx_facts *out) GRX_MUST;
int prs_summary_add(const struct prs_state *st, struct json_t *summary) GRX_MUST;
int prs_tsv_write(struct grx_ctx *cx, const struct prs_state *st) GRX_MUST;
/* plot.c: places of the samples among the panel's people, as SVG (--plot). */
int prs_plot_write(struct grx_ctx *cx, const struct prs_state *st) GRX_MUST;
/* multiqc.c: coverage, places, and rows by reason, for MultiQC (--multiqc). */
int prs_multiqc_write(struct grx_ctx *cx, const struct prs_state *st) GRX_MUST;
/* Rows of haplotypes, HLA and star alleles, by the facts of each sample. */
int prs_byfact_decide(struct grx_ctx *cx, struct prs_state *st) GRX_MUST;
/* One walk over all rows: what absent ones would be expected to add, and the log (log.c). */
int prs_rows_walk(struct grx_ctx *cx, struct prs_state *st) GRX_MUST;

#endif
