/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_prs.c -- polygenic scores: parsing, matching, missing genotypes, sums that do not depend on shard
 * cuts. */
#include <check.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ctx.h"
#include "base/log.h"
#include "base/mem.h"
#include "bio/contig.h"
#include "bio/sites.h"
#include "genorx/genorx.h"
#include "stage/prs/prs_int.h"
#include "stage/stages.h"

#define ST grx_stage_prs

static struct grx_ctx cx;
static struct grx_contigs *dict;
static struct grx_hdr *hdr;
static struct grx_arena *mem;
static char dir[] = "/tmp/check_prsXXXXXX";
static char path[128];
static const char *files[4];

static void setup(void)
{
	memset(&cx, 0, sizeof cx);
	cx.log = grx_log_new(0, false);
	cx.threads = 1;
	dict = grx_contigs_new();
	mem = grx_arena_new();
	ck_assert_int_eq(grx_contigs_add(&cx, dict, "chr1", 248956422, NULL), 0);
	ck_assert_int_eq(grx_contigs_add(&cx, dict, "chrX", 156040895, NULL), 0);
	hdr = grx_hdr_new(dict);
	ck_assert_int_eq(grx_hdr_sample_add(&cx, hdr, "S1"), 0);
	ck_assert_int_eq(grx_hdr_sample_add(&cx, hdr, "S2"), 0);
	cx.contigs = dict;
	cx.hdr = hdr;
	snprintf(path, sizeof path, "%s/score.txt", dir);
}

static void teardown(void)
{
	grx_hdr_free(hdr);
	grx_contigs_free(dict);
	grx_arena_free(mem);
	grx_log_free(cx.log);
	unlink(path);
}

static void write_score(const char *text)
{
	FILE *f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	ck_assert_int_eq(fclose(f), 0);
}

/* A diploid record; gt as "01" per sample, '.' missing. */
static void put(struct grx_vars *b, int tid, int64_t pos1, const char *alleles, const char *const *gt)
{
	char buf[64];
	const char *a[8];
	int n = 0;
	snprintf(buf, sizeof buf, "%s", alleles);
	char *save = NULL;
	for (char *s = strtok_r(buf, ",", &save); s; s = strtok_r(NULL, ",", &save))
		a[n++] = s;
	struct grx_var *v = grx_vars_push(b);
	v->tid = tid;
	v->pos = pos1 - 1;
	v->rlen = (int64_t)strlen(a[0]);
	ck_assert_int_eq(grx_var_alleles_set(b->mem, v, n, a), 0);
	ck_assert_int_eq(grx_var_gt_alloc(b->mem, v, 2, hdr->n_sample), 0);
	for (int s = 0; s < hdr->n_sample; s++)
		for (int k = 0; k < 2; k++)
			v->gt[2 * s + k] = !gt[s][k]         ? GRX_INT_END
					   : gt[s][k] == '.' ? 0
							     : GRX_GT(gt[s][k] - '0', 0);
}

static struct prs_opt opt_default(void)
{
	files[0] = path;
	return (struct prs_opt){.score = {1, files},
		.compat = "none",
		.palindromes = "keep",
		.missing = "mean",
		.dosage = "auto",
		.x_haploid = "double",
		.standardise = "none",
		.effect = "additive",
		.half_call = "missing",
		.bad_rows = "fail",
		.bad_files = "fail",
		.min_overlap = 0,
		.min_lift = 0.95,
		.level = 0.95,
		.ref_gq = 20};
}

/* Score the batch cut into shards of `step` records; facts of the run. */
static struct grx_facts *run(const struct prs_opt *o, struct grx_vars *b, size_t step, json_t *summary)
{
	void *st = NULL;
	struct grx_facts *fs = grx_facts_new();
	ck_assert_msg(ST.open(o, &cx, &st) == 0, "%s", cx.err.msg);
	for (size_t i = 0, n = 0; i < b->n; n++) {
		struct grx_vars part = *b;
		part.v = b->v + i;
		part.n = b->n - i < step ? b->n - i : step;
		/* as the source does: a batch does not split a position */
		while (i + part.n < b->n && b->v[i + part.n].pos == b->v[i + part.n - 1].pos)
			part.n++;
		i += part.n;
		struct grx_shard sh = {.index = n, .tid = -1, .vars = &part, .mem = grx_arena_new()};
		ck_assert_msg(ST.merge(st, &cx, &sh) == 0, "%s", cx.err.msg);
		grx_arena_free(sh.mem);
	}
	ck_assert_msg(ST.finish(st, &cx, fs, summary) == 0, "%s", cx.err.msg);
	ST.close(st);
	return fs;
}

