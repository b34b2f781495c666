/* SPDX-License-Identifier: GPL-3.0-or-later
 * work.c -- what one shard keeps at hand: a window of the reference and the spliced transcripts it has met.
 * Transcripts are spliced lazily, because a whole genome of them would be 400 MB while a shard needs a few.
 */
#include "stage/annotate/annotate_int.h"

#include <string.h>

#include "bio/allele.h"
#include "io/fasta.h"

#define WINDOW 32768 /* bp read ahead: two bgzip blocks */
#define MARGIN 2048

int annotate_window(struct annotate_work *w, int32_t tid, int64_t beg, int64_t end)
{
	if (beg < 0)
		beg = 0;
	if (w->win && w->win_tid == tid && beg >= w->win_beg && end <= w->win_end)
		return GRX_OK;
	const struct grx_shard *sh = w->sh;
	if (sh->ref && sh->tid == tid && beg >= sh->ref_beg && end <= sh->ref_end) {
		w->win = sh->ref;
		w->win_tid = tid;
		w->win_beg = sh->ref_beg;
		w->win_end = sh->ref_end;
		w->win_n = sh->ref_end - sh->ref_beg;
		return GRX_OK;
	}
	const char *name = w->st->fasta_name[tid];
	if (!name)
		return grx_fail(w->cx, GRX_E_BUG, "no reference for contig %d", (int)tid);
	int64_t from = beg > MARGIN ? beg - MARGIN : 0,
		to = end + MARGIN > from + WINDOW ? end + MARGIN : from + WINDOW;
	char *s;
	int64_t n;
	grx_arena_reset(w->win_mem);
	w->win = NULL;
	int rc = grx_fasta_fetch(w->cx, w->cx->fasta, name, from, to, w->win_mem, &s, &n);
	if (rc)
		return rc;
	w->win = s;
	w->win_tid = tid;
	w->win_beg = from;
	/* bases past the end of the contig read as N: remember how much was asked for, not how much there was
	 */
	w->win_end = to;
	w->win_n = n;
	return GRX_OK;
}

static int splice(struct annotate_work *w, const struct annotate_tx *t, struct annotate_seq *q)
{
	q->n = t->cdna_len;
	q->cdna = grx_arena_alloc(w->keep, (size_t)q->n + 1, 1);
	if (!q->cdna)
		return grx_fail_nomem(w->cx, "transcript sequence");
	memset(q->cdna, 'N', (size_t)q->n);
	q->cdna[q->n] = '\0';
	for (int32_t i = 0; i < t->n_exon; i++) {
		const struct annotate_exon *e = &t->exon[i];
		char *s;
		int64_t n, len = e->end - e->beg;
		int rc = grx_fasta_fetch(
			w->cx, w->cx->fasta, w->st->fasta_name[t->tid], e->beg, e->end, w->mem, &s, &n);
		if (rc)
			return rc;
		if (n != len)
			return grx_fail(w->cx, GRX_E_MISMATCH,
				"transcript %s: exon %d ends at %lld, beyond the reference sequence", t->id,
				(int)i + 1, (long long)e->end);
		if (t->strand > 0) {
			memcpy(q->cdna + e->cdna, s, (size_t)len);
			continue;
		}
		char *r = grx_arena_alloc(w->mem, (size_t)len + 1, 1);
		if (!r)
			return grx_fail_nomem(w->cx, "transcript sequence");
		grx_revcomp(s, (size_t)len, r);
		memcpy(q->cdna + e->cdna, r, (size_t)len);
	}
	return GRX_OK;
}

/* Bases of the CDS as they are read: a slip goes back, or leaves bases out. Returns their number. */
static int64_t cds_read(const struct annotate_tx *t, const char *cdna, char *to)
{
	int64_t n = 0, from = t->cds_beg;
	for (int32_t i = 0; i <= t->n_mark; i++) {
		bool slip = i < t->n_mark && t->mark[i].kind == AT_MARK_SLIP;
		if (i < t->n_mark && !slip)
			continue;
		int64_t last = slip ? t->mark[i].a : t->cds_end;
		if (to)
			memcpy(to + n, cdna + from - 1, (size_t)(last - from + 1));
		n += last - from + 1;
		from = slip ? t->mark[i].b : from;
	}
	return n;
}

