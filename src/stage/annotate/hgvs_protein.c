/* SPDX-License-Identifier: GPL-3.0-or-later
 * hgvs_protein.c -- HGVS names of a change of the protein (p.).
 * Divergences from the reference implementation, on purpose: p.Met1? for every lost start; a change of the
 * stop codon is an extension also when it shifts the frame, and a change that begins before the stop and
 * takes it away is a frameshift (HGVS 21: extension before frameshift before deletion-insertion); one residue
 * replaced by a stop is a substitution; unchanged residues are given as a range. Source: HGVS nomenclature
 * 21; docs/methods. */
#include "stage/annotate/hgvs.h"

#include <string.h>

/* A change of a protein. The whole proteins are asked for residue by residue: a reference with its stop, and
 * the changed one, either translated on demand from a CDS or given. */
struct prot {
	struct annotate_work *w;
	const struct annotate_tx *tx;
	const char *full; /* reference without its stop */
	int64_t full_n;
	bool has_stop;
	const char *alt_cds, *alt_full; /* one of them may be there */
	int64_t alt_cds_n, alt_full_n;
	/* the part that is compared */
	int64_t beg, end; /* 1-based residues; ins: beg = end + 1 */
	const char *ref, *alt;
	int64_t ref_n, alt_n;
	struct grx_str *s;
	bool oom;
};

/* Residue i (1-based) of the reference protein, its stop included if the model has one; 0 beyond. */
static char residue(const struct prot *p, int64_t i)
{
	if (i >= 1 && i <= p->full_n)
		return p->full[i - 1];
	return i == p->full_n + 1 && p->has_stop ? '*' : '\0';
}

/* Residue i of the changed protein; 0 where it cannot be told. */
static char changed(const struct prot *p, int64_t i)
{
	if (p->alt_full)
		return i >= 1 && i <= p->alt_full_n ? p->alt_full[i - 1] : '\0';
	if (!p->alt_cds || i < 1 || 3 * i > p->alt_cds_n)
		return '\0';
	return annotate_codon(p->alt_cds + 3 * (i - 1), p->tx->table);
}

/* Residues of the changed protein from residue `from` up to its first stop, the stop counted; 0 when none is
 * met. */
static int64_t until_stop(const struct prot *p, int64_t from)
{
	char c;
	for (int64_t i = from; (c = changed(p, i)); i++)
		if (c == '*')
			return i - from + 1;
	return 0;
}

/* --- text --- */

static void one_add(struct prot *p, char aa)
{
	grx_str_add(p->s, annotate_three(aa));
}

static void three_add(struct prot *p, const char *aa, int64_t n)
{
	for (int64_t i = 0; i < n; i++) {
		one_add(p, aa[i]);
		if (aa[i] == '*')
			return; /* what follows a stop is not translated */
	}
}

static void place_add(struct prot *p, char aa, int64_t i)
{
	one_add(p, aa);
	grx_str_addi(p->s, i);
}

static void span_add(struct prot *p, int64_t a, int64_t b)
{
	place_add(p, residue(p, a), a);
	if (b != a) {
		grx_str_addc(p->s, '_');
		place_add(p, residue(p, b), b);
	}
}

static void count_add(struct prot *p, int64_t n)
{
	if (n > 0)
		grx_str_addi(p->s, n);
	else
		grx_str_addc(p->s, '?');
}

static void substitution_add(struct prot *p, char r, int64_t i, char a)
{
	place_add(p, r, i);
	one_add(p, a);
}

/* The stop at residue i became another residue; the tail up to the new stop is counted from behind it. */
static void extension_add(struct prot *p)
{
	int64_t stop = p->full_n + 1, n = until_stop(p, stop);
	grx_str_add(p->s, "extTer");
	count_add(p, n - 1);
}

/* --- kinds of change --- */

/* From residue `from` on: the first one that differs, and where the new frame stops. */
static bool frameshift_add(struct prot *p, int64_t from)
{
	for (int64_t i = from;; i++) {
		char r = residue(p, i), a = changed(p, i);
		if (!r || !a)
			return false;
		if (r == a && r == '*') {
			place_add(p, '*', i);
			grx_str_addc(p->s, '=');
			return true;
		}
		if (r == a)
			continue;
		substitution_add(p, r, i, a);
		/* a stop that is not the last one belongs to a broken model */
		if (i == p->full_n + 1) {
			extension_add(p);
		} else if (a != '*') {
			grx_str_add(p->s, "fsTer");
			count_add(p, until_stop(p, i));
		}
		return true;
	}
}

