/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_call_foreign.c -- reads from elsewhere: what is taken out, what must stay, and the same from any
 * shard.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "bio/contig.h"
#include "math/prob.h"
#include "stage/call/call_int.h"
#include "stage/call/foreign.h"

#define LEN      8000
#define READ_LEN 150
#define MAX_READ 12000
#define BEG      2500 /* of the stretch with foreign reads */
#define END      5500

enum kind { NATIVE, FOREIGN };

struct world {
	struct grx_ctx cx;
	struct grx_contigs *contigs;
	struct grx_arena *mem;
	struct grx_reads reads;
	struct call_state st;
	char ref[LEN + 1], hap[6][LEN + 1];
	struct grx_read v[MAX_READ];
	uint32_t seed;
	int n_name;
};

static struct world wd;

static uint32_t rnd(uint32_t n)
{
	wd.seed = wd.seed * 1664525u + 1013904223u;
	return (uint32_t)((uint64_t)(wd.seed >> 4) * n >> 28);
}

static void setup(void)
{
	memset(&wd, 0, sizeof(wd));
	grx_math_init();
	wd.seed = 4711;
	wd.mem = grx_arena_new();
	wd.contigs = grx_contigs_new();
	ck_assert_int_eq(grx_contigs_add(&wd.cx, wd.contigs, "chr20", LEN, NULL), GRX_OK);
	wd.cx.contigs = wd.contigs;
	wd.st.opt = (struct call_opt){.sex = "auto", .min_mapq = 20, .min_baseq = 13, .max_depth = 500};
	for (int i = 0; i < LEN; i++)
		wd.ref[i] = "ACGT"[rnd(4)];
	for (int h = 0; h < 6; h++)
		memcpy(wd.hap[h], wd.ref, LEN);
	wd.reads.v = wd.v;
}

static void teardown(void)
{
	grx_contigs_free(wd.contigs);
	grx_arena_free(wd.mem);
}

/* Change one base in `every` of haplotype h within [beg, end). */
static void diverge(int h, uint32_t every, int beg, int end)
{
	for (int i = beg; i < end; i++)
		if (rnd(every) == 0)
			wd.hap[h][i] = wd.hap[h][i] == 'A'   ? 'G'
				       : wd.hap[h][i] == 'G' ? 'A'
				       : wd.hap[h][i] == 'C' ? 'T'
							     : 'C';
}

static void add_read(int h, int pos, int mpos, enum kind kind, int name, bool second)
{
	ck_assert_uint_lt(wd.reads.n, MAX_READ);
	uint8_t *seq = grx_arena_calloc(wd.mem, READ_LEN / 2 + 1, 1),
		*qual = grx_arena_alloc(wd.mem, READ_LEN, 1);
	uint32_t *cigar = grx_arena_alloc(wd.mem, 1, sizeof(*cigar));
	*cigar = READ_LEN << 4;
	memset(qual, 35, READ_LEN);
	for (int i = 0; i < READ_LEN; i++) {
		char b = rnd(500) ? wd.hap[h][pos + i] : "ACGT"[rnd(4)];
		int code = b == 'A' ? 1 : b == 'C' ? 2 : b == 'G' ? 4 : 8;
		seq[i / 2] |= (uint8_t)(code << (i & 1 ? 0 : 4));
	}
	wd.v[wd.reads.n++] = (struct grx_read){.pos = pos,
		.end = pos + READ_LEN,
		.flag = (uint16_t)(GRX_R_PAIRED | GRX_R_PROPER |
				   (second ? GRX_R_READ2 | GRX_R_REVERSE : GRX_R_READ1)),
		.mapq = 60,
		.l_seq = READ_LEN,
		.n_cigar = 1,
		.cigar = cigar,
		.seq = seq,
		.qual = qual,
		.mpos = mpos,
		.name = grx_arena_printf(wd.mem, "%c%d", kind == FOREIGN ? 'f' : 'n', name),
		.name_hash = (uint64_t)(name + 1) * 0x9E3779B97F4A7C15u};
}

/* Pairs of haplotype h at a depth of `depth`, starting within [beg, end). */
static void sequence(int h, int depth, int beg, int end, enum kind kind)
{
	int n = depth * (end - beg) / (2 * READ_LEN);
	for (int i = 0; i < n; i++) {
		int span = 220 + (int)rnd(300), pos = beg + (int)rnd((uint32_t)(end - beg - span)),
		    m = pos + span - READ_LEN;
		add_read(h, pos, m, kind, wd.n_name, false);
		add_read(h, m, pos, kind, wd.n_name++, true);
	}
}

static int by_pos(const void *a, const void *b)
{
	const struct grx_read *x = a, *y = b;
	return x->pos != y->pos ? (x->pos > y->pos) - (x->pos < y->pos) : strcmp(x->name, y->name);
}

