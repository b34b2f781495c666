/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_simulate.c -- alignments at read ends, gene models that translate, haplotypes, whole runs: same seed
 * same bytes, truth agrees with the reference, diplotypes as told. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ctx.h"
#include "base/log.h"
#include "base/out.h"
#include "bio/allele.h"
#include "io/fasta.h"
#include "io/readsrc.h"
#include "io/varsrc.h"
#include "stage/simulate/simulate_int.h"
#include "stage/stages.h"

static struct grx_ctx cx;
static char dir[256];

static void setup(void)
{
	memset(&cx, 0, sizeof(cx));
	cx.refdata = getenv("GRX_REFDATA") ? getenv("GRX_REFDATA") : "refdata";
	snprintf(dir, sizeof(dir), "/tmp/check_simulate.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void teardown(void)
{
	char cmd[300];

	snprintf(cmd, sizeof(cmd), "rm -r %s", dir);
	ck_assert_int_eq(system(cmd), 0);
}

static struct simulate_opt defaults(void)
{
	struct simulate_opt o = {
		.seed = 1, .donors = 1, .read_length = 150, .depth = 10, .insert_mean = 400, .insert_sd = 60};

	return o;
}

/* ---- alignment ---- */

/* Read of the reference [from, from + n) with `del` bases missing before base i, or `ins` letters put in
 * before it. */
static int build(const struct sim_win *w, int64_t from, int n, int i, int del, const char *ins, char *bases,
	int64_t *rp)
{
	int k, m = 0;
	int64_t at = from;
	const char *p;

	for (k = 0; k < n; k++) {
		if (k == i) {
			at += del;
			for (p = ins; *p; p++) {
				bases[m] = *p;
				rp[m++] = -1;
			}
		}
		bases[m] = w->seq[at - w->beg];
		rp[m++] = at++;
	}
	return m;
}

static const char *cigar_text(const struct sim_aln *a, char *buf)
{
	uint32_t i;
	char *p = buf;

	for (i = 0; i < a->n; i++)
		p += sprintf(p, "%u%c", a->cigar[i] >> 4, "MIDNSHP=X"[a->cigar[i] & 15]);
	return buf;
}

static char ref[] = "ACGGTCATTGCAACGTTAGCCTAGGATCCTTAGACGTACCATGAAAAAAAACGTCTAGGACTTGCAGTCCATGTTCGAGATCGTAGCT"
		    "TACGGATCTAGCAA";
static struct sim_win win = {0, 1000, 1000 + (int64_t)sizeof(ref) - 1, ref, NULL, false};

static const struct {
	int from, n, at, del;
	const char *ins, *cigar;
	int pos, nm;
} ends[] = {
	{0, 80, -1, 0, "", "80M", 0, 0},
	{0, 80, 40, 0, "GGG", "40M3I40M", 0, 3},
	{0, 70, 35, 4, "", "35M4D35M", 0, 4},
	{0, 63, 60, 5, "", "60M3S", 0, 0}, /* three bases beyond a deletion do not pay for it */
	{0, 63, 3, 5, "", "3S60M", 8, 0},  /* nor at the left end */
	{0, 48, 44, 1, "", "48M", 0, 0},   /* within the A run: no trace of the deletion */
	{0, 62, 60, 0, "TTTTT", "60M7S", 0, 0},
};

START_TEST(test_align)
{
	char bases[256], text[128];
	int64_t rp[256];
	struct sim_aln a;
	int n = build(
		&win, 1000 + ends[_i].from, ends[_i].n, ends[_i].at, ends[_i].del, ends[_i].ins, bases, rp);

	ck_assert(simulate_align(&win, bases, rp, n, &a));
	ck_assert_str_eq(cigar_text(&a, text), ends[_i].cigar);
	ck_assert_int_eq(a.pos, 1000 + ends[_i].pos);
	ck_assert_int_eq(a.nm, ends[_i].nm);
}
END_TEST

START_TEST(test_adapter)
{
	char bases[128], text[128];
	int64_t rp[128];
	struct sim_aln a;
	int n = build(&win, 1000, 60, -1, 0, "", bases, rp), i;

	for (i = 0; i < 20; i++) {
		bases[n + i] = 'A';
		rp[n + i] = -2;
	}
	ck_assert(simulate_align(&win, bases, rp, n + 20, &a));
	ck_assert_str_eq(cigar_text(&a, text), "60M20S");
	for (i = 0; i < n; i++)
		rp[i] = -2;
	ck_assert(!simulate_align(&win, bases, rp, n + 20, &a));
}
END_TEST

START_TEST(test_hap)
{
	const char *alt1[] = {"AGG"}, *alt2[] = {"C"}, *alt3[] = {"T"};
	struct sim_var v[] = {{0, 1010, "CAAC", 1, alt2, NULL, {1, 0}}, {0, 1020, "C", 1, alt3, NULL, {1, 1}},
		{0, 1030, "A", 1, alt1, NULL, {0, 1}}};
	struct sim_donor d = {.n = 3, .v = v};
	struct grx_arena *mem = grx_arena_new();
	struct sim_hap h;

	ck_assert_int_eq(simulate_hap(&cx, &win, &d, 0, mem, &h), 0);
	ck_assert_int_eq(h.n, (int64_t)sizeof(ref) - 1 - 3);
	ck_assert_int_eq(memcmp(h.seq, "ACGGTCATTGCGTT", 14), 0);
	ck_assert_int_eq(h.seg[1].rpos, 1014);
	ck_assert_int_eq(simulate_hap(&cx, &win, &d, 1, mem, &h), 0);
	ck_assert_int_eq(h.n, (int64_t)sizeof(ref) - 1 + 2);
	grx_arena_free(mem);
}
END_TEST

/* ---- the reference ---- */

START_TEST(test_models)
{
	struct simulate_opt o = defaults();
	struct sim_world w = {.mem = grx_arena_new(), .contigs = grx_contigs_new()};
	int g, i, e;

	ck_assert_msg(simulate_plan(&cx, &o, &w) == 0, "%s", cx.err.msg);
	ck_assert_msg(simulate_genome(&cx, &o, &w) == 0, "%s", cx.err.msg);
	ck_assert_int_eq(w.n_gene, 10);
	for (g = 0; g < w.n_gene; g++) {
		const struct sim_gene *m = &w.gene[g];
		char cds[512], rc[512];
		int n = 0;

		for (e = 0; e < 2; e++) {
			int len = (int)(m->cds[e][1] - m->cds[e][0]);

			memcpy(cds + n, m->win->seq + (m->cds[e][0] - m->win->beg), (size_t)len);
			n += len;
		}
		cds[n] = '\0';
		if (m->minus) {
			grx_revcomp(cds, (size_t)n, rc);
			memcpy(cds, rc, (size_t)n + 1);
		}
		ck_assert_int_eq(n % 3, 0);
		ck_assert_int_eq(memcmp(cds, "ATG", 3), 0);
		for (i = 0; i < n; i += 3) {
			bool stop = !memcmp(cds + i, "TAA", 3) || !memcmp(cds + i, "TAG", 3) ||
				    !memcmp(cds + i, "TGA", 3);

			ck_assert_int_eq(stop, i == n - 3);
		}
	}
	for (i = 0; i < (int)w.n_win; i++)
		if (!strcmp(w.contigs->c[w.win[i].tid].name, "chr2") && w.win[i].beg < 233760233 &&
			w.win[i].end > 233760233)
			ck_assert_int_eq(
				memcmp(w.win[i].seq + (233760232 - w.win[i].beg), "CATATATATATATATA", 16), 0);
	grx_arena_free(w.mem);
	grx_contigs_free(w.contigs);
	free(w.win);
	free(w.locus);
	free(w.def);
	free(w.allele);
}
END_TEST

/* ---- whole runs ---- */

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

START_TEST(test_same_bytes)
{
	struct simulate_opt o = defaults();
	char a[300], b[300], cmd[700];

	o.donors = 2;
	ck_assert_msg(run_to("a", o, a) == 0, "%s", cx.err.msg);
	ck_assert_int_eq(run_to("b", o, b), 0);
	snprintf(cmd, sizeof(cmd), "diff -r %s %s", a, b);
	ck_assert_int_eq(system(cmd), 0);
	o.seed = 2;
	ck_assert_int_eq(run_to("c", o, b), 0);
	snprintf(cmd, sizeof(cmd), "diff -rq %s %s > /dev/null", a, b);
	ck_assert_int_ne(system(cmd), 0);
}
END_TEST

static int grep(const char *path, const char *name, const char *line)
{
	char file[600], text[512];
	int found = 0;
	FILE *fp;

	snprintf(file, sizeof(file), "%s/%s", path, name);
	fp = fopen(file, "r");
	ck_assert_ptr_nonnull(fp);
	while (fgets(text, sizeof(text), fp)) {
		text[strcspn(text, "\n")] = '\0';
		found += !strcmp(text, line);
	}
	fclose(fp);
	return found;
}

START_TEST(test_truth)
{
	struct simulate_opt o = defaults();
	struct grx_varsrc_opt vo = {0};
	struct grx_varsrc *src;
	struct grx_vars *v;
	struct grx_fasta *fa;
	struct grx_arena *mem = grx_arena_new();
	char path[300], file[400], *seq;
	int ta = 0, homref = 0;
	int64_t n;
	size_t i;

	o.pgx = "UGT1A1=*80+*28/*1,DPYD=Reference/c.1129-5923C>G, c.1236G>A (HapB3),CYP2C19=*17/*2";
	ck_assert_msg(run_to("t", o, path) == 0, "%s", cx.err.msg);
	ck_assert_int_eq(grep(path, "donor1.expected.tsv", "CYP2C19\t*2/*17"), 1);
	ck_assert_int_eq(grep(path, "donor1.expected.tsv", "UGT1A1\t*1/*80+*28"), 1);
	ck_assert_int_eq(
		grep(path, "donor1.expected.tsv", "DPYD\tReference/c.1129-5923C>G, c.1236G>A (HapB3)"), 1);
	snprintf(file, sizeof(file), "%s/ref.fa.gz", path);
	ck_assert_msg(grx_fasta_open(&cx, file, &fa) == 0, "%s", cx.err.msg);
	snprintf(file, sizeof(file), "%s/donor1.truth.vcf.gz", path);
	vo.path = file;
	ck_assert_msg(grx_varsrc_all(&cx, &vo, mem, &src, &v) == 0, "%s", cx.err.msg);
	ck_assert_uint_gt(v->n, 300);
	ck_assert_int_eq(grx_contigs_build(grx_varsrc_contigs(src)), GRX_BUILD_38);
	for (i = 0; i < v->n; i++) {
		const struct grx_var *x = &v->v[i];
		const char *name = grx_contig_name(grx_varsrc_contigs(src), x->tid);

		ck_assert_int_eq(grx_fasta_fetch(&cx, fa, name, x->pos,
					 x->pos + (int64_t)strlen(x->allele[0]), mem, &seq, &n),
			0);
		ck_assert_str_eq(seq, x->allele[0]);
		if (x->pos == 233760232 && !strcmp(name, "chr2"))
			ta = GRX_GT_ALLELE(x->gt[0]) + GRX_GT_ALLELE(x->gt[1]);
		homref += GRX_GT_ALLELE(x->gt[0]) == 0 && GRX_GT_ALLELE(x->gt[1]) == 0;
	}
	ck_assert_int_eq(ta, 2); /* one CATAT, the second ALT */
	ck_assert_int_gt(homref, 250);
	grx_vars_release(v);
	grx_varsrc_close(src);
	grx_fasta_close(fa);
	grx_arena_free(mem);
}
END_TEST

START_TEST(test_reads)
{
	struct simulate_opt o = defaults();
	struct grx_readsrc_opt ro = {.workers = 1};
	struct grx_readsrc *src;
	struct grx_arena *mem = grx_arena_new();
	struct grx_reads *r;
	char path[300], file[400];
	int64_t bases = 0, i;
	int32_t tid;

	o.sex = "F";
	o.depth = 30;
	ck_assert_msg(run_to("r", o, path) == 0, "%s", cx.err.msg);
	snprintf(file, sizeof(file), "%s/donor1.bam", path);
	ro.path = file;
	ck_assert_msg(grx_readsrc_open(&cx, &ro, &src) == 0, "%s", cx.err.msg);
	ck_assert_str_eq(grx_readsrc_info(src)->sample, "donor1");
	tid = grx_contigs_find(grx_readsrc_contigs(src), "chrX");
	ck_assert_int_eq(grx_readsrc_fetch(&cx, src, 0, tid, 50001000, 50005000, mem, &r), 0);
	for (i = 0; i < (int64_t)r->n; i++)
		bases += r->v[i].end - r->v[i].pos;
	ck_assert_int_gt(bases, 4000 * 25);
	ck_assert_int_lt(bases, 4000 * 37);
	tid = grx_contigs_find(grx_readsrc_contigs(src), "chrY");
	ck_assert_int_eq(grx_readsrc_info(src)->n_mapped[tid], 0);
	grx_readsrc_close(src);
	grx_arena_free(mem);
}
END_TEST

START_TEST(test_refused)
{
	struct simulate_opt o = defaults();
	char path[300];

	o.pgx = "CYP2C19=*1/*999";
	ck_assert_int_eq(run_to("x", o, path), GRX_E_USAGE);
	ck_assert_int_ne(access(path, F_OK), 0);
	grx_ctx_reset(&cx);
	o.pgx = "ABC=*1/*2";
	ck_assert_int_eq(run_to("x", o, path), GRX_E_USAGE);
	grx_ctx_reset(&cx);
	o.pgx = NULL;
	o.insert_mean = 900;
	ck_assert_int_eq(run_to("x", o, path), GRX_E_USAGE);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("simulate");
	TCase *t = tcase_create("simulate");
	SRunner *r;
	int bad;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, test_align, 0, (int)(sizeof(ends) / sizeof(ends[0])));
	tcase_add_test(t, test_adapter);
	tcase_add_test(t, test_hap);
	tcase_add_test(t, test_models);
	tcase_add_test(t, test_same_bytes);
	tcase_add_test(t, test_truth);
	tcase_add_test(t, test_reads);
	tcase_add_test(t, test_refused);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	bad = srunner_ntests_failed(r);
	srunner_free(r);
	return bad != 0;
}
