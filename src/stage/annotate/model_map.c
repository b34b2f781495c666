/* SPDX-License-Identifier: GPL-3.0-or-later
 * model_map.c -- a compiled model file as a read-only map.
 * Invariant: nothing of a mapped file is used before it was checked: head and all that is searched by
 * checksum at the opening, a transcript by its own checksum, ranges and order when it is asked for. */
#include "stage/annotate/model_int.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

_Static_assert(sizeof(struct annotate_im_contig) == 40, "section of a compiled model");
_Static_assert(sizeof(struct annotate_im_tx) == 92, "section of a compiled model");
_Static_assert(
	sizeof(struct annotate_im_head) == 8 + 8 + 8 + 72 + 24 * AT_S_N + 8, "head of a compiled model");

size_t annotate_section_size(enum annotate_section s)
{
	static const uint8_t size[AT_S_N] = {[AT_S_CONTIG] = sizeof(struct annotate_im_contig),
		[AT_S_SPAN] = sizeof(struct annotate_im_span),
		[AT_S_TREE] = sizeof(int32_t),
		[AT_S_TX] = sizeof(struct annotate_im_tx),
		[AT_S_EXON] = sizeof(struct annotate_exon),
		[AT_S_MARK] = sizeof(struct annotate_mark),
		[AT_S_GENE] = sizeof(struct annotate_im_gene),
		[AT_S_FEATURE] = sizeof(struct annotate_im_feature),
		[AT_S_FTREE] = sizeof(int32_t),
		[AT_S_BYID] = sizeof(uint32_t),
		[AT_S_STRING] = 1,
		[AT_S_COUNT] = sizeof(struct annotate_count)};
	return size[s];
}

void annotate_image_clear(struct annotate_image *im)
{
	for (int i = 0; i < AT_S_N; i++)
		grx_free(im->own[i]);
	if (im->map)
		munmap(im->map, im->map_n);
	memset(im, 0, sizeof *im);
}

void annotate_image_rest(const struct annotate_image *im)
{
	if (im->map) /* private and only read: nothing can be lost, and failure costs memory alone */
		(void)madvise(im->map, im->map_n, MADV_DONTNEED);
}

bool annotate_image_is(const char *path)
{
	char b[8];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool is = fd >= 0 && read(fd, b, sizeof b) == (ssize_t)sizeof b && memcmp(b, AT_GXM_MAGIC, 6) == 0;
	if (fd >= 0)
		close(fd);
	return is;
}

const char *annotate_image_str(const struct annotate_image *im, uint32_t at)
{
	return at < im->n[AT_S_STRING] ? (const char *)im->sec[AT_S_STRING] + at : "";
}

/* --- opening --- */

static int damaged(struct grx_ctx *cx, const char *path, const char *what)
{
	return grx_fail(cx, GRX_E_DATA,
		"%s: damaged compiled models (%s): make them again by --build-models from the GFF3", path,
		what);
}

static int head_check(struct grx_ctx *cx, const char *path, const struct annotate_im_head *h, uint64_t size)
{
	if (memcmp(h->magic, AT_GXM_MAGIC, sizeof h->magic) != 0)
		return damaged(cx, path, "changed by a transfer as text");
	if (h->order != AT_GXM_ORDER || h->version != AT_GXM_VERSION)
		return grx_fail(cx, GRX_E_DATA,
			"%s: compiled models of another version or machine: make them again by "
			"--build-models "
			"from the GFF3",
			path);
	if (h->crc != (uint32_t)crc32_z(
			      0, (const unsigned char *)h, offsetof(struct annotate_im_head, crc)) ||
		h->sha[sizeof h->sha - 1])
		return damaged(cx, path, "checksum of the head");
	if (h->size != size)
		return damaged(cx, path, "length");
	for (int s = 0; s < AT_S_N; s++) {
		const struct annotate_im_section *x = &h->sec[s];
		if (x->size != annotate_section_size((enum annotate_section)s) || x->off % 8 ||
			x->off < sizeof *h || x->off > size || x->n > (size - x->off) / x->size)
			return damaged(cx, path, "section table");
	}
	return GRX_OK;
}

/* What can be searched must be consistent. */
static bool sections_ok(const struct annotate_image *im)
{
	const char *str = im->sec[AT_S_STRING];
	size_t n = im->n[AT_S_TX], nf = im->n[AT_S_FEATURE];
	const struct annotate_im_contig *c = im->sec[AT_S_CONTIG];
	uint64_t t = 0, f = 0;
	if (im->n[AT_S_STRING] == 0 || str[0] || str[im->n[AT_S_STRING] - 1] || im->n[AT_S_SPAN] != n ||
		im->n[AT_S_BYID] != n || im->n[AT_S_COUNT] != AT_R_N ||
		im->n[AT_S_TREE] != annotate_tree_size(n) || im->n[AT_S_FTREE] != annotate_tree_size(nf) ||
		n > UINT32_MAX || nf > UINT32_MAX)
		return false;
	for (size_t i = 0; i < im->n[AT_S_CONTIG]; i++) {
		if (c[i].first != t || c[i].ffirst != f || c[i].name >= im->n[AT_S_STRING] ||
			c[i].canonical >= im->n[AT_S_STRING])
			return false;
		t += c[i].n;
		f += c[i].fn;
	}
	return t == n && f == nf;
}

