/* SPDX-License-Identifier: GPL-3.0-or-later
 * geno.c -- genotypes of a matched record or block, as codes or as expectations.
 * A genotype that its own file does not stand by (FILTER or FT not passed; a GT written down without a read
 * or with quality 0) is a no-call, unless a peer is to be reproduced. */
#include <string.h>

#include "base/str.h"
#include "stage/prs/geno.h"

static uint8_t none_of(uint8_t c)
{
	return c == GRX_CP_HAP_0 || c == GRX_CP_HAP_1 || c == GRX_CP_HAP_NONE ? GRX_CP_HAP_NONE : GRX_CP_NONE;
}

static unsigned codes_seen(const uint8_t *code, int n)
{
	unsigned seen = 0;
	for (int i = 0; i < n; i++)
		seen |= 1u << code[i];
	return seen;
}

/* An integer column of 0: no read, no quality. */
static int zero_is_none(struct grx_ctx *cx, struct prs_eng *e, const struct grx_geno *g, const char *key)
{
	bool have;
	int rc = grx_geno_int(cx, g, key, e->s.ints, &have);
	for (int i = 0; rc == GRX_OK && have && i < g->n_sample; i++)
		if (e->s.ints[i] == 0)
			e->s.code[i] = none_of(e->s.code[i]);
	return rc;
}

static int disown(struct grx_ctx *cx, struct prs_eng *e, const struct grx_geno *g)
{
	static const char *const key[] = {"DP", "MIN_DP", "GQ", "RGQ"};
	bool have;
	int rc = grx_geno_ft(cx, g, e->s.bad, &have);
	if (!have)
		memset(e->s.bad, 0, (size_t)g->n_sample * sizeof *e->s.bad);
	for (int i = 0; rc == GRX_OK && i < g->n_sample; i++)
		if (g->filtered || e->s.bad[i])
			e->s.code[i] = none_of(e->s.code[i]);
	for (size_t k = 0; k < sizeof key / sizeof *key && rc == GRX_OK; k++)
		rc = zero_is_none(cx, e, g, key[k]);
	e->seen = codes_seen(e->s.code, g->n_sample);
	return rc;
}

/* Do men have two alleles here? plink2 knows such places only where the file sets them apart. */
static bool men_have_two(const struct prs_eng *e, const struct grx_geno *g)
{
	const struct prs_target *t = e->job->target;
	const struct prs_policy *po = e->job->po;
	return !po->pgsc && !po->plink && t->kind[g->tid] == PRS_X &&
	       grx_ploidy_at(t->hdr->contigs, t->build, GRX_SEX_MALE, g->tid, g->pos) == 2;
}

/* plink 1 stores the X and Y of men as pairs; a heterozygous man is an error there and a no-call here. */
static void haploid_men(struct prs_eng *e, enum prs_contig kind)
{
	const struct prs_policy *po = e->job->po;
	bool peer = po->pgsc || po->plink;
	static const uint8_t to[GRX_CP_N] = {[GRX_CP_0] = GRX_CP_HAP_0,
		[GRX_CP_1] = GRX_CP_HAP_NONE,
		[GRX_CP_2] = GRX_CP_HAP_1,
		[GRX_CP_NONE] = GRX_CP_HAP_NONE,
		[GRX_CP_HAP_0] = GRX_CP_HAP_0,
		[GRX_CP_HAP_1] = GRX_CP_HAP_1,
		[GRX_CP_HAP_NONE] = GRX_CP_HAP_NONE,
		[GRX_CP_HALF_0] = GRX_CP_HAP_NONE,
		[GRX_CP_HALF_1] = GRX_CP_HAP_NONE};
	const struct prs_target *t = e->job->target;
	for (int i = 0; i < t->n_sample; i++) {
		/* plink2 counts half of a heterozygous man, and no Y of who is not known to be a man */
		if (peer && e->s.code[i] == GRX_CP_1 && (kind != PRS_X || po->x_double) &&
			(kind != PRS_Y || t->sex[i] == 1))
			continue;
		if (t->sex[i] == 1 || kind == PRS_MT)
			e->s.code[i] = to[e->s.code[i]];
		else if (kind == PRS_Y && (peer || t->sex[i] == 2))
			e->s.code[i] = GRX_CP_NONE;
	}
	e->seen = codes_seen(e->s.code, t->n_sample);
}

/* Two different alleles of Y or MT are no genotype of either; plink2 counts half of each. */
static void one_allele(struct prs_eng *e)
{
	const struct prs_policy *po = e->job->po;
	if (po->pgsc || po->plink || !(e->seen & 1u << GRX_CP_1))
		return;
	for (int i = 0; i < e->job->target->n_sample; i++)
		if (e->s.code[i] == GRX_CP_1)
			e->s.code[i] = GRX_CP_NONE;
	e->seen = codes_seen(e->s.code, e->job->target->n_sample);
}

bool prs_distrusts(const struct prs_eng *e, const struct grx_geno *g)
{
	const struct prs_policy *po = e->job->po;
	return !po->pgsc && !po->plink && (g->filtered || e->job->target->has_quality);
}

