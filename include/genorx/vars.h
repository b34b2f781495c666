/* SPDX-License-Identifier: GPL-3.0-or-later
 * vars.h -- currency two: a batch of variant records and their header.
 * Positions 0-based; a record covers [pos, pos+rlen). Alleles are upper-case strings, allele[0] is REF.
 * A record read from a file keeps its raw form (owned by io) for a loss-free way out; `info` and `fmt` then
 * hold only what was asked to be decoded (from_file) and what stages add or replace (written over the raw
 * form). A record made by `call` has raw == NULL and everything in `info` and `fmt`. */
#ifndef GENORX_VARS_H
#define GENORX_VARS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "genorx/err.h"

struct grx_arena;
struct grx_contigs;

/* Genotype code: as in BCF. 0 missing, else ((allele + 1) << 1) | phased; GRX_INT_END pads lower ploidies. */
#define GRX_INT_MISSING        INT32_MIN
#define GRX_INT_END            (INT32_MIN + 1)
#define GRX_GT(allele, phased) ((((int32_t)(allele) + 1) << 1) | ((phased) ? 1 : 0))
#define GRX_GT_ALLELE(g)       (((g) >> 1) - 1) /* -1 when missing */
#define GRX_GT_PHASED(g)       ((g)&1)
#define GRX_GT_IS_END(g)       ((g) == GRX_INT_END)

enum grx_type { GRX_T_FLAG, GRX_T_INT, GRX_T_FLOAT, GRX_T_STR };

struct grx_field {
	const char *key; /* "DP", "PL"; arena or static */
	uint8_t type;    /* enum grx_type */
	bool from_file;  /* decoded from raw and unchanged: not written again */
	int32_t n;       /* INFO: number of values; FORMAT: values per sample (padded with END) */
	union {
		int32_t *i; /* INFO n; FORMAT n x samples */
		float *f;   /* missing and END are the BCF NaN patterns: test with grx_float_is_missing() */
		char **s;   /* INFO: s[0]; FORMAT: one per sample; NULL missing */
	} v;
};

struct grx_var {
	int32_t tid;
	int64_t pos;
	int64_t rlen;     /* bases covered; END - POS for reference blocks */
	const char *id;   /* NULL if missing */
	int32_t n_allele; /* >= 1 */
	const char **allele;
	float qual;       /* grx_float_missing() if absent */
	int32_t n_filter; /* 0 = '.', FILTER PASS is the string "PASS" */
	const char **filter;
	int32_t ploidy; /* GT codes per sample, 0 = no GT */
	int32_t *gt;    /* ploidy x samples; BORROWED from raw or arena */
	bool gt_dirty;  /* gt must be written over raw */
	int32_t n_info, cap_info;
	struct grx_field *info;
	int32_t n_fmt, cap_fmt;
	struct grx_field *fmt;
	int64_t line; /* 1-based record number in its file, for messages; 0 if made here */
	void *raw;    /* io's record or NULL */
};

struct grx_vars {
	const struct grx_hdr *hdr;
	struct grx_arena *mem; /* everything below lives here */
	size_t n, cap;
	struct grx_var *v; /* ascending (tid, pos) */
};

enum grx_hdr_kind { GRX_HDR_INFO, GRX_HDR_FORMAT, GRX_HDR_FILTER };

struct grx_hdr_line {
	enum grx_hdr_kind kind;
	const char *id;     /* given: copied */
	const char *number; /* "1" "A" "R" "G" "." "0"; NULL for FILTER */
	uint8_t type;       /* enum grx_type */
	const char *desc;
};

/* Header of a variant stream. Stages add columns in open(); the sink writes raw header + lines. */
struct grx_hdr {
	const struct grx_contigs *contigs;
	int32_t n_sample;
	char **sample;
	size_t n_line, cap_line;
	struct grx_hdr_line *line; /* declared by stages */
	size_t n_meta, cap_meta;
	char **meta; /* whole "##key=value" lines, without newline */
	void *raw;   /* io's header of the input file or NULL */
};

struct grx_hdr *grx_hdr_new(const struct grx_contigs *contigs);
void grx_hdr_free(struct grx_hdr *h); /* not raw: its owner frees it */
int grx_hdr_sample_add(struct grx_ctx *cx, struct grx_hdr *h, const char *name) GRX_MUST;
/* Declaring the same id twice with equal number and type is fine; a clash is GRX_E_DATA. */
int grx_hdr_declare(struct grx_ctx *cx, struct grx_hdr *h, const struct grx_hdr_line *line) GRX_MUST;
int grx_hdr_meta_add(struct grx_ctx *cx, struct grx_hdr *h, const char *text) GRX_MUST;

/* Batches. All return NULL on exhausted memory (the arena carries no ctx); callers turn it into
 * grx_fail_nomem(). */
struct grx_vars *grx_vars_new(struct grx_arena *mem, const struct grx_hdr *hdr);
/* Zeroed record at the end of the batch with qual missing; pointer valid until the next push. */
struct grx_var *grx_vars_push(struct grx_vars *b);
/* Copy alleles into the arena; allele[0] REF. */
int grx_var_alleles_set(struct grx_arena *mem, struct grx_var *v, int n, const char *const *allele) GRX_MUST;
/* Add or replace a field; the returned field has storage for n values (x n_sample for FORMAT), filled
 * missing. */
struct grx_field *grx_var_info_set(
	struct grx_arena *mem, struct grx_var *v, const char *key, uint8_t type, int n);
/* The record is written without the field, whether it was decoded or not. */
int grx_var_info_drop(struct grx_arena *mem, struct grx_var *v, const char *key) GRX_MUST;
struct grx_field *grx_var_fmt_set(
	struct grx_arena *mem, struct grx_var *v, const char *key, uint8_t type, int n, int n_sample);
/* NULL when absent or not decoded. */
const struct grx_field *grx_var_info(const struct grx_var *v, const char *key);
const struct grx_field *grx_var_fmt(const struct grx_var *v, const char *key);
/* Allocate ploidy x n_sample codes, all missing. */
int grx_var_gt_alloc(struct grx_arena *mem, struct grx_var *v, int ploidy, int n_sample) GRX_MUST;
/* True when the record is a gVCF reference block: ALT absent or only <NON_REF>/<*>, and it may span > 1 base.
 */
bool grx_var_is_ref_block(const struct grx_var *v);

float grx_float_missing(void);
bool grx_float_is_missing(float f);
bool grx_float_is_end(float f);

#endif
