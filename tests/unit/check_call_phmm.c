/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_call_phmm.c -- the pair-HMM kernels against the plain double recursion, against each other bit by
 * bit, and on degenerate input; the ungapped cost against a loop. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stage/call/phmm.h"

#define N_JOBS  400
#define MAX_SEQ 2400

struct seq {
	char s[MAX_SEQ + 1];
	uint8_t ins[MAX_SEQ + 1], del[MAX_SEQ + 1], gex[MAX_SEQ + 1], qual[MAX_SEQ + 1];
	int32_t n;
};

static struct grx_arena *mem;
static struct seq *haps, *reads;
static struct call_phmm_hap hap_of[N_JOBS];
static struct call_phmm_job jobs[N_JOBS];
static uint32_t rng;

static uint32_t below(uint32_t n)
{
	rng = rng * 1664525u + 1013904223u;
	return (uint32_t)(((uint64_t)rng * n) >> 32);
}

static void setup(void)
{
	rng = 7;
	mem = grx_arena_new();
	haps = calloc(N_JOBS, sizeof(*haps));
	reads = calloc(N_JOBS, sizeof(*reads));
	ck_assert(mem && haps && reads);
	memset(jobs, 0, sizeof(jobs));
}

static void teardown(void)
{
	grx_arena_free(mem);
	free(haps);
	free(reads);
}

/* Random bases with tandem repeats in them. */
static void make_hap(struct seq *h, int32_t n)
{
	for (int32_t i = 0; i < n;) {
		int unit = 1 + (int)below(6), copies = below(3) ? 1 : 2 + (int)below(12);
		for (int k = 0; k < unit && i < n; k++)
			h->s[i++] = below(150) ? "ACGT"[below(4)] : 'N';
		for (int k = unit; k < unit * copies && i < n; k++, i++)
			h->s[i] = h->s[i - unit];
	}
	for (int32_t i = 0; i <= n; i++) {
		h->ins[i] = (uint8_t)(10 + below(40));
		h->del[i] = (uint8_t)(10 + below(40));
		h->gex[i] = (uint8_t)(1 + below(12));
	}
	h->n = n;
}

/* A read of n bases from haplotype index `at` on, with substitutions and gaps. */
static void make_read(struct seq *r, const struct seq *h, int32_t at, int32_t n)
{
	int32_t x = at;
	r->n = n;
	for (int32_t i = 0; i < n; i++) {
		uint32_t what = below(100);
		x += what == 0 ? 1 + (int32_t)below(4) : 0;
		bool random = what == 1 || what == 2 || x < 0 || x >= h->n;
		r->s[i] = random ? "ACGTN"[below(5)] : h->s[x];
		r->qual[i] = (uint8_t)(below(20) ? 2 + below(40) : below(94));
		x += what == 1 ? 0 : 1;
	}
}

static struct call_phmm_job *job_set(int k, int32_t dlo, int32_t dhi)
{
	hap_of[k] = (struct call_phmm_hap){haps[k].s, haps[k].ins, haps[k].del, haps[k].gex, haps[k].n};
	jobs[k] = (struct call_phmm_job){.q = reads[k].s,
		.qual = reads[k].qual,
		.nq = reads[k].n,
		.h = &hap_of[k],
		.dlo = dlo,
		.dhi = dhi,
		.ll = (double)NAN};
	return &jobs[k];
}

static void make_jobs(void)
{
	for (int k = 0; k < N_JOBS; k++) {
		make_hap(&haps[k], 20 + (int32_t)below(400));
		int32_t at = (int32_t)below((uint32_t)haps[k].n) - 10, half = (int32_t)below(40);
		make_read(&reads[k], &haps[k], at, 1 + (int32_t)below(160));
		job_set(k, at - half, at + half + (int32_t)below(20) - 5);
	}
}

static void ck_close(const struct call_phmm_job *j, int k)
{
	double want = call_phmm_reference(j), tol = 1e-4 * fabs(want);
	ck_assert_msg(isfinite(j->ll) && fabs(j->ll - want) <= fmax(tol, 2e-5), "job %d: %.9g, wanted %.9g",
		k, j->ll, want);
}

