/* SPDX-License-Identifier: GPL-3.0-or-later
 * consequence.c -- Sequence Ontology terms of one allele on one transcript.
 * The allele is spliced into the CDS; codons and peptides of the touched span decide. A coordinate is
 * undefined (0) when that end of the allele is not exonic; then the peptide is unknown and
 * coding_sequence_variant is all that can be said. Source: Ensembl Variation 115 predicates, restated in
 * docs/methods/annotate.md. */
#include "stage/annotate/annotate_int.h"

#include <string.h>

#include "bio/allele.h"

/* --- where the allele lies --- */

/* Does [beg, end) share a base with an exon? O(log exons). */
static bool exonic_overlap(const struct annotate_tx *t, int64_t beg, int64_t end)
{
	int32_t i = annotate_exon_from(t, beg);
	return i < t->n_exon && annotate_exon_at(t, i)->beg < end;
}

/* CDS position of an exonic cDNA position, pad counted; 0 outside the CDS and for bases that a slip leaves
 * out. Of bases read twice it is the first time. */
static int64_t cds_of(const struct annotate_tx *t, int64_t c)
{
	if (!t->coding || c < t->cds_beg || c > t->cds_end)
		return 0;
	int64_t x = c - t->cds_beg + 1 + t->pad;
	for (int32_t i = 0; i < t->n_mark; i++) {
		const struct annotate_mark *k = &t->mark[i];
		if (k->kind != AT_MARK_SLIP || c <= k->a)
			continue;
		if (c < k->b)
			return 0;
		x += k->a + 1 - k->b;
	}
	return x;
}

static void place_insertion(const struct annotate_tx *t, int64_t at, struct annotate_place *pl)
{
	int64_t up = t->strand > 0 ? at - 1 : at, down = t->strand > 0 ? at : at - 1;
	int64_t c_up = annotate_cdna(t, up), c_down = annotate_cdna(t, down);
	if (!c_up && !c_down)
		return;
	/* one flank is enough: an insertion at the edge of an exon is placed beside its last base */
	pl->cdna_end = c_up ? c_up : c_down - 1;
	pl->cdna_beg = c_up ? c_up + 1 : c_down;
	pl->in_cdna = true;
	if (t->coding && pl->cdna_end >= t->cds_beg && pl->cdna_beg <= t->cds_end) {
		pl->in_cds = true;
		pl->cds_beg = cds_of(t, pl->cdna_beg);
		pl->cds_end = pl->cds_beg ? pl->cds_beg - 1 : 0;
	}
}

static void place_span(
	const struct annotate_tx *t, const struct annotate_allele *al, struct annotate_place *pl)
{
	int64_t first = t->strand > 0 ? al->beg : al->end - 1, last = t->strand > 0 ? al->end - 1 : al->beg;
	pl->cdna_beg = annotate_cdna(t, first);
	pl->cdna_end = annotate_cdna(t, last);
	pl->in_cdna = pl->cdna_beg || pl->cdna_end || exonic_overlap(t, al->beg, al->end);
	if (!t->coding || !pl->in_cdna)
		return;
	int64_t lo = al->beg > t->coding_beg ? al->beg : t->coding_beg;
	int64_t hi = al->end < t->coding_end ? al->end : t->coding_end;
	pl->in_cds = lo < hi && exonic_overlap(t, lo, hi);
	pl->cds_beg = cds_of(t, pl->cdna_beg);
	pl->cds_end = cds_of(t, pl->cdna_end);
}

/* Bases that are read twice belong to a later codon too. */
static void place_again(const struct annotate_tx *t, struct annotate_place *pl)
{
	for (int32_t i = 0; i < t->n_mark; i++) {
		const struct annotate_mark *k = &t->mark[i];
		if (k->kind != AT_MARK_SLIP || pl->cdna_beg > k->a || pl->cdna_end < k->b)
			continue;
		int64_t last = pl->cdna_end < k->a ? pl->cdna_end : k->a;
		int64_t pep = (cds_of(t, last) + k->a + 1 - k->b + 2) / 3;
		pl->pep_end = pep > pl->pep_end ? pep : pl->pep_end;
	}
}

