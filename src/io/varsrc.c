/* SPDX-License-Identifier: GPL-3.0-or-later
 * varsrc.c -- VCF and BCF as a stream of validated batches.
 * Text is read by our own line reader (it tells damage from the end of the file), checked, then parsed. BCF
 * goes through the library's reader and is checked after decoding. With regions and an index only those parts
 * are read. */
#include "io/varsrc.h"

#include <errno.h>
#include <string.h>

#include <htslib/hfile.h>

#include "base/log.h"
#include "base/mem.h"
#include "io/htsmisc.h"
#include "io/varsrc_int.h"

void grx_varsrc_close(struct grx_varsrc *s)
{
	if (!s)
		return;
	if (s->held)
		bcf_destroy(s->held);
	grx_text_close(s->text);
	if (s->bcf)
		(void)!hts_close(s->bcf);
	grx_varval_free(s->vv);
	if (!s->idx)
		grx_varhdr_free(s->vh);
	grx_varidx_close(s->idx);
	grx_hdr_free(s->hdr);
	grx_contigs_free(s->contigs);
	free(s->line.s);
	grx_free(s->path);
	grx_free(s);
}

struct grx_hdr *grx_varsrc_hdr(struct grx_varsrc *s)
{
	return s->hdr;
}

const struct grx_contigs *grx_varsrc_contigs(const struct grx_varsrc *s)
{
	return s->contigs;
}

static int open_text(struct grx_ctx *cx, struct grx_varsrc *s)
{
	int rc = GRX_E_BUG;
	struct grx_str head = {0};
	char *line;

	for (;;) {
		GRX_TRY(grx_text_line(cx, s->text, &line));
		if (!line) {
			rc = grx_fail(cx, GRX_E_DATA, "%s: %s", s->path,
				head.n ? "header without the #CHROM line" : "empty file, not a VCF");
			goto out;
		}
		if (*line != '#') {
			rc = grx_fail(cx, GRX_E_DATA, "%s:%lld: %s: '%.40s'", s->path,
				(long long)grx_text_lineno(s->text),
				head.n ? "record or blank line inside the header"
				       : "not a VCF: expected ##fileformat",
				line);
			goto out;
		}
		grx_str_addn(&head, line, grx_text_len(s->text));
		grx_str_addc(&head, '\n');
		if (line[1] != '#')
			break;
	}
	rc = head.oom ? grx_fail_nomem(cx, "header")
		      : grx_varhdr_parse(cx, s->path, &head, s->want.sites_only, &s->vh);
out:
	grx_str_clear(&head);
	return rc;
}

static int open_bcf(struct grx_ctx *cx, struct grx_varsrc *s, hFILE *f)
{
	int rc = GRX_E_BUG;
	bcf_hdr_t *h;

	errno = 0;
	s->bcf = hts_hopen(f, s->path, "r");
	if (!s->bcf) {
		rc = grx_hts_sys_fail(cx, s->path, errno);
		hclose_abruptly(f);
		if (rc)
			return rc;
		return grx_fail(cx, GRX_E_DATA, "%s: BCF cannot be read", s->path);
	}
	GRX_TRY(grx_bgzf_eof_check(cx, s->bcf->fp.bgzf, s->path, false));
	errno = 0;
	h = bcf_hdr_read(s->bcf);
	if (!h)
		GRX_TRY(grx_hts_sys_fail(cx, s->path, errno));
	if (!h)
		return grx_fail(
			cx, GRX_E_DATA, "%s: BCF header cannot be read: damaged or truncated", s->path);
	if ((s->want.sites_only && bcf_hdr_set_samples(h, NULL, 0) < 0) || errno == ENOMEM) {
		bcf_hdr_destroy(h);
		return grx_fail_nomem(cx, "header");
	}
	rc = grx_varhdr_take(cx, s->path, h, &s->vh);
out:
	return rc;
}

