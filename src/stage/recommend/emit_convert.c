/* SPDX-License-Identifier: GPL-3.0-or-later
 * emit_convert.c -- facts recommend/phenoconversion/GENE: the genetic result, the converted one, and by what.
 */
#include "stage/recommend/emit.h"

#include <stdio.h>
#include <string.h>

static int conversion_attrs(struct recommend_job *j, struct grx_fact *f, const struct recommend_known *k,
	const char *genetic, const char *now)
{
	static const char *const strength[] = {"", "weak", "moderate", "strong"};
	int rc;

	GRX_TRY(grx_fact_attr(j->out, f, "action", "%s",
		k->genetic ? "converted"
		: k->model ? "unchanged"
			   : "not modelled"));
	/* what the report calls the entry where other facts have a drug */
	GRX_TRY(recommend_attr(j, f, "drug_zh", recommend_term(j->st->rs, "phenoconversion", true)));
	GRX_TRY(recommend_attr(j, f, "genetic", genetic));
	GRX_TRY(recommend_attr(j, f, "converted", now));
	GRX_TRY(recommend_attr(j, f, "by", k->by->drug));
	GRX_TRY(recommend_attr(j, f, "effect", k->by->inducer ? "inducer" : "inhibitor"));
	GRX_TRY(recommend_attr(j, f, "strength", strength[k->by->strength]));
	GRX_TRY(recommend_attr(j, f, "verify", k->by->verify ? "1" : "0"));
	GRX_TRY(recommend_attr(j, f, "source", k->by->source));
	GRX_TRY(recommend_attr(j, f, "model", k->model ? k->model->source : "not modelled"));
	GRX_TRY(recommend_attr(j, f, "level", k->genetic || !k->model ? "caution" : "info"));
	GRX_TRY(recommend_attr(j, f, "text", j->st->text.s));
	GRX_TRY(recommend_attr(j, f, "text_zh", j->st->text_zh.s));
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
	GRX_TRY(recommend_link_fact(j, f, was->phenotype));
	GRX_TRY(recommend_link_fact(j, f, was->activity));
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
