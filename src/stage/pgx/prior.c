/* SPDX-License-Identifier: GPL-3.0-or-later
 * prior.c -- allele frequencies of a population as priors of a gene's alleles.
 * A gene without rows for the population takes its rows `global`, or else the plain mean of the populations
 * that it has; an allele without a row in any of them takes that of the panel. Without any row every allele
 * is as likely as the others. One percent is spread over all alleles, for those that no table lists. */
#include "stage/pgx/prior.h"

#include <string.h>

#include "base/ctx.h"
#include "io/text.h"

enum { N_POP = 7, GLOBAL = 0, PANEL = 6 }; /* PANEL: counts of last resort, not to be chosen */
static const char *const pop_name[N_POP] = {
	"global", "european", "african", "east_asian", "south_asian", "american", "panel"};

#define SPREAD 0.01

static int pop_of(const char *name)
{
	for (int p = 0; p < N_POP; p++)
		if (!strcmp(pop_name[p], name))
			return p;
	return -1;
}

/* Frequencies of one gene: f[allele * N_POP + population], negative = no row. */
struct gene_freq {
	double *f;
	bool any[N_POP];
};

struct reading {
	const struct pgx_table *t;
	struct gene_freq *g;
};

static int find_gene(const struct pgx_table *t, const char *name)
{
	for (int i = 0; i < t->n_gene; i++)
		if (!strcmp(t->gene[i].name, name))
			return i;
	return -1;
}

/* The first allele shown under the name. */
static int find_allele(const struct pgx_gene *g, const char *name)
{
	for (int k = 0; k < g->n_allele; k++)
		if (!strcmp(g->allele[k].shown, name))
			return k;
	return -1;
}

static int take_row(void *arg, struct grx_ctx *cx, struct grx_table *t, const int *col)
{
	struct reading *r = arg;
	double x;
	const char *gene = grx_table_get(t, col[0]), *allele = grx_table_get(t, col[1]);
	int g = find_gene(r->t, gene), p = pop_of(grx_table_get(t, col[2])), rc = GRX_E_BUG;
	GRX_TRY(grx_table_f64(cx, t, col[3], &x));
	if (p < 0 || !(x >= 0 && x <= 1))
		return grx_fail(cx, GRX_E_DATA,
			"%s:%lld: found population %s and frequency %g, expected one of global, european, "
			"african, "
			"east_asian, south_asian, american, and 0..1",
			grx_table_path(t), (long long)grx_table_lineno(t), grx_table_get(t, col[2]), x);
	if (g < 0 || r->t->gene[g].custom) /* not assessed in this run, or with the user's own alleles */
		return GRX_OK;
	int k = find_allele(&r->t->gene[g], allele);
	if (k < 0) /* definitions of the user's own need not have it; of the shipped tables a test sees to it
		    */
		return GRX_OK;
	r->g[g].f[k * N_POP + p] = x;
	r->g[g].any[p] = true;
	rc = GRX_OK;
out:
	return rc;
}

/* Frequency of allele k as the rows have it; negative without one. */
static double row_freq(const struct gene_freq *q, int k, int pop)
{
	const double *f = q->f + k * N_POP;
	double sum = 0;
	int n = 0, n_row = 0;
	for (int p = 0; p < PANEL; p++)
		n_row += f[p] >= 0;
	if (!n_row)
		return f[PANEL];
	if (pop >= 0)
		return f[pop] >= 0 ? f[pop] : 0;
	for (int p = 1; p < PANEL; p++) {
		sum += f[p] > 0 ? f[p] : 0;
		n += q->any[p];
	}
	return n ? sum / n : 0;
}

/* Which rows to use: a population, or -1 for the mean of all; -2 when there are none. */
static int rows_of(const struct gene_freq *q, int pop)
{
	if (q->any[pop])
		return pop;
	if (q->any[GLOBAL])
		return GLOBAL;
	for (int p = 1; p < PANEL; p++)
		if (q->any[p])
			return -1;
	return q->any[PANEL] ? PANEL : -2;
}

