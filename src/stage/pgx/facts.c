/* SPDX-License-Identifier: GPL-3.0-or-later
 * facts.c -- the facts of one gene of one sample, with the evidence at every defining locus.
 * The chain is phenotype <- diplotype <- loci; a locus without record has gt NULL. */
#include <stdio.h>
#include <string.h>

#include "stage/pgx/posterior.h"

static const char *const stage_name = "pgx";

struct writer {
	struct grx_ctx *cx;
	struct grx_facts *fs;
	const char *sample;
	const struct pgx_data *d;
	const struct pgx_verdict *v;
};

static int attr(const struct writer *w, struct grx_fact *f, const char *key, const char *val)
{
	return val ? grx_fact_attr(w->fs, f, key, "%s", val) : GRX_OK;
}

static int add(const struct writer *w, const char *what, struct grx_fact **f)
{
	char key[128];
	snprintf(key, sizeof key, "pgx/%s/%s", w->d->gene->name, what);
	int rc = grx_facts_add(w->cx, w->fs, w->sample, key, stage_name, f);
	if (rc == GRX_OK && !((*f)->refdata = grx_facts_dup(w->fs, w->d->gene->source)))
		rc = grx_fail_nomem(w->cx, "a fact");
	if (rc == GRX_OK && w->d->policy->as_shown && w->d->gene->method != PGX_MITO)
		rc = attr(w, *f, "compat",
			"pharmcat: neither missing loci nor unlisted alleles withhold the phenotype");
	return rc;
}

/* "0/1", "./.", "1"; NULL when there was no record. */
static const char *gt_text(const struct pgx_obs *o, char *buf, size_t n)
{
	char x[2][8];
	if (o->state == PGX_NO_RECORD)
		return NULL;
	for (int i = 0; i < 2; i++)
		snprintf(x[i], sizeof x[i], o->gt[i] < 0 ? "." : "%d", o->gt[i]);
	if (o->gt[1] == -2)
		snprintf(buf, n, "%s", x[0]);
	else
		snprintf(buf, n, "%s%c%s", x[0], o->phased ? '|' : '/', x[1]);
	return buf;
}

static int add_loci(const struct writer *w, struct grx_fact *f)
{
	const struct pgx_gene *g = w->d->gene;
	char gt[24];
	int rc = GRX_OK;
	for (int l = 0; l < g->n_locus + g->n_extra && rc == GRX_OK; l++) {
		const struct pgx_locus *x = &w->d->locus[l];
		const struct pgx_obs *o = &w->d->obs[l];
		bool none = o->state == PGX_NO_RECORD;
		struct grx_because b = {.chrom = x->chrom, .pos = x->pos + 1, .name = x->rsid};
		b.ref = none ? x->ref : o->ref;
		b.alt = none ? x->alts : o->alt;
		b.gt = gt_text(o, gt, sizeof gt);
		b.dp = none ? -1 : o->dp;
		b.gq = none ? -1 : o->gq;
		b.ad = none ? NULL : o->ad;
		rc = grx_fact_because(w->fs, f, &b);
	}
	return rc;
}

static int attr_dips(const struct writer *w, struct grx_fact *f, const char *key, const struct pgx_dips *ds)
{
	struct grx_str s = {0};
	for (size_t i = 0; i < ds->n; i++)
		grx_str_addf(&s, "%s%s", i ? " OR " : "", ds->v[i].text);
	int rc = s.oom ? grx_fail_nomem(w->cx, "a fact") : attr(w, f, key, ds->n ? s.s : NULL);
	grx_str_clear(&s);
	return rc;
}

static int attr_prob(const struct writer *w, struct grx_fact *f, const char *key, double p)
{
	char buf[32];
	return attr(w, f, key, pgx_prob_text(p, buf));
}

/* "A:0.98|B:0.02" of those that are likely enough; sep between entries. */
static int attr_probs(const struct writer *w, struct grx_fact *f, const char *key, const struct pgx_probs *ps,
	double least, const char *sep)
{
	struct grx_str s = {0};
	char buf[32];
	for (size_t i = 0; i < ps->n; i++)
		if (ps->v[i].p >= least)
			grx_str_addf(
				&s, "%s%s:%s", s.n ? sep : "", ps->v[i].text, pgx_prob_text(ps->v[i].p, buf));
	int rc = s.oom ? grx_fail_nomem(w->cx, "a fact") : attr(w, f, key, s.n ? s.s : NULL);
	grx_str_clear(&s);
	return rc;
}

