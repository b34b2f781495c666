/* SPDX-License-Identifier: GPL-3.0-or-later
 * leg_io.c -- sources and sinks of a leg. */
#include <string.h>

#include "base/ctx.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/out.h"
#include "bio/bed.h"
#include "bio/contig.h"
#include "bio/sex.h"
#include "bio/sites.h"
#include "genorx/genorx.h"
#include "run/leg_int.h"
#include "run/shards.h"

static int open_fasta(struct leg_run *r, struct grx_ctx *cx)
{
	if (!r->leg->common->fasta)
		return GRX_OK;
	cx->stage = "reference";
	int rc = grx_fasta_open(cx, r->leg->common->fasta, &r->fasta);
	cx->fasta = r->fasta;
	return rc;
}

/* The reference must be the one that the input names; with --allow-other-reference a warning says that it is
 * not. */
static int check_fasta(struct leg_run *r, struct grx_ctx *cx, const struct grx_contigs *d, bool check_m5)
{
	struct grx_ctx probe;
	if (!r->fasta)
		return GRX_OK;
	if (!r->leg->common->allow_other_reference)
		return grx_fasta_check(cx, r->fasta, d, r->leg->input, false, check_m5);
	grx_ctx_child(cx, &probe);
	if (grx_fasta_check(&probe, r->fasta, d, r->leg->input, false, check_m5) != GRX_OK)
		grx_warn(cx, "accepted on request: %s", probe.err.msg);
	return GRX_OK;
}

static bool visited(const struct leg_run *r, int32_t tid)
{
	return tid >= 0 && (!r->regions || grx_bed_overlaps(r->regions, tid, 0, INT64_MAX));
}

/* M5 means reading the contig through: only those that this leg visits and that hold reads. */
static int check_m5(struct leg_run *r, struct grx_ctx *cx)
{
	struct grx_contigs *d = grx_contigs_new();
	int rc = d ? GRX_OK : grx_fail_nomem(cx, "contigs");
	for (int32_t t = 0; t < cx->contigs->n && rc == GRX_OK; t++) {
		const struct grx_contig *c = &cx->contigs->c[t];
		if (c->m5[0] && visited(r, t) && !(cx->reads->n_mapped && cx->reads->n_mapped[t] == 0))
			rc = grx_contigs_add(cx, d, c->name, c->len, c->m5);
	}
	if (rc == GRX_OK && d->n)
		rc = check_fasta(r, cx, d, true);
	grx_contigs_free(d);
	return rc;
}

/* The sex of one sample by the index's read counts. */
static int prescan_sample(struct leg_run *r, struct grx_ctx *cx, const char *sample, const int64_t *n_mapped)
{
	double x, y;
	const char *why;
	if (grx_facts_find(r->prescan, sample, "qc/sex"))
		return GRX_OK;
	if (!n_mapped)
		return GRX_OK;
	enum grx_sex sex = grx_sex_from_counts(cx->contigs, n_mapped, &x, &y, &why);
	if (sex == GRX_SEX_UNKNOWN)
		return GRX_OK;
	return grx_facts_str(
		cx, r->prescan, sample, "qc/sex", "prescan", sex == GRX_SEX_MALE ? "male" : "female");
}

/* The sexes, so that call knows ploidies before the first shard; same alone and fused. */
static int prescan(struct leg_run *r, struct grx_ctx *cx)
{
	const struct grx_reads_info *info = cx->reads;
	r->prescan = grx_facts_new();
	if (!r->prescan)
		return grx_fail_nomem(cx, "facts");
	int rc = cx->facts ? grx_facts_append(cx, r->prescan, cx->facts) : GRX_OK;
	cx->facts = r->prescan;
	for (int i = 0; i < info->n_sample && rc == GRX_OK; i++)
		rc = prescan_sample(r, cx, info->samples[i], info->sample_mapped[i]);
	return rc;
}

/* A stage that calls by sex and was not told it: --sex is auto. */
static bool asks_sex(const struct grx_leg *leg)
{
	for (int k = 0; k < leg->n_stage; k++) {
		const struct grx_opt *o = leg->stage[k].st->opts;
		for (; o && o->name; o++) {
			if (strcmp(o->name, "sex") != 0 || o->type != GRX_OPT_CHOICE)
				continue;
			const char *v = *(
				const char *const *)(const void *)((const char *)leg->stage[k].opts +
								   o->offset);
			if (!v || strcmp(v, "auto") == 0)
				return true;
		}
	}
	return false;
}