static int n_shown_alike(const struct pgx_gene *g, int k)
{
	int n = 0;
	for (int j = 0; j < g->n_allele; j++)
		n += !strcmp(g->allele[j].shown, g->allele[k].shown);
	return n;
}

/* Frequencies as one whole: the reference allele takes what the rows leave, or with a row of its own the
 * alleles without one share it. */
static void make_whole(const struct pgx_gene *g, double *prior)
{
	double sum = 0, left;
	int n_bare = 0;
	if (prior[g->ref_allele] < 0) {
		for (int k = 0; k < g->n_allele; k++)
			sum += prior[k] > 0 ? prior[k] : 0;
		prior[g->ref_allele] = sum < 1 ? 1 - sum : 0;
	}
	sum = 0;
	for (int k = 0; k < g->n_allele; k++) {
		n_bare += prior[k] < 0;
		sum += prior[k] > 0 ? prior[k] : 0;
	}
	left = sum < 1 && n_bare ? 1 - sum : 0;
	for (int k = 0; k < g->n_allele; k++)
		prior[k] = (prior[k] < 0 ? left / n_bare : prior[k]) / (sum + left);
}

static void set_prior(const struct pgx_gene *g, const struct gene_freq *q, int pop, double *prior)
{
	double n = g->n_allele;
	int use = rows_of(q, pop);
	for (int k = 0; k < g->n_allele; k++) {
		double f = row_freq(q, find_allele(g, g->allele[k].shown), use);
		prior[k] = use == -2 ? 1 / n : f < 0 ? f : f / n_shown_alike(g, k);
	}
	if (use == -2)
		return;
	/* variants of a gene where all of them count are frequencies of their own, not shares of one whole */
	if (g->method != PGX_LOWEST)
		make_whole(g, prior);
	for (int k = 0; k < g->n_allele; k++)
		prior[k] = (prior[k] > 0 ? (1 - SPREAD) * prior[k] : 0) + SPREAD / n;
}

static const char *basis_of(struct grx_arena *mem, const struct gene_freq *q, int pop)
{
	int use = rows_of(q, pop);
	if (use == -2)
		return "no allele frequencies: every allele equally likely";
	return grx_arena_printf(mem, "allele frequencies of population %s%s (refdata/pgx/frequencies.tsv)",
		use == -1 ? "mean of those listed" : pop_name[use],
		use == pop || pop == GLOBAL ? "" : ", for want of others");
}

int pgx_prior_load(
	struct grx_ctx *cx, struct pgx_table *t, const char *population, double **prior, const char **basis)
{
	static const char *const cols[] = {"gene", "allele", "population", "frequency"};
	struct reading r = {t, grx_calloc((size_t)t->n_gene + 1, sizeof *r.g)};
	int rc = GRX_E_BUG, pop = population ? pop_of(population) : GLOBAL;
	char *path = grx_refdata_path(cx, "pgx/frequencies.tsv");
	if (pop < 0) {
		rc = grx_fail(cx, GRX_E_USAGE, "population %s is not known", population);
		goto out;
	}
	for (int i = 0; r.g && i < t->n_gene; i++) {
		size_t n = (size_t)t->gene[i].n_allele;
		r.g[i].f = grx_arena_alloc(t->mem, n * N_POP + 1, sizeof *r.g[i].f);
		prior[i] = grx_arena_calloc(t->mem, n + 1, sizeof **prior);
		if (!r.g[i].f || !prior[i]) {
			rc = grx_fail_nomem(cx, "allele frequencies");
			goto out;
		}
		for (size_t k = 0; k < n * N_POP; k++)
			r.g[i].f[k] = -1;
	}
	if (!r.g || !path) {
		rc = grx_fail_nomem(cx, "allele frequencies");
		goto out;
	}
	GRX_TRY(grx_table_each(cx, path, cols, 4, take_row, &r));
	for (int i = 0; i < t->n_gene; i++) {
		set_prior(&t->gene[i], &r.g[i], pop, prior[i]);
		basis[i] = basis_of(t->mem, &r.g[i], pop);
	}
	rc = GRX_OK;
out:
	grx_free(path);
	grx_free(r.g);
	return rc;
}
