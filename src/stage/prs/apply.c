/* SPDX-License-Identifier: GPL-3.0-or-later
 * apply.c -- a matched row into the sums: its frequency, its policy, its terms.
 * May still refuse the row: when frequencies contradict the strand, or when centring needs one. */
#include <string.h>

#include "base/str.h"
#include "stage/prs/geno.h"

/* Standardised, a genotype is worth 1414 at most (STD_MIN_FREQ), squared 2^21. Squared weights add up to a
 * sum of theirs over the number of rows, times a few: their room may shrink with it, and must, for a term of
 * a million rows is 2^-40 of the square of their sum. */
enum {
	PRS_AF_MIN_SAMPLES = 50,
	PRS_STD_ROOM = 4096,
	PRS_STD_BITS = 12,
	PRS_SE_BITS = 24,
	PRS_NORM_ROOM = 1 << 24
};
static const double FREQ_FAR = 0.3, PAL_MAX_MAF = 0.4, STD_MIN_FREQ = 1e-6;

/* A place among the panel's people is the same in every mode: a no-call is the panel's mean. */
static const struct prs_policy LOADING_POLICY = {.mean = true, .std = PRS_STD_CENTRE};

/* All that one row needs on its way. */
struct job {
	const struct prs_wrow *r;
	struct prs_hit *h;
	struct prs_geno_at at;
	struct prs_codes codes;
	struct prs_term term;
	double table[3]; /* PRS_DOSAGE: divided by weight */
	double weight;   /* PRS_DOSAGE: the largest of them */
	const double *w;
	struct prs_real real;
	struct prs_codeval val[GRX_CP_N];
	double own; /* frequency of the effect allele among the samples of the run; NAN: few, or not needed */
};

static struct prs_sums *sums_of(
	struct grx_ctx *cx, struct prs_eng *e, struct prs_sums **slot, int32_t file, bool se)
{
	if (*slot != NULL)
		return *slot;
	const struct prs_set *set = e->job->set;
	const struct prs_file *f = &set->file[file];
	int n = f->col_end - f->col_beg;
	double *bound = grx_arena_alloc(e->mem, (size_t)n, sizeof *bound);
	bool std = e->job->po->std != PRS_STD_NONE || file == set->loadings_file;
	int rows = 0; /* log2 of their number */
	while (rows < 40 && (int64_t)1 << rows < f->n_row)
		rows++;
	double room = std ? PRS_STD_ROOM : 2,
	       se_room = std && rows < PRS_SE_BITS ? ldexp(1, PRS_SE_BITS - rows) : 1;
	for (int k = 0; bound && k < n; k++) {
		double b = set->col[f->col_beg + k].bound;
		bound[k] = se ? b * b * 2 * se_room + 1e-300 : b * room;
	}
	struct prs_sums *s = bound ? prs_sums_new(e->job->target->n_sample, n, bound, !se) : NULL;
	if (!s)
		(void)grx_fail_nomem(cx, "score sums");
	else if (std && rows > PRS_STD_BITS)
		prs_sums_var_bits(s, rows - PRS_STD_BITS);
	*slot = s;
	return s;
}

static bool is_loading(const struct prs_eng *e, const struct prs_wrow *r)
{
	return r->file == e->job->set->loadings_file;
}

static void term_set(const struct prs_eng *e, struct job *j)
{
	const struct prs_wrow *r = j->r;
	j->term = (struct prs_term){.type = r->type, .contig = (enum prs_contig)e->job->target->kind[e->tid]};
	if (r->type == PRS_ADDITIVE)
		j->term.type = (uint8_t)e->job->po->effect;
	j->term.std = e->job->po->std;
	j->term.diploid = !(
		j->codes.seen & ~(1u << GRX_CP_0 | 1u << GRX_CP_1 | 1u << GRX_CP_2 | 1u << GRX_CP_NONE));
	j->term.y_alone = e->job->po->plink && j->term.contig == PRS_Y;
	j->w = r->w;
	if (is_loading(e, r)) {
		j->term.type = PRS_ADDITIVE;
		j->term.std = PRS_STD_CENTRE; /* the loadings hold the scale */
	}
	if (r->type != PRS_DOSAGE)
		return;
	for (int g = 0; g < 3; g++)
		j->weight = fmax(j->weight, fabs(r->w[g]));
	for (int g = 0; g < 3; g++)
		j->table[g] = j->weight > 0 ? r->w[g] / j->weight : 0;
	j->term.table = j->table;
	j->w = &j->weight;
}

