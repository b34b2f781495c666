/* SPDX-License-Identifier: GPL-3.0-or-later
 * weights_dup.c -- the same row twice, and rows that contradict each other, within one file and position.
 * A repetition counts once. Several weights for the same effect allele: none can be trusted, none counts.
 * Weights for both alleles of a locus are two honest terms, and so are rows of different effect types. */
#include <string.h>

#include "bio/allele.h"
#include "stage/prs/weights_int.h"

/* Do both rows name the same alleles, whichever is the effect allele and whichever strand? A row without
 * other allele may mean any. */
static bool same_change(const struct prs_wrow *a, const struct prs_wrow *b)
{
	if (!a->oa || !b->oa)
		return true;
	if (strcmp(a->ea, b->ea) == 0 && strcmp(a->oa, b->oa) == 0)
		return true;
	if (strcmp(a->ea, b->oa) == 0 && strcmp(a->oa, b->ea) == 0)
		return true;
	if (a->ea[1] || a->oa[1] || b->ea[1] || b->oa[1])
		return false;
	char e = grx_complement(a->ea[0]), o = grx_complement(a->oa[0]);
	return (e == b->ea[0] && o == b->oa[0]) || (e == b->oa[0] && o == b->ea[0]);
}

static bool same_effect(const struct prs_wrow *a, const struct prs_wrow *b)
{
	if (strcmp(a->ea, b->ea) == 0)
		return true;
	return a->oa && b->oa && !a->ea[1] && !b->ea[1] && !grx_is_palindromic(a->ea, a->oa) &&
	       grx_complement(a->ea[0]) == b->ea[0];
}

static bool same_weight(const struct prs_wrow *a, const struct prs_wrow *b)
{
	if (a->n_w != b->n_w)
		return false;
	for (int32_t k = 0; k < a->n_w; k++)
		if (a->w[k] != b->w[k]) /* exact: the same text */
			return false;
	return true;
}

/* Rows told apart by their IDs only: two variants of one position. */
static bool other_id(const struct prs_wrow *a, const struct prs_wrow *b)
{
	return (!a->oa || !b->oa) && a->id && b->id && strcmp(a->id, b->id) != 0;
}

/* Rows of one file. */
static void mark_file(struct prs_wrow *r, int n, bool by_id)
{
	for (int i = 0; i < n; i++) {
		bool agree = true;
		if (r[i].code != PRS_NO_LOCUS)
			continue;
		for (int pass = 0; pass < 2; pass++)
			for (int j = i + 1; j < n; j++) {
				if ((r[j].code != PRS_NO_LOCUS && r[j].code != PRS_DUPLICATE) ||
					r[j].type != r[i].type || !same_change(&r[i], &r[j]) ||
					!same_effect(&r[i], &r[j]) || (by_id && other_id(&r[i], &r[j])))
					continue;
				if (pass == 0)
					agree = agree && same_weight(&r[i], &r[j]);
				else if (!agree)
					r[j].code = r[i].code = PRS_CONTRADICTORY;
				else
					r[j].code = PRS_DUPLICATE;
			}
	}
}

int prs_dup_mark(struct grx_ctx *cx, const struct prs_set *s, struct prs_wrow *row, int n)
{
	for (int i = 0, j; i < n; i = j) {
		for (j = i + 1; j < n && row[j].file == row[i].file; j++)
			;
		if (j - i > PRS_MAX_AT_ONE)
			return grx_fail(cx, GRX_E_DATA,
				"%s:%lld: more than %d rows at one position; expected a row for each variant",
				s->file[row[i].file].path, (long long)row[i + PRS_MAX_AT_ONE].line,
				PRS_MAX_AT_ONE);
		if (!s->disk->compat_pgsc && !s->disk->compat_plink && j - i > 1 &&
			row[i].file != s->freq_file)
			mark_file(&row[i], j - i, s->file[row[i].file].by_id);
	}
	return GRX_OK;
}