static double num(const struct grx_facts *fs, const char *sample, const char *key)
{
	const struct grx_fact *f = grx_facts_find(fs, sample, key);
	ck_assert_msg(f != NULL, "no fact %s", key);
	return f->status == GRX_FACT_OK && f->value.type == GRX_V_NUM ? f->value.num : NAN;
}

static int64_t reason(const json_t *summary, const char *name)
{
	const json_t *s = json_array_get(json_object_get(summary, "scores"), 0);
	return json_integer_value(json_object_get(json_object_get(s, "rows_by_reason"), name));
}

#define HEAD                                                                                                 \
	"#pgs_id=T\n#genome_build=GRCh38\nrsID\tchr_name\tchr_position\teffect_allele\tother_"               \
	"allele\teffect_weight"

START_TEST(test_match)
{
	write_score(HEAD "\n"
			 "rs1\t1\t100\tG\tA\t1\n"    /* ALT */
			 "rs2\t1\t200\tC\tT\t10\n"   /* REF */
			 "rs3\t1\t300\tT\tC\t100\n"  /* record A>G: other strand, EA = A = REF */
			 "rs4\t1\t400\tG\tA\t1000\n" /* record A>C: mismatch */
			 "rs5\t1\t500\tG\tA\t5\n"    /* no record */
			 "rs6\t7\t500\tG\tA\t5\n"    /* no contig */
			 "rs7\t1\t600\tC\tA\t7\n"    /* multiallelic A>G,C */
			 "rs8\t1\t700\tA\tT\t3\n");  /* palindromic */
	struct grx_vars *b = grx_vars_new(mem, hdr);
	put(b, 0, 100, "A,G", (const char *[]){"01", "11"});
	put(b, 0, 200, "C,T", (const char *[]){"01", "11"});
	put(b, 0, 300, "A,G", (const char *[]){"00", "01"});
	put(b, 0, 400, "A,C", (const char *[]){"00", "01"});
	put(b, 0, 600, "A,G,C", (const char *[]){"12", "22"});
	put(b, 0, 700, "A,T", (const char *[]){"00", "01"});
	struct prs_opt o = opt_default();
	json_t *s = json_object();
	struct grx_facts *fs = run(&o, b, 100, s);
	ck_assert_double_eq(num(fs, "S1", "prs/T/sum"), 1 + 10 + 200 + 7 + 6);
	ck_assert_double_eq(num(fs, "S2", "prs/T/sum"), 2 + 0 + 100 + 14 + 3);
	ck_assert_double_eq(num(fs, "S1", "prs/T/coverage"), 5.0 / 8);
	ck_assert_int_eq(reason(s, "matched"), 3);
	ck_assert_int_eq(reason(s, "matched_flip"), 1);
	ck_assert_int_eq(reason(s, "matched_palindromic"), 1);
	ck_assert_int_eq(reason(s, "allele_mismatch"), 1);
	ck_assert_int_eq(reason(s, "no_locus"), 1);
	ck_assert_int_eq(reason(s, "no_contig"), 1);
	grx_facts_free(fs);
	json_decref(s);
	s = json_object();
	o.compat = "pgsc_calc";
	o.palindromes = NULL;
	fs = run(&o, b, 100, s);
	ck_assert_double_eq(num(fs, "S1", "prs/T/sum"), 1 + 10 + 200);
	ck_assert_int_eq(reason(s, "multiallelic_dropped"), 1);
	ck_assert_int_eq(reason(s, "palindromic_dropped"), 1);
	grx_facts_free(fs);
	json_decref(s);
}
END_TEST

