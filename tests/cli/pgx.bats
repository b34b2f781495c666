#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# pgx.bats -- the pgx command: what a user sees for missing, phased, foreign-build and odd input.
load helper

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
}

# A VCF on stdout: header (with lines of $HEAD), then the given records, fields separated by spaces.
vcf() {
	printf '##fileformat=VCFv4.2\n##FILTER=<ID=LowQual,Description="low">\n'
	printf '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
	printf '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Genotype quality">\n'
	printf '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">\n'
	printf '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Depths">\n'
	printf '##FORMAT=<ID=PL,Number=G,Type=Integer,Description="Likelihoods">\n'
	printf '##FORMAT=<ID=RGQ,Number=1,Type=Integer,Description="Quality of a reference call">\n'
	printf '##FORMAT=<ID=MIN_DP,Number=1,Type=Integer,Description="Least depth">\n'
	printf '##FORMAT=<ID=FT,Number=1,Type=String,Description="Filter of the genotype">\n'
	printf '##INFO=<ID=END,Number=1,Type=Integer,Description="End">\n'
	printf '%s\n' "${HEAD:-##contig=<ID=chr16>}"
	printf '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t%s\n' "${SAMPLES:-S}" | tr ' ' '\t'
	for r in "$@"; do
		printf '%s\n' "$r" | tr ' ' '\t'
	done
}

# Column $3 of gene $2 in table $1.
col() {
	awk -F '\t' -v g="$2" -v c="$3" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == c) k = i } NR > 1 && $2 == g { print $k }' "$1"
}

pgx() {
	run "$GENORX" pgx --refdata refdata --tsv "$BATS_TEST_TMPDIR/t.tsv" -o "$BATS_TEST_TMPDIR/f.jsonl" "$@"
}

@test "a single-locus gene is called with evidence" {
	vcf "chr16 31096368 rs9923231 C T 50 PASS . GT:DP:GQ:AD 0/1:30:60:14,16" >"$BATS_TEST_TMPDIR/a.vcf"
	pgx --genes VKORC1 "$BATS_TEST_TMPDIR/a.vcf"
	[ "$status" -eq 0 ]
	[ "$(col "$BATS_TEST_TMPDIR/t.tsv" VKORC1 phenotypes)" = "-1639 AG" ]
	[ "$(col "$BATS_TEST_TMPDIR/t.tsv" VKORC1 status)" = called ]
	run jq -r 'select(.key == "pgx/VKORC1/diplotype") | .because[0] | "\(.gt) \(.dp) \(.gq) \(.ad)"' "$BATS_TEST_TMPDIR/f.jsonl"
	[ "$output" = "0/1 30 60 14,16" ]
}

@test "a no-call is not assessed, never normal" {
	vcf "chr16 31096368 . C T 50 PASS . GT ./." >"$BATS_TEST_TMPDIR/a.vcf"
	pgx --genes VKORC1 "$BATS_TEST_TMPDIR/a.vcf"
	[ "$status" -eq 0 ]
	[ "$(col "$BATS_TEST_TMPDIR/t.tsv" VKORC1 status)" = not_assessed ]
	[ "$(col "$BATS_TEST_TMPDIR/t.tsv" VKORC1 safe_phenotype)" = . ]
	run jq -r 'select(.key == "pgx/VKORC1/phenotype") | "\(.value) \(.status) \(.attrs.reason)"' "$BATS_TEST_TMPDIR/f.jsonl"
	[[ "$output" == "null missing not assessed:"* ]]
}

@test "low GQ, low DP and FILTER make a locus missing, and say so" {
	for rec in "PASS . GT:GQ 0/0:3" "PASS . GT:DP 0/0:2" "LowQual . GT 0/0"; do
		vcf "chr16 31096368 . C T 50 $rec" >"$BATS_TEST_TMPDIR/a.vcf"
		pgx --genes VKORC1 "$BATS_TEST_TMPDIR/a.vcf"
		[ "$status" -eq 0 ]
		[ "$(col "$BATS_TEST_TMPDIR/t.tsv" VKORC1 status)" = not_assessed ]
		[[ "$(col "$BATS_TEST_TMPDIR/t.tsv" VKORC1 missing)" == *"("*")" ]]
	done
	pgx --genes VKORC1 --keep-filtered "$BATS_TEST_TMPDIR/a.vcf"
	[ "$(col "$BATS_TEST_TMPDIR/t.tsv" VKORC1 status)" = called ]
}

