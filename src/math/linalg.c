/* SPDX-License-Identifier: GPL-3.0-or-later
 * linalg.c -- views, vector kernels, matrix times vector, triangular solves. */
#include "math/linalg.h"

#include <string.h>

typedef double vec8 __attribute__((vector_size(64), aligned(8)));
#define INLINE static inline __attribute__((always_inline))

struct grx_mat grx_mat_rows(double *a, int64_t n_row, int64_t n_col)
{
	return (struct grx_mat){a, n_row, n_col, (ptrdiff_t)n_col, 1};
}

struct grx_mat grx_mat_t(struct grx_mat m)
{
	return (struct grx_mat){m.a, m.n_col, m.n_row, m.cs, m.rs};
}

struct grx_mat grx_mat_sub(struct grx_mat m, int64_t i, int64_t j, int64_t n_row, int64_t n_col)
{
	return (struct grx_mat){m.a + i * m.rs + j * m.cs, n_row, n_col, m.rs, m.cs};
}

double *grx_mat_at(struct grx_mat m, int64_t i, int64_t j)
{
	return m.a + i * m.rs + j * m.cs;
}

/* A macro: a function that returns such a vector has another calling convention on every CPU. */
#define load(p) (*(const vec8 *)(const void *)(p))

/* Partial sum k holds elements k, k + 16, ...; the tail goes to the first ones in order. */
INLINE double dot_body(int64_t n, const double *x, const double *y)
{
	vec8 a = {0}, b = {0};
	int64_t i = 0;
	for (; i + 16 <= n; i += 16) {
		a += load(x + i) * load(y + i);
		b += load(x + i + 8) * load(y + i + 8);
	}
	double part[16], sum = 0;
	memcpy(part, &a, sizeof(a));
	memcpy(part + 8, &b, sizeof(b));
	for (int64_t k = 0; i + k < n; k++)
		part[k] += x[i + k] * y[i + k];
	for (int k = 0; k < 16; k++)
		sum += part[k];
	return sum;
}

INLINE void axpy_body(int64_t n, double a, const double *x, double *y)
{
	int64_t i = 0;
	for (; i + 8 <= n; i += 8)
		*(vec8 *)(void *)(y + i) = load(y + i) + a * load(x + i);
	for (; i < n; i++)
		y[i] += a * x[i];
}

#if defined(__x86_64__) && defined(__GNUC__)
__attribute__((target("avx2"))) static double dot_avx2(int64_t n, const double *x, const double *y)
{
	return dot_body(n, x, y);
}

__attribute__((target("avx2"))) static void axpy_avx2(int64_t n, double a, const double *x, double *y)
{
	axpy_body(n, a, x, y);
}

static bool wide(int64_t n)
{
	return n >= 32 && __builtin_cpu_supports("avx2");
}
#else
#define dot_avx2  dot_body
#define axpy_avx2 axpy_body

static bool wide(int64_t n)
{
	(void)n;
	return false;
}
#endif

double grx_dot(int64_t n, const double *x, const double *y)
{
	return wide(n) ? dot_avx2(n, x, y) : dot_body(n, x, y);
}

void grx_axpy(int64_t n, double a, const double *x, double *y)
{
	if (wide(n))
		axpy_avx2(n, a, x, y);
	else
		axpy_body(n, a, x, y);
}

static double dot_strided(int64_t n, const double *x, ptrdiff_t step, const double *y)
{
	if (step == 1)
		return grx_dot(n, x, y);
	double s = 0;
	for (int64_t i = 0; i < n; i++)
		s += x[i * step] * y[i];
	return s;
}

void grx_gemv(double alpha, struct grx_mat a, const double *x, double beta, double *y)
{
	if (a.rs == 1 && a.cs != 1) { /* columns are contiguous */
		for (int64_t i = 0; i < a.n_row; i++)
			y[i] = beta == 0.0 ? 0.0 : beta * y[i];
		for (int64_t j = 0; j < a.n_col; j++)
			grx_axpy(a.n_row, alpha * x[j], a.a + j * a.cs, y);
		return;
	}
	for (int64_t i = 0; i < a.n_row; i++) {
		double s = alpha * dot_strided(a.n_col, a.a + i * a.rs, a.cs, x);
		y[i] = beta == 0.0 ? s : beta * y[i] + s;
	}
}

void grx_trsv(struct grx_mat l, double *x)
{
	for (int64_t i = 0; i < l.n_row; i++)
		x[i] = (x[i] - dot_strided(i, l.a + i * l.rs, l.cs, x)) / *grx_mat_at(l, i, i);
}

/* By rows of L, which are contiguous: once x[i] is known it leaves all equations above. */
void grx_trsv_t(struct grx_mat l, double *x)
{
	for (int64_t i = l.n_row - 1; i >= 0; i--) {
		x[i] /= *grx_mat_at(l, i, i);
		if (l.cs == 1)
			grx_axpy(i, -x[i], l.a + i * l.rs, x);
		else
			for (int64_t j = 0; j < i; j++)
				x[j] -= x[i] * *grx_mat_at(l, i, j);
	}
}
