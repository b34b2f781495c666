/* SPDX-License-Identifier: GPL-3.0-or-later
 * sim_files.c -- reference FASTA with its indexes, gene models, confident regions, score file.
 * Runs of N are whole blocks of whole lines, compressed once (io/bgzout.h): full-length chromosomes in a few
 * MB. */
#include <stdio.h>
#include <string.h>

#include "base/ctx.h"
#include "base/out.h"
#include "base/str.h"
#include "io/bgzout.h"
#include "io/text.h"
#include "stage/simulate/simulate_int.h"

enum { BLOCK_LINES = GRX_BGZ_BLOCK / (SIM_LINE + 1) };

struct fasta_out {
	struct grx_bgz *z;
	int64_t col; /* bases in the open line */
	char block[BLOCK_LINES * (SIM_LINE + 1)];
};

static void put_bases(struct fasta_out *f, const char *s, int64_t n)
{
	while (n > 0) {
		int64_t k = SIM_LINE - f->col < n ? SIM_LINE - f->col : n;

		grx_bgz_write(f->z, s, (size_t)k);
		f->col += k;
		s += k;
		n -= k;
		if (f->col == SIM_LINE) {
			grx_bgz_write(f->z, "\n", 1);
			f->col = 0;
		}
	}
}

static void put_n(struct fasta_out *f, int64_t n)
{
	const int64_t per = (int64_t)BLOCK_LINES * SIM_LINE;
	int64_t k = f->col ? SIM_LINE - f->col : 0;

	k = k < n ? k : n;
	put_bases(f, f->block, k);
	n -= k;
	grx_bgz_repeat(f->z, f->block, sizeof(f->block), n / per);
	for (n %= per; n > 0; n -= k) {
		k = n < SIM_LINE ? n : SIM_LINE;
		put_bases(f, f->block, k);
	}
}

static void put_contig(struct fasta_out *f, const struct sim_world *w, int32_t tid)
{
	int64_t at = 0;
	size_t i;

	f->col = 0;
	for (i = 0; i < w->n_win; i++) {
		const struct sim_win *x = &w->win[i];

		if (x->tid != tid)
			continue;
		put_n(f, x->beg - at);
		put_bases(f, x->seq, x->end - x->beg);
		at = x->end;
	}
	put_n(f, w->contigs->c[tid].len - at);
	if (f->col)
		grx_bgz_write(f->z, "\n", 1);
}

int simulate_write_fasta(struct grx_ctx *cx, const char *dir, const struct sim_world *w)
{
	struct fasta_out *f = grx_calloc(1, sizeof(*f));
	const char *path = simulate_path(w->mem, dir, "ref.fa.gz"),
		   *fai = simulate_path(w->mem, dir, "ref.fa.gz.fai");
	struct grx_out *idx = NULL;
	int64_t off = 0;
	int32_t i;
	int rc = GRX_E_BUG, r;

	if (!f || !path || !fai) {
		grx_free(f);
		return grx_fail_nomem(cx, "reference");
	}
	memset(f->block, 'N', sizeof(f->block));
	for (r = 0; r < BLOCK_LINES; r++)
		f->block[r * (SIM_LINE + 1) + SIM_LINE] = '\n';
	GRX_TRY(grx_bgz_open(cx, path, true, &f->z));
	GRX_TRY(grx_out_open(cx, fai, &idx));
	for (i = 0; i < w->contigs->n; i++) {
		const struct grx_contig *c = &w->contigs->c[i];
		char head[256];

		snprintf(head, sizeof(head), ">%s synthetic\n", c->name);
		grx_bgz_puts(f->z, head);
		off += (int64_t)strlen(head);
		grx_out_printf(idx, "%s\t%lld\t%lld\t%d\t%d\n", c->name, (long long)c->len, (long long)off,
			SIM_LINE, SIM_LINE + 1);
		put_contig(f, w, i);
		off += c->len + (c->len + SIM_LINE - 1) / SIM_LINE;
	}
	rc = GRX_OK;
out:
	if (f->z) {
		r = grx_bgz_close(cx, f->z);
		rc = rc ? rc : r;
	}
	if (idx) {
		r = grx_out_close(cx, idx);
		rc = rc ? rc : r;
	}
	grx_free(f);
	return rc;
}

static void gff_line(struct grx_bgz *z, const char *chrom, const char *type, const int64_t *iv, char strand,
	const char *phase, const char *attr)
{
	char line[512];

	snprintf(line, sizeof(line), "%s\tgenorx\t%s\t%lld\t%lld\t.\t%c\t%s\t%s\n", chrom, type,
		(long long)iv[0] + 1, (long long)iv[1], strand, phase, attr);
	grx_bgz_puts(z, line);
}

