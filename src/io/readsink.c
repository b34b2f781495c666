/* SPDX-License-Identifier: GPL-3.0-or-later
 * readsink.c -- BAM in coordinate order with its BAI, both through the output registry.
 * The index is made from the closed file, so that it can't be older than the data or describe what was not
 * written. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <htslib/sam.h>

#include "base/out.h"
#include "base/str.h"
#include "io/htsmisc.h"
#include "io/readsrc.h"

struct grx_readsink {
	char *path;
	const char *temp, *idx_temp; /* borrowed from the registry */
	char *name;                  /* temp as htslib gets it */
	samFile *fp;
	sam_hdr_t *hdr;
	bam1_t *rec;
	int32_t last_tid;
	int64_t last_pos;
	uint8_t *buf; /* unpacked bases */
	size_t cap;
};

static int hdr_make(
	struct grx_ctx *cx, struct grx_readsink *s, const struct grx_contigs *d, const char *sample)
{
	char len[32];
	int32_t i;
	int bad;

	s->hdr = sam_hdr_init();
	if (!s->hdr)
		return grx_fail_nomem(cx, "BAM header");
	bad = sam_hdr_add_line(s->hdr, "HD", "VN", "1.6", "SO", "coordinate", NULL) < 0;
	for (i = 0; i < d->n && !bad; i++) {
		snprintf(len, sizeof(len), "%lld", (long long)d->c[i].len);
		if (d->c[i].m5[0])
			bad = sam_hdr_add_line(s->hdr, "SQ", "SN", d->c[i].name, "LN", len, "M5", d->c[i].m5,
				      NULL) < 0;
		else
			bad = sam_hdr_add_line(s->hdr, "SQ", "SN", d->c[i].name, "LN", len, NULL) < 0;
	}
	if (!bad)
		bad = sam_hdr_add_line(
			      s->hdr, "RG", "ID", "1", "SM", sample, "LB", "1", "PL", "ILLUMINA", NULL) < 0;
	return bad ? grx_fail(cx, GRX_E_DATA, "BAM header: a contig or sample name that SAM does not allow")
		   : GRX_OK;
}

int grx_readsink_open(struct grx_ctx *cx, const char *path, const struct grx_contigs *d, const char *sample,
	struct grx_readsink **out)
{
	struct grx_readsink *s = grx_calloc(1, sizeof(*s));
	struct grx_str bai = {0};
	int rc = GRX_E_BUG;

	*out = NULL;
	if (!s)
		return grx_fail_nomem(cx, "BAM output");
	grx_hts_quiet();
	s->last_tid = -1;
	s->path = grx_strdup(path);
	s->rec = bam_init1();
	grx_str_add(&bai, path);
	grx_str_add(&bai, ".bai");
	if (!s->path || !s->rec || bai.oom) {
		rc = grx_fail_nomem(cx, "BAM output");
		goto out;
	}
	GRX_TRY(grx_outs_temp(cx, path, &s->temp));
	if (strcmp(path, "-"))
		GRX_TRY(grx_outs_temp(cx, bai.s, &s->idx_temp));
	GRX_TRY(grx_hts_name(cx, s->temp, &s->name));
	GRX_TRY(hdr_make(cx, s, d, sample));
	errno = 0;
	s->fp = hts_open(s->name, "wb");
	if (!s->fp || sam_hdr_write(s->fp, s->hdr) < 0) {
		rc = grx_fail(cx, GRX_E_IO, "%s: write failed: %s", path, strerror(errno));
		goto out;
	}
	*out = s;
	s = NULL;
	rc = GRX_OK;
out:
	grx_str_clear(&bai);
	grx_readsink_abandon(s);
	return rc;
}

static int order_check(struct grx_ctx *cx, struct grx_readsink *s, const struct grx_read *r)
{
	bool placed = r->tid >= 0, last = s->last_tid >= 0;

	if (s->last_tid == -2
			? placed
			: last && placed &&
				  (r->tid < s->last_tid || (r->tid == s->last_tid && r->pos < s->last_pos)))
		return grx_fail(cx, GRX_E_BUG, "%s: reads must be written in coordinate order", s->path);
	s->last_tid = placed ? r->tid : -2;
	s->last_pos = r->pos;
	return GRX_OK;
}

int grx_readsink_put(struct grx_ctx *cx, struct grx_readsink *s, const struct grx_read *r)
{
	int32_t i;
	int rc = order_check(cx, s, r);
	bool no_qual = r->l_seq > 0 && r->qual[0] == 255;

	if (rc)
		return rc;
	if (grx_grow(&s->buf, &s->cap, (size_t)r->l_seq + 1, 1, 0))
		return grx_fail_nomem(cx, "read");
	for (i = 0; i < r->l_seq; i++)
		s->buf[i] = (uint8_t)grx_nt16[GRX_SEQ_CODE(r->seq, i)];
	if (bam_set1(s->rec, strlen(r->name), r->name, r->flag, r->tid, r->pos, r->mapq, r->n_cigar, r->cigar,
		    r->mtid, r->mpos, r->isize, (size_t)r->l_seq, (const char *)s->buf,
		    no_qual || !r->l_seq ? NULL : (const char *)r->qual, 16) < 0)
		return grx_fail(cx, GRX_E_DATA, "%s: read '%s' can't be written: CIGAR and SEQ must fit",
			s->path, r->name);
	if (bam_aux_update_str(s->rec, "RG", 2, "1") < 0 ||
		(r->nm >= 0 && bam_aux_update_int(s->rec, "NM", r->nm) < 0))
		return grx_fail_nomem(cx, "read");
	errno = 0;
	if (sam_write1(s->fp, s->hdr, s->rec) < 0)
		return grx_fail(cx, GRX_E_IO, "%s: write failed: %s", s->path, strerror(errno));
	return GRX_OK;
}

int grx_readsink_close(struct grx_ctx *cx, struct grx_readsink *s)
{
	int rc = GRX_E_BUG, r;

	errno = 0;
	r = hts_close(s->fp);
	s->fp = NULL;
	if (r < 0) {
		rc = grx_fail(cx, GRX_E_IO, "%s: write failed: %s", s->path, strerror(errno));
		goto out;
	}
	if (!s->idx_temp) {
		rc = GRX_OK;
		goto out;
	}
	GRX_TRY(grx_outs_sync(cx, s->temp));
	if (sam_index_build3(s->name, s->idx_temp, 0, 1) < 0) {
		rc = grx_fail(cx, GRX_E_IO, "%s.bai: the index can't be made: %s", s->path, strerror(errno));
		goto out;
	}
	rc = grx_outs_sync(cx, s->idx_temp);
out:
	grx_readsink_abandon(s);
	return rc;
}

void grx_readsink_abandon(struct grx_readsink *s)
{
	if (!s)
		return;
	if (s->fp)
		(void)hts_close(s->fp); /* the temp file is thrown away */
	if (s->hdr)
		sam_hdr_destroy(s->hdr);
	if (s->rec)
		bam_destroy1(s->rec);
	grx_free(s->buf);
	grx_free(s->name);
	grx_free(s->path);
	grx_free(s);
}
