/* SPDX-License-Identifier: GPL-3.0-or-later
 * sim_spectrum.c -- variants of a donor on real sequence: changes of length of tandem repeats by whole units,
 * other indels by a power law, SNVs whose rate follows the age of the local pair of chromosomes.
 * Rates are those of human genomes (docs/methods/simulate.md). Invariants: records are left-aligned and
 * parsimonious, none overlaps another, all lie SIM_EDGE inside of the window. */
#include <math.h>
#include <string.h>

#include "bio/allele.h"
#include "stage/simulate/simulate_int.h"

enum { LONGEST = 300, UNIT_ALLELE = 60, NEAR = 15, CLEARANCE = 2 };

static const double het_rate = 9e-4, hom_rate = 5.5e-4, indel_rate = 9e-5, cpg_factor = 8, cpg_gain = 1.14;

struct draw {
	struct grx_ctx *cx;
	struct sim_donor *d;
	const struct sim_win *x;
	struct grx_rng *r;
	uint8_t *taken;
	int ploidy;
};

/* log10 of the chance that a repeat of n units differs in length from the reference in this donor */
static double tract_rate(int unit, char base, double n)
{
	static const struct sim_point one[] = {
		{5, -3.5}, {8, -2.05}, {10, -1.25}, {12, -.75}, {15, -.4}, {20, -.2}};
	static const struct sim_point two[] = {{4, -2.8}, {6, -1.9}, {10, -.65}, {15, -.25}, {20, -.15}};
	static const struct sim_point three[] = {{4, -2.5}, {6, -1.6}, {10, -.6}, {15, -.3}};
	static const struct sim_point more[] = {{3, -2.75}, {5, -1.5}, {8, -.5}, {12, -.25}};

	if (unit == 1)
		return simulate_curve(one, 6, base == 'G' || base == 'C' ? n + 2 : n);
	if (unit == 2)
		return simulate_curve(two, 5, n);
	return unit == 3 ? simulate_curve(three, 4, n) : simulate_curve(more, 4, n);
}

static bool inside(const struct draw *s, int64_t beg, int64_t end)
{
	return beg >= s->x->beg + SIM_EDGE && end <= s->x->end - SIM_EDGE;
}

static bool is_free(const struct draw *s, int64_t beg, int64_t end)
{
	int64_t i;

	if (!inside(s, beg - CLEARANCE, end + CLEARANCE))
		return false;
	for (i = beg - CLEARANCE; i < end + CLEARANCE; i++)
		if (s->taken[i - s->x->beg] || s->x->seq[i - s->x->beg] == 'N')
			return false;
	return true;
}

/* A record with the given alleles of the two haplotypes. Strings are copied. */
static int put(struct draw *s, int64_t pos, const char *ref, const char *const *alt, const int hap[2])
{
	struct sim_donor *d = s->d;
	struct sim_var *v;
	const char **a = grx_arena_calloc(d->mem, 2, sizeof(*a));
	int k, n = hap[0] > hap[1] ? hap[0] : hap[1];

	if (!a || grx_grow(&d->v, &d->cap, d->n + 1, sizeof(*d->v), 0))
		return grx_fail_nomem(s->cx, "variants");
	v = &d->v[d->n++];
	memset(v, 0, sizeof(*v));
	for (k = 0; k < n; k++)
		if (!(a[k] = grx_arena_strdup(d->mem, alt[k])))
			return grx_fail_nomem(s->cx, "variants");
	v->ref = grx_arena_strdup(d->mem, ref);
	if (!v->ref)
		return grx_fail_nomem(s->cx, "variants");
	v->tid = s->x->tid;
	v->pos = pos;
	v->alt = a;
	v->n_alt = n;
	v->hap[0] = (int8_t)hap[0];
	v->hap[1] = s->ploidy == 1 ? -1 : (int8_t)hap[1];
	return GRX_OK;
}

/* Alleles of the haplotypes: 1|1 with probability hom, else 0|1 or 1|0. */
static void zygosity(struct draw *s, double hom, int hap[2])
{
	hap[0] = hap[1] = 1;
	if (s->ploidy == 2 && grx_rng_uniform(s->r) >= hom)
		hap[grx_rng_below(s->r, 2)] = 0;
}

