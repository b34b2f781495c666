/* SPDX-License-Identifier: GPL-3.0-or-later
 * sums_wide.c -- chunks of 8 columns, by instruction set; every path adds the same integers. */
#include <math.h>
#include <string.h>

#include "stage/prs/sums_int.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#define SU_X86    1
#define SU_L      8
#define SU_TARGET __attribute__((target("avx512f,avx512dq")))
#include "stage/prs/sums_kernel.inc"
#define SU_L      4
#define SU_TARGET __attribute__((target("avx2")))
#include "stage/prs/sums_kernel.inc"
#else
#define SU_X86 0
#endif
#define SU_L 2
#define SU_TARGET
#include "stage/prs/sums_kernel.inc"

const struct sums_ops *prs_sums_wide(enum sums_isa isa)
{
	static const struct sums_ops portable = {
		spend_2, block_2, rows_2, real_2, NULL, NULL, prs_sums_largest, prs_sums_pack};
#if SU_X86
	static const struct sums_ops avx2 = {
		spend_4, block_4, rows_4, real_4, NULL, NULL, prs_sums_largest_avx2, prs_sums_pack_avx2};
	static const struct sums_ops avx512 = {
		spend_8, block_8, rows_8, real_8, NULL, NULL, prs_sums_largest_avx2, prs_sums_pack_avx2};
	if (isa == SUMS_AVX512)
		return &avx512;
	if (isa == SUMS_AVX2)
		return &avx2;
#endif
	(void)isa;
	return &portable;
}
