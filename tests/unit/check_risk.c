/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_risk.c -- the mathematics of risk against simulation, other quadratures, and published figures. */
#include <check.h>
#include <gsl/gsl_integration.h>
#include <math.h>
#include <stdlib.h>

#include "math/icare.h"
#include "math/prob.h"
#include "math/risk.h"
#include "math/rng.h"

/* Gauss-Hermite with 200 nodes, from another library: E expit(a + bZ) */
static double hermite(double a, double b)
{
	gsl_integration_fixed_workspace *w = gsl_integration_fixed_alloc(
		gsl_integration_fixed_hermite, 200, 0, 0.5, 0, 0);
	const double *x = gsl_integration_fixed_nodes(w), *wt = gsl_integration_fixed_weights(w);
	double s = 0;
	for (int i = 0; i < 200; i++)
		s += wt[i] / sqrt(2 * M_PI) / (1 + exp(-(a + b * x[i])));
	gsl_integration_fixed_free(w);
	return s;
}

START_TEST(test_intercept)
{
	static const double ks[] = {1e-5, 0.001, 0.01, 0.1, 0.3, 0.5, 0.8, 0.999},
			    bs[] = {0, 0.1, -0.5, 1, 1.6, 2};
	for (unsigned i = 0; i < sizeof ks / sizeof *ks; i++)
		for (unsigned j = 0; j < sizeof bs / sizeof *bs; j++) {
			double a = grx_logistic_intercept(ks[i], bs[j]);
			ck_assert_double_eq_tol(hermite(a, bs[j]) / ks[i], 1, 1e-8);
			ck_assert_double_eq_tol(grx_logistic_mean(a, bs[j]) / ks[i], 1, 1e-12);
		}
	ck_assert_double_eq_tol(grx_logistic_intercept(0.2, 0), log(0.25), 1e-12);
	/* extreme, where the root is near the end of the bracket */
	ck_assert_double_eq_tol(grx_logistic_mean(grx_logistic_intercept(1e-9, 5), 5) / 1e-9, 1, 1e-9);
	ck_assert_double_eq_tol(grx_logistic_mean(grx_logistic_intercept(0.5, -5), -5), 0.5, 1e-12);
	/* the shortcut a = logit(K) overstates the mean */
	ck_assert_double_gt(grx_logistic_mean(grx_logit(0.01), 1) / 0.01, 1.4);
}
END_TEST

START_TEST(test_intercept_domain)
{
	ck_assert(isnan(grx_logistic_intercept(0, 1)));
	ck_assert(isnan(grx_logistic_intercept(1, 1)));
	ck_assert(isnan(grx_logistic_intercept(NAN, 1)));
	ck_assert(isnan(grx_logistic_intercept(0.1, 5.1)));
	ck_assert(isnan(grx_logistic_intercept(0.1, NAN)));
	ck_assert(isnan(grx_liability_risk(0, 1, 0.1)));
	ck_assert(isnan(grx_liability_risk(0, -0.1, 0.1)));
	ck_assert(isnan(grx_liability_risk(0, 0.1, 0)));
	ck_assert(isnan(grx_auc_to_d(1)));
	ck_assert(isnan(grx_auc_to_r2_liability(0.4, 0.1)));
	ck_assert(isnan(grx_r2_observed_to_liability(0.1, 0.1, 1)));
	ck_assert(isnan(grx_r2_nagelkerke(-10, -11, 20)));
}
END_TEST

START_TEST(test_liability_mean)
{
	static const double ks[] = {0.001, 0.05, 0.4}, rs[] = {0, 0.1, 0.5, 0.9};
	for (int i = 0; i < 3; i++)
		for (int j = 0; j < 4; j++) {
			double m = 0;
			for (int k = 0; k < GRX_NORM_NODES; k++)
				m += grx_norm_weight(k) * grx_liability_risk(grx_norm_node(k), rs[j], ks[i]);
			ck_assert_double_eq_tol(m / ks[i], 1, 1e-10);
		}
}
END_TEST

