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

@test "recommend: a strong inhibitor taken converts CYP2D6; the genetic result is told beside it" {
	sed -i 's/Poor/Normal/; s/activity_score	0/activity_score	2/' f.tsv
	printf 'S\tclinical/medication\tparoxetine 20 mg; omeprazole\n' >>f.tsv
	run "$GENORX" recommend f.tsv --drugs codeine -o out.jsonl --tsv out.tsv --summary s.json
	status_is 0
	[ "$(jq -r 'select(.key=="recommend/codeine/CPIC.codeine.0264")|.attrs.genetic_alone' out.jsonl)" = "STANDARD (CPIC.codeine.0268)" ]
	[ "$(jq -r 'select(.key=="recommend/phenoconversion/CYP2D6")|"\(.attrs.by): \(.attrs.genetic) -> \(.value)"' out.jsonl)" = \
		"paroxetine: Normal Metabolizer (activity score 2) -> Poor Metabolizer (activity score 0)" ]
	[ "$(jq '.. | .advice_changed_by_comedication? // empty' s.json)" = 1 ]
}

@test "recommend: without data the action is INSUFFICIENT_DATA in facts and table" {
	run "$GENORX" recommend f.tsv --drugs simvastatin -o out.jsonl --tsv out.tsv
	status_is 0
	[ "$(jq -r 'select(.key=="recommend/simvastatin/not_assessed")|.attrs.action' out.jsonl)" = INSUFFICIENT_DATA ]
	[ "$(sed -n 2p out.tsv | cut -f 4,5)" = "INSUFFICIENT_DATA	unknown" ]
}

@test "recommend: --population and the age leave out rows for others" {
	sed -i 's,CYP2C19/phenotype	Normal,CYP2C19/phenotype	Poor,' f.tsv
	run "$GENORX" recommend f.tsv --drugs voriconazole -o out.jsonl
	[ "$(jq -r 'select(.attrs.drug=="voriconazole")|"\(.attrs.population) \(.attrs.population_condition)"' out.jsonl | sort | tr '\n' ';')" = \
		"adults adults;pediatrics children and adolescents;" ]
	run "$GENORX" recommend f.tsv --drugs voriconazole --population pediatrics -o out.jsonl
	[ "$(jq -r 'select(.attrs.drug=="voriconazole")|"\(.attrs.population) \(.attrs.population_condition)"' out.jsonl)" = "pediatrics null" ]
	printf 'S\tclinical/age\t50\n' >>f.tsv
	run "$GENORX" recommend f.tsv --drugs voriconazole -o out.jsonl
	[ "$(jq -r 'select(.attrs.drug=="voriconazole")|.attrs.population' out.jsonl)" = adults ]
	run "$GENORX" recommend f.tsv --population grownups -o no.jsonl
	status_is 2
	output_has "no population 'grownups'"
	nothing_left no.jsonl
}

@test "recommend: secondary findings only when asked for; a recessive gene needs two copies" {
	local f='{"id":"S|variant/%s","sample":"S","key":"variant/%s","value":"Pathogenic","status":"ok","because":[{"chrom":"chr1","pos":5,"ref":"A","alt":"G","gt":"%s"}],"attrs":{"gene":"%s","gt":"%s","clinvar":"Pathogenic"}}\n'
	# shellcheck disable=SC2059
	{
		printf "$f" chr1:5:A:G chr1:5:A:G 0/1 BRCA2 0/1
		printf "$f" chr1:6:A:G chr1:6:A:G 0/1 ATP7B 0/1
		printf "$f" chr1:7:A:G chr1:7:A:G 1/1 BTD 1/1
	} >v.jsonl
	run "$GENORX" recommend v.jsonl -o out.jsonl
	status_is 0
	[ "$(jq -r 'select(.key|startswith("recommend/secondary"))|.key' out.jsonl | wc -l)" = 0 ]
	run "$GENORX" recommend v.jsonl --findings -o out.jsonl
	[ "$(jq -r 'select(.key|startswith("recommend/secondary"))|"\(.attrs.drug) \(.value)"' out.jsonl | tr '\n' ';')" = \
		"secondary finding BRCA2 REPORT_FINDING;secondary finding BTD REPORT_FINDING_BIALLELIC;" ]
}

@test "recommend: a rule table of an unknown version is refused" {
	mkdir r
	{
		echo '##genorx-rules 2'
		head -3 "$ROOT/refdata/rules/cpic.tsv"
	} >r/new.tsv
	run "$GENORX" recommend f.tsv --rules r -o no.jsonl
	status_is 65
	output_has "new.tsv:1: rule table of format version '2'; this program reads only version 1"
	nothing_left no.jsonl
}

@test "recommend: bad facts with --tsv leave an error and no file" {
	printf '{"sample":"S","key":"a","value":1}\n{"sample":\n' >bad.jsonl
	run "$GENORX" recommend bad.jsonl -o no.jsonl --tsv no.tsv
	status_is 65
	nothing_left no.jsonl no.tsv
}

@test "recommend: an HLA type that may be *15:02 is not a negative one" {
	for type in "*1502/*40:01" "*15/*40:01" "*15:BPXK/*40:01" "*15:01" "HLA-B*15:01/HLA-B*15"; do
		printf 'sample\tkey\tvalue\nS\tpgx/HLA-B/diplotype\t%s\n' "$type" >h.tsv
		run "$GENORX" recommend h.tsv --drugs carbamazepine -o out.jsonl
		status_is 0
		[ "$(jq -r 'select(.key|startswith("recommend/"))|.key' out.jsonl)" = recommend/carbamazepine/not_assessed ]
	done
	for type in "*15:01/*40:01" "B*40/B*15:01:01:02N" "HLA-B*08:01/HLA-B*15:20"; do
		printf 'sample\tkey\tvalue\nS\tpgx/HLA-B/diplotype\t%s\n' "$type" >h.tsv
		run "$GENORX" recommend h.tsv --drugs carbamazepine -o out.jsonl
		status_is 0
		jq -r 'select(.key|startswith("recommend/"))|.attrs.when' out.jsonl | grep -q '\*15:02 negative'
	done
}
