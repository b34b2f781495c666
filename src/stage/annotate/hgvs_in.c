/* SPDX-License-Identifier: GPL-3.0-or-later
 * hgvs_in.c -- the job of --hgvs-in: a list of HGVS names to a sorted VCF.
 * A line that cannot be turned into a record is never left out in silence: without --keep-going nothing is
 * written then, with it the rest is, and both say how many and which came first. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "io/fasta.h"
#include "io/text.h"
#include "io/varsrc.h"
#include "stage/annotate/hgvs_int.h"

#define SHOWN 10   /* bad lines named in messages */
#define BATCH 4096 /* records written at once */

struct item {
	struct annotate_named_record r;
	const char *name, *rest;
	int64_t line;
};
struct job {
	struct grx_ctx *cx;
	const struct annotate_opt *o;
	struct annotate_name_world world;
	struct annotate_state st; /* what annotate_window() looks at */
	struct grx_shard sh;
	struct annotate_accessions *acc;
	struct annotate_models *models;
	struct grx_fasta *fasta;
	struct grx_arena *keep;
	struct grx_str why;
	struct item *item;
	size_t n, cap;
	int64_t n_lines, n_syntax, n_contradiction, n_comment;
};

/* --- reading --- */

static int bad_line(struct job *j, const struct grx_text *t, int32_t at, const char *what)
{
	int64_t n = j->n_syntax + j->n_contradiction;
	if (n <= SHOWN)
		grx_warn(j->cx, "%s:%lld:%d: %s", grx_text_path(t), (long long)grx_text_lineno(t),
			(int)at + 1, what);
	return GRX_OK;
}

static int syntax_error(
	struct job *j, const struct grx_text *t, const char *s, const struct annotate_name_error *e)
{
	struct grx_str m = {0};
	const char *found = s + e->at;
	size_t n = strcspn(found, "\t");
	j->n_syntax++;
	if (n)
		grx_str_addf(&m, "found '%.*s%s'", (int)(n < 20 ? n : 20), found, n > 20 ? "..." : "");
	else
		grx_str_add(&m, "found the end of the name");
	grx_str_addf(&m, ", expected %s", e->expected ? e->expected : "a name");
	int rc = m.oom ? grx_fail_nomem(j->cx, "message") : bad_line(j, t, e->at, m.s);
	grx_str_clear(&m);
	return rc;
}

static int item_add(struct job *j, const struct annotate_named_record *r, const char *name, const char *rest,
	int64_t line)
{
	if (grx_grow(&j->item, &j->cap, j->n + 1, sizeof *j->item, 0))
		return grx_fail_nomem(j->cx, "names");
	struct item *it = &j->item[j->n];
	*it = (struct item){.r = *r, .line = line};
	it->name = grx_arena_strdup(j->keep, name);
	it->rest = rest ? grx_arena_strdup(j->keep, rest) : NULL;
	if (!it->name || (rest && !it->rest))
		return grx_fail_nomem(j->cx, "names");
	j->n++;
	return GRX_OK;
}

static int line_read(struct job *j, const struct grx_text *t, char *line)
{
	struct annotate_name n;
	struct annotate_name_error e;
	struct annotate_named_record r;
	int32_t at;
	char *rest = strchr(line, '\t');
	if (rest)
		*rest++ = '\0';
	if (!*line || *line == '#') {
		j->n_comment++;
		return GRX_OK;
	}
	j->n_lines++;
	if (!annotate_name_parse(line, &n, &e))
		return syntax_error(j, t, line, &e);
	grx_str_reset(&j->why);
	int rc = annotate_name_resolve(&j->world, &n, &r, &j->why, &at);
	grx_arena_reset(j->world.w.mem); /* a name may stand for a million bases */
	if (rc)
		return rc;
	if (j->why.n) {
		j->n_contradiction++;
		return bad_line(j, t, at, j->why.s);
	}
	return item_add(j, &r, line, rest, grx_text_lineno(t));
}

static int names_read(struct job *j, const char *path)
{
	struct grx_text *t;
	char *line;
	int rc = grx_text_open(j->cx, path, &t);
	if (rc)
		return rc;
	while (!(rc = grx_text_line(j->cx, t, &line)) && line)
		if ((rc = line_read(j, t, line)))
			break;
	grx_text_close(t);
	return rc;
}

/* --- writing --- */

static int item_order(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	if (x->r.tid != y->r.tid)
		return x->r.tid < y->r.tid ? -1 : 1;
	if (x->r.pos != y->r.pos)
		return x->r.pos < y->r.pos ? -1 : 1;
	return (x->line > y->line) - (x->line < y->line);
}

