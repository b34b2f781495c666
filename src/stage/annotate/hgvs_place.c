/* SPDX-License-Identifier: GPL-3.0-or-later
 * hgvs_place.c -- where a name lies: its sequence or transcript, and its positions on the genome.
 * Everything that a name says and that can be checked is: the sequence and its version, that positions exist,
 * that an offset begins at the edge of an exon, the bases it says are there. A contradiction is a reason in
 * words, never a guess. */
#include "stage/annotate/hgvs_place.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int annotate_placing_wrong(struct annotate_placing *p, int32_t at, const char *fmt, ...)
{
	char buf[256];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(buf, sizeof buf, fmt, ap);
	va_end(ap);
	grx_str_add(p->why, buf);
	p->at = at;
	return p->why->oom ? grx_fail_nomem(p->world->w.cx, "message") : GRX_OK;
}

/* --- the sequence --- */

static const char *part(struct annotate_placing *p, int32_t at, int32_t n)
{
	return grx_arena_strndup(p->world->w.mem, p->n->text + at, (size_t)n);
}

static int contig_find(struct annotate_placing *p, const char *name)
{
	const struct grx_contigs *d = p->world->contigs;
	const char *other;
	p->tid = grx_contigs_find(d, name);
	if (p->tid < 0)
		p->tid = grx_contigs_find_alias(d, name);
	if (p->tid >= 0)
		return GRX_OK;
	switch (annotate_accession_find(p->world->accessions, name, d, &p->tid, &other)) {
	case AT_ACCESSION_OK:
		return GRX_OK;
	case AT_ACCESSION_NO_VERSION:
		p->tid = -1;
		return annotate_placing_wrong(
			p, 0, "'%s' has no version: expected '%s' for this reference", name, other);
	case AT_ACCESSION_OTHER:
		return annotate_placing_wrong(p, 0, "'%s' is a sequence of another build: expected '%s'",
			name, other ? other : "a contig of the reference");
	case AT_ACCESSION_UNKNOWN:
		break;
	}
	return annotate_placing_wrong(p, 0, "'%s' is not a contig of the reference", name);
}

static bool is_contig(const struct annotate_placing *p, const char *name)
{
	const struct grx_contigs *d = p->world->contigs;
	return grx_starts(name, "NC_") || grx_contigs_find(d, name) >= 0 ||
	       grx_contigs_find_alias(d, name) >= 0;
}

/* The models have it, but not as `id` says. */
static int version_wrong(struct annotate_placing *p, int32_t at, const char *id)
{
	bool version;
	size_t n, i = SIZE_MAX;
	struct annotate_tx t;
	const char *stem = part(p, at, (int32_t)(strrchr(id, '.') - id));
	if (!stem)
		return grx_fail_nomem(p->world->w.cx, "name");
	i = annotate_models_find(p->world->models, stem, -1, &n, &version);
	if (i == SIZE_MAX || !annotate_models_get(p->world->models, i, &t) || (t.flags & AT_TX_NO_VERSION))
		return annotate_placing_wrong(
			p, at, "the models give no version of '%s': expected the name without it", stem);
	return annotate_placing_wrong(
		p, at, "transcript '%s' is in the models in another version, '%s'", id, t.id_version);
}

/* The only transcript of this identifier on p->tid, or anywhere. */
static int transcript_only(struct annotate_placing *p, int32_t at, const char *id, const char *contig)
{
	bool version;
	size_t n, i = annotate_models_find(p->world->models, id, p->tid, &n, &version);
	if (i == SIZE_MAX && version)
		return version_wrong(p, at, id);
	if (i == SIZE_MAX)
		return annotate_placing_wrong(p, at, "transcript '%s' is not in the models", id);
	if (n == 0 && contig)
		return annotate_placing_wrong(p, 0, "'%s' does not lie on '%s'", id, contig);
	if (n == 0)
		return annotate_placing_wrong(
			p, at, "'%s' lies on a contig that the reference does not have", id);
	if (n > 1 && contig)
		return annotate_placing_wrong(
			p, at, "'%s' lies at %zu places of '%s': expected a g. name", id, n, contig);
	if (n > 1)
		return annotate_placing_wrong(p, at,
			"'%s' lies at %zu places of the reference: expected its contig before it, as X(%s)",
			id, n, id);
	annotate_models_get(p->world->models, i, &p->tx);
	p->has_tx = true;
	p->tid = p->tx.tid;
	p->strand = p->tx.strand;
	return GRX_OK;
}

static int transcript_find(struct annotate_placing *p)
{
	const struct annotate_name *n = p->n;
	const char *first = part(p, 0, n->acc_n), *second = part(p, n->sel_at, n->sel_n);
	if (!first || !second)
		return grx_fail_nomem(p->world->w.cx, "name");
	/* NC_000021.9(NM_1.2):c. and NM_1.2(GENE):c. */
	bool inner = n->sel_n && is_contig(p, first);
	const char *id = inner ? second : first;
	int32_t at = inner ? n->sel_at : 0;
	if (!p->world->models)
		return annotate_placing_wrong(
			p, at, "'%s' is a transcript: give its gene models with -g/--gff", id);
	int rc = inner ? contig_find(p, first) : GRX_OK;
	if (rc || annotate_placing_is_wrong(p))
		return rc;
	rc = transcript_only(p, at, id, inner ? first : NULL);
	if (rc || annotate_placing_is_wrong(p))
		return rc;
	if (n->type == 'c' && !p->tx.coding)
		return annotate_placing_wrong(p, at, "'%s' has no coding sequence: expected n.", id);
	if (!inner && n->sel_n && p->tx.symbol && *p->tx.symbol && strcmp(p->tx.symbol, second) != 0)
		return annotate_placing_wrong(
			p, n->sel_at, "'%s' belongs to the gene '%s', not '%s'", id, p->tx.symbol, second);
	return GRX_OK;
}

