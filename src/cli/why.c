/* SPDX-License-Identifier: GPL-3.0-or-later
 * why.c -- `genorx why`: the evidence chain of the advice on one drug, or of a polygenic score, as text or
 * JSON. */
#include <jansson.h>

#include "base/mem.h"
#include "cli/why.h"
#include "stage/pgx/pgx_tool.h"
#include "stage/recommend/why.h"

enum { MAX_ALLELES = 8 };

static const struct grx_opt why_opts[] = {
	{"refdata", 0, GRX_OPT_STR, offsetof(struct why_opt, refdata), NULL, NULL, "DIR",
		"folder of reference tables"},
	{"rules", 0, GRX_OPT_STR, offsetof(struct why_opt, rules), NULL, NULL, "DIR",
		"folder of rule tables, if the advice was not made with the shipped ones"},
	{"json", 0, GRX_OPT_FLAG, offsetof(struct why_opt, json), NULL, NULL, NULL,
		"print one JSON document"},
	{"all-loci", 0, GRX_OPT_FLAG, offsetof(struct why_opt, all_loci), NULL, NULL, NULL,
		"list every defining locus; otherwise homozygous reference and missing ones are counted"},
	{"reads", 0, GRX_OPT_IN, offsetof(struct why_opt, reads), NULL, NULL, "FILE",
		"show the reads of this indexed BAM or CRAM at the listed loci"},
	{"fasta", 'f', GRX_OPT_IN, offsetof(struct why_opt, fasta), NULL, NULL, "FILE",
		"reference sequence, for CRAM"},
	{"reads-sample", 0, GRX_OPT_STR, offsetof(struct why_opt, reads_sample), NULL, NULL, "NAME",
		"name of the sample in the reads, when it is another one there"},
	{"max-reads", 0, GRX_OPT_INT, offsetof(struct why_opt, max_reads), "5", "0..100000", "N",
		"reads to list for each allele of a locus"},
	{"what-if", 0, GRX_OPT_LIST, offsetof(struct why_opt, what_if), NULL, NULL, "LOCUS=GT|GENE=DIPLOTYPE",
		"say what would change with rs4244285=0/1, chr10:94781859=G/A, ./. for missing, or "
		"CYP2D6=*1/*4"},
	GRX_OPT_END,
};

/* The alleles that each listed locus takes part in defining. */
static int add_alleles(struct grx_ctx *cx, const struct grx_pgx_tool *tool, json_t *doc)
{
	json_t *g, *l;
	size_t i, k;
	bool bad = false;

	json_array_foreach(json_object_get(doc, "genes"), i, g)
	{
		json_array_foreach(json_object_get(json_object_get(g, "loci"), "shown"), k, l)
		{
			struct grx_str s = {0};

			grx_pgx_defines(tool, json_string_value(json_object_get(g, "gene")),
				json_string_value(json_object_get(l, "chrom")),
				json_integer_value(json_object_get(l, "pos")), MAX_ALLELES, &s);
			bad = bad || s.oom || (s.n && json_object_set_new(l, "defines", json_string(s.s)));
			grx_str_clear(&s);
		}
	}
	return bad ? grx_fail_nomem(cx, "alleles") : GRX_OK;
}

static int print(
	struct grx_ctx *cx, const struct why_opt *o, const char *what, const json_t *doc, struct grx_str *out)
{
	char *text;

	if (!o->json)
		return why_score_asked(what) ? why_score_text(cx, doc, out) : grx_why_text(cx, doc, out);
	text = json_dumps(doc, JSON_INDENT(2) | JSON_REAL_PRECISION(10));
	if (!text)
		return grx_fail_nomem(cx, "the document");
	grx_str_addf(out, "%s\n", text);
	free(text);
	return out->oom ? grx_fail_nomem(cx, "the document") : GRX_OK;
}

/* The chain of a recommendation. */
static int advice(struct grx_ctx *cx, const struct why_opt *o, const struct grx_strs *pos,
	struct grx_facts *fs, json_t **doc)
{
	struct grx_why_opt wo = {.rules = o->rules, .all_loci = o->all_loci};
	struct grx_pgx_tool *tool = NULL;
	int rc = GRX_E_BUG;

	GRX_TRY(grx_why(cx, fs, pos->v[0], pos->v[1], &wo, doc));
	GRX_TRY(grx_pgx_tool_open(cx, &tool));
	GRX_TRY(add_alleles(cx, tool, *doc));
	for (int i = 2; i < pos->n; i++)
		GRX_TRY(why_files(cx, pos->v[i], *doc));
	if (o->reads)
		GRX_TRY(why_reads(cx, o, *doc));
	if (o->what_if.n)
		GRX_TRY(why_what_if(cx, o, fs, tool, *doc));
	rc = GRX_OK;
out:
	grx_pgx_tool_close(tool);
	return rc;
}

static int score(struct grx_ctx *cx, const struct why_opt *o, const struct grx_strs *pos,
	struct grx_facts *fs, json_t **doc)
{
	int rc = GRX_E_BUG;

	if (o->reads || o->what_if.n || o->all_loci)
		return grx_fail(cx, GRX_E_USAGE,
			"--reads, --what-if and --all-loci are for recommendations, not for %s", pos->v[1]);
	GRX_TRY(why_score(cx, fs, pos->v[0], pos->v[1], doc));
	for (int i = 2; i < pos->n; i++)
		GRX_TRY(why_files(cx, pos->v[i], *doc));
	rc = GRX_OK;
out:
	return rc;
}

static int work_why(struct grx_ctx *cx, const void *opts, const struct grx_strs *pos, struct grx_str *out)
{
	const struct why_opt *o = opts;
	struct grx_facts *fs;
	json_t *doc = NULL;
	int rc = GRX_E_BUG;

	if (pos->n < 3)
		return grx_fail(cx, GRX_E_USAGE, "usage: %s", cli_text_why.usage);
	if (grx_starts(pos->v[1], "predict/"))
		return grx_fail(cx, GRX_E_USAGE,
			"why: tells of a medicine or of prs/ID; what a risk rests on is in the attributes "
			"and "
			"`because` of its fact %s",
			pos->v[1]);
	fs = grx_facts_new();
	if (!fs)
		return grx_fail_nomem(cx, "facts");
	GRX_TRY(why_facts(cx, pos, fs));
	GRX_TRY(why_score_asked(pos->v[1]) ? score(cx, o, pos, fs, &doc) : advice(cx, o, pos, fs, &doc));
	rc = print(cx, o, pos->v[1], doc, out);
out:
	json_decref(doc);
	grx_facts_free(fs);
	return rc;
}

const struct cli_text cli_text_why = {"why", "genorx why [options] SAMPLE DRUG|prs/SCORE facts.jsonl...",
	"print the evidence chain of one recommendation or polygenic score", why_opts, sizeof(struct why_opt),
	work_why};

int cli_why(int argc, char **argv)
{
	return cli_text(&cli_text_why, argc, argv);
}
