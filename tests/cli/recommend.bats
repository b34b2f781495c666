#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	printf 'sample\tkey\tvalue\n' >f.tsv
	printf 'S\tpgx/CYP2D6/phenotype\tPoor Metabolizer\n' >>f.tsv
	printf 'S\tpgx/CYP2D6/activity_score\t0\n' >>f.tsv
	printf 'S\tpgx/CYP2C19/phenotype\tNormal Metabolizer\n' >>f.tsv
}

@test "recommend: codeine is avoided in a CYP2D6 poor metabolizer, and the facts it came from are handed on" {
	run "$GENORX" recommend f.tsv -o out.jsonl --tsv out.tsv
	status_is 0
	[ "$(jq -r 'select(.key=="recommend/codeine/CPIC.codeine.0264")|.value' out.jsonl)" = AVOID ]
	[ "$(jq -r 'select(.key=="recommend/codeine/CPIC.codeine.0264")|.attrs.level' out.jsonl)" = act ]
	[ "$(jq -r 'select(.key=="pgx/CYP2D6/phenotype")|.value' out.jsonl)" = "Poor Metabolizer" ]
	head -1 out.tsv | grep -q "^sample	drug	rule_id	action	level	strength	population	text	when	because$"
	grep -q "^S	codeine	CPIC.codeine.0264	AVOID	act	Strong	general	" out.tsv
}

@test "recommend: a gene without a result is never standard dosing" {
	run "$GENORX" recommend f.tsv -o out.jsonl
	status_is 0
	# CYP2B6 unknown: sertraline rests on CYP2C19 alone
	[ "$(jq -r 'select(.key|startswith("recommend/sertraline/CPIC"))|.attrs.level' out.jsonl)" = unknown ]
	[ "$(jq -r 'select(.key|startswith("recommend/sertraline/CPIC"))|.attrs.incomplete' out.jsonl)" = CYP2B6 ]
	[ "$(jq -r 'select(.key=="recommend/simvastatin/not_assessed")|.status' out.jsonl)" = missing ]
}

@test "recommend: the text says once what was not assessed, and then nothing of standard dosing" {
	printf 'sample\tkey\tvalue\nS\tpgx/CYP2C19/phenotype\tNormal Metabolizer\n' >n.tsv
	run "$GENORX" recommend n.tsv -o out.jsonl
	status_is 0
	[ "$(jq -r 'select(.key|startswith("recommend/amitriptyline/"))|.attrs.text' out.jsonl)" = \
		"CYP2C19 Normal Metabolizer. CYP2D6 was not assessed: standard dosing is not confirmed." ]
	sed -i 's/Normal/Rapid/' n.tsv
	run "$GENORX" recommend n.tsv -o out.jsonl
	jq -r 'select(.key|startswith("recommend/amitriptyline/"))|.attrs.text' out.jsonl >text
	[ "$(grep -o 'not assessed' text | wc -l)" -eq 1 ]
	grep -q "Avoid amitriptyline" text
}

@test "recommend: a withheld phenotype with one candidate is not assessed, never standard dosing" {
	local f='{"id":"S|pgx/DPYD/phenotype","sample":"S","key":"pgx/DPYD/phenotype","value":null,"status":"missing","attrs":{"candidates":"%s"}}\n'
	# shellcheck disable=SC2059
	printf "$f" "Normal Metabolizer" >c.jsonl
	run "$GENORX" recommend c.jsonl --drugs fluorouracil -o out.jsonl
	status_is 0
	[ "$(jq -r 'select(.key|startswith("recommend/"))|"\(.key) \(.attrs.level)"' out.jsonl)" = "recommend/fluorouracil/not_assessed unknown" ]
}

@test "recommend: --drugs restricts and names near drugs" {
	run "$GENORX" recommend f.tsv --drugs codeine,clopidogrel -o out.jsonl
	status_is 0
	[ "$(jq -r 'select(.key|startswith("recommend/"))|.attrs.drug' out.jsonl | sort -u | tr '\n' ' ')" = "clopidogrel codeine " ]
	run "$GENORX" recommend f.tsv --drugs codiene -o no.jsonl
	status_is 2
	output_has "near: codeine"
	nothing_left no.jsonl
}

@test "recommend: medications taken now are marked" {
	printf 'S\tclinical/medication\taspirin; codeine\n' >>f.tsv
	run "$GENORX" recommend f.tsv --drugs codeine,clopidogrel -o out.jsonl
	status_is 0
	[ "$(jq -r 'select(.attrs.current=="yes")|.attrs.drug' out.jsonl | sort -u)" = codeine ]
}

@test "recommend: a bad rule table names file, line and column" {
	mkdir r
	cp "$ROOT/refdata/rules/cpic.tsv" r/
	awk -F'\t' -v OFS='\t' 'NR==5{$4="AS(CYP2D6)>=\"x\""}1' "$ROOT/refdata/rules/cpic.tsv" >r/cpic.tsv
	run "$GENORX" recommend f.tsv --rules r -o no.jsonl
	status_is 65
	output_has "cpic.tsv:5:"
	output_has "a number after an order comparison"
	nothing_left no.jsonl
}

@test "recommend: an empty rules folder is an error" {
	mkdir r
	run "$GENORX" recommend f.tsv --rules r -o no.jsonl
	status_is 66
	output_has "no rule table"
}

@test "recommend: same bytes for any order of threads" {
	"$GENORX" recommend f.tsv -@ 1 -o a.jsonl
	"$GENORX" recommend f.tsv -@ 2 -o b.jsonl
	cmp a.jsonl b.jsonl
}
