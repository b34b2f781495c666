/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_leg.c -- the driver of a leg: what learn() and shard() see for any way of running.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/ctx.h"
#include "base/mem.h"
#include "base/out.h"
#include "bio/contig.h"
#include "io/readsrc.h"
#include "run/leg.h"
#include "run/session.h"

static char dir[256];
static struct grx_session ses;

/* What a stage saw. Written by learn() and merge() only, which run one at a time. */
static struct seen {
	uint64_t learned; /* hash of windows and reads, in order */
	int n_learn, enough_at;
	int64_t owned, base_sum;
	uint64_t cover; /* over places of the core, of the reads that cover them: the halo counts too */
	int64_t summed_over;
	bool shard_before_learn, learned_empty, unordered;
	int64_t n_sample[8];
} seen;

static uint64_t mix(uint64_t h, uint64_t x)
{
	return (h ^ x) * UINT64_C(0x9E3779B97F4A7C15) ^ (h >> 29);
}

static int fake_open(const void *opts, struct grx_ctx *cx, void **state)
{
	(void)opts;
	(void)cx;
	*state = &seen;
	return GRX_OK;
}

static int fake_learn(void *state, struct grx_ctx *cx, struct grx_shard *sh, bool *enough)
{
	struct seen *s = state;
	(void)cx;
	if (!sh) /* the last call */
		return GRX_OK;
	s->n_learn++;
	s->shard_before_learn |= s->owned > 0;
	s->learned_empty |= sh->reads->n == 0;
	s->learned = mix(s->learned, (uint64_t)sh->tid << 40 | (uint64_t)sh->beg);
	s->learned = mix(s->learned, (uint64_t)sh->end);
	for (size_t i = 0; i < sh->reads->n; i++)
		s->learned = mix(s->learned, sh->reads->v[i].name_hash + sh->reads->v[i].qual[0]);
	ck_assert_ptr_nonnull(grx_arena_alloc(sh->mem, 100, 8));
	*enough = s->n_learn == s->enough_at;
	return GRX_OK;
}

struct part {
	int64_t owned, base_sum, sample[8];
	uint64_t cover;
	bool unordered;
};

enum { PLACES = 37 };

static uint64_t cover_of(const struct grx_shard *sh, const struct grx_read *r)
{
	uint64_t sum = 0;
	int64_t p = (r->pos + PLACES - 1) / PLACES * PLACES;
	for (; p < r->end; p += PLACES)
		sum += p >= sh->beg && p < sh->end ? mix(r->name_hash, (uint64_t)p) : 0;
	return sum;
}

/* The order that batches promise; names tell the file: S.b after S.a. */
static bool after(const struct grx_read *a, const struct grx_read *b)
{
	if (a->pos != b->pos)
		return a->pos > b->pos;
	if (a->sample != b->sample)
		return a->sample > b->sample;
	return strcmp(a->name, b->name) >= 0;
}

static int fake_shard(const void *state, struct grx_ctx *cx, struct grx_shard *sh)
{
	struct part *p = grx_arena_calloc(sh->mem, 1, sizeof(*p));
	(void)state;
	(void)cx;
	sh->part = p;
	for (size_t i = 0; i < sh->reads->n; i++) {
		const struct grx_read *r = &sh->reads->v[i];
		p->unordered |= i && after(r - 1, r);
		p->cover += cover_of(sh, r);
		if (r->pos < sh->beg || r->pos >= sh->end)
			continue;
		p->owned++;
		p->base_sum += r->seq[0] + r->qual[r->l_seq - 1] + (int64_t)(r->name_hash & 0xffff);
		p->sample[r->sample & 7]++;
	}
	return GRX_OK;
}

static int fake_merge(void *state, struct grx_ctx *cx, struct grx_shard *sh)
{
	struct seen *s = state;
	const struct part *p = sh->part;
	(void)cx;
	s->owned += p->owned;
	s->base_sum += p->base_sum;
	s->unordered |= p->unordered;
	s->cover += p->cover;
	for (int i = 0; i < 8; i++)
		s->n_sample[i] += p->sample[i];
	return GRX_OK;
}

static const struct grx_stage fake_single = {
	.name = "fake1",
	.takes = GRX_READS,
	.open = fake_open,
	.shard = fake_shard,
	.merge = fake_merge,
};

static const struct grx_stage fake = {
	.name = "fake",
	.takes = GRX_READS,
	.many_samples = true,
	.thin = true,
	.open = fake_open,
	.learn = fake_learn,
	.shard = fake_shard,
	.merge = fake_merge,
};

