/* SPDX-License-Identifier: GPL-3.0-or-later
 * judge.c -- from a gene's data to what may be said: diplotypes as found, and a phenotype only if it is safe.
 * The shown diplotypes follow the score; the phenotype is withheld as soon as a missing locus, an
 * undocumented allele or equally good diplotypes could make it another one. */
#include <string.h>

#include "stage/pgx/posterior.h"

const char *pgx_status_text(enum pgx_status s)
{
	static const char *const text[] = {"called", "ambiguous", "partial", "no_match", "not_assessed"};
	return text[s];
}

static void locus_name(struct grx_str *s, const struct pgx_locus *l)
{
	if (l->rsid)
		grx_str_add(s, l->rsid);
	else
		grx_str_addf(s, "%s:%lld", l->chrom, (long long)l->pos + 1);
}

static const char *finish_text(struct grx_arena *mem, struct grx_str *s)
{
	const char *t = s->n && !s->oom ? grx_arena_strdup(mem, s->s) : NULL;
	grx_str_clear(s);
	return t;
}

/* Names of missing loci with the cause when there was a record; documented ALTs apart. */
static void describe(struct grx_arena *mem, const struct pgx_data *d, struct pgx_verdict *v)
{
	struct grx_str miss = {0}, other = {0};
	for (int l = 0; l < d->gene->n_locus; l++) {
		const struct pgx_obs *o = &d->obs[l];
		if (o->state != PGX_OK) {
			if (miss.n)
				grx_str_addc(&miss, ',');
			locus_name(&miss, &d->locus[l]);
			if (o->state != PGX_NO_RECORD)
				grx_str_addf(&miss, " (%s)", pgx_state_text((enum pgx_state)o->state));
			continue;
		}
		v->n_anchor += o->anchor_only;
		if (o->code[0] == PGX_OTHER || o->code[1] == PGX_OTHER)
			grx_str_addf(&other, "%s%s:%lld %s>%s", other.n ? "; " : "", d->locus[l].chrom,
				(long long)d->locus[l].pos + 1, o->ref, o->alt);
	}
	v->n_missing = d->n_missing;
	v->missing = finish_text(mem, &miss);
	v->undocumented = finish_text(mem, &other);
}

static const char *missing_required(struct grx_arena *mem, const struct pgx_data *d)
{
	for (int l = 0; l < d->gene->n_locus; l++)
		if (d->locus[l].required && d->block[l] == -2)
			return grx_arena_printf(mem, "required locus %s is missing",
				d->locus[l].rsid ? d->locus[l].rsid : "without rsID");
	return NULL;
}

/* Is "A/B" among the diplotypes? */
static const struct pgx_dip *find_dip(const struct pgx_dips *ds, const char *text, size_t n)
{
	for (size_t i = 0; i < ds->n; i++)
		if (strlen(ds->v[i].text) == n && !strncmp(ds->v[i].text, text, n))
			return &ds->v[i];
	return NULL;
}

/* The pick of the first priority row whose alternatives are all there. */
static const struct pgx_dip *priority_pick(const struct pgx_gene *g, const struct pgx_dips *ds)
{
	for (int i = 0; i < g->n_prio; i++) {
		bool all = true;
		for (const char *p = g->prio[i].alternatives; *p && all;) {
			size_t k = strcspn(p, "|");
			all = find_dip(ds, p, k) != NULL;
			p += k + (p[k] == '|');
		}
		if (all)
			return find_dip(ds, g->prio[i].pick, strlen(g->prio[i].pick));
	}
	return NULL;
}

/* Split all into the best and the rest. */
static int split_top(struct grx_arena *mem, const struct pgx_data *d, const struct pgx_dips *all,
	bool *picked, struct pgx_dips *top, struct pgx_dips *rest)
{
	bool unphased = d->gene->n_prio && d->n_block > 1;
	const struct pgx_dip *pick = unphased ? priority_pick(d->gene, all) : NULL;
	int rc = GRX_OK;
	*picked = pick != NULL;
	for (size_t i = 0; i < all->n && rc == GRX_OK; i++) {
		bool is_top = pick ? &all->v[i] == pick : unphased || all->v[i].score == all->v[0].score;
		rc = pgx_dips_push(mem, is_top ? top : rest, &all->v[i]);
	}
	return rc;
}

