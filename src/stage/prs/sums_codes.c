/* SPDX-License-Identifier: GPL-3.0-or-later
 * sums_codes.c -- rows of hard calls: which codes are digits, which samples are odd.
 * The reference of a row is its lowest called code (else its lowest code). Codes that count as it does become
 * digits, three at most, and cost a table lookup shared with other rows; the samples of all other codes are
 * listed one by one. */
#include <math.h>

#include "base/mem.h"
#include "stage/prs/sums_int.h"

#define MAX_ODD (1 << 16) /* listed samples after which pending rows are added */

static int ref_of(const struct prs_codeval *val, unsigned seen)
{
	for (int c = 0; c < GRX_CP_N; c++)
		if (seen >> c & 1 && val[c].kind == PRS_CALLED)
			return c;
	return __builtin_ctz(seen);
}

/* The digit of value u, or -1. */
static int digit_of(struct sums_row *q, double u, int *n_digit)
{
	for (int d = 0; d < *n_digit; d++)
		if (q->u[d] == u)
			return d;
	if (*n_digit == 3)
		return -1;
	q->u[*n_digit] = u;
	return (*n_digit)++;
}

/* How one code of the row is added. */
static void place(struct sums_row *q, struct sums_lut *l, int c, const struct prs_codeval *v,
	const struct prs_codeval *ref, int *n_digit)
{
	bool called = v->kind == PRS_CALLED;
	int digit = v->kind == ref->kind ? digit_of(q, v->u, n_digit) : q->u[0] == v->u ? 0 : -1;
	q->code_u[c] = v->u;
	q->code_var[c] = v->var;
	q->odd[c] = (uint8_t)((digit < 0 ? SUMS_ODD_VALUE : 0) | (v->var != ref->var ? SUMS_ODD_VAR : 0) |
			      (called != (ref->kind == PRS_CALLED) ? SUMS_ODD_ABSW : 0) |
			      (prs_sums_same_count(v, ref) ? 0 : SUMS_ODD_COUNT) |
			      (called && !sums_whole(v->dose) ? SUMS_ODD_DOSE : 0));
	l->digit[c] = (uint8_t)(digit > 0 ? digit : 0);
	l->dose[c] = (uint8_t)(called && sums_whole(v->dose) ? v->dose : 0);
	l->odd[c] = q->odd[c] ? 0x80 : 0;
}

static void classify(
	struct sums_row *q, struct sums_lut *l, const struct prs_codeval *val, unsigned seen, int ref)
{
	int n_digit = 1;
	*q = (struct sums_row){
		.ref_var = val[ref].var, .ref_called = val[ref].kind == PRS_CALLED, .ref = ref};
	q->u[0] = val[ref].u;
	for (int c = 0; c < 16; c++) {
		l->digit[c] = l->dose[c] = 0;
		l->odd[c] = 0x80; /* not announced */
	}
	for (int c = 0; c < GRX_CP_N; c++)
		if (seen >> c & 1)
			place(q, l, c, &val[c], &val[ref], &n_digit);
	for (; n_digit < 3; n_digit++)
		q->u[n_digit] = q->u[0];
}

static int reserve(struct prs_sums *s, unsigned odd)
{
	int rc = GRX_E_BUG;
	if (!s->ws) {
		size_t rows = (size_t)s->max_rows;
		s->ws = prs_sums_alloc(s, rows * (size_t)s->n_pad, sizeof(*s->ws));
		s->row = prs_sums_alloc(s, rows, sizeof(*s->row));
		s->index = prs_sums_alloc(s, rows / (size_t)s->group_rows, (size_t)s->n_sample);
		s->table = prs_sums_alloc(s, SUMS_GROUPS * SUMS_STATES * (size_t)s->width, sizeof(*s->table));
	}
	if (!s->ws || !s->row || !s->index || !s->table)
		return GRX_E_NOMEM;
	GRX_TRY(prs_sums_need_pos(s));
	GRX_TRY(prs_sums_need_plane(s, 0));
	if (odd & SUMS_ODD_ABSW)
		GRX_TRY(prs_sums_need_plane(s, 1));
	if (odd & SUMS_ODD_VAR)
		GRX_TRY(prs_sums_need_plane(s, 2));
	GRX_TRY(prs_sums_need_dose(s));
	rc = GRX_OK;
out:
	return rc;
}

