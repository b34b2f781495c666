/* SPDX-License-Identifier: GPL-3.0-or-later
 * sim_fragment.c -- a fragment of a haplotype with the errors of its library, and reads off its ends.
 * Wrong lengths of repeats are whole units at the tract's first base. Which tracts are noisy and which motifs
 * are read wrongly is a property of the place (a hash of it), as on real instruments. */
#include <math.h>
#include <string.h>

#include "stage/simulate/sim_noise.h"

static const char adapter[] = "AGATCGGAAGAGCACACGTCTGAACTCCAGTCACTTAGGCATCTCGTATGCCGTCTTCTGCTTG";

static char turned(char b)
{
	return b == 'A' ? 'T' : b == 'C' ? 'G' : b == 'G' ? 'C' : b == 'T' ? 'A' : 'N';
}

void simulate_turn(char *b, int n)
{
	int i, j;

	for (i = 0, j = n - 1; i <= j; i++, j--) {
		char t = turned(b[i]);

		b[i] = turned(b[j]);
		b[j] = t;
	}
}

static char wrong_base(struct grx_rng *r, char b)
{
	char c;

	do
		c = "ACGT"[grx_rng_below(r, 4)];
	while (c == b);
	return c;
}

/* Factor on the stutter of the tract at reference position pos: log-normal, mean near 1. */
static double tract_factor(int64_t pos)
{
	static const double factor[8] = {0.25, 0.4, 0.55, 0.75, 0.95, 1.2, 1.6, 2.5};

	return pos < 0 ? 1 : factor[simulate_mix((uint64_t)pos) & 7];
}

/* Units more or less of a repeat in one copy; mostly 0. */
static int slip(const struct sim_noise *e, struct grx_rng *r, bool library, const struct sim_mark *m,
	char base, int64_t pos)
{
	double p = simulate_stutter(e, library, base, m->unit, m->copies) * tract_factor(pos),
	       u = grx_rng_uniform(r);
	int n;

	if (u >= p)
		return 0;
	n = grx_rng_uniform(r) < 0.92 ? 1 : 2;
	return u < 0.58 * p && m->copies > n ? -n : n;
}

static int add_copies(struct sim_fragment *f, const char *unit, int len, int times)
{
	int i;

	for (i = 0; i < len * times && f->n < SIM_FRAG - 8; i++) {
		f->b[f->n] = unit[i % len];
		f->rp[f->n++] = -1;
	}
	return times;
}