static int sections_check(struct grx_ctx *cx, const char *path, const struct annotate_im_head *h, bool all,
	const struct annotate_image *im)
{
	static const bool searched[AT_S_N] = {[AT_S_CONTIG] = true,
		[AT_S_SPAN] = true,
		[AT_S_TREE] = true,
		[AT_S_FEATURE] = true,
		[AT_S_FTREE] = true,
		[AT_S_BYID] = true,
		[AT_S_COUNT] = true};
	for (int s = 0; s < AT_S_N; s++) {
		size_t n = im->n[s] * h->sec[s].size;
		for (uint64_t at = h->sec[s].off + n; all && at % 8 && at < h->size; at++)
			if (((const char *)h)[at])
				return damaged(cx, path, "between sections");
		if ((all || searched[s]) && n && (uint32_t)crc32_z(0, im->sec[s], n) != h->sec[s].crc)
			return damaged(cx, path, "checksum of a section");
	}
	return sections_ok(im) ? GRX_OK : damaged(cx, path, "its parts do not fit together");
}

int annotate_image_open(struct grx_ctx *cx, const char *path, bool all, struct annotate_image *im)
{
	int rc = GRX_E_BUG;
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	memset(im, 0, sizeof *im);
	if (fd < 0 || fstat(fd, &st) != 0)
		GRX_TRY(grx_fail(cx, GRX_E_NOINPUT, "%s: cannot be opened: %s", path, strerror(errno)));
	if (!S_ISREG(st.st_mode) || (size_t)st.st_size < sizeof(struct annotate_im_head))
		GRX_TRY(damaged(cx, path, "shorter than its head"));
	void *map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		GRX_TRY(grx_fail(cx, GRX_E_IO, "%s: cannot be mapped: %s", path, strerror(errno)));
	im->map = map;
	im->map_n = (size_t)st.st_size;
	const struct annotate_im_head *h = map;
	GRX_TRY(head_check(cx, path, h, (uint64_t)st.st_size));
	for (int s = 0; s < AT_S_N; s++) {
		im->sec[s] = (const char *)map + h->sec[s].off;
		im->n[s] = (size_t)h->sec[s].n;
	}
	memcpy(im->sha, h->sha, sizeof im->sha);
	GRX_TRY(sections_check(cx, path, h, all, im));
	rc = GRX_OK;
out:
	if (fd >= 0)
		close(fd);
	if (rc)
		annotate_image_clear(im);
	return rc;
}

/* --- one transcript --- */

static uint32_t crc_str(const struct annotate_image *im, uint32_t crc, uint32_t at)
{
	const char *s = annotate_image_str(im, at);
	return (uint32_t)crc32_z(crc, (const unsigned char *)s, strlen(s) + 1);
}

uint32_t annotate_image_crc(const struct annotate_image *im, const struct annotate_im_tx *x)
{
	const struct annotate_exon *e = im->sec[AT_S_EXON];
	const struct annotate_mark *m = im->sec[AT_S_MARK];
	const struct annotate_im_gene *g = (const struct annotate_im_gene *)im->sec[AT_S_GENE] + x->gene;
	const uint32_t str[] = {x->id, x->id_version, x->biotype, x->protein, x->ccds, x->source, x->mane,
		x->appris, x->tsl, g->id, g->symbol, g->hgnc};
	uint32_t crc = (uint32_t)crc32_z(
		0, (const unsigned char *)x + sizeof x->crc, sizeof *x - sizeof x->crc);
	crc = (uint32_t)crc32_z(crc, (const unsigned char *)(e + x->exon), x->n_exon * sizeof *e);
	if (x->n_mark)
		crc = (uint32_t)crc32_z(crc, (const unsigned char *)(m + x->mark), x->n_mark * sizeof *m);
	for (size_t i = 0; i < sizeof str / sizeof *str; i++)
		crc = crc_str(im, crc, str[i]);
	return crc;
}

bool annotate_image_ranges(const struct annotate_image *im, const struct annotate_im_tx *x)
{
	return x->n_exon > 0 && x->exon <= im->n[AT_S_EXON] && x->n_exon <= im->n[AT_S_EXON] - x->exon &&
	       x->mark <= im->n[AT_S_MARK] && x->n_mark <= im->n[AT_S_MARK] - x->mark &&
	       x->gene < im->n[AT_S_GENE] && x->contig < im->n[AT_S_CONTIG] &&
	       (x->strand == 1 || x->strand == -1) && (x->table == 1 || x->table == 2 || x->table == 11) &&
	       x->pad >= 0 && x->pad <= 2;
}

