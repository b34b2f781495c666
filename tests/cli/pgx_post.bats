#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# pgx_post.bats -- the probability of a call as a user sees it: likelihoods, populations, the limit.
load helper

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
}

# One record of VKORC1 with FORMAT $1 and sample $2.
vcf() {
	printf '##fileformat=VCFv4.2\n##contig=<ID=chr16>\n'
	for f in "GT,Number=1,Type=String" "GQ,Number=1,Type=Integer" "PL,Number=G,Type=Integer" "GL,Number=G,Type=Float"; do
		printf '##FORMAT=<ID=%s,Description="x">\n' "$f"
	done
	printf '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS\n'
	printf 'chr16\t31096368\trs9923231\tC\tT\t50\tPASS\t.\t%s\t%s\n' "$1" "$2"
}

call() {
	vcf "$1" "$2" >"$BATS_TEST_TMPDIR/a.vcf"
	shift 2
	"$GENORX" pgx --refdata refdata --genes VKORC1 -o "$BATS_TEST_TMPDIR/f.jsonl" "$@" "$BATS_TEST_TMPDIR/a.vcf"
}

# Attribute $2 of fact pgx/VKORC1/$1, or its value.
fact() {
	jq -r "select(.key == \"pgx/VKORC1/$1\") | .${2:+attrs.}${2:-value} // \"none\"" "$BATS_TEST_TMPDIR/f.jsonl"
}

@test "a sure genotype: posterior near 1, phenotype given" {
	call GT:GQ:PL 0/1:99:200,0,200
	[ "$(fact diplotype)" = "rs9923231 reference (C)/rs9923231 variant (T)" ]
	[ "$(fact diplotype posterior)" = 0.999999 ]
	[ "$(fact phenotype posterior)" = 0.999999 ]
	[ "$(fact status)" = called ]
}

@test "doubtful likelihoods withhold the phenotype and name the candidates with their probabilities" {
	call GT:GQ:PL 0/1:99:11,0,200 --population african
	[ "$(fact phenotype)" = none ]
	[ "$(fact status)" = ambiguous ]
	[ "$(fact phenotype candidates)" = "-1639 AG|-1639 GG" ]
	[ "$(fact phenotype candidates_basis)" = prior ]
	run fact phenotype candidates_posterior
	[[ $output =~ ^0\.[0-9]+\|0\.[0-9]+$ ]]
	[ "$(fact diplotype)" = "rs9923231 reference (C)/rs9923231 variant (T) OR rs9923231 reference (C)/rs9923231 reference (C)" ] ||
		[ "$(fact diplotype)" = "rs9923231 reference (C)/rs9923231 reference (C) OR rs9923231 reference (C)/rs9923231 variant (T)" ]
}

@test "the limit and the population decide about the same genotype" {
	call GT:GQ:PL 0/1:99:11,0,200 --population african --min-posterior 0.5
	[ "$(fact phenotype)" = "-1639 AG" ]
	call GT:GQ:PL 0/1:99:11,0,200 --population east_asian
	[ "$(fact phenotype)" = "-1639 AG" ]
	run fact diplotype prior
	output_has east_asian
}

@test "GQ that the likelihoods do not bear out is no evidence" {
	call GT:GQ:PL 0/0:99:0,0,0
	[ "$(fact phenotype)" = none ]
	[ "$(fact status)" = not_assessed ]
	call GT:GL 0/0:0,-0.3,-0.6
	[ "$(fact phenotype)" = none ]
}

@test "an unknown population and a limit above 1 are usage errors" {
	run call GT 0/0 --population martian
	[ "$status" -eq 2 ]
	run call GT 0/0 --min-posterior 1.5
	[ "$status" -eq 2 ]
}

# All loci of gene $1 homozygous for REF, but those of "rsid=VALUE ..." ($3...), with FORMAT $2; then its facts.
gene() {
	local g=$1 fmt=$2
	shift 2
	awk -F '\t' -v g="$g" -v fmt="$fmt" -v set="$*" '
		BEGIN {
			n = split(set, x, " ")
			for (i = 1; i <= n; i++) { split(x[i], y, "="); v[y[1]] = y[2] }
			print "##fileformat=VCFv4.2"
			print "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"x\">"
			print "##FORMAT=<ID=GQ,Number=1,Type=Integer,Description=\"x\">"
			print "##FORMAT=<ID=PQ,Number=1,Type=Integer,Description=\"x\">"
			print "##FORMAT=<ID=PL,Number=G,Type=Integer,Description=\"x\">"
		}
		$1 == g && !$10 {
			if (!c++)
				printf "##contig=<ID=%s>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS\n", $2
			printf "%s\t%s\t.\t%s\t%s\t.\tPASS\t.\t%s\n", $2, $3, $4, $5, $6 in v ? fmt "\t" v[$6] : "GT:GQ\t0/0:99"
		}' refdata/pgx/positions.tsv >"$BATS_TEST_TMPDIR/g.vcf"
	"$GENORX" pgx --refdata refdata --genes "$g" -o "$BATS_TEST_TMPDIR/g.jsonl" "$BATS_TEST_TMPDIR/g.vcf"
}

