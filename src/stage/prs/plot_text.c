/* SPDX-License-Identifier: GPL-3.0-or-later
 * plot_text.c -- text and scales of the picture. */
#include <math.h>
#include <string.h>

#include "stage/prs/plot_int.h"

size_t prs_utf8_len(const unsigned char *s)
{
	size_t n = s[0] < 0x80                   ? 1
		   : s[0] >= 0xc2 && s[0] < 0xe0 ? 2
		   : s[0] >= 0xe0 && s[0] < 0xf0 ? 3
		   : s[0] >= 0xf0 && s[0] < 0xf5 ? 4
						 : 0;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if (n == 3 && ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] >= 0xa0)))
		return 0;
	if (n == 4 && ((s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] >= 0x90)))
		return 0;
	return n;
}

/* Characters that would reorder or break the text around them: C0, C1, U+200E-F, U+2028-E, U+2066-9,
 * U+FFFE-F. */
static bool unsafe(const unsigned char *s, size_t n)
{
	if (n == 1)
		return s[0] < ' ' || s[0] == 0x7f;
	if (n == 2)
		return s[0] == 0xc2 && s[1] < 0xa0;
	if (n != 3)
		return false;
	unsigned c = (s[0] & 0x0fu) << 12 | (s[1] & 0x3fu) << 6 | (s[2] & 0x3fu);
	return c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) ||
	       c >= 0xfffe;
}

/* Adds one character; its bytes. */
static size_t one_char(struct grx_str *b, const char *s)
{
	size_t n = prs_utf8_len((const unsigned char *)s);
	if (n == 0 || unsafe((const unsigned char *)s, n))
		grx_str_add(b, "\xef\xbf\xbd");
	else if (n > 1)
		grx_str_addn(b, s, n);
	else if (*s == '<')
		grx_str_add(b, "&lt;");
	else if (*s == '>')
		grx_str_add(b, "&gt;");
	else if (*s == '&')
		grx_str_add(b, "&amp;");
	else if (*s == '"')
		grx_str_add(b, "&quot;");
	else
		grx_str_addc(b, *s);
	return n ? n : 1;
}

void prs_svg_short(struct grx_str *b, const char *s, int max)
{
	int n = 0;
	while (*s && n < max) {
		s += one_char(b, s);
		n++;
	}
	if (*s)
		grx_str_add(b, "\xe2\x80\xa6");
}

void prs_svg_text(struct grx_str *b, const char *s)
{
	while (*s)
		s += one_char(b, s);
}

double prs_svg_step(double span, int n)
{
	double raw = span / n, ten = pow(10, floor(log10(raw))), m = raw / ten;
	return (m <= 1 ? 1 : m <= 2 ? 2 : m <= 5 ? 5 : 10) * ten;
}

void prs_svg_title(struct grx_str *b, double y, const char *text)
{
	grx_str_addf(
		b, "<text x=\"%d\" y=\"%.1f\" font-size=\"17\" font-weight=\"bold\">", PRS_PLOT_MARGIN, y);
	prs_svg_text(b, text);
	grx_str_add(b, "</text>\n");
}
