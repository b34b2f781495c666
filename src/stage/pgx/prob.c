/* SPDX-License-Identifier: GPL-3.0-or-later
 * prob.c -- lists of names with probabilities, and how a probability is written. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stage/pgx/posterior.h"

double pgx_prob_of(const struct pgx_probs *ps, const char *text)
{
	for (size_t i = 0; i < ps->n; i++)
		if (!strcmp(ps->v[i].text, text))
			return ps->v[i].p;
	return 0;
}

int pgx_prob_push(struct grx_arena *mem, struct pgx_probs *ps, const char *text, double p)
{
	if (ps->n == ps->cap) {
		size_t cap = ps->cap ? 2 * ps->cap : 8;
		struct pgx_prob *v = grx_arena_grow(mem, ps->v, ps->n, cap, sizeof *v);
		if (!v)
			return GRX_E_NOMEM;
		ps->v = v;
		ps->cap = cap;
	}
	ps->v[ps->n++] = (struct pgx_prob){text, p};
	return GRX_OK;
}

int pgx_prob_add(struct grx_arena *mem, struct pgx_probs *ps, const char *text, double p)
{
	size_t i = 0;
	while (i < ps->n && strcmp(ps->v[i].text, text) < 0)
		i++;
	if (i < ps->n && !strcmp(ps->v[i].text, text)) {
		ps->v[i].p += p;
		return GRX_OK;
	}
	int rc = pgx_prob_push(mem, ps, text, p);
	for (size_t k = ps->n - 1; rc == GRX_OK && k > i; k--)
		ps->v[k] = ps->v[k - 1];
	if (rc == GRX_OK)
		ps->v[i] = (struct pgx_prob){text, p};
	return rc;
}

const char *pgx_prob_text(double p, char buf[32])
{
	if (p > 0.999999)
		p = 0.999999;
	return grx_fmt_g(buf, p < 0.9 ? p : floor(p * 1e6) / 1e6, p < 0.001 ? 2 : p < 0.9 ? 4 : 6);
}

static int by_prob(const void *a, const void *b)
{
	const struct pgx_prob *x = a, *y = b;
	if (x->p != y->p)
		return x->p > y->p ? -1 : 1;
	return pgx_name_cmp(x->text, y->text);
}

void pgx_post_rank(struct pgx_post *post)
{
	struct pgx_probs *alt = &post->alt;
	if (alt->n)
		qsort(alt->v, alt->n, sizeof *alt->v, by_prob);
	alt->n = alt->n > PGX_POST_ALTS ? PGX_POST_ALTS : alt->n;
	post->rest = 1 - post->shown;
	for (size_t i = 0; i < alt->n; i++)
		post->rest -= alt->v[i].p;
	post->rest = post->rest > 1e-12 ? post->rest : 0;
}

int pgx_post_credible(
	struct grx_arena *mem, const struct pgx_post *post, double least, struct pgx_probs *out, double *p)
{
	int rc = GRX_OK;
	memset(out, 0, sizeof *out);
	*p = post->shown;
	for (size_t i = 0; i < post->own.n && rc == GRX_OK; i++)
		rc = pgx_prob_push(mem, out, post->own.v[i].text, post->own.v[i].p);
	for (size_t i = 0; i < post->alt.n && *p < least && rc == GRX_OK; i++) {
		*p += post->alt.v[i].p;
		rc = pgx_prob_push(mem, out, post->alt.v[i].text, post->alt.v[i].p);
	}
	if (rc == GRX_OK && out->n)
		qsort(out->v, out->n, sizeof *out->v, by_prob);
	return rc;
}