static void setup(void)
{
	snprintf(dir, sizeof(dir), "/tmp/check_leg.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(grx_session_init(&ses), 0);
}

static void teardown(void)
{
	char cmd[300];
	grx_session_end(&ses);
	snprintf(cmd, sizeof(cmd), "rm -r %s", dir);
	ck_assert_int_eq(system(cmd), 0);
}

static char *path_of(const char *name)
{
	static char path[8][400];
	static int k;
	k = (k + 1) % 8;
	snprintf(path[k], sizeof(path[k]), "%s/%s", dir, name);
	return path[k];
}

/* Reads every 100 bases on [beg, end) of chr1, and a few on chr2. */
static void make_bam_of(const char *name, const char *sample, int64_t len, int64_t beg, int64_t end)
{
	struct grx_contigs *d = grx_contigs_new();
	struct grx_readsink *s;
	uint8_t seq[50], qual[100];
	uint32_t cigar[] = {100 << 4 | GRX_C_M};
	char qname[32];
	memset(seq, 0x12, sizeof(seq));
	ck_assert_int_eq(grx_contigs_add(&ses.cx, d, "chr1", len, NULL), 0);
	ck_assert_int_eq(grx_contigs_add(&ses.cx, d, "chr2", 200000, NULL), 0);
	ck_assert_int_eq(grx_readsink_open(&ses.cx, path_of(name), d, sample, &s), 0);
	for (int64_t i = beg / 100; i < end / 100 + 50; i++) {
		bool second = i >= end / 100;
		struct grx_read r = {.tid = second,
			.pos = second ? (i - end / 100) * 100 + 150000 : i * 100,
			.mapq = 60,
			.l_seq = 100,
			.seq = seq,
			.qual = qual,
			.cigar = cigar,
			.n_cigar = 1,
			.name = qname,
			.mtid = -1,
			.mpos = -1,
			.nm = -1};
		memset(qual, (int)(i % 40), sizeof(qual));
		snprintf(qname, sizeof(qname), "%c.%lld", name[0], (long long)i);
		ck_assert_int_eq(grx_readsink_put(&ses.cx, s, &r), 0);
	}
	ck_assert_int_eq(grx_readsink_close(&ses.cx, s), 0);
	ck_assert_int_eq(grx_outs_commit(&ses.cx), 0);
	grx_contigs_free(d);
}

static void make_bam(const char *name, const char *sample, int64_t beg, int64_t end)
{
	make_bam_of(name, sample, 3000000, beg, end);
}

/* The second stage of a leg that wants all reads: its counts must not get into `seen`. */
static struct seen other;

static int other_open(const void *opts, struct grx_ctx *cx, void **state)
{
	(void)opts;
	(void)cx;
	other = (struct seen){0};
	*state = &other;
	return GRX_OK;
}

static const struct grx_stage fake_all = {
	.name = "all",
	.takes = GRX_READS,
	.many_samples = true,
	.open = other_open,
	.shard = fake_shard,
	.merge = fake_merge,
};

struct how {
	int threads;
	int64_t shard_size;
	int enough_at;
	const char *sample;
	const struct grx_stage *stage;
	int64_t depth_limit;
	bool unthinned;
};

static int run_files(const char *const *names, int n, const struct how *how)
{
	struct grx_common c = {.threads = how->threads,
		.shard_size = how->shard_size,
		.output = "-",
		.sample = how->sample,
		.depth_limit = how->depth_limit};
	struct grx_facts *out = grx_facts_new();
	const char *path[40];
	static char buf[40][400];
	for (int i = 0; i < n; i++) {
		snprintf(buf[i], sizeof(buf[i]), "%s/%s", dir, names[i]);
		path[i] = buf[i];
	}
	struct grx_leg leg = {.common = &c,
		.input = path[0],
		.inputs = path,
		.n_input = n,
		.input_is_reads = true,
		.n_stage = 1,
		.out = out};
	leg.stage[0].st = how->stage ? how->stage : &fake;
	if (how->unthinned) { /* with a stage that wants all reads */
		leg.stage[1].st = &fake_all;
		leg.n_stage = 2;
	}
	leg.summary = json_object();
	seen = (struct seen){.enough_at = how->enough_at};
	grx_ctx_reset(&ses.cx);
	ses.cx.threads = how->threads;
	int rc = grx_leg_run(&ses.cx, &leg);
	seen.summed_over = json_integer_value(
		json_object_get(json_object_get(leg.summary, "input"), "over_depth_limit"));
	json_decref(leg.summary);
	grx_facts_free(out);
	return rc;
}

static int run_leg(const char *name, int threads, int64_t shard_size, int enough_at)
{
	return run_files(&name, 1,
		&(struct how){.threads = threads, .shard_size = shard_size, .enough_at = enough_at});
}

START_TEST(test_learn)
{
	/* the first reads are in the fourth window; 16 windows hold reads */
	make_bam("a.bam", "S1", 320000, 1800000);
	for (int enough = 0; enough <= 3; enough += 3) {
		ck_assert_msg(run_leg("a.bam", 1, 0, enough) == 0, "%s", ses.cx.err.msg);
		struct seen want = seen;
		ck_assert_int_eq(want.n_learn, enough ? enough : 8);
		ck_assert_int_eq(want.owned, 14800 + 50);
		ck_assert(!want.shard_before_learn && !want.learned_empty);
		static const int64_t size[] = {0, 7001, 250000};
		for (int i = 0; i < 3; i++) {
			ck_assert_int_eq(run_leg("a.bam", 1 + i, size[i], enough), 0);
			ck_assert_mem_eq(&seen, &want, sizeof(want));
		}
		ck_assert_int_eq(rename(path_of("a.bam.bai"), path_of("kept")), 0);
		for (int i = 0; i < 3; i++) { /* as a stream */
			ck_assert_msg(run_leg("a.bam", 1, size[i], enough) == 0, "%s", ses.cx.err.msg);
			ck_assert_mem_eq(&seen, &want, sizeof(want));
		}
		ck_assert_int_eq(rename(path_of("kept"), path_of("a.bam.bai")), 0);
	}
}
END_TEST

/* Fewer windows than asked for: all of them, over the end of a contig. */
START_TEST(test_learn_all)
{
	make_bam("a.bam", "S1", 2950000, 3000000);
	ck_assert_int_eq(run_leg("a.bam", 1, 0, 0), 0);
	struct seen want = seen;
	ck_assert_int_eq(want.n_learn, 2);
	ck_assert_int_eq(want.owned, 550);
	ck_assert_int_eq(unlink(path_of("a.bam.bai")), 0);
	ck_assert_int_eq(run_leg("a.bam", 1, 0, 0), 0);
	ck_assert_mem_eq(&seen, &want, sizeof(want));
}
END_TEST

static const char *const three[] = {"a.bam", "b.bam", "c.bam"};

/* Two lanes of S1 and one file of S2, overlapping. */
static void make_three(void)
{
	make_bam("a.bam", "S1", 100000, 600000);
	make_bam("b.bam", "S1", 300000, 900000);
	make_bam("c.bam", "S2", 250000, 500000);
}

START_TEST(test_many)
{
	make_three();
	ck_assert_msg(run_files(three, 3, &(struct how){.threads = 1}) == 0, "%s", ses.cx.err.msg);
	struct seen want = seen;
	ck_assert_int_eq(want.owned, 5050 + 6050 + 2550);
	ck_assert_int_eq(want.n_sample[0], 5050 + 6050);
	ck_assert_int_eq(want.n_sample[1], 2550);
	ck_assert(!want.unordered && !want.learned_empty);
	static const int64_t size[] = {10000, 3001, 250000};
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(
			run_files(three, 3, &(struct how){.threads = 1 + i, .shard_size = size[i]}), 0);
		ck_assert_mem_eq(&seen, &want, sizeof(want));
	}
	for (int i = 0; i < 3; i++) { /* as streams */
		char bai[16];
		snprintf(bai, sizeof(bai), "%s.bai", three[i]);
		ck_assert_int_eq(unlink(path_of(bai)), 0);
	}
	ck_assert_msg(run_files(three, 3, &(struct how){.threads = 1}) == 0, "%s", ses.cx.err.msg);
	ck_assert_mem_eq(&seen, &want, sizeof(want));
	ck_assert_int_eq(run_files(three, 3, &(struct how){.threads = 2}), GRX_E_NOINPUT);
}
END_TEST

