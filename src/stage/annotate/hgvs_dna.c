/* SPDX-License-Identifier: GPL-3.0-or-later
 * hgvs_dna.c -- HGVS names of an allele on a transcript (c. or n.), and what all names of an allele share.
 * The 3' rule is applied on the genome along the transcript strand, as the reference implementation does: an
 * exonic allele may move into the intron. Divergence from it, on purpose: none in c.; an intron right after
 * the stop codon is named from the last coding base. Source: HGVS nomenclature 21; docs/methods. */
#include "stage/annotate/hgvs.h"

#include <string.h>

#include "bio/allele.h"
#include "stage/annotate/hgvs_int.h"

/* --- once per allele and strand --- */

/* How far a unit of n bases can be moved 3', at most `max`. */
static int64_t shift_of(const struct annotate_work *w, int strand, const struct annotate_allele *al,
	const char *unit, int64_t n, int64_t max)
{
	int64_t k = 0, j = strand > 0 ? 0 : n - 1;
	if (strand > 0) {
		for (; k < max && annotate_base(w, al->end + k) == unit[j]; k++)
			j = j + 1 == n ? 0 : j + 1;
	} else {
		for (; k < max && annotate_base(w, al->beg - 1 - k) == unit[j]; k++)
			j = j ? j - 1 : n - 1;
	}
	return k;
}

/* The same, with as much of the reference as it takes. */
static int shift_find(struct annotate_work *w, int strand, const struct annotate_allele *al, const char *unit,
	int64_t n, int64_t *k)
{
	for (int64_t reach = 512;; reach *= 8) {
		int64_t far = reach < AT_MAX_SHIFT ? reach : AT_MAX_SHIFT;
		int rc = strand > 0 ? annotate_window(w, al->tid, al->end, al->end + far)
				    : annotate_window(w, al->tid, al->beg - far, al->beg);
		if (rc)
			return rc;
		*k = shift_of(w, strand, al, unit, n, far);
		if (*k < far || far == AT_MAX_SHIFT)
			return GRX_OK;
	}
}

static int shift(struct annotate_work *w, int strand, struct annotate_side *s)
{
	struct annotate_allele *al = &s->al;
	bool ins = al->ref_len == 0, del = al->alt_len == 0;
	if (ins == del || al->ref_mismatch || !al->dna)
		return GRX_OK;
	const char *unit = ins ? al->alt : al->ref;
	int64_t n = ins ? al->alt_len : al->ref_len;
	int64_t k;
	int rc = shift_find(w, strand, al, unit, n, &k);
	if (rc)
		return rc;
	if (k == 0)
		return GRX_OK;
	char *r = grx_arena_alloc(w->mem, (size_t)n + 1, 1);
	if (!r)
		return grx_fail_nomem(w->cx, "shifted allele");
	int64_t at = strand > 0 ? k % n : (n - k % n) % n;
	memcpy(r, unit + at, (size_t)(n - at));
	memcpy(r + n - at, unit, (size_t)at);
	r[n] = '\0';
	s->moved = (int32_t)k;
	al->beg += strand > 0 ? k : -k;
	al->end += strand > 0 ? k : -k;
	if (ins)
		al->alt = r;
	else
		al->ref = r;
	return GRX_OK;
}

/* What is left of a replacement after common ends are cut. */
static void clip(struct annotate_allele *a)
{
	if (a->ref_len == 0 || a->alt_len == 0)
		return;
	while (a->ref_len && a->alt_len && a->ref[0] == a->alt[0]) {
		a->ref++, a->alt++, a->beg++;
		a->ref_len--, a->alt_len--;
	}
	while (a->ref_len && a->alt_len && a->ref[a->ref_len - 1] == a->alt[a->alt_len - 1]) {
		a->end--;
		a->ref_len--, a->alt_len--;
	}
}

/* Are the bases before the place (5' on the strand) those that are inserted? */
static bool repeats_before(const struct annotate_work *w, int strand, const struct annotate_allele *a)
{
	int64_t from = strand > 0 ? a->beg - a->alt_len : a->beg;
	for (int64_t i = 0; i < a->alt_len; i++)
		if (annotate_base(w, from + i) != a->alt[i])
			return false;
	return true;
}

