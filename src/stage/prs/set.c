/* SPDX-License-Identifier: GPL-3.0-or-later
 * set.c -- all scoring files of a run: build check, placing on the dictionary, duplicates, order. */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "bio/allele.h"
#include "stage/prs/prs_int.h"

const char *prs_code_name(enum prs_code c)
{
	static const char *const name[PRS_N_CODE] = {"matched", "matched_flip", "matched_reference_block",
		"matched_palindromic", "palindromic_dropped", "no_locus", "allele_mismatch",
		"multiallelic_dropped", "no_reference_base", "duplicate", "no_contig", "no_position",
		"unsupported_complex", "unsupported_allele"};
	return c < PRS_N_CODE ? name[c] : "?";
}

static int build_check(struct grx_ctx *cx, const struct prs_score *sc)
{
	enum grx_build have = grx_contigs_build(cx->contigs);
	if (sc->build == PRS_BUILD_NR || have == GRX_BUILD_UNKNOWN)
		return GRX_OK; /* prs_set_warn() says so */
	enum prs_score_build want = have == GRX_BUILD_37 ? PRS_BUILD_37 : PRS_BUILD_38;
	if (sc->build == want)
		return GRX_OK;
	return grx_fail(cx, GRX_E_MISMATCH,
		"%s: score %s is on build %s, the input on %s; use the scoring file harmonised to %s",
		sc->path, sc->id, sc->build_text, grx_build_name(have), grx_build_name(have));
}

void prs_set_warn(struct grx_ctx *cx, const struct prs_set *ps)
{
	for (int i = 0; i < ps->n_score; i++) {
		const struct prs_score *sc = &ps->score[i];
		int64_t n = (int64_t)(sc->row_end - sc->row_beg);
		if (sc->build == PRS_BUILD_NR)
			grx_warn(cx,
				"score %s names no genome build; its positions are taken as those of the "
				"input",
				sc->id);
		else if (grx_contigs_build(cx->contigs) == GRX_BUILD_UNKNOWN)
			grx_warn(cx,
				"the build of the input cannot be told from its contig lengths; score %s is "
				"on %s",
				sc->id, sc->build_text);
		if (sc->variants_number >= 0 && sc->variants_number != n)
			grx_warn(cx,
				"%s: header says variants_number=%lld, %lld rows found; is the file "
				"complete?",
				sc->path, (long long)sc->variants_number, (long long)n);
	}
}

/* Numbers that some tools write for the sex chromosomes. */
static int32_t find_contig(const struct grx_contigs *d, const char *chr)
{
	static const char *const alias[][2] = {{"23", "X"}, {"24", "Y"}, {"25", "X"}, {"26", "MT"}};
	int32_t tid = grx_contigs_find_alias(d, chr);
	for (size_t i = 0; tid < 0 && i < sizeof alias / sizeof *alias; i++)
		if (strcmp(chr, alias[i][0]) == 0)
			tid = grx_contigs_find_alias(d, alias[i][1]);
	return tid;
}

static void place(const struct grx_contigs *d, struct prs_set *ps)
{
	const char *last = NULL;
	int32_t tid = -1;
	for (size_t i = 0; i < ps->n_row; i++) {
		struct prs_row *r = &ps->row[i];
		if (!prs_code_is_match(r->code))
			continue;
		if (r->chr != last) {
			last = r->chr;
			tid = find_contig(d, r->chr);
		}
		r->tid = tid;
		r->code = tid < 0 ? PRS_NO_CONTIG : PRS_NO_LOCUS;
	}
}

static int row_cmp(const void *pa, const void *pb)
{
	const struct prs_row *a = *(const struct prs_row *const *)pa, *b = *(const struct prs_row *const *)pb;
	if (a->tid != b->tid)
		return a->tid < b->tid ? -1 : 1;
	if (a->pos != b->pos)
		return a->pos < b->pos ? -1 : 1;
	if (a->score != b->score)
		return a->score < b->score ? -1 : 1;
	return a < b ? -1 : a > b;
}

/* Do both rows name the same alleles, whichever is the effect allele and whichever strand? */
static bool same_change(const struct prs_row *a, const struct prs_row *b)
{
	if (!a->oa || !b->oa)
		return !a->oa && !b->oa && strcmp(a->ea, b->ea) == 0;
	if (strcmp(a->ea, b->ea) == 0 && strcmp(a->oa, b->oa) == 0)
		return true;
	if (strcmp(a->ea, b->oa) == 0 && strcmp(a->oa, b->ea) == 0)
		return true;
	if (a->ea[1] || a->oa[1] || b->ea[1] || b->oa[1])
		return false;
	char e = grx_complement(a->ea[0]), o = grx_complement(a->oa[0]);
	return (e == b->ea[0] && o == b->oa[0]) || (e == b->oa[0] && o == b->ea[0]);
}

