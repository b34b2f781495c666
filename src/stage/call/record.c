/* SPDX-License-Identifier: GPL-3.0-or-later
 * record.c -- one VCF record of a locus: alleles written over a span, likelihoods collapsed onto the alleles
 * shown. An allele of the locus that a record does not show counts as its REF, as when multi-allelic records
 * are split. */
#include "stage/call/call_int.h"

#include <math.h>
#include <string.h>

#include "math/prob.h"

struct call_rec *call_record_push(struct call_work *w)
{
	if (w->n_rec == w->cap_rec) {
		size_t cap = w->cap_rec ? w->cap_rec * 2 : 256;
		struct call_rec *p = grx_arena_grow(w->mem, w->rec, w->n_rec, cap, sizeof(*p));
		if (!p)
			return NULL;
		w->rec = p;
		w->cap_rec = cap;
	}
	struct call_rec *r = &w->rec[w->n_rec++];
	memset(r, 0, sizeof(*r));
	return r;
}

/* The reference of the span with a put in; "" when it reaches outside (a forced site that is not
 * left-aligned: its own text is used). NULL: no memory. */
const char *call_allele_text(struct call_work *w, const struct call_span *s, const struct call_allele *a)
{
	int64_t n = s->rlen + (a ? a->alen - a->rlen : 0), k = 0;
	if (a && (a->pos < s->pos || a->pos + a->rlen > s->pos + s->rlen))
		return "";
	char *t = grx_arena_alloc(w->mem, (size_t)n + 1, 1);
	if (!t)
		return NULL;
	int64_t pos = a ? a->pos : s->pos + s->rlen;
	for (int64_t p = s->pos; p < pos; p++)
		t[k++] = call_ref_at(w, p);
	for (int i = 0; a && i < a->alen; i++)
		t[k++] = a->alt[i];
	for (int64_t p = pos + (a ? a->rlen : 0); p < s->pos + s->rlen; p++)
		t[k++] = call_ref_at(w, p);
	t[k] = 0;
	return t;
}

/* Fisher's exact test on strand x (REF, ALT), phred; symmetric odds ratio as in wide use. n: REF and ALT on
 * the forward strand, then on the reverse one. */
static void strand_bias(struct call_rec *r, const int *n)
{
	int rf = n[0], af = n[1], rr = n[2], ar = n[3];
	r->fs = af + ar ? grx_p_phred(grx_fisher_2x2(rf, rr, af, ar)) : 0;
	if (!(r->fs > 0))
		r->fs = 0; /* no negative zero in files */
	double o = (rf + 1.0) * (ar + 1.0) / ((rr + 1.0) * (af + 1.0));
	double rn = rf < rr ? (rf + 1.0) / (rr + 1.0) : (rr + 1.0) / (rf + 1.0);
	double an = af < ar ? (af + 1.0) / (ar + 1.0) : (ar + 1.0) / (af + 1.0);
	r->sor = log(o + 1 / o) + log(rn) - log(an);
}

void call_record_site(const struct call_work *w, struct call_rec *r)
{
	int n[4] = {0};
	double mq2 = 0;
	r->any_call = r->any_variant = false;
	r->all_dp = 0;
	r->site_qual = 0;
	for (int s = 0; s < (r->more ? w->n_sample : 1); s++) {
		const struct call_rec *x = call_rec_of(r, s);
		r->any_call |= !x->nocall;
		r->any_variant |= x->variant;
		r->site_qual += x->nocall ? 0 : x->qual;
		r->all_dp += x->dp;
		mq2 += x->mq * x->mq * x->dp;
		for (int i = 0; x->adf && i < r->n_allele; i++) {
			n[i > 0] += x->adf[i];
			n[2 + (i > 0)] += x->adr[i];
		}
	}
	r->site_qual = r->site_qual > CALL_MAX_QUAL ? CALL_MAX_QUAL : r->site_qual;
	r->site_mq = r->all_dp ? sqrt(mq2 / r->all_dp) : 0;
	strand_bias(r, n);
}

int call_record_counts(struct call_work *w, const struct call_lik *k, struct call_rec *r)
{
	size_t n = (size_t)r->n_allele;
	r->ad = grx_arena_calloc(w->mem, 3 * n, sizeof(*r->ad));
	if (!r->ad)
		return grx_fail_nomem(w->cx, "a record");
	r->adf = r->ad + n;
	r->adr = r->ad + 2 * n;
	for (size_t f = 0; f < k->n; f++)
		if (k->best[f] >= 0)
			(k->rev[f] ? r->adr : r->adf)[k->best[f]]++;
	for (size_t i = 0; i < n; i++)
		r->ad[i] = r->adf[i] + r->adr[i];
	r->dp = (int)k->n;
	r->mq = k->n_mq ? sqrt((double)k->sum_mq2 / k->n_mq) : 0;
	return GRX_OK;
}

