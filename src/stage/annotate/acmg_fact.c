/* SPDX-License-Identifier: GPL-3.0-or-later
 * acmg_fact.c -- the classification of carried alleles as facts acmg/CHROM:POS:REF:ALT: class, points,
 * posterior, the class by the rules of 2015, and one attribute a criterion, met or not, with value, limit and
 * sources. */
#include "stage/annotate/acmg_int.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "stage/annotate/findings.h"

/* What is kept until merge() of an allele; strings live in the shard. */
struct carrier {
	struct carrier *next;
	const char *sample;
	struct grx_because because;
};
struct classified {
	struct classified *next;
	const char *key, *gene, *consequence, *hgvsc, *hgvsp, *clinvar, *rules;
	int points;
	double posterior;
	enum annotate_acmg_class by_points, by_2015;
	const char *crit[AC_N];
	struct carrier *carrier;
};
struct annotate_acmg_part {
	struct classified *first, **end;
};

static const char *criterion_text(struct annotate_work *w, int code, const struct annotate_acmg_crit *c)
{
	struct grx_str *s = &w->txt;
	grx_str_reset(s);
	grx_str_add(s, c->state == AC_MET ? "met" : c->state == AC_NOT_MET ? "not met" : "not assessed");
	if (c->state == AC_MET)
		grx_str_addf(s, ", %s", annotate_acmg_strength_name[c->strength]);
	const struct {
		const char *name, *text;
	} part[] = {{"value", c->value}, {"limit", c->threshold}, {"because", c->why}, {"source", c->source}};
	for (size_t i = 0; i < sizeof part / sizeof *part; i++)
		if (part[i].text && *part[i].text)
			grx_str_addf(s, "; %s: %s", part[i].name, part[i].text);
	(void)code;
	return s->oom ? NULL : grx_arena_strndup(w->keep, s->s, s->n);
}

static const char *dup(struct annotate_work *w, const char *s, bool *oom)
{
	const char *t = s ? grx_arena_strdup(w->keep, s) : NULL;
	*oom |= s && !t;
	return t;
}

static int describe(struct annotate_acmg_case *k, struct classified *x)
{
	struct annotate_work *w = k->w;
	const struct annotate_acmg_result *r = k->res;
	const char *sig = annotate_acmg_text(k, AR_CLNSIG), *rev = annotate_acmg_text(k, AR_CLNREVSTAT);
	bool oom = false;
	x->key = annotate_allele_key(w, "acmg", k->r, k->al->number);
	x->gene = k->gene_name;
	grx_str_reset(&w->txt);
	if (k->e)
		annotate_terms_add(&w->txt, k->e->terms);
	x->consequence = dup(w, w->txt.n ? w->txt.s : "", &oom);
	x->hgvsc = dup(w, k->e ? k->e->hgvsc : NULL, &oom);
	x->hgvsp = dup(w, k->e ? k->e->hgvsp : NULL, &oom);
	if (sig)
		x->clinvar = grx_arena_printf(
			w->keep, "%s%s%s; not counted", sig, rev ? ", " : "", rev ? rev : "");
	x->points = r->points;
	x->posterior = r->posterior;
	x->by_points = r->by_points;
	x->by_2015 = r->by_2015;
	for (int i = 0; i < AC_N; i++)
		oom |= !(x->crit[i] = criterion_text(w, i, &r->c[i]));
	return oom || !x->key || (sig && !x->clinvar) ? grx_fail_nomem(w->cx, "classification") : GRX_OK;
}

int annotate_acmg_keep(struct annotate_acmg_case *k)
{
	struct annotate_work *w = k->w;
	const struct grx_hdr *h = w->cx->hdr;
	if (!w->part->acmg) {
		w->part->acmg = grx_arena_calloc(w->keep, 1, sizeof *w->part->acmg);
		if (!w->part->acmg)
			return grx_fail_nomem(w->cx, "classification");
		w->part->acmg->end = &w->part->acmg->first;
	}
	struct classified *x = grx_arena_calloc(w->keep, 1, sizeof *x);
	if (!x)
		return grx_fail_nomem(w->cx, "classification");
	int rc = describe(k, x);
	for (int32_t s = h->n_sample - 1; s >= 0 && !rc; s--) {
		if (!annotate_copies(k->r->v, s, k->al->number, NULL))
			continue;
		struct carrier *c = grx_arena_calloc(w->keep, 1, sizeof *c);
		if (!c)
			return grx_fail_nomem(w->cx, "classification");
		c->sample = h->sample[s];
		c->next = x->carrier;
		x->carrier = c;
		rc = annotate_because(w, k->r->v, s, w->keep, &c->because);
	}
	*w->part->acmg->end = x;
	w->part->acmg->end = &x->next;
	return rc;
}