static bool any_uncalled(const struct prs_codes *c)
{
	const unsigned sure = 1u << GRX_CP_0 | 1u << GRX_CP_1 | 1u << GRX_CP_2 | 1u << GRX_CP_HAP_0 |
			      1u << GRX_CP_HAP_1;
	return (c->seen & ~sure) != 0;
}

/* The frequency among the samples is worth its cost only where something hangs on it. given: one that stands
 * above it, or NAN. */
static int own_freq(struct grx_ctx *cx, struct prs_eng *e, struct job *j, double given)
{
	const struct prs_target *t = e->job->target;
	enum prs_dosage by = e->job->po->dosage;
	/* gaps of DS are filled by GT, but for --dosage DS */
	bool soft = by != PRS_USE_GT && (t->has_pl || t->has_gp || (by == PRS_USE_DS && t->has_ds));
	bool needed = j->term.std != PRS_STD_NONE || j->h->palindromic ||
		      (isnan(given) && (soft || any_uncalled(&j->codes)));
	j->own = NAN;
	if (is_loading(e, j->r) || !needed || t->n_sample < PRS_AF_MIN_SAMPLES)
		return GRX_OK;
	int rc = prs_geno_ds_freq(cx, e, &j->at, &j->codes, &j->own);
	if (rc == GRX_OK && isnan(j->own))
		j->own = prs_codes_freq(&j->codes, t->n_sample);
	return rc;
}

static double freq_decide(const struct prs_eng *e, const struct job *j, double given)
{
	if (is_loading(e, j->r)) /* components are of genotypes about the panel's means */
		return j->r->af;
	double f = isnan(given) ? j->own : given;
	return isnan(f) ? j->r->af : f;
}

/* Does a frequency of the target say on which strand a palindromic row is? 1 as written, -1 the other, 0 no.
 */
static int strand_by_freq(const struct prs_wrow *r, double target)
{
	if (isnan(r->af) || isnan(target) || fmin(r->af, 1 - r->af) >= PAL_MAX_MAF ||
		fmin(target, 1 - target) >= PAL_MAX_MAF)
		return 0;
	return (r->af < 0.5) == (target < 0.5) ? 1 : -1;
}

/* The target's own frequency, against that of the scoring file. */
static void freq_check(struct prs_eng *e, struct job *j)
{
	const struct prs_wrow *r = j->r;
	const struct prs_policy *po = e->job->po;
	bool judge = j->h->palindromic && po->pal_auto && !po->pgsc && !po->plink && !e->job->only_panel;
	if (isnan(r->af) || is_loading(e, r) || !(judge || j->term.std != PRS_STD_NONE))
		return;
	e->n_freq_differs += !isnan(j->own) && fabs(j->own - r->af) > FREQ_FAR;
	int s = judge ? strand_by_freq(r, j->own) : 0;
	if (s > 0)
		j->h->palindromic = false; /* settled: counts whatever the other rows prove */
	if (s > 0 && j->h->code == PRS_MATCHED)
		j->h->code = PRS_MATCHED_PAL;
	if (s < 0)
		j->h->code = PRS_FREQ_CONTRADICTS;
}

