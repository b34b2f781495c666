/* SPDX-License-Identifier: GPL-3.0-or-later
 * record.c -- one record: its alleles, and what each does on the transcripts around it. */
#include "stage/annotate/record.h"

#include <string.h>

#include "bio/allele.h"
#include "stage/annotate/hgvs.h"
#include "stage/annotate/out.h"
#include "stage/annotate/sv.h"

#define FAR 10000 /* bp; longer alleles do not take the walk along the genome with them */

/* --- alleles --- */

/* Letters of a sequence allele. */
static bool is_sequence(const char *a)
{
	static const char letters[256] = {['A'] = 1,
		['C'] = 1,
		['G'] = 1,
		['T'] = 1,
		['U'] = 1,
		['N'] = 1,
		['R'] = 1,
		['Y'] = 1,
		['S'] = 1,
		['W'] = 1,
		['K'] = 1,
		['M'] = 1,
		['B'] = 1,
		['D'] = 1,
		['H'] = 1,
		['V'] = 1};
	const char *p = a;
	while (letters[(unsigned char)*p])
		p++;
	return *p == '\0' && p > a;
}

bool annotate_has_anchor(const struct grx_var *v)
{
	size_t n = strlen(v->allele[0]);
	bool indel = false;
	for (int32_t i = 1; i < v->n_allele; i++) {
		const char *a = v->allele[i];
		if (!is_sequence(a))
			continue;
		if (a[0] != v->allele[0][0])
			return false;
		indel |= strlen(a) != n;
	}
	return indel;
}

/* Minimal form: first the anchor base, so that an insertion stays behind it, then common ends. */
static void allele_trim(struct annotate_allele *a)
{
	if (a->ref_len == a->alt_len)
		return;
	if (a->ref_len && a->alt_len && a->ref[0] == a->alt[0]) {
		a->ref++, a->alt++, a->beg++;
		a->ref_len--, a->alt_len--;
	}
	while (a->ref_len && a->alt_len && a->ref[a->ref_len - 1] == a->alt[a->alt_len - 1]) {
		a->ref_len--, a->alt_len--;
		a->end--;
	}
	while (a->ref_len && a->alt_len && a->ref[0] == a->alt[0]) {
		a->ref++, a->alt++, a->beg++;
		a->ref_len--, a->alt_len--;
	}
}

/* False for alleles that are not judged; they are counted. */
static int allele_make(
	struct annotate_work *w, const struct grx_var *v, int32_t k, struct annotate_allele *a, bool *ok)
{
	const char *alt = v->allele[k];
	*ok = false;
	if (strcmp(alt, "*") == 0) {
		w->part->n_star++;
		return GRX_OK;
	}
	if (!is_sequence(alt) || !is_sequence(v->allele[0])) {
		int rc = annotate_sv_allele(w, v, k, a, ok);
		w->part->n_symbolic += !*ok;
		return rc;
	}
	*a = (struct annotate_allele){.tid = v->tid, .number = k, .beg = v->pos, .ref = v->allele[0]};
	a->ref_len = (int32_t)strlen(a->ref);
	a->end = v->pos + a->ref_len;
	a->alt_len = (int32_t)strlen(alt);
	a->dna = grx_allele_is_acgt(alt);
	w->part->n_ambiguous += !a->dna;
	a->alt = alt;
	bool snv = a->ref_len == 1 && a->alt_len == 1;
	a->shown = !(snv && v->n_allele == 2) && annotate_has_anchor(v) ? alt + 1 : alt;
	if (!*a->shown)
		a->shown = "-";
	allele_trim(a);
	*ok = true;
	if (a->ref_len == 1 && a->alt_len == 1 && !a->ref[1] && !a->alt[1])
		return GRX_OK;
	/* views into the record's strings must end where the allele ends */
	*ok = false;
	char *r = grx_arena_strndup(w->mem, a->ref, (size_t)a->ref_len);
	char *s = grx_arena_strndup(w->mem, a->alt, (size_t)a->alt_len);
	if (!r || !s)
		return grx_fail_nomem(w->cx, "allele");
	a->ref = r;
	a->alt = s;
	*ok = true;
	return GRX_OK;
}