START_TEST(test_choose)
{
	make_three();
	struct how how = {.threads = 2, .sample = "S2"};
	ck_assert_int_eq(run_files(three, 3, &how), 0);
	ck_assert_int_eq(seen.owned, 2550);
	ck_assert_int_eq(seen.n_sample[0], 2550);
	how.sample = "S2,S1"; /* numbers follow the list */
	ck_assert_int_eq(run_files(three, 3, &how), 0);
	ck_assert_int_eq(seen.n_sample[0], 2550);
	ck_assert_int_eq(seen.n_sample[1], 11100);
	how.sample = "S2,S3";
	ck_assert_int_eq(run_files(three, 3, &how), GRX_E_MISMATCH);
	how.sample = "S2,S2";
	ck_assert_int_eq(run_files(three, 3, &how), GRX_E_USAGE);
	how = (struct how){.threads = 1, .stage = &fake_single};
	ck_assert_int_eq(run_files(three, 3, &how), GRX_E_MISMATCH);
	ck_assert_ptr_nonnull(strstr(ses.cx.err.msg, "--sample"));
	ck_assert_int_eq(run_files(three, 2, &how), 0); /* lanes of one sample */
	ck_assert_int_eq(seen.owned, 11100);
	how.sample = "S1";
	ck_assert_int_eq(run_files(three, 3, &how), 0);
	ck_assert_int_eq(seen.owned, 11100);
}
END_TEST