void annotate_place(const struct annotate_tx *t, const struct annotate_allele *al, struct annotate_place *pl)
{
	memset(pl, 0, sizeof *pl);
	if (al->beg == al->end)
		place_insertion(t, al->beg, pl);
	else
		place_span(t, al, pl);
	pl->pep_beg = pl->cds_beg ? (pl->cds_beg + 2) / 3 : 0;
	/* an insertion before the first base ends at CDS 0: still defined through its start */
	pl->pep_end = pl->cds_end ? (pl->cds_end + 2) / 3 : 0;
	if (t->n_mark && al->beg < al->end && pl->pep_beg && pl->pep_end)
		place_again(t, pl);
}

/* --- codons and peptides --- */

/* Residues of codons that begin at residue `first` of the protein; a last piece of a codon is X. */
static char *peptide_of(
	struct annotate_work *w, const struct annotate_tx *t, const char *codon, int64_t n, int64_t first)
{
	char *p = grx_arena_alloc(w->mem, (size_t)(n / 3) + 2, 1);
	if (!p)
		return NULL;
	int64_t m = n / 3;
	for (int64_t i = 0; i < m; i++)
		p[i] = annotate_codon(codon + 3 * i, t->table);
	for (int32_t i = 0; i < t->n_mark; i++) {
		int64_t at = t->mark[i].kind == AT_MARK_SEC ? t->mark[i].a - first : -1;
		if (at >= 0 && at < m && memcmp(codon + 3 * at, "TGA", 3) == 0)
			p[at] = 'U';
	}
	if (n % 3 && !(m == 1 && p[0] == '*'))
		p[m++] = 'X';
	p[m] = '\0';
	return p;
}

/* Does the allele touch a place where the ribosome slips? Then lengths cannot be followed through it. */
static bool at_slip(const struct annotate_tx *t, const struct annotate_place *pl)
{
	for (int32_t i = 0; i < t->n_mark; i++) {
		const struct annotate_mark *k = &t->mark[i];
		int64_t lo = k->a < k->b ? k->a : k->b, hi = k->a < k->b ? k->b : k->a;
		if (k->kind == AT_MARK_SLIP && pl->cdna_beg <= hi + 1 && pl->cdna_end >= lo - 1)
			return true;
	}
	return false;
}

/* Put the allele's bases into c, which holds CDS bases from CDS position `from` on, n of them: lengths are
 * equal. A base that is read twice changes twice. */
static void put_bases(const struct annotate_eval *ev, char *c, int64_t from, int64_t n)
{
	const struct annotate_tx *t = ev->tx;
	const struct annotate_place *pl = &ev->pl;
	for (int64_t i = 0; i < ev->al->alt_len; i++) {
		int64_t x = cds_of(t, pl->cdna_beg + i) - from;
		if (x >= 0 && x < n)
			c[x] = ev->alt[i];
		for (int32_t k = 0; k < t->n_mark; k++) {
			const struct annotate_mark *m = &t->mark[k];
			int64_t again = x + m->a + 1 - m->b;
			if (m->kind == AT_MARK_SLIP && pl->cdna_beg + i >= m->b && pl->cdna_beg + i <= m->a &&
				again >= 0 && again < n)
				c[again] = ev->alt[i];
		}
	}
}

static bool equal_length(const struct annotate_eval *ev)
{
	return ev->al->alt_len == ev->pl.cdna_end - ev->pl.cdna_beg + 1;
}

