/* SPDX-License-Identifier: GPL-3.0-or-later
 * genosrc_simd.c -- inner loops over the samples of a record: genotypes and likelihoods in bulk.
 * All is integer arithmetic, so that every kind of CPU gives the same bytes. A kernel never judges: what is
 * not of the plain form it leaves to the general code, which decides or fails. */
#include <string.h>

#include "io/genosrc_int.h"

#if defined(__x86_64__) && defined(__GNUC__)
#define GENO_X86 1
#include <immintrin.h>
#define AVX2 __attribute__((target("avx2")))
#else
#define GENO_X86 0
#endif

/* Classes of one allele of a genotype. */
enum { AL_END, AL_NONE, AL_OTHER, AL_THIS, AL_BAD = 0x40 };

#define N_NONE   GRX_CP_NONE
#define N_HALF_0 GRX_CP_HALF_0
#define N_HALF_1 GRX_CP_HALF_1

/* Code by 4 x class of the first + class of the second. */
static const uint8_t code_of_pair[16] = {N_NONE, N_NONE, N_NONE, N_NONE, GRX_CP_HAP_NONE, N_NONE, N_HALF_0,
	N_HALF_1, GRX_CP_HAP_0, N_HALF_0, GRX_CP_0, GRX_CP_1, GRX_CP_HAP_1, N_HALF_1, GRX_CP_1, GRX_CP_2};

/* Codes that stand for the bits of pairs that occur. */
static unsigned seen_of_pairs(unsigned pairs)
{
	unsigned seen = 0;

	for (int i = 0; i < 16; i++)
		if (pairs & 1u << i)
			seen |= 1u << code_of_pair[i];
	return seen;
}

/* ---- genotypes as two int8 ---- */

static void class_table(int n_allele, int allele, uint8_t t[256])
{
	memset(t, AL_BAD, 256);
	t[0] = t[1] = t[0x80] = AL_NONE; /* 0x80: missing as an integer */
	t[0x81] = AL_END;
	for (int a = 0; a < n_allele && a < 63; a++)
		t[2 * a + 2] = t[2 * a + 3] = a == allele ? AL_THIS : AL_OTHER;
}

static bool gt8_plain(const uint8_t *p, int n, const uint8_t t[256], uint8_t *code, unsigned *pairs)
{
	unsigned bad = 0;

	for (int i = 0; i < n; i++) {
		unsigned a = t[p[2 * i]], b = t[p[2 * i + 1]], at = (4 * a + b) & 15;
		bad |= a | b;
		*pairs |= 1u << at;
		code[i] = code_of_pair[at];
	}
	return !(bad & AL_BAD);
}

#if GENO_X86
/* Bits of the pairs in v, over all 32 bytes, into acc[0] (pairs 0-7) and acc[1] (8-15). */
AVX2 static inline void note_pairs(__m256i v, __m256i acc[2])
{
	const __m256i lo = _mm256_broadcastsi128_si256(
		_mm_setr_epi8(1, 2, 4, 8, 16, 32, 64, (char)128, 0, 0, 0, 0, 0, 0, 0, 0));
	const __m256i hi = _mm256_broadcastsi128_si256(
		_mm_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, (char)128));

	acc[0] = _mm256_or_si256(acc[0], _mm256_shuffle_epi8(lo, v));
	acc[1] = _mm256_or_si256(acc[1], _mm256_shuffle_epi8(hi, v));
}

AVX2 static unsigned fold_pairs(const __m256i acc[2])
{
	unsigned char b[2][32];
	unsigned pairs = 0;

	_mm256_storeu_si256((__m256i *)b[0], acc[0]);
	_mm256_storeu_si256((__m256i *)b[1], acc[1]);
	for (int i = 0; i < 32; i++)
		pairs |= b[0][i] | (unsigned)b[1][i] << 8;
	return pairs;
}

AVX2 static inline __m256i table16(const uint8_t t[16])
{
	return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)t));
}

/* Classes of 32 bytes; what is not of the plain form sets bits of *bad. */
AVX2 static inline __m256i classes8(__m256i v, __m256i t, __m256i *bad)
{
	const __m256i end = _mm256_set1_epi8((char)0x81), high = _mm256_set1_epi8((char)0x80);
	__m256i c = _mm256_shuffle_epi8(t, v); /* bytes from 0x80 on: 0, AL_END */

	__m256i odd = _mm256_and_si256(_mm256_andnot_si256(_mm256_cmpeq_epi8(v, end), v), high);
	odd = _mm256_or_si256(odd, _mm256_and_si256(v, _mm256_set1_epi8(0x70)));
	odd = _mm256_or_si256(odd, _mm256_and_si256(c, _mm256_set1_epi8(AL_BAD)));
	*bad = _mm256_or_si256(*bad, odd);
	return c;
}

