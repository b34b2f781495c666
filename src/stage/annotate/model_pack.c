/* SPDX-License-Identifier: GPL-3.0-or-later
 * model_pack.c -- what was built into an image: transcripts sorted by contig, place and identifier, block
 * maxima, identifiers in order, checksums. The same lines in any order give the same bytes but for the
 * offsets of strings. */
#include "stage/annotate/model_int.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/out.h"

struct keyed {
	struct annotate_im_span span;
	uint32_t contig, at;
	const char *id;
};

static int keyed_order(const void *a, const void *b)
{
	const struct keyed *x = a, *y = b;
	if (x->contig != y->contig)
		return x->contig < y->contig ? -1 : 1;
	if (x->span.beg != y->span.beg)
		return x->span.beg < y->span.beg ? -1 : 1;
	if (x->span.end != y->span.end)
		return x->span.end < y->span.end ? -1 : 1;
	int c = strcmp(x->id, y->id);
	return c ? c : (x->at > y->at) - (x->at < y->at);
}

static int id_order(const void *a, const void *b)
{
	const struct keyed *x = a, *y = b;
	int c = strcmp(x->id, y->id);
	return c ? c : (x->at > y->at) - (x->at < y->at);
}

/* A section that the image owns. */
static void *section(struct annotate_image *im, enum annotate_section s, size_t n)
{
	im->own[s] = grx_calloc(n + 1, annotate_section_size(s));
	im->sec[s] = im->own[s];
	im->n[s] = n;
	return im->own[s];
}

static void take(struct annotate_image *im, enum annotate_section s, void *to_null, size_t n)
{
	void **p = to_null;
	im->own[s] = *p;
	im->sec[s] = *p;
	im->n[s] = n;
	*p = NULL;
}

/* Transcripts and spans in order; the old arrays go. */
static bool sort_tx(struct annotate_build *b, struct annotate_image *im, struct keyed *v)
{
	struct annotate_im_tx *tx = section(im, AT_S_TX, b->n_tx);
	struct annotate_im_span *span = section(im, AT_S_SPAN, b->n_tx);
	if (!tx || !span)
		return false;
	for (size_t i = 0; i < b->n_tx; i++)
		v[i] = (struct keyed){
			b->span[i], b->tx[i].contig, (uint32_t)i, annotate_pool_at(&b->pool, b->tx[i].id)};
	qsort(v, b->n_tx, sizeof *v, keyed_order);
	for (size_t i = 0; i < b->n_tx; i++) {
		tx[i] = b->tx[v[i].at];
		span[i] = v[i].span;
	}
	grx_free(b->tx);
	grx_free(b->span);
	b->tx = NULL;
	b->span = NULL;
	return true;
}

static bool index_tx(struct annotate_build *b, struct annotate_image *im, struct keyed *v)
{
	const struct annotate_im_tx *tx = im->sec[AT_S_TX];
	const struct annotate_im_span *span = im->sec[AT_S_SPAN];
	size_t n = b->n_tx;
	uint32_t *by_id = section(im, AT_S_BYID, n);
	int32_t *tree = section(im, AT_S_TREE, annotate_tree_size(n));
	if (!by_id || !tree)
		return false;
	if (n)
		annotate_tree_make(&span[0].end, sizeof *span, n, tree);
	for (size_t i = 0; i < n; i++)
		v[i] = (struct keyed){.at = (uint32_t)i, .id = annotate_pool_at(&b->pool, tx[i].id)};
	qsort(v, n, sizeof *v, id_order);
	for (size_t i = 0; i < n; i++)
		by_id[i] = v[i].at;
	return true;
}