/* Reserved characters of INFO, percent-encoded; tabs between further columns become '|'. */
static char *encoded(struct grx_arena *mem, const char *s)
{
	static const char hex[] = "0123456789ABCDEF";
	char *r = grx_arena_alloc(mem, 3 * strlen(s) + 1, 1), *p = r;
	for (; r && *s; s++) {
		unsigned char c = (unsigned char)*s;
		if (c == '\t') {
			*p++ = '|';
		} else if (c <= ' ' || strchr(";=,%|", c)) {
			*p++ = '%';
			*p++ = hex[c >> 4];
			*p++ = hex[c & 15];
		} else {
			*p++ = (char)c;
		}
	}
	if (r)
		*p = '\0';
	return r;
}

static int text_set(struct grx_arena *mem, struct grx_var *v, const char *key, const char *s)
{
	struct grx_field *f = grx_var_info_set(mem, v, key, GRX_T_STR, 1);
	return f && (f->v.s[0] = encoded(mem, s)) ? GRX_OK : GRX_E_NOMEM;
}

static int record_put(struct grx_arena *mem, struct grx_vars *b, const struct item *it)
{
	struct grx_var *v = grx_vars_push(b);
	if (!v)
		return GRX_E_NOMEM;
	v->tid = it->r.tid;
	v->pos = it->r.pos;
	v->rlen = (int64_t)strlen(it->r.ref);
	const char *al[2] = {it->r.ref, it->r.alt};
	int rc = grx_var_alleles_set(mem, v, strcmp(al[1], ".") == 0 ? 1 : 2, al);
	if (rc || (rc = text_set(mem, v, "HGVS", it->name)))
		return rc;
	struct grx_field *f = grx_var_info_set(mem, v, "HGVS_LINE", GRX_T_INT, 1);
	if (!f)
		return GRX_E_NOMEM;
	f->v.i[0] = (int32_t)it->line;
	return it->rest ? text_set(mem, v, "HGVS_COLUMNS", it->rest) : GRX_OK;
}

static int header_make(struct job *j, struct grx_hdr **h)
{
	const struct grx_hdr_line line[] = {
		{GRX_HDR_INFO, "HGVS", "1", GRX_T_STR, "Name that the record was made of, percent-encoded"},
		{GRX_HDR_INFO, "HGVS_LINE", "1", GRX_T_INT, "Its line in the list of names"},
		{GRX_HDR_INFO, "HGVS_COLUMNS", "1", GRX_T_STR,
			"Further columns of the line, joined by |, percent-encoded"}};
	int rc = GRX_OK;
	*h = grx_hdr_new(j->world.contigs);
	if (!*h)
		return grx_fail_nomem(j->cx, "header");
	for (size_t i = 0; !rc && i < sizeof line / sizeof *line; i++)
		rc = grx_hdr_declare(j->cx, *h, &line[i]);
	return rc;
}

static int names_write(struct job *j, const char *path)
{
	int rc = GRX_E_BUG;
	struct grx_hdr *h = NULL;
	struct grx_varsink *sink = NULL;
	struct grx_arena *mem = grx_arena_new();
	const char *to = path ? path : "-";
	char type = grx_ends(to, ".vcf.gz") || grx_ends(to, ".vcf.bgz") ? 'z'
		    : grx_ends(to, ".bcf")                              ? 'b'
									: 'v';
	if (!mem)
		GRX_TRY(grx_fail_nomem(j->cx, "records"));
	if (j->n)
		qsort(j->item, j->n, sizeof *j->item, item_order);
	GRX_TRY(header_make(j, &h));
	GRX_TRY(grx_varsink_open(j->cx, to, type, type != 'v', h, &sink));
	for (size_t i = 0; i < j->n;) {
		grx_arena_reset(mem);
		struct grx_vars *b = grx_vars_new(mem, h);
		for (size_t k = 0; b && k < BATCH && i < j->n; k++, i++)
			if (record_put(mem, b, &j->item[i]))
				GRX_TRY(grx_fail_nomem(j->cx, "records"));
		if (!b)
			GRX_TRY(grx_fail_nomem(j->cx, "records"));
		GRX_TRY(grx_varsink_put(j->cx, sink, b));
	}
	rc = grx_varsink_close(j->cx, sink);
	sink = NULL;
out:
	if (sink)
		grx_varsink_abandon(sink);
	grx_hdr_free(h);
	grx_arena_free(mem);
	return rc;
}

