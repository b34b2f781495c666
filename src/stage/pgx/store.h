/* SPDX-License-Identifier: GPL-3.0-or-later
 * store.h -- a cohort: its observations, put by locus and got by block of samples, and their matching.
 * Memory: a budget of packed observations, the rest in a nameless temporary file, and 16 bytes of index per
 * locus and block. */
#ifndef GRX_STAGE_PGX_STORE_H
#define GRX_STAGE_PGX_STORE_H

#include "stage/pgx/pgx_int.h"

struct d6_run;

enum { PGX_BLOCK = 16 }; /* samples that are kept and matched together */

/* Bytes that are being read. */
struct pgx_bytes {
	const uint8_t *p, *end;
	bool bad; /* they ended too early, or memory did */
};
/* n <= PGX_BLOCK observations of one locus at the end of b; and back, `stride` apart, strings in mem. */
void pgx_chunk_put(struct grx_str *b, const struct pgx_obs *obs, int n);
int pgx_chunk_get(
	struct pgx_bytes *b, struct grx_arena *mem, int n, size_t stride, struct pgx_obs *obs) GRX_MUST;

struct pgx_store;

int pgx_blocks(int n_sample); /* blocks that n_sample samples fill */
/* budget: bytes of packed observations that stay in memory. */
int pgx_store_new(int n_locus, int n_sample, size_t budget, struct pgx_store **out) GRX_MUST;
void pgx_store_free(struct pgx_store *st); /* NULL-safe */

/* The observations of one record at one locus, of every sample, into bytes in mem. Any thread. */
int pgx_pack(struct grx_arena *mem, const struct pgx_obs *obs, int n_sample, struct pgx_packed *out) GRX_MUST;
/* Add them; where the locus has some already the better ones stay (pgx_obs_keep); *repeat: for some sample
 * both were good. Called in genome order, one at a time. Errors: NOMEM, IO of the temporary file. */
int pgx_store_put(struct grx_ctx *cx, struct pgx_store *st, int locus, const struct pgx_packed *p,
	int *repeat) GRX_MUST;
/* All loci of the samples of a block: (*out)[i * n_locus + l] is sample block * PGX_BLOCK + i at locus l, in
 * mem; without a record its state is PGX_NO_RECORD. Any thread, once nothing more is put. */
int pgx_store_get(struct grx_ctx *cx, const struct pgx_store *st, int block, struct grx_arena *mem,
	struct pgx_obs **out) GRX_MUST;

struct pgx_outside;
struct pgx_cohort {
	const struct pgx_opt *opt;
	const struct pgx_table *table;
	const struct pgx_store *store;
	const char *const *sample; /* [n_sample] */
	int n_sample;
	const char *wrong_build;           /* why nothing can be assessed, or NULL */
	const struct d6_run *d6;           /* CYP2D6 from reads, or NULL */
	const struct pgx_outside *outside; /* calls of other tools, or NULL */
};
struct pgx_tally {
	int64_t n_outside, status[PGX_NOT_ASSESSED + 1], state[PGX_N_STATE], n_anchor, n_undocumented;
};
/* Facts of every sample to out (through its sink where it has one), rows to opt->tsv, counts to n. The same
 * for any cx->threads. */
int pgx_cohort_call(
	struct grx_ctx *cx, const struct pgx_cohort *p, struct grx_facts *out, struct pgx_tally *n) GRX_MUST;

#endif