static int cds_cut(struct annotate_work *w, const struct annotate_tx *t, struct annotate_seq *q)
{
	q->cds_n = cds_read(t, NULL, NULL) + t->pad;
	q->cds = grx_arena_alloc(w->keep, (size_t)q->cds_n + 1, 1);
	if (!q->cds)
		return grx_fail_nomem(w->cx, "CDS");
	memset(q->cds, 'N', (size_t)t->pad);
	cds_read(t, q->cdna, q->cds + t->pad);
	q->cds[q->cds_n] = '\0';
	q->utr3 = q->cdna + t->cds_end;
	q->utr3_n = q->n - t->cds_end;
	q->pep = annotate_translate(w->keep, q->cds, q->cds_n, t->table, &q->pep_n);
	if (!q->pep)
		return grx_fail_nomem(w->cx, "protein");
	for (int32_t i = 0; i < t->n_mark; i++) {
		int64_t at = t->mark[i].kind == AT_MARK_SEC ? t->mark[i].a : 0;
		if (at >= 1 && at <= q->pep_n && memcmp(q->cds + 3 * at - 3, "TGA", 3) == 0)
			q->pep[at - 1] = 'U';
	}
	if (q->pep_n && q->pep[q->pep_n - 1] == '*')
		q->pep[--q->pep_n] = '\0';
	return GRX_OK;
}

/* A transcript met in the shard. */
struct held {
	struct annotate_tx tx;
	struct annotate_seq *seq;
	void *text; /* of the writers */
};

/* Those within reach of the last place asked for. The walk goes on from there; going back starts it anew. */
struct annotate_active {
	bool begun; /* the walk; transcripts may be held before */
	int32_t tid;
	int64_t from;      /* nothing that ends before here is in the list */
	int64_t to;        /* everything that begins up to here is */
	size_t next, last; /* indices not looked at yet */
	struct held **live;
	size_t n, cap;
	const struct annotate_tx **hit;
	size_t cap_hit;
	struct held **table; /* by index, open addressing: a transcript keeps its sequence for the shard */
	size_t n_table, cap_table;
};

#define SLACK 4096 /* bp that a place may lie before the last one without a new start */

static size_t slot_of(const struct annotate_active *a, size_t i)
{
	size_t mask = a->cap_table - 1, k = (i * 2654435761u) & mask;
	while (a->table[k] && a->table[k]->tx.index != i)
		k = (k + 1) & mask;
	return k;
}

static bool table_grow(struct annotate_work *w, struct annotate_active *a)
{
	struct held **old = a->table;
	size_t n = a->cap_table;
	a->cap_table = n ? 2 * n : 64;
	a->table = grx_arena_calloc(w->keep, a->cap_table, sizeof *a->table);
	for (size_t i = 0; a->table && i < n; i++)
		if (old[i])
			a->table[slot_of(a, old[i]->tx.index)] = old[i];
	return a->table != NULL;
}

/* What kept a transcript from being held: a damaged file, or else memory. */
static int not_held(struct annotate_work *w)
{
	return w->cx->err.status ? w->cx->err.status : grx_fail_nomem(w->cx, "transcripts");
}

static struct held *hold(struct annotate_work *w, struct annotate_active *a, size_t i)
{
	if (2 * (a->n_table + 1) > a->cap_table && !table_grow(w, a))
		return NULL;
	size_t at = slot_of(a, i);
	if (a->table[at])
		return a->table[at];
	struct held *h = grx_arena_calloc(w->keep, 1, sizeof *h);
	if (!h)
		return NULL;
	if (!annotate_models_get(w->st->models, i, &h->tx)) {
		(void)grx_fail(w->cx, GRX_E_DATA,
			"compiled models: transcript %zu is damaged: make the file again by --build-models",
			i);
		return NULL;
	}
	a->table[at] = h;
	a->n_table++;
	return h;
}

static bool live_add(struct annotate_work *w, struct annotate_active *a, size_t i)
{
	if (a->n == a->cap) {
		size_t cap = a->cap ? 2 * a->cap : 64;
		a->live = grx_arena_grow(w->keep, a->live, a->n, cap, sizeof *a->live);
		a->hit = grx_arena_alloc(w->keep, cap, sizeof *a->hit);
		if (!a->live || !a->hit)
			return false;
		a->cap = a->cap_hit = cap;
	}
	return (a->live[a->n] = hold(w, a, i)) != NULL && ++a->n;
}

