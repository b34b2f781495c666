/* SPDX-License-Identifier: GPL-3.0-or-later
 * whatif_suppose.c -- the facts of a gene whose diplotype is set by hand: for genes that small variants alone
 * do not settle, and for calls from elsewhere. */
#include <stdio.h>
#include <string.h>

#include "base/opt.h"
#include "stage/pgx/whatif_int.h"

enum { MAX_NEAR = 6, NEAR = 3 };

static int find(const struct pgx_gene *g, const char *name, size_t n)
{
	for (int a = 0; a < g->n_allele; a++)
		if (strlen(g->allele[a].shown) == n && !strncmp(g->allele[a].shown, name, n))
			return a;
	return -1;
}

static int no_allele(struct grx_ctx *cx, const struct pgx_gene *g, const char *name, size_t n)
{
	struct grx_str near = {0};
	char typed[64];
	int k = 0, rc;

	snprintf(typed, sizeof(typed), "%.*s", (int)n, name);
	for (int d = 0; d < NEAR; d++)
		for (int a = 0; a < g->n_allele && k < MAX_NEAR; a++)
			if (grx_edit_distance(typed, g->allele[a].shown) == d)
				grx_str_addf(&near, "%s%s", k++ ? ", " : "", g->allele[a].shown);
	rc = grx_fail(cx, GRX_E_USAGE, "--what-if: %s has no allele '%s' (%d alleles in the tables)%s%s",
		g->name, typed, g->n_allele, k ? "; near: " : "", k ? near.s : "");
	grx_str_clear(&near);
	return rc;
}

/* pair[1] is -1 for a single copy. */
static int parse(struct grx_ctx *cx, const struct pgx_gene *g, const char *s, int pair[2])
{
	size_t n = strcspn(s, "/");

	pair[1] = -1;
	pair[0] = find(g, s, n);
	if (pair[0] < 0)
		return no_allele(cx, g, s, n);
	if (!s[n])
		return GRX_OK;
	pair[1] = find(g, s + n + 1, strlen(s + n + 1));
	return pair[1] < 0 ? no_allele(cx, g, s + n + 1, strlen(s + n + 1)) : GRX_OK;
}

static int write(
	struct grx_ctx *cx, const struct grx_pgx_call *c, struct grx_facts *out, const char *const v[3])
{
	static const char *const what[3] = {"diplotype", "phenotype", "activity_score"};
	const char *key_of_rules = v[2] ? v[2] : v[1];
	double x;
	int rc = GRX_OK;

	for (int i = 0; i < 3 && rc == GRX_OK; i++) {
		char key[128];
		struct grx_fact *f;

		if (i == 2 && !v[2])
			break;
		snprintf(key, sizeof(key), "pgx/%s/%s", c->gene, what[i]);
		rc = grx_facts_add(cx, out, c->sample, key, "pgx", &f);
		if (rc)
			break;
		if (i == 2 && grx_parse_f64(v[2], &x))
			rc = grx_fact_num_set(out, f, x, NULL);
		else if (i < 2 && v[i])
			rc = grx_fact_str_set(out, f, v[i]);
		else
			f->status = GRX_FACT_MISSING;
		if (rc == GRX_OK && f->status == GRX_FACT_MISSING)
			rc = grx_fact_attr(out, f, "reason", "the tables give this diplotype none");
		else if (rc == GRX_OK && i == 1)
			rc = grx_fact_attr(out, f, "lookup", "%s", key_of_rules);
		rc = rc ? grx_fail_nomem(cx, "facts") : GRX_OK;
	}
	return rc;
}

int grx_pgx_suppose(struct grx_ctx *cx, const struct grx_pgx_tool *t, const struct grx_pgx_call *what,
	const char *diplotype, struct grx_facts *out)
{
	const struct pgx_gene *g = pgx_whatif_gene(t, what->gene);
	struct grx_arena *mem;
	const char *v[3] = {diplotype, NULL, NULL};
	int pair[2], rc;

	if (!g)
		return grx_fail(cx, GRX_E_USAGE, "--what-if: no alleles of %s in the tables", what->gene);
	rc = parse(cx, g, diplotype, pair);
	if (rc)
		return rc;
	mem = grx_arena_new();
	if (!mem)
		return grx_fail_nomem(cx, "a diplotype");
	v[1] = pgx_phenotype(mem, g, pair[0], pair[1], &v[2]);
	rc = write(cx, what, out, v);
	grx_arena_free(mem);
	return rc;
}
