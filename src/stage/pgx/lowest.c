/* SPDX-License-Identifier: GPL-3.0-or-later
 * lowest.c -- genes where every variant found is named and the least functional alleles decide (DPYD, RYR1).
 * With known phase: per strand all alleles whose defining variants are there. Without: a list of alleles.
 * The two-locus haplotype of DPYD (an intronic cause, an exonic tag) is settled apart from the other alleles.
 */
#include <stdlib.h>
#include <string.h>

#include "stage/pgx/pgx_int.h"

#define MAX_BLOCK 12

static bool is_hap(const struct pgx_gene *g, int k)
{
	return k == g->hap_both || k == g->hap_intron_only;
}

static int8_t strand_code(const struct pgx_data *d, int l, unsigned flip, int strand)
{
	int b = d->block[l];
	return d->code[l][b < 0 ? strand : (int)((flip >> b & 1u) ^ (unsigned)strand)];
}

static bool fits(uint32_t mask, int8_t code)
{
	return code >= 0 && code != PGX_OTHER && (mask >> code & 1u);
}

static bool on_strand(const struct pgx_data *d, int k, unsigned flip, int strand)
{
	const struct pgx_allele *a = &d->gene->allele[k];
	for (int l = 0; l < d->gene->n_locus; l++)
		if (a->core[l] && (d->block[l] == -2 || !fits(a->mask[l], strand_code(d, l, flip, strand))))
			return false;
	return true;
}

/* ALT at a locus: 1 yes, 0 no, -1 not known. */
static int has_alt(const struct pgx_data *d, int l, unsigned flip, int strand)
{
	return d->block[l] == -2 ? -1 : strand_code(d, l, flip, strand) > 0;
}

static const char *const warn_exon_only =
	"the exonic tag of HapB3 was found, its causal intronic variant was not assessed";
static const char *const warn_mismatch =
	"the exonic tag of HapB3 was found without its causal intronic variant";

static int hap_on_strand(const struct pgx_data *d, unsigned flip, int strand, const char **warning)
{
	const struct pgx_gene *g = d->gene;
	if (g->hap_intron < 0)
		return -1;
	int i = has_alt(d, g->hap_intron, flip, strand), e = has_alt(d, g->hap_exon, flip, strand);
	if (i == 1)
		return e == 1 ? g->hap_both : g->hap_intron_only;
	if (e == 1)
		*warning = i < 0 ? warn_exon_only : warn_mismatch;
	return e == 1 && i < 0 ? g->hap_both : -1;
}

static void sort_names(const struct pgx_gene *g, int *a, int n)
{
	for (int i = 1; i < n; i++)
		for (int j = i; j > 0 && pgx_name_cmp(g->allele[a[j]].name, g->allele[a[j - 1]].name) < 0;
			j--) {
			int t = a[j];
			a[j] = a[j - 1];
			a[j - 1] = t;
		}
}

/* Alleles on one strand, by name. */
static int strand_alleles(const struct pgx_data *d, unsigned flip, int strand, int *a, const char **warning)
{
	const struct pgx_gene *g = d->gene;
	int n = 0;
	for (int k = 0; k < g->n_allele; k++)
		if (k != g->ref_allele && !is_hap(g, k) && on_strand(d, k, flip, strand))
			a[n++] = k;
	int h = hap_on_strand(d, flip, strand, warning);
	if (h >= 0)
		a[n++] = h;
	sort_names(g, a, n);
	return n;
}

static int strand_score(const struct pgx_data *d, int n, const int *a)
{
	int s = n ? 0 : d->n_avail;
	for (int i = 0; i < n; i++)
		s += d->gene->allele[a[i]].n_core;
	return s;
}

static int least(const struct pgx_gene *g, int n, const int *a)
{
	int best = n ? a[0] : g->ref_allele;
	for (int i = 1; i < n; i++)
		if (pgx_harm_cmp(g, a[i], best) < 0)
			best = a[i];
	return best;
}

