/* SPDX-License-Identifier: GPL-3.0-or-later
 * normal.c -- insertions and deletions that a file writes elsewhere in a repeat than the tables do.
 * With a reference (-f) both are shifted left as far as they go and compared there. Without one an indel of
 * the same kind a little further right may be the one of the locus: it is no evidence for it, nor against it.
 */
#include <string.h>

#include "bio/allele.h"
#include "bio/contig.h"
#include "io/fasta.h"
#include "stage/pgx/pgx_int.h"

enum { FLANK = 250, DOUBT = 60, MAX_LEN = 200 };

static struct grx_change trimmed(int64_t pos, const char *ref, const char *alt)
{
	struct grx_change c = {pos, ref, alt, (int)strlen(ref), (int)strlen(alt)};
	grx_change_trim(&c);
	return c;
}

static bool is_indel(const struct grx_change *c)
{
	return (c->ref_len == 0) != (c->alt_len == 0) && c->ref_len <= MAX_LEN && c->alt_len <= MAX_LEN;
}

struct grx_change pgx_normal(const struct pgx_locus *l, struct grx_change c, char *buf)
{
	if (l->flank && is_indel(&c) && c.pos >= l->flank_beg && c.pos + c.ref_len <= l->flank_end)
		grx_change_left_align(&c, l->flank, l->flank_beg, l->flank_end, buf);
	return c;
}

/* Is b a rotation of a? */
static bool rotated(const char *a, const char *b, int n)
{
	for (int k = 0; k < n; k++)
		if (!memcmp(a, b + k, (size_t)(n - k)) && !memcmp(a + n - k, b, (size_t)k))
			return true;
	return false;
}

bool pgx_may_be_shifted(const struct pgx_locus *l, const struct grx_change *c)
{
	if (l->flank || !is_indel(c) || c->pos <= l->pos)
		return false;
	for (int k = 0; k < l->n_alt; k++) {
		struct grx_change w = trimmed(l->pos, l->ref, l->alt[k]);
		if (is_indel(&w) && w.ref_len == c->ref_len && w.alt_len == c->alt_len && c->pos > w.pos &&
			c->pos <= w.pos + DOUBT &&
			(w.ref_len ? rotated(w.ref, c->ref, c->ref_len) : rotated(w.alt, c->alt, c->alt_len)))
			return true;
	}
	return false;
}

/* Up to where a record may begin that writes an ALT of the locus, or a deletion of its base, in another way.
 */
static int64_t reach_of(const struct pgx_locus *l)
{
	int64_t end = l->pos + (int64_t)strlen(l->ref) + (l->flank ? DOUBT : 0);
	char buf[MAX_LEN + 1];
	for (int k = 0; k < l->n_alt; k++) {
		struct grx_change c = trimmed(l->pos, l->ref, l->alt[k]);
		if (!is_indel(&c))
			continue;
		if (l->flank)
			grx_change_right_align(&c, l->flank, l->flank_beg, l->flank_end, buf);
		int64_t to = c.pos + c.ref_len + (l->flank ? 1 : DOUBT);
		end = to > end ? to : end;
	}
	return end;
}

static int take_flank(struct grx_ctx *cx, struct pgx_table *t, struct pgx_locus *l)
{
	const struct grx_contigs *d = grx_fasta_contigs(cx->fasta);
	int32_t tid = grx_contigs_find_alias(d, l->chrom);
	int64_t n, beg = l->pos > FLANK ? l->pos - FLANK : 0, m = (int64_t)strlen(l->ref);
	char *seq;
	if (tid < 0)
		return GRX_OK;
	int rc = grx_fasta_fetch(cx, cx->fasta, d->c[tid].name, beg, l->pos + m + FLANK, t->mem, &seq, &n);
	if (rc != GRX_OK)
		return rc;
	if (n < l->pos - beg + m || strncmp(seq + (l->pos - beg), l->ref, (size_t)m) != 0)
		return GRX_OK; /* masked, or another build: no help, the records tell by themselves */
	l->flank = seq;
	l->flank_beg = beg;
	l->flank_end = beg + n;
	return GRX_OK;
}

int pgx_normal_load(struct grx_ctx *cx, struct pgx_table *t)
{
	for (int i = 0; i < t->n_locus; i++) {
		struct pgx_locus *l = &t->locus[i];
		/* single-base loci too: which of them a deletion in a repeat takes away depends on its place
		 */
		int rc = cx->fasta && l->tid >= 0 ? take_flank(cx, t, l) : GRX_OK;
		if (rc != GRX_OK)
			return rc;
		l->reach = reach_of(l);
		t->max_span = l->reach - l->pos > t->max_span ? l->reach - l->pos : t->max_span;
	}
	return GRX_OK;
}