static size_t first_tract(const struct sim_source *s, int64_t from)
{
	size_t lo = 0, hi = s->n_tract;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (s->tract[mid].beg < from)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void library_substitutions(const struct sim_noise *e, struct grx_rng *r, struct sim_fragment *f)
{
	double at = e->lib_sub > 0 ? grx_rng_exponential(r, 1 / e->lib_sub) : SIM_FRAG;

	for (; at < f->n; at += grx_rng_exponential(r, 1 / e->lib_sub)) {
		char *b = &f->b[(int)at], c = *b;

		/* half of the damage is oxidised G or deaminated C */
		if (grx_rng_uniform(r) < 0.5 && (c == 'C' || c == 'G'))
			*b = grx_rng_below(r, 2) ? (c == 'G' ? 'T' : 'A') : (c == 'C' ? 'T' : 'A');
		else
			*b = wrong_base(r, c);
	}
}

void simulate_fragment(const struct sim_noise *e, struct grx_rng *r, const struct sim_source *src,
	int64_t from, int64_t to, struct sim_fragment *f)
{
	const struct sim_hap *h = &src->c.hap;
	size_t g = src->c.seg, t = first_tract(src, from);
	int64_t i, skip = 0;

	while (g > 0 && h->seg[g].hpos > from)
		g--;
	f->n = f->n_mark = 0;
	for (i = from; i < to && f->n < SIM_FRAG - 8; i++) {
		int64_t rp;

		while (g + 1 < h->n_seg && i >= h->seg[g].hpos + h->seg[g].len)
			g++;
		rp = h->seg[g].rpos < 0 ? -1 : h->seg[g].rpos + (i - h->seg[g].hpos);
		if (t < src->n_tract && i == src->tract[t].beg) {
			const struct sim_tract *x = &src->tract[t++];
			struct sim_mark m = {f->n, x->unit, (int)((x->end - x->beg) / x->unit)};
			int d = x->end <= to ? slip(e, r, true, &m, h->seq[i], rp) : 0;

			if (d > 0)
				m.copies += add_copies(f, h->seq + i, x->unit, d);
			skip = d < 0 ? (int64_t)-d * x->unit : 0;
			m.copies += d < 0 ? d : 0;
			f->mark[f->n_mark++] = m;
		}
		if (skip > 0) {
			skip--;
			continue;
		}
		f->b[f->n] = h->seq[i];
		f->rp[f->n++] = rp;
	}
	library_substitutions(e, r, f);
}

/* ---- reads ---- */

/* Bases of the fragment from `at` on, at most `room`, with wrong lengths of repeats and other false gaps. */
static void copy_read(const struct sim_noise *e, struct grx_rng *r, const struct sim_fragment *f, int at,
	int room, struct sim_bases *x)
{
	double gap = e->gap > 0 ? grx_rng_exponential(r, 1 / e->gap) : 2 * SIM_FRAG;
	int i, k, m = 0, d;

	x->n = 0;
	while (m < f->n_mark && f->mark[m].at < at)
		m++;
	for (i = at; i < f->n && x->n < room; i++) {
		if (m < f->n_mark && f->mark[m].at == i) {
			const struct sim_mark *t = &f->mark[m++];

			d = i + t->unit * t->copies <= f->n ? slip(e, r, false, t, f->b[i], f->rp[i]) : 0;
			for (k = 0; k < d * t->unit && x->n < room; k++) {
				x->b[x->n] = f->b[i + k % t->unit];
				x->rp[x->n++] = -1;
			}
			i += d < 0 ? -d * t->unit : 0;
			if (i >= f->n || x->n >= room)
				break;
		}
		if (i - at >= gap) {
			gap += grx_rng_exponential(r, 1 / e->gap);
			if (grx_rng_uniform(r) < 0.6)
				continue;
			x->b[x->n] = "ACGT"[grx_rng_below(r, 4)];
			x->rp[x->n++] = -1;
			if (x->n >= room)
				break;
		}
		x->b[x->n] = f->b[i];
		x->rp[x->n++] = f->rp[i];
	}
}

/* Keep the last len bases. */
static void keep_right(struct sim_bases *x, int len)
{
	int cut = x->n - len;

	if (cut <= 0)
		return;
	memmove(x->b, x->b + cut, (size_t)len);
	memmove(x->rp, x->rp + cut, (size_t)len * sizeof(*x->rp));
	x->n = len;
}

static void add_adapter(struct sim_bases *x, int len, bool reverse)
{
	int k = len - x->n, i, max = (int)sizeof(adapter) - 1;

	if (k <= 0)
		return;
	if (reverse) {
		memmove(x->b + k, x->b, (size_t)x->n);
		memmove(x->rp + k, x->rp, (size_t)x->n * sizeof(*x->rp));
	}
	for (i = 0; i < k; i++) {
		int at = reverse ? k - 1 - i : x->n + i;
		char b = i < max ? adapter[i] : 'G';

		x->b[at] = reverse ? turned(b) : b;
		x->rp[at] = -2;
	}
	x->n = len;
}

/* Errors after GGC in the direction of reading: a share of these contexts is read wrongly, each at a rate of
 * its own (3-25 %), with qualities that fall by 2-15. */
static void motifs(const struct sim_noise *e, struct grx_rng *r, bool reverse, struct sim_bases *x)
{
	int d = reverse ? -1 : 1, i;

	for (i = 3; i < x->n; i++) {
		int at = reverse ? x->n - 1 - i : i;
		const char *p = x->b + at;
		uint64_t h;

		if (reverse ? p[1] != 'G' || p[2] != 'C' || p[3] != 'C'
			    : p[-1] != 'C' || p[-2] != 'G' || p[-3] != 'G')
			continue;
		if (x->rp[at] < 0)
			continue;
		h = simulate_mix((uint64_t)x->rp[at] * 2 + reverse);
		if ((double)(h >> 40) / (1 << 24) >= e->motif)
			continue;
		if (grx_rng_uniform(r) >= 0.03 * pow(8, (double)(h & 255) / 256))
			continue;
		x->b[at] = reverse ? 'C' : 'G';
		x->q[at] = simulate_bin(e->bins, x->q[at] - 2 - (int)grx_rng_below(r, 14));
		if (at + d >= 0 && at + d < x->n)
			x->q[at + d] = simulate_bin(e->bins, x->q[at + d] - (int)grx_rng_below(r, 8));
	}
}

/* Behind a long homopolymer the clusters of some reads are out of phase: poor for the rest of the read. */
static void phasing(const struct sim_noise *e, struct grx_rng *r, bool reverse, struct sim_bases *x)
{
	int i, run = 0, loss = 0;
	char last = 0;

	for (i = 0; i < x->n; i++) {
		int at = reverse ? x->n - 1 - i : i;

		if (x->b[at] != last && run >= 10 && grx_rng_uniform(r) < 0.03 * (run - 9))
			loss += 4 + (int)grx_rng_below(r, 12);
		run = x->b[at] == last ? run + 1 : 1;
		last = x->b[at];
		if (!loss)
			continue;
		x->q[at] = simulate_bin(e->bins, x->q[at] - loss);
		if (grx_rng_uniform(r) < 0.4 * e->scale * pow(10, -x->q[at] / 10.0))
			x->b[at] = wrong_base(r, x->b[at]);
	}
}

static void substitute(struct grx_rng *r, const struct sim_quality *q, bool reverse, struct sim_bases *x)
{
	double at = grx_rng_exponential(r, 1);
	int i;

	for (i = 0; i < x->n && q->hazard[x->n] > at; i++) {
		char *b = &x->b[reverse ? x->n - 1 - i : i];

		if (q->hazard[i + 1] <= at)
			continue;
		*b = wrong_base(r, *b);
		at += grx_rng_exponential(r, 1);
	}
}

void simulate_read_off(const struct sim_noise *e, struct grx_rng *r, const struct sim_quality *q,
	const struct sim_fragment *f, int len, bool reverse, struct sim_bases *x)
{
	int from = reverse && f->n > len + SIM_SLACK ? f->n - len - SIM_SLACK : 0, i;

	copy_read(e, r, f, from, reverse ? 2 * SIM_MAX_LEN - 4 : len, x);
	keep_right(x, len);
	add_adapter(x, len, reverse);
	for (i = 0; i < x->n; i++)
		x->q[i] = q->q[reverse ? x->n - 1 - i : i];
	motifs(e, r, reverse, x);
	phasing(e, r, reverse, x);
	substitute(r, q, reverse, x);
}
