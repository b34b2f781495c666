/* SPDX-License-Identifier: GPL-3.0-or-later
 * match.c -- all pairs of named alleles that explain a sample's genotypes.
 * An allele fits a phase block with its left side, its right side or both. A pair (X, Y) explains the sample
 * iff at every homozygous locus both fit and in every block some side of X leaves the other side fitting Y.
 * This gives the pairs that enumerating all 2^h haplotypes would give, at a cost linear in loci. */
#include <stdlib.h>
#include <string.h>

#include "stage/pgx/pgx_int.h"

/* Which block a heterozygous locus belongs to: all phased ones without a set share one, each phase set has
 * its own, each unphased locus is alone. */
static int block_of(const struct pgx_data *d, int l, int *shared)
{
	const struct pgx_obs *o = &d->obs[l];
	if (!o->phased)
		return -1;
	if (o->ps == GRX_INT_MISSING)
		return *shared;
	for (int k = 0; k < l; k++)
		if (d->block[k] >= 0 && d->obs[k].phased && d->obs[k].ps == o->ps)
			return d->block[k];
	return -1;
}

static void take_locus(struct pgx_data *d, int l, int *shared, bool *diploid)
{
	const struct pgx_obs *o = &d->obs[l];
	d->block[l] = -2;
	if (o->state != PGX_OK) {
		d->n_missing++;
		return;
	}
	d->n_avail++;
	int8_t a = o->code[0], b = o->code[1];
	d->n_other += a == PGX_OTHER || b == PGX_OTHER;
	if (d->gene->undocumented_ref && !(d->policy->combine && d->gene->method == PGX_EXACT)) {
		a = a == PGX_OTHER ? 0 : a;
		b = b == PGX_OTHER ? 0 : b;
	}
	d->code[l][0] = a;
	d->code[l][1] = o->haploid ? a : b;
	if (a == PGX_NONE || b == PGX_NONE)
		d->half = true;
	else if (o->haploid)
		d->haploid = true;
	else
		*diploid = true;
	d->block[l] = -1;
	if (a == d->code[l][1])
		return;
	int k = block_of(d, l, shared);
	if (k < 0) {
		k = d->n_block++;
		if (o->phased && o->ps == GRX_INT_MISSING)
			*shared = k;
	}
	d->block[l] = k;
	if (o->phased && o->ps != GRX_INT_MISSING)
		d->phase_sets = true;
}

int pgx_data_make(struct grx_arena *mem, const struct pgx_table *t, const struct pgx_gene *g,
	const struct pgx_obs *obs, struct pgx_data *d)
{
	int shared = -1;
	bool diploid = false;
	memset(d, 0, sizeof *d);
	d->policy = &t->policy;
	d->gene = g;
	d->locus = t->locus + g->first;
	d->obs = obs + g->first;
	d->block = grx_arena_alloc(mem, (size_t)g->n_locus + 1, sizeof *d->block);
	d->code = grx_arena_calloc(mem, (size_t)g->n_locus + 1, sizeof *d->code);
	if (!d->block || !d->code)
		return GRX_E_NOMEM;
	for (int l = 0; l < g->n_locus; l++)
		take_locus(d, l, &shared, &diploid);
	d->mixed = d->haploid && (diploid || !g->sexlinked);
	return GRX_OK;
}

/* How an allele fits the sample. */
struct fit {
	int allele, score; /* specified available loci, less classes not needed at homozygous loci */
	uint8_t *side;     /* per block: bit 0 fits the left alleles, bit 1 the right ones */
	uint8_t *cost;     /* per block: points lost on the left (low nibble) and right (high nibble) */
	bool both;         /* fits either way round in every block */
};

static bool fits(uint32_t mask, int8_t code)
{
	return code >= 0 && code != PGX_OTHER && (mask >> code & 1u);
}

static void fit_block(const struct pgx_allele *a, const struct pgx_data *d, int l, struct fit *f)
{
	int k = d->block[l];
	if (!fits(a->mask[l], d->code[l][0]))
		f->side[k] &= (uint8_t)~1u;
	if (!fits(a->mask[l], d->code[l][1]))
		f->side[k] &= (uint8_t)~2u;
	if (a->wobble[l])
		f->cost[k] = (uint8_t)(f->cost[k] + (d->code[l][0] == 0) + 16 * (d->code[l][1] == 0));
}

static bool fit_allele(const struct pgx_data *d, int k, bool keep_bare, struct fit *f)
{
	const struct pgx_allele *a = &d->gene->allele[k];
	int n_core = 0;
	for (int l = 0; l < d->gene->n_locus; l++) {
		if (d->block[l] == -2)
			continue;
		n_core += a->core[l];
		f->score += a->core[l];
		if (d->block[l] >= 0)
			fit_block(a, d, l, f);
		else if (!fits(a->mask[l], d->code[l][0]))
			return false;
		else if (a->wobble[l] && d->code[l][0] == 0)
			f->score--;
	}
	if (!n_core && !keep_bare)
		return false;
	f->allele = k;
	f->both = true;
	for (int b = 0; b < d->n_block; b++) {
		if (!f->side[b])
			return false;
		f->both = f->both && f->side[b] == 3;
	}
	return true;
}