START_TEST(test_missing)
{
	write_score(HEAD "\tallelefrequency_effect\tis_dominant\tis_recessive\n"
			 "rs1\t1\t100\tG\tA\t1\t0.5\t\t\n"
			 "rs2\t1\t200\tG\tA\t10\t\t\t\n"
			 "rs3\t1\t300\tG\tA\t100\t0.5\tTrue\tFalse\n"
			 "rs4\t1\t400\tG\tA\t1000\t0.5\tFalse\tTrue\n");
	struct grx_vars *b = grx_vars_new(mem, hdr);
	for (int i = 1; i <= 4; i++)
		put(b, 0, 100 * i, "A,G", (const char *[]){"..", i == 1 ? ".1" : "11"});
	struct prs_opt o = opt_default();
	struct grx_facts *fs = run(&o, b, 100, NULL);
	/* S1: 2f, nothing known, Hardy-Weinberg 1-(1-f)^2 and f^2; no row is covered */
	ck_assert_double_eq_tol(num(fs, "S1", "prs/T/sum"), 1 + 75 + 250, 1e-9);
	ck_assert_double_eq(num(fs, "S1", "prs/T/coverage"), 0);
	ck_assert_str_eq(grx_fact_attr_get(grx_facts_find(fs, "S1", "prs/T/sum"), "n_missing"), "1");
	ck_assert_str_eq(grx_fact_attr_get(grx_facts_find(fs, "S1", "prs/T/sum"), "n_imputed"), "3");
	/* S2: a half-call is a no-call */
	ck_assert_double_eq_tol(num(fs, "S2", "prs/T/sum"), 1 + 20 + 100 + 1000, 1e-9);
	ck_assert_double_eq(num(fs, "S2", "prs/T/coverage"), 0.75);
	grx_facts_free(fs);
	o.min_overlap = 0.75;
	fs = run(&o, b, 100, NULL);
	ck_assert_int_eq(grx_facts_find(fs, "S1", "prs/T/sum")->status, GRX_FACT_REFUSED);
	ck_assert_int_eq(grx_facts_find(fs, "S2", "prs/T/sum")->status, GRX_FACT_OK);
	grx_facts_free(fs);
	o.min_overlap = 0;
	o.missing = "zero";
	fs = run(&o, b, 100, NULL);
	ck_assert(isnan(num(fs, "S1", "prs/T/sum"))); /* not one call: no score */
	ck_assert_double_eq(num(fs, "S2", "prs/T/sum"), 1120);
	grx_facts_free(fs);
}
END_TEST

/* Rows without a record stay out of the sum; their expectation is told apart from it. */
START_TEST(test_uncovered)
{
	write_score(
		HEAD "\tallelefrequency_effect\n"
		     "rs1\t1\t100\tG\tA\t1\t0.5\nrs2\t1\t200\tG\tA\t10\t0.25\nrs3\t1\t300\tG\tA\t100\t\n");
	struct grx_vars *b = grx_vars_new(mem, hdr);
	put(b, 0, 100, "A,G", (const char *[]){"01", "11"});
	struct prs_opt o = opt_default();
	struct grx_facts *fs = run(&o, b, 100, NULL);
	const struct grx_fact *f = grx_facts_find(fs, "S1", "prs/T/sum");
	ck_assert_double_eq(f->value.num, 1);
	ck_assert_str_eq(grx_fact_attr_get(f, "uncovered_expected"), "5");
	ck_assert_str_eq(grx_fact_attr_get(f, "n_uncovered_expected"), "1");
	grx_facts_free(fs);
}
END_TEST

START_TEST(test_dosage_weights)
{
	write_score("#pgs_id=T\n#genome_build=hg38\nchr_name\tchr_position\teffect_allele\tother_allele\t"
		    "dosage_0_weight\tdosage_1_weight\tdosage_2_weight\n"
		    "1\t100\tG\tA\t-1\t0.5\t4\n");
	struct grx_vars *b = grx_vars_new(mem, hdr);
	put(b, 0, 100, "A,G", (const char *[]){"00", "11"});
	struct prs_opt o = opt_default();
	struct grx_facts *fs = run(&o, b, 100, NULL);
	ck_assert_double_eq(num(fs, "S1", "prs/T/sum"), -1);
	ck_assert_double_eq(num(fs, "S2", "prs/T/sum"), 4);
	grx_facts_free(fs);
}
END_TEST

