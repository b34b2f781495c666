/* SPDX-License-Identifier: GPL-3.0-or-later
 * weights_merge.c -- sorted rows, position by position, into the compiled file; sums of each column on the
 * way. The order of the sums is that of the genome, so they are the same for any size of the runs. */
#include <math.h>
#include <string.h>

#include "base/par.h"
#include "stage/prs/weights_int.h"

/* May it add to a score? Rows decided by facts may, too. */
static bool may_count(uint8_t code)
{
	return code == PRS_NO_LOCUS || prs_code_is_complex((enum prs_code)code);
}

static void count_row(struct prs_set *s, const struct prs_wrow *r)
{
	struct prs_col *c = &s->col[s->file[r->file].col_beg];
	double copies = !may_count(r->code) ? 0 : r->type == PRS_ADDITIVE ? 2 : 1;
	if (r->code == PRS_DUPLICATE || r->code == PRS_BAD_ROW || r->code == PRS_BAD_WEIGHT)
		return;
	if (r->type == PRS_DOSAGE) {
		double m = fmax(fabs(r->w[0]), fmax(fabs(r->w[1]), fabs(r->w[2])));
		c->bound += copies * m;
		c->sum_abs += m;
		c->n_nonzero += m > 0;
		return;
	}
	for (int32_t k = 0; k < r->n_w; k++) {
		double a = fabs(r->w[k]);
		c[k].bound += copies * a;
		c[k].sum_abs += a;
		c[k].n_nonzero += a > 0;
	}
}

/* The rows in b->bytes: mark, count, write. */
static int group_end(struct prs_wb *b, struct prs_wr *w, int n)
{
	int rc = GRX_E_BUG;
	if (grx_grow(&b->group, &b->cap_group, (size_t)n, sizeof *b->group, 0) != GRX_OK)
		return grx_fail_nomem(b->cx, "rows at one position");
	for (int i = 0; i < n; i++) {
		prs_rec_row((const struct prs_rec *)(const void *)(b->bytes.s + b->at[i]), &b->group[i]);
		b->group[i].file = b->slot_file[b->group[i].file];
	}
	if (b->group[0].chrom >= 0)
		GRX_TRY(prs_dup_mark(b->cx, b->set, b->group, n));
	for (int i = 0; i < n; i++) {
		count_row(b->set, &b->group[i]);
		b->code0[b->group[i].index] = b->group[i].code;
	}
	GRX_TRY(prs_wr_group(b->cx, w, b->group, n));
	rc = GRX_OK;
out:
	b->bytes.n = 0;
	return rc;
}

static int write_rows(struct prs_wb *b, struct prs_wr *w)
{
	int rc = GRX_E_BUG, n = 0;
	uint64_t key = 0, n_rec = 0;
	for (;;) {
		const struct prs_rec_head *h;
		GRX_TRY(prs_sorter_next(b->cx, b->main, &h));
		if (h && b->slot_file[((const struct prs_rec *)h)->slot] < 0)
			continue;
		bool placed = h && ((const struct prs_rec *)h)->chrom >= 0;
		if (n && (!h || h->key != key || !placed)) {
			GRX_TRY(group_end(b, w, n));
			n = 0;
		}
		if (!h)
			break;
		key = h->key;
		if (grx_grow(&b->at, &b->cap_at, (size_t)n + 1, sizeof *b->at, INT32_MAX) != GRX_OK) {
			rc = grx_fail_nomem(b->cx, "rows at one position");
			goto out;
		}
		b->at[n++] = b->bytes.n;
		grx_str_addn(&b->bytes, (const char *)h, h->size);
		if (b->bytes.oom) {
			rc = grx_fail_nomem(b->cx, "rows at one position");
			goto out;
		}
		if ((++n_rec & 0xffff) == 0)
			GRX_TRY(grx_par_signal_check(b->cx));
	}
	rc = GRX_OK;
out:
	return rc;
}

int prs_wb_write(struct prs_wb *b)
{
	int rc = GRX_E_BUG;
	struct prs_wr *w = NULL;
	struct prs_set *s = b->set;
	s->disk->code0 = b->code0 = grx_malloc(s->n_row, 1);
	s->code0 = b->code0;
	if (!b->code0) {
		rc = grx_fail_nomem(b->cx, "rows of scores");
		goto out;
	}
	memset(b->code0, PRS_BAD_ROW, s->n_row);
	GRX_TRY(prs_sorter_end(b->cx, b->main));
	GRX_TRY(prs_wr_new(b->cx, s->disk, &w));
	GRX_TRY(write_rows(b, w));
	for (int32_t i = 0; i < s->n_col; i++)
		s->col[i].bound *= 1 + 1e-9; /* above all rounding of its own sum */
	GRX_TRY(prs_wr_end(b->cx, w, s));
	rc = GRX_OK;
out:
	prs_wr_free(w);
	return rc;
}
