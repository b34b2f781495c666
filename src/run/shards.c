/* SPDX-License-Identifier: GPL-3.0-or-later
 * shards.c -- regions and the shard grid. */
#include "run/shards.h"

#include "io/text.h"

int grx_regions(
	struct grx_ctx *cx, const struct grx_common *c, const struct grx_contigs *d, struct grx_bed **out)
{
	int rc = GRX_E_BUG;
	*out = NULL;
	if (!c->region.n && !c->regions_file)
		return GRX_OK;
	if (c->region.n && c->regions_file)
		return grx_fail(
			cx, GRX_E_USAGE, "--region and --regions-file exclude each other: give one of them");
	struct grx_bed *b = grx_bed_new();
	if (!b)
		return grx_fail_nomem(cx, "regions");
	for (int i = 0; i < c->region.n; i++)
		GRX_TRY(grx_region_parse(cx, c->region.v[i], d, b));
	if (c->regions_file)
		GRX_TRY(grx_bed_read(cx, c->regions_file, d, b));
	grx_bed_finish(b);
	*out = b;
	return GRX_OK;
out:
	grx_bed_free(b);
	return rc;
}

static int cut(struct grx_ctx *cx, struct grx_bed *out, const struct grx_interval *v, int64_t size)
{
	for (int64_t beg = v->beg, end = v->end; beg < end;) {
		int64_t stop = (beg / size + 1) * size;
		if (stop > end)
			stop = end;
		int rc = grx_bed_add(cx, out, v->tid, beg, stop);
		if (rc != GRX_OK)
			return rc;
		beg = stop;
	}
	return GRX_OK;
}

int grx_shards_cut(struct grx_ctx *cx, const struct grx_contigs *d, const struct grx_bed *regions,
	int64_t size, struct grx_bed **out)
{
	int rc = GRX_OK;
	struct grx_bed *b = grx_bed_new();
	if (!b)
		return grx_fail_nomem(cx, "shards");
	if (regions) {
		for (size_t i = 0; i < regions->n && rc == GRX_OK; i++)
			rc = cut(cx, b, &regions->v[i], size);
	} else {
		for (int32_t t = 0; t < d->n && rc == GRX_OK; t++)
			rc = cut(cx, b, &(struct grx_interval){.tid = t, .end = d->c[t].len}, size);
	}
	if (rc != GRX_OK) {
		grx_bed_free(b);
		return rc;
	}
	*out = b;
	return GRX_OK;
}
