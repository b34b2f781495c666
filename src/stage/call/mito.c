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

/* The fit of one base and what its main ALT is judged to be. */
struct fitted {
	struct call_locus lc;
	double p[CALL_MAX_ALLELE];
	int b, pl[3]; /* the allele that `one` is about; its PL */
	struct call_rec one;
};

/* Allele b against the others; one that is rarer than asked for is no variant. */
static void judge_allele(struct call_work *w, struct fitted *o, int b)
{
	double h[3], min = w->st->opt.mt_fraction;
	o->b = b;
	o->one = (struct call_rec){.pos = o->lc.beg, .rlen = 1, .n_allele = 2, .pl = o->pl};
	hypotheses(&w->lik, o->p, b, min, h);
	judge(&o->one, h);
	o->one.nocall = o->one.ploidy == 2 && o->p[b] < min;
	o->one.variant &= !o->one.nocall;
}

static int fit_column(struct call_work *w, int64_t pos, unsigned mask, struct fitted *o)
{
	call_locus_bases(w, pos, mask, &o->lc);
	int rc = call_lik_column(w, &o->lc, &w->lik);
	if (rc == GRX_OK && w->lik.n)
		fit(&w->lik, o->p);
	return rc;
}

/* A record of `one` with the alleles to[a] >= 0, n of them, fractions and counts; PL is left as it is. */
static int show(struct call_work *w, const struct fitted *o, const int *to, int n, struct call_rec **out)
{
	struct call_rec *r = call_record_push(w);
	int rc = GRX_E_BUG;
	if (!r)
		return grx_fail_nomem(w->cx, "records");
	*r = o->one;
	*out = r;
	r->n_allele = n;
	r->owned = r->pos >= w->sh->beg && r->pos < w->sh->end;
	r->pl = grx_arena_calloc(w->mem, (size_t)call_n_genotype(n, 2) + 2, sizeof(*r->pl));
	r->allele = grx_arena_alloc(w->mem, (size_t)n, sizeof(*r->allele));
	r->af = n > 1 ? grx_arena_alloc(w->mem, (size_t)n - 1, sizeof(*r->af)) : NULL;
	if (!r->pl || !r->allele || (n > 1 && !r->af))
		return grx_fail_nomem(w->cx, "records");
	memcpy(r->pl, o->pl, sizeof(o->pl));
	r->allele[0] = grx_arena_printf(w->mem, "%c", call_ref_at(w, r->pos));
	if (!r->allele[0])
		return grx_fail_nomem(w->cx, "records");
	for (int a = 1; a < w->lik.n_allele; a++)
		if (to[a] > 0) {
			r->allele[to[a]] = o->lc.a[a - 1].alt;
			r->af[to[a] - 1] = o->p[a];
		}
	call_lik_pick(&w->lik, to, n);
	GRX_TRY(call_record_counts(w, &w->lik, r));
	call_record_site(w, r);
	rc = GRX_OK;
out:
	return rc;
}

/* A base of all copies is one that forced sites near by must agree with. */
static int remember(struct call_work *w, const struct call_rec *r)
{
	static const uint8_t hap = 3; /* both of a pair that is one */
	struct call_called c = {.rec = w->n_rec - 1, .region = SIZE_MAX - (size_t)r->pos, .hap = &hap};
	if (!w->n_forced || r->ploidy != 1)
		return GRX_OK;
	c.a = (struct call_allele){.pos = r->pos, .rlen = 1, .alen = 1, .alt = r->allele[1]};
	return call_called_add(w, &c);
}