/* Probabilities of the candidates in their order. */
static int attr_candidates(
	const struct writer *w, struct grx_fact *f, const char *candidates, const struct pgx_probs *ps)
{
	struct grx_str s = {0};
	char buf[32], name[256];
	for (const char *p = candidates; p && *p;) {
		size_t n = strcspn(p, "|");
		snprintf(name, sizeof name, "%.*s", (int)n, p);
		grx_str_addf(&s, "%s%s", s.n ? "|" : "", pgx_prob_text(pgx_prob_of(ps, name), buf));
		p += n + (p[n] == '|');
	}
	int rc = s.oom ? grx_fail_nomem(w->cx, "a fact")
		       : attr(w, f, "candidates_posterior", s.n ? s.s : NULL);
	grx_str_clear(&s);
	return rc;
}

static int attr_posterior(const struct writer *w, struct grx_fact *f)
{
	const struct pgx_verdict *v = w->v;
	const struct pgx_post *p = v->post;
	int rc = GRX_E_BUG;
	if (!p)
		return attr_dips(w, f, "alternatives", &v->others);
	GRX_TRY(attr_prob(w, f, "posterior", v->credible ? v->credible_p : p->shown));
	if (v->credible) {
		GRX_TRY(attr_dips(w, f, "best_score", &v->shown));
		GRX_TRY(attr_prob(w, f, "best_score_posterior", p->shown));
	}
	GRX_TRY(attr(w, f, "most_probable", p->best));
	GRX_TRY(attr_probs(w, f, "alternatives", &p->alt, 0, "; "));
	if (p->rest >= 1e-6)
		GRX_TRY(attr_prob(w, f, "alternatives_rest", p->rest));
	GRX_TRY(attr(w, f, "indistinguishable", p->same));
	GRX_TRY(attr(w, f, "prior", w->d->gene->model->basis));
	rc = GRX_OK;
out:
	return rc;
}

static int diplotype_value(const struct writer *w, struct grx_fact *f)
{
	const struct pgx_dips *ds = &w->v->shown;
	struct grx_str s = {0};
	int rc = GRX_OK;
	for (size_t i = 0; i < ds->n; i++)
		grx_str_addf(&s, "%s%s", i ? w->v->list ? "; " : " OR " : "", ds->v[i].text);
	if (s.oom)
		rc = grx_fail_nomem(w->cx, "a fact");
	else if (ds->n)
		rc = grx_fact_str_set(w->fs, f, w->v->credible ? w->v->credible : s.s);
	else
		f->status = GRX_FACT_MISSING;
	grx_str_clear(&s);
	return rc;
}

static int add_diplotype(const struct writer *w, struct grx_fact **out)
{
	const struct pgx_verdict *v = w->v;
	struct grx_fact *f = NULL;
	int rc = GRX_E_BUG;
	GRX_TRY(add(w, "diplotype", &f));
	GRX_TRY(diplotype_value(w, f));
	if (!v->shown.n)
		GRX_TRY(attr(w, f, "reason", v->why_not));
	if (v->shown.n && !v->list)
		GRX_TRY(grx_fact_attr(w->fs, f, "score", "%d", v->shown.v[0].score));
	if (v->list)
		GRX_TRY(attr(w, f, "kind", "list of alleles; on which copy each lies is not known"));
	GRX_TRY(attr(w, f, "phased", v->phased ? "true" : "false"));
	GRX_TRY(grx_fact_attr(w->fs, f, "n_loci", "%d", w->d->gene->n_locus));
	GRX_TRY(grx_fact_attr(w->fs, f, "n_missing", "%d", v->n_missing));
	GRX_TRY(attr(w, f, "missing", v->missing));
	GRX_TRY(attr_posterior(w, f));
	GRX_TRY(attr(w, f, "undocumented", v->undocumented));
	GRX_TRY(attr(w, f, "warning", v->warning));
	if (v->n_anchor)
		GRX_TRY(grx_fact_attr(w->fs, f, "indel_loci_by_anchor_base_only", "%d", v->n_anchor));
	GRX_TRY(attr(w, f, "undetectable", w->d->gene->undetectable));
	GRX_TRY(add_loci(w, f));
	*out = f;
	rc = GRX_OK;
out:
	return rc;
}

