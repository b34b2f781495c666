#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir r
	cp "$ROOT"/refdata/rules/*.tsv r/
}

@test "rules check: the shipped tables hold" {
	run "$GENORX" rules check
	status_is 0
	output_has "errors 0"
}

@test "rules check: contradiction, negative dose and unknown phenotype are named with file and line" {
	awk -F'\t' -v OFS='\t' 'NR==2{$7="AVOID";$8="AVOID"; $4="P(HLA-B)==\"*57:01 positive\""}
		NR==4{$9="-5"} NR==10{gsub(/Metabolizer/,"Metaboliser",$4)}1' r/cpic.tsv >x && mv x r/cpic.tsv
	awk -F'\t' -v OFS='\t' '$1=="CPIC.abacavir.0002"{$7="STANDARD";$8="STANDARD"}1' r/cpic.tsv >x && mv x r/cpic.tsv
	run "$GENORX" rules check r
	status_is 65
	output_has "other advice than CPIC.abacavir.0001"
	output_has "reduce_pct '-5'"
	output_has "cpic.tsv:4"
}

@test "rules check: a lost row is a result without a rule" {
	grep -v '^CPIC.codeine.0264' r/cpic.tsv >x && mv x r/cpic.tsv
	run "$GENORX" rules check r
	status_is 0
	output_has "codeine (general): 1 results without a rule, e.g. CYP2D6=Poor Metabolizer (0)"
}

@test "rules list: by drug and gene" {
	run "$GENORX" rules list --drug codeine
	status_is 0
	[ "${#lines[@]}" -eq 6 ]
	run "$GENORX" rules list --gene CYP2D66
	status_is 2
	output_has "CYP2D6"
}

@test "rules diff: added, removed, changed, and the missing new version" {
	grep -v '^CPIC.codeine.0264' "$ROOT/refdata/rules/cpic.tsv" |
		awk -F'\t' -v OFS='\t' '$1=="CPIC.codeine.0265"{$6="Optional"}1' >r/cpic.tsv
	run "$GENORX" rules diff "$ROOT/refdata/rules" r
	status_is 0
	output_has "removed	CPIC.codeine.0264"
	output_has "changed	CPIC.codeine.0265	strength	Strong	Optional"
	output_has "changed without a new version"
	output_has "added 0	removed 1	changed 1"
	run "$GENORX" rules diff r r
	status_is 0
	output_has "changed 0"
}