/* Phenotypes of the shown diplotypes, in their order, joined " OR ". */
static int shown_phenotypes(struct grx_arena *mem, const struct pgx_data *d, struct pgx_verdict *v)
{
	struct grx_str p = {0}, a = {0};
	for (size_t i = 0; i < v->shown.n; i++) {
		struct pgx_dip *x = &v->shown.v[i];
		x->phenotype = pgx_phenotype(
			mem, d->gene, x->a[0][0], x->n[1] < 0 ? -1 : x->a[1][0], &x->activity);
		grx_str_addf(&p, "%s%s", i ? " OR " : "", x->phenotype ? x->phenotype : "n/a");
		if (x->activity)
			grx_str_addf(&a, "%s%s", i ? " OR " : "", x->activity);
	}
	bool bad = p.oom || a.oom;
	v->phenotypes = finish_text(mem, &p);
	v->activities = finish_text(mem, &a);
	return bad ? GRX_E_NOMEM : GRX_OK;
}

static const char *join(struct grx_arena *mem, const struct pgx_texts *t)
{
	struct grx_str s = {0};
	for (size_t i = 0; i < t->n; i++)
		grx_str_addf(&s, "%s%s", i ? "|" : "", t->v[i]);
	return finish_text(mem, &s);
}

/* A locus that every laboratory should test, without evidence here; NULL if there is none. The alleles it
 * defines may be excluded by a neighbour that usually travels with it, but that is linkage, not evidence. */
static const struct pgx_locus *missing_tier1(const struct pgx_data *d)
{
	for (int l = 0; l < d->gene->n_locus && !d->policy->as_shown; l++)
		if (d->locus[l].tier1 && d->block[l] == -2)
			return &d->locus[l];
	return NULL;
}

/* Phenotypes that the reads leave open become candidates too; *doubt: the one that is left by the set logic
 * is not probable enough. */
static int weigh(struct grx_arena *mem, const struct pgx_opt *o, const struct pgx_data *d,
	const struct pgx_verdict *v, struct pgx_texts *ph, bool *doubt)
{
	int rc = GRX_OK;
	*doubt = !d->policy->as_shown && v->post && ph->n == 1 && strcmp(ph->v[0], "n/a") != 0 &&
		 pgx_prob_of(&v->post->ph, ph->v[0]) < o->min_posterior;
	for (size_t i = 0; *doubt && i < v->post->ph.n && rc == GRX_OK; i++)
		if (v->post->ph.v[i].p >= PGX_POST_LISTED)
			rc = pgx_text_add(mem, ph, v->post->ph.v[i].text);
	return rc;
}

/* The same of the activity score, which the rules of scored genes go by: one phenotype may hold several. */
static int weigh_score(struct grx_arena *mem, const struct pgx_opt *o, const struct pgx_data *d,
	const struct pgx_verdict *v, struct pgx_texts *act)
{
	int rc = GRX_OK;
	if (d->policy->as_shown || !v->post || act->n != 1 || !strcmp(act->v[0], "n/a") ||
		pgx_prob_of(&v->post->act, act->v[0]) >= o->min_posterior)
		return GRX_OK;
	for (size_t i = 0; i < v->post->act.n && rc == GRX_OK; i++)
		if (v->post->act.v[i].p >= PGX_POST_LISTED)
			rc = pgx_text_add(mem, act, v->post->act.v[i].text);
	return rc;
}

static const char *doubt_text(
	struct grx_arena *mem, const struct pgx_opt *o, const struct pgx_verdict *v, const char *phenotype)
{
	char p[32], q[32];
	return grx_arena_printf(mem,
		"ambiguous: given the genotype likelihoods and allele frequencies, %s has probability %s, "
		"less than %s",
		phenotype, pgx_prob_text(pgx_prob_of(&v->post->ph, phenotype), p),
		grx_fmt_g(q, o->min_posterior, 6));
}

static enum pgx_status status_of(
	const struct pgx_opt *o, const struct pgx_data *d, const struct pgx_verdict *v, bool unclear)
{
	if (d->n_missing)
		return PGX_PARTIAL;
	if (unclear || (v->shown.n > 1 && !v->list))
		return PGX_AMBIGUOUS;
	return v->post && v->post->shown < o->min_posterior ? PGX_AMBIGUOUS : PGX_CALLED;
}

