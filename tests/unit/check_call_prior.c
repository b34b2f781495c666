/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_call_prior.c -- population frequency as a prior: algebra, floor and ceiling, columns, haplotype
 * pairs, look-up. */
#include <check.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "math/prob.h"
#include "stage/call/call_hap.h"

#define P_DEFAULT (1e-3 * 2 / 3)

/* Odds of one default and one listed frequency mixed by hand. */
START_TEST(test_mixture)
{
	struct call_prior d = call_prior_default(P_DEFAULT), m = call_prior_mixed(P_DEFAULT, 0.5);
	ck_assert(!d.listed && m.listed);
	ck_assert_double_eq(d.one, P_DEFAULT);
	ck_assert_double_eq(d.two, P_DEFAULT / 2);
	ck_assert_double_eq(d.hap, P_DEFAULT);
	/* 7/8 of 1/4, 1/2, 1/4; 1/8 of 0.999, 2/3 e-3, 1/3 e-3 */
	ck_assert_double_eq_tol(m.one, (0.4375 + P_DEFAULT / 8) / (0.21875 + 0.999 / 8), 1e-12);
	ck_assert_double_eq_tol(m.two, (0.21875 + P_DEFAULT / 16) / (0.21875 + 0.999 / 8), 1e-12);
	ck_assert_double_eq_tol(m.hap, (0.4375 + P_DEFAULT / 8) / (0.4375 + (1 - P_DEFAULT) / 8), 1e-12);
}
END_TEST

/* Neither 0 nor 1 forbids a genotype; all grow with f; the odds never outweigh one read. */
START_TEST(test_floor_and_ceiling)
{
	const double p[] = {1e-7, P_DEFAULT, 0.05};
	for (size_t k = 0; k < sizeof(p) / sizeof(*p); k++) {
		struct call_prior z = call_prior_mixed(p[k], 0), last = z;
		ck_assert(10 * log10(p[k] / z.one) < 9.1 && 10 * log10(p[k] / z.hap) < 9.1);
		ck_assert(10 * log10(0.5 * p[k] / z.two) < 9.1);
		for (int i = 1; i <= 1000; i++) {
			struct call_prior m = call_prior_mixed(p[k], i / 1000.0);
			ck_assert(m.two > last.two && m.hap > last.hap);
			ck_assert(m.one > 0 && m.one < 2);
			ck_assert(m.two < 7.6 && m.hap < 7.6);
			last = m;
		}
	}
}
END_TEST

/* The odds go to those of a random person as the default loses its meaning: more than half, two copies. */
START_TEST(test_common_allele_has_two_copies)
{
	struct call_prior a = call_prior_mixed(P_DEFAULT, 0.4), b = call_prior_mixed(P_DEFAULT, 0.9);
	ck_assert(a.one > a.two && b.two > b.one);
}
END_TEST

static void posterior(const double *gl, int n, int ploidy, const struct call_prior *p, struct call_rec *r)
{
	static int pl[16];
	memset(r, 0, sizeof(*r));
	r->pl = pl;
	call_posterior(gl, n, ploidy, p, r);
}

/* One read of Q30 shows ALT. */
START_TEST(test_weak_evidence)
{
	const double gl[3] = {-7.0, -0.7, 0};
	struct call_prior p[2] = {{0}, call_prior_mixed(P_DEFAULT, 0.95)};
	struct call_rec common, rare, plain;
	int pl[3];
	posterior(gl, 2, 2, p, &common);
	memcpy(pl, common.pl, sizeof(pl));
	ck_assert(common.gt[0] == 1 && common.gt[1] == 1);
	ck_assert(common.gq >= 5 && common.gq < 15);
	p[1] = call_prior_mixed(P_DEFAULT, 1e-4);
	posterior(gl, 2, 2, p, &rare);
	ck_assert(rare.gt[0] == 0 && rare.gt[1] == 0);
	p[1] = call_prior_default(P_DEFAULT);
	posterior(gl, 2, 2, p, &plain);
	ck_assert(plain.gt[1] == 0);
	ck_assert(rare.qual < plain.qual && plain.qual < common.qual);
	/* likelihoods are those of the reads */
	ck_assert_mem_eq(pl, plain.pl, sizeof(pl));
}
END_TEST

/* One read shows REF, nothing else is known: however common the ALT, it is not called. */
START_TEST(test_one_reference_read)
{
	const double gl[3] = {0, log(0.5), log(0.05)}; /* Q13 */
	const double gl1[2] = {0, log(0.05 / 3)};
	for (int i = 0; i <= 100; i++) {
		struct call_prior p[2] = {{0}, call_prior_mixed(P_DEFAULT, i / 100.0)};
		struct call_rec r;
		posterior(gl, 2, 2, p, &r);
		ck_assert_int_eq(r.gt[1], 0);
		ck_assert(i < 50 || r.gq < 10);
		posterior(gl1, 2, 1, p, &r);
		ck_assert_int_eq(r.gt[1], 0);
	}
}
END_TEST

