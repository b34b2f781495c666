/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_qc.c -- qc: histograms, depth against a naive count and any cut into shards, sex inference, gates,
 * variants. */
#include <check.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "bio/sex.h"
#include "math/rng.h"
#include "stage/qc/qc_int.h"
#include "stage/stages.h"

/* ---- histograms ---- */

START_TEST(medians)
{
	int64_t h[10] = {0, 1, 0, 1, 0, 0, 0, 0, 0, 0}, none[4] = {0};
	ck_assert_double_eq(qc_hist_median(h, 10), 2.0); /* of 1, 3 */
	ck_assert_double_eq(qc_hist_mad(h, 10, 2.0), 1.0);
	h[3] = 0;
	h[9] = 2; /* 1, 9, 9 */
	ck_assert_double_eq(qc_hist_median(h, 10), 9.0);
	ck_assert_double_eq(qc_hist_mad(h, 10, 9.0), 0.0);
	ck_assert(isnan(qc_hist_median(none, 4)));
	ck_assert(isnan(qc_hist_mad(none, 4, 0)));
}
END_TEST

/* ---- sex ---- */

static struct grx_contigs *genome(void)
{
	static const int64_t len[22] = {248956422, 242193529, 198295559, 190214555, 181538259, 170805979,
		159345973, 145138636, 138394717, 133797422, 135086622, 133275309, 114364328, 107043718,
		101991189, 90338345, 83257441, 80373285, 58617616, 64444167, 46709983, 50818468};
	struct grx_ctx cx = {0};
	struct grx_contigs *d = grx_contigs_new();
	char name[16];
	for (int i = 0; i < 22; i++) {
		snprintf(name, sizeof name, "chr%d", i + 1);
		ck_assert_int_eq(grx_contigs_add(&cx, d, name, len[i], NULL), 0);
	}
	ck_assert_int_eq(grx_contigs_add(&cx, d, "chrX", 156040895, NULL), 0);
	ck_assert_int_eq(grx_contigs_add(&cx, d, "chrY", 57227415, NULL), 0);
	return d;
}

static enum grx_sex sex_of(const struct grx_contigs *d, double depth, double x, double y, const char **why)
{
	int64_t n[24];
	double rx, ry;
	for (int i = 0; i < 24; i++)
		n[i] = (int64_t)((double)d->c[i].len * depth * (i == 22 ? x : i == 23 ? y : 1));
	return grx_sex_from_counts(d, n, &rx, &ry, why);
}

START_TEST(sexes)
{
	struct grx_contigs *d = genome();
	const char *why;
	ck_assert_int_eq(sex_of(d, 0.2, 0.98, 0.01, &why), GRX_SEX_FEMALE);
	ck_assert_ptr_null(why);
	ck_assert_int_eq(sex_of(d, 0.2, 0.50, 0.20, &why), GRX_SEX_MALE);
	ck_assert_int_eq(sex_of(d, 0.001, 0.50, 0.20, &why), GRX_SEX_MALE);
	/* XXY, X0, no Y reads in a male, too few reads */
	ck_assert_int_eq(sex_of(d, 0.2, 0.98, 0.20, &why), GRX_SEX_UNKNOWN);
	ck_assert_ptr_nonnull(why);
	ck_assert_int_eq(sex_of(d, 0.2, 0.50, 0.00, &why), GRX_SEX_UNKNOWN);
	ck_assert_int_eq(sex_of(d, 0.2, 0.75, 0.08, &why), GRX_SEX_UNKNOWN);
	ck_assert_int_eq(sex_of(d, 1e-6, 0.98, 0.01, &why), GRX_SEX_UNKNOWN);
	ck_assert_ptr_nonnull(strstr(why, "20,000"));
	grx_contigs_free(d);
}
END_TEST

