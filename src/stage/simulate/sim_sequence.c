/* SPDX-License-Identifier: GPL-3.0-or-later
 * sim_sequence.c -- read pairs under a noise preset: from both haplotypes and from the paralogs of a window,
 * in the order of their places, to a BAM with the built-in placing or to FASTQ for a mapper. Reads of
 * --structure are made first and placed by search. A chimeric fragment joins two places at most 200 kb apart.
 * Names tell chromosome, place and source (h1, h2, or d and the number of the paralog). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "io/bgzout.h"
#include "stage/simulate/sim_mosaic.h"

enum { CHIMERA_FAR = 200000, SHORTEST = 40 };

struct run {
	struct grx_ctx *cx;
	const struct simulate_opt *o;
	const struct sim_world *w;
	const struct sim_donor *d;
	const struct sim_win *win;
	struct sim_noise e;
	struct sim_queue q;
	struct grx_bgz *fq[2]; /* NULL: BAM */
	struct grx_rng *rng;
	struct grx_arena *mem;
	struct sim_quality *quality; /* SIM_N_PROFILE for read 1, then for read 2 */
	struct sim_source *src;
	size_t n_src, cap_src;
	struct sim_fragment frag, part;
	struct sim_bases read[2]; /* by place: left, right */
	char name[80];
	int64_t pair;
	struct sim_mosaic mosaic;
	bool searched; /* places are sought, not known */
};

/* ---- one pair ---- */

static const struct sim_quality *draw_quality(struct run *s, bool second)
{
	return &s->quality[grx_rng_below(s->rng, SIM_N_PROFILE) + (second ? (size_t)SIM_N_PROFILE : 0)];
}

static void put_fastq(struct run *s, struct sim_bases *x, bool reverse, bool second)
{
	char line[2 * SIM_MAX_LEN + 8];
	int i;

	snprintf(line, sizeof(line), "@%s/%d\n", s->name, second ? 2 : 1);
	grx_bgz_puts(s->fq[second], line);
	if (reverse)
		simulate_turn(x->b, x->n);
	memcpy(line, x->b, (size_t)x->n);
	memcpy(line + x->n, "\n+\n", 4);
	grx_bgz_puts(s->fq[second], line);
	for (i = 0; i < x->n; i++)
		line[i] = (char)(33 + x->q[reverse ? x->n - 1 - i : i]);
	line[i] = '\n';
	grx_bgz_write(s->fq[second], line, (size_t)x->n + 1);
	s->q.n_reads++;
}

/* Read s->frag from both ends. */
static int pair_put(struct run *s, const struct sim_source *src, uint16_t flag)
{
	bool first_left = grx_rng_below(s->rng, 2) != 0;
	struct sim_pair p = {s->read, s->name, first_left, flag};
	int len = (int)s->o->read_length, k;

	snprintf(s->name, sizeof(s->name), "sim:%.12s:%lld:%c%d:%lld", s->w->contigs->c[s->win->tid].name,
		(long long)s->frag.rp[s->frag.n / 2] + 1, src->paralog < 0 ? 'h' : 'd',
		src->paralog < 0 ? src->hap + 1 : src->paralog + 1, (long long)s->pair++);
	for (k = 0; k < 2; k++) {
		bool second = (k == 0) != first_left;

		simulate_read_off(&s->e, s->rng, draw_quality(s, second), &s->frag, len, k == 1, &s->read[k]);
		if (s->fq[0])
			put_fastq(s, &s->read[k], k == 1, second);
	}
	if (s->fq[0])
		return GRX_OK;
	if (s->searched)
		return simulate_mosaic_pair(s->cx, &s->mosaic, s->rng, &p);
	return simulate_known_pair(&s->q, s->win, s->rng, s->e.low_mapq * (src->paralog >= 0 ? 10 : 1), &p);
}

/* ---- fragments ---- */

static int64_t draw_length(struct run *s)
{
	int64_t len = s->o->read_length;

	if (grx_rng_uniform(s->rng) < s->e.short_insert)
		return SHORTEST + (int64_t)grx_rng_below(s->rng, (uint64_t)len);
	return (int64_t)(grx_rng_normal(s->rng, s->o->insert_mean, s->o->insert_sd) + 0.5);
}

/* Does the fragment get through amplification? Less likely the further its GC lies from 0.42. */
static bool passes_gc(struct run *s, const char *b, int64_t n)
{
	int64_t i, gc = 0;
	double x;

	for (i = 0; i < n; i++)
		gc += b[i] == 'G' || b[i] == 'C';
	x = (double)gc / (double)n - 0.42;
	return grx_rng_uniform(s->rng) < exp(-s->e.gc * x * x);
}

/* Put the beginning of a fragment from further on behind the first part of s->frag; in FASTQ half of them are
 * turned round. */
