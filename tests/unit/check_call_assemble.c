/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_call_assemble.c -- candidates from clips and local assembly: alignment of haplotypes, graph, clips,
 * and piles in which no CIGAR shows the change. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ctx.h"
#include "base/str.h"
#include "base/mem.h"
#include "bio/contig.h"
#include "stage/call/assemble.h"

#define REF_LEN  4000
#define READ_LEN 100
#define EVENT    2000

struct fixture {
	struct grx_ctx cx;
	struct grx_contigs *contigs;
	struct grx_arena *mem;
	struct grx_shard sh;
	struct grx_reads reads;
	struct call_state st;
	struct call_counts n;
	struct call_work w;
	char ref[REF_LEN + 1];
	int n_name;
};

static struct fixture fx;

static void random_bases(char *s, int n, uint32_t x)
{
	for (int i = 0; i < n; i++) {
		x = x * 1664525u + 1013904223u;
		s[i] = "ACGT"[x >> 24 & 3];
	}
	s[n] = 0;
}

static void setup(void)
{
	memset(&fx, 0, sizeof(fx));
	fx.mem = grx_arena_new();
	fx.contigs = grx_contigs_new();
	ck_assert_int_eq(grx_contigs_add(&fx.cx, fx.contigs, "chr20", REF_LEN, NULL), GRX_OK);
	random_bases(fx.ref, REF_LEN, 4711);
	fx.cx.contigs = fx.contigs;
	fx.sh = (struct grx_shard){.beg = 600,
		.end = REF_LEN - 600,
		.ref = fx.ref,
		.ref_end = REF_LEN,
		.reads = &fx.reads,
		.mem = fx.mem};
	fx.st.opt = (struct call_opt){.min_mapq = 20, .min_baseq = 13, .max_depth = 500};
}

static void teardown(void)
{
	grx_contigs_free(fx.contigs);
	grx_arena_free(fx.mem);
	free(fx.reads.v);
}

static struct grx_read *put_read(int64_t pos, const char *text, int left, int match, int right)
{
	size_t n = strlen(text);
	fx.reads.v = realloc(fx.reads.v, (fx.reads.n + 1) * sizeof(*fx.reads.v));
	struct grx_read *r = &fx.reads.v[fx.reads.n++];
	uint8_t *seq = grx_arena_calloc(fx.mem, n / 2 + 1, 1), *qual = grx_arena_alloc(fx.mem, n, 1);
	uint32_t *c = grx_arena_alloc(fx.mem, 3, sizeof(*c)), nc = 0;
	for (size_t i = 0; i < n; i++) {
		uint8_t b = (uint8_t)(1 << (strchr("ACGT", text[i]) - "ACGT"));
		seq[i / 2] |= (uint8_t)(i % 2 ? b : b << 4);
		qual[i] = 30;
	}
	if (left)
		c[nc++] = (uint32_t)left << 4 | GRX_C_S;
	c[nc++] = (uint32_t)match << 4 | GRX_C_M;
	if (right)
		c[nc++] = (uint32_t)right << 4 | GRX_C_S;
	const char *name = grx_arena_printf(fx.mem, "frag%d", fx.n_name++);
	*r = (struct grx_read){.pos = pos,
		.end = pos + match,
		.mapq = 60,
		.l_seq = (int32_t)n,
		.n_cigar = nc,
		.cigar = c,
		.seq = seq,
		.qual = qual,
		.mtid = -1,
		.mpos = -1,
		.name = name,
		.name_hash = grx_hash_str(name),
		.nm = -1};
	return r;
}

/* Reads over a haplotype that has alt instead of ref[EVENT, EVENT + rlen): a mapper keeps the longer side and
 * clips the other; a read without 20 bases on either side has no place and stands with a mate on its left. */
