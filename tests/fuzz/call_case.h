/* SPDX-License-Identifier: GPL-3.0-or-later
 * call_case.h -- fuzzing of the call stage: bytes -> a small genome with reads and forced sites; checks on
 * what the stage prints of them. */
#ifndef GRX_FUZZ_CALL_CASE_H
#define GRX_FUZZ_CALL_CASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "bio/sites.h"
#include "genorx/genorx.h"
#include "stage/call/call_int.h"

#define FZ_MAX_REF    3000
#define FZ_MAX_SAMPLE 3
#define FZ_N_HAP      4

/* Choices come from the bytes and, when these are used up, from a generator seeded by the first 8 of them: a
 * seed alone makes a whole case. */
struct fz_src {
	const uint8_t *p;
	size_t n, at;
	uint64_t state;
};

void fz_src_init(struct fz_src *s, const uint8_t *p, size_t n);
uint32_t fz_draw(struct fz_src *s, uint32_t n); /* 0..n-1; 0 for n < 2 */

/* A donor chromosome: bases, and the reference position of each, -1 where inserted. */
struct fz_hap {
	char *s;
	int32_t *at;
	int32_t n;
};

/* A change that donors carry, as it was planted. */
struct fz_edit {
	int32_t pos, rlen;
	const char *alt;
	unsigned haps; /* bit per chromosome */
};

struct fz_case {
	struct grx_arena *mem;
	struct fz_src src;
	const char *contig;
	struct call_opt opt;
	int n_sample;
	int32_t ref_len;
	char *ref;
	int n_edit;
	struct fz_edit edit[64];
	struct fz_hap hap[FZ_N_HAP];
	int32_t hot; /* where most reads and changes are */
	size_t n_read, cap_read;
	struct grx_read *read; /* by position */
	size_t n_site;
	struct grx_site site[32];
	int32_t cut[2]; /* shard borders of the second run */
};

/* call_genome.c: reference, donors, forced sites. */
void fz_genome(struct fz_case *c);
void fz_sites(struct fz_case *c);
/* call_reads.c */
void fz_reads(struct fz_case *c);
/* call_check.c: stops the program with a message when the records of a shard break a rule. from: first base
 * that no record of an earlier shard covers, -1 without blocks; forced: there were sites. */
void fz_check(const struct fz_case *c, const struct grx_shard *sh, int64_t from, bool forced);
void fz_fail(const char *fmt, ...) GRX_PRINTF(1, 2);
/* All that is printed of a record. */
const char *fz_line(struct fz_case *c, const struct grx_var *v);
/* mem_strict.c */
void fz_mem_fill(unsigned char byte);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
