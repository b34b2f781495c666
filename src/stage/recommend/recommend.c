/* SPDX-License-Identifier: GPL-3.0-or-later
 * recommend.c -- the stage: facts + rule tables -> recommendations as facts.
 * All work is done in finish(): every sample in order of first appearance, every drug in order of name. */
#include "stage/recommend/recommend_int.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "base/out.h"
#include "genorx/stage.h"
#include "stage/recommend/emit.h"
#include "stage/stages.h"

static void state_free(struct recommend_state *st)
{
	if (!st)
		return;
	recommend_rules_free(st->rs);
	grx_free(st->want);
	grx_arena_free(st->mem);
	grx_arena_free(st->batch);
	grx_str_clear(&st->text);
	grx_str_clear(&st->text_zh);
	grx_str_clear(&st->because);
	grx_str_clear(&st->genes);
	grx_free(st);
}

static int unknown_drug(struct grx_ctx *cx, const struct recommend_rules *rs, const char *name)
{
	struct grx_str near = {0};
	const char **list = grx_malloc(rs->n_drug, sizeof(*list));
	int rc;

	if (!list)
		return grx_fail_nomem(cx, "drug names");
	for (size_t i = 0; i < rs->n_drug; i++)
		list[i] = rs->drug[i].name;
	recommend_near(name, list, rs->n_drug, 5, &near);
	rc = grx_fail(cx, GRX_E_USAGE, "--drugs: no rule for '%s'%s%s; `genorx rules list` shows all drugs",
		name, near.n ? "; near: " : "", near.n ? near.s : "");
	grx_str_clear(&near);
	grx_free(list);
	return rc;
}

static int drugs_select(struct grx_ctx *cx, struct recommend_state *st, const struct grx_strs *names)
{
	st->want = grx_calloc(st->rs->n_drug + 1, sizeof(*st->want));
	if (!st->want)
		return grx_fail_nomem(cx, "drugs");
	for (size_t i = 0; names->n == 0 && i < st->rs->n_drug; i++)
		st->want[i] = !st->rs->drug[i].secondary || st->opt->findings;
	for (int i = 0; i < names->n; i++) {
		for (const char *s = names->v[i]; *s; s += *s == ',') {
			size_t n = strcspn(s, ",");
			char name[128];
			const struct recommend_drug *d;

			if (n == 0 || n >= sizeof(name))
				return grx_fail(cx, GRX_E_USAGE,
					"--drugs '%s': a drug name is empty or too long", names->v[i]);
			memcpy(name, s, n);
			name[n] = '\0';
			d = recommend_drug_find(st->rs, name);
			if (!d)
				return unknown_drug(cx, st->rs, name);
			st->want[d - st->rs->drug] = true;
			s += n;
		}
	}
	return GRX_OK;
}

/* Every name asked for is one of the table. */
static int populations_check(
	struct grx_ctx *cx, const struct recommend_rules *rs, const struct grx_strs *names)
{
	for (int i = 0; i < names->n; i++) {
		for (const char *s = names->v[i]; *s; s += *s == ',') {
			size_t n = strcspn(s, ",");
			bool known = false;

			for (size_t k = 0; k < rs->n_popul; k++)
				known = known || (strlen(rs->popul[k].name) == n &&
							 !strncasecmp(rs->popul[k].name, s, n));
			if (!known)
				return grx_fail(cx, GRX_E_USAGE,
					"--population: no population '%.*s'; populations.tsv of the rule "
					"tables lists them",
					(int)n, s);
			s += n;
		}
	}
	return GRX_OK;
}

static int recommend_open(const void *opts, struct grx_ctx *cx, void **state)
{
	const struct recommend_opt *o = opts;
	struct recommend_state *st = grx_calloc(1, sizeof(*st));
	char *dir = NULL;
	int rc = GRX_E_BUG;

	if (!st)
		return grx_fail_nomem(cx, "recommend");
	*state = st;
	st->opt = o;
	st->outs = cx->outs;
	st->ask.population = &o->population;
	st->ask.min_posterior = o->min_posterior > 0 ? o->min_posterior : RECOMMEND_MIN_POSTERIOR;
	st->mem = grx_arena_new();
	st->batch = grx_arena_new();
	dir = recommend_rules_dir(cx, o->rules);
	if (!st->mem || !st->batch || !dir) {
		rc = grx_fail_nomem(cx, "recommend");
		goto out;
	}
	GRX_TRY(recommend_rules_load(cx, dir, NULL, &st->rs));
	memcpy(st->version, "rules:", 6);
	memcpy(st->version + 6, st->rs->sha256, 16);
	GRX_TRY(drugs_select(cx, st, &o->drugs));
	GRX_TRY(populations_check(cx, st->rs, &o->population));
	st->n.rules = (int64_t)st->rs->n;
	for (size_t i = 0; i < st->rs->n_drug; i++)
		st->n.drugs += st->want[i];
	if (o->tsv) {
		GRX_TRY(grx_out_open(cx, o->tsv, &st->tsv));
		grx_out_puts(st->tsv,
			"sample\tdrug\trule_id\taction\tlevel\tstrength\tpopulation\ttext\twhen\tbecause\n");
	}
	rc = GRX_OK;
out:
	grx_free(dir);
	return rc;
}

