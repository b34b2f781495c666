/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_call_rescore.c -- the re-scoring model: what a file must hold, scores worked out by hand, features of
 * hand-made piles. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "stage/call/call_int.h"

#define HEAD    "what\ttype\ttree\tnode\tname\tcut\tvalue\tleft\tright\ttext\n"
#define REF_LEN 2000
#define POS     1000
#define N_READ  40

static char path[] = "/tmp/check_call_rescore.XXXXXX";

/* A model with one stump for single bases; swap < CALL_N_FEAT: that feature and the next change places. */
static void write_model(int swap, const char *extra)
{
	FILE *o = fopen(path, "w");
	ck_assert_ptr_nonnull(o);
	fputs(HEAD "note\t.\t.\t.\tmade_by\t.\t.\t.\t.\ta test\n", o);
	for (int i = 0; i < CALL_N_FEAT; i++) {
		int k = i == swap ? i + 1 : i == swap + 1 ? i - 1 : i;
		fprintf(o, "feature\t.\t.\t%d\t%s\t.\t.\t.\t.\t.\n", i, call_feat_def[k].name);
	}
	for (int t = 0; t < 2; t++) {
		static const char *const name[] = {"base", "slope", "offset", "cap", "threshold"};
		static const double v[] = {-1, 2, 0.5, 30, 3};
		for (int i = 0; i < 5; i++)
			fprintf(o, "scalar\t%s\t.\t.\t%s\t.\t%g\t.\t.\t.\n", t ? "INDEL" : "SNV", name[i],
				v[i]);
	}
	fputs(extra, o);
	fclose(o);
}

#define STUMP                                                                                                \
	"split\tSNV\t0\t0\tqual\t50\t0\t1\t2\t.\n"                                                           \
	"leaf\tSNV\t0\t1\t.\t.\t1.5\t.\t.\t.\n"                                                              \
	"split\tSNV\t0\t2\tclip_alt\t0.5\t-0.25\t3\t4\t.\n"                                                  \
	"leaf\tSNV\t0\t3\t.\t.\t-4\t.\t.\t.\n"                                                               \
	"leaf\tSNV\t0\t4\t.\t.\t0.75\t.\t.\t.\n"

static int load(struct call_rescore **m)
{
	struct grx_ctx cx = {0};
	*m = NULL;
	int rc = call_rescore_load(&cx, path, m);
	return rc;
}

/* -10 log10 of the logistic function, the other way to write it */
static double phred(double s)
{
	return -10 * log10(1 / (1 + exp(-s)));
}

START_TEST(test_score_by_hand)
{
	struct call_rescore *m;
	float x[CALL_N_FEAT] = {0};
	write_model(CALL_N_FEAT, STUMP);
	ck_assert_int_eq(load(&m), GRX_OK);
	x[CALL_F_QUAL] = 50; /* at the cut: left */
	ck_assert_double_eq_tol(call_rescore_rs(m, CALL_RS_SNV, x), phred(0.5 + 2 * (-1 + 1.5)), 1e-9);
	x[CALL_F_QUAL] = 50.01f;
	x[CALL_F_CLIP_ALT] = 1;
	ck_assert_double_eq_tol(call_rescore_rs(m, CALL_RS_SNV, x), phred(0.5 + 2 * (-1 + 0.75)), 1e-9);
	x[CALL_F_CLIP_ALT] = 0; /* 41 phred, capped */
	ck_assert_double_eq(call_rescore_rs(m, CALL_RS_SNV, x), 30);
	ck_assert_double_eq_tol(call_rescore_rs(m, CALL_RS_INDEL, x), phred(0.5 - 2), 1e-9); /* no trees */
	ck_assert_double_eq(call_rescore_threshold(m, CALL_RS_INDEL), 3);
	call_rescore_free(m);
}
END_TEST

START_TEST(test_why)
{
	struct call_rescore *m;
	float x[CALL_N_FEAT] = {0};
	int why[2];
	write_model(CALL_N_FEAT, STUMP);
	ck_assert_int_eq(load(&m), GRX_OK);
	x[CALL_F_QUAL] = 10;
	call_rescore_why(m, CALL_RS_SNV, x, why);
	ck_assert_int_eq(why[0], CALL_F_QUAL);
	ck_assert_int_eq(why[1], -1);
	x[CALL_F_QUAL] = 100; /* qual speaks for the call, the clips against it */
	x[CALL_F_CLIP_ALT] = 1;
	call_rescore_why(m, CALL_RS_SNV, x, why);
	ck_assert_int_eq(why[0], CALL_F_CLIP_ALT);
	ck_assert_int_eq(why[1], -1);
	call_rescore_free(m);
}
END_TEST

