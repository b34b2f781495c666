/* SPDX-License-Identifier: GPL-3.0-or-later
 * genosrc.c -- a file of genotypes and its readers: groups of records at one position.
 * The source opens the file once, for its header; the first reader takes that over, so that a pipe works. A
 * further reader, of an indexed file, opens the file again with a header of its own. */
#include "io/genosrc.h"

#include <string.h>

#include "base/mem.h"
#include "io/genosrc_int.h"
#include "io/htsmisc.h"

/* ---- source ---- */

const char *grx_genosrc_path(const struct grx_genosrc *s)
{
	return s->path;
}

struct grx_hdr *grx_genosrc_hdr(struct grx_genosrc *s)
{
	return s->hdr;
}

const struct grx_contigs *grx_genosrc_contigs(const struct grx_genosrc *s)
{
	return s->contigs;
}

bool grx_genosrc_random(const struct grx_genosrc *s)
{
	return s->random;
}

bool grx_genosrc_has(const struct grx_genosrc *s, const char *key)
{
	if (s->kind == GENO_BED)
		return strcmp(key, "GT") == 0;
	int id = bcf_hdr_id2int(s->vh->pub, BCF_DT_ID, key);
	return id >= 0 && bcf_hdr_idinfo_exists(s->vh->pub, BCF_HL_FMT, id);
}

const uint8_t *grx_genosrc_sex(const struct grx_genosrc *s)
{
	return s->bed ? geno_bed_sex(s->bed) : NULL;
}

void grx_genosrc_close(struct grx_genosrc *s)
{
	if (!s)
		return;
	grx_genocur_close(atomic_load(&s->first));
	geno_index_close(s);
	geno_bed_close(s->bed);
	grx_varhdr_free(s->vh);
	grx_hdr_free(s->hdr);
	grx_contigs_free(s->contigs);
	grx_free(s->path);
	grx_free(s->sample);
	grx_free(s);
}

static struct grx_genocur *cur_new(struct grx_genosrc *s)
{
	struct grx_genocur *c = grx_calloc(1, sizeof *c);

	if (!c)
		return NULL;
	c->s = s;
	c->st.path = s->path;
	c->last_tid = -1;
	c->last_pos = -2;
	c->id_end = -1;
	return c;
}

static int open_vars(struct grx_ctx *cx, struct grx_genosrc *s, struct grx_genocur *c)
{
	int rc = GRX_E_BUG;

	c->own_vh = false;
	s->vh = c->vh;
	s->n_file = bcf_hdr_nsamples(s->vh->live);
	GRX_TRY(grx_varval_new(cx, s->path, c->vh, true, &c->vv));
	GRX_TRY(geno_index_open(cx, s));
	if (s->sample) {
		s->sel = bcf_hdr_id2int(s->vh->live, BCF_DT_SAMPLE, s->sample);
		GRX_TRY(grx_varhdr_select(cx, s->path, s->vh, s->sample));
	}
	GRX_TRY(grx_varhdr_neutral(cx, s->path, s->vh, &s->contigs, &s->hdr));
	c->id_end = bcf_hdr_id2int(s->vh->live, BCF_DT_ID, "END");
	rc = GRX_OK;
out:
	return rc;
}

int grx_genosrc_open(struct grx_ctx *cx, const struct grx_genosrc_opt *o, struct grx_genosrc **out)
{
	int rc = GRX_E_BUG;
	struct grx_genosrc *s = grx_calloc(1, sizeof *s);
	struct grx_genocur *c = NULL;

	*out = NULL;
	if (!s || !(s->path = grx_strdup(o->path)) || (o->sample && !(s->sample = grx_strdup(o->sample)))) {
		grx_genosrc_close(s);
		return grx_fail_nomem(cx, "genotype reader");
	}
	grx_hts_quiet();
	s->threads = o->threads;
	s->sel = -1;
	c = cur_new(s);
	if (!c) {
		rc = grx_fail_nomem(cx, "genotype reader");
		goto out;
	}
	atomic_store(&s->first, c);
	GRX_TRY(geno_file_open(cx, s->path, c, &s->kind));
	if (s->kind == GENO_BED) {
		GRX_TRY(geno_bed_open(cx, s));
		GRX_TRY(geno_bedcur_open(cx, c));
	} else {
		GRX_TRY(open_vars(cx, s, c));
		if (!s->random && s->threads > 0 && c->st.fp && bgzf_mt(c->st.fp, s->threads, 256) < 0)
			GRX_TRY(grx_fail_nomem(cx, "threads"));
	}
	*out = s;
	s = NULL;
	rc = GRX_OK;
out:
	grx_genosrc_close(s);
	return rc;
}