/* Diploid calls on a man's X look like any others: said before the run, without the samples' names. */
static void warn_sex(const struct leg_run *r, struct grx_ctx *cx)
{
	int32_t x = grx_contigs_find_alias(cx->contigs, "X"), y = grx_contigs_find_alias(cx->contigs, "Y");
	int n = 0;
	if (x < 0 || y < 0 || !(visited(r, x) || visited(r, y)) || !asks_sex(r->leg))
		return;
	for (int i = 0; i < cx->reads->n_sample; i++) {
		const struct grx_fact *f = grx_facts_find(r->prescan, cx->reads->samples[i], "qc/sex");
		n += !f || f->status != GRX_FACT_OK;
	}
	if (n)
		grx_warn(cx,
			"sex unknown (%d of %d samples): X and Y are called diploid; give --sex or one file "
			"per sample",
			n, cx->reads->n_sample);
}

/* The memory of a shard grows with the files; a multiple of 10 kb. */
static int64_t shard_bp(const struct leg_run *r, int n_file)
{
	if (r->leg->common->shard_size)
		return r->leg->common->shard_size;
	int64_t bp = GRX_SHARD_BP / n_file / 10000 * 10000;
	return bp < 10000 ? 10000 : bp;
}

static bool any_thin(const struct grx_leg *leg, bool all)
{
	int n = 0, reads = 0;
	for (int k = 0; k < leg->n_stage; k++) {
		reads += (leg->stage[k].st->takes & GRX_READS) != 0;
		n += leg->stage[k].st->thin;
	}
	return all ? n == reads : n > 0;
}

static bool many_samples(const struct grx_leg *leg)
{
	for (int k = 0; k < leg->n_stage; k++)
		if (!leg->stage[k].st->many_samples)
			return false;
	return true;
}

static int source(struct leg_run *r, struct grx_ctx *cx)
{
	const struct grx_common *c = r->leg->common;
	struct grx_readsrc_opt o = {.path = r->leg->input,
		.n_path = r->leg->n_input,
		.paths = r->leg->inputs,
		.fasta = c->fasta,
		.sample = c->sample,
		.many_samples = many_samples(r->leg),
		.allow_missing_eof = c->allow_missing_eof,
		.allow_unknown_rg = c->allow_unknown_rg,
		.strict_cram = c->strict_cram,
		.depth_limit = any_thin(r->leg, false) ? c->depth_limit : 0,
		.depth_mark = !any_thin(r->leg, true),
		.workers = cx->threads};
	cx->stage = "reads";
	int rc = grx_readsrc_open(cx, &o, &r->reads);
	if (rc != GRX_OK)
		return rc;
	cx->reads = grx_readsrc_info(r->reads);
	cx->contigs = grx_readsrc_contigs(r->reads);
	r->indexed = cx->reads->indexed;
	bool partial = c->region.n || c->regions_file;
	const char *bare = strcmp(r->leg->input, "-") == 0 ? NULL : grx_readsrc_unindexed(r->reads);
	if (bare && (partial || cx->threads > 1))
		return grx_fail(cx, GRX_E_NOINPUT,
			"%s: no index: regions and threads need one: run `samtools index %s` first", bare,
			bare);
	return GRX_OK;
}

static int open_reads(struct leg_run *r, struct grx_ctx *cx)
{
	const struct grx_common *c = r->leg->common;
	int rc = source(r, cx);
	if (rc != GRX_OK)
		return rc;
	rc = check_fasta(r, cx, cx->contigs, false);
	if (rc == GRX_OK)
		rc = prescan(r, cx);
	if (rc != GRX_OK)
		return rc;
	r->hdr = grx_hdr_new(cx->contigs);
	if (!r->hdr)
		return grx_fail_nomem(cx, "a header");
	cx->hdr = r->hdr;
	for (int i = 0; i < cx->reads->n_sample && rc == GRX_OK; i++)
		rc = grx_hdr_sample_add(cx, r->hdr, cx->reads->samples[i]);
	if (rc == GRX_OK)
		rc = grx_regions(cx, c, cx->contigs, &r->regions);
	if (rc == GRX_OK)
		warn_sex(r, cx);
	if (rc == GRX_OK && r->fasta)
		rc = check_m5(r, cx);
	if (rc == GRX_OK)
		rc = grx_shards_cut(cx, cx->contigs, r->regions, shard_bp(r, cx->reads->n_file), &r->shards);
	return rc;
}