START_TEST(test_reference_block)
{
	write_score(HEAD "\n"
			 "rs1\t1\t100\tG\tA\t1\n"   /* block starts here: REF A known */
			 "rs2\t1\t100\tA\tG\t10\n"  /* same locus, effect is REF */
			 "rs3\t1\t150\tG\tA\t100\n" /* inside the block, REF unknown without a reference */
			 "rs4\t1\t900\tG\tA\t100\n");
	struct grx_vars *b = grx_vars_new(mem, hdr);
	put(b, 0, 100, "A,<NON_REF>", (const char *[]){"00", "00"});
	b->v[0].rlen = 101;
	struct grx_field *gq = grx_var_fmt_set(mem, &b->v[0], "GQ", GRX_T_INT, 1, 2);
	gq->v.i[0] = 50;
	gq->v.i[1] = 10;
	struct prs_opt o = opt_default();
	json_t *s = json_object();
	struct grx_facts *fs = run(&o, b, 100, s);
	ck_assert_double_eq(num(fs, "S1", "prs/T/sum"), 20);
	ck_assert_double_eq(num(fs, "S1", "prs/T/coverage"), 0.5);
	ck_assert_double_eq(num(fs, "S2", "prs/T/coverage"), 0); /* GQ 10 < 20: not a call */
	ck_assert_int_eq(reason(s, "matched_reference_block"), 2);
	ck_assert_int_eq(reason(s, "no_reference_base"), 1);
	ck_assert_int_eq(reason(s, "no_locus"), 1);
	grx_facts_free(fs);
	json_decref(s);
}
END_TEST

START_TEST(test_x_haploid)
{
	write_score(
		HEAD "\tallelefrequency_effect\nx1\tX\t100\tG\tA\t1\t0.25\nx2\t23\t200\tG\tA\t10\t0.25\n");
	struct grx_vars *b = grx_vars_new(mem, hdr);
	put(b, 1, 100, "A,G", (const char *[]){"1", "01"});
	put(b, 1, 200, "A,G", (const char *[]){".", "11"});
	struct prs_opt o = opt_default();
	struct grx_facts *fs = run(&o, b, 100, NULL);
	ck_assert_double_eq(num(fs, "S1", "prs/T/sum"), 2 + 5);
	ck_assert_double_eq(num(fs, "S2", "prs/T/sum"), 21);
	grx_facts_free(fs);
	o.x_haploid = "single";
	fs = run(&o, b, 100, NULL);
	ck_assert_double_eq(num(fs, "S1", "prs/T/sum"), 1 + 2.5);
	grx_facts_free(fs);
}
END_TEST

START_TEST(test_duplicates)
{
	write_score(HEAD "\n"
			 "a\t1\t100\tG\tA\t1\nb\t1\t100\tG\tA\t1\n"       /* repetition: once */
			 "c\t1\t200\tG\tA\t10\nd\t1\t200\tG\tA\t20\n"     /* contradiction: neither */
			 "e\t1\t300\tG\tA\t100\nf\t1\t300\tA\tG\t300\n"); /* both alleles: both */
	struct grx_vars *b = grx_vars_new(mem, hdr);
	for (int i = 1; i <= 3; i++)
		put(b, 0, 100 * i, "A,G", (const char *[]){"01", "11"});
	struct prs_opt o = opt_default();
	json_t *s = json_object();
	struct grx_facts *fs = run(&o, b, 100, s);
	ck_assert_double_eq(num(fs, "S1", "prs/T/sum"), 1 + 100 + 300);
	ck_assert_int_eq(reason(s, "duplicate"), 1);
	ck_assert_int_eq(reason(s, "contradictory"), 2);
	grx_facts_free(fs);
	json_decref(s);
}
END_TEST