/* Whole runs of 32 samples with alleles below 7; returns the samples done, -1: not of this form. */
AVX2 static int gt8_avx2(const uint8_t *p, int n, const uint8_t t256[256], uint8_t *code, unsigned *pairs)
{
	const __m256i t = table16(t256), to = table16(code_of_pair), w = _mm256_set1_epi16(0x0104);
	__m256i bad = _mm256_setzero_si256(), acc[2] = {bad, bad};
	int i = 0;

	for (; i + 32 <= n; i += 32) {
		__m256i a = _mm256_loadu_si256((const __m256i *)(p + 2 * (size_t)i));
		__m256i b = _mm256_loadu_si256((const __m256i *)(p + 2 * (size_t)i + 32));
		a = _mm256_maddubs_epi16(classes8(a, t, &bad), w);
		b = _mm256_maddubs_epi16(classes8(b, t, &bad), w);
		__m256i at = _mm256_permute4x64_epi64(_mm256_packus_epi16(a, b), 0xd8);
		note_pairs(at, acc);
		_mm256_storeu_si256((__m256i *)(code + i), _mm256_shuffle_epi8(to, at));
	}
	*pairs |= fold_pairs(acc);
	return _mm256_testz_si256(bad, bad) ? i : -1;
}
#endif

bool geno_gt8(const uint8_t *p, int n, int n_allele, int allele, uint8_t *code, unsigned *seen)
{
	uint8_t t[256];
	unsigned pairs = 0;
	int done = 0;

	if (n_allele > 62)
		return false;
	class_table(n_allele, allele, t);
#if GENO_X86
	if (n >= 32 && __builtin_cpu_supports("avx2"))
		done = gt8_avx2(p, n, t, code, &pairs);
	if (done < 0)
		done = 0, pairs = 0;
#endif
	if (!gt8_plain(p + 2 * (size_t)done, n - done, t, code + done, &pairs))
		return false;
	*seen = seen_of_pairs(pairs);
	return true;
}

/* ---- text genotypes of four bytes: a/b and a tab ---- */

static unsigned digit_class(char c, int n_allele, int allele)
{
	int a = c - '0';

	if (c == '.')
		return AL_NONE;
	return a < 0 || a > 9 || a >= n_allele ? AL_BAD : a == allele ? AL_THIS : AL_OTHER;
}

#if GENO_X86
struct text4 {
	__m256i classes, slash, bar, digits, to; /* tables and patterns */
};

/* 8 cells: 4 x class + class, one in each 32 bits. */
AVX2 static inline __m256i cells8(const char *s, const struct text4 *k, __m256i *bad)
{
	const __m256i nine = _mm256_set1_epi8(9);
	__m256i v = _mm256_loadu_si256((const __m256i *)s), d = _mm256_sub_epi8(v, _mm256_set1_epi8('0'));
	__m256i is_digit = _mm256_and_si256(_mm256_cmpeq_epi8(_mm256_min_epu8(d, nine), d), k->digits);
	__m256i ok = _mm256_or_si256(_mm256_cmpeq_epi8(v, k->slash), _mm256_cmpeq_epi8(v, k->bar));
	/* '.', '/' and the tab are below '0': class 0 by the shuffle, and only '.' has a weight */
	__m256i c = _mm256_shuffle_epi8(k->classes, d);

	ok = _mm256_or_si256(ok, is_digit);
	*bad = _mm256_or_si256(*bad, _mm256_andnot_si256(ok, _mm256_set1_epi8(-1)));
	*bad = _mm256_or_si256(
		*bad, _mm256_and_si256(_mm256_and_si256(c, k->digits), _mm256_set1_epi8(AL_BAD)));
	c = _mm256_max_epu8(c, _mm256_set1_epi8(AL_NONE));
	return _mm256_madd_epi16(
		_mm256_maddubs_epi16(c, _mm256_set1_epi32(0x00010004)), _mm256_set1_epi16(1));
}

