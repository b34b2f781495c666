#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The error table: every fault has its message and exit status, and nothing is left that looks complete.
load helper

setup() {
	# htslib 1.16 leaks a handle whose close fails, which these tests bring about
	export LSAN_OPTIONS="suppressions=$ROOT/tests/data/lsan_hts.supp:print_suppressions=0"
	D=$(donor)
	T=$BATS_TEST_TMPDIR
	REF=$D/ref.fa.gz
	BAM=$D/donor1.bam
	VCF=$D/donor1.truth.vcf.gz
}

@test "truncated BAM: 65, nothing left" {
	head -c $(($(stat -c %s "$BAM") / 2)) "$BAM" >"$T/cut.bam"
	run "$GENORX" call -f "$REF" -o "$T/out.vcf.gz" "$T/cut.bam"
	status_is 65
	output_has "cut.bam"
	nothing_left "$T/out.vcf.gz"
}

@test "BAM without its end-of-file block: 65 unless allowed" {
	head -c $(($(stat -c %s "$BAM") - 28)) "$BAM" >"$T/noeof.bam"
	run "$GENORX" qc -f "$REF" -o "$T/out.jsonl" "$T/noeof.bam"
	status_is 65
	output_has "--allow-missing-eof"
	nothing_left "$T/out.jsonl"
	run "$GENORX" qc -f "$REF" --allow-missing-eof -o "$T/out.jsonl" "$T/noeof.bam"
	status_is 0
}

@test "truncated bgzipped VCF: 65" {
	head -c $(($(stat -c %s "$VCF") / 2)) "$VCF" >"$T/cut.vcf.gz"
	run "$GENORX" pgx -o "$T/out.jsonl" "$T/cut.vcf.gz"
	status_is 65
	output_has "cut.vcf.gz"
	nothing_left "$T/out.jsonl"
}

@test "input that is not there: 66" {
	run "$GENORX" call -f "$REF" -o "$T/out.vcf" "$T/none.bam"
	status_is 66
	output_has "none.bam"
	run "$GENORX" call -f "$T/none.fa" -o "$T/out.vcf" "$BAM"
	status_is 66
	output_has "none.fa"
}

@test "missing index where a region needs one: 66 and what to run" {
	cp "$BAM" "$T/x.bam"
	run "$GENORX" call -f "$REF" -r chr10 -o "$T/out.vcf" "$T/x.bam"
	status_is 66
	output_has "samtools index"
}

@test "stale index: 67" {
	cp "$BAM" "$T/x.bam"
	cp "$BAM.bai" "$T/x.bam.bai"
	touch -d '2001-01-01' "$T/x.bam.bai"
	run "$GENORX" call -f "$REF" -o "$T/out.vcf" "$T/x.bam"
	status_is 67
	output_has "x.bam.bai"
}

@test "index of another file: 67" {
	samtools view -H "$BAM" | grep -v -E 'SN:chr(1|2|6)\b' | samtools view -b -o "$T/other.bam" -
	samtools index "$T/other.bam"
	cp "$BAM" "$T/x.bam"
	cp "$T/other.bam.bai" "$T/x.bam.bai"
	run "$GENORX" call -f "$REF" -o "$T/out.vcf" "$T/x.bam"
	status_is 67
}

@test "unknown contig in a region: 67" {
	run "$GENORX" call -f "$REF" -r chr99:1-1000 -o "$T/out.vcf" "$BAM"
	status_is 67
	output_has "chr99"
}

@test "chr1 against 1 in a BED and in a region: 67 and named" {
	printf '10\t94761000\t94762000\n' >"$T/r.bed"
	run "$GENORX" call -f "$REF" -R "$T/r.bed" -o "$T/out.vcf" "$BAM"
	status_is 67
	output_has "chr"
	run "$GENORX" call -f "$REF" -r 10:94761000-94762000 -o "$T/out.vcf" "$BAM"
	status_is 67
	output_has "chr10"
}