static int std_check(struct grx_ctx *cx, const struct prs_eng *e, struct job *j)
{
	double f = j->term.f;
	if (j->term.std == PRS_STD_NONE || (f > STD_MIN_FREQ && f < 1 - STD_MIN_FREQ) ||
		(j->term.std == PRS_STD_CENTRE && !isnan(f)))
		return GRX_OK;
	if (e->job->po->plink && !isnan(f))
		return grx_fail(cx, GRX_E_DATA,
			"line %lld of %s: the effect allele has frequency %g; standardising needs one "
			"between 0 "
			"and 1: leave the row out, or give --freq",
			(long long)j->r->line, e->job->set->file[j->r->file].path, f);
	j->h->code = PRS_NO_FREQUENCY;
	return GRX_OK;
}

/* What plink2 refuses: to guess a frequency, half-calls, and on X what would need the ploidy of each. */
static int plink_check(struct grx_ctx *cx, const struct prs_eng *e, const struct job *j)
{
	const char *path = e->job->set->file[j->r->file].path;
	long long line = (long long)j->r->line;
	if (!e->job->po->plink || is_loading(e, j->r))
		return GRX_OK;
	if (j->codes.seen & (1u << GRX_CP_HALF_0 | 1u << GRX_CP_HALF_1))
		return grx_fail(cx, GRX_E_DATA,
			"line %lld of %s: a half-call at its position: plink2 refuses such a file; leave out "
			"--compat "
			"plink2 to choose by --half-call",
			line, path);
	bool var = j->term.std == PRS_STD_VARIANCE && (j->term.contig == PRS_X || j->term.contig == PRS_MT);
	if (var || (j->term.contig != PRS_AUTOSOME && j->term.type != PRS_ADDITIVE))
		return grx_fail(cx, GRX_E_DATA,
			"line %lld of %s: on chromosome X, Y and MT plink2 scores only additive rows, none "
			"of X or MT "
			"standardised by variance; leave the row out",
			line, path);
	if (!e->job->po->mean || !isnan(j->term.f) || !any_uncalled(&j->codes))
		return GRX_OK;
	return grx_fail(cx, GRX_E_DATA,
		"line %lld of %s: a genotype is missing and no allele frequency is known: %d samples are "
		"fewer "
		"than %d; give --freq, or --missing zero",
		line, path, e->job->target->n_sample, PRS_AF_MIN_SAMPLES);
}

/* Sums of (SE E[value])^2: what uncertain weights add to the variance. */
/* Last of all: it squares the expectations in place. */
static int se_sums(struct grx_ctx *cx, struct prs_eng *e, struct job *j)
{
	size_t slot = prs_stratum(j->r->file, j->h->palindromic, e->job->flag[j->r->index] & PRS_F_PANEL);
	const struct prs_file *f = &e->job->set->file[j->r->file];
	int n = f->col_end - f->col_beg;
	bool any = false;
	for (int k = 0; k < n; k++)
		any |= e->job->set->col[f->col_beg + k].role == PRS_COL_SE;
	if (!any || j->r->type == PRS_DOSAGE)
		return GRX_OK;
	struct prs_sums *s = sums_of(cx, e, &e->se[slot], j->r->file, true);
	double *w = grx_arena_alloc(e->mem, (size_t)n, sizeof *w);
	if (!s || !w)
		return grx_fail_nomem(cx, "score sums");
	for (int k = 0; k < n; k++)
		w[k] = e->job->set->col[f->col_beg + k].role == PRS_COL_SE ? j->r->w[k] * j->r->w[k] : 0;
	struct prs_codeval val[GRX_CP_N];
	memcpy(val, j->val, sizeof val);
	for (int c = 0; c < GRX_CP_N; c++)
		val[c].u *= val[c].u;
	if (!j->real.what)
		return prs_sums_codes(s, w, val, j->codes.code, j->codes.seen);
	struct prs_real q = {.ud = e->s.ed, .what = j->real.what};
	for (int i = 0; i < e->job->target->n_sample; i++) {
		double u = j->real.ud ? j->real.ud[i] : (double)j->real.u[i];
		e->s.ed[i] = u * u;
	}
	return prs_sums_real(s, w, &q, val);
}

