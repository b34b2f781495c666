/* SPDX-License-Identifier: GPL-3.0-or-later
 * sim_seed.c -- an index of the windows' k-mers, and the diagonals on which a read shares some with them.
 * Invariant: positions of one bucket are chained in ascending order; a k-mer with N is in none. */
#include <stdlib.h>
#include <string.h>

#include "base/ctx.h"
#include "stage/simulate/sim_place.h"

enum { BUCKET_BITS = 20, STEP = 3, MAX_CHAIN = 2000, MAX_SEED = 1024, NEAR = 25, APART = 4096 };

struct sim_seeds {
	const struct sim_world *w;
	int64_t *off;   /* of each window among all letters, APART between windows */
	int64_t n;      /* letters */
	int32_t *head;  /* per bucket, -1 = empty */
	int32_t *chain; /* per letter */
};

static const char *letter(const struct sim_seeds *s, size_t win, int64_t at)
{
	return s->w->win[win].seq + (at - s->off[win]);
}

static int code(char b)
{
	return b == 'A' ? 0 : b == 'C' ? 1 : b == 'G' ? 2 : b == 'T' ? 3 : -1;
}

/* Bucket of the k-mer at b, -1 with N. */
static int64_t bucket(const char *b)
{
	uint64_t x = 0;
	int i, c;

	for (i = 0; i < SIM_K; i++) {
		c = code(b[i]);
		if (c < 0)
			return -1;
		x = x << 2 | (uint64_t)c;
	}
	x *= 0x9e3779b97f4a7c15u;
	return (int64_t)(x >> (64 - BUCKET_BITS));
}

static void fill(struct sim_seeds *s)
{
	size_t k;

	memset(s->head, -1, sizeof(*s->head) << BUCKET_BITS);
	for (k = s->w->n_win; k-- > 0;) {
		const struct sim_win *x = &s->w->win[k];
		int64_t i, b;

		for (i = x->end - x->beg - SIM_K; i >= 0; i--) {
			b = bucket(x->seq + i);
			if (b < 0)
				continue;
			s->chain[s->off[k] + i] = s->head[b];
			s->head[b] = (int32_t)(s->off[k] + i);
		}
	}
}

int simulate_seeds_new(struct grx_ctx *cx, const struct sim_world *w, struct sim_seeds **out)
{
	struct sim_seeds *s = grx_calloc(1, sizeof(*s));
	size_t k;

	*out = s;
	if (!s)
		return grx_fail_nomem(cx, "index");
	s->w = w;
	s->off = grx_calloc(w->n_win + 1, sizeof(*s->off));
	if (!s->off)
		return grx_fail_nomem(cx, "index");
	for (k = 0; k < w->n_win; k++) {
		s->off[k] = s->n;
		s->n += w->win[k].end - w->win[k].beg + APART;
	}
	if (s->n > INT32_MAX)
		return grx_fail(cx, GRX_E_USAGE,
			"simulate: --structure places reads on at most 2 Gb: give fewer regions with "
			"--region");
	s->head = grx_calloc((size_t)1 << BUCKET_BITS, sizeof(*s->head));
	s->chain = grx_calloc((size_t)s->n + 1, sizeof(*s->chain));
	if (!s->head || !s->chain)
		return grx_fail_nomem(cx, "index");
	fill(s);
	return GRX_OK;
}

void simulate_seeds_free(struct sim_seeds *s)
{
	if (!s)
		return;
	grx_free(s->off);
	grx_free(s->head);
	grx_free(s->chain);
	grx_free(s);
}

static size_t window_of(const struct sim_seeds *s, int64_t at)
{
	size_t lo = 0, hi = s->w->n_win;

	while (lo + 1 < hi) {
		size_t mid = (lo + hi) / 2;

		if (s->off[mid] <= at)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

/* Diagonals of all seeds at read position i, added to d[0, n); too frequent ones not at all. */
static int collect(const struct sim_seeds *s, const char *bases, int i, int64_t *d, int n)
{
	int64_t b = bucket(bases + i), at;
	int was = n, steps = 0;

	if (b < 0)
		return n;
	for (at = s->head[b]; at >= 0; at = s->chain[at]) {
		if (++steps > MAX_CHAIN || n == MAX_SEED)
			return was;
		if (!memcmp(letter(s, window_of(s, at), at), bases + i, SIM_K))
			d[n++] = at - i;
	}
	return n;
}

static int by_diag(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static int by_seeds(const void *a, const void *b)
{
	const struct sim_diag *x = a, *y = b;

	if (x->seeds != y->seeds)
		return x->seeds > y->seeds ? -1 : 1;
	if (x->win != y->win)
		return x->win < y->win ? -1 : 1;
	return (x->lo > y->lo) - (x->lo < y->lo);
}

/* A read may hang over the left end of a window: its diagonal is that of the window behind it. */
static struct sim_diag diag_make(const struct sim_seeds *s, int64_t lo, int64_t hi, int seeds)
{
	size_t win = window_of(s, lo + SIM_MAX_READ);

	return (struct sim_diag){win, lo - s->off[win], hi - s->off[win], seeds};
}

int simulate_seeds_find(const struct sim_seeds *s, const char *bases, int n, struct sim_diag *out, int max)
{
	int64_t d[MAX_SEED];
	struct sim_diag all[MAX_SEED];
	int n_d = 0, n_all = 0, i, from;

	for (i = 0; i + SIM_K <= n; i += STEP)
		n_d = collect(s, bases, i, d, n_d);
	if (!n_d)
		return 0;
	qsort(d, (size_t)n_d, sizeof(*d), by_diag);
	for (from = 0, i = 1; i <= n_d; i++) {
		if (i < n_d && d[i] - d[i - 1] <= NEAR && d[i] - d[from] < SIM_BAND / 2)
			continue;
		all[n_all++] = diag_make(s, d[from], d[i - 1], i - from);
		from = i;
	}
	qsort(all, (size_t)n_all, sizeof(*all), by_seeds);
	n_all = n_all < max ? n_all : max;
	for (i = 0; i < n_all && (i == 0 || all[i].seeds * 12 >= all[0].seeds); i++)
		out[i] = all[i];
	return i;
}
