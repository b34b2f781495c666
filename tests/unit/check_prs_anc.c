/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_prs_anc.c -- reference panels: components against GSL's full decomposition, placing of people held
 * out, likeness, adjustment against plain implementations, bundles written and read back. */
#include <check.h>
#include <gsl/gsl_eigen.h>
#include <gsl/gsl_sort_vector.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/out.h"
#include "io/genosrc.h"
#include "io/text.h"
#include "math/hwe.h"
#include "math/linalg.h"
#include "math/prob.h"
#include "math/rng.h"
#include "stage/prs/anc_int.h"

static struct grx_ctx cx;

static void forget_error(void)
{
	int threads = cx.threads;
	cx = (struct grx_ctx){.threads = threads};
}

/* --- a structured population: Balding and Nichols 1995. Frequencies of an ancestor, drifted by Beta draws.
 */
static double gamma_draw(struct grx_rng *r, double shape)
{
	double boost = 1.0;
	if (shape < 1.0) {
		boost = pow(1.0 - grx_rng_uniform(r), 1.0 / shape);
		shape += 1.0;
	}
	double d = shape - 1.0 / 3.0, c = 1.0 / sqrt(9.0 * d);
	for (;;) { /* Marsaglia and Tsang 2000 */
		double x = grx_rng_normal(r, 0, 1), v = 1.0 + c * x, u = 1.0 - grx_rng_uniform(r);
		v = v * v * v;
		if (v > 0 && log(u) < 0.5 * x * x + d - d * v + d * log(v))
			return boost * d * v;
	}
}

struct world {
	int n_pop, n_person, n_locus;
	double fst, missing;
	uint64_t seed;
};

/* Codes of locus l (GRX_CP_*); person i is of population i % n_pop. */
static void draw_locus(const struct world *w, struct grx_rng *r, uint8_t *code)
{
	double p = 0.1 + 0.8 * grx_rng_uniform(r), f[16], k = (1.0 - w->fst) / w->fst;
	for (int j = 0; j < w->n_pop; j++) {
		double a = gamma_draw(r, p * k), b = gamma_draw(r, (1.0 - p) * k);
		f[j] = a / (a + b);
	}
	for (int i = 0; i < w->n_person; i++) {
		code[i] = (uint8_t)grx_rng_binomial(r, f[i % w->n_pop], 2);
		if (w->missing > 0 && grx_rng_uniform(r) < w->missing)
			code[i] = GRX_CP_NONE;
	}
}

static struct anc_matrix world_matrix(const struct world *w, int n_train)
{
	struct anc_matrix m = {.n_person = w->n_person, .n_train = n_train};
	struct grx_rng *r = grx_rng_new(w->seed, "world", 0);
	uint8_t *code = grx_malloc((size_t)w->n_person, 1);
	uint64_t *row = grx_malloc((size_t)anc_words(w->n_person), sizeof(*row));
	ck_assert(r && code && row);
	while (m.n_locus < w->n_locus) {
		struct anc_count c;
		draw_locus(w, r, code);
		anc_pack(code, w->n_person, row);
		anc_tally(row, n_train, &c);
		double called = (double)(c.n[0] + c.n[1] + c.n[2]),
		       mean = ((double)c.n[1] + 2.0 * (double)c.n[2]) / called;
		double var = ((double)c.n[1] + 4.0 * (double)c.n[2]) / called - mean * mean;
		struct anc_locus l = {1, m.n_locus, 'A', 'G', mean, 1.0 / sqrt(var)};
		if (var > 0.02)
			ck_assert_int_eq(anc_matrix_add(&cx, &m, &l, row), GRX_OK);
	}
	grx_rng_free(r);
	grx_free(code);
	grx_free(row);
	return m;
}

/* --- packed genotypes */
static double r2_of(const uint64_t *a, const uint64_t *b, int64_t n)
{
	uint64_t room[2][6];
	struct anc_planes pa = {.one = room[0], .two = room[0] + 2, .have = room[0] + 4};
	struct anc_planes pb = {.one = room[1], .two = room[1] + 2, .have = room[1] + 4};
	anc_planes_of(a, n, &pa);
	anc_planes_of(b, n, &pb);
	return anc_r2(&pa, &pb);
}

START_TEST(packing)
{
	struct world holes = {3, 77, 1, 0.05, 0.1, 3}, whole = {3, 77, 1, 0.05, 0, 3};
	struct grx_rng *r = grx_rng_new(3, "pack", 0);
	uint8_t a[77], b[77];
	uint64_t ra[3], rb[3];
	for (int t = 0; t < 50; t++) {
		double n = 0, x = 0, y = 0, xx = 0, yy = 0, xy = 0;
		int len = t % 2 ? 77 : 40;
		struct anc_count c;
		int64_t want[4] = {0};
		draw_locus(t % 5 < 3 ? &holes : &whole, r, a);
		draw_locus(t % 7 < 4 ? &holes : &whole, r, b);
		for (int i = 0; i < 77 && t % 3 == 0; i++)
			b[i] = a[i] == GRX_CP_0 && i % 5 ? GRX_CP_0 : b[i];
		anc_pack(a, 77, ra);
		anc_pack(b, 77, rb);
		for (int i = 0; i < len; i++) {
			want[a[i]]++;
			ck_assert_int_eq(anc_get(ra, i), a[i]);
			if (a[i] == 3 || b[i] == 3)
				continue;
			n++;
			x += a[i];
			y += b[i];
			xx += a[i] * a[i];
			yy += b[i] * b[i];
			xy += a[i] * b[i];
		}
		anc_tally(ra, len, &c);
		ck_assert_mem_eq(c.n, want, sizeof(want));
		double r2 = (n * xy - x * y) * (n * xy - x * y) / ((n * xx - x * x) * (n * yy - y * y));
		ck_assert_double_eq_tol(r2_of(ra, rb, len), r2, 1e-14);
		ck_assert_double_eq_tol(r2_of(rb, ra, len), r2, 1e-14);
		ck_assert_double_eq_tol(r2_of(ra, ra, len), 1.0, 1e-14);
	}
	uint8_t haploid[5] = {GRX_CP_HAP_0, GRX_CP_HAP_1, GRX_CP_HALF_1, GRX_CP_HAP_NONE, GRX_CP_HALF_0};
	static const int bits[5] = {0, 2, 3, 3, 3};
	anc_pack(haploid, 5, ra);
	for (int i = 0; i < 5; i++)
		ck_assert_int_eq(anc_get(ra, i), bits[i]);
	memset(a, 0, sizeof(a));
	anc_pack(a, 77, rb);
	ck_assert(r2_of(ra, rb, 5) == 0.0); /* no variation: not NaN */
	grx_rng_free(r);
}
END_TEST