int annotate_alt_cds(struct annotate_work *w, struct annotate_eval *ev)
{
	const struct annotate_seq *s = ev->seq;
	const struct annotate_place *pl = &ev->pl;
	if (ev->alt_cds || !s || !pl->cds_beg || !pl->cds_end)
		return GRX_OK;
	bool equal = equal_length(ev);
	if (!equal && ev->tx->n_mark && at_slip(ev->tx, pl))
		return GRX_OK;
	int64_t up = pl->cds_beg - 1, down = s->cds_n - pl->cds_end, n = up + ev->al->alt_len + down;
	if (up < 0 || down < 0 || up > s->cds_n)
		return GRX_OK;
	n = equal ? s->cds_n : n;
	char *c = grx_arena_alloc(w->mem, (size_t)(n + s->utr3_n) + 1, 1);
	if (!c)
		return grx_fail_nomem(w->cx, "changed CDS");
	if (equal) {
		memcpy(c, s->cds, (size_t)n);
		put_bases(ev, c, 1, n);
	} else {
		memcpy(c, s->cds, (size_t)up);
		memcpy(c + up, ev->alt, (size_t)ev->al->alt_len);
		memcpy(c + up + ev->al->alt_len, s->cds + pl->cds_end, (size_t)down);
	}
	memcpy(c + n, s->utr3, (size_t)s->utr3_n);
	c[n + s->utr3_n] = '\0';
	ev->alt_cds = c;
	ev->alt_cds_n = n + s->utr3_n;
	return GRX_OK;
}

/* Codons of an equal-length change, which ends with the CDS. */
static int codons_equal(struct annotate_work *w, struct annotate_eval *ev, int64_t from, int64_t n)
{
	const struct annotate_seq *s = ev->seq;
	if (from + n > s->cds_n)
		n = s->cds_n - from;
	if (n < 0)
		return GRX_OK;
	ev->ref_codon = grx_arena_strndup(w->mem, s->cds + from, (size_t)n);
	ev->alt_codon = grx_arena_strndup(w->mem, s->cds + from, (size_t)n);
	if (!ev->ref_codon || !ev->alt_codon)
		return grx_fail_nomem(w->cx, "codons");
	put_bases(ev, ev->alt_codon, from + 1, n);
	return GRX_OK;
}

static int codons_build(struct annotate_work *w, struct annotate_eval *ev)
{
	const struct annotate_seq *s = ev->seq;
	const struct annotate_place *pl = &ev->pl;
	int64_t from = pl->pep_beg * 3 - 3, len = pl->pep_end * 3 - from;
	int rc;
	if (equal_length(ev)) {
		rc = codons_equal(w, ev, from, len);
	} else {
		rc = annotate_alt_cds(w, ev);
		int64_t ref_n = from + len > s->cds_n ? s->cds_n - from : len;
		/* what changes the length may read on into the 3' UTR */
		int64_t alt_n = len + ev->al->alt_len - (pl->cds_end - pl->cds_beg + 1);
		if (from + alt_n > ev->alt_cds_n)
			alt_n = ev->alt_cds_n - from;
		if (rc || !ev->alt_cds || ref_n < 0 || alt_n < 0)
			return rc;
		ev->ref_codon = grx_arena_strndup(w->mem, s->cds + from, (size_t)ref_n);
		ev->alt_codon = grx_arena_strndup(w->mem, ev->alt_cds + from, (size_t)alt_n);
		if (!ev->ref_codon || !ev->alt_codon)
			return grx_fail_nomem(w->cx, "codons");
	}
	if (rc || !ev->ref_codon || !ev->al->dna)
		return rc;
	ev->ref_pep = peptide_of(w, ev->tx, ev->ref_codon, (int64_t)strlen(ev->ref_codon), pl->pep_beg);
	ev->alt_pep = peptide_of(w, ev->tx, ev->alt_codon, (int64_t)strlen(ev->alt_codon), pl->pep_beg);
	return ev->ref_pep && ev->alt_pep ? GRX_OK : grx_fail_nomem(w->cx, "codons");
}

int annotate_eval(struct annotate_work *w, const struct annotate_tx *t, const struct annotate_seq *s,
	const struct annotate_allele *al, struct annotate_eval *ev)
{
	memset(ev, 0, sizeof *ev);
	ev->tx = t;
	ev->seq = s;
	ev->al = al;
	ev->alt = al->alt;
	annotate_place(t, al, &ev->pl);
	if (!s || !ev->pl.in_cdna)
		return GRX_OK;
	if (t->strand < 0) {
		char *a = grx_arena_alloc(w->mem, (size_t)al->alt_len + 1, 1);
		if (!a)
			return grx_fail_nomem(w->cx, "allele");
		grx_revcomp(al->alt, (size_t)al->alt_len, a);
		ev->alt = a;
	}
	/* CDS end 0 (insertion before the first CDS base) never reaches here: such a place is not in the CDS
	 */
	if (!ev->pl.cds_beg || !ev->pl.cds_end)
		return GRX_OK;
	return annotate_eval_sense(w, ev);
}

