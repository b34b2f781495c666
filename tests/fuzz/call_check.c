/* SPDX-License-Identifier: GPL-3.0-or-later
 * call_check.c -- what must hold of the records of a shard, whatever the reads. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call_case.h"

void fz_fail(const char *fmt, ...)
{
	va_list ap;
	fprintf(stderr, "fuzz_call_region: BROKEN: ");
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	abort();
}

#define CHECK(cond, v)                                                                                       \
	((cond) ? (void)0                                                                                    \
		: fz_fail("%s at position %lld, REF %s", #cond, (long long)(v)->pos + 1, (v)->allele[0]))

/* Values of sample k, or NULL when it has none. */
static const int32_t *fmt(const struct grx_var *v, const char *key, int k)
{
	const struct grx_field *f = grx_var_fmt(v, key);
	return f && f->n > 0 && f->v.i[k * f->n] != GRX_INT_MISSING ? &f->v.i[k * f->n] : NULL;
}

/* Copies of an allele in the genotype of sample k. */
static int copies(const struct grx_var *v, int k, int allele)
{
	int n = 0;
	for (int i = 0; i < v->ploidy; i++) {
		int32_t g = v->gt[k * v->ploidy + i];
		n += !GRX_GT_IS_END(g) && GRX_GT_ALLELE(g) == allele;
	}
	return n;
}

static bool is_star(const struct grx_var *v, int allele)
{
	return strcmp(v->allele[allele], "*") == 0;
}

static bool plain_bases(const char *s)
{
	return *s && s[strspn(s, "ACGTN")] == 0;
}

static void check_alleles(const struct fz_case *c, const struct grx_var *v, bool asked)
{
	CHECK(v->n_allele >= 1 && v->rlen == (int64_t)strlen(v->allele[0]), v);
	CHECK(v->pos + v->rlen <= c->ref_len, v);
	CHECK(asked || memcmp(v->allele[0], c->ref + v->pos, (size_t)v->rlen) == 0, v);
	for (int i = 1; i < v->n_allele && !asked; i++) {
		CHECK(plain_bases(v->allele[i]) || is_star(v, i), v);
		for (int k = 0; k < i; k++)
			CHECK(strcmp(v->allele[i], v->allele[k]) != 0, v);
	}
	bool call = asked;
	for (int k = 0; k < c->n_sample; k++)
		for (int i = 1; i < v->n_allele; i++)
			call |= !is_star(v, i) && copies(v, k, i) > 0;
	CHECK(call, v);
}

static void check_depths(const struct grx_var *v, int k)
{
	const int32_t *dp = fmt(v, "DP", k), *ad = fmt(v, "AD", k), *f = fmt(v, "ADF", k),
		      *r = fmt(v, "ADR", k);
	CHECK(!dp || *dp >= 0, v);
	if (!ad)
		return;
	int sum = 0;
	CHECK(dp && f && r, v);
	for (int i = 0; i < v->n_allele; i++) {
		CHECK(ad[i] >= 0 && f[i] >= 0 && r[i] >= 0 && ad[i] == f[i] + r[i], v);
		sum += ad[i];
	}
	CHECK(sum <= *dp, v);
}

static void check_genotype(const struct grx_var *v, int k)
{
	int ploidy = 0, known = 0;
	for (int i = 0; i < v->ploidy; i++) {
		int32_t g = v->gt[k * v->ploidy + i];
		if (GRX_GT_IS_END(g))
			continue;
		ploidy++;
		known += GRX_GT_ALLELE(g) >= 0;
		CHECK(GRX_GT_ALLELE(g) < v->n_allele, v);
	}
	CHECK(ploidy > 0 && (known == 0 || known == ploidy), v);
	const int32_t *pl = fmt(v, "PL", k), *gq = fmt(v, "GQ", k), *ps = fmt(v, "PS", k),
		      *hc = fmt(v, "HC", k);
	bool phased = ploidy == 2 && GRX_GT_PHASED(v->gt[k * v->ploidy + 1]);
	CHECK((ps != NULL) == phased && (ps != NULL) == (hc != NULL), v);
	CHECK(!ps || (*ps >= 1 && hc[0] >= 0 && hc[1] >= 0), v);
	CHECK(known ? gq != NULL && *gq >= 0 && *gq <= 99 : gq == NULL && pl == NULL, v);
	if (!pl)
		return;
	int n = ploidy == 1 ? v->n_allele : v->n_allele * (v->n_allele + 1) / 2, least = pl[0];
	for (int i = 0; i < n; i++) {
		CHECK(pl[i] >= 0 && pl[i] <= 9999, v);
		least = pl[i] < least ? pl[i] : least;
	}
	CHECK(least == 0, v);
}

