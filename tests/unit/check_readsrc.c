/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_readsrc.c -- reads in and out: fetch against stream, damage, foreign and stale indexes, real cases.
 */
#include <check.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/ctx.h"
#include "base/log.h"
#include "base/out.h"
#include "io/readsrc.h"
#include "io/sniff.h"

static char dir[256];
static struct grx_ctx cx;
static struct grx_contigs *dict;

enum { N_READS = 3000, LEN = 100 };

static void setup(void)
{
	memset(&cx, 0, sizeof(cx));
	snprintf(dir, sizeof(dir), "/tmp/check_readsrc.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	dict = grx_contigs_new();
	ck_assert_int_eq(grx_contigs_add(&cx, dict, "chr1", 100000, NULL), 0);
	ck_assert_int_eq(grx_contigs_add(&cx, dict, "chr2", 50000, NULL), 0);
	ck_assert_int_eq(grx_contigs_add(&cx, dict, "chr3", 50000, NULL), 0);
}

static void teardown(void)
{
	char cmd[300];

	grx_contigs_free(dict);
	snprintf(cmd, sizeof(cmd), "rm -r %s", dir);
	ck_assert_int_eq(system(cmd), 0);
}

static const char *path_of(const char *name)
{
	static char path[4][400];
	static int k;

	k = (k + 1) % 4;
	snprintf(path[k], sizeof(path[k]), "%s/%s", dir, name);
	return path[k];
}

/* Reads on chr1 every 30 bases (every 7th with a deletion that reaches far), some on chr3, two unplaced. */
static void make_bam(const char *name, int step)
{
	struct grx_readsink *s;
	uint8_t seq[LEN / 2], qual[LEN];
	uint32_t plain[] = {LEN << 4 | GRX_C_M},
		 del[] = {50 << 4 | GRX_C_M, 900 << 4 | GRX_C_D, 50 << 4 | GRX_C_M};
	char qname[32];
	int i;

	memset(seq, 0x12, sizeof(seq));
	memset(qual, 30, sizeof(qual));
	cx.outs = grx_outs_new();
	ck_assert_int_eq(grx_readsink_open(&cx, path_of(name), dict, "S1", &s), 0);
	for (i = 0; i < N_READS + 102; i++) {
		struct grx_read r = {.mapq = 60,
			.l_seq = LEN,
			.seq = seq,
			.qual = qual,
			.name = qname,
			.mtid = -1,
			.mpos = -1};

		snprintf(qname, sizeof(qname), "r%d", i);
		r.tid = i < N_READS ? 0 : i < N_READS + 100 ? 2 : -1;
		r.pos = i < N_READS ? (int64_t)i * step : i < N_READS + 100 ? (i - N_READS) * 11 : -1;
		r.flag = r.tid < 0 ? GRX_R_UNMAPPED : 0;
		r.cigar = r.tid < 0 ? NULL : i % 7 ? plain : del;
		r.n_cigar = r.tid < 0 ? 0 : i % 7 ? 1 : 3;
		r.nm = r.tid < 0 ? -1 : i % 7 ? 0 : 900;
		ck_assert_int_eq(grx_readsink_put(&cx, s, &r), 0);
	}
	ck_assert_int_eq(grx_readsink_close(&cx, s), 0);
	ck_assert_int_eq(grx_outs_commit(&cx), 0);
	grx_outs_free(cx.outs);
	cx.outs = NULL;
}

static int open_bam(const char *name, int workers, struct grx_readsrc **s)
{
	struct grx_readsrc_opt o = {.path = path_of(name), .workers = workers};

	grx_ctx_reset(&cx);
	return grx_readsrc_open(&cx, &o, s);
}

static void same(const struct grx_reads *a, const struct grx_reads *b)
{
	size_t i;

	ck_assert_uint_eq(a->n, b->n);
	for (i = 0; i < a->n; i++) {
		const struct grx_read *x = &a->v[i], *y = &b->v[i];

		ck_assert_str_eq(x->name, y->name);
		ck_assert_int_eq(x->pos, y->pos);
		ck_assert_int_eq(x->end, y->end);
		ck_assert_int_eq(x->nm, y->nm);
		ck_assert_uint_eq(x->name_hash, y->name_hash);
		ck_assert_int_eq(x->l_seq, y->l_seq);
		ck_assert_uint_eq(x->n_cigar, y->n_cigar);
		ck_assert_mem_eq(x->cigar, y->cigar, 4 * x->n_cigar);
		ck_assert_mem_eq(x->seq, y->seq, (size_t)(x->l_seq + 1) / 2);
		ck_assert_mem_eq(x->qual, y->qual, (size_t)x->l_seq);
	}
}

/* Walk whole contigs in windows both ways. */
static void compare_ways(const char *path, int64_t width, int64_t halo, int64_t *n_reads)
{
	struct grx_readsrc_opt o = {.path = path, .workers = 2};
	struct grx_readsrc *a, *b;
	struct grx_arena *mem = grx_arena_new();
	const struct grx_contigs *d;
	int32_t tid;
	int64_t beg, n = 0;

	ck_assert_msg(grx_readsrc_open(&cx, &o, &a) == 0, "%s", cx.err.msg);
	ck_assert_int_eq(grx_readsrc_open(&cx, &o, &b), 0);
	ck_assert(grx_readsrc_info(a)->indexed);
	d = grx_readsrc_contigs(a);
	for (tid = 0; tid < d->n; tid++) {
		if (grx_readsrc_info(a)->n_mapped && !grx_readsrc_info(a)->n_mapped[tid])
			continue;
		for (beg = 0; beg < d->c[tid].len; beg += width) {
			struct grx_reads *x, *y;
			int64_t lo = beg < halo ? 0 : beg - halo, hi = beg + width + halo;

			grx_arena_reset(mem);
			ck_assert_msg(
				grx_readsrc_fetch(&cx, a, (int)(beg / width) & 1, tid, lo, hi, mem, &x) == 0,
				"%s", cx.err.msg);
			ck_assert_msg(
				grx_readsrc_stream(&cx, b, tid, lo, hi, mem, &y) == 0, "%s", cx.err.msg);
			same(x, y);
			n += (int64_t)x->n;
		}
	}
	ck_assert_msg(grx_readsrc_drain(&cx, b) == 0, "%s", cx.err.msg);
	ck_assert_int_eq(grx_readsrc_info(b)->n_unplaced, grx_readsrc_info(a)->n_unplaced);
	grx_readsrc_close(a);
	grx_readsrc_close(b);
	grx_arena_free(mem);
	*n_reads = n;
}

START_TEST(test_roundtrip)
{
	struct grx_readsrc *s;
	const struct grx_reads_info *info;
	int64_t n;

	make_bam("a.bam", 30);
	ck_assert_msg(open_bam("a.bam", 1, &s) == 0, "%s", cx.err.msg);
	info = grx_readsrc_info(s);
	ck_assert_str_eq(info->sample, "S1");
	ck_assert(info->indexed);
	ck_assert_int_eq(info->n_unplaced, 2);
	ck_assert_int_eq(info->n_mapped[0], N_READS);
	ck_assert_int_eq(info->n_mapped[1], 0);
	ck_assert_int_eq(info->n_mapped[2], 100);
	grx_readsrc_close(s);
	compare_ways(path_of("a.bam"), 1000, 0, &n);
	ck_assert_int_gt(n, N_READS + 100);
	compare_ways(path_of("a.bam"), 5000, 400, &n);
	compare_ways(path_of("a.bam"), 1000000, 0, &n);
	ck_assert_int_eq(n, N_READS + 100);
}
END_TEST

START_TEST(test_far_carry)
{
	struct grx_readsrc *s;
	struct grx_arena *mem = grx_arena_new();
	struct grx_reads *r;
	int i, found = 0;

	make_bam("a.bam", 30);
	ck_assert_int_eq(open_bam("a.bam", 1, &s), 0);
	ck_assert_int_eq(grx_readsrc_stream(&cx, s, 0, 0, 100, mem, &r), 0);
	ck_assert_int_eq((int)r->n, 4);
	ck_assert_int_eq(grx_readsrc_stream(&cx, s, 0, 950, 980, mem, &r), 0);
	for (i = 0; i < (int)r->n; i++)
		found += !strcmp(r->v[i].name, "r0");
	ck_assert_int_eq(found, 1);
	ck_assert_int_eq(grx_readsrc_stream(&cx, s, 0, 10, 980, mem, &r), GRX_E_BUG);
	grx_readsrc_close(s);
	grx_arena_free(mem);
}
END_TEST

START_TEST(test_truncated)
{
	struct grx_readsrc *s;
	struct stat st;

	make_bam("a.bam", 30);
	ck_assert_int_eq(stat(path_of("a.bam"), &st), 0);
	ck_assert_int_eq(truncate(path_of("a.bam"), st.st_size - 28), 0);
	ck_assert_int_eq(unlink(path_of("a.bam.bai")), 0);
	ck_assert_int_eq(open_bam("a.bam", 1, &s), GRX_E_DATA);
	ck_assert_ptr_nonnull(strstr(cx.err.msg, "truncated"));
	ck_assert_int_eq(truncate(path_of("a.bam"), st.st_size / 2), 0);
	{
		struct grx_readsrc_opt o = {.path = path_of("a.bam"), .allow_missing_eof = true};

		grx_ctx_reset(&cx);
		ck_assert_int_eq(grx_readsrc_open(&cx, &o, &s), 0);
		ck_assert_int_eq(grx_readsrc_drain(&cx, s), GRX_E_DATA);
		grx_readsrc_close(s);
	}
}
END_TEST

START_TEST(test_index)
{
	struct grx_readsrc *s;
	struct grx_arena *mem = grx_arena_new();
	struct grx_reads *r;
	struct timespec old[2] = {{1000000, 0}, {1000000, 0}};

	make_bam("a.bam", 30);
	make_bam("b.bam", 7);
	ck_assert_int_eq(rename(path_of("b.bam.bai"), path_of("a.bam.bai")), 0);
	ck_assert_int_eq(open_bam("a.bam", 1, &s), GRX_E_MISMATCH);
	ck_assert_int_eq(open_bam("b.bam", 1, &s), 0);
	ck_assert(!grx_readsrc_info(s)->indexed);
	ck_assert_int_eq(grx_readsrc_fetch(&cx, s, 0, 0, 0, 10, mem, &r), GRX_E_NOINPUT);
	grx_readsrc_close(s);
	make_bam("c.bam", 7);
	ck_assert_int_eq(utimensat(AT_FDCWD, path_of("c.bam.bai"), old, 0), 0);
	ck_assert_int_eq(open_bam("c.bam", 1, &s), GRX_E_MISMATCH);
	ck_assert_ptr_nonnull(strstr(cx.err.msg, "older"));
	grx_arena_free(mem);
}
END_TEST

START_TEST(test_absent)
{
	struct grx_readsrc *s;
	struct grx_readsrc_opt o = {.path = "s3://x/y.bam"};

	ck_assert_int_eq(open_bam("none.bam", 1, &s), GRX_E_NOINPUT);
	grx_ctx_reset(&cx);
	ck_assert_int_eq(grx_readsrc_open(&cx, &o, &s), GRX_E_USAGE);
	grx_ctx_reset(&cx);
	o.path = "/tmp";
	ck_assert_int_eq(grx_readsrc_open(&cx, &o, &s), GRX_E_NOINPUT);
}
END_TEST

static const char *shared_file(const char *name, char *buf, size_t cap)
{
	const char *shared = getenv("GRX_SHARED");

	snprintf(buf, cap, "%s/data/%s", shared ? shared : "../shared", name);
	if (access(buf, R_OK) == 0)
		return buf;
	fprintf(stderr, "SKIP %s absent\n", buf);
	return NULL;
}

static const char *const cases[] = {
	"cases/HG002_GRCh37_chr20_10.0M_30x/reads.bam",
	"cases/NA12878_GRCh38_chr22_16.6M_33x/reads.bam",
	"cases/NA12878_chr22_12kb_39x_freebayes/reads.bam",
	"broken/seeds/good.bam",
};

START_TEST(test_real)
{
	char buf[512];
	int64_t n;

	if (!shared_file(cases[_i], buf, sizeof(buf)))
		return;
	compare_ways(buf, 1000000, 1000, &n);
	ck_assert_int_gt(n, 0);
}
END_TEST

/* Read a whole file in sequence; the status. */
static int read_all(const char *path, int64_t *bad)
{
	struct grx_readsrc_opt o = {.path = path, .workers = 1};
	struct grx_readsrc *s;
	struct grx_arena *mem = grx_arena_new();
	struct grx_reads *r;
	int32_t tid;
	int rc;

	grx_ctx_reset(&cx);
	*bad = 0;
	rc = grx_readsrc_open(&cx, &o, &s);
	for (tid = 0; rc == 0 && tid < grx_readsrc_contigs(s)->n && tid < 100; tid++) {
		grx_arena_reset(mem);
		rc = grx_readsrc_stream(&cx, s, tid, 0, grx_readsrc_contigs(s)->c[tid].len, mem, &r);
		*bad += rc ? 0 : (int64_t)r->n_refused;
	}
	if (rc == 0)
		rc = grx_readsrc_drain(&cx, s);
	grx_readsrc_close(s);
	grx_arena_free(mem);
	return rc;
}

/* CRAM needs the reference it was made with, and no other. */
START_TEST(test_cram)
{
	char cram[512], ref[512], wrong[512];
	struct grx_readsrc_opt o = {.path = cram, .fasta = ref, .workers = 1};
	struct grx_readsrc *s;
	struct grx_arena *mem = grx_arena_new();
	struct grx_reads *r;
	size_t n = 0;
	int32_t tid;

	if (!shared_file("broken/seeds/good.cram", cram, sizeof(cram)) ||
		!shared_file("broken/seeds/ref.fa", ref, sizeof(ref)) ||
		!shared_file("broken/seeds/wrongref.fa", wrong, sizeof(wrong)))
		return;
	ck_assert_msg(grx_readsrc_open(&cx, &o, &s) == 0, "%s", cx.err.msg);
	for (tid = 0; tid < grx_readsrc_contigs(s)->n; tid++) {
		ck_assert_msg(grx_readsrc_stream(&cx, s, tid, 0, 1 << 20, mem, &r) == 0, "%s", cx.err.msg);
		n += r->n;
	}
	ck_assert_int_eq(grx_readsrc_drain(&cx, s), 0);
	ck_assert_uint_eq(n, 360);
	grx_readsrc_close(s);
	o.fasta = NULL;
	ck_assert_int_eq(grx_readsrc_open(&cx, &o, &s), GRX_E_MISMATCH);
	grx_ctx_reset(&cx);
	o.fasta = wrong;
	ck_assert_int_eq(grx_readsrc_open(&cx, &o, &s), 0);
	ck_assert_int_eq(grx_readsrc_stream(&cx, s, 0, 0, 1 << 20, mem, &r), GRX_E_MISMATCH);
	grx_readsrc_close(s);
	grx_arena_free(mem);
}
END_TEST

struct job {
	struct grx_readsrc *s;
	int worker;
	int64_t n, sum;
	int rc;
};

static void *job_run(void *arg)
{
	struct job *j = arg;
	struct grx_ctx own;
	struct grx_arena *mem = grx_arena_new();
	struct grx_reads *r;
	int64_t beg;
	size_t i;

	grx_ctx_child(&cx, &own);
	for (beg = 0; beg < 100000 && j->rc == 0; beg += 2000) {
		grx_arena_reset(mem);
		j->rc = grx_readsrc_fetch(&own, j->s, j->worker, 0, beg, beg + 2000, mem, &r);
		for (i = 0; j->rc == 0 && i < r->n; i++) {
			j->n++;
			j->sum += r->v[i].pos + r->v[i].end;
		}
	}
	grx_arena_free(mem);
	return NULL;
}

START_TEST(test_parallel)
{
	struct job j[4];
	pthread_t t[4];
	struct grx_readsrc *s;
	int i;

	make_bam("a.bam", 30);
	ck_assert_int_eq(open_bam("a.bam", 4, &s), 0);
	for (i = 0; i < 4; i++) {
		j[i] = (struct job){s, i, 0, 0, 0};
		ck_assert_int_eq(pthread_create(&t[i], NULL, job_run, &j[i]), 0);
	}
	for (i = 0; i < 4; i++) {
		ck_assert_int_eq(pthread_join(t[i], NULL), 0);
		ck_assert_int_eq(j[i].rc, 0);
		ck_assert_int_eq(j[i].n, j[0].n);
		ck_assert_int_eq(j[i].sum, j[0].sum);
	}
	ck_assert_int_gt(j[0].n, N_READS);
	grx_readsrc_close(s);
}
END_TEST

/* Every file of the corpus of broken BAMs: refused where a strict reader refuses, read where it reads. */
START_TEST(test_corpus)
{
	char buf[512], line[1024], path[1024];
	FILE *fp;
	int refused = 0, passed = 0, wrong = 0;

	if (!shared_file("broken/MANIFEST.tsv", buf, sizeof(buf)))
		return;
	fp = fopen(buf, "r");
	while (fgets(line, sizeof(line), fp)) {
		char *f[4], *p = line;
		int i, rc;
		int64_t bad;
		bool must;

		for (i = 0; i < 4 && p; i++) {
			f[i] = strsep(&p, "\t");
		}
		if (i < 4 || strncmp(f[0], "broken/own/bam/", 15) || strncmp(f[1], "bam", 3))
			continue;
		snprintf(path, sizeof(path), "%s", buf);
		snprintf(strstr(path, "broken/"), 400, "%s", f[0]);
		must = !strncmp(f[3], "reject", 6) && strncmp(f[3], "reject or accept", 16) &&
		       !strstr(f[3], "when the reference");
		rc = read_all(path, &bad);
		if (rc)
			refused++;
		else
			passed++;
		if (must && rc == 0 && bad == 0) {
			fprintf(stderr, "corpus: %s (%s) passed, expected: %s", f[0], f[2], f[3]);
			wrong++;
		} else if (!must && rc) {
			fprintf(stderr, "corpus: %s (%s) refused: %s\n   expected: %s", f[0], f[2],
				cx.err.msg, f[3]);
		}
	}
	fclose(fp);
	fflush(stdout);
	fprintf(stderr, "corpus: %d refused, %d read\n", refused, passed);
	ck_assert_int_le(wrong, 4); /* ISIZE under a right CRC, a loop of @PG, a name that htslib mends, one
				       sorted file that is called unsorted */
}
END_TEST

START_TEST(test_cram_releases)
{
	static const struct {
		const char *version;
		int64_t release;
		bool safe;
	} v[] = {{"1.16", 1016000, false}, {"1.16+ds", 1016000, false}, {"1.21", 1021000, false},
		{"1.21.1", 1021001, true}, {"1.21.2-3-gabc", 1021002, true}, {"1.22", 1022000, false},
		{"1.22.1", 1022001, false}, {"1.22.2", 1022002, true}, {"1.23", 1023000, false},
		{"1.23.1", 1023001, true}, {"1.24", 1024000, true}, {"2.0", 2000000, true},
		{"unknown", 0, false}};
	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++) {
		ck_assert_int_eq(grx_htslib_release(v[i].version), v[i].release);
		ck_assert_msg(grx_htslib_cram_safe(v[i].version) == v[i].safe, "%s", v[i].version);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("readsrc");
	TCase *t = tcase_create("readsrc");
	SRunner *r;
	int bad;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 120);
	tcase_add_test(t, test_roundtrip);
	tcase_add_test(t, test_far_carry);
	tcase_add_test(t, test_truncated);
	tcase_add_test(t, test_index);
	tcase_add_test(t, test_absent);
	tcase_add_loop_test(t, test_real, 0, (int)(sizeof(cases) / sizeof(cases[0])));
	tcase_add_test(t, test_cram);
	tcase_add_test(t, test_parallel);
	tcase_add_test(t, test_corpus);
	tcase_add_test(t, test_cram_releases);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	bad = srunner_ntests_failed(r);
	srunner_free(r);
	return bad != 0;
}
