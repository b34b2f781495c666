/* SPDX-License-Identifier: GPL-3.0-or-later
 * d6_fetch.c -- evidence on CYP2D6 straight from a BAM or CRAM file. */
#include "bio/contig.h"
#include "io/readsrc.h"
#include "stage/pgx/d6.h"

static int read_window(
	struct grx_ctx *cx, const struct d6_table *t, struct grx_readsrc *src, struct d6_evidence **out)
{
	int rc = GRX_E_BUG, n_sample = grx_readsrc_info(src)->n_sample;
	struct d6_evidence *part = NULL;
	struct grx_shard sh = {.tid = t->tid, .beg = D6_WINDOW_BEG, .end = D6_WINDOW_END};
	struct grx_arena *mem = grx_arena_new();
	if (!mem) {
		rc = grx_fail_nomem(cx, "reads of CYP2D6");
		goto out;
	}
	/* without an index that is safe to use: from the start of the file */
	if (grx_readsrc_info(src)->indexed)
		GRX_TRY(grx_readsrc_fetch(cx, src, 0, t->tid, sh.beg, sh.end, mem, &sh.reads));
	else
		GRX_TRY(grx_readsrc_stream(cx, src, t->tid, sh.beg, sh.end, mem, &sh.reads));
	GRX_TRY(d6_shard(t, cx, &sh, n_sample, &part));
	GRX_TRY(d6_evidence_new(cx, t, n_sample, out));
	GRX_TRY(d6_merge(cx, t, *out, part));
	rc = GRX_OK;
out:
	d6_evidence_free(part);
	grx_arena_free(mem);
	return rc;
}

static int keep_samples(struct grx_arena *mem, const struct grx_reads_info *info, struct d6_file *file)
{
	const char **name = grx_arena_alloc(mem, (size_t)info->n_sample, sizeof *name);
	for (int i = 0; name && i < info->n_sample; i++)
		if (!(name[i] = grx_arena_strdup(mem, info->samples[i])))
			return GRX_E_NOMEM;
	file->sample = name;
	file->n_sample = info->n_sample;
	return name ? GRX_OK : GRX_E_NOMEM;
}

int d6_fetch(struct grx_ctx *cx, struct d6_table *t, struct d6_file *file, struct grx_arena *mem,
	struct d6_evidence **out)
{
	int rc = GRX_E_BUG;
	struct grx_readsrc *src = NULL;
	struct grx_readsrc_opt o = {.path = file->path,
		.fasta = file->fasta,
		.workers = 1,
		.many_samples = true,
		.allow_unknown_rg = true};
	*out = NULL;
	file->why = NULL;
	GRX_TRY(grx_readsrc_open(cx, &o, &src));
	if (keep_samples(mem, grx_readsrc_info(src), file) != GRX_OK) {
		rc = grx_fail_nomem(cx, "a sample name");
		goto out;
	}
	const struct grx_contigs *d = grx_readsrc_contigs(src);
	t->tid = grx_contigs_find_alias(d, "chr22");
	if (grx_contigs_build(d) == GRX_BUILD_37)
		file->why = "coordinates are GRCh38, the reads are on GRCh37";
	else if (t->tid < 0 || grx_contigs_build(d) != GRX_BUILD_38)
		file->why = "the contigs of the reads are not those of GRCh38";
	else
		GRX_TRY(read_window(cx, t, src, out));
	rc = GRX_OK;
out:
	grx_readsrc_close(src);
	return rc;
}
