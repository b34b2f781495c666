/* SPDX-License-Identifier: GPL-3.0-or-later
 * genosrc_file.c -- opening a file of genotypes by its content, and its index. */
#include <errno.h>
#include <string.h>

#include <htslib/hfile.h>
#include <htslib/tbx.h>

#include "base/mem.h"
#include "io/genosrc_int.h"
#include "io/htsmisc.h"

/* ---- headers ---- */

static int bcf_header(struct grx_ctx *cx, const char *path, struct grx_genocur *c, hFILE *f)
{
	int rc = GRX_E_BUG;
	bcf_hdr_t *h;

	errno = 0;
	c->st.hts = hts_hopen(f, path, "r");
	if (!c->st.hts) {
		rc = grx_hts_sys_fail(cx, path, errno);
		hclose_abruptly(f);
		return rc ? rc : grx_fail(cx, GRX_E_DATA, "%s: BCF cannot be read", path);
	}
	c->st.fp = c->st.hts->fp.bgzf;
	GRX_TRY(grx_bgzf_eof_check(cx, c->st.fp, path, false));
	errno = 0;
	h = bcf_hdr_read(c->st.hts);
	if (!h)
		GRX_TRY(grx_hts_sys_fail(cx, path, errno));
	if (!h)
		return grx_fail(cx, GRX_E_DATA, "%s: BCF header cannot be read: damaged or truncated", path);
	rc = grx_varhdr_take(cx, path, h, &c->vh);
out:
	return rc;
}

static int header_line(struct grx_ctx *cx, const char *path, const char *s, size_t n, int lineno)
{
	const unsigned char *b = (const unsigned char *)s;

	if (lineno == 1 && n >= 2 && ((b[0] == 0xff && b[1] == 0xfe) || (b[0] == 0xfe && b[1] == 0xff)))
		return grx_fail(cx, GRX_E_DATA, "%s:1: UTF-16 text: save it as UTF-8", path);
	if (lineno == 1 && n >= 3 && memcmp(b, "\xef\xbb\xbf", 3) == 0)
		return grx_fail(
			cx, GRX_E_DATA, "%s:1: begins with a byte-order mark: save it as plain UTF-8", path);
	if (memchr(s, 0, n))
		return grx_fail(cx, GRX_E_DATA, "%s:%d: NUL byte in the line: not a text file or damaged",
			path, lineno);
	if (memchr(s, '\r', n))
		return grx_fail(cx, GRX_E_DATA,
			"%s:%d: carriage return inside a line: convert the line ends to LF", path, lineno);
	if (!grx_utf8_ok(s, n))
		return grx_fail(cx, GRX_E_DATA, "%s:%d: not UTF-8: convert the file", path, lineno);
	if (*s != '#')
		return grx_fail(cx, GRX_E_DATA, "%s:%d: %s: '%.*s'", path, lineno,
			lineno > 1 ? "record or blank line inside the header"
				   : "not a VCF: expected ##fileformat",
			(int)(n < 40 ? n : 40), s);
	return GRX_OK;
}

/* One line of the header; *n counts without its end. */
static int stream_line(struct grx_ctx *cx, struct geno_stream *st, char **s, size_t *n)
{
	char *nl = NULL;

	for (;;) {
		size_t have = st->n - st->pos;
		nl = have ? memchr(st->cur->p + st->pos, '\n', have) : NULL;
		if (nl || st->ended)
			break;
		int rc = geno_stream_more(cx, st);
		if (rc)
			return rc;
	}
	*s = st->n > st->pos ? st->cur->p + st->pos : NULL;
	*n = nl ? (size_t)(nl - *s) : st->n - st->pos;
	st->pos += *n + (nl ? 1 : 0);
	if (*n && (*s)[*n - 1] == '\r')
		(*n)--;
	return GRX_OK;
}

static int text_header(struct grx_ctx *cx, const char *path, struct grx_genocur *c)
{
	int rc = GRX_E_BUG;
	struct grx_str head = {0};
	char *s;
	size_t n;

	for (int lineno = 1;; lineno++) {
		GRX_TRY(stream_line(cx, &c->st, &s, &n));
		if (!s) {
			rc = grx_fail(cx, GRX_E_DATA, "%s: %s", path,
				head.n ? "header without the #CHROM line" : "empty file, not a VCF");
			goto out;
		}
		s[n] = '\0'; /* on the line's end, or the byte a buffer has to spare */
		GRX_TRY(header_line(cx, path, s, n, lineno));
		grx_str_addn(&head, s, n);
		grx_str_addc(&head, '\n');
		if (s[1] != '#')
			break;
	}
	rc = head.oom ? grx_fail_nomem(cx, "header") : grx_varhdr_parse(cx, path, &head, false, &c->vh);
out:
	grx_str_clear(&head);
	return rc;
}

