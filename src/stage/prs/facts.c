/* SPDX-License-Identifier: GPL-3.0-or-later
 * facts.c -- results into facts: sum with interval, coverage, place among a panel, ancestry, of every sample.
 * A score whose called rows fall below --min-overlap is refused: a sum over what happened to be there is no
 * score. */
#include <math.h>
#include <stdio.h>

#include "base/par.h"
#include "base/str.h"
#include "io/factio.h"
#include "stage/prs/prs_int.h"

/* Beyond this quantile of the panel's own distances a person's facts say so. */
#define PORTABLE 0.95

enum z_kind { Z_POP, Z_NORM1, Z_NORM2, Z_N };

static int attr_num(struct grx_facts *out, struct grx_fact *f, const char *key, double x)
{
	char buf[32];
	return grx_fact_attr(out, f, key, "%s", grx_fmt_g(buf, x, 10));
}

static int attr_int(struct grx_facts *out, struct grx_fact *f, const char *key, int64_t x)
{
	return grx_fact_attr(out, f, key, "%lld", (long long)x);
}

/* Said with the interval: what it covers and what it does not. */
static const char *interval_covers(const struct prs_state *st, const struct prs_result *r)
{
	const struct prs_target *t = &st->target;
	bool peer = st->po.pgsc || st->po.plink, eff = r->sd_effect > 0;
	bool lik = (st->po.dosage == PRS_USE_AUTO && !peer && (t->has_gp || t->has_pl)) ||
		   (st->po.dosage == PRS_USE_GP && t->has_gp) || st->po.dosage == PRS_USE_PL;
	if (lik)
		return eff ? "genotypes and weights" : "genotypes; weights are taken as exact";
	return eff ? "missing genotypes and weights; called ones are taken as sure"
		   : "missing genotypes; called ones and weights are taken as exact";
}

static int attrs_add(
	struct grx_facts *out, struct grx_fact *f, const struct prs_state *st, const struct prs_result *r)
{
	int rc = GRX_E_BUG;
	const struct prs_absent *a = &st->absent[r->col->file];
	if (r->file->trait)
		GRX_TRY(grx_fact_attr(out, f, "trait", "%s", r->file->trait));
	GRX_TRY(attr_int(out, f, "n_rows", r->n_rows));
	GRX_TRY(attr_int(out, f, "n_matched", r->n_matched));
	GRX_TRY(attr_int(out, f, "n_called", r->n.n_called));
	GRX_TRY(attr_int(out, f, "n_imputed", r->n.n_imputed));
	GRX_TRY(attr_int(out, f, "n_missing", r->n.n_missing));
	GRX_TRY(grx_fact_attr(
		out, f, "weight_type", "%s", r->file->weight_type ? r->file->weight_type : "NR"));
	GRX_TRY(grx_fact_attr(out, f, "build", "%s", r->file->build_text ? r->file->build_text : "NR"));
	GRX_TRY(grx_fact_attr(out, f, "palindromes", "%s", st->why_pal[r->col->file]));
	if (r->ok) {
		GRX_TRY(attr_num(out, f, "sd", r->sd));
		GRX_TRY(attr_num(out, f, "level", st->opt->level));
		GRX_TRY(grx_fact_attr(out, f, "interval", "%s", interval_covers(st, r)));
		if (!isnan(r->p_above))
			GRX_TRY(attr_num(out, f, "p_above", r->p_above));
		/* rows of a wide file have no frequency: none of those not matched has an expectation */
		GRX_TRY(attr_int(out, f, "n_as_zero",
			r->n.n_missing +
				(prs_is_wide(st->set, r->file) ? r->n_rows - r->n_matched : a->n_unknown)));
	}
	if (st->po.std != PRS_STD_NONE)
		GRX_TRY(grx_fact_attr(out, f, "standardised", "%s", st->opt->standardise));
	if (a->n > 0) {
		/* the sum is of what was seen; this is for whoever compares it with a population */
		GRX_TRY(attr_int(out, f, "n_uncovered_expected", a->n));
		GRX_TRY(attr_num(out, f, "uncovered_expected", a->expected));
		GRX_TRY(attr_num(out, f, "uncovered_sd", sqrt(fmax(a->var_absent, 0))));
	}
	f->refdata = grx_facts_dup(out, r->col->id);
	rc = f->refdata ? GRX_OK : GRX_E_NOMEM;
out:
	return rc;
}