static int add_dip(struct grx_arena *mem, const struct pgx_data *d, struct pgx_dip *p, struct pgx_dips *out)
{
	p->score = strand_score(d, p->n[0], p->a[0]) + strand_score(d, p->n[1], p->a[1]);
	int rc = pgx_dips_text(mem, d->gene, p);
	for (size_t i = 0; rc == GRX_OK && i < out->n; i++)
		if (!strcmp(out->v[i].text, p->text))
			return GRX_OK;
	return rc ? rc : pgx_dips_push(mem, out, p);
}

static int cmp_dips(const void *a, const void *b)
{
	return pgx_dip_cmp(a, b);
}

/* Value by which alternative diplotypes compete; an allele without value counts as normal here. */
static double total(const struct pgx_gene *g, const int pair[2])
{
	double t = 0;
	for (int i = 0; i < 2; i++) {
		const struct pgx_allele *a = &g->allele[pair[i]];
		if (g->by_score)
			t += a->has_score ? a->score : 2.0;
		else
			t += a->function && grx_starts(a->function, "Malignant Hyperthermia") ? 0 : 1;
	}
	return t;
}

/* The pair that decides: per strand the least functional allele; over alternatives the least sum, first wins.
 */
static void decide(const struct pgx_gene *g, struct pgx_lowest *out)
{
	for (size_t i = 0; i < out->dips.n; i++) {
		const struct pgx_dip *p = &out->dips.v[i];
		int pair[2] = {least(g, p->n[0], p->a[0]), least(g, p->n[1], p->a[1])};
		if (i && total(g, pair) >= total(g, out->pair))
			continue;
		out->pair[0] = pair[0];
		out->pair[1] = pair[1];
		out->inferred = p->n[0] > 1 || p->n[1] > 1;
	}
}

static int call_phased(struct grx_arena *mem, const struct pgx_data *d, struct pgx_lowest *out)
{
	const struct pgx_gene *g = d->gene;
	unsigned n_flip = d->n_block ? 1u << (d->n_block - 1) : 1;
	int rc = GRX_OK;
	for (unsigned flip = 0; flip < n_flip && rc == GRX_OK; flip++) {
		int *a = grx_arena_alloc(mem, 2 * (size_t)g->n_allele, sizeof *a);
		if (!a)
			return GRX_E_NOMEM;
		struct pgx_dip p = {.a = {a, a + g->n_allele}};
		p.n[0] = strand_alleles(d, flip, 0, a, &out->warning);
		p.n[1] = strand_alleles(d, flip, 1, a + g->n_allele, &out->warning);
		rc = add_dip(mem, d, &p, &out->dips);
	}
	if (rc == GRX_OK && out->dips.n) {
		qsort(out->dips.v, out->dips.n, sizeof *out->dips.v, cmp_dips);
		decide(g, out);
	}
	return rc;
}

static int n_alt_copies(const struct pgx_data *d, int l)
{
	return d->block[l] == -2 ? -1 : (d->code[l][0] > 0) + (d->code[l][1] > 0);
}

/* Copies of the two-locus haplotype without phase. */
static int hap_unphased(const struct pgx_data *d, int *a, const char **warning)
{
	const struct pgx_gene *g = d->gene;
	int n = 0;
	if (g->hap_intron < 0)
		return 0;
	int i = n_alt_copies(d, g->hap_intron), e = n_alt_copies(d, g->hap_exon);
	if (i < 0) {
		if (e > 0)
			*warning = warn_exon_only;
		for (int k = 0; k < e; k++)
			a[n++] = g->hap_both;
		return n;
	}
	int both = e < 0 ? 0 : i < e ? i : e;
	if (e > i)
		*warning = warn_mismatch;
	for (int k = 0; k < i; k++)
		a[n++] = k < both ? g->hap_both : g->hap_intron_only;
	return n;
}

/* Can the allele lie on some strand; *twice: on both at once. */
static bool somewhere(const struct pgx_data *d, int k, bool *twice)
{
	const struct pgx_allele *a = &d->gene->allele[k];
	*twice = true;
	for (int l = 0; l < d->gene->n_locus; l++) {
		if (!a->core[l])
			continue;
		if (d->block[l] == -2)
			return false;
		bool x = fits(a->mask[l], d->code[l][0]), y = fits(a->mask[l], d->code[l][1]);
		if (!x && !y)
			return false;
		*twice = *twice && x && y;
	}
	return true;
}

