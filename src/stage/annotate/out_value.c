/* SPDX-License-Identifier: GPL-3.0-or-later
 * out_value.c -- the text of one column of one entry.
 * Every function writes at p and returns the end; annotate_cell_bound() says how much room suffices, so none
 * of them checks. No value is no text. */
#include "stage/annotate/out_int.h"

char *annotate_put_text(char *p, const char *s, const uint8_t *esc)
{
	static const char hex[] = "0123456789ABCDEF";
	for (; *s; s++) {
		uint8_t k = esc[(unsigned char)*s];
		if (k > AE_SPACE) {
			*p++ = (char)k;
		} else if (k == AE_PERCENT) {
			*p++ = '%';
			*p++ = hex[(unsigned char)*s >> 4];
			*p++ = hex[*s & 15];
		} else if (esc[(unsigned char)s[1]] != AE_SPACE) { /* one for a run of white space */
			*p++ = '_';
		}
	}
	return p;
}

char *annotate_put_int(char *p, int64_t x)
{
	char t[20];
	int n = 0;
	uint64_t u = x < 0 ? 0 - (uint64_t)x : (uint64_t)x;
	if (x < 0)
		*p++ = '-';
	do
		t[n++] = (char)('0' + u % 10);
	while (u /= 10);
	while (n)
		*p++ = t[--n];
	return p;
}

char *annotate_put_str(char *p, const char *s)
{
	size_t n = strlen(s);
	memcpy(p, s, n);
	return p + n;
}

char *annotate_put_value(const struct annotate_cell *c, const char *s, char *p)
{
	return s ? annotate_put_text(p, s, c->style->esc) : p;
}

char *annotate_cell_put(const struct annotate_cell *c, enum annotate_col k, char *p)
{
	return annotate_column[k].scope == AC_OF_ENTRY ? annotate_entry_put(c, k, p)
						       : annotate_allele_put(c, k, p);
}

/* Terms twice (1,000 bytes each), numbers of 20 digits, separators: 4 kB; texts grow threefold at most. */
size_t annotate_cell_bound(const struct annotate_cell *c)
{
	enum { FIXED = 4096 };
	if (!c->e)
		return FIXED + 3 * annotate_allele_bound(c);
	return FIXED + 3 * annotate_entry_bound(c->e);
}