/* Likelihood of a collapsed genotype = the best of the full ones that it stands for. */
static void collapse(const struct call_gt *g, const int *to, int n_allele, double *gl)
{
	int n = call_n_genotype(n_allele, g->ploidy), x = 0;
	for (int i = 0; i < n; i++)
		gl[i] = -1e300;
	for (int j = 0; j < g->n_allele; j++)
		for (int i = g->ploidy == 1 ? j : 0; i <= j; i++, x++) {
			if (to[i] < 0 || to[j] < 0)
				continue;
			int k = call_gl_index(to[i], to[j], g->ploidy);
			gl[k] = g->gl[x] > gl[k] ? g->gl[x] : gl[k];
		}
}

static int fill_counts(struct call_work *w, const struct call_gt *g, const int *to, struct call_rec *r)
{
	size_t n = (size_t)r->n_allele;
	r->ad = grx_arena_calloc(w->mem, 3 * n, sizeof(*r->ad));
	r->pl = grx_arena_calloc(w->mem, (size_t)call_n_genotype(r->n_allele, 2), sizeof(*r->pl));
	if (!r->ad || !r->pl)
		return grx_fail_nomem(w->cx, "a record");
	r->adf = r->ad + n;
	r->adr = r->ad + 2 * n;
	for (int i = 0; i < g->n_allele; i++) {
		if (i > 0 && to[i] <= 0)
			continue; /* an allele shown elsewhere is not REF */
		r->adf[to[i]] += g->adf[i];
		r->adr[to[i]] += g->adr[i];
	}
	for (size_t i = 0; i < n; i++)
		r->ad[i] = r->adf[i] + r->adr[i];
	r->dp = g->dp;
	r->mq = g->mq;
	return GRX_OK;
}

void call_record_features(
	const struct call_work *w, const struct call_lik *k, const int *to, struct call_rec *r)
{
	if (!r->variant || !r->owned || !(w->st->rescore || w->st->opt.features))
		return;
	call_features(w, r, k, to, r->feat);
	r->has_feat = true;
}

int call_record_add(struct call_work *w, const struct call_locus *lc, const struct call_gt *g,
	const struct call_span *s, struct call_rec **out)
{
	int to[CALL_MAX_ALLELE] = {0};
	double gl[CALL_MAX_ALLELE * (CALL_MAX_ALLELE + 1) / 2];
	struct call_prior prior[CALL_MAX_ALLELE] = {{0}};
	struct call_rec *r = call_record_push(w);
	if (!r)
		return grx_fail_nomem(w->cx, "records");
	r->pos = s->pos;
	r->rlen = s->rlen;
	r->n_allele = s->n + 1;
	r->ploidy = g->ploidy;
	r->owned = s->pos >= w->sh->beg && s->pos < w->sh->end;
	r->allele = grx_arena_alloc(w->mem, (size_t)s->n + 1, sizeof(*r->allele));
	if (!r->allele)
		return grx_fail_nomem(w->cx, "records");
	r->allele[0] = call_allele_text(w, s, NULL);
	for (int i = 0; i < lc->n; i++)
		to[i + 1] = s->called && s->called[i] ? 0 : -1;
	for (int i = 0; i < s->n; i++) {
		to[s->pick[i] + 1] = i + 1;
		prior[i + 1] = lc->prior[s->pick[i] + 1];
		r->allele[i + 1] = call_allele_text(w, s, &lc->a[s->pick[i]]);
	}
	for (int i = 0; i <= s->n; i++)
		if (!r->allele[i])
			return grx_fail_nomem(w->cx, "records");
	int rc = fill_counts(w, g, to, r);
	if (rc != GRX_OK)
		return rc;
	if (g->ploidy == 0 || g->n_inform == 0) {
		r->nocall = true;
	} else {
		collapse(g, to, r->n_allele, gl);
		call_posterior(gl, r->n_allele, g->ploidy, prior, r);
		r->variant = r->gt[1] > 0;
	}
	call_record_site(w, r);
	if (!r->nocall)
		call_record_features(w, &w->lik, to, r);
	*out = r;
	return GRX_OK;
}
