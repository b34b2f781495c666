/* SPDX-License-Identifier: GPL-3.0-or-later
 * model_mark.c -- what a transcript has besides exons and CDS: mature miRNA, selenocysteine, differences from
 * the genome.
 * Invariant: slips come first among the marks, ascending in cDNA; then selenocysteines, ascending. */
#include "stage/annotate/model_int.h"

#include <stdlib.h>
#include <string.h>

int annotate_mark_add(
	struct grx_ctx *cx, struct annotate_build *b, struct annotate_txb *t, struct annotate_mark m)
{
	if (grx_grow(&b->mark, &b->cap_mark, b->n_mark + 1, sizeof *b->mark, UINT32_MAX))
		return grx_fail_nomem(cx, "gene models");
	b->mark[b->n_mark++] = m;
	t->rec->n_mark++;
	return GRX_OK;
}

/* Residue of the codon whose first base is at cDNA position c; 0 outside the CDS or the frame. */
static int32_t residue(const struct annotate_build *b, const struct annotate_txb *t, int64_t c)
{
	const struct annotate_im_tx *r = t->rec;
	int64_t k = c - r->cds_beg;
	if (!r->coding || c < r->cds_beg || c > r->cds_end)
		return 0;
	for (uint32_t i = 0; i < r->n_mark; i++) {
		const struct annotate_mark *m = &b->mark[r->mark + i];
		if (m->kind == AT_MARK_SLIP && c >= m->b && c > m->a)
			k += m->a - m->b + 1;
	}
	return (k + r->pad) % 3 ? 0 : (int32_t)((k + r->pad) / 3 + 1);
}

static int sec_add(struct grx_ctx *cx, struct annotate_build *b, struct annotate_txb *t, int32_t aa)
{
	const struct annotate_im_tx *r = t->rec;
	for (uint32_t i = 0; i < r->n_mark; i++)
		if (b->mark[r->mark + i].kind == AT_MARK_SEC && b->mark[r->mark + i].a == aa)
			return GRX_OK;
	return annotate_mark_add(cx, b, t, (struct annotate_mark){AT_MARK_SEC, aa, aa});
}

/* A codon that an intron splits has two lines: the one with the first base counts. */
static int sec_pieces(struct grx_ctx *cx, struct annotate_build *b, struct annotate_txb *t)
{
	for (size_t i = 0; i < t->n_other; i++) {
		const struct annotate_piece *p = &t->other[i];
		if (p->kind != AT_L_SEC || !t->rec->coding)
			continue;
		int32_t aa = residue(b, t, annotate_cdna(&t->tx, t->node->strand > 0 ? p->beg : p->end - 1));
		int rc = aa ? sec_add(cx, b, t, aa) : GRX_OK;
		if (rc)
			return rc;
		if (!aa && p->end - p->beg >= 3)
			annotate_count_add(&b->g->count[AT_R_SEC_FRAME], t->node->line);
	}
	return GRX_OK;
}

/* Lowest and highest number of s[0..n), as 0-based half-open. */
static bool numbers(const char *s, size_t n, int64_t *beg, int64_t *end)
{
	*beg = INT64_MAX;
	*end = 0;
	for (size_t i = 0; i < n;) {
		int64_t x = 0;
		size_t k = 0;
		while (i + k < n && k < 18 && s[i + k] >= '0' && s[i + k] <= '9')
			x = 10 * x + (s[i + k++] - '0');
		if (k && x > 0) {
			*beg = x - 1 < *beg ? x - 1 : *beg;
			*end = x > *end ? x : *end;
		}
		i += k ? k : 1;
	}
	return *end > 0;
}

/* transl_except=(pos:complement(5..7),aa:Sec),(pos:...): positions on the genome. TERM completes a stop codon
 * by the poly(A) tail, which no codon of the genome shows. */
static int sec_except(struct grx_ctx *cx, struct annotate_build *b, struct annotate_txb *t)
{
	const char *s = t->cds ? annotate_pool_at(&b->g->pool, t->cds->except) : "";
	while ((s = strstr(s, "pos:"))) {
		const char *aa = strstr(s, "aa:");
		int64_t beg, end;
		if (!aa)
			return GRX_OK;
		bool ok = numbers(s, (size_t)(aa - s), &beg, &end);
		s = aa + 3;
		if (strncmp(s, "TERM", 4) == 0)
			continue;
		if (strncmp(s, "Sec", 3) != 0) {
			annotate_count_add(&b->g->count[AT_R_EXCEPT], t->node->line);
			continue;
		}
		int64_t c = ok ? annotate_cdna(&t->tx, t->node->strand > 0 ? beg : end - 1) : 0;
		int32_t res = c ? residue(b, t, c) : 0;
		int rc = res ? sec_add(cx, b, t, res) : GRX_OK;
		if (rc)
			return rc;
		if (!res)
			annotate_count_add(&b->g->count[AT_R_SEC_FRAME], t->node->line);
	}
	return GRX_OK;
}