/* By content: BCF or text. */
static int open_stream(struct grx_ctx *cx, struct grx_varsrc *s)
{
	int rc = GRX_E_BUG;
	hFILE *f;
	htsFormat fmt;

	GRX_TRY(grx_hfile_open(cx, s->path, &f));
	memset(&fmt, 0, sizeof fmt);
	if (hts_detect_format(f, &fmt) < 0) {
		hclose_abruptly(f);
		return grx_fail(cx, GRX_E_IO, "%s: read error: %s", s->path, strerror(errno));
	}
	if (fmt.format == bcf) {
		GRX_TRY(open_bcf(cx, s, f));
	} else {
		GRX_TRY(grx_text_open_hfile(cx, f, s->path, &s->text));
		GRX_TRY(open_text(cx, s));
	}
	rc = grx_varval_new(cx, s->path, s->vh, s->want.sites_only, &s->vv);
out:
	return rc;
}

int grx_varsrc_open(struct grx_ctx *cx, const struct grx_varsrc_opt *o, struct grx_varsrc **out)
{
	int rc = GRX_E_BUG;
	bool indexed = false;
	struct grx_varsrc *s = grx_calloc(1, sizeof *s);

	*out = NULL;
	if (!s || !(s->path = grx_strdup(o->path))) {
		grx_free(s);
		return grx_fail_nomem(cx, "variant reader");
	}
	grx_hts_quiet();
	s->want = (struct grx_varwant){.info = o->info, .fmt = o->fmt, .sites_only = o->sites_only};
	s->regions = o->regions;
	s->overlap = o->overlap;
	if (s->regions)
		GRX_TRY(grx_varidx_exists(cx, s->path, &indexed));
	if (indexed) {
		GRX_TRY(grx_varidx_open(cx, s->path, o->sites_only, &s->idx));
		s->vh = grx_varidx_hdr(s->idx);
	} else {
		GRX_TRY(open_stream(cx, s));
	}
	s->one_sample = o->sample && !o->sites_only;
	if (s->one_sample)
		GRX_TRY(grx_varhdr_select(cx, s->path, s->vh, o->sample));
	GRX_TRY(grx_varhdr_neutral(cx, s->path, s->vh, &s->contigs, &s->hdr));
	*out = s;
	s = NULL;
	rc = GRX_OK;
out:
	grx_varsrc_close(s);
	return rc;
}

/* The parser may grow its buffer, so it gets a copy of its own. */
static int parse_line(struct grx_ctx *cx, struct grx_varsrc *s, const char *line, size_t n, bcf1_t **rec)
{
	s->line.l = 0;
	if (kputsn(line, n, &s->line) < 0)
		return grx_fail_nomem(cx, "line");
	return grx_var_parse(cx, s->path, s->vh->live, &s->line, rec);
}

static int next_text(struct grx_ctx *cx, struct grx_varsrc *s, bcf1_t **rec)
{
	char *line;
	size_t n;
	int rc = grx_text_line(cx, s->text, &line);

	if (rc || !line)
		return rc;
	n = grx_text_len(s->text);
	rc = grx_varval_line(cx, s->vv, line, &n);
	return rc ? rc : parse_line(cx, s, line, n, rec);
}

static int next_bcf(struct grx_ctx *cx, struct grx_varsrc *s, bcf1_t **rec)
{
	bcf1_t *r = bcf_init();
	char where[64];
	int got, rc = GRX_OK;

	if (!r)
		return grx_fail_nomem(cx, "record");
	errno = 0;
	got = bcf_read(s->bcf, s->vh->live, r);
	snprintf(where, sizeof where, "after record %lld", (long long)grx_varval_count(s->vv));
	if (got < -1 || (got == -1 && s->bcf->fp.bgzf->errcode))
		rc = grx_bgzf_fail(cx, s->bcf->fp.bgzf, s->path, where);
	else if (got == -1)
		rc = grx_bgzf_end_check(cx, s->bcf->fp.bgzf, s->path, false);
	else if (r->errcode)
		rc = grx_fail(cx, GRX_E_DATA, "%s: damaged record %s (code %d)", s->path, where, r->errcode);
	else
		rc = grx_varval_rec(cx, s->vv, r);
	if (rc || got < 0)
		bcf_destroy(r);
	else
		*rec = r;
	return rc;
}

