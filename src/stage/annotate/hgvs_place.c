/* SPDX-License-Identifier: GPL-3.0-or-later
 * hgvs_place.c -- what a name stands for: its place on the genome and its record as in VCF.
 * Everything that a name says and that can be checked is: the sequence and its version, that positions exist,
 * that an offset begins at the edge of an exon, the bases it says are there. A contradiction is a reason in
 * words, never a guess. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "bio/allele.h"
#include "stage/annotate/hgvs_int.h"

struct placing {
	struct annotate_name_world *world;
	const struct annotate_name *n;
	struct annotate_tx tx;
	bool has_tx;
	int32_t tid;
	int strand;
	int64_t beg, end; /* genomic span of the positions */
	const char *ref;  /* its bases, genome strand */
	const char *alt;  /* genome strand; what replaces [beg, end) */
	int64_t alt_n;
	struct grx_str *why;
	int32_t at;
};

/* The name is wrong at byte `at`: GRX_OK is returned so that the caller can go on to the next name. */
static int wrong(struct placing *p, int32_t at, const char *fmt, ...) GRX_PRINTF(3, 4);
static int wrong(struct placing *p, int32_t at, const char *fmt, ...)
{
	char buf[256];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(buf, sizeof buf, fmt, ap);
	va_end(ap);
	grx_str_add(p->why, buf);
	p->at = at;
	return GRX_OK;
}

static bool is_wrong(const struct placing *p)
{
	return p->why->n > 0;
}

/* --- the sequence --- */

static const char *part(struct placing *p, int32_t at, int32_t n)
{
	return grx_arena_strndup(p->world->w.mem, p->n->text + at, (size_t)n);
}

static int contig_find(struct placing *p, const char *name)
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
		return wrong(p, 0, "'%s' has no version: expected '%s' for this reference", name, other);
	case AT_ACCESSION_OTHER:
		return wrong(p, 0, "'%s' is a sequence of another build: expected '%s'", name,
			other ? other : "a contig of the reference");
	case AT_ACCESSION_UNKNOWN:
		break;
	}
	return wrong(p, 0, "'%s' is not a contig of the reference", name);
}

