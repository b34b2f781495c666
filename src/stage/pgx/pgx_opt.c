/* SPDX-License-Identifier: GPL-3.0-or-later
 * pgx_opt.c -- options of the pgx stage. */
#include "stage/pgx/pgx_int.h"

/* clang-format off */
const struct grx_opt pgx_opts[] = {
	{ "tsv", 0, GRX_OPT_OUT, offsetof(struct pgx_opt, tsv), NULL, NULL, "FILE",
	  "write one row per sample and gene as tab-separated text" },
	{ "genes", 0, GRX_OPT_STR, offsetof(struct pgx_opt, genes), NULL, NULL, "A,B",
	  "assess these genes only" },
	{ "reads", 0, GRX_OPT_IN, offsetof(struct pgx_opt, reads), NULL, NULL, "FILE",
	  "assess CYP2D6 from this BAM or CRAM of the same person, best indexed" },
	{ "cyp2d6-tsv", 0, GRX_OPT_OUT, offsetof(struct pgx_opt, cyp2d6_tsv), NULL, NULL, "FILE",
	  "write what the reads show at each position of CYP2D6 as tab-separated text" },
	{ "all", 0, GRX_OPT_FLAG, offsetof(struct pgx_opt, all_diplotypes), NULL, NULL, NULL,
	  "show every diplotype that explains the genotypes, not only the best-scoring ones" },
	{ "combinations", 0, GRX_OPT_FLAG, offsetof(struct pgx_opt, combinations), NULL, NULL, NULL,
	  "where no two alleles explain the genotypes, show combinations of alleles and variants" },
	{ "compat", 0, GRX_OPT_CHOICE, offsetof(struct pgx_opt, compat), "none", "none|pharmcat", "TOOL",
	  "take evidence as that tool does: GQ, DP, FILTER and overlapping records do not count" },
	{ "definitions", 0, GRX_OPT_LIST, offsetof(struct pgx_opt, definitions), NULL, NULL, "FILE",
	  "named alleles of one gene (JSON) in place of the shipped ones" },
	{ "cyp2d6-small-variants", 0, GRX_OPT_FLAG, offsetof(struct pgx_opt, cyp2d6_small_variants), NULL, NULL,
	  NULL, "research: match CYP2D6 too, blind to copy number and hybrids, hence without a phenotype" },
	{ "outside-calls", 0, GRX_OPT_IN, offsetof(struct pgx_opt, outside_calls), NULL, NULL, "FILE",
	  "calls of other tools (gene, diplotype, phenotype, activity score); they replace ours" },
	{ "keep-filtered", 0, GRX_OPT_FLAG, offsetof(struct pgx_opt, keep_filtered), NULL, NULL, NULL,
	  "use records whose FILTER is neither PASS nor '.'; otherwise their loci count as missing" },
	{ "min-gq", 0, GRX_OPT_INT, offsetof(struct pgx_opt, min_gq), "10", "0..1000", "phred",
	  "a genotype with a lower GQ counts as missing (when GQ is present)" },
	{ "min-dp", 0, GRX_OPT_INT, offsetof(struct pgx_opt, min_dp), "4", "0..100000", "reads",
	  "a genotype with a lower DP counts as missing (when DP is present)" },
	{ "min-posterior", 0, GRX_OPT_REAL, offsetof(struct pgx_opt, min_posterior), "0.9", "0..1", "P",
	  "withhold a phenotype that is less probable given genotype likelihoods and allele frequencies" },
	{ "population", 0, GRX_OPT_CHOICE, offsetof(struct pgx_opt, population), "global",
	  "global|european|african|east_asian|south_asian|american", "NAME",
	  "allele frequencies to start from; they weigh what the genotypes leave open" },
	GRX_OPT_END
};
/* clang-format on */
