/* SPDX-License-Identifier: GPL-3.0-or-later
 * stage.c -- run one stage from the command line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ctx.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/par.h"
#include "base/out.h"
#include "cli/cli.h"
#include "io/sniff.h"
#include "run/pipeline.h"
#include "run/session.h"
#include "run/single.h"

bool cli_wants_help(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return true;
	}
	return false;
}

const char *cli_htslib_note(void)
{
	if (grx_htslib_cram_safe(grx_htslib_version()))
		return "";
	return " (its CRAM decoder has known memory errors: use CRAM from trusted sources only)";
}

int cli_sets(const struct grx_stage *st, void *opts, struct grx_common *c, struct grx_opt_set *set)
{
	return st ? grx_common_sets(st, opts, c, set) : grx_common_sets_run(grx_run_opts, opts, c, set);
}

void cli_usage(const struct grx_stage *st, struct grx_str *out)
{
	if (!st)
		grx_str_add(out, "genorx run [options] -o OUTDIR reads.bam|calls.vcf.gz");
	else
		grx_str_addf(out, "genorx %s [options]%s%s", st->name, st->usage && *st->usage ? " " : "",
			st->usage ? st->usage : "");
}

static int print_help(const struct grx_stage *st, const struct grx_opt_set *set, int n)
{
	struct grx_str s = {0};
	grx_str_add(&s, "Usage: ");
	cli_usage(st, &s);
	grx_str_addf(&s, "\n\n%s\n",
		st ? st->brief : "all stages in sequence: reads or variants -> facts, report");
	grx_opts_help(set, n, &s);
	int rc = cli_print(&s);
	grx_str_clear(&s);
	return rc;
}

static int run_parsed(struct grx_session *s, const struct grx_stage *st, const void *opts,
	const struct grx_common *c, const struct grx_strs *pos)
{
	int rc = grx_session_start(s, c);
	if (rc == GRX_OK)
		rc = st ? grx_single_run(&s->cx, st, opts, c, pos) : grx_pipeline_run(&s->cx, opts, c, pos);
	return rc;
}

/* What the output says of the options. */
static void command_text(
	const struct grx_stage *st, void *opts, const struct grx_common *c, struct grx_str *out)
{
	struct grx_common neutral = *c;
	struct grx_opt_set set[GRX_COMMON_SETS];
	if (!st) {
		grx_pipeline_text(opts, c, out);
		return;
	}
	grx_common_neutral(&neutral);
	int n = grx_common_sets(st, opts, &neutral, set);
	grx_opts_text(set, n, out);
}

/* The session at work, for the one case where a library ends the process by itself: libgomp without threads
 * or memory, htslib without memory. Their exit(1) must neither leave temporary files nor look like a status
 * of ours. */
static struct grx_session *at_work;

static void on_foreign_exit(void)
{
	if (!at_work)
		return;
	grx_outs_abort(at_work->cx.outs);
	fprintf(stderr,
		"genorx: %s: error: a library ended the program for want of memory or threads; nothing was "
		"written: "
		"give the job more memory or use fewer threads (-@)\n",
		at_work->cx.stage ? at_work->cx.stage : "run");
	_exit(GRX_E_NOMEM);
}

int cli_stage(const struct grx_stage *st, int argc, char **argv)
{
	struct grx_session s;
	struct grx_common c = {0};
	struct grx_strs pos = {0};
	struct grx_str text = {0};
	struct grx_opt_set set[GRX_COMMON_SETS];
	int rc = grx_session_init(&s), n = 0;
	void *opts = grx_calloc(1, st ? st->opts_size : sizeof(struct grx_run_opt));
	s.cx.stage = st ? st->name : "run";
	if (rc == GRX_OK && !opts)
		rc = grx_fail_nomem(&s.cx, "options");
	if (rc == GRX_OK && atexit(on_foreign_exit) != 0)
		rc = grx_fail_nomem(&s.cx, "start-up");
	if (rc != GRX_OK)
		goto out;
	at_work = &s;
	n = cli_sets(st, opts, &c, set);
	if (cli_wants_help(argc, argv)) {
		rc = print_help(st, set, n);
		goto quiet;
	}
	rc = grx_opts_default(&s.cx, set, n);
	if (rc == GRX_OK)
		rc = grx_opts_parse(&s.cx, set, n, argc, argv, &pos);
	if (rc == GRX_OK)
		rc = grx_opts_clash(&s.cx, set, n, &pos);
	if (rc == GRX_OK) {
		command_text(st, opts, &c, &text);
		s.cx.command = text.s;
		rc = run_parsed(&s, st, opts, &c, &pos);
	}
out:
	/* a read that the signal broke off looks like damaged input */
	if (rc != GRX_OK && rc < 128 && grx_par_signal()) {
		grx_ctx_reset(&s.cx);
		rc = grx_par_signal_check(&s.cx);
	}
	if (rc != GRX_OK)
		cli_error(&s.cx, rc);
quiet:
	grx_opts_clear(set, n);
	grx_free(pos.v);
	grx_free(opts);
	grx_str_clear(&text);
	at_work = NULL;
	grx_session_end(&s);
	return rc;
}

int cli_run(int argc, char **argv)
{
	return cli_stage(NULL, argc, argv);
}
