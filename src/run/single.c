/* SPDX-License-Identifier: GPL-3.0-or-later
 * single.c -- one stage alone. */
#include "run/single.h"

#include <string.h>

#include "base/log.h"
#include "base/out.h"
#include "base/par.h"
#include "io/factin.h"
#include "io/sniff.h"
#include "run/cases.h"
#include "run/summary.h"

static int check_inputs(struct grx_ctx *cx, const struct grx_stage *st, const struct grx_strs *in)
{
	bool stream = st->takes & (GRX_READS | GRX_VARS);
	if (stream && (in->n == 0 || (in->n > 1 && !(st->takes & GRX_READS))))
		return grx_fail(cx, GRX_E_USAGE, "%s: needs one input file, %d given: genorx %s [options] %s",
			st->name, in->n, st->name, st->usage);
	if (!st->takes && in->n)
		return grx_fail(
			cx, GRX_E_USAGE, "%s: takes no input file, but '%s' was given", st->name, in->v[0]);
	for (int i = 0; i < in->n; i++) {
		int rc = grx_network_check(cx, in->v[i]);
		if (rc != GRX_OK)
			return rc;
	}
	return GRX_OK;
}

static int one_kind(struct grx_ctx *cx, const struct grx_stage *st, const char *path, bool *reads)
{
	enum grx_file_kind kind;
	int rc = grx_file_sniff(cx, path, &kind);
	if (rc != GRX_OK)
		return rc;
	*reads = st->takes & GRX_READS;
	if ((st->takes & GRX_READS) && (st->takes & GRX_VARS))
		*reads = st->vars_first ? kind == GRX_FILE_READS : kind != GRX_FILE_VARS;
	else if (kind == (*reads ? GRX_FILE_VARS : GRX_FILE_READS))
		return grx_fail(cx, GRX_E_DATA, "%s: holds %s, but %s takes %s", path,
			*reads ? "variants" : "reads", st->name,
			*reads ? "reads (BAM or CRAM)" : "variants (VCF or BCF)");
	return GRX_OK;
}

/* Several files are one source of reads, never of variants. */
static int input_kind(struct grx_ctx *cx, const struct grx_stage *st, const struct grx_strs *in, bool *reads)
{
	int rc = GRX_OK;
	for (int i = 0; i < in->n && rc == GRX_OK; i++) {
		rc = one_kind(cx, st, in->v[i], reads);
		if (rc == GRX_OK && in->n > 1 && !*reads)
			rc = grx_fail(cx, GRX_E_USAGE,
				"%s: variants: one file at a time, %d given: genorx %s [options] %s",
				in->v[i], in->n, st->name, st->usage);
	}
	return rc;
}

static int load_facts(struct grx_ctx *cx, const struct grx_stage *st, const struct grx_common *c,
	const struct grx_strs *in, struct grx_facts *fs)
{
	int rc = GRX_OK;
	if (st->takes & GRX_FACTS)
		for (int i = 0; i < in->n && rc == GRX_OK; i++)
			rc = grx_facts_read(cx, in->v[i], fs);
	for (int i = 0; i < c->facts.n && rc == GRX_OK; i++)
		rc = grx_facts_read(cx, c->facts.v[i], fs);
	return rc;
}

static void tell_replaced(struct grx_ctx *cx, const struct grx_stage *st, size_t n)
{
	if (n)
		grx_info(cx, "%zu facts of an earlier %s in the input are replaced", n, st->name);
}

/* Input that this stage made earlier is made anew: rules, tables or other facts may have changed since. */
static int drop_old(struct grx_ctx *cx, const struct grx_stage *st, struct grx_facts *known)
{
	size_t n = 0;
	if (!(st->takes & GRX_FACTS) || !(st->gives & GRX_FACTS))
		return GRX_OK;
	int rc = grx_facts_drop_stage(cx, known, st->name, &n);
	if (rc == GRX_OK)
		tell_replaced(cx, st, n);
	return rc;
}

/* A stage over facts hands on what it was given, so that its output alone feeds the next one. */
static int write_facts(struct grx_ctx *cx, const struct grx_stage *st, const struct grx_common *c,
	struct grx_facts *known, const struct grx_facts *made)
{
	if (st->gives != GRX_FACTS || !(st->takes & GRX_FACTS))
		return GRX_OK;
	int rc = grx_facts_append(cx, known, made);
	return rc == GRX_OK ? grx_facts_write(cx, c->output, known) : rc;
}

/* Facts are written as they come where the stage allows it: those of a cohort need not fit into memory. */
static int run_leg(struct grx_ctx *cx, struct grx_leg *leg, struct grx_cases *cases)
{
	const struct grx_stage *st = leg->stage[0].st;
	struct grx_factout *w = NULL;
	int rc = GRX_E_BUG;
	if (cases->path || (st->gives == GRX_FACTS && !(st->takes & GRX_FACTS))) {
		GRX_TRY(grx_factout_open(cx, leg->common->output, &w));
		leg->out->sink = grx_factout_sink(w);
	}
	if (cases->path) {
		cases->to = w;
		leg->facts = grx_cases_run;
		leg->facts_arg = cases;
	}
	GRX_TRY(grx_leg_run(cx, leg));
	if (w) {
		GRX_TRY(grx_factout_add(cx, w, leg->out));
		struct grx_factout *whole = w;
		w = NULL;
		GRX_TRY(grx_factout_close(cx, whole));
	}
	rc = GRX_OK;
out:
	leg->out->sink = NULL;
	grx_factout_abandon(cx, w);
	return rc;
}

