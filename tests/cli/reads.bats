#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Where reads come from: several files and samples, read groups, depth, CRAM, records no aligner would write.
load helper

setup() {
	T=$BATS_TEST_TMPDIR
	awk 'BEGIN { srand(5); print ">c1"; for (i = 0; i < 400; i++) { s = ""; for (k = 0; k < 60; k++) s = s substr("ACGT", 1 + int(4 * rand()), 1); print s } }' >"$T/ref.fa"
	samtools faidx "$T/ref.fa"
}

# sam SAMPLES...: header with read groups r1, r2, ... of these samples
header() {
	printf '@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:c1\tLN:24000\n'
	local i=0 s
	for s; do printf '@RG\tID:r%d\tSM:%s\n' $((++i)) "$s"; done
}

# reads N STEP RG PREFIX: N reads of 100 bases from 1000 on
reads() {
	samtools faidx "$T/ref.fa" c1 | awk -v n="$1" -v step="$2" -v rg="$3" -v p="$4" '
	!/^>/ { s = s $0 }
	END { q = sprintf("%100s", ""); gsub(/ /, "I", q)
		for (i = 0; i < n; i++) printf "%s%d\t0\tc1\t%d\t60\t100M\t*\t0\t0\t%s\t%s%s\n", p, i, 1000 + i * step, substr(s, 1000 + i * step, 100), q, rg == "" ? "" : "\tRG:Z:" rg }'
}

# bam NAME: SAM on standard input, sorted and indexed
bam() {
	samtools sort -o "$T/$1" - 2>/dev/null
	samtools index "$T/$1"
}

# input KEY: the count of the last summary
input() {
	jq ".stages.input.$1" "$T/s.json"
}

@test "reads: lanes of one sample are one input; another sample is refused, or left aside by --sample" {
	{ header A; reads 100 10 r1 x; } | bam a.bam
	{ header A; reads 50 10 r1 y; } | bam b.bam
	{ header B; reads 30 10 r1 z; } | bam c.bam
	"$GENORX" qc -f "$T/ref.fa" --summary "$T/s.json" -o "$T/q.jsonl" "$T/a.bam" "$T/b.bam"
	[ "$(input files)" = 2 ]
	[ "$(jq .stages.qc.reads "$T/s.json")" = 150 ]
	run "$GENORX" qc -f "$T/ref.fa" -o "$T/q2.jsonl" "$T/a.bam" "$T/b.bam" "$T/c.bam"
	status_is 67
	output_has "--sample"
	nothing_left "$T/q2.jsonl"
	"$GENORX" qc -s B -f "$T/ref.fa" --summary "$T/s.json" -o "$T/q.jsonl" "$T/a.bam" "$T/b.bam" "$T/c.bam"
	[ "$(jq .stages.qc.reads "$T/s.json")" = 30 ]
	[ "$(input files)" = 1 ]
}

@test "reads: one file of two samples: refused by qc, chosen by --sample, the rest counted" {
	{ header A B; reads 100 10 r1 x; reads 40 10 r2 y; } | bam m.bam
	run "$GENORX" qc -f "$T/ref.fa" -o "$T/q.jsonl" "$T/m.bam"
	status_is 67
	output_has "2 samples in one file"
	"$GENORX" qc -s B -f "$T/ref.fa" --summary "$T/s.json" -o "$T/q.jsonl" "$T/m.bam"
	[ "$(jq .stages.qc.reads "$T/s.json")" = 40 ]
	[ "$(input other_sample)" = 100 ]
	run "$GENORX" qc -s C -f "$T/ref.fa" -o "$T/q2.jsonl" "$T/m.bam"
	status_is 67
	output_has "no read group of sample 'C'"
}

