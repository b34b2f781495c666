/* SPDX-License-Identifier: GPL-3.0-or-later
 * why.c -- `genorx why`: the evidence chain of the advice on one drug, as text or JSON. */
#include <jansson.h>

#include "base/mem.h"
#include "cli/why.h"
#include "io/factio.h"
#include "stage/recommend/why.h"

static const struct grx_opt why_opts[] = {
	{"refdata", 0, GRX_OPT_STR, offsetof(struct why_opt, refdata), NULL, NULL, "DIR",
		"folder of reference tables"},
	{"rules", 0, GRX_OPT_STR, offsetof(struct why_opt, rules), NULL, NULL, "DIR",
		"folder of rule tables, if the advice was not made with the shipped ones"},
	{"json", 0, GRX_OPT_FLAG, offsetof(struct why_opt, json), NULL, NULL, NULL,
		"print one JSON document"},
	{"all-loci", 0, GRX_OPT_FLAG, offsetof(struct why_opt, all_loci), NULL, NULL, NULL,
		"list every defining locus; otherwise homozygous reference and missing ones are counted"},
	GRX_OPT_END,
};

static int print(struct grx_ctx *cx, const struct why_opt *o, const json_t *doc, struct grx_str *out)
{
	char *text;

	if (!o->json)
		return grx_why_text(cx, doc, out);
	text = json_dumps(doc, JSON_INDENT(2) | JSON_REAL_PRECISION(10));
	if (!text)
		return grx_fail_nomem(cx, "the document");
	grx_str_addf(out, "%s\n", text);
	free(text);
	return out->oom ? grx_fail_nomem(cx, "the document") : GRX_OK;
}

static int work_why(struct grx_ctx *cx, const void *opts, const struct grx_strs *pos, struct grx_str *out)
{
	const struct why_opt *o = opts;
	struct grx_why_opt wo = {.rules = o->rules, .all_loci = o->all_loci};
	struct grx_facts *fs;
	json_t *doc = NULL;
	int rc = GRX_E_BUG;

	if (pos->n < 3)
		return grx_fail(cx, GRX_E_USAGE, "usage: %s", cli_text_why.usage);
	fs = grx_facts_new();
	if (!fs)
		return grx_fail_nomem(cx, "facts");
	for (int i = 2; i < pos->n; i++)
		GRX_TRY(grx_facts_read(cx, pos->v[i], fs));
	GRX_TRY(grx_why(cx, fs, pos->v[0], pos->v[1], &wo, &doc));
	rc = print(cx, o, doc, out);
out:
	json_decref(doc);
	grx_facts_free(fs);
	return rc;
}

const struct cli_text cli_text_why = {"why", "genorx why [options] SAMPLE DRUG facts.jsonl...",
	"print the evidence chain of one recommendation", why_opts, sizeof(struct why_opt), work_why};

int cli_why(int argc, char **argv)
{
	return cli_text(&cli_text_why, argc, argv);
}