static void join_chimera(struct run *s, const struct sim_source *src, int64_t from)
{
	const struct sim_hap *h = &src->c.hap;
	int64_t far = from + 1000 + (int64_t)grx_rng_below(s->rng, CHIMERA_FAR);
	int keep = 30 + (int)grx_rng_below(s->rng, (uint64_t)(s->frag.n > 90 ? s->frag.n - 60 : 30)), i;

	if (far + s->frag.n >= h->n || keep >= s->frag.n)
		return;
	simulate_fragment(&s->e, s->rng, src, far, far + s->frag.n, &s->part);
	if (s->fq[0] && grx_rng_below(s->rng, 2))
		simulate_turn(s->part.b, s->part.n);
	for (i = keep; i < s->frag.n && i < s->part.n; i++) {
		s->frag.b[i] = s->part.b[i];
		s->frag.rp[i] = s->part.rp[i];
	}
	s->frag.n = i;
	for (i = 0; i < s->frag.n_mark && s->frag.mark[i].at < keep; i++)
		;
	s->frag.n_mark = i;
}

static int fragment_put(struct run *s, struct sim_source *src, int64_t from, int64_t len)
{
	bool chimera = grx_rng_uniform(s->rng) < s->e.chimera;
	uint16_t flag = chimera ? 0 : GRX_R_PROPER;
	int rc;

	if (memchr(src->c.hap.seq + from, 'N', (size_t)len) || !passes_gc(s, src->c.hap.seq + from, len))
		return GRX_OK;
	simulate_fragment(&s->e, s->rng, src, from, from + len, &s->frag);
	if (chimera)
		join_chimera(s, src, from);
	rc = pair_put(s, src, flag);
	if (rc == GRX_OK && grx_rng_uniform(s->rng) < s->e.dup)
		rc = pair_put(s, src, (uint16_t)(flag | GRX_R_DUP));
	if (rc == GRX_OK && grx_rng_uniform(s->rng) < s->e.hidden_dup && s->frag.n > SHORTEST + 3) {
		s->frag.n -= 1 +
			     (int)grx_rng_below(s->rng, 3); /* no longer seen as a duplicate by its ends */
		rc = pair_put(s, src, flag);
	}
	return rc;
}

/* ---- a window ---- */

static int window_run(struct run *s)
{
	for (;;) {
		int64_t pos = INT64_MAX, p, len;
		struct sim_source *best = NULL;
		size_t k;
		int rc;

		for (k = 0; k < s->n_src; k++) {
			if (s->src[k].c.next >= (double)s->src[k].c.hap.n)
				continue;
			p = simulate_cursor_pos(&s->src[k].c);
			if (!best || p < pos) {
				pos = p;
				best = &s->src[k];
			}
		}
		if (!s->fq[0]) {
			rc = simulate_queue_emit(
				&s->q, !best || pos == INT64_MAX ? INT64_MAX : pos - SIM_SLACK);
			if (rc)
				return rc;
		}
		if (!best)
			return GRX_OK;
		len = draw_length(s);
		if (len >= SHORTEST && (int64_t)best->c.next + len <= best->c.hap.n) {
			rc = fragment_put(s, best, (int64_t)best->c.next, len);
			if (rc)
				return rc;
		}
		best->c.next += grx_rng_exponential(s->rng, best->c.step);
	}
}

static int source_add(struct run *s, const struct sim_source *from)
{
	struct sim_source *x;
	int rc;

	if (grx_grow(&s->src, &s->cap_src, s->n_src + 1, sizeof(*s->src), 0))
		return grx_fail_nomem(s->cx, "haplotypes");
	x = &s->src[s->n_src];
	*x = *from;
	x->c.next = grx_rng_exponential(s->rng, x->c.step);
	rc = simulate_tracts(s->cx, x->c.hap.seq, x->c.hap.n, &x->tract, &x->n_tract);
	if (rc == GRX_OK)
		s->n_src++;
	return rc;
}

static void sources_clear(struct run *s)
{
	while (s->n_src)
		grx_free(s->src[--s->n_src].tract);
}

static int window_reads(struct run *s, size_t i)
{
	double step = 4 * (double)s->o->read_length / s->o->depth;
	int n = simulate_ploidy(s->w, s->w->win[i].tid, s->d->male), k;
	size_t p;
	int rc = GRX_E_BUG;

	s->win = &s->w->win[i];
	grx_arena_reset(s->mem);
	s->q.n_heap = s->q.n_spare = 0;
	n = s->win->mosaic ? 0 : n;
	if (s->w->structured)
		GRX_TRY(simulate_mosaic_push(&s->mosaic, i, &s->q));
	for (k = 0; k < n; k++) {
		struct sim_source x = {.c = {.step = step}, .paralog = -1, .hap = k};

		GRX_TRY(simulate_hap(s->cx, s->win, s->d, k, s->mem, &x.c.hap));
		GRX_TRY(source_add(s, &x));
	}
	for (p = 0; p < s->w->n_paralog; p++) {
		const struct sim_paralog *y = &s->w->paralog[p];
		struct sim_source x = {.c = {.step = step / y->ploidy}, .paralog = (int)p};

		x.c.hap = y->hap;
		if (y->win == i)
			GRX_TRY(source_add(s, &x));
	}
	rc = window_run(s);
out:
	sources_clear(s);
	return rc;
}

