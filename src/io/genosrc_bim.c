/* SPDX-License-Identifier: GPL-3.0-or-later
 * genosrc_bim.c -- rows of plink's .bim, read through once and then from places that are kept.
 * Memory does not hold the rows: one place in 1,024 is enough to find any of them. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "io/genosrc_bed_int.h"
#include "io/htsmisc.h"

#define READ_BYTES ((size_t)1 << 16)
#define MAX_LINE   ((size_t)1 << 24)

/* ---- files ---- */

int bed_file_open(struct grx_ctx *cx, const char *path, struct bed_file *f)
{
	struct stat st;
	int rc = grx_readable_check(cx, path);

	f->fd = -1;
	if (rc)
		return rc;
	f->path = grx_strdup(path);
	if (!f->path)
		return grx_fail_nomem(cx, "file name");
	f->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (f->fd < 0 || fstat(f->fd, &st))
		return grx_fail(cx, GRX_E_NOINPUT, "%s: can't be opened: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return grx_fail(cx, GRX_E_NOINPUT,
			"%s: not a regular file: plink's .bed, .bim and .fam are read by "
			"position",
			path);
	f->size = (int64_t)st.st_size;
	return GRX_OK;
}

void bed_file_close(struct bed_file *f)
{
	if (f->path && f->fd >= 0)
		close(f->fd);
	grx_free(f->path);
	f->path = NULL;
}

/* Up to n bytes; *got 0 at the end. */
static int read_at(struct grx_ctx *cx, const struct bed_file *f, void *p, size_t n, int64_t off, size_t *got)
{
	ssize_t r;

	do {
		r = pread(f->fd, p, n, (off_t)off);
	} while (r < 0 && errno == EINTR);
	if (r < 0)
		return grx_fail(cx, GRX_E_IO, "%s: read failed: %s", f->path, strerror(errno));
	*got = (size_t)r;
	return GRX_OK;
}

int bed_file_read(struct grx_ctx *cx, const struct bed_file *f, void *p, size_t n, int64_t off)
{
	size_t done = 0, got = 1;

	while (done < n && got) {
		int rc = read_at(cx, f, (char *)p + done, n - done, off + (int64_t)done, &got);
		if (rc)
			return rc;
		done += got;
	}
	return done == n ? GRX_OK : grx_fail(cx, GRX_E_DATA, "%s: changed while it was read", f->path);
}

/* ---- rows ---- */

int bim_reader_open(struct grx_ctx *cx, const struct bed_file *f, struct bim_reader *r)
{
	r->f = f;
	r->cap = READ_BYTES;
	r->buf = grx_malloc(r->cap + 1, 1);
	return r->buf ? GRX_OK : grx_fail_nomem(cx, ".bim");
}

void bim_reader_close(struct bim_reader *r)
{
	grx_free(r->buf);
	r->buf = NULL;
}

void bim_reader_seek(struct bim_reader *r, int64_t off, int64_t row)
{
	r->at = r->n = 0;
	r->off = off;
	r->row = row;
	r->ended = false;
}

int64_t bim_reader_tell(const struct bim_reader *r)
{
	return r->off + (int64_t)r->at;
}

/* More bytes behind those not read yet. */
static int refill(struct grx_ctx *cx, struct bim_reader *r)
{
	size_t left = r->n - r->at, got = 0;

	memmove(r->buf, r->buf + r->at, left);
	r->off += (int64_t)r->at;
	r->at = 0;
	r->n = left;
	if (left == r->cap) {
		if (r->cap >= MAX_LINE)
			return grx_fail(cx, GRX_E_DATA, "%s:%lld: line longer than %zu bytes", r->f->path,
				(long long)r->row + 1, MAX_LINE);
		char *p = grx_realloc(r->buf, 2 * r->cap + 1, 1);
		if (!p)
			return grx_fail_nomem(cx, ".bim");
		r->buf = p;
		r->cap *= 2;
	}
	int rc = read_at(cx, r->f, r->buf + left, r->cap - left, r->off + (int64_t)left, &got);
	r->n += got;
	r->ended = got == 0;
	return rc;
}