static struct grx_shard shard(int beg, int end)
{
	int hb = beg > 1000 ? beg - 1000 : 0, he = end + 1000 < LEN ? end + 1000 : LEN;
	struct grx_reads *rs = grx_arena_calloc(wd.mem, 1, sizeof(*rs));
	qsort(wd.v, wd.reads.n, sizeof(*wd.v), by_pos);
	rs->v = grx_arena_alloc(wd.mem, wd.reads.n, sizeof(*rs->v));
	for (size_t i = 0; i < wd.reads.n; i++)
		if (wd.v[i].end > hb && wd.v[i].pos < he)
			rs->v[rs->n++] = wd.v[i];
	return (struct grx_shard){.beg = beg,
		.end = end,
		.halo_beg = hb,
		.halo_end = he,
		.ref = wd.ref + hb,
		.ref_beg = hb,
		.ref_end = he,
		.reads = rs,
		.mem = wd.mem};
}

/* Select the reads of a shard and take the foreign ones out. */
static struct call_work run(struct grx_shard *sh, double depth)
{
	static enum grx_sex sex = GRX_SEX_UNKNOWN;
	wd.st.sex = &sex;
	struct call_work w = {
		.st = &wd.st, .cx = &wd.cx, .sh = sh, .mem = wd.mem, .out = wd.mem, .n_sample = 1};
	w.n = grx_arena_calloc(wd.mem, 1, sizeof(*w.n));
	w.beg = sh->beg - CALL_PAD_BP < sh->ref_beg ? sh->ref_beg : sh->beg - CALL_PAD_BP;
	w.end = sh->end + CALL_PAD_BP > sh->ref_end ? sh->ref_end : sh->end + CALL_PAD_BP;
	ck_assert_int_eq(call_reads_select(&w), GRX_OK);
	ck_assert_int_eq(call_foreign_mark(&w, depth), GRX_OK);
	return w;
}

static int count_left(const struct call_work *w, char kind)
{
	int n = 0;
	for (int32_t i = 0; i < w->n_aln; i++)
		n += w->aln[i].r->name[0] == kind;
	return n;
}

static int count_all(char kind)
{
	int n = 0;
	for (size_t i = 0; i < wd.reads.n; i++)
		n += wd.v[i].name[0] == kind;
	return n;
}

/* A sample of two haplotypes at 15x each, one difference in a thousand. */
static void natives(void)
{
	for (int h = 0; h < 2; h++) {
		diverge(h, 1000, 0, LEN);
		sequence(h, 15, 0, LEN, NATIVE);
	}
}

START_TEST(paralog_is_taken_out)
{
	/* divergence 1 in 30, 60 or 120; one extra haplotype or two, or four */
	static const int every[] = {30, 60, 120, 40}, depth[] = {30, 15, 30, 60};
	natives();
	diverge(2, (uint32_t)every[_i], BEG, END);
	sequence(2, depth[_i], BEG, END, FOREIGN);
	struct grx_shard sh = shard(0, LEN);
	struct call_work w = run(&sh, 30);
	int nat = count_all('n') - count_left(&w, 'n'), left = count_left(&w, 'f'), all = count_all('f');
	/* beside a stretch with few differences a native haplotype may pass for a part of it */
	ck_assert_msg(
		nat <= count_all('n') / (every[_i] > 100 ? 100 : 250), "%d native reads taken out", nat);
	/* a pair without a difference cannot be told, nor can a place with few of them */
	ck_assert_msg(left <= all / (every[_i] > 100 ? 3 : 5), "%d of %d foreign reads are left", left, all);
	ck_assert_int_eq(w.n->foreign, nat + all - left);
	ck_assert_int_eq(w.n->used, w.n_aln);
	ck_assert_int_ge(w.n->foreign_regions, 1);
	ck_assert_int_ge(w.n->foreign_bases, END - BEG - 1200);
	ck_assert(call_foreign_at(&w, (BEG + END) / 2) > 0.2);
	ck_assert(call_foreign_at(&w, 500) <= 0);
}
END_TEST

START_TEST(two_paralogs_at_one_place)
{
	natives();
	for (int h = 2; h < 4; h++) {
		diverge(h, h == 2 ? 30 : 70, BEG, END);
		sequence(h, h == 2 ? 30 : 15, BEG, END, FOREIGN);
	}
	struct grx_shard sh = shard(0, LEN);
	struct call_work w = run(&sh, 30);
	ck_assert_int_le(count_left(&w, 'f'), count_all('f') / 5);
	ck_assert_int_ge(count_left(&w, 'n'), count_all('n') - count_all('n') / 200);
}
END_TEST

