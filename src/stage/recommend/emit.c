/* SPDX-License-Identifier: GPL-3.0-or-later
 * emit.c -- one drug of one sample as facts and table rows, with the evidence that each advice rests on. */
#include "stage/recommend/emit.h"

#include <stdio.h>
#include <string.h>

/* ---- evidence --------------------------------------------------------------------------------------------
 */

static int link_fact(struct recommend_job *j, struct grx_fact *f, const struct grx_fact *because)
{
	struct grx_str *b = &j->st->because;
	char buf[32];

	if (!because)
		return GRX_OK;
	if (b->n)
		grx_str_add(b, "; ");
	grx_str_add(b, because->key);
	if (because->status != GRX_FACT_OK)
		grx_str_add(b, "=missing");
	else if (because->value.type == GRX_V_STR)
		grx_str_addf(b, "=%s", because->value.str);
	else if (because->value.type == GRX_V_NUM)
		grx_str_addf(b, "=%s", grx_fmt_g(buf, because->value.num, 10));
	return grx_fact_because_fact(j->out, f, because->id);
}

static int link_gene(struct recommend_job *j, struct grx_fact *f, int gene, bool diplotype)
{
	const struct recommend_known *k = &j->s->gene[gene];
	int rc = link_fact(j, f, k->phenotype);

	if (!rc)
		rc = link_fact(j, f, k->activity);
	/* the phenotype fact links to the diplotype; without one the diplotype itself is the evidence */
	if (!rc && (diplotype || !k->phenotype))
		rc = link_fact(j, f, k->diplotype);
	return rc;
}

static bool names_gene(const struct recommend_rule *r, int gene, bool *diplotype)
{
	bool found = false;

	for (int i = 0; i < r->pred.n; i++) {
		const struct recommend_node *t = &r->pred.v[i];

		if (t->op < RECOMMEND_N_P || t->op == RECOMMEND_N_F || t->a != gene)
			continue;
		found = true;
		*diplotype = *diplotype || t->op == RECOMMEND_N_D;
	}
	return found;
}

/* The fact of a term; the findings that a V() term counted, each once. */
static int link_term(struct recommend_job *j, struct grx_fact *f, const struct recommend_node *t)
{
	const struct recommend_found *found = &j->s->found[t->a];
	int rc = GRX_OK;

	if (t->rhs != RECOMMEND_R_COUNT || !found->n) {
		rc = link_fact(j, f, j->s->fact[t->a]);
		return rc || t->cmp != RECOMMEND_HAS ? rc : link_fact(j, f, j->s->fact[t->b]);
	}
	for (int i = 0; i < found->n && !rc; i++) {
		bool told = false;

		for (int k = 0; k < f->n_because; k++)
			told = told || grx_streq(f->because[k].fact, found->v[i]->id);
		if (!told)
			rc = link_fact(j, f, found->v[i]);
	}
	return rc;
}

/* Links of a rule (or, without one, of all genes of the drug); st->genes gets the gene names. */
static int link_all(struct recommend_job *j, struct grx_fact *f, const struct recommend_rule *r)
{
	int rc = GRX_OK;

	grx_str_reset(&j->st->because);
	grx_str_reset(&j->st->genes);
	for (int i = 0; !rc && i < j->d->n_gene; i++) {
		bool dip = false;

		if (r && !names_gene(r, j->d->gene[i], &dip))
			continue;
		if (j->st->genes.n)
			grx_str_addc(&j->st->genes, ',');
		grx_str_add(&j->st->genes, j->st->rs->genes.v[j->d->gene[i]]);
		rc = link_gene(j, f, j->d->gene[i], dip);
	}
	for (int i = 0; r && !rc && i < r->pred.n; i++)
		if (r->pred.v[i].op == RECOMMEND_N_F)
			rc = link_term(j, f, &r->pred.v[i]);
	if (!rc && (j->st->because.oom || j->st->genes.oom))
		rc = GRX_E_NOMEM;
	return rc;
}

/* ---- facts ------------------------------------------------------------------------------------------------
 */

static int attr(struct recommend_job *j, struct grx_fact *f, const char *key, const char *val)
{
	return val && *val ? grx_fact_attr(j->out, f, key, "%s", val) : GRX_OK;
}

static int attr_drug(struct recommend_job *j, struct grx_fact *f, const char *level)
{
	int rc;

	GRX_TRY(attr(j, f, "drug", j->d->name));
	GRX_TRY(attr(j, f, "drug_zh", j->d->zh));
	GRX_TRY(attr(j, f, "condition", j->d->condition));
	GRX_TRY(attr(j, f, "level", level));
	GRX_TRY(attr(j, f, "genes", j->st->genes.s));
	GRX_TRY(j->current ? attr(j, f, "current", "yes") : GRX_OK);
out:
	return rc;
}