static int line_of(struct grx_ctx *cx, struct bim_reader *r, char **s, size_t *n)
{
	char *nl = NULL;

	*s = NULL;
	for (;;) {
		nl = r->n > r->at ? memchr(r->buf + r->at, '\n', r->n - r->at) : NULL;
		if (nl || r->ended)
			break;
		int rc = refill(cx, r);
		if (rc)
			return rc;
	}
	if (r->n == r->at)
		return GRX_OK;
	*s = r->buf + r->at;
	*n = nl ? (size_t)(nl - *s) : r->n - r->at;
	r->at += *n + (nl ? 1 : 0);
	if (*n && (*s)[*n - 1] == '\r')
		(*n)--;
	(*s)[*n] = '\0';
	return GRX_OK;
}

static int bad(struct grx_ctx *cx, const struct bim_reader *r, const char *what, const char *found)
{
	return grx_fail(
		cx, GRX_E_DATA, "%s:%lld: %s: '%.60s'", r->f->path, (long long)r->row + 1, what, found);
}

/* Base letters become capitals; other names of alleles stay. */
static int check_allele(struct grx_ctx *cx, const struct bim_reader *r, char *s)
{
	size_t n = strspn(s, "ACGTNacgtn");

	for (size_t i = 0; !s[n] && i < n; i++)
		if (s[i] >= 'a')
			s[i] = (char)(s[i] - 32);
	for (const char *p = s; *p; p++)
		if (*p < '!' || *p > '~' || *p == ',')
			return bad(cx, r, "allele is not printable text without a comma", s);
	return GRX_OK;
}

static int parse_row(struct grx_ctx *cx, struct bim_reader *r, char *s, size_t n, struct bim_row *v)
{
	char *field[7];
	int k = 0;

	if (memchr(s, 0, n) || !grx_utf8_ok(s, n))
		return bad(cx, r, "not UTF-8 text", s);
	for (char *p = s; *(p += strspn(p, " \t")) && k < 7;) {
		field[k++] = p;
		p += strcspn(p, " \t");
		if (*p)
			*p++ = '\0';
	}
	if (k != 6)
		return bad(cx, r, "expected 6 columns: chromosome, ID, cM, position, allele 1, allele 2",
			k ? s : "");
	*v = (struct bim_row){
		.chrom = field[0], .id = field[1], .a1 = field[4], .a2 = field[5], .row = r->row};
	if (!grx_parse_i64(field[3], &v->pos) || v->pos < 0 || v->pos > INT32_MAX - 1)
		return bad(cx, r, "position is not an integer from 0 to 2147483646", field[3]);
	int rc = check_allele(cx, r, v->a1);
	if (!rc)
		rc = check_allele(cx, r, v->a2);
	if (!rc && strcmp(v->a1, v->a2) == 0 && strcmp(v->a1, "0") != 0)
		rc = bad(cx, r, "both alleles are the same", v->a1);
	return rc;
}

int bim_reader_next(struct grx_ctx *cx, struct bim_reader *r, struct bim_row *v, bool *more)
{
	char *s;
	size_t n = 0;
	int rc = line_of(cx, r, &s, &n);

	*more = !rc && s;
	if (rc || !s)
		return rc;
	rc = parse_row(cx, r, s, n, v);
	r->row++;
	return rc;
}

/* ---- the whole file ---- */

/* plink's codes: 23 X, 24 Y, 25 pseudo-autosomal X, 26 MT. */
static void contig_name(const char *code, char *buf, size_t n)
{
	static const char *const name[][2] = {{"23", "X"}, {"24", "Y"}, {"25", "X"}, {"26", "MT"},
		{"XY", "X"}, {"PAR1", "X"}, {"PAR2", "X"}, {"0X", "X"}, {"0Y", "Y"}, {"0M", "MT"}};
	bool chr = grx_starts(code, "chr");
	const char *s = code + (chr ? 3 : 0);

	for (size_t i = 0; i < sizeof name / sizeof *name; i++)
		if (strcmp(s, name[i][0]) == 0) {
			s = chr && strcmp(name[i][1], "MT") == 0 ? "M" : name[i][1];
			break;
		}
	snprintf(buf, n, "%s%s", chr ? "chr" : "", s);
}