static int transcript_find(struct placing *p)
{
	const struct annotate_name *n = p->n;
	/* NC_000021.9(NM_1.2):c. and NM_1.2(GENE):c. */
	bool inner = n->sel_n && grx_starts(n->text, "NC_");
	int32_t at = inner ? n->sel_at : 0, len = inner ? n->sel_n : n->acc_n;
	const char *id = part(p, at, len),
		   *other = inner ? part(p, 0, n->acc_n) : part(p, n->sel_at, n->sel_n);
	bool version = false;
	if (!id || !other)
		return grx_fail_nomem(p->world->w.cx, "name");
	if (!p->world->models)
		return wrong(p, at, "'%s' is a transcript: give its gene models with -g/--gff", id);
	size_t i = annotate_models_find(p->world->models, id, &version);
	if (i == SIZE_MAX)
		return wrong(p, at,
			version ? "transcript '%s' is in the models in another version"
				: "transcript '%s' is not in the models",
			id);
	annotate_models_get(p->world->models, i, &p->tx);
	p->has_tx = true;
	p->tid = p->tx.tid;
	p->strand = p->tx.strand;
	if (n->type == 'c' && !p->tx.coding)
		return wrong(p, at, "'%s' has no coding sequence: expected n.", id);
	if (inner) {
		int rc = contig_find(p, other);
		if (rc || is_wrong(p))
			return rc;
		if (p->tid != p->tx.tid)
			return wrong(p, 0, "'%s' does not lie on '%s'", id, other);
	} else if (n->sel_n && p->tx.symbol && *p->tx.symbol && strcmp(p->tx.symbol, other) != 0) {
		return wrong(
			p, n->sel_at, "'%s' belongs to the gene '%s', not '%s'", id, p->tx.symbol, other);
	}
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

static int transcript_pos(struct placing *p, const struct annotate_coord *x, int64_t *pos)
{
	const struct annotate_tx *t = &p->tx;
	int64_t c = x->n;
	if (x->star)
		c += t->cds_end;
	else if (p->n->type == 'c')
		c += c > 0 ? t->cds_beg - 1 : t->cds_beg;
	/* substitutions in an incomplete CDS are numbered with the bases that complete its first codon */
	bool pad = p->n->kind == AT_NAME_SUB && p->n->type == 'c' && x->n > 0 && !x->star && !x->off;
	if (pad)
		c -= t->pad;
	int64_t g = annotate_cdna_pos(t, c);
	bool coding = p->n->type == 'c' && !x->star && x->n > 0;
	if (g < 0 || (coding && (c > t->cds_end || c < t->cds_beg)))
		return wrong(p, p->n->pos_at, "position %s%lld is not in %s", x->star ? "*" : "",
			(long long)x->n, t->id_version);
	*pos = g + (t->strand > 0 ? x->off : -x->off);
	if (!x->off)
		return GRX_OK;
	if (!at_edge(t, c, x->off))
		return wrong(p, p->n->pos_at,
			"position %s%lld is not the edge of an exon of %s: it has no %+lld",
			x->star ? "*" : "", (long long)x->n, t->id_version, (long long)x->off);
	/* beyond the intron the number would be another one */
	if (*pos < t->beg || *pos >= t->end || annotate_cdna(t, *pos) || annotate_cdna(t, g) != c)
		return wrong(p, p->n->pos_at, "offset %+lld leaves the intron", (long long)x->off);
	return GRX_OK;
}

static int place(struct placing *p)
{
	int64_t a = p->n->a.n - 1, b = p->n->b.n - 1;
	int rc;
	if (p->has_tx && ((rc = transcript_pos(p, &p->n->a, &a)) || is_wrong(p) ||
				 (rc = transcript_pos(p, &p->n->b, &b)) || is_wrong(p)))
		return rc;
	if (p->strand < 0) {
		int64_t x = a;
		a = b;
		b = x;
	}
	int64_t len = p->world->contigs->c[p->tid].len;
	if (b < a || (p->n->range && a == b && p->n->kind == AT_NAME_INS))
		return wrong(p, p->n->pos_at, "the second position lies before the first");
	if (b >= len)
		return wrong(p, p->n->pos_at, "position %lld lies beyond the end of '%s' (%lld)",
			(long long)b + 1, grx_contig_name(p->world->contigs, p->tid), (long long)len);
	if (b - a >= AT_NAME_BASES)
		return wrong(p, p->n->pos_at, "%lld bases: at most %d are written as a sequence",
			(long long)(b - a + 1), AT_NAME_BASES);
	p->beg = a;
	p->end = b + 1;
	return GRX_OK;
}

/* Bases [beg, end) of the genome. */
static int genome(struct placing *p, int64_t beg, int64_t end, char **out)
{
	struct annotate_work *w = &p->world->w;
	int rc = annotate_window(w, p->tid, beg, end);
	*out = rc ? NULL : grx_arena_alloc(w->mem, (size_t)(end - beg) + 1, 1);
	if (rc || !*out)
		return rc ? rc : grx_fail_nomem(w->cx, "sequence");
	for (int64_t i = beg; i < end; i++)
		(*out)[i - beg] = annotate_base(w, i);
	(*out)[end - beg] = '\0';
	return GRX_OK;
}

/* n bases of the name, on the genome's strand; NULL without memory. */
static char *on_genome(struct placing *p, const char *s, int64_t n)
{
	char *r = grx_arena_strndup(p->world->w.mem, s, (size_t)n);
	if (r && p->strand < 0)
		grx_revcomp(s, (size_t)n, r);
	return r;
}

/* --- what the name says of the reference --- */

static int stated_check(struct placing *p)
{
	const struct annotate_name *n = p->n;
	int64_t len = p->end - p->beg;
	if (n->ref_len && n->ref_len != len)
		return wrong(p, n->change_at, "%lld bases are said, the positions span %lld",
			(long long)n->ref_len, (long long)len);
	if (!n->ref_n)
		return GRX_OK;
	if (n->ref_n != len)
		return wrong(p, n->change_at, "%d bases are said, the positions span %lld", (int)n->ref_n,
			(long long)len);
	const char *said = on_genome(p, n->ref, n->ref_n);
	if (!said)
		return grx_fail_nomem(p->world->w.cx, "name");
	for (int64_t i = 0; i < len; i++)
		if (said[i] != p->ref[i] && said[i] != 'N' && p->ref[i] != 'N')
			return wrong(p, n->change_at, "the reference has %c at %s:%lld, the name says %c%s",
				p->ref[i], grx_contig_name(p->world->contigs, p->tid),
				(long long)(p->beg + i + 1), said[i],
				p->strand < 0 ? " (on the reverse strand its complement)" : "");
	return GRX_OK;
}

/* --- changes --- */

static int alt_set(struct placing *p, const char *s, int64_t n)
{
	p->alt = on_genome(p, s, n);
	p->alt_n = n;
	return p->alt ? GRX_OK : grx_fail_nomem(p->world->w.cx, "name");
}

static int insertion(struct placing *p)
{
	if (p->end - p->beg != 2)
		return wrong(p, p->n->pos_at, "the positions around an insertion are not neighbours");
	p->end = ++p->beg;
	return alt_set(p, p->n->alt, p->n->alt_n);
}

static int inversion(struct placing *p)
{
	if (p->end - p->beg < 2)
		return wrong(p, p->n->pos_at, "one base cannot be inverted");
	p->alt_n = p->end - p->beg;
	char *r = grx_arena_alloc(p->world->w.mem, (size_t)p->alt_n + 1, 1);
	if (!r)
		return grx_fail_nomem(p->world->w.cx, "name");
	grx_revcomp(p->ref, (size_t)p->alt_n, r);
	p->alt = r;
	return GRX_OK;
}

/* All units of the name one after the other, sense strand. */
static int units_expand(struct placing *p, char **out, int64_t *len)
{
	const struct annotate_name *n = p->n;
	int64_t total = 0, at = 0;
	for (int32_t i = 0; i < n->n_unit; i++) {
		if (n->unit[i].n && n->unit[i].count > AT_NAME_BASES / n->unit[i].n)
			total = AT_NAME_BASES + 1;
		else
			total += n->unit[i].n * n->unit[i].count;
		if (total > AT_NAME_BASES)
			return wrong(p, n->change_at, "the repeat is longer than %d bases", AT_NAME_BASES);
	}
	char *s = *out = grx_arena_alloc(p->world->w.mem, (size_t)total + 1, 1);
	if (!s)
		return grx_fail_nomem(p->world->w.cx, "repeat");
	for (int32_t i = 0; i < n->n_unit; i++)
		for (int64_t k = 0; k < n->unit[i].count; k++, at += n->unit[i].n)
			memcpy(s + at, n->unit[i].seq, (size_t)n->unit[i].n);
	s[total] = '\0';
	*len = total;
	return GRX_OK;
}

/* Copies of the unit (genome strand) that the reference has from the first one on: the span grows over them,
 * downstream on the transcript's strand. */
static int tract_find(struct placing *p, const char *unit, int64_t n)
{
	struct annotate_work *w = &p->world->w;
	if (p->strand > 0)
		p->end = p->beg;
	else
		p->beg = p->end;
	for (int64_t k = 0; k < AT_NAME_BASES / n; k++) {
		int64_t from = p->strand > 0 ? p->end : p->beg - n;
		if (from < 0)
			break;
		int rc = annotate_window(w, p->tid, from, from + n);
		if (rc)
			return rc;
		bool same = true, unknown = false;
		for (int64_t i = 0; i < n; i++) {
			char b = annotate_base(w, from + i);
			bool n_base = b == 'N' && from + i < p->world->contigs->c[p->tid].len;
			unknown |= n_base;
			same &= n_base || b == unit[i];
		}
		if (same && unknown)
			return wrong(p, p->n->change_at,
				"how many copies the reference has cannot be told: it has N at %s:%lld",
				grx_contig_name(p->world->contigs, p->tid), (long long)from + 1);
		if (!same)
			break;
		if (p->strand > 0)
			p->end += n;
		else
			p->beg -= n;
	}
	return GRX_OK;
}

/* "12CA[3]" and "12_13[3]" give the first unit of the tract, "12_40CA[3]CG[2]" the whole of it. */
static int repeat(struct placing *p)
{
	const struct annotate_name *n = p->n;
	int64_t len = p->end - p->beg;
	char *s;
	int rc;
	struct annotate_name whole = *n;
	const char *unit = on_genome(p, n->unit[0].seq, n->unit[0].n);
	if (!unit)
		return grx_fail_nomem(p->world->w.cx, "repeat");
	if (n->unit[0].n == 0) {
		/* the unit is what stands there, given on the strand of the name */
		whole.unit[0].seq = on_genome(p, p->ref, len);
		whole.unit[0].n = (int32_t)len;
		unit = p->ref;
		if (!whole.unit[0].seq)
			return grx_fail_nomem(p->world->w.cx, "repeat");
	}
	int64_t u = whole.unit[0].n;
	bool first = n->unit[0].n == 0 || !n->range;
	if (first && whole.n_unit == 1) {
		if ((rc = tract_find(p, unit, u)) || is_wrong(p))
			return rc;
		if (p->beg == p->end)
			return wrong(
				p, n->change_at, "the reference has no copy of the unit at this position");
	} else if (first) {
		return wrong(p, n->change_at, "a repeat of several units needs the range that it replaces");
	}
	p->n = &whole;
	rc = units_expand(p, &s, &len);
	if (!rc && !is_wrong(p))
		rc = alt_set(p, s, len);
	p->n = n;
	return rc;
}

static int change(struct placing *p)
{
	const struct annotate_name *n = p->n;
	switch (n->kind) {
	case AT_NAME_SUB:
	case AT_NAME_DELINS:
		return alt_set(p, n->alt, n->alt_n);
	case AT_NAME_SAME:
		p->alt = p->ref;
		p->alt_n = p->end - p->beg;
		return GRX_OK;
	case AT_NAME_DEL:
		p->alt = "";
		return GRX_OK;
	case AT_NAME_DUP:
		p->alt = p->ref;
		p->alt_n = p->end - p->beg;
		p->beg = p->end;
		return GRX_OK;
	case AT_NAME_INS:
		return insertion(p);
	case AT_NAME_INV:
		return inversion(p);
	default:
		return repeat(p);
	}
}

/* --- the record --- */

/* Trimmed, moved as far left as the reference allows, with the base before it where VCF wants one. */
static int record_make(struct placing *p, struct annotate_named_record *out)
{
	struct annotate_work *w = &p->world->w;
	char *ref;
	int rc = genome(p, p->beg, p->end, &ref);
	if (rc)
		return rc;
	struct grx_change c = {.pos = p->beg,
		.ref = ref,
		.alt = p->alt,
		.ref_len = (int)(p->end - p->beg),
		.alt_len = (int)p->alt_n};
	*out = (struct annotate_named_record){.tid = p->tid, .pos = p->beg};
	if (c.ref_len == c.alt_len && memcmp(ref, p->alt, (size_t)c.ref_len) == 0) {
		out->ref = grx_arena_strdup(w->keep, ref);
		out->alt = ".";
		return out->ref ? GRX_OK : grx_fail_nomem(w->cx, "record");
	}
	grx_change_trim(&c);
	struct annotate_allele al = {.tid = p->tid,
		.beg = c.pos,
		.end = c.pos + c.ref_len,
		.ref = grx_arena_strndup(w->mem, c.ref, (size_t)c.ref_len),
		.alt = grx_arena_strndup(w->mem, c.alt, (size_t)c.alt_len),
		.ref_len = c.ref_len,
		.alt_len = c.alt_len,
		.dna = true};
	struct annotate_moved mv = {.al = &al};
	const struct annotate_side *s;
	if (!al.ref || !al.alt)
		return grx_fail_nomem(w->cx, "record");
	/* what N stands for cannot be told: it is not moved */
	al.ref_mismatch = strchr(al.ref, 'N') || strchr(al.alt, 'N');
	/* against the genome, 3' is left */
	if ((rc = annotate_moved_get(w, &mv, -1, &s)))
		return rc;
	const struct annotate_allele *m = &s->al;
	bool anchor = !m->ref_len || !m->alt_len, before = m->beg > 0;
	int64_t at = before ? m->beg - 1 : m->end;
	if (anchor && at >= p->world->contigs->c[p->tid].len)
		return wrong(p, p->n->change_at, "no base of the sequence is left");
	if (anchor && (rc = annotate_window(w, p->tid, at, at + 1)))
		return rc;
	char b[2] = {anchor ? annotate_base(w, at) : '\0', '\0'};
	out->pos = m->beg - (anchor && before);
	out->ref = grx_arena_printf(w->keep, "%s%s%s", before ? b : "", m->ref, before ? "" : b);
	out->alt = grx_arena_printf(w->keep, "%s%s%s", before ? b : "", m->alt, before ? "" : b);
	return out->ref && out->alt ? GRX_OK : grx_fail_nomem(w->cx, "record");
}

int annotate_name_resolve(struct annotate_name_world *world, const struct annotate_name *n,
	struct annotate_named_record *out, struct grx_str *why, int32_t *at)
{
	struct placing p = {.world = world, .n = n, .strand = 1, .why = why, .tid = -1};
	char *ref;
	int rc = GRX_E_BUG;
	*at = 0;
	if (n->type == 'c' || n->type == 'n') {
		rc = transcript_find(&p);
	} else {
		const char *acc = part(&p, 0, n->acc_n);
		rc = acc ? contig_find(&p, acc) : grx_fail_nomem(world->w.cx, "name");
	}
	if (!rc && !is_wrong(&p) && n->type == 'm' &&
		!annotate_is_mito(grx_contig_name(world->contigs, p.tid)))
		rc = wrong(&p, n->pos_at - 2, "m. is for the mitochondrion: expected g.");
	if (!rc && !is_wrong(&p))
		rc = place(&p);
	if (!rc && !is_wrong(&p) && !(rc = genome(&p, p.beg, p.end, &ref))) {
		p.ref = ref;
		rc = stated_check(&p);
	}
	if (!rc && !is_wrong(&p))
		rc = change(&p);
	if (!rc && !is_wrong(&p))
		rc = record_make(&p, out);
	*at = p.at;
	return rc;
}
