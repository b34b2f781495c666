/* SPDX-License-Identifier: GPL-3.0-or-later
 * posterior.c -- the posterior over pairs of alleles.
 * Log likelihoods are taken relative to the pair reference/reference, so that a pair costs only the loci
 * where one of its alleles is not like the reference allele; phase blocks of several loci are summed over
 * both orientations. Sums run over pairs in table order: the same bytes whatever the threads. */
#include <math.h>
#include <string.h>

#include "stage/pgx/posterior.h"

#define TINY 1e-300 /* a likelihood of 0 (the other phase of a certain one) */

/* ---- likelihoods of the loci --------------------------------------------------------------------------- */

/* ln P(D_l | classes a, b) - ln P(D_l | reference, reference), a * n + b. */
struct site {
	int n;
	bool grouped; /* in a phase block with other loci */
	double *ln;
};

struct work {
	const struct pgx_data *d;
	const struct pgx_model *m;
	struct site *site;
	int n_block, *block_end; /* blocks of several loci: their loci, one after another */
	int *block_locus;
	const double *ln_prior;
};

/* Mean likelihood over the codes that two masks allow. */
static double mean_lik(const double *lik, int k, bool haploid, uint32_t x, uint32_t y)
{
	double sum = 0;
	int n = 0;
	for (int a = 0; a < k; a++)
		for (int b = haploid ? a : 0; b < (haploid ? a + 1 : k); b++)
			if ((x >> a & 1u) && (y >> b & 1u)) {
				sum += haploid ? lik[a] : lik[a * k + b];
				n++;
			}
	return n ? sum / n : 0;
}

static int make_site(struct grx_arena *mem, struct work *w, int l, double *lik)
{
	const struct pgx_data *d = w->d;
	struct site *s = &w->site[l];
	int k = d->locus[l].n_alt + 1;
	s->n = w->m->n_cls[l];
	if (d->block[l] == -2)
		return GRX_OK;
	s->ln = grx_arena_alloc(mem, (size_t)s->n * (size_t)s->n, sizeof *s->ln);
	if (!s->ln)
		return GRX_E_NOMEM;
	pgx_locus_lik(&d->obs[l], d->code[l], k, lik);
	for (int a = 0; a < s->n; a++)
		for (int b = 0; b < s->n; b++) {
			double x = d->haploid && a != b
					   ? 0
					   : mean_lik(lik, k, d->haploid, w->m->mask[l][a], w->m->mask[l][b]);
			s->ln[a * s->n + b] = log(x > TINY ? x : TINY);
		}
	for (int i = s->n * s->n - 1; i >= 0; i--)
		s->ln[i] -= s->ln[0];
	return GRX_OK;
}

/* Mean of both orientations: alone in its block, a phased locus says nothing about phase. */
static void both_ways(struct site *s)
{
	for (int a = 0; s->ln && a < s->n; a++)
		for (int b = a + 1; b < s->n; b++) {
			double *x = &s->ln[a * s->n + b], *y = &s->ln[b * s->n + a], hi = *x > *y ? *x : *y;
			*x = *y = hi + log((exp(*x - hi) + exp(*y - hi)) / 2);
		}
}

/* Loci of phase blocks that hold more than one. */
static int make_blocks(struct grx_arena *mem, struct work *w)
{
	const struct pgx_data *d = w->d;
	int n_locus = d->gene->n_locus, k = 0;
	w->block_end = grx_arena_calloc(mem, (size_t)d->n_block + 1, sizeof *w->block_end);
	w->block_locus = grx_arena_calloc(mem, (size_t)n_locus + 1, sizeof *w->block_locus);
	if (!w->block_end || !w->block_locus)
		return GRX_E_NOMEM;
	for (int b = 0; b < d->n_block; b++) {
		int from = k;
		for (int l = 0; l < n_locus; l++)
			if (d->block[l] == b)
				w->block_locus[k++] = l;
		if (k - from < 2) {
			k = from;
			both_ways(&w->site[w->block_locus[from]]);
			continue;
		}
		for (int i = from; i < k; i++)
			w->site[w->block_locus[i]].grouped = true;
		w->block_end[w->n_block++] = k;
	}
	return GRX_OK;
}

