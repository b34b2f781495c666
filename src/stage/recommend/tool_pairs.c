/* SPDX-License-Identifier: GPL-3.0-or-later
 * tool_pairs.c -- pairs.tsv: which drugs a guideline ties to which genes. A pair has rules naming all its
 * genes, or a stated reason why there are none; a drug with rules that is not in the table gets a warning. */
#include <stdio.h>
#include <string.h>

#include "base/ctx.h"
#include "stage/recommend/tools_int.h"

struct pairs {
	const struct recommend_rules *rs;
	struct recommend_issues *is;
	bool *told; /* by drug: the table names it */
};

static bool drug_names(const struct recommend_rules *rs, const struct recommend_drug *d, const char *gene)
{
	for (int i = 0; i < d->n_gene; i++)
		if (!strcmp(rs->genes.v[d->gene[i]], gene))
			return true;
	return false;
}

static int pair_row(void *arg, struct grx_ctx *cx, struct grx_table *t, const int *col)
{
	struct pairs *p = arg;
	const char *drug = grx_table_get(t, col[0]), *reason = grx_table_get(t, col[2]);
	const struct recommend_drug *d = recommend_drug_find(p->rs, drug);
	char genes[256], *gene[16];
	int n;

	snprintf(genes, sizeof(genes), "%s", grx_table_get(t, col[1]));
	n = grx_split(genes, '+', gene, 16);
	(void)cx;
	if (d)
		p->told[d - p->rs->drug] = true;
	if (*reason) {
		if (d)
			recommend_find(p->is, RECOMMEND_S_ERROR, recommend_cell_at(t, col[2]),
				"%s has rules, and a reason why it has none: '%s'", drug, reason);
		return GRX_OK;
	}
	if (!d) {
		recommend_find(p->is, RECOMMEND_S_ERROR, recommend_cell_at(t, col[0]),
			"no rule for %s, expected one or a reason in no_rule", drug);
		return GRX_OK;
	}
	for (int i = 0; i < n; i++)
		if (!drug_names(p->rs, d, gene[i]))
			recommend_find(p->is, RECOMMEND_S_ERROR, recommend_cell_at(t, col[1]),
				"no rule for %s names %s, expected one", drug, gene[i]);
	return GRX_OK;
}

int recommend_check_pairs(struct grx_ctx *cx, const struct recommend_rules *rs, struct recommend_issues *is)
{
	static const char *const cols[] = {"drug", "genes", "no_rule"};
	struct pairs p = {.rs = rs, .is = is, .told = grx_calloc(rs->n_drug + 1, sizeof(*p.told))};
	struct grx_str path = {0};
	struct grx_ctx probe;
	int rc;

	grx_str_addf(&path, "%s/pairs.tsv", rs->dir);
	grx_ctx_child(cx, &probe);
	if (!p.told || path.oom)
		rc = grx_fail_nomem(cx, "pairs");
	else
		rc = grx_table_each(&probe, path.s, cols, 3, pair_row, &p);
	for (size_t i = 0; !rc && i < rs->n_drug; i++) {
		const struct recommend_rule *r = &rs->v[rs->drug[i].rule[0]];

		/* findings without a gene (risk scores, variants) are no gene-drug pair */
		if (!p.told[i] && rs->drug[i].n_gene)
			recommend_find(is, RECOMMEND_S_WARNING, (struct recommend_place){r->file, r->line, 0},
				"%s: drug '%s' is not in pairs.tsv", r->id, rs->drug[i].name);
	}
	if (rc == GRX_E_NOINPUT)
		rc = GRX_OK;
	else if (rc && probe.err.status)
		grx_ctx_take_error(cx, &probe);
	grx_free(p.told);
	grx_str_clear(&path);
	return rc;
}
