/* SPDX-License-Identifier: GPL-3.0-or-later
 * wording.c -- our own sentences, built from the action codes and numbers of a rule and the templates of
 * wording.tsv. A code without a template appears as the code itself: nothing is left out silently. */
#include "stage/recommend/recommend_int.h"

#include <string.h>

/* Values of the slots of one template. */
struct slots {
	const char *drug, *gene, *phenotype, *pct, *mg;
	const char *by, *strength, *genetic, *action, *group, *condition, *reason;
};

struct writer {
	struct grx_ctx *cx;
	const struct recommend_rules *rs;
	const struct recommend_drug *d;
	const struct recommend_hit *h;
	bool zh;
	struct grx_str *out;
};

/* The row for a code: one for this drug or gene before the general one. NULL when there is none. */
static const struct recommend_wording *row_find(
	const struct writer *w, const char *code, const char *role, const char *only_for)
{
	for (size_t i = 0; i < w->rs->n_word; i++) {
		const struct recommend_wording *r = &w->rs->word[i];

		if (!strcmp(r->code, code) && !strcmp(r->role, role) && !strcmp(r->only_for, only_for))
			return r;
	}
	return NULL;
}

static const char *template_of(const struct writer *w, const char *code, const char *role)
{
	const struct recommend_wording *r = row_find(w, code, role, w->d->name);

	for (int i = 0; !r && i < w->d->n_gene; i++)
		r = row_find(w, code, role, w->rs->genes.v[w->d->gene[i]]);
	if (!r)
		r = row_find(w, code, role, "");
	if (!r && strcmp(role, "first") != 0)
		r = row_find(w, code, "first", "");
	if (!r)
		return NULL;
	return w->zh ? r->zh : r->en;
}

static const char *slot_value(const char *s, size_t n, const struct slots *v)
{
	const struct {
		const char *name, *val;
	} slot[] = {{"drug", v->drug}, {"gene", v->gene}, {"phenotype", v->phenotype}, {"pct", v->pct},
		{"mg", v->mg}, {"by", v->by}, {"strength", v->strength}, {"genetic", v->genetic},
		{"action", v->action}, {"group", v->group}, {"condition", v->condition},
		{"reason", v->reason}};

	for (size_t i = 0; i < sizeof(slot) / sizeof(slot[0]); i++)
		if (strlen(slot[i].name) == n && !strncmp(s, slot[i].name, n))
			return slot[i].val;
	return NULL;
}

/* One sentence: slots filled, its first letter a capital in English. */
static void sentence(struct writer *w, const char *code, const char *t, const struct slots *v)
{
	struct grx_str *o = w->out;
	size_t start;

	if (o->n && !w->zh)
		grx_str_addc(o, ' ');
	start = o->n;
	if (!t) {
		grx_str_addf(o, "%s.", code);
		return;
	}
	while (*t) {
		size_t n = *t == '{' ? strcspn(t + 1, "}") : 0;
		const char *val = n ? slot_value(t + 1, n, v) : NULL;

		if (val) {
			grx_str_add(o, val);
			t += n + 2;
		} else {
			grx_str_addc(o, *t++);
		}
	}
	if (!w->zh && !o->oom && o->n > start && o->s[start] >= 'a' && o->s[start] <= 'z')
		o->s[start] = (char)(o->s[start] - 32);
}

static void alternatives_add(struct grx_str *o, const char *list, char sep, const char *word)
{
	for (; *list; list++) {
		if (*list == sep)
			grx_str_add(o, word);
		else
			grx_str_addc(o, *list);
	}
}

static const char *term_zh(const struct writer *w, const char *en)
{
	const struct recommend_wording *r = w->zh ? row_find(w, "TERM", "first", en) : NULL;

	return r ? r->zh : en;
}

static const struct recommend_node *term_of(const struct recommend_rule *r, int gene, uint8_t op)
{
	for (int i = 0; i < r->pred.n; i++)
		if (r->pred.v[i].op == op && r->pred.v[i].a == gene)
			return &r->pred.v[i];
	return NULL;
}

/* The candidates of an ambiguous gene: its phenotypes, no score, for none is known. */
static void candidates_of(const struct writer *w, const struct recommend_known *k, struct grx_str *o)
{
	for (int i = 0; i < k->n_cand; i++) {
		const char *label = k->cand[i].n_label ? k->cand[i].label[0] : "?";
		bool told = false;

		for (int j = 0; j < i; j++)
			told = told || (k->cand[j].n_label && !strcmp(k->cand[j].label[0], label));
		if (!told)
			grx_str_addf(o, "%s%s", i ? w->zh ? " 或 " : " or " : "", term_zh(w, label));
	}
}

