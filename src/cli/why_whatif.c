/* SPDX-License-Identifier: GPL-3.0-or-later
 * why_whatif.c -- what other genotypes would change: the genes are called anew by the pgx stage and the drug
 * is judged anew by the recommend stage, once as the facts have it and once with the genotypes set by hand.
 * Both sides are recomputed, so that a difference comes from the genotypes alone. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "cli/why_q.h"
#include "run/registry.h"

static bool of_changed(const struct why_q *q, const struct grx_fact *f)
{
	char gene[64];

	if (!grx_starts(f->key, "pgx/"))
		return false;
	snprintf(gene, sizeof(gene), "%.*s", (int)strcspn(f->key + 4, "/"), f->key + 4);
	return why_q_changed(q, gene);
}

/* Facts to judge by: those given without advice, with the genes called anew in place of the old ones. */
static int inputs(struct why_q *q, const struct grx_facts *gene, struct grx_facts *into)
{
	struct grx_facts kept = {.v = grx_malloc(q->fs->n + 1, sizeof(*kept.v))};
	int rc;

	if (!kept.v)
		return grx_fail_nomem(q->cx, "facts");
	for (size_t i = 0; i < q->fs->n; i++) {
		struct grx_fact *f = q->fs->v[i];

		if (!strcmp(f->sample, q->sample) && !grx_starts(f->key, "recommend/") && !of_changed(q, f))
			kept.v[kept.n++] = f;
	}
	rc = grx_facts_append(q->cx, into, &kept);
	grx_free(kept.v);
	return rc == GRX_OK ? grx_facts_append(q->cx, into, gene) : rc;
}

static int judge(struct why_q *q, const struct grx_facts *gene, struct grx_facts *out)
{
	const struct grx_stage *st = grx_stage_find("recommend");
	struct grx_facts *in = grx_facts_new();
	void *opts = st ? grx_calloc(1, st->opts_size) : NULL, *state = NULL;
	struct grx_opt_set set = {"", st ? st->opts : NULL, opts};
	struct grx_ctx sub = *q->cx;
	int rc = GRX_E_BUG;

	if (!in || !opts) {
		rc = grx_fail_nomem(&sub, "advice");
		goto out;
	}
	GRX_TRY(inputs(q, gene, in));
	sub.facts = in;
	GRX_TRY(grx_opts_default(&sub, &set, 1));
	GRX_TRY(grx_opts_assign(&sub, &set, 1, "drugs", q->drug));
	if (q->opt->rules)
		GRX_TRY(grx_opts_assign(&sub, &set, 1, "rules", q->opt->rules));
	GRX_TRY(st->open(opts, &sub, &state));
	if (st->each)
		GRX_TRY(st->each(state, &sub, out));
	sub.facts = NULL;
	rc = st->finish(state, &sub, out, NULL);
out:
	if (rc && sub.err.status)
		q->cx->err = sub.err;
	if (st)
		st->close(state);
	if (opts)
		grx_opts_clear(&set, 1);
	grx_free(opts);
	grx_facts_free(in);
	return rc;
}

static int answer(struct why_q *q)
{
	json_t *o = json_object();
	int rc = GRX_E_BUG;

	GRX_TRY(why_q_parse(q));
	GRX_TRY(why_q_call(q));
	for (int s = 0; s < 2; s++)
		GRX_TRY(judge(q, q->gene[s], q->advice[s]));
	why_q_baseline(q);
	why_q_compare_genes(q);
	GRX_TRY(why_q_compare_advice(q));
	why_q_set(q, o);
	q->bad = q->bad || json_object_set(o, "changes", q->changes);
	why_q_notes(q, o);
	q->bad = q->bad || json_object_set(q->doc, "what_if", o);
	rc = q->bad ? grx_fail_nomem(q->cx, "what-if") : GRX_OK;
out:
	json_decref(o);
	return rc;
}

int why_what_if(struct grx_ctx *cx, const struct why_opt *o, const struct grx_facts *fs,
	struct grx_pgx_tool *tool, json_t *doc)
{
	struct why_q *q = grx_calloc(1, sizeof(*q));
	int rc;

	if (!q)
		return grx_fail_nomem(cx, "what-if");
	q->cx = cx;
	q->opt = o;
	q->fs = fs;
	q->tool = tool;
	q->doc = doc;
	q->sample = json_string_value(json_object_get(doc, "sample"));
	q->drug = json_string_value(json_object_get(doc, "drug"));
	q->changes = json_array();
	for (int s = 0; s < 2; s++) {
		q->gene[s] = grx_facts_new();
		q->advice[s] = grx_facts_new();
		q->bad = q->bad || !q->gene[s] || !q->advice[s];
	}
	rc = q->bad ? grx_fail_nomem(cx, "what-if") : answer(q);
	for (int s = 0; s < 2; s++) {
		grx_facts_free(q->gene[s]);
		grx_facts_free(q->advice[s]);
	}
	grx_str_clear(&q->notes);
	json_decref(q->changes);
	grx_free(q);
	return rc;
}