/* Values of a program-independent sum over all heterozygote counts by log factorials. */
START_TEST(hwe)
{
	ck_assert_double_eq_tol(grx_hwe_exact(57, 14, 50), 0.842279756570746, 1e-9);
	ck_assert_double_eq_tol(grx_hwe_exact(3, 0, 97), 1.0, 1e-9);
	ck_assert_double_eq_tol(grx_hwe_exact(100, 800, 100) / 2.1680018560824176e-61, 1.0, 1e-6);
	ck_assert_double_eq_tol(grx_hwe_exact(0, 10, 10), 1.340302157635455e-06, 1e-15);
	ck_assert_double_eq_tol(grx_hwe_exact(20, 0, 0), 8.94713860811481e-06, 1e-14);
	ck_assert_double_eq(grx_hwe_exact(0, 0, 0), 1.0);
	ck_assert_double_eq(grx_hwe_exact(0, 0, 9), 1.0);
	ck_assert(grx_hwe_exact(0, 500000, 500000) < 1e-300);
}
END_TEST

/* --- components: against GSL on the whole matrix of people */
static void dense(const struct anc_matrix *m, double *x)
{
	anc_standardise(m, (int64_t[]){0, m->n_locus}, (int64_t[]){0, m->n_train}, x, m->n_train);
}

START_TEST(components)
{
	enum { N = 131, M = 1300, PC = 10 };
	struct world w = {4, N + 9, M, 0.03, 0.02, 7};
	struct anc_matrix m = world_matrix(&w, N);
	struct prs_ref_opt o = {.panel = "test", .n_pc = PC, .seed = 5};
	struct anc_pca p, again;
	double *x = grx_malloc((size_t)N * M, 8), *g = grx_malloc((size_t)N * N, 8),
	       *u = grx_malloc((size_t)M * 40, 8);
	gsl_matrix *gm = gsl_matrix_alloc(N, N);
	gsl_vector *ev = gsl_vector_alloc(N);
	gsl_eigen_symm_workspace *k = gsl_eigen_symm_alloc(N);
	dense(&m, x);
	for (int64_t l = 0; l < M; l++) { /* rows are centred and of variance 1 where called */
		double sum = 0, sum2 = 0, called = 0;
		for (int i = 0; i < N; i++) {
			int code = anc_get(m.word + l * anc_words(m.n_person), i);
			double want = code == 3 ? 0.0 : (code - m.locus[l].mean) * m.locus[l].inv_sd;
			ck_assert(x[l * N + i] == want);
			sum += want;
			sum2 += want * want;
			called += code != 3;
		}
		ck_assert_double_eq_tol(sum, 0, 1e-10);
		ck_assert_double_eq_tol(sum2, called, 1e-9);
	}
	ck_assert_int_eq(
		grx_syrk(&cx, 1, grx_mat_t(grx_mat_rows(x, M, N)), 0, grx_mat_rows(g, N, N)), GRX_OK);
	for (size_t i = 0; i < (size_t)N * N; i++)
		gsl_matrix_set(gm, i / N, i % N, g[i]);
	gsl_eigen_symm(gm, ev, k);
	gsl_sort_vector(ev);
	ck_assert_int_eq(anc_pca_run(&cx, &m, &o, 4 * PC, &p), GRX_OK);
	ck_assert(p.converged);
	ck_assert_int_eq(p.n, 4 * PC);
	for (int c = 0; c < 20; c++) {
		double want = gsl_vector_get(ev, (size_t)(N - 1 - c));
		ck_assert_double_eq_tol(p.sv[c] * p.sv[c] / want, 1.0, c < PC ? 1e-6 : 1e-3);
	}
	ck_assert_int_eq(anc_pca_loadings(&cx, &m, &p, (int64_t[]){0, M}, u), GRX_OK);
	for (int a = 0; a < 40; a++)
		for (int b = 0; b < 40; b++) {
			double dot = 0;
			for (int l = 0; l < M; l++)
				dot += u[l * 40 + a] * u[l * 40 + b];
			ck_assert_double_eq_tol(dot, a == b, 1e-9);
		}
	cx.threads = 3;
	ck_assert_int_eq(anc_pca_run(&cx, &m, &o, 4 * PC, &again), GRX_OK);
	cx.threads = 1;
	ck_assert_mem_eq(p.v, again.v, (size_t)N * 40 * 8);
	ck_assert_mem_eq(p.sv, again.sv, 40 * 8);
	anc_pca_clear(&p);
	anc_pca_clear(&again);
	anc_matrix_clear(&m);
	gsl_eigen_symm_free(k);
	gsl_vector_free(ev);
	gsl_matrix_free(gm);
	grx_free(x);
	grx_free(g);
	grx_free(u);
}
END_TEST

/* --- placing */
/* U'b and |b|^2 of person i. */
static double project(const struct anc_matrix *m, const struct anc_pca *p, int person, double *proj)
{
	double *u = grx_malloc((size_t)m->n_locus, (size_t)p->n * 8), *b = grx_malloc((size_t)m->n_locus, 8),
	       norm2 = 0;
	ck_assert_int_eq(anc_pca_loadings(&cx, m, p, (int64_t[]){0, m->n_locus}, u), GRX_OK);
	anc_standardise(m, (int64_t[]){0, m->n_locus}, (int64_t[]){person, 1}, b, 1);
	memset(proj, 0, (size_t)p->n * 8);
	for (int64_t l = 0; l < m->n_locus; l++) {
		norm2 += b[l] * b[l];
		for (int k = 0; k < p->n; k++)
			proj[k] += u[l * p->n + k] * b[l];
	}
	grx_free(u);
	grx_free(b);
	return norm2;
}

/* Slope through the origin of what people held out got on the mean of their population's training people,
 * over the components that tell populations apart. */
