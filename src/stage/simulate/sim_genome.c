/* SPDX-License-Identifier: GPL-3.0-or-later
 * sim_genome.c -- letters of the windows: random bases with homopolymers and short repeats, the REF alleles
 * of the known loci, repeats around indel loci as their HGVS names tell, and one small gene model per gene
 * that translates. mask bits: 1 no random SNV here, 2 no random indel here, 4 the letter is given by a locus.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "bio/allele.h"
#include "stage/simulate/simulate_int.h"

enum { NO_SNV = 1, NO_INDEL = 2, FIXED = 4 };

static char random_base(struct grx_rng *r)
{
	double u = grx_rng_uniform(r);

	return u < 0.295 ? 'A' : u < 0.59 ? 'T' : u < 0.795 ? 'C' : 'G';
}

/* A homopolymer or short tandem repeat at s, at most n letters; returns its length. */
static int64_t put_repeat(struct grx_rng *r, char *s, int64_t n)
{
	char unit[5];
	int k, i, times;
	int64_t len;

	if (grx_rng_uniform(r) < 0.7) {
		unit[0] = grx_rng_uniform(r) < 0.85 ? (grx_rng_below(r, 2) ? 'A' : 'T') : random_base(r);
		k = 1;
		times = 5 + grx_rng_geometric(r, 0.35);
	} else {
		k = 2 + (int)grx_rng_below(r, 3);
		for (i = 0; i < k; i++)
			unit[i] = random_base(r);
		times = 3 + grx_rng_geometric(r, 0.3);
	}
	if (times > 18)
		times = 18;
	for (len = 0; len < (int64_t)k * times && len < n; len++)
		s[len] = unit[len % k];
	return len;
}

static void fill_random(struct grx_rng *r, struct sim_win *x)
{
	int64_t n = x->end - x->beg, i = 0, next = 40 + (int64_t)grx_rng_exponential(r, 250);

	while (i < n) {
		if (i < next) {
			x->seq[i++] = random_base(r);
		} else {
			i += put_repeat(r, x->seq + i, n - i);
			next = i + 30 + (int64_t)grx_rng_exponential(r, 250);
		}
	}
}

static int windows_fill(struct grx_ctx *cx, const struct simulate_opt *o, struct sim_world *w)
{
	size_t i;

	for (i = 0; i < w->n_win; i++) {
		struct sim_win *x = &w->win[i];
		size_t n = (size_t)(x->end - x->beg);
		struct grx_rng *r = grx_rng_new((uint64_t)o->seed, "simulate.genome", i);

		x->seq = grx_arena_alloc(w->mem, n + 1, 1);
		x->mask = grx_arena_calloc(w->mem, n + 1, 1);
		if (!r || !x->seq || !x->mask) {
			grx_rng_free(r);
			return grx_fail_nomem(cx, "sequence");
		}
		fill_random(r, x);
		x->seq[n] = '\0';
		grx_rng_free(r);
	}
	return GRX_OK;
}

static struct sim_win *win_of(struct sim_world *w, int32_t tid, int64_t pos)
{
	size_t i;

	for (i = 0; i < w->n_win; i++)
		if (w->win[i].tid == tid && pos >= w->win[i].beg && pos < w->win[i].end)
			return &w->win[i];
	return NULL;
}

/* Letters s[0..n) at pos, periodic with s when n > len. A letter that another locus has fixed must agree. */
static int fix(struct grx_ctx *cx, struct sim_win *x, const struct sim_locus *l, int64_t pos, const char *s,
	int64_t n)
{
	int64_t len = (int64_t)strlen(s), i;

	for (i = 0; i < n; i++) {
		int64_t at = pos + i - x->beg;

		if ((x->mask[at] & FIXED) && x->seq[at] != s[i % len])
			return grx_fail(cx, GRX_E_DATA,
				"pgx/positions.tsv: %s position %lld: its REF or its repeat says %c at %lld, "
				"another locus says %c",
				l->gene ? l->gene : "demo", (long long)l->pos + 1, s[i % len],
				(long long)(pos + i + 1), x->seq[at]);
		x->seq[at] = s[i % len];
		x->mask[at] |= FIXED;
	}
	return GRX_OK;
}

/* The letter after a repeat must not continue it. */
static void break_repeat(struct sim_win *x, int64_t pos, char not_this)
{
	int64_t at = pos - x->beg;

	if (!(x->mask[at] & FIXED) && x->seq[at] == not_this)
		x->seq[at] = not_this == 'A' || not_this == 'T' ? 'C' : 'A';
}

