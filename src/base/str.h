/* SPDX-License-Identifier: GPL-3.0-or-later
 * str.h -- growable string, locale-independent number parsing, field splitting. */
#ifndef GRX_BASE_STR_H
#define GRX_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <string.h>

#include "genorx/err.h"

/* Growable NUL-terminated buffer; zero-initialise. `oom` sticks: check it once at the end. */
struct grx_str {
	char *s;
	size_t n, cap;
	bool oom;
};
void grx_str_clear(struct grx_str *b); /* frees */
void grx_str_reset(struct grx_str *b); /* empties, keeps storage */
/* Room for n more bytes and the NUL; false sets oom. */
bool grx_str_room(struct grx_str *b, size_t n);
/* The common case is inline: texts of millions of records are put together from short pieces. */
static inline void grx_str_addn(struct grx_str *b, const char *s, size_t n)
{
	if (b->n + n >= b->cap && !grx_str_room(b, n))
		return;
	memcpy(b->s + b->n, s, n);
	b->n += n;
	b->s[b->n] = '\0';
}
static inline void grx_str_add(struct grx_str *b, const char *s)
{
	grx_str_addn(b, s, strlen(s));
}
static inline void grx_str_addc(struct grx_str *b, char c)
{
	grx_str_addn(b, &c, 1);
}
void grx_str_addi(struct grx_str *b, int64_t x); /* decimal */
void grx_str_addf(struct grx_str *b, const char *fmt, ...) GRX_PRINTF(2, 3);

/* Whole string must be a number: no spaces, no hex, no nan/inf, '.' as decimal mark in any locale. false
 * otherwise. */
bool grx_parse_i64(const char *s, int64_t *out);
bool grx_parse_f64(const char *s, double *out);
/* With suffix k, M or G (powers of 1000). */
bool grx_parse_size(const char *s, int64_t *out);

/* Split s in place at every sep; returns the number of fields stored (at most max; the last takes the rest).
 */
int grx_split(char *s, char sep, char **field, int max);
bool grx_starts(const char *s, const char *prefix);
bool grx_ends(const char *s, const char *suffix);
bool grx_streq(const char *a, const char *b); /* NULL-safe */
/* printf("%.*g") independent of the locale, the same bytes; buf of at least 32 bytes; returns buf. */
char *grx_fmt_g(char *buf, double x, int digits);
/* FNV-1a */
uint64_t grx_hash_str(const char *s);
uint64_t grx_hash_mem(const void *p, size_t n);

#endif
