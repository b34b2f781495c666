/* SPDX-License-Identifier: GPL-3.0-or-later
 * rules_tool.c -- `rules list`, and what the rule tools share: loading a folder, findings, places. */
#include "stage/recommend/rules_tool.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/ctx.h"
#include "stage/recommend/tools_int.h"

#define MIN_POSTERIOR 0.99 /* the default of `recommend` */

int recommend_tool_load(
	struct grx_ctx *cx, const char *dir, struct recommend_issues *is, struct recommend_rules **rs)
{
	char *path = recommend_rules_dir(cx, dir);
	int rc;

	if (!path)
		return grx_fail_nomem(cx, "path of the rule tables");
	rc = recommend_rules_load(cx, path, is, rs);
	grx_free(path);
	return rc;
}

int recommend_tool_sample(struct grx_ctx *cx, const struct recommend_rules *rs, const struct grx_facts *fs,
	const char *name, struct grx_arena *mem, struct recommend_sample *s)
{
	static const struct grx_strs nobody = {0};
	struct recommend_ask ask = {
		.population = &nobody, .min_posterior = MIN_POSTERIOR, .findings = grx_map_new()};
	int rc = ask.findings ? recommend_findings_index(cx, fs, mem, ask.findings)
			      : grx_fail_nomem(cx, "sample");

	*s = (struct recommend_sample){0};
	if (!rc)
		rc = recommend_sample_read(cx, rs, fs, &ask, name, mem, s);
	grx_map_free(ask.findings);
	return rc;
}

int recommend_tool_match(struct grx_ctx *cx, const struct recommend_rules *rs, const struct recommend_drug *d,
	const struct recommend_sample *s, struct grx_arena *mem, struct recommend_match *m)
{
	struct recommend_sample *met = grx_arena_alloc(mem, 1, sizeof(*met));
	bool converted;
	int rc = met ? recommend_convert(cx, rs, d, s, mem, met, &converted) : grx_fail_nomem(cx, "sample");

	return rc ? rc : recommend_match_drug(cx, rs, d, met, MIN_POSTERIOR, mem, m);
}

bool recommend_rule_names(const struct recommend_rules *rs, const struct recommend_rule *r, const char *gene)
{
	for (int i = 0; i < r->pred.n; i++) {
		const struct recommend_node *t = &r->pred.v[i];

		if (recommend_gene_term(t) && !strcmp(rs->genes.v[t->a], gene))
			return true;
	}
	return false;
}

void recommend_find(
	struct recommend_issues *is, enum recommend_sev sev, struct recommend_place at, const char *fmt, ...)
{
	static const char *const name[] = {"note", "warning", "error"};
	char what[2048];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	is->n_error += sev == RECOMMEND_S_ERROR;
	is->n_warning += sev == RECOMMEND_S_WARNING;
	grx_str_addf(is->out, "%s\t%s", name[sev], at.file);
	if (at.line > 0)
		grx_str_addf(is->out, ":%lld", (long long)at.line);
	if (at.line > 0 && at.col > 0)
		grx_str_addf(is->out, ":%d", at.col);
	grx_str_addf(is->out, "\t%s\n", what);
}

struct recommend_place recommend_cell_at(const struct grx_table *t, int col)
{
	struct recommend_place at = {grx_table_path(t), grx_table_lineno(t), 1};

	for (int i = 0; i < col; i++)
		at.col += (int)strlen(grx_table_get(t, i)) + 1;
	return at;
}

/* ---- list ---- */

static int near_fail(
	struct grx_ctx *cx, const char *what, const char *name, const char *const *list, size_t n)
{
	struct grx_str near = {0};
	int rc;

	recommend_near(name, list, n, 5, &near);
	rc = grx_fail(cx, GRX_E_USAGE, "rules list: no rule for %s '%s'%s%s", what, name,
		near.n ? "; near: " : "", near.n ? near.s : "");
	grx_str_clear(&near);
	return rc;
}