int annotate_eval_sense(struct annotate_work *w, struct annotate_eval *ev)
{
	return codons_build(w, ev);
}

/* --- predicates --- */

static bool has_prefix(const char *s, const char *p)
{
	return strncmp(s, p, strlen(p)) == 0;
}

static bool has_suffix(const char *s, const char *p)
{
	size_t n = strlen(s), m = strlen(p);
	return m <= n && memcmp(s + n - m, p, m) == 0;
}

static bool length_changes(const struct annotate_eval *ev)
{
	return ev->al->ref_len != ev->al->alt_len;
}

/* The change starts in a last codon that is shorter than three bases. */
static bool partial_codon(const struct annotate_eval *ev)
{
	if (!ev->pl.pep_beg)
		return false;
	int64_t left = ev->seq->cds_n - (ev->pl.pep_beg * 3 - 3);
	return left > 0 && left < 3;
}

bool annotate_is_frameshift(const struct annotate_eval *ev)
{
	if (!ev->pl.cds_beg || !ev->pl.cds_end || partial_codon(ev))
		return false;
	if (ev->tx->n_mark && !equal_length(ev) && at_slip(ev->tx, &ev->pl))
		return false; /* where reading goes on is not known */
	return (ev->al->alt_len - (ev->pl.cds_end - ev->pl.cds_beg + 1)) % 3 != 0;
}

static bool overlaps_start(const struct annotate_eval *ev)
{
	const struct annotate_place *pl = &ev->pl;
	int64_t s = ev->tx->cds_beg;
	return !ev->tx->start_nf && pl->cdna_beg && pl->cdna_end &&
	       annotate_overlap(pl->cdna_beg, pl->cdna_end, s, s + 2);
}

static bool overlaps_stop(const struct annotate_eval *ev)
{
	const struct annotate_place *pl = &ev->pl;
	int64_t e = ev->tx->cds_end;
	return !ev->tx->end_nf && pl->cdna_beg && pl->cdna_end &&
	       annotate_overlap(pl->cdna_beg, pl->cdna_end, e - 2, e);
}

/* Base i (0-based) of the cDNA with the allele applied; '\0' past its end. */
static char changed_base(const struct annotate_eval *ev, int64_t i)
{
	int64_t a = ev->pl.cdna_beg - 1;
	if (i < a)
		return ev->seq->cdna[i];
	if (i < a + ev->al->alt_len)
		return ev->alt[i - a];
	i = i - ev->al->alt_len + (ev->pl.cdna_end - ev->pl.cdna_beg + 1);
	return i < ev->seq->n ? ev->seq->cdna[i] : '\0';
}

/* Do the 5' UTR and an ATG start codon read as before? */
static bool head_unchanged(const struct annotate_eval *ev)
{
	for (int64_t i = 0; i < ev->tx->cds_beg + 2; i++)
		if (changed_base(ev, i) != ev->seq->cdna[i])
			return false;
	return memcmp(ev->seq->cdna + ev->tx->cds_beg - 1, "ATG", 3) == 0;
}

/* An indel over the start codon: neither is the old CDS the tail of 5' UTR + CDS, nor is the head unchanged.
 */
static bool indel_start_altered(const struct annotate_eval *ev)
{
	if (!overlaps_start(ev) || !length_changes(ev) || !ev->al->dna || head_unchanged(ev))
		return false;
	int64_t old_end = ev->tx->cds_end;
	int64_t delta = ev->al->alt_len - (ev->pl.cdna_end - ev->pl.cdna_beg + 1);
	int64_t cds = ev->tx->cds_end - ev->tx->cds_beg + 1;
	if (old_end + delta < cds)
		return true;
	for (int64_t i = 0; i < cds; i++)
		if (changed_base(ev, old_end + delta - cds + i) != ev->seq->cdna[ev->tx->cds_beg - 1 + i])
			return true;
	return false;
}

