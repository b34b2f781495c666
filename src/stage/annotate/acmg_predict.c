/* SPDX-License-Identifier: GPL-3.0-or-later
 * acmg_predict.c -- computational criteria: PP3, BP4, BP7. One calibrated tool for missense (Pejaver 2022),
 * one predictor for splicing (Walker 2023); the stronger of the two speaks, they are never added. */
#include "stage/annotate/acmg_int.h"

#include <string.h>

static const struct {
	const char *name;
	enum annotate_acmg_role role;
} tool_role[] = {{"REVEL", AR_REVEL}, {"BAYESDEL", AR_BAYESDEL}, {"VEST4", AR_VEST4},
	{"MUTPRED2", AR_MUTPRED2}, {"CADD", AR_CADD}};

/* Where an allele lies relative to the nearest exon edge of the transcript. */
struct edge {
	bool exonic;
	int64_t into5,
		into3; /* exonic: bases to the 5' and 3' edge, 1 = the edge base; 0 = edge of transcript */
	int64_t donor, acceptor; /* intronic: +n and -n; 0 none */
};

static void edge_of(const struct annotate_tx *t, int64_t pos, struct edge *x)
{
	memset(x, 0, sizeof *x);
	for (int32_t i = 0; i < t->n_exon; i++) {
		const struct annotate_exon *e = &t->exon[i];
		/* in the direction of the transcript */
		int64_t before = t->strand > 0 ? e->beg - pos : pos - (e->end - 1);
		int64_t after = t->strand > 0 ? pos - (e->end - 1) : e->beg - pos;
		if (before <= 0 && after <= 0) {
			x->exonic = true;
			x->into5 = i > 0 ? 1 - before : 0;
			x->into3 = i < t->n_exon - 1 ? 1 - after : 0;
			return;
		}
		if (before > 0 && i > 0 && (!x->acceptor || before < x->acceptor))
			x->acceptor = before;
		if (after > 0 && i < t->n_exon - 1 && (!x->donor || after < x->donor))
			x->donor = after;
	}
}

static void splicing(struct annotate_acmg_case *k, bool canonical)
{
	const struct annotate_acmg_val *hi = annotate_acmg_get(k, AK_SPLICEAI_PP3),
				       *lo = annotate_acmg_get(k, AK_SPLICEAI_BP4);
	double d;
	if (canonical || !annotate_acmg_num(k, AR_SPLICEAI, &d))
		return;
	k->splice_damage = d >= hi->num;
	k->splice_benign = d <= lo->num;
	for (int i = 0; i < 2; i++) {
		int code = i ? AC_BP4 : AC_PP3;
		bool met = i ? k->splice_benign : k->splice_damage;
		annotate_acmg_set(k, code, met ? AC_MET : AC_NOT_MET, AC_SUPPORTING);
		annotate_acmg_value(k, code, "splice delta %.4g", d);
		annotate_acmg_threshold(k, code, i ? "at most %.4g" : "at least %.4g", i ? lo->num : hi->num);
		annotate_acmg_source(k, code, k->a->in[AR_SPLICEAI].source, i ? lo->source : hi->source);
	}
}

/* Strength of what the tool says: one prediction is not to make a variant benign by itself. */
static int said_strength(const struct annotate_acmg_case *k, const struct annotate_acmg_score *s)
{
	int most = annotate_acmg_strength_of(annotate_acmg_get(k, AK_BP4_MAX)->text);
	if (!s)
		return 0;
	return s->code == AC_BP4 && s->strength > most ? most : s->strength;
}

/* What the missense tool says goes before "no effect on splicing"; damage to splicing takes away BP4. */
static void missense(struct annotate_acmg_case *k, double x, const char *tool, const char *source)
{
	bool known;
	const struct annotate_acmg_score *s = annotate_acmg_score(k->a->rules, tool, x, &known);
	int strength = said_strength(k, s);
	const char *rule = s ? s->source : "outside the intervals";
	for (int i = 0; i < 2; i++) {
		int code = i ? AC_BP4 : AC_PP3;
		bool says = s && s->code == code, met = says && (code == AC_PP3 || !k->splice_damage);
		if (code == AC_PP3 && k->splice_damage && (!met || strength == AC_SUPPORTING))
			continue; /* stands by splicing */
		annotate_acmg_set(k, code, met ? AC_MET : AC_NOT_MET, met ? strength : 0);
		annotate_acmg_value(k, code, "%s %.4g", tool, x);
		annotate_acmg_threshold(k, code, "%s", says ? rule : "outside the intervals");
		annotate_acmg_source(k, code, source, says ? rule : NULL);
		k->pp3_by_missense |= code == AC_PP3 && met;
		if (says && !met)
			annotate_acmg_why(k, code, "the splice predictor says that splicing changes");
	}
}