/* Copies of an allele into e->s.code, once for all rows that ask. */
static int load(struct grx_ctx *cx, struct prs_eng *e, const struct grx_geno *g, int allele)
{
	enum prs_contig kind = (enum prs_contig)e->job->target->kind[g->tid];
	if (e->have == g && e->have_allele == allele)
		return GRX_OK;
	e->have = NULL;
	int rc = grx_geno_copies(cx, g, allele, e->s.code, &e->seen);
	if (rc == GRX_OK && prs_distrusts(e, g))
		rc = disown(cx, e, g);
	if (rc == GRX_OK && e->job->target->sex && kind != PRS_AUTOSOME && !men_have_two(e, g))
		haploid_men(e, kind);
	if (rc == GRX_OK && (kind == PRS_Y || kind == PRS_MT))
		one_allele(e);
	if (rc != GRX_OK)
		return rc;
	e->have = g;
	e->have_allele = allele;
	return GRX_OK;
}

/* One pair of copies less what another record of the same place calls something else. */
static uint8_t less(uint8_t c, uint8_t other)
{
	int k = other == GRX_CP_1 || other == GRX_CP_HALF_1 || other == GRX_CP_HAP_1 ? 1
		: other == GRX_CP_2                                                  ? 2
										     : 0;
	if (c <= GRX_CP_2)
		return (uint8_t)(c > k ? c - k : GRX_CP_0);
	return c == GRX_CP_HAP_1 && k ? GRX_CP_HAP_0 : c;
}

static bool is_sister(const struct prs_geno_at *at, const struct grx_geno *o)
{
	return o != at->g && !o->block && strcmp(o->allele[0], at->g->allele[0]) == 0;
}

static bool has_alt(const struct grx_geno *g, const char *alt)
{
	for (int k = 1; k < g->n_allele; k++)
		if (strcmp(g->allele[k], alt) == 0)
			return true;
	return false;
}

bool prs_geno_is_other_alt(const struct prs_geno_at *at, int rec, int alt)
{
	const struct grx_geno *o = &at->recs[rec];
	if (!is_sister(at, o) || has_alt(at->g, o->allele[alt]))
		return false;
	for (int i = 0; i < rec; i++)
		if (is_sister(at, &at->recs[i]) && has_alt(&at->recs[i], o->allele[alt]))
			return false;
	return true;
}

bool prs_geno_ref_is_split(const struct prs_eng *e, const struct prs_geno_at *at)
{
	if (e->job->po->pgsc || e->job->po->plink) /* every record by itself */
		return false;
	for (int i = 0; at->g && at->allele == 0 && i < at->n; i++)
		for (int k = 1; k < at->recs[i].n_allele; k++)
			if (prs_geno_is_other_alt(at, i, k))
				return true;
	return false;
}

/* Multiallelic sites split over several records write the other ALTs as REF: copies of REF are what no record
 * calls otherwise. */
static int ref_of_split(struct grx_ctx *cx, struct prs_eng *e, const struct prs_geno_at *at)
{
	const struct grx_geno *g = at->g;
	int rc = load(cx, e, g, 0);
	e->have = NULL; /* what is changed here is no longer the record's own */
	for (int i = 0; i < at->n && rc == GRX_OK; i++) {
		const struct grx_geno *o = &at->recs[i];
		for (int k = 1; k < o->n_allele && rc == GRX_OK; k++) {
			unsigned seen;
			if (!prs_geno_is_other_alt(at, i, k))
				continue;
			rc = grx_geno_copies(cx, o, k, e->s.other, &seen);
			for (int s = 0; rc == GRX_OK && s < g->n_sample; s++)
				e->s.code[s] = less(e->s.code[s], e->s.other[s]);
		}
	}
	e->seen = codes_seen(e->s.code, g->n_sample);
	return rc;
}

int prs_geno_codes(struct grx_ctx *cx, struct prs_eng *e, const struct prs_geno_at *at, struct prs_codes *out)
{
	int rc = GRX_OK;
	out->swap = false;
	if (at->block) {
		out->code = at->block->code;
		out->seen = at->block->seen;
		out->swap = at->allele < 0;
		return GRX_OK;
	}
	if (prs_geno_ref_is_split(e, at))
		rc = ref_of_split(cx, e, at);
	else if (at->allele == 0 && at->g->n_allele == 2) {
		/* one decoding serves rows of either allele */
		rc = load(cx, e, at->g, 1);
		out->swap = true;
	} else
		rc = load(cx, e, at->g, at->allele);
	out->code = e->s.code;
	out->seen = e->seen;
	return rc;
}

/* How many samples have codes 1, 2, 3; in stretches that a byte can count, so that the loop runs in vector
 * lanes. */
