/* SPDX-License-Identifier: GPL-3.0-or-later
 * check_seen.c -- what a read shows over a stretch: substitutions, insertions, deletions, clips, ends. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "bio/seen.h"

enum { MAX_CIGAR = 8, MAX_LEN = 128 };

/* A read placed at pos with "5M1I4M"; qualities 30 but 10 at base `low`. */
struct made {
	struct grx_read r;
	uint32_t cigar[MAX_CIGAR];
	uint8_t seq[MAX_LEN], qual[MAX_LEN];
};

static void make(struct made *m, int64_t pos, const char *cigar, const char *bases, int low)
{
	static const char ops[] = "MIDNSHP=X";
	memset(m, 0, sizeof *m);
	m->r.pos = m->r.end = pos;
	m->r.cigar = m->cigar;
	m->r.seq = m->seq;
	m->r.qual = m->qual;
	m->r.l_seq = (int32_t)strlen(bases);
	for (const char *p = cigar; *p;) {
		char *end;
		uint32_t n = (uint32_t)strtoul(p, &end, 10), op = (uint32_t)(strchr(ops, *end) - ops);
		m->cigar[m->r.n_cigar++] = n << 4 | op;
		if (GRX_CIG_REF(op))
			m->r.end += n;
		p = end + 1;
	}
	for (int i = 0; i < m->r.l_seq; i++) {
		uint8_t c = (uint8_t)(strchr(grx_nt16, bases[i]) - grx_nt16);
		m->seq[i >> 1] |= (uint8_t)(i & 1 ? c : c << 4);
		m->qual[i] = i == low ? 10 : 30;
	}
}

/* Stretch [beg, end) of a read at 100. */
static struct grx_seen look(const char *cigar, const char *bases, int64_t beg, int64_t end, bool indel)
{
	struct made m;
	struct grx_seen s;
	make(&m, 100, cigar, bases, 3);
	grx_seen(&m.r, beg, end, indel, &s);
	return s;
}

START_TEST(test_substitution)
{
	struct grx_seen s = look("10M", "ACGTACGTAC", 102, 103, false);
	ck_assert_str_eq(s.bases, "G");
	ck_assert(s.whole && !s.spill);
	ck_assert_int_eq(s.qual, 30);
	s = look("10M", "ACGTACGTAC", 102, 105, false);
	ck_assert_str_eq(s.bases, "GTA");
	ck_assert_int_eq(s.qual, 10);
	s = look("2S8M", "ACGTACGTAC", 100, 101, false); /* clipped bases lie before pos */
	ck_assert_str_eq(s.bases, "G");
	s = look("4=1X5=", "ACGTACGTAC", 104, 105, false);
	ck_assert_str_eq(s.bases, "A");
}
END_TEST

START_TEST(test_insertion)
{
	/* anchor at 102, two bases inserted after it */
	struct grx_seen s = look("3M2I5M", "ACGTTACGTA", 102, 103, true);
	ck_assert_str_eq(s.bases, "GTT");
	ck_assert(s.whole && !s.spill);
	s = look("3M2I5M", "ACGTTACGTA", 102, 103, false); /* an SNV locus: the insertion is beside it */
	ck_assert_str_eq(s.bases, "G");
	s = look("3M2I5M", "ACGTTACGTA", 103, 104, true); /* an insertion before the stretch is not in it */
	ck_assert_str_eq(s.bases, "A");
	s = look("3M2I5M", "ACGTTACGTA", 101, 105, true);
	ck_assert_str_eq(s.bases, "CGTTAC");
	s = look("8M2I", "ACGTACGTTT", 107, 108, true); /* nothing aligned beyond: may go on */
	ck_assert(!s.whole);
}
END_TEST

START_TEST(test_deletion)
{
	struct grx_seen s = look("3M2D5M", "ACGTACGT", 102, 105, true); /* exactly REF's two bases */
	ck_assert_str_eq(s.bases, "G");
	ck_assert(s.whole && !s.spill);
	s = look("3M3D5M", "ACGTACGT", 102, 105, true); /* longer than the one asked about */
	ck_assert_str_eq(s.bases, "G");
	ck_assert(s.spill);
	s = look("3M2D5M", "ACGTACGT", 103, 104, false); /* the base itself is deleted */
	ck_assert_str_eq(s.bases, "");
	ck_assert(s.spill);
	s = look("3M1D5M", "ACGTACGT", 102, 103, false); /* a deletion behind an SNV is beside it */
	ck_assert(!s.spill);
	s = look("3M4N5M", "ACGTACGT", 102, 109, true);
	ck_assert(s.spill);
}
END_TEST

START_TEST(test_ends)
{
	struct grx_seen s = look("10M", "ACGTACGTAC", 98, 102, false);
	ck_assert(!s.whole);
	s = look("10M", "ACGTACGTAC", 109, 110, false);
	ck_assert_str_eq(s.bases, "C");
	ck_assert(s.whole);
	s = look("10M", "ACGTACGTAC", 109, 110, true);
	ck_assert(!s.whole);
	s = look("10M", "", 102, 103, false); /* SEQ '*' */
	ck_assert(!s.whole);
	ck_assert_int_eq(s.qual, -1);
}
END_TEST

START_TEST(test_long)
{
	char bases[MAX_LEN];
	struct grx_seen s;
	memset(bases, 'A', sizeof bases);
	bases[MAX_LEN - 1] = '\0';
	s = look("3M100I24M", bases, 102, 103, true);
	ck_assert(!s.whole);
	ck_assert_uint_eq(strlen(s.bases), GRX_SEEN_MAX - 1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("seen");
	TCase *t = tcase_create("seen");
	tcase_add_test(t, test_substitution);
	tcase_add_test(t, test_insertion);
	tcase_add_test(t, test_deletion);
	tcase_add_test(t, test_ends);
	tcase_add_test(t, test_long);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