/* Records of one position in different shards, blocks that reach over, many cuts: always the same facts. */
START_TEST(test_cuts)
{
	char text[8192];
	int n = snprintf(text, sizeof text, "%s\n", HEAD);
	for (int i = 0; i < 40; i++)
		n += snprintf(text + n, sizeof text - (size_t)n, "r%d\t1\t%d\t%s\tA\t%d.%d\n", i,
			100 + 10 * (i / 2), i % 2 ? "C" : "G", i, i * 7 % 10);
	write_score(text);
	struct grx_vars *b = grx_vars_new(mem, hdr);
	for (int i = 0; i < 20; i++) {
		put(b, 0, 100 + 10 * i, "A,<NON_REF>", (const char *[]){"00", "00"});
		b->v[b->n - 1].rlen = 25;
		if (i % 3)
			put(b, 0, 100 + 10 * i, i % 2 ? "A,C" : "A,G", (const char *[]){"01", "11"});
		if (i % 4 == 0)
			put(b, 0, 100 + 10 * i, "A,T", (const char *[]){"01", "11"});
	}
	struct prs_opt o = opt_default();
	json_t *s0 = json_object();
	struct grx_facts *want = run(&o, b, 1000, s0);
	ck_assert_int_eq(grx_facts_find(want, "S1", "prs/T/sum")->n_because, PRS_TOP);
	ck_assert_int_gt((int)reason(s0, "matched"), 10);
	for (size_t step = 1; step < 12; step++) {
		json_t *s = json_object();
		struct grx_facts *fs = run(&o, b, step, s);
		ck_assert_uint_eq(fs->n, want->n);
		for (size_t i = 0; i < fs->n; i++) {
			const struct grx_fact *f = fs->v[i], *w = want->v[i];
			ck_assert_msg(memcmp(&f->value.num, &w->value.num, sizeof(double)) == 0,
				"step %zu %s", step, f->key);
			ck_assert_int_eq(f->n_because, w->n_because);
			for (int j = 0; j < f->n_because; j++)
				ck_assert_str_eq(f->because[j].name, w->because[j].name);
		}
		ck_assert_msg(json_equal(s, s0), "step %zu", step);
		grx_facts_free(fs);
		json_decref(s);
	}
	grx_facts_free(want);
	json_decref(s0);
}
END_TEST

static int open_status(const char *text)
{
	void *st = NULL;
	struct prs_opt o = opt_default();
	write_score(text);
	grx_ctx_reset(&cx);
	struct grx_facts *fs = grx_facts_new();
	int rc = ST.open(&o, &cx, &st);
	if (rc == GRX_OK)
		rc = ST.finish(st, &cx, fs, NULL);
	ST.close(st);
	grx_facts_free(fs);
	return rc;
}

START_TEST(test_bad_files)
{
	ck_assert_int_eq(
		open_status("#genome_build=GRCh37\nchr_name\tchr_position\teffect_allele\teffect_weight\n"
			    "1\t5\tA\t1\n"),
		GRX_E_MISMATCH);
	ck_assert_int_eq(open_status(HEAD "\nrs1\t1\t100\tG\tA\tx\n"), GRX_E_DATA);
	ck_assert_ptr_nonnull(strstr(cx.err.msg, "score.txt:4"));
	ck_assert_int_eq(open_status(HEAD "\nrs1\t1\t0\tG\tA\t1\n"), GRX_E_DATA);
	ck_assert_int_eq(open_status(HEAD "\nrs1\t1\t10\tG\tA\n"), GRX_E_DATA);
	ck_assert_int_eq(open_status(HEAD "\nrs1\t1\t10\tG\tA\t1\t2\n"), GRX_E_DATA);
	ck_assert_int_eq(open_status(HEAD "\nrs1\t1\t10\tG\tA\t1e400\n"), GRX_E_DATA);
	ck_assert_int_eq(open_status(HEAD "\n"), GRX_E_DATA);
	/* by ID alone: a fused run has nowhere to look it up, the rows have no position */
	ck_assert_int_eq(open_status("rsID\teffect_allele\teffect_weight\nrs1\tA\t1\n"), GRX_OK);
	ck_assert_int_eq(open_status(HEAD "\nrs1\t1\t10\tg\ta\t1\n"), GRX_OK);
}
END_TEST

START_TEST(test_wants)
{
	write_score(HEAD "\nrs1\t1\t100\tG\tA\t1\nrs2\t1\t50\tAT\tA\t1\nrs3\t9\t50\tA\tC\t1\n");
	struct prs_opt o = opt_default();
	struct grx_sites *sites = grx_sites_new();
	struct grx_reads_info info = {0};
	ck_assert_int_eq(ST.wants(&o, &cx, sites), 0);
	ck_assert_uint_eq(sites->n, 0); /* variants in: nobody to ask */
	cx.reads = &info;
	ck_assert_int_eq(ST.wants(&o, &cx, sites), 0);
	ck_assert_uint_eq(sites->n, 2);
	ck_assert_int_eq((int)sites->v[1].pos, 99);
	ck_assert_str_eq(sites->v[1].alt, "G,A");
	ck_assert_str_eq(sites->v[1].id, "rs1");
	grx_sites_free(sites);
}
END_TEST

