/* SPDX-License-Identifier: GPL-3.0-or-later
 * byfact.c -- rows that name no allele at a position (HLA, APOE, star alleles, haplotypes of them), decided
 * by the sample's facts. A row that a sample's facts do not decide is missing for this sample; one that no
 * sample's facts decide keeps its reason. */
#include <string.h>

#include "stage/prs/complex.h"
#include "stage/prs/prs_int.h"

static struct prs_byfact *slot_of(struct grx_ctx *cx, struct prs_state *st, int32_t file)
{
	if (!st->byfact[file])
		st->byfact[file] = grx_calloc((size_t)st->target.n_sample, sizeof **st->byfact);
	if (!st->byfact[file])
		(void)grx_fail_nomem(cx, "rows decided by facts");
	return st->byfact[file];
}

/* One row for all samples: how many does it decide? */
static int decide_row(
	struct grx_ctx *cx, struct prs_state *st, const struct prs_complex *c, const struct prs_wrow *r)
{
	struct prs_byfact *b = slot_of(cx, st, r->file);
	struct prs_term t = {.type = r->type == PRS_ADDITIVE ? (uint8_t)st->po.effect : r->type, .f = NAN};
	int n = 0;
	if (!b)
		return GRX_E_NOMEM;
	for (int s = 0; s < st->target.n_sample; s++) {
		struct prs_complex_who who = {cx->facts, st->target.hdr->sample[s]};
		const char *why;
		double copies;
		if (!prs_complex_count(c, r, &who, &copies, &why, NULL)) {
			b[s].n_missing++;
			continue;
		}
		b[s].n_called++;
		b[s].sum += r->w[0] * prs_value(&t, copies);
		b[s].absw += fabs(r->w[0]);
		n++;
	}
	if (n == 0) /* as if there were no such rows */
		for (int s = 0; s < st->target.n_sample; s++)
			b[s].n_missing--;
	else
		st->code[r->index] = PRS_MATCHED_FACT;
	return GRX_OK;
}

/* One weight: of files with more columns (scores, draws, standard errors) the others would go without. */
static bool is_ours(const struct prs_state *st, const struct prs_wrow *r)
{
	/* without a frequency there is nothing to standardise by */
	return st->po.std == PRS_STD_NONE && prs_code_is_complex((enum prs_code)r->code) && r->n_w == 1 &&
	       r->type != PRS_DOSAGE && prs_is_score(st->set, st->set->file[r->file].col_beg);
}

int prs_byfact_decide(struct grx_ctx *cx, struct prs_state *st)
{
	int rc = GRX_E_BUG, n;
	struct prs_complex *c = NULL;
	struct prs_wcur *cur = NULL;
	const struct prs_wrow *r;
	if (!cx->facts || cx->facts->n == 0)
		return GRX_OK;
	GRX_TRY(prs_complex_open(cx, &c));
	GRX_TRY(prs_wcur_open(cx, st->set, &cur));
	GRX_TRY(prs_wcur_seek(cx, cur, -1, 0, INT64_MAX));
	for (;;) {
		GRX_TRY(prs_wcur_next(cx, cur, &r, &n));
		if (n == 0)
			break;
		for (int i = 0; i < n; i++)
			if (is_ours(st, &r[i]))
				GRX_TRY(decide_row(cx, st, c, &r[i]));
	}
	rc = GRX_OK;
out:
	prs_wcur_close(cur);
	prs_complex_close(c);
	return rc;
}
