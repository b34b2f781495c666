/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_compare.c -- haplotype comparison: hand-made representations, genotype errors, and a property: a set
 * written in another way must compare as equal. */
#include "compare_bench.h"

/* pos        1234567890123456789012345678901234567890123456789012345678901234567890 */
#define SEQ "GATTACAGCTCCCCCCATGCAGTCAGTCAGTCTTGACCGATAACGTGCTAGCATCGATCGGCTAAGCTTGCATGCCTGACTGAACCTGAT"

/* Compare t with q; counts of both types together: truth, tp, fn, query_tp, fp, genotype errors. */
static void expect(const struct rec *t, int nt, const struct rec *q, int nq, const int64_t want[6])
{
	struct bench b;
	bench_open(&b, SEQ);
	add(&b, 0, t, nt);
	add(&b, 1, q, nq);
	run(&b);
	int64_t got[6] = {0};
	for (int k = 0; k < COMPARE_N_TYPE; k++) {
		const struct compare_counts *c = &b.s.count[k][0];
		got[0] += c->truth;
		got[1] += c->tp;
		got[2] += c->fn;
		got[3] += c->query_tp;
		got[4] += c->fp;
		got[5] += c->gt_truth;
	}
	bench_close(&b);
	for (int i = 0; i < 6; i++)
		ck_assert_msg(got[i] == want[i], "count %d: found %lld, expected %lld", i, (long long)got[i],
			(long long)want[i]);
}
#define N(a)              ((int)(sizeof(a) / sizeof *(a)))
#define EXPECT(t, q, ...) expect(t, N(t), q, N(q), (const int64_t[6]){__VA_ARGS__})

START_TEST(same_and_missing)
{
	struct rec t[] = {{5, "A", "G", "0/1"}, {40, "A", "T", "1/1"}}, q[] = {{5, "A", "G", "0/1"}};
	EXPECT(t, q, 2, 1, 1, 1, 0, 0);
	EXPECT(q, t, 1, 1, 0, 1, 1, 0);
}
END_TEST

START_TEST(block_substitution_is_its_bases)
{
	struct rec t[] = {{5, "ACA", "GCT", "0/1"}}, q[] = {{5, "A", "G", "0/1"}, {7, "A", "T", "0/1"}};
	EXPECT(t, q, 2, 2, 0, 2, 0, 0);
}
END_TEST

START_TEST(shifted_in_repeat)
{
	/* one C of the run 10-16 deleted, written left and right; one AGTC unit less, written in the middle
	 */
	struct rec t[] = {{10, "TC", "T", "0/1"}, {20, "CAGTC", "C", "1/1"}};
	struct rec q[] = {{15, "CC", "C", "0/1"}, {25, "AGTCA", "A", "1/1"}};
	struct rec bad[] = {{15, "CC", "C", "0/1"}, {22, "GTCAG", "G", "0/1"}};
	EXPECT(t, q, 2, 2, 0, 2, 0, 0);
	EXPECT(t, bad, 2, 1, 1, 1, 1, 1);
}
END_TEST

START_TEST(genotype_error_apart)
{
	struct rec t[] = {{5, "A", "G", "0/1"}}, q[] = {{5, "A", "G", "1/1"}};
	EXPECT(t, q, 1, 0, 1, 0, 1, 1);
}
END_TEST

START_TEST(complex_against_parts)
{
	/* GTGC -> GTTTC as one change; as an insertion and a substitution; as a deletion and an insertion */
	struct rec t[] = {{46, "TGC", "TTAC", "0/1"}};
	struct rec q[] = {{46, "T", "TT", "0/1"}, {47, "G", "A", "0/1"}};
	struct rec r[] = {{46, "TG", "T", "0/1"}, {47, "G", "GTA", "0/1"}};
	struct rec u[] = {{46, "TG", "T", "0/1"}, {46, "T", "TTA", "0/1"}};
	EXPECT(t, q, 1, 1, 0, 2, 0, 0);
	EXPECT(q, t, 2, 2, 0, 1, 0, 0);
	EXPECT(t, u, 1, 1, 0, 2, 0, 0);
	EXPECT(t, r, 1, 1, 0, 2, 0, 0);
}
END_TEST

