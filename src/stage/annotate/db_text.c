/* SPDX-License-Identifier: GPL-3.0-or-later
 * db_text.c -- tables as databases: which columns hold what, and the cells of a line.
 * A table whose alleles cannot be found is refused: taken as positions it would give an allele the score of
 * another one. */
#include <ctype.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include "stage/annotate/db_int.h"

enum { PEEK_ROWS = 1000, CELLS_MAX = 4096 };

static const char *const names_chrom[] = {"CHROM", "CHR", "CHROMOSOME", "CONTIG", "SEQNAME", NULL};
static const char *const names_pos[] = {"POS", "POSITION", "START", "CHROMSTART", NULL};
static const char *const names_end[] = {"END", "STOP", "CHROMEND", NULL};
static const char *const names_ref[] = {"REF", "REFERENCE", "REFERENCE_ALLELE", NULL};
static const char *const names_alt[] = {"ALT", "ALTERNATE", "ALTERNATE_ALLELE", NULL};

static int col_any(const struct annotate_dbtext *t, const char *const *name)
{
	for (; *name; name++)
		for (int i = 0; i < t->n_name; i++)
			if (strcasecmp(t->name[i], *name) == 0)
				return i;
	return -1;
}

/* A column by name (exactly) or number (1-based). */
static int col_of(struct grx_ctx *cx, const struct annotate_dbtext *t, const char *s, int *col)
{
	int64_t n;
	for (int i = 0; i < t->n_name; i++)
		if (strcmp(t->name[i], s) == 0) {
			*col = i;
			return GRX_OK;
		}
	if (grx_parse_i64(s, &n) && n >= 1 && n <= CELLS_MAX) {
		*col = (int)n - 1;
		return GRX_OK;
	}
	if (t->n_name == 0)
		return grx_fail(cx, GRX_E_DATA,
			"%s: no header line with column names, so '%s' cannot be found: give the column's "
			"number",
			t->path, s);
	struct grx_str list = {0};
	for (int i = 0; i < t->n_name && i < 40; i++)
		grx_str_addf(&list, "%s%s", i ? ", " : "", t->name[i]);
	int rc = grx_fail(cx, GRX_E_DATA, "%s: no column '%s': found %s", t->path, s, list.s ? list.s : "");
	grx_str_clear(&list);
	return rc;
}

static bool all_digits(const char *s)
{
	return *s && s[strspn(s, "0123456789")] == '\0';
}

/* Column names from a line, which is cut up. */
static int names_take(struct grx_ctx *cx, struct annotate_dbtext *t, const char *line)
{
	char *s = grx_arena_strdup(t->mem, line + strspn(line, "# "));
	int n = 1;
	for (const char *p = line; *p; p++)
		n += *p == '\t';
	t->name = grx_arena_calloc(t->mem, (size_t)n, sizeof *t->name);
	if (!s || !t->name)
		return grx_fail_nomem(cx, "column names");
	t->n_name = grx_split(s, '\t', t->name, n);
	return GRX_OK;
}

/* Is this a header line, for want of a '#'? Then no cell is a number. */
static bool looks_like_names(struct grx_arena *mem, const char *line)
{
	char *s = grx_arena_strdup(mem, line), *cell[CELLS_MAX];
	int n = s ? grx_split(s, '\t', cell, CELLS_MAX) : 0;
	for (int i = 0; i < n; i++)
		if (all_digits(cell[i]) || !cell[i][0])
			return false;
	return n >= 3;
}

/* Columns of alleles or intervals from the key. */
static int key_use(struct grx_ctx *cx, struct annotate_dbtext *t, const char *key)
{
	char *s = grx_arena_strdup(t->mem, key), *part[5];
	int rc = s ? GRX_OK : grx_fail_nomem(cx, "column names"), n = s ? grx_split(s, ',', part, 5) : 0;
	int *to[] = {&t->chrom, &t->pos, &t->ref, &t->alt};
	if (!rc && n != 3 && n != 4)
		return grx_fail(cx, GRX_E_USAGE,
			"--db-key '%s': expected the columns CHROM,POS,REF,ALT or CHROM,BEG,END", key);
	t->ref = t->alt = t->end = -1;
	if (n == 3)
		to[2] = &t->end;
	for (int i = 0; i < n && !rc; i++)
		rc = col_of(cx, t, part[i], to[i]);
	return rc;
}