/* What the rule saw of a gene: the phenotype it names, or the activity score with the phenotype. */
static void seen_of(const struct writer *w, int gene, struct grx_str *o)
{
	const struct recommend_gene *g = w->h->gene[gene];
	const struct recommend_node *p = term_of(w->h->rule, gene, RECOMMEND_N_P);
	const char *label = p && p->cmp == RECOMMEND_EQ && p->rhs == RECOMMEND_R_TEXT ? p->str : NULL;
	char buf[32];

	if (!g->assessed) {
		grx_str_add(o, term_zh(w, "not assessed"));
		return;
	}
	if (w->h->sample && w->h->sample->gene[gene].n_cand > 1 && !w->h->decided) {
		candidates_of(w, &w->h->sample->gene[gene], o);
		return;
	}
	if (!label && g->n_label)
		label = g->label[0];
	if (!term_of(w->h->rule, gene, RECOMMEND_N_AS)) {
		grx_str_add(o, label ? term_zh(w, label) : g->diplotype ? g->diplotype : "?");
		return;
	}
	grx_str_add(o, w->zh ? "活性评分 " : "activity score ");
	grx_str_add(o, g->as_kind == RECOMMEND_AS_NUM ? grx_fmt_g(buf, g->as, 6) : "n/a");
	if (label)
		grx_str_addf(o, w->zh ? "（%s）" : " (%s)", term_zh(w, label));
}

static bool rule_names(const struct recommend_rule *r, int gene)
{
	return term_of(r, gene, RECOMMEND_N_P) || term_of(r, gene, RECOMMEND_N_AS) ||
	       term_of(r, gene, RECOMMEND_N_D);
}

static void basis(struct writer *w, struct slots *v)
{
	for (int i = 0; i < w->d->n_gene; i++) {
		struct grx_str p = {0};
		int g = w->d->gene[i];

		/* of a gene without result, or one that another drug converts, a sentence after these tells
		 */
		if (w->h->sample && w->h->sample->gene[g].genetic)
			continue;
		if (!rule_names(w->h->rule, g) || (w->h->incomplete && !w->h->gene[g]->assessed))
			continue;
		seen_of(w, g, &p);
		v->gene = w->rs->genes.v[g];
		v->phenotype = p.s ? p.s : "";
		sentence(w, "BASIS", template_of(w, "BASIS", "first"), v);
		w->out->oom = w->out->oom || p.oom;
		grx_str_clear(&p);
	}
}

/* Number and template code of an action: a code without its number has a template of its own. */
static const char *action_number(const struct recommend_rule *r, enum recommend_act a, const char **code)
{
	*code = recommend_act_name(a);
	switch (a) {
	case RECOMMEND_A_REDUCE_DOSE:
		if (!*r->num[RECOMMEND_REDUCE])
			*code = "REDUCE_DOSE_UNSPECIFIED";
		return r->num[RECOMMEND_REDUCE];
	case RECOMMEND_A_DOSE_PCT_OF_STANDARD:
		if (!*r->num[RECOMMEND_PCT])
			*code = "REDUCE_DOSE_UNSPECIFIED";
		return r->num[RECOMMEND_PCT];
	case RECOMMEND_A_INCREASE_DOSE:
		if (*r->num[RECOMMEND_INCREASE]) {
			if (strchr(r->num[RECOMMEND_INCREASE], '-'))
				*code = "INCREASE_DOSE.RANGE";
			return r->num[RECOMMEND_INCREASE];
		}
		*code = *r->num[RECOMMEND_MULTIPLY] ? "INCREASE_DOSE.TIMES" : "INCREASE_DOSE.OPEN";
		return r->num[RECOMMEND_MULTIPLY];
	case RECOMMEND_A_DOSE_CAP:
		if (!*r->num[RECOMMEND_CAP])
			*code = "DOSE_CAP.OPEN";
		return r->num[RECOMMEND_CAP];
	default:
		return "";
	}
}

static void genes_join(const struct writer *w, struct grx_str *o)
{
	for (int i = 0; i < w->d->n_gene; i++) {
		int g = w->d->gene[i];

		if (!rule_names(w->h->rule, g) || !w->h->gene[g]->assessed)
			continue;
		if (o->n)
			grx_str_add(o, w->zh ? " 或 " : " or ");
		grx_str_add(o, w->rs->genes.v[g]);
	}
}

