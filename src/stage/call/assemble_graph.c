/* SPDX-License-Identifier: GPL-3.0-or-later
 * assemble_graph.c -- de Bruijn graph of a window: reference first, then what differs from it.
 * A node is a k-mer; its sequence is not copied but points into the buffer. Walking from node to node needs
 * the hash only for k-mers that have not followed each other before. */
#include <string.h>

#include "stage/call/assemble.h"

#define HASH_BASE 0x9E3779B97F4A7C15u
#define MIN_TIE   11 /* bases a loose end must share with the reference, at one place only */

static uint32_t slot_of(const struct call_graph *g, uint64_t h)
{
	return (uint32_t)((h ^ h >> 29) * 0xBF58476D1CE4E5B9u >> 34) & g->mask;
}

static uint64_t hash_kmer(const uint8_t *s, int k)
{
	uint64_t h = 0;
	for (int i = 0; i < k; i++)
		h = h * HASH_BASE + s[i];
	return h;
}

/* The node of the k-mer at off; made when there is none. -1: no more room. */
static int32_t node_get(struct call_graph *g, uint64_t h, int32_t off, bool *is_new)
{
	uint32_t s = slot_of(g, h);
	*is_new = false;
	for (; g->slot[s] >= 0; s = (s + 1) & g->mask)
		if (memcmp(g->buf + g->node[g->slot[s]].off, g->buf + off, (size_t)g->k) == 0)
			return g->slot[s];
	if (g->n == g->cap || (uint32_t)g->n * 2 > g->mask) {
		g->full = true;
		return -1;
	}
	*is_new = true;
	g->slot[s] = g->n;
	g->node[g->n] = (struct call_gnode){.next = {-1, -1, -1, -1}, .off = off};
	return g->n++;
}

bool call_graph_start(struct call_graph *g, const uint8_t *buf, int n_ref, int k, uint32_t n_slot)
{
	g->buf = buf;
	g->k = k;
	g->n_ref = n_ref;
	g->n_rk = n_ref - k + 1;
	g->n = 0;
	g->full = g->cyclic = false;
	g->mask = n_slot - 1;
	g->top = 1;
	for (int i = 1; i < k; i++)
		g->top *= HASH_BASE;
	memset(g->slot, 0xff, n_slot * sizeof(*g->slot));
	if (g->n_rk < 2)
		return false;
	uint64_t h = hash_kmer(buf, k);
	for (int i = 0; i < g->n_rk; i++) {
		bool is_new;
		if (i)
			h = (h - buf[i - 1] * g->top) * HASH_BASE + buf[i + k - 1];
		node_get(g, h, i, &is_new);
		if (!is_new)
			return false;
		if (i)
			g->node[i - 1].next[buf[i + k - 1]] = i;
	}
	return true;
}

void call_graph_thread(struct call_graph *g, int32_t off, int32_t len)
{
	const uint8_t *s = g->buf + off;
	bool is_new;
	if (len <= g->k)
		return;
	uint64_t h = hash_kmer(s, g->k);
	int32_t u = node_get(g, h, off, &is_new);
	for (int i = g->k; i < len && u >= 0; i++) {
		int c = s[i];
		h = (h - s[i - g->k] * g->top) * HASH_BASE + (uint64_t)c;
		int32_t v = g->node[u].next[c];
		if (v < 0) {
			v = node_get(g, h, off + i - g->k + 1, &is_new);
			g->node[u].next[c] = v;
		}
		g->node[u].w[c] = (uint16_t)(g->node[u].w[c] + (g->node[u].w[c] < UINT16_MAX));
		u = v;
	}
}

static bool is_ref_edge(const struct call_graph *g, int32_t u, int32_t v)
{
	return u < g->n_rk && v == u + 1 && v < g->n_rk;
}

static void drop_light(struct call_graph *g)
{
	for (int32_t u = 0; u < g->n; u++)
		for (int c = 0; c < 4; c++) {
			int32_t v = g->node[u].next[c];
			if (v < 0)
				continue;
			if (g->node[u].w[c] < g->min_w && !is_ref_edge(g, u, v))
				g->node[u].next[c] = -1;
			else
				g->node[v].has_in = true;
		}
}

static bool is_tip(const struct call_gnode *p)
{
	return p->next[0] < 0 && p->next[1] < 0 && p->next[2] < 0 && p->next[3] < 0;
}

/* A way that ends within the window: when its last bases are those of one place of the reference, it goes on
 * there. */
static void tie_tail(struct call_graph *g, int32_t u)
{
	const uint8_t *s = g->buf + g->node[u].off + g->k - 1;
	int best = 0, at = -1;
	bool twice = false;
	for (int e = g->k - 1; e < g->n_ref - 1; e++) {
		int m = 0;
		while (m < g->k && g->buf[e - m] == s[-m])
			m++;
		if (m < MIN_TIE)
			continue;
		twice = m == best;
		if (m > best) {
			best = m;
			at = e;
		}
	}
	if (at < 0 || twice)
		return;
	int c = g->buf[at + 1];
	g->node[u].next[c] = at + 2 - g->k;
	g->node[u].w[c] = (uint16_t)g->min_w;
}

void call_graph_finish(struct call_graph *g)
{
	bool more = true;
	drop_light(g);
	for (int32_t u = g->n_rk; u < g->n; u++)
		if (g->node[u].has_in && is_tip(&g->node[u]))
			tie_tail(g, u);
	for (int32_t u = 0; u < g->n_rk; u++)
		g->node[u].reach = true;
	/* nodes are numbered as reads pass them: from the back, few rounds are needed */
	while (more) {
		more = false;
		for (int32_t u = g->n - 1; u >= g->n_rk; u--) {
			struct call_gnode *p = &g->node[u];
			for (int c = 0; c < 4 && !p->reach; c++)
				if (p->next[c] >= 0 && g->node[p->next[c]].reach)
					more = p->reach = true;
		}
	}
}
