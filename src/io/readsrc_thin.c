/* SPDX-License-Identifier: GPL-3.0-or-later
 * readsrc_thin.c -- bounded depth: of the reads that begin in one bin of a fixed grid, the first `limit` by
 * name hash stay. Mates have one hash and so stay or go together where both bins are full. What stays depends
 * on the bin's reads alone; every caller shows whole bins, so windows, threads and ways of reading do not
 * matter.
 *
 * Three classes a bin and sample, each with its own limit: reads that a caller may use; reads that it never
 * uses (duplicates, secondary ones), which must not push out the former; reads that span more than
 * GRX_THIN_SPAN bases, whose bins lie too far back for some windows: for them alone the choice may depend on
 * the window. So a deep sample never removes reads of another one of the same file.
 * Invariant: a class's keys are a plain list until there are `limit` of them, then a heap, greatest on top.
 */
#include <stdlib.h>
#include <string.h>

#include "io/readsrc_int.h"

static bool less(const struct rs_key *a, const struct rs_key *b)
{
	return a->hash != b->hash ? a->hash < b->hash : a->seq < b->seq;
}

static void sift_down(struct rs_key *v, size_t n, size_t i)
{
	for (;;) {
		size_t big = i, l = 2 * i + 1;

		for (size_t k = l; k < l + 2 && k < n; k++)
			if (less(&v[big], &v[k]))
				big = k;
		if (big == i)
			return;
		struct rs_key t = v[i];
		v[i] = v[big];
		v[big] = t;
		i = big;
	}
}

static size_t class_of(const struct grx_read *r)
{
	size_t first = 3 * (size_t)r->sample;
	enum { NEVER = GRX_R_UNMAPPED | GRX_R_SECONDARY | GRX_R_QCFAIL | GRX_R_DUP | GRX_R_SUPPLEMENTARY };

	if (r->end - r->pos > GRX_THIN_SPAN)
		return first + 2;
	return first + ((r->flag & NEVER) != 0);
}

static int by_seq(const void *a, const void *b)
{
	const struct rs_key *x = a, *y = b;

	return (x->seq > y->seq) - (x->seq < y->seq);
}

/* Reads took the places of others: back into the order of the file. */
static int reorder(struct grx_ctx *cx, struct rs_list *l, struct rs_thin *t)
{
	size_t n = l->n - t->first, k = 0;
	struct rs_key *key = grx_malloc(n, sizeof(*key));
	struct grx_read *old = grx_malloc(n, sizeof(*old));

	if (key && old) {
		for (size_t u = 0; u < t->n_used; u++) {
			const struct rs_class *c = &t->cls[t->used[u]];

			memcpy(key + k, c->key, c->n * sizeof(*key));
			k += c->n;
		}
		qsort(key, n, sizeof(*key), by_seq);
		memcpy(old, l->v + t->first, n * sizeof(*old));
		for (size_t i = 0; i < n; i++)
			l->v[t->first + i] = old[key[i].at - t->first];
	}
	int rc = key && old ? GRX_OK : grx_fail_nomem(cx, "reads of a shard");
	grx_free(key);
	grx_free(old);
	return rc;
}

int rs_thin_close(struct grx_ctx *cx, struct rs_list *l)
{
	struct rs_thin *t = &l->thin;
	int rc = GRX_OK;

	if (t->replaced)
		rc = reorder(cx, l, t);
	for (int i = 0; i < GRX_THIN_BIN && t->dropped && rc == GRX_OK; i++)
		if (t->drop[i])
			rc = rs_refuse(cx, &l->bad,
				&(struct grx_refused){
					t->bin * GRX_THIN_BIN + i, t->drop[i], GRX_REFUSED_DEPTH});
	if (t->dropped)
		memset(t->drop, 0, sizeof(t->drop));
	t->dropped = t->replaced = false;
	while (t->n_used)
		t->cls[t->used[--t->n_used]].n = 0;
	t->seq = 0;
	t->bin = -1;
	return rc;
}

static void drop(struct rs_thin *t, int64_t pos)
{
	t->drop[pos & (GRX_THIN_BIN - 1)]++;
	t->dropped = true;
}

static int class_find(struct grx_ctx *cx, struct rs_thin *t, size_t k, struct rs_class **out)
{
	size_t old = t->cap_class;

	if (k >= old) {
		if (grx_grow(&t->cls, &t->cap_class, k + 1, sizeof(*t->cls), 0))
			return grx_fail_nomem(cx, "reads of a shard");
		memset(t->cls + old, 0, (t->cap_class - old) * sizeof(*t->cls));
	}
	*out = &t->cls[k];
	if ((*out)->n)
		return GRX_OK;
	if (grx_grow(&t->used, &t->cap_used, t->n_used + 1, sizeof(*t->used), 0))
		return grx_fail_nomem(cx, "reads of a shard");
	t->used[t->n_used++] = k;
	return GRX_OK;
}

static int key_add(struct grx_ctx *cx, struct rs_class *c, size_t limit, struct rs_key k)
{
	if (grx_grow(&c->key, &c->cap, c->n + 1, sizeof(k), 0))
		return grx_fail_nomem(cx, "reads of a shard");
	c->key[c->n++] = k;
	if (c->n == limit)
		for (size_t i = limit / 2 + 1; i-- > 0;)
			sift_down(c->key, c->n, i);
	return GRX_OK;
}

int rs_thin_add(struct grx_ctx *cx, struct rs_list *l, struct grx_read *r, struct rs_place *place)
{
	struct rs_thin *t = &l->thin;
	struct rs_key k = {.hash = r->name_hash, .at = l->n};
	struct rs_class *c = NULL;
	int rc;

	*place = (struct rs_place){.at = l->n};
	if (t->bin != r->pos / GRX_THIN_BIN) {
		rc = rs_thin_close(cx, l);
		if (rc)
			return rc;
		t->bin = r->pos / GRX_THIN_BIN;
		t->first = place->at = k.at = l->n;
	}
	k.seq = t->seq++;
	rc = class_find(cx, t, class_of(r), &c);
	if (rc)
		return rc;
	if (c->n < t->limit)
		return key_add(cx, c, t->limit, k);
	struct rs_key *top = &c->key[0];
	bool new_goes = less(top, &k);
	if (t->mark) {
		*(new_goes ? &r->over : &l->v[top->at].over) = true;
	} else if (new_goes) {
		drop(t, r->pos);
		place->none = true;
	} else {
		drop(t, l->v[top->at].pos);
		k.at = place->at = top->at;
		place->reuse = t->replaced = true;
	}
	if (!new_goes) {
		*top = k;
		sift_down(c->key, c->n, 0);
	}
	return GRX_OK;
}

void rs_thin_clear(struct rs_thin *t)
{
	for (size_t c = 0; c < t->cap_class; c++)
		grx_free(t->cls[c].key);
	grx_free(t->cls);
	grx_free(t->used);
}
