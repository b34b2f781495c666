/* SPDX-License-Identifier: GPL-3.0-or-later
 * bcsq_call.c -- what changes of a CDS come to: one by itself, or those of a haplotype in groups.
 * A group is what lies between places where the frame is whole again and a new codon begins. It is translated
 * against the same stretch of the reference; a shifted frame is read to the end of the CDS. */
#include "stage/annotate/bcsq_int.h"

#include <string.h>

/* --- translation --- */

/* A stretch of bases in the forward spliced sequence, and where it stands on the reference. */
struct span {
	const char *s;
	int64_t n;
	int64_t at, total; /* offset in its own spliced sequence, and the length of that */
	int64_t rbeg, rend;
	bool fill; /* read on to the end */
};

/* Whole codons over the span: completed with reference bases on both sides. "?" of nothing. */
static char *translate(struct annotate_work *w, const struct bcsq_tx *x, const struct span *p, int64_t *n)
{
	bool forward = x->t->strand > 0;
	int64_t left = x->len + p->n + 2 * BQ_PAD + 8;
	const char *ref = x->ref + BQ_PAD;
	char *o = grx_arena_alloc(w->mem, (size_t)left / 3 + 4, 1), c[3];
	*n = 0;
	if (!o)
		return NULL;
	if (!p->n) {
		o[(*n)++] = '?';
		o[*n] = '\0';
		return o;
	}
	/* base k of the reading: some of the reference, the span, the reference behind it */
	int64_t pad = (forward ? p->at : p->total - p->at - p->n) % 3;
	int64_t need = (pad + p->n + 2) / 3, behind = forward ? p->rend : p->rbeg;
	int64_t room = forward ? x->len - p->rend : p->rbeg;
	if (p->fill) {
		int64_t more = room - (3 * need - pad - p->n);
		need += more > 0 ? more / 3 : 0;
	}
	for (int64_t k = 0; k < need; k++) {
		for (int64_t i = 0; i < 3; i++) {
			int64_t at = 3 * k + i - pad;
			if (forward)
				c[i] = at < 0      ? ref[p->rbeg + at]
				       : at < p->n ? p->s[at]
						   : ref[behind + at - p->n];
			else
				c[2 - i] = at < 0      ? ref[p->rend - 1 - at]
					   : at < p->n ? p->s[p->n - 1 - at]
						       : ref[behind - 1 - (at - p->n)];
		}
		o[(*n)++] = annotate_bcsq_codon(c, forward);
	}
	o[*n] = '\0';
	return o;
}

/* --- terms --- */

struct pair {
	char *ref, *alt; /* residues */
	int64_t ref_n, alt_n;
	int64_t alt_full; /* before it was cut at a stop */
};

/* Nothing is said behind a stop; true when there is one in the changed protein. */
static bool cut_at_stop(struct pair *p)
{
	const char *s = memchr(p->ref, '*', (size_t)p->ref_n);
	if (s)
		p->ref_n = s - p->ref + 1;
	s = memchr(p->alt, '*', (size_t)p->alt_n);
	p->alt_full = p->alt_n;
	if (s)
		p->alt_n = s - p->alt + 1;
	return s != NULL;
}

static uint32_t residues_compare(const struct pair *p)
{
	uint32_t terms = 0;
	bool differ = false;
	for (int64_t i = 0; i < p->ref_n; i++) {
		/* behind the changed stop only the base next to it is known to be gone */
		char a = i < p->alt_full && i != p->alt_n ? p->alt[i] : '\0', r = p->ref[i];
		if (a == r)
			continue;
		differ = true;
		terms |= r == '*' ? BQ(STOP_LOST) : a == '*' ? BQ(STOP_GAINED) : BQ(MISSENSE);
	}
	return differ ? terms : BQ(SYNONYMOUS);
}

