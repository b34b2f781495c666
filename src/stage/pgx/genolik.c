/* SPDX-License-Identifier: GPL-3.0-or-later
 * genolik.c -- genotype likelihoods of a record over the allele codes of one locus.
 * PL as it is, GL and GP as phred; the best genotype has 0. An allele of the table that the record does not
 * list gets the columns of <*> or <NON_REF>, or else those of the least likely listed allele that GT does not
 * call: no reads spoke for it, or the caller would have listed it. */
#include <math.h>
#include <string.h>

#include "bio/allele.h"
#include "stage/pgx/posterior.h"

enum { MAX_CODE = 16, MAX_PL = 16384 };

static int tri(int i, int j)
{
	return i < j ? j * (j + 1) / 2 + i : i * (i + 1) / 2 + j;
}

/* One number of PL, GL or GP as phred; negative = missing. */
static double phred_at(const struct grx_field *f, const char *key, size_t at)
{
	if (f->type == GRX_T_INT) {
		int32_t x = f->v.i[at];
		return x == GRX_INT_MISSING || x == GRX_INT_END || x < 0 ? -1 : (double)x;
	}
	float x = f->v.f[at];
	if (grx_float_is_missing(x) || grx_float_is_end(x) || !isfinite((double)x))
		return -1;
	if (key[1] == 'L')
		return x > 0 ? -1 : -10.0 * (double)x;
	return x < 0 || x > 1 ? -1 : x > 1e-30f ? -10.0 * log10((double)x) : 300.0;
}

/* The record's likelihoods as phred, n of them; false when there are none or one is missing. */
static bool read_phred(const struct grx_var *v, int sample, int n, double *out)
{
	static const char *const keys[] = {"PL", "GL", "GP"};
	for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
		const struct grx_field *f = grx_var_fmt(v, keys[k]);
		bool usable = f && f->n >= n && (f->type == GRX_T_FLOAT || (f->type == GRX_T_INT && !k));
		for (int i = 0; usable && i < n; i++) {
			out[i] = phred_at(f, keys[k], (size_t)sample * (size_t)f->n + (size_t)i);
			usable = out[i] >= 0;
		}
		if (usable)
			return true;
	}
	return false;
}

static bool is_unseen(const char *allele)
{
	return !strcmp(allele, "<*>") || !strcmp(allele, "<NON_REF>") || !strcmp(allele, "<X>");
}

/* What the record says about each code: the alleles that mean it. */
struct view {
	const struct grx_var *v;
	const int8_t *code;
	const struct pgx_obs *o;
	const double *pl;
	int unseen, stand_in; /* alleles that speak for codes the record does not list; -1 none */
	double worst;
};

static double pl_of(const struct view *w, int a, int b)
{
	return w->o->haploid ? w->pl[a] : w->pl[tri(a, b)];
}

static bool means(const struct view *w, int allele, int code)
{
	return w->code[allele] == code;
}

static bool listed(const struct view *w, int code)
{
	for (int a = 0; a < w->v->n_allele; a++)
		if (means(w, a, code))
			return true;
	return false;
}

static bool called(const struct pgx_obs *o, int allele)
{
	return o->gt[0] == allele || o->gt[1] == allele;
}

/* Alleles of the record that stand for a code. */
static bool speaks(const struct view *w, int allele, int code)
{
	if (listed(w, code))
		return means(w, allele, code);
	return allele == (w->unseen >= 0 ? w->unseen : w->stand_in);
}

/* Best likelihood of a pair of codes over the alleles that mean them. */
static double best_pl(const struct view *w, int x, int y)
{
	double best = -1;
	for (int a = 0; a < w->v->n_allele; a++)
		for (int b = 0; b < w->v->n_allele; b++) {
			if (!speaks(w, a, x) || !speaks(w, b, y))
				continue;
			double p = pl_of(w, a, b);
			best = best < 0 || p < best ? p : best;
		}
	return best < 0 ? w->worst : best;
}

/* Who speaks for alleles that the record does not list. */
static void find_stand_in(struct view *w)
{
	w->unseen = w->stand_in = -1;
	for (int a = 0; a < w->v->n_allele; a++) {
		if (a && is_unseen(w->v->allele[a]))
			w->unseen = a;
		bool worse = w->stand_in < 0 || pl_of(w, a, a) > pl_of(w, w->stand_in, w->stand_in);
		if (a && !called(w->o, a) && w->code[a] > 0 && worse)
			w->stand_in = a;
	}
}

static uint16_t to_u16(double p)
{
	return p > 60000 ? 60000 : (uint16_t)(p + 0.5);
}

static void fill(const struct view *w, int k, uint16_t *out)
{
	double least = -1;
	double tmp[MAX_CODE * (MAX_CODE + 1) / 2];
	int n = 0;
	for (int j = 0; j < k; j++)
		for (int i = w->o->haploid ? j : 0; i <= j; i++) {
			tmp[n] = best_pl(w, i, j);
			least = least < 0 || tmp[n] < least ? tmp[n] : least;
			n++;
		}
	for (int i = 0; i < n; i++)
		out[i] = to_u16(tmp[i] - least);
}

