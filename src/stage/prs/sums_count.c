/* SPDX-License-Identifier: GPL-3.0-or-later
 * sums_count.c -- what is counted by sample: rows by kind, alleles, copies.
 * A row counts its reference for all samples; only those that differ are touched. Copies add up in bytes
 * first. */
#include <math.h>
#include <string.h>

#include "stage/prs/sums_int.h"

bool prs_sums_same_count(const struct prs_codeval *a, const struct prs_codeval *b)
{
	return a->kind == b->kind && a->allele_ct == b->allele_ct && a->denom == b->denom;
}

static void count_kind(struct prs_counters *c, int kind)
{
	c->n_called += kind == PRS_CALLED;
	c->n_imputed += kind == PRS_IMPUTED;
	c->n_missing += kind == PRS_MISSING;
}

void prs_sums_count_ref(struct prs_sums *s, const struct prs_codeval *ref)
{
	count_kind(&s->all, ref->kind);
	s->all.allele_ct += ref->allele_ct;
	s->all.denom += ref->denom;
}

void prs_sums_count(
	struct prs_sums *s, uint32_t sample, const struct prs_codeval *ref, const struct prs_codeval *v)
{
	struct sums_count *c = &s->count[sample];
	c->n_called += (v->kind == PRS_CALLED) - (ref->kind == PRS_CALLED);
	c->n_imputed += (v->kind == PRS_IMPUTED) - (ref->kind == PRS_IMPUTED);
	c->n_missing += (v->kind == PRS_MISSING) - (ref->kind == PRS_MISSING);
	c->allele_ct += v->allele_ct - ref->allele_ct;
	c->denom += v->denom - ref->denom;
}

int prs_sums_differ(const struct prs_codeval *ref, const struct prs_codeval *v)
{
	int a = v->allele_ct - ref->allele_ct, d = v->denom - ref->denom;
	a = a < 0 ? -a : a;
	d = d < 0 ? -d : d;
	return 1 + (a > d ? a : d);
}

int prs_sums_need_count(struct prs_sums *s, int64_t by)
{
	s->count_room += by;
	if (s->count_room > INT32_MAX)
		return GRX_E_BUG;
	if (!s->count)
		s->count = prs_sums_alloc(s, (size_t)s->n_sample, sizeof(*s->count));
	return s->count ? GRX_OK : GRX_E_NOMEM;
}

void prs_sums_flush_dose(struct prs_sums *s)
{
	for (int i = 0; s->dose && s->dose8 && i < s->n_sample; i++)
		s->dose[i] += (int64_t)s->dose8[i] << SUMS_DOSE_E;
	if (s->dose8)
		memset(s->dose8, 0, (size_t)s->n_sample);
	s->dose_rows = 0;
}

static int have_dose(struct prs_sums *s)
{
	if (!s->dose)
		s->dose = prs_sums_alloc(s, (size_t)s->n_sample, sizeof(*s->dose));
	if (!s->dose8)
		s->dose8 = prs_sums_alloc(s, (size_t)s->n_sample, 1);
	return s->dose && s->dose8 ? GRX_OK : GRX_E_NOMEM;
}

int prs_sums_need_dose(struct prs_sums *s)
{
	if (s->dose_rows == SUMS_DOSE_ROWS)
		prs_sums_flush_dose(s);
	s->dose_rows++;
	return have_dose(s);
}

static void merge_all(struct prs_counters *a, const struct prs_counters *b)
{
	a->n_called += b->n_called;
	a->n_imputed += b->n_imputed;
	a->n_missing += b->n_missing;
	a->allele_ct += b->allele_ct;
	a->denom += b->denom;
}

int prs_sums_merge_counts(struct prs_sums *a, struct prs_sums *b)
{
	int rc = GRX_E_BUG;
	merge_all(&a->all, &b->all);
	if (b->count) {
		GRX_TRY(prs_sums_need_count(a, b->count_room));
		for (int i = 0; i < a->n_sample; i++) {
			a->count[i].n_called += b->count[i].n_called;
			a->count[i].n_imputed += b->count[i].n_imputed;
			a->count[i].n_missing += b->count[i].n_missing;
			a->count[i].allele_ct += b->count[i].allele_ct;
			a->count[i].denom += b->count[i].denom;
		}
	}
	if (b->dose) {
		GRX_TRY(have_dose(a));
		for (int i = 0; i < a->n_sample; i++)
			a->dose[i] += b->dose[i];
	}
	rc = GRX_OK;
out:
	return rc;
}

void prs_sums_counters(struct prs_sums *s, int sample, struct prs_counters *c)
{
	prs_sums_flush(s);
	*c = s->all;
	if (s->count) {
		const struct sums_count *d = &s->count[sample];
		c->n_called += d->n_called;
		c->n_imputed += d->n_imputed;
		c->n_missing += d->n_missing;
		c->allele_ct += d->allele_ct;
		c->denom += d->denom;
	}
	c->dose = s->broken ? NAN : s->dose ? ldexp((double)s->dose[sample], -SUMS_DOSE_E) : 0;
}