/* A population with liabilities: scores, disease, and a case-control sample of it. */
enum { N = 400000 };
struct sim {
	double *score;
	int *ill;
};

static struct sim simulate(double r2, double k)
{
	struct sim s = {malloc(N * sizeof(double)), malloc(N * sizeof(int))};
	struct grx_rng *g = grx_rng_new(7, "check_risk", 0);
	double t = -grx_norm_inv(k);
	for (int i = 0; i < N; i++) {
		s.score[i] = grx_rng_normal(g, 0, 1);
		s.ill[i] = sqrt(r2) * s.score[i] + grx_rng_normal(g, 0, sqrt(1 - r2)) > t;
	}
	grx_rng_free(g);
	return s;
}

static const double *sort_by;

static int by_score(const void *a, const void *b)
{
	double x = sort_by[*(const int *)a], y = sort_by[*(const int *)b];
	return (x > y) - (x < y);
}

static double auc_of(const struct sim *s)
{
	int *at = malloc(N * sizeof *at);
	double rank = 0, n1 = 0;
	for (int i = 0; i < N; i++)
		at[i] = i;
	sort_by = s->score;
	qsort(at, N, sizeof *at, by_score);
	for (int i = 0; i < N; i++)
		if (s->ill[at[i]]) {
			rank += i + 1;
			n1++;
		}
	free(at);
	return (rank - n1 * (n1 + 1) / 2) / (n1 * (N - n1));
}

/* R2 of 0/1 status on the score among all cases and the first n controls: p near 1/2. */
static double r2_of(const struct sim *s, double p_control, double *p)
{
	double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
	for (int i = 0; i < N; i++) {
		if (!s->ill[i] && i % 1000 >= 1000 * p_control)
			continue;
		double x = s->score[i], y = s->ill[i];
		n++, sx += x, sy += y, sxx += x * x, sxy += x * y;
	}
	*p = sy / n;
	double c = sxy / n - sx / n * sy / n;
	return c * c / ((sxx / n - sx / n * sx / n) * *p * (1 - *p));
}

START_TEST(test_conversions_simulated)
{
	static const double rs[] = {0.05, 0.15, 0.3}, ks[] = {0.01, 0.1, 0.3};
	for (int i = 0; i < 3; i++)
		for (int j = 0; j < 3; j++) {
			struct sim s = simulate(rs[i], ks[j]);
			double auc = auc_of(&s), p;
			ck_assert_double_eq_tol(grx_r2_liability_to_auc(rs[i], ks[j]), auc, 0.01);
			ck_assert_double_eq_tol(grx_auc_to_r2_liability(auc, ks[j]), rs[i], 0.1 * rs[i]);
			double r2 = r2_of(&s, 1, &p);
			ck_assert_double_eq_tol(
				grx_r2_observed_to_liability(r2, ks[j], p), rs[i], 0.07 * rs[i]);
			r2 = r2_of(&s, ks[j], &p); /* about as many controls as cases */
			ck_assert_double_eq_tol(
				grx_r2_observed_to_liability(r2, ks[j], p), rs[i], 0.07 * rs[i]);
			free(s.score);
			free(s.ill);
		}
}
END_TEST

START_TEST(test_conversions_closed)
{
	/* there and back */
	for (double r2 = 0; r2 < 0.6; r2 += 0.05)
		ck_assert_double_eq_tol(
			grx_auc_to_r2_liability(grx_r2_liability_to_auc(r2, 0.02), 0.02), r2, 1e-12);
	ck_assert_double_eq_tol(grx_auc_to_d(grx_d_to_auc(0.8)), 0.8, 1e-12);
	/* Cohen's d of 0.8 is a common-language effect of 0.714 (McGraw & Wong 1992) */
	ck_assert_double_eq_tol(grx_d_to_auc(0.8), 0.714, 5e-4);
	/* population sample: P = K leaves Dempster & Lerner's K(1-K)/z^2 (1950) */
	double z = exp(-0.5 * pow(grx_norm_inv(0.05), 2)) / sqrt(2 * M_PI);
	ck_assert_double_eq_tol(
		grx_r2_observed_to_liability(0.02, 0.05, 0.05), 0.02 * 0.05 * 0.95 / (z * z), 1e-12);
	/* Wray 2010: K = 0.05 has T = 1.645, z = 0.103 */
	ck_assert_double_eq_tol(z, 0.103, 5e-4);
	/* Nagelkerke: 1 for a perfect model, 0 for none; by its formula in powers */
	ck_assert_double_eq_tol(grx_r2_nagelkerke(-100, 0, 150), 1, 1e-12);
	ck_assert_double_eq_tol(grx_r2_nagelkerke(-100, -100, 150), 0, 1e-12);
	ck_assert_double_eq_tol(grx_r2_nagelkerke(-100, -90, 150),
		(1 - pow(exp(-100 + 90), 2.0 / 150)) / (1 - pow(exp(-100), 2.0 / 150)), 1e-12);
}
END_TEST

