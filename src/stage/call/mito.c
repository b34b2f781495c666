/* SPDX-License-Identifier: GPL-3.0-or-later
 * mito.c -- the mitochondrion: a cell holds many copies, so a base is present in a fraction f of the
 * fragments, not in none, half or all. f is fitted by EM on the column's likelihoods; the genotype is one of
 * three hypotheses: f = 0, f in [min, 1 - min] with equal weight, f = 1. Gaps are judged as haploid
 * (regcall.c). */
#include "stage/call/call_hap.h"

#include <math.h>
#include <string.h>

#include "math/prob.h"

#define MIN_READS 3
#define MIN_SEEN  0.5    /* of --mt-fraction: what is looked at */
#define ROUNDS    30     /* of EM */
#define GRID      40     /* fractions that stand for all between */
#define P_MIXED   0.0005 /* prior of a heteroplasmic base */
#define P_ALL     0.002  /* prior of a base unlike the reference in all copies */

bool call_is_mito(const struct call_work *w)
{
	return strcmp(grx_contig_canonical(grx_contig_name(w->cx->contigs, w->sh->tid)), "MT") == 0;
}

/* ln likelihood when the alleles are present in the fractions p. */
static double ll_at(const struct call_lik *k, const double *p)
{
	double s = 0;
	for (size_t f = 0; f < k->n; f++) {
		const double *l = k->ll + f * (size_t)k->n_allele;
		double x = 0;
		for (int a = 0; a < k->n_allele; a++)
			x += p[a] * exp(l[a]);
		s += x > 0 ? log(x) : -700;
	}
	return s;
}

static void fit(const struct call_lik *k, double *p)
{
	double sum[CALL_MAX_ALLELE];
	for (int a = 0; a < k->n_allele; a++)
		p[a] = 1.0 / k->n_allele;
	for (int r = 0; r < ROUNDS; r++) {
		memset(sum, 0, sizeof(sum));
		for (size_t f = 0; f < k->n; f++) {
			const double *l = k->ll + f * (size_t)k->n_allele;
			double e[CALL_MAX_ALLELE], x = 0;
			for (int a = 0; a < k->n_allele; a++)
				x += e[a] = p[a] * exp(l[a]);
			for (int a = 0; a < k->n_allele; a++)
				sum[a] += e[a] / x;
		}
		for (int a = 0; a < k->n_allele; a++)
			p[a] = sum[a] / (double)k->n;
	}
}

/* The allele that makes up most of what is not REF. */
static int main_alt(const double *p, int n)
{
	int b = 1;
	for (int a = 2; a < n; a++)
		b = p[a] > p[b] ? a : b;
	return b;
}

/* ln likelihoods of the three hypotheses for allele b: absent, mixed with the others, alone. */
static void hypotheses(const struct call_lik *k, const double *p, int b, double min, double *h)
{
	double q[CALL_MAX_ALLELE], grid[GRID], rest = 1 - p[b];
	for (int g = 0; g < GRID + 2; g++) {
		double f = g == GRID ? 0 : g == GRID + 1 ? 1 : min + (1 - 2 * min) * g / (GRID - 1);
		for (int a = 0; a < k->n_allele; a++)
			q[a] = a == b ? f : (1 - f) * (rest > 1e-6 ? p[a] / rest : a == 0);
		if (g < GRID)
			grid[g] = ll_at(k, q);
		else
			h[g == GRID ? 0 : 2] = ll_at(k, q);
	}
	h[1] = grx_logsumexp(grid, GRID) - log(GRID);
}

static int phred_of(double top, double x)
{
	double pl = (top - x) / CALL_LN10_10;
	return pl > 9999 ? 9999 : (int)(pl + 0.5);
}

