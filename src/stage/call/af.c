/* SPDX-License-Identifier: GPL-3.0-or-later
 * af.c -- population frequencies of a window, from an indexed VCF: read in pieces, so that no more than a
 * piece of raw records is held; kept are position, change and frequency. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/ctx.h"
#include "base/log.h"
#include "base/out.h"
#include "bio/allele.h"
#include "io/varsrc.h"
#include "stage/call/call_int.h"

#define PIECE_BP 10000
#define AHEAD_BP 250                /* a list may have an indel that far to the right of its leftmost place */
#define MAX_REF  (CALL_MAX_HAP / 4) /* as for forced sites; longer ones cannot be candidates */

struct call_af {
	const char *path, *key; /* borrowed */
	const char *keys[2];
	struct grx_vardb *h;
};

/* A list that shares no contig with the reads would change nothing in silence. */
static int contigs_check(struct grx_ctx *cx, const struct call_af *af)
{
	struct grx_varsrc *s = NULL;
	struct grx_varsrc_opt o = {.path = af->path, .sites_only = true};
	int rc = grx_varsrc_open(cx, &o, &s);
	if (rc != GRX_OK)
		return rc;
	const struct grx_contigs *d = grx_varsrc_contigs(s);
	bool common = d->n == 0 || cx->contigs->n == 0;
	for (int32_t i = 0; i < cx->contigs->n && !common; i++)
		common = grx_contigs_find_alias(d, grx_contig_name(cx->contigs, i)) >= 0;
	if (!common)
		rc = grx_fail(cx, GRX_E_MISMATCH,
			"%s: no contig in common with the reads: found '%s', expected '%s': give frequencies "
			"of "
			"this genome",
			af->path, grx_contig_name(d, 0), grx_contig_name(cx->contigs, 0));
	grx_varsrc_close(s);
	return rc;
}

static int key_check(struct grx_ctx *cx, const struct call_af *af)
{
	const char *number;
	uint8_t type;
	if (!grx_vardb_info(af->h, af->key, &number, &type))
		return grx_fail(cx, GRX_E_DATA,
			"%s: no INFO field '%s' in the header: name the field that holds the frequency of "
			"each "
			"ALT with --af-key KEY",
			af->path, af->key);
	if (number[0] != 'A' || type != GRX_T_FLOAT)
		return grx_fail(cx, GRX_E_DATA,
			"%s: INFO field '%s' is %sNumber=%s, expected Number=A,Type=Float: a frequency for "
			"each ALT",
			af->path, af->key, type == GRX_T_FLOAT ? "" : "not of Type=Float, ", number);
	return GRX_OK;
}

int call_af_open(struct grx_ctx *cx, const struct call_opt *o, struct call_af **out)
{
	struct call_af *af = grx_calloc(1, sizeof(*af));
	int rc = GRX_E_BUG;
	if (!af)
		return grx_fail_nomem(cx, "frequencies");
	af->path = o->af;
	af->key = af->keys[0] = o->af_key;
	GRX_TRY(grx_network_check(cx, af->path));
	GRX_TRY(grx_vardb_open(cx, af->path, af->keys, cx->threads, &af->h));
	GRX_TRY(key_check(cx, af));
	GRX_TRY(contigs_check(cx, af));
	*out = af;
	af = NULL;
	rc = GRX_OK;
out:
	call_af_close(af);
	return rc;
}

void call_af_close(struct call_af *af)
{
	if (af)
		grx_vardb_close(af->h);
	grx_free(af);
}

/* Where, lengths, bases. */
static int change_cmp(const struct call_allele *a, const struct call_allele *b)
{
	if (a->pos != b->pos)
		return a->pos < b->pos ? -1 : 1;
	if (a->rlen != b->rlen)
		return a->rlen < b->rlen ? -1 : 1;
	if (a->alen != b->alen)
		return a->alen < b->alen ? -1 : 1;
	return a->alen ? memcmp(a->alt, b->alt, (size_t)a->alen) : 0;
}

/* Of equal changes the most frequent comes first: it is the one that is found. */
static int freq_cmp(const void *pa, const void *pb)
{
	const struct call_freq *x = pa, *y = pb;
	struct call_allele a = {.pos = x->pos, .rlen = x->rlen, .alen = x->alen, .alt = x->alt};
	struct call_allele b = {.pos = y->pos, .rlen = y->rlen, .alen = y->alen, .alt = y->alt};
	int c = change_cmp(&a, &b);
	return c ? c : x->f > y->f ? -1 : x->f < y->f;
}

static int push(struct call_work *w, const struct call_allele *a, float f)
{
	if (w->n_freq == w->cap_freq) {
		size_t cap = w->cap_freq ? w->cap_freq * 2 : 256;
		struct call_freq *p = grx_arena_grow(w->mem, w->freq, w->n_freq, cap, sizeof(*p));
		if (!p)
			return grx_fail_nomem(w->cx, "frequencies");
		w->freq = p;
		w->cap_freq = cap;
	}
	w->freq[w->n_freq++] = (struct call_freq){
		.pos = a->pos, .rlen = a->rlen, .alen = a->alen, .f = f, .alt = a->alt};
	return GRX_OK;
}

enum ref_state { REF_AGREES, REF_DIFFERS, REF_UNKNOWN };

