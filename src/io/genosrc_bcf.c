/* SPDX-License-Identifier: GPL-3.0-or-later
 * genosrc_bcf.c -- records of BCF read in place: site, order and structure are checked, columns only found.
 * The bytes between two strings are type marks, read before the strings, so that NULs can be put there. */
#include <math.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "io/bcfraw.h"
#include "io/genosrc_int.h"
#include "io/htsmisc.h"

static bool declared(const bcf_hdr_t *h, int kind, int id)
{
	return id >= 0 && id < h->n[BCF_DT_ID] && h->id[BCF_DT_ID][id].val &&
	       bcf_hdr_idinfo_exists(h, kind, id);
}

/* A key: one integer, declared as kind. */
static int key(struct bcfraw *r, const bcf_hdr_t *h, int kind)
{
	int type, n;
	const uint8_t *p = bcfraw_typed(r, &type, &n);

	if (r->bad || n != 1 || !bcfraw_is_int(type)) {
		r->bad = true;
		return -1;
	}
	int id = bcfraw_int(p, type);
	if (!declared(h, kind, id))
		r->bad = true;
	return id;
}

static int bad_place(struct grx_ctx *cx, const struct geno_rec *r, const char *what)
{
	char pos[32];

	snprintf(pos, sizeof pos, "%lld", (long long)r->g.pos + 1);
	return geno_bad(cx, &r->g, what, pos, strlen(pos));
}

static int check_place(struct grx_ctx *cx, struct grx_genocur *c, struct geno_rec *r)
{
	const struct grx_contigs *d = c->s->contigs;

	if (r->g.tid < 0 || r->g.tid >= d->n)
		return geno_bad(cx, &r->g, "contig number is not in the header", "", 0);
	int64_t len = d->c[r->g.tid].len, pos = r->g.pos + 1;
	if (pos < 0)
		return bad_place(cx, r, "POS is not a position");
	if ((len && pos > len + 1) || pos > INT32_MAX - 1)
		return bad_place(cx, r, "POS is beyond the contig");
	if (r->g.tid < c->last_tid)
		return geno_bad(cx, &r->g,
			"not sorted: contigs are not in the order of the header, sort the file",
			d->c[r->g.tid].name, strlen(d->c[r->g.tid].name));
	if (r->g.tid == c->last_tid && r->g.pos < c->last_pos)
		return bad_place(cx, r, "not sorted: position below the record before, sort the file");
	return GRX_OK;
}

/* ID, REF, ALT: strings in place, not ended yet; len their lengths (ID apart). */
static int read_alleles(struct grx_ctx *cx, struct geno_rec *r, struct bcfraw *rd, uint8_t **after)
{
	int type, n, rc = geno_alleles(cx, r, r->g.n_allele);

	if (rc)
		return rc;
	uint8_t *id = bcfraw_typed(rd, &type, &n);
	if (rd->bad || (type != BCF_BT_CHAR && n > 0))
		return geno_bad(cx, &r->g, "record cannot be decoded", "ID", 2);
	r->g.id = n == 0 || (n == 1 && *id == '.') || !*id ? NULL : (char *)id;
	uint8_t *last = id + n;
	for (int i = 0; i < r->g.n_allele; i++) {
		uint8_t *a = bcfraw_typed(rd, &type, &n);
		if (rd->bad || type != BCF_BT_CHAR || n == 0 || memchr(a, 0, (size_t)n))
			return geno_bad(cx, &r->g, "record cannot be decoded", "allele", 6);
		r->allele[i] = (char *)a;
		*last = 0; /* the mark before: read already */
		last = a + n;
	}
	*after = last;
	return GRX_OK;
}

static int read_filter(struct grx_ctx *cx, struct geno_rec *r, struct bcfraw *rd, const bcf_hdr_t *h)
{
	int type, n;
	const uint8_t *p = bcfraw_typed(rd, &type, &n);

	if (rd->bad || (n > 0 && !bcfraw_is_int(type)))
		return geno_bad(cx, &r->g, "record cannot be decoded", "FILTER", 6);
	for (int i = 0; i < n; i++) {
		int id = bcfraw_int(p + i * bcfraw_width(type), type);
		if (!declared(h, BCF_HL_FLT, id))
			return geno_bad(cx, &r->g, "FILTER is not declared in the header", "", 0);
		r->g.filtered |= strcmp(h->id[BCF_DT_ID][id].key, "PASS") != 0;
	}
	return GRX_OK;
}

