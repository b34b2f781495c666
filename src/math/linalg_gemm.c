/* SPDX-License-Identifier: GPL-3.0-or-later
 * linalg_gemm.c -- blocked matrix products on packed panels (Goto and van de Geijn 2008,
 * doi:10.1145/1356052.1356053). k is cut into blocks of KC from the front whatever the other shapes, so that
 * the order of summation of an element depends on k alone. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "math/linalg.h"

#define KC       256  /* depth of a panel: KC x 24 columns of B stay in the first cache */
#define MC       96   /* rows of A packed at a time: 192 KB, second cache */
#define NC       1536 /* columns of B packed at a time: 3 MB, third cache */
#define MAX_TILE (8 * 24)

#if defined(__x86_64__) && defined(__GNUC__)
#define GEMM_X86  1
#define GK_L      8
#define GK_V      3
#define GK_M      8
#define GK_TARGET __attribute__((target("avx512f")))
#include "math/linalg_kernel.inc"
#define GK_L      4
#define GK_V      2
#define GK_M      4
#define GK_TARGET __attribute__((target("avx2")))
#include "math/linalg_kernel.inc"
#else
#define GEMM_X86 0
#endif
#define GK_L 2
#define GK_V 2
#define GK_M 4
#define GK_TARGET
#include "math/linalg_kernel.inc"

struct kernel {
	void (*tile)(int64_t k, const double *a, const ptrdiff_t step[2], const double *b, double *tile);
	int m, n;
};

struct panels {
	const struct grx_gemm_args *g;
	struct kernel kern;
	double *a, *b; /* packed: strips of kern.m rows; strips of kern.n columns, zero beyond the edge */
	int64_t j0, nj, p0, np, i0, ni;
	double beta;
};

bool grx_gemm_has_isa(enum grx_gemm_isa isa)
{
	switch (isa) {
#if GEMM_X86
	case GRX_GEMM_AVX2:
		return __builtin_cpu_supports("avx2");
	case GRX_GEMM_AVX512:
		return __builtin_cpu_supports("avx512f");
#endif
	case GRX_GEMM_AUTO:
	case GRX_GEMM_PORTABLE:
		return true;
	default:
		return false;
	}
}

static struct kernel kernel_of(enum grx_gemm_isa isa)
{
#if GEMM_X86
	if (isa == GRX_GEMM_AVX512 || (isa == GRX_GEMM_AUTO && grx_gemm_has_isa(GRX_GEMM_AVX512)))
		return (struct kernel){tile_8, 8, 24};
	if (isa == GRX_GEMM_AVX2 || (isa == GRX_GEMM_AUTO && grx_gemm_has_isa(GRX_GEMM_AVX2)))
		return (struct kernel){tile_4, 4, 8};
#endif
	(void)isa;
	return (struct kernel){tile_2, 4, 4};
}

/* Strips of `width` along the first index of m (rows), np deep; rows beyond n are zero. */
static void pack(double *dst, const double *src, const ptrdiff_t step[2], int64_t n, const int64_t shape[2])
{
	int64_t width = shape[0], np = shape[1];
	for (int64_t i = 0; i < n; i += width) {
		int64_t w = n - i < width ? n - i : width;
		const double *s = src + i * step[0];
		for (int64_t p = 0; p < np; p++, dst += width) {
			for (int64_t k = 0; k < w; k++)
				dst[k] = s[k * step[0] + p * step[1]];
			for (int64_t k = w; k < width; k++)
				dst[k] = 0.0;
		}
	}
}

/* c = beta c + alpha tile for the part of the tile that lies within C, or within its lower triangle. */
static void put_tile(const struct panels *s, const double *tile, int64_t i, int64_t j)
{
	const struct grx_mat *c = &s->g->c;
	int64_t m = s->i0 + s->ni - i < s->kern.m ? s->i0 + s->ni - i : s->kern.m;
	int64_t n = s->j0 + s->nj - j < s->kern.n ? s->j0 + s->nj - j : s->kern.n;
	double alpha = s->g->alpha, beta = s->beta;
	for (int64_t y = 0, whole = n; y < m; y++) {
		n = s->g->lower && i + y - j + 1 < whole ? i + y - j + 1 : whole;
		double *d = c->a + (i + y) * c->rs + j * c->cs;
		const double *t = tile + y * s->kern.n;
		if (beta == 0.0)
			for (int64_t x = 0; x < n; x++)
				d[x * c->cs] = alpha * t[x];
		else if (c->cs == 1 && beta == 1.0)
			for (int64_t x = 0; x < n; x++)
				d[x] += alpha * t[x];
		else
			for (int64_t x = 0; x < n; x++)
				d[x * c->cs] = beta * d[x * c->cs] + alpha * t[x];
	}
}

