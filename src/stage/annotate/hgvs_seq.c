/* SPDX-License-Identifier: GPL-3.0-or-later
 * hgvs_seq.c -- which sequence a contig is: RefSeq accessions of the contigs of known builds.
 * A contig has an accession only when its name and its length are those of one build: a name alone does not
 * tell the build. */
#include <string.h>

#include "base/ctx.h"
#include "io/fasta.h"
#include "io/text.h"
#include "stage/annotate/hgvs_int.h"

struct row {
	const char *build, *contig, *accession;
	int64_t len;
};
struct annotate_accessions {
	struct grx_arena *mem;
	struct row *row;
	size_t n, cap;
};

enum { BUILD, CONTIG, LENGTH, ACCESSION, N_COL };
static const char *const column[N_COL] = {"build", "contig", "length", "accession"};

static int row_add(void *arg, struct grx_ctx *cx, struct grx_table *t, const int *col)
{
	struct annotate_accessions *a = arg;
	int rc = grx_grow(&a->row, &a->cap, a->n + 1, sizeof *a->row, 0);
	if (rc)
		return grx_fail_nomem(cx, "accessions");
	struct row *r = &a->row[a->n];
	r->build = grx_arena_strdup(a->mem, grx_table_get(t, col[BUILD]));
	r->contig = grx_arena_strdup(a->mem, grx_table_get(t, col[CONTIG]));
	r->accession = grx_arena_strdup(a->mem, grx_table_get(t, col[ACCESSION]));
	if (!r->build || !r->contig || !r->accession)
		return grx_fail_nomem(cx, "accessions");
	a->n++;
	return grx_table_i64(cx, t, col[LENGTH], &r->len);
}

int annotate_accessions_load(struct grx_ctx *cx, struct annotate_accessions **out)
{
	int rc = GRX_E_BUG;
	char *path = grx_refdata_path(cx, "annotate/contig_accessions.tsv");
	struct annotate_accessions *a = grx_calloc(1, sizeof *a);
	if (!a || !path || !(a->mem = grx_arena_new()))
		GRX_TRY(grx_fail_nomem(cx, "accessions"));
	GRX_TRY(grx_table_each(cx, path, column, N_COL, row_add, a));
	*out = a;
	a = NULL;
	rc = GRX_OK;
out:
	annotate_accessions_free(a);
	grx_free(path);
	return rc;
}

void annotate_accessions_free(struct annotate_accessions *a)
{
	if (!a)
		return;
	grx_free(a->row);
	grx_arena_free(a->mem);
	grx_free(a);
}

const char *annotate_accession_of(const struct annotate_accessions *a, const char *contig, int64_t len)
{
	const char *name = grx_contig_canonical(contig);
	for (size_t i = 0; i < a->n; i++)
		if (a->row[i].len == len && strcmp(a->row[i].contig, name) == 0)
			return a->row[i].accession;
	return NULL;
}

enum annotate_accession_match annotate_accession_find(const struct annotate_accessions *a,
	const char *accession, const struct grx_contigs *d, int32_t *tid, const char **other)
{
	size_t base = strcspn(accession, ".");
	enum annotate_accession_match m = AT_ACCESSION_UNKNOWN;
	*tid = -1;
	*other = NULL;
	for (size_t i = 0; i < a->n; i++) {
		const struct row *r = &a->row[i];
		if (strncmp(r->accession, accession, base) != 0 || r->accession[base] != '.')
			continue;
		int32_t k = grx_contigs_find_alias(d, r->contig);
		bool here = k >= 0 && d->c[k].len == r->len;
		if (here)
			*other = r->accession;
		bool exact = strcmp(r->accession, accession) == 0 || !accession[base];
		if (here && exact) {
			*tid = k;
			return accession[base] ? AT_ACCESSION_OK : AT_ACCESSION_NO_VERSION;
		}
		m = AT_ACCESSION_OTHER;
	}
	return m;
}

int annotate_hgvs_open(struct grx_ctx *cx, struct annotate_state *st)
{
	int rc = GRX_E_BUG;
	struct annotate_accessions *a = NULL;
	struct grx_str s = {0};
	GRX_TRY(annotate_accessions_load(cx, &a));
	st->g_prefix = grx_calloc((size_t)st->n_contig + 1, sizeof *st->g_prefix);
	if (!st->g_prefix)
		GRX_TRY(grx_fail_nomem(cx, "contig names"));
	const struct grx_contigs *f = cx->fasta ? grx_fasta_contigs(cx->fasta) : NULL;
	for (int32_t i = 0; i < st->n_contig; i++) {
		const char *name = grx_contig_name(cx->contigs, i), *acc = NULL;
		int32_t k = f && st->fasta_name[i] ? grx_contigs_find(f, st->fasta_name[i]) : -1;
		int64_t len = k >= 0 ? f->c[k].len : cx->contigs->c[i].len;
		acc = annotate_accession_of(a, name, len);
		bool mito = strcmp(grx_contig_canonical(name), "MT") == 0 ||
			    strncmp(name, "NC_012920", 9) == 0 || strncmp(name, "NC_001807", 9) == 0;
		grx_str_reset(&s);
		grx_str_addf(&s, "%s:%c.", acc ? acc : name, mito ? 'm' : 'g');
		if (s.oom || !(st->g_prefix[i] = grx_strdup(s.s)))
			GRX_TRY(grx_fail_nomem(cx, "contig names"));
	}
	rc = GRX_OK;
out:
	grx_str_clear(&s);
	annotate_accessions_free(a);
	return rc;
}

void annotate_hgvs_close(struct annotate_state *st)
{
	for (int32_t i = 0; st->g_prefix && i < st->n_contig; i++)
		grx_free(st->g_prefix[i]);
	grx_free(st->g_prefix);
	st->g_prefix = NULL;
}
