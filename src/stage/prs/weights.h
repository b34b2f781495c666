/* SPDX-License-Identifier: GPL-3.0-or-later
 * weights.h -- the scores of a run: read, placed, sorted once, then streamed in genome order.
 * A scoring file becomes rows with one weight per column; all files together become one compiled set on disk
 * (a temporary file, or one kept under a hash of the contents), so that memory does not grow with the number
 * of rows and any window of the genome can be read by any thread. Every row of every file is in the set, also
 * those that can never match: they carry the reason. */
#ifndef GRX_PRS_WEIGHTS_H
#define GRX_PRS_WEIGHTS_H

#include <stdbool.h>
#include <stdint.h>

#include "bio/contig.h"
#include "genorx/genorx.h"

struct grx_genosrc;

enum prs_type { PRS_ADDITIVE, PRS_DOMINANT, PRS_RECESSIVE, PRS_DOSAGE };

/* Why a row counts or does not; one for each row at the end of a run. Matched codes first. */
enum prs_code {
	PRS_MATCHED,      /* alleles as written */
	PRS_MATCHED_FLIP, /* alleles of the other strand */
	PRS_MATCHED_REF,  /* a confident reference block or ALT "." record covers the position */
	PRS_MATCHED_PAL,  /* A/T or C/G pair, kept by the palindrome policy */
	PRS_MATCHED_FACT, /* haplotype, HLA or APOE row decided by a fact of the sample */
	PRS_PALINDROMIC_DROPPED,
	PRS_NO_LOCUS,        /* no record at the position: unknown, never taken as reference */
	PRS_ALLELE_MISMATCH, /* records there, none with these alleles */
	PRS_MULTIALLELIC_DROPPED,
	PRS_NO_REFERENCE_BASE, /* a block covers it, but which allele is REF is not known */
	PRS_FREQ_CONTRADICTS,  /* frequency of the scoring file against that of the target or panel */
	PRS_DUPLICATE,         /* the same row again: counted once */
	PRS_DUPLICATE_TARGET,  /* compat: several rows on one record */
	PRS_CONTRADICTORY,     /* several weights for the same allele: none counts */
	PRS_FLIP_DROPPED,      /* --no-flip */
	PRS_NO_FREQUENCY,      /* centring needs a frequency strictly between 0 and 1 */
	PRS_NO_CONTIG,         /* the target's dictionary has no such contig */
	PRS_NO_POSITION,       /* the scoring file gives none, and the target has no such ID */
	PRS_NOT_LIFTED, /* no chain covers it, or the lifted alleles are not those of the target's build */
	PRS_UNSUPPORTED_HAPLOTYPE, /* haplotype or diplotype without a fact */
	PRS_UNSUPPORTED_HLA,       /* HLA allele, serotype or amino acid without a fact */
	PRS_UNSUPPORTED_APOE,
	PRS_UNSUPPORTED_CYP,
	PRS_UNSUPPORTED_INTERACTION,
	PRS_UNSUPPORTED_ALLELE, /* effect allele is not a sequence of ACGT */
	PRS_BAD_WEIGHT,         /* --bad-rows skip: NaN, infinite or not a number */
	PRS_BAD_ROW,            /* --bad-rows skip: any other malformed row */
	PRS_N_CODE
};
const char *prs_code_name(enum prs_code c);
static inline bool prs_code_is_match(enum prs_code c)
{
	return c <= PRS_MATCHED_FACT;
}
/* A row that facts of the sample may decide: prs_complex_count(). */
static inline bool prs_code_is_complex(enum prs_code c)
{
	return c >= PRS_UNSUPPORTED_HAPLOTYPE && c <= PRS_UNSUPPORTED_INTERACTION;
}

enum prs_build { PRS_BUILD_NR, PRS_BUILD_36, PRS_BUILD_37, PRS_BUILD_38 };

enum prs_role { PRS_COL_SCORE, PRS_COL_DRAW, PRS_COL_SE };

/* One column of weights. */
struct prs_col {
	const char *id; /* of a score: its accession or column name; unique in the set */
	uint8_t role;   /* enum prs_role */
	int32_t of;     /* DRAW, SE: the column of the score they belong to */
	int32_t file;
	double bound;   /* sum over placed rows of the largest |value| a genotype can add: for fixed point */
	double sum_abs; /* sum of |w| over all rows that are no exact repeats */
	int64_t n_nonzero;
};