static void check_record(const struct fz_case *c, const struct grx_shard *sh, const struct grx_var *v)
{
	bool asked = grx_var_info(v, "FORCED") != NULL;
	const struct grx_field *fv = grx_var_info(v, "FV");
	CHECK(v->pos >= sh->beg && v->pos < sh->end, v);
	check_alleles(c, v, asked);
	for (int k = 0; k < c->n_sample; k++) {
		check_genotype(v, k);
		check_depths(v, k);
	}
	CHECK(grx_float_is_missing(v->qual) ? asked : v->qual >= 0 && v->qual <= 3000.0F, v);
	CHECK(asked || (v->qual >= (float)c->opt.emit_qual - 0.01F), v);
	for (int i = 0; fv && i < fv->n; i++)
		CHECK(isfinite(fv->v.f[i]), v);
	for (int i = 0; i < 3; i++) {
		const struct grx_field *f = grx_var_info(v, (const char *const[]){"MQ", "FS", "SOR"}[i]);
		CHECK(!f || isfinite(f->v.f[0]), v);
	}
}

static void check_block(const struct fz_case *c, const struct grx_var *v)
{
	for (int k = 0; k < c->n_sample; k++) {
		const int32_t *dp = fmt(v, "DP", k), *md = fmt(v, "MIN_DP", k), *gq = fmt(v, "GQ", k),
			      *pl = fmt(v, "PL", k);
		CHECK(dp && md && *md >= 0 && *md <= *dp, v);
		CHECK((copies(v, k, 0) > 0) == (gq != NULL && *gq > 0), v);
		CHECK(!pl || (pl[0] == 0 && pl[1] >= 0), v);
	}
	CHECK(c->ref[v->pos] == v->allele[0][0], v);
	CHECK(grx_var_info(v, "END") && grx_var_info(v, "END")->v.i[0] == v->pos + v->rlen, v);
}

/* Blocks and records cover the core; no block lies over anything else. What a record of the shard before
 * covers needs none. */
static void check_tiling(const struct grx_shard *sh, int64_t from)
{
	const struct grx_vars *b = sh->vars;
	int64_t next = sh->beg > from ? sh->beg : from;
	for (size_t i = 0; i < b->n; i++) {
		const struct grx_var *v = &b->v[i];
		bool block = grx_var_is_ref_block(v) && grx_var_info(v, "END");
		CHECK(block ? v->pos == next : v->pos <= next, v);
		next = v->pos + v->rlen > next ? v->pos + v->rlen : next;
	}
	if (next < sh->end)
		fz_fail("blocks end at %lld, the core at %lld", (long long)next, (long long)sh->end);
}

/* What an allele changes, without the bases that it shares with REF. */
static void changed(const struct grx_var *v, int allele, int64_t *beg, int64_t *end)
{
	const char *r = v->allele[0], *a = v->allele[allele];
	size_t nr = strlen(r), na = strlen(a), k = 0;
	while (nr && na && r[nr - 1] == a[na - 1])
		nr--, na--;
	while (k < nr && k < na && r[k] == a[k])
		k++;
	*beg = v->pos + (int64_t)k;
	*end = v->pos + (int64_t)nr;
}

/* No chromosome carries two changes of one base, or two insertions at one place; where the star is, a
 * deletion is called, if only above --emit-qual. */
static void check_copies(const struct fz_case *c, const struct grx_vars *b, int k, int ploidy)
{
	uint8_t over[FZ_MAX_REF + 1] = {0}, ins[FZ_MAX_REF + 1] = {0}, gone[FZ_MAX_REF + 1] = {0};
	for (size_t i = 0; i < b->n; i++) {
		const struct grx_var *v = &b->v[i];
		for (int a = 1; a < v->n_allele; a++) {
			int64_t beg, end;
			int n = copies(v, k, a);
			if (n == 0 || is_star(v, a) || grx_var_is_ref_block(v))
				continue;
			changed(v, a, &beg, &end);
			for (int64_t p = beg; p < end; p++)
				over[p] = (uint8_t)(over[p] + n);
			for (int64_t p = beg; p < end; p++)
				gone[p] = (uint8_t)(gone[p] + (v->pos < p ? n : 0));
			if (beg == end)
				ins[beg] = (uint8_t)(ins[beg] + n);
		}
	}
	for (int32_t p = 0; p < c->ref_len; p++)
		if (over[p] > ploidy || ins[p] > ploidy)
			fz_fail("sample %d has %d changes of base %d and %d insertions before it", k, over[p],
				p + 1, ins[p]);
	for (size_t i = 0; i < b->n; i++)
		for (int a = 1; a < b->v[i].n_allele && c->opt.emit_qual <= 0; a++)
			CHECK(!is_star(&b->v[i], a) || copies(&b->v[i], k, a) <= gone[b->v[i].pos], &b->v[i]);
}