/* Why there is no value, if there is none; the pair behind the answer; the link to the diplotype. */
static int conclude(const struct writer *w, struct grx_fact *f, const struct grx_fact *dip, const char *why,
	const char *candidates, const struct pgx_probs *ps)
{
	const struct pgx_verdict *v = w->v;
	int rc = GRX_E_BUG;
	if (f->value.type == GRX_V_NULL) {
		f->status = GRX_FACT_MISSING;
		GRX_TRY(attr(w, f, "reason", why));
		GRX_TRY(attr(w, f, "candidates", candidates));
		if (ps)
			GRX_TRY(attr_candidates(w, f, candidates, ps));
		/* What no read speaks of, an allele unheard of, or a genotype that was called is not to be
		 * decided by priors. */
		if (candidates)
			GRX_TRY(attr(w, f, "candidates_basis",
				w->d->n_missing || w->d->n_other ? "missing"
				: v->doubted                     ? "prior"
								 : "evidence"));
	}
	if (v->inferred && v->pair[0] >= 0)
		GRX_TRY(grx_fact_attr(w->fs, f, "inferred_from", "%s/%s",
			w->d->gene->allele[v->pair[0]].shown, w->d->gene->allele[v->pair[1]].shown));
	GRX_TRY(grx_fact_because_fact(w->fs, f, dip->id));
	rc = GRX_OK;
out:
	return rc;
}

static int add_activity(const struct writer *w, const struct grx_fact *dip)
{
	const struct pgx_verdict *v = w->v;
	struct grx_fact *f = NULL;
	const char *why = v->why_not;
	double x = 0;
	int rc = GRX_E_BUG;
	GRX_TRY(add(w, "activity_score", &f));
	if (v->phenotype && v->activity && grx_parse_f64(v->activity, &x)) {
		GRX_TRY(grx_fact_num_set(w->fs, f, x, NULL));
		if (v->post)
			GRX_TRY(attr_prob(w, f, "posterior", pgx_prob_of(&v->post->act, v->activity)));
	}
	if (!why)
		why = !v->lookup || !strchr(v->lookup, '|') ? "not assessed: an allele has no activity value"
		      : w->d->n_missing ? "not assessed: missing loci could change the activity score"
					: "ambiguous: what the reads leave open has other activity scores";
	GRX_TRY(conclude(w, f, dip, why, v->lookup && strchr(v->lookup, '|') ? v->lookup : NULL,
		v->post ? &v->post->act : NULL));
	rc = GRX_OK;
out:
	return rc;
}

/* Sure of the phenotype though not of the diplotype. */
#define SURE 0.99

static int phenotype_posterior(const struct writer *w, struct grx_fact *f)
{
	const struct pgx_verdict *v = w->v;
	int rc = GRX_E_BUG;
	if (v->phenotype) {
		double p = pgx_prob_of(&v->post->ph, v->phenotype);
		GRX_TRY(attr_prob(w, f, "posterior", p));
		if (p >= SURE && (v->post->shown < SURE || (v->shown.n > 1 && !v->list)))
			GRX_TRY(attr(w, f, "certainty", "phenotype certain although the diplotype is not"));
	}
	GRX_TRY(attr_probs(w, f, "phenotype_posterior", &v->post->ph, PGX_POST_LISTED, "|"));
	rc = GRX_OK;
out:
	return rc;
}

static int add_phenotype(const struct writer *w, const struct grx_fact *dip)
{
	const struct pgx_verdict *v = w->v;
	struct grx_fact *f = NULL;
	int rc = GRX_E_BUG;
	GRX_TRY(add(w, "phenotype", &f));
	if (v->phenotype) {
		GRX_TRY(grx_fact_str_set(w->fs, f, v->phenotype));
		GRX_TRY(attr(w, f, "lookup", v->lookup ? v->lookup : v->phenotype));
	}
	if (v->post)
		GRX_TRY(phenotype_posterior(w, f));
	GRX_TRY(conclude(w, f, dip, v->why_not, v->candidates, v->post ? &v->post->ph : NULL));
	rc = w->d->gene->by_score ? add_activity(w, dip) : GRX_OK;
out:
	return rc;
}

int pgx_facts_add(struct grx_ctx *cx, struct grx_facts *fs, const char *sample, const struct pgx_data *d,
	const struct pgx_verdict *v)
{
	struct writer w = {cx, fs, sample, d, v};
	struct grx_fact *dip = NULL, *st = NULL;
	int rc = GRX_E_BUG;
	GRX_TRY(add_diplotype(&w, &dip));
	GRX_TRY(add_phenotype(&w, dip));
	GRX_TRY(add(&w, "status", &st));
	GRX_TRY(grx_fact_str_set(fs, st, pgx_status_text(v->status)));
	GRX_TRY(grx_fact_because_fact(fs, st, dip->id));
	rc = GRX_OK;
out:
	return rc;
}
