/* SPDX-License-Identifier: GPL-3.0-or-later
 * phmm.h -- likelihood of a read on a haplotype: banded forward pair-HMM, one read per SIMD lane, and the
 * ungapped cost for reads that need none.
 *
 * Model (Durbin et al. 1998, chapter 4; parameters as the GATK HaplotypeCaller names them). States M, I, D. A
 * boundary b in 0..n lies before haplotype base b and has
 *   ins(b)    = min(10^(-gop_ins[b]/10), 1/2)   M to I
 *   del(b)    = min(10^(-gop_del[b]/10), 1/2)   M to D
 *   extend(b) = 10^(-gex[b]/10)                 I to I, D to D
 * M stays in M with 1 - ins(b) - del(b); I and D go to M with 1 - extend(b); never I to D or D to I. A base
 * in M or D at haplotype index j is reached over boundary j; an insertion after index j lies at boundary j
 * + 1. Emission: in M 1 - e for a match and e/3 for a mismatch, e = min(10^(-min(qual, 40)/10), 3/4), so that
 * a base of quality 0 or 1 says nothing (1/4 either way). N in the read: 1, the sum over what could have been
 * read. N in the haplotype: 1/4, the mean over what could stand there; 1 if both. In I: 1, as GATK, so that
 * the price of an insertion is gop_ins and gex alone.
 * A path starts with weight 1 in M at any haplotype base or with weight ins(b) in I at any boundary, and
 * ends in M or I anywhere; a deletion at either end is no path. So the length of the haplotype does not
 * matter, and a read that begins or ends inside of an insertion has a path of its own. Cells (i, j) of read
 * index i and haplotype index j are used if dlo <= j - i <= dhi; j is -1 for an insertion before the
 * haplotype. */
#ifndef GRX_CALL_PHMM_H
#define GRX_CALL_PHMM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

#define CALL_PHMM_FLOOR   (-1e6)    /* ll of a job without a path, and the least ll there is */
#define CALL_PHMM_MAX_LEN (1 << 24) /* bases of a read or a haplotype */
#define CALL_PHMM_CAP     40        /* phred: base qualities above count as this */

/* All borrowed. s: n bases out of ACGTN, upper case. The costs: phred, n + 1 entries each, one a boundary.
 * gop_ins: the read has bases that the haplotype lacks; gop_del: it lacks bases of the haplotype. */
struct call_phmm_hap {
	const char *s;
	const uint8_t *gop_ins, *gop_del, *gex;
	int32_t n;
};

/* q, qual: nq bases (ACGTN) and their phred qualities. dlo, dhi: first and last diagonal, haplotype index
 * minus read index. ll: result, ln of the sum over all paths; 0 for nq == 0; finite, >= CALL_PHMM_FLOOR. */
struct call_phmm_job {
	const char *q;
	const uint8_t *qual;
	int32_t nq;
	const struct call_phmm_hap *h;
	int32_t dlo, dhi;
	double ll;
};

enum call_phmm_isa {
	CALL_PHMM_AUTO,     /* the fastest measured: AVX2, else portable */
	CALL_PHMM_PORTABLE, /* 4 lanes, any CPU */
	CALL_PHMM_AVX2,     /* 8 lanes */
	CALL_PHMM_AVX512    /* 16 lanes */
};

/* Fills ll of all n jobs. The ll of a job has the same bits whatever the other jobs, their order, and the
 * CPU: float32 without fused multiply-add, rescaled by powers of two, and a logarithm of our own.
 * mem: scratch; nothing in it is needed after the return, so pass an arena that is reset often: a call takes
 * about 48 * lanes * (read length + band) + 16 * n bytes.
 * Errors: GRX_E_NOMEM; GRX_E_BUG for lengths beyond CALL_PHMM_MAX_LEN; ll is undefined then.
 * Cost: read length * band cells a job, jobs of similar band and length side by side. */
int call_phmm_run(struct grx_arena *mem, struct call_phmm_job *j, size_t n) GRX_MUST;

/* The same with a given instruction set; GRX_E_BUG if this CPU lacks it. */
int call_phmm_run_isa(
	struct grx_arena *mem, struct call_phmm_job *j, size_t n, enum call_phmm_isa isa) GRX_MUST;
bool call_phmm_has_isa(enum call_phmm_isa isa);

/* The same model in double precision with a plain loop, for tests. Needs 24 bytes * (nq + 1) of heap;
 * NaN if there is none. */
double call_phmm_reference(const struct call_phmm_job *j);

/* Sum of min(qual[i], cap) over the i < n with q[i] != hap[i], neither of them N: the phred price of the
 * alignment without a gap, relative to a perfect one. An N costs nothing: it is no evidence against any
 * haplotype. Against the pair-HMM a mismatch lacks the 10 log10(3) = 4.8 phred of the three ways to be wrong.
 * cap: 0..255. */
int call_ungapped_cost(const char *q, const uint8_t *qual, const char *hap, int32_t n, int cap);

#endif