static void gene_lines(struct grx_bgz *z, const struct sim_world *w, int number)
{
	const struct sim_gene *g = &w->gene[number];
	const char *chrom = w->contigs->c[g->win->tid].name, *phase[2];
	char strand = g->minus ? '-' : '+', attr[256];
	int64_t all[2] = {g->exon[0][0], g->exon[1][1]};
	int e, first = g->minus ? 1 : 0;

	phase[first] = "0";
	phase[1 - first] = SIM_CDS1 % 3 == 0 ? "0" : SIM_CDS1 % 3 == 1 ? "2" : "1";
	snprintf(attr, sizeof(attr),
		"ID=gene:GRXG%08d;Name=%s;biotype=protein_coding;gene_id=GRXG%08d;"
		"description=synthetic model, not the real transcript",
		number + 1, g->name, number + 1);
	gff_line(z, chrom, "gene", all, strand, ".", attr);
	snprintf(attr, sizeof(attr),
		"ID=transcript:GRXT%08d;Parent=gene:GRXG%08d;Name=%s-201;biotype=protein_coding;"
		"tag=basic,Ensembl_canonical;transcript_id=GRXT%08d;version=1",
		number + 1, number + 1, g->name, number + 1);
	gff_line(z, chrom, "mRNA", all, strand, ".", attr);
	for (e = 0; e < 2; e++) {
		int k = g->minus ? 1 - e : e;

		snprintf(attr, sizeof(attr), "Parent=transcript:GRXT%08d;exon_id=GRXE%08d.%d;rank=%d",
			number + 1, number + 1, e + 1, e + 1);
		gff_line(z, chrom, "exon", g->exon[k], strand, ".", attr);
		snprintf(attr, sizeof(attr), "ID=CDS:GRXP%08d;Parent=transcript:GRXT%08d;protein_id=GRXP%08d",
			number + 1, number + 1, number + 1);
		gff_line(z, chrom, "CDS", g->cds[k], strand, phase[k], attr);
	}
}

int simulate_write_models(struct grx_ctx *cx, const char *dir, const struct sim_world *w)
{
	const char *path = simulate_path(w->mem, dir, "models.gff3.gz");
	struct grx_bgz *z;
	bool done[16] = {false};
	int i, k, rc;

	if (!path)
		return grx_fail_nomem(cx, "gene models");
	rc = grx_bgz_open(cx, path, false, &z);
	if (rc)
		return rc;
	grx_bgz_puts(z, "##gff-version 3\n# synthetic gene models: names are real, transcripts are not\n");
	for (k = 0; k < w->n_gene; k++) { /* in genome order */
		int best = 0;

		while (done[best])
			best++;
		for (i = best + 1; i < w->n_gene; i++) {
			const struct sim_win *x = w->gene[i].win, *y = w->gene[best].win;

			if (!done[i] && (x->tid < y->tid || (x->tid == y->tid && x->beg < y->beg)))
				best = i;
		}
		done[best] = true;
		gene_lines(z, w, best);
	}
	return grx_bgz_close(cx, z);
}

int simulate_write_bed(struct grx_ctx *cx, const char *dir, const struct sim_world *w)
{
	const char *path = simulate_path(w->mem, dir, "truth.bed");
	struct grx_out *o;
	size_t i;
	int rc;

	if (!path)
		return grx_fail_nomem(cx, "file name");
	rc = grx_out_open(cx, path, &o);
	if (rc)
		return rc;
	for (i = 0; i < w->n_win; i++)
		grx_out_printf(o, "%s\t%lld\t%lld\n", w->contigs->c[w->win[i].tid].name,
			(long long)w->win[i].beg + SIM_EDGE, (long long)w->win[i].end - SIM_EDGE);
	return grx_out_close(cx, o);
}

int simulate_write_score(struct grx_ctx *cx, const char *dir)
{
	char *from = grx_refdata_path(cx, "demo/demo_score.txt"), *line;
	struct grx_str path = {0};
	struct grx_text *t = NULL;
	struct grx_out *o = NULL;
	int rc = GRX_E_BUG, r;

	grx_str_addf(&path, "%s/score.txt", dir);
	if (!from || path.oom) {
		rc = grx_fail_nomem(cx, "file name");
		goto out;
	}
	GRX_TRY(grx_text_open(cx, from, &t));
	GRX_TRY(grx_out_open(cx, path.s, &o));
	for (;;) {
		GRX_TRY(grx_text_line(cx, t, &line));
		if (!line)
			break;
		grx_out_printf(o, "%s\n", line);
	}
	rc = GRX_OK;
out:
	if (o) {
		r = grx_out_close(cx, o);
		rc = rc ? rc : r;
	}
	grx_text_close(t);
	grx_str_clear(&path);
	grx_free(from);
	return rc;
}
