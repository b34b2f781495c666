/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_call_hap_rec.c -- records of the haplotype engine: phase, star alleles, repeats, ploidy, samples,
 * forced sites at the border of a shard. */
#include <math.h>

#include "call_hand.h"

#define MID 1000

static void setup(void)
{
	hand_open("chr20", 1);
}

static struct hand_edit snv(int64_t pos)
{
	char t[2] = {hand_other(hd.ref[pos]), 0};
	return (struct hand_edit){pos, 1, grx_arena_strdup(hd.mem, t)};
}

static const struct grx_var *at(const struct grx_vars *v, int64_t pos)
{
	for (size_t i = 0; i < v->n; i++)
		if (v->v[i].pos == pos)
			return &v->v[i];
	ck_abort_msg("no record at %lld among %zu", (long long)pos, v->n);
	return NULL;
}

/* Two changes of one chromosome, a third of the other: one phase set that says so. */
START_TEST(test_phase)
{
	struct hand_edit a[2] = {snv(MID), {MID + 7, 3, ""}}, b[1] = {snv(MID + 14)};
	hand_pile(15, MID + 7, a, 2, 0);
	hand_pile(15, MID + 7, b, 1, 0);
	const struct grx_vars *v = hand_call();
	ck_assert_uint_eq(v->n, 3);
	const struct grx_var *x = at(v, MID), *y = &v->v[1], *z = at(v, MID + 14);
	for (size_t i = 0; i < 3; i++) {
		ck_assert(GRX_GT_PHASED(v->v[i].gt[1]));
		ck_assert_int_eq(*hand_fmt(&v->v[i], "PS", 0), MID + 1);
	}
	int on = GRX_GT_ALLELE(x->gt[0]) ? 0 : 1;
	hand_gt(y, 0, on == 0, on == 1);
	hand_gt(z, 0, on == 1, on == 0);
	ck_assert_int_ge(hand_fmt(x, "HC", 0)[0], 10);
	ck_assert_int_ge(hand_fmt(x, "HC", 0)[1], 10);
}
END_TEST

/* A change of a base that the other chromosome has lost. */
START_TEST(test_star)
{
	struct hand_edit a[1] = {{MID, 8, ""}}, b[1] = {snv(MID + 4)};
	hand_pile(15, MID + 4, a, 1, 0);
	hand_pile(15, MID + 4, b, 1, 0);
	const struct grx_vars *v = hand_call();
	ck_assert_uint_eq(v->n, 2);
	const struct grx_var *x = at(v, MID - 1), *y = at(v, MID + 4);
	ck_assert_int_eq(y->n_allele, 3);
	ck_assert_str_eq(y->allele[2], "*");
	int on = GRX_GT_ALLELE(x->gt[0]) == 1 ? 0 : 1;
	hand_gt(y, 0, on == 0 ? 2 : 1, on == 0 ? 1 : 2);
	ck_assert_int_gt(hand_fmt(y, "AD", 0)[1], 10);
	ck_assert_int_gt(hand_fmt(y, "AD", 0)[2], 10);
}
END_TEST

/* A base change at the anchor of an insertion takes nothing away: REF, no star. */
START_TEST(test_no_star_at_anchor)
{
	struct hand_edit a[1] = {snv(MID)}, b[1] = {{MID + 1, 0, "GATTA"}};
	hand_pile(15, MID, a, 1, 0);
	hand_pile(15, MID, b, 1, 0);
	const struct grx_vars *v = hand_call();
	ck_assert_uint_ge(v->n, 2);
	for (size_t i = 0; i < v->n; i++)
		for (int k = 1; k < v->v[i].n_allele; k++)
			ck_assert_str_ne(v->v[i].allele[k], "*");
}
END_TEST

/* Two lengths of a repeat, neither the reference's: one record, 1/2. */
START_TEST(test_het_alt_repeat)
{
	for (int i = 0; i < 24; i++)
		hd.ref[MID + i] = "CA"[i & 1];
	memcpy(hd.ref + MID - 3, "GTG", 3);
	memcpy(hd.ref + MID + 24, "TGT", 3);
	struct hand_edit a[1] = {{MID, 4, ""}}, b[1] = {{MID, 0, "CACA"}};
	hand_pile(16, MID + 12, a, 1, 0);
	hand_pile(16, MID + 12, b, 1, 0);
	const struct grx_vars *v = hand_call();
	ck_assert_uint_eq(v->n, 1);
	ck_assert_int_eq(v->v[0].pos, MID - 1);
	ck_assert_int_eq(v->v[0].n_allele, 3);
	int g0 = GRX_GT_ALLELE(v->v[0].gt[0]), g1 = GRX_GT_ALLELE(v->v[0].gt[1]);
	ck_assert(g0 + g1 == 3 && g0 > 0 && g1 > 0);
	ck_assert_int_gt(*hand_fmt(&v->v[0], "GQ", 0), 40);
}
END_TEST