static int ref_check(struct annotate_work *w, const struct grx_var *v, bool *mismatch)
{
	const char *ref = v->allele[0];
	int64_t n = (int64_t)strlen(ref);
	*mismatch = false;
	int rc = annotate_window(w, v->tid, v->pos, v->pos + n);
	if (rc)
		return rc;
	int64_t end = w->win_beg + w->win_n; /* bases beyond the contig are none, not N */
	for (int64_t i = 0; i < n; i++) {
		char b = annotate_base(w, v->pos + i);
		if (b == ref[i])
			continue;
		if (strchr("ACGT", ref[i]) && (strchr("ACGT", b) || v->pos + i >= end))
			*mismatch = true;
	}
	if (*mismatch) {
		w->part->n_ref_mismatch++;
		if (w->part->n_where < AT_MAX_WHERE)
			w->part->where[w->part->n_where++] = (struct annotate_where){v->tid, v->pos};
	}
	return GRX_OK;
}

/* --- one allele on its transcripts --- */

static int64_t gap_between(const struct annotate_tx *t, const struct annotate_allele *al)
{
	/* closed, 1-based distances between the nearest ends */
	int64_t s = al->beg + 1, e = al->end, d = INT64_MAX;
	const int64_t a[4] = {t->beg + 1 - s, t->beg + 1 - e, t->end - s, t->end - e};
	for (int i = 0; i < 4; i++) {
		int64_t x = a[i] < 0 ? -a[i] : a[i];
		d = x < d ? x : d;
	}
	return d;
}

/* Upstream or downstream within the distance; false when the transcript is too far. */
static bool entry_near(const struct annotate_opt *o, struct annotate_entry *e)
{
	const struct annotate_tx *t = e->tx;
	int64_t s = e->al->beg + 1, x = e->al->end;
	bool before = x < t->beg + 1 && x >= t->beg + 1 - o->distance;
	bool after = s > t->end && s <= t->end + o->distance;
	if (!before && !after)
		return false;
	e->distance = gap_between(t, e->al);
	e->terms = (t->strand > 0) == before ? AT_BIT(AT_UPSTREAM) : AT_BIT(AT_DOWNSTREAM);
	return true;
}

/* The scratch text, NULL when empty. */
static int text_keep(struct annotate_work *w, const char **to)
{
	*to = NULL;
	if (w->txt.n && !(*to = grx_arena_strndup(w->mem, w->txt.s, w->txt.n)))
		return grx_fail_nomem(w->cx, "HGVS name");
	return w->txt.oom ? grx_fail_nomem(w->cx, "HGVS name") : GRX_OK;
}

/* The protein's name is that of the shifted allele. */
static int protein_name(struct annotate_work *w, const struct annotate_side *s, struct annotate_entry *e)
{
	struct annotate_eval ev, *at = &e->ev;
	int rc;
	/* what is inserted just before the CDS may belong into it once it is shifted; from an intron it may
	 * not */
	if (!e->ev.pl.in_cds && !(s->moved && e->ev.pl.in_cdna && e->tx->coding))
		return GRX_OK;
	if (s->moved) {
		at = &ev;
		if ((rc = annotate_eval(w, e->tx, e->ev.seq, &s->al, at)) || !at->pl.in_cds)
			return rc;
	}
	if ((e->terms & AT_BIT(AT_STOP_LOST)) && (rc = annotate_alt_cds(w, at)))
		return rc;
	grx_str_reset(&w->txt);
	if ((rc = annotate_hgvs_p(w, at, e->terms, &w->txt)))
		return rc;
	/* shifted into a last codon that is incomplete: the protein's own 3' rule takes it as far as it is
	 * known */
	bool unknown = !w->txt.n && s->moved && e->ev.pl.in_cds && at->pl.cds_beg && at->pl.cds_end;
	if (unknown && (rc = annotate_hgvs_p(w, &e->ev, e->terms, &w->txt)))
		return rc;
	return text_keep(w, &e->hgvsp);
}

