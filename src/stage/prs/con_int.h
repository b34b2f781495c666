/* SPDX-License-Identifier: GPL-3.0-or-later
 * con_int.h -- construction of scores: shared by con_*.c.
 * Scale: genotypes and the trait are standardised inside, so that the marginal effect of variant j is
 * bhat_j = beta_j / sqrt(n_j se_j^2 + beta_j^2), its sampling variance 1/n_j, and that of all is
 * bhat ~ N(R b, R/n) with R the LD correlation. A weight per copy is b_j * scale_j. */
#ifndef GRX_PRS_CON_INT_H
#define GRX_PRS_CON_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "base/str.h"
#include "genorx/genorx.h"
#include "stage/prs/construct.h"

struct grx_rng;

/* What became of a row of the summary statistics: each row has exactly one. */
enum con_reason {
	CON_KEPT,
	CON_MISSING,      /* beta, se or p is missing and not implied by the others */
	CON_NO_PLACE,     /* neither a position nor an ID */
	CON_NOT_AUTOSOME, /* LD and coding of X, Y and MT differ between sexes */
	CON_NON_ACGT,     /* an allele is no single base: indels, symbols */
	CON_BAD_SE,       /* se <= 0 */
	CON_BAD_P,        /* not in (0, 1] */
	CON_INCONSISTENT, /* beta/se and p tell different stories */
	CON_NO_N,         /* sample size missing or below 10 */
	CON_INFO,
	CON_MAF,
	CON_DUPLICATE, /* the same variant again: an exact repeat counts once, contradicting rows not at all
			*/
	CON_N_OUTLIER, /* n < 0.67 x the 90th percentile */
	CON_NOT_IN_PANEL,
	CON_MISMATCH,      /* in the panel with other alleles */
	CON_PALINDROMIC,   /* A/T or C/G, and no frequency settles the strand */
	CON_FREQ_DIFF,     /* frequency differs from the panel's */
	CON_PANEL_MISSING, /* over 10 % of the panel's genotypes are missing */
	CON_PANEL_MAF,     /* rare or constant in the panel: no LD to be had */
	CON_N_REASON
};
const char *prs_con_reason_name(enum con_reason r);

/* -log10 p from which on beta and se tell more: programs stop at 1e-300, 2.2e-308, 5e-324 or 0. */
#define CON_NLP_FLOOR 299

struct con_row {
	int64_t line, pos;       /* pos 1-based, 0 = none */
	const char *id;          /* NULL missing */
	double beta, se, nlp, n; /* nlp = -log10 p */
	double freq, maf, info;  /* NAN missing; freq is the effect allele's */
	int32_t snp;             /* its panel variant, -1 */
	int8_t chrom;            /* 1..22, 0 = none */
	char ea, oa;
	uint8_t reason;
	bool seen;     /* the panel has its position (or ID) */
	bool unscaled; /* z without a frequency: beta and se are those of a frequency of 1/2 */
};

struct con_sum {
	const char *path;
	struct con_row *row; /* file order until prs_con_qc_rows(), then by place */
	size_t n, cap;
	bool by_id; /* no positions in the file */
	bool has_freq;
	struct grx_map *ids; /* by_id: ID -> row */
	struct grx_arena *mem;
};
int prs_con_sum_read(struct grx_ctx *cx, const struct prs_construct_opt *o, struct con_sum *s) GRX_MUST;
void prs_con_sum_free(struct con_sum *s);
/* Rows by place; duplicates and N outliers; an error when most rows contradict themselves. */
int prs_con_qc_rows(struct grx_ctx *cx, struct con_sum *s) GRX_MUST;
void prs_con_count(const struct con_sum *s, int64_t count[CON_N_REASON]);
/* |z| of -log10 p (two-sided) and back; no underflow. */
double prs_con_z_of_nlp(double nlp);
double prs_con_nlp_of_z(double z);

/* Columns of a statistics file. */
enum con_col {
	K_CHR,
	K_POS,
	K_ID,
	K_EA,
	K_OA,
	K_BETA,
	K_OR,
	K_HR,
	K_Z,
	K_SE,
	K_P,
	K_NLP,
	K_N,
	K_NCASE,
	K_NCTRL,
	K_INFO,
	K_FREQ,
	K_MAF,
	K_N_COL
};
enum { CON_MAX_COL = 128 };
struct con_head {
	char sep; /* '\t', ',' or ' ' = any run of blanks */
	int n_col;
	int col[K_N_COL];
	char *name[CON_MAX_COL + 1];
};
/* line is cut up in place and must outlive *h. */
int prs_con_head(
	struct grx_ctx *cx, const char *path, int64_t lineno, char *line, struct con_head *h) GRX_MUST;
int prs_con_split(char *line, char sep, char **field, int max);

/* Genotypes of panel variants as two bit planes: one = copies >= 1, two = copies 2; two without one =
 * missing. */