/* An allele was seen that is matched as REF since no definition lists it. */
static bool unlisted(const struct pgx_data *d)
{
	return d->n_other && d->gene->undocumented_ref && !d->policy->as_shown;
}

/* No phenotype whatever the diplotypes are, and no candidates either: why. */
static bool refused(struct grx_arena *mem, const struct pgx_data *d, bool one, struct pgx_verdict *v)
{
	const struct pgx_locus *unseen = missing_tier1(d);
	if (!d->gene->n_rule)
		v->why_not = "not assessed: no phenotype is defined for this gene";
	else if (unlisted(d))
		v->why_not = "ambiguous: an allele that the definitions do not list was seen; its effect is "
			     "unknown";
	else if (one && unseen)
		v->why_not = grx_arena_printf(mem,
			"not assessed: %s, a locus that every test should cover, lacks evidence",
			unseen->rsid ? unseen->rsid : "a tier 1 locus");
	else
		return false;
	v->candidates = NULL;
	return true;
}

static const char *why_several(const struct pgx_data *d)
{
	return d->n_missing && (!d->policy->as_shown || d->gene->method == PGX_MITO)
		       ? "not assessed: missing loci could change the phenotype"
		       : "ambiguous: equally good diplotypes have different phenotypes";
}

static int settle(struct grx_arena *mem, const struct pgx_opt *o, const struct pgx_data *d,
	struct pgx_texts *ph, struct pgx_texts *act, struct pgx_verdict *v)
{
	bool one = ph->n == 1 && strcmp(ph->v[0], "n/a") != 0, doubt;
	const char *first = ph->n ? ph->v[0] : "";
	int rc = weigh(mem, o, d, v, ph, &doubt);
	if (rc == GRX_OK && one && !doubt)
		rc = weigh_score(mem, o, d, v, act);
	if (rc)
		return rc;
	v->candidates = join(mem, ph);
	v->doubted = doubt || (one && !d->n_missing && act->n > 1);
	v->status = status_of(o, d, v, unlisted(d) || v->doubted);
	if (refused(mem, d, one, v))
		return GRX_OK;
	if (one && doubt) {
		v->why_not = doubt_text(mem, o, v, first);
	} else if (one) {
		v->phenotype = ph->v[0];
		v->lookup = d->gene->by_score ? join(mem, act) : v->phenotype;
		v->activity = act->n == 1 && strcmp(act->v[0], "n/a") ? act->v[0] : NULL;
	} else if (ph->n > 1) {
		v->why_not = why_several(d);
	} else {
		v->why_not = "not assessed: no clinical function is assigned to an allele of the diplotype";
		v->candidates = NULL;
	}
	return GRX_OK;
}

static const struct pgx_allele *allele_named(const struct pgx_gene *g, const char *name, int *k)
{
	for (*k = 0; *k < g->n_allele; ++*k)
		if (!strcmp(g->allele[*k].name, name))
			return &g->allele[*k];
	*k = -1;
	return NULL;
}

/* No diplotype explains the data, but one locus suggests a pair: shown, and trusted only if homozygous for
 * the ALT (and probably so), since other variants may lie on the copy that looks normal. */
static void fall_back(
	struct grx_arena *mem, const struct pgx_opt *o, const struct pgx_data *d, struct pgx_verdict *v)
{
	const struct pgx_gene *g = d->gene;
	for (int l = 0; g->fall_rsid && l < g->n_locus; l++) {
		int8_t a = d->code[l][0], b = d->code[l][1];
		if (!grx_streq(d->locus[l].rsid, g->fall_rsid) || d->block[l] == -2 || a < 0 || a > 1 ||
			b < 0 || b > 1)
			continue;
		if (!allele_named(g, g->fall_name[a], &v->pair[0]) ||
			!allele_named(g, g->fall_name[b], &v->pair[1]))
			return;
		const char *activity;
		if (d->haploid || d->half) /* the copy that was not seen may be anything */
			return;
		v->inferred = true;
		v->phenotypes = pgx_phenotype(mem, g, v->pair[0], v->pair[1], &activity);
		if ((a && b && pgx_post_locus(d, l, a, b) >= o->min_posterior) || d->policy->as_shown)
			v->phenotype = v->lookup = v->phenotypes;
	}
}

