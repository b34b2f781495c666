/* SPDX-License-Identifier: GPL-3.0-or-later
 * trio_judge.c -- what the genotypes of a child and its parents say of one allele.
 * A genotype that is missing, incomplete or below the limits never counts as reference: then nothing new is
 * claimed, and the verdict says what was not assessed. */
#include "stage/annotate/trio_int.h"

#include <stdio.h>
#include <string.h>

#include "stage/annotate/findings.h"

const char *const annotate_trio_value_name[TV_N] = {[TV_NOT_ASSESSED] = "not_assessed",
	[TV_DE_NOVO] = "de_novo",
	[TV_INHERITED] = "inherited",
	[TV_HOMOZYGOUS_RECESSIVE] = "homozygous_recessive",
	[TV_HOMOZYGOUS] = "homozygous",
	[TV_X_LINKED] = "x_linked",
	[TV_MENDELIAN_ERROR] = "mendelian_error"};

/* --- reading a genotype --- */

static void depths(const struct grx_var *v, int32_t sample, int32_t allele, struct trio_geno *g)
{
	const struct grx_field *f = grx_var_fmt(v, "AD");
	g->ad_alt = g->ad_all = -1;
	if (!f || f->n != v->n_allele)
		return;
	int64_t all = 0;
	for (int32_t i = 0; i < f->n; i++) {
		int32_t x = annotate_fmt_int(v, "AD", sample, i);
		if (x < 0)
			return;
		all += x;
	}
	g->ad_alt = annotate_fmt_int(v, "AD", sample, allele);
	g->ad_all = all < INT32_MAX ? (int32_t)all : INT32_MAX;
}

/* Phase set of a phased genotype: 0 without one that can be compared. */
static int64_t phase_set(const struct grx_var *v, int32_t sample)
{
	const struct grx_field *f = grx_var_fmt(v, "PS");
	if (!f)
		return -1; /* the file has none: phased genotypes of a contig belong together */
	int32_t ps = annotate_fmt_int(v, "PS", sample, 0);
	return ps > 0 ? ps : 0;
}

/* Count the alleles of one genotype; returns the place of the first copy of `allele`, -1. */
static int gt_count(const struct grx_var *v, int32_t sample, int32_t allele, struct trio_geno *g)
{
	int n_missing = 0, at = -1;
	for (int32_t p = 0; v->gt && p < v->ploidy; p++) {
		int32_t c = v->gt[(size_t)sample * (size_t)v->ploidy + (size_t)p];
		if (GRX_GT_IS_END(c))
			break;
		int32_t a = c > 0 ? GRX_GT_ALLELE(c) : -1;
		g->phased = p > 0 && GRX_GT_PHASED(c);
		g->ploidy++;
		n_missing += a < 0;
		g->n_other += a > 0 && a != allele;
		if (a == allele && g->n_alt++ == 0)
			at = p;
	}
	g->complete = g->ploidy > 0 && n_missing == 0;
	return at;
}

static enum trio_state state_of(const struct trio_geno *g)
{
	if (g->n_alt)
		return g->n_alt == g->ploidy ? TG_HOM : TG_HET;
	if (!g->complete)
		return TG_MISSING;
	return g->n_other ? TG_OTHER : TG_REF;
}

struct trio_geno annotate_trio_geno(const struct grx_var *v, int32_t sample, int32_t allele)
{
	struct trio_geno g = {.state = TG_ABSENT, .sample = sample, .hap = -1, .dp = -1, .gq = -1};
	if (sample < 0)
		return g;
	int at = gt_count(v, sample, allele, &g);
	g.state = state_of(&g);
	g.ps = g.phased ? phase_set(v, sample) : 0;
	if (g.ps && g.complete && g.ploidy == 2 && g.n_alt == 1)
		g.hap = (int8_t)at;
	g.dp = annotate_fmt_int(v, "DP", sample, 0);
	g.gq = annotate_fmt_int(v, "GQ", sample, 0);
	depths(v, sample, allele, &g);
	const struct grx_field *ft = grx_var_fmt(v, "FT");
	const char *text = ft && ft->type == GRX_T_STR ? ft->v.s[sample] : NULL;
	g.filtered = text && strcmp(text, "PASS") != 0 && strcmp(text, ".") != 0;
	return g;
}