#define AC_CHANGE_TERMS                                                                                      \
	(AC_NULL_TERMS | AT_BIT(AT_MISSENSE) | AT_BIT(AT_STOP_LOST) | AT_BIT(AT_INFRAME_INSERTION) |         \
		AT_BIT(AT_INFRAME_DELETION) | AT_BIT(AT_PROTEIN_ALTERING) |                                  \
		AT_BIT(AT_TRANSCRIPT_AMPLIFICATION))

/* A protein that the allele changes or may change, of whatever gene; NULL none. */
static const struct annotate_entry *changed(const struct annotate_acmg_case *k)
{
	int32_t a = (int32_t)(k->al - k->r->al);
	const uint64_t silent = AT_BIT(AT_SYNONYMOUS) | AT_BIT(AT_STOP_RETAINED) | AT_BIT(AT_START_RETAINED);
	for (int32_t i = 0; i < k->r->n_entry[a]; i++) {
		const struct annotate_entry *e = &k->r->entry[a][i];
		bool unknown = (e->terms & AT_BIT(AT_CODING_SEQUENCE)) && !(e->terms & silent);
		if (e->tx && e->tx->coding && e->distance < 0 && ((e->terms & AC_CHANGE_TERMS) || unknown))
			return e;
	}
	return NULL;
}

/* Why "no effect on splicing" is not "no effect"; NULL where it is: silent in every protein, or in an intron
 * of a gene of a protein. */
static const char *not_splicing_alone(const struct annotate_acmg_case *k)
{
	const struct annotate_entry *e = k->e, *x = changed(k);
	if (x)
		return x == e ? "the protein changes" : "the protein of another transcript changes";
	if (!e || !e->tx->coding)
		return "the variant is in no gene of a protein, and a change of RNA or of regulation is not "
		       "looked at";
	if (!(e->terms & (AT_BIT(AT_SYNONYMOUS) | AT_BIT(AT_STOP_RETAINED) | AT_BIT(AT_START_RETAINED) |
				 AT_BIT(AT_INTRON))))
		return "what a change of an untranslated part does to translation is not looked at";
	return NULL;
}

static void no_predictor(struct annotate_acmg_case *k, const char *why)
{
	for (int i = 0; i < 2; i++) {
		annotate_acmg_set(k, i ? AC_BP4 : AC_PP3, AC_NOT_ASSESSED, 0);
		annotate_acmg_why(k, i ? AC_BP4 : AC_PP3, "%s", why);
	}
}

static void pp3_bp4(struct annotate_acmg_case *k, bool canonical)
{
	uint64_t t = k->e ? k->e->terms : 0;
	const char *tool = annotate_acmg_get(k, AK_MISSENSE_TOOL)->text;
	double x;
	if (canonical || (t & (AT_BIT(AT_STOP_GAINED) | AT_BIT(AT_FRAMESHIFT) | AT_BIT(AT_START_LOST)))) {
		no_predictor(k, "loss of function is PVS1's matter");
		return;
	}
	no_predictor(k, t & AT_BIT(AT_MISSENSE)
				? "neither the missense tool nor the splice predictor has a value"
				: "the splice predictor has no value");
	splicing(k, canonical);
	bool unknown = annotate_acmg_unknown(k);
	if (!(t & AT_BIT(AT_MISSENSE)) && !unknown) {
		const char *why = not_splicing_alone(k);
		if (why && k->res->c[AC_BP4].state == AC_MET) {
			annotate_acmg_set(k, AC_BP4, AC_NOT_ASSESSED, 0);
			annotate_acmg_why(k, AC_BP4, "no effect on splicing, but %s", why);
		}
		return;
	}
	for (size_t i = 0; i < sizeof tool_role / sizeof *tool_role && !unknown; i++)
		if (strcmp(tool_role[i].name, tool) == 0 && annotate_acmg_num(k, tool_role[i].role, &x)) {
			missense(k, x, tool, k->a->in[tool_role[i].role].source);
			return;
		}
	/* a missense change cannot be called benign by its splicing alone */
	if (k->res->c[AC_BP4].state == AC_MET) {
		annotate_acmg_set(k, AC_BP4, AC_NOT_ASSESSED, 0);
		annotate_acmg_why(k, AC_BP4, "no effect on splicing, but %s",
			unknown ? AC_UNKNOWN_WHY : "the missense tool has no value");
	}
}

