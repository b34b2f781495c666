/* SPDX-License-Identifier: GPL-3.0-or-later
 * pass.c -- one pass over a file of genotypes: windows on several threads where the file can be read
 * anywhere, else through. Sums are exact, so which thread took which window leaves no trace. */
#include <string.h>

#include "base/par.h"
#include "stage/prs/prs_int.h"

enum {
	PRS_SEEK_BP = 100000, /* rows farther apart than this are worth a seek */
	PRS_WINDOWS = 32      /* a thread, so that none waits long for the last */
};

struct window {
	int32_t tid;
	int64_t beg, end;
};

struct worker {
	struct prs_eng *eng;
	struct grx_genocur *cur;
};

struct pass {
	const struct prs_job *job;
	struct grx_genosrc *src;
	const struct grx_bed *regions;
	size_t n, cap;
	struct window *win;
	struct window *slot; /* item in flight */
	struct worker *worker;
};

static int add_window(struct grx_ctx *cx, struct pass *p, int32_t tid, int64_t beg, int64_t end)
{
	if (grx_grow(&p->win, &p->cap, p->n + 1, sizeof *p->win, 0) != 0)
		return grx_fail_nomem(cx, "windows");
	p->win[p->n++] = (struct window){tid, beg, end};
	return GRX_OK;
}

/* [beg, end) in pieces of bp. */
static int cut(struct grx_ctx *cx, struct pass *p, int32_t tid, const int64_t range[2], int64_t bp)
{
	int rc = GRX_OK;
	for (int64_t at = range[0]; at < range[1] && rc == GRX_OK;) {
		int64_t to = range[1] - at > bp ? at + bp : range[1];
		rc = add_window(cx, p, tid, at, to);
		at = to;
	}
	return rc;
}

/* One thread takes contigs whole: a seek costs a block. */
static int64_t window_bp(const struct grx_contigs *d, int threads)
{
	int64_t all = 0;
	for (int32_t t = 0; t < d->n; t++)
		all += d->c[t].len;
	if (threads <= 1)
		return INT64_MAX;
	int64_t bp = all / ((int64_t)threads * PRS_WINDOWS);
	return bp < 1000000 ? 1000000 : bp;
}

static int windows_cut(struct grx_ctx *cx, struct pass *p)
{
	const struct grx_contigs *d = grx_genosrc_contigs(p->src);
	int64_t bp = window_bp(d, cx->threads);
	int rc = GRX_OK;
	for (size_t i = 0; p->regions && i < p->regions->n && rc == GRX_OK; i++) {
		const struct grx_interval *v = &p->regions->v[i];
		if (p->job->target->chrom_of[v->tid] >= 0)
			rc = cut(cx, p, v->tid, (int64_t[2]){v->beg, v->end}, bp);
	}
	for (int32_t t = 0; !p->regions && t < d->n && rc == GRX_OK; t++) {
		/* a length nobody knows: to the end */
		int64_t len = d->c[t].len > 0 ? d->c[t].len : INT64_MAX;
		if (p->job->target->chrom_of[t] >= 0)
			rc = cut(cx, p, t, (int64_t[2]){0, len}, len == INT64_MAX ? INT64_MAX : bp);
	}
	return rc;
}

static int window_next(void *state, struct grx_ctx *cx, uint64_t i, int slot, bool *done)
{
	struct pass *p = state;
	(void)cx;
	*done = i >= p->n;
	if (!*done)
		p->slot[slot] = p->win[i];
	return GRX_OK;
}

/* Of records that begin before the place that was sought, only blocks can settle a row. */
static int push_own(struct grx_ctx *cx, struct worker *w, int64_t beg, const struct grx_geno *g, int n)
{
	if (g[0].pos >= beg)
		return prs_eng_push(cx, w->eng, g, n);
	int rc = GRX_OK;
	for (int i = 0; i < n && rc == GRX_OK; i++)
		if (g[i].block)
			rc = prs_block_hold(cx, w->eng, &g[i]);
	return rc;
}