START_TEST(two_alts)
{
	struct rec t[] = {{10, "TCC", "T,TC", "1/2"}},
		   q[] = {{10, "TC", "T", "0/1"}, {12, "CCC", "C", "0/1"}};
	struct rec w[] = {{10, "TC", "T", "1/1"}};
	EXPECT(t, q, 2, 2, 0, 2, 0, 0);
	EXPECT(t, w, 2, 0, 2, 0, 1, 1);
	/* both alleles share the base change: one homozygous unit */
	struct rec m[] = {{5, "AC", "GC,GT", "1/2"}}, n[] = {{5, "A", "G", "1/1"}, {6, "C", "T", "0/1"}};
	EXPECT(m, n, 2, 2, 0, 2, 0, 0);
}
END_TEST

START_TEST(cancelling_calls_prove_nothing)
{
	/* a deletion and an insertion of the same base in one run give the reference */
	struct rec t[] = {{40, "A", "T", "1/1"}};
	struct rec q[] = {{10, "T", "TC", "0/1"}, {12, "CC", "C", "0/1"}, {40, "A", "T", "1/1"}};
	EXPECT(t, q, 1, 1, 0, 1, 2, 0);
}
END_TEST

START_TEST(padding_covers_a_neighbour)
{
	/* the second file pads the deletion over its repeat, across the substitution */
	struct rec t[] = {{10, "TC", "T", "1/1"}, {14, "C", "A", "1/1"}};
	struct rec q[] = {{10, "TCCCCCC", "TCCCCC", "1/1"}, {14, "C", "A", "1/1"}};
	EXPECT(t, q, 2, 2, 0, 2, 0, 0);
	EXPECT(q, t, 2, 2, 0, 2, 0, 0);
}
END_TEST

START_TEST(haploid_half_and_dropped)
{
	struct rec t[] = {{5, "A", "G", "1"}, {8, "G", "T", "./1"}, {40, "A", "T", "0/0"},
		{42, "A", "C", "./."}, {43, "A", "<DEL>", "0/1"}, {50, "A", "*,C", "1/2"}};
	struct rec q[] = {{5, "A", "G", "1/1"}, {8, "G", "T", "0/1"}, {50, "A", "C", "0/1"}};
	EXPECT(t, q, 3, 3, 0, 3, 0, 0);
}
END_TEST

START_TEST(wrong_reference_is_refused)
{
	struct bench b;
	struct grx_arena *mem = grx_arena_new();
	bench_open(&b, SEQ);
	struct grx_vars *vs = grx_vars_new(mem, NULL);
	struct grx_var *v = grx_vars_push(vs);
	v->pos = 4;
	v->rlen = 1;
	ck_assert_int_eq(grx_var_alleles_set(mem, v, 2, (const char *const[]){"C", "G"}), 0);
	set_gt(mem, v, "0/1");
	ck_assert_int_eq(
		compare_load_batch(&b.cx, &b.s.calls, vs, &b.s.units, &b.s.tally[0]), GRX_E_MISMATCH);
	ck_assert_ptr_nonnull(strstr(b.cx.err.msg, "c1:5"));
	grx_arena_free(mem);
	bench_close(&b);
}
END_TEST

/* ---- property: random sets, written anew ---- */

enum { LEN = 400, MAX_V = 12 };
struct var {
	int64_t pos; /* 0-based, untrimmed form with anchor */
	char ref[64], alt[64];
	int copies;
};

static char rnd_base(struct grx_rng *r)
{
	return "ACGT"[grx_rng_below(r, 4)];
}

static void random_reference(struct grx_rng *r, char *seq)
{
	for (int i = 0; i < LEN;) {
		int unit = 1 + (int)grx_rng_below(r, 3),
		    times = grx_rng_below(r, 3) ? 1 : 2 + (int)grx_rng_below(r, 6);
		char u[3];
		for (int k = 0; k < unit; k++)
			u[k] = rnd_base(r);
		for (int t = 0; t < times * unit && i < LEN; t++)
			seq[i++] = u[t % unit];
	}
	seq[LEN] = '\0';
}