/* Exons in transcript order with running offsets, within the span; *len the length of the cDNA. */
static bool exons_ok(const struct annotate_image *im, const struct annotate_im_tx *x, size_t i, int64_t *len)
{
	const struct annotate_exon *e = (const struct annotate_exon *)im->sec[AT_S_EXON] + x->exon;
	const struct annotate_im_span *s = (const struct annotate_im_span *)im->sec[AT_S_SPAN] + i;
	uint32_t n = x->n_exon;
	*len = 0;
	for (uint32_t k = 0; k < n; k++) {
		if (e[k].beg < 0 || e[k].beg >= e[k].end || e[k].cdna != *len)
			return false;
		if (k && (x->strand > 0 ? e[k].beg <= e[k - 1].end : e[k].end >= e[k - 1].beg))
			return false;
		*len += e[k].end - e[k].beg;
	}
	return e[x->strand > 0 ? 0 : n - 1].beg == s->beg && e[x->strand > 0 ? n - 1 : 0].end == s->end &&
	       *len <= INT32_MAX;
}

static bool marks_ok(const struct annotate_image *im, const struct annotate_im_tx *x, int64_t len)
{
	const struct annotate_mark *m = (const struct annotate_mark *)im->sec[AT_S_MARK] + x->mark;
	int32_t last = 0;
	for (uint32_t k = 0; k < x->n_mark; k++) {
		if (m[k].kind < AT_MARK_MATURE || m[k].kind > AT_MARK_DIFF || m[k].a < 0 || m[k].b < 0)
			return false;
		if (m[k].kind == AT_MARK_SLIP) {
			if (m[k].a <= last || m[k].a < x->cds_beg || m[k].a > x->cds_end ||
				m[k].b < x->cds_beg || m[k].b > x->cds_end)
				return false;
			last = m[k].a;
		}
		if (m[k].kind == AT_MARK_SEC && (m[k].a < 1 || m[k].a > len + 1))
			return false;
		if (m[k].kind == AT_MARK_DIFF && (m[k].b > len || m[k].a > m[k].b))
			return false;
	}
	return true;
}

static bool tx_ok(const struct annotate_image *im, const struct annotate_im_tx *x, size_t i, int64_t *len)
{
	if (!annotate_image_ranges(im, x) || (!im->trusted && annotate_image_crc(im, x) != x->crc) ||
		!exons_ok(im, x, i, len) || !marks_ok(im, x, *len))
		return false;
	const struct annotate_im_contig *c = (const struct annotate_im_contig *)im->sec[AT_S_CONTIG] +
					     x->contig;
	const struct annotate_im_span *s = (const struct annotate_im_span *)im->sec[AT_S_SPAN] + i;
	if (i < c->first || i >= (size_t)c->first + c->n || s->end > c->max_end)
		return false;
	return !x->coding ||
	       (x->cds_beg >= 1 && x->cds_beg <= x->cds_end && x->cds_end <= *len &&
		       x->coding_beg >= s->beg && x->coding_beg < x->coding_end && x->coding_end <= s->end);
}

bool annotate_image_tx(const struct annotate_image *im, size_t i, struct annotate_tx *t)
{
	const struct annotate_im_tx *x = (const struct annotate_im_tx *)im->sec[AT_S_TX] + i;
	const struct annotate_im_span *s = (const struct annotate_im_span *)im->sec[AT_S_SPAN] + i;
	int64_t len;
	if (i >= im->n[AT_S_TX] || !tx_ok(im, x, i, &len))
		return false;
	const struct annotate_im_gene *g = (const struct annotate_im_gene *)im->sec[AT_S_GENE] + x->gene;
	*t = (struct annotate_tx){.index = i,
		.strand = x->strand,
		.table = x->table,
		.pad = x->pad,
		.coding = x->coding,
		.nmd = x->nmd,
		.start_nf = x->nf & 1,
		.end_nf = x->nf >> 1 & 1,
		.flags = x->flags,
		.beg = s->beg,
		.end = s->end,
		.n_exon = (int32_t)x->n_exon,
		.exon = (const struct annotate_exon *)im->sec[AT_S_EXON] + x->exon,
		.n_mark = (int32_t)x->n_mark,
		.mark = (const struct annotate_mark *)im->sec[AT_S_MARK] + x->mark,
		.cdna_len = len,
		.cds_beg = x->cds_beg,
		.cds_end = x->cds_end,
		.coding_beg = x->coding_beg,
		.coding_end = x->coding_end,
		.id = annotate_image_str(im, x->id),
		.id_version = annotate_image_str(im, x->id_version),
		.gene = annotate_image_str(im, g->id),
		.symbol = annotate_image_str(im, g->symbol),
		.biotype = annotate_image_str(im, x->biotype),
		.protein = annotate_image_str(im, x->protein),
		.ccds = annotate_image_str(im, x->ccds),
		.source = annotate_image_str(im, x->source),
		.hgnc = annotate_image_str(im, g->hgnc),
		.mane = annotate_image_str(im, x->mane),
		.appris = annotate_image_str(im, x->appris),
		.tsl = annotate_image_str(im, x->tsl),
		.pick = x->pick,
		.gene_no = x->gene};
	return true;
}