/* First base of an exon, or one of its last three. */
static bool at_edge(const struct edge *x)
{
	return x->into5 == 1 || (x->into3 && x->into3 <= 3);
}

static bool is_deep(const struct annotate_acmg_case *k, const struct edge *x)
{
	double d5 = annotate_acmg_get(k, AK_BP7_INTRON_5)->num,
	       d3 = annotate_acmg_get(k, AK_BP7_INTRON_3)->num;
	return !x->exonic && (!x->donor || (double)x->donor >= d5) &&
	       (!x->acceptor || (double)x->acceptor >= d3);
}

/* Silent, or so deep in an intron that the splice sites' sequence is left behind. */
static const char *silent(const struct annotate_acmg_case *k)
{
	const struct annotate_entry *e = k->e;
	struct edge a, b;
	if (!e || !e->tx || !e->tx->coding)
		return NULL;
	edge_of(e->tx, k->al->beg, &a);
	edge_of(e->tx, k->al->end > k->al->beg ? k->al->end - 1 : k->al->beg - 1, &b);
	if (e->terms & AT_BIT(AT_SYNONYMOUS))
		return at_edge(&a) || at_edge(&b) ? NULL : "synonymous, away from the exon's ends";
	return (e->terms & AT_BIT(AT_INTRON)) && is_deep(k, &a) && is_deep(k, &b) ? "deep in the intron"
										  : NULL;
}

static void bp7(struct annotate_acmg_case *k)
{
	const char *what = silent(k);
	double d;
	annotate_acmg_source(
		k, AC_BP7, k->a->in[AR_SPLICEAI].source, annotate_acmg_get(k, AK_BP7_INTRON_5)->source);
	if (annotate_acmg_unknown(k)) {
		annotate_acmg_set(k, AC_BP7, AC_NOT_ASSESSED, 0);
		annotate_acmg_why(k, AC_BP7, "%s", AC_UNKNOWN_WHY);
		return;
	}
	if (!what) {
		annotate_acmg_set(k, AC_BP7, AC_NOT_MET, 0);
		annotate_acmg_why(
			k, AC_BP7, "neither synonymous away from the exon's ends nor deep in an intron");
		return;
	}
	if (changed(k)) {
		annotate_acmg_set(k, AC_BP7, AC_NOT_ASSESSED, 0);
		annotate_acmg_why(k, AC_BP7, "%s, but the protein of another transcript changes", what);
		return;
	}
	if (!annotate_acmg_num(k, AR_SPLICEAI, &d)) {
		annotate_acmg_set(k, AC_BP7, AC_NOT_ASSESSED, 0);
		annotate_acmg_why(k, AC_BP7, "%s, but the splice predictor has no value", what);
		return;
	}
	annotate_acmg_set(k, AC_BP7, k->splice_benign ? AC_MET : AC_NOT_MET, AC_SUPPORTING);
	annotate_acmg_value(k, AC_BP7, "%s; splice delta %.4g", what, d);
	annotate_acmg_threshold(k, AC_BP7, "silent, and BP4 by splicing met");
}

void annotate_acmg_predict(struct annotate_acmg_case *k)
{
	bool canonical = k->e && (k->e->terms & (AT_BIT(AT_SPLICE_DONOR) | AT_BIT(AT_SPLICE_ACCEPTOR)));
	pp3_bp4(k, canonical);
	bp7(k);
}