static int columns_find(
	struct grx_ctx *cx, struct annotate_dbtext *t, const char *key, const struct grx_tabdb *index)
{
	const struct grx_tabconf *c = index ? grx_tabdb_conf(index) : NULL;
	t->chrom = c ? c->chrom : col_any(t, names_chrom);
	t->pos = c ? c->beg : col_any(t, names_pos);
	t->end = c ? c->end : col_any(t, names_end);
	t->ref = col_any(t, names_ref);
	t->alt = col_any(t, names_alt);
	t->zero_based = c && c->zero_based;
	int rc = key ? key_use(cx, t, key) : GRX_OK;
	if (rc)
		return rc;
	if (c && (t->chrom != c->chrom || t->pos != c->beg))
		return grx_fail(cx, GRX_E_MISMATCH,
			"%s: its index is of columns %d and %d, --db-key says %d and %d: make it again by "
			"`tabix -f "
			"-s %d -b %d -e %d`",
			t->path, c->chrom + 1, c->beg + 1, t->chrom + 1, t->pos + 1, t->chrom + 1, t->pos + 1,
			t->pos + 1);
	bool alleles = t->ref >= 0 && t->alt >= 0;
	if (t->chrom < 0 || t->pos < 0 || (!alleles && t->end < 0))
		return grx_fail(cx, GRX_E_DATA,
			"%s: columns of the alleles (CHROM, POS, REF, ALT) not found: name them by --db-key "
			"NAME=CHROM,POS,REF,ALT, or CHROM,BEG,END for intervals",
			t->path);
	if (!alleles)
		t->ref = t->alt = -1;
	else
		t->end = -1;
	return GRX_OK;
}

static bool is_missing(const char *s, bool number)
{
	return !*s || strcmp(s, ".") == 0 ||
	       (number && (strcasecmp(s, "NA") == 0 || strcasecmp(s, "NaN") == 0 || strcmp(s, "-") == 0));
}

/* Would the text change as a Float? An identifier does: leading zeros, or more digits than a float has. */
static bool loses(const char *s)
{
	const char *d = s + (*s == '-');
	double x;
	if (!all_digits(d))
		return false;
	return (d[0] == '0' && d[1]) || !grx_parse_f64(s, &x) || fabs(x) > 1 << 24;
}

struct peek {
	struct grx_text *in;
	int64_t rows;
	int *numbers, *others; /* per field */
};

/* What the first rows hold. */
static int types_peek(struct grx_ctx *cx, const struct annotate_dbtext *t, const struct annotate_dbspec *sp,
	char *line, struct peek *p)
{
	char *cell[CELLS_MAX];
	int n = grx_split(line, '\t', cell, CELLS_MAX);
	if (n <= t->last)
		return grx_fail(cx, GRX_E_DATA, "%s:%lld: %d columns, expected at least %d", t->path,
			(long long)grx_text_lineno(p->in), n, t->last + 1);
	p->rows++;
	for (int j = 0; j < sp->n_field; j++) {
		double x;
		const char *s = cell[sp->field[j].col];
		if (is_missing(s, true))
			continue;
		if (grx_parse_f64(s, &x) && !loses(s))
			p->numbers[j]++;
		else
			p->others[j]++;
	}
	return GRX_OK;
}

static int peek_rows(struct grx_ctx *cx, struct annotate_dbtext *t, const struct annotate_dbspec *sp,
	struct peek *p, char *line)
{
	int rc = GRX_OK;
	while (line && p->rows < PEEK_ROWS && !rc) {
		if (*line && *line != '#')
			rc = types_peek(cx, t, sp, line, p);
		if (!rc)
			rc = grx_text_line(cx, p->in, &line);
	}
	for (int j = 0; j < sp->n_field && !rc; j++) {
		struct annotate_dbfield *f = &sp->field[j];
		f->src_type = GRX_T_STR;
		f->number = '1';
		if (!f->typed)
			f->type = p->numbers[j] && !p->others[j] && t->ref >= 0 ? GRX_T_FLOAT : GRX_T_STR;
	}
	return rc;
}

