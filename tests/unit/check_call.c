/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_call.c -- the call stage on hand-made piles: genotypes, mates, ploidy, forced sites, indels, blocks.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "bio/contig.h"
#include "bio/sites.h"
#include "math/prob.h"
#include "stage/call/call_int.h"
#include "stage/stages.h"

#define REF_LEN  3000
#define HOMO_POS 1500 /* CAAAAAAAAG: first A at HOMO_POS */
#define HOMO_LEN 8
#define READ_LEN 100
#define SNV_POS  1000

struct fixture {
	struct grx_ctx cx;
	struct grx_contigs *contigs;
	struct grx_arena *mem;
	struct grx_shard sh;
	struct grx_reads reads;
	struct call_opt opt;
	char ref[REF_LEN + 1];
	int n_name;
	bool high_mapq;
};

static struct fixture fx;

static void setup_contig(const char *name)
{
	static int dummy;
	memset(&fx, 0, sizeof(fx));
	grx_math_init();
	fx.mem = grx_arena_new();
	fx.contigs = grx_contigs_new();
	ck_assert_int_eq(grx_contigs_add(&fx.cx, fx.contigs, name, REF_LEN, NULL), GRX_OK);
	uint32_t x = 12345;
	for (int i = 0; i < REF_LEN; i++) {
		x = x * 1664525u + 1013904223u;
		fx.ref[i] = "ACGT"[x >> 24 & 3];
		/* no repeats but the planted one: neighbours differ */
		if (i > 0 && fx.ref[i] == fx.ref[i - 1])
			fx.ref[i] = fx.ref[i] == 'A'   ? 'C'
				    : fx.ref[i] == 'C' ? 'G'
				    : fx.ref[i] == 'G' ? 'T'
						       : 'A';
	}
	memset(fx.ref + HOMO_POS, 'A', HOMO_LEN);
	fx.ref[HOMO_POS - 1] = 'C';
	fx.ref[HOMO_POS + HOMO_LEN] = 'G';
	fx.cx.contigs = fx.contigs;
	fx.cx.fasta = (struct grx_fasta *)&dummy;
	fx.cx.hdr = grx_hdr_new(fx.contigs);
	ck_assert_int_eq(grx_hdr_sample_add(&fx.cx, fx.cx.hdr, "S1"), GRX_OK);
	fx.cx.sites = grx_sites_new();
	fx.sh = (struct grx_shard){.tid = 0,
		.beg = 500,
		.end = 2500,
		.halo_beg = 0,
		.halo_end = REF_LEN,
		.ref = fx.ref,
		.ref_beg = 0,
		.ref_end = REF_LEN,
		.reads = &fx.reads,
		.mem = fx.mem,
		.scratch = fx.mem};
	fx.opt = (struct call_opt){.sex = "auto",
		.min_mapq = 20,
		.min_baseq = 13,
		.max_depth = 500,
		.min_qual = 20,
		.emit_qual = 5,
		.snv_prior = 1e-3,
		.indel_prior = 1e-4};
}

static void setup(void)
{
	setup_contig("chr20");
}

static void teardown(void)
{
	grx_sites_free(fx.cx.sites);
	grx_hdr_free(fx.cx.hdr);
	grx_contigs_free(fx.contigs);
	grx_arena_free(fx.mem);
	free(fx.reads.v);
}

static const char *name_of(int id)
{
	return grx_arena_printf(fx.mem, "frag%d", id);
}