/* Walk over INFO; *end_at: the value of END, -1 without. */
static int read_info(struct grx_ctx *cx, struct grx_genocur *c, struct geno_rec *r, struct bcfraw *rd,
	int n_info, int64_t *end_at)
{
	const bcf_hdr_t *h = c->vh->live;

	*end_at = -1;
	for (int i = 0; i < n_info && !rd->bad; i++) {
		int type, n, id = key(rd, h, BCF_HL_INFO);
		const uint8_t *p = bcfraw_typed(rd, &type, &n);
		if (rd->bad || id != c->id_end || n < 1 || !bcfraw_is_int(type))
			continue;
		int32_t v = bcfraw_int(p, type);
		bool none = type == BCF_BT_INT8    ? v == bcf_int8_missing
			    : type == BCF_BT_INT16 ? v == bcf_int16_missing
						   : v == bcf_int32_missing;
		if (!none)
			*end_at = v;
	}
	return rd->bad ? geno_bad(cx, &r->g, "record cannot be decoded", "INFO", 4) : GRX_OK;
}

static bool is_plain(const char *s)
{
	const char *p = s;

	for (; *p == 'A' || *p == 'C' || *p == 'G' || *p == 'T'; p++)
		;
	return !*p && p > s;
}

/* Few different alleles of capital bases or of the common symbols, within the contig. */
static bool common_alleles(const struct geno_rec *r, int64_t len)
{
	const struct grx_geno *g = &r->g;

	if (g->n_allele > 6 || !is_plain(r->allele[0]) ||
		(len && g->pos + (int64_t)strlen(r->allele[0]) > len))
		return false;
	for (int i = 1; i < g->n_allele; i++) {
		const char *a = r->allele[i];
		if (!is_plain(a) && strcmp(a, "*") != 0 && strcmp(a, "<NON_REF>") != 0 &&
			strcmp(a, "<*>") != 0)
			return false;
		for (int j = 0; j < i; j++)
			if (strcmp(r->allele[j], a) == 0)
				return false;
	}
	return true;
}

/* What is not common is the general check's. */
static int check_alleles(struct grx_ctx *cx, struct grx_genocur *c, struct geno_rec *r)
{
	struct grx_geno *g = &r->g;
	struct grx_str alt = {0};
	int rc;

	if (common_alleles(r, c->s->contigs->c[g->tid].len))
		return GRX_OK;
	for (int i = 1; i < g->n_allele; i++)
		grx_str_addf(&alt, "%s%s", i > 1 ? "," : "", r->allele[i]);
	if (g->n_allele == 1)
		grx_str_add(&alt, ".");
	if (alt.oom) {
		grx_str_clear(&alt);
		return grx_fail_nomem(cx, "record");
	}
	struct grx_varsite site = {
		.record = c->n, .pos = g->pos, .rid = g->tid, .ref = (char *)r->allele[0], .alt = alt.s};
	rc = grx_varval_alleles(cx, c->vv, &site);
	size_t at = 0;
	for (int i = 1; i < g->n_allele && !rc; i++) { /* back in upper case */
		size_t n = strlen(r->allele[i]);
		memcpy((char *)r->allele[i], alt.s + at, n);
		at += n + 1;
	}
	grx_str_clear(&alt);
	return rc;
}

/* What a record says of itself twice must agree. */
static int check_length(struct grx_ctx *cx, struct geno_rec *r, int64_t rlen, int64_t end_at)
{
	struct grx_geno *g = &r->g;
	int64_t n_ref = (int64_t)strlen(r->allele[0]);
	bool symbolic = false;

	if (end_at >= 0) {
		if (end_at < g->pos + 1)
			return geno_bad(cx, g, "END is before POS", "", 0);
		g->end = end_at;
		return GRX_OK;
	}
	if (rlen < 0) /* as htslib does */
		rlen = n_ref;
	for (int i = 1; i < g->n_allele; i++)
		symbolic |= strpbrk(r->allele[i], "<[]") != NULL;
	if (!symbolic && rlen != n_ref)
		return geno_bad(cx, g, "record length differs from that of REF", r->allele[0], (size_t)n_ref);
	g->end = g->pos + rlen;
	return GRX_OK;
}