static void clip_peptides(struct prot *p)
{
	while (p->ref_n && p->alt_n && p->ref[0] == p->alt[0] && p->ref[0] != '*') {
		p->ref++, p->alt++, p->beg++;
		p->ref_n--, p->alt_n--;
	}
	while (p->ref_n && p->alt_n && p->ref[p->ref_n - 1] == p->alt[p->alt_n - 1]) {
		p->end--;
		p->ref_n--, p->alt_n--;
	}
}

/* The 3' rule on the protein: rotate the inserted or deleted residues while the next one matches. */
static void shift_peptides(struct prot *p)
{
	const char *u = p->ref_n ? p->ref : p->alt;
	int64_t n = p->ref_n ? p->ref_n : p->alt_n, k = 0;
	while (u[k % n] != '*' && residue(p, p->end + 1 + k) == u[k % n])
		k++;
	if (k == 0)
		return;
	char *r = grx_arena_alloc(p->w->mem, (size_t)n, 1);
	if (!r) {
		p->oom = true;
		return;
	}
	for (int64_t i = 0; i < n; i++)
		r[i] = u[(i + k) % n];
	if (p->ref_n)
		p->ref = r;
	else
		p->alt = r;
	p->beg += k;
	p->end += k;
}

static bool insertion_add(struct prot *p)
{
	shift_peptides(p);
	bool dup = p->beg > p->alt_n && !memchr(p->alt, '*', (size_t)p->alt_n);
	for (int64_t i = 0; dup && i < p->alt_n; i++)
		dup = residue(p, p->beg - p->alt_n + i) == p->alt[i];
	if (dup) {
		span_add(p, p->beg - p->alt_n, p->beg - 1);
		grx_str_add(p->s, "dup");
		return true;
	}
	if (p->end < 1 || !residue(p, p->beg))
		return false;
	if (p->beg == p->full_n + 1 && !memchr(p->alt, '*', (size_t)p->alt_n)) {
		/* before the stop: the protein becomes longer at its end */
		substitution_add(p, '*', p->beg, p->alt[0]);
		grx_str_add(p->s, "extTer");
		grx_str_addi(p->s, p->alt_n);
		return true;
	}
	span_add(p, p->end, p->beg);
	grx_str_add(p->s, "ins");
	three_add(p, p->alt, p->alt_n);
	return true;
}

/* The stop is among the residues that are replaced, and what replaces them has none. */
static bool loses_stop(const struct prot *p)
{
	return p->ref_n && p->ref[p->ref_n - 1] == '*' &&
	       (p->alt_n == 0 || !memchr(p->alt, '*', (size_t)p->alt_n));
}

static bool change_add(struct prot *p)
{
	clip_peptides(p);
	if (p->ref_n == 0 && p->alt_n == 0)
		return false;
	if (p->ref_n == 0)
		return insertion_add(p);
	if (p->ref[0] == '*' && p->alt_n && p->alt[0] == '*') {
		place_add(p, '*', p->beg);
		grx_str_addc(p->s, '=');
		return true;
	}
	if (p->ref_n == 1 && p->alt_n && (p->alt_n == 1 || p->alt[0] == '*')) {
		substitution_add(p, p->ref[0], p->beg, p->alt[0]);
		if (p->ref[0] == '*')
			extension_add(p);
		return true;
	}
	/* what follows can be told where the changed sequence is known */
	if (loses_stop(p) && changed(p, p->beg))
		return frameshift_add(p, p->beg);
	if (p->alt_n == 0)
		shift_peptides(p);
	span_add(p, p->beg, p->end);
	grx_str_add(p->s, p->alt_n ? "delins" : "del");
	three_add(p, p->alt, p->alt_n);
	return true;
}

static bool same_add(struct prot *p)
{
	if (!p->ref_n)
		return false;
	span_add(p, p->beg, p->beg + p->ref_n - 1);
	grx_str_addc(p->s, '=');
	return true;
}

/* --- what the stage calls --- */

static size_t head_add(struct prot *p, bool parens)
{
	size_t before = p->s->n;
	grx_str_add(p->s, p->tx->protein);
	grx_str_addn(p->s, ":p.", 3);
	if (parens)
		grx_str_addc(p->s, '(');
	return before;
}

