/* SPDX-License-Identifier: GPL-3.0-or-later
 * readsrc_idx.c -- is this the index of this file? htslib never asks: an index of another file gives no reads
 * and no error. Checked: age, number of contigs, offsets within the file, and by content: the record at the
 * start of a contig's chunks must lie on that contig, the record after its last chunk must not. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/log.h"
#include "io/readsrc_int.h"

enum { CONTENT_CHECKS = 64 };

/* Callers set errno to 0 before they ask htslib: a read error is no foreign index. */
static int idx_bad(struct grx_ctx *cx, const struct rs_file *s, const char *what)
{
	int rc = grx_hts_sys_fail(cx, s->path, errno);

	if (rc)
		return rc;
	return grx_fail(cx, GRX_E_MISMATCH,
		"%s: %s: not the index of %s; make it again with `samtools index %s`", s->idx_name, what,
		s->path, s->path);
}

/* Contig of the record at a virtual offset: *tid; -1 unplaced or end of file. false: nothing readable there.
 */
static bool tid_at(struct rs_handle *h, uint64_t voff, int32_t *tid)
{
	BGZF *fp = h->fp->fp.bgzf;
	int r;

	*tid = -1;
	if (bgzf_seek(fp, (int64_t)voff, SEEK_SET) < 0)
		return false;
	r = sam_read1(h->fp, h->hdr, h->rec);
	if (r == -1)
		return true;
	if (r < 0)
		return false;
	*tid = h->rec->core.tid;
	return true;
}

static int contig_check(struct grx_ctx *cx, struct rs_file *s, struct rs_handle *h, int32_t tid, bool content)
{
	int64_t size = grx_file_size(s->path);
	errno = 0;
	hts_itr_t *it = sam_itr_queryi(s->idx, tid, 0, s->head.contigs->c[tid].len);
	uint64_t mapped = 0, unmapped = 0;
	int32_t at, after;
	int rc = GRX_OK;

	if (!it)
		return idx_bad(cx, s, "a contig can't be queried");
	if (hts_idx_get_stat(s->idx, tid, &mapped, &unmapped) == 0)
		s->n_mapped[tid] = (int64_t)mapped;
	else if (it->n_off > 0)
		s->n_mapped[tid] = -1;
	if (it->n_off == 0) {
		if (mapped + unmapped)
			rc = idx_bad(cx, s, "it counts reads on a contig but points to none");
	} else if (size >= 0 && (int64_t)(it->off[it->n_off - 1].v >> 16) > size) {
		rc = idx_bad(cx, s, "it points beyond the end of the file");
	} else if (content && (!tid_at(h, it->off[0].u, &at) || at != tid)) {
		rc = idx_bad(cx, s, "the first read it names for a contig is not on that contig");
	} else if (content && (!tid_at(h, it->off[it->n_off - 1].v, &after) || after == tid)) {
		rc = idx_bad(cx, s, "reads of a contig follow after the last it knows");
	}
	sam_itr_destroy(it);
	return rc;
}

/* The first placed record of the file must be on a contig that the index has reads for. */
static int first_check(struct grx_ctx *cx, struct rs_file *s, struct rs_handle *h, int64_t start)
{
	hts_itr_t *it;
	int32_t tid;
	int rc = GRX_OK;

	errno = 0;
	if (!tid_at(h, (uint64_t)start, &tid) || tid < 0 || tid >= s->head.contigs->n)
		return GRX_OK; /* empty, or corrupt: the first fetch will say so */
	it = sam_itr_queryi(s->idx, tid, 0, s->head.contigs->c[tid].len);
	if (!it || it->n_off == 0)
		rc = idx_bad(cx, s, "it knows no reads on the contig of the first read");
	if (it)
		sam_itr_destroy(it);
	return rc;
}

static int bam_index_check(struct grx_ctx *cx, struct rs_file *s)
{
	struct rs_handle *h = &s->h[0];
	int32_t i, n = s->head.contigs->n, done = 0;
	int64_t start = bgzf_tell(h->fp->fp.bgzf);
	bool counted = true;
	int rc;

	errno = 0;
	if (hts_idx_nseq(s->idx) != n)
		return idx_bad(cx, s, "its number of contigs differs from the header's");
	s->n_mapped = grx_calloc((size_t)n, sizeof(*s->n_mapped));
	if (!s->n_mapped)
		return grx_fail_nomem(cx, "index statistics");
	for (i = 0; i < n; i++) {
		rc = contig_check(cx, s, h, i, done < CONTENT_CHECKS);
		if (rc)
			return rc;
		done += s->n_mapped[i] != 0;
		counted = counted && s->n_mapped[i] >= 0;
	}
	rc = first_check(cx, s, h, start);
	if (rc)
		return rc;
	if (!counted) {
		grx_free(s->n_mapped);
		s->n_mapped = NULL;
	}
	s->n_unplaced = (int64_t)hts_idx_get_n_no_coor(s->idx);
	if (bgzf_seek(h->fp->fp.bgzf, start, SEEK_SET) < 0)
		return grx_fail(cx, GRX_E_IO, "%s: seek failed", s->path);
	return GRX_OK;
}

