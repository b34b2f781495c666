/* SPDX-License-Identifier: GPL-3.0-or-later
 * bcsq_place.c -- an allele against one piece of a transcript: which terms its place alone gives, and which
 * bases of the piece it replaces by which.
 * Intervals are closed. An insertion is placed between ref_beg and ref_end, a deletion removes ref_beg + 1 to
 * ref_end. Bases that REF and ALT share are taken off the right end first. */
#include "stage/annotate/bcsq_int.h"

#include <string.h>

/* --- bases around the allele --- */

/* n bases of the reference (changed: of the changed sequence) from genomic position `beg` on, cut at the end
 * of the transcript. The changed sequence is entered at the same offset from POS. */
static char *bases(struct bcsq_place *p, int64_t beg, int64_t n, bool changed)
{
	struct annotate_work *w = p->b->w;
	char *to = grx_arena_alloc(w->mem, (size_t)(n > 0 ? n : 0) + 1, 1);
	const char *own = changed ? p->alt : p->ref;
	int64_t own_n = changed ? p->alt_n : p->ref_n, k = 0, end = p->pos + p->ref_n;
	if (!to)
		return NULL;
	for (; k < n && beg + k < p->pos; k++)
		to[k] = annotate_base(w, beg + k);
	int64_t off = beg > p->pos ? beg - p->pos : 0, took = 0;
	for (; k < n && off + took < own_n; k++, took++)
		to[k] = own[off + took];
	int64_t skip = 0;
	if (changed) {
		skip = off - took;
		skip = skip < 0 ? 0 : skip - 1;
	}
	for (int64_t i = 0; k < n && end + skip + i <= p->x->end; i++, k++)
		to[k] = annotate_base(w, end + skip + i);
	to[k] = '\0';
	return to;
}

struct flank {
	const char *ref, *alt; /* intron bases beside the piece; NULL when sequence is not asked for */
};

static int flank_read(struct bcsq_place *p, int64_t beg, struct flank *f)
{
	f->ref = f->alt = NULL;
	if (!p->sequence)
		return GRX_OK;
	f->ref = bases(p, beg, BQ_REGION, false);
	f->alt = bases(p, beg, BQ_REGION, true);
	return f->ref && f->alt ? GRX_OK : grx_fail_nomem(p->b->w->cx, "bases");
}

/* Terms of a hit in the splice region and at the splice site; unchanged bases are noted as synonymous. `from`
 * is where the site lies in the flank. */
static void splice_terms(
	struct bcsq_place *p, const struct flank *f, bool region, bool site, bool right, int from)
{
	bool forward = p->x->t->strand > 0;
	if (region) {
		p->terms |= BQ(SPLICE_REGION);
		if (f->ref && strncmp(f->ref, f->alt, BQ_REGION) == 0)
			p->terms |= BQ(SYNONYMOUS);
	}
	if (!site)
		return;
	if (p->donor && forward == right)
		p->terms |= BQ(DONOR);
	if (p->acceptor && forward != right)
		p->terms |= BQ(ACCEPTOR);
	if (f->ref && strlen(f->ref) >= (size_t)from && strlen(f->alt) >= (size_t)from &&
		strncmp(f->ref + from, f->alt + from, BQ_SITE) == 0)
		p->terms |= BQ(SYNONYMOUS);
}

/* --- pushes --- */

static int stage(struct bcsq_place *p, uint32_t terms)
{
	struct bcsq c = {.terms = terms, .x = p->x, .al = p->al};
	return terms ? annotate_bcsq_stage(p->b, p->r, &c) : GRX_OK;
}

/* A UTR beside the piece, within [beg, end]? Then that is stated. */
static int utr_beside(struct bcsq_place *p, int64_t beg, int64_t end, bool *hit)
{
	*hit = false;
	for (int32_t i = 0; p->utr && i < p->x->n_utr; i++) {
		const struct bcsq_piece *u = &p->x->utr[i];
		if (u->beg > end || u->end < beg)
			continue;
		*hit = true;
		return stage(p, (u->pos == 5 ? BQ(UTR5) : BQ(UTR3)) | p->terms);
	}
	return GRX_OK;
}

/* In the first or last three bases of the piece. */
static void edge_terms(struct bcsq_place *p, bool left, bool right)
{
	bool forward = p->x->t->strand > 0;
	if ((left && p->region_beg) || (right && p->region_end))
		p->terms |= BQ(SPLICE_REGION);
	if (p->start && (forward ? left : right))
		p->terms |= BQ(START_LOST);
	if (p->stop && (forward ? right : left))
		p->terms |= BQ(STOP_LOST);
}

/* --- insertions --- */