/* What must stay: the depth is that of two haplotypes, or the extra copies are the sample's own. */
START_TEST(dense_haplotype_stays)
{
	diverge(0, 30, BEG, END);
	sequence(0, 15, 0, LEN, NATIVE);
	sequence(1, 15, 0, LEN, NATIVE);
	struct grx_shard sh = shard(0, LEN);
	struct call_work w = run(&sh, 30);
	ck_assert_int_eq(count_left(&w, 'n'), count_all('n'));
	ck_assert_int_eq(w.n->foreign, 0);
	ck_assert_ptr_null(w.frn);
}
END_TEST

START_TEST(two_dense_haplotypes_stay)
{
	for (int h = 0; h < 2; h++) {
		diverge(h, 30, BEG, END);
		sequence(h, 15, 0, LEN, NATIVE);
	}
	struct grx_shard sh = shard(0, LEN);
	struct call_work w = run(&sh, 30);
	ck_assert_int_eq(w.n->foreign, 0);
}
END_TEST

START_TEST(gain_of_own_copies_stays)
{
	natives();
	sequence(1, 15, BEG, END, NATIVE);
	struct grx_shard sh = shard(0, LEN);
	struct call_work w = run(&sh, 30);
	ck_assert_int_eq(w.n->foreign, 0);
}
END_TEST

START_TEST(unknown_depth_judges_nothing)
{
	natives();
	diverge(2, 30, BEG, END);
	sequence(2, 30, BEG, END, FOREIGN);
	struct grx_shard sh = shard(0, LEN);
	struct call_work w = run(&sh, 0);
	ck_assert_int_eq(w.n->foreign, 0);
	ck_assert_int_eq(w.n_aln, (int)wd.reads.n);
}
END_TEST

START_TEST(links_hold_after_removal)
{
	natives();
	diverge(2, 40, BEG, END);
	sequence(2, 30, BEG, END, FOREIGN);
	struct grx_shard sh = shard(1000, 7000);
	struct call_work w = run(&sh, 30);
	int linked = 0;
	ck_assert_int_gt(w.n->foreign, 0);
	for (int32_t i = 0; i < w.n_aln; i++) {
		if (w.aln[i].mate < 0)
			continue;
		linked++;
		ck_assert_int_eq(w.aln[w.aln[i].mate].mate, i);
		ck_assert_str_eq(w.aln[w.aln[i].mate].r->name, w.aln[i].r->name);
	}
	ck_assert_int_gt(linked, 0);
	for (int64_t p = w.beg; p < w.end; p += 7) {
		int32_t first = call_reads_first(&w, p);
		for (int32_t i = 0; i < first; i++)
			ck_assert(w.aln[i].uend <= p || w.aln[i].ubeg > p);
	}
}
END_TEST

static bool has(const struct call_work *w, const struct grx_read *r)
{
	for (int32_t i = 0; i < w->n_aln; i++)
		if (w->aln[i].r->pos == r->pos && strcmp(w->aln[i].r->name, r->name) == 0)
			return true;
	return false;
}

/* Wherever the border is: reads within 200 bp of it have one verdict, and the counts of the halves add up. */
START_TEST(same_from_either_shard)
{
	natives();
	diverge(2, 60, BEG, END);
	sequence(2, 30, BEG, END, FOREIGN);
	struct grx_shard whole = shard(0, LEN);
	struct call_work all = run(&whole, 30);
	int cut = BEG - 300 + _i * 143;
	struct grx_shard sl = shard(0, cut), sr = shard(cut, LEN);
	struct call_work l = run(&sl, 30), r = run(&sr, 30);
	int n = 0;
	for (size_t i = 0; i < wd.reads.n; i++) {
		if (wd.v[i].end <= cut - 200 || wd.v[i].pos >= cut + 200)
			continue;
		n++;
		ck_assert_int_eq(has(&l, &wd.v[i]), has(&r, &wd.v[i]));
		ck_assert_int_eq(has(&l, &wd.v[i]), has(&all, &wd.v[i]));
	}
	ck_assert_int_gt(n, 50);
	ck_assert_int_eq(l.n->foreign + r.n->foreign, all.n->foreign);
	ck_assert_int_eq(l.n->used + r.n->used, all.n->used);
	ck_assert_int_eq(l.n->foreign_bases + r.n->foreign_bases, all.n->foreign_bases);
	ck_assert_int_eq(l.n->foreign_regions + r.n->foreign_regions, all.n->foreign_regions);
	for (int p = cut - 100; p < cut + 100; p += 10)
		ck_assert(call_foreign_at(&l, p) == call_foreign_at(&r, p));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("call_foreign");
	TCase *t = tcase_create("foreign");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, paralog_is_taken_out, 0, 4);
	tcase_add_test(t, two_paralogs_at_one_place);
	tcase_add_test(t, dense_haplotype_stays);
	tcase_add_test(t, two_dense_haplotypes_stay);
	tcase_add_test(t, gain_of_own_copies_stays);
	tcase_add_test(t, unknown_depth_judges_nothing);
	tcase_add_test(t, links_hold_after_removal);
	tcase_add_loop_test(t, same_from_either_shard, 0, 24);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
