/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_simulate_real.c -- donors on a given reference and errors under a preset: repeats are found whole,
 * truth records are normalised, mates share the errors of their library, no error is made that was switched
 * off, decoys are deeper and not confident, FASTQ and BAM hold the same pairs. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ctx.h"
#include "base/out.h"
#include "bio/allele.h"
#include "io/fasta.h"
#include "io/text.h"
#include "io/varsrc.h"
#include "stage/simulate/sim_noise.h"
#include "stage/stages.h"

static struct grx_ctx cx;
static char dir[256], ref[300];

static struct simulate_opt defaults(void)
{
	struct simulate_opt o = {.seed = 1,
		.donors = 1,
		.read_length = 100,
		.depth = 20,
		.insert_mean = 300,
		.insert_sd = 40,
		.noise = "pcr",
		.sex = "F",
		.substitutions = 1,
		.gaps = 1,
		.stutter = 1,
		.motifs = 1,
		.duplicates = 1,
		.chimeras = 1,
		.short_inserts = 1,
		.low_mapq = 1};

	return o;
}

static int run_to(const char *sub, struct simulate_opt o, char path[300])
{
	void *st = NULL;
	int rc;

	snprintf(path, 300, "%s/%s", dir, sub);
	o.output = path;
	cx.outs = grx_outs_new();
	rc = grx_stage_simulate.open(&o, &cx, &st);
	if (rc == 0)
		rc = grx_stage_simulate.finish(st, &cx, NULL, NULL);
	grx_stage_simulate.close(st);
	if (rc == 0)
		rc = grx_outs_commit(&cx);
	grx_outs_free(cx.outs);
	cx.outs = NULL;
	return rc;
}

