/* SPDX-License-Identifier: GPL-3.0-or-later
 * sim_real.c -- a world on real sequence: windows are the regions asked for, letters are those of the FASTA.
 * Not confident: the ends of a window, N and what is near it, paralogs and what is near them. */
#include <stdio.h>
#include <string.h>

#include "base/ctx.h"
#include "base/out.h"
#include "io/bgzout.h"
#include "io/fasta.h"
#include "io/text.h"
#include "stage/simulate/simulate_int.h"

enum { NEAR_N = 200, NEAR_PARALOG = 500 };

static int win_put(struct grx_ctx *cx, struct sim_world *w, int32_t tid, int64_t beg, int64_t end)
{
	if (end - beg < 4 * SIM_EDGE)
		return grx_fail(cx, GRX_E_USAGE,
			"simulate: %s:%lld-%lld is too short: at least %d bases are needed",
			w->contigs->c[tid].name, (long long)beg + 1, (long long)end, 4 * SIM_EDGE);
	if (grx_grow(&w->win, &w->cap_win, w->n_win + 1, sizeof(*w->win), 0))
		return grx_fail_nomem(cx, "windows");
	memset(&w->win[w->n_win], 0, sizeof(*w->win));
	w->win[w->n_win].tid = tid;
	w->win[w->n_win].beg = beg;
	w->win[w->n_win++].end = end;
	return GRX_OK;
}

/* Contigs of the FASTA in its order; windows: the regions, or every contig as a whole. */
static int windows(
	struct grx_ctx *cx, const struct simulate_opt *o, struct sim_world *w, const struct grx_contigs *from)
{
	struct grx_bed *bed = grx_bed_new();
	size_t k;
	int i, rc = GRX_E_BUG;

	if (!bed) {
		rc = grx_fail_nomem(cx, "regions");
		goto out;
	}
	for (i = 0; i < from->n; i++)
		GRX_TRY(grx_contigs_add(cx, w->contigs, from->c[i].name, from->c[i].len, from->c[i].m5));
	for (i = 0; i < o->region.n; i++)
		GRX_TRY(grx_region_parse(cx, o->region.v[i], w->contigs, bed));
	for (i = 0; i < from->n && o->region.n == 0; i++)
		GRX_TRY(grx_bed_add(cx, bed, i, 0, from->c[i].len));
	grx_bed_finish(bed);
	for (k = 0; k < bed->n; k++)
		GRX_TRY(win_put(cx, w, bed->v[k].tid, bed->v[k].beg, bed->v[k].end));
	rc = GRX_OK;
out:
	grx_bed_free(bed);
	return rc;
}

static void unsure(struct sim_win *x, int64_t beg, int64_t end)
{
	beg = beg < x->beg ? x->beg : beg;
	end = end > x->end ? x->end : end;
	if (beg < end)
		memset(x->mask + (beg - x->beg), SIM_UNSURE, (size_t)(end - beg));
}

static int letters(struct grx_ctx *cx, struct sim_world *w, struct grx_fasta *f, struct sim_win *x)
{
	int64_t n = 0, i;
	int rc = grx_fasta_fetch(cx, f, w->contigs->c[x->tid].name, x->beg, x->end, w->mem, &x->seq, &n);

	if (rc)
		return rc;
	x->end = x->beg + n;
	x->mask = grx_arena_calloc(w->mem, (size_t)n + 1, 1);
	if (!x->mask)
		return grx_fail_nomem(cx, "sequence");
	unsure(x, x->beg, x->beg + SIM_EDGE);
	unsure(x, x->end - SIM_EDGE, x->end);
	for (i = 0; i < n; i++) {
		if (strchr("ACGT", x->seq[i]))
			continue;
		x->seq[i] = 'N';
		unsure(x, x->beg + i - NEAR_N, x->beg + i + NEAR_N + 1);
	}
	return GRX_OK;
}

/* Without a confident base the case has no truth: an assembly gap, or the wrong place. */
static int need_sure(struct grx_ctx *cx, const struct sim_world *w)
{
	for (size_t k = 0; k < w->n_win; k++)
		if (memchr(w->win[k].mask, 0, (size_t)(w->win[k].end - w->win[k].beg)))
			return GRX_OK;
	return grx_fail(cx, GRX_E_DATA,
		"simulate: no base of the regions can be trusted: all are N, beside N, at an edge or near a "
		"paralog: "
		"choose other regions with --region, or fewer paralogs");
}