@test "reads: an unknown read group names the read, unless allowed: of the only sample, else left out" {
	{ header A; reads 20 10 r1 x; reads 5 10 r9 y; } | bam one.bam
	run "$GENORX" qc -f "$T/ref.fa" -o "$T/q.jsonl" "$T/one.bam"
	status_is 65
	output_has "read 'y0' at c1:1000: its read group 'r9' is not in the header"
	"$GENORX" qc --allow-unknown-rg -f "$T/ref.fa" --summary "$T/s.json" -o "$T/q.jsonl" "$T/one.bam"
	[ "$(jq .stages.qc.reads "$T/s.json")" = 25 ]
	{ header A B; reads 20 10 r1 x; reads 10 10 r2 z; reads 5 10 "" y; } | bam two.bam
	run "$GENORX" qc -s A -f "$T/ref.fa" -o "$T/q2.jsonl" "$T/two.bam"
	status_is 65
	output_has "'y0' at c1:1000 has no read group"
	run "$GENORX" qc -s A --allow-unknown-rg -f "$T/ref.fa" --summary "$T/s.json" -o "$T/q.jsonl" "$T/two.bam"
	status_is 0
	output_has "5 reads left out"
	[ "$(input unknown_read_group)" = 5 ]
	[ "$(input other_sample)" = 10 ]
	[ "$(jq .stages.qc.reads "$T/s.json")" = 20 ]
}

@test "reads: files on different references are refused with both names" {
	{ header A; reads 10 10 r1 x; } | bam a.bam
	{ header A | sed 's/LN:24000/LN:23000/'; reads 10 10 r1 y; } | bam b.bam
	run "$GENORX" call -f "$T/ref.fa" -o "$T/c.vcf" "$T/a.bam" "$T/b.bam"
	status_is 67
	output_has "a.bam and "
	output_has "b.bam: their contigs differ"
	nothing_left "$T/c.vcf"
	run "$GENORX" qc -f "$T/ref.fa" -o "$T/q.jsonl" "$T/a.bam" "$T/a.bam"
	status_is 2
	output_has "same file"
	run "$GENORX" qc -f "$T/ref.fa" -o "$T/q.jsonl" - "$T/a.bam" <"$T/b.bam"
	status_is 2
}