/* A plain contig "sim1" of 150 kb serves as the given reference. */
static void setup(void)
{
	struct simulate_opt o = defaults();
	char path[300];

	memset(&cx, 0, sizeof(cx));
	cx.refdata = getenv("GRX_REFDATA") ? getenv("GRX_REFDATA") : "refdata";
	snprintf(dir, sizeof(dir), "/tmp/check_simulate_real.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	o.noise = "demo";
	o.size_mb = 0.15;
	o.depth = 0.2;
	ck_assert_msg(run_to("ref", o, path) == 0, "%s", cx.err.msg);
	snprintf(ref, sizeof(ref), "%.280s/ref.fa.gz", path);
}

static void teardown(void)
{
	char cmd[300];

	snprintf(cmd, sizeof(cmd), "rm -r %s", dir);
	ck_assert_int_eq(system(cmd), 0);
}

/* ---- repeats ---- */

START_TEST(test_tracts)
{
	/*                 0         1         2         3         4 */
	/*                 0123456789012345678901234567890123456789012345678 */
	const char *seq = "GCTTTTTTGATACACACACACGNNNNNNNNGGCAGCAGCAGCAGTAAAAC";
	struct sim_tract *t;
	size_t n;

	ck_assert_int_eq(simulate_tracts(&cx, seq, (int64_t)strlen(seq), &t, &n), 0);
	ck_assert_uint_eq(n, 3);
	ck_assert(t[0].unit == 1 && t[0].beg == 2 && t[0].end == 8);
	ck_assert(t[1].unit == 2 && t[1].beg == 11 && t[1].end == 21);
	ck_assert(t[2].unit == 3 && t[2].beg == 31 && t[2].end == 44);
	grx_free(t);
}
END_TEST

START_TEST(test_stutter_rates)
{
	struct sim_noise low, high;
	struct simulate_opt o = defaults();
	int n;

	simulate_noise(&o, &high);
	o.noise = "pcr-free";
	simulate_noise(&o, &low);
	ck_assert(simulate_stutter(&low, true, 'A', 1, 12) == 0);
	for (n = 5; n < 25; n++) {
		ck_assert(simulate_stutter(&low, false, 'A', 1, n) <=
			  simulate_stutter(&low, false, 'A', 1, n + 1));
		ck_assert(
			simulate_stutter(&low, false, 'A', 1, n) < simulate_stutter(&low, false, 'G', 1, n));
		if (n >= 8)
			ck_assert(simulate_stutter(&high, true, 'A', 1, n) >
				  2 * simulate_stutter(&low, false, 'A', 1, n));
	}
	/* 15 units of A: about 1.5 % without amplification, about 12 % with it */
	ck_assert(fabs(simulate_stutter(&low, false, 'A', 1, 15) - 0.0158) < 0.001);
	ck_assert(fabs(simulate_stutter(&high, true, 'A', 1, 15) - 0.126) < 0.002);
	low.stutter = 0;
	ck_assert(simulate_stutter(&low, false, 'A', 1, 20) == 0);
}
END_TEST

/* ---- one fragment ---- */

static char genome[1001];
static struct sim_seg whole = {0, 5000, 1000};

static void source_make(struct sim_source *s)
{
	struct grx_rng *r = grx_rng_new(4, "test", 0);
	int i;

	for (i = 0; i < 1000; i++)
		genome[i] = "ACGT"[grx_rng_below(r, 4)];
	memset(genome + 480, 'A', 14);
	memset(s, 0, sizeof(*s));
	s->c.hap = (struct sim_hap){.seq = genome, .n = 1000, .n_seg = 1, .seg = &whole};
	ck_assert_int_eq(simulate_tracts(&cx, genome, 1000, &s->tract, &s->n_tract), 0);
	grx_rng_free(r);
}

START_TEST(test_silent)
{
	static struct sim_fragment f;
	struct sim_noise none = {.scale = 0};
	struct sim_quality q;
	struct sim_bases x;
	struct sim_source s;
	struct grx_rng *r = grx_rng_new(1, "test", 0);
	int i;

	source_make(&s);
	none.best[0] = 38;
	simulate_quality(&none, r, 100, 0, &q);
	simulate_fragment(&none, r, &s, 400, 600, &f);
	ck_assert_int_eq(f.n, 200);
	simulate_read_off(&none, r, &q, &f, 100, false, &x);
	ck_assert_int_eq(x.n, 100);
	ck_assert_int_eq(memcmp(x.b, genome + 400, 100), 0);
	simulate_read_off(&none, r, &q, &f, 100, true, &x);
	ck_assert_int_eq(x.n, 100);
	ck_assert_int_eq(memcmp(x.b, genome + 500, 100), 0);
	for (i = 0; i < 100; i++)
		ck_assert_int_eq(x.rp[i], 5500 + i);
	simulate_fragment(&none, r, &s, 400, 460, &f); /* shorter than the read */
	simulate_read_off(&none, r, &q, &f, 100, false, &x);
	ck_assert_int_eq(memcmp(x.b, genome + 400, 60), 0);
	ck_assert_int_eq(memcmp(x.b + 60, "AGATCGGAAGAGC", 13), 0);
	ck_assert_int_eq(x.rp[60], -2);
	simulate_read_off(&none, r, &q, &f, 100, true, &x);
	ck_assert_int_eq(memcmp(x.b + 40, genome + 400, 60), 0);
	ck_assert_int_eq(memcmp(x.b + 40 - 13, "GCTCTTCCGATCT", 13), 0);
	grx_free(s.tract);
	grx_rng_free(r);
}
END_TEST

START_TEST(test_mates_share_the_library)
{
	static struct sim_fragment f;
	struct sim_noise e = {.scale = 0, .lib_sub = 0.02, .pcr = true, .stutter = 3};
	struct sim_quality q;
	struct sim_bases x, y;
	struct sim_source s;
	struct grx_rng *r = grx_rng_new(2, "test", 0);
	int i, k, changed = 0, slipped = 0;

	source_make(&s);
	e.best[0] = 38;
	simulate_quality(&e, r, 300, 0, &q); /* at least as long as the longest fragment */
	for (i = 0; i < 200; i++) {
		int m = 0;

		simulate_fragment(&e, r, &s, 400, 600, &f);
		slipped += f.n != 200;
		e.stutter = 0; /* the instrument's */
		simulate_read_off(&e, r, &q, &f, f.n, false, &x);
		simulate_read_off(&e, r, &q, &f, f.n, true, &y);
		e.stutter = 3;
		ck_assert_int_eq(x.n, y.n);
		ck_assert_int_eq(memcmp(x.b, y.b, (size_t)x.n), 0);
		for (k = 0; k < f.n; k++)
			m += f.rp[k] >= 0 && f.b[k] != genome[f.rp[k] - 5000];
		changed += m;
	}
	ck_assert_int_gt(changed, 200 * 2);
	ck_assert_int_lt(changed, 200 * 6);
	ck_assert_int_gt(slipped, 10);
	grx_free(s.tract);
	grx_rng_free(r);
}
END_TEST

/* ---- whole runs ---- */

START_TEST(test_truth_is_normalised)
{
	struct simulate_opt o = defaults();
	struct grx_varsrc_opt vo = {0};
	struct grx_varsrc *src;
	struct grx_vars *v;
	struct grx_fasta *fa;
	struct grx_arena *mem = grx_arena_new();
	char path[300], file[400], *seq, buf[512];
	int64_t n, last = 0, snv = 0, indel = 0;
	size_t i;

	o.fasta = ref;
	o.depth = 1;
	ck_assert_msg(run_to("t", o, path) == 0, "%s", cx.err.msg);
	ck_assert_int_eq(grx_fasta_open(&cx, ref, &fa), 0);
	ck_assert_int_eq(grx_fasta_fetch(&cx, fa, "sim1", 0, 150000, mem, &seq, &n), 0);
	snprintf(file, sizeof(file), "%s/donor1.truth.vcf.gz", path);
	vo.path = file;
	ck_assert_msg(grx_varsrc_all(&cx, &vo, mem, &src, &v) == 0, "%s", cx.err.msg);
	for (i = 0; i < v->n; i++) {
		const struct grx_var *x = &v->v[i];
		const char *r = x->allele[0], *a = x->allele[1];
		struct grx_change c = {x->pos, r, a, (int)strlen(r), (int)strlen(a)};

		ck_assert_int_ge(x->pos, last);
		ck_assert_int_eq(memcmp(seq + x->pos, r, strlen(r)), 0);
		ck_assert(x->pos >= SIM_EDGE && x->pos + x->rlen <= 150000 - SIM_EDGE);
		ck_assert(GRX_GT_ALLELE(x->gt[0]) > 0 || GRX_GT_ALLELE(x->gt[1]) > 0);
		last = x->pos + x->rlen; /* records never overlap */
		if (c.ref_len == 1 && c.alt_len == 1) {
			snv++;
			ck_assert_int_ne(*r, *a);
			continue;
		}
		indel++;
		if (x->n_allele > 2)
			continue;
		grx_change_trim(&c);
		ck_assert(c.ref_len == 0 || c.alt_len == 0);
		grx_change_left_align(&c, seq, 0, 150000, buf);
		ck_assert_int_eq(c.pos, x->pos + 1);
	}
	ck_assert_int_gt(snv, 100);
	ck_assert_int_gt(indel, 20);
	grx_vars_release(v);
	grx_varsrc_close(src);
	grx_fasta_close(fa);
	grx_arena_free(mem);
}
END_TEST

/* Lines of a gzip file; those that match pattern. */
static long count(const char *fmt, const char *path)
{
	char cmd[700], text[64] = "";
	FILE *p;

	snprintf(cmd, sizeof(cmd), fmt, path);
	p = popen(cmd, "r");
	ck_assert_ptr_nonnull(p);
	ck_assert_ptr_nonnull(fgets(text, sizeof(text), p));
	pclose(p);
	return atol(text);
}

START_TEST(test_fastq)
{
	struct simulate_opt o = defaults();
	char path[300];
	long n1, n2;

	o.fasta = ref;
	o.fastq = true;
	o.depth = 10;
	ck_assert_msg(run_to("f", o, path) == 0, "%s", cx.err.msg);
	n1 = count("gzip -dc %s/donor1_R1.fastq.gz | wc -l", path);
	n2 = count("gzip -dc %s/donor1_R2.fastq.gz | wc -l", path);
	ck_assert_int_eq(n1, n2);
	ck_assert_int_eq(n1 % 4, 0);
	ck_assert_int_gt(n1 / 4, 5500); /* 150 kb x 10 / 200, less what GC costs */
	ck_assert_int_lt(n1 / 4, 8600);
	ck_assert_int_eq(
		count("gzip -dc %s/donor1_R2.fastq.gz | awk 'NR %% 4 == 2 && length != 100' | wc -l", path),
		0);
	ck_assert_int_eq(
		count("gzip -dc %s/donor1_R1.fastq.gz | awk 'NR %% 4 == 0 && length != 100' | wc -l", path),
		0);
	ck_assert_int_eq(access("donor1.bam", F_OK), -1);
}
END_TEST

static double depth(struct grx_readsrc *src, int64_t beg, int64_t end)
{
	struct grx_arena *mem = grx_arena_new();
	struct grx_reads *r;
	int64_t bases = 0;
	size_t i;

	ck_assert_int_eq(grx_readsrc_fetch(&cx, src, 0, 0, beg, end, mem, &r), 0);
	for (i = 0; i < r->n; i++)
		if (!(r->v[i].flag & GRX_R_DUP))
			bases += (r->v[i].end < end ? r->v[i].end : end) -
				 (r->v[i].pos > beg ? r->v[i].pos : beg);
	grx_arena_free(mem);
	return (double)bases / (double)(end - beg);
}

START_TEST(test_decoys)
{
	struct simulate_opt o = defaults();
	struct grx_readsrc_opt ro = {.workers = 1};
	struct grx_readsrc *src;
	struct grx_bed decoy = {0}, conf = {0};
	char path[300], again[300], file[400], cmd[700];
	size_t i;

	o.fasta = ref;
	o.decoys = 4;
	o.depth = 40;
	ck_assert_msg(run_to("d", o, path) == 0, "%s", cx.err.msg);
	ck_assert_int_eq(run_to("d2", o, again), 0);
	snprintf(cmd, sizeof(cmd), "diff -r %s %s", path, again);
	ck_assert_int_eq(system(cmd), 0);
	snprintf(file, sizeof(file), "%s/donor1.bam", path);
	ro.path = file;
	ck_assert_msg(grx_readsrc_open(&cx, &ro, &src) == 0, "%s", cx.err.msg);
	snprintf(cmd, sizeof(cmd), "%s/decoy.bed", path);
	ck_assert_msg(grx_bed_read(&cx, cmd, grx_readsrc_contigs(src), &decoy) == 0, "%s", cx.err.msg);
	snprintf(cmd, sizeof(cmd), "%s/truth.bed", path);
	ck_assert_int_eq(grx_bed_read(&cx, cmd, grx_readsrc_contigs(src), &conf), 0);
	ck_assert_uint_eq(decoy.n, 4);
	for (i = 0; i < decoy.n; i++) {
		ck_assert(!grx_bed_overlaps(&conf, 0, decoy.v[i].beg, decoy.v[i].end));
		ck_assert(depth(src, decoy.v[i].beg + 300, decoy.v[i].end - 300) > 1.25 * 40);
	}
	for (i = 0; i < conf.n; i++)
		if (conf.v[i].end - conf.v[i].beg > 5000)
			ck_assert(fabs(depth(src, conf.v[i].beg, conf.v[i].end) - 38) < 8);
	grx_free(decoy.v);
	grx_free(conf.v);
	grx_readsrc_close(src);
}
END_TEST

START_TEST(test_refused)
{
	struct simulate_opt o = defaults();
	const char *bad = "sim1:1-100", *unknown = "chr9";
	char path[300];

	o.decoys = 1;
	ck_assert_int_eq(run_to("x", o, path), GRX_E_USAGE); /* decoys without a reference */
	grx_ctx_reset(&cx);
	o.fasta = ref;
	o.region = (struct grx_strs){1, &bad};
	ck_assert_int_eq(run_to("x", o, path), GRX_E_USAGE);
	grx_ctx_reset(&cx);
	o.region.v = &unknown;
	ck_assert_int_ne(run_to("x", o, path), 0);
	grx_ctx_reset(&cx);
	o.region.n = 0;
	o.decoys = 500;
	ck_assert_int_eq(run_to("x", o, path), GRX_E_USAGE); /* no room */
	grx_ctx_reset(&cx);
	o.decoys = 0;
	o.noise = "demo";
	o.fastq = true;
	ck_assert_int_eq(run_to("x", o, path), GRX_E_USAGE);
	ck_assert_int_ne(access(path, F_OK), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("simulate_real");
	TCase *t = tcase_create("simulate_real");
	SRunner *r;
	int bad;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 120);
	tcase_add_test(t, test_tracts);
	tcase_add_test(t, test_stutter_rates);
	tcase_add_test(t, test_silent);
	tcase_add_test(t, test_mates_share_the_library);
	tcase_add_test(t, test_truth_is_normalised);
	tcase_add_test(t, test_fastq);
	tcase_add_test(t, test_decoys);
	tcase_add_test(t, test_refused);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	bad = srunner_ntests_failed(r);
	srunner_free(r);
	return bad != 0;
}