START_TEST(sex_of_a_slice_is_unknown)
{
	struct grx_contigs *d = genome();
	const char *why;
	double x, y;
	int64_t n[24] = {[0] = 500000, [6] = 90000, [22] = 300000};
	ck_assert_int_eq(grx_sex_from_counts(d, n, &x, &y, &why), GRX_SEX_UNKNOWN);
	ck_assert_ptr_nonnull(strstr(why, "fewer than 3"));
	ck_assert(isnan(x) && isnan(y));
	n[9] = 4000; /* three autosomes, one far off: targeted */
	ck_assert_int_eq(grx_sex_from_counts(d, n, &x, &y, &why), GRX_SEX_UNKNOWN);
	ck_assert_ptr_nonnull(strstr(why, "unevenly"));
	grx_contigs_free(d);
}
END_TEST

/* ---- reads ---- */

enum { LEN = 1000, N_READ = 300, RL = 30 };
static char ref[LEN + 1];
static struct grx_read reads[N_READ];
static uint32_t cigars[N_READ][3];
static uint8_t seq[(RL + 1) / 2], qual[RL];

static int by_pos(const void *a, const void *b)
{
	const struct grx_read *x = a, *y = b;
	return x->pos < y->pos ? -1 : x->pos > y->pos;
}

static void make_reads(void)
{
	struct grx_rng *r = grx_rng_new(3, "check_qc", 0);
	for (int i = 0; i < LEN; i++)
		ref[i] = i >= 300 && i < 320 ? 'N' : "ACGT"[grx_rng_below(r, 4)];
	memset(seq, 0x24, sizeof seq); /* CGCG... */
	memset(qual, 30, sizeof qual);
	for (int i = 0; i < N_READ; i++) {
		uint32_t *c = cigars[i];
		int mid = (int)grx_rng_below(r, 3);
		c[0] = 10u << 4 | GRX_C_M;
		c[1] = mid == 0 ? 20u << 4 | GRX_C_M : mid == 1 ? 5u << 4 | GRX_C_D : 5u << 4 | GRX_C_I;
		c[2] = (mid == 1 ? 20u : 15u) << 4 | GRX_C_EQ;
		reads[i] = (struct grx_read){.pos = (int64_t)grx_rng_below(r, LEN - 40),
			.mapq = 60,
			.l_seq = RL,
			.n_cigar = mid == 0 ? 2 : 3,
			.cigar = c,
			.seq = seq,
			.qual = qual,
			.mtid = -1,
			.mpos = -1,
			.name = "r",
			.nm = -1};
		reads[i].end = reads[i].pos + (mid == 0 ? 30 : mid == 1 ? 35 : 25);
		if (grx_rng_below(r, 5) == 0)
			reads[i].flag = GRX_R_DUP;
	}
	grx_rng_free(r);
	qsort(reads, N_READ, sizeof *reads, by_pos);
}

static void shard_run(struct qc_sums *sum, const struct qc_opt *o, int64_t beg, int64_t end)
{
	struct grx_ctx cx = {0};
	struct grx_arena *mem = grx_arena_new();
	struct grx_reads b = {0};
	struct qc_part *p = grx_arena_calloc(mem, 1, sizeof *p);
	b.v = grx_arena_alloc(mem, N_READ, sizeof *b.v);
	for (int i = 0; i < N_READ; i++)
		if (reads[i].pos < end && reads[i].end > beg)
			b.v[b.n++] = reads[i];
	struct grx_shard sh = {.beg = beg, .end = end, .ref = ref, .ref_end = LEN, .reads = &b, .mem = mem};
	qc_reads_shard(&sh, p);
	ck_assert_int_eq(qc_depth_shard(&cx, o, &sh, p), 0);
	qc_sums_add(sum, &p->s);
	grx_arena_free(mem);
}

