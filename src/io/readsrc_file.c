/* SPDX-License-Identifier: GPL-3.0-or-later
 * readsrc_file.c -- open and close one BAM or CRAM with every check that htslib leaves out.
 * Invariants: a handle is used by the thread that took it; the shared index is read-only; the stream uses
 * handle 0. */
#include "io/readsrc_int.h"

#include <errno.h>
#include <string.h>

#include <htslib/cram.h>
#include <htslib/hfile.h>

#include "base/log.h"
#include "base/str.h"
#include "io/fasta.h"
#include "io/sniff.h"

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
static int cram_reference(struct grx_ctx *cx, const struct rs_file *s, samFile *fp)
{
	if (hts_set_opt(fp, CRAM_OPT_REFERENCE, s->fasta) < 0)
		return grx_fail(cx, GRX_E_MISMATCH, "%s: htslib can't use the reference %s for CRAM", s->path,
			s->fasta);
	return GRX_OK;
}

/* --strict-cram: told by the first bytes, before any CRAM code sees the file. */
static int strict_check(struct grx_ctx *cx, const struct rs_file *s, hFILE *f)
{
	char magic[4];

	if (hpeek(f, magic, 4) != 4 || memcmp(magic, "CRAM", 4) || grx_htslib_cram_safe(hts_version()))
		return GRX_OK;
	return grx_fail(cx, GRX_E_GATE,
		"%s: a CRAM, and the decoder of htslib %s has known memory errors (CVE-2026-31962 to "
		"-31971): "
		"refused by --strict-cram; 1.22.0, 1.22.1 and 1.23.0 are affected too: use htslib 1.21.1, "
		"1.22.2 or "
		"1.23.1 and their successors, or convert to BAM elsewhere",
		s->path, hts_version());
}

/* *out NULL with GRX_OK: htslib refused, errno says why. */
static int htsfile_open(struct grx_ctx *cx, const struct rs_file *s, samFile **out)
{
	hFILE *f;
	int rc = GRX_OK;

	*out = NULL;
	if (!s->strict_cram) {
		*out = hts_open(s->name, "r");
		return GRX_OK;
	}
	f = hopen(s->name, "r");
	if (!f)
		return GRX_OK;
	rc = strict_check(cx, s, f);
	if (rc == GRX_OK)
		*out = hts_hopen(f, s->name, "r");
	if (!*out)
		hclose_abruptly(f);
	return rc;
}

static int handle_open(struct grx_ctx *cx, const struct rs_file *s, struct rs_handle *h)
{
	bool is_cram = false;
	int rc = GRX_E_BUG;

	errno = 0;
	GRX_TRY(htsfile_open(cx, s, &h->fp));
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
	*h = (struct rs_handle){0};
}

void rs_handles_close(struct rs_file *f)
{
	for (int i = 0; f->h && i < f->n_handle; i++)
		handle_close(&f->h[i]);
}

static int handle_ready(struct grx_ctx *cx, struct rs_file *f, struct rs_handle *h)
{
	int rc = h->rec ? GRX_OK : handle_open(cx, f, h);

	if (rc || !f->is_cram || h->idx)
		return rc;
	h->idx = sam_index_load3(h->fp, f->name, f->idx_name, HTS_IDX_SILENT_FAIL);
	return h->idx ? GRX_OK
		      : grx_fail(cx, GRX_E_MISMATCH,
				"%s: can't be read: make it again with `samtools index %s`", f->idx_name,
				f->path);
}

/* A free handle, one that is open rather than not. */
static struct rs_handle *handle_free(struct rs_file *f)
{
	struct rs_handle *closed = NULL;

	for (int i = 0; i < f->n_handle; i++) {
		if (f->h[i].busy)
			continue;
		if (f->h[i].rec)
			return &f->h[i];
		if (!closed)
			closed = &f->h[i];
	}
	return closed;
}

