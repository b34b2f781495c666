/* SPDX-License-Identifier: GPL-3.0-or-later
 * load.c -- truth and call records into units: which records count, genotypes, contig names, reference check.
 * Every record that is left out is counted with its reason. A half call (./1) is read as heterozygous with
 * REF. */
#include <ctype.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "bio/allele.h"
#include "stage/compare/compare_int.h"

#define WINDOW 100000
#define MARGIN 3000

int compare_window_get(struct grx_ctx *cx, struct grx_fasta *fa, struct compare_window *w, int32_t tid,
	int64_t beg, int64_t end)
{
	const struct grx_contigs *d = grx_fasta_contigs(fa);
	int64_t len = d->c[tid].len;
	int64_t lo = beg > MARGIN ? beg - MARGIN : 0, hi = end + MARGIN < len ? end + MARGIN : len;
	if (w->seq && w->tid == tid && w->beg <= lo && hi <= w->end)
		return GRX_OK;
	if (!w->mem && !(w->mem = grx_arena_new()))
		return grx_fail_nomem(cx, "reference window");
	grx_arena_reset(w->mem);
	w->seq = NULL;
	if (hi < lo + WINDOW)
		hi = lo + WINDOW < len ? lo + WINDOW : len;
	char *seq;
	int64_t n;
	int rc = grx_fasta_fetch(cx, fa, d->c[tid].name, lo, hi, w->mem, &seq, &n);
	if (rc)
		return rc;
	w->tid = tid;
	w->beg = lo;
	w->end = lo + n;
	w->seq = seq;
	return GRX_OK;
}

void compare_window_clear(struct compare_window *w)
{
	grx_arena_free(w->mem);
	*w = (struct compare_window){0};
}

int compare_map_contigs(struct grx_ctx *cx, struct grx_arena *mem, const struct grx_contigs *from,
	const struct grx_contigs *to, const char *what, int32_t **map)
{
	int32_t *m = grx_arena_alloc(mem, (size_t)from->n + 1, sizeof *m), shared = 0;
	if (!m)
		return grx_fail_nomem(cx, "contig map");
	for (int32_t i = 0; i < from->n; i++) {
		m[i] = grx_contigs_find(to, from->c[i].name);
		shared += m[i] >= 0;
	}
	if (!shared)
		return grx_fail(cx, GRX_E_MISMATCH,
			"%s: no contig in common with the reference (found %s, the reference has %s); use "
			"files of one "
			"build with the same contig names",
			what, from->n ? from->c[0].name : "none", to->n ? to->c[0].name : "none");
	*map = m;
	return GRX_OK;
}

int compare_find_sample(
	struct grx_ctx *cx, const struct grx_hdr *h, const char *name, const char *what, int *out)
{
	if (h->n_sample == 0)
		return grx_fail(
			cx, GRX_E_DATA, "%s: no sample columns; genotypes are needed to compare", what);
	*out = 0;
	if (!name)
		return GRX_OK;
	for (int i = 0; i < h->n_sample; i++)
		if (!strcmp(h->sample[i], name)) {
			*out = i;
			return GRX_OK;
		}
	return grx_fail(cx, GRX_E_MISMATCH, "%s: sample '%s' not found; the first of %d is '%s'", what, name,
		h->n_sample, h->sample[0]);
}

static bool passes(const struct grx_var *v)
{
	return v->n_filter == 0 || (v->n_filter == 1 && !strcmp(v->filter[0], "PASS"));
}

/* Alleles of the sample; false with the reason when there is nothing to compare. Haploid: b = a. */
static bool genotype(
	const struct grx_var *v, int sample, struct compare_gt *gt, bool *half, enum compare_drop *why)
{
	int a[2] = {-1, -1}, n = 0;
	*why = COMPARE_D_NO_CALL;
	for (int k = 0; k < v->ploidy; k++) {
		int32_t g = v->gt[(int64_t)sample * v->ploidy + k];
		if (GRX_GT_IS_END(g))
			break;
		if (n == 2) {
			*why = COMPARE_D_PLOIDY;
			return false;
		}
		a[n++] = GRX_GT_ALLELE(g);
	}
	if (n == 0 || (a[0] < 0 && a[1] < 0))
		return false;
	if (n == 1)
		a[1] = a[0];
	*half = a[0] < 0 || a[1] < 0;
	gt->a = a[0] < 0 ? 0 : a[0];
	gt->b = a[1] < 0 ? 0 : a[1];
	gt->phased = n == 2 && GRX_GT_PHASED(v->gt[(int64_t)sample * v->ploidy + 1]);
	*why = COMPARE_D_HOM_REF;
	return gt->a > 0 || gt->b > 0;
}

static bool usable(const struct compare_loader *l, const struct grx_var *v, struct compare_gt *gt,
	struct compare_tally *t)
{
	enum compare_drop why = COMPARE_D_N;
	bool half = false;
	if (l->tid[v->tid] < 0)
		why = COMPARE_D_CONTIG;
	else if (l->near && !grx_bed_overlaps(l->near, l->tid[v->tid], v->pos, v->pos + 1))
		why = COMPARE_D_OUTSIDE;
	else if (grx_var_is_ref_block(v))
		why = COMPARE_D_REF_BLOCK;
	else if (!l->opt->all && !passes(v))
		why = COMPARE_D_FILTER;
	else if (l->side == COMPARE_CALL && l->opt->min_qual > 0 &&
		 (grx_float_is_missing(v->qual) || (double)v->qual < l->opt->min_qual))
		why = COMPARE_D_QUAL;
	else if (genotype(v, l->sample, gt, &half, &why))
		why = COMPARE_D_N;
	t->half_calls += half;
	if (why == COMPARE_D_N)
		return true;
	t->drop[why]++;
	return false;
}

