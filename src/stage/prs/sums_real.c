/* SPDX-License-Identifier: GPL-3.0-or-later
 * sums_real.c -- rows of expectations: every sample has a value of its own, nothing is shared but the
 * weights. */
#include <math.h>
#include <string.h>

#include "stage/prs/sums_int.h"

#define MAX_DOSE 4 /* copies of one row */

static const double DOSE_UNIT = (double)(1 << SUMS_DOSE_E);

/* A row as it is counted: the reference is the first sample's code. */
struct real {
	const struct prs_real *in;
	const struct prs_codeval *val, *ref;
	bool dense; /* the reference's samples bring their doses: added for all, taken back from the others */
	uint8_t odd[16];
};

static uint64_t fixed_dose(double dose)
{
	return (uint64_t)llrint(dose * DOSE_UNIT);
}

/* Does each sample bring its own dose? */
static bool is_own(const struct real *r, const struct prs_codeval *v)
{
	return v->kind == PRS_CALLED && (r->in->dose || isnan(v->dose));
}

static double own_dose(const struct real *r, uint32_t i)
{
	return r->in->dose ? (double)r->in->dose[i] : r->in->ud ? r->in->ud[i] : (double)r->in->u[i];
}

static void classify(struct real *r, struct sums_lut *l)
{
	memset(l, 0, sizeof(*l));
	memset(l->odd, 0x80, sizeof(l->odd));
	memset(r->odd, 0, sizeof(r->odd));
	for (int c = 0; c < GRX_CP_N; c++) {
		const struct prs_codeval *v = &r->val[c];
		bool called = v->kind == PRS_CALLED, own = is_own(r, v);
		bool simple = own == r->dense && (own || !called || sums_whole(v->dose));
		r->odd[c] = (uint8_t)((called != (r->ref->kind == PRS_CALLED) ? SUMS_ODD_ABSW : 0) |
				      (prs_sums_same_count(v, r->ref) ? 0 : SUMS_ODD_COUNT) |
				      (simple ? 0 : SUMS_ODD_DOSE));
		l->dose[c] = (uint8_t)(simple && called && !own ? v->dose : 0);
		l->odd[c] = r->odd[c] ? 0x80 : 0;
	}
}

/* The dose of a sample that does not add what the row's reference does; false: none possible. */
static bool odd_dose(struct prs_sums *s, const struct real *r, uint32_t i, const struct prs_codeval *v)
{
	double dose = v->kind != PRS_CALLED ? 0 : is_own(r, v) ? own_dose(r, i) : v->dose;
	if (!(fabs(dose) <= MAX_DOSE))
		return false;
	s->dose[i] = (int64_t)((uint64_t)s->dose[i] + fixed_dose(dose));
	if (r->dense)
		s->dose[i] = (int64_t)((uint64_t)s->dose[i] - fixed_dose(own_dose(r, i)));
	return true;
}

/* Counters of the n listed samples; those whose |w| counts otherwise are left in s->pos. Returns how many, <
 * 0: a bad code or dose. */
static int take_odd(struct prs_sums *s, const struct real *r, int n)
{
	int left = 0;
	for (int j = 0; j < n; j++) {
		uint32_t i = s->pos[j];
		unsigned c = r->in->what[i];
		if (c >= GRX_CP_N)
			return -1;
		if (r->odd[c] & SUMS_ODD_COUNT)
			prs_sums_count(s, i, r->ref, &r->val[c]);
		if (r->odd[c] & SUMS_ODD_DOSE && !odd_dose(s, r, i, &r->val[c]))
			return -1;
		if (r->odd[c] & SUMS_ODD_ABSW)
			s->pos[left++] = i;
	}
	return left;
}

static int reserve_batch(struct prs_sums *s)
{
	size_t rows = (size_t)s->max_real, n = s->width == 1 ? 0 : (size_t)s->n_sample;
	if (s->real_ws && s->real_w2 && s->real_u && s->real_var)
		return GRX_OK;
	s->real_ws = prs_sums_alloc(s, rows * (size_t)s->n_pad, sizeof(double));
	s->real_w2 = prs_sums_alloc(s, rows * (size_t)s->n_pad, sizeof(double));
	s->real_u = prs_sums_alloc(s, rows * n, sizeof(double));
	s->real_var = prs_sums_alloc(s, s->variance ? rows * n : 0, sizeof(double));
	return s->real_ws && s->real_w2 && s->real_u && s->real_var ? GRX_OK : GRX_E_NOMEM;
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
	if (s->variance && r->in->var)
		GRX_TRY(prs_sums_need_plane(s, 2));
	GRX_TRY(prs_sums_need_pos(s));
	GRX_TRY(prs_sums_need_dose(s));
	GRX_TRY(reserve_batch(s));
	rc = GRX_OK;
out:
	return rc;
}

/* The n samples in s->pos whose |w| counts unlike the reference's. */
static void add_absw(struct prs_sums *s, const double *ws, bool ref_called, int n)
{
	size_t wd = (size_t)s->width;
	for (size_t k = 0; n > 0 && k < (size_t)s->n_pad; k++) {
		uint64_t t = (uint64_t)llrint(fabs(ws[k]) * SUMS_ABSW);
		size_t at = k / wd * wd * (size_t)s->n_sample + k % wd;
		for (int j = 0; j < n; j++)
			s->plane[1][at + s->pos[j] * wd] += ref_called ? -t : t;
	}
}