/* A wrong list gives way to the reads. */
START_TEST(test_reads_win)
{
	const double het[3] = {-60, -10, -60}, ref[3] = {0, -10, -60};
	const double f[] = {0, 1e-6, 0.5, 1};
	for (int i = 0; i < 4; i++) {
		struct call_prior p[2] = {{0}, call_prior_mixed(P_DEFAULT, f[i])};
		struct call_rec r;
		posterior(het, 2, 2, p, &r);
		ck_assert(r.gt[0] == 0 && r.gt[1] == 1 && r.qual > 150);
		posterior(ref, 2, 2, p, &r);
		ck_assert_int_eq(r.gt[1], 0);
	}
}
END_TEST

/* Two listed alleles of one base; the pair needs no coincidence of two mutations. */
START_TEST(test_two_listed)
{
	const double gl[6] = {-40, -20, -20, -20, 0, -20};
	struct call_prior p[3] = {{0}, call_prior_mixed(P_DEFAULT, 0.3), call_prior_mixed(P_DEFAULT, 0.4)};
	struct call_prior d[3] = {{0}, call_prior_default(P_DEFAULT), call_prior_default(P_DEFAULT)};
	struct call_rec a, b;
	posterior(gl, 3, 2, p, &a);
	posterior(gl, 3, 2, d, &b);
	ck_assert(a.gt[0] == 1 && a.gt[1] == 2 && b.gt[0] == 1 && b.gt[1] == 2);
	ck_assert_int_gt(a.gq, b.gq);
}
END_TEST

/* Haplotypes none and ALT, one fragment that shows ALT: posterior by hand. */
START_TEST(test_pairs)
{
	struct call_work w = {.tmp = grx_arena_new()};
	struct call_region rg = {.n = 1};
	static struct call_haps hs;
	struct call_pairs pp;
	struct call_prior m = call_prior_mixed(P_DEFAULT, 0.9);
	double frag[2] = {1e-3, 1};
	int s_beg[2] = {0, 1};
	memset(&hs, 0, sizeof(hs));
	rg.lp[0] = log(m.one);
	rg.lp2[0] = log(m.two);
	rg.lp_hap[0] = log(m.hap);
	hs.rg = &rg;
	hs.n = 2;
	hs.n_sample = hs.n_frag = 1;
	hs.p = frag;
	hs.s_beg = s_beg;
	hs.h[1].mask = hs.h[1].shows = 1;
	hs.h[1].lprior = rg.lp[0];
	hs.h[1].lprior_hap = rg.lp_hap[0];
	ck_assert_int_eq(call_pairs_make(&w, &hs, 0, 2, &pp), GRX_OK);
	ck_assert_int_eq(pp.best, 2);
	double sum = 1e-3 + 0.5005 * m.one + m.two;
	ck_assert_double_eq_tol(exp(pp.lp[0] - pp.all), 1e-3 / sum, 1e-9);
	ck_assert_double_eq_tol(exp(pp.lp[1] - pp.all), 0.5005 * m.one / sum, 1e-9);
	ck_assert_double_eq_tol(exp(pp.lp[2] - pp.all), m.two / sum, 1e-9);
	ck_assert_int_eq(call_pairs_make(&w, &hs, 0, 1, &pp), GRX_OK);
	ck_assert_double_eq_tol(exp(pp.lp[1] - pp.all), m.hap / (1e-3 + m.hap), 1e-9);
	grx_arena_free(w.tmp);
}
END_TEST

static double freq_of(const struct call_work *w, int64_t pos, int32_t rlen, const char *alt)
{
	struct call_allele a = {.pos = pos, .rlen = rlen, .alen = (int32_t)strlen(alt), .alt = alt};
	return call_af_of(w, &a);
}

START_TEST(test_lookup)
{
	struct call_freq f[] = {{5, 0, 1, "A", 0.25F}, {5, 0, 2, "AC", 0.5F}, {5, 1, 0, "", 0.125F},
		{5, 1, 1, "G", 0.75F}, {5, 1, 1, "G", 0.5F}, {9, 1, 1, "T", 0}};
	struct call_work w = {.freq = f, .n_freq = 6};
	ck_assert_double_eq(freq_of(&w, 5, 0, "A"), 0.25);
	ck_assert_double_eq(freq_of(&w, 5, 0, "AC"), 0.5);
	ck_assert_double_eq(freq_of(&w, 5, 1, ""), 0.125);
	ck_assert_double_eq(freq_of(&w, 5, 1, "G"), 0.75); /* listed twice */
	ck_assert_double_eq(freq_of(&w, 9, 1, "T"), 0);
	ck_assert(freq_of(&w, 5, 1, "C") < 0 && freq_of(&w, 5, 0, "C") < 0 && freq_of(&w, 4, 1, "G") < 0);
	ck_assert(freq_of(&w, 10, 1, "T") < 0 && freq_of(&w, 9, 2, "T") < 0);
	w.n_freq = 0;
	ck_assert(freq_of(&w, 5, 0, "A") < 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("call_prior");
	TCase *t = tcase_create("prior");
	tcase_add_test(t, test_mixture);
	tcase_add_test(t, test_floor_and_ceiling);
	tcase_add_test(t, test_common_allele_has_two_copies);
	tcase_add_test(t, test_weak_evidence);
	tcase_add_test(t, test_one_reference_read);
	tcase_add_test(t, test_reads_win);
	tcase_add_test(t, test_two_listed);
	tcase_add_test(t, test_pairs);
	tcase_add_test(t, test_lookup);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int bad = srunner_ntests_failed(r);
	srunner_free(r);
	return bad ? 1 : 0;
}