static bool is_inversion(const struct annotate_allele *a)
{
	if (a->ref_len != a->alt_len || a->ref_len < 2)
		return false;
	for (int32_t i = 0; i < a->ref_len; i++)
		if (a->alt[i] != grx_complement(a->ref[a->ref_len - 1 - i]))
			return false;
	return true;
}

static int tail_make(struct annotate_work *w, int strand, struct annotate_side *s)
{
	const struct annotate_allele *a = &s->cut;
	const char *verb = "delins";
	if (a->ref_len == 1 && a->alt_len == 1) {
		s->small[0] = strand > 0 ? a->ref[0] : grx_complement(a->ref[0]);
		s->small[1] = '>';
		s->small[2] = strand > 0 ? a->alt[0] : grx_complement(a->alt[0]);
		s->tail = s->small;
		s->tail_n = 3;
		return GRX_OK;
	}
	if (a->alt_len == 0)
		verb = "del";
	else if (a->ref_len == 0)
		verb = "ins";
	else if (is_inversion(a))
		verb = "inv";
	size_t n = strlen(verb), add = verb[2] == 's' || n > 3 ? (size_t)a->alt_len : 0;
	char *p = n + add < sizeof s->small ? s->small : grx_arena_alloc(w->mem, n + add + 1, 1);
	if (!p)
		return grx_fail_nomem(w->cx, "HGVS name");
	memcpy(p, verb, n);
	if (add && strand > 0)
		memcpy(p + n, a->alt, add);
	else if (add)
		grx_revcomp(a->alt, add, p + n);
	p[n + add] = '\0';
	s->tail = p;
	s->tail_n = (int32_t)(n + add);
	return GRX_OK;
}

static int side_make(
	struct annotate_work *w, const struct annotate_allele *al, int strand, struct annotate_side *s)
{
	s->al = *al;
	s->dup = s->named = false;
	s->moved = s->tail_n = 0;
	s->tail = NULL;
	int rc = shift(w, strand, s);
	if (rc)
		return rc;
	s->cut = s->al;
	clip(&s->cut);
	s->named = al->dna && !al->sv && (s->cut.ref_len || s->cut.alt_len);
	if (s->named && s->cut.ref_len == 0) {
		rc = annotate_window(
			w, al->tid, s->cut.beg - s->cut.alt_len - 1, s->cut.end + s->cut.alt_len + 1);
		if (rc)
			return rc;
		s->dup = repeats_before(w, strand, &s->cut);
	}
	if (s->named && (rc = tail_make(w, strand, s)))
		return rc;
	s->ready = true;
	return GRX_OK;
}

int annotate_moved_get(
	struct annotate_work *w, struct annotate_moved *mv, int strand, const struct annotate_side **out)
{
	struct annotate_side *s = &mv->side[strand < 0];
	*out = s;
	return s->ready ? GRX_OK : side_make(w, mv->al, strand, s);
}

/* --- positions --- */

char *annotate_put_number(char *p, int64_t x)
{
	char buf[20], *b = buf + sizeof buf;
	uint64_t u = x < 0 ? 0 - (uint64_t)x : (uint64_t)x;
	if (x < 0)
		*p++ = '-';
	do
		*--b = (char)('0' + u % 10);
	while (u /= 10);
	size_t n = (size_t)(buf + sizeof buf - b);
	memcpy(p, b, n);
	return p + n;
}

/* Last exon, in transcript order, that does not begin after pos; pos lies in the transcript. */
static int32_t exon_before(const struct annotate_tx *t, int64_t pos)
{
	int32_t lo = 0, hi = t->n_exon - 1;
	while (lo < hi) {
		int32_t mid = (lo + hi + 1) / 2;
		bool begun = t->strand > 0 ? t->exon[mid].beg <= pos : t->exon[mid].end > pos;
		if (begun)
			lo = mid;
		else
			hi = mid - 1;
	}
	return lo;
}

