/* SPDX-License-Identifier: GPL-3.0-or-later
 * main.c -- the multi-call program. The only place that prints errors and exits. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/par.h"
#include "cli/cli.h"
#include "genorx/genorx.h"
#include "io/sniff.h"
#include "run/registry.h"

int cli_error(const struct grx_ctx *cx, int rc)
{
	char safe[4096];
	grx_escape(cx->err.status ? cx->err.msg : "internal error without a message: please report it", safe,
		sizeof safe);
	const char *stage = cx->stage ? cx->stage : "", *text = safe;
	size_t n = strlen(stage);
	if (n && strncmp(text, stage, n) == 0 && strncmp(text + n, ": ", 2) == 0)
		text += n + 2; /* the message names the stage itself */
	fprintf(stderr, "genorx: %s%serror: %s\n", stage, n ? ": " : "", text);
	return rc;
}

int cli_print(const struct grx_str *s)
{
	bool bad = s->oom || (s->n && fwrite(s->s, 1, s->n, stdout) != s->n) || fflush(stdout) != 0;
	if (bad)
		fprintf(stderr, "genorx: error: standard output: write failed: %s\n", strerror(errno));
	return bad ? GRX_E_IO : GRX_OK;
}

static int version(int argc, char **argv)
{
	struct grx_str s = {0};
	(void)argc;
	(void)argv;
	grx_str_addf(&s,
		"genorx %s\nhtslib %s%s\nLicence GPL-3.0-or-later. For research use; see "
		"docs/INTENDED_USE.md.\n",
		GENORX_VERSION, grx_htslib_version(), cli_htslib_note());
	int rc = cli_print(&s);
	grx_str_clear(&s);
	return rc;
}

static const struct cli_command commands[] = {
	{"run", "all stages in sequence: reads or variants -> facts, report", cli_run},
	{"rules", "check, list or diff rule tables", cli_rules},
	{"why", "print the evidence chain of one recommendation", cli_why},
	{"man", "manual page source of a command, for scdoc", cli_man},
	{"completion", "bash completion script", cli_completion},
	{NULL, NULL, NULL},
};

const struct cli_command *cli_commands(void)
{
	return commands;
}

static void general_help(struct grx_str *s)
{
	grx_str_add(s, "genorx " GENORX_VERSION ": from reads to treatment advice that can be traced back\n\n"
		       "Usage: genorx COMMAND [options] [files]\n\nStages:\n");
	for (const struct grx_stage *const *st = grx_stages(); *st; st++)
		grx_str_addf(s, "  %-12s%s\n", (*st)->name, (*st)->brief);
	grx_str_add(s, "\nCommands:\n");
	for (const struct cli_command *c = commands; c->name; c++)
		grx_str_addf(s, "  %-12s%s\n", c->name, c->brief);
	grx_str_add(s,
		"\n`genorx COMMAND --help` tells the options. For research use: a clinician reviews every "
		"recommendation.\n");
}

static int help(int argc, char **argv)
{
	struct grx_str s = {0};
	if (argc > 1) {
		char *again[] = {argv[1], "--help", NULL};
		return cli_dispatch(2, again);
	}
	general_help(&s);
	int rc = cli_print(&s);
	grx_str_clear(&s);
	return rc;
}

/* Nearest name of a stage or command; NULL if none is near. */
static const char *nearest(const char *name)
{
	const char *best = NULL;
	int best_d = 4;
	for (const struct grx_stage *const *st = grx_stages(); *st; st++) {
		int d = grx_edit_distance(name, (*st)->name);
		if (d < best_d) {
			best_d = d;
			best = (*st)->name;
		}
	}
	for (const struct cli_command *c = commands; c->name; c++) {
		int d = grx_edit_distance(name, c->name);
		if (d < best_d) {
			best_d = d;
			best = c->name;
		}
	}
	return best;
}

int cli_dispatch(int argc, char **argv)
{
	const char *name = argv[0];
	const struct grx_stage *st = grx_stage_find(name);
	if (st)
		return cli_stage(st, argc, argv);
	for (const struct cli_command *c = commands; c->name; c++) {
		if (strcmp(c->name, name) == 0)
			return c->run(argc, argv);
	}
	if (strcmp(name, "--version") == 0 || strcmp(name, "version") == 0 || strcmp(name, "-V") == 0)
		return version(argc, argv);
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0)
		return help(argc, argv);
	const char *near = nearest(name);
	char safe[256];
	fprintf(stderr, "genorx: error: '%s' is no command%s%s%s; genorx --help lists them\n",
		grx_escape(name, safe, sizeof safe), near ? "; did you mean '" : "", near ? near : "",
		near ? "'?" : "");
	return GRX_E_USAGE;
}

static void on_signal(int sig)
{
	/* the second one ends at once; temps are then left under their temp names */
	if (grx_par_signal())
		_exit(128 + sig);
	grx_par_signal_set(sig);
}

/* A closed standard stream would let an output file take its number. */
static void fill_standard_streams(void)
{
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == 0 ? O_RDONLY : O_WRONLY) != fd)
			_exit(GRX_E_IO);
	}
}

int main(int argc, char **argv)
{
	struct sigaction sa = {.sa_handler = on_signal};
	fill_standard_streams();
	umask(077); /* patient data: outputs are 0600 */
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGXCPU, &sa, NULL);
	signal(SIGXFSZ, SIG_IGN); /* a file-size limit is then a write error with a message */
	signal(SIGPIPE, SIG_DFL); /* the shell user's `| head` */
	if (argc < 2) {
		struct grx_str s = {0};
		general_help(&s);
		fputs(s.s ? s.s : "", stderr);
		grx_str_clear(&s);
		return GRX_E_USAGE;
	}
	return cli_dispatch(argc - 1, argv + 1);
}