#define COUNT_THREE(name)                                                                                    \
	static void name(const uint8_t *code, int n, int64_t count[GRX_CP_N])                                \
	{                                                                                                    \
		for (int at = 0; at < n; at += 255 * 32) {                                                   \
			int end = at + 255 * 32 < n ? at + 255 * 32 : n, i = at;                             \
			uint8_t one[32] = {0}, two[32] = {0}, three[32] = {0};                               \
			for (; i + 32 <= end; i += 32)                                                       \
				for (int k = 0; k < 32; k++) {                                               \
					one[k] = (uint8_t)(one[k] + (code[i + k] == GRX_CP_1));              \
					two[k] = (uint8_t)(two[k] + (code[i + k] == GRX_CP_2));              \
					three[k] = (uint8_t)(three[k] + (code[i + k] == GRX_CP_NONE));       \
				}                                                                            \
			for (; i < end; i++)                                                                 \
				count[code[i]] += code[i] >= GRX_CP_1 && code[i] <= GRX_CP_NONE;             \
			for (int k = 0; k < 32; k++) {                                                       \
				count[GRX_CP_1] += one[k];                                                   \
				count[GRX_CP_2] += two[k];                                                   \
				count[GRX_CP_NONE] += three[k];                                              \
			}                                                                                    \
		}                                                                                            \
	}

COUNT_THREE(count_plain)
#if defined(__x86_64__)
__attribute__((target("avx2"))) COUNT_THREE(count_avx2)
#endif

	static void count_three(const uint8_t *code, int n, int64_t count[GRX_CP_N])
{
#if defined(__x86_64__)
	if (__builtin_cpu_supports("avx2")) {
		count_avx2(code, n, count);
		return;
	}
#endif
	count_plain(code, n, count);
}

double prs_codes_freq(const struct prs_codes *c, int n)
{
	const unsigned diploid = 1u << GRX_CP_0 | 1u << GRX_CP_1 | 1u << GRX_CP_2 | 1u << GRX_CP_NONE;
	int64_t count[GRX_CP_N] = {0};
	count_three(c->code, n, count);
	for (int i = 0; (c->seen & ~diploid) && i < n; i++)
		count[c->code[i]] += c->code[i] > GRX_CP_NONE;
	count[GRX_CP_0] = n; /* what the other codes leave */
	for (int k = 1; k < GRX_CP_N; k++)
		count[GRX_CP_0] -= count[k];
	int64_t all = 2 * (count[GRX_CP_0] + count[GRX_CP_1] + count[GRX_CP_2]) + count[GRX_CP_HAP_0] +
		      count[GRX_CP_HAP_1];
	int64_t alt = count[GRX_CP_1] + 2 * count[GRX_CP_2] + count[GRX_CP_HAP_1];
	if (all == 0)
		return NAN;
	double f = (double)alt / (double)all;
	return c->swap ? 1 - f : f;
}

/* DP of the first sample, and GQ, or RGQ where all sites are written, of all into the scratch. */
static int block_quality(
	struct grx_ctx *cx, struct prs_eng *e, const struct grx_geno *g, struct prs_block *b, bool *have)
{
	int rc = grx_geno_int(cx, g, "DP", e->s.ints, have);
	if (rc == GRX_OK && *have)
		b->dp = e->s.ints[0];
	if (rc == GRX_OK)
		rc = grx_geno_int(cx, g, "GQ", e->s.ints, have);
	return rc == GRX_OK && !*have ? grx_geno_int(cx, g, "RGQ", e->s.ints, have) : rc;
}

int prs_block_hold(struct grx_ctx *cx, struct prs_eng *e, const struct grx_geno *g)
{
	bool have = false;
	int n = g->n_sample;
	if (grx_grow(&e->block, &e->cap_block, e->n_block + 1, sizeof *e->block, 0) != 0)
		return grx_fail_nomem(cx, "reference blocks");
	struct prs_block *b = &e->block[e->n_block];
	*b = (struct prs_block){.tid = g->tid, .pos = g->pos, .end = g->end, .dp = -1};
	e->have = NULL; /* the record before may have lain at the same address */
	int rc = load(cx, e, g, 0);
	b->ref = grx_strdup(g->allele[0]);
	b->code = grx_malloc((size_t)n, 1);
	b->gq = grx_malloc((size_t)n, 1);
	e->n_block++; /* owned from here on */
	if (rc == GRX_OK && (!b->ref || !b->code || !b->gq))
		rc = grx_fail_nomem(cx, "reference blocks");
	if (rc == GRX_OK)
		rc = block_quality(cx, e, g, b, &have);
	for (int i = 0; i < n && rc == GRX_OK; i++) {
		int32_t q = have ? e->s.ints[i] : -1;
		uint8_t c = e->s.code[i];
		/* a block that does not call homozygous reference with confidence calls nothing */
		bool ok = (c == GRX_CP_2 || c == GRX_CP_HAP_1) && (q < 0 || q >= e->job->po->ref_gq);
		b->gq[i] = (uint8_t)(q < 0 ? 255 : q > 254 ? 254 : q);
		b->code[i] = ok ? c : none_of(c);
	}
	if (rc == GRX_OK)
		b->seen = codes_seen(b->code, n);
	e->have = NULL;
	return rc;
}