/* Terms of a change whose place gave `terms`; `d` bases longer. *never: what it must not be in the end. */
static uint32_t sequence_terms(uint32_t terms, const struct pair *p, int64_t d, bool alone, uint32_t *never)
{
	uint32_t gone = 0;
	bool ref_stop = p->ref[p->ref_n - 1] == '*', alt_stop = p->alt[p->alt_n - 1] == '*';
	if (terms & BQ(STOP_LOST)) {
		if (ref_stop && alt_stop) {
			gone |= BQ(STOP_LOST);
			terms |= BQ(STOP_RETAINED);
		} else if (!ref_stop && alt_stop) {
			gone |= alone ? 0 : BQ(STOP_GAINED);
			terms |= BQ(STOP_RETAINED);
		} else if (!ref_stop) {
			terms |= BQ(INCOMPLETE);
		}
	}
	if (alone) {
		terms &= ~gone;
		gone = 0;
	}
	if (p->ref[0] != 'M')
		gone |= terms & BQ(START_LOST);
	if (d) {
		terms |= d % 3 ? BQ(FRAMESHIFT) : d < 0 ? BQ(INFRAME_DEL) : BQ(INFRAME_INS);
		if (!ref_stop && alt_stop)
			terms |= BQ(STOP_GAINED);
	} else {
		terms |= residues_compare(p);
	}
	*never = gone;
	return terms & ~gone;
}

static void change_text(struct grx_str *o, const struct bcsq_shard *b, const struct bcsq_edit *e)
{
	const struct grx_var *v = b->rec[e->rec].v;
	grx_str_addi(o, v->pos + 1);
	grx_str_add(o, v->allele[0]);
	grx_str_addc(o, '>');
	grx_str_add(o, v->allele[e->al]);
}

/* "|12K>12N|" */
static void residues_text(struct grx_str *o, const struct pair *p, int64_t rpos, int64_t apos, uint32_t terms)
{
	grx_str_addc(o, '|');
	grx_str_addi(o, rpos);
	grx_str_addn(o, p->ref, (size_t)p->ref_n);
	if (!(terms & BQ(SYNONYMOUS))) {
		grx_str_addc(o, '>');
		grx_str_addi(o, apos);
		grx_str_addn(o, p->alt, (size_t)p->alt_n);
	}
	grx_str_addc(o, '|');
}

static int text_keep(struct bcsq_shard *b, struct grx_str *o, const char **to)
{
	*to = o->oom ? NULL : grx_arena_strndup(b->w->keep, o->s ? o->s : "", o->n);
	return *to ? GRX_OK : grx_fail_nomem(b->w->cx, "BCSQ");
}

/* --- one change --- */

int annotate_bcsq_single(struct bcsq_shard *b, struct bcsq_tx *x, struct bcsq_edit *e)
{
	struct bcsq_rec *r = &b->rec[e->rec];
	struct bcsq c = {.terms = e->terms, .x = x, .al = e->al};
	int rc;
	if (e->apart)
		return annotate_bcsq_stage(b, r, &c);
	bool forward = x->t->strand > 0, fill = e->d % 3 && e->alt_n;
	struct span alt = {e->alt, e->alt_n, e->beg, x->len + e->d, e->beg, e->beg + e->n, fill};
	struct span ref = {x->ref + BQ_PAD + e->beg, e->n, e->beg, x->len, e->beg, e->beg + e->n, fill};
	struct pair p = {0};
	p.alt = translate(b->w, x, &alt, &p.alt_n);
	p.ref = translate(b->w, x, &ref, &p.ref_n);
	if (!p.alt || !p.ref)
		return grx_fail_nomem(b->w->cx, "protein");
	cut_at_stop(&p);
	uint32_t never, terms = sequence_terms(e->terms, &p, e->d, true, &never);
	if (terms & BQ_COMPOUND) {
		struct grx_str *o = &b->w->txt;
		grx_str_reset(o);
		residues_text(o, &p, (forward ? e->beg : x->len - e->beg - e->n) / 3 + 1,
			(forward ? e->beg : x->len + e->d - e->beg - e->alt_n) / 3 + 1, terms);
		change_text(o, b, e);
		c.terms = terms & BQ_COMPOUND;
		if ((rc = text_keep(b, o, &c.text)) || (rc = annotate_bcsq_stage(b, r, &c)))
			return rc;
	}
	c = (struct bcsq){.terms = terms & ~BQ_COMPOUND, .x = x, .al = e->al};
	return c.terms ? annotate_bcsq_stage(b, r, &c) : GRX_OK;
}

/* --- haplotypes --- */

/* The changes 1..n of one haplotype in genome order, and its bases from the first change on. */
struct walk {
	struct bcsq_shard *b;
	struct bcsq_tx *x;
	int32_t n;
	int32_t *id;
	int64_t *end; /* offset in seq behind each change */
	char *seq;
	int64_t d_all;
	bool stopped; /* a stop was met */
	struct bcsq_mark *out;
	int32_t n_out;
};

/* A consequence of a haplotype: number `index` at record `rec`. */
struct bcsq_mark {
	size_t rec;
	int32_t index;
};