@test "any sign of doubt about a genotype makes the locus missing" {
	local v="chr16 31096368 . C T 50 PASS ."
	local del="chr16 31096360 . A <DEL> 50 PASS END=31097000 GT 0/1"
	for rec in "$v GT 0/0/1" "$v GT:FT 0/0:LowGQ" "$v GT:RGQ 0/0:0" "$v GT:PL 0/0:0,0,0" "$v GT:AD 0/0:0,30" \
		"$v GT:DP:MIN_DP 0/0:30:0" "$v GT 0/0|$v GT 0/1" "$v GT 0/0|chr16 31096368 . C T 50 LowQual . GT 0/1" \
		"$del|$v GT 0/0"; do
		HEAD='##contig=<ID=chr16,length=90338345>' vcf "${rec%%|*}" >"$BATS_TEST_TMPDIR/a.vcf"
		[ "$rec" = "${rec%%|*}" ] || printf '%s\n' "${rec##*|}" | tr ' ' '\t' >>"$BATS_TEST_TMPDIR/a.vcf"
		pgx --genes VKORC1 "$BATS_TEST_TMPDIR/a.vcf"
		[ "$status" -eq 0 ]
		[ "$(col "$BATS_TEST_TMPDIR/t.tsv" VKORC1 status)" = not_assessed ]
		[[ "$(col "$BATS_TEST_TMPDIR/t.tsv" VKORC1 missing)" == *"("*")" ]]
	done
}

@test "an allele without definition: no phenotype and no candidate, hence no advice" {
	HEAD='##contig=<ID=chr6,length=170805979>' vcf "chr6 18130687 . T A 50 PASS . GT 0/1" >"$BATS_TEST_TMPDIR/a.vcf"
	pgx --genes TPMT "$BATS_TEST_TMPDIR/a.vcf"
	[ "$status" -eq 0 ]
	[ "$(col "$BATS_TEST_TMPDIR/t.tsv" TPMT safe_phenotype)" = . ]
	[ "$(col "$BATS_TEST_TMPDIR/t.tsv" TPMT candidates)" = . ]
	[[ "$(col "$BATS_TEST_TMPDIR/t.tsv" TPMT reason)" == *"do not list"* ]]
}

@test "a split multi-allelic site is read as one" {
	vcf "chr16 31096368 . C A 50 PASS . GT 0/0" "chr16 31096368 . C T 50 PASS . GT 0/1" >"$BATS_TEST_TMPDIR/a.vcf"
	pgx --genes VKORC1 "$BATS_TEST_TMPDIR/a.vcf"
	[ "$(col "$BATS_TEST_TMPDIR/t.tsv" VKORC1 phenotypes)" = "-1639 AG" ]
}

@test "contig lengths of neither build, and a block of unknown build, are not assessed" {
	HEAD='##contig=<ID=chr16,length=96330374>' vcf "chr16 31096368 . C T 50 PASS . GT 0/0" >"$BATS_TEST_TMPDIR/a.vcf"
	pgx --genes VKORC1 "$BATS_TEST_TMPDIR/a.vcf"
	[ "$(col "$BATS_TEST_TMPDIR/t.tsv" VKORC1 status)" = not_assessed ]
	vcf "chr16 31096000 . A <NON_REF> . . END=31097000 GT:DP:GQ 0/0:30:60" >"$BATS_TEST_TMPDIR/a.vcf"
	pgx --genes VKORC1 "$BATS_TEST_TMPDIR/a.vcf"
	[ "$(col "$BATS_TEST_TMPDIR/t.tsv" VKORC1 status)" = not_assessed ]
}

@test "a gVCF block covering the locus is evidence" {
	HEAD='##contig=<ID=chr16,length=90338345>' vcf "chr16 31096000 . A <NON_REF> . . END=31097000 GT:DP:GQ 0/0:30:60" >"$BATS_TEST_TMPDIR/a.vcf"
	pgx --genes VKORC1 "$BATS_TEST_TMPDIR/a.vcf"
	[ "$status" -eq 0 ]
	[ "$(col "$BATS_TEST_TMPDIR/t.tsv" VKORC1 phenotypes)" = "-1639 GG" ]
}

@test "missing loci withhold the phenotype and list the candidates" {
	HEAD='##contig=<ID=7>' vcf "7 99672916 . T C 50 PASS . GT 0/0" >"$BATS_TEST_TMPDIR/a.vcf"
	pgx --genes CYP3A5 "$BATS_TEST_TMPDIR/a.vcf"
	[ "$status" -eq 0 ]
	[ "$(col "$BATS_TEST_TMPDIR/t.tsv" CYP3A5 status)" = partial ]
	[ "$(col "$BATS_TEST_TMPDIR/t.tsv" CYP3A5 safe_phenotype)" = . ]
	[[ "$(col "$BATS_TEST_TMPDIR/t.tsv" CYP3A5 candidates)" == *"Poor Metabolizer"* ]]
}

@test "a phenotype that no missing locus can change is given" {
	HEAD='##contig=<ID=7>' vcf "7 99652770 . T TA 50 PASS . GT 0/0" "7 99660516 . C T 50 PASS . GT 0/0" \
		"7 99665212 . C T 50 PASS . GT 0/0" "7 99672916 . T C 50 PASS . GT 1/1" >"$BATS_TEST_TMPDIR/a.vcf"
	pgx --genes CYP3A5 "$BATS_TEST_TMPDIR/a.vcf"
	[ "$status" -eq 0 ]
	[ "$(col "$BATS_TEST_TMPDIR/t.tsv" CYP3A5 diplotypes)" = "*3/*3" ]
	[ "$(col "$BATS_TEST_TMPDIR/t.tsv" CYP3A5 safe_phenotype)" = "Poor Metabolizer" ]
}

