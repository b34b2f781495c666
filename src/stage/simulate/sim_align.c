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

/* The outermost gap towards the end that d points to (1 right, -1 left). */
struct gap {
	int inner;   /* last aligned base before the gap */
	int flank;   /* first base beyond it; may be past the end */
	int64_t len; /* inserted + deleted bases */
};

static bool gap_find(const struct span *s, int d, struct gap *g)
{
	int e = d > 0 ? s->hi - 1 : s->lo, limit = d > 0 ? s->lo : s->hi - 1, i = e, j;

	if (s->rp[e] >= 0) {
		while (i != limit && s->rp[i - d] == s->rp[i] - d)
			i -= d;
		if (i == limit)
			return false;
	} else {
		i = e + d; /* the read ends within an insertion */
	}
	g->flank = i;
	g->len = 0;
	for (j = i - d; j != limit && s->rp[j] < 0; j -= d)
		g->len++;
	if (s->rp[j] < 0)
		return false;
	if (i != e + d)
		g->len += (s->rp[i] - s->rp[j]) * d - 1;
	g->inner = j;
	return true;
}

/* Bases that match when the alignment goes on from g->inner without the gap; *mm mismatches among all
 * `total`. */
static int ungapped(const struct span *s, int d, const struct gap *g, int total, int *mm)
{
	int t, u = -1;

	*mm = 0;
	for (t = 1; t <= total; t++) {
		if (s->bases[g->inner + t * d] == ref_at(s->win, s->rp[g->inner] + t * d))
			continue;
		u = u < 0 ? t - 1 : u;
		++*mm;
	}
	return u < 0 ? total : u;
}

/* Is the outermost gap worth its price? false when the end needs no (more) change. */
static bool end_step(struct span *s, int d)
{
	int e = d > 0 ? s->hi - 1 : s->lo, t, total, u, mm, gapped = 0, through;
	struct gap g;

	if (!gap_find(s, d, &g))
		return false;
	for (t = g.flank; t != e + d; t += d)
		gapped += s->bases[t] == ref_at(s->win, s->rp[t]) ? 1 : -MISMATCH;
	total = (e - g.inner) * d;
	u = ungapped(s, d, &g, total, &mm);
	through = total - mm * (1 + MISMATCH);
	if (gapped - GAP_OPEN - g.len > (through > u - CLIP ? through : u - CLIP))
		return false;
	if (through >= u - CLIP)
		u = total;
	for (t = 1; t <= u; t++)
		s->rp[g.inner + t * d] = s->rp[g.inner] + t * d;
	if (d > 0)
		s->hi = g.inner + u + 1;
	else
		s->lo = g.inner - u;
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
