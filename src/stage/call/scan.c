/* SPDX-License-Identifier: GPL-3.0-or-later
 * scan.c -- compare every read with the reference: depth, mismatch counts, indel events.
 * Bases are compared packed, 16 at a step, since most reads equal the reference; only what differs leaves the
 * loop. */
#include "stage/call/call_int.h"

#include <string.h>

static int pack_reference(struct call_work *w)
{
	static const char codes[] = "=ACMGRSVTWYHKDBN";
	uint8_t to16[256];
	size_t n = (size_t)(w->end - w->beg);
	memset(to16, 15, sizeof(to16));
	for (int i = 1; i < 15; i++)
		to16[(uint8_t)codes[i]] = (uint8_t)i;
	w->rcode = grx_arena_alloc(w->mem, n + 2, 1);
	for (int p = 0; p < 2; p++)
		w->rpack[p] = grx_arena_calloc(w->mem, n / 2 + 10, 1);
	if (!w->rcode || !w->rpack[0] || !w->rpack[1])
		return grx_fail_nomem(w->cx, "the reference window");
	for (size_t i = 0; i < n; i++)
		w->rcode[i] = to16[(uint8_t)w->sh->ref[w->beg - w->sh->ref_beg + (int64_t)i]];
	w->rcode[n] = w->rcode[n + 1] = 15;
	for (size_t p = 0; p < 2; p++)
		for (size_t i = p; i < n; i += 2)
			w->rpack[p][(i - p) / 2] = (uint8_t)(w->rcode[i] << 4 | w->rcode[i + 1]);
	return GRX_OK;
}

static inline void see_base(struct call_work *w, const struct grx_read *r, int64_t x, int32_t q)
{
	int nt = grx_nt16_to_nt4[GRX_SEQ_CODE(r->seq, q)];
	if (nt > 3 || r->qual[q] == 255 || r->qual[q] < w->st->opt.min_baseq)
		return;
	uint16_t *c = &w->mm[((int64_t)r->sample * (w->end - w->beg) + x) * 4 + nt];
	*c = (uint16_t)(*c + (*c < UINT16_MAX));
}

/* Window index x, query index q, n bases of a match run inside the window. */
static void scan_run(struct call_work *w, const struct grx_read *r, int64_t x, int32_t q, int64_t n)
{
	if (n > 0 && (q & 1)) {
		if (GRX_SEQ_CODE(r->seq, q) != w->rcode[x])
			see_base(w, r, x, q);
		x++, q++, n--;
	}
	const uint8_t *s = r->seq + (q >> 1);
	const uint8_t *t = w->rpack[x & 1] + (x >> 1);
	int64_t i = 0;
	while (i < n) {
		int64_t step = n - i < 16 ? n - i : 16;
		uint64_t a = 0, b = 0;
		if (step == 16) { /* constant size: one load */
			memcpy(&a, s + i / 2, 8);
			memcpy(&b, t + i / 2, 8);
		} else {
			memcpy(&a, s + i / 2, (size_t)(step + 1) / 2);
			memcpy(&b, t + i / 2, (size_t)(step + 1) / 2);
		}
		if (a != b)
			for (int64_t k = i; k < i + step; k++)
				if (GRX_SEQ_CODE(s, k) != w->rcode[x + k])
					see_base(w, r, x + k, q + (int32_t)k);
		i += step;
	}
}

static int see_insertion(struct call_work *w, const struct grx_read *r, int64_t pos, int32_t q, int64_t n)
{
	char buf[CALL_MAX_LEN + 1];
	if (n > CALL_MAX_LEN || r->qual[q] == 255) {
		w->n->dropped_indel += pos >= w->sh->beg && pos < w->sh->end;
		return GRX_OK;
	}
	for (int64_t i = 0; i < n; i++) {
		buf[i] = grx_nt16[GRX_SEQ_CODE(r->seq, q + i)];
		if (grx_nt16_to_nt4[GRX_SEQ_CODE(r->seq, q + i)] > 3)
			return GRX_OK;
	}
	return call_indel_add(w, pos, 0, buf, (int32_t)n);
}

/* Where the part of an aligned stretch begins that counts: depth counts fragments, the later mate adds only
 * what the earlier one did not cover. */