/* Whole runs of 32 cells. */
AVX2 static int gt4_avx2(const char *s, int n, int n_allele, int allele, uint8_t *code, unsigned *pairs)
{
	uint8_t t[16];
	for (int i = 0; i < 16; i++)
		t[i] = (uint8_t)(i > 9 ? AL_BAD : digit_class((char)('0' + i), n_allele, allele));
	const struct text4 k = {table16(t), _mm256_set1_epi32(0x092e2f2e), _mm256_set1_epi32(0x092e7c2e),
		_mm256_set1_epi32(0x00ff00ff), table16(code_of_pair)};
	const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
	__m256i acc[2] = {_mm256_setzero_si256(), _mm256_setzero_si256()};
	int i = 0;

	for (; i + 32 <= n; i += 32, s += 128) {
		__m256i bad = _mm256_setzero_si256();
		__m256i a = _mm256_packs_epi32(cells8(s, &k, &bad), cells8(s + 32, &k, &bad));
		__m256i b = _mm256_packs_epi32(cells8(s + 64, &k, &bad), cells8(s + 96, &k, &bad));
		if (!_mm256_testz_si256(bad, bad))
			break;
		__m256i at = _mm256_permutevar8x32_epi32(_mm256_packus_epi16(a, b), order);
		note_pairs(at, acc);
		_mm256_storeu_si256((__m256i *)(code + i), _mm256_shuffle_epi8(k.to, at));
	}
	*pairs |= fold_pairs(acc);
	return i;
}
#endif

int geno_text_gt4(const struct geno_cells *c, int n_allele, int allele, uint8_t *code, unsigned *seen)
{
	int n = c->n, i = 0;
	unsigned pairs = 0;
	const char *s = c->s;

	if ((c->end - s) / 4 < n) /* cells of four bytes up to the end of the line, at most */
		n = (int)((c->end - s) / 4);
#if GENO_X86
	if (n >= 32 && __builtin_cpu_supports("avx2"))
		i = gt4_avx2(s, n, n_allele, allele, code, &pairs);
#endif
	for (s += 4 * (size_t)i; i < n; i++, s += 4) {
		unsigned a = digit_class(s[0], n_allele, allele), b = digit_class(s[2], n_allele, allele);
		if ((s[1] != '/' && s[1] != '|') || s[3] != '\t' || (a | b) & AL_BAD)
			break;
		pairs |= 1u << (4 * a + b);
		code[i] = code_of_pair[4 * a + b];
	}
	*seen |= seen_of_pairs(pairs);
	return i;
}

void geno_classes(int n_allele, int allele, struct geno_classes *k)
{
	memset(k->of, AL_BAD, sizeof k->of);
	for (char c = '0'; c <= '9'; c++)
		k->of[(unsigned char)c] = (uint8_t)digit_class(c, n_allele, allele);
	k->of['.'] = AL_NONE;
}

int geno_text_gt3(const struct geno_cells *c, const uint32_t *off, const struct geno_classes *k,
	uint8_t *code, unsigned *seen)
{
	unsigned pairs = 0;
	int i = 0;

	for (; i < c->n; i++) {
		const unsigned char *s = (const unsigned char *)c->s + off[i];
		if ((s[1] != '/' && s[1] != '|') || (s[3] != ':' && s[3] != '\t'))
			break;
		unsigned a = k->of[s[0]], b = k->of[s[2]];
		if ((a | b) & AL_BAD)
			break;
		pairs |= 1u << (4 * a + b);
		code[i] = code_of_pair[4 * a + b];
	}
	*seen |= seen_of_pairs(pairs);
	return i;
}

/* ---- where text cells and their fields begin ---- */

/* The walk over separators, 64 bytes at a time. */
struct walk {
	uint32_t *off;
	int n, i; /* cells, the one at hand */
	int k, n_key;
	int have; /* colons of this cell so far */
	int bad;  /* first cell of more fields than keys, -1 */
};

/* Bit masks of tabs and colons of 64 bytes at s; false: this cell was the last. */
static inline bool step(struct walk *w, uint64_t tabs, uint64_t colons, uint32_t at)
{
	for (;;) {
		uint64_t cell = tabs ? (tabs & -tabs) - 1 : UINT64_MAX; /* bytes before the next tab */
		uint64_t mine = colons & cell;
		int c = __builtin_popcountll(mine);
		if (w->have < w->k && w->have + c >= w->k) {
			uint64_t m = mine;
			for (int j = w->have + 1; j < w->k; j++)
				m &= m - 1;
			w->off[w->i] = at + (uint32_t)__builtin_ctzll(m) + 1;
		}
		w->have += c;
		if (!tabs)
			return true;
		if (w->have >= w->n_key && w->bad < 0)
			w->bad = w->i;
		if (++w->i == w->n)
			return false;
		w->have = 0;
		w->off[w->i] = w->k ? GENO_NO_FIELD : at + (uint32_t)__builtin_ctzll(tabs) + 1;
		colons &= ~cell;
		tabs &= tabs - 1;
	}
}