/* ---- reader ---- */

static void rec_free(struct geno_rec *r)
{
	if (!r)
		return;
	grx_free(r->allele);
	grx_free(r->fmt);
	grx_free(r->own);
	grx_free(r);
}

void grx_genocur_close(struct grx_genocur *c)
{
	if (!c)
		return;
	geno_stream_close(&c->st);
	grx_varval_free(c->vv);
	if (c->own_vh)
		grx_varhdr_free(c->vh);
	geno_bedcur_close(c->bed);
	for (size_t i = 0; i < c->n_rec; i++)
		rec_free(c->rec[i]);
	grx_free(c->rec);
	grx_free(c->g);
	grx_free(c->chrom);
	grx_free(c->sc.format.text);
	grx_free(c->sc.format.key);
	grx_free(c->sc.num);
	grx_free(c->sc.off);
	grx_free(c);
}

int grx_genocur_open(struct grx_ctx *cx, struct grx_genosrc *s, struct grx_genocur **out)
{
	int rc = GRX_E_BUG;
	enum geno_kind kind;
	struct grx_genocur *c = atomic_exchange(&s->first, NULL);

	*out = c;
	if (c)
		return GRX_OK;
	if (!s->random)
		return grx_fail(cx, GRX_E_BUG, "%s: a second reader of a file without index", s->path);
	c = cur_new(s);
	if (!c)
		return grx_fail_nomem(cx, "genotype reader");
	if (s->kind == GENO_BED) {
		GRX_TRY(geno_bedcur_open(cx, c));
	} else {
		GRX_TRY(geno_file_open(cx, s->path, c, &kind));
		if (kind != s->kind || bcf_hdr_nsamples(c->vh->live) != s->n_file) {
			rc = grx_fail(cx, GRX_E_DATA, "%s: changed while it was read", s->path);
			goto out;
		}
		GRX_TRY(grx_varval_new(cx, s->path, c->vh, true, &c->vv));
		c->id_end = bcf_hdr_id2int(c->vh->live, BCF_DT_ID, "END");
	}
	*out = c;
	c = NULL;
	rc = GRX_OK;
out:
	grx_genocur_close(c);
	return rc;
}

int grx_genocur_seek(struct grx_ctx *cx, struct grx_genocur *c, int32_t tid, int64_t beg, int64_t end)
{
	if (!c->s->random)
		return grx_fail(cx, GRX_E_BUG, "%s: a window of a file without index", c->s->path);
	geno_stream_release(&c->st, false);
	c->pending = c->ended = false;
	c->n_group = 0;
	c->last_tid = -1;
	c->last_pos = -2;
	c->windowed = true;
	c->w_tid = tid;
	c->w_beg = beg < 0 ? -1 : beg; /* POS 0 of VCF */
	c->w_end = end;
	if (c->vv)
		grx_varval_rewind(c->vv);
	if (c->s->kind == GENO_BED)
		return geno_bedcur_seek(cx, c, tid, c->w_beg, end);
	return geno_index_seek(cx, c, tid, beg, end);
}

static int read_one(struct grx_ctx *cx, struct grx_genocur *c, struct geno_rec *r, bool *more)
{
	r->g = (struct grx_geno){.raw = r, .cur = c, .n_sample = c->s->hdr->n_sample};
	switch (c->s->kind) {
	case GENO_BCF:
		return geno_bcf_next(cx, c, r, more);
	case GENO_VCF:
		return geno_vcf_next(cx, c, r, more);
	default:
		return geno_bed_next(cx, c, r, more);
	}
}

static bool is_block(const struct grx_geno *g)
{
	return grx_var_is_ref_block(
		&(struct grx_var){.n_allele = g->n_allele, .allele = (const char **)g->allele});
}

