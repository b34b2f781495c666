/* SPDX-License-Identifier: GPL-3.0-or-later
 * weights_num.c -- decimal text to the nearest double, fast where that is exact.
 * A number of few digits is an integer times or over a power of ten that doubles hold without error: one
 * rounding, hence the nearest double (Clinger 1990, doi:10.1145/93548.93557). Up to 19 digits the same is
 * done in extended precision; its second rounding could err only when the first landed half-way between two
 * doubles, and then, as for everything else, strtod() decides. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "stage/prs/weights_int.h"

enum { NUM_MAX = 1000 };

static const double pow10_f64[23] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13,
	1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* m x 10^e for m < 10^19; false when this way cannot promise the nearest double. */
static bool extended(uint64_t m, int e, double *out)
{
#if LDBL_MANT_DIG == 64 && defined(__x86_64__)
	static const long double p[28] = {1e0L, 1e1L, 1e2L, 1e3L, 1e4L, 1e5L, 1e6L, 1e7L, 1e8L, 1e9L, 1e10L,
		1e11L, 1e12L, 1e13L, 1e14L, 1e15L, 1e16L, 1e17L, 1e18L, 1e19L, 1e20L, 1e21L, 1e22L, 1e23L,
		1e24L, 1e25L, 1e26L, 1e27L};
	if (e < -27 || e > 27)
		return false;
	long double x = e < 0 ? (long double)m / p[-e] : (long double)m * p[e];
	uint64_t bits;
	memcpy(&bits, &x, sizeof bits);
	if ((bits & 0x7ff) == 0x400)
		return false;
	*out = (double)x;
	return true;
#else
	(void)m;
	(void)e;
	(void)out;
	return false;
#endif
}

static bool slow(const char *s, size_t n, double *out)
{
	char buf[NUM_MAX + 1];
	if (n > NUM_MAX)
		return false;
	memcpy(buf, s, n);
	buf[n] = '\0';
	return grx_parse_f64(buf, out);
}

/* Exponent behind "e"; p behind its last digit, NULL if there is none. */
static const char *exponent(const char *p, int *e)
{
	bool neg = false;
	int x = 0;
	if (*p == '-' || *p == '+')
		neg = *p++ == '-';
	if ((unsigned)(*p - '0') > 9)
		return NULL;
	for (; (unsigned)(*p - '0') <= 9; p++)
		x = x < 100000 ? x * 10 + (*p - '0') : x;
	*e = neg ? -x : x;
	return p;
}

/* Digits at d[n] ('.' among them) that follow leading zeros. */
static long significant(const char *d, const char *end)
{
	long n = 0;
	for (; d < end; d++)
		n += *d != '.' && (n > 0 || *d != '0');
	return n;
}

/* Append the digits at p to *m; behind them. */
static const char *digits(const char *p, uint64_t *m)
{
	unsigned c;
	for (; (c = (unsigned)(*p - '0')) <= 9; p++)
		*m = *m * 10 + c;
	return p;
}

/* m x 10^e where it is exact or nearly so. */
static bool quick(uint64_t m, long e, double *v)
{
	if (m <= (uint64_t)1 << 53 && e >= -22 && e <= 22)
		*v = e < 0 ? (double)m / pow10_f64[-e] : (double)m * pow10_f64[e];
	else if (m == 0)
		*v = 0;
	else
		return e >= -27 && e <= 27 && extended(m, (int)e, v);
	return true;
}

bool prs_num_scan(const char *s, const char **end, double *out)
{
	bool neg = *s == '-';
	const char *first = s + (*s == '-' || *s == '+');
	uint64_t m = 0;
	const char *p = digits(first, &m), *dot = p;
	long n = p - first;
	if (*p == '.') {
		p = digits(p + 1, &m);
		n += p - dot - 1;
	}
	if (n == 0)
		return false;
	long frac = p > dot ? p - dot - 1 : 0;
	const char *last = p;
	int e = 0;
	if ((*p == 'e' || *p == 'E') && !(p = exponent(p + 1, &e)))
		return false;
	*end = p;
	double v;
	if ((n > 19 && significant(first, last) > 19) || !quick(m, e - frac, &v))
		return slow(s, (size_t)(p - s), out);
	*out = neg ? -v : v;
	return true;
}
