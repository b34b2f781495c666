/* SPDX-License-Identifier: GPL-3.0-or-later
 * chain.c -- UCSC chains. Blocks are kept in order for each chain; a contig has bins of 128 kb, each with the
 * chains over it by falling score. A base is found in O(chains over its bin x log blocks). */
#include "bio/chain.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/str.h"
#include "bio/contig.h"

enum { BIN_SHIFT = 17 };

struct block {
	int64_t from, to, len; /* `to` on the chain's own strand */
};

struct link {
	int64_t score, order;
	int64_t from_beg, from_end;
	size_t block_beg, block_end;
	int32_t from, to; /* contigs */
	bool minus;
};

struct contig {
	char *name;
	int64_t len;
	uint32_t *bin;  /* bin i: chain[bin[i]] .. chain[bin[i + 1]] */
	uint32_t *list; /* chains */
	uint32_t n_bin;
};

struct side {
	struct contig *c;
	size_t n, cap;
	struct grx_map *by_name; /* canonical; index + 1 */
};

struct grx_chain {
	struct side from, to;
	struct link *chain;
	size_t n, cap;
	struct block *block;
	size_t n_block, cap_block;
	bool open; /* a chain whose last block has not come */
	int64_t at_from, at_to;
	int64_t end_to;
};

struct grx_chain *grx_chain_new(void)
{
	struct grx_chain *c = grx_calloc(1, sizeof *c);
	if (!c)
		return NULL;
	c->from.by_name = grx_map_new();
	c->to.by_name = grx_map_new();
	if (c->from.by_name && c->to.by_name)
		return c;
	grx_chain_free(c);
	return NULL;
}

static void side_clear(struct side *s)
{
	for (size_t i = 0; i < s->n; i++) {
		grx_free(s->c[i].name);
		grx_free(s->c[i].bin);
		grx_free(s->c[i].list);
	}
	grx_free(s->c);
	grx_map_free(s->by_name);
}

void grx_chain_free(struct grx_chain *c)
{
	if (!c)
		return;
	side_clear(&c->from);
	side_clear(&c->to);
	grx_free(c->chain);
	grx_free(c->block);
	grx_free(c);
}

static int32_t side_find(const struct side *s, const char *name)
{
	return (int32_t)(intptr_t)grx_map_get(s->by_name, grx_contig_canonical(name)) - 1;
}

/* Index of the contig; -1 no memory, -2 another length before. */
static int32_t side_add(struct side *s, const char *name, int64_t len)
{
	int32_t i = side_find(s, name);
	if (i >= 0)
		return s->c[i].len == len ? i : -2;
	char *copy = grx_strdup(name);
	if (!copy || grx_grow(&s->c, &s->cap, s->n + 1, sizeof *s->c, INT32_MAX / 2) != GRX_OK ||
		grx_map_set(s->by_name, grx_contig_canonical(name), (void *)(intptr_t)(s->n + 1)) != GRX_OK) {
		grx_free(copy);
		return -1;
	}
	s->c[s->n] = (struct contig){.name = copy, .len = len};
	return (int32_t)s->n++;
}

static int bad(struct grx_ctx *cx, const char *path, int64_t lineno, const char *want)
{
	return grx_fail(cx, GRX_E_DATA, "%s:%lld: not a line of a UCSC chain file; expected %s", path,
		(long long)lineno, want);
}

static int split(char *line, char **field, int max)
{
	int n = 0;
	for (char *p = line + strspn(line, " \t"); *p && n < max; p += strspn(p, " \t")) {
		field[n++] = p;
		p += strcspn(p, " \t");
		if (*p)
			*p++ = '\0';
	}
	return n;
}

/* Numbers of a header line into v, by field. */
static bool head_numbers(char **f, int n, int64_t v[12])
{
	static const int num[] = {1, 3, 5, 6, 8, 10, 11};
	if (n < 12 || f[4][0] != '+' || (f[9][0] != '+' && f[9][0] != '-'))
		return false;
	for (size_t i = 0; i < sizeof num / sizeof *num; i++)
		if (!grx_parse_i64(f[num[i]], &v[num[i]]) || v[num[i]] < 0)
			return false;
	return v[5] < v[6] && v[6] <= v[3] && v[10] < v[11] && v[11] <= v[8] && v[3] < INT32_MAX &&
	       v[8] < INT32_MAX;
}

/* chain score tName tSize tStrand tStart tEnd qName qSize qStrand qStart qEnd [id] */
static int chain_head(
	struct grx_ctx *cx, struct grx_chain *c, const char *path, int64_t lineno, char **f, int n)
{
	int64_t v[12] = {0};
	bool ok = !c->open && head_numbers(f, n, v);
	if (!ok)
		return bad(cx, path, lineno,
			c->open ? "the last block of the chain before"
				: "'chain' and 11 or 12 fields, the first strand '+'");
	int32_t from = side_add(&c->from, f[2], v[3]), to = side_add(&c->to, f[7], v[8]);
	if (from == -2 || to == -2)
		return bad(cx, path, lineno, "one length for each contig");
	if (from < 0 || to < 0 ||
		grx_grow(&c->chain, &c->cap, c->n + 1, sizeof *c->chain, UINT32_MAX) != GRX_OK)
		return grx_fail_nomem(cx, "a chain file");
	c->chain[c->n] = (struct link){.score = v[1],
		.order = (int64_t)c->n,
		.from_beg = v[5],
		.from_end = v[6],
		.block_beg = c->n_block,
		.from = from,
		.to = to,
		.minus = f[9][0] == '-'};
	c->n++;
	c->open = true;
	c->at_from = v[5];
	c->at_to = v[10];
	c->end_to = v[11];
	return GRX_OK;
}