/* Masks of up to 64 bytes. */
static void masks_plain(const char *s, size_t n, uint64_t *tabs, uint64_t *colons)
{
	*tabs = *colons = 0;
	for (size_t i = 0; i < n; i++) {
		*tabs |= (uint64_t)(s[i] == '\t') << i;
		*colons |= (uint64_t)(s[i] == ':') << i;
	}
}

#if GENO_X86
__attribute__((target("avx2,popcnt,bmi"))) static size_t walk_avx2(const char *s, size_t n, struct walk *w)
{
	const __m256i tab = _mm256_set1_epi8('\t'), colon = _mm256_set1_epi8(':');
	size_t i = 0;

	for (; i + 64 <= n && w->i < w->n; i += 64) {
		__m256i a = _mm256_loadu_si256((const __m256i *)(s + i));
		__m256i b = _mm256_loadu_si256((const __m256i *)(s + i + 32));
		uint64_t t = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, tab)) |
			     (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(b, tab)) << 32;
		uint64_t c = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, colon)) |
			     (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(b, colon)) << 32;
		if (!step(w, t, c, (uint32_t)i))
			break;
	}
	return i;
}
#endif

int geno_text_index(const struct geno_cells *c, int n_key, int k, uint32_t *off)
{
	struct walk w = {.off = off, .n = c->n, .k = k, .n_key = n_key, .bad = -1};
	size_t n = (size_t)(c->end - c->s), i = 0;

	if (c->n == 0)
		return -1;
	off[0] = k ? GENO_NO_FIELD : 0;
#if GENO_X86
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi"))
		i = walk_avx2(c->s, n, &w);
#endif
	for (; i < n && w.i < w.n; i += 64) {
		uint64_t t, m;
		masks_plain(c->s + i, n - i < 64 ? n - i : 64, &t, &m);
		if (!step(&w, t, m, (uint32_t)i))
			break;
	}
	return w.bad;
}

#if GENO_X86
AVX2 static size_t count_avx2(const char *s, size_t n, char c, size_t *total)
{
	const __m256i want = _mm256_set1_epi8(c), zero = _mm256_setzero_si256();
	__m256i sum = zero;
	uint64_t part[4];
	size_t i = 0;

	while (i + 32 <= n) {
		__m256i run = zero;
		for (int k = 0; k < 255 && i + 32 <= n; k++, i += 32)
			run = _mm256_sub_epi8(
				run, _mm256_cmpeq_epi8(_mm256_loadu_si256((const __m256i *)(s + i)), want));
		sum = _mm256_add_epi64(sum, _mm256_sad_epu8(run, zero));
	}
	_mm256_storeu_si256((__m256i *)part, sum);
	*total = part[0] + part[1] + part[2] + part[3];
	return i;
}
#endif

size_t geno_count(const char *s, size_t n, char c)
{
	size_t total = 0, i = 0;

#if GENO_X86
	if (__builtin_cpu_supports("avx2"))
		i = count_avx2(s, n, c, &total);
#endif
	for (; i < n; i++)
		total += s[i] == c;
	return total;
}

/* ---- likelihoods: three numbers a sample into three planes ---- */

#if GENO_X86
/* Bytes 3 i + k of 48, i = 0..15, k a plane; and the same of 16-bit numbers. */
AVX2 static inline __m128i pick(__m128i v[3], const int8_t m[3][16])
{
	__m128i a = _mm_shuffle_epi8(v[0], _mm_loadu_si128((const __m128i *)m[0]));
	__m128i b = _mm_shuffle_epi8(v[1], _mm_loadu_si128((const __m128i *)m[1]));
	__m128i c = _mm_shuffle_epi8(v[2], _mm_loadu_si128((const __m128i *)m[2]));
	return _mm_or_si128(_mm_or_si128(a, b), c);
}