static void judge(struct call_rec *r, const double *h)
{
	const double post[3] = {h[0] + log(1 - P_MIXED - P_ALL), h[1] + log(P_MIXED), h[2] + log(P_ALL)};
	double all = grx_logsumexp(post, 3), top;
	int best = 0;
	for (int i = 1; i < 3; i++)
		best = post[i] > post[best] ? i : best;
	top = h[0] > h[2] ? h[0] : h[2]; /* of the genotypes that PL has */
	top = best == 1 && h[1] > top ? h[1] : top;
	double other[2] = {post[(best + 1) % 3], post[(best + 2) % 3]};
	double gq = (all - grx_logsumexp(other, 2)) / CALL_LN10_10, qual = (all - post[0]) / CALL_LN10_10;
	r->qual = qual > CALL_MAX_QUAL ? CALL_MAX_QUAL : qual;
	r->gq = gq > CALL_MAX_GQ ? CALL_MAX_GQ : (int)(gq + 0.5);
	r->ploidy = best == 1 ? 2 : 1;
	r->gt[0] = best == 2;
	r->gt[1] = best > 0;
	r->variant = best > 0;
	r->n_pl = best == 1 ? 3 : 2;
	r->pl[0] = phred_of(top, h[0]);
	r->pl[1] = phred_of(top, best == 1 ? h[1] : h[2]);
	r->pl[2] = phred_of(top, h[2]);
}

/* One base; only its main ALT is shown. Nothing is pushed unless it is a variant. */
static int column(struct call_work *w, int64_t pos, unsigned mask)
{
	struct call_locus lc;
	double p[CALL_MAX_ALLELE], h[3];
	struct call_rec *r, one = {.pos = pos, .rlen = 1, .n_allele = 2};
	int pl[3], to[CALL_MAX_ALLELE], rc = GRX_E_BUG;
	call_locus_bases(w, pos, mask, &lc);
	GRX_TRY(call_lik_column(w, &lc, &w->lik));
	if (w->lik.n == 0)
		return GRX_OK;
	fit(&w->lik, p);
	int b = main_alt(p, w->lik.n_allele);
	one.pl = pl;
	hypotheses(&w->lik, p, b, w->st->opt.mt_fraction, h);
	judge(&one, h);
	if (!one.variant || (one.ploidy == 2 && p[b] < w->st->opt.mt_fraction))
		return GRX_OK;
	for (int a = 0; a < w->lik.n_allele; a++)
		to[a] = a == 0 ? 0 : a == b ? 1 : -1;
	call_lik_pick(&w->lik, to, 2);
	r = call_record_push(w);
	if (!r)
		return grx_fail_nomem(w->cx, "records");
	*r = one;
	r->owned = pos >= w->sh->beg && pos < w->sh->end;
	r->pl = grx_arena_alloc(w->mem, 3, sizeof(*r->pl));
	r->allele = grx_arena_alloc(w->mem, 2, sizeof(*r->allele));
	r->af = grx_arena_alloc(w->mem, 1, sizeof(*r->af));
	if (!r->pl || !r->allele || !r->af)
		return grx_fail_nomem(w->cx, "records");
	memcpy(r->pl, pl, sizeof(pl));
	r->af[0] = p[b];
	r->allele[0] = grx_arena_printf(w->mem, "%c", call_ref_at(w, pos));
	r->allele[1] = lc.a[b - 1].alt;
	if (!r->allele[0])
		return grx_fail_nomem(w->cx, "records");
	GRX_TRY(call_record_counts(w, &w->lik, r));
	call_record_site(w, r);
	rc = GRX_OK;
out:
	return rc;
}

/* Bases seen often enough for the least fraction of interest. */
static unsigned seen(const struct call_work *w, int64_t x)
{
	const uint16_t *c = call_mm(w, 0, x);
	double least = MIN_SEEN * w->st->opt.mt_fraction * call_depth(w, 0, x);
	unsigned m = 0;
	for (unsigned b = 0; b < 4; b++)
		if (c[b] >= MIN_READS && c[b] >= least)
			m |= 1u << b;
	return m;
}

int call_mito(struct call_work *w)
{
	int rc = GRX_OK;
	for (int64_t pos = w->sh->beg; pos < w->sh->end && rc == GRX_OK; pos++) {
		unsigned m = seen(w, pos - w->beg);
		if (m && call_ref_at(w, pos) != 'N')
			rc = column(w, pos, m);
	}
	return rc;
}