/* A read at pos whose CIGAR has no gap, from the bases of text. */
static struct grx_read *put_read(int64_t pos, const char *text, const uint32_t *cigar, uint32_t n_cigar)
{
	size_t n = strlen(text);
	fx.reads.v = realloc(fx.reads.v, (fx.reads.n + 1) * sizeof(*fx.reads.v));
	struct grx_read *r = &fx.reads.v[fx.reads.n++];
	uint8_t *seq = grx_arena_calloc(fx.mem, n / 2 + 1, 1), *qual = grx_arena_alloc(fx.mem, n, 1);
	for (size_t i = 0; i < n; i++) {
		uint8_t c = text[i] == 'A'   ? 1
			    : text[i] == 'C' ? 2
			    : text[i] == 'G' ? 4
			    : text[i] == 'T' ? 8
					     : 15;
		seq[i / 2] |= (uint8_t)(i % 2 ? c : c << 4);
		qual[i] = 30;
	}
	int64_t end = pos;
	for (uint32_t i = 0; i < n_cigar; i++)
		end += GRX_CIG_REF(GRX_CIG_OP(cigar[i])) ? GRX_CIG_LEN(cigar[i]) : 0;
	uint32_t *cg = grx_arena_alloc(fx.mem, n_cigar, sizeof(*cg));
	memcpy(cg, cigar, n_cigar * sizeof(*cg));
	const char *name = name_of(fx.n_name++);
	*r = (struct grx_read){.pos = pos,
		.end = end,
		.mapq = 60,
		.l_seq = (int32_t)n,
		.n_cigar = n_cigar,
		.cigar = cg,
		.seq = seq,
		.qual = qual,
		.mtid = -1,
		.mpos = -1,
		.name = name,
		.name_hash = grx_hash_str(name),
		.nm = -1};
	r->flag = fx.n_name % 2 ? GRX_R_REVERSE : 0;
	return r;
}

/* n plain reads that cover pos, spread evenly; base != 0 replaces the base at pos. */
static void pile(int n, int64_t pos, char base)
{
	for (int i = 0; i < n; i++) {
		char t[READ_LEN + 1];
		int64_t beg = pos - 20 - (n - 1 - i) * 60 / (n > 1 ? n - 1 : 1);
		uint32_t c = READ_LEN << 4;
		memcpy(t, fx.ref + beg, READ_LEN);
		t[READ_LEN] = 0;
		if (base)
			t[pos - beg] = base;
		put_read(beg, t, &c, 1);
	}
}

static int by_pos(const void *a, const void *b)
{
	const struct grx_read *x = a, *y = b;
	return x->pos < y->pos ? -1 : x->pos > y->pos;
}

static const struct grx_vars *run(void)
{
	void *state = NULL;
	if (fx.reads.n)
		qsort(fx.reads.v, fx.reads.n, sizeof(*fx.reads.v), by_pos);
	ck_assert_int_eq(grx_sites_finish(&fx.cx, fx.cx.sites), GRX_OK);
	ck_assert_int_eq(grx_stage_call.open(&fx.opt, &fx.cx, &state), GRX_OK);
	ck_assert_msg(grx_stage_call.shard(state, &fx.cx, &fx.sh) == GRX_OK, "%s", fx.cx.err.msg);
	ck_assert_int_eq(grx_stage_call.merge(state, &fx.cx, &fx.sh), GRX_OK);
	grx_stage_call.close(state);
	return fx.sh.vars;
}

static char other(char c)
{
	return c == 'A' ? 'G' : c == 'G' ? 'A' : c == 'C' ? 'T' : 'C';
}

static void force(int64_t pos, const char *ref, const char *alt)
{
	struct grx_site s = {.tid = 0, .pos = pos, .ref = (char *)ref, .alt = (char *)alt};
	ck_assert_int_eq(grx_sites_add(&fx.cx, fx.cx.sites, &s), GRX_OK);
}

static int32_t fmt_int(const struct grx_var *v, const char *key, int i)
{
	const struct grx_field *f = grx_var_fmt(v, key);
	ck_assert_ptr_nonnull(f);
	return f->v.i[i];
}

static void expect_gt(const struct grx_var *v, int ploidy, int a, int b)
{
	ck_assert_int_eq(v->ploidy, ploidy);
	ck_assert_int_eq(GRX_GT_ALLELE(v->gt[0]), a);
	if (ploidy == 2)
		ck_assert_int_eq(GRX_GT_ALLELE(v->gt[1]), b);
}

