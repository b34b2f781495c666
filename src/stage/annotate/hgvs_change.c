/* SPDX-License-Identifier: GPL-3.0-or-later
 * hgvs_change.c -- the record of a name whose place is known: what it says of the reference is checked, the
 * change is spelled out, trimmed and left-aligned. */
#include "stage/annotate/hgvs_place.h"

#include <string.h>

#include "bio/allele.h"

/* Bases [beg, end) of the genome. */
static int genome(struct annotate_placing *p, int64_t beg, int64_t end, char **out)
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
static char *on_genome(struct annotate_placing *p, const char *s, int64_t n)
{
	char *r = grx_arena_strndup(p->world->w.mem, s, (size_t)n);
	if (r && p->strand < 0)
		grx_revcomp(s, (size_t)n, r);
	return r;
}

/* --- what the name says of the reference --- */

static int stated_check(struct annotate_placing *p)
{
	const struct annotate_name *n = p->n;
	int64_t len = p->end - p->beg;
	if (n->ref_len && n->ref_len != len)
		return annotate_placing_wrong(p, n->change_at, "%lld bases are said, the positions span %lld",
			(long long)n->ref_len, (long long)len);
	if (!n->ref_n)
		return GRX_OK;
	if (n->ref_n != len)
		return annotate_placing_wrong(p, n->change_at, "%d bases are said, the positions span %lld",
			(int)n->ref_n, (long long)len);
	const char *said = on_genome(p, n->ref, n->ref_n);
	if (!said)
		return grx_fail_nomem(p->world->w.cx, "name");
	for (int64_t i = 0; i < len; i++)
		if (said[i] != p->ref[i] && said[i] != 'N' && p->ref[i] != 'N')
			return annotate_placing_wrong(p, n->change_at,
				"the reference has %c at %s:%lld, the name says %c%s", p->ref[i],
				grx_contig_name(p->world->contigs, p->tid), (long long)(p->beg + i + 1),
				said[i], p->strand < 0 ? " (on the reverse strand its complement)" : "");
	return GRX_OK;
}

/* --- changes --- */

static int alt_set(struct annotate_placing *p, const char *s, int64_t n)
{
	p->alt = on_genome(p, s, n);
	p->alt_n = n;
	return p->alt ? GRX_OK : grx_fail_nomem(p->world->w.cx, "name");
}

static int insertion(struct annotate_placing *p)
{
	if (p->end - p->beg != 2)
		return annotate_placing_wrong(
			p, p->n->pos_at, "the positions around an insertion are not neighbours");
	p->end = ++p->beg;
	return alt_set(p, p->n->alt, p->n->alt_n);
}

static int inversion(struct annotate_placing *p)
{
	if (p->end - p->beg < 2)
		return annotate_placing_wrong(p, p->n->pos_at, "one base cannot be inverted");
	p->alt_n = p->end - p->beg;
	char *r = grx_arena_alloc(p->world->w.mem, (size_t)p->alt_n + 1, 1);
	if (!r)
		return grx_fail_nomem(p->world->w.cx, "name");
	grx_revcomp(p->ref, (size_t)p->alt_n, r);
	p->alt = r;
	return GRX_OK;
}

