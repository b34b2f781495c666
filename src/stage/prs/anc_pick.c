/* SPDX-License-Identifier: GPL-3.0-or-later
 * anc_pick.c -- the loci of the components: candidates with few missing genotypes, common, in Hardy-Weinberg
 * proportions, and not correlated with a kept one nearby. Frequencies are those of training people. Only kept
 * loci and the window of the moment are in memory. */
#include <math.h>
#include <string.h>

#include "base/par.h"
#include "io/genosrc.h"
#include "math/hwe.h"
#include "stage/prs/anc_build.h"

/* A locus of the window that may still be dropped. */
struct pending {
	struct anc_locus locus;
	int64_t seq; /* number among the candidates of its contig that reached pruning */
	double maf;
	bool alive;
	uint64_t *row;
	struct anc_planes planes; /* of the training people */
};

struct picker {
	struct anc_build *b;
	const struct grx_contigs *contigs;
	int64_t words, seq, autosome;
	int32_t tid;
	struct pending *win; /* ascending seq, n of cap; rows belong to the slots */
	int64_t n, cap;
	uint8_t *code, *sorted;
	uint64_t *row;
};

/* Moves the first k loci of the window out: those alive into the matrix. */
static int flush(struct grx_ctx *cx, struct picker *p, int64_t k)
{
	for (int64_t i = 0; i < k; i++) {
		if (!p->win[i].alive)
			continue;
		int rc = anc_matrix_add(cx, &p->b->m, &p->win[i].locus, p->win[i].row);
		if (rc != GRX_OK)
			return rc;
	}
	for (int64_t i = k; i < p->n; i++) { /* rows change places: each slot keeps one */
		struct pending t = p->win[i - k];
		p->win[i - k] = p->win[i];
		p->win[i] = t;
	}
	p->n -= k;
	return GRX_OK;
}

/* Windows of `window` candidates that start at multiples of `step`: what lies before the first window that
 * holds the new locus cannot meet it any more. */
static int make_room(struct grx_ctx *cx, struct picker *p)
{
	int64_t window = p->b->o->window_variants, step = p->b->o->step_variants, k = 0;
	int64_t start = p->seq < window ? 0 : (p->seq - window + step) / step * step;
	while (k < p->n && p->win[k].seq < start)
		k++;
	return k ? flush(cx, p, k) : GRX_OK;
}

/* Of two correlated loci the rarer one goes, the later one of equals. */
static void prune(struct picker *p, struct pending *fresh)
{
	for (int64_t i = p->n - 1; i >= 0 && fresh->alive; i--) {
		struct pending *old = &p->win[i];
		if (!old->alive || anc_r2(&old->planes, &fresh->planes) <= p->b->o->r2)
			continue;
		if (old->maf >= fresh->maf)
			fresh->alive = false;
		else
			old->alive = false;
		p->b->drop[ANC_LD]++;
	}
}

static int push(struct grx_ctx *cx, struct picker *p, const struct anc_locus *l, double maf)
{
	int rc = make_room(cx, p);
	if (rc != GRX_OK)
		return rc;
	struct pending *fresh = &p->win[p->n];
	fresh->locus = *l;
	fresh->seq = p->seq++;
	fresh->maf = maf;
	fresh->alive = true;
	memcpy(fresh->row, p->row, (size_t)p->words * sizeof(*p->row));
	anc_planes_of(p->row, p->b->m.n_train, &fresh->planes);
	if (p->b->o->r2 < 1)
		prune(p, fresh);
	if (fresh->alive) /* a dropped one only counts as one of the window */
		p->n++;
	return GRX_OK;
}

static enum anc_drop judge(
	const struct prs_ref_opt *o, const struct anc_count *c, struct anc_locus *l, double *maf)
{
	double called = (double)(c->n[0] + c->n[1] + c->n[2]), n = called + (double)c->n[3];
	double sum = (double)c->n[1] + 2.0 * (double)c->n[2];
	if (called == 0 || (double)c->n[3] > o->geno * n)
		return ANC_MISSING;
	l->mean = sum / called;
	double var = ((double)c->n[1] + 4.0 * (double)c->n[2]) / called - l->mean * l->mean;
	*maf = fmin(l->mean, 2.0 - l->mean) / 2.0;
	if (*maf < o->maf || !(var > 1e-12))
		return ANC_RARE;
	if (o->hwe_p > 0 && grx_hwe_exact(c->n[1], c->n[0], c->n[2]) < o->hwe_p)
		return ANC_HWE;
	l->inv_sd = 1.0 / sqrt(var);
	return ANC_USED;
}

