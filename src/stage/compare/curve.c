/* SPDX-License-Identifier: GPL-3.0-or-later
 * curve.c -- precision and recall by score threshold.
 * A threshold leaves calls out after matching. A truth variant whose stretch is written with k calls gains
 * 1/k with each of them: the weighting of Cleary et al. 2015, kept by the truth variant's own type, so that
 * at the lowest threshold recall and precision are those of the table. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/out.h"
#include "base/str.h"
#include "stage/compare/compare_int.h"

#define MAX_POINTS 1000

enum event_kind { TRUTH_TP, CALL_TP, CALL_FP };

struct compare_event {
	float score;
	uint32_t what; /* kind, then in the other bits the number of calls that share a truth variant */
};

/* True positives by stretch. */
struct matched {
	size_t n;
	const struct compare_unit **v;
};

static int by_seg(const void *a, const void *b)
{
	const struct compare_unit *x = *(const struct compare_unit *const *)a,
				  *y = *(const struct compare_unit *const *)b;
	if (x->seg != y->seg)
		return x->seg < y->seg ? -1 : 1;
	return (int)y->side - (int)x->side; /* calls first */
}

static int matched_make(struct grx_ctx *cx, const struct compare_state *s, struct matched *m)
{
	m->v = grx_malloc(s->units.n + 1, sizeof(*m->v));
	if (!m->v)
		return grx_fail_nomem(cx, "curve");
	for (size_t i = 0; i < s->units.n; i++)
		if (s->units.v[i].mark == COMPARE_TP)
			m->v[m->n++] = &s->units.v[i];
	if (m->n > 1)
		qsort(m->v, m->n, sizeof(*m->v), by_seg);
	return GRX_OK;
}

static float score(const struct compare_unit *u)
{
	return grx_float_is_missing(u->score) ? -INFINITY : u->score;
}

static bool on_curve(const struct compare_unit *u, const struct compare_curve *c)
{
	return u->counted && u->type == c->type && (u->strata >> c->stratum & 1);
}

static int event_add(
	struct grx_ctx *cx, struct compare_curve *c, float sc, enum event_kind kind, size_t share)
{
	if (grx_grow(&c->event, &c->cap_event, c->n_event + 1, sizeof *c->event, 0))
		return grx_fail_nomem(cx, "curve");
	c->event[c->n_event++] = (struct compare_event){sc, (uint32_t)kind | (uint32_t)share << 2};
	return GRX_OK;
}

/* One stretch: its calls are m[0..k), then its truth variants. */
static int stretch_events(
	struct grx_ctx *cx, const struct compare_unit **m, size_t n, struct compare_curve *c)
{
	size_t k = 0;
	int rc = GRX_OK;
	while (k < n && m[k]->side == COMPARE_CALL)
		k++;
	for (size_t i = k; i < n; i++)
		for (size_t j = 0; j < k && !rc && on_curve(m[i], c); j++)
			rc = event_add(cx, c, score(m[j]), TRUTH_TP, k);
	return rc;
}

static int events_make(
	struct grx_ctx *cx, const struct compare_state *s, const struct matched *m, struct compare_curve *c)
{
	int rc = GRX_OK;
	for (size_t i = 0, j; i < m->n && !rc; i = j) {
		for (j = i + 1; j < m->n && m->v[j]->seg == m->v[i]->seg; j++)
			;
		rc = stretch_events(cx, m->v + i, j - i, c);
	}
	for (size_t i = 0; i < s->units.n && !rc; i++) {
		const struct compare_unit *u = &s->units.v[i];
		if (u->side == COMPARE_CALL && on_curve(u, c))
			rc = event_add(cx, c, score(u), u->mark == COMPARE_TP ? CALL_TP : CALL_FP, 1);
	}
	return rc;
}

/* Strictest first; the rest of the order only fixes the sums. */
static int event_order(const void *a, const void *b)
{
	const struct compare_event *x = a, *y = b;
	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	return (x->what > y->what) - (x->what < y->what);
}

static void rates(struct compare_point *p, int64_t truth)
{
	int64_t query = p->query_tp + p->fp;
	p->precision = query ? (double)p->query_tp / (double)query : NAN;
	p->recall = truth ? p->tp / (double)truth : NAN;
	double sum = p->precision + p->recall;
	p->f1 = isnan(sum) ? NAN : sum > 0 ? 2 * p->precision * p->recall / sum : 0;
}

