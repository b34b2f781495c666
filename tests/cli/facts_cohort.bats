#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# facts_cohort.bats -- stages over the facts of many samples: sample by sample, whatever the order of the lines.
load helper

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	export GENORX_REFDATA=$PWD/refdata
	t=$BATS_TEST_TMPDIR
	for s in A B C; do
		printf '{"id":"%s|pgx/CYP2C19/phenotype","sample":"%s","key":"pgx/CYP2C19/phenotype","value":"%s","status":"ok"}\n' \
			$s $s "$([ $s = B ] && echo Poor || echo Normal) Metabolizer"
		printf '{"id":"%s|pgx/CYP2C19/diplotype","sample":"%s","key":"pgx/CYP2C19/diplotype","value":"%s","status":"ok"}\n' \
			$s $s "$([ $s = B ] && echo '*2/*2' || echo '*1/*1')"
	done >"$t/in.jsonl"
}

advice() { # sample, phenotype behind each advice
	jq -r 'select(.key | startswith("recommend/")) | select(.value) | [.sample, .key, .value] | @tsv' "$1" | sort
}

@test "facts grouped by sample and facts in another order lead to the same advice" {
	sort -t '"' -k 12 "$t/in.jsonl" >"$t/mixed.jsonl" # by key: the samples take turns
	[ "$(jq -r .sample "$t/mixed.jsonl" | uniq | wc -l)" -gt 3 ]
	"$GENORX" recommend -o "$t/a.jsonl" "$t/in.jsonl"
	"$GENORX" recommend -o "$t/b.jsonl" "$t/mixed.jsonl"
	advice "$t/a.jsonl" >"$t/a"
	advice "$t/b.jsonl" >"$t/b"
	[ -s "$t/a" ]
	cmp "$t/a" "$t/b"
	grep -q '^B	recommend/clopidogrel' "$t/a"
	# what is known of a sample, then what follows, then the next sample
	[ "$(jq -r .sample "$t/a.jsonl" | uniq | tr '\n' ' ')" = "A B C * " ]
}

@test "threads do not change the bytes; output is read again as written" {
	"$GENORX" recommend -@ 1 --tsv "$t/1.tsv" -o "$t/1.jsonl" "$t/in.jsonl"
	"$GENORX" recommend -@ 3 --tsv "$t/3.tsv" -o "$t/3.jsonl" "$t/in.jsonl"
	cmp "$t/1.jsonl" "$t/3.jsonl"
	cmp "$t/1.tsv" "$t/3.tsv"
	"$GENORX" recommend -o "$t/again.jsonl" "$t/1.jsonl"
	cmp "$t/1.jsonl" "$t/again.jsonl"
}

@test "facts from elsewhere join their sample; samples known only there come last" {
	printf 'sample\tkey\tvalue\nC\tclinical/age\t70\nD\tpgx/CYP2C19/phenotype\tPoor Metabolizer\n' >"$t/x.tsv"
	"$GENORX" recommend --facts "$t/x.tsv" -o "$t/a.jsonl" "$t/in.jsonl"
	[ "$(jq -r .sample "$t/a.jsonl" | uniq | tr '\n' ' ')" = "A B C D * " ]
	grep -q '"id":"C|clinical/age"' "$t/a.jsonl"
	advice "$t/a.jsonl" | grep -q '^D	recommend/clopidogrel'
}

@test "a contradiction between the file and facts from elsewhere is an error" {
	printf 'sample\tkey\tvalue\nB\tpgx/CYP2C19/phenotype\tNormal Metabolizer\n' >"$t/x.tsv"
	run "$GENORX" recommend --facts "$t/x.tsv" -o "$t/a.jsonl" "$t/in.jsonl"
	[ "$status" -eq 65 ]
	[ ! -e "$t/a.jsonl" ]
}

@test "a file that lost its tail is refused, cut at a line or inside one, and nothing is left" {
	"$GENORX" recommend -o "$t/a.jsonl" "$t/in.jsonl"
	head -n -1 "$t/a.jsonl" >"$t/cut.jsonl"
	run "$GENORX" recommend -o "$t/b.jsonl" "$t/cut.jsonl"
	[ "$status" -eq 65 ]
	[[ $output == *"no end record"* ]]
	[ ! -e "$t/b.jsonl" ]
	sed '3d' "$t/a.jsonl" >"$t/lost.jsonl"
	run "$GENORX" recommend -o "$t/b.jsonl" "$t/lost.jsonl"
	[ "$status" -eq 65 ]
	[[ $output == *"lines lost"* ]]
	sed '2s/Poor/Rich/;2s/Normal/Rich/;1s/Normal/Rich/' "$t/a.jsonl" >"$t/edited.jsonl"
	run "$GENORX" recommend -o "$t/b.jsonl" "$t/edited.jsonl"
	[ "$status" -eq 65 ]
	[[ $output == *"checksum"* ]]
	[ ! -e "$t/b.jsonl" ]
}

@test "a line that is no fact is named by its number" {
	sed '4s/.*/{"sample":"B"/' "$t/in.jsonl" >"$t/bad.jsonl"
	run "$GENORX" recommend -o "$t/b.jsonl" "$t/bad.jsonl"
	[ "$status" -eq 65 ]
	[[ $output == *"bad.jsonl:4"* ]]
}