/* --- verdict --- */

/* The first reason stays. */
static bool doubt(char *why, size_t cap, const char *who, const char *what)
{
	if (!*why)
		snprintf(why, cap, "%s: %s", who, what);
	return false;
}

/* Is the genotype good enough to build on? */
static bool trusted(
	const struct trio_geno *g, const struct trio_limits *l, const char *who, char *why, size_t cap)
{
	char t[96];
	if (!g->complete)
		return doubt(why, cap, who, "genotype incomplete");
	if (g->filtered)
		return doubt(why, cap, who, "genotype filtered (FT)");
	if (g->dp < 0 && l->dp > 0)
		return doubt(why, cap, who, "no depth (DP)");
	if (g->gq < 0 && l->gq > 0)
		return doubt(why, cap, who, "no genotype quality (GQ)");
	if (g->dp < l->dp) {
		snprintf(t, sizeof t, "DP %d below %d", (int)g->dp, (int)l->dp);
		return doubt(why, cap, who, t);
	}
	if (g->gq < l->gq) {
		snprintf(t, sizeof t, "GQ %d below %d", (int)g->gq, (int)l->gq);
		return doubt(why, cap, who, t);
	}
	return true;
}

/* Does a parent surely lack the allele? */
static bool lacks(
	const struct trio_case *c, const struct trio_geno *g, const char *who, struct trio_verdict *v)
{
	const struct trio_limits *l = c->lim;
	char *why = v->why, t[96];
	size_t cap = sizeof v->why;
	bool pair = c->region == TR_AUTO || (c->region == TR_X && g == &c->mother);
	if (g->state == TG_ABSENT)
		return doubt(why, cap, who, "not among the samples");
	if (g->state == TG_MISSING)
		return doubt(why, cap, who, "no genotype");
	if (g->state == TG_OTHER)
		return doubt(why, cap, who, "carries another ALT here");
	if (g->state != TG_REF || !trusted(g, l, who, why, cap))
		return false;
	/* the copy that is not told may have it */
	if (pair && g->ploidy < 2)
		return doubt(why, cap, who, "haploid genotype where two copies are expected");
	if (c->has_ad && g->ad_all < 0)
		return doubt(why, cap, who, "no AD");
	if (g->ad_all > 0 && (double)g->ad_alt > l->parent_ab * (double)g->ad_all) {
		snprintf(t, sizeof t, "%d of %d reads have the ALT", (int)g->ad_alt, (int)g->ad_all);
		return doubt(why, cap, who, t);
	}
	return true;
}

static bool child_sure(const struct trio_case *c, struct trio_verdict *v)
{
	const struct trio_geno *g = &c->kid;
	char t[96];
	if (c->record_filtered)
		return doubt(v->why, sizeof v->why, "record", "FILTER is not PASS");
	if (!trusted(g, c->lim, "child", v->why, sizeof v->why))
		return false;
	if (c->has_ad && g->ad_all < 0)
		return doubt(v->why, sizeof v->why, "child", "no AD");
	if (g->ad_all > 0 && (double)g->ad_alt < c->lim->child_ab * (double)g->ad_all) {
		snprintf(t, sizeof t, "only %d of %d reads have the ALT", (int)g->ad_alt, (int)g->ad_all);
		return doubt(v->why, sizeof v->why, "child", t);
	}
	return true;
}

