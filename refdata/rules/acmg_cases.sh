#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# acmg_cases.sh -- write acmg.cases.tsv: findings on which each rule of acmg.tsv must and must not fire.
# usage: acmg_cases.sh > acmg.cases.tsv    (reads ../acmg/secondary.tsv)
# The cases follow the list's column "Variants to report", not the conditions made from it. The variants are invented
# (contig "test"); only gene, ClinVar class, genotype, protein change and consequence matter to the rules.
set -eu
[ $# -eq 0 ] || { echo "usage: acmg_cases.sh > acmg.cases.tsv" >&2; exit 2; }
LC_ALL=C awk -F '\t' -v OFS='\t' '
# a finding at position pos of the invented contig; extra: "name=value"
function found(pos, class, gt, extra,   k) {
	k = "variant/test:" pos ":A:G"
	return k "=found & " k "@gene=" gene " & " k "@clinvar=" class " & " k "@gt=" gt (extra == "" ? "" : " & " k "@" extra)
}
function row(expect, facts, why) {
	print "ACMG.SF33." gene, facts, expect, "ACMG SF v3.3 list, variants to report; " why
}
BEGIN { print "rule_id", "facts", "expect", "source"; p = "Pathogenic" }
FNR == 1 || ($1 in seen) { next }
{
	seen[$1] = 1
	gene = $1
	if ($8 == "All P and LP" || $8 == "All hemi, het, homozygous P and LP") {
		row("fire", found(1, p, "0/1"), "one pathogenic allele")
		row("fire", found(1, "Likely_pathogenic", "0/1"), "one likely pathogenic allele")
		if ($6 == "XL") row("fire", found(1, p, "1"), "hemizygous")
		row("not", found(1, "Uncertain_significance", "0/1"), "uncertain significance")
		row("not", found(1, "Conflicting_classifications_of_pathogenicity", "0/1"), "conflicting classes")
	} else if ($8 == "P and LP (2 variants)" || $8 ~ /^All hemi or homozygous/) {
		row("fire", found(1, p, "1/1"), "homozygous")
		row("fire", found(1, p, "0/1") " & " found(2, "Likely_pathogenic", "0/1"), "two different variants")
		if ($6 == "XL") row("fire", found(1, p, "1"), "hemizygous")
		row("not", found(1, p, "0/1"), "one allele of a recessive gene")
		row("not", found(1, "Benign", "1/1"), "benign")
	} else if ($8 ~ /^p\.C282Y homozygotes only/) {
		row("fire", found(1, p, "1/1", "hgvsp=p.Cys282Tyr"), "homozygous p.Cys282Tyr")
		row("not", found(1, p, "0/1", "hgvsp=p.Cys282Tyr"), "one allele p.Cys282Tyr")
		row("not", found(1, p, "1/1", "hgvsp=p.His63Asp"), "another variant, homozygous")
	} else if ($8 ~ /truncating variants only/) {
		row("fire", found(1, p, "0/1", "consequence=stop_gained"), "truncating")
		row("not", found(1, p, "0/1", "consequence=missense_variant"), "not truncating")
	} else {
		print "acmg_cases.sh: " gene ": cannot read \"" $8 "\"" > "/dev/stderr"
		exit 1
	}
}' "$(dirname "$0")/../acmg/secondary.tsv"
