/* SPDX-License-Identifier: GPL-3.0-or-later
 * accession.c -- RefSeq accessions of the human chromosomes and their usual names, both builds.
 * A contig has an accession only when its name and its length are those of one build: a name alone does not
 * tell the build. */
#include "stage/annotate/accession.h"

#include <string.h>

#include "base/ctx.h"
#include "base/mem.h"
#include "io/text.h"

struct row {
	const char *build, *contig, *accession;
	int64_t len;
	uint8_t known; /* enum grx_build; hg19 and others have none */
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
	r->known = strcmp(r->build, "GRCh37") == 0   ? GRX_BUILD_37
		   : strcmp(r->build, "GRCh38") == 0 ? GRX_BUILD_38
						     : GRX_BUILD_UNKNOWN;
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

const char *annotate_accession_contig(
	const struct annotate_accessions *a, const char *accession, uint8_t *build)
{
	const char *found = NULL;
	for (size_t i = 0; a && i < a->n; i++)
		if (strcmp(a->row[i].accession, accession) == 0 && a->row[i].known != GRX_BUILD_UNKNOWN) {
			/* the mitochondrion is the same in both builds */
			*build = found ? (uint8_t)GRX_BUILD_UNKNOWN : a->row[i].known;
			found = a->row[i].contig;
		}
	return found;
}

const char *annotate_accession_nth(const struct annotate_accessions *a, const char *canonical, int i)
{
	for (size_t k = 0; a && k < a->n; k++)
		if (a->row[k].known != GRX_BUILD_UNKNOWN && strcmp(a->row[k].contig, canonical) == 0 &&
			i-- == 0)
			return a->row[k].accession;
	return NULL;
}