static int header_read(struct grx_ctx *cx, struct annotate_dbtext *t, const struct grx_tabdb *index,
	struct grx_text *in, char **line)
{
	int skip = index ? grx_tabdb_conf(index)->skip : 0, rc;
	for (;;) {
		rc = grx_text_line(cx, in, line);
		if (rc || !*line)
			return rc;
		bool comment = **line == '#', first = grx_text_lineno(in) <= skip;
		if (strncmp(*line, "##", 2) == 0 || !**line)
			continue;
		if (comment && !strchr(*line, '\t'))
			continue;
		if (!comment && !first && (t->n_name || !looks_like_names(t->mem, *line)))
			return GRX_OK;
		rc = names_take(cx, t, *line);
		if (rc)
			return rc;
	}
}

int annotate_dbtext_open(struct grx_ctx *cx, const struct annotate_dbspec *sp, const char *key,
	const struct grx_tabdb *index, struct annotate_dbtext *t)
{
	int rc = GRX_E_BUG;
	struct peek p = {0};
	char *line = NULL;
	*t = (struct annotate_dbtext){.path = sp->path, .mem = grx_arena_new()};
	if (!t->mem)
		return grx_fail_nomem(cx, "table");
	p.numbers = grx_arena_calloc(t->mem, (size_t)sp->n_field + 1, sizeof *p.numbers);
	p.others = grx_arena_calloc(t->mem, (size_t)sp->n_field + 1, sizeof *p.others);
	if (!p.numbers || !p.others)
		GRX_TRY(grx_fail_nomem(cx, "table"));
	GRX_TRY(grx_text_open(cx, sp->path, &p.in));
	GRX_TRY(header_read(cx, t, index, p.in, &line));
	GRX_TRY(columns_find(cx, t, key, index));
	const int used[] = {t->chrom, t->pos, t->end, t->ref, t->alt};
	for (int i = 0; i < 5; i++)
		t->last = used[i] > t->last ? used[i] : t->last;
	for (int j = 0; j < sp->n_field; j++) {
		GRX_TRY(col_of(cx, t, sp->field[j].key, &sp->field[j].col));
		t->last = sp->field[j].col > t->last ? sp->field[j].col : t->last;
	}
	rc = peek_rows(cx, t, sp, &p, line);
out:
	grx_text_close(p.in);
	return rc;
}

void annotate_dbtext_clear(struct annotate_dbtext *t)
{
	grx_arena_free(t->mem);
	*t = (struct annotate_dbtext){0};
}

/* --- rows --- */

static int row_fail(
	struct grx_ctx *cx, const struct annotate_dbtext *t, int64_t no, const char *what, const char *found)
{
	if (no)
		return grx_fail(
			cx, GRX_E_DATA, "%s:%lld: %s, found '%.60s'", t->path, (long long)no, what, found);
	return grx_fail(cx, GRX_E_DATA, "%s: a line of the table: %s, found '%.60s'", t->path, what, found);
}

static void upper(char *s)
{
	if (*s == '<' || strchr(s, '[') || strchr(s, ']'))
		return;
	for (; *s; s++)
		*s = (char)toupper((unsigned char)*s);
}

static int alts_take(struct grx_ctx *cx, char *s, struct grx_arena *mem, struct annotate_dbrow *row)
{
	int n = 1;
	for (const char *p = s; *p; p++)
		n += *p == ',';
	char **alt = grx_arena_alloc(mem, (size_t)n, sizeof *alt);
	if (!alt)
		return grx_fail_nomem(cx, "table");
	row->n_alt = grx_split(s, ',', alt, n);
	for (int i = 0; i < row->n_alt; i++)
		upper(alt[i]);
	row->alt = (const char *const *)alt;
	return GRX_OK;
}