static int because_add(
	struct grx_facts *out, struct grx_fact *f, const struct prs_state *st, const struct prs_result *r)
{
	struct prs_top top = {0};
	size_t k = (size_t)(r->col - st->set->col);
	for (size_t pal = 0; st->eng->top && pal <= (st->keep_pal[r->col->file] ? 1 : 0); pal++)
		if (st->eng->top[2 * k + pal])
			prs_top_merge(&top, &st->eng->top[2 * k + pal][r->index]);
	return prs_top_because(st->target.hdr->contigs, &top, out, f);
}

/* A fact prs/ID/what of a number. */
static int num_fact(struct grx_ctx *cx, struct grx_facts *out, const struct prs_result *r, const char *what,
	double x, const char *unit)
{
	char key[512];
	snprintf(key, sizeof key, "prs/%.400s/%s", r->col->id, what);
	return grx_facts_num(cx, out, r->sample, key, "prs", x, unit);
}

static int refusal(
	struct grx_facts *out, struct grx_fact *f, const struct prs_state *st, const struct prs_result *r)
{
	if (grx_streq(r->refused, "other_build"))
		return grx_fact_attr(out, f, "reason",
			"most rows found in the input have other alleles there: positions of another build?");
	return grx_fact_attr(out, f, "reason",
		"%lld of %lld rows have a genotype (%lld matched); at least %g of them needed",
		(long long)r->n.n_called, (long long)r->n_rows, (long long)r->n_matched,
		st->opt->min_overlap);
}

static int sum_fact(
	struct grx_ctx *cx, struct grx_facts *out, const struct prs_state *st, const struct prs_result *r)
{
	int rc = GRX_E_BUG;
	struct grx_fact *f;
	char key[512];
	snprintf(key, sizeof key, "prs/%.400s/sum", r->col->id);
	GRX_TRY(grx_facts_add(cx, out, r->sample, key, "prs", &f));
	if (r->ok) {
		GRX_TRY(grx_fact_num_set(out, f, r->sum, "score"));
		f->has_lo = f->has_hi = true;
		f->lo = grx_fact_quantise(r->lo);
		f->hi = grx_fact_quantise(r->hi);
	} else {
		f->status = GRX_FACT_REFUSED;
		GRX_TRY(refusal(out, f, st, r));
	}
	f->n = r->n.n_called;
	GRX_TRY(attrs_add(out, f, st, r));
	GRX_TRY(because_add(out, f, st, r));
	if (r->ok)
		GRX_TRY(num_fact(cx, out, r, "avg", r->avg, "score per allele"));
	rc = GRX_OK;
out:
	return rc;
}

/* How far what follows from the person's place can be trusted. */
static int trust_attrs(struct grx_facts *out, struct grx_fact *f, const struct prs_state *st,
	const struct prs_place *p, bool beyond)
{
	int rc = GRX_E_BUG;
	GRX_TRY(grx_fact_attr(
		out, f, "population", "%s", p->pop >= 0 ? prs_ref_pop(st->ref, p->pop) : "none"));
	GRX_TRY(grx_fact_attr(out, f, "ancestry_confidence", "%s", p->low_confidence ? "low" : "high"));
	if (p->distance_quantile > PORTABLE)
		GRX_TRY(grx_fact_attr(out, f, "portability",
			"farther from the centre of the panel than %.1f %% of its people: a score predicts "
			"less well with "
			"growing genetic distance",
			100 * p->distance_quantile));
	if (beyond)
		GRX_TRY(grx_fact_attr(out, f, "extrapolated", "yes"));
	rc = GRX_OK;
out:
	return rc;
}

