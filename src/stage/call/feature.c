/* SPDX-License-Identifier: GPL-3.0-or-later
 * feature.c -- features of a called record from its fragments and the reference around it.
 * Reads are looked at as they were mapped, not as realigned: what a record is told does not depend on which
 * loci came before. Sums are integers; each value is one division or one square root of them. */
#include "stage/call/feature.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stage/call/call_int.h"
#include "stage/call/strerr.h"

#define MAX_FRAG   1024
#define NEAR       100
#define SHARED     0.15 /* of the fragments, and at least 2, that differ at a place share the difference */
#define MIN_BQ     15   /* of a base that counts as different */
#define MAX_DIST   255
#define LOW_MAPQ   40
#define DEPTH_STEP 16

const struct call_feat_def call_feat_def[CALL_N_FEAT] = {
	[CALL_F_QUAL] = {"qual", -1},
	[CALL_F_QD] = {"qual_per_fragment", -1},
	[CALL_F_GQ] = {"gq", -1},
	[CALL_F_MARGIN] = {"margin_per_fragment", -1},
	[CALL_F_HOM] = {"genotype", 0},
	[CALL_F_DEPTH] = {"depth_ratio", 0},
	[CALL_F_ALT_FRAC] = {"alt_fraction", 0},
	[CALL_F_ALT_Z] = {"alt_z", 0},
	[CALL_F_STRAND] = {"strand_sor", 1},
	[CALL_F_ALT_STRAND] = {"alt_rarer_strand", -1},
	[CALL_F_END_ALT] = {"end_distance_alt", -1},
	[CALL_F_END_Z] = {"end_distance_z", 0},
	[CALL_F_BQ_ALT] = {"base_quality_alt", -1},
	[CALL_F_BQ_DIFF] = {"base_quality_diff", -1},
	[CALL_F_MQ] = {"mapq_rms", -1},
	[CALL_F_MQ_DIFF] = {"mapq_diff", -1},
	[CALL_F_MQ_LOW] = {"mapq_low_fraction", 1},
	[CALL_F_CLIP_ALT] = {"clip_alt", 1},
	[CALL_F_CLIP_DIFF] = {"clip_diff", 1},
	[CALL_F_MM_ALT] = {"differences_alt", 1},
	[CALL_F_MM_DIFF] = {"differences_diff", 1},
	[CALL_F_FOREIGN] = {"foreign_fraction", 1},
	[CALL_F_MQ_OUT] = {"mapq_left_out", 1},
	[CALL_F_PAIR_ALT] = {"proper_pair_alt", -1},
	[CALL_F_N_ALLELE] = {"alleles_compared", 0},
	[CALL_F_OTHER] = {"other_allele_fraction", 1},
	[CALL_F_UNINF] = {"uninformative_fraction", 0},
	[CALL_F_STR_UNIT] = {"repeat_unit", 0},
	[CALL_F_STR_COUNT] = {"repeat_count", 0},
	[CALL_F_HOMOPOLY] = {"homopolymer", 0},
	[CALL_F_STUTTER] = {"stutter_cost", -1},
	[CALL_F_INDEL_LEN] = {"indel_length", 0},
	[CALL_F_INDEL_UNIT] = {"indel_units", 0},
};

int call_feat_find(const char *name)
{
	for (int i = 0; i < CALL_N_FEAT; i++)
		if (strcmp(call_feat_def[i].name, name) == 0)
			return i;
	return -1;
}

/* Sums over a group of fragments. */
struct group {
	int n, mapq, clip, proper, n_bq, bq, rev;
	int dist[MAX_DIST + 1];     /* histogram */
	uint16_t hit[2 * NEAR + 1]; /* reads that differ from the reference, by position around the record */
};

struct tally {
	struct group alt, rest, none; /* none: uninformative, counted for nothing */
	int n, low, n_inform, n_other;
	int64_t mapq2;
};

struct look {
	int bq, dist; /* bq: -1 no base there */
	bool clip, proper;
};