/* Pending rows for one chunk, SUMS_REAL in a pass. */
static void add_batch(struct prs_sums *s, size_t chunk, const double *u, const double *f, uint64_t *plane)
{
	size_t n = (size_t)s->n_sample, wd = (size_t)s->width, pad = (size_t)s->n_pad;
	for (int row = 0; row < s->n_real; row += SUMS_REAL) {
		int rows = s->n_real - row < SUMS_REAL ? s->n_real - row : SUMS_REAL;
		size_t r = (size_t)row;
		struct sums_batch b = {u + r * n, f + r * pad + chunk * wd, n, pad, rows};
		s->ops->real(&b, plane + chunk * wd * n, s->n_sample);
	}
}

void prs_sums_flush_real(struct prs_sums *s)
{
	for (size_t c = 0; s->n_real && c < (size_t)s->n_chunk; c++) {
		add_batch(s, c, s->real_u, s->real_ws, s->plane[0]);
		if (s->real_some_var)
			add_batch(s, c, s->real_var, s->real_w2, s->plane[2]);
	}
	s->n_real = 0;
	s->real_some_var = false;
}

/* One column: straight from the row. */
static void add_one(struct prs_sums *s, const struct prs_real *in, double ws, double w2)
{
	if (in->ud)
		s->ops->one_double(in->ud, ws, s->plane[0], s->n_sample);
	else
		s->ops->one(in->u, ws, s->plane[0], s->n_sample);
	if (s->variance && in->var)
		s->ops->one(in->var, w2, s->plane[2], s->n_sample);
}

/* Several columns: with the rows that follow. */
static void keep_row(struct prs_sums *s, const struct prs_real *in, double *w2)
{
	size_t n = (size_t)s->n_sample, at = (size_t)s->n_real * n;
	for (size_t i = 0; i < n; i++)
		s->real_u[at + i] = in->ud ? in->ud[i] : (double)in->u[i];
	bool var = s->variance && in->var;
	for (size_t i = 0; var && i < n; i++)
		s->real_var[at + i] = (double)in->var[i];
	if (!var)
		memset(w2, 0, (size_t)s->n_pad * sizeof(*w2));
	s->real_some_var |= var;
	if (++s->n_real == s->max_real)
		prs_sums_flush_real(s);
}

static void add_values(struct prs_sums *s, const struct prs_real *in, const double *ws)
{
	double *w2 = s->real_w2 + (size_t)s->n_real * (size_t)s->n_pad;
	for (int k = 0; k < s->n_pad; k++)
		w2[k] = ws[k] * s->var_unit * (ws[k] * s->var_unit);
	if (s->width == 1)
		add_one(s, in, ws[0], w2[0]);
	else
		keep_row(s, in, w2);
}

static double largest_double(const double *x, int n)
{
	double top = 0;
	for (int i = 0; i < n; i++)
		top = fabs(x[i]) <= top ? top : fabs(x[i]);
	for (int i = 0; i < n; i++)
		top += x[i] - x[i]; /* NAN unless finite */
	return top;
}

/* Can the doses that the samples bring be added for all? Not if those who are not called bring none (NAN). */
static bool is_dense(const struct prs_sums *s, const struct real *r, double max_u)
{
	if (!is_own(r, r->ref))
		return false;
	return (r->in->dose ? s->ops->largest(r->in->dose, s->n_sample) : max_u) <= MAX_DOSE;
}

static void add_doses(struct prs_sums *s, const struct prs_real *in)
{
	uint64_t *to = (uint64_t *)s->dose;
	if (in->ud && !in->dose)
		s->ops1->one_double(in->ud, DOSE_UNIT, to, s->n_sample);
	else
		s->ops1->one(in->dose ? in->dose : in->u, DOSE_UNIT, to, s->n_sample);
}

static int add_row(struct prs_sums *s, const double *w, struct real *r)
{
	const struct prs_real *in = r->in;
	int rc = GRX_E_BUG;
	struct sums_lut l;
	struct sums_max max = {
		in->ud ? largest_double(in->ud, s->n_sample) : s->ops->largest(in->u, s->n_sample),
		s->variance && in->var ? s->ops->largest(in->var, s->n_sample) : 0,
		r->ref->kind == PRS_CALLED};
	r->dense = is_dense(s, r, max.u);
	classify(r, &l);
	GRX_TRY(reserve(s, r));
	double *ws = s->real_ws + (size_t)s->n_real * (size_t)s->n_pad;
	GRX_TRY(prs_sums_spend(s, w, ws, max));
	rc = GRX_E_BUG;
	if (r->dense)
		add_doses(s, in);
	int n = s->ops->pack(&l, (struct sums_packed){in->what, s->n_sample, NULL, s->dose8, s->pos});
	n = take_odd(s, r, n);
	if (n < 0)
		goto out;
	prs_sums_count_ref(s, r->ref);
	add_absw(s, ws, max.absw, n);
	add_values(s, in, ws);
	rc = GRX_OK;
out:
	return rc;
}

int prs_sums_real(struct prs_sums *s, const double *w, const struct prs_real *in,
	const struct prs_codeval val[GRX_CP_N])
{
	if (s->n_sample == 0)
		return s->broken ? GRX_E_BUG : GRX_OK;
	struct real r = {.in = in, .val = val, .ref = &val[in->what[0] < GRX_CP_N ? in->what[0] : 0]};
	int rc = s->broken ? GRX_E_BUG : add_row(s, w, &r);
	s->broken = rc != GRX_OK;
	return rc;
}
