#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	cat >f.jsonl <<'JSON'
{"id":"S|pgx/CYP2D6/diplotype","sample":"S","key":"pgx/CYP2D6/diplotype","value":"*4/*4","status":"ok","because":[{"chrom":"chr22","pos":42128945,"ref":"C","alt":"T","name":"rs3892097","gt":"1/1","dp":31,"gq":93,"ad":"0,31"}]}
{"id":"S|pgx/CYP2D6/phenotype","sample":"S","key":"pgx/CYP2D6/phenotype","value":"Poor Metabolizer","status":"ok","because":["S|pgx/CYP2D6/diplotype"]}
{"id":"S|pgx/CYP2D6/activity_score","sample":"S","key":"pgx/CYP2D6/activity_score","value":0,"status":"ok","because":["S|pgx/CYP2D6/diplotype"]}
JSON
	"$GENORX" recommend f.jsonl -o out.jsonl
}

@test "why: from the advice down to the read counts" {
	run "$GENORX" why S codeine out.jsonl
	status_is 0
	output_has "AVOID (level act)"
	output_has "CPIC.codeine.0264"
	output_has "AS(CYP2D6)==0"
	output_has "diplotype      *4/*4"
	output_has "chr22:42128945 C>T rs3892097 GT 1/1 DP 31 GQ 93 AD 0,31"
}

@test "why: what is missing is said" {
	run "$GENORX" why S simvastatin out.jsonl
	status_is 0
	output_has "no recommendation: SLCO1B1 not assessed"
}

@test "why: unknown drug or sample names the nearest" {
	run "$GENORX" why S codiene out.jsonl
	status_is 2
	output_has "near: codeine"
	run "$GENORX" why T codeine out.jsonl
	status_is 2
	output_has "no sample 'T'"
}

@test "why: facts without recommendations say what to run" {
	run "$GENORX" why S codeine f.jsonl
	status_is 2
	output_has "run \`genorx recommend\`"
}
