/* SPDX-License-Identifier: GPL-3.0-or-later
 * acmg_freq.c -- criteria of population frequency: BA1, BS1, BS2, PM2.
 * A frequency is used only when the number of alleles behind it is known to suffice, and absence only when
 * the site is known to have been callable. Sources: Richards 2015, Ghosh 2018, Whiffin 2017, ClinGen SVI PM2
 * 1.0. */
#include "stage/annotate/acmg_int.h"

#include <math.h>
#include <string.h>

#include "io/fasta.h"
#include "math/prob.h"

struct freq {
	bool has_ac, has_an, has_af, has_f;
	bool given;   /* the database has a number for the allele */
	bool several; /* a column holds more than one value: none of it is used */
	bool has_max; /* alleles behind f are known */
	double ac, an, af, behind;
	double f; /* the frequency that BA1 and BS1 compare */
	const char *what, *source;
};

/* Largest f for which fewer than ac alleles of an would be seen 95 times in 100 (Whiffin 2017). */
static double filtering_af(double ac, double an)
{
	return ac >= 1 && an >= 1 ? grx_chi2_inv(0.05, 2 * ac) / (2 * an) : 0;
}

/* Is it the column of the largest frequency among populations (AF_grpmax, AF_popmax, fafmax_...)? Then the
 * alleles behind it are that population's. */
static bool of_one_population(const struct annotate_acmg_input *in)
{
	return in->column && strstr(in->column, "max");
}

/* The database's own verdict on the record: what it does not pass is no frequency. */
static const char *filtered(const struct annotate_acmg_case *k)
{
	const char *f = annotate_acmg_text(k, AR_FILTER);
	return f && strcmp(f, "PASS") != 0 ? f : NULL;
}

/* Does one of the columns hold several values in one text? */
static bool several_values(const struct annotate_acmg_case *k)
{
	static const enum annotate_acmg_role role[] = {AR_AF, AR_FAF, AR_AC, AR_AN, AR_AN_MAX};
	bool is = false;
	for (size_t i = 0; i < sizeof role / sizeof *role; i++)
		is |= annotate_acmg_several(k, role[i]);
	return is;
}

static void freq_read(const struct annotate_acmg_case *k, struct freq *q)
{
	const struct annotate_acmg_input *in = k->a->in;
	double x;
	memset(q, 0, sizeof *q);
	q->has_ac = annotate_acmg_num(k, AR_AC, &q->ac);
	q->has_an = annotate_acmg_num(k, AR_AN, &q->an);
	q->has_af = annotate_acmg_num(k, AR_AF, &q->af);
	q->several = several_values(k);
	q->behind = q->an;
	q->has_max = q->has_an;
	bool faf = annotate_acmg_num(k, AR_FAF, &x), pair = !faf && q->has_ac && q->has_an;
	if (of_one_population(&in[faf ? AR_FAF : AR_AF]) && !pair) {
		double max;
		bool known = annotate_acmg_num(k, AR_AN_MAX, &max);
		/* a filtering frequency allows for few alleles by itself; a plain one does not */
		if (known)
			q->behind = max;
		q->has_max = known || (faf && q->has_an);
	}
	q->has_f = q->has_max && (faf || pair || q->has_af);
	q->f = faf ? x : pair ? filtering_af(q->ac, q->an) : q->af;
	q->what = faf    ? "filtering allele frequency"
		  : pair ? "filtering allele frequency from AC and AN"
			 : "allele frequency";
	q->source = in[faf ? AR_FAF : pair ? AR_AC : AR_AF].source;
	q->given = faf || q->has_ac || q->has_af;
}

/* Why there is no frequency to compare. */
static void no_frequency(struct annotate_acmg_case *k, int code, const struct freq *q)
{
	const struct annotate_acmg_input *in = k->a->in;
	annotate_acmg_set(k, code, AC_NOT_ASSESSED, 0);
	if (!in[AR_AF].column && !in[AR_FAF].column && !in[AR_AC].column)
		annotate_acmg_why(k, code, "no frequency database was given");
	else if (q->several)
		annotate_acmg_why(k, code, AC_SEVERAL_WHY);
	else if (q->given)
		annotate_acmg_why(k, code,
			"the number of alleles behind the frequency (AN, AN_MAX of a largest one) is not "
			"known");
	else
		annotate_acmg_why(k, code, "the frequency database has no entry for this variant");
}