/* A multiallelic site over two records: REF is what neither record calls otherwise. */
START_TEST(test_split_records)
{
	write_score(HEAD "\nrs1\t1\t100\tA\tG\t1\nrs2\t1\t100\tC\tA\t10\n");
	struct grx_vars *b = grx_vars_new(mem, hdr);
	put(b, 0, 100, "A,G", (const char *[]){"01", "00"});
	put(b, 0, 100, "A,C", (const char *[]){"01", "01"});
	struct prs_opt o = opt_default();
	struct grx_facts *fs = run(&o, b, 100, NULL);
	ck_assert_double_eq(num(fs, "S1", "prs/T/sum"), 0 + 10); /* G/C: no A */
	ck_assert_double_eq(num(fs, "S2", "prs/T/sum"), 1 + 10); /* A/C */
	grx_facts_free(fs);
}
END_TEST

/* Alleles of several bases are reversed too on the other strand; those of different lengths never flip. */
START_TEST(test_other_strand)
{
	write_score(HEAD "\nrs1\t1\t100\tGT\tCC\t1\nrs2\t1\t200\tTA\tT\t10\nrs3\t1\t300\tTG\tGG\t100\n");
	struct grx_vars *b = grx_vars_new(mem, hdr);
	put(b, 0, 100, "GG,AC", (const char *[]){"01", "11"}); /* the other strand of CC, GT */
	put(b, 0, 200, "A,AT", (const char *[]){"01", "11"});
	put(b, 0, 300, "CC,AC", (const char *[]){"01", "11"}); /* complement without reversal */
	struct prs_opt o = opt_default();
	json_t *s = json_object();
	struct grx_facts *fs = run(&o, b, 100, s);
	ck_assert_double_eq(num(fs, "S1", "prs/T/sum"), 1);
	ck_assert_int_eq(reason(s, "matched_flip"), 1);
	ck_assert_int_eq(reason(s, "allele_mismatch"), 2);
	grx_facts_free(fs);
	json_decref(s);
	o.no_flip = true;
	s = json_object();
	fs = run(&o, b, 100, s);
	ck_assert_int_eq(reason(s, "flip_dropped"), 1);
	grx_facts_free(fs);
	json_decref(s);
}
END_TEST

/* One known allele and one drawn from the population, against all genotypes it may be. */
START_TEST(test_half_call)
{
	static const double f = 0.3;
	static const char *const how[] = {"\t\t", "\tTrue\tFalse", "\tFalse\tTrue"};
	static const double want[] = {1 + 0.3, 1, 0.3};
	for (int k = 0; k < 3; k++) {
		char text[512];
		snprintf(text, sizeof text,
			HEAD
			"\tallelefrequency_effect\tis_dominant\tis_recessive\nr\t1\t100\tG\tA\t2\t%g%s\n",
			f, how[k]);
		write_score(text);
		struct grx_vars *b = grx_vars_new(mem, hdr);
		put(b, 0, 100, "A,G", (const char *[]){".1", "11"});
		struct prs_opt o = opt_default();
		o.half_call = "expect";
		struct grx_facts *fs = run(&o, b, 100, NULL);
		const struct grx_fact *s1 = grx_facts_find(fs, "S1", "prs/T/sum");
		ck_assert_double_eq_tol(s1->value.num, 2 * want[k], 1e-9);
		double sd = (s1->hi - s1->lo) / 2 / 1.959963985;
		ck_assert_double_eq_tol(sd, k == 1 ? 0 : 2 * sqrt(f * (1 - f)), 1e-6);
		grx_facts_free(fs);
	}
}
END_TEST

