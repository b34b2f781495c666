/* SPDX-License-Identifier: GPL-3.0-or-later
 * mito.c -- a gene on the mitochondrial genome: no diplotype, every variant counts, at any share of the
 * copies. A heteroplasmic variant is present; whether its share matters is not known, so the risk is told. */
#include <string.h>

#include "stage/pgx/pgx_int.h"

/* How much an allele's function weighs; unknown words count as uncertain. */
static int risk(const struct pgx_gene *g, int a)
{
	const char *f = g->allele[a].function;
	return !f || grx_starts(f, "Uncertain") ? 1
	       : grx_starts(f, "Normal")        ? 0
	       : grx_starts(f, "Increased")     ? 2
						: 1;
}

/* The locus of a one-variant allele; -1 for the reference. */
static int own_locus(const struct pgx_gene *g, int a)
{
	if (a == g->ref_allele)
		return -1;
	for (int l = 0; l < g->n_locus; l++)
		if (g->allele[a].core[l])
			return l;
	return -1;
}

static bool seen(const struct pgx_data *d, int a, int l)
{
	uint32_t mask = d->gene->allele[a].mask[l];
	for (int i = 0; i < 2; i++) {
		int8_t c = d->obs[l].code[i];
		if (d->block[l] != -2 && c > 0 && c != PGX_OTHER && (mask >> c & 1u))
			return true;
	}
	return false;
}

/* Alleles that are seen, the reference if none, into a; returns their number. */
static int seen_alleles(const struct pgx_data *d, int *a)
{
	const struct pgx_gene *g = d->gene;
	int n = 0;
	for (int k = 0; k < g->n_allele; k++) {
		int l = own_locus(g, k);
		if (l >= 0 && seen(d, k, l))
			a[n++] = k;
	}
	if (!n)
		a[n++] = g->ref_allele;
	return n;
}

static bool beside_ref(const struct pgx_data *d, int a)
{
	int l = own_locus(d->gene, a);
	return l >= 0 && (d->obs[l].code[0] == 0 || d->obs[l].code[1] == 0);
}

int pgx_mito_call(struct grx_arena *mem, const struct pgx_data *d, struct pgx_mito *out)
{
	const struct pgx_gene *g = d->gene;
	struct grx_str name = {0}, part = {0};
	int *a = grx_arena_alloc(mem, (size_t)g->n_allele, sizeof *a), rc = GRX_E_NOMEM;
	memset(out, 0, sizeof *out);
	if (!a)
		return GRX_E_NOMEM;
	int n = seen_alleles(d, a);
	out->worst = a[0];
	for (int i = 0; i < n; i++) {
		if (risk(g, a[i]) > risk(g, out->worst))
			out->worst = a[i];
		if (beside_ref(d, a[i]))
			grx_str_addf(&part, "%s%s", part.n ? ", " : "", g->allele[a[i]].shown);
		grx_str_addf(&name, "%s%s", i ? " + " : "", g->allele[a[i]].shown);
	}
	if (name.oom || part.oom)
		goto out;
	struct pgx_dip p = {.n = {n, -1}, .a = {a, NULL}, .text = grx_arena_strdup(mem, name.s)};
	if (part.n)
		out->warning = grx_arena_printf(mem, "heteroplasmic, beside the reference base: %s", part.s);
	if (!p.text || (part.n && !out->warning))
		goto out;
	rc = d->half ? GRX_OK : pgx_dips_push(mem, &out->dips, &p);
out:
	grx_str_clear(&name);
	grx_str_clear(&part);
	return rc;
}

int pgx_possible_mito(
	struct grx_arena *mem, const struct pgx_data *d, const struct pgx_mito *m, struct pgx_texts *ph)
{
	const struct pgx_gene *g = d->gene;
	const char *activity, *p = pgx_phenotype(mem, g, m->worst, -1, &activity);
	int rc = pgx_text_add(mem, ph, p ? p : "n/a");
	for (int k = 0; k < g->n_allele && rc == GRX_OK; k++) {
		int l = own_locus(g, k);
		if (l < 0 || d->block[l] != -2 || risk(g, k) <= risk(g, m->worst))
			continue;
		p = pgx_phenotype(mem, g, k, -1, &activity);
		rc = pgx_text_add(mem, ph, p ? p : "n/a");
	}
	return rc;
}
