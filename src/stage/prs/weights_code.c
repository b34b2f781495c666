/* SPDX-License-Identifier: GPL-3.0-or-later
 * weights_code.c -- names of the reasons why a row counts or not, and of builds. */
#include "stage/prs/weights_int.h"

const char *prs_code_name(enum prs_code c)
{
	static const char *const name[PRS_N_CODE] = {"matched", "matched_flip", "matched_reference_block",
		"matched_palindromic", "matched_fact", "palindromic_dropped", "no_locus", "allele_mismatch",
		"multiallelic_dropped", "no_reference_base", "frequency_contradicts", "duplicate",
		"duplicate_target", "contradictory", "flip_dropped", "no_frequency", "no_contig",
		"no_position", "not_lifted", "unsupported_haplotype", "unsupported_hla", "unsupported_apoe",
		"unsupported_cyp", "unsupported_interaction", "unsupported_allele", "bad_weight", "bad_row"};
	return c < PRS_N_CODE ? name[c] : "?";
}

const char *prs_build_text(enum prs_build b)
{
	static const char *const name[] = {"unknown", "NCBI36", "GRCh37", "GRCh38"};
	return b <= PRS_BUILD_38 ? name[b] : "?";
}