/* size [dt dq] */
static int chain_block(
	struct grx_ctx *cx, struct grx_chain *c, const char *path, int64_t lineno, char **f, int n)
{
	int64_t v[3] = {0};
	bool ok = c->open && (n == 1 || n == 3);
	for (int i = 0; i < n && ok; i++)
		ok = grx_parse_i64(f[i], &v[i]) && v[i] >= 0 && v[i] < INT32_MAX;
	if (!ok || v[0] == 0)
		return bad(cx, path, lineno,
			c->open ? "a block: size, or size and two gaps" : "a line 'chain ...'");
	struct link *k = &c->chain[c->n - 1];
	if (grx_grow(&c->block, &c->cap_block, c->n_block + 1, sizeof *c->block, 0) != GRX_OK)
		return grx_fail_nomem(cx, "a chain file");
	c->block[c->n_block++] = (struct block){c->at_from, c->at_to, v[0]};
	c->at_from += v[0] + v[1];
	c->at_to += v[0] + v[2];
	if (c->at_from > k->from_end || c->at_to > c->end_to)
		return bad(cx, path, lineno, "blocks within the chain");
	if (n == 1) {
		if (c->at_from != k->from_end || c->at_to != c->end_to)
			return bad(cx, path, lineno, "blocks that end where the chain does");
		k->block_end = c->n_block;
		c->open = false;
	}
	return GRX_OK;
}

int grx_chain_line(struct grx_ctx *cx, struct grx_chain *c, const char *path, int64_t lineno, char *line)
{
	char *f[14];
	if (line[0] == '#')
		return GRX_OK;
	int n = split(line, f, 14);
	if (n == 0)
		return GRX_OK;
	if (strcmp(f[0], "chain") == 0)
		return chain_head(cx, c, path, lineno, f, n);
	return chain_block(cx, c, path, lineno, f, n);
}

static int by_score(const void *pa, const void *pb)
{
	const struct link *a = pa, *b = pb;
	if (a->score != b->score)
		return a->score > b->score ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

static int contig_index(struct contig *g, const struct grx_chain *c, int32_t me)
{
	g->n_bin = (uint32_t)(g->len >> BIN_SHIFT) + 1;
	g->bin = grx_calloc((size_t)g->n_bin + 2, sizeof *g->bin);
	if (!g->bin)
		return GRX_E_NOMEM;
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < c->n; i++) {
			const struct link *k = &c->chain[i];
			if (k->from != me)
				continue;
			for (int64_t b = k->from_beg >> BIN_SHIFT; b <= (k->from_end - 1) >> BIN_SHIFT; b++) {
				if (pass == 0)
					g->bin[b + 2]++;
				else
					g->list[g->bin[b + 1]++] = (uint32_t)i;
			}
		}
		if (pass == 1)
			break;
		for (uint32_t b = 0; b < g->n_bin; b++)
			g->bin[b + 2] += g->bin[b + 1];
		g->list = grx_malloc(g->bin[g->n_bin + 1], sizeof *g->list);
		if (!g->list)
			return GRX_E_NOMEM;
	}
	return GRX_OK;
}

int grx_chain_end(struct grx_ctx *cx, struct grx_chain *c, const char *path)
{
	if (c->n == 0 || c->open)
		return grx_fail(cx, GRX_E_DATA, "%s: %s", path,
			c->n ? "ends inside a chain; copy the file again"
			     : "no chain in it; expected a UCSC chain file");
	qsort(c->chain, c->n, sizeof *c->chain, by_score);
	for (size_t i = 0; i < c->from.n; i++)
		if (contig_index(&c->from.c[i], c, (int32_t)i) != GRX_OK)
			return grx_fail_nomem(cx, "a chain file");
	return GRX_OK;
}

int64_t grx_chain_from_len(const struct grx_chain *c, const char *name)
{
	int32_t i = side_find(&c->from, name);
	return i < 0 ? 0 : c->from.c[i].len;
}

int64_t grx_chain_to_len(const struct grx_chain *c, const char *name)
{
	int32_t i = side_find(&c->to, name);
	return i < 0 ? 0 : c->to.c[i].len;
}

/* The block over a base; NULL when it is in a gap. */
static const struct block *block_at(const struct grx_chain *c, const struct link *k, int64_t pos)
{
	size_t lo = k->block_beg, hi = k->block_end;
	while (lo < hi) { /* the last block that begins at pos or before */
		size_t mid = lo + (hi - lo) / 2;
		if (c->block[mid].from <= pos)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == k->block_beg)
		return NULL;
	const struct block *b = &c->block[lo - 1];
	return pos < b->from + b->len ? b : NULL;
}

bool grx_chain_map(
	const struct grx_chain *c, const char *name, int64_t beg, int64_t end, struct grx_chain_hit *out)
{
	int32_t i = side_find(&c->from, name);
	if (i < 0 || beg < 0 || beg >= end || end > c->from.c[i].len)
		return false;
	const struct contig *g = &c->from.c[i];
	uint32_t b = (uint32_t)(beg >> BIN_SHIFT);
	for (uint32_t j = g->bin[b]; j < g->bin[b + 1]; j++) {
		const struct link *k = &c->chain[g->list[j]];
		const struct block *x = beg >= k->from_beg && beg < k->from_end ? block_at(c, k, beg) : NULL;
		if (!x)
			continue;
		if (end > x->from + x->len)
			return false;
		const struct contig *to = &c->to.c[k->to];
		int64_t q = x->to + (beg - x->from), len = end - beg;
		*out = (struct grx_chain_hit){
			.name = to->name, .beg = k->minus ? to->len - q - len : q, .minus = k->minus};
		out->end = out->beg + len;
		return true;
	}
	return false;
}
