/* SPDX-License-Identifier: GPL-3.0-or-later
 * sim_reads.c -- read pairs of a donor, window by window in coordinate order.
 * Qualities fall along the read and are drawn from a set of profiles; substitutions are drawn from the
 * qualities; lengths of homopolymers are misread at a small rate; 1 % of pairs are duplicates, 0.5 % of
 * fragments are shorter than the read and end in adapter. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "math/prob.h"
#include "stage/simulate/sim_queue.h"

enum { N_PROFILE = 256, HP_MIN = 6 };

static const char adapter[] = "AGATCGGAAGAGCACACGTCTGAACTCCAGTCACNNNNNNNNATCTCGTATGCCGTCTTCTGCTTG";

struct profile {
	uint8_t q[SIM_MAX_LEN];
	double hazard[SIM_MAX_LEN + 1]; /* cumulative -log(1 - p) */
};

struct run {
	struct grx_ctx *cx;
	const struct simulate_opt *o;
	const struct sim_world *w;
	const struct sim_donor *d;
	const struct sim_win *win;
	struct sim_queue q;
	struct grx_rng *rng;
	struct grx_arena *mem;   /* nodes and haplotypes of one window */
	struct profile *profile; /* N_PROFILE for read 1, then for read 2 */
	int64_t pair;
};

/* ---- one read ---- */

static void profile_make(struct profile *p, struct grx_rng *r, int len, bool second)
{
	double base = (second ? 35.5 : 37) + grx_rng_normal(r, 0, 1.2),
	       drop = (second ? 9 : 6) + grx_rng_normal(r, 0, 2);
	int i, q;

	p->hazard[0] = 0;
	for (i = 0; i < len; i++) {
		double x = (double)i / len, mean = base - (x > 0.5 ? drop * (x - 0.5) * (x - 0.5) * 4 : 0);

		q = (int)(mean + grx_rng_normal(r, 0, 1.5));
		if (i < 3)
			q -= 3;
		if (grx_rng_uniform(r) < (second ? 0.02 : 0.012) * (1 + x))
			q = 8 + (int)grx_rng_below(r, 12);
		q = q < 2 ? 2 : q > 41 ? 41 : q;
		p->q[i] = (uint8_t)q;
		p->hazard[i + 1] = p->hazard[i] - log1p(-pow(10, -q / 10.0));
	}
}

/* Substitutions where the hazard of the profile says so. i-th cycle is base i, or n-1-i of a reverse read. */
static void substitute(struct run *s, char *bases, int n, bool reverse, const struct profile *p)
{
	double at = grx_rng_exponential(s->rng, 1);
	int i;

	for (i = 0; i < n && p->hazard[n] > at; i++) {
		char *b = &bases[reverse ? n - 1 - i : i], other;

		if (p->hazard[i + 1] <= at)
			continue;
		do
			other = "ACGT"[grx_rng_below(s->rng, 4)];
		while (other == *b);
		*b = other;
		at += grx_rng_exponential(s->rng, 1);
	}
}

/* Is a homopolymer that begins here misread? -1 a base less, 1 a base more. */
static int misread(struct run *s, const struct sim_hap *h, int64_t i)
{
	const char *q = h->seq + i;
	double p = 3e-4;
	int64_t n = 1;

	if (i == 0 || i + HP_MIN > h->n || q[-1] == q[0] || memcmp(q, q + 1, HP_MIN - 1))
		return 0;
	while (i + n < h->n && q[n] == q[0] && n < 20)
		n++;
	for (; n > HP_MIN; n--)
		p *= 1.7;
	if (p > 0.03)
		p = 0.03;
	if (grx_rng_uniform(s->rng) >= p)
		return 0;
	return grx_rng_uniform(s->rng) < 0.6 ? -1 : 1;
}

/* Bases and reference positions of haplotype [from, to); room for to - from + SIM_SLACK. */
static int read_hap(
	struct run *s, const struct sim_cursor *c, int64_t from, int64_t to, char *bases, int64_t *rp)
{
	const struct sim_hap *h = &c->hap;
	size_t g = c->seg;
	int n = 0, m;
	int64_t i;