START_TEST(test_haploid)
{
	hand_close();
	hand_open("chrY", 1);
	hd.opt.sex = "male";
	struct hand_edit a[2] = {snv(MID), {MID + 6, 3, ""}};
	hand_pile(20, MID, a, 2, 0);
	const struct grx_vars *v = hand_call();
	ck_assert_uint_eq(v->n, 2);
	for (size_t i = 0; i < 2; i++) {
		ck_assert_int_eq(v->v[i].ploidy, 1);
		ck_assert_int_eq(GRX_GT_ALLELE(v->v[i].gt[0]), 1);
		ck_assert_int_eq(grx_var_fmt(&v->v[i], "PL")->n, 2);
		ck_assert_ptr_null(grx_var_fmt(&v->v[i], "PS"));
	}
}
END_TEST

/* GQ, or -1 when no deletion of the child is called; parents: with their reads. */
static int child(bool parents)
{
	struct hand_edit a[1] = {{MID, 3, ""}};
	hand_close();
	hand_open("chr20", 3);
	a[0].pos = MID;
	for (int s = 1; s < 3 && parents; s++) {
		hand_pile(15, MID, a, 1, s);
		hand_pile(15, MID, NULL, 0, s);
	}
	hand_pile(1, MID, a, 1, 0);
	hand_pile(4, MID, NULL, 0, 0);
	const struct grx_vars *v = hand_call();
	for (size_t i = 0; i < v->n; i++)
		if (v->v[i].rlen == 4 && GRX_GT_ALLELE(v->v[i].gt[1]) == 1)
			return *hand_fmt(&v->v[i], "GQ", 0);
	return -1;
}

START_TEST(test_parents_lift_the_child)
{
	int alone = child(false), trio = child(true);
	ck_assert_msg(trio > 20 && trio > alone + 10, "alone %d, with parents %d", alone, trio);
}
END_TEST

START_TEST(test_sample_without_reads)
{
	struct hand_edit a[2] = {snv(MID), {MID + 6, 3, ""}};
	hand_close();
	hand_open("chr20", 3);
	a[0] = snv(MID);
	hand_pile(20, MID, a, 2, 0);
	hand_pile(20, MID, NULL, 0, 1);
	const struct grx_vars *v = hand_call();
	ck_assert_uint_eq(v->n, 2);
	for (size_t i = 0; i < 2; i++) {
		hand_gt(&v->v[i], 0, 1, 1);
		hand_gt(&v->v[i], 1, 0, 0);
		hand_gt(&v->v[i], 2, -1, -1);
		ck_assert_int_eq(*hand_fmt(&v->v[i], "DP", 2), 0);
		ck_assert_int_eq(*hand_fmt(&v->v[i], "PL", 2), GRX_INT_MISSING);
	}
}
END_TEST

static void force(int64_t pos, const char *ref, const char *alt)
{
	struct grx_site s = {
		.tid = 0, .pos = pos, .ref = (char *)(uintptr_t)ref, .alt = (char *)(uintptr_t)alt};
	ck_assert_int_eq(grx_sites_add(&hd.cx, hd.cx.sites, &s), GRX_OK);
}

static const struct grx_vars *shard(int64_t beg, int64_t end)
{
	hand_ready(beg, end);
	ck_assert_int_eq(grx_stage_call.shard(hd.state, &hd.cx, &hd.sh), GRX_OK);
	return hd.sh.vars;
}

/* A forced site before the border, a call 20 bases behind it: the same figures as without the border. */
START_TEST(test_forced_sees_calls_beyond_border)
{
	struct hand_edit a[1] = {snv(MID + 20)};
	hand_pile(15, MID + 10, a, 1, 0);
	hand_pile(15, MID + 10, NULL, 0, 0);
	force(MID, grx_arena_strndup(hd.mem, hd.ref + MID, 4), grx_arena_strndup(hd.mem, hd.ref + MID, 1));
	const struct grx_var *x = at(shard(100, 1900), MID), *y = at(shard(100, MID + 5), MID);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(hand_fmt(x, "PL", 0)[i], hand_fmt(y, "PL", 0)[i]);
	ck_assert_int_eq(*hand_fmt(x, "GQ", 0), *hand_fmt(y, "GQ", 0));
}
END_TEST

