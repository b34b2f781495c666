/* SPDX-License-Identifier: GPL-3.0-or-later
 * con_block.c -- LD blocks, their correlation matrices, LD scores.
 * Own cuts: a pair of variants apart loses its squared correlation, a pair kept together costs the variance
 * 1/n of its estimate from n people. Of all ways to cut a chromosome into blocks of bounded size the one with
 * the least sum is taken, by dynamic programming (Prive, Bioinformatics 2022, poses the
 * problem without the second term); losses are counted between variants at most CON_REACH apart.
 */
#include <math.h>
#include <string.h>

#include "base/par.h"
#include "io/text.h"
#include "stage/prs/con_int.h"

enum { CON_REACH = 50, CON_BED_MAX = 4000 };

/* loss[k]: squared correlation, noise taken off, between variants on the two sides of a cut before k. */
static void losses(const struct con_data *d, size_t beg, size_t end, double *loss)
{
	double noise = 1.0 / d->panel.n_person;
	memset(loss, 0, (end - beg + 1) * sizeof *loss);
	for (size_t j = beg + 1; j < end; j++) {
		size_t far = j - beg > CON_REACH ? j - CON_REACH : beg;
		double sum = 0;
		for (size_t i = far; i < j; i++) { /* pair (i, j) crosses the cuts i+1 .. j */
			double r = prs_con_r(&d->panel, d->snp[i].g, d->snp[j].g);
			sum += fmax(0, r * r - noise);
			loss[i + 1 - beg] += sum;
		}
	}
}

/* What one stretch of variants is cut with. */
struct cutter {
	double *loss, *best;
	size_t *from;
	bool *is_cut; /* of all variants */
};

/* Cut [beg, end). best[k]: least cost of the variants before k with a cut before k. */
static void cut_stretch(const struct con_data *d, struct cutter *c, size_t beg, size_t end, size_t max)
{
	size_t n = end - beg, min = max / 10;
	losses(d, beg, end, c->loss);
	c->best[0] = c->loss[n] = 0;
	for (size_t k = 1; k <= n; k++) {
		c->best[k] = INFINITY;
		size_t lo = k > max ? k - max : 0;
		for (size_t j = lo; j < k && (k - j >= min || j == lo || k == n); j++) {
			double size = (double)(k - j),
			       cost = c->best[j] + size * (size - 1) / 2 / d->panel.n_person;
			if (cost + c->loss[k] < c->best[k]) {
				c->best[k] = cost + c->loss[k];
				c->from[k] = j;
			}
		}
	}
	for (size_t k = c->from[n]; k > 0; k = c->from[k])
		c->is_cut[beg + k] = true;
}

static int own_cuts(struct grx_ctx *cx, const struct con_data *d, bool *is_cut, size_t max)
{
	int rc = GRX_OK;
	struct cutter c = {.loss = grx_malloc(d->m + 1, sizeof(double)),
		.best = grx_malloc(d->m + 1, sizeof(double)),
		.from = grx_malloc(d->m + 1, sizeof(size_t)),
		.is_cut = is_cut};
	if (!c.loss || !c.best || !c.from)
		rc = grx_fail_nomem(cx, "LD blocks");
	for (size_t beg = 0, end; rc == GRX_OK && beg < d->m; beg = end) {
		for (end = beg + 1; end < d->m && !is_cut[end];)
			end++;
		if (!d->o->blocks || end - beg > max)
			cut_stretch(d, &c, beg, end, max);
	}
	grx_free(c.loss);
	grx_free(c.best);
	grx_free(c.from);
	return rc;
}