/* The listed samples of the row: counters at once, values later. */
static int take_odd(
	struct prs_sums *s, struct sums_row *q, const struct prs_codeval *val, const uint8_t *code, int n)
{
	const uint8_t later = SUMS_ODD_VALUE | SUMS_ODD_VAR | SUMS_ODD_ABSW;
	int rc = GRX_E_BUG;
	GRX_TRY(grx_grow(&s->odd, &s->cap_odd, s->n_odd + (size_t)n, sizeof(*s->odd), 0));
	rc = GRX_E_BUG;
	for (int j = 0; j < n; j++) {
		uint32_t i = s->pos[j];
		unsigned c = code[i];
		if (c >= GRX_CP_N || !q->odd[c])
			goto out; /* a code that `seen` does not announce */
		if (q->odd[c] & SUMS_ODD_COUNT)
			prs_sums_count(s, i, &val[q->ref], &val[c]);
		if (q->odd[c] & SUMS_ODD_DOSE)
			s->dose[i] += llrint(ldexp(val[c].dose, SUMS_DOSE_E));
		if (q->odd[c] & later)
			s->odd[s->n_odd++] = (struct sums_odd){i, c};
	}
	rc = GRX_OK;
out:
	return rc;
}

/* Largest |u| and variance of the codes seen; the doses are within the limits. */
static bool largest(const struct prs_codeval *val, unsigned seen, struct sums_max *max)
{
	bool ok = true;
	for (int c = 0; c < GRX_CP_N; c++) {
		if (!(seen >> c & 1))
			continue;
		max->u = fabs(val[c].u) <= max->u ? max->u : fabs(val[c].u);
		max->var = val[c].var <= max->var ? max->var : val[c].var;
		ok = ok && !(val[c].var < 0) &&
		     (val[c].kind != PRS_CALLED || (val[c].dose >= 0 && val[c].dose <= 2));
	}
	return ok;
}

static int add_row(struct prs_sums *s, const double *w, const struct prs_codeval *val, const uint8_t *code,
	unsigned seen)
{
	static const uint8_t power[4] = {1, 3, 9, 27};
	int rc = GRX_E_BUG, in_group = s->n_rows % s->group_rows;
	struct sums_max max = {0, 0, false};
	struct sums_lut l;
	struct sums_row q;
	unsigned odd = 0;
	int room = 0;
	classify(&q, &l, val, seen, ref_of(val, seen));
	for (int c = 0; c < GRX_CP_N; c++) {
		if (!s->variance)
			q.odd[c] &= (uint8_t)~SUMS_ODD_VAR;
		int by = q.odd[c] & SUMS_ODD_COUNT ? prs_sums_differ(&val[q.ref], &val[c]) : 0;
		room = by > room ? by : room;
		odd |= q.odd[c];
		l.digit[c] = (uint8_t)(l.digit[c] * power[in_group]);
	}
	rc = GRX_E_BUG;
	if (!largest(val, seen, &max))
		return rc;
	max.var = s->variance ? max.var : 0;
	max.absw = q.ref_called;
	if (room)
		GRX_TRY(prs_sums_need_count(s, room));
	GRX_TRY(reserve(s, odd));
	GRX_TRY(prs_sums_spend(s, w, s->ws + (size_t)s->n_rows * (size_t)s->n_pad, max));
	uint8_t *index = s->index + (size_t)(s->n_rows / s->group_rows) * (size_t)s->n_sample;
	int n = s->ops->pack(&l, (struct sums_packed){code, s->n_sample, index, s->dose8, s->pos});
	GRX_TRY(take_odd(s, &q, val, code, n));
	prs_sums_count_ref(s, &val[q.ref]);
	q.odd_end = s->n_odd;
	s->row[s->n_rows++] = q;
	if (s->n_rows == s->max_rows || s->n_odd >= MAX_ODD)
		prs_sums_flush_codes(s);
	rc = GRX_OK;
out:
	return rc;
}

int prs_sums_codes(struct prs_sums *s, const double *w, const struct prs_codeval val[GRX_CP_N],
	const uint8_t *code, unsigned seen)
{
	seen &= (1u << GRX_CP_N) - 1;
	if (s->broken)
		return GRX_E_BUG;
	if (s->n_sample == 0)
		return GRX_OK;
	int rc = seen ? add_row(s, w, val, code, seen) : GRX_E_BUG;
	s->broken = rc != GRX_OK;
	return rc;
}