/* HGVS names of an entry that lies in its transcript. */
static int names_make(struct annotate_work *w, struct annotate_moved *mv, struct annotate_entry *e)
{
	const struct annotate_tx *t = e->tx;
	const struct annotate_side *s;
	int rc = annotate_moved_get(w, mv, t->strand, &s);
	if (rc)
		return rc;
	e->hgvs_offset = s->moved;
	grx_str_reset(&w->txt);
	/* an allele that reaches out of the transcript has no name on it */
	bool inside = e->al->beg >= t->beg && e->al->end <= t->end;
	if (inside && ((rc = annotate_hgvs_c(w, t, s, &w->txt)) || (rc = text_keep(w, &e->hgvsc))))
		return rc;
	return protein_name(w, s, e);
}

#define DEEP 17 /* bases from an exon: beyond every term that names the splice site */

/* Is the allele inside one intron, away from its ends? Most alleles of a genome are. */
static bool deep_in_intron(const struct annotate_tx *t, const struct annotate_allele *al)
{
	int32_t i = annotate_exon_from(t, al->beg);
	return i > 0 && i < t->n_exon && al->beg >= annotate_exon_at(t, i - 1)->end + DEEP + 1 &&
	       al->end <= annotate_exon_at(t, i)->beg - DEEP - 1;
}

/* A structural allele: what its interval says, no sequences and no names. */
static int entry_structural(struct annotate_entry *e)
{
	e->distance = -1;
	e->ev.tx = e->tx;
	e->ev.al = e->al;
	e->terms = annotate_sv_terms(e->tx, e->al, &e->ev.pl);
	return GRX_OK;
}

static int entry_within(struct annotate_work *w, struct annotate_moved *mv, struct annotate_entry *e)
{
	const struct annotate_tx *t = e->tx;
	if (e->al->sv)
		return entry_structural(e);
	const struct annotate_seq *q = NULL;
	int rc;
	e->distance = -1;
	if (deep_in_intron(t, e->al)) {
		e->ev.tx = t;
		e->ev.al = e->al;
		e->terms = AT_BIT(AT_INTRON) | (t->coding ? 0 : AT_BIT(AT_NC_TRANSCRIPT)) |
			   (t->nmd ? AT_BIT(AT_NMD) : 0);
		return w->st->opt.no_hgvs ? GRX_OK : names_make(w, mv, e);
	}
	if (t->coding && (rc = annotate_tx_seq(w, t, &q)))
		return rc;
	if ((rc = annotate_eval(w, t, q, e->al, &e->ev)))
		return rc;
	e->terms = annotate_consequence(&e->ev);
	e->nmd = annotate_nmd_rule(&e->ev, e->terms);
	return w->st->opt.no_hgvs ? GRX_OK : names_make(w, mv, e);
}

static int32_t most_severe(const struct annotate_entry *e, int32_t n)
{
	int32_t k = 0;
	for (int32_t i = 1; i < n; i++)
		if (annotate_worst(e[i].terms) < annotate_worst(e[k].terms))
			k = i;
	return k;
}

static int allele_entries(
	struct annotate_work *w, struct annotate_moved *mv, struct annotate_entry **out, int32_t *n)
{
	const struct annotate_allele *al = mv->al;
	const struct annotate_tx *const *near;
	int n_near, rc;
	if (al->sv || al->end - al->beg > FAR)
		rc = annotate_sv_near(w, al->tid, al->beg, al->end, &near, &n_near);
	else
		rc = annotate_near(w, al->tid, al->beg, al->end, &near, &n_near);
	if (rc)
		return rc;
	struct annotate_entry *v = grx_arena_alloc(w->mem, (size_t)n_near + 1, sizeof *v);
	if (!v)
		return grx_fail_nomem(w->cx, "consequences");
	*out = v;
	*n = 0;
	memset(v, 0, ((size_t)n_near + 1) * sizeof *v);
	for (int i = 0; i < n_near; i++) {
		struct annotate_entry *e = &v[*n];
		e->tx = near[i];
		e->al = al;
		if (annotate_overlap(al->beg + 1, al->end, e->tx->beg + 1, e->tx->end)) {
			if ((rc = entry_within(w, mv, e)))
				return rc;
		} else if (!entry_near(&w->st->opt, e)) {
			continue;
		}
		++*n;
	}
	if (w->st->features && (rc = annotate_feature_entries(w, al, &v, n)))
		return rc;
	*out = v;
	if (*n == 0)
		v[(*n)++] = (struct annotate_entry){.al = al, .terms = AT_BIT(AT_INTERGENIC), .distance = -1};
	return GRX_OK;
}