/* Entries of the list, a homozygous allele twice. */
static int list_alleles(const struct pgx_data *d, int *a, const char **warning)
{
	const struct pgx_gene *g = d->gene;
	int n = 0;
	bool twice;
	for (int k = 0; k < g->n_allele; k++) {
		if (k == g->ref_allele || is_hap(g, k) || !somewhere(d, k, &twice))
			continue;
		a[n++] = k;
		if (twice)
			a[n++] = k;
	}
	n += hap_unphased(d, a + n, warning);
	sort_names(g, a, n);
	return n;
}

static void two_least(const struct pgx_gene *g, const int *a, int n, struct pgx_lowest *out)
{
	int x = -1, y = -1;
	for (int i = 0; i < n; i++) {
		if (x < 0 || pgx_harm_cmp(g, a[i], a[x]) < 0) {
			y = x;
			x = i;
		} else if (y < 0 || pgx_harm_cmp(g, a[i], a[y]) < 0) {
			y = i;
		}
	}
	out->pair[0] = x < 0 ? g->ref_allele : a[x];
	out->pair[1] = y < 0 ? g->ref_allele : a[y];
	out->inferred = n > 2;
}

static int call_list(struct grx_arena *mem, const struct pgx_data *d, struct pgx_lowest *out)
{
	const struct pgx_gene *g = d->gene;
	int *a = grx_arena_alloc(mem, 2 * (size_t)g->n_allele + 4, sizeof *a), rc = GRX_OK;
	if (!a)
		return GRX_E_NOMEM;
	int n = list_alleles(d, a, &out->warning);
	if (n < 2) { /* one allele beside variants that name none: the other copy is the reference */
		memmove(a + 1, a, (size_t)n * sizeof *a);
		a[0] = g->ref_allele;
		n++;
	}
	two_least(g, a, n, out);
	out->list = true;
	for (int i = 0; i < n && rc == GRX_OK; i++) {
		if (i && a[i] == a[i - 1])
			continue;
		struct pgx_dip p = {.n = {1, -1}, .a = {a + i, NULL}};
		rc = pgx_dips_text(mem, g, &p);
		if (rc == GRX_OK)
			rc = pgx_dips_push(mem, &out->dips, &p);
	}
	return rc;
}

/* Nothing heterozygous but the two loci of the haplotype: no phase is needed to name the pair. */
static bool only_hap_is_het(const struct pgx_data *d)
{
	const struct pgx_gene *g = d->gene;
	for (int l = 0; l < g->n_locus; l++)
		if (d->block[l] >= 0 && l != g->hap_intron && l != g->hap_exon)
			return false;
	return g->hap_intron >= 0;
}

static int call_hap_only(struct grx_arena *mem, const struct pgx_data *d, struct pgx_lowest *out)
{
	const struct pgx_gene *g = d->gene;
	int hap[4], n_hap = hap_unphased(d, hap, &out->warning);
	int *a = grx_arena_alloc(mem, 2 * (size_t)g->n_allele, sizeof *a);
	if (!a)
		return GRX_E_NOMEM;
	struct pgx_dip p = {.a = {a, a + g->n_allele}};
	for (int s = 0; s < 2; s++, a += g->n_allele) {
		int n = 0;
		for (int k = 0; k < g->n_allele; k++)
			if (k != g->ref_allele && !is_hap(g, k) && on_strand(d, k, 0, s))
				a[n++] = k;
		if (s < n_hap)
			a[n++] = hap[s];
		sort_names(g, a, n);
		p.n[s] = n;
	}
	int rc = add_dip(mem, d, &p, &out->dips);
	if (rc == GRX_OK)
		decide(g, out);
	return rc;
}

int pgx_lowest_call(struct grx_arena *mem, const struct pgx_data *d, struct pgx_lowest *out)
{
	memset(out, 0, sizeof *out);
	out->pair[0] = out->pair[1] = -1;
	if (d->half || d->haploid)
		return GRX_OK;
	if (d->n_block <= 1 || (d->phase_sets && d->n_block <= MAX_BLOCK))
		return call_phased(mem, d, out);
	if (only_hap_is_het(d))
		return call_hap_only(mem, d, out);
	return call_list(mem, d, out);
}