static const struct bcsq_edit *edit_of(const struct walk *k, int32_t i)
{
	return &k->x->edit[k->id[i]];
}

/* Start of change i in the haplotype's bases, and in the whole spliced sequence. */
static int64_t offset_of(const struct walk *k, int32_t i)
{
	const struct bcsq_edit *e = edit_of(k, i);
	return k->end[i] - (e->n + e->d);
}

static int64_t place_of(const struct walk *k, int32_t i)
{
	return edit_of(k, 0)->beg + offset_of(k, i);
}

static int walk_make(struct walk *k, int32_t node)
{
	const struct hap_tree *t = k->x->tree;
	struct grx_arena *mem = k->b->w->mem;
	k->n = t->node[node].depth;
	k->id = grx_arena_alloc(mem, (size_t)k->n + 1, sizeof *k->id);
	k->end = grx_arena_alloc(mem, (size_t)k->n + 1, sizeof *k->end);
	k->out = grx_arena_alloc(k->b->w->keep, 3 * (size_t)k->n + 3, sizeof *k->out);
	if (!k->id || !k->end || !k->out)
		return grx_fail_nomem(k->b->w->cx, "haplotypes");
	annotate_hap_chain(t, node, k->id);
	int64_t room = k->x->len + 1;
	for (int32_t i = 0; i < k->n; i++)
		room += edit_of(k, i)->alt_n;
	char *s = k->seq = grx_arena_alloc(mem, (size_t)room + 1, 1);
	if (!s)
		return grx_fail_nomem(k->b->w->cx, "haplotypes");
	int64_t at = edit_of(k, 0)->beg;
	for (int32_t i = 0; i < k->n; i++) {
		const struct bcsq_edit *e = edit_of(k, i);
		for (; at < e->beg; at++)
			*s++ = k->x->ref[BQ_PAD + at];
		memcpy(s, e->alt, (size_t)e->alt_n);
		s += e->alt_n;
		at = e->beg + e->n;
		k->end[i] = s - k->seq;
		k->d_all += e->d;
	}
	*s = '\0';
	return GRX_OK;
}

/* Do change i and the next one in the direction of reading share a codon? Frames are whole between them. */
static bool same_codon(const struct walk *k, int32_t i, int32_t next)
{
	int64_t d = edit_of(k, i)->d, here = place_of(k, i), there = place_of(k, next);
	if (k->x->t->strand > 0) {
		here += d > 0 ? d : d < 0;
		return here / 3 == there / 3;
	}
	int64_t total = k->x->len + k->d_all;
	here = total - 1 - here;
	there = total - 1 - there;
	here += d > 0 ? d - 1 : -d;
	there -= edit_of(k, next)->d > 0 ? edit_of(k, next)->d : 0;
	return here / 3 == there / 3;
}

static int state(struct walk *k, int32_t i, struct bcsq *c)
{
	size_t rec = edit_of(k, i)->rec;
	int rc = annotate_bcsq_push(k->b, &k->b->rec[rec], c);
	k->out[k->n_out++] = (struct bcsq_mark){rec, c->index};
	return rc;
}

/* The consequence stands at the change that is read first; at the others what only their place says, and a
 * pointer. */
static int group_state(struct walk *k, int32_t lo, int32_t hi, uint32_t terms, const char *text)
{
	bool forward = k->x->t->strand > 0;
	int32_t own = forward ? lo : hi;
	struct bcsq c = {.terms = terms, .x = k->x, .al = edit_of(k, k->n - 1)->al, .text = text};
	int rc = state(k, own, &c);
	uint32_t told = c.terms;
	for (int32_t i = lo; i <= hi && !rc; i++) {
		uint32_t apart = edit_of(k, i)->terms & ~BQ_COMPOUND;
		if (apart) {
			c = (struct bcsq){.terms = apart, .x = k->x, .text = text};
			if ((rc = state(k, i, &c)))
				return rc;
		}
		if (i == own || !((told & BQ_COMPOUND) || !apart))
			continue;
		c = (struct bcsq){
			.terms = BQ(ELSEWHERE) | edit_of(k, i)->terms, .x = k->x, .at = edit_of(k, own)->rec};
		rc = state(k, i, &c);
	}
	return rc;
}