static int add_se(struct grx_ctx *cx, struct prs_eng *e, struct job *j)
{
	int rc = se_sums(cx, e, j);
	if (rc == GRX_E_BUG)
		return grx_fail(cx, rc, "line %lld of %s: the row's standard errors cannot be added",
			(long long)j->r->line, e->job->set->file[j->r->file].path);
	return rc;
}

/* Squared length of a sample among the standardised loci of the panel. */
static int add_norm(struct grx_ctx *cx, struct prs_eng *e, const struct job *j)
{
	if (!e->norm) {
		/* 2/f of the rarer allele for one who has two */
		double bound = (double)PRS_NORM_ROOM * (double)e->job->set->file[j->r->file].n_row + 1;
		e->norm = prs_sums_new(e->job->target->n_sample, 1, &bound, false);
	}
	if (!e->norm)
		return grx_fail_nomem(cx, "score sums");
	double w = j->r->w[0] * j->r->w[0];
	struct prs_codeval val[GRX_CP_N];
	memcpy(val, j->val, sizeof val);
	for (int c = 0; c < GRX_CP_N; c++)
		val[c].u *= val[c].u;
	return prs_sums_codes(e->norm, &w, val, j->codes.code, j->codes.seen);
}

static int add_sums(struct grx_ctx *cx, struct prs_eng *e, struct job *j)
{
	const struct prs_job *job = e->job;
	bool panel = job->flag[j->r->index] & PRS_F_PANEL;
	size_t slot = prs_stratum(j->r->file, j->h->palindromic, panel);
	struct prs_sums *s = sums_of(cx, e, &e->sums[slot], j->r->file, false);
	int rc = s ? GRX_OK : GRX_E_NOMEM;
	prs_codevals(is_loading(e, j->r) ? &LOADING_POLICY : job->po, &j->term, j->codes.swap, j->val);
	for (int c = 0; j->h->again && c < GRX_CP_N; c++)
		j->val[c].allele_ct = j->val[c].denom = 0;
	if (rc == GRX_OK && is_loading(e, j->r))
		rc = add_norm(cx, e, j);
	if (rc == GRX_OK && !j->real.what)
		rc = prs_sums_codes(s, j->w, j->val, j->codes.code, j->codes.seen);
	else if (rc == GRX_OK)
		rc = prs_sums_real(s, j->w, &j->real, j->val);
	return rc == GRX_OK ? rc
			    : grx_fail(cx, rc, "line %lld of %s: the row cannot be added",
				      (long long)j->r->line, job->set->file[j->r->file].path);
}

/* --- evidence --- */

static void put(char *to, size_t cap, const char *s)
{
	size_t n = strlen(s);
	n = n < cap ? n : cap - 1;
	memcpy(to, s, n);
	to[n] = '\0';
}

static void put_alts(const struct grx_geno *g, char *to, size_t cap)
{
	struct grx_str s = {0};
	for (int k = 1; k < g->n_allele; k++)
		grx_str_addf(&s, "%s%s", k > 1 ? "," : "", g->allele[k]);
	put(to, cap, s.s && s.s[0] ? s.s : ".");
	grx_str_clear(&s);
}

static int32_t int_of(
	struct grx_ctx *cx, struct prs_eng *e, const struct grx_geno *g, const char *key, int sample)
{
	bool have = false;
	int32_t v[PRS_TOP_MAX_SAMPLES] = {-1, -1, -1, -1};
	(void)e;
	return grx_geno_int(cx, g, key, v, &have) == GRX_OK && have ? v[sample] : -1;
}