static int pick_one(struct grx_ctx *cx, struct picker *p, const struct grx_geno *g)
{
	struct anc_build *b = p->b;
	struct anc_count count;
	unsigned seen;
	double maf = 0;
	int rc = grx_geno_copies(cx, g, 1, p->code, &seen);
	if (rc != GRX_OK)
		return rc;
	for (int i = 0; i < b->ref.n_sample; i++)
		p->sorted[i] = p->code[b->order[i]];
	anc_pack(p->sorted, b->ref.n_sample, p->row);
	anc_tally(p->row, b->m.n_train, &count);
	struct anc_locus l = {
		.autosome = (int)p->autosome, .pos = g->pos, .ref = g->allele[0][0], .alt = g->allele[1][0]};
	enum anc_drop why = judge(b->o, &count, &l, &maf);
	if (why != ANC_USED) {
		b->drop[why]++;
		return GRX_OK;
	}
	return push(cx, p, &l, maf);
}

static bool is_candidate(const struct anc_build *b, int64_t record)
{
	return record >= 0 && record < b->n_panel && b->candidate[record / 8] >> (record % 8) & 1;
}

static int pick_records(struct grx_ctx *cx, struct picker *p, struct grx_genocur *cur)
{
	int rc = GRX_E_BUG, n;
	int64_t at = 0;
	const struct grx_geno *v;
	for (;;) {
		GRX_TRY(grx_genocur_next(cx, cur, &v, &n));
		if (n == 0)
			break;
		if (v[0].tid != p->tid) {
			GRX_TRY(flush(cx, p, p->n));
			GRX_TRY(grx_par_signal_check(cx));
			p->tid = v[0].tid;
			p->seq = 0;
			if (!grx_parse_i64(
				    grx_contig_canonical(grx_contig_name(p->contigs, p->tid)), &p->autosome))
				p->autosome = 0;
		}
		for (int i = 0; i < n; i++, at++)
			if (is_candidate(p->b, v[i].line - 1))
				GRX_TRY(pick_one(cx, p, &v[i]));
	}
	GRX_TRY(flush(cx, p, p->n));
	rc = at == p->b->n_panel ? GRX_OK
				 : grx_fail(cx, GRX_E_BUG, "panel.bed: %lld loci written, %lld read",
					   (long long)p->b->n_panel, (long long)at);
out:
	return rc;
}

static int picker_alloc(struct grx_ctx *cx, struct picker *p)
{
	size_t n = (size_t)p->b->ref.n_sample, words = (size_t)p->words, cap = (size_t)p->cap;
	size_t plane = (size_t)anc_plane_words(p->b->m.n_train), slot = words + 3 * plane;
	p->code = grx_arena_alloc(p->b->mem, n, 1);
	p->sorted = grx_arena_alloc(p->b->mem, n, 1);
	p->row = grx_arena_alloc(p->b->mem, words, sizeof(*p->row));
	p->win = grx_arena_calloc(p->b->mem, cap, sizeof(*p->win));
	uint64_t *rows = grx_arena_alloc(p->b->mem, cap * slot, sizeof(*rows));
	if (!p->code || !p->sorted || !p->row || !p->win || !rows)
		return grx_fail_nomem(cx, "window of the panel");
	for (size_t i = 0; i < cap; i++) {
		struct pending *w = &p->win[i];
		w->row = rows + i * slot;
		w->planes.one = w->row + words;
		w->planes.two = w->planes.one + plane;
		w->planes.have = w->planes.two + plane;
	}
	return GRX_OK;
}

int anc_pick_loci(struct grx_ctx *cx, struct anc_build *b)
{
	int rc = GRX_E_BUG;
	struct picker p = {.b = b,
		.words = anc_words(b->ref.n_sample),
		.tid = -1,
		.cap = b->o->window_variants + b->o->step_variants + 1};
	struct grx_genosrc *src = NULL;
	struct grx_genocur *cur = NULL;
	struct grx_genosrc_opt o = {.path = anc_path(b, "panel.bed"), .threads = 1};
	GRX_TRY(o.path ? picker_alloc(cx, &p) : grx_fail_nomem(cx, "a path"));
	GRX_TRY(grx_genosrc_open(cx, &o, &src));
	p.contigs = grx_genosrc_contigs(src);
	GRX_TRY(grx_genocur_open(cx, src, &cur));
	GRX_TRY(pick_records(cx, &p, cur));
	rc = GRX_OK;
out:
	grx_genocur_close(cur);
	grx_genosrc_close(src);
	return rc;
}
