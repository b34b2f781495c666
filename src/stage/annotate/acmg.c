/* SPDX-License-Identifier: GPL-3.0-or-later
 * acmg.c -- ACMG/AMP classification of every allele: opening, the transcript that speaks, the criteria in
 * order, INFO ACMG_CLASS, ACMG_POINTS and ACMG_CRITERIA. Everything opened here is constant while shards fly.
 */
#include "stage/annotate/acmg_int.h"

#include <stdio.h>
#include <string.h>

#include "stage/annotate/findings.h"

int annotate_acmg_open(struct grx_ctx *cx, const struct annotate_state *st, struct annotate_acmg **out)
{
	int rc = GRX_E_BUG;
	const struct annotate_opt *o = &st->opt;
	struct annotate_acmg *a = grx_calloc(1, sizeof *a);
	if (!a || !(a->mem = grx_arena_new()))
		GRX_TRY(grx_fail_nomem(cx, "classification"));
	if (!st->models)
		GRX_TRY(grx_fail(
			cx, GRX_E_USAGE, "--acmg needs gene models and the reference: give -g and -f"));
	GRX_TRY(annotate_acmg_rules_open(cx, o->acmg_rules, &a->rules));
	const struct annotate_acmg_val *v = a->rules->dflt->v;
	a->prior = v[AK_PRIOR].num;
	a->cut = (struct annotate_acmg_cut){(int)v[AK_POINTS_P].num, (int)v[AK_POINTS_LP].num,
		(int)v[AK_POINTS_LB].num, (int)v[AK_POINTS_B].num};
	if (o->acmg_index)
		GRX_TRY(annotate_acmg_index_open(cx, o->acmg_index, &a->index));
	GRX_TRY(annotate_acmg_roles(cx, st, a->mem, a->in));
	if (o->evidence)
		GRX_TRY(annotate_acmg_evidence_open(cx, st, o->evidence, a->mem, &a->evidence));
	*out = a;
	a = NULL;
	rc = GRX_OK;
out:
	annotate_acmg_close(a);
	return rc;
}

void annotate_acmg_close(struct annotate_acmg *a)
{
	if (!a)
		return;
	annotate_acmg_rules_free(a->rules);
	annotate_acmg_index_close(a->index);
	grx_map_free(a->evidence);
	grx_arena_free(a->mem);
	grx_free(a);
}

int annotate_acmg_declare(struct grx_ctx *cx, const struct annotate_acmg *a, struct grx_hdr *h)
{
	static const struct grx_hdr_line line[] = {
		{GRX_HDR_INFO, "ACMG_CLASS", "A", GRX_T_STR,
			"class by ACMG/AMP points (Tavtigian 2020) from the criteria that can be automated"},
		{GRX_HDR_INFO, "ACMG_POINTS", "A", GRX_T_INT,
			"sum of ACMG/AMP points; BA1 stands outside the sum"},
		{GRX_HDR_INFO, "ACMG_CRITERIA", "A", GRX_T_STR,
			"criteria met, with strength where not the code's own"},
	};
	(void)a;
	for (size_t i = 0; i < sizeof line / sizeof *line; i++) {
		int rc = grx_hdr_declare(cx, h, &line[i]);
		if (rc)
			return rc;
	}
	return GRX_OK;
}

static bool overlaps(const struct annotate_entry *e)
{
	return e->tx && e->distance < 0;
}

/* Among the transcripts of the gene hit hardest the preferred one speaks; `other` is one of the same gene
 * that loses function where the preferred one does not. */
static void choose(struct annotate_acmg_case *k, int32_t a)
{
	const struct annotate_record *r = k->r;
	const struct annotate_entry *e = r->entry[a], *w = &e[r->worst[a]];
	k->e = k->other = NULL;
	if (!overlaps(w))
		return;
	for (int32_t i = 0; i < r->n_entry[a]; i++) {
		if (!overlaps(&e[i]) || e[i].tx->gene_no != w->tx->gene_no)
			continue;
		if (!k->e || e[i].tx->pick < k->e->tx->pick)
			k->e = &e[i];
	}
	if (!k->e)
		k->e = w;
	if (!(k->e->terms & AC_NULL_TERMS) && w->tx->coding && (w->terms & AC_NULL_TERMS))
		k->other = w;
	k->gene_name = *k->e->tx->symbol ? k->e->tx->symbol : k->e->tx->gene;
	k->gene = grx_map_get(k->a->rules->gene, k->gene_name);
}