START_TEST(test_disagree)
{
	const char *const two[] = {"a.bam", "d.bam"}, *const twice[] = {"a.bam", "a.bam"};
	make_bam("a.bam", "S1", 100000, 110000);
	make_bam_of("d.bam", "S2", 2000000, 100000, 110000);
	struct how how = {.threads = 1};
	ck_assert_int_eq(run_files(two, 2, &how), GRX_E_MISMATCH);
	ck_assert_ptr_nonnull(strstr(ses.cx.err.msg, "a.bam"));
	ck_assert_ptr_nonnull(strstr(ses.cx.err.msg, "d.bam"));
	ck_assert_int_eq(run_files(twice, 2, &how), GRX_E_USAGE);
}
END_TEST

/* Tens of files and several threads under a low limit on open files. */
START_TEST(test_open_files)
{
	static char name[30][24];
	const char *names[30];
	struct rlimit lim;
	for (int i = 0; i < 30; i++) {
		snprintf(name[i], sizeof(name[i]), "%c%d.bam", 'a' + i / 10, i);
		names[i] = name[i];
		make_bam(name[i], i % 2 ? "odd" : "even", 100000, 400000);
	}
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &lim), 0);
	lim.rlim_cur = 96;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &lim), 0);
	struct seen want = {0};
	for (int threads = 1; threads <= 4; threads += 3) {
		ck_assert_msg(
			run_files(names, 30, &(struct how){.threads = threads}) == 0, "%s", ses.cx.err.msg);
		ck_assert_int_eq(seen.owned, 30 * 3050);
		ck_assert_int_eq(seen.n_sample[0], 15 * 3050);
		if (threads > 1)
			ck_assert_mem_eq(&seen, &want, sizeof(want));
		want = seen;
	}
	lim.rlim_cur = 50;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &lim), 0);
	ck_assert_int_eq(run_files(names, 30, &(struct how){.threads = 4}), GRX_E_USAGE);
	ck_assert_ptr_nonnull(strstr(ses.cx.err.msg, "ulimit -n"));
}
END_TEST

enum { PILE = 60000, PILE_BP = 600 };

static int by_pos(const void *a, const void *b)
{
	const struct grx_read *x = a, *y = b;
	return x->pos != y->pos ? (x->pos > y->pos) - (x->pos < y->pos) : strcmp(x->name, y->name);
}

/* Thin cover of chr1 every 100 bases, and pairs piled up on [119700, 120300), one in 8 a duplicate. */
static void make_pile(const char *name)
{
	struct grx_contigs *d = grx_contigs_new();
	struct grx_readsink *s;
	static uint8_t seq[50], qual[100];
	static const uint32_t cigar[] = {100 << 4 | GRX_C_M};
	struct grx_read *v = grx_calloc(PILE + 3000, sizeof(*v));
	char(*qname)[24] = grx_calloc(PILE + 3000, sizeof(*qname));
	uint64_t rng = 7;
	memset(seq, 0x12, sizeof(seq));
	memset(qual, 30, sizeof(qual));
	ck_assert_int_eq(grx_contigs_add(&ses.cx, d, "chr1", 300000, NULL), 0);
	for (int i = 0; i < PILE + 3000; i++) {
		bool pile = i < PILE;
		rng = rng * UINT64_C(6364136223846793005) + 1442695040888963407u;
		snprintf(qname[i], sizeof(*qname), "%c%d", pile ? 'p' : 'q', i / 2);
		v[i] = (struct grx_read){
			.pos = pile ? 119700 + (int64_t)((rng >> 33) % PILE_BP) : (i - PILE) * 100,
			.flag = (rng >> 60) % 8 == 0 ? GRX_R_DUP : 0,
			.mapq = 60,
			.l_seq = 100,
			.seq = seq,
			.qual = qual,
			.cigar = cigar,
			.n_cigar = 1,
			.name = qname[i],
			.mtid = -1,
			.mpos = -1,
			.nm = -1};
		if (v[i].pos > 299900)
			v[i].pos = 299900;
	}
	qsort(v, PILE + 3000, sizeof(*v), by_pos);
	ck_assert_int_eq(grx_readsink_open(&ses.cx, path_of(name), d, "S1", &s), 0);
	for (int i = 0; i < PILE + 3000; i++)
		ck_assert_int_eq(grx_readsink_put(&ses.cx, s, &v[i]), 0);
	ck_assert_int_eq(grx_readsink_close(&ses.cx, s), 0);
	ck_assert_int_eq(grx_outs_commit(&ses.cx), 0);
	grx_contigs_free(d);
	grx_free(v);
	grx_free(qname);
}

