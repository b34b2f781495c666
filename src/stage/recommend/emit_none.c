/* SPDX-License-Identifier: GPL-3.0-or-later
 * emit_none.c -- a drug without advice: the reason, and what each candidate would give. */
#include "stage/recommend/emit.h"

#include <stdio.h>
#include <string.h>

static void reason_gene(struct grx_str *o, const char *gene, const struct recommend_known *k)
{
	const struct grx_fact *p = k->phenotype;
	const char *why = p ? grx_fact_attr_get(p, "reason") : NULL;
	const char *n = k->diplotype ? grx_fact_attr_get(k->diplotype, "n_loci") : NULL;
	const char *miss = k->diplotype ? grx_fact_attr_get(k->diplotype, "n_missing") : NULL;

	if (why && grx_starts(why, "not assessed: "))
		why += strlen("not assessed: ");
	if (k->cand[0].assessed)
		why = "what is known of it does not decide any rule";
	grx_str_addf(o, "%s%s not assessed (%s", o->n ? "; " : "", gene,
		why ? why
		: p ? "no value"
		    : "no result was given");
	if (k->cand[0].assessed && p && p->value.type == GRX_V_STR)
		grx_str_addf(o, ": %s", p->value.str);
	if (miss && n && strcmp(n, "0") != 0)
		grx_str_addf(o, "; %s of %s defining loci without a genotype", miss, n);
	grx_str_addc(o, ')');
}

static void reason_state(struct grx_str *o, const char *gene, const struct recommend_known *k)
{
	const struct recommend_gene *g = &k->cand[0];
	char buf[32];

	grx_str_addf(o, "%s%s ", o->n ? ", " : "no rule for ", gene);
	for (int i = 0; i < k->n_cand && k->n_cand > 1; i++)
		grx_str_addf(o, "%s%s", i ? "|" : "", k->cand[i].n_label ? k->cand[i].label[0] : "?");
	if (k->n_cand > 1)
		return;
	grx_str_add(o, g->n_label ? g->label[0] : g->diplotype ? g->diplotype : "without a phenotype");
	if (g->as_kind == RECOMMEND_AS_NUM)
		grx_str_addf(o, " (activity score %s)", grx_fmt_g(buf, g->as, 6));
}

/* Why no advice is given; genes gets the genes at fault. */
static void reason(struct recommend_job *j, struct grx_str *o, struct grx_str *genes)
{
	for (int i = 0; i < j->d->n_gene; i++) {
		const char *gene = j->st->rs->genes.v[j->d->gene[i]];
		const struct recommend_known *k = &j->s->gene[j->d->gene[i]];
		bool fault = j->match.outcome == RECOMMEND_NO_RULE;

		if (j->match.outcome == RECOMMEND_NOT_ASSESSED)
			fault = !j->match.gene[j->d->gene[i]]->assessed;
		else if (j->match.outcome == RECOMMEND_AMBIGUOUS)
			fault = k->ambiguous;
		if (!fault)
			continue;
		grx_str_addf(genes, "%s%s", genes->n ? "," : "", gene);
		if (j->match.outcome == RECOMMEND_NOT_ASSESSED)
			reason_gene(o, gene, k);
		else if (j->match.outcome == RECOMMEND_NO_RULE)
			reason_state(o, gene, k);
		else
			grx_str_addf(o, "%s%s %s", o->n ? ", " : "", gene,
				k->contradict
					? "has a phenotype and an activity score that contradict each other"
					: "ambiguous");
	}
	if (j->match.outcome == RECOMMEND_AMBIGUOUS)
		grx_str_add(o, ": the candidates lead to different advice");
	if (j->match.outcome == RECOMMEND_NO_RULE && j->match.n_excluded)
		grx_str_add(o, " in a population that the sample is of");
	for (int i = 0; i < j->d->n_gene; i++) {
		const struct recommend_known *k = &j->s->gene[j->d->gene[i]];

		if (k->by && k->by->strength > RECOMMEND_WEAK)
			grx_str_addf(o, "; %s, which acts on %s, is taken", k->by->drug,
				j->st->rs->genes.v[j->d->gene[i]]);
	}
}

static int attr_none_text(struct recommend_job *j, struct grx_fact *f, const char *why)
{
	int rc = GRX_OK;

	if (j->match.outcome == RECOMMEND_NO_RULE)
		return GRX_OK; /* the reason says it all */
	GRX_TRY(recommend_text_none(j->cx, j->st->rs, j->d, why, &j->match, false, &j->st->text));
	GRX_TRY(recommend_text_none(j->cx, j->st->rs, j->d, why, &j->match, true, &j->st->text_zh));
	GRX_TRY(recommend_attr(j, f, "text", j->st->text.s));
	GRX_TRY(recommend_attr(j, f, "text_zh", j->st->text_zh.s));
out:
	return rc;
}

int recommend_emit_none(struct recommend_job *j)
{
	static const char *const cause[] = {[RECOMMEND_NOT_ASSESSED] = "missing",
		[RECOMMEND_AMBIGUOUS] = "ambiguous",
		[RECOMMEND_NO_RULE] = "no_rule"};
	const char *code = j->match.outcome == RECOMMEND_NO_RULE ? "NO_RULE" : "INSUFFICIENT_DATA";
	const char *level = j->match.least >= RECOMMEND_L_CAUTION ? "caution" : "unknown";
	struct recommend_counts *n = &j->st->n;
	struct grx_str key = {0}, why = {0}, genes = {0};
	struct grx_fact *f = NULL;
	int rc = GRX_E_NOMEM;

	grx_str_addf(&key, "recommend/%s/not_assessed", j->d->key);
	reason(j, &why, &genes);
	if (key.oom || why.oom || genes.oom)
		goto out;
	GRX_TRY(grx_facts_add(j->cx, j->out, j->s->name, key.s, "recommend", &f));
	f->status = GRX_FACT_MISSING;
	f->refdata = grx_facts_dup(j->out, j->st->version);
	GRX_TRY(recommend_attr(j, f, "action", code));
	GRX_TRY(recommend_attr(j, f, "reason", why.s));
	GRX_TRY(recommend_link_all(j, f, NULL));
	grx_str_reset(&j->st->genes);
	grx_str_add(&j->st->genes, genes.s ? genes.s : "");
	/* whichever candidate is true, more than standard dosing is called for */
	GRX_TRY(recommend_attr_drug(j, f, level));
	GRX_TRY(recommend_attr(j, f, "cause", cause[j->match.outcome]));
	GRX_TRY(recommend_attr(j, f, "possible", j->match.possible));
	if (j->match.outcome == RECOMMEND_AMBIGUOUS)
		GRX_TRY(recommend_attr(j, f, "worst", recommend_act_name(j->match.worst)));
	GRX_TRY(attr_none_text(j, f, why.n ? why.s : "?"));
	recommend_tsv_row(j, NULL, code, level, why.n ? why.s : ".");
	n->not_assessed += j->match.outcome == RECOMMEND_NOT_ASSESSED;
	n->ambiguous += j->match.outcome == RECOMMEND_AMBIGUOUS;
	n->no_rule += j->match.outcome == RECOMMEND_NO_RULE;
	n->other_population += j->match.outcome == RECOMMEND_NO_RULE && j->match.n_excluded;
	rc = GRX_OK;
out:
	grx_str_clear(&key);
	grx_str_clear(&why);
	grx_str_clear(&genes);
	return rc;
}
