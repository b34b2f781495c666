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

char annotate_base(const struct annotate_work *w, int64_t pos)
{
	int64_t n = w->win == w->sh->ref ? w->win_end - w->win_beg : w->win_n;
	int64_t i = pos - w->win_beg;
	return i >= 0 && i < n ? w->win[i] : 'N';
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

static int cds_cut(struct annotate_work *w, const struct annotate_tx *t, struct annotate_seq *q)
{
	int64_t n = t->cds_end - t->cds_beg + 1;
	q->cds_n = n + t->pad;
	q->cds = grx_arena_alloc(w->keep, (size_t)q->cds_n + 1, 1);
	if (!q->cds)
		return grx_fail_nomem(w->cx, "CDS");
	memset(q->cds, 'N', (size_t)t->pad);
	memcpy(q->cds + t->pad, q->cdna + t->cds_beg - 1, (size_t)n);
	q->cds[q->cds_n] = '\0';
	q->utr3 = q->cdna + t->cds_end;
	q->utr3_n = q->n - t->cds_end;
	q->pep = annotate_translate(w->keep, q->cds, q->cds_n, t->table, &q->pep_n);
	if (!q->pep)
		return grx_fail_nomem(w->cx, "protein");
	if (q->pep_n && q->pep[q->pep_n - 1] == '*')
		q->pep[--q->pep_n] = '\0';
	return GRX_OK;
}

static size_t slot_of(const struct annotate_work *w, int64_t tx)
{
	size_t mask = w->cap_seq - 1, i = ((size_t)tx * 2654435761u) & mask;
	while (w->seq[i] && w->seq[i]->tx != tx)
		i = (i + 1) & mask;
	return i;
}

static int cache_grow(struct annotate_work *w)
{
	struct annotate_seq **old = w->seq;
	size_t n = w->cap_seq;
	w->cap_seq = n ? 2 * n : 64;
	w->seq = grx_arena_calloc(w->keep, w->cap_seq, sizeof *w->seq);
	if (!w->seq)
		return grx_fail_nomem(w->cx, "transcript cache");
	for (size_t i = 0; i < n; i++)
		if (old[i])
			w->seq[slot_of(w, old[i]->tx)] = old[i];
	return GRX_OK;
}

int annotate_tx_seq(struct annotate_work *w, size_t i, const struct annotate_seq **out)
{
	int rc;
	if (2 * (w->n_seq + 1) > w->cap_seq && (rc = cache_grow(w)))
		return rc;
	size_t at = slot_of(w, (int64_t)i);
	if (w->seq[at]) {
		*out = w->seq[at];
		return GRX_OK;
	}
	const struct annotate_tx *t = &w->st->models->tx[i];
	struct annotate_seq *q = grx_arena_calloc(w->keep, 1, sizeof *q);
	if (!q)
		return grx_fail_nomem(w->cx, "transcript sequence");
	q->tx = (int64_t)i;
	if ((rc = splice(w, t, q)) || (rc = cds_cut(w, t, q)))
		return rc;
	w->seq[at] = q;
	w->n_seq++;
	*out = q;
	return GRX_OK;
}
