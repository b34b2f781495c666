/* SPDX-License-Identifier: GPL-3.0-or-later
 * readsrc.c -- open and close a BAM or CRAM with every check that htslib leaves out.
 * Invariants: worker w touches handle w only; the shared index is read-only; the stream uses handle 0. */
#include "io/readsrc.h"

#include <errno.h>
#include <string.h>

#include <htslib/cram.h>

#include "base/log.h"
#include "base/str.h"
#include "io/fasta.h"
#include "io/readsrc_int.h"

static int format_check(struct grx_ctx *cx, const char *path, samFile *fp, bool *is_cram)
{
	const htsFormat *f = hts_get_format(fp);

	*is_cram = f->format == cram;
	if (f->format == cram)
		return GRX_OK;
	if (f->format == sam)
		return grx_fail(cx, GRX_E_DATA,
			"%s: SAM text, expected BAM or CRAM: `samtools sort -o out.bam` makes one", path);
	if (f->format != bam)
		return grx_fail(cx, GRX_E_DATA, "%s: neither BAM nor CRAM", path);
	if (f->compression == gzip)
		return grx_fail(cx, GRX_E_DATA,
			"%s: BAM in plain gzip, expected BGZF: `samtools view -b` rewrites it", path);
	if (f->compression != bgzf)
		return grx_fail(
			cx, GRX_E_DATA, "%s: BAM without BGZF blocks: `samtools view -b` rewrites it", path);
	return GRX_OK;
}

/* Sequences come from our own FASTA alone. */
static int cram_reference(struct grx_ctx *cx, const struct grx_readsrc *s, samFile *fp)
{
	if (hts_set_opt(fp, CRAM_OPT_REFERENCE, s->fasta) < 0)
		return grx_fail(cx, GRX_E_MISMATCH, "%s: htslib can't use the reference %s for CRAM", s->path,
			s->fasta);
	return GRX_OK;
}

int rs_handle_open(struct grx_ctx *cx, const struct grx_readsrc *s, struct rs_handle *h)
{
	bool is_cram = false;
	int rc = GRX_E_BUG;

	errno = 0;
	h->fp = hts_open(s->name, "r");
	if (!h->fp) {
		GRX_TRY(grx_hts_sys_fail(cx, s->path, errno));
		rc = errno == ENOEXEC || errno == 0
			     ? grx_fail(cx, GRX_E_DATA, "%s: empty, truncated or not a BAM or CRAM file",
				       s->path)
			     : grx_fail(cx, GRX_E_NOINPUT, "%s: can't be opened: %s", s->path,
				       strerror(errno));
		return rc;
	}
	GRX_TRY(format_check(cx, s->path, h->fp, &is_cram));
	if (is_cram && s->fasta)
		GRX_TRY(cram_reference(cx, s, h->fp));
	errno = 0;
	h->hdr = sam_hdr_read(h->fp);
	if (!h->hdr) {
		rc = is_cram ? grx_fail(cx, GRX_E_DATA, "%s: truncated or corrupt CRAM header", s->path)
			     : grx_bgzf_fail(cx, h->fp->fp.bgzf, s->path, "in the header");
		goto out;
	}
	h->rec = bam_init1();
	rc = h->rec ? GRX_OK : grx_fail_nomem(cx, "read");
out:
	return rc;
}

static void handle_close(struct rs_handle *h)
{
	if (h->rec)
		bam_destroy1(h->rec);
	if (h->idx)
		hts_idx_destroy(h->idx);
	if (h->hdr)
		sam_hdr_destroy(h->hdr);
	if (h->fp)
		(void)hts_close(h->fp); /* read only */
	grx_free(h->v);
}

/* "1.16" or "1.21.1-dirty" -> 1016000, 1021001. */
static int64_t hts_release(void)
{
	const char *p = hts_version();
	int64_t part[3] = {0, 0, 0};
	int i;

	for (i = 0; i < 3; i++) {
		while (*p >= '0' && *p <= '9')
			part[i] = part[i] * 10 + (*p++ - '0');
		if (*p != '.')
			break;
		p++;
	}
	return part[0] * 1000000 + part[1] * 1000 + part[2];
}

/* A CRAM needs our reference for every contig; a contig that is absent would send htslib to the header's UR:
 * path. */
