/* SPDX-License-Identifier: GPL-3.0-or-later
 * simulate.c -- donors, reads and truth for the demo, tests and benchmarks. Everything it writes is
 * synthetic. The sequence between the known loci is random: only names, coordinates and alleles of loci are
 * those of GRCh38. */
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/log.h"
#include "base/out.h"
#include "io/readsrc.h"
#include "stage/simulate/simulate_int.h"
#include "stage/stages.h"

struct simulate_state {
	struct simulate_opt o;
	int64_t n_reads, n_variants, n_windows, n_bases;
};

const char *simulate_path(struct grx_arena *mem, const char *dir, const char *fmt, ...)
{
	char name[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	return grx_arena_printf(mem, "%s/%s", dir, name);
}

static int structure_check(struct grx_ctx *cx, const struct simulate_opt *o)
{
	if (o->structure_variants && !o->structure)
		return grx_fail(cx, GRX_E_USAGE, "simulate: --structure-variants needs --structure");
	if (o->structure && (!o->fasta || !simulate_noisy(o)))
		return grx_fail(cx, GRX_E_USAGE,
			"simulate: --structure needs a real sequence (-f FILE) and --noise pcr-free or pcr");
	if (o->structure && (o->decoys || o->twins))
		return grx_fail(cx, GRX_E_USAGE, "simulate: --structure goes without --decoys and --twins");
	return GRX_OK;
}

static int simulate_open(const void *opts, struct grx_ctx *cx, void **state)
{
	struct simulate_state *s = grx_calloc(1, sizeof(*s));

	if (!s)
		return grx_fail_nomem(cx, "simulation");
	*state = s;
	s->o = *(const struct simulate_opt *)opts;
	if (!s->o.output || !*s->o.output)
		return grx_fail(cx, GRX_E_USAGE, "simulate: no folder to write to: give -o DIR");
	if (s->o.insert_mean + 4 * s->o.insert_sd > 2 * SIM_EDGE)
		return grx_fail(cx, GRX_E_USAGE,
			"simulate: fragments of %g +- %g bp are too long for the windows (mean + 4 sd "
			"must be at most %d)",
			s->o.insert_mean, s->o.insert_sd, 2 * SIM_EDGE);
	if (s->o.size_mb > 0 && (s->o.pgx || s->o.regions))
		return grx_fail(cx, GRX_E_USAGE,
			"simulate: --size-mb makes one plain contig: leave out --pgx and --regions");
	if (s->o.fasta && (s->o.size_mb > 0 || s->o.pgx || s->o.regions))
		return grx_fail(cx, GRX_E_USAGE,
			"simulate: --fasta brings its own sequence: leave out --size-mb, --pgx and "
			"--regions");
	if (!s->o.fasta && (s->o.region.n || s->o.decoys || s->o.twins))
		return grx_fail(cx, GRX_E_USAGE,
			"simulate: --region, --decoys and --twins need a real sequence: give -f FILE");
	if (!simulate_noisy(&s->o) && s->o.fastq)
		return grx_fail(cx, GRX_E_USAGE, "simulate: --fastq needs --noise pcr-free or pcr");
	return structure_check(cx, &s->o);
}

static int donor_files(
	struct grx_ctx *cx, struct simulate_state *s, const struct sim_world *w, const struct sim_donor *d)
{
	struct grx_readsink *sink = NULL;
	const char *path = simulate_path(d->mem, s->o.output, "%s.bam", d->name);
	int64_t n = 0;
	int rc = GRX_E_BUG;

	if (!path)
		return grx_fail_nomem(cx, "file name");
	GRX_TRY(simulate_write_truth(cx, s->o.output, w, d));
	if (!w->bench && !w->real)
		GRX_TRY(simulate_write_expected(cx, s->o.output, w, d));
	if (!s->o.fastq)
		GRX_TRY(grx_readsink_open(cx, path, w->contigs, d->name, &sink));
	GRX_TRY(simulate_noisy(&s->o) ? simulate_sequence(cx, &s->o, w, d, sink, &n)
				      : simulate_reads(cx, &s->o, w, d, sink, &n));
	rc = sink ? grx_readsink_close(cx, sink) : GRX_OK;
	sink = NULL;
	s->n_reads += n;
	s->n_variants += (int64_t)d->n;
	if (n == 0)
		grx_warn(cx, "%s: no read was made: is --depth too low for so little sequence?", d->name);
	grx_info(cx, "%s: %lld reads, %zu loci of known genotype", d->name, (long long)n, d->n);
out:
	grx_readsink_abandon(sink);
	return rc;
}

static void donors_free(struct sim_donor *d, int64_t n)
{
	int64_t i;

	for (i = 0; d && i < n; i++) {
		grx_arena_free(d[i].mem);
		grx_free(d[i].v);
	}
	grx_free(d);
}

/* Genotypes of all donors: a wrong --pgx is seen before anything is written. */
static int donors_draw(
	struct grx_ctx *cx, const struct simulate_opt *o, struct sim_world *w, struct sim_donor *d)
{
	int64_t i;
	int rc;

	for (i = 0; i < o->donors; i++) {
		d[i].mem = grx_arena_new();
		if (!d[i].mem)
			return grx_fail_nomem(cx, "donors");
		rc = simulate_donor(cx, o, w, i + 1, &d[i]);
		if (rc)
			return rc;
	}
	return GRX_OK;
}

static int files_make(
	struct grx_ctx *cx, struct simulate_state *s, struct sim_world *w, const struct sim_donor *d)
{
	const char *dir = s->o.output;
	int64_t i;
	int rc = GRX_E_BUG;

	GRX_TRY(grx_mkdir(cx, dir));
	if (w->real) {
		GRX_TRY(simulate_write_real(cx, dir, w));
	} else {
		GRX_TRY(simulate_write_fasta(cx, dir, w));
		GRX_TRY(simulate_write_bed(cx, dir, w));
	}
	if (!w->bench && !w->real) {
		GRX_TRY(simulate_write_models(cx, dir, w));
		GRX_TRY(simulate_write_score(cx, dir));
		GRX_TRY(simulate_write_db(cx, dir, &s->o, w, d, s->o.donors));
	}
	GRX_TRY(simulate_write_clinical(cx, dir, &s->o, d, s->o.donors));
	for (i = 0; i < s->o.donors; i++)
		GRX_TRY(donor_files(cx, s, w, &d[i]));
	rc = GRX_OK;
out:
	return rc;
}

static void world_clear(struct sim_world *w)
{
	grx_contigs_free(w->contigs);
	grx_arena_free(w->mem);
	grx_free(w->win);
	grx_free(w->locus);
	grx_free(w->def);
	grx_free(w->allele);
	grx_free(w->paralog);
}

static int simulate_finish(void *state, struct grx_ctx *cx, struct grx_facts *out, struct json_t *summary)
{
	struct simulate_state *s = state;
	struct sim_world w = {0};
	struct sim_donor *d = NULL;
	size_t i;
	int rc = GRX_E_BUG;

	(void)out;
	w.mem = grx_arena_new();
	w.contigs = grx_contigs_new();
	if (!w.mem || !w.contigs) {
		rc = grx_fail_nomem(cx, "simulation");
		goto out;
	}
	if (s->o.fasta) {
		GRX_TRY(simulate_real_plan(cx, &s->o, &w));
	} else {
		GRX_TRY(simulate_plan(cx, &s->o, &w));
		GRX_TRY(simulate_genome(cx, &s->o, &w));
	}
	d = grx_calloc((size_t)s->o.donors, sizeof(*d));
	if (!d) {
		rc = grx_fail_nomem(cx, "donors");
		goto out;
	}
	GRX_TRY(donors_draw(cx, &s->o, &w, d));
	GRX_TRY(files_make(cx, s, &w, d));
	s->n_windows = (int64_t)w.n_win;
	for (i = 0; i < w.n_win; i++)
		s->n_bases += w.win[i].end - w.win[i].beg;
	if (summary &&
		(json_object_set_new(summary, "reads", json_integer(s->n_reads)) ||
			json_object_set_new(summary, "truth_records", json_integer(s->n_variants)) ||
			json_object_set_new(summary, "windows", json_integer(s->n_windows)) ||
			json_object_set_new(summary, "bases_with_sequence", json_integer(s->n_bases)) ||
			json_object_set_new(summary, "donors", json_integer(s->o.donors)))) {
		rc = grx_fail_nomem(cx, "summary");
		goto out;
	}
	rc = GRX_OK;
out:
	donors_free(d, s->o.donors);
	world_clear(&w);
	return rc;
}

static void simulate_close(void *state)
{
	grx_free(state);
}

const struct grx_stage grx_stage_simulate = {
	.name = "simulate",
	.brief = "make synthetic donors: reference, reads, known genotypes, models, tables",
	.takes = 0,
	.gives = 0,
	.usage = "-o DIR",
	.opts_size = sizeof(struct simulate_opt),
	.opts = simulate_opts,
	.open = simulate_open,
	.finish = simulate_finish,
	.close = simulate_close,
};
