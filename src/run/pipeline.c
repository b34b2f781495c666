/* SPDX-License-Identifier: GPL-3.0-or-later
 * pipeline.c -- `genorx run`: check, plan, run or resume each step, write the manifest last. */
#include "run/pipeline.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/ctx.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/out.h"
#include "base/par.h"
#include "io/factio.h"
#include "io/sniff.h"
#include "run/pipe_int.h"
#include "run/registry.h"
#include "run/summary.h"

char *pipe_path(const struct pipe *p, const char *name)
{
	struct grx_str s = {0};
	grx_str_addf(&s, "%s/%s", p->o->outdir, name);
	if (s.oom)
		grx_str_clear(&s);
	return s.s;
}

static int check_options(struct grx_ctx *cx, const struct grx_run_opt *o, const struct grx_common *c,
	const struct grx_strs *in)
{
	if (in->n != 1)
		return grx_fail(cx, GRX_E_USAGE,
			"needs one input file, %d given: genorx run -f REF.fa -o OUTDIR reads.bam", in->n);
	if (!o->outdir || !*o->outdir)
		return grx_fail(cx, GRX_E_USAGE, "--output: name the folder for the results");
	if (strcmp(in->v[0], "-") == 0)
		return grx_fail(cx, GRX_E_USAGE,
			"run reads a file, not standard input: its content is hashed for --resume");
	return grx_network_check(cx, c->fasta ? c->fasta : ".");
}

/* What only calling can do is not passed over in silence when the input is variants already. */
static int check_reads_only(struct grx_ctx *cx, const struct pipe *p)
{
	const char *name = p->o->sites                      ? "sites"
			   : p->o->gvcf                     ? "gvcf"
			   : strcmp(p->o->sex, "auto") != 0 ? "sex"
							    : NULL;
	if (p->input_is_reads || !name)
		return GRX_OK;
	return grx_fail(cx, GRX_E_USAGE,
		"--%s: is for calling from reads, but %s holds variants: leave the option out", name,
		p->input);
}

/* Cut STAGE.OPTION=VALUE; false when it is not of that form. */
static bool set_cut(const char *s, char stage[64], char option[64])
{
	size_t n = strcspn(s, ".="), m = s[n] == '.' ? strcspn(s + n + 1, "=") : 0;
	if (s[n] != '.' || s[n + 1 + m] != '=' || n >= 64 || m >= 64)
		return false;
	snprintf(stage, 64, "%.*s", (int)n, s);
	snprintf(option, 64, "%.*s", (int)m, s + n + 1);
	return true;
}

enum grx_opt_type pipe_set_type(const char *set)
{
	char stage[64], option[64];
	const struct grx_stage *st = set_cut(set, stage, option) ? grx_stage_find(stage) : NULL;
	for (const struct grx_opt *o = st ? st->opts : NULL; o && o->name; o++)
		if (strcmp(o->name, option) == 0)
			return o->type;
	return GRX_OPT_FLAG;
}

/* --set STAGE.OPTION=VALUE must reach an option of a stage of this run. */
static int check_set(struct grx_ctx *cx, const struct pipe *p, const char *s)
{
	char stage[64], option[64];
	if (!set_cut(s, stage, option))
		return grx_fail(cx, GRX_E_USAGE, "--set: '%s' is not of the form STAGE.OPTION=VALUE", s);
	if (!pipe_has_stage(p, stage))
		return grx_fail(cx, GRX_E_USAGE,
			"--set: '%s': no stage '%s' in this run: correct the name or leave it out", s, stage);
	if (!grx_opts_has(grx_stage_find(stage)->opts, option))
		return grx_fail(cx, GRX_E_USAGE, "--set: %s has no option --%s; genorx %s --help lists them",
			stage, option, stage);
	return GRX_OK;
}

static int check_sets(struct grx_ctx *cx, const struct pipe *p)
{
	int rc = GRX_OK;
	for (int i = 0; i < p->o->set.n && rc == GRX_OK; i++)
		rc = check_set(cx, p, p->o->set.v[i]);
	return rc;
}

/* No result may replace an input. */
static int check_results(struct grx_ctx *cx, const struct pipe *p)
{
	int rc = GRX_OK;
	for (size_t k = 0; k < json_array_size(p->inputs) && rc == GRX_OK; k++) {
		const char *in = json_string_value(json_object_get(json_array_get(p->inputs, k), "path"));
		for (int i = 0; i < PIPE_STEPS * PIPE_FILES && rc == GRX_OK; i++) {
			const char *name = p->step[i / PIPE_FILES].file[i % PIPE_FILES];
			char *path = name ? pipe_path(p, name) : NULL;
			if (name)
				rc = path ? grx_same_file_check(cx, in, path) : grx_fail_nomem(cx, "a path");
			grx_free(path);
		}
	}
	return rc;
}

/* A result of an earlier run must not look like one of this run. */
static int remove_old(struct pipe *p, struct grx_ctx *cx, const char *name)
{
	char *path = pipe_path(p, name);
	int rc = path ? GRX_OK : grx_fail_nomem(cx, "a path");
	if (path && unlink(path) != 0 && access(path, F_OK) == 0)
		rc = grx_fail(
			cx, GRX_E_IO, "%s: an old result cannot be removed: check the folder's rights", path);
	grx_free(path);
	return rc;
}

