/* SPDX-License-Identifier: GPL-3.0-or-later
 * possible.c -- which phenotypes remain possible when loci are missing.
 * Every pair of alleles that the available loci allow stands for one filling of the missing ones. It counts
 * unless, with the loci filled in so, a better-scoring pair would be called. Removing a locus never shrinks
 * the set. */
#include <string.h>

#include "stage/pgx/pgx_int.h"

static int add_pair(struct grx_arena *mem, const struct pgx_gene *g, int a, int b, struct pgx_texts *ph,
	struct pgx_texts *act)
{
	const char *activity, *p = pgx_phenotype(mem, g, a, b, &activity);
	int rc = pgx_text_add(mem, ph, p ? p : "n/a");
	return rc || !activity ? rc : pgx_text_add(mem, act, activity);
}

static int second(const struct pgx_dip *p)
{
	return p->n[1] < 0 ? -1 : p->a[1][0];
}

static bool known(struct grx_arena *mem, const struct pgx_gene *g, const struct pgx_dip *p,
	const struct pgx_texts *ph, const struct pgx_texts *act)
{
	const char *activity, *s = pgx_phenotype(mem, g, p->a[0][0], second(p), &activity);
	bool a = !activity, b = false;
	for (size_t i = 0; activity && i < act->n; i++)
		a = a || !strcmp(act->v[i], activity);
	for (size_t i = 0; i < ph->n; i++)
		b = b || !strcmp(ph->v[i], s ? s : "n/a");
	return a && b;
}

/* The sample with every missing locus homozygous for what both alleles want; false if they want different
 * things. */
static bool fill(
	struct grx_arena *mem, const struct pgx_data *d, const struct pgx_dip *p, struct pgx_data *full)
{
	const struct pgx_gene *g = d->gene;
	size_t n = (size_t)g->n_locus;
	*full = *d;
	full->block = grx_arena_alloc(mem, n, sizeof *full->block);
	full->code = grx_arena_alloc(mem, n, sizeof *full->code);
	if (!full->block || !full->code)
		return false; /* counted as possible: the safe side */
	memcpy(full->block, d->block, n * sizeof *full->block);
	memcpy(full->code, d->code, n * sizeof *full->code);
	const uint32_t *x = g->allele[p->a[0][0]].mask, *y = second(p) < 0 ? x : g->allele[second(p)].mask;
	for (size_t l = 0; l < n; l++) {
		if (d->block[l] != -2)
			continue;
		if (x[l] != y[l] || !x[l] || (x[l] & (x[l] - 1)))
			return false;
		int8_t c = 0;
		while (!(x[l] >> c & 1u))
			c++;
		full->code[l][0] = full->code[l][1] = c;
		full->block[l] = -1;
		full->n_avail++;
		full->n_missing--;
	}
	return true;
}

static int is_top(struct grx_arena *mem, const struct pgx_data *d, const struct pgx_dip *p, bool *top)
{
	struct pgx_data full;
	struct pgx_dips ds;
	*top = true;
	if ((d->gene->n_prio && d->n_block > 1) || !fill(mem, d, p, &full))
		return GRX_OK;
	int rc = pgx_match(mem, &full, false, &ds);
	*top = false;
	for (size_t i = 0; rc == GRX_OK && i < ds.n && ds.v[i].score == ds.v[0].score; i++)
		*top = *top || !strcmp(ds.v[i].text, p->text);
	return rc;
}

int pgx_possible(struct grx_arena *mem, const struct pgx_data *d, const struct pgx_dips *top,
	struct pgx_texts *ph, struct pgx_texts *act)
{
	struct pgx_dips all;
	struct grx_arena *scratch;
	int rc = GRX_OK;
	for (size_t i = 0; i < top->n && rc == GRX_OK; i++)
		rc = add_pair(mem, d->gene, top->v[i].a[0][0], second(&top->v[i]), ph, act);
	if (rc || !d->n_missing || d->policy->as_shown)
		return rc;
	scratch = grx_arena_new();
	rc = scratch ? pgx_match(mem, d, true, &all) : GRX_E_NOMEM;
	for (size_t i = 0; rc == GRX_OK && i < all.n; i++) {
		bool counts = false;
		if (known(mem, d->gene, &all.v[i], ph, act))
			continue;
		rc = is_top(scratch, d, &all.v[i], &counts);
		if (rc == GRX_OK && counts)
			rc = add_pair(mem, d->gene, all.v[i].a[0][0], second(&all.v[i]), ph, act);
		grx_arena_reset(scratch);
	}
	grx_arena_free(scratch);
	return rc;
}

/* An allele that the available loci do not exclude and that needs a missing one. */
static bool may_hide(const struct pgx_data *d, int k)
{
	const struct pgx_allele *a = &d->gene->allele[k];
	bool hidden = false;
	for (int l = 0; l < d->gene->n_locus; l++) {
		if (!a->core[l])
			continue;
		if (d->block[l] == -2)
			hidden = true;
		else if (!(a->mask[l] >> d->code[l][0] & 1u) && !(a->mask[l] >> d->code[l][1] & 1u))
			return false;
	}
	return hidden;
}

/* Both function and value the same: one stands for the other. */
static bool alike(const struct pgx_allele *a, const struct pgx_allele *b)
{
	return grx_streq(a->function, b->function) && grx_streq(a->score_text, b->score_text);
}

/* first[0]: the allele called; then one of each kind of hidden allele that would take its place. */
static int stand_ins(const struct pgx_data *d, int called, int *first, int max)
{
	const struct pgx_gene *g = d->gene;
	int n = 1;
	first[0] = called;
	for (int k = 0; k < g->n_allele && n < max; k++) {
		bool have = false;
		if (k == g->ref_allele || !may_hide(d, k) || pgx_harm_cmp(g, k, called) > 0)
			continue;
		for (int i = 0; i < n && !have; i++)
			have = alike(&g->allele[k], &g->allele[first[i]]);
		if (!have)
			first[n++] = k;
	}
	return n;
}

int pgx_possible_lowest(struct grx_arena *mem, const struct pgx_data *d, const struct pgx_lowest *lw,
	struct pgx_texts *ph, struct pgx_texts *act)
{
	enum { MAX_KIND = 16 };
	int x[MAX_KIND], y[MAX_KIND], rc = GRX_OK;
	bool hidden = d->n_missing && !d->policy->as_shown;
	int n = stand_ins(d, lw->pair[0], x, hidden ? MAX_KIND : 1);
	int m = stand_ins(d, lw->pair[1], y, hidden ? MAX_KIND : 1);
	for (int i = 0; i < n; i++)
		for (int j = 0; j < m && rc == GRX_OK; j++)
			rc = add_pair(mem, d->gene, x[i], y[j], ph, act);
	return rc;
}
