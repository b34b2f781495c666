/* SPDX-License-Identifier: GPL-3.0-or-later
 * rules.c -- `genorx rules check|list|diff`. */
#include <string.h>

#include "cli/cli.h"
#include "stage/recommend/rules_tool.h"

struct rules_opt {
	const char *refdata, /* first: struct cli_text */
		*drug, *gene, *facts;
	bool json, require_cases;
};

static const struct grx_opt rules_opts[] = {
	{"refdata", 0, GRX_OPT_STR, offsetof(struct rules_opt, refdata), NULL, NULL, "DIR",
		"folder of reference tables"},
	{"require-cases", 0, GRX_OPT_FLAG, offsetof(struct rules_opt, require_cases), NULL, NULL, NULL,
		"check: a rule without test cases is an error also in a folder without a table of cases"},
	{"drug", 0, GRX_OPT_STR, offsetof(struct rules_opt, drug), NULL, NULL, "NAME",
		"list: only rules of this drug"},
	{"gene", 0, GRX_OPT_STR, offsetof(struct rules_opt, gene), NULL, NULL, "NAME",
		"list: only rules on this gene"},
	{"json", 0, GRX_OPT_FLAG, offsetof(struct rules_opt, json), NULL, NULL, NULL,
		"list: one JSON object a rule"},
	{"facts", 0, GRX_OPT_IN, offsetof(struct rules_opt, facts), NULL, NULL, "FILE",
		"diff: facts of a cohort, those of a sample together; names the patients whose advice "
		"changes"},
	GRX_OPT_END,
};

static int flush(void *arg, struct grx_ctx *cx, struct grx_str *out)
{
	int rc = cli_print(out);
	(void)arg;
	grx_str_reset(out);
	return rc ? grx_fail(cx, rc, "cannot write to the standard output") : GRX_OK;
}

static int work_rules(struct grx_ctx *cx, const void *opts, const struct grx_strs *pos, struct grx_str *out)
{
	const struct rules_opt *o = opts;
	const char *verb = pos->n ? pos->v[0] : "";
	const char *dir = pos->n > 1 ? pos->v[1] : NULL;
	if (strcmp(verb, "check") == 0 && pos->n <= 2)
		return grx_rules_check(cx, dir, o->require_cases, out);
	if (strcmp(verb, "list") == 0 && pos->n <= 2)
		return grx_rules_list(cx, dir,
			&(struct grx_rules_list){.drug = o->drug, .gene = o->gene, .json = o->json}, out);
	if (strcmp(verb, "diff") == 0 && pos->n == 3)
		return grx_rules_diff(cx,
			&(struct grx_rules_diff){
				.dir_a = pos->v[1], .dir_b = pos->v[2], .facts = o->facts, .flush = flush},
			out);
	return grx_fail(cx, GRX_E_USAGE,
		"usage: genorx rules check [DIR] | list [DIR] | diff [--facts FILE] DIR_A DIR_B");
}

const struct cli_text cli_text_rules = {"rules",
	"genorx rules check [--require-cases] [DIR] | list [--drug NAME] [--gene NAME] [--json] [DIR] | "
	"diff [--facts FILE] DIR_A DIR_B",
	"check, list or diff rule tables", rules_opts, sizeof(struct rules_opt), work_rules};

int cli_rules(int argc, char **argv)
{
	return cli_text(&cli_text_rules, argc, argv);
}