int grx_varsrc_indexed(struct grx_ctx *cx, const char *path, bool *yes)
{
	return grx_varidx_exists(cx, path, yes);
}

/* Does the record belong to the current region? By its position, or else to the first region it overlaps. */
static bool of_region(const struct grx_varsrc *s, const bcf1_t *rec)
{
	const struct grx_interval *r = &s->regions->v[s->region - 1];
	if (!s->overlap)
		return rec->pos >= r->beg && rec->pos < r->end;
	return s->region == 1 || r[-1].tid != r->tid || r[-1].end <= rec->pos;
}

/* Region after region. */
static int next_indexed(struct grx_ctx *cx, struct grx_varsrc *s, bcf1_t **rec)
{
	for (;;) {
		int rc = GRX_OK;
		if (s->asked)
			rc = grx_varidx_next(cx, s->idx, rec);
		if (rc)
			return rc;
		if (*rec) {
			if (of_region(s, *rec))
				return GRX_OK;
			bcf_destroy(*rec);
			*rec = NULL;
			continue;
		}
		if (s->region == s->regions->n)
			return GRX_OK;
		const struct grx_interval *r = &s->regions->v[s->region++];
		rc = grx_varidx_seek(cx, s->idx, r->tid, r->beg, r->end);
		if (rc)
			return rc;
		s->asked = true;
	}
}

static int next_record(struct grx_ctx *cx, struct grx_varsrc *s, bcf1_t **rec)
{
	*rec = NULL;
	if (s->idx)
		return next_indexed(cx, s, rec);
	return s->text ? next_text(cx, s, rec) : next_bcf(cx, s, rec);
}

void grx_varsrc_want(struct grx_varsrc *s, const struct grx_varcols *c)
{
	s->want.info = c->info;
	s->want.fmt = c->fmt;
	s->want.no_gt = !c->gt;
}

void grx_varsrc_join(struct grx_varsrc *s, const struct grx_varjoin *j)
{
	s->join = *j;
}

int64_t grx_varsrc_cuts(const struct grx_varsrc *s)
{
	return s->n_cut;
}

bool grx_varsrc_may_end(
	struct grx_varsrc *s, size_t n, size_t max, const int64_t prev[2], const int64_t next[2])
{
	const struct grx_varjoin *j = &s->join;

	if (n < max || (prev[0] == next[0] && prev[1] == next[1]))
		return false;
	if (!j->f || prev[0] != next[0] || !j->f(j->arg, (int32_t)prev[0], prev[1], next[1]))
		return true;
	if (n < GRX_VARSRC_MAX_JOINED)
		return false;
	s->n_cut++;
	return true;
}

static bool batch_full(struct grx_varsrc *s, const struct grx_vars *b, size_t max, const bcf1_t *rec)
{
	const struct grx_var *v = b->n ? &b->v[b->n - 1] : NULL;

	return v &&
	       grx_varsrc_may_end(s, b->n, max, (int64_t[]){v->tid, v->pos}, (int64_t[]){rec->rid, rec->pos});
}

int grx_varsrc_parse(struct grx_ctx *cx, struct grx_varsrc *s, const char *line, size_t n, struct grx_vars *b)
{
	bcf1_t *rec;
	int rc = parse_line(cx, s, line, n, &rec);

	if (rc)
		return rc;
	rc = grx_var_decode(cx, s->vh->live, &s->want, rec, b);
	if (rc)
		bcf_destroy(rec);
	return rc;
}

int grx_varsrc_next(
	struct grx_ctx *cx, struct grx_varsrc *s, struct grx_arena *mem, size_t max, struct grx_vars **out)
{
	int rc = GRX_E_BUG;
	struct grx_vars *b = grx_vars_new(mem, s->hdr);
	bcf1_t *rec = NULL;

