/* SPDX-License-Identifier: GPL-3.0-or-later
 * man.c -- manual pages (scdoc source) and bash completion, from the option tables. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/opt.h"
#include "cli/cli.h"
#include "run/pipeline.h"
#include "run/registry.h"

static int options_of(const struct grx_stage *st, struct grx_str *out,
	void (*print)(const struct grx_opt_set *, int, struct grx_str *))
{
	struct grx_common c = {0};
	struct grx_opt_set set[GRX_COMMON_SETS];
	void *opts = grx_calloc(1, st ? st->opts_size : sizeof(struct grx_run_opt));
	if (!opts)
		return GRX_E_NOMEM;
	int n = cli_sets(st, opts, &c, set);
	print(set, n, out);
	grx_free(opts);
	return GRX_OK;
}

static int text_options(const struct cli_text *c, struct grx_str *out,
	void (*print)(const struct grx_opt_set *, int, struct grx_str *))
{
	struct grx_opt_set set = {"Options", c->opts, NULL};
	print(&set, 1, out);
	return GRX_OK;
}

static int man_page(const char *name, const struct grx_stage *st, struct grx_str *s)
{
	const struct cli_text *text = cli_text_find(name);
	grx_str_addf(s, "genorx-%s(1)\n\n# NAME\n\ngenorx-%s - %s\n\n# SYNOPSIS\n\n", name, name,
		st     ? st->brief
		: text ? text->brief
		       : "all stages in sequence");
	grx_str_add(s, "*");
	if (text)
		grx_str_add(s, text->usage);
	else
		cli_usage(st, s);
	grx_str_add(s, "*\n\n# OPTIONS\n");
	int rc = text ? text_options(text, s, grx_opts_man) : options_of(st, s, grx_opts_man);
	grx_str_add(s,
		"\n# EXIT STATUS\n\n0 complete; 2 usage; 65 invalid or truncated input; 66 no input; 67 "
		"inputs "
		"disagree; 70 bug; 71 no memory; 74 read or write error; 75 run again; 77 a gate refuses\n\n"
		"# SEE ALSO\n\nThe methods and formats are described in the docs folder of genorx.\n");
	return rc;
}

int cli_man(int argc, char **argv)
{
	struct grx_str s = {0};
	const struct grx_stage *st = argc > 1 ? grx_stage_find(argv[1]) : NULL;
	if (argc != 2 || (!st && strcmp(argv[1], "run") != 0 && !cli_text_find(argv[1]))) {
		fputs("genorx: man: error: usage: genorx man STAGE|run|rules|why\n", stderr);
		return GRX_E_USAGE;
	}
	int rc = man_page(argv[1], st, &s);
	if (rc == GRX_OK)
		rc = cli_print(&s);
	grx_str_clear(&s);
	return rc;
}

/* All long options of the sets, one line. */
static void list_options(const struct grx_opt_set *set, int n, struct grx_str *out)
{
	for (int i = 0; i < n; i++) {
		for (const struct grx_opt *o = set[i].opts; o && o->name; o++)
			grx_str_addf(out, " --%s", o->name);
	}
}

static int case_of(const char *name, const struct grx_stage *st, struct grx_str *s)
{
	const struct cli_text *text = cli_text_find(name);
	grx_str_addf(s, "\t%s) words=\"", name);
	int rc = text ? text_options(text, s, list_options) : options_of(st, s, list_options);
	grx_str_add(s, " --help\" ;;\n");
	return rc;
}

int cli_completion(int argc, char **argv)
{
	struct grx_str s = {0};
	int rc = GRX_OK;
	if (argc != 2 || strcmp(argv[1], "bash") != 0) {
		fputs("genorx: completion: error: usage: genorx completion bash\n", stderr);
		return GRX_E_USAGE;
	}
	grx_str_add(
		&s, "_genorx() {\n\tlocal cur=${COMP_WORDS[COMP_CWORD]} words\n\tcase ${COMP_WORDS[1]} in\n");
	for (const struct grx_stage *const *st = grx_stages(); *st && rc == GRX_OK; st++)
		rc = case_of((*st)->name, *st, &s);
	if (rc == GRX_OK)
		rc = case_of("run", NULL, &s);
	if (rc == GRX_OK)
		rc = case_of("rules", NULL, &s);
	if (rc == GRX_OK)
		rc = case_of("why", NULL, &s);
	grx_str_add(&s, "\tesac\n\tif [ \"$COMP_CWORD\" = 1 ]; then words=\"--help --version");
	for (const struct grx_stage *const *st = grx_stages(); *st; st++)
		grx_str_addf(&s, " %s", (*st)->name);
	for (const struct cli_command *c = cli_commands(); c->name; c++)
		grx_str_addf(&s, " %s", c->name);
	grx_str_add(&s, "\"; fi\n\tcase $cur in\n\t-*) mapfile -t COMPREPLY < <(compgen -W \"$words\" -- "
			"\"$cur\") ;;\n"
			"\t*) [ \"$COMP_CWORD\" = 1 ] && mapfile -t COMPREPLY < <(compgen -W \"$words\" -- "
			"\"$cur\") ;;\n"
			"\tesac\n}\ncomplete -o default -F _genorx genorx\n");
	if (rc == GRX_OK)
		rc = cli_print(&s);
	grx_str_clear(&s);
	return rc;
}