/* ---- SNVs ---- */

static char snv_base(struct draw *s, char b, bool cpg)
{
	char c;

	if (grx_rng_uniform(s->r) < (cpg ? 0.9 : 0.655))
		return b == 'A' ? 'G' : b == 'G' ? 'A' : b == 'C' ? 'T' : 'C';
	do
		c = "ACGT"[grx_rng_below(s->r, 4)];
	while (c == b || grx_is_transition(b, c));
	return c;
}

static bool is_cpg(const struct sim_win *x, int64_t pos)
{
	const char *p = x->seq + (pos - x->beg);

	return (p[0] == 'C' && p[1] == 'G') || (p[0] == 'G' && p[-1] == 'C');
}

static int put_snv(struct draw *s, int64_t pos, const int hap[2])
{
	char ref[2] = {0, 0}, alt[2] = {0, 0};
	const char *a[1] = {alt};

	if (!inside(s, pos, pos + 1) || s->taken[pos - s->x->beg])
		return GRX_OK;
	ref[0] = s->x->seq[pos - s->x->beg];
	if (ref[0] == 'N')
		return GRX_OK;
	alt[0] = snv_base(s, ref[0], is_cpg(s->x, pos));
	s->taken[pos - s->x->beg] = 1;
	return put(s, pos, ref, a, hap);
}

/* 2 % of SNVs change their neighbour as well, 3 % have one to three others within 20 bases. */
static int put_cluster(struct draw *s, int64_t pos, double hom)
{
	double u = grx_rng_uniform(s->r);
	int hap[2], rc, k, n;

	zygosity(s, hom, hap);
	rc = put_snv(s, pos, hap);
	if (rc || u >= 0.05)
		return rc;
	if (u < 0.02) {
		rc = put_snv(s, pos + 1, hap);
		return rc || u >= 0.004 ? rc : put_snv(s, pos + 2, hap);
	}
	n = 1 + (int)grx_rng_below(s->r, 3);
	for (k = 0; k < n && rc == GRX_OK; k++) {
		pos += 2 + (int64_t)grx_rng_below(s->r, 19);
		rc = put_snv(s, pos, hap);
	}
	return rc;
}

/* Proposals at a rate raised so that CpG are taken all and other bases one in cpg_factor. The age of the pair
 * of chromosomes, exponential with mean 1, holds for a stretch of 10 kb on average and scales heterozygous
 * sites. */
static int snvs(struct draw *s)
{
	double at = (double)(s->x->beg + SIM_EDGE), until = at, age = 1, rate = 0;
	int rc = GRX_OK;

	while (rc == GRX_OK) {
		if (at >= until) {
			until = at + grx_rng_exponential(s->r, 1e4);
			age = s->ploidy == 1 ? 0 : grx_rng_exponential(s->r, 1);
			rate = (het_rate * age + hom_rate) * cpg_factor / cpg_gain;
		}
		at += grx_rng_exponential(s->r, 1 / rate);
		if (at >= until) {
			at = until;
			if (at >= (double)(s->x->end - SIM_EDGE))
				break;
			continue;
		}
		if (at >= (double)(s->x->end - SIM_EDGE))
			break;
		if (!is_cpg(s->x, (int64_t)at) && grx_rng_uniform(s->r) >= 1 / cpg_factor)
			continue;
		rc = put_cluster(s, (int64_t)at, hom_rate / (het_rate * age + hom_rate));
	}
	return rc;
}

/* One indel in seven has an SNV within 15 bases, on the same or the other chromosome. */
static int snv_near(struct draw *s, int64_t beg, int64_t end)
{
	int64_t off = CLEARANCE + (int64_t)grx_rng_below(s->r, NEAR);
	int hap[2];

	if (grx_rng_uniform(s->r) >= 1.0 / 7)
		return GRX_OK;
	zygosity(s, 0.35, hap);
	return put_snv(s, grx_rng_below(s->r, 2) ? beg - off : end + off, hap);
}

/* ---- repeats ---- */