	*out = NULL;
	if (!b)
		return grx_fail_nomem(cx, "variants");
	while (!s->ended) {
		rec = s->held;
		s->held = NULL;
		if (!rec)
			GRX_TRY(next_record(cx, s, &rec));
		if (!rec) {
			s->ended = true;
			break;
		}
		if (batch_full(s, b, max, rec)) {
			s->held = rec;
			rec = NULL;
			break;
		}
		s->n++;
		if (s->regions && !s->idx && !grx_bed_has(s->regions, rec->rid, rec->pos)) {
			bcf_destroy(rec);
			rec = NULL;
			continue;
		}
		GRX_TRY(grx_var_decode(cx, s->vh->live, &s->want, rec, b));
		b->v[b->n - 1].line = s->n;
		rec = NULL;
	}
	*out = b;
	rc = GRX_OK;
out:
	if (rc) {
		if (rec)
			bcf_destroy(rec);
		grx_vars_release(b);
	}
	return rc;
}

int grx_varsrc_all(struct grx_ctx *cx, const struct grx_varsrc_opt *o, struct grx_arena *mem,
	struct grx_varsrc **src, struct grx_vars **out)
{
	int rc = GRX_E_BUG;
	struct grx_varsrc *s = NULL;

	*src = NULL;
	*out = NULL;
	GRX_TRY(grx_varsrc_open(cx, o, &s));
	GRX_TRY(grx_varsrc_next(cx, s, mem, SIZE_MAX, out));
	*src = s;
	s = NULL;
	rc = GRX_OK;
out:
	grx_varsrc_close(s);
	return rc;
}

/* ALT alleles as one comma-separated string. */
static char *join_alts(struct grx_arena *mem, const struct grx_var *v)
{
	char *s = grx_arena_strdup(mem, v->n_allele > 1 ? v->allele[1] : ".");

	for (int i = 2; s && i < v->n_allele; i++)
		s = grx_arena_printf(mem, "%s,%s", s, v->allele[i]);
	return s;
}

static int add_sites(struct grx_ctx *cx, struct grx_varsrc *s, const struct grx_contigs *d,
	struct grx_arena *mem, struct grx_sites *add)
{
	int rc = GRX_E_BUG;
	struct grx_vars *b = NULL;
	size_t n = 0, known = 0;

	do {
		grx_arena_reset(mem);
		GRX_TRY(grx_varsrc_next(cx, s, mem, 4096, &b));
		for (size_t i = 0; i < b->n; i++) {
			const struct grx_var *v = &b->v[i];
			const char *name = grx_contig_name(s->contigs, v->tid);
			struct grx_site site = {.tid = grx_contigs_find(d, name), .pos = v->pos};
			n++;
			if (site.tid < 0) {
				grx_warn(cx, "%s: site %s:%lld: contig is not in the data", s->path, name,
					(long long)v->pos + 1);
				continue;
			}
			known++;
			site.ref = (char *)v->allele[0];
			site.alt = join_alts(mem, v);
			site.id = (char *)v->id;
			site.who = (char *)"sites";
			GRX_TRY(site.alt ? grx_sites_add(cx, add, &site) : grx_fail_nomem(cx, "sites"));
		}
		grx_vars_release(b);
	} while (b->n > 0);
	b = NULL;
	rc = n && !known ? grx_fail(cx, GRX_E_MISMATCH,
				   "%s: no contig in common with the data: '%s' against '%s'", s->path,
				   s->contigs->n ? s->contigs->c[0].name : "(none)",
				   d->n ? d->c[0].name : "(none)")
			 : GRX_OK;
out:
	grx_vars_release(b);
	return rc;
}

int grx_sites_read(struct grx_ctx *cx, const char *path, const struct grx_contigs *d, struct grx_sites *add)
{
	int rc = GRX_E_BUG;
	struct grx_varsrc *s = NULL;
	struct grx_arena *mem = grx_arena_new();

	if (!mem)
		return grx_fail_nomem(cx, "sites");
	GRX_TRY(grx_varsrc_open(cx, &(struct grx_varsrc_opt){.path = path, .sites_only = true}, &s));
	GRX_TRY(add_sites(cx, s, d, mem, add));
	rc = GRX_OK;
out:
	grx_varsrc_close(s);
	grx_arena_free(mem);
	return rc;
}
