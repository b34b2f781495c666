/* SPDX-License-Identifier: GPL-3.0-or-later
 * pca_solve.c -- leading eigenpairs of a relationship matrix, by GSL (all of them) or by math/linalg (the
 * leading ones), with the CPU seconds each takes. Usage: pca_solve gsl|top N K REL.bin VECTORS.tsv   REL.bin:
 * N x N doubles, as `plink2 --make-rel square bin` writes them. Prints "CPU seconds", then the K eigenvalues;
 * VECTORS.tsv: N rows of K numbers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <gsl/gsl_eigen.h>

#include "math/linalg.h"

struct problem {
	int64_t n, k;
	double *a, *w, *v; /* a: n x n; v: n x k */
};

static void die(const char *what, const char *which)
{
	fprintf(stderr, "pca_solve: %s: %s\n", what, which);
	exit(1);
}

static void by_gsl(struct problem *p)
{
	size_t n = (size_t)p->n;
	gsl_matrix_view a = gsl_matrix_view_array(p->a, n, n);
	gsl_vector *w = gsl_vector_alloc(n);
	gsl_matrix *v = gsl_matrix_alloc(n, n);
	gsl_eigen_symmv_workspace *work = gsl_eigen_symmv_alloc(n);
	gsl_eigen_symmv(&a.matrix, w, v, work);
	gsl_eigen_symmv_sort(w, v, GSL_EIGEN_SORT_VAL_DESC);
	for (int64_t k = 0; k < p->k; k++) {
		p->w[k] = gsl_vector_get(w, (size_t)k);
		for (int64_t i = 0; i < p->n; i++)
			p->v[i * p->k + k] = gsl_matrix_get(v, (size_t)i, (size_t)k);
	}
	gsl_eigen_symmv_free(work);
	gsl_matrix_free(v);
	gsl_vector_free(w);
}

static int apply(void *state, struct grx_ctx *cx, const double *x, int64_t b, double *y)
{
	struct problem *p = state;
	struct grx_mat in = {.a = (double *)(uintptr_t)x, .n_row = p->n, .n_col = b, .rs = b, .cs = 1};
	return grx_gemm(cx, 1, grx_mat_rows(p->a, p->n, p->n), in, 0, grx_mat_rows(y, p->n, b));
}

static void by_top(struct problem *p)
{
	struct grx_ctx cx = {0};
	const struct grx_top_op op = {.state = p, .n = p->n, .apply = apply};
	const struct grx_top_opt opt = {
		.n_want = p->k, .n_tight = p->k / 2, .tol = 1e-7, .block = 16, .max_apply = 400, .seed = 1};
	struct grx_top_got got;
	if (grx_eigen_top(&cx, &op, &opt, p->w, p->v, &got) != GRX_OK)
		die("grx_eigen_top", cx.err.msg);
	fprintf(stderr, "pca_solve: %ld applications, largest residual %.1e, %s\n", (long)got.n_apply,
		got.worst, got.converged ? "converged" : "NOT converged");
}

int main(int argc, char **argv)
{
	if (argc != 6)
		die("usage", "pca_solve gsl|top N K REL.bin VECTORS.tsv");
	struct problem p = {.n = atol(argv[2]), .k = atol(argv[3])};
	size_t n = (size_t)p.n, k = (size_t)p.k;
	p.a = malloc(n * n * sizeof(double));
	p.w = calloc(k, sizeof(double));
	p.v = calloc(n * k, sizeof(double));
	FILE *f = fopen(argv[4], "rb");
	if (!p.a || !p.w || !p.v || !f || fread(p.a, sizeof(double), n * n, f) != n * n)
		die("cannot read", argv[4]);
	fclose(f);
	clock_t begin = clock();
	if (strcmp(argv[1], "gsl") == 0)
		by_gsl(&p);
	else
		by_top(&p);
	printf("%.3f\n", (double)(clock() - begin) / CLOCKS_PER_SEC);
	for (size_t i = 0; i < k; i++)
		printf("%.8g\n", p.w[i]);
	f = fopen(argv[5], "w");
	if (!f)
		die("cannot write", argv[5]);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < k; j++)
			fprintf(f, "%.10g%c", p.v[i * k + j], j + 1 < k ? '\t' : '\n');
	if (fclose(f) != 0)
		die("cannot write", argv[5]);
	free(p.a);
	free(p.w);
	free(p.v);
	return 0;
}
