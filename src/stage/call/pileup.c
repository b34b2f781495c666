/* SPDX-License-Identifier: GPL-3.0-or-later
 * pileup.c -- likelihoods of an SNV locus from its column, one observation per fragment.
 * Base quality is capped by mapping quality; errors that repeat on a strand are taken as dependent: the k-th
 * best observation of an allele on a strand weighs less as evidence of error (after the error model of Li
 * 2011). */
#include "stage/call/call_int.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_COLUMN 8192
#define DEPEND     0.87 /* factor per repeated observation ... */
#define DEPEND_MIN 0.35 /* ... down to this */

struct obs {
	int32_t aln, aln2;
	uint8_t base, q, rev;
};

void call_mates_join(int *base, int *q, int base2, int q2)
{
	if (*base == base2) {
		*q = *q + q2 > CALL_MAX_Q ? CALL_MAX_Q : *q + q2;
		return;
	}
	if (q2 > *q)
		*base = base2;
	*q = abs(*q - q2);
}

/* Query index of the base of a at pos, or -1 (outside, deleted). */
static int32_t base_at(const struct call_aln *a, int64_t pos)
{
	int64_t p = a->pos, q = 0;
	for (uint32_t i = 0; i < a->n_cigar; i++) {
		int op = GRX_CIG_OP(a->cigar[i]);
		int64_t n = GRX_CIG_LEN(a->cigar[i]);
		if (GRX_CIG_REF(op) && pos < p + n)
			return GRX_CIG_QUERY(op) ? (int32_t)(q + pos - p) : -1;
		p += GRX_CIG_REF(op) ? n : 0;
		q += GRX_CIG_QUERY(op) ? n : 0;
	}
	return -1;
}

static bool see(const struct call_work *w, const struct call_aln *a, int64_t pos, struct obs *o)
{
	int32_t q = base_at(a, pos);
	if (q < 0 || a->r->qual[0] == 255 || a->r->qual[q] < w->st->opt.min_baseq)
		return false;
	int nt = grx_nt16_to_nt4[GRX_SEQ_CODE(a->r->seq, q)];
	if (nt > 3)
		return false;
	o->base = (uint8_t)nt;
	o->q = a->r->qual[q] < CALL_MAX_Q ? a->r->qual[q] : CALL_MAX_Q;
	if (a->r->mapq < o->q)
		o->q = a->r->mapq;
	o->rev = (a->r->flag & GRX_R_REVERSE) != 0;
	return true;
}

/* Fragments of the column at pos; a fragment seen twice is joined. */
static int column(struct call_work *w, int64_t pos, struct obs *v, struct call_lik *k)
{
	int n = 0;
	for (int32_t i = call_reads_first(w, pos); i < w->n_aln && w->aln[i].r->pos <= pos + 300; i++) {
		const struct call_aln *a = &w->aln[i];
		struct obs o = {.aln = i, .aln2 = -1};
		if (a->pos > pos || a->end <= pos || !see(w, a, pos, &o))
			continue;
		if (call_capped(w, a, call_depth(w, call_sample(a), pos - w->beg))) {
			k->n_capped++;
			continue;
		}
		k->sum_mq2 += (int64_t)a->r->mapq * a->r->mapq;
		k->n_mq++;
		int f = n;
		if (a->mate >= 0 && a->mate < i)
			for (f = n; f > 0 && v[f - 1].aln != a->mate; f--)
				;
		if (a->mate >= 0 && a->mate < i && f > 0) {
			int b = v[f - 1].base, q = v[f - 1].q;
			call_mates_join(&b, &q, o.base, o.q);
			v[f - 1].aln2 = i;
			v[f - 1].base = (uint8_t)b;
			v[f - 1].q = (uint8_t)q;
		} else if (n < MAX_COLUMN) {
			v[n++] = o;
		} else {
			k->n_capped++;
		}
	}
	return n;
}

static int by_quality(const void *pa, const void *pb)
{
	const struct obs *a = pa, *b = pb;
	if (a->q != b->q)
		return a->q > b->q ? -1 : 1;
	return a->aln < b->aln ? -1 : a->aln > b->aln;
}

static int allele_of(const struct call_work *w, const struct call_locus *lc, int base)
{
	char c = "ACGT"[base];
	if (c == call_ref_at(w, lc->beg))
		return 0;
	for (int i = 0; i < lc->n; i++)
		if (lc->a[i].alt[0] == c)
			return i + 1;
	return -1;
}

void call_errors_init(struct call_state *st)
{
	for (int q = 0; q <= CALL_MAX_Q; q++)
		for (int k = 0; k <= CALL_MAX_REPEAT; k++) {
			double dep = k < CALL_MAX_REPEAT ? pow(DEPEND, k) : DEPEND_MIN;
			double e = exp(-(q < 1 ? 1 : q) * dep * CALL_LN10_10);
			st->ll_err[q][k] = log(e / 3) - log1p(-e);
		}
	for (int q = 0; q <= CALL_MAX_BASEQ; q++) {
		double e = exp(-(q < 1 ? 1 : q) * CALL_LN10_10);
		st->l_match[q] = log1p(-e);
		st->l_miss[q] = log(e / 3) - log1p(-e);
	}
	for (int g = 0; g < 256; g++)
		st->p_open[g] = exp(-(g < 4 ? 4 : g) * CALL_LN10_10);
}

int call_lik_column(struct call_work *w, const struct call_locus *lc, struct call_lik *k)
{
	struct obs v[MAX_COLUMN];
	int seen[4][2] = {{0}};
	int rc = call_lik_reset(w, k, lc->n + 1);
	if (rc != GRX_OK)
		return rc;
	int n = column(w, lc->beg, v, k);
	qsort(v, (size_t)n, sizeof(*v), by_quality);
	for (int i = 0; i < n; i++) {
		double *l = call_lik_row(w, k);
		if (!l)
			return grx_fail_nomem(w->cx, "likelihoods");
		k->rev[k->n - 1] = v[i].rev;
		k->aln[k->n - 1] = v[i].aln;
		k->aln2[k->n - 1] = v[i].aln2;
		int a = allele_of(w, lc, v[i].base);
		if (a < 0 || v[i].q < 3)
			continue; /* equally unlikely under every allele, or says nothing */
		int rep = seen[v[i].base][v[i].rev]++;
		double err = w->st->ll_err[v[i].q][rep < CALL_MAX_REPEAT ? rep : CALL_MAX_REPEAT];
		for (int j = 0; j < k->n_allele; j++)
			l[j] = j == a ? 0 : err;
		k->best[k->n - 1] = (int8_t)a;
	}
	return GRX_OK;
}