/* Maximum credible frequency of the disorder (Whiffin 2017) when all it needs is known of the gene. */
static bool credible(const struct annotate_acmg_case *k, double *max)
{
	const struct annotate_acmg_val *p = annotate_acmg_get(k, AK_PREVALENCE),
				       *a = annotate_acmg_get(k, AK_ALLELIC),
				       *g = annotate_acmg_get(k, AK_GENETIC),
				       *t = annotate_acmg_get(k, AK_PENETRANCE);
	if (!p->text || !a->text || !g->text || !t->text || !annotate_acmg_get(k, AK_INHERITANCE)->text)
		return false;
	if (annotate_acmg_is(k, AK_INHERITANCE, "AR"))
		*max = sqrt(p->num) * a->num * sqrt(g->num) / sqrt(t->num);
	else
		*max = p->num * a->num * g->num / t->num / 2;
	return true;
}

static bool enough_alleles(struct annotate_acmg_case *k, int code, const struct freq *q)
{
	const struct annotate_acmg_val *min = annotate_acmg_get(k, AK_MIN_AN);
	if (q->behind >= min->num)
		return true;
	annotate_acmg_set(k, code, AC_NOT_ASSESSED, 0);
	annotate_acmg_why(k, code, "only %.0f alleles were counted, %.0f are asked for", q->behind, min->num);
	annotate_acmg_source(k, code, k->a->in[AR_AN].source, min->source);
	return false;
}

static void compare(
	struct annotate_acmg_case *k, int code, const struct freq *q, double limit, const char *source)
{
	annotate_acmg_set(k, code, q->f > limit ? AC_MET : AC_NOT_MET, annotate_acmg_default(code));
	annotate_acmg_value(k, code, "%s %.6g", q->what, q->f);
	annotate_acmg_threshold(k, code, "more than %.6g", limit);
	annotate_acmg_source(k, code, q->source, source);
}

bool annotate_acmg_placed(const struct grx_ctx *cx)
{
	return cx->fasta && grx_contigs_build(grx_fasta_contigs(cx->fasta)) == GRX_BUILD_38;
}

/* By place where the build is known; and by name on any transcript of the gene, since a name is that of the
 * transcript that the authors had in mind (BTD c.1330G>C is c.1270G>C on MANE Select). */
static bool is_exempt(const struct annotate_acmg_case *k, const struct annotate_acmg_exempt *x)
{
	const struct grx_change *c = &k->change, *p = &x->place;
	int32_t a = (int32_t)(k->al - k->r->al);
	if (k->has_change && k->a->placed && c->pos == p->pos && c->ref_len == p->ref_len &&
		c->alt_len == p->alt_len && memcmp(c->ref, p->ref, (size_t)c->ref_len) == 0 &&
		memcmp(c->alt, p->alt, (size_t)c->alt_len) == 0 &&
		strcmp(grx_contig_canonical(grx_contig_name(k->w->cx->contigs, k->al->tid)), x->chrom) == 0)
		return true;
	for (int32_t i = 0; i < k->r->n_entry[a]; i++) {
		const struct annotate_entry *e = &k->r->entry[a][i];
		const char *name = e->tx && e->hgvsc ? strchr(e->hgvsc, ':') : NULL;
		if (name && strcmp(e->tx->symbol, x->gene) == 0 && strcmp(name + 1, x->change) == 0)
			return true;
	}
	return false;
}

static bool exempt(struct annotate_acmg_case *k)
{
	const struct annotate_acmg_rules *r = k->a->rules;
	size_t i = 0;
	while (i < r->n_exempt && !is_exempt(k, &r->exempt[i]))
		i++;
	for (int j = 0; j < 2 && i < r->n_exempt; j++) {
		int code = j ? AC_BS1 : AC_BA1;
		annotate_acmg_set(k, code, AC_NOT_MET, 0);
		annotate_acmg_why(k, code, "exempt: this variant may be pathogenic although it is frequent");
		annotate_acmg_source(k, code, NULL, r->exempt[i].source);
	}
	return i < r->n_exempt;
}

/* The default limit is that of dominant disorders. Pathogenic alleles of recessive ones are more frequent
 * (CFTR p.Phe508del, SERPINA1 p.Glu366Lys), so a frequency above it says nothing where the inheritance is not
 * stated as dominant. */
static bool default_says_nothing(const struct annotate_acmg_case *k)
{
	bool own = k->gene && k->gene->v[AK_BS1_AF].text;
	return !own && annotate_acmg_is(k, AK_BS1_DEFAULT_FOR, "AD") &&
	       !annotate_acmg_is(k, AK_INHERITANCE, "AD");
}

