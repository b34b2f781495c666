/* SPDX-License-Identifier: GPL-3.0-or-later
 * outside.c -- read the calls of other tools.
 * A row is refused when it cannot be understood; it is never bent into something that can. */
#include "stage/pgx/outside.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "stage/pgx/table_int.h"

enum { N_COL = 5, MAX_FIELD = 64 };
static const char *const col_name[N_COL] = {"sample", "gene", "diplotype", "phenotype", "activity_score"};

struct reader {
	struct grx_ctx *cx;
	struct pgx_outside *o;
	struct grx_text *f;
	const char *const *sample;
	int n_sample;
	int col[N_COL]; /* -1 = not in the file */
	bool begun;
	int64_t n_foreign; /* rows of samples that are not in the input */
};

static int bad(struct reader *r, const char *found, const char *expected)
{
	return grx_fail(r->cx, GRX_E_DATA, "%s:%lld: found '%s', expected %s", r->o->path,
		(long long)grx_text_lineno(r->f), found, expected);
}

/* Names of columns in the first line, if it has them. */
static bool take_header(struct reader *r, char **field, int n)
{
	int col[N_COL] = {-1, -1, -1, -1, -1};
	bool header = false;
	for (int i = 0; i < n; i++)
		for (int c = 0; c < N_COL; c++)
			if (!strcmp(field[i] + (i == 0 && field[i][0] == '#'), col_name[c]))
				col[c] = i;
	header = col[1] >= 0 && (col[2] >= 0 || col[3] >= 0 || col[4] >= 0);
	if (header)
		memcpy(r->col, col, sizeof col);
	return header;
}

static const char *get(const struct reader *r, char **field, int n, int c)
{
	int i = r->col[c];
	return i < 0 || i >= n || !field[i][0] || !strcmp(field[i], ".") ? NULL : field[i];
}

static int find_sample(const struct reader *r, const char *name)
{
	for (int i = 0; i < r->n_sample; i++)
		if (!strcmp(r->sample[i], name))
			return i;
	return -1;
}

static int find_gene(const struct pgx_table *t, const char *name)
{
	for (int i = 0; i < t->n_gene; i++)
		if (!strcmp(t->gene[i].name, name))
			return i;
	return -1;
}

/* "2", ">=3.0", "n/a" */
static bool is_score(const char *s)
{
	double x;
	if (!strcmp(s, "n/a"))
		return true;
	s += grx_starts(s, "\xe2\x89\xa5") ? 3 : grx_starts(s, ">=") ? 2 : 0;
	return grx_parse_f64(s, &x) && x >= 0 && x < 1000;
}

static int keep(struct reader *r, const char *s, const char **out)
{
	*out = s ? grx_arena_strdup(r->o->table->mem, s) : NULL;
	return s && !*out ? grx_fail_nomem(r->cx, "outside calls") : GRX_OK;
}

static int slashes(const char *s)
{
	int n = 0;
	for (; *s; s++)
		n += *s == '/';
	return n;
}

/* A call that --facts brings for the same gene would be a second truth. */
static int check_facts(struct reader *r, int sample, const char *gene)
{
	static const char *const what[] = {"diplotype", "phenotype", "activity_score", "status"};
	struct grx_str key = {0};
	bool there = false;
	for (size_t i = 0; r->cx->facts && i < sizeof what / sizeof *what; i++) {
		grx_str_reset(&key);
		grx_str_addf(&key, "pgx/%s/%s", gene, what[i]);
		there = there || (!key.oom && grx_facts_find(r->cx->facts, r->sample[sample], key.s));
	}
	grx_str_clear(&key);
	return there ? grx_fail(r->cx, GRX_E_DATA,
			       "%s:%lld: found a call of %s, expected none: the facts given have one already",
			       r->o->path, (long long)grx_text_lineno(r->f), gene)
		     : GRX_OK;
}

static int take_row(struct reader *r, char **field, int n)
{
	struct pgx_outside *o = r->o;
	const char *v[N_COL];
	int rc = GRX_E_BUG;
	for (int c = 0; c < N_COL; c++)
		v[c] = get(r, field, n, c);
	if (!v[1])
		return bad(r, "", "a gene");
	if (!v[2] && !v[3] && !v[4])
		return bad(r, v[1], "a diplotype, a phenotype or an activity score after the gene");
	if (v[4] && !is_score(v[4]))
		return bad(r, v[4], "an activity score: a number, a number after >=, or n/a");
	if (v[2] && slashes(v[2]) > 1)
		return bad(
			r, v[2], "at most two alleles with one '/' between them; more calls need more rows");
	if (r->col[0] >= 0 && !v[0])
		return bad(r, "", "a sample");
	struct pgx_outside_row x = {.line = grx_text_lineno(r->f)};
	x.sample = v[0] ? find_sample(r, v[0]) : 0;
	x.gene = find_gene(o->table, v[1]);
	if (x.sample < 0) {
		r->n_foreign++;
		return GRX_OK;
	}
	if (x.gene < 0) {
		grx_warn(r->cx, "%s:%lld: gene %s is in no table: the row is left out", o->path,
			(long long)x.line, v[1]);
		return GRX_OK;
	}
	GRX_TRY(check_facts(r, x.sample, v[1]));
	GRX_TRY(keep(r, v[2], &x.diplotype));
	GRX_TRY(keep(r, v[3], &x.phenotype));
	GRX_TRY(keep(r, v[4], &x.activity));
	o->row = pgx_more(o->table->mem, o->row, o->n, sizeof x);
	if (!o->row)
		return grx_fail_nomem(r->cx, "outside calls");
	o->row[o->n++] = x;
	rc = GRX_OK;
out:
	return rc;
}