START_TEST(test_reference)
{
	double worst = 0;
	make_jobs();
	ck_assert_int_eq(call_phmm_run(mem, jobs, N_JOBS), GRX_OK);
	int paths = 0;
	for (int k = 0; k < N_JOBS; k++) {
		ck_close(&jobs[k], k);
		worst = fmax(worst, fabs(jobs[k].ll - call_phmm_reference(&jobs[k])));
		paths += jobs[k].ll > CALL_PHMM_FLOOR;
	}
	ck_assert_int_gt(paths, N_JOBS / 2); /* bands that leave the haplotype have none */
	ck_assert_msg(worst < 1e-4, "largest absolute difference %g", worst);
}
END_TEST

/* Three bases, one diagonal: the numbers by hand. */
START_TEST(test_by_hand)
{
	const uint8_t gop[] = {30, 30, 30, 30}, gex[] = {10, 10, 10, 10}, qual[] = {20, 20, 20};
	struct call_phmm_hap h = {"ACG", gop, gop, gex, 3};
	struct call_phmm_job j[3] = {
		{"ACG", qual, 3, &h, 0, 0, 0}, {"ATG", qual, 3, &h, 0, 0, 0}, {"ANG", qual, 3, &h, 0, 0, 0}};
	ck_assert_int_eq(call_phmm_run(mem, j, 3), GRX_OK);
	double stay = 1 - 2e-3,
	       ins = 1e-3 * .9; /* the first base inserted, the others in M: the second path */
	ck_assert_double_eq_tol(j[0].ll, log(.99 * .99 * stay * (.99 * stay + ins)), 1e-6);
	ck_assert_double_eq_tol(j[1].ll, log(.01 / 3 * .99 * stay * (.99 * stay + ins)), 1e-6);
	ck_assert_double_eq_tol(j[2].ll, log(.99 * stay * (.99 * stay + ins)), 1e-6);
}
END_TEST

/* Opening an insertion and opening a deletion have prices of their own, and staying pays for both. */
START_TEST(test_directions)
{
	char s[] = "ACGTTGCAGCTCATGA";
	uint8_t ins[17], del[17], gex[17], qual[17];
	memset(ins, 30, sizeof(ins));
	memset(del, 20, sizeof(del));
	memset(gex, 10, sizeof(gex));
	memset(qual, 40, sizeof(qual));
	struct call_phmm_hap h = {s, ins, del, gex, 16};
	struct call_phmm_job j[3] = {{"ACGTTGCGCTCATGA", qual, 15, &h, -3, 3, 0},
		{"ACGTTGCATGCTCATGA", qual, 17, &h, -3, 3, 0}, {s, qual, 16, &h, 0, 0, 0}};
	ck_assert_int_eq(call_phmm_run(mem, j, 3), GRX_OK);
	double stay = log(1 - 1e-3 - 1e-2), match = log(1 - 1e-4);
	ck_assert_double_eq_tol(j[0].ll, log(1e-2 * .9) + 13 * stay + 15 * match, .003);
	ck_assert_double_eq_tol(j[1].ll, log(1e-3 * .9) + 14 * stay + 16 * match, .003);
	ck_assert_double_eq_tol(j[2].ll, 15 * stay + 16 * match, .003);
	for (int k = 0; k < 3; k++)
		ck_close(&j[k], k);
}
END_TEST

/* An inserted and a deleted base: one path each dominates. */
START_TEST(test_gaps)
{
	char s[] = "ACGTTGCAAGCTCATG";
	uint8_t gop[17], gex[17], qual[17];
	memset(gop, 40, sizeof(gop));
	memset(gex, 10, sizeof(gex));
	memset(qual, 40, sizeof(qual));
	struct call_phmm_hap h = {s, gop, gop, gex, 16};
	struct call_phmm_job j[2] = {
		{"ACGTTGCAGCTCATG", qual, 15, &h, -3, 3, 0}, /* one A of AA missing: two paths */
		{"ACGTTGCATAGCTCATG", qual, 17, &h, -3, 3, 0}};
	ck_assert_int_eq(call_phmm_run(mem, j, 2), GRX_OK);
	ck_assert_double_eq_tol(j[0].ll, log(2) + log(1e-4) + log(.9), .01);
	ck_assert_double_eq_tol(j[1].ll, log(1e-4) + log(.9), .01);
}
END_TEST