/* The next record of the window, or of the file. */
static int read_wanted(struct grx_ctx *cx, struct grx_genocur *c, struct geno_rec *r, bool *more)
{
	for (;;) {
		int rc = read_one(cx, c, r, more);
		if (rc || !*more)
			return rc;
		c->last_tid = r->g.tid;
		c->last_pos = r->g.pos;
		r->g.allele = r->allele;
		r->g.block = is_block(&r->g);
		if (!c->windowed)
			return GRX_OK;
		if (r->g.tid != c->w_tid || r->g.pos >= c->w_end) {
			*more = false;
			return GRX_OK;
		}
		if (r->g.end > c->w_beg)
			return GRX_OK;
	}
}

/* Record i of the group has its storage. */
static int need_rec(struct grx_ctx *cx, struct grx_genocur *c, size_t i)
{
	if (i < c->n_rec)
		return GRX_OK;
	if (grx_grow(&c->rec, &c->cap_rec, i + 1, sizeof *c->rec, 0) ||
		!(c->rec[c->n_rec] = grx_calloc(1, sizeof **c->rec)))
		return grx_fail_nomem(cx, "records");
	c->n_rec++;
	return GRX_OK;
}

/* The record read ahead becomes the first of the new group. */
static size_t begin_group(struct grx_genocur *c)
{
	size_t k = 0;

	if (c->pending) {
		struct geno_rec *r = c->rec[0];
		c->rec[0] = c->rec[c->n_group];
		c->rec[c->n_group] = r;
		k = 1;
	}
	geno_stream_release(&c->st, c->pending);
	c->pending = false;
	return k;
}

static int read_group(struct grx_ctx *cx, struct grx_genocur *c, size_t *n)
{
	int rc = GRX_E_BUG;
	size_t k = begin_group(c);
	bool more = true;

	while (!c->ended) {
		GRX_TRY(need_rec(cx, c, k));
		GRX_TRY(read_wanted(cx, c, c->rec[k], &more));
		c->ended = !more;
		if (!more)
			break;
		c->st.held = true;
		const struct grx_geno *a = &c->rec[0]->g, *b = &c->rec[k]->g;
		if (k && (a->tid != b->tid || a->pos != b->pos)) {
			c->pending = true;
			break;
		}
		if (++k > GENO_MAX_GROUP) {
			rc = geno_bad(cx, b, "more than 65536 records at one position", "", 0);
			goto out;
		}
	}
	*n = k;
	rc = GRX_OK;
out:
	return rc;
}

int grx_genocur_next(struct grx_ctx *cx, struct grx_genocur *c, const struct grx_geno **v, int *n)
{
	size_t k = 0;
	int rc = read_group(cx, c, &k);

	*v = NULL;
	*n = c->n_group = 0;
	if (rc)
		return rc;
	if (grx_grow(&c->g, &c->cap_g, k ? k : 1, sizeof *c->g, 0))
		return grx_fail_nomem(cx, "records");
	for (size_t i = 0; i < k; i++)
		c->g[i] = c->rec[i]->g;
	*v = c->g;
	*n = c->n_group = (int)k;
	return GRX_OK;
}

int geno_alleles(struct grx_ctx *cx, struct geno_rec *r, int n)
{
	if (grx_grow(&r->allele, &r->cap_allele, (size_t)n, sizeof *r->allele, 0))
		return grx_fail_nomem(cx, "alleles");
	return GRX_OK;
}

int geno_bad(struct grx_ctx *cx, const struct grx_geno *g, const char *what, const char *found, size_t n)
{
	const struct grx_contigs *d = g->cur ? g->cur->s->contigs : cx->contigs;
	const char *path = g->cur ? g->cur->s->path : "variants";
	char rec[40] = "record at ";

	if (g->line)
		snprintf(rec, sizeof rec, "record %lld ", (long long)g->line);
	return grx_fail(cx, GRX_E_DATA, "%s: %s(%s:%lld): %s: '%.*s'", path, rec,
		d ? grx_contig_name(d, g->tid) : "*", (long long)g->pos + 1, what, (int)(n < 60 ? n : 60),
		found);
}

void grx_geno_of_var(const struct grx_var *v, int n_sample, struct grx_geno *g)
{
	*g = (struct grx_geno){.tid = v->tid,
		.pos = v->pos,
		.end = v->pos + v->rlen,
		.id = v->id,
		.n_allele = v->n_allele,
		.allele = v->allele,
		.block = grx_var_is_ref_block(v),
		.line = v->line,
		.var = v,
		.n_sample = n_sample};
	for (int i = 0; i < v->n_filter; i++)
		g->filtered |= strcmp(v->filter[i], "PASS") != 0;
}
