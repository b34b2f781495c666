/* SPDX-License-Identifier: GPL-3.0-or-later
 * prior.c -- prior of an allele: by its kind and the repeat it is in, and by its frequency when listed. */
#include "stage/call/prior.h"

#include <math.h>

#include "bio/allele.h"
#include "stage/call/call_int.h"

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

/* One copy of an indel: longer repeats mutate more, by whole units most. */
static double indel_prior(const struct call_work *w, const struct call_allele *a)
{
	int unit, len = call_repeat_len(w, a->pos, &unit), n = len / unit, d = a->rlen + a->alen;
	double p = w->st->opt.indel_prior;
	if (n >= 5 && d % unit == 0) {
		p *= n >= 16 ? 100 : n >= 11 ? 40 : n >= 8 ? 15 : 5;
		p *= pow(0.7, d / unit - 1);
	} else {
		p *= pow(0.93, d > 40 ? 40 : d);
	}
	return p > 0.05 ? 0.05 : p < 1e-7 ? 1e-7 : p;
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
