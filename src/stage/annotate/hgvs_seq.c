/* SPDX-License-Identifier: GPL-3.0-or-later
 * hgvs_seq.c -- what stands before the names of each contig. */
#include <string.h>

#include "base/ctx.h"
#include "io/fasta.h"
#include "io/text.h"
#include "stage/annotate/hgvs_int.h"

bool annotate_is_mito(const char *contig)
{
	return strcmp(grx_contig_canonical(contig), "MT") == 0 || strncmp(contig, "NC_012920", 9) == 0 ||
	       strncmp(contig, "NC_001807", 9) == 0;
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
		bool mito = annotate_is_mito(name);
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
