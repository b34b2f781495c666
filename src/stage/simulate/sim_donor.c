/* SPDX-License-Identifier: GPL-3.0-or-later
 * sim_donor.c -- one donor: diplotypes by weight or as told, the genotypes they imply at every locus (hom-ref
 * included), the loci of the demo score by allele frequency, and random variants elsewhere. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "bio/allele.h"
#include "stage/simulate/simulate_int.h"

static const double snv_rate = 1e-3, indel_rate = 1.2e-4;

static struct sim_var *var_push(struct sim_donor *d)
{
	if (grx_grow(&d->v, &d->cap, d->n + 1, sizeof(*d->v), 0))
		return NULL;
	memset(&d->v[d->n], 0, sizeof(*d->v));
	return &d->v[d->n++];
}

static const char *draw_allele(const struct sim_world *w, const char *gene, struct grx_rng *r)
{
	double total = 0, u;
	size_t i;
	const char *last = NULL;

	for (i = 0; i < w->n_allele; i++)
		if (!strcmp(w->allele[i].gene, gene))
			total += w->allele[i].weight;
	u = grx_rng_uniform(r) * total;
	for (i = 0; i < w->n_allele; i++) {
		if (strcmp(w->allele[i].gene, gene))
			continue;
		last = w->allele[i].name;
		u -= w->allele[i].weight;
		if (u < 0)
			break;
	}
	return last;
}

static bool allele_known(const struct sim_world *w, const char *gene, const char *name)
{
	size_t i;

	for (i = 0; i < w->n_def; i++)
		if (!strcmp(w->def[i].gene, gene) && !strcmp(w->def[i].allele, name))
			return true;
	return false;
}

/* The entry GENE=A/B of a list separated by commas; A and B may hold commas themselves, so the next entry is
 * found by its "GENE=". NULL when the gene is not named. Writes A and B into arena copies. */
static int pgx_told(struct grx_ctx *cx, const struct sim_world *w, const char *list, int g,
	struct grx_arena *mem, const char *pair[2])
{
	const char *gene = w->gene[g].name, *p = list, *end;
	size_t len = strlen(gene);
	char *text, *slash;
	int k;

	while (p && !(strncmp(p, gene, len) == 0 && p[len] == '=')) {
		p = strchr(p, ',');
		p = p ? p + 1 : NULL;
	}
	if (!p)
		return GRX_OK;
	p += len + 1;
	end = p + strlen(p);
	for (k = 0; k < w->n_gene; k++) {
		char mark[32];
		const char *q;

		snprintf(mark, sizeof(mark), ",%s=", w->gene[k].name);
		q = strstr(p, mark);
		if (q && q < end)
			end = q;
	}
	text = grx_arena_strndup(mem, p, (size_t)(end - p));
	if (!text)
		return grx_fail_nomem(cx, "diplotype");
	slash = strchr(text, '/');
	if (!slash)
		return grx_fail(cx, GRX_E_USAGE, "--pgx: '%s=%s': expected two alleles as in CYP2C19=*2/*17",
			gene, text);
	*slash = '\0';
	pair[0] = text;
	pair[1] = slash + 1;
	for (k = 0; k < 2; k++)
		if (!allele_known(w, gene, pair[k]))
			return grx_fail(cx, GRX_E_USAGE,
				"--pgx: %s has no allele '%s' in pgx/definitions.tsv", gene, pair[k]);
	return GRX_OK;
}

/* Names in --pgx that are none of our genes. */
static int pgx_names_check(struct grx_ctx *cx, const struct sim_world *w, const char *list)
{
	const char *p = list, *eq;
	int k;

	while (p && (eq = strchr(p, '='))) {
		const char *name = eq;

		while (name > p && name[-1] != ',')
			name--;
		for (k = 0; k < w->n_gene; k++)
			if (strlen(w->gene[k].name) == (size_t)(eq - name) &&
				!strncmp(name, w->gene[k].name, (size_t)(eq - name)))
				break;
		if (k == w->n_gene)
			return grx_fail(cx, GRX_E_USAGE,
				"--pgx: '%.*s' is not one of the simulated genes (CYP2C19 CYP2C9 VKORC1 "
				"SLCO1B1 DPYD TPMT NUDT15 UGT1A1 CYP3A5 CYP2B6)",
				(int)(eq - name), name);
		p = eq + 1;
	}
	return GRX_OK;
}

