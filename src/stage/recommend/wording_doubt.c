/* SPDX-License-Identifier: GPL-3.0-or-later
 * wording_doubt.c -- sentences on what an advice depends on: other drugs taken, probabilities, the
 * population; and on why there is none. */
#include "stage/recommend/wording.h"

#include <stdio.h>
#include <string.h>

/* "STANDARD (rule)|AVOID (rule)" in words, each once: codes are for programs. */
static void codes_add(const struct recommend_writer *w, const char *list, struct grx_str *o)
{
	char code[64];

	while (*list) {
		size_t n = strcspn(list, " |");
		const char *word;

		snprintf(code, sizeof(code), "%.*s", (int)n, list);
		word = recommend_term(w->rs, code, w->zh);
		if (!o->s || !strstr(o->s, word))
			grx_str_addf(o, "%s%s", o->n ? w->zh ? "；" : "; " : "", word);
		list += strcspn(list, "|");
		list += *list == '|';
	}
}

static void percent(double p, struct grx_str *o)
{
	char buf[32];

	grx_str_reset(o);
	grx_str_add(o, grx_fmt_g(buf, 100 * p, 3));
}

/* How probable the result is, and what a less probable but graver one calls for. */
void recommend_text_posterior(struct recommend_writer *w, struct recommend_slots *v)
{
	const struct recommend_hit *h = w->h;
	struct grx_str pct = {0};

	if (h->posterior < 0 || !(h->decided || h->unsure))
		return;
	percent(h->posterior, &pct);
	v->pct = pct.s ? pct.s : "";
	recommend_sentence(
		w, "POSTERIOR", recommend_template(w, "POSTERIOR", h->decided ? "first" : "then"), v);
	if (h->severe) {
		percent(h->severe_posterior, &pct);
		v->pct = pct.s ? pct.s : "";
		recommend_sentence(
			w, "POSTERIOR_SEVERE", recommend_template(w, "POSTERIOR_SEVERE", "first"), v);
		recommend_action_text(w, h->severe, h->severe->action, true, v);
	}
	w->out->oom = w->out->oom || pct.oom;
	grx_str_clear(&pct);
}

static void state_add(const struct recommend_writer *w, const struct recommend_gene *g, struct grx_str *o)
{
	char buf[32];

	if (!g->assessed) {
		grx_str_add(o, recommend_term_of(w, "not assessed"));
		return;
	}
	grx_str_add(o, g->n_label ? recommend_term_of(w, g->label[0]) : g->diplotype ? g->diplotype : "?");
	if (g->as_kind == RECOMMEND_AS_NUM)
		grx_str_addf(o, w->zh ? "（活性评分 %s）" : " (activity score %s)", grx_fmt_g(buf, g->as, 6));
}

static void states_add(const struct recommend_writer *w, const struct recommend_known *k, struct grx_str *o)
{
	struct grx_str one = {0}, all = {0};

	for (int i = 0; i < k->n_cand; i++) {
		grx_str_reset(&one);
		state_add(w, &k->cand[i], &one);
		/* converted candidates are often one and the same */
		if (all.s && one.s && strstr(all.s, one.s))
			continue;
		grx_str_addf(&all, "%s%s", all.n ? w->zh ? " 或 " : " or " : "", one.s ? one.s : "");
	}
	grx_str_add(o, all.s ? all.s : "");
	o->oom = o->oom || one.oom || all.oom;
	grx_str_clear(&one);
	grx_str_clear(&all);
}

static const char *strength_of(const struct recommend_writer *w, const struct recommend_perp *p)
{
	static const char *const name[2][4] = {
		{"", "weak inhibitor", "moderate inhibitor", "strong inhibitor"},
		{"", "weak inducer", "moderate inducer", "strong inducer"}};

	return recommend_term_of(w, name[p->inducer][p->strength]);
}

static void conversion(
	struct recommend_writer *w, const struct recommend_known *k, int gene, struct recommend_slots *v)
{
	struct grx_str now = {0}, gen = {0};
	const char *role = k->genetic ? "first" : "then";