START_TEST(test_depth)
{
	const char *const one[] = {"p.bam"};
	make_pile(one[0]);
	ck_assert_int_eq(run_files(one, 1, &(struct how){.threads = 1}), 0);
	ck_assert_int_eq(seen.owned, PILE + 3000);
	ck_assert_int_eq(seen.summed_over, 0);
	struct how how = {.threads = 1, .depth_limit = 200};
	ck_assert_int_eq(run_files(one, 1, &how), 0);
	struct seen want = seen;
	/* 600 bases touch 10 or 11 bins of two classes */
	ck_assert_int_ge(want.owned, 3000 - 10 + 10 * 2 * 150);
	ck_assert_int_le(want.owned, 3000 + 11 * 2 * 200);
	ck_assert_int_eq(want.owned + want.summed_over, PILE + 3000);
	static const int64_t size[] = {0, 10000, 7001, 119731, 119990};
	for (int i = 0; i < 5; i++) {
		how.threads = 1 + i % 3;
		how.shard_size = size[i];
		how.unthinned = false;
		ck_assert_int_eq(run_files(one, 1, &how), 0);
		ck_assert_mem_eq(&seen, &want, sizeof(want));
		how.unthinned = true; /* marked rather than dropped: the same view for the first stage */
		ck_assert_int_eq(run_files(one, 1, &how), 0);
		ck_assert_mem_eq(&seen, &want, sizeof(want));
		ck_assert_int_eq(other.owned, PILE + 3000);
	}
	ck_assert_int_eq(unlink(path_of("p.bam.bai")), 0);
	for (int i = 0; i < 10; i++) { /* as a stream */
		how = (struct how){
			.threads = 1, .shard_size = size[i / 2], .depth_limit = 200, .unthinned = i & 1};
		ck_assert_int_eq(run_files(one, 1, &how), 0);
		ck_assert_mem_eq(&seen, &want, sizeof(want));
	}
}
END_TEST

/* Any window holds just those reads of the whole contig's batch that overlap it. */
START_TEST(test_depth_windows)
{
	struct grx_readsrc_opt o = {
		.workers = 2, .depth_limit = 50}; /* a batch lives until its worker fetches again */
	struct grx_readsrc *s;
	struct grx_arena *mem = grx_arena_new();
	struct grx_reads *all, *b;
	make_pile("p.bam");
	o.path = path_of("p.bam");
	ck_assert_int_eq(grx_readsrc_open(&ses.cx, &o, &s), 0);
	ck_assert_int_eq(grx_readsrc_fetch(&ses.cx, s, 1, 0, 0, 300000, mem, &all), 0);
	for (int64_t beg = 119650; beg < 120400; beg += 13) {
		size_t k = 0;
		int64_t end = beg + 200;
		ck_assert_int_eq(grx_readsrc_fetch(&ses.cx, s, 0, 0, beg, end, mem, &b), 0);
		for (size_t i = 0; i < all->n; i++) {
			if (all->v[i].end <= beg || all->v[i].pos >= end)
				continue;
			ck_assert_uint_lt(k, b->n);
			ck_assert_str_eq(b->v[k].name, all->v[i].name);
			ck_assert_int_eq(b->v[k++].pos, all->v[i].pos);
		}
		ck_assert_uint_eq(k, b->n);
	}
	grx_readsrc_close(s);
	grx_arena_free(mem);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("leg");
	TCase *t = tcase_create("leg");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 120);
	tcase_add_test(t, test_learn);
	tcase_add_test(t, test_learn_all);
	tcase_add_test(t, test_many);
	tcase_add_test(t, test_choose);
	tcase_add_test(t, test_disagree);
	tcase_add_test(t, test_open_files);
	tcase_add_test(t, test_depth);
	tcase_add_test(t, test_depth_windows);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int bad = srunner_ntests_failed(r);
	srunner_free(r);
	return bad != 0;
}
