/* SPDX-License-Identifier: GPL-3.0-or-later
 * compare_opt.c -- options of the compare stage. */
#include <stddef.h>

#include "stage/compare/compare_int.h"

#define AT(field) offsetof(struct compare_opt, field)

/* clang-format off */
const struct grx_opt compare_opts[] = {
	{ "truth", 't', GRX_OPT_IN, AT(truth), NULL, NULL, "FILE", "truth set, VCF or BCF with genotypes" },
	{ "bed", 'b', GRX_OPT_IN, AT(bed), NULL, NULL, "BED", "confident regions: only variants that start inside count" },
	{ "tsv", 0, GRX_OPT_OUT, AT(tsv), NULL, NULL, "FILE", "table of counts, precision, recall and F1 by variant type" },
	{ "tsv-errors", 0, GRX_OPT_OUT, AT(errors), NULL, NULL, "FILE", "one row for each false positive and false negative" },
	{ "strata", 0, GRX_OPT_LIST, AT(strata), NULL, NULL, "NAME=BED", "count the variants inside these regions apart" },
	{ "curve", 0, GRX_OPT_OUT, AT(curve), NULL, NULL, "FILE", "table of precision and recall by score threshold" },
	{ "svg", 0, GRX_OPT_OUT, AT(svg), NULL, NULL, "FILE", "plot of precision against recall" },
	{ "curve-stratum", 0, GRX_OPT_LIST, AT(curve_strata), NULL, NULL, "NAME",
		"also curves of this stratum: a name from the table or from --strata" },
	{ "score-field", 0, GRX_OPT_CHOICE, AT(score), "QUAL", "QUAL|GQ", NULL, "score of the curve" },
	{ "all", 0, GRX_OPT_FLAG, AT(all), NULL, NULL, NULL, "use records whatever their FILTER says" },
	{ "pass-only", 0, GRX_OPT_FLAG, AT(pass_only), NULL, NULL, NULL, "use records with FILTER PASS or '.' (default)" },
	{ "min-qual", 'q', GRX_OPT_REAL, AT(min_qual), "0", "0..", "phred", "leave out calls with a lower QUAL" },
	{ "truth-sample", 0, GRX_OPT_STR, AT(truth_sample), NULL, NULL, "NAME", "sample of the truth file (default: the first)" },
	{ "call-sample", 0, GRX_OPT_STR, AT(call_sample), NULL, NULL, "NAME", "sample of the calls (default: the first)" },
	{ "obey-phase", 0, GRX_OPT_FLAG, AT(obey_phase), NULL, NULL, NULL,
		"phased genotypes must also agree in phase within their phase sets" },
	{ "max-length", 0, GRX_OPT_INT, AT(max_length), "1000", "1..100000", "bp",
		"longer alleles are matched by allele, not by haplotype" },
	{ "cluster-gap", 0, GRX_OPT_INT, AT(gap), "30", "1..1000", "bp", "variants closer than this are matched together" },
	{ "max-states", 0, GRX_OPT_INT, AT(max_states), "50000", "100..10000000", "states",
		"effort of the exact search in a cluster; beyond it a bounded search is used and counted" },
	GRX_OPT_END
};
/* clang-format on */
