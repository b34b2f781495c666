/* SPDX-License-Identifier: GPL-3.0-or-later
 * acmg_protein.c -- criteria of a substituted residue: PS1 and PM5 by classified companions, PM1 by how many
 * lie around, PP2 and BP1 by what is known of the gene.
 * The variant's own entry in the index never counts: it is left out by its normalised alleles. */
#include "stage/annotate/acmg_int.h"

#include <string.h>

bool annotate_acmg_own(const struct annotate_acmg_case *k, const struct annotate_acmg_change *c)
{
	return k->has_change && c->contig == k->contig && c->pos == k->change.pos + 1 &&
	       c->id == annotate_acmg_change_id(&k->change);
}

/* Has the protein of the case this residue? An index of other models may number otherwise. */
static bool same_protein(const struct annotate_acmg_case *k, const struct annotate_acmg_change *c)
{
	const struct annotate_seq *q = k->e->ev.seq;
	if (!q || c->ref < 'A' || c->ref > 'Z' || c->residue > q->pep_n)
		return true;
	char have = q->pep[c->residue - 1];
	return have == c->ref || have == 'U' || have == 'X';
}

/* Companions that are well enough reviewed and are not the variant itself. */
static bool counts(const struct annotate_acmg_case *k, const struct annotate_acmg_change *c)
{
	return c->stars >= annotate_acmg_get(k, AK_MIN_STARS)->num && !annotate_acmg_own(k, c) &&
	       same_protein(k, c);
}

static const struct annotate_acmg_change *companions(
	const struct annotate_acmg_case *k, int64_t from, int64_t to, size_t *n)
{
	*n = 0;
	if (!k->a->index || !k->e || !k->e->tx || to < from || from > INT32_MAX)
		return NULL;
	return annotate_acmg_index_at(k->a->index, k->e->tx->id, (int32_t)(from < 1 ? 1 : from),
		(int32_t)(to > INT32_MAX ? INT32_MAX : to), n);
}

void annotate_acmg_near(
	const struct annotate_acmg_case *k, int64_t from, int64_t to, struct annotate_acmg_near *out)
{
	size_t n;
	const struct annotate_acmg_change *c = companions(k, from, to, &n);
	memset(out, 0, sizeof *out);
	for (size_t i = 0; i < n; i++) {
		if (!counts(k, &c[i]))
			continue;
		bool missense = c[i].alt != '.' && c[i].alt != '*' && c[i].alt != c[i].ref;
		bool p = c[i].cls >= AC_LIKELY_PATHOGENIC, b = c[i].cls <= AC_LIKELY_BENIGN;
		out->n_p_any += p;
		out->n_p_missense += p && missense;
		out->n_b_missense += b && missense;
	}
}

static bool one_residue(const struct annotate_acmg_case *k)
{
	const struct annotate_eval *ev = k->e ? &k->e->ev : NULL;
	return ev && (k->e->terms & AT_BIT(AT_MISSENSE)) && ev->ref_pep && ev->alt_pep &&
	       strlen(ev->ref_pep) == 1 && strlen(ev->alt_pep) == 1;
}

static void all_three(struct annotate_acmg_case *k, int state, const char *why)
{
	static const int code[] = {AC_PS1, AC_PM5, AC_PM1};
	for (size_t i = 0; i < sizeof code / sizeof *code; i++) {
		annotate_acmg_set(k, code[i], state, 0);
		annotate_acmg_why(k, code[i], "%s", why);
	}
}

static void say(struct annotate_acmg_case *k, int code, const struct annotate_acmg_change *best, bool same)
{
	const struct annotate_eval *ev = &k->e->ev;
	const struct annotate_acmg_val *stars = annotate_acmg_get(k, AK_MIN_STARS);
	annotate_acmg_threshold(k, code, "%s residue %s, pathogenic, at least %.0f stars",
		same ? "the same new" : "another new",
		same ? "by another change of the DNA" : "at this place", stars->num);
	annotate_acmg_source(k, code, annotate_acmg_index_source(k->a->index), stars->source);
	if (best)
		annotate_acmg_value(k, code, "p.%c%d%c (position %d) is %s, %d stars", best->ref,
			(int)best->residue, best->alt, (int)best->pos, annotate_acmg_class_name[best->cls],
			(int)best->stars);
	else
		annotate_acmg_value(k, code, "no such variant at residue %lld", (long long)ev->pl.pep_beg);
}

static void same_residue(struct annotate_acmg_case *k)
{
	const struct annotate_eval *ev = &k->e->ev;
	const struct annotate_acmg_change *best[2] = {NULL, NULL}; /* other residue, same residue */
	size_t n;
	const struct annotate_acmg_change *c = companions(k, ev->pl.pep_beg, ev->pl.pep_beg, &n);
	for (size_t i = 0; i < n; i++) {
		bool same = c[i].alt == ev->alt_pep[0];
		bool fits = c[i].ref == ev->ref_pep[0] && c[i].alt != '.' && c[i].alt != '*' &&
			    c[i].alt != c[i].ref;
		if (fits && c[i].cls >= AC_LIKELY_PATHOGENIC && counts(k, &c[i]) &&
			(!best[same] || c[i].cls > best[same]->cls))
			best[same] = &c[i];
	}
	for (int same = 0; same < 2; same++) {
		int code = same ? AC_PS1 : AC_PM5;
		const struct annotate_acmg_change *b = best[same];
		int strength = b && b->cls == AC_PATHOGENIC ? annotate_acmg_default(code)
			       : same                       ? AC_MODERATE
							    : AC_SUPPORTING;
		annotate_acmg_set(k, code, b ? AC_MET : AC_NOT_MET, strength);
		say(k, code, b, same);
	}
	if (k->splice_damage && k->res->c[AC_PS1].state == AC_MET) {
		annotate_acmg_set(k, AC_PS1, AC_NOT_MET, 0);
		annotate_acmg_why(k, AC_PS1,
			"the predictor says that splicing changes: the protein need not be the same");
	}
}

