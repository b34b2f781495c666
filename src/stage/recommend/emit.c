/* SPDX-License-Identifier: GPL-3.0-or-later
 * emit.c -- one drug of one sample as facts and table rows, with the evidence that each advice rests on. */
#include "stage/recommend/emit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static int attr_rule(struct recommend_job *j, struct grx_fact *f, const struct recommend_hit *h)
{
	const struct recommend_rule *r = h->rule;
	int rc;

	GRX_TRY(recommend_attr(j, f, "strength", r->strength));
	GRX_TRY(recommend_attr(j, f, "population", r->population));
	GRX_TRY(recommend_attr(j, f, "actions", h->action_only ? recommend_act_name(r->action) : r->actions));
	for (int i = 0; !h->action_only && i < RECOMMEND_NUM_N; i++)
		GRX_TRY(recommend_attr(j, f, recommend_num_name[i], r->num[i]));
	GRX_TRY(recommend_attr(j, f, "guideline", r->guideline));
	GRX_TRY(recommend_attr(j, f, "pmids", r->pmids));
	GRX_TRY(recommend_attr(j, f, "source", r->source));
	GRX_TRY(recommend_attr(j, f, "licence", r->licence));
	GRX_TRY(recommend_attr(j, f, "verify", r->verify ? "1" : "0"));
	GRX_TRY(recommend_attr(j, f, "when", r->when));
	GRX_TRY(grx_fact_attr(j->out, f, "rule_version", "%lld", (long long)r->version));
	f->rule = grx_facts_dup(j->out, r->id);
	f->refdata = grx_facts_dup(j->out, j->st->version);
	if (!f->rule || !f->refdata)
		rc = GRX_E_NOMEM;
out:
	return rc;
}

/* Who it is for, how probable it is, what the other candidates call for. */
static int attr_doubt(struct recommend_job *j, struct grx_fact *f, const struct recommend_hit *h)
{
	int k = h->rule->pop, rc;
	char buf[32];

	GRX_TRY(h->pop_unknown ? recommend_attr(j, f, "population_condition",
					 k < 0 ? h->rule->population : j->st->rs->popul[k].en)
			       : GRX_OK);
	double p = floor(h->posterior * 1e6) / 1e6; /* never rounded up to certainty */
	GRX_TRY(h->posterior >= 0
			? recommend_attr(j, f, "posterior", grx_fmt_g(buf, p < 0.999999 ? p : 0.999999, 6))
			: GRX_OK);
	GRX_TRY(h->decided ? recommend_attr(j, f, "alternatives", j->match.possible) : GRX_OK);
	GRX_TRY(h->severe ? recommend_attr(j, f, "severe_alternative", recommend_act_name(h->severe->action))
			  : GRX_OK);
	GRX_TRY(recommend_attr(j, f, "finer", h->finer));
	GRX_TRY(recommend_attr(j, f, "compat", recommend_compat(j->d, h) ? "pharmcat" : NULL));
out:
	return rc;
}

/* Drugs taken now that act on the rule's genes: what they did to the result, or that nobody can say. */
static int attr_comedication(struct recommend_job *j, struct grx_fact *f, const struct recommend_hit *h)
{
	static const char *const strength[] = {"", "weak", "moderate", "strong"};
	struct grx_str with = {0}, gen = {0};
	int rc = GRX_E_NOMEM;

	for (int i = 0; i < j->d->n_gene; i++) {
		int g = j->d->gene[i];
		const struct recommend_known *k = &h->sample->gene[g];
		bool dip = false;

		if (!k->by || !recommend_rule_sees(h->rule, g, &dip))
			continue;
		grx_str_addf(&with, "%s%s (%s %s of %s, %s)", with.n ? "; " : "", k->by->drug,
			strength[k->by->strength], k->by->inducer ? "inducer" : "inhibitor",
			j->st->rs->genes.v[g],
			k->genetic ? "converted"
			: k->model ? "unchanged"
				   : "not modelled");
		if (k->genetic) {
			grx_str_addf(&gen, "%s%s ", gen.n ? "; " : "", j->st->rs->genes.v[g]);
			recommend_state_text(j->st->rs, k->genetic, false, &gen);
		}
	}
	if (with.oom || gen.oom)
		goto out;
	GRX_TRY(recommend_attr(j, f, "comedication", with.s));
	GRX_TRY(recommend_attr(j, f, "genetic", gen.s));
	GRX_TRY(recommend_attr(j, f, "genetic_alone", h->alone));
out:
	grx_str_clear(&with);
	grx_str_clear(&gen);
	return rc;
}

/* Genes whose call is partial (some loci without a genotype) although the phenotype stands. */
static int attr_partial(struct recommend_job *j, struct grx_fact *f, const struct recommend_rule *r)
{
	struct grx_str p = {0};
	int rc = GRX_OK;

	for (int i = 0; i < j->d->n_gene; i++) {
		const struct grx_fact *s = j->s->gene[j->d->gene[i]].status;
		bool dip = false;

		if (!s || s->value.type != GRX_V_STR || strcmp(s->value.str, "partial") != 0 ||
			!recommend_rule_sees(r, j->d->gene[i], &dip))
			continue;
		grx_str_addf(&p, "%s%s", p.n ? "," : "", j->st->rs->genes.v[j->d->gene[i]]);
	}
	if (p.oom)
		rc = GRX_E_NOMEM;
	else if (p.n)
		rc = recommend_attr(j, f, "partial", p.s);
	grx_str_clear(&p);
	return rc;
}