# jq expression $2 of fact pgx/$1.
of() {
	jq -r "select(.key == \"pgx/$1\") | $2" "$BATS_TEST_TMPDIR/g.jsonl"
}

@test "a phase of quality 0 is no phase" {
	gene TPMT GT:GQ:PQ "rs1142345=0|1:99:0" "rs1800460=1|0:99:0"
	[ "$(of TPMT/diplotype .value)" = "*1/*3A" ]
	gene TPMT GT:GQ:PQ "rs1142345=0|1:99:60" "rs1800460=1|0:99:60"
	[ "$(of TPMT/diplotype .value)" = "*3B/*3C" ]
}

@test "an activity score is withheld when the reads leave another one open, though the phenotype is sure" {
	gene CYP2C9 GT:GQ:PL "rs1799853=1/1:10:60,10,0"
	[ "$(of CYP2C9/phenotype .value)" = "Intermediate Metabolizer" ]
	[ "$(of CYP2C9/phenotype .attrs.lookup)" = "1.0|1.5" ]
	[ "$(of CYP2C9/activity_score .value)" = null ]
	[ "$(of CYP2C9/activity_score .attrs.candidates)" = "1.0|1.5" ]
	[ "$(of CYP2C9/status .value)" = ambiguous ]
	gene DPYD GT:GQ "rs67376798=0/1:99" "rs75017182=0/1:99" "rs56038477=0/1:99"
	[ "$(of DPYD/phenotype .value)" = "Intermediate Metabolizer" ]
	[ "$(of DPYD/activity_score .value)" = null ]
	[ "$(of DPYD/activity_score .attrs.candidates_posterior)" = "0.5|0.5" ]
}

@test "one locus speaks for SLCO1B1 only when its genotype is probable" {
	local others="rs2306283=1/1:99 rs59502379=1/1:99 rs56101265=1/1:99"
	gene SLCO1B1 GT:GQ $others rs4149056=1/1:99
	[ "$(of SLCO1B1/status .value)" = no_match ]
	[ "$(of SLCO1B1/phenotype .value)" = "Poor Function" ]
	gene SLCO1B1 GT:GQ $others rs4149056=1/1:10
	[ "$(of SLCO1B1/status .value)" = no_match ]
	[ "$(of SLCO1B1/phenotype .value)" = null ]
}

@test "a called genotype is withheld when frequencies make it improbable, never replaced by another" {
	local t=$BATS_TEST_TMPDIR
	gene RYR1 GT:GQ rs118192172=0/1:10
	[ "$(of RYR1/phenotype .value)" = null ]
	[ "$(of RYR1/phenotype .attrs.candidates_basis)" = prior ]
	"$GENORX" recommend --refdata refdata --drugs succinylcholine -o "$t/r.jsonl" "$t/g.jsonl"
	[ "$(jq -r 'select(.key | startswith("recommend/")) | .key' "$t/r.jsonl")" = recommend/succinylcholine/not_assessed ]
	gene CFTR GT:GQ rs75527207=0/1:10
	"$GENORX" recommend --refdata refdata --drugs ivacaftor -o "$t/r.jsonl" "$t/g.jsonl"
	[ "$(jq -r 'select(.key | startswith("recommend/")) | .key' "$t/r.jsonl")" = recommend/ivacaftor/not_assessed ]
}