static int make_work(struct grx_arena *mem, const struct pgx_data *d, struct work *w)
{
	const struct pgx_gene *g = d->gene;
	memset(w, 0, sizeof *w);
	w->d = d;
	w->m = g->model;
	w->site = grx_arena_calloc(mem, (size_t)g->n_locus + 1, sizeof *w->site);
	double *lp = grx_arena_alloc(mem, (size_t)g->n_allele + 1, sizeof *lp);
	int widest = 1, rc = GRX_OK;
	for (int l = 0; l < g->n_locus; l++)
		widest = d->locus[l].n_alt + 1 > widest ? d->locus[l].n_alt + 1 : widest;
	double *lik = grx_arena_alloc(mem, (size_t)widest * (size_t)widest, sizeof *lik);
	if (!w->site || !lp || !lik)
		return GRX_E_NOMEM;
	for (int a = 0; a < g->n_allele; a++)
		lp[a] = log(w->m->prior[a] > TINY ? w->m->prior[a] : TINY);
	w->ln_prior = lp;
	for (int l = 0; l < g->n_locus && rc == GRX_OK; l++)
		rc = make_site(mem, w, l, lik);
	return rc ? rc : make_blocks(mem, w);
}

/* ---- pairs --------------------------------------------------------------------------------------------- */

static int class_of(const struct work *w, int allele, int l)
{
	return w->m->cls[(size_t)allele * (size_t)w->d->gene->n_locus + (size_t)l];
}

static double at(const struct site *s, int a, int b)
{
	return s->ln && !s->grouped ? s->ln[a * s->n + b] : 0;
}

/* Loci outside phase blocks: those where x or y is not like the reference. */
static double plain_ln(const struct work *w, int x, int y)
{
	const struct pgx_model *m = w->m;
	const uint16_t *p = m->delta[x], *q = m->delta[y], *pe = p + m->n_delta[x], *qe = q + m->n_delta[y];
	double sum = 0;
	while (p < pe || q < qe) {
		int l = p == pe ? *q : q == qe || *p < *q ? *p : *q;
		int a = p < pe && *p == l ? class_of(w, x, l) : 0,
		    b = q < qe && *q == l ? class_of(w, y, l) : 0;
		sum += at(&w->site[l], a, b);
		p += p < pe && *p == l;
		q += q < qe && *q == l;
	}
	return sum;
}

static double block_ln(const struct work *w, int k, int x, int y)
{
	double s = 0, t = 0;
	for (int i = k ? w->block_end[k - 1] : 0; i < w->block_end[k]; i++) {
		const struct site *site = &w->site[w->block_locus[i]];
		int a = class_of(w, x, w->block_locus[i]), b = class_of(w, y, w->block_locus[i]);
		s += site->ln[a * site->n + b];
		t += site->ln[b * site->n + a];
	}
	double hi = s > t ? s : t, lo = s > t ? t : s;
	return hi + log((1 + exp(lo - hi)) / 2);
}

static double pair_ln(const struct work *w, int x, int y)
{
	double ln = plain_ln(w, x, y) + w->ln_prior[x];
	if (w->d->haploid)
		return ln;
	ln += w->ln_prior[y] + (x != y ? log(2.0) : 0);
	for (int k = 0; k < w->n_block; k++)
		ln += block_ln(w, k, x, y);
	return ln;
}

/* Sums over pairs: by what is shown, and by function. */
struct sums {
	double *group, *kind; /* n x n, [low * n + high] */
};

static void add_to(double *v, int n, int a, int b, double p)
{
	v[a < b ? a * n + b : b * n + a] += p;
}