/* (d - 2f) / sqrt(2f(1-f)); a no-call is the mean. */
START_TEST(test_standardise)
{
	write_score(HEAD "\tallelefrequency_effect\nr1\t1\t100\tG\tA\t3\t0.2\nr2\t1\t200\tA\tG\t5\t0.9\n"
			 "r3\t1\t300\tG\tA\t7\t0\nr4\t1\t400\tG\tA\t7\t\n");
	struct grx_vars *b = grx_vars_new(mem, hdr);
	put(b, 0, 100, "A,G", (const char *[]){"01", ".."});
	put(b, 0, 200, "A,G", (const char *[]){"01", "11"});
	put(b, 0, 300, "A,G", (const char *[]){"01", "11"});
	put(b, 0, 400, "A,G", (const char *[]){"01", "11"}); /* no frequency */
	struct prs_opt o = opt_default();
	o.standardise = "centre";
	json_t *s = json_object();
	struct grx_facts *fs = run(&o, b, 100, s);
	ck_assert_double_eq_tol(num(fs, "S1", "prs/T/sum"), 3 * (1 - 0.4) + 5 * (1 - 1.8) + 7, 1e-9);
	ck_assert_double_eq_tol(num(fs, "S2", "prs/T/sum"), 5 * (0 - 1.8) + 14, 1e-9);
	ck_assert_int_eq(reason(s, "no_frequency"), 1);
	json_decref(s);
	grx_facts_free(fs);
	o.standardise = "variance";
	fs = run(&o, b, 100, NULL);
	ck_assert_double_eq_tol(num(fs, "S1", "prs/T/sum"),
		3 * (1 - 0.4) / sqrt(2 * 0.2 * 0.8) + 5 * (1 - 1.8) / sqrt(2 * 0.9 * 0.1), 1e-9);
	grx_facts_free(fs);
}
END_TEST

/* E and Var of copies by Bayes from PL, here summed by hand. */
START_TEST(test_likelihoods)
{
	static const int pl[2][3] = {{20, 0, 30}, {0, 3, 40}};
	static const double f = 0.1, w = 4;
	write_score(HEAD "\tallelefrequency_effect\nr1\t1\t100\tG\tA\t4\t0.1\n");
	struct grx_vars *b = grx_vars_new(mem, hdr);
	put(b, 0, 100, "A,G", (const char *[]){"01", "00"});
	struct grx_field *p = grx_var_fmt_set(mem, &b->v[0], "PL", GRX_T_INT, 3, 2);
	for (int i = 0; i < 6; i++)
		p->v.i[i] = pl[i / 3][i % 3];
	struct prs_opt o = opt_default();
	struct grx_facts *fs = run(&o, b, 100, NULL);
	for (int i = 0; i < 2; i++) {
		double q[3] = {(1 - f) * (1 - f), 2 * f * (1 - f), f * f}, sum = 0, e = 0, e2 = 0;
		for (int g = 0; g < 3; g++)
			sum += q[g] *= pow(10, -pl[i][g] / 10.0);
		for (int g = 0; g < 3; g++) {
			e += g * q[g] / sum;
			e2 += g * g * q[g] / sum;
		}
		const struct grx_fact *s = grx_facts_find(fs, i ? "S2" : "S1", "prs/T/sum");
		ck_assert_double_eq_tol(s->value.num, w * e, 1e-5);
		ck_assert_double_eq_tol((s->hi - s->lo) / 2 / 1.959963985, w * sqrt(e2 - e * e), 1e-4);
	}
	grx_facts_free(fs);
	o.dosage = "GT";
	fs = run(&o, b, 100, NULL);
	ck_assert_double_eq(num(fs, "S1", "prs/T/sum"), 4);
	ck_assert_double_eq(num(fs, "S2", "prs/T/sum"), 0);
	grx_facts_free(fs);
}
END_TEST

/* Nobody in the panel had it: the reads of one who has it still count. */
START_TEST(test_likelihood_unseen)
{
	write_score(HEAD "\tallelefrequency_effect\nr1\t1\t100\tG\tA\t4\t0\nr2\t1\t200\tG\tA\t4\t1\n");
	struct grx_vars *b = grx_vars_new(mem, hdr);
	for (int k = 1; k <= 2; k++) {
		put(b, 0, 100 * k, "A,G", (const char *[]){"01", "01"});
		struct grx_field *p = grx_var_fmt_set(mem, &b->v[b->n - 1], "PL", GRX_T_INT, 3, 2);
		for (int i = 0; i < 6; i++)
			p->v.i[i] = i % 3 == 1 ? 0 : 250;
	}
	struct prs_opt o = opt_default();
	struct grx_facts *fs = run(&o, b, 100, NULL);
	ck_assert_double_eq_tol(num(fs, "S1", "prs/T/sum"), 8, 1e-5);
	grx_facts_free(fs);
}
END_TEST