/* Which allele of the locus a definition asks for: 0 REF; -1 not found. */
static int allele_index(const struct sim_locus *l, const char *seq)
{
	int k;

	if (!strcmp(seq, l->ref))
		return 0;
	for (k = 0; k < l->n_alt; k++)
		if (!strcmp(seq, l->alt[k]))
			return k + 1;
	if (strlen(seq) == 1 && strlen(l->ref) == 1) { /* a class of bases */
		if (grx_iupac_has(seq[0], l->ref[0]))
			return 0;
		for (k = 0; k < l->n_alt; k++)
			if (strlen(l->alt[k]) == 1 && grx_iupac_has(seq[0], l->alt[k][0]))
				return k + 1;
	}
	return -1;
}

static int locus_state(struct grx_ctx *cx, const struct sim_world *w, const struct sim_locus *l,
	const char *allele, int8_t *state)
{
	size_t i;
	int k;

	*state = 0;
	for (i = 0; i < w->n_def; i++) {
		const struct sim_def *f = &w->def[i];

		if (f->pos != l->pos || strcmp(f->gene, l->gene) || strcmp(f->allele, allele))
			continue;
		k = allele_index(l, f->seq);
		if (k < 0)
			return grx_fail(cx, GRX_E_DATA,
				"pgx/definitions.tsv: %s %s asks for '%s' at %lld, which is no allele there",
				l->gene, allele, f->seq, (long long)l->pos + 1);
		*state = (int8_t)k;
		return GRX_OK;
	}
	return GRX_OK;
}

static int loci_genotypes(struct grx_ctx *cx, const struct sim_world *w, struct sim_donor *d,
	const char *pair[][2], struct grx_rng *r)
{
	size_t i;
	int k, g, rc;

	for (i = 0; i < w->n_locus; i++) {
		const struct sim_locus *l = &w->locus[i];
		struct sim_var *v = var_push(d);

		if (!v)
			return grx_fail_nomem(cx, "genotypes");
		v->tid = l->tid;
		v->pos = l->pos;
		v->ref = l->ref;
		v->n_alt = l->n_alt;
		v->alt = l->alt;
		v->id = l->id;
		for (g = 0; l->gene && strcmp(w->gene[g].name, l->gene); g++)
			;
		for (k = 0; k < 2; k++) {
			if (!l->gene) {
				v->hap[k] = grx_rng_uniform(r) < l->af;
				continue;
			}
			rc = locus_state(cx, w, l, pair[g][k], &v->hap[k]);
			if (rc)
				return rc;
		}
	}
	return GRX_OK;
}

static int diplotypes(struct grx_ctx *cx, const struct simulate_opt *o, const struct sim_world *w,
	struct sim_donor *d, struct grx_rng *r)
{
	const char *pair[16][2];
	int g, rc;

	if (o->pgx) {
		rc = pgx_names_check(cx, w, o->pgx);
		if (rc)
			return rc;
	}
	for (g = 0; g < w->n_gene; g++) {
		const char *t;

		pair[g][0] = draw_allele(w, w->gene[g].name, r);
		pair[g][1] = draw_allele(w, w->gene[g].name, r);
		if (!pair[g][0] || !pair[g][1])
			return grx_fail(
				cx, GRX_E_DATA, "demo/demo_alleles.tsv: no allele of %s", w->gene[g].name);
		if (o->pgx && d->number == 1) {
			rc = pgx_told(cx, w, o->pgx, g, d->mem, pair[g]);
			if (rc)
				return rc;
		}
		if (grx_rng_below(r, 2)) {
			t = pair[g][0];
			pair[g][0] = pair[g][1];
			pair[g][1] = t;
		}
		t = strverscmp(pair[g][0], pair[g][1]) <= 0 ? pair[g][0] : pair[g][1];
		d->diplotype[g] = grx_arena_printf(
			d->mem, "%s/%s", t, t == pair[g][0] ? pair[g][1] : pair[g][0]);
		if (!d->diplotype[g])
			return grx_fail_nomem(cx, "diplotype");
	}
	return loci_genotypes(cx, w, d, pair, r);
}

/* Zygosity: a third homozygous. */
static void zygosity(struct sim_var *v, int ploidy, struct grx_rng *r)
{
	double u = grx_rng_uniform(r);

	v->hap[0] = v->hap[1] = 1;
	if (ploidy == 1)
		v->hap[1] = -1;
	else if (u < 2.0 / 3)
		v->hap[u < 1.0 / 3] = 0;
}