START_TEST(depth_is_the_naive_count)
{
	struct qc_opt o = {0};
	struct qc_sums s = {0};
	int64_t d[LEN] = {0}, hist[QC_DEPTH_MAX + 1] = {0}, sum = 0;
	make_reads();
	for (int i = 0; i < N_READ; i++) {
		int64_t pos = reads[i].pos;
		for (uint32_t k = 0; k < reads[i].n_cigar && !(reads[i].flag & GRX_R_DUP); k++) {
			int op = GRX_CIG_OP(reads[i].cigar[k]);
			for (int64_t n = GRX_CIG_LEN(reads[i].cigar[k]); n > 0 && GRX_CIG_REF(op); n--, pos++)
				d[pos] += op != GRX_C_D;
		}
	}
	for (int i = 0; i < LEN; i++)
		if (ref[i] != 'N') {
			hist[d[i]]++;
			sum += d[i];
		}
	shard_run(&s, &o, 0, LEN);
	ck_assert_int_eq(s.depth_sum, sum);
	ck_assert_int_eq(s.scanned, LEN);
	ck_assert_int_eq(s.n_bases, 20);
	ck_assert_mem_eq(s.depth, hist, sizeof hist);
	ck_assert_int_eq(s.r.mapped, N_READ);
	ck_assert_int_eq(s.gc_bases, s.acgt_bases);
	ck_assert_int_eq(s.baseq[30], (int64_t)N_READ * RL);
}
END_TEST

START_TEST(cuts_do_not_matter)
{
	static const int64_t cut[] = {0, 100, 300, 310, 700, LEN};
	struct qc_opt o = {0};
	struct qc_sums whole = {0}, parts = {0};
	make_reads();
	shard_run(&whole, &o, 0, LEN);
	for (size_t i = 0; i + 1 < sizeof cut / sizeof *cut; i++)
		shard_run(&parts, &o, cut[i], cut[i + 1]);
	/* windows that a cut divides are the only thing that may differ; 310 lies in a window with N */
	ck_assert_mem_eq(&whole, &parts, sizeof whole);
}
END_TEST

START_TEST(gc_and_cycles_are_naive_counts)
{
	enum { MAX = 620 };
	static uint8_t s4[MAX], q[MAX];
	struct grx_rng *r = grx_rng_new(4, "check_qc", 1);
	struct grx_arena *mem = grx_arena_new();
	for (int trial = 0; trial < 60; trial++) {
		struct qc_part *p = grx_arena_calloc(mem, 1, sizeof *p);
		static int64_t sum[QC_CYCLE_MAX], n[QC_CYCLE_MAX];
		int64_t gc = 0, acgt = 0, hist[QC_BASEQ_MAX] = {0};
		int32_t len = trial < 40 ? trial + 1 : (int32_t)grx_rng_below(r, MAX);
		bool reverse = trial & 1;
		memset(sum, 0, sizeof sum);
		memset(n, 0, sizeof n);
		for (int32_t i = 0; i < MAX; i++)
			s4[i] = (uint8_t)grx_rng_below(r, 256);
		for (int32_t i = 0; i < len; i++) {
			int code = GRX_SEQ_CODE(s4, i), c = reverse ? len - 1 - i : i;
			gc += code == 2 || code == 4;
			acgt += code == 1 || code == 2 || code == 4 || code == 8;
			q[i] = (uint8_t)grx_rng_below(r, 60);
			hist[q[i]]++;
			c = c < QC_CYCLE_MAX ? c : QC_CYCLE_MAX - 1;
			sum[c] += q[i];
			n[c]++;
		}
		struct grx_read rd = {
			.end = 10, .l_seq = len, .seq = s4, .qual = q, .flag = reverse ? GRX_R_REVERSE : 0};
		struct grx_reads b = {.n = 1, .v = &rd};
		struct grx_shard sh = {.end = 100, .reads = &b, .mem = mem};
		qc_reads_shard(&sh, p);
		ck_assert_int_eq(p->s.gc_bases, gc);
		ck_assert_int_eq(p->s.acgt_bases, acgt);
		ck_assert_mem_eq(p->s.baseq, hist, sizeof hist);
		ck_assert_mem_eq(p->s.cycle_sum[0], sum, sizeof sum);
		ck_assert_mem_eq(p->s.cycle_n[0], n, sizeof n);
	}
	grx_arena_free(mem);
	grx_rng_free(r);
}
END_TEST

START_TEST(limits_of_depth)
{
	struct qc_opt mapq = {.min_mapq = 61}, baseq = {.min_baseq = 31}, same = {.min_baseq = 30},
		      none = {0};
	struct qc_sums a = {0}, b = {0}, c = {0}, d = {0};
	make_reads();
	shard_run(&a, &mapq, 0, LEN);
	shard_run(&b, &baseq, 0, LEN);
	shard_run(&c, &same, 0, LEN);
	shard_run(&d, &none, 0, LEN);
	ck_assert_int_eq(a.depth_sum, 0);
	ck_assert_int_eq(b.depth_sum, 0);
	ck_assert_int_eq(c.depth_sum, d.depth_sum);
}
END_TEST

