/* SPDX-License-Identifier: GPL-3.0-or-later
 * phmm_ref.c -- the model of phmm.h written down plainly in double precision: what the kernels are tested
 * against. Indexed by haplotype position, not by diagonal, and with libm, so that it shares no code. */
#include "stage/call/phmm.h"

#include <math.h>

struct cell {
	double m, i, d;
};

static double open_p(const uint8_t *gop, int64_t b)
{
	return fmin(pow(10.0, -gop[b] / 10.0), 0.5);
}

static double extend_p(const struct call_phmm_hap *h, int64_t b)
{
	return pow(10.0, -h->gex[b] / 10.0);
}

static double emission(const struct call_phmm_job *j, int64_t i, int64_t x)
{
	if (j->q[i] == 'N')
		return 1.0;
	if (j->h->s[x] == 'N')
		return 0.25;
	double e = fmin(pow(10.0, -fmin(j->qual[i], CALL_PHMM_CAP) / 10.0), 0.75);
	return j->q[i] == j->h->s[x] ? 1.0 - e : e / 3.0;
}

/* Cell (i, x) from up (i - 1, x), diagonal (i - 1, x - 1) and left (i, x - 1); x == -1: before the haplotype.
 */
static struct cell step(const struct call_phmm_job *j, int64_t i, int64_t x, const struct cell from[3])
{
	const struct call_phmm_hap *h = j->h;
	const struct cell *up = &from[0], *di = &from[1], *le = &from[2];
	struct cell c = {0};
	if (x >= 0) {
		double del = open_p(h->gop_del, x), e = extend_p(h, x),
		       stay = 1.0 - open_p(h->gop_ins, x) - del;
		double in = i == 0 ? 1.0 : di->m * stay + (di->i + di->d) * (1.0 - e);
		c.m = in * emission(j, i, x);
		c.d = le->m * del + le->d * e;
	}
	double o = open_p(h->gop_ins, x + 1);
	c.i = i == 0 ? o : up->m * o + up->i * extend_p(h, x + 1);
	return c;
}

/* One row in place (row[x + 1] is cell x); returns its largest value. */
static double next_row(const struct call_phmm_job *j, int64_t i, struct cell *row)
{
	struct cell diag = {0}, left = {0};
	double top = 0;
	for (int64_t x = -1; x < j->h->n; x++) {
		struct cell up = row[x + 1], from[3] = {up, diag, left}, c = {0};
		if (x - i >= j->dlo && x - i <= j->dhi)
			c = step(j, i, x, from);
		diag = up;
		row[x + 1] = left = c;
		top = fmax(top, fmax(c.m, fmax(c.i, c.d)));
	}
	return top;
}

double call_phmm_reference(const struct call_phmm_job *j)
{
	if (j->nq <= 0)
		return 0;
	if (j->h->n <= 0)
		return CALL_PHMM_FLOOR;
	size_t n = (size_t)j->h->n + 1;
	struct cell *row = grx_calloc(n, sizeof(*row));
	if (!row)
		return (double)NAN;
	double ll = 0, sum = 0;
	for (int64_t i = 0; i < j->nq; i++) {
		double top = next_row(j, i, row);
		if (!(top > 0))
			break;
		if (top < 1e-100) {
			for (size_t x = 0; x < n; x++)
				row[x] = (struct cell){row[x].m / top, row[x].i / top, row[x].d / top};
			ll += log(top);
		}
	}
	for (size_t x = 0; x < n; x++)
		sum += row[x].m + row[x].i;
	grx_free(row);
	ll = sum > 0 ? ll + log(sum) : CALL_PHMM_FLOOR;
	return ll > CALL_PHMM_FLOOR ? ll : CALL_PHMM_FLOOR;
}
