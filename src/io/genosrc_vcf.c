/* SPDX-License-Identifier: GPL-3.0-or-later
 * genosrc_vcf.c -- records of VCF text read in place: the site's columns are checked as everywhere
 * (varval.c), the sample columns counted. The byte behind the last sample becomes a tab, so that every cell
 * ends with one. */
#include <string.h>

#include "base/mem.h"
#include "io/genosrc_int.h"

#define LINE_MAX_BYTES ((size_t)1 << 28)
#define N_SITE         9 /* columns before the samples */

struct line {
	char *s;
	size_t n;
	char *col[N_SITE]; /* begin of each, NULL behind the last */
	char *samples;
};

/* A whole line without its end; *s NULL at the end of the file. */
static int next_line(struct grx_ctx *cx, struct grx_genocur *c, char **s, size_t *n)
{
	struct geno_stream *st = &c->st;
	size_t seen = 0;
	char *nl = NULL;

	*s = NULL;
	for (;;) {
		size_t have = st->n - st->pos;
		if (have > seen)
			nl = memchr(st->cur->p + st->pos + seen, '\n', have - seen);
		if (nl || st->ended)
			break;
		seen = have;
		if (have > LINE_MAX_BYTES)
			return grx_fail(cx, GRX_E_DATA, "%s: record %lld: line longer than %zu bytes",
				c->s->path, (long long)c->n + 1, LINE_MAX_BYTES);
		int rc = geno_stream_more(cx, st);
		if (rc)
			return rc;
	}
	if (st->n == st->pos)
		return GRX_OK;
	*s = st->cur->p + st->pos;
	*n = nl ? (size_t)(nl - *s) : st->n - st->pos;
	st->pos += *n + (nl ? 1 : 0);
	if (*n && (*s)[*n - 1] == '\r')
		(*n)--;
	return GRX_OK;
}

static int bad_line(struct grx_ctx *cx, struct grx_genocur *c, const char *what)
{
	return grx_fail(cx, GRX_E_DATA, "%s: record %lld: %s", c->s->path, (long long)c->n, what);
}

/* Cut the columns of the site; the bytes of a site must be text. */
static int cut(struct grx_ctx *cx, struct grx_genocur *c, struct line *l)
{
	char *end = l->s + l->n, *p = l->s;
	int k = 0;

	for (; k < N_SITE && p; k++) {
		char *tab = memchr(p, '\t', (size_t)(end - p));
		l->col[k] = p;
		p = tab ? tab + 1 : NULL;
	}
	l->samples = p;
	size_t n = (size_t)((p ? p : end) - l->s);
	if (memchr(l->s, 0, n))
		return bad_line(cx, c, "NUL byte in the line: not a text file or damaged");
	if (memchr(l->s, '\r', n))
		return bad_line(cx, c, "carriage return inside a line: convert the line ends to LF");
	if (!grx_utf8_ok(l->s, n))
		return bad_line(cx, c, "not UTF-8: convert the file");
	return GRX_OK;
}

static int bad_count(struct grx_ctx *cx, struct grx_genocur *c, struct geno_rec *r, size_t found)
{
	int want = c->s->n_file ? N_SITE + c->s->n_file : 8;
	char buf[96];

	snprintf(buf, sizeof buf, "%zu, expected %d tab-separated", found, want);
	return geno_bad(
		cx, &r->g, found < (size_t)want ? "too few columns" : "too many columns", buf, strlen(buf));
}

static int find_contig(struct grx_genocur *c, const char *name, size_t n)
{
	if (c->chrom && strlen(c->chrom) == n && memcmp(c->chrom, name, n) == 0)
		return GRX_OK;
	if (grx_grow(&c->chrom, &c->cap_chrom, n + 1, 1, 0))
		return GRX_E_NOMEM;
	memcpy(c->chrom, name, n);
	c->chrom[n] = '\0';
	c->chrom_tid = bcf_hdr_name2id(c->vh->live, c->chrom);
	return GRX_OK;
}

