/* SPDX-License-Identifier: GPL-3.0-or-later
 * text.c -- lines of plain, gzip and bgzip text.
 * Inflates by itself: a stream that ends inside a member, bytes after the last member and a bgzip file
 * without its end block are errors here, where the usual readers take them for the end of the file. Every
 * member's CRC is checked. A line inside the decoded buffer is returned in place; only lines across two
 * buffers are copied. */
#include "io/text_int.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include <htslib/hfile.h>

#include "base/mem.h"
#include "base/out.h"
#include "io/htsmisc.h"

#define IN_BYTES       ((size_t)1 << 16)
#define OUT_BYTES      ((size_t)1 << 18)
#define LINE_MAX_BYTES ((size_t)1 << 28)

struct grx_text {
	hFILE *f;
	char *path;
	bool gzip, bgzip, ended;
	bool in_member;      /* bytes of a gzip member are still to come */
	uint64_t member_out; /* bytes the current member has given */
	z_stream z;
	bool z_open;
	unsigned char *in;
	char *out; /* decoded bytes; one more byte for a NUL */
	size_t pos, n;
	struct grx_str line; /* a line that spans buffers */
	size_t len;
	int64_t lineno;
};

/* Length of the multi-byte character at p, 0 when it is malformed, overlong, a surrogate or beyond U+10FFFF.
 */