static int mature(struct grx_ctx *cx, struct annotate_build *b, struct annotate_txb *t)
{
	for (size_t i = 0; i < t->n_other; i++) {
		const struct annotate_piece *p = &t->other[i];
		int rc = p->kind == AT_L_MATURE
				 ? annotate_mark_add(
					   cx, b, t, (struct annotate_mark){AT_MARK_MATURE, p->beg, p->end})
				 : GRX_OK;
		if (rc)
			return rc;
	}
	return GRX_OK;
}

/* cDNA positions left and right of what lies between genomic bases x - 1 and y. */
static int diff_add(
	struct grx_ctx *cx, struct annotate_build *b, struct annotate_txb *t, int64_t x, int64_t y)
{
	int64_t p = annotate_cdna(&t->tx, x - 1), q = annotate_cdna(&t->tx, y);
	if (p > q) {
		int64_t swap = p;
		p = q;
		q = swap;
	}
	if (p == 0)
		p = q;
	return p ? annotate_mark_add(cx, b, t, (struct annotate_mark){AT_MARK_DIFF, (int32_t)p, (int32_t)q})
		 : GRX_OK;
}

/* Gap=M2086 D2 M474: D bases only the genome has, I bases only the transcript has; along the transcript's
 * strand. */
static int gap_marks(
	struct grx_ctx *cx, struct annotate_build *b, struct annotate_txb *t, const struct annotate_match *m)
{
	const char *s = annotate_pool_at(&b->g->pool, m->gap);
	int64_t at = m->strand < 0 ? m->end : m->beg;
	int dir = m->strand < 0 ? -1 : 1;
	while (*s) {
		char op = *s++;
		int64_t n = 0;
		int rc = GRX_OK;
		for (; *s >= '0' && *s <= '9' && n < INT32_MAX; s++)
			n = 10 * n + (*s - '0');
		while (*s == ' ' || *s == '+')
			s++;
		if (op == 'I')
			rc = diff_add(cx, b, t, at, at);
		else if (op == 'D')
			rc = diff_add(cx, b, t, dir > 0 ? at : at - n, dir > 0 ? at + n : at);
		if (rc)
			return rc;
		if (op == 'M' || op == 'D')
			at += dir * n;
		if (at < m->beg || at > m->end)
			break;
	}
	return GRX_OK;
}

static size_t match_first(const struct annotate_gff *g, uint32_t target, int32_t contig)
{
	size_t a = 0, e = g->n_match;
	while (a < e) {
		size_t mid = (a + e) / 2;
		const struct annotate_match *m = &g->match[mid];
		if (m->target < target || (m->target == target && m->contig < contig))
			a = mid + 1;
		else
			e = mid;
	}
	return a;
}

/* RefSeq says in alignments where, in notes only that a transcript differs: then the place is 0. */
static int differs(struct grx_ctx *cx, struct annotate_build *b, struct annotate_txb *t)
{
	struct annotate_gff *g = b->g;
	uint32_t target = t->node->tx_id, n0 = t->rec->n_mark;
	const struct annotate_im_span *s = &b->span[b->n_tx];
	bool any = t->node->note != 0;
	for (size_t i = target ? match_first(g, target, t->node->contig) : g->n_match;
		i < g->n_match && g->match[i].target == target && g->match[i].contig == t->node->contig;
		i++) {
		const struct annotate_match *m = &g->match[i];
		if (m->end <= s->beg || m->beg >= s->end)
			continue;
		int rc = m->gap ? gap_marks(cx, b, t, m) : GRX_OK;
		if (rc)
			return rc;
		any |= m->gap || m->mismatch > 0;
	}
	if (!any)
		return GRX_OK;
	annotate_count_add(&g->count[AT_R_DIFFERS], t->node->line);
	return t->rec->n_mark > n0 ? GRX_OK
				   : annotate_mark_add(cx, b, t, (struct annotate_mark){AT_MARK_DIFF, 0, 0});
}

static int mark_order(const void *a, const void *b)
{
	static const int8_t rank[] = {
		[AT_MARK_MATURE] = 2, [AT_MARK_SEC] = 1, [AT_MARK_SLIP] = 0, [AT_MARK_DIFF] = 3};
	const struct annotate_mark *x = a, *y = b;
	if (x->kind != y->kind)
		return rank[x->kind] < rank[y->kind] ? -1 : 1;
	if (x->a != y->a)
		return x->a < y->a ? -1 : 1;
	return (x->b > y->b) - (x->b < y->b);
}

int annotate_tx_marks(struct grx_ctx *cx, struct annotate_build *b, struct annotate_txb *t)
{
	int rc;
	const char *tags = annotate_pool_at(&b->g->pool, t->node->tag);
	if ((rc = sec_pieces(cx, b, t)) || (rc = sec_except(cx, b, t)) || (rc = mature(cx, b, t)) ||
		(rc = differs(cx, b, t)))
		return rc;
	struct annotate_im_tx *r = t->rec;
	if (r->n_mark)
		qsort(b->mark + r->mark, r->n_mark, sizeof *b->mark, mark_order);
	bool sec = false;
	for (uint32_t i = 0; i < r->n_mark; i++)
		sec |= b->mark[r->mark + i].kind == AT_MARK_SEC;
	if (annotate_has_tag(tags, "seleno") && !sec)
		annotate_count_add(&b->g->count[AT_R_SEC_UNKNOWN], t->node->line);
	return GRX_OK;
}
