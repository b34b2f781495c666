#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# call --gvcf: what a reference block may claim. Reads are made here by a fixed congruence: the same on every machine.
load helper

setup() {
	T=$BATS_TEST_TMPDIR
}

# pile MODE: a contig of 4 kb, 150-base reads at about 45x that are homozygous for an SNV at 2000. MODE: plain;
# noqual (no qualities), low (all of quality 2), n (all bases N): such that the reads say nothing; half (every second
# read has qualities of 2); del (every second fragment lacks 1501..1840, a gap in its CIGAR); clip (every second is
# clipped at 1500 | 1501 and goes on with other sequence); few (one in nine lacks 1501..1530: too few for a call).
pile() {
	awk -v mode="$1" -v ref="$T/ref.fa" 'function rnd() { x = (x * 16807) % 2147483647; return x / 2147483647 }
		function fill(c, n,   s) { s = ""; while (n-- > 0) s = s c; return s }
		BEGIN { x = 4711; split("A C G T", nt, " "); sw["A"] = "G"; sw["G"] = "A"; sw["C"] = "T"; sw["T"] = "C"
			for (i = 1; i <= 4000; i++) b[i] = nt[1 + int(4 * rnd())]
			for (i = 1; i <= 150; i++) z[i] = nt[1 + int(4 * rnd())]
			printf ">chr20\n" >ref; for (i = 1; i <= 4000; i++) printf "%s%s", b[i], i % 60 ? "" : "\n" >ref
			print "" >ref
			print "@HD\tVN:1.6\tSO:coordinate"; print "@SQ\tSN:chr20\tLN:4000"; print "@RG\tID:a\tSM:S"
			for (i = 1; i <= 1155; i++) {
				pos = 1 + int(3850 * i / 1156); odd = i % 2; s = ""; cigar = "150M"; k = pos; past = 0
				gap = odd && mode == "del" && pos < 1496 && pos > 1356
				if (mode == "few") gap = i % 9 == 0 && pos < 1496 && pos > 1356
				len = mode == "few" ? 30 : 340
				clip = odd && mode == "clip" && pos <= 1500 && pos > 1356
				if (odd && mode == "del" && pos >= 1496 && pos <= 1840) continue # from the other copy
				if (gap) cigar = (1501 - pos) "M" len "D" (pos - 1351) "M"
				if (clip) cigar = (1501 - pos) "M" (pos - 1351) "S"
				for (j = 1; j <= 150; j++) {
					if (gap && k == 1501) k += len
					c = b[k]; if (k == 2000) c = sw[c]
					s = s (mode == "n" ? "N" : clip && k > 1500 ? z[k - 1500] : c); k++ }
				q = mode == "noqual" ? "*" : fill(mode == "low" || (mode == "half" && odd) ? "#" : "F", 150)
				print "r" i "\t" (i % 4 < 2 ? 0 : 16) "\tchr20\t" pos "\t60\t" cigar "\t*\t0\t0\t" s "\t" q "\tRG:Z:a" } }' |
		samtools view -b -o "$T/r.bam" -
	samtools index "$T/r.bam"
	samtools faidx "$T/ref.fa"
	"$GENORX" call --gvcf --no-learn -f "$T/ref.fa" -r chr20:1000-2500 -O v -o "$T/g.vcf" "$T/r.bam"
}

# GT, GQ and MIN_DP of the block that holds base $1
block() {
	awk -F'\t' -v p="$1" '$5 == "<*>" && $2 <= p { e = $8; sub(/^(.*;)?END=/, "", e); sub(/;.*/, "", e); if (e + 0 < p) next
		n = split($9, k, ":"); split($10, v, ":"); for (i = 1; i <= n; i++) f[k[i]] = v[i]
		print f["GT"], ("GQ" in f ? f["GQ"] : "."), f["MIN_DP"] }' "$T/g.vcf"
}

@test "call --gvcf: good reads are hom-ref blocks, the SNV a record" {
	pile plain
	run block 1600
	echo "$output" | awk '{ exit !($1 == "0/0" && $2 >= 60 && $3 >= 30) }'
	[ -z "$(block 2000)" ]
}

@test "call --gvcf: reads without a usable base are no-call blocks of depth 0" {
	for mode in noqual low n; do
		pile $mode
		for p in 1600 2000; do
			run block $p
			[ "$output" = "./. . 0" ] || { echo "$mode $p: $output"; false; }
		done
	done
}

@test "call --gvcf: only the usable half of the reads counts" {
	pile half
	run block 1600
	echo "$output" | awk '{ exit !($1 == "0/0" && $3 >= 18 && $3 <= 25 && $2 < 80) }'
}

@test "call --gvcf: a deletion too long to be a candidate is no hom-ref block over its whole length" {
	pile del
	for p in 1501 1600 1839; do
		run block $p
		[ "${output:0:5}" = "./. ." ] || { echo "$p: $output"; false; }
	done
	[ "$(block 1499 | cut -c 1-3)" = 0/0 ]
	[ "$(block 1841 | cut -c 1-3)" = 0/0 ]
}

@test "call --gvcf: a deletion that is not called counts against each of its bases" {
	pile few
	[ "$(grep -v '^#' "$T/g.vcf" | cut -f 2,5 | grep -vc '<\*>')" = 1 ] # the SNV
	for p in 1501 1515 1530; do
		run block $p
		echo "$output" | awk '{ exit !($2 == "." || $2 < 30) }' || { echo "$p: $output"; false; }
	done
	block 1490 | awk '{ exit !($2 >= 60) }'
	[ "$(block 1499 | cut -c 1-3)" = 0/0 ]
	[ "$(block 1532 | cut -c 1-3)" = 0/0 ]
}

@test "call --gvcf: where half of the reads are clipped there is no hom-ref block" {
	pile clip
	for p in 1500 1501; do
		run block $p
		[ "${output:0:5}" = "./. ." ] || { echo "$p: $output"; false; }
	done
	[ "$(block 1450 | cut -c 1-3)" = 0/0 ]
}