/* A stretch that repeats `unit`. */
struct stretch {
	char unit[64];
	int64_t start, end;
};

/* The inserted or deleted letters of an allele, from the first that differs; false when it is no anchored
 * indel. */
static bool indel_unit(const struct sim_locus *l, const char *alt, struct stretch *s, int64_t *grows)
{
	int64_t ref_len = (int64_t)strlen(l->ref), alt_len = (int64_t)strlen(alt), p = 0, n;

	while (p < ref_len && p < alt_len && l->ref[p] == alt[p])
		p++;
	*grows = alt_len - ref_len;
	n = *grows < 0 ? -*grows : *grows;
	if (n == 0 || p == 0 || n >= (int64_t)sizeof(s->unit))
		return false;
	memcpy(s->unit, (*grows < 0 ? l->ref : alt) + p, (size_t)n);
	s->unit[n] = '\0';
	s->start = l->pos + p;
	return true;
}

/* How far it repeats, as the HGVS name tells: 5del, 5_9del, 5dup, 5_6insACG, 5TA[7]. */
static bool hgvs_extent(const char *hgvs, int64_t grows, struct stretch *s)
{
	int64_t a, b, m, times;
	char *q;

	while (*hgvs && !isdigit((unsigned char)*hgvs))
		hgvs++;
	a = strtoll(hgvs, &q, 10);
	b = *q == '_' ? strtoll(q + 1, &q, 10) : a;
	s->end = strncmp(q, "ins", 3) ? b : a;
	if (!strncmp(q, "ins", 3) || !strncmp(q, "del", 3) || !strncmp(q, "dup", 3))
		return true;
	m = (int64_t)strcspn(q, "[");
	times = q[m] == '[' ? strtoll(q + m + 1, NULL, 10) : 0;
	if (m == 0 || m >= (int64_t)sizeof(s->unit) || times <= 0)
		return false;
	memcpy(s->unit, q, (size_t)m);
	s->unit[m] = '\0';
	s->start = a - 1;
	s->end = s->start + m * (times - grows / m);
	return true;
}

static int indel_context(
	struct grx_ctx *cx, struct sim_win *x, const struct sim_locus *l, int k, const char *hgvs)
{
	struct stretch s;
	int64_t grows;
	int rc;

	if (!indel_unit(l, l->alt[k], &s, &grows) || !hgvs_extent(hgvs, grows, &s) || s.end < s.start ||
		s.end - s.start > 200)
		return GRX_OK;
	rc = fix(cx, x, l, s.start, s.unit, s.end - s.start);
	if (rc == GRX_OK)
		break_repeat(x, s.end, s.unit[(s.end - s.start) % (int64_t)strlen(s.unit)]);
	return rc;
}

static int contexts(struct grx_ctx *cx, struct sim_win *x, const struct sim_locus *l)
{
	const char *p = l->hgvs;
	int k, rc;

	for (k = 0; k < l->n_alt && p; k++) {
		rc = indel_context(cx, x, l, k, p);
		if (rc)
			return rc;
		p = strchr(p, ';');
		p = p ? p + 1 : NULL;
	}
	return GRX_OK;
}

static void mask_near(struct sim_win *x, int64_t beg, int64_t end, int64_t by, uint8_t bit)
{
	int64_t i = beg - by < x->beg ? x->beg : beg - by, to = end + by > x->end ? x->end : end + by;

	for (; i < to; i++)
		x->mask[i - x->beg] |= bit;
}

static int loci_place(struct grx_ctx *cx, struct sim_world *w)
{
	size_t i;
	int rc;

	for (i = 0; i < w->n_locus; i++) {
		const struct sim_locus *l = &w->locus[i];
		struct sim_win *x = win_of(w, l->tid, l->pos);

		rc = fix(cx, x, l, l->pos, l->ref, (int64_t)strlen(l->ref));
		if (rc)
			return rc;
	}
	for (i = 0; i < w->n_locus; i++) {
		const struct sim_locus *l = &w->locus[i];
		struct sim_win *x = win_of(w, l->tid, l->pos);
		int64_t end = l->pos + (int64_t)strlen(l->ref);

		rc = contexts(cx, x, l);
		if (rc)
			return rc;
		mask_near(x, l->pos, end, SIM_NEAR_SNV, NO_SNV);
		mask_near(x, l->pos, end, SIM_NEAR_INDEL, NO_INDEL);
	}
	return GRX_OK;
}