START_TEST(shrinkage)
{
	enum { N = 160, HELD = 24, PC = 4 };
	struct world w = {4, N + HELD, 3000, 0.012, 0, 11};
	struct anc_matrix m = world_matrix(&w, N);
	struct prs_ref_opt o = {.panel = "test", .n_pc = PC, .seed = 5};
	struct anc_pca p;
	ck_assert_int_eq(anc_pca_run(&cx, &m, &o, 4 * PC, &p), GRX_OK);
	double mean[4][PC] = {{0}}, tt = 0, naive = 0, oadp = 0;
	for (int i = 0; i < N; i++)
		for (int k = 0; k < 3; k++)
			mean[i % 4][k] += p.v[i * p.n + k] * p.sv[k] / (N / 4.0);
	for (int i = N; i < N + HELD; i++) {
		double proj[4 * PC], pc[PC], norm2 = project(&m, &p, i, proj);
		ck_assert_int_eq(anc_oadp(&cx, p.sv, (int[]){p.n, PC}, proj, norm2, pc), GRX_OK);
		for (int k = 0; k < 3; k++) {
			tt += mean[i % 4][k] * mean[i % 4][k];
			naive += mean[i % 4][k] * proj[k];
			oadp += mean[i % 4][k] * pc[k];
		}
	}
	printf("shrinkage: slope of projected on true coordinates %.3f naive, %.3f OADP\n", naive / tt,
		oadp / tt);
	ck_assert_double_lt(naive / tt, 0.8);
	ck_assert_double_lt(fabs(oadp / tt - 1.0), 0.1);
	anc_pca_clear(&p);
	anc_matrix_clear(&m);
}
END_TEST

/* The small-matrix algebra against the textbook form on the people's rows: the augmented decomposition of [X
 * b] by the full matrix of people, and Procrustes with the rows themselves. */
static void rows_procrustes(const double *y, const double *x, int n, int s, double *rot, double *rho)
{
	double c[64] = {0}, cs[8], v[64], xx = 0, tr = 0;
	for (int i = 0; i < n; i++)
		for (int a = 0; a < s; a++) {
			xx += x[i * s + a] * x[i * s + a];
			for (int b = 0; b < s; b++)
				c[a * s + b] += y[i * s + a] * x[i * s + b];
		}
	ck_assert_int_eq(grx_svd(&cx, grx_mat_rows(c, s, s), cs, grx_mat_rows(v, s, s)), GRX_OK);
	for (int a = 0; a < s; a++) {
		tr += cs[a];
		for (int b = 0; b < s; b++) {
			rot[a * s + b] = 0;
			for (int k = 0; k < s; k++)
				rot[a * s + b] += v[a * s + k] * c[b * s + k];
		}
	}
	*rho = tr / xx;
}

START_TEST(oadp_by_rows)
{
	enum { N = 60, M = 500, PC = 3, S = 6, K = 12 };
	struct world w = {3, N + 1, M, 0.05, 0, 13};
	struct anc_matrix m = world_matrix(&w, N);
	struct prs_ref_opt o = {.panel = "test", .n_pc = PC, .seed = 5};
	struct anc_pca p;
	ck_assert_int_eq(anc_pca_run(&cx, &m, &o, K, &p), GRX_OK);
	double proj[K], pc[PC], norm2 = project(&m, &p, N, proj);
	ck_assert_int_eq(anc_oadp(&cx, p.sv, (int[]){K, PC}, proj, norm2, pc), GRX_OK);
	/* gram matrix of the rank K approximation with the new column, in the basis of people */
	double g[(N + 1) * (N + 1)], e[(N + 1) * (N + 1)], wv[N + 1], x[(N + 1) * S], y[N * S], rot[S * S],
		rho = 1;
	for (int i = 0; i <= N; i++)
		for (int j = 0; j <= N; j++) {
			double sum = 0;
			for (int k = 0; k < K; k++) {
				double a = i < N ? p.v[i * K + k] * p.sv[k] : proj[k];
				double b = j < N ? p.v[j * K + k] * p.sv[k] : proj[k];
				sum += a * b;
			}
			g[i * (N + 1) + j] = i == N && j == N ? norm2 : sum;
		}
	ck_assert_int_eq(
		grx_eigen_sym(&cx, grx_mat_rows(g, N + 1, N + 1), wv, grx_mat_rows(e, N + 1, N + 1)), GRX_OK);
	for (int i = 0; i <= N; i++)
		for (int k = 0; k < S; k++)
			x[i * S + k] = e[i * (N + 1) + k] * sqrt(wv[k]);
	for (int i = 0; i < N; i++)
		for (int k = 0; k < S; k++)
			y[i * S + k] = p.v[i * K + k] * p.sv[k];
	for (int step = 0; step < 5000; step++) {
		rows_procrustes(y, x, N, S, rot, &rho);
		for (int i = 0; i < N; i++)
			for (int b = PC; b < S; b++) {
				y[i * S + b] = 0;
				for (int a = 0; a < S; a++)
					y[i * S + b] += rho * x[i * S + a] * rot[a * S + b];
			}
	}
	for (int b = 0; b < PC; b++) {
		double want = 0;
		for (int a = 0; a < S; a++)
			want += rho * x[N * S + a] * rot[a * S + b];
		ck_assert_double_eq_tol(pc[b], want, 1e-4 * p.sv[0]);
	}
	anc_pca_clear(&p);
	anc_matrix_clear(&m);
}
END_TEST

/* --- a panel of points, without genotypes */
static struct prs_ref *points(int n, int n_pop, int n_pc, uint64_t seed)
{
	struct grx_arena *mem = grx_arena_new();
	struct prs_ref *r = grx_arena_calloc(mem, 1, sizeof(*r));
	struct grx_rng *g = grx_rng_new(seed, "points", 0);
	r->mem = mem;
	r->n_sample = n;
	r->n_pc = n_pc;
	r->n_online = 4 * n_pc;
	r->n_locus = 1000;
	r->person = grx_arena_calloc(mem, (size_t)n, sizeof(*r->person));
	for (int i = 0; i < n; i++) {
		struct anc_person *a = &r->person[i];
		*a = (struct anc_person){.sample = "s", .pop = "", .train = i % 11 != 10, .placed = true};
		a->super = grx_arena_printf(
			mem, "POP%d", n_pop - i % n_pop); /* names run against the numbers */
		for (int k = 0; k < n_pc; k++)
			a->pc[k] = grx_rng_normal(
				g, k < 2 ? 10.0 * (i % n_pop) * (k ? -1 : 1) : 0.0, 1.0 + k);
	}
	grx_rng_free(g);
	ck_assert_int_eq(anc_clouds(&cx, r), GRX_OK);
	return r;
}