static int emit_hit(struct recommend_job *j, const struct recommend_hit *h)
{
	struct recommend_counts *n = &j->st->n;
	enum recommend_level level = recommend_hit_level(h);
	const char *action = recommend_act_name(h->rule->action);
	struct grx_str key = {0};
	struct grx_fact *f = NULL;
	int rc = GRX_E_BUG;

	grx_str_addf(&key, "recommend/%s/%s", j->d->key, h->rule->id);
	if (key.oom) {
		rc = GRX_E_NOMEM;
		goto out;
	}
	GRX_TRY(grx_facts_add(j->cx, j->out, j->s->name, key.s, "recommend", &f));
	GRX_TRY(grx_fact_str_set(j->out, f, action));
	GRX_TRY(recommend_link_all(j, f, h->rule));
	GRX_TRY(recommend_attr_drug(j, f, recommend_level_name(level)));
	GRX_TRY(attr_rule(j, f, h));
	GRX_TRY(recommend_attr(j, f, "incomplete", h->incomplete));
	GRX_TRY(attr_partial(j, f, h->rule));
	GRX_TRY(j->match.robust ? recommend_attr(j, f, "robust", h->action_only ? "action" : "yes") : GRX_OK);
	GRX_TRY(recommend_attr(j, f, "rules", h->rules));
	GRX_TRY(attr_doubt(j, f, h));
	GRX_TRY(attr_comedication(j, f, h));
	GRX_TRY(recommend_text(j->cx, j->st->rs, j->d, h, false, &j->st->text));
	GRX_TRY(recommend_text(j->cx, j->st->rs, j->d, h, true, &j->st->text_zh));
	GRX_TRY(recommend_attr(j, f, "text", j->st->text.s));
	GRX_TRY(recommend_attr(j, f, "text_zh", j->st->text_zh.s));
	recommend_tsv_row(j, h->rule, action, recommend_level_name(level), j->st->text.s);
	n->fired++;
	n->level[level]++;
	n->incomplete += h->incomplete != NULL;
	n->robust += j->match.robust;
	n->decided += h->decided;
	n->converted += h->alone != NULL;
	n->unmodelled += h->unmodelled;
	n->verify += h->rule->verify;
	rc = GRX_OK;
out:
	grx_str_clear(&key);
	return rc;
}

static int emit_conflict(struct recommend_job *j, const struct recommend_conflict *c, int number)
{
	struct grx_str key = {0};
	struct grx_fact *f = NULL;
	int rc = GRX_E_BUG;

	grx_str_addf(&key, "recommend/%s/conflict", j->d->key);
	if (number)
		grx_str_addf(&key, "/%d", number + 1);
	if (key.oom) {
		rc = GRX_E_NOMEM;
		goto out;
	}
	GRX_TRY(grx_facts_add(j->cx, j->out, j->s->name, key.s, "recommend", &f));
	GRX_TRY(grx_fact_str_set(j->out, f, c->opposite ? "CONFLICT" : recommend_act_name(c->worst)));
	grx_str_reset(&j->st->genes);
	GRX_TRY(recommend_attr_drug(j, f, recommend_level_name(recommend_act_level(c->worst))));
	GRX_TRY(recommend_attr(j, f, "population", c->population));
	GRX_TRY(recommend_attr(j, f, "rules", c->rules));
	GRX_TRY(recommend_attr(j, f, "actions", c->actions));
	GRX_TRY(recommend_attr(j, f, "worst", recommend_act_name(c->worst)));
	GRX_TRY(grx_fact_attr(j->out, f, "text",
		c->opposite
			? "Rules %s hold together and point in opposite directions (%s): more drug and less. "
			  "No order of severity settles that; the most cautious is %s. A person must decide."
			: "Rules %s hold together and advise differently (%s); the most cautious is %s. A "
			  "person must decide.",
		c->rules, c->actions, recommend_act_name(c->worst)));
	GRX_TRY(grx_fact_attr(j->out, f, "text_zh",
		c->opposite ? "规则 %s "
			      "同时成立，但方向相反（%"
			      "s）：一方增加用药，一方减少。严重程度顺序不能裁决；最谨慎的是 "
			      "%s。须由专业人员决定。"
			    : "规则 %s 同时成立，但建议不同（%s）；最谨慎的是 %s。须由专业人员决定。",
		c->rules, c->actions, recommend_act_name(c->worst)));
	for (int i = 0; i < j->match.n; i++) {
		const struct recommend_rule *r = j->match.hit[i].rule;
		struct grx_str id = {0};

		if (strcmp(r->population, c->population) != 0)
			continue;
		grx_str_addf(&id, "%s|recommend/%s/%s", j->s->name, j->d->key, r->id);
		rc = id.oom ? GRX_E_NOMEM : grx_fact_because_fact(j->out, f, id.s);
		grx_str_clear(&id);
		if (rc)
			goto out;
	}
	j->st->n.conflicts++;
	j->st->n.opposite += c->opposite;
	rc = GRX_OK;
out:
	grx_str_clear(&key);
	return rc;
}

int recommend_emit(struct recommend_job *j)
{
	struct recommend_conflict *conf;
	int rc = GRX_OK, n;

	if (j->match.outcome != RECOMMEND_FIRED && j->d->condition) {
		j->st->n.not_found++; /* no finding, or none looked for: never told as its absence */
		return GRX_OK;
	}
	if (j->match.outcome != RECOMMEND_FIRED)
		return recommend_emit_none(j);
	for (int i = 0; i < j->match.n; i++)
		GRX_TRY(emit_hit(j, &j->match.hit[i]));
	n = recommend_conflicts(j->st->mem, &j->match, &conf);
	rc = n < 0 ? GRX_E_NOMEM : GRX_OK;
	for (int i = 0; i < n && !rc; i++)
		rc = emit_conflict(j, &conf[i], i);
out:
	return rc;
}
