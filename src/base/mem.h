/* SPDX-License-Identifier: GPL-3.0-or-later
 * mem.h -- the one malloc gate (checked sizes) and arenas.
 * Lifetimes: process (reference data), object (new/free), shard (arena, reset after merge).
 * Words: borrowed = the callee must not keep it; taken = the callee frees it; given = the caller frees it. */
#ifndef GRX_BASE_MEM_H
#define GRX_BASE_MEM_H

#include <stdbool.h>
#include <stddef.h>

#include "genorx/err.h"

/* All return NULL on exhausted memory or overflow of n * size; never abort. n * size == 0 gives a valid
 * pointer. */
void *grx_malloc(size_t n, size_t size);
void *grx_calloc(size_t n, size_t size);
void *grx_realloc(void *p, size_t n, size_t size);
char *grx_strdup(const char *s);
void grx_free(void *p);

/* Has the system refused memory to any caller since the reset? Whatever was made since then may lack a part,
 * so grx_outs_commit() asks before it puts outputs into place: a text cut short cannot become a result. A
 * size that overflows or a limit of grx_grow() does not count. Thread safe. */
bool grx_mem_refused(void);
void grx_mem_refused_reset(void);

/* Grow *p (elements of `size` bytes) to hold at least `need`; doubles *cap; refuses beyond max elements (0 =
 * none). Errors: GRX_E_NOMEM, *p unchanged. */
int grx_grow(void *p, size_t *cap, size_t need, size_t size, size_t max) GRX_MUST;

/* Bump allocator; blocks kept on reset. Not thread safe: one per shard or object. 16-byte aligned. */
struct grx_arena;
struct grx_arena *grx_arena_new(void);
void grx_arena_free(struct grx_arena *a);
void grx_arena_reset(struct grx_arena *a);
void *grx_arena_alloc(struct grx_arena *a, size_t n, size_t size);  /* not zeroed */
void *grx_arena_calloc(struct grx_arena *a, size_t n, size_t size); /* zeroed */
char *grx_arena_strdup(struct grx_arena *a, const char *s);
char *grx_arena_strndup(struct grx_arena *a, const char *s, size_t n);
char *grx_arena_printf(struct grx_arena *a, const char *fmt, ...) GRX_PRINTF(2, 3);
/* Copy-on-grow: returns a block of new_n elements holding the old_n ones. */
void *grx_arena_grow(struct grx_arena *a, const void *old, size_t old_n, size_t new_n, size_t size);
size_t grx_arena_bytes(const struct grx_arena *a);

#endif
