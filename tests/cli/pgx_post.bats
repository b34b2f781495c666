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
	[ "$(fact phenotype candidates_basis)" = evidence ]
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