static int outside(struct bcsq_place *p, int64_t edge, bool right, enum bcsq_place_is *is)
{
	struct flank f;
	bool hit;
	int64_t beside = right ? p->ref_beg + 1 : p->ref_end - 1;
	int rc = utr_beside(p, beside, beside, &hit);
	*is = BQ_OUTSIDE;
	if (rc || hit || !(right ? p->region_end : p->region_beg))
		return rc;
	if ((rc = flank_read(p, right ? edge + 1 : edge - BQ_REGION, &f)))
		return rc;
	if (right)
		splice_terms(p, &f, p->ref_beg < edge + BQ_REGION && p->ref_end > edge + BQ_SITE,
			p->ref_beg < edge + BQ_SITE, true, 0);
	else
		splice_terms(p, &f,
			p->ref_end > edge - BQ_REGION &&
				p->ref_beg<edge - BQ_SITE, p->ref_end> edge - BQ_SITE,
			false, BQ_REGION - BQ_SITE);
	return stage(p, p->terms);
}

static int insertion_replace(struct bcsq_place *p, int64_t beg)
{
	if (p->ref_beg < p->pos) { /* too much was taken off the right end */
		int64_t d = p->pos - p->ref_beg;
		p->from_beg += d;
		if (p->from_beg + p->from_end == p->ref_n)
			p->from_end -= d;
		p->ref_beg = p->pos;
	}
	if (p->ref_end == beg)
		p->from_end--; /* at least one base is replaced */
	p->new_alt_n = p->alt_n - p->from_end - p->from_beg + 1;
	p->new_alt = bases(p, p->ref_beg, p->new_alt_n, true);
	if (!p->new_alt)
		return grx_fail_nomem(p->b->w->cx, "bases");
	p->new_alt_n = (int64_t)strlen(p->new_alt);
	p->new_n = p->ref_n - (p->from_beg + p->from_end - 1);
	if (p->new_n > p->alt_n - p->from_end - p->from_beg + 1)
		p->new_n = p->alt_n - p->from_end - p->from_beg + 1;
	return GRX_OK;
}

static int insertion(struct bcsq_place *p, int64_t beg, int64_t end, enum bcsq_place_is *is)
{
	if (p->from_beg || p->ref[0] != p->alt[0]) {
		p->ref_beg = p->pos + p->from_beg - 1;
	} else {
		p->from_end -= p->from_end > 0;
		p->ref_beg = p->pos;
	}
	p->ref_end = p->pos + p->ref_n - p->from_end;
	if (p->ref_beg >= end)
		return outside(p, end, true, is);
	if (p->ref_end < beg || (p->ref_end == beg && !p->region_beg))
		return outside(p, beg, false, is);
	edge_terms(p, p->ref_beg <= beg + 2, p->ref_end > end - 2);
	int rc = p->sequence ? insertion_replace(p, beg) : GRX_OK;
	*is = BQ_INSIDE;
	return rc ? rc : stage(p, p->terms);
}

/* --- deletions and equal lengths --- */

/* What lies beside the piece on one side. */
static int part_beside(struct bcsq_place *p, int64_t edge, bool right, bool deletion)
{
	struct flank f = {NULL, NULL};
	bool hit;
	int rc;
	if (!(right ? p->region_end : p->region_beg))
		return GRX_OK;
	rc = right ? utr_beside(p, edge + 1, p->ref_end, &hit) : utr_beside(p, p->ref_beg, edge - 1, &hit);
	if (rc || hit)
		return rc;
	if (deletion && (rc = flank_read(p, right ? edge + 1 : edge - BQ_REGION, &f)))
		return rc;
	int64_t at = deletion ? p->ref_beg + 1 : p->ref_beg; /* first base that changes */
	if (right)
		splice_terms(p, &f, at <= edge + BQ_REGION && p->ref_end > edge + BQ_SITE,
			at <= edge + BQ_SITE, true, BQ_REGION - BQ_SITE);
	else
		splice_terms(p, &f, p->ref_end >= edge - BQ_REGION && p->ref_beg < edge - BQ_SITE,
			p->ref_end >= edge - BQ_SITE, false, BQ_REGION - BQ_SITE);
	return GRX_OK;
}

/* Can the deleted bases of a start codon be replaced by equal ones beside them? */
static bool start_kept(const struct bcsq_place *p, int64_t beg, int64_t end)
{
	int64_t n = p->ref_n - p->alt_n, from;
	if (p->x->t->strand < 0) {
		if (p->pos + p->ref_n + 2 <= end || p->pos + p->ref_n - 1 + n > p->x->end + BQ_PAD)
			return false;
		from = p->pos + p->ref_n;
	} else {
		from = p->pos + p->ref_n - 2 * n;
		if (p->pos >= beg + 3 || from < 0 || BQ_PAD + from < beg)
			return false;
	}
	for (int64_t i = 0; i < n; i++)
		if (p->ref[p->alt_n + i] != annotate_base(p->b->w, from + i))
			return false;
	return true;
}

static int deletion_replace(struct bcsq_place *p)
{
	p->from_beg -= p->from_beg > 0; /* keep one base before it */
	int64_t both = p->from_beg + p->from_end, r = p->ref_n, a = p->alt_n;
	if (r > both && a > both) {
		r -= both;
		a -= both;
	}
	if (p->from_beg + a > p->alt_n)
		a = p->alt_n - p->from_beg;
	p->new_n = p->from_beg + r > p->ref_n ? p->ref_n - p->from_beg : r;
	p->new_alt_n = a > 0 ? a : 0;
	p->new_alt = grx_arena_strndup(p->b->w->mem, p->alt + p->from_beg, (size_t)p->new_alt_n);
	return p->new_alt ? GRX_OK : grx_fail_nomem(p->b->w->cx, "bases");
}