/* REF must be the reference; other letters than ACGT on either side are let through. */
static int check_ref(struct grx_ctx *cx, const struct compare_loader *l, const struct grx_var *v,
	const struct compare_window *w)
{
	const struct grx_contigs *d = grx_fasta_contigs(l->fasta);
	int64_t len = d->c[w->tid].len, n = (int64_t)strlen(v->allele[0]);
	if (v->pos + n > len)
		return grx_fail(cx, GRX_E_MISMATCH,
			"%s record at %s:%lld: REF ends at %lld but the reference contig has %lld bases; is "
			"it the same build?",
			l->side == COMPARE_TRUTH ? "truth" : "call", d->c[w->tid].name, (long long)v->pos + 1,
			(long long)(v->pos + n), (long long)len);
	for (int64_t i = 0; i < n; i++) {
		char a = v->allele[0][i], b = w->seq[v->pos + i - w->beg];
		if (a != b && strchr("ACGT", a) && strchr("ACGT", b))
			return grx_fail(cx, GRX_E_MISMATCH,
				"%s record at %s:%lld: REF has '%c' at base %lld but the reference has '%c'; "
				"is it the same "
				"build?",
				l->side == COMPARE_TRUTH ? "truth" : "call", d->c[w->tid].name,
				(long long)v->pos + 1, a, (long long)i + 1, b);
	}
	return GRX_OK;
}

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* Repeat around the change; an indel may be written, or combine with others, anywhere in it. */
static void set_repeat(struct compare_unit *u, const struct compare_window *w)
{
	int64_t end = u->pos + u->ref_len;
	struct compare_tract t = compare_tract_find(w, u->pos - u->lo, end + u->hi);
	u->strata = compare_strata_of(u, &t);
	if (u->type == COMPARE_INDEL) {
		u->lo = (int32_t)larger(u->lo, u->pos - t.beg);
		u->hi = (int32_t)larger(u->hi, t.end - end);
	}
}

/* The score that the curve is by: QUAL, or GQ of the sample. */
static float score_of(const struct compare_loader *l, const struct grx_var *v)
{
	if (!l->opt->score || strcmp(l->opt->score, "GQ"))
		return v->qual;
	const struct grx_field *f = grx_var_fmt(v, "GQ");
	if (!f || f->n < 1)
		return grx_float_missing();
	if (f->type == GRX_T_FLOAT)
		return f->v.f[(int64_t)l->sample * f->n];
	int32_t x = f->type == GRX_T_INT ? f->v.i[(int64_t)l->sample * f->n] : GRX_INT_MISSING;
	return x == GRX_INT_MISSING || x == GRX_INT_END ? grx_float_missing() : (float)x;
}

/* Phase set of the sample; 0 where the file names none. */
static int32_t phase_set(const struct compare_loader *l, const struct grx_var *v)
{
	const struct grx_field *f = grx_var_fmt(v, "PS");
	int32_t ps = f && f->type == GRX_T_INT && f->n > 0 ? f->v.i[(int64_t)l->sample * f->n] : 0;
	return ps == GRX_INT_MISSING || ps == GRX_INT_END ? 0 : ps;
}

/* `counted` goes by the VCF position of the left-aligned form: the base before an insertion or deletion. */
static void finish_units(const struct compare_loader *l, const struct grx_var *v,
	const struct compare_window *w, struct compare_units *out, size_t first)
{
	int32_t tid = w->tid, ps = phase_set(l, v);
	float score = score_of(l, v);
	for (size_t i = first; i < out->n; i++) {
		struct compare_unit *u = &out->v[i];
		bool anchored = u->ref_len == 0 || u->alt_len == 0;
		int64_t pos = u->pos - u->left;
		if (anchored && pos > 0)
			pos--;
		u->tid = tid;
		u->side = (uint8_t)l->side;
		u->mark = COMPARE_MISS;
		u->counted = !l->conf || grx_bed_has(l->conf, tid, pos);
		u->score = score;
		u->ps = ps;
		set_repeat(u, w);
		for (int k = 0; k < l->n_user; k++)
			if (grx_bed_has(l->user[k], tid, pos))
				u->strata |= UINT64_C(1) << (COMPARE_S_USER + k);
	}
}

int compare_load_batch(struct grx_ctx *cx, const struct compare_loader *l, const struct grx_vars *b,
	struct compare_units *out, struct compare_tally *t)
{
	int rc = GRX_E_BUG;
	struct compare_window w = {0};

	for (size_t i = 0; i < b->n; i++) {
		const struct grx_var *v = &b->v[i];
		struct compare_gt gt;
		int64_t symbolic = 0;
		t->records++;
		if (!usable(l, v, &gt, t))
			continue;
		int32_t tid = l->tid[v->tid];
		int64_t n = (int64_t)strlen(v->allele[0]);
		GRX_TRY(compare_window_get(cx, l->fasta, &w, tid, v->pos, v->pos + n));
		GRX_TRY(check_ref(cx, l, v, &w));
		size_t first = out->n;
		GRX_TRY(compare_normalise(cx, v, gt, &w, out, &symbolic));
		finish_units(l, v, &w, out, first);
		if (out->n > first)
			t->used++;
		else
			t->drop[symbolic ? COMPARE_D_SYMBOLIC : COMPARE_D_SPANNING]++;
	}
	rc = GRX_OK;
out:
	compare_window_clear(&w);
	return rc;
}
