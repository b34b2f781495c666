/* SPDX-License-Identifier: GPL-3.0-or-later
 * assemble_path.c -- ways through the graph: from the reference path to its next node of the reference.
 * Ways are local, so their number adds up over a window where that of whole haplotypes would multiply. */
#include <string.h>

#include "stage/call/assemble.h"

#define MAX_WAYS_PER_EXIT 8
#define MAX_STEPS         6000  /* nodes entered from one exit */
#define MAX_WORK          60000 /* and from all exits of a window */
#define MIN_TIE           11

struct walk {
	struct call_graph *g;
	call_way_fn fn;
	void *to;
	struct call_way way;
	int n_pre; /* bases of way.alt before the first node */
	int32_t path[ASM_MAX_WAY];
	uint16_t wt[ASM_MAX_WAY + 1]; /* edge into path[i] */
	uint8_t tried[ASM_MAX_WAY];   /* bit mask of bases followed */
	int n, steps, found, work;
	bool dry;  /* only look: nothing is handed on */
	bool loop; /* met itself, or turned in a repeat shorter than a k-mer */
	int64_t cut;
};

/* Heaviest edge not yet tried that leads back to the reference; -1: none. */
static int edge_next(const struct call_graph *g, int32_t u, unsigned tried)
{
	const struct call_gnode *p = &g->node[u];
	int best = -1;
	for (int c = 0; c < 4; c++)
		if (!(tried >> c & 1) && p->next[c] >= 0 && g->node[p->next[c]].reach &&
			(best < 0 || p->w[c] > p->w[best]))
			best = c;
	return best;
}

static int last_base(const struct call_graph *g, int32_t u)
{
	return g->buf[g->node[u].off + g->k - 1];
}

/* Back on the reference at node v. */
static int emit(struct walk *k, int32_t v)
{
	struct call_way *y = &k->way;
	uint16_t lo = UINT16_MAX;
	y->n = k->n_pre + k->n;
	y->end = v + k->g->k - 1;
	k->loop |= y->end < y->beg && y->beg - y->end + y->n < k->g->k;
	k->found++;
	if (k->dry)
		return GRX_OK;
	for (int i = 0; i <= k->n; i++)
		lo = k->wt[i] < lo ? k->wt[i] : lo;
	for (int i = 0; i < k->n; i++)
		y->alt[k->n_pre + i] = (uint8_t)last_base(k->g, k->path[i]);
	y->n_read = lo;
	return k->fn(k->to, y);
}

static void enter(struct walk *k, int32_t v)
{
	k->path[k->n] = v;
	k->tried[k->n++] = 0;
	k->g->node[v].on_way = true;
}

/* Depth first from node v, which was entered by an edge of weight wt. */
static int walk_from(struct walk *k, int32_t v, uint16_t wt)
{
	struct call_graph *g = k->g;
	int rc = GRX_OK;
	k->n = k->steps = k->found = 0;
	k->wt[0] = wt;
	if (v < g->n_rk)
		return emit(k, v);
	enter(k, v);
	while (k->n && rc == GRX_OK) {
		int32_t u = k->path[k->n - 1];
		int c = edge_next(g, u, k->tried[k->n - 1]);
		if (c < 0 || k->found == MAX_WAYS_PER_EXIT || k->steps == MAX_STEPS || k->work >= MAX_WORK) {
			k->cut += c >= 0 && !k->dry;
			g->node[u].on_way = false;
			k->n--;
			continue;
		}
		k->tried[k->n - 1] |= (uint8_t)(1u << c);
		k->steps++;
		k->work++;
		v = g->node[u].next[c];
		k->wt[k->n] = g->node[u].w[c];
		if (v < g->n_rk)
			rc = emit(k, v);
		else if (g->node[v].on_way)
			k->loop = true;
		else if (k->n < ASM_MAX_WAY)
			enter(k, v);
		else
			k->cut += !k->dry;
	}
	return rc;
}

/* All ways from node v, unless some of them turn in a loop: how often, reads of this k cannot say. */
static int walk_exit(struct walk *k, int32_t v, uint16_t wt)
{
	k->loop = false;
	k->dry = true;
	int rc = walk_from(k, v, wt);
	k->dry = false;
	k->g->cyclic |= k->loop;
	return rc != GRX_OK || k->loop ? rc : walk_from(k, v, wt);
}

/* Loose beginnings: reads that start beyond the change on its left. Tied to the one place of the reference
 * that has the first bases. */
static int walk_head(struct walk *k, int32_t u)
{
	struct call_graph *g = k->g;
	const uint8_t *s = g->buf + g->node[u].off;
	int best = 0, at = -1;
	bool twice = false;
	for (int b = 1; b + MIN_TIE < g->n_ref; b++) {
		int m = 0;
		while (m < g->k && b + m < g->n_ref && g->buf[b + m] == s[m])
			m++;
		if (m < MIN_TIE)
			continue;
		twice = m == best;
		if (m > best) {
			best = m;
			at = b;
		}
	}
	if (at < 0 || twice || best >= g->k)
		return GRX_OK;
	k->way.beg = at + best;
	k->n_pre = g->k - 1 - best;
	memcpy(k->way.alt, s + best, (size_t)k->n_pre);
	return walk_exit(k, u, UINT16_MAX);
}

int call_graph_ways(struct call_graph *g, call_way_fn fn, void *to, int64_t *cut)
{
	struct walk k = {.g = g, .fn = fn, .to = to};
	int rc = GRX_OK;
	for (int32_t u = 0; u < g->n_rk && rc == GRX_OK; u++)
		for (int c = 0; c < 4 && rc == GRX_OK; c++) {
			int32_t v = g->node[u].next[c];
			if (v < 0 || !g->node[v].reach || v == u + 1)
				continue;
			k.way.beg = u + g->k;
			k.n_pre = 0;
			rc = walk_exit(&k, v, g->node[u].w[c]);
		}
	for (int32_t u = g->n_rk; u < g->n && rc == GRX_OK; u++)
		if (!g->node[u].has_in && g->node[u].reach)
			rc = walk_head(&k, u);
	*cut += k.cut;
	return rc;
}
