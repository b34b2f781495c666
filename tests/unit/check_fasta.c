/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_fasta.c -- reference sequence: layout, wrapping, damage, agreement with a dictionary. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ctx.h"
#include "base/log.h"
#include "io/fasta.h"

static char dir[256];
static struct grx_ctx cx;

static void setup(void)
{
	memset(&cx, 0, sizeof(cx));
	snprintf(dir, sizeof(dir), "/tmp/check_fasta.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void teardown(void)
{
	char cmd[300];

	snprintf(cmd, sizeof(cmd), "rm -r %s", dir);
	ck_assert_int_eq(system(cmd), 0);
}

static const char *put(const char *name, const char *text)
{
	static char path[2][400];
	static int k;
	FILE *fp;

	k = 1 - k;
	snprintf(path[k], sizeof(path[k]), "%s/%s", dir, name);
	fp = fopen(path[k], "w");
	ck_assert_ptr_nonnull(fp);
	fputs(text, fp);
	fclose(fp);
	return path[k];
}

static int open_text(const char *fa, const char *fai, struct grx_fasta **f)
{
	const char *path = put("a.fa", fa);

	if (fai)
		put("a.fa.fai", fai);
	return grx_fasta_open(&cx, path, f);
}

START_TEST(test_fetch)
{
	struct grx_fasta *f;
	struct grx_arena *mem = grx_arena_new();
	char *seq;
	int64_t n;

	ck_assert_int_eq(open_text(">a x\nACGTn\nacgtR\nAC\n>b\r\nTTT\r\nTT\r\n",
				 "a\t12\t5\t5\t6\nb\t5\t24\t3\t5\n", &f),
		0);
	ck_assert_int_eq(grx_fasta_contigs(f)->n, 2);
	ck_assert_int_eq(grx_fasta_fetch(&cx, f, "a", -3, 99, mem, &seq, &n), 0);
	ck_assert_int_eq(n, 12);
	ck_assert_str_eq(seq, "ACGTNACGTRAC");
	ck_assert_int_eq(grx_fasta_fetch(&cx, f, "a", 4, 11, mem, &seq, &n), 0);
	ck_assert_str_eq(seq, "NACGTRA");
	ck_assert_int_eq(grx_fasta_fetch(&cx, f, "b", 2, 4, mem, &seq, &n), 0);
	ck_assert_str_eq(seq, "TT");
	ck_assert_int_eq(grx_fasta_fetch(&cx, f, "b", 4, 4, mem, &seq, &n), 0);
	ck_assert_int_eq(n, 0);
	ck_assert_int_eq(grx_fasta_fetch(&cx, f, "c", 0, 4, mem, &seq, &n), GRX_E_MISMATCH);
	grx_fasta_close(f);
	grx_arena_free(mem);
}
END_TEST

static const struct {
	const char *fa, *fai;
	int rc;
} broken[] = {
	{">a\nACGT\n", NULL, GRX_E_NOINPUT},
	{">a\nACGT\n", "a\t4\t3\t0\t0\n", GRX_E_MISMATCH},
	{">a\nACGT\n", "a\t-4\t3\t4\t5\n", GRX_E_MISMATCH},
	{">a\nACGT\n", "a\t400\t3\t4\t5\n", GRX_E_MISMATCH},
	{">a\nACGT\nAC\n", "a\t4\t3\t4\t5\n", GRX_E_MISMATCH},
	{">a\nACGT\n", "a\t4\t4\t4\t5\n", GRX_E_MISMATCH},
	{">a\nACGT\n", "b\t4\t3\t4\t5\n", GRX_E_MISMATCH},
	{">a\nACGT\n", "an index\n", GRX_E_MISMATCH},
	{">a\nACGT\n", "", GRX_E_MISMATCH},
	{">a\nACGT\n>a\nACGT\n", "a\t4\t3\t4\t5\na\t4\t11\t4\t5\n", GRX_E_DATA},
};

START_TEST(test_broken)
{
	struct grx_fasta *f = NULL;

	ck_assert_int_eq(open_text(broken[_i].fa, broken[_i].fai, &f), broken[_i].rc);
	ck_assert_ptr_null(f);
	ck_assert(cx.err.msg[0]);
}
END_TEST

START_TEST(test_letters)
{
	struct grx_fasta *f;
	struct grx_arena *mem = grx_arena_new();
	char *seq;
	int64_t n;

	ck_assert_int_eq(open_text(">a\nAC1T\nACGT\n", "a\t8\t3\t4\t5\n", &f), 0);
	ck_assert_int_eq(grx_fasta_fetch(&cx, f, "a", 0, 8, mem, &seq, &n), GRX_E_DATA);
	grx_ctx_reset(&cx);
	ck_assert_int_eq(grx_fasta_fetch(&cx, f, "a", 4, 8, mem, &seq, &n), 0);
	grx_fasta_close(f);
	ck_assert_int_eq(open_text(">a\nACT\nACGGT\nAC\n", "a\t10\t3\t4\t5\n", &f), 0);
	ck_assert_int_eq(grx_fasta_fetch(&cx, f, "a", 0, 8, mem, &seq, &n), GRX_E_MISMATCH);
	grx_fasta_close(f);
	grx_arena_free(mem);
}
END_TEST

START_TEST(test_dictionary)
{
	struct grx_fasta *f;
	struct grx_contigs *d = grx_contigs_new();

	ck_assert_int_eq(
		open_text(">chr1\nACGT\n>chr2\nACGT\n", "chr1\t4\t6\t4\t5\nchr2\t4\t17\t4\t5\n", &f), 0);
	ck_assert_int_eq(grx_contigs_add(&cx, d, "1", 4, NULL), 0);
	ck_assert_int_eq(grx_fasta_check(&cx, f, d, "x.bam", false, false), GRX_E_MISMATCH);
	ck_assert_ptr_nonnull(strstr(cx.err.msg, "'chr1'"));
	grx_ctx_reset(&cx);
	ck_assert_int_eq(grx_contigs_add(&cx, d, "chr2", 4, "f1f8f4bf413b16ad135722aa4591043e"), 0);
	ck_assert_int_eq(grx_fasta_check(&cx, f, d, "x.bam", false, true), 0);
	ck_assert_int_eq(grx_fasta_check(&cx, f, d, "x.bam", true, false), GRX_E_MISMATCH);
	grx_ctx_reset(&cx);
	d->c[1].m5[0] = '0';
	ck_assert_int_eq(grx_fasta_check(&cx, f, d, "x.bam", false, true), GRX_E_MISMATCH);
	grx_ctx_reset(&cx);
	d->c[1].m5[0] = 0;
	d->c[1].len = 5;
	ck_assert_int_eq(grx_fasta_check(&cx, f, d, "x.bam", false, true), GRX_E_MISMATCH);
	grx_fasta_close(f);
	grx_contigs_free(d);
}
END_TEST

START_TEST(test_real_bgzip)
{
	const char *shared = getenv("GRX_SHARED");
	char path[512];
	struct grx_fasta *f;
	struct grx_arena *mem = grx_arena_new();
	char *seq;
	int64_t n, i, acgt = 0;

	snprintf(path, sizeof(path), "%s/data/refs/GRCh38.chr20.fa.gz", shared ? shared : "../shared");
	if (access(path, R_OK)) {
		printf("SKIP test_real_bgzip: %s absent\n", path);
		grx_arena_free(mem);
		return;
	}
	ck_assert_int_eq(grx_fasta_open(&cx, path, &f), 0);
	ck_assert_int_eq(grx_fasta_contigs(f)->c[0].len, 64444167);
	ck_assert_int_eq(grx_fasta_fetch(&cx, f, "chr20", 1000000, 3000000, mem, &seq, &n), 0);
	ck_assert_int_eq(n, 2000000);
	for (i = 0; i < n; i++)
		acgt += strchr("ACGT", seq[i]) != NULL;
	ck_assert_int_gt(acgt, 1990000);
	grx_fasta_close(f);
	grx_arena_free(mem);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("fasta");
	TCase *t = tcase_create("fasta");
	SRunner *r;
	int bad;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, test_fetch);
	tcase_add_loop_test(t, test_broken, 0, (int)(sizeof(broken) / sizeof(broken[0])));
	tcase_add_test(t, test_letters);
	tcase_add_test(t, test_dictionary);
	tcase_add_test(t, test_real_bgzip);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	bad = srunner_ntests_failed(r);
	srunner_free(r);
	return bad != 0;
}