/* --- positions --- */

/* Edge of an exon that an offset may begin at: its last base for +, its first for -. */
static bool at_edge(const struct annotate_tx *t, int64_t cdna, int64_t off)
{
	for (int32_t i = 0; i < t->n_exon; i++) {
		const struct annotate_exon *e = &t->exon[i];
		if (off > 0 && cdna == e->cdna + e->end - e->beg)
			return i + 1 < t->n_exon;
		if (off < 0 && cdna == e->cdna + 1)
			return i > 0;
	}
	return false;
}

/* Is the base in one of the two introns that end at exonic base c? */
static bool same_intron(const struct annotate_tx *t, int64_t c, int64_t pos)
{
	for (int32_t i = 0; i + 1 < t->n_exon; i++) {
		const struct annotate_exon *a = &t->exon[i], *b = &t->exon[i + 1];
		bool inside = t->strand > 0 ? pos >= a->end && pos < b->beg : pos < a->beg && pos >= b->end;
		if (inside)
			return c == b->cdna || c == b->cdna + 1;
	}
	return false;
}

/* 1-based cDNA position of a number of the name, as far as it can be told without the exons. */
static int64_t cdna_of(
	const struct annotate_name *n, const struct annotate_tx *t, const struct annotate_coord *x)
{
	if (x->star)
		return t->cds_end + x->n;
	if (n->type != 'c')
		return x->n;
	if (x->n < 0)
		return t->cds_beg + x->n;
	/* substitutions in an incomplete CDS are numbered with the bases that complete its first codon */
	return t->cds_beg - 1 + x->n - (n->kind == AT_NAME_SUB && !x->off ? t->pad : 0);
}

static int transcript_pos(struct annotate_placing *p, const struct annotate_coord *x, int64_t *pos)
{
	const struct annotate_tx *t = &p->tx;
	const char *star = x->star ? "*" : "";
	int64_t c = cdna_of(p->n, t, x), g = annotate_cdna_pos(t, c);
	bool coding = p->n->type == 'c' && !x->star && x->n > 0;
	if (g < 0 || (coding && (c > t->cds_end || c < t->cds_beg)))
		return annotate_placing_wrong(p, p->n->pos_at, "position %s%lld is not in %s", star,
			(long long)x->n, t->id_version);
	*pos = g + (t->strand > 0 ? x->off : -x->off);
	if (!x->off)
		return GRX_OK;
	if (!at_edge(t, c, x->off))
		return annotate_placing_wrong(p, p->n->pos_at,
			"position %s%lld is not the edge of an exon of %s: it has no %+lld", star,
			(long long)x->n, t->id_version, (long long)x->off);
	/* beyond the intron the number would be another one */
	if (*pos < t->beg || *pos >= t->end || annotate_cdna(t, *pos) || !same_intron(t, c, *pos))
		return annotate_placing_wrong(
			p, p->n->pos_at, "offset %+lld leaves the intron", (long long)x->off);
	return GRX_OK;
}

static int place(struct annotate_placing *p)
{
	int64_t a = p->n->a.n - 1, b = p->n->b.n - 1;
	int rc;
	if (p->has_tx && ((rc = transcript_pos(p, &p->n->a, &a)) || annotate_placing_is_wrong(p) ||
				 (rc = transcript_pos(p, &p->n->b, &b)) || annotate_placing_is_wrong(p)))
		return rc;
	if (p->strand < 0) {
		int64_t x = a;
		a = b;
		b = x;
	}
	int64_t len = p->world->contigs->c[p->tid].len;
	if (b < a || (p->n->range && a == b && p->n->kind == AT_NAME_INS))
		return annotate_placing_wrong(p, p->n->pos_at, "the second position lies before the first");
	if (b >= len)
		return annotate_placing_wrong(p, p->n->pos_at,
			"position %lld lies beyond the end of '%s' (%lld)", (long long)b + 1,
			grx_contig_name(p->world->contigs, p->tid), (long long)len);
	if (b - a >= AT_NAME_BASES)
		return annotate_placing_wrong(p, p->n->pos_at,
			"%lld bases: at most %d are written as a sequence", (long long)(b - a + 1),
			AT_NAME_BASES);
	p->beg = a;
	p->end = b + 1;
	return GRX_OK;
}

/* --- all of it --- */

int annotate_name_resolve(struct annotate_name_world *world, const struct annotate_name *n,
	struct annotate_named_record *out, struct grx_str *why, int32_t *at)
{
	struct annotate_placing p = {.world = world, .n = n, .strand = 1, .why = why, .tid = -1};
	int rc = GRX_E_BUG;
	*at = 0;
	if (n->type == 'c' || n->type == 'n') {
		rc = transcript_find(&p);
	} else {
		const char *acc = part(&p, 0, n->acc_n);
		rc = !acc       ? grx_fail_nomem(world->w.cx, "name")
		     : n->sel_n ? annotate_placing_wrong(
					  &p, n->sel_at, "nothing in parentheses belongs before %c.", n->type)
				: contig_find(&p, acc);
	}
	if (!rc && !annotate_placing_is_wrong(&p) && n->type == 'm' &&
		!annotate_is_mito(grx_contig_name(world->contigs, p.tid)))
		rc = annotate_placing_wrong(&p, n->pos_at - 2, "m. is for the mitochondrion: expected g.");
	if (!rc && !annotate_placing_is_wrong(&p))
		rc = place(&p);
	if (!rc && !annotate_placing_is_wrong(&p))
		rc = annotate_placing_record(&p, out);
	*at = p.at;
	return rc;
}
