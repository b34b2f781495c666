/* SPDX-License-Identifier: GPL-3.0-or-later
 * near.c -- the names nearest to a mistyped one. */
#include "stage/recommend/recommend_int.h"

#include <string.h>
#include <strings.h>

enum { NAME_MAX_LEN = 64 };

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* Edit distance without case; names are cut at NAME_MAX_LEN. O(64^2). */
static int distance(const char *a, const char *b)
{
	int row[NAME_MAX_LEN + 1], n = (int)strnlen(a, NAME_MAX_LEN), m = (int)strnlen(b, NAME_MAX_LEN);

	for (int j = 0; j <= m; j++)
		row[j] = j;
	for (int i = 1; i <= n; i++) {
		int diag = row[0];

		row[0] = i;
		for (int j = 1; j <= m; j++) {
			int sub = diag + (lower(a[i - 1]) != lower(b[j - 1])), del = row[j] + 1,
			    ins = row[j - 1] + 1;

			diag = row[j];
			row[j] = sub < del ? sub : del;
			if (ins < row[j])
				row[j] = ins;
		}
	}
	return row[m];
}

void recommend_near(const char *name, const char *const *list, size_t n, int max, struct grx_str *out)
{
	int limit = (int)strlen(name) / 2 + 1, found = 0;

	for (int d = 0; d <= limit && found < max; d++) {
		for (size_t i = 0; i < n && found < max; i++) {
			bool prefix = d == 1 && *name && !strncasecmp(name, list[i], strlen(name));
			int dist = distance(name, list[i]);

			/* a name that the typed one begins counts as distance 1 */
			if (dist > 1 && *name && !strncasecmp(name, list[i], strlen(name)))
				dist = 1;
			if (dist != d && !(prefix && dist == 1))
				continue;
			if (found++)
				grx_str_add(out, ", ");
			grx_str_add(out, list[i]);
		}
	}
}