/* Begin at lo again. */
static bool walk_begin(
	struct annotate_work *w, struct annotate_active *a, int32_t tid, int64_t lo, int64_t hi)
{
	size_t i, end;
	annotate_models_range(w->st->models, tid, lo, hi, &i, &end);
	a->begun = true;
	a->tid = tid;
	a->from = lo;
	a->to = hi;
	a->n = 0;
	for (; i < end; i = annotate_models_next(w->st->models, i + 1, end, lo)) {
		int64_t b, e;
		annotate_models_span(w->st->models, i, &b, &e);
		/* the range holds what touches hi too: that is for the walk to take up */
		if (b >= hi)
			break;
		if (e > lo && !live_add(w, a, i))
			return false;
	}
	a->next = i;
	annotate_models_range(w->st->models, tid, INT32_MAX, INT32_MAX, &i, &end);
	a->last = end;
	return true;
}

/* Drop what ended before lo, take up what begins before hi. */
static bool walk_on(struct annotate_work *w, struct annotate_active *a, int64_t lo, int64_t hi)
{
	size_t k = 0;
	for (size_t i = 0; i < a->n; i++)
		if (a->live[i]->tx.end > lo)
			a->live[k++] = a->live[i];
	a->n = k;
	a->from = lo;
	a->to = hi;
	for (; a->next < a->last; a->next++) {
		int64_t b, e;
		annotate_models_span(w->st->models, a->next, &b, &e);
		if (b >= hi)
			break;
		if (e > lo && !live_add(w, a, a->next))
			return false;
	}
	return true;
}

int annotate_near(struct annotate_work *w, int32_t tid, int64_t beg, int64_t end,
	const struct annotate_tx *const **list, int *n)
{
	struct annotate_active *a = w->active;
	/* closed distances: a gap of `distance` bases is still near */
	int64_t lo = beg - w->st->opt.distance - 1, hi = end + w->st->opt.distance + 1;
	bool ok = true;
	if (!a)
		a = w->active = grx_arena_calloc(w->keep, 1, sizeof *a);
	if (!a)
		return grx_fail_nomem(w->cx, "transcripts");
	if (!a->begun || a->tid != tid || lo < a->from)
		ok = walk_begin(w, a, tid, lo - SLACK, hi);
	else if (hi > a->to)
		ok = walk_on(w, a, lo - SLACK > a->from ? lo - SLACK : a->from, hi);
	if (!ok || (!a->table && !table_grow(w, a)))
		return not_held(w);
	*n = 0;
	for (size_t i = 0; i < a->n; i++)
		if (a->live[i]->tx.beg < hi && a->live[i]->tx.end > lo)
			a->hit[(*n)++] = &a->live[i]->tx;
	*list = a->hit;
	return GRX_OK;
}

void **annotate_tx_slot(const struct annotate_tx *t)
{
	return &((struct held *)(uintptr_t)t)->text;
}

int annotate_tx_seq(struct annotate_work *w, const struct annotate_tx *t, const struct annotate_seq **out)
{
	/* transcripts are only given out by annotate_near() and annotate_tx_hold(), inside their holder */
	struct held *h = (struct held *)(uintptr_t)t;
	int rc;
	if (!h->seq) {
		struct annotate_seq *q = grx_arena_calloc(w->keep, 1, sizeof *q);
		if (!q)
			return grx_fail_nomem(w->cx, "transcript sequence");
		q->tx = t->index;
		if ((rc = splice(w, t, q)) || (t->coding && (rc = cds_cut(w, t, q))))
			return rc;
		h->seq = q;
	}
	*out = h->seq;
	return GRX_OK;
}

int annotate_tx_hold(struct annotate_work *w, size_t index, const struct annotate_tx **out)
{
	if (!w->active && !(w->active = grx_arena_calloc(w->keep, 1, sizeof *w->active)))
		return grx_fail_nomem(w->cx, "transcripts");
	struct held *h = hold(w, w->active, index);
	*out = h ? &h->tx : NULL;
	return h ? GRX_OK : not_held(w);
}
