/* SPDX-License-Identifier: GPL-3.0-or-later
 * result.c -- sums into results: which rows count in the end, one score of one sample with its interval. */
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "math/prob.h"
#include "stage/prs/prs_int.h"

void prs_count_file(const struct prs_state *st, int file, struct prs_count *c)
{
	const struct prs_file *f = &st->set->file[file];
	memset(c, 0, sizeof *c);
	for (int64_t i = f->first_row; i < f->first_row + f->n_row; i++) {
		c->n[st->code[i]]++;
		c->n_matched += prs_code_is_match((enum prs_code)st->code[i]);
	}
	c->n_rows = f->n_row;
}

/* Strand proof of one file: enough rows that do tell the strand, nearly all as written and none flipped. */
static void decide(struct prs_state *st, int k)
{
	enum { PRS_PROOF_ROWS = 10 };
	bool peer = st->po.pgsc, plink = st->po.plink;
	const char *mode = st->opt->palindromes ? st->opt->palindromes
			   : peer               ? "drop"
			   : plink              ? "keep"
						: "auto";
	const struct prs_file *f = &st->set->file[k];
	int64_t direct = 0, flip = 0, other = 0;
	for (int64_t i = f->first_row; i < f->first_row + f->n_row; i++) {
		if (st->flag[i] & PRS_F_PAL)
			continue;
		direct += st->code[i] == PRS_MATCHED || st->code[i] == PRS_MATCHED_REF;
		flip += st->code[i] == PRS_MATCHED_FLIP;
		other += st->code[i] == PRS_ALLELE_MISMATCH;
	}
	if (strcmp(mode, "auto") != 0) {
		st->keep_pal[k] = strcmp(mode, "keep") == 0;
		st->why_pal[k] = st->keep_pal[k] ? "kept: option" : "dropped: option";
	} else if (direct < PRS_PROOF_ROWS) {
		st->why_pal[k] = "dropped: fewer than 10 other rows to prove the strand";
	} else if (flip > 0 || 10 * direct < 9 * (direct + other)) {
		st->why_pal[k] = "dropped: other rows match on the other strand or not at all";
	} else {
		st->keep_pal[k] = true;
		st->why_pal[k] = "kept: all other rows match as written";
	}
	for (int64_t i = f->first_row; i < f->first_row + f->n_row; i++)
		if ((st->flag[i] & PRS_F_PAL) && prs_code_is_match((enum prs_code)st->code[i]))
			st->code[i] = st->keep_pal[k] ? PRS_MATCHED_PAL : PRS_PALINDROMIC_DROPPED;
}

/* Positions of another build meet records by chance, and then with other alleles. */
static bool looks_foreign(const struct prs_count *c)
{
	enum { FEW = 20 };
	int64_t differ = c->n[PRS_ALLELE_MISMATCH],
		found = differ + c->n[PRS_PALINDROMIC_DROPPED] + c->n[PRS_MULTIALLELIC_DROPPED];
	for (int k = 0; prs_code_is_match((enum prs_code)k); k++)
		found += k == PRS_MATCHED_FACT ? 0 : c->n[k];
	return found >= FEW && 2 * differ > found;
}

void prs_files_decide(struct grx_ctx *cx, struct prs_state *st)
{
	for (int k = 0; k < st->set->n_file; k++) {
		struct prs_count c;
		if (k == st->set->freq_file || k == st->set->loadings_file)
			continue;
		decide(st, k);
		prs_count_file(st, k, &c);
		st->other_build[k] = looks_foreign(&c);
		if (st->other_build[k])
			grx_warn(cx,
				"%s: %lld of the rows found in the input have other alleles there, %lld "
				"match: are the "
				"positions of another build? The score is refused",
				st->set->file[k].path, (long long)c.n[PRS_ALLELE_MISMATCH],
				(long long)c.n_matched);
	}
}

double prs_result_sum(const struct prs_state *st, struct prs_eng *e, int col, int sample, bool panel_only)
{
	int file = st->set->col[col].file, k = col - st->set->file[file].col_beg;
	double sum = 0;
	for (int pal = 0; pal <= (st->keep_pal[file] ? 1 : 0); pal++)
		for (int panel = panel_only ? 1 : 0; panel < 2; panel++) {
			struct prs_sums *s = e->sums[prs_stratum(file, pal, panel)];
			sum += s ? prs_sums_get(s, sample, k) : 0;
		}
	return sum;
}

/* What the strata that count add up to. */
struct total {
	double sum, var, absw, se2;
	struct prs_counters n;
};

