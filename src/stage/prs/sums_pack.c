/* SPDX-License-Identifier: GPL-3.0-or-later
 * sums_pack.c -- passes over the samples of one row: codes into digits and doses, the samples whose code is
 * odd, the largest value. */
#include <string.h>

#include "stage/prs/sums_int.h"

static int pack_from(const struct sums_lut *l, int i, struct sums_packed p, int n_odd)
{
	for (; i < p.n; i++) {
		unsigned c = p.code[i] < 15 ? p.code[i] : 15;
		if (p.index)
			p.index[i] = (uint8_t)(p.index[i] + l->digit[c]);
		p.dose[i] = (uint8_t)(p.dose[i] + l->dose[c]);
		if (l->odd[c])
			p.pos[n_odd++] = (uint32_t)i;
	}
	return n_odd;
}

/* As integers, NaN and infinity are above all numbers. */
static inline __attribute__((always_inline)) double largest(const float *x, int n)
{
	int32_t top = 0;
	float f;
	for (int i = 0; i < n; i++) {
		int32_t b;
		memcpy(&b, &x[i], sizeof(b));
		b &= 0x7fffffff;
		top = b > top ? b : top;
	}
	memcpy(&f, &top, sizeof(f));
	return (double)f;
}

double prs_sums_largest(const float *x, int n)
{
	return largest(x, n);
}

int prs_sums_pack(const struct sums_lut *l, struct sums_packed p)
{
	return pack_from(l, 0, p, 0);
}

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#define PACK_TARGET __attribute__((target("avx2")))

static PACK_TARGET inline __m256i lut(const uint8_t *t)
{
	return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)t));
}

static PACK_TARGET inline void add(uint8_t *to, __m256i v)
{
	__m256i *p = (__m256i *)to;
	_mm256_storeu_si256(p, _mm256_add_epi8(_mm256_loadu_si256(p), v));
}

PACK_TARGET double prs_sums_largest_avx2(const float *x, int n)
{
	return largest(x, n);
}

PACK_TARGET int prs_sums_pack_avx2(const struct sums_lut *l, struct sums_packed p)
{
	__m256i digit = lut(l->digit), dose = lut(l->dose), odd = lut(l->odd), top = _mm256_set1_epi8(15);
	int i = 0, n_odd = 0;
	for (; i + 32 <= p.n; i += 32) {
		__m256i c = _mm256_min_epu8(_mm256_loadu_si256((const __m256i *)(p.code + i)), top);
		if (p.index)
			add(p.index + i, _mm256_shuffle_epi8(digit, c));
		add(p.dose + i, _mm256_shuffle_epi8(dose, c));
		unsigned m = (unsigned)_mm256_movemask_epi8(_mm256_shuffle_epi8(odd, c));
		for (; m; m &= m - 1)
			p.pos[n_odd++] = (uint32_t)(i + __builtin_ctz(m));
	}
	return pack_from(l, i, p, n_odd);
}
#endif