static void evid_get(
	struct grx_ctx *cx, struct prs_eng *e, const struct job *j, int sample, struct prs_evid *v)
{
	memset(v, 0, sizeof *v);
	v->row = j->r->index;
	v->tid = e->tid;
	v->row_pos = j->r->pos;
	put(v->ea, sizeof v->ea, j->r->ea);
	put(v->name, sizeof v->name, j->r->id ? j->r->id : "");
	if (j->at.block) {
		v->pos = j->at.block->pos;
		v->dp = j->at.block->dp;
		v->gq = j->at.block->gq[sample] == 255 ? -1 : j->at.block->gq[sample];
		put(v->ref, sizeof v->ref, j->at.block->ref);
		put(v->alt, sizeof v->alt, ".");
		put(v->gt, sizeof v->gt, j->codes.code[sample] == GRX_CP_2 ? "0/0" : "0");
		return;
	}
	const struct grx_geno *g = j->at.g;
	v->pos = g->pos;
	v->dp = int_of(cx, e, g, "DP", sample);
	v->gq = int_of(cx, e, g, "GQ", sample);
	put(v->ref, sizeof v->ref, g->allele[0]);
	put_alts(g, v->alt, sizeof v->alt);
	grx_geno_gt_text(g, sample, v->gt, sizeof v->gt);
	grx_geno_ad_text(g, sample, v->ad, sizeof v->ad);
}

static int add_top(struct grx_ctx *cx, struct prs_eng *e, const struct job *j)
{
	const struct prs_file *f = &e->job->set->file[j->r->file];
	int n = e->job->target->n_sample;
	for (int k = f->col_beg; k < f->col_end; k++) {
		struct prs_top **t = &e->top[2 * (size_t)k + j->h->palindromic];
		if (!prs_is_score(e->job->set, k))
			continue;
		if (!*t && !(*t = grx_calloc((size_t)n, sizeof **t)))
			return grx_fail_nomem(cx, "largest terms");
		for (int s = 0; s < n; s++) {
			const struct prs_codeval *v = &j->val[j->codes.code[s]];
			double u = j->real.ud ? j->real.ud[s] : j->real.u ? (double)j->real.u[s] : v->u;
			int kind = j->real.what ? j->val[j->real.what[s]].kind : v->kind;
			double value = u * j->w[k - f->col_beg];
			struct prs_evid ev;
			if (kind != PRS_CALLED || value == 0 || !prs_top_open(&(*t)[s], value))
				continue;
			evid_get(cx, e, j, s, &ev);
			ev.value = value;
			prs_top_add(&(*t)[s], &ev);
		}
	}
	return GRX_OK;
}

static void mark(const struct prs_eng *e, const struct job *j)
{
	e->job->flag[j->r->index] |= PRS_F_PANEL;
	if (e->job->freq)
		e->job->freq[j->r->index] = (float)prs_codes_freq(&j->codes, e->job->target->n_sample);
}

int prs_apply(struct grx_ctx *cx, struct prs_eng *e, const struct prs_wrow *r, struct prs_hit *h,
	const struct grx_geno *recs, double freq)
{
	int rc = GRX_E_BUG;
	struct job j = {.r = r, .h = h};
	j.at = (struct prs_geno_at){.g = h->rec >= 0 ? &recs[h->rec] : NULL,
		.recs = recs,
		.n = e->job->po->pgsc || e->job->po->plink ? 0 : e->n_rec, /* peers take each record alone */
		.block = h->block >= 0 ? &e->block[h->block] : NULL,
		.allele = h->allele};
	GRX_TRY(prs_geno_codes(cx, e, &j.at, &j.codes));
	if (e->job->mark_panel) {
		mark(e, &j);
		return GRX_OK;
	}
	term_set(e, &j);
	GRX_TRY(own_freq(cx, e, &j, freq));
	freq_check(e, &j);
	j.term.f = freq_decide(e, &j, freq);
	GRX_TRY(std_check(cx, e, &j));
	GRX_TRY(plink_check(cx, e, &j));
	if (!prs_code_is_match(h->code))
		return GRX_OK;
	if (!is_loading(e, r))
		GRX_TRY(prs_geno_moments(cx, e, &j.at, &j.codes, &j.term, &j.real));
	GRX_TRY(add_sums(cx, e, &j));
	if (e->top && !is_loading(e, r))
		GRX_TRY(add_top(cx, e, &j));
	GRX_TRY(add_se(cx, e, &j));
	rc = GRX_OK;
out:
	return rc;
}