static int drug_unknown(struct grx_ctx *cx, const struct recommend_rules *rs, const char *name)
{
	const char **list = grx_malloc(rs->n_drug + 1, sizeof(*list));
	int rc;

	if (!list)
		return grx_fail_nomem(cx, "drug names");
	for (size_t i = 0; i < rs->n_drug; i++)
		list[i] = rs->drug[i].name;
	rc = near_fail(cx, "drug", name, list, rs->n_drug);
	grx_free(list);
	return rc;
}

static void list_row(const struct recommend_rule *r, struct grx_str *out)
{
	grx_str_addf(out, "%s\t%lld\t%s\t%s\t%s\t%s\t%s\t%d\t%s\t%s\n", r->id, (long long)r->version, r->drug,
		r->when, r->population, recommend_act_name(r->action), r->strength, r->verify, r->guideline,
		r->source);
}

/* One rule as an object of one line; GRX_E_NOMEM. */
static int list_json(const struct recommend_rules *rs, const struct recommend_rule *r, struct grx_str *out)
{
	struct grx_str when = {0};
	char *text = NULL;
	json_t *o;

	recommend_print(rs, &r->pred, &when);
	o = json_pack("{ss ss sI ss ss ss ss ss ss sb ss ss ss ss ss sI}", "rule", r->id, "drug", r->drug,
		"version", (json_int_t)r->version, "when", when.s ? when.s : "", "population", r->population,
		"strength", r->strength, "action", recommend_act_name(r->action), "actions", r->actions,
		"level", recommend_level_name(recommend_act_level(r->action)), "verify", r->verify,
		"guideline", r->guideline, "pmids", r->pmids, "source", r->source, "licence", r->licence,
		"file", r->file, "line", (json_int_t)r->line);
	for (int i = 0; o && i < RECOMMEND_NUM_N; i++)
		if (*r->num[i] && json_object_set_new(o, recommend_num_name[i], json_string(r->num[i]))) {
			json_decref(o);
			o = NULL;
		}
	if (o)
		text = json_dumps(o, JSON_COMPACT);
	if (text)
		grx_str_addf(out, "%s\n", text);
	grx_free(text);
	json_decref(o);
	grx_str_clear(&when);
	return text ? GRX_OK : GRX_E_NOMEM;
}

static int list_rules(struct grx_ctx *cx, const struct recommend_rules *rs, const struct grx_rules_list *want,
	const struct recommend_drug *only, struct grx_str *out)
{
	if (!want->json)
		grx_str_add(out, "rule_id\tversion\tdrug\twhen\tpopulation\taction\tstrength\tverify\t"
				 "guideline_id\tsource\n");
	for (size_t i = 0; i < rs->n; i++) {
		const struct recommend_rule *r = &rs->v[i];

		if ((only && strcmp(only->name, r->drug) != 0) ||
			(want->gene && !recommend_rule_names(rs, r, want->gene)))
			continue;
		if (!want->json)
			list_row(r, out);
		else if (list_json(rs, r, out))
			return grx_fail_nomem(cx, "rules list");
	}
	return out->oom ? grx_fail_nomem(cx, "rules list") : GRX_OK;
}

int grx_rules_list(
	struct grx_ctx *cx, const char *dir, const struct grx_rules_list *want, struct grx_str *out)
{
	struct recommend_rules *rs = NULL;
	const struct recommend_drug *only = NULL;
	bool known = want->gene == NULL;
	int rc = recommend_tool_load(cx, dir, NULL, &rs);

	if (rc)
		return rc;
	for (int i = 0; !known && i < rs->genes.n; i++)
		known = !strcmp(rs->genes.v[i], want->gene);
	if (!known)
		rc = near_fail(cx, "gene", want->gene, rs->genes.v, (size_t)rs->genes.n);
	else if (want->drug && !(only = recommend_drug_find(rs, want->drug)))
		rc = drug_unknown(cx, rs, want->drug);
	else
		rc = list_rules(cx, rs, want, only, out);
	recommend_rules_free(rs);
	return rc;
}
