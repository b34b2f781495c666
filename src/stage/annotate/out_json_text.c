/* SPDX-License-Identifier: GPL-3.0-or-later
 * out_json_text.c -- JSON as text: strings, keys, lists. What is not UTF-8 becomes U+FFFD. */
#include "stage/annotate/out_int.h"

/* Bytes of the UTF-8 character at s; 0 when it is none. */
static size_t utf8_length(const unsigned char *s)
{
	size_t n = s[0] < 0x80                   ? 1
		   : s[0] >= 0xC2 && s[0] < 0xE0 ? 2
		   : (s[0] & 0xF0) == 0xE0       ? 3
		   : s[0] >= 0xF0 && s[0] < 0xF5 ? 4
						 : 0;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xC0) != 0x80)
			return 0;
	bool too_short = (s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xF0 && s[1] < 0x90);
	bool beyond = (s[0] == 0xED && s[1] >= 0xA0) || (s[0] == 0xF4 && s[1] >= 0x90);
	return too_short || beyond ? 0 : n;
}

static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

/* One byte or character that is not plain; returns how long it is. */
static size_t odd_add(struct grx_str *o, const char *s)
{
	unsigned char c = (unsigned char)*s;
	size_t k = utf8_length((const unsigned char *)s);
	if (c == '"' || c == '\\') {
		grx_str_addc(o, '\\');
		grx_str_addc(o, (char)c);
	} else if (c == '\t') {
		grx_str_add(o, "\\t");
	} else if (c < 0x20 || c == 0x7F) {
		grx_str_addf(o, "\\u%04x", c);
	} else if (k == 0) {
		grx_str_add(o, "\\ufffd");
	} else {
		grx_str_addn(o, s, k);
	}
	return k ? k : 1;
}

void annotate_json_stringn(struct grx_str *o, const char *s, size_t n)
{
	const char *end = s + n;
	grx_str_addc(o, '"');
	while (s < end) {
		size_t k = 0;
		while (s + k < end && is_plain((unsigned char)s[k]))
			k++;
		grx_str_addn(o, s, k);
		s += k;
		if (s < end)
			s += odd_add(o, s);
	}
	grx_str_addc(o, '"');
}

void annotate_json_string(struct grx_str *o, const char *s)
{
	annotate_json_stringn(o, s, strlen(s));
}

/* A comma unless something was just opened, then the key. */
void annotate_json_key(struct grx_str *o, const char *key)
{
	char last = o->n ? o->s[o->n - 1] : '{';
	if (last != '{' && last != '[')
		grx_str_addc(o, ',');
	annotate_json_string(o, key);
	grx_str_addc(o, ':');
}

void annotate_json_next(struct grx_str *o)
{
	if (o->n && o->s[o->n - 1] != '[')
		grx_str_addc(o, ',');
}

void annotate_json_list(struct grx_str *o, const char *s, size_t n, char sep)
{
	const char *end = s + n;
	grx_str_addc(o, '[');
	while (s < end) {
		const char *to = memchr(s, sep, (size_t)(end - s));
		to = to ? to : end;
		annotate_json_next(o);
		annotate_json_stringn(o, s, (size_t)(to - s));
		s = to + 1;
	}
	grx_str_addc(o, ']');
}