static enum ref_state ref_state(const struct call_work *w, int64_t pos, const char *ref)
{
	enum ref_state s = strlen(ref) > MAX_REF ? REF_UNKNOWN : REF_AGREES;
	for (int64_t i = 0; i < MAX_REF && ref[i]; i++) {
		char c = call_ref_at(w, pos + i);
		if (c == 'N' || !strchr("ACGT", ref[i]))
			s = REF_UNKNOWN;
		else if (c != ref[i])
			return REF_DIFFERS;
	}
	return s;
}

/* One ALT with its value. own: 1 when its record counts here. */
static int take_alt(struct call_work *w, const struct grx_var *v, int k, const struct grx_field *f, int own)
{
	const char *alt = v->allele[k];
	struct call_allele a;
	if (!grx_allele_is_acgt(alt) || strlen(alt) > MAX_REF) {
		w->n->af_not_assessable += own;
		return GRX_OK;
	}
	if (!f || k > f->n || grx_float_is_missing(f->v.f[k - 1]) || grx_float_is_end(f->v.f[k - 1])) {
		w->n->af_no_value += own;
		return GRX_OK;
	}
	float x = f->v.f[k - 1];
	if (!(x >= 0 && x <= 1))
		return grx_fail(w->cx, GRX_E_DATA,
			"%s: %s:%lld: INFO/%s is %g, expected a frequency between 0 and 1", w->st->af->path,
			grx_contig_name(w->cx->contigs, w->sh->tid), (long long)v->pos + 1, w->st->af->key,
			(double)x);
	if (!call_allele_norm(w, v->pos, v->allele[0], alt, &a))
		return GRX_OK; /* beyond the window */
	w->n->af_alleles += own;
	return push(w, &a, x);
}

static int take(struct call_work *w, const struct grx_var *v)
{
	const struct grx_field *f = grx_var_info(v, w->st->af->key);
	int own = v->pos >= w->sh->beg && v->pos < w->sh->end, rc = GRX_OK;
	w->n->af_records += own;
	enum ref_state s = ref_state(w, v->pos, v->allele[0]);
	if (s != REF_AGREES) {
		*(s == REF_DIFFERS ? &w->n->af_bad_ref : &w->n->af_not_assessable) += own;
		return GRX_OK;
	}
	for (int k = 1; k < v->n_allele && rc == GRX_OK; k++)
		rc = take_alt(w, v, k, f, own);
	return rc;
}

/* Records that begin in [beg, end). */
static int piece(struct call_work *w, int64_t beg, int64_t end)
{
	struct grx_vars *b = NULL;
	grx_arena_reset(w->tmp);
	int rc = grx_vardb_fetch(w->cx, w->st->af->h, GRX_VARDB_ANY,
		grx_contig_name(w->cx->contigs, w->sh->tid), beg, end, w->tmp, &b);
	for (size_t i = 0; rc == GRX_OK && i < b->n; i++)
		if (b->v[i].pos >= beg && b->v[i].pos < end)
			rc = take(w, &b->v[i]);
	grx_vars_release(b);
	grx_arena_reset(w->tmp);
	return rc;
}

int call_af_load(struct call_work *w)
{
	int64_t end = w->end + AHEAD_BP < w->sh->ref_end ? w->end + AHEAD_BP : w->sh->ref_end;
	int rc = GRX_OK;
	if (!w->st->af || w->mito)
		return GRX_OK;
	for (int64_t x = w->beg; x < end && rc == GRX_OK; x += PIECE_BP)
		rc = piece(w, x, x + PIECE_BP < end ? x + PIECE_BP : end);
	if (w->n_freq)
		qsort(w->freq, w->n_freq, sizeof(*w->freq), freq_cmp);
	return rc;
}

double call_af_of(const struct call_work *w, const struct call_allele *a)
{
	size_t lo = 0, hi = w->n_freq;
	const struct call_freq key = {
		.pos = a->pos, .rlen = a->rlen, .alen = a->alen, .alt = a->alt, .f = INFINITY};
	while (lo < hi) { /* the first that is not before it */
		size_t mid = lo + (hi - lo) / 2;
		if (freq_cmp(&w->freq[mid], &key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == w->n_freq)
		return -1;
	const struct call_freq *x = &w->freq[lo];
	struct call_allele b = {.pos = x->pos, .rlen = x->rlen, .alen = x->alen, .alt = x->alt};
	return change_cmp(a, &b) == 0 ? (double)x->f : -1;
}

int call_af_finish(
	struct grx_ctx *cx, const struct call_opt *o, const struct call_counts *n, struct json_t *summary)
{
	if (!o->af)
		return GRX_OK;
	if (n->af_bad_ref * 100 > n->af_records)
		return grx_fail(cx, GRX_E_MISMATCH,
			"%s: %lld of %lld records have a REF that the reference does not have (limit 1 %%): "
			"check "
			"that frequencies and reference are of the same genome build",
			o->af, (long long)n->af_bad_ref, (long long)n->af_records);
	if (n->af_alleles == 0)
		grx_warn(cx, "%s: no frequency in the regions called: the default priors were used", o->af);
	if (!summary)
		return GRX_OK;
	json_t *j = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "records", (json_int_t)n->af_records,
		"alleles", (json_int_t)n->af_alleles, "candidates_listed", (json_int_t)n->af_matched,
		"dropped_ref_disagrees", (json_int_t)n->af_bad_ref, "not_assessable",
		(json_int_t)n->af_not_assessable, "without_value", (json_int_t)n->af_no_value);
	if (!j || json_object_set_new(summary, "population_frequencies", j) != 0)
		return grx_fail_nomem(cx, "the summary");
	return GRX_OK;
}
