/* SPDX-License-Identifier: GPL-3.0-or-later
 * columns.c -- cells of the tables of this stage: numbers that may be absent, sexes, names. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "io/text.h"
#include "stage/predict/predict_int.h"

int predict_bad_cell(struct grx_ctx *cx, const struct grx_table *t, int col, const char *want)
{
	return grx_fail(cx, GRX_E_DATA, "%s:%lld: column '%s': '%.60s'; expected %s", grx_table_path(t),
		(long long)grx_table_lineno(t), grx_table_name(t, col), grx_table_get(t, col), want);
}

bool predict_absent(const char *s)
{
	return *s == '\0' || strcmp(s, "NA") == 0 || strcmp(s, ".") == 0;
}

int predict_cell_opt(struct grx_ctx *cx, const struct grx_table *t, int col, double fallback, double *out)
{
	*out = fallback;
	return predict_absent(grx_table_get(t, col)) ? GRX_OK : grx_table_f64(cx, t, col, out);
}

int predict_cell_sex(struct grx_ctx *cx, const struct grx_table *t, int col, int *out)
{
	const char *s = grx_table_get(t, col);
	*out = strcmp(s, "female") == 0 ? 0 : strcmp(s, "male") == 0 ? 1 : -1;
	return *out >= 0 || strcmp(s, "any") == 0 ? GRX_OK
						  : predict_bad_cell(cx, t, col, "female, male or any");
}

int predict_cell_name(
	struct grx_ctx *cx, struct grx_arena *mem, const struct grx_table *t, int col, const char **out)
{
	const char *s = grx_table_get(t, col);
	size_t n = 0;
	while (isalnum((unsigned char)s[n]) || (s[n] && strchr("_.-", s[n])))
		n++;
	if (n == 0 || s[n] || n > 100)
		return predict_bad_cell(cx, t, col, "a name of up to 100 letters, digits, '_', '.' and '-'");
	*out = grx_arena_strdup(mem, s);
	return *out ? GRX_OK : grx_fail_nomem(cx, "names");
}

bool predict_parse_bool(const char *s, double *out)
{
	static const char *const word[] = {"0", "1", "no", "yes", "n", "y", "false", "true"};
	for (int i = 0; i < 8; i++)
		if (strcasecmp(s, word[i]) == 0) {
			*out = i % 2;
			return true;
		}
	return false;
}