START_TEST(likeness)
{
	struct prs_ref *r = points(330, 3, 6, 17);
	int right = 0, low = 0;
	double p_sum = 0;
	ck_assert_int_eq(r->n_pop, 3);
	ck_assert_str_eq(prs_ref_pop(r, 0), "POP1");
	for (int i = 0; i < r->n_sample; i++) {
		struct prs_place pl = {.placed = true};
		memcpy(pl.pc, r->person[i].pc, sizeof(pl.pc));
		anc_similar(r, &pl);
		right += strcmp(prs_ref_pop(r, pl.pop), r->person[i].super) == 0;
		low += pl.low_confidence;
		p_sum += pl.p_similar;
		ck_assert(pl.distance_quantile >= 0 && pl.distance_quantile <= 1);
	}
	ck_assert_int_eq(right, r->n_sample);
	ck_assert_int_le(low, 2);                                /* p < 1e-3 */
	ck_assert_double_eq_tol(p_sum / r->n_sample, 0.5, 0.05); /* a probability: uniform over the people */
	struct prs_place far = {.placed = true, .pc = {1e4, 1e4}}, mid = {.placed = true};
	anc_similar(r, &far);
	ck_assert(far.low_confidence && far.distance_quantile == 1.0 && far.pop >= 0);
	ck_assert_double_eq_tol(far.distance, sqrt(2e8), 1e-6);
	for (int k = 0; k < 5; k++) /* the mean of a cloud */
		mid.pc[k] = r->cloud[1].mean[k];
	anc_similar(r, &mid);
	ck_assert(mid.pop == 1 && mid.p_similar == 1.0);
	/* squared distance of 1 sd along one axis of a population with known spread */
	prs_ref_close(r);
	r = points(40, 2, 5, 19); /* 18 training people each */
	ck_assert(r->cloud[0].why && r->cloud[1].why);
	anc_similar(r, &mid);
	ck_assert(mid.pop == -1 && mid.low_confidence && mid.p_similar == 0);
	for (int i = 0; i < r->n_sample; i++) {
		r->person[i].train = true;
		r->person[i].pc[3] = 2.0;
	}
	ck_assert_int_eq(anc_clouds(&cx, r), GRX_OK);
	ck_assert(r->cloud[0].n == 20 && strstr(r->cloud[0].why, "singular"));
	prs_ref_close(r);
}
END_TEST

/* The tail of the distance of a new person is that of an F distribution: against draws. */
START_TEST(likeness_calibrated)
{
	struct prs_ref *r = points(90, 2, 5, 23);
	struct grx_rng *g = grx_rng_new(1, "new", 0);
	int below = 0, n = 4000;
	int i0 = strcmp(r->person[0].super, prs_ref_pop(r, 0)) == 0 ? 0 : 1;
	r->cloud[1 - i0].why = "left out";
	for (int t = 0; t < n; t++) {
		struct prs_place pl = {.placed = true};
		for (int k = 0; k < 5; k++)
			pl.pc[k] = grx_rng_normal(g, 0.0, 1.0 + k);
		anc_similar(r, &pl);
		below += pl.p_similar < 0.1;
	}
	/* one panel of 40 people: its own luck moves the rate, chi-squared would be far above */
	ck_assert_double_eq_tol((double)below / n, 0.1, 0.06);
	grx_rng_free(g);
	prs_ref_close(r);
}
END_TEST

/* --- adjustment */
static double plain_loglik(const double *d, const double *x, int n, const double *theta)
{
	double sum = 0;
	for (int i = 0; i < n; i++) {
		double mu = 0, lv = 0;
		for (int k = 0; k < 5; k++) {
			mu += theta[k] * d[i * 5 + k];
			lv += theta[5 + k] * d[i * 5 + k];
		}
		sum -= 0.5 * lv + (x[i] - mu) * (x[i] - mu) / (2 * exp(lv));
	}
	return sum;
}

static void norm_data(int n, uint64_t seed, double *d, double *x, double scale)
{
	struct grx_rng *g = grx_rng_new(seed, "norm", 0);
	for (int i = 0; i < n; i++) {
		d[i * 5] = 1.0;
		for (int k = 1; k < 5; k++)
			d[i * 5 + k] = grx_rng_normal(g, 0, 1);
		double mu = 3 + 0.8 * d[i * 5 + 1] - 0.5 * d[i * 5 + 3],
		       lv = -1 + 0.6 * d[i * 5 + 2] - 0.4 * d[i * 5 + 4];
		x[i] = scale * grx_rng_normal(g, mu, exp(0.5 * lv));
	}
	grx_rng_free(g);
}

START_TEST(full_likelihood)
{
	enum { N = 700 };
	double *d = grx_malloc(N * 5, 8), *x = grx_malloc(N, 8);
	struct grx_rng *g = grx_rng_new(2, "perturb", 0);
	for (int t = 0; t < 3; t++) {
		double scale = t == 0 ? 1.0 : t == 1 ? 1e-7 : 1e6, theta[10], best;
		struct anc_norm f;
		const char *why;
		norm_data(N, 31 + (uint64_t)t, d, x, scale);
		ck_assert_int_eq(anc_norm_fit(&cx, d, 5, x, N, &f, &why), GRX_OK);
		ck_assert_ptr_null(why);
		ck_assert(f.full);
		for (int i = 0; i < N; i++)
			x[i] /= scale;
		for (int k = 0; k < 5; k++) {
			theta[k] = f.mu[k] / scale;
			theta[5 + k] = f.lv[k] - (k == 0 ? 2 * log(scale) : 0);
		}
		best = plain_loglik(d, x, N, theta);
		ck_assert_double_eq_tol(best - N * log(scale), f.loglik, 1e-6);
		for (int k = 0; k < 10; k++) { /* gradient by central differences */
			double h = 1e-5, was = theta[k], up, down;
			theta[k] = was + h;
			up = plain_loglik(d, x, N, theta);
			theta[k] = was - h;
			down = plain_loglik(d, x, N, theta);
			theta[k] = was;
			ck_assert_double_eq_tol((up - down) / (2 * h), 0.0, 1e-4);
		}
		for (int s = 0; s < 3000; s++) {
			double to[10], size = pow(10, -5 * grx_rng_uniform(g));
			for (int k = 0; k < 10; k++)
				to[k] = theta[k] + size * grx_rng_normal(g, 0, 1);
			ck_assert_double_le(plain_loglik(d, x, N, to), best + 1e-9);
		}
		const double truth[10] = {3, 0.8, 0, -0.5, 0, -1, 0, 0.6, 0, -0.4};
		for (int k = 0; k < 10; k++)
			ck_assert_double_eq_tol(theta[k], truth[k], 0.2);
		for (int k = 0; k < 5; k++) { /* least squares: residuals are orthogonal to the design */
			double sum = 0;
			for (int i = 0; i < N; i++) {
				double r = x[i] * scale;
				for (int j = 0; j < 5; j++)
					r -= f.a[j] * d[i * 5 + j];
				sum += r * d[i * 5 + k];
			}
			ck_assert_double_eq_tol(sum / scale, 0, 1e-8);
		}
	}
	grx_rng_free(g);
	grx_free(d);
	grx_free(x);
}
END_TEST

