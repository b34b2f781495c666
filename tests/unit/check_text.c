/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_text.c -- lines, tables, BED files and regions, plain and compressed, whole and damaged. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/mem.h"
#include "io/text.h"

static char dir[64];
static struct grx_ctx cx;

static void setup(void)
{
	memset(&cx, 0, sizeof cx);
	strcpy(dir, "/tmp/check_text.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void teardown(void)
{
	char cmd[128];
	snprintf(cmd, sizeof cmd, "rm -rf %s", dir);
	ck_assert_int_eq(system(cmd), 0);
}

static const char *put(const char *name, const void *p, size_t n)
{
	static char path[160];
	snprintf(path, sizeof path, "%s/%s", dir, name);
	FILE *f = fopen(path, "wb");
	ck_assert_uint_eq(fwrite(p, 1, n, f), n);
	ck_assert_int_eq(fclose(f), 0);
	return path;
}

/* Lines joined by '|'; returns the status. */
static int lines(const char *path, struct grx_str *out)
{
	struct grx_text *t;
	char *s;
	cx.err.status = 0;
	cx.err.msg[0] = '\0';
	grx_str_reset(out);
	grx_str_add(out, "");
	int rc = grx_text_open(&cx, path, &t);
	while (!rc) {
		rc = grx_text_line(&cx, t, &s);
		if (rc || !s)
			break;
		grx_str_add(out, s);
		grx_str_addc(out, '|');
	}
	grx_text_close(t);
	return rc;
}

START_TEST(plain)
{
	struct grx_str s = {0};
	ck_assert_int_eq(lines(put("a", "x\r\ny\n\nz", 7), &s), 0);
	ck_assert_str_eq(s.s, "x|y||z|");
	ck_assert_int_eq(lines(put("a", "", 0), &s), 0);
	ck_assert_str_eq(s.s ? s.s : "", "");
	ck_assert_int_eq(lines(put("a", "ok\na\0b\n", 7), &s), GRX_E_DATA);
	ck_assert_ptr_nonnull(strstr(cx.err.msg, "/a:2: NUL"));
	ck_assert_int_eq(lines(put("a", "\xef\xbb\xbfx\n", 5), &s), GRX_E_DATA);
	ck_assert_int_eq(lines(put("a", "\xff\xfex\0\n\0", 6), &s), GRX_E_DATA);
	ck_assert_int_eq(lines(put("a", "caf\xe9\n", 5), &s), GRX_E_DATA);
	ck_assert_int_eq(lines(put("a", "caf\xc3\xa9 \xe6\x82\xa3\n", 10), &s), 0);
	ck_assert_int_eq(lines(put("a", "a\rb\rc\n", 6), &s), GRX_E_DATA);
	ck_assert_int_eq(lines("/nonexistent/x", &s), GRX_E_NOINPUT);
	grx_str_clear(&s);
}
END_TEST

START_TEST(long_lines)
{
	struct grx_str s = {0};
	size_t n = 3000001;
	char *p = malloc(n);
	memset(p, 'q', n);
	p[n - 1] = '\n';
	p[300000] = '\n';
	ck_assert_int_eq(lines(put("l", p, n), &s), 0);
	ck_assert_uint_eq(s.n, n);
	free(p);
	grx_str_clear(&s);
}
END_TEST

/* Bytes of a gzip file of two members. */
static size_t gzip_two(char *buf, size_t cap)
{
	char path[160];
	size_t n = 0;
	snprintf(path, sizeof path, "%s/z.gz", dir);
	for (int m = 0; m < 2; m++) {
		gzFile g = gzopen(path, m ? "ab" : "wb");
		for (int i = 0; i < 2000; i++)
			gzprintf(g, "line %d of member %d\n", i, m);
		ck_assert_int_eq(gzclose(g), Z_OK);
	}
	FILE *f = fopen(path, "rb");
	n = fread(buf, 1, cap, f);
	fclose(f);
	return n;
}

START_TEST(gzip)
{
	static char buf[1 << 17];
	struct grx_str s = {0};
	size_t n = gzip_two(buf, sizeof buf - 64), whole;
	ck_assert_int_eq(lines(put("g", buf, n), &s), 0);
	whole = s.n;
	ck_assert_uint_gt(whole, 80000);
	for (size_t cut = 1; cut < n; cut += 97) {
		int rc = lines(put("g", buf, n - cut), &s);
		/* only a cut between the members is a whole file */
		ck_assert(rc == GRX_E_DATA || s.n * 2 < whole + 8);
	}
	memcpy(buf + n, "garbage", 7);
	ck_assert_int_eq(lines(put("g", buf, n + 7), &s), GRX_E_DATA);
	buf[n / 2] ^= 0x10;
	ck_assert_int_eq(lines(put("g", buf, n), &s), GRX_E_DATA);
	ck_assert_int_eq(lines(put("g", "BZh91AY", 7), &s), GRX_E_DATA);
	grx_str_clear(&s);
}
END_TEST

START_TEST(bgzip_end_block)
{
	static char buf[1 << 16];
	char cmd[256], path[160];
	struct grx_str s = {0};
	snprintf(cmd, sizeof cmd, "seq 1 3000 | bgzip -c > %s/b.gz", dir);
	ck_assert_int_eq(system(cmd), 0);
	snprintf(path, sizeof path, "%s/b.gz", dir);
	FILE *f = fopen(path, "rb");
	size_t n = fread(buf, 1, sizeof buf, f);
	fclose(f);
	ck_assert_int_eq(lines(path, &s), 0);
	ck_assert_int_eq(lines(put("c.gz", buf, n - 28), &s), GRX_E_DATA);
	ck_assert_ptr_nonnull(strstr(cx.err.msg, "end-of-file block"));
	grx_str_clear(&s);
}
END_TEST

static int table(const char *text)
{
	struct grx_table *t;
	bool more = true;
	cx.err.status = 0;
	int rc = grx_table_open(&cx, put("t.tsv", text, strlen(text)), true, &t);
	while (!rc && more)
		rc = grx_table_next(&cx, t, &more);
	grx_table_close(t);
	return rc;
}

START_TEST(tables)
{
	const char text[] = "##x\n#c\nname\tv\tn\nA\t1.5\t7\nB\t1,5\t7x\n";
	struct grx_table *t;
	bool more;
	double x;
	int64_t i;
	int col;
	ck_assert_int_eq(grx_table_open(&cx, put("t.tsv", text, sizeof text - 1), true, &t), 0);
	ck_assert_int_eq(grx_table_need(&cx, t, "v", &col), 0);
	ck_assert_int_eq(grx_table_next(&cx, t, &more), 0);
	ck_assert(more && strcmp(grx_table_get(t, 0), "A") == 0 && *grx_table_get(t, -1) == '\0');
	ck_assert(grx_table_f64(&cx, t, col, &x) == 0 && x == 1.5);
	ck_assert(grx_table_i64(&cx, t, 2, &i) == 0 && i == 7);
	ck_assert_int_eq(grx_table_lineno(t), 4);
	ck_assert_int_eq(grx_table_next(&cx, t, &more), 0);
	ck_assert_int_eq(grx_table_f64(&cx, t, col, &x), GRX_E_DATA);
	ck_assert_ptr_nonnull(strstr(cx.err.msg, ":5: column 'v': '1,5'"));
	ck_assert_int_eq(grx_table_need(&cx, t, "zz", &col), GRX_E_DATA);
	grx_table_close(t);
	ck_assert_int_eq(table("a\tb\n1\n"), GRX_E_DATA);
	ck_assert_int_eq(table("a\ta\n1\t2\n"), GRX_E_DATA);
	ck_assert_int_eq(table(""), GRX_E_DATA);
	ck_assert_int_eq(table("a\tb\n1\t\n"), 0);
}
END_TEST

static int bed(const char *text, int64_t *bases)
{
	struct grx_contigs *d = grx_contigs_new();
	struct grx_bed *b = grx_bed_new();
	ck_assert_int_eq(grx_contigs_add(&cx, d, "chr1", 6000, NULL), 0);
	cx.err.status = 0;
	int rc = grx_bed_read(&cx, put("x.bed", text, strlen(text)), d, b);
	*bases = grx_bed_bases(b);
	grx_bed_free(b);
	grx_contigs_free(d);
	return rc;
}

START_TEST(beds)
{
	int64_t n;
	ck_assert_int_eq(bed("track x\n#c\nchr1\t10\t20\tname\t\r\nchr1\t15\t30\nchr9\t1\t2\n", &n), 0);
	ck_assert_int_eq(n, 20);
	ck_assert_int_eq(bed("", &n), GRX_E_DATA);
	ck_assert_int_eq(bed("1\t10\t20\n", &n), GRX_E_MISMATCH);
	static const char *const wrong[] = {"chr1\t20\t10\n", "chr1\t-1\t10\n", "chr1\tx\t10\n",
		"chr1\t1.5\t10\n", "chr1\t10\n", "chr1\n", "chr1\t1\t9223372036854775808\n",
		"chr1\t1\t7000\n"};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		ck_assert_msg(bed(wrong[i], &n) == GRX_E_DATA, "%s", wrong[i]);
}
END_TEST

START_TEST(regions)
{
	static const struct {
		const char *text;
		int64_t beg, end;
		int rc;
	} t[] = {{"chr1", 0, 6000, 0}, {"chr1:5000", 4999, 5000, 0}, {"chr1:1,000-2,000", 999, 2000, 0},
		{"chr1:5990-", 5989, 6000, 0}, {"HLA:1", 0, 500, 0}, {"HLA:1:7-9", 6, 9, 0},
		{"chr1:10-9000", 9, 6000, 0}, {"chr2", 0, 0, GRX_E_MISMATCH}, {"chr1:0-5", 0, 0, GRX_E_USAGE},
		{"chr1:5-2", 0, 0, GRX_E_USAGE}, {"chr1:x", 0, 0, GRX_E_USAGE},
		{"chr1:7000-8000", 0, 0, GRX_E_USAGE}};
	struct grx_contigs *d = grx_contigs_new();
	ck_assert_int_eq(grx_contigs_add(&cx, d, "chr1", 6000, NULL), 0);
	ck_assert_int_eq(grx_contigs_add(&cx, d, "HLA:1", 500, NULL), 0);
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct grx_bed *b = grx_bed_new();
		cx.err.status = 0;
		int rc = grx_region_parse(&cx, t[i].text, d, b);
		ck_assert_msg(rc == t[i].rc, "%s: %d %s", t[i].text, rc, cx.err.msg);
		if (!rc)
			ck_assert_msg(b->n == 1 && b->v[0].beg == t[i].beg && b->v[0].end == t[i].end, "%s",
				t[i].text);
		grx_bed_free(b);
	}
	grx_contigs_free(d);
}
END_TEST

int main(void)
{
	Suite *su = suite_create("text");
	TCase *tc = tcase_create("io");
	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, plain);
	tcase_add_test(tc, long_lines);
	tcase_add_test(tc, gzip);
	tcase_add_test(tc, bgzip_end_block);
	tcase_add_test(tc, tables);
	tcase_add_test(tc, beds);
	tcase_add_test(tc, regions);
	suite_add_tcase(su, tc);
	SRunner *sr = srunner_create(su);
	srunner_run_all(sr, CK_NORMAL);
	int bad = srunner_ntests_failed(sr);
	srunner_free(sr);
	return bad != 0;
}
