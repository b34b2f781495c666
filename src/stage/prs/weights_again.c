/* SPDX-License-Identifier: GPL-3.0-or-later
 * weights_again.c -- a compiled set among other inputs: its rows go through the sorter once more.
 * Frequencies and loadings in it give way to those of this run. */
#include <string.h>

#include "stage/prs/weights_int.h"

struct again {
	struct prs_wb *b;
	const struct prs_set *old;
	int32_t *slot; /* per file of the old set; -1 = not taken */
	int32_t *chrom;
};

static const char *dup(struct prs_wb *b, const char *s, bool *ok)
{
	const char *d = s ? grx_arena_strdup(b->mem, s) : NULL;
	*ok = *ok && (d || !s);
	return d;
}

static bool left_out(const struct again *a, int32_t i)
{
	const struct prs_set_opt *o = a->b->o;
	return (o->freq && i == a->old->freq_file) || (o->loadings && i == a->old->loadings_file);
}

static int take_file(struct again *a, int32_t i)
{
	struct prs_wb *b = a->b;
	struct prs_file f = a->old->file[i];
	int n = f.col_end - f.col_beg;
	bool ok = true, score = i != a->old->loadings_file && i != a->old->freq_file;
	struct prs_col *col = grx_calloc((size_t)n, sizeof *col);
	f.path = dup(b, f.path, &ok);
	f.trait = dup(b, f.trait, &ok);
	f.weight_type = dup(b, f.weight_type, &ok);
	f.build_text = dup(b, f.build_text, &ok);
	for (int k = 0; k < n && col; k++) {
		col[k] = a->old->col[f.col_beg + k];
		col[k].id = dup(b, col[k].id, &ok);
		col[k].of -= f.col_beg;
	}
	int rc = col && ok ? GRX_OK : grx_fail_nomem(b->cx, "scores");
	if (rc == GRX_OK && b->n_row + f.n_row >= UINT32_MAX)
		rc = grx_fail(
			b->cx, GRX_E_NOMEM, "%s: more than %u rows in all scoring files", f.path, UINT32_MAX);
	if (rc == GRX_OK)
		rc = prs_wb_join(b, a->slot[i], &f, col, n, score);
	grx_free(col);
	if (rc == GRX_OK && i == a->old->freq_file)
		b->set->freq_file = b->set->n_file - 1;
	if (rc == GRX_OK && i == a->old->loadings_file)
		b->set->loadings_file = b->set->n_file - 1;
	return rc;
}

static int take_rows(struct again *a)
{
	int rc = GRX_E_BUG, n;
	const struct prs_wrow *r;
	struct prs_wcur *c = NULL;
	struct prs_wb *b = a->b;
	GRX_TRY(prs_wcur_open(b->cx, a->old, &c));
	for (int32_t k = -1; k < a->old->n_chrom; k++) {
		GRX_TRY(prs_wcur_seek(b->cx, c, k, 0, INT64_MAX));
		for (;;) {
			GRX_TRY(prs_wcur_next(b->cx, c, &r, &n));
			if (n == 0)
				break;
			for (int i = 0; i < n; i++) {
				struct prs_wrow x = r[i];
				if (a->slot[x.file] < 0)
					continue;
				int64_t at = (int64_t)x.index - a->old->file[x.file].first_row;
				const struct prs_file *f = &b->set->file[b->slot_file[a->slot[x.file]]];
				if (at < 0 || at >= f->n_row) {
					rc = grx_fail(b->cx, GRX_E_DATA, "%s: damaged set of compiled scores",
						a->old->disk->path);
					goto out;
				}
				x.index = (uint32_t)(f->first_row + at);
				x.file = a->slot[x.file];
				x.chrom = k < 0 ? -1 : a->chrom[k];
				GRX_TRY(prs_wb_add(b, &x, false));
			}
		}
	}
	rc = GRX_OK;
out:
	prs_wcur_close(c);
	return rc;
}

int prs_again(struct prs_wb *b, const char *path)
{
	int rc = GRX_E_BUG;
	struct prs_set *old = NULL;
	struct again a = {.b = b};
	GRX_TRY(prs_disk_open(b->cx, path, &old));
	GRX_TRY(prs_compiled_check(b->cx, b->o, old));
	a.old = old;
	a.slot = grx_malloc((size_t)old->n_file, sizeof *a.slot);
	a.chrom = grx_malloc((size_t)old->n_chrom, sizeof *a.chrom);
	if (!a.slot || !a.chrom) {
		rc = grx_fail_nomem(b->cx, "scores");
		goto out;
	}
	for (int32_t k = 0; k < old->n_chrom; k++) {
		a.chrom[k] = prs_wb_chrom(b, old->chrom[k]);
		rc = b->cx->err.status;
		if (a.chrom[k] < 0)
			goto out;
	}
	for (int32_t i = 0; i < old->n_file; i++) {
		a.slot[i] = -1;
		if (left_out(&a, i))
			continue;
		a.slot[i] = prs_wb_slot(b);
		rc = b->cx->err.status;
		if (a.slot[i] < 0)
			goto out;
		GRX_TRY(take_file(&a, i));
	}
	b->set->disk->used_ids |= old->disk->used_ids;
	rc = take_rows(&a);
out:
	grx_free(a.slot);
	grx_free(a.chrom);
	prs_set_close(old);
	return rc;
}
