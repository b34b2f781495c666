/* SPDX-License-Identifier: GPL-3.0-or-later
 * facts.c -- sums of a score into facts: prs/ID/{sum,avg,coverage,coverage_weight} of every sample.
 * A score whose called rows fall below --min-overlap is refused: a sum over what happened to be there is no
 * score. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>

#include "base/str.h"
#include "stage/prs/prs_int.h"

/* Rows that lack a genotype for everybody, but whose mean over the population is known. */
static void count_expected(const struct prs_row *r, enum prs_code code, struct prs_count *c)
{
	bool absent = code == PRS_NO_LOCUS || code == PRS_ALLELE_MISMATCH ||
		      code == PRS_PALINDROMIC_DROPPED || code == PRS_MULTIALLELIC_DROPPED ||
		      code == PRS_NO_REFERENCE_BASE || code == PRS_NO_CONTIG || code == PRS_NO_POSITION;
	if (!absent || isnan(r->af))
		return;
	c->n_expected++;
	(void)grx_fix_add(&c->expected, prs_expect(r, r->af, 2, false));
}

void prs_count_score(const struct prs_state *st, int score, struct prs_count *c)
{
	const struct prs_score *sc = &st->set->score[score];
	*c = (struct prs_count){0};
	for (size_t i = sc->row_beg; i < sc->row_end; i++) {
		c->n[st->code[i]]++;
		c->n_matched += prs_code_is_match(st->code[i]);
		(void)grx_fix_add(&c->absw, fabs(st->set->row[i].w));
		count_expected(&st->set->row[i], (enum prs_code)st->code[i], c);
	}
	c->n_rows = (int64_t)(sc->row_end - sc->row_beg);
}

void prs_result_get(
	const struct prs_state *st, int score, int sample, const struct prs_count *c, struct prs_result *out)
{
	*out = (struct prs_result){.sample = st->hdr->sample[sample],
		.score = &st->set->score[score],
		.count = c,
		.index = sample};
	for (int pal = 0; pal <= (st->keep_pal[score] ? 1 : 0); pal++) {
		const struct prs_acc *a = st->acc[2 * score + pal];
		if (a)
			prs_acc_merge(&out->acc, &a[sample]);
	}
	double absw = grx_fix_get(&c->absw);
	out->sum = grx_fix_get(&out->acc.sum);
	out->avg = out->acc.denom > 0 ? out->sum / (double)out->acc.denom : NAN;
	out->coverage = (double)out->acc.n_called / (double)c->n_rows;
	out->coverage_weight = absw > 0 ? grx_fix_get(&out->acc.absw) / absw : out->coverage;
	/* the calculator judges by matched rows alone, whatever share of them a sample lacks */
	double overlap = st->rule.compat ? (double)c->n_matched / (double)c->n_rows : out->coverage;
	out->ok = overlap >= st->opt->min_overlap && out->acc.denom > 0;
}

static int attrs_add(struct grx_facts *out, struct grx_fact *f, const struct prs_state *st, int k,
	const struct prs_result *r)
{
	int rc = GRX_E_BUG;
	const struct prs_score *sc = r->score;
	if (sc->trait)
		GRX_TRY(grx_fact_attr(out, f, "trait", "%s", sc->trait));
	GRX_TRY(grx_fact_attr(out, f, "n_rows", "%lld", (long long)r->count->n_rows));
	GRX_TRY(grx_fact_attr(out, f, "n_matched", "%lld", (long long)r->count->n_matched));
	GRX_TRY(grx_fact_attr(out, f, "n_called", "%lld", (long long)r->acc.n_called));
	GRX_TRY(grx_fact_attr(out, f, "n_imputed", "%lld", (long long)r->acc.n_imputed));
	GRX_TRY(grx_fact_attr(out, f, "n_missing", "%lld", (long long)r->acc.n_missing));
	GRX_TRY(grx_fact_attr(out, f, "weight_type", "%s", sc->weight_type ? sc->weight_type : "NR"));
	GRX_TRY(grx_fact_attr(out, f, "build", "%s", sc->build_text ? sc->build_text : "NR"));
	GRX_TRY(grx_fact_attr(out, f, "palindromes", "%s", st->why_pal[k]));
	if (r->count->n_expected > 0) {
		/* the sum is of what was seen; this is for whoever compares it with a population */
		char buf[32];
		GRX_TRY(grx_fact_attr(
			out, f, "n_uncovered_expected", "%lld", (long long)r->count->n_expected));
		GRX_TRY(grx_fact_attr(out, f, "uncovered_expected", "%s",
			grx_fmt_g(buf, grx_fix_get(&r->count->expected), 10)));
	}
	f->refdata = grx_facts_dup(out, sc->id);
	rc = f->refdata ? GRX_OK : GRX_E_NOMEM;
out:
	return rc;
}

