/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_leg.c -- the driver of a leg: what learn() and shard() see for any way of running.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
	bool shard_before_learn, learned_empty;
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
};

static int fake_shard(const void *state, struct grx_ctx *cx, struct grx_shard *sh)
{
	struct part *p = grx_arena_calloc(sh->mem, 1, sizeof(*p));
	(void)state;
	(void)cx;
	sh->part = p;
	for (size_t i = 0; i < sh->reads->n; i++) {
		const struct grx_read *r = &sh->reads->v[i];
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
	for (int i = 0; i < 8; i++)
		s->n_sample[i] += p->sample[i];
	return GRX_OK;
}

static const struct grx_stage fake = {
	.name = "fake",
	.takes = GRX_READS,
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
static void make_bam(const char *name, const char *sample, int64_t beg, int64_t end)
{
	struct grx_contigs *d = grx_contigs_new();
	struct grx_readsink *s;
	uint8_t seq[50], qual[100];
	uint32_t cigar[] = {100 << 4 | GRX_C_M};
	char qname[32];
	memset(seq, 0x12, sizeof(seq));
	ck_assert_int_eq(grx_contigs_add(&ses.cx, d, "chr1", 3000000, NULL), 0);
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
		snprintf(qname, sizeof(qname), "%s.%lld", sample, (long long)i);
		ck_assert_int_eq(grx_readsink_put(&ses.cx, s, &r), 0);
	}
	ck_assert_int_eq(grx_readsink_close(&ses.cx, s), 0);
	ck_assert_int_eq(grx_outs_commit(&ses.cx), 0);
	grx_contigs_free(d);
}

static int run_leg(const char *name, int threads, int64_t shard_size, int enough_at)
{
	struct grx_common c = {.threads = threads, .shard_size = shard_size, .output = "-"};
	struct grx_facts *out = grx_facts_new();
	struct grx_leg leg = {
		.common = &c, .input = path_of(name), .input_is_reads = true, .n_stage = 1, .out = out};
	leg.stage[0].st = &fake;
	leg.summary = json_object();
	seen = (struct seen){.enough_at = enough_at};
	grx_ctx_reset(&ses.cx);
	ses.cx.threads = threads;
	int rc = grx_leg_run(&ses.cx, &leg);
	json_decref(leg.summary);
	grx_facts_free(out);
	return rc;
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

int main(void)
{
	Suite *s = suite_create("leg");
	TCase *t = tcase_create("leg");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 120);
	tcase_add_test(t, test_learn);
	tcase_add_test(t, test_learn_all);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int bad = srunner_ntests_failed(r);
	srunner_free(r);
	return bad != 0;
}
