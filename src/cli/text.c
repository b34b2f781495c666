/* SPDX-License-Identifier: GPL-3.0-or-later
 * text.c -- commands that parse options, work on a started session and print text. */
#include <string.h>

#include "base/mem.h"
#include "base/opt.h"
#include "cli/cli.h"
#include "run/session.h"

enum { MAX_SIZE = 256 };

const struct cli_text *cli_text_find(const char *name)
{
	static const struct cli_text *const all[] = {&cli_text_rules, &cli_text_why};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (strcmp(all[i]->name, name) == 0)
			return all[i];
	return NULL;
}

static int print_usage(const struct cli_text *c, const struct grx_opt_set *set)
{
	struct grx_str s = {0};
	grx_str_addf(&s, "Usage: %s\n", c->usage);
	grx_opts_help(set, 1, &s);
	int rc = cli_print(&s);
	grx_str_clear(&s);
	return rc;
}

int cli_text(const struct cli_text *c, int argc, char **argv)
{
	struct grx_session s;
	struct grx_common common = {0};
	struct grx_strs pos = {0};
	struct grx_str out = {0};
	_Alignas(max_align_t) unsigned char opt[MAX_SIZE] = {0};
	struct grx_opt_set set = {"Options", c->opts, opt};
	if (cli_wants_help(argc, argv))
		return print_usage(c, &set);
	int rc = grx_session_init(&s);
	s.cx.stage = c->name;
	if (rc == GRX_OK && c->opts_size > sizeof opt)
		rc = grx_fail(&s.cx, GRX_E_BUG, "options of %zu bytes", c->opts_size);
	if (rc == GRX_OK)
		rc = grx_opts_default(&s.cx, &set, 1);
	if (rc == GRX_OK)
		rc = grx_opts_parse(&s.cx, &set, 1, argc, argv, &pos);
	if (rc == GRX_OK) {
		common.refdata = *(const char *const *)(const void *)opt;
		rc = grx_session_start(&s, &common);
	}
	if (rc == GRX_OK)
		rc = c->work(&s.cx, opt, &pos, &out);
	/* a check that finds errors still prints what it found */
	int printed = out.n ? cli_print(&out) : GRX_OK;
	if (rc != GRX_OK)
		cli_error(&s.cx, rc);
	grx_str_clear(&out);
	grx_opts_clear(&set, 1);
	grx_free(pos.v);
	grx_session_end(&s);
	return rc == GRX_OK ? printed : rc;
}
