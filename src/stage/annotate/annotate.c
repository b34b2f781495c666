/* SPDX-License-Identifier: GPL-3.0-or-later
 * annotate.c -- the annotate stage: consequences and HGVS on every transcript, columns joined from databases,
 * findings. shard() reads constant state and edits the batch in place; counts and findings of a shard are
 * merged in order. */
#include "stage/annotate/annotate_int.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "io/factio.h"
#include "io/fasta.h"
#include "stage/annotate/acmg.h"
#include "stage/annotate/db.h"
#include "stage/annotate/findings.h"
#include "stage/annotate/hap.h"
#include "stage/annotate/hgvs.h"
#include "stage/annotate/out.h"
#include "stage/annotate/record.h"
#include "stage/annotate/sv.h"
#include "stage/annotate/trio.h"
#include "stage/stages.h"

#define REST                                                                                                 \
	8 /* shards between two times that mapped models are let go, or a whole genome of them would stay */

/* --- the stage --- */

static int record_write(struct annotate_work *w, const struct annotate_record *r)
{
	/* the classification first: its columns are the writers' too */
	int rc = w->st->acmg ? annotate_acmg_record(w, r) : GRX_OK;
	if (!rc)
		rc = annotate_out_record(w, r);
	if (!rc && w->st->find_db >= 0)
		rc = annotate_findings(w, r);
	return !rc && w->st->trio ? annotate_trio_record(w, r) : rc;
}

/* Records one by one; with haplotypes all of the shard are kept until they have been seen together. */
static int shard_records(struct annotate_work *w)
{
	struct grx_vars *b = w->sh->vars;
	bool together = w->st->opt.haplotypes || w->st->opt.bcsq;
	struct annotate_record one, *all = &one;
	size_t n = 0;
	int rc;
	if (together && !(all = grx_arena_alloc(w->keep, b->n, sizeof *all)))
		return grx_fail_nomem(w->cx, "records");
	for (size_t i = 0; i < b->n; i++) {
		struct grx_var *v = &b->v[i];
		w->part->n_records++;
		if (grx_var_is_ref_block(v)) {
			w->part->n_ref_block++;
			continue;
		}
		if ((rc = annotate_record_make(w, v, &all[n])))
			return rc;
		if (together) {
			n++;
			continue;
		}
		if ((rc = record_write(w, &one)))
			return rc;
		grx_arena_reset(w->mem);
	}
	if (together && (rc = annotate_hap_shard(w, all, n)))
		return rc;
	for (size_t i = 0; i < n; i++)
		if ((rc = record_write(w, &all[i])))
			return rc;
	return GRX_OK;
}

static int annotate_shard(const void *state, struct grx_ctx *cx, struct grx_shard *sh)
{
	int rc = GRX_E_BUG;
	const struct annotate_state *st = state;
	struct annotate_work w = {.st = st, .cx = cx, .sh = sh, .keep = sh->mem};
	/* windows of reads end anywhere: alleles of one transcript would be judged apart without a word */
	if (st->opt.haplotypes && sh->reads)
		return grx_fail(cx, GRX_E_USAGE,
			"--haplotypes needs variants from a file: genorx call first, then genorx annotate "
			"--haplotypes on what it wrote (genorx run takes that file too)");
	sh->part = w.part = grx_arena_calloc(sh->mem, 1, sizeof *w.part);
	w.mem = grx_arena_new();
	w.win_mem = grx_arena_new();
	if (!w.part || !w.mem || !w.win_mem)
		GRX_TRY(grx_fail_nomem(cx, "shard"));
	w.part->found_end = &w.part->found;
	if (sh->vars && sh->vars->n) {
		GRX_TRY(annotate_db_join(&w));
		GRX_TRY(shard_records(&w));
		GRX_TRY(annotate_anew(&w));
	}
	rc = GRX_OK;
out:
	grx_str_clear(&w.txt);
	grx_arena_free(w.mem);
	grx_arena_free(w.win_mem);
	return rc;
}

