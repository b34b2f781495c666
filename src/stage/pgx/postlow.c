/* SPDX-License-Identifier: GPL-3.0-or-later
 * postlow.c -- the posterior of genes where every variant counts and the least functional ones decide.
 * Each copy carries each variant with its frequency, independently of the others. What matters of a copy is
 * the kind of its worst allele, so a table of (worst on one copy, worst on the other) is carried from locus
 * to locus: exact, and linear in loci. Loci of one phase block keep their sides; blocks are turned both ways.
 */
#include <math.h>
#include <string.h>

#include "stage/pgx/posterior.h"

enum { MAX_KIND = 8, MAX_CODE = 16 };

/* The alleles of one locus: frequency, rank and name per code. */
struct site {
	int k, locus;
	bool missing;
	double f[MAX_CODE], z; /* z: sum of w over ordered pairs */
	int rank[MAX_CODE], allele[MAX_CODE];
	int called[2];
	double lik[MAX_CODE * MAX_CODE];
};

struct low {
	const struct pgx_data *d;
	const struct pgx_model *m;
	int rank_of[MAX_KIND],
		kind_of[MAX_KIND]; /* kinds from the least functional to that of the reference */
	double p[MAX_KIND * MAX_KIND];
	double shown;
};

static void rank_kinds(struct low *w)
{
	const struct pgx_gene *g = w->d->gene;
	int ref = w->m->kind[g->ref_allele], n = 0;
	for (int k = 0; k < w->m->n_kind; k++) {
		int i = n++;
		for (; i > 0 && k != ref; i--) {
			int prev = w->kind_of[i - 1];
			if (prev != ref && pgx_harm_cmp(g, w->m->rep[prev], w->m->rep[k]) < 0)
				break;
			w->kind_of[i] = prev;
		}
		w->kind_of[i] = k;
	}
	for (int i = 0; i < n; i++)
		w->rank_of[w->kind_of[i]] = i;
}

static bool is_hap(const struct pgx_gene *g, int k)
{
	return k == g->hap_both || k == g->hap_intron_only;
}

/* Does the allele show at this locus? The two-locus haplotype is judged by its cause, or by its tag when the
 * cause was not seen. */
static bool stands_at(const struct pgx_data *d, int k, int l)
{
	const struct pgx_gene *g = d->gene;
	if (k == g->ref_allele || !g->allele[k].core[l])
		return false;
	if (!is_hap(g, k))
		return true;
	return l ==
	       (d->block[g->hap_intron] == -2 && d->block[g->hap_exon] != -2 ? g->hap_exon : g->hap_intron);
}

static void site_alleles(const struct low *w, struct site *s)
{
	const struct pgx_gene *g = w->d->gene;
	int ref_rank = w->rank_of[w->m->kind[g->ref_allele]];
	s->f[0] = 1;
	for (int c = 0; c < s->k; c++) {
		s->rank[c] = ref_rank;
		s->allele[c] = -1;
		s->f[c] = c ? 0 : 1;
	}
	for (int a = 0; a < g->n_allele; a++) {
		if (!stands_at(w->d, a, s->locus))
			continue;
		int c = 1;
		while (c < s->k && !(g->allele[a].mask[s->locus] >> c & 1u))
			c++;
		if (c == s->k)
			continue;
		int r = w->rank_of[w->m->kind[a]];
		s->f[c] += w->m->prior[a];
		s->f[0] -= w->m->prior[a];
		if (s->allele[c] < 0 || r < s->rank[c]) {
			s->rank[c] = r;
			s->allele[c] = a;
		}
	}
	for (int c = 0; c < s->k; c++)
		s->f[c] = s->f[c] > 1e-6 ? s->f[c]
					 : 1e-6; /* no allele of the table: rare, and of no effect */
}

/* False when no allele shows here: the locus says nothing about function. */
static bool make_site(const struct low *w, int l, struct site *s)
{
	const struct pgx_data *d = w->d;
	s->k = d->locus[l].n_alt + 1;
	s->locus = l;
	s->missing = d->block[l] == -2;
	if (s->k > MAX_CODE)
		return false;
	site_alleles(w, s);
	bool counts = false;
	for (int c = 1; c < s->k; c++)
		counts = counts || s->allele[c] >= 0;
	if (!counts)
		return false;
	if (s->missing)
		for (int i = 0; i < s->k * s->k; i++)
			s->lik[i] = 1;
	else
		pgx_locus_lik(&d->obs[l], d->code[l], s->k, s->lik);
	s->z = 0;
	for (int a = 0; a < s->k; a++)
		for (int b = 0; b < s->k; b++)
			s->z += s->f[a] * s->f[b] * s->lik[a * s->k + b];
	for (int i = 0; i < 2; i++)
		s->called[i] = s->missing || d->code[l][i] < 0 || d->code[l][i] >= s->k ? 0 : d->code[l][i];
	return s->z > 0;
}

/* Weight of a on one copy and b on the other, the copies as phased. */
static double weight(const struct site *s, int a, int b)
{
	return s->f[a] * s->f[b] * s->lik[a * s->k + b] / s->z;
}

/* Weight of an unordered genotype. */
static double genotype(const struct site *s, int a, int b)
{
	return a == b ? weight(s, a, a) : weight(s, a, b) + weight(s, b, a);
}

static int least(int a, int b)
{
	return a < b ? a : b;
}

