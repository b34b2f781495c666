/* SPDX-License-Identifier: GPL-3.0-or-later
 * sums_int.h -- inside the sums: layout, pending rows, kernels by instruction set.
 * A term is llrint(u * ws), ws = w * 2^e, in the unit 2^-e of its column: a function of the row, the genotype
 * code and the column only. All else is addition modulo 2^64, whose order does not matter; `spent` proves
 * that no total leaves the range. Columns lie in chunks of up to 8 (a cache line), samples of a chunk side by
 * side. What most samples of a row share (its reference code) is kept once for all of them (`common`); a
 * sample holds its difference from that. */
#ifndef GRX_PRS_SUMS_INT_H
#define GRX_PRS_SUMS_INT_H

#include <stdint.h>

#include "stage/prs/sums.h"

#define SUMS_TOP        60      /* bound * 2^e <= 2^60 */
#define SUMS_LIMIT      0x1p61  /* what the terms of a column may amount to: twice the bound at least */
#define SUMS_ABSW       0x1p-11 /* sums of |w|: unit 2^(11-e), since |w| may exceed |u w| */
#define SUMS_ABSW_E     11
#define SUMS_VAR_E      30 /* variances: unit 2^(60-2e); their sum is below the square of the bound */
#define SUMS_DOSE_E     30
#define SUMS_ROUND      0x1.8p52
#define SUMS_ROUND_BITS 0x4338000000000000ull /* of it; shifted by 32 it leaves the word */
#define SUMS_MAX_E      1000
#define SUMS_LINE       8 /* columns of a chunk, at most */
#define SUMS_GROUPS     6 /* groups of rows looked up in one pass over the samples: their tables fill the L1 */
#define SUMS_REAL       8   /* rows of expectations added in one pass over the samples */
#define SUMS_STATES     81  /* genotypes of the four rows of a group */
#define SUMS_DOSE_ROWS  100 /* rows whose doses fit a byte */

/* Of a code in a row: what its samples need beyond the digit's table entry. */
enum { SUMS_ODD_VALUE = 1, SUMS_ODD_VAR = 2, SUMS_ODD_ABSW = 4, SUMS_ODD_COUNT = 8, SUMS_ODD_DOSE = 16 };

enum sums_isa { SUMS_AUTO, SUMS_PORTABLE, SUMS_AVX2, SUMS_AVX512 };

/* A row that is not yet in the sums. */
struct sums_row {
	double u[3]; /* of digit 0, 1, 2; digit 0: the reference code */
	double code_u[GRX_CP_N], code_var[GRX_CP_N];
	double ref_var;
	uint8_t odd[GRX_CP_N];
	int ref; /* its reference code */
	bool ref_called;
	size_t odd_end; /* its entries in the list of odd samples end here */
};

struct sums_odd {
	uint32_t sample, code;
};

/* Differences from the row's reference, by sample. */
struct sums_count {
	int32_t n_called, n_imputed, n_missing, allele_ct, denom;
};

/* How the codes of a row are read, by code 0..15. */
struct sums_lut {
	uint8_t digit[16], dose[16], odd[16]; /* digit: times 3^(row of its group); odd: 0x80 or 0 */
};

struct prs_sums {
	int n_sample, n_col;
	int width, n_chunk, n_pad; /* columns of a chunk (1, 2, 4, 8); chunks; width * n_chunk */
	bool variance, broken, some_zero;
	const struct sums_ops *ops, *ops1; /* ops1: of width 1 */
	int var_e;             /* SUMS_VAR_E, less where the square of the bound is far too much */
	double var_unit;       /* 2^-var_e: a weight times it, squared, scales a variance */
	double *scale, *spent; /* n_pad; three planes of n_pad */
	uint64_t *common;      /* three planes of n_pad: sum, |w|, variance */
	uint64_t *plane[3];    /* the same by sample: [chunk][sample][width]; NULL until needed */
	int *e;
	/* counters */
	struct prs_counters all; /* of the reference codes; dose not used */
	struct sums_count *count;
	int64_t *dose, count_room;
	uint8_t *dose8;
	int dose_rows;
	/* pending rows */
	int group_rows, max_rows, n_rows; /* rows of a group: 1, 2 or 4 */
	double *ws;                       /* [row][n_pad] */
	struct sums_row *row;
	uint8_t *index;  /* [group][sample] */
	uint64_t *table; /* SUMS_GROUPS tables */
	struct sums_odd *odd;
	size_t n_odd, cap_odd;
	uint32_t *pos; /* n_sample */
	/* pending rows of expectations: max_real of them, 1 where an object is narrow */
	int max_real, n_real;
	bool real_some_var;
	double *real_ws, *real_w2; /* [row][n_pad]: weights and their squares, scaled */
	double *real_u, *real_var; /* [row][sample] */
	void *raw[24];             /* what the aligned pointers above lie in */
	int n_raw;
};

