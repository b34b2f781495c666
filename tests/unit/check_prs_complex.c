/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_prs_complex.c -- HLA, APOE and CYP rows of scores, decided by facts or left open. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/ctx.h"
#include "base/log.h"
#include "base/mem.h"
#include "stage/prs/complex.h"

static struct grx_ctx cx;
static struct grx_facts *fs;
static struct prs_complex *c;

static void setup(void)
{
	memset(&cx, 0, sizeof cx);
	cx.log = grx_log_new(0, false);
	cx.refdata = "refdata";
	fs = grx_facts_new();
	ck_assert_msg(prs_complex_open(&cx, &c) == 0, "%s", cx.err.msg);
}

static void teardown(void)
{
	prs_complex_close(c);
	grx_facts_free(fs);
	grx_log_free(cx.log);
}

static void fact(const char *gene, const char *value)
{
	char key[64];
	snprintf(key, sizeof key, "pgx/%s/diplotype", gene);
	ck_assert_int_eq(grx_facts_str(&cx, fs, "S", key, "pgx", value), 0);
}

/* Copies; -1 not decided. */
static double count(const char *ea, enum prs_code code, const char *note, const char *locus, const char *id)
{
	struct prs_wrow r = {.ea = ea, .code = (uint8_t)code, .note = note, .locus = locus, .id = id};
	struct prs_complex_who who = {fs, "S"};
	double n;
	const char *why, *gene;
	bool ok = prs_complex_count(c, &r, &who, &n, &why, &gene);
	ck_assert(ok ? why == NULL : why != NULL);
	return ok ? n : -1;
}

static double hla(const char *ea)
{
	return count(ea, PRS_UNSUPPORTED_HLA, NULL, NULL, NULL);
}

START_TEST(alleles)
{
	fact("HLA-A", "*24:02/*03:01:01:01");
	fact("HLA-B", "*57:01/*57:01");
	fact("HLA-C", "*07/*06:02");
	fact("HLA-DRB1", "*15:01/*15:XX");
	fact("HLA-DQB1", "*03:02");
	ck_assert_double_eq(hla("HLA-A*24"), 1);
	ck_assert_double_eq(hla("HLA-A*03:01"), 1);
	ck_assert_double_eq(hla("A*03:02"), 0);
	ck_assert_double_eq(hla("HLA-A*2"), -1); /* no such name */
	ck_assert_double_eq(hla("HLA-A*2402"), 1);
	ck_assert_double_eq(hla("HLA-B*57:01"), 2);
	ck_assert_double_eq(hla("HLA-B*57:03"), 0);
	ck_assert_double_eq(hla("HLA-C*06:02"), 1);
	ck_assert_double_eq(hla("HLA-C*07:01"), -1); /* too coarse */
	ck_assert_double_eq(hla("HLA-DRB1*15"), 2);
	ck_assert_double_eq(hla("HLA-DRB1*15:01"), -1);
	ck_assert_double_eq(hla("HLA-DQB1*03:02"), -1); /* one type of two */
	ck_assert_double_eq(hla("HLA-DPB1*04:01"), -1); /* no fact */
	fact("HLA-DPB1", "*04:01/*104:01");
	ck_assert_double_eq(hla("HLA-DPB1*0401"), 1);
	ck_assert_double_eq(hla("HLA-DPB1*0402"), 0);
	ck_assert_double_eq(hla("HLA-DPB1*0502"), -1); /* now *104:01 */
	ck_assert_double_eq(hla("HLA-B_116_S"), -1);
	ck_assert_double_eq(hla("HLA-DRB1_86_V"), -1);
	ck_assert_double_eq(count("P", PRS_UNSUPPORTED_HLA, NULL, NULL, "HLA-B*5701"), 2);
	ck_assert_double_eq(count("N", PRS_UNSUPPORTED_HLA, NULL, NULL, "HLA-A*24:02"), 1);
	ck_assert_double_eq(count("+", PRS_UNSUPPORTED_HLA, NULL, NULL, "HLA-A*01"), 0);
	ck_assert_double_eq(count("*24:02", PRS_UNSUPPORTED_HLA, NULL, "HLA-A", NULL), 1);
	ck_assert_double_eq(hla("HLA-A*24/HLA-A*03"), 1);
	ck_assert_double_eq(hla("HLA-A*24/HLA-A*24"), 0);
	ck_assert_double_eq(hla(""), -1);
	ck_assert_double_eq(hla("/"), -1);
	ck_assert_double_eq(hla("HLA-A*24/X/X"), -1);
	ck_assert_double_eq(hla(";;;"), -1);
}
END_TEST