/* Carry p over one more locus; turned: its sides the other way round. */
static void carry(const struct low *w, const struct site *s, bool turned, double *p)
{
	double to[MAX_KIND * MAX_KIND] = {0};
	int n = w->m->n_kind;
	for (int a = 0; a < s->k; a++)
		for (int b = 0; b < s->k; b++) {
			double x = turned ? weight(s, b, a) : weight(s, a, b);
			for (int i = 0; i < n && x > 0; i++)
				for (int j = 0; j < n; j++)
					to[least(i, s->rank[a]) * n + least(j, s->rank[b])] += p[i * n + j] *
											       x;
		}
	memcpy(p, to, sizeof to);
}

/* Genotypes that are likely enough beside the called one. */
static int note_others(struct grx_arena *mem, const struct low *w, const struct site *s, struct pgx_post *out)
{
	const struct pgx_gene *g = w->d->gene;
	double own = genotype(s, s->called[0], s->called[1]);
	for (int a = 0; a < s->k; a++)
		for (int b = a; b < s->k; b++) {
			bool is = (a == s->called[0] && b == s->called[1]) ||
				  (a == s->called[1] && b == s->called[0]);
			double p = genotype(s, a, b);
			if (is || p < PGX_POST_LISTED || own <= 0)
				continue;
			int x = a && s->allele[a] >= 0 ? s->allele[a] : -1,
			    y = b && s->allele[b] >= 0 ? s->allele[b] : -1;
			const char *nx = x < 0 ? g->allele[g->ref_allele].shown : g->allele[x].shown;
			const char *ny = y < 0 ? g->allele[g->ref_allele].shown : g->allele[y].shown;
			const char *at = w->d->locus[s->locus].rsid;
			const char *t = grx_arena_printf(
				mem, "%s/%s at %s", nx, ny, at ? at : "a locus without rsID");
			if (!t || pgx_prob_push(mem, &out->alt, t, p) != GRX_OK)
				return GRX_E_NOMEM;
		}
	return GRX_OK;
}

/* One locus of its own. */
static int single(struct grx_arena *mem, struct low *w, int l, struct pgx_post *out)
{
	struct site s;
	if (!make_site(w, l, &s))
		return GRX_OK;
	double t[MAX_KIND * MAX_KIND];
	memcpy(t, w->p, sizeof t);
	carry(w, &s, false, w->p);
	if (w->d->block[l] >= 0) { /* phased or not, alone it may lie either way round */
		carry(w, &s, true, t);
		for (int i = 0; i < w->m->n_kind * w->m->n_kind; i++)
			w->p[i] = (w->p[i] + t[i]) / 2;
	}
	w->shown *= genotype(&s, s.called[0], s.called[1]);
	return note_others(mem, w, &s, out);
}

/* The loci of phase block b together. */
static int block(struct grx_arena *mem, struct low *w, int b, struct pgx_post *out)
{
	double p[2][MAX_KIND * MAX_KIND], straight = 1, crossed = 1;
	bool any_het = false;
	int rc = GRX_OK;
	memcpy(p[0], w->p, sizeof w->p);
	memcpy(p[1], w->p, sizeof w->p);
	for (int l = 0; l < w->d->gene->n_locus && rc == GRX_OK; l++) {
		struct site s;
		if (w->d->block[l] != b || !make_site(w, l, &s))
			continue;
		carry(w, &s, false, p[0]);
		carry(w, &s, true, p[1]);
		straight *= weight(&s, s.called[0], s.called[1]);
		crossed *= weight(&s, s.called[1], s.called[0]);
		any_het = any_het || s.called[0] != s.called[1];
		rc = note_others(mem, w, &s, out);
	}
	for (int i = 0; i < w->m->n_kind * w->m->n_kind; i++)
		w->p[i] = (p[0][i] + p[1][i]) / 2;
	w->shown *= any_het ? straight + crossed : straight;
	return rc;
}

static int block_size(const struct pgx_data *d, int b)
{
	int n = 0;
	for (int l = 0; l < d->gene->n_locus; l++)
		n += d->block[l] == b;
	return n;
}

int pgx_post_lowest(struct grx_arena *mem, const struct pgx_data *d, struct pgx_post *out)
{
	struct low w = {.d = d, .m = d->gene->model, .shown = 1};
	int n = w.m->n_kind, rc = GRX_OK;
	double sum = 0;
	memset(out, 0, sizeof *out);
	if (n > MAX_KIND)
		return GRX_E_BUG;
	rank_kinds(&w);
	w.p[n * n - 1] = 1; /* nothing carried: both copies as the reference */
	for (int l = 0; l < d->gene->n_locus && rc == GRX_OK; l++)
		if (d->block[l] < 0 || block_size(d, d->block[l]) < 2)
			rc = single(mem, &w, l, out);
	for (int b = 0; b < d->n_block && rc == GRX_OK; b++)
		if (block_size(d, b) > 1)
			rc = block(mem, &w, b, out);
	for (int i = 0; i < n * n; i++)
		sum += w.p[i];
	for (int i = 0; i < n; i++)
		for (int j = 0; j < n && rc == GRX_OK; j++) {
			const char *act, *ph;
			double p = w.p[i * n + j] / sum;
			if (p < 1e-12)
				continue;
			ph = pgx_phenotype(
				mem, d->gene, w.m->rep[w.kind_of[i]], w.m->rep[w.kind_of[j]], &act);
			rc = pgx_prob_add(mem, &out->ph, ph ? ph : "n/a", p);
			if (rc == GRX_OK && act)
				rc = pgx_prob_add(mem, &out->act, act, p);
		}
	out->shown = w.shown;
	pgx_post_rank(out);
	out->rest = 0; /* those alternatives are of one locus each, not of the whole */
	return rc;
}
