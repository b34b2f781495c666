#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# pgx_cyp2d6.bats -- CYP2D6 from reads: real slices, simulated structures, and what must not be called.
load helper

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	export GENORX_REFDATA=$PWD/refdata
	t=$BATS_TEST_TMPDIR
	bams=$SHARED/data/pgx/bam
	ref=$SHARED/data/refs/GRCh38.chr22.PGx.fa.gz
}

val() { # fact of CYP2D6 in the file
	jq -r --arg k "pgx/CYP2D6/$1" 'select(.key == $k) | .value // "none"' "$2"
}

vcf() { # of sample $1, with one record outside of CYP2D6
	printf '##fileformat=VCFv4.3\n##contig=<ID=chr10,length=133797422>\n##contig=<ID=chr22,length=50818468>\n'
	printf '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
	printf '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t%s\nchr10\t94781859\t.\tG\tA\t50\tPASS\t.\tGT\t0/1\n' "$1"
}

@test "real slices: two copies each, a diplotype, evidence at every position" {
	require_shared pgx/bam
	for s in HG03130 NA18505; do
		"$GENORX" pgx --genes CYP2D6 --cyp2d6-tsv "$t/e.tsv" -o "$t/$s.jsonl" "$bams/$s.GRCh38.CYP2D6.bam"
		[ "$(val copy_number "$t/$s.jsonl")" = 2 ]
		[ "$(val status "$t/$s.jsonl")" = called ]
		[ "$(cut -f2 "$t/e.tsv" | grep -c locus)" -eq "$(($(wc -l <refdata/pgx/cyp2d6_loci.tsv) - 1))" ]
		[ "$(cut -f2 "$t/e.tsv" | grep -c site)" -eq "$(($(wc -l <refdata/pgx/cyp2d6_sites.tsv) - 1))" ]
	done
	[ "$(val diplotype "$t/HG03130.jsonl")" = '*17/*29' ]
	[ "$(val diplotype "$t/NA18505.jsonl")" = '*1/*45' ]
}

@test "threads, pieces and the way in do not change the answer" {
	require_shared pgx/bam
	b=$bams/NA18505.GRCh38.CYP2D6.bam
	"$GENORX" pgx --genes CYP2D6 --threads 1 -o "$t/1.jsonl" "$b"
	"$GENORX" pgx --genes CYP2D6 --threads 2 --shard-size 10000 -o "$t/2.jsonl" "$b"
	cmp "$t/1.jsonl" "$t/2.jsonl"
	# a limit on depth is for calling; levelled depth would be another copy number
	"$GENORX" pgx --genes CYP2D6 --depth-limit 2 -o "$t/4.jsonl" "$b"
	cmp "$t/1.jsonl" "$t/4.jsonl"
	vcf NA18505 >"$t/in.vcf"
	"$GENORX" pgx --genes CYP2D6 --reads "$b" -o "$t/3.jsonl" "$t/in.vcf"
	cmp "$t/1.jsonl" "$t/3.jsonl"
}

@test "another build, another person: no call" {
	require_shared pgx/bam
	b=$bams/nfcore.test.PGx.CYP2D6.bam
	"$GENORX" pgx --genes CYP2D6 -o "$t/f.jsonl" "$b"
	[ "$(val status "$t/f.jsonl")" = not_assessed ]
	[ "$(val phenotype "$t/f.jsonl")" = none ]
	[[ $(jq -r 'select(.key == "pgx/CYP2D6/status") | .attrs.reason' "$t/f.jsonl") = *GRCh37* ]]
	# a third assembly
	b=$bams/HG03130.GRCh38.CYP2D6.bam
	samtools view -H "$b" | awk -F'\t' '$1 != "@SQ" || $2 == "SN:chr22"' | sed 's/LN:50818468/LN:51324926/' >"$t/head.sam"
	samtools view "$b" | awk -F'\t' -v OFS='\t' '$7 != "=" { $7 = "*"; $8 = 0 } { NF = 11; print }' | cat "$t/head.sam" - | samtools view -b -o "$t/third.bam" -
	samtools index "$t/third.bam"
	run "$GENORX" pgx --genes CYP2D6 --allow-unknown-rg -o "$t/f.jsonl" "$t/third.bam"
	status_is 0
	[ "$(val status "$t/f.jsonl")" = not_assessed ]
	vcf SOMEONE >"$t/in.vcf"
	run "$GENORX" pgx --genes CYP2D6 --reads "$bams/HG03130.GRCh38.CYP2D6.bam" -o "$t/f.jsonl" "$t/in.vcf"
	status_is 67
	[[ $output = *HG03130* ]]
}

@test "reads of several persons in one file; no reads to write of" {
	require_shared pgx/bam
	samtools merge -o "$t/two.bam" "$bams"/HG03130.GRCh38.CYP2D6.bam "$bams"/NA18505.GRCh38.CYP2D6.bam
	samtools index "$t/two.bam"
	vcf NA18505 >"$t/in.vcf"
	"$GENORX" pgx --genes CYP2D6 --reads "$t/two.bam" -o "$t/f.jsonl" "$t/in.vcf"
	[ "$(val diplotype "$t/f.jsonl")" = '*1/*45' ]
	run "$GENORX" pgx --genes CYP2D6 --cyp2d6-tsv "$t/e.tsv" -o "$t/g.jsonl" "$t/in.vcf"
	status_is 2
	[[ $output = *'no reads'* ]]
}

@test "the gene alone, without its surroundings: no copy number, no call" {
	require_shared pgx/bam
	samtools view -b "$bams/HG03130.GRCh38.CYP2D6.bam" chr22:42126000-42131000 >"$t/gene.bam"
	samtools index "$t/gene.bam"
	"$GENORX" pgx --genes CYP2D6 -o "$t/f.jsonl" "$t/gene.bam"
	[ "$(val status "$t/f.jsonl")" = not_assessed ]
	[ "$(val diplotype "$t/f.jsonl")" = none ]
	[ "$(val copy_number "$t/f.jsonl")" = none ]
}

@test "a call from elsewhere stands" {
	require_shared pgx/bam
	printf '{"id":"HG03130|pgx/CYP2D6/diplotype","sample":"HG03130","key":"pgx/CYP2D6/diplotype","value":"*1/*1","status":"ok"}\n' >"$t/in.jsonl"
	"$GENORX" pgx --genes CYP2D6 --facts "$t/in.jsonl" -o "$t/f.jsonl" "$bams/HG03130.GRCh38.CYP2D6.bam"
	[ "$(grep -c CYP2D6 "$t/f.jsonl")" -eq 0 ]
}

@test "simulated structures: right or listed, and no wrong phenotype" {
	[ -s "$ref" ] || skip "shared data absent: data/refs"
	SEED=3 GENORX=$GENORX benchmarks/truth/cyp2d6_cases.sh "$t/cases" S5_1 S1x2_4 S13_2 S36t10_1 S68t4_4 D2_4 >"$t/log"
	run benchmarks/truth/cyp2d6.sh "$t/cases"
	status_is 0
	echo "$output"
	[[ $output = *'diplotypes: 6 right of 6'* ]]
	[[ $output = *'phenotypes: 6 right of 6, 0 wrong'* ]]
}

@test "the tables are what the tool makes of the reference" {
	[ -s "$ref" ] || skip "shared data absent: data/refs"
	mkdir "$t/made"
	sh refdata/pgx/cyp2d6.sh "$ref" "$t/made"
	for f in cyp2d6_sites.tsv cyp2d6_loci.tsv; do cmp "$t/made/$f" "refdata/pgx/$f"; done
}