/* First variant at or after pos (1-based) of chrom. */
static size_t first_at(const struct con_data *d, int chrom, int64_t pos)
{
	size_t lo = 0, hi = d->m;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct con_snp *s = &d->snp[mid];
		if (s->chrom < chrom || (s->chrom == chrom && s->pos < pos))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static int bed_line(
	struct grx_ctx *cx, const struct con_data *d, struct grx_text *t, char *line, bool *is_cut)
{
	char *f[4];
	int64_t c, beg, end;
	int n = prs_con_split(line, ' ', f, 4);
	if (n == 0 || *f[0] == '#' || strcmp(f[0], "track") == 0 || strcmp(f[0], "chr") == 0)
		return GRX_OK; /* blank, comment, header */
	if (n < 3 || !grx_parse_i64(f[1], &beg) || !grx_parse_i64(f[2], &end) || beg < 0 || end <= beg)
		return grx_fail(cx, GRX_E_DATA, "%s:%lld: expected chromosome, start and end of an LD block",
			grx_text_path(t), (long long)grx_text_lineno(t));
	if (!grx_parse_i64(strncmp(f[0], "chr", 3) == 0 ? f[0] + 3 : f[0], &c) || c < 1 || c > 22)
		return GRX_OK; /* not an autosome: no variants there */
	size_t a = first_at(d, (int)c, beg + 1), b = first_at(d, (int)c, end + 1);
	is_cut[a] = is_cut[b] = true;
	return GRX_OK;
}

static int bed_cuts(struct grx_ctx *cx, const struct con_data *d, bool *is_cut)
{
	int rc = GRX_E_BUG;
	char *line;
	struct grx_text *t = NULL;
	GRX_TRY(grx_text_open(cx, d->o->blocks, &t));
	for (;;) {
		GRX_TRY(grx_text_line(cx, t, &line));
		if (!line)
			break;
		GRX_TRY(bed_line(cx, d, t, line, is_cut));
	}
out:
	grx_text_close(t);
	return rc;
}

static int list_cuts(struct grx_ctx *cx, struct con_data *d, const bool *is_cut)
{
	for (size_t i = 0; i < d->m; i++)
		d->n_block += is_cut[i];
	d->cut = grx_malloc(d->n_block + 1, sizeof *d->cut);
	if (!d->cut)
		return grx_fail_nomem(cx, "LD blocks");
	size_t k = 0;
	for (size_t i = 0; i < d->m; i++)
		if (is_cut[i])
			d->cut[k++] = i;
	d->cut[k] = d->m;
	for (k = 0; k < d->n_block; k++) {
		size_t n = d->cut[k + 1] - d->cut[k];
		d->largest = n > d->largest ? n : d->largest;
	}
	return GRX_OK;
}

/* Sum of r2 over the block less its expectation without LD; not below 1. */
static int score_map(void *state, struct grx_ctx *cx, uint64_t k, int slot, int thread)
{
	struct con_data *d = state;
	double n = d->panel.n_person;
	(void)cx, (void)slot, (void)thread;
	for (size_t i = d->cut[k]; i < d->cut[k + 1]; i++) {
		double sum = 0;
		for (size_t j = d->cut[k]; j < d->cut[k + 1]; j++) {
			double r = j == i ? 1 : prs_con_r(&d->panel, d->snp[i].g, d->snp[j].g);
			sum += r * r - (1 - r * r) / (n - 2);
		}
		d->ldsc[i] = fmax(1, sum);
	}
	return GRX_OK;
}

static int block_next(void *state, struct grx_ctx *cx, uint64_t i, int slot, bool *done)
{
	const struct con_data *d = state;
	(void)cx, (void)slot;
	*done = i >= d->n_block;
	return GRX_OK;
}

static int nothing(void *state, struct grx_ctx *cx, uint64_t i, int slot)
{
	(void)state, (void)cx, (void)i, (void)slot;
	return GRX_OK;
}

int prs_con_blocks(struct grx_ctx *cx, struct con_data *d)
{
	int rc = GRX_E_BUG;
	bool *is_cut = grx_calloc(d->m + 1, sizeof *is_cut);
	d->ldsc = grx_malloc(d->m, sizeof *d->ldsc);
	if (!is_cut || !d->ldsc) {
		rc = grx_fail_nomem(cx, "LD blocks");
		goto out;
	}
	for (size_t i = 0; i < d->m; i++)
		is_cut[i] = i == 0 || d->snp[i].chrom != d->snp[i - 1].chrom;
	if (d->o->blocks)
		GRX_TRY(bed_cuts(cx, d, is_cut));
	GRX_TRY(own_cuts(cx, d, is_cut, d->o->blocks ? CON_BED_MAX : (size_t)d->o->block_max));
	GRX_TRY(list_cuts(cx, d, is_cut));
	GRX_TRY(grx_par_ordered(cx, cx->threads,
		&(struct grx_par_ops){.state = d, .next = block_next, .map = score_map, .merge = nothing}));
out:
	grx_free(is_cut);
	return rc;
}

void prs_con_block_ld(const struct con_data *d, size_t k, double shrink, float *r)
{
	size_t beg = d->cut[k], m = d->cut[k + 1] - beg;
	for (size_t i = 0; i < m; i++) {
		r[i * m + i] = 1;
		for (size_t j = 0; j < i; j++)
			r[i * m + j] = r[j * m + i] = (float)(shrink * prs_con_r(&d->panel, d->snp[beg + i].g,
									       d->snp[beg + j].g));
	}
}

struct all_ld {
	const struct con_data *d;
	double shrink;
	float *all;
	const size_t *at;
};

static int all_next(void *state, struct grx_ctx *cx, uint64_t i, int slot, bool *done)
{
	const struct all_ld *a = state;
	(void)cx, (void)slot;
	*done = i >= a->d->n_block;
	return GRX_OK;
}

static int all_map(void *state, struct grx_ctx *cx, uint64_t k, int slot, int thread)
{
	const struct all_ld *a = state;
	(void)cx, (void)slot, (void)thread;
	prs_con_block_ld(a->d, k, a->shrink, a->all + a->at[k]);
	return GRX_OK;
}

int prs_con_all_ld(struct grx_ctx *cx, const struct con_data *d, double shrink, float **all, size_t **at)
{
	size_t sum = 0;
	*at = grx_malloc(d->n_block + 1, sizeof **at);
	if (!*at)
		return grx_fail_nomem(cx, "LD");
	for (size_t k = 0; k < d->n_block; k++) {
		size_t m = d->cut[k + 1] - d->cut[k];
		(*at)[k] = sum;
		sum += m * m;
	}
	*all = grx_malloc(sum, sizeof **all);
	if (!*all)
		return grx_fail(cx, GRX_E_NOMEM,
			"the LD of all %zu blocks needs %zu MB: smaller blocks (--block-max) or fewer "
			"variants fit",
			d->n_block, sum * sizeof **all >> 20);
	struct all_ld a = {.d = d, .shrink = shrink, .all = *all, .at = *at};
	return grx_par_ordered(cx, cx->threads,
		&(struct grx_par_ops){.state = &a, .next = all_next, .map = all_map, .merge = nothing});
}

double prs_con_h2_ldsc(const struct con_data *d)
{
	double h2 = 0;
	for (int it = 0; it < 3; it++) { /* weights: 1 / (LD score x variance of chi2 under the last h2) */
		double num = 0, den = 0;
		for (size_t i = 0; i < d->m; i++) {
			double z2 = d->n[i] * d->bhat[i] * d->bhat[i],
			       chi2 = z2 / fmax(1e-9, 1 - d->bhat[i] * d->bhat[i]);
			double x = d->n[i] * d->ldsc[i] / (double)d->m, e = 1 + fmax(0, h2) * x;
			double w = 1 / (d->ldsc[i] * e * e);
			num += w * x * (chi2 - 1);
			den += w * x * x;
		}
		h2 = den > 0 ? num / den : 0;
	}
	return fmin(1, fmax(1e-3, h2));
}