static int sum_pairs(struct grx_arena *mem, const struct work *w, struct sums *s)
{
	const struct pgx_model *m = w->m;
	int n = w->d->gene->n_allele;
	size_t n_pair = w->d->haploid ? (size_t)n : (size_t)n * ((size_t)n + 1) / 2, i = 0;
	double *ln = grx_arena_alloc(mem, n_pair + 1, sizeof *ln), top = -INFINITY, total = 0;
	s->group = grx_arena_calloc(mem, (size_t)m->n_group * (size_t)m->n_group + 1, sizeof *s->group);
	s->kind = grx_arena_calloc(mem, (size_t)m->n_kind * (size_t)m->n_kind + 1, sizeof *s->kind);
	if (!ln || !s->group || !s->kind)
		return GRX_E_NOMEM;
	for (int x = 0; x < n; x++)
		for (int y = x; y < (w->d->haploid ? x + 1 : n); y++, i++) {
			ln[i] = pair_ln(w, x, y);
			top = ln[i] > top ? ln[i] : top;
		}
	i = 0;
	for (int x = 0; x < n; x++)
		for (int y = x; y < (w->d->haploid ? x + 1 : n); y++, i++) {
			double p = ln[i] - top < -60 ? 0 : exp(ln[i] - top);
			total += p;
			add_to(s->group, m->n_group, m->group[x], m->group[y], p);
			add_to(s->kind, m->n_kind, m->kind[x], m->kind[y], p);
		}
	for (int k = 0; k < m->n_group * m->n_group; k++)
		s->group[k] /= total;
	for (int k = 0; k < m->n_kind * m->n_kind; k++)
		s->kind[k] /= total;
	return GRX_OK;
}

/* ---- what is told -------------------------------------------------------------------------------------- */

static int phenotypes(struct grx_arena *mem, const struct work *w, const struct sums *s, struct pgx_post *out)
{
	const struct pgx_model *m = w->m;
	int rc = GRX_OK;
	for (int a = 0; a < m->n_kind; a++)
		for (int b = a; b < m->n_kind && rc == GRX_OK; b++) {
			double p = s->kind[a * m->n_kind + b];
			const char *act, *ph;
			if (p < 1e-12)
				continue;
			ph = pgx_phenotype(mem, w->d->gene, m->rep[a], w->d->haploid ? -1 : m->rep[b], &act);
			rc = pgx_prob_add(mem, &out->ph, ph ? ph : "n/a", p);
			if (rc == GRX_OK && act)
				rc = pgx_prob_add(mem, &out->act, act, p);
		}
	return rc;
}

static bool is_among(const struct pgx_dips *ds, const char *text)
{
	for (size_t i = 0; i < ds->n; i++)
		if (!strcmp(ds->v[i].text, text))
			return true;
	return false;
}

static int group_text(struct grx_arena *mem, const struct work *w, int a, int b, const char **text)
{
	const struct pgx_model *m = w->m;
	struct pgx_dip dip = {.n = {1, w->d->haploid ? -1 : 1}, .a = {&m->first[a], &m->first[b]}};
	int rc = pgx_dips_text(mem, w->d->gene, &dip);
	*text = dip.text;
	return rc;
}

static double group_prob(const struct work *w, const struct sums *s, const struct pgx_dip *d)
{
	int a = w->m->group[d->a[0][0]], b = d->n[1] < 0 ? a : w->m->group[d->a[1][0]];
	return s->group[a < b ? a * w->m->n_group + b : b * w->m->n_group + a];
}

/* Diplotypes not shown that are likely enough, then the most likely ones of all. */
static int alternatives(struct grx_arena *mem, const struct work *w, const struct sums *s,
	const struct pgx_dips *shown, const struct pgx_dips *others, struct pgx_post *out)
{
	int n = w->m->n_group, rc = GRX_OK;
	double best = 0;
	const char *text;
	for (size_t i = 0; i < shown->n && rc == GRX_OK; i++) {
		double p = group_prob(w, s, &shown->v[i]);
		rc = pgx_prob_push(mem, &out->own, shown->v[i].text, p);
		out->shown += p;
		best = p > best ? p : best;
	}
	for (size_t i = 0; i < others->n && rc == GRX_OK; i++)
		rc = pgx_prob_push(mem, &out->alt, others->v[i].text, group_prob(w, s, &others->v[i]));
	for (int a = 0; a < n; a++)
		for (int b = a; b < n && rc == GRX_OK; b++) {
			if (s->group[a * n + b] < PGX_POST_LISTED)
				continue;
			rc = group_text(mem, w, a, b, &text);
			if (rc == GRX_OK && !is_among(shown, text) && !is_among(others, text))
				rc = pgx_prob_push(mem, &out->alt, text, s->group[a * n + b]);
		}
	pgx_post_rank(out);
	if (out->alt.n && out->alt.v[0].p > best)
		out->best = out->alt.v[0].text;
	return rc;
}

