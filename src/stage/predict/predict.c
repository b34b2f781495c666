/* SPDX-License-Identifier: GPL-3.0-or-later
 * predict.c -- the stage: clinical facts (and score facts) -> absolute risks, every one with its inputs. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/ctx.h"
#include "base/log.h"
#include "base/map.h"
#include "base/str.h"
#include "stage/predict/absolute_int.h"
#include "stage/stages.h"

struct predict_state {
	const struct predict_opt *opt;
	struct predict_model *model;
	struct predict_effects *effects;
	struct predict_models *risks;
	struct grx_arena *mem;
	size_t n_sample, cap_sample;
	const char **sample;
	int64_t n_unknown;
};

static int predict_open(const void *opts, struct grx_ctx *cx, void **state)
{
	int rc = GRX_E_BUG;
	char *path = NULL;
	struct predict_state *st = grx_calloc(1, sizeof *st);
	if (!st)
		return grx_fail_nomem(cx, "predict");
	*state = st;
	st->opt = opts;
	st->mem = grx_arena_new();
	path = st->opt->model ? grx_strdup(st->opt->model) : grx_refdata_path(cx, "risk/prevent.tsv");
	if (!st->mem || !path) {
		rc = grx_fail_nomem(cx, "predict");
		goto out;
	}
	GRX_TRY(predict_model_read(cx, path, &st->model));
	if (st->opt->prs_effect) {
		GRX_TRY(predict_effects_read(cx, st->opt->prs_effect, &st->effects));
		GRX_TRY(predict_effects_check(cx, st->opt->prs_effect, st->effects, st->model));
	}
	GRX_TRY(predict_models_read(cx, st->opt, st->model, &st->risks));
	rc = GRX_OK;
out:
	grx_free(path);
	return rc;
}

static int samples_from(
	struct grx_ctx *cx, struct predict_state *st, struct grx_map *seen, const struct grx_facts *fs)
{
	for (size_t i = 0; fs && i < fs->n; i++) {
		const struct grx_fact *f = fs->v[i];
		if (!f->sample || !*f->sample || grx_starts(f->key, "genorx/") ||
			grx_map_get(seen, f->sample))
			continue;
		if (grx_map_set(seen, f->sample, seen) != GRX_OK ||
			grx_grow(&st->sample, &st->cap_sample, st->n_sample + 1, sizeof *st->sample, 0) != 0)
			return grx_fail_nomem(cx, "samples");
		st->sample[st->n_sample++] = f->sample;
	}
	return GRX_OK;
}

/* Samples of the clinical table first, then those of the input facts. Two sets with none in common are a
 * mix-up. */
static int samples_list(struct grx_ctx *cx, struct predict_state *st, const struct grx_facts *made)
{
	int rc = GRX_E_BUG;
	struct grx_map *a = grx_map_new(), *b = grx_map_new();
	if (!a || !b) {
		rc = grx_fail_nomem(cx, "samples");
		goto out;
	}
	GRX_TRY(samples_from(cx, st, a, made));
	size_t n_clinical = st->n_sample;
	GRX_TRY(samples_from(cx, st, a, cx->facts));
	size_t n_all = st->n_sample;
	GRX_TRY(samples_from(cx, st, b, cx->facts)); /* counts, then cut off again */
	size_t n_facts = st->n_sample - n_all;
	st->n_sample = n_all;
	if (n_clinical > 0 && n_facts > 0 && n_all == n_clinical + n_facts) {
		rc = grx_fail(cx, GRX_E_MISMATCH,
			"%s: none of its %zu samples is among the %zu of the input facts; check the sample "
			"names",
			st->opt->clinical, n_clinical, n_facts);
		goto out;
	}
	rc = GRX_OK;
out:
	grx_map_free(a);
	grx_map_free(b);
	return rc;
}

/* "age=0.31;smoker=0.54": the terms of the log-odds that are not 0, for explanation. */
static int attr_terms(
	struct grx_facts *out, struct grx_fact *f, const struct predict_eq *eq, const struct predict_risk *r)
{
	struct grx_str s = {0};
	char buf[32];
	for (int k = 0; k < eq->n; k++)
		if (r->part[k] != 0)
			grx_str_addf(&s, "%s%s=%s", s.n ? ";" : "", predict_term_name(eq->term[k]),
				grx_fmt_g(buf, r->part[k], 5));
	int rc = s.oom ? GRX_E_NOMEM : grx_fact_attr(out, f, "terms", "%s", s.s ? s.s : "");
	grx_str_clear(&s);
	return rc;
}

