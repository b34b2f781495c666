/* SPDX-License-Identifier: GPL-3.0-or-later
 * anc_pca.c -- principal components of a panel from packed genotypes. The matrix of standardised genotypes X
 * (loci x people) never exists as a whole: y = X'(X q) runs over it in spans of loci, whose parts are added
 * in the order of the loci whatever thread made them. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/par.h"
#include "math/linalg.h"
#include "stage/prs/anc_int.h"

#define TILE  128  /* loci decoded at a time: 2.5 MB at 2,504 people */
#define SPAN  1024 /* loci of one part */
#define BLOCK 24   /* columns of q: one register tile of the product */

/* A word holds 32 people; two of them are looked up at once. */
void anc_standardise(
	const struct anc_matrix *m, const int64_t span[2], const int64_t people[2], double *x, int64_t stride)
{
	const int64_t words = anc_words(m->n_person);
	for (int64_t l = 0; l < span[1]; l++, x += stride) {
		const struct anc_locus *at = &m->locus[span[0] + l];
		const uint64_t *row = m->word + (span[0] + l) * words;
		double value[4], pair[16][2];
		for (int g = 0; g < 4; g++)
			value[g] = g == 3 ? 0.0 : (g - at->mean) * at->inv_sd;
		for (int k = 0; k < 16; k++) {
			pair[k][0] = value[k & 3];
			pair[k][1] = value[k >> 2];
		}
		int64_t i = 0, p = people[0];
		for (; i < people[1] && p % 32; i++, p++)
			x[i] = value[anc_get(row, p)];
		for (; i + 32 <= people[1]; i += 32, p += 32) {
			uint64_t w = row[p / 32];
			for (int k = 0; k < 16; k++, w >>= 4)
				memcpy(x + i + 2 * k, pair[w & 15], sizeof(pair[0]));
		}
		for (; i < people[1]; i++, p++)
			x[i] = value[anc_get(row, p)];
	}
}

struct pass {
	const struct anc_matrix *m;
	const double *q; /* n_train x b */
	double *y;
	int64_t b, n_item;
	double **tile, **part, **mid; /* by slot */
};

static int pass_next(void *state, struct grx_ctx *cx, uint64_t i, int slot, bool *done)
{
	const struct pass *p = state;
	(void)cx;
	(void)slot;
	*done = (int64_t)i >= p->n_item;
	return GRX_OK;
}

/* Rows of tiles start on a cache line and not on the same set of the cache. */
static int64_t tile_stride(int64_t n)
{
	return (n + 7) / 8 * 8 + 8;
}

static int pass_map(void *state, struct grx_ctx *cx, uint64_t i, int slot, int thread)
{
	int rc = GRX_E_BUG;
	struct pass *p = state;
	int64_t n = p->m->n_train, end = ((int64_t)i + 1) * SPAN;
	(void)thread;
	if (end > p->m->n_locus)
		end = p->m->n_locus;
	struct grx_mat q = grx_mat_rows((double *)(uintptr_t)p->q, n, p->b);
	struct grx_mat part = grx_mat_rows(p->part[slot], n, p->b);
	for (int64_t at = (int64_t)i * SPAN; at < end; at += TILE) {
		int64_t n_row = end - at < TILE ? end - at : TILE;
		struct grx_mat x = {p->tile[slot], n_row, n, tile_stride(n), 1};
		struct grx_mat mid = grx_mat_rows(p->mid[slot], n_row, p->b);
		anc_standardise(p->m, (int64_t[]){at, n_row}, (int64_t[]){0, n}, x.a, x.rs);
		GRX_TRY(grx_gemm(cx, 1.0, x, q, 0.0, mid));
		GRX_TRY(grx_gemm(cx, 1.0, grx_mat_t(x), mid, at == (int64_t)i * SPAN ? 0.0 : 1.0, part));
	}
	rc = GRX_OK;
out:
	return rc;
}

static int pass_merge(void *state, struct grx_ctx *cx, uint64_t i, int slot)
{
	struct pass *p = state;
	(void)cx;
	(void)i;
	grx_axpy(p->m->n_train * p->b, 1.0, p->part[slot], p->y);
	return GRX_OK;
}

struct slots {
	const struct anc_matrix *m;
	int n;
	double **tile, **part, **mid;
};

static void slots_free(struct slots *s)
{
	for (int i = 0; i < s->n; i++) {
		if (s->tile)
			grx_free(s->tile[i]);
		if (s->part)
			grx_free(s->part[i]);
		if (s->mid)
			grx_free(s->mid[i]);
	}
	grx_free(s->tile);
	grx_free(s->part);
	grx_free(s->mid);
}