static int mismatch_fail(struct grx_ctx *cx, const struct annotate_part *t)
{
	struct grx_str s = {0};
	for (int i = 0; i < t->n_where; i++)
		grx_str_addf(&s, "%s%s:%lld", i ? ", " : "", grx_contig_name(cx->contigs, t->where[i].tid),
			(long long)t->where[i].pos + 1);
	int rc = s.oom ? grx_fail_nomem(cx, "positions")
		       : grx_fail(cx, GRX_E_MISMATCH,
				 "REF of %lld of %lld records is not what the FASTA has (%s%s): expected "
				 "none; give the "
				 "reference of the same build, or --ref-mismatch flag or drop",
				 (long long)t->n_ref_mismatch, (long long)t->n_records, s.s,
				 t->n_ref_mismatch > t->n_where ? ", ..." : "");
	grx_str_clear(&s);
	return rc;
}

static int annotate_merge(void *state, struct grx_ctx *cx, struct grx_shard *sh)
{
	struct annotate_state *st = state;
	struct annotate_part *t = &st->total;
	const struct annotate_part *p = sh->part;
	if (!p)
		return GRX_OK;
	t->n_records += p->n_records;
	t->n_alleles += p->n_alleles;
	t->n_ref_mismatch += p->n_ref_mismatch;
	t->n_star += p->n_star;
	t->n_symbolic += p->n_symbolic;
	t->n_ref_block += p->n_ref_block;
	t->n_no_reference += p->n_no_reference;
	t->n_ambiguous += p->n_ambiguous;
	t->n_entries += p->n_entries;
	t->n_dropped += p->n_dropped;
	for (int i = 0; i < p->n_where && t->n_where < AT_MAX_WHERE; i++)
		t->where[t->n_where++] = p->where[i];
	annotate_sv_merge(t, p);
	for (int i = 0; i < AT_N; i++)
		t->n_consequence[i] += p->n_consequence[i];
	annotate_hap_merge(&t->hap, &p->hap);
	int rc = annotate_db_merge(cx, st, p);
	if (!rc)
		rc = annotate_out_merge(cx, st, p);
	if (rc)
		return rc;
	if (st->trio && (rc = annotate_trio_merge(cx, st, p)))
		return rc;
	sh->part = NULL;
	if (st->models && sh->index % REST == REST - 1)
		annotate_models_rest(st->models);
	/* a wholly wrong reference is not worth reading to the end, unless one was told to */
	if (strcmp(st->opt.ref_mismatch, "error") == 0 && t->n_records >= 1000 &&
		t->n_ref_mismatch > t->n_records / 2)
		return mismatch_fail(cx, t);
	for (int i = 0; i < 5; i++)
		t->n_acmg[i] += p->n_acmg[i];
	t->n_acmg_unlisted += p->n_acmg_unlisted;
	t->n_acmg_withheld += p->n_acmg_withheld;
	t->n_acmg_ref_mismatch += p->n_acmg_ref_mismatch;
	rc = annotate_findings_merge(cx, p, st->found);
	return rc ? rc : annotate_acmg_merge(cx, p, st->found);
}

static int fasta_names(struct grx_ctx *cx, struct annotate_state *st)
{
	st->n_contig = cx->contigs->n;
	st->fasta_name = grx_calloc((size_t)st->n_contig + 1, sizeof *st->fasta_name);
	if (!st->fasta_name)
		return grx_fail_nomem(cx, "contig names");
	if (!cx->fasta)
		return GRX_OK;
	const struct grx_contigs *f = grx_fasta_contigs(cx->fasta);
	int32_t n = 0;
	for (int32_t i = 0; i < st->n_contig; i++) {
		const char *name = grx_contig_name(cx->contigs, i);
		int32_t k = grx_contigs_find(f, name);
		if (k < 0)
			k = grx_contigs_find_alias(f, name);
		if (k >= 0) {
			st->fasta_name[i] = grx_contig_name(f, k);
			n++;
		}
	}
	if (n == 0 && st->n_contig)
		return grx_fail(cx, GRX_E_MISMATCH,
			"the FASTA has no contig of the input: found '%s', expected '%s'",
			f->n ? grx_contig_name(f, 0) : "none", grx_contig_name(cx->contigs, 0));
	return GRX_OK;
}

/* What every record is read for. */
static const char *const info_read[] = {"END", "SVLEN", "SVTYPE"};

