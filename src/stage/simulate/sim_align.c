/* SPDX-License-Identifier: GPL-3.0-or-later
 * sim_align.c -- from known positions to the CIGAR an aligner would print.
 * Scores as short-read aligners use them: match 1, mismatch -4, gap -6 - length, clipped end -5. An indel
 * that does not pay for itself near an end becomes mismatches or a soft clip. rp: >= 0 position, -1 inserted,
 * -2 adapter. */
#include <string.h>

#include "stage/simulate/simulate_int.h"

enum { GAP_OPEN = 6, MISMATCH = 4, CLIP = 5, MIN_ALIGNED = 30 };

struct span {
	const struct sim_win *win;
	const char *bases;
	int64_t *rp;
	int lo, hi; /* aligned part */
};

static char ref_at(const struct sim_win *w, int64_t pos)
{
	return pos >= w->beg && pos < w->end ? w->seq[pos - w->beg] : 'N';
}

/* The outermost gap at the end that d points to (1 right, -1 left): is it worth its price? false when the end
 * is done. */
static bool end_step(struct span *s, int d)
{
	int e = d > 0 ? s->hi - 1 : s->lo, limit = d > 0 ? s->lo : s->hi - 1, i = e, j, t, total, u = -1,
	    mm = 0, gapped = 0;
	int64_t gap = 0;

	if (s->rp[e] >= 0) {
		while (i != limit && s->rp[i - d] == s->rp[i] - d)
			i -= d;
		if (i == limit)
			return false;
		for (t = i; t != e + d; t += d)
			gapped += s->bases[t] == ref_at(s->win, s->rp[t]) ? 1 : -MISMATCH;
	} else {
		i = e + d;
	}
	for (j = i - d; j != limit && s->rp[j] < 0; j -= d)
		gap++;
	if (s->rp[j] < 0)
		return false;
	if (i != e + d)
		gap += (s->rp[i] - s->rp[j]) * d - 1;
	total = (e - j) * d;
	for (t = 1; t <= total; t++) {
		if (s->bases[j + t * d] == ref_at(s->win, s->rp[j] + t * d))
			continue;
		u = u < 0 ? t - 1 : u;
		mm++;
	}
	u = u < 0 ? total : u;
	if (gapped - GAP_OPEN - gap >
		(total - mm * (1 + MISMATCH) > u - CLIP ? total - mm * (1 + MISMATCH) : u - CLIP))
		return false;
	if (total - mm * (1 + MISMATCH) >= u - CLIP)
		u = total;
	for (t = 1; t <= u; t++)
		s->rp[j + t * d] = s->rp[j] + t * d;
	if (d > 0)
		s->hi = j + u + 1;
	else
		s->lo = j - u;
	return true;
}

static bool cigar_push(struct sim_aln *a, int op, int64_t len)
{
	if (len <= 0)
		return true;
	if (a->n && GRX_CIG_OP(a->cigar[a->n - 1]) == op) {
		a->cigar[a->n - 1] += (uint32_t)len << 4;
		return true;
	}
	if (a->n == sizeof(a->cigar) / sizeof(a->cigar[0]))
		return false;
	a->cigar[a->n++] = (uint32_t)len << 4 | (uint32_t)op;
	return true;
}

static bool cigar_make(const struct span *s, int n, struct sim_aln *a)
{
	int64_t last = s->rp[s->lo] - 1;
	bool ok = cigar_push(a, GRX_C_S, s->lo);
	int i;

	a->pos = s->rp[s->lo];
	for (i = s->lo; i < s->hi && ok; i++) {
		if (s->rp[i] < 0) {
			ok = cigar_push(a, GRX_C_I, 1);
			a->nm++;
			continue;
		}
		a->nm += (int32_t)(s->rp[i] - last - 1);
		ok = cigar_push(a, GRX_C_D, s->rp[i] - last - 1) && cigar_push(a, GRX_C_M, 1);
		a->nm += s->bases[i] != ref_at(s->win, s->rp[i]);
		last = s->rp[i];
	}
	a->end = last + 1;
	return ok && cigar_push(a, GRX_C_S, n - s->hi);
}

bool simulate_align(const struct sim_win *win, const char *bases, int64_t *rp, int n, struct sim_aln *out)
{
	struct span s = {win, bases, rp, 0, n};

	memset(out, 0, sizeof(*out));
	while (s.lo < s.hi && rp[s.lo] == -2)
		s.lo++;
	while (s.hi > s.lo && rp[s.hi - 1] == -2)
		s.hi--;
	while (s.hi - s.lo >= MIN_ALIGNED && end_step(&s, 1))
		;
	while (s.hi - s.lo >= MIN_ALIGNED && end_step(&s, -1))
		;
	if (s.hi - s.lo < MIN_ALIGNED || rp[s.lo] < 0 || rp[s.hi - 1] < 0)
		return false;
	return cigar_make(&s, n, out);
}