static int tail_add(struct prot *p, bool named, bool parens, size_t before)
{
	if (named && parens)
		grx_str_addc(p->s, ')');
	if (!named && p->s->s)
		p->s->s[p->s->n = before] = '\0';
	return p->oom || p->s->oom ? grx_fail_nomem(p->w->cx, "HGVS name") : GRX_OK;
}

static bool name_add(struct prot *p, const struct annotate_eval *ev, uint64_t terms)
{
	if (terms & AT_BIT(AT_START_LOST)) {
		place_add(p, residue(p, 1), 1);
		grx_str_addc(p->s, '?');
		return true;
	}
	if (annotate_is_frameshift(ev))
		return frameshift_add(p, p->beg);
	if (strchr(p->ref, 'X'))
		return false;
	return strcmp(p->ref, p->alt) == 0 ? same_add(p) : change_add(p);
}

int annotate_hgvs_p(
	struct annotate_work *w, const struct annotate_eval *shifted, uint64_t terms, struct grx_str *o)
{
	const struct annotate_seq *q = shifted->seq;
	if (!shifted->al->dna || !shifted->ref_pep || !shifted->pl.pep_beg || !shifted->pl.pep_end)
		return GRX_OK;
	struct annotate_eval ev = *shifted;
	if (!ev.alt_cds && (terms & AT_BIT(AT_STOP_LOST))) {
		int rc = annotate_alt_cds(w, &ev);
		if (rc)
			return rc;
	}
	struct prot p = {.w = w,
		.tx = ev.tx,
		.full = q->pep,
		.full_n = q->pep_n,
		.has_stop = q->cds_n / 3 > q->pep_n,
		.alt_cds = ev.alt_cds,
		.alt_cds_n = ev.alt_cds_n,
		.beg = ev.pl.pep_beg,
		.end = ev.pl.pep_end,
		.ref = ev.ref_pep,
		.alt = ev.alt_pep,
		.s = o};
	p.ref_n = (int64_t)strlen(p.ref);
	p.alt_n = (int64_t)strlen(p.alt);
	bool parens = w->st->opt.parens;
	size_t before = head_add(&p, parens);
	return tail_add(&p, name_add(&p, &ev, terms), parens, before);
}

/* Residues up to the first stop, the stop counted if there is one. */
static int64_t protein_len(const char *s, bool *stop)
{
	const char *e = strchr(s, '*');
	*stop = e != NULL;
	return e ? e - s + 1 : (int64_t)strlen(s);
}

/* The part of both proteins that the change is in, and its name. */
static bool joint_add(struct prot *p, const struct annotate_proteins *c)
{
	int64_t ref_n = p->ref_n, alt_n = p->alt_n, first = 0;
	struct prot part = *p;
	if (c->ref_end) {
		part.ref_n = part.end = ref_n < c->ref_end ? ref_n : c->ref_end;
		part.alt_n = alt_n < c->alt_end ? alt_n : c->alt_end;
	}
	while (first < part.ref_n && first < part.alt_n && p->ref[first] == p->alt[first])
		first++;
	if (first == part.ref_n && first == part.alt_n) {
		grx_str_addc(p->s, '=');
		return true;
	}
	if (first == 0 && part.alt_n && !p->tx->start_nf) {
		place_add(p, residue(p, 1), 1);
		grx_str_addc(p->s, '?');
		return true;
	}
	bool nonsense = first < part.alt_n && p->alt[first] == '*',
	     extended = first < part.ref_n && p->ref[first] == '*';
	if (!c->ref_end || nonsense || extended)
		return frameshift_add(p, 1);
	bool named = !memchr(p->ref + first, 'X', (size_t)(part.ref_n - first)) && change_add(&part);
	p->oom |= part.oom;
	return named;
}

int annotate_hgvs_protein(struct annotate_work *w, const struct annotate_tx *t,
	const struct annotate_proteins *c, struct grx_str *o)
{
	bool ref_stop, alt_stop, parens = w->st->opt.parens;
	struct prot p = {.w = w,
		.tx = t,
		.full = c->ref,
		.alt_full = c->alt,
		.beg = 1,
		.ref = c->ref,
		.alt = c->alt,
		.s = o};
	p.ref_n = p.end = protein_len(c->ref, &ref_stop);
	p.alt_n = p.alt_full_n = protein_len(c->alt, &alt_stop);
	p.full_n = p.ref_n - ref_stop;
	p.has_stop = ref_stop;
	size_t before = head_add(&p, parens);
	return tail_add(&p, joint_add(&p, c), parens, before);
}