static int feature_order(const void *a, const void *b)
{
	const struct annotate_raw_feature *x = a, *y = b;
	if (x->contig != y->contig)
		return x->contig < y->contig ? -1 : 1;
	if (x->beg != y->beg)
		return x->beg < y->beg ? -1 : 1;
	if (x->end != y->end)
		return x->end < y->end ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

static bool features(struct annotate_build *b, struct annotate_image *im)
{
	struct annotate_gff *g = b->g;
	size_t n = g->n_feature;
	struct annotate_im_feature *f = section(im, AT_S_FEATURE, n);
	int32_t *tree = section(im, AT_S_FTREE, annotate_tree_size(n));
	if (!f || !tree)
		return false;
	if (n)
		qsort(g->feature, n, sizeof *g->feature, feature_order);
	for (size_t i = 0; i < n; i++) {
		const struct annotate_raw_feature *r = &g->feature[i];
		f[i] = (struct annotate_im_feature){.beg = r->beg,
			.end = r->end,
			.id = annotate_pool_str(&b->pool, annotate_pool_at(&g->pool, r->id)),
			.biotype = annotate_pool_str(&b->pool, annotate_pool_at(&g->pool, r->biotype)),
			.motif = r->motif};
	}
	if (n)
		annotate_tree_make(&f[0].end, sizeof *f, n, tree);
	return true;
}

static bool contigs(struct annotate_build *b, struct annotate_image *im)
{
	const struct annotate_gff *g = b->g;
	const struct annotate_im_tx *tx = im->sec[AT_S_TX];
	struct annotate_im_contig *c = section(im, AT_S_CONTIG, g->n_seqid);
	size_t t = 0, f = 0;
	if (!c)
		return false;
	for (size_t i = 0; i < g->n_seqid; i++) {
		const struct annotate_seqid *q = &g->seqid[i];
		c[i] = (struct annotate_im_contig){
			.name = annotate_pool_str(&b->pool, annotate_pool_at(&g->pool, q->name)),
			.canonical = annotate_pool_str(&b->pool, annotate_pool_at(&g->pool, q->canonical)),
			.first = (uint32_t)t,
			.ffirst = (uint32_t)f,
			/* what goes on behind the origin of a circle was left out */
			.max_end = q->circular && q->max_end > q->circular ? q->circular : q->max_end,
			.build = q->build,
			.line = q->line};
		while (t < b->n_tx && tx[t].contig == i)
			t++;
		while (f < g->n_feature && g->feature[f].contig == (int32_t)i)
			f++;
		c[i].n = (uint32_t)t - c[i].first;
		c[i].fn = (uint32_t)f - c[i].ffirst;
	}
	return true;
}

int annotate_image_make(struct grx_ctx *cx, struct annotate_build *b, struct annotate_image *im)
{
	struct keyed *v = grx_malloc(b->n_tx + 1, sizeof *v);
	struct annotate_count *count = section(im, AT_S_COUNT, AT_R_N);
	bool ok = v && count && sort_tx(b, im, v) && index_tx(b, im, v) && features(b, im) &&
		  contigs(b, im) && !b->pool.failed;
	grx_free(v);
	if (!ok)
		return grx_fail_nomem(cx, "gene models");
	memcpy(count, b->g->count, sizeof b->g->count);
	take(im, AT_S_EXON, &b->exon, b->n_exon);
	take(im, AT_S_MARK, &b->mark, b->n_mark);
	take(im, AT_S_GENE, &b->gene, b->n_gene);
	take(im, AT_S_STRING, &b->pool.s, b->pool.n);
	struct annotate_im_tx *tx = im->own[AT_S_TX];
	for (size_t i = 0; i < b->n_tx; i++)
		tx[i].crc = annotate_image_crc(im, &tx[i]);
	im->trusted = true;
	return GRX_OK;
}

/* --- to disk --- */

static uint32_t crc_of(const void *p, size_t n)
{
	return (uint32_t)crc32_z(0, p, n);
}

void annotate_image_head(const struct annotate_image *im, struct annotate_im_head *h)
{
	uint64_t at = sizeof *h;
	memset(h, 0, sizeof *h);
	memcpy(h->magic, AT_GXM_MAGIC, sizeof h->magic);
	h->version = AT_GXM_VERSION;
	h->order = AT_GXM_ORDER;
	memcpy(h->sha, im->sha, sizeof h->sha);
	for (int s = 0; s < AT_S_N; s++) {
		size_t n = im->n[s] * annotate_section_size((enum annotate_section)s);
		h->sec[s] = (struct annotate_im_section){.off = at,
			.n = im->n[s],
			.size = (uint32_t)annotate_section_size((enum annotate_section)s),
			.crc = n ? crc_of(im->sec[s], n) : 0};
		at = (at + n + 7) & ~UINT64_C(7);
	}
	h->size = at;
	h->crc = crc_of(h, offsetof(struct annotate_im_head, crc));
}

void annotate_image_seal(void *file, size_t n)
{
	struct annotate_im_head *h = file;
	struct annotate_image im = {.trusted = true};
	for (int s = 0; s < AT_S_N; s++) {
		im.sec[s] = (char *)file + h->sec[s].off;
		im.n[s] = h->sec[s].n;
	}
	struct annotate_im_tx *tx = (struct annotate_im_tx *)(uintptr_t)im.sec[AT_S_TX];
	for (size_t i = 0; i < im.n[AT_S_TX]; i++)
		if (annotate_image_ranges(&im, &tx[i]))
			tx[i].crc = annotate_image_crc(&im, &tx[i]);
	for (int s = 0; s < AT_S_N; s++)
		h->sec[s].crc = h->sec[s].n ? crc_of(im.sec[s], h->sec[s].n * h->sec[s].size) : 0;
	h->size = n;
	h->crc = crc_of(h, offsetof(struct annotate_im_head, crc));
}

int annotate_image_write(struct grx_ctx *cx, const struct annotate_image *im, const char *path)
{
	static const char zero[8] = "";
	struct annotate_im_head h;
	struct grx_out *o;
	int rc = grx_out_open(cx, path, &o);
	if (rc)
		return rc;
	annotate_image_head(im, &h);
	grx_out_write(o, &h, sizeof h);
	for (int s = 0; s < AT_S_N; s++) {
		size_t n = im->n[s] * h.sec[s].size;
		if (n)
			grx_out_write(o, im->sec[s], n);
		grx_out_write(o, zero, (8 - n % 8) % 8);
	}
	return grx_out_close(cx, o);
}
