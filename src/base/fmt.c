/* SPDX-License-Identifier: GPL-3.0-or-later
 * fmt.c -- doubles as decimal text by exact integer arithmetic.
 * x = m 2^e with m of 53 bits. For a power of ten 10^k, |k| <= 27, x 10^k is a quotient of integers of less
 * than 128 bits, since 5^27 < 2^63: its integer part and remainder are exact, and so is the rounding. */
#include "base/fmt.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

__extension__ typedef unsigned __int128 u128;

enum { MAX_POWER = 27 };

static uint64_t pow5(int k)
{
	uint64_t p = 1;
	for (uint64_t b = 5; k; k >>= 1, b *= b)
		p *= k & 1 ? b : 1;
	return p;
}

static const uint64_t pow10_u64[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000,
	1000000000, 10000000000, 100000000000, 1000000000000, 10000000000000, 100000000000000,
	1000000000000000, 10000000000000000, 100000000000000000, 1000000000000000000};

/* floor(x 10^k), and how what is cut off compares with a half: -1, 0, 1. false: out of range. */
static bool scaled(uint64_t m, int e, int k, uint64_t *q, int *half)
{
	u128 num = m, den = 1, rest;
	int shift = e + k;
	if (k < -MAX_POWER || k > MAX_POWER)
		return false;
	if (k >= 0)
		num *= pow5(k);
	else
		den = pow5(-k);
	if (shift >= 0) {
		if (shift > 74 || (shift > 0 && num >> (127 - shift)))
			return false;
		num <<= shift;
	} else {
		if (-shift > 126 || (den > 1 && -shift > 62))
			return false;
		den <<= -shift;
	}
	u128 w = k >= 0 ? num >> (shift < 0 ? -shift : 0) : num / den;
	if (w >> 63)
		return false;
	*q = (uint64_t)w;
	rest = num - w * den;
	*half = den == 1 ? -1 : rest > den - rest ? 1 : rest == den - rest ? 0 : -1;
	return true;
}

/* `digits` decimal digits of x > 0 and the exponent of the first, as of printf's %e. */
static bool decimal(double x, int digits, uint64_t *out, int *exponent)
{
	uint64_t bits, q;
	int half;
	memcpy(&bits, &x, sizeof bits);
	int e = (int)(bits >> 52 & 0x7ff) - 1075;
	uint64_t m = (bits & 0xfffffffffffffu) | 0x10000000000000u;
	if (e == -1075)
		return false; /* subnormal */
	/* x >= 2^(e + 52): never too large, one too small at most. A power of two is a power of ten at 1
	 * only. */
	int ten = (int)floor((e + 52) * 0.30102999566398120);
	if (!scaled(m, e, digits - 1 - ten, &q, &half))
		return false;
	if (q >= pow10_u64[digits]) {
		ten++;
		if (!scaled(m, e, digits - 1 - ten, &q, &half))
			return false;
	}
	if (half > 0 || (half == 0 && (q & 1)))
		q++;
	if (q == pow10_u64[digits]) {
		q /= 10;
		ten++;
	}
	*out = q;
	*exponent = ten;
	return true;
}

static char *put_exponent(char *p, int ten)
{
	*p++ = 'e';
	*p++ = ten < 0 ? '-' : '+';
	ten = ten < 0 ? -ten : ten;
	*p++ = (char)('0' + ten / 10);
	*p++ = (char)('0' + ten % 10);
	return p;
}

/* n digits without trailing zeros after the point; %g's choice of form. */
static char *lay_out(char *p, const char *d, int n, int digits, int ten)
{
	bool exp_form = ten < -4 || ten >= digits;
	int whole = exp_form ? 1 : ten < 0 ? 0 : ten + 1;
	if (!exp_form && ten < 0) {
		*p++ = '0';
		*p++ = '.';
		for (int i = -1; i > ten; i--)
			*p++ = '0';
	}
	for (int i = 0; i < n || i < whole; i++) {
		if (i == whole && whole > 0)
			*p++ = '.';
		*p++ = i < n ? d[i] : '0';
	}
	return exp_form ? put_exponent(p, ten) : p;
}

bool grx_fmt_g_fast(char *buf, double x, int digits)
{
	char d[24];
	uint64_t q;
	int ten, n = digits;
	char *p = buf;
	if (!isfinite(x) || digits < 1 || digits > 17)
		return false;
	if (signbit(x))
		*p++ = '-';
	if (x == 0) {
		*p++ = '0';
		*p = '\0';
		return true;
	}
	if (!decimal(fabs(x), digits, &q, &ten))
		return false;
	for (int i = digits; i-- > 0; q /= 10)
		d[i] = (char)('0' + q % 10);
	while (n > 1 && d[n - 1] == '0')
		n--;
	p = lay_out(p, d, n, digits, ten);
	*p = '\0';
	return true;
}