/* risk = expit(a(b) + b z) with intervals, against a large random sample */
struct toy {
	double k, b, se;
};

static double toy_risk(void *arg, double z, int stratum)
{
	struct toy *t = arg;
	double b = stratum < 0 ? t->b : grx_risk_stratum(t->b, t->se, stratum);
	return grx_expit(-2.5 - b * b / 3 + b * z);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

START_TEST(test_interval)
{
	struct toy t = {0.1, 0.6, 0.05};
	struct grx_risk_spread s = {.z = 1.2,
		.has_z = true,
		.z_lo = 0.9,
		.z_hi = 1.6,
		.has_effect = true,
		.risk = toy_risk,
		.arg = &t};
	double lo, hi, *v = malloc(N * sizeof *v);
	ck_assert(grx_risk_interval(&s, &lo, &hi));
	struct grx_rng *g = grx_rng_new(3, "interval", 0);
	for (int i = 0; i < N; i++) {
		double u = grx_rng_normal(g, 0, 1), b = grx_rng_normal(g, 0.6, 0.05);
		v[i] = grx_expit(-2.5 - b * b / 3 + b * (1.2 + u * (u < 0 ? 0.3 : 0.4) / 1.96));
	}
	qsort(v, N, sizeof *v, by_value);
	ck_assert_double_eq_tol(lo, v[N / 40], 3e-4);
	ck_assert_double_eq_tol(hi, v[N - N / 40], 3e-4);
	free(v);
	grx_rng_free(g);
	/* one source alone: the ends of its own interval */
	s.has_effect = false;
	ck_assert(grx_risk_interval(&s, &lo, &hi));
	ck_assert_double_eq_tol(lo, toy_risk(&t, 0.9, -1), 1e-5);
	ck_assert_double_eq_tol(hi, toy_risk(&t, 1.6, -1), 1e-5);
	s.has_z = false;
	ck_assert(!grx_risk_interval(&s, &lo, &hi));
}
END_TEST

enum { AGES = 60 };

/* Rates that rise with age, as of a common cancer. */
static void rates(double scale, double *lambda, double *m)
{
	for (int t = 0; t < AGES; t++) {
		lambda[t] = scale * exp(0.05 * t);
		m[t] = 0.0005 * exp(0.085 * t);
	}
}

START_TEST(test_icare_fixed_point)
{
	double lambda[AGES], m[AGES], h0[AGES], e[AGES];
	static const double zero[1], one[1] = {1};
	struct grx_icare_pop p = {1, zero, one, NULL, true, 0.5};
	rates(0.0005, lambda, m);
	ck_assert(grx_icare_baseline(&p, lambda, AGES, h0, e));
	ck_assert_double_eq_tol(e[0], exp(0.125), 1e-12); /* E exp(bZ) = exp(b^2/2) before anybody has left */
	ck_assert_double_lt(e[AGES - 1], e[0]);
	/* the population's own rate comes back at every age: an integral by another rule */
	double cum = 0;
	for (int t = 0; t < AGES; t++) {
		double num = 0, den = 0;
		for (int i = 0; i < GRX_NORM_NODES; i++) {
			double r = exp(0.5 * grx_norm_node(i)), s = grx_norm_weight(i) * exp(-r * cum);
			num += s * r * h0[t], den += s;
		}
		ck_assert_double_eq_tol(num / den, lambda[t], 1e-12);
		cum += h0[t];
	}
}
END_TEST

START_TEST(test_icare_mean_is_life_table)
{
	double lambda[AGES], m[AGES], h0[AGES], surv = 1, table = 0, cum = 0;
	static const double zero[1], one[1] = {1};
	struct grx_icare_pop p = {1, zero, one, NULL, true, 0.6};
	rates(2e-5, lambda, m); /* a rare disease, where the year is short against the hazard */
	ck_assert(grx_icare_baseline(&p, lambda, AGES, h0, NULL));
	for (int t = 20; t < 50; t++) {
		double all = lambda[t] + m[t];
		table += surv * lambda[t] * -expm1(-all) / all;
		surv *= exp(-all);
	}
	for (int t = 0; t < 20; t++)
		cum += h0[t];
	ck_assert_double_eq_tol(grx_icare_mean_risk(&p, h0 + 20, m + 20, 30, cum, false), table, 1e-6);
	/* ... and for a common one to half a year's hazard */
	rates(0.003, lambda, m);
	ck_assert(grx_icare_baseline(&p, lambda, AGES, h0, NULL));
	surv = 1, table = 0, cum = 0;
	for (int t = 0; t < 40; t++) {
		double all = lambda[t] + m[t];
		table += surv * lambda[t] * -expm1(-all) / all;
		surv *= exp(-all);
	}
	ck_assert_double_eq_tol(grx_icare_mean_risk(&p, h0, m, 40, 0, false) / table, 1, 0.01);
	/* of people all alike it is the risk of one, by either sum */
	p = (struct grx_icare_pop){1, zero, one, NULL, false, 0};
	for (int left = 0; left < 2; left++)
		ck_assert_double_eq_tol(grx_icare_mean_risk(&p, h0, m, 40, 0, left),
			grx_icare_risk(h0, m, 40, 0, left), 1e-15);
}
END_TEST

/* Brute force: each person's waiting times drawn year by year. */
START_TEST(test_icare_simulated)
{
	double lambda[AGES], m[AGES], h0[AGES], ill = 0, expect;
	static const double zero[1], one[1] = {1};
	struct grx_icare_pop p = {1, zero, one, NULL, true, 0.7};
	struct grx_rng *g = grx_rng_new(11, "icare", 0);
	rates(0.002, lambda, m);
	ck_assert(grx_icare_baseline(&p, lambda, AGES, h0, NULL));
	expect = grx_icare_risk(h0 + 10, m + 10, 30, 0.7 * 1.5, false);
	double r = exp(0.7 * 1.5);
	for (int i = 0; i < N; i++)
		for (int t = 10; t < 40; t++) {
			double x = grx_rng_exponential(g, 1 / (r * h0[t])),
			       y = grx_rng_exponential(g, 1 / m[t]);
			if (x < 1 || y < 1) {
				ill += x < y;
				break;
			}
		}
	double p_ill = ill / N;
	ck_assert_double_eq_tol(p_ill, expect, 4 * sqrt(p_ill * (1 - p_ill) / N));
	/* iCARE's left sum is the larger one, by about half a year of hazard */
	double left = grx_icare_risk(h0 + 10, m + 10, 30, 0.7 * 1.5, true);
	ck_assert_double_gt(left, expect);
	ck_assert_double_eq_tol(left / expect, 1, 0.02);
	/* and a hazard so large that the left sum leaves the scale */
	static const double high[3] = {2, 2, 2}, none[3];
	ck_assert_double_gt(grx_icare_risk(high, none, 3, 0, true), 1);
	ck_assert_double_eq_tol(grx_icare_risk(high, none, 3, 0, false), 1 - exp(-6), 1e-12);
	grx_rng_free(g);
}
END_TEST

START_TEST(test_icare_discrete)
{
	/* two groups: iterating the definition to convergence, as iCARE does, ends at the one-pass solution
	 */
	double lambda[AGES], m[AGES], h0[AGES], it[AGES];
	static const double lp[2] = {0, 1.2}, w[2] = {0.8, 0.2};
	struct grx_icare_pop p = {2, lp, w, NULL, false, 0};
	rates(0.003, lambda, m);
	ck_assert(grx_icare_baseline(&p, lambda, AGES, h0, NULL));
	for (int t = 0; t < AGES; t++)
		it[t] = lambda[t] / (0.8 + 0.2 * exp(1.2));
	for (int k = 0; k < 300; k++) {
		double cum = 0;
		for (int t = 0; t < AGES; t++) {
			double a = 0.8 * exp(-cum), b = 0.2 * exp(-exp(1.2) * cum), now = it[t];
			it[t] = lambda[t] * (a + b) / (a + b * exp(1.2));
			cum += now;
		}
	}
	for (int t = 0; t < AGES; t++)
		ck_assert_double_eq_tol(it[t] / h0[t], 1, 1e-10);
	ck_assert(grx_icare_risk(h0, m, 0, 0, false) == 0);
}
END_TEST

START_TEST(test_icare_condense)
{
	static struct grx_icare_person v[5000];
	double lambda[AGES], m[AGES], h0[AGES], few[AGES], lp[5000], w[5000], r = 0, all = 0;
	struct grx_rng *g = grx_rng_new(2, "condense", 0);
	rates(0.002, lambda, m);
	for (int i = 0; i < 5000; i++) {
		lp[i] = grx_rng_normal(g, 0, 0.8);
		w[i] = 0.5 + grx_rng_uniform(g);
		v[i] = (struct grx_icare_person){lp[i], w[i], 0};
		r += w[i] * exp(lp[i]);
		all += w[i];
	}
	grx_rng_free(g);
	struct grx_icare_pop p = {5000, lp, w, NULL, false, 0};
	ck_assert(grx_icare_baseline(&p, lambda, AGES, h0, NULL));
	int n = grx_icare_condense(v, 5000, 512);
	ck_assert_int_le(n, 513);
	for (int i = 0; i < n; i++) {
		r -= v[i].w * exp(v[i].lp);
		all -= v[i].w;
		lp[i] = v[i].lp;
		w[i] = v[i].w;
	}
	ck_assert_double_eq_tol(r, 0, 1e-9); /* weight and mean relative risk are kept */
	ck_assert_double_eq_tol(all, 0, 1e-9);
	p.n = n;
	ck_assert(grx_icare_baseline(&p, lambda, AGES, few, NULL));
	for (int t = 0; t < AGES; t++)
		ck_assert_double_eq_tol(few[t] / h0[t], 1, 2e-4);
	/* distinct values that weigh enough, and shifts, stay apart */
	struct grx_icare_person u[] = {{1, 1, 0}, {0, 1, 0}, {1, 2, 0}, {1, 1, 0.2}};
	ck_assert_int_eq(grx_icare_condense(u, 4, 100), 3);
	ck_assert_double_eq(u[1].lp, 1);
	ck_assert_double_eq(u[1].w, 3);
	ck_assert_double_eq(u[2].shift, 0.2);
}
END_TEST

int main(void)
{
	grx_math_init();
	Suite *s = suite_create("risk");
	TCase *t = tcase_create("all");
	tcase_set_timeout(t, 60);
	tcase_add_test(t, test_intercept);
	tcase_add_test(t, test_intercept_domain);
	tcase_add_test(t, test_liability_mean);
	tcase_add_test(t, test_conversions_simulated);
	tcase_add_test(t, test_conversions_closed);
	tcase_add_test(t, test_interval);
	tcase_add_test(t, test_icare_fixed_point);
	tcase_add_test(t, test_icare_mean_is_life_table);
	tcase_add_test(t, test_icare_simulated);
	tcase_add_test(t, test_icare_discrete);
	tcase_add_test(t, test_icare_condense);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int bad = srunner_ntests_failed(r);
	srunner_free(r);
	return bad != 0;
}