static int open_vars(struct leg_run *r, struct grx_ctx *cx, const struct grx_bed *regions, bool overlap)
{
	struct grx_varsrc_opt o = {.path = r->leg->input,
		.sample = r->leg->common->sample,
		.regions = regions,
		.overlap = overlap};
	grx_varsrc_close(r->vars);
	r->vars = NULL;
	int rc = grx_varsrc_open(cx, &o, &r->vars);
	if (rc != GRX_OK)
		return rc;
	cx->contigs = grx_varsrc_contigs(r->vars);
	cx->hdr = grx_varsrc_hdr(r->vars);
	if (cx->hdr->n_sample > 32)
		r->block = 64000 / (size_t)cx->hdr->n_sample + 1;
	return GRX_OK;
}

/* A stage alone that wants genotypes only and writes no records reads them itself. */
static bool in_bulk(const struct grx_leg *leg)
{
	return leg->n_stage == 1 && leg->stage[0].st->bulk && !leg->vars_path;
}

static int open_bulk(struct leg_run *r, struct grx_ctx *cx)
{
	struct grx_genosrc_opt o = {
		.path = r->leg->input, .sample = r->leg->common->sample, .threads = cx->threads - 1};
	int rc = grx_genosrc_open(cx, &o, &r->geno);
	if (rc != GRX_OK)
		return rc;
	cx->contigs = grx_genosrc_contigs(r->geno);
	cx->hdr = grx_genosrc_hdr(r->geno);
	rc = grx_regions(cx, r->leg->common, cx->contigs, &r->regions);
	if (rc == GRX_OK && r->regions && strcmp(r->leg->input, "-") == 0)
		rc = grx_fail(cx, GRX_E_USAGE, "regions of a variant stream need a file, not standard input");
	return rc == GRX_OK ? check_fasta(r, cx, cx->contigs, false) : rc;
}

static int open_vars_source(struct leg_run *r, struct grx_ctx *cx)
{
	if (in_bulk(r->leg))
		return open_bulk(r, cx);
	int rc = open_vars(r, cx, NULL, false);
	if (rc == GRX_OK)
		rc = grx_regions(cx, r->leg->common, cx->contigs, &r->regions);
	if (rc == GRX_OK && r->regions) {
		if (strcmp(r->leg->input, "-") == 0)
			return grx_fail(cx, GRX_E_USAGE,
				"regions of a variant stream need a file, not standard input");
		/* the region list needs the dictionary of the first opening; it stays valid by contig order
		 */
		rc = open_vars(r, cx, r->regions, false);
	}
	return rc == GRX_OK ? check_fasta(r, cx, cx->contigs, false) : rc;
}

/* Every stage has named its loci and nothing is written: the rest of the file need not be read. */
static int may_narrow(const struct leg_run *r, struct grx_ctx *cx, bool *yes)
{
	const struct grx_leg *leg = r->leg;
	*yes = !r->regions && !leg->vars_path && cx->sites->n > 0;
	for (int k = 0; k < leg->n_stage; k++)
		*yes = *yes && leg->stage[k].st->by_sites;
	return *yes ? grx_varsrc_indexed(cx, leg->input, yes) : GRX_OK;
}

int leg_vars_narrow(struct leg_run *r, struct grx_ctx *cx)
{
	enum { AROUND = 500 }; /* few seeks: loci this near are one region */
	bool yes;
	int rc = may_narrow(r, cx, &yes);
	if (rc != GRX_OK || !yes)
		return rc;
	r->regions = grx_bed_new();
	if (!r->regions)
		return grx_fail_nomem(cx, "regions");
	for (size_t i = 0; i < cx->sites->n && rc == GRX_OK; i++) {
		const struct grx_site *s = &cx->sites->v[i];
		int64_t n = s->ref ? (int64_t)strlen(s->ref) : 1, beg = s->pos - AROUND;
		rc = grx_bed_add(cx, r->regions, s->tid, beg > 0 ? beg : 0, s->pos + n + AROUND);
	}
	if (rc != GRX_OK)
		return rc;
	grx_bed_finish(r->regions);
	return open_vars(r, cx, r->regions, true);
}

int leg_source_open(struct leg_run *r, struct grx_ctx *cx)
{
	const struct grx_leg *leg = r->leg;
	r->sites = grx_sites_new();
	if (!r->sites)
		return grx_fail_nomem(cx, "sites");
	cx->sites = r->sites;
	int rc = open_fasta(r, cx);
	if (rc != GRX_OK || !leg->input)
		return rc;
	if (!leg->input_is_reads)
		cx->stage = "variants";
	return leg->input_is_reads ? open_reads(r, cx) : open_vars_source(r, cx);
}