@test "BED that is empty, reversed or no number: 65, never the whole genome" {
	: >"$T/r.bed"
	run "$GENORX" qc -f "$REF" -R "$T/r.bed" -o "$T/out.jsonl" "$BAM"
	status_is 65
	printf 'chr10\t500\t100\n' >"$T/r.bed"
	run "$GENORX" qc -f "$REF" -R "$T/r.bed" -o "$T/out.jsonl" "$BAM"
	status_is 65
	output_has "r.bed:1"
	printf 'chr10\tx\t100\n' >"$T/r.bed"
	run "$GENORX" qc -f "$REF" -R "$T/r.bed" -o "$T/out.jsonl" "$BAM"
	status_is 65
	nothing_left "$T/out.jsonl"
}

@test "reference whose lengths differ from @SQ: 67" {
	samtools view -H "$BAM" | sed 's/\(SN:chr10\tLN:\)[0-9]*/\1133797400/' >"$T/h.sam"
	samtools reheader "$T/h.sam" "$BAM" >"$T/x.bam"
	samtools index "$T/x.bam"
	run "$GENORX" call -f "$REF" -o "$T/out.vcf" "$T/x.bam"
	status_is 67
	output_has "chr10"
}

@test "reference whose M5 differs from @SQ: 67" {
	samtools view -H "$BAM" | awk -v OFS='\t' '/^@SQ/ && /SN:chr16\t/ { print $0, "M5:00000000000000000000000000000000"; next } { print }' >"$T/h.sam"
	samtools reheader "$T/h.sam" "$BAM" >"$T/x.bam"
	samtools index "$T/x.bam"
	run "$GENORX" call -f "$REF" -o "$T/out.vcf" "$T/x.bam"
	status_is 67
	output_has "M5"
}

@test "reference with other contig names: 67" {
	printf '>10\nACGTACGTAC\n' >"$T/r.fa"
	samtools faidx "$T/r.fa"
	run "$GENORX" call -f "$T/r.fa" -o "$T/out.vcf" "$BAM"
	status_is 67
}

@test "reference without .fai: 66 and what to run" {
	printf '>chr10\nACGT\n' >"$T/r.fa"
	run "$GENORX" call -f "$T/r.fa" -o "$T/out.vcf" "$BAM"
	status_is 66
	output_has "samtools faidx"
}

@test "variants given to call, reads given to prs, garbage: 65" {
	run "$GENORX" call -f "$REF" -o "$T/out.vcf" "$VCF"
	status_is 65
	run "$GENORX" prs --score "$D/score.txt" -o "$T/out.jsonl" "$BAM"
	status_is 65
	output_has "variants"
	echo "hello" >"$T/x.vcf"
	run "$GENORX" pgx -o "$T/out.jsonl" "$T/x.vcf"
	status_is 65
}

@test "full device: 74 for variants, facts, tables and standard output" {
	run "$GENORX" call -f "$REF" -O v -o /dev/full -r chr10 "$BAM"
	status_is 74
	run "$GENORX" call -f "$REF" -O z -o /dev/full -r chr10 "$BAM"
	status_is 74
	run "$GENORX" pgx -o /dev/full "$VCF"
	status_is 74
	run "$GENORX" pgx --tsv /dev/full -o "$T/out.jsonl" "$VCF"
	status_is 74
	nothing_left "$T/out.jsonl"
	run bash -c "'$GENORX' pgx -o - '$VCF' >/dev/full"
	status_is 74
	run bash -c "'$GENORX' call -f '$REF' -r chr10 '$BAM' >/dev/full"
	status_is 74
	run bash -c "'$GENORX' --help >/dev/full"
	status_is 74
}

@test "file-size limit: 74, nothing left" {
	run bash -c "ulimit -f 8; '$GENORX' pgx -o '$T/out.jsonl' '$VCF'"
	status_is 74
	nothing_left "$T/out.jsonl"
}

