/* SPDX-License-Identifier: GPL-3.0-or-later
 * rules.c -- `genorx rules check|list|diff` and `genorx why`. */
#include <string.h>

#include "base/mem.h"
#include "base/opt.h"
#include "cli/cli.h"
#include "io/factio.h"
#include "run/session.h"
#include "stage/recommend/rules_tool.h"
#include "stage/recommend/why.h"

struct rules_opt {
	const char *refdata, *drug, *gene;
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

/* A command that parses options, works on a started session and prints text. */
struct text_command {
	const char *name, *usage;
	int (*work)(struct grx_ctx *cx, const struct rules_opt *o, const struct grx_strs *pos,
		struct grx_str *out);
};

static int work_rules(
	struct grx_ctx *cx, const struct rules_opt *o, const struct grx_strs *pos, struct grx_str *out)
{
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

static int work_why(
	struct grx_ctx *cx, const struct rules_opt *o, const struct grx_strs *pos, struct grx_str *out)
{
	struct grx_facts *fs;
	int rc = GRX_OK;
	(void)o;
	if (pos->n < 3)
		return grx_fail(cx, GRX_E_USAGE, "usage: genorx why SAMPLE DRUG facts.jsonl...");
	fs = grx_facts_new();
	if (!fs)
		return grx_fail_nomem(cx, "facts");
	for (int i = 2; i < pos->n && rc == GRX_OK; i++)
		rc = grx_facts_read(cx, pos->v[i], fs);
	if (rc == GRX_OK)
		rc = grx_why(cx, fs, pos->v[0], pos->v[1], out);
	grx_facts_free(fs);
	return rc;
}

static int print_usage(const struct text_command *c, const struct grx_opt_set *set)
{
	struct grx_str s = {0};
	grx_str_addf(&s, "Usage: %s\n", c->usage);
	grx_opts_help(set, 1, &s);
	int rc = cli_print(&s);
	grx_str_clear(&s);
	return rc;
}

static int text_command(const struct text_command *c, int argc, char **argv)
{
	struct grx_session s;
	struct rules_opt o = {0};
	struct grx_common common = {0};
	struct grx_strs pos = {0};
	struct grx_str out = {0};
	struct grx_opt_set set = {"Options", rules_opts, &o};
	if (cli_wants_help(argc, argv))
		return print_usage(c, &set);
	int rc = grx_session_init(&s);
	s.cx.stage = c->name;
	if (rc == GRX_OK)
		rc = grx_opts_parse(&s.cx, &set, 1, argc, argv, &pos);
	common.refdata = o.refdata;
	if (rc == GRX_OK)
		rc = grx_session_start(&s, &common);
	if (rc == GRX_OK)
		rc = c->work(&s.cx, &o, &pos, &out);
	/* a check that finds errors still prints what it found */
	int printed = out.n ? cli_print(&out) : GRX_OK;
	if (rc != GRX_OK)
		cli_error(&s.cx, rc);
	grx_str_clear(&out);
	grx_free(pos.v);
	grx_session_end(&s);
	return rc == GRX_OK ? printed : rc;
}

int cli_rules(int argc, char **argv)
{
	static const struct text_command c = {"rules",
		"genorx rules check [DIR] | list [--drug NAME] [--gene NAME] [DIR] | diff DIR_A DIR_B",
		work_rules};
	return text_command(&c, argc, argv);
}

int cli_why(int argc, char **argv)
{
	static const struct text_command c = {"why", "genorx why SAMPLE DRUG facts.jsonl...", work_why};
	return text_command(&c, argc, argv);
}
