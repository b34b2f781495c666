/* SPDX-License-Identifier: GPL-3.0-or-later
 * fasta.c -- reference sequence by .fai, plain or bgzip.
 * The .fai is read here and not by htslib: a zero line width crashes it and a stale index gives wrong bases
 * in silence. Invariants: every byte fetched is a nucleotide letter or a line end exactly where the index
 * says; `lock` guards fp. */
#include "io/fasta.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <htslib/bgzf.h>

#include "base/hash.h"
#include "base/log.h"
#include "base/out.h"
#include "base/str.h"
#include "io/htsmisc.h"

enum { HEAD_MAX = 1 << 16, HEAD_CHECKS = 64, M5_PIECE = 1 << 22 };

struct fai_row {
	int64_t offset, line_bases, line_width;
};

struct grx_fasta {
	char *path;
	struct grx_contigs *contigs;
	struct fai_row *row;
	BGZF *fp;
	pthread_mutex_t lock;
	char letter[256]; /* upper case of a nucleotide letter, else 0 */
};

static void letters_init(char t[256])
{
	const char *ok = "ACGTUNRYSWKMBDHV";

	memset(t, 0, 256);
	for (; *ok; ok++)
		t[(unsigned char)*ok] = t[(unsigned char)(*ok | 0x20)] = *ok;
	t['U'] = t['u'] = 'T';
}

/* File offset of base `pos`. */
static int64_t base_offset(const struct fai_row *r, int64_t pos)
{
	return r->offset + pos / r->line_bases * r->line_width + pos % r->line_bases;
}

static int fai_bad(
	struct grx_ctx *cx, const struct grx_fasta *f, const char *fai, int64_t line, const char *what)
{
	return grx_fail(cx, GRX_E_MISMATCH,
		"%s:%lld: %s: the index does not fit the file; run `samtools faidx %s`", fai, (long long)line,
		what, f->path);
}

static int fai_row_add(struct grx_ctx *cx, struct grx_fasta *f, const char *fai, int64_t line, char *text)
{
	char *field[8];
	struct fai_row *r;
	int64_t len;
	int n = grx_split(text, '\t', field, 8), rc;

	if (n != 5)
		return fai_bad(cx, f, fai, line,
			n == 6 ? "six columns, that is a FASTQ index" : "expected five columns");
	r = grx_realloc(f->row, (size_t)f->contigs->n + 1, sizeof(*r));
	if (!r)
		return grx_fail_nomem(cx, "FASTA index");
	f->row = r;
	r += f->contigs->n;
	if (!grx_parse_i64(field[1], &len) || !grx_parse_i64(field[2], &r->offset) ||
		!grx_parse_i64(field[3], &r->line_bases) || !grx_parse_i64(field[4], &r->line_width))
		return fai_bad(cx, f, fai, line, "a length, offset or line width is not a number");
	if (!field[0][0])
		return fai_bad(cx, f, fai, line, "empty sequence name");
	if (len < 0 || len > INT64_C(1) << 40 || r->offset < 0)
		return fai_bad(cx, f, fai, line, "length or offset out of range");
	if (len == 0) {
		grx_warn(cx, "%s: sequence '%s' is empty", f->path, field[0]);
		r->line_bases = r->line_width = 1;
	}
	if (r->line_bases <= 0 || (len > 0 && r->line_width < r->line_bases) ||
		r->line_width > r->line_bases + 2)
		return fai_bad(cx, f, fai, line, "impossible line width");
	rc = grx_contigs_add(cx, f->contigs, field[0], len, NULL);
	return rc ? grx_fail_add(cx, rc, "%s:%lld", fai, (long long)line) : GRX_OK;
}