/* [beg, end): where differences belong to the record itself: an indel may be written, or shown as mismatches
 * by reads that end in it, some bases away. */
struct own {
	int64_t beg, end, pos;
};

static struct own own_range(const struct call_rec *r)
{
	int pad = 0;
	for (int i = 1; i < r->n_allele; i++) {
		int d = r->allele[i][0] == '*' ? 0 : abs((int)strlen(r->allele[i]) - r->rlen);
		pad = d && d + 10 > pad ? d + 10 : pad;
	}
	pad = pad > 60 ? 60 : pad;
	return (struct own){r->pos - pad, r->pos + r->rlen + pad, r->pos};
}

static void differ(const struct own *o, int64_t pos, uint16_t *hit)
{
	if ((pos < o->beg || pos >= o->end) && pos >= o->pos - NEAR && pos <= o->pos + NEAR)
		hit[pos - o->pos + NEAR]++;
}

struct run {
	int64_t pos, end; /* on the reference */
	int32_t q;        /* query index of pos */
};

static void look_base(const struct call_work *w, const struct grx_read *r, int64_t i, int64_t pos,
	const struct own *o, uint16_t *hit)
{
	int code = GRX_SEQ_CODE(r->seq, i);
	if (code != w->rcode[pos - w->beg] && code != 15 && r->qual[i] >= MIN_BQ)
		differ(o, pos, hit);
}

/* 16 bases at a step, packed, as in scan.c: most reads equal the reference. */
static void look_run(
	const struct call_work *w, const struct grx_read *r, struct run u, const struct own *o, uint16_t *hit)
{
	int64_t b = o->pos - NEAR, e = o->pos + NEAR + 1, n;
	b = b < u.pos ? u.pos : b;
	e = e > u.end ? u.end : e;
	b = b < w->beg ? w->beg : b;
	e = e > w->end ? w->end : e;
	for (int64_t p = b, i = u.q + (b - u.pos); p < e; p += n, i += n) {
		n = i & 1 ? 1 : e - p < 16 ? e - p : 16;
		if (n == 16) {
			uint64_t c, d;
			int64_t x = p - w->beg;
			memcpy(&c, r->seq + (i >> 1), 8);
			memcpy(&d, w->rpack[x & 1] + (x >> 1), 8);
			if (c == d)
				continue;
		}
		for (int64_t k = 0; k < n; k++)
			look_base(w, r, i + k, p + k, o, hit);
	}
}

/* One read against the record. */
static struct look look_at(
	const struct call_work *w, const struct grx_read *r, const struct own *o, uint16_t *hit)
{
	struct look lk = {.bq = -1};
	int64_t pos = r->pos, left = o->pos - r->pos, right = r->end - 1 - o->pos;
	int32_t q = 0;
	bool no_qual = r->qual[0] == 255;
	for (uint32_t i = 0; i < r->n_cigar; i++) {
		int op = GRX_CIG_OP(r->cigar[i]);
		int64_t n = GRX_CIG_LEN(r->cigar[i]);
		if (op == GRX_C_M || op == GRX_C_EQ || op == GRX_C_X) {
			if (o->pos >= pos && o->pos < pos + n && !no_qual)
				lk.bq = r->qual[q + (o->pos - pos)];
			if (!no_qual && r->nm != 0)
				look_run(w, r, (struct run){pos, pos + n, q}, o, hit);
		} else if (op == GRX_C_I || op == GRX_C_D)
			differ(o, pos, hit);
		lk.clip |= op == GRX_C_S || op == GRX_C_H;
		pos += GRX_CIG_REF(op) ? n : 0;
		q += GRX_CIG_QUERY(op) ? (int32_t)n : 0;
	}
	left = left < right ? left : right;
	lk.dist = left < 0 ? 0 : left > MAX_DIST ? MAX_DIST : (int)left;
	lk.proper = !(r->flag & GRX_R_PAIRED) || (r->flag & GRX_R_PROPER);
	return lk;
}