static int base_fact(struct predict_run *run, const struct predict_eq *eq, const struct predict_person *p)
{
	int rc = GRX_E_BUG;
	struct grx_facts *out = run->out;
	struct grx_fact *f;
	struct predict_risk r;
	char key[256];
	predict_eq_eval(eq, p, &r);
	snprintf(key, sizeof key, "predict/%s/%s/%s", eq->model, eq->horizon, eq->outcome);
	GRX_TRY(predict_fact(run, p->sample, key, r.status, r.reason, &f));
	f->refdata = grx_facts_dup(out, eq->source);
	if (r.status == GRX_FACT_OK) {
		GRX_TRY(grx_fact_num_set(out, f, r.p, "probability"));
		GRX_TRY(predict_attr_num(out, f, "log_odds", r.lp));
		GRX_TRY(attr_terms(out, f, eq, &r));
	}
	if (p->sex_id)
		GRX_TRY(grx_fact_because_fact(out, f, p->sex_id));
	for (int i = 0; i < PRED_N_INPUT; i++)
		if ((r.used >> i & 1) && p->id[i])
			GRX_TRY(grx_fact_because_fact(out, f, p->id[i]));
	rc = GRX_OK;
out:
	return rc;
}

static int sample_risks(struct predict_run *run, struct predict_state *st, const char *sample)
{
	int rc = GRX_E_BUG;
	struct predict_person p;
	GRX_TRY(predict_person_get(run->cx, run->out, run->cx->facts, sample, st->mem, &p));
	int sex = p.sex < 0 ? 0 : p.sex; /* unknown: the female equations name what else is absent */
	for (size_t i = 0; i < st->model->n; i++)
		if (st->model->eq[i].sex == sex && predict_eq_applies(&st->model->eq[i], &p))
			GRX_TRY(base_fact(run, &st->model->eq[i], &p));
	for (size_t k = 0; st->effects && k < st->effects->n; k++) {
		const struct predict_effect *e = &st->effects->v[k];
		for (size_t i = 0; i < st->model->n; i++) {
			const struct predict_eq *eq = &st->model->eq[i];
			if (eq->sex == sex && predict_eq_applies(eq, &p) &&
				strcmp(eq->outcome, e->outcome) == 0 && strcmp(eq->horizon, e->horizon) == 0)
				GRX_TRY(predict_combined_fact(run, eq, e, sample));
		}
	}
	GRX_TRY(predict_absolute(run, st->risks, &p));
	rc = GRX_OK;
out:
	return rc;
}

static int predict_finish(void *state, struct grx_ctx *cx, struct grx_facts *out, struct json_t *summary)
{
	int rc = GRX_E_BUG;
	struct predict_state *st = state;
	struct predict_run run = {.cx = cx, .opt = st->opt, .out = out, .mem = st->mem};
	if (st->opt->clinical)
		GRX_TRY(predict_clinical_read(cx, st->opt->clinical, out, &st->n_unknown));
	GRX_TRY(samples_list(cx, st, out));
	if (st->n_sample == 0)
		grx_warn(cx, "no sample: give facts, or a clinical table with --clinical");
	for (size_t i = 0; i < st->n_sample; i++)
		GRX_TRY(sample_risks(&run, st, st->sample[i]));
	int bad = 0;
	if (summary) {
		bad |= json_object_set_new(summary, "samples", json_integer((json_int_t)st->n_sample));
		bad |= json_object_set_new(summary, "risks_ok", json_integer(run.n_ok));
		bad |= json_object_set_new(summary, "risks_missing", json_integer(run.n_missing));
		bad |= json_object_set_new(summary, "risks_refused", json_integer(run.n_refused));
		bad |= json_object_set_new(summary, "clinical_columns_unknown", json_integer(st->n_unknown));
	}
	rc = bad ? grx_fail_nomem(cx, "summary") : GRX_OK;
out:
	return rc;
}

static void predict_close(void *state)
{
	struct predict_state *st = state;
	if (!st)
		return;
	predict_model_free(st->model);
	predict_effects_free(st->effects);
	predict_models_free(st->risks);
	grx_arena_free(st->mem);
	grx_free(st->sample);
	grx_free(st);
}

const struct grx_stage grx_stage_predict = {
	.name = "predict",
	.brief = "absolute disease risk from published equations, with polygenic scores",
	.takes = GRX_FACTS,
	.gives = GRX_FACTS,
	.usage = "[facts.jsonl]",
	.opts_size = sizeof(struct predict_opt),
	.opts = predict_opt_table,
	.open = predict_open,
	.finish = predict_finish,
	.close = predict_close,
};