static double t1d(const char *ea)
{
	return count(ea, PRS_UNSUPPORTED_HLA, "X!=[HLA-DR3, HLA-DR4; HLA-DQ8]; marker=[rs2187668-?]",
		"HLA-DRB1, HLA-DQA1, HLA-DQB1", NULL);
}

START_TEST(serotypes)
{
	fact("HLA-DRB1", "*04:01/*04:04");
	fact("HLA-DQB1", "*03:02/*03:02");
	ck_assert_double_eq(t1d("HLA-DR4; HLA-DQ8/HLA-DR4; HLA-DQ8"), 1);
	ck_assert_double_eq(t1d("HLA-DR4; HLA-DQ8/X"), 0);
	ck_assert_double_eq(t1d("HLA-DR3/HLA-DR4; HLA-DQ8"), 0);
	ck_assert_double_eq(t1d("HLA-DR3/HLA-DR3"), 0);
	ck_assert_double_eq(t1d("HLA-DR4; HLA-DQ8"), 2);
	ck_assert_double_eq(t1d("HLA-DR99"), -1);
}
END_TEST

START_TEST(serotypes_phase)
{
	fact("HLA-DRB1", "*04:01/*03:01");
	fact("HLA-DQB1", "*03:02/*02:01");
	/* DR4 may lie with DQ8 or with DQ2 */
	ck_assert_double_eq(t1d("HLA-DR3/HLA-DR4; HLA-DQ8"), -1);
	ck_assert_double_eq(t1d("HLA-DR3/HLA-DR3"), 0);
	ck_assert_double_eq(t1d("HLA-DR3"), 1);
	ck_assert_double_eq(t1d("HLA-DR17"), 1);
	ck_assert_double_eq(t1d("HLA-DR18"), 0);
	ck_assert_double_eq(t1d("HLA-DQ8"), 1);
	ck_assert_double_eq(t1d("HLA-DQ9"), 0);
}
END_TEST

START_TEST(serotypes_x)
{
	fact("HLA-DRB1", "*03:01/*01:01");
	fact("HLA-DQB1", "*02:01/*05:01");
	ck_assert_double_eq(t1d("HLA-DR3/X"), 1);
	ck_assert_double_eq(t1d("HLA-DR4; HLA-DQ8/X"), 0);
	/* DQ is not needed when DR tells */
	ck_assert_double_eq(t1d("HLA-DR4; HLA-DQB1*06:02"), 0);
}
END_TEST

START_TEST(open_serotype)
{
	fact("HLA-DQB1", "*03:07/*05:01");
	fact("HLA-DRB1", "*03/*04:81N");
	ck_assert_double_eq(hla("HLA-DQ8"), -1);
	ck_assert_double_eq(hla("HLA-DR17"), -1);
	ck_assert_double_eq(hla("HLA-DR4"), -1);
	ck_assert_double_eq(hla("HLA-DR7"), 0);
}
END_TEST