static void total_get(const struct prs_state *st, int col, int sample, struct total *t)
{
	int file = st->set->col[col].file, k = col - st->set->file[file].col_beg;
	memset(t, 0, sizeof *t);
	for (int i = 0; i < PRS_STRATA; i++) {
		size_t slot = prs_stratum(file, i & 1, i & 2);
		struct prs_sums *s = st->eng->sums[slot];
		struct prs_counters c;
		if (!s || ((i & 1) && !st->keep_pal[file]))
			continue;
		t->sum += prs_sums_get(s, sample, k);
		t->var += prs_sums_var(s, sample, k);
		t->absw += prs_sums_absw(s, sample, k);
		prs_sums_counters(s, sample, &c);
		t->n.n_called += c.n_called;
		t->n.n_imputed += c.n_imputed;
		t->n.n_missing += c.n_missing;
		t->n.allele_ct += c.allele_ct;
		t->n.denom += c.denom;
		t->n.dose += c.dose;
		for (int j = st->set->file[file].col_beg;
			st->eng->se[slot] && j < st->set->file[file].col_end; j++)
			if (st->set->col[j].role == PRS_COL_SE && st->set->col[j].of == col)
				t->se2 += prs_sums_get(
					st->eng->se[slot], sample, j - st->set->file[file].col_beg);
	}
}

/* An HLA type has two alleles, as a locus has. */
static void add_byfact(const struct prs_byfact *b, struct total *t)
{
	t->sum += b->sum;
	t->absw += b->absw;
	t->n.n_called += b->n_called;
	t->n.n_missing += b->n_missing;
	t->n.allele_ct += 2 * b->n_called;
	t->n.denom += 2 * b->n_called;
}

/* Variance of the sums by posterior draws of the weights; NAN without draws. */
static double draws_var(const struct prs_state *st, int col, int sample)
{
	const struct prs_file *f = &st->set->file[st->set->col[col].file];
	double n = 0, mean = 0, m2 = 0;
	if (st->n_draw[col] < 2) /* asked for every score of every sample: most have none */
		return NAN;
	for (int j = f->col_beg; j < f->col_end; j++) {
		if (st->set->col[j].role != PRS_COL_DRAW || st->set->col[j].of != col)
			continue;
		double x = prs_result_sum(st, st->eng, j, sample, false), d = x - mean;
		n++;
		mean += d / n;
		m2 += d * (x - mean);
	}
	return n > 1 ? m2 / (n - 1) : NAN;
}

static void interval(const struct prs_state *st, const struct total *t, struct prs_result *out)
{
	double z = grx_norm_inv((1 + st->opt->level) / 2),
	       dv = draws_var(st, (int)(out->col - st->set->col), out->index);
	double eff = isnan(dv) ? t->se2 : dv;
	out->sd_effect = sqrt(eff);
	out->sd = sqrt(fmax(t->var, 0) + eff);
	out->lo = out->sum - z * out->sd;
	out->hi = out->sum + z * out->sd;
	out->p_above = NAN;
	if (isnan(st->threshold))
		return;
	double d = out->sum - st->threshold;
	out->p_above = out->sd > 0 ? grx_norm_cdf(d / out->sd) : d > 0 ? 1 : 0;
}

void prs_result_get(
	const struct prs_state *st, int col, int sample, const struct prs_count *c, struct prs_result *out)
{
	struct total t;
	const struct prs_col *k = &st->set->col[col];
	*out = (struct prs_result){.sample = st->target.hdr->sample[sample],
		.index = sample,
		.col = k,
		.file = &st->set->file[k->file],
		.n_rows = c->n_rows,
		.n_matched = c->n_matched};
	total_get(st, col, sample, &t);
	if (st->byfact[k->file] && col == st->set->file[k->file].col_beg)
		add_byfact(&st->byfact[k->file][sample], &t);
	out->n = t.n;
	out->sum = t.sum;
	out->avg = t.n.denom > 0 ? t.sum / (double)t.n.denom : NAN;
	out->coverage = c->n_rows > 0 ? (double)t.n.n_called / (double)c->n_rows : 0;
	out->coverage_weight = k->sum_abs > 0 ? fmin(t.absw / k->sum_abs, 1) : out->coverage;
	interval(st, &t, out);
	if (st->place) {
		out->place = &st->place[sample];
		out->adjusted =
			&st->adjusted[(size_t)st->rank[col] * (size_t)st->target.n_sample + (size_t)sample];
	}
	/* the calculator judges by matched rows alone, whatever share of them a sample lacks */
	double overlap = st->po.pgsc ? (double)c->n_matched / (double)c->n_rows : out->coverage;
	bool enough = st->po.plink || overlap >= st->opt->min_overlap;
	out->refused = st->other_build[k->file] ? "other_build"
		       : !enough                ? "low_overlap"
		       : t.n.denom <= 0         ? "no_alleles"
						: NULL;
	out->ok = !out->refused;
}
