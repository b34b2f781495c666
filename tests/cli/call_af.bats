#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# call --af: frequencies as priors on a simulated donor; what is refused, what is counted.
load helper

setup() {
	D=$(donor)
	T=$BATS_TEST_TMPDIR
	cd "$T" || return 1
	head='##fileformat=VCFv4.2\n##INFO=<ID=AF,Number=A,Type=Float,Description="f">\n##INFO=<ID=ONE,Number=1,Type=Float,Description="f">\n##INFO=<ID=NA,Number=A,Type=Integer,Description="n">\n'
	contigs=$(bcftools view -h "$D/donor1.truth.vcf.gz" | grep '^##contig')
}

# Rows from stdin (CHROM POS REF ALT INFO) become an indexed list $1
list() {
	{
		printf '%b' "$head"
		echo "$contigs"
		printf '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n'
		awk -v OFS='\t' '{ print $1, $2, ".", $3, $4, ".", ".", $5 }'
	} | bcftools sort -Oz -o "$1" 2>/dev/null
	tabix -fp vcf "$1"
}

# Alleles that the donor carries: CHROM POS REF ALT GT
carried() {
	bcftools norm -m- "$D/donor1.truth.vcf.gz" 2>/dev/null | bcftools view -c1 |
		bcftools query -f '%CHROM %POS %REF %ALT[ %GT]\n' | tr '|' '/'
}

call() {
	"$GENORX" call -f "$D/ref.fa.gz" -R "$D/truth.bed" -O v "$@"
}

# Genotypes of $1 that are those of the donor
right() {
	bcftools norm -m- "$1" 2>/dev/null | bcftools query -f '%CHROM %POS %REF %ALT[ %GT]\n' | tr '|' '/' |
		sed 's,1/0$,0/1,' | sort >"$1.gt"
	carried | sed 's,1/0$,0/1,' | sort | comm -12 - "$1.gt" | wc -l
}

@test "call --af: common alleles are found with few reads, and with two copies" {
	carried | awk '{ print $1, $2, $3, $4, "AF=" ($5 == "1/1" ? 0.95 : 0.4) }' | list af.vcf.gz
	samtools view -b -s 3.2 -o low.bam "$D/donor1.bam"
	samtools index low.bam
	call --sites af.vcf.gz -o a.vcf low.bam
	call --sites af.vcf.gz --af af.vcf.gz -o b.vcf low.bam
	a=$(right a.vcf) b=$(right b.vcf)
	echo "right genotypes: $a without, $b with"
	[ "$b" -gt $((a + a / 20)) ]
}

@test "call --af: a list that is wrong about everything loses to the reads" {
	carried | awk '{ print $1, $2, $3, $4, "AF=" ($5 == "1/1" ? 0 : 1) }' | list af.vcf.gz
	call -o a.vcf "$D/donor1.bam"
	call --af af.vcf.gz -o b.vcf "$D/donor1.bam"
	a=$(right a.vcf) b=$(right b.vcf)
	echo "right genotypes: $a without, $b with"
	[ "$b" -ge $((a - a / 50)) ]
}

@test "call --af: forced sites without reads stay no-calls at any frequency" {
	bcftools view -H "$D/donor1.truth.vcf.gz" | awk 'length($4) == 1 && length($5) == 1' | head -n 6 >rows
	awk '{ print $1, $2, $4, $5, "AF=" NR % 2 }' rows | list af.vcf.gz
	samtools view -b -o none.bam "$D/donor1.bam" chr22
	samtools index none.bam
	call --af af.vcf.gz --sites af.vcf.gz -o f.vcf none.bam
	[ "$(bcftools query -i 'FORCED=1' -f '[%GT]\n' f.vcf | sort -u)" = "./." ]
	[ "$(bcftools query -i 'FORCED=1' -f 'x\n' f.vcf | wc -l)" -eq 6 ]
}

@test "call --af: the likelihoods of a lone base do not depend on it" {
	carried | awk 'length($3 $4) == 2 { print $1, $2, $3, $4, "AF=0.3" }' | list af.vcf.gz
	call -o a.vcf "$D/donor1.bam"
	call --af af.vcf.gz -o b.vcf "$D/donor1.bam"
	for x in a b; do
		bcftools query -i 'TYPE="snp"' -f '%CHROM %POS %ALT[ %GT %PL]\n' $x.vcf | sort >$x
	done
	n=$(wc -l <a) same=$(comm -12 a b | wc -l)
	echo "$same of $n"
	[ "$n" -gt 100 ]
	[ $((100 * same)) -ge $((98 * n)) ]
	if cmp -s a.vcf b.vcf; then return 1; fi
}