/* A fragment is as close to an end as its better mate. */
static struct look look_fragment(
	const struct call_work *w, const struct call_lik *k, size_t f, const struct own *o, uint16_t *hit)
{
	struct look a = look_at(w, w->aln[k->aln[f]].r, o, hit);
	if (k->aln2[f] < 0)
		return a;
	struct look b = look_at(w, w->aln[k->aln2[f]].r, o, hit);
	a.dist = b.dist > a.dist ? b.dist : a.dist;
	a.bq = b.bq > a.bq ? b.bq : a.bq;
	a.clip |= b.clip;
	return a;
}

static void group_add(struct group *g, const struct look *lk, int mapq, bool rev)
{
	g->n++;
	g->mapq += mapq;
	g->clip += lk->clip;
	g->proper += lk->proper;
	g->rev += rev;
	g->dist[lk->dist]++;
	if (lk->bq >= 0) {
		g->n_bq++;
		g->bq += lk->bq;
	}
}

static void tally(const struct call_work *w, const struct call_rec *r, const struct call_lik *k,
	const int *to, struct tally *t)
{
	struct own o = own_range(r);
	size_t step = k->n / MAX_FRAG + 1;
	memset(t, 0, sizeof(*t));
	for (size_t f = 0; f < k->n; f += step) {
		int mapq = w->aln[k->aln[f]].r->mapq, a = k->best[f];
		a = a >= 0 && to ? to[a] : a;
		bool informs = k->best[f] >= 0;
		bool called = informs && a >= 0 && (a == r->gt[1] || (r->ploidy == 2 && a == r->gt[0]));
		struct group *g = !informs ? &t->none : called && a > 0 ? &t->alt : &t->rest;
		struct look lk = look_fragment(w, k, f, &o, g->hit);
		t->n++;
		t->mapq2 += mapq * mapq;
		t->low += mapq < LOW_MAPQ;
		t->n_inform += informs;
		t->n_other += informs && !called;
		group_add(g, &lk, mapq, k->rev[f]);
	}
}

static int median(const struct group *g)
{
	int c = 0, i = 0;
	if (g->n == 0)
		return 0;
	while (i < MAX_DIST && 2 * (c += g->dist[i]) < g->n)
		i++;
	return i;
}

/* Normal score of the rank sum; ties share their rank. */
static double rank_z(const struct group *a, const struct group *b)
{
	int64_t u2 = 0, below = 0; /* twice U */
	double n = a->n, m = b->n;
	if (a->n < 2 || b->n < 2)
		return 0;
	for (int i = 0; i <= MAX_DIST; i++) {
		u2 += (int64_t)a->dist[i] * (2 * below + b->dist[i]);
		below += b->dist[i];
	}
	return ((double)u2 / 2 - n * m / 2) / sqrt(n * m * (n + m + 1) / 12);
}

double call_feat_ratio(double a, double b)
{
	return b > 0 ? a / b : 0;
}

/* Mean of a less mean of b; 0 when a group is empty. */
static double mean_diff(int a, int na, int b, int nb)
{
	return na && nb ? (double)a / na - (double)b / nb : 0;
}

/* Median of the sample; the mean around the record where that means nothing (panels). */
static double expected_depth(const struct call_work *w, int64_t pos, int ploidy)
{
	const struct call_sample *s = w->st->sample;
	if (s && s->depth_reliable && s->depth_median > 0)
		return s->depth_median * ploidy / 2;
	int64_t sum = 0, n = 0;
	for (int64_t p = pos - CALL_FEAT_REACH; p <= pos + CALL_FEAT_REACH; p += DEPTH_STEP)
		if (p >= w->beg && p < w->end) {
			sum += w->depth[p - w->beg];
			n++;
		}
	return n ? (double)sum / (double)n : 0;
}

/* Differences of a group at places that few fragments share. Shared ones are what variants on the same
 * haplotype look like, which in real genomes come in clusters: they must not speak against a call. */