int pgx_likelihoods(struct grx_arena *mem, const struct grx_var *v, int sample, const int8_t *code,
	const struct pgx_locus *l, struct pgx_obs *o)
{
	int k = l->n_alt + 1, n = o->haploid ? v->n_allele : v->n_allele * (v->n_allele + 1) / 2;
	struct view w = {.v = v, .code = code, .o = o};
	double few[64], *pl = few;
	if (k > MAX_CODE || v->n_allele < 2 || n > MAX_PL || o->many || o->code[0] < 0 || o->code[0] >= k ||
		o->code[1] >= k || (!o->haploid && o->code[1] < 0))
		return GRX_OK;
	if (!grx_var_fmt(v, "PL") && !grx_var_fmt(v, "GL") && !grx_var_fmt(v, "GP"))
		return GRX_OK;
	uint16_t *out = grx_arena_alloc(mem, (size_t)(k * (k + 1) / 2), sizeof *out);
	if (n > (int)(sizeof few / sizeof *few))
		pl = grx_arena_alloc(mem, (size_t)n, sizeof *pl);
	if (!out || !pl)
		return GRX_E_NOMEM;
	if (!read_phred(v, sample, n, pl))
		return GRX_OK;
	for (int i = 0; i < n; i++)
		w.worst = pl[i] > w.worst ? pl[i] : w.worst;
	w.pl = pl;
	find_stand_in(&w);
	fill(&w, k, out);
	o->pl = out;
	o->n_code = (uint8_t)k;
	return GRX_OK;
}

int32_t pgx_pl_margin(const struct pgx_obs *o)
{
	int k = o->n_code, n = o->haploid ? k : k * (k + 1) / 2;
	int own = o->haploid ? o->code[0] : tri(o->code[0], o->code[1]);
	int32_t least = -1;
	if (!o->pl || n < 2)
		return -1;
	for (int i = 0; i < n; i++)
		if (i != own && (least < 0 || o->pl[i] < least))
			least = o->pl[i];
	return least > o->pl[own] ? least - o->pl[own] : 0;
}

/* Probability that the called genotype is wrong, at most so large that none of n others is likelier. */
static double error_rate(const struct pgx_obs *o, int n)
{
	int32_t q = o->gq < 0 ? PGX_DEFAULT_GQ : o->gq;
	double e = pow(10.0, -(double)q / 10.0), flat = (double)n / (n + 1);
	return e < flat ? e : flat;
}

static void lik_haploid(const struct pgx_obs *o, int8_t code, int k, double *lik)
{
	double e = k > 1 ? error_rate(o, k - 1) : 0;
	for (int a = 0; a < k; a++)
		lik[a] = o->pl && o->n_code == k ? pow(10.0, -o->pl[a] / 10.0)
			 : a == code             ? 1 - e
			 : k > 1                 ? e / (k - 1)
						 : 1;
}

/* Copies that differ between the pairs (a, b) and code. */
static int n_differ(int a, int b, const int8_t code[2])
{
	int straight = (a != code[0]) + (b != code[1]), crossed = (a != code[1]) + (b != code[0]);
	return straight < crossed ? straight : crossed;
}

/* From GT and GQ alone: genotypes with one other allele share the error, those with two share its square. */
static void lik_called(const struct pgx_obs *o, const int8_t code[2], int k, double *lik)
{
	int n[3] = {0, 0, 0};
	for (int a = 0; a < k; a++)
		for (int b = a; b < k; b++)
			n[n_differ(a, b, code)]++;
	double e = n[1] ? error_rate(o, n[1]) : 0;
	for (int a = 0; a < k; a++)
		for (int b = 0; b < k; b++) {
			int d = n_differ(a, b, code);
			lik[a * k + b] = d == 0 ? 1 - e : d == 1 ? e / n[1] : e * e / n[2];
		}
}

void pgx_locus_lik(const struct pgx_obs *o, const int8_t code[2], int k, double *lik)
{
	bool het = code[0] != code[1];
	double right = o->pq > 0 ? 1 - pow(10.0, -o->pq / 10.0) : 1;
	if (o->haploid) {
		lik_haploid(o, code[0], k, lik);
		return;
	}
	if (o->pl && o->n_code == k)
		for (int i = 0; i < k * k; i++)
			lik[i] = pow(10.0, -o->pl[tri(i / k, i % k)] / 10.0);
	else
		lik_called(o, code, k, lik);
	if (o->phased && het && code[0] < k && code[1] < k) {
		lik[code[0] * k + code[1]] *= 2 * right;
		lik[code[1] * k + code[0]] *= 2 * (1 - right);
	}
}