int rs_handle_take(struct grx_ctx *cx, struct rs_file *f, struct rs_handle **out)
{
	pthread_mutex_lock(&f->lock);
	while (!(*out = handle_free(f)))
		pthread_cond_wait(&f->freed, &f->lock);
	(*out)->busy = true;
	pthread_mutex_unlock(&f->lock);
	return handle_ready(cx, f, *out);
}

void rs_handle_give(struct rs_file *f, struct rs_handle *h)
{
	pthread_mutex_lock(&f->lock);
	h->busy = false;
	pthread_cond_signal(&f->freed);
	pthread_mutex_unlock(&f->lock);
}

/* A CRAM needs our reference for every contig; a contig that is absent would send htslib to the header's UR:
 * path. */
static int cram_check(struct grx_ctx *cx, struct rs_file *s)
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
	if (!grx_htslib_cram_safe(hts_version()))
		grx_warn(cx,
			"%s: the CRAM decoder of htslib %s has known memory errors (CVE-2026-31962 to "
			"-31971, "
			"fixed in 1.21.1, 1.22.2 and 1.23.1; 1.22.0, 1.22.1 and 1.23.0 are affected too): "
			"read only CRAM files that you trust, or "
			"convert "
			"to BAM first; --strict-cram refuses them",
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
static void cram_index_use(struct grx_ctx *cx, struct rs_file *s)
{
	if (!s->idx_name)
		return;
	if (grx_htslib_release(hts_version()) >= 1018000)
		s->indexed = true;
	else
		grx_warn(cx,
			"%s: region queries of CRAM are not reliable in htslib %s (fixed in 1.18): reading "
			"it in sequence",
			s->path, hts_version());
}

static int file_setup(struct grx_ctx *cx, struct rs_file *f, int n_handle)
{
	f->n_handle = n_handle;
	f->n_unplaced = -1;
	f->h = grx_calloc((size_t)n_handle, sizeof(*f->h));
	f->st.mem[0] = grx_arena_new();
	f->st.mem[1] = grx_arena_new();
	f->st.tid = f->st.last_tid = -1;
	if (!f->h || !f->st.mem[0] || !f->st.mem[1] || pthread_mutex_init(&f->lock, NULL))
		return grx_fail_nomem(cx, "reads source");
	if (pthread_cond_init(&f->freed, NULL)) {
		pthread_mutex_destroy(&f->lock);
		return grx_fail_nomem(cx, "reads source");
	}
	f->locks = true;
	return GRX_OK;
}

int rs_file_open(struct grx_ctx *cx, struct rs_file *f, int n_handle)
{
	int rc = GRX_E_BUG;

	GRX_TRY(file_setup(cx, f, n_handle));
	GRX_TRY(grx_hts_name(cx, f->path, &f->name));
	GRX_TRY(grx_readable_check(cx, f->path));
	GRX_TRY(handle_open(cx, f, &f->h[0]));
	f->is_cram = hts_get_format(f->h[0].fp)->format == cram;
	if (!f->is_cram)
		GRX_TRY(grx_bgzf_eof_check(cx, f->h[0].fp->fp.bgzf, f->path, f->allow_missing_eof));
	GRX_TRY(rs_head_read(cx, f->path, f->h[0].hdr, &f->head));
	if (f->is_cram)
		GRX_TRY(cram_check(cx, f));
	GRX_TRY(rs_index_open(cx, f));
	if (f->is_cram)
		cram_index_use(cx, f);
	rc = GRX_OK;
out:
	return rc;
}

void rs_file_close(struct rs_file *f)
{
	rs_handles_close(f);
	if (f->idx)
		hts_idx_destroy(f->idx);
	rs_head_clear(&f->head);
	rs_stream_clear(&f->st);
	if (f->locks) {
		pthread_cond_destroy(&f->freed);
		pthread_mutex_destroy(&f->lock);
	}
	grx_free(f->h);
	grx_free(f->idx_name);
	grx_free(f->n_mapped);
	grx_free(f->name);
	grx_free(f->path);
}