/* Units more (> 0) or less, never 0 and never fewer than one left. Long repeats change by more. */
static int unit_step(struct draw *s, int unit, int copies)
{
	double one = (unit == 1 ? 0.8 : unit == 2 ? 0.6 : 0.75) - (copies > 8 ? 0.025 * (copies - 8) : 0);
	int n = grx_rng_geometric(s->r, one < 0.35 ? 0.35 : one), most = UNIT_ALLELE / unit;

	n = n > most ? most : n;
	if (grx_rng_uniform(s->r) < 0.52)
		return n >= copies ? 1 - copies : -n;
	return n;
}

static void repeat_allele(char *out, const struct draw *s, const struct sim_tract *t, int64_t n)
{
	int64_t i;

	out[0] = s->x->seq[t->beg - 1 - s->x->beg];
	for (i = 0; i < n; i++)
		out[1 + i] = s->x->seq[t->beg + i % t->unit - s->x->beg];
	out[1 + n] = '\0';
}

/* One record of the tract with steps for up to two ALTs; hap as in struct sim_var. */
static int put_steps(struct draw *s, const struct sim_tract *t, const int step[2], const int hap[2])
{
	char ref[2 * UNIT_ALLELE + 8], alt[2][2 * UNIT_ALLELE + 8];
	const char *a[2] = {alt[0], alt[1]};
	int less = step[0] < step[1] ? -step[0] : -step[1], k;

	less = less > 0 ? less : 0;
	repeat_allele(ref, s, t, (int64_t)less * t->unit);
	for (k = 0; k < 2; k++)
		repeat_allele(alt[k], s, t, (int64_t)(less + step[k]) * t->unit);
	memset(s->taken + (t->beg - 1 - s->x->beg), 1, (size_t)(t->end - t->beg + 2));
	return put(s, t->beg - 1, ref, a, hap);
}

/* An interruption: one base of the last unit, beyond what the record of the tract replaces. */
static int put_interruption(struct draw *s, const struct sim_tract *t, const int hap[2])
{
	int64_t pos = t->end - 1 - (int64_t)grx_rng_below(s->r, (uint64_t)t->unit);

	s->taken[pos - s->x->beg] = 0;
	return put_snv(s, pos, hap);
}

/* A change of length, sometimes with one of a repeat that touches it (next, or NULL) or with an interruption
 * on the same chromosomes: mutation of repeats is not independent. */
static int put_repeat(struct draw *s, const struct sim_tract *t, const struct sim_tract *next, double p)
{
	int copies = (int)(t->end - t->beg) / t->unit, step[2], hap[2], rc;
	double u = grx_rng_uniform(s->r);
	bool two = next && next->beg == t->end && u < 0.25;

	if (!is_free(s, t->beg - 1, (two ? next : t)->end + 1))
		return GRX_OK;
	zygosity(s, 0.35, hap);
	step[0] = step[1] = unit_step(s, t->unit, copies);
	if (s->ploidy == 2 && grx_rng_uniform(s->r) < 0.05 + 0.5 * p) {
		step[1] = unit_step(s, t->unit, copies);
		hap[0] = step[1] == step[0] ? 1 : 1 + (int)grx_rng_below(s->r, 2);
		hap[1] = step[1] == step[0] ? 1 : 3 - hap[0];
	}
	rc = put_steps(s, t, step, hap);
	if (rc || step[0] != step[1])
		return rc ? rc : snv_near(s, t->beg, t->end);
	if (two) {
		step[0] = step[1] = unit_step(s, next->unit, (int)(next->end - next->beg) / next->unit);
		return put_steps(s, next, step, hap);
	}
	if (u > 0.9 && copies + (step[0] < 0 ? step[0] : 0) >= 2)
		return put_interruption(s, t, hap);
	return snv_near(s, t->beg, t->end);
}

static int repeats(struct draw *s)
{
	struct sim_tract *t;
	size_t n, i;
	int rc = simulate_tracts(s->cx, s->x->seq, s->x->end - s->x->beg, &t, &n);

	for (i = 0; i < n; i++) {
		t[i].beg += s->x->beg;
		t[i].end += s->x->beg;
	}
	for (i = 0; i < n && rc == GRX_OK; i++) {
		double units = (double)(t[i].end - t[i].beg) / t[i].unit,
		       p = pow(10, tract_rate(t[i].unit, s->x->seq[t[i].beg - s->x->beg], units));

		if (grx_rng_uniform(s->r) < p)
			rc = put_repeat(s, &t[i], i + 1 < n ? &t[i + 1] : NULL, p);
	}
	grx_free(t);
	return rc;
}

