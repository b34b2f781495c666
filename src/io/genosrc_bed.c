/* SPDX-License-Identifier: GPL-3.0-or-later
 * genosrc_bed.c -- plink 1 genotypes: .bed with its .bim and .fam, read by position.
 * Format: plink 1.9 documentation, "PLINK 1 binary", SNP-major. The size of .bed must be what .bim and .fam
 * say. REF is allele 2, as plink writes it; a record says that this is not sure. Rows of one contig under two
 * codes (X and its pseudo-autosomal part, 23 and 25) are merged by position. */
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/str.h"
#include "io/genosrc_bed_int.h"

#define BITS_BYTES ((size_t)1 << 18)
#define N_MAGIC    3

struct geno_bed {
	struct bim bim;
	struct bed_file bits;
	size_t row_bytes;
	uint8_t *sex; /* of the samples that are kept */
};

/* One run of rows being read. */
struct run {
	const struct bim_seg *seg;
	struct bim_reader r;
	struct bim_row v; /* next one, if more */
	bool more;
	uint8_t *bits; /* rows [first, first + n) */
	int64_t first, n;
};

struct geno_bedcur {
	struct run *run; /* of the contig being read */
	size_t n_run, cap_run;
	int32_t tid;
};

const uint8_t *geno_bed_sex(const struct geno_bed *b)
{
	return b->sex;
}

void geno_bed_close(struct geno_bed *b)
{
	if (!b)
		return;
	bim_close(&b->bim);
	bed_file_close(&b->bits);
	grx_free(b->sex);
	grx_free(b);
}

/* ---- .fam ---- */

struct fam {
	size_t n, cap;
	struct fam_row {
		char *fid, *iid;
		uint8_t sex;
	} * v;
	struct grx_arena *mem;
};

static int fam_row(struct grx_ctx *cx, struct grx_text *t, char *line, struct fam *f)
{
	char *field[7];
	int k = 0;

	for (char *p = line; *(p += strspn(p, " \t")) && k < 7;) {
		field[k++] = p;
		p += strcspn(p, " \t");
		if (*p)
			*p++ = '\0';
	}
	if (k != 5 && k != 6)
		return grx_fail(cx, GRX_E_DATA,
			"%s:%lld: expected 6 columns: family, person, father, mother, sex, phenotype; found "
			"%s%d",
			grx_text_path(t), (long long)grx_text_lineno(t), k == 7 ? "at least " : "", k);
	if (grx_grow(&f->v, &f->cap, f->n + 1, sizeof *f->v, INT32_MAX / 8))
		return grx_fail_nomem(cx, ".fam");
	struct fam_row *r = &f->v[f->n];
	r->fid = grx_arena_strdup(f->mem, field[0]);
	r->iid = grx_arena_strdup(f->mem, field[1]);
	r->sex = strcmp(field[4], "1") == 0 ? 1 : strcmp(field[4], "2") == 0 ? 2 : 0;
	if (!r->fid || !r->iid)
		return grx_fail_nomem(cx, ".fam");
	f->n++;
	return GRX_OK;
}

static int fam_read(struct grx_ctx *cx, const char *path, struct fam *f)
{
	int rc = GRX_E_BUG;
	struct grx_text *t = NULL;
	char *line;

	GRX_TRY(grx_text_open(cx, path, &t));
	for (;;) {
		GRX_TRY(grx_text_line(cx, t, &line));
		if (!line)
			break;
		GRX_TRY(fam_row(cx, t, line, f));
	}
	rc = f->n ? GRX_OK : grx_fail(cx, GRX_E_DATA, "%s: no samples", path);
out:
	grx_text_close(t);
	return rc;
}

/* IIDs; FID_IID for all when an IID comes twice. */
static int fam_names(struct grx_ctx *cx, const char *path, struct fam *f)
{
	for (int round = 0; round < 2; round++) {
		struct grx_map *seen = grx_map_new();
		const char *twice = NULL;
		int rc = seen ? GRX_OK : GRX_E_NOMEM;
		for (size_t i = 0; i < f->n && !rc && !twice; i++) {
			if (grx_map_get(seen, f->v[i].iid))
				twice = f->v[i].iid;
			else
				rc = grx_map_set(seen, f->v[i].iid, f);
		}
		grx_map_free(seen);
		if (rc)
			return grx_fail_nomem(cx, ".fam");
		if (!twice)
			return GRX_OK;
		if (round)
			return grx_fail(cx, GRX_E_DATA, "%s: sample name appears twice: '%s'", path, twice);
		for (size_t i = 0; i < f->n; i++) {
			f->v[i].iid = grx_arena_printf(f->mem, "%s_%s", f->v[i].fid, f->v[i].iid);
			if (!f->v[i].iid)
				return grx_fail_nomem(cx, ".fam");
		}
	}
	return GRX_OK;
}

