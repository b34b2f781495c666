/* SPDX-License-Identifier: GPL-3.0-or-later
 * sums.c -- exact sums of rows over samples and columns: the object, its units, merging, results. */
#include "stage/prs/sums.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "stage/prs/sums_int.h"

#define LINE_BYTES  64
#define WS_BYTES    (6 << 20) /* weights of the pending rows, at most */
#define REAL_VALUES (64 << 10)
#define MAX_ROWS    640
#define TILE        4096 /* samples of a chunk that the L2 holds */

bool prs_sums_has_isa(enum sums_isa isa)
{
#if defined(__x86_64__) && defined(__GNUC__)
	if (isa == SUMS_AVX2)
		return __builtin_cpu_supports("avx2");
	if (isa == SUMS_AVX512)
		return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
		       __builtin_cpu_supports("avx2");
#endif
	return isa == SUMS_AUTO || isa == SUMS_PORTABLE;
}

int prs_sums_use_isa(struct prs_sums *s, enum sums_isa isa)
{
	if (!prs_sums_has_isa(isa))
		return GRX_E_BUG;
	if (isa == SUMS_AUTO)
		isa = prs_sums_has_isa(SUMS_AVX512) ? SUMS_AVX512
		      : prs_sums_has_isa(SUMS_AVX2) ? SUMS_AVX2
						    : SUMS_PORTABLE;
	s->ops1 = prs_sums_narrow(isa, 1);
	s->ops = s->width == SUMS_LINE ? prs_sums_wide(isa) : prs_sums_narrow(isa, s->width);
	return GRX_OK;
}

void *prs_sums_alloc(struct prs_sums *s, size_t n, size_t size)
{
	if (size && n > PTRDIFF_MAX / size - LINE_BYTES)
		return NULL;
	char *raw = grx_calloc(n * size + LINE_BYTES, 1);
	if (!raw)
		return NULL;
	s->raw[s->n_raw++] = raw;
	return raw + (LINE_BYTES - (uintptr_t)raw % LINE_BYTES);
}

/* Rows of a group: a table of 3^rows sums must pay against adding for each sample. */
static int rows_of_group(int n_sample)
{
	return n_sample < 8 ? 1 : n_sample < 64 ? 2 : 4;
}

/* Expectations in waiting: as many as leave half of the L2 to the sums of a chunk. */
static int rows_of_batch(const struct prs_sums *s)
{
	int rows = s->width == SUMS_LINE ? SUMS_REAL : 1;
	while (rows > 1 && rows < 4 * SUMS_REAL && 2 * (size_t)rows * (size_t)s->n_sample <= REAL_VALUES)
		rows *= 2;
	return rows;
}

static void shape(struct prs_sums *s, int n_sample, int n_col)
{
	s->n_sample = n_sample;
	s->n_col = n_col;
	s->width = n_col <= 2 ? n_col : n_col <= 4 ? 4 : SUMS_LINE;
	s->width = s->width ? s->width : 1;
	s->n_chunk = (n_col + s->width - 1) / s->width;
	s->n_pad = s->n_chunk * s->width;
	s->max_real = rows_of_batch(s);
	s->group_rows = rows_of_group(n_sample);
	int block = SUMS_GROUPS * s->group_rows;
	s->max_rows = block;
	while (s->width == SUMS_LINE && s->max_rows + block <= MAX_ROWS &&
		(size_t)(s->max_rows + block) * (size_t)s->n_pad * sizeof(double) <= WS_BYTES)
		s->max_rows += block;
}

struct prs_sums *prs_sums_new(int n_sample, int n_col, const double *bound, bool variance)
{
	struct prs_sums *s = n_sample >= 0 && n_col >= 0 ? grx_calloc(1, sizeof(*s)) : NULL;
	if (!s)
		return NULL;
	shape(s, n_sample, n_col);
	s->variance = variance;
	prs_sums_var_bits(s, 0);
	size_t k = (size_t)s->n_pad;
	s->e = prs_sums_alloc(s, k, sizeof(*s->e));
	s->scale = prs_sums_alloc(s, k, sizeof(*s->scale));
	s->spent = prs_sums_alloc(s, k, 3 * sizeof(*s->spent));
	s->common = prs_sums_alloc(s, k, 3 * sizeof(*s->common));
	if (!s->e || !s->scale || !s->spent || !s->common || prs_sums_use_isa(s, SUMS_AUTO) != GRX_OK) {
		prs_sums_free(s);
		return NULL;
	}
	for (int i = 0; i < n_col; i++) {
		int x;
		s->some_zero |= !(bound[i] > 0);
		if (!(bound[i] > 0))
			continue;
		frexp(bound[i], &x);
		s->e[i] = SUMS_TOP - x < SUMS_MAX_E ? SUMS_TOP - x : SUMS_MAX_E;
		s->scale[i] = isfinite(bound[i]) ? ldexp(1, s->e[i]) : NAN;
	}
	return s;
}