/* A diplotype that is not probable enough must not stand alone, as the reference pair would where the locus
 * of the most common other allele is missing. */
static int add_credible(struct grx_arena *mem, const struct pgx_opt *o, struct pgx_verdict *v)
{
	struct pgx_probs set;
	struct grx_str s = {0};
	if (!v->post || v->list || !v->post->own.n || v->post->shown >= o->min_posterior)
		return GRX_OK;
	int rc = pgx_post_credible(mem, v->post, o->min_posterior, &set, &v->credible_p);
	for (size_t i = 0; i < set.n; i++)
		grx_str_addf(&s, "%s%s", i ? " OR " : "", set.v[i].text);
	rc = s.oom ? GRX_E_NOMEM : rc;
	v->credible = finish_text(mem, &s);
	return rc;
}

static int add_posterior(struct grx_arena *mem, const struct pgx_data *d, struct pgx_verdict *v)
{
	if (!d->gene->model)
		return GRX_OK;
	struct pgx_post *p = grx_arena_alloc(mem, 1, sizeof *p);
	if (!p)
		return GRX_E_NOMEM;
	v->post = p;
	return d->gene->method == PGX_LOWEST ? pgx_post_lowest(mem, d, p)
					     : pgx_post_exact(mem, d, &v->shown, &v->others, p);
}

int pgx_refuse(struct grx_arena *mem, enum pgx_status status, const char *reason, struct pgx_verdict *v)
{
	v->status = status;
	v->reason = reason;
	v->why_not = grx_arena_printf(mem, "not assessed: %s", reason);
	return v->why_not ? GRX_OK : GRX_E_NOMEM;
}

static int judge_exact(
	struct grx_arena *mem, const struct pgx_opt *o, const struct pgx_data *d, struct pgx_verdict *v)
{
	struct pgx_dips all, top = {0};
	struct pgx_texts ph = {0}, act = {0};
	bool picked = false;
	int rc = GRX_E_BUG;
	GRX_TRY(pgx_match(mem, d, false, &all));
	if (!all.n && d->policy->combine)
		GRX_TRY(pgx_judge_combined(mem, d, v));
	if (v->shown.n)
		return GRX_OK;
	if (!all.n) {
		fall_back(mem, o, d, v);
		return pgx_refuse(mem, PGX_NO_MATCH,
			v->undocumented ? "an allele that the definitions do not list was seen"
			: d->half       ? "a genotype is half missing"
			: d->mixed ? "haploid and diploid genotypes are mixed, or haploid ones on an autosome"
				   : "no pair of known alleles explains the genotypes",
			v);
	}
	GRX_TRY(split_top(mem, d, &all, &picked, &top, &v->others));
	GRX_TRY(pgx_possible(mem, d, &top, &ph, &act));
	v->shown = top;
	GRX_TRY(add_posterior(mem, d, v));
	if (!d->policy->as_shown)
		GRX_TRY(add_credible(mem, o, v));
	GRX_TRY(settle(mem, o, d, &ph, &act, v));
	if (o->all_diplotypes && !picked) {
		v->shown = all;
		memset(&v->others, 0, sizeof v->others);
	}
	rc = shown_phenotypes(mem, d, v);
out:
	return rc;
}

static int judge_lowest(
	struct grx_arena *mem, const struct pgx_opt *o, const struct pgx_data *d, struct pgx_verdict *v)
{
	struct pgx_lowest lw;
	struct pgx_texts ph = {0}, act = {0};
	int rc = GRX_E_BUG;
	GRX_TRY(pgx_lowest_call(mem, d, &lw));
	v->warning = lw.warning;
	if (!lw.dips.n)
		return pgx_refuse(mem, PGX_NO_MATCH,
			d->half ? "a genotype is half missing" : "haploid genotypes on an autosome", v);
	v->shown = lw.dips;
	v->list = lw.list;
	v->inferred = lw.inferred || lw.list || lw.dips.n > 1;
	v->pair[0] = lw.pair[0];
	v->pair[1] = lw.pair[1];
	const char *activity, *p = pgx_phenotype(mem, d->gene, lw.pair[0], lw.pair[1], &activity);
	v->phenotypes = p ? p : "n/a";
	v->activities = activity;
	GRX_TRY(pgx_possible_lowest(mem, d, &lw, &ph, &act));
	GRX_TRY(add_posterior(mem, d, v));
	GRX_TRY(settle(mem, o, d, &ph, &act, v));
	rc = GRX_OK;
out:
	return rc;
}