/* INFO END, -1 without. The value has been checked. */
static int64_t info_end(const char *info)
{
	for (const char *s = info; (s = strstr(s, "END=")); s += 4)
		if ((s == info || s[-1] == ';') && s[4] != '.')
			return strtoll(s + 4, NULL, 10);
	return -1;
}

/* REF and ALT into the list, strings ended in place. */
static int put_alleles(struct grx_ctx *cx, struct geno_rec *r, const struct line *l)
{
	char *alt = l->col[4];
	size_t n_alt = (size_t)(l->col[5] - 1 - alt);
	bool none = n_alt == 1 && *alt == '.';
	int n = none ? 1 : 2, rc;

	for (size_t i = 0; i < n_alt; i++)
		n += alt[i] == ',';
	rc = geno_alleles(cx, r, n);
	if (rc)
		return rc;
	r->g.n_allele = n;
	r->allele[0] = l->col[3];
	alt[-1] = '\0';
	alt[n_alt] = '\0';
	for (int i = 1; i < n; i++) {
		r->allele[i] = alt;
		char *comma = strchr(alt, ',');
		if (comma)
			*comma = '\0';
		alt = comma ? comma + 1 : alt;
	}
	return GRX_OK;
}

/* Checked columns to the record. */
static int take_site(struct grx_ctx *cx, struct grx_genocur *c, struct geno_rec *r, struct line *l)
{
	struct grx_geno *g = &r->g;

	if (find_contig(c, l->col[0], (size_t)(l->col[1] - 1 - l->col[0])))
		return grx_fail_nomem(cx, "record");
	g->tid = c->chrom_tid;
	g->pos = strtoll(l->col[1], NULL, 10) - 1;
	char *ref = l->col[3], *info = l->col[7];
	*(ref - 1) = *(info - 1) = '\0';
	g->id = strcmp(l->col[2], ".") == 0 ? NULL : l->col[2];
	char *filter = l->col[6];
	g->filtered = strcmp(filter, ".") != 0 && strcmp(filter, "PASS") != 0;
	int64_t end_at = info_end(info);
	int rc = put_alleles(cx, r, l);
	if (!rc)
		g->end = end_at >= 0 ? end_at : g->pos + (int64_t)strlen(r->allele[0]);
	return rc;
}

static int parse(struct grx_ctx *cx, struct grx_genocur *c, struct geno_rec *r, struct line *l)
{
	int rc = GRX_E_BUG;
	size_t n = l->n;
	char keep = l->s[l->n];

	GRX_TRY(cut(cx, c, l));
	l->s[l->n] = '\0';
	GRX_TRY(grx_varval_line(cx, c->vv, l->s, &n)); /* ends INFO, and so l->s, by a NUL */
	if (l->n > n)
		l->s[l->n] = keep;
	GRX_TRY(take_site(cx, c, r, l));
	size_t tabs = 7 + (l->col[8] ? 1 : 0) +
		      (l->samples ? 1 + geno_count(l->samples, l->n - (size_t)(l->samples - l->s), '\t') : 0);
	if (tabs + 1 != (size_t)(c->s->n_file ? N_SITE + c->s->n_file : 8) &&
		!(c->s->n_file == 0 && tabs == 8))
		return bad_count(cx, c, r, tabs + 1);
	if (l->samples && c->s->n_file) {
		r->format = l->col[8];
		r->cell = l->samples;
		r->end = l->s + l->n;
		*r->end = '\t';
	}
	rc = GRX_OK;
out:
	return rc;
}

int geno_vcf_next(struct grx_ctx *cx, struct grx_genocur *c, struct geno_rec *r, bool *more)
{
	int rc = GRX_E_BUG;
	struct line l = {0};

	*more = false;
	r->format = r->cell = r->end = NULL;
	GRX_TRY(next_line(cx, c, &l.s, &l.n));
	if (!l.s)
		return GRX_OK;
	c->n++;
	r->g.line = c->windowed ? 0 : c->n;
	GRX_TRY(parse(cx, c, r, &l));
	r->g.allele = r->allele;
	GRX_TRY(geno_text_check(cx, &r->g));
	*more = true;
	rc = GRX_OK;
out:
	return rc;
}