static int fact_of(
	struct grx_ctx *cx, const struct classified *x, const struct carrier *c, struct grx_facts *to)
{
	struct grx_fact *f;
	const struct {
		const char *key, *val;
	} attr[] = {{"gene", x->gene}, {"consequence", x->consequence}, {"hgvsc", x->hgvsc},
		{"hgvsp", x->hgvsp}, {"gt", c->because.gt}, {"clinvar", x->clinvar},
		{"class_2015", annotate_acmg_class_name[x->by_2015]},
		{"agreement",
			x->by_points == x->by_2015 ? "yes" : "no: points and the rules of 2015 differ"}};
	int rc = grx_facts_add(cx, to, c->sample, x->key, "annotate", &f);
	if (!rc)
		rc = grx_fact_str_set(to, f, annotate_acmg_class_name[x->by_points]);
	for (size_t i = 0; i < sizeof attr / sizeof *attr && !rc; i++)
		if (attr[i].val && *attr[i].val)
			rc = grx_fact_attr(to, f, attr[i].key, "%s", attr[i].val);
	if (!rc)
		rc = grx_fact_attr(to, f, "points", "%d", x->points);
	if (!rc)
		rc = grx_fact_attr(to, f, "posterior", "%.4f", x->posterior);
	for (int i = 0; i < AC_N && !rc; i++)
		rc = grx_fact_attr(to, f, annotate_acmg_code_name[i], "%s", x->crit[i]);
	return rc ? rc : grx_fact_because(to, f, &c->because);
}

int annotate_acmg_merge(struct grx_ctx *cx, const struct annotate_part *part, struct grx_facts *to)
{
	if (!part->acmg)
		return GRX_OK;
	for (const struct classified *x = part->acmg->first; x; x = x->next)
		for (const struct carrier *c = x->carrier; c; c = c->next) {
			/* the same allele on two records is one */
			if (grx_facts_find(to, c->sample, x->key))
				continue;
			int rc = fact_of(cx, x, c, to);
			if (rc)
				return rc;
		}
	return GRX_OK;
}

int annotate_acmg_summary(
	struct grx_ctx *cx, const struct annotate_part *t, struct grx_facts *to, struct json_t *summary)
{
	const char *who = cx->hdr && cx->hdr->n_sample == 1 ? cx->hdr->sample[0] : "cohort";
	json_t *o = json_object();
	int rc = o && !json_object_set_new(summary, "acmg", o) ? GRX_OK : grx_fail_nomem(cx, "summary");
	for (int i = 0; i < AC_N_CLASS && !rc; i++) {
		char key[64];
		snprintf(key, sizeof key, "acmg/n/%s", annotate_acmg_class_name[i]);
		rc = grx_facts_num(cx, to, who, key, "annotate", (double)t->n_acmg[i], NULL);
		if (!rc && json_object_set_new(
				   o, annotate_acmg_class_name[i], json_integer((json_int_t)t->n_acmg[i])))
			rc = grx_fail_nomem(cx, "summary");
	}
	if (!rc && (json_object_set_new(o, "carried_below_fact_min_points",
			    json_integer((json_int_t)t->n_acmg_unlisted)) ||
			   json_object_set_new(o, "in_listed_genes_not_asked_for",
				   json_integer((json_int_t)t->n_acmg_withheld)) ||
			   json_object_set_new(o, "ref_mismatch_not_classified",
				   json_integer((json_int_t)t->n_acmg_ref_mismatch))))
		rc = grx_fail_nomem(cx, "summary");
	return rc;
}
