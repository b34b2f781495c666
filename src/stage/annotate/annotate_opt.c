/* SPDX-License-Identifier: GPL-3.0-or-later
 * annotate_opt.c -- options of the annotate stage. */
#include "stage/annotate/annotate_int.h"

#define O(field) offsetof(struct annotate_opt, field)

/* clang-format off */
const struct grx_opt annotate_opts[] = {
	{ "gff", 'g', GRX_OPT_IN, O(gff), NULL, NULL, "FILE",
	  "gene models: GFF3 (Ensembl, GENCODE, RefSeq), GTF, plain or gzip; or what --build-models made" },
	{ "db", 0, GRX_OPT_LIST, O(db), NULL, NULL, "NAME=FILE:FIELD,...",
	  "join INFO fields of an indexed VCF by allele as columns NAME_FIELD" },
	{ "distance", 0, GRX_OPT_INT, O(distance), "5000", "0..1000000", "bp",
	  "report transcripts this far upstream or downstream" },
	{ "ref-mismatch", 0, GRX_OPT_CHOICE, O(ref_mismatch), "error", "error|flag|drop", "MODE",
	  "REF that the FASTA contradicts: refuse the input (with count and first positions), flag REF_MISMATCH, or do not annotate" },
	{ "pick", 0, GRX_OPT_FLAG, O(pick), NULL, NULL, NULL,
	  "one consequence per allele instead of all transcripts" },
	{ "parens", 0, GRX_OPT_FLAG, O(parens), NULL, NULL, NULL,
	  "predicted protein changes in parentheses: p.(Arg8Gln)" },
	{ "no-hgvs", 0, GRX_OPT_FLAG, O(no_hgvs), NULL, NULL, NULL, "no HGVS names: faster" },
	{ "finding-field", 0, GRX_OPT_STR, O(finding_field), NULL, NULL, "COLUMN",
	  "column with the clinical significance that makes a finding (default: the first CLNSIG of a --db)" },
	{ "finding-genes", 0, GRX_OPT_STR, O(finding_genes), NULL, NULL, "FILE",
	  "carried variants that are classified (likely) pathogenic become findings in these genes, one symbol a line; all: in every gene outside the list of secondary findings" },
	{ "secondary-findings", 0, GRX_OPT_FLAG, O(secondary_findings), NULL, NULL, NULL,
	  "also in the genes of the ACMG SF v3.3 list, by its rules: only with the consent of the person" },
	{ "acmg", 0, GRX_OPT_FLAG, O(acmg), NULL, NULL, NULL,
	  "classify by ACMG/AMP: INFO ACMG_CLASS, ACMG_POINTS, ACMG_CRITERIA, and facts of carried alleles" },
	{ "acmg-field", 0, GRX_OPT_LIST, O(acmg_field), NULL, NULL, "ROLE=COLUMN",
	  "which joined column is AF, FAF, AC, AN, NHOMALT, NHEMI, SITE_AN, REVEL, SPLICEAI, ... (default: by known names)" },
	{ "acmg-rules", 0, GRX_OPT_IN, O(acmg_rules), NULL, NULL, "TSV",
	  "rows gene, key, value, source that go before the shipped thresholds" },
	{ "acmg-index", 0, GRX_OPT_IN, O(acmg_index), NULL, NULL, "FILE",
	  "protein changes of classified variants, for PS1, PM5 and PM1" },
	{ "build-acmg-index", 0, GRX_OPT_FLAG, O(build_acmg_index), NULL, NULL, NULL,
	  "make that index of a VCF with CLNSIG and CLNREVSTAT instead of annotating it" },
	{ "evidence", 0, GRX_OPT_IN, O(evidence), NULL, NULL, "TSV",
	  "criteria that people judged: variant (CHROM:POS:REF:ALT), code, strength, note" },
	{ "facts-out", 0, GRX_OPT_OUT, O(facts_out), NULL, NULL, "FILE",
	  "also write counts and findings as facts" },
	GRX_OPT_END,
};