/* Non-overlapping variants, each with an anchor base of its own. */
static int random_set(struct grx_rng *r, const char *seq, struct var *v)
{
	int n = 0;
	for (int64_t p = 5 + (int64_t)grx_rng_below(r, 20); p < LEN - 60 && n < MAX_V; n++) {
		struct var *x = &v[n];
		int kind = (int)grx_rng_below(r, 3), k = 1 + (int)grx_rng_below(r, 5);
		*x = (struct var){.pos = p, .copies = 1 + (int)grx_rng_below(r, 2)};
		if (kind == 0) {
			x->ref[0] = seq[p];
			do
				x->alt[0] = rnd_base(r);
			while (x->alt[0] == seq[p]);
			k = 0;
		} else if (kind == 1) {
			memcpy(x->ref, seq + p, (size_t)k + 1);
			x->alt[0] = seq[p];
		} else {
			x->ref[0] = x->alt[0] = seq[p];
			for (int i = 1; i <= k; i++)
				x->alt[i] = rnd_base(r);
			k = 0;
		}
		p += k + 1 + (int64_t)grx_rng_below(r, 3) * (int64_t)grx_rng_below(r, 20);
	}
	return n;
}

/* Join x and the next y (same zygosity) into one record over the bases between. */
static void join(const char *seq, struct var *x, const struct var *y)
{
	size_t gap = (size_t)y->pos - (size_t)x->pos - strlen(x->ref);
	size_t nr = strlen(x->ref), na = strlen(x->alt);
	memcpy(x->ref + nr, seq + x->pos + nr, gap);
	memcpy(x->alt + na, seq + x->pos + nr, gap);
	strcpy(x->ref + nr + gap, y->ref);
	strcpy(x->alt + na + gap, y->alt);
}

/* Slide a pure insertion or deletion to the right while it stays the same change and off the next variant. */
static void slide(struct grx_rng *r, const char *seq, struct var *x, int64_t limit)
{
	size_t nr = strlen(x->ref), na = strlen(x->alt);
	if (nr == na || (nr > 1 && na > 1))
		return;
	char *s = nr > na ? x->ref : x->alt;
	size_t n = (nr > na ? nr : na) - 1;
	while (x->pos + (int64_t)nr < limit && seq[x->pos + (int64_t)nr] == s[1] && grx_rng_below(r, 8)) {
		/* anchor moves on by one; the sequence turns */
		char first = s[1];
		memmove(s + 1, s + 2, n - 1);
		s[n] = first;
		x->pos++;
		x->ref[0] = x->alt[0] = seq[x->pos];
	}
}

static int rewrite(struct grx_rng *r, const char *seq, const struct var *v, int n, struct var *w)
{
	int m = 0;
	for (int i = 0; i < n; i++) {
		struct var *last = m ? &w[m - 1] : NULL;
		if (last && last->copies == v[i].copies && v[i].pos - last->pos < 10 &&
			strlen(last->ref) + strlen(last->alt) < 30 && grx_rng_below(r, 2)) {
			join(seq, last, &v[i]);
			continue;
		}
		w[m++] = v[i];
	}
	for (int i = 0; i < m; i++)
		slide(r, seq, &w[i], i + 1 < m ? w[i + 1].pos : LEN);
	return m;
}

static void to_recs(const struct var *v, int n, struct rec *r)
{
	for (int i = 0; i < n; i++)
		r[i] = (struct rec){v[i].pos + 1, v[i].ref, v[i].alt, v[i].copies == 2 ? "1/1" : "0/1"};
}