/* Is the codon at the old place of the start codon, behind a 5' UTR, no longer ATG? */
static bool start_codon_altered(const struct annotate_eval *ev)
{
	if (ev->tx->cds_beg == 1 || !ev->al->dna)
		return false;
	int64_t at = ev->tx->cds_beg - 1;
	return changed_base(ev, at) != 'A' || changed_base(ev, at + 1) != 'T' ||
	       changed_base(ev, at + 2) != 'G';
}

static bool start_retained(const struct annotate_eval *ev)
{
	return length_changes(ev) && overlaps_start(ev) && !indel_start_altered(ev);
}

/* An indel over the stop codon: does the old place of the stop hold no stop any more? */
static bool indel_stop_altered(const struct annotate_eval *ev)
{
	if (!overlaps_stop(ev) || !length_changes(ev) || !ev->al->dna || !ev->pl.cds_beg)
		return false;
	char c[4] = {0};
	for (int i = 0; i < 3; i++)
		if (!(c[i] = changed_base(ev, ev->tx->cds_end - 3 + i)))
			return true;
	return annotate_codon(c, ev->tx->table) != '*';
}

static bool stop_retained(const struct annotate_eval *ev)
{
	if (ev->alt_pep && ev->alt_pep[0]) {
		if (ev->alt_pep[0] != '*')
			return false;
		return ev->pl.pep_beg > ev->seq->pep_n || ev->ref_pep[0] == '*';
	}
	return length_changes(ev) && overlaps_stop(ev) && !indel_stop_altered(ev);
}

static bool stop_gained(const struct annotate_eval *ev)
{
	return ev->ref_pep && !stop_retained(ev) && strchr(ev->alt_pep, '*') && !strchr(ev->ref_pep, '*');
}

static bool stop_lost(const struct annotate_eval *ev)
{
	if (ev->ref_pep)
		return !strchr(ev->alt_pep, '*') && strchr(ev->ref_pep, '*');
	return indel_stop_altered(ev);
}

static bool inframe_insertion_shape(const struct annotate_eval *ev)
{
	if (!ev->ref_pep || annotate_is_frameshift(ev) || strlen(ev->alt_codon) <= strlen(ev->ref_codon))
		return false;
	if (start_retained(ev) && has_suffix(ev->alt_pep, ev->ref_pep))
		return false;
	/* what follows a new stop is not translated */
	const char *stop = strchr(ev->alt_pep, '*');
	size_t n = stop ? (size_t)(stop - ev->alt_pep) + 1 : strlen(ev->alt_pep), m = strlen(ev->ref_pep);
	if (m > n)
		return false;
	return memcmp(ev->alt_pep, ev->ref_pep, m) == 0 || memcmp(ev->alt_pep + n - m, ev->ref_pep, m) == 0;
}

static bool inframe_deletion(const struct annotate_eval *ev)
{
	if (!ev->ref_codon || annotate_is_frameshift(ev) || partial_codon(ev))
		return false;
	const char *r = ev->ref_codon, *a = ev->alt_codon;
	size_t n = strlen(r), m = strlen(a);
	if (m >= n)
		return false;
	if (has_prefix(r, a) || has_suffix(r, a))
		return true;
	size_t p = 0, q = 0;
	while (p < m && r[p] == a[p])
		p++;
	while (q < m - p && r[n - 1 - q] == a[m - 1 - q])
		q++;
	return p + q == m && (n - m) % 3 == 0;
}

static bool start_lost(const struct annotate_eval *ev)
{
	if (!overlaps_start(ev) || start_retained(ev))
		return false;
	if (indel_start_altered(ev) && !inframe_insertion_shape(ev) && !inframe_deletion(ev))
		return true;
	if (start_codon_altered(ev))
		return true;
	return ev->ref_pep && ev->ref_pep[0] && ev->pl.pep_beg == 1 &&
	       !has_suffix(ev->alt_pep, ev->ref_pep) && !has_prefix(ev->alt_pep, ev->ref_pep);
}