/* Changes lo..hi as one; d and indel: of their lengths. */
static int group_call(struct walk *k, int32_t lo, int32_t hi, int64_t d, bool indel)
{
	struct bcsq_tx *x = k->x;
	struct annotate_work *w = k->b->w;
	bool forward = x->t->strand > 0, fill = d % 3 && k->end[k->n - 1];
	int64_t off = offset_of(k, lo), at = place_of(k, lo), rbeg = edit_of(k, lo)->beg;
	int64_t rend = edit_of(k, hi)->beg + edit_of(k, hi)->n, n = k->end[hi] - off;
	struct span alt = {k->seq + off, n > 0 ? n : 0, at, x->len + k->d_all, rbeg, rend, fill};
	struct span ref = {x->ref + BQ_PAD + rbeg, rend - rbeg, rbeg, x->len, rbeg, rend, fill};
	struct pair p = {0};
	p.alt = translate(w, x, &alt, &p.alt_n);
	p.ref = translate(w, x, &ref, &p.ref_n);
	if (!p.alt || !p.ref)
		return grx_fail_nomem(w->cx, "protein");
	uint32_t never, terms = d == 0 && indel ? BQ(INFRAME_ALTER) : 0;
	for (int32_t i = lo; i <= hi; i++)
		terms |= edit_of(k, i)->terms & BQ_COMPOUND;
	bool behind = k->stopped;
	k->stopped |= cut_at_stop(&p);
	terms = sequence_terms(terms, &p, d, false, &never);
	const uint32_t in_frame = BQ(INFRAME_DEL) | BQ(INFRAME_INS) | BQ(INFRAME_ALTER);
	if (lo != hi && (terms & in_frame) && p.alt[p.alt_n - 1] == '*')
		/* the stop comes before the frame is restored */
		terms = (terms & ~in_frame) | BQ(FRAMESHIFT) | (BQ(STOP_GAINED) & ~never);
	if (behind)
		terms |= BQ(BEHIND_STOP);
	struct grx_str *o = &w->txt;
	grx_str_reset(o);
	residues_text(o, &p, (forward ? rbeg : x->len - rend) / 3 + 1,
		(forward ? at : x->len + k->d_all - at - n) / 3 + 1, terms);
	for (int32_t i = lo; i <= hi; i++) {
		if (i > lo)
			grx_str_addc(o, '+');
		change_text(o, k->b, edit_of(k, i));
	}
	const char *text;
	int rc = text_keep(k->b, o, &text);
	return rc ? rc : group_state(k, lo, hi, terms, text);
}

static int walk_call(struct walk *k)
{
	bool forward = k->x->t->strand > 0, indel = false;
	int64_t d = 0;
	int32_t first = -1;
	for (int32_t s = 0; s < k->n; s++) {
		int32_t i = forward ? s : k->n - 1 - s, next = forward ? i + 1 : i - 1;
		d += edit_of(k, i)->d;
		indel |= edit_of(k, i)->d != 0;
		first = first < 0 ? i : first;
		if (s + 1 < k->n && (d % 3 || same_codon(k, i, next)))
			continue;
		int rc = group_call(k, forward ? first : i, forward ? i : first, d, indel);
		if (rc)
			return rc;
		first = -1;
		d = 0;
		indel = false;
	}
	return GRX_OK;
}

int annotate_bcsq_haplotypes(struct bcsq_shard *b, struct bcsq_tx *x)
{
	struct hap_tree *t = x->tree;
	int rc;
	annotate_hap_leaves(t);
	struct walk *all = grx_arena_calloc(b->w->keep, t->n + 1, sizeof *all);
	if (!all)
		return grx_fail_nomem(b->w->cx, "haplotypes");
	for (size_t i = 1; i < t->n; i++) {
		if (!t->node[i].leaf)
			continue;
		struct grx_arena *mem = b->w->mem;
		b->w->mem = b->w->tmp; /* a CDS and its protein for each haplotype */
		all[i] = (struct walk){.b = b, .x = x};
		if (!(rc = walk_make(&all[i], (int32_t)i)))
			rc = walk_call(&all[i]);
		b->w->mem = mem;
		grx_arena_reset(b->w->tmp);
		if (rc)
			return rc;
	}
	for (size_t slot = 0; b->n_sample && slot < t->n_path; slot++)
		for (const struct hap_path *p = &t->path[slot]; p; p = p->next)
			for (int32_t i = 0; i < all[p->node].n_out; i++) {
				const struct bcsq_mark *m = &all[p->node].out[i];
				if ((rc = annotate_bcsq_mark(b, &b->rec[m->rec], m->index, slot)))
					return rc;
			}
	return GRX_OK;
}