/* Points lost by X taking side o of block b (Y the other); -1 when that is impossible. */
static int side_cost(const struct fit *x, const struct fit *y, int b, int o)
{
	if (!(x->side[b] >> o & 1) || !(y->side[b] >> (1 - o) & 1))
		return -1;
	int cx = x->both && x != y ? 0 : x->cost[b] >> (4 * o) & 15;
	int cy = y->both && x != y ? 0 : y->cost[b] >> (4 * (1 - o)) & 15;
	return cx + cy;
}

/* Score of the pair, or -1 if it does not explain the genotypes. */
static int pair_score(const struct pgx_data *d, const struct fit *x, const struct fit *y)
{
	int score = x->score + y->score;
	for (int b = 0; b < d->n_block; b++) {
		int p = side_cost(x, y, b, 0), q = side_cost(x, y, b, 1);
		if (p < 0 && q < 0)
			return -1;
		score -= p < 0 ? q : q < 0 ? p : p < q ? p : q;
	}
	return score;
}

static int push_pair(struct grx_arena *mem, const struct pgx_data *d, const struct fit *x,
	const struct fit *y, int score, struct pgx_dips *out)
{
	int *a = grx_arena_alloc(mem, 2, sizeof *a);
	if (!a)
		return GRX_E_NOMEM;
	a[0] = x->allele;
	a[1] = y ? y->allele : -1;
	struct pgx_dip p = {.n = {1, y ? 1 : -1}, .a = {a, a + 1}, .score = score};
	if (y && pgx_name_cmp(d->gene->allele[a[0]].shown, d->gene->allele[a[1]].shown) > 0) {
		int t = a[0];
		a[0] = a[1];
		a[1] = t;
	}
	int rc = pgx_dips_text(mem, d->gene, &p);
	return rc ? rc : pgx_dips_push(mem, out, &p);
}

static int cmp_dips(const void *a, const void *b)
{
	return pgx_dip_cmp(a, b);
}

/* Sub-alleles shown under one name give the same diplotype more than once: keep the best. */
static void drop_repeats(const struct pgx_gene *g, struct pgx_dips *ds)
{
	size_t n = 0;
	int k0 = 0;
	while (k0 < g->n_allele && !strcmp(g->allele[k0].name, g->allele[k0].shown))
		k0++;
	if (k0 == g->n_allele)
		return;
	for (size_t i = 0; i < ds->n; i++) {
		size_t k = 0;
		while (k < n && strcmp(ds->v[k].text, ds->v[i].text))
			k++;
		if (k == n)
			ds->v[n++] = ds->v[i];
	}
	ds->n = n;
}

static int pair_up(
	struct grx_arena *mem, const struct pgx_data *d, const struct fit *f, int n, struct pgx_dips *out)
{
	int rc = GRX_OK;
	for (int i = 0; i < n && rc == GRX_OK; i++) {
		if (d->haploid) {
			rc = push_pair(mem, d, &f[i], NULL, f[i].score, out);
			continue;
		}
		for (int j = i; j < n && rc == GRX_OK; j++) {
			int score = pair_score(d, &f[i], &f[j]);
			if (score >= 0)
				rc = push_pair(mem, d, &f[i], &f[j], score, out);
		}
	}
	return rc;
}

int pgx_match(struct grx_arena *mem, const struct pgx_data *d, bool keep_bare, struct pgx_dips *out)
{
	const struct pgx_gene *g = d->gene;
	size_t nb = (size_t)(d->n_block ? d->n_block : 1);
	int n = 0;
	memset(out, 0, sizeof *out);
	if (d->half || d->mixed)
		return GRX_OK;
	struct fit *f = grx_arena_calloc(mem, (size_t)g->n_allele, sizeof *f);
	uint8_t *bytes = grx_arena_alloc(mem, 2 * nb * (size_t)g->n_allele, 1);
	if (!f || !bytes)
		return GRX_E_NOMEM;
	for (int k = 0; k < g->n_allele; k++) {
		memset(&f[n], 0, sizeof *f);
		f[n].side = bytes + 2 * nb * (size_t)n;
		f[n].cost = f[n].side + nb;
		memset(f[n].side, 3, nb);
		memset(f[n].cost, 0, nb);
		n += fit_allele(d, k, keep_bare, &f[n]);
	}
	int rc = pair_up(mem, d, f, n, out);
	if (rc == GRX_OK && out->n) {
		qsort(out->v, out->n, sizeof *out->v, cmp_dips);
		drop_repeats(g, out);
	}
	return rc;
}