int annotate_dbtext_row(struct grx_ctx *cx, const struct annotate_dbtext *t, char *line, int64_t no,
	struct grx_arena *mem, struct annotate_dbrow *row, bool *data)
{
	int64_t pos, end;
	*data = *line && *line != '#';
	if (!*data)
		return GRX_OK;
	char **cell = grx_arena_alloc(mem, (size_t)t->last + 2, sizeof *cell);
	if (!cell)
		return grx_fail_nomem(cx, "table");
	int n = grx_split(line, '\t', cell, t->last + 2);
	if (n <= t->last)
		return row_fail(cx, t, no, "too few columns", line);
	if (t->n_name && strcmp(cell[t->pos], t->name[t->pos]) == 0) {
		*data = false; /* the header line without '#' */
		return GRX_OK;
	}
	if (!grx_parse_i64(cell[t->pos], &pos) || pos < (t->zero_based ? 0 : 1))
		return row_fail(cx, t, no, "a position is expected", cell[t->pos]);
	pos -= !t->zero_based;
	end = pos + 1;
	if (t->end >= 0 && (!grx_parse_i64(cell[t->end], &end) || end <= pos))
		return row_fail(cx, t, no, "an end after the beginning is expected", cell[t->end]);
	*row = (struct annotate_dbrow){
		.contig = cell[t->chrom], .pos = pos, .end = end, .n_alt = 1, .from = cell, .line = no};
	if (t->ref < 0)
		return GRX_OK;
	upper(cell[t->ref]);
	row->ref = cell[t->ref];
	row->end = pos + (int64_t)strlen(row->ref);
	return alts_take(cx, cell[t->alt], mem, row);
}

/* Element k of a list as long as the alleles' one. */
static const char *element(struct grx_arena *mem, const char *s, int k, int n)
{
	int have = 1;
	for (const char *p = s; *p; p++)
		have += *p == ',';
	if (n < 2 || have != n)
		return s;
	while (k-- > 0)
		s = strchr(s, ',') + 1;
	return grx_arena_strndup(mem, s, strcspn(s, ","));
}

int annotate_dbtext_put(struct grx_arena *mem, const char *s, struct annotate_dbval *out)
{
	char *t = grx_arena_alloc(mem, 3 * strlen(s) + 1, 1), *p = t;
	if (!t)
		return GRX_E_NOMEM;
	for (; *s; s++) {
		if (*s == '=') {
			memcpy(p, "%3D", 3);
			p += 3;
		} else {
			*p++ = *s == ',' || *s == ';' ? '&' : (unsigned char)*s <= ' ' ? '_' : *s;
		}
	}
	*p = '\0';
	*out = (struct annotate_dbval){.kind = DB_STR, .n = (int32_t)(p - t), .v.s = t};
	return GRX_OK;
}

int annotate_dbcell_value(struct grx_ctx *cx, const struct annotate_dbtext *t,
	const struct annotate_dbfield *f, const struct annotate_dbrow *row, struct grx_arena *mem,
	struct annotate_dbval *out)
{
	char *const *cell = row->from;
	const char *s = cell[f->col];
	double x;
	int64_t i;
	int alt = out->n;
	*out = (struct annotate_dbval){0};
	if (row->ref && !(s = element(mem, s, alt, row->n_alt)))
		return grx_fail_nomem(cx, "table");
	if (is_missing(s, f->type != GRX_T_STR))
		return GRX_OK;
	if (f->type == GRX_T_STR)
		return annotate_dbtext_put(mem, s, out) ? grx_fail_nomem(cx, "table") : GRX_OK;
	if (f->type == GRX_T_INT && grx_parse_i64(s, &i) && i > INT32_MIN + 8 && i <= INT32_MAX) {
		*out = (struct annotate_dbval){.kind = DB_INT, .v.i = (int32_t)i};
		return GRX_OK;
	}
	if (f->type == GRX_T_FLOAT && grx_parse_f64(s, &x) && isfinite((float)x) && (f->typed || !loses(s))) {
		*out = (struct annotate_dbval){.kind = DB_FLOAT, .v.f = (float)x};
		return GRX_OK;
	}
	return grx_fail(cx, GRX_E_DATA,
		"%s: %s:%lld: column %s: '%.60s' is no %s: ask for the column as a text, %s/String", t->path,
		row->contig, (long long)row->pos + 1, f->key, s, f->type == GRX_T_INT ? "integer" : "number",
		f->key);
}