static int new_seg(struct grx_ctx *cx, struct bim *b, struct bim_reader *r, const struct bim_row *v,
	struct grx_contigs *d)
{
	char name[128];

	if (strlen(v->chrom) > 100)
		return bad(cx, r, "name of the chromosome is longer than 100 bytes", v->chrom);
	for (size_t i = 0; i < b->n_seg; i++)
		if (strcmp(b->seg[i].code, v->chrom) == 0)
			return bad(cx, r,
				"not sorted: the chromosome comes back, sort the file (plink --make-bed)",
				v->chrom);
	contig_name(v->chrom, name, sizeof name);
	int32_t tid = grx_contigs_find(d, name);
	if (tid < 0) {
		int rc = grx_contigs_add(cx, d, name, 0, NULL);
		if (rc)
			return rc;
		tid = d->n - 1;
	}
	if (grx_grow(&b->seg, &b->cap_seg, b->n_seg + 1, sizeof *b->seg, 100000))
		return grx_fail_nomem(cx, ".bim");
	struct bim_seg *g = &b->seg[b->n_seg];
	*g = (struct bim_seg){.code = grx_strdup(v->chrom), .tid = tid, .first = v->row};
	if (!g->code)
		return grx_fail_nomem(cx, ".bim");
	b->n_seg++;
	return GRX_OK;
}

static int add_row(struct grx_ctx *cx, struct bim *b, struct bim_reader *r, const struct bim_row *v,
	int64_t off, int64_t *last)
{
	if (v->pos < *last)
		return bad(cx, r,
			"not sorted: position below the row before, sort the file (plink --make-bed)", v->id);
	*last = v->pos;
	int64_t n = (int64_t)strlen(v->a2);
	b->reach = n > b->reach ? n : b->reach;
	b->seg[b->n_seg - 1].n++;
	b->n++;
	if (v->row % BIM_STEP)
		return GRX_OK;
	if (grx_grow(&b->place, &b->cap_place, b->n_place + 1, sizeof *b->place, 0))
		return grx_fail_nomem(cx, ".bim");
	b->place[b->n_place++] = (struct bim_place){off, v->pos};
	return GRX_OK;
}

int bim_open(struct grx_ctx *cx, const char *path, struct bim *b, struct grx_contigs *d)
{
	int rc = GRX_E_BUG;
	struct bim_reader r = {0};
	struct bim_row v;
	bool more = true;
	int64_t last = 0;

	GRX_TRY(bed_file_open(cx, path, &b->f));
	GRX_TRY(bim_reader_open(cx, &b->f, &r));
	for (;;) {
		int64_t off = bim_reader_tell(&r);
		GRX_TRY(bim_reader_next(cx, &r, &v, &more));
		if (!more)
			break;
		r.row--; /* messages name this row */
		if (b->n_seg == 0 || strcmp(b->seg[b->n_seg - 1].code, v.chrom) != 0) {
			GRX_TRY(new_seg(cx, b, &r, &v, d));
			last = 0;
		}
		GRX_TRY(add_row(cx, b, &r, &v, off, &last));
		r.row++;
	}
	rc = b->n ? GRX_OK : grx_fail(cx, GRX_E_DATA, "%s: no variants", path);
out:
	bim_reader_close(&r);
	return rc;
}

void bim_close(struct bim *b)
{
	bed_file_close(&b->f);
	for (size_t i = 0; i < b->n_seg; i++)
		grx_free(b->seg[i].code);
	grx_free(b->seg);
	grx_free(b->place);
}

void bim_seek(const struct bim *b, const struct bim_seg *g, int64_t beg, struct bim_reader *r)
{
	/* rows of the run before its first kept place can only be reached from the place before */
	int64_t lo = g->first / BIM_STEP, hi = (g->first + g->n - 1) / BIM_STEP, pos = beg + 1 - b->reach;

	while (lo < hi) { /* the last place in the run at or before pos */
		int64_t mid = lo + (hi - lo + 1) / 2;
		if (b->place[mid].pos < pos)
			lo = mid;
		else
			hi = mid - 1;
	}
	bim_reader_seek(r, b->place[lo].off, lo * BIM_STEP);
}
