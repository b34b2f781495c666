/* SPDX-License-Identifier: GPL-3.0-or-later
 * wording.c -- our own sentences, built from the action codes and numbers of a rule and the templates of
 * wording.tsv. A code without a template appears as the code itself: nothing is left out silently. */
#include "stage/recommend/emit.h"
#include "stage/recommend/wording.h"

#include <string.h>

/* The row for a code: one for this drug or gene before the general one. NULL when there is none. */
static const struct recommend_wording *row_find(
	const struct recommend_writer *w, const char *code, const char *role, const char *only_for)
{
	for (size_t i = 0; i < w->rs->n_word; i++) {
		const struct recommend_wording *r = &w->rs->word[i];

		if (!strcmp(r->code, code) && !strcmp(r->role, role) && !strcmp(r->only_for, only_for))
			return r;
	}
	return NULL;
}

const char *recommend_template(const struct recommend_writer *w, const char *code, const char *role)
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

static const char *slot_value(const char *s, size_t n, const struct recommend_slots *v)
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
void recommend_sentence(
	struct recommend_writer *w, const char *code, const char *t, const struct recommend_slots *v)
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

const char *recommend_term(const struct recommend_rules *rs, const char *term, bool zh)
{
	for (size_t i = 0; i < rs->n_word; i++)
		if (!strcmp(rs->word[i].code, "TERM") && !strcmp(rs->word[i].only_for, term))
			return zh ? rs->word[i].zh : rs->word[i].en;
	return term;
}

const char *recommend_term_of(const struct recommend_writer *w, const char *en)
{
	return w->zh ? recommend_term(w->rs, en, true) : en;
}

static const struct recommend_node *term_of(const struct recommend_rule *r, int gene, uint8_t op)
{
	for (int i = 0; i < r->pred.n; i++)
		if (r->pred.v[i].op == op && r->pred.v[i].a == gene)
			return &r->pred.v[i];
	return NULL;
}

/* The candidates of an ambiguous gene: its phenotypes, no score, for none is known. */
static void candidates_of(
	const struct recommend_writer *w, const struct recommend_known *k, struct grx_str *o)
{
	for (int i = 0; i < k->n_cand; i++) {
		const char *label = k->cand[i].n_label ? k->cand[i].label[0] : "?";
		bool told = false;

		for (int j = 0; j < i; j++)
			told = told || (k->cand[j].n_label && !strcmp(k->cand[j].label[0], label));
		if (!told)
			grx_str_addf(
				o, "%s%s", i ? w->zh ? " 或 " : " or " : "", recommend_term_of(w, label));
	}
}

/* What the rule saw of a gene: the phenotype it names, or the activity score with the phenotype. */
static void seen_of(const struct recommend_writer *w, int gene, struct grx_str *o)
{
	const struct recommend_gene *g = w->h->gene[gene];
	const struct recommend_node *p = term_of(w->h->rule, gene, RECOMMEND_N_P);
	const char *label = p && p->cmp == RECOMMEND_EQ && p->rhs == RECOMMEND_R_TEXT ? p->str : NULL;
	char buf[32];

	if (!g->assessed) {
		grx_str_add(o, recommend_term_of(w, "not assessed"));
		return;
	}
	if (w->h->sample && w->h->sample->gene[gene].n_cand > 1 && !w->h->decided) {
		candidates_of(w, &w->h->sample->gene[gene], o);
		return;
	}
	if (!label && g->n_label)
		label = g->label[0];
	if (!term_of(w->h->rule, gene, RECOMMEND_N_AS)) {
		grx_str_add(o, label ? recommend_term_of(w, label) : g->diplotype ? g->diplotype : "?");
		return;
	}
	grx_str_add(o, w->zh ? "活性评分 " : "activity score ");
	grx_str_add(o, g->as_kind == RECOMMEND_AS_NUM ? grx_fmt_g(buf, g->as, 6) : "n/a");
	if (label)
		grx_str_addf(o, w->zh ? "（%s）" : " (%s)", recommend_term_of(w, label));
}

bool recommend_text_names(const struct recommend_rule *r, int gene)
{
	return term_of(r, gene, RECOMMEND_N_P) || term_of(r, gene, RECOMMEND_N_AS) ||
	       term_of(r, gene, RECOMMEND_N_D);
}

