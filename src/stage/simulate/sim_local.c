/* SPDX-License-Identifier: GPL-3.0-or-later
 * sim_local.c -- the best local alignment of a read within a band of diagonals, with affine gaps.
 * Cell (i, c): read base i on window position i + c + first diagonal. Among equals the traceback prefers a
 * match, so that gaps lie as far left as they go. */
#include <string.h>

#include "stage/simulate/sim_place.h"

enum { MATCH = 1, MISMATCH = -4, OPEN = -7, EXTEND = -1, END = 5, NONE = -100000 };
enum { FROM = 3, START = 0, DIAG = 1, DEL = 2, INS = 3, DEL_LONG = 4, INS_LONG = 8 };

struct table {
	const struct sim_win *win;
	const char *bases;
	int n, width;
	int64_t first; /* diagonal of column 0 */
	int best, best_i, best_c;
	uint8_t trace[SIM_MAX_READ][SIM_BAND];
};

static char ref_at(const struct table *t, int i, int c)
{
	int64_t at = t->first + i + c;

	return at >= 0 && at < t->win->end - t->win->beg ? t->win->seq[at] : 'N';
}

/* What is greater, the first among equals; *more |= flag with the second. */
static int either(int open, int longer, int flag, int *more)
{
	if (open >= longer)
		return open;
	*more |= flag;
	return longer;
}

static int letter_score(char ref, char base)
{
	return ref == 'N' ? NONE : ref == base ? MATCH : MISMATCH;
}

/* One row from the previous: h, and f (insertions) from f[c + 1], in place; h and f have NONE behind the last
 * column, and everywhere before the first row. */
static void row(struct table *t, int i, int *h, int *f)
{
	int c, del = NONE, left = NONE, start = i == 0 ? END : 0, end = i == t->n - 1 ? END : 0;

	for (c = 0; c < t->width; c++) {
		int more = 0, how = h[c] >= start ? DIAG : START, best;

		f[c] = either(h[c + 1] + OPEN, f[c + 1] + EXTEND, INS_LONG, &more);
		del = either(left + OPEN, del + EXTEND, DEL_LONG, &more);
		best = (how == DIAG ? h[c] : start) + letter_score(ref_at(t, i, c), t->bases[i]);
		if (del > best) {
			best = del;
			how = DEL;
		}
		if (f[c] > best) {
			best = f[c];
			how = INS;
		}
		h[c] = left = best;
		t->trace[i][c] = (uint8_t)(how | more);
		if (best + end > t->best) {
			t->best = best + end;
			t->best_i = i;
			t->best_c = c;
		}
	}
}

struct ops { /* from the end of the read to its beginning */
	uint32_t n;
	uint32_t v[sizeof(((struct sim_aln *)0)->cigar) / sizeof(uint32_t)];
};

static bool op_put(struct ops *o, int op, int len)
{
	if (len <= 0)
		return true;
	if (o->n && GRX_CIG_OP(o->v[o->n - 1]) == op) {
		o->v[o->n - 1] += (uint32_t)len << 4;
		return true;
	}
	if (o->n == sizeof(o->v) / sizeof(o->v[0]))
		return false;
	o->v[o->n++] = (uint32_t)len << 4 | (uint32_t)op;
	return true;
}

/* Go back from the best cell. */
static bool trace_back(const struct table *t, struct ops *o, struct sim_aln *a)
{
	int i = t->best_i, c = t->best_c, state = DIAG;
	bool ok = op_put(o, GRX_C_S, t->n - 1 - i);

	a->end = t->win->beg + t->first + i + c + 1;
	while (ok) {
		uint8_t x = t->trace[i][c];

		if (state == DEL) {
			ok = op_put(o, GRX_C_D, 1);
			a->nm++;
			c--;
			state = x & DEL_LONG ? DEL : DIAG;
		} else if (state == INS) {
			ok = op_put(o, GRX_C_I, 1);
			a->nm++;
			i--;
			c++;
			state = x & INS_LONG ? INS : DIAG;
		} else if ((x & FROM) == DEL || (x & FROM) == INS) {
			state = x & FROM;
		} else {
			ok = op_put(o, GRX_C_M, 1);
			a->nm += ref_at(t, i, c) != t->bases[i];
			if ((x & FROM) == START)
				break;
			i--;
		}
	}
	a->pos = t->win->beg + t->first + i + c;
	return ok && op_put(o, GRX_C_S, i);
}

bool simulate_local(
	const struct sim_win *win, const char *bases, int n, const struct sim_diag *d, struct sim_hit *out)
{
	struct table t = {.win = win, .bases = bases, .n = n, .best = NONE};
	int h[SIM_BAND + 1], f[SIM_BAND + 1], i, room = (int)(SIM_BAND - (d->hi - d->lo + 1)) / 2;
	struct ops o = {0};

	room = room > 30 ? 30 : room;
	t.first = d->lo - room;
	t.width = (int)(d->hi - d->lo) + 1 + 2 * room;
	for (i = 0; i <= SIM_BAND; i++)
		h[i] = f[i] = NONE;
	for (i = 0; i < n; i++)
		row(&t, i, h, f);
	memset(out, 0, sizeof(*out));
	out->win = d->win;
	out->score = t.best;
	if (t.best < SIM_LEAST || !trace_back(&t, &o, &out->aln))
		return false;
	out->aln.n = o.n;
	for (i = 0; i < (int)o.n; i++)
		out->aln.cigar[i] = o.v[o.n - 1 - (uint32_t)i];
	return true;
}