static int databases_open(struct grx_ctx *cx, struct annotate_state *st)
{
	int n = st->opt.db.n, n_column = 0;
	st->find_db = st->find_field = -1;
	st->db = grx_calloc((size_t)n + 1, sizeof(struct annotate_db *));
	st->total.db_count = grx_calloc((size_t)n + 1, sizeof *st->total.db_count);
	if (!st->db || !st->total.db_count)
		return grx_fail_nomem(cx, "databases");
	int bad = annotate_db_names_check(cx, &st->opt.db, &st->opt.db_key);
	if (bad)
		return bad;
	for (int i = 0; i < n; i++) {
		int rc = annotate_db_open(cx, st, st->opt.db.v[i], &st->db[i]);
		if (rc)
			return rc;
		st->n_db++;
		if ((rc = annotate_db_declare(cx, st->db[i], cx->hdr)))
			return rc;
		n_column += annotate_db_n_field(st->db[i]);
		const char *want = st->opt.finding_field;
		int f = annotate_db_field(st->db[i], want, want ? NULL : "CLNSIG");
		if (f >= 0 && st->find_db < 0) {
			st->find_db = i;
			st->find_field = f;
		}
	}
	/* columns that are replaced are read to be counted */
	st->info_want = grx_calloc((size_t)n_column + 4, sizeof *st->info_want);
	if (!st->info_want)
		return grx_fail_nomem(cx, "databases");
	memcpy(st->info_want, info_read, sizeof info_read);
	n_column = (int)(sizeof info_read / sizeof *info_read);
	for (int i = 0; i < n; i++)
		n_column += annotate_db_replaced(st->db[i], st->info_want + n_column);
	if (st->opt.finding_field && st->find_db < 0)
		return grx_fail(cx, GRX_E_USAGE, "--finding-field %s: no --db gives such a column",
			st->opt.finding_field);
	return GRX_OK;
}

static void annotate_close(void *state);

/* An option that would do nothing without another one is a mistake. */
static int options_need(struct grx_ctx *cx, const struct annotate_opt *o)
{
	const struct {
		bool given, has;
		const char *name, *needs;
	} row[] = {{o->regulatory, o->gff, "--regulatory", "-g/--gff"},
		{o->haplotypes, o->gff, "--haplotypes", "-g/--gff"}, {o->bcsq, o->gff, "--bcsq", "-g/--gff"},
		{o->pick, o->gff, "--pick", "-g/--gff"}, {o->per_gene, o->gff, "--per-gene", "-g/--gff"},
		{o->most_severe, o->gff, "--most-severe", "-g/--gff"},
		{o->acmg, o->gff, "--acmg", "-g/--gff"}, {o->evidence, o->acmg, "--evidence", "--acmg"},
		{o->acmg_rules, o->acmg, "--acmg-rules", "--acmg"},
		{o->acmg_index, o->acmg, "--acmg-index", "--acmg"},
		{o->acmg_field.n > 0, o->acmg, "--acmg-field", "--acmg"},
		{o->keep_going, o->hgvs_in, "--keep-going", "--hgvs-in"}};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		if (row[i].given && !row[i].has)
			return grx_fail(
				cx, GRX_E_USAGE, "%s does nothing without %s", row[i].name, row[i].needs);
	return GRX_OK;
}

static int annotate_open(const void *opts, struct grx_ctx *cx, void **state)
{
	int rc = GRX_E_BUG;
	const struct annotate_opt *o = opts;
	struct annotate_state *st = NULL;
	if (!o->gff && o->db.n == 0)
		GRX_TRY(grx_fail(cx, GRX_E_USAGE, "nothing to annotate with: give -g/--gff, --db or both"));
	GRX_TRY(options_need(cx, o));
	if (o->gff && !cx->fasta)
		GRX_TRY(grx_fail(cx, GRX_E_USAGE, "-g/--gff needs the reference sequence: give -f/--fasta"));
	st = grx_calloc(1, sizeof *st);
	if (!st || !(st->found = grx_facts_new()))
		GRX_TRY(grx_fail_nomem(cx, "annotate"));
	st->opt = *o;
	st->find_db = st->find_field = -1;
	GRX_TRY(annotate_terms_load(cx, &st->terms));
	GRX_TRY(fasta_names(cx, st));
	GRX_TRY(annotate_hgvs_open(cx, st));
	GRX_TRY(annotate_out_open(cx, st, &st->out));
	if (o->gff) {
		struct annotate_models_opt mo = {o->gff, o->regulatory, o->model_cache, o->strict};
		GRX_TRY(annotate_models_open(cx, &mo, cx->contigs, &st->models));
		st->features = annotate_models_has_features(st->models);
		grx_info(cx, "%zu transcripts from %s", annotate_models_n(st->models), o->gff);
	}
	GRX_TRY(annotate_hap_declare(cx, o, cx->hdr));
	if (o->db.n && !cx->fasta)
		grx_warn(cx, "without -f/--fasta indels are matched as written, not left-aligned");
	GRX_TRY(databases_open(cx, st));
	GRX_TRY(annotate_asked_open(cx, st, &st->scope));
	if (o->acmg) {
		GRX_TRY(annotate_acmg_open(cx, st, &st->acmg));
		GRX_TRY(annotate_acmg_declare(cx, st->acmg, cx->hdr));
	}
	annotate_anew_find(cx, st);
	if (o->ped)
		GRX_TRY(annotate_trio_open(cx, st, &st->trio));
	GRX_TRY(annotate_out_begin(cx, st));
	*state = st;
	st = NULL;
	rc = GRX_OK;
out:
	annotate_close(st);
	return rc;
}