static void basis(struct recommend_writer *w, struct recommend_slots *v)
{
	for (int i = 0; i < w->d->n_gene; i++) {
		struct grx_str p = {0};
		int g = w->d->gene[i];

		/* of a gene without result, or one that another drug converts, a sentence after these tells
		 */
		if (w->h->sample && w->h->sample->gene[g].genetic)
			continue;
		if (!recommend_text_names(w->h->rule, g) || (w->h->incomplete && !w->h->gene[g]->assessed))
			continue;
		seen_of(w, g, &p);
		v->gene = w->rs->genes.v[g];
		v->phenotype = p.s ? p.s : "";
		recommend_sentence(w, "BASIS", recommend_template(w, "BASIS", "first"), v);
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

static void genes_join(const struct recommend_writer *w, struct grx_str *o)
{
	for (int i = 0; i < w->d->n_gene; i++) {
		int g = w->d->gene[i];

		if (!recommend_text_names(w->h->rule, g) || !w->h->gene[g]->assessed)
			continue;
		if (o->n)
			grx_str_add(o, w->zh ? " 或 " : " or ");
		grx_str_add(o, w->rs->genes.v[g]);
	}
}

/* One action of a rule as a sentence. */
void recommend_action_text(struct recommend_writer *w, const struct recommend_rule *r, enum recommend_act a,
	bool first, struct recommend_slots *v)
{
	const char *code, *x = action_number(r, a, &code);
	struct grx_str num = {0};

	alternatives_add(&num, x, '|', w->zh ? " 或 " : " or ");
	v->pct = v->mg = num.s ? num.s : "";
	recommend_sentence(w, code, recommend_template(w, code, first ? "first" : "then"), v);
	w->out->oom = w->out->oom || num.oom;
	grx_str_clear(&num);
}

static void actions(struct recommend_writer *w, struct recommend_slots *v)
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
		recommend_action_text(w, r, a, first, v);
		first = false;
	}
	w->out->oom = w->out->oom || genes.oom;
	grx_str_clear(&genes);
}

static void incomplete(struct recommend_writer *w, struct recommend_slots *v)
{
	bool standard = recommend_hit_level(w->h) == RECOMMEND_L_UNKNOWN;
	struct grx_str genes = {0};

	alternatives_add(&genes, w->h->incomplete, ',', w->zh ? "、" : ", ");
	v->gene = genes.s ? genes.s : "";
	recommend_sentence(
		w, "INCOMPLETE", recommend_template(w, "INCOMPLETE", standard ? "standard" : "first"), v);
	w->out->oom = w->out->oom || genes.oom;
	grx_str_clear(&genes);
}

bool recommend_compat(const struct recommend_drug *d, const struct recommend_hit *h)
{
	for (int i = 0; i < d->n_gene; i++) {
		const struct recommend_known *k = &h->sample->gene[d->gene[i]];
		bool dip = false;

		if (recommend_rule_sees(h->rule, d->gene[i], &dip) &&
			((k->phenotype && grx_fact_attr_get(k->phenotype, "compat")) ||
				(k->diplotype && grx_fact_attr_get(k->diplotype, "compat"))))
			return true;
	}
	return false;
}

int recommend_text(struct grx_ctx *cx, const struct recommend_rules *rs, const struct recommend_drug *d,
	const struct recommend_hit *h, bool zh, struct grx_str *out)
{
	struct recommend_writer w = {.cx = cx, .rs = rs, .d = d, .h = h, .zh = zh, .out = out};
	struct recommend_slots v = {.drug = zh && *d->zh ? d->zh : d->name,
		.gene = "",
		.phenotype = "",
		.pct = "",
		.mg = "",
		.condition = zh ? d->condition_zh : d->condition};

	grx_str_reset(out);
	basis(&w, &v);
	recommend_text_conversions(&w, &v);
	if (h->incomplete)
		incomplete(&w, &v);
	actions(&w, &v);
	recommend_text_posterior(&w, &v);
	recommend_text_population(&w, &v);
	if (h->finer)
		recommend_sentence(&w, "FINER", recommend_template(&w, "FINER", "first"), &v);
	if (h->action_only)
		recommend_sentence(&w, "DETAIL", recommend_template(&w, "DETAIL", "first"), &v);
	if (recommend_compat(d, h))
		recommend_sentence(&w, "COMPAT", recommend_template(&w, "COMPAT", "first"), &v);
	if (h->rule->verify)
		recommend_sentence(&w, "VERIFY", recommend_template(&w, "VERIFY", "first"), &v);
	return out->oom ? grx_fail_nomem(cx, "recommendation text") : GRX_OK;
}