/* Which parents can have given the chromosome; false when the child cannot have the allele so. */
static bool givers(const struct trio_case *c, struct trio_verdict *v, bool *father, bool *mother)
{
	*father = c->region != TR_MT && !(c->region == TR_X && c->sex == GRX_SEX_MALE);
	*mother = c->region != TR_Y;
	if (c->region == TR_Y && c->sex != GRX_SEX_MALE)
		return doubt(v->why, sizeof v->why, "child",
			c->sex == GRX_SEX_FEMALE ? "carries an allele of Y but is female in the PED file"
						 : "sex is not known, allele on Y");
	if ((c->region == TR_X || c->region == TR_Y) && c->sex == GRX_SEX_MALE && c->kid.state == TG_HET)
		return doubt(v->why, sizeof v->why, "child",
			c->region == TR_X ? "male, heterozygous on X" : "heterozygous on Y");
	bool pair = c->region == TR_AUTO || (c->region == TR_X && c->sex == GRX_SEX_FEMALE);
	if (pair && c->kid.ploidy == 1)
		return doubt(
			v->why, sizeof v->why, "child", "haploid genotype where two copies are expected");
	if (c->region == TR_X && c->sex == GRX_SEX_UNKNOWN && c->kid.state == TG_HOM)
		return doubt(v->why, sizeof v->why, "child", "sex is not known, no other allele on X");
	return true;
}

/* A heterozygous child of one carrier: nor do a thin call of the child or of the parent who gives it prove
 * anything. */
static void inherited_from(const struct trio_case *c, bool father, bool sure, struct trio_verdict *v)
{
	sure = sure && child_sure(c, v) &&
	       trusted(father ? &c->father : &c->mother, c->lim, v->from, v->why, sizeof v->why);
	if (sure)
		v->origin = father ? TO_FATHER : TO_MOTHER;
}

/* Both could give it and at least one carries it. */
static void inherited_pair(const struct trio_case *c, bool f, bool m, struct trio_verdict *v)
{
	bool sure = true;
	if (f != m)
		sure = f ? lacks(c, &c->mother, "mother", v) : lacks(c, &c->father, "father", v);
	if (c->kid.state != TG_HOM) {
		v->value = TV_INHERITED;
		v->from = f && m ? "either" : f ? "father" : "mother";
		if (f != m)
			inherited_from(c, f, sure, v);
		return;
	}
	v->from = f && m ? "both" : f ? "father" : "mother";
	if (f && m)
		v->value = c->father.state == TG_HET && c->mother.state == TG_HET ? TV_HOMOZYGOUS_RECESSIVE
										  : TV_HOMOZYGOUS;
	else
		v->value = sure ? TV_MENDELIAN_ERROR : TV_HOMOZYGOUS;
}

static bool carries(const struct trio_geno *g)
{
	return g->state == TG_HET || g->state == TG_HOM;
}

static void not_carried(const struct trio_case *c, bool father, bool mother, struct trio_verdict *v)
{
	bool sure = child_sure(c, v);
	if (father)
		sure = lacks(c, &c->father, "father", v) && sure;
	if (mother)
		sure = lacks(c, &c->mother, "mother", v) && sure;
	if (!sure)
		return;
	/* two new copies at once are not believed */
	bool twice = father && mother && c->kid.state == TG_HOM && c->kid.ploidy > 1;
	v->value = twice ? TV_MENDELIAN_ERROR : TV_DE_NOVO;
	v->origin = twice ? TO_UNKNOWN : TO_DE_NOVO;
}

void annotate_trio_judge(const struct trio_case *c, struct trio_verdict *v)
{
	bool father, mother;
	memset(v, 0, sizeof *v);
	v->compound = c->kid.complete && c->kid.ploidy == 2 && c->kid.n_alt == 1 &&
		      (c->region == TR_AUTO || (c->region == TR_X && c->sex == GRX_SEX_FEMALE));
	if (!givers(c, v, &father, &mother))
		return;
	if (father && c->region == TR_X && c->father.state == TG_HET) {
		doubt(v->why, sizeof v->why, "father", "heterozygous on X");
		return;
	}
	bool f = father && carries(&c->father), m = mother && carries(&c->mother);
	if (!f && !m) {
		not_carried(c, father, mother, v);
	} else if (father && mother) {
		inherited_pair(c, f, m, v);
	} else {
		v->value = c->region == TR_X && c->mother.state == TG_HET ? TV_X_LINKED : TV_INHERITED;
		v->from = f ? "father" : "mother";
		v->origin = f ? TO_FATHER : TO_MOTHER;
	}
}