static void hot_spot(struct annotate_acmg_case *k)
{
	int64_t at = k->e->ev.pl.pep_beg;
	const struct annotate_acmg_val *w = annotate_acmg_get(k, AK_PM1_WINDOW),
				       *min = annotate_acmg_get(k, AK_PM1_MIN),
				       *crit = annotate_acmg_get(k, AK_CRITICAL);
	struct annotate_acmg_near near, here;
	if (crit->text && annotate_acmg_in_ranges(crit->text, at, at)) {
		annotate_acmg_set(k, AC_PM1, AC_MET, AC_MODERATE);
		annotate_acmg_value(k, AC_PM1, "residue %lld", (long long)at);
		annotate_acmg_threshold(k, AC_PM1, "critical residues %s", crit->text);
		annotate_acmg_source(k, AC_PM1, NULL, crit->source);
		return;
	}
	if (!k->a->index) {
		annotate_acmg_set(k, AC_PM1, AC_NOT_ASSESSED, 0);
		annotate_acmg_why(k, AC_PM1, "no index of classified variants was given (--acmg-index)");
		return;
	}
	annotate_acmg_near(k, at - (int64_t)w->num, at + (int64_t)w->num, &near);
	/* those of the same residue are PM5's and PS1's evidence, not also this one's */
	annotate_acmg_near(k, at, at, &here);
	int n = near.n_p_missense - here.n_p_missense;
	annotate_acmg_set(k, AC_PM1, n >= min->num && !near.n_b_missense ? AC_MET : AC_NOT_MET, AC_MODERATE);
	annotate_acmg_value(k, AC_PM1, "%d pathogenic and %d benign missense variants within %.0f residues",
		n, near.n_b_missense, w->num);
	annotate_acmg_threshold(k, AC_PM1, "at least %.0f pathogenic, none benign", min->num);
	annotate_acmg_source(k, AC_PM1, annotate_acmg_index_source(k->a->index), min->source);
}

static void of_gene(struct annotate_acmg_case *k)
{
	const struct annotate_acmg_val *z = annotate_acmg_get(k, AK_MISSENSE_Z),
				       *min = annotate_acmg_get(k, AK_PP2_Z),
				       *t = annotate_acmg_get(k, AK_TRUNCATING_ONLY);
	annotate_acmg_set(k, AC_PP2, AC_NOT_ASSESSED, 0);
	if (z->text) {
		bool contra = annotate_acmg_is(k, AK_MISSENSE_MECHANISM, "no");
		annotate_acmg_set(
			k, AC_PP2, z->num >= min->num && !contra ? AC_MET : AC_NOT_MET, AC_SUPPORTING);
		annotate_acmg_value(k, AC_PP2, "missense Z %.4g", z->num);
		annotate_acmg_threshold(k, AC_PP2, "at least %.4g", min->num);
		annotate_acmg_source(k, AC_PP2, z->source, min->source);
	} else {
		annotate_acmg_why(
			k, AC_PP2, "no constraint of missense variation is known for the gene (missense_z)");
	}
	annotate_acmg_set(k, AC_BP1, AC_NOT_ASSESSED, 0);
	if (t->text) {
		annotate_acmg_set(
			k, AC_BP1, strcmp(t->text, "yes") == 0 ? AC_MET : AC_NOT_MET, AC_SUPPORTING);
		annotate_acmg_value(k, AC_BP1, "only truncating variants cause the disorder: %s", t->text);
		annotate_acmg_source(k, AC_BP1, NULL, t->source);
	} else {
		annotate_acmg_why(
			k, AC_BP1, "not stated whether only truncating variants cause the disorder");
	}
}

void annotate_acmg_protein(struct annotate_acmg_case *k)
{
	if (annotate_acmg_unknown(k)) {
		all_three(k, AC_NOT_ASSESSED, AC_UNKNOWN_WHY);
		for (int i = 0; i < 2; i++) {
			annotate_acmg_set(k, i ? AC_BP1 : AC_PP2, AC_NOT_ASSESSED, 0);
			annotate_acmg_why(k, i ? AC_BP1 : AC_PP2, "%s", AC_UNKNOWN_WHY);
		}
		return;
	}
	if (!one_residue(k)) {
		all_three(k, AC_NOT_MET, "not a substitution of one residue");
		for (int i = 0; i < 2; i++) {
			annotate_acmg_set(k, i ? AC_BP1 : AC_PP2, AC_NOT_MET, 0);
			annotate_acmg_why(k, i ? AC_BP1 : AC_PP2, "not a missense variant");
		}
		return;
	}
	if (k->a->index)
		same_residue(k);
	else
		all_three(k, AC_NOT_ASSESSED, "no index of classified variants was given (--acmg-index)");
	hot_spot(k);
	of_gene(k);
}