/* Nearest exonic base (1-based cDNA) and signed distance into the intron; a tie counts from the 5' exon. */
static int64_t exon_anchor(const struct annotate_tx *t, int64_t pos, int64_t *offset)
{
	int32_t i = exon_before(t, pos);
	const struct annotate_exon *a = &t->exon[i];
	int64_t from = t->strand > 0 ? pos - a->beg : a->end - 1 - pos, len = a->end - a->beg;
	*offset = 0;
	if (from < len)
		return a->cdna + from + 1;
	if (i + 1 == t->n_exon)
		return 0;
	const struct annotate_exon *b = a + 1;
	int64_t up = from - len + 1, down = t->strand > 0 ? b->beg - pos : pos - b->end + 1;
	*offset = up <= down ? up : -down;
	return up <= down ? b->cdna : b->cdna + 1;
}

/* The number of a position at p (room for 42 bytes); NULL outside. An incomplete CDS is numbered with the
 * bases that complete its first codon; the reference implementation does so for exonic substitutions only,
 * and so do we. */
static char *position_put(const struct annotate_tx *t, int64_t pos, bool sub, char *p)
{
	int64_t off, c;
	if (pos < t->beg || pos >= t->end || !(c = exon_anchor(t, pos, &off)))
		return NULL;
	if (!t->coding) {
		p = annotate_put_number(p, c);
	} else if (c > t->cds_end) {
		*p++ = '*';
		p = annotate_put_number(p, c - t->cds_end);
	} else if (c >= t->cds_beg) {
		p = annotate_put_number(p, c - t->cds_beg + 1 + (sub && !off ? t->pad : 0));
	} else {
		p = annotate_put_number(p, c - t->cds_beg);
	}
	if (off > 0)
		*p++ = '+';
	return off ? annotate_put_number(p, off) : p;
}

/* An insertion may be shifted to the very end of the transcript, where only a duplication has a name. */
static bool named_inside(const struct annotate_tx *t, const struct annotate_allele *al)
{
	if (al->beg < al->end)
		return al->beg >= t->beg && al->end <= t->end;
	return t->strand > 0 ? al->beg > t->beg && al->beg <= t->end : al->beg >= t->beg && al->beg < t->end;
}

bool annotate_side_span(const struct annotate_side *s, int strand, bool dup, int64_t *beg, int64_t *end)
{
	*beg = s->cut.beg;
	*end = s->cut.end;
	if (s->cut.ref_len)
		return false;
	if (dup && strand > 0)
		*beg -= s->cut.alt_len;
	else if (dup)
		*end += s->cut.alt_len;
	else
		--*beg, ++*end;
	return dup;
}

int annotate_hgvs_c(struct annotate_work *w, const struct annotate_tx *t, const struct annotate_side *s,
	struct grx_str *o)
{
	if (!s->named || !named_inside(t, &s->cut))
		return GRX_OK;
	int64_t beg, end, n = s->cut.alt_len;
	bool dup = s->dup && (t->strand > 0 ? s->cut.beg - n >= t->beg : s->cut.beg + n <= t->end);
	annotate_side_span(s, t->strand, dup, &beg, &end);
	size_t id_n = strlen(t->id_version), most = id_n + (size_t)s->tail_n + 96;
	if (o->n + most >= o->cap && !grx_str_room(o, most))
		return grx_fail_nomem(w->cx, "HGVS name");
	char *p = o->s + o->n;
	memcpy(p, t->id_version, id_n);
	p += id_n;
	*p++ = ':';
	*p++ = t->coding ? 'c' : 'n';
	*p++ = '.';
	bool sub = s->tail_n == 3 && s->tail[1] == '>';
	p = position_put(t, t->strand > 0 ? beg : end - 1, sub, p);
	if (p && end - beg > 1) {
		*p++ = '_';
		p = position_put(t, t->strand > 0 ? end - 1 : beg, sub, p);
	}
	if (p) {
		size_t tail_n = dup ? 3 : (size_t)s->tail_n;
		memcpy(p, dup ? "dup" : s->tail, tail_n);
		o->n = (size_t)(p - o->s) + tail_n;
	}
	o->s[o->n] = '\0';
	return GRX_OK;
}
