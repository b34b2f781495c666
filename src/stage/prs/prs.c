/* SPDX-License-Identifier: GPL-3.0-or-later
 * prs.c -- the stage: variants -> polygenic scores as facts.
 * Alone it reads the genotypes itself (bulk: any number of samples at the speed of decoding); in a fused run
 * its engine is fed the records of every shard in order. Both give the same bytes. */
#include <jansson.h>
#include <string.h>

#include "base/log.h"
#include "base/out.h"
#include "base/str.h"
#include "io/text.h"
#include "stage/prs/prs_int.h"
#include "stage/stages.h"

static enum prs_dosage dosage_of(const char *s)
{
	static const char *const name[] = {"auto", "GT", "DS", "GP", "PL"};
	for (int i = 1; s && i < 5; i++)
		if (strcmp(s, name[i]) == 0)
			return (enum prs_dosage)i;
	return PRS_USE_AUTO;
}

static void policy_set(const struct prs_opt *o, struct prs_policy *po)
{
	po->pgsc = grx_streq(o->compat, "pgsc_calc");
	po->plink = grx_streq(o->compat, "plink2");
	po->mean = !grx_streq(o->missing, "zero");
	po->x_double = !grx_streq(o->x_haploid, "single");
	po->half_expect = grx_streq(o->half_call, "expect");
	po->no_flip = o->no_flip || po->plink;
	po->pal_auto = !o->palindromes || strcmp(o->palindromes, "auto") == 0;
	po->std = grx_streq(o->standardise, "centre")     ? PRS_STD_CENTRE
		  : grx_streq(o->standardise, "variance") ? PRS_STD_VARIANCE
							  : PRS_STD_NONE;
	po->dosage = dosage_of(o->dosage);
	po->effect = grx_streq(o->effect, "dominant")    ? PRS_DOMINANT
		     : grx_streq(o->effect, "recessive") ? PRS_RECESSIVE
							 : PRS_ADDITIVE;
	po->ref_gq = (int)o->ref_gq;
}

static enum prs_build build_of(const struct grx_contigs *d)
{
	enum grx_build b = grx_contigs_build(d);
	return b == GRX_BUILD_37 ? PRS_BUILD_37 : b == GRX_BUILD_38 ? PRS_BUILD_38 : PRS_BUILD_NR;
}

/* The names of --score, then those of --score-list; *v is the caller's to free, its strings live in mem. */
static int names_get(struct grx_ctx *cx, const struct prs_opt *o, struct grx_arena *mem, struct grx_strs *v)
{
	int rc = GRX_E_BUG;
	struct grx_text *t = NULL;
	size_t cap = 0, n = 0;
	char *line;
	for (int i = 0; i < o->score.n; i++) {
		if (grx_grow(&v->v, &cap, n + 1, sizeof *v->v, 0) != 0)
			return grx_fail_nomem(cx, "names of scoring files");
		v->v[n++] = o->score.v[i];
	}
	if (o->score_list)
		GRX_TRY(grx_text_open(cx, o->score_list, &t));
	while (t) {
		GRX_TRY(grx_text_line(cx, t, &line));
		if (!line)
			break;
		if (!line[0] || line[0] == '#')
			continue;
		if (grx_grow(&v->v, &cap, n + 1, sizeof *v->v, 0) != 0 ||
			!(v->v[n++] = grx_arena_strdup(mem, line))) {
			rc = grx_fail_nomem(cx, "names of scoring files");
			goto out;
		}
	}
	v->n = (int)n;
	rc = n ? GRX_OK : grx_fail(cx, GRX_E_USAGE, "prs: no scoring file: give --score FILE");
out:
	grx_text_close(t);
	return rc;
}