/* All tiles of the rows [i0, i0 + ni) against the packed B. Few columns: A is used once, packing it would
 * cost as much as the product, so whole strips are read in place. */
static void block_rows(const struct panels *s)
{
	const struct grx_mat *a = &s->g->a;
	const ptrdiff_t in_place[2] = {a->rs, a->cs}, packed[2] = {1, s->kern.m};
	double tile[MAX_TILE];
	bool direct = s->nj <= s->kern.n;
	int64_t m = s->kern.m, n = s->kern.n;
	const double *src = a->a + s->i0 * a->rs + s->p0 * a->cs;
	int64_t whole = direct ? s->ni / m * m : 0;
	pack(s->a + whole * s->np, src + whole * a->rs, in_place, s->ni - whole, (int64_t[]){m, s->np});
	for (int64_t j = 0; j < s->nj; j += n)
		for (int64_t i = 0; i < s->ni; i += m) {
			if (s->g->lower && s->j0 + j > s->i0 + i + m - 1)
				continue;
			if (i < whole)
				s->kern.tile(s->np, src + i * a->rs, in_place, s->b + j * s->np, tile);
			else
				s->kern.tile(s->np, s->a + i * s->np, packed, s->b + j * s->np, tile);
			put_tile(s, tile, s->i0 + i, s->j0 + j);
		}
}

static void blocks(struct panels *s)
{
	const struct grx_mat *a = &s->g->a, *b = &s->g->b;
	for (s->j0 = 0; s->j0 < b->n_col; s->j0 += NC) {
		s->nj = b->n_col - s->j0 < NC ? b->n_col - s->j0 : NC;
		for (s->p0 = 0; s->p0 < a->n_col; s->p0 += KC) {
			s->np = a->n_col - s->p0 < KC ? a->n_col - s->p0 : KC;
			s->beta = s->p0 ? 1.0 : s->g->beta;
			pack(s->b, b->a + s->p0 * b->rs + s->j0 * b->cs, (ptrdiff_t[]){b->cs, b->rs}, s->nj,
				(int64_t[]){s->kern.n, s->np});
			for (s->i0 = 0; s->i0 < a->n_row; s->i0 += MC) {
				s->ni = a->n_row - s->i0 < MC ? a->n_row - s->i0 : MC;
				block_rows(s);
			}
		}
	}
}

static void scale(struct grx_mat c, double beta)
{
	for (int64_t i = 0; i < c.n_row; i++)
		for (int64_t j = 0; j < c.n_col; j++) {
			double *x = grx_mat_at(c, i, j);
			*x = beta == 0.0 ? 0.0 : *x * beta;
		}
}

int grx_gemm_with(struct grx_ctx *cx, const struct grx_gemm_args *g)
{
	struct panels s = {.g = g, .kern = kernel_of(g->isa)};
	int64_t n = g->b.n_col, k = g->a.n_col;
	if (g->a.n_row != g->c.n_row || n != g->c.n_col || k != g->b.n_row || !grx_gemm_has_isa(g->isa))
		return grx_fail(cx, GRX_E_BUG, "matrix product: shapes or kernel do not fit");
	if (k == 0 || n == 0 || g->a.n_row == 0) {
		scale(g->c, g->beta);
		return GRX_OK;
	}
	int64_t depth = k < KC ? k : KC, width = n < NC ? n : NC, rows = g->a.n_row < MC ? g->a.n_row : MC;
	int rc = GRX_OK;
	s.b = grx_malloc((size_t)((width + s.kern.n) * depth), sizeof(*s.b));
	s.a = grx_malloc((size_t)((rows + s.kern.m) * depth), sizeof(*s.a));
	if (s.a && s.b)
		blocks(&s);
	else
		rc = grx_fail_nomem(cx, "panels of a matrix product");
	grx_free(s.a);
	grx_free(s.b);
	return rc;
}

int grx_gemm(
	struct grx_ctx *cx, double alpha, struct grx_mat a, struct grx_mat b, double beta, struct grx_mat c)
{
	struct grx_gemm_args g = {.alpha = alpha, .beta = beta, .a = a, .b = b, .c = c};
	return grx_gemm_with(cx, &g);
}

int grx_syrk(struct grx_ctx *cx, double alpha, struct grx_mat a, double beta, struct grx_mat c)
{
	struct grx_gemm_args g = {
		.alpha = alpha, .beta = beta, .a = a, .b = grx_mat_t(a), .c = c, .lower = true};
	int rc = grx_gemm_with(cx, &g);
	for (int64_t i = 0; i < c.n_row && rc == GRX_OK; i++)
		for (int64_t j = 0; j < i; j++)
			*grx_mat_at(c, j, i) = *grx_mat_at(c, i, j);
	return rc;
}
