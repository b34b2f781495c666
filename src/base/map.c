/* SPDX-License-Identifier: GPL-3.0-or-later
 * map.c -- open-addressing string map; load factor at most 1/2; no removal. */
#include "base/map.h"

#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

struct slot {
	char *key; /* NULL = empty */
	uint64_t hash;
	void *val;
};

struct grx_map {
	size_t n, cap; /* cap is a power of two */
	struct slot *slot;
};

struct grx_map *grx_map_new(void)
{
	struct grx_map *m = grx_calloc(1, sizeof(*m));
	if (!m)
		return NULL;
	m->cap = 32;
	m->slot = grx_calloc(m->cap, sizeof(*m->slot));
	if (!m->slot) {
		grx_free(m);
		return NULL;
	}
	return m;
}

void grx_map_free(struct grx_map *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->cap; i++)
		grx_free(m->slot[i].key);
	grx_free(m->slot);
	grx_free(m);
}

static struct slot *find(struct slot *slot, size_t cap, const char *key, uint64_t hash)
{
	size_t i = hash & (cap - 1);
	while (slot[i].key && (slot[i].hash != hash || strcmp(slot[i].key, key) != 0))
		i = (i + 1) & (cap - 1);
	return &slot[i];
}

static int rehash(struct grx_map *m)
{
	size_t cap = m->cap * 2;
	struct slot *s = grx_calloc(cap, sizeof(*s));
	if (!s)
		return GRX_E_NOMEM;
	for (size_t i = 0; i < m->cap; i++) {
		if (m->slot[i].key)
			*find(s, cap, m->slot[i].key, m->slot[i].hash) = m->slot[i];
	}
	grx_free(m->slot);
	m->slot = s;
	m->cap = cap;
	return GRX_OK;
}

int grx_map_set(struct grx_map *m, const char *key, void *val)
{
	uint64_t hash = grx_hash_str(key);
	if (m->n * 2 >= m->cap && rehash(m) != GRX_OK)
		return GRX_E_NOMEM;
	struct slot *s = find(m->slot, m->cap, key, hash);
	if (!s->key) {
		s->key = grx_strdup(key);
		if (!s->key)
			return GRX_E_NOMEM;
		s->hash = hash;
		m->n++;
	}
	s->val = val;
	return GRX_OK;
}

void *grx_map_get(const struct grx_map *m, const char *key)
{
	const struct slot *s = find(m->slot, m->cap, key, grx_hash_str(key));
	return s->key ? s->val : NULL;
}

size_t grx_map_size(const struct grx_map *m)
{
	return m->n;
}
