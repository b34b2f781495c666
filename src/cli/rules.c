/* SPDX-License-Identifier: GPL-3.0-or-later
 * rules.c -- `genorx rules check|list|diff`. */
#include <string.h>

#include "cli/cli.h"
#include "stage/recommend/rules_tool.h"

struct rules_opt {
	const char *refdata, /* first: struct cli_text */
		*drug, *gene;
};

static const struct grx_opt rules_opts[] = {
	{"refdata", 0, GRX_OPT_STR, offsetof(struct rules_opt, refdata), NULL, NULL, "DIR",
		"folder of reference tables"},
	{"drug", 0, GRX_OPT_STR, offsetof(struct rules_opt, drug), NULL, NULL, "NAME",
		"list: only rules of this drug"},
	{"gene", 0, GRX_OPT_STR, offsetof(struct rules_opt, gene), NULL, NULL, "NAME",
		"list: only rules on this gene"},
	GRX_OPT_END,
};

static int work_rules(struct grx_ctx *cx, const void *opts, const struct grx_strs *pos, struct grx_str *out)
{
	const struct rules_opt *o = opts;
	const char *verb = pos->n ? pos->v[0] : "";
	const char *dir = pos->n > 1 ? pos->v[1] : NULL;
	if (strcmp(verb, "check") == 0 && pos->n <= 2)
		return grx_rules_check(cx, dir, out);
	if (strcmp(verb, "list") == 0 && pos->n <= 2)
		return grx_rules_list(cx, dir, o->drug, o->gene, out);
	if (strcmp(verb, "diff") == 0 && pos->n == 3)
		return grx_rules_diff(cx, pos->v[1], pos->v[2], out);
	return grx_fail(cx, GRX_E_USAGE, "usage: genorx rules check [DIR] | list [DIR] | diff DIR_A DIR_B");
}

const struct cli_text cli_text_rules = {"rules",
	"genorx rules check [DIR] | list [--drug NAME] [--gene NAME] [DIR] | diff DIR_A DIR_B",
	"check, list or diff rule tables", rules_opts, sizeof(struct rules_opt), work_rules};

int cli_rules(int argc, char **argv)
{
	return cli_text(&cli_text_rules, argc, argv);
}