static int put_var(struct grx_ctx *cx, struct sim_donor *d, const struct sim_win *x, const char *ref,
	const char *alt, int64_t pos, int ploidy, struct grx_rng *r)
{
	struct sim_var *v = var_push(d);
	const char **a = grx_arena_alloc(d->mem, 1, sizeof(*a));

	if (!v || !a || !(v->ref = grx_arena_strdup(d->mem, ref)) || !(a[0] = grx_arena_strdup(d->mem, alt)))
		return grx_fail_nomem(cx, "variants");
	v->tid = x->tid;
	v->pos = pos;
	v->alt = a;
	v->n_alt = 1;
	zygosity(v, ploidy, r);
	return GRX_OK;
}

/* taken: this donor's variants so far, per base; a new one keeps its distance. */
static bool is_free(const struct sim_win *x, const uint8_t *taken, int64_t beg, int64_t end, uint8_t bit)
{
	int64_t i, lo = beg - SIM_NEAR_SNV, hi = end + SIM_NEAR_SNV;

	if (lo < x->beg || hi > x->end)
		return false;
	for (i = beg; i < end; i++)
		if (x->mask[i - x->beg] & bit)
			return false;
	for (i = lo; i < hi; i++)
		if (taken[i - x->beg])
			return false;
	return true;
}

static int add_snv(struct grx_ctx *cx, struct sim_donor *d, const struct sim_win *x, uint8_t *taken,
	int64_t pos, int ploidy, struct grx_rng *r)
{
	static const char *const other[] = {"CGT", "AGT", "ACT", "ACG"};
	static const char ts[] = "GTAC"; /* transition of A C G T */
	const char *at = strchr("ACGT", x->seq[pos - x->beg]);
	char ref[2] = {x->seq[pos - x->beg], 0}, alt[2] = {0, 0};
	int k;

	if (!at || !is_free(x, taken, pos, pos + 1, 1))
		return GRX_OK;
	k = ref[0] == 'A' ? 0 : ref[0] == 'C' ? 1 : ref[0] == 'G' ? 2 : 3;
	alt[0] = ts[k];
	if (grx_rng_uniform(r) > 0.67) /* Ti/Tv near 2 */
		do
			alt[0] = other[k][grx_rng_below(r, 3)];
		while (alt[0] == ts[k]);
	taken[pos - x->beg] = 1;
	return put_var(cx, d, x, ref, alt, pos, ploidy, r);
}

/* Where a homopolymer of 5 or more begins within 400 bases, or -1. */
static int64_t homopolymer(const struct sim_win *x, int64_t pos)
{
	int64_t i, k;

	for (i = pos; i < pos + 400 && i + 6 < x->end - SIM_EDGE; i++) {
		const char *s = x->seq + (i - x->beg);

		for (k = 1; k < 5 && s[k] == s[0]; k++)
			;
		if (k == 5)
			return i;
	}
	return -1;
}

static int add_indel(struct grx_ctx *cx, struct sim_donor *d, const struct sim_win *x, uint8_t *taken,
	int64_t pos, int ploidy, struct grx_rng *r)
{
	int64_t h = grx_rng_uniform(r) < 0.4 ? homopolymer(x, pos) : -1, i;
	int len = h >= 0 ? 1 + (grx_rng_uniform(r) < 0.2) : grx_rng_geometric(r, 0.5);
	bool del = grx_rng_below(r, 2) != 0;
	char s[32], rot[32], ref[33], alt[33];
	struct grx_change c = {0};

	len = len > 20 ? 20 : len;
	pos = h >= 0 ? h : pos;
	for (i = 0; i < len; i++)
		s[i] = del || h >= 0 ? x->seq[pos + i - x->beg] : "ACGT"[grx_rng_below(r, 4)];
	s[len] = '\0';
	c.pos = pos;
	c.ref = del ? s : "";
	c.ref_len = del ? len : 0;
	c.alt = del ? "" : s;
	c.alt_len = del ? 0 : len;
	grx_change_left_align(&c, x->seq, x->beg, x->end, rot);
	if (c.pos < x->beg + SIM_EDGE || !is_free(x, taken, c.pos - 1, c.pos + 1 + (del ? len : 0), 2) ||
		!is_free(x, taken, pos, pos + len, 2))
		return GRX_OK;
	ref[0] = alt[0] = x->seq[c.pos - 1 - x->beg];
	memcpy(ref + 1, c.ref, (size_t)c.ref_len);
	memcpy(alt + 1, c.alt, (size_t)c.alt_len);
	ref[1 + c.ref_len] = alt[1 + c.alt_len] = '\0';
	for (i = c.pos - 1; i < pos + len; i++)
		taken[i - x->beg] = 1;
	return put_var(cx, d, x, ref, alt, c.pos - 1, ploidy, r);
}

