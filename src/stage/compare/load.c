/* SPDX-License-Identifier: GPL-3.0-or-later
 * load.c -- truth and call records into units: which records count, genotypes, contig names, reference check.
 * Every record that is left out is counted with its reason. A half call (./1) is read as heterozygous with
 * REF. */
#include <ctype.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "bio/allele.h"
#include "io/varsrc.h"
#include "stage/compare/compare_int.h"

#define BATCH  8192
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

/* VCF position of the left-aligned form: the base before an insertion or deletion. */
static void finish_units(const struct compare_loader *l, int32_t tid, struct compare_units *out, size_t first)
{
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
		finish_units(l, tid, out, first);
		if (out->n > first)
			t->used++;
		else
			t->drop[COMPARE_D_SYMBOLIC]++;
	}
	rc = GRX_OK;
out:
	compare_window_clear(&w);
	return rc;
}

int compare_load_truth(struct grx_ctx *cx, struct compare_state *s)
{
	int rc = GRX_E_BUG;
	struct grx_varsrc *src = NULL;
	struct grx_vars *b = NULL;
	struct grx_arena *mem = grx_arena_new();
	struct grx_varsrc_opt o = {.path = s->opt->truth};
	struct compare_loader l = s->calls;
	int32_t *map;

	if (!mem)
		return grx_fail_nomem(cx, "truth set");
	GRX_TRY(grx_varsrc_open(cx, &o, &src));
	GRX_TRY(compare_map_contigs(
		cx, s->mem, grx_varsrc_contigs(src), grx_fasta_contigs(cx->fasta), s->opt->truth, &map));
	GRX_TRY(compare_find_sample(cx, grx_varsrc_hdr(src), s->opt->truth_sample, s->opt->truth, &l.sample));
	l.tid = map;
	l.side = COMPARE_TRUTH;
	for (;;) {
		GRX_TRY(grx_varsrc_next(cx, src, mem, BATCH, &b));
		if (b->n == 0)
			break;
		GRX_TRY(compare_load_batch(cx, &l, b, &s->units, &s->tally[COMPARE_TRUTH]));
		grx_vars_release(b);
		b = NULL;
		grx_arena_reset(mem);
	}
	const struct compare_tally *t = &s->tally[COMPARE_TRUTH];
	if (t->records > 0 && t->drop[COMPARE_D_CONTIG] == t->records)
		rc = grx_fail(cx, GRX_E_MISMATCH,
			"%s: no record lies on a contig of the reference; use files of one build with the "
			"same contig names",
			s->opt->truth);
	else
		rc = GRX_OK;
out:
	grx_vars_release(b);
	grx_varsrc_close(src);
	grx_arena_free(mem);
	return rc;
}