/* ALT list of a site without the items equal to its REF; in place. */
static void drop_ref_from_alt(struct grx_site *s)
{
	char *to = s->alt;
	if (!s->alt || !s->ref)
		return;
	for (char *p = s->alt; *p;) {
		size_t n = strcspn(p, ",");
		bool last = p[n] == '\0', same = n == strlen(s->ref) && strncmp(p, s->ref, n) == 0;
		if (!same) {
			if (to != s->alt)
				*to++ = ',';
			memmove(to, p, n);
			to += n;
		}
		p += n + !last;
	}
	*to = '\0';
	if (to == s->alt) {
		grx_free(s->alt);
		s->alt = NULL;
	}
}

/* Sites named without REF (score files know only alleles) get it from the reference; then equal ones join. */
int leg_sites_resolve(struct leg_run *r, struct grx_ctx *cx)
{
	struct grx_arena *mem = grx_arena_new();
	int rc = mem ? GRX_OK : grx_fail_nomem(cx, "sites");
	for (size_t i = 0; i < r->sites->n && rc == GRX_OK; i++) {
		struct grx_site *s = &r->sites->v[i];
		const char *name = grx_contig_name(cx->contigs, s->tid);
		char *seq;
		int64_t n = 0;
		if (s->ref || !cx->fasta || grx_contigs_find(grx_fasta_contigs(cx->fasta), name) < 0)
			continue;
		rc = grx_fasta_fetch(cx, cx->fasta, name, s->pos, s->pos + 1, mem, &seq, &n);
		if (rc == GRX_OK && n == 1 && !(s->ref = grx_strdup(seq)))
			rc = grx_fail_nomem(cx, "sites");
		if (rc == GRX_OK)
			drop_ref_from_alt(s);
	}
	grx_arena_free(mem);
	return rc == GRX_OK ? grx_sites_finish(cx, r->sites) : rc;
}

/* The wanted loci as a sites-only VCF: what `call --sites` needs to repeat a fused run by files. */
static int write_sites(struct grx_ctx *cx, const char *path)
{
	struct grx_out *o;
	int rc = grx_out_open(cx, path, &o);
	if (rc != GRX_OK)
		return rc;
	grx_out_puts(o, "##fileformat=VCFv4.3\n");
	for (int32_t t = 0; t < cx->contigs->n; t++)
		grx_out_printf(o, "##contig=<ID=%s,length=%lld>\n", cx->contigs->c[t].name,
			(long long)cx->contigs->c[t].len);
	grx_out_puts(o, "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n");
	for (size_t i = 0; i < cx->sites->n; i++) {
		const struct grx_site *s = &cx->sites->v[i];
		grx_out_printf(o, "%s\t%lld\t%s\t%s\t%s\t.\t.\t.\n", grx_contig_name(cx->contigs, s->tid),
			(long long)s->pos + 1, s->id ? s->id : ".", s->ref ? s->ref : "N",
			s->alt ? s->alt : ".");
	}
	return grx_out_close(cx, o);
}

static char vars_type(const struct grx_leg *leg)
{
	const char *p = leg->vars_path;
	if (leg->vars_type)
		return leg->vars_type;
	if (grx_ends(p, ".vcf.gz") || grx_ends(p, ".vcf.bgz"))
		return 'z';
	return grx_ends(p, ".bcf") ? 'b' : 'v';
}

int leg_sinks_open(struct leg_run *r, struct grx_ctx *cx)
{
	const struct grx_leg *leg = r->leg;
	int rc = GRX_OK;
	if (leg->sites_path && cx->contigs)
		rc = write_sites(cx, leg->sites_path);
	if (rc != GRX_OK || !leg->vars_path)
		return rc;
	char type = vars_type(leg);
	bool index = (type == 'z' || type == 'b') && strcmp(leg->vars_path, "-") != 0;
	rc = grx_hdr_meta_add(cx, cx->hdr, "##genorx_version=" GENORX_VERSION);
	if (rc == GRX_OK)
		rc = grx_varsink_open(cx, leg->vars_path, type, index, cx->hdr, &r->sink);
	return rc;
}

void leg_source_close(struct leg_run *r, struct grx_ctx *cx)
{
	grx_readsrc_close(r->reads);
	grx_varpass_free(r->pass);
	grx_free(r->cols);
	grx_varsrc_close(r->vars);
	grx_genosrc_close(r->geno);
	grx_fasta_close(r->fasta);
	grx_hdr_free(r->hdr);
	grx_sites_free(r->sites);
	grx_facts_free(r->prescan);
	grx_bed_free(r->regions);
	grx_bed_free(r->shards);
	cx->contigs = NULL;
	cx->fasta = NULL;
	cx->hdr = NULL;
	cx->sites = NULL;
	cx->reads = NULL;
}