/* Of an A/T row, frequencies far from one half tell the strand. */
START_TEST(test_palindrome_frequency)
{
	struct grx_hdr *many = grx_hdr_new(dict);
	char name[16];
	const char *gt[60];
	for (int i = 0; i < 60; i++) {
		snprintf(name, sizeof name, "P%d", i);
		ck_assert_int_eq(grx_hdr_sample_add(&cx, many, name), 0);
		gt[i] = i < 12 ? "01" : "00"; /* T: 0.1 */
	}
	struct grx_hdr *few = hdr;
	cx.hdr = hdr = many;
	write_score(HEAD "\tallelefrequency_effect\nr1\t1\t100\tT\tA\t1\t0.12\nr2\t1\t200\tT\tA\t10\t0.88\n"
			 "r3\t1\t300\tT\tA\t100\t0.48\n");
	struct grx_vars *b = grx_vars_new(mem, many);
	for (int i = 1; i <= 3; i++)
		put(b, 0, 100 * i, "A,T", gt);
	struct prs_opt o = opt_default();
	o.palindromes = "auto";
	json_t *s = json_object();
	struct grx_facts *fs = run(&o, b, 100, s);
	ck_assert_double_eq(num(fs, "P0", "prs/T/sum"), 1);
	ck_assert_int_eq(reason(s, "matched_palindromic"), 1);
	ck_assert_int_eq(reason(s, "frequency_contradicts"), 1);
	ck_assert_int_eq(reason(s, "palindromic_dropped"), 1);
	grx_facts_free(fs);
	json_decref(s);
	grx_hdr_free(many);
	cx.hdr = hdr = few;
}
END_TEST

/* Alleles that do not fit where there are records: the file is of another build, whatever it says. */
START_TEST(test_other_build)
{
	char text[4096];
	int n = snprintf(text, sizeof text, "%s\n", HEAD);
	struct grx_vars *b = grx_vars_new(mem, hdr);
	for (int i = 0; i < 30; i++) {
		n += snprintf(text + n, sizeof text - (size_t)n, "r%d\t1\t%d\t%s\tA\t1\n", i, 100 + 10 * i,
			i % 3 ? "C" : "G");
		put(b, 0, 100 + 10 * i, "A,G", (const char *[]){"01", "11"});
	}
	write_score(text);
	struct prs_opt o = opt_default();
	struct grx_facts *fs = run(&o, b, 100, NULL);
	ck_assert_int_eq(grx_facts_find(fs, "S1", "prs/T/sum")->status, GRX_FACT_REFUSED);
	grx_facts_free(fs);
}
END_TEST

int main(void)
{
	if (!mkdtemp(dir))
		return 1;
	Suite *s = suite_create("prs");
	TCase *tc = tcase_create("prs");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_match);
	tcase_add_test(tc, test_missing);
	tcase_add_test(tc, test_uncovered);
	tcase_add_test(tc, test_dosage_weights);
	tcase_add_test(tc, test_reference_block);
	tcase_add_test(tc, test_x_haploid);
	tcase_add_test(tc, test_duplicates);
	tcase_add_test(tc, test_cuts);
	tcase_add_test(tc, test_split_records);
	tcase_add_test(tc, test_other_strand);
	tcase_add_test(tc, test_half_call);
	tcase_add_test(tc, test_standardise);
	tcase_add_test(tc, test_likelihoods);
	tcase_add_test(tc, test_likelihood_unseen);
	tcase_add_test(tc, test_palindrome_frequency);
	tcase_add_test(tc, test_other_build);
	tcase_add_test(tc, test_bad_files);
	tcase_add_test(tc, test_wants);
	suite_add_tcase(s, tc);
	SRunner *sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	rmdir(dir);
	return failed ? 1 : 0;
}