static void run_copy(struct call_phmm_job *copy, size_t n, enum call_phmm_isa isa)
{
	ck_assert_int_eq(call_phmm_run_isa(mem, copy, n, isa), GRX_OK);
}

START_TEST(test_same_bits_on_every_isa)
{
	static struct call_phmm_job a[N_JOBS], b[N_JOBS];
	make_jobs();
	memcpy(a, jobs, sizeof(a));
	run_copy(a, N_JOBS, CALL_PHMM_PORTABLE);
	for (int isa = CALL_PHMM_AUTO; isa <= CALL_PHMM_AVX512; isa++) {
		if (!call_phmm_has_isa(isa)) {
			printf("instruction set %d is absent: not compared\n", isa);
			continue;
		}
		memcpy(b, jobs, sizeof(b));
		run_copy(b, N_JOBS, isa);
		for (int k = 0; k < N_JOBS; k++)
			ck_assert_msg(memcmp(&a[k].ll, &b[k].ll, sizeof(double)) == 0,
				"isa %d, job %d: %a %a", isa, k, a[k].ll, b[k].ll);
	}
}
END_TEST

/* Any order, any part of the batch, alone: the same bits. */
START_TEST(test_batch_does_not_matter)
{
	static struct call_phmm_job a[N_JOBS], b[N_JOBS];
	static int order[N_JOBS];
	make_jobs();
	memcpy(a, jobs, sizeof(a));
	run_copy(a, N_JOBS, CALL_PHMM_AUTO);
	for (int trial = 0; trial < 12; trial++) {
		int n = trial == 0 ? N_JOBS : 1 + (int)below(40);
		for (int k = 0; k < N_JOBS; k++)
			order[k] = k;
		for (int k = 0; k < n; k++) {
			int x = k + (int)below((uint32_t)(N_JOBS - k)), t = order[k];
			order[k] = order[x];
			order[x] = t;
			b[k] = jobs[order[k]];
		}
		run_copy(b, (size_t)n, CALL_PHMM_AUTO);
		for (int k = 0; k < n; k++)
			ck_assert_msg(
				memcmp(&a[order[k]].ll, &b[k].ll, sizeof(double)) == 0, "job %d", order[k]);
	}
	for (int k = 0; k < N_JOBS; k += 7) {
		b[0] = jobs[k];
		run_copy(b, 1, CALL_PHMM_AUTO);
		ck_assert(memcmp(&a[k].ll, &b[0].ll, sizeof(double)) == 0);
	}
}
END_TEST

/* What lies beyond the band does not count, but a longer haplotype with the same band does not change much:
 * the start has weight 1 whatever the length. */
START_TEST(test_haplotype_length)
{
	make_hap(&haps[0], 300);
	make_read(&reads[0], &haps[0], 100, 80);
	job_set(0, 90, 110);
	haps[1] = haps[0];
	reads[1] = reads[0];
	haps[1].n = 220;
	job_set(1, 90, 110);
	ck_assert_int_eq(call_phmm_run(mem, jobs, 2), GRX_OK);
	ck_assert_double_eq(jobs[0].ll, jobs[1].ll);
}
END_TEST

START_TEST(test_no_bases)
{
	make_hap(&haps[0], 50);
	struct call_phmm_job *j = job_set(0, -5, 5);
	ck_assert_int_eq(call_phmm_run(mem, j, 1), GRX_OK);
	ck_assert_double_eq(j->ll, 0);
	ck_assert_int_eq(call_phmm_run(mem, j, 0), GRX_OK);
}
END_TEST

START_TEST(test_one_base)
{
	for (int k = 0; k < 40; k++) {
		make_hap(&haps[k], 1 + k / 2);
		make_read(&reads[k], &haps[k], k / 4, 1);
		job_set(k, -2, k % 7);
	}
	ck_assert_int_eq(call_phmm_run(mem, jobs, 40), GRX_OK);
	for (int k = 0; k < 40; k++)
		ck_close(&jobs[k], k);
}
END_TEST