struct con_panel {
	int n_person;
	size_t nw; /* 64-bit words of a plane */
	size_t n, cap_bits, cap_mean, cap_norm;
	uint64_t *bits; /* n x 2 x nw */
	double *mean;   /* copies of the effect allele, of known genotypes */
	double *norm;   /* 1 / sqrt(sum (x - mean)^2) with missing = mean */
	const char **sample;
	struct grx_arena *mem;
};

/* One variant that went through everything. */
struct con_snp {
	size_t g; /* in the panel */
	int64_t pos, line;
	const char *id;
	double bhat, scale, n, nlp, freq;
	int8_t chrom;
	char ea, oa;
};

struct con_data {
	const struct prs_construct_opt *o;
	struct con_sum sum;
	struct con_panel panel;
	struct con_snp *snp; /* by place */
	size_t m;
	double *bhat, *n; /* of snp, contiguous */
	size_t *cut;      /* blocks are [cut[k], cut[k+1]) */
	size_t n_block;
	size_t largest;
	double *ldsc; /* LD score within the block, sampling noise taken off; >= 1 */
	double n_median;
	double h2_init;
	const char *build;
	int64_t panel_records;
};

void prs_con_panel_free(struct con_panel *p);
/* Set up for n_person people; names are copied. */
int prs_con_panel_init(
	struct grx_ctx *cx, struct con_panel *p, int n_person, const char *const *name) GRX_MUST;
/* One variant in GRX_CP_* codes of the effect allele; what is not diploid and known is missing. */
int prs_con_panel_add(struct grx_ctx *cx, struct con_panel *p, const uint8_t *code) GRX_MUST;
/* Correlation of two panel variants. Exact sums of integers: the same bits on every machine. Missing = mean.
 */
double prs_con_r(const struct con_panel *p, size_t i, size_t j);
/* Copies of the effect allele, mean where missing, into x[n_person]. */
void prs_con_dosage(const struct con_panel *p, size_t i, double *x);
/* Read d->o->ld: matches rows, packs, fills d->snp, bhat, n and the reasons of the rows left. */
int prs_con_panel_read(struct grx_ctx *cx, struct con_data *d) GRX_MUST;
/* An ALT of a panel record. */
struct con_allele {
	int chrom;
	int64_t pos; /* 1-based */
	const char *ref, *alt;
};
/* It against a row: takes it up into the panel (r->snp) or gives the row its reason; code (copies of alt) may
 * be turned round. */
int prs_con_panel_match(struct grx_ctx *cx, struct con_data *d, struct con_row *r, const struct con_allele *a,
	uint8_t *code) GRX_MUST;
/* After the last variant: snps, blocks, LD scores, h2_init. */
int prs_con_prepare(struct grx_ctx *cx, struct con_data *d) GRX_MUST;
int prs_con_snps(struct grx_ctx *cx, struct con_data *d) GRX_MUST; /* after the last variant */
struct con_row *prs_con_row_find(const struct con_sum *s, int chrom, int64_t pos, size_t *n);

/* Blocks: cuts from the BED or by own rule, LD scores. */
int prs_con_blocks(struct grx_ctx *cx, struct con_data *d) GRX_MUST;
/* r: m x m floats, diagonal 1, others times shrink. */
void prs_con_block_ld(const struct con_data *d, size_t k, double shrink, float *r);
/* All blocks' LD, block k at *at[k] of *all (given). */
int prs_con_all_ld(
	struct grx_ctx *cx, const struct con_data *d, double shrink, float **all, size_t **at) GRX_MUST;
/* h2 by regression of chi2 on LD score, intercept 1; in [1e-3, 1]. */
double prs_con_h2_ldsc(const struct con_data *d);

/* Report: rows of section, item, value, lo, hi, rhat, ess (NAN = empty). */
struct con_report {
	struct grx_str text;
};
struct con_line {
	const char *section, *item;
	double value, lo, hi, rhat, ess;
};
void prs_con_data_free(struct con_data *d);
void prs_con_note(struct con_report *r, const char *section, const char *item, double value);
void prs_con_note_line(struct con_report *r, const struct con_line *l);
void prs_con_note_text(struct con_report *r, const char *section, const char *item, const char *value);

/* What a method leaves: standardised effects. */
struct con_result {
	double *b;   /* m */
	double *se;  /* m posterior SD; NULL = none */
	float *draw; /* n_draw x m; NULL = none */
	int n_draw;
	struct con_report rep;
};
/* b zeroed; se and draw where wanted. The report stays. */
int prs_con_result_init(struct grx_ctx *cx, struct con_result *r, size_t m, int n_draw, bool se) GRX_MUST;
void prs_con_result_free(struct con_result *r);
int prs_con_fit(
	struct grx_ctx *cx, const struct con_data *d, struct con_result *res) GRX_MUST; /* by o->method */