START_TEST(degenerate_fits)
{
	enum { N = 120 };
	double d[N * 5], x[N];
	struct anc_norm f;
	const char *why;
	norm_data(N, 41, d, x, 1);
	for (int i = 0; i < N; i++)
		x[i] = 0.1;
	ck_assert_int_eq(anc_norm_fit(&cx, d, 5, x, N, &f, &why), GRX_OK);
	ck_assert(why && strstr(why, "does not vary"));
	norm_data(N, 41, d, x, 1);
	for (int i = 0; i < N; i++)
		d[i * 5 + 4] = d[i * 5 + 2];
	ck_assert_int_eq(anc_norm_fit(&cx, d, 5, x, N, &f, &why), GRX_OK);
	ck_assert(why && strstr(why, "components"));
	for (int i = 0; i < N; i++) {
		d[i * 5 + 4] = i % 3;
		x[i] = 2 + 3 * d[i * 5 + 1];
	}
	ck_assert_int_eq(anc_norm_fit(&cx, d, 5, x, N, &f, &why), GRX_OK);
	ck_assert(why && strstr(why, "function of the components"));
}
END_TEST

START_TEST(adjustment)
{
	struct prs_ref *r = points(600, 3, 6, 29);
	struct grx_rng *g = grx_rng_new(3, "scores", 0);
	double ref[600];
	for (int i = 0; i < 600; i++)
		ref[i] = floor(4 * (0.1 * r->person[i].pc[0] + grx_rng_normal(g, 0, 1))) / 4;
	ref[6] = NAN;
	struct prs_place pl[4] = {{.placed = true}, {.placed = true}, {.why = "too few"}, {.placed = true}};
	double score[4] = {0.25, 2.0, 0.0, NAN};
	struct prs_adjusted out[4];
	for (int t = 0; t < 2; t++) {
		memcpy(pl[t].pc, r->person[t + 3].pc, sizeof(pl[t].pc));
		anc_similar(r, &pl[t]);
	}
	pl[1].pc[2] = 99;
	ck_assert_int_eq(prs_adjust(&cx, r, ref, score, pl, 4, out), GRX_OK);
	for (int t = 0; t < 2; t++) {
		int64_t less = 0, upto = 0, n = 0;
		double sum = 0, sum2 = 0;
		for (int i = 0; i < 600; i++) {
			if (r->person[i].super_i != pl[t].pop || !r->person[i].train || isnan(ref[i]))
				continue;
			n++;
			less += ref[i] < score[t];
			upto += ref[i] <= score[t];
			sum += ref[i];
			sum2 += ref[i] * ref[i];
		}
		double mean = sum / (double)n, sd = sqrt(sum2 / (double)n - mean * mean);
		ck_assert(out[t].ok && !out[t].why && out[t].n_pop == n);
		ck_assert_double_eq_tol(
			out[t].percentile, (double)(less + upto + (upto > less)) * 50.0 / (double)n, 1e-12);
		ck_assert_double_eq_tol(out[t].z_pop, (score[t] - mean) / sd, 1e-10);
		ck_assert(isfinite(out[t].z_norm1) && isfinite(out[t].z_norm2));
	}
	ck_assert(!out[0].extrapolated && out[1].extrapolated);
	ck_assert(!out[2].ok && strcmp(out[2].why, "too few") == 0 && isnan(out[2].z_norm1));
	ck_assert(!out[3].ok && out[3].why && isnan(out[3].percentile));
	/* over the training people themselves, residual Z has mean 0 and variance 1 */
	double z1 = 0, z2 = 0, n = 0;
	for (int i = 0; i < 600; i++) {
		struct prs_place me = {.placed = true};
		memcpy(me.pc, r->person[i].pc, sizeof(me.pc));
		anc_similar(r, &me);
		if (!r->person[i].train || isnan(ref[i]) || i % 7)
			continue;
		ck_assert_int_eq(prs_adjust(&cx, r, ref, &ref[i], &me, 1, out), GRX_OK);
		n++;
		z1 += out[0].z_norm1 * out[0].z_norm1;
		z2 += out[0].z_norm2 * out[0].z_norm2;
	}
	ck_assert_double_eq_tol(z1 / n, 1.0, 0.4);
	ck_assert_double_eq_tol(z2 / n, 1.0, 0.4);
	for (int i = 0; i < 600; i++)
		ref[i] = 1.5;
	ck_assert_int_eq(prs_adjust(&cx, r, ref, score, pl, 1, out), GRX_OK);
	ck_assert(!out[0].ok && strstr(out[0].why, "does not vary"));
	grx_rng_free(g);
	prs_ref_close(r);
}
END_TEST

/* Fewer than 100 training people: percentile where a population has 20, nothing along components. */
START_TEST(small_panel)
{
	struct prs_ref *r = points(60, 2, 4, 37);
	double ref[60], score = 1;
	struct prs_place pl = {.placed = true};
	struct prs_adjusted out;
	for (int i = 0; i < 60; i++)
		ref[i] = i;
	memcpy(pl.pc, r->person[0].pc, sizeof(pl.pc));
	anc_similar(r, &pl);
	ck_assert_int_eq(prs_adjust(&cx, r, ref, &score, &pl, 1, &out), GRX_OK);
	ck_assert(out.ok && isfinite(out.percentile) && isnan(out.z_norm1) && isnan(out.z_norm2));
	ck_assert(strstr(out.why, "fewer than 100"));
	pl.pop = -1;
	ck_assert_int_eq(prs_adjust(&cx, r, ref, &score, &pl, 1, &out), GRX_OK);
	ck_assert(!out.ok && isnan(out.percentile));
	prs_ref_close(r);
}
END_TEST

/* --- bundles */
static char dir[] = "/tmp/check_prs_anc.XXXXXX";
static const struct world panel_world = {3, 140, 900, 0.05, 0.01, 43};