static bool is_bgzf(const unsigned char *b, ssize_t n)
{
	return n == 18 && b[0] == 0x1f && b[1] == 0x8b && (b[3] & 4) && b[12] == 'B' && b[13] == 'C' &&
	       b[14] == 2 && b[15] == 0;
}

/* f is taken. */
static int text_open(struct grx_ctx *cx, const char *path, struct grx_genocur *c, hFILE *f, bool bgzf)
{
	int rc = GRX_E_BUG;

	if (!bgzf) {
		GRX_TRY(grx_text_open_hfile(cx, f, path, &c->st.text));
	} else {
		errno = 0;
		c->st.fp = bgzf_hopen(f, "r");
		if (!c->st.fp) {
			rc = grx_hts_sys_fail(cx, path, errno);
			hclose_abruptly(f);
			return rc ? rc : grx_fail(cx, GRX_E_DATA, "%s: cannot be read", path);
		}
		GRX_TRY(grx_bgzf_eof_check(cx, c->st.fp, path, false));
	}
	rc = text_header(cx, path, c);
out:
	return rc;
}

/* plink 1: the magic and the order of the genotypes. */
static int bed_magic(struct grx_ctx *cx, const char *path, const unsigned char *b, ssize_t n, bool *is)
{
	*is = n >= 3 && b[0] == 0x6c && b[1] == 0x1b;
	if (*is && b[2] == 0)
		return grx_fail(cx, GRX_E_DATA,
			"%s: plink .bed of the individual-major kind, which is not read: convert it by "
			"`plink "
			"--make-bed`",
			path);
	if ((*is && b[2] != 1) || (!*is && grx_ends(path, ".bed") && n > 0 && b[0] != '#' && b[0] != 0x1f))
		return grx_fail(cx, GRX_E_DATA,
			"%s: not a plink 1 .bed: it begins with the bytes %02x %02x %02x, expected 6c 1b 01",
			path, b[0], b[1], b[2]);
	return GRX_OK;
}

int geno_file_open(struct grx_ctx *cx, const char *path, struct grx_genocur *c, enum geno_kind *kind)
{
	int rc = GRX_E_BUG;
	hFILE *f = NULL;
	htsFormat fmt = {0};
	unsigned char b[18] = {0};
	bool bed = false;

	GRX_TRY(grx_readable_check(cx, path));
	GRX_TRY(grx_hfile_open(cx, path, &f));
	errno = 0;
	ssize_t n = hpeek(f, b, sizeof b);
	if (n < 0 || hts_detect_format(f, &fmt) < 0) {
		rc = grx_fail(cx, GRX_E_IO, "%s: read error: %s", path, strerror(errno));
		goto out;
	}
	GRX_TRY(bed_magic(cx, path, b, n, &bed));
	*kind = bed ? GENO_BED : fmt.format == bcf ? GENO_BCF : GENO_VCF;
	if (bed) {
		rc = GRX_OK;
		goto out;
	}
	hFILE *taken = f;
	f = NULL;
	c->own_vh = true;
	rc = *kind == GENO_BCF ? bcf_header(cx, path, c, taken)
			       : text_open(cx, path, c, taken, is_bgzf(b, n));
out:
	if (f)
		hclose_abruptly(f);
	return rc;
}

/* ---- index ---- */

static const char *const suffix[] = {".csi", ".tbi", NULL};

void geno_index_close(struct grx_genosrc *s)
{
	if (s->tbx)
		tbx_destroy(s->tbx);
	else if (s->idx)
		hts_idx_destroy(s->idx);
	grx_free(s->idx_tid);
}

/* Numbers of the header's contigs in the index; all of the index must be in the header. */
static int map_contigs(struct grx_ctx *cx, struct grx_genosrc *s, const char *index)
{
	const bcf_hdr_t *h = s->vh->live;
	int n = h->n[BCF_DT_CTG], n_name = 0, rc = GRX_OK;

	s->idx_tid = grx_malloc((size_t)n, sizeof *s->idx_tid);
	if (!s->idx_tid)
		return grx_fail_nomem(cx, "index");
	if (!s->tbx && hts_idx_nseq(s->idx) > n)
		return grx_fail(cx, GRX_E_MISMATCH,
			"%s: index of another file: more contigs than %s declares", index, s->path);
	for (int i = 0; i < n; i++)
		s->idx_tid[i] = s->tbx ? -1 : i < hts_idx_nseq(s->idx) ? i : -1;
	if (!s->tbx)
		return GRX_OK;
	const char **name = tbx_seqnames(s->tbx, &n_name);
	for (int i = 0; i < n_name && !rc; i++) {
		int tid = bcf_hdr_name2id(h, name[i]);
		if (tid < 0)
			rc = grx_fail(cx, GRX_E_MISMATCH,
				"%s: index of another file: contig %s is not in the header of %s", index,
				name[i], s->path);
		else
			s->idx_tid[tid] = i;
	}
	free(name);
	return rc;
}

