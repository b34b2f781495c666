/* SPDX-License-Identifier: GPL-3.0-or-later
 * tool_diff.c -- `rules diff`: rules added, removed and changed between two folders. */
#include <string.h>

#include "stage/recommend/rules_tool.h"
#include "stage/recommend/tools_int.h"

struct tally {
	int64_t same, changed, removed, added, unversioned;
};

/* One column of two rows; returns 1 and a line when they differ. */
static int column(struct grx_str *out, const char *id, const char *name, const char *a, const char *b)
{
	if (!strcmp(a, b))
		return 0;
	grx_str_addf(out, "changed\t%s\t%s\t%s\t%s\n", id, name, *a ? a : ".", *b ? b : ".");
	return 1;
}

static bool changed(struct grx_str *out, const struct recommend_rule *a, const struct recommend_rule *b,
	int64_t *n_unversioned)
{
	int n = 0;

	n += column(out, a->id, "drug", a->drug, b->drug);
	n += column(out, a->id, "when", a->when, b->when);
	n += column(out, a->id, "population", a->population, b->population);
	n += column(out, a->id, "strength", a->strength, b->strength);
	n += column(out, a->id, "action", recommend_act_name(a->action), recommend_act_name(b->action));
	n += column(out, a->id, "actions", a->actions, b->actions);
	for (int i = 0; i < RECOMMEND_NUM_N; i++)
		n += column(out, a->id, recommend_num_name[i], a->num[i], b->num[i]);
	n += column(out, a->id, "verify", a->verify ? "1" : "0", b->verify ? "1" : "0");
	n += column(out, a->id, "guideline_id", a->guideline, b->guideline);
	n += column(out, a->id, "pmids", a->pmids, b->pmids);
	n += column(out, a->id, "source", a->source, b->source);
	n += column(out, a->id, "licence", a->licence, b->licence);
	if (a->version != b->version) {
		grx_str_addf(out, "changed\t%s\tversion\t%lld\t%lld\n", a->id, (long long)a->version,
			(long long)b->version);
		return true;
	}
	if (n) {
		grx_str_addf(out, "warning\t%s\tversion\t%lld\tchanged without a new version\n", a->id,
			(long long)a->version);
		(*n_unversioned)++;
	}
	return n > 0;
}

static void whole(struct grx_str *out, const char *what, const struct recommend_rule *r)
{
	grx_str_addf(
		out, "%s\t%s\t%s\t%s\t%s\n", what, r->id, r->drug, r->when, recommend_act_name(r->action));
}

static void tables_diff(const struct recommend_rules *a, const struct recommend_rules *b, struct grx_str *out)
{
	struct tally n = {0};

	for (size_t i = 0; i < a->n; i++) {
		const struct recommend_rule *o = grx_map_get(b->by_id, a->v[i].id);

		if (!o) {
			whole(out, "removed", &a->v[i]);
			n.removed++;
		} else if (changed(out, &a->v[i], o, &n.unversioned)) {
			n.changed++;
		} else {
			n.same++;
		}
	}
	for (size_t i = 0; i < b->n; i++) {
		if (grx_map_get(a->by_id, b->v[i].id))
			continue;
		whole(out, "added", &b->v[i]);
		n.added++;
	}
	if (!n.removed && !n.added && !n.changed && strcmp(a->sha256, b->sha256) != 0)
		grx_str_add(out,
			"tables\tthe rules are the same; the tables beside them differ (other drugs taken, "
			"populations, score classes, wording): advice may change\n");
	grx_str_addf(out,
		"summary\tadded %lld\tremoved %lld\tchanged %lld (%lld without a new version)\tsame %lld\n",
		(long long)n.added, (long long)n.removed, (long long)n.changed, (long long)n.unversioned,
		(long long)n.same);
}

int grx_rules_diff(struct grx_ctx *cx, const struct grx_rules_diff *job, struct grx_str *out)
{
	struct recommend_rules *a = NULL, *b = NULL;
	int rc = GRX_E_BUG;

	GRX_TRY(recommend_tool_load(cx, job->dir_a, NULL, &a));
	GRX_TRY(recommend_tool_load(cx, job->dir_b, NULL, &b));
	tables_diff(a, b, out);
	if (job->facts)
		GRX_TRY(recommend_cohort_diff(cx, job, a, b, out));
	rc = out->oom ? grx_fail_nomem(cx, "rules diff") : GRX_OK;
out:
	recommend_rules_free(a);
	recommend_rules_free(b);
	return rc;
}