static int fai_read(struct grx_ctx *cx, struct grx_fasta *f, const char *fai)
{
	FILE *fp = fopen(fai, "r");
	char *text = NULL;
	size_t cap = 0;
	ssize_t n;
	int64_t line = 0;
	int rc = GRX_OK;

	if (!fp && errno == ENOMEM)
		return grx_fail_nomem(cx, "FASTA index");
	if (!fp)
		return grx_fail(cx, GRX_E_NOINPUT, "%s: no FASTA index (%s): run `samtools faidx %s`", fai,
			strerror(errno), f->path);
	errno = 0;
	while (rc == GRX_OK && (n = getline(&text, &cap, fp)) >= 0) {
		line++;
		while (n && (text[n - 1] == '\n' || text[n - 1] == '\r'))
			text[--n] = '\0';
		if (memchr(text, 0, (size_t)n))
			rc = fai_bad(cx, f, fai, line, "NUL byte");
		else
			rc = fai_row_add(cx, f, fai, line, text);
	}
	/* exhausted memory ends getline() without an error flag */
	if (rc == GRX_OK && !feof(fp) && errno == ENOMEM)
		rc = grx_fail_nomem(cx, "FASTA index");
	else if (rc == GRX_OK && !feof(fp))
		rc = grx_fail(cx, GRX_E_IO, "%s: read failed: %s", fai, strerror(errno));
	if (rc == GRX_OK && f->contigs->n == 0)
		rc = grx_fail(cx, GRX_E_MISMATCH, "%s: empty index: run `samtools faidx %s`", fai, f->path);
	free(text);
	fclose(fp);
	return rc;
}

/* Read exactly up to n bytes at uncompressed offset off; *got may be short at the end of file. */
static int read_at(struct grx_ctx *cx, struct grx_fasta *f, int64_t off, char *buf, size_t n, size_t *got)
{
	ssize_t r;

	errno = 0;
	if (bgzf_useek(f->fp, (off_t)off, SEEK_SET) < 0) {
		*got = 0;
		return f->fp->errcode ? grx_bgzf_fail(cx, f->fp, f->path, "at a seek") : GRX_OK;
	}
	r = bgzf_read(f->fp, buf, n);
	if (r < 0)
		return grx_bgzf_fail(cx, f->fp, f->path, "in the sequence");
	*got = (size_t)r;
	return GRX_OK;
}

/* Between the end of contig i-1 and the start of contig i there must be one line ">name ...". */
static int head_check(struct grx_ctx *cx, struct grx_fasta *f, int32_t i, const char *fai)
{
	const struct fai_row *r = &f->row[i];
	const char *name = f->contigs->c[i].name;
	int64_t from = 0;
	size_t n, got, len = strlen(name);
	char *buf, *p, *nl;
	int rc = GRX_E_BUG;

	if (i > 0 && f->contigs->c[i - 1].len > 0)
		from = base_offset(&f->row[i - 1], f->contigs->c[i - 1].len - 1) + 1;
	else if (i > 0)
		from = f->row[i - 1].offset;
	if (from > r->offset || r->offset - from > HEAD_MAX)
		return fai_bad(cx, f, fai, i + 1, "offset does not follow the sequence before it");
	n = (size_t)(r->offset - from);
	buf = grx_malloc(n + 1, 1);
	if (!buf)
		return grx_fail_nomem(cx, "FASTA header line");
	GRX_TRY(read_at(cx, f, from, buf, n, &got));
	buf[got] = '\0';
	for (p = buf; *p == '\n' || *p == '\r'; p++)
		;
	nl = memchr(p, '\n', got - (size_t)(p - buf));
	if (got != n || *p != '>' || !nl || nl + 1 != buf + n || strncmp(p + 1, name, len) ||
		!strchr(" \t\r\n", p[1 + len]))
		rc = fai_bad(cx, f, fai, i + 1, "no line '>name' at the place where it should be");
	else
		rc = GRX_OK;
out:
	grx_free(buf);
	return rc;
}

/* Nothing but line ends may follow the last contig. */
static int tail_check(struct grx_ctx *cx, struct grx_fasta *f, const char *fai)
{
	int32_t i = f->contigs->n - 1;
	int64_t len = f->contigs->c[i].len;
	char buf[256];
	size_t got, k;
	int rc;

	if (len == 0)
		return GRX_OK;
	rc = read_at(cx, f, base_offset(&f->row[i], len - 1), buf, sizeof(buf), &got);
	if (rc)
		return rc;
	if (got == 0)
		return fai_bad(cx, f, fai, i + 1, "the sequence ends beyond the end of the file");
	for (k = 1; k < got; k++)
		if (buf[k] != '\n' && buf[k] != '\r')
			return fai_bad(cx, f, fai, i + 1, "more sequence follows than the index knows");
	return GRX_OK;
}

