/* SPDX-License-Identifier: GPL-3.0-or-later
 * pipeline_opt.c -- option table of `genorx run`. */
#include "run/pipeline.h"

#define AT(f) offsetof(struct grx_run_opt, f)

const struct grx_opt grx_run_opts[] = {
	{"output", 'o', GRX_OPT_STR, AT(outdir), NULL, NULL, "DIR", "folder for all results; made if absent"},
	{"score", 0, GRX_OPT_LIST, AT(score), NULL, NULL, "FILE", "polygenic scoring file"},
	{"clinical", 0, GRX_OPT_IN, AT(clinical), NULL, NULL, "TSV",
		"clinical covariates: sample age sex ..."},
	{"gff", 'g', GRX_OPT_IN, AT(gff), NULL, NULL, "GFF3", "gene models for annotation"},
	{"db", 0, GRX_OPT_LIST, AT(db), NULL, NULL, "NAME=FILE:FIELD,..",
		"annotation database, bgzipped and indexed VCF"},
	{"finding-genes", 0, GRX_OPT_STR, AT(finding_genes), NULL, NULL, "FILE",
		"genes whose (likely) pathogenic variants are findings, one symbol a line; or all"},
	{"secondary-findings", 0, GRX_OPT_FLAG, AT(secondary_findings), NULL, NULL, NULL,
		"also the ACMG SF v3.3 list of secondary findings: only with the consent of the person"},
	{"rules", 0, GRX_OPT_STR, AT(rules), NULL, NULL, "DIR", "rule tables instead of the shipped ones"},
	{"sites", 0, GRX_OPT_IN, AT(sites), NULL, NULL, "VCF", "genotype these sites too"},
	{"gvcf", 0, GRX_OPT_FLAG, AT(gvcf), NULL, NULL, NULL, "write reference blocks between variants"},
	{"sex", 0, GRX_OPT_CHOICE, AT(sex), "auto", "auto|female|male", NULL,
		"ploidy of chrX and chrY; auto asks the reads"},
	{"prs-effect", 0, GRX_OPT_IN, AT(prs_effect), NULL, NULL, "TSV",
		"effect of scores on risk: score_id outcome ..."},
	{"lang", 0, GRX_OPT_CHOICE, AT(lang), "en", "en|zh", NULL, "language of the report"},
	{"title", 0, GRX_OPT_STR, AT(title), NULL, NULL, "TEXT", "title of the report"},
	{"stop-after", 0, GRX_OPT_CHOICE, AT(stop_after), "report", "variants|facts|report", NULL,
		"stop after this step; a later run with --resume goes on"},
	{"resume", 0, GRX_OPT_FLAG, AT(resume), NULL, NULL, NULL,
		"skip steps whose inputs, options and outputs are unchanged, by content"},
	{"write-sites", 0, GRX_OPT_OUT, AT(write_sites), NULL, NULL, "VCF",
		"write the loci that later stages asked for, for `call --sites`"},
	{"set", 0, GRX_OPT_LIST, AT(set), NULL, NULL, "STAGE.OPTION=VALUE", "set an option of a stage"},
	GRX_OPT_END,
};