/* All units of the name one after the other, sense strand. */
static int units_expand(struct annotate_placing *p, char **out, int64_t *len)
{
	const struct annotate_name *n = p->n;
	int64_t total = 0, at = 0;
	for (int32_t i = 0; i < n->n_unit; i++) {
		if (n->unit[i].n && n->unit[i].count > AT_NAME_BASES / n->unit[i].n)
			total = AT_NAME_BASES + 1;
		else
			total += n->unit[i].n * n->unit[i].count;
		if (total > AT_NAME_BASES)
			return annotate_placing_wrong(
				p, n->change_at, "the repeat is longer than %d bases", AT_NAME_BASES);
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
static int tract_find(struct annotate_placing *p, const char *unit, int64_t n)
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
			return annotate_placing_wrong(p, p->n->change_at,
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

/* The range of a repeat of one unit holds copies of it and nothing else. */
static int tract_check(struct annotate_placing *p, const char *unit, int64_t n)
{
	int64_t len = p->end - p->beg;
	bool same = len % n == 0;
	for (int64_t i = 0; same && i < len; i++)
		same = p->ref[i] == unit[i % n] || p->ref[i] == 'N';
	if (same)
		return GRX_OK;
	return annotate_placing_wrong(p, p->n->change_at,
		"%s:%lld-%lld is not made of whole copies of the unit",
		grx_contig_name(p->world->contigs, p->tid), (long long)p->beg + 1, (long long)p->end);
}

/* "12CA[3]" and "12_13[3]" give the first unit of the tract, "12_40CA[3]CG[2]" the whole of it. */
static int repeat(struct annotate_placing *p)
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
		if ((rc = tract_find(p, unit, u)) || annotate_placing_is_wrong(p))
			return rc;
		if (p->beg == p->end)
			return annotate_placing_wrong(
				p, n->change_at, "the reference has no copy of the unit at this position");
	} else if (first) {
		return annotate_placing_wrong(
			p, n->change_at, "a repeat of several units needs the range that it replaces");
	}
	if (!first && n->n_unit == 1 && (rc = tract_check(p, unit, u)))
		return rc;
	if (annotate_placing_is_wrong(p))
		return GRX_OK;
	p->n = &whole;
	rc = units_expand(p, &s, &len);
	if (!rc && !annotate_placing_is_wrong(p))
		rc = alt_set(p, s, len);
	p->n = n;
	return rc;
}

/* A name that says a change and gives the reference is a mistake somewhere: of the position, or of the build.
 */
static int replacement(struct annotate_placing *p)
{
	const struct annotate_name *n = p->n;
	int rc = alt_set(p, n->alt, n->alt_n);
	if (!rc && n->alt_n == p->end - p->beg && memcmp(p->alt, p->ref, (size_t)n->alt_n) == 0)
		return annotate_placing_wrong(p, n->change_at,
			"the reference has these bases at %s:%lld already: expected others, or '='",
			grx_contig_name(p->world->contigs, p->tid), (long long)p->beg + 1);
	return rc;
}

static int change(struct annotate_placing *p)
{
	const struct annotate_name *n = p->n;
	switch (n->kind) {
	case AT_NAME_SUB:
	case AT_NAME_DELINS:
		return replacement(p);
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

/* The allele with the base before it, or behind it at the very start, where VCF wants one. */
static int anchored(
	struct annotate_placing *p, const struct annotate_allele *m, struct annotate_named_record *out)
{
	struct annotate_work *w = &p->world->w;
	bool anchor = !m->ref_len || !m->alt_len, before = m->beg > 0;
	int64_t at = before ? m->beg - 1 : m->end;
	char b[2] = "";
	if (anchor) {
		if (at >= p->world->contigs->c[p->tid].len)
			return annotate_placing_wrong(p, p->n->change_at, "no base of the sequence is left");
		int rc = annotate_window(w, p->tid, at, at + 1);
		if (rc)
			return rc;
		b[0] = annotate_base(w, at);
	}
	out->pos = m->beg - (anchor && before);
	out->ref = grx_arena_printf(w->keep, "%s%s%s", before ? b : "", m->ref, before ? "" : b);
	out->alt = grx_arena_printf(w->keep, "%s%s%s", before ? b : "", m->alt, before ? "" : b);
	return out->ref && out->alt ? GRX_OK : grx_fail_nomem(w->cx, "record");
}

/* Trimmed, and moved as far left as the reference allows. */
static int record_make(struct annotate_placing *p, struct annotate_named_record *out)
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
		.alt_len = c.alt_len};
	struct annotate_moved mv = {.al = &al};
	const struct annotate_side *s;
	if (!al.ref || !al.alt)
		return grx_fail_nomem(w->cx, "record");
	/* what N stands for cannot be told: it is not moved */
	al.dna = !strchr(al.ref, 'N') && !strchr(al.alt, 'N');
	/* against the genome, 3' is left */
	rc = annotate_moved_get(w, &mv, -1, &s);
	return rc ? rc : anchored(p, &s->al, out);
}

int annotate_placing_record(struct annotate_placing *p, struct annotate_named_record *out)
{
	char *ref;
	int rc = genome(p, p->beg, p->end, &ref);
	if (rc)
		return rc;
	p->ref = ref;
	rc = stated_check(p);
	if (!rc && !annotate_placing_is_wrong(p))
		rc = change(p);
	return rc || annotate_placing_is_wrong(p) ? rc : record_make(p, out);
}