static int window_read(struct grx_ctx *cx, struct worker *w, const struct window *v)
{
	int rc = GRX_E_BUG, n;
	const struct grx_geno *g;
	GRX_TRY(prs_eng_begin(cx, w->eng, v->tid, v->beg, v->end));
	int64_t at = prs_eng_next(w->eng), seek = at;
	if (at == INT64_MAX)
		return GRX_OK;
	GRX_TRY(grx_genocur_seek(cx, w->cur, v->tid, at, v->end));
	for (;;) {
		GRX_TRY(grx_genocur_next(cx, w->cur, &g, &n));
		if (n == 0)
			break;
		GRX_TRY(push_own(cx, w, seek, g, n));
		at = prs_eng_next(w->eng);
		if (at == INT64_MAX)
			break;
		/* with a block open, a seek would bring it again */
		if (at - g[0].pos > PRS_SEEK_BP && w->eng->n_block == 0) {
			seek = at;
			GRX_TRY(grx_genocur_seek(cx, w->cur, v->tid, at, v->end));
		}
	}
	rc = prs_eng_end(cx, w->eng);
out:
	return rc;
}

static int window_map(void *state, struct grx_ctx *cx, uint64_t i, int slot, int thread)
{
	struct pass *p = state;
	struct worker *w = &p->worker[thread];
	int rc = GRX_OK;
	(void)i;
	if (!w->cur)
		rc = grx_genocur_open(cx, p->src, &w->cur);
	if (rc == GRX_OK && !w->eng)
		rc = prs_eng_new(cx, p->job, &w->eng);
	return rc == GRX_OK ? window_read(cx, w, &p->slot[slot]) : rc;
}

static int window_merge(void *state, struct grx_ctx *cx, uint64_t i, int slot)
{
	(void)state;
	(void)cx;
	(void)i;
	(void)slot;
	return GRX_OK;
}

/* Is the position in the regions, or does a block there reach into one? */
static bool of_regions(const struct pass *p, const struct grx_geno *g, int n)
{
	if (!p->regions || grx_bed_has(p->regions, g[0].tid, g[0].pos))
		return true;
	for (int i = 0; i < n; i++)
		if (g[i].block && grx_bed_overlaps(p->regions, g[i].tid, g[i].pos, g[i].end))
			return true;
	return false;
}

/* A file that can only be read through. */
static int read_through(struct grx_ctx *cx, struct pass *p)
{
	int rc = GRX_E_BUG, n;
	struct worker *w = &p->worker[0];
	const struct grx_geno *g;
	GRX_TRY(prs_eng_new(cx, p->job, &w->eng));
	w->eng->regions = p->regions;
	GRX_TRY(grx_genocur_open(cx, p->src, &w->cur));
	for (;;) {
		GRX_TRY(grx_genocur_next(cx, w->cur, &g, &n));
		if (n == 0)
			break;
		if (of_regions(p, g, n))
			GRX_TRY(prs_eng_push(cx, w->eng, g, n));
		GRX_TRY(grx_par_signal_check(cx));
	}
	rc = prs_eng_end(cx, w->eng);
out:
	return rc;
}

static int collect(struct grx_ctx *cx, struct pass *p, struct prs_eng **out)
{
	int rc = GRX_OK;
	for (int i = 0; i < cx->threads && rc == GRX_OK; i++) {
		if (!p->worker[i].eng)
			continue;
		if (!*out) {
			*out = p->worker[i].eng;
			p->worker[i].eng = NULL;
		} else
			rc = prs_eng_merge(cx, *out, p->worker[i].eng);
	}
	return rc == GRX_OK && !*out ? prs_eng_new(cx, p->job, out) : rc;
}

int prs_pass(struct grx_ctx *cx, const struct prs_job *job, struct grx_genosrc *src,
	const struct grx_bed *regions, struct prs_eng **out)
{
	int rc = GRX_E_BUG;
	struct pass p = {.job = job, .src = src, .regions = regions};
	struct grx_par_ops ops = {&p, window_next, window_map, window_merge};
	*out = NULL;
	p.slot = grx_calloc((size_t)grx_par_slots(cx->threads), sizeof *p.slot);
	p.worker = grx_calloc((size_t)cx->threads, sizeof *p.worker);
	if (!p.slot || !p.worker) {
		rc = grx_fail_nomem(cx, "windows");
		goto out;
	}
	if (grx_genosrc_random(src)) {
		GRX_TRY(windows_cut(cx, &p));
		GRX_TRY(grx_par_ordered(cx, cx->threads, &ops));
	} else {
		GRX_TRY(read_through(cx, &p));
	}
	GRX_TRY(collect(cx, &p, out));
	rc = GRX_OK;
out:
	for (int i = 0; p.worker && i < cx->threads; i++) {
		prs_eng_free(p.worker[i].eng);
		grx_genocur_close(p.worker[i].cur);
	}
	if (rc != GRX_OK) {
		prs_eng_free(*out);
		*out = NULL;
	}
	grx_free(p.win);
	grx_free(p.slot);
	grx_free(p.worker);
	return rc;
}
