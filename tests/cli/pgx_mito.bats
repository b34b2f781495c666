#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# pgx_mito.bats -- MT-RNR1 from mitochondrial variants: any level counts, the highest risk decides, missing is not normal.
load helper

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	export GENORX_REFDATA=$PWD/refdata
	t=$BATS_TEST_TMPDIR
}

# All 20 loci as haploid reference; then the given POS=GT[:ALT] in their place, POS=- for no record.
mt_vcf() {
	printf '##fileformat=VCFv4.3\n##contig=<ID=chrM,length=16569>\n'
	printf '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
	printf '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS\n'
	awk -F '\t' -v OFS='\t' -v set="$*" '
		BEGIN { n = split(set, a, " "); for (i = 1; i <= n; i++) { split(a[i], b, /[=:]/); gt[b[1]] = b[2]; alt[b[1]] = b[3] } }
		$1 == "MT-RNR1" {
			g = $3 in gt ? gt[$3] : "0"
			if (g != "-") print $2, $3, ".", $4, ($3 in alt && alt[$3] != "" ? alt[$3] : $5), ".", "PASS", ".", "GT", g
		}' refdata/pgx/positions.tsv
}

call() {
	mt_vcf "$@" >"$t/in.vcf"
	"$GENORX" pgx --genes MT-RNR1 -o "$t/f.jsonl" "$t/in.vcf"
}

val() {
	jq -r --arg k "pgx/MT-RNR1/$1" 'select(.key == $k) | .value // "none"' "$t/f.jsonl"
}

@test "no variant at any locus: normal risk" {
	call
	[ "$(val diplotype)" = Reference ]
	[ "$(val phenotype)" = "normal risk of aminoglycoside-induced hearing loss" ]
	[ "$(val status)" = called ]
}

@test "m.1555A>G, alone, beside another variant, heteroplasmic: increased risk" {
	call 1555=1
	[ "$(val diplotype)" = "m.1555A>G" ]
	[ "$(val phenotype)" = "increased risk of aminoglycoside-induced hearing loss" ]
	call 827=1 1555=1
	[ "$(val diplotype)" = "m.827A>G + m.1555A>G" ]
	[ "$(val phenotype)" = "increased risk of aminoglycoside-induced hearing loss" ]
	call 1555=0/1
	[ "$(val phenotype)" = "increased risk of aminoglycoside-induced hearing loss" ]
	grep -q 'heteroplasmic.*m.1555A>G' "$t/f.jsonl"
}

@test "a risk variant stands though other loci are missing; a missing risk locus is not normal" {
	call 1494=1 1555=-
	[ "$(val phenotype)" = "increased risk of aminoglycoside-induced hearing loss" ]
	call 1555=-
	[ "$(val phenotype)" = none ]
	jq -r 'select(.key == "pgx/MT-RNR1/phenotype") | .attrs.candidates' "$t/f.jsonl" |
		grep -q "^increased risk.*|normal risk"
	call 1555=./.
	[ "$(val phenotype)" = none ]
}

@test "the second ALT of a locus; an ALT that no definition lists" {
	call 807=2
	[ "$(val diplotype)" = "m.807A>G" ]
	[ "$(val phenotype)" = "uncertain risk of aminoglycoside-induced hearing loss" ]
	call 961=1:C
	[ "$(val phenotype)" = none ]
	[ "$(val status)" = ambiguous ]
	call 961=1:C 1555=1
	[ "$(val phenotype)" = "increased risk of aminoglycoside-induced hearing loss" ]
}

@test "the advice on gentamicin follows" {
	call 1555=1
	"$GENORX" recommend --drugs gentamicin -o "$t/r.jsonl" "$t/f.jsonl"
	grep -q '"key":"recommend/gentamicin/.*"value":"AVOID"' "$t/r.jsonl"
}
