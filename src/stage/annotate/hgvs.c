/* SPDX-License-Identifier: GPL-3.0-or-later
 * hgvs.c -- HGVS names of an allele on a transcript (c. or n.) and on its protein (p.).
 * The 3' rule is applied on the genome along the transcript strand, as the reference implementation does: an
 * exonic allele may move into the intron. Divergences from it, on purpose: p.Met1? for every lost start; an
 * intron right after the stop codon is named from the last coding base. Source: HGVS nomenclature 21; section
 * 6 of docs/methods/annotate.md. */
#include "stage/annotate/hgvs.h"

#include <string.h>

#include "bio/allele.h"

#define MAX_SHIFT 1000 /* bp */

int annotate_shift(struct annotate_work *w, int strand, const struct annotate_allele *al,
	struct annotate_allele *out, int32_t *moved)
{
	*moved = 0;
	*out = *al;
	bool ins = al->ref_len == 0, del = al->alt_len == 0;
	if (ins == del || al->ref_mismatch)
		return GRX_OK;
	const char *unit = ins ? al->alt : al->ref;
	int64_t n = ins ? al->alt_len : al->ref_len, k = 0, max = MAX_SHIFT - n;
	int rc = annotate_window(w, al->tid, al->beg - MAX_SHIFT, al->end + MAX_SHIFT);
	if (rc)
		return rc;
	if (strand > 0)
		while (k < max && annotate_base(w, al->end + k) == unit[k % n])
			k++;
	else
		while (k < max && annotate_base(w, al->beg - 1 - k) == unit[n - 1 - k % n])
			k++;
	if (k == 0)
		return GRX_OK;
	char *r = grx_arena_alloc(w->mem, (size_t)n + 1, 1);
	if (!r)
		return grx_fail_nomem(w->cx, "shifted allele");
	for (int64_t i = 0; i < n; i++)
		r[i] = unit[strand > 0 ? (i + k) % n : (i + n - k % n) % n];
	r[n] = '\0';
	*moved = (int32_t)k;
	out->beg += strand > 0 ? k : -k;
	out->end += strand > 0 ? k : -k;
	if (ins)
		out->alt = r;
	else
		out->ref = r;
	return GRX_OK;
}

/* --- coding and non-coding DNA --- */

/* Nearest exon edge (1-based cDNA) and signed distance into the intron; a tie counts from the 5' exon. */
static int64_t exon_anchor(const struct annotate_tx *t, int64_t pos, int64_t *offset)
{
	*offset = 0;
	int64_t c = annotate_cdna(t, pos);
	if (c)
		return c;
	for (int32_t i = 0; i + 1 < t->n_exon; i++) {
		const struct annotate_exon *a = &t->exon[i], *b = &t->exon[i + 1];
		bool inside = t->strand > 0 ? pos >= a->end && pos < b->beg : pos < a->beg && pos >= b->end;
		if (!inside)
			continue;
		int64_t up = t->strand > 0 ? pos - a->end + 1 : a->beg - pos;
		int64_t down = t->strand > 0 ? b->beg - pos : pos - b->end + 1;
		*offset = up <= down ? up : -down;
		return up <= down ? b->cdna : b->cdna + 1;
	}
	return 0;
}

/* The number of a position. shown_pad: an incomplete CDS is numbered with the bases that complete its first
 * codon; the reference implementation does so for substitutions inside the CDS only, and so do we. */
static bool position_add(const struct annotate_tx *t, int64_t pos, int pad, struct grx_str *s)
{
	int64_t off, c = exon_anchor(t, pos, &off);
	if (!c || pos < t->beg || pos >= t->end)
		return false;
	if (!t->coding)
		grx_str_addf(s, "%lld", (long long)c);
	else if (c > t->cds_end)
		grx_str_addf(s, "*%lld", (long long)(c - t->cds_end));
	else if (c >= t->cds_beg)
		grx_str_addf(s, "%lld", (long long)(c - t->cds_beg + 1 + pad));
	else
		grx_str_addf(s, "%lld", (long long)(c - t->cds_beg));
	if (off)
		grx_str_addf(s, "%+lld", (long long)off);
	return true;
}

struct change {
	int64_t beg, end;      /* genomic span to be named; for ins the two flanks */
	const char *type;      /* ">", "del", "dup", "ins", "inv", "delins" */
	const char *ref, *alt; /* sense strand */
};