/* Each of these files differs in one thing from a good one. */
START_TEST(test_bad_models_are_refused)
{
	static const char *const extra[] = {"split\tSNV\t0\t0\tqual\t50\t0\t0\t1\t.\n",        /* a loop */
		"split\tSNV\t0\t0\tqual\t50\t0\t1\t2\t.\nleaf\tSNV\t0\t1\t.\t.\t1\t.\t.\t.\n", /* no node 2 */
		"leaf\tSNV\t1\t0\t.\t.\t1\t.\t.\t.\n",                                         /* no tree 0 */
		"leaf\tMNV\t0\t0\t.\t.\t1\t.\t.\t.\n", "leaf\tSNV\t0\t0\t.\t.\tx\t.\t.\t.\n",
		"split\tSNV\t0\t0\tno_such\t50\t0\t1\t2\t.\n", "scalar\tSNV\t.\t.\tbase\t.\t0\t.\t.\t.\n",
		"scalar\tSNV\t.\t.\tother\t.\t0\t.\t.\t.\n", "bush\tSNV\t0\t0\t.\t.\t1\t.\t.\t.\n",
		"feature\t.\t.\t99\tqual\t.\t.\t.\t.\t.\n", "leaf\tSNV\t0\n"};
	struct call_rescore *m;
	for (size_t i = 0; i < sizeof(extra) / sizeof(*extra); i++) {
		write_model(CALL_N_FEAT, extra[i]);
		ck_assert_msg(load(&m) == GRX_E_DATA && !m, "case %zu", i);
	}
	write_model(3, STUMP); /* features in another order */
	ck_assert_int_eq(load(&m), GRX_E_DATA);
	FILE *o = fopen(path, "w");
	fputs(HEAD, o);
	fclose(o);
	ck_assert_int_eq(load(&m), GRX_E_DATA);
}
END_TEST

START_TEST(test_names)
{
	for (int i = 0; i < CALL_N_FEAT; i++) {
		ck_assert_ptr_nonnull(call_feat_def[i].name);
		ck_assert_int_eq(call_feat_find(call_feat_def[i].name), i);
	}
	ck_assert_int_eq(call_feat_find("no_such"), -1);
}
END_TEST

START_TEST(test_shipped_model)
{
	struct grx_ctx cx = {0};
	struct call_rescore *m = NULL;
	float x[CALL_N_FEAT] = {0};
	ck_assert_int_eq(call_rescore_load(&cx, "refdata/call/rescore.tsv", &m), GRX_OK);
	/* a textbook heterozygous call: must be trusted; monotone in QUAL */
	x[CALL_F_QUAL] = 500;
	x[CALL_F_QD] = 16;
	x[CALL_F_GQ] = 99;
	x[CALL_F_MARGIN] = 16;
	x[CALL_F_DEPTH] = 1;
	x[CALL_F_ALT_FRAC] = 0.5;
	x[CALL_F_STRAND] = 0.69f;
	x[CALL_F_ALT_STRAND] = 0.5;
	x[CALL_F_END_ALT] = 36;
	x[CALL_F_BQ_ALT] = 36;
	x[CALL_F_MQ] = 60;
	x[CALL_F_PAIR_ALT] = 1;
	x[CALL_F_N_ALLELE] = 2;
	x[CALL_F_OTHER] = 0;
	x[CALL_F_STR_UNIT] = x[CALL_F_STR_COUNT] = x[CALL_F_HOMOPOLY] = 1;
	x[CALL_F_STUTTER] = 45;
	ck_assert_double_gt(call_rescore_rs(m, CALL_RS_SNV, x), 20);
	double last = 0;
	for (int q = 1; q < 999; q += 7) {
		x[CALL_F_QUAL] = (float)q;
		double rs = call_rescore_rs(m, CALL_RS_SNV, x);
		ck_assert_double_ge(rs, last);
		last = rs;
	}
	call_rescore_free(m);
}
END_TEST