@test "full disk: 74, nothing left" {
	mkdir "$T/small"
	mount -t tmpfs -o size=32k tmpfs "$T/small" 2>/dev/null || skip "cannot mount a small file system here"
	run "$GENORX" pgx -o "$T/small/out.jsonl" "$VCF"
	left=$(ls "$T/small")
	umount "$T/small"
	status_is 74
	[ -z "$left" ]
}

@test "output folder that is not there, or is the target: 74" {
	run "$GENORX" pgx -o "$T/none/out.jsonl" "$VCF"
	status_is 74
	run "$GENORX" pgx -o "$T" "$VCF"
	status_is 74
}

@test "input named as output: 2" {
	cp "$VCF" "$T/x.vcf.gz"
	run "$GENORX" pgx -o "$T/x.vcf.gz" "$T/x.vcf.gz"
	status_is 2
	ln -s x.vcf.gz "$T/y.vcf.gz"
	run "$GENORX" pgx -o "$T/y.vcf.gz" "$T/x.vcf.gz"
	status_is 2
	# inputs and outputs that are options, too
	run "$GENORX" call -f "$REF" --sites "$T/x.vcf.gz" -o "$T/x.vcf.gz" "$BAM"
	status_is 2
	cp "$D/score.txt" "$T/s.txt"
	run "$GENORX" prs --score "$T/s.txt" --tsv "$T/s.txt" -o "$T/o.jsonl" "$VCF"
	status_is 2
	cmp "$D/score.txt" "$T/s.txt"
	# and results of run in its folder
	mkdir "$T/o"
	cp "$VCF" "$T/o/calls.vcf.gz"
	run "$GENORX" run -o "$T/o" "$T/o/calls.vcf.gz"
	status_is 2
	cmp "$VCF" "$T/o/calls.vcf.gz"
}

@test "remote address: 2 unless allowed" {
	run "$GENORX" call -f "$REF" -o "$T/out.vcf" https://127.0.0.1:9/x.bam
	status_is 2
	output_has "--allow-network"
	run "$GENORX" pgx -o "$T/out.jsonl" ftp://127.0.0.1/x.vcf.gz
	status_is 2
}

@test "usage: unknown command and option name the nearest, missing values, ranges" {
	run "$GENORX" cal
	status_is 2
	output_has "'call'"
	run "$GENORX" call --gvfc
	status_is 2
	output_has "--gvcf"
	run "$GENORX" call -@ x
	status_is 2
	run "$GENORX" pgx
	status_is 2
	output_has "needs one input"
	run "$GENORX" run -f "$REF" "$BAM"
	status_is 2
	output_has "--output"
}

@test "signal: 128+n, nothing left" {
	# a stream that stays open: the run waits in a read when the signal comes
	mkfifo "$T/pipe"
	(samtools view -b -h "$BAM" | head -c 200000 && sleep 3) >"$T/pipe" &
	feeder=$!
	"$GENORX" call -f "$REF" -o "$T/out.vcf.gz" "$T/pipe" &
	pid=$!
	sleep 1
	kill -TERM "$pid"
	st=0
	wait "$pid" || st=$?
	kill "$feeder" 2>/dev/null || true
	[ "$st" -eq 143 ]
	nothing_left "$T/out.vcf.gz"
}

@test "facts cut at a line end: 65" {
	"$GENORX" pgx -o "$T/f.jsonl" "$VCF"
	head -n 5 "$T/f.jsonl" >"$T/cut.jsonl"
	run "$GENORX" recommend -o "$T/out.jsonl" "$T/cut.jsonl"
	status_is 65
	output_has "truncated"
	nothing_left "$T/out.jsonl"
}

@test "outputs are readable by their owner only" {
	"$GENORX" pgx --tsv "$T/t.tsv" -o "$T/f.jsonl" "$VCF"
	[ "$(stat -c %a "$T/f.jsonl")" = 600 ]
	[ "$(stat -c %a "$T/t.tsv")" = 600 ]
}