void prs_sums_var_bits(struct prs_sums *s, int bits)
{
	s->var_e = SUMS_VAR_E - bits;
	s->var_unit = ldexp(1, -s->var_e);
}

void prs_sums_free(struct prs_sums *s)
{
	if (!s)
		return;
	for (int i = 0; i < s->n_raw; i++)
		grx_free(s->raw[i]);
	grx_free(s->odd);
	grx_free(s);
}

int prs_sums_need_plane(struct prs_sums *s, int plane)
{
	if (!s->plane[plane])
		s->plane[plane] = prs_sums_alloc(s, (size_t)s->n_sample * (size_t)s->n_pad, sizeof(uint64_t));
	return s->plane[plane] ? GRX_OK : GRX_E_NOMEM;
}

int prs_sums_need_pos(struct prs_sums *s)
{
	if (!s->pos)
		s->pos = prs_sums_alloc(s, (size_t)s->n_sample, sizeof(*s->pos));
	return s->pos ? GRX_OK : GRX_E_NOMEM;
}

int prs_sums_spend(struct prs_sums *s, const double *w, double *ws, struct sums_max max)
{
	/* a column without a bound takes nothing */
	for (int k = 0; s->some_zero && k < s->n_col; k++)
		s->broken |= s->scale[k] == 0 && w[k] * max.u != 0;
	s->broken |= !isfinite(max.u) || !isfinite(max.var) || !s->ops->spend(s, w, ws, max);
	return s->broken ? GRX_E_BUG : GRX_OK;
}

void prs_sums_flush_codes(struct prs_sums *s)
{
	int block = SUMS_GROUPS * s->group_rows;
	for (int beg = 0; beg < s->n_sample; beg += TILE) {
		int end = s->n_sample - beg < TILE ? s->n_sample : beg + TILE;
		for (int c = 0; c < s->n_chunk; c++) {
			for (int row = 0; row < s->n_rows; row += block)
				s->ops->block(s, c, row, beg, end);
			if (end == s->n_sample)
				s->ops->rows(s, c);
		}
	}
	memset(s->index, 0, (size_t)(s->max_rows / s->group_rows) * (size_t)s->n_sample);
	s->n_rows = 0;
	s->n_odd = 0;
}

void prs_sums_flush(struct prs_sums *s)
{
	if (s->n_rows)
		prs_sums_flush_codes(s);
	if (s->n_real)
		prs_sums_flush_real(s);
	if (s->dose_rows)
		prs_sums_flush_dose(s);
}

static bool same_shape(const struct prs_sums *a, const struct prs_sums *b)
{
	return a->n_sample == b->n_sample && a->n_col == b->n_col && a->variance == b->variance &&
	       a->var_e == b->var_e && !a->broken && !b->broken &&
	       memcmp(a->e, b->e, (size_t)a->n_pad * sizeof(*a->e)) == 0 &&
	       memcmp(a->scale, b->scale, (size_t)a->n_pad * sizeof(*a->scale)) == 0;
}

static void add_words(uint64_t *a, const uint64_t *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		a[i] += b[i];
}

int prs_sums_merge(struct prs_sums *a, struct prs_sums *b)
{
	int rc = GRX_E_BUG;
	if (!same_shape(a, b))
		return rc;
	prs_sums_flush(a);
	prs_sums_flush(b);
	size_t pad = (size_t)a->n_pad;
	for (size_t k = 0; k < 3 * pad; k++) {
		a->spent[k] += b->spent[k];
		a->broken |= !(a->spent[k] <= SUMS_LIMIT);
	}
	if (a->broken)
		return rc;
	add_words(a->common, b->common, 3 * pad);
	for (int p = 0; p < 3; p++)
		if (b->plane[p]) {
			GRX_TRY(prs_sums_need_plane(a, p));
			add_words(a->plane[p], b->plane[p], pad * (size_t)a->n_sample);
		}
	GRX_TRY(prs_sums_merge_counts(a, b));
	rc = GRX_OK;
out:
	a->broken |= rc != GRX_OK;
	return rc;
}

static double result(struct prs_sums *s, int plane, int sample, int col, int e)
{
	if (s->broken)
		return NAN;
	prs_sums_flush(s);
	size_t wd = (size_t)s->width, c = (size_t)col / wd;
	uint64_t v = s->common[(size_t)plane * (size_t)s->n_pad + (size_t)col];
	if (s->plane[plane])
		v += s->plane[plane][(c * (size_t)s->n_sample + (size_t)sample) * wd + (size_t)col % wd];
	return ldexp((double)(int64_t)v, -e);
}

double prs_sums_get(struct prs_sums *s, int sample, int col)
{
	return result(s, 0, sample, col, s->e[col]);
}

double prs_sums_absw(struct prs_sums *s, int sample, int col)
{
	return result(s, 1, sample, col, s->e[col] - SUMS_ABSW_E);
}

double prs_sums_var(struct prs_sums *s, int sample, int col)
{
	return s->variance ? result(s, 2, sample, col, 2 * (s->e[col] - s->var_e)) : NAN;
}
