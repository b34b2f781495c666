/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_simulate_place.c -- places of reads as an aligner would give them: gaps, clips, lesser copies, ties,
 * pairs; haplotypes laid together from pieces have the letters and places they were told. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ctx.h"
#include "stage/simulate/sim_place.h"

enum { N = 6000, COPY = 3000 };

static struct grx_ctx cx;
static char seq[N + 1];
static uint8_t mask[N];
static struct sim_win win;
static struct sim_world w;
static struct sim_seeds *seeds;

/* Random letters; [COPY, COPY + 1000) repeats [1000, 2000) with a difference at each 100th letter from 50 on,
 * save the last 300, which are alike. */
static void setup(void)
{
	uint64_t x = 88172645463325252u;
	int i;

	memset(&cx, 0, sizeof(cx));
	memset(&w, 0, sizeof(w));
	for (i = 0; i < N; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		seq[i] = "ACGT"[x >> 33 & 3];
	}
	memcpy(seq + COPY, seq + 1000, 1000);
	for (i = 50; i < 700; i += 100)
		seq[COPY + i] = seq[COPY + i] == 'A' ? 'C' : 'A';
	win = (struct sim_win){0, 10000, 10000 + N, seq, mask, false};
	w.win = &win;
	w.n_win = 1;
	ck_assert_int_eq(simulate_seeds_new(&cx, &w, &seeds), 0);
}

static void teardown(void)
{
	simulate_seeds_free(seeds);
}

static const char *cigar(const struct sim_aln *a)
{
	static char s[256];
	size_t n = 0;
	uint32_t i;

	for (i = 0; i < a->n; i++)
		n += (size_t)snprintf(
			s + n, sizeof(s) - n, "%u%c", a->cigar[i] >> 4, "MIDNSHP=X"[a->cigar[i] & 15]);
	return s;
}

static void only(const char *bases, int n, int64_t pos, const char *want, int nm)
{
	struct sim_hits h;

	simulate_hits(&w, seeds, bases, n, &h);
	ck_assert_int_ge(h.n, 1);
	ck_assert_msg(
		h.v[0].aln.pos == 10000 + pos && !strcmp(cigar(&h.v[0].aln), want) && h.v[0].aln.nm == nm,
		"%lld %s %d", (long long)h.v[0].aln.pos - 10000, cigar(&h.v[0].aln), h.v[0].aln.nm);
}

START_TEST(test_shapes)
{
	char b[200];

	memcpy(b, seq + 100, 100);
	only(b, 100, 100, "100M", 0);
	b[50] = b[50] == 'A' ? 'C' : 'A';
	only(b, 100, 100, "100M", 1);
	b[2] = b[2] == 'A' ? 'C' : 'A'; /* near an end: mismatch, as +5 for the end outweighs it */
	only(b, 100, 100, "100M", 2);
	memcpy(b, seq + 100, 50); /* 7 bases left out */
	memcpy(b + 50, seq + 157, 50);
	{
		struct sim_hits h;

		simulate_hits(&w, seeds, b, 100, &h);
		ck_assert_int_eq(h.v[0].aln.pos, 10100);
		ck_assert_int_eq(h.v[0].aln.end, 10207);
		ck_assert_int_eq(h.v[0].aln.nm, 7);
		ck_assert_int_eq(h.v[0].score, 100 + 10 - 13);
		ck_assert_uint_eq(h.v[0].aln.n, 3);
	}
	memcpy(b, seq + 100, 60); /* a junction: the longer part, the other clipped */
	memcpy(b + 60, seq + 4500, 40);
	{
		struct sim_hits h;

		simulate_hits(&w, seeds, b, 100, &h);
		ck_assert_int_eq(h.n, 2);
		ck_assert_int_eq(h.v[0].aln.pos, 10100);
		ck_assert_int_le(abs((int)h.v[0].aln.end - 10160), 2);
		ck_assert_int_eq(h.v[1].aln.end, 14540);
		ck_assert_uint_eq(h.v[0].aln.cigar[1] & 15, GRX_C_S);
	}
}
END_TEST

START_TEST(test_left_gap)
{
	static const char ref[] = "GATTACAGGCTTACCGTAAAAAAAACGTTGCAGTCCGATCAGGTCATTGC";
	struct sim_win x = {0, 0, 50, (char *)ref, mask, false};
	struct sim_diag d = {0, 0, 0, 1};
	struct sim_hit h;
	char b[64] = "GATTACAGGCTTACCGTAAAAAACGTTGCAGTCCGATCAGGTCATTGC"; /* two of eight A less */

	ck_assert(simulate_local(&x, b, (int)strlen(b), &d, &h));
	ck_assert_str_eq(cigar(&h.aln), "17M2D31M");
	ck_assert_int_eq(h.aln.pos, 0);
	strcpy(b, "GATTACAGGCTTACCGTAAAAAAAAAACGTTGCAGTCCGATCAGGTCATTGC");
	ck_assert(simulate_local(&x, b, (int)strlen(b), &d, &h));
	ck_assert_str_eq(cigar(&h.aln), "17M2I33M");
	strcpy(b, "TTTTTTTTTTCCCCCCCCCCGGGGGGGGGGTTTTTTTTTTTTTTTT");
	ck_assert(!simulate_local(&x, b, (int)strlen(b), &d, &h));
}
END_TEST