/* One base; only its main ALT is shown. Nothing is pushed unless it is a variant. */
static int column(struct call_work *w, int64_t pos, unsigned mask)
{
	struct fitted o;
	struct call_rec *r;
	int to[CALL_MAX_ALLELE], rc = fit_column(w, pos, mask, &o);
	if (rc != GRX_OK || w->lik.n == 0)
		return rc;
	judge_allele(w, &o, main_alt(o.p, w->lik.n_allele));
	if (!o.one.variant)
		return GRX_OK;
	for (int a = 0; a < w->lik.n_allele; a++)
		to[a] = a == 0 ? 0 : a == o.b ? 1 : -1;
	rc = show(w, &o, to, 2, &r);
	return rc == GRX_OK ? remember(w, r) : rc;
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

/* A single base by fractions; not an insertion, whose REF is its anchor. */
static bool is_base(const struct call_rec *r)
{
	return r->rlen == 1 && r->af && r->n_allele == 2 && r->allele[1][0] && !r->allele[1][1];
}

/* The plain record of the base, or NULL. */
static struct call_rec *plain_at(struct call_work *w, int64_t pos)
{
	for (size_t i = 0; i < w->n_rec; i++)
		if (w->rec[i].pos == pos && is_base(&w->rec[i]) && !w->rec[i].forced)
			return &w->rec[i];
	return NULL;
}

/* The likeliest ALT that is a variant; without one the least sure of them, whose doubt is the site's. */
static void judge_all(struct call_work *w, struct fitted *o, unsigned often, unsigned asked)
{
	struct fitted least = *o;
	bool done[CALL_MAX_ALLELE] = {true}, doubt = false;
	for (int n = 1; n < w->lik.n_allele; n++) {
		int b = 0;
		for (int a = 1; a < w->lik.n_allele; a++)
			b = !done[a] && (b == 0 || o->p[a] > o->p[b]) ? a : b;
		done[b] = true;
		judge_allele(w, o, b);
		if (o->one.variant && ((often | asked) >> b & 1))
			return;
		doubt |= o->one.nocall || o->one.variant ||
			 ((often >> b & 1) && o->p[b] >= w->st->opt.mt_fraction);
		if (n == 1 || o->one.gq < least.one.gq)
			least = *o;
	}
	*o = least;
	o->one.pl = o->pl;
	o->one.variant = false;
	o->one.nocall = doubt;
}

/* PL over the alleles shown: a genotype of two is a mixture of them in any fraction. The best PL must be the
 * genotype's where that is the reference alone. */
static void mixture_pl(const struct call_work *w, struct call_rec *r)
{
	double gl[CALL_MAX_ALLELE * (CALL_MAX_ALLELE + 1) / 2], grid[GRID], top = -1e300,
									    min = w->st->opt.mt_fraction;
	int n = 0;
	for (int j = 0; j < r->n_allele; j++)
		for (int i = r->ploidy == 1 ? j : 0; i <= j; i++, n++) {
			for (int g = 0; g < GRID; g++) {
				double q[CALL_MAX_ALLELE] = {0}, f = min + (1 - 2 * min) * g / (GRID - 1);
				q[i] = 1 - f;
				q[j] = i == j ? 1 : f;
				grid[g] = ll_at(&w->lik, q);
			}
			gl[n] = grx_logsumexp(grid, GRID) - log(GRID);
			top = gl[n] > top ? gl[n] : top;
		}
	r->n_pl = n;
	for (int i = 0; i < n; i++)
		r->pl[i] = phred_of(top, gl[i]);
	r->nocall |= !r->variant && r->pl[0] > 0;
}

static bool none_tells(const struct call_lik *k)
{
	int n = 0;
	for (size_t f = 0; f < k->n; f++)
		n += k->best[f] >= 0;
	return n == 0;
}

/* The allele of the fit that is this base, or 0. */
static int allele_of(const struct call_locus *lc, char base)
{
	for (int a = 0; a < lc->n; a++)
		if (lc->a[a].alt[0] == base)
			return a + 1;
	return 0;
}

/* Alleles of the record: those asked for, then the one that is called. Their number. */
static int alleles_of(const struct call_forced *f, const struct fitted *o, int *to)
{
	int n = 1;
	for (int a = 0; a < CALL_MAX_ALLELE; a++)
		to[a] = a ? -1 : 0;
	for (int i = 0; i < f->n_alt; i++) {
		int a = allele_of(&o->lc, f->alt[i].alt[0]);
		if (a && to[a] < 0)
			to[a] = n++;
	}
	if (o->one.variant && to[o->b] < 0)
		to[o->b] = n++;
	return n;
}

/* The call of the plain record in terms of this fit. */
static void as_plain(const struct call_rec *plain, struct fitted *o)
{
	o->b = allele_of(&o->lc, plain->allele[1][0]);
	o->one = *plain;
	o->one.pl = o->pl;
	memcpy(o->pl, plain->pl, sizeof(o->pl));
}

int call_mito_forced(struct call_work *w, struct call_forced *f)
{
	struct call_rec *plain = plain_at(w, f->site->pos), *r;
	unsigned often = seen(w, f->site->pos - w->beg), bases = 0, asked = 0;
	struct fitted o;
	int to[CALL_MAX_ALLELE], rc;
	if (plain && f->n_alt == 1 && plain->allele[1][0] == f->alt[0].alt[0]) {
		plain->drop = false;
		call_forced_mark(plain, f);
		return GRX_OK;
	}
	rc = fit_column(w, f->site->pos, 15, &o); /* every base speaks: an ALT is not judged by itself */
	if (rc != GRX_OK || w->lik.n == 0 || none_tells(&w->lik))
		return rc;
	for (unsigned b = 0; b < 4; b++)
		bases |= (often >> b & 1) << allele_of(&o.lc, "ACGT"[b]);
	for (int i = 0; i < f->n_alt; i++)
		asked |= 1u << allele_of(&o.lc, f->alt[i].alt[0]);
	if (plain)
		as_plain(plain, &o);
	else
		judge_all(w, &o, bases, asked);
	size_t at = plain ? (size_t)(plain - w->rec) : 0;
	rc = show(w, &o, to, alleles_of(f, &o, to), &r);
	if (rc != GRX_OK)
		return rc;
	if (plain)
		w->rec[at].drop = true;
	mixture_pl(w, r);
	if (r->variant) {
		r->gt[0] = r->ploidy == 2 ? 0 : to[o.b];
		r->gt[1] = to[o.b];
	} else {
		r->ploidy = 1;
		r->gt[0] = r->gt[1] = 0;
	}
	call_record_site(w, r);
	call_forced_mark(r, f);
	return GRX_OK;
}

bool call_mito_mixed(const struct call_work *w, int64_t beg, int64_t end)
{
	for (size_t i = 0; i < w->n_rec; i++) {
		const struct call_rec *r = &w->rec[i];
		if (r->af && r->variant && r->rlen == 1 && r->ploidy == 2 && r->pos >= beg && r->pos < end)
			return true;
	}
	return false;
}

int call_mito(struct call_work *w)
{
	int rc = GRX_OK;
	/* forced sites of the core must agree with what is called beyond its border */
	int64_t near = w->n_forced ? CALL_PAD_BP : 0, beg = w->sh->beg - near, end = w->sh->end + near;
	beg = beg > w->beg ? beg : w->beg;
	end = end < w->end ? end : w->end;
	for (int64_t pos = beg; pos < end && rc == GRX_OK; pos++) {
		unsigned m = seen(w, pos - w->beg);
		if (m && call_ref_at(w, pos) != 'N')
			rc = column(w, pos, m);
	}
	return rc;
}
