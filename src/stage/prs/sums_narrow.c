/* SPDX-License-Identifier: GPL-3.0-or-later
 * sums_narrow.c -- objects of 1, 2 or 4 columns: the same sums, lines of their own width.
 * One object a score and thousands of scores: a line of eight would take the memory of eight. */
#include <math.h>

#include "stage/prs/sums_int.h"

#define INLINE static inline __attribute__((always_inline))

static uint64_t term(double f, double u)
{
	return (uint64_t)llrint(u * f);
}

static bool spend(struct prs_sums *s, const double *w, double *ws, struct sums_max max)
{
	bool ok = true;
	for (int k = 0; k < s->n_pad; k++) {
		double *t = s->spent + k, x = k < s->n_col ? w[k] * s->scale[k] : 0, v = x * s->var_unit;
		ws[k] = x;
		t[0] += fabs(x) * max.u;
		t[s->n_pad] += fabs(x) * SUMS_ABSW;
		t[2 * s->n_pad] += v * v * max.var;
		if (max.absw)
			s->common[s->n_pad + k] += term(fabs(x), SUMS_ABSW);
		ok = ok && t[0] <= SUMS_LIMIT && t[s->n_pad] <= SUMS_LIMIT && t[2 * s->n_pad] <= SUMS_LIMIT;
	}
	return ok;
}

/* The table of the n rows from `row` on; column j of width wd. */
INLINE void fill(const struct prs_sums *s, int row, int n, int wd, uint64_t *table)
{
	for (int j = 0; j < wd; j++) {
		table[j] = 0;
		int size = wd;
		for (int r = row; r < row + n; r++, size *= 3) {
			const struct sums_row *q = &s->row[r];
			double ws = s->ws[(size_t)r * (size_t)wd + (size_t)j];
			uint64_t ref = term(ws, q->u[0]), a = term(ws, q->u[1]) - ref,
				 b = term(ws, q->u[2]) - ref;
			for (int i = j; i < size; i += wd) {
				table[size + i] = table[i] + a;
				table[2 * size + i] = table[i] + b;
			}
		}
	}
}

/* Every sample looks its genotypes up in g tables. */
INLINE void look(int g, int wd, const uint8_t *const *index, const uint64_t *table, uint64_t *plane, int n)
{
	const uint8_t *x[SUMS_GROUPS];
	for (int j = 0; j < g; j++)
		x[j] = index[j];
	for (int i = 0; i < n; i++, plane += wd) {
		uint64_t a[4];
#pragma GCC unroll 4
		for (int k = 0; k < wd; k++)
			a[k] = plane[k];
#pragma GCC unroll 8
		for (int j = 0; j < g; j++)
#pragma GCC unroll 4
			for (int k = 0; k < wd; k++)
				a[k] += table[(j * SUMS_STATES + x[j][i]) * wd + k];
#pragma GCC unroll 4
		for (int k = 0; k < wd; k++)
			plane[k] = a[k];
	}
}

INLINE void block(struct prs_sums *s, int wd, int row, int beg, int end)
{
	const uint8_t *index[SUMS_GROUPS];
	int g = 0;
	for (; g < SUMS_GROUPS && row < s->n_rows; g++, row += s->group_rows) {
		int rows = s->n_rows - row < s->group_rows ? s->n_rows - row : s->group_rows;
		fill(s, row, rows, wd, s->table + (size_t)g * SUMS_STATES * (size_t)wd);
		index[g] = s->index + (size_t)(row / s->group_rows) * (size_t)s->n_sample + beg;
	}
	uint64_t *plane = s->plane[0] + (size_t)beg * (size_t)wd;
	if (g == SUMS_GROUPS)
		look(SUMS_GROUPS, wd, index, s->table, plane, end - beg);
	else
		for (int j = 0; j < g; j++)
			look(1, wd, index + j, s->table + (size_t)j * SUMS_STATES * (size_t)wd, plane,
				end - beg);
}

static void odd_sample(struct prs_sums *s, const struct sums_row *q, double ws, struct sums_odd o, size_t at)
{
	uint8_t odd = q->odd[o.code];
	double w2 = ws * s->var_unit * (ws * s->var_unit);
	if (odd & SUMS_ODD_VALUE)
		s->plane[0][at] += term(ws, q->code_u[o.code]) - term(ws, q->u[0]);
	if (odd & SUMS_ODD_ABSW)
		s->plane[1][at] += (q->ref_called ? (uint64_t)-1 : 1) * term(fabs(ws), SUMS_ABSW);
	if (s->variance && odd & SUMS_ODD_VAR)
		s->plane[2][at] += term(w2, q->code_var[o.code]) - term(w2, q->ref_var);
}

static void rows(struct prs_sums *s, int chunk)
{
	(void)chunk;
	size_t pad = (size_t)s->n_pad;
	const struct sums_odd *o = s->odd, *list = s->odd;
	for (int r = 0; r < s->n_rows; r++) {
		const struct sums_row *q = &s->row[r];
		const double *ws = s->ws + (size_t)r * pad;
		for (size_t k = 0; k < pad; k++) {
			s->common[k] += term(ws[k], q->u[0]);
			s->common[2 * pad + k] += term(
				ws[k] * s->var_unit * (ws[k] * s->var_unit), q->ref_var);
		}
		for (; o < list + q->odd_end; o++)
			for (size_t k = 0; k < pad; k++)
				odd_sample(s, q, ws[k], *o, (size_t)o->sample * pad + k);
	}
}