static int utf8_char(const unsigned char *p, ptrdiff_t left)
{
	int more = *p >= 0xf0 ? 3 : *p >= 0xe0 ? 2 : 1;

	if (*p < 0xc2 || *p > 0xf4 || left <= more)
		return 0;
	if ((*p == 0xe0 && p[1] < 0xa0) || (*p == 0xed && p[1] > 0x9f) || (*p == 0xf0 && p[1] < 0x90) ||
		(*p == 0xf4 && p[1] > 0x8f))
		return 0;
	for (int i = 1; i <= more; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return more + 1;
}

bool grx_utf8_ok(const char *s, size_t n)
{
	const unsigned char *p = (const unsigned char *)s, *end = p + n;

	while (p < end) {
		uint64_t w;
		int k = 1;

		while (end - p >= 8 && (memcpy(&w, p, 8), !(w & 0x8080808080808080u)))
			p += 8;
		if (p < end && *p >= 0x80)
			k = utf8_char(p, end - p);
		else if (p >= end)
			break;
		if (!k)
			return false;
		p += k;
	}
	return true;
}

int grx_hfile_open(struct grx_ctx *cx, const char *path, struct hFILE **out)
{
	int rc = GRX_E_BUG, fd = -1;

	*out = NULL;
	GRX_TRY(grx_network_check(cx, path));
	if (strstr(path, "://")) {
		*out = hopen(path, "r");
	} else {
		fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
		if (fd >= 0)
			*out = hdopen(fd, "r");
	}
	if (!*out) {
		rc = grx_hts_sys_fail(cx, path, errno);
		if (rc == GRX_OK)
			rc = grx_fail(cx, GRX_E_NOINPUT, "%s: cannot be opened: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		goto out;
	}
	rc = GRX_OK;
out:
	return rc;
}

/* The first bytes tell the compression; formats we cannot read get a hint. */
static int sniff(struct grx_ctx *cx, struct grx_text *t)
{
	unsigned char b[18];
	ssize_t n = hpeek(t->f, b, sizeof b);

	if (n < 0)
		return grx_fail(cx, GRX_E_IO, "%s: read error: %s", t->path, strerror(errno));
	if (n >= 2 && b[0] == 0x1f && b[1] == 0x8b) {
		t->gzip = t->in_member = true;
		t->bgzip = n == 18 && (b[3] & 4) && b[12] == 'B' && b[13] == 'C' && b[14] == 2 && b[15] == 0;
		if (inflateInit2(&t->z, 15 + 16) != Z_OK)
			return grx_fail_nomem(cx, "inflate");
		t->z_open = true;
		return GRX_OK;
	}
	if (n >= 3 && memcmp(b, "BZh", 3) == 0)
		return grx_fail(
			cx, GRX_E_DATA, "%s: is compressed by bzip2: decompress it or use bgzip", t->path);
	if (n >= 4 && memcmp(b, "PK\3\4", 4) == 0)
		return grx_fail(cx, GRX_E_DATA, "%s: is a zip archive: unpack it first", t->path);
	if (n >= 6 && memcmp(b, "\3757zXZ", 6) == 0)
		return grx_fail(
			cx, GRX_E_DATA, "%s: is compressed by xz: decompress it or use bgzip", t->path);
	return GRX_OK;
}

int grx_text_open_hfile(struct grx_ctx *cx, struct hFILE *f, const char *path, struct grx_text **out)
{
	int rc = GRX_E_BUG;
	struct grx_text *t = grx_calloc(1, sizeof *t);

	*out = NULL;
	if (!t) {
		hclose_abruptly(f);
		return grx_fail_nomem(cx, "text reader");
	}
	t->f = f;
	t->path = grx_strdup(path);
	t->in = grx_malloc(IN_BYTES, 1);
	t->out = grx_malloc(OUT_BYTES + 1, 1);
	if (!t->path || !t->in || !t->out) {
		rc = grx_fail_nomem(cx, "text buffers");
		goto out;
	}
	GRX_TRY(sniff(cx, t));
	*out = t;
	t = NULL;
	rc = GRX_OK;
out:
	grx_text_close(t);
	return rc;
}

int grx_text_open(struct grx_ctx *cx, const char *path, struct grx_text **out)
{
	struct hFILE *f;
	int rc = grx_hfile_open(cx, path, &f);

	*out = NULL;
	return rc ? rc : grx_text_open_hfile(cx, f, path, out);
}

void grx_text_close(struct grx_text *t)
{
	if (!t)
		return;
	if (t->z_open)
		inflateEnd(&t->z);
	hclose_abruptly(t->f);
	grx_str_clear(&t->line);
	grx_free(t->path);
	grx_free(t->in);
	grx_free(t->out);
	grx_free(t);
}

static int read_raw(struct grx_ctx *cx, struct grx_text *t, void *p, size_t cap, size_t *n)
{
	ssize_t got = hread(t->f, p, cap);

	if (got < 0)
		return grx_fail(cx, GRX_E_IO, "%s: read error after line %lld: %s", t->path,
			(long long)t->lineno, strerror(errno));
	*n = (size_t)got;
	return GRX_OK;
}

static int truncated(struct grx_ctx *cx, const struct grx_text *t, const char *what)
{
	return grx_fail(cx, GRX_E_DATA,
		"%s: truncated after line %lld: %s; copy the file again and compare its checksum", t->path,
		(long long)t->lineno, what);
}

/* After a gzip member: another one, or the end. */
static int next_member(struct grx_ctx *cx, struct grx_text *t)
{
	t->in_member = false;
	if (t->z.avail_in < 2) {
		size_t n = 0, have = t->z.avail_in;
		if (have)
			t->in[0] = *t->z.next_in;
		int rc = read_raw(cx, t, t->in + have, IN_BYTES - have, &n);
		if (rc)
			return rc;
		t->z.next_in = t->in;
		t->z.avail_in = (uInt)(have + n);
	}
	if (t->z.avail_in == 0) {
		t->ended = true;
		if (t->bgzip && t->member_out != 0)
			return truncated(cx, t, "the bgzip end-of-file block is missing");
		return GRX_OK;
	}
	if (t->z.avail_in < 2 || t->z.next_in[0] != 0x1f || t->z.next_in[1] != 0x8b)
		return grx_fail(cx, GRX_E_DATA, "%s: bytes after the end of the compressed data (line %lld)",
			t->path, (long long)t->lineno);
	if (inflateReset(&t->z) != Z_OK)
		return grx_fail(cx, GRX_E_BUG, "%s: inflateReset failed", t->path);
	t->in_member = true;
	t->member_out = 0;
	return GRX_OK;
}

/* Decode until there is output or the end. */
static int fill_gzip(struct grx_ctx *cx, struct grx_text *t)
{
	int rc = GRX_E_BUG;

	t->pos = t->n = 0;
	while (t->n == 0 && !t->ended) {
		if (t->z.avail_in == 0) {
			size_t n;
			GRX_TRY(read_raw(cx, t, t->in, IN_BYTES, &n));
			if (n == 0)
				return truncated(cx, t, "the compressed stream breaks off");
			t->z.next_in = t->in;
			t->z.avail_in = (uInt)n;
		}
		t->z.next_out = (unsigned char *)t->out;
		t->z.avail_out = (uInt)OUT_BYTES;
		int z = Z_OK;
		while (z == Z_OK && t->z.avail_in && t->z.avail_out) {
			uInt before = t->z.avail_out;
			z = inflate(&t->z, Z_NO_FLUSH);
			t->member_out += before - t->z.avail_out;
			if (z == Z_STREAM_END) {
				GRX_TRY(next_member(cx, t));
				z = t->ended ? Z_STREAM_END : Z_OK;
			}
		}
		if (z == Z_MEM_ERROR)
			return grx_fail_nomem(cx, "inflate");
		if (z != Z_OK && z != Z_STREAM_END && z != Z_BUF_ERROR)
			return grx_fail(cx, GRX_E_DATA, "%s: corrupt compressed data after line %lld: %s",
				t->path, (long long)t->lineno, t->z.msg ? t->z.msg : "inflate failed");
		t->n = OUT_BYTES - t->z.avail_out;
	}
	rc = GRX_OK;
out:
	return rc;
}

static int fill(struct grx_ctx *cx, struct grx_text *t)
{
	if (t->ended) {
		t->pos = t->n = 0;
		return GRX_OK;
	}
	if (t->gzip)
		return fill_gzip(cx, t);
	t->pos = 0;
	int rc = read_raw(cx, t, t->out, OUT_BYTES, &t->n);
	if (!rc && t->n == 0)
		t->ended = true;
	return rc;
}

int grx_text_bytes(struct grx_ctx *cx, struct grx_text *t, const char **p, size_t *n)
{
	int rc = fill(cx, t);

	*p = t->out;
	*n = rc ? 0 : t->n;
	for (size_t i = 0; i < *n; i++) /* for messages */
		t->lineno += t->out[i] == '\n';
	t->pos = t->n;
	return rc;
}

static int check_line(struct grx_ctx *cx, const struct grx_text *t, const char *s, size_t n)
{
	const unsigned char *b = (const unsigned char *)s;

	if (t->lineno == 1 && n >= 2 && ((b[0] == 0xff && b[1] == 0xfe) || (b[0] == 0xfe && b[1] == 0xff)))
		return grx_fail(cx, GRX_E_DATA, "%s:1: UTF-16 text: save it as UTF-8", t->path);
	if (t->lineno == 1 && n >= 3 && memcmp(b, "\xef\xbb\xbf", 3) == 0)
		return grx_fail(cx, GRX_E_DATA, "%s:1: begins with a byte-order mark: save it as plain UTF-8",
			t->path);
	if (memchr(s, 0, n))
		return grx_fail(cx, GRX_E_DATA, "%s:%lld: NUL byte in the line: not a text file or damaged",
			t->path, (long long)t->lineno);
	if (memchr(s, '\r', n))
		return grx_fail(cx, GRX_E_DATA,
			"%s:%lld: carriage return inside a line: convert the line ends to LF", t->path,
			(long long)t->lineno);
	if (!grx_utf8_ok(s, n))
		return grx_fail(cx, GRX_E_DATA, "%s:%lld: not UTF-8: convert the file", t->path,
			(long long)t->lineno);
	return GRX_OK;
}

/* Line end found or end of file: strip CR, terminate, check. */
static int give(struct grx_ctx *cx, struct grx_text *t, char *s, size_t n, char **line)
{
	if (n && s[n - 1] == '\r')
		n--;
	s[n] = '\0';
	t->lineno++;
	t->len = n;
	*line = s;
	return check_line(cx, t, s, n);
}

int grx_text_line(struct grx_ctx *cx, struct grx_text *t, char **line)
{
	int rc = GRX_E_BUG;
	bool spans = false;

	*line = NULL;
	for (;;) {
		if (t->pos == t->n) {
			GRX_TRY(fill(cx, t));
			if (t->n == 0)
				return spans ? give(cx, t, t->line.s, t->line.n, line) : GRX_OK;
		}
		char *s = t->out + t->pos, *nl = memchr(s, '\n', t->n - t->pos);
		size_t n = nl ? (size_t)(nl - s) : t->n - t->pos;

		t->pos += n + (nl ? 1 : 0);
		if (nl && !spans)
			return give(cx, t, s, n, line);
		if (!spans)
			grx_str_reset(&t->line);
		spans = true;
		grx_str_addn(&t->line, s, n);
		if (t->line.oom)
			return grx_fail_nomem(cx, "line");
		if (t->line.n > LINE_MAX_BYTES)
			return grx_fail(cx, GRX_E_DATA, "%s:%lld: line longer than %zu bytes", t->path,
				(long long)t->lineno + 1, LINE_MAX_BYTES);
		if (nl)
			return give(cx, t, t->line.s, t->line.n, line);
	}
out:
	return rc;
}

int64_t grx_text_lineno(const struct grx_text *t)
{
	return t->lineno;
}

size_t grx_text_len(const struct grx_text *t)
{
	return t->len;
}

const char *grx_text_path(const struct grx_text *t)
{
	return t->path;
}