static int take_samples(struct grx_ctx *cx, struct grx_genosrc *s, const struct fam *f)
{
	int rc = GRX_E_BUG;

	s->bed->sex = grx_malloc(f->n, 1);
	if (!s->bed->sex)
		return grx_fail_nomem(cx, ".fam");
	s->n_file = (int)f->n;
	for (size_t i = 0; i < f->n; i++) {
		if (s->sample && strcmp(s->sample, f->v[i].iid) != 0)
			continue;
		s->sel = s->sample ? (int)i : -1;
		s->bed->sex[s->hdr->n_sample] = f->v[i].sex;
		GRX_TRY(grx_hdr_sample_add(cx, s->hdr, f->v[i].iid));
	}
	if (s->sample && s->sel < 0)
		return grx_fail(cx, GRX_E_MISMATCH,
			"%s: has no sample '%s': it holds %d samples, the first is '%s'", s->path, s->sample,
			s->n_file, f->v[0].iid);
	rc = GRX_OK;
out:
	return rc;
}

/* ---- opening ---- */

static int check_size(struct grx_ctx *cx, struct grx_genosrc *s)
{
	struct geno_bed *b = s->bed;
	int64_t want = N_MAGIC + b->bim.n * (int64_t)b->row_bytes;

	if (b->bits.size == want)
		return GRX_OK;
	return grx_fail(cx, GRX_E_DATA,
		"%s: has %lld bytes, but %lld variants (.bim) of %d samples (.fam) take %lld: truncated, or "
		"the files do "
		"not belong together",
		s->path, (long long)b->bits.size, (long long)b->bim.n, s->n_file, (long long)want);
}

int geno_bed_open(struct grx_ctx *cx, struct grx_genosrc *s)
{
	int rc = GRX_E_BUG;
	size_t n = strlen(s->path);
	struct fam f = {.mem = grx_arena_new()};
	char *beside = grx_strdup(s->path);

	s->bed = grx_calloc(1, sizeof *s->bed);
	s->contigs = grx_contigs_new();
	s->hdr = s->contigs ? grx_hdr_new(s->contigs) : NULL;
	if (!f.mem || !beside || !s->bed || !s->hdr) {
		rc = grx_fail_nomem(cx, "plink reader");
		goto out;
	}
	if (!grx_ends(s->path, ".bed")) {
		rc = grx_fail(cx, GRX_E_DATA,
			"%s: plink genotypes are read from a file NAME.bed with NAME.bim and NAME.fam beside "
			"it",
			s->path);
		goto out;
	}
	memcpy(beside + n - 3, "fam", 3);
	GRX_TRY(fam_read(cx, beside, &f));
	GRX_TRY(fam_names(cx, beside, &f));
	GRX_TRY(take_samples(cx, s, &f));
	memcpy(beside + n - 3, "bim", 3);
	GRX_TRY(bim_open(cx, beside, &s->bed->bim, s->contigs));
	GRX_TRY(bed_file_open(cx, s->path, &s->bed->bits));
	s->bed->row_bytes = ((size_t)s->n_file + 3) / 4;
	GRX_TRY(check_size(cx, s));
	s->random = true;
	rc = GRX_OK;
out:
	grx_free(beside);
	grx_free(f.v);
	grx_arena_free(f.mem);
	return rc;
}

/* ---- reading ---- */

void geno_bedcur_close(struct geno_bedcur *b)
{
	if (!b)
		return;
	for (size_t i = 0; i < b->cap_run && b->run; i++) {
		bim_reader_close(&b->run[i].r);
		grx_free(b->run[i].bits);
	}
	grx_free(b->run);
	grx_free(b);
}

int geno_bedcur_open(struct grx_ctx *cx, struct grx_genocur *c)
{
	c->bed = grx_calloc(1, sizeof *c->bed);
	if (!c->bed)
		return grx_fail_nomem(cx, "plink reader");
	c->bed->tid = -1;
	return GRX_OK;
}

static int advance(struct grx_ctx *cx, struct run *u)
{
	if (u->r.row >= u->seg->first + u->seg->n) {
		u->more = false;
		return GRX_OK;
	}
	int rc = bim_reader_next(cx, &u->r, &u->v, &u->more);
	if (!rc && (!u->more || (u->v.row >= u->seg->first && strcmp(u->v.chrom, u->seg->code) != 0)))
		rc = grx_fail(cx, GRX_E_DATA, "%s: changed while it was read", u->r.f->path);
	return rc;
}

static int begin_run(struct grx_ctx *cx, struct grx_genocur *c, const struct bim_seg *seg, int64_t beg)
{
	int rc = GRX_E_BUG;
	struct geno_bedcur *b = c->bed;
	struct geno_bed *bed = c->s->bed;
	size_t old = b->cap_run;

	if (grx_grow(&b->run, &b->cap_run, b->n_run + 1, sizeof *b->run, 0))
		return grx_fail_nomem(cx, "plink reader");
	memset(b->run + old, 0, (b->cap_run - old) * sizeof *b->run);
	struct run *u = &b->run[b->n_run];
	u->seg = seg;
	u->n = 0;
	if (!u->r.buf)
		GRX_TRY(bim_reader_open(cx, &bed->bim.f, &u->r));
	bim_seek(&bed->bim, seg, beg, &u->r);
	b->n_run++;
	do {
		GRX_TRY(advance(cx, u));
	} while (u->more && u->v.row < seg->first);
	rc = GRX_OK;
out:
	return rc;
}