static int64_t counts_from(const struct call_work *w, const struct call_aln *a, int64_t beg)
{
	if (a->mate >= 0 && &w->aln[a->mate] < a) {
		const struct call_aln *m = &w->aln[a->mate];
		if (beg >= m->pos && beg < m->end)
			beg = m->end;
	}
	return beg;
}

static void add_depth(struct call_work *w, const struct call_aln *a, int64_t beg, int64_t end)
{
	int32_t *d = w->s_depth[call_sample(a)]; /* of one sample alone: w->depth itself */
	d[beg - w->beg]++;
	d[end - w->beg]--;
	w->falls[end - w->beg]++;
}

/* Does every base of the run have a quality of at least min and a letter of ACGT? */
static bool is_clear(const struct grx_read *r, int32_t q, int64_t n, uint8_t min)
{
	const unsigned one_base = 1 << 1 | 1 << 2 | 1 << 4 | 1 << 8; /* the codes of A, C, G, T */
	unsigned ok = 1;
	uint8_t low = 255;
	for (int64_t i = 0; i < n; i++)
		low = r->qual[q + i] < low ? r->qual[q + i] : low;
	for (int64_t i = (q + 1) >> 1; i < (q + n) >> 1; i++) /* two bases a byte */
		ok &= one_base >> (r->seq[i] & 15) & one_base >> (r->seq[i] >> 4);
	return low >= min &&
	       (ok & one_base >> GRX_SEQ_CODE(r->seq, q) & one_base >> GRX_SEQ_CODE(r->seq, q + n - 1) & 1);
}

/* Bases of a run that count for depth but say nothing: see_base() would not look at them either. Window index
 * x, query index q. Of overlapping mates only the earlier one's base is judged: the later one could only
 * help.
 */
static void note_unusable(struct call_work *w, const struct grx_read *r, int64_t x, int32_t q, int64_t n)
{
	int64_t min = w->st->opt.min_baseq;
	int32_t *u = w->unusable;
	if (r->qual[0] == 255) {
		u[x]++;
		u[x + n]--;
		return;
	}
	if (is_clear(r, q, n, (uint8_t)min))
		return;
	for (int64_t i = 0; i < n; i++)
		if (r->qual[q + i] < min || grx_nt16_to_nt4[GRX_SEQ_CODE(r->seq, q + i)] > 3) {
			u[x + i]++;
			u[x + i + 1]--;
		}
}

/* Evidence of a gap against the reference, for blocks: all bases of a deletion, those next to an insertion.
 * Left-aligned when it became a candidate (is_new), else as the read has it. */
static void note_gap(struct call_work *w, int64_t pos, int64_t n_del, bool is_new)
{
	if (is_new) {
		pos = w->ind[w->n_ind - 1].pos;
		n_del = w->ind[w->n_ind - 1].rlen;
	}
	int64_t b = n_del ? pos : pos - 1, e = n_del ? pos + n_del : pos + 1;
	b = b < w->beg ? w->beg : b;
	e = e > w->end ? w->end : e;
	if (b >= e)
		return;
	w->contra[b - w->beg]++;
	w->contra[e - w->beg]--;
}

/* An insertion before pos or a deletion from pos on; q is the query index. */
static int see_gap(struct call_work *w, const struct call_aln *a, int op, int64_t pos, int32_t q, int64_t n)
{
	if (pos <= w->beg || pos >= w->end)
		return GRX_OK;
	if (op == GRX_C_I)
		return see_insertion(w, a->r, pos, q, n);
	if (n > CALL_MAX_LEN) {
		w->n->dropped_indel += pos >= w->sh->beg && pos < w->sh->end;
		return GRX_OK;
	}
	if (pos + n >= w->end)
		return GRX_OK;
	return call_indel_add(w, pos, (int32_t)n, "", 0);
}

static void see_match(struct call_work *w, const struct call_aln *a, int64_t pos, int32_t q, int64_t n)
{
	int64_t b = pos < w->beg ? w->beg : pos, e = pos + n > w->end ? w->end : pos + n;
	if (b >= e)
		return;
	int64_t from = counts_from(w, a, b);
	if (from < e)
		add_depth(w, a, from, e);
	if (from < e && w->unusable)
		note_unusable(w, a->r, from - w->beg, q + (int32_t)(from - pos), e - from);
	if (a->r->qual[0] != 255)
		scan_run(w, a->r, b - w->beg, q + (int32_t)(b - pos), e - b);
}

