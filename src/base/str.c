/* SPDX-License-Identifier: GPL-3.0-or-later
 * str.c -- growable strings and number parsing.
 * Numbers are parsed in the C locale whatever the process's locale: strtod_l/uselocale on a private locale
 * object. */
#include "base/str.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fmt.h"
#include "base/mem.h"

void grx_str_clear(struct grx_str *b)
{
	grx_free(b->s);
	*b = (struct grx_str){0};
}

void grx_str_reset(struct grx_str *b)
{
	b->n = 0;
	if (b->s)
		b->s[0] = '\0';
}

bool grx_str_room(struct grx_str *b, size_t n)
{
	if (!b->oom && grx_grow(&b->s, &b->cap, b->n + n + 1, 1, 0) != GRX_OK)
		b->oom = true;
	return !b->oom;
}

void grx_str_addi(struct grx_str *b, int64_t x)
{
	char buf[24], *p = buf + sizeof buf;
	uint64_t u = x < 0 ? 0 - (uint64_t)x : (uint64_t)x;
	do
		*--p = (char)('0' + u % 10);
	while (u /= 10);
	if (x < 0)
		*--p = '-';
	grx_str_addn(b, p, (size_t)(buf + sizeof buf - p));
}

void grx_str_addf(struct grx_str *b, const char *fmt, ...)
{
	va_list ap, copy;
	va_start(ap, fmt);
	va_copy(copy, ap);
	int n = vsnprintf(NULL, 0, fmt, copy);
	va_end(copy);
	if (n < 0 || b->oom || grx_grow(&b->s, &b->cap, b->n + (size_t)n + 1, 1, 0) != GRX_OK) {
		b->oom = true;
	} else {
		vsnprintf(b->s + b->n, (size_t)n + 1, fmt, ap);
		b->n += (size_t)n;
	}
	va_end(ap);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool grx_parse_i64(const char *s, int64_t *out)
{
	const char *p = s;
	if (*p == '-' || *p == '+')
		p++;
	if (!is_digit(*p))
		return false;
	for (; *p; p++) {
		if (!is_digit(*p))
			return false;
	}
	errno = 0;
	long long v = strtoll(s, NULL, 10);
	if (errno)
		return false;
	*out = v;
	return true;
}

/* Only [+-]digits[.digits][e[+-]digits] passes, so that hex, nan, inf, spaces and decimal commas do not. */
static bool looks_decimal(const char *p)
{
	bool digit = false;
	if (*p == '-' || *p == '+')
		p++;
	for (; is_digit(*p); p++)
		digit = true;
	if (*p == '.')
		for (p++; is_digit(*p); p++)
			digit = true;
	if (!digit)
		return false;
	if (*p == 'e' || *p == 'E') {
		p++;
		if (*p == '-' || *p == '+')
			p++;
		if (!is_digit(*p))
			return false;
		while (is_digit(*p))
			p++;
	}
	return *p == '\0';
}

/* glibc's C locale is a static object: newlocale("C") allocates nothing and is never freed. */
static locale_t c_locale(void)
{
	return newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

bool grx_parse_f64(const char *s, double *out)
{
	if (!looks_decimal(s))
		return false;
	locale_t loc = c_locale();
	double v = strtod_l(s, NULL, loc);
	if (!isfinite(v))
		return false;
	*out = v;
	return true;
}

bool grx_parse_size(const char *s, int64_t *out)
{
	size_t n = strlen(s);
	char buf[32];
	if (n == 0 || n >= sizeof buf)
		return false;
	int64_t unit = 1;
	memcpy(buf, s, n + 1);
	switch (buf[n - 1]) {
	case 'k':
	case 'K':
		unit = 1000;
		break;
	case 'm':
	case 'M':
		unit = 1000000;
		break;
	case 'g':
	case 'G':
		unit = 1000000000;
		break;
	default:
		break;
	}
	if (unit > 1)
		buf[n - 1] = '\0';
	int64_t v;
	return grx_parse_i64(buf, &v) && !__builtin_mul_overflow(v, unit, out);
}

int grx_split(char *s, char sep, char **field, int max)
{
	int n = 0;
	while (n < max) {
		field[n++] = s;
		if (n == max)
			break;
		char *p = strchr(s, sep);
		if (!p)
			break;
		*p = '\0';
		s = p + 1;
	}
	return n;
}

bool grx_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool grx_ends(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);
	return n >= m && strcmp(s + n - m, suffix) == 0;
}

bool grx_streq(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

char *grx_fmt_g(char *buf, double x, int digits)
{
	if (grx_fmt_g_fast(buf, x, digits))
		return buf;
	locale_t loc = c_locale();
	locale_t old = uselocale(loc);
	snprintf(buf, 32, "%.*g", digits, x);
	uselocale(old);
	return buf;
}

uint64_t grx_hash_mem(const void *p, size_t n)
{
	const unsigned char *s = p;
	uint64_t h = 14695981039346656037u;
	for (size_t i = 0; i < n; i++)
		h = (h ^ s[i]) * 1099511628211u;
	return h;
}

uint64_t grx_hash_str(const char *s)
{
	return grx_hash_mem(s, strlen(s));
}