/* Open the set; ids: a source to look up bare IDs in, or NULL. */
static int set_open(struct grx_ctx *cx, const struct prs_opt *o, const struct prs_ref *ref,
	struct grx_genosrc *ids, struct prs_set **out)
{
	struct grx_strs names = {0};
	struct grx_arena *mem = grx_arena_new();
	int rc = mem ? names_get(cx, o, mem, &names) : grx_fail_nomem(cx, "names of scoring files");
	struct prs_set_opt so = {.path = &names,
		.cache = o->cache,
		.chain = o->chain,
		.min_lift = o->min_lift,
		.compat_pgsc = grx_streq(o->compat, "pgsc_calc"),
		.compat_plink = grx_streq(o->compat, "plink2"),
		.skip_bad_rows = grx_streq(o->bad_rows, "skip"),
		.skip_bad_files = grx_streq(o->bad_files, "skip"),
		.target = build_of(cx->contigs),
		.ids = ids,
		.freq = o->freq,
		.loadings = ref ? prs_ref_loadings(ref) : NULL};
	if (rc == GRX_OK)
		rc = prs_set_open(cx, &so, out);
	grx_free(names.v);
	grx_arena_free(mem);
	return rc;
}

static int arrays_new(struct grx_ctx *cx, struct prs_state *st)
{
	size_t n = st->set->n_row, k = (size_t)st->set->n_file;
	st->code = grx_malloc(n + 1, 1);
	st->flag = grx_calloc(n + 1, 1);
	st->keep_pal = grx_calloc(k, sizeof *st->keep_pal);
	st->why_pal = grx_calloc(k, sizeof *st->why_pal);
	st->other_build = grx_calloc(k, sizeof *st->other_build);
	st->byfact = grx_calloc(k, sizeof(struct prs_byfact *));
	st->n_draw = grx_calloc((size_t)st->set->n_col + 1, sizeof *st->n_draw);
	st->rank = grx_calloc((size_t)st->set->n_col + 1, sizeof *st->rank);
	st->absent = grx_calloc(k, sizeof *st->absent);
	if (!st->code || !st->flag || !st->keep_pal || !st->why_pal || !st->rank || !st->n_draw ||
		!st->absent || !st->other_build || !st->byfact)
		return grx_fail_nomem(cx, "prs");
	for (int32_t i = 0, rank = 0; i < st->set->n_col; i++)
		st->rank[i] = prs_is_score(st->set, i) ? rank++ : -1;
	memcpy(st->code, st->set->code0, n);
	for (int32_t i = 0; i < st->set->n_col; i++)
		if (st->set->col[i].role == PRS_COL_DRAW && st->set->col[i].of >= 0 &&
			st->set->col[i].of < st->set->n_col)
			st->n_draw[st->set->col[i].of]++;
	return GRX_OK;
}

/* Rows on contigs that the input does not name. */
static int contigs_check(struct grx_ctx *cx, struct prs_state *st)
{
	int rc = GRX_E_BUG, n;
	struct prs_wcur *c = NULL;
	const struct prs_wrow *r;
	for (int32_t k = 0; k < st->set->n_chrom; k++) {
		if (grx_contigs_find_alias(cx->contigs, st->set->chrom[k]) >= 0)
			continue;
		if (!c)
			GRX_TRY(prs_wcur_open(cx, st->set, &c));
		GRX_TRY(prs_wcur_seek(cx, c, k, 0, INT64_MAX));
		do {
			GRX_TRY(prs_wcur_next(cx, c, &r, &n));
			for (int i = 0; i < n; i++)
				if (r[i].code == PRS_NO_LOCUS)
					st->code[r[i].index] = PRS_NO_CONTIG;
		} while (n > 0);
	}
	rc = GRX_OK;
out:
	prs_wcur_close(c);
	return rc;
}