static bool protein_altering(const struct annotate_eval *ev)
{
	if (!ev->ref_pep || strlen(ev->ref_pep) == strlen(ev->alt_pep))
		return false;
	if (ev->ref_pep[0] == '*' || ev->alt_pep[0] == '*')
		return false;
	if (has_prefix(ev->alt_pep, ev->ref_pep) || has_suffix(ev->alt_pep, ev->ref_pep))
		return false;
	return !inframe_deletion(ev) && !start_lost(ev) && !annotate_is_frameshift(ev);
}

static bool coding_unknown(const struct annotate_eval *ev, uint64_t b)
{
	if (ev->ref_pep && !strchr(ev->alt_pep, 'X') && !strchr(ev->ref_pep, 'X'))
		return false;
	return !(b & (AT_BIT(AT_FRAMESHIFT) | AT_BIT(AT_INFRAME_DELETION) | AT_BIT(AT_PROTEIN_ALTERING) |
			     AT_BIT(AT_START_RETAINED) | AT_BIT(AT_START_LOST) | AT_BIT(AT_STOP_RETAINED) |
			     AT_BIT(AT_STOP_LOST)));
}

/* missense and synonymous */
static uint64_t same_length(const struct annotate_eval *ev, uint64_t b)
{
	if (!ev->ref_pep)
		return 0;
	if (strcmp(ev->ref_pep, ev->alt_pep) == 0) {
		bool known = ev->ref_pep[0] && !strchr(ev->ref_pep, 'X');
		return known && !(b & AT_BIT(AT_STOP_RETAINED)) ? AT_BIT(AT_SYNONYMOUS) : 0;
	}
	bool other = b & (AT_BIT(AT_START_LOST) | AT_BIT(AT_STOP_LOST) | AT_BIT(AT_STOP_GAINED));
	bool same = strlen(ev->ref_pep) == strlen(ev->alt_pep) && !length_changes(ev);
	return same && !other && !partial_codon(ev) ? AT_BIT(AT_MISSENSE) : 0;
}

uint64_t annotate_coding(const struct annotate_eval *ev)
{
	const struct {
		enum annotate_term term;
		bool (*holds)(const struct annotate_eval *ev);
	} test[] = {{AT_STOP_GAINED, stop_gained}, {AT_STOP_LOST, stop_lost}, {AT_START_LOST, start_lost},
		{AT_INFRAME_DELETION, inframe_deletion}, {AT_PROTEIN_ALTERING, protein_altering},
		{AT_INCOMPLETE_TERMINAL, partial_codon}, {AT_START_RETAINED, start_retained},
		{AT_STOP_RETAINED, stop_retained}};
	uint64_t b = 0;
	for (size_t i = 0; i < sizeof test / sizeof *test; i++)
		if (test[i].holds(ev))
			b |= AT_BIT(test[i].term);
	if (length_changes(ev) && annotate_is_frameshift(ev))
		b |= AT_BIT(AT_FRAMESHIFT);
	if (!(b & AT_BIT(AT_START_LOST)) && ev->al->alt_len > ev->al->ref_len && inframe_insertion_shape(ev))
		b |= AT_BIT(AT_INFRAME_INSERTION);
	b |= same_length(ev, b);
	if (coding_unknown(ev, b))
		b |= AT_BIT(AT_CODING_SEQUENCE);
	return b;
}

/* --- all of it --- */

uint64_t annotate_utr_terms(const struct annotate_tx *t, const struct annotate_allele *al)
{
	int64_t s = al->beg + 1, e = al->end; /* closed, 1-based */
	bool before = s == e + 1 && s == t->coding_beg + 1;
	bool after = s == e + 1 && e == t->coding_end;
	before |= annotate_overlap(s, e, t->beg + 1, t->coding_beg);
	after |= annotate_overlap(s, e, t->coding_end + 1, t->end);
	uint64_t b = 0;
	if (t->strand > 0 ? before : after)
		b |= AT_BIT(AT_5_UTR);
	if (t->strand > 0 ? after : before)
		b |= AT_BIT(AT_3_UTR);
	return b;
}