/* ---- variants ---- */

START_TEST(variant_counts)
{
	static const struct {
		const char *ref, *alt1, *alt2, *filter;
		int a, b;
	} row[] = {{"A", "G", NULL, "PASS", 0, 1}, {"C", "T", NULL, "PASS", 1, 1},
		{"A", "C", NULL, NULL, 0, 1}, {"A", "C", NULL, "q10", 0, 1}, {"AT", "A", "ATT", "PASS", 1, 2},
		{"A", "G", NULL, "PASS", -1, -1}, {"AT", "GT", "A", "PASS", 1, 2},
		{"A", "<DEL>", NULL, "PASS", 0, 1}};
	struct grx_ctx cx = {0};
	struct grx_arena *mem = grx_arena_new();
	struct grx_hdr *h = grx_hdr_new(NULL);
	ck_assert_int_eq(grx_hdr_sample_add(&cx, h, "S"), 0);
	struct grx_vars *b = grx_vars_new(mem, h);
	struct qc_sums s = {0};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct grx_var *v = grx_vars_push(b);
		const char *al[3] = {row[i].ref, row[i].alt1, row[i].alt2};
		ck_assert_int_eq(grx_var_alleles_set(mem, v, row[i].alt2 ? 3 : 2, al), 0);
		ck_assert_int_eq(grx_var_gt_alloc(mem, v, 2, 1), 0);
		v->gt[0] = GRX_GT(row[i].a, 0);
		v->gt[1] = GRX_GT(row[i].b, 0);
		if (row[i].filter) {
			v->filter = grx_arena_alloc(mem, 1, sizeof *v->filter);
			v->filter[0] = row[i].filter;
			v->n_filter = 1;
		}
	}
	qc_vars_shard(b, &s);
	ck_assert_int_eq(s.v.records, 8);
	ck_assert_int_eq(s.v.filtered, 1);
	ck_assert_int_eq(s.v.no_call, 1);
	ck_assert_int_eq(s.v.snv, 4);
	ck_assert_int_eq(s.v.ts, 3);
	ck_assert_int_eq(s.v.tv, 1);
	ck_assert_int_eq(s.v.indel, 3);
	ck_assert_int_eq(s.v.other, 1);
	ck_assert_int_eq(s.v.het, 5);
	ck_assert_int_eq(s.v.hom, 1);
	grx_hdr_free(h);
	grx_arena_free(mem);
}
END_TEST

/* ---- gates ---- */

START_TEST(gate_judges)
{
	struct qc_gate g = {
		.warn_below = 25, .fail_below = 15, .warn_above = NAN, .fail_above = NAN, .min_n = 10};
	struct qc_metric m = {.key = "depth/mean", .value = 30, .n = 100};
	ck_assert_int_eq(qc_gate_judge(&g, &m), QC_PASS);
	m.value = 20;
	ck_assert_int_eq(qc_gate_judge(&g, &m), QC_WARN);
	m.value = 14.999;
	ck_assert_int_eq(qc_gate_judge(&g, &m), QC_FAIL);
	m.n = 9;
	ck_assert_int_eq(qc_gate_judge(&g, &m), QC_NONE);
	m.n = 100;
	m.value = NAN;
	ck_assert_int_eq(qc_gate_judge(&g, &m), QC_NONE);
}
END_TEST

static int read_gates(const char *text, struct grx_ctx *cx, struct qc_state *s)
{
	char path[] = "/tmp/check_qc.XXXXXX";
	int fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	struct qc_opt o = {.gates = path};
	s->opt = &o;
	s->mem = grx_arena_new();
	int rc = qc_gates_read(cx, s);
	unlink(path);
	s->opt = NULL;
	return rc;
}

#define HEAD "metric\twarn_below\tfail_below\twarn_above\tfail_above\tunit\tmin_n\tsource\n"

