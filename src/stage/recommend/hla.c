/* SPDX-License-Identifier: GPL-3.0-or-later
 * hla.c -- is an HLA allele in a typing? "Negative" needs two types that are fine enough to be another
 * allele: a first field alone (*57), a code of several alleles (*57:XX), one type of two, or text is no
 * negative. */
#include <ctype.h>
#include <string.h>

#include "stage/recommend/recommend_int.h"

/* One field ("01", "01P") against the field wanted. P and G groups are named after their first allele and
 * hold it; N is not expressed; other suffixes leave it open. */
static enum recommend_tri field_is(const char *field, size_t n, const char *want, size_t k)
{
	size_t d = 0;

	while (d < n && isdigit((unsigned char)field[d]))
		d++;
	/* "1502" is a name of before 2010, "2" is no field */
	if (d < 2 || d > 3 || n - d > 1)
		return RECOMMEND_UNKNOWN;
	if (d != k || strncmp(field, want, k) != 0)
		return RECOMMEND_FALSE;
	if (d == n || field[d] == 'P' || field[d] == 'G')
		return RECOMMEND_TRUE;
	return field[d] == 'N' ? RECOMMEND_FALSE : RECOMMEND_UNKNOWN;
}

/* One type, from the asterisk on, of n bytes. */
static enum recommend_tri type_is(const char *type, size_t n, const char *want)
{
	size_t i = 1, j = 1;

	while (want[j]) {
		size_t k = strcspn(want + j, ":"), f = 0;
		enum recommend_tri t;

		if (i >= n)
			return RECOMMEND_UNKNOWN; /* too coarse */
		while (i + f < n && type[i + f] != ':')
			f++;
		t = field_is(type + i, f, want + j, k);
		if (t != RECOMMEND_TRUE)
			return t;
		i += f + 1;
		j += k + (want[j + k] == ':');
	}
	return RECOMMEND_TRUE;
}

enum recommend_tri recommend_hla_has(const char *typing, const char *allele)
{
	int n_type = 0, n_other = 0;

	while (*typing) {
		size_t n, star = 0;
		enum recommend_tri t = RECOMMEND_UNKNOWN;

		typing += strspn(typing, "/ +|,;");
		n = strcspn(typing, "/ +|,;");
		if (!n)
			break;
		while (star < n && typing[star] != '*')
			star++;
		if (star < n)
			t = type_is(typing + star, n - star, allele);
		if (t == RECOMMEND_TRUE)
			return t;
		n_type++;
		n_other += t == RECOMMEND_FALSE;
		typing += n;
	}
	return n_type >= 2 && n_other == n_type ? RECOMMEND_FALSE : RECOMMEND_UNKNOWN;
}