static int attr_rule(struct recommend_job *j, struct grx_fact *f, const struct recommend_hit *h)
{
	const struct recommend_rule *r = h->rule;
	int rc;

	GRX_TRY(attr(j, f, "strength", r->strength));
	GRX_TRY(attr(j, f, "population", r->population));
	GRX_TRY(attr(j, f, "actions", h->action_only ? recommend_act_name(r->action) : r->actions));
	for (int i = 0; !h->action_only && i < RECOMMEND_NUM_N; i++)
		GRX_TRY(attr(j, f, recommend_num_name[i], r->num[i]));
	GRX_TRY(attr(j, f, "guideline", r->guideline));
	GRX_TRY(attr(j, f, "pmids", r->pmids));
	GRX_TRY(attr(j, f, "source", r->source));
	GRX_TRY(attr(j, f, "licence", r->licence));
	GRX_TRY(attr(j, f, "verify", r->verify ? "1" : "0"));
	GRX_TRY(attr(j, f, "when", r->when));
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

	GRX_TRY(h->pop_unknown ? attr(j, f, "population_condition",
					 k < 0 ? h->rule->population : j->st->rs->popul[k].en)
			       : GRX_OK);
	GRX_TRY(h->posterior >= 0 ? attr(j, f, "posterior", grx_fmt_g(buf, h->posterior, 4)) : GRX_OK);
	GRX_TRY(h->decided ? attr(j, f, "alternatives", j->match.possible) : GRX_OK);
	GRX_TRY(h->severe ? attr(j, f, "severe_alternative", recommend_act_name(h->severe->action)) : GRX_OK);
	GRX_TRY(attr(j, f, "finer", h->finer));
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

		if (!k->by || !names_gene(h->rule, g, &dip))
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
	GRX_TRY(attr(j, f, "comedication", with.s));
	GRX_TRY(attr(j, f, "genetic", gen.s));
	GRX_TRY(attr(j, f, "genetic_alone", h->alone));
out:
	grx_str_clear(&with);
	grx_str_clear(&gen);
	return rc;
}