/* Room for n alleles in one piece. */
static int record_room(struct annotate_work *w, struct annotate_record *r, size_t n)
{
	size_t each = sizeof *r->al + sizeof *r->entry + sizeof *r->hgvsg + sizeof *r->n_entry +
		      sizeof *r->worst + sizeof *r->pick;
	char *p = grx_arena_alloc(w->mem, n, each);
	if (!p)
		return grx_fail_nomem(w->cx, "consequences");
	/* wider types first, so that each is aligned */
	r->al = (struct annotate_allele *)(void *)p;
	r->entry = (struct annotate_entry **)(void *)(r->al + n);
	r->hgvsg = (const char **)(void *)(r->entry + n);
	r->n_entry = (int32_t *)(void *)(r->hgvsg + n);
	r->worst = r->n_entry + n;
	r->pick = r->worst + n;
	for (size_t i = 0; i < n; i++)
		r->hgvsg[i] = NULL;
	return GRX_OK;
}

/* Entries, ranks and counts of the allele in the next free place of r. */
static int allele_judge(struct annotate_work *w, struct annotate_record *r)
{
	int32_t i = r->n_al;
	struct annotate_moved mv;
	annotate_moved_init(&mv, &r->al[i]);
	int rc = allele_entries(w, &mv, &r->entry[i], &r->n_entry[i]);
	if (rc)
		return rc;
	grx_str_reset(&w->txt);
	if (!w->st->opt.no_hgvs &&
		((rc = annotate_hgvs_g(w, &mv, &w->txt)) || (rc = text_keep(w, &r->hgvsg[i]))))
		return rc;
	r->worst[i] = most_severe(r->entry[i], r->n_entry[i]);
	r->pick[i] = annotate_pick(w->st, r->entry[i], r->n_entry[i]);
	w->part->n_alleles++;
	w->part->n_consequence[annotate_worst(r->entry[i][r->worst[i]].terms)]++;
	r->n_al++;
	return GRX_OK;
}

/* The other end of a breakend. */
static int mate_judge(struct annotate_work *w, const struct grx_var *v, int32_t k, struct annotate_record *r)
{
	bool ok;
	int rc = annotate_sv_mate(w, v, k, &r->al[r->n_al], &ok);
	return rc || !ok ? rc : allele_judge(w, r);
}

int annotate_record_make(struct annotate_work *w, struct grx_var *v, struct annotate_record *r)
{
	int rc;
	bool mismatch, ok;
	*r = (struct annotate_record){.v = v};
	if (!w->st->fasta_name[v->tid]) {
		w->part->n_no_reference += w->st->models != NULL;
		return GRX_OK;
	}
	/* databases of the wrong build are as wrong as models */
	if ((rc = ref_check(w, v, &mismatch)) || !w->st->models)
		return rc;
	if (mismatch && strcmp(w->st->opt.ref_mismatch, "drop") == 0) {
		w->part->n_dropped++;
		return GRX_OK;
	}
	/* a breakend lies at two places */
	if ((rc = record_room(w, r, 2 * (size_t)v->n_allele)))
		return rc;
	for (int32_t k = 1; k < v->n_allele; k++) {
		struct annotate_allele *al = &r->al[r->n_al];
		if ((rc = allele_make(w, v, k, al, &ok)))
			return rc;
		if (!ok)
			continue;
		al->ref_mismatch = mismatch;
		if ((rc = allele_judge(w, r)))
			return rc;
		if (al->sv == AT_SV_BND && (rc = mate_judge(w, v, k, r)))
			return rc;
	}
	return GRX_OK;
}
