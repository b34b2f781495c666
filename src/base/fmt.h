/* SPDX-License-Identifier: GPL-3.0-or-later
 * fmt.h -- numbers as text without printf, for tables of millions of them. */
#ifndef GRX_BASE_FMT_H
#define GRX_BASE_FMT_H

#include <stdbool.h>

/* The bytes of printf("%.*g") in the C locale into buf (32 bytes at least), rounded exactly, ties to even.
 * false: not done, for NaN, infinity, digits outside 1..17 and sizes beyond about 1e-10 to 1e26; the caller
 * prints. About 5 times faster than printf. */
bool grx_fmt_g_fast(char *buf, double x, int digits);

#endif
