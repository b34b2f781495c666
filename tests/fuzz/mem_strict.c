/* SPDX-License-Identifier: GPL-3.0-or-later
 * mem_strict.c -- base/mem.h for fuzzing: each arena allocation is one of its own, so that AddressSanitizer
 * sees its ends and what is used after a reset, and fresh memory holds a byte that changes from run to run,
 * so that what is read before it is written shows as a difference. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "call_case.h"

static unsigned char fill = 0xA5;

struct piece {
	struct piece *next;
	_Alignas(16) char data[];
};

struct grx_arena {
	struct piece *first;
	size_t bytes;
};

void fz_mem_fill(unsigned char byte)
{
	fill = byte;
}

bool grx_mem_refused(void)
{
	return false;
}

void grx_mem_refused_reset(void)
{
}

void *grx_malloc(size_t n, size_t size)
{
	size_t total;
	if (__builtin_mul_overflow(n, size, &total) || total > (size_t)1 << 32)
		return NULL;
	void *p = malloc(total ? total : 1);
	return p ? memset(p, fill, total) : NULL;
}

void *grx_calloc(size_t n, size_t size)
{
	return calloc(n ? n : 1, size ? size : 1);
}

void *grx_realloc(void *p, size_t n, size_t size)
{
	size_t total;
	if (__builtin_mul_overflow(n, size, &total))
		return NULL;
	return realloc(p, total ? total : 1);
}

char *grx_strdup(const char *s)
{
	return strdup(s);
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
	size_t want = *cap * 2 > need ? *cap * 2 : need;
	void *q = grx_realloc(*slot, max && want > max ? max : want, size);
	if (!q)
		return GRX_E_NOMEM;
	*slot = q;
	*cap = max && want > max ? max : want;
	return GRX_OK;
}

struct grx_arena *grx_arena_new(void)
{
	return calloc(1, sizeof(struct grx_arena));
}

void grx_arena_reset(struct grx_arena *a)
{
	for (struct piece *p = a->first, *next; p; p = next) {
		next = p->next;
		free(p);
	}
	a->first = NULL;
	a->bytes = 0;
}

void grx_arena_free(struct grx_arena *a)
{
	if (a)
		grx_arena_reset(a);
	free(a);
}

void *grx_arena_alloc(struct grx_arena *a, size_t n, size_t size)
{
	size_t total;
	if (__builtin_mul_overflow(n, size, &total) || total > (size_t)1 << 32)
		return NULL;
	struct piece *p = malloc(sizeof(*p) + total);
	if (!p)
		return NULL;
	p->next = a->first;
	a->first = p;
	a->bytes += total;
	return memset(p->data, fill, total);
}

void *grx_arena_calloc(struct grx_arena *a, size_t n, size_t size)
{
	void *p = grx_arena_alloc(a, n, size);
	return p ? memset(p, 0, n * size) : NULL;
}

char *grx_arena_strndup(struct grx_arena *a, const char *s, size_t n)
{
	char *d = grx_arena_calloc(a, n + 1, 1);
	return d ? memcpy(d, s, n) : NULL;
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