static int judge_mito(
	struct grx_arena *mem, const struct pgx_opt *o, const struct pgx_data *d, struct pgx_verdict *v)
{
	struct pgx_mito m;
	struct pgx_texts ph = {0}, act = {0};
	int rc = GRX_E_BUG;
	GRX_TRY(pgx_mito_call(mem, d, &m));
	v->warning = m.warning;
	v->shown = m.dips;
	if (!m.dips.n)
		return pgx_refuse(mem, PGX_NO_MATCH, "a genotype is half missing", v);
	const char *activity, *p = pgx_phenotype(mem, d->gene, m.worst, -1, &activity);
	v->phenotypes = p ? p : "n/a";
	GRX_TRY(pgx_possible_mito(mem, d, &m, &ph));
	GRX_TRY(settle(mem, o, d, &ph, &act, v));
	bool increased = p && grx_starts(p, "increased");
	if (increased) { /* stands whatever else is there */
		v->phenotype = v->lookup = p;
		v->why_not = v->candidates = NULL;
	} else if (d->n_other) {
		v->status = PGX_AMBIGUOUS;
		v->phenotype = v->lookup = v->candidates = NULL;
		v->why_not = "ambiguous: an allele that the definitions do not list was seen; its effect is "
			     "unknown";
	}
	rc = GRX_OK;
out:
	return rc;
}

/* "a|b" as "a OR b"; NULL from NULL. */
static const char *either(struct grx_arena *mem, const char *list, bool *bad)
{
	struct grx_str s = {0};
	for (const char *p = list; p && *p; p++)
		grx_str_addn(&s, *p == '|' ? " OR " : p, *p == '|' ? 4 : 1);
	*bad = s.oom;
	return finish_text(mem, &s);
}

/* What follows from the shown diplotypes is not told where it does not hold whatever was not seen: the
 * candidates are, if they can be listed. */
static int hide_unsafe(
	struct grx_arena *mem, const struct pgx_opt *o, const struct pgx_data *d, struct pgx_verdict *v)
{
	bool open = d->n_missing || d->n_other || v->doubted, bad;
	if (d->policy->as_shown || o->all_diplotypes || !d->gene->n_rule || !open)
		return GRX_OK;
	if (!v->phenotype) {
		v->phenotypes = either(mem, v->candidates, &bad);
		v->activities = NULL;
		return bad ? GRX_E_NOMEM : GRX_OK;
	}
	if (v->activity || !d->gene->by_score || !v->lookup || !strchr(v->lookup, '|'))
		return GRX_OK;
	v->activities = either(mem, v->lookup, &bad);
	return bad ? GRX_E_NOMEM : GRX_OK;
}

int pgx_judge(struct grx_arena *mem, const struct pgx_opt *o, const struct pgx_data *d, struct pgx_verdict *v)
{
	memset(v, 0, sizeof *v);
	v->pair[0] = v->pair[1] = -1;
	v->phased = d->n_block <= 1;
	describe(mem, d, v);
	v->reason = d->gene->method == PGX_NEVER ? d->gene->undetectable
		    : d->n_avail                 ? missing_required(mem, d)
				 : grx_arena_printf(mem, "none of the %d defining loci was genotyped",
					   d->gene->n_locus);
	if (v->reason)
		return pgx_refuse(mem, PGX_NOT_ASSESSED, v->reason, v);
	int rc = d->gene->method == PGX_MITO     ? judge_mito(mem, o, d, v)
		 : d->gene->method == PGX_LOWEST ? judge_lowest(mem, o, d, v)
						 : judge_exact(mem, o, d, v);
	rc = rc == GRX_OK ? hide_unsafe(mem, o, d, v) : rc;
	if (rc != GRX_OK || !d->gene->research)
		return rc;
	if (!d->policy->as_shown)
		v->phenotypes = v->activities = NULL;
	return pgx_withhold_research(mem, d->gene, v);
}
