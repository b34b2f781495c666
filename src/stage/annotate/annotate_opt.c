/* SPDX-License-Identifier: GPL-3.0-or-later
 * annotate_opt.c -- options of the annotate stage. */
#include "stage/annotate/annotate_int.h"

#define O(field) offsetof(struct annotate_opt, field)

/* clang-format off */
const struct grx_opt annotate_opts[] = {
	{ "gff", 'g', GRX_OPT_IN, O(gff), NULL, NULL, "FILE",
	  "gene models: GFF3 (Ensembl, GENCODE, RefSeq), GTF, plain or gzip; or what --build-models made" },
	{ "regulatory", 0, GRX_OPT_IN, O(regulatory), NULL, NULL, "FILE",
	  "regulatory features: GFF3 (Ensembl) or BED" },
	{ "model-cache", 0, GRX_OPT_STR, O(model_cache), NULL, NULL, "DIR",
	  "keep compiled gene models in DIR, by the content of the -g file, and use them from there" },
	{ "build-models", 0, GRX_OPT_FLAG, O(build_models), NULL, NULL, NULL,
	  "compile -g (and --regulatory) into the file -o, which -g takes and opens at once" },
	{ "strict", 0, GRX_OPT_FLAG, O(strict), NULL, NULL, NULL,
	  "gene models that contradict themselves are an error instead of being counted" },
	{ "db", 0, GRX_OPT_LIST, O(db), NULL, NULL, "NAME=FILE:FIELD,...",
	  "join fields of an indexed VCF, BED or table, or of what --build-db made, as columns NAME_FIELD; NEW:=FIELD names the column, FIELD/Float its type" },
	{ "db-key", 0, GRX_OPT_LIST, O(db_key), NULL, NULL, "NAME=CHROM,POS,REF,ALT",
	  "columns (names or numbers) of a table of --db that hold the allele, or CHROM,BEG,END of intervals" },
	{ "build-db", 0, GRX_OPT_FLAG, O(build_db), NULL, NULL, NULL,
	  "join the files of --db into one compact database, written to -o" },
	{ "distance", 0, GRX_OPT_INT, O(distance), "5000", "0..1000000", "bp",
	  "report transcripts this far upstream or downstream" },
	{ "ref-mismatch", 0, GRX_OPT_CHOICE, O(ref_mismatch), "error", "error|flag|drop", "MODE",
	  "REF that the FASTA contradicts: refuse the input (with count and first positions), flag REF_MISMATCH, or do not annotate" },
	{ "pick", 0, GRX_OPT_FLAG, O(pick), NULL, NULL, NULL,
	  "one consequence per allele instead of all transcripts" },
	{ "haplotypes", 0, GRX_OPT_FLAG, O(haplotypes), NULL, NULL, NULL,
	  "take the alleles on one copy of a transcript together: joint changes of the protein" },
	{ "phase", 0, GRX_OPT_CHOICE, O(phase), "a", "a|m|r|R|s", NULL,
	  "unphased heterozygotes: a as written, m merged into one haplotype, r refused, R without the reference "
	  "allele, s skipped" },
	{ "bcsq", 0, GRX_OPT_FLAG, O(bcsq), NULL, NULL, NULL,
	  "also INFO/BCSQ and FORMAT/BCSQ as bcftools csq writes them (with --haplotypes joint, else as csq -l)" },
	{ "ncsq", 0, GRX_OPT_INT, O(ncsq), "15", "1..1000", NULL,
	  "consequences per haplotype and record that FORMAT/BCSQ has bits for" },
	{ "parens", 0, GRX_OPT_FLAG, O(parens), NULL, NULL, NULL,
	  "predicted protein changes in parentheses: p.(Arg8Gln)" },
	{ "no-hgvs", 0, GRX_OPT_FLAG, O(no_hgvs), NULL, NULL, NULL, "no HGVS names: faster" },
	{ "finding-field", 0, GRX_OPT_STR, O(finding_field), NULL, NULL, "COLUMN",
	  "column with the clinical significance that makes a finding (default: the first CLNSIG of a --db)" },
	{ "facts-out", 0, GRX_OPT_OUT, O(facts_out), NULL, NULL, "FILE",
	  "also write counts and findings as facts" },
	GRX_OPT_END,
};