/* Where the bytes of plane k come from: byte (j / w * 3 + k) w + j % w for j = 0..15, w the width 1 or 2. */
static const int8_t pick_8[3][3][16] = {
	{{0, 3, 6, 9, 12, 15, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1},
		{-1, -1, -1, -1, -1, -1, 2, 5, 8, 11, 14, -1, -1, -1, -1, -1},
		{-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1, 4, 7, 10, 13}},
	{{1, 4, 7, 10, 13, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1},
		{-1, -1, -1, -1, -1, 0, 3, 6, 9, 12, 15, -1, -1, -1, -1, -1},
		{-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 2, 5, 8, 11, 14}},
	{{2, 5, 8, 11, 14, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1},
		{-1, -1, -1, -1, -1, 1, 4, 7, 10, 13, -1, -1, -1, -1, -1, -1},
		{-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0, 3, 6, 9, 12, 15}},
};
static const int8_t pick_16[3][3][16] = {
	{{0, 1, 6, 7, 12, 13, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1},
		{-1, -1, -1, -1, -1, -1, 2, 3, 8, 9, 14, 15, -1, -1, -1, -1},
		{-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 4, 5, 10, 11}},
	{{2, 3, 8, 9, 14, 15, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1},
		{-1, -1, -1, -1, -1, -1, 4, 5, 10, 11, -1, -1, -1, -1, -1, -1},
		{-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0, 1, 6, 7, 12, 13}},
	{{4, 5, 10, 11, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1},
		{-1, -1, -1, -1, 0, 1, 6, 7, 12, 13, -1, -1, -1, -1, -1, -1},
		{-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 2, 3, 8, 9, 14, 15}},
};

AVX2 static int pl16_avx2(const uint8_t *p, int n, uint8_t *const l[3])
{
	int i = 0;

	for (; i + 8 <= n; i += 8) {
		const __m128i *q = (const __m128i *)(p + 6 * (size_t)i), top = _mm_set1_epi16(255);
		__m128i v[3] = {_mm_loadu_si128(q), _mm_loadu_si128(q + 1), _mm_loadu_si128(q + 2)};
		if (_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(v[0], v[1]), v[2])) & 0xaaaa)
			break; /* negative: missing or end */
		__m128i x[3] = {pick(v, pick_16[0]), pick(v, pick_16[1]), pick(v, pick_16[2])};
		__m128i least = _mm_min_epi16(_mm_min_epi16(x[0], x[1]), x[2]);
		for (int k = 0; k < 3; k++) {
			__m128i d = _mm_min_epi16(_mm_sub_epi16(x[k], least), top);
			_mm_storel_epi64((__m128i *)(l[k] + i), _mm_packus_epi16(d, d));
		}
	}
	return i;
}

AVX2 static int pl8_avx2(const uint8_t *p, int n, uint8_t *const l[3])
{
	int i = 0;

	for (; i + 16 <= n; i += 16) {
		const __m128i *q = (const __m128i *)(p + 3 * (size_t)i);
		__m128i v[3] = {_mm_loadu_si128(q), _mm_loadu_si128(q + 1), _mm_loadu_si128(q + 2)};
		if (_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(v[0], v[1]), v[2])))
			break;
		__m128i x[3] = {pick(v, pick_8[0]), pick(v, pick_8[1]), pick(v, pick_8[2])};
		__m128i least = _mm_min_epu8(_mm_min_epu8(x[0], x[1]), x[2]);
		for (int k = 0; k < 3; k++)
			_mm_storeu_si128((__m128i *)(l[k] + i), _mm_sub_epi8(x[k], least));
	}
	return i;
}
#endif

static uint8_t up_to_255(int32_t x)
{
	return x > 255 ? 255 : (uint8_t)x;
}

static int pl32_plain(const uint8_t *p, int n, uint8_t *const l[3])
{
	int i = 0;

	for (; i < n; i++) {
		int32_t v[3];
		memcpy(v, p + 12 * (size_t)i, sizeof v);
		if ((v[0] | v[1] | v[2]) < 0)
			break;
		int32_t least = v[0] < v[1] ? v[0] : v[1];
		least = v[2] < least ? v[2] : least;
		for (int k = 0; k < 3; k++)
			l[k][i] = up_to_255(v[k] - least);
	}
	return i;
}

int geno_pl3(const struct geno_col *c, int from, uint8_t *const l[3])
{
	uint8_t *const at[3] = {l[0] + from, l[1] + from, l[2] + from};
	int n = c->n_sample - from;

	if (c->n != 3)
		return 0;
	if (c->type == BCF_BT_INT32)
		return pl32_plain(c->p + 12 * (size_t)from, n, at);
#if GENO_X86
	if (c->type == BCF_BT_INT16 && __builtin_cpu_supports("avx2"))
		return pl16_avx2(c->p + 6 * (size_t)from, n, at);
	if (c->type == BCF_BT_INT8 && __builtin_cpu_supports("avx2"))
		return pl8_avx2(c->p + 3 * (size_t)from, n, at);
#endif
	return 0;
}