/* 91 codons, ATG first and TAA last, none of the others a stop. */
static void coding(struct grx_rng *r, char *s, int n)
{
	int i;

	memcpy(s, "ATG", 3);
	for (i = 3; i < n - 3; i += 3)
		do {
			s[i] = random_base(r);
			s[i + 1] = random_base(r);
			s[i + 2] = random_base(r);
		} while (s[i] == 'T' && ((s[i + 1] == 'A' && (s[i + 2] == 'A' || s[i + 2] == 'G')) ||
						(s[i + 1] == 'G' && s[i + 2] == 'A')));
	memcpy(s + n - 3, "TAA", 3);
	s[n] = '\0';
}

/* The window with most loci of the gene, and the span of all loci in it. */
static struct sim_win *best_window(struct sim_world *w, const char *gene, int64_t *first, int64_t *last)
{
	struct sim_win *best = NULL;
	int most = 0;
	size_t i, k;

	for (i = 0; i < w->n_win; i++) {
		int64_t lo = 0, hi = 0;
		int n = 0;

		for (k = 0; k < w->n_locus; k++) {
			const struct sim_locus *l = &w->locus[k];

			if (l->tid != w->win[i].tid || l->pos < w->win[i].beg || l->pos >= w->win[i].end)
				continue;
			lo = lo == 0 ? l->pos : lo;
			hi = l->pos + (int64_t)strlen(l->ref);
			n += l->gene && !strcmp(l->gene, gene);
		}
		if (n > most) {
			most = n;
			best = &w->win[i];
			*first = lo;
			*last = hi;
		}
	}
	return best;
}

static int model_put(struct grx_ctx *cx, struct sim_world *w, struct sim_gene *g, struct grx_rng *r)
{
	static const char *const minus[] = {"VKORC1", "DPYD", "TPMT", "CYP3A5", NULL};
	const int n = SIM_CDS1 + SIM_CDS2;
	char code[SIM_CDS1 + SIM_CDS2 + 1], turned[SIM_CDS1 + SIM_CDS2 + 1];
	int64_t first = 0, last = 0, nl, x, y;
	struct sim_win *win = best_window(w, g->name, &first, &last);
	int i;

	if (!win || first - win->beg < SIM_PAD || win->end - last < SIM_PAD)
		return grx_fail(cx, GRX_E_DATA, "pgx/positions.tsv: no room for a gene model of %s", g->name);
	for (i = 0; minus[i]; i++)
		g->minus = g->minus || !strcmp(minus[i], g->name);
	coding(r, code, n);
	grx_revcomp(code, (size_t)n, turned);
	nl = g->minus ? SIM_CDS2 : SIM_CDS1;
	x = win->beg + SIM_EDGE + 40;
	y = last + 80;
	g->win = win;
	g->exon[0][0] = x;
	g->cds[0][0] = x + SIM_UTR;
	g->exon[0][1] = g->cds[0][1] = x + SIM_UTR + nl;
	g->exon[1][0] = g->cds[1][0] = y;
	g->cds[1][1] = y + n - nl;
	g->exon[1][1] = g->cds[1][1] + SIM_UTR;
	memcpy(win->seq + (g->cds[0][0] - win->beg), g->minus ? turned : code, (size_t)nl);
	memcpy(win->seq + (y - win->beg), (g->minus ? turned : code) + nl, (size_t)(n - nl));
	memcpy(win->seq + (g->exon[0][1] - win->beg), g->minus ? "CT" : "GT", 2);
	memcpy(win->seq + (y - 2 - win->beg), g->minus ? "AC" : "AG", 2);
	return GRX_OK;
}

int simulate_genome(struct grx_ctx *cx, const struct simulate_opt *o, struct sim_world *w)
{
	struct grx_rng *r = NULL;
	int i, rc = GRX_E_BUG;

	GRX_TRY(windows_fill(cx, o, w));
	r = grx_rng_new((uint64_t)o->seed, "simulate.models", 0);
	if (!r) {
		rc = grx_fail_nomem(cx, "random numbers");
		goto out;
	}
	for (i = 0; i < w->n_gene; i++)
		GRX_TRY(model_put(cx, w, &w->gene[i], r));
	GRX_TRY(loci_place(cx, w));
	rc = GRX_OK;
out:
	grx_rng_free(r);
	return rc;
}
