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

# facts of a score: sum with interval, coverage
score_facts() {
	printf 'sample\tkey\tvalue\tunit\tlo\thi\n'
	printf 'P\tprs/GRXDEMO01/sum\t0.6\t\t0.5\t0.72\nP\tprs/GRXDEMO01/coverage\t0.98\t\t\t\n'
}

demo_models() {
	"$GENORX" predict --clinical c.tsv --facts f.tsv --risk-model "$GENORX_REFDATA/demo/risk_model.tsv" \
		--incidence "$GENORX_REFDATA/demo/incidence.tsv" --mortality "$GENORX_REFDATA/demo/mortality.tsv" "$@"
}

@test "predict: risk models give a risk with its interval, the average and what the interval covers" {
	score_facts > f.tsv
	run demo_models --summary s.json -o o.jsonl
	status_is 0
	for key in demo_logistic/lifetime demo_liability/lifetime demo_hazard/10y demo_hazard/to80; do
		[ "$(jq "select(.id==\"P|predict/$key/demo_disease\") | .status == \"ok\" and .lo < .value and .value < .hi
			and (.attrs.average_risk | tonumber) < .value and (.attrs.interval_covers | startswith(\"the 95 %\"))" o.jsonl)" = true ]
	done
	[ "$(jq -r 'select(.key=="predict/demo_hazard/10y/demo_disease") | .because | index("P|prs/GRXDEMO01/sum") != null' o.jsonl)" = true ]
	"$GENORX" report -o r.html o.jsonl
	grep -q 'Average of the population: 12.0 %' r.html
	grep -q 'The interval covers: the 95 % interval of the score and the standard error of its effect' r.html
}

@test "predict: the same bytes for any number of threads" {
	score_facts > f.tsv
	demo_models -@ 1 -o a.jsonl
	demo_models -@ 4 -o b.jsonl
	cmp a.jsonl b.jsonl
}

@test "predict: without a score, or with a refused one, a risk model says why there is no risk" {
	printf 'sample\tkey\tvalue\tstatus\nP\tprs/GRXDEMO01/sum\t\trefused\nP\tprs/GRXDEMO01/coverage\t0.3\t\n' > f.tsv
	demo_models -o o.jsonl
	[ "$(jq -r 'select(.key=="predict/demo_hazard/10y/demo_disease").status' o.jsonl)" = refused ]
	printf 'sample\tkey\tvalue\nP\tprs/OTHER/sum\t1\n' > f.tsv
	demo_models -o o.jsonl
	[ "$(jq -r 'select(.key=="predict/demo_hazard/10y/demo_disease").attrs.reason' o.jsonl)" = "no such score" ]
	[ "$(jq -r 'select(.key=="predict/demo_hazard/10y/demo_disease").status' o.jsonl)" = missing ]
	"$GENORX" report -o r.html o.jsonl
	grep -q 'no such score' r.html
}

@test "predict: a hazard model without its tables, tables without a model: usage" {
	run "$GENORX" predict --clinical c.tsv --risk-model "$GENORX_REFDATA/demo/risk_model.tsv" -o o.jsonl
	status_is 2
	output_has '--incidence and --mortality'
	run "$GENORX" predict --clinical c.tsv --mortality "$GENORX_REFDATA/demo/mortality.tsv" -o o.jsonl
	status_is 2
	output_has '--risk-model'
	[ ! -e o.jsonl ]
}

@test "predict: rows that overlap, ages with a gap: file and line, no output" {
	score_facts > f.tsv
	cp "$GENORX_REFDATA"/demo/{risk_model,incidence,mortality}.tsv .
	tail -1 risk_model.tsv >> risk_model.tsv
	run "$GENORX" predict --clinical c.tsv --risk-model risk_model.tsv --incidence incidence.tsv --mortality mortality.tsv -o o.jsonl
	status_is 65
	output_has 'risk_model.tsv:6'
	output_has 'line 5'
	cp "$GENORX_REFDATA"/demo/risk_model.tsv .
	sed -i '4d' incidence.tsv
	run "$GENORX" predict --clinical c.tsv --risk-model risk_model.tsv --incidence incidence.tsv --mortality mortality.tsv -o o.jsonl
	status_is 65
	output_has 'incidence.tsv:4'
	output_has 'gap'
	[ ! -e o.jsonl ]
}

@test "predict: an effect of the adjusted score does not take the sum unless the table says so" {
	printf 'sample\tkey\tvalue\nP\tprs/T/sum\t2\nP\tprs/T/coverage\t0.9\n' > f.tsv
	printf 'score_id\tscore_value\toutcome\thorizon\tlog_hr_per_sd\tse\tsource\nT\tz_norm2\ttotal_cvd\t10y\t0.3\t0.02\ttest\n' > e.tsv
	"$GENORX" predict --clinical c.tsv --prs-effect e.tsv --facts f.tsv -o o.jsonl
	[ "$(jq -r 'select(.id=="P|predict/prevent_base+T/10y/total_cvd").status' o.jsonl)" = missing ]
	printf 'P\tprs/T/z_norm2\t2\n' >> f.tsv
	"$GENORX" predict --clinical c.tsv --prs-effect e.tsv --facts f.tsv -o o.jsonl
	[ "$(value +T/10y/total_cvd o.jsonl | awk '{printf "%.4f", $1}')" = 0.2307 ]
	[ "$(jq 'select(.id=="P|predict/prevent_base+T/10y/total_cvd") | .lo < .value and .value < .hi' o.jsonl)" = true ]
	printf 'T\tz_norm2\ttotal_cvd\t10y\t0.2\t\ttest\n' >> e.tsv
	run "$GENORX" predict --clinical c.tsv --prs-effect e.tsv --facts f.tsv -o p.jsonl
	status_is 65
	output_has 'e.tsv:3'
	output_has twice
}

@test "predict: --left-sums gives iCARE's sum, a little larger" {
	score_facts > f.tsv
	demo_models -o a.jsonl
	demo_models --left-sums -o b.jsonl
	a=$(jq 'select(.key=="predict/demo_hazard/to80/demo_disease").value' a.jsonl)
	b=$(jq 'select(.key=="predict/demo_hazard/to80/demo_disease").value' b.jsonl)
	awk -v a="$a" -v b="$b" 'BEGIN { exit !(b > a && b < 1.03 * a) }'
}

@test "predict: an effect on an outcome that no equation has, an option without its model" {
	printf 'score_id\toutcome\thorizon\tmean\tsd\tlog_hr_per_sd\tsource\nT\tcvd\t10y\t0\t1\t0.3\ttest\n' >e.tsv
	run "$GENORX" predict --clinical c.tsv --prs-effect e.tsv -o o.jsonl
	status_is 65
	output_has "no equation of outcome 'cvd'"
	[ ! -e o.jsonl ]
	run "$GENORX" predict --clinical c.tsv --left-sums -o o.jsonl
	status_is 2
	grep -v demo_hazard "$GENORX_REFDATA/demo/risk_model.tsv" >m.tsv
	run "$GENORX" predict --clinical c.tsv --risk-model m.tsv --left-sums -o o.jsonl
	status_is 0
	output_has "change nothing"
}
