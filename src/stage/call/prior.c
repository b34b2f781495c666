/* SPDX-License-Identifier: GPL-3.0-or-later
 * prior.c -- prior of an allele: by its kind and the repeat it is in, and by its frequency when listed. */
#include "stage/call/prior.h"

#include <math.h>

#include "bio/allele.h"
#include "stage/call/call_int.h"
#include "stage/call/strerr.h"

#define REPEAT    5    /* units: their number changes more often than other sequence does */
#define NO_REPEAT 1e-4 /* the usual prior of an indel, to which that of a repeat is relative */
#define MAX_PRIOR 0.2
#define MAX_UNIT  6

struct call_prior call_prior_default(double p)
{
	return (struct call_prior){.one = p, .two = p * 0.5, .hap = p};
}

/* A random person of the population with weight 1 - share, the default with weight share. */
struct call_prior call_prior_mixed(double p, double f)
{
	const double d = CALL_AF_DEFAULT_SHARE, l = 1 - d;
	double none = l * (1 - f) * (1 - f) + d * (1 - 1.5 * p);
	double one = l * 2 * f * (1 - f) + d * p;
	double two = l * f * f + d * 0.5 * p;
	double hap = (l * f + d * p) / (l * (1 - f) + d * (1 - p));
	return (struct call_prior){.one = one / none, .two = two / none, .hap = hap, .listed = true};
}

int call_repeat_units(const struct call_work *w, const struct call_allele *a, int *cls, int *unit)
{
	char s[MAX_UNIT];
	int len = call_repeat_len(w, a->pos, unit);
	for (int i = 0; i < *unit; i++)
		s[i] = call_ref_at(w, a->pos + i);
	*cls = call_str_class(s, *unit);
	return *cls >= 0 && call_is_indel(a) && (a->rlen + a->alen) % *unit == 0 ? len / *unit : 0;
}

/* A repeat's allele of d units more or less: what the samples' own repeats of this kind show. */
static double length_prior(const struct call_work *w, int cls, int n, int d)
{
	double p = 0;
	for (int s = 0; s < w->n_sample; s++)
		p += call_strmodel_allele(&w->st->sample[s].strmodel, cls, n, d);
	return p / w->n_sample;
}

/* One copy of an indel: longer repeats mutate more, by whole units most. */
static double indel_prior(const struct call_work *w, const struct call_allele *a)
{
	int cls, unit, n = call_repeat_units(w, a, &cls, &unit), d = a->rlen + a->alen;
	double p = w->st->opt.indel_prior;
	if (n >= REPEAT)
		p *= length_prior(w, cls, n, d / unit) / NO_REPEAT;
	else
		p *= pow(0.93, d > 40 ? 40 : d);
	return p > MAX_PRIOR ? MAX_PRIOR : p < 1e-7 ? 1e-7 : p;
}

static double default_prior(const struct call_work *w, const struct call_allele *a)
{
	if (a->rlen == 1 && a->alen == 1) {
		/* two transitions for one of the two transversions together */
		bool ti = grx_is_transition(call_ref_at(w, a->pos), a->alt[0]);
		return w->st->opt.snv_prior * (ti ? 2.0 / 3 : 1.0 / 6);
	}
	if (a->rlen && a->alen)
		return w->st->opt.indel_prior;
	return indel_prior(w, a);
}

struct call_prior call_allele_prior(const struct call_work *w, const struct call_allele *a)
{
	double p = default_prior(w, a), f = call_af_of(w, a);
	return f < 0 ? call_prior_default(p) : call_prior_mixed(p, f);
}
