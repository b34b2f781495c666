/* SPDX-License-Identifier: GPL-3.0-or-later
 * mem.c -- the malloc gate and the arena.
 * Arena blocks form a list; reset rewinds to the first and keeps them all, so a worker's memory settles at
 * its peak. */
#include "base/mem.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_BLOCK ((size_t)256 << 10)
#define ARENA_ALIGN ((size_t)16)

/* Process state like the pending signal (par.c): memory is refused to the process, not to a caller. */
static atomic_bool was_refused;

bool grx_mem_refused(void)
{
	return atomic_load(&was_refused);
}

void grx_mem_refused_reset(void)
{
	atomic_store(&was_refused, false);
}

static void *noted(void *p)
{
	if (!p)
		atomic_store(&was_refused, true);
	return p;
}

static bool mul_overflows(size_t n, size_t size, size_t *total)
{
	return __builtin_mul_overflow(n, size, total) || *total > PTRDIFF_MAX;
}

void *grx_malloc(size_t n, size_t size)
{
	size_t total;
	if (mul_overflows(n, size, &total))
		return NULL;
	return noted(malloc(total ? total : 1));
}

void *grx_calloc(size_t n, size_t size)
{
	size_t total;
	if (mul_overflows(n, size, &total))
		return NULL;
	return noted(calloc(1, total ? total : 1));
}

void *grx_realloc(void *p, size_t n, size_t size)
{
	size_t total;
	if (mul_overflows(n, size, &total))
		return NULL;
	return noted(realloc(p, total ? total : 1));
}

char *grx_strdup(const char *s)
{
	size_t n = strlen(s) + 1;
	char *d = grx_malloc(n, 1);
	return d ? memcpy(d, s, n) : NULL;
}

void grx_free(void *p)
{
	free(p);
}

int grx_grow(void *p, size_t *cap, size_t need, size_t size, size_t max)
{
	void **slot = p;
	if (need <= *cap)
		return GRX_OK;
	if (max && need > max)
		return GRX_E_NOMEM;
	size_t want = *cap ? *cap : 16;
	while (want < need)
		want = want > SIZE_MAX / 2 ? need : want * 2;
	if (max && want > max)
		want = max;
	void *q = grx_realloc(*slot, want, size);
	if (!q)
		return GRX_E_NOMEM;
	*slot = q;
	*cap = want;
	return GRX_OK;
}

struct block {
	struct block *next;
	size_t cap, used;
	_Alignas(16) char data[];
};

struct grx_arena {
	struct block *first, *cur;
	size_t bytes; /* held in blocks */
};

struct grx_arena *grx_arena_new(void)
{
	return grx_calloc(1, sizeof(struct grx_arena));
}

void grx_arena_free(struct grx_arena *a)
{
	if (!a)
		return;
	for (struct block *b = a->first, *next; b; b = next) {
		next = b->next;
		grx_free(b);
	}
	grx_free(a);
}

void grx_arena_reset(struct grx_arena *a)
{
	for (struct block *b = a->first; b; b = b->next)
		b->used = 0;
	a->cur = a->first;
}

/* The next block with room: a kept one, or a new one after cur. */
static struct block *arena_room(struct grx_arena *a, size_t total)
{
	for (struct block *b = a->cur; b; b = b->next) {
		if (b->cap - b->used >= total)
			return a->cur = b;
	}
	size_t cap = total > ARENA_BLOCK ? total : ARENA_BLOCK;
	struct block *b = grx_malloc(1, sizeof(*b) + cap);
	if (!b)
		return NULL;
	b->cap = cap;
	b->used = 0;
	b->next = a->cur ? a->cur->next : NULL;
	if (a->cur)
		a->cur->next = b;
	else
		a->first = b;
	a->bytes += cap;
	return a->cur = b;
}

void *grx_arena_alloc(struct grx_arena *a, size_t n, size_t size)
{
	size_t total;
	if (mul_overflows(n, size, &total) || total > PTRDIFF_MAX - ARENA_ALIGN - sizeof(struct block))
		return NULL;
	total = (total + ARENA_ALIGN - 1) & ~(ARENA_ALIGN - 1);
	if (!total)
		total = ARENA_ALIGN;
	struct block *b = arena_room(a, total);
	if (!b)
		return NULL;
	void *p = b->data + b->used;
	b->used += total;
	return p;
}

void *grx_arena_calloc(struct grx_arena *a, size_t n, size_t size)
{
	void *p = grx_arena_alloc(a, n, size);
	return p ? memset(p, 0, n * size) : NULL;
}

char *grx_arena_strndup(struct grx_arena *a, const char *s, size_t n)
{
	char *d = grx_arena_alloc(a, n + 1, 1);
	if (!d)
		return NULL;
	memcpy(d, s, n);
	d[n] = '\0';
	return d;
}

char *grx_arena_strdup(struct grx_arena *a, const char *s)
{
	return grx_arena_strndup(a, s, strlen(s));
}

char *grx_arena_printf(struct grx_arena *a, const char *fmt, ...)
{
	va_list ap, copy;
	va_start(ap, fmt);
	va_copy(copy, ap);
	int n = vsnprintf(NULL, 0, fmt, copy);
	va_end(copy);
	char *d = n >= 0 ? grx_arena_alloc(a, (size_t)n + 1, 1) : NULL;
	if (d)
		vsnprintf(d, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return d;
}

void *grx_arena_grow(struct grx_arena *a, const void *old, size_t old_n, size_t new_n, size_t size)
{
	void *p = grx_arena_alloc(a, new_n, size);
	if (p && old_n)
		memcpy(p, old, old_n * size);
	return p;
}

size_t grx_arena_bytes(const struct grx_arena *a)
{
	return a->bytes;
}
