/* SPDX-License-Identifier: GPL-3.0-or-later
 * sim_queue.c -- a heap of reads by (position, order of pushing), and cursors along haplotypes. */
#include <string.h>

#include "stage/simulate/sim_queue.h"

static bool before(const struct sim_node *a, const struct sim_node *b)
{
	return a->r.pos != b->r.pos ? a->r.pos < b->r.pos : a->serial < b->serial;
}

int simulate_queue_push(struct sim_queue *s, struct sim_node *x)
{
	size_t i, up;

	x->serial = s->serial++;
	if (grx_grow(&s->heap, &s->cap_heap, s->n_heap + 1, sizeof(*s->heap), 0))
		return grx_fail_nomem(s->cx, "reads");
	for (i = s->n_heap++; i > 0; i = up) {
		up = (i - 1) / 2;
		if (!before(x, s->heap[up]))
			break;
		s->heap[i] = s->heap[up];
	}
	s->heap[i] = x;
	return GRX_OK;
}

static struct sim_node *heap_pop(struct sim_queue *s)
{
	struct sim_node *top = s->heap[0], *last = s->heap[--s->n_heap];
	size_t i = 0, k;

	for (;;) {
		k = 2 * i + 1;
		if (k >= s->n_heap)
			break;
		if (k + 1 < s->n_heap && before(s->heap[k + 1], s->heap[k]))
			k++;
		if (!before(s->heap[k], last))
			break;
		s->heap[i] = s->heap[k];
		i = k;
	}
	if (s->n_heap)
		s->heap[i] = last;
	return top;
}

struct sim_node *simulate_node_new(struct sim_queue *s)
{
	if (s->n_spare)
		return s->spare[--s->n_spare];
	return grx_arena_alloc(s->mem, 1, sizeof(struct sim_node));
}

int simulate_node_drop(struct sim_queue *s, struct sim_node *x)
{
	if (grx_grow(&s->spare, &s->cap_spare, s->n_spare + 1, sizeof(*s->spare), 0))
		return grx_fail_nomem(s->cx, "reads");
	s->spare[s->n_spare++] = x;
	return GRX_OK;
}

int simulate_queue_emit(struct sim_queue *s, int64_t pos)
{
	int rc;

	while (s->n_heap && s->heap[0]->r.pos < pos) {
		struct sim_node *x = heap_pop(s);

		rc = grx_readsink_put(s->cx, s->sink, &x->r);
		if (rc == GRX_OK)
			rc = simulate_node_drop(s, x);
		if (rc)
			return rc;
		s->n_reads++;
	}
	return GRX_OK;
}

void simulate_queue_clear(struct sim_queue *s)
{
	grx_free(s->heap);
	grx_free(s->spare);
}

void simulate_node_fill(
	struct sim_node *x, const struct sim_aln *a, const char *bases, const uint8_t *qual, int n)
{
	static const uint8_t code[4] = {1, 2, 4, 8};
	int i;

	memset(&x->r, 0, sizeof(x->r));
	memset(x->seq, 0, (size_t)(n + 1) / 2);
	for (i = 0; i < n; i++) {
		const char *at = strchr("ACGT", bases[i]);
		uint8_t c = at ? code[at - "ACGT"] : 15;

		x->seq[i >> 1] |= (uint8_t)(c << (i & 1 ? 0 : 4));
	}
	memcpy(x->qual, qual, (size_t)n);
	memcpy(x->cigar, a->cigar, a->n * sizeof(a->cigar[0]));
	x->r.pos = a->pos;
	x->r.end = a->end;
	x->r.nm = a->nm;
	x->r.l_seq = n;
	x->r.n_cigar = a->n;
	x->r.cigar = x->cigar;
	x->r.seq = x->seq;
	x->r.qual = x->qual;
	x->r.name = x->name;
}

int64_t simulate_cursor_pos(struct sim_cursor *c)
{
	const struct sim_hap *h = &c->hap;
	int64_t at = (int64_t)c->next;
	size_t g;

	while (c->seg + 1 < h->n_seg && at >= h->seg[c->seg + 1].hpos)
		c->seg++;
	for (g = c->seg; g < h->n_seg && h->seg[g].rpos < 0; g++)
		;
	if (g == h->n_seg)
		return INT64_MAX;
	return g == c->seg ? h->seg[g].rpos + (at - h->seg[g].hpos) : h->seg[g].rpos;
}
