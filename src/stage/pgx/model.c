/* SPDX-License-Identifier: GPL-3.0-or-later
 * model.c -- per gene what the posterior needs of the tables: distinct masks per locus, the loci where an
 * allele differs from the reference allele, alleles shown alike, alleles of one function. Read-only once
 * made. */
#include <string.h>

#include "stage/pgx/posterior.h"
#include "stage/pgx/prior.h"

static int add_masks(struct grx_arena *mem, const struct pgx_gene *g, struct pgx_model *m)
{
	size_t n = (size_t)g->n_allele, w = (size_t)g->n_locus;
	uint32_t *seen = grx_arena_alloc(mem, n + 1, sizeof *seen);
	m->cls = grx_arena_calloc(mem, n * w + 1, 1);
	m->n_cls = grx_arena_calloc(mem, w + 1, 1);
	m->mask = grx_arena_calloc(mem, w + 1, sizeof *m->mask);
	if (!seen || !m->cls || !m->n_cls || !m->mask)
		return GRX_E_NOMEM;
	for (size_t l = 0; l < w; l++) {
		int k = 1;
		seen[0] = g->allele[g->ref_allele].mask[l];
		for (size_t a = 0; a < n; a++) {
			int c = 0;
			while (c < k && seen[c] != g->allele[a].mask[l])
				c++;
			if (c == k)
				seen[k++] = g->allele[a].mask[l];
			m->cls[a * w + l] = (uint8_t)c;
		}
		m->n_cls[l] = (uint8_t)k;
		m->mask[l] = grx_arena_grow(mem, seen, (size_t)k, (size_t)k, sizeof *seen);
		if (!m->mask[l])
			return GRX_E_NOMEM;
	}
	return GRX_OK;
}

static int add_deltas(struct grx_arena *mem, const struct pgx_gene *g, struct pgx_model *m)
{
	size_t n = (size_t)g->n_allele, w = (size_t)g->n_locus;
	uint16_t *own = grx_arena_alloc(mem, w + 1, sizeof *own);
	m->n_delta = grx_arena_calloc(mem, n + 1, sizeof *m->n_delta);
	m->delta = grx_arena_calloc(mem, n + 1, sizeof *m->delta);
	if (!own || !m->n_delta || !m->delta)
		return GRX_E_NOMEM;
	for (size_t a = 0; a < n; a++) {
		size_t k = 0;
		for (size_t l = 0; l < w; l++)
			if (m->cls[a * w + l])
				own[k++] = (uint16_t)l;
		m->n_delta[a] = (int)k;
		m->delta[a] = grx_arena_grow(mem, own, k, k + 1, sizeof *own);
		if (!m->delta[a])
			return GRX_E_NOMEM;
	}
	return GRX_OK;
}

static bool one_kind(const struct pgx_allele *a, const struct pgx_allele *b)
{
	return grx_streq(a->function, b->function) && grx_streq(a->score_text, b->score_text);
}

static int add_groups(struct grx_arena *mem, const struct pgx_gene *g, struct pgx_model *m)
{
	size_t n = (size_t)g->n_allele;
	m->group = grx_arena_calloc(mem, n + 1, sizeof *m->group);
	m->first = grx_arena_calloc(mem, n + 1, sizeof *m->first);
	m->kind = grx_arena_calloc(mem, n + 1, sizeof *m->kind);
	m->rep = grx_arena_calloc(mem, n + 1, sizeof *m->rep);
	if (!m->group || !m->first || !m->kind || !m->rep)
		return GRX_E_NOMEM;
	for (int a = 0; a < g->n_allele; a++) {
		int k = 0, c = 0;
		while (k < m->n_group && strcmp(g->allele[m->first[k]].shown, g->allele[a].shown) != 0)
			k++;
		if (k == m->n_group)
			m->first[m->n_group++] = a;
		m->group[a] = k;
		while (c < m->n_kind && !one_kind(&g->allele[m->rep[c]], &g->allele[a]))
			c++;
		if (c == m->n_kind)
			m->rep[m->n_kind++] = a;
		m->kind[a] = c;
	}
	return GRX_OK;
}

int pgx_model_load(struct grx_ctx *cx, struct pgx_table *t, const char *population)
{
	double **prior = grx_calloc((size_t)t->n_gene + 1, sizeof *prior);
	const char **basis = grx_calloc((size_t)t->n_gene + 1, sizeof *basis);
	int rc = GRX_E_NOMEM;
	if (!prior || !basis) {
		rc = grx_fail_nomem(cx, "allele frequencies");
		goto out;
	}
	GRX_TRY(pgx_prior_load(cx, t, population, prior, basis));
	for (int i = 0; i < t->n_gene; i++) {
		struct pgx_gene *g = &t->gene[i];
		struct pgx_model *m = grx_arena_calloc(t->mem, 1, sizeof *m);
		if ((g->method != PGX_EXACT && g->method != PGX_LOWEST) || !g->n_locus ||
			g->n_locus > UINT16_MAX)
			continue;
		if (!m || add_masks(t->mem, g, m) != GRX_OK || add_deltas(t->mem, g, m) != GRX_OK ||
			add_groups(t->mem, g, m) != GRX_OK) {
			rc = grx_fail_nomem(cx, "allele tables");
			goto out;
		}
		m->prior = prior[i];
		m->basis = basis[i];
		g->model = m;
	}
	rc = GRX_OK;
out:
	grx_free(prior);
	grx_free(basis);
	return rc;
}
