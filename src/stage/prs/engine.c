/* SPDX-License-Identifier: GPL-3.0-or-later
 * engine.c -- rows of the scores meet records of the target, both in genome order.
 * Push-driven: the owner hands over the records of one position at a time; every row up to there is settled,
 * by a record at its position or by an open reference block, or stays without a locus. Several engines may
 * work on disjoint windows of one job at once: they share only the arrays per row, each row being one
 * window's. */
#include <string.h>

#include "base/str.h"
#include "bio/allele.h"
#include "io/fasta.h"
#include "stage/prs/prs_int.h"

static void block_free(struct prs_block *b)
{
	grx_free(b->ref);
	grx_free(b->code);
	grx_free(b->gq);
}

static void scratch_free(struct prs_scratch *s)
{
	grx_free(s->code);
	grx_free(s->e);
	grx_free(s->ed);
	grx_free(s->ints);
	grx_free(s->bad);
	memset(s, 0, sizeof *s);
}

/* One allocation a type: the planes lie side by side. */
static bool scratch_new(struct prs_scratch *s, size_t n)
{
	s->code = grx_calloc(n, 6);
	s->e = grx_calloc(n * 5, sizeof *s->e);
	s->ed = grx_calloc(n, sizeof *s->ed);
	s->ints = grx_calloc(n, sizeof *s->ints);
	s->bad = grx_calloc(n, sizeof *s->bad);
	if (!s->code || !s->e || !s->ed || !s->ints || !s->bad)
		return false;
	s->other = s->code + n;
	s->l0 = s->code + 2 * n;
	s->l1 = s->code + 3 * n;
	s->l2 = s->code + 4 * n;
	s->what = s->code + 5 * n;
	s->var = s->e + n;
	s->dose = s->e + 2 * n;
	s->p1 = s->e + 3 * n;
	s->p2 = s->e + 4 * n;
	return true;
}

void prs_eng_free(struct prs_eng *e)
{
	if (!e)
		return;
	size_t n = (size_t)e->job->set->n_file * PRS_STRATA;
	for (size_t i = 0; e->sums && i < n; i++)
		prs_sums_free(e->sums[i]);
	for (size_t i = 0; e->se && i < n; i++)
		prs_sums_free(e->se[i]);
	for (size_t i = 0; e->top && i < 2 * (size_t)e->job->set->n_col; i++)
		grx_free(e->top[i]);
	for (size_t i = 0; i < e->n_block; i++)
		block_free(&e->block[i]);
	prs_sums_free(e->norm);
	grx_free(e->sums);
	grx_free(e->se);
	grx_free(e->top);
	grx_free(e->block);
	grx_free(e->hit);
	scratch_free(&e->s);
	prs_wcur_close(e->rows);
	grx_arena_free(e->mem);
	grx_free(e);
}

int prs_eng_new(struct grx_ctx *cx, const struct prs_job *job, struct prs_eng **out)
{
	int rc = GRX_E_BUG;
	struct prs_eng *e = grx_calloc(1, sizeof *e);
	*out = NULL;
	if (!e)
		return grx_fail_nomem(cx, "scores");
	size_t n = (size_t)job->set->n_file * PRS_STRATA, n_sample = (size_t)job->target->n_sample;
	bool top = job->top && n_sample <= PRS_TOP_MAX_SAMPLES &&
		   n_sample * (size_t)job->set->n_score <= PRS_TOP_MAX;
	e->job = job;
	e->tid = -1;
	e->mem = grx_arena_new();
	e->sums = grx_calloc(n, sizeof(struct prs_sums *));
	e->se = grx_calloc(n, sizeof(struct prs_sums *));
	e->top = top ? grx_calloc(2 * (size_t)job->set->n_col, sizeof(struct prs_top *)) : NULL;
	if (!e->mem || !e->sums || !e->se || (top && !e->top) || !scratch_new(&e->s, n_sample)) {
		rc = grx_fail_nomem(cx, "scores");
		goto out;
	}
	GRX_TRY(prs_wcur_open(cx, job->set, &e->rows));
	*out = e;
	e = NULL;
	rc = GRX_OK;
out:
	prs_eng_free(e);
	return rc;
}