START_TEST(test_hom_ref_prints_nothing)
{
	pile(30, SNV_POS, 0);
	ck_assert_uint_eq(run()->n, 0);
}
END_TEST

START_TEST(test_het)
{
	pile(15, SNV_POS, 0);
	pile(15, SNV_POS, other(fx.ref[SNV_POS]));
	const struct grx_vars *v = run();
	ck_assert_uint_eq(v->n, 1);
	ck_assert_int_eq(v->v[0].pos, SNV_POS);
	expect_gt(&v->v[0], 2, 0, 1);
	ck_assert_int_eq(fmt_int(&v->v[0], "DP", 0), 30);
	ck_assert_int_eq(fmt_int(&v->v[0], "AD", 0), 15);
	ck_assert_int_eq(fmt_int(&v->v[0], "AD", 1), 15);
	ck_assert_int_eq(fmt_int(&v->v[0], "ADF", 1) + fmt_int(&v->v[0], "ADR", 1), 15);
	ck_assert_int_eq(fmt_int(&v->v[0], "PL", 1), 0);
	ck_assert_int_gt(fmt_int(&v->v[0], "PL", 0), 60);
	ck_assert_int_gt(fmt_int(&v->v[0], "PL", 2), 60);
	ck_assert_int_gt(fmt_int(&v->v[0], "GQ", 0), 60);
}
END_TEST

START_TEST(test_hom_alt)
{
	pile(20, SNV_POS, other(fx.ref[SNV_POS]));
	const struct grx_vars *v = run();
	ck_assert_uint_eq(v->n, 1);
	expect_gt(&v->v[0], 2, 1, 1);
	ck_assert_int_eq(fmt_int(&v->v[0], "PL", 2), 0);
	/* a diploid fragment seen under het costs log10(2): 20 x 3.01 */
	ck_assert_int_ge(fmt_int(&v->v[0], "PL", 1), 59);
	ck_assert_int_le(fmt_int(&v->v[0], "PL", 1), 61);
}
END_TEST

START_TEST(test_two_alts)
{
	const char *all = "ACGT";
	char a = 0, b = 0;
	for (int i = 0; i < 4; i++)
		if (all[i] != fx.ref[SNV_POS])
			a ? (void)(b = b ? b : all[i]) : (void)(a = all[i]);
	pile(15, SNV_POS, a);
	pile(15, SNV_POS, b);
	const struct grx_vars *v = run();
	ck_assert_uint_eq(v->n, 1);
	ck_assert_int_eq(v->v[0].n_allele, 3);
	expect_gt(&v->v[0], 2, 1, 2);
	ck_assert_int_eq(grx_var_fmt(&v->v[0], "PL")->n, 6);
}
END_TEST

START_TEST(test_haploid)
{
	teardown();
	setup_contig("chrM");
	pile(20, SNV_POS, other(fx.ref[SNV_POS]));
	const struct grx_vars *v = run();
	ck_assert_uint_eq(v->n, 1);
	expect_gt(&v->v[0], 1, 1, 0);
	ck_assert_int_eq(grx_var_fmt(&v->v[0], "PL")->n, 2);
}
END_TEST

START_TEST(test_errors_are_not_variants)
{
	/* 2 of 30 */
	pile(28, SNV_POS, 0);
	pile(2, SNV_POS, other(fx.ref[SNV_POS]));
	ck_assert_uint_eq(run()->n, 0);
}
END_TEST

/* Two reads of each fragment over the position: 4 fragments, not 8 observations. */
START_TEST(test_overlapping_mates_count_once)
{
	pile(8, SNV_POS, 0);
	pile(8, SNV_POS, other(fx.ref[SNV_POS]));
	for (size_t i = 0; i + 1 < fx.reads.n; i += 2) {
		struct grx_read *a = &fx.reads.v[i], *b = &fx.reads.v[i + 1];
		b->name = a->name;
		b->name_hash = a->name_hash;
		a->flag = GRX_R_PAIRED | GRX_R_READ1 | GRX_R_MREVERSE;
		b->flag = GRX_R_PAIRED | GRX_R_READ2 | GRX_R_REVERSE;
		a->mtid = b->mtid = 0;
		a->mpos = b->pos;
		b->mpos = a->pos;
	}
	const struct grx_vars *v = run();
	ck_assert_uint_eq(v->n, 1);
	ck_assert_int_eq(fmt_int(&v->v[0], "DP", 0), 8);
	ck_assert_int_eq(fmt_int(&v->v[0], "AD", 0), 4);
	ck_assert_int_eq(fmt_int(&v->v[0], "AD", 1), 4);
}
END_TEST