static int cram_check(struct grx_ctx *cx, struct grx_readsrc *s)
{
	struct grx_fasta *fa = NULL;
	int rc = GRX_E_BUG;

	if (!s->fasta)
		return grx_fail(cx, GRX_E_MISMATCH,
			"%s: a CRAM can't be read without its reference: give the FASTA it was made with "
			"(-f)",
			s->path);
	GRX_TRY(grx_fasta_open(cx, s->fasta, &fa));
	GRX_TRY(grx_fasta_check(cx, fa, s->head.contigs, s->path, true, false));
	if (hts_release() < 1021001)
		grx_warn(cx,
			"%s: the CRAM decoder of htslib %s has known memory errors (fixed in 1.21.1): read "
			"only CRAM files "
			"that you trust, or convert to BAM first",
			s->path, hts_version());
	if (hts_check_EOF(s->h[0].fp) == 0) {
		if (!s->allow_missing_eof) {
			rc = grx_fail(cx, GRX_E_DATA,
				"%s: no CRAM end-of-file container: the file is truncated; copy or make it "
				"again",
				s->path);
			goto out;
		}
		grx_warn(cx, "%s: no CRAM end-of-file container: the file may be truncated", s->path);
	}
	rc = GRX_OK;
out:
	grx_fasta_close(fa);
	return rc;
}

/* Region queries of CRAM lose data before 1.18 when containers nest: such a file is read as a stream. */
static void cram_index_use(struct grx_ctx *cx, struct grx_readsrc *s)
{
	if (!s->idx_name)
		return;
	if (hts_release() >= 1018000)
		s->info.indexed = true;
	else
		grx_warn(cx,
			"%s: region queries of CRAM are not reliable in htslib %s (fixed in 1.18): reading "
			"it in sequence",
			s->path, hts_version());
}

static int source_setup(struct grx_ctx *cx, const struct grx_readsrc_opt *o, struct grx_readsrc *s)
{
	s->path = grx_strdup(o->path);
	s->fasta_own = o->fasta ? grx_strdup(o->fasta) : NULL;
	s->fasta = s->fasta_own;
	s->allow_missing_eof = o->allow_missing_eof;
	s->n_handle = o->workers > 0 ? o->workers : 1;
	s->h = grx_calloc((size_t)s->n_handle, sizeof(*s->h));
	s->st.mem[0] = grx_arena_new();
	s->st.mem[1] = grx_arena_new();
	s->st.tid = s->st.last_tid = -1;
	if (!s->path || !s->h || (o->fasta && !s->fasta) || !s->st.mem[0] || !s->st.mem[1])
		return grx_fail_nomem(cx, "reads source");
	return GRX_OK;
}

int grx_readsrc_open(struct grx_ctx *cx, const struct grx_readsrc_opt *o, struct grx_readsrc **out)
{
	struct grx_readsrc *s = grx_calloc(1, sizeof(*s));
	int rc = GRX_E_BUG;

	*out = NULL;
	if (!s)
		return grx_fail_nomem(cx, "reads source");
	grx_hts_quiet();
	GRX_TRY(source_setup(cx, o, s));
	GRX_TRY(grx_hts_name(cx, o->path, &s->name));
	GRX_TRY(grx_readable_check(cx, o->path));
	GRX_TRY(rs_handle_open(cx, s, &s->h[0]));
	s->is_cram = hts_get_format(s->h[0].fp)->format == cram;
	if (!s->is_cram)
		GRX_TRY(grx_bgzf_eof_check(cx, s->h[0].fp->fp.bgzf, s->path, s->allow_missing_eof));
	GRX_TRY(rs_head_read(cx, s->path, s->h[0].hdr, o->sample, &s->head));
	if (s->is_cram)
		GRX_TRY(cram_check(cx, s));
	s->info.path = s->path;
	s->info.sample = s->head.sample;
	s->info.n_sample = 1;
	s->info.samples = (const char *const *)&s->head.sample;
	s->info.n_unplaced = -1;
	GRX_TRY(rs_index_open(cx, s));
	if (s->is_cram)
		cram_index_use(cx, s);
	*out = s;
	s = NULL;
	rc = GRX_OK;
out:
	grx_readsrc_close(s);
	return rc;
}

void grx_readsrc_close(struct grx_readsrc *s)
{
	int i;

	if (!s)
		return;
	for (i = 0; s->h && i < s->n_handle; i++)
		handle_close(&s->h[i]);
	if (s->idx)
		hts_idx_destroy(s->idx);
	rs_head_clear(&s->head);
	rs_stream_clear(&s->st);
	grx_free(s->h);
	grx_free(s->idx_name);
	grx_free(s->n_mapped);
	grx_free(s->name);
	grx_free(s->path);
	grx_free(s->fasta_own);
	grx_free(s);
}

const struct grx_contigs *grx_readsrc_contigs(const struct grx_readsrc *s)
{
	return s->head.contigs;
}

const struct grx_reads_info *grx_readsrc_info(const struct grx_readsrc *s)
{
	return &s->info;
}

bool grx_readsrc_sequential(const struct grx_readsrc *s)
{
	return s->idx_name && !s->info.indexed;
}