START_TEST(test_band_outside_of_the_haplotype)
{
	static const int32_t band[][2] = {{60, 80}, {-200, -130}, {-101, -95}, {5, 4}, {INT32_MIN, INT32_MIN},
		{INT32_MAX, INT32_MAX}, {INT32_MAX, INT32_MIN}};
	for (int k = 0; k < 7; k++) {
		make_hap(&haps[k], 50);
		make_read(&reads[k], &haps[k], 0, 100);
		job_set(k, band[k][0], band[k][1]);
	}
	ck_assert_int_eq(call_phmm_run(mem, jobs, 7), GRX_OK);
	for (int k = 0; k < 7; k++)
		if (k != 2) /* there the read lies in front of the haplotype as one insertion, at best */
			ck_assert_double_eq(jobs[k].ll, CALL_PHMM_FLOOR);
	ck_close(&jobs[2], 2);
}
END_TEST

START_TEST(test_widest_band)
{
	for (int k = 0; k < 20; k++) {
		make_hap(&haps[k], 30 + k);
		make_read(&reads[k], &haps[k], 3, 25);
		job_set(k, INT32_MIN, INT32_MAX);
	}
	haps[20].n = 0;
	reads[20].n = 3;
	job_set(20, INT32_MIN, INT32_MAX);
	ck_assert_int_eq(call_phmm_run(mem, jobs, 21), GRX_OK);
	for (int k = 0; k < 20; k++)
		ck_close(&jobs[k], k);
	ck_assert_double_eq(jobs[20].ll, CALL_PHMM_FLOOR);
}
END_TEST

START_TEST(test_all_n)
{
	for (int k = 0; k < 3; k++) {
		make_hap(&haps[k], 120);
		make_read(&reads[k], &haps[k], 10, 100);
		if (k != 1)
			memset(reads[k].s, 'N', 100);
		if (k != 0)
			memset(haps[k].s, 'N', 120);
		memset(haps[k].ins, 45, 121);
		memset(haps[k].del, 45, 121);
		job_set(k, 10, 10);
	}
	ck_assert_int_eq(call_phmm_run(mem, jobs, 3), GRX_OK);
	double stay = 99 * log(1 - 2 * pow(10, -4.5));
	ck_assert_double_eq_tol(jobs[0].ll, stay, 1e-4);
	ck_assert_double_eq_tol(jobs[2].ll, stay, 1e-4);
	for (int k = 0; k < 3; k++)
		ck_close(&jobs[k], k);
}
END_TEST

START_TEST(test_extreme_costs)
{
	static const uint8_t v[] = {0, 1, 2, 3, 90, 93, 255};
	for (int k = 0; k < 7 * 7 * 7; k++) {
		make_hap(&haps[k], 120);
		make_read(&reads[k], &haps[k], 10, 90);
		memset(haps[k].ins, v[k % 7], 121);
		memset(haps[k].del, v[k % 2 ? k % 7 : 6 - k % 7], 121);
		memset(haps[k].gex, v[k / 7 % 7], 121);
		memset(reads[k].qual, v[k / 49], 90);
		job_set(k, -5, 25);
	}
	ck_assert_int_eq(call_phmm_run(mem, jobs, 7 * 7 * 7), GRX_OK);
	int lost = 0;
	for (int k = 0; k < 7 * 7 * 7; k++) {
		/* gaps that cost nothing to extend and never close hide all else from float32 until they
		 * leave the band */
		if (v[k / 7 % 7] == 0 && jobs[k].ll < call_phmm_reference(&jobs[k]) - 0.01)
			lost++;
		else
			ck_close(&jobs[k], k);
	}
	ck_assert_int_lt(lost, 40);
}
END_TEST

/* 1000 bases, at the best quality: all matching, all mismatching, and with a long gap; beside short reads. */
START_TEST(test_long_reads_and_underflow)
{
	for (int k = 0; k < 6; k++) {
		make_hap(&haps[k], 1100);
		make_read(&reads[k], &haps[k], 20, k < 4 ? 1000 : 30);
		memset(reads[k].qual, 40, 1000);
		for (int i = 0; k < 2 && i < 1100; i++)
			haps[k].s[i] = k == 0 ? 'A' : "ACGT"[i % 4];
		for (int i = 0; k < 2 && i < 1000; i++)
			reads[k].s[i] = 'T';
		job_set(k, 0, 50);
	}
	job_set(3, 20, 20);
	ck_assert_int_eq(call_phmm_run(mem, jobs, 6), GRX_OK);
	for (int k = 0; k < 6; k++)
		ck_close(&jobs[k], k);
	ck_assert_double_lt(jobs[0].ll, -1000);
}
END_TEST