static int own_differences(const struct tally *t, const struct group *g)
{
	double need = SHARED * t->n > 2 ? SHARED * t->n : 2;
	int n = 0;
	for (int i = 0; i <= 2 * NEAR; i++)
		if (t->alt.hit[i] + t->rest.hit[i] < need)
			n += g->hit[i];
	return n;
}

static void from_genotype(const struct call_work *w, const struct call_rec *r, double *x)
{
	int second = 9999, alts = r->gt[0] > 0 || r->ploidy == 1;
	bool top = false; /* the best genotype has PL 0 unless a prior overruled it */
	for (int i = 0; i < r->n_pl; i++) {
		if (r->pl[i] == 0 && !top)
			top = true;
		else
			second = r->pl[i] < second ? r->pl[i] : second;
	}
	x[CALL_F_QUAL] = r->qual > 999 ? 999 : r->qual;
	x[CALL_F_QD] = call_feat_ratio(r->qual, r->dp);
	x[CALL_F_GQ] = r->gq;
	x[CALL_F_MARGIN] = call_feat_ratio(second, r->dp);
	x[CALL_F_HOM] = !alts ? 0 : r->ploidy == 1 || r->gt[0] == r->gt[1] ? 1 : 2;
	x[CALL_F_DEPTH] = call_feat_ratio(r->dp, expected_depth(w, r->pos, r->ploidy));
	x[CALL_F_STRAND] = r->sor;
}

static void from_fragments(const struct tally *t, double *x)
{
	const struct group *a = &t->alt, *b = &t->rest;
	double p = x[CALL_F_HOM] == 0 ? 0.5 : 0.98, n = t->n_inform;
	int rare = a->rev < a->n - a->rev ? a->rev : a->n - a->rev;
	x[CALL_F_ALT_FRAC] = call_feat_ratio(a->n, n);
	x[CALL_F_ALT_Z] = n > 0 ? (a->n - n * p) / sqrt(n * p * (1 - p)) : 0;
	x[CALL_F_ALT_STRAND] = call_feat_ratio(rare, a->n);
	x[CALL_F_END_ALT] = median(a);
	x[CALL_F_END_Z] = rank_z(a, b);
	x[CALL_F_BQ_ALT] = call_feat_ratio(a->bq, a->n_bq);
	x[CALL_F_BQ_DIFF] = mean_diff(a->bq, a->n_bq, b->bq, b->n_bq);
	x[CALL_F_MQ] = sqrt(call_feat_ratio((double)t->mapq2, t->n));
	x[CALL_F_MQ_DIFF] = mean_diff(a->mapq, a->n, b->mapq, b->n);
	x[CALL_F_MQ_LOW] = call_feat_ratio(t->low, t->n);
	x[CALL_F_CLIP_ALT] = call_feat_ratio(a->clip, a->n);
	x[CALL_F_CLIP_DIFF] = mean_diff(a->clip, a->n, b->clip, b->n);
	x[CALL_F_MM_ALT] = call_feat_ratio(own_differences(t, a), a->n);
	x[CALL_F_MM_DIFF] = mean_diff(own_differences(t, a), a->n, own_differences(t, b), b->n);
	x[CALL_F_PAIR_ALT] = call_feat_ratio(a->proper, a->n);
	x[CALL_F_OTHER] = call_feat_ratio(t->n_other, n);
	x[CALL_F_UNINF] = call_feat_ratio(t->n - t->n_inform, t->n);
}

void call_features(const struct call_work *w, const struct call_rec *r, const struct call_lik *k,
	const int *to, float *out)
{
	double x[CALL_N_FEAT] = {0};
	struct tally t;
	tally(w, r, k, to, &t);
	from_genotype(w, r, x);
	from_fragments(&t, x);
	call_feat_context(w, r, t.n, x);
	x[CALL_F_N_ALLELE] = k->n_allele;
	for (int i = 0; i < CALL_N_FEAT; i++)
		out[i] = (float)(round(x[i] * 100) / 100 + 0.0); /* no negative zero */
}
