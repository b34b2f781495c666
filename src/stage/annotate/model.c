/* SPDX-License-Identifier: GPL-3.0-or-later
 * model.c -- gene models for the run: from a GFF3, GTF or compiled file, on the run's contigs, and what is
 * asked of them. Constant after opening. */
#include <jansson.h>
#include "stage/annotate/model_int.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"

int64_t annotate_cdna(const struct annotate_tx *t, int64_t pos)
{
	int32_t lo = 0, hi = t->n_exon;
	while (lo < hi) {
		int32_t mid = (lo + hi) / 2;
		const struct annotate_exon *e = &t->exon[mid];
		if (pos >= e->beg && pos < e->end)
			return e->cdna + (t->strand > 0 ? pos - e->beg : e->end - 1 - pos) + 1;
		bool later = t->strand > 0 ? pos >= e->end : pos < e->beg;
		if (later)
			lo = mid + 1;
		else
			hi = mid;
	}
	return 0;
}

int64_t annotate_cdna_pos(const struct annotate_tx *t, int64_t cdna)
{
	int32_t lo = 0, hi = t->n_exon;
	if (cdna < 1 || cdna > t->cdna_len)
		return -1;
	while (hi - lo > 1) { /* the last exon that begins before it */
		int32_t mid = (lo + hi) / 2;
		if (t->exon[mid].cdna < cdna)
			lo = mid;
		else
			hi = mid;
	}
	const struct annotate_exon *e = &t->exon[lo];
	return t->strand > 0 ? e->beg + (cdna - 1 - e->cdna) : e->end - (cdna - e->cdna);
}

/* --- contigs --- */

static int32_t find_contig(const struct grx_contigs *d, const char *name, const char *canonical,
	const struct annotate_accessions *acc)
{
	char buf[128];
	int32_t tid = grx_contigs_find(d, name);
	if (tid < 0)
		tid = grx_contigs_find_alias(d, canonical);
	if (tid < 0 && snprintf(buf, sizeof buf, "Chr%s", canonical) < (int)sizeof buf) /* plants */
		tid = grx_contigs_find(d, buf);
	for (int i = 0; tid < 0; i++) {
		const char *a = annotate_accession_nth(acc, canonical, i);
		if (!a)
			break;
		tid = grx_contigs_find(d, a);
	}
	return tid;
}

struct place {
	const char *path;
	const struct grx_contigs *d;
	const struct annotate_accessions *acc;
};

static int contig_check(struct grx_ctx *cx, const struct place *p, const struct annotate_image *im,
	const struct annotate_im_contig *c, int32_t tid)
{
	const char *name = annotate_image_str(im, c->name);
	const struct grx_contig *q = &p->d->c[tid];
	enum grx_build b = grx_contigs_build(p->d);
	if (c->max_end > q->len && q->len > 0)
		return grx_fail(cx, GRX_E_MISMATCH,
			"%s:%ld: end %ld is beyond %s (%lld bp): models of another build?", p->path,
			(long)c->line, (long)c->max_end, name, (long long)q->len);
	if (c->build && b && c->build != (int32_t)b)
		return grx_fail(cx, GRX_E_MISMATCH,
			"%s: %s is a sequence of %s, but the input is %s: give models of the same build",
			p->path, name, grx_build_name((enum grx_build)c->build), grx_build_name(b));
	return GRX_OK;
}