/* Where the last record ends that the index knows, 0 when it knows none. */
static int index_end(struct grx_ctx *cx, const struct grx_genosrc *s, uint64_t *end)
{
	*end = 0;
	for (int tid = hts_idx_nseq(s->idx) - 1; tid >= 0 && !*end; tid--) {
		hts_itr_t *it = hts_itr_query(s->idx, tid, 0, INT32_MAX, NULL);
		if (!it)
			return grx_fail_nomem(cx, "query");
		for (int i = 0; i < it->n_off; i++)
			*end = it->off[i].v > *end ? it->off[i].v : *end;
		hts_itr_destroy(it);
	}
	return GRX_OK;
}

/* Behind that the file must end: the index of a shorter file would leave records out without a word. The
 * reader stays where it is. */
static int check_end(
	struct grx_ctx *cx, const struct grx_genosrc *s, const struct geno_stream *st, const char *index)
{
	int64_t here = bgzf_tell(st->fp);
	uint64_t end;
	int rc = index_end(cx, s, &end);

	if (rc)
		return rc;
	errno = 0;
	bool there = !end || bgzf_seek(st->fp, (int64_t)end, SEEK_SET) == 0;
	int byte = there ? bgzf_peek(st->fp) : -2;
	if (byte < -1 && (rc = grx_hts_sys_fail(cx, s->path, errno)) != 0)
		return rc;
	if (byte != -1 || (!end && st->n > st->pos))
		return grx_fail(cx, GRX_E_MISMATCH,
			"%s: index of another file: %s does not end where it says: make it again by "
			"`bcftools index -f`",
			index, s->path);
	return bgzf_seek(st->fp, here, SEEK_SET) < 0 ? grx_bgzf_fail(cx, st->fp, s->path, "") : GRX_OK;
}

int geno_index_open(struct grx_ctx *cx, struct grx_genosrc *s)
{
	int rc = GRX_E_BUG;
	char *index = NULL;
	BGZF *fp = atomic_load(&s->first)->st.fp;

	if (!fp || bgzf_compression(fp) != 2)
		return GRX_OK;
	GRX_TRY(grx_index_find(cx, s->path, suffix, &index));
	if (!index)
		return GRX_OK;
	GRX_TRY(grx_index_fresh(cx, s->path, index, "bcftools index -f"));
	errno = 0;
	if (s->kind == GENO_BCF)
		s->idx = bcf_index_load3(s->path, index, HTS_IDX_SILENT_FAIL);
	else
		s->tbx = tbx_index_load3(s->path, index, HTS_IDX_SILENT_FAIL);
	if (s->tbx)
		s->idx = s->tbx->idx;
	if (!s->idx) {
		GRX_TRY(grx_hts_sys_fail(cx, index, errno));
		rc = grx_fail(cx, GRX_E_MISMATCH,
			"%s: index is damaged: make it again by `bcftools index -f`", index);
		goto out;
	}
	GRX_TRY(map_contigs(cx, s, index));
	GRX_TRY(check_end(cx, s, &atomic_load(&s->first)->st, index));
	s->random = true;
	rc = GRX_OK;
out:
	grx_free(index);
	return rc;
}

int geno_index_seek(struct grx_ctx *cx, struct grx_genocur *c, int32_t tid, int64_t beg, int64_t end)
{
	const struct grx_genosrc *s = c->s;
	int at = tid >= 0 && tid < s->contigs->n ? s->idx_tid[tid] : -1;
	hts_itr_t *it = NULL;

	beg = beg < 0 ? 0 : beg;
	geno_stream_window(&c->st, NULL, 0);
	if (at < 0 || end <= beg)
		return GRX_OK; /* no record */
	it = hts_itr_query(s->idx, at, beg, end > INT32_MAX ? INT32_MAX : end, NULL);
	if (!it)
		return grx_fail_nomem(cx, "query");
	uint64_t(*v)[2] = grx_malloc(it->n_off > 0 ? (size_t)it->n_off : 1, sizeof *v);
	for (int i = 0; v && i < it->n_off; i++) {
		v[i][0] = it->off[i].u;
		v[i][1] = it->off[i].v;
	}
	geno_stream_window(&c->st, v, it->n_off > 0 ? it->n_off : 0);
	hts_itr_destroy(it);
	return v ? GRX_OK : grx_fail_nomem(cx, "query");
}