static bool one_person(const struct grx_stage *st, const struct grx_common *c)
{
	return c->sample && !(st->takes & (GRX_READS | GRX_VARS));
}

/* One person's facts go on, and no one else's: nobody is to find others in a report about one. */
static int keep_sample(struct grx_ctx *cx, const char *sample, struct grx_facts *known)
{
	size_t had = known->n, n, own = 0;
	int rc = grx_facts_keep_sample(cx, known, sample, &n);
	for (size_t i = 0; rc == GRX_OK && i < known->n; i++)
		own += strcmp(known->v[i]->sample, sample) == 0;
	if (rc == GRX_OK && had && !own)
		rc = grx_fail(cx, GRX_E_MISMATCH, "--sample %s: none of the %zu facts is about this sample",
			sample, had);
	return rc;
}

/* The first file of facts sample by sample, if the stage and the file allow it; the others are read whole. */
static int take_facts(struct grx_ctx *cx, const struct grx_stage *st, const struct grx_common *c,
	const struct grx_strs *in, struct grx_facts *known, struct grx_cases *cases)
{
	struct grx_strs rest = *in;
	bool grouped = false, one = one_person(st, c);
	int rc = GRX_OK;
	if (st->each && in->n && !one)
		rc = grx_factin_grouped(cx, in->v[0], &grouped);
	if (grouped) {
		cases->path = in->v[0];
		cases->extra = known;
		rest.v++;
		rest.n--;
	}
	if (rc == GRX_OK)
		rc = load_facts(cx, st, c, &rest, known);
	if (rc == GRX_OK && one)
		rc = keep_sample(cx, c->sample, known);
	return rc == GRX_OK && !grouped ? drop_old(cx, st, known) : rc;
}

/* The options may ask for a job that is not the stream's. */
static int run_tool(struct grx_ctx *cx, const struct grx_stage *st, const void *opts,
	const struct grx_common *c, const struct grx_strs *in, bool *done)
{
	*done = false;
	if (!st->tool)
		return GRX_OK;
	int rc = GRX_E_BUG;
	struct grx_tool_io io = {.n_input = in->n,
		.input = in->v,
		.output = c->output,
		.fasta = c->fasta,
		.summary = json_object()};
	if (!io.summary)
		return grx_fail_nomem(cx, "a summary");
	GRX_TRY(st->tool(opts, cx, &io, done));
	if (!*done)
		goto out;
	if (c->summary)
		GRX_TRY(grx_summary_write(cx, c->summary, io.summary));
	GRX_TRY(grx_par_signal_check(cx));
	GRX_TRY(grx_outs_commit(cx));
	grx_info(cx, "done");
out:
	json_decref(io.summary);
	return rc;
}

int grx_single_run(struct grx_ctx *cx, const struct grx_stage *st, const void *opts,
	const struct grx_common *c, const struct grx_strs *inputs)
{
	int rc = GRX_E_BUG;
	bool stream = st->takes & (GRX_READS | GRX_VARS);
	struct grx_facts *known = grx_facts_new(), *made = grx_facts_new();
	struct grx_leg leg = {.common = c, .n_stage = 1, .stage = {{.st = st, .opts = opts}}, .out = made};
	struct grx_cases cases = {0};
	leg.summary = json_object();
	bool done;
	cx->stage = st->name;
	if (!known || !made || !leg.summary) {
		rc = grx_fail_nomem(cx, "facts");
		goto out;
	}
	GRX_TRY(run_tool(cx, st, opts, c, inputs, &done));
	if (done)
		goto out;
	GRX_TRY(check_inputs(cx, st, inputs));
	if (stream) {
		leg.input = inputs->v[0];
		GRX_TRY(input_kind(cx, st, inputs, &leg.input_is_reads));
		leg.n_input = leg.input_is_reads ? inputs->n : 0;
		leg.inputs = inputs->v;
	}
	GRX_TRY(take_facts(cx, st, c, inputs, known, &cases));
	cx->facts = known;
	if (st->gives & GRX_VARS) {
		bool quiet = st->quiet && st->quiet(opts) && !grx_common_output_given(c);
		leg.vars_path = quiet ? NULL : c->output;
		leg.vars_type = c->output_type ? c->output_type[0] : '\0';
	}
	GRX_TRY(run_leg(cx, &leg, &cases));
	cx->facts = NULL;
	if (cases.path)
		tell_replaced(cx, st, cases.n_replaced);
	else {
		if (one_person(st, c)) /* tables that a stage reads name others too */
			GRX_TRY(grx_facts_keep_sample(cx, made, c->sample, &(size_t){0}));
		GRX_TRY(write_facts(cx, st, c, known, made));
	}
	if (c->summary)
		GRX_TRY(grx_summary_write(cx, c->summary, leg.summary));
	GRX_TRY(grx_par_signal_check(cx));
	GRX_TRY(grx_outs_commit(cx));
	grx_info(cx, "done");
	rc = GRX_OK;
out:
	cx->facts = NULL;
	grx_facts_free(known);
	grx_facts_free(made);
	json_decref(leg.summary);
	return rc;
}