static void common(struct annotate_acmg_case *k, const struct freq *q)
{
	const struct annotate_acmg_val *ba1 = annotate_acmg_get(k, AK_BA1_AF),
				       *bs1 = annotate_acmg_get(k, AK_BS1_AF);
	double limit = bs1->num;
	const char *source = bs1->source;
	if (!q->has_f) {
		no_frequency(k, AC_BA1, q);
		no_frequency(k, AC_BS1, q);
		return;
	}
	bool enough = enough_alleles(k, AC_BA1, q);
	if (!enough_alleles(k, AC_BS1, q) || !enough)
		return;
	bool known = credible(k, &limit);
	/* looked up only where it matters: it is by name */
	if ((q->f > ba1->num || q->f > limit) && exempt(k))
		return;
	compare(k, AC_BA1, q, ba1->num, ba1->source);
	if (known)
		source = annotate_acmg_get(k, AK_PREVALENCE)->source;
	compare(k, AC_BS1, q, limit, source);
	if (q->f > limit && !known && default_says_nothing(k)) {
		k->res->c[AC_BS1].state = AC_NOT_ASSESSED;
		annotate_acmg_why(k, AC_BS1,
			"above the default limit, which is not for disorders that are not stated as dominant "
			"(bs1_af "
			"of the gene, or prevalence and inheritance)");
	}
}

/* BS2: seen in people in the state that causes the disorder. Databases hold affected people too, so only
 * where the rules say that penetrance is full. */
static void observed(struct annotate_acmg_case *k)
{
	static const struct {
		const char *inheritance, *state;
		enum annotate_acmg_role role;
		enum annotate_acmg_key key;
	} way[] = {{"AR", "homozygotes", AR_NHOMALT, AK_BS2_HOM},
		{"XL", "hemizygotes", AR_NHEMI, AK_BS2_HEMI}, {"AD", "carriers", AR_AC, AK_BS2_HET}};
	const struct annotate_acmg_val *inh = annotate_acmg_get(k, AK_INHERITANCE);
	annotate_acmg_set(k, AC_BS2, AC_NOT_ASSESSED, 0);
	if (!inh->text || !annotate_acmg_is(k, AK_FULL_PENETRANCE, "yes")) {
		annotate_acmg_why(k, AC_BS2, "%s of the gene is not stated as %s",
			inh->text ? "penetrance" : "inheritance",
			inh->text ? "full at an early age" : "AD, AR or XL");
		return;
	}
	for (size_t i = 0; i < sizeof way / sizeof *way; i++) {
		double n;
		const struct annotate_acmg_val *min = annotate_acmg_get(k, way[i].key);
		if (strcmp(way[i].inheritance, inh->text) != 0)
			continue;
		if (!annotate_acmg_num(k, way[i].role, &n)) {
			if (annotate_acmg_several(k, way[i].role))
				annotate_acmg_why(k, AC_BS2, AC_SEVERAL_WHY);
			else
				annotate_acmg_why(k, AC_BS2, "the number of %s is not known", way[i].state);
			return;
		}
		annotate_acmg_set(k, AC_BS2, n >= min->num ? AC_MET : AC_NOT_MET, AC_STRONG);
		annotate_acmg_value(k, AC_BS2, "%.0f %s", n, way[i].state);
		annotate_acmg_threshold(k, AC_BS2, "at least %.0f", min->num);
		annotate_acmg_source(k, AC_BS2, k->a->in[way[i].role].source, min->source);
	}
}

