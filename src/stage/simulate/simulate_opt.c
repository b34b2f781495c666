/* SPDX-License-Identifier: GPL-3.0-or-later
 * simulate_opt.c -- options of the simulate stage. */
#include <stddef.h>

#include "stage/simulate/simulate_int.h"

#define AT(field) offsetof(struct simulate_opt, field)

/* clang-format off */
const struct grx_opt simulate_opts[] = {
	{ "output", 'o', GRX_OPT_STR, AT(output), NULL, NULL, "DIR", "folder to write to; made if absent (required)" },
	{ "seed", 0, GRX_OPT_INT, AT(seed), "1", "0..", "N", "the same seed and options give the same files" },
	{ "donors", 0, GRX_OPT_INT, AT(donors), "1", "1..1000", "N", "number of donors" },
	{ "depth", 0, GRX_OPT_REAL, AT(depth), "30", "0.1..1000", "reads", "mean depth" },
	{ "read-length", 0, GRX_OPT_INT, AT(read_length), "150", "50..300", "bp", "length of a read" },
	{ "insert-mean", 0, GRX_OPT_REAL, AT(insert_mean), "400", "50..900", "bp", "mean length of a fragment" },
	{ "insert-sd", 0, GRX_OPT_REAL, AT(insert_sd), "60", "0..200", "bp", "standard deviation of the length of a fragment" },
	{ "regions", 0, GRX_OPT_IN, AT(regions), NULL, NULL, "FILE", "more windows: a table with columns chrom, start, end (0-based, half-open)" },
	{ "size-mb", 0, GRX_OPT_REAL, AT(size_mb), "0", "0..500", "Mb", "one plain random contig of this size instead of the windows" },
	{ "pgx", 0, GRX_OPT_STR, AT(pgx), NULL, NULL, "GENE=A/B,...", "diplotypes of the first donor, e.g. CYP2C19=*2/*17" },
	{ "fasta", 'f', GRX_OPT_IN, AT(fasta), NULL, NULL, "FILE", "real reference sequence with .fai: donors are made on it instead of the synthetic one" },
	{ "region", 'r', GRX_OPT_LIST, AT(region), NULL, NULL, "CHR[:BEG-END]", "with --fasta: only this region, 1-based" },
	{ "decoys", 0, GRX_OPT_INT, AT(decoys), "0", "0..100000", "N", "with --fasta: regions that also carry reads of a diverged copy absent from the reference" },
	{ "twins", 0, GRX_OPT_INT, AT(twins), "0", "0..100000", "N", "with --fasta: regions with a diverged copy in twins.fa.gz, to be mapped to as well" },
	{ "structure", 0, GRX_OPT_IN, AT(structure), NULL, NULL, "FILE", "with --fasta: both haplotypes laid together from pieces of the reference (haplotype, order, contig, begin, end, name)" },
	{ "structure-variants", 0, GRX_OPT_IN, AT(structure_variants), NULL, NULL, "FILE", "small variants on pieces of --structure (haplotype, name, contig, pos, ref, alt)" },
	{ "noise", 0, GRX_OPT_CHOICE, AT(noise), "demo", "demo|pcr-free|pcr", NULL, "errors of library and instrument" },
	{ "quality-bins", 0, GRX_OPT_CHOICE, AT(quality_bins), NULL, "0|4|8", NULL, "distinct base qualities; 0 = all (default: by --noise)" },
	{ "fastq", 0, GRX_OPT_FLAG, AT(fastq), NULL, NULL, NULL, "write donorN_R1.fastq.gz and _R2 instead of a BAM" },
	{ "substitutions", 0, GRX_OPT_REAL, AT(substitutions), "1", "0..20", "X", "times the substitutions of the preset that base qualities do not tell" },
	{ "gaps", 0, GRX_OPT_REAL, AT(gaps), "1", "0..100", "X", "times the preset's false indels outside repeats" },
	{ "stutter", 0, GRX_OPT_REAL, AT(stutter), "1", "0..20", "X", "times the preset's false lengths of repeats" },
	{ "motifs", 0, GRX_OPT_REAL, AT(motifs), "1", "0..20", "X", "times the preset's places of one-stranded errors" },
	{ "duplicates", 0, GRX_OPT_REAL, AT(duplicates), "1", "0..10", "X", "times the preset's duplicates" },
	{ "chimeras", 0, GRX_OPT_REAL, AT(chimeras), "1", "0..20", "X", "times the preset's chimeric fragments" },
	{ "short-inserts", 0, GRX_OPT_REAL, AT(short_inserts), "1", "0..20", "X", "times the preset's fragments that end in adapter" },
	{ "low-mapq", 0, GRX_OPT_REAL, AT(low_mapq), "1", "0..10", "X", "times the preset's reads of low mapping quality (BAM only)" },
	{ "sex", 0, GRX_OPT_CHOICE, AT(sex), NULL, "F|M", NULL, "sex of all donors (default: drawn)" },
	GRX_OPT_END
};
/* clang-format on */
