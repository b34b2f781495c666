/* SPDX-License-Identifier: GPL-3.0-or-later
 * fact.c -- the facts of this stage: finding inputs, a risk or the reason why there is none, its interval. */
#include <math.h>
#include <string.h>

#include "base/ctx.h"
#include "base/str.h"
#include "math/risk.h"
#include "stage/predict/predict_int.h"

const struct grx_fact *predict_find(const struct predict_run *r, const char *sample, const char *key)
{
	const struct grx_fact *f = grx_facts_find(r->out, sample, key);
	return f || !r->cx->facts ? f : grx_facts_find(r->cx->facts, sample, key);
}

bool predict_usable(const struct grx_fact *f)
{
	return f && f->status == GRX_FACT_OK && f->value.type == GRX_V_NUM && isfinite(f->value.num);
}

int predict_attr_num(struct grx_facts *out, struct grx_fact *f, const char *key, double x)
{
	char buf[32];
	return grx_fact_attr(out, f, key, "%s", grx_fmt_g(buf, x, 10));
}

int predict_fact(struct predict_run *r, const char *sample, const char *key, enum grx_fact_status status,
	const char *reason, struct grx_fact **out)
{
	int rc = GRX_E_BUG;
	GRX_TRY(grx_facts_add(r->cx, r->out, sample, key, "predict", out));
	(*out)->status = status;
	if (status != GRX_FACT_OK)
		GRX_TRY(grx_fact_attr(r->out, *out, "reason", "%s", reason));
	r->n_ok += status == GRX_FACT_OK;
	r->n_missing += status == GRX_FACT_MISSING;
	r->n_refused += status == GRX_FACT_REFUSED;
	rc = GRX_OK;
out:
	return rc;
}

int predict_interval_set(
	struct predict_run *r, struct grx_fact *f, const struct predict_z *z, struct grx_risk_spread *s)
{
	double lo, hi, p = f->value.num;
	s->z = z->z;
	s->has_z = z->has_interval;
	s->z_lo = z->lo;
	s->z_hi = z->hi;
	if (!s->has_z && !s->has_effect)
		return grx_fact_attr(r->out, f, "interval_covers",
			"nothing: the score has no interval and the table no standard error");
	if (!grx_risk_interval(s, &lo, &hi))
		return grx_fail(r->cx, GRX_E_BUG, "%s: a risk within the interval is not a number", f->key);
	f->has_lo = f->has_hi = true;
	f->lo = grx_fact_quantise(fmin(lo, p));
	f->hi = grx_fact_quantise(fmax(hi, p));
	return grx_fact_attr(r->out, f, "interval_covers",
		"%s%s%s%s; not the other coefficients, the rates of the population, or whether the model "
		"fits "
		"this "
		"person's population",
		s->has_z ? "the 95 % interval of the score" : "", z->spread ? " with its uncovered rows" : "",
		s->has_z && s->has_effect ? " and " : "",
		s->has_effect ? "the standard error of its effect" : "");
}
