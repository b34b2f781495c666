#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# predict: command line, clinical tables, refusals, score on top.
load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	printf 'sample\tage\tsex\ttotal_cholesterol_mg_dl\thdl_mg_dl\tsbp_mmhg\tdiabetes\tsmoker\tbmi\tegfr\tbp_treatment\tstatin\n' > c.tsv
	printf 'P\t50\tfemale\t200\t45\t160\tyes\tno\t35\t90\tyes\tno\n' >> c.tsv
}

value() {
	jq -r "select(.id==\"P|predict/prevent_base$1\") | .value" "$2"
}

@test "predict: the worked example of the PREVENT supplement" {
	run "$GENORX" predict --clinical c.tsv -o o.jsonl
	status_is 0
	[ "$(value /10y/total_cvd o.jsonl | awk '{printf "%.3f", $1}')" = 0.147 ]
	[ "$(value /10y/ascvd o.jsonl | awk '{printf "%.3f", $1}')" = 0.092 ]
	[ "$(value /10y/heart_failure o.jsonl | awk '{printf "%.3f", $1}')" = 0.081 ]
	[ "$(value /30y/total_cvd o.jsonl | awk '{printf "%.3f", $1}')" = 0.530 ]
	[ "$(value /30y/ascvd o.jsonl | awk '{printf "%.3f", $1}')" = 0.354 ]
}

@test "predict: the same from facts as from the table" {
	"$GENORX" predict --clinical c.tsv -o o.jsonl
	jq -c 'select(.key | startswith("clinical/")) | del(.source)' o.jsonl > f.jsonl
	run "$GENORX" predict -o p.jsonl f.jsonl
	status_is 0
	[ "$(value /10y/total_cvd o.jsonl)" = "$(value /10y/total_cvd p.jsonl)" ]
}

@test "predict: out of range is refused, absent is missing" {
	sed -i 's/\t50\t/\t85\t/' c.tsv
	"$GENORX" predict --clinical c.tsv -o o.jsonl
	[ "$(jq -r 'select(.id=="P|predict/prevent_base/10y/ascvd").status' o.jsonl)" = refused ]
	printf 'sample\tage\nP\t50\n' > c.tsv
	"$GENORX" predict --clinical c.tsv -o o.jsonl
	[ "$(jq -r 'select(.id=="P|predict/prevent_base/10y/ascvd").status' o.jsonl)" = missing ]
	jq -r 'select(.id=="P|predict/prevent_base/10y/ascvd").attrs.reason' o.jsonl | grep -q 'absent: sex'
}

@test "predict: a sample given twice, a wrong unit: file and line" {
	tail -1 c.tsv >> c.tsv
	run "$GENORX" predict --clinical c.tsv -o o.jsonl
	status_is 65
	output_has c.tsv:3
	printf 'sample\thdl_mg_dl\nP\t1.2\n' > c.tsv
	run "$GENORX" predict --clinical c.tsv -o o.jsonl
	status_is 65
	output_has c.tsv:2
	[ ! -e o.jsonl ]
}

@test "predict: a score moves the risk, low coverage refuses" {
	printf 'score_id\toutcome\thorizon\tmean\tsd\tlog_hr_per_sd\tsource\nT\ttotal_cvd\t10y\t0\t1\t0.3\ttest\n' > e.tsv
	printf 'sample\tkey\tvalue\nP\tprs/T/sum\t2\nP\tprs/T/coverage\t0.9\n' > f.tsv
	"$GENORX" predict --clinical c.tsv --prs-effect e.tsv --facts f.tsv -o o.jsonl
	[ "$(value +T/10y/total_cvd o.jsonl | awk '{printf "%.4f", $1}')" = 0.2307 ]
	run "$GENORX" predict --clinical c.tsv --prs-effect e.tsv --facts f.tsv --min-coverage 0.95 -o p.jsonl
	status_is 0
	[ "$(jq -r 'select(.id=="P|predict/prevent_base+T/10y/total_cvd").status' p.jsonl)" = refused ]
}