START_TEST(apoe_and_cyp)
{
	fact("APOE", "e3/e4");
	fact("CYP2C19", "*1/*2 OR *1/*2.001");
	fact("CYP2D6", "*1/*4 OR *1/*10");
	fact("CYP2C9", "*1/*2x2");
	ck_assert_double_eq(count("e4", PRS_UNSUPPORTED_APOE, NULL, NULL, NULL), 1);
	ck_assert_double_eq(count("\xce\xb5"
				  "2",
				    PRS_UNSUPPORTED_APOE, NULL, NULL, NULL),
		0);
	ck_assert_double_eq(count("APOE-e3/e4", PRS_UNSUPPORTED_APOE, NULL, NULL, NULL), 1);
	ck_assert_double_eq(count("E4/E4", PRS_UNSUPPORTED_APOE, NULL, "APOE", NULL), 0);
	ck_assert_double_eq(count("e1", PRS_UNSUPPORTED_APOE, NULL, "APOE", NULL), -1);
	ck_assert_double_eq(count("CYP2C19*2", PRS_UNSUPPORTED_CYP, NULL, NULL, NULL), 1);
	ck_assert_double_eq(count("*2", PRS_UNSUPPORTED_CYP, NULL, "CYP2C19", NULL), 1);
	ck_assert_double_eq(count("CYP2C19*17", PRS_UNSUPPORTED_CYP, NULL, NULL, NULL), 0);
	ck_assert_double_eq(count("CYP2D6*4", PRS_UNSUPPORTED_CYP, NULL, NULL, NULL), -1);
	ck_assert_double_eq(count("CYP2D6*1", PRS_UNSUPPORTED_CYP, NULL, NULL, NULL), 1);
	ck_assert_double_eq(count("CYP2C9*2", PRS_UNSUPPORTED_CYP, NULL, NULL, NULL), -1);
	ck_assert_double_eq(count("rs1_x_rs2", PRS_UNSUPPORTED_INTERACTION, NULL, NULL, NULL), -1);
	ck_assert_double_eq(count("rs1-A; rs2-T", PRS_UNSUPPORTED_HAPLOTYPE, NULL, NULL, NULL), -1);
	struct prs_complex_who who = {NULL, "S"};
	struct prs_wrow r = {.ea = "e4", .code = PRS_UNSUPPORTED_APOE};
	double n;
	const char *why;
	ck_assert(!prs_complex_count(c, &r, &who, &n, &why, NULL));
}
END_TEST

START_TEST(uncertain)
{
	struct grx_fact *f;
	ck_assert_int_eq(grx_facts_add(&cx, fs, "S", "pgx/CYP2C19/diplotype", "pgx", &f), 0);
	ck_assert_int_eq(grx_fact_str_set(fs, f, "*1/*2"), 0);
	ck_assert_int_eq(grx_fact_attr(fs, f, "posterior", "0.97"), 0);
	ck_assert_double_eq(count("CYP2C19*2", PRS_UNSUPPORTED_CYP, NULL, NULL, NULL), -1);
	ck_assert_int_eq(grx_facts_missing(&cx, fs, "S", "pgx/HLA-A/diplotype", "pgx", "no reads"), 0);
	ck_assert_double_eq(hla("HLA-A*24"), -1);
}
END_TEST

/* Random texts neither crash nor decide without facts. */
START_TEST(nonsense)
{
	static const char *const bit[] = {"HLA-", "DR4", "DQ8", "*", "24", ":", "02", "/", ";", " ", "X", "A",
		"DRB1", "!=", "[", "]", ",", "e4", "_", "9", "N", "\"", "CYP2D6"};
	uint64_t s = 7;
	char t[2][600];
	for (int i = 0; i < 200000; i++) {
		for (int k = 0; k < 2; k++) {
			t[k][0] = '\0';
			int n = (int)(s >> 60);
			for (int j = 0; j < n; j++) {
				s = s * 6364136223846793005u + 1442695040888963407u;
				strcat(t[k], bit[(s >> 33) % (sizeof bit / sizeof *bit)]);
			}
			s = s * 6364136223846793005u + 1442695040888963407u;
		}
		enum prs_code code = (enum prs_code)(PRS_UNSUPPORTED_HAPLOTYPE + (s >> 40) % 5);
		ck_assert_double_eq(count(t[0], code, t[1], NULL, NULL), -1);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("prs_complex");
	TCase *t = tcase_create("complex");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, alleles);
	tcase_add_test(t, serotypes);
	tcase_add_test(t, serotypes_phase);
	tcase_add_test(t, serotypes_x);
	tcase_add_test(t, open_serotype);
	tcase_add_test(t, apoe_and_cyp);
	tcase_add_test(t, uncertain);
	tcase_add_test(t, nonsense);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
