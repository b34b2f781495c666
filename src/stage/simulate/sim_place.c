/* SPDX-License-Identifier: GPL-3.0-or-later
 * sim_place.c -- all places of a read, and the pair of places an aligner would choose. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stage/simulate/sim_place.h"

enum { UNPAIRED = 17, ALONE = 40 };

/* ---- a read ---- */

static int by_score(const void *a, const void *b)
{
	const struct sim_hit *x = a, *y = b;

	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	if (x->win != y->win)
		return x->win < y->win ? -1 : 1;
	return (x->aln.pos > y->aln.pos) - (x->aln.pos < y->aln.pos);
}

static bool known(const struct sim_hits *s, const struct sim_hit *x)
{
	for (int i = 0; i < s->n; i++)
		if (s->v[i].win == x->win && (s->v[i].aln.pos == x->aln.pos || s->v[i].aln.end == x->aln.end))
			return true;
	return false;
}

/* Without a gap: at most one mismatch and no N, which no gap can better. */
static bool nearly_same(
	const struct sim_win *win, const char *bases, int n, const struct sim_diag *d, struct sim_hit *out)
{
	const char *ref = win->seq + d->lo;
	int i, wrong = 0;

	if (d->lo != d->hi || d->lo < 0 || d->lo + n > win->end - win->beg)
		return false;
	for (i = 0; i < n && wrong < 2; i++)
		wrong += ref[i] != bases[i];
	if (wrong > 1 || memchr(ref, 'N', (size_t)n))
		return false;
	memset(out, 0, sizeof(*out));
	out->win = d->win;
	out->score = n + 10 - 5 * wrong;
	out->aln = (struct sim_aln){
		win->beg + d->lo, win->beg + d->lo + n, wrong, 1, {(uint32_t)n << 4 | GRX_C_M}};
	return true;
}

void simulate_hits(
	const struct sim_world *w, const struct sim_seeds *s, const char *bases, int n, struct sim_hits *out)
{
	struct sim_diag d[SIM_N_HIT];
	struct sim_hit x;
	int k = simulate_seeds_find(s, bases, n, d, SIM_N_HIT), i;

	out->n = 0;
	for (i = 0; i < k; i++) {
		const struct sim_win *win = &w->win[d[i].win];

		if (!nearly_same(win, bases, n, &d[i], &x) && !simulate_local(win, bases, n, &d[i], &x))
			continue;
		if (!known(out, &x))
			out->v[out->n++] = x;
	}
	if (out->n)
		qsort(out->v, (size_t)out->n, sizeof(out->v[0]), by_score);
}

/* ---- a pair ---- */

/* What the pair's distance takes off the scores; UNPAIRED at most. */
static double distance(const struct sim_hit *l, const struct sim_hit *r, double mean, double sd)
{
	double z;

	if (l->win != r->win || r->aln.end <= l->aln.pos)
		return UNPAIRED;
	z = fabs((double)(r->aln.end - l->aln.pos) - mean) / (sd > 1 ? sd : 1);
	return z > 4 ? UNPAIRED : fmin(0.36 * z * z, UNPAIRED);
}

/* Scores of all pairs: whole points, so that alike copies are equal. */
struct totals {
	int v[SIM_N_HIT][SIM_N_HIT];
	int best, n_best;
};

static void totals_make(const struct sim_hits h[2], double mean, double sd, struct totals *t)
{
	int i, k;

	t->best = -2 * UNPAIRED;
	t->n_best = 0;
	for (i = 0; i < h[0].n; i++) {
		for (k = 0; k < h[1].n; k++) {
			const struct sim_hit *l = &h[0].v[i], *r = &h[1].v[k];
			int x = l->score + r->score - (int)floor(distance(l, r, mean, sd) + 0.5);

			t->v[i][k] = x;
			t->n_best = x > t->best ? 1 : t->n_best + (x == t->best);
			t->best = x > t->best ? x : t->best;
		}
	}
}

/* 5.4 a point up to one mismatch's 5, then 3.3 up to 60: read off the qualities of bwa mem at such margins.
 */
static int quality(int points)
{
	double q = points <= 5 ? 5.4 * points : 27 + 3.3 * (points - 5);

	return q <= 0 ? 0 : q >= 60 ? 60 : (int)(q + 0.5);
}

/* By the best pair that has read `which` elsewhere, and by the read alone. */
static uint8_t mapq(const struct sim_hits h[2], const struct totals *t, const int at[2], int which)
{
	const struct sim_hits *s = &h[which];
	int i, k, other = SIM_K + h[!which].v[at[!which]].score - UNPAIRED, alone = SIM_K, q, a;

	for (i = 0; i < s->n; i++) {
		if (i == at[which])
			continue;
		alone = s->v[i].score > alone ? s->v[i].score : alone;
		for (k = 0; k < h[!which].n; k++) {
			int x = which ? t->v[k][i] : t->v[i][k];

			other = x > other ? x : other;
		}
	}
	q = quality(t->best - other);
	a = quality(s->v[at[which]].score - alone) + ALONE;
	return (uint8_t)(q < a ? q : a);
}

void simulate_choose(
	struct grx_rng *r, const struct sim_hits hits[2], double mean, double sd, struct sim_choice *out)
{
	struct totals t;
	int i, k, left;

	totals_make(hits, mean, sd, &t);
	left = t.n_best > 1 ? (int)grx_rng_below(r, (uint64_t)t.n_best) : 0;
	memset(out, 0, sizeof(*out));
	for (i = 0; i < hits[0].n; i++)
		for (k = 0; k < hits[1].n; k++)
			if (t.v[i][k] == t.best && left-- == 0) {
				out->at[0] = i;
				out->at[1] = k;
			}
	out->proper = distance(&hits[0].v[out->at[0]], &hits[1].v[out->at[1]], mean, sd) < UNPAIRED;
	for (i = 0; i < 2; i++)
		out->mapq[i] = mapq(hits, &t, out->at, i);
}