/* CSI files claim their own geometry: refuse what can't cover a contig or overflows htslib's shifts. */
static int csi_sane(struct grx_ctx *cx, const struct rs_file *s)
{
	errno = 0;
	BGZF *fp = bgzf_open(s->idx_name, "r");
	unsigned char b[16];
	int32_t min_shift, depth, laux;
	ssize_t n;

	if (!fp)
		return GRX_OK;
	n = bgzf_read(fp, b, 16);
	(void)bgzf_close(fp);
	if (n < 16 || memcmp(b, "CSI\1", 4))
		return n >= 4 && !memcmp(b, "CSI\1", 4) ? idx_bad(cx, s, "truncated") : GRX_OK;
	min_shift = (int32_t)((uint32_t)b[4] | (uint32_t)b[5] << 8 | (uint32_t)b[6] << 16 |
			      (uint32_t)b[7] << 24);
	depth = (int32_t)((uint32_t)b[8] | (uint32_t)b[9] << 8 | (uint32_t)b[10] << 16 |
			  (uint32_t)b[11] << 24);
	laux = (int32_t)((uint32_t)b[12] | (uint32_t)b[13] << 8 | (uint32_t)b[14] << 16 |
			 (uint32_t)b[15] << 24);
	if (min_shift < 1 || min_shift > 30 || depth < 1 || depth > 10 || min_shift + 3 * depth > 60 ||
		laux < 0 || laux > 1 << 26)
		return idx_bad(cx, s, "impossible bin sizes");
	return GRX_OK;
}

/* A BAI's own counts against its size, before htslib allocates by them. */
static int bai_sane(struct grx_ctx *cx, const struct rs_file *s)
{
	int64_t size = grx_file_size(s->idx_name);
	unsigned char b[8];
	errno = 0;
	FILE *fp = fopen(s->idx_name, "rb");
	uint32_t n;
	size_t got;

	if (!fp && errno == ENOMEM)
		return grx_fail_nomem(cx, "index");
	if (!fp)
		return grx_fail(cx, GRX_E_NOINPUT, "%s: can't be opened: %s", s->idx_name, strerror(errno));
	got = fread(b, 1, 8, fp);
	fclose(fp);
	if (got < 8)
		return idx_bad(cx, s, "empty or truncated");
	if (memcmp(b, "BAI\1", 4))
		return idx_bad(cx, s, "not a BAI file");
	n = (uint32_t)b[4] | (uint32_t)b[5] << 8 | (uint32_t)b[6] << 16 | (uint32_t)b[7] << 24;
	if (n > INT32_MAX || 8 + (int64_t)n * 8 > size)
		return idx_bad(cx, s, "it counts more contigs than fit into its size");
	return GRX_OK;
}

int rs_index_open(struct grx_ctx *cx, struct rs_file *s)
{
	static const char *const bam[] = {".bai", ".csi", "^.bai", "^.csi", NULL};
	static const char *const cram[] = {".crai", "^.crai", NULL};
	int rc = GRX_E_BUG;

	GRX_TRY(grx_index_find(cx, s->path, s->is_cram ? cram : bam, &s->idx_name));
	if (!s->idx_name)
		return GRX_OK;
	GRX_TRY(grx_index_fresh(cx, s->path, s->idx_name, "samtools index"));
	if (s->is_cram)
		return GRX_OK; /* each handle loads its own */
	if (grx_ends(s->idx_name, ".bai"))
		GRX_TRY(bai_sane(cx, s));
	else
		GRX_TRY(csi_sane(cx, s));
	errno = 0;
	s->idx = sam_index_load3(s->h[0].fp, s->name, s->idx_name, HTS_IDX_SILENT_FAIL);
	if (!s->idx) {
		rc = idx_bad(cx, s, "truncated or corrupt");
		goto out;
	}
	GRX_TRY(bam_index_check(cx, s));
	s->indexed = true;
	rc = GRX_OK;
out:
	return rc;
}