START_TEST(gate_tables)
{
	static const struct {
		const char *text;
		int rc;
	} t[] = {{HEAD "titv\t1.9\t1.7\t\t\tratio\t100\tx\nsex/male/x\t\t0.3\t\t0.7\tratio\t\tx\n", GRX_OK},
		{HEAD "titv\t1.7\t1.9\t\t\tratio\t\tx\n", GRX_E_DATA},
		{HEAD "tutv\t1.9\t1.7\t\t\tratio\t\tx\n", GRX_E_DATA},
		{HEAD "titv\t1,9\t1.7\t\t\tratio\t\tx\n", GRX_E_DATA},
		{HEAD "titv\t1.9\tnan\t\t\tratio\t\tx\n", GRX_E_DATA},
		{HEAD "titv\t1.9\t1.7\t\t\tratio\t\tx\ntitv\t1.9\t1.7\t\t\tratio\t\tx\n", GRX_E_DATA},
		{"metric\tlow\ntitv\t1\n", GRX_E_DATA}, {"", GRX_E_DATA}};
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct grx_ctx cx = {.log = grx_log_new(0, false)};
		struct qc_state s = {0};
		int rc = read_gates(t[i].text, &cx, &s);
		ck_assert_msg(rc == t[i].rc, "table %zu: status %d: %s", i, rc, cx.err.msg);
		if (i == 0) {
			ck_assert_int_eq(s.n_gate, 1);
			ck_assert_double_eq(s.sex_limits.male_x_min, 0.3);
			ck_assert_double_eq(s.sex_limits.male_x_max, 0.7);
		}
		grx_arena_free(s.mem);
		grx_log_free(cx.log);
	}
}
END_TEST

/* The whole stage on an empty and on a full shard: what has no observations is missing. */
START_TEST(stage_says_missing)
{
	const char *refdata = getenv("GENORX_REFDATA");
	struct grx_reads_info info = {.sample = "S", .n_unplaced = -1};
	struct grx_contigs *d = grx_contigs_new();
	struct grx_ctx cx = {.log = grx_log_new(0, false),
		.refdata = refdata ? refdata : "refdata",
		.threads = 1,
		.reads = &info,
		.contigs = d};
	struct qc_opt o = {0};
	struct grx_facts *out = grx_facts_new();
	void *state = NULL;
	ck_assert_int_eq(grx_contigs_add(&cx, d, "c", LEN, NULL), 0);
	ck_assert_msg(grx_stage_qc.open(&o, &cx, &state) == 0, "%s", cx.err.msg);
	ck_assert_int_eq(grx_stage_qc.finish(state, &cx, out, NULL), 0);
	static const char *const missing[] = {"qc/depth/mean", "qc/breadth/20x", "qc/insert/median",
		"qc/duplicates/frac", "qc/mapped/frac", "qc/baseq/mean", "qc/gc/mean", "qc/sex",
		"qc/gate/depth/mean", "qc/gate"};
	for (size_t i = 0; i < sizeof missing / sizeof *missing; i++) {
		const struct grx_fact *f = grx_facts_find(out, "S", missing[i]);
		ck_assert_msg(f && f->status == GRX_FACT_MISSING && grx_fact_attr_get(f, "reason"), "%s",
			missing[i]);
	}
	grx_stage_qc.close(state);
	grx_facts_free(out);
	grx_contigs_free(d);
	grx_log_free(cx.log);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("qc");
	TCase *tc = tcase_create("qc");
	tcase_add_test(tc, medians);
	tcase_add_test(tc, sexes);
	tcase_add_test(tc, sex_of_a_slice_is_unknown);
	tcase_add_test(tc, depth_is_the_naive_count);
	tcase_add_test(tc, cuts_do_not_matter);
	tcase_add_test(tc, gc_and_cycles_are_naive_counts);
	tcase_add_test(tc, limits_of_depth);
	tcase_add_test(tc, variant_counts);
	tcase_add_test(tc, gate_judges);
	tcase_add_test(tc, gate_tables);
	tcase_add_test(tc, stage_says_missing);
	suite_add_tcase(s, tc);
	SRunner *sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