/* contig[tid] of each contig of the run; optionally the reverse. */
static int contigs_map(struct grx_ctx *cx, const struct place *p, const struct annotate_image *im,
	int32_t *contig, int32_t *tid_of)
{
	const struct annotate_im_contig *c = im->sec[AT_S_CONTIG];
	int32_t n = 0;
	for (int32_t i = 0; i < p->d->n; i++)
		contig[i] = -1;
	for (size_t i = 0; i < im->n[AT_S_CONTIG]; i++) {
		int32_t tid = find_contig(p->d, annotate_image_str(im, c[i].name),
			annotate_image_str(im, c[i].canonical), p->acc);
		if (tid_of)
			tid_of[i] = tid;
		if (tid < 0)
			continue;
		int rc = contig_check(cx, p, im, &c[i], tid);
		if (rc)
			return rc;
		contig[tid] = (int32_t)i;
		n++;
	}
	if (n == 0)
		return grx_fail(cx, GRX_E_MISMATCH,
			"%s: no sequence name in common with the input (found '%s', expected names like "
			"'%s')",
			p->path, im->n[AT_S_CONTIG] ? annotate_image_str(im, c[0].name) : "?",
			p->d->n ? grx_contig_name(p->d, 0) : "?");
	return GRX_OK;
}

/* --- opening --- */

int annotate_image_strict(struct grx_ctx *cx, const char *path, const struct annotate_image *im)
{
	const struct annotate_count *c = im->sec[AT_S_COUNT];
	for (int i = 0; i < AT_R_N; i++) {
		bool strict;
		const char *name = annotate_reason_name((enum annotate_reason)i, &strict);
		if (strict && c[i].n)
			return grx_fail(cx, GRX_E_DATA,
				"%s:%ld: %s (%ld in all); without --strict they are counted", path,
				(long)c[i].line, name, (long)c[i].n);
	}
	return GRX_OK;
}

int annotate_image_some(struct grx_ctx *cx, const char *path, const struct annotate_image *im)
{
	const struct annotate_count *c = im->sec[AT_S_COUNT];
	if (im->n[AT_S_TX])
		return GRX_OK;
	for (int i = 0; i < AT_R_N; i++)
		if (c[i].n)
			return grx_fail(cx, GRX_E_DATA,
				"%s:%ld: found 0 transcripts, expected at least 1: %s (%ld in all)", path,
				(long)c[i].line, annotate_reason_name((enum annotate_reason)i, NULL),
				(long)c[i].n);
	return grx_fail(
		cx, GRX_E_DATA, "%s: found 0 transcripts with exons or CDS, expected at least 1", path);
}

static void warn_counts(struct grx_ctx *cx, const char *path, const struct annotate_image *im)
{
	const struct annotate_count *c = im->sec[AT_S_COUNT];
	for (int i = 0; i < AT_R_N; i++) {
		bool strict;
		const char *name = annotate_reason_name((enum annotate_reason)i, &strict);
		if (strict && c[i].n)
			grx_warn(cx, "%s: %s: %ld, first at line %ld", path, name, (long)c[i].n,
				(long)c[i].line);
	}
}

/* Models and features on the contigs of the run. */
static int models_place(struct grx_ctx *cx, const struct annotate_models_opt *o, const struct grx_contigs *d,
	const struct annotate_accessions *acc, struct annotate_models *m)
{
	int rc = GRX_E_BUG;
	struct place p = {o->gff, d, acc};
	m->n_tid = d->n;
	m->n_contig = (int32_t)m->im.n[AT_S_CONTIG];
	m->tid = grx_malloc((size_t)m->n_contig + 1, sizeof *m->tid);
	m->contig = grx_malloc((size_t)d->n + 1, sizeof *m->contig);
	m->fcontig = grx_malloc((size_t)d->n + 1, sizeof *m->fcontig);
	if (!m->tid || !m->contig || !m->fcontig)
		GRX_TRY(grx_fail_nomem(cx, "gene models"));
	GRX_TRY(contigs_map(cx, &p, &m->im, m->contig, m->tid));
	if (m->has_reg) {
		p.path = o->regulatory;
		GRX_TRY(contigs_map(cx, &p, &m->reg, m->fcontig, NULL));
	} else {
		memcpy(m->fcontig, m->contig, (size_t)d->n * sizeof *m->contig);
	}
	const struct annotate_im_contig *c = m->im.sec[AT_S_CONTIG];
	for (int32_t i = 0; i < m->n_contig; i++)
		m->n_other_contig += m->tid[i] < 0 ? c[i].n : 0;
	rc = GRX_OK;
out:
	return rc;
}