INLINE void real(const struct sums_batch *b, int wd, uint64_t *plane, int n)
{
	for (int r = 0; r < b->rows; r++)
		for (int i = 0; i < n; i++)
			for (int k = 0; k < wd; k++)
				plane[i * wd + k] += term(b->f[r * b->f_step + k], b->u[r * b->u_step + i]);
}

static void one(const float *u, double f, uint64_t *plane, int n)
{
	for (int i = 0; i < n; i++)
		plane[i] += term(f, u[i]);
}

static void one_double(const double *u, double f, uint64_t *plane, int n)
{
	for (int i = 0; i < n; i++)
		plane[i] += term(f, u[i]);
}

#define NARROW(wd)                                                                                           \
	static void block_##wd(struct prs_sums *s, int chunk, int row, int beg, int end)                     \
	{                                                                                                    \
		(void)chunk;                                                                                 \
		block(s, wd, row, beg, end);                                                                 \
	}                                                                                                    \
	static void real_##wd(const struct sums_batch *b, uint64_t *plane, int n)                            \
	{                                                                                                    \
		real(b, wd, plane, n);                                                                       \
	}
NARROW(1)
NARROW(2)
NARROW(4)

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#define NARROW_X86 1

#define AVX512 __attribute__((target("avx512f,avx512dq")))
#define AVX2   __attribute__((target("avx2")))

/* One column: lanes are samples. */
AVX512 INLINE void add_512(__m512d x, __m512d w, uint64_t *to)
{
	__m512i t = _mm512_cvtpd_epi64(_mm512_mul_pd(x, w));
	_mm512_storeu_si512(to, _mm512_add_epi64(_mm512_loadu_si512(to), t));
}

AVX512 static void one_avx512(const float *u, double f, uint64_t *plane, int n)
{
	int i = 0;
	for (; i + 8 <= n; i += 8)
		add_512(_mm512_cvtps_pd(_mm256_loadu_ps(u + i)), _mm512_set1_pd(f), plane + i);
	one(u + i, f, plane + i, n - i);
}

AVX512 static void one_double_avx512(const double *u, double f, uint64_t *plane, int n)
{
	int i = 0;
	for (; i + 8 <= n; i += 8)
		add_512(_mm512_loadu_pd(u + i), _mm512_set1_pd(f), plane + i);
	one_double(u + i, f, plane + i, n - i);
}

/* As terms() of sums_kernel.inc. */
AVX2 INLINE void add_256(__m256d u, __m256d w, uint64_t *plane)
{
	__m256d round = _mm256_set1_pd(SUMS_ROUND), x = _mm256_mul_pd(u, w);
	__m256d high = _mm256_add_pd(_mm256_mul_pd(x, _mm256_set1_pd(0x1p-32)), round);
	__m256d back = _mm256_mul_pd(_mm256_sub_pd(high, round), _mm256_set1_pd(0x1p32));
	__m256d low = _mm256_add_pd(_mm256_sub_pd(x, back), round);
	__m256i t = _mm256_sub_epi64(_mm256_castpd_si256(low), _mm256_set1_epi64x(SUMS_ROUND_BITS));
	t = _mm256_add_epi64(t, _mm256_slli_epi64(_mm256_castpd_si256(high), 32));
	__m256i *to = (__m256i *)plane;
	_mm256_storeu_si256(to, _mm256_add_epi64(_mm256_loadu_si256(to), t));
}

AVX2 static void one_avx2(const float *u, double f, uint64_t *plane, int n)
{
	int i = 0;
	for (; i + 4 <= n; i += 4)
		add_256(_mm256_cvtps_pd(_mm_loadu_ps(u + i)), _mm256_set1_pd(f), plane + i);
	one(u + i, f, plane + i, n - i);
}

AVX2 static void one_double_avx2(const double *u, double f, uint64_t *plane, int n)
{
	int i = 0;
	for (; i + 4 <= n; i += 4)
		add_256(_mm256_loadu_pd(u + i), _mm256_set1_pd(f), plane + i);
	one_double(u + i, f, plane + i, n - i);
}
#else
#define NARROW_X86 0
#endif

const struct sums_ops *prs_sums_narrow(enum sums_isa isa, int width)
{
#define OPS(wd, isa, simd)                                                                                   \
	{                                                                                                    \
		spend, block_##wd, rows, real_##wd, one##isa, one_double##isa, prs_sums_largest##simd,       \
			prs_sums_pack##simd                                                                  \
	}
	static const struct sums_ops portable[] = {OPS(1, , ), OPS(2, , ), OPS(4, , )};
	int at = width / 2;
#if NARROW_X86
	static const struct sums_ops avx2[] = {
		OPS(1, _avx2, _avx2), OPS(2, _avx2, _avx2), OPS(4, _avx2, _avx2)};
	static const struct sums_ops avx512 = OPS(1, _avx512, _avx2);
	if (isa == SUMS_AVX512 && width == 1)
		return &avx512;
	if (isa != SUMS_PORTABLE)
		return &avx2[at];
#endif
	(void)isa;
	return &portable[at];
}