static int deletion(struct bcsq_place *p, int64_t beg, int64_t end, enum bcsq_place_is *is)
{
	int rc;
	*is = BQ_ACROSS;
	if (p->start && start_kept(p, beg, end)) {
		p->terms |= BQ(START_RETAINED);
		return GRX_OK;
	}
	p->ref_beg = p->pos + p->from_beg - 1;
	p->ref_end = p->pos + p->ref_n - p->from_end - 1;
	if (p->ref_beg + 1 < beg) {
		if ((rc = part_beside(p, beg, false, true)))
			return rc;
		if (p->ref_end >= beg) {
			p->from_beg = p->ref_beg - p->pos + 1;
			p->ref_beg = beg - 1;
			if (p->from_beg + p->from_end == p->alt_n) {
				if (!p->from_end) { /* over the edge, and cannot be moved right */
					p->terms |= BQ(CODING);
					return GRX_OK;
				}
				p->from_end--;
			}
		}
	}
	if (end < p->ref_end) {
		if ((rc = part_beside(p, end, true, true)))
			return rc;
		if (p->ref_beg < end) {
			p->from_end = p->ref_n - (p->ref_end - p->pos + 1);
			p->ref_end = end;
		}
	}
	*is = BQ_OUTSIDE;
	if (p->ref_end < beg || p->ref_beg >= end)
		return stage(p, p->terms);
	edge_terms(p, p->ref_beg<beg + 2, p->ref_end> end - 3);
	if (p->sequence) {
		if ((rc = deletion_replace(p)))
			return rc;
		if ((p->ref_beg + 1 < beg && p->ref_end >= beg) ||
			(p->ref_beg + 1 < end && p->ref_end >= end)) {
			p->terms |= (p->ref_end - p->ref_beg) % 3 ? BQ(FRAMESHIFT) : BQ(INFRAME_DEL);
			*is = BQ_ACROSS;
			return GRX_OK;
		}
	}
	*is = BQ_INSIDE;
	return stage(p, p->terms);
}

static int equal_length(struct bcsq_place *p, int64_t beg, int64_t end, enum bcsq_place_is *is)
{
	int rc;
	*is = BQ_NO_VARIANT;
	if (p->from_beg + p->from_end == p->ref_n)
		return GRX_OK;
	p->ref_beg = p->pos + p->from_beg;
	p->ref_end = p->pos + p->ref_n - p->from_end - 1;
	if (p->ref_beg < beg) {
		if ((rc = part_beside(p, beg, false, false)))
			return rc;
		if (p->ref_end >= beg) {
			p->from_beg = p->ref_beg - p->pos;
			p->ref_beg = beg;
		}
	}
	if (end < p->ref_end) {
		if ((rc = part_beside(p, end, true, false)))
			return rc;
		if (p->ref_beg <= end) {
			p->from_end = p->ref_n - (p->ref_end - p->pos + 1);
			p->ref_end = end;
		}
	}
	*is = BQ_OUTSIDE;
	if (p->ref_end < beg || p->ref_beg > end)
		return stage(p, p->terms);
	edge_terms(p, p->ref_beg<beg + 3, p->ref_end> end - 3);
	if (p->sequence) {
		p->new_n = p->new_alt_n = p->ref_n - p->from_beg - p->from_end;
		p->new_alt = grx_arena_strndup(p->b->w->mem, p->alt + p->from_beg, (size_t)p->new_n);
		if (!p->new_alt)
			return grx_fail_nomem(p->b->w->cx, "bases");
	}
	*is = BQ_INSIDE;
	return stage(p, p->terms);
}

int annotate_bcsq_place(struct bcsq_place *p, int64_t beg, int64_t end, enum bcsq_place_is *is)
{
	int64_t r = p->ref_n - 1, a = p->alt_n - 1, i = 0;
	bool symbolic = p->alt[0] == '<'; /* stands for inserted bases that are not known */
	int64_t reach = p->ref_n + p->alt_n + 4 * BQ_PAD;
	int rc = annotate_window(p->b->w, p->r->v->tid, p->pos - reach, p->pos + p->ref_n + reach);
	if (rc)
		return rc;
	while (!symbolic && i <= r && i <= a && p->ref[r - i] == p->alt[a - i])
		i++;
	p->from_end = i;
	r -= i;
	a -= i;
	for (i = 0; !symbolic && i <= r && i <= a && p->ref[i] == p->alt[i];)
		i++;
	p->from_beg = i;
	if (symbolic)
		return insertion(p, beg, end, is);
	return p->ref_n == p->alt_n  ? equal_length(p, beg, end, is)
	       : p->ref_n < p->alt_n ? insertion(p, beg, end, is)
				     : deletion(p, beg, end, is);
}