/* Results of step k and of those that follow from it; scores of a run that had --score too. */
static int remove_results(struct pipe *p, struct grx_ctx *cx, int k)
{
	int rc = k == 0 ? remove_old(p, cx, "scores.tsv") : GRX_OK;
	for (; k < PIPE_STEPS; k++)
		for (int i = 0; i < p->step[k].n_file && rc == GRX_OK; i++)
			rc = remove_old(p, cx, p->step[k].file[i]);
	return rc;
}

static int make_folders(struct pipe *p, struct grx_ctx *cx)
{
	char *steps = pipe_path(p, "steps");
	int rc = steps ? grx_mkdir(cx, p->o->outdir) : grx_fail_nomem(cx, "a path");
	if (rc == GRX_OK)
		rc = grx_mkdir(cx, steps);
	grx_free(steps);
	return rc == GRX_OK ? remove_old(p, cx, "manifest.json") : rc;
}

static int run_step(struct pipe *p, struct grx_ctx *cx, int k)
{
	struct pipe_step *s = &p->step[k];
	bool done = false;
	int rc = grx_par_signal_check(cx);
	if (rc == GRX_OK && p->o->resume)
		rc = pipe_resume(p, cx, s, &done);
	if (rc != GRX_OK || done) {
		if (done)
			grx_info(cx, "step %s: unchanged, skipped", s->name);
		return rc;
	}
	grx_info(cx, "step %s", s->name);
	rc = remove_results(p, cx, k);
	if (rc == GRX_OK)
		rc = s->run(p, cx);
	if (rc == GRX_OK)
		rc = grx_par_signal_check(cx);
	if (rc == GRX_OK)
		rc = grx_outs_commit(cx);
	if (rc == GRX_OK) {
		cx->stage = "run";
		rc = pipe_record(p, cx, s);
	}
	return rc;
}

/* A signal after a committed step: a scheduler may run the same command again with --resume. */
static int stopped_with_checkpoint(struct grx_ctx *cx, const char *step)
{
	grx_ctx_reset(cx);
	return grx_fail(cx, GRX_E_TEMP,
		"stopped by signal %d; step %s is kept: run the same command with --resume", grx_par_signal(),
		step);
}

static int run_steps(struct pipe *p, struct grx_ctx *cx)
{
	int rc = GRX_OK;
	for (int i = 0; i < PIPE_STEPS && rc == GRX_OK; i++) {
		rc = run_step(p, cx, i);
		if (rc > 128 && i > 0)
			return stopped_with_checkpoint(cx, p->step[i - 1].name);
		if (strcmp(p->step[i].name, p->o->stop_after) == 0)
			break;
	}
	return rc;
}

int grx_pipeline_run(struct grx_ctx *cx, const struct grx_run_opt *o, const struct grx_common *c,
	const struct grx_strs *inputs)
{
	int rc = GRX_E_BUG;
	struct pipe p = {.o = o, .c = c};
	enum grx_file_kind kind;
	cx->stage = "run";
	p.facts = grx_facts_new();
	p.summary = json_object();
	p.inputs = json_array();
	if (!p.facts || !p.summary || !p.inputs) {
		rc = grx_fail_nomem(cx, "facts");
		goto out;
	}
	GRX_TRY(check_options(cx, o, c, inputs));
	p.input = inputs->v[0];
	GRX_TRY(grx_file_sniff(cx, p.input, &kind));
	if (kind == GRX_FILE_OTHER) {
		rc = grx_fail(
			cx, GRX_E_DATA, "%s: is neither reads (BAM, CRAM) nor variants (VCF, BCF)", p.input);
		goto out;
	}
	p.input_is_reads = kind == GRX_FILE_READS;
	if (p.input_is_reads && !c->fasta) {
		rc = grx_fail(cx, GRX_E_USAGE,
			"--fasta: calling from reads needs the reference sequence: give -f REF.fa");
		goto out;
	}
	GRX_TRY(check_reads_only(cx, &p));
	GRX_TRY(check_sets(cx, &p));
	for (int i = 0; i < c->facts.n; i++)
		GRX_TRY(grx_facts_read(cx, c->facts.v[i], p.facts));
	pipe_plan(&p);
	GRX_TRY(pipe_keys(&p, cx));
	GRX_TRY(check_results(cx, &p));
	GRX_TRY(make_folders(&p, cx));
	GRX_TRY(run_steps(&p, cx));
	cx->stage = "run";
	if (c->summary)
		GRX_TRY(grx_summary_write(cx, c->summary, p.summary));
	GRX_TRY(pipe_manifest(&p, cx));
	grx_info(cx, "done: %s", o->outdir);
	rc = GRX_OK;
out:
	cx->facts = NULL;
	grx_facts_free(p.facts);
	json_decref(p.summary);
	json_decref(p.inputs);
	return rc;
}