int annotate_models_open(struct grx_ctx *cx, const struct annotate_models_opt *o, const struct grx_contigs *d,
	struct annotate_models **out)
{
	int rc = GRX_E_BUG;
	struct annotate_accessions *acc = NULL;
	struct annotate_models *m = grx_calloc(1, sizeof *m);
	if (!m)
		GRX_TRY(grx_fail_nomem(cx, "gene models"));
	GRX_TRY(annotate_accessions_load(cx, &acc));
	struct annotate_source s = {.path = o->gff, .cache = o->cache, .strict = o->strict, .acc = acc};
	GRX_TRY(annotate_image_get(cx, &s, &m->im));
	if (o->regulatory) {
		s.path = o->regulatory;
		s.regulatory = m->has_reg = true;
		GRX_TRY(annotate_image_get(cx, &s, &m->reg));
	}
	GRX_TRY(models_place(cx, o, d, acc, m));
	GRX_TRY(annotate_image_some(cx, o->gff, &m->im));
	if (o->strict)
		GRX_TRY(annotate_image_strict(cx, o->gff, &m->im));
	warn_counts(cx, o->gff, &m->im);
	*out = m;
	m = NULL;
	rc = GRX_OK;
out:
	annotate_accessions_free(acc);
	annotate_models_free(m);
	return rc;
}

void annotate_models_free(struct annotate_models *m)
{
	if (!m)
		return;
	annotate_image_clear(&m->im);
	annotate_image_clear(&m->reg);
	grx_free(m->tid);
	grx_free(m->contig);
	grx_free(m->fcontig);
	grx_free(m);
}

void annotate_models_rest(const struct annotate_models *m)
{
	annotate_image_rest(&m->im);
	annotate_image_rest(&m->reg);
}

/* --- questions --- */

size_t annotate_models_n(const struct annotate_models *m)
{
	return m->im.n[AT_S_TX];
}

bool annotate_models_get(const struct annotate_models *m, size_t i, struct annotate_tx *t)
{
	static const struct annotate_exon none = {0, 0, 0};
	if (annotate_image_tx(&m->im, i, t)) {
		const struct annotate_im_tx *x = (const struct annotate_im_tx *)m->im.sec[AT_S_TX] + i;
		t->tid = m->tid[x->contig];
		return true;
	}
	*t = (struct annotate_tx){.index = i, .tid = -1, .strand = 1, .table = 1, .n_exon = 1, .exon = &none};
	t->id = t->id_version = t->gene = t->symbol = t->biotype = t->protein = t->ccds = t->source =
		t->hgnc = t->mane = t->appris = t->tsl = "";
	return false;
}

void annotate_models_span(const struct annotate_models *m, size_t i, int64_t *beg, int64_t *end)
{
	const struct annotate_im_span *s = m->im.sec[AT_S_SPAN];
	*beg = s[i].beg;
	*end = s[i].end;
}

static int32_t clamp(int64_t x)
{
	return x > INT32_MAX ? INT32_MAX : x < INT32_MIN ? INT32_MIN : (int32_t)x;
}

static const struct annotate_im_contig *contig_of(const struct annotate_models *m, int32_t tid)
{
	if (tid < 0 || tid >= m->n_tid || m->contig[tid] < 0)
		return NULL;
	return (const struct annotate_im_contig *)m->im.sec[AT_S_CONTIG] + m->contig[tid];
}

void annotate_models_range(
	const struct annotate_models *m, int32_t tid, int64_t beg, int64_t end, size_t *lo, size_t *hi)
{
	const struct annotate_im_contig *c = contig_of(m, tid);
	const struct annotate_im_span *s = m->im.sec[AT_S_SPAN];
	*lo = *hi = 0;
	if (!c)
		return;
	size_t a = c->first, b = a + c->n;
	while (a < b) { /* first that starts after the interval */
		size_t mid = a + (b - a) / 2;
		if (s[mid].beg <= end)
			a = mid + 1;
		else
			b = mid;
	}
	*hi = a;
	*lo = annotate_models_next(m, c->first, a, beg);
}