/* A row of codes and where it goes: index += digit, dose += dose; positions of odd codes into pos. */
struct sums_packed {
	const uint8_t *code;
	int n;
	uint8_t *index, *dose; /* index NULL: none */
	uint32_t *pos;         /* room for n */
};
double prs_sums_largest(const float *x, int n);
double prs_sums_largest_avx2(const float *x, int n);
int prs_sums_pack(const struct sums_lut *l, struct sums_packed p); /* returns how many are odd */
int prs_sums_pack_avx2(const struct sums_lut *l, struct sums_packed p);

/* Of a row: largest |u| and variance; does |w| count for its reference? */
struct sums_max {
	double u, var;
	bool absw;
};

/* Rows of expectations for one chunk. */
struct sums_batch {
	const double *u, *f;   /* of the first row */
	size_t u_step, f_step; /* to the next */
	int rows;
};

/* The kernels of an instruction set. chunk: its number. */
struct sums_ops {
	/* ws = w * scale for n_pad columns, count max as spent, and |w| as common; false: a total may leave
	 * the range, or a weight is not finite */
	bool (*spend)(struct prs_sums *s, const double *w, double *ws, struct sums_max max);
	/* the next SUMS_GROUPS groups of pending rows from `row` on, into samples [beg, end) */
	void (*block)(struct prs_sums *s, int chunk, int row, int beg, int end);
	/* of all pending rows: what all samples share, and the odd samples */
	void (*rows)(struct prs_sums *s, int chunk);
	/* plane[i][j] += llrint(u[row][i] * f[row][j]): n samples of a chunk, max_real rows */
	void (*real)(const struct sums_batch *b, uint64_t *plane, int n);
	/* the same for one row and one column; chunks of width 1 only */
	void (*one)(const float *u, double f, uint64_t *plane, int n);
	void (*one_double)(const double *u, double f, uint64_t *plane, int n);
	/* the largest |x|; not finite if any is not */
	double (*largest)(const float *x, int n);
	int (*pack)(const struct sums_lut *l, struct sums_packed p);
};
const struct sums_ops *prs_sums_wide(enum sums_isa isa);
const struct sums_ops *prs_sums_narrow(enum sums_isa isa, int width);
bool prs_sums_has_isa(enum sums_isa isa);
/* For tests: before the first row. GRX_E_BUG if this CPU lacks it. */
int prs_sums_use_isa(struct prs_sums *s, enum sums_isa isa) GRX_MUST;

/* Zeroed, aligned to a cache line, freed with s; NULL without memory. */
void *prs_sums_alloc(struct prs_sums *s, size_t n, size_t size);
int prs_sums_need_plane(struct prs_sums *s, int plane) GRX_MUST;
int prs_sums_need_pos(struct prs_sums *s) GRX_MUST;
/* Have room for the doses of one more row. */
int prs_sums_need_dose(struct prs_sums *s) GRX_MUST;
int prs_sums_spend(struct prs_sums *s, const double *w, double *ws, struct sums_max max) GRX_MUST;
/* Parts of prs_sums_flush(), each where something is pending. */
void prs_sums_flush_codes(struct prs_sums *s);
void prs_sums_flush_real(struct prs_sums *s);
void prs_sums_flush_dose(struct prs_sums *s);
int prs_sums_merge_counts(struct prs_sums *a, struct prs_sums *b) GRX_MUST;

bool prs_sums_same_count(const struct prs_codeval *a, const struct prs_codeval *b);
/* Count a row's reference for all samples; one sample's difference from it. */
void prs_sums_count_ref(struct prs_sums *s, const struct prs_codeval *ref);
void prs_sums_count(
	struct prs_sums *s, uint32_t sample, const struct prs_codeval *ref, const struct prs_codeval *v);
/* By how much a counter of a sample with v moves against its row's reference. */
int prs_sums_differ(const struct prs_codeval *ref, const struct prs_codeval *v);
/* Counters (of 32 bits) for one more row that moves them by so much; GRX_E_BUG after some 10^9 rows. */
int prs_sums_need_count(struct prs_sums *s, int64_t by) GRX_MUST;
/* A number of copies that a byte adds up. */
static inline bool sums_whole(double dose)
{
	return dose == 0 || dose == 1 || dose == 2;
}

#endif