static int scan_read(struct call_work *w, const struct call_aln *a)
{
	const struct grx_read *r = a->r;
	int64_t pos = r->pos;
	int32_t q = 0;
	int rc = GRX_OK;
	for (uint32_t i = 0; i < r->n_cigar && rc == GRX_OK; i++) {
		int op = GRX_CIG_OP(r->cigar[i]);
		int64_t n = GRX_CIG_LEN(r->cigar[i]);
		bool inner = i > 0 && i + 1 < r->n_cigar;
		if (op == GRX_C_M || op == GRX_C_EQ || op == GRX_C_X)
			see_match(w, a, pos, q, n);
		else if ((op == GRX_C_I || op == GRX_C_D) && inner) {
			size_t before = w->n_ind;
			rc = see_gap(w, a, op, pos, q, n);
			if (w->contra)
				note_gap(w, pos, op == GRX_C_D ? n : 0, w->n_ind > before);
		}
		pos += GRX_CIG_REF(op) ? n : 0;
		q += GRX_CIG_QUERY(op) ? (int32_t)n : 0;
	}
	return rc;
}

/* Starts and ends to depth; of all samples along. */
static void sum_depth(struct call_work *w, size_t n)
{
	for (int s = 0; s < w->n_sample; s++) {
		int32_t *d = w->s_depth[s];
		for (size_t i = 1; i <= n; i++)
			d[i] += d[i - 1];
		for (size_t i = 0; i <= n && w->n_sample > 1; i++)
			w->depth[i] += d[i];
	}
	for (size_t i = 1; i <= n; i++)
		w->falls[i] += w->falls[i - 1];
	for (size_t i = 1; i <= n && w->unusable; i++) {
		w->unusable[i] += w->unusable[i - 1];
		w->contra[i] += w->contra[i - 1];
	}
}

/* What only blocks need. */
static int prepare_blocks(struct call_work *w, size_t n)
{
	w->unusable = grx_arena_calloc(w->mem, n + 1, sizeof(*w->unusable));
	w->contra = grx_arena_calloc(w->mem, n + 1, sizeof(*w->contra));
	return w->unusable && w->contra ? GRX_OK : grx_fail_nomem(w->cx, "the scan");
}

int call_scan(struct call_work *w)
{
	size_t n = (size_t)(w->end - w->beg);
	int rc = pack_reference(w);
	if (rc != GRX_OK)
		return rc;
	w->depth = grx_arena_calloc(w->mem, n + 1, sizeof(*w->depth));
	w->s_depth = grx_arena_calloc(w->mem, (size_t)w->n_sample, sizeof(*w->s_depth));
	w->mm = grx_arena_calloc(w->mem, (size_t)w->n_sample * n * 4 + 4, sizeof(*w->mm));
	for (int s = 0; w->s_depth && s < w->n_sample; s++) {
		w->s_depth[s] = w->n_sample == 1 ? w->depth
						 : grx_arena_calloc(w->mem, n + 1, sizeof(*w->depth));
		if (!w->s_depth[s])
			return grx_fail_nomem(w->cx, "the scan");
	}
	w->gaps = grx_arena_calloc(w->mem, n + 1, sizeof(*w->gaps));
	w->falls = grx_arena_calloc(w->mem, n + 1, sizeof(*w->falls));
	if (!w->depth || !w->s_depth || !w->mm || !w->gaps || !w->falls)
		return grx_fail_nomem(w->cx, "the scan");
	if (w->st->opt.gvcf)
		rc = prepare_blocks(w, n);
	for (int32_t i = 0; i < w->n_aln && rc == GRX_OK; i++) {
		size_t before = w->n_ind;
		rc = scan_read(w, &w->aln[i]);
		for (size_t k = before; k < w->n_ind; k++)
			w->ind[k].sample = call_sample(&w->aln[i]);
	}
	sum_depth(w, n);
	return rc;
}