START_TEST(test_mates_join)
{
	int b = 1, q = 30;
	call_mates_join(&b, &q, 1, 30);
	ck_assert_int_eq(b, 1);
	ck_assert_int_eq(q, 45);
	q = 30;
	call_mates_join(&b, &q, 2, 37);
	ck_assert_int_eq(b, 2);
	ck_assert_int_eq(q, 7);
}
END_TEST

START_TEST(test_duplicates_are_out)
{
	pile(10, SNV_POS, 0);
	pile(10, SNV_POS, other(fx.ref[SNV_POS]));
	for (size_t i = 10; i < 20; i++)
		fx.reads.v[i].flag |= GRX_R_DUP;
	ck_assert_uint_eq(run()->n, 0);
}
END_TEST

START_TEST(test_forced_states)
{
	char ref[3][2] = {{fx.ref[SNV_POS], 0}, {fx.ref[2000], 0}, {fx.ref[SNV_POS + 5], 0}};
	char alt[2] = {other(fx.ref[SNV_POS]), 0}, alt2[2] = {other(fx.ref[2000]), 0};
	pile(20, SNV_POS, 0);
	force(SNV_POS, ref[0], alt); /* hom-ref */
	force(2000, ref[1], alt2);   /* no reads */
	force(SNV_POS + 5, ref[2], ".");
	const struct grx_vars *v = run();
	ck_assert_uint_eq(v->n, 3);
	expect_gt(&v->v[0], 2, 0, 0);
	ck_assert_int_eq(fmt_int(&v->v[0], "AD", 0), 20);
	ck_assert_int_eq(fmt_int(&v->v[0], "PL", 0), 0);
	ck_assert_int_gt(fmt_int(&v->v[0], "GQ", 0), 30);
	ck_assert_int_eq(v->v[1].n_allele, 1);
	expect_gt(&v->v[1], 2, 0, 0);
	ck_assert_int_gt(fmt_int(&v->v[1], "GQ", 0), 30);
	expect_gt(&v->v[2], 2, -1, -1);
	ck_assert_int_eq(fmt_int(&v->v[2], "DP", 0), 0);
	ck_assert_ptr_null(grx_var_fmt(&v->v[2], "PL"));
}
END_TEST

/* The allele asked for is absent, another one is there: both are in the record. */
START_TEST(test_forced_keeps_called_allele)
{
	char ref[2] = {fx.ref[SNV_POS], 0}, called = other(ref[0]), want[2] = {0};
	for (int i = 0; i < 4; i++)
		if ("ACGT"[i] != ref[0] && "ACGT"[i] != called)
			want[0] = "ACGT"[i];
	pile(15, SNV_POS, 0);
	pile(15, SNV_POS, called);
	force(SNV_POS, ref, want);
	const struct grx_vars *v = run();
	ck_assert_uint_eq(v->n, 1);
	ck_assert_int_eq(v->v[0].n_allele, 3);
	ck_assert_str_eq(v->v[0].allele[1], want);
	expect_gt(&v->v[0], 2, 0, 2);
}
END_TEST

/* n reads around the homopolymer with `del` of its bases gone; at = where the mapper put the gap (0 left, 1
 * right) */
