/* SPDX-License-Identifier: GPL-3.0-or-later
 * bcsq.c -- INFO/BCSQ and FORMAT/BCSQ, compatible with bcftools csq: each record against CDS, UTR, splice
 * sites and, when none of these is met, whole transcripts; then the haplotypes of each transcript. A record
 * is looked up one base further than REF reaches, so that an insertion meets what follows it. */
#include "stage/annotate/bcsq_int.h"

#include <string.h>
#include <strings.h>

/* --- lookups --- */

static bool meets(const struct bcsq_piece *p, int64_t beg, int64_t end)
{
	return p->end >= p->beg && p->beg <= end && p->end >= beg;
}

/* First piece that ends at `beg` or behind it. */
static int32_t first_of(const struct bcsq_piece *p, int32_t n, int64_t beg)
{
	int32_t lo = 0, hi = n;
	while (lo < hi) {
		int32_t mid = lo + (hi - lo) / 2;
		if (p[mid].end < beg)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static bool has_sequence(const char *a)
{
	return *a != '<' && *a != '*';
}

static void place_of(
	struct bcsq_shard *b, struct bcsq_rec *r, const struct bcsq_tx *x, int32_t al, struct bcsq_place *p)
{
	*p = (struct bcsq_place){.b = b, .r = r, .x = x, .al = al};
	p->ref = r->v->allele[0];
	p->alt = r->v->allele[al];
	p->pos = r->v->pos;
	p->ref_n = has_sequence(p->alt) ? (int64_t)strlen(p->ref) : r->v->rlen;
	p->alt_n = (int64_t)strlen(p->alt);
}

/* --- CDS --- */

static int edit_place(struct bcsq_shard *b, struct bcsq_tx *x, struct bcsq_edit *e)
{
	struct bcsq_place p;
	enum bcsq_place_is is;
	const struct bcsq_piece *cds = &x->cds[e->cds];
	bool forward = x->t->strand > 0, first = e->cds == 0, last = e->cds == x->n_cds - 1;
	place_of(b, &b->rec[e->rec], x, e->al, &p);
	p.acceptor = p.donor = p.utr = p.sequence = true;
	p.start = !x->trim5 && (forward ? first : last) && x->starts_with_m;
	p.stop = !x->trim3 && (forward ? last : first);
	p.region_beg = !first;
	p.region_end = !last;
	int rc = annotate_bcsq_place(&p, cds->beg, cds->end, &is);
	if (rc)
		return rc;
	e->terms = p.terms;
	e->none = is == BQ_NO_VARIANT;
	if (is == BQ_OUTSIDE || is == BQ_ACROSS || p.terms == BQ(START_LOST)) {
		e->apart = true;
		e->none |= !p.terms;
	}
	if (e->apart || e->none)
		return GRX_OK;
	e->terms &= ~BQ(SYNONYMOUS);
	int64_t off = p.ref_beg < cds->beg ? cds->beg - p.ref_beg : 0;
	off = off < p.new_alt_n ? off : p.new_alt_n;
	e->n = p.new_n - off > 0 ? p.new_n - off : 0;
	e->alt = grx_arena_strndup(b->w->keep, p.new_alt + off, (size_t)(p.new_alt_n - off));
	if (!e->alt)
		return grx_fail_nomem(b->w->cx, "BCSQ");
	e->alt_n = p.new_alt_n - off;
	e->gbeg = p.ref_beg + off;
	e->beg = cds->pos + e->gbeg - cds->beg;
	e->d = (int64_t)strlen(p.alt) - (int64_t)strlen(p.ref);
	if (e->gbeg + e->n > cds->end + 1 || e->gbeg > cds->end) { /* more than the piece */
		e->apart = true;
		e->terms |= e->terms ? 0 : BQ(CODING);
	}
	return GRX_OK;
}

/* The change that an allele of a record makes to a piece of the CDS, judged when first met. */
static int edit_of(struct bcsq_shard *b, struct bcsq_tx *x, const struct bcsq_edit *key, int32_t *id)
{
	for (size_t i = x->n_edit; i > 0 && x->edit[i - 1].rec == key->rec; i--)
		if (x->edit[i - 1].al == key->al && x->edit[i - 1].cds == key->cds) {
			*id = (int32_t)i - 1;
			return GRX_OK;
		}
	if (x->n_edit == x->cap_edit) {
		size_t cap = x->cap_edit ? 2 * x->cap_edit : 8;
		x->edit = grx_arena_grow(b->w->keep, x->edit, x->n_edit, cap, sizeof *x->edit);
		if (!x->edit)
			return grx_fail_nomem(b->w->cx, "BCSQ");
		x->cap_edit = cap;
	}
	*id = (int32_t)x->n_edit++;
	x->edit[*id] = *key;
	return edit_place(b, x, &x->edit[*id]);
}

static int tree_begin(struct bcsq_shard *b, struct bcsq_tx *x)
{
	if (x->tree)
		return GRX_OK;
	if (b->n_active == b->cap_active) {
		size_t cap = b->cap_active ? 2 * b->cap_active : 64;
		b->active = grx_arena_grow(b->w->keep, b->active, b->n_active, cap, sizeof(struct bcsq_tx *));
		if (!b->active)
			return grx_fail_nomem(b->w->cx, "haplotypes");
		b->cap_active = cap;
	}
	b->active[b->n_active++] = x;
	x->tree = grx_arena_alloc(b->w->keep, 1, sizeof *x->tree);
	if (!x->tree)
		return grx_fail_nomem(b->w->cx, "haplotypes");
	return annotate_hap_tree_init(b->w, x->tree, b->n_sample ? 2 * (size_t)b->n_sample : 1, b->blocks);
}

/* Does the last change of the haplotype reach over the start of this one? Both cannot be right. */
static bool overlaps_last(const struct bcsq_tx *x, size_t slot, const struct bcsq_edit *e)
{
	int32_t node = x->tree->path[slot].node;
	if (node <= 0)
		return false;
	const struct bcsq_edit *p = &x->edit[x->tree->node[node].edit];
	return p->cds == e->cds && e->gbeg < p->gbeg + p->n;
}

static int carry(
	struct bcsq_shard *b, struct bcsq_tx *x, struct bcsq_edit key, size_t slot, const struct hap_call *c)
{
	int32_t id = 0;
	if (!has_sequence(b->rec[key.rec].v->allele[key.al]))
		return GRX_OK;
	int rc = edit_of(b, x, &key, &id);
	struct bcsq_edit *e = &x->edit[id];
	if (rc || e->none)
		return rc;
	if (e->apart) {
		struct bcsq one = {.terms = e->terms, .x = x, .al = e->al};
		rc = e->done ? GRX_OK : annotate_bcsq_stage(b, &b->rec[e->rec], &one);
		e->done = true;
		return rc;
	}
	if (overlaps_last(x, slot, e)) {
		b->w->part->hap.n_overlapping++;
		return GRX_OK;
	}
	struct hap_step s = {.edit = id, .unknown = -1, .ps = c->ps, .how = c->how};
	s.how = s.how == HAP_LOOSE ? HAP_ALL : s.how;
	return annotate_hap_step(b->w, x->tree, slot, &s);
}

static int cds_carried(struct bcsq_shard *b, struct bcsq_tx *x, size_t rec, int32_t cds)
{
	const struct grx_var *v = b->rec[rec].v;
	struct bcsq_edit key = {.rec = rec, .cds = cds, .al = 1};
	bool ok;
	int rc = tree_begin(b, x);
	if (rc)
		return rc;
	if (!b->n_sample) {
		const struct hap_call any = {.ps = HAP_NO_PS, .how = HAP_ALL};
		return carry(b, x, key, 0, &any);
	}
	if ((rc = annotate_hap_calls(b->w, v, b->call, &ok)))
		return rc;
	b->w->part->hap.n_ploidy += !ok;
	for (size_t slot = 0; ok && slot < x->tree->n_path; slot++) {
		const struct hap_call *c = &b->call[slot / 2];
		key.al = c->al[slot % 2];
		if (c->al[0] == HAP_UNKNOWN || key.al <= 0 || key.al >= v->n_allele)
			continue;
		if ((rc = carry(b, x, key, slot, c)))
			return rc;
	}
	return GRX_OK;
}

static int cds_alone(struct bcsq_shard *b, struct bcsq_tx *x, size_t rec, int32_t cds)
{
	const struct grx_var *v = b->rec[rec].v;
	for (int32_t al = 1; al < v->n_allele; al++) {
		struct bcsq_edit e = {.rec = rec, .cds = cds, .al = al};
		if (!has_sequence(v->allele[al]))
			continue;
		int rc = edit_place(b, x, &e);
		if (rc || (!e.none && (rc = annotate_bcsq_single(b, x, &e))))
			return rc;
	}
	return GRX_OK;
}

static int test_cds(struct bcsq_shard *b, struct bcsq_tx *x, size_t rec, bool *hit)
{
	const struct grx_var *v = b->rec[rec].v;
	int64_t end = v->pos + v->rlen;
	int rc;
	for (int32_t i = x->coding ? first_of(x->cds, x->n_cds, v->pos) : x->n_cds;
		i < x->n_cds && x->cds[i].beg <= end; i++) {
		if (!meets(&x->cds[i], v->pos, end))
			continue;
		*hit = true;
		if (!x->ref && (rc = annotate_bcsq_ref(b, x)))
			return rc;
		if ((rc = b->local ? cds_alone(b, x, rec, i) : cds_carried(b, x, rec, i)))
			return rc;
	}
	return GRX_OK;
}

/* --- what is not CDS --- */

static int test_utr(struct bcsq_shard *b, struct bcsq_tx *x, size_t rec, bool *hit)
{
	struct bcsq_rec *r = &b->rec[rec];
	int64_t end = r->v->pos + r->v->rlen;
	for (int32_t i = first_of(x->utr, x->n_utr, r->v->pos); i < x->n_utr && x->utr[i].beg <= end; i++)
		for (int32_t al = 1; al < r->v->n_allele; al++) {
			struct bcsq_place p;
			enum bcsq_place_is is;
			if (!has_sequence(r->v->allele[al]))
				continue;
			place_of(b, r, x, al, &p);
			int rc = annotate_bcsq_place(&p, x->utr[i].beg, x->utr[i].end, &is);
			if (rc)
				return rc;
			if (is != BQ_INSIDE && is != BQ_ACROSS)
				continue;
			*hit = true;
			struct bcsq c = {.terms = x->utr[i].pos == 5 ? BQ(UTR5) : BQ(UTR3), .x = x, .al = al};
			if ((rc = annotate_bcsq_stage(b, r, &c)))
				return rc;
		}
	return GRX_OK;
}

static int test_splice(struct bcsq_shard *b, struct bcsq_tx *x, size_t rec, uint32_t with, bool *hit)
{
	struct bcsq_rec *r = &b->rec[rec];
	int64_t beg = r->v->pos - BQ_REGION, end = r->v->pos + r->v->rlen + BQ_REGION;
	if (with) /* symbolic: only the base behind POS is asked for */
		beg = r->v->pos + 1 - BQ_REGION, end = r->v->pos + 1 + BQ_REGION;
	for (int32_t i = x->n_cds ? first_of(x->exon, x->n_exon, beg) : x->n_exon;
		i < x->n_exon && x->exon[i].beg <= end; i++)
		for (int32_t al = 1; al < (with ? 2 : r->v->n_allele); al++) {
			struct bcsq_place p;
			enum bcsq_place_is is;
			if (!with && !has_sequence(r->v->allele[al]))
				continue;
			place_of(b, r, x, al, &p);
			p.acceptor = p.donor = true;
			p.region_beg = x->exon[i].beg != x->beg;
			p.region_end = x->exon[i].end != x->end;
			p.terms = with;
			p.al = 0; /* of the record: bcftools marks no sample for it */
			int rc = annotate_bcsq_place(&p, x->exon[i].beg, x->exon[i].end, &is);
			if (rc)
				return rc;
			*hit |= p.terms != 0;
		}
	return GRX_OK;
}

static int test_whole(struct bcsq_shard *b, struct bcsq_tx *x, size_t rec, uint32_t with)
{
	struct bcsq_rec *r = &b->rec[rec];
	for (int32_t al = 1; al < (with ? 2 : r->v->n_allele); al++) {
		struct bcsq_place p;
		enum bcsq_place_is is;
		if (!with && !has_sequence(r->v->allele[al]))
			continue;
		place_of(b, r, x, al, &p);
		p.terms = with;
		p.al = 0;
		int rc = annotate_bcsq_place(&p, x->beg, x->end, &is);
		if (rc)
			return rc;
		if (is != BQ_INSIDE && is != BQ_ACROSS)
			continue;
		struct bcsq c = {.terms = (x->coding ? BQ(INTRON) : BQ(NON_CODING)) | with, .x = x};
		if ((rc = annotate_bcsq_stage(b, r, &c)))
			return rc;
	}
	return GRX_OK;
}

/* A symbolic insertion or deletion, by the base behind POS. */
static int test_symbolic(struct bcsq_shard *b, struct bcsq_tx *x, size_t rec, uint32_t with, bool *hit)
{
	struct bcsq_rec *r = &b->rec[rec];
	int64_t at = r->v->pos + 1;
	int rc;
	for (int32_t i = 0; i < x->n_cds; i++) {
		struct bcsq c = {.terms = (x->coding ? BQ(CODING) : BQ(NON_CODING)) | with, .x = x};
		if (!meets(&x->cds[i], at, at))
			continue;
		*hit = true;
		if ((rc = annotate_bcsq_stage(b, r, &c)))
			return rc;
	}
	for (int32_t i = 0; i < x->n_utr; i++) {
		struct bcsq c = {.terms = (x->utr[i].pos == 5 ? BQ(UTR5) : BQ(UTR3)) | with, .x = x};
		if (!meets(&x->utr[i], at, at))
			continue;
		*hit = true;
		if ((rc = annotate_bcsq_stage(b, r, &c)))
			return rc;
	}
	return test_splice(b, x, rec, with, hit);
}

/* --- records --- */

/* 0: not judged. Else what a symbolic allele does to its feature, or BQ_N bits: by sequence. */
static bool record_kind(const struct grx_var *v, uint32_t *with)
{
	*with = 0;
	if (v->n_allele < 2 || (v->n_allele == 2 && (v->allele[1][0] == '*' || v->allele[1][1] == '*')))
		return false;
	if (v->allele[1][0] != '<')
		return true;
	if (strncasecmp(v->allele[1], "<INS", 4) == 0)
		*with = BQ(ELONGATION);
	else if (strncasecmp(v->allele[1], "<DEL", 4) == 0)
		*with = BQ(TRUNCATION);
	return *with != 0;
}

/* Of transcripts that begin together the longest stands first. */
static void longest_first(struct bcsq_tx **x, int n)
{
	for (int i = 1; i < n; i++)
		for (int k = i; k > 0 && x[k]->beg == x[k - 1]->beg && x[k]->end > x[k - 1]->end; k--) {
			struct bcsq_tx *t = x[k];
			x[k] = x[k - 1];
			x[k - 1] = t;
		}
}

/* Transcripts of a known biotype that the record meets: x[*n]. */
static int transcripts_met(struct bcsq_shard *b, const struct grx_var *v, struct bcsq_tx ***out, int *n)
{
	struct annotate_work *w = b->w;
	const struct annotate_tx *const *near;
	int64_t end = v->pos + v->rlen;
	int n_near, rc = annotate_near(w, v->tid, v->pos, end + 1, &near, &n_near);
	if (rc)
		return rc;
	struct bcsq_tx **x = *out = grx_arena_alloc(w->mem, (size_t)n_near + 1, sizeof(struct bcsq_tx *));
	if (!x)
		return grx_fail_nomem(w->cx, "transcripts");
	*n = 0;
	for (int i = 0; i < n_near; i++) {
		if (near[i]->beg > end || near[i]->end - 1 < v->pos)
			continue;
		if ((rc = annotate_bcsq_tx(b, near[i], &x[*n])))
			return rc;
		*n += x[*n]->biotype != NULL;
	}
	longest_first(x, *n);
	return GRX_OK;
}

static int record_test(struct bcsq_shard *b, size_t rec)
{
	const struct grx_var *v = b->rec[rec].v;
	struct bcsq_tx **x;
	uint32_t with;
	bool hit = false;
	int n, rc;
	if (!b->w->st->fasta_name[v->tid] || !record_kind(v, &with))
		return GRX_OK;
	if ((rc = transcripts_met(b, v, &x, &n)))
		return rc;
	for (int i = 0; i < n; i++)
		if ((rc = with ? test_symbolic(b, x[i], rec, with, &hit) : test_cds(b, x[i], rec, &hit)))
			return rc;
	for (int i = 0; !with && i < n; i++)
		if ((rc = test_utr(b, x[i], rec, &hit)) || (rc = test_splice(b, x[i], rec, 0, &hit)))
			return rc;
	for (int i = 0; !hit && i < n; i++)
		if ((rc = test_whole(b, x[i], rec, with)))
			return rc;
	return GRX_OK;
}

static int haplotypes(struct bcsq_shard *b)
{
	/* as a reader meets their ends */
	for (size_t i = 1; i < b->n_active; i++)
		for (size_t k = i; k > 0 && b->active[k]->end < b->active[k - 1]->end; k--) {
			struct bcsq_tx *t = b->active[k];
			b->active[k] = b->active[k - 1];
			b->active[k - 1] = t;
		}
	for (size_t i = 0; i < b->n_active; i++) {
		int rc = annotate_bcsq_haplotypes(b, b->active[i]);
		if (rc)
			return rc;
	}
	return GRX_OK;
}

int annotate_bcsq_shard(struct annotate_work *w, const struct annotate_record *r, size_t n)
{
	struct bcsq_shard b = {.w = w, .n = n, .local = !w->st->opt.haplotypes};
	int rc;
	b.n_sample = w->cx->hdr ? w->cx->hdr->n_sample : 0;
	b.max_word = (int32_t)(1 + (2 * w->st->opt.ncsq - 1) / 30);
	b.rec = grx_arena_calloc(w->keep, n + 1, sizeof *b.rec);
	b.call = grx_arena_alloc(w->keep, (size_t)b.n_sample + 1, sizeof *b.call);
	if (!b.rec || !b.call)
		return grx_fail_nomem(w->cx, "BCSQ");
	for (size_t i = 0; i < n; i++) {
		b.rec[i].v = r[i].v;
		b.rec[i].end = &b.rec[i].first;
		b.blocks |= grx_var_fmt(r[i].v, "PS") != NULL;
	}
	for (size_t i = 0; i < n; i++)
		if ((rc = record_test(&b, i)))
			return rc;
	if ((rc = haplotypes(&b)))
		return rc;
	for (size_t i = 0; i < n; i++)
		if ((rc = annotate_bcsq_write(&b, &b.rec[i])))
			return rc;
	return GRX_OK;
}

int annotate_bcsq_declare(struct grx_ctx *cx, const struct annotate_opt *o, struct grx_hdr *h)
{
	struct grx_hdr_line l = {.kind = GRX_HDR_INFO, .id = "BCSQ", .number = ".", .type = GRX_T_STR};
	l.desc = o->haplotypes ? "Haplotype-aware consequence annotation as of BCFtools/csq. Format: "
				 "Consequence|gene|transcript|biotype|strand|amino_acid_change|dna_change"
			       : "Local consequence annotation as of BCFtools/csq. Format: "
				 "Consequence|gene|transcript|biotype|strand|amino_acid_change|dna_change";
	int rc = grx_hdr_declare(cx, h, &l);
	l = (struct grx_hdr_line){.kind = GRX_HDR_INFO, .id = "BCSQ_OVER", .number = "0", .type = GRX_T_FLAG};
	l.desc = "Some samples carry consequences that FORMAT/BCSQ has no bits for: raise --ncsq";
	if (rc || (rc = grx_hdr_declare(cx, h, &l)) || h->n_sample < 1)
		return rc;
	l = (struct grx_hdr_line){.kind = GRX_HDR_FORMAT, .id = "BCSQ", .number = ".", .type = GRX_T_INT};
	l.desc = "Bitmask of indexes to INFO/BCSQ, with interleaved first/second haplotype. Use bcftools "
		 "query -f "
		 "'[%CHROM %POS %SAMPLE %TBCSQ]' to translate.";
	return grx_hdr_declare(cx, h, &l);
}
