/* SPDX-License-Identifier: GPL-3.0-or-later
 * evidence.c -- what an advice rests on: links to the facts that its rule read, the attributes and the table
 * row that all outcomes share. */
#include "stage/recommend/emit.h"

#include <stdio.h>
#include <string.h>

int recommend_link_fact(struct recommend_job *j, struct grx_fact *f, const struct grx_fact *because)
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
	int rc = recommend_link_fact(j, f, k->phenotype);

	if (!rc)
		rc = recommend_link_fact(j, f, k->activity);
	/* the phenotype fact links to the diplotype; without one the diplotype itself is the evidence */
	if (!rc && (diplotype || !k->phenotype))
		rc = recommend_link_fact(j, f, k->diplotype);
	return rc;
}

bool recommend_rule_sees(const struct recommend_rule *r, int gene, bool *diplotype)
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
		rc = recommend_link_fact(j, f, j->s->fact[t->a]);
		return rc || t->cmp != RECOMMEND_HAS ? rc : recommend_link_fact(j, f, j->s->fact[t->b]);
	}
	for (int i = 0; i < found->n && !rc; i++) {
		bool told = false;

		for (int k = 0; k < f->n_because; k++)
			told = told || grx_streq(f->because[k].fact, found->v[i]->id);
		if (!told)
			rc = recommend_link_fact(j, f, found->v[i]);
	}
	return rc;
}

/* Links of a rule (or, without one, of all genes of the drug); st->genes gets the gene names. */
int recommend_link_all(struct recommend_job *j, struct grx_fact *f, const struct recommend_rule *r)
{
	int rc = GRX_OK;

	grx_str_reset(&j->st->because);
	grx_str_reset(&j->st->genes);
	for (int i = 0; !rc && i < j->d->n_gene; i++) {
		bool dip = false;

		if (r && !recommend_rule_sees(r, j->d->gene[i], &dip))
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

int recommend_attr(struct recommend_job *j, struct grx_fact *f, const char *key, const char *val)
{
	return val && *val ? grx_fact_attr(j->out, f, key, "%s", val) : GRX_OK;
}

int recommend_attr_drug(struct recommend_job *j, struct grx_fact *f, const char *level)
{
	int rc;

	GRX_TRY(recommend_attr(j, f, "drug", j->d->name));
	GRX_TRY(recommend_attr(j, f, "drug_zh", j->d->zh));
	GRX_TRY(recommend_attr(j, f, "condition", j->d->condition));
	GRX_TRY(recommend_attr(j, f, "level", level));
	GRX_TRY(recommend_attr(j, f, "genes", j->st->genes.s));
	GRX_TRY(j->current ? recommend_attr(j, f, "current", "yes") : GRX_OK);
out:
	return rc;
}

void recommend_tsv_row(struct recommend_job *j, const struct recommend_rule *r, const char *action,
	const char *level, const char *text)
{
	if (!j->st->tsv)
		return;
	grx_out_printf(j->st->tsv, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", j->s->name, j->d->name,
		r ? r->id : ".", action, level, r && *r->strength ? r->strength : ".",
		r ? r->population : ".", text, r ? r->when : ".", j->st->because.n ? j->st->because.s : ".");
}