/* A method that treats blocks apart, for a grid of parameters. */
struct con_job {
	const struct con_data *d;
	size_t k, beg, m;
	const float *r;         /* LD of the block */
	const double *bhat, *n; /* of the block's variants */
	const void *par;        /* the method's own: parameters, clumps */
	int g0, g1;             /* parameters asked for */
	double *b;              /* (g1 - g0) x m */
	double *se;             /* m, or NULL: only for one parameter */
	float *draw;            /* n_draw x m, or NULL */
	int n_draw;
	int64_t n_failed; /* fits that diverged (their effects are 0) */
};
struct con_method {
	const char *name;
	int n_grid;
	double shrink;
	void *par;
	/* bhat of all variants is about to be used: C+T clumps. May be NULL. */
	int (*prepare)(
		struct grx_ctx *cx, const struct con_data *d, const double *bhat, const double *n, void *par);
	int (*solve)(struct grx_ctx *cx, struct con_job *j);
	void (*describe)(const void *par, int g, struct grx_str *out);
	bool has_se, has_draw;
};
/* Choose by tuning phenotype or pseudo-validation, then fit; one block per thread in memory. */
int prs_con_run_grid(struct grx_ctx *cx, const struct con_data *d, const struct con_method *mt,
	struct con_result *res) GRX_MUST;

/* Phenotypes of panel people, NAN = none; at least 20. */
int prs_con_tune_read(struct grx_ctx *cx, const struct con_data *d, double *y) GRX_MUST;
struct con_tune {
	int n_grid;
	const double *score; /* n_grid x people */
	const double *y;     /* NAN = none */
	double *r2;          /* out, n_grid; 0 where the sign is wrong */
};
/* The score that correlates best; p by 999 permutations of the whole choice. */
int prs_con_tune_pick(struct grx_ctx *cx, const struct con_data *d, const struct con_tune *t, int *best,
	double *p) GRX_MUST;

int prs_con_ct(struct grx_ctx *cx, const struct con_data *d, struct con_result *res) GRX_MUST;
int prs_con_inf(struct grx_ctx *cx, const struct con_data *d, struct con_result *res) GRX_MUST;
int prs_con_ldgrid(struct grx_ctx *cx, const struct con_data *d, struct con_result *res) GRX_MUST;
int prs_con_auto(struct grx_ctx *cx, const struct con_data *d, struct con_result *res) GRX_MUST;
int prs_con_cs(struct grx_ctx *cx, const struct con_data *d, struct con_result *res) GRX_MUST;
int prs_con_lasso(struct grx_ctx *cx, const struct con_data *d, struct con_result *res) GRX_MUST;

/* Which variants stay: keep[m]. Variants by rising p; drops what lies within kb and has r2 > r2. */
int prs_con_clump(struct grx_ctx *cx, const struct con_data *d, const double *nlp, bool *keep) GRX_MUST;

/* One Gibbs sweep of the point-normal model over a block (Prive 2020). */
struct con_gibbs {
	size_t m; /* of the block */
	double m_all, h2, p;
	const float *r;
	const double *bhat, *n;
	double *b, *rb;       /* state: effects and bhat - R b */
	double *mean, *mean2; /* sums of E[b_j | rest] and E[b_j^2 | rest] of the sweeps; NULL = not wanted */
	int64_t n_causal;     /* of this sweep */
};
void prs_con_sweep(struct con_gibbs *g, struct grx_rng *rng);
/* One parameter of lassosum2 from a warm start b, rb = bhat - R b; returns iterations, -1 = diverged. */
struct con_cd {
	size_t m;
	const float *r;
	const double *lambda; /* per variant */
	double delta, tol;
	int max_iter;
	double *b, *rb;
};
int prs_con_descend(struct con_cd *c);
/* (R + diag(lam)) b = bhat by Cholesky; a: m x m scratch, left with the factor. DATA if not positive
 * definite. */
struct con_ridge {
	size_t m;
	const float *r;
	const double *lam, *bhat;
	double *a, *b;
};
int prs_con_ridge(struct grx_ctx *cx, const struct con_ridge *q) GRX_MUST;

/* Split R-hat and effective sample size of n_chain chains of n values x[c * n + i]; NAN when constant or n
 * < 8. */
double prs_con_rhat(const double *x, int n_chain, int n);
double prs_con_ess(const double *x, int n_chain, int n);
/* mean, 2.5 % and 97.5 % and the two above into l. */
int prs_con_summary(const double *x, int n_chain, int n, struct con_line *l) GRX_MUST;

/* The max variants with the smallest p, best first; returns how many. */
/* "effect_1:1000:A" */
void prs_con_effect_name(const struct con_snp *s, char *buf, size_t n);
int prs_con_top(const struct con_data *d, size_t *top, int max);
int prs_con_write(struct grx_ctx *cx, const struct con_data *d, const struct con_result *res) GRX_MUST;
int prs_con_write_report(struct grx_ctx *cx, const struct con_data *d, const struct con_result *res) GRX_MUST;

#endif