static int layout_check(struct grx_ctx *cx, struct grx_fasta *f, const char *fai)
{
	int32_t i, n = f->contigs->n;
	int rc;

	for (i = 0; i < n; i++) {
		if (i >= HEAD_CHECKS && i != n - 1)
			continue;
		rc = head_check(cx, f, i, fai);
		if (rc)
			return rc;
	}
	return tail_check(cx, f, fai);
}

static int data_open(struct grx_ctx *cx, struct grx_fasta *f)
{
	char *name = NULL, *gzi = NULL;
	static const char *const suffix[] = {".gzi", NULL};
	int rc = GRX_E_BUG;

	grx_hts_quiet();
	GRX_TRY(grx_hts_name(cx, f->path, &name));
	f->fp = bgzf_open(name, "r");
	if (!f->fp) {
		GRX_TRY(grx_hts_sys_fail(cx, f->path, errno));
		rc = grx_fail(cx, GRX_E_NOINPUT, "%s: can't be opened: %s", f->path, strerror(errno));
		goto out;
	}
	rc = GRX_OK;
	if (bgzf_compression(f->fp) == 1)
		rc = grx_fail(cx, GRX_E_DATA,
			"%s: plain gzip can't be read at random: `gunzip` it and compress with `bgzip`",
			f->path);
	if (rc || bgzf_compression(f->fp) == 0)
		goto out;
	GRX_TRY(grx_bgzf_eof_check(cx, f->fp, f->path, false));
	GRX_TRY(grx_index_find(cx, f->path, suffix, &gzi));
	if (!gzi) {
		rc = grx_fail(cx, GRX_E_NOINPUT,
			"%s.gzi: no index of the compressed FASTA: run `samtools faidx %s`", f->path,
			f->path);
		goto out;
	}
	GRX_TRY(grx_gzi_check(cx, f->path, gzi));
	errno = 0;
	if (bgzf_index_load(f->fp, gzi, NULL) < 0) {
		GRX_TRY(grx_hts_sys_fail(cx, gzi, errno));
		rc = grx_fail(cx, GRX_E_MISMATCH, "%s: can't be read: run `samtools faidx %s`", gzi, f->path);
	}
out:
	grx_free(name);
	grx_free(gzi);
	return rc;
}

int grx_fasta_open(struct grx_ctx *cx, const char *path, struct grx_fasta **out)
{
	struct grx_fasta *f = grx_calloc(1, sizeof(*f));
	struct grx_str fai = {0};
	int rc = GRX_E_BUG;

	*out = NULL;
	if (!f)
		return grx_fail_nomem(cx, "reference");
	pthread_mutex_init(&f->lock, NULL);
	letters_init(f->letter);
	f->path = grx_strdup(path);
	f->contigs = grx_contigs_new();
	grx_str_add(&fai, path);
	grx_str_add(&fai, ".fai");
	if (!f->path || !f->contigs || fai.oom) {
		rc = grx_fail_nomem(cx, "reference");
		goto out;
	}
	if (!strcmp(path, "-")) {
		rc = grx_fail(cx, GRX_E_USAGE, "the reference can't be read from stdin: give a file");
		goto out;
	}
	GRX_TRY(grx_network_check(cx, path));
	GRX_TRY(grx_readable_check(cx, path));
	GRX_TRY(fai_read(cx, f, fai.s));
	GRX_TRY(data_open(cx, f));
	GRX_TRY(layout_check(cx, f, fai.s));
	*out = f;
	f = NULL;
	rc = GRX_OK;
out:
	grx_str_clear(&fai);
	grx_fasta_close(f);
	return rc;
}

void grx_fasta_close(struct grx_fasta *f)
{
	if (!f)
		return;
	if (f->fp)
		(void)bgzf_close(f->fp); /* read only: nothing can be lost */
	pthread_mutex_destroy(&f->lock);
	grx_contigs_free(f->contigs);
	grx_free(f->row);
	grx_free(f->path);
	grx_free(f);
}

const char *grx_fasta_path(const struct grx_fasta *f)
{
	return f->path;
}

