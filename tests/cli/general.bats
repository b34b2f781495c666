#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# What every command has in common: help, version, man pages, completion, streams.
load helper

@test "version names genorx and htslib" {
	run "$GENORX" --version
	status_is 0
	output_has "genorx "
	output_has "htslib "
}

@test "every stage has help that names its options, and a man page" {
	for s in run qc call compare annotate pgx prs predict recommend report simulate; do
		run "$GENORX" $s --help
		status_is 0
		output_has "Usage: genorx $s"
		output_has "--"
		run "$GENORX" man $s
		status_is 0
		output_has "# OPTIONS"
	done
}

@test "man pages are valid scdoc" {
	command -v scdoc >/dev/null || skip "scdoc is not installed"
	for s in run qc call compare annotate pgx prs predict recommend report simulate; do
		"$GENORX" man $s | scdoc >/dev/null
	done
}

@test "completion is valid bash" {
	"$GENORX" completion bash >"$BATS_TEST_TMPDIR/c.bash"
	bash -n "$BATS_TEST_TMPDIR/c.bash"
	grep -q -- --gvcf "$BATS_TEST_TMPDIR/c.bash"
}

@test "reads from standard input, variants to standard output" {
	D=$(donor)
	T=$BATS_TEST_TMPDIR
	"$GENORX" call -f "$D/ref.fa.gz" -o "$T/a.vcf" "$D/donor1.bam"
	"$GENORX" call -f "$D/ref.fa.gz" - <"$D/donor1.bam" >"$T/b.vcf"
	cmp "$T/a.vcf" "$T/b.vcf"
	"$GENORX" pgx -o "$T/a.jsonl" "$T/a.vcf"
	"$GENORX" pgx - <"$T/a.vcf" >"$T/b.jsonl"
	cmp "$T/a.jsonl" "$T/b.jsonl"
}

@test "CRAM gives the records that its BAM gives, in regions and with threads too" {
	T=$BATS_TEST_TMPDIR
	D=$(donor)
	REF_PATH=/nonexistent samtools view -C -T "$D/ref.fa.gz" -o "$T/x.cram" "$D/donor1.bam"
	samtools index "$T/x.cram"
	for o in "-r chr10" "-r chr10 -r chr12 -@ 2"; do
		# shellcheck disable=SC2086
		"$GENORX" call -f "$D/ref.fa.gz" $o -O v -o "$T/b.vcf" "$D/donor1.bam"
		# shellcheck disable=SC2086
		"$GENORX" call -f "$D/ref.fa.gz" $o -O v -o "$T/c.vcf" "$T/x.cram"
		cmp <(grep -v '^##' "$T/b.vcf") <(grep -v '^##' "$T/c.vcf")
	done
}

@test "every output type reads back to the same records" {
	D=$(donor)
	T=$BATS_TEST_TMPDIR
	for t in v z u b; do
		"$GENORX" call -f "$D/ref.fa.gz" -r chr10 -O $t -o "$T/x.$t" "$D/donor1.bam"
		bcftools view -H "$T/x.$t" >"$T/$t.txt"
		cmp "$T/v.txt" "$T/$t.txt"
	done
	[ -s "$T/v.txt" ]
	[ -e "$T/x.z.tbi" ]
}

@test "summary is JSON with counts" {
	D=$(donor)
	T=$BATS_TEST_TMPDIR
	"$GENORX" call -f "$D/ref.fa.gz" -r chr10 --summary "$T/s.json" -o "$T/a.vcf" "$D/donor1.bam"
	jq -e '.stages.call and .genorx and .peak_rss_bytes > 0' "$T/s.json" >/dev/null
}

@test "locale does not change a byte" {
	D=$(donor)
	T=$BATS_TEST_TMPDIR
	"$GENORX" pgx -o "$T/a.jsonl" "$D/donor1.truth.vcf.gz"
	LC_ALL=de_DE.UTF-8 LC_NUMERIC=de_DE.UTF-8 "$GENORX" pgx -o "$T/b.jsonl" "$D/donor1.truth.vcf.gz"
	cmp "$T/a.jsonl" "$T/b.jsonl"
}

@test "a stage over facts replaces what it made before" {
	D=$(donor)
	T=$BATS_TEST_TMPDIR
	"$GENORX" pgx -o "$T/a.jsonl" "$D/donor1.truth.vcf.gz"
	"$GENORX" recommend -o "$T/b.jsonl" "$T/a.jsonl"
	"$GENORX" recommend -o "$T/c.jsonl" "$T/b.jsonl"
	cmp "$T/b.jsonl" "$T/c.jsonl"
}