/* ---- samples ----------------------------------------------------------------------------------------------
 */

/* "AVOID (rule)|..." of a match, or why it has none; for comparison, what the rules say instead of names. */
static const char *advice_list(struct grx_arena *mem, const struct recommend_match *m, bool compare)
{
	const char *list = NULL;

	if (m->outcome == RECOMMEND_NO_RULE)
		return grx_arena_strdup(mem, "NO_RULE");
	if (m->outcome != RECOMMEND_FIRED)
		return grx_arena_strdup(mem, "INSUFFICIENT_DATA");
	for (int i = 0; i < m->n; i++) {
		const struct recommend_rule *r = m->hit[i].rule;

		list = grx_arena_printf(mem, "%s%s%s (%s)", list ? list : "", list ? "|" : "",
			compare ? r->signature : recommend_act_name(r->action),
			compare ? r->population : r->id);
		if (!list)
			return NULL;
	}
	return list;
}

/* What the genetic results alone would give, told where it differs from the advice on the converted ones. */
static int genetic_alone(struct recommend_job *j, const struct recommend_sample *genetic)
{
	struct recommend_match *m = &j->match, alone;
	const char *now, *then, *told;
	bool act = false;
	int rc = recommend_match_drug(
		j->cx, j->st->rs, j->d, genetic, j->st->ask.min_posterior, j->st->mem, &alone);

	if (rc)
		return rc;
	now = advice_list(j->st->mem, m, true);
	then = advice_list(j->st->mem, &alone, true);
	told = advice_list(j->st->mem, &alone, false);
	if (!now || !then || !told)
		return GRX_E_NOMEM;
	for (int i = 0; i < alone.n; i++)
		act = act || recommend_act_level(alone.hit[i].rule->action) == RECOMMEND_L_ACT;
	for (int i = 0; i < m->n && strcmp(now, then) != 0; i++) {
		m->hit[i].alone = told;
		m->hit[i].alone_act = act;
	}
	return GRX_OK;
}

static int drug_do(struct recommend_job *j, const struct recommend_sample *genetic)
{
	struct recommend_sample s;
	bool converted;
	int rc;

	GRX_TRY(recommend_convert(j->cx, j->st->rs, j->d, genetic, j->st->mem, &s, &converted));
	j->s = &s;
	GRX_TRY(recommend_match_drug(
		j->cx, j->st->rs, j->d, &s, j->st->ask.min_posterior, j->st->mem, &j->match));
	if (converted)
		GRX_TRY(genetic_alone(j, genetic));
	j->current = recommend_taken(j->cx->facts, s.name, j->d->name, j->d->zh);
	rc = recommend_emit(j);
out:
	j->s = genetic;
	return rc;
}

static int sample_do(struct grx_ctx *cx, struct recommend_state *st, const char *name, struct grx_facts *out)
{
	struct recommend_sample s = {0};
	struct recommend_job j = {.cx = cx, .st = st, .s = &s, .out = out};
	int rc;

	grx_arena_reset(st->mem);
	GRX_TRY(recommend_sample_read(cx, st->rs, cx->facts, &st->ask, name, st->mem, &s));
	for (size_t i = 0; i < st->rs->n_drug; i++) {
		if (!st->want[i])
			continue;
		j.d = &st->rs->drug[i];
		GRX_TRY(drug_do(&j, &s));
	}
	GRX_TRY(recommend_emit_conversions(&j));
	st->n.samples++;
out:
	/* lower levels report exhausted memory by status alone */
	if (rc == GRX_E_NOMEM)
		rc = grx_fail_nomem(cx, "recommendations");
	return rc;
}

/* A new sample with evidence that rules can use: any fact but run-wide ones (sample "" or ".") and our own.
 */
static bool is_sample(const struct grx_fact *f)
{
	return *f->sample && strcmp(f->sample, ".") != 0 && !grx_starts(f->key, "genorx/");
}