/* One action of a rule as a sentence. */
static void action_one(
	struct writer *w, const struct recommend_rule *r, enum recommend_act a, bool first, struct slots *v)
{
	const char *code, *x = action_number(r, a, &code);
	struct grx_str num = {0};

	alternatives_add(&num, x, '|', w->zh ? " 或 " : " or ");
	v->pct = v->mg = num.s ? num.s : "";
	sentence(w, code, template_of(w, code, first ? "first" : "then"), v);
	w->out->oom = w->out->oom || num.oom;
	grx_str_clear(&num);
}

static void actions(struct writer *w, struct slots *v)
{
	const struct recommend_rule *r = w->h->rule;
	bool tenfold = strstr(r->actions, "10X") != NULL, first = true;
	bool unconfirmed = w->h->incomplete && recommend_hit_level(w->h) == RECOMMEND_L_UNKNOWN;
	struct grx_str genes = {0};

	genes_join(w, &genes);
	v->gene = w->d->condition ? w->d->subject : genes.s ? genes.s : "";
	for (const char *s = w->h->action_only ? recommend_act_name(r->action) : r->actions; *s;
		s += *s == '+') {
		size_t n = strcspn(s, "+");
		enum recommend_act a = recommend_act_parse(s, n);

		s += n;
		/* the tenfold reduction says already how much lower */
		if (a == RECOMMEND_A_REDUCE_DOSE_UNSPECIFIED && tenfold)
			continue;
		/* INCOMPLETE has just said that standard dosing is not confirmed */
		if (a == RECOMMEND_A_STANDARD && unconfirmed)
			continue;
		action_one(w, r, a, first, v);
		first = false;
	}
	w->out->oom = w->out->oom || genes.oom;
	grx_str_clear(&genes);
}

static void percent(double p, struct grx_str *o)
{
	char buf[32];

	grx_str_reset(o);
	grx_str_add(o, grx_fmt_g(buf, 100 * p, 3));
}

/* How probable the result is, and what a less probable but graver one calls for. */
static void posterior(struct writer *w, struct slots *v)
{
	const struct recommend_hit *h = w->h;
	struct grx_str pct = {0};

	if (h->posterior < 0 || !(h->decided || h->unsure))
		return;
	percent(h->posterior, &pct);
	v->pct = pct.s ? pct.s : "";
	sentence(w, "POSTERIOR", template_of(w, "POSTERIOR", h->decided ? "first" : "then"), v);
	if (h->severe) {
		percent(h->severe_posterior, &pct);
		v->pct = pct.s ? pct.s : "";
		sentence(w, "POSTERIOR_SEVERE", template_of(w, "POSTERIOR_SEVERE", "first"), v);
		action_one(w, h->severe, h->severe->action, true, v);
	}
	w->out->oom = w->out->oom || pct.oom;
	grx_str_clear(&pct);
}

static void state_add(const struct writer *w, const struct recommend_gene *g, struct grx_str *o)
{
	char buf[32];

	if (!g->assessed) {
		grx_str_add(o, term_zh(w, "not assessed"));
		return;
	}
	grx_str_add(o, g->n_label ? term_zh(w, g->label[0]) : g->diplotype ? g->diplotype : "?");
	if (g->as_kind == RECOMMEND_AS_NUM)
		grx_str_addf(o, w->zh ? "（活性评分 %s）" : " (activity score %s)", grx_fmt_g(buf, g->as, 6));
}

static void states_add(const struct writer *w, const struct recommend_known *k, struct grx_str *o)
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

static const char *strength_of(const struct writer *w, const struct recommend_perp *p)
{
	static const char *const name[2][4] = {
		{"", "weak inhibitor", "moderate inhibitor", "strong inhibitor"},
		{"", "weak inducer", "moderate inducer", "strong inducer"}};

	return term_zh(w, name[p->inducer][p->strength]);
}

static void conversion(struct writer *w, const struct recommend_known *k, int gene, struct slots *v)
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
	sentence(w, "PHENOCONVERSION", template_of(w, "PHENOCONVERSION", role), v);
	w->out->oom = w->out->oom || now.oom || gen.oom;
	grx_str_clear(&now);
	grx_str_clear(&gen);
}