/* --- features of a pile: reads of 100 bases that begin every other base, every other one shows ALT */
struct pile {
	struct grx_arena *mem;
	struct call_state st;
	struct grx_shard sh;
	struct grx_reads reads;
	struct call_work w;
	struct call_lik k;
	struct call_rec r;
	struct grx_read read[N_READ];
	struct call_aln aln[N_READ];
	int32_t a[N_READ], a2[N_READ];
	uint8_t rev[N_READ], seq[N_READ][50], qual[N_READ][100];
	int8_t best[N_READ];
	char ref[REF_LEN + 1];
	const char *allele[2];
	int pl[3];
};

static const char code_of[] = "=ACMGRSVTWYHKDBN";

static void set_base(struct pile *p, int i, int64_t pos, char c)
{
	int64_t q = pos - p->read[i].pos;
	uint8_t code = (uint8_t)(strchr(code_of, c) - code_of), *b = &p->seq[i][q / 2];
	*b = q & 1 ? (uint8_t)((*b & 0xf0) | code) : (uint8_t)((*b & 0x0f) | code << 4);
}

static void pile_window(struct pile *p)
{
	struct call_work *w = &p->w;
	*w = (struct call_work){.st = &p->st, .sh = &p->sh, .mem = p->mem, .beg = 100, .end = 1900};
	size_t n = (size_t)(w->end - w->beg);
	w->rcode = grx_arena_calloc(p->mem, n + 2, 1);
	for (size_t i = 0; i < n; i++)
		w->rcode[i] = (uint8_t)(strchr(code_of, p->ref[100 + i]) - code_of);
	for (size_t k = 0; k < 2; k++) {
		w->rpack[k] = grx_arena_calloc(p->mem, n / 2 + 10, 1);
		for (size_t i = k; i < n; i += 2)
			w->rpack[k][(i - k) / 2] = (uint8_t)(w->rcode[i] << 4 | w->rcode[i + 1]);
	}
	w->depth = grx_arena_calloc(p->mem, n + 1, sizeof(*w->depth));
	w->mm = grx_arena_calloc(p->mem, 4 * n + 4, sizeof(*w->mm));
	for (size_t i = 0; i < n; i++)
		w->depth[i] = 20;
	w->aln = p->aln;
	w->n_aln = N_READ;
}

static struct pile *pile_new(void)
{
	static const uint32_t cigar[] = {100 << 4 | GRX_C_M};
	struct pile *p = grx_calloc(1, sizeof(*p));
	p->mem = grx_arena_new();
	for (int i = 0; i < REF_LEN; i++)
		p->ref[i] = "ACGTTGCAAC"[(i * 7 + i / 10) % 10];
	p->ref[POS] = 'A';
	p->sh = (struct grx_shard){
		.ref = p->ref, .ref_end = REF_LEN, .beg = 500, .end = 1500, .reads = &p->reads};
	for (int i = 0; i < N_READ; i++) {
		p->read[i] = (struct grx_read){.pos = POS - 90 + 2 * i,
			.end = POS + 10 + 2 * i,
			.mapq = 60,
			.nm = -1,
			.l_seq = 100,
			.n_cigar = 1,
			.cigar = cigar,
			.seq = p->seq[i],
			.qual = p->qual[i]};
		memset(p->qual[i], 30, 100);
		for (int64_t x = p->read[i].pos; x < p->read[i].end; x++)
			set_base(p, i, x, p->ref[x]);
		if (i & 1)
			set_base(p, i, POS, 'G');
		p->aln[i] = (struct call_aln){.r = &p->read[i], .mate = -1};
		p->a[i] = i;
		p->a2[i] = -1;
		p->best[i] = i & 1;
		p->rev[i] = i >> 1 & 1;
	}
	p->reads = (struct grx_reads){.n = N_READ, .v = p->read};
	p->k = (struct call_lik){
		.n_allele = 2, .n = N_READ, .aln = p->a, .aln2 = p->a2, .rev = p->rev, .best = p->best};
	p->allele[0] = "A";
	p->allele[1] = "G";
	p->pl[0] = 400, p->pl[2] = 320;
	p->r = (struct call_rec){.pos = POS,
		.rlen = 1,
		.n_allele = 2,
		.ploidy = 2,
		.allele = p->allele,
		.variant = true,
		.gt = {0, 1},
		.gq = 99,
		.dp = N_READ,
		.n_pl = 3,
		.pl = p->pl,
		.qual = 400,
		.mq = 60};
	pile_window(p);
	return p;
}

