/* SPDX-License-Identifier: GPL-3.0-or-later
 * sums_real.c -- rows of expectations: every sample has a value of its own, nothing is shared but the
 * weights. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "stage/prs/sums_int.h"

/* A row as it is counted: the reference is the first sample's. */
struct real {
	const float *u, *var;
	const struct prs_codeval *val, *ref;
	const uint8_t *what;
	bool dense; /* u is the dose of the reference's samples: added for all, taken back from the others */
	uint8_t odd[16];
};

static uint64_t fixed_dose(double dose)
{
	return (uint64_t)llrint(dose * (double)(1 << SUMS_DOSE_E));
}

static bool is_own(const struct prs_codeval *v)
{
	return v->kind == PRS_CALLED && isnan(v->dose);
}

static void classify(struct real *r, struct sums_lut *l)
{
	memset(l, 0, sizeof(*l));
	memset(l->odd, 0x80, sizeof(l->odd));
	memset(r->odd, 0, sizeof(r->odd));
	r->dense = is_own(r->ref);
	for (int c = 0; c < GRX_CP_N; c++) {
		const struct prs_codeval *v = &r->val[c];
		bool called = v->kind == PRS_CALLED, own = is_own(v);
		bool by_byte = own == r->dense && (own || !called || sums_whole(v->dose));
		r->odd[c] = (uint8_t)((called != (r->ref->kind == PRS_CALLED) ? SUMS_ODD_ABSW : 0) |
				      (prs_sums_same_count(v, r->ref) ? 0 : SUMS_ODD_COUNT) |
				      (by_byte ? 0 : SUMS_ODD_DOSE));
		l->dose[c] = (uint8_t)(by_byte && called && !own ? v->dose : 0);
		l->odd[c] = r->odd[c] ? 0x80 : 0;
	}
}

/* Counters of the listed samples; those whose |w| counts otherwise are left in s->pos. Returns how many, < 0:
 * a bad code or dose. */
static int take_odd(struct prs_sums *s, const struct real *r, int n)
{
	int left = 0;
	for (int j = 0; j < n; j++) {
		uint32_t i = s->pos[j];
		unsigned c = r->what[i];
		if (c >= GRX_CP_N)
			return -1;
		const struct prs_codeval *v = &r->val[c];
		if (r->odd[c] & SUMS_ODD_COUNT)
			prs_sums_count(s, i, r->ref, v);
		if (r->odd[c] & SUMS_ODD_DOSE) {
			double dose = v->kind != PRS_CALLED ? 0 : is_own(v) ? (double)r->u[i] : v->dose;
			if (!(dose >= 0 && dose <= 4))
				return -1;
			s->dose[i] = (int64_t)((uint64_t)s->dose[i] + fixed_dose(dose) -
					       (r->dense ? fixed_dose(r->u[i]) : 0));
		}
		if (r->odd[c] & SUMS_ODD_ABSW)
			s->pos[left++] = i;
	}
	return left;
}

static int reserve(struct prs_sums *s, const struct real *r)
{
	int rc = GRX_E_BUG;
	unsigned odd = 0;
	int room = 0;
	for (int c = 0; c < GRX_CP_N; c++) {
		int by = r->odd[c] & SUMS_ODD_COUNT ? prs_sums_differ(r->ref, &r->val[c]) : 0;
		room = by > room ? by : room;
		odd |= r->odd[c];
	}
	if (room)
		GRX_TRY(prs_sums_need_count(s, room));
	GRX_TRY(prs_sums_need_plane(s, 0));
	if (odd & SUMS_ODD_ABSW)
		GRX_TRY(prs_sums_need_plane(s, 1));
	if (s->variance && r->var)
		GRX_TRY(prs_sums_need_plane(s, 2));
	GRX_TRY(prs_sums_need_pos(s));
	GRX_TRY(prs_sums_need_dose(s));
	if (!s->real_ws)
		s->real_ws = prs_sums_alloc(s, 2 * (size_t)s->n_pad, sizeof(*s->real_ws));
	rc = s->real_ws ? GRX_OK : GRX_E_NOMEM;
out:
	return rc;
}

/* The n samples in s->pos whose |w| counts unlike the reference's. */
static void add_absw(struct prs_sums *s, bool ref_called, int n)
{
	size_t wd = (size_t)s->width, pad = (size_t)s->n_pad;
	for (size_t k = 0; n > 0 && k < pad; k++) {
		uint64_t t = (uint64_t)llrint(fabs(s->real_ws[k]) * SUMS_ABSW);
		size_t at = k / wd * wd * (size_t)s->n_sample + k % wd;
		for (int j = 0; j < n; j++)
			s->plane[1][at + s->pos[j] * wd] += ref_called ? -t : t;
	}
}

static void add_values(struct prs_sums *s, const struct real *r)
{
	size_t wd = (size_t)s->width, pad = (size_t)s->n_pad;
	double *ws = s->real_ws, *w2 = ws + pad;
	for (size_t k = 0; k < pad; k++)
		w2[k] = ws[k] * SUMS_VAR * (ws[k] * SUMS_VAR);
	for (size_t c = 0; c < (size_t)s->n_chunk; c++) {
		size_t at = c * wd * (size_t)s->n_sample;
		s->ops->real(r->u, ws + c * wd, s->plane[0] + at, s->n_sample);
		if (s->variance && r->var)
			s->ops->real(r->var, w2 + c * wd, s->plane[2] + at, s->n_sample);
	}
}

static int add_row(struct prs_sums *s, const double *w, struct real *r)
{
	static const double unit = (double)(1 << SUMS_DOSE_E);
	int rc = GRX_E_BUG;
	struct sums_lut l;
	classify(r, &l);
	GRX_TRY(reserve(s, r));
	struct sums_max max = {s->ops->largest(r->u, s->n_sample),
		s->variance && r->var ? s->ops->largest(r->var, s->n_sample) : 0, r->ref->kind == PRS_CALLED};
	GRX_TRY(prs_sums_spend(s, w, s->real_ws, max));
	rc = GRX_E_BUG;
	if (r->dense && !(max.u <= 4))
		goto out;
	if (r->dense)
		s->ops1->real(r->u, &unit, (uint64_t *)s->dose, s->n_sample);
	int n = s->ops->pack(&l, (struct sums_packed){r->what, s->n_sample, NULL, s->dose8, s->pos});
	n = take_odd(s, r, n);
	if (n < 0)
		goto out;
	prs_sums_count_ref(s, r->ref);
	add_absw(s, r->ref->kind == PRS_CALLED, n);
	add_values(s, r);
	rc = GRX_OK;
out:
	return rc;
}

int prs_sums_real(struct prs_sums *s, const double *w, const struct prs_real *in,
	const struct prs_codeval val[GRX_CP_N])
{
	if (s->n_sample == 0)
		return s->broken ? GRX_E_BUG : GRX_OK;
	struct real r = {.u = in->u,
		.var = in->var,
		.val = val,
		.ref = &val[in->what[0] < GRX_CP_N ? in->what[0] : 0],
		.what = in->what};
	int rc = s->broken ? GRX_E_BUG : add_row(s, w, &r);
	s->broken = rc != GRX_OK;
	return rc;
}