START_TEST(rewritten_sets_are_equal)
{
	char seq[LEN + 1];
	int rewritten = 0;
	for (uint64_t seed = 1; seed <= 400; seed++) {
		struct grx_rng *r = grx_rng_new(seed, "check_compare", 0);
		struct var v[MAX_V], w[MAX_V];
		struct rec t[MAX_V], q[MAX_V];
		struct bench b;
		random_reference(r, seq);
		int n = random_set(r, seq, v), m = rewrite(r, seq, v, n, w);
		rewritten += m != n;
		to_recs(v, n, t);
		to_recs(w, m, q);
		bench_open(&b, seq);
		add(&b, 0, t, n);
		add(&b, 1, q, m);
		run(&b);
		for (int k = 0; k < COMPARE_N_TYPE; k++)
			ck_assert_msg(b.s.count[k][0].fn == 0 && b.s.count[k][0].fp == 0,
				"seed %d: type %d: %lld false negatives, %lld false positives", (int)seed, k,
				(long long)b.s.count[k][0].fn, (long long)b.s.count[k][0].fp);
		ck_assert_int_eq(b.s.n_fallback, 0);
		bench_close(&b);
		grx_rng_free(r);
	}
	ck_assert_int_gt(rewritten, 100);
}
END_TEST

START_TEST(a_lost_variant_is_seen)
{
	/* leave one call out: never a perfect score */
	char seq[LEN + 1];
	for (uint64_t seed = 1; seed <= 100; seed++) {
		struct grx_rng *r = grx_rng_new(seed, "check_compare", 1);
		struct var v[MAX_V], w[MAX_V];
		struct rec t[MAX_V], q[MAX_V];
		struct bench b;
		random_reference(r, seq);
		int n = random_set(r, seq, v), m = rewrite(r, seq, v, n, w);
		to_recs(v, n, t);
		to_recs(w, m, q);
		bench_open(&b, seq);
		add(&b, 0, t, n);
		add(&b, 1, q, m - 1);
		run(&b);
		ck_assert_int_gt(b.s.count[0][0].fn + b.s.count[1][0].fn, 0);
		bench_close(&b);
		grx_rng_free(r);
	}
}
END_TEST

/* ---- the search against every choice and phasing ---- */

enum { SLEN = 40, MAX_S = 4, MAX_CHOICE = 81 };

/* Copies written by one choice (digit i of `choice`: 0 out, 1 first copy, 2 second; homozygous: 1 both, 2 no
 * choice). Returns the number of variants used, -1 when two overlap or the choice does not exist. */
static int write_copies(const char *seq, const struct var *v, int n, int choice, char out[2][SLEN + 1])
{
	int used = 0, on[2][MAX_S];
	for (int i = 0; i < n; i++, choice /= 3) {
		int d = choice % 3;
		if (v[i].copies == 2 && d == 2)
			return -1;
		on[0][i] = d == 1;
		on[1][i] = d == 2 || (d == 1 && v[i].copies == 2);
		used += d > 0;
	}
	for (int c = 0; c < 2; c++) {
		int64_t at = 0;
		size_t k = 0;
		for (int i = 0; i < n; i++) {
			if (!on[c][i])
				continue;
			int64_t anchor = strlen(v[i].ref) > 1;
			if (v[i].pos + anchor < at)
				return -1;
			memcpy(out[c] + k, seq + at, (size_t)(v[i].pos + anchor - at));
			k += (size_t)(v[i].pos + anchor - at);
			if (!anchor)
				out[c][k++] = v[i].alt[0];
			at = v[i].pos + (int64_t)strlen(v[i].ref);
		}
		strcpy(out[c] + k, seq + at);
	}
	return used;
}

static int best_of_all(const char *seq, const struct var *t, int nt, const struct var *q, int nq)
{
	static char tc[MAX_CHOICE][2][SLEN + 1], qc[MAX_CHOICE][2][SLEN + 1];
	int tu[MAX_CHOICE], qu[MAX_CHOICE], mt = 1, mq = 1, best = 0;
	for (int i = 0; i < nt; i++)
		mt *= 3;
	for (int i = 0; i < nq; i++)
		mq *= 3;
	for (int i = 0; i < mt; i++)
		tu[i] = write_copies(seq, t, nt, i, tc[i]);
	for (int i = 0; i < mq; i++)
		qu[i] = write_copies(seq, q, nq, i, qc[i]);
	for (int i = 0; i < mt; i++)
		for (int k = 0; k < mq; k++)
			if (tu[i] >= 0 && qu[k] >= 0 && tu[i] + qu[k] > best && !strcmp(tc[i][0], qc[k][0]) &&
				!strcmp(tc[i][1], qc[k][1]))
				best = tu[i] + qu[k];
	return best;
}