/* The same at every locus with evidence. */
static bool cannot_tell(const struct work *w, int a, int b)
{
	for (int l = 0; l < w->d->gene->n_locus; l++)
		if (w->d->block[l] != -2 && class_of(w, a, l) != class_of(w, b, l))
			return false;
	return w->m->group[a] != w->m->group[b];
}

enum { MAX_SAME = 20 };

/* "*1 = *5, *8" per allele of the shown diplotypes. */
static int same_text(
	struct grx_arena *mem, const struct work *w, const struct pgx_dips *shown, struct pgx_post *out)
{
	struct grx_str s = {0};
	const struct pgx_gene *g = w->d->gene;
	bool *done = grx_arena_calloc(mem, (size_t)g->n_allele + 1, sizeof *done);
	if (!done)
		return GRX_E_NOMEM;
	for (size_t i = 0; i < 2 * shown->n; i++) {
		const struct pgx_dip *p = &shown->v[i / 2];
		if (p->n[i % 2] < 1 || done[p->a[i % 2][0]])
			continue;
		int a = p->a[i % 2][0], n = 0;
		done[a] = true;
		for (int b = 0; b < g->n_allele; b++) {
			if (!cannot_tell(w, a, b) || w->m->first[w->m->group[b]] != b)
				continue;
			if (n < MAX_SAME)
				grx_str_addf(&s, "%s%s",
					n     ? ", "
					: s.n ? "; "
					      : "",
					n ? "" : g->allele[a].shown);
			if (n < MAX_SAME)
				grx_str_addf(&s, "%s%s", n ? "" : " = ", g->allele[b].shown);
			n++;
		}
		if (n > MAX_SAME)
			grx_str_addf(&s, " and %d more", n - MAX_SAME);
	}
	out->same = s.n && !s.oom ? grx_arena_strdup(mem, s.s) : NULL;
	int rc = s.oom || (s.n && !out->same) ? GRX_E_NOMEM : GRX_OK;
	grx_str_clear(&s);
	return rc;
}

int pgx_post_exact(struct grx_arena *mem, const struct pgx_data *d, const struct pgx_dips *shown,
	const struct pgx_dips *others, struct pgx_post *out)
{
	struct work w;
	struct sums s;
	int rc = GRX_E_BUG;
	memset(out, 0, sizeof *out);
	GRX_TRY(make_work(mem, d, &w));
	GRX_TRY(sum_pairs(mem, &w, &s));
	GRX_TRY(phenotypes(mem, &w, &s, out));
	GRX_TRY(alternatives(mem, &w, &s, shown, others, out));
	GRX_TRY(d->n_missing ? same_text(mem, &w, shown, out) : GRX_OK);
	rc = GRX_OK;
out:
	return rc;
}

double pgx_post_locus(const struct pgx_data *d, int l, int8_t a, int8_t b)
{
	const struct pgx_gene *g = d->gene;
	double lik[4], f[2] = {0, 0}, sum = 0;
	if (!g->model || d->locus[l].n_alt != 1 || a < 0 || a > 1 || b < 0 || b > 1)
		return -1;
	for (int k = 0; k < g->n_allele; k++)
		f[g->allele[k].mask[l] == 2] += g->model->prior[k];
	pgx_locus_lik(&d->obs[l], d->code[l], 2, lik);
	for (int i = 0; i < 4; i++)
		sum += f[i / 2] * f[i % 2] * lik[i];
	double p = f[a] * f[b] * (a == b ? lik[2 * a + b] : lik[1] + lik[2]);
	return sum > 0 ? p / sum : -1;
}