/* A phase set holds two heterozygous records at least and is named after its first, unless one of them is
 * below
 * --emit-qual or a forced record shows it otherwise. */
static void check_phase(const struct grx_vars *b, int k, bool some)
{
	for (size_t i = 0; i < b->n; i++) {
		const int32_t *ps = fmt(&b->v[i], "PS", k), *o;
		int n = 0;
		int64_t first = INT64_MAX;
		for (size_t j = 0; ps && j < b->n; j++) {
			o = fmt(&b->v[j], "PS", k);
			if (!o || *o != *ps)
				continue;
			const int32_t *g = &b->v[j].gt[k * b->v[j].ploidy];
			n += GRX_GT_ALLELE(g[0]) != GRX_GT_ALLELE(g[1]);
			first = b->v[j].pos < first ? b->v[j].pos : first;
		}
		CHECK(!ps || some || (n >= 2 && first + 1 == *ps), &b->v[i]);
	}
}

static int ploidy_of(const struct grx_var *v, int k)
{
	int n = 0;
	for (int i = 0; i < v->ploidy; i++)
		n += !GRX_GT_IS_END(v->gt[k * v->ploidy + i]);
	return n;
}

void fz_check(const struct fz_case *c, const struct grx_shard *sh, int64_t from, bool forced)
{
	const struct grx_vars *b = sh->vars;
	for (size_t i = 0; i < b->n; i++) {
		const struct grx_var *v = &b->v[i];
		CHECK(i == 0 || b->v[i - 1].pos <= v->pos, v);
		if (grx_var_is_ref_block(v) && grx_var_info(v, "END"))
			check_block(c, v);
		else
			check_record(c, sh, v);
	}
	if (from >= 0)
		check_tiling(sh, from);
	bool whole = sh->beg == 0 && sh->end == c->ref_len && b->n;
	for (int k = 0; k < c->n_sample && whole; k++) {
		if (!forced &&
			strcmp(c->contig, "chrM") != 0) /* its molecules are no chromosomes of one cell */
			check_copies(c, b, k, ploidy_of(&b->v[0], k));
		check_phase(b, k, forced || c->opt.emit_qual > 0);
	}
}

static void put_values(struct fz_case *c, char **t, const struct grx_field *f, int n)
{
	*t = grx_arena_printf(c->mem, "%s %s", *t, f->key);
	for (int i = 0; i < n; i++)
		if (f->type == GRX_T_INT)
			*t = grx_arena_printf(c->mem, "%s%c%d", *t, i ? ',' : '=', f->v.i[i]);
		else if (f->type == GRX_T_FLOAT)
			*t = grx_arena_printf(c->mem, "%s%c%.9g", *t, i ? ',' : '=', (double)f->v.f[i]);
		else if (f->type == GRX_T_STR)
			*t = grx_arena_printf(
				c->mem, "%s%c%s", *t, i ? ',' : '=', f->v.s[i] ? f->v.s[i] : ".");
}

const char *fz_line(struct fz_case *c, const struct grx_var *v)
{
	char *t = grx_arena_printf(c->mem, "%lld", (long long)v->pos + 1);
	for (int i = 0; i < v->n_allele; i++)
		t = grx_arena_printf(c->mem, "%s%c%s", t, i > 1 ? ',' : ' ', v->allele[i]);
	t = grx_arena_printf(c->mem, "%s %.9g GT", t, (double)v->qual);
	for (int i = 0; i < v->ploidy * c->n_sample; i++)
		t = grx_arena_printf(
			c->mem, "%s%c%d", t, GRX_GT_PHASED(v->gt[i]) ? '|' : ' ', GRX_GT_ALLELE(v->gt[i]));
	for (int i = 0; i < v->n_filter; i++)
		t = grx_arena_printf(c->mem, "%s %s", t, v->filter[i]);
	for (int i = 0; i < v->n_info; i++)
		put_values(c, &t, &v->info[i], v->info[i].n);
	for (int i = 0; i < v->n_fmt; i++)
		put_values(c, &t, &v->fmt[i], v->fmt[i].n * c->n_sample);
	return t;
}