	for (i = from; i < to; i++) {
		while (i >= h->seg[g].hpos + h->seg[g].len)
			g++;
		m = misread(s, h, i);
		if (m < 0)
			continue;
		if (m > 0 && n > 0 && n < SIM_MAX_LEN - 2) {
			bases[n] = h->seq[i];
			rp[n++] = -1;
		}
		bases[n] = h->seq[i];
		rp[n++] = h->seg[g].rpos < 0 ? -1 : h->seg[g].rpos + (i - h->seg[g].hpos);
	}
	return n;
}

static char turned(char b)
{
	return b == 'A' ? 'T' : b == 'C' ? 'G' : b == 'G' ? 'C' : b == 'T' ? 'A' : 'N';
}

/* Adapter after the 3' end: to the right of a forward read, to the left of a reverse one. */
static int add_adapter(char *bases, int64_t *rp, int n, int len, bool reverse)
{
	int k = len - n, i, max = (int)sizeof(adapter) - 1;

	if (k <= 0)
		return n;
	if (reverse) {
		memmove(bases + k, bases, (size_t)n);
		memmove(rp + k, rp, (size_t)n * sizeof(*rp));
	}
	for (i = 0; i < k; i++) {
		char b = i < max ? adapter[i] : 'G';
		int at = reverse ? k - 1 - i : n + i;

		bases[at] = reverse ? turned(b) : b;
		rp[at] = -2;
	}
	return len;
}

/* A read over haplotype [from, to). NULL: no memory or too little aligned (then *drop). */
static struct sim_node *read_make(
	struct run *s, const struct sim_cursor *c, int64_t from, int64_t to, uint16_t flag, bool *drop)
{
	char bases[2 * SIM_MAX_LEN];
	int64_t rp[2 * SIM_MAX_LEN];
	uint8_t qual[2 * SIM_MAX_LEN];
	bool reverse = flag & GRX_R_REVERSE;
	const struct profile *p =
		&s->profile[grx_rng_below(s->rng, N_PROFILE) + (flag & GRX_R_READ2 ? (size_t)N_PROFILE : 0)];
	int len = (int)s->o->read_length, n = read_hap(s, c, from, to, bases, rp),
	    cut = n > len ? n - len : 0, i;
	struct sim_aln a;
	struct sim_node *x;

	if (cut && reverse) {
		memmove(bases, bases + cut, (size_t)len);
		memmove(rp, rp + cut, (size_t)len * sizeof(*rp));
	}
	n = cut ? len : n;
	if (to - from < len)
		n = add_adapter(bases, rp, n, len, reverse);
	substitute(s, bases, n, reverse, p);
	*drop = !simulate_align(s->win, bases, rp, n, &a);
	x = *drop ? NULL : simulate_node_new(&s->q);
	if (!x)
		return NULL;
	for (i = 0; i < n; i++)
		qual[i] = p->q[reverse ? n - 1 - i : i];
	simulate_node_fill(x, &a, bases, qual, n);
	x->r.tid = x->r.mtid = s->win->tid;
	x->r.flag = flag;
	return x;
}

static uint8_t draw_mapq(struct grx_rng *r)
{
	double u = grx_rng_uniform(r);

	return u < 0.97 ? 60 : u < 0.997 ? (uint8_t)(20 + grx_rng_below(r, 40)) : 0;
}

static int pair_make(struct run *s, const struct sim_cursor *c, int64_t from, int64_t len, bool dup)
{
	int64_t n = len < s->o->read_length ? len : s->o->read_length;
	bool first = grx_rng_below(s->rng, 2) != 0, drop = false;
	uint16_t both = GRX_R_PAIRED | GRX_R_PROPER | (dup ? GRX_R_DUP : 0);
	struct sim_node *f, *r;
	int rc;

	f = read_make(s, c, from, from + n,
		(uint16_t)(both | GRX_R_MREVERSE | (first ? GRX_R_READ1 : GRX_R_READ2)), &drop);
	if (!f)
		return drop ? GRX_OK : grx_fail_nomem(s->cx, "reads");
	r = read_make(s, c, from + len - n, from + len,
		(uint16_t)(both | GRX_R_REVERSE | (first ? GRX_R_READ2 : GRX_R_READ1)), &drop);
	if (!r)
		return drop ? simulate_node_drop(&s->q, f) : grx_fail_nomem(s->cx, "reads");
	snprintf(f->name, sizeof(f->name), "sim:%d:%lld", (int)s->win->tid + 1, (long long)s->pair++);
	memcpy(r->name, f->name, sizeof(f->name));
	f->r.mpos = r->r.pos;
	r->r.mpos = f->r.pos;
	f->r.isize = r->r.end - f->r.pos;
	r->r.isize = -f->r.isize;
	f->r.mapq = draw_mapq(s->rng);
	r->r.mapq = draw_mapq(s->rng);
	rc = simulate_queue_push(&s->q, f);
	return rc ? rc : simulate_queue_push(&s->q, r);
}