/* A z with the interval of the sum on its scale. */
static int z_fact(struct grx_ctx *cx, struct grx_facts *out, const struct prs_state *st,
	const struct prs_result *r, enum z_kind kind)
{
	static const char *const name[] = {"z_pop", "z_norm1", "z_norm2"};
	int rc = GRX_E_BUG;
	const struct prs_adjusted *a = r->adjusted;
	const double z = kind == Z_POP ? a->z_pop : kind == Z_NORM1 ? a->z_norm1 : a->z_norm2;
	const double scale = kind == Z_POP ? a->scale_pop : kind == Z_NORM1 ? a->scale_norm1 : a->scale_norm2;
	const double half = (r->hi - r->lo) / 2 * scale;
	struct grx_fact *f;
	char key[512];
	if (!isfinite(z))
		return GRX_OK;
	snprintf(key, sizeof key, "prs/%.400s/%s", r->col->id, name[kind]);
	GRX_TRY(grx_facts_add(cx, out, r->sample, key, "prs", &f));
	GRX_TRY(grx_fact_num_set(out, f, z, "SD"));
	if (isfinite(half)) {
		f->has_lo = f->has_hi = true;
		f->lo = grx_fact_quantise(z - half);
		f->hi = grx_fact_quantise(z + half);
		GRX_TRY(attr_num(out, f, "level", st->opt->level));
	}
	GRX_TRY(trust_attrs(out, f, st, r->place, kind != Z_POP && a->extrapolated));
	rc = GRX_OK;
out:
	return rc;
}

/* Place among the panel: percentile and z among the most similar people, z given the components. */
static int adjusted_facts(
	struct grx_ctx *cx, struct grx_facts *out, const struct prs_state *st, const struct prs_result *r)
{
	int rc = GRX_E_BUG;
	const struct prs_adjusted *a = r->adjusted;
	char key[512];
	struct grx_fact *f;
	snprintf(key, sizeof key, "prs/%.400s/percentile", r->col->id);
	if (!r->ok || !a->ok || !isfinite(a->percentile)) {
		GRX_TRY(grx_facts_missing(cx, out, r->sample, key, "prs",
			!r->ok   ? "the score itself is refused"
			: a->why ? a->why
				 : "not adjusted"));
	} else {
		GRX_TRY(grx_facts_add(cx, out, r->sample, key, "prs", &f));
		GRX_TRY(grx_fact_num_set(out, f, a->percentile, "percent"));
		f->n = a->n_pop;
		GRX_TRY(trust_attrs(out, f, st, r->place, false));
	}
	for (int k = 0; r->ok && a->ok && k < Z_N; k++)
		GRX_TRY(z_fact(cx, out, st, r, (enum z_kind)k));
	rc = GRX_OK;
out:
	return rc;
}

/* Ancestry of one sample, once for all scores. */
static int place_facts(struct grx_ctx *cx, struct grx_facts *out, const struct prs_state *st, int sample)
{
	int rc = GRX_E_BUG;
	const struct prs_place *p = &st->place[sample];
	const char *name = st->target.hdr->sample[sample];
	struct grx_fact *f;
	if (!p->placed)
		return grx_facts_missing(
			cx, out, name, "prs/ancestry/similar", "prs", p->why ? p->why : "not placed");
	GRX_TRY(grx_facts_add(cx, out, name, "prs/ancestry/similar", "prs", &f));
	GRX_TRY(grx_fact_str_set(out, f, p->pop >= 0 ? prs_ref_pop(st->ref, p->pop) : "none"));
	GRX_TRY(trust_attrs(out, f, st, p, false));
	GRX_TRY(attr_num(out, f, "p", p->p_similar));
	for (int k = 0; k < prs_ref_n_pc(st->ref) && k < 20; k++) {
		char key[32];
		snprintf(key, sizeof key, "pc%d", k + 1);
		GRX_TRY(attr_num(out, f, key, p->pc[k]));
	}
	GRX_TRY(grx_facts_num(cx, out, name, "prs/ancestry/distance", "prs", p->distance, "PC units"));
	GRX_TRY(grx_facts_num(
		cx, out, name, "prs/ancestry/distance_quantile", "prs", p->distance_quantile, "frac"));
	rc = GRX_OK;
out:
	return rc;
}

static int result_facts(
	struct grx_ctx *cx, struct grx_facts *out, const struct prs_state *st, const struct prs_result *r)
{
	int rc = GRX_E_BUG;
	const struct prs_absent *a = &st->absent[r->col->file];
	GRX_TRY(sum_fact(cx, out, st, r));
	GRX_TRY(num_fact(cx, out, r, "coverage", r->coverage, "frac"));
	GRX_TRY(num_fact(cx, out, r, "coverage_weight", r->coverage_weight, "frac"));
	if (a->var > 0)
		GRX_TRY(num_fact(cx, out, r, "coverage_variance", 1 - a->var_absent / a->var, "frac"));
	if (r->adjusted)
		GRX_TRY(adjusted_facts(cx, out, st, r));
	rc = GRX_OK;
out:
	return rc;
}

