#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# call: the command line on real reads; accuracy is held by the floors of the acceptance cases.
load helper

setup() {
	require_shared cases/HG002_GRCh37_chr20_10.0M_30x
	CASE=$SHARED/data/cases/HG002_GRCh37_chr20_10.0M_30x
	REF=$SHARED/data/refs/GRCh37.20.fa.gz
	REG=20:10000001-10100000
	T=$BATS_TEST_TMPDIR
}

# Alleles of a VCF within the confident regions, one a line, normalised. $2: SNVs (snps) or the rest (indels).
alleles() {
	local e='TYPE="snp"'
	[ "$2" = snps ] || e='TYPE!="snp"'
	bcftools norm -f "$REF" -m-any "$1" 2>/dev/null | bcftools view -c1 -T "$CASE/conf.bed" -i "$e" |
		bcftools query -f '%CHROM:%POS:%REF:%ALT\n' | sort -u
}

@test "call: real case reaches SNV F1 0.98 and indel F1 0.90" {
	"$GENORX" call -f "$REF" -r $REG -o "$T/c.vcf.gz" "$CASE/reads.bam"
	bcftools view -f PASS "$T/c.vcf.gz" -Oz -o "$T/p.vcf.gz"
	for kind in snps indels; do
		alleles "$CASE/truth.vcf.gz" $kind >"$T/t"
		alleles "$T/p.vcf.gz" $kind >"$T/c"
		tp=$(comm -12 "$T/t" "$T/c" | wc -l)
		n=$(cat "$T/t" "$T/c" | wc -l)
		echo "$kind: tp $tp of sum $n"
		if [ $kind = snps ]; then need=98; else need=90; fi
		[ $((200 * tp)) -ge $((need * n)) ]
	done
}

@test "call: same bytes for one and four threads" {
	"$GENORX" call -f "$REF" -r $REG --gvcf -@ 1 -O v -o "$T/1.vcf" "$CASE/reads.bam"
	"$GENORX" call -f "$REF" -r $REG --gvcf -@ 4 -O v -o "$T/4.vcf" "$CASE/reads.bam"
	grep -v '^##genorx' "$T/1.vcf" >"$T/1"
	grep -v '^##genorx' "$T/4.vcf" >"$T/4"
	cmp "$T/1" "$T/4"
}

@test "call: gVCF covers every base of the region" {
	"$GENORX" call -f "$REF" -r $REG --gvcf -O v -o "$T/g.vcf" "$CASE/reads.bam"
	run awk '!/^#/ { e = $2 + length($4) - 1; if (match($8, /END=[0-9]+/)) e = substr($8, RSTART + 4, RLENGTH - 4) + 0
		if (next_ && $2 + 0 > next_) gap++; if (e + 1 > next_) next_ = e + 1; if (!first) first = $2 }
		END { print first, next_ - 1, gap + 0 }' "$T/g.vcf"
	[ "$output" = "10000001 10100000 0" ]
}

@test "call: forced sites are all there, once, with their ALT" {
	bcftools view -G -r $REG "$CASE/truth.vcf.gz" -Oz -o "$T/s.vcf.gz"
	"$GENORX" call -f "$REF" -r $REG --sites "$T/s.vcf.gz" -O v -o "$T/f.vcf" "$CASE/reads.bam"
	bcftools query -f '%POS:%REF\n' "$T/s.vcf.gz" | sort -u >"$T/want"
	bcftools query -i 'FORCED=1' -f '%POS:%REF\n' "$T/f.vcf" | sort >"$T/got"
	cmp "$T/want" "$T/got"
}

@test "call: sites of another build are refused" {
	bcftools view -G -r $REG "$CASE/truth.vcf.gz" | awk 'BEGIN { OFS = "\t" } /^#/ { print; next }
		{ $2 += 7; print }' | bcftools sort -Oz -o "$T/s.vcf.gz"
	run "$GENORX" call -f "$REF" -r $REG --sites "$T/s.vcf.gz" -o "$T/f.vcf" "$CASE/reads.bam"
	[ "$status" -eq 67 ]
	[[ "$output" == *"genome build"* ]]
	[ ! -e "$T/f.vcf" ]
}

@test "call: no reference is a usage error" {
	run "$GENORX" call -r $REG "$CASE/reads.bam"
	[ "$status" -eq 2 ]
}
