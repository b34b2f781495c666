/* SPDX-License-Identifier: GPL-3.0-or-later
 * hgvs_protein.c -- HGVS names of a change of the protein (p.). */
#include "stage/annotate/hgvs.h"

#include <string.h>

struct prot {
	const struct annotate_eval *ev;
	int64_t beg, end; /* 1-based residues; ins: beg = end + 1 */
	char *ref, *alt;
	int64_t ref_n, alt_n;
	struct grx_str *s;
};

/* Residue i (1-based) of the reference protein, its stop included if the model has one; 0 beyond. */
static char residue(const struct annotate_seq *q, int64_t i)
{
	if (i >= 1 && i <= q->pep_n)
		return q->pep[i - 1];
	return i == q->pep_n + 1 && q->cds_n / 3 > q->pep_n ? '*' : '\0';
}

static void three_add(struct grx_str *s, const char *aa, int64_t n)
{
	for (int64_t i = 0; i < n; i++) {
		grx_str_add(s, annotate_three(aa[i]));
		if (aa[i] == '*')
			return; /* what follows a stop is not translated */
	}
}

/* Residues of the changed protein from residue `from` up to its first stop, the stop counted; 0 when none is
 * met. */
static int64_t until_stop(const struct annotate_eval *ev, int64_t from)
{
	for (int64_t i = 3 * (from - 1); i + 3 <= ev->alt_cds_n; i += 3)
		if (annotate_codon(ev->alt_cds + i, ev->tx->table) == '*')
			return i / 3 + 1 - from + 1;
	return 0;
}

static void count_add(struct grx_str *s, int64_t n)
{
	if (n > 0)
		grx_str_addf(s, "%lld", (long long)n);
	else
		grx_str_addc(s, '?');
}

static bool frameshift_add(struct prot *p)
{
	const struct annotate_eval *ev = p->ev;
	for (int64_t i = p->beg;; i++) {
		char r = residue(ev->seq, i);
		if (!r || 3 * i > ev->alt_cds_n)
			return false;
		char a = annotate_codon(ev->alt_cds + 3 * (i - 1), ev->tx->table);
		if (r == a && r == '*') {
			grx_str_addf(p->s, "Ter%lld=", (long long)i);
			return true;
		}
		if (r == a)
			continue;
		grx_str_addf(p->s, "%s%lld%s", annotate_three(r), (long long)i, annotate_three(a));
		if (a != '*') {
			int64_t n = until_stop(ev, i);
			grx_str_add(p->s, "fsTer");
			count_add(p->s, n);
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
	char *u = p->ref_n ? p->ref : p->alt;
	int64_t n = p->ref_n ? p->ref_n : p->alt_n;
	while (residue(p->ev->seq, p->end + 1) == u[0] && u[0] != '*') {
		char first = u[0];
		memmove(u, u + 1, (size_t)n - 1);
		u[n - 1] = first;
		p->beg++;
		p->end++;
	}
}

static void span_add(struct prot *p, int64_t a, int64_t b)
{
	grx_str_addf(p->s, "%s%lld", annotate_three(residue(p->ev->seq, a)), (long long)a);
	if (b != a)
		grx_str_addf(p->s, "_%s%lld", annotate_three(residue(p->ev->seq, b)), (long long)b);
}

static bool protein_insertion(struct prot *p)
{
	shift_peptides(p);
	bool dup = p->beg > p->alt_n && !memchr(p->alt, '*', (size_t)p->alt_n);
	for (int64_t i = 0; dup && i < p->alt_n; i++)
		dup = residue(p->ev->seq, p->beg - p->alt_n + i) == p->alt[i];
	if (dup) {
		span_add(p, p->beg - p->alt_n, p->beg - 1);
		grx_str_add(p->s, "dup");
		return true;
	}
	if (p->end < 1 || !residue(p->ev->seq, p->beg))
		return false;
	span_add(p, p->end, p->beg);
	grx_str_add(p->s, "ins");
	three_add(p->s, p->alt, p->alt_n);
	return true;
}

static void extension_add(struct prot *p)
{
	int64_t n = until_stop(p->ev, p->beg);
	grx_str_add(p->s, "extTer");
	count_add(p->s, n ? p->beg + n - 2 - p->ev->seq->pep_n : 0);
}

static bool protein_change(struct prot *p, bool stop_lost)
{
	clip_peptides(p);
	if (p->ref_n == 0 && p->alt_n == 0)
		return false;
	if (p->ref_n == 0)
		return protein_insertion(p);
	if (p->alt_n == 0)
		shift_peptides(p);
	bool one = p->ref_n == 1 && p->alt_n == 1;
	if (p->ref[0] == '*' && p->alt_n && p->alt[0] == '*') {
		grx_str_addf(p->s, "Ter%lld=", (long long)p->beg);
		return true;
	}
	if (stop_lost && (p->alt_n == 0 || one)) {
		span_add(p, p->beg, p->end);
		grx_str_add(p->s, p->alt_n ? annotate_three(p->alt[0]) : "del");
		extension_add(p);
		return true;
	}
	if (one) {
		grx_str_addf(p->s, "%s%lld%s", annotate_three(p->ref[0]), (long long)p->beg,
			annotate_three(p->alt[0]));
		return true;
	}
	span_add(p, p->beg, p->end);
	grx_str_add(p->s, p->alt_n ? "delins" : "del");
	three_add(p->s, p->alt, p->alt_n);
	if (p->ref[p->ref_n - 1] == '*' && p->alt_n && !memchr(p->alt, '*', (size_t)p->alt_n))
		extension_add(p);
	return true;
}

static bool protein_name(struct prot *p, uint64_t terms)
{
	const struct annotate_eval *ev = p->ev;
	if (terms & AT_BIT(AT_START_LOST)) {
		grx_str_addf(p->s, "%s1?", annotate_three(residue(ev->seq, 1)));
		return true;
	}
	if (annotate_is_frameshift(ev))
		return frameshift_add(p);
	if (!ev->ref_pep || strchr(ev->ref_pep, 'X'))
		return false;
	if (strcmp(ev->ref_pep, ev->alt_pep) == 0) {
		if (!p->ref_n)
			return false;
		three_add(p->s, p->ref, p->ref_n);
		grx_str_addf(p->s, "%lld=", (long long)p->beg);
		return true;
	}
	return protein_change(p, terms & AT_BIT(AT_STOP_LOST));
}

int annotate_hgvs_p(
	struct annotate_work *w, const struct annotate_eval *shifted, uint64_t terms, struct grx_str *o)
{
	if (!shifted->al->dna || !shifted->alt_cds || !shifted->ref_pep || !shifted->pl.pep_beg ||
		!shifted->pl.pep_end)
		return GRX_OK;
	size_t before = o->n;
	struct prot p = {.ev = shifted, .beg = shifted->pl.pep_beg, .end = shifted->pl.pep_end, .s = o};
	p.ref = grx_arena_strdup(w->mem, shifted->ref_pep);
	p.alt = grx_arena_strdup(w->mem, shifted->alt_pep);
	if (!p.ref || !p.alt)
		return grx_fail_nomem(w->cx, "HGVS name");
	p.ref_n = (int64_t)strlen(p.ref);
	p.alt_n = (int64_t)strlen(p.alt);
	grx_str_add(o, shifted->tx->protein);
	grx_str_add(o, ":p.");
	if (!protein_name(&p, terms))
		o->n = before;
	return o->oom ? grx_fail_nomem(w->cx, "HGVS name") : GRX_OK;
}