static void pile_event(int rlen, const char *alt, int step)
{
	char hap[2 * REF_LEN];
	int na = (int)strlen(alt), shift = na - rlen;
	snprintf(hap, sizeof(hap), "%.*s%s%s", EVENT, fx.ref, alt, fx.ref + EVENT + rlen);
	for (int s = EVENT - 400; s < EVENT + na + 300; s += step) {
		char t[READ_LEN + 1];
		int left = EVENT - s, right = s + READ_LEN - (EVENT + na);
		snprintf(t, sizeof(t), "%.*s", READ_LEN, hap + s);
		left = left < 0 ? 0 : left > READ_LEN ? READ_LEN : left;
		right = right < 0 ? 0 : right > READ_LEN ? READ_LEN : right;
		if (left < 20 && right < 20) {
			struct grx_read *r = put_read(EVENT - 100, t, 0, READ_LEN, 0);
			r->flag = GRX_R_UNMAPPED | GRX_R_PAIRED | GRX_R_REVERSE;
			r->n_cigar = 0;
			r->end = r->pos + 1;
		} else if (left >= right) {
			put_read(s, t, 0, left, READ_LEN - left);
		} else {
			put_read(s + READ_LEN - right - shift, t, READ_LEN - right, right, 0);
		}
	}
}

static void pile_plain(int step)
{
	for (int s = 700; s + READ_LEN < REF_LEN - 700; s += step) {
		char t[READ_LEN + 1];
		snprintf(t, sizeof(t), "%.*s", READ_LEN, fx.ref + s);
		put_read(s, t, 0, READ_LEN, 0);
	}
}

