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
	/* the exempt variants are known by their place on GRCh38, elsewhere by name */
	a->placed = annotate_acmg_placed(cx);
	if (o->no_hgvs && !a->placed)
		GRX_TRY(grx_fail(cx, GRX_E_USAGE,
			"--acmg with --no-hgvs: found contigs that are not GRCh38's, where the variants "
			"exempt from "
			"BA1 are known by their HGVS names only: leave out --no-hgvs"));
	GRX_TRY(annotate_acmg_rules_open(cx, o->acmg_rules, &a->rules));
	const struct annotate_acmg_val *v = a->rules->dflt->v;
	a->prior = v[AK_PRIOR].num;
	a->cut = (struct annotate_acmg_cut){(int)v[AK_POINTS_P].num, (int)v[AK_POINTS_LP].num,
		(int)v[AK_POINTS_LB].num, (int)v[AK_POINTS_B].num};
	if (o->acmg_index)
		GRX_TRY(annotate_acmg_index_open(cx, o->acmg_index, &a->index));
	if (a->index)
		GRX_TRY(annotate_acmg_index_check(cx, a->index, st));
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

#define MANE     (AT_TX_MANE_SELECT | AT_TX_MANE_CLINICAL)
#define RELEVANT (MANE | AT_TX_CANONICAL)

/* Does x speak before y? MANE Plus Clinical exists because Select does not hold all that matters (CDKN2A), so
 * of the two kinds the one that is hit harder speaks; otherwise the preferred transcript. */
static bool speaks_before(const struct annotate_entry *x, const struct annotate_entry *y)
{
	int a = annotate_worst(x->terms), b = annotate_worst(y->terms);
	if ((x->tx->flags & MANE) && (y->tx->flags & MANE) && a != b)
		return a < b;
	return x->tx->pick < y->tx->pick;
}

/* Among the transcripts of the gene hit hardest the preferred one speaks; `other` is one of the same gene
 * that loses function where the preferred one does not. Where the models mark no transcript of the gene and
 * its coding transcripts disagree on loss of function, nobody can say which one matters. */
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
		if (!k->e || speaks_before(&e[i], k->e))
			k->e = &e[i];
	}
	if (!k->e)
		k->e = w;
	if (!(k->e->terms & AC_NULL_TERMS) && w->tx->coding && (w->terms & AC_NULL_TERMS))
		k->other = w;
	bool marked = false, kept = false;
	for (int32_t i = 0; i < r->n_entry[a]; i++)
		if (overlaps(&e[i]) && e[i].tx->gene_no == w->tx->gene_no) {
			marked |= (e[i].tx->flags & RELEVANT) != 0;
			kept |= e[i].tx->coding && !(e[i].terms & AC_NULL_TERMS);
		}
	k->unmarked = !marked && kept && (w->terms & AC_NULL_TERMS);
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

/* Is it the other end of a breakend? The first one stands for the allele. */
static bool other_end(const struct annotate_record *r, int32_t i)
{
	for (int32_t j = 0; j < i; j++)
		if (r->al[j].number == r->al[i].number)
			return true;
	return false;
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
			if (r->al[i].number == k && !r->al[i].ref_mismatch && !other_end(r, i))
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

/* One allele: judged without texts first, since most alleles are not listed. */
static int judge(
	struct annotate_work *w, const struct annotate_record *r, int32_t i, struct annotate_acmg_result *res)
{
	const struct annotate_acmg *a = w->st->acmg;
	const struct annotate_allele *al = &r->al[i];
	struct annotate_acmg_case k = {.w = w, .a = a, .r = r, .al = al, .res = res, .contig = -1};
	/* an allele that replaces what is not there has no frequency and no consequence */
	if (al->ref_mismatch) {
		w->part->n_acmg_ref_mismatch++;
		return GRX_OK;
	}
	int rc = annotate_acmg_normal(
		w, al->tid, r->v->pos, r->v->allele[0], r->v->allele[al->number], &k.change, &k.has_change);
	if (rc)
		return rc;
	if (a->index)
		k.contig = annotate_acmg_index_contig(a->index, grx_contig_name(w->cx->contigs, al->tid));
	choose(&k, i);
	const struct annotate_acmg_case fresh = k;
	if ((rc = criteria(&k)))
		return rc;
	/* genes of the list that nobody asked for: neither listed nor counted by class, whatever the class */
	if (annotate_asked_of(w->st, r, al->number, NULL) == AT_ASK_WITHHELD) {
		w->part->n_acmg_withheld++;
		return GRX_OK;
	}
	w->part->n_acmg[res->by_points]++;
	if (!annotate_carried(w->cx->hdr, r->v, al->number))
		return GRX_OK;
	if (res->points < annotate_acmg_get(&k, AK_FACT_MIN)->num) {
		w->part->n_acmg_unlisted++;
		return GRX_OK;
	}
	k = fresh;
	k.texts = true;
	memset(res, 0, sizeof *res);
	rc = criteria(&k);
	return rc ? rc : annotate_acmg_keep(&k);
}

int annotate_acmg_record(struct annotate_work *w, const struct annotate_record *r)
{
	if (r->n_al == 0)
		return GRX_OK;
	struct annotate_acmg_result *res = grx_arena_calloc(w->mem, (size_t)r->n_al, sizeof *res);
	if (!res)
		return grx_fail_nomem(w->cx, "classification");
	for (int32_t i = 0; i < r->n_al; i++) {
		int rc = other_end(r, i) ? GRX_OK : judge(w, r, i, &res[i]);
		if (rc)
			return rc;
	}
	return columns(w, r, res);
}