/* Everything that hangs on the scoring files; ids as in set_open(). */
static int state_fill(struct grx_ctx *cx, struct prs_state *st, struct grx_genosrc *ids)
{
	int rc = GRX_E_BUG;
	GRX_TRY(set_open(cx, st->opt, st->ref, ids, &st->set));
	if (st->opt->compile)
		GRX_TRY(prs_set_save(cx, st->set, st->opt->compile));
	GRX_TRY(arrays_new(cx, st));
	GRX_TRY(prs_target_init(cx, st->set, cx->hdr, &st->target));
	GRX_TRY(contigs_check(cx, st));
	if (st->ref)
		GRX_TRY(prs_panel_mark(cx, st));
	st->job = (struct prs_job){.set = st->set,
		.po = &st->po,
		.target = &st->target,
		.code = st->code,
		.flag = st->flag,
		.freq = st->freq,
		.top = true};
	grx_info(cx, "%d scores in %d files, %lu rows", st->set->n_score, st->set->n_file,
		(unsigned long)st->set->n_row);
	rc = GRX_OK;
out:
	return rc;
}

static int prs_open(const void *opts, struct grx_ctx *cx, void **state)
{
	int rc = GRX_E_BUG;
	struct prs_state *st = grx_calloc(1, sizeof *st);
	if (!st)
		return grx_fail_nomem(cx, "prs");
	*state = st;
	st->opt = opts;
	if (st->opt->build_out || st->opt->make.method)
		return grx_fail(cx, GRX_E_USAGE,
			"prs: --build-reference and --construct are jobs of their own, not steps of a run");
	if (!cx->hdr || cx->hdr->n_sample == 0)
		return grx_fail(cx, GRX_E_DATA, "prs: the input has no samples; expected genotypes");
	if (st->opt->score.n == 0 && !st->opt->score_list)
		return grx_fail(cx, GRX_E_USAGE, "prs: no scoring file: give --score FILE");
	if (st->opt->plot && !st->opt->reference)
		return grx_fail(cx, GRX_E_USAGE,
			"prs: --plot draws scores among the people of a panel: give --reference FOLDER too");
	policy_set(st->opt, &st->po);
	st->threshold = NAN;
	if (st->opt->threshold && !grx_parse_f64(st->opt->threshold, &st->threshold))
		return grx_fail(
			cx, GRX_E_USAGE, "prs: --threshold %s: expected a number", st->opt->threshold);
	if (st->opt->reference)
		GRX_TRY(prs_ref_open(cx, st->opt->reference, &st->ref));
	rc = GRX_OK;
out:
	return rc;
}

static int prs_wants(const void *opts, struct grx_ctx *cx, struct grx_sites *add)
{
	int rc = GRX_E_BUG;
	struct prs_set *ps = NULL;
	if (!cx->reads)
		return GRX_OK; /* no caller ahead: do not read the files twice */
	GRX_TRY(set_open(cx, opts, NULL, NULL, &ps));
	rc = prs_wants_add(cx, ps, add);
out:
	prs_set_close(ps);
	return rc;
}

static int prs_bulk(void *state, struct grx_ctx *cx, struct grx_genosrc *src, const struct grx_bed *regions)
{
	struct prs_state *st = state;
	int rc = state_fill(cx, st, src);
	if (rc != GRX_OK)
		return rc;
	prs_target_columns(&st->target, src);
	return prs_pass(cx, &st->job, src, regions, &st->eng);
}

/* Records of one shard, group by group; shards of a stream of records do not split a position. */
static int prs_merge(void *state, struct grx_ctx *cx, struct grx_shard *sh)
{
	int rc = GRX_E_BUG;
	struct prs_state *st = state;
	struct grx_geno *g = NULL;
	size_t cap = 0;
	if (!st->set)
		GRX_TRY(state_fill(cx, st, NULL));
	if (!st->eng)
		GRX_TRY(prs_eng_new(cx, &st->job, &st->eng));
	const struct grx_vars *b = sh->vars;
	for (size_t i = 0; b && i < b->n;) {
		size_t n = 1;
		while (i + n < b->n && b->v[i + n].tid == b->v[i].tid && b->v[i + n].pos == b->v[i].pos)
			n++;
		if (grx_grow(&g, &cap, n, sizeof *g, 0) != 0) {
			rc = grx_fail_nomem(cx, "records at a position");
			goto out;
		}
		for (size_t k = 0; k < n; k++)
			grx_geno_of_var(&b->v[i + k], st->target.n_sample, &g[k]);
		GRX_TRY(prs_eng_push(cx, st->eng, g, (int)n));
		i += n;
	}
	rc = GRX_OK;
out:
	grx_free(g);
	return rc;
}