bool annotate_in_mature(const struct annotate_tx *t, const struct annotate_allele *al)
{
	for (int32_t i = 0; i < t->n_mark; i++)
		if (t->mark[i].kind == AT_MARK_MATURE &&
			annotate_overlap(al->beg + 1, al->end, (int64_t)t->mark[i].a + 1, t->mark[i].b))
			return true;
	return false;
}

uint64_t annotate_consequence(const struct annotate_eval *ev)
{
	const struct annotate_tx *t = ev->tx;
	const struct annotate_allele *al = ev->al;
	if (al->beg <= t->beg && al->end >= t->end && al->alt_len < al->ref_len)
		return AT_BIT(AT_TRANSCRIPT_ABLATION);
	if (t->n_mark && annotate_in_mature(t, al))
		return AT_BIT(AT_MATURE_MIRNA);
	/* strictly overlapping: an insertion at the edge of an exon lies in neither exon nor intron */
	int32_t first = annotate_exon_from(t, al->beg);
	bool in_exon = first < t->n_exon && annotate_exon_at(t, first)->beg < al->end;
	bool fs_intron;
	uint64_t b = annotate_splice(t, al, in_exon, &fs_intron);
	if (!t->coding) {
		b |= in_exon ? AT_BIT(AT_NC_EXON) : AT_BIT(AT_NC_TRANSCRIPT);
	} else {
		if (ev->pl.in_cdna)
			b |= annotate_utr_terms(t, al);
		if (ev->pl.in_cds)
			b |= annotate_coding(ev);
		else if (fs_intron &&
			 annotate_overlap(al->beg + 1, al->end, t->coding_beg + 1, t->coding_end))
			b |= AT_BIT(AT_CODING_SEQUENCE);
	}
	if (t->nmd)
		b |= AT_BIT(AT_NMD);
	return b ? b : AT_BIT(AT_SEQUENCE);
}

/* --- decay --- */

#define NMD_RULE 50 /* bases between a stop and the last exon junction that protect from decay */

enum annotate_nmd annotate_nmd_of(const struct annotate_tx *t, int64_t stop, int64_t delta)
{
	if (!t->coding || stop < 1)
		return AT_NMD_NA;
	if (t->n_exon < 2)
		return AT_NMD_ESCAPES;
	/* last base of the stop codon and last base before the last junction, in the changed transcript */
	int64_t end = t->cds_beg - 1 + 3 * stop - t->pad, junction = t->exon[t->n_exon - 1].cdna + delta;
	for (int32_t i = 0; i < t->n_mark; i++) /* bases read twice or left out lie between */
		if (t->mark[i].kind == AT_MARK_SLIP && end > t->mark[i].a)
			end += t->mark[i].b - t->mark[i].a - 1;
	return junction - end > NMD_RULE ? AT_NMD_TARGET : AT_NMD_ESCAPES;
}

enum annotate_nmd annotate_nmd_rule(const struct annotate_eval *ev, uint64_t terms)
{
	const struct annotate_place *pl = &ev->pl;
	if (!ev->alt_pep || !(terms & (AT_BIT(AT_STOP_GAINED) | AT_BIT(AT_FRAMESHIFT))))
		return AT_NMD_NA;
	int64_t delta = ev->al->alt_len - (pl->cdna_end - pl->cdna_beg + 1), stop = 0;
	/* a change behind the last junction does not move it */
	if (pl->cdna_beg > ev->tx->exon[ev->tx->n_exon - 1].cdna)
		delta = 0;
	const char *in = strchr(ev->alt_pep, '*');
	if (in)
		stop = pl->pep_beg + (in - ev->alt_pep);
	for (int64_t i = 3 * (pl->pep_beg - 1); !in && ev->alt_cds && i + 3 <= ev->alt_cds_n; i += 3)
		if (annotate_codon(ev->alt_cds + i, ev->tx->table) == '*') {
			stop = i / 3 + 1;
			break;
		}
	return annotate_nmd_of(ev->tx, stop, delta);
}