static void pile_del(int n, int del, int at)
{
	for (int i = 0; i < n; i++) {
		char t[READ_LEN + 1];
		int64_t beg = HOMO_POS - 20 - i * 50 / n;
		int64_t left = HOMO_POS - beg + (at ? HOMO_LEN - del : 0);
		memcpy(t, fx.ref + beg, (size_t)left);
		memcpy(t + left, fx.ref + beg + left + del, (size_t)(READ_LEN - left));
		t[READ_LEN] = 0;
		uint32_t c[3] = {
			(uint32_t)left << 4, (uint32_t)del << 4 | GRX_C_D, (uint32_t)(READ_LEN - left) << 4};
		put_read(beg, t, c, 3);
	}
}

START_TEST(test_deletion_is_left_aligned)
{
	pile(15, HOMO_POS, 0);
	pile_del(8, 2, 0);
	pile_del(8, 2, 1);
	const struct grx_vars *v = run();
	ck_assert_uint_eq(v->n, 1);
	ck_assert_int_eq(v->v[0].pos, HOMO_POS - 1);
	ck_assert_str_eq(v->v[0].allele[0], "CAA");
	ck_assert_str_eq(v->v[0].allele[1], "C");
	expect_gt(&v->v[0], 2, 0, 1);
	ck_assert_int_eq(fmt_int(&v->v[0], "AD", 1), 16);
}
END_TEST

/* Reads of a deleted haplotype that end soon after it, mapped with mismatches and no gap: must not make SNVs.
 */
START_TEST(test_realignment_removes_false_snvs)
{
	char t[READ_LEN + 1] = {0};
	pile(15, HOMO_POS, 0);
	pile_del(10, 3, 0);
	for (int i = 0; i < 6; i++) {
		int64_t beg = HOMO_POS + HOMO_LEN + 6 + i - READ_LEN, left = HOMO_POS - beg;
		uint32_t c = READ_LEN << 4;
		memcpy(t, fx.ref + beg, (size_t)left);
		memcpy(t + left, fx.ref + HOMO_POS + 3, (size_t)(READ_LEN - left));
		put_read(beg, t, &c, 1);
	}
	const struct grx_vars *v = run();
	ck_assert_uint_eq(v->n, 1);
	ck_assert_str_eq(v->v[0].allele[0], "CAAA");
	ck_assert_int_eq(fmt_int(&v->v[0], "AD", 1), 16);
}
END_TEST

START_TEST(test_forced_indel)
{
	pile(20, HOMO_POS, 0);
	force(HOMO_POS - 1, "CA", "C,CAA");
	const struct grx_vars *v = run();
	ck_assert_uint_eq(v->n, 1);
	ck_assert_int_eq(v->v[0].n_allele, 3);
	expect_gt(&v->v[0], 2, 0, 0);
	ck_assert_int_gt(fmt_int(&v->v[0], "AD", 0), 10);
}
END_TEST

/* A site that is not left-aligned is printed as it was given and finds the deletion all the same. */
START_TEST(test_forced_not_left_aligned)
{
	pile(15, HOMO_POS, 0);
	pile_del(15, 2, 0);
	force(HOMO_POS + 3, "AAA", "A");
	const struct grx_vars *v = run();
	ck_assert_uint_eq(v->n, 1);
	ck_assert_int_eq(v->v[0].pos, HOMO_POS + 3);
	ck_assert_str_eq(v->v[0].allele[0], "AAA");
	ck_assert_str_eq(v->v[0].allele[1], "A");
	expect_gt(&v->v[0], 2, 0, 1);
}
END_TEST

START_TEST(test_forced_symbolic_is_no_call)
{
	char ref[2] = {fx.ref[SNV_POS], 0};
	pile(15, SNV_POS, 0);
	force(SNV_POS, ref, "<DEL>");
	const struct grx_vars *v = run();
	ck_assert_uint_eq(v->n, 1);
	ck_assert_str_eq(v->v[0].allele[1], "<DEL>");
	expect_gt(&v->v[0], 2, -1, -1);
	ck_assert_int_eq(fmt_int(&v->v[0], "DP", 0), 15);
}
END_TEST