static const char *in_dir(const char *name)
{
	static char buf[64][256];
	static int turn;
	turn = (turn + 1) % 64;
	snprintf(buf[turn], sizeof(buf[turn]), "%s/%s", dir, name);
	return buf[turn];
}

static void vcf_row(FILE *f, const char *site, const uint8_t *code, int n)
{
	fprintf(f, "%s\tGT", site);
	for (int i = 0; i < n; i++)
		fprintf(f, "\t%s",
			code[i] == 0   ? "0/0"
			: code[i] == 1 ? "0/1"
			: code[i] == 2 ? "1/1"
				       : "./.");
	fputc('\n', f);
}

static void vcf_header(FILE *f, int n)
{
	fputs("##fileformat=VCFv4.2\n##FILTER=<ID=q10,Description=\"low\">\n##contig=<ID=chr1,length="
	      "248956422>\n"
	      "##contig=<ID=chr2,length=242193529>\n##contig=<ID=chrX,length=156040895>\n"
	      "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"Genotype\">\n"
	      "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT",
		f);
	for (int i = 0; i < n; i++)
		fprintf(f, "\tS%d", i);
	fputc('\n', f);
}

/* 900 drifted loci on two chromosomes and one of each kind that is left out. Person 4 misses half of all. */
static void write_panel(const char *path)
{
	const struct world *w = &panel_world;
	struct grx_rng *r = grx_rng_new(w->seed, "panel", 0);
	uint8_t code[140], same[140];
	char site[200];
	FILE *f = fopen(path, "w");
	ck_assert(f && r);
	vcf_header(f, w->n_person);
	for (int l = 0; l < w->n_locus; l++) {
		const char *chr = l < 500 ? "chr1" : "chr2";
		int pos = 1000 + 100 * l;
		draw_locus(w, r, code);
		if (l % 2)
			code[4] = 3;
		snprintf(site, sizeof(site), "%s\t%d\t.\tA\tG\t.\tPASS\t.", chr, pos);
		vcf_row(f, site, code, w->n_person);
		if (l == 10) { /* a copy at the next position: linkage disequilibrium */
			snprintf(site, sizeof(site), "%s\t%d\t.\tC\tT\t.\t.\t.", chr, pos + 1);
			vcf_row(f, site, code, w->n_person);
		}
		const char *odd[] = {"chr1\t%d\t.\tA\tAT\t.\t.\t.", "chr1\t%d\t.\tA\tT\t.\t.\t.",
			"chr1\t%d\t.\tA\t<DEL>\t.\t.\t.", "chr1\t%d\t.\tA\tC\t.\tq10\t.",
			"chr1\t%d\t.\tA\tC,G\t.\t.\t."};
		if (l >= 20 && l < 25) {
			snprintf(site, sizeof(site), odd[l - 20], pos + 1);
			vcf_row(f, site, code, w->n_person);
		}
		for (int k = 0; k < 2 && l == 30; k++) { /* twice the same, and two ALT in two records */
			snprintf(site, sizeof(site), "chr1\t%d\t.\tA\tC\t.\t.\t.", pos + 1);
			vcf_row(f, site, code, w->n_person);
		}
		for (int k = 0; k < 2 && l == 31; k++) {
			snprintf(site, sizeof(site), "chr1\t%d\t.\tA\t%s\t.\t.\t.", pos + 1, k ? "G" : "C");
			vcf_row(f, site, code, w->n_person);
		}
		for (int k = 0; k < 3 && l == 40; k++) { /* missing, constant, hardly any homozygotes */
			for (int i = 0; i < w->n_person; i++)
				same[i] = k == 0    ? (i % 4 ? 1 : 3)
					  : k == 1  ? 0
					  : i == 50 ? 0
					  : i == 51 ? 2
						    : 1;
			snprintf(site, sizeof(site), "chr1\t%d\t.\tA\tC\t.\t.\t.", pos + 1 + k);
			vcf_row(f, site, same, w->n_person);
		}
		if (l == 41) {
			snprintf(site, sizeof(site), "chr1\t%d\t.\tA\tC\t.\t.\t.",
				pos + 1); /* excluded region */
			vcf_row(f, site, code, w->n_person);
		}
	}
	snprintf(site, sizeof(site), "chrX\t5000\t.\tA\tC\t.\t.\t.");
	vcf_row(f, site, code, w->n_person);
	fclose(f);
	grx_rng_free(r);
}

static void write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");
	ck_assert(f != NULL);
	fputs(text, f);
	fclose(f);
}

/* S0 .. S129 train but for S4 (missing) and the related S7, S8; S130 on are not listed. */
static void write_listed(const char *path)
{
	FILE *f = fopen(path, "w");
	fputs("sample\tpopulation\tsuperpopulation\tunrelated\n", f);
	for (int i = 0; i < 130; i++)
		fprintf(f, "S%d\tp%d\tSUP%d\t%s\n", i, i % 3, i % 3, i == 7 || i == 8 ? "no" : "yes");
	fputs("ELSEWHERE\tp\tq\t1\n", f);
	fclose(f);
}

static struct prs_ref_opt build_opt(const char *out)
{
	return (struct prs_ref_opt){.panel = in_dir("panel.vcf"),
		.out = out,
		.people = in_dir("people.tsv"),
		.exclude = in_dir("exclude.bed"),
		.maf = 0.05,
		.geno = 0.1,
		.mind = 0.1,
		.hwe_p = 1e-12,
		.r2 = 0.9,
		.window_variants = 1000,
		.step_variants = 50,
		.n_pc = 4,
		.seed = 1};
}

static void setup_dir(void)
{
	cx = (struct grx_ctx){.threads = 1, .stage = "prs"};
	if (strchr(dir, 'X') && !mkdtemp(dir))
		abort();
	write_panel(in_dir("panel.vcf"));
	write_listed(in_dir("people.tsv"));
	write_text(in_dir("exclude.bed"), "chr1\t5100\t5101\n"); /* pos + 1 of locus 41 */
}

static void remove_all(void)
{
	char cmd[300];
	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", dir);
	if (strncmp(dir, "/tmp/check_prs_anc.", 19) == 0 && system(cmd))
		fprintf(stderr, "cannot remove %s\n", dir);
}

static char *slurp(const char *path)
{
	FILE *f = fopen(path, "r");
	char *s = grx_calloc(1, 1 << 20);
	ck_assert_msg(f != NULL, "%s", path);
	s[fread(s, 1, (1 << 20) - 1, f)] = '\0';
	fclose(f);
	return s;
}