struct prs_file {
	const char *path, *trait, *weight_type, *build_text;
	char sha256[65];
	enum prs_build build;                   /* after lifting: that of the target */
	bool harmonised, lifted, by_id, matrix; /* matrix: plink form, 0 = not in this score */
	int64_t variants_number;                /* header; -1 absent */
	int64_t n_row, n_complex;
	int64_t n_lifted, n_placed_by_id;
	int64_t n_id_ambiguous; /* rows whose ID stands at several positions: PRS_NO_POSITION */
	int32_t col_beg, col_end;
	int64_t first_row; /* its rows, placed or not: index is not contiguous; see prs_wrow.index */
};

struct prs_wrow {
	uint32_t index; /* 0 .. prs_set.n_row-1: key of every per-row array; order: (file, file order) */
	int32_t file;
	int32_t chrom;       /* index into prs_set.chrom; -1 not placed */
	int64_t pos;         /* 0-based; -1 unknown */
	int64_t line;        /* in its file, 1-based */
	const char *ea, *oa; /* upper case; oa NULL = not given or several; of complex rows ea is the text as
				written */
	const char *id;      /* rsID or variant ID; NULL */
	const char *note;    /* variant_description of complex rows; NULL */
	const char *locus;   /* locus_name of complex rows; NULL */
	double af;           /* of the effect allele; NAN unknown */
	uint8_t type;        /* enum prs_type */
	uint8_t code;        /* PRS_NO_LOCUS when it may still be found */
	const double *w; /* one per column of its file; PRS_DOSAGE (files with one score column): w[0..2] of
			    0, 1, 2 copies */
	int32_t n_w;
};

/* Constant after opening. */
struct prs_set {
	int32_t n_file, n_col, n_score; /* n_score: columns with role SCORE */
	struct prs_file *file;
	struct prs_col *col;
	int32_t n_chrom;
	const char **chrom; /* canonical names: "1" .. "22", "X", "Y", "MT", then others as written */
	uint32_t n_row;
	const uint8_t *code0; /* [n_row]: enum prs_code as compiled; PRS_NO_LOCUS = may still be found */
	/* -1 none. Rows of the frequency file: ea = ALT, oa = REF, af its frequency, n_w 0 (one row per ALT).
	 * Both kinds are no scores: their columns have no id to clash with others. */
	int32_t freq_file, loadings_file;
	struct prs_set_disk *disk; /* where the rows are */
};

struct prs_set_opt {
	const struct grx_strs *path;
	const char *cache; /* folder for compiled sets, or NULL: a temporary file */
	const char *chain; /* UCSC chain file, or NULL: a build that differs from the target's is an error */
	double min_lift;   /* fewer rows lifted than this fraction: GRX_E_MISMATCH */
	bool compat_pgsc, compat_plink;
	bool skip_bad_rows;      /* count them instead of refusing the file */
	bool skip_bad_files;     /* a file that cannot be used is left out with a warning and a count */
	enum prs_build target;   /* told by the dictionary, or NR */
	struct grx_genosrc *ids; /* to place rows that give only an ID; NULL: such rows get NO_POSITION */
	const char *freq;        /* allele frequencies (plink2 .afreq, or TSV with positions), or NULL */
	const char *loadings; /* components of a reference panel: a matrix file that is no score, or NULL */
};

/* Errors: DATA with file:line:column; MISMATCH for builds; NOINPUT. All or nothing. */
int prs_set_open(struct grx_ctx *cx, const struct prs_set_opt *o, struct prs_set **out) GRX_MUST;
void prs_set_close(struct prs_set *s);
/* Write the set for later runs as their --score (through cx->outs). */
int prs_set_save(struct grx_ctx *cx, const struct prs_set *s, const char *path) GRX_MUST;
/* Files left out under skip_bad_files, with reasons, for summary and log. */
int prs_set_n_left_out(const struct prs_set *s);
const char *prs_set_left_out(const struct prs_set *s, int i, const char **why);

struct prs_wcur;
int prs_wcur_open(struct grx_ctx *cx, const struct prs_set *s, struct prs_wcur **out) GRX_MUST;
void prs_wcur_close(struct prs_wcur *c);
/* Rows with pos in [beg, end) of a chromosome; chrom -1: those without a place. */
int prs_wcur_seek(struct grx_ctx *cx, struct prs_wcur *c, int32_t chrom, int64_t beg, int64_t end) GRX_MUST;
/* All rows at the next position, by (file, line), into *rows (owned by c, valid until the next call); not
 * placed: one at a time. *n = 0 at the end. */
int prs_wcur_next(struct grx_ctx *cx, struct prs_wcur *c, const struct prs_wrow **rows, int *n) GRX_MUST;

#endif