int simulate_real_plan(struct grx_ctx *cx, const struct simulate_opt *o, struct sim_world *w)
{
	struct grx_fasta *f = NULL;
	size_t i;
	int rc = GRX_E_BUG;

	w->real = true;
	GRX_TRY(grx_fasta_open(cx, o->fasta, &f));
	GRX_TRY(windows(cx, o, w, grx_fasta_contigs(f)));
	for (i = 0; i < w->n_win; i++)
		GRX_TRY(letters(cx, w, f, &w->win[i]));
	GRX_TRY(simulate_paralogs(cx, o, w));
	for (i = 0; i < w->n_paralog; i++)
		unsure(&w->win[w->paralog[i].win], w->paralog[i].beg - NEAR_PARALOG,
			w->paralog[i].end + NEAR_PARALOG);
	if (o->structure)
		GRX_TRY(simulate_structure(cx, o, w));
	rc = w->structured ? GRX_OK : need_sure(cx, w);
out:
	grx_fasta_close(f);
	return rc;
}

/* ---- files ---- */

static int write_conf(struct grx_ctx *cx, const char *path, const struct sim_world *w)
{
	struct grx_out *o;
	int64_t i, beg;
	size_t k;
	int rc = path ? grx_out_open(cx, path, &o) : grx_fail_nomem(cx, "file name");

	if (rc)
		return rc;
	for (k = 0; k < w->n_win; k++) {
		const struct sim_win *x = &w->win[k];

		for (i = 0; i < x->end - x->beg; i++) {
			if (x->mask[i])
				continue;
			for (beg = i; i < x->end - x->beg && !x->mask[i]; i++)
				;
			grx_out_printf(o, "%s\t%lld\t%lld\n", w->contigs->c[x->tid].name,
				(long long)(x->beg + beg), (long long)(x->beg + i));
		}
	}
	return grx_out_close(cx, o);
}

/* Name: chromosomes that carry the copy and its share of differing bases. */
static int write_paralogs(struct grx_ctx *cx, const char *path, const struct sim_world *w, bool in_ref)
{
	struct grx_out *o;
	size_t i;
	int rc = path ? grx_out_open(cx, path, &o) : grx_fail_nomem(cx, "file name");

	if (rc)
		return rc;
	for (i = 0; i < w->n_paralog; i++) {
		const struct sim_paralog *p = &w->paralog[i];

		if (p->in_ref == in_ref)
			grx_out_printf(o, "%s\t%lld\t%lld\tcopies=%d;divergence=%.4f\n",
				w->contigs->c[w->win[p->win].tid].name, (long long)p->beg, (long long)p->end,
				p->ploidy, p->divergence);
	}
	return grx_out_close(cx, o);
}

static int write_twins(struct grx_ctx *cx, const char *path, const struct sim_world *w)
{
	struct grx_bgz *z;
	size_t i;
	int64_t k;
	int rc = path ? grx_bgz_open(cx, path, false, &z) : grx_fail_nomem(cx, "file name");

	if (rc)
		return rc;
	for (i = 0; i < w->n_paralog; i++) {
		const struct sim_paralog *p = &w->paralog[i];
		char head[64];

		if (!p->in_ref)
			continue;
		snprintf(head, sizeof(head), ">twin%zu synthetic\n", i + 1);
		grx_bgz_puts(z, head);
		for (k = 0; k < p->hap.n; k += SIM_LINE) {
			int64_t m = p->hap.n - k < SIM_LINE ? p->hap.n - k : SIM_LINE;

			grx_bgz_write(z, p->hap.seq + k, (size_t)m);
			grx_bgz_write(z, "\n", 1);
		}
	}
	return grx_bgz_close(cx, z);
}

int simulate_write_real(struct grx_ctx *cx, const char *dir, const struct sim_world *w)
{
	size_t i, n_twin = 0;
	int rc = GRX_E_BUG;

	for (i = 0; i < w->n_paralog; i++)
		n_twin += w->paralog[i].in_ref;
	GRX_TRY(write_conf(cx, simulate_path(w->mem, dir, "truth.bed"), w));
	if (w->n_paralog > n_twin)
		GRX_TRY(write_paralogs(cx, simulate_path(w->mem, dir, "decoy.bed"), w, false));
	if (n_twin) {
		GRX_TRY(write_paralogs(cx, simulate_path(w->mem, dir, "twin.bed"), w, true));
		GRX_TRY(write_twins(cx, simulate_path(w->mem, dir, "twins.fa.gz"), w));
	}
	rc = GRX_OK;
out:
	return rc;
}