size_t annotate_models_next(const struct annotate_models *m, size_t i, size_t hi, int64_t beg)
{
	const struct annotate_im_span *s = m->im.sec[AT_S_SPAN];
	struct annotate_ends v = {&s->end, sizeof *s, m->im.n[AT_S_TX], m->im.sec[AT_S_TREE]};
	size_t k = annotate_tree_next(&v, i, hi, clamp(beg));
	return k < hi ? k : hi;
}

/* Does transcript i have this identifier? k 0: without version, 1: with it. */
static bool has_id(const struct annotate_image *im, size_t i, const char *id, int k)
{
	const struct annotate_im_tx *tx = (const struct annotate_im_tx *)im->sec[AT_S_TX] + i;
	return k == 0 ||
	       (!(tx->flags & AT_TX_NO_VERSION) && strcmp(annotate_image_str(im, tx->id_version), id) == 0);
}

size_t annotate_models_find(
	const struct annotate_models *m, const char *id, int32_t tid, size_t *n_found, bool *wrong_version)
{
	const struct annotate_image *im = &m->im;
	const uint32_t *by = im->sec[AT_S_BYID];
	const struct annotate_im_tx *tx = im->sec[AT_S_TX];
	const char *dot = strrchr(id, '.');
	size_t n = im->n[AT_S_TX], stem[2] = {strlen(id), dot ? (size_t)(dot - id) : 0}, found = SIZE_MAX;
	*n_found = 0;
	*wrong_version = false;
	for (int k = 0; k < 2 && stem[k] && found == SIZE_MAX; k++) { /* as it is, then without version */
		size_t a = 0, b = n;
		while (a < b) {
			size_t mid = (a + b) / 2;
			const char *s = by[mid] < n ? annotate_image_str(im, tx[by[mid]].id) : "";
			int c = strncmp(s, id, stem[k]);
			if (c < 0)
				a = mid + 1;
			else
				b = mid;
		}
		for (; a < n && by[a] < n; a++) {
			const char *s = annotate_image_str(im, tx[by[a]].id);
			struct annotate_tx t;
			if (strncmp(s, id, stem[k]) != 0 || s[stem[k]])
				break;
			if (!has_id(im, by[a], id, k)) {
				*wrong_version = true;
				continue;
			}
			annotate_models_get(m, by[a], &t);
			bool here = t.tid >= 0 && (tid < 0 || t.tid == tid);
			if (found == SIZE_MAX || (here && !*n_found))
				found = by[a];
			*n_found += here;
		}
	}
	return found;
}

int annotate_image_summary(const struct annotate_image *im, struct json_t *to)
{
	const struct annotate_count *c = im->sec[AT_S_COUNT];
	if (json_object_set_new(to, "transcripts", json_integer((json_int_t)im->n[AT_S_TX])) ||
		(im->sha[0] && json_object_set_new(to, "source_sha256", json_string(im->sha))))
		return GRX_E_NOMEM;
	for (int i = 0; i < AT_R_N; i++) {
		if (!c[i].n)
			continue;
		json_t *o = json_pack(
			"{s:I,s:I}", "n", (json_int_t)c[i].n, "first_line", (json_int_t)c[i].line);
		if (!o || json_object_set_new(to, annotate_reason_name((enum annotate_reason)i, NULL), o))
			return GRX_E_NOMEM;
	}
	return GRX_OK;
}

int annotate_models_summary(const struct annotate_models *m, struct json_t *to)
{
	if (annotate_image_summary(&m->im, to) ||
		json_object_set_new(to, "transcripts_on_other_contigs", json_integer(m->n_other_contig)))
		return GRX_E_NOMEM;
	size_t nf = m->has_reg ? m->reg.n[AT_S_FEATURE] : m->im.n[AT_S_FEATURE];
	if (nf && json_object_set_new(to, "regulatory_features", json_integer((json_int_t)nf)))
		return GRX_E_NOMEM;
	return GRX_OK;
}