static int rows_next(struct grx_ctx *cx, struct prs_eng *e)
{
	return prs_wcur_next(cx, e->rows, &e->row, &e->n_at);
}

int prs_eng_begin(struct grx_ctx *cx, struct prs_eng *e, int32_t tid, int64_t beg, int64_t end)
{
	e->tid = tid;
	e->beg = beg;
	e->end = end;
	e->chrom = e->job->target->chrom_of[tid];
	e->n_at = 0;
	for (size_t i = 0; i < e->n_block; i++)
		block_free(&e->block[i]);
	e->n_block = 0;
	if (e->chrom < 0)
		return GRX_OK;
	int rc = prs_wcur_seek(cx, e->rows, e->chrom, beg, end);
	return rc == GRX_OK ? rows_next(cx, e) : rc;
}

/* Reference bases from the row's position on, as many as its longest allele; *n = 0 when nobody knows them.
 */
static int ref_bases(struct grx_ctx *cx, struct prs_eng *e, const struct prs_wrow *r,
	const struct prs_block *b, const char **ref, size_t *n)
{
	size_t want = strlen(r->ea), wo = r->oa ? strlen(r->oa) : 0;
	want = wo > want ? wo : want;
	*n = 0;
	*ref = NULL;
	size_t off = (size_t)(r->pos - b->pos), have = strlen(b->ref);
	if (off + want <= have && !memchr(b->ref + off, 'N', want)) {
		*ref = b->ref + off;
		*n = want;
		return GRX_OK;
	}
	const char *name = grx_contig_name(cx->contigs, e->tid);
	if (!cx->fasta || grx_contigs_find(grx_fasta_contigs(cx->fasta), name) < 0)
		return GRX_OK;
	char *s = NULL;
	int64_t got = 0;
	int rc = grx_fasta_fetch(cx, cx->fasta, name, r->pos, r->pos + (int64_t)want, e->mem, &s, &got);
	*ref = s;
	*n = got > 0 ? (size_t)got : 0;
	return rc;
}

/* Is id among the names of the record, "rs1;rs2"? */
static bool is_called(const struct grx_geno *v, const char *id)
{
	size_t k = strlen(id);
	for (const char *p = v->id; p; p = strchr(p, ';') ? strchr(p, ';') + 1 : NULL)
		if (strncmp(p, id, k) == 0 && (p[k] == ';' || p[k] == '\0'))
			return true;
	return false;
}

/* Best of the records of the group; of those only that have the row's ID. */
static void best_record(const struct prs_eng *e, const struct prs_wrow *r, const struct grx_geno *g, int n,
	bool named, struct prs_hit *best)
{
	const struct prs_policy *po = e->job->po;
	bool by_id = po->plink && e->job->set->file[r->file].by_id, any = false;
	*best = (struct prs_hit){
		.prio = PRS_P_NONE, .code = PRS_NO_LOCUS, .allele = -1, .rec = -1, .block = -1};
	for (int i = 0; i < n; i++) {
		struct prs_hit h;
		if (g[i].block || (named && !is_called(&g[i], r->id)))
			continue;
		if (by_id)
			prs_match_id(r, &g[i], &h);
		else
			prs_match_record(r, &g[i], po->pgsc, &h);
		h.rec = i;
		if (h.prio < best->prio || !any)
			*best = h;
		any = true;
	}
}

