#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# pairs.sh -- write pairs.tsv: which drugs the CPIC guidelines tie to which genes, and why a pair has no rule.
# usage: pairs.sh gene_drug_pairs.tsv > pairs.tsv
# CPIC rows only. Pairs whose guideline gives no look-up by phenotype are added here with the reason, so that a drug without
# advice is a decision and not an oversight. n_lookup: look-ups of the guideline, those for invalid input included.
set -eu
[ $# -eq 1 ] || { echo "usage: pairs.sh gene_drug_pairs.tsv > pairs.tsv" >&2; exit 2; }
{
	printf 'drug\tgenes\tguideline_id\tn_lookup\tno_rule\tsource\n'
	{
		awk -F '\t' -v OFS='\t' 'NR > 1 && $1 == "CPIC" { print $2, $3, $4, $5, "", "CPIC gene-drug pairs as published through ClinPGx 2025-11-05" }' "$1"
		printf 'warfarin\tCYP2C9+CYP4F2+VKORC1\t\t0\t%s\t%s\n' \
			'the guideline is a flow chart over genotypes, ancestry, age and a dosing equation, no look-up by phenotype' \
			'CPIC Guideline for Pharmacogenetics-Guided Warfarin Dosing, 2017 update'
	} | LC_ALL=C sort
}