START_TEST(test_wrong_build_is_refused)
{
	void *state = NULL;
	char wrong[2] = {other(fx.ref[SNV_POS]), 0}, alt[2] = {fx.ref[SNV_POS], 0};
	pile(5, SNV_POS, 0);
	force(SNV_POS, wrong, alt);
	ck_assert_int_eq(grx_stage_call.open(&fx.opt, &fx.cx, &state), GRX_OK);
	ck_assert_int_eq(grx_stage_call.shard(state, &fx.cx, &fx.sh), GRX_OK);
	ck_assert_int_eq(grx_stage_call.merge(state, &fx.cx, &fx.sh), GRX_OK);
	ck_assert_int_eq(grx_stage_call.finish(state, &fx.cx, NULL, NULL), GRX_E_MISMATCH);
	grx_stage_call.close(state);
}
END_TEST

/* Every base of the core once; no coverage is a no-call. */
START_TEST(test_gvcf_tiles)
{
	fx.opt.gvcf = true;
	pile(15, SNV_POS, 0);
	pile(15, SNV_POS, other(fx.ref[SNV_POS]));
	pile(15, HOMO_POS, 0);
	pile_del(15, 2, 0);
	const struct grx_vars *v = run();
	int64_t next = fx.sh.beg;
	int n_var = 0, n_empty = 0;
	for (size_t i = 0; i < v->n; i++) {
		ck_assert_int_eq(v->v[i].pos, next);
		next = v->v[i].pos + v->v[i].rlen;
		if (!grx_var_is_ref_block(&v->v[i])) {
			n_var++;
			continue;
		}
		ck_assert_int_eq(grx_var_info(&v->v[i], "END")->v.i[0], next);
		bool empty = fmt_int(&v->v[i], "MIN_DP", 0) == 0;
		n_empty += empty;
		/* evidence that does not prefer the reference is a no-call too */
		ck_assert_int_eq(GRX_GT_ALLELE(v->v[i].gt[0]), grx_var_fmt(&v->v[i], "GQ") ? 0 : -1);
		ck_assert(!empty || !grx_var_fmt(&v->v[i], "GQ"));
	}
	ck_assert_int_eq(next, fx.sh.end);
	ck_assert_int_eq(n_var, 2);
	ck_assert_int_eq(n_empty, 3);
}
END_TEST

START_TEST(test_posterior)
{
	int pl[3];
	double gl[3] = {-50, -20, -60};
	struct call_prior prior[2] = {{0}, call_prior_default(1e-3)};
	struct call_rec r = {.pl = pl};
	call_posterior(gl, 2, 2, prior, &r);
	ck_assert_int_eq(r.gt[0], 0);
	ck_assert_int_eq(r.gt[1], 1);
	ck_assert_int_eq(r.pl[0], 130); /* 30 nats */
	/* 130.3 - 30 of the prior */
	ck_assert(r.qual > 100 && r.qual < 100.6);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("call");
	TCase *t = tcase_create("piles");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, test_hom_ref_prints_nothing);
	tcase_add_test(t, test_het);
	tcase_add_test(t, test_hom_alt);
	tcase_add_test(t, test_two_alts);
	tcase_add_test(t, test_haploid);
	tcase_add_test(t, test_errors_are_not_variants);
	tcase_add_test(t, test_overlapping_mates_count_once);
	tcase_add_test(t, test_mates_join);
	tcase_add_test(t, test_duplicates_are_out);
	tcase_add_test(t, test_forced_states);
	tcase_add_test(t, test_forced_keeps_called_allele);
	tcase_add_test(t, test_deletion_is_left_aligned);
	tcase_add_test(t, test_realignment_removes_false_snvs);
	tcase_add_test(t, test_forced_indel);
	tcase_add_test(t, test_forced_not_left_aligned);
	tcase_add_test(t, test_forced_symbolic_is_no_call);
	tcase_add_test(t, test_wrong_build_is_refused);
	tcase_add_test(t, test_gvcf_tiles);
	tcase_add_test(t, test_posterior);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