static int summary_int(json_t *o, const char *key, int64_t n)
{
	return json_object_set_new(o, key, json_integer((json_int_t)n)) ? GRX_E_NOMEM : GRX_OK;
}

static int summary_fill(const struct annotate_state *st, json_t *o)
{
	const struct annotate_part *t = &st->total;
	const struct {
		const char *key;
		int64_t n;
	} row[] = {{"records", t->n_records}, {"alleles_annotated", t->n_alleles}, {"entries", t->n_entries},
		{"ref_mismatch", t->n_ref_mismatch}, {"dropped_ref_mismatch", t->n_dropped},
		{"skipped_star_alleles", t->n_star}, {"skipped_symbolic_alleles", t->n_symbolic},
		{"skipped_reference_blocks", t->n_ref_block},
		{"records_on_contigs_without_reference", t->n_no_reference},
		{"ambiguous_alleles", t->n_ambiguous}, {"findings", (int64_t)st->found->n}};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		if (summary_int(o, row[i].key, row[i].n))
			return GRX_E_NOMEM;
	if (annotate_sv_summary(t, o))
		return GRX_E_NOMEM;
	if (st->trio && annotate_trio_summary(st->trio, o))
		return GRX_E_NOMEM;
	json_t *dbs = json_object();
	if (!dbs || json_object_set_new(o, "alleles_in_databases", dbs))
		return GRX_E_NOMEM;
	for (int i = 0; i < st->n_db; i++)
		if (summary_int(dbs, annotate_db_name(st->db[i]), t->db_count[i].n_match))
			return GRX_E_NOMEM;
	if ((st->opt.haplotypes || st->opt.bcsq) && annotate_hap_summary(&t->hap, o))
		return GRX_E_NOMEM;
	json_t *models = json_object();
	if (!models || !st->models)
		json_decref(models);
	else if (annotate_models_summary(st->models, models) || json_object_set_new(o, "models", models))
		return GRX_E_NOMEM;
	return GRX_OK;
}

/* annotate/n/TERM: alleles by their most severe term. */
static int counts_fill(struct grx_ctx *cx, const struct annotate_part *t, struct grx_facts *fs)
{
	const char *who = cx->hdr && cx->hdr->n_sample == 1 ? cx->hdr->sample[0] : "cohort";
	for (int i = 0; i < AT_N; i++) {
		char key[96];
		if (!t->n_consequence[i])
			continue;
		snprintf(key, sizeof key, "annotate/n/%s", annotate_term_name[i]);
		int rc = grx_facts_num(cx, fs, who, key, "annotate", (double)t->n_consequence[i], NULL);
		if (rc)
			return rc;
	}
	return GRX_OK;
}