const struct grx_contigs *grx_fasta_contigs(const struct grx_fasta *f)
{
	return f->contigs;
}

/* Copy the bases out of raw lines; `at` is the first base's place in its line. NULL when all is well, else
 * the byte that is neither a base nor a line end in its place. */
static const char *unwrap(
	const struct grx_fasta *f, const struct fai_row *r, int64_t at, const char *raw, char *dst, int64_t n)
{
	const char *p = raw;

	while (n > 0) {
		int64_t k = r->line_bases - at, j;
		char all = 1;

		if (k > n)
			k = n;
		for (j = 0; j < k; j++) {
			dst[j] = f->letter[(unsigned char)p[j]];
			all = all && dst[j];
		}
		if (!all) {
			for (j = 0; dst[j]; j++)
				;
			return p + j;
		}
		p += k;
		dst += k;
		n -= k;
		at = 0;
		for (j = r->line_bases; n > 0 && j < r->line_width; j++, p++)
			if (*p != '\n' && *p != '\r')
				return p;
	}
	return NULL;
}

static int letter_fail(
	struct grx_ctx *cx, const struct grx_fasta *f, const char *name, int64_t off, char found)
{
	char one[2] = {found, 0}, text[8];

	if (found == '\n' || found == '\r' || found == '>')
		return grx_fail(cx, GRX_E_MISMATCH,
			"%s: %s: a line ends or begins at byte %lld where the .fai says there is a base: "
			"lines of unequal "
			"length or a stale index; run `samtools faidx %s`",
			f->path, name, (long long)off, f->path);
	return grx_fail(cx, GRX_E_DATA,
		"%s: %s: byte %lld is '%s', expected a nucleotide letter or a line end", f->path, name,
		(long long)off, found ? grx_escape(one, text, sizeof(text)) : "NUL");
}

/* Bases [beg, end) of contig i into seq; raw is scratch of the span's size. */
static int fetch_raw(
	struct grx_ctx *cx, struct grx_fasta *f, int32_t i, int64_t beg, int64_t end, char *raw, char *seq)
{
	const struct fai_row *r = &f->row[i];
	int64_t off = base_offset(r, beg);
	size_t want = (size_t)(base_offset(r, end - 1) + 1 - off), got = 0;
	const char *name = f->contigs->c[i].name, *bad;
	int rc;

	pthread_mutex_lock(&f->lock);
	rc = read_at(cx, f, off, raw, want, &got);
	pthread_mutex_unlock(&f->lock);
	if (rc)
		return rc;
	if (got != want)
		return grx_fail(cx, GRX_E_MISMATCH,
			"%s: %s ends at byte %lld, the .fai expects more: run `samtools faidx %s`", f->path,
			name, (long long)(off + (int64_t)got), f->path);
	bad = unwrap(f, r, beg % r->line_bases, raw, seq, end - beg);
	return bad ? letter_fail(cx, f, name, off + (bad - raw), *bad) : GRX_OK;
}

int grx_fasta_fetch(struct grx_ctx *cx, struct grx_fasta *f, const char *name, int64_t beg, int64_t end,
	struct grx_arena *mem, char **seq, int64_t *n)
{
	int32_t i = grx_contigs_find(f->contigs, name);
	size_t span;
	char *raw;
	int rc;

	*seq = NULL;
	*n = 0;
	if (i < 0)
		return grx_fail(cx, GRX_E_MISMATCH,
			"%s: no sequence named '%s': is it the reference of this data?", f->path, name);
	if (beg < 0)
		beg = 0;
	if (end > f->contigs->c[i].len)
		end = f->contigs->c[i].len;
	if (end < beg)
		end = beg;
	*seq = grx_arena_alloc(mem, (size_t)(end - beg) + 1, 1);
	if (!*seq)
		return grx_fail_nomem(cx, "reference sequence");
	(*seq)[end - beg] = '\0';
	if (end == beg)
		return GRX_OK;
	span = (size_t)(base_offset(&f->row[i], end - 1) + 1 - base_offset(&f->row[i], beg));
	raw = grx_malloc(span, 1);
	if (!raw)
		return grx_fail_nomem(cx, "reference sequence");
	rc = fetch_raw(cx, f, i, beg, end, raw, *seq);
	grx_free(raw);
	if (rc == GRX_OK)
		*n = end - beg;
	return rc;
}