static void conversions(struct writer *w, struct slots *v)
{
	for (int i = 0; w->h->sample && i < w->d->n_gene; i++)
		if (rule_names(w->h->rule, w->d->gene[i]))
			conversion(w, &w->h->sample->gene[w->d->gene[i]], w->d->gene[i], v);
	if (!w->h->alone)
		return;
	v->action = w->h->alone;
	sentence(w, "GENETIC_ALONE", template_of(w, "GENETIC_ALONE", "first"), v);
}

static void population(struct writer *w, struct slots *v)
{
	int k = w->h->rule->pop;

	if (!w->h->pop_unknown)
		return;
	v->group = k < 0 ? w->h->rule->population : w->zh ? w->rs->popul[k].zh : w->rs->popul[k].en;
	sentence(w, "POPULATION", template_of(w, "POPULATION", "first"), v);
}

static void incomplete(struct writer *w, struct slots *v)
{
	bool standard = recommend_hit_level(w->h) == RECOMMEND_L_UNKNOWN;
	struct grx_str genes = {0};

	alternatives_add(&genes, w->h->incomplete, ',', w->zh ? "、" : ", ");
	v->gene = genes.s ? genes.s : "";
	sentence(w, "INCOMPLETE", template_of(w, "INCOMPLETE", standard ? "standard" : "first"), v);
	w->out->oom = w->out->oom || genes.oom;
	grx_str_clear(&genes);
}

int recommend_text(struct grx_ctx *cx, const struct recommend_rules *rs, const struct recommend_drug *d,
	const struct recommend_hit *h, bool zh, struct grx_str *out)
{
	struct writer w = {.cx = cx, .rs = rs, .d = d, .h = h, .zh = zh, .out = out};
	struct slots v = {.drug = zh && *d->zh ? d->zh : d->name,
		.gene = "",
		.phenotype = "",
		.pct = "",
		.mg = "",
		.condition = zh ? d->condition_zh : d->condition};

	grx_str_reset(out);
	basis(&w, &v);
	conversions(&w, &v);
	if (h->incomplete)
		incomplete(&w, &v);
	actions(&w, &v);
	posterior(&w, &v);
	population(&w, &v);
	if (h->finer)
		sentence(&w, "FINER", template_of(&w, "FINER", "first"), &v);
	if (h->action_only)
		sentence(&w, "DETAIL", template_of(&w, "DETAIL", "first"), &v);
	if (h->rule->verify)
		sentence(&w, "VERIFY", template_of(&w, "VERIFY", "first"), &v);
	return out->oom ? grx_fail_nomem(cx, "recommendation text") : GRX_OK;
}

int recommend_text_none(struct grx_ctx *cx, const struct recommend_rules *rs, const struct recommend_drug *d,
	const char *reason, const struct recommend_match *m, bool zh, struct grx_str *out)
{
	struct writer w = {.cx = cx, .rs = rs, .d = d, .zh = zh, .out = out};
	struct slots v = {.drug = d->name, .reason = reason, .action = recommend_act_name(m->worst)};

	grx_str_reset(out);
	sentence(&w, "INSUFFICIENT_DATA", template_of(&w, "INSUFFICIENT_DATA", "first"), &v);
	if (m->least >= RECOMMEND_L_CAUTION)
		sentence(&w, "INSUFFICIENT_DATA_ALL", template_of(&w, "INSUFFICIENT_DATA_ALL", "first"), &v);
	if (recommend_act_level(m->worst) == RECOMMEND_L_ACT)
		sentence(&w, "INSUFFICIENT_DATA_WORST", template_of(&w, "INSUFFICIENT_DATA_WORST", "first"),
			&v);
	return out->oom ? grx_fail_nomem(cx, "recommendation text") : GRX_OK;
}

int recommend_text_conversion(struct grx_ctx *cx, const struct recommend_rules *rs,
	const struct recommend_known *k, int gene, bool zh, struct grx_str *out)
{
	static const struct recommend_drug none = {.name = "", .key = "", .zh = ""};
	struct writer w = {.cx = cx, .rs = rs, .d = &none, .zh = zh, .out = out};
	struct slots v = {.drug = ""};

	grx_str_reset(out);
	conversion(&w, k, gene, &v);
	return out->oom ? grx_fail_nomem(cx, "recommendation text") : GRX_OK;
}

void recommend_state_text(
	const struct recommend_rules *rs, const struct recommend_known *k, bool zh, struct grx_str *out)
{
	struct writer w = {.rs = rs, .zh = zh};

	states_add(&w, k, out);
}
