/* SPDX-License-Identifier: GPL-3.0-or-later
 * why.c -- `genorx why`: the evidence chain of the advice on one drug. */
#include "cli/cli.h"
#include "io/factio.h"
#include "stage/recommend/why.h"

struct why_opt {
	const char *refdata; /* first: struct cli_text */
};

static const struct grx_opt why_opts[] = {
	{"refdata", 0, GRX_OPT_STR, offsetof(struct why_opt, refdata), NULL, NULL, "DIR",
		"folder of reference tables"},
	GRX_OPT_END,
};

static int work_why(struct grx_ctx *cx, const void *opts, const struct grx_strs *pos, struct grx_str *out)
{
	struct grx_facts *fs;
	int rc = GRX_OK;
	(void)opts;
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

const struct cli_text cli_text_why = {"why", "genorx why SAMPLE DRUG facts.jsonl...",
	"print the evidence chain of one recommendation", why_opts, sizeof(struct why_opt), work_why};

int cli_why(int argc, char **argv)
{
	return cli_text(&cli_text_why, argc, argv);
}
