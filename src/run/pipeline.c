/* SPDX-License-Identifier: GPL-3.0-or-later
 * pipeline.c -- `genorx run`: check, plan, run or resume each step, write the manifest last. */
#include "run/pipeline.h"

#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/out.h"
#include "io/factio.h"
#include "io/sniff.h"
#include "run/pipe_int.h"
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
	for (int i = 0; i < o->set.n; i++) {
		if (!strchr(o->set.v[i], '.') || !strchr(o->set.v[i], '='))
			return grx_fail(cx, GRX_E_USAGE, "--set: '%s' is not of the form STAGE.OPTION=VALUE",
				o->set.v[i]);
	}
	return grx_network_check(cx, c->fasta ? c->fasta : ".");
}

/* A result of an earlier run must not look like one of this run. */
static int remove_manifest(struct pipe *p, struct grx_ctx *cx)
{
	char *path = pipe_path(p, "manifest.json");
	int rc = path ? GRX_OK : grx_fail_nomem(cx, "a path");
	if (path && unlink(path) != 0 && access(path, F_OK) == 0)
		rc = grx_fail(cx, GRX_E_IO, "%s: an old manifest cannot be removed", path);
	grx_free(path);
	return rc;
}

static int make_folders(struct pipe *p, struct grx_ctx *cx)
{
	char *steps = pipe_path(p, "steps");
	int rc = steps ? grx_mkdir(cx, p->o->outdir) : grx_fail_nomem(cx, "a path");
	if (rc == GRX_OK)
		rc = grx_mkdir(cx, steps);
	grx_free(steps);
	return rc == GRX_OK ? remove_manifest(p, cx) : rc;
}

static int run_step(struct pipe *p, struct grx_ctx *cx, struct pipe_step *s)
{
	bool done = false;
	int rc = GRX_OK;
	if (p->o->resume)
		rc = pipe_resume(p, cx, s, &done);
	if (rc != GRX_OK || done) {
		if (done)
			grx_info(cx, "step %s: unchanged, skipped", s->name);
		return rc;
	}
	grx_info(cx, "step %s", s->name);
	rc = s->run(p, cx);
	if (rc == GRX_OK)
		rc = grx_outs_commit(cx);
	if (rc == GRX_OK) {
		cx->stage = "run";
		rc = pipe_record(p, cx, s);
	}
	return rc;
}

static int run_steps(struct pipe *p, struct grx_ctx *cx)
{
	int rc = GRX_OK;
	for (int i = 0; i < PIPE_STEPS && rc == GRX_OK; i++) {
		rc = run_step(p, cx, &p->step[i]);
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
	for (int i = 0; i < c->facts.n; i++)
		GRX_TRY(grx_facts_read(cx, c->facts.v[i], p.facts));
	pipe_plan(&p);
	GRX_TRY(pipe_keys(&p, cx));
	GRX_TRY(make_folders(&p, cx));
	GRX_TRY(run_steps(&p, cx));
	cx->stage = "run";
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