static void tsv_row(struct recommend_job *j, const struct recommend_rule *r, const char *action,
	const char *level, const char *text)
{
	if (!j->st->tsv)
		return;
	grx_out_printf(j->st->tsv, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", j->s->name, j->d->name,
		r ? r->id : ".", action, level, r && *r->strength ? r->strength : ".",
		r ? r->population : ".", text, r ? r->when : ".", j->st->because.n ? j->st->because.s : ".");
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
			!names_gene(r, j->d->gene[i], &dip))
			continue;
		grx_str_addf(&p, "%s%s", p.n ? "," : "", j->st->rs->genes.v[j->d->gene[i]]);
	}
	if (p.oom)
		rc = GRX_E_NOMEM;
	else if (p.n)
		rc = attr(j, f, "partial", p.s);
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
	GRX_TRY(link_all(j, f, h->rule));
	GRX_TRY(attr_drug(j, f, recommend_level_name(level)));
	GRX_TRY(attr_rule(j, f, h));
	GRX_TRY(attr(j, f, "incomplete", h->incomplete));
	GRX_TRY(attr_partial(j, f, h->rule));
	GRX_TRY(j->match.robust ? attr(j, f, "robust", h->action_only ? "action" : "yes") : GRX_OK);
	GRX_TRY(attr(j, f, "rules", h->rules));
	GRX_TRY(attr_doubt(j, f, h));
	GRX_TRY(attr_comedication(j, f, h));
	GRX_TRY(recommend_text(j->cx, j->st->rs, j->d, h, false, &j->st->text));
	GRX_TRY(recommend_text(j->cx, j->st->rs, j->d, h, true, &j->st->text_zh));
	GRX_TRY(attr(j, f, "text", j->st->text.s));
	GRX_TRY(attr(j, f, "text_zh", j->st->text_zh.s));
	tsv_row(j, h->rule, action, recommend_level_name(level), j->st->text.s);
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
	GRX_TRY(attr_drug(j, f, recommend_level_name(recommend_act_level(c->worst))));
	GRX_TRY(attr(j, f, "population", c->population));
	GRX_TRY(attr(j, f, "rules", c->rules));
	GRX_TRY(attr(j, f, "actions", c->actions));
	GRX_TRY(attr(j, f, "worst", recommend_act_name(c->worst)));
	GRX_TRY(grx_fact_attr(j->out, f, "text",
		c->opposite
			? "Rules %s hold together and point in opposite directions (%s): more drug and less. "
			  "No order of severity settles that; the most cautious is %s. A person must decide."
			: "Rules %s hold together and advise differently (%s); the most cautious is %s. A "
			  "person must decide.",
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
			grx_str_addf(o, "%s%s ambiguous", o->n ? ", " : "", gene);
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
	GRX_TRY(attr(j, f, "text", j->st->text.s));
	GRX_TRY(attr(j, f, "text_zh", j->st->text_zh.s));
out:
	return rc;
}

static int emit_none(struct recommend_job *j)
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
	GRX_TRY(attr(j, f, "action", code));
	GRX_TRY(attr(j, f, "reason", why.s));
	GRX_TRY(link_all(j, f, NULL));
	grx_str_reset(&j->st->genes);
	grx_str_add(&j->st->genes, genes.s ? genes.s : "");
	/* whichever candidate is true, more than standard dosing is called for */
	GRX_TRY(attr_drug(j, f, level));
	GRX_TRY(attr(j, f, "cause", cause[j->match.outcome]));
	GRX_TRY(attr(j, f, "possible", j->match.possible));
	if (j->match.outcome == RECOMMEND_AMBIGUOUS)
		GRX_TRY(attr(j, f, "worst", recommend_act_name(j->match.worst)));
	GRX_TRY(attr_none_text(j, f, why.n ? why.s : "?"));
	tsv_row(j, NULL, code, level, why.n ? why.s : ".");
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

int recommend_emit(struct recommend_job *j)
{
	struct recommend_conflict *conf;
	int rc = GRX_OK, n;

	if (j->match.outcome != RECOMMEND_FIRED && j->d->condition) {
		j->st->n.not_found++; /* no finding, or none looked for: never told as its absence */
		return GRX_OK;
	}
	if (j->match.outcome != RECOMMEND_FIRED)
		return emit_none(j);
	for (int i = 0; i < j->match.n; i++)
		GRX_TRY(emit_hit(j, &j->match.hit[i]));
	n = recommend_conflicts(j->st->mem, &j->match, &conf);
	rc = n < 0 ? GRX_E_NOMEM : GRX_OK;
	for (int i = 0; i < n && !rc; i++)
		rc = emit_conflict(j, &conf[i], i);
out:
	return rc;
}

/* ---- phenoconversion --------------------------------------------------------------------------------------
 */

static int conversion_attrs(struct recommend_job *j, struct grx_fact *f, const struct recommend_known *k,
	const char *genetic, const char *now)
{
	static const char *const strength[] = {"", "weak", "moderate", "strong"};
	int rc;

	GRX_TRY(grx_fact_attr(j->out, f, "action", "%s",
		k->genetic ? "converted"
		: k->model ? "unchanged"
			   : "not modelled"));
	GRX_TRY(attr(j, f, "genetic", genetic));
	GRX_TRY(attr(j, f, "converted", now));
	GRX_TRY(attr(j, f, "by", k->by->drug));
	GRX_TRY(attr(j, f, "effect", k->by->inducer ? "inducer" : "inhibitor"));
	GRX_TRY(attr(j, f, "strength", strength[k->by->strength]));
	GRX_TRY(attr(j, f, "verify", k->by->verify ? "1" : "0"));
	GRX_TRY(attr(j, f, "source", k->by->source));
	GRX_TRY(attr(j, f, "model", k->model ? k->model->source : "not modelled"));
	GRX_TRY(attr(j, f, "level", k->genetic || !k->model ? "caution" : "info"));
	GRX_TRY(attr(j, f, "text", j->st->text.s));
	GRX_TRY(attr(j, f, "text_zh", j->st->text_zh.s));
	f->refdata = grx_facts_dup(j->out, j->st->version);
out:
	return rc;
}

static int emit_conversion(struct recommend_job *j, int gene, const struct recommend_known *k)
{
	const struct recommend_rules *rs = j->st->rs;
	const struct recommend_known *was = &j->s->gene[gene];
	struct grx_str key = {0}, now = {0}, gen = {0};
	struct grx_fact *f = NULL;
	int rc = GRX_E_NOMEM;

	grx_str_addf(&key, "recommend/phenoconversion/%s", rs->genes.v[gene]);
	recommend_state_text(rs, k, false, &now);
	recommend_state_text(rs, was, false, &gen);
	if (key.oom || now.oom || gen.oom)
		goto out;
	GRX_TRY(recommend_text_conversion(j->cx, rs, k, gene, false, &j->st->text));
	GRX_TRY(recommend_text_conversion(j->cx, rs, k, gene, true, &j->st->text_zh));
	GRX_TRY(grx_facts_add(j->cx, j->out, j->s->name, key.s, "recommend", &f));
	GRX_TRY(grx_fact_str_set(j->out, f, now.s));
	GRX_TRY(conversion_attrs(j, f, k, gen.s, now.s));
	grx_str_reset(&j->st->because);
	GRX_TRY(link_fact(j, f, was->phenotype));
	GRX_TRY(link_fact(j, f, was->activity));
	rc = GRX_OK;
out:
	grx_str_clear(&key);
	grx_str_clear(&now);
	grx_str_clear(&gen);
	return rc;
}

int recommend_emit_conversions(struct recommend_job *j)
{
	int rc = GRX_OK;

	for (int i = 0; j->s->n_taken && i < j->st->rs->genes.n && !rc; i++) {
		struct recommend_known k;

		rc = recommend_convert_gene(j->cx, j->st->rs, j->s, i, NULL, j->st->mem, &k);
		if (!rc && k.by && k.cand[0].assessed)
			rc = emit_conversion(j, i, &k);
	}
	return rc;
}