/* The loadings, applied to the genotypes of panel.bed as the engine does, give the people's coordinates. */
static void check_loadings(const struct prs_ref *r)
{
	struct grx_genosrc *src;
	struct grx_genocur *cur;
	struct grx_table *t;
	const struct grx_geno *v;
	int n, n_pc = prs_ref_n_pc(r), at = 0;
	bool more;
	uint8_t code[140];
	double(*sum)[ANC_MAX_ONLINE + 1] = grx_calloc(140, sizeof(*sum));
	unsigned seen;
	ck_assert_int_eq(grx_genosrc_open(&cx,
				 &(struct grx_genosrc_opt){.path = prs_ref_panel(r), .threads = 1}, &src),
		GRX_OK);
	ck_assert_int_eq(grx_genocur_open(&cx, src, &cur), GRX_OK);
	ck_assert_int_eq(grx_table_open(&cx, prs_ref_loadings(r), true, &t), GRX_OK);
	int c_w = grx_table_col(t, "effect_weight_inv_sd"), c_f = grx_table_col(t, "allelefrequency_effect");
	int c_p = grx_table_col(t, "chr_position"), c_c = grx_table_col(t, "chr_name"),
	    c_e = grx_table_col(t, "effect_allele");
	ck_assert(c_w > 0 && c_f > 0 && c_p > 0 && c_c == 0);
	ck_assert_int_eq(grx_table_next(&cx, t, &more), GRX_OK);
	for (;;) {
		ck_assert_int_eq(grx_genocur_next(&cx, cur, &v, &n), GRX_OK);
		if (n == 0 || !more)
			break;
		int64_t pos, chr;
		double f, w[ANC_MAX_ONLINE + 1];
		ck_assert_int_eq(grx_table_i64(&cx, t, c_p, &pos), GRX_OK);
		ck_assert_int_eq(grx_table_i64(&cx, t, c_c, &chr), GRX_OK);
		if (v[0].pos + 1 != pos || chr != (v[0].tid == 0 ? 1 : 2))
			continue;
		ck_assert_int_eq(n, 1);
		ck_assert_str_eq(grx_table_get(t, c_e), v[0].allele[1]);
		ck_assert_str_eq(v[0].allele[0], "A");
		ck_assert_int_eq(grx_table_f64(&cx, t, c_f, &f), GRX_OK);
		for (int k = 0; k <= prs_ref_n_online(r); k++)
			ck_assert_int_eq(grx_table_f64(&cx, t, c_w + k, &w[k]), GRX_OK);
		ck_assert_int_eq(grx_geno_copies(&cx, &v[0], 1, code, &seen), GRX_OK);
		for (int i = 0; i < 140; i++)
			for (int k = 0; k <= prs_ref_n_online(r) && code[i] <= GRX_CP_2; k++)
				sum[i][k] += (code[i] - 2 * f) * w[k];
		at++;
		ck_assert_int_eq(grx_table_next(&cx, t, &more), GRX_OK);
	}
	ck_assert_int_eq(at, prs_ref_n_locus(r));
	for (int i = 0; i < 140; i++)
		for (int k = 0; k < n_pc && r->person[i].train; k++)
			ck_assert_double_eq_tol(sum[i][k + 1], r->person[i].pc[k], 1e-5 * r->sv[0]);
	grx_table_close(t);
	grx_genocur_close(cur);
	grx_genosrc_close(src);
	grx_free(sum);
}

START_TEST(bundle)
{
	struct prs_ref_opt o = build_opt(in_dir("ref"));
	struct prs_ref *r;
	struct stat st;
	ck_assert_msg(prs_ref_build(&cx, &o) == GRX_OK, "%s", cx.err.msg);
	ck_assert(stat(in_dir("ref"), &st) == 0 && (st.st_mode & 0777) == 0700);
	ck_assert(stat(in_dir("ref/people.tsv"), &st) == 0 && (st.st_mode & 0777) == 0600);
	ck_assert(stat(in_dir("ref/panel.bed"), &st) == 0 && (st.st_mode & 0777) == 0600);
	char *json = slurp(in_dir("ref/bundle.json"));
	const char *want[] = {"\"build\": \"GRCh38\"", "\"records\": 915", "\"panel\": 910",
		"\"not_biallelic\": 1", "\"not_acgt\": 1", "\"filtered\": 1", "\"repeated\": 2",
		"\"not_snp\": 1", "\"not_autosome\": 1", "\"same_position\": 2", "\"palindromic\": 1",
		"\"excluded\": 1", "\"missing\": 1", "\"hwe\": 1", "\"training\": 127", "\"related\": 2",
		"\"not_listed\": 10", "\"missing_genotypes\": 1", "\"listed_but_absent\": 1",
		"\"converged\": true"};
	for (size_t k = 0; k < sizeof(want) / sizeof(want[0]); k++)
		ck_assert_msg(strstr(json, want[k]) != NULL, "%s is not in %s", want[k], json);
	grx_free(json);
	ck_assert_msg(prs_ref_open(&cx, in_dir("ref"), &r) == GRX_OK, "%s", cx.err.msg);
	ck_assert_int_eq(prs_ref_n_sample(r), 140);
	ck_assert_int_eq(prs_ref_n_pc(r), 4);
	ck_assert_int_eq(prs_ref_n_online(r), 16);
	ck_assert_int_eq(r->n_train, 127);
	ck_assert_int_eq(r->n_pop, 3);
	ck_assert_str_eq(prs_ref_pop(r, 2), "SUP2");
	for (int i = 0; i < 140; i++) /* S4 misses too much to be placed */
		ck_assert_msg(r->person[i].placed == (i != 4), "person %d", i);
	for (int i = 130; i < 140; i++) { /* not listed, placed by projection: among their population */
		struct prs_place pl = {.placed = true};
		memcpy(pl.pc, r->person[i].pc, sizeof(pl.pc));
		anc_similar(r, &pl);
		ck_assert_int_eq(pl.pop, i % 3);
	}
	check_loadings(r);
	prs_ref_close(r);
}
END_TEST