static int begin_contig(struct grx_ctx *cx, struct grx_genocur *c, int32_t tid, int64_t beg)
{
	const struct bim *bim = &c->s->bed->bim;
	int rc = GRX_OK;

	c->bed->tid = tid;
	c->bed->n_run = 0;
	for (size_t i = 0; i < bim->n_seg && !rc; i++)
		if (bim->seg[i].tid == tid)
			rc = begin_run(cx, c, &bim->seg[i], beg);
	return rc;
}

int geno_bedcur_seek(struct grx_ctx *cx, struct grx_genocur *c, int32_t tid, int64_t beg, int64_t end)
{
	(void)end;
	return begin_contig(cx, c, tid, beg);
}

static struct run *first_run(struct geno_bedcur *b)
{
	struct run *best = NULL;

	for (size_t i = 0; i < b->n_run; i++)
		if (b->run[i].more && (!best || b->run[i].v.pos < best->v.pos))
			best = &b->run[i];
	return best;
}

/* Genotypes of row `row`. */
static int bits_of(
	struct grx_ctx *cx, const struct geno_bed *b, struct run *u, int64_t row, const uint8_t **p)
{
	size_t per = BITS_BYTES / b->row_bytes ? BITS_BYTES / b->row_bytes : 1;

	if (row < u->first || row >= u->first + u->n) {
		int64_t left = u->seg->first + u->seg->n - row;
		if (!u->bits && !(u->bits = grx_malloc(per, b->row_bytes)))
			return grx_fail_nomem(cx, "genotypes");
		/* a window may be short: begin with little */
		int64_t n = u->n == 0 ? (int64_t)(per + 7) / 8 : (int64_t)per;
		u->n = 0;
		n = n < left ? n : left;
		int rc = bed_file_read(cx, &b->bits, u->bits, (size_t)n * b->row_bytes,
			N_MAGIC + row * (int64_t)b->row_bytes);
		if (rc)
			return rc;
		u->first = row;
		u->n = n;
	}
	*p = u->bits + (size_t)(row - u->first) * b->row_bytes;
	return GRX_OK;
}

/* Strings and genotypes into storage of the record. */
static int take_row(struct grx_ctx *cx, struct grx_genocur *c, struct geno_rec *r, const struct bim_row *v,
	const uint8_t *bits)
{
	size_t n_id = strlen(v->id) + 1, n1 = strlen(v->a1) + 1, n2 = strlen(v->a2) + 1;
	size_t n_bits = c->s->bed->row_bytes;
	int rc = geno_alleles(cx, r, 2);

	if (rc)
		return rc;
	if (grx_grow(&r->own, &r->cap_own, n_bits + n_id + n1 + n2 + 2, 1, 0))
		return grx_fail_nomem(cx, "record");
	char *p = r->own;
	memcpy(p, bits, n_bits);
	r->bits = (uint8_t *)p;
	memcpy(p += n_bits, v->id, n_id);
	r->g.id = strcmp(v->id, ".") == 0 ? NULL : p;
	p += n_id;
	memcpy(p, v->a2, n2); /* an allele that was not seen is 0 */
	r->allele[0] = strcmp(v->a2, "0") == 0 ? "N" : p;
	memcpy(p += n2, v->a1, n1);
	r->allele[1] = p;
	r->g.n_allele = strcmp(v->a1, "0") == 0 ? 1 : 2;
	r->ref_none = strcmp(v->a2, "0") == 0;
	r->g.tid = c->bed->tid;
	r->g.pos = v->pos - 1;
	r->g.end = r->g.pos + (int64_t)strlen(r->allele[0]);
	r->g.line = v->row + 1;
	r->g.ref_unsure = true;
	return GRX_OK;
}

int geno_bed_next(struct grx_ctx *cx, struct grx_genocur *c, struct geno_rec *r, bool *more)
{
	int rc = GRX_E_BUG;
	struct geno_bedcur *b = c->bed;
	const uint8_t *bits = NULL;
	struct run *u;

	*more = false;
	while (!(u = first_run(b))) {
		if (c->windowed || b->tid + 1 >= c->s->contigs->n)
			return GRX_OK;
		GRX_TRY(begin_contig(cx, c, b->tid + 1, -1));
	}
	GRX_TRY(bits_of(cx, c->s->bed, u, u->v.row, &bits));
	GRX_TRY(take_row(cx, c, r, &u->v, bits));
	GRX_TRY(advance(cx, u));
	*more = true;
	rc = GRX_OK;
out:
	return rc;
}