/* A forced record of the shard before shows a call of this one: it is not printed twice. */
START_TEST(test_call_shown_before_border)
{
	struct hand_edit a[1] = {{MID + 3, 0, "TTG"}};
	hand_pile(20, MID, a, 1, 0);
	const char *alt = grx_arena_printf(
		hd.mem, "%.4sTTG%.4s,%.1s", hd.ref + MID - 1, hd.ref + MID + 3, hd.ref + MID - 1);
	force(MID - 1, grx_arena_strndup(hd.mem, hd.ref + MID - 1, 8), alt);
	ck_assert_uint_eq(shard(100, MID)->n, 1);
	ck_assert_uint_eq(shard(MID, 1900)->n, 0);
}
END_TEST

/* Blocks leave out what a forced deletion of the shard before covers. */
START_TEST(test_blocks_after_forced_deletion)
{
	hd.opt.gvcf = true;
	hand_pile(20, MID, NULL, 0, 0);
	force(MID - 2, grx_arena_strndup(hd.mem, hd.ref + MID - 2, 8),
		grx_arena_strndup(hd.mem, hd.ref + MID - 2, 1));
	const struct grx_vars *v = shard(MID, 1900);
	ck_assert_int_eq(v->v[0].pos, MID + 6);
}
END_TEST

/* A site that is too long to be assessed stops no blocks beyond its first base, seen or not. */
START_TEST(test_blocks_after_forced_beyond_reach)
{
	hd.opt.gvcf = true;
	hand_pile(20, MID, NULL, 0, 0);
	force(MID - 2, grx_arena_strndup(hd.mem, hd.ref + MID - 2, 900),
		grx_arena_strndup(hd.mem, hd.ref + MID - 2, 1));
	ck_assert_int_eq(shard(MID, 1900)->v[0].pos, MID);
	const struct grx_vars *v = shard(100, 1900);
	ck_assert_int_eq(at(v, MID - 1)->n_allele, 2);
	ck_assert_str_eq(at(v, MID - 1)->allele[1], "<*>");
}
END_TEST

/* Of three samples one has reads, one only reads without bases, one a call: each has a genotype of its own.
 */
START_TEST(test_forced_without_evidence)
{
	struct hand_edit a[1] = {{MID + 1, 3, ""}};
	char bases[101];
	hand_close();
	hand_open("chr20", 3);
	memset(bases, 'N', 100);
	bases[100] = 0;
	hand_pile(20, MID, NULL, 0, 0);
	for (int i = 0; i < 20; i++)
		hand_read(MID - 80 + i * 3, bases, "100M")->sample = 1;
	hand_pile(20, MID, a, 1, 2);
	force(MID, grx_arena_strndup(hd.mem, hd.ref + MID, 4), grx_arena_strndup(hd.mem, hd.ref + MID, 1));
	const struct grx_var *x = at(hand_call(), MID);
	hand_gt(x, 0, 0, 0);
	hand_gt(x, 1, -1, -1);
	hand_gt(x, 2, 1, 1);
}
END_TEST

/* Without an ALT the other bases speak against REF: what the reads show is not REF, however near the calls.
 */
START_TEST(test_forced_without_alt)
{
	struct hand_edit a[2] = {snv(MID), {MID + 6, 3, ""}};
	hand_pile(15, MID, a, 2, 0);
	hand_pile(15, MID, NULL, 0, 0);
	force(MID, grx_arena_strndup(hd.mem, hd.ref + MID, 1), ".");
	force(MID + 7, grx_arena_strndup(hd.mem, hd.ref + MID + 7, 1), ".");
	const struct grx_vars *v = hand_call();
	const struct grx_var *x = at(v, MID), *y = at(v, MID + 7);
	ck_assert_uint_eq(v->n, 3);
	ck_assert_int_eq(x->n_allele, 2);
	ck_assert_int_eq(GRX_GT_ALLELE(x->gt[0]) + GRX_GT_ALLELE(x->gt[1]), 1);
	ck_assert(GRX_GT_PHASED(x->gt[1]));
	ck_assert_str_eq(y->allele[1], "*");
	ck_assert_int_eq(GRX_GT_ALLELE(y->gt[0]) + GRX_GT_ALLELE(y->gt[1]), 1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("call_hap_rec");
	TCase *t = tcase_create("records");
	tcase_add_checked_fixture(t, setup, hand_close);
	tcase_add_test(t, test_phase);
	tcase_add_test(t, test_star);
	tcase_add_test(t, test_no_star_at_anchor);
	tcase_add_test(t, test_het_alt_repeat);
	tcase_add_test(t, test_haploid);
	tcase_add_test(t, test_parents_lift_the_child);
	tcase_add_test(t, test_sample_without_reads);
	tcase_add_test(t, test_forced_sees_calls_beyond_border);
	tcase_add_test(t, test_call_shown_before_border);
	tcase_add_test(t, test_blocks_after_forced_deletion);
	tcase_add_test(t, test_blocks_after_forced_beyond_reach);
	tcase_add_test(t, test_forced_without_evidence);
	tcase_add_test(t, test_forced_without_alt);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