static int because_add(
	struct grx_facts *out, struct grx_fact *f, const struct prs_state *st, int k, int sample)
{
	struct prs_top top = {0};
	for (int pal = 0; st->top && pal <= (st->keep_pal[k] ? 1 : 0); pal++)
		if (st->top[2 * k + pal])
			prs_top_merge(&top, &st->top[2 * k + pal][sample]);
	return prs_top_because(st, &top, out, f);
}

static int sum_fact(struct grx_ctx *cx, struct grx_facts *out, const struct prs_state *st, int k,
	const struct prs_result *r)
{
	int rc = GRX_E_BUG;
	struct grx_fact *f;
	char key[512];
	snprintf(key, sizeof key, "prs/%.400s/sum", r->score->id);
	GRX_TRY(grx_facts_add(cx, out, r->sample, key, "prs", &f));
	if (r->ok) {
		GRX_TRY(grx_fact_num_set(out, f, r->sum, "score"));
	} else {
		f->status = GRX_FACT_REFUSED;
		GRX_TRY(grx_fact_attr(out, f, "reason",
			"%lld of %lld rows have a genotype (%lld matched); at least %g of them needed",
			(long long)r->acc.n_called, (long long)r->count->n_rows,
			(long long)r->count->n_matched, st->opt->min_overlap));
	}
	f->n = r->acc.n_called;
	GRX_TRY(attrs_add(out, f, st, k, r));
	GRX_TRY(because_add(out, f, st, k, r->index));
	if (r->ok) {
		snprintf(key, sizeof key, "prs/%.400s/avg", r->score->id);
		GRX_TRY(grx_facts_num(cx, out, r->sample, key, "prs", r->avg, "score per allele"));
	}
	rc = GRX_OK;
out:
	return rc;
}

int prs_facts_add(struct grx_ctx *cx, const struct prs_state *st, struct grx_facts *out)
{
	int rc = GRX_E_BUG;
	char key[512];
	for (int k = 0; k < st->set->n_score; k++) {
		struct prs_count c;
		prs_count_score(st, k, &c);
		for (int s = 0; s < st->rule.n_sample; s++) {
			struct prs_result r;
			prs_result_get(st, k, s, &c, &r);
			GRX_TRY(sum_fact(cx, out, st, k, &r));
			snprintf(key, sizeof key, "prs/%.400s/coverage", r.score->id);
			GRX_TRY(grx_facts_num(cx, out, r.sample, key, "prs", r.coverage, "frac"));
			snprintf(key, sizeof key, "prs/%.400s/coverage_weight", r.score->id);
			GRX_TRY(grx_facts_num(cx, out, r.sample, key, "prs", r.coverage_weight, "frac"));
		}
	}
	rc = GRX_OK;
out:
	return rc;
}

int prs_summary_add(const struct prs_state *st, struct json_t *summary)
{
	json_t *list = json_array();
	int bad = json_object_set_new(summary, "scores", list);
	bad |= json_object_set_new(summary, "reference_block_records", json_integer(st->n_block));
	for (int k = 0; k < st->set->n_score; k++) {
		struct prs_count c;
		prs_count_score(st, k, &c);
		const struct prs_score *sc = &st->set->score[k];
		json_t *o = json_object(), *by = json_object();
		bad |= json_array_append_new(list, o);
		bad |= json_object_set_new(o, "id", json_string(sc->id));
		bad |= json_object_set_new(o, "build", json_string(sc->build_text ? sc->build_text : "NR"));
		bad |= json_object_set_new(o, "harmonised", json_boolean(sc->harmonised));
		bad |= json_object_set_new(o, "rows", json_integer(c.n_rows));
		bad |= json_object_set_new(o, "matched", json_integer(c.n_matched));
		bad |= json_object_set_new(o, "palindromes", json_string(st->why_pal[k]));
		bad |= json_object_set_new(o, "rows_by_reason", by);
		for (int i = 0; i < PRS_N_CODE; i++)
			if (c.n[i] > 0)
				bad |= json_object_set_new(
					by, prs_code_name((enum prs_code)i), json_integer(c.n[i]));
	}
	return bad;
}