/* Where the columns are. */
static int read_formats(struct grx_ctx *cx, struct grx_genocur *c, struct geno_rec *r, struct bcfraw *rd)
{
	for (int i = 0; i < r->n_fmt; i++) {
		struct geno_fmt *f = &r->fmt[i];
		f->id = key(rd, c->vh->live, BCF_HL_FMT);
		f->n = bcfraw_mark(rd, &f->type);
		if (f->n && c->s->n_file > 0 && (size_t)f->n > SIZE_MAX / 4 / (size_t)c->s->n_file)
			rd->bad = true;
		f->p = bcfraw_values(
			rd, rd->bad ? 0 : (size_t)f->n * (size_t)c->s->n_file, (size_t)bcfraw_width(f->type));
		if (rd->bad)
			return geno_bad(cx, &r->g, "record cannot be decoded", "FORMAT", 6);
	}
	return GRX_OK;
}

static int parse(
	struct grx_ctx *cx, struct grx_genocur *c, struct geno_rec *r, uint8_t *p, const size_t len[2])
{
	int rc = GRX_E_BUG;
	struct bcfraw rd = {p + BCFRAW_FIXED, p + len[0], false};
	struct bcfraw ind = {p + len[0], p + len[0] + len[1], false};
	uint8_t *after = p;
	int64_t end_at;
	float qual;
	uint32_t bits = bcfraw_u32(p + 12), n_allele = bcfraw_u32(p + 16) >> 16,
		 n_info = bcfraw_u32(p + 16) & 0xffff;

	r->g.tid = (int32_t)bcfraw_u32(p);
	r->g.pos = (int32_t)bcfraw_u32(p + 4);
	r->g.n_allele = (int32_t)n_allele;
	r->n_fmt = p[23];
	memcpy(&qual, &bits, sizeof qual);
	GRX_TRY(check_place(cx, c, r));
	if (n_allele < 1)
		return geno_bad(cx, &r->g, "record cannot be decoded", "no REF", 6);
	if ((int)(bcfraw_u32(p + 20) & 0xffffff) != c->s->n_file)
		return geno_bad(cx, &r->g, "record and header differ in the number of samples", "", 0);
	GRX_TRY(read_alleles(cx, r, &rd, &after));
	GRX_TRY(read_filter(cx, r, &rd, c->vh->live));
	*after = 0;
	GRX_TRY(read_info(cx, c, r, &rd, (int)n_info, &end_at));
	if (!bcf_float_is_missing(qual) && !isfinite(qual))
		return geno_bad(cx, &r->g, "QUAL is not finite", "", 0);
	GRX_TRY(check_alleles(cx, c, r));
	GRX_TRY(check_length(cx, r, (int32_t)bcfraw_u32(p + 8), end_at));
	if (grx_grow(&r->fmt, &r->cap_fmt, (size_t)r->n_fmt, sizeof *r->fmt, 0))
		return grx_fail_nomem(cx, "record");
	rc = read_formats(cx, c, r, &ind);
out:
	return rc;
}

static int truncated(struct grx_ctx *cx, struct grx_genocur *c)
{
	char where[64];

	snprintf(where, sizeof where, "after record %lld", (long long)c->n);
	return grx_bgzf_fail(cx, NULL, c->s->path, where);
}

int geno_bcf_next(struct grx_ctx *cx, struct grx_genocur *c, struct geno_rec *r, bool *more)
{
	int rc = GRX_E_BUG;
	struct geno_stream *st = &c->st;
	size_t len[2];

	*more = false;
	GRX_TRY(geno_stream_need(cx, st, BCFRAW_HEAD));
	if (st->n == st->pos)
		return GRX_OK;
	if (st->n - st->pos < BCFRAW_HEAD)
		return truncated(cx, c);
	const uint8_t *p = (const uint8_t *)st->cur->p + st->pos;
	len[0] = bcfraw_u32(p);
	len[1] = bcfraw_u32(p + 4);
	if (len[0] < BCFRAW_FIXED)
		return truncated(cx, c);
	GRX_TRY(geno_stream_need(cx, st, BCFRAW_HEAD + len[0] + len[1]));
	if (st->n - st->pos < BCFRAW_HEAD + len[0] + len[1])
		return truncated(cx, c);
	uint8_t *q = (uint8_t *)st->cur->p + st->pos + BCFRAW_HEAD;
	st->pos += BCFRAW_HEAD + len[0] + len[1];
	c->n++;
	r->g.line = c->windowed ? 0 : c->n;
	GRX_TRY(parse(cx, c, r, q, len));
	*more = true;
	rc = GRX_OK;
out:
	return rc;
}