/* All samples: on any thread, in order. Facts of a sample become lines at once where they are written as they
 * come: those of a cohort need not fit into memory. */
struct cohort {
	const struct prs_state *st;
	struct prs_count *count; /* by file */
	struct grx_facts *out;
	struct block *block; /* by slot */
};

struct block {
	struct grx_facts *facts;
	struct grx_str lines;
	size_t n_facts;
};

static int cohort_next(void *state, struct grx_ctx *cx, uint64_t i, int slot, bool *done)
{
	const struct cohort *c = state;
	(void)cx;
	(void)slot;
	*done = i >= (uint64_t)c->st->target.n_sample;
	return GRX_OK;
}

static int cohort_map(void *state, struct grx_ctx *cx, uint64_t i, int slot, int thread)
{
	const struct cohort *c = state;
	const struct prs_state *st = c->st;
	struct block *b = &c->block[slot];
	int rc = GRX_E_BUG;
	(void)thread;
	if (st->place)
		GRX_TRY(place_facts(cx, b->facts, st, (int)i));
	for (int k = 0; k < st->set->n_col; k++) {
		struct prs_result r;
		if (!prs_is_score(st->set, k))
			continue;
		prs_result_get(st, k, (int)i, &c->count[st->set->col[k].file], &r);
		GRX_TRY(result_facts(cx, b->facts, st, &r));
	}
	if (!c->out->sink)
		return GRX_OK;
	b->n_facts = b->facts->n;
	if (grx_facts_stamp(b->facts) != GRX_OK || grx_facts_lines(b->facts, &b->lines) != GRX_OK)
		return grx_fail_nomem(cx, "fact lines");
	rc = grx_facts_reset(b->facts);
out:
	return rc;
}

static int cohort_merge(void *state, struct grx_ctx *cx, uint64_t i, int slot)
{
	struct cohort *c = state;
	struct block *b = &c->block[slot];
	int rc = GRX_E_BUG;
	(void)i;
	if (c->out->sink && b->n_facts)
		GRX_TRY(c->out->sink->put(c->out->sink, cx, b->lines.s, b->lines.n, b->n_facts));
	grx_str_reset(&b->lines);
	b->n_facts = 0;
	GRX_TRY(grx_facts_append(cx, c->out, b->facts));
	GRX_TRY(grx_facts_reset(b->facts));
	rc = GRX_OK;
out:
	return rc;
}

int prs_facts_add(struct grx_ctx *cx, const struct prs_state *st, struct grx_facts *out)
{
	int threads = cx->threads > 0 ? cx->threads : 1, n_slot = grx_par_slots(threads), rc = GRX_E_BUG;
	struct cohort c = {.st = st, .out = out};
	struct grx_par_ops ops = {&c, cohort_next, cohort_map, cohort_merge};
	c.count = grx_calloc((size_t)st->set->n_file, sizeof *c.count);
	c.block = grx_calloc((size_t)n_slot, sizeof *c.block);
	for (int i = 0; c.block && i < n_slot; i++)
		c.block[i].facts = grx_facts_new();
	for (int i = 0; i < n_slot; i++)
		if (!c.count || !c.block || !c.block[i].facts) {
			rc = grx_fail_nomem(cx, "facts of scores");
			goto out;
		}
	for (int k = 0; k < st->set->n_file; k++)
		prs_count_file(st, k, &c.count[k]);
	/* results are read from all threads: nothing may be pending */
	for (size_t i = 0; i < (size_t)st->set->n_file * PRS_STRATA; i++) {
		if (st->eng->sums[i])
			prs_sums_flush(st->eng->sums[i]);
		if (st->eng->se[i])
			prs_sums_flush(st->eng->se[i]);
	}
	GRX_TRY(grx_par_ordered(cx, threads, &ops));
	rc = GRX_OK;
out:
	for (int i = 0; c.block && i < n_slot; i++) {
		grx_facts_free(c.block[i].facts);
		grx_str_clear(&c.block[i].lines);
	}
	grx_free(c.block);
	grx_free(c.count);
	return rc;
}