static bool same_effect(const struct prs_row *a, const struct prs_row *b)
{
	return strcmp(a->ea, b->ea) == 0 ||
	       (!a->ea[1] && !b->ea[1] && !grx_is_palindromic(a->ea, a->oa ? a->oa : "") &&
		       grx_complement(a->ea[0]) == b->ea[0]);
}

static bool same_weight(const struct prs_row *a, const struct prs_row *b)
{
	if (a->type != b->type || a->w != b->w)
		return false;
	return a->type != PRS_DOSAGE || memcmp(a->dw, b->dw, 3 * sizeof *a->dw) == 0;
}

/* The calculator drops every row of a locus named twice. Ours: a repetition counts once; two weights for the
 * same allele contradict each other and neither counts; weights for both alleles of one locus are two honest
 * terms. */
static void duplicate_pair(struct prs_row *a, struct prs_row *b, bool compat)
{
	if (a->score != b->score || !same_change(a, b))
		return;
	if (compat || (same_effect(a, b) && !same_weight(a, b))) {
		a->code = PRS_DUPLICATE;
		b->code = PRS_DUPLICATE;
	} else if (same_effect(a, b)) {
		b->code = PRS_DUPLICATE;
	}
}

static int order(struct grx_ctx *cx, struct prs_set *ps, bool compat)
{
	ps->loc = grx_malloc(ps->n_row, sizeof *ps->loc);
	if (!ps->loc)
		return grx_fail_nomem(cx, "index of score rows");
	for (size_t i = 0; i < ps->n_row; i++)
		if (ps->row[i].code == PRS_NO_LOCUS)
			ps->loc[ps->n_loc++] = &ps->row[i];
	bool sorted = true; /* as most files are */
	for (size_t i = 1; i < ps->n_loc && sorted; i++)
		sorted = row_cmp(&ps->loc[i - 1], &ps->loc[i]) < 0;
	if (!sorted)
		qsort(ps->loc, ps->n_loc, sizeof *ps->loc, row_cmp);
	for (size_t i = 0; i < ps->n_loc; i++)
		for (size_t j = i + 1; j < ps->n_loc; j++) {
			const struct prs_row *a = ps->loc[i], *b = ps->loc[j];
			if (a->tid != b->tid || a->pos != b->pos || a->score != b->score)
				break;
			duplicate_pair(&ps->row[a - ps->row], &ps->row[b - ps->row], compat);
		}
	size_t n = 0;
	for (size_t i = 0; i < ps->n_loc; i++)
		if (ps->loc[i]->code == PRS_NO_LOCUS)
			ps->loc[n++] = ps->loc[i];
	ps->n_loc = n;
	return GRX_OK;
}

static int load(struct grx_ctx *cx, const struct prs_opt *o, struct prs_set *ps)
{
	int rc = GRX_E_BUG;
	ps->mem = grx_arena_new();
	ps->score = grx_calloc((size_t)o->score.n, sizeof *ps->score);
	if (!ps->mem || !ps->score)
		return grx_fail_nomem(cx, "scores");
	for (int i = 0; i < o->score.n; i++) {
		GRX_TRY(prs_file_read(cx, ps, o->score.v[i], i));
		ps->n_score++;
		for (int j = 0; j < i; j++)
			if (strcmp(ps->score[j].id, ps->score[i].id) == 0) {
				rc = grx_fail(cx, GRX_E_USAGE,
					"%s and %s are both score %s; give each score once",
					ps->score[j].path, ps->score[i].path, ps->score[i].id);
				goto out;
			}
		GRX_TRY(build_check(cx, &ps->score[i]));
	}
	place(cx->contigs, ps);
	rc = order(cx, ps, grx_streq(o->compat, "pgsc_calc"));
out:
	return rc;
}

int prs_set_load(struct grx_ctx *cx, const struct prs_opt *o, struct prs_set **out)
{
	*out = NULL;
	if (o->score.n == 0)
		return grx_fail(cx, GRX_E_USAGE, "prs: no scoring file; give at least one --score FILE");
	if (!cx->contigs)
		return grx_fail(cx, GRX_E_BUG, "prs: no dictionary of contigs");
	struct prs_set *ps = grx_calloc(1, sizeof *ps);
	if (!ps)
		return grx_fail_nomem(cx, "scores");
	int rc = load(cx, o, ps);
	if (rc != 0) {
		prs_set_free(ps);
		return rc;
	}
	*out = ps;
	return GRX_OK;
}

void prs_set_free(struct prs_set *ps)
{
	if (!ps)
		return;
	grx_free(ps->loc);
	grx_free(ps->row);
	grx_free(ps->score);
	grx_arena_free(ps->mem);
	grx_free(ps);
}
