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
	awk -F'\t' -v OFS='\t' '$1=="CPIC.abacavir.0001"{$7="AVOID";$8="AVOID"; $4="P(HLA-B)==\"*57:01 positive\""}
		NR==5{$9="-5"} NR==10{gsub(/Metabolizer/,"Metaboliser",$4)}1' r/cpic.tsv >x && mv x r/cpic.tsv
	awk -F'\t' -v OFS='\t' '$1=="CPIC.abacavir.0002"{$7="STANDARD";$8="STANDARD"}1' r/cpic.tsv >x && mv x r/cpic.tsv
	run "$GENORX" rules check r
	status_is 65
	output_has "other advice than CPIC.abacavir.0001"
	output_has "reduce_pct '-5'"
	output_has "cpic.tsv:5:"
}

@test "rules check: a lost row is a result without a rule, and leaves cases without a rule" {
	grep -v '^CPIC.codeine.0264' r/cpic.tsv >x && mv x r/cpic.tsv
	run "$GENORX" rules check r
	status_is 65
	output_has "case of an unknown rule 'CPIC.codeine.0264'"
	rm r/*cases.tsv
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

@test "rules check: every shipped rule has cases, all replayed" {
	run "$GENORX" rules check r
	status_is 0
	output_has "test cases $(cat r/*cases.tsv | grep -v -c '^rule_id')"
	output_has "errors 0	warnings 0"
}

@test "rules check: a threshold moved by one step fails the cases on both sides of it" {
	awk -F'\t' -v OFS='\t' '$1=="CPIC.codeine.0267"{$4="AS(CYP2D6)>=0.5 && AS(CYP2D6)<=1.25"}1' r/cpic.tsv >x && mv x r/cpic.tsv
	run "$GENORX" rules check r
	status_is 65
	output_has "case of CPIC.codeine.0267: found 'not', expected 'fire' on AS(CYP2D6)=0.25"
	output_has "CPIC.codeine.0268: holds together with CPIC.codeine.0267"
}

@test "rules check: a folder without cases warns, with --require-cases it fails" {
	rm r/*cases.tsv
	run "$GENORX" rules check r
	status_is 0
	output_has "rules without test cases"
	run "$GENORX" rules check --require-cases r
	status_is 65
	output_has "error	r	"
}

@test "rules check: gaps and overlaps of the phenotype tables" {
	mkdir -p ref/pgx
	cp "$ROOT"/refdata/pgx/{alleles,phenotypes}.tsv ref/pgx/
	cp -r r ref/rules
	grid() { # PROGRAM TEXT...: the table changed, and what must be said
		awk -F'\t' -v OFS='\t' "$1" "$ROOT/refdata/pgx/phenotypes.tsv" >ref/pgx/phenotypes.tsv
		run "$GENORX" rules check --refdata ref r
		shift
		status_is 65
		for text; do output_has "$text"; done
	}
	grid '!($1=="CYP2C19" && $3=="No function" && $4=="Normal function")' \
		"phenotypes.tsv:26:1	CYP2C19: gap: no phenotype for Normal function + No function"
	grid '1; $1=="TPMT" && $3==$4 && $3=="No function"' \
		"TPMT: overlap: 2 rows for No function + No function, expected exactly one"
	grid '$1=="CYP2D6" && $6=="1.0"{$6="1.25"}1' \
		"CYP2D6: overlap: range 0.25 to 1.25 of 'Intermediate Metabolizer' crosses 1.25 to 2.25 of 'Normal Metabolizer'"
	grid '$1=="CYP2C9" && $5=="1.0"{$5="1.5"}1' "CYP2C9: gap: no phenotype for activity score 1," \
		"CYP2C9: score 1 is listed for 'Intermediate Metabolizer', but phenotypes.tsv gives 'none'"
	grid '$1=="CYP2D6" && $6=="inf"{$6="2"}1' "activity range '2.5' to '2', expected two numbers, the lower one first"
	grid '$1=="G6PD" && $2=="function_single" && $3=="IV/Normal"{next}1' "G6PD: gap: no phenotype for IV/Normal alone"
	grid '$1=="NUDT15"{sub("No function","Nofunction",$3)}1' "NUDT15: function 'Nofunction', expected a function that an allele"
	grid '$1=="CYP2D6" && $5=="." && $2=="activity_sum"{next}1' "CYP2D6: gap: no phenotype for an activity score that is not available"
}

@test "rules list: JSON, one object a rule" {
	run "$GENORX" rules list --json --drug codeine
	status_is 0
	[ "${#lines[@]}" -eq 5 ]
	echo "$output" | jq -e -s 'all(.rule and .when and .line and .level and .action) and (map(.drug) | unique) == ["codeine"]'
}

# Facts of three people: poor, normal and unknown CYP2D6.
cohort() {
	printf '{"sample":"A","key":"pgx/CYP2D6/activity_score","value":0}\n'
	printf '{"sample":"A","key":"pgx/TPMT/phenotype","value":"Normal Metabolizer"}\n'
	printf '{"sample":"B","key":"pgx/CYP2D6/activity_score","value":2}\n'
	printf '{"sample":"C","key":"clinical/age","value":70}\n'
}

@test "rules diff --facts: the patients whose advice changes" {
	cohort >c.jsonl
	awk -F'\t' -v OFS='\t' '$1=="CPIC.codeine.0268"{$7=$8="AVOID"; $2=2} $1=="CPIC.codeine.0264"{$17="other source"}1' \
		"$ROOT/refdata/rules/cpic.tsv" >r/cpic.tsv
	run "$GENORX" rules diff --facts c.jsonl "$ROOT/refdata/rules" r
	status_is 0
	output_has "changed	CPIC.codeine.0268	action	STANDARD	AVOID"
	output_has "patient	B	codeine	general: standard STANDARD (Strong)	general: act AVOID (Strong)	more cautious"
	output_has "drug	codeine	advice changed in 1 of 3 samples"
	output_has "cohort	samples 3	with changed advice 1	changed advices 1	more cautious 1	less cautious 0"
	run "$GENORX" rules diff --facts c.jsonl r "$ROOT/refdata/rules"
	output_has "more cautious 0	less cautious 1"
	# a rule that is gone; a phenotype table of the rules that says other scores
	grep -v '^CPIC.codeine.0264' "$ROOT/refdata/rules/cpic.tsv" >r/cpic.tsv
	run "$GENORX" rules diff --facts c.jsonl "$ROOT/refdata/rules" r
	output_has "patient	A	codeine	general: act AVOID+ALTERNATIVE (Strong)	no rule for this result	other"
}

@test "rules diff --facts: facts of a sample that are not together, and a truncated file" {
	{ cohort; printf '{"sample":"A","key":"clinical/age","value":7}\n'; } >c.jsonl
	run "$GENORX" rules diff --facts c.jsonl r r
	status_is 65
	output_has "must stand together"
	printf '{"sample":"A","key":"k","value":1,"source":{"stage":"pgx","version":"1"}}\n' >c.jsonl
	run "$GENORX" rules diff --facts c.jsonl r r
	status_is 65
	output_has "truncated"
	run "$GENORX" rules diff --facts none.jsonl r r
	status_is 66
}

@test "rules: a population that no table lists is an error; other helper tables are told of by diff" {
	cp -r "$ROOT/refdata/rules" r2
	sed -i 's/\tNVI\t/\tNVX\t/' r2/cpic.tsv
	run "$GENORX" rules check r2
	status_is 65
	output_has "unknown population 'NVX'"
	cp "$ROOT/refdata/rules/cpic.tsv" r2/
	sed -i '/^quinidine/d' r2/inhibitors.tsv
	run "$GENORX" rules diff "$ROOT/refdata/rules" r2
	status_is 0
	output_has "the tables beside them differ"
}