@test "call --af: padded and shifted indels are recognised, multi-allelic records split" {
	carried | awk 'length($3) != length($4)' >indel
	awk '{ print $1, $2, $3, $4, "AF=0.2" }' indel | list a.vcf.gz
	# one base of the reference more on either side, and a second ALT
	while read -r c p r a _; do
		e=$((p + ${#r}))
		l=$(samtools faidx "$D/ref.fa.gz" "$c:$((p - 1))-$((p - 1))" | tail -n 1 | tr a-z A-Z)
		m=$(samtools faidx "$D/ref.fa.gz" "$c:$e-$e" | tail -n 1 | tr a-z A-Z)
		echo "$c $((p - 1)) $l$r$m $l$a$m,$l$a${m}TCTC AF=0.2,0.01"
	done <indel | list b.vcf.gz
	call --af a.vcf.gz --summary a.json -o a.vcf "$D/donor1.bam"
	call --af b.vcf.gz --summary b.json -o b.vcf "$D/donor1.bam"
	grep -v '^##genorx' a.vcf >a
	grep -v '^##genorx' b.vcf >b
	cmp a b
	n=$(jq '.. | .population_frequencies? // empty | .candidates_listed' a.json)
	[ "$n" -gt 10 ]
	[ "$n" -eq "$(jq '.. | .population_frequencies? // empty | .candidates_listed' b.json)" ]
}

@test "call --af: right-aligned indels are recognised" {
	carried | awk 'length($3) - length($4) == 1 && length($4) == 1' >del
	while read -r c p r a _; do
		s=$(samtools faidx "$D/ref.fa.gz" "$c:$((p + 1))-$((p + 60))" | tail -n +2 | tr -d '\n' | tr a-z A-Z)
		awk -v c="$c" -v p="$p" -v s="$s" 'BEGIN { b = substr(s, 1, 1); k = 1
			while (substr(s, k + 1, 1) == b) k++
			if (k > 1) print c, p + k - 1, b b, b, "AF=0.3" }'
	done <del >shifted
	[ -s shifted ] || skip "no deletion in a repeat"
	list r.vcf.gz <shifted
	bcftools norm -f "$D/ref.fa.gz" -Oz -o l.vcf.gz r.vcf.gz 2>/dev/null
	tabix -p vcf l.vcf.gz
	if cmp -s <(bcftools query -f '%POS\n' l.vcf.gz) <(bcftools query -f '%POS\n' r.vcf.gz); then return 1; fi
	call --af l.vcf.gz -o l.vcf "$D/donor1.bam"
	call --af r.vcf.gz -o r.vcf "$D/donor1.bam"
	cmp <(grep -v '^##genorx' l.vcf) <(grep -v '^##genorx' r.vcf)
}

@test "call --af: what is not used is counted" {
	carried | awk 'length($3 $4) == 2' >snv
	{
		awk '{ print $1, $2, $3, $4, "AF=0.3" }' snv
		awk 'NR == 1 { print $1, $2, ($3 == "A" ? "C" : "A"), "G", "AF=0.3" }' snv # not the reference
		awk 'NR == 2 { print $1, $2, $3, "<DEL>", "AF=0.3" }' snv
		awk 'NR == 3 { print $1, $2, $3, $4, "AF=." }' snv
		awk 'NR == 4 { print $1, $2, $3, $4, "ONE=0.5" }' snv
	} | list af.vcf.gz
	call --af af.vcf.gz --summary s.json -o b.vcf "$D/donor1.bam"
	n=$(wc -l <snv)
	[ "$(jq -c '.. | .population_frequencies? // empty |
		[.records, .alleles, .dropped_ref_disagrees, .not_assessable, .without_value]' s.json)" = "[$((n + 4)),$n,1,1,2]" ]
	call --summary p.json -o a.vcf "$D/donor1.bam"
	if grep -q population_frequencies p.json; then return 1; fi
}

@test "call --af: files that cannot be right are refused" {
	carried | awk 'length($3 $4) == 2 { print $1, $2, $3, $4, "AF=0.3;ONE=0.3;NA=3" }' | list af.vcf.gz
	run call --af absent.vcf.gz -o o.vcf "$D/donor1.bam"
	status_is 66
	cp af.vcf.gz bare.vcf.gz
	run call --af bare.vcf.gz -o o.vcf "$D/donor1.bam"
	status_is 66
	output_has index
	run call --af af.vcf.gz --af-key NOPE -o o.vcf "$D/donor1.bam"
	status_is 65
	output_has "no INFO field 'NOPE'"
	run call --af af.vcf.gz --af-key ONE -o o.vcf "$D/donor1.bam"
	status_is 65
	output_has "Number=A"
	run call --af af.vcf.gz --af-key NA -o o.vcf "$D/donor1.bam"
	status_is 65
	output_has "Type=Float"
	carried | awk 'length($3 $4) == 2 { print $1, $2, $3, $4, "AF=" (NR == 9 ? 1.5 : 0.3) }' | list bad.vcf.gz
	run call --af bad.vcf.gz -o o.vcf "$D/donor1.bam"
	status_is 65
	output_has "between 0 and 1"
	carried | awk 'length($3 $4) == 2 { print $1, $2 + 7, $3, $4, "AF=0.3" }' | list shifted.vcf.gz
	run call --af shifted.vcf.gz -o o.vcf "$D/donor1.bam"
	status_is 67
	output_has "genome build"
	contigs='##contig=<ID=other,length=1000>'
	echo other 5 A C AF=0.3 | list other.vcf.gz
	run call --af other.vcf.gz -o o.vcf "$D/donor1.bam"
	status_is 67
	output_has "no contig in common"
	nothing_left o.vcf
}

@test "call --af: a list without records here changes nothing and says so" {
	echo chr1 10 A C AF=0.3 | list far.vcf.gz
	call -o a.vcf "$D/donor1.bam"
	run call --af far.vcf.gz -o b.vcf "$D/donor1.bam"
	status_is 0
	output_has "no frequency in the regions"
	cmp <(grep -v '^##genorx' a.vcf) <(grep -v '^##genorx' b.vcf)
}