/* Hits of a pair of perfect reads of n bases at window positions l and r. */
static void pair(int64_t l, int64_t r, int n, struct sim_hits h[2])
{
	simulate_hits(&w, seeds, seq + l, n, &h[0]);
	simulate_hits(&w, seeds, seq + r, n, &h[1]);
}

START_TEST(test_copies)
{
	struct grx_rng *r = grx_rng_new(1, "check", 0);
	struct sim_hits h[2];
	struct sim_choice c;
	int i, at_copy = 0;

	/* one difference in each read: the right copy, by 10 points, capped by what each has alone */
	pair(1000, 1200, 100, h);
	ck_assert_int_eq(h[0].n, 2);
	ck_assert_int_eq(h[0].v[0].score - h[0].v[1].score, 5);
	simulate_choose(r, h, 300, 40, &c);
	ck_assert(h[0].v[c.at[0]].aln.pos == 11000 && h[1].v[c.at[1]].aln.pos == 11200 && c.proper);
	ck_assert_int_ge(c.mapq[0], 40);
	ck_assert_int_lt(c.mapq[0], 60);
	/* alike: by lot, quality 0, both at the same copy */
	for (i = 0; i < 200; i++) {
		pair(1710, 1890, 100, h);
		simulate_choose(r, h, 300, 40, &c);
		ck_assert(c.mapq[0] == 0 && c.mapq[1] == 0 && c.proper);
		ck_assert_int_eq(h[1].v[c.at[1]].aln.end - h[0].v[c.at[0]].aln.pos, 280);
		at_copy += h[0].v[c.at[0]].aln.pos > 12000;
	}
	ck_assert_int_gt(at_copy, 60);
	ck_assert_int_lt(at_copy, 140);
	/* a unique mate tells: at most 40 for the read that has two places alone */
	pair(1890, 2060, 100, h);
	simulate_choose(r, h, 300, 40, &c);
	ck_assert_int_eq(h[0].v[c.at[0]].aln.pos, 11890);
	ck_assert(c.mapq[0] == 40 && c.mapq[1] == 60);
	/* too far apart for a pair */
	pair(100, 5000, 100, h);
	simulate_choose(r, h, 300, 40, &c);
	ck_assert(!c.proper && c.mapq[0] == 60);
	grx_rng_free(r);
}
END_TEST

/* ---- structure ---- */

static char dir[64];

static const char *file(const char *name, const char *text)
{
	static char path[4][128];
	static int k;
	char *p = path[k++ & 3];
	FILE *f;

	snprintf(p, 128, "%s/%s", dir, name);
	f = fopen(p, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
	return p;
}

START_TEST(test_structure)
{
	struct simulate_opt o = {0};
	char text[512];
	const char *head = "haplotype\torder\tcontig\tbegin\tend\tname\n";
	const struct sim_hap *h = &w.mosaic[0];

	strcpy(dir, "/tmp/check_simulate_place.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	w.mem = grx_arena_new();
	w.contigs = grx_contigs_new();
	ck_assert_int_eq(grx_contigs_add(&cx, w.contigs, "c", 20000, NULL), 0);
	snprintf(text, sizeof(text),
		"%s1\t9\tc\t11000\t11500\tb\n1\t2\tc\t13000\t13400\ta\n2\t1\tc\t10000\t16000\ta\n", head);
	o.structure = file("s", text);
	snprintf(text, sizeof(text),
		"haplotype\tname\tcontig\tpos\tref\talt\n1\tb\tc\t11101\t%c\tTTTT\n1\ta\tc\t13011\t%.3s\t%"
		"c\n",
		seq[1100], seq + 3010, seq[3010]);
	o.structure_variants = file("v", text);
	ck_assert_msg(simulate_structure(&cx, &o, &w) == 0, "%s", cx.err.msg);
	/* a: 400 letters of the copy less 2; b: 500 more 3 */
	ck_assert_int_eq(h->n, 400 - 2 + 500 + 3);
	ck_assert(!memcmp(h->seq, seq + 3000, 11) && !memcmp(h->seq + 11, seq + 3013, 387));
	ck_assert(!memcmp(h->seq + 398, seq + 1000, 100) && !memcmp(h->seq + 498, "TTTT", 4));
	ck_assert(!memcmp(h->seq + 502, seq + 1101, 399));
	ck_assert_int_eq(h->seg[0].rpos, 13000);
	ck_assert_int_eq(h->seg[h->n_seg - 1].hpos + h->seg[h->n_seg - 1].len, h->n);
	ck_assert_int_eq(w.mosaic[1].n, N);
	ck_assert(w.structured && win.mosaic && mask[0] && mask[N - 1]);
	grx_contigs_free(w.contigs);
	grx_arena_free(w.mem);
	snprintf(text, sizeof(text), "rm -r %s", dir);
	ck_assert_int_eq(system(text), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("simulate_place");
	TCase *t = tcase_create("place");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, test_shapes);
	tcase_add_test(t, test_left_gap);
	tcase_add_test(t, test_copies);
	tcase_add_test(t, test_structure);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
