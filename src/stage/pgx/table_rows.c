/* SPDX-License-Identifier: GPL-3.0-or-later
 * table_rows.c -- rows of the tables of refdata/pgx, one by one. */
#include <string.h>

#include "base/ctx.h"
#include "stage/pgx/table_int.h"

/* Room for element n of an arena array that doubles at powers of two. */
void *pgx_more(struct grx_arena *mem, void *old, size_t n, size_t size)
{
	return (n & (n - 1)) ? old : grx_arena_grow(mem, old, n, n ? 2 * n : 1, size);
}

const char *pgx_keep(struct pgx_loader *ld, const char *s)
{
	return grx_arena_strdup(ld->t->mem, s);
}

/* "." = none */
const char *pgx_keep_or_null(struct pgx_loader *ld, const char *s)
{
	return strcmp(s, ".") && *s ? pgx_keep(ld, s) : NULL;
}

/* Read refdata/pgx/name and hand each row's fields (in the order of cols) to fn. */
int pgx_each_row(struct pgx_loader *ld, const char *name, const char *const *cols, int n_col, pgx_row_fn fn)
{
	int rc = GRX_E_BUG, col[12];
	const char *field[12];
	bool more = true;
	char *path = grx_refdata_path(ld->cx, name);
	if (!path)
		return grx_fail_nomem(ld->cx, "a path");
	GRX_TRY(grx_table_open(ld->cx, path, true, &ld->f));
	for (int i = 0; i < n_col; i++)
		GRX_TRY(grx_table_need(ld->cx, ld->f, cols[i], &col[i]));
	for (;;) {
		GRX_TRY(grx_table_next(ld->cx, ld->f, &more));
		if (!more)
			break;
		for (int i = 0; i < n_col; i++)
			field[i] = grx_table_get(ld->f, col[i]);
		GRX_TRY(fn(ld, field));
	}
	rc = GRX_OK;
out:
	grx_table_close(ld->f);
	ld->f = NULL;
	grx_free(path);
	return rc;
}

int pgx_bad_row(struct pgx_loader *ld, const char *what, const char *found)
{
	return grx_fail(ld->cx, GRX_E_DATA,
		"%s:%lld: %s: found '%s'; convert the table again (refdata/pgx/convert.sh)",
		grx_table_path(ld->f), (long long)grx_table_lineno(ld->f), what, found);
}