/* MD5 of a whole contig, in pieces. */
static int contig_md5(struct grx_ctx *cx, struct grx_fasta *f, int32_t i, char hex[33])
{
	struct grx_arena *mem = grx_arena_new();
	struct grx_md5 *md = grx_md5_new();
	int64_t beg, n, len = f->contigs->c[i].len;
	char *seq;
	int rc = GRX_E_BUG;

	if (!mem || !md) {
		rc = grx_fail_nomem(cx, "checksum");
		goto out;
	}
	for (beg = 0; beg < len; beg += n) {
		grx_arena_reset(mem);
		GRX_TRY(grx_fasta_fetch(cx, f, f->contigs->c[i].name, beg, beg + M5_PIECE, mem, &seq, &n));
		grx_md5_add(md, seq, (size_t)n);
	}
	grx_md5_end(md, hex);
	md = NULL;
	rc = GRX_OK;
out:
	grx_md5_free(md);
	grx_arena_free(mem);
	return rc;
}

static int no_contig_in_common(
	struct grx_ctx *cx, const struct grx_fasta *f, const struct grx_contigs *d, const char *what)
{
	int32_t i, k;

	for (i = 0; i < d->n; i++) {
		k = grx_contigs_find_alias(f->contigs, d->c[i].name);
		if (k >= 0)
			return grx_fail(cx, GRX_E_MISMATCH,
				"%s names its contigs like '%s', the reference %s like '%s': give the "
				"reference with the same "
				"names (or rename: `samtools reheader`, `bcftools annotate --rename-chrs`)",
				what, d->c[i].name, f->path, f->contigs->c[k].name);
	}
	return grx_fail(cx, GRX_E_MISMATCH,
		"%s and the reference %s have no contig in common ('%s' against '%s')", what, f->path,
		d->n ? d->c[0].name : "none", f->contigs->c[0].name);
}

static int contig_check(
	struct grx_ctx *cx, struct grx_fasta *f, const struct grx_contig *c, const char *what, bool check_m5)
{
	int32_t k = grx_contigs_find(f->contigs, c->name);
	struct grx_contig *own = &f->contigs->c[k];
	int rc;

	if (c->len > 0 && c->len != own->len)
		return grx_fail(cx, GRX_E_MISMATCH,
			"%s: contig '%s' has %lld bases, in the reference %s %lld: another build? give the "
			"reference that was "
			"used for alignment",
			what, c->name, (long long)c->len, f->path, (long long)own->len);
	if (!check_m5 || !c->m5[0])
		return GRX_OK;
	if (!own->m5[0]) {
		rc = contig_md5(cx, f, k, own->m5);
		if (rc)
			return rc;
	}
	if (strcasecmp(own->m5, c->m5))
		return grx_fail(cx, GRX_E_MISMATCH,
			"%s: contig '%s' has checksum M5 %s, the sequence in %s has %s: another reference of "
			"the same length: give the one that was used for alignment",
			what, c->name, c->m5, f->path, own->m5);
	return GRX_OK;
}

int grx_fasta_check(struct grx_ctx *cx, struct grx_fasta *f, const struct grx_contigs *d, const char *what,
	bool need_all, bool check_m5)
{
	int32_t i, common = 0, absent = 0, first = -1;
	int rc;

	for (i = 0; i < d->n; i++) {
		if (grx_contigs_find(f->contigs, d->c[i].name) < 0) {
			if (absent++ == 0)
				first = i;
			continue;
		}
		common++;
		rc = contig_check(cx, f, &d->c[i], what, check_m5);
		if (rc)
			return rc;
	}
	if (common == 0)
		return no_contig_in_common(cx, f, d, what);
	if (absent && need_all)
		return grx_fail(cx, GRX_E_MISMATCH,
			"%s: %d contigs are not in the reference %s, the first is '%s'", what, (int)absent,
			f->path, d->c[first].name);
	if (absent)
		grx_info(cx, "%s: %d of %d contigs are not in the reference, the first is '%s'", what,
			(int)absent, (int)d->n, d->c[first].name);
	return GRX_OK;
}