static void pile_free(struct pile *p)
{
	grx_arena_free(p->mem);
	grx_free(p);
}

START_TEST(test_clean_pile)
{
	struct pile *p = pile_new();
	float x[CALL_N_FEAT];
	call_features(&p->w, &p->r, &p->k, NULL, x);
	ck_assert_float_eq(x[CALL_F_QUAL], 400);
	ck_assert_float_eq(x[CALL_F_QD], 10);
	ck_assert_float_eq(x[CALL_F_MARGIN], 8); /* 320 / 40 */
	ck_assert_float_eq(x[CALL_F_DEPTH], 2);  /* 40 against 20 around */
	ck_assert_float_eq(x[CALL_F_ALT_FRAC], 0.5f);
	ck_assert_float_eq(x[CALL_F_ALT_Z], 0);
	ck_assert_float_eq(x[CALL_F_MM_ALT], 0); /* the variant itself is no other difference */
	ck_assert_float_eq(x[CALL_F_MQ], 60);
	ck_assert_float_eq(x[CALL_F_MQ_OUT], 0);
	ck_assert_float_eq(x[CALL_F_BQ_ALT], 30);
	/* reads begin 90, 88 .. 12 before; ALT 88, 84 .. 12: nearer ends 11, 15 .. 47 and 48, 44 .. 12:
	 * median 29 */
	ck_assert_float_eq_tol(x[CALL_F_END_ALT], 29, 2.01);
	pile_free(p);
}
END_TEST

/* A difference that all ALT fragments share is a variant in phase; one of a single fragment is its own. */
START_TEST(test_differences)
{
	struct pile *p = pile_new();
	float x[CALL_N_FEAT];
	for (int i = 1; i < N_READ; i += 2) {
		int64_t shared = POS + 9, own = p->read[i].end - 3;
		set_base(p, i, shared, p->ref[shared] == 'C' ? 'T' : 'C');
		if (i >= 21)
			set_base(p, i, own, p->ref[own] == 'C' ? 'T' : 'C');
		p->read[i].mapq = 30;
	}
	call_features(&p->w, &p->r, &p->k, NULL, x);
	ck_assert_float_eq(x[CALL_F_MM_ALT], 0.5f); /* 10 of 20 ALT fragments */
	ck_assert_float_eq(x[CALL_F_MM_DIFF], 0.5f);
	ck_assert_float_eq(x[CALL_F_MQ_DIFF], -30);
	ck_assert_float_eq(x[CALL_F_MQ_LOW], 0.5f);
	pile_free(p);
}
END_TEST

START_TEST(test_groups_and_map)
{
	struct pile *p = pile_new();
	float x[CALL_N_FEAT];
	const int to[3] = {0, -1, 1}; /* allele 1 of the locus is not shown, 2 is ALT */
	p->k.n_allele = 3;
	for (int i = 0; i < N_READ; i++)
		p->best[i] = i < 4 ? -1 : i & 1 ? 2 : i < 10 ? 1 : 0;
	call_features(&p->w, &p->r, &p->k, to, x);
	ck_assert_float_eq(x[CALL_F_UNINF], 0.1f);           /* 4 of 40 */
	ck_assert_float_eq_tol(x[CALL_F_OTHER], 0.08, 1e-6); /* 3 of 36 */
	ck_assert_float_eq(x[CALL_F_ALT_FRAC], 0.5f);
	ck_assert_float_eq(x[CALL_F_N_ALLELE], 3);
	pile_free(p);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("call_rescore");
	TCase *t = tcase_create("all");
	int fd = mkstemp(path);
	if (fd < 0)
		return 1;
	close(fd);
	tcase_add_test(t, test_score_by_hand);
	tcase_add_test(t, test_why);
	tcase_add_test(t, test_bad_models_are_refused);
	tcase_add_test(t, test_names);
	tcase_add_test(t, test_shipped_model);
	tcase_add_test(t, test_clean_pile);
	tcase_add_test(t, test_differences);
	tcase_add_test(t, test_groups_and_map);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int bad = srunner_ntests_failed(r);
	srunner_free(r);
	unlink(path);
	return bad != 0;
}
