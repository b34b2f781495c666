/* SPDX-License-Identifier: GPL-3.0-or-later
 * prs_opt.c -- options of `genorx prs`. */
#include "stage/prs/prs_int.h"

#define AT(f) offsetof(struct prs_opt, f)

/* clang-format off */
const struct grx_opt prs_opt_table[] = {
	{ "score", 0, GRX_OPT_LIST, AT(score), NULL, NULL, "FILE",
	  "scoring file in PGS Catalog format, plain or harmonised; may be gzip" },
	{ "tsv", 0, GRX_OPT_OUT, AT(tsv), NULL, NULL, "FILE", "also write the scores as a table" },
	{ "log", 0, GRX_OPT_OUT, AT(log), NULL, NULL, "FILE", "write every row of every score with its reason code" },
	{ "compat", 0, GRX_OPT_CHOICE, AT(compat), "none", "none|pgsc_calc", "MODE",
	  "match and impute as another calculator does: pgsc_calc drops palindromic and multiallelic loci and all duplicates" },
	{ "palindromes", 0, GRX_OPT_CHOICE, AT(palindromes), NULL, "drop|keep|auto", "MODE",
	  "A/T and C/G rows; auto keeps them when the other rows prove that file and score share the strand [auto]" },
	{ "min-overlap", 0, GRX_OPT_REAL, AT(min_overlap), "0.75", "0..1", "frac",
	  "refuse a score with a smaller fraction of its rows called" },
	{ "missing", 0, GRX_OPT_CHOICE, AT(missing), "mean", "mean|zero", "MODE",
	  "a no-call adds its expectation where a frequency is known (mean) or adds nothing (zero); neither counts as covered" },
	{ "dosage", 0, GRX_OPT_CHOICE, AT(dosage), "auto", "auto|GT|DS", "KEY",
	  "genotypes from DS where present, else GT (auto), or from one of them only" },
	{ "x-haploid", 0, GRX_OPT_CHOICE, AT(x_haploid), "double", "double|single", "MODE",
	  "count a haploid genotype on chromosome X as two copies or as one" },
	{ "ref-gq", 0, GRX_OPT_INT, AT(ref_gq), "20", "0..99", "phred",
	  "a reference block is a call from this GQ on" },
	GRX_OPT_END
};
/* clang-format on */
