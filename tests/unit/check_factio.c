/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_factio.c -- facts to JSON Lines and back; damaged and wrong fact files. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/out.h"
#include "base/str.h"
#include "io/factio.h"

static char dir[64];
static struct grx_ctx cx;

static void setup(void)
{
	memset(&cx, 0, sizeof cx);
	cx.outs = grx_outs_new();
	strcpy(dir, "/tmp/check_factio.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void teardown(void)
{
	char cmd[128];
	grx_outs_free(cx.outs);
	snprintf(cmd, sizeof cmd, "rm -rf %s", dir);
	ck_assert_int_eq(system(cmd), 0);
}

static const char *file(const char *name)
{
	static char path[160];
	snprintf(path, sizeof path, "%s/%s", dir, name);
	return path;
}

static const char *put(const char *name, const char *text, size_t n)
{
	FILE *f = fopen(file(name), "wb");
	ck_assert_uint_eq(fwrite(text, 1, n, f), n);
	ck_assert_int_eq(fclose(f), 0);
	return file(name);
}

static struct grx_facts *sample_facts(void)
{
	struct grx_facts *fs = grx_facts_new();
	struct grx_fact *f;
	ck_assert_int_eq(grx_facts_add(&cx, fs, "P1", "pgx/CYP2C19/diplotype", "pgx", &f), 0);
	ck_assert_int_eq(grx_fact_str_set(fs, f, "*1/*2"), 0);
	f->version = "0.1.0";
	f->refdata = "pgx@1";
	f->n = 3;
	struct grx_because b = {.chrom = "chr10",
		.pos = 94781859,
		.ref = "G",
		.alt = "A",
		.name = "rs4244285",
		.gt = "0/1",
		.dp = 31,
		.gq = -1,
		.ad = "15,16"};
	ck_assert_int_eq(grx_fact_because(fs, f, &b), 0);
	ck_assert_int_eq(grx_fact_because_fact(fs, f, "P1|qc/gate"), 0);
	ck_assert_int_eq(grx_fact_attr(fs, f, "z", "<b>\"q\"\\ \t\x1b[31m"), 0);
	ck_assert_int_eq(grx_fact_attr(fs, f, "a", "second"), 0);
	ck_assert_int_eq(grx_facts_num(&cx, fs, "P1", "prs/X/sum", "prs", 1.0 / 3, "log-odds"), 0);
	fs->v[1]->has_lo = true;
	fs->v[1]->lo = -1e-20;
	ck_assert_int_eq(grx_facts_missing(&cx, fs, "P2", "qc/sex", "qc", "no reads"), 0);
	return fs;
}

START_TEST(form)
{
	struct grx_facts *fs = sample_facts();
	char *s = grx_fact_to_json(fs->v[0]);
	ck_assert_str_eq(s, "{\"id\":\"P1|pgx/CYP2C19/diplotype\",\"sample\":\"P1\",\"key\":\"pgx/CYP2C19/"
			    "diplotype\",\"value\":\"*1/*2\","
			    "\"n\":3,\"status\":\"ok\",\"because\":[{\"chrom\":\"chr10\",\"pos\":94781859,"
			    "\"ref\":\"G\",\"alt\":\"A\","
			    "\"name\":\"rs4244285\",\"gt\":\"0/1\",\"dp\":31,\"ad\":\"15,16\"},\"P1|qc/"
			    "gate\"],\"source\":{\"stage\":"
			    "\"pgx\",\"version\":\"0.1.0\",\"refdata\":\"pgx@1\"},\"attrs\":{\"z\":\"<b>"
			    "\\\"q\\\"\\\\ \\t\\u001b[31m\","
			    "\"a\":\"second\"}}");
	free(s);
	s = grx_fact_to_json(fs->v[1]);
	ck_assert_ptr_nonnull(
		strstr(s, "\"value\":0.3333333333,\"unit\":\"log-odds\",\"lo\":-1e-20,\"status\""));
	free(s);
	s = grx_fact_to_json(fs->v[2]);
	ck_assert_ptr_nonnull(strstr(s, "\"key\":\"qc/sex\",\"status\":\"missing\""));
	free(s);
	grx_facts_free(fs);
}
END_TEST

START_TEST(round_trip)
{
	struct grx_facts *fs = sample_facts(), *got = grx_facts_new();
	ck_assert_int_eq(grx_facts_write(&cx, file("f.jsonl"), fs), 0);
	ck_assert_int_eq(grx_outs_commit(&cx), 0);
	ck_assert_msg(grx_facts_read(&cx, file("f.jsonl"), got) == 0, "%s", cx.err.msg);
	ck_assert_uint_eq(got->n, 3);
	for (int again = 0; again < 2; again++) { /* the second reading adds nothing */
		for (size_t i = 0; i < 3; i++) {
			char *a = grx_fact_to_json(fs->v[i]), *b = grx_fact_to_json(got->v[i]);
			ck_assert_str_eq(a, b);
			free(a);
			free(b);
		}
		ck_assert_msg(grx_facts_read(&cx, file("f.jsonl"), got) == 0, "%s", cx.err.msg);
		ck_assert_uint_eq(got->n, 3);
	}
	grx_facts_free(fs);
	grx_facts_free(got);
}
END_TEST

START_TEST(damaged)
{
	static char buf[8192];
	struct grx_facts *fs = sample_facts(), *got;
	ck_assert_int_eq(grx_facts_write(&cx, file("f.jsonl"), fs), 0);
	ck_assert_int_eq(grx_outs_commit(&cx), 0);
	FILE *f = fopen(file("f.jsonl"), "rb");
	size_t n = fread(buf, 1, sizeof buf, f);
	fclose(f);
	for (size_t cut = 2; cut < n; cut += 31) {
		got = grx_facts_new();
		cx.err.status = 0;
		int rc = grx_facts_read(&cx, put("c.jsonl", buf, n - cut), got);
		ck_assert_msg(rc == GRX_E_DATA || n - cut == 0, "cut %d: %d", (int)cut, rc);
		grx_facts_free(got);
	}
	*strchr(buf, '3') = '4';
	got = grx_facts_new();
	cx.err.status = 0;
	ck_assert_int_eq(grx_facts_read(&cx, put("c.jsonl", buf, n), got), GRX_E_DATA);
	grx_facts_free(got);
	grx_facts_free(fs);
}
END_TEST

static const char *const wrong[] = {
	"{\"sample\":\"P\"}\n",
	"[]\n",
	"{\n",
	"{\"sample\":\"P\",\"key\":\"k\",\"bogus\":1}\n",
	"{\"sample\":\"P\",\"key\":\"k\",\"value\":[1]}\n",
	"{\"sample\":\"P\",\"key\":\"k\",\"status\":\"fine\"}\n",
	"{\"id\":\"Q|k\",\"sample\":\"P\",\"key\":\"k\",\"value\":1}\n",
	"{\"sample\":\"P\",\"key\":\"k\",\"value\":1,\"status\":\"missing\"}\n",
	"{\"sample\":\"P\",\"key\":\"k\",\"value\":1}\n{\"sample\":\"P\",\"key\":\"k\",\"value\":2}\n",
	"{\"sample\":\"P\",\"key\":\"k\",\"value\":1,\"value\":2}\n",
	"{\"sample\":\"P\",\"key\":\"k\",\"value\":1,\"attrs\":{\"a\":1}}\n",
	"{\"sample\":\"P\",\"key\":\"k\",\"value\":1,\"source\":{\"version\":\"0.1\"}}\n",
};

START_TEST(refused)
{
	struct grx_facts *fs = grx_facts_new();
	ck_assert_int_eq(grx_facts_read(&cx, put("w.jsonl", wrong[_i], strlen(wrong[_i])), fs), GRX_E_DATA);
	ck_assert_ptr_nonnull(strstr(cx.err.msg, "w.jsonl:"));
	grx_facts_free(fs);
}
END_TEST

START_TEST(tsv)
{
	const char t[] = "sample\tkey\tvalue\tunit\nP\tclinical/age\t61\tyears\nP\tclinical/"
			 "sex\tmale\t\nP\tclinical/x\t\t\n";
	struct grx_facts *fs = grx_facts_new();
	ck_assert_msg(grx_facts_read(&cx, put("t.tsv", t, sizeof t - 1), fs) == 0, "%s", cx.err.msg);
	const struct grx_fact *f = grx_facts_find(fs, "P", "clinical/age");
	ck_assert(f && f->value.type == GRX_V_NUM && f->value.num == 61 && strcmp(f->unit, "years") == 0);
	f = grx_facts_find(fs, "P", "clinical/sex");
	ck_assert(f && f->value.type == GRX_V_STR && strcmp(f->value.str, "male") == 0);
	f = grx_facts_find(fs, "P", "clinical/x");
	ck_assert(f && f->status == GRX_FACT_MISSING && grx_fact_attr_get(f, "reason"));
	grx_facts_free(fs);
}
END_TEST

int main(void)
{
	Suite *su = suite_create("factio");
	TCase *tc = tcase_create("io");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, form);
	tcase_add_test(tc, round_trip);
	tcase_add_test(tc, damaged);
	tcase_add_loop_test(tc, refused, 0, (int)(sizeof wrong / sizeof *wrong));
	tcase_add_test(tc, tsv);
	suite_add_tcase(su, tc);
	SRunner *sr = srunner_create(su);
	srunner_run_all(sr, CK_NORMAL);
	int bad = srunner_ntests_failed(sr);
	srunner_free(sr);
	return bad != 0;
}