/* ---- other indels ---- */

/* P(n) ~ n^-1.6 up to 60; one in sixty is 61-300. */
static int draw_length(struct grx_rng *r)
{
	double u = grx_rng_uniform(r);

	if (u < 1.0 / 60)
		return (int)(61 * pow(300.0 / 61, grx_rng_uniform(r)));
	u = 1 - grx_rng_uniform(r) * (1 - pow(61, -0.6));
	return (int)pow(u, -1 / 0.6);
}

/* Inserted letters: a copy of what precedes, of a stretch nearby, or random. */
static void draw_inserted(struct draw *s, int64_t pos, int n, char *out)
{
	double u = grx_rng_uniform(s->r);
	int64_t from = u < 0.55 ? pos - n : pos - 2000 + (int64_t)grx_rng_below(s->r, 4000);
	int i;

	for (i = 0; i < n; i++)
		out[i] = u < 0.7 && from >= s->x->beg && from + n <= s->x->end
				 ? s->x->seq[from + i - s->x->beg]
				 : "ACGT"[grx_rng_below(s->r, 4)];
	out[n] = '\0';
}

static int put_indel(struct draw *s, int64_t pos)
{
	char text[LONGEST + 2], rot[LONGEST + 2], ref[LONGEST + 3], alt[LONGEST + 3];
	const char *a[1] = {alt};
	int n = draw_length(s->r), hap[2], rc;
	bool del = grx_rng_uniform(s->r) < 0.55;
	struct grx_change c = {.pos = pos};

	if (!inside(s, pos - n - 1, pos + n + 1))
		return GRX_OK;
	draw_inserted(s, pos, n, text);
	if (del)
		memcpy(text, s->x->seq + (pos - s->x->beg), (size_t)n);
	if (memchr(text, 'N', (size_t)n))
		return GRX_OK;
	c.ref = del ? text : "";
	c.alt = del ? "" : text;
	c.ref_len = del ? n : 0;
	c.alt_len = del ? 0 : n;
	grx_change_left_align(&c, s->x->seq, s->x->beg, s->x->end, rot);
	if (!is_free(s, c.pos - 1, (del ? pos + n : pos) + 1))
		return GRX_OK;
	ref[0] = alt[0] = s->x->seq[c.pos - 1 - s->x->beg];
	memcpy(ref + 1, c.ref, (size_t)c.ref_len);
	memcpy(alt + 1, c.alt, (size_t)c.alt_len);
	ref[1 + c.ref_len] = alt[1 + c.alt_len] = '\0';
	memset(s->taken + (c.pos - 1 - s->x->beg), 1, (size_t)((del ? pos + n : pos) + 2 - c.pos));
	zygosity(s, 0.35, hap);
	rc = put(s, c.pos - 1, ref, a, hap);
	return rc ? rc : snv_near(s, c.pos, pos + (del ? n : 0));
}

int simulate_spectrum(struct grx_ctx *cx, const struct simulate_opt *o, const struct sim_world *w,
	struct sim_donor *d, size_t i)
{
	const struct sim_win *x = &w->win[i];
	struct draw s = {.cx = cx, .d = d, .x = x, .ploidy = simulate_ploidy(w, x->tid, d->male)};
	double at = (double)(x->beg + SIM_EDGE);
	int rc = GRX_E_BUG;

	if (s.ploidy == 0)
		return GRX_OK;
	s.r = grx_rng_new((uint64_t)o->seed, "simulate.spectrum", (uint64_t)d->number << 32 | i);
	s.taken = grx_calloc((size_t)(x->end - x->beg), 1);
	if (!s.r || !s.taken) {
		rc = grx_fail_nomem(cx, "variants");
		goto out;
	}
	GRX_TRY(repeats(&s));
	for (;;) {
		at += 1 + grx_rng_exponential(s.r, 1 / indel_rate);
		if (at >= (double)(x->end - SIM_EDGE))
			break;
		GRX_TRY(put_indel(&s, (int64_t)at));
	}
	GRX_TRY(snvs(&s));
	rc = GRX_OK;
out:
	grx_rng_free(s.r);
	grx_free(s.taken);
	return rc;
}