	if (!k->by || (!k->genetic && (k->model || k->by->strength == RECOMMEND_WEAK)))
		return;
	states_add(w, k, &now);
	if (k->genetic)
		states_add(w, k->genetic, &gen);
	v->gene = w->rs->genes.v[gene];
	v->by = w->zh && *k->by->zh ? k->by->zh : k->by->drug;
	v->strength = strength_of(w, k->by);
	v->phenotype = now.s ? now.s : "";
	v->genetic = gen.s ? gen.s : "";
	recommend_sentence(w, "PHENOCONVERSION", recommend_template(w, "PHENOCONVERSION", role), v);
	w->out->oom = w->out->oom || now.oom || gen.oom;
	grx_str_clear(&now);
	grx_str_clear(&gen);
}

void recommend_text_conversions(struct recommend_writer *w, struct recommend_slots *v)
{
	struct grx_str words = {0};

	for (int i = 0; w->h->sample && i < w->d->n_gene; i++)
		if (recommend_text_names(w->h->rule, w->d->gene[i]))
			conversion(w, &w->h->sample->gene[w->d->gene[i]], w->d->gene[i], v);
	if (!w->h->alone)
		return;
	codes_add(w, w->h->alone, &words);
	v->action = words.s ? words.s : "";
	recommend_sentence(w, "GENETIC_ALONE", recommend_template(w, "GENETIC_ALONE", "first"), v);
	w->out->oom = w->out->oom || words.oom;
	grx_str_clear(&words);
}

void recommend_text_population(struct recommend_writer *w, struct recommend_slots *v)
{
	int k = w->h->rule->pop;

	if (!w->h->pop_unknown)
		return;
	v->group = k < 0 ? w->h->rule->population : w->zh ? w->rs->popul[k].zh : w->rs->popul[k].en;
	recommend_sentence(w, "POPULATION", recommend_template(w, "POPULATION", "first"), v);
}

int recommend_text_none(struct grx_ctx *cx, const struct recommend_rules *rs, const struct recommend_drug *d,
	const char *reason, const struct recommend_match *m, bool zh, struct grx_str *out)
{
	struct recommend_writer w = {.cx = cx, .rs = rs, .d = d, .zh = zh, .out = out};
	struct recommend_slots v = {.drug = d->name,
		.reason = reason,
		.action = recommend_term(rs, recommend_act_name(m->worst), zh)};

	grx_str_reset(out);
	recommend_sentence(&w, "INSUFFICIENT_DATA", recommend_template(&w, "INSUFFICIENT_DATA", "first"), &v);
	if (m->least >= RECOMMEND_L_CAUTION)
		recommend_sentence(&w, "INSUFFICIENT_DATA_ALL",
			recommend_template(&w, "INSUFFICIENT_DATA_ALL", "first"), &v);
	if (recommend_act_level(m->worst) == RECOMMEND_L_ACT)
		recommend_sentence(&w, "INSUFFICIENT_DATA_WORST",
			recommend_template(&w, "INSUFFICIENT_DATA_WORST", "first"), &v);
	return out->oom ? grx_fail_nomem(cx, "recommendation text") : GRX_OK;
}

int recommend_text_conversion(struct grx_ctx *cx, const struct recommend_rules *rs,
	const struct recommend_known *k, int gene, bool zh, struct grx_str *out)
{
	static const struct recommend_drug none = {.name = "", .key = "", .zh = ""};
	struct recommend_writer w = {.cx = cx, .rs = rs, .d = &none, .zh = zh, .out = out};
	struct recommend_slots v = {.drug = ""};

	grx_str_reset(out);
	conversion(&w, k, gene, &v);
	return out->oom ? grx_fail_nomem(cx, "recommendation text") : GRX_OK;
}

void recommend_state_text(
	const struct recommend_rules *rs, const struct recommend_known *k, bool zh, struct grx_str *out)
{
	struct recommend_writer w = {.rs = rs, .zh = zh};

	states_add(&w, k, out);
}
