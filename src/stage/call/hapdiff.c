/* SPDX-License-Identifier: GPL-3.0-or-later
 * hapdiff.c -- a sequence against the reference: the changes that turn one into the other.
 * Costs are those of the common read mappers (match 1, mismatch -4, gap -6 -1 a base), doubled and taken
 * against the perfect score, so that what assembly finds is written as the CIGARs write it. */
#include <string.h>

#include "stage/call/assemble.h"

#define MISMATCH 10
#define GAP_OPEN 12
#define GAP_EXT  3
#define MAX_SIDE 640
#define INF      1000000

/* Of a cell: how M was best reached, and whether the gaps that end here were opened here. */
enum { FROM_D = 1, FROM_I = 2, OPEN_D = 4, OPEN_I = 8 };

/* Fill dp; cell (i, j) ends before ref[i], alt[j]. On equal cost a gap is closed as late as possible seen
 * from the end, which puts it to the left. */
static void fill(const uint8_t *ref, int nr, const uint8_t *alt, int na, uint8_t *dp)
{
	int m[MAX_SIDE + 1], del[MAX_SIDE + 1];
	m[0] = 0;
	for (int j = 1; j <= na; j++) {
		m[j] = GAP_OPEN + GAP_EXT * j;
		dp[j] = FROM_I | (j == 1 ? OPEN_I : 0);
	}
	for (int j = 0; j <= na; j++)
		del[j] = INF;
	for (int i = 1; i <= nr; i++) {
		uint8_t *row = dp + (size_t)i * (size_t)(na + 1);
		int diag = m[0], ins = INF;
		m[0] = GAP_OPEN + GAP_EXT * i;
		del[0] = m[0];
		row[0] = FROM_D | (i == 1 ? OPEN_D : 0);
		for (int j = 1; j <= na; j++) {
			uint8_t t = 0;
			int open = m[j] + GAP_OPEN + GAP_EXT, ext = del[j] + GAP_EXT;
			del[j] = open < ext ? open : ext;
			t |= open < ext ? OPEN_D : 0;
			open = m[j - 1] + GAP_OPEN + GAP_EXT;
			ext = ins + GAP_EXT;
			ins = open < ext ? open : ext;
			t |= open < ext ? OPEN_I : 0;
			int best = diag + (ref[i - 1] == alt[j - 1] ? 0 : MISMATCH);
			diag = m[j];
			if (del[j] < best) {
				best = del[j];
				t |= FROM_D;
			}
			if (ins < best) {
				best = ins;
				t = (uint8_t)((t & ~FROM_D) | FROM_I);
			}
			m[j] = best;
			row[j] = t;
		}
	}
}

struct trace {
	const uint8_t *dp;
	int na, i, j;
	struct call_diff *d;
	int n;
};

static bool put(struct trace *t, int rlen, int alen)
{
	if (t->n == ASM_MAX_DIFF)
		return false;
	t->d[t->n++] = (struct call_diff){t->i, rlen, t->j, alen};
	return true;
}

/* Walk one gap to its opening. */
static bool trace_gap(struct trace *t, bool is_del)
{
	int len = 0;
	uint8_t bit = is_del ? OPEN_D : OPEN_I;
	bool open = false;
	while (!open) {
		open = (t->dp[(size_t)t->i * (size_t)(t->na + 1) + (size_t)t->j] & bit) != 0;
		*(is_del ? &t->i : &t->j) -= 1;
		len++;
		open |= (is_del ? t->i : t->j) == 0;
	}
	return put(t, is_del ? len : 0, is_del ? 0 : len);
}

static int trace_back(
	const uint8_t *ref, int nr, const uint8_t *alt, int na, const uint8_t *dp, struct call_diff *d)
{
	struct trace t = {dp, na, nr, na, d, 0};
	while (t.i || t.j) {
		uint8_t c = dp[(size_t)t.i * (size_t)(na + 1) + (size_t)t.j];
		if (c & (FROM_D | FROM_I)) {
			if (!trace_gap(&t, (c & FROM_D) != 0))
				return -1;
			continue;
		}
		t.i--, t.j--;
		if (ref[t.i] != alt[t.j] && !put(&t, 1, 1))
			return -1;
	}
	return t.n;
}

int call_hapdiff(const uint8_t *ref, int nr, const uint8_t *alt, int na, uint8_t *dp, struct call_diff *d)
{
	int pre = 0, n = 0;
	while (nr && na && ref[nr - 1] == alt[na - 1])
		nr--, na--;
	while (pre < nr && pre < na && ref[pre] == alt[pre])
		pre++;
	nr -= pre;
	na -= pre;
	if (nr == 0 && na == 0)
		return 0;
	if (nr == 0 || na == 0 || (nr == 1 && na == 1)) {
		d[0] = (struct call_diff){pre, nr, pre, na};
		return 1;
	}
	if (nr > MAX_SIDE || na > MAX_SIDE || (nr + 1) * (na + 1) > ASM_DP_BYTES)
		return -1;
	fill(ref + pre, nr, alt + pre, na, dp);
	n = trace_back(ref + pre, nr, alt + pre, na, dp, d);
	for (int i = 0; i < n; i++) {
		d[i].rpos += pre;
		d[i].apos += pre;
	}
	return n;
}