static int recommend_each(void *state, struct grx_ctx *cx, struct grx_facts *out)
{
	struct recommend_state *st = state;
	struct grx_map *seen = grx_map_new();
	int rc = GRX_OK;

	st->ask.findings = grx_map_new();
	grx_arena_reset(st->batch);
	if (!seen || !st->ask.findings)
		rc = grx_fail_nomem(cx, "samples");
	else if (cx->facts)
		rc = recommend_findings_index(cx, cx->facts, st->batch, st->ask.findings);
	for (size_t i = 0; !rc && cx->facts && i < cx->facts->n; i++) {
		const struct grx_fact *f = cx->facts->v[i];

		if (!is_sample(f) || grx_map_get(seen, f->sample))
			continue;
		if (grx_map_set(seen, f->sample, st))
			rc = grx_fail_nomem(cx, "samples");
		else
			rc = sample_do(cx, st, f->sample, out);
	}
	grx_map_free(seen);
	grx_map_free(st->ask.findings);
	st->ask.findings = NULL;
	return rc;
}

static int summary_add(struct grx_ctx *cx, const struct recommend_state *st, json_t *summary)
{
	const struct recommend_counts *n = &st->n;
	json_t *c = json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "samples",
		(json_int_t)n->samples, "drugs", (json_int_t)n->drugs, "rules", (json_int_t)n->rules,
		"recommendations", (json_int_t)n->fired, "incomplete", (json_int_t)n->incomplete,
		"robust_over_candidates", (json_int_t)n->robust, "to_verify_with_guideline",
		(json_int_t)n->verify, "not_assessed", (json_int_t)n->not_assessed, "ambiguous",
		(json_int_t)n->ambiguous, "no_rule", (json_int_t)n->no_rule, "conflicts",
		(json_int_t)n->conflicts, "level_unknown", (json_int_t)n->level[RECOMMEND_L_UNKNOWN]);

	if (!c)
		return grx_fail_nomem(cx, "summary");
	for (int l = RECOMMEND_L_INFO; l <= RECOMMEND_L_ACT; l++) {
		char key[32];

		snprintf(key, sizeof(key), "level_%s", recommend_level_name((enum recommend_level)l));
		json_object_set_new(c, key, json_integer((json_int_t)n->level[l]));
	}
	json_object_set_new(c, "decided_by_posterior", json_integer((json_int_t)n->decided));
	json_object_set_new(c, "advice_changed_by_comedication", json_integer((json_int_t)n->converted));
	json_object_set_new(c, "comedication_not_modelled", json_integer((json_int_t)n->unmodelled));
	json_object_set_new(c, "conflicts_of_direction", json_integer((json_int_t)n->opposite));
	json_object_set_new(c, "no_rule_for_population", json_integer((json_int_t)n->other_population));
	json_object_set_new(c, "findings_not_seen", json_integer((json_int_t)n->not_found));
	json_object_set_new(summary, "rules_sha256", json_string(st->rs->sha256));
	if (json_object_set_new(summary, "counts", c))
		return grx_fail_nomem(cx, "summary");
	return GRX_OK;
}

static int recommend_finish(void *state, struct grx_ctx *cx, struct grx_facts *out, json_t *summary)
{
	struct recommend_state *st = state;
	int rc = GRX_E_BUG;

	(void)out;
	if (st->tsv) {
		struct grx_out *tsv = st->tsv;

		st->tsv = NULL;
		GRX_TRY(grx_out_close(cx, tsv));
	}
	if (st->n.samples == 0) {
		rc = grx_fail(cx, GRX_E_DATA,
			"recommend: the facts name no sample; give the output of `genorx pgx` (facts "
			"pgx/GENE/phenotype)");
		goto out;
	}
	if (summary)
		GRX_TRY(summary_add(cx, st, summary));
	grx_info(cx, "recommend: %lld recommendations for %lld samples, %lld drugs not assessed",
		(long long)st->n.fired, (long long)st->n.samples, (long long)st->n.not_assessed);
	rc = GRX_OK;
out:
	return rc;
}

static void recommend_close(void *state)
{
	struct recommend_state *st = state;

	if (st && st->tsv) { /* an earlier error counts */
		struct grx_ctx quiet = {.outs = st->outs};

		(void)!grx_out_close(&quiet, st->tsv);
	}
	state_free(st);
}

const struct grx_stage grx_stage_recommend = {
	.name = "recommend",
	.brief = "treatment recommendations from facts and rule tables",
	.takes = GRX_FACTS,
	.gives = GRX_FACTS,
	.usage = "facts.jsonl",
	.opts_size = sizeof(struct recommend_opt),
	.opts = recommend_opt,
	.open = recommend_open,
	.each = recommend_each,
	.finish = recommend_finish,
	.close = recommend_close,
};