/* Without other allele "A" fits A>G and ATT>A: the ID tells which record is meant. */
static bool id_decides(const struct prs_eng *e, const struct prs_wrow *r, const struct grx_geno *g, int n)
{
	const struct prs_policy *po = e->job->po;
	if (n < 2 || r->oa || !r->id || po->pgsc || po->plink)
		return false;
	for (int i = 0; i < n; i++)
		if (!g[i].block && is_called(&g[i], r->id))
			return true;
	return false;
}

/* Best of the records of the group and of the blocks that cover the row. */
static int best_hit(struct grx_ctx *cx, struct prs_eng *e, const struct prs_wrow *r, const struct grx_geno *g,
	int n, struct prs_hit *best)
{
	bool named = id_decides(e, r, g, n);
	best_record(e, r, g, n, named, best);
	if (named && best->prio == PRS_P_NONE && !e->job->set->file[r->file].by_id)
		best_record(e, r, g, n, false, best); /* the position was given: the ID may be an old one */
	/* of several blocks the one that starts last */
	for (size_t i = 0; i < e->n_block && best->prio >= PRS_P_BLOCK; i++) {
		const char *ref;
		size_t have;
		struct prs_hit h;
		if (e->block[i].end <= r->pos)
			continue;
		int rc = ref_bases(cx, e, r, &e->block[i], &ref, &have);
		if (rc != GRX_OK)
			return rc;
		prs_match_block(r, ref, have, &h);
		h.block = (int)i;
		if (h.prio <= best->prio)
			*best = h;
	}
	return GRX_OK;
}

/* The calculator lets no two rows of a score stand on one record; plink2 counts the record's alleles once. */
static void target_duplicates(const struct prs_policy *po, const struct prs_wrow *r, struct prs_hit *h, int n)
{
	for (int i = 0; i < n; i++)
		for (int k = i - 1; k >= 0 && r[k].file == r[i].file; k--) /* rows come file by file */
			if (h[i].rec >= 0 && h[i].rec == h[k].rec && h[i].prio < PRS_P_NONE &&
				h[k].prio < PRS_P_NONE && (po->pgsc || prs_code_is_match(h[k].code))) {
				h[i].again = true;
				if (po->pgsc)
					h[i].code = h[k].code = PRS_DUPLICATE_TARGET;
			}
}

static bool same_row(const struct prs_wrow *a, const struct prs_wrow *b)
{
	return strcmp(a->ea, b->ea) == 0 && (!a->oa || !b->oa || strcmp(a->oa, b->oa) == 0);
}

/* NULL without memory. */
static const char *other_strand(struct grx_arena *mem, const char *s)
{
	size_t n = strlen(s);
	char *t = grx_arena_alloc(mem, n + 1, 1);
	for (size_t i = 0; t && i < n; i++)
		t[i] = grx_complement(s[n - 1 - i]);
	if (t)
		t[n] = '\0';
	return t;
}

/* Frequency of the effect allele of row r by the frequency file; NAN when it has none. */
static double freq_lookup(const struct prs_eng *e, const struct prs_wrow *r)
{
	for (int i = e->freq_at; i < e->n_at && e->row[i].file == e->job->set->freq_file; i++) {
		const struct prs_wrow *f = &e->row[i];
		if (same_row(f, r))
			return f->af;
		/* rows of one ALT each: the rest is REF where there is one ALT alone */
		if (f->oa && strcmp(f->oa, r->ea) == 0 && (!r->oa || strcmp(f->ea, r->oa) == 0)) {
			double rest = 1;
			for (int k = e->freq_at; k < e->n_at && e->row[k].file == f->file; k++)
				if (e->row[k].oa && strcmp(e->row[k].oa, f->oa) == 0)
					rest -= e->row[k].af;
			return rest < 0 ? 0 : rest;
		}
	}
	return NAN;
}

/* The file's own frequency keeps a person's score independent of the company they are analysed in; a panel's
 * or the user's stands above it. */