static int by_pos(const void *a, const void *b)
{
	const struct grx_read *x = a, *y = b;
	if (x->pos != y->pos)
		return x->pos < y->pos ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* The steps of a shard up to the candidates. */
static void run(bool assemble)
{
	qsort(fx.reads.v, fx.reads.n, sizeof(*fx.reads.v), by_pos);
	memset(&fx.n, 0, sizeof(fx.n));
	fx.w = (struct call_work){.st = &fx.st,
		.cx = &fx.cx,
		.sh = &fx.sh,
		.mem = fx.mem,
		.n = &fx.n,
		.n_sample = 1,
		.beg = fx.sh.beg - 600,
		.end = fx.sh.end + 600};
	ck_assert_int_eq(call_reads_select(&fx.w), GRX_OK);
	ck_assert_int_eq(call_scan(&fx.w), GRX_OK);
	call_indels_merge(&fx.w);
	if (assemble)
		ck_assert_int_eq(call_assemble_candidates(&fx.w), GRX_OK);
}

/* The candidate that makes the same haplotype as alt for ref[EVENT, EVENT + rlen). */
static const struct call_allele *find(int rlen, const char *alt)
{
	char ref[REF_LEN + 1];
	struct call_allele a;
	snprintf(ref, sizeof(ref), "%.*s", rlen, fx.ref + EVENT);
	ck_assert(call_allele_norm(&fx.w, EVENT, ref, alt, &a));
	for (size_t i = 0; i < fx.w.n_ind; i++) {
		const struct call_allele *b = &fx.w.ind[i];
		if (a.pos == b->pos && a.rlen == b->rlen && a.alen == b->alen &&
			memcmp(a.alt, b->alt, (size_t)a.alen) == 0)
			return b;
	}
	return NULL;
}

static void expect_found(int rlen, const char *alt)
{
	pile_plain(7);
	pile_event(rlen, alt, 5);
	run(false);
	ck_assert_ptr_null(find(rlen, alt));
	run(true);
	const struct call_allele *a = find(rlen, alt);
	ck_assert_ptr_nonnull(a);
	ck_assert(a->assembled);
	ck_assert_int_ge(a->n_read, 2);
	ck_assert_uint_eq(fx.w.n_asm_snv, 0);
}

static const int del_len[] = {8, 30, 80, 150, 300};
static const int ins_len[] = {8, 30, 80, 120, 180};

START_TEST(test_deletions)
{
	expect_found(del_len[_i], "");
	ck_assert_uint_eq(fx.w.n_ind, 1);
}
END_TEST

/* 180: longer than the reads; the middle comes from mates that have no place. */
START_TEST(test_insertions)
{
	char alt[400];
	random_bases(alt, ins_len[_i], 99);
	expect_found(0, alt);
	ck_assert_uint_eq(fx.w.n_ind, 1);
}
END_TEST

START_TEST(test_tandem_duplications)
{
	char alt[400];
	snprintf(alt, sizeof(alt), "%.*s", del_len[_i], fx.ref + EVENT);
	expect_found(0, alt);
}
END_TEST

/* Deletion and insertion at one place: both parts are proposed. */
START_TEST(test_replacement)
{
	char alt[41];
	random_bases(alt, 40, 5);
	pile_plain(7);
	pile_event(60, alt, 5);
	run(true);
	int64_t shift = 0;
	for (size_t i = 0; i < fx.w.n_ind; i++)
		shift += fx.w.ind[i].alen - fx.w.ind[i].rlen;
	ck_assert_int_eq(shift, -20);
}
END_TEST

/* Two copies of 40 bases that differ in the middle; the reads have the second one alone. Those that begin on
 * its left are mapped to the first copy with a mismatch, the others to the second. No gap, no clip. */
START_TEST(test_lost_copy_shown_by_one_mismatch)
{
	char hap[REF_LEN + 1];
	memcpy(fx.ref + EVENT + 40, fx.ref + EVENT, 40);
	fx.ref[EVENT + 60] = fx.ref[EVENT + 60] == 'A' ? 'C' : 'A';
	snprintf(hap, sizeof(hap), "%.*s%s", EVENT, fx.ref, fx.ref + EVENT + 40);
	for (int s = EVENT - 600; s < EVENT + 500; s += 4) {
		char t[READ_LEN + 1];
		snprintf(t, sizeof(t), "%.*s", READ_LEN, hap + s);
		if (s + READ_LEN <= EVENT + 40)
			put_read(s, t, 0, READ_LEN, 0);
		else if (s >= EVENT - 4)
			put_read(s + 40, t, s < EVENT ? EVENT - s : 0, READ_LEN - (s < EVENT ? EVENT - s : 0),
				0);
	}
	for (size_t i = 0; i < fx.reads.n; i++)
		if (fx.reads.v[i].n_cigar > 1) {
			fx.reads.v[i].pos = EVENT + 40;
			fx.reads.v[i].end = EVENT + 40 + READ_LEN - 4;
		}
	run(true);
	ck_assert_int_ge(fx.n.asm_windows, 1);
	ck_assert_ptr_nonnull(find(40, ""));
}
END_TEST

static void put_gap(int64_t pos, int left, int del)
{
	char t[READ_LEN + 1];
	snprintf(t, sizeof(t), "%.*s%.*s", left, fx.ref + pos, READ_LEN - left, fx.ref + pos + left + del);
	struct grx_read *r = put_read(pos, t, 0, READ_LEN, 0);
	uint32_t *c = grx_arena_alloc(fx.mem, 3, sizeof(*c));
	c[0] = (uint32_t)left << 4 | GRX_C_M;
	c[1] = (uint32_t)del << 4 | GRX_C_D;
	c[2] = (uint32_t)(READ_LEN - left) << 4 | GRX_C_M;
	r->cigar = c;
	r->n_cigar = 3;
	r->end = pos + READ_LEN + del;
}

/* A gap that one read shows counts when others are clipped within the repeat; without them, and when it is
 * short, it does not. */
START_TEST(test_lone_gap_needs_clips)
{
	static const int del[] = {4, 16, 16, 16}, n_clip[] = {2, 0, 1, 2};
	char t[READ_LEN + 1];
	for (int i = 0; i < 48; i++)
		fx.ref[EVENT + i] = "ACGGTCAT"[i % 8]; /* too long a unit for an STR */
	fx.ref[EVENT - 1] = fx.ref[EVENT + 48] = 'G';
	pile_plain(9);
	put_gap(EVENT - 40, 40, del[_i]);
	for (int i = 0; i < n_clip[_i]; i++) {
		int at = EVENT + 20 + 10 * i; /* far from each other: no cluster */
		snprintf(t, sizeof(t), "%.80s%.20s", fx.ref + at - 80, fx.ref + EVENT + 100);
		put_read(at - 80, t, 0, 80, 20);
	}
	run(false);
	ck_assert_uint_eq(fx.w.n_ind, _i == 3);
	ck_assert(!find(16, "") == (_i != 3));
}
END_TEST

/* The new copy has a base that the old one has not: both descriptions are proposed. */
START_TEST(test_copy_that_differs)
{
	char alt[121];
	snprintf(alt, sizeof(alt), "%.120s", fx.ref + EVENT);
	alt[60] = alt[60] == 'A' ? 'C' : 'A';
	pile_plain(7);
	char hap[2 * REF_LEN];
	snprintf(hap, sizeof(hap), "%.*s%s%s", EVENT, fx.ref, alt, fx.ref + EVENT);
	for (int s = EVENT - 300; s < EVENT + 400; s += 5) {
		char t[READ_LEN + 1];
		int back = s + READ_LEN - (EVENT + 120); /* beyond the new copy */
		snprintf(t, sizeof(t), "%.*s", READ_LEN, hap + s);
		if (s >= EVENT + 120 || back >= 50)
			put_read(s >= EVENT + 120 ? s - 120 : EVENT, t,
				s >= EVENT + 120 ? 0 : READ_LEN - back, s >= EVENT + 120 ? READ_LEN : back,
				0);
		else
			put_read(s, t, 0, back > 0 ? READ_LEN - back : READ_LEN, back > 0 ? back : 0);
	}
	run(true);
	ck_assert_ptr_nonnull(find(0, alt));
}
END_TEST

START_TEST(test_quiet_reads_cost_no_window)
{
	pile_plain(3);
	run(true);
	ck_assert_int_eq(fx.n.asm_windows, 0);
	ck_assert_uint_eq(fx.w.n_ind, 0);
}
END_TEST

START_TEST(test_one_clipped_read_is_no_evidence)
{
	char t[READ_LEN + 1];
	pile_plain(12); /* one read is more than 8 % of the depth */
	snprintf(t, sizeof(t), "%.50s%.50s", fx.ref + EVENT - 50, fx.ref + EVENT + 100);
	put_read(EVENT - 50, t, 0, 50, 50);
	run(true);
	ck_assert_int_eq(fx.n.asm_windows, 0);
	ck_assert_uint_eq(fx.w.n_ind, 0);
}
END_TEST

/* Fragments of 70 bases: what follows them is adapter, at the same place in many reads. */
START_TEST(test_adapter_is_no_evidence)
{
	char t[READ_LEN + 1];
	pile_plain(7);
	for (int i = 0; i < 6; i++) {
		snprintf(t, sizeof(t), "%.70sAGATCGGAAGAGCACACGTCTGAACTCCAG", fx.ref + EVENT);
		struct grx_read *r = put_read(EVENT, t, 0, 70, 30);
		r->flag = GRX_R_PAIRED | GRX_R_MREVERSE;
		r->mtid = 0;
		r->mpos = EVENT;
		r->isize = 70;
		ck_assert(
			call_clip_is_adapter(&(struct call_aln){.r = r, .pos = r->pos, .end = r->end}, true));
	}
	run(true);
	ck_assert_int_eq(fx.n.asm_windows, 0);
	ck_assert_uint_eq(fx.w.n_ind, 0);
}
END_TEST

/* The same shard seen with other borders gives the same alleles. */
START_TEST(test_independent_of_the_shard)
{
	char alt[200];
	random_bases(alt, 80, 31);
	pile_plain(7);
	pile_event(0, alt, 5);
	run(true);
	struct call_allele a = *find(0, alt);
	for (int64_t beg = 1000; beg < 1200; beg += 37) {
		fx.sh.beg = beg;
		run(true);
		const struct call_allele *b = find(0, alt);
		ck_assert_ptr_nonnull(b);
		ck_assert_int_eq(a.n_read, b->n_read);
		ck_assert_uint_eq(fx.w.n_ind, 1);
	}
}
END_TEST

static int codes(const char *s, uint8_t *to);

static bool known(const uint8_t *ref, int beg, int end, const char *text)
{
	uint8_t alt[64];
	uint8_t *seen = grx_arena_alloc(fx.mem, ASM_DP_BYTES, 1);
	int32_t *open = grx_arena_alloc(fx.mem, ASM_MAX_OPEN, sizeof(*open));
	struct call_seqs q = {ref, alt, EVENT - 100, beg, end, codes(text, alt)};
	return call_asm_known(&fx.w, fx.w.n_ind, &q, seen, open);
}

/* CACACACA loses a unit: the candidate stands at the left end, the way at the right one. */
START_TEST(test_known_in_other_words)
{
	uint8_t ref[300];
	char text[301];
	memcpy(fx.ref + EVENT, "GCACACACAT", 10);
	pile_plain(7);
	run(false);
	snprintf(text, sizeof(text), "%.300s", fx.ref + EVENT - 100);
	codes(text, ref);
	ck_assert(!known(ref, 107, 109, ""));
	ck_assert_int_eq(call_indel_add(&fx.w, EVENT + 1, 2, "", 0), GRX_OK);
	ck_assert(known(ref, 107, 109, ""));
	ck_assert(known(ref, 105, 109, "CA"));
	ck_assert(!known(ref, 105, 109, "CG"));
	ck_assert(!known(ref, 106, 109, ""));
	/* with a base that the column shows, and without */
	fx.w.mm[(EVENT + 20 - fx.w.beg) * 4 + (fx.ref[EVENT + 20] == 'A' ? 1 : 0)] = 10;
	snprintf(text, sizeof(text), "%.11s%c", fx.ref + EVENT + 9, fx.ref[EVENT + 20] == 'A' ? 'C' : 'A');
	ck_assert(known(ref, 107, 121, text));
	text[11] = fx.ref[EVENT + 20] == 'G' ? 'T' : 'G';
	if (text[11] != fx.ref[EVENT + 20])
		ck_assert(!known(ref, 107, 121, text));
}
END_TEST

static int codes(const char *s, uint8_t *to)
{
	int n = 0;
	for (; s[n]; n++)
		to[n] = (uint8_t)(strchr("ACGT", s[n]) - "ACGT");
	return n;
}

static int diff(const char *ref, const char *alt, struct call_diff *d)
{
	uint8_t r[600], a[600];
	uint8_t *dp = grx_arena_alloc(fx.mem, ASM_DP_BYTES, 1);
	int nr = codes(ref, r), na = codes(alt, a);
	return call_hapdiff(r, nr, a, na, dp, d);
}

static void expect_diff(const struct call_diff *d, int rpos, int rlen, int apos, int alen)
{
	ck_assert_int_eq(d->rpos, rpos);
	ck_assert_int_eq(d->rlen, rlen);
	ck_assert_int_eq(d->apos, apos);
	ck_assert_int_eq(d->alen, alen);
}

START_TEST(test_hapdiff)
{
	struct call_diff d[ASM_MAX_DIFF];
	ck_assert_int_eq(diff("ACGTACGT", "ACGTACGT", d), 0);
	ck_assert_int_eq(diff("ACGTACGT", "ACGAACGT", d), 1);
	expect_diff(&d[0], 3, 1, 3, 1);
	/* one unit of a repeat: at its left end */
	ck_assert_int_eq(diff("GGCACACATT", "GGCACATT", d), 1);
	expect_diff(&d[0], 2, 2, 2, 0);
	ck_assert_int_eq(diff("GGCATT", "GGCAAATT", d), 1);
	expect_diff(&d[0], 3, 0, 3, 2);
	/* a substitution and, 12 bases on, an insertion: from the end */
	ck_assert_int_eq(diff("TTGACCATGGATCCATTGCA", "TTCACCATGGATCCAGATCTTGCA", d), 2);
	ck_assert_int_eq(d[0].alen - d[0].rlen, 4);
	expect_diff(&d[1], 2, 1, 2, 1);
}
END_TEST

START_TEST(test_hapdiff_is_bounded)
{
	struct call_diff d[ASM_MAX_DIFF];
	char r[300], a[300];
	random_bases(r, 290, 1);
	for (int i = 0; i < 290; i++)
		a[i] = (char)(i % 8 == 0 ? r[i] == 'A' ? 'C' : 'A' : r[i]);
	a[290] = 0;
	ck_assert_int_eq(diff(r, a, d), -1); /* 37 substitutions */
}
END_TEST

struct graph_fixture {
	struct call_graph g;
	uint8_t buf[4096];
	int n;
	struct call_way way[32];
	int n_way;
};

static struct graph_fixture gf;

static int keep_way(void *to, const struct call_way *way)
{
	struct graph_fixture *f = to;
	ck_assert_int_lt(f->n_way, 32);
	f->way[f->n_way++] = *way;
	return GRX_OK;
}

static bool graph_start(const char *ref, int k)
{
	memset(&gf, 0, sizeof(gf));
	gf.g.cap = 1000;
	gf.g.min_w = 2;
	gf.g.node = grx_arena_alloc(fx.mem, 1000, sizeof(*gf.g.node));
	gf.g.slot = grx_arena_alloc(fx.mem, 2048, sizeof(*gf.g.slot));
	int n = codes(ref, gf.buf);
	gf.buf[n] = 4;
	gf.n = n + 1;
	return call_graph_start(&gf.g, gf.buf, n, k, 2048);
}

static void graph_read(const char *s, int times)
{
	int n = codes(s, gf.buf + gf.n);
	for (int i = 0; i < times; i++)
		call_graph_thread(&gf.g, gf.n, n);
	gf.buf[gf.n + n] = 4;
	gf.n += n + 1;
}

static void graph_ways(void)
{
	int64_t cut = 0;
	call_graph_finish(&gf.g);
	ck_assert_int_eq(call_graph_ways(&gf.g, keep_way, &gf, &cut), GRX_OK);
	ck_assert_int_eq(cut, 0);
}

START_TEST(test_graph_needs_unique_kmers)
{
	ck_assert(graph_start("ACGTTGCATGCCATTGACGA", 8));
	ck_assert(!graph_start("ACACACACACACACACACAC", 8));
	ck_assert(!graph_start("ACGT", 8)); /* shorter than k */
}
END_TEST

START_TEST(test_graph_substitution)
{
	const char *ref = "GATTACAGGCTTAACCGTATCGGATACCTTGGACATTCAG";
	char alt[64];
	snprintf(alt, sizeof(alt), "%s", ref);
	alt[20] = alt[20] == 'A' ? 'C' : 'A';
	ck_assert(graph_start(ref, 9));
	graph_read(ref, 5);
	graph_read(alt, 3);
	graph_ways();
	ck_assert_int_eq(gf.n_way, 1);
	ck_assert_int_eq(gf.way[0].beg, 20);
	ck_assert_int_eq(gf.way[0].n, gf.way[0].end - gf.way[0].beg);
	ck_assert_int_eq(gf.way[0].n_read, 3);
	ck_assert_int_eq(gf.way[0].alt[0], strchr("ACGT", alt[20]) - "ACGT");
}
END_TEST

START_TEST(test_graph_light_ways_are_dropped)
{
	const char *ref = "GATTACAGGCTTAACCGTATCGGATACCTTGGACATTCAG";
	char alt[64];
	snprintf(alt, sizeof(alt), "%s", ref);
	alt[20] = alt[20] == 'A' ? 'C' : 'A';
	ck_assert(graph_start(ref, 9));
	graph_read(ref, 5);
	graph_read(alt, 1);
	graph_ways();
	ck_assert_int_eq(gf.n_way, 0);
}
END_TEST

/* Reads longer than the repeat of the reference: how long it is, 9-mers cannot say. */
START_TEST(test_graph_loop_asks_for_larger_k)
{
	ck_assert(graph_start("GATTACAGGCTACACACATTGGACCTTAGGCATTCAGGAT", 9));
	graph_read("GATTACAGGCTACACACACACACACACATTGGACCTTAGGCATTCAG", 4);
	graph_ways();
	ck_assert(gf.g.cyclic);
	ck_assert_int_eq(gf.n_way, 0);
	/* the reference itself has both k-mers of the repeat: the loop is an edge back */
	ck_assert(graph_start("GATTAGGTCTTGACACACACACTTGGACCTTAGGCATTCAGGAT", 9));
	graph_read("GATTAGGTCTTGACACACACACACACACACTTGGACCTTAGGCATTCAG", 4);
	graph_ways();
	ck_assert(gf.g.cyclic);
	ck_assert_int_eq(gf.n_way, 0);
}
END_TEST

/* Loose ends on both sides of a substitution, as reads that end near it leave them. */
START_TEST(test_graph_loose_ends)
{
	char ref[121], alt[121];
	random_bases(ref, 120, 77);
	memcpy(alt, ref, sizeof(ref));
	alt[60] = alt[60] == 'A' ? 'C' : 'A';
	char tail[121], head[121];
	snprintf(tail, sizeof(tail), "%.73s", alt);   /* 12 bases beyond: fewer than k */
	snprintf(head, sizeof(head), "%s", alt + 46); /* 14 bases before */
	ck_assert(graph_start(ref, 25));
	graph_read(tail, 3);
	graph_ways();
	ck_assert_int_eq(gf.n_way, 1);
	ck_assert_int_eq(gf.way[0].beg, 60);
	ck_assert(graph_start(ref, 25));
	graph_read(head, 3);
	graph_ways();
	ck_assert_int_eq(gf.n_way, 1);
	ck_assert_int_le(gf.way[0].beg, 60);
	int at = 60 - gf.way[0].beg;
	ck_assert_int_lt(at, gf.way[0].n);
	ck_assert_int_eq(gf.way[0].alt[at], strchr("ACGT", alt[60]) - "ACGT");
}
END_TEST

START_TEST(test_graph_is_bounded)
{
	char s[1501];
	random_bases(s, 60, 3);
	ck_assert(graph_start(s, 25));
	random_bases(s, 1500, 8);
	graph_read(s, 2);
	ck_assert(gf.g.full);
	ck_assert_int_le(gf.g.n, gf.g.cap);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("call_assemble");
	TCase *t = tcase_create("all");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, test_deletions, 0, 5);
	tcase_add_loop_test(t, test_insertions, 0, 5);
	tcase_add_loop_test(t, test_tandem_duplications, 0, 5);
	tcase_add_test(t, test_replacement);
	tcase_add_test(t, test_lost_copy_shown_by_one_mismatch);
	tcase_add_test(t, test_copy_that_differs);
	tcase_add_loop_test(t, test_lone_gap_needs_clips, 0, 4);
	tcase_add_test(t, test_quiet_reads_cost_no_window);
	tcase_add_test(t, test_one_clipped_read_is_no_evidence);
	tcase_add_test(t, test_adapter_is_no_evidence);
	tcase_add_test(t, test_independent_of_the_shard);
	tcase_add_test(t, test_known_in_other_words);
	tcase_add_test(t, test_hapdiff);
	tcase_add_test(t, test_hapdiff_is_bounded);
	tcase_add_test(t, test_graph_needs_unique_kmers);
	tcase_add_test(t, test_graph_substitution);
	tcase_add_test(t, test_graph_light_ways_are_dropped);
	tcase_add_test(t, test_graph_loop_asks_for_larger_k);
	tcase_add_test(t, test_graph_loose_ends);
	tcase_add_test(t, test_graph_is_bounded);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int bad = srunner_ntests_failed(r);
	srunner_free(r);
	return bad != 0;
}
