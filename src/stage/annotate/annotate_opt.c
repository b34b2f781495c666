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
	{ "parens", 0, GRX_OPT_FLAG, O(parens), NULL, NULL, NULL,
	  "predicted protein changes in parentheses: p.(Arg8Gln)" },
	{ "no-hgvs", 0, GRX_OPT_FLAG, O(no_hgvs), NULL, NULL, NULL, "no HGVS names: faster" },
	{ "fields", 0, GRX_OPT_STR, O(fields), NULL, NULL, "NAME,...",
	  "columns of CSQ and of the table, in this order: names as in Ensembl VEP, or vep (the default), minimal, all" },
	{ "total-length", 0, GRX_OPT_FLAG, O(total_length), NULL, NULL, NULL,
	  "positions in cDNA, CDS and protein with its length: 12/300" },
	{ "pick", 0, GRX_OPT_FLAG, O(pick), NULL, NULL, NULL,
	  "one entry for each allele: that of the preferred transcript" },
	{ "per-gene", 0, GRX_OPT_FLAG, O(per_gene), NULL, NULL, NULL, "one entry for each allele and gene" },
	{ "flag-pick", 0, GRX_OPT_FLAG, O(flag_pick), NULL, NULL, NULL,
	  "write all entries, the preferred one with PICK 1; with --per-gene the preferred of each gene" },
	{ "pick-order", 0, GRX_OPT_STR, O(pick_order), NULL, NULL, "NAME,...",
	  "what makes a transcript preferred, first criterion first (default: mane_select, mane_plus_clinical, canonical, "
	  "appris, tsl, biotype, ccds, rank, length, ensembl, refseq)" },
	{ "most-severe", 0, GRX_OPT_FLAG, O(most_severe), NULL, NULL, NULL,
	  "only the most severe term of each allele, of no transcript" },
	{ "tsv", 0, GRX_OPT_OUT, O(tsv), NULL, NULL, "FILE",
	  "write a table, one row for each entry, as VEP's tab format; bgzipped if the name ends in .gz; without -o no "
	  "variants are written" },
	{ "json", 0, GRX_OPT_OUT, O(json), NULL, NULL, "FILE",
	  "write JSON lines, one for each record, with the keys of VEP's JSON; as --tsv" },
	{ "finding-field", 0, GRX_OPT_STR, O(finding_field), NULL, NULL, "COLUMN",
	  "column with the clinical significance that makes a finding (default: the first CLNSIG of a --db)" },
	{ "facts-out", 0, GRX_OPT_OUT, O(facts_out), NULL, NULL, "FILE",
	  "also write counts and findings as facts" },
	GRX_OPT_END,
};