static double freq_of(const struct prs_eng *e, const struct prs_wrow *r, const struct prs_hit *h)
{
	struct prs_wrow as_target = *r;
	if (h->flip) { /* the frequencies are on the target's strand */
		as_target.ea = other_strand(e->mem, r->ea);
		as_target.oa = r->oa ? other_strand(e->mem, r->oa) : NULL;
	}
	double f = e->job->set->freq_file >= 0 && as_target.ea && (!r->oa || as_target.oa)
			   ? freq_lookup(e, &as_target)
			   : NAN;
	if (isnan(f) && !e->job->po->pgsc)
		f = r->af;
	if (isnan(f) && e->job->freq)
		f = (double)e->job->freq[r->index];
	return f;
}

static bool row_counts(const struct prs_eng *e, const struct prs_wrow *r)
{
	const struct prs_job *j = e->job;
	if (r->file == j->set->freq_file || r->code != PRS_NO_LOCUS || (j->file_off && j->file_off[r->file]))
		return false;
	if (e->regions && !grx_bed_has(e->regions, e->tid, r->pos))
		return false;
	return !j->only_panel || ((j->flag[r->index] & PRS_F_PANEL) && prs_code_is_match(j->code[r->index]));
}

/* Write down what became of a row. The pass over the panel only marks, or scores what is decided. */
static int row_settle(struct grx_ctx *cx, struct prs_eng *e, const struct prs_wrow *r, struct prs_hit *h,
	const struct grx_geno *g)
{
	const struct prs_job *j = e->job;
	int rc = GRX_OK;
	if (j->only_panel)
		h->palindromic = j->flag[r->index] & PRS_F_PAL;
	if (prs_code_is_match(h->code))
		rc = prs_apply(cx, e, r, h, g, freq_of(e, r, h));
	if (rc != GRX_OK || j->only_panel || j->mark_panel)
		return rc;
	j->code[r->index] = (uint8_t)h->code;
	if (h->palindromic)
		j->flag[r->index] |= PRS_F_PAL;
	return GRX_OK;
}

/* All rows at one position against the records there (n may be 0). */
static int group_settle(struct grx_ctx *cx, struct prs_eng *e, const struct grx_geno *g, int n)
{
	int rc = GRX_OK;
	e->have = NULL;
	e->n_rec = n;
	e->freq_at = 0;
	while (e->freq_at < e->n_at && e->row[e->freq_at].file != e->job->set->freq_file)
		e->freq_at++;
	if (grx_grow(&e->hit, &e->cap_hit, (size_t)e->n_at, sizeof *e->hit, 0) != 0)
		return grx_fail_nomem(cx, "score rows at a position");
	for (int i = 0; i < e->n_at && rc == GRX_OK; i++) {
		struct prs_hit *h = &e->hit[i];
		*h = (struct prs_hit){.prio = PRS_P_NONE, .code = PRS_NO_LOCUS, .rec = -1, .block = -1};
		if (row_counts(e, &e->row[i]))
			rc = best_hit(cx, e, &e->row[i], g, n, h);
		if (h->flip && e->job->po->no_flip && prs_code_is_match(h->code))
			h->code = PRS_FLIP_DROPPED;
	}
	if ((e->job->po->pgsc || e->job->po->plink) && rc == GRX_OK)
		target_duplicates(e->job->po, e->row, e->hit, e->n_at);
	for (int i = 0; i < e->n_at && rc == GRX_OK; i++)
		if (row_counts(e, &e->row[i]))
			rc = row_settle(cx, e, &e->row[i], &e->hit[i], g);
	grx_arena_reset(e->mem);
	return rc;
}

/* Forget blocks that end at or before pos. */
static void blocks_close(struct prs_eng *e, int64_t pos)
{
	size_t n = 0;
	for (size_t i = 0; i < e->n_block; i++) {
		if (e->block[i].end > pos)
			e->block[n++] = e->block[i];
		else
			block_free(&e->block[i]);
	}
	e->n_block = n;
}