START_TEST(test_too_long_is_refused)
{
	make_hap(&haps[0], 50);
	struct call_phmm_job *j = job_set(0, -5, 5);
	j->nq = CALL_PHMM_MAX_LEN + 1;
	ck_assert_int_eq(call_phmm_run(mem, j, 1), GRX_E_BUG);
}
END_TEST

/* The longer a repeat, the more equal paths: the sum grows with their number. */
START_TEST(test_paths_in_a_repeat_add_up)
{
	uint8_t qual[40], gop[41], gex[41];
	char s[41] = "ACGTCAGTCGATAAAAAAAAAAGTCCATGACTGATCGACT", q[40];
	memset(qual, 40, sizeof(qual));
	memset(gop, 45, sizeof(gop));
	memset(gex, 10, sizeof(gex));
	memcpy(q, s, 12);
	memcpy(q + 12, s + 13, 27); /* one of ten A less */
	struct call_phmm_hap h = {s, gop, gop, gex, 40};
	struct call_phmm_job j = {q, qual, 39, &h, -4, 4, 0};
	ck_assert_int_eq(call_phmm_run(mem, &j, 1), GRX_OK);
	ck_assert_double_eq_tol(j.ll, log(10) + log(pow(10, -4.5)) + log(.9), .02);
}
END_TEST

START_TEST(test_ungapped_cost)
{
	make_hap(&haps[0], MAX_SEQ);
	for (int32_t n = 0; n < 300; n++) {
		make_read(&reads[0], &haps[0], 17, n);
		int cap = (int)below(100), want = 0;
		const char *hap = haps[0].s + 17;
		for (int32_t i = 0; i < n; i++)
			if (reads[0].s[i] != hap[i] && reads[0].s[i] != 'N' && hap[i] != 'N')
				want += reads[0].qual[i] < cap ? reads[0].qual[i] : cap;
		ck_assert_int_eq(call_ungapped_cost(reads[0].s, reads[0].qual, hap, n, cap), want);
	}
}
END_TEST

/* Sums beyond 16 bits. */
START_TEST(test_ungapped_cost_is_not_cut)
{
	static char a[20001], b[20001];
	static uint8_t qual[20001];
	memset(a, 'A', 20000);
	memset(b, 'C', 20000);
	memset(qual, 255, 20000);
	for (int n = 19968; n <= 20000; n++)
		ck_assert_int_eq(call_ungapped_cost(a, qual, b, n, 255), n * 255);
	ck_assert_int_eq(call_ungapped_cost(a, qual, b, 20000, 40), 20000 * 40);
	ck_assert_int_eq(call_ungapped_cost(a, qual, b, 20000, 0), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("call_phmm");
	TCase *t = tcase_create("kernels");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, test_reference);
	tcase_add_test(t, test_by_hand);
	tcase_add_test(t, test_directions);
	tcase_add_test(t, test_gaps);
	tcase_add_test(t, test_same_bits_on_every_isa);
	tcase_add_test(t, test_batch_does_not_matter);
	tcase_add_test(t, test_haplotype_length);
	tcase_add_test(t, test_no_bases);
	tcase_add_test(t, test_one_base);
	tcase_add_test(t, test_band_outside_of_the_haplotype);
	tcase_add_test(t, test_widest_band);
	tcase_add_test(t, test_all_n);
	tcase_add_test(t, test_extreme_costs);
	tcase_add_test(t, test_long_reads_and_underflow);
	tcase_add_test(t, test_too_long_is_refused);
	tcase_add_test(t, test_paths_in_a_repeat_add_up);
	tcase_add_test(t, test_ungapped_cost);
	tcase_add_test(t, test_ungapped_cost_is_not_cut);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