static int criteria(struct annotate_acmg_case *k)
{
	int rc;
	annotate_acmg_freq(k);
	annotate_acmg_predict(k);
	annotate_acmg_protein(k);
	if ((rc = annotate_acmg_length(k)) || (rc = annotate_acmg_pvs1(k)))
		return rc;
	return annotate_acmg_finish_case(k);
}

static void criteria_text(struct grx_str *s, const struct annotate_acmg_result *r)
{
	size_t at = s->n;
	for (int i = 0; i < AC_N; i++) {
		const struct annotate_acmg_crit *c = &r->c[i];
		if (c->state != AC_MET)
			continue;
		grx_str_addf(s, "%s%s", s->n > at ? "&" : "", annotate_acmg_code_name[i]);
		if (c->strength != annotate_acmg_default(i))
			grx_str_addf(s, "_%s", annotate_acmg_strength_name[c->strength]);
	}
	if (s->n == at)
		grx_str_addc(s, '.');
}

/* Columns by ALT; '.' for alleles that are not judged. */
static int columns(
	struct annotate_work *w, const struct annotate_record *r, const struct annotate_acmg_result *res)
{
	struct grx_var *v = r->v;
	struct grx_str cls = {0}, crit = {0};
	struct grx_field *f = grx_var_info_set(w->keep, v, "ACMG_POINTS", GRX_T_INT, v->n_allele - 1), *g, *h;
	for (int32_t k = 1; k < v->n_allele && f; k++) {
		const struct annotate_acmg_result *x = NULL;
		for (int32_t i = 0; i < r->n_al; i++)
			if (r->al[i].number == k)
				x = &res[i];
		grx_str_addf(
			&cls, "%s%s", k > 1 ? "," : "", x ? annotate_acmg_class_name[x->by_points] : ".");
		grx_str_add(&crit, k > 1 ? "," : "");
		if (x) {
			criteria_text(&crit, x);
			f->v.i[k - 1] = x->points;
		} else {
			grx_str_addc(&crit, '.');
		}
	}
	bool ok = f && !cls.oom && !crit.oom &&
		  (g = grx_var_info_set(w->keep, v, "ACMG_CLASS", GRX_T_STR, 1)) &&
		  (g->v.s[0] = grx_arena_strdup(w->keep, cls.s ? cls.s : ".")) &&
		  (h = grx_var_info_set(w->keep, v, "ACMG_CRITERIA", GRX_T_STR, 1)) &&
		  (h->v.s[0] = grx_arena_strdup(w->keep, crit.s ? crit.s : "."));
	grx_str_clear(&cls);
	grx_str_clear(&crit);
	return ok ? GRX_OK : grx_fail_nomem(w->cx, "ACMG columns");
}

int annotate_acmg_record(struct annotate_work *w, const struct annotate_record *r)
{
	const struct annotate_acmg *a = w->st->acmg;
	if (r->n_al == 0)
		return GRX_OK;
	struct annotate_acmg_result *res = grx_arena_calloc(w->mem, (size_t)r->n_al, sizeof *res);
	if (!res)
		return grx_fail_nomem(w->cx, "classification");
	for (int32_t i = 0; i < r->n_al; i++) {
		const struct annotate_allele *al = &r->al[i];
		struct annotate_acmg_case k = {
			.w = w, .a = a, .r = r, .al = al, .res = &res[i], .contig = -1};
		k.texts = annotate_carried(w->cx->hdr, r->v, al->number);
		int rc = annotate_acmg_normal(w, al->tid, r->v->pos, r->v->allele[0],
			r->v->allele[al->number], &k.change, &k.has_change);
		if (rc)
			return rc;
		if (a->index)
			k.contig = annotate_acmg_index_contig(
				a->index, grx_contig_name(w->cx->contigs, al->tid));
		choose(&k, i);
		if ((rc = criteria(&k)))
			return rc;
		/* genes of the list that nobody asked for: neither listed nor counted by class, whatever the
		 * class */
		if (annotate_asked_of(w->st, r, al->number, NULL) == AT_ASK_WITHHELD) {
			w->part->n_acmg_withheld++;
			continue;
		}
		w->part->n_acmg[k.res->by_points]++;
		if (k.texts && (rc = annotate_acmg_keep(&k)))
			return rc;
	}
	return columns(w, r, res);
}