static int64_t draw_fragment(struct run *s)
{
	if (grx_rng_uniform(s->rng) < 0.005)
		return 60 + (int64_t)grx_rng_below(s->rng, (uint64_t)s->o->read_length);
	return (int64_t)(grx_rng_normal(s->rng, s->o->insert_mean, s->o->insert_sd) + 0.5);
}

/* ---- a window ---- */

static int window_run(struct run *s, struct sim_cursor *c, int n_hap)
{
	int k, rc;

	for (;;) {
		int64_t pos = INT64_MAX, p, len;
		int best = -1;

		for (k = 0; k < n_hap; k++) {
			if (c[k].next >= (double)c[k].hap.n)
				continue;
			p = simulate_cursor_pos(&c[k]);
			if (best < 0 || p < pos) {
				pos = p;
				best = k;
			}
		}
		rc = simulate_queue_emit(&s->q, best < 0 || pos == INT64_MAX ? INT64_MAX : pos - SIM_SLACK);
		if (rc || best < 0)
			return rc;
		len = draw_fragment(s);
		if (len >= 40 && (int64_t)c[best].next + len <= c[best].hap.n) {
			rc = pair_make(s, &c[best], (int64_t)c[best].next, len, false);
			if (rc == GRX_OK && grx_rng_uniform(s->rng) < 0.01)
				rc = pair_make(s, &c[best], (int64_t)c[best].next, len, true);
			if (rc)
				return rc;
		}
		c[best].next += grx_rng_exponential(s->rng, c[best].step);
	}
}

static int window_reads(struct run *s, size_t i)
{
	struct sim_cursor c[2];
	int n = simulate_ploidy(s->w, s->w->win[i].tid, s->d->male), k, rc;

	memset(c, 0, sizeof(c));
	s->win = &s->w->win[i];
	grx_arena_reset(s->mem);
	s->q.n_heap = s->q.n_spare = 0;
	for (k = 0; k < n; k++) {
		rc = simulate_hap(s->cx, s->win, s->d, k, s->mem, &c[k].hap);
		if (rc)
			return rc;
		c[k].step = 4 * (double)s->o->read_length / s->o->depth;
		c[k].next = grx_rng_exponential(s->rng, c[k].step);
	}
	return window_run(s, c, n);
}

int simulate_reads(struct grx_ctx *cx, const struct simulate_opt *o, const struct sim_world *w,
	const struct sim_donor *d, struct grx_readsink *sink, int64_t *n_reads)
{
	struct run s = {.cx = cx, .o = o, .w = w, .d = d, .q = {.cx = cx, .sink = sink}};
	size_t i;
	int rc = GRX_E_BUG;

	s.mem = s.q.mem = grx_arena_new();
	s.profile = grx_calloc(2 * N_PROFILE, sizeof(*s.profile));
	s.rng = grx_rng_new((uint64_t)o->seed, "simulate.profiles", (uint64_t)d->number);
	if (!s.mem || !s.profile || !s.rng) {
		rc = grx_fail_nomem(cx, "reads");
		goto out;
	}
	for (i = 0; i < 2 * N_PROFILE; i++)
		profile_make(&s.profile[i], s.rng, (int)o->read_length, i >= N_PROFILE);
	for (i = 0; i < w->n_win; i++) {
		grx_rng_free(s.rng);
		s.rng = grx_rng_new((uint64_t)o->seed, "simulate.reads", (uint64_t)d->number << 32 | i);
		if (!s.rng) {
			rc = grx_fail_nomem(cx, "reads");
			goto out;
		}
		GRX_TRY(window_reads(&s, i));
	}
	*n_reads = s.q.n_reads;
	rc = GRX_OK;
out:
	grx_rng_free(s.rng);
	grx_arena_free(s.mem);
	grx_free(s.profile);
	simulate_queue_clear(&s.q);
	return rc;
}
