/* SPDX-License-Identifier: GPL-3.0-or-later
 * call_opt.c -- the options of the call stage. */
#include "stage/call/call_int.h"

#define AT(f) offsetof(struct call_opt, f)

/* clang-format off */
const struct grx_opt call_opts[] = {
	{ "sites", 0, GRX_OPT_IN, AT(sites), NULL, NULL, "FILE",
	  "VCF of sites to be genotyped and printed even when homozygous reference or not callable" },
	{ "gvcf", 0, GRX_OPT_FLAG, AT(gvcf), NULL, NULL, NULL, "print reference blocks between the variants" },
	{ "sex", 0, GRX_OPT_CHOICE, AT(sex), "auto", "auto|female|male", NULL,
	  "ploidy of X and Y; auto takes the fact qc/sex and is diploid without it" },
	{ "min-mapq", 'q', GRX_OPT_INT, AT(min_mapq), "20", "0..254", "phred", "leave out reads mapped with less" },
	{ "min-baseq", 'Q', GRX_OPT_INT, AT(min_baseq), "13", "0..60", "phred", "leave out bases called with less" },
	{ "max-depth", 0, GRX_OPT_INT, AT(max_depth), "500", "10..3500", "fragments",
	  "use at most so many fragments per locus, chosen by read name" },
	{ "min-qual", 0, GRX_OPT_REAL, AT(min_qual), "20", "0..3000", "phred", "filter variants below it as LowQual" },
	{ "emit-qual", 0, GRX_OPT_REAL, AT(emit_qual), "5", "0..3000", "phred",
	  "do not print variants below it unless their site is forced" },
	{ "snv-prior", 0, GRX_OPT_REAL, AT(snv_prior), "0.001", "1e-9..0.5", "probability",
	  "prior of a heterozygous single-base variant per base" },
	{ "indel-prior", 0, GRX_OPT_REAL, AT(indel_prior), "0.0001", "1e-9..0.5", "probability",
	  "prior of a heterozygous indel outside of repeats" },
	{ "af", 0, GRX_OPT_IN, AT(af), NULL, NULL, "FILE",
	  "indexed VCF or BCF with population frequencies: they become the prior of the alleles it lists" },
	{ "af-key", 0, GRX_OPT_STR, AT(af_key), "AF", NULL, "KEY",
	  "INFO field of --af with the frequency of each ALT (Number=A, Type=Float)" },
	{ "rescore", 0, GRX_OPT_STR, AT(rescore), "auto", NULL, "FILE",
	  "re-scoring model; auto is the shipped one, none leaves out RS and LowScore" },
	{ "features", 0, GRX_OPT_FLAG, AT(features), NULL, NULL, NULL, "print the features of the re-scoring model as INFO/FV" },
	{ "mt-fraction", 0, GRX_OPT_REAL, AT(mt_fraction), "0.03", "0.001..0.4", "fraction",
	  "print heteroplasmic bases of the mitochondrion from this fraction on" },
	{ "no-learn", 0, GRX_OPT_FLAG, AT(no_learn), NULL, NULL, NULL,
	  "take the default error rates and no expected depth; otherwise they are learned from the first shards with reads" },
	{ "no-filter", 0, GRX_OPT_FLAG, AT(no_filter), NULL, NULL, NULL, "leave FILTER empty" },
	GRX_OPT_END
};
/* clang-format on */