static int annotate_finish(void *state, struct grx_ctx *cx, struct grx_facts *to, struct json_t *summary)
{
	struct annotate_state *st = state;
	const struct annotate_part *t = &st->total;
	if (t->n_ref_mismatch && strcmp(st->opt.ref_mismatch, "error") == 0)
		return mismatch_fail(cx, t);
	int rc = annotate_out_finish(cx, st);
	if (rc)
		return rc;
	if (t->n_ref_mismatch)
		grx_warn(cx, "REF of %lld of %lld records is not what the FASTA has: %s",
			(long long)t->n_ref_mismatch, (long long)t->n_records,
			t->n_dropped ? "not annotated" : "flagged REF_MISMATCH");
	if (t->n_no_reference)
		grx_warn(cx,
			"%lld of %lld records lie on contigs that the FASTA does not have: no consequences",
			(long long)t->n_no_reference, (long long)t->n_records);
	rc = annotate_db_finish(cx, st, summary);
	if (rc)
		return rc;
	rc = GRX_E_BUG;
	struct grx_facts *mine = grx_facts_new();
	if (!mine)
		GRX_TRY(grx_fail_nomem(cx, "facts"));
	if (st->models)
		GRX_TRY(counts_fill(cx, t, mine));
	if (st->acmg)
		GRX_TRY(annotate_acmg_summary(cx, t, mine, summary));
	GRX_TRY(annotate_findings_finish(cx, st, mine));
	GRX_TRY(grx_facts_append(cx, mine, st->found));
	if (st->trio)
		GRX_TRY(annotate_trio_finish(cx, st, mine));
	if (st->opt.facts_out)
		GRX_TRY(grx_facts_write(cx, st->opt.facts_out, mine));
	GRX_TRY(grx_facts_append(cx, to, mine));
	if (summary_fill(st, summary))
		GRX_TRY(grx_fail_nomem(cx, "summary"));
	rc = GRX_OK;
out:
	grx_facts_free(mine);
	return rc;
}

static void annotate_close(void *state)
{
	struct annotate_state *st = state;
	if (!st)
		return;
	for (int i = 0; i < st->n_db; i++)
		annotate_db_close(st->db[i]);
	grx_free(st->db);
	grx_free(st->total.db_count);
	annotate_hgvs_close(st);
	grx_free(st->info_want);
	grx_free(st->fasta_name);
	annotate_trio_close(st->trio);
	annotate_out_close(st->out);
	annotate_asked_close(st->scope);
	annotate_acmg_close(st->acmg);
	grx_facts_free(st->found);
	annotate_models_free(st->models);
	grx_free(st);
}

static int annotate_tool(const void *opts, struct grx_ctx *cx, const struct grx_tool_io *io, bool *done)
{
	const struct annotate_opt *o = opts;
	static const struct {
		size_t flag;
		int (*job)(const struct annotate_opt *o, struct grx_ctx *cx, const struct grx_tool_io *io);
	} tool[] = {{offsetof(struct annotate_opt, build_models), annotate_models_tool},
		{offsetof(struct annotate_opt, build_db), annotate_db_tool},
		{offsetof(struct annotate_opt, build_acmg_index), annotate_acmg_tool},
		{offsetof(struct annotate_opt, hgvs_in), annotate_hgvs_tool}};
	for (size_t i = 0; i < sizeof tool / sizeof *tool; i++)
		if (*(const bool *)((const char *)o + tool[i].flag)) {
			*done = true;
			return tool[i].job(o, cx, io);
		}
	*done = false;
	return GRX_OK;
}

/* Nothing but INFO is written, unless consequences go to the samples too. */
static bool annotate_passes(const void *state)
{
	const struct annotate_state *st = state;
	return !st->opt.bcsq;
}

/* Genotypes only where it matters who carries an allele. */
static void annotate_columns(const void *state, struct grx_columns *want)
{
	static const char *const fmt[] = {"DP", "GQ", "AD", "PL", "PS", "PQ", "FT", NULL};
	const struct annotate_state *st = state;
	want->info = st->info_want;
	bool findings = st->find_db >= 0 && (st->opt.finding_genes || st->opt.secondary_findings);
	if (!findings && !st->acmg && !st->opt.haplotypes && !st->opt.bcsq && !st->opt.ped)
		return;
	want->gt = true;
	want->fmt = fmt;
}

static bool annotate_joined(const void *state, int32_t tid, int64_t prev, int64_t next)
{
	const struct annotate_state *st = state;
	return (st->opt.haplotypes || st->opt.bcsq) && annotate_hap_joined(st, tid, prev, next);
}

const struct grx_stage grx_stage_annotate = {
	.name = "annotate",
	.brief = "consequence, HGVS, population frequency and clinical significance of variants",
	.takes = GRX_VARS,
	.gives = GRX_VARS,
	.usage = "in.vcf.gz",
	.opts_size = sizeof(struct annotate_opt),
	.opts = annotate_opts,
	.open = annotate_open,
	.passes = annotate_passes,
	.columns = annotate_columns,
	.joined = annotate_joined,
	.shard = annotate_shard,
	.merge = annotate_merge,
	.quiet = annotate_out_quiet,
	.tool = annotate_tool,
	.finish = annotate_finish,
	.close = annotate_close,
};