/* In half of the genes one more SNV within the coding bases, so that `annotate` has something to say. */
static int add_coding(struct grx_ctx *cx, struct sim_world *w, struct sim_donor *d, const struct sim_win *x,
	uint8_t *taken, struct grx_rng *r)
{
	int g, rc;

	for (g = 0; g < w->n_gene; g++) {
		const struct sim_gene *m = &w->gene[g];
		int e;

		if (m->win != x || grx_rng_below(r, 2))
			continue;
		e = (int)grx_rng_below(r, 2);
		rc = add_snv(cx, d, x, taken,
			m->cds[e][0] + (int64_t)grx_rng_below(r, (uint64_t)(m->cds[e][1] - m->cds[e][0])), 2,
			r);
		if (rc)
			return rc;
	}
	return GRX_OK;
}

static int window_variants(
	struct grx_ctx *cx, const struct simulate_opt *o, struct sim_world *w, struct sim_donor *d, size_t i)
{
	const struct sim_win *x = &w->win[i];
	struct grx_rng *r = grx_rng_new(
		(uint64_t)o->seed, "simulate.variants", (uint64_t)d->number << 32 | i);
	uint8_t *taken = grx_calloc((size_t)(x->end - x->beg), 1);
	int ploidy = simulate_ploidy(w, x->tid, d->male), rc = GRX_E_BUG;
	double at = (double)(x->beg + SIM_EDGE);

	if (!r || !taken) {
		rc = grx_fail_nomem(cx, "variants");
		goto out;
	}
	rc = GRX_OK;
	if (ploidy == 0)
		goto out;
	GRX_TRY(add_coding(cx, w, d, x, taken, r));
	for (;;) {
		at += 1 + grx_rng_exponential(r, 1 / (snv_rate + indel_rate));
		if (at >= (double)(x->end - SIM_EDGE - SIM_NEAR_INDEL))
			break;
		if (grx_rng_uniform(r) < indel_rate / (snv_rate + indel_rate))
			GRX_TRY(add_indel(cx, d, x, taken, (int64_t)at, ploidy, r));
		else
			GRX_TRY(add_snv(cx, d, x, taken, (int64_t)at, ploidy, r));
	}
	rc = GRX_OK;
out:
	grx_rng_free(r);
	grx_free(taken);
	return rc;
}

static int by_var(const void *a, const void *b)
{
	const struct sim_var *x = a, *y = b;

	if (x->tid != y->tid)
		return x->tid < y->tid ? -1 : 1;
	return x->pos < y->pos ? -1 : x->pos > y->pos;
}

int simulate_donor(struct grx_ctx *cx, const struct simulate_opt *o, struct sim_world *w, int64_t number,
	struct sim_donor *d)
{
	struct grx_rng *r = grx_rng_new((uint64_t)o->seed, "simulate.donor", (uint64_t)number);
	size_t i;
	int rc = GRX_E_BUG;

	if (!r)
		return grx_fail_nomem(cx, "random numbers");
	d->number = number;
	snprintf(d->name, sizeof(d->name), "donor%lld", (long long)number);
	d->male = grx_rng_below(r, 2) != 0;
	if (o->sex)
		d->male = o->sex[0] == 'M';
	GRX_TRY(diplotypes(cx, o, w, d, r));
	for (i = 0; i < w->n_win; i++) {
		if (w->win[i].mosaic)
			continue;
		GRX_TRY(w->real ? simulate_spectrum(cx, o, w, d, i) : window_variants(cx, o, w, d, i));
	}
	if (d->n)
		qsort(d->v, d->n, sizeof(*d->v), by_var);
	rc = GRX_OK;
out:
	grx_rng_free(r);
	return rc;
}