/* At most MAX_POINTS, evenly by rank; the best and the last stay. */
static void thin(struct compare_curve *c)
{
	size_t step = (c->n + MAX_POINTS - 1) / MAX_POINTS, n = 0, best = c->best;
	for (size_t i = 0; i < c->n && step > 1; i++) {
		if (i % step && i != best && i + 1 != c->n)
			continue;
		if (i == best)
			c->best = n;
		c->v[n++] = c->v[i];
	}
	c->n = step > 1 ? n : c->n;
}

static int curve_fill(struct grx_ctx *cx, struct compare_curve *c)
{
	struct compare_point p = {0};
	c->v = grx_malloc(c->n_event + 1, sizeof *c->v);
	if (!c->v)
		return grx_fail_nomem(cx, "curve");
	for (size_t i = 0; i < c->n_event; i++) {
		const struct compare_event *x = &c->event[i];
		uint32_t kind = x->what & 3;
		p.tp += kind == TRUTH_TP ? 1.0 / (double)(x->what >> 2) : 0;
		p.query_tp += kind == CALL_TP;
		p.fp += kind == CALL_FP;
		if (i + 1 < c->n_event && c->event[i + 1].score == x->score)
			continue;
		p.score = (double)x->score;
		rates(&p, c->truth);
		c->v[c->n] = p;
		if (p.f1 > c->v[c->best].f1 || isnan(c->v[c->best].f1))
			c->best = c->n;
		c->n++;
	}
	thin(c);
	return GRX_OK;
}

int compare_curves_open(struct grx_ctx *cx, const struct compare_state *s, struct compare_curves *cs)
{
	int n_strata = 1 + s->opt->curve_strata.n;
	cs->v = grx_calloc((size_t)n_strata * COMPARE_N_TYPE, sizeof *cs->v);
	if (!cs->v)
		return grx_fail_nomem(cx, "curve");
	for (int k = 0; k < n_strata; k++)
		for (int t = 0; t < COMPARE_N_TYPE; t++) {
			int stratum = k ? compare_strata_find(&s->strata, s->opt->curve_strata.v[k - 1])
					: COMPARE_S_ALL;
			if (compare_strata_fits(stratum, t))
				cs->v[cs->n++] = (struct compare_curve){.type = t, .stratum = stratum};
		}
	return GRX_OK;
}

int compare_curves_add(struct grx_ctx *cx, const struct compare_state *s, struct compare_curves *cs)
{
	struct matched m = {0};
	int rc = cs->n ? matched_make(cx, s, &m) : GRX_OK;
	for (int i = 0; i < cs->n && !rc; i++)
		rc = events_make(cx, s, &m, &cs->v[i]);
	grx_free(m.v);
	return rc;
}

int compare_curves_finish(struct grx_ctx *cx, const struct compare_state *s, struct compare_curves *cs)
{
	int rc = GRX_OK;
	for (int i = 0; i < cs->n && !rc; i++) {
		struct compare_curve *c = &cs->v[i];
		c->truth = s->count[c->type][c->stratum].truth;
		if (c->n_event > 1)
			qsort(c->event, c->n_event, sizeof *c->event, event_order);
		rc = curve_fill(cx, c);
	}
	return rc;
}

void compare_curves_clear(struct compare_curves *c)
{
	for (int i = 0; i < c->n; i++) {
		grx_free(c->v[i].v);
		grx_free(c->v[i].event);
	}
	grx_free(c->v);
	*c = (struct compare_curves){0};
}

static const char *num(char buf[32], double x, int digits)
{
	return isfinite(x) ? grx_fmt_g(buf, x, digits) : ".";
}

int compare_write_curves(struct grx_ctx *cx, const struct compare_state *s, const struct compare_curves *cs)
{
	struct grx_out *o;
	int rc = grx_out_open(cx, s->opt->curve, &o);
	if (rc)
		return rc;
	grx_out_puts(o, "type\tstratum\tthreshold\ttp\tfp\tfn\tprecision\trecall\tf1\tquery_tp\tbest\n");
	for (int i = 0; i < cs->n; i++)
		for (size_t k = 0; k < cs->v[i].n; k++) {
			const struct compare_curve *c = &cs->v[i];
			const struct compare_point *p = &c->v[k];
			char b[6][32];
			grx_out_printf(o, "%s\t%s\t%s\t%s\t%lld\t%s\t%s\t%s\t%s\t%lld\t%d\n",
				compare_type_name(c->type), s->strata.name[c->stratum],
				num(b[0], p->score, 6), num(b[1], p->tp, 10), (long long)p->fp,
				num(b[2], (double)c->truth - p->tp, 10), num(b[3], p->precision, 6),
				num(b[4], p->recall, 6), num(b[5], p->f1, 6), (long long)p->query_tp,
				k == c->best);
		}
	return grx_out_close(cx, o);
}