static int slots_make(struct grx_ctx *cx, struct slots *s, const struct anc_matrix *m)
{
	size_t n = (size_t)grx_par_slots(cx->threads), d = sizeof(double), people = (size_t)m->n_train;
	*s = (struct slots){.m = m, .n = (int)n};
	s->tile = grx_calloc(n, sizeof(*s->tile));
	s->part = grx_calloc(n, sizeof(*s->part));
	s->mid = grx_calloc(n, sizeof(*s->mid));
	bool ok = s->tile && s->part && s->mid;
	for (size_t i = 0; i < n && ok; i++) {
		s->tile[i] = grx_malloc((size_t)tile_stride(m->n_train), TILE * d);
		s->part[i] = grx_malloc(people, BLOCK * d);
		s->mid[i] = grx_malloc(TILE, BLOCK * d);
		ok = s->tile[i] && s->part[i] && s->mid[i];
	}
	return ok ? GRX_OK : grx_fail_nomem(cx, "principal components");
}

/* y = X'X q */
static int gram_apply(void *state, struct grx_ctx *cx, const double *q, int64_t b, double *y)
{
	const struct slots *s = state;
	struct pass p = {.m = s->m,
		.q = q,
		.y = y,
		.b = b,
		.n_item = (s->m->n_locus + SPAN - 1) / SPAN,
		.tile = s->tile,
		.part = s->part,
		.mid = s->mid};
	struct grx_par_ops ops = {&p, pass_next, pass_map, pass_merge};
	memset(y, 0, (size_t)(s->m->n_train * b) * sizeof(*y));
	return grx_par_ordered(cx, cx->threads, &ops);
}

int anc_pca_run(struct grx_ctx *cx, const struct anc_matrix *m, const struct prs_ref_opt *o, int want,
	struct anc_pca *out)
{
	int rc = GRX_E_BUG;
	struct slots s = {0};
	int64_t most = m->n_train - 1 < m->n_locus ? m->n_train - 1 : m->n_locus; /* centred: rank n - 1 */
	struct grx_top_opt t = {.n_want = want < most ? want : most,
		.n_tight = o->n_pc,
		.tol = 1e-5,
		.block = BLOCK,
		.max_apply = 200,
		.seed = (uint64_t)o->seed};
	struct grx_top_got got;
	*out = (struct anc_pca){.n_train = m->n_train};
	if (t.n_want < 2)
		return grx_fail(cx, GRX_E_DATA,
			"%s: %lld people and %lld loci are left for principal components: at least 3 and 2 "
			"are needed",
			o->panel, (long long)m->n_train, (long long)m->n_locus);
	out->sv = grx_malloc((size_t)t.n_want, sizeof(double));
	out->v = grx_malloc((size_t)m->n_train, (size_t)t.n_want * sizeof(double));
	if (!out->sv || !out->v)
		return grx_fail_nomem(cx, "principal components");
	GRX_TRY(slots_make(cx, &s, m));
	struct grx_top_op op = {&s, m->n_train, gram_apply};
	GRX_TRY(grx_eigen_top(cx, &op, &t, out->sv, out->v, &got));
	out->n_pass = got.n_apply;
	out->converged = got.converged;
	out->worst = got.worst;
	out->n = (int)got.n_got;
	for (int64_t i = 0; i < m->n_train && out->n < t.n_want; i++) /* rank deficient: close up the rows */
		memmove(out->v + i * out->n, out->v + i * t.n_want, (size_t)out->n * sizeof(double));
	for (int k = 0; k < out->n; k++)
		out->sv[k] = sqrt(out->sv[k]);
	rc = GRX_OK;
out:
	slots_free(&s);
	return rc;
}

void anc_pca_clear(struct anc_pca *p)
{
	grx_free(p->sv);
	grx_free(p->v);
	*p = (struct anc_pca){0};
}

int anc_pca_loadings(struct grx_ctx *cx, const struct anc_matrix *m, const struct anc_pca *p,
	const int64_t span[2], double *u)
{
	int64_t stride = tile_stride(m->n_train);
	double *x = grx_malloc((size_t)stride, (size_t)span[1] * sizeof(*x));
	if (!x)
		return grx_fail_nomem(cx, "loadings");
	anc_standardise(m, span, (int64_t[]){0, m->n_train}, x, stride);
	int rc = grx_gemm(cx, 1.0, (struct grx_mat){x, span[1], m->n_train, stride, 1},
		grx_mat_rows(p->v, m->n_train, p->n), 0.0, grx_mat_rows(u, span[1], p->n));
	for (int64_t i = 0; i < span[1] * p->n; i++)
		u[i] /= p->sv[i % p->n];
	grx_free(x);
	return rc;
}