/* Substitutions and deletions at random in a sequence of two letters, so that many choices give equal copies.
 */
static int dense_set(struct grx_rng *r, const char *seq, struct var *v)
{
	int n = 0;
	for (int64_t p = 2 + (int64_t)grx_rng_below(r, 6); n < MAX_S && p < SLEN - 10; n++) {
		int k = (int)grx_rng_below(r, 4);
		v[n] = (struct var){.pos = p, .copies = 1 + (int)grx_rng_below(r, 2)};
		memcpy(v[n].ref, seq + p, (size_t)k + 1);
		v[n].alt[0] = k ? seq[p] : seq[p] == 'A' ? 'C' : 'A';
		p += 1 + (int64_t)grx_rng_below(r, 5);
	}
	return n;
}

START_TEST(search_is_exhaustive)
{
	int partial = 0;
	for (uint64_t seed = 1; seed <= 600; seed++) {
		struct grx_rng *r = grx_rng_new(seed, "check_compare", 2);
		char seq[SLEN + 1];
		struct var v[MAX_S], w[MAX_S];
		struct rec t[MAX_S], q[MAX_S];
		struct bench b;
		for (int i = 0; i < SLEN; i++)
			seq[i] = grx_rng_below(r, 2) ? 'A' : 'C';
		seq[SLEN] = '\0';
		int n = dense_set(r, seq, v), m = dense_set(r, seq, w), used = 0;
		to_recs(v, n, t);
		to_recs(w, m, q);
		bench_open(&b, seq);
		add(&b, 0, t, n);
		add(&b, 1, q, m);
		run(&b);
		for (size_t i = 0; i < b.s.units.n; i++)
			used += b.s.units.v[i].mark == COMPARE_TP;
		int best = best_of_all(seq, v, n, w, m);
		ck_assert_msg(used == best, "seed %d: %d variants used, %d possible", (int)seed, used, best);
		partial += best > 0 && best < n + m;
		bench_close(&b);
		grx_rng_free(r);
	}
	ck_assert_int_gt(partial, 50);
}
END_TEST

START_TEST(few_states_allowed_still_exact)
{
	struct rec t[] = {{5, "A", "G", "0/1"}, {8, "G", "T", "0/1"}, {40, "A", "T", "0/1"}};
	struct rec q[] = {{5, "A", "G", "0/1"}, {40, "A", "T", "1/1"}};
	struct bench b;
	bench_open(&b, SEQ);
	b.opt.max_states = 2;
	b.opt.gap = 100;
	add(&b, 0, t, N(t));
	add(&b, 1, q, N(q));
	run(&b);
	ck_assert_int_eq(b.s.n_beam + b.s.n_fallback, 0);
	ck_assert_int_eq(b.s.count[COMPARE_SNV][0].tp, 1);
	ck_assert_int_eq(b.s.count[COMPARE_SNV][0].fn, 2);
	ck_assert_int_eq(b.s.count[COMPARE_SNV][0].gt_truth, 1);
	bench_close(&b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("compare");
	TCase *tc = tcase_create("compare");
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, same_and_missing);
	tcase_add_test(tc, block_substitution_is_its_bases);
	tcase_add_test(tc, shifted_in_repeat);
	tcase_add_test(tc, genotype_error_apart);
	tcase_add_test(tc, complex_against_parts);
	tcase_add_test(tc, two_alts);
	tcase_add_test(tc, cancelling_calls_prove_nothing);
	tcase_add_test(tc, padding_covers_a_neighbour);
	tcase_add_test(tc, haploid_half_and_dropped);
	tcase_add_test(tc, wrong_reference_is_refused);
	tcase_add_test(tc, rewritten_sets_are_equal);
	tcase_add_test(tc, a_lost_variant_is_seen);
	tcase_add_test(tc, search_is_exhaustive);
	tcase_add_test(tc, few_states_allowed_still_exact);
	suite_add_tcase(s, tc);
	SRunner *sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