/* --- the job --- */

static int job_open(struct job *j, const char *fasta)
{
	int rc = GRX_E_BUG;
	struct annotate_work *w = &j->world.w;
	GRX_TRY(grx_fasta_open(j->cx, fasta, &j->fasta));
	const struct grx_contigs *d = grx_fasta_contigs(j->fasta);
	GRX_TRY(annotate_accessions_load(j->cx, &j->acc));
	if (j->o->gff) {
		struct annotate_models_opt mo = {
			.gff = j->o->gff, .cache = j->o->model_cache, .strict = j->o->strict};
		GRX_TRY(annotate_models_open(j->cx, &mo, d, &j->models));
	}
	j->st.fasta_name = grx_calloc((size_t)d->n + 1, sizeof *j->st.fasta_name);
	j->keep = grx_arena_new();
	w->mem = grx_arena_new();
	w->win_mem = grx_arena_new();
	if (!j->st.fasta_name || !j->keep || !w->mem || !w->win_mem)
		GRX_TRY(grx_fail_nomem(j->cx, "names"));
	for (int32_t i = 0; i < d->n; i++)
		j->st.fasta_name[i] = grx_contig_name(d, i);
	j->sh.tid = -1;
	w->st = &j->st;
	w->cx = j->cx;
	w->sh = &j->sh;
	w->keep = j->keep;
	j->world.contigs = d;
	j->world.accessions = j->acc;
	j->world.models = j->models;
	rc = GRX_OK;
out:
	return rc;
}

static void job_close(struct job *j)
{
	grx_free(j->item);
	grx_free(j->st.fasta_name);
	grx_str_clear(&j->why);
	grx_arena_free(j->world.w.mem);
	grx_arena_free(j->world.w.win_mem);
	grx_arena_free(j->keep);
	annotate_models_free(j->models);
	annotate_accessions_free(j->acc);
	grx_fasta_close(j->fasta);
}

static int summary_fill(const struct job *j, struct json_t *to)
{
	const struct {
		const char *key;
		int64_t n;
	} row[] = {{"names", j->n_lines}, {"records", (int64_t)j->n}, {"not_a_name", j->n_syntax},
		{"contradicts_reference_or_models", j->n_contradiction},
		{"comment_or_empty_lines", j->n_comment}};
	for (size_t i = 0; to && i < sizeof row / sizeof *row; i++)
		if (json_object_set_new(to, row[i].key, json_integer((json_int_t)row[i].n)))
			return grx_fail_nomem(j->cx, "summary");
	return GRX_OK;
}

/* Bad lines end the job, or are counted. */
static int judge(const struct job *j)
{
	int64_t bad = j->n_syntax + j->n_contradiction;
	if (!bad)
		return GRX_OK;
	if (!j->o->keep_going)
		return grx_fail(j->cx, GRX_E_DATA,
			"%lld of %lld names cannot be turned into records (%lld are no HGVS name of DNA, "
			"%lld "
			"contradict the reference or the models): correct them, or give --keep-going to "
			"write the "
			"others",
			(long long)bad, (long long)j->n_lines, (long long)j->n_syntax,
			(long long)j->n_contradiction);
	grx_warn(j->cx,
		"%lld of %lld names left out: %lld are no HGVS name of DNA, %lld contradict the reference "
		"or the models",
		(long long)bad, (long long)j->n_lines, (long long)j->n_syntax, (long long)j->n_contradiction);
	return GRX_OK;
}

int annotate_hgvs_tool(const struct annotate_opt *o, struct grx_ctx *cx, const struct grx_tool_io *io)
{
	int rc = GRX_E_BUG;
	struct job j = {.cx = cx, .o = o};
	struct grx_fasta *before = cx->fasta;
	if (io->n_input != 1)
		return grx_fail(cx, GRX_E_USAGE, "--hgvs-in needs one list of names, %d given", io->n_input);
	if (!io->fasta)
		return grx_fail(cx, GRX_E_USAGE, "--hgvs-in needs the reference sequence: give -f/--fasta");
	GRX_TRY(job_open(&j, io->fasta));
	cx->fasta = j.fasta;
	GRX_TRY(names_read(&j, io->input[0]));
	GRX_TRY(judge(&j));
	GRX_TRY(names_write(&j, io->output));
	GRX_TRY(summary_fill(&j, io->summary));
	rc = GRX_OK;
out:
	cx->fasta = before;
	job_close(&j);
	return rc;
}
