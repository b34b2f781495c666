/* SPDX-License-Identifier: GPL-3.0-or-later
 * pool.c -- strings kept once, named by their offset.
 * Invariant: s[0] is the empty string; every string ends with a NUL, so that any offset is a string. */
#include "stage/annotate/model_int.h"

#include <string.h>

#define POOL_MAX ((size_t)UINT32_MAX)

static bool slots_grow(struct annotate_pool *p)
{
	size_t n = p->n_slot ? 2 * p->n_slot : 1024;
	uint32_t *v = grx_calloc(n, sizeof *v);
	if (!v)
		return false;
	for (size_t i = 0; i < p->n_slot; i++) {
		if (!p->slot[i])
			continue;
		size_t k = grx_hash_str(p->s + p->slot[i]) & (n - 1);
		while (v[k])
			k = (k + 1) & (n - 1);
		v[k] = p->slot[i];
	}
	grx_free(p->slot);
	p->slot = v;
	p->n_slot = n;
	return true;
}

static bool pool_room(struct annotate_pool *p, size_t n)
{
	bool first = p->n == 0;
	if (grx_grow(&p->s, &p->cap, p->n + n + 2, 1, POOL_MAX))
		return false;
	if (first)
		p->s[p->n++] = '\0';
	return 2 * (p->used + 1) <= p->n_slot || slots_grow(p);
}

uint32_t annotate_pool_add(struct annotate_pool *p, const char *s, size_t n)
{
	if (p->failed || !pool_room(p, n)) {
		p->failed = true;
		return 0;
	}
	if (n == 0)
		return 0;
	size_t k = grx_hash_mem(s, n) & (p->n_slot - 1);
	for (; p->slot[k]; k = (k + 1) & (p->n_slot - 1)) {
		const char *t = p->s + p->slot[k];
		if (strncmp(t, s, n) == 0 && t[n] == '\0')
			return p->slot[k];
	}
	p->slot[k] = (uint32_t)p->n;
	p->used++;
	memcpy(p->s + p->n, s, n);
	p->s[p->n + n] = '\0';
	p->n += n + 1;
	return p->slot[k];
}

uint32_t annotate_pool_str(struct annotate_pool *p, const char *s)
{
	return annotate_pool_add(p, s ? s : "", s ? strlen(s) : 0);
}

void annotate_pool_clear(struct annotate_pool *p)
{
	grx_free(p->s);
	grx_free(p->slot);
	*p = (struct annotate_pool){0};
}