static int prs_finish(void *state, struct grx_ctx *cx, struct grx_facts *out, struct json_t *summary)
{
	int rc = GRX_E_BUG;
	struct prs_state *st = state;
	if (!st->set)
		GRX_TRY(state_fill(cx, st, NULL));
	if (!st->eng)
		GRX_TRY(prs_eng_new(cx, &st->job, &st->eng));
	GRX_TRY(prs_eng_end(cx, st->eng));
	GRX_TRY(prs_byfact_decide(cx, st));
	prs_files_decide(cx, st);
	GRX_TRY(prs_rows_walk(cx, st));
	if (st->ref)
		GRX_TRY(prs_panel_adjust(cx, st));
	if (!st->opt->no_facts)
		GRX_TRY(prs_facts_add(cx, st, out));
	if (st->opt->tsv)
		GRX_TRY(prs_tsv_write(cx, st));
	if (st->opt->plot)
		GRX_TRY(prs_plot_write(cx, st));
	if (st->opt->multiqc)
		GRX_TRY(prs_multiqc_write(cx, st));
	if (summary && prs_summary_add(st, summary) != 0) {
		rc = grx_fail_nomem(cx, "summary");
		goto out;
	}
	rc = GRX_OK;
out:
	return rc;
}

static int prs_tool(const void *opts, struct grx_ctx *cx, const struct grx_tool_io *io, bool *done)
{
	const struct prs_opt *o = opts;
	*done = false;
	int rc = prs_modes_check(cx, o);
	if (rc != GRX_OK)
		return rc;
	if (o->build_out) {
		struct prs_ref_opt r = o->build;
		*done = true;
		if (io->n_input != 1)
			return grx_fail(cx, GRX_E_USAGE,
				"prs: --build-reference needs one panel (VCF, BCF or .bed), %d given",
				io->n_input);
		r.panel = io->input[0];
		r.out = o->build_out;
		return prs_ref_build(cx, &r);
	}
	if (o->make.method) {
		struct prs_construct_opt c = o->make;
		*done = true;
		if (io->n_input != 0 || !c.sumstats || !c.ld)
			return grx_fail(cx, GRX_E_USAGE,
				"prs: --construct needs --sumstats FILE and --ld PANEL, and no other input");
		c.out = io->output;
		c.seed = o->build.seed;
		return prs_construct(cx, &c);
	}
	return GRX_OK;
}

static void prs_close(void *state)
{
	struct prs_state *st = state;
	if (!st)
		return;
	for (int k = 0; st->byfact && k < st->set->n_file; k++)
		grx_free(st->byfact[k]);
	grx_free(st->byfact);
	prs_eng_free(st->eng);
	prs_eng_free(st->panel_eng);
	prs_target_clear(&st->target);
	prs_target_clear(&st->panel_target);
	grx_genosrc_close(st->panel);
	prs_ref_close(st->ref);
	prs_set_close(st->set);
	grx_free(st->code);
	grx_free(st->flag);
	grx_free(st->freq);
	grx_free(st->keep_pal);
	grx_free(st->why_pal);
	grx_free(st->place);
	grx_free(st->adjusted);
	grx_free(st->rank);
	grx_free(st->n_draw);
	grx_free(st->other_build);
	grx_free(st->absent);
	grx_free(st);
}

const struct grx_stage grx_stage_prs = {
	.name = "prs",
	.brief = "polygenic scores with coverage, uncertainty and place among a reference panel",
	.takes = GRX_VARS,
	.gives = GRX_FACTS,
	.usage = "in.vcf.gz",
	.opts_size = sizeof(struct prs_opt),
	.opts = prs_opt_table,
	.wants = prs_wants,
	.open = prs_open,
	.merge = prs_merge,
	.bulk = prs_bulk,
	.tool = prs_tool,
	.finish = prs_finish,
	.close = prs_close,
};
