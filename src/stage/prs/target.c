/* SPDX-License-Identifier: GPL-3.0-or-later
 * target.c -- what of a header the scores need: which contig is which, which columns tell of genotypes. */
#include <string.h>

#include "stage/prs/prs_int.h"

static enum prs_contig kind_of(const char *canonical)
{
	return strcmp(canonical, "X") == 0    ? PRS_X
	       : strcmp(canonical, "Y") == 0  ? PRS_Y
	       : strcmp(canonical, "MT") == 0 ? PRS_MT
					      : PRS_AUTOSOME;
}

int prs_target_init(
	struct grx_ctx *cx, const struct prs_set *set, const struct grx_hdr *hdr, struct prs_target *t)
{
	const struct grx_contigs *d = hdr->contigs;
	memset(t, 0, sizeof *t);
	t->hdr = hdr;
	t->n_sample = hdr->n_sample;
	t->kind = grx_calloc((size_t)d->n + 1, 1);
	t->chrom_of = grx_malloc((size_t)d->n + 1, sizeof *t->chrom_of);
	if (!t->kind || !t->chrom_of)
		return grx_fail_nomem(cx, "contigs");
	for (int32_t i = 0; i < d->n; i++) {
		t->kind[i] = (uint8_t)kind_of(grx_contig_canonical(grx_contig_name(d, i)));
		t->chrom_of[i] = -1;
	}
	for (int32_t k = 0; k < set->n_chrom; k++) {
		int32_t tid = grx_contigs_find_alias(d, set->chrom[k]);
		if (tid >= 0)
			t->chrom_of[tid] = k;
	}
	t->build = grx_contigs_build(d);
	for (int k = 0; k < set->n_file && t->build == GRX_BUILD_UNKNOWN; k++)
		t->build = set->file[k].build == PRS_BUILD_37   ? GRX_BUILD_37
			   : set->file[k].build == PRS_BUILD_38 ? GRX_BUILD_38
								: GRX_BUILD_UNKNOWN;
	t->has_pl = t->has_gp = t->has_ds = t->has_quality = true; /* a stream of records tells by itself */
	return GRX_OK;
}

void prs_target_columns(struct prs_target *t, struct grx_genosrc *src)
{
	t->has_pl = grx_genosrc_has(src, "PL") || grx_genosrc_has(src, "GL");
	t->has_gp = grx_genosrc_has(src, "GP");
	t->has_ds = grx_genosrc_has(src, "DS");
	t->has_quality = grx_genosrc_has(src, "FT") || grx_genosrc_has(src, "GQ") ||
			 grx_genosrc_has(src, "DP") || grx_genosrc_has(src, "MIN_DP") ||
			 grx_genosrc_has(src, "RGQ");
	t->sex = grx_genosrc_sex(src);
}

void prs_target_clear(struct prs_target *t)
{
	grx_free(t->kind);
	grx_free(t->chrom_of);
	memset(t, 0, sizeof *t);
}