/* ---- structure ---- */

static int rng_new(struct run *s, const char *what, size_t i)
{
	grx_rng_free(s->rng);
	s->rng = grx_rng_new((uint64_t)s->o->seed, what, (uint64_t)s->d->number << 32 | i);
	return s->rng ? GRX_OK : grx_fail_nomem(s->cx, "reads");
}

/* Draw all fragments of one haplotype. */
static int mosaic_run(struct run *s, struct sim_source *src)
{
	struct sim_cursor *c = &src->c;

	for (; c->next < (double)c->hap.n; c->next += grx_rng_exponential(s->rng, c->step)) {
		int64_t at = (int64_t)c->next, len = draw_length(s);
		int rc = GRX_OK;

		while (c->seg + 1 < c->hap.n_seg && at >= c->hap.seg[c->seg + 1].hpos)
			c->seg++;
		if (len >= SHORTEST && at + len <= c->hap.n)
			rc = fragment_put(s, src, at, len);
		if (rc)
			return rc;
	}
	return GRX_OK;
}

static int mosaic_reads(struct run *s)
{
	double step = 4 * (double)s->o->read_length / s->o->depth;
	int k, rc = GRX_E_BUG;
	size_t i;

	GRX_TRY(simulate_mosaic_open(s->cx, s->o, s->w, &s->mosaic));
	GRX_TRY(rng_new(s, "simulate.mosaic", 0));
	for (i = 0; !s->w->win[i].mosaic; i++)
		;
	s->win = &s->w->win[i];
	s->searched = true;
	for (k = 0; k < 2; k++) {
		struct sim_source x = {.c = {.step = step, .hap = s->w->mosaic[k]}, .paralog = -1, .hap = k};

		GRX_TRY(source_add(s, &x));
		GRX_TRY(mosaic_run(s, &s->src[k]));
	}
	s->searched = false;
	simulate_mosaic_sort(&s->mosaic);
	if (s->mosaic.unplaced)
		grx_info(s->cx, "%s: %lld pairs of the structure left out: a read has no place", s->d->name,
			(long long)s->mosaic.unplaced);
	rc = GRX_OK;
out:
	sources_clear(s);
	return rc;
}

/* ---- all ---- */

static int run_open(struct run *s)
{
	int k, i, rc;

	s->mem = s->q.mem = grx_arena_new();
	s->quality = grx_calloc(2 * (size_t)SIM_N_PROFILE, sizeof(*s->quality));
	s->rng = grx_rng_new((uint64_t)s->o->seed, "simulate.quality", (uint64_t)s->d->number);
	if (!s->mem || !s->quality || !s->rng)
		return grx_fail_nomem(s->cx, "reads");
	for (i = 0; i < 2 * SIM_N_PROFILE; i++)
		simulate_quality(&s->e, s->rng, (int)s->o->read_length, i >= SIM_N_PROFILE, &s->quality[i]);
	for (k = 0; k < 2 && !s->q.sink; k++) {
		const char *path = simulate_path(
			s->d->mem, s->o->output, "%s_R%d.fastq.gz", s->d->name, k + 1);

		rc = path ? grx_bgz_open(s->cx, path, false, &s->fq[k]) : grx_fail_nomem(s->cx, "file name");
		if (rc)
			return rc;
	}
	return GRX_OK;
}

static int run_close(struct run *s, int rc)
{
	int k, r;

	for (k = 0; k < 2; k++) {
		r = s->fq[k] ? grx_bgz_close(s->cx, s->fq[k]) : GRX_OK;
		rc = rc ? rc : r;
	}
	grx_rng_free(s->rng);
	grx_arena_free(s->mem);
	grx_free(s->quality);
	grx_free(s->src);
	simulate_queue_clear(&s->q);
	simulate_mosaic_close(&s->mosaic);
	grx_free(s);
	return rc;
}

int simulate_sequence(struct grx_ctx *cx, const struct simulate_opt *o, const struct sim_world *w,
	const struct sim_donor *d, struct grx_readsink *sink, int64_t *n_reads)
{
	struct run *s = grx_calloc(1, sizeof(*s));
	size_t i;
	int rc = GRX_E_BUG;

	if (!s)
		return grx_fail_nomem(cx, "reads");
	s->cx = cx;
	s->o = o;
	s->w = w;
	s->d = d;
	s->q.cx = cx;
	s->q.sink = sink;
	simulate_noise(o, &s->e);
	GRX_TRY(run_open(s));
	if (w->structured)
		GRX_TRY(mosaic_reads(s));
	for (i = 0; i < w->n_win; i++) {
		GRX_TRY(rng_new(s, "simulate.sequence", i));
		GRX_TRY(window_reads(s, i));
	}
	*n_reads = s->q.n_reads;
	rc = GRX_OK;
out:
	return run_close(s, rc);
}
