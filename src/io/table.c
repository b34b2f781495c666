/* SPDX-License-Identifier: GPL-3.0-or-later
 * table.c -- tab-separated tables with a header line.
 * Every row has as many fields as the header; nothing is skipped after the header line. */
#include <string.h>

#include "base/mem.h"
#include "io/text.h"

struct grx_table {
	struct grx_text *t;
	int ncol;
	char **name;
	char **field;
	char *header; /* storage of the names */
	bool has_row;
};

static int count_fields(const char *s)
{
	int n = 1;

	for (; (s = strchr(s, '\t')); s++)
		n++;
	return n;
}

/* Comment lines before the header: "##..." always, "#..." when the caller says so. */
static bool is_comment(const char *line, bool comments)
{
	return line[0] == '#' && (comments || line[1] == '#');
}

static int read_header(struct grx_ctx *cx, struct grx_table *tb, bool comments)
{
	int rc = GRX_E_BUG;
	const char *path = grx_text_path(tb->t);
	char *line;

	do
		GRX_TRY(grx_text_line(cx, tb->t, &line));
	while (line && is_comment(line, comments));
	if (!line)
		return grx_fail(
			cx, GRX_E_DATA, "%s: no header line: expected tab-separated column names", path);
	if (line[0] == '#')
		line++;
	tb->ncol = count_fields(line);
	tb->header = grx_strdup(line);
	tb->name = grx_calloc((size_t)tb->ncol, sizeof *tb->name);
	tb->field = grx_calloc((size_t)tb->ncol, sizeof *tb->field);
	if (!tb->header || !tb->name || !tb->field)
		return grx_fail_nomem(cx, "table header");
	if (grx_split(tb->header, '\t', tb->name, tb->ncol) != tb->ncol)
		return grx_fail(cx, GRX_E_BUG, "%s: header fields", path);
	for (int i = 0; i < tb->ncol; i++) {
		if (!*tb->name[i])
			return grx_fail(cx, GRX_E_DATA, "%s:%lld: column %d has no name", path,
				(long long)grx_text_lineno(tb->t), i + 1);
		for (int j = 0; j < i; j++)
			if (strcmp(tb->name[i], tb->name[j]) == 0)
				return grx_fail(cx, GRX_E_DATA, "%s:%lld: column '%s' appears twice", path,
					(long long)grx_text_lineno(tb->t), tb->name[i]);
	}
	rc = GRX_OK;
out:
	return rc;
}

int grx_table_open(struct grx_ctx *cx, const char *path, bool comments, struct grx_table **out)
{
	int rc = GRX_E_BUG;
	struct grx_table *tb = grx_calloc(1, sizeof *tb);

	*out = NULL;
	if (!tb)
		return grx_fail_nomem(cx, "table");
	GRX_TRY(grx_text_open(cx, path, &tb->t));
	GRX_TRY(read_header(cx, tb, comments));
	*out = tb;
	tb = NULL;
	rc = GRX_OK;
out:
	grx_table_close(tb);
	return rc;
}

void grx_table_close(struct grx_table *tb)
{
	if (!tb)
		return;
	grx_text_close(tb->t);
	grx_free(tb->name);
	grx_free(tb->field);
	grx_free(tb->header);
	grx_free(tb);
}

int grx_table_col(const struct grx_table *tb, const char *name)
{
	for (int i = 0; i < tb->ncol; i++)
		if (strcmp(tb->name[i], name) == 0)
			return i;
	return -1;
}

int grx_table_need(struct grx_ctx *cx, const struct grx_table *tb, const char *name, int *col)
{
	struct grx_str found = {0};
	int rc;

	*col = grx_table_col(tb, name);
	if (*col >= 0)
		return GRX_OK;
	for (int i = 0; i < tb->ncol && found.n < 400; i++)
		grx_str_addf(&found, "%s%s", i ? ", " : "", tb->name[i]);
	rc = grx_fail(cx, GRX_E_DATA, "%s: no column '%s'; the columns are: %s", grx_text_path(tb->t), name,
		found.s ? found.s : "");
	grx_str_clear(&found);
	return rc;
}

int grx_table_next(struct grx_ctx *cx, struct grx_table *tb, bool *more)
{
	char *line;
	int rc = grx_text_line(cx, tb->t, &line), n;

	*more = tb->has_row = false;
	if (rc || !line)
		return rc;
	n = count_fields(line);
	if (n != tb->ncol)
		return grx_fail(cx, GRX_E_DATA, "%s:%lld: %d fields, the header has %d%s",
			grx_text_path(tb->t), (long long)grx_text_lineno(tb->t), n, tb->ncol,
			n == 1 && strchr(line, ' ') ? " (spaces instead of tabs?)" : "");
	grx_split(line, '\t', tb->field, tb->ncol);
	*more = tb->has_row = true;
	return GRX_OK;
}

const char *grx_table_get(const struct grx_table *tb, int col)
{
	return col < 0 || col >= tb->ncol || !tb->has_row ? "" : tb->field[col];
}

static int bad_number(struct grx_ctx *cx, const struct grx_table *tb, int col, const char *what)
{
	return grx_fail(cx, GRX_E_DATA, "%s:%lld: column '%s': '%.60s' is not %s", grx_text_path(tb->t),
		(long long)grx_text_lineno(tb->t), grx_table_name(tb, col), grx_table_get(tb, col), what);
}

int grx_table_i64(struct grx_ctx *cx, const struct grx_table *tb, int col, int64_t *out)
{
	return grx_parse_i64(grx_table_get(tb, col), out) ? GRX_OK : bad_number(cx, tb, col, "an integer");
}

int grx_table_f64(struct grx_ctx *cx, const struct grx_table *tb, int col, double *out)
{
	return grx_parse_f64(grx_table_get(tb, col), out) ? GRX_OK : bad_number(cx, tb, col, "a number");
}

int64_t grx_table_lineno(const struct grx_table *tb)
{
	return grx_text_lineno(tb->t);
}

const char *grx_table_path(const struct grx_table *tb)
{
	return grx_text_path(tb->t);
}

int grx_table_ncol(const struct grx_table *tb)
{
	return tb->ncol;
}

const char *grx_table_name(const struct grx_table *tb, int col)
{
	return col < 0 || col >= tb->ncol ? "?" : tb->name[col];
}

int grx_table_each(struct grx_ctx *cx, const char *path, const char *const *name, int n_col,
	int (*row)(void *arg, struct grx_ctx *cx, struct grx_table *t, const int *col), void *arg)
{
	int rc = GRX_E_BUG, col[32];
	struct grx_table *t = NULL;
	bool more = true;
	GRX_TRY(grx_table_open(cx, path, true, &t));
	for (int i = 0; i < n_col; i++)
		GRX_TRY(grx_table_need(cx, t, name[i], &col[i]));
	for (;;) {
		GRX_TRY(grx_table_next(cx, t, &more));
		if (!more)
			break;
		GRX_TRY(row(arg, cx, t, col));
	}
	rc = GRX_OK;
out:
	grx_table_close(t);
	return rc;
}