static int take_line(struct reader *r, char *line)
{
	char *field[MAX_FIELD];
	if (!*line)
		return GRX_OK;
	int n = grx_split(line, '\t', field, MAX_FIELD);
	for (int i = 0; i < n; i++) {
		size_t k = strlen(field[i]);
		while (*field[i] == ' ')
			field[i]++, k--;
		while (k && field[i][k - 1] == ' ')
			field[i][--k] = '\0';
	}
	bool first = !r->begun;
	if (first && take_header(r, field, n)) {
		r->begun = true;
		return GRX_OK;
	}
	if (field[0][0] == '#')
		return GRX_OK;
	r->begun = true;
	if (first && r->n_sample > 1)
		return bad(r, field[0],
			"a header line with a column sample, since the input has more than one sample");
	if (n < 2)
		return bad(r, line, "fields separated by tabs: gene, diplotype, phenotype, activity score");
	return take_row(r, field, n);
}

static int by_sample(const void *a, const void *b)
{
	const struct pgx_outside_row *x = a, *y = b;
	if (x->sample != y->sample)
		return x->sample < y->sample ? -1 : 1;
	if (x->gene != y->gene)
		return x->gene < y->gene ? -1 : 1;
	return x->line < y->line ? -1 : x->line > y->line;
}

static int read_rows(struct reader *r)
{
	char *line = NULL;
	int rc = GRX_E_BUG;
	GRX_TRY(grx_text_open(r->cx, r->o->path, &r->f));
	for (;;) {
		GRX_TRY(grx_text_line(r->cx, r->f, &line));
		if (!line)
			break;
		GRX_TRY(take_line(r, line));
		if (r->begun && r->col[0] < 0 && r->n_sample > 1) {
			rc = bad(r, "no column sample", "one, since the input has more than one sample");
			goto out;
		}
	}
	if (r->o->n)
		qsort(r->o->row, r->o->n, sizeof *r->o->row, by_sample);
	if (r->n_foreign)
		grx_warn(r->cx, "%s: %lld rows are about samples that are not in the input: left out",
			r->o->path, (long long)r->n_foreign);
	rc = GRX_OK;
out:
	grx_text_close(r->f);
	return rc;
}

static int marker_row(struct pgx_loader *ld, const char *const *f)
{
	struct pgx_outside *o = ld->arg;
	struct grx_arena *mem = ld->t->mem;
	o->marker = pgx_more(mem, o->marker, (size_t)o->n_marker, sizeof *o->marker);
	if (!o->marker)
		return grx_fail_nomem(ld->cx, "markers");
	struct pgx_marker *m = &o->marker[o->n_marker++];
	m->gene = pgx_keep(ld, f[0]);
	m->allele = pgx_keep(ld, f[1]);
	if (!m->gene || !m->allele)
		return grx_fail_nomem(ld->cx, "markers");
	return find_gene(ld->t, f[0]) < 0 && !pgx_functions_gene(ld, f[0]) ? grx_fail_nomem(ld->cx, "markers")
									   : GRX_OK;
}

int pgx_outside_read(struct grx_ctx *cx, const char *path, const char *const *sample, int n_sample,
	struct pgx_outside **out)
{
	static const char *const cols[] = {"gene", "allele"};
	struct pgx_outside *o = grx_calloc(1, sizeof *o);
	struct pgx_opt opt = {0};
	struct pgx_loader ld = {.cx = cx, .opt = &opt, .arg = o};
	struct reader r = {.cx = cx, .o = o, .sample = sample, .n_sample = n_sample, .col = {-1, 0, 1, 2, 3}};
	int rc = GRX_E_BUG;
	*out = NULL;
	if (!o)
		return grx_fail_nomem(cx, "outside calls");
	GRX_TRY(pgx_functions_load(cx, &o->table));
	ld.t = o->table;
	GRX_TRY(pgx_each_row(&ld, "pgx/hla.tsv", cols, 2, marker_row));
	o->path = grx_arena_strdup(o->table->mem, path);
	if (!o->path) {
		rc = grx_fail_nomem(cx, "outside calls");
		goto out;
	}
	GRX_TRY(read_rows(&r));
	*out = o;
	o = NULL;
	rc = GRX_OK;
out:
	pgx_outside_free(o);
	return rc;
}

void pgx_outside_free(struct pgx_outside *o)
{
	if (!o)
		return;
	pgx_table_free(o->table);
	grx_free(o);
}

const struct pgx_outside_row *pgx_outside_rows(const struct pgx_outside *o, int sample, size_t *n)
{
	size_t lo = 0, hi = o ? o->n : 0;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (o->row[mid].sample < sample)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (*n = 0; o && lo + *n < o->n && o->row[lo + *n].sample == sample;)
		++*n;
	return *n ? o->row + lo : NULL;
}

bool pgx_outside_has(const struct pgx_outside *o, int sample, const char *gene)
{
	size_t n;
	const struct pgx_outside_row *row = pgx_outside_rows(o, sample, &n);
	for (size_t i = 0; i < n; i++)
		if (!strcmp(o->table->gene[row[i].gene].name, gene))
			return true;
	return false;
}