@test "reads: M5 of every file counts, and a sample that is nowhere is sought in all files" {
	local m
	for f in none:A one:B two:C; do
		m=$(printf '%032d' $((${#f} + $(printf '%d' "'${f: -1}"))))
		{ header "${f#*:}" | if [ $f = none:A ]; then cat; else sed "s/LN:24000/&\tM5:$m/"; fi; reads 10 10 r1 "${f%:*}"; } | bam "${f%:*}.bam"
	done
	run "$GENORX" call -f "$T/ref.fa" -o "$T/c.vcf" "$T/none.bam" "$T/one.bam" "$T/two.bam"
	status_is 67
	output_has "one.bam and "
	output_has "another sequence"
	run "$GENORX" call -f "$T/ref.fa" -s NOBODY -o "$T/c.vcf" "$T/none.bam" "$T/one.bam"
	status_is 67
	output_has "no read group of sample 'NOBODY' among 2"
}

@test "reads: thirty files and four threads under ulimit -n 256; too low a limit says what to do" {
	files=()
	for i in $(seq 30); do
		{ header A; reads 20 $((5 + i)) r1 "f$i."; } | bam "f$i.bam"
		files+=("$T/f$i.bam")
	done
	(
		ulimit -n 256
		"$GENORX" qc -@ 4 -f "$T/ref.fa" --summary "$T/s.json" -o "$T/q.jsonl" "${files[@]}"
	)
	[ "$(jq .stages.qc.reads "$T/s.json")" = 600 ]
	"$GENORX" qc -@ 1 --shard-size 700 -f "$T/ref.fa" -o "$T/q1.jsonl" "${files[@]}"
	cmp "$T/q.jsonl" "$T/q1.jsonl"
	run bash -c 'ulimit -n 40; "$@"' - "$GENORX" qc -@ 4 -f "$T/ref.fa" -o "$T/q2.jsonl" "${files[@]}"
	status_is 2
	output_has "ulimit -n"
}

@test "reads: 100,000x is thinned, said, and the same by threads, pieces and standard input" {
	samtools faidx "$T/ref.fa" c1 | awk '
	!/^>/ { s = s $0 }
	END { srand(3); q = sprintf("%150s", ""); gsub(/ /, "I", q)
		print "@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:c1\tLN:24000\n@RG\tID:r\tSM:deep"
		for (i = 0; i < 100; i++) for (k = 0; k < 1500; k++) { # 150,000 reads on 250 bases: 100,000x in the middle
			r = substr(s, 10001 + i, 150)
			if (rand() < 0.5) { at = 120 - i; b = substr(r, at, 1); r = substr(r, 1, at - 1) (b == "A" ? "C" : "A") substr(r, at + 1) }
			printf "p%d\t%d\tc1\t%d\t60\t150M\t*\t0\t0\t%s\t%s\tRG:Z:r\n", i * 10000 + k, k % 2 * 16, 10001 + i, r, q } }' |
		samtools view -b -o "$T/deep.bam" -
	samtools index "$T/deep.bam"
	run "$GENORX" call -f "$T/ref.fa" --summary "$T/s.json" -o "$T/c.vcf" "$T/deep.bam"
	status_is 0
	output_has "reads left out of calling, the first at c1:100"
	n=$(input over_depth_limit)
	[ "$n" -ge 146000 ] && [ "$n" -le 149000 ]
	peak=$(jq .peak_rss_bytes "$T/s.json")
	[ "$peak" -lt 100000000 ]
	[ "$(grep -v '^#' "$T/c.vcf" | cut -f2)" = 10120 ]
	"$GENORX" call -@ 3 --shard-size 60 -f "$T/ref.fa" -o "$T/c2.vcf" "$T/deep.bam"
	"$GENORX" call -f "$T/ref.fa" --summary "$T/s.json" -o "$T/c3.vcf" - <"$T/deep.bam"
	[ "$(input over_depth_limit)" = "$n" ]
	[ "$(jq .peak_rss_bytes "$T/s.json")" -lt $((peak + 20000000)) ]
	for i in 2 3; do
		diff <(grep -v '^##' "$T/c.vcf") <(grep -v '^##' "$T/c$i.vcf")
	done
}

# pile N STEP RG PREFIX: N reads of 150 bases that begin on the 40 bases from 10,001 on, half with an SNV at 10,120
pile() {
	samtools faidx "$T/ref.fa" c1 | awk -v n="$1" -v step="$2" -v rg="$3" -v p="$4" '
	!/^>/ { s = s $0 }
	END { q = sprintf("%150s", ""); gsub(/ /, "I", q)
		for (k = 0; k < n; k++) {
			i = k * step % 40; r = substr(s, 10001 + i, 150)
			if (int(k / 40) % 2) { at = 120 - i; b = substr(r, at, 1); r = substr(r, 1, at - 1) (b == "A" ? "C" : "A") substr(r, at + 1) }
			printf "%s%d\t%d\tc1\t%d\t60\t150M\t*\t0\t0\t%s\t%s\tRG:Z:%s\n", p, k, k % 2 * 16, 10001 + i, r, q, rg } }'
}

@test "reads: a deep sample takes no place of another one of its file" {
	{ header A B; pile 9000 7 r1 a; pile 30 3 r2 b; } | bam m.bam
	{ header A; pile 9000 7 r1 a; } | bam a.bam
	{ header B; pile 30 3 r1 b; } | bam b.bam
	"$GENORX" call --depth-limit 200 -f "$T/ref.fa" --summary "$T/s.json" -o "$T/m.vcf" "$T/m.bam"
	[ "$(input over_depth_limit)" = 8800 ]
	"$GENORX" call --depth-limit 200 -f "$T/ref.fa" --summary "$T/s.json" -o "$T/ab.vcf" "$T/a.bam" "$T/b.bam"
	[ "$(input over_depth_limit)" = 8800 ]
	diff <(grep -v '^##' "$T/m.vcf") <(grep -v '^##' "$T/ab.vcf")
	grep -q '^c1.10120' "$T/m.vcf"
	for s in A B; do
		"$GENORX" call -s $s --depth-limit 200 -f "$T/ref.fa" -o "$T/$s.vcf" "$T/m.bam"
		"$GENORX" call -s $s --depth-limit 200 -f "$T/ref.fa" -o "$T/$s.1.vcf" "$T/${s,}.bam"
		diff <(grep -v '^##' "$T/$s.vcf") <(grep -v '^##' "$T/$s.1.vcf")
	done
}

@test "reads: an empty read group is an unknown one, wherever it stands" {
	{ header A B; reads 5 10 r9 y | sed 's/r9$//'; reads 20 500 r1 x; reads 20 500 r2 z; } | bam first.bam
	{ header A B; reads 20 500 r1 x; reads 20 500 r2 z; reads 5 10 r9 y | sed 's/r9$//' | awk -v OFS='\t' '{ $4 += 5; $10 = "*"; $11 = "*"; print }'; } | bam later.bam
	for f in first later; do
		run "$GENORX" qc -s A -f "$T/ref.fa" -o "$T/q.jsonl" "$T/$f.bam"
		status_is 65
		output_has "read group '' is not in the header"
		for n in 0 700; do
			"$GENORX" qc -s A --shard-size $n --allow-unknown-rg -f "$T/ref.fa" --summary "$T/s.json" -o "$T/q.jsonl" "$T/$f.bam"
			[ "$(input unknown_read_group)" = 5 ]
		done
	done
}

@test "reads: bases, qualities and CIGARs that are missing or absurd are counted" {
	s=$(samtools faidx "$T/ref.fa" c1:5001-5100 | grep -v '>' | tr -d '\n')
	q=$(printf '%100s' '' | tr ' ' I)
	printf '>c2\n' >>"$T/ref.fa"
	head -c 3000000 /dev/zero | tr '\0' N | fold -w 60 >>"$T/ref.fa"
	samtools faidx "$T/ref.fa"
	{
		header A
		printf '@SQ\tSN:c2\tLN:3000000\n'
		for i in 1 2 3; do printf 'a%d\t0\tc1\t5001\t60\t100M\t*\t0\t0\t%s\t*\tRG:Z:r1\n' $i "$s"; done
		for i in 1 2; do printf 'b%d\t0\tc1\t5001\t60\t100M\t*\t0\t0\t*\t*\tRG:Z:r1\n' $i; done
		printf 'c\t0\tc1\t23990\t60\t100M\t*\t0\t0\t%s\t%s\tRG:Z:r1\n' "$s" "$q"
		for op in N D; do printf 'd\t0\tc2\t1001\t60\t50M2000000%s50M\t*\t0\t0\t%s\t%s\tRG:Z:r1\n' $op "$s" "$q"; done
	} | bam bad.bam
	for how in "-@ 2" "--shard-size 1000"; do
		# shellcheck disable=SC2086
		run "$GENORX" call $how -f "$T/ref.fa" --summary "$T/s.json" -o "$T/c.vcf" "$T/bad.bam"
		status_is 0
		output_has "2 reads left out: a deletion or skip of more than 1500000 bases"
		[ "$(input without_base_quality)" = 3 ]
		[ "$(input refused_no_sequence)" = 2 ]
		[ "$(input refused_bad_cigar)" = 1 ]
		[ "$(input refused_long_gap)" = 2 ]
	done
}

@test "reads: CRAM and an htslib with known decoder errors: a warning, or refused by --strict-cram" {
	{ header A; reads 100 10 r1 x; } | bam a.bam
	REF_PATH=/nonexistent samtools view -C -T "$T/ref.fa" -o "$T/a.cram" "$T/a.bam"
	run "$GENORX" qc --strict-cram -f "$T/ref.fa" -o "$T/q.jsonl" "$T/a.bam"
	status_is 0
	"$GENORX" --version | grep -q 'known memory errors' || skip "this htslib is not affected"
	run "$GENORX" qc -f "$T/ref.fa" -o "$T/q.jsonl" "$T/a.cram"
	status_is 0
	output_has "the CRAM decoder of htslib"
	run "$GENORX" qc --strict-cram -f "$T/ref.fa" -o "$T/q2.jsonl" "$T/a.cram"
	status_is 77
	output_has "refused by --strict-cram"
	nothing_left "$T/q2.jsonl"
}