@test "parts of a split record with likelihoods of their own are put together; one part alone is not believed" {
	local f=$BATS_TEST_TMPDIR/g.vcf
	local pl=200,100,90
	parts() {
		gene UGT1A1 GT:GQ
		for alt in "$@"; do
			sed -i "/\t233760498\t/i chr2\t233760233\t.\tCAT\t$alt\t.\tPASS\t.\tGT:GQ:PL\t0/1:80:$pl" "$f"
		done
		sed -i '/\tC,CATAT,CATATAT\t/d' "$f"
		"$GENORX" pgx --refdata refdata --genes UGT1A1 -o "$BATS_TEST_TMPDIR/g.jsonl" "$f"
	}
	parts CATAT C
	[ "$(of UGT1A1/diplotype .value)" = "*28/*36" ]
	[ "$(of UGT1A1/diplotype .attrs.n_missing)" = 0 ]
	parts CATAT
	[ "$(of UGT1A1/diplotype .attrs.missing)" = "rs3064744 (low GQ)" ]
	[ "$(of UGT1A1/phenotype .value)" = null ]
	for pl in 0,20,200 0,0,0; do # rather REF, or nothing at all: two of them are no evidence
		parts CATAT C
		[ "$(of UGT1A1/diplotype .attrs.missing)" = "rs3064744 (low GQ)" ]
		[ "$(of UGT1A1/phenotype .value)" = null ]
	done
}

@test "the table names no phenotype of the diplotypes where it is withheld, but the candidates" {
	local t=$BATS_TEST_TMPDIR
	gene CYP3A5 GT:GQ
	sed -i '/\t99672916\t/d' "$t/g.vcf"
	col() { awk -F '\t' -v c="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == c) k = i; next } { print $k }' "$t/t.tsv"; }
	"$GENORX" pgx --refdata refdata --genes CYP3A5 --tsv "$t/t.tsv" -o "$t/g.jsonl" "$t/g.vcf"
	[ "$(col safe_phenotype)" = . ]
	[ "$(col phenotypes)" = "Intermediate Metabolizer; Normal Metabolizer; Poor Metabolizer" ]
	gene DPYD GT:GQ
	sed -i '/\t97450058\t/d' "$t/g.vcf" # *2A
	"$GENORX" pgx --refdata refdata --genes DPYD --tsv "$t/t.tsv" -o "$t/g.jsonl" "$t/g.vcf"
	[[ "$(col phenotypes)" != "Normal Metabolizer" ]]
	[ "$(col activity_scores)" = . ]
	gene CYP2C9 GT:GQ:PL "rs1799853=1/1:10:60,10,0"
	"$GENORX" pgx --refdata refdata --genes CYP2C9 --tsv "$t/t.tsv" -o "$t/g.jsonl" "$t/g.vcf"
	[ "$(col safe_phenotype)" = "Intermediate Metabolizer" ]
	[ "$(col activity_scores)" = "1.0; 1.5" ] # the phenotype is sure, its score is not
}

@test "one variant in two spellings is not two copies of it, unless the phase says so" {
	local f=$BATS_TEST_TMPDIR/g.vcf
	twice() {
		gene CYP3A5 GT:GQ "rs776746=$1:99"
		sed -i "/\t99672916\t/i chr7\t99672915\t.\tATG\tACG\t.\tPASS\t.\tGT:GQ\t$2:99" "$f"
		"$GENORX" pgx --refdata refdata --genes CYP3A5 -o "$BATS_TEST_TMPDIR/g.jsonl" "$f"
	}
	twice 0/1 0/1
	[ "$(of CYP3A5/diplotype .attrs.missing)" = "rs776746 (records contradict each other)" ]
	[ "$(of CYP3A5/phenotype .value)" = null ]
	twice '0|1' '1|0'
	[ "$(of CYP3A5/diplotype .value)" = "*3/*3" ]
}

@test "DPYD HapB3, whose frequency no source at hand tells, is given at an ordinary genotype quality" {
	{
		printf '##fileformat=VCFv4.3\n##contig=<ID=chr1,length=248956422>\n##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
		printf '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Quality">\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS\n'
		awk -F '\t' -v OFS='\t' '$1 == "DPYD" {
			print $2, $3, ".", $4, $5, ".", "PASS", ".", "GT:GQ", ($6 == "rs75017182" || $6 == "rs56038477" ? "0/1" : "0/0") ":30"
		}' refdata/pgx/positions.tsv | sort -k2,2n
	} >"$BATS_TEST_TMPDIR/dpyd.vcf"
	"$GENORX" pgx --genes DPYD -o "$BATS_TEST_TMPDIR/dpyd.jsonl" "$BATS_TEST_TMPDIR/dpyd.vcf"
	[ "$(jq -r 'select(.key == "pgx/DPYD/phenotype") | .value' "$BATS_TEST_TMPDIR/dpyd.jsonl")" = "Intermediate Metabolizer" ]
}