static bool is_dup(struct annotate_work *w, const struct annotate_tx *t, const struct annotate_allele *al)
{
	int64_t n = al->alt_len, from = t->strand > 0 ? al->beg - n : al->beg;
	if (from < t->beg || from + n > t->end)
		return false;
	for (int64_t i = 0; i < n; i++)
		if (annotate_base(w, from + i) != al->alt[i])
			return false;
	return true;
}

static void classify(struct annotate_work *w, const struct annotate_tx *t, const struct annotate_allele *al,
	struct change *c)
{
	c->beg = al->beg;
	c->end = al->end;
	if (al->ref_len == 0) {
		bool dup = is_dup(w, t, al);
		c->type = dup ? "dup" : "ins";
		if (dup && t->strand > 0)
			c->beg = al->beg - al->alt_len;
		else if (dup)
			c->end = al->beg + al->alt_len;
		else
			c->beg--, c->end++;
	} else if (al->alt_len == 0) {
		c->type = "del";
	} else if (al->ref_len == 1 && al->alt_len == 1) {
		c->type = ">";
	} else {
		c->type = "delins";
		if (al->ref_len == al->alt_len) {
			char *rc = grx_arena_alloc(w->mem, (size_t)al->ref_len + 1, 1);
			if (rc) {
				grx_revcomp(al->ref, (size_t)al->ref_len, rc);
				if (memcmp(rc, al->alt, (size_t)al->alt_len) == 0)
					c->type = "inv";
			}
		}
	}
}

static int sense(struct annotate_work *w, int strand, const char *s, int32_t n, const char **out)
{
	*out = s;
	if (strand > 0)
		return GRX_OK;
	char *r = grx_arena_alloc(w->mem, (size_t)n + 1, 1);
	if (!r)
		return grx_fail_nomem(w->cx, "allele");
	grx_revcomp(s, (size_t)n, r);
	*out = r;
	return GRX_OK;
}

/* What is left of a replacement after common ends are cut. */
static struct annotate_allele clipped(const struct annotate_allele *al)
{
	struct annotate_allele a = *al;
	if (a.ref_len == 0 || a.alt_len == 0)
		return a;
	while (a.ref_len && a.alt_len && a.ref[0] == a.alt[0]) {
		a.ref++, a.alt++, a.beg++;
		a.ref_len--, a.alt_len--;
	}
	while (a.ref_len && a.alt_len && a.ref[a.ref_len - 1] == a.alt[a.alt_len - 1]) {
		a.end--;
		a.ref_len--, a.alt_len--;
	}
	return a;
}

/* An insertion may be shifted to the very end of the transcript, where only a duplication has a name. */
static bool named_inside(const struct annotate_tx *t, const struct annotate_allele *al)
{
	if (al->beg < al->end)
		return al->beg >= t->beg && al->end <= t->end;
	return t->strand > 0 ? al->beg > t->beg && al->beg <= t->end : al->beg >= t->beg && al->beg < t->end;
}

int annotate_hgvs_c(struct annotate_work *w, const struct annotate_tx *t,
	const struct annotate_allele *shifted, struct grx_str *o)
{
	struct annotate_allele al = clipped(shifted);
	if (!al.dna || !named_inside(t, &al))
		return GRX_OK;
	struct change c = {0};
	int rc = annotate_window(w, al.tid, al.beg - al.alt_len - 1, al.end + al.alt_len + 1);
	if (rc)
		return rc;
	classify(w, t, &al, &c);
	rc = sense(w, t->strand, al.ref, al.ref_len, &c.ref);
	if (!rc)
		rc = sense(w, t->strand, al.alt, al.alt_len, &c.alt);
	if (rc)
		return rc;
	size_t before = o->n;
	int64_t a = t->strand > 0 ? c.beg : c.end - 1, b = t->strand > 0 ? c.end - 1 : c.beg;
	grx_str_addf(o, "%s:%c.", t->id_version, t->coding ? 'c' : 'n');
	bool sub = c.type[0] == '>';
	bool ok = position_add(t, a, sub && annotate_cdna(t, a) ? t->pad : 0, o);
	if (ok && a != b) {
		grx_str_addc(o, '_');
		ok = position_add(t, b, 0, o);
	}
	if (sub)
		grx_str_addf(o, "%.1s>%.1s", c.ref, c.alt);
	else
		grx_str_add(o, c.type);
	if (grx_ends(c.type, "ins"))
		grx_str_addn(o, c.alt, (size_t)al.alt_len);
	if (!ok)
		o->n = before;
	return o->oom ? grx_fail_nomem(w->cx, "HGVS name") : GRX_OK;
}

/* --- protein --- */

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
	if (!shifted->al->dna || !shifted->ref_pep || !shifted->pl.pep_beg ||
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