/* No entry for the variant: absent, or not looked at? */
static void absent(struct annotate_acmg_case *k, const struct freq *q)
{
	double an;
	const struct annotate_acmg_val *min = annotate_acmg_get(k, AK_MIN_AN),
				       *ac = annotate_acmg_get(k, AK_PM2_AC);
	if (!k->a->in[AR_AF].column && !k->a->in[AR_AC].column && !k->a->in[AR_FAF].column) {
		no_frequency(k, AC_PM2, q);
		return;
	}
	if (!k->has_change || !k->al->dna) {
		annotate_acmg_set(k, AC_PM2, AC_NOT_ASSESSED, 0);
		annotate_acmg_why(k, AC_PM2,
			"an allele without a known sequence is not absent because a database of sequences "
			"lacks it");
		return;
	}
	if (annotate_acmg_num(k, AR_SITE_AN, &an)) {
		annotate_acmg_set(k, AC_PM2, an >= min->num ? AC_MET : AC_NOT_ASSESSED, AC_SUPPORTING);
		annotate_acmg_value(k, AC_PM2, "absent, %.0f alleles called at the site", an);
		annotate_acmg_threshold(k, AC_PM2, "absent, at least %.0f alleles called", min->num);
		annotate_acmg_source(k, AC_PM2, k->a->in[AR_SITE_AN].source, min->source);
		if (an < min->num)
			annotate_acmg_why(k, AC_PM2, "too few alleles were called at the site");
		return;
	}
	if (annotate_acmg_is(k, AK_PM2_ABSENT, "yes")) {
		annotate_acmg_set(k, AC_PM2, AC_MET, AC_SUPPORTING);
		annotate_acmg_value(k, AC_PM2, "no entry in the database");
		annotate_acmg_threshold(k, AC_PM2, "absent");
		annotate_acmg_why(k, AC_PM2, "the rules say that the database covers every site of interest");
		annotate_acmg_source(k, AC_PM2, NULL, annotate_acmg_get(k, AK_PM2_ABSENT)->source);
		return;
	}
	annotate_acmg_set(k, AC_PM2, AC_NOT_ASSESSED, 0);
	annotate_acmg_why(k, AC_PM2,
		"the database has no entry and does not say whether the site was callable (role SITE_AN)");
	annotate_acmg_source(k, AC_PM2, NULL, ac->source);
}

static void rare(struct annotate_acmg_case *k, const struct freq *q)
{
	const struct annotate_acmg_val *ac = annotate_acmg_get(k, AK_PM2_AC),
				       *af = annotate_acmg_get(k, AK_PM2_AF),
				       *min = annotate_acmg_get(k, AK_MIN_AN);
	/* a frequency of the gene's own, that of recessive disorders, or absence */
	bool recessive = annotate_acmg_is(k, AK_INHERITANCE, "AR"), by_af = af->text || recessive;
	if (!af->text)
		af = annotate_acmg_get(k, AK_PM2_AF_RECESSIVE);
	if (q->several && (!q->given || !q->has_an)) {
		no_frequency(k, AC_PM2, q);
		return;
	}
	if (!q->given) {
		absent(k, q);
		return;
	}
	if (!q->has_an || q->an < min->num) {
		annotate_acmg_set(k, AC_PM2, AC_NOT_ASSESSED, 0);
		annotate_acmg_why(
			k, AC_PM2, "fewer than %.0f alleles, or an unknown number, were counted", min->num);
		return;
	}
	double f = q->has_af ? q->af : q->has_ac ? q->ac / q->an : q->f;
	bool none = q->has_ac ? q->ac <= ac->num : f <= 0;
	bool met = by_af ? f <= af->num : none;
	annotate_acmg_set(k, AC_PM2, met ? AC_MET : AC_NOT_MET, AC_SUPPORTING);
	if (q->has_ac)
		annotate_acmg_value(k, AC_PM2, "%.0f of %.0f alleles, frequency %.6g", q->ac, q->an, f);
	else
		annotate_acmg_value(k, AC_PM2, "frequency %.6g of %.0f alleles", f, q->an);
	if (by_af)
		annotate_acmg_threshold(
			k, AC_PM2, "%sfrequency at most %.6g", recessive ? "recessive: " : "", af->num);
	else
		annotate_acmg_threshold(k, AC_PM2, "at most %.0f alleles", ac->num);
	annotate_acmg_source(k, AC_PM2,
		k->a->in[q->has_ac      ? AR_AC
			    : q->has_af ? AR_AF
					: AR_FAF]
			.source,
		by_af ? af->source : ac->source);
}

void annotate_acmg_freq(struct annotate_acmg_case *k)
{
	struct freq q;
	static const int code[] = {AC_BA1, AC_BS1, AC_BS2, AC_PM2};
	const char *f = filtered(k);
	for (size_t i = 0; f && i < sizeof code / sizeof *code; i++) {
		annotate_acmg_set(k, code[i], AC_NOT_ASSESSED, 0);
		annotate_acmg_why(k, code[i], "the database does not pass its record (FILTER %s)", f);
		annotate_acmg_source(k, code[i], k->a->in[AR_FILTER].source, NULL);
	}
	if (f)
		return;
	freq_read(k, &q);
	common(k, &q);
	observed(k);
	rare(k, &q);
}