/* A panel made of the bundle's own .bed gives the same loadings; threads do not matter. */
START_TEST(bundle_again)
{
	struct prs_ref_opt o = build_opt(in_dir("ref1")), o2 = build_opt(in_dir("ref2"));
	ck_assert_int_eq(prs_ref_build(&cx, &o), GRX_OK);
	o2.panel = in_dir("ref1/panel.bed");
	o2.exclude = NULL;
	cx.threads = 3;
	ck_assert_msg(prs_ref_build(&cx, &o2) == GRX_OK, "%s", cx.err.msg);
	cx.threads = 1;
	char *a = slurp(in_dir("ref1/panel.bim")), *b = slurp(in_dir("ref2/panel.bim"));
	ck_assert_str_eq(a, b);
	grx_free(a);
	grx_free(b);
	struct prs_ref_opt o3 = build_opt(in_dir("ref3"));
	cx.threads = 2;
	ck_assert_int_eq(prs_ref_build(&cx, &o3), GRX_OK);
	cx.threads = 1;
	a = slurp(in_dir("ref1/bundle.json"));
	b = slurp(in_dir("ref3/bundle.json"));
	ck_assert_str_eq(a, b); /* hashes of all parts */
	grx_free(a);
	grx_free(b);
}
END_TEST

static void refuses(const char *folder, int status, const char *text)
{
	struct prs_ref *r = NULL;
	int rc = prs_ref_open(&cx, folder, &r);
	ck_assert_msg(rc == status && r == NULL && strstr(cx.err.msg, text), "%d %s (expected %d %s)", rc,
		cx.err.msg, status, text);
	forget_error();
}

static void append(const char *path, const char *text)
{
	FILE *f = fopen(path, "a");
	fputs(text, f);
	fclose(f);
}

START_TEST(bundle_broken)
{
	struct prs_ref_opt o = build_opt(in_dir("bad"));
	ck_assert_int_eq(prs_ref_build(&cx, &o), GRX_OK);
	refuses(in_dir("nowhere"), GRX_E_NOINPUT, "build-reference");
	char *json = slurp(in_dir("bad/bundle.json"));
	write_text(in_dir("bad/bundle.json"), "{\"format\": ");
	refuses(in_dir("bad"), GRX_E_DATA, "bundle.json:1");
	write_text(in_dir("bad/bundle.json"), "{\"format\": \"genorx-reference\", \"version\": 99}");
	refuses(in_dir("bad"), GRX_E_DATA, "version");
	char *cut = strstr(json, "\"kept\": 4");
	cut[8] = '0';
	write_text(in_dir("bad/bundle.json"), json);
	refuses(in_dir("bad"), GRX_E_DATA, "do not fit");
	cut[8] = '4';
	write_text(in_dir("bad/bundle.json"), json);
	append(in_dir("bad/people.tsv"), "S999\tp\tq\tyes\tyes\t1\t1\t1\t1\n");
	refuses(in_dir("bad"), GRX_E_MISMATCH, "SHA-256");
	ck_assert(unlink(in_dir("bad/loadings.tsv.gz")) == 0);
	refuses(in_dir("bad"), GRX_E_MISMATCH, "people.tsv");
	ck_assert(unlink(in_dir("bad/people.tsv")) == 0);
	refuses(in_dir("bad"), GRX_E_NOINPUT, "people.tsv");
	grx_free(json);
}
END_TEST

static void build_refused(struct prs_ref_opt o, int status, const char *text)
{
	char cmd[400];
	int rc = prs_ref_build(&cx, &o);
	ck_assert_msg(rc == status && strstr(cx.err.msg, text), "%d %s (expected %d %s)", rc, cx.err.msg,
		status, text);
	ck_assert(access(in_dir("none"), F_OK) != 0);
	snprintf(cmd, sizeof(cmd), "ls -d %s.* >/dev/null 2>&1", in_dir("none"));
	ck_assert_msg(system(cmd) != 0, "a part of a folder is left");
	forget_error();
}

START_TEST(build_errors)
{
	struct prs_ref_opt o = build_opt(in_dir("none"));
	o.panel = in_dir("absent.vcf");
	build_refused(o, GRX_E_NOINPUT, "absent.vcf");
	o = build_opt(in_dir("none"));
	o.n_pc = 21;
	build_refused(o, GRX_E_USAGE, "components");
	o = build_opt(in_dir("none"));
	o.maf = 0.499;
	o.hwe_p = 1;
	build_refused(o, GRX_E_DATA, "are left for principal components");
	o = build_opt(in_dir("none"));
	o.people = in_dir("exclude.bed");
	build_refused(o, GRX_E_DATA, "exclude.bed");
	write_text(in_dir("strangers.tsv"), "sample\tpopulation\tsuperpopulation\nX1\ta\tb\n");
	o.people = in_dir("strangers.tsv");
	build_refused(o, GRX_E_MISMATCH, "first sample there is 'S0'");
	write_text(in_dir("strangers.tsv"),
		"sample\tpopulation\tsuperpopulation\tunrelated\nS1\ta\tb\tperhaps\n");
	build_refused(o, GRX_E_DATA, "strangers.tsv:2: unrelated is 'perhaps'");
	write_text(in_dir("strangers.tsv"), "sample\tpopulation\tsuperpopulation\nS1\ta\tb\nS1\ta\tb\n");
	build_refused(o, GRX_E_DATA, "listed twice");
	write_text(in_dir("strangers.tsv"), "sample\tpopulation\tsuperpopulation\nS1\ta\tb\nS2\ta\tb\n");
	build_refused(o, GRX_E_DATA, "at least 3 are needed");
	o = build_opt(dir);
	ck_assert_int_eq(prs_ref_build(&cx, &o), GRX_E_USAGE);
	ck_assert(strstr(cx.err.msg, "is there already"));
	forget_error();
}
END_TEST

int main(void)
{
	grx_math_init();
	Suite *s = suite_create("prs ancestry");
	TCase *t = tcase_create("panel");
	tcase_add_test(t, packing);
	tcase_add_test(t, hwe);
	tcase_add_test(t, components);
	tcase_add_test(t, shrinkage);
	tcase_add_test(t, oadp_by_rows);
	tcase_add_test(t, likeness);
	tcase_add_test(t, likeness_calibrated);
	tcase_add_test(t, full_likelihood);
	tcase_add_test(t, degenerate_fits);
	tcase_add_test(t, adjustment);
	tcase_add_test(t, small_panel);
	tcase_add_test(t, bundle);
	tcase_add_test(t, bundle_again);
	tcase_add_test(t, bundle_broken);
	tcase_add_test(t, build_errors);
	tcase_add_unchecked_fixture(t, setup_dir, remove_all);
	tcase_set_timeout(t, 300);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int bad = srunner_ntests_failed(r);
	srunner_free(r);
	return bad ? 1 : 0;
}
