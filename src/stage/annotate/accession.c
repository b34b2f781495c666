/* SPDX-License-Identifier: GPL-3.0-or-later
 * accession.c -- RefSeq accessions of the human chromosomes and their usual names, both builds. */
#include "stage/annotate/model_int.h"

#include <string.h>

#include "base/ctx.h"
#include "io/text.h"

#define MAX_ROWS 256

struct annotate_accessions {
	struct grx_arena *mem;
	int n;
	struct {
		const char *contig, *accession;
		uint8_t build;
	} v[MAX_ROWS];
};

static int row(void *arg, struct grx_ctx *cx, struct grx_table *t, const int *col)
{
	struct annotate_accessions *a = arg;
	const char *build = grx_table_get(t, col[0]);
	enum grx_build b = strcmp(build, "GRCh37") == 0   ? GRX_BUILD_37
			   : strcmp(build, "GRCh38") == 0 ? GRX_BUILD_38
							  : GRX_BUILD_UNKNOWN;
	if (b == GRX_BUILD_UNKNOWN) /* hg19's mitochondrion is another sequence */
		return GRX_OK;
	if (a->n == MAX_ROWS)
		return grx_fail(cx, GRX_E_DATA, "%s:%ld: more than %d accessions", grx_table_path(t),
			(long)grx_table_lineno(t), MAX_ROWS);
	a->v[a->n].contig = grx_arena_strdup(a->mem, grx_table_get(t, col[1]));
	a->v[a->n].accession = grx_arena_strdup(a->mem, grx_table_get(t, col[2]));
	if (!a->v[a->n].contig || !a->v[a->n].accession)
		return grx_fail_nomem(cx, "accessions");
	a->v[a->n++].build = (uint8_t)b;
	return GRX_OK;
}

int annotate_accessions_load(struct grx_ctx *cx, struct annotate_accessions **out)
{
	static const char *const name[] = {"build", "contig", "accession"};
	int rc = GRX_E_BUG;
	char *path = grx_refdata_path(cx, "annotate/contig_accessions.tsv");
	struct annotate_accessions *a = grx_calloc(1, sizeof *a);
	if (!path || !a || !(a->mem = grx_arena_new()))
		GRX_TRY(grx_fail_nomem(cx, "accessions"));
	GRX_TRY(grx_table_each(cx, path, name, 3, row, a));
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
	if (a)
		grx_arena_free(a->mem);
	grx_free(a);
}

const char *annotate_accession_contig(
	const struct annotate_accessions *a, const char *accession, uint8_t *build)
{
	const char *found = NULL;
	for (int i = 0; a && i < a->n; i++)
		if (strcmp(a->v[i].accession, accession) == 0) {
			/* the mitochondrion is the same in both builds */
			*build = found ? (uint8_t)GRX_BUILD_UNKNOWN : a->v[i].build;
			found = a->v[i].contig;
		}
	return found;
}

const char *annotate_accession_of(const struct annotate_accessions *a, const char *canonical, int i)
{
	for (int k = 0; a && k < a->n; k++)
		if (strcmp(a->v[k].contig, canonical) == 0 && i-- == 0)
			return a->v[k].accession;
	return NULL;
}