int64_t prs_eng_next(struct prs_eng *e)
{
	int64_t at = e->n_at ? e->row[0].pos : INT64_MAX;
	blocks_close(e, at);
	return at;
}

/* Rows before pos: nothing but an open block can settle them. */
static int rows_before(struct grx_ctx *cx, struct prs_eng *e, int64_t pos)
{
	int rc = GRX_OK;
	while (rc == GRX_OK && e->n_at && e->row[0].pos < pos) {
		blocks_close(e, e->row[0].pos);
		if (e->n_block)
			rc = group_settle(cx, e, NULL, 0);
		if (rc == GRX_OK)
			rc = rows_next(cx, e);
	}
	return rc;
}

int prs_eng_push(struct grx_ctx *cx, struct prs_eng *e, const struct grx_geno *g, int n)
{
	int rc = GRX_E_BUG;
	if (g[0].tid != e->tid) {
		if (e->tid >= 0)
			GRX_TRY(prs_eng_end(cx, e));
		GRX_TRY(prs_eng_begin(cx, e, g[0].tid, 0, INT64_MAX));
	}
	if (e->chrom < 0)
		return GRX_OK;
	GRX_TRY(rows_before(cx, e, g[0].pos));
	blocks_close(e, g[0].pos);
	for (int i = 0; i < n; i++) {
		if (!g[i].block)
			continue;
		if (e->n_at && e->row[0].pos < g[i].end)
			GRX_TRY(prs_block_hold(cx, e, &g[i]));
	}
	if (e->n_at && e->row[0].pos == g[0].pos) {
		GRX_TRY(group_settle(cx, e, g, n));
		GRX_TRY(rows_next(cx, e));
	}
	rc = GRX_OK;
out:
	return rc;
}

int prs_eng_end(struct grx_ctx *cx, struct prs_eng *e)
{
	if (e->tid < 0 || e->chrom < 0)
		return GRX_OK;
	int rc = GRX_OK;
	while (rc == GRX_OK && e->n_at && e->n_block) {
		blocks_close(e, e->row[0].pos);
		if (e->n_block)
			rc = group_settle(cx, e, NULL, 0);
		if (rc == GRX_OK)
			rc = rows_next(cx, e);
	}
	e->n_at = 0;
	return rc;
}

static int sums_merge(struct grx_ctx *cx, struct prs_sums **a, struct prs_sums **b)
{
	if (*b && *a) {
		int rc = prs_sums_merge(*a, *b);
		prs_sums_free(*b);
		*b = NULL;
		return rc == GRX_OK ? rc : grx_fail(cx, rc, "prs: sums of two threads do not fit together");
	}
	if (*b) {
		*a = *b;
		*b = NULL;
	}
	return GRX_OK;
}

static void top_merge(struct prs_eng *a, struct prs_eng *b)
{
	for (size_t i = 0; a->top && i < 2 * (size_t)a->job->set->n_col; i++) {
		if (!b->top[i])
			continue;
		if (!a->top[i]) {
			a->top[i] = b->top[i];
			b->top[i] = NULL;
			continue;
		}
		for (int s = 0; s < a->job->target->n_sample; s++)
			prs_top_merge(&a->top[i][s], &b->top[i][s]);
	}
}

int prs_eng_merge(struct grx_ctx *cx, struct prs_eng *a, struct prs_eng *b)
{
	int rc = GRX_OK;
	size_t n = (size_t)a->job->set->n_file * PRS_STRATA;
	for (size_t i = 0; i < n && rc == GRX_OK; i++) {
		rc = sums_merge(cx, &a->sums[i], &b->sums[i]);
		if (rc == GRX_OK)
			rc = sums_merge(cx, &a->se[i], &b->se[i]);
	}
	if (rc == GRX_OK)
		rc = sums_merge(cx, &a->norm, &b->norm);
	top_merge(a, b);
	a->n_freq_differs += b->n_freq_differs;
	return rc;
}