@test "GRCh37 input: every gene not assessed, with the reason" {
	HEAD='##contig=<ID=16,length=90354753>' vcf "16 31096368 . C T 50 PASS . GT 0/1" >"$BATS_TEST_TMPDIR/a.vcf"
	pgx "$BATS_TEST_TMPDIR/a.vcf"
	[ "$status" -eq 0 ]
	[ "$(awk -F '\t' 'NR > 1 && $7 != "not_assessed"' "$BATS_TEST_TMPDIR/t.tsv" | wc -l)" -eq 0 ]
	[[ "$(col "$BATS_TEST_TMPDIR/t.tsv" VKORC1 reason)" == *"input is GRCh37"* ]]
}

@test "another build without contig lengths shows in REF: exit 67 with positions" {
	HEAD='##contig=<ID=10>' vcf "10 94761900 . A T 50 PASS . GT 0/1" "10 94762706 . G C 50 PASS . GT 0/0" \
		"10 94762712 . G T 50 PASS . GT 0/0" >"$BATS_TEST_TMPDIR/a.vcf"
	pgx "$BATS_TEST_TMPDIR/a.vcf"
	[ "$status" -eq 67 ]
	[[ "$output" == *"94761900"* ]]
}

@test "an unknown gene name is a usage error" {
	vcf "chr16 31096368 . C T 50 PASS . GT 0/1" >"$BATS_TEST_TMPDIR/a.vcf"
	pgx --genes VKORC1,NOSUCH "$BATS_TEST_TMPDIR/a.vcf"
	[ "$status" -eq 2 ]
	[[ "$output" == *NOSUCH* ]]
}

@test "CYP2D6 is never called from small variants" {
	vcf "chr16 31096368 . C T 50 PASS . GT 0/1" >"$BATS_TEST_TMPDIR/a.vcf"
	pgx "$BATS_TEST_TMPDIR/a.vcf"
	[ "$(col "$BATS_TEST_TMPDIR/t.tsv" CYP2D6 status)" = not_assessed ]
}

@test "every sample of a multi-sample VCF; threads do not change the bytes" {
	require_shared
	"$GENORX" pgx --refdata refdata -@ 1 -o "$BATS_TEST_TMPDIR/1.jsonl" "$SHARED/data/pgx/simulated/simulated_00.vcf"
	"$GENORX" pgx --refdata refdata -@ 4 -o "$BATS_TEST_TMPDIR/4.jsonl" "$SHARED/data/pgx/simulated/simulated_00.vcf"
	cmp "$BATS_TEST_TMPDIR/1.jsonl" "$BATS_TEST_TMPDIR/4.jsonl"
	[ "$(jq -r 'select(.key == "pgx/TPMT/status") | .sample' "$BATS_TEST_TMPDIR/1.jsonl" | sort -u | wc -l)" -eq 50 ]
}

@test "a call from elsewhere is kept" {
	vcf "chr16 31096368 . C T 50 PASS . GT 0/1" >"$BATS_TEST_TMPDIR/a.vcf"
	printf 'sample\tkey\tvalue\nS\tpgx/VKORC1/phenotype\t-1639 AA\n' >"$BATS_TEST_TMPDIR/x.tsv"
	pgx --facts "$BATS_TEST_TMPDIR/x.tsv" "$BATS_TEST_TMPDIR/a.vcf"
	[ "$status" -eq 0 ]
	[ "$(jq -r 'select(.key == "pgx/VKORC1/status") | .value' "$BATS_TEST_TMPDIR/f.jsonl")" = "" ]
}

@test "a tier 1 locus without evidence: phenotype withheld although linkage would exclude the allele" {
	T=$BATS_TEST_TMPDIR
	D=$(donor)
	# the donor's CYP2C19, all loci homozygous reference (the *1 base at rs3758581), rs4244285 as a no-call
	bcftools view "$D/donor1.truth.vcf.gz" chr10 | awk -F'\t' -v OFS='\t' '
		/^#/ { print; next }
		{ split($10, g, ":"); gt = $2 == 94842866 ? "1/1" : $2 == 94781859 ? "./." : "0/0"; $9 = "GT"; $10 = gt; print }' >"$T/x.vcf"
	"$GENORX" pgx --genes CYP2C19 --tsv "$T/x.tsv" -o "$T/x.jsonl" "$T/x.vcf"
	run jq -r 'select(.key == "pgx/CYP2C19/phenotype") | .status + " " + .attrs.reason' "$T/x.jsonl"
	output_has "missing"
	output_has "rs4244285"
	"$GENORX" recommend --drugs clopidogrel --tsv "$T/r.tsv" -o "$T/r.jsonl" "$T/x.jsonl"
	run cat "$T/r.tsv"
	output_has "INSUFFICIENT_DATA"
	case $output in *STANDARD*) return 1 ;; esac
}
